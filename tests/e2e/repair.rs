//! The buttons that repair: the run says what is broken, the button says what it will remove, and the run after it says that all
//! is well. Beside what is broken lies what belongs to somebody else, and it lies there afterwards.

use std::time::{Duration, Instant};

use connection_doctor_lab::Running;
use serde_json::{Value, json};

use crate::expectations::{Before, EXPECTATIONS, Expectation, broken};
use crate::report::Report;
use crate::webdriver::{Browser, DriverError, Session};
use crate::window::open_page;
use crate::{CaseOutcome, RUN_SCRIPT, Settings, counted, keep};

/// How long the page may take from the click until it is there again.
const RELOAD_DEADLINE: Duration = Duration::from_secs(10);
/// How often it is looked for meanwhile. A page that goes away takes every script along that could have waited for it.
const LOOK: Duration = Duration::from_millis(25);
/// How long the run after the repair may take, the loading of the page included.
const RUN_DEADLINE: Duration = Duration::from_secs(20);
/// How long the page must stay as it is after that run.
const QUIET: Duration = Duration::from_millis(1500);

/// What the page can mend.
#[derive(Clone, Copy, Debug)]
pub struct Repair {
    pub name: &'static str,
    pub scenario: &'static str,
    /// What is expected before the repair, where it is not what is expected of the scenario.
    instead: Option<&'static Expectation>,
    /// The button's `data-repair`; empty where the person removes the site's data in the browser, as the steps say.
    button: &'static str,
    /// What stands beside the button before anybody clicks: what it removes, by its name.
    says: &'static [&'static str],
    /// What of the [`FOREIGN`] data is among what it names.
    takes: &'static [&'static str],
    /// The chat's service worker is none of what is repaired, and is registered afterwards as before.
    keeps_worker: bool,
    /// What is in the page afterwards, as a selector: a script of the new release, where the button is in the chat's own page.
    shows: Option<&'static str>,
    /// The browser's storage for the page is no larger than this, in bytes; Chromium alone can be told so.
    room: Option<u32>,
    /// Where the button cannot be shown.
    waiver: Option<(Browser, &'static str)>,
}

/// What is laid beside what is broken.
const FOREIGN: [&str; 4] = ["cookie", "key", "database", "cache"];
const ROOM: u32 = 8 * 1024 * 1024;

/// A cache of the site's that takes all the room there is. How much that is, Chromium tells no page.
const QUOTA_FULL: Expectation = Expectation {
    before: Before::Script(
        "return (async () => {
            const cache = await caches.open('pictures');
            let count = 0;
            for (let size = 1 << 23; size >= 256; size /= 2) {
                try {
                    for (;;) await cache.put(`/pictures/${count += 1}`, new window.Response('x'.repeat(size)));
                } catch (full) {
                    if (full.name !== 'QuotaExceededError') throw full;
                }
            }
        })();",
    ),
    ..broken("", &["STO002"])
};

const REPAIR: Repair =
    Repair { name: "", scenario: "", instead: None, button: "", says: &[], takes: &[], keeps_worker: false, shows: None, room: None, waiver: None };

