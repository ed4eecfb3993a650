//! A browser under the hands of a driver: W3C WebDriver, by fantoccini.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use fantoccini::Client;
use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::arguments::Browser;
use crate::trouble::Trouble;

/// How long a browser may take to start.
const START_DEADLINE: Duration = Duration::from_secs(60);
/// How long it may take to close.
const CLOSE_DEADLINE: Duration = Duration::from_secs(10);
/// Longest file of capabilities that is read, in bytes.
const MOST_CAPABILITIES: u64 = 1024 * 1024;

const CHROMIUM_ARGUMENTS: [&str; 6] =
    ["--headless=new", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

/// What a driver said, or why it said nothing.
#[derive(Debug)]
pub struct DriverError {
    /// The error code of WebDriver; empty where the driver itself did not answer.
    pub code: String,
    pub message: String,
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Chromium says the code once more; Firefox has the whole address of its error page.
        let line = self.message.lines().next().unwrap_or_default();
        let message = line.strip_prefix(&self.code).map_or(line, |rest| rest.trim_start_matches([':', ' '])).split("&u=").next().unwrap_or_default();
        if self.code.is_empty() { write!(f, "the driver did not answer: {message}") } else { write!(f, "{}: {message}", self.code) }
    }
}

/// One window. Who opened it closes it by [`Session::close`].
#[derive(Debug)]
pub struct Session {
    pub browser: Browser,
    client: Client,
    /// Somebody else's, which stays open.
    is_borrowed: bool,
}

/// Any command: fantoccini's own can't carry what the drivers have beyond the standard.
#[derive(Debug)]
struct Command {
    method: Method,
    /// Below the session.
    path: String,
    body: Option<String>,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        // Without a session there is one that is to be opened.
        match session {
            Some(session) if !session.is_empty() => base.join(&format!("session/{session}{}", self.path)),
            _ => base.join("session"),
        }
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.clone())
    }
}

impl Session {
    /// Opens a window.
    ///
    /// # Errors
    /// Where the browser does not start.
    pub async fn open(driver: &str, browser: Browser, capabilities: &Value, page_load: Duration) -> Result<Self, Trouble> {
        let opener = client(driver, "").await?;
        // fantoccini's own way to open one asks every browser for an option of Chrome's.
        let asked = opener.issue_cmd(Command { method: Method::POST, path: String::new(), body: Some(capabilities.to_string()) });
        let opened = tokio::time::timeout(START_DEADLINE, asked).await;
        // Nothing was opened by it that it would have to close.
        let _always_kept = opener.persist().await;
        let opened = match opened {
            Ok(opened) => opened.map_err(|error| Trouble::new(format!("{} could not be started: {}.", browser.name(), said(error))))?,
            Err(_) => return Err(Trouble::new(format!("{} did not start within {} s.", browser.name(), START_DEADLINE.as_secs()))),
        };
        let id = opened.get("sessionId").and_then(Value::as_str).unwrap_or_default();
        if id.is_empty() {
            return Err(Trouble::new("The driver opened no session. Is it a WebDriver server?"));
        }
        let session = Self { browser, client: client(driver, id).await?, is_borrowed: false };
        let limit = u64::try_from(page_load.as_millis()).unwrap_or(u64::MAX);
        let limited = session.post("/timeouts", json!({ "pageLoad": limit, "script": 60_000 })).await;
        if browser == Browser::Webkit && limited.is_ok() {
            // As large as the others' windows are; where it can't be, it is as it is.
            let _as_it_is = session.post("/window/rect", json!({ "width": 1280, "height": 960 })).await;
        }
        Ok(session)
    }

    /// Uses a window that somebody opened.
    ///
    /// # Errors
    /// Where the driver does not know it.
    pub async fn borrow(driver: &str, browser: Browser, id: &str) -> Result<Self, Trouble> {
        let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_id {
            return Err(Trouble::new(format!("--session {id}: that is no id of a session.")));
        }
        let session = Self { browser, client: client(driver, id).await?, is_borrowed: true };
        // Whatever becomes of this program, the window stays.
        let _asked_of_no_driver = session.client.persist().await;
        session.address().await.map_err(|error| Trouble::new(format!("The session {id} can't be used: {error}.")))?;
        Ok(session)
    }

    /// Loads a page, and waits until it has loaded.
    pub async fn load(&self, url: &Url) -> Result<(), DriverError> {
        self.post("/url", json!({ "url": url.as_str() })).await.map(drop)
    }

