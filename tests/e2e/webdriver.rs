//! A WebDriver client (W3C WebDriver, and some commands of the drivers' own), as small as the tests need it.
//!
//! Our own instead of fantoccini or thirtyfour: those compile a hundred crates for an HTTP client with TLS, and the
//! tests say a dozen commands to a driver on loopback.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use connection_doctor_lab::{BrowserVariant, Installed, Ready, Running, ServerProcess, StartError, free_port, repository};
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
    WebKit,
}

impl Browser {
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|browser| browser.name() == name)
    }

    fn driver(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
            Self::WebKit => "WebKitWebDriver",
        }
    }
}

/// How a browser is set up: two scenarios that ask for the same may use the same browser, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    browser: Browser,
    capabilities: Value,
    with_filter: bool,
    /// Nothing is asked of it but that it accepts, or refuses, certificates that nobody vouches for.
    pub is_usual: bool,
}

impl Setup {
    /// What a scenario at work asks of a browser.
    pub fn of(browser: Browser, running: &Running) -> Self {
        let scenario = running.scenario();
        let mut arguments: Vec<String> = match browser {
            Browser::Chromium => CHROMIUM_ARGUMENTS,
            Browser::Firefox => &["-headless"],
            Browser::WebKit => &["--automation"],
        }
        .iter()
        .map(|&argument| argument.to_owned())
        .collect();
        let mut preferences = match browser {
            Browser::Chromium | Browser::WebKit => json!({}),
            // Nothing of the browser's own on the network while the lab counts; and the lab's names, which need no browser of
            // their own.
            Browser::Firefox => json!({
                "network.captive-portal-service.enabled": false,
                "network.connectivity-service.enabled": false,
                "app.update.enabled": false,
                "network.dns.localDomains": "chat.test,other.test",
                // Where the lab's calls are; without it Firefox asks no STUN or TURN server there.
                "media.peerconnection.ice.loopback": true,
            }),
        };
        let loopback = format!("127.0.0.1:{}", running.origin().rsplit(':').next().unwrap_or_default());
        let is_usual = matches!(scenario.variant, BrowserVariant::Usual | BrowserVariant::NamedHosts);
        match (browser, scenario.variant) {
            (_, BrowserVariant::Usual | BrowserVariant::NamedHosts) | (Browser::Firefox, BrowserVariant::ThirdPartyCookiesPartitioned) => {}
            (Browser::Chromium, BrowserVariant::CookiesBlocked) => preferences["profile.default_content_setting_values.cookies"] = json!(2),
            (Browser::Firefox, BrowserVariant::CookiesBlocked) => preferences["network.cookie.cookieBehavior"] = json!(2),
            (Browser::Chromium, BrowserVariant::ThirdPartyCookiesBlocked | BrowserVariant::ThirdPartyCookiesPartitioned) => {
                preferences["profile.cookie_controls_mode"] = json!(1);
            }
            (Browser::Firefox, BrowserVariant::ThirdPartyCookiesBlocked) => preferences["network.cookie.cookieBehavior"] = json!(1),
            (Browser::Chromium, BrowserVariant::PublicPage) => {
                arguments.push(format!("--ip-address-space-overrides={loopback}=public"));
            }
            (Browser::Firefox, BrowserVariant::PublicPage) => {
                preferences["network.lna.address_space.public.override"] = json!(loopback);
            }
            (Browser::Chromium, BrowserVariant::WithFilter) => arguments.push(format!("--load-extension={}", filter().display())),
            // Installed once the browser is there.
            (Browser::Firefox, BrowserVariant::WithFilter) => {}
            (Browser::Chromium, BrowserVariant::FakeDevices) => arguments.extend([FAKE_DEVICES, "--use-fake-ui-for-media-stream"].map(str::to_owned)),
            (Browser::Chromium, BrowserVariant::DevicesDenied) => arguments.extend([FAKE_DEVICES, "--use-fake-ui-for-media-stream=deny"].map(str::to_owned)),
            (Browser::Chromium, BrowserVariant::DevicesDismissed) => arguments.push(FAKE_DEVICES.to_owned()),
            (Browser::Chromium, BrowserVariant::MicrophoneBusy) => {
                arguments.extend([FAKE_DEVICES, "--use-fake-ui-for-media-stream", "--fail-audio-stream-creation"].map(str::to_owned));
            }
            (Browser::Chromium, BrowserVariant::TrustsKey) => {
                arguments.retain(|argument| argument != NO_QUIC);
                arguments.push("--webtransport-developer-mode".to_owned());
                arguments.push(format!("--ignore-certificate-errors-spki-list={}", running.key_hash().unwrap_or_default()));
            }
            (Browser::Firefox, BrowserVariant::TrustsKey) | (Browser::WebKit, _) => {}
            (Browser::Firefox, variant) => {
                preferences["media.navigator.streams.fake"] = json!(true);
                let permission = match variant {
                    BrowserVariant::DevicesDenied => 2,
                    // It asks.
                    BrowserVariant::DevicesDismissed => 0,
                    _ => 1,
                };
                preferences["permissions.default.microphone"] = json!(permission);
                preferences["permissions.default.camera"] = json!(permission);
            }
        }
        let (options, values) = match browser {
            Browser::Chromium => ("goog:chromeOptions", json!({ "args": arguments, "prefs": preferences })),
            Browser::Firefox => ("moz:firefoxOptions", json!({ "args": arguments, "prefs": preferences })),
            // Without a binary it is the MiniBrowser that came with the driver.
            Browser::WebKit => ("webkitgtk:browserOptions", json!({ "args": arguments })),
        };
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            // Those with devices share a browser, whatever the page is served by.
            "acceptInsecureCerts": scenario.accepts_any_certificate() || has_devices(scenario.variant),
            "timeouts": { "script": SCRIPT_DEADLINE.as_millis() as u64, "pageLoad": PAGE_LOAD_DEADLINE.as_millis() as u64 },
            options: values,
        } } });
        Self { browser, capabilities, with_filter: scenario.variant == BrowserVariant::WithFilter, is_usual }
    }

    /// The same, with all that it asks for by HTTP, sockets too, through this proxy; of what is on this device too.
    pub fn through(mut self, proxy: SocketAddr) -> Self {
        let proxy = proxy.to_string();
        let mut setting = json!({ "proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy });
        let wanted = &mut self.capabilities["capabilities"]["alwaysMatch"];
        match self.browser {
            Browser::Chromium => setting["noProxy"] = json!(["<-loopback>"]),
            Browser::Firefox => wanted["moz:firefoxOptions"]["prefs"]["network.proxy.allow_hijacking_localhost"] = json!(true),
            Browser::WebKit => {}
        }
        wanted["proxy"] = setting;
        self
    }
}

/// A microphone that beeps and a camera that counts.
const FAKE_DEVICES: &str = "--use-fake-device-for-media-stream";

/// WebTransport would be refused with it, where a key is trusted.
const NO_QUIC: &str = "--disable-quic";

const CHROMIUM_ARGUMENTS: &[&str] = &[
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    NO_QUIC,
    // Heap sizes that are not rounded, for the limit that hostile answers are held to.
    "--enable-precise-memory-info",
    // The lab's names, which need no browser of their own.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
];

/// Whether the browser has a microphone and a camera of its own.
pub fn has_devices(variant: BrowserVariant) -> bool {
    use BrowserVariant::{DevicesDenied, DevicesDismissed, FakeDevices, MicrophoneBusy};
    matches!(variant, FakeDevices | DevicesDenied | DevicesDismissed | MicrophoneBusy)
}

/// The folder of the extension that blocks sockets.
fn filter() -> PathBuf {
    repository().join("tests/e2e/filter")
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
    /// Last, as the browser shows itself on it.
    _screen: Option<Screen>,
}

impl Driver {
    pub async fn start(browser: Browser, installed: &Installed) -> Result<Self, DriverError> {
        let port = free_port().map_err(DriverError::Start)?;
        let mut command = Command::new(browser.driver());
        command.arg(format!("--port={port}")).env("MOZ_HEADLESS", "1");
        if browser == Browser::Firefox {
            // For what no page may do: to forget everything.
            command.arg("--allow-system-access");
        }
        let mut screen = None;
        if browser == Browser::WebKit {
            let shown = tokio::task::spawn_blocking(Screen::start).await.map_err(|error| DriverError::Connection(error.to_string()))?;
            let shown = shown.map_err(|error| DriverError::Connection(format!("Xvfb, the screen for WebKit: {error}")))?;
            command.env("DISPLAY", &shown.name).env_remove("WAYLAND_DISPLAY");
            // Its language would be "C" where the machine has none, and no page knows that one.
            command.env("LANG", "en_US.UTF-8").env_remove("LC_ALL").env_remove("LC_MESSAGES").env_remove("LANGUAGE");
            screen = Some(shown);
        }
        let mut process = ServerProcess::start(browser.driver(), &mut command, installed).map_err(DriverError::Start)?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        process.ready(address, Ready::Answers("/status")).await.map_err(DriverError::Start)?;
        Ok(Self { browser, address, process, _screen: screen })
    }

    /// Opens a browser.
    pub async fn session(&self, setup: &Setup) -> Result<Session, DriverError> {
        let value = exchange(self.address, "POST", "/session", &setup.capabilities).await?;
        let id = value.get("sessionId").and_then(Value::as_str);
        let id = id.ok_or_else(|| DriverError::Connection("the answer has no session id".to_owned()))?;
        let session = Session { browser: self.browser, address: self.address, path: format!("/session/{id}") };
        if self.browser == Browser::WebKit {
            // As large as the others' windows are.
            session.post("window/rect", json!({ "width": 1280, "height": 960 })).await?;
        }
        if setup.with_filter && self.browser == Browser::Firefox {
            session.post("moz/addon/install", json!({ "path": filter(), "temporary": true })).await?;
        }
        Ok(session)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A driver that is killed leaves its browsers running; one that is asked to end takes them along.
        self.process.terminate(Duration::from_secs(5));
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
    /// Starts it, and waits until it is there.
    fn start() -> std::io::Result<Self> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1400x1100x24", "-nolisten", "tcp"]);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut number = String::new();
        // It tells its number once it listens.
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut number)?;
        }
        let screen = Self { name: format!(":{}", number.trim()), process };
        if screen.name == ":" { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(screen) }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _status = self.process.wait();
    }
}

