//! Evidence at random, in the words of the facts: whatever a world says, nothing panics, no cause is lost, and a report
//! read back is the same.

use connection_doctor::diagnose::Verdict;
use connection_doctor::evidence::{
    Arrival, Call, CallToken, Capture, Channel, Cookies, Delivery, Device, Devices, EchoSession, End, Environment, Evidence, Exchange, Fact, Found, Gathering,
    Happening, IceError, IceServers, Loopback, Media, Navigation, Outcome, Purpose, Registration, Response, RoundTrips, Rung, SocketEvent, SocketLife,
    SocketPurpose, Storage, Stored, StoredCopy, Stream, StreamEnd, Trial, WebTransport, Workers,
};
use connection_doctor::plan::{self, Progress};
use connection_doctor::profile::Profile;
use connection_doctor::protocol::ice::{Candidate, Reach};
use connection_doctor::protocol::livekit::Claims;
use connection_doctor::protocol::{client_options, grpc_web, html};
use connection_doctor::report::{Circumstances, Report};
use connection_doctor::rules::{self, RULES, Severity};
use connection_doctor::survey::Survey;

use crate::harness::{
    BLOCK_PAGE, CHAINLIT_PAGE, CHAINLIT_PAGE_PREFIXED, CHAT_PAGE, CHROME, Dice, ELSEWHERE, FIREFOX, LOGIN_PAGE, NGINX_502, ORIGIN, area, english, frame, grave,
    open_packet, opened, profile, sent,
};

