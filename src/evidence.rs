//! What was observed, in the words of the API that reported it: numbered, time-stamped, append-only, and without secrets.
//!
//! This is a recorded wire format: every report carries it, and `tests/replay.rs` re-diagnoses what people send.
//! Nothing here judges. Times are milliseconds since the start of the run, unless a field says otherwise.

use serde::{Deserialize, Serialize};

use crate::protocol::{engine_io, html};
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
    /// `visibilitychange`, `freeze`: Page Visibility, Page Lifecycle.
    Visibility {
        hidden: bool,
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
    /// The server's root in request mode `cors`.
    Server,
    /// The server's root or socket path in request mode `no-cors`: opaque tells that something answered.
    ServerNoCors,
    /// The health endpoint that the profile or its application names.
    Health,
    /// The application's endpoint that says who is signed in.
    User,
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
    /// Credentials mode: `omit`, `same-origin`, `include`.
    pub credentials: String,
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
    pub outcome: Outcome,
}

/// What fetch said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
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
    /// The first [`EXCERPT`] characters.
    pub excerpt: String,
    /// Where the body is HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<html::Outline>,
    /// FNV-1a of the bytes read, to tell equal bodies from different ones.
    pub digest: String,
}

/// What a WebSocket was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SocketPurpose {
    /// Engine.IO's open packet over WebSocket, and a short stay.
    Hello,
    /// The same again, after the first one dropped.
    HelloAgain,
    /// `2probe`/`3probe` from a live polling session.
    Upgrade,
    /// A long stay for the Engine.IO heartbeat.
    Heartbeat,
    /// A Socket.IO CONNECT.
    Connect,
    /// A WebSocket of no known protocol.
    Raw,
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
    pub started: u32,
    pub events: Vec<SocketEvent>,
    /// Frames received; only the first few are among the events.
    pub frames: u32,
    /// Characters or bytes received in all.
    pub received: u64,
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
        self.response().map_or(engine_io::Answer::Other, |r| engine_io::read_answer(r.status, &r.excerpt))
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

    pub fn frames(&self) -> impl Iterator<Item = (u32, &str)> {
        self.events.iter().filter_map(|e| match &e.what {
            Happening::Frame { text, .. } => Some((e.after, text.as_str())),
            _ => None,
        })
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
    let excerpt = |text: &str| redact::text(&redact::shorten(text, EXCERPT));
    match fact {
        Fact::Environment(mut e) => {
            e.user_agent = redact::shorten(&e.user_agent, 300);
            Fact::Environment(e)
        }
        Fact::Exchange(mut x) => {
            x.url = redact::url(&redact::shorten(&x.url, EXCERPT));
            x.path = redact::url(&redact::shorten(&x.path, EXCERPT));
            match &mut x.outcome {
                Outcome::Response(r) => {
                    r.final_url = redact::url(&redact::shorten(&r.final_url, EXCERPT));
                    r.excerpt = excerpt(&r.excerpt);
                    for (_, value) in &mut r.headers {
                        *value = redact::text(&redact::shorten(value, 160));
                    }
                    if let Some(html) = &mut r.html {
                        html.title = redact::text(&html.title);
                    }
                }
                Outcome::Rejected { message, .. } => *message = excerpt(message),
                Outcome::TimedOut { .. } => {}
            }
            Fact::Exchange(x)
        }
        Fact::Socket(mut s) => {
            s.url = redact::url(&redact::shorten(&s.url, EXCERPT));
            s.path = redact::url(&redact::shorten(&s.path, EXCERPT));
            for event in &mut s.events {
                match &mut event.what {
                    Happening::Frame { text, .. } | Happening::Sent { text } => *text = excerpt(text),
                    Happening::Close { reason, .. } => *reason = excerpt(reason),
                    Happening::Threw { message, .. } => *message = excerpt(message),
                    Happening::Open { .. } | Happening::Error | Happening::Deadline { .. } | Happening::ClosedByProbe | Happening::Flood => {}
                }
            }
            Fact::Socket(s)
        }
        Fact::PolicyViolation { directive, blocked, enforced } => {
            Fact::PolicyViolation { directive, blocked: redact::url(&redact::shorten(&blocked, EXCERPT)), enforced }
        }
        Fact::StepEnded { step, end: End::Threw { name, message } } => Fact::StepEnded { step, end: End::Threw { name, message: excerpt(&message) } },
        Fact::Visibility { .. } | Fact::Connectivity { .. } | Fact::StepEnded { .. } => fact,
    }
}