/// A key of the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Tab,
    Enter,
    Escape,
}

/// How a page is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    pub dark: bool,
    pub forced_colours: bool,
    pub printed: bool,
    /// CSS pixels.
    pub width: Option<u32>,
}

/// The tab that is behind another one.
#[derive(Debug)]
pub struct Cover {
    covered: Value,
}

/// A browser under the driver's hands. It has to be closed by [`Session::close`].
#[derive(Debug)]
pub struct Session {
    pub browser: Browser,
    address: SocketAddr,
    path: String,
}

impl Session {
    /// The URL of its driver, and its id: for another program that uses it too.
    pub fn place(&self) -> (String, &str) {
        (format!("http://{}", self.address), self.path.rsplit('/').next().unwrap_or_default())
    }

    pub async fn open(&self, url: &str) -> Result<(), DriverError> {
        self.post("url", json!({ "url": url })).await.map(drop)
    }

    /// Goes into the one frame of the page; the next page that is opened is out of it again.
    pub async fn enter_frame(&self) -> Result<(), DriverError> {
        let frame = self.post("element", json!({ "using": "css selector", "value": "iframe" })).await?;
        self.post("frame", json!({ "id": frame })).await.map(drop)
    }

    /// Forgets all cookies, whatever their path and whoever set them, what pages of this origin stored, their service workers, and
    /// what the browser kept of answers.
    pub async fn forget(&self, origin: &str) -> Result<(), DriverError> {
        match self.browser {
            Browser::Chromium => {
                self.development("Network.clearBrowserCookies", json!({})).await?;
                self.development("Network.clearBrowserCache", json!({})).await?;
                self.development("Storage.clearDataForOrigin", json!({ "origin": origin, "storageTypes": "all" })).await.map(drop)
            }
            Browser::Firefox => match self.in_browser(self.execute_async(FORGET_SCRIPT, json!([]))).await? {
                Value::Number(flags) if flags.as_u64() == Some(0) => Ok(()),
                flags => Err(DriverError::Connection(format!("Firefox did not forget {flags}"))),
            },
            // It tells its driver of no other way than from inside of the origin; the lab's answers are not kept.
            Browser::WebKit => {
                self.open(&format!("{origin}/diagnostics/icon.svg")).await?;
                exchange(self.address, "DELETE", &format!("{}/cookie", self.path), &Value::Null).await?;
                self.execute_async(FORGET_ORIGIN_SCRIPT, json!([])).await?;
                self.open("about:blank").await
            }
        }
    }

