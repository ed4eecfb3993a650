//! A page whose own files are served wrongly: it cannot load, and says to the person and to the operator why.

use connection_doctor_lab::Running;
use serde_json::{Value, json};

use crate::webdriver::{Browser, DriverError, Session};
use crate::window::open_page_with;
use crate::{CaseOutcome, counted};

/// What the page must say of a scenario in which it cannot load.
#[derive(Clone, Copy, Debug)]
pub struct Unloadable {
    pub scenario: &'static str,
    /// What the person reads.
    pub person: &'static str,
    /// What the operator reads.
    pub operator: &'static str,
    /// Who says it.
    pub speaker: Speaker,
    /// Where a browser cannot tell what the others do.
    pub waivers: &'static [Waiver],
}

/// Who says why the page cannot load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The element, in its face and by the rejection of `run()`.
    Element,
    /// The text in the page, as the element is not there.
    Page,
}

/// In this browser the page says something else, for a reason.
#[derive(Clone, Copy, Debug)]
pub struct Waiver {
    pub browser: Browser,
    pub person: &'static str,
    pub operator: &'static str,
    pub reason: &'static str,
}

const BADLY_SET_UP: Unloadable =
    Unloadable { scenario: "", person: "not set up correctly on this server", operator: "", speaker: Speaker::Element, waivers: &[] };

/// One entry for each scenario that cannot load, in the table's order.
pub const UNLOADABLE: &[Unloadable] = &[
    Unloadable { scenario: "page-wasm-forbidden", operator: "forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src", ..BADLY_SET_UP },
    Unloadable { scenario: "page-wasm-missing", operator: "/diagnostics/doctor_bg.wasm is missing (HTTP 404)", ..BADLY_SET_UP },
    Unloadable { scenario: "page-wasm-as-html", operator: "/diagnostics/doctor_bg.wasm is answered with an HTML page", ..BADLY_SET_UP },
    Unloadable { scenario: "page-glue-wrong-type", operator: "/diagnostics/doctor.js is served as text/plain", ..BADLY_SET_UP },
    Unloadable {
        scenario: "page-start-unavailable",
        person: "the chat’s server is down, or just starting",
        operator: "/diagnostics/start.js is answered with HTTP 503",
        ..BADLY_SET_UP
    },
    Unloadable {
        scenario: "page-start-sent-away",
        person: "sends this browser elsewhere. Most likely the sign-in has ended",
        operator: "/diagnostics/start.js is answered with a redirect",
        ..BADLY_SET_UP
    },
    Unloadable {
        scenario: "page-glue-refused",
        person: "refuses this browser, this account or this network. Most likely the sign-in has ended",
        operator: "/diagnostics/doctor.js is answered with HTTP 403",
        ..BADLY_SET_UP
    },
    Unloadable {
        scenario: "page-script-missing",
        person: "The test has not started",
        operator: "connection-doctor.js does not load here",
        speaker: Speaker::Page,
        waivers: &[],
    },
];

/// Opens the page and reads what it says.
pub async fn cannot_load(session: &Session, running: &Running, expected: &Unloadable) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    let waiver = expected.waivers.iter().find(|waiver| waiver.browser == session.browser);
    let (person, operator) = waiver.map_or((expected.person, expected.operator), |waiver| (waiver.person, waiver.operator));
    outcome.waived = waiver.map(|waiver| waiver.reason);
    open_page_with(session, running, "").await?;
    let script = match expected.speaker {
        Speaker::Element => ELEMENT_SCRIPT,
        Speaker::Page => PAGE_SCRIPT,
    };
    let begun = std::time::Instant::now();
    let seen = session.execute_async(script, json!([person])).await?;
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    let text = |name: &str| seen.get(name).and_then(Value::as_str).unwrap_or("");
    for wanted in [person, operator] {
        outcome.must(text("text").contains(wanted), || format!("the page does not say {wanted:?}; it says {:?}", text("text")));
    }
    outcome.must(seen.get("visible") == Some(&Value::Bool(true)), || "what it says cannot be seen".to_owned());
    if expected.speaker == Speaker::Element {
        outcome.must(text("role") == "alert", || "nobody is alerted to it".to_owned());
        outcome.must(seen.get("error") == Some(&Value::Bool(true)), || "run() did not reject with an Error".to_owned());
        for wanted in [person, operator] {
            outcome.must(text("message").contains(wanted), || format!("run() rejects without {wanted:?}: {:?}", text("message")));
        }
    }
    let asked = running.counters().tally();
    outcome.must(asked.requests + asked.handshakes == 0, || format!("a page that cannot load asked the chat's server: {asked:?}"));
    Ok(outcome)
}

/// Waits for the failure in the element's face, then asks for a run all the same.
const ELEMENT_SCRIPT: &str = "
const [person, done] = arguments;
const element = document.querySelector('connection-doctor');
const text = () => element.shadowRoot?.textContent ?? '';
const begun = performance.now();
const look = () => {
    if (!text().includes(person) && performance.now() - begun < 15_000) return setTimeout(look, 50);
    const alert = element.shadowRoot?.querySelector('.cannot-start');
    const box = alert?.getBoundingClientRect();
    const seen = { text: text(), role: alert?.getAttribute('role') ?? '', visible: (box?.width ?? 0) > 0 && box.height > 0 };
    if (typeof element.run !== 'function') return done(seen);
    element.run().then(
        () => done({ ...seen, error: false, message: 'it resolved' }),
        error => done({ ...seen, error: error instanceof window.Error, message: String(error?.message) }),
    );
};
look();
";

/// Reads the text that stands in the page from the beginning: hidden at first, so that it does not flash where all is well.
const PAGE_SCRIPT: &str = "
const [person, done] = arguments;
const element = document.querySelector('connection-doctor');
const begun = performance.now();
const look = () => {
    // As it is seen, not as it stands in the source: without the line breaks, and without what is hidden.
    const text = element.innerText.replace(/\\s+/g, ' ');
    if (!text.includes(person) && performance.now() - begun < 10_000) return setTimeout(look, 100);
    const box = element.getBoundingClientRect();
    done({ text, visible: box.width > 0 && box.height > 0 && !customElements.get('connection-doctor') });
};
look();
";
