//! One harness for rules, diagnosis and plan: worlds as data, and a runner without a browser that walks the real plan
//! through them. It makes evidence in the runner's words, and every fact goes through the one door, `Evidence::record`.

#[path = "calls.rs"]
pub mod calls;
#[path = "dice.rs"]
mod dice;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use connection_doctor::evidence::{
    Area, Arrival, Cookies, Delivery, EchoSession, End, Environment, Evidence, Exchange, Fact, Happening, Navigation, Observation, Outcome, Purpose, Response,
    RoundTrips, Rung, SocketEvent, SocketLife, SocketPurpose, Storage, Stream, StreamEnd, Trial, Workers,
};
use connection_doctor::plan::{self, Limits, Progress, Step};
use connection_doctor::profile::{Layer, Page, Profile, Source};
use connection_doctor::protocol::digest::digest;
use connection_doctor::protocol::engine_io::Answer;
use connection_doctor::protocol::{client_options, grpc_web, html, socket_io};
use connection_doctor::report::{Circumstances, Report};
use connection_doctor::rules::{Severity, by_code};
use connection_doctor::survey::Survey;
use connection_doctor::words::Words;
#[allow(unused_imports, reason = "not every test that has the harness throws dice")]
pub use dice::Dice;

/// Every text that an English page fetches: not what the program has in English by itself.
pub fn english() -> &'static Words {
    static WORDS: std::sync::LazyLock<Words> = std::sync::LazyLock::new(|| {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/www/texts/en.json")).unwrap();
        let parts: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        let mut words = Words::default();
        parts.iter().filter(|(name, _)| *name != "own").for_each(|(_, part)| _ = words.learn(&part.to_string()));
        words
    });
    &WORDS
}

pub const ORIGIN: &str = "https://chat.example";
pub const ELSEWHERE: &str = "https://api.example";
pub const SOCKET: &str = "/socket.io/";

pub const CHAT_PAGE: &str = "<!doctype html><title>Chat</title><script src=/app.js></script><div id=root></div>";
/// The same of the release before.
pub const OLD_PAGE: &str = "<!doctype html><title>Chat</title><script src=/app-old.js></script><div id=root></div>";
/// As bundlers of today write it.
pub const MODULE_PAGE: &str = "<!doctype html><title>Chat</title><script src=/custom.js></script><script type=module src=/app.js></script><div id=root></div>";
/// As SvelteKit writes it: its parts are imported from within the page, and one script of the operator's stands beside.
pub const INLINE_PAGE: &str =
    "<!doctype html><title>Chat</title><link rel=modulepreload href=/app.js><script src=/loader.js defer></script><script>import('/app.js')</script>";
pub const CHAINLIT_PAGE: &str =
    r#"<!doctype html><html><head><meta property="og:root_path" content=""><title>Assistant</title></head><body><script src=/assets/a.js></script>"#;
pub const CHAINLIT_PAGE_PREFIXED: &str = r#"<!doctype html><html><head><meta property="og:root_path" content="/chat"><title>Assistant</title></head>"#;
pub const LOGIN_PAGE: &str = "<!doctype html><title>Sign in</title><form method=post><input name=user><input name=password type=password></form>";
/// As a gate of SAML answers (Shibboleth, F5 APM): the browser hands the request on to where people sign in.
pub const SAML_PAGE: &str = "<!doctype html><body onload=\"document.forms[0].submit()\"><form method=post action=https://idp.example/sso><input type=hidden name=SAMLRequest value=PHNhbWxw><input type=hidden name=RelayState value=x></form>";
pub const NGINX_500: &str = "<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body>\r\n<center><h1>500 Internal Server Error</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";
pub const HAPROXY_503: &str = "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
pub const HAPROXY_504: &str = "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n";
pub const AZURE_GONE: &str = "<!DOCTYPE html><html><head><title>Azure Container App - Unavailable</title></head><body><h1>Error 404 - This Container App is stopped or does not exist.</h1></body></html>";
pub const APP_SERVICE_STOPPED: &str =
    "<!DOCTYPE html><html><head><title>Web App - Unavailable</title></head><body><h1>Error 403 - This web app is stopped.</h1></body></html>";
/// The same page as a run keeps it: its style sheet is longer than an excerpt.
pub const APP_SERVICE_CUT: &str = "<!DOCTYPE html><html><head><title>Web App - Unavailable</title><style type=\"text/css\">html { height: 100%;";
pub const VERCEL_GONE: &str = "The deployment could not be found on Vercel.\n\nDEPLOYMENT_NOT_FOUND\n\nfra1::x\n";
pub const RAILWAY_GONE: &str = r#"{"status":"error","code":404,"message":"Application not found","request_id":"abc"}"#;
pub const NGROK_GONE: &str = "<!DOCTYPE html><html><head><link rel=preload href=https://assets.ngrok.com/font.woff></head></html>";
pub const MAINTENANCE: &str = "<!doctype html><title>Maintenance</title><h1>We'll be back soon</h1>";
pub const NGINX_502: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";
pub const NGINX_503: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body><center><h1>503 Service Temporarily Unavailable</h1></center><hr><center>nginx/1.22.1</center></body></html>";
pub const NGINX_504: &str = "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body><center><h1>504 Gateway Time-out</h1></center><hr><center>nginx/1.22.1</center></body></html>";
pub const FORBIDDEN_PAGE: &str = "<html><head><title>403 Forbidden</title></head><body>Forbidden</body></html>";
pub const NOT_ALLOWED_PAGE: &str = "<html><head><title>405 Not Allowed</title></head><body>Not Allowed</body></html>";
pub const BLOCK_PAGE: &str = "<!doctype html><title>Web page blocked</title><h1>Access denied</h1><p>Your organisation's web filter blocked this page.</p>";

pub const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";

/// The real servers, each with its own words (protocol facts, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// python-socketio on ASGI.
    Python,
    /// python-socketio on WSGI threads without a WebSocket library.
    PythonWsgi,
    /// python-engineio 3: speaks Engine.IO 3 alone, and says so.
    PythonOld,
    /// python-socketio with `transports=["polling"]`.
    PythonPolling,
    /// Node's socket.io 4.
    Node,
    /// Node's socket.io 4 with `transports: ["websocket"]`.
    NodeWebsocket,
    /// python-socketio with `transports=["websocket"]`, as Open WebUI has it.
    PythonWebsocket,
    /// Node's socket.io 2, which answers EIO=4 in the old framing.
    NodeTwo,
    Engineioxide,
    Nothing,
}

/// How the server's Socket.IO layer takes a CONNECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joining {
    Accepts,
    Says(String),
    Never,
}

/// One request or WebSocket, as the server's side sees it.
#[derive(Clone, Debug)]
pub struct Ask {
    pub purpose: Option<Purpose>,
    pub socket: Option<SocketPurpose>,
    pub method: &'static str,
    pub path: String,
    pub eio: u8,
    pub transport: &'static str,
    pub sid: bool,
    pub mode: &'static str,
    pub credentials: &'static str,
    /// Cache mode where it is not `no-store`.
    pub cache: &'static str,
    /// The query of what is no engine's URL.
    pub query: String,
    pub cross: bool,
    pub at: u32,
    /// How many requests to the same socket path came before this one.
    pub nth: u32,
    /// Which conversation by long-polling of this run it belongs to; 0 for none.
    pub session: u8,
    /// Characters that it sends, as a body or as a large message.
    pub size: u32,
    /// Milliseconds that it is waited for, where that is not what all requests are.
    pub patience: Option<u32>,
}

impl Ask {
    pub fn under(&self, path: &str) -> bool {
        self.path.starts_with(path)
    }

    /// A WebSocket's opening handshake.
    pub fn is_upgrade(&self) -> bool {
        self.socket.is_some()
    }
}

/// What comes back to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    Says {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
        after: u32,
        /// The path of the page on the same origin that a redirect led to.
        redirected_to: Option<&'static str>,
    },
    /// A redirect to another origin.
    Elsewhere,
    Reject {
        after: u32,
    },
    Silence,
    /// A response whose body never ends.
    Endless,
}

pub fn says(status: u16, body: impl Into<String>) -> Reply {
    let body = body.into();
    let kind = if html::looks_like_html(&body) { "text/html" } else { "text/plain" };
    Reply::Says { status, headers: vec![("content-type", kind.to_owned())], body, after: 12, redirected_to: None }
}

pub fn reset() -> Reply {
    Reply::Reject { after: 6 }
}

