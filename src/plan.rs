//! Which steps to take next: a pure function of the profile, the evidence so far and what was begun.
//!
//! It is asked again whenever a step ends. So discovery needs no phase of its own, a slow step holds up only what
//! depends on it, and the plan of any run can be replayed natively. A step that was begun is never begun again.

mod calls;
mod often;

use crate::english;
use crate::evidence::{Evidence, Exchange, Fact, Outcome, Purpose, SocketPurpose};
use crate::platforms::Connect;
use crate::profile::{Application, Capturable, Depth, Profile, Topic};
use crate::protocol::engine_io::{Answer, Refusal};
use crate::survey::{self, Live, PathBasis, Polling, REPEATS, SLOW_PACE, Survey};

/// Most sessions of one run that are opened to see replicas, with the chat's credentials.
const SESSIONS: u8 = 12;
/// So many tell a share of sessions (findings: at least eight).
const ENOUGH_SESSIONS: u8 = 8;
/// Connects of a full run, one after the other.
const CONNECTS: u8 = 8;
/// The name of the step that gives the client's own cookie ([`Survey::client_cookie_since`]).
pub const CLIENT_COOKIE: &str = survey::CLIENT_COOKIE;
/// Sizes that are tried at most, halving.
const SIZES: usize = 6;
/// The numbers of sockets of the ladder.
const RUNGS: [u32; 4] = [1, 2, 4, 8];
/// A response that takes longer than this makes the plan look for more of them, in milliseconds.
const SLOW: u32 = 700;

/// One probe with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Environment,
    /// Nothing but time: when it ends, the plan looks whether something is still waited for. A run does not wait for it.
    Patience,
    OwnFile {
        round: u8,
    },
    /// The page\'s own file without credentials, where the socket\'s path asks for a native sign-in.
    Gate,
    /// Without credentials first; `as_person` asks again with them, where the first answer was a gate's.
    ChatPage {
        as_person: bool,
    },
    /// The page below the engine's prefix, where the chat's page is not at the usual place.
    PageBelow {
        path: String,
        as_person: bool,
    },
    /// The chat's page on this page's origin, for a server of another one.
    HomePage,
    /// The cookie by which the chat's own client asks to be kept at one replica, given for a moment.
    ClientCookie {
        name: &'static str,
    },
    /// The chat's page and its scripts, for what they tell its client.
    ClientScripts,
    /// The chat's page by https, where its own policy asks for that.
    Upgraded,
    /// The server's root by `cors`, for a server of another origin.
    Server,
    /// By `no-cors`; `polls`: the handshake's own URL, which leaves a session to the server's time limit.
    ServerNoCors {
        path: String,
        polls: bool,
    },
    Health {
        path: String,
    },
    /// As the application asks it: with its token as bearer where it keeps one under one of these keys; `include`: with cookies to another origin.
    User {
        path: String,
        keys: Vec<String>,
        include: bool,
        round: u8,
    },
    /// The same endpoint without any sign-in, where it refused.
    UserWithout {
        path: String,
    },
    Application {
        path: String,
    },
    Version {
        path: String,
    },
    /// A polling handshake without credentials, closed at once: is an engine there?
    Discover {
        path: String,
        eio: u8,
    },
    /// A polling session as the chat has it: handshake, follow-up, upgrade where it is offered, close.
    Session {
        path: String,
        eio: u8,
        upgrade: bool,
        include: bool,
        round: u8,
    },
    OriginProbe {
        path: String,
        eio: u8,
    },
    /// Without credentials first: where WebSockets alone ask for a native sign-in, a request with them would open its dialog.
    Companion {
        path: String,
        eio: u8,
        as_chat: bool,
    },
    Hello {
        path: String,
        eio: u8,
        round: u8,
    },
    Heartbeat {
        path: String,
        eio: u8,
        round: u8,
        /// So many attempts in a row failed before it: each next one waits longer, as a client's does.
        failed: u8,
    },
    Connect {
        path: String,
        eio: u8,
        namespace: String,
        how: Connect,
        polling: bool,
    },
    Raw {
        round: u8,
    },
    /// As the chat: with cookies, which a WebSocket always carries, and without following a redirect.
    RawCompanion {
        as_chat: bool,
    },
    RedirectControl {
        path: String,
        round: u8,
    },
    Repeat {
        path: String,
        eio: u8,
        round: u8,
    },
    Cookies,
    Storage,
    Workers {
        round: u8,
    },
    /// The chat's page as it is kept, shown, and served now, and the scripts that it names.
    Shell {
        path: String,
        past_worker: bool,
        round: u8,
    },
    /// What a navigation to the chat's page gets, where a service worker may answer it.
    Navigation {
        path: String,
        round: u8,
    },
    Permission,
    Credentialed {
        path: String,
        eio: u8,
    },
    /// `include`: with cookies, as the chat sends them.
    Preflighted {
        path: String,
        eio: u8,
        include: bool,
    },
    /// `include`: with cookies, for which some browsers keep a copy of its own.
    ServerKept {
        path: String,
        include: bool,
    },
    /// The same with cookies past the browser's copies, where the one from them was rejected.
    ServerPast {
        path: String,
    },
    /// A POST without a session in `no-cors`, where no POST of a session could be read.
    PostNoCors {
        path: String,
        eio: u8,
    },
    /// An empty path: the raw WebSocket's own address.
    EventSource {
        path: String,
    },
    /// Whether something stops URLs by their text.
    Filter {
        path: String,
    },
    Help {
        path: String,
    },
    /// One more session: a handshake, and its close as the follow-up. `as_chat`: with the cookies as the chat's own requests have
    /// them, else the other way. `upgrade`: as a client has it, with a GET that is always open, a message and the upgrade.
    Replica {
        path: String,
        eio: u8,
        as_chat: bool,
        /// Whether the chat's requests to another origin carry cookies.
        include: bool,
        upgrade: bool,
        round: u8,
    },
    /// The long stay with something sent every two seconds: a noop, where the engine is known to take it.
    Busy {
        path: String,
        eio: u8,
        noop: bool,
        round: u8,
    },
    LongPoll {
        path: String,
        eio: u8,
        round: u8,
    },
    /// One of several connects, one after the other.
    Again {
        path: String,
        eio: u8,
        round: u8,
    },
    /// Round trips over HTTP and on a socket, by a worker.
    RoundTrips {
        path: String,
        eio: u8,
    },
    /// A message of so many characters on a socket.
    Large {
        path: String,
        eio: u8,
        size: u32,
    },
    /// A POST of so many characters to a session of its own.
    Body {
        path: String,
        eio: u8,
        size: u32,
    },
    Delivery {
        path: String,
        namespace: String,
        how: Connect,
    },
    /// The stream, by `fetch` or by `EventSource`; `seconds`: the documented handler is asked to go on for so long.
    Stream {
        url: String,
        event_source: bool,
        seconds: u32,
        round: u8,
    },
    Grpc {
        url: String,
        round: u8,
        /// With this browser's cookies.
        as_person: bool,
    },
    RawQuiet {
        round: u8,
    },
    Rung {
        path: String,
        eio: u8,
        sockets: u32,
    },
    /// What a page is told of microphone and camera without asking the person.
    Devices,
    /// On the person's click: the browser asks for leave.
    Capture {
        device: Capturable,
    },
    /// LiveKit's root.
    CallServer,
    /// The same by `no-cors`, where nothing could be read.
    CallServerNoCors,
    /// LiveKit's `/rtc/validate`.
    CallValidate {
        with_token: bool,
        /// With this browser's cookies, where a gate's sign-in answered without them.
        as_person: bool,
    },
    /// LiveKit's `/rtc/v1/validate`: does the server know the newer signalling?
    CallVersion,
    /// LiveKit's signalling by WebSocket; with a token that is taken, up to the media.
    Call {
        round: u8,
    },
    /// The same as newer clients open it, up to the join answer.
    CallV1,
    /// Writes down the servers that the settings name.
    IceServers,
    /// Candidates with one of the run's servers.
    Gather {
        server: u8,
    },
    /// The TLS port of a relay that was not reached.
    RelayTls {
        server: u8,
    },
    /// Two peer connections of this page: through that relay, or without one.
    Loopback {
        server: Option<u8>,
    },
    WebTransport,
}

