//! What is known of applications and of the platforms in front of them: tell-tale signs, paths, limits, settings. One file
//! each; what is common to the gateways stands in [`gateway`], and the operator's texts that are made of it in [`operator`].

pub mod aws_alb;
pub mod azure_app_service;
pub mod azure_container_apps;
pub mod browsers;
pub mod caddy;
pub mod chainlit;
pub mod cloudflare;
pub mod coturn;
pub mod envoy;
pub mod gateway;
pub mod google;
pub mod haproxy;
pub mod heroku;
pub mod ingress_nginx;
pub mod limits;
pub mod livekit;
pub mod nginx;
pub mod open_webui;
pub mod operator;
pub mod others;
pub mod raw;
pub mod semaphore;
pub mod socketio;
pub mod traefik;

use crate::evidence::Evidence;
use crate::profile::{Application, Profile};

/// What is known of a chat application.
#[derive(Debug)]
pub struct Known {
    pub name: &'static str,
    /// Socket paths below the application's base path, the likeliest first.
    pub socket_paths: &'static [&'static str],
    /// Whether its client tries long-polling at all.
    pub polls: bool,
    /// Engine.IO version of its client, where one is certain.
    pub eio: Option<u8>,
    /// Health endpoints below its base path.
    pub health_paths: &'static [&'static str],
    /// The endpoint that tells who is signed in.
    pub user_path: Option<&'static str>,
    /// Whether its polling requests carry credentials to another origin.
    pub with_credentials: bool,
    /// The endpoint that tells its release, as `version` of a JSON object.
    pub version_path: Option<&'static str>,
    /// Keys of Web Storage under which its client keeps who is signed in.
    pub storage_keys: &'static [&'static str],
    /// The cookie that it sets for gateways that send a person to one replica by it.
    pub affinity_cookie: Option<&'static str>,
    /// How a CONNECT is done without harm, if it is safe unasked.
    pub safe_connect: Option<Connect>,
    /// How a CONNECT is done when the embedder says (by `namespace`) that it is safe.
    pub asked_connect: Connect,
}

/// How to send a Socket.IO CONNECT and to leave again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connect {
    /// JSON text; `{uuid}` is filled with a fresh one.
    pub payload: &'static str,
    /// Sent before closing, so that nothing stays behind.
    pub farewell: Option<&'static str>,
}

/// What is known of this application.
#[must_use]
pub fn known(application: Application) -> &'static Known {
    match application {
        Application::Chainlit => &chainlit::KNOWN,
        Application::OpenWebui => &open_webui::KNOWN,
        Application::Semaphore => &semaphore::KNOWN,
        Application::Raw | Application::Livekit => &raw::KNOWN,
        Application::Auto | Application::Socketio => &socketio::KNOWN,
    }
}

/// The storage keys of the application: those that the profile names, and those of all applications that are known, since it
/// may not be known yet which it is.
#[must_use]
pub fn storage_keys(profile: &Profile) -> Vec<String> {
    let mut keys = profile.storage_keys.clone();
    for known in [&chainlit::KNOWN, &open_webui::KNOWN, &semaphore::KNOWN] {
        for key in known.storage_keys {
            if !keys.iter().any(|k| k == key) {
                keys.push((*key).to_owned());
            }
        }
    }
    keys
}

/// The cookie by which a person is kept at one replica: the profile's, else one of the gateways that showed themselves, else
/// the application's own. Nothing tells that it was set.
#[must_use]
pub fn affinity_cookie(profile: &Profile, evidence: &Evidence, known: &Known) -> Option<String> {
    if let Some(named) = &profile.affinity_cookie {
        return Some(named.clone());
    }
    let of_gateway = gateway::shown(profile, evidence).into_iter().find_map(|g| g.platform().affinity_cookies.first());
    of_gateway.copied().or(known.affinity_cookie).map(str::to_owned)
}

/// The base paths below which the application may live, the likeliest first, each with slashes at both ends.
#[must_use]
pub fn base_paths(profile: &Profile, told: Option<&str>) -> Vec<String> {
    let mut bases: Vec<String> = Vec::new();
    let mut add = |base: String| {
        if !bases.contains(&base) {
            bases.push(base);
        }
    };
    if profile.chat_page_named {
        add(crate::address::folder(&profile.chat_page).to_owned());
    }
    if !profile.is_cross_origin() {
        // The page stands in a folder of the application: /chat/diagnostics/, or Chainlit's and Open WebUI's static folders.
        let mut parent = parent_folder(&profile.page_folder);
        for inner in ["/public/", "/static/"] {
            if parent.ends_with(inner) {
                parent = parent_folder(parent);
            }
        }
        if parent != "/" {
            add(parent.to_owned());
        }
    }
    if let Some(told) = told.filter(|t| crate::address::is_path(t)) {
        add([told.trim_end_matches('/'), "/"].concat());
    }
    add("/".to_owned());
    bases.truncate(3);
    bases
}

fn parent_folder(folder: &str) -> &str {
    crate::address::folder(folder.strip_suffix('/').unwrap_or(folder))
}

#[cfg(test)]
mod tests {
    use super::{affinity_cookie, base_paths, known};
    use crate::evidence::Evidence;
    use crate::profile::{Application, Page, Profile};

    fn bases(path: &str, told: Option<&str>) -> Vec<String> {
        base_paths(&Profile::of_page(&Page { origin: "https://a.example".into(), path: path.into(), embedded: false }), told)
    }

    #[test]
    fn the_page_stands_in_a_folder_of_the_application() {
        assert_eq!(bases("/diagnostics/", None), ["/"]);
        assert_eq!(bases("/public/diagnostics/index.html", None), ["/"]);
        assert_eq!(bases("/chat/public/diagnostics/", Some("")), ["/chat/", "/"]);
        assert_eq!(bases("/diagnostics/", Some("/chat")), ["/chat/", "/"]);
        assert_eq!(bases("/a/diagnostics/", Some("//evil.example")), ["/a/", "/"]);
    }

    #[test]
    fn the_affinity_cookie_is_the_nearest_known() {
        let cookie = |server: &str, application, named: Option<&str>| {
            let mut profile = Profile::of_page(&Page { origin: server.into(), path: "/".into(), embedded: false });
            profile.affinity_cookie = named.map(str::to_owned);
            affinity_cookie(&profile, &Evidence::default(), known(application)).unwrap_or_default()
        };
        let azure = "https://app.azurecontainerapps.io";
        assert_eq!(cookie(azure, Application::Chainlit, Some("route")), "route");
        assert_eq!(cookie(azure, Application::Chainlit, None), "acaAffinity");
        assert_eq!(cookie("https://a.herokuapp.com", Application::Auto, None), "heroku-session-affinity");
        assert_eq!(cookie("https://a.example", Application::Chainlit, None), "X-Chainlit-Session-id");
        assert_eq!(cookie("https://a.example", Application::Auto, None), "");
    }
}
