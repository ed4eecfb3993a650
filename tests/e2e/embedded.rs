//! The element in pages of others, under a strict policy with Trusted Types: twice in one page, moved, taken out, as a launcher,
//! beside a real socket, in a real Chainlit; and by its keys alone. What it leaves behind is counted by the page itself
//! (`tests/lab/servers/host/host.js`).

use std::time::Instant;

use connection_doctor_lab::Running;
use serde_json::{Value, json};

use crate::webdriver::{Browser, DriverError, Key, Session};
use crate::window::open_page_with;
use crate::{CLOSING_DEADLINE, CaseOutcome, all_closed, counted};

/// What is tried of an element in somebody else's page.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedCase {
    pub name: &'static str,
    pub scenario: &'static str,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Twice,
    MovedAndRemoved,
    LeftAlone,
    Launcher,
    BesideASocket,
    BesideAnAlert,
    InChainlit,
    Keys,
    Announced,
}

const HOST: &str = "e-trusted-types";
const PAGE: &str = "healthy-engineioxide";

const fn in_host(name: &'static str, what: What) -> EmbeddedCase {
    EmbeddedCase { name, scenario: HOST, what }
}

pub const EMBEDDED: &[EmbeddedCase] = &[
    in_host("embedded-twice", What::Twice),
    in_host("embedded-moved-and-removed", What::MovedAndRemoved),
    in_host("embedded-left-alone", What::LeftAlone),
    in_host("embedded-launcher", What::Launcher),
    in_host("embedded-beside-a-socket", What::BesideASocket),
    in_host("embedded-beside-an-alert", What::BesideAnAlert),
    EmbeddedCase { name: "embedded-in-chainlit", scenario: "e-chainlit", what: What::InChainlit },
    EmbeddedCase { name: "keys-alone", scenario: PAGE, what: What::Keys },
    EmbeddedCase { name: "announced-once", scenario: PAGE, what: What::Announced },
];

pub async fn embedded(session: &Session, running: &Running, case: &EmbeddedCase) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    open_page_with(session, running, "").await?;
    if case.scenario == HOST {
        session.open(&format!("{}/host", running.origin())).await?;
        running.counters().reset();
        let defined = session.execute_async("customElements.whenDefined('connection-doctor').then(() => arguments[0](true))", json!([])).await?;
        outcome.must(defined == Value::Bool(true), || "the element is not defined".to_owned());
    }
    let begun = Instant::now();
    let page = Page { session, running };
    match case.what {
        What::Twice => page.twice(&mut outcome).await?,
        What::MovedAndRemoved => page.moved_and_removed(&mut outcome).await?,
        What::LeftAlone => page.left_alone(&mut outcome).await?,
        What::Launcher => page.launcher(&mut outcome).await?,
        What::BesideASocket => page.beside_a_socket(&mut outcome).await?,
        What::BesideAnAlert => page.beside_an_alert(&mut outcome).await?,
        What::InChainlit => page.in_chainlit(&mut outcome).await?,
        What::Keys => page.keys(&mut outcome).await?,
        What::Announced => page.announced(&mut outcome).await?,
    }
    if case.scenario == HOST {
        let forbidden = session.execute("return window.lab.violations", json!([])).await?;
        outcome.must(forbidden == json!([]), || format!("the page's policy forbade {forbidden}"));
    }
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    Ok(outcome)
}

struct Page<'a> {
    session: &'a Session,
    running: &'a Running,
}

