//! What the evidence says about the subject so far, read once for plan and rules: which application, which socket path,
//! which Engine.IO version, and how each transport stands. It reads and never judges.

mod calls;
mod client;
pub mod health;
mod often;

use health::Word;

pub use calls::{ICE_PATIENCE, ICE_SERVERS, IceLook, IceState, LOSSY, TlsPort, carries, lost};
pub use client::is_old_client;
pub use often::{CLEAN_AGAIN, Conversation, Cut, MOMENT, SLOW_PACE, are_equal_ages, are_settled};

use crate::address::Address;
use crate::evidence::{Cite, End, Evidence, Exchange, Fact, Happening, Numbered, Outcome, Purpose, Response, SocketLife, SocketPurpose, Stored};
use crate::platforms::gateway::{self, Gateway};
use crate::platforms::{self, Known};
use crate::profile::{Application, Profile, Topic};
use crate::protocol::client_options::ClientOptions;
use crate::protocol::engine_io::{Answer, Dialect, OpenPacket, Refusal};
use crate::protocol::html;
use crate::protocol::http_date::unix_seconds;
use crate::protocol::json::{self, Value};
use crate::protocol::socket_io::{ConnectAnswer, connect_answer, is_disconnect};
use crate::redact;

/// How many equal requests tell a rate.
pub const REPEATS: u8 = 8;

/// Where the socket path comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathBasis {
    /// An engine spoke there.
    Found,
    /// The profile names it, and no engine spoke there so far.
    Configured,
    /// The application is known, and with it its path.
    Application,
    /// The likeliest of the known paths, no more.
    Guess,
}

/// How long-polling stands at the socket path.
#[derive(Clone, Debug, PartialEq)]
pub enum Polling<'a> {
    NotTried,
    Hello {
        cite: Cite,
        packet: OpenPacket,
        framing: u8,
    },
    /// An engine answered, and refuses.
    Refused {
        cite: Cite,
        refusal: Refusal,
        dialect: Dialect,
    },
    /// It begins like an open packet, and is none.
    Garbled {
        cite: Cite,
    },
    /// A readable answer that no engine wrote.
    Foreign {
        cite: Cite,
        exchange: &'a Exchange,
    },
    /// `redirect: follow` was not possible; an answer of unknown content.
    Opaque {
        cite: Cite,
    },
    Rejected {
        cite: Cite,
    },
    /// No response within the step's deadline.
    Silent {
        cite: Cite,
    },
}

/// The state of the subject.
#[derive(Clone, Debug)]
pub struct Survey<'a> {
    pub profile: &'a Profile,
    pub evidence: &'a Evidence,
    pub application: Application,
    pub known: &'static Known,
    /// The socket path that is judged.
    pub path: String,
    pub basis: PathBasis,
    /// The Engine.IO version that the server speaks, as far as it is known; 4 otherwise.
    pub eio: u8,
    pub polling: Polling<'a>,
}

impl<'a> Survey<'a> {
    #[must_use]
    pub fn of(profile: &'a Profile, evidence: &'a Evidence) -> Survey<'a> {
        let application = application(profile, evidence);
        let known = platforms::known(application);
        let (path, basis) = socket_path(profile, evidence, known);
        let eio = version(evidence, &path);
        let polling = polling(evidence, &path, eio);
        Survey { profile, evidence, application, known, path, basis, eio, polling }
    }

    /// The path below which the application lives, with slashes at both ends.
    #[must_use]
    pub fn base(&self) -> String {
        let known = ["/ws/socket.io/", "/socket.io/"];
        let base = known.iter().find_map(|k| self.path.strip_suffix(k));
        [base.unwrap_or(""), "/"].concat()
    }

    /// Whether Engine.IO is what this run is about.
    #[must_use]
    pub fn is_engine_subject(&self) -> bool {
        let raw_alone = self.application == Application::Auto && self.profile.ws_url.is_some() && self.profile.socket_path.is_none();
        !raw_alone && !matches!(self.application, Application::Raw | Application::Livekit)
    }

    /// Whether the chat may well have no engine: a stream, gRPC or calls are named, nothing tells of a socket, and something else answers wherever one was
    /// looked for.
    #[must_use]
    pub fn may_lack_an_engine(&self) -> bool {
        let profile = self.profile;
        let told = profile.namespace.is_some() || profile.echo_event.is_some() || profile.affinity_cookie.is_some() || self.client_version().is_some();
        let others = profile.stream_url.is_some() || profile.grpc_url.is_some() || profile.has_calls();
        let of_others = self.application == Application::Auto && others && self.basis == PathBasis::Guess;
        of_others && !told && matches!(self.polling, Polling::Foreign { .. }) && self.engine_heard().is_none()
    }

    /// A WebSocket at a path that was only guessed, which opened and had no open packet, while something else answers plain requests there: a server that
    /// takes WebSockets at every path (`ws` without a path) has another protocol, and nothing was asked of it.
    #[must_use]
    pub fn of_another_protocol(&self) -> Option<Cite> {
        let elsewhere = matches!(&self.polling, Polling::Foreign { exchange, .. } if exchange.status().is_some_and(|s| s < 500));
        if self.basis != PathBasis::Guess || !elsewhere || self.engine_heard().is_some() {
            return None;
        }
        self.evidence.sockets_where(&|s| matches!(s.purpose, SocketPurpose::Hello | SocketPurpose::HelloAgain) && s.opened()).map(|(cite, _)| cite).next()
    }

    /// Whether a gateway of that kind showed itself in the run, or by the server's name.
    #[must_use]
    pub fn shows(&self, kind: fn(Gateway) -> bool) -> bool {
        gateway::seen(self.profile, self.evidence).into_iter().any(kind)
    }

    /// Whether the chat is seen or said to have an engine, as far as anything tells.
    #[must_use]
    pub fn has_an_engine(&self) -> bool {
        self.is_engine_subject() && !self.may_lack_an_engine()
    }

    pub fn on_path(&self, purpose: Purpose) -> Numbered<'a, Exchange> {
        self.evidence.exchanges_where(&|x| x.purpose == purpose && x.path == self.path)
    }

    /// The newest exchange of this purpose at the socket path.
    #[must_use]
    pub fn latest(&self, purpose: Purpose) -> Option<(Cite, &'a Exchange)> {
        self.on_path(purpose).last()
    }

    /// All exchanges of the engine at the socket path, handshakes and follow-ups alike.
    pub fn engine_exchanges(&self) -> Numbered<'a, Exchange> {
        let engine =
            |p| matches!(p, Purpose::Handshake | Purpose::FollowUp | Purpose::CloseSession | Purpose::OriginProbe | Purpose::Companion | Purpose::Repeat);
        self.evidence.exchanges_where(&|x| engine(x.purpose) && x.path == self.path)
    }

    /// Whether no engine wrote this answer, and an engine answered another request just like it: behind the path there are two programs.
    #[must_use]
    pub fn is_of_another_program(&self, x: &Exchange) -> bool {
        // What a GET of a session brings are its messages, which no request is like.
        let comparable = x.method == "POST" || matches!(x.purpose, Purpose::Handshake | Purpose::Companion | Purpose::Repeat);
        let alike = |other: &Exchange| other.purpose == x.purpose && other.method == x.method && other.credentials == x.credentials && other.eio == x.eio;
        comparable && is_strange(x) && self.engine_exchanges().any(|(_, other)| alike(other) && (other.engine().is_engine() || other.engine() == Answer::Taken))
    }

    /// Whether the engine does not know a transport that it knew when it was asked the very same: instances that are set differently.
    #[must_use]
    pub fn is_refused_transport_at_times(&self, x: &Exchange) -> bool {
        let by_name = |x: &Exchange| matches!(x.engine(), Answer::Refused { refusal: Refusal::UnknownTransport | Refusal::TransportDisabled, .. });
        let alike = |other: &Exchange| other.purpose == x.purpose && other.method == x.method && other.credentials == x.credentials && other.eio == x.eio;
        let whole = matches!(x.purpose, Purpose::Handshake | Purpose::Companion | Purpose::Repeat);
        whole && by_name(x) && self.engine_exchanges().any(|(_, other)| alike(other) && other.engine().is_engine() && !by_name(other))
    }

    /// WebSockets at the socket path that were opened to see the open packet.
    pub fn hellos(&self) -> Numbered<'a, SocketLife> {
        let hello = |p| {
            matches!(
                p,
                SocketPurpose::Hello | SocketPurpose::HelloAgain | SocketPurpose::Heartbeat | SocketPurpose::Busy | SocketPurpose::Again | SocketPurpose::Large
            )
        };
        self.evidence.sockets_where(&|s| hello(s.purpose) && s.path == self.path)
    }

    /// The WebSocket that said hello, if one did.
    #[must_use]
    pub fn websocket_hello(&self) -> Option<(Cite, OpenPacket)> {
        self.hellos().find_map(|(cite, life)| Some((cite, life.open_packet()?)))
    }

    /// Whether the polling transport said hello.
    #[must_use]
    pub fn polling_hello(&self) -> Option<Cite> {
        match self.polling {
            Polling::Hello { cite, .. } => Some(cite),
            _ => None,
        }
    }

    /// The engine's own word that it does not do long-polling: (citation). By design, never a fault.
    #[must_use]
    pub fn polling_off_by_design(&self) -> Option<Cite> {
        match self.polling {
            Polling::Refused { cite, refusal: Refusal::UnknownTransport | Refusal::TransportDisabled, .. } => Some(cite),
            _ => None,
        }
    }

    /// The engine's own word that it does not do WebSocket: no upgrade offered to a session that could be upgraded, or the
    /// transport refused by name.
    #[must_use]
    pub fn websocket_off_by_design(&self) -> Option<Cite> {
        if self.websocket_hello().is_some() {
            return None;
        }
        if let Polling::Hello { cite, packet, .. } = &self.polling
            && !packet.offers_websocket()
        {
            return Some(*cite);
        }
        let refused = self.on_path(Purpose::Companion).find_map(|(cite, x)| match x.engine() {
            Answer::Refused { refusal: Refusal::UnknownTransport | Refusal::TransportDisabled, .. } => Some(cite),
            _ => None,
        });
        // Nor does it matter to a client that is told to use polling alone.
        refused.or_else(|| self.told_transports().filter(|(_, told)| !told.iter().any(|t| t == "websocket")).map(|(cite, _)| cite))
    }

    /// Whether an engine was heard at the path at all: the first proof.
    #[must_use]
    pub fn engine_heard(&self) -> Option<Cite> {
        let http = self.engine_exchanges().find(|(_, x)| x.engine().is_engine()).map(|(cite, _)| cite);
        http.or_else(|| self.websocket_hello().map(|(cite, _)| cite))
    }

    /// A page that names a path for the chat's client at which nothing of the kind is, where none that was read names the one at which an engine speaks.
    #[must_use]
    pub fn named_in_vain(&self) -> Option<Cite> {
        let profile = self.profile;
        let here = |told: &ClientOptions| told.server.is_empty() || told.server == profile.server;
        let told = || told_client(self.evidence).filter(|(_, told)| here(told));
        let nothing = |path: &String| {
            let newest = self.evidence.exchanges_for(Purpose::Handshake).rfind(|(_, x)| x.path == *path);
            newest.is_some_and(|(_, x)| matches!(x.status(), Some(404 | 410)))
        };
        let open = self.known.eio.is_none() && profile.socket_path.is_none() && self.basis == PathBasis::Found;
        if !open || told().any(|(_, told)| told.paths.contains(&self.path)) {
            return None;
        }
        let page = |cite: Cite| self.evidence.exchanges().any(|(c, x)| c == cite && x.html().is_some());
        told().find(|(cite, told)| page(*cite) && told.paths.iter().any(nothing)).map(|(cite, _)| cite)
    }

    /// An engine at another path than the one that is known to be the chat's, or taken for it.
    #[must_use]
    pub fn engine_elsewhere(&self) -> Option<(Cite, &'a Exchange)> {
        self.evidence.exchanges().find(|(_, x)| x.path != self.path && x.eio != 0 && x.engine().is_engine())
    }

    /// The page's own file, when it answered as itself: the control of nearly everything.
    #[must_use]
    pub fn own_file_answers(&self) -> Option<Cite> {
        self.own_file_answers_since(0)
    }

    /// The same of what was asked from this moment on.
    #[must_use]
    pub fn own_file_answers_since(&self, at: u32) -> Option<Cite> {
        self.evidence
            .exchanges_for(Purpose::OwnFile)
            .filter(|(_, x)| x.status().is_some_and(|s| (200..300).contains(&s)) && x.html().is_none() && !self.is_a_workers_copy(x) && x.started >= at)
            .map(|(cite, _)| cite)
            .next_back()
    }

    /// Whether the engine had answered a request with this browser's cookies before this one, which has them too.
    #[must_use]
    pub fn was_let_in(&self, x: &Exchange) -> bool {
        let carries = |x: &Exchange| x.credentials != "omit" && x.path == self.path;
        let heard = |x: &Exchange| x.engine().is_engine() || x.engine() == Answer::Taken;
        carries(x) && self.engine_exchanges().any(|(_, before)| carries(before) && heard(before) && before.ended() <= x.started)
    }

    /// A page where an engine had spoken: somebody else answers in its place by now.
    #[must_use]
    pub fn page_after_engine(&self) -> Option<Cite> {
        let heard = self.engine_exchanges().filter(|(_, x)| x.engine().is_engine()).map(|(_, x)| x.ended()).min()?;
        let page = |x: &Exchange| x.html().is_some() && x.status().is_some_and(|s| (200..300).contains(&s));
        self.engine_exchanges().find(|(_, x)| page(x) && x.ended() >= heard).map(|(cite, _)| cite)
    }

    /// Whether a readable answer of the page's own origin lacks the `Date` that other answers of it carry (RFC 9110 section 6.6.1): then it
    /// may have been made in the browser.
    #[must_use]
    pub fn is_unsigned(&self, exchange: &Exchange) -> bool {
        let dated = |x: &Exchange| x.response().is_some_and(|r| r.header("date").is_some());
        let signed = |x: &Exchange| !x.cross_origin && dated(x);
        !exchange.cross_origin && exchange.status().is_some() && !dated(exchange) && self.evidence.exchanges().any(|(_, x)| signed(x))
    }

    /// A service worker's copy says nothing about the server: it has the `Date` of the day on which it was stored.
    #[must_use]
    pub fn is_a_workers_copy(&self, exchange: &Exchange) -> bool {
        let old = exchange.response().and_then(|r| r.clock_offset).is_some_and(|offset| offset < -A_WORKERS_COPY);
        self.has_worker() && old && exchange.next_hop_protocol.is_empty() && !self.is_of_now(exchange)
    }

    /// Whether this device was without a connection at some time between these two moments: the browser said so, or nothing
    /// answered from before until after the page's own file was rejected. What failed then says nothing of the server.
    #[must_use]
    pub fn was_away(&self, from: u32, to: u32) -> bool {
        was_away(self.evidence, from, to)
    }

    /// The page's own file, when the newest answer to it is an error of the server's (5xx).
    #[must_use]
    pub fn own_file_fails(&self) -> Option<Cite> {
        let newest = self.evidence.exchanges_for(Purpose::OwnFile).next_back();
        newest.filter(|(_, x)| x.status().is_some_and(|s| (500..600).contains(&s))).map(|(cite, _)| cite)
    }

    /// Whether the socket's path asks for the native sign-in that this page's own files ask for as well, and that the browser
    /// has answered: then it sends the same credentials there by itself, without a dialog (RFC 7617 section 2.2).
    #[must_use]
    pub fn signed_in_natively(&self) -> bool {
        let challenge = |x: &'a Exchange| x.response().filter(|r| r.status == 401).and_then(|r| r.header("www-authenticate"));
        let gate = self.evidence.exchanges_for(Purpose::Gate).find_map(|(_, x)| challenge(x));
        let asked = self.on_path(Purpose::Handshake).find_map(|(_, x)| challenge(x));
        gate.is_some() && gate == asked && self.own_file_answers().is_some()
    }

    /// Whether long-polling was tried as the chat does it, with its credentials.
    #[must_use]
    pub fn tried_as_the_chat(&self) -> bool {
        self.on_path(Purpose::Handshake).any(|(_, x)| x.credentials != "omit")
    }

    /// What the page's own policy blocks of the connections to the subject: that says nothing about the server. A page may
    /// violate its policy in other ways, which are none of ours.
    #[must_use]
    pub fn policy_violations(&self) -> Vec<(Cite, &'a str)> {
        let profile = self.profile;
        self.violations(&[Some(&profile.server), profile.ws_url.as_ref(), profile.livekit_url.as_ref(), profile.webtransport_url.as_ref()])
    }

    /// The same of the connections beside it: a stream's or gRPC-web's, which may go to another server.
    #[must_use]
    pub fn policy_violations_beside(&self) -> Vec<(Cite, &'a str)> {
        self.violations(&[self.profile.stream_url.as_ref(), self.profile.grpc_url.as_ref()])
    }

    fn violations(&self, subjects: &[Option<&String>]) -> Vec<(Cite, &'a str)> {
        let origins: Vec<String> = subjects.iter().flatten().filter_map(|u| Address::parse(u)).map(|a| a.origin()).collect();
        let ours = |blocked: &str| Address::parse(blocked).is_some_and(|a| origins.contains(&a.origin()));
        let blocks = self.evidence.observations().iter().filter_map(|o| match &o.fact {
            Fact::PolicyViolation { directive, enforced: true, blocked } if directive.starts_with("connect-src") && ours(blocked) => {
                Some((o.id, directive.as_str()))
            }
            _ => None,
        });
        blocks.collect()
    }

    /// Whether the chat's requests to another origin carry cookies.
    #[must_use]
    pub fn sends_credentials(&self) -> bool {
        self.known.with_credentials || self.profile.credentials
    }

    /// The browser's own name of itself.
    #[must_use]
    pub fn user_agent(&self) -> &'a str {
        self.evidence.environment().map_or("", |(_, e)| e.user_agent.as_str())
    }

    /// Whether the tab was hidden at any time of the run.
    #[must_use]
    pub fn was_hidden(&self) -> Option<Cite> {
        self.evidence.observations().iter().find_map(|o| match &o.fact {
            Fact::Visibility { hidden: true } => Some(o.id),
            Fact::Environment(e) if e.hidden => Some(o.id),
            _ => None,
        })
    }
}

