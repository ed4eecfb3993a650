//! The face in every state that it has, and every look of it: nothing in it keeps anybody out (axe-core, WCAG 2.2 AA), and
//! nothing stands beside a narrow screen. `bin/screenshots` makes its pictures here too, so no state has two descriptions.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use base64::Engine as _;
use connection_doctor_lab::{Running, repository};
use serde_json::{Value, json};

use crate::webdriver::{Browser, Cast, DriverError, Session};
use crate::window::{READY_SCRIPT, UNTIL, open_in_frame, open_page_with};
use crate::{CaseOutcome, Settings, counted};

/// A state of the face, and the way to it.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// The case is named so after `face-`.
    pub name: &'static str,
    pub scenario: &'static str,
    /// The page's query; or the path of another page, with a slash.
    query: &'static str,
    /// What is done in the page until it is there: the body of an async function that knows `element`, `all(selector)` in it,
    /// `until(what)`, which waits until that gives something and gives it, `ran(verdict)`, which runs, `press(selector)`, and `choose(selector, text)`, which
    /// hands a file of that text in; `recorded` is the text of a report of a chat on several replicas.
    way: &'static str,
    /// What is in the shadow root then, and in no state before it.
    shows: &'static str,
    /// The program is there, and with it all languages.
    loads: bool,
    /// Where it cannot be shown.
    waiver: Option<(Browser, &'static str)>,
}

const HEALTHY: &str = "healthy-engineioxide";
/// A run of it lasts long enough to be looked at.
const LONG: &str = "upgrade-swallowed";
/// Its page at `/host` has no element in it yet.
const EMBEDDING: &str = "e-trusted-types";
const CALLS: &str = "v-healthy-devices";

const STATE: State = State { name: "", scenario: HEALTHY, query: "", way: "", shows: "", loads: true, waiver: None };

pub const STATES: &[State] = &[
    State { name: "idle", shows: "[part~=idle]", ..STATE },
    State {
        name: "running",
        scenario: LONG,
        way: "element.run({ depth: 'full' }).catch(() => {}); await until(() => all('[part~=step]').length > 2)",
        shows: "[part~=running]",
        ..STATE
    },
    State { name: "works", way: "await ran('works')", shows: "[part~=verdict][part~=works]", ..STATE },
    State {
        name: "works-unfolded",
        way: "await ran('works'); all('details').forEach(one => { one.open = true; })",
        shows: "[part~=verdict][part~=works]",
        ..STATE
    },
    State { name: "degraded", scenario: "server-closes-1008", way: "await ran('degraded')", shows: "[part~=verdict][part~=degraded]", ..STATE },
    State { name: "broken", scenario: "gateway-502", way: "await ran('broken')", shows: "[part~=verdict][part~=broken]", ..STATE },
    State {
        name: "inconclusive",
        way: "const run = element.run({ depth: 'full' }); await until(() => all('[part~=step]').length > 0); element.cancel(); await run",
        shows: "[part~=verdict][part~=inconclusive]",
        ..STATE
    },
    State {
        name: "watching",
        scenario: "healthy-node",
        way: "element.run({ depth: 'watch' }).catch(() => {}); await until(() => all('.dots')[0]?.getAttribute('d')?.split('M').length > 4)",
        shows: "[part~=watching] [part~=round-trips]",
        ..STATE
    },
    State {
        name: "opened",
        way: "(await until(() => all('[part~=idle] details')[0])).open = true; choose('[part~=idle] input', recorded)",
        shows: "[part~=saved]",
        ..STATE
    },
    State {
        name: "compared",
        scenario: "gateway-502",
        way: "await element.run(); choose('[part~=hand-on] input', recorded)",
        shows: "[part~=comparison] table",
        ..STATE
    },
    State {
        name: "handed-on",
        way: "await element.run(); all('[part~=hand-on] details')[0].open = true",
        shows: "[part~=hand-on] mark, [part~=hand-on] pre",
        ..STATE
    },
    State { name: "launcher", scenario: EMBEDDING, query: "/host", way: "window.lab.add({ launcher: '' })", shows: "[part~=launcher]", loads: false, ..STATE },
    State {
        name: "launched",
        scenario: EMBEDDING,
        query: "/host",
        way: "window.lab.add({ launcher: '' }); await press('[part~=launcher]')",
        shows: "dialog[open] [part~=verdict]",
        ..STATE
    },
    State { name: "refused", query: "?depth=deep", shows: "[part~=refused]", ..STATE },
    State { name: "could-not-load", scenario: "page-wasm-missing", shows: "[part~=cannot-start]", loads: false, ..STATE },
    State { name: "devices", scenario: CALLS, way: "await element.run()", shows: "[part~=devices]", ..STATE },
];