/// What the runner has done so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub begun: Vec<Step>,
    pub ended: Vec<Step>,
}

impl Progress {
    fn has_ended(&self, step: &Step) -> bool {
        self.ended.contains(step)
    }
}

impl Step {
    /// What the person reads while it runs.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Step::Environment | Step::Patience => english!("Looking at this browser"),
            Step::OwnFile { .. } | Step::Gate => english!("Asking this page's own server for a file"),
            Step::ChatPage { .. } | Step::PageBelow { .. } | Step::HomePage | Step::ClientScripts | Step::Upgraded => {
                english!("Looking at the chat's own page")
            }
            Step::Server | Step::ServerNoCors { .. } => english!("Reaching the chat's server"),
            Step::Health { .. } => english!("Asking the chat how it is"),
            Step::User { .. } | Step::UserWithout { .. } => english!("Checking the sign-in"),
            Step::Version { .. } => english!("Comparing the stored copy of the chat with the server's"),
            Step::Application { .. } => english!("Finding out which chat this is"),
            Step::Discover { .. } => english!("Looking for the chat's socket"),
            Step::Session { .. } => english!("Holding a conversation in small requests"),
            Step::OriginProbe { .. } => english!("Checking whether the server accepts this page"),
            Step::Companion { .. } => english!("Asking the socket's address in the plain way"),
            Step::Hello { .. } | Step::Raw { .. } => english!("Opening a live connection"),
            Step::Heartbeat { .. } => english!("Waiting for the connection's heartbeat"),
            Step::Connect { .. } => english!("Joining the chat's channel"),
            Step::RawCompanion { .. } => english!("Asking the socket's address in the plain way"),
            Step::RedirectControl { .. } => english!("Checking for a detour"),
            Step::Repeat { .. } => english!("Repeating a small request"),
            Step::Cookies | Step::Storage | Step::Workers { .. } | Step::Help { .. } => english!("Looking at what this browser keeps for the site"),
            Step::Shell { .. } | Step::Navigation { .. } => english!("Comparing the stored copy of the chat with the server's"),
            Step::Permission | Step::EventSource { .. } | Step::Filter { .. } => english!("Reaching the chat's server"),
            Step::Credentialed { .. } | Step::Preflighted { .. } | Step::ServerKept { .. } | Step::ServerPast { .. } | Step::PostNoCors { .. } => {
                english!("Checking whether the server accepts this page")
            }
            Step::Replica { .. } | Step::ClientCookie { .. } => english!("Opening several sessions, to see whether all of them hold"),
            Step::Busy { .. } | Step::LongPoll { .. } | Step::RawQuiet { .. } => english!("Watching how long a connection is left alone"),
            Step::Again { .. } => english!("Connecting several times"),
            Step::RoundTrips { .. } => english!("Measuring the way there and back"),
            Step::Large { .. } | Step::Body { .. } => english!("Sending large messages"),
            Step::Delivery { .. } => english!("Sending a message from one session to another"),
            Step::Stream { .. } => english!("Reading a streamed answer"),
            Step::Grpc { .. } => english!("Asking the gRPC service how it is"),
            Step::Rung { .. } => english!("Opening several connections at one time"),
            Step::Devices => english!("Looking at microphone and camera"),
            Step::Capture { device: Capturable::Microphone } => english!("Listening to the microphone: say something"),
            Step::Capture { device: Capturable::Camera } => english!("Opening the camera"),
            Step::CallServer | Step::CallServerNoCors | Step::CallValidate { .. } | Step::CallVersion => english!("Asking the call server"),
            Step::Call { .. } | Step::CallV1 => english!("Joining a call"),
            Step::IceServers | Step::Gather { .. } | Step::RelayTls { .. } => english!("Looking for ways that calls can take"),
            Step::Loopback { .. } => english!("Sending data as calls do"),
            Step::WebTransport => english!("Opening a WebTransport session"),
        }
    }

    /// A stable name for the evidence: the kind of step and its round.
    #[must_use]
    pub fn name(&self) -> String {
        let (name, round) = match self {
            Step::Environment => ("environment", 0),
            Step::Patience => ("patience", 0),
            Step::OwnFile { round } => ("own-file", *round),
            Step::Gate => ("gate", 0),
            Step::ChatPage { as_person } => ("chat-page", u8::from(*as_person)),
            Step::PageBelow { as_person, .. } => ("page-below", u8::from(*as_person)),
            Step::HomePage => ("home-page", 0),
            Step::ClientScripts => ("client-scripts", 0),
            Step::Upgraded => ("upgraded", 0),
            Step::Server => ("server", 0),
            Step::ServerNoCors { .. } => ("server-no-cors", 0),
            Step::Health { .. } => ("health", 0),
            Step::User { round, .. } => ("user", *round),
            Step::UserWithout { .. } => ("user-without", 0),
            Step::Application { .. } => ("application", 0),
            Step::Version { .. } => ("version", 0),
            Step::Discover { eio, .. } => ("discover", *eio),
            Step::Session { round, .. } => ("session", *round),
            Step::OriginProbe { .. } => ("origin-probe", 0),
            Step::Companion { as_chat, .. } => ("companion", u8::from(*as_chat)),
            Step::Hello { round, .. } => ("hello", *round),
            Step::Heartbeat { round, .. } => ("heartbeat", *round),
            Step::Connect { .. } => ("connect", 0),
            Step::Raw { round } => ("raw", *round),
            Step::RawCompanion { as_chat } => ("raw-companion", u8::from(*as_chat)),
            Step::RedirectControl { round, .. } => ("redirect-control", *round),
            Step::Repeat { round, .. } => ("repeat", *round),
            Step::Cookies => ("cookies", 0),
            Step::ClientCookie { .. } => (CLIENT_COOKIE, 0),
            Step::Storage => ("storage", 0),
            Step::Workers { round } => ("workers", *round),
            Step::Shell { round, .. } => ("shell", *round),
            Step::Navigation { round, .. } => ("navigation", *round),
            Step::Permission => ("permission", 0),
            Step::Credentialed { .. } => ("credentialed", 0),
            Step::Preflighted { .. } => ("preflighted", 0),
            Step::ServerKept { include, .. } => ("server-kept", u8::from(*include)),
            Step::ServerPast { .. } => ("server-past", 0),
            Step::PostNoCors { .. } => ("post-no-cors", 0),
            Step::EventSource { .. } => ("event-source", 0),
            Step::Filter { .. } => ("filter", 0),
            Step::Help { .. } => ("help", 0),
            Step::Replica { as_chat: true, round, .. } => ("session-again", *round),
            Step::Replica { round, .. } => ("session-otherwise", *round),
            Step::Busy { round, .. } => ("busy", *round),
            Step::LongPoll { round, .. } => ("long-poll", *round),
            Step::Again { round, .. } => ("connect-again", *round),
            Step::RoundTrips { .. } => ("round-trips", 0),
            Step::Large { .. } => ("large-message", 0),
            Step::Body { .. } => ("large-post", 0),
            Step::Delivery { .. } => ("delivery", 0),
            Step::Stream { event_source: true, .. } => ("event-stream", 0),
            Step::Stream { round, .. } => ("stream", *round),
            Step::Grpc { round, .. } => ("grpc", *round),
            Step::RawQuiet { round } => ("raw-quiet", *round),
            Step::Rung { sockets, .. } => ("ladder", *sockets as u8),
            Step::Devices => ("devices", 0),
            Step::Capture { device } => (device.name(), 0),
            Step::CallServer => ("call-server", 0),
            Step::CallServerNoCors => ("call-server-no-cors", 0),
            Step::CallValidate { with_token: false, as_person } => ("call-validate", u8::from(*as_person)),
            Step::CallValidate { as_person, .. } => ("call-token", u8::from(*as_person)),
            Step::CallVersion => ("call-version", 0),
            Step::Call { round } => ("call", *round),
            Step::CallV1 => ("call-v1", 0),
            Step::IceServers => ("ice-servers", 0),
            Step::Gather { server } => ("gather", *server + 1),
            Step::RelayTls { server } => ("relay-tls", *server + 1),
            Step::Loopback { server } => ("loopback", server.map_or(0, |s| s + 1)),
            Step::WebTransport => ("web-transport", 0),
        };
        let mut out = name.to_owned();
        if round > 0 {
            out.push('-');
            out.push_str(&round.to_string());
        }
        out
    }

    /// The topic that the setting `only` chooses it by; `None` for steps that every run needs.
    fn topic(&self) -> Option<Topic> {
        match self {
            Step::Environment | Step::Patience | Step::OwnFile { .. } | Step::Gate => None,
            Step::ChatPage { .. }
            | Step::PageBelow { .. }
            | Step::HomePage
            | Step::ClientScripts
            | Step::Upgraded
            | Step::Server
            | Step::ServerNoCors { .. }
            | Step::RedirectControl { .. }
            | Step::Permission
            | Step::EventSource { .. }
            | Step::Filter { .. } => Some(Topic::Http),
            Step::Cookies | Step::Storage | Step::Workers { .. } | Step::Shell { .. } | Step::Navigation { .. } | Step::Help { .. } => Some(Topic::Browser),
            Step::Credentialed { .. } | Step::Preflighted { .. } | Step::ServerKept { .. } | Step::ServerPast { .. } | Step::PostNoCors { .. } => {
                Some(Topic::Http)
            }
            Step::Health { .. } => Some(Topic::Health),
            Step::User { .. } | Step::UserWithout { .. } | Step::Application { .. } | Step::Version { .. } => Some(Topic::Application),
            Step::Discover { .. } | Step::Session { .. } | Step::OriginProbe { .. } | Step::Repeat { .. } => Some(Topic::Polling),
            Step::Companion { .. } | Step::Hello { .. } => Some(Topic::Websocket),
            Step::Heartbeat { .. } => Some(Topic::Heartbeat),
            Step::Connect { .. } => Some(Topic::Connect),
            Step::Raw { .. } | Step::RawCompanion { .. } | Step::RawQuiet { .. } => Some(Topic::Raw),
            Step::Replica { .. } | Step::ClientCookie { .. } => Some(Topic::Sessions),
            Step::Busy { .. } | Step::LongPoll { .. } => Some(Topic::Heartbeat),
            Step::Again { .. } | Step::RoundTrips { .. } | Step::Large { .. } | Step::Body { .. } | Step::Rung { .. } => Some(Topic::Quality),
            Step::Delivery { .. } => Some(Topic::Delivery),
            Step::Stream { .. } => Some(Topic::Stream),
            Step::Grpc { .. } => Some(Topic::Grpc),
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
            | Step::WebTransport => Some(Topic::Calls),
        }
    }

    /// How long to wait before it begins, in milliseconds: a rate is asked for at a pace that no usual limit forbids.
    #[must_use]
    pub fn pause(&self) -> u32 {
        match self {
            Step::Repeat { round, .. } if often::is_look(*round) => 0,
            Step::Repeat { round, .. } if *round >= REPEATS => SLOW_PACE,
            Step::Heartbeat { failed: failed @ 1.., .. } => AFTER_FAILURE << (*failed - 1).min(2),
            Step::Repeat { .. } | Step::Again { .. } => 200,
            Step::Replica { .. } => 120,
            // Apart from the quiet one in time: what ends both at one moment is no age of either.
            Step::Busy { round: 0, .. } | Step::RawQuiet { round: 1 } => BUSY_LATER,
            // What a limit has cut is asked for once more when the rest is over.
            Step::LongPoll { round: 1.., .. } | Step::Stream { round: 1.., .. } => 500,
            _ => 0,
        }
    }

    /// Not begun before this many milliseconds since the start: time for a server to come up, or a limit to clear.
    #[must_use]
    pub fn not_before(&self, depth: Depth) -> u32 {
        let quick = depth == Depth::Quick;
        match self {
            Step::Patience => 1_200,
            Step::Session { round: 1, .. } | Step::Hello { round: 2, .. } => {
                if quick {
                    1_200
                } else {
                    2_000
                }
            }
            Step::Session { round: 2, .. } => {
                if quick {
                    2_600
                } else {
                    8_000
                }
            }
            Step::Session { round: 3.., .. } | Step::Hello { round: 3.., .. } => 20_000,
            _ => 0,
        }
    }
}

