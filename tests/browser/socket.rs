//! One WebSocket in a real browser, and the budget that sockets and requests share.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod lab;

use std::cell::Cell;
use std::rc::Rc;

use connection_doctor::evidence::{EXCERPT, Happening, SocketLife, SocketPurpose};
use connection_doctor::plan::Limits;
use connection_doctor::profile::Depth;
use connection_doctor::web::budget::Budget;
use connection_doctor::web::platform::clock::Clock;
use connection_doctor::web::platform::socket::{Signal, Socket};
use futures_util::FutureExt;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Reflect, WebAssembly};
use lab::sockets::Sockets;
use lab::{Lab, in_time, until, with_lab};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::WebSocket;

wasm_bindgen_test_configure!(run_in_browser);

/// Long enough for anything of the lab's.
const PATIENT: u32 = 8_000;

fn open(url: &str) -> Socket {
    Socket::open(Clock::start(), SocketPurpose::Hello, url, "/socket.io/", 4, true)
}

fn happened(life: &SocketLife) -> Vec<&Happening> {
    life.events.iter().map(|event| &event.what).collect()
}

/// Reads until nothing more will come.
async fn to_the_end(socket: &mut Socket) {
    while !matches!(socket.next(PATIENT).await, Signal::Over) {}
}

#[wasm_bindgen_test]
async fn a_healthy_server_opens_and_greets() {
    with_lab(|lab| async move {
        let mut socket = open(&lab.socket("healthy-engineioxide"));
        assert_eq!(socket.next(PATIENT).await, Signal::Open);
        let Signal::Frame(text) = socket.next(PATIENT).await else { panic!("no frame") };
        assert!(text.starts_with(r#"0{"sid":""#), "{text}");
        assert_eq!(lab.tally("healthy-engineioxide").await.open_sockets, 1);
        let life = socket.finish(true);
        assert!(matches!(happened(&life)[..], [Happening::Open { .. }, Happening::Frame { binary: false, .. }, Happening::ClosedByProbe]), "{life:?}");
        // This server's first ping may already have come too.
        assert!(life.frames >= 1 && life.received >= text.len() as u64, "{life:?}");
        lab.is_left_quiet("healthy-engineioxide").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_sent_is_written_down_and_answered() {
    with_lab(|lab| async move {
        let mut socket = open(&(lab.origin("healthy-raw").replacen("http", "ws", 1) + "/echo"));
        assert_eq!(socket.next(PATIENT).await, Signal::Open);
        socket.send("one");
        assert_eq!(socket.next(PATIENT).await, Signal::Frame("one".into()));
        let life = socket.finish(true);
        assert!(matches!(happened(&life)[..], [Happening::Open { .. }, Happening::Sent { .. }, Happening::Frame { .. }, Happening::ClosedByProbe]));
        lab.is_left_quiet("healthy-raw").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_refused_port_is_an_error_and_1006() {
    with_lab(|lab| async move {
        let mut socket = open(&Lab::socket_of(&lab.server("refused")));
        assert_eq!(socket.next(PATIENT).await, Signal::Over);
        let life = socket.finish(false);
        assert!(matches!(happened(&life)[..], [Happening::Error, Happening::Close { code: 1006, clean: false, .. }]), "{life:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_handshake_that_is_answered_no_is_1006_too() {
    with_lab(|lab| async move {
        let mut socket = open(&lab.socket("upgrade-refused"));
        assert_eq!(socket.next(PATIENT).await, Signal::Over);
        let life = socket.finish(false);
        assert!(matches!(happened(&life)[..], [Happening::Error, Happening::Close { code: 1006, clean: false, .. }]), "{life:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_server_that_says_nothing_is_ended_by_our_own_deadline() {
    with_lab(|lab| async move {
        let mut socket = open(&lab.socket("open-but-silent"));
        assert_eq!(socket.next(PATIENT).await, Signal::Open);
        assert_eq!(socket.next(200).await, Signal::Deadline);
        assert_eq!(lab.tally("open-but-silent").await.open_sockets, 1);
        let life = socket.finish(false);
        assert!(matches!(happened(&life)[..], [Happening::Open { .. }]), "the probe says what it waited for: {life:?}");
        lab.is_left_quiet("open-but-silent").await;
    })
    .await;
}

/// One hung handshake blocks the chat's own reconnect to the same host.
#[wasm_bindgen_test]
async fn it_is_never_left_connecting() {
    with_lab(|lab| async move {
        let sockets = Sockets::watch();
        let before = lab.tally("upgrade-swallowed").await;
        let mut socket = open(&lab.socket("upgrade-swallowed"));
        lab.wait_for_handshake("upgrade-swallowed", before).await;
        assert_eq!(socket.next(100).await, Signal::Deadline);
        assert_eq!(sockets.states(), [WebSocket::CONNECTING]);
        drop(socket);
        assert!(sockets.are_closed(), "{:?}", sockets.states());
        lab.is_left_quiet("upgrade-swallowed").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn the_servers_close_code_and_reason_are_told() {
    with_lab(|lab| async move {
        let mut socket = open(&lab.socket("server-closes-1008"));
        to_the_end(&mut socket).await;
        let life = socket.finish(false);
        let close = Happening::Close { code: 1008, reason: "policy violation".into(), clean: true };
        assert!(matches!(happened(&life)[..], [Happening::Open { .. }, Happening::Frame { .. }, last] if *last == close), "{life:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_connection_that_is_reset_is_1006_after_its_frames() {
    with_lab(|lab| async move {
        let mut socket = open(&lab.socket("drops-at-once"));
        to_the_end(&mut socket).await;
        let life = socket.finish(false);
        let told = happened(&life);
        assert!(matches!(told[..2], [Happening::Open { .. }, Happening::Frame { .. }]), "{life:?}");
        assert!(matches!(told.last(), Some(Happening::Close { code: 1006, clean: false, .. })), "{life:?}");
        lab.is_left_quiet("drops-at-once").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_flood_is_cut_off_and_little_of_it_kept() {
    with_lab(|lab| async move {
        let sockets = Sockets::watch();
        let mut socket = open(&lab.socket("tiny-packets"));
        to_the_end(&mut socket).await;
        let life = socket.finish(false);
        assert_eq!(happened(&life).last(), Some(&&Happening::Flood));
        assert!(life.frames > 200 && life.frames < 300, "{} frames", life.frames);
        assert!(life.events.len() < 32, "{} events", life.events.len());
        // Not the server's word: Firefox takes in what it was sent, for seconds, before it lets the connection go.
        assert!(sockets.are_closed(), "{:?}", sockets.states());
    })
    .await;
}

fn memory() -> f64 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    Reflect::get(&memory.buffer(), &"byteLength".into()).unwrap().as_f64().unwrap()
}

#[wasm_bindgen_test]
async fn of_a_huge_frame_only_the_start_comes_in() {
    with_lab(|lab| async move {
        let before = memory();
        let mut socket = open(&lab.socket("huge-packet"));
        assert_eq!(socket.next(PATIENT).await, Signal::Open);
        let Signal::Frame(text) = socket.next(15_000).await else { panic!("no frame") };
        assert_eq!(text.chars().count(), EXCERPT + 1);
        assert!(memory() - before < 1_000_000.0, "memory grew by {} bytes", memory() - before);
        let life = socket.finish(true);
        assert!(matches!(happened(&life)[1], Happening::Frame { length: 100_000_000, binary: false, .. }));
        assert_eq!(life.received, 100_000_000);
        lab.is_left_quiet("huge-packet").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_constructor_that_throws_is_told_by_name() {
    in_time(async {
        let mut socket = open("ws://[");
        assert_eq!(socket.next(PATIENT).await, Signal::Over);
        let life = socket.finish(false);
        assert!(matches!(&happened(&life)[..], [Happening::Threw { name, .. }] if name == "SyntaxError"), "{life:?}");
    })
    .await;
}

fn budget() -> Rc<Budget> {
    Rc::new(Budget::of(&Limits::of(Depth::Quick)))
}

#[wasm_bindgen_test]
async fn the_budget_gives_six_places_at_a_time() {
    let budget = budget();
    let mut held = Vec::new();
    for _ in 0..Limits::of(Depth::Quick).at_once {
        held.push(budget.permit().now_or_never().expect("a place is free").expect("requests are left"));
    }
    let mut waits = Box::pin(budget.permit());
    assert!(waits.as_mut().now_or_never().is_none(), "a seventh place was given");
    assert_eq!(budget.used(), Limits::of(Depth::Quick).at_once);
    held.pop();
    assert!(waits.now_or_never().flatten().is_some(), "the place that was given back is taken");
}

#[wasm_bindgen_test]
async fn a_place_given_back_wakes_who_waits() {
    in_time(async {
        let budget = budget();
        let mut held = Vec::new();
        for _ in 0..Limits::of(Depth::Quick).at_once {
            held.push(budget.permit().await.unwrap());
        }
        // Tasks of their own: whoever waits is polled again only when it is woken.
        let served = Rc::new(Cell::new(0));
        for _ in 0..2 {
            let (budget, served) = (Rc::clone(&budget), Rc::clone(&served));
            spawn_local(async move {
                let _place = budget.permit().await.unwrap();
                served.set(served.get() + 1);
            });
        }
        TimeoutFuture::new(10).await;
        assert_eq!(served.get(), 0);
        held.clear();
        until(|| served.get() == 2).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn the_budget_ends_with_the_sixtieth_request() {
    in_time(async {
        let budget = budget();
        for _ in 0..Limits::of(Depth::Quick).requests {
            assert!(budget.permit().await.is_some());
        }
        assert!(budget.permit().await.is_none(), "one more was given");
        assert_eq!(budget.used(), Limits::of(Depth::Quick).requests);
    })
    .await;
}
