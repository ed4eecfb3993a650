//! The page in real browsers against every scenario of the lab: what it must say stands in [`expectations`].
//!
//! ```text
//! cargo test -p connection-doctor-lab --test e2e -- [--only NAME[,NAME]] [--browser chromium|firefox|webkit]
//!     [--depth quick|full|ladder] [--engines every|turns] [--by page|cli] [--record DIR] [--screenshots DIR]
//! ```
//! With `--engines turns` a run is tried in Chromium or in Firefox, by turns, and in both where they are expected to differ: half the time,
//! each scenario, and both engines. `--by cli` has the command line make each run, in the browser that was prepared for it, and holds it to
//! the same expectations, and to the report that the page has. A NAME may end with a star. Each case has a depth of its own; `--depth` takes its
//! place. Each flag has an environment variable too: `CONNECTION_DOCTOR_E2E_ONLY`, and so on. Besides its expectation, every
//! run is held to what is promised of any run: its requests are counted, it ends in time, it leaves nothing open.

mod calls;
mod cli;
mod embedded;
mod expectations;
mod face;
mod lanes;
mod lasting;
mod network;
mod repair;
mod report;
mod sending;
mod settings;
mod stranger;
mod unloadable;
mod webdriver;
mod window;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use connection_doctor_lab::{BuiltPage, Kind, Running, SCENARIOS, Scenario, Tally, repository};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::calls::{CALLS, CallCase};
use crate::cli::{CLI_CASES, CliCase};
use crate::embedded::{EMBEDDED, EmbeddedCase};
use crate::expectations::{Depth, EXPECTATIONS, Expectation, STARVED};
use crate::face::{STATES, State};
use crate::lanes::{FLOODS, Pace, Shop};
use crate::lasting::{LASTING, Lasting};
use crate::repair::{REPAIRS, Repair};
use crate::report::Report;
use crate::settings::{SETTINGS, SettingCase};
use crate::unloadable::{UNLOADABLE, Unloadable};
use crate::webdriver::{Browser, DriverError, Session};
use crate::window::{Workplace, open_page};

/// How long a browser may take to close what the page let go of.
const CLOSING_DEADLINE: Duration = Duration::from_secs(5);
/// What a run may take beyond its depth's limit on a machine that does other things too.
const SLACK: Duration = Duration::from_secs(5);
/// A WebSocket's place is given on when its closing was sent: the server may hear of the next request before, by another connection.
const CLOSING: u32 = 1;
/// How much the page's memory may grow on a hostile answer.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;
/// The scenarios in whose middle a run is cancelled: one that goes on well, one that waits for an answer.
const CANCELLED_IN: [&str; 2] = ["healthy-engineioxide", "upgrade-swallowed"];

/// What is diagnosed in WebKit. The face is tried there in full, and of the diagnoses one for each way in which the page asks:
/// WebKit for Linux has its network from libsoup, which Safari does not, so what it tells of a broken connection is told by no
/// browser that people use; and its driver cannot make up devices, certificates, cookies that are blocked, or peer connections,
/// which Debian's WebKit does not have.
const DIAGNOSED_IN_WEBKIT: [&str; 11] = [
    "healthy-engineioxide",
    "healthy-python",
    "healthy-chainlit-public",
    "page-strict-policy",
    "refused",
    "gateway-502",
    "wrong-path",
    "upgrade-stripped",
    "policy-forbids-server",
    "sandboxed-frame",
    "cancel-healthy-engineioxide",
];

#[tokio::main]
async fn main() -> ExitCode {
    let settings = match Settings::parse() {
        Ok(settings) => settings,
        Err(mistake) => {
            eprintln!("e2e: {mistake}");
            return ExitCode::from(2);
        }
    };
    // A signal ends the tests in order: what was started is dropped, and with it ended.
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        eprintln!("e2e: signals cannot be listened for");
        return ExitCode::FAILURE;
    };
    let failed = tokio::select! {
        failed = run_all(settings) => failed,
        _ = interrupt.recv() => Err("interrupted".to_owned()),
        _ = terminate.recv() => Err("terminated".to_owned()),
    };
    match failed {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("e2e: {why}");
            ExitCode::FAILURE
        }
    }
}

