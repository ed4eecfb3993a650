//! Runs that last: what the face says before one begins, what becomes of the page in the middle of one, and how they are stopped.

use std::time::{Duration, Instant};

use connection_doctor_lab::Running;
use serde_json::{Value, json};

use crate::expectations::Depth;
use crate::lanes::Pace;
use crate::report::Report;
use crate::webdriver::{Browser, DriverError, Session};
use crate::window::open_page;
use crate::{CLOSING_DEADLINE, CaseOutcome, SLACK, Settings, all_closed, counted, keep};

/// What is tried besides the scenario's expectation.
#[derive(Clone, Copy, Debug)]
pub struct Lasting {
    pub name: &'static str,
    pub scenario: &'static str,
    what: What,
    /// Where the browser cannot do it.
    waiver: Option<(Browser, &'static str)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// The face says how long a run takes and how much it asks, before it does.
    Budget,
    /// The server goes away in the middle of a quick run.
    Dies,
    /// The person turns to another tab.
    Hidden,
    /// The browser freezes the tab.
    Frozen,
    /// Nothing but watching, until it is stopped.
    Watch,
    /// A full run is cancelled while it holds connections.
    Cancelled,
    /// Full runs one after the other, each of them cancelled by the next.
    Replaced,
    /// No worker may be in the page.
    NoWorker,
}

const LASTING_HERE: Lasting = Lasting { name: "", scenario: "", what: What::Budget, waiver: None };

pub const LASTING: &[Lasting] = &[
    Lasting { name: "budget", scenario: "healthy-engineioxide", ..LASTING_HERE },
    Lasting { name: "dies-in-quick", scenario: "offline", what: What::Dies, ..LASTING_HERE },
    Lasting { name: "hidden-tab", scenario: "t-idle-cut", what: What::Hidden, ..LASTING_HERE },
    Lasting { name: "frozen-tab", scenario: "t-idle-cut", what: What::Frozen, waiver: Some((Browser::Firefox, "its driver cannot freeze a tab")) },
    Lasting { name: "watch", scenario: "t-idle-cut", what: What::Watch, ..LASTING_HERE },
    Lasting { name: "cancel-full", scenario: "t-healthy-pings", what: What::Cancelled, ..LASTING_HERE },
    Lasting { name: "replace-full", scenario: "t-healthy-pings", what: What::Replaced, ..LASTING_HERE },
    Lasting { name: "no-worker", scenario: "q-healthy-no-worker", what: What::NoWorker, ..LASTING_HERE },
];

/// When the page is hidden or frozen, and for how long.
const ASIDE_AT: Duration = Duration::from_secs(3);
const ASIDE_FOR: Duration = Duration::from_secs(9);
/// What the scenario would be told, were the page in view.
const BY_TIME: [&str; 2] = ["WS005", "POLL004"];
/// How long is watched, and what must have come until its first half and its end.
const WATCHED: Duration = Duration::from_secs(16);
/// How long nothing must follow a run that was stopped.
const QUIET: Duration = Duration::from_millis(1500);

impl Lasting {
    /// Whether the window is not as before: Chromium's tab stays hidden for what is opened in it next.
    pub fn spoils_window(&self) -> bool {
        matches!(self.what, What::Hidden | What::Frozen)
    }

