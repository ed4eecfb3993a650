//! A WebDriver client (W3C WebDriver, and two commands of chromedriver's own), as small as the tests need it.
//!
//! Our own instead of fantoccini or thirtyfour: those compile a hundred crates for an HTTP client with TLS, and the
//! tests say nine commands to a driver on loopback.

use std::fmt;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use connection_doctor_lab::{Installed, Ready, ServerProcess, StartError, free_port};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a script may take until it calls back.
pub const SCRIPT_DEADLINE: Duration = Duration::from_secs(60);
const PAGE_LOAD_DEADLINE: Duration = Duration::from_secs(30);
/// No command takes longer, whatever the driver thinks: a driver that hangs must not hang the tests.
const COMMAND_DEADLINE: Duration = Duration::from_secs(90);

/// The browsers that the page is tested in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    pub const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|browser| browser.name() == name)
    }

    fn driver(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
        }
    }

    fn capabilities(self, accept_insecure_certificates: bool) -> Value {
        let timeouts = json!({
            "script": SCRIPT_DEADLINE.as_millis() as u64,
            "pageLoad": PAGE_LOAD_DEADLINE.as_millis() as u64,
        });
        let mut always = json!({ "acceptInsecureCerts": accept_insecure_certificates, "timeouts": timeouts });
        let options = match self {
            Self::Chromium => json!({ "args": [
                "--no-sandbox", "--headless=new", "--disable-gpu", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
                // Heap sizes that are not rounded, for the limit that hostile answers are held to.
                "--enable-precise-memory-info",
            ] }),
            Self::Firefox => json!({ "args": ["-headless"], "prefs": {
                // Nothing of the browser's own on the network while the lab counts.
                "network.captive-portal-service.enabled": false,
                "network.connectivity-service.enabled": false,
                "app.update.enabled": false,
            } }),
        };
        let name = match self {
            Self::Chromium => "goog:chromeOptions",
            Self::Firefox => "moz:firefoxOptions",
        };
        if let Some(always) = always.as_object_mut() {
            always.insert(name.to_owned(), options);
        }
        json!({ "capabilities": { "alwaysMatch": always } })
    }
}

/// What went wrong with a driver.
#[derive(Debug)]
pub enum DriverError {
    Start(StartError),
    /// The driver's connection broke or said no HTTP.
    Connection(String),
    /// The driver answered with an error.
    Refused {
        error: String,
        message: String,
    },
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "{error}"),
            Self::Connection(what) => write!(f, "the driver's connection: {what}"),
            Self::Refused { error, message } => write!(f, "the driver says {error}: {}", message.lines().next().unwrap_or("")),
        }
    }
}

/// A driver's process.
#[derive(Debug)]
pub struct Driver {
    browser: Browser,
    address: SocketAddr,
    process: ServerProcess,
}

impl Driver {
    pub async fn start(browser: Browser, installed: &Installed) -> Result<Self, DriverError> {
        let port = free_port().map_err(DriverError::Start)?;
        let mut command = Command::new(browser.driver());
        command.arg(format!("--port={port}")).env("MOZ_HEADLESS", "1");
        let mut process = ServerProcess::start(browser.driver(), &mut command, installed).map_err(DriverError::Start)?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        process.ready(address, Ready::Answers("/status")).await.map_err(DriverError::Start)?;
        Ok(Self { browser, address, process })
    }

    /// Opens a browser.
    pub async fn session(&self, accept_insecure_certificates: bool) -> Result<Session, DriverError> {
        let value = exchange(self.address, "POST", "/session", &self.browser.capabilities(accept_insecure_certificates)).await?;
        let id = value.get("sessionId").and_then(Value::as_str);
        let id = id.ok_or_else(|| DriverError::Connection("the answer has no session id".to_owned()))?;
        Ok(Session { address: self.address, path: format!("/session/{id}") })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A driver that is killed leaves its browsers running; one that is asked to end takes them along.
        self.process.terminate(Duration::from_secs(5));
    }
}

/// A browser under the driver's hands. It has to be closed by [`Session::close`].
#[derive(Debug)]
pub struct Session {
    address: SocketAddr,
    path: String,
}

impl Session {
    pub async fn open(&self, url: &str) -> Result<(), DriverError> {
        self.post("url", json!({ "url": url })).await.map(drop)
    }

    /// Runs a script and gives what it returns.
    pub async fn execute(&self, script: &str, args: Value) -> Result<Value, DriverError> {
        self.post("execute/sync", json!({ "script": script, "args": args })).await
    }

    /// Runs a script and gives what it calls its last argument with.
    pub async fn execute_async(&self, script: &str, args: Value) -> Result<Value, DriverError> {
        self.post("execute/async", json!({ "script": script, "args": args })).await
    }

    /// The page as it looks, a PNG in base64.
    pub async fn screenshot(&self) -> Result<String, DriverError> {
        let value = exchange(self.address, "GET", &format!("{}/screenshot", self.path), &Value::Null).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Makes a script run before those of every page that is opened from now on (Chromium alone).
    pub async fn before_every_page(&self, script: &str) -> Result<(), DriverError> {
        let command = json!({ "cmd": "Page.addScriptToEvaluateOnNewDocument", "params": { "source": script } });
        self.post("goog/cdp/execute", command).await.map(drop)
    }

    /// Collects the page's garbage now (Chromium alone), so that what is left is what somebody holds.
    pub async fn collect_garbage(&self) -> Result<(), DriverError> {
        self.post("goog/cdp/execute", json!({ "cmd": "HeapProfiler.collectGarbage", "params": {} })).await.map(drop)
    }

    pub async fn close(self) -> Result<(), DriverError> {
        exchange(self.address, "DELETE", &self.path, &Value::Null).await.map(drop)
    }

    async fn post(&self, command: &str, body: Value) -> Result<Value, DriverError> {
        exchange(self.address, "POST", &format!("{}/{command}", self.path), &body).await
    }
}

/// One command and its answer's value, on a connection of its own.
async fn exchange(address: SocketAddr, method: &str, path: &str, body: &Value) -> Result<Value, DriverError> {
    let exchanged = tokio::time::timeout(COMMAND_DEADLINE, exchange_bytes(address, method, path, body)).await;
    let bytes = match exchanged {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return Err(DriverError::Connection(error.to_string())),
        Err(_) => return Err(DriverError::Connection(format!("no answer to {path} within {} s", COMMAND_DEADLINE.as_secs()))),
    };
    let answer: Value = serde_json::from_slice(&bytes).map_err(|error| DriverError::Connection(error.to_string()))?;
    let value = answer.get("value").cloned().unwrap_or(Value::Null);
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("error"), text("message")) {
        (Some(error), Some(message)) => Err(DriverError::Refused { error, message }),
        _ => Ok(value),
    }
}

async fn exchange_bytes(address: SocketAddr, method: &str, path: &str, body: &Value) -> std::io::Result<Vec<u8>> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut driver = TcpStream::connect(address).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len(),
    );
    driver.write_all(head.as_bytes()).await?;
    driver.write_all(body.as_bytes()).await?;
    let mut received = Vec::new();
    loop {
        let read = driver.read_buf(&mut received).await?;
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(&received).map_err(std::io::Error::other)?;
        if let httparse::Status::Complete(head) = parsed {
            let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
            let length: Option<usize> = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok());
            if length.is_some_and(|length| received.len() >= head + length) || (read == 0 && length.is_none()) {
                return Ok(received.split_off(head));
            }
        }
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}
