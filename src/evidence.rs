//! What was observed, in the words of the API that reported it: numbered, time-stamped, append-only, and without secrets.
//!
//! This is a recorded wire format: every report carries it, and `tests/replay.rs` re-diagnoses what people send.
//! Nothing here judges. Times are milliseconds since the start of the run, unless a field says otherwise.

mod calls;

pub use calls::{Call, CallToken, Capture, Channel, Device, Devices, Found, Gathering, IceError, IceServers, Loopback, Media, WebTransport};

use serde::{Deserialize, Serialize};

use crate::protocol::client_options::ClientOptions;
use crate::protocol::{engine_io, grpc_web, html};
use crate::redact;

/// Longest excerpt of a body, a frame or a reason that is kept, in characters.
pub const EXCERPT: usize = 600;

/// The number of an [`Observation`]; what a finding cites.
pub type Cite = u32;

/// All observations of one run, in the order in which they ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence {
    observations: Vec<Observation>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    pub id: Cite,
    /// When it was complete.
    pub at: u32,
    pub fact: Fact,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant, reason = "nearly all facts of a run are exchanges, and a run has at most a hundred (it is large on 64 bits alone)")]
pub enum Fact {
    Environment(Environment),
    Exchange(Exchange),
    Socket(SocketLife),
    Cookies(Cookies),
    Storage(Storage),
    Workers(Workers),
    Navigation(Navigation),
    /// `navigator.permissions.query` (Permissions): `granted`, `denied`, `prompt`.
    Permission {
        name: String,
        state: String,
    },
    /// An `EventSource` to the server, at its `error` event: `readyState` 2 where an answer was refused, 0 where none came
    /// (Chromium; Firefox says 2 to everything: measured).
    EventSource {
        url: String,
        ready_state: u16,
        after: u32,
    },
    Stream(Stream),
    RoundTrips(RoundTrips),
    Delivery(Delivery),
    Rung(Rung),
    IceServers(IceServers),
    Gathering(Gathering),
    Loopback(Loopback),
    Call(Call),
    CallToken(CallToken),
    Devices(Devices),
    Capture(Capture),
    WebTransport(WebTransport),
    /// The chat's own client could not connect, before the run.
    ClientError {
        /// So long before the run, in milliseconds.
        before: u32,
        message: String,
    },
    /// `visibilitychange`, `freeze`: Page Visibility, Page Lifecycle.
    Visibility {
        hidden: bool,
    },
    /// A timer that was late: the device slept, the tab was frozen, or the page was busy. What was timed then is spoilt.
    Pause {
        /// How late, in milliseconds of the device's clock (performance.now may stand still in a sleep).
        milliseconds: u32,
    },
    /// The window's `online` and `offline` events.
    Connectivity {
        online: bool,
    },
    /// `securitypolicyviolation` (CSP level 3 section 5.4).
    PolicyViolation {
        directive: String,
        blocked: String,
        enforced: bool,
    },
    /// A step did not run to its end as planned.
    StepEnded {
        step: String,
        end: End,
    },
}

/// How a step ended, where that is not [`End::Completed`] with a fact of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum End {
    Completed,
    TimedOut,
    /// Not begun: the budget of requests or of time was used up.
    Skipped {
        why: String,
    },
    /// The browser lacks the API.
    Unsupported {
        api: String,
    },
    /// A JavaScript API threw.
    Threw {
        name: String,
        message: String,
    },
}

/// The page and the browser at the start of the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    pub secure_context: bool,
    /// Whether the page is in a frame.
    pub framed: bool,
    /// Whether a page that this one is framed by is of another origin.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub foreign_frame: bool,
    /// `location.origin` is `"null"` (a sandboxed frame).
    pub opaque_origin: bool,
    pub hidden: bool,
    /// `navigator.onLine`: supports, never decides.
    pub online: bool,
    /// `http:` or `https:`.
    pub scheme: String,
    /// Resource Timing's protocol of the page's own navigation (`http/1.1`, `h2`, `h3`), empty where it is not told.
    pub next_hop_protocol: String,
    pub user_agent: String,
    /// Whether a service worker controls this page: its answers are not the network's.
    pub service_worker: bool,
    /// Web APIs that a chat needs and this browser lacks.
    pub missing: Vec<String>,
}

/// Which cookies this page can write and read back, and what it can read of the others: names and sizes, never a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cookies {
    /// A cookie of each kind, written and read back (RFC 6265bis): `lax`, `none` (SameSite=None; Secure), `partitioned`.
    pub trials: Vec<Trial>,
    /// The name of what `document.cookie` threw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threw: Option<String>,
    /// How many cookies the page can read, and their size in all, in characters.
    pub count: u32,
    pub size: u32,
    /// The largest of them.
    pub largest: Vec<Stored>,
    /// `document.hasStorageAccess()`, where the browser has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_access: Option<bool>,
}

/// Whether what was written could be read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub kind: String,
    pub kept: bool,
}