const PROFILES: &[&str] = &[
    "{}",
    r#"{"socket-path":"/socket.io/"}"#,
    r#"{"socket-path":"/socket.io/","depth":"full","health-path":"/health"}"#,
    r#"{"profile":"chainlit"}"#,
    r#"{"profile":"open-webui","depth":"watch"}"#,
    r#"{"profile":"semaphore","namespace":"/chat"}"#,
    r#"{"profile":"raw","ws-url":"wss://chat.example/echo"}"#,
    r#"{"profile":"raw","ws-url":"ws://api.example/echo"}"#,
    r#"{"server":"https://api.example","socket-path":"/socket.io/","namespace":"/"}"#,
    r#"{"server":"http://127.0.0.1:9","profile":"socketio","only":"websocket,upgrade"}"#,
    r#"{"socket-path":"/socket.io/","depth":"full","stream-url":"/stream","grpc-url":"/","echo-event":"connection-doctor","affinity-cookie":"SERVERID"}"#,
    r#"{"profile":"raw","ws-url":"wss://chat.example/echo","ws-protocols":"graphql-transport-ws mqtt","depth":"full"}"#,
    r#"{"profile":"livekit","livekit-url":"wss://rtc.example"}"#,
    r#"{"profile":"livekit","depth":"full"}"#,
    r#"{"socket-path":"/socket.io/","livekit-url":"wss://rtc.example/x","livekit-token":"x","ice-servers":[{"urls":["turn:a","turns:b","stun:c"]}],"webtransport-url":"https://chat.example:4433/"}"#,
    r#"{"socket-path":"/socket.io/","livekit-url":"ws://127.0.0.1:7880","livekit-token":"x","devices":"microphone,camera","depth":"full"}"#,
    r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"stun:c"}],"only":"calls"}"#,
    r#"{"socket-path":"/socket.io/","ws-url":"wss://api.example/x"}"#,
    r#"{"socket-path":"/socket.io/","chat-page":"/","user-path":"/me","help-path":"/help","storage-keys":"token, draft"}"#,
    r#"{"server":"https://api.example","socket-path":"/socket.io/","credentials":"include","request-headers":"authorization","response-headers":"x-request-id"}"#,
];
const PATHS: &[&str] = &[
    "/socket.io/",
    "/ws/socket.io/",
    "/chat/ws/socket.io/",
    "/",
    "/",
    "/echo",
    "/health",
    "/diagnostics/connection-doctor.js",
    "/auth/config",
    "é?x",
    "/app.js",
];
const BODIES: &[&str] = &[
    "",
    "ok",
    "OK",
    "0",
    "0{",
    "6",
    "\"Invalid session None\"",
    "\"Invalid transport\"",
    "\"Invalid websocket upgrade\"",
    "\"https://chat.example is not an accepted origin.\"",
    r#"{"code":0,"message":"Transport unknown"}"#,
    r#"{"code":1,"message":"Session ID unknown"}"#,
    r#"{"code":"2","message":"Bad handshake method"}"#,
    r#"{"code":3,"message":"Bad request"}"#,
    r#"{"code":4,"message":"no"}"#,
    r#"{"code":5,"message":"Unsupported protocol version"}"#,
    r#"{"status":"error","redis":"down"}"#,
    r#"{"status":true}"#,
    r#"{"requireLogin":true}"#,
    r#"{"features":{}}"#,
    "null",
    "é\u{1e}\u{0}",
    r#"{"connection-doctor":1,"cookies":[]}"#,
    r#"{"connection-doctor":1,"cookies":[{"name":"connection-doctor-check","size":1}]}"#,
    r#"{"detail":"Token expired"}"#,
    "success",
    "no permissions to access the room",
    "permissions denied",
    "invalid authorization token",
    "invalid API key: lab",
    "token is expired (exp)",
    "token not valid yet (nbf)",
    "token signature is invalid",
    "requested room does not exist",
    "node has exceeded its configured limit",
    "join_request is required",
    "Not Ready",
    CHAT_PAGE,
    CHAT_PAGE,
    "<!doctype html><script type=module src=/app.js></script><link rel=stylesheet href=/app-2.css>",
    "<!doctype html><meta http-equiv=content-security-policy content=\"connect-src 'none'\"><script src=app.js></script>",
    CHAINLIT_PAGE,
    CHAINLIT_PAGE_PREFIXED,
    LOGIN_PAGE,
    BLOCK_PAGE,
    NGINX_502,
    "\"The client is using an unsupported version of the Socket.IO or Engine.IO protocols\"",
];
const STATUSES: &[u16] = &[0, 200, 200, 200, 200, 204, 302, 400, 400, 401, 401, 403, 404, 405, 406, 407, 410, 413, 426, 429, 500, 502, 503, 504, 522, 999];
const PURPOSES: &[Purpose] = &[
    Purpose::OwnFile,
    Purpose::OwnFile,
    Purpose::ChatPage,
    Purpose::Server,
    Purpose::ServerNoCors,
    Purpose::Health,
    Purpose::User,
    Purpose::Application,
    Purpose::Handshake,
    Purpose::Handshake,
    Purpose::Handshake,
    Purpose::FollowUp,
    Purpose::CloseSession,
    Purpose::OriginProbe,
    Purpose::Companion,
    Purpose::RedirectControl,
    Purpose::Repeat,
    Purpose::Repeat,
    Purpose::Gate,
    Purpose::ShellKept,
    Purpose::Shell,
    Purpose::Shell,
    Purpose::ShellNow,
    Purpose::ShellNow,
    Purpose::ShellPastWorker,
    Purpose::Script,
    Purpose::Script,
    Purpose::ScriptKept,
    Purpose::ScriptNow,
    Purpose::OpenScript,
    Purpose::ClientScript,
    Purpose::Version,
    Purpose::UserWithout,
    Purpose::Upgraded,
    Purpose::HomePage,
    Purpose::Credentialed,
    Purpose::Preflighted,
    Purpose::ServerKept,
    Purpose::Worded,
    Purpose::WordedEncoded,
    Purpose::Help,
    Purpose::HelpAgain,
    Purpose::LongPoll,
    Purpose::Poll,
    Purpose::LargePost,
    Purpose::Grpc,
    Purpose::Grpc,
    Purpose::CallServer,
    Purpose::CallServerNoCors,
    Purpose::CallValidate,
    Purpose::CallValidate,
    Purpose::CallToken,
    Purpose::CallToken,
    Purpose::CallVersion,
    Purpose::RelayTls,
];
const SOCKETS: &[SocketPurpose] = &[
    SocketPurpose::Hello,
    SocketPurpose::HelloAgain,
    SocketPurpose::Upgrade,
    SocketPurpose::Heartbeat,
    SocketPurpose::Connect,
    SocketPurpose::Raw,
    SocketPurpose::RawQuiet,
    SocketPurpose::Busy,
    SocketPurpose::Again,
    SocketPurpose::Large,
    SocketPurpose::Call,
    SocketPurpose::Call,
    SocketPurpose::CallV1,
    SocketPurpose::RelayTls,
];
const CODES: &[u16] = &[0, 1000, 1005, 1006, 1006, 1006, 1008, 1011, 1013, 1015, 3000, 4001, 65_535];
const FRAMES: &[&str] = &[
    "2",
    "3",
    "3probe",
    "44/connection-doctor.none,\"no\"",
    "40",
    "40{\"sid\":\"x\"}",
    "44{\"message\":\"Invalid namespace\"}",
    "44{\"message\":\"RATE_LIMITED\"}",
    "44",
    "",
    "é",
];
const WAITS: &[&str] = &["open", "open packet", "connect answer", "3probe", "heartbeat", "the large message's answer", "join", "the end of the run"];

