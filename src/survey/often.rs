//! What many looks say together: sessions, ends of connections, streams, sizes. It reads and never judges.

use super::{Raw, Survey};
use crate::evidence::{Cite, Exchange, Fact, Happening, Outcome, Purpose, Response, RoundTrips, SocketLife, SocketPurpose, Stream, StreamEnd, order_by};
use crate::protocol::engine_io::{self, Answer, Dialect, Refusal};
use crate::protocol::socket_io;

/// So many clean sessions in a row, after a burst that was not, tell a restart from replicas.
pub const CLEAN_AGAIN: usize = 6;
/// So many of them as a client has them, where that is how sessions were lost.
const WHOLE_AGAIN: usize = 2;
/// Between requests that no usual limit forbids, in milliseconds.
pub const SLOW_PACE: u32 = 2_000;

/// Exchanges with their numbers.
type Exchanges<'a> = Vec<(Cite, &'a Exchange)>;

/// One Engine.IO session of this run by long-polling, and what its follow-ups came to.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub cites: Vec<Cite>,
    /// Its number in this run.
    pub session: u8,
    pub started: u32,
    /// The follow-up that was answered as a session that nobody knows.
    pub unknown: Option<Cite>,
    /// A follow-up was taken.
    pub held: bool,
    /// Its upgrade was tried, which is a connection of its own: requests on one kept connection stay with one replica even where nothing else
    /// keeps them there (worker processes of one server, a balancer of connections).
    pub whole: bool,
}

/// What ended connections at one and the same age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// So long after the last frame, in milliseconds; what went on with traffic lived on.
    Idle { age: u32, cites: Vec<Cite>, times: usize },
    /// So long after `open`, traffic or not.
    Lifetime { age: u32, cites: Vec<Cite>, times: usize },
    /// One of the two: there was no traffic that could tell them apart. `silence` is what each of them ended with.
    Either { age: u32, silence: u32, cites: Vec<Cite>, times: usize },
}

/// Whether what held since the last loss was asked as what was lost: sessions on one kept connection hold anyhow where only connections are led
/// to different replicas.
#[must_use]
pub fn are_settled(all: &[Conversation]) -> bool {
    let whole_since = all.iter().rev().take_while(|c| c.unknown.is_none()).filter(|c| c.whole).count();
    whole_since >= WHOLE_AGAIN || !all.iter().any(|c| c.whole)
}

impl<'a> Survey<'a> {
    /// Whether the chat's requests to its server carry cookies: those to the own origin do.
    fn chat_has_cookies(&self) -> bool {
        !self.profile.is_cross_origin() || self.sends_credentials()
    }

    /// The sessions by long-polling in the order in which they began: those with cookies as the chat's own requests have them, or
    /// those the other way.
    #[must_use]
    pub fn conversations(&self, as_chat: bool) -> Vec<Conversation> {
        self.sessions(as_chat).into_iter().filter(|(_, raced)| !raced).map(|(conversation, _)| conversation).collect()
    }

    /// Whether a session as the chat's own was lost before the first cookie can have come: no proof of anything, and a reason to open more of them.
    #[must_use]
    pub fn lost_before_cookies(&self) -> bool {
        self.sessions(true).iter().any(|(_, raced)| *raced)
    }