/// After a held connection could not be opened anew, the next attempt waits so long, the one after it twice, and each later one four times as long, in milliseconds.
const AFTER_FAILURE: u32 = 2_000;
/// So much later than the quiet connection the busy one begins, in milliseconds.
const BUSY_LATER: u32 = 2_000;

/// Limits of a step's parts, in milliseconds. A browser's own are useless: a blackholed socket takes Chromium 135 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One request, to the end of its body.
    pub request: u32,
    /// A WebSocket until `open`.
    pub open: u32,
    /// From `open` to the first packet, and for each answer on a socket.
    pub packet: u32,
    /// How long a socket that said hello is watched.
    pub stay: u32,
    /// The same of the second look. In a quick run, which holds none for longer, it sees what breaks a moment later.
    pub stay_again: u32,
    /// How long a connection is held to see whether something ends it.
    pub hold: u32,
    /// How long a stream is read.
    pub stream: u32,
    /// A large message, to its answer.
    pub large: u32,
    /// A STUN or TURN server, to its candidate.
    pub ice: u32,
    /// A peer connection, from the first candidate to connected.
    pub media: u32,
    /// How long an open microphone or camera is looked at.
    pub capture: u32,
    /// Most requests of the run, sockets included (invariant 9).
    pub requests: u32,
    /// Most requests and sockets at one time.
    pub at_once: u32,
}