fn some<'a>(dice: &mut Dice, all: &[&'a str]) -> &'a str {
    all[dice.below(all.len() as u32) as usize]
}

fn body(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => open_packet(some(dice, &["", "\"websocket\""]), dice.one_in(2)),
        1 => format!("97:{}2:40", open_packet("\"websocket\"", true)),
        _ => some(dice, BODIES).to_owned(),
    }
}

fn exchange(dice: &mut Dice) -> Exchange {
    let path = some(dice, PATHS).to_owned();
    let cross = dice.one_in(3);
    let outcome = match dice.below(8) {
        0 => Outcome::Rejected { name: "TypeError".to_owned(), message: "Failed to fetch".to_owned() },
        1 => Outcome::TimedOut { responded: dice.one_in(3) },
        _ => {
            let body = body(dice);
            Outcome::Response(Response {
                response_type: some(dice, &["basic", "basic", "cors", "opaque", "opaqueredirect", ""]).to_owned(),
                status: *dice.pick(STATUSES),
                redirected: dice.one_in(6),
                final_url: format!("{ORIGIN}{}", some(dice, &["/login", "/", "", "/oauth?x=1"])),
                same_origin_as_asked: !dice.one_in(6),
                headers: vec![(
                    some(dice, &["server", "retry-after", "www-authenticate", "via", "content-security-policy", "cache-control", "age", "x-request-id"])
                        .to_owned(),
                    some(dice, &["nginx/1.22", "30", "Basic", "1.1 google", "", "default-src 'none'", "connect-src wss: 'self'", "invalid_token"]).to_owned(),
                )],
                body_bytes: body.len() as u32,
                body_complete: !dice.one_in(5),
                broken_off: dice.one_in(9),
                client: dice
                    .one_in(5)
                    .then(|| client_options::read(some(dice, &["io({path:'/x/',transports:['websocket']})", "io('https://api.example')", ""]))),
                html: html::looks_like_html(&body).then(|| html::outline(&body)),
                digest: some(dice, &["", "a", "b"]).to_owned(),
                excerpt: body,
                grpc: dice.one_in(6).then(|| grpc_web::Answer {
                    grpc_status: *dice.pick(&[None, Some(0), Some(12), Some(14), Some(999)]),
                    message: String::new(),
                    serving: *dice.pick(&[None, Some(0), Some(1), Some(2), Some(9)]),
                    malformed: dice.one_in(4),
                }),
                clock_offset: dice.one_in(2).then(|| *dice.pick(&[0, 1, 3, -70, 3_600, i32::MIN, i32::MAX])),
            })
        }
    };
    let after = dice.below(9_000);
    Exchange {
        purpose: *dice.pick(PURPOSES),
        method: some(dice, &["GET", "GET", "POST"]).to_owned(),
        url: format!("{}{path}?EIO=4&sid=secret", if cross { ELSEWHERE } else { ORIGIN }),
        path,
        eio: *dice.pick(&[0, 3, 4, 4, 4]),
        session: dice.below(12) as u8,
        sent: *dice.pick(&[0, 1, 900_000, u32::MAX]),
        mode: some(dice, &["cors", "cors", "no-cors"]).to_owned(),
        credentials: some(dice, &["omit", "same-origin", "include"]).to_owned(),
        cache: some(dice, &["", "", "default", "only-if-cached"]).to_owned(),
        cross_origin: cross,
        // Whoever edits a report may write any number.
        started: if dice.one_in(40) { u32::MAX } else { dice.below(40_000) },
        responded_after: (!dice.one_in(4)).then_some(after),
        ended_after: if dice.one_in(40) { u32::MAX } else { after + 3 },
        next_hop_protocol: some(dice, &["", "http/1.1", "h2", "h3"]).to_owned(),
        never_sent: dice.one_in(9),
        outcome,
    }
}

