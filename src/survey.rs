//! What the evidence says about the subject so far, read once for plan and rules: which application, which socket path,
//! which Engine.IO version, and how each transport stands. It reads and never judges.

use crate::address::Address;
use crate::evidence::{Cite, Evidence, Exchange, Fact, Numbered, Outcome, Purpose, SocketLife, SocketPurpose};
use crate::platforms::{self, Known};
use crate::profile::{Application, Profile};
use crate::protocol::engine_io::{Answer, Dialect, OpenPacket, Refusal};
use crate::protocol::json::{self, Value};

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

    /// WebSockets at the socket path that were opened to see the open packet.
    pub fn hellos(&self) -> Numbered<'a, SocketLife> {
        let hello = |p| matches!(p, SocketPurpose::Hello | SocketPurpose::HelloAgain | SocketPurpose::Heartbeat);
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
        self.on_path(Purpose::Companion).find_map(|(cite, x)| match x.engine() {
            Answer::Refused { refusal: Refusal::UnknownTransport | Refusal::TransportDisabled, .. } => Some(cite),
            _ => None,
        })
    }

    /// Whether an engine was heard at the path at all: the first proof.
    #[must_use]
    pub fn engine_heard(&self) -> Option<Cite> {
        let http = self.engine_exchanges().find(|(_, x)| x.engine().is_engine()).map(|(cite, _)| cite);
        http.or_else(|| self.websocket_hello().map(|(cite, _)| cite))
    }

    /// The page's own file, when it answered as itself: the control of nearly everything.
    #[must_use]
    pub fn own_file_answers(&self) -> Option<Cite> {
        self.evidence
            .exchanges_for(Purpose::OwnFile)
            .filter(|(_, x)| x.status().is_some_and(|s| (200..300).contains(&s)) && x.html().is_none())
            .map(|(cite, _)| cite)
            .next_back()
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
        let subjects = [Some(&self.profile.server), self.profile.ws_url.as_ref()];
        let origins: Vec<String> = subjects.into_iter().flatten().filter_map(|u| Address::parse(u)).map(|a| a.origin()).collect();
        let ours = |blocked: &str| Address::parse(blocked).is_some_and(|a| origins.contains(&a.origin()));
        let blocks = self.evidence.observations().iter().filter_map(|o| match &o.fact {
            Fact::PolicyViolation { directive, enforced: true, blocked } if directive.starts_with("connect-src") && ours(blocked) => {
                Some((o.id, directive.as_str()))
            }
            _ => None,
        });
        blocks.collect()
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

/// All paths where the socket may be, the likeliest first; the configured one leads.
#[must_use]
pub fn candidates(profile: &Profile, evidence: &Evidence, known: &Known) -> Vec<String> {
    let told = told_prefix(evidence).map(|(_, p)| p);
    let mut paths: Vec<String> = profile.socket_path.iter().cloned().collect();
    for base in platforms::base_paths(profile, told) {
        for path in known.socket_paths {
            let candidate = [base.trim_end_matches('/'), path].concat();
            if !paths.contains(&candidate) {
                paths.push(candidate);
            }
        }
    }
    paths.truncate(6);
    paths
}

fn socket_path(profile: &Profile, evidence: &Evidence, known: &'static Known) -> (String, PathBasis) {
    let candidates = candidates(profile, evidence, known);
    let engine_at = |path: &str| {
        evidence.exchanges().any(|(_, x)| x.path == path && x.eio != 0 && x.engine().is_engine())
            || evidence.sockets().any(|(_, s)| s.path == path && s.eio != 0 && s.open_packet().is_some())
    };
    // A configured path stays the subject even where another one answers: that other one is then the finding.
    if let Some(path) = &profile.socket_path {
        let basis = if engine_at(path) { PathBasis::Found } else { PathBasis::Configured };
        return (path.clone(), basis);
    }
    if let Some(path) = candidates.iter().find(|p| engine_at(p)) {
        return (path.clone(), PathBasis::Found);
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
    let default = || candidates.first().cloned().unwrap_or_else(|| "/socket.io/".to_owned());
    let path = telling.cloned().unwrap_or_else(default);
    (path, if known.eio.is_some() { PathBasis::Application } else { PathBasis::Guess })
}

fn version(evidence: &Evidence, path: &str) -> u8 {
    let handshakes = || evidence.exchanges_for(Purpose::Handshake).filter(|(_, x)| x.path == path);
    let old_framing = handshakes().any(|(_, x)| matches!(x.engine(), Answer::Open { framing: 3, .. }));
    let new_framing = handshakes().any(|(_, x)| x.eio == 4 && matches!(x.engine(), Answer::Open { framing: 4, .. }));
    if old_framing && !new_framing { 3 } else { 4 }
}

fn polling<'a>(evidence: &'a Evidence, path: &str, eio: u8) -> Polling<'a> {
    // The handshake as the chat does it decides over the one without credentials; the newest of its kind decides.
    let handshakes = || evidence.exchanges_for(Purpose::Handshake).filter(|(_, x)| x.path == path && (x.eio == eio || eio == 3));
    let as_the_chat = handshakes().rfind(|(_, x)| x.credentials != "omit");
    let Some((cite, exchange)) = as_the_chat.or_else(|| handshakes().next_back()) else { return Polling::NotTried };
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

/// Whether a health endpoint's answer says that all is well; `None` where it does not speak of health.
#[must_use]
pub fn health_says(exchange: &Exchange) -> Option<bool> {
    let response = exchange.response()?;
    if response.html.is_some() || matches!(response.status, 0 | 301..=399 | 401 | 403 | 404 | 405 | 429) {
        return None;
    }
    if response.status >= 500 {
        return Some(false);
    }
    let Ok(body) = json::parse(&response.excerpt) else { return (200..300).contains(&response.status).then_some(true) };
    let word = body.get("status").or_else(|| body.get("healthy")).or_else(|| body.get("ok"));
    match word {
        Some(Value::Bool(ok)) => Some(*ok),
        Some(Value::String(s)) => {
            let bad = ["error", "fail", "down", "unhealthy", "not", "degraded", "unavailable"];
            Some(!bad.iter().any(|b| s.to_ascii_lowercase().starts_with(b)))
        }
        _ => Some((200..300).contains(&response.status)),
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
    /// How the WebSocket stands at the socket path.
    #[must_use]
    pub fn live(&self) -> Live {
        let tried: Vec<(Cite, &SocketLife)> = self
            .hellos()
            .filter(|(_, s)| s.eio == self.eio)
            .chain(self.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.path == self.path && !s.opened()))
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
        } else if let Some(cites) = all(|s| s.opened() && s.closed().is_none()) {
            Live::Silent { cites }
        } else if let Some(cites) = all(SocketLife::opened) {
            Live::EndedEarly { cites }
        } else if let Some(cites) = all(SocketLife::hung_connecting) {
            Live::Hung { cites }
        } else if let Some(cites) = all(SocketLife::failed_before_open) {
            Live::Refused { cites }
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
        self.on_path(Purpose::FollowUp).filter(|(_, x)| x.engine() == Answer::Taken).map(|(cite, _)| cite).next_back()
    }

    /// Whether the chat can go on without WebSocket: its client polls, and polling is seen to work.
    #[must_use]
    pub fn can_do_without_websocket(&self) -> bool {
        self.known.polls && self.polling_works().is_some()
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
        let first_answer = self.engine_exchanges().filter(|(_, x)| x.engine().is_engine()).map(|(_, x)| x.started.saturating_add(x.ended_after)).min();
        let since = self.evidence.sockets().any(|(c, s)| attempts.contains(&c) && first_answer.is_some_and(|at| s.started >= at));
        since && self.on_path(Purpose::Repeat).count() >= usize::from(REPEATS)
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
        let sockets: Vec<(Cite, &SocketLife)> = self.evidence.sockets_for(SocketPurpose::Raw).collect();
        let companion = self.evidence.exchanges_for(Purpose::Companion).rfind(|(_, x)| x.eio == 0);
        Some(Raw { sockets, companion })
    }

    /// Answers of the Socket.IO CONNECT: (citation, life, namespace).
    #[must_use]
    pub fn connect(&self) -> Option<(Cite, &'a SocketLife)> {
        self.evidence.sockets_for(SocketPurpose::Connect).last()
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
            Purpose::ChatPage | Purpose::Health | Purpose::User => cross,
            _ => false,
        };
        let all: Vec<(Cite, &Exchange)> = self.evidence.exchanges().filter(|(_, x)| to_server(x)).collect();
        let opened = self.evidence.sockets().any(|(_, s)| s.purpose != SocketPurpose::Raw && s.path == self.path && s.opened());
        let both = all.iter().any(|(_, x)| x.mode == "no-cors" && unanswered(x)) && all.iter().any(|(_, x)| x.mode != "no-cors" && unanswered(x));
        (both && !opened && all.iter().all(|(_, x)| unanswered(x))).then_some(all)
    }
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
