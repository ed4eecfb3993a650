//! Calls: no microphone, no camera and no peer connection outlives a run, however it ends; nobody is asked who did not ask for it; and
//! nothing of a call that is secret gets into a report.

use std::time::{Duration, Instant};

use connection_doctor_lab::Running;
use serde_json::{Value, json};

use crate::expectations::{Depth, Expectation};
use crate::lanes::Pace;
use crate::lasting::{result, start};
use crate::report::Report;
use crate::webdriver::{Browser, DriverError, Session};
use crate::window::open_page;
use crate::{CLOSING_DEADLINE, CaseOutcome, Settings, all_closed, counted, keep};

/// What is tried besides the scenario's expectation.
#[derive(Clone, Copy, Debug)]
pub struct CallCase {
    pub name: &'static str,
    pub scenario: &'static str,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A run is ended in its middle.
    Ended { run: Asked, once: Once, by: By },
    /// The person answers the browser's question after the run was ended.
    AnsweredLate(By),
    /// A button of the face opens each device.
    Buttons,
}

/// Which run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Full,
    Microphone,
    Camera,
}

/// When it is ended: as soon as the page holds this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Once {
    /// A peer connection looks for its own candidates.
    Gathering,
    /// Two peer connections look for each other through a relay.
    Looping,
    /// A peer connection looks for LiveKit's media.
    Answering,
    /// A WebTransport session is begun.
    Connecting,
    /// A device is open.
    Capturing,
}

/// How it is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Cancel,
    /// The element is taken out of the page.
    Removal,
}

const fn ended(name: &'static str, scenario: &'static str, run: Asked, once: Once, by: By) -> CallCase {
    CallCase { name, scenario, what: What::Ended { run, once, by } }
}

const RELAY_SILENT: &str = "v-turn-silent";
const DEVICES: &str = "v-healthy-devices";

pub const CALLS: &[CallCase] = &[
    ended("call-cancel-gathering", RELAY_SILENT, Asked::Full, Once::Gathering, By::Cancel),
    ended("call-remove-gathering", RELAY_SILENT, Asked::Full, Once::Gathering, By::Removal),
    ended("call-cancel-webtransport", "v-webtransport-silent", Asked::Full, Once::Connecting, By::Cancel),
    ended("call-remove-webtransport", "v-webtransport-silent", Asked::Full, Once::Connecting, By::Removal),
    ended("call-cancel-loopback", "v-relay-mute", Asked::Full, Once::Looping, By::Cancel),
    ended("call-remove-loopback", "v-relay-mute", Asked::Full, Once::Looping, By::Removal),
    ended("call-cancel-livekit", "v-livekit-media-silent", Asked::Full, Once::Answering, By::Cancel),
    ended("call-remove-livekit", "v-livekit-media-silent", Asked::Full, Once::Answering, By::Removal),
    ended("call-cancel-microphone", DEVICES, Asked::Microphone, Once::Capturing, By::Cancel),
    ended("call-cancel-camera", DEVICES, Asked::Camera, Once::Capturing, By::Cancel),
    ended("call-remove-microphone", DEVICES, Asked::Microphone, Once::Capturing, By::Removal),
    CallCase { name: "call-answered-after-cancel", scenario: DEVICES, what: What::AnsweredLate(By::Cancel) },
    CallCase { name: "call-answered-after-removal", scenario: DEVICES, what: What::AnsweredLate(By::Removal) },
    CallCase { name: "call-buttons", scenario: DEVICES, what: What::Buttons },
];

/// How long something may take to come about.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long nothing must be opened any more.
const QUIET: Duration = Duration::from_millis(1500);
/// How long a device is open, and a little more.
const SHOWN: Duration = Duration::from_secs(12);

impl CallCase {
    pub fn pace(&self) -> Pace {
        if self.what == What::Buttons { Pace::Slow } else { Pace::Brisk }
    }
}

