//! What holds for every input, one function a parser: the fuzz targets (tests/fuzz) and the native test (tests/hostile.rs) call the same.
//! Each takes any bytes and panics where something does not hold.

use connection_doctor::address::{Address, folder, is_path};
use connection_doctor::protocol::engine_io::{self, Answer};
use connection_doctor::protocol::event_stream::{self, Reader};
use connection_doctor::protocol::grpc_web;
use connection_doctor::protocol::ice::{self, Candidate, IceUrl};
use connection_doctor::protocol::json::{self, Value};
use connection_doctor::protocol::livekit::{self, Said};
use connection_doctor::protocol::socket_io::{self, ConnectAnswer};
use connection_doctor::protocol::wire::{Fields, Held, Writer, from_base64};
use connection_doctor::protocol::{client_options, html};
use connection_doctor::protocol::{close_code, csp, http_date, json_text, percent};
use connection_doctor::redact;
use connection_doctor::survey::health;

#[path = "report.rs"]
mod report;
#[path = "settings.rs"]
mod settings;

#[allow(unused_imports)]
pub use report::{ENGLISH, report};

/// A target's name, and what holds for whatever it is fed.
type Target = (&'static str, fn(&[u8]));

/// Every parser, by the name of its target.
pub const ALL: &[Target] = &[
    ("engine_io", engine_io),
    ("socket_io", socket_io),
    ("event_stream", event_stream),
    ("ice", ice),
    ("grpc_web", grpc_web),
    ("profile", settings::profile),
    ("report", report),
    ("redaction", redaction),
    ("livekit", livekit),
    ("json", json),
    ("html", html),
    ("client_options", options_of_a_client),
    ("address", address),
];

/// Longest input that is made of a short one.
const LONG: usize = 64 * 1024;

/// The property for these bytes. Where they end with two slashes, for what stands before them over and over, up to 64 kB: so an input of a few
/// bytes shows what takes more than linear time.
pub fn check(property: fn(&[u8]), data: &[u8]) {
    match data.strip_suffix(b"//") {
        Some(piece) if !piece.is_empty() => property(&piece.repeat((LONG / piece.len()).max(1))),
        _ => property(data),
    }
}

fn lossy(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// The first byte chooses, the others are the input.
fn chosen(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}

fn engine_io(data: &[u8]) {
    let body = lossy(data);
    for status in [200, 400] {
        match engine_io::read_answer(status, &body) {
            Answer::Open { packet, framing } => {
                assert!(status == 200 && !packet.sid.is_empty() && packet.upgrades.len() <= 8);
                assert!(framing == 3 || framing == 4);
                // What was read, written as a server writes it, is read the same, in both versions and as a frame.
                let open = written(&packet);
                assert_eq!(engine_io::open_packet(&open).as_ref(), Some(&packet));
                for framing in [3, 4] {
                    let again = engine_io::read_answer(200, &engine_io::post_body(&open, framing));
                    assert_eq!(again, Answer::Open { packet: packet.clone(), framing });
                }
                // Redaction leaves it an open packet: rules read it from the evidence.
                let redacted = engine_io::read_answer(200, &redact::text(&open));
                assert!(matches!(redacted, Answer::Open { .. }), "{open}");
            }
            Answer::Refused { refusal, .. } => {
                assert_ne!(status, 200);
                if let engine_io::Refusal::Forbidden { message } = refusal {
                    assert!(chars(&message) <= 120);
                }
            }
            Answer::Taken => assert!(status == 200 && chars(body.trim()) == 2),
            Answer::Garbled | Answer::Other => {}
        }
    }
    for framing in [3, 4] {
        let packets = engine_io::packets(&body, framing);
        assert!(packets.len() <= 64 && packets.iter().map(|p| p.len()).sum::<usize>() <= body.len());
        // Each one, sent by itself, comes back as it is.
        for packet in packets.into_iter().filter(|p| !p.is_empty()) {
            assert_eq!(engine_io::packets(&engine_io::post_body(packet, framing), framing), [packet]);
        }
    }
}

fn written(packet: &engine_io::OpenPacket) -> String {
    let quoted = |text: &str| json_text::write(&text).unwrap();
    let upgrades: Vec<String> = packet.upgrades.iter().map(|u| quoted(u)).collect();
    let most = packet.max_payload.map_or(String::new(), |most| format!(",\"maxPayload\":{most}"));
    format!(
        "0{{\"sid\":{},\"upgrades\":[{}],\"pingInterval\":{},\"pingTimeout\":{}{most}}}",
        quoted(&packet.sid),
        upgrades.join(","),
        packet.ping_interval,
        packet.ping_timeout
    )
}

fn socket_io(data: &[u8]) {
    let (choice, rest) = chosen(data);
    let frame = lossy(rest);
    let named = frame.get(2..).filter(|rest| rest.starts_with('/')).and_then(|rest| rest.split(',').next()).unwrap_or("/").to_owned();
    for namespace in ["/", "", "/admin", "/chat?token=a,b", named.as_str()] {
        if let Some(ConnectAnswer::Refused { message }) = socket_io::connect_answer(&frame, namespace) {
            assert!(frame.starts_with("44") && chars(&message) <= 200);
        }
        if let Some(list) = socket_io::event_args(&frame, namespace) {
            assert!(frame.starts_with("42") && list.as_array().is_some());
        }
        if let Some(list) = socket_io::ack(&frame, namespace, choice.into()) {
            assert!(frame.starts_with("43") && list.as_array().is_some());
        }
    }
    if socket_io::is_unknown_namespace_pong(&frame) {
        assert!(matches!(socket_io::connect_answer(&frame, socket_io::UNKNOWN_NAMESPACE), Some(ConnectAnswer::Refused { .. })));
    }
    // What we write is read as what we meant, in every namespace that a setting may name.
    let arguments = json_text::write(&vec![frame.as_str(), "x"]).unwrap();
    let namespace = if is_path(&frame) && !frame.contains(',') { frame.as_str() } else { "/" };
    let event = socket_io::event(namespace, Some(choice.into()), &arguments);
    let told = socket_io::event_args(&event, namespace);
    if frame.len() < json::MAX_LENGTH / 8 {
        assert_eq!(told, Some(Value::Array(vec![Value::String(frame.clone()), Value::String("x".to_owned())])), "{event}");
        let answer = event.replacen("42", "43", 1);
        assert_eq!(socket_io::ack(&answer, namespace, choice.into()), told, "{answer}");
        assert_eq!(socket_io::ack(&answer, namespace, u32::from(choice) + 1), None);
    }
    assert_eq!(socket_io::connect_answer(&socket_io::connect(namespace, "{}"), namespace), Some(ConnectAnswer::Accepted));
}

fn event_stream(data: &[u8]) {
    let (choice, stream) = chosen(data);
    let mut reader = Reader::default();
    let whole = reader.take(stream);
    assert_eq!(whole.len(), reader.events() as usize);
    // An event ends with a line of data and an empty one.
    assert!(whole.len() <= stream.len() / 6, "{} events in {} bytes", whole.len(), stream.len());
    for event in &whole {
        assert!(!event.name.is_empty() && chars(&event.name) <= 200 && chars(&event.data) <= 200);
        assert!(!event.name.contains(['\r', '\n']) && !event.data.contains('\r'));
        let at = event_stream::sent_at(event);
        assert!(at.is_none() || event.name.starts_with("connection-doctor"));
        assert!(!event_stream::is_end(event) || event.name == "connection-doctor-end");
    }
    // Borders may be anywhere.
    for size in [1, 2 + usize::from(choice)] {
        let mut reader = Reader::default();
        let pieces: Vec<_> = stream.chunks(size).flat_map(|piece| reader.take(piece)).collect();
        assert_eq!(pieces, whole, "in pieces of {size}");
    }
    // What has ended has ended: more of the stream changes nothing before it.
    let half = Reader::default().take(&stream[..stream.len() / 2]);
    assert_eq!(half, whole[..half.len()]);
    // Written as a server writes them, the events are read the same.
    let kept = whole.iter().filter(|event| event.name != "message" && !event.name.starts_with(' '));
    let again: String = kept.clone().map(|e| format!("event: {}\ndata: {}\n\n", e.name, e.data.replace('\n', "\ndata: "))).collect();
    assert_eq!(Reader::default().take(again.as_bytes()), kept.cloned().collect::<Vec<_>>());
}

fn ice(data: &[u8]) {
    let text = lossy(data);
    for line in text.lines().take(64) {
        let Some(candidate) = Candidate::parse(line) else { continue };
        assert!(["host", "srflx", "prflx", "relay"].contains(&candidate.kind.as_str()) && ["udp", "tcp"].contains(&candidate.protocol.as_str()));
        assert!(candidate.relay_protocol.is_empty() && [0, 4, 6].contains(&candidate.family));
        assert_eq!(candidate.family == 0, candidate.reach == ice::Reach::Name);
        assert_eq!(Candidate::parse(&["a=", line.trim().trim_start_matches("a=")].concat()), Some(candidate.clone()), "{line}");
        // No address of it is in what is kept.
        let kept = json_text::write(&candidate).unwrap();
        let address = line.split_ascii_whitespace().nth(4).filter(|address| address.parse::<std::net::IpAddr>().is_ok());
        assert!(address.is_none_or(|address| !kept.contains(address)), "{kept}");
    }
    assert!(ice::of_description(&text).len() <= 32);
    let (reach, family) = ice::reach(&text);
    assert_eq!(family == 0, reach == ice::Reach::Name);
    if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
        assert_eq!(family, 4);
        assert_eq!(reach == ice::Reach::Loopback, address.is_loopback());
        assert!(reach == ice::Reach::Private || !address.is_private() && !address.is_link_local(), "{address}");
    }
    if text.parse::<std::net::Ipv6Addr>().is_ok() {
        assert_eq!(family, 6, "{text}");
    }
    if let Some(url) = IceUrl::parse(&text) {
        assert!(url.port != 0 && !url.host.is_empty() && !url.host.contains(['/', '@', ',', ' ']));
        assert_eq!(url.relays(), url.scheme.starts_with("turn"));
        let tcp = if url.transport == "tcp" { "?transport=tcp" } else { "" };
        assert_eq!(IceUrl::parse(&[url.scheme, ":", &url.place(), tcp].concat()), Some(url), "{text}");
    }
}

fn grpc_web(data: &[u8]) {
    let (choice, body) = chosen(data);
    let words = lossy(&body[..body.len().min(300)]);
    let status = (choice & 1 != 0).then_some(words.as_str());
    let message = (choice & 2 != 0).then_some(words.as_str());
    let plain = grpc_web::read("application/grpc-web+proto", status, message, body);
    let text = grpc_web::read("application/grpc-web-text", status, message, body);
    // In base64 it says the same.
    assert_eq!(grpc_web::read("application/grpc-web-text+proto", status, message, to_base64(body).as_bytes()), plain);
    for answer in [&plain, &text] {
        assert!(chars(&answer.message) <= 200);
        assert!(answer.malformed || answer.grpc_status.is_some() || body.is_empty());
        assert!(!grpc_web::status_name(answer.grpc_status.unwrap_or(0)).is_empty());
        let written = json_text::write(answer).unwrap();
        assert!(json::parse(&written).is_ok(), "{written}");
    }
    _ = grpc_web::is_grpc_web(&words);
    // An answer that is cut short never says that it is whole.
    if !plain.malformed && status.is_none() && !body.is_empty() {
        let cut = grpc_web::read("application/grpc-web", None, message, &body[..body.len() - 1]);
        assert!(cut.malformed || body.len() == 1, "{body:?}");
    }
    fields(body);
}

/// The wire format that gRPC-web and LiveKit share.
fn fields(message: &[u8]) {
    let all: Vec<_> = Fields::of(message).collect();
    assert!(all.len() <= message.len());
    assert!(all.iter().rev().skip(1).all(Option::is_some), "after damage comes nothing");
    let whole: Vec<(u64, Held)> = all.iter().copied().map_while(|field| field).collect();
    let sum: usize = whole.iter().filter_map(|(_, held)| held.bytes()).map(<[u8]>::len).sum();
    assert!(sum <= message.len());
    // What can be written is read back.
    let mut writer = Writer::default();
    let mut expected = Vec::new();
    for (number, held) in &whole {
        match held {
            Held::Number(value) if *value != 0 => writer = writer.number(*number, *value),
            Held::Bytes(_) if held.text().is_some() => writer = writer.text(*number, &held.text().unwrap()),
            _ => continue,
        }
        expected.push(Some((*number, *held)));
    }
    assert_eq!(Fields::of(&writer.bytes()).collect::<Vec<_>>(), expected);
}

/// For the properties alone; the program only reads it.
fn to_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |all, i| all << 8 | usize::from(*group.get(i).unwrap_or(&0)));
        out.extend((0..4).map(|i| if i <= group.len() { char::from(LETTERS[bits >> (18 - 6 * i) & 63]) } else { '=' }));
    }
    out
}

