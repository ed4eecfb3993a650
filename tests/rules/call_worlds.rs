//! Worlds of voice and video, after the lab's table of scenarios: relays, LiveKit, the line, microphone and camera.

use connection_doctor::evidence::{Capture, Device, Fact, Purpose, SocketPurpose};
use connection_doctor::profile::{Capturable, Depth};
use connection_doctor::protocol::ice::{IceUrl, Reach};
use connection_doctor::protocol::livekit::{Claims, Validation};

use crate::harness::calls::{Calls, Ice, MediaWay, NOW, TOKEN, Way, candidate, captured, device, frame_of_bytes, rejected};
use crate::harness::{
    Ask, CHAT_PAGE, FIREFOX, LOGIN_PAGE, Life, NGINX_502, NGINX_503, ORIGIN, Reply, Server, World, closed, content, deadline, errored, frame, opened, refused,
    reset, says,
};

pub const STUN: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:turn.example"}]}"#;
pub const TURN: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":["turn:turn.example?transport=udp","turn:turn.example?transport=tcp"],"username":"ann","credential":"pw"}]}"#;
pub const TURN_UDP: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"turn:turn.example?transport=udp","username":"ann","credential":"pw"}]}"#;
pub const TURN_TCP: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"turn:turn.example?transport=tcp","username":"ann","credential":"pw"}]}"#;
pub const TURNS: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"turns:turn.example:443?transport=tcp","username":"ann","credential":"pw"}]}"#;
pub const ALL: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:turn.example"},{"urls":["turn:turn.example?transport=udp","turn:turn.example?transport=tcp","turns:turn.example:443?transport=tcp"],"username":"ann","credential":"pw"}]}"#;
pub const TURN_HERE: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"turn:127.0.0.1:3478","username":"ann","credential":"pw"}]}"#;
pub const TWO_HOSTS: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":["turn:one.example?transport=udp","turn:two.example?transport=tcp"],"username":"ann","credential":"pw"}]}"#;
/// Without an application's channel: calls alone.
const AWAY: &str = r#"{"socket-path":"/socket.io/","livekit-url":"wss://rtc.example""#;