    /// All of them, and whether each was lost while the first cookies came.
    fn sessions(&self, as_chat: bool) -> Vec<(Conversation, bool)> {
        let carries = |x: &Exchange| match x.credentials.as_str() {
            "omit" => false,
            "include" => true,
            _ => !x.cross_origin,
        };
        let mut all: Vec<(Conversation, bool)> = Vec::new();
        let since = self.client_cookie_since().filter(|_| as_chat).unwrap_or(0);
        let parts = self
            .evidence
            .exchanges_where(&|x| x.session != 0 && x.path == self.path && x.started >= since && (!as_chat || x.started < self.client_cookie_until()));
        let parts: Vec<(Cite, &Exchange)> = parts.filter(|(_, x)| (carries(x) == self.chat_has_cookies()) == as_chat).collect();
        for (cite, first) in parts.iter().filter(|(_, x)| x.purpose == Purpose::Handshake && matches!(x.engine(), Answer::Open { .. })) {
            let whole = self.evidence.sockets_for(SocketPurpose::Upgrade).any(|(_, s)| s.session == first.session);
            let mut conversation = Conversation { cites: vec![*cite], session: first.session, started: first.started, unknown: None, held: false, whole };
            // A request that was cut or came to nobody ends a session on some servers (Node: measured): that is another matter.
            let failed = |x: &Exchange| x.status().is_none_or(|s| s >= 500 || s == 413);
            let cut = |x: &Exchange| x.purpose != Purpose::Poll && failed(x) || matches!(x.purpose, Purpose::LongPoll | Purpose::LargePost);
            let own = || parts.iter().filter(|(_, x)| x.session == first.session);
            if own().any(|(_, x)| cut(x)) {
                continue;
            }
            // The GET beside the rest may come to the server when the session was closed already.
            let closing = own().filter(|(_, x)| x.purpose == Purpose::CloseSession).map(|(_, x)| x.started).min().unwrap_or(u32::MAX);
            let too_late = |x: &Exchange| x.purpose == Purpose::Poll && x.ended() > closing;
            // An upgrade that was begun and let go ends the session on some servers (engineioxide: measured).
            let upgraded = self.evidence.sockets_for(SocketPurpose::Upgrade).any(|(_, s)| s.session == first.session && s.opened());
            let follows = |x: &Exchange| x.session == first.session && x.purpose != Purpose::Handshake && !(upgraded && x.purpose == Purpose::CloseSession);
            // What is asked beside the upgrade may come after it failed, and with it some servers end the session.
            let let_go = self.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.session == first.session && s.failed_before_open());
            let let_go = let_go.map(|(_, s)| s.started.saturating_add(s.lasted())).min().unwrap_or(u32::MAX);
            let overtaken = |x: &Exchange| x.purpose == Purpose::FollowUp && x.ended() > let_go;
            for (cite, x) in parts.iter().filter(|(_, x)| follows(x) && !too_late(x)) {
                match x.engine() {
                    Answer::Taken => conversation.held = true,
                    Answer::Refused { refusal: Refusal::UnknownSid, .. } if !overtaken(x) => conversation.unknown = conversation.unknown.or(Some(*cite)),
                    _ => continue,
                }
                conversation.cites.push(*cite);
            }
            // Nor does it tell anything where that GET was what was cut.
            let poll_cut = conversation.unknown.is_some() && own().any(|(_, x)| x.purpose == Purpose::Poll && failed(x));
            // Before the first cookie has come each answer may bring another one, and the last of them counts.
            let raced = conversation.unknown.is_some() && first.started < self.cookies_settled();
            if !poll_cut && (conversation.held || conversation.unknown.is_some()) {
                all.push((conversation, raced));
            }
        }
        order_by(&mut all, |(c, _)| c.started);
        all
    }

    /// Whether the newest three connects in a row failed.
    #[must_use]
    pub fn connects_in_vain(&self) -> bool {
        let tried: Vec<(Cite, &SocketLife)> = self.evidence.sockets_for(SocketPurpose::Again).filter(|(_, s)| s.path == self.path).collect();
        tried.len() >= 3 && tried.iter().rev().take(3).all(|(_, s)| s.open_packet().is_none())
    }

    /// Whose words the engine's refusals are.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        self.engine_exchanges().find_map(|(_, x)| if let Answer::Refused { dialect, .. } = x.engine() { Some(dialect) } else { None })
    }

    /// Whether the chat's client polls and its server lets it: then sessions by long-polling matter.
    #[must_use]
    pub fn polling_sessions_due(&self) -> bool {
        self.polls() && self.polling_hello().is_some()
    }

    /// When the answers to all that was asked before any answer could set a cookie had come, in milliseconds since the start.
    fn cookies_settled(&self) -> u32 {
        let answered = |x: &Exchange| x.responded_after.map(|after| (x.started, x.started.saturating_add(after)));
        let with_cookies = self.engine_exchanges().filter(|(_, x)| x.credentials != "omit").filter_map(|(_, x)| answered(x));
        let sockets = self.hellos().filter_map(|(_, s)| s.opened_after().map(|after| (s.started, s.started.saturating_add(after))));
        let spans: Vec<(u32, u32)> = with_cookies.chain(sockets).collect();
        let first = spans.iter().map(|(_, end)| *end).min().unwrap_or(0);
        spans.iter().filter(|(start, _)| *start < first).map(|(_, end)| *end).max().unwrap_or(0)
    }

    /// Upgrades of live sessions that were refused at once although WebSockets of their own open: (refused, opened ones).
    #[must_use]
    pub fn upgrade_strays(&self) -> Option<(Vec<Cite>, Vec<Cite>)> {
        let since = self.client_cookie_since().unwrap_or(0);
        let upgrades = self.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.path == self.path && s.started >= since);
        let known: Vec<u8> = self.conversations(true).iter().filter(|c| c.unknown.is_some()).map(|c| c.session).collect();
        // Where a session was unknown to ordinary requests already, its upgrade says nothing more.
        // engineioxide looks at the session after the handshake; Node and python-engineio before it (measured).
        let looks_after = !matches!(self.dialect(), Some(Dialect::Node | Dialect::PythonEngineio));
        let lost = |s: &SocketLife| {
            let refused = s.failed_before_open() || looks_after && s.opened() && s.closed().is_some() && s.first_frame().is_none();
            refused && !known.contains(&s.session)
        };
        let strays: Vec<Cite> = upgrades.filter(|(_, s)| lost(s)).map(|(c, _)| c).collect();
        // Where other things fail now and then too, an upgrade may be one of them.
        let failed = |x: &Exchange| x.rejected() || x.timed_out() || x.status().is_some_and(|s| s >= 500);
        let unsteady = self.hellos().any(|(_, s)| s.open_packet().is_none()) || self.engine_exchanges().any(|(_, x)| failed(x));
        let fresh: Vec<Cite> = self.hellos().filter(|(_, s)| s.open_packet().is_some()).map(|(c, _)| c).collect();
        (!strays.is_empty() && !fresh.is_empty() && !unsteady).then_some((strays, fresh))
    }

    /// The repeats that were asked for one after the other at a slow pace, and those at a fast one.
    #[must_use]
    pub fn repeats_by_pace(&self) -> (Exchanges<'a>, Exchanges<'a>) {
        let mut last = None;
        let (mut slow, mut fast) = (Vec::new(), Vec::new());
        for (cite, x) in self.on_path(Purpose::Repeat) {
            let slowly = last.is_some_and(|before: u32| x.started.saturating_sub(before) >= SLOW_PACE * 3 / 4);
            if slowly { &mut slow } else { &mut fast }.push((cite, x));
            last = Some(x.started);
        }
        (slow, fast)
    }

    /// Whether something spoilt the timing of one of these: meanwhile the tab was hidden, frozen or asleep, or the page too busy to
    /// look at its clock.
    #[must_use]
    pub fn is_spoilt(&self, cites: &[Cite]) -> bool {
        let mut spoilt: Vec<(u32, u32)> = Vec::new();
        let mut hidden = None;
        for observation in self.evidence.observations() {
            match &observation.fact {
                Fact::Environment(e) if e.hidden => hidden = Some(0),
                Fact::Visibility { hidden: true } => hidden = hidden.or(Some(observation.at)),
                Fact::Visibility { hidden: false } => spoilt.extend(hidden.take().map(|from| (from, observation.at))),
                Fact::Pause { milliseconds } => spoilt.push((observation.at.saturating_sub(milliseconds.saturating_add(1_000)), observation.at)),
                _ => {}
            }
        }
        spoilt.extend(hidden.map(|from| (from, u32::MAX)));
        let span = |cite: &Cite| {
            let observation = self.evidence.get(*cite)?;
            let from = match &observation.fact {
                Fact::Exchange(x) => x.started,
                Fact::Socket(s) => s.started,
                Fact::Stream(s) => s.started,
                Fact::RoundTrips(r) => r.started,
                Fact::Gathering(g) => g.started,
                Fact::Loopback(l) => l.started,
                Fact::Call(c) => c.started,
                Fact::WebTransport(t) => t.started,
                _ => return None,
            };
            Some((from, observation.at))
        };
        cites.iter().filter_map(span).any(|(from, to)| spoilt.iter().any(|(begin, end)| *begin <= to && *end >= from))
    }

    /// The connections to the subject that were held to see what ends them.
    #[must_use]
    pub fn held(&self) -> Vec<(Cite, &'a SocketLife)> {
        let ours = |s: &SocketLife| match s.purpose {
            SocketPurpose::Heartbeat | SocketPurpose::Busy | SocketPurpose::Hello | SocketPurpose::HelloAgain => {
                s.path == self.path && s.open_packet().is_some()
            }
            _ => false,
        };
        self.evidence.sockets_where(&ours).collect()
    }

    /// What ends connections of the subject at a constant age, where something does.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        let held = self.held();
        cut_of(&held)
    }

    /// The same of the raw WebSocket.
    #[must_use]
    pub fn raw_cut(&self) -> Option<Cut> {
        let Raw { sockets, .. } = self.raw()?;
        let opened: Vec<(Cite, &SocketLife)> = sockets.into_iter().filter(|(_, s)| s.opened()).collect();
        cut_of(&opened)
    }

    /// Connections of this run that ended by themselves at one moment although their ages differ: (when, citations).
    #[must_use]
    pub fn ended_together(&self) -> Option<(u32, Vec<Cite>)> {
        let ended: Vec<(Cite, u32, u32)> = self.held().into_iter().filter_map(|(c, s)| Some((c, s.started, s.started.saturating_add(s.closed()?.0)))).collect();
        for (_, started, at) in &ended {
            let same: Vec<&(Cite, u32, u32)> = ended.iter().filter(|(_, _, other)| other.abs_diff(*at) <= MOMENT).collect();
            let lived = at.saturating_sub(*started);
            if same.len() >= 2 && same.iter().any(|(_, from, to)| to.saturating_sub(*from).abs_diff(lived) > MOMENT) {
                return Some((*at, same.iter().map(|(c, _, _)| *c).collect()));
            }
        }
        None
    }

    /// When a connection that is held could not be opened for the first time after others of its kind had been, in milliseconds since the start. What
    /// plain requests meet since then is part of that event, and not what a limit on requests comes to.
    #[must_use]
    pub fn reopened_in_vain(&self) -> Option<u32> {
        let held = self.evidence.sockets_for(SocketPurpose::Heartbeat).filter(|(_, s)| s.path == self.path);
        held.skip_while(|(_, s)| !s.opened()).find(|(_, s)| s.failed_before_open()).map(|(_, s)| s.started)
    }

    /// Hanging GETs that ended with an error before the server's ping was due: (citation, age).
    #[must_use]
    pub fn cut_polls(&self) -> Vec<(Cite, u32, &'a Exchange)> {
        let due = self.ping_interval().unwrap_or(u32::MAX);
        // Whatever no engine wrote: some proxies end a wait with an answer of their own, such as 500 (Node's http-proxy). An empty body holds no packet, and a
        // client takes that, a body that broke off and any status but 200 for errors alike (engine.io-client: measured).
        let unread = |r: &Response| r.broken_off || !matches!(r.status, 0 | 200 | 429) || r.status == 200 && r.body_complete && r.body_bytes == 0;
        let error = |x: &Exchange| x.rejected() || !x.engine().is_engine() && x.response().is_some_and(unread);
        let early = |x: &Exchange| x.ended_after >= EARLIEST_CUT && x.ended_after.saturating_add(1_000) < due;
        self.on_path(Purpose::LongPoll).filter(|(_, x)| error(x) && early(x)).map(|(c, x)| (c, x.ended_after, x)).collect()
    }

    /// What the open packet said, in milliseconds.
    #[must_use]
    pub fn ping_interval(&self) -> Option<u32> {
        self.open_packet().map(|p| p.ping_interval)
    }

    /// Sessions by long-polling that the server knew when it sent its ping, and at the next request, a moment later, no more: the ping and the refusal,
    /// and how long the session had lived. One whose pong was late may have been ended for that.
    #[must_use]
    pub fn lost_later(&self) -> Vec<([Cite; 2], u32)> {
        let pinged = |x: &Exchange| x.response().is_some_and(|r| r.status == 200 && engine_io::packets(&r.excerpt, 4).contains(&"2"));
        let unknown = |x: &Exchange| matches!(x.engine(), Answer::Refused { refusal: Refusal::UnknownSid, .. });
        let lost = |(cite, ping): (Cite, &Exchange)| {
            let of_it = |x: &Exchange| x.session == ping.session && x.path == ping.path;
            let (started, packet) = self.on_path(Purpose::Handshake).find_map(|(_, x)| match x.engine() {
                Answer::Open { packet, .. } if of_it(x) => Some((x.started, packet)),
                _ => None,
            })?;
            let alive = started.saturating_add(packet.ping_interval).saturating_add(packet.ping_timeout);
            let next = self.evidence.exchanges_where(&|x| of_it(x) && x.method == "POST" && x.started >= ping.ended());
            let (refused, x) = next.min_by_key(|(_, x)| x.started)?;
            (unknown(x) && x.ended() < alive).then(|| ([cite, refused], ping.ended().saturating_sub(started)))
        };
        self.on_path(Purpose::LongPoll).filter(|(_, x)| pinged(x)).filter_map(lost).collect()
    }

    /// The open packet of either transport.
    #[must_use]
    pub fn open_packet(&self) -> Option<crate::protocol::engine_io::OpenPacket> {
        let by_polling = match &self.polling {
            super::Polling::Hello { packet, .. } => Some(packet.clone()),
            _ => None,
        };
        by_polling.or_else(|| self.websocket_hello().map(|(_, packet)| packet))
    }

    /// Most bytes of one message by the server's own word.
    #[must_use]
    pub fn max_payload(&self) -> Option<u32> {
        self.open_packet().and_then(|p| p.max_payload).filter(|m| *m > 0)
    }

    /// Whether the server answers a CONNECT to a namespace that nobody has.
    #[must_use]
    pub fn answers_pings(&self) -> bool {
        self.round_trips("socket").is_some_and(|(_, r)| !r.samples.is_empty())
    }

    #[must_use]
    pub fn round_trips(&self, of: &str) -> Option<(Cite, &'a RoundTrips)> {
        self.evidence.round_trips().rfind(|(_, r)| r.of == of && r.path == self.path)
    }

    /// Large messages on sockets: (citation, characters, whether it was answered); `None` where a slow line may be the reason.
    #[must_use]
    pub fn large_messages(&self) -> Vec<(Cite, u32, Option<bool>)> {
        let lives = self.evidence.sockets_for(SocketPurpose::Large).filter(|(_, s)| s.path == self.path);
        let read = |(cite, life): (Cite, &SocketLife)| {
            let pongs = life.frames().filter(|(_, f)| socket_io::is_unknown_namespace_pong(f)).count();
            let size = life.events.iter().find_map(|e| if let Happening::Sent { length, .. } = e.what { Some(length).filter(|l| *l > 0) } else { None })?;
            // The small question before it is the control.
            let passed = match pongs {
                0 => return None,
                1 if life.closed().is_some() => Some(false),
                1 if life.waited_in_vain_for("the large message's answer") => Some(false),
                1 => None,
                _ => Some(true),
            };
            Some((cite, size, passed))
        };
        lives.filter_map(read).collect()
    }

    #[must_use]
    pub fn large_message(&self, size: u32) -> Option<bool> {
        self.large_messages().into_iter().find(|(_, s, _)| *s == size)?.2
    }

    /// Large POSTs of long-polling: (citation, characters, whether it was taken, the exchange).
    #[must_use]
    pub fn large_posts(&self) -> Vec<(Cite, u32, Option<bool>, &'a Exchange)> {
        let read = |(cite, x): (Cite, &'a Exchange)| {
            let passed = match (&x.outcome, x.engine()) {
                (_, Answer::Taken) => Some(true),
                // Lost for another reason: its session is at another replica.
                (_, Answer::Refused { refusal: Refusal::UnknownSid, .. }) => None,
                (Outcome::Response(r), _) => (r.status >= 400).then_some(false),
                (Outcome::Rejected { .. }, _) => Some(false),
                (Outcome::TimedOut { .. }, _) => None,
            };
            (cite, x.sent, passed, x)
        };
        self.on_path(Purpose::LargePost).map(read).collect()
    }

    #[must_use]
    pub fn large_post(&self, size: u32) -> Option<bool> {
        self.large_posts().into_iter().find(|(_, s, _, _)| *s == size)?.2
    }

    /// How fast a small request to the same server is answered, at its best.
    #[must_use]
    pub fn small_request(&self) -> Option<(Cite, u32)> {
        let cross = self.profile.is_cross_origin();
        let small = |x: &Exchange| matches!(x.purpose, Purpose::OwnFile | Purpose::Companion | Purpose::FollowUp | Purpose::OriginProbe | Purpose::Server);
        let answered = self.evidence.exchanges_where(&|x| small(x) && x.cross_origin == cross).filter_map(|(c, x)| Some((c, x.responded_after?)));
        answered.min_by_key(|(_, ms)| *ms)
    }

    /// Streams that ended with an error, or (with the documented handler) without its last event.
    #[must_use]
    pub fn broken_streams(&self) -> Vec<(Cite, &'a Stream)> {
        let broken = |s: &Stream| match &s.end {
            StreamEnd::Broken { .. } => true,
            // A handler that tells its end did not end where its answer did.
            StreamEnd::Whole { told } => s.ours && !told,
            // Where everything was held back, Firefox tells of no response at all (measured).
            StreamEnd::Rejected { .. } => s.ended_after >= 1_000,
            StreamEnd::Silent | StreamEnd::Left => false,
        };
        self.evidence.streams().filter(|(_, s)| s.by == "fetch" && broken(s)).collect()
    }

    /// The newest stream, where each that was asked for was rejected at once: no answer came that this page may read.
    #[must_use]
    pub fn stream_rejected(&self) -> Option<(Cite, &'a Stream)> {
        let rejected = |s: &Stream| matches!(s.end, StreamEnd::Rejected { .. }) && s.ended_after < 1_000;
        self.streams_all(rejected)
    }

    /// The newest stream that was asked for by `fetch`, where all of those are so.
    #[must_use]
    pub fn streams_all(&self, wanted: impl Fn(&Stream) -> bool) -> Option<(Cite, &'a Stream)> {
        let fetched = || self.evidence.streams().filter(|(_, s)| s.by == "fetch");
        fetched().next_back().filter(|_| fetched().all(|(_, s)| wanted(s)))
    }

    /// Whether the stream is the handler's that this program documents.
    #[must_use]
    pub fn streams_ours(&self) -> bool {
        self.evidence.streams().any(|(_, s)| s.ours)
    }

    /// The newest answer of the gRPC health service.
    #[must_use]
    pub fn grpc(&self) -> Option<(Cite, &'a Exchange)> {
        self.evidence.exchanges_for(Purpose::Grpc).next_back()
    }
}