/// How many sessions these are of.
#[must_use]
pub fn sessions(exchanges: &[(Cite, &Exchange)]) -> usize {
    exchanges.iter().enumerate().filter(|(at, (_, x))| !exchanges[..*at].iter().any(|(_, before)| before.session == x.session)).count()
}

fn application(profile: &Profile, evidence: &Evidence) -> Application {
    if profile.application != Application::Auto {
        return profile.application;
    }
    let by_page = evidence.exchanges_for(Purpose::ChatPage).find_map(|(_, x)| x.html()?.application.as_deref());
    match by_page {
        Some("chainlit") => return Application::Chainlit,
        Some("open-webui") => return Application::OpenWebui,
        _ => {}
    }
    for (_, exchange) in evidence.exchanges_for(Purpose::Application) {
        let Some(response) = exchange.response().filter(|r| r.status == 200) else { continue };
        if exchange.path.ends_with("/auth/config") && response.excerpt.contains("\"requireLogin\"") {
            return Application::Chainlit;
        }
        if exchange.path.ends_with("/api/config") && response.excerpt.contains("\"features\"") {
            return Application::OpenWebui;
        }
    }
    Application::Auto
}

/// The prefix that the application's own page tells its client to use (Chainlit's `og:root_path`).
#[must_use]
pub fn told_prefix(evidence: &Evidence) -> Option<(Cite, &str)> {
    evidence.exchanges_for(Purpose::ChatPage).find_map(|(cite, x)| Some((cite, x.html()?.root_path.as_deref()?)))
}

/// The path that the chat's page was redirected to within its origin, where that is no sign-in.
fn led_to(evidence: &Evidence) -> Option<String> {
    let led = evidence.exchanges_for(Purpose::ChatPage).filter_map(|(_, x)| x.response()).next_back();
    let elsewhere = led.filter(|r| {
        let sign_in = speaks_of_sign_in(&r.final_url) || asks_for_password(r);
        r.status == 200 && r.redirected && r.same_origin_as_asked && !sign_in && !r.final_url.contains(redact::MASK)
    });
    let path = Address::parse(&elsewhere?.final_url)?.path;
    Some(path.split('?').next().unwrap_or("/").to_owned())
}

/// Whether JSON says something beside names of members, `null` and `false`. What is no whole JSON may be the beginning of much.
fn names_somebody(excerpt: &str) -> bool {
    fn says(value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => items.iter().any(says),
            Value::Object(members) => members.iter().any(|(_, value)| says(value)),
            Value::Bool(true) | Value::Number(_) => true,
        }
    }
    json::parse(excerpt).map_or(!excerpt.trim().is_empty(), |value| says(&value))
}

/// What pages and scripts of the chat tell its client.
fn told_client(evidence: &Evidence) -> impl DoubleEndedIterator<Item = (Cite, &ClientOptions)> {
    evidence.exchanges().filter(|(_, x)| !x.cross_origin).filter_map(|(cite, x)| Some((cite, x.response()?.client.as_ref().filter(|told| told.has_options())?)))
}

/// The step that gives that cookie.
pub const CLIENT_COOKIE: &str = "client-cookie";

/// Paths of scripts that are asked at.
const TOLD_PATHS: usize = 3;

/// All paths where the socket may be, the likeliest first; the configured one leads.
#[must_use]
pub fn candidates(profile: &Profile, evidence: &Evidence, known: &Known) -> Vec<String> {
    let led = led_to(evidence);
    // Where the page asked for leads to another one, the application lives there.
    let told = told_prefix(evidence).map(|(_, p)| p).or_else(|| led.as_deref().map(crate::address::folder));
    let mut paths = profile.configured_paths();
    for base in platforms::base_paths(profile, told) {
        for path in known.socket_paths {
            let candidate = [base.trim_end_matches('/'), path].concat();
            if !paths.contains(&candidate) {
                paths.push(candidate);
            }
        }
    }
    if known.eio.is_none() && profile.socket_path.is_none() {
        let here = |told: &ClientOptions| told.server.is_empty() || told.server == profile.server;
        let told = told_client(evidence).filter(|(_, told)| here(told)).flat_map(|(_, told)| &told.paths);
        // Below the chat's own page too: a script may put a prefix before it that is known where it runs alone.
        let folder = crate::address::folder(led.as_deref().unwrap_or(&profile.chat_page));
        for path in told.filter(|path| !path.contains(redact::MASK)).take(TOLD_PATHS) {
            let below = Some([folder.trim_end_matches('/'), path].concat()).filter(|_| !path.starts_with(folder));
            for candidate in [Some(path.clone()), below].into_iter().flatten() {
                if !paths.contains(&candidate) {
                    paths.push(candidate);
                }
            }
        }
    }
    paths.truncate(7);
    paths
}