    pub fn pace(&self) -> Pace {
        match self.what {
            What::Budget | What::Dies => Pace::Brisk,
            _ => Pace::Slow,
        }
    }
}

pub async fn last(session: &Session, running: &Running, case: &Lasting, settings: &Settings) -> Result<CaseOutcome, DriverError> {
    if let Some((_, reason)) = case.waiver.filter(|(browser, _)| *browser == session.browser) {
        return Ok(CaseOutcome { waived: Some(reason), ..CaseOutcome::default() });
    }
    let mut outcome = CaseOutcome::default();
    open_page(session, running).await?;
    let begun = Instant::now();
    match case.what {
        What::Budget => budget(session, running, &mut outcome).await?,
        What::Dies => dies(session, running, &mut outcome).await?,
        What::Hidden | What::Frozen => aside(session, running, case, settings, &mut outcome).await?,
        What::Watch => watch(session, running, case, settings, &mut outcome).await?,
        What::Cancelled => cancelled(session, running, &mut outcome).await?,
        What::Replaced => replaced(session, running, &mut outcome).await?,
        What::NoWorker => no_worker(session, running, case, settings, &mut outcome).await?,
    }
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    let closed = running.counters().wait_until(CLOSING_DEADLINE, |tally| all_closed(tally, session.browser)).await;
    outcome.must(closed, || format!("connections are left open: {:?}", running.counters().tally()));
    Ok(outcome)
}

async fn budget(session: &Session, running: &Running, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    let said = session.execute_async(FACE_SCRIPT, json!([])).await?;
    let said = said.as_str().unwrap_or_default();
    for depth in [Depth::Quick, Depth::Full] {
        let (seconds, requests) = (format!("{} seconds", depth.limit().as_secs()), format!("{} requests", depth.most_requests()));
        for wanted in [&seconds, &requests] {
            outcome.must(said.contains(wanted), || format!("the face does not say {wanted:?} before a run; it says {said:?}"));
        }
    }
    let tally = running.counters().tally();
    outcome.must(tally.requests + tally.handshakes == 0, || format!("something was asked before anybody clicked: {tally:?}"));
    Ok(())
}

/// The chat's origin goes once the first socket opened.
async fn dies(session: &Session, running: &Running, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    running.counters().reset();
    let begun = Instant::now();
    start(session, Depth::Quick.options()).await?;
    let opened = running.counters().wait_until(SLACK, |tally| tally.handshakes > 0 && tally.open_sockets > 0).await;
    outcome.must(opened, || "no socket was opened".to_owned());
    running.flip();
    let report = result(session, outcome).await?;
    let limit = Depth::Quick.limit() + SLACK;
    outcome.must(begun.elapsed() <= limit, || format!("the run took longer than {} s", limit.as_secs()));
    if let Some(report) = report {
        outcome.must(report.verdict != "works", || "the verdict is works, and the server is gone".to_owned());
        outcome.verdict = report.verdict;
        outcome.causes = report.causes;
    }
    Ok(())
}

/// What was cut while nobody looked is nobody's fault: the rules that judge by time cannot know, and the page says why.
async fn aside(session: &Session, running: &Running, case: &Lasting, settings: &Settings, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    running.counters().reset();
    let begun = Instant::now();
    start(session, Depth::Full.options()).await?;
    tokio::time::sleep(ASIDE_AT).await;
    if case.what == What::Frozen {
        session.freeze(true).await?;
        tokio::time::sleep(ASIDE_FOR).await;
        session.freeze(false).await?;
    } else {
        let cover = session.cover().await?;
        tokio::time::sleep(ASIDE_FOR).await;
        session.uncover(cover).await?;
    }
    let report = result(session, outcome).await?;
    let limit = Depth::Full.limit() + SLACK;
    outcome.must(begun.elapsed() <= limit, || format!("the run took longer than {} s", limit.as_secs()));
    let seen = session.execute("return document.querySelector('connection-doctor').report ?? null", json!([])).await?;
    keep(session, case.name, Some(&seen), settings, outcome).await?;
    let Some(report) = report else { return Ok(()) };
    let hidden = report.facts("visibility").any(|fact| fact.get("hidden") == Some(&Value::Bool(true)));
    outcome.must(hidden, || "the page was never hidden: the test proves nothing".to_owned());
    outcome.must(report.info.contains("ENV001"), || format!("ENV001 is no remark; there are {:?}", report.info));
    for code in BY_TIME {
        let raised = report.causes.iter().chain(&report.consequences).any(|raised| raised == code);
        outcome.must(!raised, || format!("{code} should not be said; the page says {:?}", report.causes));
        // Frozen for as long as two cuts take, it sees one less.
        let is_unknown = case.what == What::Frozen || report.unknown.contains(code);
        outcome.must(is_unknown, || format!("{code} should not be known; the page says {:?}", report.unknown));
    }
    outcome.must(report.verdict != "works", || "the verdict is works, and half of it was not seen".to_owned());
    outcome.verdict = report.verdict;
    outcome.causes = report.causes;
    Ok(())
}

async fn watch(session: &Session, running: &Running, case: &Lasting, settings: &Settings, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    running.counters().reset();
    start(session, json!({ "depth": "watch" })).await?;
    tokio::time::sleep(WATCHED / 2).await;
    let first_half = lives(session).await?;
    tokio::time::sleep(WATCHED / 2).await;
    let all = lives(session).await?;
    outcome.must(!first_half.is_empty(), || "nothing is on the list after the first half".to_owned());
    outcome.must(all.len() > first_half.len(), || format!("the list does not grow: {first_half:?}, then {all:?}"));
    session.execute("document.querySelector('connection-doctor').cancel()", json!([])).await?;
    let report = result(session, outcome).await?;
    let seen = session.execute("return document.querySelector('connection-doctor').report ?? null", json!([])).await?;
    keep(session, case.name, Some(&seen), settings, outcome).await?;
    let Some(report) = report else { return Ok(()) };
    outcome.must(report.stopped, || "the report does not say that it was stopped".to_owned());
    let cut = |purpose: &str| {
        let of_it = report.facts("socket").filter(|life| life.get("purpose").is_some_and(|its| its == purpose));
        of_it.filter(|life| life["events"].as_array().is_some_and(|events| events.iter().any(|event| event["is"] == "close"))).count()
    };
    let reconnects = cut("heartbeat");
    outcome.must(reconnects >= 3, || format!("{reconnects} connections ended and were followed by another"));
    outcome.must(all.len() <= reconnects + cut("busy") + cut("hello"), || format!("the list has {} lines, the report {reconnects}", all.len()));
    outcome.verdict = report.verdict;
    outcome.causes = report.causes;
    Ok(())
}

async fn cancelled(session: &Session, running: &Running, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    running.counters().reset();
    start(session, Depth::Full.options()).await?;
    holding(running, outcome).await;
    session.execute("document.querySelector('connection-doctor').cancel()", json!([])).await?;
    if let Some(report) = result(session, outcome).await? {
        outcome.must(report.stopped, || "the report does not say that it was stopped".to_owned());
        outcome.must(report.verdict != "broken", || format!("a run that was stopped says {:?}", report.causes));
        outcome.verdict = report.verdict;
        outcome.causes = report.causes;
    }
    nothing_follows(session, running, outcome).await;
    Ok(())
}

/// The newer run takes the older one's place; what the older one held is let go.
async fn replaced(session: &Session, running: &Running, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    running.counters().reset();
    start(session, Depth::Full.options()).await?;
    holding(running, outcome).await;
    start(session, Depth::Quick.options()).await?;
    if let Some(report) = result(session, outcome).await? {
        outcome.must(!report.stopped && report.verdict == "works", || format!("the newer run says {:?} {:?}", report.verdict, report.causes));
        outcome.verdict = report.verdict;
    }
    nothing_follows(session, running, outcome).await;
    Ok(())
}

/// Waits until connections are held: the quiet one, the busy one, and a request.
async fn holding(running: &Running, outcome: &mut CaseOutcome) {
    tokio::time::sleep(Duration::from_secs(6)).await;
    let holds = running.counters().wait_until(Duration::from_secs(10), |tally| tally.open_sockets >= 2 && tally.unanswered >= 1).await;
    outcome.must(holds, || format!("nothing is held: {:?}", running.counters().tally()));
}

async fn nothing_follows(session: &Session, running: &Running, outcome: &mut CaseOutcome) {
    let closed = running.counters().wait_until(CLOSING_DEADLINE, |tally| all_closed(tally, session.browser)).await;
    outcome.must(closed, || format!("connections are left open: {:?}", running.counters().tally()));
    let before = running.counters().tally();
    tokio::time::sleep(QUIET).await;
    let after = running.counters().tally();
    let asked = |tally: connection_doctor_lab::Tally| (tally.requests, tally.handshakes);
    outcome.must(asked(before) == asked(after), || format!("something followed: {before:?}, then {after:?}"));
}

/// The page itself measures, and says so.
async fn no_worker(session: &Session, running: &Running, case: &Lasting, settings: &Settings, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    running.counters().reset();
    start(session, Depth::Full.options()).await?;
    let report = result(session, outcome).await?;
    let seen = session.execute("return document.querySelector('connection-doctor').report ?? null", json!([])).await?;
    keep(session, case.name, Some(&seen), settings, outcome).await?;
    let Some(report) = report else { return Ok(()) };
    for of in ["http", "socket"] {
        let trips = report.facts("round-trips").find(|fact| fact.get("of").is_some_and(|its| its == of));
        let measured = trips.and_then(|fact| fact["samples"].as_array()).map_or(0, Vec::len);
        outcome.must(measured >= 5, || format!("{measured} round trips of {of}"));
        outcome.must(trips.is_none_or(|fact| fact["in_worker"] == false), || "a worker measured, where none may be".to_owned());
    }
    outcome.verdict = report.verdict;
    outcome.causes = report.causes;
    Ok(())
}

/// Starts a run and keeps its promise in the page.
pub async fn start(session: &Session, options: Value) -> Result<(), DriverError> {
    session.execute(START_SCRIPT, json!([options])).await.map(drop)
}

/// Waits for the report of the run that was started last.
pub async fn result(session: &Session, outcome: &mut CaseOutcome) -> Result<Option<Report>, DriverError> {
    let seen = session.execute_async(RESULT_SCRIPT, json!([])).await?;
    Ok(match seen.get("report").map(Report::read) {
        Some(Ok(report)) => Some(report),
        other => {
            outcome.failures.push(format!("there is no report: {other:?}, {:?}", seen.get("error")));
            None
        }
    })
}

/// What the face lists of connections that ended.
async fn lives(session: &Session) -> Result<Vec<String>, DriverError> {
    let listed = session.execute(LIVES_SCRIPT, json!([])).await?;
    Ok(listed.as_array().into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)).collect())
}

const START_SCRIPT: &str = "
const [options] = arguments;
window.__labRun = document.querySelector('connection-doctor').run(options).then(
    report => ({ report: JSON.parse(JSON.stringify(report)) }),
    error => ({ error: String(error?.message ?? error) }),
);
return true;
";

const RESULT_SCRIPT: &str = "window.__labRun.then(arguments[0]);";

/// What the face says once it is there.
const FACE_SCRIPT: &str = "
const done = arguments[0];
const begun = performance.now();
const look = () => {
    const said = document.querySelector('connection-doctor').shadowRoot.firstElementChild?.innerText ?? '';
    if (said || performance.now() - begun > 15_000) return done(said);
    setTimeout(look, 50);
};
look();
";

const LIVES_SCRIPT: &str = "
return [...document.querySelector('connection-doctor').shadowRoot.querySelectorAll('[part~=\"lives\"] li')].map(line => line.innerText);
";