fn life(dice: &mut Dice) -> SocketLife {
    let mut events = Vec::new();
    let mut after = 0;
    for _ in 0..dice.below(6) {
        // Time may run backwards in a report that somebody edited.
        after = if dice.one_in(20) { 0 } else { after + dice.below(3_000) };
        events.push(match dice.below(9) {
            0 | 1 => opened(after),
            2 => frame(after, &body(dice)),
            3 => frame(after, some(dice, FRAMES)),
            4 if dice.one_in(2) => crate::harness::sent_large(after, *dice.pick(&[2, 900_000, u32::MAX])),
            4 => sent(after, "2probe"),
            5 => SocketEvent { after, what: Happening::Error },
            6 => SocketEvent {
                after,
                what: Happening::Close { code: *dice.pick(CODES), reason: some(dice, &["", "policy", "<b>"]).to_owned(), clean: dice.one_in(2) },
            },
            7 => SocketEvent { after, what: Happening::Deadline { waiting_for: some(dice, WAITS).to_owned() } },
            _ => SocketEvent {
                after,
                what: match dice.below(3) {
                    0 => Happening::ClosedByProbe,
                    1 => Happening::Flood,
                    _ => Happening::Threw { name: some(dice, &["SecurityError", "SyntaxError", "ReferenceError"]).to_owned(), message: String::new() },
                },
            },
        });
    }
    let path = some(dice, PATHS).to_owned();
    SocketLife {
        purpose: *dice.pick(SOCKETS),
        url: format!("wss://chat.example{path}?EIO=4"),
        path,
        eio: *dice.pick(&[0, 3, 4, 4, 4]),
        cross_origin: dice.one_in(3),
        started: if dice.one_in(40) { u32::MAX } else { dice.below(40_000) },
        frames: events.len() as u32,
        received: 0,
        last_frame: dice.below(9_000),
        session: dice.below(9) as u8,
        events,
    }
}

fn stored(dice: &mut Dice) -> Vec<Stored> {
    let ends = [None, Some(-5), Some(60), Some(i32::MIN)];
    let names = ["token", "draft", "session", "é", "eyJhbGciOiJIUzI1NiJ9xx"];
    let one = |_| Stored {
        name: some(dice, &names).to_owned(),
        size: *dice.pick(&[0, 900, 3_500, 20_000, u32::MAX]),
        token: dice.one_in(2),
        expires_in: *dice.pick(&ends),
        made_for: dice.one_in(2).then_some(3_600),
    };
    (0..2).map(one).collect()
}