fn livekit(data: &[u8]) {
    fields(data);
    match livekit::read(data) {
        Some(Said::Join(join)) => {
            assert!(chars(&join.version) <= 40 && join.servers.len() <= 12);
        }
        Some(Said::Offer { sdp, id }) => {
            assert!(sdp.len() < data.len());
            let answer = livekit::answer(&sdp, id);
            let description = Fields::of(&answer).flatten().find(|(number, _)| *number == 2).and_then(|(_, held)| held.bytes()).unwrap();
            assert!(Fields::of(description).flatten().any(|(number, held)| number == 2 && held.text().as_deref() == Some(sdp.as_str())));
        }
        Some(Said::Trickle { candidate, .. }) => {
            assert!(candidate.len() < data.len());
            assert!(Fields::of(&livekit::trickle(&candidate)).all(|field| field.is_some()));
        }
        Some(Said::Leave { .. } | Said::Other) | None => {}
    }
    let text = lossy(data);
    for status in [200, 400, 401, 404, 503] {
        if let Some(told) = livekit::read_validation(status, &text) {
            assert!(!told.name().is_empty() && text.len() < 8_000);
        }
    }
    // As a token, and as what stands in the middle of one.
    let url_letters = to_base64(data).replace('+', "-").replace('/', "_").replace('=', "");
    for token in [text.clone(), ["x.", &url_letters, ".y"].concat()] {
        if let Some(claims) = livekit::claims(&token) {
            assert!(claims.forbids.len() <= 3);
            let kept = json_text::write(&claims).unwrap();
            assert!(kept.len() < 250, "{kept}");
        }
    }
    let (bytes, whole) = from_base64(data);
    assert!(bytes.len() <= data.len());
    assert_eq!(from_base64(to_base64(data).as_bytes()), (data.to_vec(), true));
    if whole {
        // Read once more from its plain form, it is the same.
        assert_eq!(from_base64(to_base64(&bytes).as_bytes()), (bytes, true));
    }
}