    /// Runs a script and gives what it returns, or what its promise is kept with.
    pub async fn execute(&self, script: &str, args: Value) -> Result<Value, DriverError> {
        self.post("execute/sync", json!({ "script": script, "args": args })).await
    }

    /// Runs a script and gives what it calls its last argument with.
    pub async fn execute_async(&self, script: &str, args: Value) -> Result<Value, DriverError> {
        self.post("execute/async", json!({ "script": script, "args": args })).await
    }

    /// The page as it looks, a PNG in base64.
    pub async fn screenshot(&self) -> Result<String, DriverError> {
        Ok(self.get("screenshot").await?.as_str().unwrap_or_default().to_owned())
    }

    /// The whole page as it looks, with what one has to scroll to, a PNG in base64. In WebKit what is seen without scrolling.
    pub async fn whole_page(&self) -> Result<String, DriverError> {
        match self.browser {
            Browser::Chromium => {
                let size =
                    self.execute("const { scrollWidth, scrollHeight } = document.documentElement; return [scrollWidth, scrollHeight]", json!([])).await?;
                let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
                let taken = self.development("Page.captureScreenshot", json!({ "captureBeyondViewport": true, "clip": clip })).await?;
                Ok(taken.get("data").and_then(Value::as_str).unwrap_or_default().to_owned())
            }
            Browser::Firefox => Ok(self.get("moz/screenshot/full").await?.as_str().unwrap_or_default().to_owned()),
            Browser::WebKit => self.screenshot().await,
        }
    }

