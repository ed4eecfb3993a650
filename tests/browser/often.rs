//! What a single look can't see, in a real browser: several sessions, what is held, streams, round trips and sizes. Each probe alone,
//! and the facts that it takes down.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "the test page has no policy, and what measures is JavaScript")]

#[allow(dead_code)]
mod lab;

use std::cell::RefCell;
use std::rc::Rc;

use connection_doctor::evidence::{Delivery, Exchange, Fact, Happening, Purpose, RoundTrips, Rung, SocketLife, SocketPurpose, Stream, StreamEnd};
use connection_doctor::plan::{Limits, Step};
use connection_doctor::platforms::known;
use connection_doctor::profile::{Application, Depth};
use connection_doctor::web::platform::surroundings::Watch;
use connection_doctor::web::probes;
use connection_doctor::web::run::Place;
use gloo::timers::future::TimeoutFuture;
use js_sys::Function;
use lab::bench::Bench;
use lab::sockets::Sockets;
use lab::{Lab, drop_when, in_time, with_lab};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const PATH: &str = "/socket.io/";

fn bench(lab: &Lab, scenario: &str) -> Bench {
    bench_with(lab, scenario, "", None)
}

/// `more`: further settings, each with a comma before it.
fn bench_with(lab: &Lab, scenario: &str, more: &str, measure: Option<Function>) -> Bench {
    let settings = format!(r#"{{"server":"{}","socket-path":"{PATH}","depth":"full"{more}}}"#, lab.origin(scenario));
    // What the lab cuts, it cuts within seconds.
    let limits = Limits { hold: 9_000, large: 8_000, stream: 8_000, ..Limits::of(Depth::Full) };
    Bench::new(settings, limits, Place { measure, ..Place::default() })
}

fn exchanges(facts: &[Fact]) -> Vec<&Exchange> {
    facts.iter().filter_map(|fact| if let Fact::Exchange(exchange) = fact { Some(exchange) } else { None }).collect()
}

fn sockets(facts: &[Fact]) -> Vec<&SocketLife> {
    facts.iter().filter_map(|fact| if let Fact::Socket(life) = fact { Some(life) } else { None }).collect()
}

fn stream(facts: &[Fact]) -> &Stream {
    let [Fact::Stream(stream)] = facts else { panic!("{facts:?}") };
    stream
}

fn path() -> String {
    PATH.to_owned()
}

/// The code of the close event, and its time since `open`.
fn closed(life: &SocketLife) -> Option<(u16, u32)> {
    let opened = life.events.iter().find(|e| matches!(e.what, Happening::Open { .. }))?.after;
    life.events.iter().find_map(|e| if let Happening::Close { code, .. } = e.what { Some((code, e.after - opened)) } else { None })
}

fn sent(life: &SocketLife, text: &str) -> usize {
    life.events.iter().filter(|e| matches!(&e.what, Happening::Sent { text: sent, .. } if sent == text)).count()
}

#[wasm_bindgen_test]
async fn conversations_are_numbered_and_their_sids_are_nowhere() {
    with_lab(|lab| async move {
        let scenario = "healthy-node";
        let bench = bench(&lab, scenario);
        let discovered = bench.run(Step::Discover { path: path(), eio: 4 }).await;
        let session = bench.run(Step::Session { path: path(), eio: 4, upgrade: true, include: false, round: 0 }).await;
        let replica = bench.run(Step::Replica { path: path(), eio: 4, as_chat: true, include: false, upgrade: false, round: 0 }).await;
        // The GET that a client always has open ends at a time of its own.
        let in_turn = |facts: &[Fact]| exchanges(facts).into_iter().filter(|x| x.purpose != Purpose::Poll).cloned().collect::<Vec<_>>();
        let told = |facts: &[Fact]| in_turn(facts).iter().map(|x| (x.purpose, x.session, x.sent)).collect::<Vec<_>>();
        assert_eq!(told(&discovered), [(Purpose::Handshake, 1, 0), (Purpose::CloseSession, 1, 1)]);
        assert_eq!(told(&session), [(Purpose::Handshake, 2, 0), (Purpose::FollowUp, 2, 1), (Purpose::CloseSession, 2, 1)]);
        assert!(matches!(told(&replica)[..], [(Purpose::Handshake, 3, 0), .., (Purpose::CloseSession, 3, 1)]), "{replica:?}");
        let [upgrade] = sockets(&session)[..] else { panic!("{session:?}") };
        assert_eq!((upgrade.purpose, upgrade.session), (SocketPurpose::Upgrade, 2));
        assert!(exchanges(&session).iter().all(|x| x.session == 2) && exchanges(&replica).iter().all(|x| x.session == 3), "{session:?} {replica:?}");
        for exchange in [discovered, session, replica].iter().flat_map(|facts| in_turn(facts)) {
            let response = exchange.response().expect("an answer");
            assert!(response.status == 200 && (exchange.purpose != Purpose::Handshake || response.excerpt.contains("[redacted]")), "{exchange:?}");
            assert!(!exchange.url.contains("sid=") || exchange.url.contains("sid=[redacted]"), "{}", exchange.url);
        }
        lab.is_left_quiet(scenario).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_session_at_another_replica_is_unknown_there() {
    with_lab(|lab| async move {
        let bench = bench(&lab, "r-not-sticky-node");
        let mut unknown = 0;
        for round in 0..6 {
            let facts = bench.run(Step::Replica { path: path(), eio: 4, as_chat: true, include: false, upgrade: false, round }).await;
            unknown += exchanges(&facts).iter().filter(|x| x.purpose == Purpose::CloseSession && x.status() == Some(400)).count();
        }
        assert!(unknown >= 1, "none of 6 was unknown");
    })
    .await;
}

fn documented(lab: &Lab, scenario: &str, event_source: bool) -> Step {
    Step::Stream { url: lab.origin(scenario) + "/connection-doctor-stream", event_source, seconds: 0, round: 0 }
}

#[wasm_bindgen_test]
async fn a_stream_is_written_down_as_it_came() {
    with_lab(|lab| async move {
        for scenario in ["s-healthy-stream", "s-healthy-stream-node"] {
            let facts = bench(&lab, scenario).run(documented(&lab, scenario, false)).await;
            let stream = stream(&facts);
            assert_eq!((stream.by.as_str(), stream.status, stream.events, stream.ours), ("fetch", 200, 11, true), "{stream:?}");
            assert_eq!(stream.end, StreamEnd::Whole { told: true });
            assert!(stream.cross_origin && stream.path == "/connection-doctor-stream" && stream.bytes > 300, "{stream:?}");
            assert!(stream.arrivals.len() >= 8, "{stream:?}");
            let times: Vec<(u32, u32)> = stream.arrivals.iter().map(|a| (a.after, a.sent.expect("the server told when it sent").1)).collect();
            for pair in times.windows(2) {
                assert!(pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1, "{times:?}");
            }
            // None came before it was sent, and none much later.
            assert!(times.iter().all(|(after, sent)| after + 60 >= *sent && *after < sent + 900), "{times:?}");
            assert!((2_000..3_500).contains(&stream.ended_after), "{}", stream.ended_after);
            lab.is_left_quiet(scenario).await;
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_stream_that_is_held_back_comes_at_once() {
    with_lab(|lab| async move {
        for scenario in ["s-buffered", "s-compressed-delayed"] {
            let facts = bench(&lab, scenario).run(documented(&lab, scenario, false)).await;
            let stream = stream(&facts);
            let with_events: Vec<_> = stream.arrivals.iter().filter(|a| a.events > 0).collect();
            assert!(!with_events.is_empty() && with_events.iter().all(|a| a.after > 1_900), "{stream:?}");
            assert_eq!(with_events[0].sent.map(|(first, _)| first < 400), Some(true), "{stream:?}");
            assert_eq!((stream.events, &stream.end), (11, &StreamEnd::Whole { told: true }));
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_stream_that_is_cut_is_told_with_what_came_before() {
    with_lab(|lab| async move {
        let facts = bench(&lab, "s-cut-lifetime").run(documented(&lab, "s-cut-lifetime", false)).await;
        let stream = stream(&facts);
        assert!(matches!(&stream.end, StreamEnd::Broken { name, .. } if name == "TypeError"), "{stream:?}");
        assert!((3..=6).contains(&stream.events) && (1_000..2_000).contains(&stream.ended_after), "{stream:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_event_source_says_the_same_and_is_closed() {
    with_lab(|lab| async move {
        let scenario = "s-healthy-stream";
        let facts = bench(&lab, scenario).run(documented(&lab, scenario, true)).await;
        let stream = stream(&facts);
        assert_eq!((stream.by.as_str(), stream.events, stream.ours, stream.arrivals.len()), ("event-source", 11, true, 11), "{stream:?}");
        assert!(matches!(stream.end, StreamEnd::Whole { .. }) && stream.responded_after.is_some(), "{stream:?}");
        let asked = lab.tally(scenario).await.requests;
        // It would connect anew after three seconds in Chromium, after five in Firefox.
        TimeoutFuture::new(6_000).await;
        assert_eq!(lab.tally(scenario).await.requests, asked);
    })
    .await;
}

async fn delivered(lab: &Lab, scenario: &str) -> Delivery {
    let bench = bench_with(lab, scenario, r#","echo-event":"connection-doctor""#, None);
    let how = known(Application::Socketio).asked_connect;
    let facts = bench.run(Step::Delivery { path: path(), namespace: "/".into(), how }).await;
    let [Fact::Delivery(delivery)] = &facts[..] else { panic!("{facts:?}") };
    lab.is_left_quiet(scenario).await;
    delivery.clone()
}

#[wasm_bindgen_test]
async fn a_broadcast_tells_instances_and_who_heard_it() {
    with_lab(|lab| async move {
        let heard = delivered(&lab, "r-healthy-delivery-node").await;
        let sessions = &heard.sessions;
        assert!(sessions.iter().all(|s| s.state == "ready" && s.heard_after.is_some()), "{heard:?}");
        assert_eq!((sessions[0].instance, sessions[sessions.len() - 1].instance), (1, 2), "{heard:?}");

        let unheard = delivered(&lab, "r-no-delivery-node").await;
        let (first, last) = (&unheard.sessions[0], &unheard.sessions[unheard.sessions.len() - 1]);
        assert!(first.heard_after.is_some() && last.heard_after.is_none() && last.instance == 2, "{unheard:?}");
        assert!(unheard.waited >= 2_900, "{unheard:?}");

        let nobody = delivered(&lab, "healthy-node").await;
        assert_eq!(nobody.sessions.iter().map(|s| s.state.as_str()).collect::<Vec<_>>(), ["unanswered"], "{nobody:?}");
    })
    .await;
}

/// As `www/connection-doctor.js` measures, in a worker and in the page.
fn measure(in_worker: bool) -> Function {
    Function::new_with_args(
        "job, signal",
        if in_worker {
            "const worker = new Worker(new URL('/www/round-trips.js', location), { type: 'module' });
             return new Promise((resolve, reject) => {
                 worker.onmessage = ({ data }) => resolve({ inWorker: true, ...data });
                 worker.onerror = reject;
                 signal.addEventListener('abort', reject);
                 worker.postMessage(job);
             }).finally(() => worker.terminate());"
        } else {
            "return import(new URL('/www/round-trips.js', location)).then(({ measure }) => measure(job, signal)).then(told => ({ inWorker: false, ...told }));"
        },
    )
}

#[wasm_bindgen_test]
async fn round_trips_are_measured_in_a_worker_and_without_one() {
    with_lab(|lab| async move {
        let scenario = "t-healthy-pings-scaled";
        for in_worker in [true, false] {
            let bench = bench_with(&lab, scenario, "", Some(measure(in_worker)));
            let facts = bench.run(Step::RoundTrips { path: path(), eio: 4 }).await;
            let [Fact::RoundTrips(http), Fact::RoundTrips(socket)] = &facts[..] else { panic!("{facts:?}") };
            assert_eq!((http.of.as_str(), http.samples.len(), socket.of.as_str(), socket.samples.len()), ("http", 10, "socket", 20), "{facts:?}");
            for trips in [http, socket] {
                assert_eq!((trips.in_worker, trips.lost), (in_worker, 0), "{trips:?}");
                // Browsers make their clocks coarse: to 0.1 ms, to 1 ms.
                assert!((5..=100_000).contains(&trips.resolution), "{trips:?}");
                assert!(trips.samples.iter().all(|s| *s < 2_000_000), "{trips:?}");
            }
            assert!(bench.context.budget.used() == 12, "{}", bench.context.budget.used());
            lab.is_left_quiet(scenario).await;
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn round_trips_end_when_the_run_does() {
    with_lab(|lab| async move {
        let scenario = "q-slow-socket";
        for in_worker in [true, false] {
            let bench = bench_with(&lab, scenario, "", Some(measure(in_worker)));
            let before = lab.tally(scenario).await;
            drop_when(bench.run(Step::RoundTrips { path: path(), eio: 4 }), lab.wait_for_handshake(scenario, before)).await;
            lab.is_left_quiet(scenario).await;
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn where_nothing_measures_that_is_told() {
    with_lab(|lab| async move {
        let facts = bench(&lab, "t-healthy-pings-scaled").run(Step::RoundTrips { path: path(), eio: 4 }).await;
        assert!(matches!(&facts[..], [Fact::StepEnded { step, .. }] if step == "round-trips"), "{facts:?}");
        let never = Function::new_with_args("job, signal", "return Promise.reject(new Error('no worker'))");
        let facts = bench_with(&lab, "t-healthy-pings-scaled", "", Some(never)).run(Step::RoundTrips { path: path(), eio: 4 }).await;
        assert!(matches!(&facts[..], [Fact::StepEnded { step, .. }] if step == "round-trips"), "{facts:?}");
        let strange = Function::new_with_args("job, signal", "return Promise.resolve({ http: 'x', socket: [NaN, -1, 1e300, 'y'], resolution: {} })");
        let facts = bench_with(&lab, "t-healthy-pings-scaled", "", Some(strange)).run(Step::RoundTrips { path: path(), eio: 4 }).await;
        let [Fact::RoundTrips(RoundTrips { samples, .. }), Fact::RoundTrips(_)] = &facts[..] else { panic!("{facts:?}") };
        assert!(samples.is_empty(), "{facts:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_large_message_is_answered_or_ends_the_connection() {
    with_lab(|lab| async move {
        let life = |facts: Vec<Fact>| sockets(&facts).first().map(|life| (*life).clone()).expect("a socket");
        let large = Step::Large { path: path(), eio: 4, size: 900_000 };
        let passed = life(bench(&lab, "t-healthy-pings-scaled").run(large.clone()).await);
        let lengths = |life: &SocketLife| -> Vec<u32> {
            life.events.iter().filter_map(|e| if let Happening::Sent { length, .. } = e.what { Some(length) } else { None }).collect()
        };
        assert_eq!((passed.purpose, passed.frames), (SocketPurpose::Large, 3), "{passed:?}");
        assert_eq!(lengths(&passed)[1..], [900_000], "{passed:?}");
        assert!(matches!(passed.events.last().unwrap().what, Happening::ClosedByProbe), "{passed:?}");
        // The large one is only begun to be written down.
        assert!(passed.events.iter().all(|e| !matches!(&e.what, Happening::Sent { text, .. } if text.len() > 700)));

        let swallowed = life(bench(&lab, "q-frame-swallowed").run(large).await);
        assert_eq!((swallowed.frames, closed(&swallowed).map(|(code, _)| code)), (2, Some(1006)), "{swallowed:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_large_post_passes_or_is_refused_with_its_status() {
    with_lab(|lab| async move {
        let scenario = "t-healthy-pings-scaled";
        // nginx takes a megabyte unless it is told otherwise.
        for (size, status) in [(90_000, 200), (900_000, 200), (1_100_000, 413)] {
            let facts = bench(&lab, scenario).run(Step::Body { path: path(), eio: 4, size }).await;
            let post = exchanges(&facts).into_iter().find(|x| x.purpose == Purpose::LargePost).cloned().expect("a large POST");
            assert_eq!((post.status(), post.sent, post.session, post.method.as_str()), (Some(status), size, 1, "POST"), "{post:?}");
            lab.is_left_quiet(scenario).await;
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_quiet_connection_is_cut_and_a_busy_one_lives() {
    with_lab(|lab| async move {
        let scenario = "t-idle-cut-haproxy";
        let bench = bench(&lab, scenario);
        let quiet = bench.run(Step::Heartbeat { path: path(), eio: 4, round: 0, failed: 0 });
        let busy = bench.context.clone();
        let busy = probes::run(busy, Step::Busy { path: path(), eio: 4, noop: true, round: 0 });
        futures_util::join!(quiet, busy);
        let life = |purpose| bench.evidence.borrow().sockets_for(purpose).next().map(|(_, life)| life.clone()).expect("a socket");
        let (quiet, busy) = (life(SocketPurpose::Heartbeat), life(SocketPurpose::Busy));
        let (code, age) = closed(&quiet).expect("the quiet one is closed");
        assert!(code == 1006 && (3_800..4_600).contains(&age), "{quiet:?}");
        assert_eq!(sent(&quiet, "6"), 0);
        assert!(closed(&busy).is_none() && sent(&busy, "6") >= 4, "{busy:?}");
        assert!(matches!(busy.events.last().unwrap().what, Happening::ClosedByProbe), "{busy:?}");
        lab.is_left_quiet(scenario).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_heartbeat_that_does_not_come_is_waited_for_as_long_as_it_may_take() {
    with_lab(|lab| async move {
        let facts = bench(&lab, "t-heartbeat-missing").run(Step::Heartbeat { path: path(), eio: 4, round: 0, failed: 0 }).await;
        let [life] = sockets(&facts)[..] else { panic!("{facts:?}") };
        let end = life.events.last().unwrap();
        assert!(matches!(&end.what, Happening::Deadline { waiting_for } if waiting_for == "heartbeat"), "{life:?}");
        assert!((4_900..6_500).contains(&end.after), "{life:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_long_poll_is_cut_with_a_gateways_error() {
    with_lab(|lab| async move {
        let facts = bench(&lab, "t-long-poll-cut-haproxy").run(Step::LongPoll { path: path(), eio: 4, round: 0 }).await;
        let poll = exchanges(&facts).into_iter().find(|x| x.purpose == Purpose::LongPoll).cloned().expect("a long poll");
        assert!(poll.status() == Some(504) && (2_900..4_500).contains(&poll.ended_after), "{poll:?}");
        assert_eq!(poll.session, 1);
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_held_is_let_go_when_it_is_dropped() {
    with_lab(|lab| async move {
        let scenario = "t-healthy-pings-scaled";
        let watched = Sockets::watch();
        for step in [
            Step::Heartbeat { path: path(), eio: 4, round: 0, failed: 0 },
            Step::Busy { path: path(), eio: 4, noop: true, round: 0 },
            Step::Rung { path: path(), eio: 4, sockets: 4 },
        ] {
            let bench = bench(&lab, scenario);
            drop_when(bench.run(step), lab.wait_for(scenario, |tally| tally.open_sockets > 0)).await;
            assert!(watched.are_closed(), "{:?}", watched.states());
            lab.is_left_quiet(scenario).await;
        }
        let bench = bench(&lab, scenario);
        drop_when(bench.run(Step::LongPoll { path: path(), eio: 4, round: 0 }), async {
            lab.wait_for(scenario, |tally| tally.unanswered > 0).await;
            TimeoutFuture::new(500).await;
        })
        .await;
        lab.is_left_quiet(scenario).await;
    })
    .await;
}

async fn rung(lab: &Lab, scenario: &str, sockets: u32) -> Rung {
    let facts = bench(lab, scenario).run(Step::Rung { path: path(), eio: 4, sockets }).await;
    lab.is_left_quiet(scenario).await;
    facts.iter().find_map(|fact| if let Fact::Rung(rung) = fact { Some(rung.clone()) } else { None }).expect("a rung")
}

#[wasm_bindgen_test]
async fn a_rung_tells_who_was_let_in() {
    with_lab(|lab| async move {
        let all = rung(&lab, "t-healthy-pings-scaled", 8).await;
        assert_eq!((all.sockets, all.opened.len(), all.refused, all.silent, all.dropped, all.status), (8, 8, 0, 0, 0, 400), "{all:?}");
        let none = rung(&lab, "upgrade-refused", 2).await;
        assert_eq!((none.sockets, none.opened.len(), none.refused), (2, 0, 2), "{none:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_page_that_was_busy_for_seconds_writes_that_down() {
    in_time(async {
        let told: Rc<RefCell<Vec<Fact>>> = Rc::default();
        let taken = Rc::clone(&told);
        let watch = Watch::start(Rc::new(move |fact| taken.borrow_mut().push(fact)));
        TimeoutFuture::new(2_500).await;
        assert!(told.borrow().is_empty(), "{:?}", told.borrow());
        let begun = js_sys::Date::now();
        while js_sys::Date::now() - begun < 4_500.0 {}
        TimeoutFuture::new(1_500).await;
        let pauses: Vec<u32> =
            told.borrow().iter().filter_map(|fact| if let Fact::Pause { milliseconds } = fact { Some(*milliseconds) } else { None }).collect();
        assert!(matches!(pauses[..], [late] if (3_000..6_500).contains(&late)), "{pauses:?}");
        drop(watch);
        let before = told.borrow().len();
        let begun = js_sys::Date::now();
        while js_sys::Date::now() - begun < 4_500.0 {}
        TimeoutFuture::new(1_500).await;
        assert_eq!(told.borrow().len(), before, "it goes on after it was dropped");
    })
    .await;
}
