//! Voice and video in a real browser: STUN and TURN servers, data channels, LiveKit, devices. Each probe alone, the facts that it takes
//! down, and what is left of it.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "the test page has no policy, and what opens peer connections is JavaScript")]

#[allow(dead_code)]
mod lab;

use connection_doctor::evidence::{Call, Capture, Fact, Gathering, Loopback, Purpose, SocketPurpose};
use connection_doctor::plan::{Limits, Step};
use connection_doctor::profile::{Capturable, Depth};
use connection_doctor::protocol::ice::Reach;
use connection_doctor::web::run::Place;
use js_sys::Function;
use lab::bench::Bench;
use lab::opened::Opened;
use lab::{Lab, drop_when, in_time, is_firefox, is_webkit, page_origin, until, with_lab};
use serde_json::{Value, json};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A bench on which nothing may be left open, and no secret stand in what was taken down.
struct Calls {
    bench: Bench,
    opened: Opened,
    secrets: Vec<String>,
}

impl Calls {
    fn new(lab: &Lab, scenario: &str) -> Calls {
        Calls::with(&lab.origin(scenario), lab.configuration(scenario), Some(calls()))
    }

    fn with(server: &str, mut settings: Value, calls: Option<Function>) -> Calls {
        for (name, value) in [("server", json!(server)), ("depth", json!("full"))] {
            settings[name] = value;
        }
        let texts =
            settings["ice-servers"].as_array().into_iter().flatten().flat_map(|s| [&s["username"], &s["credential"]]).chain([&settings["livekit-token"]]);
        let secrets = texts.filter_map(|text| text.as_str().map(str::to_owned)).collect();
        // What does not answer in the lab does not answer sooner or later either.
        let limits = Limits { ice: 3_500, media: 8_000, capture: 1_500, ..Limits::of(Depth::Full) };
        let bench = Bench::new(settings.to_string(), limits, Place { calls, ..Place::default() });
        Calls { bench, opened: Opened::watch(), secrets }
    }

    /// Runs a step, gives what it took down, and looks that nothing is left open.
    async fn run(&self, step: Step) -> Vec<Fact> {
        let facts = self.bench.run(step).await;
        until(|| self.opened.is_nothing_left()).await;
        let text = serde_json::to_string(&facts).unwrap();
        for secret in &self.secrets {
            assert!(!text.contains(secret.as_str()), "{secret} stands in {text}");
        }
        facts
    }

    /// The servers of the settings, and what one of them gives.
    async fn gather(&self, server: u8) -> Gathering {
        if self.bench.context.ice.borrow().is_empty() {
            self.run(Step::IceServers).await;
        }
        let facts = self.run(Step::Gather { server }).await;
        let [Fact::Gathering(gathering)] = &facts[..] else { panic!("{facts:?}") };
        gathering.clone()
    }

    /// The same for a loopback through it, or without any.
    async fn loopback(&self, server: Option<u8>) -> Loopback {
        if self.bench.context.ice.borrow().is_empty() {
            self.run(Step::IceServers).await;
        }
        let facts = self.run(Step::Loopback { server }).await;
        let [Fact::Loopback(loopback)] = &facts[..] else { panic!("{facts:?}") };
        loopback.clone()
    }

    async fn call(&self) -> (Call, Vec<Fact>) {
        let facts = self.run(Step::Call { round: 0 }).await;
        let call = facts.iter().find_map(|fact| if let Fact::Call(call) = fact { Some(call.clone()) } else { None });
        (call.expect("a call"), facts)
    }

    async fn capture(&self, device: Capturable) -> Capture {
        let facts = self.run(Step::Capture { device }).await;
        let [Fact::Capture(capture)] = &facts[..] else { panic!("{facts:?}") };
        capture.clone()
    }
}

/// As `www/connection-doctor.js` does it.
fn calls() -> Function {
    Function::new_with_args(
        "job, signal",
        "return import(new URL('/www/calls.js', location)).then(calls => calls[job.does](job, signal)).then(told => JSON.stringify(told));",
    )
}