    /// Shows the page as somebody sees it who has set the browser, or the screen, so. In WebKit the page is in a frame, which becomes
    /// so wide: its window is never less than 447 pixels.
    pub async fn show_as(&self, cast: Cast) -> Result<(), DriverError> {
        match self.browser {
            Browser::Chromium => {
                let scheme = if cast.dark { "dark" } else { "light" };
                let forced = if cast.forced_colours { "active" } else { "none" };
                let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
                let features = [feature("prefers-color-scheme", scheme), feature("forced-colors", forced), feature("prefers-reduced-motion", "reduce")];
                let medium = if cast.printed { "print" } else { "" };
                self.development("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features })).await?;
                self.development("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await?;
                let metrics = json!({ "width": cast.width.unwrap_or(1280), "height": 900, "deviceScaleFactor": 1, "mobile": false });
                self.development("Emulation.setDeviceMetricsOverride", metrics).await.map(drop)
            }
            Browser::Firefox => {
                let settings = json!([cast.dark, cast.forced_colours, cast.printed, cast.width]);
                self.in_browser(self.execute(SHOW_AS_SCRIPT, settings)).await.map(drop)
            }
            Browser::WebKit => {
                self.post("frame/parent", json!({})).await?;
                let width = cast.width.map_or_else(|| "100%".to_owned(), |width| format!("{width}px"));
                self.execute("document.querySelector('iframe').style.width = arguments[0]", json!([width])).await?;
                self.enter_frame().await
            }
        }
    }

    /// Opens another tab in front of this one, as a person does who turns to something else.
    pub async fn cover(&self) -> Result<Cover, DriverError> {
        let covered = self.get("window").await?;
        let tab = self.post("window/new", json!({ "type": "tab" })).await?;
        self.post("window", json!({ "handle": tab.get("handle") })).await?;
        Ok(Cover { covered })
    }

    /// Closes that tab, and is in the one that it covered.
    pub async fn uncover(&self, cover: Cover) -> Result<(), DriverError> {
        exchange(self.address, "DELETE", &format!("{}/window", self.path), &Value::Null).await?;
        self.post("window", json!({ "handle": cover.covered })).await.map(drop)
    }

    /// Freezes the page, as browsers do with tabs in the background, or thaws it (Chromium alone).
    pub async fn freeze(&self, frozen: bool) -> Result<(), DriverError> {
        let state = if frozen { "frozen" } else { "active" };
        self.development("Page.setWebLifecycleState", json!({ "state": state })).await?;
        if frozen { Ok(()) } else { self.development("Page.bringToFront", json!({})).await.map(drop) }
    }

    /// Makes a script run before those of every page that is opened from now on (Chromium alone).
    pub async fn before_every_page(&self, script: &str) -> Result<(), DriverError> {
        self.development("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await.map(drop)
    }

    /// Collects the page's garbage now (Chromium alone), so that what is left is what somebody holds.
    pub async fn collect_garbage(&self) -> Result<(), DriverError> {
        self.development("HeapProfiler.collectGarbage", json!({})).await.map(drop)
    }

    /// Gives pages of this origin room for so many bytes, or as much as they had (Chromium alone).
    pub async fn allow_storage(&self, origin: &str, bytes: Option<u32>) -> Result<(), DriverError> {
        let mut parameters = json!({ "origin": origin });
        if let Some(bytes) = bytes {
            parameters["quotaSize"] = json!(bytes);
        }
        self.development("Storage.overrideQuotaForOrigin", parameters).await.map(drop)
    }

    /// Has the question about microphone and camera be put, and nobody say yes: headless Chromium closes it at once, in Firefox it is
    /// answered with "Block". The page is open.
    pub async fn question_without_leave(&self) -> Result<(), DriverError> {
        match self.browser {
            Browser::Chromium => {
                for name in ["microphone", "camera"] {
                    self.post("permissions", json!({ "descriptor": { "name": name }, "state": "prompt" })).await?;
                }
                Ok(())
            }
            Browser::Firefox => self.in_browser(self.execute(BLOCK_SCRIPT, json!([]))).await.map(drop),
            Browser::WebKit => Ok(()),
        }
    }

    /// Runs something in Firefox itself, and not in a page.
    async fn in_browser(&self, doing: impl Future<Output = Result<Value, DriverError>>) -> Result<Value, DriverError> {
        self.post("moz/context", json!({ "context": "chrome" })).await?;
        let done = doing.await;
        self.post("moz/context", json!({ "context": "content" })).await?;
        done
    }

    /// Clicks on the element that the script returns, as a person does.
    pub async fn click(&self, script: &str, args: Value) -> Result<(), DriverError> {
        let found = self.execute(script, args).await?;
        let id = found.as_object().and_then(|reference| reference.values().next()?.as_str());
        let id = id.ok_or_else(|| DriverError::Connection(format!("there is no such element: {found}")))?;
        self.post(&format!("element/{id}/click"), json!({})).await.map(drop)
    }

    /// Presses a key and lets go of it.
    pub async fn press(&self, key: Key) -> Result<(), DriverError> {
        let value = match key {
            Key::Tab => "\u{e004}",
            Key::Enter => "\u{e007}",
            Key::Escape => "\u{e00c}",
        };
        let strokes = json!([{ "type": "keyDown", "value": value }, { "type": "keyUp", "value": value }]);
        self.post("actions", json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] })).await.map(drop)
    }