impl Asked {
    fn options(self) -> Value {
        match self {
            Self::Full => Depth::Full.options(),
            Self::Microphone => json!({ "devices": "microphone" }),
            Self::Camera => json!({ "devices": "camera" }),
        }
    }
}

impl Once {
    /// What must be so of what the page holds, in JavaScript.
    fn script(self) -> &'static str {
        match self {
            Self::Gathering => "calls.peers.some(one => one.signalingState !== 'closed' && one.iceGatheringState === 'gathering')",
            Self::Looping => {
                "calls.peers.filter(one => one.signalingState !== 'closed' && one.getConfiguration().iceTransportPolicy === 'relay' && one.remoteDescription && one.iceConnectionState === 'checking').length >= 2"
            }
            Self::Answering => "calls.peers.some(one => one.remoteDescription?.sdp.includes('a=ice-lite') && one.iceConnectionState === 'checking')",
            Self::Connecting => "calls.left().sessions > 0",
            Self::Capturing => "calls.left().tracks > 0",
        }
    }
}

impl By {
    async fn end(self, session: &Session) -> Result<(), DriverError> {
        let script = match self {
            Self::Cancel => "document.querySelector('connection-doctor').cancel()",
            Self::Removal => "document.querySelector('connection-doctor').remove()",
        };
        session.execute(script, json!([])).await.map(drop)
    }
}

pub async fn call(session: &Session, running: &Running, case: &CallCase, settings: &Settings) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    open_page(session, running).await?;
    running.counters().reset();
    let begun = Instant::now();
    match case.what {
        What::Ended { run, once, by } => {
            start(session, run.options()).await?;
            wait(session, once.script(), &mut outcome).await?;
            end(session, running, by, &mut outcome).await?;
        }
        What::AnsweredLate(by) => {
            session.execute("window.__labCalls.hold()", json!([])).await?;
            start(session, Asked::Microphone.options()).await?;
            wait(session, "calls.asked === 1", &mut outcome).await?;
            by.end(session).await?;
            session.execute("window.__labCalls.answer()", json!([])).await?;
            wait(session, "calls.answered === 1", &mut outcome).await?;
            nothing_left(session, &mut outcome).await?;
            if by == By::Cancel {
                stopped(session, &mut outcome).await?;
            }
        }
        What::Buttons => buttons(session, case, settings, &mut outcome).await?,
    }
    nothing_left(session, &mut outcome).await?;
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    Ok(outcome)
}

/// Ends the run that is under way. What it holds is let go of at once, and nothing more is opened.
async fn end(session: &Session, running: &Running, by: By, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    by.end(session).await?;
    nothing_left(session, outcome).await?;
    let closed = running.counters().wait_until(CLOSING_DEADLINE, |tally| all_closed(tally, session.browser)).await;
    outcome.must(closed, || format!("connections are left open: {:?}", running.counters().tally()));
    if by == By::Cancel {
        stopped(session, outcome).await?;
    }
    let made = session.execute(MADE_SCRIPT, json!([])).await?;
    tokio::time::sleep(QUIET).await;
    let since = session.execute(MADE_SCRIPT, json!([])).await?;
    outcome.must(made == since, || format!("something was opened after the end: {made}, then {since}"));
    Ok(())
}

/// A run that was cancelled still says what it saw, and that it was stopped.
async fn stopped(session: &Session, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    if let Some(report) = result(session, outcome).await? {
        outcome.must(report.stopped, || "the report does not say that it was stopped".to_owned());
        outcome.must(report.verdict != "works", || "a run that was stopped says that all works".to_owned());
        outcome.verdict = report.verdict;
        outcome.causes = report.causes;
    }
    Ok(())
}