fn socket_path(profile: &Profile, evidence: &Evidence, known: &'static Known) -> (String, PathBasis) {
    let candidates = candidates(profile, evidence, known);
    let engine_at = |path: &str| {
        evidence.exchanges().any(|(_, x)| x.path == path && x.eio != 0 && x.engine().is_engine())
            || evidence.sockets().any(|(_, s)| s.path == path && s.eio != 0 && s.open_packet().is_some())
    };
    // A configured path stays the subject even where another one answers: that other one is then the finding.
    let configured = profile.configured_paths();
    if let Some(first) = configured.first() {
        // With a slash as the client adds it, unless the server leads away from there: some clients are told to add none.
        let led_away = |path: &String| evidence.exchanges_for(Purpose::Handshake).any(|(_, x)| x.path == *path && x.response().is_some_and(|r| r.redirected));
        let as_given = configured.get(1).filter(|given| led_away(first) || !engine_at(first) && engine_at(given));
        let path = as_given.unwrap_or(first);
        return (path.clone(), if engine_at(path) { PathBasis::Found } else { PathBasis::Configured });
    }
    if let Some(path) = candidates.iter().find(|p| engine_at(p)) {
        return beside_another(profile, evidence, known, &candidates, path).unwrap_or_else(|| (path.clone(), PathBasis::Found));
    }
    let telling = candidates.iter().find(|path| {
        evidence.exchanges_for(Purpose::Handshake).any(|(_, x)| {
            x.path == **path
                && match &x.outcome {
                    Outcome::Response(r) => r.html.is_none() && r.status != 404 || matches!(r.status, 401 | 403 | 407 | 429 | 500..=599) || r.redirected,
                    Outcome::Rejected { .. } | Outcome::TimedOut { .. } => true,
                }
        })
    });
    // Nothing answers as a socket's server would, so what the chat's own page or script names is where the chat looks for it.
    let here = |told: &ClientOptions| told.server.is_empty() || told.server == profile.server;
    let named = |path: &&String| told_client(evidence).any(|(_, told)| here(told) && told.paths.contains(path));
    if telling.is_none()
        && known.eio.is_none()
        && let Some(path) = candidates.iter().find(named)
    {
        return (path.clone(), PathBasis::Application);
    }
    let default = || candidates.first().cloned().unwrap_or_else(|| "/socket.io/".to_owned());
    let path = telling.cloned().unwrap_or_else(default);
    (path, if known.eio.is_some() { PathBasis::Application } else { PathBasis::Guess })
}

/// The chat's own path where a gateway knows a way, and finds nobody: the engine elsewhere may be another application's, for which the site has a
/// place as well. It is the chat's own if its page or scripts name it, and not the engine's; it may be if the chat's page, which was named, stands in
/// the same folder and the engine does not, and outside of that folder no gateway answers so.
fn beside_another(profile: &Profile, evidence: &Evidence, known: &Known, candidates: &[String], engine: &str) -> Option<(String, PathBasis)> {
    let down =
        |path: &str| evidence.exchanges_for(Purpose::Handshake).rfind(|(_, x)| x.path == path).is_some_and(|(_, x)| matches!(x.status(), Some(502..=504)));
    let here = |told: &ClientOptions| told.server.is_empty() || told.server == profile.server;
    let told = || told_client(evidence).filter(|(_, told)| here(told));
    if known.eio.is_some() || told().any(|(_, told)| told.paths.iter().any(|path| path == engine)) {
        return None;
    }
    let names = |path: &String| told().any(|(_, told)| told.paths.contains(path));
    if let Some(path) = candidates.iter().find(|path| names(path) && down(path)) {
        return Some((path.clone(), PathBasis::Application));
    }
    let folder = crate::address::folder(&profile.chat_page);
    let inside = |path: &str| path.starts_with(folder);
    // What speaks of a client and names no path means the usual one.
    if !profile.chat_page_named || folder == "/" || inside(engine) || told().next().is_some() {
        return None;
    }
    let outside_too = candidates.iter().any(|path| !inside(path) && down(path));
    candidates.iter().find(|path| inside(path) && down(path) && !outside_too).map(|path| (path.clone(), PathBasis::Guess))
}

fn version(evidence: &Evidence, path: &str) -> u8 {
    let handshakes = || evidence.exchanges_for(Purpose::Handshake).filter(|(_, x)| x.path == path);
    let old_framing = handshakes().any(|(_, x)| matches!(x.engine(), Answer::Open { framing: 3, .. }));
    let new_framing = handshakes().any(|(_, x)| x.eio == 4 && matches!(x.engine(), Answer::Open { framing: 4, .. }));
    if (old_framing || joined_unasked(evidence, path).is_some()) && !new_framing { 3 } else { 4 }
}

/// The WebSocket, asked for in version 4, that was told `40` and nothing more without having asked: up to Socket.IO 2 a server joins each client to
/// the first namespace by itself, and since then none does (its protocol's revision 5: the client begins, and the answer holds a `sid`). `None` where
/// another one was left alone: then there are servers of both kinds.
fn joined_unasked(evidence: &Evidence, path: &str) -> Option<Cite> {
    const AT_ONCE: u32 = 500;
    let asked = |s: &SocketLife| s.events.iter().any(|e| matches!(&e.what, Happening::Sent { text, .. } if text.starts_with("40")));
    let mut old = None;
    for (cite, s) in evidence.sockets_where(&|s| s.path == path && s.eio == 4 && s.open_packet().is_some() && !asked(s)) {
        let mut frames = s.frames();
        let first = frames.next().map_or(0, |(at, _)| at);
        match frames.next() {
            Some((_, "40")) => old = old.or(Some(cite)),
            None if s.lasted() < first.saturating_add(AT_ONCE) => {}
            _ => return None,
        }
    }
    old
}

/// See [`Survey::was_away`].
fn was_away(evidence: &Evidence, from: u32, to: u32) -> bool {
    let mut offline = None;
    for observation in evidence.observations() {
        match observation.fact {
            Fact::Connectivity { online: false } => offline = offline.or(Some(observation.at)),
            Fact::Connectivity { online: true } if offline.take().is_some_and(|since| since <= to && observation.at >= from) => return true,
            _ => {}
        }
    }
    // An end of the connection that lasts is NET001's.
    let answers = || evidence.exchanges_where(&|x| x.answered() && x.cache.is_empty());
    evidence.exchanges_for(Purpose::OwnFile).filter(|(_, x)| x.rejected()).any(|(_, own)| {
        let rejected = own.ended();
        let begin = answers().map(|(_, x)| x.ended()).filter(|at| *at <= own.started).max();
        let end = answers().map(|(_, x)| x.started).filter(|at| *at >= rejected).min();
        begin.zip(end).is_some_and(|(begin, end)| begin <= from && to <= end)
    })
}

fn polling<'a>(evidence: &'a Evidence, path: &str, eio: u8) -> Polling<'a> {
    // The handshake as the chat does it decides over the one without credentials; the newest of its kind decides.
    let handshakes = || evidence.exchanges_for(Purpose::Handshake).filter(|(_, x)| x.path == path && (x.eio == eio || eio == 3));
    // What a limit turned away after others were let in says that there were too many, and those were this run's.
    let let_in = |x: &Exchange, alike: bool| {
        handshakes().any(|(_, one)| one.started < x.started && one.engine().is_engine() && (!alike || one.credentials == x.credentials))
    };
    // Firewalls that count requests say 403.
    let by_count = |x: &Exchange| x.status() == Some(403) && !x.engine().is_engine() && let_in(x, true);
    let rationed = |x: &Exchange| matches!(x.status(), Some(429 | 503)) && let_in(x, false) || by_count(x);
    // Nor does what this device itself had no connection for.
    let alone = |x: &Exchange| x.rejected() && handshakes().any(|(_, one)| one.engine().is_engine()) && was_away(evidence, x.started, x.ended());
    // Nor a wait that the end of the run cut shorter than another handshake had taken.
    let took = handshakes().filter(|(_, x)| x.status().is_some()).filter_map(|(_, x)| x.responded_after).max().unwrap_or(0);
    let hasty = |x: &Exchange| x.timed_out() && x.ended_after < took.saturating_add(took / 4);
    let counts = |x: &Exchange| !rationed(x) && !alone(x) && !hasty(x);
    let as_the_chat = handshakes().rfind(|(_, x)| x.credentials != "omit" && counts(x));
    let Some((cite, exchange)) = as_the_chat.or_else(|| handshakes().rfind(|(_, x)| counts(x))) else { return Polling::NotTried };
    match &exchange.outcome {
        Outcome::Rejected { .. } => Polling::Rejected { cite },
        Outcome::TimedOut { responded: false } => Polling::Silent { cite },
        Outcome::TimedOut { responded: true } => Polling::Foreign { cite, exchange },
        Outcome::Response(r) if r.status == 0 => Polling::Opaque { cite },
        Outcome::Response(_) => match exchange.engine() {
            Answer::Open { packet, framing } => Polling::Hello { cite, packet, framing },
            Answer::Refused { refusal, dialect } => Polling::Refused { cite, refusal, dialect },
            Answer::Garbled => Polling::Garbled { cite },
            Answer::Taken | Answer::Other => Polling::Foreign { cite, exchange },
        },
    }
}

/// An answer of a program that is no engine, and speaks of no sign-in, limit or header.
#[must_use]
pub fn is_strange(exchange: &Exchange) -> bool {
    let status = exchange.status().unwrap_or(0);
    // 400 without a word is engineioxide's to who asks for a WebSocket in the plain way (measured).
    let silent = status == 400 && exchange.response().is_some_and(|r| r.body_bytes == 0);
    let speaks = silent || matches!(status, 401 | 403 | 407 | 408 | 413 | 429 | 431);
    exchange.engine() == Answer::Other && matches!(status, 200..=299 | 400..=499) && !speaks
}

/// Whether a health endpoint's answer says that all is well; `None` where it does not speak of health, or where what was kept of it ends before it does.
#[must_use]
pub fn health_says(exchange: &Exchange) -> Option<bool> {
    let response = exchange.response()?;
    if response.html.is_some() || matches!(response.status, 0 | 301..=399 | 401 | 403 | 404 | 405 | 429) {
        return None;
    }
    if response.status >= 500 {
        return Some(false);
    }
    let health = health::read(&response.excerpt);
    match (health.whole, response.status < 300) {
        (Some(Word::Bad), _) => Some(false),
        (Some(_), true) => Some(true),
        (None, true) if !health.cut => Some(health.bad.is_empty()),
        _ => None,
    }
}