/// A cookie or a storage key: its name, and the size of name and value in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stored {
    pub name: String,
    pub size: u32,
    /// Whether the value is a JSON Web Token.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub token: bool,
    /// Where it has an `iat` besides: how many seconds it was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_for: Option<i32>,
    /// Where the value is a JSON Web Token with an `exp` (RFC 7519): seconds from now until it ends, negative once it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i32>,
}

/// Web Storage, IndexedDB and the quota.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Storage {
    pub areas: Vec<Area>,
    /// `navigator.storage.estimate()`, in kilobytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<u32>,
    /// How much of the usage is Cache Storage's, where the browser tells (`usageDetails`, Chromium).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_caches: Option<u32>,
    /// Those of the application's own keys that are there.
    pub keys: Vec<Stored>,
}

/// One kind of storage: `local-storage`, `session-storage`, `indexed-db`; `cache-storage` only where it is full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    pub name: String,
    /// `works`, `missing`, or the name of what it threw at a small write (`SecurityError`, `QuotaExceededError`).
    pub how: String,
}

/// The service workers whose scope holds the chat's page, and the caches of this origin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workers {
    pub registrations: Vec<Registration>,
    /// Names in Cache Storage, those first that hold a copy of the chat's page.
    pub caches: Vec<StoredCopy>,
    /// The name of what `getRegistrations` or `caches` threw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threw: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registration {
    /// Paths of its scope and of its script.
    pub scope: String,
    pub script: String,
    /// Whether its worker answers for this page.
    pub controls: bool,
    /// Whether a newer worker waits until all pages of the older are closed.
    pub waiting: bool,
    /// Whether a newer worker is being fetched and set up right now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub installing: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredCopy {
    pub name: String,
    /// Whether it holds a copy of the chat's page.
    pub holds_page: bool,
    /// The digest of the scripts and styles that this copy names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub assets: String,
}

/// What a navigation to the chat's page gets in this browser, through a service worker where one answers: seen in a frame of
/// our own in which no script runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Navigation {
    pub path: String,
    pub ended_after: u32,
    /// Whether a service worker controls the frame (`navigator.serviceWorker.controller`); `None` where that can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controlled: Option<bool>,
    /// `None` where the frame showed nothing that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<html::Outline>,
}

/// One answer that streams (server-sent events, or a body that comes in pieces), by `fetch` or by `EventSource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stream {
    pub url: String,
    pub path: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cross_origin: bool,
    /// `fetch` or `event-source`.
    pub by: String,
    /// When it began.
    pub started: u32,
    /// Milliseconds to the response (`fetch`) or to the `open` event (`EventSource`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responded_after: Option<u32>,
    /// 0 where it can't be read.
    #[serde(skip_serializing_if = "is_zero")]
    pub status: u16,
    /// Those of the readable headers that name a gateway, a type or an encoding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// What came together, with its time; the first [`ARRIVALS`] of them.
    pub arrivals: Vec<Arrival>,
    /// Complete events of `text/event-stream` in all (WHATWG HTML section 9.2.6).
    pub events: u32,
    pub bytes: u32,
    pub ended_after: u32,
    pub end: StreamEnd,
    /// The address that redirects led to, where any did (`Response.redirected`).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub led_to: String,
    /// Whether the answer is of the handler that this program documents, which tells the times at which it sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ours: bool,
}

/// Most arrivals that are written down.
pub const ARRIVALS: usize = 80;

/// What one read gave: a piece of a body, or one event of an `EventSource`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arrival {
    /// Milliseconds since the start of the request.
    pub after: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pub bytes: u32,
    /// Events that were complete with it.
    #[serde(skip_serializing_if = "is_zero")]
    pub events: u32,
    /// When the server sent the first and the last of them by its own word, in milliseconds since it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<(u32, u32)>,
}

/// How a stream ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum StreamEnd {
    /// By the server, in good order. `told`: with the documented handler's last event.
    Whole { told: bool },
    /// It began, and ended with an error.
    Broken { name: String, message: String },
    /// No response came: the promise was rejected, or `EventSource` gave up.
    Rejected { name: String, message: String },
    /// Nothing came within the step's limit.
    #[default]
    Silent,
    /// The probe had seen enough, or its time was over.
    Left,
}

/// Round trips in a row, measured apart from what the page is busy with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoundTrips {
    pub path: String,
    /// `http`: a plain GET of the socket's address on a connection that stands; `socket`: a question on an open WebSocket.
    pub of: String,
    /// Whether a worker measured; in the page itself what it is busy with is measured too.
    pub in_worker: bool,
    /// The smallest step of `performance.now()` that was seen, in microseconds.
    pub resolution: u32,
    /// Each in microseconds, the first of a connection left out. Where the clock is too coarse for one, means of batches.
    pub samples: Vec<u32>,
    /// Questions without an answer in time.
    #[serde(skip_serializing_if = "is_zero")]
    pub lost: u32,
    pub started: u32,
}

