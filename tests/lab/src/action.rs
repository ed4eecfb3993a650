//! The rules of a front: when a request is met, and what is done with it. All of it is data, so that a scenario is
//! one entry of a table.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::request::Request;

/// What is done with the requests that it meets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) when: When,
    pub(crate) action: Action,
}

/// Which requests a rule meets; every condition must hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    path: PathIs,
    method: Option<&'static str>,
    handshake: Option<bool>,
    query: Option<&'static str>,
    cookies_over: Option<usize>,
    header: Option<(&'static str, HeaderIs)>,
    turn: Turn,
}

/// What a request must say of a header.
#[derive(Clone, Copy, Debug)]
enum HeaderIs {
    There,
    Missing,
    Containing(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum PathIs {
    Any,
    Exactly(&'static str),
    Under(&'static str),
    Outside(&'static str),
}

/// Which of the requests that a rule would meet it really meets.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Every,
    First(u32),
    EveryNth(u32),
    Percent(u32),
    OnceFlipped,
}

impl When {
    const fn path(path: PathIs) -> Self {
        Self { path, method: None, handshake: None, query: None, cookies_over: None, header: None, turn: Turn::Every }
    }

    /// Every request.
    pub(crate) const fn any() -> Self {
        Self::path(PathIs::Any)
    }

    /// Requests of this path.
    pub(crate) const fn at(path: &'static str) -> Self {
        Self::path(PathIs::Exactly(path))
    }

    /// Requests whose path begins so.
    pub(crate) const fn under(path: &'static str) -> Self {
        Self::path(PathIs::Under(path))
    }

    /// Requests whose path does not begin so.
    pub(crate) const fn outside(path: &'static str) -> Self {
        Self::path(PathIs::Outside(path))
    }

    /// Opening handshakes of a WebSocket alone.
    pub(crate) const fn handshake(self) -> Self {
        Self { handshake: Some(true), ..self }
    }

    /// What is no opening handshake alone.
    pub(crate) const fn plain(self) -> Self {
        Self { handshake: Some(false), ..self }
    }

    /// Requests of this method alone.
    pub(crate) const fn method(self, method: &'static str) -> Self {
        Self { method: Some(method), ..self }
    }

    /// Requests whose query contains this.
    pub(crate) const fn query(self, part: &'static str) -> Self {
        Self { query: Some(part), ..self }
    }

    /// Requests whose Cookie header is longer than so many bytes.
    pub(crate) const fn cookies_over(self, bytes: usize) -> Self {
        Self { cookies_over: Some(bytes), ..self }
    }

    /// Requests that have this header alone; its name in lower case.
    pub(crate) const fn header(self, name: &'static str) -> Self {
        Self { header: Some((name, HeaderIs::There)), ..self }
    }

    /// Requests that do not have this header; its name in lower case.
    pub(crate) const fn without(self, name: &'static str) -> Self {
        Self { header: Some((name, HeaderIs::Missing)), ..self }
    }

    /// Requests whose Cookie header contains this.
    pub(crate) const fn cookie(self, part: &'static str) -> Self {
        Self { header: Some(("cookie", HeaderIs::Containing(part))), ..self }
    }

    /// The first so many of them.
    pub(crate) const fn first(self, count: u32) -> Self {
        Self { turn: Turn::First(count), ..self }
    }

    /// Every so-manieth of them, beginning with that one.
    pub(crate) const fn every(self, nth: u32) -> Self {
        Self { turn: Turn::EveryNth(nth), ..self }
    }

    /// So many of a hundred, without a pattern, and the same ones each time.
    pub(crate) const fn percent(self, percent: u32) -> Self {
        Self { turn: Turn::Percent(percent), ..self }
    }

    /// Once the scenario was flipped.
    pub(crate) const fn once_flipped(self) -> Self {
        Self { turn: Turn::OnceFlipped, ..self }
    }

    /// The rule that does this when it is met.
    pub(crate) const fn then(self, action: Action) -> Rule {
        Rule { when: self, action }
    }

    fn meets(&self, request: &Request) -> bool {
        let path = match self.path {
            PathIs::Any => true,
            PathIs::Exactly(path) => request.path == path,
            PathIs::Under(path) => request.path.starts_with(path),
            PathIs::Outside(path) => !request.path.starts_with(path),
        };
        path && self.method.is_none_or(|method| request.method == method)
            && self.handshake.is_none_or(|handshake| request.is_handshake() == handshake)
            && self.query.is_none_or(|part| request.query.contains(part))
            && self.cookies_over.is_none_or(|bytes| request.header("cookie").is_some_and(|cookies| cookies.len() > bytes))
            && self.header.is_none_or(|(name, wanted)| wanted.meets(request.header(name)))
    }
}

impl HeaderIs {
    fn meets(self, value: Option<&str>) -> bool {
        match self {
            Self::There => value.is_some(),
            Self::Missing => value.is_none(),
            Self::Containing(part) => value.is_some_and(|value| value.contains(part)),
        }
    }
}

/// A number without a pattern for each number: the end of SplitMix's way of mixing bits.
pub(crate) fn scattered(number: u32) -> u32 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9).wrapping_add(0x9e37_79b9);
    mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x85eb_ca6b);
    mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35);
    mixed ^ (mixed >> 16)
}

