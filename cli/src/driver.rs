//! Starts the driver of a browser on loopback, and ends it with all that it started.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::net::TcpStream;

use crate::arguments::Browser;
use crate::trouble::Trouble;

/// How long a driver may take until it listens.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// How long it may take to close its browsers.
const END_DEADLINE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A driver at work. Dropping it ends it, and its browsers.
#[derive(Debug)]
pub struct Driver {
    /// Where it listens, as `http://127.0.0.1:4444`.
    pub url: String,
    process: Child,
    /// Last, as the browser shows itself on it.
    _screen: Option<Screen>,
}

impl Browser {
    pub fn name(self) -> &'static str {
        match self {
            Browser::Chromium => "chromium",
            Browser::Firefox => "firefox",
            Browser::Webkit => "webkit",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Browser::Chromium => "chromedriver",
            Browser::Firefox => "geckodriver",
            Browser::Webkit => "WebKitWebDriver",
        }
    }

    fn install(self) -> &'static str {
        match self {
            Browser::Chromium => {
                "On Debian and Ubuntu: apt install chromium chromium-driver. Elsewhere: https://googlechromelabs.github.io/chrome-for-testing/"
            }
            Browser::Firefox => {
                "It is at https://github.com/mozilla/geckodriver/releases, or: cargo install geckodriver; and Firefox, on Debian: apt install firefox-esr."
            }
            Browser::Webkit => "On Debian and Ubuntu: apt install webkit2gtk-driver xvfb.",
        }
    }
}

impl Driver {
    /// Starts it on a free port of loopback, and waits until it listens.
    ///
    /// # Errors
    /// Where its program is not there or does not begin to listen.
    pub async fn start(browser: Browser) -> Result<Self, Trouble> {
        let program = browser.program();
        let port = free_port().map_err(|error| Trouble::new(format!("No port of 127.0.0.1 is free: {error}.")))?;
        let mut command = Command::new(program);
        // A group of its own: Ctrl-C is for this program, which then ends the driver in order.
        command.arg(format!("--port={port}")).process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut screen = None;
        match browser {
            Browser::Chromium => {}
            Browser::Firefox => _ = command.env("MOZ_HEADLESS", "1"),
            Browser::Webkit => {
                screen = Screen::start().await?;
                if let Some(screen) = &screen {
                    command.env("DISPLAY", &screen.name).env_remove("WAYLAND_DISPLAY");
                }
                // Its language would be "C" where the machine has none, and no page knows that one.
                command.env("LANG", "en_US.UTF-8").env_remove("LC_ALL").env_remove("LC_MESSAGES").env_remove("LANGUAGE");
            }
        }
        let process = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => Trouble::new(format!(
                "{program}, the driver of {}, is not on the PATH. {} Or name a driver that runs by --driver.",
                browser.name(),
                browser.install()
            )),
            _ => Trouble::new(format!("{program} could not be started: {error}.")),
        })?;
        let mut driver = Self { url: format!("http://127.0.0.1:{port}"), process, _screen: screen };
        driver.listens(program, port).await?;
        Ok(driver)
    }

    async fn listens(&mut self, program: &str, port: u16) -> Result<(), Trouble> {
        let begun = Instant::now();
        // No event tells that another program listens.
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(Trouble::new(format!("{program} ended as soon as it was started ({status}). What it says: {program} --port={port}")));
            }
            if begun.elapsed() > START_DEADLINE {
                return Err(Trouble::new(format!("{program} did not listen within {} s.", START_DEADLINE.as_secs())));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !matches!(self.process.try_wait(), Ok(None)) {
            return;
        }
        let group = Pid::from_child(&self.process);
        // One that is killed leaves its browsers running; one that is asked to end takes them along.
        let _gone = kill_process(group, Signal::TERM);
        let begun = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) && begun.elapsed() < END_DEADLINE {
            std::thread::sleep(LOOK_EVERY);
        }
        // Whatever of it is left.
        let _gone = kill_process_group(group, Signal::KILL);
        let _status = self.process.wait();
    }
}

/// A screen that nobody sees: WebKit's browser has no mode without one.
#[derive(Debug)]
struct Screen {
    /// What the environment calls it, as `:99`.
    name: String,
    process: Child,
}

impl Screen {
    /// `None`: there is no Xvfb, and the display that there is has to do.
    async fn start() -> Result<Option<Self>, Trouble> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1400x1100x24", "-nolisten", "tcp"]).process_group(0);
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = match spawned {
            Ok(process) => process,
            Err(_) if std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some() => return Ok(None),
            Err(error) => {
                return Err(Trouble::new(format!(
                    "WebKit needs a screen: Xvfb could not be started ({error}), and DISPLAY names none. On Debian: apt install xvfb."
                )));
            }
        };
        let output = process.stdout.take();
        let mut screen = Self { name: String::new(), process };
        // It tells its number once it listens.
        let told = tokio::task::spawn_blocking(move || {
            let mut number = String::new();
            output.and_then(|output| BufReader::new(output).read_line(&mut number).ok()).map(|_| number)
        });
        let number = tokio::time::timeout(START_DEADLINE, told).await.ok().and_then(|told| told.ok().flatten()).unwrap_or_default();
        if number.trim().is_empty() {
            return Err(Trouble::new("Xvfb, the screen for WebKit, did not start."));
        }
        screen.name = format!(":{}", number.trim());
        Ok(Some(screen))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _status = self.process.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