fn kinds(gathering: &Gathering) -> Vec<&str> {
    gathering.candidates.iter().map(|found| found.candidate.kind.as_str()).collect()
}

fn codes(gathering: &Gathering) -> Vec<u16> {
    let mut codes: Vec<u16> = gathering.errors.iter().map(|error| error.code).collect();
    codes.dedup();
    codes
}

/// Debian's WebKit is built without peer connections: there, each of these tests holds that nothing is told of what no page can do.
async fn with_peers<T: Future<Output = ()>>(test: impl FnOnce(Lab) -> T) {
    let has_peers = js_sys::Reflect::has(&js_sys::global(), &"RTCPeerConnection".into()).unwrap();
    assert!(has_peers || is_webkit(), "a browser that has peer connections has lost them");
    if has_peers { with_lab(test).await } else { with_lab(without_peers).await }
}

async fn without_peers(lab: Lab) {
    let bench = Calls::new(&lab, "v-healthy-turn-udp");
    let facts = bench.run(Step::Devices).await;
    assert!(matches!(&facts[..], [Fact::Devices(devices)] if !devices.webrtc), "{facts:?}");
    bench.run(Step::IceServers).await;
    let gathered = bench.run(Step::Gather { server: 0 }).await;
    assert!(matches!(&gathered[..], [Fact::Gathering(g)] if g.threw.is_some() && !g.began && g.candidates.is_empty()), "{gathered:?}");
}

