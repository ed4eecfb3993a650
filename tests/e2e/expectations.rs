//! What the page must say of each scenario, and what it may say besides. One entry a scenario, in the table's order; those
//! whose page cannot load have a table of their own, in [`crate::unloadable`].

use std::time::Duration;

use connection_doctor_lab::Running;
use serde_json::{Value, json};

use crate::webdriver::{Browser, DriverError, Session};

/// What the page must say of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Expectation {
    pub scenario: &'static str,
    /// How long a look it takes to see it.
    pub depth: Depth,
    /// The codes of the causes above Info, all of them, the first one first. None: the verdict is "works".
    pub causes: &'static [&'static str],
    /// The codes that may be there as Info.
    pub info: &'static [&'static str],
    /// What the first cause must say besides, where nothing is waived: a member's name or a parameter's, and its value.
    pub says: &'static [(&'static str, &'static str)],
    /// What is done between the page's load and the run.
    pub before: Before,
    /// The devices that the run is told to open.
    pub devices: &'static [&'static str],
    /// Where a browser cannot show what the others do. A waived expectation asserts what is stated instead.
    pub waivers: &'static [Waiver],
    /// Browsers in which not all can be looked at: the verdict is "inconclusive" there, and never "works".
    pub inconclusive_in: &'static [Browser],
    /// Why sockets count as open after the page closed them, where they do.
    pub lingers: Option<&'static str>,
    /// Browsers that do not let the page's timers run in time, with the reason: the run has to end in [`STARVED`] there, and may know nothing.
    pub starved_in: &'static [(Browser, &'static str)],
}

/// What a run may take where the browser itself starves the page.
pub const STARVED: Duration = Duration::from_secs(40);
/// What a run may take that asks a person for leave.
const ASKING: Duration = Duration::from_secs(60);

/// What the scenario of one huge message asks of a browser.
const HUNDRED_MEGABYTES: &str = "100 MB pass through the browser's own processes, which bring the page nothing else meanwhile";

/// How deep a run looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Quick,
    Full,
    /// A full run in which the operator asked for many sockets at one time.
    Ladder,
}

impl Depth {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "quick" => Some(Self::Quick),
            "full" => Some(Self::Full),
            "ladder" => Some(Self::Ladder),
            _ => None,
        }
    }

    /// The options of `run()`.
    pub fn options(self) -> Value {
        match self {
            Self::Quick => json!({ "depth": "quick" }),
            Self::Full => json!({ "depth": "full" }),
            Self::Ladder => json!({ "depth": "full", "ladder": true }),
        }
    }

    /// How long a run may take.
    pub fn limit(self) -> Duration {
        Duration::from_secs(if self == Self::Quick { 5 } else { 45 })
    }

    /// The most requests, sockets included, of one run.
    pub fn most_requests(self) -> u32 {
        if self == Self::Quick { 60 } else { 150 }
    }

    /// The most of them at one time.
    pub fn most_at_once(self) -> u32 {
        match self {
            Self::Quick => 6,
            Self::Full => 8,
            // Eight sockets, and the request that looks how the server is meanwhile.
            Self::Ladder => 9,
        }
    }
}

/// What is done between the page's load and the run.
#[derive(Clone, Copy, Debug)]
pub enum Before {
    Nothing,
    /// The scenario is flipped.
    Flip,
    /// A script is run in the page, until the promise is kept that it may return.
    Script(&'static str),
}

impl Before {
    pub async fn take_place(self, session: &Session, running: &Running) -> Result<(), DriverError> {
        match self {
            Self::Nothing => {}
            Self::Flip => {
                // What breaks then is the chat, and not the page that is still being loaded.
                session.execute_async(SHOWN_SCRIPT, json!([])).await?;
                running.flip();
            }
            Self::Script(script) => session.execute(script, json!([])).await.map(drop)?,
        }
        Ok(())
    }
}

/// Waits until the element shows its face.
const SHOWN_SCRIPT: &str = "
const done = arguments[arguments.length - 1];
const there = () => document.querySelector('connection-doctor').shadowRoot.querySelector('.doctor button') ? done(true) : setTimeout(there, 20);
there();
";

/// In this browser the page says something else, for a reason.
#[derive(Clone, Copy, Debug)]
pub struct Waiver {
    pub browser: Browser,
    /// What it says instead.
    pub causes: &'static [&'static str],
    pub reason: &'static str,
}

