//! Finds the program on a site, or puts it into a page of it, and runs it there.

use serde_json::{Value, json};
use url::Url;

use crate::browser::{DriverError, Session};
use crate::dist::Injection;
use crate::progress::Progress;
use crate::trouble::Trouble;

/// Where sites have the page (README, "Put it on your chat"): beside the chat's page, or at the top.
const USUAL_PLACES: [&str; 6] =
    ["diagnostics/", "diagnostics/index.html", "/diagnostics/", "/diagnostics/index.html", "/public/diagnostics/index.html", "/static/diagnostics/index.html"];
/// How long a page may take to put the element in by a script of its own, in milliseconds.
const APPEARS: u32 = 1_000;
/// How long the element that is there may take to be defined, in milliseconds.
const DEFINED: u32 = 10_000;
/// How long each of the usual places may take to answer, in milliseconds.
const ANSWERS: u32 = 5_000;
/// The page is asked so often whether there is something new, at least, in milliseconds.
const NEWS: u32 = 5_000;

/// What a page says of the element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Ready,
    /// It is in the page, and its script does not come.
    Undefined,
    Absent,
}

/// Why a run gave no report.
#[derive(Debug)]
pub enum Failed {
    /// The program says why it can't start, or which setting is wrong.
    Said(String),
    Driver(DriverError),
    /// The page's policy lets no script in that is not its own.
    Forbidden,
    /// The page went away in its middle.
    Gone,
}

impl From<DriverError> for Failed {
    fn from(error: DriverError) -> Self {
        Failed::Driver(error)
    }
}

/// Looks whether the page that is open has the element, ready to run.
///
/// # Errors
/// Where the driver does not say.
pub async fn has_element(session: &Session) -> Result<bool, DriverError> {
    Ok(match look(session, APPEARS).await? {
        Element::Undefined => look(session, DEFINED).await?,
        seen => seen,
    } == Element::Ready)
}

async fn look(session: &Session, wait: u32) -> Result<Element, DriverError> {
    Ok(match session.execute_async(LOOK, json!([wait])).await?.as_str() {
        Some("ready") => Element::Ready,
        Some("undefined") => Element::Undefined,
        _ => Element::Absent,
    })
}

/// Whether a service worker answers for the page that is open.
///
/// # Errors
/// Where the driver does not say.
pub async fn has_worker(session: &Session) -> Result<bool, DriverError> {
    Ok(session.execute("return Boolean(navigator.serviceWorker?.controller);", json!([])).await? == Value::Bool(true))
}

/// The places at which the site may have the page, as the page that is open sees them: those that have it, and those that it may not ask.
///
/// # Errors
/// Where the driver does not say.
pub async fn places(session: &Session, url: &Url) -> Result<Vec<Url>, DriverError> {
    let mut places: Vec<Url> = Vec::new();
    for place in USUAL_PLACES.iter().filter_map(|place| url.join(place).ok()) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let asked: Vec<&str> = places.iter().map(Url::as_str).collect();
    let told = session.execute_async(ASK, json!([asked, ANSWERS])).await?;
    let told = told.as_array().map_or(&[][..], Vec::as_slice);
    Ok(places.iter().zip(told).filter(|(_, has)| **has != Value::Bool(false)).map(|(place, _)| place.clone()).collect())
}

/// Begins a run of the element in the page that is open.
///
/// # Errors
/// Where there is no element.
pub async fn begin(session: &Session, options: &Value) -> Result<(), Failed> {
    match session.execute(&format!("{NOTED}{RUN}"), json!([options])).await?.as_str() {
        Some(failure) => Err(Failed::Said(failure.to_owned())),
        None => Ok(()),
    }
}

/// Puts the program into the page that is open, and begins a run.
///
/// # Errors
/// Where the page does not take it.
pub async fn inject(session: &Session, injection: &Injection, options: &Value) -> Result<(), Failed> {
    let args = json!([options, injection.files]);
    let script = format!("{}\n{NOTED}{INJECTED_RUN}", injection.script);
    if session.execute(&format!("{IS_THE_PAGES}{script}"), args.clone()).await? == Value::Bool(true) {
        return Ok(());
    }
    // Firefox runs a driver's scripts in a realm of their own, where what the page's fetch returns is not the program's kind of promise:
    // nothing would seem to answer.
    let whole = format!("(function () {{{script}}}).apply(null, JSON.parse({}));", Value::String(args.to_string()));
    match session.execute(PUT, json!([whole])).await? {
        Value::Bool(true) => Ok(()),
        _ => Err(Failed::Forbidden),
    }
}

/// Waits for the end of the run, tells its steps, and gives the report's JSON.
///
/// # Errors
/// Where there is no report.
pub async fn report(session: &Session, progress: &Progress) -> Result<String, Failed> {
    loop {
        let news = session.execute_async(NEWS_OF_RUN, json!([NEWS])).await?;
        let Some(told) = news.get("told").and_then(Value::as_array) else { return Err(Failed::Gone) };
        for step in told.iter().filter_map(Value::as_str) {
            progress.step(step);
        }
        let Some(ended) = news.get("ended").filter(|ended| ended.is_object()) else { continue };
        let text = |name: &str| ended.get(name).and_then(Value::as_str).map(str::to_owned);
        return match (text("report"), text("error")) {
            (Some(report), _) => Ok(report),
            (None, error) => Err(Failed::Said(error.unwrap_or_default())),
        };
    }
}