#[wasm_bindgen_test]
async fn each_server_gives_what_it_is_asked_for() {
    with_peers(|lab| async move {
        let bench = Calls::new(&lab, "v-healthy-turn");
        let stun = bench.gather(0).await;
        assert!(stun.url.starts_with("stun:") && stun.began && stun.server == Some(0) && codes(&stun).is_empty(), "{stun:?}");
        // A page that may use the microphone knows its own addresses, and one that is the same is no candidate of its own (RFC 8445
        // section 5.1.3).
        let of_kind = |kind| stun.candidates.iter().any(|found| found.candidate.kind == kind && found.candidate.protocol == "udp");
        assert!(of_kind("srflx") || stun.complete && of_kind("host"), "{stun:?}");
        for (server, transport) in [(1, "udp"), (2, "tcp")] {
            let turn = bench.gather(server).await;
            assert_eq!(kinds(&turn), ["relay"], "{turn:?}");
            let relay = &turn.candidates[0].candidate;
            assert!(turn.url.ends_with(transport) && relay.protocol == "udp" && relay.reach == Reach::Loopback, "{turn:?}");
            // Firefox does not tell, and Chromium not for UDP.
            assert!(relay.relay_protocol.is_empty() || relay.relay_protocol == transport, "{turn:?}");
            assert!(turn.candidates[0].after <= turn.ended_after && turn.ended_after < 3_500 && codes(&turn).is_empty(), "{turn:?}");
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_password_that_is_wrong_is_told_as_401() {
    with_peers(|lab| async move {
        let bench = Calls::new(&lab, "v-turn-wrong-password");
        for server in [0, 1] {
            let turn = bench.gather(server).await;
            assert!(turn.candidates.is_empty() && codes(&turn) == [401] && turn.ended_after < 3_500, "{turn:?}");
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_relay_without_a_password_is_refused_by_the_browser() {
    with_peers(|lab| async move {
        let turn = Calls::new(&lab, "v-turn-no-credentials").gather(0).await;
        assert!(matches!(&turn.threw, Some((name, _)) if name == "InvalidAccessError"), "{turn:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_relay_that_says_nothing_is_waited_for() {
    with_peers(|lab| async move {
        let bench = Calls::new(&lab, "v-turn-silent");
        for server in [0, 1] {
            let turn = bench.gather(server).await;
            assert!(turn.began && !turn.complete && turn.candidates.is_empty() && codes(&turn).is_empty(), "{turn:?}");
            assert!((3_400..5_000).contains(&turn.ended_after), "{turn:?}");
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_relay_that_is_not_there_is_told_by_tcp_alone() {
    with_peers(|lab| async move {
        let bench = Calls::new(&lab, "v-turn-refused");
        let (udp, tcp) = (bench.gather(0).await, bench.gather(1).await);
        assert!(codes(&udp).is_empty() && udp.ended_after >= 3_400, "{udp:?}");
        assert!(codes(&tcp) == [701] && tcp.ended_after < 3_000, "{tcp:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_certificate_that_nobody_vouches_for_is_told_by_controls() {
    with_peers(|lab| async move {
        let bench = Calls::new(&lab, "v-turns-self-signed");
        let turns = bench.gather(0).await;
        assert!(codes(&turns) == [701] && turns.candidates.is_empty(), "{turns:?}");
        let facts = bench.run(Step::RelayTls { server: 0 }).await;
        let control = facts.iter().find_map(|fact| if let Fact::Gathering(gathering) = fact { Some(gathering) } else { None }).expect("TURN without TLS");
        assert!(control.control && control.url.starts_with("turn:") && kinds(control) == ["relay"], "{facts:?}");
        assert!(facts.iter().any(|fact| matches!(fact, Fact::Exchange(exchange) if exchange.purpose == Purpose::RelayTls && exchange.rejected())), "{facts:?}");
        let socket = facts.iter().any(|fact| matches!(fact, Fact::Socket(life) if life.purpose == SocketPurpose::RelayTls));
        assert_eq!(socket, is_firefox(), "{facts:?}");
    })
    .await;
}

/// All that was sent came back, but for some that nobody sends again.
fn assert_whole(loopback: &Loopback) {
    let names: Vec<&str> = loopback.channels.iter().map(|channel| channel.name.as_str()).collect();
    assert_eq!(names, ["reliable", "lossy"], "{loopback:?}");
    for channel in &loopback.channels {
        assert!(channel.opened_after.is_some() && channel.sent == 60 && channel.median <= channel.longest, "{loopback:?}");
        assert!(channel.returned == channel.sent || channel.name == "lossy" && channel.returned >= 57, "{loopback:?}");
    }
}

#[wasm_bindgen_test]
async fn two_peers_of_a_page_find_each_other() {
    with_peers(|lab| async move {
        let bench = Calls::new(&lab, "v-healthy-turn-udp");
        let plain = bench.loopback(None).await;
        assert!(plain.connected_after.is_some() && plain.threw.is_none(), "{plain:?}");
        assert_whole(&plain);
        let relayed = bench.loopback(Some(0)).await;
        assert_whole(&relayed);
        assert!(relayed.pair.len() == 2 && relayed.pair[0].kind == "relay" && relayed.pair[0].relay_protocol == "udp", "{relayed:?}");
        assert!(relayed.channels[0].throughput > 0, "{relayed:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_relay_that_carries_nothing_never_connects() {
    with_peers(|lab| async move {
        let mute = Calls::new(&lab, "v-relay-mute").loopback(Some(0)).await;
        assert!(mute.connected_after.is_none() && mute.channels.iter().all(|channel| channel.opened_after.is_none()), "{mute:?}");
        assert!(mute.ended_after >= 7_900, "{mute:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn livekit_lets_in_and_its_media_answer() {
    with_peers(|lab| async move {
        let scenario = "v-healthy-livekit-relay";
        let bench = Calls::new(&lab, scenario);
        for step in [Step::CallServer, Step::CallValidate { with_token: false, as_person: false }, Step::CallValidate { with_token: true, as_person: false }] {
            let facts = bench.run(step).await;
            assert!(facts.iter().any(|fact| matches!(fact, Fact::Exchange(exchange) if exchange.status().is_some())), "{facts:?}");
        }
        let (call, facts) = bench.call().await;
        assert!(call.path == "/rtc" && call.joined_after.is_some() && !call.version.is_empty() && !call.garbled && call.shown_out.is_none(), "{call:?}");
        assert!(!call.candidates.is_empty() && call.candidates.iter().all(|candidate| candidate.kind == "host"), "{call:?}");
        let media = call.media.as_ref().expect("media");
        assert!(media.connected_after.is_some() && media.pair.len() == 2 && media.threw.is_none(), "{call:?}");
        let servers = facts.iter().find_map(|fact| if let Fact::IceServers(servers) = fact { Some(servers) } else { None }).expect("its relay");
        assert!(servers.from == "livekit" && servers.urls.len() == 2, "{servers:?}");
        let socket = facts.iter().find_map(|fact| if let Fact::Socket(life) = fact { Some(life) } else { None }).expect("a WebSocket");
        assert!(socket.purpose == SocketPurpose::Call && socket.url.contains("access_token=[redacted]"), "{socket:?}");
        assert!(!serde_json::to_string(&facts).unwrap().contains("eyJ"), "{facts:?}");
        // With the credentials that LiveKit told, and that stand nowhere.
        assert_eq!(kinds(&bench.gather(0).await), ["relay"]);
        lab.is_left_quiet(scenario).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn media_that_never_answer_are_waited_for() {
    with_peers(|lab| async move {
        let scenario = "v-livekit-media-silent";
        let (call, _) = Calls::new(&lab, scenario).call().await;
        let media = call.media.as_ref().expect("media");
        assert!(call.joined_after.is_some() && media.connected_after.is_none() && media.pair.is_empty(), "{call:?}");
        assert!(media.ended_after >= 4_500, "{call:?}");
        lab.is_left_quiet(scenario).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_livekit_that_says_nothing_is_left() {
    with_lab(|lab| async move {
        for (scenario, joined) in [("v-livekit-never-joins", false), ("v-livekit-closes", false), ("v-livekit-token-expired", false)] {
            let (call, facts) = Calls::new(&lab, scenario).call().await;
            assert!(call.joined_after.is_some() == joined && call.media.is_none(), "{scenario}: {facts:?}");
            lab.is_left_quiet(scenario).await;
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_no_message_of_livekits_ends_it() {
    with_lab(|lab| async move {
        for scenario in ["v-livekit-garbage", "v-livekit-json"] {
            let (call, facts) = Calls::new(&lab, scenario).call().await;
            assert!(call.garbled && call.joined_after.is_none(), "{scenario}: {facts:?}");
            lab.is_left_quiet(scenario).await;
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn devices_are_counted_without_a_question_and_opened_with_one() {
    with_peers(|lab| async move {
        let bench = Calls::new(&lab, "v-healthy-turn-udp");
        let asked = bench.opened.asked();
        let facts = bench.run(Step::Devices).await;
        let [Fact::Devices(devices)] = &facts[..] else { panic!("{facts:?}") };
        assert!(devices.api && devices.webrtc, "{devices:?}");
        for device in [&devices.microphone, &devices.camera] {
            assert!(device.state == "granted" && device.count >= 1 && device.allowed != Some(false), "{devices:?}");
        }
        assert_eq!(bench.opened.asked(), asked, "a look asks nobody");

        let microphone = bench.capture(Capturable::Microphone).await;
        assert!(microphone.opened_after.is_some() && microphone.threw.is_none() && !microphone.muted && microphone.width == 0, "{microphone:?}");
        // Firefox lets no page listen where the machine has no sound.
        assert!(microphone.listened && microphone.loudest.is_some() || is_firefox(), "{microphone:?}");
        let camera = bench.capture(Capturable::Camera).await;
        assert!(camera.opened_after.is_some() && camera.width > 0 && camera.height > 0 && camera.threw.is_none(), "{camera:?}");
        assert_eq!(bench.opened.asked(), asked + 2);
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_webtransport_that_says_nothing_is_let_go_of() {
    with_peers(|lab| async move {
        let facts = Calls::new(&lab, "v-webtransport-silent").run(Step::WebTransport).await;
        let [Fact::WebTransport(transport)] = &facts[..] else { panic!("{facts:?}") };
        assert!(transport.how == "silent" && (3_400..5_000).contains(&transport.ended_after), "{transport:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_under_way_is_let_go_when_it_is_dropped() {
    with_peers(|lab| async move {
        let peers = |least| {
            let opened = Opened::watch();
            async move { until(|| opened.left("peers") >= least).await }
        };
        let silent = Calls::new(&lab, "v-turn-silent");
        silent.run(Step::IceServers).await;
        drop_when(silent.run(Step::Gather { server: 0 }), peers(1)).await;
        until(|| silent.opened.is_nothing_left()).await;

        let mute = Calls::new(&lab, "v-relay-mute");
        mute.run(Step::IceServers).await;
        drop_when(mute.run(Step::Loopback { server: Some(0) }), peers(2)).await;
        until(|| mute.opened.is_nothing_left()).await;

        let livekit = Calls::new(&lab, "v-livekit-media-silent");
        drop_when(livekit.run(Step::Call { round: 0 }), peers(1)).await;
        until(|| livekit.opened.is_nothing_left()).await;
        lab.is_left_quiet("v-livekit-media-silent").await;

        for device in [Capturable::Microphone, Capturable::Camera] {
            drop_when(mute.run(Step::Capture { device }), until(|| mute.opened.left("tracks") > 0)).await;
            until(|| mute.opened.is_nothing_left()).await;
        }

        let transport = Calls::new(&lab, "v-webtransport-silent");
        drop_when(transport.run(Step::WebTransport), until(|| transport.opened.left("sessions") > 0)).await;
        until(|| transport.opened.is_nothing_left()).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn where_nothing_does_it_that_is_told() {
    in_time(async {
        let settings = json!({ "socket-path": "/socket.io/", "ice-servers": [{ "urls": "stun:127.0.0.1:1" }] });
        let never = Function::new_with_args("job, signal", "return Promise.reject(new Error('no such file'))");
        for calls in [None, Some(never)] {
            let bench = Calls::with(&page_origin(), settings.clone(), calls);
            bench.run(Step::IceServers).await;
            for step in [Step::Devices, Step::Gather { server: 0 }, Step::Loopback { server: None }, Step::Capture { device: Capturable::Camera }] {
                let facts = bench.run(step).await;
                assert!(matches!(&facts[..], [Fact::StepEnded { .. }]), "{facts:?}");
            }
        }
    })
    .await;
}

/// Whatever the file tells, nothing breaks down and nothing endless is taken in.
#[wasm_bindgen_test]
async fn what_is_told_strangely_is_taken_for_nothing() {
    in_time(async {
        let settings = json!({ "socket-path": "/socket.io/", "ice-servers": [{ "urls": "stun:127.0.0.1:1" }] });
        let strange = [
            "null",
            "[]",
            "{ candidates: {}, errors: 7, channels: 'x', pair: [1], threw: [] }",
            "{ candidates: Array(10000).fill({ line: 'candidate:1 1 udp 1 10.0.0.1 1 typ host' }), errors: [{ code: -1 }, { code: 1e99 }], endedAfter: -5 }",
            "{ microphone: 1, channels: [{ name: 7, sent: NaN, returned: 1e300 }], width: 'x', loudest: {}, threw: [{}, 5] }",
        ];
        for told in strange {
            let calls = Function::new_with_args("job, signal", &["return Promise.resolve(JSON.stringify(", told, "))"].concat());
            let bench = Calls::with(&page_origin(), settings.clone(), Some(calls));
            bench.run(Step::IceServers).await;
            for step in [Step::Devices, Step::Gather { server: 0 }, Step::Loopback { server: None }, Step::Capture { device: Capturable::Camera }] {
                let facts = bench.run(step).await;
                assert!(facts.len() == 1 && serde_json::to_string(&facts).unwrap().len() < 8_000, "{facts:?}");
            }
        }
    })
    .await;
}