impl Expectation {
    /// What the page must say in this browser, and the reason where that is not what it says elsewhere.
    pub fn causes_in(&self, browser: Browser) -> (&'static [&'static str], Option<&'static str>) {
        let waiver = self.waivers.iter().find(|waiver| waiver.browser == browser);
        waiver.map_or((self.causes, None), |waiver| (waiver.causes, Some(waiver.reason)))
    }

    /// Whether one browser has something of its own here.
    pub fn differs_by_browser(&self) -> bool {
        !(self.waivers.is_empty() && self.inconclusive_in.is_empty() && self.starved_in.is_empty())
    }

    /// The options of `run()`.
    pub fn options(&self, depth: Depth) -> Value {
        let mut options = depth.options();
        if !self.devices.is_empty() {
            options["devices"] = json!(self.devices.join(","));
        }
        options
    }

    /// How long the run may take.
    pub fn limit(&self, depth: Depth) -> Duration {
        if self.devices.is_empty() { depth.limit() } else { ASKING.max(depth.limit()) }
    }
}

/// Nothing above Info, and nothing of Info either.
const HEALTHY: Expectation = Expectation {
    scenario: "",
    depth: Depth::Quick,
    causes: &[],
    info: &[],
    says: &[],
    before: Before::Nothing,
    devices: &[],
    waivers: &[],
    inconclusive_in: &[],
    lingers: None,
    starved_in: &[],
};

/// Nothing above Info.
const fn healthy(scenario: &'static str) -> Expectation {
    Expectation { scenario, ..HEALTHY }
}

