//! The command line in place of the page's own run: it must come to the same verdict. `--by cli` has it attach to the browser that was
//! prepared for a case, run there, and leave the window open. Some cases of its own have it start everything itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use connection_doctor_lab::Running;
use serde_json::{Value, json};

use crate::report::Report;
use crate::webdriver::{Browser, DriverError, Session};
use crate::{CaseOutcome, counted};

/// What the command line told.
#[derive(Debug)]
pub struct Told {
    /// The report, where there is one on its standard output.
    pub report: Option<Value>,
    pub code: i32,
    /// Its standard error.
    pub said: String,
}

impl Told {
    /// The exit code that a verdict has.
    pub fn code_of(verdict: &str) -> i32 {
        match verdict {
            "works" => 0,
            "inconclusive" => 3,
            _ => 1,
        }
    }
}

/// Runs it in the page that this session has open, with these options of `run()`.
pub async fn attached(session: &Session, options: &Value) -> Result<Told, DriverError> {
    let (driver, id) = session.place();
    let mut args: Vec<String> =
        ["check", "--json", "--browser", session.browser.name(), "--driver", driver.as_str(), "--session", id].map(str::to_owned).to_vec();
    for (name, value) in options.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match name.as_str() {
            "depth" => args.extend(["--depth".to_owned(), value]),
            _ => args.extend(["--setting".to_owned(), format!("{name}={value}")]),
        }
    }
    run(args).await
}

/// Runs it with these arguments.
pub async fn run(args: Vec<String>) -> Result<Told, DriverError> {
    let broken = |what: String| DriverError::Connection(what);
    let program = program().ok_or_else(|| broken("the command line is not built: cargo build --package connection-doctor-cli".to_owned()))?;
    let ended = tokio::task::spawn_blocking(move || Command::new(program).args(args).stdin(Stdio::null()).output());
    let output = ended.await.map_err(|error| broken(error.to_string()))?.map_err(|error| broken(format!("the command line: {error}")))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Told { report: serde_json::from_slice(&output.stdout).ok(), code: output.status.code().unwrap_or(-1), said })
}

/// Cargo puts it beside the folder of the tests.
fn program() -> Option<PathBuf> {
    let tests = std::env::current_exe().ok()?;
    Some(tests.parent().and_then(Path::parent)?.join("connection-doctor")).filter(|program| program.is_file())
}

/// What a case asks of the command line that starts everything itself.
#[derive(Debug)]
pub struct CliCase {
    pub name: &'static str,
    pub scenario: &'static str,
    pub at: At,
    pub args: &'static [&'static str],
    pub ends: Ends,
    /// Browsers in which it ends otherwise.
    pub but_in: &'static [(Browser, Ends)],
}

/// The URL that it is given.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// The installed page.
    Page,
    /// The chat's own page, at the top of the origin.
    Chat,
    /// A port of loopback at which nobody listens.
    Nobody,
}