/// How the WebSocket stands at the socket path: the best that any attempt reached.
#[derive(Clone, Debug, PartialEq)]
pub enum Live {
    NotTried,
    /// An open packet came.
    Hello {
        cite: Cite,
    },
    /// `open` fired; the first frame is no open packet.
    Garbled {
        cites: Vec<Cite>,
    },
    /// `open` fired, and nothing came within its limit.
    Silent {
        cites: Vec<Cite>,
    },
    /// `open` fired, and the connection ended before a frame came.
    EndedEarly {
        cites: Vec<Cite>,
    },
    /// The handshake failed; the browser hides why.
    Refused {
        cites: Vec<Cite>,
    },
    /// The handshake did not end within its limit.
    Hung {
        cites: Vec<Cite>,
    },
    /// The constructor threw.
    Threw {
        cites: Vec<Cite>,
    },
}

impl<'a> Survey<'a> {
    /// A WebSocket at the socket path by which the server is seen to be of version 3.
    #[must_use]
    pub fn joined_unasked(&self) -> Option<Cite> {
        joined_unasked(self.evidence, &self.path)
    }

    /// How the WebSocket stands at the socket path.
    #[must_use]
    pub fn live(&self) -> Live {
        // A lost upgrade may be the session's matter: a WebSocket of its own tells, where one is opened at all.
        let tried_alone = self.hellos().next().is_some() || !self.profile.covers(Topic::Websocket);
        let tried: Vec<(Cite, &SocketLife)> = self
            .hellos()
            .filter(|(_, s)| s.eio == self.eio || s.open_packet().is_some())
            .chain(self.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.path == self.path && !s.opened() && tried_alone))
            .collect();
        if let Some((cite, _)) = tried.iter().find(|(_, s)| s.open_packet().is_some()) {
            return Live::Hello { cite: *cite };
        }
        let all = |wanted: fn(&SocketLife) -> bool| -> Option<Vec<Cite>> {
            let cites: Vec<Cite> = tried.iter().filter(|(_, s)| wanted(s)).map(|(c, _)| *c).collect();
            (!cites.is_empty()).then_some(cites)
        };
        if let Some(cites) = all(|s| s.first_frame().is_some()) {
            Live::Garbled { cites }
        } else if let Some(cites) = all(|s| s.waited_in_vain_for("open packet")) {
            Live::Silent { cites }
        } else if let Some(cites) = all(|s| s.opened() && s.closed().is_some()) {
            Live::EndedEarly { cites }
        } else if let (hung, refused) = (all(SocketLife::hung_connecting), all(SocketLife::failed_before_open))
            && (hung.is_some() || refused.is_some())
        {
            // What most of them met: one that ran into the end of the run is no sign beside several that were refused.
            let (hung, refused) = (hung.unwrap_or_default(), refused.unwrap_or_default());
            if hung.len() >= refused.len() { Live::Hung { cites: hung } } else { Live::Refused { cites: refused } }
        } else if let Some(cites) = all(|s| s.threw().is_some()) {
            Live::Threw { cites }
        } else {
            Live::NotTried
        }
    }

    /// Whether long-polling is seen to work: hello, and a follow-up of the same session was taken.
    #[must_use]
    pub fn polling_works(&self) -> Option<Cite> {
        self.polling_hello()?;
        if self.receiving_refused().is_some() || self.posts_feigned().is_some() {
            return None;
        }
        self.on_path(Purpose::FollowUp).filter(|(_, x)| x.engine() == Answer::Taken).map(|(cite, _)| cite).next_back()
    }

    /// Whether a session whose upgrade opened and was lost hears nothing any more by long-polling either: python-engineio answers its polls with a noop from
    /// then on (measured; "upgrading" in its socket). That upgrades come to the server is shown by a WebSocket that says hello, or by that very noop to the GET
    /// of each such session.
    #[must_use]
    pub fn lost_upgrade_stalls(&self) -> bool {
        let lost = |s: &SocketLife| s.path == self.path && s.opened() && s.first_frame().is_none() && (s.closed().is_some() || s.waited_in_vain_for("3probe"));
        let python = self.dialect() == Some(Dialect::PythonEngineio);
        let all: Vec<&SocketLife> = self.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| lost(s)).map(|(_, s)| s).collect();
        let noop = |s: &&SocketLife| self.on_path(Purpose::Poll).any(|(_, x)| x.session == s.session && x.response().is_some_and(|r| r.excerpt == "6"));
        python && self.polls() && self.upgraded().is_none() && all.len() >= 2 && (self.websocket_hello().is_some() || all.iter().all(noop))
    }

    /// A POST without a session that was answered `ok`, and the engine's words on a GET by which it is known to be one that refuses
    /// such a POST (Node, python-engineio, engineioxide: measured; others open a session for it, and take it): something answers in its place.
    #[must_use]
    pub fn posts_feigned(&self) -> Option<(Cite, Cite)> {
        // Another success may be a proxy's change of the answer to what came there.
        let (probe, _) = self.on_path(Purpose::OriginProbe).find(|(_, x)| x.engine() == Answer::Taken)?;
        // Node's code 3 is its own; its other words are spoken by its imitations, too.
        let known = |x: &Exchange| match x.engine() {
            Answer::Refused { dialect: Dialect::Node, refusal } => refusal == Refusal::NotAnUpgrade,
            Answer::Refused { .. } => true,
            _ => false,
        };
        let (control, _) = self.engine_exchanges().find(|(_, x)| x.method == "GET" && known(x))?;
        // Where a session's own POST was refused by the engine, or ended the GET that waited, POSTs come to it.
        let closing = |x: &Exchange| self.on_path(Purpose::CloseSession).any(|(_, c)| c.session == x.session && c.started <= x.ended());
        let refused = self.engine_exchanges().any(|(_, x)| x.method == "POST" && x.engine().is_engine());
        let ended = self.on_path(Purpose::Poll).any(|(_, x)| x.answered() && closing(x));
        (!refused && !ended).then_some((probe, control))
    }

    /// The GETs that wait for messages, where each of them, in at least two sessions, was refused by something that is no engine, or in at
    /// least three was broken off: those, and with which status, where one was told. An engine refuses an
    /// unknown session in its own words, and what failed once or twice says nothing of a rule.
    #[must_use]
    pub fn receiving_refused(&self) -> Option<(Vec<Cite>, Option<u16>)> {
        let refused = |x: &Exchange| {
            let status = x.status().unwrap_or(0);
            x.engine() == Answer::Other && (matches!(status, 400..=599) && !matches!(status, 408 | 429 | 431 | 503) || x.html().is_some())
        };
        // What ended after its session was closed may have ended by that: not before the word of it was half of its way there and back. Firefox
        // asks a few times before it tells of a connection that broke.
        let word = |c: &Exchange| c.started.saturating_add(c.responded_after.unwrap_or(0) / 2);
        let closing = |x: &Exchange| self.on_path(Purpose::CloseSession).filter(|(_, c)| c.session == x.session).map(|(_, c)| word(c)).min();
        let patient = self.user_agent().contains("Firefox/");
        let in_time = |x: &Exchange| closing(x).is_none_or(|at| x.ended() < at) || x.rejected() && patient || matches!(x.status(), Some(200..=499));
        let broken = |x: &Exchange| x.rejected() && !self.was_away(x.started, x.ended());
        let polls: Vec<(Cite, &Exchange)> = self.on_path(Purpose::Poll).filter(|(_, x)| (x.answered() || broken(x)) && in_time(x)).collect();
        let status = polls.iter().map(|(_, x)| x.status()).min()?;
        // A session that began since tells that the server is there.
        let first = polls.iter().map(|(_, x)| x.ended()).min()?;
        let since = self.on_path(Purpose::Handshake).any(|(_, x)| x.started >= first && matches!(x.engine(), Answer::Open { .. }));
        let enough = if status.is_none() { 3 } else { 2 };
        let each = polls.iter().all(|(_, x)| refused(x) || broken(x));
        (sessions(&polls) >= enough && each && (since || status.is_some_and(|s| s < 500))).then(|| (polls.iter().map(|(cite, _)| *cite).collect(), status))
    }

    /// Whether the plain GET of the WebSocket's URL was readable, without credentials: CORS does not tell requests of one path apart.
    #[must_use]
    pub fn lets_this_page_read(&self) -> bool {
        self.on_path(Purpose::Companion).any(|(_, x)| x.credentials == "omit" && x.status().is_some())
    }

    /// Whether two handshakes by long-polling and more were asked for, and each was rejected or broke off: one may be lost by itself. Firefox does the one
    /// or the other with the same answer, by which packets its parts come in (measured).
    #[must_use]
    pub fn each_handshake_is_rejected(&self) -> bool {
        let lost = |x: &Exchange| x.rejected() || x.response().is_some_and(|r| r.broken_off);
        self.on_path(Purpose::Handshake).all(|(_, x)| lost(x)) && self.on_path(Purpose::Handshake).count() >= 2
    }

    /// The opaque answer to the very request that long-polling begins with, in request mode `no-cors`: it came, and this page may not read it.
    #[must_use]
    pub fn unreadable_handshake(&self) -> Option<Cite> {
        self.on_path(Purpose::ServerNoCors).find(|(_, x)| x.eio > 0 && x.answered()).map(|(cite, _)| cite)
    }

    /// Whether what did not come on one of these sockets, `open` or the open packet, was waited for so long that on a line like this one
    /// it would have come: opening takes up to four round trips.
    #[must_use]
    pub fn waited_surely(&self, attempts: &[Cite]) -> bool {
        const WAIT: u32 = 1_500;
        let waited = |life: &SocketLife| life.lasted().saturating_sub(life.opened_after().unwrap_or(0));
        self.evidence.sockets().any(|(cite, life)| attempts.contains(&cite) && waited(life) >= self.patience(WAIT))
    }

    /// [`stored_handshake`] at the socket's path.
    #[must_use]
    pub fn stored_handshake(&self) -> Option<(Cite, Cite)> {
        stored_handshake(self.on_path(Purpose::Handshake))
    }

    /// Whether a session's upgrade opened: what is in front lets WebSockets pass.
    #[must_use]
    pub fn an_upgrade_opened(&self) -> bool {
        self.evidence.sockets_for(SocketPurpose::Upgrade).any(|(_, s)| s.path == self.path && s.opened())
    }

    /// Whether nothing that is known forbids a WebSocket here: no design of the engine's, no origin that it refuses, no policy of the page's.
    #[must_use]
    pub fn is_due_a_websocket(&self) -> bool {
        self.websocket_off_by_design().is_none() && self.origin_refused().is_none() && self.policy_violations().is_empty()
    }

    /// Whether the server offers sessions by long-polling no upgrade, though it takes WebSockets that begin by themselves (`allowUpgrades: false`).
    #[must_use]
    pub fn upgrades_off_by_design(&self) -> bool {
        matches!(&self.polling, Polling::Hello { packet, .. } if !packet.offers_websocket())
    }

    /// The upgrade of a session by long-polling that the server agreed to.
    #[must_use]
    pub fn upgraded(&self) -> Option<Cite> {
        let agreed = |s: &SocketLife| s.path == self.path && s.agrees_to_upgrade();
        self.evidence.sockets_for(SocketPurpose::Upgrade).find(|(_, s)| agreed(s)).map(|(cite, _)| cite)
    }

    /// Handshakes by long-polling whose answer broke off.
    #[must_use]
    pub fn handshakes_broken_off(&self) -> Vec<Cite> {
        self.on_path(Purpose::Handshake).filter(|(_, x)| x.response().is_some_and(|r| r.broken_off)).map(|(cite, _)| cite).collect()
    }

    /// Whether an upgrade of a session by long-polling was refused.
    #[must_use]
    pub fn upgrade_refused(&self) -> bool {
        self.evidence.sockets_for(SocketPurpose::Upgrade).any(|(_, s)| s.path == self.path && s.failed_before_open())
    }

    /// The transports that the chat's own page or script tells its client to use, the first one first (Chainlit's `[project] transports`). A
    /// page of another origin, or one to sign in, says nothing of this chat's client.
    fn told_transports(&self) -> Option<(Cite, &'a [String])> {
        if self.known.eio.is_none() {
            return told_client(self.evidence).map(|(cite, told)| (cite, told.transports.as_slice())).rfind(|(_, transports)| !transports.is_empty());
        }
        let pages = self.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::ChatPage | Purpose::Shell | Purpose::ShellNow) && !x.cross_origin);
        let (cite, newest) = pages.filter_map(|(c, x)| Some((c, x.html()?))).rfind(|(_, html)| html.application.as_deref() == Some("chainlit"))?;
        let own = self.application == Application::Chainlit && !self.profile.is_cross_origin();
        (own && !newest.transports.is_empty()).then_some((cite, newest.transports.as_slice()))
    }

    /// Whether its half a minute is over, and with it what sessions tell.
    #[must_use]
    pub fn client_cookie_until(&self) -> u32 {
        self.client_cookie_since().map_or(u32::MAX, |since| since.saturating_add(25_000))
    }

    /// Since when sessions carry the cookie that the chat's own client sets before it connects; `None` where this run did not give it, or
    /// the browser had one already or keeps none.
    #[must_use]
    pub fn client_cookie_since(&self) -> Option<u32> {
        let given = |fact: &Fact| matches!(fact, Fact::StepEnded { step, end: End::Completed } if step == CLIENT_COOKIE);
        self.evidence.observations().iter().find(|o| given(&o.fact)).map(|o| o.at)
    }

    /// The page that starts the chat's client, as far as it is known: the newest that is readable and no page to sign in.
    fn client_page(&self) -> Option<&'a html::Outline> {
        let pages = self.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::ChatPage | Purpose::Shell | Purpose::HomePage) && !x.cross_origin);
        pages.filter(|(_, x)| x.status() == Some(200)).filter_map(|(_, x)| x.html()).rfind(|html| !html.signs_in())
    }

    /// The origin of another server that the chat's page connects to, or has its client from, where no setting names a server.
    #[must_use]
    pub fn told_server(&self) -> Option<String> {
        if self.profile.is_cross_origin() || self.known.eio.is_some() {
            return None;
        }
        let own = Address::parse(&self.profile.server)?;
        let another = |address: &Address| (&address.host, address.port) != (&own.host, own.port) && address.host != redact::HIDDEN;
        let connected = told_client(self.evidence).filter_map(|(_, told)| Address::parse(&told.server)).find(another);
        // A server gives its client out by this name, and a network of published files by one with a version in it.
        let is_given =
            |a: &Address| a.path.split('?').next().is_some_and(|p| p.ends_with("/socket.io/socket.io.js") || p.ends_with("/socket.io/socket.io.min.js"));
        let given = || self.client_page()?.script_sources.iter().filter_map(|source| Address::parse(source)).find(|a| another(a) && is_given(a));
        connected.or_else(given).map(|address| address.origin())
    }

    /// Whether the chat's own page tells its client to use other transports than long-polling, or to begin with WebSocket, which works.
    #[must_use]
    pub fn told_not_to_poll(&self) -> bool {
        let begins = |told: &[String]| told.first().is_some_and(|t| t == "websocket") && self.websocket_hello().is_some();
        self.told_transports().is_some_and(|(_, told)| begins(told) || !told.iter().any(|t| t == "polling"))
    }

    /// The same, told by a script alone: it may be for another of its clients, so it takes blame away and proves nothing.
    #[must_use]
    pub fn told_by_script(&self) -> bool {
        self.known.eio.is_none() && self.told_not_to_poll()
    }

    /// Whether the chat's client polls at all.
    #[must_use]
    pub fn polls(&self) -> bool {
        // Open WebUI's client polls where the server is set to have no WebSockets.
        let alone = || self.polling_hello().is_some() && self.websocket_off_by_design().is_some();
        (self.known.polls || alone()) && !self.told_not_to_poll()
    }

    /// Whether nothing of this socket's goes by long-polling: the engine refuses that by name, or the live connection says hello to a client that
    /// does not poll.
    #[must_use]
    pub fn is_websocket_alone(&self) -> bool {
        let named = |x: &Exchange| matches!(x.engine(), Answer::Refused { refusal: Refusal::UnknownTransport | Refusal::TransportDisabled, .. });
        let refused = self.polling_hello().is_none() && self.on_path(Purpose::Handshake).any(|(_, x)| named(x));
        refused || self.websocket_hello().is_some() && !self.polls()
    }

    /// Whether the chat can go on without WebSocket: its client polls, and polling is seen to work.
    #[must_use]
    pub fn can_do_without_websocket(&self) -> bool {
        self.polls() && self.polling_works().is_some()
    }

    /// The proof that plain HTTP reaches the server at the WebSocket's own URL: its word that this is no upgrade. Where an engine
    /// is heard at the path, a 400 or 426 that no gateway wrote is the application's: engineioxide sends an empty one, Open WebUI
    /// answers before its engine (both measured).
    #[must_use]
    pub fn companion_reaches_engine(&self) -> Option<Cite> {
        let heard = self.engine_heard_by_http().is_some();
        self.on_path(Purpose::Companion).find(|(_, x)| companion_is_engine(x) || heard && no_upgrade_seen(x)).map(|(cite, _)| cite)
    }

    /// Whether plain HTTP reaches an engine at the socket path.
    #[must_use]
    pub fn engine_heard_by_http(&self) -> Option<Cite> {
        self.engine_exchanges().find(|(_, x)| x.engine().is_engine()).map(|(cite, _)| cite)
    }

    /// Whether a WebSocket's failure is its own: where plain requests fail at times too, the rate of that has to be known, and
    /// the WebSocket has to have been tried after the engine answered. A server that wakes up refuses everything at first.
    #[must_use]
    pub fn fails_by_itself(&self, attempts: &[Cite]) -> bool {
        let failed = |x: &Exchange| x.rejected() || x.timed_out() || x.status().is_some_and(|s| (500..600).contains(&s));
        if !self.engine_exchanges().any(|(_, x)| x.method == "GET" && failed(x)) {
            return true;
        }
        let first_answer = self.engine_exchanges().filter(|(_, x)| x.engine().is_engine()).map(|(_, x)| x.ended()).min();
        let since = self.evidence.sockets().any(|(c, s)| attempts.contains(&c) && first_answer.is_some_and(|at| s.started >= at));
        since && self.on_path(Purpose::Repeat).count() >= usize::from(REPEATS)
    }

    /// The gateway's errors since the last word of a server that answered before: it has gone in the middle of the run.
    #[must_use]
    pub fn gone_behind_gateway(&self) -> Option<Vec<(Cite, &'a Exchange)>> {
        // To requests without cookies it answers still.
        if self.fails_with_cookies().is_some_and(|look| look.control().is_some()) {
            return None;
        }
        let engine = self.engine_exchanges().filter(|(_, x)| x.engine().is_engine() || x.engine() == Answer::Taken);
        // A tunnel that stood before says nothing of whether anything new gets through: gateways keep them.
        let heard = engine.map(|(_, x)| x.ended()).max()?.max(self.last_sign_on_sockets(false));
        let since: Vec<(Cite, &Exchange)> = self.engine_exchanges().filter(|(_, x)| x.started >= heard).collect();
        let failing = |x: &Exchange| matches!(x.status(), Some(502..=504 | 520..=530));
        // Between its last word and the gateway's first one nothing may have answered.
        let first = since.iter().position(|(_, x)| !x.rejected() && !x.timed_out())?;
        let told = &since[first..];
        (since.len() >= SINCE && told.len() >= 2 && told.iter().all(|(_, x)| failing(x))).then(|| told.to_vec())
    }

    /// Where every request with cookies gets a gateway's error, at least two of them, and the engine answers all those without.
    #[must_use]
    pub fn fails_with_cookies(&self) -> Option<WithCookies<'a>> {
        let carries = |x: &Exchange| x.credentials == "include" || x.credentials != "omit" && !x.cross_origin;
        let failing = |x: &Exchange| matches!(x.status(), Some(502..=504));
        let failed: Vec<(Cite, &Exchange)> = self.engine_exchanges().filter(|(_, x)| carries(x)).collect();
        // A WebSocket can't leave cookies out.
        if failed.len() < 2 || !failed.iter().all(|(_, x)| failing(x)) || self.last_sign_on_sockets(true) > 0 {
            return None;
        }
        let reached: Vec<(Cite, &Exchange)> = self.on_path(Purpose::Handshake).filter(|(_, x)| x.credentials == "omit").collect();
        (!reached.is_empty() && reached.iter().all(|(_, x)| x.engine().is_engine())).then_some(WithCookies { failed, reached })
    }

    /// When a WebSocket at the socket's path was last seen to live: its opening, its last frame, or, where it is `held`, its end where the probe ended it.
    fn last_sign_on_sockets(&self, held: bool) -> u32 {
        let opened = self.evidence.sockets_where(&|s| s.path == self.path && !matches!(s.purpose, SocketPurpose::Raw | SocketPurpose::RawQuiet));
        let sign = |s: &SocketLife| {
            let open = s.opened_after()?;
            Some(s.started.saturating_add(if !held || s.closed().is_some() { open.max(s.last_frame) } else { s.lasted() }))
        };
        opened.filter_map(|(_, s)| sign(s)).max().unwrap_or(0)
    }

    /// The engine's word that it does not accept this page's origin, and the origin that it saw.
    #[must_use]
    pub fn origin_refused(&self) -> Option<(Cite, Option<String>)> {
        self.engine_exchanges().find_map(|(cite, x)| match x.engine() {
            Answer::Refused { refusal: Refusal::OriginNotAccepted { origin }, .. } => Some((cite, origin)),
            _ => None,
        })
    }

    /// The HTTP version that carried the page's own requests to the server.
    #[must_use]
    pub fn http_version(&self) -> Option<(Cite, &'a str)> {
        let by_request = self.engine_exchanges().find(|(_, x)| !x.next_hop_protocol.is_empty()).map(|(c, x)| (c, x.next_hop_protocol.as_str()));
        let by_page = || {
            let (cite, environment) = self.evidence.environment()?;
            (!self.profile.is_cross_origin() && !environment.next_hop_protocol.is_empty()).then_some((cite, environment.next_hop_protocol.as_str()))
        };
        by_request.or_else(by_page)
    }

    /// The raw WebSocket's state, and the plain GET of its URL.
    #[must_use]
    pub fn raw(&self) -> Option<Raw<'a>> {
        self.profile.ws_url.as_ref()?;
        let sockets: Vec<(Cite, &SocketLife)> = self.evidence.sockets_where(&|s| matches!(s.purpose, SocketPurpose::Raw | SocketPurpose::RawQuiet)).collect();
        let companion = self.evidence.exchanges_for(Purpose::Companion).rfind(|(_, x)| x.eio == 0);
        Some(Raw { sockets, companion })
    }

    /// Answers of the Socket.IO CONNECT: (citation, life, namespace).
    #[must_use]
    pub fn connect(&self) -> Option<(Cite, &'a SocketLife)> {
        self.evidence.sockets_for(SocketPurpose::Connect).last()
    }

    /// The CONNECT of this run, where it was accepted, and the server ended the session again without being asked.
    #[must_use]
    pub fn shown_out(&self) -> Option<Cite> {
        let namespace = self.namespace();
        let (cite, life) = self.connect()?;
        let accepted = life.frames().find(|(_, f)| connect_answer(f, namespace) == Some(ConnectAnswer::Accepted)).map(|(at, _)| at)?;
        let asked = life.events.iter().any(|e| matches!(&e.what, Happening::Sent { text, .. } if is_disconnect(text, namespace)));
        (!asked && life.frames().any(|(at, f)| at >= accepted && is_disconnect(f, namespace))).then_some(cite)
    }

    /// The namespace that a CONNECT asks for in this run.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.profile.namespace.as_deref().unwrap_or("/")
    }

    /// Requests to the server that nothing answered, in `cors` and in `no-cors`, and the citations of both.
    #[must_use]
    pub fn nothing_answers(&self) -> Option<Vec<(Cite, &'a Exchange)>> {
        let unanswered = |x: &Exchange| x.rejected() || x.timed_out();
        let cross = self.profile.is_cross_origin();
        let to_server = |x: &Exchange| match x.purpose {
            Purpose::Server | Purpose::ServerNoCors => true,
            Purpose::Handshake | Purpose::RedirectControl | Purpose::OriginProbe | Purpose::Companion | Purpose::FollowUp => x.path == self.path,
            Purpose::CloseSession | Purpose::Repeat | Purpose::LongPoll | Purpose::LargePost => x.path == self.path,
            Purpose::ChatPage | Purpose::Health | Purpose::User => cross,
            _ => false,
        };
        let mut all: Vec<(Cite, &Exchange)> = self.evidence.exchanges().filter(|(_, x)| to_server(x)).collect();
        // A server may go away in the middle of a run: then what counts is all since its last word, if that is enough.
        let last_word = all.iter().filter(|(_, x)| !unanswered(x)).map(|(_, x)| x.ended()).max();
        let last_sign = self.last_sign_on_sockets(true);
        if last_word.is_none() && last_sign > 0 {
            return None;
        }
        if let Some(last_word) = last_word.map(|at| at.max(last_sign)) {
            all.retain(|(_, x)| x.started >= last_word);
            if all.len() < SINCE {
                return None;
            }
        }
        let both = all.iter().any(|(_, x)| x.mode == "no-cors" && unanswered(x)) && all.iter().any(|(_, x)| x.mode != "no-cors" && unanswered(x));
        (both && all.iter().all(|(_, x)| unanswered(x))).then_some(all)
    }
}

