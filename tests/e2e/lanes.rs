//! Several scenarios at a time: each lane has browsers of its own and takes one scenario after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connection_doctor_lab::{BuiltPage, Installed, Running, SCENARIOS, Scenario};
use tokio::task::JoinSet;

use crate::webdriver::Browser;
use crate::window::Workplace;
use crate::{CaseOutcome, Planned, Results, Settings, brief, reports, try_case};

/// How many cases of one run may be tried a second time, each of them said aloud and, at the end, alone: six hundred runs of real browsers on a
/// busy machine are not one test, and what is really broken fails twice, or more often than this.
const SECOND_TRIES: usize = 12;
/// 100 MB in one message, of a chat and of a call, and a million messages: whether the page gets through them in its five seconds is the machine's matter, so
/// nothing else is tried beside them. They may be tried so often, whatever else is tried again.
pub const FLOODS: [&str; 3] = ["huge-packet", "tiny-packets", "v-livekit-huge"];
const TRIES_OF_A_FLOOD: u32 = 4;

/// How cases go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Nearly all the time something is asked: few of them at a time, or they slow each other down.
    Brisk,
    /// A run of forty seconds, thirty of which it waits for what may end a connection.
    Slow,
    /// The face: axe-core keeps a processor busy, beside which nothing is measured.
    Looks,
    /// What keeps both processors busy by itself.
    Alone,
}

impl Pace {
    fn lanes(self) -> u32 {
        match self {
            Self::Alone => 1,
            Self::Looks => 2,
            // Faults are mostly found by waiting, and what works is looked at for two seconds.
            Self::Brisk => 4,
            Self::Slow => 9,
        }
    }

    /// So much later each lane begins: all of them ask for much in their first seconds, and nothing of theirs may fall together.
    fn apart(self) -> Duration {
        match self {
            Self::Brisk | Self::Looks | Self::Alone => Duration::ZERO,
            Self::Slow => Duration::from_millis(4_500),
        }
    }
}

/// What all lanes share.
#[derive(Debug)]
pub struct Shop {
    settings: Settings,
    page: BuiltPage,
    installed: Installed,
    done: Mutex<Done>,
}

#[derive(Debug)]
struct Done {
    results: Results,
    /// What is tried once more when nothing else is tried.
    again: Vec<(&'static Scenario, Planned, Browser)>,
}

/// The cases of one scenario.
type Job = (&'static Scenario, Vec<Planned>);

impl Shop {
    pub fn new(settings: Settings, page: BuiltPage) -> Self {
        let done = Mutex::new(Done { results: Results { is_brief: std::env::var_os("CI").is_some(), ..Results::default() }, again: Vec::new() });
        Self { settings, page, installed: Installed::find(), done }
    }

    pub fn results(&self) -> Results {
        self.done().results.clone()
    }

    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what came of a case: as its result, or, where it failed and there is leave for it, for a second try.
    fn keep(&self, scenario: &'static Scenario, case: &Planned, browser: Browser, outcome: &CaseOutcome) {
        let mut done = self.done();
        if outcome.failures.is_empty() || FLOODS.contains(&scenario.name) || done.again.len() == SECOND_TRIES {
            done.results.add(&case.name, browser, outcome);
            return;
        }
        say_again(case, browser, outcome);
        done.again.push((scenario, case.clone(), browser));
    }
}

fn say_again(case: &Planned, browser: Browser, outcome: &CaseOutcome) {
    println!("AGAIN {} in {}, after: {}", case.name, browser.name(), brief(&outcome.failures));
    set_aside(&case.name, browser);
}

/// Tries all cases of this pace that were asked for.
pub async fn run(shop: &Arc<Shop>, pace: Pace) -> Result<(), String> {
    let jobs: VecDeque<Job> = SCENARIOS
        .iter()
        .map(|scenario| {
            let mut cases = Planned::of(scenario);
            cases.retain(|case| shop.settings.wants(case) && case.pace(&shop.settings) == pace);
            (scenario, cases)
        })
        .filter(|(_, cases)| !cases.is_empty())
        .collect();
    let count = pace.lanes().min(jobs.len() as u32);
    let jobs = Arc::new(Mutex::new(jobs));
    let mut lanes = JoinSet::new();
    for number in 0..count {
        let (shop, jobs) = (Arc::clone(shop), Arc::clone(&jobs));
        lanes.spawn(async move {
            tokio::time::sleep(pace.apart() * number).await;
            lane(&shop, &jobs).await;
        });
    }
    while let Some(ended) = lanes.join_next().await {
        ended.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Keeps the report of the first try beside that of the second.
fn set_aside(case: &str, browser: Browser) {
    let report = |what: &str| reports().join(format!("{case}.{}{what}.json", browser.name()));
    // There is none where the run did not come so far.
    let _none = std::fs::rename(report(""), report(".first"));
}

/// One scenario after the other, in all browsers.
async fn lane(shop: &Shop, jobs: &Mutex<VecDeque<Job>>) {
    let mut browsers: Vec<_> = shop.settings.browsers.iter().map(|browser| Workplace::new(*browser, &shop.installed)).collect();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some((scenario, cases)) = job else { break };
        let running = started(shop, scenario).await;
        for browser in &mut browsers {
            let engine = browser.browser;
            for case in cases.iter().filter(|case| shop.settings.wants_in(case, engine)) {
                let mut outcome = tried(shop, browser, &running, case).await;
                let mut tries = 1;
                while FLOODS.contains(&scenario.name) && running.is_ok() && !outcome.failures.is_empty() && tries < TRIES_OF_A_FLOOD {
                    tries += 1;
                    say_again(case, engine, &outcome);
                    outcome = tried(shop, browser, &running, case).await;
                }
                shop.keep(scenario, case, engine, &outcome);
            }
        }
    }
    for browser in browsers {
        browser.close().await;
    }
}

/// A scenario that cannot be started is a failure: a test that was left out proves nothing.
async fn started(shop: &Shop, scenario: &'static Scenario) -> Result<Running, String> {
    Running::start(scenario, &shop.page, &shop.installed).await.map_err(|error| format!("could not be started: {error}"))
}

async fn tried(shop: &Shop, browser: &mut Workplace, running: &Result<Running, String>, case: &Planned) -> CaseOutcome {
    match running {
        Ok(running) => try_case(browser, running, case.what, &shop.settings).await,
        Err(why) => CaseOutcome::failed(why.clone()),
    }
}

/// What failed beside other cases is tried once more, one after the other, each with servers and a browser that nothing was asked of yet.
pub async fn again(shop: &Shop) {
    let cases = std::mem::take(&mut shop.done().again);
    for (scenario, case, engine) in cases {
        let mut browser = Workplace::new(engine, &shop.installed);
        let outcome = tried(shop, &mut browser, &started(shop, scenario).await, &case).await;
        shop.done().results.add(&case.name, engine, &outcome);
        browser.close().await;
    }
}
