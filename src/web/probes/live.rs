//! Live connections: Engine.IO over WebSocket, its upgrade, its heartbeat, a Socket.IO CONNECT, and a WebSocket of no
//! known protocol.

use super::super::platform::socket::{Signal, Socket};
use super::{Context, Ended, Spent, engine_query, is_patient};
use crate::address::Address;
use crate::evidence::{Fact, Happening, SocketPurpose};
use crate::platforms::Connect;
use crate::profile::Depth;
use crate::protocol::engine_io::{self, OpenPacket};
use crate::protocol::socket_io;

fn socket_url(context: &Context, path: &str, query: &str) -> String {
    [context.profile.socket_origin().as_str(), path, "?", query].concat()
}

/// Writes down that the time came; a wait that the end of the run cut short is not one for the thing itself.
fn deadline(socket: &mut Socket, waiting_for: &str, waited: u32, limit: u32) {
    let waiting_for = if is_patient(waited, limit) { waiting_for } else { "the end of the run" };
    socket.note(Happening::Deadline { waiting_for: waiting_for.to_owned() });
}

/// Waits for `open`.
async fn opened(context: &Context, socket: &mut Socket) -> Result<bool, Spent> {
    let wait = context.left(context.limits.open)?;
    match socket.next(wait).await {
        Signal::Open => Ok(true),
        Signal::Deadline => {
            deadline(socket, "open", wait, context.limits.open);
            Ok(false)
        }
        // A frame before `open` can't be; an end can.
        Signal::Frame(_) | Signal::Over => Ok(false),
    }
}

/// Waits for `open` and the open packet, which by the protocol is the first frame.
async fn greeted(context: &Context, socket: &mut Socket) -> Result<Option<OpenPacket>, Spent> {
    if !opened(context, socket).await? {
        return Ok(None);
    }
    let Ok(wait) = context.left(context.limits.packet) else {
        deadline(socket, "open packet", 0, context.limits.packet);
        return Ok(None);
    };
    match socket.next(wait).await {
        Signal::Frame(text) => Ok(engine_io::open_packet(&text)),
        Signal::Deadline => {
            deadline(socket, "open packet", wait, context.limits.packet);
            Ok(None)
        }
        Signal::Open | Signal::Over => Ok(None),
    }
}

fn open(context: &Context, purpose: SocketPurpose, path: &str, eio: u8, query: &str) -> Socket {
    Socket::open(context.clock, purpose, &socket_url(context, path, query), path, eio, context.profile.is_cross_origin())
}

fn done(context: &Context, socket: Socket, content: bool) -> Ended {
    (context.record)(Fact::Socket(socket.finish(content)));
    Ok(())
}

/// Takes in what comes until the time is over or the connection is. A server that pings gets its pong, or it would close
/// the connection for the probe's own silence.
async fn stay(context: &Context, socket: &mut Socket, milliseconds: u32, eio: u8) {
    let end = context.clock.now().saturating_add(milliseconds);
    loop {
        let left = end.saturating_sub(context.clock.now());
        if left == 0 {
            return;
        }
        match socket.next(left).await {
            Signal::Frame(text) if eio == 4 && text == "2" => socket.send("3"),
            Signal::Frame(_) | Signal::Open => {}
            Signal::Over | Signal::Deadline => return,
        }
    }
}

pub async fn hello(context: &Context, path: &str, eio: u8, round: u8) -> Ended {
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let purpose = if round == 0 { SocketPurpose::Hello } else { SocketPurpose::HelloAgain };
    let mut socket = open(context, purpose, path, eio, &engine_query(eio, "websocket"));
    let content = if let Ok(Some(packet)) = greeted(context, &mut socket).await {
        let stay_for = context.left(context.limits.stay).unwrap_or(0);
        // In version 3 the client pings, and a server that hears none within both times closes.
        if eio == 3 && packet.ping_interval < stay_for {
            socket.send("2");
        }
        stay(context, &mut socket, stay_for, eio).await;
        true
    } else {
        false
    };
    done(context, socket, content)
}

/// The upgrade of a live polling session, up to the server's answer: the probe does not take the session over.
pub async fn upgrade(context: &Context, path: &str, eio: u8, query: &str) -> Ended {
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let mut socket = open(context, SocketPurpose::Upgrade, path, eio, query);
    if !matches!(opened(context, &mut socket).await, Ok(true)) {
        return done(context, socket, false);
    }
    socket.send("2probe");
    let wait = context.left(context.limits.packet).unwrap_or(0);
    let end = context.clock.now().saturating_add(wait);
    loop {
        match socket.next(end.saturating_sub(context.clock.now())).await {
            Signal::Frame(text) if text == "3probe" => return done(context, socket, true),
            Signal::Frame(_) | Signal::Open => {}
            Signal::Over => return done(context, socket, false),
            Signal::Deadline => {
                deadline(&mut socket, "3probe", wait, context.limits.packet);
                return done(context, socket, false);
            }
        }
    }
}