/// A broadcast from one session to others of the same run, by the operator's echo handler.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    pub path: String,
    pub started: u32,
    /// The first one sent the broadcast.
    pub sessions: Vec<EchoSession>,
    /// How long the broadcast was waited for, in milliseconds; 0 where none was sent.
    pub waited: u32,
}

/// One Socket.IO session of a [`Delivery`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EchoSession {
    /// How far it came: `refused` (no open packet), `unjoined` (no answer to CONNECT), `unanswered` (the handler did not acknowledge),
    /// `ready`.
    pub state: String,
    /// Which instance of the server it is at, numbered as they appeared, from 1; 0 where the handler did not tell.
    pub instance: u8,
    /// Milliseconds from the broadcast to its arrival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard_after: Option<u32>,
}

/// So many WebSockets at one time, on the operator's click.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rung {
    pub path: String,
    pub started: u32,
    pub sockets: u32,
    /// Milliseconds to the open packet, of those that said hello.
    pub opened: Vec<u32>,
    /// Ended before it.
    pub refused: u32,
    /// Neither an end nor the open packet within the limit.
    pub silent: u32,
    /// Said hello, and ended by themselves while they were held.
    pub dropped: u32,
    /// The readable status of a plain GET meanwhile, and how long that took.
    #[serde(skip_serializing_if = "is_zero")]
    pub status: u16,
    pub answered_after: u32,
}

/// For what is left out of a report where it is nought.
fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

/// Which request of the plan an exchange was. One name a purpose, so that a rule asks for what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A static file of the page's own, which loaded a moment ago: the control of everything.
    OwnFile,
    /// The same without credentials: does a native sign-in stand in front of everything?
    Gate,
    /// The chat's own page.
    ChatPage,
    /// The same path on this page's origin, where the server is another one: the chat's page may be either's.
    HomePage,
    /// The chat's page by https, where its policy turns the addresses of an http page into https.
    Upgraded,
    /// The server's root in request mode `cors`.
    Server,
    /// The server's root or socket path in request mode `no-cors`: opaque tells that something answered.
    ServerNoCors,
    /// The health endpoint that the profile or its application names.
    Health,
    /// The application's endpoint that says who is signed in.
    User,
    /// The same without any sign-in: what it says to everybody.
    UserWithout,
    /// An endpoint that tells which application this is.
    Application,
    /// Engine.IO: GET of a new polling session. Without credentials to find the path (a native sign-in dialog would hang
    /// the page: measured), with them as the chat does it.
    Handshake,
    /// Engine.IO: POST with the session's own sid.
    FollowUp,
    /// Engine.IO: POST of a close packet with the session's own sid.
    CloseSession,
    /// Engine.IO: POST without a sid, which carries an Origin and opens nothing.
    OriginProbe,
    /// A plain GET of the WebSocket's URL: what HTTP answers where the socket's reason is hidden.
    Companion,
    /// The socket path once more with `redirect: manual`, after a request to it was rejected.
    RedirectControl,
    /// The same small request again, to see rates.
    Repeat,
    /// The chat's page as the browser keeps it: `only-if-cached`, so that nothing is asked.
    ShellKept,
    /// The chat's page as the browser would show it: cache mode `default`.
    Shell,
    /// The chat's page as the server has it now: `no-store`, with the person's credentials as the two before.
    ShellNow,
    /// The same with a query that no worker's cache knows, where a service worker stands between.
    ShellPastWorker,
    /// The application's endpoint that tells its release.
    Version,
    /// A script that the chat's page refers to, as the browser would get it.
    Script,
    /// The same, and more of it, where that was a copy and its name would be the same in another release.
    ScriptKept,
    /// That script as the server has it now: `no-store`.
    ScriptNow,
    /// A script of the page that is open, where this program is inside of the chat's own page and that names it no more.
    OpenScript,
    /// A script of the chat's page, read for what it tells its Socket.IO client.
    ClientScript,
    /// The plain GET of the WebSocket's URL with credentials, to a server of another origin.
    Credentialed,
    /// The same without credentials, with a header that needs a preflight (WHATWG Fetch, CORS-preflight request).
    Preflighted,
    /// The server's root in cache mode `default`, to a server of another origin: a stored answer may be for somebody else.
    ServerKept,
    /// The page's own file with the socket's path in its query: whatever matches the text of URLs stops it, a server does not.
    Worded,
    /// The same with the path percent-encoded.
    WordedEncoded,
    /// The operator's endpoint that tells which cookies came.
    Help,
    /// The same again, to see whether the cookie that it set came back.
    HelpAgain,
    /// Engine.IO: the hanging GET, which a server of version 4 ends with its ping.
    LongPoll,
    /// Engine.IO: the GET that a client always has open beside what it sends.
    Poll,
    /// Engine.IO: a large POST with the session's own sid.
    LargePost,
    /// `grpc.health.v1.Health/Check` by gRPC-web.
    Grpc,
    /// LiveKit's root, which says whether it is ready.
    CallServer,
    /// The same in request mode `no-cors`: does anything answer there?
    CallServerNoCors,
    /// LiveKit's `/rtc/validate` without a token: is it LiveKit?
    CallValidate,
    /// The same with the token.
    CallToken,
    /// LiveKit's `/rtc/v1/validate` without a token, which older servers do not have.
    CallVersion,
    /// A relay's TLS port by `https:` in request mode `no-cors`: opaque tells that its certificate is taken.
    RelayTls,
}

