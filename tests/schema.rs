//! `www/report.schema.json` and what serde writes are one: every kind of fact, happening, outcome and end is written here and
//! validated, and a field that the schema does not know is refused. So are the element's settings and the profile's.

// Its validator is for native builds alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(not(target_arch = "wasm32"))]

#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;

use connection_doctor::evidence::{
    Area, Arrival, Call, CallToken, Capture, Channel, Cookies, Delivery, Device, Devices, EchoSession, End, Environment, Evidence, Exchange, Fact, Found,
    Gathering, Happening, IceError, IceServers, Loopback, Media, Navigation, Outcome, Purpose, Registration, Response, RoundTrips, Rung, SocketEvent,
    SocketLife, SocketPurpose, Storage, Stored, StoredCopy, Stream, StreamEnd, Trial, WebTransport, Workers,
};
use connection_doctor::guidance::{Guidance, Repair};
use connection_doctor::profile::{Layer, Page, Profile, SETTINGS, Source};
use connection_doctor::protocol::grpc_web::Answer;
use connection_doctor::protocol::html::Outline;
use connection_doctor::protocol::ice::{Candidate, Reach};
use connection_doctor::protocol::livekit::Claims;
use connection_doctor::report::{Circumstances, Report};
use connection_doctor::rules::RULES;
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema() -> Value {
    serde_json::from_str(include_str!("../www/report.schema.json")).unwrap()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

fn page() -> Page {
    Page { origin: "https://chat.example".into(), path: "/diagnostics/".into(), embedded: false }
}

fn report(settings: &str, facts: Vec<Fact>) -> Report {
    let layer = Layer { source: Source::Call, json: settings.to_owned() };
    let profile = Profile::parse(&page(), &[layer]).unwrap();
    let mut evidence = Evidence::default();
    for (at, fact) in facts.into_iter().enumerate() {
        evidence.record(u32::try_from(at).unwrap(), fact);
    }
    Report::of(&profile, evidence, Circumstances { started_at: "2026-07-09T12:31:05.000Z".into(), stopped: false, requests: 7 }, harness::english())
}

#[track_caller]
fn assert_valid(report: &Report) -> Value {
    let written = serde_json::to_value(report).unwrap();
    let faults: Vec<String> = validator().iter_errors(&written).map(|e| [e.instance_path().to_string(), e.to_string()].join(": ")).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let read: Report = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(read, *report, "a report read back is the same report");
    written
}

fn exchange(purpose: Purpose, outcome: Outcome) -> Fact {
    Fact::Exchange(Exchange {
        purpose,
        method: "GET".into(),
        url: "https://chat.example/socket.io/?EIO=4".into(),
        path: "/socket.io/".into(),
        eio: 4,
        session: u8::from(purpose == Purpose::LongPoll),
        sent: if purpose == Purpose::LargePost { 900_000 } else { 0 },
        mode: "cors".into(),
        credentials: "include".into(),
        cache: if purpose == Purpose::Shell { "default".into() } else { String::new() },
        cross_origin: false,
        started: 3,
        responded_after: matches!(outcome, Outcome::Response(_)).then_some(12),
        ended_after: 14,
        next_hop_protocol: "h2".into(),
        never_sent: matches!(outcome, Outcome::Rejected { .. }),
        outcome,
    })
}

fn socket(purpose: SocketPurpose, events: Vec<Happening>) -> Fact {
    Fact::Socket(SocketLife {
        purpose,
        url: "wss://chat.example/socket.io/?EIO=4&transport=websocket".into(),
        path: "/socket.io/".into(),
        eio: 4,
        cross_origin: false,
        session: u8::from(purpose == SocketPurpose::Upgrade),
        started: 3,
        events: events.into_iter().map(|what| SocketEvent { after: 20, what }).collect(),
        frames: 1,
        received: 97,
        last_frame: if purpose == SocketPurpose::Busy { 34_000 } else { 0 },
    })
}

fn rejected() -> Outcome {
    Outcome::Rejected { name: "TypeError".into(), message: "Failed to fetch".into() }
}

/// Every kind of fact, and of what a fact holds. The matches are exhaustive: a kind that is added has to be added here.
fn every_fact() -> Vec<Fact> {
    let html = Outline {
        title: "Sign in".into(),
        password_field: true,
        hands_on: true,
        scripts: 2,
        root_path: Some("/chat".into()),
        application: Some("chainlit".into()),
        script_sources: vec!["/app.js".into()],
        modules: 1,
        imports: vec!["/_app/start.js".into()],
        base: Some("/chat/".into()),
        assets: "85944171f73967e8".into(),
        policies: vec!["connect-src 'self'".into()],
        transports: vec!["websocket".into()],
    };
    let full =
        Response { status: 200, headers: vec![("server".into(), "nginx".into())], html: Some(html.clone()), clock_offset: Some(-3_600), ..Response::default() };
    let stored = |expires_in| Stored { name: "token".into(), size: 180, token: true, expires_in, made_for: None };
    let mut facts = vec![
        Fact::Environment(Environment { missing: vec!["WebSocket".into()], foreign_frame: true, ..Environment::default() }),
        Fact::Cookies(Cookies::default()),
        Fact::Cookies(Cookies {
            trials: vec![Trial { kind: "lax".into(), kept: true }],
            threw: Some("SecurityError".into()),
            count: 1,
            size: 180,
            largest: vec![stored(None)],
            storage_access: Some(false),
        }),
        Fact::Storage(Storage::default()),
        Fact::Storage(Storage {
            areas: vec![Area { name: "local-storage".into(), how: "works".into() }],
            usage: Some(12),
            quota: Some(9_000),
            in_caches: Some(3),
            keys: vec![stored(Some(-5)), Stored::default()],
        }),
        Fact::Workers(Workers::default()),
        Fact::Workers(Workers {
            registrations: vec![Registration { scope: "/".into(), script: "/sw.js".into(), controls: true, waiting: true, installing: true }],
            caches: vec![StoredCopy { name: "chat-1".into(), holds_page: true, assets: "af63dc4c8601ec8c".into() }],
            threw: Some("SecurityError".into()),
        }),
        Fact::Navigation(Navigation::default()),
        Fact::Navigation(Navigation { path: "/".into(), ended_after: 20, controlled: Some(false), html: Some(html) }),
        Fact::Permission { name: "local-network".into(), state: "prompt".into() },
        Fact::EventSource { url: "https://api.example/socket.io/".into(), ready_state: 2, after: 5 },
        Fact::Stream(Stream::default()),
        Fact::RoundTrips(RoundTrips::default()),
        Fact::RoundTrips(RoundTrips { path: "/".into(), of: "socket".into(), in_worker: true, resolution: 100, samples: vec![900], lost: 1, started: 9 }),
        Fact::Delivery(Delivery::default()),
        Fact::Delivery(Delivery {
            path: "/".into(),
            started: 9,
            sessions: vec![EchoSession { state: "ready".into(), instance: 2, heard_after: Some(4) }, EchoSession::default()],
            waited: 3_000,
        }),
        Fact::Rung(Rung::default()),
        Fact::Rung(Rung { path: "/".into(), sockets: 8, opened: vec![12], status: 400, ..Rung::default() }),
        Fact::Pause { milliseconds: 5_000 },
        Fact::Visibility { hidden: true },
        Fact::Connectivity { online: false },
        Fact::PolicyViolation { directive: "connect-src".into(), blocked: "wss://chat.example".into(), enforced: true },
        exchange(Purpose::OwnFile, Outcome::Response(Response::default())),
        exchange(Purpose::OwnFile, Outcome::Response(full)),
        exchange(Purpose::OwnFile, Outcome::TimedOut { responded: true }),
    ];
    facts.extend(every_fact_of_calls());
    facts.extend(every_stream_end().map(|end| {
        let arrivals = vec![Arrival { after: 9, bytes: 90, events: 1, sent: Some((0, 4)) }, Arrival::default()];
        let (status, headers) = (200, vec![("content-type".into(), "text/event-stream".into())]);
        Fact::Stream(Stream {
            cross_origin: true,
            responded_after: Some(4),
            status,
            headers,
            arrivals,
            end,
            led_to: "https://chat.example/login".into(),
            ours: true,
            ..Stream::default()
        })
    }));
    facts.extend(
        [Answer::default(), Answer { grpc_status: Some(14), message: "away".into(), serving: Some(2), malformed: true }]
            .map(|answer| exchange(Purpose::Grpc, Outcome::Response(Response { status: 200, grpc: Some(answer), ..Response::default() }))),
    );
    facts.extend(every_purpose().map(|purpose| exchange(purpose, rejected())));
    facts.extend(every_socket_purpose().map(|purpose| socket(purpose, every_happening())));
    facts.extend(every_end().map(|end| Fact::StepEnded { step: "hello-1".into(), end }));
    for fact in &facts {
        match fact {
            Fact::Environment(_) | Fact::Exchange(_) | Fact::Socket(_) | Fact::Visibility { .. } => {}
            Fact::Connectivity { .. } | Fact::PolicyViolation { .. } | Fact::StepEnded { .. } => {}
            Fact::Cookies(_) | Fact::Storage(_) | Fact::Workers(_) | Fact::Navigation(_) | Fact::Permission { .. } | Fact::EventSource { .. } => {}
            Fact::Stream(_) | Fact::RoundTrips(_) | Fact::Delivery(_) | Fact::Rung(_) | Fact::Pause { .. } => {}
            Fact::IceServers(_) | Fact::Gathering(_) | Fact::Loopback(_) | Fact::Call(_) | Fact::CallToken(_) => {}
            Fact::Devices(_) | Fact::Capture(_) | Fact::WebTransport(_) | Fact::ClientError { .. } => {}
        }
    }
    facts
}

fn every_fact_of_calls() -> Vec<Fact> {
    let threw = || Some(("NotAllowedError".to_owned(), "Permission denied".to_owned()));
    let reaches = std::iter::successors(Some(Reach::Name), |reach| {
        Some(match reach {
            Reach::Name => Reach::Loopback,
            Reach::Loopback => Reach::Private,
            Reach::Private => Reach::Public,
            Reach::Public => return None,
        })
    });
    let candidate = |reach| Candidate { kind: "relay".into(), protocol: "udp".into(), relay_protocol: "tls".into(), reach, family: 4 };
    let pair: Vec<Candidate> = reaches.map(candidate).chain([Candidate::default()]).collect();
    let found = pair.iter().map(|candidate| Found { after: 4, candidate: candidate.clone() }).collect();
    let channel =
        Channel { name: "lossy".into(), opened_after: Some(9), sent: 9, returned: 8, whole: true, out_of_order: 1, median: 900, longest: 9_000, throughput: 4 };
    let media = Media { ended_after: 9, connected_after: Some(9), state: "connected".into(), pair: pair.clone(), threw: threw() };
    let claims = Claims { expires: Some(2), not_before: Some(-1), joins: true, names_room: true, forbids: vec!["canPublish".into()] };
    let device = Device { state: "prompt".into(), allowed: Some(false), count: 2 };
    vec![
        Fact::IceServers(IceServers::default()),
        Fact::IceServers(IceServers { from: "livekit".into(), urls: vec!["turn:turn.example".into()], expires_in: Some(-5) }),
        Fact::Gathering(Gathering::default()),
        Fact::Gathering(Gathering {
            server: Some(1),
            url: "turns:turn.example".into(),
            started: 3,
            ended_after: 90,
            began: true,
            complete: true,
            control: true,
            candidates: found,
            errors: vec![IceError { after: 5, code: 701, text: "Failed to establish connection".into(), family: 6 }, IceError::default()],
            threw: threw(),
        }),
        Fact::Loopback(Loopback::default()),
        Fact::Loopback(Loopback {
            server: Some(0),
            url: "turn:turn.example".into(),
            started: 3,
            ended_after: 900,
            connected_after: Some(90),
            state: "connected".into(),
            pair: pair.clone(),
            channels: vec![channel, Channel::default()],
            threw: threw(),
        }),
        Fact::Call(Call::default()),
        Fact::Call(Call {
            path: "/rtc".into(),
            started: 3,
            server: Reach::Private,
            joined_after: Some(20),
            version: "1.9.12".into(),
            candidates: pair,
            shown_out: Some(2),
            garbled: true,
            media: Some(media),
        }),
        Fact::Call(Call { media: Some(Media::default()), ..Call::default() }),
        Fact::CallToken(CallToken::default()),
        Fact::CallToken(CallToken { claims: Some(claims), now: 1_795_262_400 }),
        Fact::CallToken(CallToken { claims: Some(Claims::default()), now: -1 }),
        Fact::Devices(Devices::default()),
        Fact::Devices(Devices { api: true, webrtc: true, microphone: device.clone(), camera: device }),
        Fact::Capture(Capture::default()),
        Fact::Capture(Capture {
            device: "microphone".into(),
            started: 3,
            ended_after: 90,
            opened_after: Some(20),
            threw: threw(),
            state: "granted".into(),
            muted: true,
            listened: true,
            loudest: Some(23),
            width: 640,
            height: 480,
        }),
        Fact::ClientError { before: 1_200, message: "xhr poll error".into() },
        Fact::WebTransport(WebTransport::default()),
        Fact::WebTransport(WebTransport { url: "https://chat.example:4433/".into(), started: 3, ended_after: 9, how: "rejected".into(), message: "no".into() }),
    ]
}

fn every_stream_end() -> impl Iterator<Item = StreamEnd> {
    let error = || ("TypeError".to_owned(), "network error".to_owned());
    std::iter::successors(Some(StreamEnd::Silent), move |end| {
        let (name, message) = error();
        Some(match end {
            StreamEnd::Silent => StreamEnd::Left,
            StreamEnd::Left => StreamEnd::Whole { told: true },
            StreamEnd::Whole { .. } => StreamEnd::Broken { name, message },
            StreamEnd::Broken { .. } => StreamEnd::Rejected { name, message },
            StreamEnd::Rejected { .. } => return None,
        })
    })
}

fn every_purpose() -> impl Iterator<Item = Purpose> {
    std::iter::successors(Some(Purpose::OwnFile), |purpose| {
        Some(match purpose {
            Purpose::OwnFile => Purpose::Gate,
            Purpose::Gate => Purpose::ChatPage,
            Purpose::ChatPage => Purpose::HomePage,
            Purpose::HomePage => Purpose::Server,
            Purpose::Server => Purpose::ServerNoCors,
            Purpose::ServerNoCors => Purpose::Health,
            Purpose::Health => Purpose::User,
            Purpose::User => Purpose::Application,
            Purpose::Application => Purpose::Handshake,
            Purpose::Handshake => Purpose::FollowUp,
            Purpose::FollowUp => Purpose::CloseSession,
            Purpose::CloseSession => Purpose::OriginProbe,
            Purpose::OriginProbe => Purpose::Companion,
            Purpose::Companion => Purpose::RedirectControl,
            Purpose::RedirectControl => Purpose::Repeat,
            Purpose::Repeat => Purpose::ShellKept,
            Purpose::ShellKept => Purpose::Shell,
            Purpose::Shell => Purpose::ShellNow,
            Purpose::ShellNow => Purpose::ShellPastWorker,
            Purpose::ShellPastWorker => Purpose::Script,
            Purpose::Script => Purpose::ScriptKept,
            Purpose::ScriptKept => Purpose::ScriptNow,
            Purpose::ScriptNow => Purpose::OpenScript,
            Purpose::OpenScript => Purpose::ClientScript,
            Purpose::ClientScript => Purpose::Version,
            Purpose::Version => Purpose::UserWithout,
            Purpose::UserWithout => Purpose::Upgraded,
            Purpose::Upgraded => Purpose::Credentialed,
            Purpose::Credentialed => Purpose::Preflighted,
            Purpose::Preflighted => Purpose::ServerKept,
            Purpose::ServerKept => Purpose::Worded,
            Purpose::Worded => Purpose::WordedEncoded,
            Purpose::WordedEncoded => Purpose::Help,
            Purpose::Help => Purpose::HelpAgain,
            Purpose::HelpAgain => Purpose::LongPoll,
            Purpose::LongPoll => Purpose::Poll,
            Purpose::Poll => Purpose::LargePost,
            Purpose::LargePost => Purpose::Grpc,
            Purpose::Grpc => Purpose::CallServer,
            Purpose::CallServer => Purpose::CallServerNoCors,
            Purpose::CallServerNoCors => Purpose::CallValidate,
            Purpose::CallValidate => Purpose::CallToken,
            Purpose::CallToken => Purpose::CallVersion,
            Purpose::CallVersion => Purpose::RelayTls,
            Purpose::RelayTls => return None,
        })
    })
}

fn every_socket_purpose() -> impl Iterator<Item = SocketPurpose> {
    std::iter::successors(Some(SocketPurpose::Hello), |purpose| {
        Some(match purpose {
            SocketPurpose::Hello => SocketPurpose::HelloAgain,
            SocketPurpose::HelloAgain => SocketPurpose::Upgrade,
            SocketPurpose::Upgrade => SocketPurpose::Heartbeat,
            SocketPurpose::Heartbeat => SocketPurpose::Connect,
            SocketPurpose::Connect => SocketPurpose::Raw,
            SocketPurpose::Raw => SocketPurpose::RawQuiet,
            SocketPurpose::RawQuiet => SocketPurpose::Busy,
            SocketPurpose::Busy => SocketPurpose::Again,
            SocketPurpose::Again => SocketPurpose::Large,
            SocketPurpose::Large => SocketPurpose::Call,
            SocketPurpose::Call => SocketPurpose::CallV1,
            SocketPurpose::CallV1 => SocketPurpose::RelayTls,
            SocketPurpose::RelayTls => return None,
        })
    })
}

fn every_happening() -> Vec<Happening> {
    std::iter::successors(Some(Happening::Open { protocol: String::new(), extensions: "permessage-deflate".into() }), |happening| {
        Some(match happening {
            Happening::Open { .. } => Happening::Frame { text: "0{}".into(), length: 3, binary: false },
            Happening::Frame { .. } => Happening::Sent { text: "2probe".into(), length: 0 },
            Happening::Sent { length: 0, .. } => Happening::Sent { text: "40/".into(), length: 900_000 },
            Happening::Sent { .. } => Happening::Error,
            Happening::Error => Happening::Close { code: 1006, reason: String::new(), clean: false },
            Happening::Close { .. } => Happening::Threw { name: "SecurityError".into(), message: "insecure".into() },
            Happening::Threw { .. } => Happening::Deadline { waiting_for: "open".into() },
            Happening::Deadline { .. } => Happening::ClosedByProbe,
            Happening::ClosedByProbe => Happening::Flood,
            Happening::Flood => return None,
        })
    })
    .collect()
}

fn every_end() -> impl Iterator<Item = End> {
    std::iter::successors(Some(End::Completed), |end| {
        Some(match end {
            End::Completed => End::TimedOut,
            End::TimedOut => End::Skipped { why: "budget".into() },
            End::Skipped { .. } => End::Unsupported { api: "WebSocket".into() },
            End::Unsupported { .. } => End::Threw { name: "Error".into(), message: "odd".into() },
            End::Threw { .. } => return None,
        })
    })
}

#[test]
fn a_report_without_evidence_is_valid() {
    assert_valid(&report("{}", Vec::new()));
}

#[test]
fn every_kind_of_fact_is_valid() {
    let written = assert_valid(&report("{}", every_fact()));
    let kinds: std::collections::BTreeSet<&str> = written["evidence"].as_array().unwrap().iter().filter_map(|o| o["fact"]["kind"].as_str()).collect();
    assert_eq!(kinds.len(), 27, "{kinds:?}");
}

#[test]
fn every_setting_is_valid() {
    for application in ["auto", "chainlit", "open-webui", "semaphore", "livekit", "socketio", "raw"] {
        let settings = json!({
            "profile": application, "server": "https://api.example", "socket-path": "/ws/", "socket-query": "tenant=a&v=2", "health-path": "/health", "namespace": "/chat",
            "chat-page": "/chat/", "ws-url": "wss://api.example/ws", "ws-protocols": "graphql-transport-ws, mqtt", "stream-url": "/stream", "echo-event": "connection-doctor", "affinity-cookie": "SERVERID", "grpc-url": "/", "ladder": true, "livekit-url": "wss://lk.example",
            "user-path": "/me", "help-path": "/help", "credentials": "include", "request-headers": "authorization", "response-headers": ["x-request-id"],
            "storage-keys": "token, draft", "livekit-token": "secret", "ice-servers": [{"urls": "stun:stun.example"}],
            "webtransport-url": "https://chat.example:4433/", "devices": "microphone, camera", "depth": "watch", "autorun": true, "lang": "en",
            "only": ["browser", "http", "polling", "websocket", "upgrade", "heartbeat", "connect", "raw", "health", "application", "sessions",
                "delivery", "stream", "quality", "grpc", "calls"],
        });
        assert_valid(&report(&settings.to_string(), Vec::new()));
    }
}

#[test]
fn a_report_of_an_embedded_copy_is_valid() {
    let mut report = report("{}", Vec::new());
    report.profile.embedded = true;
    assert_valid(&report);
}

fn every_repair() -> impl Iterator<Item = Repair> {
    let names = || vec!["a".to_owned()];
    std::iter::successors(Some(Repair::UnregisterWorker { caches: names() }), move |repair| {
        Some(match repair {
            Repair::UnregisterWorker { .. } => Repair::ReloadEntries { paths: names() },
            Repair::ReloadEntries { .. } => Repair::DropCaches { caches: names() },
            Repair::DropCaches { .. } => Repair::DropCookies { names: names() },
            Repair::DropCookies { .. } => Repair::DropKeys { keys: names() },
            Repair::DropKeys { .. } => Repair::ClearSiteData { path: "/help".to_owned() },
            Repair::ClearSiteData { .. } => return None,
        })
    })
}

#[test]
fn every_guidance_is_valid() {
    let mut report = report("{}", Vec::new());
    let text = Guidance::operator("NET001", "Text.").step("Step.").step_with("Code:", "x").recheck("Look.").limits("Not all.");
    report.guidance.push(text.decide("One replica?", Some("No."), "Then more.").in_words(harness::english()));
    for repair in every_repair() {
        let mut text = Guidance::person("CACHE001", "Text.").mend("Remove it", "It goes.", repair);
        text.elsewhere = vec!["Firefox: press the lock.".into()];
        report.guidance.push(text.in_words(harness::english()));
    }
    let written = assert_valid(&report);
    for path in ["/guidance/1/mend", "/guidance/1/mend/repair", "/guidance/1", "/guidance/0/decisions/0"] {
        let mut changed = written.clone();
        changed.pointer_mut(path).unwrap().as_object_mut().unwrap().insert("unheard-of".into(), json!(1));
        assert!(!validator().is_valid(&changed), "{path}");
    }
    let mut silent = written;
    *silent.pointer_mut("/guidance/1/mend/removes").unwrap() = json!("");
    assert!(!validator().is_valid(&silent), "a button that does not say what it removes");
}

#[test]
fn an_offline_report_with_findings_is_valid() {
    let facts = vec![Fact::Connectivity { online: false }, exchange(Purpose::OwnFile, rejected()), exchange(Purpose::Handshake, rejected())];
    let report = report("{}", facts);
    let written = assert_valid(&report);
    assert_eq!(written["causes"][0]["code"], "NET001");
}

#[test]
fn every_code_and_name_has_the_form_that_the_schema_asks_for() {
    let schema = schema();
    let form = |field: &str| jsonschema::draft202012::new(&schema["$defs"]["finding"]["properties"][field]).unwrap();
    let (code, name) = (form("code"), form("name"));
    for rule in RULES {
        assert!(code.is_valid(&json!(rule.code)), "{}", rule.code);
        assert!(name.is_valid(&json!(rule.name)), "{}", rule.name);
    }
}

/// The paths of all objects within.
fn objects(value: &Value, path: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            all.push(path.to_owned());
            members.iter().for_each(|(name, value)| objects(value, &[path, "/", name].concat(), all));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| objects(value, &[path, "/", &i.to_string()].concat(), all)),
        _ => {}
    }
}