impl Page<'_> {
    /// Runs the body of an async function in the page, and gives what it gives, or `{"threw": ..}`.
    async fn ask(&self, body: &str, args: Value) -> Result<Value, DriverError> {
        let script = ASK_SCRIPT.replace("BODY", body);
        self.session.execute_async(&script, json!([args])).await
    }

    /// Runs it, and it must give `true`.
    async fn must(&self, body: &str, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        let given = self.ask(body, Value::Null).await?;
        outcome.must(given == Value::Bool(true), || format!("{body} gives {given}"));
        Ok(())
    }

    /// Two elements are two: they run at once, each has a face and a report of its own, and the page has nothing of either.
    async fn twice(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        let before = self.ask("return window.lab.held()", Value::Null).await?;
        let seen = self.ask(TWICE_BODY, Value::Null).await?;
        // Beside each other they may not come to all that a short run looks at.
        let is_well = |verdict: &Value| verdict == "works" || verdict == "inconclusive";
        outcome.must(is_well(&seen["verdicts"][0]) && is_well(&seen["verdicts"][1]), || format!("the two say {seen}"));
        outcome.must(seen["own"] == Value::Bool(true), || format!("they share what each has of its own: {seen}"));
        outcome.must(seen["globals"] == json!([]), || format!("the window has {} now", seen["globals"]));
        for name in ["heads", "sheets", "ids"] {
            outcome.must(seen["held"][name] == before[name], || format!("{name} of the page: {} before, {} now", before[name], seen["held"][name]));
        }
        Ok(())
    }

    /// A run goes on where its element is moved, and ends where it is taken out; then nothing is held that was not before.
    async fn moved_and_removed(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        let before = self.ask("return window.lab.held()", Value::Null).await?;
        let moved = self.ask(MOVED_BODY, Value::Null).await?;
        outcome.must(moved["verdict"] == "works", || format!("the run of an element that was moved says {moved}"));
        outcome.must(moved["reports"] == json!(1), || format!("{} reports of one run", moved["reports"]));
        self.running.counters().reset();
        self.ask(RUN_ON_BODY, Value::Null).await?;
        let begun = self.running.counters().wait_until(CLOSING_DEADLINE, |tally| tally.handshakes > 0).await;
        outcome.must(begun, || "the run asked for nothing".to_owned());
        self.session.execute("document.querySelector('connection-doctor').remove()", json!([])).await?;
        let closed = self.running.counters().wait_until(CLOSING_DEADLINE, |tally| all_closed(tally, self.session.browser)).await;
        outcome.must(closed, || format!("the element is gone, and connections are open: {:?}", self.running.counters().tally()));
        let left = self.ask("return window.lab.isAsBefore(given)", before).await?;
        outcome.must(left == Value::Bool(true), || format!("the element is gone, and the page holds {left}"));
        if self.session.browser == Browser::Chromium {
            // Twice: what is held in a circle with WebAssembly is let go of by a finalizer.
            for _ in 0..2 {
                self.session.collect_garbage().await?;
                self.ask("await new Promise(resolve => requestAnimationFrame(resolve))", Value::Null).await?;
            }
            let kept = self.session.execute("return window.lab.element.deref() !== undefined", json!([])).await?;
            outcome.must(kept == Value::Bool(false), || "somebody still has the element that was taken out".to_owned());
        }
        Ok(())
    }

    /// A face that nobody uses fetches what could not come any more in an outage: each file once, and a run has no need to ask again.
    async fn left_alone(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        self.must(LEFT_ALONE_BODY, outcome).await?;
        let report = self.ask("return (await document.querySelector('connection-doctor').run()).verdict", Value::Null).await?;
        outcome.must(report == "works", || format!("after it was left alone it says {report}"));
        let loaded = self.ask(LOADED_BODY, Value::Null).await?;
        let names: Vec<&str> = loaded.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for name in ["doctor_rules.wasm", "doctor_guidance.wasm", "shared.json", "net.json", "auth.json", "doctor_closer.wasm"] {
            let times = names.iter().filter(|loaded| **loaded == name).count();
            outcome.must(times == 1, || format!("{name} was fetched {times} times: {names:?}"));
        }
        outcome.verdict = report.as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    /// A launcher loads itself alone until it is pressed; then it shows the face in front of the page and runs; Escape closes it.
    async fn launcher(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        self.must("window.lab.add({ launcher: '' }); await window.lab.until(() => window.lab.shown('.launcher')); return true", outcome).await?;
        let loaded = self.ask(LOADED_BODY, Value::Null).await?;
        let names: Vec<&str> = loaded.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        // A release has watch.js in it.
        let is_small = names.iter().all(|name| ["connection-doctor.js", "watch.js"].contains(name));
        outcome.must(is_small && !names.is_empty(), || format!("loaded before anybody pressed: {names:?}"));
        let asked = self.running.counters().tally();
        outcome.must(asked.requests + asked.handshakes == 0, || format!("asked of the server before anybody pressed: {asked:?}"));

        self.session.click(SHOWN_SCRIPT, json!([".launcher"])).await?;
        let report = self.ask(VERDICT_BODY, Value::Null).await?;
        outcome.must(report == "works", || format!("after the press there is {report}"));
        self.must("return window.lab.root().querySelector('dialog').matches(':modal')", outcome).await?;
        self.must("return window.lab.focus() !== null", outcome).await?;
        self.session.press(Key::Escape).await?;
        self.must("return window.lab.until(() => !window.lab.root().querySelector('dialog').open)", outcome).await?;
        self.must("return window.lab.focus()?.matches('.launcher')", outcome).await?;
        outcome.verdict = report.as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    /// A real socket.io-client that fails again and again brings the offer, with its own words; one that is well again takes it away.
    async fn beside_a_socket(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        self.must(SOCKET_BODY, outcome).await?;
        self.running.flip();
        self.session.execute("window.lab.socket.io.engine.close()", json!([])).await?;
        let message = self.ask("return (await window.lab.until(() => window.lab.offers[0], 15_000)).message", Value::Null).await?;
        outcome.must(message.as_str().is_some_and(|message| message.contains("error")), || format!("the offer has not what socket.io-client said: {message}"));
        self.must("await window.lab.until(() => window.lab.shown('.launcher')); return true", outcome).await?;
        self.session.click(SHOWN_SCRIPT, json!([".launcher"])).await?;
        let report = self.ask(VERDICT_BODY, Value::Null).await?;
        outcome.must(report == "broken", || format!("after the press there is {report}"));
        self.session.press(Key::Escape).await?;
        self.running.reset().await;
        self.must("return window.lab.until(() => window.lab.socket.connected && !window.lab.shown('.launcher'), 15_000)", outcome).await?;
        self.session.execute("window.lab.socket.close()", json!([])).await?;
        outcome.verdict = report.as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    /// Something in the page that says that there is trouble brings the offer.
    async fn beside_an_alert(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        self.must("window.lab.add({ launcher: 'offer', 'watch-selector': '.trouble' }); return !window.lab.shown('.launcher')", outcome).await?;
        self.session.execute("document.querySelector('.there').className = 'there trouble'", json!([])).await?;
        self.must("await window.lab.until(() => window.lab.shown('.launcher')); return true", outcome).await?;
        let offers = self.ask("return window.lab.offers.map(({ selector }) => selector)", Value::Null).await?;
        outcome.must(offers == json!([".trouble"]), || format!("what is offered: {offers}"));
        Ok(())
    }

    /// A real Chainlit that cannot reach its socket: its alert gets a button, and the button a diagnosis.
    async fn in_chainlit(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        self.running.flip();
        self.session.open(&format!("{}/", self.running.origin())).await?;
        let label = self.ask(CHAINLIT_BODY, Value::Null).await?;
        outcome.must(label == "Find out why", || format!("the alert's button says {label}"));
        self.session.click("return document.querySelector('#session-error > button')", json!([])).await?;
        let report = self.ask(CHAINLIT_REPORT_BODY, Value::Null).await?;
        outcome.must(report["verdict"] == "broken", || format!("after the press there is {report}"));
        outcome.must(report["shown"] == Value::Bool(true), || "the diagnosis cannot be seen".to_owned());
        outcome.verdict = report["verdict"].as_str().unwrap_or_default().to_owned();
        outcome.causes = report["causes"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(())
    }

    /// From the page's start to the report and on by Tab and Enter alone. The focus is never lost, and always seen.
    async fn keys(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        self.ask("await until(() => document.querySelector('connection-doctor')?.shadowRoot?.querySelector('button'))", Value::Null).await?;
        self.tab_to("[part~=primary]", outcome).await?;
        self.session.press(Key::Enter).await?;
        self.must("await until(() => document.querySelector('connection-doctor').report); return true", outcome).await?;
        self.must("return (await until(() => focus())) !== null", outcome).await?;
        // Every stop of the report is one that can be seen.
        let mut stops = Vec::new();
        for _ in 0..60 {
            self.session.press(Key::Tab).await?;
            let stop = self.ask(STOP_BODY, Value::Null).await?;
            if stop.is_null() || stops.contains(&stop["place"]) {
                break;
            }
            outcome.must(stop["seen"] == Value::Bool(true), || format!("the focus cannot be seen at {stop}"));
            stops.push(stop["place"].clone());
        }
        outcome.must(stops.len() > 3, || format!("Tab leads to {stops:?} alone"));
        // A run that is stopped by the keyboard; on a page of its own, as the focus has left the other one.
        open_page_with(self.session, self.running, "").await?;
        self.ask(RUN_ON_BODY, Value::Null).await?;
        self.ask("await until(() => shadow().querySelector('[part~=running]'))", Value::Null).await?;
        self.tab_to("[part~=running] button", outcome).await?;
        self.session.press(Key::Enter).await?;
        self.must("await until(() => shadow().querySelector('[part~=verdict]')); return true", outcome).await?;
        self.must("return (await until(() => focus())) !== null", outcome).await?;
        Ok(())
    }

    /// Presses Tab until the focus is there.
    async fn tab_to(&self, selector: &str, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        for _ in 0..25 {
            self.session.press(Key::Tab).await?;
            if self.ask("return focus()?.matches(given) ?? false", json!(selector)).await? == Value::Bool(true) {
                return Ok(());
            }
        }
        outcome.failures.push(format!("Tab does not lead to {selector}"));
        Ok(())
    }

    /// What a screen reader hears of a run: a change is said once, and what came out of it at last.
    async fn announced(&self, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
        let seen = self.ask(ANNOUNCED_BODY, Value::Null).await?;
        let said: Vec<&str> = seen["said"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let summary = seen["summary"].as_str().unwrap_or("there is no report");
        let of_it = said.iter().filter(|words| words.contains(summary)).count();
        outcome.must(of_it == 1, || format!("the verdict is said {of_it} times: {said:?}"));
        outcome.must(said.last().is_some_and(|words| words.contains(summary)), || format!("the last that is said is not the verdict: {said:?}"));
        outcome.must(said.windows(2).all(|pair| pair[0] != pair[1]), || format!("the same is said twice: {said:?}"));
        // That it looks, how it stands so far, and what came out.
        outcome.must((2..=4).contains(&said.len()), || format!("{} things are said of one short run: {said:?}", said.len()));
        Ok(())
    }
}

const ASK_SCRIPT: &str = "
const [given, done] = arguments;
// The page's own does not count as one of its timers.
const until = window.lab?.until ?? (async (what, within = 15_000) => {
    const begun = performance.now();
    for (;;) {
        const found = what();
        if (found) return found;
        if (performance.now() - begun > within) throw `never: ${what}`;
        await new Promise(resolve => setTimeout(resolve, 20));
    }
});
const shadow = () => document.querySelector('connection-doctor').shadowRoot;
const focus = () => shadow().activeElement;
(async () => { BODY })().then(
    value => done(value === undefined ? null : value),
    error => done({ threw: String(error) }),
);
";

const TWICE_BODY: &str = "
const both = [window.lab.add(), window.lab.add()];
const [one, other] = await Promise.all(both.map(element => element.run()));
return {
    verdicts: [one.verdict, other.verdict],
    own: one !== other && both.every(element => element.shadowRoot.querySelector('[part~=verdict]')) && both[0].report !== both[1].report,
    globals: window.lab.globals(),
    held: window.lab.held(),
};
";

/// Until the last file that is fetched ahead has come.
const LEFT_ALONE_BODY: &str = "
window.lab.add();
const hasCome = () => performance.getEntriesByType('resource').some(({ name }) => name.includes('doctor_closer.wasm'));
await window.lab.until(hasCome, 20_000);
return true;
";

/// Into another place of the page, in the middle of a run.
const MOVED_BODY: &str = "
const element = window.lab.add();
let reports = 0;
element.addEventListener('connection-doctor:report', () => { reports += 1; });
const run = element.run();
await until(() => element.shadowRoot.querySelector('[part~=running]'));
document.querySelector('.there').append(element);
const { verdict } = await run;
return { verdict, reports };
";

const RUN_ON_BODY: &str = "(await until(() => document.querySelector('connection-doctor')?.run && document.querySelector('connection-doctor'))).run({ depth: 'full' }).catch(() => {})";

/// What was fetched of the test's own files.
const LOADED_BODY: &str = "
await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
const paths = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
return paths.filter(path => path.startsWith('/diagnostics/')).map(path => path.split('/').pop());
";

/// The element of the face that the selector names.
const SHOWN_SCRIPT: &str = "return document.querySelector('connection-doctor').shadowRoot.querySelector(arguments[0])";

/// The verdict of the element's report, or what it shows where there is none.
const VERDICT_BODY: &str = "
const report = () => document.querySelector('connection-doctor').report;
await until(report).catch(() => {});
return report()?.verdict ?? window.lab.root().textContent;
";

const SOCKET_BODY: &str = "
const element = window.lab.add({ launcher: 'offer' });
window.lab.socket = window.lab.connect();
element.watch(window.lab.socket);
await until(() => window.lab.socket.connected);
return !window.lab.shown('.launcher');
";

const CHAINLIT_BODY: &str = "return (await until(() => document.querySelector('#session-error > button'), 30_000)).textContent";

const CHAINLIT_REPORT_BODY: &str = "
const { report } = await until(() => document.querySelector('connection-doctor').report && document.querySelector('connection-doctor'), 20_000);
const box = (await until(() => shadow().querySelector('[part~=verdict]'))).getBoundingClientRect();
return { verdict: report.verdict, causes: report.causes.map(({ code }) => code), shown: box.width > 0 && box.height > 0 };
";

/// Where the focus is, and whether one sees it.
const STOP_BODY: &str = "
const active = focus();
if (!active) return null;
const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(active);
const { width, height } = active.getBoundingClientRect();
const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 || boxShadow !== 'none';
const place = `${[...shadow().querySelectorAll('*')].indexOf(active)} ${active.tagName} ${active.textContent.slice(0, 30)}`;
return { place, seen: ring && active.matches(':focus-visible') && width > 0 && height > 0 };
";

const ANNOUNCED_BODY: &str = "
const element = await until(() => document.querySelector('connection-doctor'));
const status = await until(() => shadow()?.querySelector('[role=status]'));
const said = [];
// Text that is set anew is said anew, the same text too.
const observer = new window.MutationObserver(() => { if (status.textContent) said.push(status.textContent); });
observer.observe(status, { subtree: true, childList: true, characterData: true });
const { summary } = await element.run();
// What is still to be said comes with the next frames.
for (let frame = 0; frame < 30; frame += 1) await new Promise(resolve => requestAnimationFrame(resolve));
observer.disconnect();
return { said, summary };
";