/// Two sessions that began with the same open packet to the letter: an engine gives no session id twice, so one of them is a stored answer.
pub fn stored_handshake<'a>(handshakes: impl Iterator<Item = (Cite, &'a Exchange)>) -> Option<(Cite, Cite)> {
    let opened: Vec<(Cite, &str, u8)> = handshakes
        .filter(|(_, x)| matches!(x.engine(), Answer::Open { .. }))
        .filter_map(|(cite, x)| Some((cite, x.response()?.digest.as_str(), x.session)))
        .filter(|(_, digest, _)| !digest.is_empty())
        .collect();
    opened.iter().enumerate().find_map(|(at, (cite, digest, session))| {
        let before = opened[..at].iter().find(|(_, other, of)| other == digest && of != session)?;
        Some((before.0, *cite))
    })
}

/// Requests at the socket's path that cookies tell apart.
#[derive(Clone, Debug)]
pub struct WithCookies<'a> {
    /// With them: the gateway's errors.
    pub failed: Vec<(Cite, &'a Exchange)>,
    /// Without them: the engine's answers.
    pub reached: Vec<(Cite, &'a Exchange)>,
}

impl<'a> WithCookies<'a> {
    /// The engine's answer to a request without cookies that was asked after two with them had failed.
    #[must_use]
    pub fn control(&self) -> Option<(Cite, &'a Exchange)> {
        let failed_before = |at: u32| self.failed.iter().filter(|(_, x)| x.ended() <= at).count();
        self.reached.iter().rfind(|(_, x)| failed_before(x.started) >= 2).copied()
    }
}

/// The chat's page as this browser has it, and as the server has it now.
#[derive(Clone, Debug)]
pub struct Shell<'a> {
    /// Kept in the browser's HTTP cache.
    pub kept: Option<(Cite, &'a Response)>,
    /// What a request for the page gives, from the cache where that has it.
    pub shown: Option<(Cite, &'a Response)>,
    /// What the server has now.
    pub now: Option<(Cite, &'a Response)>,
    /// What a navigation to the page gets, where a service worker may answer it.
    pub navigated: Option<(Cite, &'a html::Outline)>,
}

/// An error that the browser's own copy of the chat's page is, or that a redirect which it keeps leads to.
#[derive(Clone, Debug)]
pub struct StoredFailure<'a> {
    pub shown: (Cite, &'a Response),
    /// The same from the cache alone.
    pub kept: Option<(Cite, &'a Response)>,
    /// The server's page.
    pub pages: Vec<Cite>,
}

impl<'a> Survey<'a> {
    #[must_use]
    pub fn shell(&self) -> Shell<'a> {
        let of = |purpose| self.evidence.exchanges_for(purpose).filter_map(|(c, x)| Some((c, x.response().filter(|r| r.status == 200)?))).next_back();
        // Through a service worker only a name that it can't know reaches the server, and only if the answer is of now.
        let now = if self.has_worker() {
            self.evidence.exchanges_for(Purpose::ShellPastWorker).filter(|(_, x)| self.is_of_now(x)).filter_map(|(c, x)| Some((c, x.response()?))).next_back()
        } else {
            of(Purpose::ShellNow)
        };
        let shown = of(Purpose::Shell);
        let signs_in = shown.is_some_and(|(_, r)| asks_for_password(r));
        Shell {
            kept: of(Purpose::ShellKept).filter(|(_, kept)| self.is_of_before(kept)),
            shown,
            // A sign-in page in its place says nothing about releases.
            now: now.filter(|(_, r)| r.status == 200 && !r.redirected && (!asks_for_password(r) || signs_in)),
            navigated: self.evidence.navigation().and_then(|(c, n)| Some((c, n.html.as_ref()?))),
        }
    }

    /// Whether what the browser's cache alone gave is of before this run: WebKitGTK, where it keeps no copy, asks the server all the same (measured), and then its
    /// `Date` is that of the server's other answers, as it is where the page was visited a moment ago. In other browsers it is no copy only if the server gave
    /// that very page in this run, too. A shared cache's date tells nothing of when it answered.
    fn is_of_before(&self, kept: &Response) -> bool {
        let date = |r: &Response| r.header("date").and_then(unix_seconds);
        let looks = self.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::ChatPage | Purpose::ShellNow));
        let asked: Vec<&Response> = looks.filter_map(|(_, x)| x.response().filter(|r| r.header("age").is_none())).collect();
        let older = date(kept).is_none_or(|kept| asked.iter().filter_map(|r| date(r)).all(|asked| kept < asked));
        let agent = self.user_agent();
        let may_ask = agent.contains("AppleWebKit/") && !agent.contains("Chrome/") && !agent.contains("Chromium/");
        older || !may_ask && !asked.iter().any(|r| r.digest == kept.digest)
    }

    /// What a request for the chat's page gets from the browser's own copy where the server has the page: an error, or a redirect that ends
    /// in one. The look, that of the cache alone where it shows the same, and two at the server's page.
    #[must_use]
    pub fn stored_failure(&self) -> Option<StoredFailure<'a>> {
        let newest = |purpose| self.evidence.exchanges_for(purpose).filter_map(|(c, x)| Some((c, x.response()?))).next_back();
        let shown: (Cite, &Response) = newest(Purpose::Shell).filter(|(_, r)| r.status >= 400 && !self.has_worker())?;
        let is_page = |r: &Response| r.status == 200 && !r.redirected && r.html.is_some() && !asks_for_password(r);
        let looks = self.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::ChatPage | Purpose::ShellNow));
        let pages: Vec<Cite> = looks.filter(|(_, x)| x.response().is_some_and(is_page)).map(|(c, _)| c).collect();
        let now_fails = self.evidence.exchanges_for(Purpose::ShellNow).any(|(_, x)| !x.response().is_some_and(is_page));
        if pages.len() < 2 || now_fails || newest(Purpose::ShellNow).is_none() {
            return None;
        }
        let kept = newest(Purpose::ShellKept).filter(|(_, kept)| self.is_of_before(kept));
        let redirected = shown.1.redirected;
        // A redirect is kept by itself: what is behind it need not be.
        let kept = kept.filter(|(_, r)| if redirected { r.redirected } else { r.status == shown.1.status && r.digest == shown.1.digest });
        // An error of this moment is the server's, and so is one that asks who it is.
        let told = kept.is_some() || redirected && matches!(shown.1.status, 404 | 410 | 500..=599);
        told.then_some(StoredFailure { shown, kept, pages })
    }

    /// A script of the chat's page that this browser runs from a copy, while the server has another: the copy, and the server's, which was the
    /// same twice.
    #[must_use]
    pub fn stale_script(&self) -> Option<((Cite, &'a Exchange), Cite)> {
        let script = |x: &'a Exchange| x.response().filter(|r| r.status == 200 && !r.redirected && r.html.is_none());
        self.evidence.exchanges_for(Purpose::ScriptKept).find_map(|(cite, kept)| {
            let now = self.evidence.exchanges_where(&|x| x.purpose == Purpose::ScriptNow && x.path == kept.path);
            let now: Vec<(Cite, &Response)> = now.filter_map(|(c, x)| Some((c, script(x)?))).collect();
            let [.., (_, one), (newest, other)] = now.as_slice() else { return None };
            (one.digest == other.digest && script(kept)?.digest != one.digest).then_some(((cite, kept), *newest))
        })
    }

    /// The look that shows another release through a service worker than the server has. `None` where there is none, or where it
    /// can't be told.
    #[must_use]
    pub fn old_by_worker(&self) -> Option<Cite> {
        let shell = self.shell();
        let (_, now) = shell.now?;
        let new = now.html.as_ref()?;
        self.evidence.workers().filter(|(_, w)| !w.registrations.is_empty())?;
        let shown_is_old = shell.shown.filter(|(_, shown)| self.are_two_releases(shown, now) == Some(true)).map(|(c, _)| c);
        // Then an old copy is the HTTP cache's, to which a navigation comes as well.
        if self.asks_the_network() && shown_is_old.is_some() {
            return None;
        }
        let navigated = shell.navigated.filter(|(_, seen)| seen.is_another_release(new) && self.is_steady(new)).map(|(c, _)| c);
        navigated.or(shown_is_old)
    }

    /// Whether the frame that shows what a navigation gets comes to the network past every service worker: WebKit gives none to a frame in which
    /// no script runs (measured), and such a look says nothing of the worker. The frame itself tells; of a run that did not ask it, the browser's name.
    #[must_use]
    pub fn frames_go_past_workers(&self) -> bool {
        let active = || self.evidence.workers().is_some_and(|(_, w)| w.registrations.iter().any(|r| !r.script.is_empty()));
        if let Some(controlled) = self.evidence.navigation().and_then(|(_, n)| n.controlled) {
            return !controlled && active();
        }
        let agent = self.user_agent();
        agent.contains("AppleWebKit/") && !agent.contains("Chrome/") && !agent.contains("Chromium/")
    }

    /// Whether a request for the chat's page comes to the network: no service worker answers for this page, or it passes requests
    /// on. One that answers from its own cache does not care for the cache mode `no-store`.
    #[must_use]
    pub fn asks_the_network(&self) -> bool {
        let by_no_store = self.evidence.exchanges_for(Purpose::ShellNow).filter_map(|(_, x)| x.response()).next_back();
        !self.has_worker() || by_no_store.zip(self.shell().now).is_some_and(|(seen, (_, now))| self.are_two_releases(seen, now) == Some(false))
    }

    /// The chat's page, where it came by http to a host that is not this device and its policy turns all its addresses into https
    /// (Upgrade Insecure Requests section 3).
    #[must_use]
    pub fn lifts_to_https(&self) -> Option<Cite> {
        let unprotected = self.evidence.environment().is_some_and(|(_, e)| e.scheme == "http:" && !e.secure_context);
        let pages = self.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::ChatPage | Purpose::ShellNow | Purpose::HomePage) && !x.cross_origin);
        let mut asking = pages.filter_map(|(c, x)| {
            let response = x.response().filter(|r| r.status == 200 && r.html.as_ref().is_some_and(|h| h.scripts > 0))?;
            let header = response.header("content-security-policy").unwrap_or("");
            let meta = response.html.as_ref().map_or(&[][..], |h| &h.policies);
            let lifts = |policy: &str| policy.to_ascii_lowercase().contains("upgrade-insecure-requests");
            (lifts(header) || meta.iter().any(|policy| lifts(policy))).then_some(c)
        });
        asking.next_back().filter(|_| unprotected)
    }

    /// The path of the chat's page, after a redirect within its origin that is no sign-in.
    #[must_use]
    pub fn chat_page(&self) -> String {
        let below = || self.page_below().filter(|path| self.evidence.exchanges_for(Purpose::ChatPage).any(|(_, x)| x.path == *path && is_page(x)));
        led_to(self.evidence).or_else(below).unwrap_or_else(|| self.profile.chat_page.clone())
    }

    /// Where the chat's page may be that nobody named: below the engine's prefix, where the usual place has none.
    #[must_use]
    pub fn page_below(&self) -> Option<String> {
        let usual = self.profile.chat_page.split('?').next().unwrap_or("/");
        let is_usual = |x: &Exchange| x.purpose == Purpose::ChatPage && x.path == usual;
        let looked = self.evidence.exchanges_where(&is_usual).next().is_some();
        let none_there = looked && !self.evidence.exchanges_where(&is_usual).any(|(_, x)| is_page(x));
        let told = !self.profile.chat_page_named && !self.profile.is_cross_origin() && self.basis == PathBasis::Found;
        let base = self.base();
        (told && none_there && base != "/" && base != usual).then_some(base)
    }

    /// Whether this page itself came by https.
    #[must_use]
    pub fn came_by_https(&self) -> bool {
        self.evidence.environment().is_some_and(|(_, e)| e.scheme == "https:")
    }

    /// Whether a service worker answers for this page: then its requests need not reach the network.
    #[must_use]
    pub fn has_worker(&self) -> bool {
        self.evidence.environment().is_some_and(|(_, e)| e.service_worker)
    }

    /// Whether an answer came from the server just now, and from no cache of a worker's: the network's protocol is told, or its
    /// `Date` agrees with the engine's, which no worker keeps.
    fn is_of_now(&self, exchange: &Exchange) -> bool {
        // A worker that has one page for every path gives it to the engine's too, and none keeps an error or what answers a POST.
        let kept_by_none = |x: &Exchange| x.engine().is_engine() || x.method != "GET" || x.status().is_some_and(|s| s >= 400);
        let engine = self.engine_exchanges().filter(|(_, x)| kept_by_none(x)).filter_map(|(_, x)| x.response()?.clock_offset).next_back();
        let offset = exchange.response().and_then(|r| r.clock_offset);
        match (offset, engine) {
            (Some(offset), Some(engine)) => offset.abs_diff(engine) <= CLOCK_SLACK,
            _ => !exchange.next_hop_protocol.is_empty(),
        }
    }

    /// Whether two copies of the page are of two releases: by the scripts and styles that they name, and by the whole text where
    /// the server gives the same text twice.
    #[must_use]
    pub fn are_two_releases(&self, held: &Response, now: &Response) -> Option<bool> {
        let (old, new) = (held.html.as_ref()?, now.html.as_ref()?);
        if held.digest == now.digest {
            return Some(false);
        }
        let again = self.second_look();
        if old.assets != new.assets {
            return self.is_steady(new).then_some(old.is_another_release(new));
        }
        match (again.is_some_and(|again| again.digest == now.digest), new.assets.is_empty()) {
            (true, _) => Some(true),
            (false, false) => Some(false),
            (false, true) => None,
        }
    }

    /// Whether the server names the same scripts and styles when it is asked twice.
    #[must_use]
    pub fn is_steady(&self, new: &html::Outline) -> bool {
        let again = self.second_look().and_then(|r| r.html.as_ref());
        again.map_or(!self.has_worker(), |again| again.assets == new.assets)
    }

    /// Whether what is shown can come from the browser's own copy without a question to the server: it keeps one, and that may be
    /// used unasked (RFC 9111 sections 4.2 and 5.2.2.4).
    #[must_use]
    pub fn shows_its_copy(&self) -> bool {
        let shell = self.shell();
        let unasked = |kept: &Response| {
            let rule = kept.header("cache-control").unwrap_or("").to_ascii_lowercase();
            !["no-cache", "no-store", "max-age=0"].iter().any(|word| rule.contains(word))
        };
        // A copy that the server was asked about has the time of that answer (RFC 9111 section 4.3.4).
        let confirmed = |kept: &Response, shown: &Response| kept.header("date").zip(shown.header("date")).is_some_and(|(kept, shown)| kept != shown);
        shell.kept.zip(shell.shown).is_some_and(|((_, kept), (_, shown))| kept.digest == shown.digest && unasked(kept) && !confirmed(kept, shown))
    }

    /// Whether the page that is shown is not, to the letter, the server's.
    #[must_use]
    pub fn shell_differs(&self) -> bool {
        let shell = self.shell();
        shell.shown.zip(shell.now).is_some_and(|((_, shown), (_, now))| shown.digest != now.digest)
    }

    /// Whether the server's page of now is the same twice.
    #[must_use]
    pub fn now_is_steady(&self) -> bool {
        self.shell().now.and_then(|(_, r)| r.html.as_ref()).is_some_and(|new| self.is_steady(new))
    }

    /// The page as the server has it once more, to see whether it gives the same twice. Without a worker that is the page without
    /// credentials.
    fn second_look(&self) -> Option<&'a Response> {
        let twice = self.evidence.exchanges_for(Purpose::ShellNow).count() > 1;
        let purpose = match (self.has_worker(), twice) {
            (true, _) => Purpose::ShellPastWorker,
            (false, true) => Purpose::ShellNow,
            (false, false) => Purpose::ChatPage,
        };
        let mut looks = self.evidence.exchanges_for(purpose).filter_map(|(_, x)| x.response()).filter(|r| r.status == 200 && !r.redirected);
        let first = looks.next();
        // Past a worker the last look is the page of now, which can't be compared with itself.
        if self.has_worker() && looks.next().is_none() { None } else { first }
    }

    /// The release that the server says it is.
    #[must_use]
    pub fn server_version(&self) -> String {
        let told = self.evidence.exchanges_for(Purpose::Version).find_map(|(_, x)| json::parse(&x.response()?.excerpt).ok());
        told.as_ref().and_then(|told| told.get("version")).and_then(Value::as_str).unwrap_or("").to_owned()
    }

    /// The scripts of that kind that are gone: answered "not found", or with a page in their place.
    #[must_use]
    pub fn scripts_gone(&self, purpose: Purpose) -> Vec<(Cite, &'a Exchange)> {
        // A module of another type than JavaScript is not run (WHATWG HTML, fetch a module script).
        let mistyped = |x: &Exchange, r: &Response| self.is_module(x) && r.header("content-type").is_some_and(|t| !t.to_ascii_lowercase().contains("script"));
        // To a stranger a sign-in's page or redirect is no word about the file.
        let sign_in = |r: &Response| r.redirected || asks_for_password(r);
        let gone = |x: &Exchange| {
            x.response().filter(|r| !sign_in(r)).is_some_and(|r| matches!(r.status, 404 | 410) || r.status == 200 && (r.html.is_some() || mistyped(x, r)))
        };
        self.evidence.exchanges_for(purpose).filter(|(_, x)| gone(x)).collect()
    }

    /// Whether the page that is shown names this script as a module.
    #[must_use]
    pub fn is_module(&self, script: &Exchange) -> bool {
        self.shell().shown.and_then(|(_, r)| r.html.as_ref()).is_some_and(|html| is_named(html.all_modules(), script))
    }
}