/// Each device is opened by its button, seen on the stage for as long as it is open, and told of in the report.
async fn buttons(session: &Session, case: &CallCase, settings: &Settings, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    start(session, Depth::Quick.options()).await?;
    result(session, outcome).await?;
    wait(session, "calls.asked === 0", outcome).await?;
    for (number, (device, label, shown)) in [("microphone", "Test the microphone", "meter"), ("camera", "Test the camera", "video")].into_iter().enumerate() {
        session.execute(NEXT_REPORT_SCRIPT, json!([])).await?;
        session.click(BUTTON_SCRIPT, json!([label])).await?;
        let seen = session.execute_async(STAGE_SCRIPT, json!([shown, SHOWN.as_millis() as u64])).await?;
        let holds = |name: &str| seen.get(name) == Some(&Value::Bool(true));
        outcome.must(holds("appeared"), || format!("no {shown} came up for the {device}"));
        // Firefox lets no page listen here: the machine has no sound.
        let is_deaf = session.browser == Browser::Firefox && device == "microphone";
        outcome.must(holds("alive") || is_deaf, || format!("the {shown} shows nothing: {seen}"));
        outcome.must(holds("gone"), || format!("the {shown} stays"));
        let report = session.execute_async("window.__labNextReport.then(arguments[0])", json!([])).await?;
        keep(session, &format!("{}-{device}", case.name), Some(&report), settings, outcome).await?;
        nothing_left(session, outcome).await?;
        let asked = session.execute("return window.__labCalls.asked", json!([])).await?;
        outcome.must(asked == json!(number + 1), || format!("after {} clicks the browser was asked {asked} times", number + 1));
        let report = match Report::read(&report) {
            Ok(report) => report,
            Err(broken) => {
                outcome.failures.push(broken);
                continue;
            }
        };
        let captures: Vec<_> = report.facts("capture").collect();
        outcome.must(captures.len() == 1, || format!("{} devices were opened by one click", captures.len()));
        let opened = captures.first().is_some_and(|capture| capture["device"] == device && capture.get("opened_after").is_some());
        outcome.must(opened, || format!("the report does not say that the {device} was opened: {captures:?}"));
        let said = session.execute(DEVICES_SCRIPT, json!([])).await?;
        let tells = said.as_str().is_some_and(|said| said.contains(&format!("{device}: ")));
        outcome.must(tells, || format!("the face does not tell of the {device}: {said}"));
        outcome.verdict = report.verdict;
        outcome.causes = report.causes;
    }
    Ok(())
}

/// Waits until it is so of what the page holds, which is `calls` in the script.
async fn wait(session: &Session, so: &str, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    let script = WAIT_SCRIPT.replace("HOLDS", so);
    let held = session.execute_async(&script, json!([PATIENCE.as_millis() as u64])).await?;
    outcome.must(held == Value::Bool(true), || format!("it never came to {so}; there was {held}"));
    Ok(())
}

/// The page holds nothing that it opened.
async fn nothing_left(session: &Session, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    let script = WAIT_SCRIPT.replace("HOLDS", "Object.values(calls.left()).every(count => count === 0)");
    let held = session.execute_async(&script, json!([CLOSING_DEADLINE.as_millis() as u64])).await?;
    outcome.must(held == Value::Bool(true), || format!("the page still holds {held}"));
    Ok(())
}

/// What every run of the page's is held to, with calls or without.
pub async fn harmless(session: &Session, running: &Running, expectation: &Expectation, seen: &Value, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    let asked = seen.get("asked").and_then(Value::as_u64).unwrap_or(0);
    outcome.must(asked <= expectation.devices.len() as u64, || format!("the browser was asked for devices {asked} times"));
    let has_calls = running.scenario().has_calls;
    let fetched = seen.get("fetched") == Some(&Value::Bool(true));
    outcome.must(fetched == has_calls || seen.get("report").is_none(), || format!("calls.js was fetched: {fetched}; there are calls: {has_calls}"));
    if !has_calls {
        return Ok(());
    }
    nothing_left(session, outcome).await?;
    if let Some(report) = seen.get("report") {
        let requests = report.get("requests").and_then(Value::as_u64).unwrap_or(u64::MAX);
        outcome.must(requests <= u64::from(expectation.depth.most_requests()), || format!("by its own count it asked {requests} times"));
        let text = report.to_string();
        // Guidance has examples of addresses.
        let mut seen = report.clone();
        seen.as_object_mut().map(|members| members.remove("guidance"));
        for secret in secrets(running) {
            outcome.must(!text.contains(&secret), || format!("the report has {secret:?} in it"));
        }
        let addresses = foreign_addresses(&seen.to_string());
        outcome.must(addresses.is_empty(), || format!("the report has addresses in it: {addresses:?}"));
    }
    Ok(())
}