#[test]
fn what_the_schema_does_not_know_is_refused() {
    let report = report("{}", every_fact());
    let whole = serde_json::to_value(&report).unwrap();
    let mut paths: Vec<String> = ["", "/profile", "/product", "/evidence/0"].map(str::to_owned).to_vec();
    // Of the many exchanges and sockets that differ in their purpose alone, a few stand for all.
    let mut seen = std::collections::BTreeMap::new();
    for (i, observation) in whole["evidence"].as_array().unwrap().iter().enumerate() {
        let count = seen.entry(observation["fact"]["kind"].to_string()).or_insert(0);
        *count += 1;
        if *count <= 5 {
            objects(&observation["fact"], &["/evidence/", &i.to_string(), "/fact"].concat(), &mut paths);
        }
    }
    let validator = validator();
    for path in paths {
        let mut changed = whole.clone();
        changed.pointer_mut(&path).unwrap().as_object_mut().unwrap().insert("unheard-of".into(), json!(1));
        assert!(!validator.is_valid(&changed), "{path}");
    }
}

#[test]
fn the_element_reads_the_settings_of_the_profile() {
    let element = include_str!("../www/connection-doctor.js");
    let list = element.split_once("const SETTINGS = [").unwrap().1.split_once(']').unwrap().0;
    let read: Vec<&str> = list.split(',').map(|name| name.trim().trim_matches('\'')).collect();
    // `config` says where the file is: the element's own.
    let known: Vec<&str> = SETTINGS.iter().copied().filter(|name| *name != "config").collect();
    assert_eq!(read, known);
}

/// Every report that a real browser gave in the end-to-end tests.
#[test]
fn every_recorded_report_is_valid() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence");
    let validator = validator();
    let mut read = 0;
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "json")) {
        let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&report).map(|e| format!("{e} at {}", e.instance_path())).take(3).collect();
        assert!(wrong.is_empty(), "{}: {}", path.display(), wrong.join("; "));
        read += 1;
    }
    assert!(read >= 50, "the recordings are gone: {read}");
}