/// One fetch, from the call to the end of the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub purpose: Purpose,
    pub method: String,
    pub url: String,
    /// The path of the request without query, as planned.
    pub path: String,
    /// Engine.IO version asked for; 0 where none was.
    #[serde(default)]
    pub eio: u8,
    /// Request mode: `cors`, `no-cors`, `same-origin`.
    pub mode: String,
    /// Which conversation of this run it belongs to, numbered from 1; 0 for none. The session id itself is never written down.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub session: u8,
    /// Bytes of its body.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sent: u32,
    /// Credentials mode: `omit`, `same-origin`, `include`.
    pub credentials: String,
    /// Cache mode where it is not `no-store`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cache: String,
    /// Whether the request goes to another origin than the page's.
    #[serde(default)]
    pub cross_origin: bool,
    /// When it began.
    pub started: u32,
    /// Milliseconds from the call to the response (time to first byte as a page sees it).
    pub responded_after: Option<u32>,
    /// Milliseconds from the call to the end.
    pub ended_after: u32,
    /// Resource Timing's `nextHopProtocol`, empty where it is not told.
    #[serde(default)]
    pub next_hop_protocol: String,
    /// Whether Resource Timing tells that the request was never sent: an entry whose every time is its start (Firefox, where
    /// something in the browser blocked it: measured).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never_sent: bool,
    pub outcome: Outcome,
}

/// What fetch said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant, reason = "nearly all exchanges are responses")]
pub enum Outcome {
    Response(Response),
    /// The promise was rejected (a network error, in the words of WHATWG Fetch).
    Rejected {
        name: String,
        message: String,
    },
    /// The step's own deadline came first.
    TimedOut {
        /// Whether a response had come and only its body did not end.
        responded: bool,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Response {
    /// `basic`, `cors`, `opaque`, `opaqueredirect`, `error`.
    pub response_type: String,
    pub status: u16,
    pub redirected: bool,
    pub final_url: String,
    /// Whether the final URL has the origin that was asked.
    pub same_origin_as_asked: bool,
    /// The readable headers that name a gateway, a limit or a type; lower case names.
    pub headers: Vec<(String, String)>,
    /// Bytes read of the body; reading stops at the limit.
    pub body_bytes: u32,
    /// Whether the body ended within the limit and the deadline.
    pub body_complete: bool,
    /// Whether the body ended in an error: the connection was lost in it, or it is shorter than announced (WHATWG Fetch, "network error" of a body).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub broken_off: bool,
    /// The first [`EXCERPT`] characters.
    pub excerpt: String,
    /// Where the body is HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<html::Outline>,
    /// What the body, a page or a script, tells its Socket.IO client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientOptions>,
    /// Where the body is gRPC-web's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<grpc_web::Answer>,
    /// FNV-1a of the bytes read, to tell equal bodies from different ones.
    pub digest: String,
    /// The server's clock less this device's, in seconds: `Date` (and `Age`) against the middle of the round trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset: Option<i32>,
}

/// What a WebSocket was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SocketPurpose {
    /// Engine.IO's open packet over WebSocket, and a short stay.
    Hello,
    /// The same again, after the first one dropped, or for a longer stay.
    HelloAgain,
    /// `2probe`/`3probe` from a live polling session.
    Upgrade,
    /// A long stay for the Engine.IO heartbeat.
    Heartbeat,
    /// A Socket.IO CONNECT.
    Connect,
    /// A WebSocket of no known protocol.
    Raw,
    /// The same, held as long as a run may.
    RawQuiet,
    /// A long stay as [`SocketPurpose::Heartbeat`], on which the probe sends something every two seconds.
    Busy,
    /// Opened and closed again, one after the other, to see a rate.
    Again,
    /// A small question and a large one.
    Large,
    /// LiveKit's signalling.
    Call,
    /// The same as newer clients open it, at `/rtc/v1`.
    CallV1,
    /// A relay's TLS port by `wss:`: Firefox closes with 1015 where the certificate is not taken (measured).
    RelayTls,
}

/// One WebSocket, from the constructor to the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SocketLife {
    pub purpose: SocketPurpose,
    pub url: String,
    pub path: String,
    #[serde(default)]
    pub eio: u8,
    #[serde(default)]
    pub cross_origin: bool,
    /// Which conversation it upgrades; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub session: u8,
    pub started: u32,
    pub events: Vec<SocketEvent>,
    /// Frames received; only the first few are among the events.
    pub frames: u32,
    /// Characters or bytes received in all.
    pub received: u64,
    /// When the last frame came, in milliseconds since the constructor; 0 where none did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_frame: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SocketEvent {
    /// Milliseconds since the constructor.
    pub after: u32,
    #[serde(flatten)]
    pub what: Happening,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Happening {
    Open {
        protocol: String,
        extensions: String,
    },
    /// A message came. `text` is the start of it, empty for a binary one.
    Frame {
        text: String,
        length: u32,
        binary: bool,
    },
    /// The probe sent this.
    Sent {
        text: String,
        /// Characters, where `text` is only the start.
        #[serde(default, skip_serializing_if = "is_zero")]
        length: u32,
    },
    /// The `error` event, which says nothing more on purpose.
    Error,
    Close {
        code: u16,
        reason: String,
        clean: bool,
    },
    /// The constructor or `send` threw.
    Threw {
        name: String,
        message: String,
    },
    /// The probe's own deadline came while it waited for this.
    Deadline {
        waiting_for: String,
    },
    /// The probe was content and closed the socket itself.
    ClosedByProbe,
    /// More came than any server of the protocol sends; the probe stopped listening.
    Flood,
}

impl Evidence {
    /// Takes a fact in, without its secrets: the one door, and the one choke point of redaction.
    pub fn record(&mut self, at: u32, fact: Fact) -> &Observation {
        let id = self.observations.len() as Cite + 1;
        self.observations.push(Observation { id, at, fact: redacted(fact) });
        &self.observations[self.observations.len() - 1]
    }