impl Reply {
    pub fn header(mut self, name: &'static str, value: &str) -> Reply {
        if let Reply::Says { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }

    pub fn later(mut self, by: u32) -> Reply {
        if let Reply::Says { after, .. } | Reply::Reject { after } = &mut self {
            *after += by;
        }
        self
    }

    pub fn redirected_to(mut self, path: &'static str) -> Reply {
        if let Reply::Says { redirected_to, .. } = &mut self {
            *redirected_to = Some(path);
        }
        self
    }
}

pub type Life = Vec<SocketEvent>;

fn event(after: u32, what: Happening) -> SocketEvent {
    SocketEvent { after, what }
}

pub fn opened(after: u32) -> SocketEvent {
    event(after, Happening::Open { protocol: String::new(), extensions: String::new() })
}

pub fn frame(after: u32, text: &str) -> SocketEvent {
    event(after, Happening::Frame { text: text.to_owned(), length: text.len() as u32, binary: false })
}

pub fn sent(after: u32, text: &str) -> SocketEvent {
    event(after, Happening::Sent { text: text.to_owned(), length: 0 })
}

/// A message of so many characters, of which the start alone is kept.
pub fn sent_large(after: u32, length: u32) -> SocketEvent {
    event(after, Happening::Sent { text: "40/connection-doctor.none,{\"p\":\"xxx".to_owned(), length })
}

pub fn errored(after: u32) -> SocketEvent {
    event(after, Happening::Error)
}

pub fn closed(after: u32, code: u16, reason: &str) -> SocketEvent {
    event(after, Happening::Close { code, reason: reason.to_owned(), clean: !matches!(code, 1006 | 1015) })
}

pub fn deadline(after: u32, waiting_for: &str) -> SocketEvent {
    event(after, Happening::Deadline { waiting_for: waiting_for.to_owned() })
}

pub fn content(after: u32) -> SocketEvent {
    event(after, Happening::ClosedByProbe)
}

pub fn threw(name: &str) -> SocketEvent {
    event(0, Happening::Threw { name: name.to_owned(), message: "The operation is insecure.".to_owned() })
}

/// The handshake failed: the same two events whatever the reason.
pub fn refused() -> Life {
    vec![errored(14), closed(14, 1006, "")]
}

pub fn open_packet(upgrades: &str, old: bool) -> String {
    packet_with(25_000, upgrades, old)
}

fn packet_with(interval: u32, upgrades: &str, old: bool) -> String {
    let max = if old { "" } else { r#","maxPayload":1000000"# };
    format!(r#"0{{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[{upgrades}],"pingTimeout":20000,"pingInterval":{interval}{max}}}"#)
}

/// A quiet or a busy connection of a healthy server, held for so long: it pings at its interval, and is answered. `busy`: this is
/// sent every two seconds. Version 3: the client pings.
pub fn held(open: u32, first: u32, hold: u32, interval: u32, busy: Option<&str>, old: bool) -> Life {
    let end = first.saturating_add(hold);
    let mut life = vec![opened(open), frame(first, &packet_with(interval, "", old))];
    let every = |pace: u32, from: u32| (0..).map(move |n| from + n * pace).take_while(move |at| *at < end);
    if old {
        life.push(frame(first + 1, "40"));
        let pace = if busy.is_some() { 2_000 } else { interval.max(1_000) };
        life.extend(every(pace, first + 1).flat_map(|at| [sent(at, "2"), frame(at + 2, "3")]));
    } else {
        life.extend(every(interval, first + interval).flat_map(|at| [frame(at, "2"), sent(at, "3")]));
        life.extend(busy.into_iter().flat_map(|word| every(2_000, first).map(move |at| sent(at, word))));
    }
    life.sort_by_key(|e| e.after);
    life.push(content(end));
    life
}

/// What is cut at this age, in milliseconds since `open`.
pub fn cut_at_age(life: Life, age: u32) -> Life {
    cut_at(life, |life| life.iter().find(|e| matches!(e.what, Happening::Open { .. })).map_or(age, |e| e.after + age))
}

/// What is cut so long after its last frame, either way: the first silence of that length ends it.
pub fn cut_when_silent(life: Life, silence: u32) -> Life {
    cut_at(life, |life| {
        let mut last = life.first().map_or(0, |e| e.after);
        for event in life {
            if event.after.saturating_sub(last) > silence {
                break;
            }
            last = event.after;
        }
        last + silence
    })
}

fn cut_at(life: Life, when: impl Fn(&Life) -> u32) -> Life {
    let at = when(&life);
    if life.last().is_none_or(|e| e.after <= at) {
        return life;
    }
    let mut life: Life = life.into_iter().filter(|e| e.after <= at).collect();
    life.extend([errored(at), closed(at, 1006, "")]);
    life
}

/// An answer in the browser's HTTP cache.
pub struct Kept {
    pub path: &'static str,
    pub reply: Reply,
    /// Whether it is given without asking the server (RFC 9111 section 4.2).
    pub fresh: bool,
}

/// A service worker whose scope holds the chat's page, as it stands between that page and the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worker {
    /// Whether it answers for this page's own requests too.
    pub controls: bool,
    /// The chat's page that it keeps and gives; `None` where it asks the network.
    pub page: Option<&'static str>,
    /// Whether it gives its copy to navigations alone.
    pub navigations_alone: bool,
    /// Whether it takes a URL with another query for the same.
    pub ignores_query: bool,
    /// From this moment of the run on it asks the network: a newer worker has taken over.
    pub renewed_at: Option<u32>,
    /// A newer one is being set up all the time.
    pub installing: bool,
    /// Whether it keeps the scripts of this page too, and gives them where the network does not answer.
    pub keeps_own_files: bool,
}

impl Worker {
    fn is_old_at(&self, now: u32) -> bool {
        self.renewed_at.is_none_or(|at| now < at)
    }
}

/// How old the copies of a worker are, in seconds.
const VISIT: i32 = 3_600;

/// What the browser holds of the site, and what it says of itself.
pub struct Held {
    pub cookies: Cookies,
    pub storage: Storage,
    pub workers: Workers,
    pub worker: Option<Worker>,
    /// The chat's page may not be framed (`X-Frame-Options: DENY`).
    pub frames_forbidden: bool,
    /// What a frame of it says of its controller; `None` as of runs that did not ask.
    pub frame_controlled: Option<bool>,
    pub kept: Vec<Kept>,
    /// Scripts that the chat's page, which this program is a part of, has loaded.
    pub open_scripts: Vec<&'static str>,
    /// `navigator.permissions`: names and states.
    pub permissions: Vec<(&'static str, &'static str)>,
    /// What an extension writes into every page that is shown, frames too.
    pub injects: &'static str,
    /// The text in URLs that something in this browser blocks.
    pub filter: Option<&'static str>,
    /// A rule of the browser's own stands before the server: `EventSource` ends with `readyState` 2 and not 0.
    pub forbids_server: bool,
}

pub fn area(name: &str, how: &str) -> Area {
    Area { name: name.to_owned(), how: how.to_owned() }
}

impl Held {
    fn healthy(secure: bool) -> Held {
        let kinds = if secure { &["lax", "none", "partitioned"][..] } else { &["lax"] };
        let told = secure.then_some(12);
        Held {
            cookies: Cookies {
                trials: kinds.iter().map(|kind| Trial { kind: (*kind).to_owned(), kept: true }).collect(),
                storage_access: Some(secure),
                ..Cookies::default()
            },
            storage: Storage {
                areas: ["local-storage", "session-storage", "indexed-db"].map(|name| area(name, "works")).to_vec(),
                usage: told,
                quota: secure.then_some(9_000_000),
                in_caches: None,
                keys: Vec::new(),
            },
            workers: Workers::default(),
            worker: None,
            frames_forbidden: false,
            frame_controlled: Some(true),
            kept: Vec::new(),
            open_scripts: Vec::new(),
            permissions: vec![("local-network", "prompt"), ("loopback-network", "prompt")],
            injects: "",
            filter: None,
            forbids_server: false,
        }
    }

    /// Of each kind whether it is kept.
    pub fn trials(&mut self, kept: &[(&str, bool)]) {
        self.cookies.trials = kept.iter().map(|(kind, kept)| Trial { kind: (*kind).to_owned(), kept: *kept }).collect();
    }
}

/// One request for a stream.
#[derive(Clone, Copy, Debug)]
pub struct StreamAsk {
    pub event_source: bool,
    /// How long the documented handler is asked to go on; 0 for as long as it likes.
    pub seconds: u32,
    pub round: u8,
    pub at: u32,
}

/// What came together: (when, events, when the first and the last of them were sent).
pub type Came = (u32, u32, Option<(u32, u32)>);

/// A stream of these arrivals, which ends so.
pub fn stream(arrivals: &[Came], ended_after: u32, end: StreamEnd) -> Stream {
    let arrivals: Vec<Arrival> = arrivals.iter().map(|&(after, events, sent)| Arrival { after, bytes: 50 * events, events, sent }).collect();
    Stream {
        by: "fetch".to_owned(),
        status: 200,
        headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
        responded_after: Some(6),
        events: arrivals.iter().map(|a| a.events).sum(),
        bytes: arrivals.iter().map(|a| a.bytes).sum(),
        ours: arrivals.iter().any(|a| a.sent.is_some()),
        arrivals,
        ended_after,
        end,
        ..Stream::default()
    }
}

/// The documented handler's stream as it is sent: ten events, one each 200 ms, or one a second for so long.
pub fn documented_stream(ask: &StreamAsk, line: u32) -> Stream {
    let (pace, events) = if ask.seconds > 0 { (1_000, ask.seconds) } else { (200, 10) };
    let mut arrivals: Vec<_> = (1..events).map(|n| (n * pace + line, 1, Some((n * pace, n * pace)))).collect();
    let last = events * pace;
    arrivals.push((last + line, 2, Some((last, last))));
    stream(&arrivals, last + line + 1, StreamEnd::Whole { told: true })
}

/// How the operator's echo handler stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// There is none.
    Missing,
    /// Two sessions at two instances, and the broadcast comes to both.
    Across,
    /// To the sender's instance alone.
    Apart,
    /// To nobody.
    Nowhere,
    /// Six sessions, all at one instance.
    OneInstance,
    /// An older handler: it does not tell its instance.
    Unnamed,
    /// The CONNECT is not answered.
    Unjoined,
    /// The second socket is refused.
    Refused,
}

impl Echo {
    fn delivery(self, path: &str, started: u32) -> Delivery {
        let session = |state: &str, instance, heard_after| EchoSession { state: state.to_owned(), instance, heard_after };
        let two = |first, second| vec![session("ready", 1, first), session("ready", 2, second)];
        let (sessions, waited) = match self {
            Echo::Missing => (vec![session("unanswered", 0, None)], 0),
            Echo::Across => (two(Some(3), Some(6)), 8),
            Echo::Apart => (two(Some(3), None), 3_001),
            Echo::Nowhere => (two(None, None), 3_002),
            Echo::OneInstance => ((0..6).map(|_| session("ready", 1, None)).collect(), 0),
            Echo::Unnamed => ((0..6).map(|_| session("ready", 0, None)).collect(), 0),
            Echo::Unjoined => (vec![session("unjoined", 0, None)], 0),
            Echo::Refused => (vec![session("ready", 1, None), session("refused", 0, None)], 0),
        };
        Delivery { path: path.to_owned(), started, sessions, waited }
    }
}

/// So many sockets at one time on a server that has room for all: a browser opens them one after the other.
pub fn wide_rung(sockets: u32) -> Rung {
    Rung { sockets, opened: (1..=sockets).map(|n| n * 13).collect(), status: 400, answered_after: 6, ..Rung::default() }
}

/// An answer of gRPC-web: its status and its serving state.
pub fn grpc_says(status: u16, serving: Option<u8>) -> Reply {
    let mut bytes = Vec::new();
    if let Some(serving) = serving {
        bytes.extend([0, 0, 0, 0, 2, 8, serving]);
    }
    let trailers = format!("grpc-status:{status}\r\n");
    bytes.extend([0x80, 0, 0, 0, trailers.len() as u8]);
    bytes.extend(trailers.bytes());
    grpc_bytes(&bytes)
}

/// Any bytes that say of themselves that they are gRPC-web's. A body here is a text: each byte is a character of its own.
pub fn grpc_bytes(bytes: &[u8]) -> Reply {
    let headers = vec![("content-type", "application/grpc-web+proto".to_owned())];
    Reply::Says { status: 200, headers, body: bytes.iter().map(|b| char::from(*b)).collect(), after: 9, redirected_to: None }
}

type StreamOf = Box<dyn Fn(&StreamAsk) -> Stream>;
type RungOf = Box<dyn Fn(u32) -> Rung>;
type TripsOf = Box<dyn Fn(&str) -> Vec<u32>>;
type HttpFault = Box<dyn Fn(&Ask, Reply) -> Reply>;
type ClockOf = Box<dyn Fn(&Ask) -> Option<i32>>;
type SocketFault = Box<dyn Fn(&Ask, Life) -> Life>;

/// A page, a browser, a way, and a server.
pub struct World {
    pub profile: Profile,
    pub environment: Environment,
    pub server: Server,
    /// Where the engine is mounted.
    pub mount: &'static str,
    pub joining: Joining,
    /// The engine's list of origins has this page's.
    pub accepts_origin: bool,
    /// A server of another origin sends CORS headers for this page.
    pub allows_origin: bool,
    pub next_hop_protocol: &'static str,
    /// Bodies of answers to long-polling are shorter than announced.
    pub polling_breaks_off: bool,
    /// Milliseconds that each round trip takes longer than on loopback.
    pub round_trip: u32,
    pub held: Held,
    /// Seconds by which the clock that stamps an answer is ahead of this device's; `None` for an answer without a stamp.
    clock: ClockOf,
    http_faults: Vec<HttpFault>,
    socket_faults: Vec<SocketFault>,
    /// What the browser says by itself, and when.
    pub incidents: Vec<(u32, Fact)>,
    pub echo: Echo,
    pub stream: StreamOf,
    pub rung: RungOf,
    /// Samples of round trips over `http` and on a `socket`, in microseconds.
    pub trips: TripsOf,
    /// The server's own ping interval, in milliseconds.
    pub ping_interval: u32,
    /// After so many milliseconds the person stops a run that has no end of its own.
    pub watched_for: u32,
    /// In a box: a test builds hundreds of worlds in one function.
    pub calls: Box<calls::Calls>,
    /// Whether the browser has the cookie that the chat's client sets.
    pub client_cookie: Rc<Cell<bool>>,
    asked: Cell<u32>,
    conversations: Cell<u8>,
    /// Where lists of STUN and TURN servers came from so far, in their order.
    ice_order: RefCell<Vec<&'static str>>,
}

/// The profile of a page at `/diagnostics/` whose file holds this.
pub fn profile(json: &str) -> Profile {
    let page = Page { origin: ORIGIN.to_owned(), path: "/diagnostics/".to_owned(), embedded: false };
    // What a click alone may choose stands in no file.
    let source = if json.contains("\"devices\"") { Source::Call } else { Source::File };
    Profile::parse(&page, &[Layer { source, json: json.to_owned() }]).unwrap()
}

impl World {
    /// A healthy world of this server and these settings.
    pub fn of(server: Server, json: &str) -> World {
        World {
            profile: profile(json),
            environment: Environment {
                secure_context: true,
                online: true,
                scheme: "https:".to_owned(),
                next_hop_protocol: "http/1.1".to_owned(),
                user_agent: CHROME.to_owned(),
                ..Environment::default()
            },
            server,
            mount: SOCKET,
            joining: Joining::Accepts,
            accepts_origin: true,
            polling_breaks_off: false,
            allows_origin: true,
            next_hop_protocol: "http/1.1",
            round_trip: 0,
            held: Held::healthy(true),
            clock: Box::new(|_| Some(0)),
            http_faults: Vec::new(),
            socket_faults: Vec::new(),
            incidents: Vec::new(),
            echo: Echo::Across,
            stream: Box::new(|ask| documented_stream(ask, 8)),
            rung: Box::new(wide_rung),
            trips: Box::new(|of| vec![if of == "http" { 3_400 } else { 900 }; if of == "http" { 10 } else { 20 }]),
            ping_interval: 25_000,
            watched_for: 600_000,
            calls: Box::new(calls::Calls::healthy()),
            client_cookie: Rc::default(),
            asked: Cell::new(0),
            conversations: Cell::new(0),
            ice_order: RefCell::default(),
        }
    }