impl Survey<'_> {
    /// Whether the page that is shown names this module as one to preload and in no other way, and no script that was read begins with an import
    /// of it. In a page with a script of its own that can't be told.
    #[must_use]
    pub fn is_hint_alone(&self, script: &Exchange) -> bool {
        let Some(html) = self.shell().shown.and_then(|(_, r)| r.html.as_ref()) else { return false };
        let name = script.path.rsplit('/').next().unwrap_or("");
        let imported = |x: &Exchange| x.response().is_some_and(|r| r.html.is_none() && r.excerpt.contains(name));
        let own = html.scripts as usize > html.script_sources.len();
        !own && !is_named(html.script_sources.iter(), script) && !name.is_empty() && !self.evidence.exchanges_for(Purpose::Script).any(|(_, x)| imported(x))
    }
}

/// Whether this script's address is among them.
fn is_named<'s>(mut sources: impl Iterator<Item = &'s String>, script: &Exchange) -> bool {
    let name = |m: &str| m.split(['?', '#']).next().unwrap_or("").trim_start_matches("../").trim_start_matches("./").to_owned();
    sources.any(|m| match Address::parse(m) {
        Some(whole) => name(&whole.path) == script.path,
        None => !name(m).is_empty() && script.path.ends_with(&name(m)),
    })
}