/// A long stay: version 4's server pings, version 3's client does. In `watch` it stays until it is cut.
pub async fn heartbeat(context: &Context, path: &str, eio: u8) -> Ended {
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let mut socket = open(context, SocketPurpose::Heartbeat, path, eio, &engine_query(eio, "websocket"));
    let Ok(Some(packet)) = greeted(context, &mut socket).await else { return done(context, socket, false) };
    let watching = context.profile.depth == Depth::Watch;
    let patience = packet.ping_interval.saturating_add(packet.ping_timeout).min(120_000);
    let (wait, due) = match context.left(patience) {
        // The beat is due within the run, or it is not waited for.
        Ok(left) => (left, left > packet.ping_interval),
        Err(_) => (0, false),
    };
    if eio == 3 {
        socket.send("2");
    } else if !due {
        return done(context, socket, true);
    }
    loop {
        match socket.next(wait).await {
            Signal::Frame(text) if text == "2" => {
                socket.send("3");
                if !watching {
                    return done(context, socket, true);
                }
            }
            Signal::Frame(text) if text == "3" && !watching => return done(context, socket, true),
            Signal::Frame(_) | Signal::Open => {}
            Signal::Over => return done(context, socket, false),
            Signal::Deadline => {
                deadline(&mut socket, "heartbeat", wait, patience);
                return done(context, socket, false);
            }
        }
    }
}

/// The payload with a fresh id where the application wants one.
pub fn payload(how: Connect) -> String {
    if !how.payload.contains("{uuid}") {
        return how.payload.to_owned();
    }
    // randomUUID is missing in insecure contexts.
    let digit = |_| char::from_digit((js_sys::Math::random() * 16.0) as u32, 16).unwrap_or('0');
    let group = |n: usize| (0..n).map(digit).collect::<String>();
    let uuid = [&group(8), "-", &group(4), "-4", &group(3), "-a", &group(3), "-", &group(12)].concat();
    how.payload.replace("{uuid}", &uuid)
}

pub async fn connect(context: &Context, path: &str, eio: u8, namespace: &str, how: Connect) -> Ended {
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let mut socket = open(context, SocketPurpose::Connect, path, eio, &engine_query(eio, "websocket"));
    let Ok(Some(_)) = greeted(context, &mut socket).await else { return done(context, socket, false) };
    // Version 3 joins the default namespace unasked.
    if eio != 3 || namespace != "/" {
        socket.send(&socket_io::connect(namespace, &payload(how)));
    }
    let wait = context.left(context.limits.packet).unwrap_or(0);
    let end = context.clock.now().saturating_add(wait);
    loop {
        match socket.next(end.saturating_sub(context.clock.now())).await {
            Signal::Frame(text) if text == "2" => socket.send("3"),
            Signal::Frame(text) if socket_io::connect_answer(&text, namespace).is_some() => {
                // Some servers accept first and show out again at once.
                stay(context, &mut socket, context.left(300).unwrap_or(0), eio).await;
                if let Some(farewell) = how.farewell {
                    socket.send(farewell);
                }
                return done(context, socket, true);
            }
            Signal::Frame(_) | Signal::Open => {}
            Signal::Over => return done(context, socket, false),
            Signal::Deadline => {
                deadline(&mut socket, "connect answer", wait, context.limits.packet);
                return done(context, socket, false);
            }
        }
    }
}

pub async fn raw(context: &Context) -> Ended {
    let Some(url) = context.profile.ws_url.clone() else { return Ok(()) };
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let address = Address::parse(&url);
    let cross_origin = address.as_ref().is_some_and(|a| a.origin() != context.profile.page_origin);
    let path = address.map(|a| a.path.split('?').next().unwrap_or("/").to_owned()).unwrap_or_default();
    let mut socket = Socket::open(context.clock, SocketPurpose::Raw, &url, &path, 0, cross_origin);
    let open = matches!(opened(context, &mut socket).await, Ok(true));
    if open {
        stay(context, &mut socket, context.left(context.limits.stay).unwrap_or(0), 0).await;
    }
    done(context, socket, open)
}