fn json(data: &[u8]) {
    let text = lossy(data);
    let ours = json::parse(&text);
    let reference: Result<serde_json::Value, _> = serde_json::from_str(&text);
    match (&ours, &reference) {
        (Ok(ours), Ok(reference)) => same(ours, reference),
        // More generous in three things: a lone surrogate, a nought at the start of a number, a number that a double rounds away.
        (Ok(_), Err(fault)) => {
            let fault = fault.to_string();
            let known = ["surrogate", "invalid number", "out of range", "unexpected end of hex escape"];
            assert!(known.iter().any(|part| fault.contains(part)), "{text:?}: {fault}");
        }
        (Err(json::Fault::TooLong), _) => assert!(text.len() > json::MAX_LENGTH),
        (Err(json::Fault::TooMany), _) => assert!(text.matches([',', '[', '{']).count() >= json::MAX_LENGTH / 8 - 1),
        (Err(json::Fault::TooDeep), _) => assert!(text.matches(['[', '{']).count() > json::MAX_DEPTH),
        (Err(json::Fault::Syntax(at)), reference) => {
            assert!(*at <= text.len());
            // A number near the end of what a double holds.
            assert!(reference.is_err() || text.contains(['e', 'E']) || text.bytes().filter(u8::is_ascii_digit).count() > 300, "{text:?}");
        }
    }
    // As the answer of a health endpoint: bounded, each bad part once, and what stands around it changes nothing.
    let health = health::read(&text);
    assert!(health.bad.len() <= 6 && health.bad.iter().enumerate().all(|(at, name)| !health.bad[..at].contains(name)), "{text:?}: {health:?}");
    assert!(health.bad.is_empty() || health.speaks_of_parts, "{text:?}: {health:?}");
    if !text.ends_with('…') {
        assert_eq!(health::read(&["\n ", &text, " \n"].concat()), health, "{text:?}");
    }
    if let Ok(value) = ours {
        // Written out and read again, it is the same.
        assert!(json::parse(&as_text(&value)).is_ok_and(|again| alike(&value, &again)), "{text}");
        // A catalogue of words: any object.
        let mut words = connection_doctor::words::Words::default();
        assert!(!words.learn(&text) || matches!(value, Value::Object(_)));
        // As text goes out of the program, quoted.
        if text.len() < json::MAX_LENGTH / 8 {
            assert_eq!(json::parse(&json_text::write(&text.as_str()).unwrap()), Ok(Value::String(text)));
        }
    }
}