/// What the face is looked at in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Wide,
    Dark,
    /// What Windows calls a contrast theme.
    ForcedColours,
    Narrow,
    /// From right to left.
    ArabicNarrow,
    ArabicWide,
    Printed,
}

impl Look {
    /// In this order: those of one language follow one another.
    const ALL: [Self; 7] = [Self::Wide, Self::Dark, Self::ForcedColours, Self::Printed, Self::Narrow, Self::ArabicNarrow, Self::ArabicWide];

    fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Dark => "dark",
            Self::ForcedColours => "forced-colours",
            Self::Narrow => "narrow",
            Self::ArabicNarrow => "arabic-narrow",
            Self::ArabicWide => "arabic",
            Self::Printed => "print",
        }
    }

    /// Whether it is held to the rules of accessibility: the others are for pictures alone. Forced colours are the browser's own,
    /// and what is printed is read by nobody who could press a button.
    fn is_checked(self, browser: Browser) -> bool {
        match self {
            Self::Wide | Self::Narrow | Self::ArabicNarrow => true,
            // Debian's WebKit takes its colours from the desktop alone.
            Self::Dark => browser != Browser::WebKit,
            Self::ForcedColours | Self::ArabicWide | Self::Printed => false,
        }
    }

    fn cast(self) -> Cast {
        Cast {
            dark: self == Self::Dark,
            forced_colours: self == Self::ForcedColours,
            printed: self == Self::Printed,
            // WCAG's 1.4.10: 320 CSS pixels.
            width: matches!(self, Self::Narrow | Self::ArabicNarrow).then_some(320),
        }
    }

    fn language(self) -> &'static str {
        if matches!(self, Self::ArabicNarrow | Self::ArabicWide) { "ar" } else { "en" }
    }
}

/// Goes to the state and looks at it in every way.
pub async fn look(session: &Session, running: &Running, state: &State, settings: &Settings) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    if let Some((_, reason)) = state.waiver.filter(|(browser, _)| *browser == session.browser) {
        return Ok(CaseOutcome { waived: Some(reason), ..outcome });
    }
    let begun = Instant::now();
    if session.browser == Browser::WebKit {
        open_in_frame(session, running, state.query).await?;
    } else {
        open_page_with(session, running, state.query).await?;
    }
    // An element that is put in on the way is defined before.
    session.execute_async(if state.query.starts_with('/') { DEFINED_SCRIPT } else { READY_SCRIPT }, json!([])).await?;
    let way = [UNTIL, &WAY_SCRIPT.replace("WAY", state.way)].concat();
    let there = session.execute_async(&way, json!([state.shows, recorded()?])).await?;
    outcome.must(there == Value::Bool(true), || format!("it does not come to {}: {there}", state.shows));
    if there == Value::Bool(true) {
        session.execute(axe()?, json!([])).await?;
        let mut language = "en";
        for look in Look::ALL {
            let is_shown = settings.screenshots.is_some() || look.is_checked(session.browser);
            if !is_shown {
                continue;
            }
            if state.loads && look.language() != language {
                language = look.language();
                let spoken = session.execute_async(LANGUAGE_SCRIPT, json!([language])).await?;
                outcome.must(spoken == Value::Bool(true), || format!("it does not speak {language}: {spoken}"));
            }
            session.show_as(look.cast()).await?;
            check(session, look, &mut outcome).await?;
            if let Some(folder) = &settings.screenshots {
                let picture = base64::engine::general_purpose::STANDARD.decode(session.whole_page().await?).unwrap_or_default();
                outcome.written(folder, &format!("{}.{}.{}.png", state.name, look.name(), session.browser.name()), &picture);
            }
        }
        session.show_as(Cast::default()).await?;
    }
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    Ok(outcome)
}

async fn check(session: &Session, look: Look, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    let settled = session.execute_async(SETTLED_SCRIPT, json!([look.cast().width])).await?;
    outcome.must(settled == Value::Bool(true), || format!("{}: {settled}", look.name()));
    if !look.is_checked(session.browser) {
        return Ok(());
    }
    let seen = session.execute_async(AXE_SCRIPT, json!([TAGS])).await?;
    let tried = seen.get("tried").and_then(Value::as_u64).unwrap_or(0);
    outcome.must(tried > 5, || format!("{}: axe-core tried {tried} rules: {seen}", look.name()));
    for violation in seen.get("violations").and_then(Value::as_array).into_iter().flatten() {
        outcome.failures.push(format!("{}: {}", look.name(), violation.as_str().unwrap_or_default()));
    }
    Ok(())
}