/// How it ends.
#[derive(Clone, Copy, Debug)]
pub enum Ends {
    /// With a report: the exit code, the causes above Info, and what stands on the standard error of how it was made.
    Report(i32, &'static [&'static str], &'static str),
    /// With exit code 2, and this on the standard error.
    Refused(&'static str),
}

const INSTALLED: &str = "Run by the Connection Doctor that the site has, at";
const INJECTED: &str = "Run by a program that the driver put into";
const LIFTED: &str = "Content-Security-Policy was lifted";
const FORBIDDEN: &str = "lets the program not run in it";

const PLAIN: CliCase = CliCase { name: "", scenario: "", at: At::Page, args: &[], ends: Ends::Report(0, &[], INSTALLED), but_in: &[] };

pub const CLI_CASES: &[CliCase] = &[
    CliCase { name: "cli-healthy", scenario: "healthy-engineioxide", ..PLAIN },
    CliCase { name: "cli-finds-the-page", scenario: "discovered-engineioxide", at: At::Chat, ..PLAIN },
    CliCase { name: "cli-broken", scenario: "refused", ends: Ends::Report(1, &["NET002"], INSTALLED), ..PLAIN },
    CliCase { name: "cli-degraded", scenario: "upgrade-stripped", ends: Ends::Report(1, &["WS001"], INSTALLED), ..PLAIN },
    CliCase {
        name: "cli-degraded-passes",
        scenario: "upgrade-stripped",
        args: &["--fail-on", "broken"],
        ends: Ends::Report(0, &["WS001"], INSTALLED),
        ..PLAIN
    },
    CliCase { name: "cli-injected", scenario: "healthy-hashed-scripts", at: At::Chat, args: &["--inject"], ends: Ends::Report(0, &[], INJECTED), ..PLAIN },
    CliCase {
        name: "cli-injected-under-policy",
        scenario: "healthy-chat-policy",
        at: At::Chat,
        args: &["--inject"],
        ends: Ends::Refused(FORBIDDEN),
        but_in: &[(Browser::Chromium, Ends::Report(0, &[], LIFTED))],
    },
    CliCase {
        name: "cli-out-of-time",
        scenario: "upgrade-swallowed",
        args: &["--timeout", "1"],
        ends: Ends::Refused("There was no report within 1 s"),
        ..PLAIN
    },
    CliCase {
        name: "cli-not-reached",
        scenario: "healthy-engineioxide",
        at: At::Nobody,
        ends: Ends::Refused("can't be opened, so nothing can run there"),
        ..PLAIN
    },
];

/// One of these cases in one browser, which the command line starts.
pub async fn by_itself(browser: Browser, running: &Running, case: &CliCase) -> Result<CaseOutcome, DriverError> {
    running.reset().await;
    running.counters().reset();
    let url = match case.at {
        At::Page => running.open_url().to_owned(),
        At::Chat => format!("{}/", running.origin()),
        At::Nobody => {
            let port = connection_doctor_lab::free_port().map_err(DriverError::Start)?;
            format!("http://127.0.0.1:{port}/")
        }
    };
    let args = ["check", url.as_str(), "--json", "--browser", browser.name()].into_iter().chain(case.args.iter().copied());
    let begun = Instant::now();
    let told = run(args.map(str::to_owned).collect()).await?;
    let mut outcome = CaseOutcome { took: begun.elapsed(), counted: counted(running), ..CaseOutcome::default() };
    let ends = case.but_in.iter().find(|(other, _)| *other == browser).map_or(case.ends, |(_, ends)| *ends);
    let (code, says) = match ends {
        Ends::Report(code, _, says) => (code, says),
        Ends::Refused(says) => (2, says),
    };
    outcome.must(told.code == code, || format!("the exit code is {}: {}", told.code, told.said));
    outcome.must(told.said.contains(says), || format!("it does not say {says:?}: {}", told.said));
    match (ends, told.report.as_ref().map(Report::read)) {
        (Ends::Report(_, causes, _), Some(Ok(report))) => {
            outcome.must(report.causes == causes, || format!("causes: expected {causes:?}, it says {:?}", report.causes));
            outcome.verdict = report.verdict;
            outcome.causes = report.causes;
        }
        (Ends::Report(..), Some(Err(broken))) => outcome.failures.push(broken),
        (Ends::Report(..), None) => outcome.failures.push("there is no report".to_owned()),
        (Ends::Refused(_), told) => outcome.must(told.is_none(), || "there is a report".to_owned()),
    }
    // Its browser is closed before it ends.
    let closed = running.counters().wait_until(Duration::from_secs(5), |tally| tally.open_sockets == 0).await;
    outcome.must(closed, || "its browser left connections open".to_owned());
    Ok(outcome)
}

/// What the page's own run would have told the tests, of a run by the command line: it is the page's own too, and the report that the
/// command line tells is the one that the page has.
pub async fn seen(session: &Session, options: &Value) -> Result<(Value, Told), DriverError> {
    session.execute(LISTEN_SCRIPT, json!([])).await?;
    let told = attached(session, options).await?;
    let mut seen = session.execute_async(SEEN_SCRIPT, json!([])).await?;
    let page = seen["report"].take();
    // What a line that is cut kept from the page, words and rules, the command line has: it may know more of the rest.
    let judged = |report: &Value| Report::read(report).ok().map(|report| (report.verdict, report.causes));
    seen["kept"] = json!(told.report.as_ref().and_then(judged) == judged(&page) && told.report.is_some());
    match &told.report {
        Some(report) => seen["report"] = report.clone(),
        None => seen["error"] = json!(told.said),
    }
    Ok((seen, told))
}

const LISTEN_SCRIPT: &str = "
const heard = window.__heard = { progress: 0, reports: 0 };
document.addEventListener('connection-doctor:progress', () => { heard.progress += 1; });
document.addEventListener('connection-doctor:report', () => { heard.reports += 1; });
";

const SEEN_SCRIPT: &str = "
const done = arguments[arguments.length - 1];
const element = document.querySelector('connection-doctor');
const dressed = element.shadowRoot.adoptedStyleSheets.some(sheet => sheet.cssRules.length > 0);
const fetched = performance.getEntriesByType('resource').some(({ name }) => new URL(name).pathname.endsWith('/calls.js'));
// Once the events of the run have been delivered.
setTimeout(() => done({ ...window.__heard, dressed, fetched, asked: window.__labCalls?.asked ?? 0, pwned: '__pwned' in window,
    report: JSON.parse(JSON.stringify(element.report ?? null)) }));
";