    #[must_use]
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    #[must_use]
    pub fn get(&self, id: Cite) -> Option<&Observation> {
        self.observations.get((id as usize).checked_sub(1)?)
    }

    pub fn environment(&self) -> Option<(Cite, &Environment)> {
        self.observations.iter().find_map(|o| match &o.fact {
            Fact::Environment(environment) => Some((o.id, environment)),
            _ => None,
        })
    }

    pub fn cookies(&self) -> Option<(Cite, &Cookies)> {
        self.observations.iter().find_map(|o| match &o.fact {
            Fact::Cookies(cookies) => Some((o.id, cookies)),
            _ => None,
        })
    }

    pub fn storage(&self) -> Option<(Cite, &Storage)> {
        self.observations.iter().find_map(|o| match &o.fact {
            Fact::Storage(storage) => Some((o.id, storage)),
            _ => None,
        })
    }

    /// The newest look at them.
    pub fn workers(&self) -> Option<(Cite, &Workers)> {
        self.observations.iter().rev().find_map(|o| match &o.fact {
            Fact::Workers(workers) => Some((o.id, workers)),
            _ => None,
        })
    }

    pub fn navigation(&self) -> Option<(Cite, &Navigation)> {
        self.observations.iter().rev().find_map(|o| match &o.fact {
            Fact::Navigation(navigation) => Some((o.id, navigation)),
            _ => None,
        })
    }

    pub fn streams(&self) -> Numbered<'_, Stream> {
        self.facts(|fact| if let Fact::Stream(stream) = fact { Some(stream) } else { None })
    }