fn held(dice: &mut Dice) -> Fact {
    match dice.below(7) {
        0 | 1 => Fact::Cookies(Cookies {
            trials: (0..dice.below(4)).map(|_| Trial { kind: some(dice, &["lax", "none", "partitioned", "new"]).to_owned(), kept: dice.one_in(2) }).collect(),
            threw: dice.one_in(4).then(|| "SecurityError".to_owned()),
            count: dice.below(90),
            size: dice.below(90_000),
            largest: stored(dice),
            storage_access: *dice.pick(&[None, Some(true), Some(false)]),
        }),
        2 => Fact::Storage(Storage {
            areas: (0..dice.below(4))
                .map(|_| area(some(dice, &["local-storage", "indexed-db"]), some(dice, &["works", "missing", "SecurityError", "QuotaExceededError"])))
                .collect(),
            usage: *dice.pick(&[None, Some(0), Some(96), Some(u32::MAX)]),
            quota: *dice.pick(&[None, Some(0), Some(100), Some(u32::MAX)]),
            in_caches: *dice.pick(&[None, Some(0), Some(90), Some(u32::MAX)]),
            keys: stored(dice),
        }),
        3 => Fact::Workers(Workers {
            registrations: (0..dice.below(3))
                .map(|_| Registration {
                    scope: "/".to_owned(),
                    script: "/sw.js".to_owned(),
                    controls: dice.one_in(2),
                    waiting: dice.one_in(3),
                    installing: dice.one_in(4),
                })
                .collect(),
            caches: (0..dice.below(3))
                .map(|_| StoredCopy {
                    name: some(dice, &["chat-1", "other"]).to_owned(),
                    assets: some(dice, &["", "af63dc4c8601ec8c"]).to_owned(),
                    holds_page: dice.one_in(2),
                })
                .collect(),
            threw: dice.one_in(5).then(|| "SecurityError".to_owned()),
        }),
        4 => {
            let page = body(dice);
            let controlled = (!dice.one_in(3)).then(|| dice.one_in(2));
            Fact::Navigation(Navigation {
                path: "/".to_owned(),
                ended_after: dice.below(3_000),
                controlled,
                html: (!dice.one_in(4)).then(|| html::outline(&page)),
            })
        }
        5 => Fact::Permission {
            name: some(dice, &["local-network", "loopback-network"]).to_owned(),
            state: some(dice, &["prompt", "granted", "denied", ""]).to_owned(),
        },
        _ => Fact::EventSource { url: format!("{ELSEWHERE}/socket.io/?sid=secret"), ready_state: *dice.pick(&[0, 1, 2, 2, 9]), after: dice.below(3_000) },
    }
}

/// What many looks at one thing give.
fn often(dice: &mut Dice) -> Fact {
    let path = some(dice, PATHS).to_owned();
    let times = [0, 3, 900, 1_000_000, 6_000_000, u32::MAX];
    match dice.below(5) {
        0 => Fact::Stream(Stream {
            url: format!("{ORIGIN}{path}?sid=secret"),
            path,
            by: some(dice, &["fetch", "fetch", "event-source"]).to_owned(),
            started: dice.below(40_000),
            responded_after: dice.one_in(2).then_some(7),
            status: *dice.pick(&[0, 200, 200, 404, 502]),
            headers: vec![(some(dice, &["content-type", "content-encoding"]).to_owned(), some(dice, &["text/event-stream", "gzip", ""]).to_owned())],
            // Times may run backwards in a report that somebody edited.
            arrivals: (0..dice.below(7))
                .map(|_| Arrival {
                    after: *dice.pick(&[0, 200, 2_000, 9_000, u32::MAX]),
                    bytes: 9,
                    events: *dice.pick(&[0, 1, 9, u32::MAX]),
                    sent: dice.one_in(2).then(|| (*dice.pick(&[0, 200, u32::MAX]), *dice.pick(&[0, 200, 2_000, u32::MAX]))),
                })
                .collect(),
            events: *dice.pick(&[0, 4, 10, u32::MAX]),
            ended_after: *dice.pick(&[0, 2_000, 9_000, u32::MAX]),
            end: match dice.below(5) {
                0 => StreamEnd::Whole { told: dice.one_in(2) },
                1 => StreamEnd::Broken { name: "TypeError".to_owned(), message: "network error".to_owned() },
                2 => StreamEnd::Rejected { name: "TypeError".to_owned(), message: String::new() },
                3 => StreamEnd::Left,
                _ => StreamEnd::Silent,
            },
            ours: dice.one_in(2),
            ..Stream::default()
        }),
        1 => Fact::RoundTrips(RoundTrips {
            path,
            of: some(dice, &["http", "socket", "new"]).to_owned(),
            in_worker: dice.one_in(2),
            resolution: 100,
            samples: (0..dice.below(22)).map(|_| *dice.pick(&times)).collect(),
            lost: dice.below(3),
            started: 9,
        }),
        2 => Fact::Delivery(Delivery {
            path,
            started: 9,
            sessions: (0..dice.below(4))
                .map(|_| EchoSession {
                    state: some(dice, &["ready", "ready", "unanswered", "new"]).to_owned(),
                    instance: dice.below(3) as u8,
                    heard_after: dice.one_in(2).then_some(4),
                })
                .collect(),
            waited: *dice.pick(&[0, 9, 3_000, u32::MAX]),
        }),
        3 => Fact::Rung(Rung {
            path,
            started: 9,
            sockets: *dice.pick(&[0, 1, 2, 8, u32::MAX]),
            opened: (0..dice.below(9)).map(|_| *dice.pick(&times)).collect(),
            refused: *dice.pick(&[0, 0, 1, u32::MAX]),
            silent: *dice.pick(&[0, 0, 1, u32::MAX]),
            dropped: *dice.pick(&[0, 0, 1, u32::MAX]),
            status: *dice.pick(STATUSES),
            answered_after: *dice.pick(&times),
        }),
        _ => Fact::Pause { milliseconds: *dice.pick(&times) },
    }
}