impl Limits {
    #[must_use]
    pub fn of(depth: Depth) -> Limits {
        match depth {
            Depth::Quick => Limits {
                request: 3_500,
                open: 3_000,
                packet: 2_000,
                stay: 700,
                stay_again: 2_000,
                hold: 0,
                stream: 4_000,
                large: 0,
                ice: 3_900,
                media: 4_000,
                capture: 8_000,
                requests: 60,
                at_once: 6,
            },
            Depth::Full => Limits {
                request: 12_000,
                open: 10_000,
                packet: 8_000,
                stay: 1_500,
                stay_again: 1_500,
                hold: 34_000,
                stream: 34_000,
                large: 20_000,
                ice: 5_000,
                media: 12_000,
                capture: 8_000,
                requests: 150,
                at_once: 8,
            },
            // A connection a minute at most, for some hours.
            Depth::Watch => Limits { hold: u32::MAX, requests: 600, ..Limits::of(Depth::Full) },
        }
    }
}

/// Whether the plan is asked at once when this was observed, and not only when its step ends: what the first session waits for, and
/// what a first verdict is made of.
#[must_use]
pub fn is_telling(fact: &Fact) -> bool {
    match fact {
        Fact::Exchange(x) => matches!(x.purpose, Purpose::Handshake | Purpose::FollowUp),
        Fact::Socket(s) => matches!(s.purpose, SocketPurpose::Hello | SocketPurpose::Upgrade),
        _ => false,
    }
}

/// The steps to begin now: all that are wanted and were not begun.
#[must_use]
pub fn next(profile: &Profile, evidence: &Evidence, progress: &Progress) -> Vec<Step> {
    let survey = Survey::of(profile, evidence);
    let mut wanted = Wanted { profile, progress, steps: Vec::new() };
    wanted.add(Step::Environment);
    // The first "too many requests" ends the asking: the probes themselves may be what is too many.
    let may_ask = !saw_rate_limit(evidence);
    // What the first verdict waits for goes first: to it goes the connection that the page's own files have left open.
    if may_ask && survey.is_engine_subject() {
        engine(&survey, &mut wanted);
    }
    wanted.add(Step::OwnFile { round: 0 });
    wanted.add(Step::Patience);
    if may_ask {
        reach(&survey, &mut wanted);
    }
    if !is_conversing(&survey, &wanted) {
        [Step::Cookies, Step::Storage, Step::Workers { round: 0 }].into_iter().for_each(|step| wanted.add(step));
    }
    if may_ask {
        if profile.ws_url.is_some() {
            raw(&survey, &mut wanted);
        }
        application(&survey, &mut wanted);
        held(&survey, &mut wanted);
        often::streams(&survey, &mut wanted);
        often::grpc(&survey, &mut wanted);
        calls::calls(&survey, &mut wanted);
    }
    controls(&survey, &mut wanted);
    wanted.steps
}

/// Whether the first session is on its way, to which the first verdict looks: what takes the browser's own time waits for that.
fn is_conversing(survey: &Survey, wanted: &Wanted) -> bool {
    let polls = survey.is_engine_subject() && survey.profile.covers(Topic::Polling) && survey.polling_off_by_design().is_none();
    let failed = survey.evidence.exchanges_for(Purpose::Handshake).any(|(_, x)| !matches!(x.engine(), Answer::Open { .. }));
    let followed = survey.evidence.exchanges_for(Purpose::FollowUp).next().is_some();
    polls && !failed && !followed && !wanted.ended(&Step::Patience)
}

struct Wanted<'a> {
    profile: &'a Profile,
    progress: &'a Progress,
    steps: Vec<Step>,
}

impl Wanted<'_> {
    fn add(&mut self, step: Step) {
        // The chat's page is where both begin.
        let page = matches!(step, Step::ChatPage { .. } | Step::PageBelow { .. }) && self.profile.covers(Topic::Browser);
        let covered = page || step.topic().is_none_or(|topic| self.profile.covers(topic));
        if covered && !self.progress.begun.contains(&step) && !self.steps.contains(&step) {
            self.steps.push(step);
        }
    }

    fn ended(&self, step: &Step) -> bool {
        self.progress.has_ended(step) || step.topic().is_some_and(|topic| !self.profile.covers(topic))
    }
}

