//! The lab as a page sees it: where its scenarios are, and what their fronts counted.
//!
//! `bin/test browser` starts it and writes its address into a file, which the test page's own server hands out: a lab on
//! another port compiles nothing anew.

pub mod bench;
pub mod opened;
pub mod sockets;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;

use connection_doctor::web::platform::within;
use gloo::timers::future::TimeoutFuture;
use serde_json::Value;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// Where the address stands, seen from the root of the repository, which the test page's server serves.
const ADDRESS: &str = "/target/lab.txt";
/// All that one test may take, in milliseconds: a browser that hangs is a test that fails, with its own name.
const DEADLINE: u32 = 40_000;

pub struct Lab {
    gallery: String,
    scenarios: Value,
}

/// What a scenario's fronts counted.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    pub requests: u64,
    pub handshakes: u64,
    pub unanswered: u64,
    pub unanswered_handshakes: u64,
    pub open_sockets: u64,
}

impl Tally {
    /// Nothing is going on any more that a page could have ended.
    ///
    /// Firefox (seen with 153) keeps the connection of a handshake that nobody answers, for a minute and more, after the page
    /// closed its socket; no page can change that. There [`sockets::Sockets`] alone can say that it was closed.
    pub fn is_quiet(&self) -> bool {
        let kept_by_browser = if is_firefox() { self.unanswered_handshakes } else { 0 };
        self.unanswered == kept_by_browser && self.open_sockets == 0
    }
}

/// Runs a test that asks the lab, within the deadline of a test.
pub async fn with_lab<F: Future<Output = ()>>(test: impl FnOnce(Lab) -> F) {
    in_time(async { test(Lab::find().await).await }).await;
}

/// Runs a test within the deadline of a test.
pub async fn in_time(test: impl Future<Output = ()>) {
    within(DEADLINE, test).await.expect("the test did not end by its own deadline");
}

pub fn is_firefox() -> bool {
    web_sys::window().unwrap().navigator().user_agent().is_ok_and(|agent| agent.contains("Firefox/"))
}

/// Chromium calls itself Safari too, and names itself besides.
pub fn is_webkit() -> bool {
    web_sys::window().unwrap().navigator().user_agent().is_ok_and(|agent| agent.contains("AppleWebKit/") && !agent.contains("Chrome/"))
}

/// The origin of the test page.
pub fn page_origin() -> String {
    web_sys::window().unwrap().location().origin().unwrap()
}

/// Waits until it is so; the deadline of the test ends the wait.
pub async fn until(mut so: impl FnMut() -> bool) {
    while !so() {
        TimeoutFuture::new(10).await;
    }
}

/// Polls a future until something else is so, and drops it then. It must not end before.
pub async fn drop_when<T>(future: impl Future<Output = T>, so: impl Future<Output = ()>) {
    match futures_util::future::select(pin!(future), pin!(so)).await {
        futures_util::future::Either::Left(_) => panic!("it ended before it was to be dropped"),
        futures_util::future::Either::Right(_) => {}
    }
}

impl Lab {
    async fn find() -> Lab {
        let address = get(&[page_origin().as_str(), ADDRESS].concat()).await.expect("no lab is up: run these tests by bin/test browser");
        let gallery = address.trim().trim_end_matches('/').to_owned();
        let scenarios =
            get(&format!("{gallery}/scenarios.json")).await.expect("the lab whose address was left does not answer: run these tests by bin/test browser");
        Lab { gallery, scenarios: serde_json::from_str(&scenarios).unwrap() }
    }

    fn named(&self, scenario: &str, pointer: &str) -> String {
        let entry = self.scenarios.get(scenario).unwrap_or_else(|| panic!("the lab has no scenario {scenario}"));
        entry.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{scenario} has no {pointer}")).to_owned()
    }

    /// Where the chat is.
    pub fn origin(&self, scenario: &str) -> String {
        self.named(scenario, "/origin")
    }

    /// The server that the chat is told to use, where that is another origin.
    pub fn server(&self, scenario: &str) -> String {
        self.named(scenario, "/configuration/server")
    }

    /// The settings that the scenario's page has.
    pub fn configuration(&self, scenario: &str) -> Value {
        self.scenarios.get(scenario).unwrap_or_else(|| panic!("the lab has no scenario {scenario}"))["configuration"].clone()
    }

    /// The Engine.IO WebSocket of an origin of the lab's.
    pub fn socket_of(origin: &str) -> String {
        format!("{}/socket.io/?EIO=4&transport=websocket", origin.replacen("http", "ws", 1))
    }

    pub fn socket(&self, scenario: &str) -> String {
        Self::socket_of(&self.origin(scenario))
    }

    pub async fn tally(&self, scenario: &str) -> Tally {
        let json: Value = serde_json::from_str(&get(&format!("{}/tally/{scenario}", self.gallery)).await.unwrap()).unwrap();
        let count = |name: &str| json[name].as_u64().unwrap();
        Tally {
            requests: count("requests"),
            handshakes: count("handshakes"),
            unanswered: count("unanswered"),
            unanswered_handshakes: count("unanswered-handshakes"),
            open_sockets: count("open-sockets"),
        }
    }

    /// Waits until the scenario's fronts have counted it; the deadline of the test ends the wait.
    pub async fn wait_for(&self, scenario: &str, so: impl Fn(&Tally) -> bool) {
        while !so(&self.tally(scenario).await) {
            TimeoutFuture::new(20).await;
        }
    }

    /// Waits until the scenario was asked for one more WebSocket than before.
    pub async fn wait_for_handshake(&self, scenario: &str, before: Tally) {
        self.wait_for(scenario, |tally| tally.handshakes > before.handshakes).await;
    }

    /// The server's own word that nothing is left open.
    pub async fn is_left_quiet(&self, scenario: &str) {
        self.wait_for(scenario, Tally::is_quiet).await;
    }
}

async fn get(url: &str) -> Option<String> {
    let promise = web_sys::window()?.fetch_with_str(url);
    let response: web_sys::Response = JsFuture::from(promise).await.ok()?.unchecked_into();
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// Every text, in English, as one part of a catalogue.
pub fn texts() -> String {
    let parts: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(include_str!("../../../www/texts/en.json")).unwrap();
    serde_json::to_string(&parts.into_values().flatten().collect::<BTreeMap<_, _>>()).unwrap()
}