/// Ends within this are at one moment, in milliseconds.
pub const MOMENT: u32 = 700;
/// What ends earlier is no limit of time.
const EARLIEST_CUT: u32 = 1_000;

/// Whether two ages are the same within what timers and networks add.
#[must_use]
pub fn are_equal_ages(one: u32, other: u32) -> bool {
    one.abs_diff(other) <= (one.max(other) / 20).max(350)
}

/// The largest group of equal ages.
fn group(ended: &[Ended], of: fn(&Ended) -> u32) -> Vec<Ended> {
    let mut most = Vec::new();
    for one in ended {
        let equal: Vec<Ended> = ended.iter().filter(|other| are_equal_ages(of(one), of(other))).copied().collect();
        if equal.len() > most.len() {
            most = equal;
        }
    }
    most
}

/// One connection that was ended from outside: how old it was, and how long it had been silent.
#[derive(Clone, Copy)]
struct Ended {
    cite: Cite,
    age: u32,
    silence: u32,
    /// When, since the start of the run.
    at: u32,
}

fn cut_of(held: &[(Cite, &SocketLife)]) -> Option<Cut> {
    let read = |(cite, life): &(Cite, &SocketLife)| {
        let (end, code, _) = life.closed()?;
        // A server that says goodbye in its own words has its reasons: Node's closes who never joins, with 1005 (measured).
        let age = end.saturating_sub(life.opened_after().filter(|_| matches!(code, 1001 | 1006))?);
        let silence = life.silent_before_end().unwrap_or(0);
        (age >= EARLIEST_CUT).then_some(Ended { cite: *cite, age, silence, at: life.started.saturating_add(end) })
    };
    let all: Vec<Ended> = held.iter().filter_map(read).collect();
    // What ends connections of different ages at one moment is an event, and no limit.
    let by_event = |one: &Ended| {
        all.iter().any(|other| other.at.abs_diff(one.at) <= MOMENT && !are_equal_ages(other.age, one.age) && !are_equal_ages(other.silence, one.silence))
    };
    let ended: Vec<Ended> = all.iter().filter(|one| !by_event(one)).copied().collect();
    let silent = group(&ended, |one| one.silence);
    let silence = silent.first().map_or(0, |one| one.silence);
    let outlives = |life: &SocketLife| {
        let lasted = life.lasted().saturating_sub(life.opened_after().unwrap_or(0));
        lasted >= silence.saturating_add((silence / 2).max(1_500)) && longest_silence(life) < silence
    };
    // What ended after the same silence itself has outlived nothing, though by a few milliseconds it be the shorter one.
    let survivor = held.iter().find(|(cite, life)| !silent.iter().any(|one| one.cite == *cite) && outlives(life));
    // A silence as long that something survived is no limit.
    let survived = held.iter().map(|(_, life)| longest_gap(life)).max().unwrap_or(0);
    let may_be_a_limit = |silence: u32| survived < silence / 10 * 9;
    if silence >= EARLIEST_CUT
        && may_be_a_limit(silence)
        && let Some((survivor, _)) = survivor
        && (silent.len() >= 2 || silence >= ONCE_IS_ENOUGH)
    {
        let cites = silent.iter().map(|one| one.cite).chain([*survivor]).collect();
        return Some(Cut::Idle { age: silence, cites, times: silent.len() });
    }
    let aged = group(&ended, |one| one.age);
    let first = aged.first()?;
    if aged.len() < 2 || aged.iter().all(|one| one.at.abs_diff(first.at) <= MOMENT) {
        return None;
    }
    let cites = aged.iter().map(|one| one.cite).collect();
    let had_traffic = aged.iter().any(|one| one.silence < one.age / 2);
    // A server that says the same each time and then falls silent has its connections cut at one age by a limit for silence too: only silences of
    // different length, or one that was survived before, leave age alone.
    let alike = aged.iter().all(|one| are_equal_ages(one.silence, first.silence));
    let (age, silence, times) = (first.age, first.silence, aged.len());
    let by_age = had_traffic && !(alike && may_be_a_limit(silence));
    Some(if by_age { Cut::Lifetime { age, cites, times } } else { Cut::Either { age, silence, cites, times } })
}

/// A run has no time to see a limit of so many milliseconds twice.
const ONCE_IS_ENOUGH: u32 = 15_000;

/// The longest time without a frame, either way, between `open` and the last event.
fn longest_silence(life: &SocketLife) -> u32 {
    silences(life, |_| true)
}

/// The longest of those that a frame ended.
fn longest_gap(life: &SocketLife) -> u32 {
    silences(life, |what| matches!(what, Happening::Frame { .. } | Happening::Sent { .. }))
}

fn silences(life: &SocketLife, ended_by: fn(&Happening) -> bool) -> u32 {
    let mut last = life.opened_after().unwrap_or(0);
    let mut longest = 0;
    for event in &life.events {
        // Of many frames only the first are written down: what follows the last of them was not silent.
        let since = if event.after > life.last_frame { last.max(life.last_frame) } else { last };
        if ended_by(&event.what) {
            longest = longest.max(event.after.saturating_sub(since));
        }
        last = last.max(event.after);
    }
    longest
}