/// Nothing above Info, and it may say these as Info.
const fn healthy_saying(scenario: &'static str, info: &'static [&'static str]) -> Expectation {
    Expectation { scenario, info, ..HEALTHY }
}

/// This one cause, and it may say these as Info.
const fn broken_saying(scenario: &'static str, causes: &'static [&'static str], info: &'static [&'static str]) -> Expectation {
    Expectation { info, ..broken(scenario, causes) }
}

/// This one cause.
pub const fn broken(scenario: &'static str, causes: &'static [&'static str]) -> Expectation {
    Expectation { scenario, causes, ..HEALTHY }
}

/// The same, by a full run.
const fn full(expectation: Expectation) -> Expectation {
    Expectation { depth: Depth::Full, ..expectation }
}

/// The same, and not all that calls need can be looked at there.
const fn untold(browsers: &'static [Browser], expectation: Expectation) -> Expectation {
    Expectation { inconclusive_in: browsers, ..expectation }
}

/// The same, by a run that opens these devices.
const fn opening(devices: &'static [&'static str], expectation: Expectation) -> Expectation {
    Expectation { devices, ..expectation }
}

/// The same, and the first cause says this of itself.
const fn saying(says: &'static [(&'static str, &'static str)], expectation: Expectation) -> Expectation {
    Expectation { says, ..expectation }
}

/// The same, by a full run with many sockets at one time.
const fn ladder(expectation: Expectation) -> Expectation {
    Expectation { depth: Depth::Ladder, ..expectation }
}

/// More cookies for the socket's path than any server reads: 42 kB.
const LARGE_COOKIES: Before = Before::Script("for (let i = 0; i < 12; i += 1) document.cookie = `big${i}=${'x'.repeat(3500)}; path=/socket.io; max-age=300`;");

/// More than `websockets` reads of one line of a request's header, and less than any other server's limit: 7.5 kB.
const MANY_COOKIES: Before = Before::Script("for (let i = 0; i < 3; i += 1) document.cookie = `many${i}=${'x'.repeat(2500)}; path=/; max-age=300`;");

/// A token that is valid until 2100 by its own word.
const LASTING_TOKEN: Before =
    Before::Script("localStorage.setItem('token', `eyJhbGciOiJIUzI1NiJ9.${btoa('{\"sub\":\"lab\",\"exp\":4102444800}').replace(/=+$/, '')}.c2ln`);");

const ALL: &[Browser] = &Browser::ALL;

/// Every scenario's expectation.
pub const EXPECTATIONS: &[Expectation] = &[
    healthy("healthy-engineioxide"),
    healthy("healthy-python"),
    healthy("healthy-node"),
    healthy_saying("healthy-node-v2", &["PATH002"]),
    healthy_saying("healthy-polling-only", &["PATH003"]),
    healthy_saying("healthy-websocket-only", &["PATH003"]),
    healthy("healthy-sub-path"),
    healthy("healthy-https"),
    healthy("healthy-nginx"),
    healthy_saying("healthy-chainlit-signed-out", &["AUTH002"]),
    healthy("healthy-chainlit-public"),
    healthy("healthy-cross-origin"),
    healthy("healthy-raw"),
    healthy("healthy-raw-subprotocol"),
    healthy("healthy-slow-line"),
    healthy("healthy-namespace"),
    healthy_saying("healthy-wsgi", &["PATH003"]),
    healthy("discovered-engineioxide"),
    healthy("discovered-python"),
    healthy_saying("discovered-node-v2", &["PATH002"]),
    healthy("discovered-chainlit"),
    healthy("page-strict-policy"),
    healthy("healthy-current-worker"),
    healthy_saying("healthy-waiting-worker", &["CACHE001"]),
    healthy("healthy-hashed-scripts"),
    healthy("healthy-revalidated-shell"),
    healthy("healthy-dynamic-shell"),
    healthy("healthy-dynamic-script"),
    healthy("healthy-chat-policy"),
    healthy_saying("healthy-frame-partitioned", &["COOK002"]),
    healthy("healthy-frame-same-site"),
    healthy_saying("healthy-cors-wildcard", &["CORS002", "CORS003"]),
    healthy("healthy-help"),
    healthy("healthy-help-node"),
    healthy("healthy-help-nginx"),
    healthy_saying("healthy-insecure", &["SEC003"]),
    healthy("healthy-embedded"),
    healthy_saying("healthy-worker-renews-itself", &["CACHE001"]),
    healthy_saying("healthy-counting-page", &["CACHE002"]),
    healthy_saying("healthy-counted-since", &["CACHE002"]),
    healthy("healthy-password"),
    healthy_saying("healthy-old-client", &["PATH002"]),
    healthy("healthy-path-by-script"),
    healthy("healthy-path-without-slash"),
    Expectation { before: MANY_COOKIES, ..healthy("healthy-many-cookies") },
    healthy_saying("healthy-websocket-by-upgrade", &["WS011"]),
    healthy("healthy-without-upgrades"),
    healthy("healthy-led-to-sub-path"),
    broken("refused", &["NET002"]),
    broken("blackhole", &["NET002"]),
    broken("silent-server", &["NET002"]),
    broken("socket-path-reset", &["NET002"]),
    broken("socket-path-closed", &["NET002"]),
    broken("gateway-502", &["NET003"]),
    broken("app-down", &["NET003"]),
    broken("gateway-504", &["NET003"]),
    Expectation { before: Before::Flip, ..broken("offline", &["NET001"]) },
    broken("rate-limited", &["NET005"]),
    broken("cold-start", &["NET006"]),
    Expectation { lingers: Some("what waited for a socket's place begins before its closing handshake is over"), ..broken("slow-server", &["NET004"]) },
    broken("two-programs", &["NET007"]),
    broken("intermittent", &["NET007"]),
    broken("health-failing", &["NET008"]),
    broken("certificate", &["NET009"]),
    broken("http-version", &["NET010"]),
    Expectation { before: Before::Flip, ..broken("captive-portal", &["NET011"]) },
    Expectation { before: Before::Flip, ..broken("all-gone", &["NET003"]) },
    broken("numbered-errors", &["PATH001"]),
    broken("wrong-path", &["PATH001"]),
    broken("single-page-fallback", &["PATH001"]),
    broken("not-found", &["PATH001"]),
    broken("wrong-version", &["PATH002"]),
    broken("old-server-new-client", &["PATH002"]),
    broken("new-server-old-client", &["PATH002"]),
    broken("old-server-new-page", &["PATH002"]),
    broken("prefix-mismatch", &["PATH004"]),
    broken("upgrade-stripped", &["WS001"]),
    broken("upgrade-stripped-nginx-engineioxide", &["WS001"]),
    broken("upgrade-stripped-nginx-node", &["WS001"]),
    broken("upgrade-stripped-nginx-python", &["WS001"]),
    broken("upgrade-stripped-chainlit", &["WS001"]),
    Expectation { before: Before::Script("document.cookie = 'gate=open; path=/; max-age=300';"), ..broken("upgrade-stripped-behind-a-gate", &["WS001"]) },
    broken("upgrade-swallowed", &["WS002"]),
    broken("upgrade-intercepted", &["WS002"]),
    broken("open-but-silent", &["WS003"]),
    broken("drops-at-once", &["WS004"]),
    broken("server-closes-1008", &["WS009"]),
    broken("server-closes-1013", &["WS009"]),
    broken("upgrade-refused", &["WS011"]),
    broken("upgrade-refused-without-polling", &["WS011"]),
    broken("websockets-backend-down", &["NET003"]),
    broken("polling-reset", &["POLL001"]),
    broken("polling-blocked", &["POLL001"]),
    broken("post-refused", &["POLL003"]),
    broken("post-swallowed", &["POLL003"]),
    broken("post-firewalled", &["POLL003"]),
    broken("receiving-refused", &["POLL003"]),
    broken("receiving-broken-off", &["POLL003"]),
    broken("polling-forbidden", &["POLL001"]),
    broken("polling-breaks-off", &["POLL001"]),
    broken("every-third-websocket", &["NET007"]),
    broken("query-lost-nginx", &["PATH006"]),
    broken("query-lost-nginx-python", &["PATH006"]),
    broken("session-id-lost-nginx", &["PATH006"]),
    broken("session-id-lost-nginx-python", &["PATH006"]),
    broken("handshake-stored-nginx", &["POLL005"]),
    broken("namespace-unknown", &["SIO001"]),
    broken("connect-unanswered", &["SIO002"]),
    broken("origin-rejected", &["CORS005"]),
    broken("mixed-content", &["SEC002"]),
    broken("login-redirect", &["AUTH001"]),
    Expectation { before: Before::Flip, ..broken("login-redirect-of-all", &["AUTH001"]) },
    broken("login-page", &["AUTH001"]),
    broken("cors-not-allowed", &["CORS001"]),
    broken("server-error", &["NET012"]),
    Expectation {
        before: Before::Script("for (let i = 0; i < 3; i += 1) document.cookie = `big${i}=${'x'.repeat(3500)}; path=/socket.io; max-age=300`;"),
        ..broken("cookies-too-large", &["COOK003"])
    },
    Expectation { before: MANY_COOKIES, ..broken("cookies-too-large-for-websockets", &["COOK003"]) },
    Expectation { before: Before::Script("document.cookie = 'instance=gone; path=/; max-age=300';"), ..broken("cookie-to-gone-instance", &["COOK005"]) },
    broken("polling-hangs", &["POLL001"]),
    broken("policy-forbids-server", &["SEC001"]),
    broken("cookies-blocked", &["COOK001"]),
    broken_saying("third-party-blocked", &["COOK002"], &["AUTH002"]),
    Expectation {
        // Of the whole site, so that the page can read them: what is in front of Node takes them, Node does not.
        before: Before::Script("for (let i = 0; i < 12; i += 1) document.cookie = `big${i}=${'x'.repeat(3500)}; path=/; max-age=300`;"),
        ..broken("cookies-too-large-node", &["COOK003"])
    },
    Expectation { before: LARGE_COOKIES, ..broken("cookies-too-large-nginx", &["COOK003"]) },
    Expectation { before: LARGE_COOKIES, ..broken("cookies-too-large-h2", &["COOK003"]) },
    broken("cookie-not-kept", &["COOK004"]),
    Expectation {
        // The page's own classes: Firefox runs this script in a realm of its own.
        before: Before::Script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new window.DOMException('The operation is insecure.', 'SecurityError'); } });",
        ),
        ..broken("storage-blocked", &["STO001"])
    },
    Expectation {
        before: Before::Script(
            "let kept = '';
            for (let size = 1 << 22; size >= 1; size /= 2) {
                try {
                    const more = kept + 'x'.repeat(size);
                    localStorage.setItem('filler', more);
                    kept = more;
                } catch (full) {
                    if (full.name !== 'QuotaExceededError') throw full;
                }
            }",
        ),
        ..broken("storage-full", &["STO002"])
    },
    broken("old-worker", &["CACHE001"]),
    broken("old-worker-scripts-gone", &["CACHE001"]),
    broken("stale-shell", &["CACHE002"]),
    broken("stale-shell-scripts-gone", &["CACHE003"]),
    broken("stale-shell-with-push-worker", &["CACHE002"]),
    broken("stale-shell-behind-sign-in", &["CACHE002"]),
    broken("stale-script", &["CACHE002"]),
    Expectation { before: Before::Flip, says: &[("severity", "degrades"), ("copy", "open")], ..broken("embedded-tab-of-old-release", &["CACHE003"]) },
    broken("scripts-missing", &["CACHE003"]),
    broken("module-mistyped", &["CACHE003"]),
    broken("chat-policy-forbids", &["SEC001"]),
    broken("chat-policy-forbids-meta", &["SEC001"]),
    broken_saying("chat-policy-lifts-to-https", &["SEC001"], &["SEC003"]),
    broken("sandboxed-frame", &["SEC005"]),
    broken("local-network", &["SEC004"]),
    broken("filter", &["SEC006"]),
    broken_saying("cors-wildcard-credentials", &["CORS002"], &["CORS003"]),
    broken_saying("cors-preflight-refused", &["CORS003"], &["CORS002"]),
    broken("cors-header-twice", &["CORS001"]),
    broken("cors-trailing-slash", &["CORS001"]),
    broken("cors-list", &["CORS001"]),
    broken("cors-null", &["CORS001"]),
    broken("cors-with-resource-policy", &["CORS001"]),
    broken("cors-with-resource-policy-on-device", &["CORS001"]),
    broken_saying("cors-header-not-exposed", &["CORS006"], &["CORS002", "CORS003"]),
    Expectation {
        // As an image of the chat's page would: without an Origin.
        before: Before::Script(
            "return fetch('connection-doctor.json').then(file => file.json()).then(({ server }) => fetch(`${server}/`, { mode: 'no-cors' })).then(() => true);",
        ),
        ..broken_saying("cors-poisoned-cache", &["CORS007"], &["CORS002", "CORS003"])
    },
    Expectation {
        before: Before::Script("localStorage.setItem('token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJsYWIifQ.c2ln');"),
        ..broken_saying("sign-in-stale", &["AUTH003"], &["AUTH002"])
    },
    Expectation { before: LASTING_TOKEN, ..saying(&[("why", "replicas")], broken("sign-in-divided", &["AUTH003"])) },
    Expectation { before: LASTING_TOKEN, ..saying(&[("why", "secret")], broken_saying("sign-in-by-another-secret", &["AUTH003"], &["AUTH002"])) },
    broken("clock-skew", &["AUTH004"]),
    broken("cookies-too-large-help", &["COOK003"]),
    broken("sign-in-refused", &["AUTH002"]),
    broken("connect-refused", &["AUTH002"]),
    broken("connect-rate-limited", &["NET005"]),
    broken("raw-not-found", &["PATH001"]),
    broken("raw-refused-sign-in", &["WS011"]),
    broken("raw-login-redirect", &["AUTH001"]),
    Expectation { before: Before::Script("delete window.WebSocket"), ..broken("unsupported-browser", &["ENV002"]) },
    broken("discovered-upgrade-stripped", &["WS001"]),
    broken("discovered-gateway-502", &["NET003"]),
    broken("discovered-not-found", &["PATH001"]),
    broken("discovered-origin-rejected", &["CORS005"]),
    broken("discovered-login-redirect", &["AUTH001"]),
    broken("discovered-silent", &["NET002"]),
    broken("endless-body", &["PATH005"]),
    Expectation { starved_in: &[(Browser::Chromium, HUNDRED_MEGABYTES), (Browser::Firefox, HUNDRED_MEGABYTES)], ..broken("huge-packet", &["PATH005"]) },
    Expectation {
        starved_in: &[
            (Browser::Chromium, "Chromium hands every message to the page's thread, one by one: a million of them keep its timers waiting"),
            (
                Browser::Firefox,
                "Firefox hands every message to the page's thread, one by one, also those that come after the page closed the socket: a million of them keep its timers waiting",
            ),
        ],
        ..broken("tiny-packets", &["PATH005"])
    },
    broken("deep-json", &["PATH005"]),
    broken("invalid-utf8", &["PATH005"]),
    broken("html-script", &["PATH001"]),
    broken("truncated-open-packet", &["PATH005"]),
    broken("malformed-open-packet", &["PATH005"]),
    healthy("r-healthy-sticky-cookie"),
    healthy("r-healthy-sticky-cross-origin"),
    healthy_saying("r-healthy-sticky-partitioned", &["COOK002"]),
    healthy_saying("r-healthy-websocket-only", &["PATH003"]),
    healthy("r-healthy-sticky-ip"),
    healthy_saying("r-healthy-delivery-python", &["PATH003"]),
    healthy_saying("r-healthy-delivery-node", &["PATH003"]),
    healthy("r-healthy-delivery-one"),
    healthy_saying("r-healthy-restart", &["SES004"]),
    healthy_saying("r-healthy-open-webui", &["PATH003"]),
    broken("r-not-sticky-python", &["SES001"]),
    healthy("r-healthy-websocket-by-page"),
    broken("r-not-sticky-node", &["SES001"]),
    broken("r-not-sticky-three", &["SES001"]),
    broken("r-not-sticky-one-of-four", &["SES001"]),
    broken("r-affinity-lost-cross-origin", &["SES002"]),
    Expectation {
        waivers: &[Waiver { browser: Browser::Firefox, causes: &[], reason: "Firefox takes a cookie without SameSite for SameSite=None, and sends it" }],
        ..broken_saying("r-affinity-cookie-lax", &["SES002"], &["SEC003"])
    },
    broken("r-affinity-cookie-refused", &["SES002"]),
    broken_saying("r-affinity-cookie-third-party", &["SES002"], &["COOK002"]),
    healthy_saying("r-rate-limited-sessions", &["NET005"]),
    healthy_saying("r-rate-limited-sessions-503", &["NET005"]),
    broken_saying("r-no-delivery-python", &["SES003"], &["PATH003"]),
    broken_saying("r-no-delivery-node", &["SES003"], &["PATH003"]),
    broken_saying("r-no-delivery-redis-down", &["SES003"], &["PATH003"]),
    broken_saying("r-no-delivery-redis-down-node", &["SES003"], &["PATH003"]),
    broken_saying("r-no-delivery-redis-wrong-host", &["SES003"], &["PATH003"]),
    broken_saying("r-no-delivery-redis-apart", &["SES003"], &["PATH003"]),
    healthy_saying("r-delivery-no-handler", &["PATH003"]),
    broken_saying("o-webui-redis-down", &["SES003"], &["PATH003"]),
    broken_saying("o-webui-redis-wrong-host", &["SES003"], &["PATH003"]),
    full(healthy("t-healthy-pings")),
    full(healthy("t-healthy-pings-scaled")),
    full(healthy_saying("t-healthy-long-poll", &["PATH003"])),
    full(healthy("t-healthy-raw")),
    full(broken("t-idle-cut", &["WS005"])),
    full(broken("t-idle-cut-haproxy", &["WS005"])),
    full(broken("t-lifetime-cut", &["WS006"])),
    full(broken("t-heartbeat-missing", &["WS007"])),
    full(broken("t-heartbeat-missing-by-default", &["WS007"])),
    full(broken_saying("t-heartbeat-answer-missing-eio3", &["WS007"], &["PATH002"])),
    full(broken("t-long-poll-cut", &["POLL004"])),
    full(broken("t-long-poll-cut-haproxy", &["POLL004"])),
    full(broken("t-raw-idle-cut", &["WS005"])),
    full(broken("t-server-dies", &["NET001"])),
    full(broken("t-server-dies-gateway", &["NET003"])),
    full(healthy_saying("t-drops-by-restart", &["SES004"])),
    full(healthy("s-healthy-stream")),
    healthy("s-healthy-stream-chunks"),
    full(healthy("s-healthy-stream-node")),
    full(healthy_saying("s-healthy-stream-alone", &["PATH001"])),
    healthy("s-healthy-stream-haproxy"),
    healthy("s-healthy-gzip"),
    healthy("s-healthy-gzip-nginx"),
    healthy("s-foreign-healthy"),
    healthy("s-foreign-at-once"),
    broken("s-buffered", &["STR001"]),
    untold(ALL, full(healthy_saying("s-buffered-endless", &["STR001"]))),
    full(healthy("s-healthy-stream-endless")),
    broken("s-compressed-delayed", &["STR003"]),
    broken("s-compressed-delayed-nginx", &["STR003"]),
    broken("s-stream-reset", &["STR004"]),
    broken("s-stream-refused", &["STR004"]),
    broken("s-cut", &["STR002"]),
    full(broken("s-cut-lifetime", &["STR002"])),
    broken("s-foreign-buffered", &["STR001"]),
    full(healthy("q-healthy-body")),
    full(healthy("q-healthy-h2")),
    full(healthy("q-healthy-no-worker")),
    ladder(healthy("l-ladder-healthy")),
    full(broken("q-body-limit", &["POLL002"])),
    full(broken("q-frame-limit", &["WS008"])),
    full(broken("q-frame-swallowed", &["WS008"])),
    full(broken("q-flaky-502", &["NET007"])),
    full(broken("q-flaky-sockets", &["NET007"])),
    Expectation { lingers: Some("the closing of a socket is as late as everything on it"), ..full(broken("q-slow-socket", &["WS010"])) },
    full(broken("q-limit-req", &["NET005"])),
    ladder(broken("l-ladder-exhausted", &["RES001"])),
    ladder(broken("l-ladder-queue", &["RES001"])),
    healthy("g-healthy"),
    healthy("g-healthy-envoy"),
    broken("g-not-serving", &["GRPC003"]),
    healthy_saying("g-unimplemented", &["GRPC003"]),
    broken("g-html", &["GRPC001"]),
    broken("g-415", &["GRPC001"]),
    broken("g-transport-mismatch", &["GRPC002"]),
    broken("g-websocket-mismatch", &["GRPC002"]),
    broken("g-envoy-http1", &["GRPC002"]),
    broken("g-envoy-http2", &["GRPC002"]),
    broken("g-envoy-http2-python", &["NET003"]),
    broken("g-chat-down", &["NET003"]),
    broken("g-upgrade-stripped-nginx", &["WS001"]),
    healthy("v-healthy-turn"),
    healthy("v-healthy-turn-udp"),
    healthy("v-healthy-turn-tcp-only-config"),
    healthy("v-healthy-turns-only"),
    healthy("v-healthy-stun"),
    healthy("v-healthy-stun-silent-beside"),
    healthy("v-healthy-time-limited-credentials"),
    healthy("v-healthy-lossy-2"),
    healthy("v-healthy-livekit"),
    healthy("v-healthy-livekit-no-token"),
    healthy("v-healthy-livekit-alone"),
    healthy("v-healthy-livekit-alone-https"),
    healthy("v-healthy-livekit-nginx"),
    healthy("v-healthy-livekit-path"),
    full(healthy("v-healthy-livekit-relay")),
    healthy("v-healthy-livekit-tcp"),
    healthy("v-healthy-private-lan"),
    opening(&["microphone", "camera"], healthy("v-healthy-devices")),
    Expectation {
        waivers: &[Waiver {
            browser: Browser::Firefox,
            causes: &["WT001"],
            reason: "Firefox lets nobody vouch for a WebTransport server but known authorities",
        }],
        ..healthy("v-healthy-webtransport")
    },
    opening(&["microphone"], healthy_saying("v-frame-with-allow", &["COOK002"])),
    broken("v-udp-blocked", &["RTC002"]),
    broken("v-udp-blocked-no-tcp", &["RTC003"]),
    // It may be the server, the network or nothing: there is no control.
    untold(ALL, healthy("v-stun-silent")),
    broken("v-turn-refused", &["RTC003"]),
    broken("v-turn-silent", &["RTC003"]),
    broken("v-turn-blackhole", &["RTC003"]),
    saying(&[("how", "refused")], broken("v-turn-wrong-password", &["RTC004"])),
    saying(&[("how", "expired")], broken("v-turn-expired-credentials", &["RTC004"])),
    saying(&[("how", "missing")], broken("v-turn-no-credentials", &["RTC004"])),
    // Two at a time are what data need.
    untold(ALL, healthy_saying("v-turn-quota", &["RTC003"])),
    saying(&[("how", "name")], broken("v-turn-name-unknown", &["RTC003"])),
    saying(&[("how", "certificate")], broken("v-turns-self-signed", &["RTC003"])),
    saying(&[("how", "certificate")], broken("v-turns-expired", &["RTC003"])),
    saying(&[("how", "certificate")], broken("v-turns-other-name", &["RTC003"])),
    broken("v-turns-refused", &["RTC003"]),
    broken("v-turns-silent", &["RTC003"]),
    broken("v-turns-without-tls", &["RTC003"]),
    healthy_saying("v-turns-bad-but-udp-works", &["RTC003"]),
    // Firefox asks no relay by TLS at an address in numbers.
    untold(&[Browser::Firefox], healthy("v-turns-by-address")),
    full(saying(&[("how", "lossy")], broken("v-relay-loses", &["RTC005"]))),
    full(saying(&[("how", "mute")], broken("v-relay-mute", &["RTC005"]))),
    full(saying(&[("how", "never-opened")], broken("v-relay-narrow", &["RTC005"]))),
    // Two ends of one relay are no call.
    untold(ALL, healthy("v-relay-forbids-loopback")),
    saying(&[("how", "upgrade")], broken("v-livekit-upgrade-stripped", &["RTC001"])),
    // No page may read what the gateway of another origin says.
    saying(&[("how", "not-livekit")], broken("v-livekit-502", &["RTC001"])),
    saying(&[("how", "gateway-error")], broken("v-livekit-502-same-origin", &["RTC001"])),
    saying(&[("how", "unreachable")], broken("v-livekit-down", &["RTC001"])),
    saying(&[("how", "unreachable")], broken("v-livekit-silent", &["RTC001"])),
    saying(&[("how", "not-ready")], broken("v-livekit-not-ready", &["RTC001"])),
    saying(&[("how", "hangs")], broken("v-livekit-hangs", &["RTC001"])),
    healthy("v-livekit-slow"),
    saying(&[("how", "not-livekit")], broken("v-livekit-html", &["RTC001"])),
    full(healthy_saying("v-livekit-old", &["RTC001"])),
    saying(&[("how", "expired")], broken("v-livekit-token-expired", &["RTC009"])),
    saying(&[("how", "expired")], broken("v-livekit-token-expired-old", &["RTC009"])),
    saying(&[("how", "not-yet-valid")], broken("v-livekit-token-early", &["RTC009"])),
    saying(&[("how", "key")], broken("v-livekit-token-wrong-key", &["RTC009"])),
    saying(&[("how", "signature")], broken("v-livekit-token-wrong-secret", &["RTC009"])),
    broken("v-livekit-token-no-grant", &["RTC009"]),
    broken("v-livekit-token-no-join", &["RTC009"]),
    saying(&[("how", "no-room")], broken("v-livekit-no-room", &["RTC009"])),
    saying(&[("how", "silent")], broken("v-livekit-never-joins", &["RTC001"])),
    saying(&[("how", "closes")], broken("v-livekit-closes", &["RTC001"])),
    broken("v-livekit-private-candidates", &["RTC008"]),
    full(broken("v-livekit-media-unreachable", &["RTC011"])),
    full(broken("v-livekit-media-silent", &["RTC011"])),
    full(broken("v-livekit-no-candidates", &["RTC011"])),
    // By TCP it goes, and stays so though UDP is offered.
    broken("v-livekit-udp-blocked", &["RTC002"]),
    healthy_saying("v-livekit-relay-refused", &["RTC003"]),
    broken("v-livekit-mixed-content", &["SEC002"]),
    broken("v-livekit-policy", &["SEC001"]),
    broken("v-devices-insecure", &["SEC003"]),
    opening(&["microphone"], saying(&[("how", "missing")], broken("v-devices-none", &["RTC010"]))),
    opening(&["microphone", "camera"], saying(&[("how", "denied")], broken("v-devices-denied", &["RTC006"]))),
    // Firefox tells a question that was put away as `prompt` or as `denied`, from one time to the next.
    opening(&["microphone"], broken("v-devices-dismissed", &["RTC006"])),
    Expectation {
        waivers: &[Waiver { browser: Browser::Firefox, causes: &[], reason: "Firefox has no way to make believe that a microphone is in use" }],
        ..opening(&["microphone"], broken("v-devices-busy", &["RTC007"]))
    },
    Expectation {
        waivers: &[Waiver { browser: Browser::Firefox, causes: &[], reason: "Firefox does not know the header Permissions-Policy" }],
        ..broken("v-devices-policy", &["RTC006"])
    },
    broken_saying("v-frame-without-allow", &["RTC006"], &["COOK002"]),
    opening(&["microphone"], broken("v-frame-sandboxed", &["SEC005"])),
    broken("v-webtransport-closed", &["WT001"]),
    broken("v-webtransport-silent", &["WT001"]),
    broken("v-webtransport-refused", &["WT001"]),
    broken("v-webtransport-hangs", &["WT001"]),
    broken("v-webtransport-certificate", &["WT001"]),
    broken("v-livekit-garbage", &["RTC001"]),
    broken("v-livekit-huge", &["RTC001"]),
    broken("v-livekit-endless", &["RTC001"]),
    // No browser makes a peer connection with such servers.
    saying(&[("how", "address")], broken("v-livekit-script", &["RTC003"])),
    broken("v-livekit-json", &["RTC001"]),
    healthy("e-trusted-types"),
    healthy("e-chainlit"),
];