fn same(ours: &Value, reference: &serde_json::Value) {
    match (ours, reference) {
        (Value::Null, serde_json::Value::Null) => {}
        (Value::Bool(a), serde_json::Value::Bool(b)) => assert_eq!(a, b),
        (Value::String(a), serde_json::Value::String(b)) => assert_eq!(a, b),
        (Value::Number(a), serde_json::Value::Number(b)) => assert!(near(*a, b.as_f64().unwrap()), "{a} {b}"),
        (Value::Array(a), serde_json::Value::Array(b)) => {
            assert_eq!(a.len(), b.len());
            a.iter().zip(b).for_each(|(a, b)| same(a, b));
        }
        (Value::Object(a), serde_json::Value::Object(b)) => {
            for (at, (name, value)) in a.iter().enumerate().take(100) {
                // Of two equal names the first counts here, the last there.
                if a.iter().filter(|(n, _)| n == name).count() == 1 {
                    same(value, &b[name]);
                    assert_eq!(ours.get(name), Some(&a[at].1));
                }
            }
        }
        (ours, reference) => panic!("{ours:?} {reference:?}"),
    }
}

/// The digits are taken one by one, so the last ones of a long number may be others; not those of a whole number that a report holds.
fn near(a: f64, b: f64) -> bool {
    let whole = b.fract() == 0.0 && b.abs() <= 4_294_967_295.0;
    a == b || !whole && (a - b).abs() <= b.abs() * 1e-12 || b.abs() < 1e-290
}

fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => near(*b, *a),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && alike(&a.1, &b.1)),
        (a, b) => a == b,
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(told) => told.to_string(),
        Value::Number(number) => format!("{number:e}"),
        Value::String(text) => json_text::write(&text.as_str()).unwrap(),
        Value::Array(items) => ["[", &items.iter().map(as_text).collect::<Vec<_>>().join(" ,"), "]"].concat(),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| [&json_text::write(&name.as_str()).unwrap(), ": ", &as_text(value)].concat()).collect();
            ["\n{", &members.join(","), "}\t"].concat()
        }
    }
}

fn html(data: &[u8]) {
    let body = lossy(data);
    let page = html::outline(&body);
    assert!(chars(&page.title) <= 120 && !page.title.contains(['\n', '\r', '\t']) && page.scripts <= 999);
    assert!(page.script_sources.len() <= 12 && page.script_sources.iter().all(|source| chars(source) <= 300 && !source.is_empty()));
    assert!(page.modules <= page.script_sources.len());
    assert!(page.imports.len() <= 12 && page.imports.iter().all(|source| chars(source) <= 300 && !source.is_empty()));
    assert!(page.policies.len() <= 4 && page.policies.iter().all(|policy| chars(policy) <= 2_000));
    assert!(page.base.iter().chain(&page.root_path).all(|text| chars(text) <= 300) && page.assets.len() <= 64);
    assert!(!page.is_another(&page));
    // What stands in front of it is still seen, whatever follows.
    let longer = html::outline(&["<!doctype html><script src=/own.js></script>", &body].concat());
    assert!(longer.script_sources.iter().any(|source| source == "/own.js") && !longer.assets.is_empty() && longer.scripts >= 1);
    // In other letters it is the same page: names of elements and attributes have no case.
    let shouted = html::outline(&body.to_ascii_uppercase());
    assert_eq!((shouted.scripts, shouted.password_field, shouted.hands_on, shouted.modules), (page.scripts, page.password_field, page.hands_on, page.modules));
    assert_eq!(shouted.script_sources.len(), page.script_sources.len());
    _ = html::looks_like_html(&body);
}