fn reach(survey: &Survey, wanted: &mut Wanted) {
    let first = Step::ChatPage { as_person: false };
    // A stranger may see another page than the person does.
    let gated = |path: &str| {
        survey
            .evidence
            .exchanges_where(&|x| x.purpose == Purpose::ChatPage && x.path == path)
            .next()
            .is_some_and(|(_, x)| !asks_natively(x) && (x.rejected() || x.response().is_some_and(|r| r.redirected || matches!(r.status, 401 | 403))))
    };
    let usual = survey.profile.chat_page.split('?').next().unwrap_or("/");
    if wanted.ended(&first) && gated(usual) && !survey.profile.is_cross_origin() {
        wanted.add(Step::ChatPage { as_person: true });
    }
    wanted.add(first);
    if let Some(below) = page_below(survey, wanted) {
        let as_person = Step::PageBelow { path: below.clone(), as_person: true };
        if wanted.ended(&Step::PageBelow { path: below.clone(), as_person: false }) && gated(&below) {
            wanted.add(as_person);
        }
        wanted.add(Step::PageBelow { path: below, as_person: false });
    }
    if survey.profile.is_cross_origin() {
        wanted.add(Step::Permission);
        wanted.add(Step::Server);
        wanted.add(Step::ServerNoCors { path: "/".to_owned(), polls: false });
        kept(survey, wanted);
    }
}

/// What was readable past the browser's copies, from them: the server's root, and what the chat itself asks for.
fn kept(survey: &Survey, wanted: &mut Wanted) {
    let well = |x: &Exchange| matches!(x.status(), Some(200..=299));
    let asked = |purpose, path: &str| survey.evidence.exchanges_where(&|x| x.purpose == purpose && x.path == path).next_back();
    let mut paths: Vec<String> = Vec::new();
    for step in &wanted.progress.ended {
        match step {
            Step::Server if survey.evidence.exchanges_for(Purpose::Server).any(|(_, x)| x.answered()) => paths.push("/".to_owned()),
            Step::Health { path } if asked(Purpose::Health, path).is_some_and(|(_, x)| well(x)) => paths.push(path.clone()),
            _ => {}
        }
    }
    // Firefox keeps what was asked for with cookies apart from the rest.
    let with_cookies = survey.sends_credentials() && survey.engine_exchanges().any(|(_, x)| x.credentials == "include" && x.status().is_some());
    for path in paths {
        let step = |include| Step::ServerKept { path: path.clone(), include };
        wanted.add(step(false));
        if with_cookies {
            wanted.add(step(true));
        }
        let refused = |x: &Exchange| x.purpose == Purpose::ServerKept && x.path == path && x.credentials == "include" && x.rejected();
        if survey.evidence.exchanges_where(&refused).next().is_some() {
            wanted.add(Step::ServerPast { path: path.clone() });
        }
    }
}

/// Where the chat's page is asked for besides, once the usual place was looked at in every way.
fn page_below(survey: &Survey, wanted: &Wanted) -> Option<String> {
    let as_person = Step::ChatPage { as_person: true };
    let pending = wanted.progress.begun.contains(&as_person) && !wanted.ended(&as_person);
    survey.page_below().filter(|_| wanted.ended(&Step::ChatPage { as_person: false }) && !pending)
}

/// The chat's page in its copies. From the server's own origin alone: a page of another one is not the browser's copy of it.
fn held(survey: &Survey, wanted: &mut Wanted) {
    let page = survey.evidence.exchanges_for(Purpose::ChatPage).next_back();
    // With credentials a request for a native sign-in would hang the page, as everywhere.
    let can_ask = page.is_some_and(|(_, x)| !asks_natively(x) && x.answered());
    let looking = page_below(survey, wanted).is_some_and(|path| !wanted.ended(&Step::PageBelow { path, as_person: false }));
    let may_look = wanted.ended(&Step::Workers { round: 0 }) && wanted.ended(&Step::ChatPage { as_person: false }) && !looking;
    if !survey.profile.is_cross_origin() && can_ask && may_look {
        let registered = survey.evidence.workers().is_some_and(|(_, w)| !w.registrations.is_empty());
        let path = survey.chat_page();
        let shell = |round| Step::Shell { path: path.clone(), past_worker: registered, round };
        let navigation = |round| Step::Navigation { path: path.clone(), round };
        wanted.add(shell(0));
        if registered {
            wanted.add(navigation(0));
        }
        let looked = wanted.ended(&shell(0)) && (!registered || wanted.ended(&navigation(0)));
        // A worker may just be about to renew itself. The browser is asked to look for a newer one now, which it does after each
        // navigation, a second or three later: what is old then stays old.
        let renewed = Step::Workers { round: 1 };
        if looked && survey.old_by_worker().is_some() {
            wanted.add(renewed.clone());
        }
        if wanted.progress.has_ended(&renewed) {
            [shell(1), navigation(1)].into_iter().for_each(|step| wanted.add(step));
        }
        // What strangers see at this address may be another page: the second look is the person's too.
        if looked && !registered && survey.shell_differs() {
            wanted.add(shell(1));
        }
    }
    if survey.profile.is_cross_origin() {
        wanted.add(Step::HomePage);
    }
    if survey.lifts_to_https().is_some() {
        wanted.add(Step::Upgraded);
    }
    if let Some(path) = survey.known.version_path.filter(|_| survey.shell_differs()) {
        wanted.add(Step::Version { path: [survey.base().trim_end_matches('/'), path].concat() });
    }
    if let Some(path) = survey.profile.help_path.clone().filter(|_| !survey.profile.is_cross_origin()) {
        wanted.add(Step::Help { path });
    }
}