pub const REPAIRS: &[Repair] = &[
    Repair { name: "repair-old-worker", scenario: "old-worker", button: "unregister-worker", says: &["helper", "chat-1"], ..REPAIR },
    Repair { name: "repair-old-worker-scripts-gone", scenario: "old-worker-scripts-gone", button: "unregister-worker", says: &["helper", "chat-1"], ..REPAIR },
    Repair { name: "repair-stale-shell", scenario: "stale-shell", button: "reload-entries", ..REPAIR },
    Repair { name: "repair-stale-shell-scripts-gone", scenario: "stale-shell-scripts-gone", button: "reload-entries", ..REPAIR },
    Repair { name: "repair-stale-script", scenario: "stale-script", button: "reload-entries", ..REPAIR },
    Repair { name: "repair-stale-shell-with-push-worker", scenario: "stale-shell-with-push-worker", button: "reload-entries", keeps_worker: true, ..REPAIR },
    Repair {
        name: "repair-embedded-tab-of-old-release",
        scenario: "embedded-tab-of-old-release",
        button: "reload-entries",
        shows: Some("script[src='/assets/app-5e6f7a8b.js']"),
        ..REPAIR
    },
    Repair { name: "repair-cookies-too-large-node", scenario: "cookies-too-large-node", button: "drop-cookies", says: &["big0", "big11", "sign in"], ..REPAIR },
    Repair { name: "repair-cookie-to-gone-instance-by-hand", scenario: "cookie-to-gone-instance", ..REPAIR },
    Repair { name: "repair-storage-full", scenario: "storage-full", button: "drop-keys", says: &["filler"], ..REPAIR },
    Repair {
        name: "repair-quota-full",
        scenario: "healthy-engineioxide",
        instead: Some(&QUOTA_FULL),
        button: "drop-caches",
        says: &["pictures", "foreign"],
        takes: &["cache"],
        room: Some(ROOM),
        waiver: Some((Browser::Firefox, "Firefox does not tell what the room is used for, so nothing is claimed of the copies")),
        ..REPAIR
    },
    Repair { name: "repair-cors-poisoned-cache", scenario: "cors-poisoned-cache", button: "reload-entries", ..REPAIR },
    Repair { name: "repair-sign-in-stale", scenario: "sign-in-stale", button: "drop-keys", says: &["token", "sign in"], ..REPAIR },
    Repair {
        name: "repair-cookies-too-large-help",
        scenario: "cookies-too-large-help",
        button: "clear-site-data",
        says: &["everything", "sign in"],
        takes: &FOREIGN,
        ..REPAIR
    },
];

/// Tries the repair where it can be shown.
pub async fn mend(session: &Session, running: &Running, repair: &Repair, settings: &Settings) -> Result<CaseOutcome, DriverError> {
    if let Some((_, reason)) = repair.waiver.filter(|(browser, _)| *browser == session.browser) {
        return Ok(CaseOutcome { waived: Some(reason), ..CaseOutcome::default() });
    }
    if repair.room.is_some() {
        session.allow_storage(running.origin(), repair.room).await?;
    }
    let outcome = mend_and_look(session, running, repair, settings).await;
    if repair.room.is_some() {
        session.allow_storage(running.origin(), None).await?;
    }
    outcome
}

