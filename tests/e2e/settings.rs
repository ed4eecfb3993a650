//! Settings that are wrong are refused with a sentence, before anything is asked of anybody; `autorun` runs once; and a
//! program that breaks down says so.

use std::time::{Duration, Instant};

use connection_doctor_lab::Running;
use serde_json::{Value, json};

use crate::webdriver::{DriverError, Session};
use crate::window::{READY_SCRIPT, open_page, open_page_with};
use crate::{CaseOutcome, SLACK, counted};

/// Where settings are tried: a chat that is healthy.
pub const SCENARIO: &str = "healthy-engineioxide";
/// Where a run lasts for some seconds, so that the test is there before it ends.
pub const LONG_SCENARIO: &str = "upgrade-swallowed";
/// How long a run of that scenario may take.
const RUN_DEADLINE: Duration = Duration::from_secs(20);
/// How long nothing must follow it.
const QUIET: Duration = Duration::from_millis(1500);

/// Settings that the page must refuse.
#[derive(Clone, Copy, Debug)]
pub struct SettingCase {
    pub name: &'static str,
    /// The page's query.
    query: &'static str,
    /// The options of the call, as JSON.
    options: &'static str,
    /// What the refusal must name.
    says: &'static [&'static str],
    /// What must stand nowhere: not in the page's text, not in the error.
    never: Option<&'static str>,
    /// The page's face says it as soon as it is there, without a run.
    at_once: bool,
}

const IN_THE_ADDRESS: SettingCase = SettingCase { name: "", query: "", options: "{}", says: &[], never: None, at_once: true };

const IN_THE_CALL: SettingCase = SettingCase { at_once: false, ..IN_THE_ADDRESS };
const RELAYS: SettingCase = SettingCase { says: &["“ice-servers”", "a JSON list of RTCIceServer objects"], ..IN_THE_CALL };

