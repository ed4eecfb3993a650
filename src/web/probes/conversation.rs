//! Engine.IO by long-polling: conversations of a session of its own, which is closed again.

use web_sys::RequestCredentials;

use super::{Context, Ended, Spent, engine_query, live};
use crate::evidence::{Fact, Happening, Purpose, SocketEvent, SocketLife, SocketPurpose};
use crate::platforms::Connect;
use crate::protocol::engine_io::{self, Answer, OpenPacket};
use crate::protocol::socket_io;

/// A polling session that a handshake opened. Its sid stays here.
struct Session<'a> {
    context: &'a Context,
    path: &'a str,
    eio: u8,
    credentials: RequestCredentials,
    packet: OpenPacket,
    framing: u8,
}

impl<'a> Session<'a> {
    /// The handshake; `None` when the answer is no open packet.
    async fn open(context: &'a Context, path: &'a str, eio: u8, credentials: RequestCredentials) -> Result<Option<Session<'a>>, Spent> {
        let mut request = context.request(Purpose::Handshake, path, &engine_query(eio, "polling"));
        request.eio = eio;
        request.credentials = credentials;
        let (status, body) = context.ask(request).await?;
        let answer = engine_io::read_answer(status.unwrap_or(0), &body);
        Ok(match answer {
            Answer::Open { packet, framing } => Some(Session { context, path, eio, credentials, packet, framing }),
            _ => None,
        })
    }

    fn query(&self, transport: &str) -> String {
        [engine_query(self.eio, transport).as_str(), "&sid=", &query_value(&self.packet.sid)].concat()
    }

    async fn post(&self, purpose: Purpose, packet: String) -> Ended {
        let mut request = self.context.request(purpose, self.path, &self.query("polling"));
        request.eio = self.eio;
        request.credentials = self.credentials;
        request.method = "POST";
        request.body = Some(engine_io::post_body(&packet, self.framing));
        self.context.ask(request).await.map(drop)
    }

    /// Version 4: the pong that a client may always send. Version 3: the client's ping.
    async fn follow_up(&self) -> Ended {
        let packet = if self.framing == 3 { "2" } else { "3" };
        self.post(Purpose::FollowUp, packet.to_owned()).await
    }

    async fn close(self) -> Ended {
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
    session.follow_up().await?;
    if upgrade && session.packet.offers_websocket() {
        let query = session.query("websocket");
        live::upgrade(context, path, eio, &query).await?;
    }
    session.close().await
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
    events.push(SocketEvent { after: after(), what: Happening::Sent { text: frame.clone() } });
    session.post(Purpose::FollowUp, frame).await?;
    let end = started + context.left(context.limits.packet)?;
    let mut answered = false;
    while !answered && context.clock.now() < end {
        let mut request = context.request(Purpose::FollowUp, path, &session.query("polling"));
        request.eio = eio;
        let (status, body) = context.ask(request).await?;
        if status != Some(200) {
            break;
        }
        for packet in engine_io::packets(&body, session.framing) {
            answered |= socket_io::connect_answer(packet, namespace).is_some();
            let text: String = packet.chars().take(crate::evidence::EXCERPT).collect();
            events.push(SocketEvent { after: after(), what: Happening::Frame { text, length: packet.len() as u32, binary: false } });
        }
    }
    let last = if answered { Happening::ClosedByProbe } else { Happening::Deadline { waiting_for: "connect answer".to_owned() } };
    events.push(SocketEvent { after: after(), what: last });
    (context.record)(Fact::Socket(SocketLife {
        purpose: SocketPurpose::Connect,
        url: [context.profile.server.as_str(), path, "?transport=polling"].concat(),
        path: path.to_owned(),
        eio,
        cross_origin: context.profile.is_cross_origin(),
        started,
        frames: events.len() as u32,
        received: 0,
        events,
    }));
    if let Some(farewell) = how.farewell {
        session.post(Purpose::FollowUp, farewell.to_owned()).await?;
    }
    session.close().await
}
