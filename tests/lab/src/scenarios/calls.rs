//! Calls beside a chat that is healthy: the relay, LiveKit, the microphone and the camera.

use std::time::Duration;

use crate::action::{Action, Answer, Body, Piece, Rule, When};
use crate::certificate::Flaw;
use crate::datagrams::Line;
use crate::nginx::{Behind, NginxSite};
use crate::page::CHAT_PAGE;
use crate::scenario::{BrowserVariant, Edge, FramedBy, Kind, LiveKit, Scenario};
use crate::server::Server;
use crate::turn::{Credentials, Turn, Udp};

/// The configuration of a chat whose calls have one relay, at these URLs.
macro_rules! relay {
    ($first:literal $(, $more:literal)*) => {
        relay!("{turn-user}", "{turn-password}" => $first $(, $more)*)
    };
    ($user:literal, $password:literal => $first:literal $(, $more:literal)*) => {
        concat!(
            r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":[""#, $first, "\"" $(, ",\"", $more, "\"")*,
            r#"],"username":""#, $user, r#"","credential":""#, $password, r#""}]}"#,
        )
    };
}

/// The configuration of a chat whose calls are LiveKit's.
macro_rules! livekit {
    ($url:literal) => {
        concat!(r#"{"socket-path":"/socket.io/","livekit-url":""#, $url, "\"}")
    };
    ($url:literal, $token:literal) => {
        concat!(r#"{"socket-path":"/socket.io/","livekit-url":""#, $url, r#"","livekit-token":""#, $token, "\"}")
    };
}

/// The configuration of a chat that has WebTransport at this place.
macro_rules! webtransport {
    ($place:literal) => {
        concat!(r#"{"socket-path":"/socket.io/","webtransport-url":"https://"#, $place, "\"}")
    };
}

/// How long a far LiveKit takes.
const SLOW: Duration = Duration::from_secs(2);
const CALLS: Scenario = Scenario { has_calls: true, ..Scenario::PLAIN };
const WITH_TURN: Scenario = Scenario { turn: Some(Turn::PLAIN), config: relay!("turn:{turn}?transport=udp", "turn:{turn}?transport=tcp"), ..CALLS };
const WITH_LIVEKIT: Scenario = Scenario { livekit: Some(LiveKit::PLAIN), config: livekit!("{livekit}", "{token}"), ..CALLS };
/// A relay whose certificate nobody vouches for, which is well where every certificate is taken.
const WITH_TLS: Turn = Turn { tls: Some(Flaw::Nothing), ..Turn::PLAIN };
const TLS_ALONE: &str = relay!("turns:localhost:{turns-port}?transport=tcp");
const THROUGH_LINE: &str = relay!("turn:{turn-line}?transport=udp");

/// nginx in front of LiveKit, as it should be.
const NGINX: NginxSite = NginxSite { socket_path: "/rtc", serves_chat_page: false, ..NginxSite::DOCUMENTED };

/// The stand-in with these arguments.
const fn stand_in(args: &'static [&'static str]) -> Option<LiveKit> {
    Some(LiveKit { server: Server::LiveKit(args), ..LiveKit::PLAIN })
}

/// The stand-in behind an nginx.
const fn behind(nginx: NginxSite) -> Option<LiveKit> {
    Some(LiveKit { nginx: Some(nginx), ..LiveKit::PLAIN })
}

/// Where LiveKit should be, the front says all there is.
const fn pretending(rules: &'static [Rule]) -> Option<LiveKit> {
    Some(LiveKit { server: Server::Nothing, nginx: None, rules })
}

/// LiveKit lets every page read its answers.
const READABLE: &[(&str, &str)] = &[("Content-Type", "text/plain; charset=utf-8"), ("Access-Control-Allow-Origin", "*")];
const VALIDATED: Rule = When::at("/rtc/validate").then(Action::Respond(Answer { status: 200, headers: READABLE, body: Body::Text("success") }));
const ANSWERS_OK: Rule = When::at("/").then(Action::Respond(Answer { status: 200, headers: READABLE, body: Body::Text("OK") }));
/// nginx's own.
const BAD_GATEWAY: Answer = Answer::html(
    502,
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
);

/// Messages of LiveKit's that do harm to whoever believes them: a JoinResponse, an offer, two candidates and a farewell.
const HOSTILE_JOIN: &[u8] = b"\x0a\x94\x03\x0a)\x0a\x04RM_x\x12!<script>window.__pwned=1</script>\x12K\x0a&<img src=x onerror=\"window.__pwned=1\">\x12!<script>window.__pwned=1</script>\"!<script>window.__pwned=1</script>*\xbf\x01\x0a&turn:<script>window.__pwned=1</script>\x0a\x1bjavascript:window.__pwned=1\x0a\x05stun:\x0a&<img src=x onerror=\"window.__pwned=1\">\x12!<script>window.__pwned=1</script>\x1a&<img src=x onerror=\"window.__pwned=1\">*\x000\x01J&<img src=x onerror=\"window.__pwned=1\">P\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
const HOSTILE_OFFER: &[u8] =
    b"\x1an\x0a&<img src=x onerror=\"window.__pwned=1\">\x12Bv=0\x0d\x0ao=- 0 0 IN IP4 0.0.0.0\x0d\x0as=<script>window.__pwned=1</script>\x0d\x0a\x18\x01";
const HOSTILE_CANDIDATE: &[u8] = b"\"e\x0aa{\"candidate\":\"candidate:1 1 udp 1 <script>window.__pwned=1</script> 99999 typ host\",\"sdpMid\":\"0\"}\x10\x01";
const DEEP_CANDIDATE: &[u8] = b"\"\x0b\x0a\x05[[[[[\x10\x01\x18\x01";
const FAREWELL: &[u8] = b"B\x02\x10\x03";
const JSON_JOIN: &str = r#"{"join":{"room":{"sid":"RM_x","name":"lab"},"serverVersion":"1.9.12","subscriberPrimary":true}}"#;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "v-healthy-turn",
        title: "A relay for calls",
        story: "Nothing is broken: the relay answers by UDP, by TCP and by TLS.",
        kind: Kind::Healthy,
        turn: Some(WITH_TLS),
        trusts_all: true,
        config: r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:{turn}"},{"urls":["turn:{turn}?transport=udp","turn:{turn}?transport=tcp","turns:localhost:{turns-port}?transport=tcp"],"username":"{turn-user}","credential":"{turn-password}"}]}"#,
        ..CALLS
    },
    Scenario {
        name: "v-healthy-turn-udp",
        title: "A relay by UDP",
        story: "Nothing is broken: the chat asks for the relay by UDP alone, and it answers.",
        kind: Kind::Healthy,
        turn: Some(Turn::PLAIN),
        config: relay!("turn:{turn}"),
        ..CALLS
    },
    Scenario {
        name: "v-healthy-turn-tcp-only-config",
        title: "A relay by TCP",
        story: "Nothing is broken: the chat asks for the relay by TCP alone, and it answers.",
        kind: Kind::Healthy,
        turn: Some(Turn::PLAIN),
        config: relay!("turn:{turn}?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-healthy-turns-only",
        title: "A relay by TLS",
        story: "Nothing is broken: the chat asks for the relay by TLS alone, and it answers.",
        kind: Kind::Healthy,
        turn: Some(WITH_TLS),
        trusts_all: true,
        config: TLS_ALONE,
        ..CALLS
    },
    Scenario {
        name: "v-healthy-stun",
        title: "A server that tells addresses",
        story: "Nothing is broken: the chat has a STUN server and no relay.",
        kind: Kind::Healthy,
        turn: Some(Turn::PLAIN),
        config: r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:{turn}"}]}"#,
        ..CALLS
    },
    Scenario {
        name: "v-healthy-stun-silent-beside",
        title: "One server of several is silent",
        story: "The relay answers by UDP and by TCP, so calls work; a STUN server that the chat names besides is silent.",
        kind: Kind::Healthy,
        turn: Some(Turn::PLAIN),
        config: r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:{blackhole}"},{"urls":["turn:{turn}?transport=udp","turn:{turn}?transport=tcp"],"username":"{turn-user}","credential":"{turn-password}"}]}"#,
        ..CALLS
    },
    Scenario {
        name: "v-healthy-time-limited-credentials",
        title: "A password for a day",
        story: "Nothing is broken: the relay's password holds until this time tomorrow.",
        kind: Kind::Healthy,
        turn: Some(Turn { credentials: Credentials::UntilLater, ..Turn::PLAIN }),
        ..WITH_TURN
    },
    Scenario {
        name: "v-healthy-lossy-2",
        title: "A little loss",
        story: "Nothing is broken: two of a hundred datagrams to the relay are lost, as on many a line.",
        kind: Kind::Healthy,
        turn: Some(Turn { line: Some(Line::LosesEvery(50)), ..Turn::PLAIN }),
        config: THROUGH_LINE,
        ..CALLS
    },
    Scenario {
        name: "v-healthy-livekit",
        title: "LiveKit",
        story: "Nothing is broken: LiveKit lets the page join, and its media answers.",
        kind: Kind::Healthy,
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-healthy-livekit-no-token",
        title: "LiveKit, no token told",
        story: "Nothing is broken: LiveKit answers, and nobody gave the page a token to join with.",
        kind: Kind::Healthy,
        config: livekit!("{livekit}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-healthy-livekit-alone",
        title: "LiveKit and no chat",
        story: "Nothing is broken: the page's own server is LiveKit, and there is no other.",
        kind: Kind::Healthy,
        server: Server::LiveKit(&[]),
        config: r#"{"profile":"livekit","livekit-token":"{token}"}"#,
        rules: &[When::at("/").then(Action::Forward)],
        ..CALLS
    },
    Scenario {
        name: "v-healthy-livekit-alone-https",
        title: "LiveKit by https",
        story: "Nothing is broken: the page's own server is LiveKit, behind TLS and HTTP/2.",
        kind: Kind::Healthy,
        server: Server::LiveKit(&[]),
        edge: Edge::Tls,
        config: r#"{"profile":"livekit","livekit-token":"{token}"}"#,
        rules: &[When::at("/").then(Action::Forward)],
        ..CALLS
    },
    Scenario {
        name: "v-healthy-livekit-nginx",
        title: "LiveKit behind nginx",
        story: "Nothing is broken: nginx passes LiveKit's upgrade on.",
        kind: Kind::Healthy,
        livekit: behind(NGINX),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-healthy-livekit-path",
        title: "LiveKit under a path",
        story: "Nothing is broken: nginx has LiveKit under /chat/.",
        kind: Kind::Healthy,
        livekit: behind(NginxSite { prefix: "/chat", ..NGINX }),
        config: livekit!("{livekit}/chat", "{token}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-healthy-livekit-relay",
        title: "LiveKit with a relay",
        story: "Nothing is broken: LiveKit's media answers, and it names a relay that works.",
        kind: Kind::Healthy,
        turn: Some(Turn::PLAIN),
        livekit: stand_in(&[
            "--ice-servers",
            r#"[{"urls":["turn:{turn}?transport=udp","turn:{turn}?transport=tcp"],"username":"{turn-user}","credential":"{turn-password}"}]"#,
        ]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-healthy-livekit-tcp",
        title: "LiveKit, media by TCP",
        story: "Nothing is broken: LiveKit offers its media by TCP alone, and answers.",
        kind: Kind::Healthy,
        livekit: stand_in(&["--udp", "off"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-healthy-private-lan",
        title: "LiveKit in a private network",
        story: "Nothing is broken: LiveKit tells private addresses alone, and one of them answers, as within an office.",
        kind: Kind::Healthy,
        livekit: stand_in(&["--candidates", "private-too"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-healthy-devices",
        title: "Microphone and camera",
        story: "Nothing is broken: there is a microphone and a camera, and the page may use them.",
        kind: Kind::Healthy,
        variant: BrowserVariant::FakeDevices,
        ..WITH_TURN
    },
    Scenario {
        name: "v-healthy-webtransport",
        title: "WebTransport",
        story: "Nothing is broken: the WebTransport server takes a session.",
        kind: Kind::Healthy,
        variant: BrowserVariant::TrustsKey,
        config: webtransport!("{webtransport}/"),
        ..CALLS
    },
    Scenario {
        name: "v-frame-with-allow",
        title: "In a frame that may hear",
        story: "Nothing is broken: the page is in another site's frame, which hands the microphone and the camera on.",
        kind: Kind::Healthy,
        variant: BrowserVariant::FakeDevices,
        edge: Edge::Tls,
        host: "chat.test",
        framed_by: FramedBy::OtherSiteWithDevices,
        ..WITH_TURN
    },
    Scenario {
        name: "v-udp-blocked",
        title: "No UDP",
        story: "Datagrams to the relay vanish, as behind a firewall; the same relay answers by TCP.",
        turn: Some(Turn { udp: Udp::Vanishes, ..Turn::PLAIN }),
        config: r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:{turn}"},{"urls":["turn:{turn}?transport=udp","turn:{turn}?transport=tcp"],"username":"{turn-user}","credential":"{turn-password}"}]}"#,
        ..CALLS
    },
    Scenario {
        name: "v-udp-blocked-no-tcp",
        title: "No UDP, and nothing else",
        story: "Datagrams to the relay vanish, and the chat asks for nothing but UDP.",
        config: r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:{blackhole}"},{"urls":"turn:{blackhole}?transport=udp","username":"lab-caller","credential":"lab-relay-word"}]}"#,
        ..CALLS
    },
    Scenario {
        name: "v-stun-silent",
        title: "No address is told",
        story: "The chat has a STUN server and no relay, and datagrams to it vanish.",
        config: r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:{blackhole}"}]}"#,
        ..CALLS
    },
    Scenario {
        name: "v-turn-refused",
        title: "No relay there",
        story: "Nobody listens at the relay's port, neither by UDP nor by TCP.",
        config: relay!("lab-caller", "lab-relay-word" => "turn:{closed}?transport=udp", "turn:{closed}?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-turn-silent",
        title: "A relay that never answers",
        story: "The relay takes connections and datagrams, and never answers.",
        config: relay!("lab-caller", "lab-relay-word" => "turn:{silent}?transport=udp", "turn:{silent}?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-turn-blackhole",
        title: "A firewall before the relay",
        story: "What is sent to the relay vanishes, by UDP and by TCP.",
        config: relay!("lab-caller", "lab-relay-word" => "turn:{blackhole}?transport=udp", "turn:{blackhole}?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-turn-wrong-password",
        title: "A password that is wrong",
        story: "The relay does not know the password that the chat has.",
        config: relay!("{turn-user}", "lab-wrong-word" => "turn:{turn}?transport=udp", "turn:{turn}?transport=tcp"),
        ..WITH_TURN
    },
    Scenario {
        name: "v-turn-expired-credentials",
        title: "A password that has ended",
        story: "The relay's password held until an hour ago.",
        turn: Some(Turn { credentials: Credentials::UntilBefore, ..Turn::PLAIN }),
        ..WITH_TURN
    },
    Scenario {
        name: "v-turn-no-credentials",
        title: "No password told",
        story: "The chat names a relay and no password for it.",
        config: r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":["turn:{turn}?transport=udp","turn:{turn}?transport=tcp"]}]}"#,
        ..WITH_TURN
    },
    Scenario {
        name: "v-turn-quota",
        title: "One call at a time",
        story: "The relay carries one call at a time for each password.",
        turn: Some(Turn { quota: 1, ..Turn::PLAIN }),
        ..WITH_TURN
    },
    Scenario {
        name: "v-turn-name-unknown",
        title: "A relay of no known name",
        story: "The name of the relay is nobody's.",
        config: relay!("lab-caller", "lab-relay-word" => "turn:calls.invalid:3478?transport=udp", "turn:calls.invalid:3478?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-turns-self-signed",
        title: "The relay's certificate",
        story: "The relay has TLS alone, and nobody vouches for its certificate.",
        turn: Some(WITH_TLS),
        config: TLS_ALONE,
        ..CALLS
    },
    Scenario {
        name: "v-turns-expired",
        title: "The relay's certificate has ended",
        story: "The relay has TLS alone, and its certificate held until yesterday.",
        turn: Some(Turn { tls: Some(Flaw::Expired), ..Turn::PLAIN }),
        config: TLS_ALONE,
        ..CALLS
    },
    Scenario {
        name: "v-turns-other-name",
        title: "The relay's certificate is another's",
        story: "The relay has TLS alone, and its certificate names somebody else.",
        turn: Some(Turn { tls: Some(Flaw::OtherName), ..Turn::PLAIN }),
        config: TLS_ALONE,
        ..CALLS
    },
    Scenario {
        name: "v-turns-refused",
        title: "No relay by TLS",
        story: "Nobody listens at the relay's port for TLS.",
        config: relay!("lab-caller", "lab-relay-word" => "turns:localhost:{closed-port}?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-turns-silent",
        title: "A relay that never answers by TLS",
        story: "The relay's port for TLS takes connections and never answers.",
        config: relay!("lab-caller", "lab-relay-word" => "turns:localhost:{silent-port}?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-turns-without-tls",
        title: "No TLS at the relay's port",
        story: "The chat asks for TLS at a port where the relay has none.",
        config: relay!("turns:localhost:{turn-port}?transport=tcp"),
        ..WITH_TURN
    },
    Scenario {
        name: "v-turns-bad-but-udp-works",
        title: "The relay's certificate, and UDP that works",
        story: "The relay answers by UDP and by TCP, and nobody vouches for the certificate of its TLS.",
        turn: Some(WITH_TLS),
        config: relay!("turn:{turn}?transport=udp", "turn:{turn}?transport=tcp", "turns:localhost:{turns-port}?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-turns-by-address",
        title: "A relay by numbers",
        story: "The relay by TLS is named by its address in numbers, which Firefox never asks, and it works.",
        turn: Some(WITH_TLS),
        trusts_all: true,
        config: relay!("turns:{turns}?transport=tcp"),
        ..CALLS
    },
    Scenario {
        name: "v-relay-loses",
        title: "A line that loses much",
        story: "One of five datagrams to the relay is lost.",
        turn: Some(Turn { line: Some(Line::LosesPercent(20)), ..Turn::PLAIN }),
        config: THROUGH_LINE,
        ..CALLS
    },
    Scenario {
        name: "v-relay-mute",
        title: "A relay that carries nothing",
        story: "The relay agrees to carry calls, and nothing that it is given arrives.",
        turn: Some(Turn { line: Some(Line::Mute), ..Turn::PLAIN }),
        config: THROUGH_LINE,
        ..CALLS
    },
    Scenario {
        name: "v-relay-narrow",
        title: "A line for short datagrams",
        story: "Datagrams of more than 600 bytes are lost on the way to the relay, so that it is reached and nothing of size passes.",
        turn: Some(Turn { line: Some(Line::UpTo(600)), ..Turn::PLAIN }),
        config: THROUGH_LINE,
        ..CALLS
    },
    Scenario {
        name: "v-relay-forbids-loopback",
        title: "A relay that does not carry to itself",
        story: "The relay carries calls, and refuses to carry them to its own machine, as it should.",
        turn: Some(Turn { loopback_peers: false, ..Turn::PLAIN }),
        kind: Kind::Healthy,
        ..WITH_TURN
    },
    Scenario {
        name: "v-livekit-upgrade-stripped",
        title: "A proxy drops LiveKit's upgrade",
        story: "nginx does not pass the Upgrade header on to LiveKit; its plain answers come.",
        livekit: behind(NginxSite { upgrade: false, ..NGINX }),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-502",
        title: "Bad gateway before LiveKit",
        story: "nginx cannot reach LiveKit.",
        livekit: Some(LiveKit { server: Server::Nothing, nginx: Some(NginxSite { socket: Behind::Closed, rest: Behind::Closed, ..NGINX }), rules: &[] }),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-502-same-origin",
        title: "Bad gateway instead of LiveKit",
        story: "LiveKit is at the chat's own origin, and the gateway cannot reach it.",
        livekit: None,
        config: livekit!("ws://{host}", "{token}"),
        rules: &[When::under("/rtc").then(Action::Respond(BAD_GATEWAY))],
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-down",
        title: "No LiveKit",
        story: "Nobody listens where LiveKit should be.",
        livekit: None,
        config: livekit!("ws://{closed}", "{token}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-silent",
        title: "A LiveKit that never answers",
        story: "What should be LiveKit takes connections and never answers.",
        livekit: None,
        config: livekit!("ws://{silent}", "{token}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-not-ready",
        title: "LiveKit is not ready",
        story: "LiveKit says that it is not ready, as one does that lost its Redis.",
        livekit: stand_in(&["--not-ready"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-hangs",
        title: "LiveKit's socket never opens",
        story: "LiveKit answers plain requests, and the handshake of its WebSocket hangs.",
        livekit: Some(LiveKit { rules: &[When::under("/rtc").handshake().then(Action::Hang)], ..LiveKit::PLAIN }),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-slow",
        title: "LiveKit takes its time",
        story: "Nothing is broken: LiveKit's WebSocket opens after two seconds, as from far away.",
        kind: Kind::Healthy,
        livekit: Some(LiveKit { rules: &[When::under("/rtc").handshake().then(Action::After(SLOW, &Action::Forward))], ..LiveKit::PLAIN }),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-html",
        title: "A page where LiveKit should be",
        story: "A page answers every path where LiveKit should be.",
        livekit: pretending(&[When::any().then(Action::Respond(Answer::html(200, CHAT_PAGE)))]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-old",
        title: "An older LiveKit",
        story: "Nothing is broken: LiveKit is of before its newer path, and lets the page join by the older one.",
        kind: Kind::Healthy,
        livekit: stand_in(&["--no-v1"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-token-expired",
        title: "A token that has ended",
        story: "LiveKit does not let the page join: its token held until an hour ago.",
        config: livekit!("{livekit}", "{token-expired}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-token-expired-old",
        title: "A token that has ended, at an older LiveKit",
        story: "LiveKit of before 2026 does not let the page join, and says the whole token back: it held until an hour ago.",
        livekit: stand_in(&["--no-v1"]),
        config: livekit!("{livekit}", "{token-expired}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-token-early",
        title: "A token of the future",
        story: "LiveKit does not let the page join: its token holds from an hour from now.",
        config: livekit!("{livekit}", "{token-early}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-token-wrong-key",
        title: "A token of another key",
        story: "LiveKit does not let the page join: it does not know the key that the token names.",
        config: livekit!("{livekit}", "{token-unknown-key}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-token-wrong-secret",
        title: "A token of another secret",
        story: "LiveKit does not let the page join: the token is signed with another secret than its key's.",
        config: livekit!("{livekit}", "{token-other-secret}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-token-no-grant",
        title: "A token for nothing",
        story: "LiveKit does not let the page join: the token grants nothing of a call.",
        config: livekit!("{livekit}", "{token-no-grant}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-token-no-join",
        title: "A token that may not join",
        story: "LiveKit does not let the page join: the token names a room, and does not grant to join it.",
        config: livekit!("{livekit}", "{token-no-join}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-no-room",
        title: "A room that does not exist",
        story: "LiveKit makes no rooms by itself, and the token's room does not exist.",
        livekit: stand_in(&["--no-auto-create"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-never-joins",
        title: "LiveKit says nothing",
        story: "LiveKit's WebSocket opens, and not a word comes.",
        livekit: stand_in(&["--join", "never"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-closes",
        title: "LiveKit hangs up",
        story: "LiveKit's WebSocket opens and is closed at once.",
        livekit: stand_in(&["--close-after-open"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-private-candidates",
        title: "LiveKit tells private addresses",
        story: "LiveKit tells the page a private address for its media, as behind NAT without use_external_ip, and nobody answers there.",
        livekit: stand_in(&["--candidates", "private"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-media-unreachable",
        title: "LiveKit's media is out of reach",
        story: "LiveKit lets the page join and tells a public address for its media, where nothing answers.",
        livekit: stand_in(&["--candidates", "public"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-media-silent",
        title: "LiveKit's media never answers",
        story: "LiveKit lets the page join, and its ports for media, which are at this machine's own address, never answer.",
        livekit: stand_in(&["--media", "silent"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-no-candidates",
        title: "LiveKit tells no address",
        story: "LiveKit lets the page join, and never says where its media is.",
        livekit: stand_in(&["--candidates", "none"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-udp-blocked",
        title: "LiveKit's media by TCP alone",
        story: "LiveKit's media never answers by UDP, and does by TCP.",
        livekit: stand_in(&["--udp", "silent"]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-relay-refused",
        title: "LiveKit names a relay that is gone",
        story: "LiveKit lets the page join and its media answers; nobody listens where the relay should be that it names.",
        livekit: stand_in(&[
            "--ice-servers",
            r#"[{"urls":["turn:{closed}?transport=udp","turn:{closed}?transport=tcp"],"username":"lab-caller","credential":"lab-relay-word"}]"#,
        ]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-mixed-content",
        title: "LiveKit without TLS",
        story: "The page is served by https, and the chat asks for LiveKit by ws.",
        variant: BrowserVariant::NamedHosts,
        edge: Edge::Tls,
        config: livekit!("{livekit-by-name}", "{token}"),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-policy",
        title: "A policy without LiveKit",
        story: "The page's Content-Security-Policy allows its own server alone, and LiveKit is another.",
        page_headers: &[("Content-Security-Policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'")],
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-devices-insecure",
        title: "Calls without https",
        story: "The page has a name and no https, so the browser gives it neither microphone nor camera.",
        variant: BrowserVariant::NamedHosts,
        host: "chat.test",
        ..WITH_TURN
    },
    Scenario { name: "v-devices-none", title: "No microphone", story: "The relay works, and the device has neither microphone nor camera.", ..WITH_TURN },
    Scenario {
        name: "v-devices-denied",
        title: "The microphone is forbidden",
        story: "The relay works, and whoever uses the browser forbade it the microphone and the camera.",
        variant: BrowserVariant::DevicesDenied,
        ..WITH_TURN
    },
    Scenario {
        name: "v-devices-dismissed",
        title: "The question about the microphone is closed",
        story: "The relay works; whoever uses the browser closes its question about the microphone and the camera.",
        variant: BrowserVariant::DevicesDismissed,
        ..WITH_TURN
    },
    Scenario {
        name: "v-devices-busy",
        title: "The microphone is in use",
        story: "The relay works, and another program has the microphone.",
        variant: BrowserVariant::MicrophoneBusy,
        ..WITH_TURN
    },
    Scenario {
        name: "v-devices-policy",
        title: "A policy without the microphone",
        story: "The site says by its Permissions-Policy that its pages have neither microphone nor camera.",
        variant: BrowserVariant::FakeDevices,
        page_headers: &[("Permissions-Policy", "microphone=(), camera=()")],
        ..WITH_TURN
    },
    Scenario {
        name: "v-frame-without-allow",
        title: "In a frame that may not hear",
        story: "The page is in another site's frame, which does not hand the microphone and the camera on.",
        variant: BrowserVariant::FakeDevices,
        edge: Edge::Tls,
        host: "chat.test",
        framed_by: FramedBy::OtherSite,
        ..WITH_TURN
    },
    Scenario {
        name: "v-frame-sandboxed",
        title: "In a sandbox that may not hear",
        story: "The page is in a sandboxed frame, where no browser gives the microphone or the camera away.",
        variant: BrowserVariant::FakeDevices,
        framed_by: FramedBy::Sandbox,
        page_headers: &[("Access-Control-Allow-Origin", "*")],
        ..WITH_TURN
    },
    Scenario {
        name: "v-webtransport-closed",
        title: "No WebTransport there",
        story: "Nobody listens where WebTransport should be.",
        config: webtransport!("{closed}/"),
        ..CALLS
    },
    Scenario {
        name: "v-webtransport-silent",
        title: "A firewall before WebTransport",
        story: "What is sent to the WebTransport server vanishes, as where UDP is blocked.",
        config: webtransport!("{blackhole}/"),
        ..CALLS
    },
    Scenario {
        name: "v-webtransport-refused",
        title: "WebTransport takes no session",
        story: "The WebTransport server answers 404.",
        variant: BrowserVariant::TrustsKey,
        config: webtransport!("{webtransport}/refused"),
        ..CALLS
    },
    Scenario {
        name: "v-webtransport-hangs",
        title: "WebTransport never answers",
        story: "The WebTransport server takes the connection and never answers.",
        variant: BrowserVariant::TrustsKey,
        config: webtransport!("{webtransport}/silent"),
        ..CALLS
    },
    Scenario {
        name: "v-webtransport-certificate",
        title: "WebTransport's certificate",
        story: "Nobody vouches for the certificate of the WebTransport server.",
        config: webtransport!("{webtransport}/"),
        ..CALLS
    },
    Scenario {
        name: "v-livekit-garbage",
        title: "Noise where LiveKit should be",
        story: "LiveKit's WebSocket opens, and a million messages of noise come.",
        kind: Kind::Hostile,
        livekit: pretending(&[ANSWERS_OK, VALIDATED, When::under("/rtc").handshake().then(Action::Open(&[Piece::Noise(1_000_000)]))]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-huge",
        title: "A greeting of 100 MB",
        story: "LiveKit's first message has 100 megabytes.",
        kind: Kind::Hostile,
        livekit: pretending(&[ANSWERS_OK, VALIDATED, When::under("/rtc").handshake().then(Action::Open(&[Piece::HugeJoin(100_000_000)]))]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-endless",
        title: "A verdict without end",
        story: "LiveKit's answer about the token never ends.",
        kind: Kind::Hostile,
        livekit: pretending(&[
            ANSWERS_OK,
            When::under("/rtc").plain().then(Action::Respond(Answer { status: 200, headers: READABLE, body: Body::Endless(b"success") })),
            When::under("/rtc").handshake().then(Action::Open(&[Piece::Noise(16)])),
        ]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-script",
        title: "A greeting with scripts in it",
        story: "LiveKit's messages carry scripts, servers and candidates that nobody must believe.",
        kind: Kind::Hostile,
        livekit: pretending(&[
            ANSWERS_OK,
            VALIDATED,
            When::under("/rtc").handshake().then(Action::Open(&[
                Piece::Binary(HOSTILE_JOIN),
                Piece::Binary(HOSTILE_OFFER),
                Piece::Binary(HOSTILE_CANDIDATE),
                Piece::Binary(DEEP_CANDIDATE),
                Piece::Binary(FAREWELL),
            ])),
        ]),
        ..WITH_LIVEKIT
    },
    Scenario {
        name: "v-livekit-json",
        title: "LiveKit in JSON",
        story: "LiveKit's WebSocket speaks JSON, as servers do with clients that ask for it.",
        kind: Kind::Hostile,
        livekit: pretending(&[
            ANSWERS_OK,
            VALIDATED,
            When::under("/rtc").handshake().then(Action::Open(&[Piece::Text(JSON_JOIN), Piece::Text("{"), Piece::Text("[]")])),
        ]),
        ..WITH_LIVEKIT
    },
];
