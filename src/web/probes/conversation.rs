//! Engine.IO by long-polling: conversations of a session of its own, which is closed again.

use std::future::{Future, poll_fn};
use std::pin::pin;

use futures_util::future::join;
use web_sys::RequestCredentials;

use super::super::platform::fetch::Request;
use super::super::platform::within;
use super::{Context, Ended, Spent, engine_query, live};
use crate::evidence::{Fact, Happening, Purpose, SocketEvent, SocketLife, SocketPurpose};
use crate::platforms::Connect;
use crate::protocol::engine_io::{self, Answer, OpenPacket};
use crate::protocol::socket_io;

/// How long the open GET is waited for when its session is over, in milliseconds.
const LINGER: u32 = 100;

/// A polling session that a handshake opened. Its sid stays here.
struct Session<'a> {
    context: &'a Context,
    path: &'a str,
    eio: u8,
    credentials: RequestCredentials,
    packet: OpenPacket,
    framing: u8,
    number: u8,
}

impl<'a> Session<'a> {
    /// The handshake; `None` when the answer is no open packet.
    async fn open(context: &'a Context, path: &'a str, eio: u8, credentials: RequestCredentials) -> Result<Option<Session<'a>>, Spent> {
        let mut request = context.request(Purpose::Handshake, path, &engine_query(context, eio, "polling"));
        request.eio = eio;
        request.credentials = credentials;
        let number = context.conversations.get().saturating_add(1);
        context.conversations.set(number);
        request.session = number;
        let (status, body) = context.ask(request).await?;
        let answer = engine_io::read_answer(status.unwrap_or(0), &body);
        Ok(match answer {
            Answer::Open { packet, framing } => Some(Session { context, path, eio, credentials, packet, framing, number }),
            _ => None,
        })
    }

    fn query(&self, transport: &str) -> String {
        [engine_query(self.context, self.eio, transport).as_str(), "&sid=", &query_value(&self.packet.sid)].concat()
    }

    /// A request with the session's own sid.
    fn request(&self, purpose: Purpose) -> Request {
        let mut request = self.context.request(purpose, self.path, &self.query("polling"));
        request.eio = self.eio;
        request.session = self.number;
        request.credentials = self.credentials;
        request
    }

    async fn post(&self, purpose: Purpose, packet: String) -> Ended {
        self.post_within(purpose, packet, self.context.limits.request).await.map(drop)
    }

    /// The status with which it was answered, if it was.
    async fn post_within(&self, purpose: Purpose, packet: String, limit: u32) -> Result<Option<u16>, Spent> {
        let mut request = self.request(purpose);
        request.method = "POST";
        request.body = Some(engine_io::post_body(&packet, self.framing));
        self.context.ask_within(request, limit).await.map(|(status, _)| status)
    }

    /// Version 4: the pong that a client may always send. Version 3: the client's ping.
    async fn follow_up(&self) -> Ended {
        let packet = if self.framing == 3 { "2" } else { "3" };
        self.post(Purpose::FollowUp, packet.to_owned()).await
    }

    /// As a client has it: a GET always open, and beside it what it sends and the upgrade.
    async fn whole(&self, upgrade: bool) -> Ended {
        let mut poll = pin!(self.context.ask(self.request(Purpose::Poll)));
        let mut rest = pin!(async {
            if !(upgrade && self.packet.offers_websocket()) {
                self.follow_up().await?;
                return self.close().await;
            }
            // Beside each other, as a client does it. Some servers end a session whose upgrade was begun and let go: that it held is
            // known before the server is asked for it.
            let query = self.query("websocket");
            let (followed, begun) = join(self.follow_up(), live::begin_upgrade(self.context, self.path, self.eio, &query, self.number)).await;
            followed?;
            if let Some(begun) = begun? {
                live::end_upgrade(self.context, begun).await?;
            }
            self.close().await
        });
        let mut polled = false;
        let ended = poll_fn(|task| {
            polled = polled || poll.as_mut().poll(task).is_ready();
            rest.as_mut().poll(task)
        });
        let ended = ended.await;
        // What the session's end does not answer at once is let go.
        if !polled {
            within(LINGER, poll).await;
        }
        ended
    }

    async fn close(&self) -> Ended {
        self.post(Purpose::CloseSession, "1".to_owned()).await
    }
}

/// A sid is the server's text: nothing in it may become another parameter.
fn query_value(text: &str) -> String {
    js_sys::encode_uri_component(&text.chars().take(200).collect::<String>()).into()
}

/// Is an engine there? Without credentials, so that no native sign-in dialog can open.
pub async fn discover(context: &Context, path: &str, eio: u8) -> Ended {
    match Session::open(context, path, eio, RequestCredentials::Omit).await? {
        Some(session) => session.close().await,
        None => Ok(()),
    }
}

/// A session as the chat has it.
pub async fn session(context: &Context, path: &str, eio: u8, upgrade: bool, include: bool) -> Ended {
    let credentials = if include { RequestCredentials::Include } else { RequestCredentials::SameOrigin };
    let Some(session) = Session::open(context, path, eio, credentials).await? else { return Ok(()) };
    session.whole(upgrade).await
}