/// WCAG 2.2 AA, and what axe-core's makers hold good besides.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// A report of a real run.
fn recorded() -> Result<String, DriverError> {
    let file = repository().join("tests/evidence/r-not-sticky-three.chromium.json");
    std::fs::read_to_string(&file).map_err(|error| DriverError::Connection(format!("{}: {error}", file.display())))
}

/// The text of axe-core, which defines `axe` in the window.
fn axe() -> Result<&'static str, DriverError> {
    static TEXT: OnceLock<String> = OnceLock::new();
    if let Some(text) = TEXT.get() {
        return Ok(text);
    }
    let file: PathBuf = repository().join("bin/node/node_modules/axe-core/axe.min.js");
    let text = std::fs::read_to_string(&file).map_err(|error| DriverError::Connection(format!("{}: {error}; run bin/setup build", file.display())))?;
    // Firefox runs it in a realm of its own, whose `window` is no place that stays.
    Ok(TEXT.get_or_init(|| text))
}

const DEFINED_SCRIPT: &str = "customElements.whenDefined('connection-doctor').then(() => arguments[0](true))";

const WAY_SCRIPT: &str = "
const [shows, recorded, done] = arguments;
const element = document.querySelector('connection-doctor');
const root = () => document.querySelector('connection-doctor').shadowRoot;
const all = selector => [...root().querySelectorAll(selector)];
// The face is looked at, and not what comes of a run in time: on a busy machine a short one may not see all.
const ran = async verdict => {
    for (let tries = 0; tries < 4; tries += 1) if ((await element.run()).verdict === verdict) return;
};
const press = async selector => (await until(() => all(selector)[0])).click();
const choose = (selector, text) => {
    const [input] = all(selector);
    // The page's own classes: Firefox runs this script in a realm of its own.
    const files = new window.DataTransfer();
    files.items.add(new window.File([text], 'report.json', { type: 'application/json' }));
    input.files = files.files;
    input.dispatchEvent(new window.Event('change'));
};
(async () => {
    WAY;
    await until(() => all(shows)[0]);
})().then(() => done(true), error => done(`${error}; it shows ${root().textContent.slice(0, 300)}`));
";

/// Has the element speak another language, and waits until it does.
const LANGUAGE_SCRIPT: &str = "
const [language, done] = arguments;
const element = document.querySelector('connection-doctor');
element.setAttribute('lang', language);
const direction = language === 'ar' ? 'rtl' : 'ltr';
const begun = performance.now();
const look = () => {
    const spoken = element.shadowRoot.querySelector(`[lang=${language}][dir=${direction}]`);
    if (spoken || performance.now() - begun > 5_000) return done(spoken !== null);
    setTimeout(look, 20);
};
look();
";

/// Waits until the layout is what was asked for, and holds it to its width.
const SETTLED_SCRIPT: &str = "
const [width, done] = arguments;
const begun = performance.now();
const look = () => {
    if (width && innerWidth !== width && performance.now() - begun < 3_000) return setTimeout(look, 20);
    if (width && innerWidth !== width) return done(`the page is ${innerWidth} wide`);
    const { scrollWidth, clientWidth } = document.scrollingElement;
    const over = () => {
        const root = document.querySelector('connection-doctor').shadowRoot;
        const wide = [...root?.querySelectorAll('*') ?? []].filter(one => one.getBoundingClientRect().right > clientWidth + 1)
            .slice(0, 3).map(one => `${one.tagName} ${one.getAttribute('part')}`);
        return `${scrollWidth - clientWidth} pixels stand beside the screen: ${wide}`;
    };
    // Two frames: transitions have begun, and colours in the middle of one are no colours of the face.
    requestAnimationFrame(() => requestAnimationFrame(async () => {
        const root = document.querySelector('connection-doctor').shadowRoot ?? document;
        const moving = [...document.getAnimations(), ...root.getAnimations()].filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
        await Promise.allSettled(moving.map(({ finished }) => finished));
        done(scrollWidth <= clientWidth || over());
    }));
};
look();
";

const AXE_SCRIPT: &str = "
const [tags, done] = arguments;
const { axe } = window;
axe.reset();
axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }).then(
    ({ violations, passes }) => done({
        tried: passes.length + violations.length,
        violations: violations.map(({ id, help, nodes }) =>
            `${id}: ${help}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.flat().join(' ')} (${failureSummary.replace(/\\s+/g, ' ')})`).join('; ')}`),
    }),
    error => done({ tried: 0, error: String(error) }),
);
";