    pub fn round_trips(&self) -> Numbered<'_, RoundTrips> {
        self.facts(|fact| if let Fact::RoundTrips(trips) = fact { Some(trips) } else { None })
    }

    pub fn rungs(&self) -> Numbered<'_, Rung> {
        self.facts(|fact| if let Fact::Rung(rung) = fact { Some(rung) } else { None })
    }

    pub fn gatherings(&self) -> Numbered<'_, Gathering> {
        self.facts(|fact| if let Fact::Gathering(gathering) = fact { Some(gathering) } else { None })
    }

    pub fn loopbacks(&self) -> Numbered<'_, Loopback> {
        self.facts(|fact| if let Fact::Loopback(loopback) = fact { Some(loopback) } else { None })
    }

    pub fn calls(&self) -> Numbered<'_, Call> {
        self.facts(|fact| if let Fact::Call(call) = fact { Some(call) } else { None })
    }

    pub fn captures(&self) -> Numbered<'_, Capture> {
        self.facts(|fact| if let Fact::Capture(capture) = fact { Some(capture) } else { None })
    }

    pub fn ice_servers(&self) -> Numbered<'_, IceServers> {
        self.facts(|fact| if let Fact::IceServers(servers) = fact { Some(servers) } else { None })
    }

    pub fn devices(&self) -> Option<(Cite, &Devices)> {
        self.facts(|fact| if let Fact::Devices(devices) = fact { Some(devices) } else { None }).next_back()
    }

    pub fn call_token(&self) -> Option<(Cite, &CallToken)> {
        self.facts(|fact| if let Fact::CallToken(token) = fact { Some(token) } else { None }).next_back()
    }

    pub fn web_transport(&self) -> Option<(Cite, &WebTransport)> {
        self.facts(|fact| if let Fact::WebTransport(transport) = fact { Some(transport) } else { None }).next_back()
    }

    pub fn delivery(&self) -> Option<(Cite, &Delivery)> {
        self.facts(|fact| if let Fact::Delivery(delivery) = fact { Some(delivery) } else { None }).next_back()
    }

    fn facts<T>(&self, of: fn(&Fact) -> Option<&T>) -> Numbered<'_, T> {
        let all: Vec<(Cite, &T)> = self.observations.iter().filter_map(|o| Some((o.id, of(&o.fact)?))).collect();
        all.into_iter()
    }

    /// All fetches, in the order in which they ended.
    pub fn exchanges(&self) -> Numbered<'_, Exchange> {
        self.exchanges_where(&|_| true)
    }

    pub fn exchanges_for(&self, purpose: Purpose) -> Numbered<'_, Exchange> {
        self.exchanges_where(&|x| x.purpose == purpose)
    }

    pub fn exchanges_where(&self, wanted: &dyn Fn(&Exchange) -> bool) -> Numbered<'_, Exchange> {
        let mut all = Vec::new();
        for observation in &self.observations {
            if let Fact::Exchange(exchange) = &observation.fact
                && wanted(exchange)
            {
                all.push((observation.id, exchange));
            }
        }
        all.into_iter()
    }

    /// All WebSockets, in the order in which they ended.
    pub fn sockets(&self) -> Numbered<'_, SocketLife> {
        self.sockets_where(&|_| true)
    }

    pub fn sockets_for(&self, purpose: SocketPurpose) -> Numbered<'_, SocketLife> {
        self.sockets_where(&|s| s.purpose == purpose)
    }

    pub fn sockets_where(&self, wanted: &dyn Fn(&SocketLife) -> bool) -> Numbered<'_, SocketLife> {
        let mut all = Vec::new();
        for observation in &self.observations {
            if let Fact::Socket(life) = &observation.fact
                && wanted(life)
            {
                all.push((observation.id, life));
            }
        }
        all.into_iter()
    }
}

/// In rising order, equals as they stood. For the short lists of one run, without the standard library's merge sort, which
/// each kind of list would bring anew.
pub fn order_by<T>(list: &mut [T], key: impl Fn(&T) -> u32) {
    for end in 1..list.len() {
        let mut at = end;
        while at > 0 && key(&list[at - 1]) > key(&list[at]) {
            list.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Facts of one kind with their numbers. A list and no chain of adapters: each of those would be compiled anew for every
/// rule that goes on filtering it (3 kB of the download).
pub type Numbered<'a, T> = std::vec::IntoIter<(Cite, &'a T)>;

impl Exchange {
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        match &self.outcome {
            Outcome::Response(response) => Some(response),
            _ => None,
        }
    }

    /// The status that a page can read; `None` for an opaque answer and for none.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response().map(|r| r.status).filter(|s| *s != 0)
    }

    /// When it was over, in milliseconds since the start of the run.
    #[must_use]
    pub fn ended(&self) -> u32 {
        self.started.saturating_add(self.ended_after)
    }

    /// Whether anything at all answered, readable or not.
    #[must_use]
    pub fn answered(&self) -> bool {
        matches!(self.outcome, Outcome::Response(_) | Outcome::TimedOut { responded: true })
    }

    #[must_use]
    pub fn rejected(&self) -> bool {
        matches!(self.outcome, Outcome::Rejected { .. })
    }

    #[must_use]
    pub fn timed_out(&self) -> bool {
        matches!(self.outcome, Outcome::TimedOut { responded: false })
    }

    /// A redirect was the answer, and `redirect: manual` hides where it leads (WHATWG Fetch, opaque-redirect filtered response).
    #[must_use]
    pub fn is_opaque_redirect(&self) -> bool {
        self.response().is_some_and(|r| r.response_type == "opaqueredirect")
    }

    /// The answer in Engine.IO's words.
    #[must_use]
    pub fn engine(&self) -> engine_io::Answer {
        let Some(response) = self.response() else { return engine_io::Answer::Other };
        match engine_io::read_answer(response.status, &response.excerpt) {
            // No client is handed a body that broke off, whatever the beginning of it says.
            engine_io::Answer::Open { .. } if response.broken_off => engine_io::Answer::Garbled,
            engine_io::Answer::Taken | engine_io::Answer::Refused { .. } if response.broken_off => engine_io::Answer::Other,
            answer => answer,
        }
    }

    #[must_use]
    pub fn html(&self) -> Option<&html::Outline> {
        self.response().and_then(|r| r.html.as_ref())
    }
}

impl Response {
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

impl Stream {
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

impl SocketLife {
    fn after(&self, wanted: impl Fn(&Happening) -> bool) -> Option<u32> {
        self.events.iter().find(|e| wanted(&e.what)).map(|e| e.after)
    }

    /// Milliseconds to the `open` event.
    #[must_use]
    pub fn opened_after(&self) -> Option<u32> {
        self.after(|w| matches!(w, Happening::Open { .. }))
    }

