//! Whole runs in a real browser: they tell the truth, they end when they are told to, and they leave nothing behind.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod lab;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use connection_doctor::diagnose::Verdict;
use connection_doctor::evidence::{Fact, Purpose};
use connection_doctor::plan::{Limits, Step};
use connection_doctor::profile::{Depth, Layer, Page, Profile, Source};
use connection_doctor::report::Report;
use connection_doctor::run_state::Event;
use connection_doctor::web::lexicon::Lexicon;
use connection_doctor::web::run::{Place, Stop, Tell, run};
use lab::sockets::Sockets;
use lab::{drop_when, page_origin, with_lab};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn profile(server: &str) -> Profile {
    let page = Page { origin: page_origin(), path: "/".into(), embedded: false };
    let json = format!(r#"{{"server":"{server}","socket-path":"/socket.io/"}}"#);
    Profile::parse(&page, &[Layer { source: Source::Call, json }]).expect("the settings are right")
}

/// A file of the test page's own origin.
fn place() -> Place {
    Place { own_file: page_origin() + "/target/lab.txt", lexicon: Rc::new(Lexicon::of(&lab::texts(), None)), ..Place::default() }
}

fn silent() -> Tell {
    Rc::new(|_| {})
}

async fn whole(server: &str) -> Report {
    run(profile(server), place(), Stop::default(), silent()).await
}

/// What is true of every report, whatever was found.
fn stands_on_its_evidence(report: &Report) {
    let numbers: Vec<u32> = report.evidence.observations().iter().map(|o| o.id).collect();
    assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>());
    for finding in report.causes.iter().chain(&report.consequences) {
        assert!(!finding.cites.as_slice().is_empty(), "{} cites nothing", finding.code);
        for cite in finding.cites.as_slice() {
            assert!(report.evidence.get(*cite).is_some(), "{} cites {cite}, which nobody observed", finding.code);
        }
    }
    assert!(report.requests <= Limits::of(Depth::Quick).requests);
    assert!(!report.summary.is_empty());
    assert!(report.evidence.environment().is_some_and(|(_, e)| e.missing.is_empty() && e.scheme == "http:" && !e.user_agent.is_empty()));
    assert!(report.evidence.exchanges_for(Purpose::OwnFile).any(|(_, x)| x.status() == Some(200) && !x.cross_origin));
}

fn codes(report: &Report) -> Vec<&str> {
    report.causes.iter().map(|finding| finding.code.as_str()).collect()
}

#[wasm_bindgen_test]
async fn a_healthy_chat_works() {
    with_lab(|lab| async move {
        let report = whole(&lab.origin("healthy-engineioxide")).await;
        stands_on_its_evidence(&report);
        assert_eq!(report.verdict, Verdict::Works, "{:?} {:?}", report.causes, report.unknown);
        assert!(!report.stopped);
        // What the server counted is what the report says, and no more (a preflight would be one more).
        let tally = lab.tally("healthy-engineioxide").await;
        assert!(tally.handshakes > 0 && tally.requests > 0, "{tally:?}");
        lab.is_left_quiet("healthy-engineioxide").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_socket_that_stays_silent_is_named() {
    with_lab(|lab| async move {
        let report = whole(&lab.origin("open-but-silent")).await;
        stands_on_its_evidence(&report);
        assert_ne!(report.verdict, Verdict::Works);
        assert!(codes(&report).contains(&"WS003"), "{:?}", codes(&report));
        lab.is_left_quiet("open-but-silent").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_server_that_nobody_reaches_is_broken() {
    with_lab(|lab| async move {
        let report = whole(&lab.server("refused")).await;
        stands_on_its_evidence(&report);
        assert_eq!(report.verdict, Verdict::Broken, "{:?}", codes(&report));
        assert!(!report.causes.is_empty());
    })
    .await;
}

#[wasm_bindgen_test]
async fn it_tells_what_it_does_while_it_does_it() {
    with_lab(|lab| async move {
        let told: Rc<RefCell<Vec<Event>>> = Rc::default();
        let tell: Tell = {
            let told = Rc::clone(&told);
            Rc::new(move |event| told.borrow_mut().push(event))
        };
        run(profile(&lab.origin("healthy-engineioxide")), place(), Stop::default(), tell).await;
        let told = told.borrow();
        assert!(matches!(told.first(), Some(Event::Started { time_limit: Some(_) })));
        let place = |wanted: &Event| told.iter().position(|event| event == wanted);
        let mut ended = 0;
        for (at, event) in told.iter().enumerate() {
            if let Event::StepEnded { step, .. } = event {
                ended += 1;
                assert!(place(&Event::StepBegan(step.clone())).is_some_and(|began| began < at), "{step:?} ended and never began");
            }
        }
        assert!(ended > 3);
    })
    .await;
}

const SWALLOWED: &str = "upgrade-swallowed";

#[wasm_bindgen_test]
async fn stop_ends_it_with_what_was_seen_until_then() {
    with_lab(|lab| async move {
        let (stop, sockets, before) = (Stop::default(), Sockets::watch(), lab.tally(SWALLOWED).await);
        let own_file: Rc<Cell<bool>> = Rc::default();
        let tell: Tell = {
            let own_file = Rc::clone(&own_file);
            Rc::new(move |event| own_file.set(own_file.get() || matches!(event, Event::StepEnded { step: Step::OwnFile { .. }, .. })))
        };
        let running = run(profile(&lab.origin(SWALLOWED)), place(), stop.clone(), tell);
        let stopping = async {
            // The one may come before the other, and the report is asked for both.
            lab.wait_for(SWALLOWED, |tally| own_file.get() && tally.handshakes > before.handshakes).await;
            stop.ask();
        };
        let (report, ()) = futures_util::join!(running, stopping);
        assert!(sockets.are_closed(), "{:?}", sockets.states());
        assert!(report.stopped);
        stands_on_its_evidence(&report);
        assert!(report.evidence.observations().iter().any(|o| matches!(o.fact, Fact::StepEnded { .. })), "what was cut short is not told");
        lab.is_left_quiet(SWALLOWED).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_stop_before_the_start_ends_it_at_once() {
    with_lab(|lab| async move {
        let stop = Stop::default();
        stop.ask();
        let report = run(profile(&lab.origin(SWALLOWED)), place(), stop, silent()).await;
        assert!(report.stopped);
        assert_ne!(report.verdict, Verdict::Works);
        lab.is_left_quiet(SWALLOWED).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn dropping_it_closes_what_it_opened() {
    with_lab(|lab| async move {
        let (sockets, before) = (Sockets::watch(), lab.tally(SWALLOWED).await);
        drop_when(whole(&lab.origin(SWALLOWED)), lab.wait_for_handshake(SWALLOWED, before)).await;
        assert!(sockets.are_closed(), "{:?}", sockets.states());
        lab.is_left_quiet(SWALLOWED).await;
        let open = "open-but-silent";
        drop_when(whole(&lab.origin(open)), lab.wait_for(open, |tally| tally.open_sockets > 0)).await;
        assert!(sockets.are_closed(), "{:?}", sockets.states());
        lab.is_left_quiet(open).await;
        let slow = "slow-server";
        drop_when(whole(&lab.origin(slow)), lab.wait_for(slow, |tally| tally.unanswered > 0)).await;
        let asked = lab.tally(slow).await;
        lab.is_left_quiet(slow).await;
        let after = lab.tally(slow).await;
        assert_eq!((asked.requests, asked.handshakes), (after.requests, after.handshakes), "something was asked after it was dropped");
    })
    .await;
}