/// Runs, looks at the button, clicks, and waits for the run that follows by itself.
async fn mend_and_look(session: &Session, running: &Running, repair: &Repair, settings: &Settings) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    open_page(session, running).await?;
    // Before anything else: a storage that is full takes nothing any more.
    session.execute(FOREIGN_SCRIPT, json!([])).await?;
    let expectation = repair.instead.or_else(|| EXPECTATIONS.iter().find(|expectation| expectation.scenario == repair.scenario));
    let expectation = expectation.ok_or_else(|| DriverError::Connection(format!("nothing is expected of {}", repair.scenario)))?;
    expectation.before.take_place(session, running).await?;
    running.counters().reset();

    let before = session.execute_async(RUN_SCRIPT, json!([settings.depth.unwrap_or(expectation.depth).options()])).await?;
    let (wanted, _) = expectation.causes_in(session.browser);
    match before.get("report").map(Report::read) {
        Some(Ok(report)) => outcome.must(report.causes == wanted, || format!("before the repair: expected {wanted:?}, the page says {:?}", report.causes)),
        other => outcome.failures.push(format!("before the repair there is no report: {other:?}, {:?}", before.get("error"))),
    }
    if repair.button.is_empty() {
        return by_hand(session, running, expectation, settings, outcome).await;
    }
    let face = session.execute(BUTTON_SCRIPT, json!([repair.button])).await?;
    let said = face.get("text").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    if face.get("visible") != Some(&Value::Bool(true)) {
        keep(session, repair.name, before.get("report"), settings, &mut outcome).await?;
        outcome.failures.push(format!("there is no button {} to be seen: {face}", repair.button));
        return Ok(outcome);
    }
    for words in repair.says {
        outcome.must(said.contains(words), || format!("the button does not say {words:?}; it says {said:?}"));
    }

    let clicked = Instant::now();
    running.counters().reset();
    session.execute(CLICK_SCRIPT, json!([repair.button])).await?;
    if !reloaded(session).await {
        outcome.failures.push(format!("the page did not reload within {} s", RELOAD_DEADLINE.as_secs()));
        return Ok(outcome);
    }
    let after = session.execute_async(REPORTED_SCRIPT, json!([RUN_DEADLINE.as_millis() as u64])).await?;
    outcome.took = clicked.elapsed();
    outcome.counted = counted(running);
    match after.get("report").map(Report::read) {
        Some(Ok(report)) => {
            outcome.must(report.causes.is_empty(), || format!("after the repair the page says {:?}", report.causes));
            outcome.must(report.verdict == "works", || format!("after the repair the verdict is {:?}", report.verdict));
            outcome.verdict = report.verdict;
            outcome.causes = report.causes;
        }
        other => outcome.failures.push(format!("after the repair there is no report: {other:?}, {:?}", after.get("error"))),
    }
    let compares = after.get("compared").and_then(Value::as_str).unwrap_or_default();
    outcome.must(!compares.trim().is_empty(), || "the face does not show before and after".to_owned());
    keep(session, repair.name, after.get("report"), settings, &mut outcome).await?;

    tokio::time::sleep(QUIET).await;
    let seen = session.execute(AFTERWARDS_SCRIPT, json!([repair.shows])).await?;
    outcome.must(seen.get("same") == Some(&Value::Bool(true)), || "the page reloaded a second time".to_owned());
    outcome.must(seen.get("reports") == Some(&json!(1)), || format!("{} reports after the repair", seen["reports"]));
    outcome.must(seen.get("shows") == Some(&Value::Bool(true)), || format!("the page does not show {:?}", repair.shows));
    let workers = seen.get("workers").and_then(Value::as_u64);
    outcome.must(workers == Some(u64::from(repair.keeps_worker)), || format!("service workers that are registered: {workers:?}"));
    for what in FOREIGN {
        let kept = seen["foreign"].get(what) == Some(&Value::Bool(true));
        let named = repair.takes.contains(&what);
        outcome.must(kept != named, || format!("what belongs to somebody else: {what} is {}", if kept { "named, and still there" } else { "lost" }));
    }
    Ok(outcome)
}

/// The page once more, with nothing left of what the browser held for the site.
async fn by_hand(
    session: &Session,
    running: &Running,
    expectation: &Expectation,
    settings: &Settings,
    mut outcome: CaseOutcome,
) -> Result<CaseOutcome, DriverError> {
    open_page(session, running).await?;
    running.counters().reset();
    let begun = Instant::now();
    let after = session.execute_async(RUN_SCRIPT, json!([settings.depth.unwrap_or(expectation.depth).options()])).await?;
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    match after.get("report").map(Report::read) {
        Some(Ok(report)) => {
            outcome.must(report.verdict == "works" && report.causes.is_empty(), || format!("without the site's data: {} {:?}", report.verdict, report.causes));
            outcome.verdict = report.verdict;
            outcome.causes = report.causes;
        }
        other => outcome.failures.push(format!("without the site's data there is no report: {other:?}, {:?}", after.get("error"))),
    }
    Ok(outcome)
}

/// Waits until the page that was clicked in has gone and another is there.
async fn reloaded(session: &Session) -> bool {
    let clicked = Instant::now();
    while clicked.elapsed() < RELOAD_DEADLINE {
        // Between two pages there is none to run a script in, which the driver calls an error.
        if session.execute(ANEW_SCRIPT, json!([])).await.is_ok_and(|anew| anew == Value::Bool(true)) {
            return true;
        }
        tokio::time::sleep(LOOK).await;
    }
    false
}