fn engine(survey: &Survey, wanted: &mut Wanted) {
    let profile = survey.profile;
    let candidates = survey::candidates(profile, survey.evidence, survey.known);
    let discover = |path: &String| Step::Discover { path: path.clone(), eio: 4 };
    let found = survey.basis == PathBasis::Found;
    // The configured path alone, until it has answered as something else.
    let (first, others) = candidates.split_at(usize::from(profile.socket_path.is_some()).min(candidates.len()));
    first.iter().for_each(|path| wanted.add(discover(path)));
    let first_ended = first.iter().all(|path| wanted.ended(&discover(path)));
    if !found && first_ended || first.is_empty() {
        others.iter().for_each(|path| wanted.add(discover(path)));
    }
    // Which application it is decides about credentials: its page is on its way while the question's session is being closed.
    let named = profile.application != Application::Auto || wanted.ended(&Step::ChatPage { as_person: false });
    let closing = !named && survey.polling_hello().is_some() && !wanted.ended(&discover(&survey.path));
    let discovered = found && !closing || first_ended && others.iter().all(|path| wanted.ended(&discover(path)));
    if profile.socket_path.is_some() || survey.known.eio.is_some() {
        wanted.add(Step::Hello { path: survey.path.clone(), eio: 4, round: 0 });
    }
    // A question that hangs would keep all that follows waiting for its limit, and no time would be left for it: whether an engine is there
    // is asked of its WebSocket meanwhile.
    let hangs = |path: &&String| wanted.progress.begun.contains(&discover(path)) && !wanted.ended(&discover(path));
    if let Some(path) = candidates.iter().find(hangs).filter(|_| wanted.ended(&Step::Patience) && !found).cloned() {
        wanted.add(Step::Hello { path, eio: 4, round: 0 });
    }
    // Once it is awake, the engine may be at the other place.
    let waits = |path: &str| survey.evidence.exchanges_for(Purpose::Handshake).rfind(|(_, x)| x.path == path).is_some_and(|(_, x)| survey::asks_to_wait(x));
    if !found && !waits(&survey.path) {
        let include = survey.sends_credentials();
        others.iter().filter(|path| waits(path)).for_each(|path| wanted.add(Step::Session { path: path.clone(), eio: 4, upgrade: false, include, round: 1 }));
    }
    let path = || survey.path.clone();
    let handshake = survey.on_path(Purpose::Handshake).find(|(_, x)| x.eio == 4).map(|(_, x)| x);
    if handshake.is_some_and(refuses_version) {
        wanted.add(Step::Discover { path: path(), eio: 3 });
        if !wanted.ended(&Step::Discover { path: path(), eio: 3 }) {
            return;
        }
    }
    // A server that opens in version 4 takes an older client too only where it was told to.
    let opens_new = survey.on_path(Purpose::Handshake).any(|(_, x)| matches!(x.engine(), Answer::Open { framing: 4, .. }));
    if opens_new && survey.client_version() == Some(3) {
        wanted.add(Step::Discover { path: path(), eio: 3 });
    }
    if !discovered {
        return;
    }
    // Where nobody knows at which path the chat speaks, or whether it begins by long-polling, its own scripts may tell.
    let lost = survey.conversations(true).iter().any(|c| c.unknown.is_some()) || survey.upgrade_strays().is_some();
    let blocked = survey.websocket_hello().is_some() && survey.polling_hello().is_none() && survey.polling_off_by_design().is_none();
    // Nor whether the chat can go on where no WebSocket comes about.
    let alone =
        survey.polling_hello().is_some() && matches!(survey.live(), Live::Refused { .. } | Live::Hung { .. } | Live::Threw { .. } | Live::Silent { .. });
    if survey.known.eio.is_none() && (!found && profile.socket_path.is_none() || lost || blocked || alone) {
        wanted.add(Step::ClientScripts);
    }
    let eio = survey.eio;
    wanted.add(Step::Hello { path: path(), eio, round: 0 });
    if survey.basis == PathBasis::Guess {
        candidates.iter().take(2).for_each(|path| wanted.add(Step::Hello { path: path.clone(), eio, round: 0 }));
    }
    // With credentials a request for a native sign-in would hang the page (measured), unless the browser has them already.
    // A WebSocket that said hello carried them too.
    let known = survey.signed_in_natively() || survey.websocket_hello().is_some();
    let dialog = handshake.is_some_and(asks_natively) && !known;
    if dialog {
        wanted.add(Step::Gate);
    }
    let worth_asking = (found || !handshake.is_some_and(is_plainly_elsewhere)) && !dialog;
    if worth_asking {
        // Before what nobody waits for.
        session(survey, wanted);
        companion(survey, wanted);
        // A server of version 3 breaks down over a POST without a sid (500, measured on python-engineio 3.14). Its follow-up is
        // a POST as well.
        if eio != 3 {
            wanted.add(Step::OriginProbe { path: path(), eio });
        }
    }
    // Once the plain question is answered readably, the same with what CORS gates apart.
    let plain_answer = survey.on_path(Purpose::Companion).any(|(_, x)| x.answered() && !asks_natively(x));
    let with_cookies_alone = survey.sends_credentials() && matches!(survey.polling, Polling::Rejected { .. });
    if profile.is_cross_origin() && found && (plain_answer || with_cookies_alone) {
        wanted.add(Step::Credentialed { path: path(), eio });
    }
    // Whether with cookies, the application decides.
    if profile.is_cross_origin() && found && plain_answer && named {
        let step = Step::Preflighted { path: path(), eio, include: survey.sends_credentials() };
        if !wanted.progress.begun.iter().any(|s| matches!(s, Step::Preflighted { .. })) {
            wanted.add(step);
        }
    }
    if posts_are_unreadable(survey) {
        wanted.add(Step::PostNoCors { path: path(), eio });
    }
    // A cookie may lead to an instance that is gone, and only this browser's: the control is the first question once more.
    if survey.fails_with_cookies().is_some() {
        wanted.add(Step::Replica { path: path(), eio, as_chat: false, include: survey.sends_credentials(), upgrade: false, round: 0 });
    }
    again(survey, wanted);
    connect(survey, wanted);
    rates(survey, wanted);
    often::sessions(survey, wanted);
    often::time(survey, wanted);
    often::quality(survey, wanted);
    often::delivery(survey, wanted);
    often::ladder(survey, wanted);
}

/// Whether a server of another origin lets this page read what it says to GETs, and nothing of what it says to POSTs.
fn posts_are_unreadable(survey: &Survey) -> bool {
    let posts: Vec<&Exchange> = survey.engine_exchanges().map(|(_, x)| x).filter(|x| x.method == "POST").collect();
    survey.profile.is_cross_origin() && survey.eio != 3 && survey.polling_hello().is_some() && posts.len() >= 2 && posts.iter().all(|x| x.rejected())
}

/// The plain question at the WebSocket's address: as the chat asks it where the first one met something else than the engine, or where
/// WebSockets fail.
fn companion(survey: &Survey, wanted: &mut Wanted) {
    let step = |as_chat| Step::Companion { path: survey.path.clone(), eio: survey.eio, as_chat };
    wanted.add(step(false));
    let Some((_, first)) = survey.on_path(Purpose::Companion).next() else { return };
    let hello = Step::Hello { path: survey.path.clone(), eio: survey.eio, round: 0 };
    let fails = wanted.ended(&hello) && survey.websocket_hello().is_none();
    let unavailable = first.status() >= Some(500);
    if (fails || survey.companion_reaches_engine().is_none()) && !unavailable && !asks_natively(first) {
        wanted.add(step(true));
    }
}

/// The engine refuses the version that was asked for.
fn refuses_version(exchange: &Exchange) -> bool {
    matches!(exchange.engine(), Answer::Refused { refusal: Refusal::UnsupportedVersion, .. })
}

/// A web page or "not found" without any sign of a sign-in: nothing that credentials would change.
fn is_plainly_elsewhere(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|r| {
        let page = r.status == 404 || r.status == 200 && r.html.is_some() && !survey::asks_to_wait(exchange);
        page && !r.redirected && !r.html.as_ref().is_some_and(|h| h.signs_in())
    })
}

