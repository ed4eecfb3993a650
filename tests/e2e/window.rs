//! Windows: browsers as the scenarios ask for them, and the way to a scenario's page.

use connection_doctor_lab::{BrowserVariant, Installed, Running};
use serde_json::{Value, json};

use crate::calls;
use crate::webdriver::{Browser, Driver, DriverError, Session, Setup};

/// One browser with its windows, which are opened when they are first needed.
#[derive(Debug)]
pub struct Workplace {
    pub browser: Browser,
    installed: Installed,
    windows: Vec<Window>,
}

/// A session with a driver of its own: geckodriver has no more than one.
#[derive(Debug)]
struct Window {
    setup: Setup,
    session: Session,
    _driver: Driver,
}

impl Workplace {
    pub fn new(browser: Browser, installed: &Installed) -> Self {
        Self { browser, installed: installed.clone(), windows: Vec::new() }
    }

    pub fn installed(&self) -> &Installed {
        &self.installed
    }

    pub async fn close(mut self) {
        self.close_those(|_| true).await;
    }

    /// The window that the scenario asks for. Usual ones stay open for all cases; of the others there is one at a time.
    pub async fn session(&mut self, running: &Running) -> Result<&Session, DriverError> {
        let setup = Setup::of(self.browser, running);
        let place = match self.windows.iter().position(|window| window.setup == setup) {
            Some(place) => place,
            None => {
                self.close_those(|open| !open.is_usual).await;
                let driver = Driver::start(self.browser, &self.installed).await?;
                let session = driver.session(&setup).await?;
                if self.browser == Browser::Chromium {
                    session.before_every_page(MEMORY_SCRIPT).await?;
                    session.before_every_page(calls::WATCH_SCRIPT).await?;
                }
                self.windows.push(Window { setup, session, _driver: driver });
                self.windows.len() - 1
            }
        };
        self.windows.get(place).map(|window| &window.session).ok_or_else(|| DriverError::Connection("the window is gone".to_owned()))
    }

    /// Gives up the window: after a driver's error nothing is known of its browser.
    pub async fn discard(&mut self, running: &Running) {
        let setup = Setup::of(self.browser, running);
        self.close_those(|open| *open == setup).await;
    }

    async fn close_those(&mut self, wanted: impl Fn(&Setup) -> bool) {
        let (close, keep) = std::mem::take(&mut self.windows).into_iter().partition(|window| wanted(&window.setup));
        self.windows = keep;
        let close: Vec<Window> = close;
        for window in close {
            // One that is broken in any way is ended with its driver.
            if let Err(error) = window.session.close().await {
                eprintln!("e2e: {} did not close: {error}", self.browser.name());
            }
        }
    }
}

/// Opens the scenario's page as if nobody had been there but who visited the chat, and waits until the element is ready to run.
pub async fn open_page(session: &Session, running: &Running) -> Result<(), DriverError> {
    open_page_with(session, running, "").await?;
    settled(session, READY_SCRIPT).await?;
    if running.scenario().has_calls {
        // Again: Firefox knows no script before those of a page, Chromium none for the frames of another site.
        session.execute(calls::WATCH_SCRIPT, json!([])).await?;
    }
    if running.scenario().variant == BrowserVariant::DevicesDismissed {
        session.question_without_leave().await?;
    }
    Ok(())
}

/// Opens the scenario's page with this query.
pub async fn open_page_with(session: &Session, running: &Running, query: &str) -> Result<(), DriverError> {
    let scenario = running.scenario();
    session.open("about:blank").await?;
    running.reset().await;
    // Cookies know no ports: what one case left would go to the next one.
    session.forget(running.origin()).await?;
    if scenario.visit {
        session.open(&running.visit_url()).await?;
        settled(session, VISITED_SCRIPT).await?;
    }
    if scenario.flip_before_run {
        running.flip();
        if scenario.visit {
            settled(session, FLIPPED_SCRIPT).await?;
        }
    }
    session.open(&address(running, query)).await?;
    if scenario.is_framed() {
        session.enter_frame().await?;
    }
    Ok(())
}

/// The page with this query, or another page of its origin where that is a path.
fn address(running: &Running, query: &str) -> String {
    let page = if query.starts_with('/') { running.origin() } else { running.open_url() };
    format!("{page}{query}")
}

/// Opens the scenario's page with this query in a frame that is as large as the window, in a page of the same origin.
pub async fn open_in_frame(session: &Session, running: &Running, query: &str) -> Result<(), DriverError> {
    session.open("about:blank").await?;
    running.reset().await;
    session.forget(running.origin()).await?;
    session.open(&format!("{}/", running.origin())).await?;
    session.execute_async(FRAME_SCRIPT, json!([address(running, query)])).await?;
    session.enter_frame().await
}

/// Waits for what the script waits for.
async fn settled(session: &Session, script: &str) -> Result<(), DriverError> {
    match session.execute_async(script, json!([])).await? {
        Value::String(failure) => Err(DriverError::Connection(format!("the page is not as it should be: {failure}"))),
        _ => Ok(()),
    }
}

const FRAME_SCRIPT: &str = "
const [url, done] = arguments;
const frame = document.createElement('iframe');
Object.assign(frame.style, { width: '100%', height: '100vh', border: 0 });
frame.onload = () => done(true);
frame.src = url;
document.body.style.margin = 0;
document.body.replaceChildren(frame);
";

/// For scripts that look at the page: waits until something is there, and gives it.
pub const UNTIL: &str = "
const until = async what => {
    const begun = performance.now();
    for (;;) {
        const found = what();
        if (found) return found;
        if (performance.now() - begun > 20_000) throw `never: ${what}`;
        await new Promise(resolve => setTimeout(resolve, 20));
    }
};
";

/// Waits until the element is defined, and in the page.
pub const READY_SCRIPT: &str = "
const done = arguments[arguments.length - 1];
// A page may put the element in by a script of its own, once it is defined.
const there = () => document.querySelector('connection-doctor') ? done(true) : setTimeout(there, 20);
customElements.whenDefined('connection-doctor').then(there, error => done(String(error)));
";

/// Waits until the chat's page has all that it asked for, and its worker, where it has one.
const VISITED_SCRIPT: &str = "
const done = arguments[arguments.length - 1];
Promise.resolve(window.labVisited ?? Promise.reject('it has no labVisited')).then(() => done(true), error => done(String(error)));
";

/// Waits until the chat's page has seen the new release, where it looks for one.
const FLIPPED_SCRIPT: &str = "
const done = arguments[arguments.length - 1];
Promise.resolve(window.labFlipped?.()).then(() => done(true), error => done(String(error)));
";

/// Remembers the memories of WebAssembly instances, so that the page's memory can be asked for.
const MEMORY_SCRIPT: &str = "
(() => {
    const memories = new Set();
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...args) => {
            const result = await original.apply(WebAssembly, args);
            for (const value of Object.values((result.instance ?? result).exports)) {
                if (value instanceof WebAssembly.Memory) memories.add(value);
            }
            return result;
        };
    }
    window.__labMemory = () =>
        [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, performance.memory.usedJSHeapSize);
})();
";