const ICE_URLS: &[&str] =
    &["stun:c", "turn:a", "turn:a?transport=tcp", "turns:b:443?transport=tcp", "turn:127.0.0.1:3478", "turns:[2001:db8::7]", "turn:", "https://x", ""];

fn candidate(dice: &mut Dice) -> Candidate {
    Candidate {
        kind: some(dice, &["host", "srflx", "prflx", "relay", "relay", "new"]).to_owned(),
        protocol: some(dice, &["udp", "udp", "tcp", ""]).to_owned(),
        relay_protocol: some(dice, &["", "udp", "tcp", "tls"]).to_owned(),
        reach: *dice.pick(&[Reach::Name, Reach::Loopback, Reach::Private, Reach::Public]),
        family: *dice.pick(&[0, 4, 6, 255]),
    }
}

fn candidates(dice: &mut Dice, most: u32) -> Vec<Candidate> {
    (0..dice.below(most)).map(|_| candidate(dice)).collect()
}

fn thrown(dice: &mut Dice, chances: u32) -> Option<(String, String)> {
    let names = ["NotAllowedError", "NotFoundError", "NotReadableError", "AbortError", "InvalidAccessError", "SecurityError", "SyntaxError", "new"];
    dice.one_in(chances).then(|| (some(dice, &names).to_owned(), some(dice, &["", "Permission dismissed", "Permission denied by system"]).to_owned()))
}