/// A native sign-in dialog would open for a request with credentials, and hang the page.
fn asks_natively(exchange: &Exchange) -> bool {
    // Browsers open a dialog for these and for no other scheme, "Bearer" for one.
    let schemes = ["basic", "digest", "ntlm", "negotiate"];
    let asks = |challenge: &str| schemes.iter().any(|s| challenge.to_ascii_lowercase().split([',', ' ']).any(|word| word == *s));
    exchange.response().is_some_and(|r| r.status == 401 && r.header("www-authenticate").is_some_and(asks))
}

fn session_step(survey: &Survey, round: u8) -> Step {
    let upgrade = survey.profile.covers(Topic::Upgrade);
    Step::Session { path: survey.path.clone(), eio: survey.eio, upgrade, include: survey.sends_credentials(), round }
}

fn session(survey: &Survey, wanted: &mut Wanted) {
    if survey.polling_off_by_design().is_some() {
        return;
    }
    let session = |round| session_step(survey, round);
    wanted.add(session(0));
    // "Not now" is worth another look: a server may be waking up.
    let unavailable = |x: &Exchange| x.status().is_some_and(|s| (500..600).contains(&s)) || survey::asks_to_wait(x);
    for round in 1..=3 {
        let rounds_allowed = if survey.profile.depth == Depth::Quick { 2 } else { 3 };
        let newest_fails = survey.latest(Purpose::Handshake).is_some_and(|(_, x)| unavailable(x));
        if round <= rounds_allowed && newest_fails && wanted.ended(&session(round - 1)) {
            wanted.add(session(round));
        }
    }
}

/// Another look at a live connection that failed or dropped, and in a quick run a longer one at each.
fn again(survey: &Survey, wanted: &mut Wanted) {
    let (path, eio) = (|| survey.path.clone(), survey.eio);
    let hello = |round| Step::Hello { path: path(), eio, round };
    let ended_badly = |purpose| {
        let newest = survey.evidence.sockets_for(purpose).rfind(|(_, s)| s.path == survey.path && s.eio == eio);
        newest.is_some_and(|(_, s)| s.closed().is_some() || s.failed_before_open())
    };
    let lives = survey.profile.depth == Depth::Quick && (survey.websocket_hello().is_some() || survey.an_upgrade_opened());
    if lives || wanted.ended(&hello(0)) && ended_badly(SocketPurpose::Hello) {
        wanted.add(hello(1));
    }
    let newest_start = survey.hellos().map(|(_, s)| s.started).max().unwrap_or(0);
    let revived = survey.latest(Purpose::Handshake).is_some_and(|(_, x)| {
        matches!(x.engine(), Answer::Open { .. })
            && x.started > newest_start
            && survey.on_path(Purpose::Handshake).any(|(_, x)| x.status() >= Some(500) || survey::asks_to_wait(x))
    });
    // One that dropped has told of one event, and so have two that were open together.
    let opened = |purpose| survey.evidence.sockets_for(purpose).rfind(|(_, s)| s.path == survey.path && s.opened()).map(|(_, s)| s);
    let dropped = opened(SocketPurpose::HelloAgain).filter(|s| s.closed().is_some());
    let first_dropped = opened(SocketPurpose::Hello).and_then(|s| Some(s.started.saturating_add(s.closed()?.0)));
    let once = dropped.is_some_and(|s| first_dropped.is_none_or(|at| s.started < at));
    if wanted.ended(&hello(1)) && (ended_badly(SocketPurpose::HelloAgain) && revived || lives && once) {
        wanted.add(hello(2));
    }
}

fn connect(survey: &Survey, wanted: &mut Wanted) {
    let asked = survey.profile.namespace.clone().map(|namespace| (namespace, survey.known.asked_connect));
    let Some((namespace, how)) = asked.or_else(|| Some(("/".to_owned(), survey.known.safe_connect?))) else { return };
    let polling = if survey.websocket_hello().is_some() {
        false
    } else if survey.polling_hello().is_some() && survey.websocket_off_by_design().is_some() {
        true
    } else {
        return;
    };
    wanted.add(Step::Connect { path: survey.path.clone(), eio: survey.eio, namespace, how, polling });
}

/// Equal small requests that open nothing, where there is a doubt about rate or speed, or time enough.
fn rates(survey: &Survey, wanted: &mut Wanted) {
    if survey.engine_heard().is_none() || survey.on_path(Purpose::Companion).any(|(_, x)| asks_natively(x)) {
        return;
    }
    let all: Vec<&Exchange> = survey.engine_exchanges().map(|(_, x)| x).collect();
    let unavailable = |x: &Exchange| matches!(x.status(), Some(502..=504));
    let failed = all.iter().any(|x| unavailable(x) || x.method == "GET" && (x.status() >= Some(500) || x.rejected() || x.timed_out()));
    let strange = all
        .iter()
        .any(|x| survey.is_of_another_program(x) || survey.is_refused_transport_at_times(x) || x.purpose == Purpose::Handshake && survey::is_strange(x));
    let slow = all.iter().filter(|x| x.responded_after.is_some_and(|ms| ms > SLOW)).count() >= 2;
    if slow {
        slow_control(wanted);
    }
    if failed || strange || slow || survey.profile.depth == Depth::Full {
        // One after the other: a burst of our own would meet a limit that no chat meets.
        let repeat = |round| Step::Repeat { path: survey.path.clone(), eio: survey.eio, round };
        wanted.add(repeat(0));
        for round in 1..REPEATS {
            if wanted.ended(&repeat(round - 1)) {
                wanted.add(repeat(round));
            }
        }
        often::slowly(survey, wanted, &repeat);
    }
}

/// The control of slowness: a static file, as often as it takes to rule out luck.
fn slow_control(wanted: &mut Wanted) {
    (3..=5).for_each(|round| wanted.add(Step::OwnFile { round }));
}

fn raw(survey: &Survey, wanted: &mut Wanted) {
    wanted.add(Step::Raw { round: 0 });
    wanted.add(Step::RawCompanion { as_chat: false });
    let newest = survey.evidence.sockets_for(SocketPurpose::Raw).last();
    let bad = newest.is_some_and(|(_, s)| s.closed().is_some() || s.failed_before_open());
    if bad && wanted.ended(&Step::Raw { round: 0 }) {
        wanted.add(Step::Raw { round: 1 });
    }
    // What a gate says to somebody without cookies says nothing of somebody with them.
    let first = survey.raw().and_then(|raw| raw.companion).filter(|_| wanted.ended(&Step::Raw { round: 0 }));
    // A server of another origin that gives a page nothing at all: does the browser itself keep the page from it?
    if first.is_some_and(|(_, x)| bad && x.cross_origin && x.rejected()) {
        wanted.add(Step::Permission);
        wanted.add(Step::EventSource { path: String::new() });
    }
    if first.is_some_and(|(_, x)| bad && !x.cross_origin && !x.timed_out() && !asks_natively(x) && x.status() < Some(500)) {
        wanted.add(Step::RawCompanion { as_chat: true });
    }
    often::raw(survey, wanted);
}