/// What the person at the terminal asked for.
#[derive(Debug)]
struct Settings {
    only: Vec<String>,
    browsers: Vec<Browser>,
    /// Somebody named a browser, and wants to see what it says.
    one_browser: bool,
    /// Instead of the one that the case asks for.
    depth: Option<Depth>,
    /// One of Chromium and Firefox for a run that is expected to be the same in both.
    by_turns: bool,
    by: By,
    record: Option<PathBuf>,
    screenshots: Option<PathBuf>,
}

/// Who makes the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Page,
    Cli,
}

impl Settings {
    fn parse() -> Result<Self, String> {
        let names = ["only", "browser", "depth", "engines", "by", "record", "screenshots"];
        let mut given: Vec<(String, String)> = Vec::new();
        for name in names {
            let variable = format!("CONNECTION_DOCTOR_E2E_{}", name.to_uppercase());
            given.extend(std::env::var(&variable).ok().map(|value| (name.to_owned(), value)));
        }
        let mut args = std::env::args().skip(1);
        while let Some(flag) = args.next() {
            let name = flag.strip_prefix("--").filter(|name| names.contains(name));
            let name = name.ok_or_else(|| format!("{flag} is not known; there are --{}", names.join(", --")))?;
            let value = args.next().ok_or_else(|| format!("{flag} needs a value"))?;
            given.push((name.to_owned(), value));
        }
        let mut settings = Self {
            only: Vec::new(),
            browsers: Browser::ALL.to_vec(),
            one_browser: false,
            depth: None,
            by_turns: false,
            by: By::Page,
            record: None,
            screenshots: None,
        };
        for (name, value) in given {
            match name.as_str() {
                "only" => settings.only = value.split(',').map(str::to_owned).collect(),
                "browser" => {
                    settings.browsers = vec![Browser::named(&value).ok_or_else(|| format!("{value} is no browser here"))?];
                    settings.one_browser = true;
                }
                "depth" => settings.depth = Some(Depth::named(&value).ok_or_else(|| format!("{value} is no depth"))?),
                "engines" => {
                    settings.by_turns = match value.as_str() {
                        "every" => false,
                        "turns" => true,
                        _ => return Err(format!("--engines is every or turns, and not {value}")),
                    };
                }
                "by" => {
                    settings.by = match value.as_str() {
                        "page" => By::Page,
                        "cli" => By::Cli,
                        _ => return Err(format!("{value} makes no runs; there are page and cli")),
                    };
                }
                "record" => settings.record = Some(repository().join(value)),
                _ => settings.screenshots = Some(PathBuf::from(value)),
            }
        }
        for name in &settings.only {
            if !SCENARIOS.iter().flat_map(Planned::of).any(|planned| is_meant(name, &planned.name)) {
                return Err(format!("there is no case {name}"));
            }
        }
        Ok(settings)
    }

    fn wants(&self, case: &Planned) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| is_meant(only, &case.name))
    }

    /// Whether the case is tried in this browser: where it belongs, and where somebody asks for just that.
    fn wants_in(&self, case: &Planned, browser: Browser) -> bool {
        (case.belongs_in(browser) && (!self.by_turns || case.turn_of(browser))) || (self.one_browser && !self.only.is_empty())
    }
}

/// Whether a case is meant: by its name, or by how it begins, with a star.
fn is_meant(only: &str, name: &str) -> bool {
    only.strip_suffix('*').map_or(only == name, |start| name.starts_with(start))
}

/// A case as it is planned: its name, and what is tried.
#[derive(Clone, Debug)]
struct Planned {
    name: String,
    what: What,
}

