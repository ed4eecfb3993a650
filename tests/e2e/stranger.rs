//! A report that a stranger saved is opened, with markup and scripts in every text of it, and all of it unfolded: nothing of it runs, nothing of it
//! becomes an element, and nothing is asked of anybody.

use std::time::Instant;

use connection_doctor_lab::{Running, repository};
use serde_json::{Value, json};

use crate::webdriver::{DriverError, Session};
use crate::window::{READY_SCRIPT, UNTIL, open_page_with};
use crate::{CaseOutcome, counted};

/// Where it is tried. Its own report has none of the words that are looked for.
pub const SCENARIO: &str = "healthy-engineioxide";

/// Members that hold free text: what a person, a server or a browser wrote.
const TEXTS: [&str; 14] = [
    "summary",
    "started_at",
    "version",
    "excerpt",
    "message",
    "text",
    "reason",
    "title",
    "user_agent",
    "chat_page",
    "page_folder",
    "last_modified",
    "name",
    "etag",
];

/// Each would set `window.stranger`, or ask `stranger.invalid` for something.
const MARKUP: &str = "\"'><script>stranger=1</script><img src=https://stranger.invalid/i onerror=stranger=1><iframe srcdoc='<script>parent.stranger=1</script>'></iframe><a href=javascript:stranger=1>stranger</a><style>@import 'https://stranger.invalid/s'</style>${stranger=1}{{stranger=1}}";

/// Opens the page, and the stranger's report in it.
pub async fn open(session: &Session, running: &Running) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    let begun = Instant::now();
    open_page_with(session, running, "").await?;
    session.execute_async(READY_SCRIPT, json!([])).await?;
    let seen = session.execute_async(&[UNTIL, OPEN_SCRIPT].concat(), json!([of_a_stranger()?])).await?;
    outcome.must(seen["shown"] == Value::Bool(true), || format!("it is not shown: {seen}"));
    // Else the words were not there to become anything.
    outcome.must(seen["words"].as_u64() > Some(5), || format!("its words are not read on the page: {seen}"));
    outcome.must(seen["ran"] == Value::Bool(false), || "a script in it ran".to_owned());
    outcome.must(seen["elements"] == json!([]), || format!("texts in it became elements: {}", seen["elements"]));
    outcome.must(seen["asked"] == json!([]), || format!("the page asked for {}", seen["asked"]));
    let tally = running.counters().tally();
    outcome.must(tally.handshakes == 0 && tally.open_sockets == 0, || format!("a run began: {tally:?}"));
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    Ok(outcome)
}

/// A real report with the markup in every text.
fn of_a_stranger() -> Result<String, DriverError> {
    let file = repository().join("tests/evidence/r-not-sticky-three.chromium.json");
    let failed = |error: String| DriverError::Connection(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(&file).map_err(|error| failed(error.to_string()))?;
    let mut report: Value = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    write_in(&mut report);
    Ok(report.to_string())
}

fn write_in(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if TEXTS.contains(&name.as_str()) => *text = MARKUP.to_owned(),
                    member => write_in(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(write_in),
        _ => {}
    }
}

const OPEN_SCRIPT: &str = "
const [stranger, done] = arguments;
const root = document.querySelector('connection-doctor').shadowRoot;
const all = selector => [...root.querySelectorAll(selector)];
(async () => {
    (await until(() => all('[part~=idle] details')[0])).open = true;
    const [input] = all('[part~=idle] input');
    const files = new window.DataTransfer();
    files.items.add(new window.File([stranger], '<img src=x onerror=stranger=1>.json', { type: 'application/json' }));
    input.files = files.files;
    input.dispatchEvent(new window.Event('change'));
    await until(() => all('[part~=saved]')[0]);
    // What is folded is made when it is opened, and may hold what is folded again.
    for (let closed; (closed = all('details:not([open])')).length;) {
        for (const one of closed) one.open = true;
        await new Promise(resolve => setTimeout(resolve, 50));
    }
    // A picture that fails to load, a frame that loads: both come in later tasks.
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const foreign = all('*').filter(one => /^(script|img|iframe|object|embed|base|link|meta)$/i.test(one.localName)
        || one.localName === 'style' && one.textContent.includes('stranger')
        || [...one.attributes].some(({ name, value }) => /^on/.test(name) || /^(href|src|action|formaction|style)$/.test(name) && /stranger|javascript:/i.test(value)));
    const files_of_ours = new URL('.', document.baseURI).href;
    return {
        shown: true,
        words: root.textContent.split('stranger=1').length - 1,
        ran: 'stranger' in window,
        elements: foreign.map(one => one.outerHTML.slice(0, 120)),
        asked: performance.getEntriesByType('resource').map(({ name }) => name).filter(name => name.includes('stranger') || !name.startsWith(files_of_ours) && !name.startsWith('blob:')),
    };
})().then(done, error => done({ threw: String(error), shows: root.textContent.slice(0, 300) }));
";