pub const SETTINGS: &[SettingCase] = &[
    SettingCase { name: "setting-depth", query: "?depth=deep", says: &["“depth”", "“deep”", "quick, full, watch"], ..IN_THE_ADDRESS },
    // With autorun, as somebody who wants to be asked would send the link.
    SettingCase {
        name: "setting-server",
        query: "?server=https://evil.example&autorun",
        says: &["“server”", "in a link only origins that the page, its file or its attributes name"],
        ..IN_THE_ADDRESS
    },
    SettingCase {
        name: "setting-token",
        query: "?livekit-token=eyJlab0secret&autorun",
        says: &["“livekit-token”", "nothing in a link"],
        never: Some("eyJlab0secret"),
        ..IN_THE_ADDRESS
    },
    SettingCase {
        name: "setting-relays",
        query: "?ice-servers=[{\"urls\":\"turn:evil.example\"}]&autorun",
        says: &["“ice-servers”", "nothing in a link"],
        ..IN_THE_ADDRESS
    },
    SettingCase { name: "setting-devices", query: "?devices=microphone&autorun", says: &["“devices”", "in the options of run() only"], ..IN_THE_ADDRESS },
    SettingCase {
        name: "setting-webtransport",
        query: "?webtransport-url=https://evil.example/&autorun",
        says: &["“webtransport-url”", "in a link"],
        ..IN_THE_ADDRESS
    },
    SettingCase {
        name: "setting-webtransport-http",
        options: r#"{"webtransport-url":"http://chat.example/"}"#,
        says: &["“webtransport-url”", "https:"],
        ..IN_THE_CALL
    },
    SettingCase {
        name: "setting-devices-unknown", options: r#"{"devices":"microphone,screen"}"#, says: &["“devices”", "microphone, camera"], ..IN_THE_CALL
    },
    SettingCase { name: "setting-relays-text", options: r#"{"ice-servers":"turn:turn.example"}"#, ..RELAYS },
    SettingCase { name: "setting-relays-object", options: r#"{"ice-servers":{"urls":"turn:turn.example"}}"#, ..RELAYS },
    SettingCase { name: "setting-relays-number", options: r#"{"ice-servers":[{"urls":5}]}"#, ..RELAYS },
    SettingCase { name: "setting-relays-mixed", options: r#"{"ice-servers":[{"urls":["turn:turn.example",null]}]}"#, ..RELAYS },
    SettingCase {
        name: "setting-relays-scheme",
        options: r#"{"ice-servers":[{"urls":"http://turn.example","username":"ann","credential":"hunter2secret"}]}"#,
        never: Some("hunter2secret"),
        ..RELAYS
    },
    SettingCase {
        name: "setting-relays-many",
        options: r#"{"ice-servers":[{"urls":["stun:a","stun:b","stun:c","stun:d","stun:e","stun:f","stun:g","stun:h","stun:i"]}]}"#,
        ..RELAYS
    },
    SettingCase { name: "setting-unknown", options: r#"{"servr":"x"}"#, says: &["“servr”", "in the options of run()", "socket-path"], ..IN_THE_CALL },
];

/// The settings are refused: in the face, by the rejection of `run()`, and without a request.
pub async fn setting(session: &Session, running: &Running, case: &SettingCase) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    open_page_with(session, running, case.query).await?;
    session.execute_async(READY_SCRIPT, json!([])).await?;
    let begun = Instant::now();
    if case.at_once {
        let said = session.execute_async(FACE_SCRIPT, json!([case.says])).await?;
        outcome.must(said == Value::Bool(true), || format!("the face does not say {:?}; it says {said}", case.says));
    }
    let options: Value = serde_json::from_str(case.options).unwrap_or_default();
    let seen = session.execute_async(REFUSED_SCRIPT, json!([options])).await?;
    outcome.took = begun.elapsed();
    let text = |name: &str| seen.get(name).and_then(Value::as_str).unwrap_or("");
    outcome.must(seen.get("error") == Some(&Value::Bool(true)), || "run() did not reject with an Error".to_owned());
    for wanted in case.says {
        outcome.must(text("message").contains(wanted), || format!("run() rejects without {wanted:?}: {:?}", text("message")));
        outcome.must(text("text").contains(wanted), || format!("the face does not say {wanted:?}; it says {:?}", text("text")));
    }
    if let Some(never) = case.never {
        for place in ["message", "text", "page"] {
            outcome.must(!text(place).contains(never), || format!("{never} stands in the {place}: {:?}", text(place)));
        }
    }
    outcome.must(seen.get("reports") == Some(&json!(0)), || "there is a report".to_owned());
    outcome.must(seen.get("asked") == Some(&json!(0)), || "the browser was asked for a device".to_owned());
    let foreign = seen.get("foreign").and_then(Value::as_array).map_or(0, Vec::len);
    outcome.must(foreign == 0, || format!("asked of other origins: {}", seen["foreign"]));
    outcome.counted = counted(running);
    let asked = running.counters().tally();
    outcome.must(asked.requests + asked.handshakes == 0, || format!("the chat's server was asked: {asked:?}"));
    Ok(outcome)
}

/// `?autorun` runs once, whatever happens to the element afterwards.
pub async fn autorun(session: &Session, running: &Running) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    open_page_with(session, running, "?autorun").await?;
    let early = session.execute(LISTEN_SCRIPT, json!([])).await?;
    outcome.must(early == Value::Bool(true), || "the run ended before anybody could listen: the test proves nothing".to_owned());
    let begun = Instant::now();
    let reported = session.execute_async(REPORTED_SCRIPT, json!([RUN_DEADLINE.as_millis() as u64])).await?;
    outcome.took = begun.elapsed();
    outcome.must(reported == Value::Bool(true), || format!("no report within {} s", RUN_DEADLINE.as_secs()));
    let after_one = running.counters().tally();
    outcome.must(after_one.requests > 0 && after_one.handshakes > 0, || format!("a run asked for nothing: {after_one:?}"));
    // Moving the element and setting an attribute are no reasons for another run.
    session.execute(MOVE_SCRIPT, json!([])).await?;
    tokio::time::sleep(QUIET).await;
    let reports = session.execute("return window.__labReports", json!([])).await?;
    outcome.must(reports == json!(1), || format!("{reports} events connection-doctor:report"));
    let now = running.counters().tally();
    let unchanged = (now.requests, now.handshakes) == (after_one.requests, after_one.handshakes);
    outcome.must(unchanged, || format!("something ran again: {after_one:?}, then {now:?}"));
    outcome.counted = counted(running);
    Ok(outcome)
}

/// What a trap in WebAssembly looks like to the page, in the middle of a run: the run rejects and the face says it.
pub async fn breakdown(session: &Session, running: &Running) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    open_page(session, running).await?;
    running.counters().reset();
    session.execute(RUN_ON_SCRIPT, json!([])).await?;
    let begun = running.counters().wait_until(SLACK, |tally| tally.handshakes > 0).await;
    outcome.must(begun, || "the run asked for nothing".to_owned());
    let broken = Instant::now();
    let seen = session.execute_async(BREAKDOWN_SCRIPT, json!([])).await?;
    outcome.took = broken.elapsed();
    outcome.counted = counted(running);
    let text = |name: &str| seen.get(name).and_then(Value::as_str).unwrap_or("");
    outcome.must(seen.get("error") == Some(&Value::Bool(true)), || format!("run() did not reject with an Error: {seen}"));
    for place in ["message", "text"] {
        for wanted in ["The test itself broke down", "unreachable"] {
            outcome.must(text(place).contains(wanted), || format!("the {place} does not say {wanted:?}: {:?}", text(place)));
        }
    }
    Ok(outcome)
}

/// Waits until the face says all of this.
const FACE_SCRIPT: &str = "
const [wanted, done] = arguments;
const begun = performance.now();
const look = () => {
    const text = document.querySelector('connection-doctor').shadowRoot.textContent;
    if (wanted.every(words => text.includes(words))) return done(true);
    if (performance.now() - begun > 15_000) return done(text);
    setTimeout(look, 50);
};
look();
";

/// Asks for a run that must be refused, and tells all that the page says and asked for.
const REFUSED_SCRIPT: &str = "
const [options, done] = arguments;
const element = document.querySelector('connection-doctor');
let reports = 0;
document.addEventListener('connection-doctor:report', () => { reports += 1; });
const ended = (error, message) => setTimeout(() => done({
    error, message, reports, asked: window.__labCalls?.asked ?? 0,
    text: element.shadowRoot.textContent,
    page: document.title + document.documentElement.outerHTML + element.shadowRoot.innerHTML,
    foreign: performance.getEntriesByType('resource').map(entry => entry.name).filter(name => new URL(name).origin !== location.origin),
}), 500);
element.run(options).then(
    () => ended(false, 'it resolved'),
    error => ended(error instanceof window.Error, String(error?.message)),
);
";

/// Counts the reports from now on; false where there is one already.
const LISTEN_SCRIPT: &str = "
window.__labReports = 0;
window.__labReported = new Promise(resolve => {
    document.addEventListener('connection-doctor:report', () => { window.__labReports += 1; resolve(); });
});
return !document.querySelector('connection-doctor').report;
";

/// Waits for the first report.
const REPORTED_SCRIPT: &str = "
const [deadline, done] = arguments;
window.__labReported.then(() => done(true));
setTimeout(() => done(false), deadline);
";

/// Moves the element and sets an attribute.
const MOVE_SCRIPT: &str = "
const element = document.querySelector('connection-doctor');
document.body.append(element);
element.setAttribute('lang', 'en');
";

/// Starts a run and keeps what becomes of it.
const RUN_ON_SCRIPT: &str = "
window.__labRun = document.querySelector('connection-doctor').run().then(
    () => ({ error: false, message: 'it resolved' }),
    error => ({ error: error instanceof window.Error, message: String(error?.message) }),
);
";

/// Lets the window hear of a trap. The page's own classes: Firefox runs this script in a realm of its own.
const BREAKDOWN_SCRIPT: &str = "
const done = arguments[0];
const error = new window.WebAssembly.RuntimeError('unreachable');
window.dispatchEvent(new window.ErrorEvent('error', { error }));
window.__labRun.then(seen => done({ ...seen, text: document.querySelector('connection-doctor').shadowRoot.textContent }));
";
