//! What holds for every setting, wherever it comes from.

use connection_doctor::address::Address;
use connection_doctor::profile::{Layer, Page, Profile, Source};
use connection_doctor::protocol::json_text;

const SOURCES: [Source; 4] = [Source::File, Source::Attributes, Source::Query, Source::Call];

/// The first byte says where the first layer comes from; a NUL ends a layer, and the next one is of the next source.
pub fn profile(data: &[u8]) {
    let (choice, rest) = super::chosen(data);
    let layers: Vec<Layer> = super::lossy(rest)
        .split('\0')
        .take(4)
        .enumerate()
        .map(|(at, json)| Layer { source: SOURCES[(usize::from(choice) + at) % 4], json: json.to_owned() })
        .collect();
    let page = Page { origin: "https://chat.example".to_owned(), path: "/chat/diagnostics/".to_owned(), embedded: choice & 4 != 0 };
    let parsed = Profile::parse(&page, &layers);
    assert_eq!(parsed, Profile::parse(&page, &layers));
    match parsed {
        Ok(profile) => sound(&profile, &layers),
        Err(errors) => {
            assert!(!errors.is_empty() && errors.len() <= rest.len() + 4);
            for error in errors {
                assert!(super::chars(&error.value) <= 600 && super::chars(&error.field) <= 41, "{error}");
                assert!(error.to_string().ends_with('.') && !error.accepted.is_empty());
                assert!(!error.field.contains("token") || error.value == "[redacted]" || !error.value.contains("eyJ"), "{error}");
            }
        }
    }
    // A link by itself points nowhere, brings nothing and opens nothing.
    for layer in &layers {
        let link = Layer { source: Source::Query, json: layer.json.clone() };
        if let Ok(profile) = Profile::parse(&page, &[link]) {
            assert!(profile.livekit_token.is_none() && profile.ice_servers.is_empty() && profile.devices.is_empty() && profile.seen.is_empty());
            assert!(
                profile.storage_keys.is_empty()
                    && profile.help_path.is_none()
                    && !profile.ladder
                    && profile.echo_event.is_none()
                    && profile.socket_query.is_none()
            );
            assert!(!profile.is_cross_origin());
            for url in urls(&profile) {
                assert_eq!(Address::parse(&url).map(|a| a.origin()).unwrap_or(page.origin.clone()), page.origin, "{url}");
            }
        }
    }
}

fn urls(profile: &Profile) -> Vec<String> {
    let named = [&profile.ws_url, &profile.stream_url, &profile.grpc_url, &profile.livekit_url, &profile.webtransport_url];
    named.into_iter().flatten().chain([&profile.server]).cloned().collect()
}

fn sound(profile: &Profile, layers: &[Layer]) {
    assert!(profile.seen.len() <= 5 && profile.ice_servers.len() <= 8 && profile.storage_keys.len() <= 12 && profile.devices.len() <= 2);
    assert!(profile.request_headers.len() <= 8 && profile.response_headers.len() <= 8);
    // Of anything else the constructor of a WebSocket throws.
    assert!(profile.ws_protocols.len() <= 8);
    for (at, name) in profile.ws_protocols.iter().enumerate() {
        let is_token = name.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte));
        assert!((1..=64).contains(&name.len()) && is_token && !profile.ws_protocols[..at].contains(name), "{name}");
    }
    assert!(!profile.ladder || layers.iter().any(|layer| layer.source == Source::Call));
    assert!(Address::parse(&profile.server).is_some_and(|server| server.origin() == profile.server));
    assert!(profile.configured_paths().iter().all(|path| path.starts_with('/') && !path.starts_with("//")));
    assert!(profile.configured_paths().first().is_none_or(|path| path.ends_with('/')));
    for path in [Some(&profile.chat_page), profile.health_path.as_ref(), profile.user_path.as_ref(), profile.help_path.as_ref()].into_iter().flatten() {
        assert!(path.starts_with('/') && !path.starts_with("//") && path.len() <= 300, "{path}");
    }
    for url in urls(profile) {
        assert!(url.starts_with('/') || Address::parse(&url).is_some(), "{url}");
    }
    let address = profile.livekit_address();
    assert!(address.is_none() || profile.has_calls());
    assert!(Address::parse(&profile.socket_origin()).is_some());
    _ = profile.time_limit();
    // What is handed on has no credentials, and handed on again it is the same.
    let redacted = profile.redacted();
    assert_eq!(redacted.redacted(), redacted);
    let text = json_text::write(&redacted).unwrap();
    assert!(!text.contains("\"ice_servers\":") && !text.contains("\"livekit_token\":") && !text.contains("\"seen\":"), "{text}");
}