fn settings(start: &str, more: &[(&str, &str)]) -> String {
    let more: String = more.iter().map(|(name, value)| format!(r#","{name}":{value}"#)).collect();
    format!("{start}{more}}}")
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

pub fn relays(json: &str, ice: impl Fn(&IceUrl) -> Ice + 'static) -> World {
    World::of(Server::Python, json).calling(|c| c.ice = Box::new(ice))
}

/// Over UDP so, over TCP and TLS otherwise.
fn by_transport(udp: Ice, others: Ice) -> impl Fn(&IceUrl) -> Ice {
    move |url| if url.transport == "udp" { udp } else { others }
}

/// LiveKit beside a chat, with a token.
pub fn livekit(change: impl FnOnce(&mut Calls)) -> World {
    World::of(Server::Python, &settings(AWAY, &[("livekit-token", &quoted(TOKEN))])).calling(change)
}

pub fn livekit_full(change: impl FnOnce(&mut Calls)) -> World {
    in_full(livekit(change))
}

pub fn livekit_without_token(change: impl FnOnce(&mut Calls)) -> World {
    World::of(Server::Python, &settings(AWAY, &[])).calling(change)
}

/// LiveKit is all there is.
pub fn livekit_alone(change: impl FnOnce(&mut Calls)) -> World {
    World::of(Server::Nothing, &format!(r#"{{"profile":"livekit","livekit-token":"{TOKEN}"}}"#)).page("/", says(200, "OK")).calling(change)
}

pub fn in_full(world: World) -> World {
    world.with(|w| w.profile.depth = Depth::Full)
}

pub fn in_firefox(world: World) -> World {
    world.with(|w| w.environment.user_agent = FIREFOX.to_owned())
}

/// The person clicked: both are opened.
pub fn with_devices(capture: impl Fn(Capturable) -> Capture + 'static) -> World {
    World::of(Server::Python, r#"{"socket-path":"/socket.io/","devices":"microphone,camera"}"#).calling(|c| c.capture = Box::new(capture))
}

fn is_call(ask: &Ask) -> bool {
    matches!(ask.purpose, Some(Purpose::CallServer | Purpose::CallServerNoCors | Purpose::CallValidate | Purpose::CallToken | Purpose::CallVersion))
}

fn is_call_socket(ask: &Ask) -> bool {
    matches!(ask.socket, Some(SocketPurpose::Call | SocketPurpose::CallV1))
}

/// All plain questions to LiveKit are answered so, and its WebSockets live so.
pub fn call_server(world: World, reply: Reply, life: impl Fn() -> Life + 'static) -> World {
    world.http(move |ask, usual| if is_call(ask) { reply.clone() } else { usual }).sockets(move |ask, usual| if is_call_socket(ask) { life() } else { usual })
}

pub fn call_socket(world: World, life: impl Fn() -> Life + 'static) -> World {
    world.sockets(move |ask, usual| if is_call_socket(ask) { life() } else { usual })
}

fn call_answers(world: World, purpose: Purpose, reply: Reply) -> World {
    world.http(move |ask, usual| if ask.purpose == Some(purpose) { reply.clone() } else { usual })
}

pub fn validates_so(world: World, reply: Reply) -> World {
    let again = reply.clone();
    call_answers(call_answers(world, Purpose::CallValidate, reply), Purpose::CallToken, again)
}

fn everywhere_private(c: &mut Calls) {
    c.livekit.candidates = vec![candidate("host", "udp", Reach::Private, 4), candidate("host", "tcp", Reach::Private, 4)];
}

// Healthy.

pub fn healthy() -> Vec<(&'static str, World)> {
    vec![
        ("calls: STUN alone", relays(STUN, |_| Ice::Works)),
        ("calls: STUN, the own address is public", relays(STUN, |_| Ice::TellsTheOwnAddress)),
        ("calls: TURN by UDP", relays(TURN_UDP, |_| Ice::Works)),
        ("calls: TURN by TCP", relays(TURN_TCP, |_| Ice::Works)),
        ("calls: TURN by TLS", relays(TURNS, |_| Ice::Works)),
        ("calls: TURN by all ways", relays(ALL, |_| Ice::Works)),
        ("calls: TURN by all ways, Firefox", in_firefox(relays(ALL, |_| Ice::Works))),
        ("calls: TURN by all ways, full", in_full(relays(ALL, |_| Ice::Works))),
        ("calls: one address of the relay is not reached", relays(ALL, |_| Ice::WorksAfterAll)),
        ("calls: a STUN server is silent beside a relay", relays(ALL, |url| if url.relays() { Ice::Works } else { Ice::Silent })),
        ("calls: TLS is passed over, Firefox", in_firefox(relays(ALL, |url| if url.transport == "tls" { Ice::PassedOver } else { Ice::Works }))),
        ("calls: credentials for an hour", relays(TURN, |_| Ice::Works).calling(|c| c.expires_in = Some(3_600))),
        ("calls: a little loss", relays(TURN, |_| Ice::Works).calling(|c| c.way = Box::new(|url| if url.is_some() { Way::Loses(55) } else { Way::Works }))),
        ("calls: the relay does not carry to itself, and LiveKit's media connect", relay_of_livekit_forbids_itself()),
        ("calls: servers named twice", relays(TWICE, |_| Ice::Works)),
        ("calls: no devices at all", relays(TURN, |_| Ice::Works).calling(|c| (c.devices.microphone.count, c.devices.camera.count) = (0, 0))),
        (
            "calls: the browser does not tell of devices",
            relays(TURN, |_| Ice::Works).calling(|c| (c.devices.microphone, c.devices.camera) = (Device::default(), Device::default())),
        ),
        ("livekit", livekit(|_| {})),
        ("livekit, Firefox", in_firefox(livekit(|_| {}))),
        ("livekit, full", livekit_full(|_| {})),
        ("livekit, an older one", livekit_full(|c| c.livekit.old = true)),
        ("livekit, no token", livekit_without_token(|_| {})),
        ("livekit alone", livekit_alone(|_| {})),
        ("livekit alone, full", in_full(livekit_alone(|_| {}))),
        ("livekit alone, no token", World::of(Server::Nothing, r#"{"profile":"livekit"}"#).page("/", says(200, "OK"))),
        ("livekit under a path", livekit_under_a_path()),
        ("livekit on the chat's own origin", livekit_on_the_own_origin()),
        (
            "livekit, media by TCP alone",
            livekit(|c| (c.livekit.candidates, c.livekit.media) = (vec![candidate("host", "tcp", Reach::Public, 4)], MediaWay::Tcp)),
        ),
        ("livekit in an office", livekit(everywhere_private)),
        ("livekit, a private address beside a public one", livekit(|c| c.livekit.candidates.insert(0, candidate("host", "udp", Reach::Private, 4)))),
        ("livekit of IPv6 alone", livekit(|c| c.livekit.candidates = vec![candidate("host", "udp", Reach::Public, 6)])),
        ("livekit in an office, by its number", livekit_in_the_same_network(MediaWay::Udp)),
        ("livekit on this device", livekit_here(MediaWay::Udp)),
        ("livekit with a relay", livekit_full(|c| c.livekit.servers = vec!["turn:turn.example?transport=udp", "turns:turn.example?transport=tcp"])),
        ("livekit, and the relay is the settings' too", livekit_and_relay(|_| Ice::Works)),
        ("livekit, slow", livekit_slow()),
        (
            "livekit, a token that only publishes",
            livekit(|c| {
                c.livekit.claims.as_mut().unwrap().forbids = vec!["canSubscribe".to_owned()];
                c.livekit.media = MediaWay::NoOffer;
            }),
        ),
        ("livekit, only its path is routed to it", call_answers(livekit(|_| {}), Purpose::CallServer, says(200, CHAT_PAGE))),
        ("livekit, the chat's page says 406 at the root", call_answers(livekit_without_token(|_| {}), Purpose::CallServer, says(406, "Not Acceptable"))),
        ("livekit, two servers named", livekit(|c| c.livekit.servers = vec!["stun:one.example", "stun:two.example"])),
        ("microphone and camera", with_devices(captured)),
        ("microphone and camera, and calls", calls_with_devices(captured)),
        ("livekit, its CORS headers are taken away", call_unreadable(livekit(|_| {}))),
        ("webtransport", transport("ready", "")),
    ]
}

const TWICE: &str = r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":["turn:turn.example","turn:turn.example"],"username":"ann","credential":"pw"},{"urls":"turn:turn.example:3478?transport=udp","username":"ann","credential":"pw"}]}"#;

pub fn livekit_under_a_path() -> World {
    let json = format!(r#"{{"socket-path":"/socket.io/","livekit-url":"{ORIGIN}/livekit","livekit-token":"{TOKEN}"}}"#);
    World::of(Server::Node, &json)
        .http(|ask, usual| if is_call(ask) && !ask.path.starts_with("/livekit/") { says(404, "Not Found") } else { usual })
        .sockets(|ask, usual| if is_call_socket(ask) && !ask.path.starts_with("/livekit/rtc") { refused() } else { usual })
}

pub fn livekit_on_the_own_origin() -> World {
    World::of(Server::Node, &format!(r#"{{"socket-path":"/socket.io/","livekit-url":"wss://chat.example","livekit-token":"{TOKEN}"}}"#))
}

/// `livekit-server --dev`: its candidates are of this device.
pub fn livekit_here(media: MediaWay) -> World {
    let json = format!(r#"{{"socket-path":"/socket.io/","livekit-url":"ws://127.0.0.1:7880","livekit-token":"{TOKEN}"}}"#);
    World::of(Server::Node, &json).calling(|c| {
        c.livekit.candidates = vec![candidate("host", "udp", Reach::Loopback, 4), candidate("host", "tcp", Reach::Loopback, 4)];
        c.livekit.media = media;
    })
}

/// By its number in an office's network, from a page of the same.
pub fn livekit_in_the_same_network(media: MediaWay) -> World {
    let json = format!(r#"{{"socket-path":"/socket.io/","livekit-url":"wss://192.168.1.5:7880","livekit-token":"{TOKEN}"}}"#);
    World::of(Server::Node, &json).calling(|c| {
        everywhere_private(c);
        c.livekit.media = media;
    })
}

pub fn livekit_slow() -> World {
    livekit(|c| c.livekit.joins_after = 2_060).sockets(|ask, usual| {
        if !is_call_socket(ask) {
            return usual;
        }
        vec![opened(2_000), frame_of_bytes(2_060, 412), content(2_080)]
    })
}

pub fn relay_of_livekit_forbids_itself() -> World {
    livekit_full(|c| {
        c.livekit.servers = vec!["turn:turn.example?transport=udp"];
        c.way = Box::new(|url| if url.is_some() { Way::Forbidden } else { Way::Works });
    })
}

/// LiveKit with a token, and relays in the settings besides.
pub fn livekit_and_relay(ice: impl Fn(&IceUrl) -> Ice + 'static) -> World {
    let list = r#"[{"urls":["turn:turn.example?transport=udp","turn:turn.example?transport=tcp"],"username":"ann","credential":"pw"}]"#;
    World::of(Server::Python, &settings(AWAY, &[("livekit-token", &quoted(TOKEN)), ("ice-servers", list)])).calling(|c| c.ice = Box::new(ice))
}

pub fn calls_with_devices(capture: impl Fn(Capturable) -> Capture + 'static) -> World {
    let json = TURN.replacen('{', r#"{"devices":"microphone,camera","#, 1);
    World::of(Server::Python, &json).calling(|c| c.capture = Box::new(capture))
}

pub fn transport(how: &'static str, message: &'static str) -> World {
    World::of(Server::Python, r#"{"socket-path":"/socket.io/","webtransport-url":"https://chat.example:4433/"}"#)
        .calling(|c| (c.transport.how, c.transport.message) = (how.to_owned(), message.to_owned()))
}

// The line and the relays.

pub fn udp_blocked() -> World {
    relays(TURN, by_transport(Ice::Silent, Ice::Works))
}

pub fn udp_blocked_all_ways() -> World {
    relays(ALL, by_transport(Ice::Silent, Ice::Works))
}

pub fn udp_blocked_and_no_other_way() -> World {
    relays(TURN_UDP, |_| Ice::Silent)
}

/// The one host is away; the other has no UDP to ask for.
pub fn one_host_of_two_away() -> World {
    relays(TWO_HOSTS, |url| if url.host == "one.example" { Ice::Silent } else { Ice::Works })
}

pub fn stun_silent() -> World {
    relays(STUN, |_| Ice::Silent)
}

pub fn relay(ice: Ice) -> World {
    relays(TURN, move |_| ice)
}

pub fn relay_tls(ice: Ice) -> World {
    relays(TURNS, move |_| ice)
}

/// TLS alone is ill.
pub fn relay_tls_beside(ice: Ice) -> World {
    relays(ALL, move |url| if url.transport == "tls" { ice } else { Ice::Works })
}

pub fn credentials_expired() -> World {
    relay(Ice::Unauthorized).calling(|c| c.expires_in = Some(-3_600))
}

/// The relay carries one call at a time: whoever comes second is turned away.
pub fn quota() -> World {
    relays(TURN, by_transport(Ice::Works, Ice::Says(486)))
}

pub fn carries(way: Way) -> World {
    relays(TURN_UDP, |_| Ice::Works).calling(|c| c.way = Box::new(move |url| if url.is_some() { way } else { Way::Works }))
}

pub fn carries_in_full(way: Way) -> World {
    in_full(carries(way))
}

// LiveKit.

pub fn media(way: MediaWay) -> World {
    livekit(|c| c.livekit.media = way)
}

pub fn media_in_full(way: MediaWay) -> World {
    in_full(media(way))
}

pub fn private_candidates() -> World {
    livekit(|c| {
        everywhere_private(c);
        c.livekit.media = MediaWay::Never;
    })
}

pub fn token(refusal: Validation) -> World {
    livekit(|c| {
        c.livekit.token = refusal;
        let claims = c.livekit.claims.as_mut().unwrap();
        match refusal {
            Validation::Expired => claims.expires = Some(NOW - 3_600),
            Validation::NotYetValid => claims.not_before = Some(NOW + 3_600),
            Validation::NoGrant => claims.joins = false,
            Validation::Malformed => c.livekit.claims = None,
            Validation::NoToken => *claims = Claims { expires: Some(NOW + 3_600), ..Claims::default() },
            _ => {}
        }
    })
}

/// A LiveKit of tomorrow refuses the token in words that nobody knows yet.
pub fn other_words() -> World {
    call_socket(call_answers(livekit(|_| {}), Purpose::CallToken, says(401, "token rejected: audience")), refused)
}

/// A hop drops the query: LiveKit sees no token, in its older or its newer words.
pub fn token_lost_on_the_way(words: &'static str) -> World {
    validates_so(call_socket(livekit(|_| {}), refused), says(401, words))
}

/// LiveKit has read the token, and misses something in it that the page can't know.
pub fn token_of_nobody() -> World {
    call_socket(call_answers(livekit(|_| {}), Purpose::CallToken, says(400, "identity cannot be empty")), refused)
}

pub fn token_at_an_older_one(refusal: Validation) -> World {
    token(refusal).calling(|c| c.livekit.old = true)
}

pub fn upgrade_stripped() -> World {
    call_socket(livekit(|_| {}), refused)
}

pub fn call_502() -> World {
    call_server(livekit(|_| {}), says(502, NGINX_502), refused)
}

pub fn call_down() -> World {
    call_server(livekit(|_| {}), reset(), refused)
}

pub fn call_silent() -> World {
    call_server(livekit(|_| {}), Reply::Silence, || vec![deadline(3_000, "open")])
}

pub fn not_ready() -> World {
    let said = "Not Ready\nNode Updated At 2026-11-20 11:58:00.1 +0000 UTC";
    call_socket(call_answers(livekit(|_| {}), Purpose::CallServer, says(406, said)), refused)
}

pub fn call_hangs() -> World {
    call_socket(livekit(|_| {}), || vec![deadline(3_000, "open")])
}

pub fn call_is_a_page() -> World {
    call_server(livekit(|_| {}), says(200, CHAT_PAGE), refused)
}

/// A page to sign in, at another origin: nothing can be read of it.
pub fn call_behind_a_sign_in() -> World {
    call_server(livekit(|_| {}), Reply::Elsewhere, refused)
}

/// A proxy takes LiveKit's CORS headers away: nothing can be read, and a WebSocket needs none.
pub fn call_unreadable(world: World) -> World {
    world.http(|ask, usual| match ask.purpose {
        Some(Purpose::CallServerNoCors) => usual,
        _ if is_call(ask) => reset(),
        _ => usual,
    })
}

/// Nothing of the outside answers, and the browser says so.
pub fn offline(world: World) -> World {
    world.with(|w| w.environment.online = false).calling(|c| c.ice = Box::new(|_| Ice::Silent)).http(|_, _| reset()).sockets(|_, _| refused())
}

/// A page to sign in, at the same origin.
pub fn call_behind_a_sign_in_page() -> World {
    call_server(livekit(|_| {}), says(200, LOGIN_PAGE).redirected_to("/login"), refused)
}

/// LiveKit on the chat's own origin, behind a gate that sends strangers to a sign-in, and lets in who has its cookie if `signed_in`.
pub fn call_behind_a_gate(token: bool, signed_in: bool) -> World {
    let token: &[(&str, &str)] = if token { &[("livekit-token", &quoted(TOKEN))] } else { &[] };
    let own = World::of(Server::Python, &settings(r#"{"socket-path":"/socket.io/","livekit-url":"wss://chat.example""#, token));
    own.http(move |ask, usual| {
        let gated = is_call(ask) && (ask.credentials == "omit" || !signed_in);
        if gated { says(200, LOGIN_PAGE).redirected_to("/login") } else { usual }
    })
    .sockets(move |ask, usual| if is_call_socket(ask) && !signed_in { refused() } else { usual })
}

pub fn call_says_nothing() -> World {
    call_socket(livekit(|_| {}), || vec![opened(9), deadline(2_009, "join")])
}

pub fn call_closes() -> World {
    call_socket(livekit(|_| {}), || vec![opened(9), closed(12, 1006, "")])
}

/// A full room: it says why, and no join answer comes.
pub fn room_is_full() -> World {
    call_socket(
        livekit(|c| {
            c.livekit.joins = false;
            c.livekit.shown_out = Some(7);
        }),
        || vec![opened(9), frame_of_bytes(10, 4), closed(14, 1000, "")],
    )
}

/// LiveKit gives its join answer, and a leave with this reason before it offers any media.
pub fn shown_out_after_joining(reason: u8) -> World {
    let world = livekit(|c| {
        c.livekit.media = MediaWay::NoOffer;
        c.livekit.shown_out = Some(reason);
    });
    call_socket(world, || vec![opened(9), frame_of_bytes(10, 412), frame_of_bytes(11, 6), closed(14, 1000, "")])
}

/// It speaks text, as no LiveKit of today begins.
pub fn call_garbled() -> World {
    call_socket(livekit(|_| {}), || vec![opened(9), frame(10, "{\"join\":{}}"), content(11)])
}

/// The person's own client comes back in, and the probe is shown out.
pub fn shown_out() -> World {
    livekit(|c| {
        c.livekit.shown_out = Some(2);
        c.livekit.media = MediaWay::Never;
    })
}

pub fn rate_limited() -> World {
    validates_so(livekit(|_| {}), says(429, "Too Many Requests"))
}

pub fn mixed_content() -> World {
    let json = format!(r#"{{"socket-path":"/socket.io/","livekit-url":"ws://rtc.example:7880","livekit-token":"{TOKEN}"}}"#);
    let world = World::of(Server::Python, &json);
    call_server(world, reset(), || vec![crate::harness::threw("SecurityError")])
}

pub fn policy() -> World {
    let violation = |blocked: &str| Fact::PolicyViolation { directive: "connect-src".to_owned(), blocked: blocked.to_owned(), enforced: true };
    call_server(livekit(|_| {}), reset(), || vec![errored(1), deadline(3_000, "open")])
        .incident(7, violation("https://rtc.example/rtc/validate"))
        .incident(8, violation("wss://rtc.example/rtc"))
}

pub fn unavailable_now_and_then() -> World {
    call_answers(livekit(|_| {}), Purpose::CallServer, says(503, NGINX_503))
}

// Devices.

pub fn permission(microphone: Device) -> World {
    relays(TURN, |_| Ice::Works).calling(|c| c.devices.microphone = microphone)
}

pub fn frame_without_allow() -> World {
    permission(device("denied", Some(false), 0)).with(|w| {
        w.environment.framed = true;
        w.environment.foreign_frame = true;
    })
}

pub fn insecure_calls() -> World {
    relays(TURN, |_| Ice::Works).insecure().calling(|c| {
        c.devices.api = false;
        (c.devices.microphone, c.devices.camera) = (Device::default(), Device::default());
    })
}

pub fn denied() -> World {
    with_devices(|d| rejected(d, "NotAllowedError", "Permission denied", "denied", 40))
}

pub fn dismissed() -> World {
    with_devices(|d| rejected(d, "NotAllowedError", "Permission dismissed", "prompt", 2_400))
}

pub fn busy() -> World {
    with_devices(|d| if d == Capturable::Camera { rejected(d, "NotReadableError", "Could not start video source", "granted", 900) } else { captured(d) })
}

pub fn busy_firefox() -> World {
    in_firefox(with_devices(|d| if d == Capturable::Camera { rejected(d, "AbortError", "Starting videoinput failed", "granted", 900) } else { captured(d) }))
}

pub fn missing() -> World {
    with_devices(|d| rejected(d, "NotFoundError", "Requested device not found", "prompt", 30))
}

pub fn muted() -> World {
    with_devices(|d| Capture { muted: true, ..captured(d) })
}

pub fn silent_microphone() -> World {
    with_devices(|d| Capture { loudest: None, ..captured(d) })
}

/// The browser asks, and nobody answers.
pub fn nobody_answers() -> World {
    with_devices(|d| Capture { device: d.name().to_owned(), ended_after: 50_000, state: "prompt".to_owned(), ..Capture::default() })
}

pub fn no_webrtc() -> World {
    let world = relays(TURN, |_| Ice::NotTaken).calling(|c| {
        c.devices.webrtc = false;
        c.way = Box::new(|_| Way::Throws);
    });
    in_firefox(world)
}