    /// The URL that the window shows now.
    pub async fn address(&self) -> Result<String, DriverError> {
        let told = self.command(Method::GET, "/url", None).await?;
        Ok(told.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page and gives what it returns.
    pub async fn execute(&self, script: &str, args: Value) -> Result<Value, DriverError> {
        self.post("/execute/sync", json!({ "script": script, "args": args })).await
    }

    /// Runs a script in the page and gives what it calls its last argument with.
    pub async fn execute_async(&self, script: &str, args: Value) -> Result<Value, DriverError> {
        self.post("/execute/async", json!({ "script": script, "args": args })).await
    }

    /// Whether the driver can lift a page's Content-Security-Policy.
    pub fn can_lift_policies(&self) -> bool {
        self.browser == Browser::Chromium
    }

    /// From the next load on no page's Content-Security-Policy is in force (Chromium's protocol, Page.setBypassCSP).
    pub async fn lift_policies(&self) -> Result<(), DriverError> {
        self.post("/goog/cdp/execute", json!({ "cmd": "Page.setBypassCSP", "params": { "enabled": true } })).await.map(drop)
    }

    /// Closes the window, if it is ours.
    pub async fn close(self) {
        if !self.is_borrowed {
            // What does not close goes with its driver.
            let _closed = tokio::time::timeout(CLOSE_DEADLINE, self.client.close()).await;
        }
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, DriverError> {
        self.command(Method::POST, path, Some(body.to_string())).await
    }

    async fn command(&self, method: Method, path: &str, body: Option<String>) -> Result<Value, DriverError> {
        self.client.issue_cmd(Command { method, path: path.to_owned(), body }).await.map_err(said)
    }
}

/// fantoccini's client with a session of that id.
async fn client(driver: &str, session: &str) -> Result<Client, Trouble> {
    let base = if driver.ends_with('/') { driver.to_owned() } else { format!("{driver}/") };
    let connected = Client::with_existing_session(&base, session, HttpConnector::new()).await;
    connected.map_err(|error| match error {
        NewSessionError::BadWebdriverUrl(_) => Trouble::new(format!("--driver {driver}: that is no URL, such as http://127.0.0.1:4444.")),
        error => Trouble::new(format!("The driver at {driver} can't be used: {error}.")),
    })
}

fn said(error: CmdError) -> DriverError {
    match error {
        CmdError::Standard(error) => DriverError { code: error.error(), message: error.message.into_owned() },
        // hyper's own sentence hides the reason in its source.
        CmdError::FailedC(error) => {
            let mut reason: &dyn std::error::Error = &error;
            while let Some(source) = reason.source() {
                reason = source;
            }
            DriverError { code: String::new(), message: reason.to_string() }
        }
        error => DriverError { code: String::new(), message: error.to_string() },
    }
}

/// What is asked of the browser: what a run needs, and above it what the file says.
///
/// # Errors
/// Where the file can't be read or holds something else.
pub fn capabilities(browser: Browser, accept_insecure_certs: bool, file: Option<&Path>) -> Result<Value, Trouble> {
    let mut wanted = match browser {
        Browser::Chromium => {
            let mut arguments: Vec<&str> = CHROMIUM_ARGUMENTS.to_vec();
            if rustix::process::geteuid().is_root() {
                // It does not start as root with it.
                arguments.push("--no-sandbox");
            }
            json!({ "goog:chromeOptions": { "args": arguments } })
        }
        Browser::Firefox => json!({ "moz:firefoxOptions": {
            "args": ["-headless"],
            // Nothing of the browser's own on the network.
            "prefs": { "network.captive-portal-service.enabled": false, "network.connectivity-service.enabled": false, "app.update.enabled": false },
        } }),
        // Without a binary it is the MiniBrowser that came with the driver.
        Browser::Webkit => json!({ "webkitgtk:browserOptions": { "args": ["--automation"] } }),
    };
    if accept_insecure_certs {
        wanted["acceptInsecureCerts"] = json!(true);
    }
    if let Some(path) = file {
        let more = read_capabilities(path)?;
        if more.get("capabilities").is_some() {
            return Ok(more);
        }
        merge(&mut wanted, more);
    }
    Ok(json!({ "capabilities": { "alwaysMatch": wanted } }))
}

fn read_capabilities(path: &Path) -> Result<Value, Trouble> {
    use std::io::Read;

    let named = |what: &dyn fmt::Display| Trouble::new(format!("--capabilities {}: {what}", path.display()));
    let mut text = String::new();
    std::fs::File::open(path).and_then(|file| file.take(MOST_CAPABILITIES).read_to_string(&mut text)).map_err(|error| named(&error))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| named(&error))?;
    if value.is_object() { Ok(value) } else { Err(named(&"it has to hold one JSON object, such as {\"goog:chromeOptions\": {\"args\": [\"--no-sandbox\"]}}.")) }
}

/// Objects are merged, lists are put together, and of all else the later counts.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(from)) => into.extend(from),
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;

    #[test]
    fn capabilities_are_put_together() {
        let mut wanted = json!({ "goog:chromeOptions": { "args": ["--headless=new"] }, "acceptInsecureCerts": false });
        merge(&mut wanted, json!({ "goog:chromeOptions": { "args": ["--no-sandbox"], "binary": "/opt/chrome" }, "acceptInsecureCerts": true }));
        assert_eq!(
            wanted,
            json!({ "goog:chromeOptions": { "args": ["--headless=new", "--no-sandbox"], "binary": "/opt/chrome" }, "acceptInsecureCerts": true })
        );
    }
}