/// What a script tells its client: a place to ask at, and nothing else of it.
fn options_of_a_client(data: &[u8]) {
    let text = lossy(data);
    let told = client_options::read(&text);
    assert!(told.paths.len() <= 2 && told.transports.len() <= 3 && told.transports.first().is_none_or(|first| first != "polling"), "{told:?}");
    for path in &told.paths {
        assert!(is_path(path) && path.ends_with('/') && chars(path) <= 121 && !path.contains(['?', '#', '%']), "{path}");
        assert!(!matches!(path.as_str(), "/" | "/socket.io/" | "/engine.io/"), "{path}");
    }
    assert!(told.transports.iter().all(|name| matches!(name.as_str(), "polling" | "websocket" | "webtransport")));
    assert!(told.server.is_empty() || Address::parse(&told.server).is_some_and(|address| address.origin() == told.server), "{}", told.server);
    assert_eq!(told.has_options(), !(told.paths.is_empty() && told.transports.is_empty() && told.server.is_empty()));
    assert_eq!(told.is_empty(), !told.has_options() && told.speaks.is_empty());
    assert!(matches!(told.speaks.as_str(), "" | client_options::ENGINE_IO | client_options::WEBSOCKET));
    // What stands in front of it and is no client's, changes nothing.
    assert_eq!(client_options::read(&["'use strict';\n", &text].concat()), told);
}

/// Addresses, percent-encoding, policies and close codes: what a URL, a header or a number from outside is read as.
fn address(data: &[u8]) {
    let text = lossy(data);
    if let Some(address) = Address::parse(&text) {
        assert!(address.port != 0 && !address.host.is_empty() && address.path.starts_with('/') && !address.path.contains('#'));
        assert!(!address.host.contains(['@', '/', '?', '#', '\\', ' ']) && !address.path.chars().any(char::is_control), "{text}");
        for origin in [address.origin(), address.socket_origin()] {
            let again = Address::parse(&[origin.as_str(), &address.path].concat()).unwrap();
            assert_eq!((&again.host, again.port, &again.path), (&address.host, address.port, &address.path));
            assert_eq!((again.origin(), again.scheme.is_secure()), (address.origin(), address.scheme.is_secure()));
        }
    }
    if is_path(&text) {
        assert!(text.starts_with('/') && !text.starts_with("//") && !text.contains('\\'));
        let folder = folder(&text);
        assert!(text.starts_with(folder) && folder.ends_with('/') && !folder.contains('?'));
        // On an origin it stays there.
        let address = Address::parse(&["https://chat.example", &text].concat()).unwrap();
        assert_eq!(address.origin(), "https://chat.example");
    }

    let decoded = percent::decoded(&text);
    assert!(decoded.len() <= text.len() && decoded.len() >= text.len() / 3);
    let encoded: String = data.iter().map(|byte| format!("%{byte:02x}")).collect();
    assert_eq!(percent::decoded(&encoded), data);

    let code = u16::from_be_bytes([*data.first().unwrap_or(&0), *data.get(1).unwrap_or(&0)]);
    assert!(!close_code::meaning(code).is_empty() && !close_code::said(close_code::meaning(code)).is_empty());
    assert_eq!(close_code::was_sent(code), ![1005, 1006, 1015].contains(&code));

    // A date of a header: read, it is one of the years that four digits hold; written by the clock's own figures, it is found again.
    assert!(http_date::unix_seconds(&text).is_none_or(|at| at < 253_402_300_861 && text.trim().ends_with(" GMT")));
    let figure = |at: usize, from: u64, to: u64| from + u64::from(*data.get(at).unwrap_or(&0)) * 41 % (to - from + 1);
    let (year, month, day) = (figure(0, 1970, 9999), figure(1, 1, 12), figure(2, 1, 27));
    let (hour, minute, second) = (figure(3, 0, 23), figure(4, 0, 59), figure(5, 0, 59));
    let name = &"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * (month as usize - 1)..][..3];
    let dated = |day: u64| http_date::unix_seconds(&format!("Sun, {day:02} {name} {year} {hour:02}:{minute:02}:{second:02} GMT"));
    assert_eq!(dated(day).map(|at| at % 86_400), Some(hour * 3600 + minute * 60 + second));
    assert_eq!(dated(day + 1), dated(day).map(|at| at + 86_400));

    let mut lines = text.lines();
    let (policy, url) = (lines.next().unwrap_or(""), lines.next().unwrap_or("wss://chat.example/socket"));
    for page in ["https://chat.example", "http://[::1]:8080", lines.next().unwrap_or("")] {
        let forbids = csp::forbids(policy, page, url);
        if let Some(directive) = &forbids {
            assert!(chars(directive) <= 200 && policy.contains(directive.as_str()), "{policy}");
        }
        let readable = Address::parse(page).is_some() && Address::parse(url).is_some();
        // One more policy that allows all changes nothing, one more that allows nothing forbids.
        assert_eq!(csp::forbids(&[policy, ",connect-src *"].concat(), page, url), forbids);
        assert_eq!(csp::forbids(&[policy, ",connect-src 'none'"].concat(), page, url).is_some(), readable);
    }
}