impl<'a> Survey<'a> {
    /// Whether somebody who should be signed in is refused: by the endpoint that tells who it is, or on the socket's path.
    #[must_use]
    pub fn sign_in_refused(&self) -> Option<(Cite, &'a Exchange)> {
        let refused = |(_, x): &(Cite, &Exchange)| matches!(x.status(), Some(401 | 403)) && x.credentials != "omit";
        if let Some((cite, user)) = self.evidence.exchanges_for(Purpose::User).next_back().filter(|(_, x)| x.status().is_some()) {
            return refused(&(cite, user)).then_some((cite, user));
        }
        // Where the live connection is let in, it is requests that are blocked, and nobody's sign-in.
        let live = self.websocket_hello().is_some();
        self.on_path(Purpose::Handshake).rfind(refused).filter(|_| !live)
    }

    /// The endpoint that tells who is signed in, asked several times with what this browser keeps: it took it once and refused it once. A
    /// token that ends about now or that the chat renews may be another one the second time.
    #[must_use]
    pub fn sign_in_divided(&self) -> Option<(Cite, Cite)> {
        const RENEWED: i32 = 3_600;
        let tokens = self.held_tokens();
        let steady = |t: &&Stored| t.made_for.is_none_or(|s| s > RENEWED) && self.is_valid_by_its_date(t);
        if !tokens.iter().all(steady) {
            return None;
        }
        let told = |x: &Exchange| matches!(x.status(), Some(200 | 401)) && !x.cross_origin && x.html().is_none();
        let asked: Vec<(Cite, &Exchange)> = self.evidence.exchanges_for(Purpose::User).filter(|(_, x)| told(x)).collect();
        let with = |status| asked.iter().find(|(_, x)| x.status() == Some(status));
        let ((taken, one), (refused, other)) = (with(200)?, with(401)?);
        // A cookie that no page can read may have ended in between, or somebody signed in: then it does not change back.
        let changes = asked.windows(2).filter(|pair| pair[0].1.status() != pair[1].1.status()).count();
        (one.path == other.path && (!tokens.is_empty() || changes >= 2)).then_some((*taken, *refused))
    }