    /// A command of Chromium's own protocol.
    async fn development(&self, command: &str, parameters: Value) -> Result<Value, DriverError> {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    pub async fn close(self) -> Result<(), DriverError> {
        exchange(self.address, "DELETE", &self.path, &Value::Null).await.map(drop)
    }

    async fn get(&self, what: &str) -> Result<Value, DriverError> {
        exchange(self.address, "GET", &format!("{}/{what}", self.path), &Value::Null).await
    }

    async fn post(&self, command: &str, body: Value) -> Result<Value, DriverError> {
        exchange(self.address, "POST", &format!("{}/{command}", self.path), &body).await
    }
}

/// Runs in Firefox itself, and blocks whenever it is asked for a device, until the window is closed.
const BLOCK_SCRIPT: &str = "
const browser = Services.wm.getMostRecentWindow('navigator:browser');
browser.clearInterval(browser.labBlocks);
browser.labBlocks = browser.setInterval(() => {
    const asked = browser.PopupNotifications.getNotification('webRTC-shareDevices', browser.gBrowser.selectedBrowser);
    if (!asked) return;
    asked.secondaryActions[0].callback({});
    asked.remove();
}, 100);
";

/// Runs in Firefox itself, and not in a page.
const SHOW_AS_SCRIPT: &str = "
const [dark, forced, printed, width] = arguments;
const browser = Services.wm.getMostRecentWindow('navigator:browser').gBrowser.selectedBrowser;
const { browsingContext } = browser;
browsingContext.prefersColorSchemeOverride = dark ? 'dark' : 'light';
browsingContext.forcedColorsOverride = forced ? 'active' : 'none';
browsingContext.mediumOverride = printed ? 'print' : '';
browser.style.width = width ? `${width}px` : '';
Services.prefs.setIntPref('ui.prefersReducedMotion', 1);
";

/// Runs in a page of the origin that is to be forgotten.
const FORGET_ORIGIN_SCRIPT: &str = "
const done = arguments[0];
(async () => {
    localStorage.clear();
    sessionStorage.clear();
    for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
    for (const name of await globalThis.caches?.keys() ?? []) await caches.delete(name);
    for (const worker of await navigator.serviceWorker?.getRegistrations() ?? []) await worker.unregister();
})().then(() => done(null), error => done(String(error)));
";

/// Runs in Firefox itself, and not in a page.
const FORGET_SCRIPT: &str = "
const done = arguments[0];
const { CLEAR_COOKIES, CLEAR_DOM_STORAGES, CLEAR_NETWORK_CACHE } = Ci.nsIClearDataService;
Services.clearData.deleteData(CLEAR_COOKIES | CLEAR_DOM_STORAGES | CLEAR_NETWORK_CACHE, { onDataDeleted: done });
";

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