/// One more session, and its close as the follow-up. `as_chat`: with cookies as the chat's requests have them, else the other way.
pub async fn replica(context: &Context, path: &str, eio: u8, as_chat: bool, include: bool, upgrade: bool) -> Ended {
    let credentials = match (context.profile.is_cross_origin(), include == as_chat) {
        (true, true) => RequestCredentials::Include,
        (false, _) if as_chat => RequestCredentials::SameOrigin,
        _ => RequestCredentials::Omit,
    };
    let Some(session) = Session::open(context, path, eio, credentials).await? else { return Ok(()) };
    if upgrade { session.whole(true).await } else { session.close().await }
}

/// The hanging GET of a session that says nothing: a server of version 4 ends it with its ping. Then a client answers and asks on, and what has kept the
/// session at one replica till now may be over.
pub async fn long_poll(context: &Context, path: &str, eio: u8) -> Ended {
    let Some(session) = Session::open(context, path, eio, RequestCredentials::SameOrigin).await? else { return Ok(()) };
    let patience = session.packet.ping_interval.saturating_add(5_000).min(context.limits.hold);
    let (status, body) = context.ask_within(session.request(Purpose::LongPoll), patience).await?;
    let pinged = status == Some(200) && engine_io::packets(&body, session.framing).contains(&"2");
    if pinged { session.whole(false).await } else { session.close().await }
}

/// A POST of so many characters: a CONNECT to a namespace that nobody has, with nothing of meaning in it.
pub async fn body(context: &Context, path: &str, eio: u8, size: u32) -> Ended {
    let Some(session) = Session::open(context, path, eio, RequestCredentials::SameOrigin).await? else { return Ok(()) };
    session.post_within(Purpose::LargePost, padded(size), context.limits.large).await?;
    session.close().await
}

/// A question to a namespace that nobody has, of so many characters in all.
pub fn padded(size: u32) -> String {
    let bare = socket_io::unknown_namespace_ping(1).len() - 1;
    socket_io::unknown_namespace_ping((size as usize).saturating_sub(bare).max(1))
}

/// A Socket.IO CONNECT over long-polling, for servers without WebSocket. It is written down like a socket's life, its
/// packets as frames, since it is the same conversation.
pub async fn connect(context: &Context, path: &str, eio: u8, namespace: &str, how: Connect) -> Ended {
    let Some(session) = Session::open(context, path, eio, RequestCredentials::SameOrigin).await? else { return Ok(()) };
    let started = context.clock.now();
    let after = || context.clock.now().saturating_sub(started);
    let mut events = Vec::new();
    let hello = [
        "0{\"sid\":\"-\",\"upgrades\":[],\"pingInterval\":",
        &session.packet.ping_interval.to_string(),
        ",\"pingTimeout\":",
        &session.packet.ping_timeout.to_string(),
        "}",
    ]
    .concat();
    events.push(SocketEvent { after: 0, what: Happening::Frame { length: hello.len() as u32, text: hello, binary: false } });
    let frame = socket_io::connect(namespace, &live::payload(how));
    events.push(SocketEvent { after: after(), what: Happening::Sent { text: frame.clone(), length: 0 } });
    // What did not take the CONNECT owes no answer to it.
    let taken = session.post_within(Purpose::FollowUp, frame, context.limits.request).await? == Some(200);
    let end = started + context.left(context.limits.packet)?;
    let (mut answered, mut refused) = (false, false);
    while taken && !answered && context.clock.now() < end {
        let request = session.request(Purpose::FollowUp);
        let (status, body) = context.ask(request).await?;
        if status != Some(200) {
            refused = status.is_some();
            break;
        }
        for packet in engine_io::packets(&body, session.framing) {
            answered |= socket_io::connect_answer(packet, namespace).is_some();
            let text: String = packet.chars().take(crate::evidence::EXCERPT).collect();
            events.push(SocketEvent { after: after(), what: Happening::Frame { text, length: packet.len() as u32, binary: false } });
        }
    }
    let last = if answered {
        Happening::ClosedByProbe
    } else {
        let waiting_for = match (taken, refused) {
            (false, _) => "a POST that is taken",
            (true, true) => "a GET that is taken",
            (true, false) => "connect answer",
        };
        Happening::Deadline { waiting_for: waiting_for.to_owned() }
    };
    events.push(SocketEvent { after: after(), what: last });
    (context.record)(Fact::Socket(SocketLife {
        purpose: SocketPurpose::Connect,
        url: [context.profile.server.as_str(), path, "?transport=polling"].concat(),
        path: path.to_owned(),
        eio,
        cross_origin: context.profile.is_cross_origin(),
        session: 0,
        started,
        frames: events.len() as u32,
        received: 0,
        last_frame: 0,
        events,
    }));
    if let Some(farewell) = how.farewell {
        session.post(Purpose::FollowUp, farewell.to_owned()).await?;
    }
    session.close().await
}