/// Voice, video, devices.
fn calling(dice: &mut Dice) -> Fact {
    let times = [0, 90, 2_000, 3_900, 12_000, u32::MAX];
    let states = ["new", "checking", "connected", "disconnected", "failed", "closed", ""];
    let server = |dice: &mut Dice| dice.one_in(2).then(|| *dice.pick(&[0, 1, 2, 7, 255]));
    let some_time = |dice: &mut Dice| dice.one_in(2).then(|| *dice.pick(&times));
    match dice.below(12) {
        0 => Fact::IceServers(IceServers {
            from: some(dice, &["settings", "livekit"]).to_owned(),
            urls: (0..dice.below(4)).map(|_| some(dice, ICE_URLS).to_owned()).collect(),
            expires_in: *dice.pick(&[None, Some(-60), Some(3_600), Some(i32::MIN)]),
        }),
        1..=3 => Fact::Gathering(Gathering {
            server: server(dice),
            url: some(dice, ICE_URLS).to_owned(),
            started: *dice.pick(&times),
            ended_after: *dice.pick(&times),
            began: !dice.one_in(4),
            complete: dice.one_in(2),
            control: dice.one_in(5),
            candidates: candidates(dice, 4).into_iter().map(|candidate| Found { after: 9, candidate }).collect(),
            errors: (0..dice.below(3))
                .map(|_| IceError {
                    after: *dice.pick(&times),
                    code: *dice.pick(&[0, 401, 403, 440, 486, 508, 701, 701, 65_535]),
                    text: some(dice, &["", "TURN host lookup received error.", "Unauthorized."]).to_owned(),
                    family: *dice.pick(&[0, 4, 6]),
                })
                .collect(),
            threw: thrown(dice, 8),
        }),
        4 | 5 => Fact::Loopback(Loopback {
            server: server(dice),
            url: some(dice, ICE_URLS).to_owned(),
            started: *dice.pick(&times),
            ended_after: *dice.pick(&times),
            connected_after: some_time(dice),
            state: some(dice, &states).to_owned(),
            pair: candidates(dice, 3),
            channels: (0..dice.below(4))
                .map(|_| Channel {
                    name: some(dice, &["reliable", "lossy", "new"]).to_owned(),
                    opened_after: some_time(dice),
                    sent: *dice.pick(&[0, 50, 60, 60, u32::MAX]),
                    returned: *dice.pick(&[0, 30, 55, 60, u32::MAX]),
                    whole: dice.one_in(2),
                    out_of_order: dice.below(3),
                    median: *dice.pick(&times),
                    longest: *dice.pick(&times),
                    throughput: *dice.pick(&[0, 900]),
                })
                .collect(),
            threw: thrown(dice, 8),
        }),
        6 | 7 => Fact::Call(Call {
            path: some(dice, &["/rtc", "/x/rtc?access_token=sid=secret", ""]).to_owned(),
            started: *dice.pick(&times),
            joined_after: some_time(dice),
            version: some(dice, &["", "1.9.12", "<b>"]).to_owned(),
            candidates: candidates(dice, 4),
            shown_out: *dice.pick(&[None, None, Some(0), Some(2), Some(7), Some(255)]),
            garbled: dice.one_in(6),
            media: dice.one_in(2).then(|| Media {
                ended_after: *dice.pick(&times),
                connected_after: some_time(dice),
                state: some(dice, &states).to_owned(),
                pair: candidates(dice, 4),
                threw: thrown(dice, 8),
            }),
            server: *dice.pick(&[Reach::Name, Reach::Loopback, Reach::Private, Reach::Public]),
        }),
        8 => Fact::CallToken(CallToken {
            claims: dice.one_in(2).then(|| Claims {
                expires: *dice.pick(&[None, Some(0), Some(1_795_262_400), Some(i64::MAX)]),
                not_before: *dice.pick(&[None, Some(1_795_262_400), Some(i64::MIN)]),
                joins: dice.one_in(2),
                names_room: dice.one_in(2),
                forbids: if dice.one_in(3) { vec!["canSubscribe".to_owned()] } else { Vec::new() },
            }),
            now: *dice.pick(&[0, 1_795_262_000, i64::MIN, i64::MAX]),
        }),
        9 => {
            let device = |dice: &mut Dice| Device {
                state: some(dice, &["granted", "denied", "prompt", ""]).to_owned(),
                allowed: *dice.pick(&[None, Some(true), Some(false)]),
                count: dice.below(3),
            };
            Fact::Devices(Devices { api: dice.one_in(2), webrtc: !dice.one_in(4), microphone: device(dice), camera: device(dice) })
        }
        10 => Fact::Capture(Capture {
            device: some(dice, &["microphone", "camera", "new"]).to_owned(),
            started: *dice.pick(&times),
            ended_after: *dice.pick(&times),
            opened_after: some_time(dice),
            threw: thrown(dice, 2),
            state: some(dice, &["granted", "denied", "prompt", ""]).to_owned(),
            muted: dice.one_in(4),
            listened: dice.one_in(2),
            loudest: *dice.pick(&[None, Some(0), Some(90)]),
            width: dice.below(2) * 640,
            height: dice.below(2) * 480,
        }),
        _ => Fact::WebTransport(WebTransport {
            url: "https://chat.example:4433/?sid=secret".to_owned(),
            started: *dice.pick(&times),
            ended_after: *dice.pick(&times),
            how: some(dice, &["ready", "rejected", "silent", "unsupported", ""]).to_owned(),
            message: some(dice, &["", "Opening handshake failed."]).to_owned(),
        }),
    }
}