/// Lays data beside what the page may repair.
const FOREIGN_SCRIPT: &str = "
return (async () => {
    document.cookie = 'foreign=kept; path=/; max-age=600';
    localStorage.setItem('foreign', 'kept');
    await (await caches.open('foreign')).put('/foreign', new window.Response('kept'));
    await new Promise((resolve, reject) => {
        const opening = indexedDB.open('foreign', 1);
        opening.onerror = () => reject(opening.error);
        opening.onupgradeneeded = () => opening.result.createObjectStore('foreign');
        opening.onsuccess = () => {
            const writing = opening.result.transaction('foreign', 'readwrite');
            writing.objectStore('foreign').put('kept', 'foreign');
            writing.oncomplete = () => { opening.result.close(); resolve(); };
            writing.onerror = () => reject(writing.error);
        };
    });
})();
";

/// What stands at the button, as it is seen.
const BUTTON_SCRIPT: &str = "
const [kind] = arguments;
window.__labClickedIn = true;
const all = document.querySelector('connection-doctor').shadowRoot;
const button = all.querySelector(`[data-repair=\"${kind}\"]`);
const box = button?.getBoundingClientRect();
return {
    visible: (box?.width ?? 0) > 0 && box.height > 0 && !button.disabled,
    text: (button?.closest('.guidance') ?? button?.parentElement)?.innerText ?? '',
    there: [...all.querySelectorAll('[data-repair]')].map(other => other.dataset.repair),
};
";

/// The click comes once this script has ended: it takes the page away.
const CLICK_SCRIPT: &str = "
const [kind] = arguments;
const button = document.querySelector('connection-doctor').shadowRoot.querySelector(`[data-repair=\"${kind}\"]`);
setTimeout(() => button.click());
";

/// Whether this is another page than the one that was clicked in.
const ANEW_SCRIPT: &str = "return !window.__labClickedIn && document.querySelector('connection-doctor') !== null;";

/// Waits for the report of the run that nobody asked for.
const REPORTED_SCRIPT: &str = "
const [deadline, done] = arguments;
window.__labReports = 0;
const ended = () => {
    const element = document.querySelector('connection-doctor');
    const part = element.shadowRoot.querySelector('[part~=\"before-after\"]');
    const compared = (part?.getBoundingClientRect().height ?? 0) > 0 ? part.innerText : '';
    done({ report: JSON.parse(JSON.stringify(element.report)), compared });
};
document.addEventListener('connection-doctor:report', () => {
    window.__labReports += 1;
    // Once the face has heard of it too.
    setTimeout(ended);
});
if (document.querySelector('connection-doctor').report) {
    window.__labReports += 1;
    setTimeout(ended);
}
setTimeout(() => done({ error: `nothing within ${deadline} ms` }), deadline);
";

/// Whether the page is still the same, and what is left of what belongs to somebody else.
const AFTERWARDS_SCRIPT: &str = "
const [wanted] = arguments;
return (async () => {
    const database = await new Promise(resolve => {
        const opening = indexedDB.open('foreign', 1);
        opening.onerror = () => resolve('cannot be opened');
        // It is made anew: so it was gone.
        opening.onupgradeneeded = () => { opening.transaction.abort(); resolve('gone'); };
        opening.onsuccess = () => {
            const reading = opening.result.transaction('foreign').objectStore('foreign').get('foreign');
            reading.onsuccess = () => resolve(reading.result ?? 'gone');
            reading.onerror = () => resolve('cannot be read');
        };
    });
    return {
        same: window.__labReports !== undefined,
        reports: window.__labReports ?? 0,
        shows: wanted === null || document.querySelector(wanted) !== null,
        workers: (await navigator.serviceWorker?.getRegistrations())?.length ?? 0,
        foreign: {
            cookie: document.cookie.split('; ').includes('foreign=kept'),
            key: localStorage.getItem('foreign') === 'kept',
            database: database === 'kept',
            cache: await (await caches.match('/foreign', { cacheName: 'foreign' }))?.text() === 'kept',
        },
    };
})();
";