    /// The endpoint that tells who is signed in named the person, once at least.
    #[must_use]
    pub fn signed_in(&self) -> Option<Cite> {
        // Where nobody has to sign in, some have nobody to name (Chainlit says "null").
        let names = |x: &Exchange| x.response().is_some_and(|r| r.status == 200 && r.html.is_none() && names_somebody(&r.excerpt));
        self.evidence.exchanges_for(Purpose::User).find(|(_, x)| names(x)).map(|(cite, _)| cite)
    }

    /// Whether a token's own end lies ahead, by the server's clock where that is known, and otherwise so far that no clock is that wrong. One that names
    /// no end has none (RFC 7519 section 4.1.4: `exp` is optional).
    #[must_use]
    pub fn is_valid_by_its_date(&self, token: &Stored) -> bool {
        const SURELY: i32 = 60;
        const BY_ANY_CLOCK: i32 = 86_400;
        let (offset, margin) = self.clock_offset().map_or((0, BY_ANY_CLOCK), |(_, offset, _)| (offset, SURELY));
        token.token && token.expires_in.is_none_or(|s| s.saturating_sub(offset) > margin && s > margin)
    }

    /// The tokens under the chat's own storage keys.
    #[must_use]
    pub fn held_tokens(&self) -> Vec<&'a Stored> {
        let keys = self.chat_keys();
        self.evidence.storage().map_or_else(Vec::new, |(_, s)| s.keys.iter().filter(|k| k.token && keys.contains(&k.name)).collect())
    }

    /// Those of them that hold a sign-in: a token by its form, or by its name.
    #[must_use]
    pub fn sign_in_keys(&self) -> Vec<String> {
        let words = ["token", "auth", "session", "jwt"];
        let named = |name: &str| self.known.storage_keys.contains(&name) || words.iter().any(|w| name.to_ascii_lowercase().contains(w));
        let is_token = |name: &str| self.evidence.storage().is_some_and(|(_, s)| s.keys.iter().any(|k| k.name == name && k.token));
        self.chat_keys().into_iter().filter(|name| is_token(name) || named(name)).collect()
    }

    /// The storage keys of the chat's own that are there: those that the profile names, and its application's.
    #[must_use]
    pub fn chat_keys(&self) -> Vec<String> {
        let own = |name: &String| self.profile.storage_keys.contains(name) || self.known.storage_keys.contains(&name.as_str());
        // A name that the report hides can't be told from another one.
        let shown = |name: &String| !name.contains(redact::MASK) && own(name);
        self.evidence.storage().map_or_else(Vec::new, |(_, s)| s.keys.iter().map(|k| k.name.clone()).filter(shown).collect())
    }

    /// What this page can keep in cookies, by kind: `None` where it was not tried.
    #[must_use]
    pub fn keeps_cookie(&self, kind: &str) -> Option<bool> {
        self.evidence.cookies()?.1.trials.iter().find(|t| t.kind == kind).map(|t| t.kept)
    }

    /// Whether this page is in a frame of another origin's page.
    #[must_use]
    pub fn in_foreign_frame(&self) -> bool {
        self.evidence.environment().is_some_and(|(_, e)| e.foreign_frame)
    }

    /// Whether the chat's server is of another site than this page. Without the list of public suffixes that is as far as the last two parts of the names tell
    /// it: sites below one suffix of two parts are taken for one.
    #[must_use]
    pub fn is_of_another_site(&self) -> bool {
        let site = |url: &str| {
            let address = Address::parse(url)?;
            let mut parts: Vec<String> = address.host.rsplit('.').take(2).map(str::to_owned).collect();
            parts.push(address.scheme.is_secure().to_string());
            Some(parts)
        };
        site(&self.profile.server).zip(site(&self.profile.page_origin)).is_some_and(|(server, page)| server != page)
    }

    /// How far the server's clock is from this device's, in seconds, where at least two answers agree on it and none contradicts;
    /// with the answers and the longest round trip. Where the application has answered twice, its own answers decide: files may come from elsewhere.
    #[must_use]
    pub fn clock_offset(&self) -> Option<(Vec<Cite>, i32, u32)> {
        let dated = |x: &Exchange| tells_applications_time(x) && x.response().is_some_and(|r| r.clock_offset.is_some());
        let twice = self.evidence.exchanges_where(&dated).nth(1).is_some();
        self.clock_by(&|x| !twice || tells_applications_time(x), 2)
    }

    /// The same by the files of its origin, of which one is enough beside the application's own answers.
    #[must_use]
    pub fn clock_of_files(&self) -> Option<(Vec<Cite>, i32, u32)> {
        self.clock_by(&|x| !tells_applications_time(x), 1)
    }

    fn clock_by(&self, tells: &dyn Fn(&Exchange) -> bool, enough: usize) -> Option<(Vec<Cite>, i32, u32)> {
        let cross = self.profile.is_cross_origin();
        let behind_worker = |p: Purpose| matches!(p, Purpose::OwnFile | Purpose::ChatPage | Purpose::ShellNow | Purpose::ShellPastWorker);
        let worker = self.has_worker();
        let (mut cites, mut offsets, mut round_trip) = (Vec::new(), Vec::new(), 0);
        for (cite, x) in self.evidence.exchanges_where(&|x| x.cross_origin == cross && tells(x) && !(worker && behind_worker(x.purpose))) {
            if let Some(offset) = x.response().and_then(|r| r.clock_offset) {
                cites.push(cite);
                offsets.push(offset);
                round_trip = round_trip.max(x.responded_after.unwrap_or(0));
            }
        }
        let (least, most) = (offsets.iter().min()?, offsets.iter().max()?);
        let agree = offsets.len() >= enough && most.abs_diff(*least) <= CLOCK_SLACK + round_trip / 1000;
        cites.truncate(4);
        agree.then_some((cites, offsets[offsets.len() / 2], round_trip))
    }
}

/// So many requests without an answer tell that a server which answered before has gone.
pub const SINCE: usize = 4;

/// Seconds since the day on which a worker stored a copy, at least: less may be the clock's.
const A_WORKERS_COPY: i32 = 60;

/// Whether a page asks the browser to come back by itself, as those do that a platform shows while the application behind it wakes up.
#[must_use]
pub fn asks_to_wait(exchange: &Exchange) -> bool {
    let signs = ["http-equiv=\"refresh\"", "http-equiv='refresh'", "http-equiv=refresh", "location.reload("];
    exchange.html().is_some()
        && exchange.response().is_some_and(|r| {
            let body = r.excerpt.to_ascii_lowercase();
            let told = r.header("retry-after").is_some() || signs.iter().any(|sign| body.contains(sign));
            told && matches!(r.status, 200 | 202) && !r.redirected && !asks_for_password(r)
        })
}

/// Whether this answer was made by what makes and checks sign-ins, when it was asked: a file may be another host's, or a stored copy.
#[must_use]
pub fn tells_applications_time(exchange: &Exchange) -> bool {
    exchange.engine().is_engine() || exchange.engine() == Answer::Taken || matches!(exchange.purpose, Purpose::User | Purpose::Health) && exchange.answered()
}

/// Seconds by which two answers of one clock may differ.
const CLOCK_SLACK: u32 = 5;

fn is_page(exchange: &Exchange) -> bool {
    exchange.status() == Some(200) && exchange.html().is_some()
}

/// Whether a gate in front of the server wrote this, which wants a sign-in: a page for that, a redirect to one, or 401 in a gateway's own words.
#[must_use]
pub fn is_a_gates(exchange: &Exchange) -> bool {
    let led = |r: &Response| r.redirected && r.html.is_some() && speaks_of_sign_in(&r.final_url);
    let refuses = |r: &Response| r.status == 401 && (gateway::wrote(r) || r.header("www-authenticate").is_some());
    exchange.response().is_some_and(|r| asks_for_password(r) || led(r) || refuses(r))
}

fn asks_for_password(response: &Response) -> bool {
    response.html.as_ref().is_some_and(|h| h.signs_in())
}

/// Whether an address is a sign-in's by its wording.
#[must_use]
pub fn speaks_of_sign_in(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    ["login", "signin", "sign-in", "sign_in", "sso", "oauth", "saml", "auth"].iter().any(|word| url.contains(word))
}

/// Whether a plain GET of a WebSocket's URL was answered by an engine that refuses it for being no upgrade.
#[must_use]
pub fn companion_is_engine(exchange: &Exchange) -> bool {
    match exchange.engine() {
        Answer::Refused { refusal, .. } => {
            !matches!(refusal, Refusal::UnknownTransport | Refusal::TransportDisabled | Refusal::OriginNotAccepted { .. } | Refusal::Forbidden { .. })
        }
        _ => exchange.response().is_some_and(|r| r.status == 400 && r.body_complete && r.body_bytes == 0),
    }
}

/// An application's refusal of a plain request where it wants an upgrade, in whatever words.
fn no_upgrade_seen(exchange: &Exchange) -> bool {
    let engine = exchange.engine().is_engine();
    exchange.response().is_some_and(|r| matches!(r.status, 400 | 426) && r.html.is_none() && !engine && !platforms::gateway::wrote(r))
}

/// A WebSocket of no known protocol.
#[derive(Clone, Debug)]
pub struct Raw<'a> {
    pub sockets: Vec<(Cite, &'a SocketLife)>,
    /// The plain GET of its URL.
    pub companion: Option<(Cite, &'a Exchange)>,
}

impl<'a> Raw<'a> {
    #[must_use]
    pub fn opened(&self) -> Option<Cite> {
        self.sockets.iter().find(|(_, s)| s.opened()).map(|(c, _)| *c)
    }

    /// Citations of the attempts, when every one failed before `open`.
    #[must_use]
    pub fn refused(&self) -> Option<Vec<Cite>> {
        let all = !self.sockets.is_empty() && self.sockets.iter().all(|(_, s)| s.failed_before_open());
        all.then(|| self.sockets.iter().map(|(c, _)| *c).collect())
    }

    /// Citations of the attempts, when every one hung.
    #[must_use]
    pub fn hung(&self) -> Option<Vec<Cite>> {
        let all = !self.sockets.is_empty() && self.sockets.iter().all(|(_, s)| s.hung_connecting());
        all.then(|| self.sockets.iter().map(|(c, _)| *c).collect())
    }

    /// The readable status of the plain GET.
    #[must_use]
    pub fn status(&self) -> Option<(Cite, &'a Exchange, u16)> {
        let (cite, exchange) = self.companion?;
        Some((cite, exchange, exchange.status()?))
    }
}