/// What stands in the scenario's configuration and must stand nowhere else; and what tokens, passwords and names of devices look like.
fn secrets(running: &Running) -> Vec<String> {
    let configuration: Value = serde_json::from_str(running.configuration()).unwrap_or_default();
    let mut all: Vec<String> = ["eyJ", "lab-person", ".local", "Fake Default", "fake_device"].map(str::to_owned).to_vec();
    let mut add = |value: Option<&Value>| all.extend(value.and_then(Value::as_str).map(str::to_owned));
    add(configuration.get("livekit-token"));
    for server in configuration.get("ice-servers").and_then(Value::as_array).into_iter().flatten() {
        add(server.get("username"));
        add(server.get("credential"));
    }
    all
}

/// Addresses in numbers that are not of this device. What follows a slash and a name is a version.
fn foreign_addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        let parts: Vec<&str> = word.trim_end_matches('.').split('.').collect();
        let is_address = parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok());
        let is_version = before.ends_with("Chrome/") || before.ends_with("Chromium/");
        if is_address && !is_version && parts.first() != Some(&"127") {
            found.push(word.to_owned());
        }
        rest = after;
    }
    found
}

/// Watches what the page opens from here on.
pub const WATCH_SCRIPT: &str = include_str!("../browser/lab/watch-calls.js");

/// Waits until HOLDS does, and tells what there is where it does not come to that.
const WAIT_SCRIPT: &str = "
const [deadline, done] = arguments;
const calls = window.__labCalls;
const begun = performance.now();
const look = () => {
    if (HOLDS) return done(true);
    if (performance.now() - begun > deadline) return done(JSON.stringify({ asked: calls.asked, ...calls.left() }));
    setTimeout(look, 20);
};
look();
";

/// How much was ever opened.
const MADE_SCRIPT: &str = "
const { asked, peers, tracks, sessions, contexts } = window.__labCalls;
return [asked, peers.length, tracks.length, sessions.length, contexts.length];
";

/// The button of the face that says this.
const BUTTON_SCRIPT: &str = "
const [label] = arguments;
const all = [...document.querySelector('connection-doctor').shadowRoot.querySelectorAll('button')];
return all.find(button => button.innerText.trim() === label) ?? null;
";

/// Waits for what shows a device, sees whether it moves, and whether it goes.
const STAGE_SCRIPT: &str = "
const [shown, deadline, done] = arguments;
const seen = { appeared: false, alive: false, gone: false };
const begun = performance.now();
const look = () => {
    const element = document.querySelector('connection-doctor').shadowRoot.querySelector(shown);
    if (element) {
        seen.appeared = element.getBoundingClientRect().width > 0;
        seen.alive ||= shown === 'meter' ? element.value > 0.1 : element.videoWidth > 0 && !element.paused;
    }
    seen.gone = seen.appeared && !element;
    if (seen.gone || performance.now() - begun > deadline) return done(seen);
    setTimeout(look, 20);
};
look();
";

const NEXT_REPORT_SCRIPT: &str = "
window.__labNextReport = new Promise(resolve => {
    document.addEventListener('connection-doctor:report', ({ detail }) => resolve(JSON.parse(JSON.stringify(detail))), { once: true });
});
";

/// What the face says of devices.
const DEVICES_SCRIPT: &str = "
return document.querySelector('connection-doctor').shadowRoot.querySelector('[part~=\"devices\"]')?.innerText ?? '';
";