    #[must_use]
    pub fn opened(&self) -> bool {
        self.opened_after().is_some()
    }

    /// The first text frame, if any came.
    #[must_use]
    pub fn first_frame(&self) -> Option<&str> {
        self.events.iter().find_map(|e| match &e.what {
            Happening::Frame { text, .. } => Some(text.as_str()),
            _ => None,
        })
    }

    /// How long that frame was, whether text or not, in characters or bytes.
    #[must_use]
    pub fn first_length(&self) -> Option<u32> {
        self.events.iter().find_map(|e| if let Happening::Frame { length, .. } = e.what { Some(length) } else { None })
    }

    pub fn frames(&self) -> impl Iterator<Item = (u32, &str)> {
        self.events.iter().filter_map(|e| match &e.what {
            Happening::Frame { text, .. } => Some((e.after, text.as_str())),
            _ => None,
        })
    }

    /// The server's answer to a probe of an upgrade.
    #[must_use]
    pub fn agrees_to_upgrade(&self) -> bool {
        self.frames().any(|(_, frame)| frame == "3probe")
    }

    /// The Engine.IO open packet, which by the protocol is the first frame.
    #[must_use]
    pub fn open_packet(&self) -> Option<engine_io::OpenPacket> {
        self.first_frame().and_then(engine_io::open_packet)
    }

    /// The `close` event: (milliseconds, code, reason).
    #[must_use]
    pub fn closed(&self) -> Option<(u32, u16, &str)> {
        self.events.iter().find_map(|e| match &e.what {
            Happening::Close { code, reason, .. } => Some((e.after, *code, reason.as_str())),
            _ => None,
        })
    }

    /// Ended by the other side or the browser before `open`, within the probe's limit.
    #[must_use]
    pub fn failed_before_open(&self) -> bool {
        !self.opened() && self.after(|w| matches!(w, Happening::Close { .. } | Happening::Error)).is_some()
    }

    /// Neither `open` nor an end within the probe's limit.
    #[must_use]
    pub fn hung_connecting(&self) -> bool {
        !self.opened() && !self.failed_before_open() && self.waited_in_vain_for("open")
    }

    /// Whether more came than any server of the protocol sends.
    #[must_use]
    pub fn flooded(&self) -> bool {
        self.after(|w| *w == Happening::Flood).is_some()
    }

    /// What the constructor threw: (name, message).
    #[must_use]
    pub fn threw(&self) -> Option<(&str, &str)> {
        self.events.iter().find_map(|e| match &e.what {
            Happening::Threw { name, message } => Some((name.as_str(), message.as_str())),
            _ => None,
        })
    }

    /// Milliseconds from the last frame, either way, or from `open`, to the end.
    #[must_use]
    pub fn silent_before_end(&self) -> Option<u32> {
        let (end, _, _) = self.closed()?;
        let moved = |w: &Happening| matches!(w, Happening::Open { .. } | Happening::Frame { .. } | Happening::Sent { .. });
        let last = self.events.iter().rfind(|e| moved(&e.what)).map(|e| e.after)?;
        Some(end.saturating_sub(last.max(self.last_frame)))
    }

    /// Whether the probe's limit came while it waited for this.
    #[must_use]
    pub fn waited_in_vain_for(&self, what: &str) -> bool {
        self.after(|w| matches!(w, Happening::Deadline { waiting_for } if waiting_for == what)).is_some()
    }