/// What may not leave, each with a form that tells it from the words around it.
const SECRETS: [&str; 6] = [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmVk",
    "lv7VI97HAXpY6yYWAAAC",
    "3f2a9c1b7d6e4f508192a3b4c5d6e7f8",
    "ann@corp.example",
    "10.17.0.9",
    "fd00:17::9",
];
/// What no word goes on over.
const BORDERS: &[u8] = b" \"'(),;/<>[]{}|\n\t?&#";

fn redaction(data: &[u8]) {
    let (choice, rest) = chosen(data);
    let (turn, rest) = chosen(rest);
    let given = lossy(rest);
    for redact in [redact::text, redact::url] {
        let once = redact(&given);
        assert!(once.len() <= 5 * given.len() + 200);
        assert_eq!(redact(&once), once, "{given:?}");
    }
    assert!(chars(&redact::ice_url(&given)) <= 5 * 200 + 200);
    assert!(chars(&redact::shorten(&given, 80)) <= 81 && given.starts_with(redact::shorten(&given, 80).trim_end_matches('…')));
    assert!(chars(&redact::setting("server", &given)) <= 80 * 5 + 200);
    assert_eq!(redact::setting("livekit-token", &given), redact::MASK);

    let secret = SECRETS[usize::from(choice) % SECRETS.len()];
    let half = given.char_indices().nth(given.chars().count() * usize::from(turn) / 256).map_or(0, |(at, _)| at);
    let (before, after) = given.split_at(half);
    if given.contains(secret) || given.contains("hunter") {
        return;
    }
    let border = |by: u8| char::from(BORDERS[usize::from(by) % BORDERS.len()]);
    let planted = format!("{before}{}{secret}{}{after}", border(choice / 6), border(turn));
    assert!(!redact::text(&planted).contains(secret), "{planted:?}");
    // Whatever a query names it, and as user info.
    for planted in [
        format!("https://chat.example/{}?x{}={secret}&{}", plain(before), plain(after), plain(after)),
        format!("wss://u:{secret}@{}/{}", plain(before), plain(after)),
    ] {
        assert!(!redact::url(&planted).contains(secret), "{planted:?}");
    }
    // As a member of an object, in any letters.
    let mut object = serde_json::Map::new();
    object.insert("first".to_owned(), before.into());
    let name = ["sid", "token", "password", "Secret", "access_token"][usize::from(choice) % 5];
    object.insert(name.to_owned(), ["hunter2", "a\"hunter2", "\\hunter2", "\\\"hunter2\\", "\"\"hunter2"][usize::from(turn) % 5].into());
    object.insert("z".to_owned(), [after, ["\n", "\t", "\u{8}", "\u{c}", "\\ ", "\r\n"][usize::from(turn) % 6], secret].concat().into());
    let text = serde_json::to_string(&object).unwrap();
    let redacted = redact::text(&text);
    assert!(!redacted.contains("hunter") && !redacted.contains(secret), "{text}");
}

/// What a path may consist of here: so that it is the query that hides the rest.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.~/".contains(*c)).collect()
}