/// Whether what is shown came from the web, and is no page of the browser's own. A page that goes on by itself takes the script with it, and geckodriver
/// then answers `null` (measured): the next one is asked.
///
/// # Errors
/// Where the driver does not say.
pub async fn is_of_the_web(session: &Session) -> Result<bool, DriverError> {
    for _ in 0..LEAVING {
        let origin = session.execute("return location.origin;", json!([])).await?;
        if let Some(origin) = origin.as_str() {
            return Ok(origin.starts_with("http:") || origin.starts_with("https:"));
        }
        tokio::time::sleep(LOOKS_AGAIN).await;
    }
    Ok(false)
}

/// How often a page that is being left is looked at again.
const LEAVING: u32 = 10;
const LOOKS_AGAIN: std::time::Duration = std::time::Duration::from_millis(200);

/// What a driver says of a page that did not load, in a sentence or two.
pub fn not_loaded(url: &Url, error: &DriverError, browser: &str) -> Trouble {
    let is_certificate = error.code == "insecure certificate" || ["ERR_CERT", "certificate", "nssBadCert"].iter().any(|word| error.message.contains(word));
    let hint = if is_certificate { " --accept-insecure-certs accepts it." } else { "" };
    Trouble::new(format!("{url} can't be opened, so nothing can run there. {browser} says: {error}.{hint}"))
}

/// Says whether the element is in the page and defined; waits for it at most so many milliseconds. A page that defines it and has none gets
/// one that nobody sees.
const LOOK: &str = "
const [wait, done] = arguments;
const found = () => document.querySelector('connection-doctor');
const defined = () => customElements.get('connection-doctor') !== undefined;
let told = false;
const end = () => {
    if (told) return;
    told = true;
    observer.disconnect();
    clearTimeout(timer);
    if (defined() && !found()) {
        const element = document.createElement('connection-doctor');
        element.setAttribute('launcher', '');
        element.hidden = true;
        document.body?.append(element);
    }
    done(!found() ? 'absent' : defined() ? 'ready' : 'undefined');
};
const look = () => { if (found() && defined()) end(); };
const observer = new MutationObserver(look);
const timer = setTimeout(end, wait);
observer.observe(document, { subtree: true, childList: true });
customElements.whenDefined('connection-doctor').then(look);
look();
";

/// Says of each URL whether the page is there: true, false, or null where this page may not ask.
const ASK: &str = "
const [urls, wait, done] = arguments;
const ask = async (url) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), wait);
    try {
        const answer = await fetch(url, { signal: abort.signal, credentials: 'same-origin' });
        return answer.ok && /<connection-doctor[\\s>]/.test(await answer.text());
    } catch {
        return abort.signal.aborted ? false : null;
    } finally {
        clearTimeout(timer);
    }
};
Promise.all(urls.map(ask)).then(done);
";

/// Where a run leaves what it has to say, until it is asked for.
const NOTED: &str = "
const [options, files] = arguments;
const run = window.__connectionDoctorRun = { told: [], ended: null, wake: null };
const tell = ({ label, began }) => {
    if (began) run.told.push(String(label));
    run.wake?.();
};
const end = (ended) => {
    run.ended = ended;
    run.wake?.();
};
const follow = (report) => report.then(
    (report) => end({ report: JSON.stringify(report) }),
    (error) => end({ error: String(error?.message ?? error) }),
);
";

const RUN: &str = "
const element = document.querySelector('connection-doctor');
if (typeof element?.run !== 'function') return 'The page has no <connection-doctor> that can run.';
element.addEventListener('connection-doctor:progress', ({ detail }) => tell(detail));
follow(element.run(options));
return null;
";

const INJECTED_RUN: &str = "
connectionDoctor.give(files);
follow(connectionDoctor.diagnose(options, { onProgress: tell }));
return true;
";

/// Ends a script that does not run in the page's own realm.
const IS_THE_PAGES: &str = "
if (Promise !== window.Promise) return false;
";

/// Puts a script into the page as an element of it, and says whether it ran. A policy that lets scripts in by a nonce knows the page's own.
const PUT: &str = "
const [source] = arguments;
delete window.__connectionDoctorRun;
const element = document.createElement('script');
element.nonce = document.querySelector('script[nonce]')?.nonce ?? '';
try {
    element.textContent = source;
    document.documentElement.append(element);
} catch {
    // Trusted Types forbid it.
    return false;
}
element.remove();
return window.__connectionDoctorRun !== undefined;
";

/// Gives what is new, once there is something, and at the latest after so many milliseconds.
const NEWS_OF_RUN: &str = "
const [wait, done] = arguments;
const run = window.__connectionDoctorRun;
if (!run) return done(null);
const give = () => {
    run.wake = null;
    done({ told: run.told.splice(0), ended: run.ended });
};
const timer = setTimeout(give, wait);
// Several steps begin at a time.
const soon = () => {
    run.wake = run.ended ? null : () => { if (run.ended) give(); };
    clearTimeout(timer);
    if (run.ended) give();
    else setTimeout(() => { if (run.wake) give(); }, 100);
};
if (run.told.length || run.ended) soon();
else run.wake = soon;
";