    /// Milliseconds from the constructor to the last event.
    #[must_use]
    pub fn lasted(&self) -> u32 {
        self.events.last().map_or(0, |e| e.after)
    }
}

fn redacted(fact: Fact) -> Fact {
    match fact {
        Fact::Environment(mut e) => {
            e.user_agent = redact::shorten(&e.user_agent, 300);
            Fact::Environment(e)
        }
        Fact::Exchange(mut x) => {
            x.url = address(&x.url);
            x.path = address(&x.path);
            match &mut x.outcome {
                Outcome::Response(r) => {
                    r.final_url = address(&r.final_url);
                    r.excerpt = excerpt(&r.excerpt);
                    for (name, value) in &mut r.headers {
                        // A policy is evaluated, so it is kept whole up to what any site needs.
                        let limit = if name == "content-security-policy" { 4_000 } else { 160 };
                        *value = redact::start(value, limit, redact::text);
                    }
                    if let Some(html) = &mut r.html {
                        redact_outline(html);
                    }
                    if let Some(client) = &mut r.client {
                        client.paths.iter_mut().chain([&mut client.server]).for_each(|told| *told = redact::url(told));
                    }
                    if let Some(grpc) = &mut r.grpc {
                        grpc.message = excerpt(&grpc.message);
                    }
                }
                Outcome::Rejected { message, .. } => *message = excerpt(message),
                Outcome::TimedOut { .. } => {}
            }
            Fact::Exchange(x)
        }
        Fact::Socket(mut s) => {
            s.url = address(&s.url);
            s.path = address(&s.path);
            for event in &mut s.events {
                match &mut event.what {
                    Happening::Frame { text, .. } | Happening::Sent { text, .. } => *text = excerpt(text),
                    Happening::Close { reason, .. } => *reason = excerpt(reason),
                    Happening::Threw { message, .. } => *message = excerpt(message),
                    Happening::Open { .. } | Happening::Error | Happening::Deadline { .. } | Happening::ClosedByProbe | Happening::Flood => {}
                }
            }
            Fact::Socket(s)
        }
        Fact::Cookies(mut c) => {
            redact_stored(&mut c.largest);
            Fact::Cookies(c)
        }
        Fact::Storage(mut s) => {
            redact_stored(&mut s.keys);
            Fact::Storage(s)
        }
        Fact::Workers(mut w) => {
            for registration in &mut w.registrations {
                registration.scope = redact::start(&registration.scope, 200, redact::url);
                registration.script = redact::start(&registration.script, 200, redact::url);
            }
            for copy in &mut w.caches {
                copy.name = redact::start(&copy.name, 80, redact::text);
            }
            Fact::Workers(w)
        }
        Fact::Navigation(mut n) => {
            n.path = address(&n.path);
            if let Some(html) = &mut n.html {
                redact_outline(html);
            }
            Fact::Navigation(n)
        }
        Fact::Stream(mut s) => {
            s.led_to = address(&s.led_to);
            s.url = address(&s.url);
            s.path = address(&s.path);
            for (_, value) in &mut s.headers {
                *value = redact::start(value, 160, redact::text);
            }
            if let StreamEnd::Broken { message, .. } | StreamEnd::Rejected { message, .. } = &mut s.end {
                *message = excerpt(message);
            }
            Fact::Stream(s)
        }
        Fact::RoundTrips(mut r) => {
            r.path = address(&r.path);
            Fact::RoundTrips(r)
        }
        Fact::Delivery(mut d) => {
            d.path = address(&d.path);
            Fact::Delivery(d)
        }
        Fact::Rung(mut r) => {
            r.path = address(&r.path);
            Fact::Rung(r)
        }
        Fact::IceServers(mut all) => {
            all.urls.iter_mut().for_each(|url| *url = redact::ice_url(url));
            Fact::IceServers(all)
        }
        Fact::Gathering(mut g) => {
            g.url = redact::ice_url(&g.url);
            for error in &mut g.errors {
                error.text = excerpt(&error.text);
            }
            redact_thrown(&mut g.threw);
            Fact::Gathering(g)
        }
        Fact::Loopback(mut l) => {
            l.url = redact::ice_url(&l.url);
            redact_thrown(&mut l.threw);
            Fact::Loopback(l)
        }
        Fact::Call(mut c) => {
            c.path = address(&c.path);
            c.version = redact::text(&c.version);
            if let Some(media) = &mut c.media {
                redact_thrown(&mut media.threw);
            }
            Fact::Call(c)
        }
        Fact::Capture(mut c) => {
            redact_thrown(&mut c.threw);
            Fact::Capture(c)
        }
        Fact::WebTransport(mut w) => {
            w.url = address(&w.url);
            w.message = excerpt(&w.message);
            Fact::WebTransport(w)
        }
        Fact::ClientError { before, message } => Fact::ClientError { before, message: excerpt(&message) },
        Fact::EventSource { url, ready_state, after } => Fact::EventSource { url: address(&url), ready_state, after },
        Fact::PolicyViolation { directive, blocked, enforced } => Fact::PolicyViolation { directive, blocked: address(&blocked), enforced },
        Fact::StepEnded { step, end: End::Threw { name, message } } => Fact::StepEnded { step, end: End::Threw { name, message: excerpt(&message) } },
        Fact::Visibility { .. }
        | Fact::Pause { .. }
        | Fact::Connectivity { .. }
        | Fact::StepEnded { .. }
        | Fact::Permission { .. }
        | Fact::CallToken(_)
        | Fact::Devices(_) => fact,
    }
}

/// The start of a text of any origin.
fn excerpt(text: &str) -> String {
    redact::start(text, EXCERPT, redact::text)
}

/// The start of a URL, or of a path.
fn address(text: &str) -> String {
    redact::start(text, EXCERPT, redact::url)
}

fn redact_thrown(threw: &mut Option<(String, String)>) {
    if let Some((_, message)) = threw {
        *message = excerpt(message);
    }
}

fn redact_outline(html: &mut html::Outline) {
    html.title = redact::text(&html.title);
    for script in html.script_sources.iter_mut().chain(&mut html.imports).chain(html.base.as_mut()) {
        *script = redact::url(script);
    }
    for policy in &mut html.policies {
        *policy = redact::text(policy);
    }
}

fn redact_stored(all: &mut [Stored]) {
    for stored in all {
        stored.name = redact::start(&stored.name, 80, redact::text);
    }
}