    /// The usual one: the socket path is configured, and all is on one origin.
    pub fn plain(server: Server) -> World {
        World::of(server, r#"{"socket-path":"/socket.io/"}"#)
    }

    pub fn with(mut self, change: impl FnOnce(&mut World)) -> World {
        change(&mut self);
        self
    }

    /// Bends what the browser holds.
    pub fn holds(mut self, change: impl FnOnce(&mut Held)) -> World {
        change(&mut self.held);
        self
    }

    /// A page without protection: no secure context, and what browsers switch off with it.
    pub fn insecure(mut self) -> World {
        self.environment.secure_context = false;
        self.environment.scheme = "http:".to_owned();
        self.held = Held::healthy(false);
        self
    }

    /// A service worker of scope `/`, which is told of as a browser would.
    pub fn worker(mut self, worker: Worker, waiting: bool) -> World {
        use connection_doctor::evidence::{Registration, StoredCopy};
        let registration =
            Registration { scope: "/".to_owned(), script: "/sw.js".to_owned(), controls: worker.controls, waiting, installing: worker.installing };
        self.held.workers.registrations = vec![registration];
        if worker.page.is_some() {
            let assets = worker.page.map(|page| html::outline(page).assets).unwrap_or_default();
            self.held.workers.caches.push(StoredCopy { name: "chat-1".to_owned(), holds_page: true, assets });
        }
        self.held.workers.caches.push(StoredCopy { name: "of-somebody-else".to_owned(), ..StoredCopy::default() });
        self.environment.service_worker = worker.controls;
        self.held.worker = Some(worker);
        self
    }

    /// The server's clock.
    pub fn clock(mut self, clock: impl Fn(&Ask) -> Option<i32> + 'static) -> World {
        self.clock = Box::new(clock);
        self
    }

    /// The browser keeps this answer.
    pub fn keeps(mut self, path: &'static str, reply: Reply, fresh: bool) -> World {
        self.held.kept.push(Kept { path, reply, fresh });
        self
    }

    /// Bends what comes back to a request.
    pub fn http(mut self, fault: impl Fn(&Ask, Reply) -> Reply + 'static) -> World {
        self.http_faults.push(Box::new(fault));
        self
    }

    /// Bends a WebSocket's life.
    pub fn sockets(mut self, fault: impl Fn(&Ask, Life) -> Life + 'static) -> World {
        self.socket_faults.push(Box::new(fault));
        self
    }

    /// A path's requests are answered so, and its WebSockets refused.
    pub fn path_answers(self, path: &'static str, reply: Reply) -> World {
        self.http(move |ask, usual| if ask.under(path) { reply.clone() } else { usual })
            .sockets(move |ask, usual| if ask.under(path) { refused() } else { usual })
    }

    /// A path that is not the engine's is answered so.
    pub fn page(self, path: &'static str, reply: Reply) -> World {
        self.http(move |ask, usual| if ask.path == path && ask.purpose != Some(Purpose::OwnFile) { reply.clone() } else { usual })
    }

    /// Bends what the page's calls meet.
    pub fn calling(mut self, change: impl FnOnce(&mut calls::Calls)) -> World {
        change(&mut self.calls);
        self
    }

    pub fn incident(mut self, at: u32, fact: Fact) -> World {
        self.incidents.push((at, fact));
        self
    }

    fn site(&self, ask: &Ask) -> Reply {
        if ask.purpose == Some(Purpose::Grpc) {
            return grpc_says(0, Some(1));
        }
        let file = matches!(
            ask.purpose,
            Some(
                Purpose::OwnFile
                    | Purpose::Gate
                    | Purpose::Script
                    | Purpose::ScriptKept
                    | Purpose::ScriptNow
                    | Purpose::OpenScript
                    | Purpose::ClientScript
                    | Purpose::Worded
                    | Purpose::WordedEncoded
            )
        );
        match ask.path.as_str() {
            "/" => says(200, CHAT_PAGE),
            path if path.ends_with(".js") && file => {
                let headers = vec![("content-type", "text/javascript".to_owned())];
                Reply::Says { status: 200, headers, body: "export const version = 1;".to_owned(), after: 12, redirected_to: None }
            }
            path if Some(path) == self.profile.help_path.as_deref() => {
                // The cookie that the first answer set comes back with the second request, where the browser keeps any.
                let back = ask.purpose == Some(Purpose::HelpAgain) && self.held.cookies.trials.iter().any(|t| t.kept);
                let list = if back { r#"{"name":"connection-doctor-check","size":1}"# } else { "" };
                says(200, format!(r#"{{"connection-doctor":1,"cookies":[{list}]}}"#))
            }
            _ => says(404, "Not Found"),
        }
    }

    /// What is between the page and the network: a worker's copy or the browser's own, and how many seconds old it is.
    fn copy(&self, ask: &Ask) -> Option<(Reply, i32)> {
        if ask.cross != self.profile.is_cross_origin() {
            return None;
        }
        let is_page = ask.path == self.profile.chat_page && ask.purpose != Some(Purpose::OwnFile);
        let by_worker =
            self.held.worker.filter(|w| w.is_old_at(ask.at) && is_page && w.controls && !w.navigations_alone && (ask.query.is_empty() || w.ignores_query));
        if let Some(page) = by_worker.and_then(|w| w.page) {
            return Some((says(200, page), VISIT));
        }
        if ask.purpose == Some(Purpose::OwnFile) && self.held.worker.is_some_and(|w| w.controls && w.keeps_own_files) {
            return Some((self.site(ask), VISIT));
        }
        let kept = self.held.kept.iter().find(|k| k.path == ask.path && ask.query.is_empty())?;
        match ask.cache {
            "only-if-cached" => Some((kept.reply.clone(), VISIT)),
            "default" if kept.fresh => Some((kept.reply.clone(), VISIT)),
            _ => None,
        }
    }

    /// What the engine says to a plain request.
    fn engine(&self, ask: &Ask) -> Reply {
        use Server::{Engineioxide, Node, NodeTwo, NodeWebsocket, Nothing, Python, PythonOld, PythonPolling, PythonWebsocket, PythonWsgi};
        let python = |text: &str| says(400, format!("\"{text}\""));
        let open_packet = |upgrades: &str, old: bool| packet_with(self.ping_interval, upgrades, old);
        // The server of version 4 ends a hanging GET with its ping; that of version 3 says nothing.
        if ask.purpose == Some(Purpose::LongPoll) {
            return match self.server {
                PythonOld | NodeTwo => Reply::Silence,
                _ => says(200, "2").later(self.ping_interval),
            };
        }
        if ask.purpose == Some(Purpose::Poll) {
            return says(200, if matches!(self.server, PythonOld | NodeTwo) { "1:6" } else { "6" });
        }
        let unsupported = "The client is using an unsupported version of the Socket.IO or Engine.IO protocols";
        let polling = ask.transport == "polling";
        let post = ask.method == "POST";
        let old_open = |offers: &str| {
            let packet = open_packet(offers, true);
            says(200, format!("{}:{packet}2:40", packet.len()))
        };
        let offers = r#""websocket""#;
        match self.server {
            Nothing => self.site(ask),
            Python | PythonWsgi | PythonPolling | PythonWebsocket | PythonOld => {
                // A GET to the page's own origin carries no Origin.
                if !self.accepts_origin && (post || ask.cross) {
                    return match self.server {
                        PythonWsgi => python("Not an accepted origin."),
                        _ => python(&format!("{ORIGIN} is not an accepted origin.")),
                    };
                }
                let transport_off = polling && self.server == PythonWebsocket || !polling && self.server == PythonPolling;
                let version = if self.server == PythonOld { 3 } else { 4 };
                if transport_off {
                    python("Invalid transport")
                } else if ask.sid {
                    if post { says(200, "OK") } else { says(200, "6") }
                } else if post {
                    python("Invalid session None")
                } else if ask.eio != version {
                    python(unsupported)
                } else if !polling {
                    python("Invalid websocket upgrade")
                } else {
                    match self.server {
                        PythonOld => old_open(offers),
                        PythonWsgi | PythonPolling => says(200, open_packet("", false)),
                        _ => says(200, open_packet(offers, false)),
                    }
                }
            }
            Node | NodeWebsocket => {
                if polling && self.server == NodeWebsocket {
                    says(400, r#"{"code":0,"message":"Transport unknown"}"#)
                } else if ask.sid {
                    says(200, "ok")
                } else if post {
                    says(400, r#"{"code":2,"message":"Bad handshake method"}"#)
                } else if ask.eio != 4 {
                    says(400, r#"{"code":5,"message":"Unsupported protocol version"}"#)
                } else if !polling {
                    says(400, r#"{"code":3,"message":"Bad request"}"#)
                } else {
                    says(200, open_packet(offers, false))
                }
            }
            NodeTwo => {
                if ask.sid {
                    says(200, "ok")
                } else if post {
                    says(400, r#"{"code":2,"message":"Bad handshake method"}"#)
                } else if !polling {
                    says(400, r#"{"code":3,"message":"Bad request"}"#)
                } else {
                    old_open(offers)
                }
            }
            Engineioxide => {
                if ask.sid {
                    says(200, "ok")
                } else if post {
                    says(400, r#"{"code":"2","message":"Bad handshake method"}"#)
                } else if ask.eio != 4 {
                    says(400, r#"{"code":"5","message":"Unsupported protocol version"}"#)
                } else if !polling {
                    says(400, "")
                } else {
                    says(200, open_packet(offers, false))
                }
            }
        }
    }

    /// How a WebSocket of this server lives.
    fn engine_life(&self, ask: &Ask) -> Life {
        let limits = Limits::of(self.profile.depth);
        let rt = self.round_trip;
        let (open, first) = (9 + rt, 12 + rt);
        // Without an end of its own it lives on until the person stops the run.
        let hold = self.left(ask.at + first, limits.hold).unwrap_or(0).min(self.watched_for);
        match ask.socket {
            Some(SocketPurpose::Call | SocketPurpose::CallV1) => return self.calls.livekit.life(self.profile.livekit_token.is_some(), rt),
            Some(SocketPurpose::Raw) => return vec![opened(open), content(open + limits.stay)],
            Some(SocketPurpose::RawQuiet) => return vec![opened(open), content(open + hold)],
            _ => {}
        }
        let speaks = match self.server {
            Server::Nothing | Server::PythonWsgi | Server::PythonPolling => false,
            Server::PythonOld => ask.eio == 3,
            Server::NodeTwo => true,
            _ => ask.eio == 4 && (self.accepts_origin || !matches!(self.server, Server::Python)),
        };
        if !ask.path.starts_with(self.mount) || !speaks {
            return refused();
        }
        let old = matches!(self.server, Server::NodeTwo | Server::PythonOld);
        let mut life = vec![opened(open)];
        if ask.socket == Some(SocketPurpose::Upgrade) {
            life.extend([sent(open, "2probe"), frame(open + 3 + rt, "3probe"), content(open + 4 + rt)]);
            return life;
        }
        match ask.socket {
            Some(SocketPurpose::Heartbeat) => return held(open, first, hold, self.ping_interval, None, old),
            Some(SocketPurpose::Busy) => return held(open, first, hold, self.ping_interval, Some("6"), old),
            _ => {}
        }
        life.push(frame(first, &packet_with(self.ping_interval, "", old)));
        if old {
            life.push(frame(first + 1, "40"));
        }
        let nowhere = r#"44/connection-doctor.none,{"message":"Invalid namespace"}"#;
        match ask.socket {
            Some(SocketPurpose::Again) => life.push(content(first)),
            Some(SocketPurpose::Large) => life.extend([
                sent(first, &socket_io::unknown_namespace_ping(0)),
                frame(first + 1 + rt, nowhere),
                sent_large(first + 1 + rt, ask.size),
                frame(first + 9 + 2 * rt, nowhere),
                content(first + 9 + 2 * rt),
            ]),
            Some(SocketPurpose::Connect) => {
                let namespace = self.profile.namespace.as_deref().unwrap_or("/");
                let spot = if namespace == "/" { String::new() } else { format!("{namespace},") };
                life.push(sent(first + 1, &socket_io::connect(namespace, "")));
                match &self.joining {
                    Joining::Accepts => life.extend([frame(first + 4 + rt, &format!("40{spot}{{\"sid\":\"q8RzPo1\"}}")), content(first + 5 + rt)]),
                    Joining::Says(payload) => life.extend([frame(first + 4 + rt, &format!("44{spot}{payload}")), content(first + 5 + rt)]),
                    Joining::Never => life.push(deadline(first + 1 + limits.packet, "connect answer")),
                }
            }
            Some(SocketPurpose::HelloAgain) => life.push(content(first + limits.stay_again)),
            _ => life.push(content(first + limits.stay)),
        }
        life
    }

    /// What comes back, and how old it is where it is a copy.
    fn reply(&self, mut ask: Ask) -> (Ask, Reply, Option<i32>) {
        if let Some((reply, age)) = self.copy(&ask) {
            return (ask, reply, Some(age));
        }
        if ask.cache == "only-if-cached" {
            return (ask, reset(), None);
        }
        if ask.under(self.mount) {
            ask.nth = self.asked.get();
            self.asked.set(ask.nth + 1);
        }
        let usual = match ask.purpose {
            Some(Purpose::CallServer | Purpose::CallServerNoCors | Purpose::CallValidate | Purpose::CallToken | Purpose::CallVersion) => {
                self.calls.livekit.says(ask.purpose)
            }
            _ if ask.under(self.mount) => self.engine(&ask),
            _ => self.site(&ask),
        };
        let usual = usual.later(self.round_trip);
        let bent = self.http_faults.iter().fold(usual, |reply, fault| fault(&ask, reply));
        (ask, bent, None)
    }

    fn filters(&self, url: &str) -> bool {
        self.held.filter.is_some_and(|text| url.contains(text))
    }

    /// What is left of a limit until the end of the run; too little is nothing.
    fn left(&self, now: u32, limit: u32) -> Option<u32> {
        let left = self.ends_at().map_or(u32::MAX, |end| end.saturating_sub(now));
        (left >= 100).then_some(limit.min(left))
    }

    fn ends_at(&self) -> Option<u32> {
        self.profile.time_limit().map(|limit| limit - 150)
    }

    /// One fetch: its fact, and when it ended. `None` where the end of the run cuts it short.
    fn fetch(&self, ask: Ask) -> Option<(u32, Exchange)> {
        self.fetch_as(ask, None)
    }

    /// The same with another answer than the server's.
    fn fetch_as(&self, ask: Ask, other: Option<Reply>) -> Option<(u32, Exchange)> {
        let whole = ask.patience.unwrap_or(Limits::of(self.profile.depth).request);
        let limit = self.left(ask.at, whole)?;
        let (ask, reply, copied) = match other {
            Some(reply) => (ask, reply, None),
            None => self.reply(ask),
        };
        let of_call =
            matches!(ask.purpose, Some(Purpose::CallServer | Purpose::CallServerNoCors | Purpose::CallValidate | Purpose::CallToken | Purpose::CallVersion));
        let origin = match ask.purpose {
            Some(Purpose::RelayTls) => "https://".to_owned(),
            _ if of_call => self.call_origin(),
            _ if ask.cross => self.profile.server.clone(),
            _ => ORIGIN.to_owned(),
        };
        let query = if ask.eio > 0 {
            format!("?EIO={}&transport={}{}&t=k2", ask.eio, ask.transport, if ask.sid { "&sid=lv_VI97HAXpY6yYWAAAC" } else { "" })
        } else if ask.query.is_empty() {
            String::new()
        } else {
            format!("?{}", ask.query)
        };
        let url = format!("{origin}{}{query}", ask.path);
        let reply = if self.filters(&url) { Reply::Reject { after: 1 } } else { reply };
        let rejected = |after: u32| (Outcome::Rejected { name: "TypeError".to_owned(), message: "Failed to fetch".to_owned() }, None, after);
        let opaque = |kind: &str| Outcome::Response(Response { response_type: kind.to_owned(), body_complete: true, ..Response::default() });
        let raw = ask.purpose == Some(Purpose::Companion) && ask.transport == "raw" && ask.credentials != "omit";
        let manual = raw || matches!(ask.purpose, Some(Purpose::RedirectControl | Purpose::OwnFile)) && ask.transport != "follow";
        let after_all = |reply: Reply| match reply {
            Reply::Reject { after } => rejected(after),
            Reply::Silence => (Outcome::TimedOut { responded: false }, None, limit),
            Reply::Endless => (Outcome::TimedOut { responded: true }, Some(12), limit),
            Reply::Elsewhere | Reply::Says { redirected_to: Some(_), .. } if manual => (opaque("opaqueredirect"), Some(9), 9),
            Reply::Elsewhere if ask.mode == "no-cors" => (opaque("opaque"), Some(20), 20),
            Reply::Elsewhere => rejected(18),
            Reply::Says { after, .. } if after > limit => (Outcome::TimedOut { responded: false }, None, limit),
            Reply::Says { after, .. } if ask.mode == "no-cors" => (opaque("opaque"), Some(after), after),
            // LiveKit lets every origin read.
            Reply::Says { after, .. } if ask.cross && !self.allows_origin && !of_call => rejected(after),
            Reply::Says { status, headers, body, after, redirected_to } => {
                // No engine gives a session id twice.
                let body = body.replace("lv_VI97HAXpY6yYWAAAC", &format!("lv_VI97HAXpY6yYWA{:03}", ask.session));
                let kind = headers.iter().find(|(n, _)| *n == "content-type").map_or("", |(_, v)| v.as_str());
                let trailer = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
                let bytes: Vec<u8> = body.chars().map(|c| c as u8).collect();
                let grpc = grpc_web::is_grpc_web(kind).then(|| grpc_web::read(kind, trailer("grpc-status"), trailer("grpc-message"), &bytes));
                let response = Response {
                    grpc,
                    response_type: if ask.cross { "cors" } else { "basic" }.to_owned(),
                    status,
                    redirected: redirected_to.is_some(),
                    final_url: redirected_to.map_or_else(|| url.clone(), |path| format!("{origin}{path}")),
                    same_origin_as_asked: true,
                    headers: headers.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(),
                    body_bytes: body.len() as u32,
                    body_complete: true,
                    broken_off: self.polling_breaks_off && ask.transport == "polling",
                    client: Some(client_options::read(&body)).filter(|told| !told.is_empty()),
                    html: html::looks_like_html(&body).then(|| html::outline(&body)),
                    digest: digest(body.as_bytes()),
                    excerpt: body,
                    // `Date` is not exposed to other origins, and the stamp of an answer from a cache says nothing.
                    clock_offset: if ask.cross || !ask.cache.is_empty() { None } else { (self.clock)(&ask).map(|ahead| ahead - copied.unwrap_or(0)) },
                };
                (Outcome::Response(response), Some(after), after + 2)
            }
        };
        let (outcome, responded_after, ended_after) = after_all(reply);
        if matches!(outcome, Outcome::TimedOut { responded: false }) && limit < whole / 2 {
            return None;
        }
        let told = if matches!(outcome, Outcome::Response(_)) && copied.is_none() { self.next_hop_protocol } else { "" };
        let exchange = Exchange {
            purpose: ask.purpose.unwrap(),
            method: ask.method.to_owned(),
            url,
            path: ask.path,
            eio: ask.eio,
            session: ask.session,
            sent: ask.size,
            mode: ask.mode.to_owned(),
            credentials: ask.credentials.to_owned(),
            cache: ask.cache.to_owned(),
            cross_origin: ask.cross,
            started: ask.at,
            responded_after,
            ended_after,
            next_hop_protocol: told.to_owned(),
            never_sent: false,
            outcome,
        };
        Some((ask.at + ended_after, exchange))
    }

    /// A life within the time of the run: a wait that its end cuts short is not one for the thing itself.
    fn in_time(&self, mut life: Life, at: u32) -> Life {
        let Some(end) = self.ends_at().map(|end| end.saturating_sub(at)) else { return life };
        let Some(first_late) = life.iter().position(|e| e.after > end) else { return life };
        let before = first_late.checked_sub(1).map_or(0, |i| life[i].after);
        let late = life[first_late].clone();
        life.truncate(first_late);
        let what = match late.what {
            Happening::Deadline { waiting_for } if end - before >= (late.after - before) / 2 => Happening::Deadline { waiting_for },
            Happening::ClosedByProbe => Happening::ClosedByProbe,
            _ => Happening::Deadline { waiting_for: "the end of the run".to_owned() },
        };
        life.push(event(end, what));
        life
    }

    /// One WebSocket: its fact, and when it ended.
    fn socket(&self, purpose: SocketPurpose, path: &str, eio: u8, at: u32) -> Option<(u32, SocketLife)> {
        self.socket_of(purpose, path, eio, at, 0, 0)
    }

    /// The same of this conversation, or with a message of so many characters.
    fn socket_of(&self, purpose: SocketPurpose, path: &str, eio: u8, at: u32, session: u8, size: u32) -> Option<(u32, SocketLife)> {
        self.left(at, 10_000)?;
        let raw = matches!(purpose, SocketPurpose::Raw | SocketPurpose::RawQuiet);
        let of_call = matches!(purpose, SocketPurpose::Call | SocketPurpose::CallV1);
        let cross = if of_call { self.call_origin() != ORIGIN } else { self.profile.is_cross_origin() };
        let mut ask = Ask {
            purpose: None,
            socket: Some(purpose),
            method: "GET",
            path: path.to_owned(),
            eio,
            transport: "websocket",
            sid: purpose == SocketPurpose::Upgrade,
            mode: "websocket",
            credentials: "include",
            cache: "",
            query: String::new(),
            cross,
            at,
            nth: 0,
            session,
            size,
            patience: None,
        };
        if ask.under(self.mount) {
            ask.nth = self.asked.get();
            self.asked.set(ask.nth + 1);
        }
        let usual = if self.filters(path) { refused() } else { self.engine_life(&ask) };
        let mut events = self.in_time(self.socket_faults.iter().fold(usual, |life, fault| fault(&ask, life)), at);
        let is_frame = |e: &SocketEvent| matches!(e.what, Happening::Frame { .. });
        let last_frame = events.iter().rfind(|e| is_frame(e)).map_or(0, |e| e.after);
        let mut frames = 0_u32;
        // Of many frames the first are written down.
        events.retain(|e| {
            frames += u32::from(is_frame(e));
            !is_frame(e) || frames <= 24
        });
        let url = if of_call {
            format!("{}{path}?access_token=x", self.call_origin().replacen("http", "ws", 1))
        } else if raw {
            self.profile.ws_url.clone().unwrap_or_default()
        } else {
            format!("{}{path}?EIO={eio}&transport=websocket", self.profile.socket_origin())
        };
        let life = SocketLife {
            purpose,
            url,
            path: path.to_owned(),
            eio,
            cross_origin: cross,
            started: at,
            events,
            frames,
            received: u64::from(frames) * 90,
            last_frame,
            session,
        };
        Some((at + life.lasted(), life))
    }

    fn ask(&self, purpose: Purpose, method: &'static str, path: &str, at: u32) -> Ask {
        let own = matches!(purpose, Purpose::OwnFile | Purpose::Gate | Purpose::Worded | Purpose::WordedEncoded);
        Ask {
            purpose: Some(purpose),
            socket: None,
            method,
            path: path.to_owned(),
            eio: 0,
            transport: "",
            sid: false,
            mode: if matches!(purpose, Purpose::ServerNoCors | Purpose::CallServerNoCors | Purpose::RelayTls) { "no-cors" } else { "cors" },
            credentials: if own { "same-origin" } else { "omit" },
            cache: "",
            query: String::new(),
            cross: !own && self.profile.is_cross_origin(),
            at,
            nth: 0,
            session: 0,
            size: 0,
            patience: None,
        }
    }

    /// What the runner records of this step when it begins now: facts in order, each with its time.
    pub fn perform(&self, step: &Step, now: u32) -> Vec<(u32, Fact)> {
        let mut facts = Vec::new();
        if self.take(step, now, &mut facts).is_none() {
            let at = facts.last().map_or(now, |(at, _)| *at);
            facts.push((at, Fact::StepEnded { step: step.name(), end: End::Skipped { why: "the time is used up".to_owned() } }));
        }
        facts
    }

    fn take(&self, step: &Step, now: u32, facts: &mut Vec<(u32, Fact)>) -> Option<()> {
        let limits = Limits::of(self.profile.depth);
        let plain = |purpose, path: &str| self.fetch(self.ask(purpose, "GET", path, now));
        let engine = |purpose, method, path: &str, eio, transport, sid, credentials, at| {
            let session = match purpose {
                Purpose::Handshake => {
                    self.conversations.set(self.conversations.get() + 1);
                    self.conversations.get()
                }
                _ if sid => self.conversations.get(),
                _ => 0,
            };
            let size = u32::from(matches!(purpose, Purpose::FollowUp | Purpose::CloseSession) && method == "POST");
            self.fetch(Ask { eio, transport, sid, credentials, session, size, ..self.ask(purpose, method, path, at) })
        };
        let mut exchange = |(at, exchange): (u32, Exchange)| {
            let answer = exchange.engine();
            facts.push((at, Fact::Exchange(exchange)));
            (at, answer)
        };
        let raw_path = || {
            let url = self.profile.ws_url.clone().unwrap_or_default();
            url.splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |p| format!("/{}", p.split('?').next().unwrap()))
        };
        let (life_of, path, eio) = match step {
            Step::Patience => return Some(()),
            Step::Cookies => {
                facts.push((now + 2, Fact::Cookies(self.held.cookies.clone())));
                return Some(());
            }
            Step::ClientCookie { .. } => {
                self.client_cookie.set(true);
                facts.push((now + 1, Fact::StepEnded { step: step.name(), end: End::Completed }));
                return Some(());
            }
            Step::Storage => {
                facts.push((now + 5, Fact::Storage(self.held.storage.clone())));
                return Some(());
            }
            Step::Workers { round: 1.. } => {
                // The browser looks for a newer worker, and one that renews itself has taken over after it.
                facts.push((now + 2_000, Fact::Workers(self.held.workers.clone())));
                return Some(());
            }
            Step::Workers { .. } => {
                facts.push((now + 4, Fact::Workers(self.held.workers.clone())));
                return Some(());
            }
            Step::Permission => {
                let of = |(name, state): &(&str, &str)| (now + 1, Fact::Permission { name: (*name).to_owned(), state: (*state).to_owned() });
                facts.extend(self.held.permissions.iter().map(of));
                return Some(());
            }
            Step::Shell { past_worker, round: 0, .. } => return self.shell(*past_worker, now, facts),
            Step::Shell { path, past_worker, .. } => {
                let ask = |purpose, cache, at| Ask { credentials: "same-origin", cache, ..self.ask(purpose, "GET", path, at) };
                if !past_worker {
                    exchange(self.fetch(ask(Purpose::ShellNow, "", now))?);
                    return Some(());
                }
                let (at, _) = exchange(self.fetch(ask(Purpose::Shell, "default", now))?);
                exchange(self.fetch(Ask { query: "connection-doctor=k3".to_owned(), ..ask(Purpose::ShellPastWorker, "", at) })?);
                return Some(());
            }
            Step::Navigation { .. } => return self.navigation(now, facts),
            Step::Help { path } => {
                let with = |purpose, at| self.fetch(Ask { credentials: "same-origin", ..self.ask(purpose, "GET", path, at) });
                let (at, _) = exchange(with(Purpose::Help, now)?);
                exchange(with(Purpose::HelpAgain, at)?);
                return Some(());
            }
            Step::Filter { path } => {
                let own_file = format!("{}connection-doctor.js", self.profile.page_folder);
                let with = |purpose, word: &str, at| {
                    self.fetch(Ask { transport: "follow", query: format!("connection-doctor={word}"), ..self.ask(purpose, "GET", &own_file, at) })
                };
                let (at, _) = exchange(with(Purpose::Worded, path, now)?);
                exchange(with(Purpose::WordedEncoded, &path.replace('/', "%2F"), at)?);
                return Some(());
            }
            Step::Credentialed { path, eio } => {
                return engine(Purpose::Credentialed, "GET", path, *eio, "websocket", false, "include", now).map(|x| drop(exchange(x)));
            }
            Step::Preflighted { path, eio, include } => {
                let credentials = if *include { "include" } else { "same-origin" };
                return engine(Purpose::Preflighted, "GET", path, *eio, "websocket", false, credentials, now).map(|x| drop(exchange(x)));
            }
            Step::ServerKept { path, include } => {
                let credentials = if *include { "include" } else { "omit" };
                return self.fetch(Ask { cache: "default", credentials, ..self.ask(Purpose::ServerKept, "GET", path, now) }).map(|x| drop(exchange(x)));
            }
            Step::ServerPast { path } => {
                return self.fetch(Ask { credentials: "include", ..self.ask(Purpose::ServerKept, "GET", path, now) }).map(|x| drop(exchange(x)));
            }
            Step::PostNoCors { path, .. } => {
                return self.fetch(self.ask(Purpose::ServerNoCors, "POST", path, now)).map(|x| drop(exchange(x)));
            }
            Step::EventSource { path } => {
                let limit = self.left(now, limits.request)?;
                let raw = path.is_empty();
                let path = &if raw { raw_path() } else { path.clone() };
                let asked = self.ask(Purpose::ServerNoCors, "GET", path, now);
                let (_, reply, _) = self.reply(Ask { cross: raw || asked.cross, ..asked });
                let firefox = self.environment.user_agent.contains("Firefox/");
                let (ready_state, after) = match reply {
                    _ if self.filters(path) => (0, 1),
                    Reply::Silence | Reply::Endless => (1, limit),
                    Reply::Reject { after } if !self.held.forbids_server => (0, after),
                    Reply::Reject { after } | Reply::Says { after, .. } => (2, after),
                    Reply::Elsewhere => (2, 9),
                };
                if ready_state != 1 {
                    let ready_state = if firefox { 2 } else { ready_state };
                    facts.push((
                        now + after,
                        Fact::EventSource {
                            url: format!("{}{path}?connection-doctor=k2", if raw { "https://hub.internal" } else { &self.profile.server }),
                            ready_state,
                            after,
                        },
                    ));
                }
                return Some(());
            }
            Step::Environment => {
                facts.push((now, Fact::Environment(self.environment.clone())));
                return Some(());
            }
            Step::OwnFile { round } => {
                let path = format!("{}connection-doctor.js", self.profile.page_folder);
                let transport = if *round == 2 { "follow" } else { "" };
                let asked = self.fetch(Ask { transport, ..self.ask(Purpose::OwnFile, "GET", &path, now) });
                return asked.map(|x| drop(exchange(x)));
            }
            Step::Gate => {
                let path = format!("{}connection-doctor.js", self.profile.page_folder);
                let asked = self.fetch(Ask { credentials: "omit", ..self.ask(Purpose::Gate, "GET", &path, now) });
                return asked.map(|x| drop(exchange(x)));
            }
            Step::ChatPage { as_person } => {
                let credentials = if *as_person { "same-origin" } else { "omit" };
                let asked = self.fetch(Ask { credentials, ..self.ask(Purpose::ChatPage, "GET", &self.profile.chat_page, now) });
                return asked.map(|x| drop(exchange(x)));
            }
            Step::PageBelow { path, as_person } => {
                let credentials = if *as_person { "same-origin" } else { "omit" };
                exchange(self.fetch(Ask { credentials, ..self.ask(Purpose::ChatPage, "GET", path, now) })?);
                return Some(());
            }
            Step::Upgraded => {
                // A host without TLS: nothing listens there.
                let page = self.profile.chat_page.clone();
                let asked = Ask { mode: "no-cors", credentials: "omit", cross: true, ..self.ask(Purpose::Upgraded, "GET", &page, now) };
                exchange(self.fetch(asked)?);
                return Some(());
            }
            Step::ClientScripts => {
                let ask = |path: &str| Ask { cross: false, ..self.ask(Purpose::ClientScript, "GET", path, now) };
                let page = self.fetch(ask(&self.profile.chat_page))?;
                let scripts: Vec<String> = page.1.html().map_or_else(Vec::new, |h| h.all_scripts().filter(|s| s.starts_with('/')).cloned().collect());
                exchange(page);
                for script in scripts.iter().take(6) {
                    exchange(self.fetch(ask(script))?);
                }
                return Some(());
            }
            Step::HomePage => {
                let home = Ask { cross: false, ..self.ask(Purpose::HomePage, "GET", &self.profile.chat_page, now) };
                return self.fetch(home).map(|x| drop(exchange(x)));
            }
            Step::Server => return plain(Purpose::Server, "/").map(|x| drop(exchange(x))),
            Step::ServerNoCors { path, polls: true } => {
                return engine(Purpose::ServerNoCors, "GET", path, 4, "polling", false, "omit", now).map(|x| drop(exchange(x)));
            }
            Step::ServerNoCors { path, .. } => return plain(Purpose::ServerNoCors, path).map(|x| drop(exchange(x))),
            Step::Health { path } => return plain(Purpose::Health, path).map(|x| drop(exchange(x))),
            Step::User { path, include, .. } => {
                let credentials = if *include { "include" } else { "same-origin" };
                return self.fetch(Ask { credentials, ..self.ask(Purpose::User, "GET", path, now) }).map(|x| drop(exchange(x)));
            }
            Step::Version { path } => return plain(Purpose::Version, path).map(|x| drop(exchange(x))),
            Step::UserWithout { path } => return plain(Purpose::UserWithout, path).map(|x| drop(exchange(x))),
            Step::Application { path } => return plain(Purpose::Application, path).map(|x| drop(exchange(x))),
            Step::RedirectControl { path, .. } => {
                return self.fetch(Ask { credentials: "same-origin", ..self.ask(Purpose::RedirectControl, "GET", path, now) }).map(|x| drop(exchange(x)));
            }
            Step::Repeat { path, eio, .. } => {
                return engine(Purpose::Repeat, "GET", path, *eio, "websocket", false, "same-origin", now).map(|x| drop(exchange(x)));
            }
            Step::OriginProbe { path, eio } => {
                return engine(Purpose::OriginProbe, "POST", path, *eio, "websocket", false, "same-origin", now).map(|x| drop(exchange(x)));
            }
            Step::Companion { path, eio, as_chat } => {
                let credentials = if *as_chat { "same-origin" } else { "omit" };
                return engine(Purpose::Companion, "GET", path, *eio, "websocket", false, credentials, now).map(|x| drop(exchange(x)));
            }
            Step::RawCompanion { as_chat } => {
                let credentials = if *as_chat { "same-origin" } else { "omit" };
                let cross = !self.profile.ws_url.as_deref().is_some_and(|u| u.starts_with("wss://chat.example/"));
                let mode = if cross { "no-cors" } else { "cors" };
                return self
                    .fetch(Ask { transport: "raw", cross, mode, credentials, ..self.ask(Purpose::Companion, "GET", &raw_path(), now) })
                    .map(|x| drop(exchange(x)));
            }
            Step::Discover { path, eio } => {
                let (at, answer) = exchange(engine(Purpose::Handshake, "GET", path, *eio, "polling", false, "omit", now)?);
                if matches!(answer, Answer::Open { .. }) {
                    exchange(engine(Purpose::CloseSession, "POST", path, *eio, "polling", true, "omit", at)?);
                }
                return Some(());
            }
            Step::Session { path, eio, upgrade, include, .. } => {
                let credentials = if *include { "include" } else { "same-origin" };
                let (at, answer) = exchange(engine(Purpose::Handshake, "GET", path, *eio, "polling", false, credentials, now)?);
                if let Answer::Open { packet, .. } = answer {
                    exchange(engine(Purpose::Poll, "GET", path, *eio, "polling", true, credentials, at)?);
                    let begun = at;
                    let (mut at, _) = exchange(engine(Purpose::FollowUp, "POST", path, *eio, "polling", true, credentials, at)?);
                    if *upgrade && packet.offers_websocket() {
                        let (ended, life) = self.socket_of(SocketPurpose::Upgrade, path, *eio, begun, self.conversations.get(), 0)?;
                        at = at.max(ended);
                        facts.push((ended, Fact::Socket(life)));
                    }
                    let (at, closing) = engine(Purpose::CloseSession, "POST", path, *eio, "polling", true, credentials, at)?;
                    facts.push((at, Fact::Exchange(closing)));
                }
                return Some(());
            }
            // A CONNECT by long-polling is written down like a socket's life, its packets as frames.
            Step::Connect { path, eio, polling: true, .. } => {
                let (at, answer) = exchange(engine(Purpose::Handshake, "GET", path, *eio, "polling", false, "same-origin", now)?);
                if !matches!(answer, Answer::Open { .. }) {
                    return Some(());
                }
                let started = at;
                let posted = engine(Purpose::FollowUp, "POST", path, *eio, "polling", true, "same-origin", at)?;
                let taken = posted.1.status() == Some(200);
                let (at, _) = exchange(posted);
                let mut events = vec![frame(0, &open_packet("", false)), sent(1, "40")];
                match &self.joining {
                    _ if !taken => events.push(deadline(at.saturating_sub(started), "a POST that is taken")),
                    Joining::Never => events.push(deadline(limits.packet.min(self.left(at, limits.packet)?), "connect answer")),
                    Joining::Accepts => events.extend([frame(20, "40{\"sid\":\"q8RzPo1\"}"), content(21)]),
                    Joining::Says(payload) => events.extend([frame(20, &format!("44{payload}")), content(21)]),
                }
                let mut polled = at;
                if taken {
                    (polled, _) = exchange(engine(Purpose::FollowUp, "GET", path, *eio, "polling", true, "same-origin", at)?);
                }
                let at = polled.max(started + events.last().unwrap().after);
                let url = format!("{}{path}?transport=polling", self.profile.server);
                let cross_origin = self.profile.is_cross_origin();
                let frames = events.len() as u32;
                let life = SocketLife {
                    purpose: SocketPurpose::Connect,
                    url,
                    path: path.clone(),
                    eio: *eio,
                    cross_origin,
                    started,
                    events,
                    frames,
                    received: 0,
                    last_frame: 0,
                    session: 0,
                };
                facts.push((at, Fact::Socket(life)));
                let (at, closing) = engine(Purpose::CloseSession, "POST", path, *eio, "polling", true, "same-origin", at)?;
                facts.push((at, Fact::Exchange(closing)));
                return Some(());
            }
            Step::Replica { path, eio, as_chat, include, upgrade, .. } => {
                let credentials = match (self.profile.is_cross_origin(), include == as_chat) {
                    (true, true) => "include",
                    (false, _) if *as_chat => "same-origin",
                    _ => "omit",
                };
                let (mut at, answer) = exchange(engine(Purpose::Handshake, "GET", path, *eio, "polling", false, credentials, now)?);
                if let Answer::Open { packet, .. } = answer {
                    let session = self.conversations.get();
                    if *upgrade && packet.offers_websocket() {
                        let ask =
                            Ask { eio: *eio, transport: "polling", sid: true, credentials, session, size: 1, ..self.ask(Purpose::FollowUp, "POST", path, at) };
                        exchange(self.fetch(Ask { purpose: Some(Purpose::Poll), method: "GET", size: 0, ..ask.clone() })?);
                        let begun = at;
                        (at, _) = exchange(self.fetch(ask)?);
                        let (ended, life) = self.socket_of(SocketPurpose::Upgrade, path, *eio, begun, session, 0)?;
                        at = at.max(ended);
                        facts.push((ended, Fact::Socket(life)));
                    }
                    let ask =
                        Ask { eio: *eio, transport: "polling", sid: true, credentials, session, size: 1, ..self.ask(Purpose::CloseSession, "POST", path, at) };
                    let (at, closing) = self.fetch(ask)?;
                    facts.push((at, Fact::Exchange(closing)));
                }
                return Some(());
            }
            Step::LongPoll { path, eio, .. } | Step::Body { path, eio, .. } => {
                let (at, answer) = exchange(engine(Purpose::Handshake, "GET", path, *eio, "polling", false, "same-origin", now)?);
                let Answer::Open { packet, .. } = answer else { return Some(()) };
                let session = self.conversations.get();
                let with = |purpose, method, at| Ask {
                    eio: *eio,
                    transport: "polling",
                    sid: true,
                    credentials: "same-origin",
                    session,
                    ..self.ask(purpose, method, path, at)
                };
                let asked = match step {
                    Step::Body { size, .. } => Ask { size: *size, patience: Some(limits.large), ..with(Purpose::LargePost, "POST", at) },
                    _ => Ask { patience: Some((packet.ping_interval + 5_000).min(limits.hold)), ..with(Purpose::LongPoll, "GET", at) },
                };
                let (ended, asked) = self.fetch(asked)?;
                let pinged = asked.purpose == Purpose::LongPoll && asked.response().is_some_and(|r| r.status == 200 && r.excerpt == "2");
                let (mut at, _) = exchange((ended, asked));
                if pinged {
                    exchange(self.fetch(with(Purpose::Poll, "GET", at))?);
                    (at, _) = exchange(self.fetch(Ask { size: 1, ..with(Purpose::FollowUp, "POST", at) })?);
                }
                exchange(self.fetch(Ask { size: 1, ..with(Purpose::CloseSession, "POST", at) })?);
                return Some(());
            }
            Step::RoundTrips { path, .. } => {
                self.left(now, 15_000)?;
                let mut at = now + 20;
                for of in ["http", "socket"] {
                    let samples = (self.trips)(of);
                    at += samples.iter().sum::<u32>() / 1_000;
                    let trips = RoundTrips { path: path.clone(), of: of.to_owned(), in_worker: true, resolution: 100, samples, lost: 0, started: now };
                    facts.push((at, Fact::RoundTrips(trips)));
                }
                return Some(());
            }
            Step::Delivery { path, .. } => {
                let delivery = self.echo.delivery(path, now);
                facts.push((now + 60 + delivery.waited, Fact::Delivery(delivery)));
                return Some(());
            }
            Step::Stream { url, event_source, seconds, round } => {
                let limit = self.left(now, if *event_source { limits.request } else { limits.stream })?;
                let mut stream = (self.stream)(&StreamAsk { event_source: *event_source, seconds: *seconds, round: *round, at: now });
                stream.url = if url.starts_with('/') { format!("{}{url}", self.profile.server) } else { url.clone() };
                stream.path = url.split('?').next().unwrap().to_owned();
                stream.started = now;
                if *event_source {
                    stream.by = "event-source".to_owned();
                    (stream.status, stream.headers) = (0, Vec::new());
                    if !matches!(stream.end, StreamEnd::Rejected { .. } | StreamEnd::Silent) {
                        stream.end = StreamEnd::Whole { told: false };
                    }
                }
                if stream.ended_after > limit {
                    stream.arrivals.retain(|a| a.after <= limit);
                    stream.events = stream.arrivals.iter().map(|a| a.events).sum();
                    stream.ended_after = limit;
                    stream.end = if stream.arrivals.is_empty() && *event_source { StreamEnd::Silent } else { StreamEnd::Left };
                }
                facts.push((now + stream.ended_after, Fact::Stream(stream)));
                return Some(());
            }
            Step::Grpc { url, as_person, .. } => {
                let below =
                    url.split("//").nth(1).map_or_else(|| url.clone(), |rest| rest.split_once('/').map_or(String::new(), |(_, path)| format!("/{path}")));
                let path = format!("{}/{}", below.trim_end_matches('/'), grpc_web::PATH);
                let cross = if url.starts_with('/') { self.profile.is_cross_origin() } else { !url.starts_with(ORIGIN) };
                let credentials = if *as_person { "same-origin" } else { "omit" };
                exchange(self.fetch(Ask { cross, credentials, size: 5, ..self.ask(Purpose::Grpc, "POST", &path, now) })?);
                return Some(());
            }
            Step::Rung { path, eio, sockets } => {
                self.left(now, limits.open)?;
                let rung = Rung { path: path.clone(), started: now, ..(self.rung)(*sockets) };
                let (at, asked) = engine(Purpose::Repeat, "GET", path, *eio, "websocket", false, "same-origin", now)?;
                facts.push((at, Fact::Exchange(asked)));
                facts.push((at + 1_500, Fact::Rung(rung)));
                return Some(());
            }
            Step::Large { path, eio, size } => {
                let (at, life) = self.socket_of(SocketPurpose::Large, path, *eio, now, 0, *size)?;
                facts.push((at, Fact::Socket(life)));
                return Some(());
            }
            Step::Devices
            | Step::Capture { .. }
            | Step::CallServer
            | Step::CallServerNoCors
            | Step::CallValidate { .. }
            | Step::CallVersion
            | Step::Call { .. }
            | Step::CallV1
            | Step::IceServers
            | Step::Gather { .. }
            | Step::RelayTls { .. }
            | Step::Loopback { .. }
            | Step::WebTransport => return self.take_call(step, now, facts),
            Step::Busy { path, eio, .. } => (SocketPurpose::Busy, path.clone(), *eio),
            Step::Again { path, eio, .. } => (SocketPurpose::Again, path.clone(), *eio),
            Step::RawQuiet { .. } => (SocketPurpose::RawQuiet, raw_path(), 0),
            Step::Hello { path, eio, round: 0 } => (SocketPurpose::Hello, path.clone(), *eio),
            Step::Hello { path, eio, .. } => (SocketPurpose::HelloAgain, path.clone(), *eio),
            Step::Heartbeat { path, eio, .. } => (SocketPurpose::Heartbeat, path.clone(), *eio),
            Step::Connect { path, eio, .. } => (SocketPurpose::Connect, path.clone(), *eio),
            Step::Raw { .. } => (SocketPurpose::Raw, raw_path(), 0),
        };
        let (at, life) = self.socket(life_of, &path, eio, now)?;
        facts.push((at, Fact::Socket(life)));
        Some(())
    }

    /// The chat's page as it is kept, as it is shown, and as the server has it, and the scripts that it names.
    fn shell(&self, past_worker: bool, now: u32, facts: &mut Vec<(u32, Fact)>) -> Option<()> {
        let page = &self.profile.chat_page;
        let ask = |purpose, cache, at| Ask { credentials: "same-origin", cache, ..self.ask(purpose, "GET", page, at) };
        let mut at = now;
        let (ended, kept) = self.fetch(Ask { mode: "same-origin", ..ask(Purpose::ShellKept, "only-if-cached", at) })?;
        if kept.response().is_some() {
            at = ended;
            facts.push((at, Fact::Exchange(kept)));
        }
        let (ended, shown) = self.fetch(ask(Purpose::Shell, "default", at))?;
        at = ended;
        let body = shown.response().map(|r| r.excerpt.clone()).unwrap_or_default();
        let open = if self.profile.embedded { &self.held.open_scripts[..] } else { &[] };
        facts.push((at, Fact::Exchange(shown)));
        let mut asks = vec![ask(Purpose::ShellNow, "", at)];
        for _ in 0..if past_worker { 2 } else { 0 } {
            asks.push(Ask { query: "connection-doctor=k2".to_owned(), ..ask(Purpose::ShellPastWorker, "", at) });
        }
        let folder = &page[..=page.rfind('/').unwrap()];
        let mut known = Vec::new();
        for source in html::outline(&body).all_scripts().filter(|s| !s.contains("//")) {
            let path = if source.starts_with('/') { source.clone() } else { format!("{folder}{}", source.trim_start_matches("./")) };
            let path = path.split('?').next().unwrap().to_owned();
            if known.len() < 3 && !known.contains(&path) {
                known.push(path);
            }
        }
        asks.extend(known.iter().map(|path| Ask { path: path.clone(), ..ask(Purpose::Script, "default", at) }));
        let open = open.iter().filter(|path| !known.iter().any(|k| k == *path));
        asks.extend(open.map(|path| Ask { path: (*path).to_owned(), ..ask(Purpose::OpenScript, "", at) }));
        for ask in asks {
            let compare = ask.purpose == Some(Purpose::Script) && !html::has_digest(&ask.path) && self.copy(&ask).is_some();
            let (kept, now) = (Ask { purpose: Some(Purpose::ScriptKept), ..ask.clone() }, Ask { purpose: Some(Purpose::ScriptNow), cache: "", ..ask.clone() });
            let further = if compare { vec![kept, now.clone(), now] } else { Vec::new() };
            for ask in std::iter::once(ask).chain(further) {
                let (ended, exchange) = self.fetch(Ask { at, ..ask })?;
                at = ended;
                facts.push((at, Fact::Exchange(exchange)));
            }
        }
        Some(())
    }

    /// A frame of the page's own in which no script runs.
    fn navigation(&self, now: u32, facts: &mut Vec<(u32, Fact)>) -> Option<()> {
        let limit = self.left(now, 2_500)?;
        if self.held.frames_forbidden {
            let path = self.profile.chat_page.clone();
            facts.push((now + 9, Fact::Navigation(Navigation { path, ended_after: 9, ..Navigation::default() })));
            return Some(());
        }
        let page = self.profile.chat_page.clone();
        let by_worker = self.held.worker.filter(|w| w.is_old_at(now)).and_then(|w| w.page);
        let ask = Ask { credentials: "same-origin", cache: "default", ..self.ask(Purpose::Shell, "GET", &page, now) };
        let reply = by_worker.map_or_else(|| self.reply(ask).1, |copy| says(200, copy));
        let (after, body) = match reply {
            Reply::Says { body, after, .. } if after <= limit && html::looks_like_html(&body) => (after + 4, Some(body + self.held.injects)),
            Reply::Silence | Reply::Endless => (limit, None),
            _ => (9, None),
        };
        let controlled = self.held.frame_controlled.filter(|_| body.is_some());
        let html = body.map(|body| html::outline(&body));
        facts.push((now + after, Fact::Navigation(Navigation { path: page, ended_after: after, controlled, html })));
        Some(())
    }

    /// Walks the real plan through this world, with another profile.
    pub fn run_as(&mut self, profile: Profile) -> Run {
        self.profile = profile;
        self.run()
    }

    /// Walks the real plan through this world.
    pub fn run(&self) -> Run {
        self.asked.set(0);
        self.conversations.set(0);
        self.ice_order.borrow_mut().clear();
        let limits = Limits::of(self.profile.depth);
        let limit = self.profile.time_limit().or(Some(self.watched_for));
        let mut evidence = Evidence::default();
        let mut progress = Progress::default();
        let mut log = Vec::new();
        let mut requests = 0_u32;
        let mut now = 0_u32;
        // (when, order of entry, what)
        let mut pending: Vec<(u32, u32, Entry)> = Vec::new();
        let mut entered = 0_u32;
        for (at, fact) in &self.incidents {
            pending.push((*at, entered, Entry::Incident(fact.clone())));
            entered += 1;
        }
        let mut rounds = 0;
        // As the runner does: the plan is asked when a step ends or tells what others wait for, and what it wants is begun at once; a step waits for its
        // time and for a free place.
        let mut waiting: Vec<(u32, Step)> = Vec::new();
        let mut ask_plan = true;
        loop {
            rounds += 1;
            assert!(rounds < 20_000, "the plan does not end");
            if ask_plan {
                for step in plan::next(&self.profile, &evidence, &progress) {
                    assert!(!progress.begun.contains(&step), "begun twice: {step:?}");
                    progress.begun.push(step.clone());
                    waiting.push((step.not_before(self.profile.depth).max(now + step.pause()), step));
                }
                ask_plan = false;
            }
            let mut still = Vec::new();
            for (due, step) in std::mem::take(&mut waiting) {
                let busy = pending.iter().filter(|(_, _, e)| matches!(e, Entry::End(step) if takes_a_place(step))).count() as u32;
                if step == Step::Patience && now >= due {
                    progress.ended.push(step);
                    ask_plan = true;
                    continue;
                }
                if due > now || takes_a_place(&step) && busy >= limits.at_once {
                    still.push((due, step));
                    continue;
                }
                log.push((now, step.clone()));
                let mut facts = self.perform(&step, now);
                // What a cache alone is asked is no request.
                let asks = |fact: &Fact| match fact {
                    Fact::Exchange(x) => u32::from(x.purpose != Purpose::ShellKept),
                    Fact::Socket(_) | Fact::Navigation(_) | Fact::EventSource { .. } | Fact::Stream(_) | Fact::WebTransport(_) => 1,
                    Fact::Gathering(_) | Fact::Loopback(_) => 1,
                    Fact::RoundTrips(trips) => 12 * u32::from(trips.of == "http"),
                    Fact::Delivery(delivery) => delivery.sessions.len() as u32,
                    Fact::Rung(rung) => rung.sockets,
                    _ => 0,
                };
                // What the budget does not hold is not asked, and the step ends there.
                let mut left = limits.requests - requests;
                let fits = facts.iter().position(|(_, fact)| {
                    let over = asks(fact) > left;
                    left = left.saturating_sub(asks(fact));
                    over
                });
                if let Some(fits) = fits {
                    let at = facts[..fits].last().map_or(now, |(at, _)| *at);
                    facts.truncate(fits);
                    facts.push((at, Fact::StepEnded { step: step.name(), end: End::Skipped { why: "the budget of requests is used up".to_owned() } }));
                }
                let end = facts.last().map_or(now, |(at, _)| *at);
                for (at, fact) in facts {
                    requests += asks(&fact);
                    pending.push((at, entered, Entry::Fact(fact)));
                    entered += 1;
                }
                pending.push((end, entered, Entry::End(step)));
                entered += 1;
            }
            waiting = still;
            if ask_plan {
                continue;
            }
            // Patience alone is nothing to wait for.
            if progress.begun.iter().all(|s| *s == Step::Patience || progress.ended.contains(s)) {
                break;
            }
            pending.sort_by_key(|(at, order, _)| (*at, *order));
            let next_end = pending.iter().find(|(_, _, e)| !matches!(e, Entry::Incident(_))).map(|(at, _, _)| *at);
            let next_start = waiting.iter().map(|(due, _)| *due).filter(|t| *t > now).min();
            let Some(next_at) = next_end.into_iter().chain(next_start).min() else { break };
            let next_at = pending.first().map_or(next_at, |(at, _, _)| next_at.min(*at));
            if limit.is_some_and(|limit| next_at > limit - 75) {
                now = limit.unwrap() - 75;
                for step in progress.begun.iter().filter(|s| **s != Step::Patience && !progress.ended.contains(s)) {
                    evidence.record(now, Fact::StepEnded { step: step.name(), end: End::Skipped { why: "the time is used up".to_owned() } });
                }
                break;
            }
            now = now.max(next_at);
            while pending.first().is_some_and(|(at, _, _)| *at <= now) {
                match pending.remove(0).2 {
                    Entry::Fact(fact) | Entry::Incident(fact) => {
                        let telling = plan::is_telling(&fact);
                        evidence.record(now, fact);
                        if telling {
                            ask_plan = true;
                            break;
                        }
                    }
                    Entry::End(step) => {
                        progress.ended.push(step);
                        ask_plan = true;
                        // The plan is asked before what ends at the same moment.
                        break;
                    }
                }
            }
        }
        Run { profile: self.profile.clone(), evidence, log, requests, ended_at: now }
    }
}

/// Whether a step needs a place among those that ask a server.
fn asks_anybody(step: &Step) -> bool {
    !matches!(step, Step::Environment | Step::Patience | Step::Cookies | Step::Storage | Step::Workers { .. } | Step::Permission | Step::ClientCookie { .. })
        && !matches!(step, Step::Devices | Step::Capture { .. } | Step::IceServers)
}

/// Those that spend their requests at once, or hold their sockets apart, wait for no place.
fn takes_a_place(step: &Step) -> bool {
    asks_anybody(step)
        && !matches!(step, Step::RoundTrips { .. } | Step::Delivery { .. } | Step::Rung { .. })
        && !matches!(step, Step::Gather { .. } | Step::Loopback { .. } | Step::WebTransport)
}

enum Entry {
    Fact(Fact),
    Incident(Fact),
    End(Step),
}

/// One run, as it would be in a report.
#[derive(Clone, Debug)]
pub struct Run {
    pub profile: Profile,
    pub evidence: Evidence,
    /// Steps, and when each began.
    pub log: Vec<(u32, Step)>,
    pub requests: u32,
    pub ended_at: u32,
}

impl Run {
    /// The same run, with the observations that are wanted alone.
    pub fn only(&self, wanted: impl Fn(&Observation) -> bool) -> Run {
        let mut evidence = Evidence::default();
        for observation in self.evidence.observations().iter().filter(|o| wanted(o)) {
            evidence.record(observation.at, observation.fact.clone());
        }
        Run { evidence, ..self.clone() }
    }

    /// The same run, without the fetches of this purpose.
    pub fn without(&self, purpose: Purpose) -> Run {
        self.only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.purpose == purpose))
    }

    /// The same run, cut short after so many observations.
    pub fn cut(&self, length: usize) -> Run {
        self.only(|o| o.id as usize <= length)
    }

    pub fn report(&self) -> Report {
        Report::of(
            &self.profile,
            self.evidence.clone(),
            Circumstances { started_at: "2026-11-20T12:00:00Z".to_owned(), stopped: false, requests: self.requests },
            english(),
        )
    }

    /// All that there is to copy in what is advised on this finding, in whatever language.
    pub fn advised(&self, code: &str) -> String {
        let report = self.report();
        let finding = report.causes.iter().find(|f| f.code == code).unwrap_or_else(|| panic!("{code}: {:?}", report.causes));
        let survey = Survey::of(&self.profile, &self.evidence);
        let guidance = (by_code(code).unwrap().guide)(finding, &survey);
        guidance.into_iter().flat_map(|g| g.steps).filter_map(|s| s.code).collect()
    }

    /// Codes of the causes above Info, the first one first.
    pub fn causes(&self) -> Vec<String> {
        grave(&self.report())
    }

    /// The evidence in a few lines, for the message of a failed test.
    pub fn told(&self) -> String {
        let mut out = String::new();
        for o in self.evidence.observations() {
            let line = match &o.fact {
                Fact::Exchange(x) => {
                    let what = match &x.outcome {
                        Outcome::Response(r) => {
                            format!("{} {} {}", r.response_type, r.status, r.excerpt.chars().take(60).collect::<String>().replace(['\r', '\n'], " "))
                        }
                        other => format!("{other:?}"),
                    };
                    format!("{:?} {} {} EIO={} {} {} {}: {what}", x.purpose, x.method, x.path, x.eio, x.mode, x.credentials, x.cache)
                }
                Fact::Socket(s) => format!("{:?} {} EIO={}: {:?}", s.purpose, s.path, s.eio, s.events.iter().map(|e| &e.what).collect::<Vec<_>>()),
                Fact::Environment(_) => "Environment".to_owned(),
                other => format!("{other:?}"),
            };
            out.push_str(&format!("  #{} @{} {line}\n", o.id, o.at));
        }
        out
    }
}

/// Codes of the causes above Info.
pub fn grave(report: &Report) -> Vec<String> {
    report.causes.iter().filter(|f| f.severity > Severity::Info).map(|f| f.code.clone()).collect()
}