fn application(survey: &Survey, wanted: &mut Wanted) {
    let base = survey.base();
    let below = |path: &str| [base.trim_end_matches('/'), path].concat();
    match &survey.profile.health_path {
        Some(path) => wanted.add(Step::Health { path: path.clone() }),
        None if survey.is_engine_subject() => {
            survey.known.health_paths.iter().for_each(|path| wanted.add(Step::Health { path: below(path) }));
        }
        None => {}
    }
    if let Some((_, user)) = survey.evidence.exchanges_for(Purpose::User).find(|(_, x)| matches!(x.status(), Some(401 | 403)) && !asks_natively(x)) {
        wanted.add(Step::UserWithout { path: user.path.clone() });
    }
    // An application that keeps its sign-in in a storage key has nobody signed in without it.
    let keys = survey.known.storage_keys;
    let signed_in = survey.evidence.storage().is_some_and(|(_, s)| s.keys.iter().any(|k| keys.contains(&k.name.as_str())));
    let asked = match (&survey.profile.user_path, survey.known.user_path) {
        (Some(path), _) => Some((path.clone(), survey.profile.storage_keys.clone())),
        (None, Some(path)) if keys.is_empty() || signed_in => Some((below(path), keys.iter().map(|k| (*k).to_owned()).collect())),
        _ => None,
    };
    // Whether with cookies, the application decides; what was asked once is asked again in the same way alone.
    let named = survey.profile.application != Application::Auto || wanted.ended(&Step::ChatPage { as_person: false });
    let include = survey.profile.is_cross_origin() && survey.sends_credentials();
    let asked = asked.filter(|_| named || !survey.profile.is_cross_origin()).map(|(path, keys)| (path, keys, include));
    let begun = wanted.progress.begun.iter().find_map(|step| match step {
        Step::User { path, keys, include, .. } => Some((path.clone(), keys.clone(), *include)),
        _ => None,
    });
    if let Some((path, keys, include)) = begun.or(asked) {
        let user = |round| Step::User { path: path.clone(), keys: keys.clone(), include, round };
        wanted.add(user(0));
        // One of several instances may take a sign-in that another one refuses, and whose turn it is is luck.
        let told = |x: &Exchange| !x.cross_origin && matches!(x.status(), Some(200 | 401)) && x.html().is_none() && !asks_natively(x);
        let told: Vec<u16> = survey.evidence.exchanges_for(Purpose::User).filter(|(_, x)| told(x)).filter_map(|(_, x)| x.status()).collect();
        let most = match told.first() {
            None => 0,
            // Most often nobody is signed in.
            Some(401) if survey.held_tokens().is_empty() && !told.contains(&200) => 1,
            // By a cookie alone it has to change back: a sign-in that ends meanwhile does not.
            Some(_) if survey.held_tokens().is_empty() && told.windows(2).filter(|pair| pair[0] != pair[1]).count() == 1 => 7,
            Some(_) => 3,
        };
        for round in 1..=most {
            // Two of them at once, so that a gateway which takes two instances strictly in turn can't send each to the same one: other requests go on between.
            if wanted.ended(&user(round - 1)) || round == 2 && wanted.ended(&user(0)) {
                wanted.add(user(round));
            }
        }
    }
    let unknown = survey.application == Application::Auto && wanted.ended(&Step::ChatPage { as_person: false });
    if unknown && survey.basis == PathBasis::Found && survey.path.ends_with("/ws/socket.io/") {
        wanted.add(Step::Application { path: below("/auth/config") });
        wanted.add(Step::Application { path: below("/api/config") });
    }
}

/// Controls that only a failure asks for.
fn controls(survey: &Survey, wanted: &mut Wanted) {
    let evidence = survey.evidence;
    let own_failed = |x: &Exchange| !x.cross_origin && (x.rejected() || x.timed_out());
    if evidence.exchanges().any(|(_, x)| own_failed(x)) {
        wanted.add(Step::OwnFile { round: 1 });
    }
    let portal = evidence.exchanges_for(Purpose::OwnFile).any(|(_, x)| x.html().is_some() || x.is_opaque_redirect());
    // "Network Authentication Required" is no word of the site's (RFC 6585 section 6).
    let portal = portal || evidence.exchanges().any(|(_, x)| x.status() == Some(511));
    if portal || survey.page_after_engine().is_some() {
        wanted.add(Step::OwnFile { round: 2 });
    }
    // A hung server is asked in the other mode while the first question still hangs, or the time would not do for both.
    let hangs = |step: &Step| matches!(step, Step::Discover { path, .. } if *path == survey.path) && !wanted.ended(step);
    let silent = wanted.ended(&Step::Patience) && wanted.progress.begun.iter().any(hangs);
    if silent {
        slow_control(wanted);
    }
    if survey.is_engine_subject() && (silent || matches!(survey.polling, Polling::Rejected { .. } | Polling::Silent { .. })) {
        wanted.add(Step::ServerNoCors { path: survey.path.clone(), polls: false });
        // Answers of one path may differ: errors readable, and what the chat begins with not.
        if survey.lets_this_page_read() && survey.each_handshake_is_rejected() {
            wanted.add(Step::ServerNoCors { path: survey.path.clone(), polls: true });
        }
        if survey.profile.is_cross_origin() && survey.evidence.exchanges_for(Purpose::ServerNoCors).any(|(_, x)| x.rejected()) {
            wanted.add(Step::EventSource { path: survey.path.clone() });
        }
        let rejected_alone = survey.own_file_answers().is_some() && survey.on_path(Purpose::ServerNoCors).any(|(_, x)| x.rejected());
        if rejected_alone && matches!(survey.polling, Polling::Rejected { .. }) {
            wanted.add(Step::Filter { path: survey.path.clone() });
        }
        if matches!(survey.polling, Polling::Rejected { .. }) {
            wanted.add(Step::RedirectControl { path: survey.path.clone(), round: 0 });
        }
    }
    let chat_page_rejected = evidence.exchanges_for(Purpose::ChatPage).any(|(_, x)| x.rejected());
    if chat_page_rejected {
        wanted.add(Step::RedirectControl { path: survey.profile.chat_page.clone(), round: 0 });
    }
    // Where this browser's cookies were let in, a gate may have ended its sign-in since.
    if survey.engine_exchanges().any(|(_, x)| x.rejected() && survey.was_let_in(x)) {
        wanted.add(Step::RedirectControl { path: survey.path.clone(), round: 1 });
    }
}

fn saw_rate_limit(evidence: &Evidence) -> bool {
    evidence.exchanges().any(|(_, x)| matches!(&x.outcome, Outcome::Response(r) if r.status == 429))
}