/// What a case tries in its scenario.
#[derive(Clone, Copy, Debug)]
enum What {
    /// A run says what is expected.
    Run(&'static Expectation),
    /// The command line starts everything itself.
    Cli(&'static CliCase),
    /// A run says what is expected, a button of the page mends it, and the run after it says that all is well.
    Repair(&'static Repair),
    /// A run is cancelled in its middle.
    Cancel,
    /// The page cannot load, and says why.
    CannotLoad(&'static Unloadable),
    /// Settings in the page's address or in the call.
    Setting(&'static SettingCase),
    /// `?autorun` in the page's address.
    Autorun,
    /// The program breaks down in the middle of a run.
    Breakdown,
    /// A report of somebody else's is opened.
    Stranger,
    /// The report of a run is sent.
    Sending,
    /// A run that lasts.
    Lasting(&'static Lasting),
    /// Devices and peer connections, in the middle of a run and after it.
    Call(&'static CallCase),
    /// Whom the browser asks meanwhile.
    Network,
    /// The face in one of its states.
    Face(&'static State),
    /// The element in a page of somebody else's, or used by its keys.
    Embedded(&'static EmbeddedCase),
}

impl Planned {
    /// Whether most of it is waiting.
    fn pace(&self, settings: &Settings) -> Pace {
        match self.what {
            What::Run(expectation) if FLOODS.contains(&expectation.scenario) => Pace::Alone,
            What::Run(expectation) if settings.depth.unwrap_or(expectation.depth) != Depth::Quick => Pace::Slow,
            What::Lasting(lasting) => lasting.pace(),
            What::Call(case) => case.pace(),
            What::Face(_) | What::Embedded(_) | What::Network => Pace::Looks,
            _ => Pace::Brisk,
        }
    }

    /// Whether it is tried in this browser whenever all is tried.
    fn belongs_in(&self, browser: Browser) -> bool {
        match (browser, self.what) {
            (Browser::Chromium | Browser::Firefox, _) => true,
            (
                _,
                What::Cli(_)
                | What::CannotLoad(_)
                | What::Setting(_)
                | What::Autorun
                | What::Breakdown
                | What::Stranger
                | What::Sending
                | What::Face(_)
                | What::Embedded(_)
                | What::Network,
            ) => true,
            (Browser::WebKit, _) => DIAGNOSED_IN_WEBKIT.contains(&self.name.as_str()),
        }
    }

    /// Whether it is this browser's turn: that of any whose engine is expected to say something of its own, and of every other scenario.
    fn turn_of(&self, browser: Browser) -> bool {
        let What::Run(expectation) = self.what else { return true };
        let place = EXPECTATIONS.iter().position(|other| other.scenario == expectation.scenario).unwrap_or(0);
        let turn = if place.is_multiple_of(2) { Browser::Chromium } else { Browser::Firefox };
        browser == Browser::WebKit || browser == turn || expectation.differs_by_browser()
    }

    /// All cases of a scenario.
    fn of(scenario: &'static Scenario) -> Vec<Self> {
        let name = scenario.name;
        let planned = |name: &str, what| Self { name: name.to_owned(), what };
        let mut cases = Vec::new();
        cases.extend(EXPECTATIONS.iter().find(|expectation| expectation.scenario == name).map(|found| planned(name, What::Run(found))));
        cases.extend(CLI_CASES.iter().filter(|case| case.scenario == name).map(|found| planned(found.name, What::Cli(found))));
        cases.extend(UNLOADABLE.iter().find(|unloadable| unloadable.scenario == name).map(|found| planned(name, What::CannotLoad(found))));
        cases.extend(REPAIRS.iter().filter(|repair| repair.scenario == name).map(|found| planned(found.name, What::Repair(found))));
        if CANCELLED_IN.contains(&name) {
            cases.push(planned(&format!("cancel-{name}"), What::Cancel));
        }
        if name == settings::SCENARIO {
            cases.extend(SETTINGS.iter().map(|case| planned(case.name, What::Setting(case))));
        }
        if name == settings::LONG_SCENARIO {
            cases.push(planned("setting-autorun", What::Autorun));
            cases.push(planned("breakdown", What::Breakdown));
        }
        if name == stranger::SCENARIO {
            cases.push(planned("stranger", What::Stranger));
        }
        if name == sending::SCENARIO {
            cases.push(planned("sending", What::Sending));
        }
        if name == network::SCENARIO {
            cases.push(planned("network-watched", What::Network));
        }
        cases.extend(LASTING.iter().filter(|lasting| lasting.scenario == name).map(|found| planned(found.name, What::Lasting(found))));
        cases.extend(STATES.iter().filter(|state| state.scenario == name).map(|found| planned(&format!("face-{}", found.name), What::Face(found))));
        cases.extend(EMBEDDED.iter().filter(|case| case.scenario == name).map(|found| planned(found.name, What::Embedded(found))));
        cases.extend(CALLS.iter().filter(|case| case.scenario == name).map(|found| planned(found.name, What::Call(found))));
        cases
    }
}

/// Runs what was asked for, prints as it goes, and tells how many failed.
async fn run_all(settings: Settings) -> Result<usize, String> {
    if settings.only.is_empty() {
        one_expectation_a_scenario()?;
    }
    let page = BuiltPage::find().map_err(|error| error.to_string())?;
    let shop = Arc::new(Shop::new(settings, page));
    for pace in [Pace::Slow, Pace::Brisk, Pace::Looks, Pace::Alone] {
        lanes::run(&shop, pace).await?;
    }
    lanes::again(&shop).await;
    let tally = shop.results();
    for failed in &tally.failed {
        println!("FAILED {failed}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed.len());
    Ok(tally.failed.len())
}

/// One case in one browser.
async fn try_case(browser: &mut Workplace, running: &Running, what: What, settings: &Settings) -> CaseOutcome {
    if let What::Network = what {
        // With a browser of its own.
        let outcome = network::watch(browser.browser, running, browser.installed()).await;
        return outcome.unwrap_or_else(|error| CaseOutcome::failed(error.to_string()));
    }
    if let What::Cli(case) = what {
        let outcome = cli::by_itself(browser.browser, running, case).await;
        return outcome.unwrap_or_else(|error| CaseOutcome::failed(error.to_string()));
    }
    let outcome = match browser.session(running).await {
        Ok(session) => match what {
            What::Run(expectation) => Case { session, running, expectation, settings }.outcome().await,
            What::Repair(repair) => repair::mend(session, running, repair, settings).await,
            What::Cancel => cancel(session, running).await,
            What::CannotLoad(unloadable) => unloadable::cannot_load(session, running, unloadable).await,
            What::Setting(case) => settings::setting(session, running, case).await,
            What::Autorun => settings::autorun(session, running).await,
            What::Breakdown => settings::breakdown(session, running).await,
            What::Stranger => stranger::open(session, running).await,
            What::Sending => sending::send(session, running).await,
            What::Network | What::Cli(_) => return CaseOutcome::failed("it has a browser of its own".to_owned()),
            What::Lasting(lasting) => lasting::last(session, running, lasting, settings).await,
            What::Call(case) => calls::call(session, running, case, settings).await,
            What::Embedded(case) => embedded::embedded(session, running, case).await,
            What::Face(state) => face::look(session, running, state, settings).await,
        },
        Err(error) => Err(error),
    };
    if matches!(what, What::Lasting(lasting) if lasting.spoils_window()) {
        browser.discard(running).await;
    }
    match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            browser.discard(running).await;
            CaseOutcome { counted: counted(running), ..CaseOutcome::failed(error.to_string()) }
        }
    }
}

/// The tables of what is expected have one entry for each scenario, in the same order.
fn one_expectation_a_scenario() -> Result<(), String> {
    let names = |unloadable: bool| SCENARIOS.iter().filter(move |s| (s.kind == Kind::Unloadable) == unloadable).map(|scenario| scenario.name);
    same_names(names(false), EXPECTATIONS.iter().map(|expectation| expectation.scenario))?;
    same_names(names(true), UNLOADABLE.iter().map(|unloadable| unloadable.scenario))?;
    match REPAIRS.iter().find(|repair| !EXPECTATIONS.iter().any(|expectation| expectation.scenario == repair.scenario)) {
        Some(repair) => Err(format!("there is a repair for {}, and no such scenario", repair.scenario)),
        None => Ok(()),
    }
}

fn same_names(scenarios: impl Iterator<Item = &'static str>, expected: impl Iterator<Item = &'static str>) -> Result<(), String> {
    let (scenarios, expected): (Vec<_>, Vec<_>) = (scenarios.collect(), expected.collect());
    match scenarios.iter().zip(&expected).find(|(scenario, expected)| scenario != expected) {
        Some((scenario, expected)) => Err(format!("where {scenario} should be expected, {expected} is")),
        None if scenarios.len() != expected.len() => Err("there are not as many expectations as scenarios".to_owned()),
        None => Ok(()),
    }
}

/// What was seen in one case.
#[derive(Debug, Default)]
struct CaseOutcome {
    /// What was not as it must be; none: the case passed.
    failures: Vec<String>,
    verdict: String,
    causes: Vec<String>,
    counted: Option<Tally>,
    waived: Option<&'static str>,
    took: Duration,
}

impl CaseOutcome {
    fn failed(why: String) -> Self {
        Self { failures: vec![why], ..Self::default() }
    }

    /// Writes a file of what was seen.
    fn written(&mut self, folder: &Path, name: &str, bytes: &[u8]) {
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join(name), bytes));
        self.must(written.is_ok(), || format!("{name} could not be written to {}", folder.display()));
    }

    fn must(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.failures.push(otherwise());
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Results {
    passed: usize,
    /// Each with what is wrong, for the end of the log.
    failed: Vec<String>,
    /// Nobody reads along.
    is_brief: bool,
}

/// After so many cases that passed, a log that nobody reads along says so.
const BRIEFLY: usize = 25;
/// So much of what is wrong stands in a line, in characters.
const BRIEF: usize = 1_000;

fn brief(failures: &[String]) -> String {
    let all = failures.join("; ");
    match all.char_indices().nth(BRIEF) {
        Some((end, _)) => format!("{} ...", all.get(..end).unwrap_or_default()),
        None => all,
    }
}

impl Results {
    fn add(&mut self, name: &str, browser: Browser, outcome: &CaseOutcome) {
        let passed = outcome.failures.is_empty();
        if passed {
            self.passed += 1;
        } else {
            self.failed.push(format!("{name} in {}: {}", browser.name(), brief(&outcome.failures)));
        }
        // A log that is kept is cut, and what failed has to stand in it.
        if self.is_brief && passed {
            if self.passed.is_multiple_of(BRIEFLY) {
                println!("{} passed, {} failed so far; the newest: {name} in {}", self.passed, self.failed.len(), browser.name());
            }
            return;
        }
        let counted =
            outcome.counted.map_or_else(String::new, |tally| format!("{} requests, {} sockets, {} at once", tally.requests, tally.handshakes, tally.peak));
        println!(
            "{} {name:32} {:8} {:5.1} s  {:12} {:16} {counted}",
            if passed { "ok  " } else { "FAIL" },
            browser.name(),
            outcome.took.as_secs_f64(),
            outcome.verdict,
            outcome.causes.join(" "),
        );
        if let Some(reason) = outcome.waived {
            println!("       waived: {reason}");
        }
        for failure in &outcome.failures {
            println!("       {}", brief(std::slice::from_ref(failure)));
        }
    }
}

/// One scenario in one browser.
struct Case<'a> {
    session: &'a Session,
    running: &'a Running,
    expectation: &'a Expectation,
    settings: &'a Settings,
}

impl Case<'_> {
    async fn outcome(&self) -> Result<CaseOutcome, DriverError> {
        let Self { session, running, settings, .. } = self;
        let depth = settings.depth.unwrap_or(self.expectation.depth);
        let mut outcome = CaseOutcome::default();
        open_page(session, running).await?;
        self.expectation.before.take_place(session, running).await?;
        running.counters().reset();

        let is_hostile = running.scenario().kind == Kind::Hostile;
        let begun_with = if is_hostile { memory(session).await? } else { 0 };
        let begun = Instant::now();
        let options = self.expectation.options(depth);
        let (seen, told) = match settings.by {
            By::Page => (session.execute_async(RUN_SCRIPT, json!([options])).await?, None),
            By::Cli => cli::seen(session, &options).await.map(|(seen, told)| (seen, Some(told)))?,
        };
        outcome.took = begun.elapsed();
        outcome.counted = counted(running);

        let browser = session.browser;
        let closed = running.counters().wait_until(CLOSING_DEADLINE, |tally| all_closed(tally, browser)).await;
        outcome.must(closed, || format!("the run left connections open: {:?}", running.counters().tally()));
        let limit = if self.starved().is_some() { STARVED } else { self.expectation.limit(depth) + SLACK };
        outcome.must(outcome.took <= limit, || format!("the run took longer than {} s", limit.as_secs()));
        if let Some(tally) = outcome.counted {
            let requests = tally.requests + tally.handshakes + tally.own_files;
            outcome.must(requests <= depth.most_requests(), || format!("{requests} requests in one run"));
            outcome.must(tally.peak <= depth.most_at_once() + CLOSING || self.expectation.lingers.is_some(), || format!("{} requests at one time", tally.peak));
        }
        if is_hostile {
            let grown = memory(session).await?.saturating_sub(begun_with);
            outcome.must(grown <= MOST_MEMORY, || format!("the page's memory grew by {} MB", grown / 1024 / 1024));
        }
        if let Some(told) = &told {
            let verdict = told.report.as_ref().and_then(|report| report.get("verdict")?.as_str()).unwrap_or_default();
            outcome.must(told.code == cli::Told::code_of(verdict), || format!("the exit code is {}: {}", told.code, told.said));
        }
        self.keeps_contract(&seen, &mut outcome);
        self.judge(&seen, &mut outcome);
        calls::harmless(session, running, self.expectation, &seen, &mut outcome).await?;
        self.keep(&seen, &mut outcome).await?;
        Ok(outcome)
    }

    /// Why the browser keeps the page waiting here, where it is known to.
    fn starved(&self) -> Option<&'static str> {
        self.expectation.starved_in.iter().find(|(starving, _)| *starving == self.session.browser).map(|(_, reason)| *reason)
    }

    /// Holds the element to what embedders are promised of each run.
    fn keeps_contract(&self, seen: &Value, outcome: &mut CaseOutcome) {
        if let Some(error) = seen.get("error").and_then(Value::as_str) {
            outcome.failures.push(format!("run() threw {error}"));
            return;
        }
        let count = |name: &str| seen.get(name).and_then(Value::as_u64).unwrap_or(0);
        outcome.must(count("reports") == 1, || format!("{} events connection-doctor:report", count("reports")));
        outcome.must(count("progress") > 0, || "no event connection-doctor:progress".to_owned());
        // A page that is starved may not get the code of the rules in time, which the command line has.
        outcome.must(self.starved().is_some() || seen.get("kept") == Some(&Value::Bool(true)), || "el.report is not the report of the run".to_owned());
        outcome.must(seen.get("dressed") == Some(&Value::Bool(true)), || "the face has no style sheet".to_owned());
    }

    /// Holds what was said against what it must be.
    fn judge(&self, seen: &Value, outcome: &mut CaseOutcome) {
        outcome.must(seen.get("pwned") == Some(&Value::Bool(false)), || "a script from an answer ran".to_owned());
        let report = match seen.get("report").map(Report::read) {
            Some(Ok(report)) => report,
            Some(Err(broken)) => return outcome.failures.push(broken),
            None => return outcome.failures.push("there is no report".to_owned()),
        };
        // It may be left knowing nothing. It may not know anything else.
        if let Some(reason) = self.starved().filter(|_| report.causes.is_empty() && report.verdict == "inconclusive") {
            outcome.verdict = report.verdict;
            outcome.waived = Some(reason);
            return;
        }
        let (expected, waived) = self.expectation.causes_in(self.session.browser);
        let (said, wanted): (BTreeSet<_>, BTreeSet<_>) = (report.causes.iter().map(String::as_str).collect(), expected.iter().copied().collect());
        outcome.must(said == wanted, || format!("causes: expected {expected:?}, the page says {:?}", report.causes));
        let first = report.causes.first().map(String::as_str);
        outcome.must(first == expected.first().copied(), || format!("the first cause is {first:?}"));
        let is_untold = self.expectation.inconclusive_in.contains(&self.session.browser);
        let works = report.verdict == "works";
        outcome.must(works == (expected.is_empty() && !is_untold), || format!("the verdict is {:?}", report.verdict));
        outcome.must(!is_untold || report.verdict == "inconclusive", || format!("the verdict is {:?}, and not all could be looked at", report.verdict));
        for (name, value) in self.expectation.says.iter().filter(|_| waived.is_none()) {
            let said = report.said(name);
            outcome.must(said == Some(value), || format!("{name} should be {value:?}, and is {said:?}"));
        }
        let unexpected: Vec<_> = report.info.iter().filter(|code| !self.expectation.info.contains(&code.as_str())).collect();
        outcome.must(unexpected.is_empty(), || format!("not expected as Info: {unexpected:?}"));
        outcome.verdict = report.verdict;
        outcome.causes = report.causes;
        outcome.waived = waived;
    }

    /// Writes the report and the screenshot where they were asked for.
    async fn keep(&self, seen: &Value, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        let name = self.expectation.scenario;
        if let (Some(report), Some(folder)) = (seen.get("report"), &self.settings.record) {
            outcome.written(folder, &format!("{name}.{}.json", self.session.browser.name()), &serde_json::to_vec_pretty(report).unwrap_or_default());
        }
        keep(self.session, name, seen.get("report"), self.settings, outcome).await
    }
}

/// Where the reports of every case go.
fn reports() -> PathBuf {
    repository().join("target/e2e/reports")
}

/// Writes a report where those of every case go, and a screenshot where it was asked for.
async fn keep(session: &Session, case: &str, report: Option<&Value>, settings: &Settings, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    let name = format!("{case}.{}", session.browser.name());
    if let Some(report) = report {
        let text = serde_json::to_vec_pretty(report).unwrap_or_default();
        outcome.written(&reports(), &format!("{name}.json"), &text);
    }
    if let Some(folder) = &settings.screenshots {
        let picture = base64::engine::general_purpose::STANDARD.decode(session.screenshot().await?).unwrap_or_default();
        outcome.written(folder, &format!("{name}.png"), &picture);
    }
    Ok(())
}

/// A run that is cancelled in its middle leaves nothing open, and its promise is kept or broken, not forgotten.
async fn cancel(session: &Session, running: &Running) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    open_page(session, running).await?;
    running.counters().reset();
    session.execute(CANCELLED_RUN_SCRIPT, json!([])).await?;
    let begun = running.counters().wait_until(SLACK, |tally| tally.requests + tally.handshakes > 0).await;
    outcome.must(begun, || "the run asked for nothing".to_owned());
    let cancelled = Instant::now();
    session.execute("document.querySelector('connection-doctor').cancel()", json!([])).await?;
    let closed = running.counters().wait_until(CLOSING_DEADLINE, |tally| all_closed(tally, session.browser)).await;
    outcome.took = cancelled.elapsed();
    outcome.must(closed, || format!("the cancelled run left connections open: {:?}", running.counters().tally()));
    session.execute_async("window.__cancelledRun.then(arguments[0])", json!([])).await?;
    outcome.must(all_closed(&running.counters().tally(), session.browser), || "the cancelled run went on".to_owned());
    outcome.counted = counted(running);
    Ok(outcome)
}

/// Nothing that a page could have closed is open.
///
/// Firefox (seen with 153) keeps the connection of a handshake that nobody answers, for a minute and more, after the
/// page closed the socket and got its events; no page can change that.
fn all_closed(tally: &Tally, browser: Browser) -> bool {
    let kept_by_browser = if browser == Browser::Firefox { tally.unanswered_handshakes } else { 0 };
    tally.open_sockets == 0 && tally.unanswered == kept_by_browser
}

/// What the page holds, in bytes, garbage left out: a single message of 100 MB has to pass through any page that listens,
/// and none of it may stay. 0 in Firefox, which has no way to ask.
async fn memory(session: &Session) -> Result<u64, DriverError> {
    if session.browser != Browser::Chromium {
        return Ok(0);
    }
    session.collect_garbage().await?;
    Ok(session.execute("return window.__labMemory()", json!([])).await?.as_u64().unwrap_or(u64::MAX))
}

/// What the lab counted, where it can.
fn counted(running: &Running) -> Option<Tally> {
    running.scenario().uncounted.is_none().then(|| running.counters().tally())
}

/// Runs the element as an embedder would, and tells the report, the events, and what became of the page meanwhile.
const RUN_SCRIPT: &str = "
const [options, done] = arguments;
const element = document.querySelector('connection-doctor');
let progress = 0, reports = 0;
document.addEventListener('connection-doctor:progress', () => { progress += 1; });
document.addEventListener('connection-doctor:report', () => { reports += 1; });
const ended = seen => {
    // Once the events of the run have been delivered.
    const dressed = element.shadowRoot.adoptedStyleSheets.some(sheet => sheet.cssRules.length > 0);
    const fetched = performance.getEntriesByType('resource').some(({ name }) => new URL(name).pathname.endsWith('/calls.js'));
    const asked = window.__labCalls?.asked ?? 0;
    setTimeout(() => done({ ...seen(), progress, reports, dressed, pwned: '__pwned' in window, fetched, asked }));
};
element.run(options).then(
    report => ended(() => {
        const json = JSON.stringify(report);
        return { report: JSON.parse(json), kept: JSON.stringify(element.report) === json };
    }),
    // The stack of one browser has no message in it.
    error => ended(() => ({ error: `${error}\n${error?.stack}` })),
);
";

/// Starts a run and keeps its promise; whether a cancelled run gives a report or an error is not asked here.
const CANCELLED_RUN_SCRIPT: &str = "
window.__cancelledRun = document.querySelector('connection-doctor').run({ depth: 'full' }).then(() => true, () => false);
";