fn fact(dice: &mut Dice) -> Fact {
    match dice.below(25) {
        21.. => calling(dice),
        18.. => often(dice),
        14.. => held(dice),
        0 => Fact::Environment(Environment {
            secure_context: dice.one_in(2),
            framed: dice.one_in(3),
            foreign_frame: dice.one_in(3),
            opaque_origin: dice.one_in(12),
            service_worker: dice.one_in(3),
            hidden: dice.one_in(3),
            online: !dice.one_in(3),
            scheme: some(dice, &["https:", "http:", ""]).to_owned(),
            next_hop_protocol: some(dice, &["h2", "", "http/1.1"]).to_owned(),
            user_agent: some(dice, &[CHROME, FIREFOX, ""]).to_owned(),
            missing: if dice.one_in(6) { vec!["WebSocket".to_owned()] } else { Vec::new() },
        }),
        1 => match dice.below(4) {
            0 => Fact::Visibility { hidden: dice.one_in(2) },
            1 => Fact::Connectivity { online: dice.one_in(2) },
            2 => Fact::PolicyViolation {
                directive: some(dice, &["connect-src", "connect-src-elem", "img-src"]).to_owned(),
                blocked: some(dice, &["https://api.example/socket.io/", "wss://chat.example/x", "inline", ""]).to_owned(),
                enforced: dice.one_in(2),
            },
            _ => Fact::StepEnded { step: "hello".to_owned(), end: End::TimedOut },
        },
        2..=4 => Fact::Socket(life(dice)),
        _ => Fact::Exchange(exchange(dice)),
    }
}

fn progress(dice: &mut Dice, profile: &Profile, evidence: &Evidence) -> Progress {
    let mut progress = Progress::default();
    for _ in 0..dice.below(4) {
        for step in plan::next(profile, evidence, &progress) {
            assert!(!progress.begun.contains(&step), "{step:?} again");
            progress.begun.push(step.clone());
            if dice.one_in(2) {
                progress.ended.push(step);
            }
        }
    }
    progress
}

#[test]
fn nothing_panics_and_nothing_is_lost_whatever_was_observed() {
    let profiles: Vec<Profile> = PROFILES.iter().map(|json| profile(json)).collect();
    for seed in 0..20_000 {
        let mut dice = Dice::new(seed);
        let profile = dice.pick(&profiles).clone();
        let mut evidence = Evidence::default();
        for _ in 0..dice.below(24) {
            let at = dice.below(45_000);
            let fact = fact(&mut dice);
            evidence.record(at, fact);
        }
        let _ = progress(&mut dice, &profile, &evidence);
        let survey = Survey::of(&profile, &evidence);
        let mut fired = 0;
        for rule in RULES {
            if let rules::Outcome::Fires(finding) = (rule.check)(&survey) {
                fired += usize::from(finding.severity > Severity::Info);
                assert!(finding.cites.as_slice().iter().all(|c| evidence.get(*c).is_some()), "seed {seed}: {} cites what is not there", rule.code);
            }
        }
        let report = Report::of(&profile, evidence, Circumstances::default(), english());
        let causes = grave(&report);
        assert_eq!(fired == 0, causes.is_empty(), "seed {seed}: {fired} findings, and no cause is left of them");
        assert!(causes.is_empty() || matches!(report.verdict, Verdict::Broken | Verdict::Degraded), "seed {seed}");
        let markdown = report.to_markdown(english());
        assert!(!markdown.contains("sid=secret"), "seed {seed}");
        if seed % 20 == 0 {
            let text = serde_json::to_string(&report).unwrap();
            let read: Report = serde_json::from_str(&text).unwrap();
            let opened = connection_doctor::report::read::read(&text).unwrap_or_else(|fault| panic!("seed {seed}: {fault:?}: {text}"));
            assert!(opened.evidence == *read.evidence && opened.profile == read.profile, "seed {seed}: a file is read otherwise than it was written");
            let again = Report::of(&read.profile, read.evidence.clone(), Circumstances::default(), english());
            assert_eq!(serde_json::to_string(&again).unwrap(), text, "seed {seed}");
        }
    }
}