/// A rule at work: it knows how many requests it has met.
#[derive(Debug)]
pub(crate) struct RuleAtWork {
    rule: Rule,
    met: AtomicU32,
}

impl RuleAtWork {
    pub(crate) fn new(rule: Rule) -> Self {
        Self { rule, met: AtomicU32::new(0) }
    }

    /// What to do with the request, if it is this rule's turn.
    pub(crate) fn action(&self, request: &Request, flipped: bool) -> Option<Action> {
        if !self.rule.when.meets(request) {
            return None;
        }
        let before = self.met.fetch_add(1, Ordering::Relaxed);
        let its_turn = match self.rule.when.turn {
            Turn::Every => true,
            Turn::First(count) => before < count,
            Turn::EveryNth(nth) => (before + 1).is_multiple_of(nth),
            Turn::Percent(percent) => scattered(before) % 100 < percent,
            Turn::OnceFlipped => flipped,
        };
        its_turn.then_some(self.rule.action)
    }

    /// Forgets the requests it has met.
    pub(crate) fn reset(&self) {
        self.met.store(0, Ordering::Relaxed);
    }
}

/// What the front does with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// Answers it.
    Respond(Answer),
    /// Answers with the chat's page, as the fallback of a single-page application does.
    ChatPage,
    /// Passes it on to the scenario's server.
    Forward,
    /// Passes it on, and gives the answer these headers besides; their values may name addresses as an [`Answer`]'s may.
    ForwardWith(&'static [(&'static str, &'static str)]),
    /// Passes it on without its `Upgrade` and `Connection` headers.
    ForwardWithoutUpgrade,
    /// Passes it on, and resets the connection so long after a socket's first frame, or after the head of another answer.
    ForwardThenReset(Duration),
    /// Passes it on; what goes over the socket then, goes so much later in each direction.
    ForwardLate(Duration),
    /// Passes it on, and resets the connection at a frame of the client's that has more bytes than this.
    ForwardFramesUpTo(u64),
    /// Waits, then does the other.
    After(Duration, &'static Action),
    /// Resets the connection (RST).
    Reset,
    /// Closes the connection without an answer (FIN).
    CloseSilently,
    /// Keeps the connection and never answers.
    Hang,
    /// Accepts the handshake, sends the pieces, and keeps the socket until the client goes.
    Open(&'static [Piece]),
}

/// An answer. Its header values and its text may name addresses of the scenario in braces. One that has an ETag is answered
/// 304 to whoever has it already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: Body,
}

impl Answer {
    /// An answer of this media type.
    pub(crate) const fn html(status: u16, body: &'static str) -> Self {
        Self { status, headers: &[("Content-Type", "text/html; charset=utf-8")], body: Body::Text(body) }
    }

    pub(crate) const fn json(status: u16, body: &'static str) -> Self {
        Self { status, headers: &[("Content-Type", "application/json")], body: Body::Text(body) }
    }

    pub(crate) const fn plain(status: u16, body: &'static str) -> Self {
        Self { status, headers: &[("Content-Type", "text/plain; charset=UTF-8")], body: Body::Text(body) }
    }
}

/// The body of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    Text(&'static str),
    Bytes(&'static [u8]),
    /// This, in an answer that announces so many bytes more and ends.
    Short(&'static str, usize),
    /// `0{"sid":` and then so many opening brackets.
    NestedOpenPacket(usize),
    /// These bytes again and again, as long as the client reads.
    Endless(&'static [u8]),
}

/// One thing that a front sends on a WebSocket that it accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    /// An Engine.IO open packet as a healthy server sends it.
    OpenPacket,
    /// A text frame.
    Text(&'static str),
    /// A text frame of bytes that need not be UTF-8.
    Bytes(&'static [u8]),
    /// A text frame with `0{"sid":` and so many opening brackets.
    NestedOpenPacket(usize),
    /// One text frame of so many bytes, that begins as an open packet.
    Huge(usize),
    /// So many text frames of one byte.
    Tiny(usize),
    /// A binary frame.
    Binary(&'static [u8]),
    /// So many binary frames of bytes without a pattern, and the same ones each time.
    Noise(u32),
    /// One binary frame of so many bytes, that begins as a LiveKit server's first message.
    HugeJoin(usize),
    /// A close frame.
    Close(u16, &'static str),
}

/// What a frame of noise has in it: a length and bytes that differ from one to the next.
pub(crate) fn noise(number: u32) -> Vec<u8> {
    let length = scattered(number) % 61;
    (0..length).map(|at| (scattered(number.wrapping_mul(64).wrapping_add(at)) % 256) as u8).collect()
}

/// `0{"sid":[[[[...`, the brackets never closed.
pub(crate) fn nested_open_packet(depth: usize) -> Vec<u8> {
    let mut bytes = br#"0{"sid":"#.to_vec();
    bytes.resize(bytes.len() + depth, b'[');
    bytes
}
