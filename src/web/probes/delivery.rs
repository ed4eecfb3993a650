//! A broadcast from one Socket.IO session to others of the same run, by the operator's echo handler (`www/server-help`): does it
//! come to a session at another instance of the server?

use super::super::platform::socket::{Signal, Socket};
use super::live::{greeted, open, payload};
use super::{Context, Ended, engine_query, unique};
use crate::evidence::{Delivery, EchoSession, Fact, SocketPurpose};
use crate::platforms::Connect;
use crate::protocol::json::Value;
use crate::protocol::{json_text, socket_io};

/// Sessions that are opened at most to find two at different instances.
const SESSIONS: usize = 6;
/// So often it is sent where it is not heard: the first may be late, since a bus is connected at its first use.
const WORDS: usize = 2;
/// How long each of them may take, in milliseconds.
const PATIENCE: u32 = 3_000;
/// The number of an acknowledgement.
const ACK: u32 = 7;

pub async fn delivery(context: &Context, path: &str, namespace: &str, how: Connect) -> Ended {
    let Some(event) = context.profile.echo_event.clone() else { return Ok(()) };
    let namespace = namespace.split('?').next().unwrap_or("/");
    let (room, word) = (unique(), unique());
    let mut fact = Delivery { path: path.to_owned(), started: context.clock.now(), ..Delivery::default() };
    // The sessions that stay open, by their number, each with its place among what is open at one time: the first, and the one at another
    // instance. One more at an instance that is known already says nothing, and goes.
    let mut open_ones = Vec::new();
    let mut instances: Vec<String> = Vec::new();
    let hail = frame(namespace, &event, &room, "");
    for _ in 0..SESSIONS {
        let permit = context.permit().await?;
        let mut socket = open(context, SocketPurpose::Connect, path, 4, &engine_query(context, 4, "websocket"));
        let mut session = EchoSession::default();
        let (state, instance) = join(context, &mut socket, namespace, how, &hail).await;
        session.state = state.to_owned();
        let ready = session.state == "ready";
        let mut is_new = false;
        if let Some(instance) = instance {
            let known = instances.iter().position(|i| *i == instance);
            session.instance = known.unwrap_or(instances.len()) as u8 + 1;
            is_new = known.is_none();
            if is_new {
                instances.push(instance);
            }
        }
        if is_new {
            open_ones.push((fact.sessions.len(), socket, permit));
        } else {
            leave(&mut socket, how);
        }
        fact.sessions.push(session);
        // One that did not come so far tells what there is to tell.
        if !ready || instances.len() == 2 {
            break;
        }
    }
    if instances.len() == 2 {
        let sent = context.clock.now();
        for _ in 0..WORDS {
            let Ok(left) = context.left(PATIENCE) else { break };
            if let Some((_, first, _)) = open_ones.first_mut() {
                first.send(&frame(namespace, &event, &room, &word));
            }
            let end = context.clock.now().saturating_add(left);
            for (number, socket, _) in &mut open_ones {
                let Some(session) = fact.sessions.get_mut(*number) else { continue };
                while session.heard_after.is_none() {
                    match socket.next(end.saturating_sub(context.clock.now())).await {
                        Signal::Frame(text) if text == "2" => socket.send("3"),
                        Signal::Frame(text) if hears(&text, namespace, &event, &word) => {
                            session.heard_after = Some(context.clock.now().saturating_sub(sent));
                        }
                        Signal::Frame(_) | Signal::Open => {}
                        Signal::Over | Signal::Deadline => break,
                    }
                }
            }
            if fact.sessions.iter().all(|session| session.heard_after.is_some() || session.state != "ready") {
                break;
            }
        }
        fact.waited = context.clock.now().saturating_sub(sent).max(1);
    }
    for (_, socket, _) in &mut open_ones {
        leave(socket, how);
    }
    (context.record)(Fact::Delivery(fact));
    Ok(())
}

fn leave(socket: &mut Socket, how: Connect) {
    if let Some(farewell) = how.farewell {
        socket.send(farewell);
    }
}

/// The event with its acknowledgement asked for.
fn frame(namespace: &str, event: &str, room: &str, text: &str) -> String {
    let list = [event, room, text].map(|part| json_text::write(&part).unwrap_or_default()).join(",");
    socket_io::event(namespace, Some(ACK), &["[", &list, "]"].concat())
}

/// From the opening handshake to the handler's acknowledgement, which tells the instance.
async fn join(context: &Context, socket: &mut Socket, namespace: &str, how: Connect, hail: &str) -> (&'static str, Option<String>) {
    if !matches!(greeted(context, socket).await, Ok(Some(_))) {
        return ("refused", None);
    }
    socket.send(&socket_io::connect(namespace, &payload(how)));
    let mut state = "unjoined";
    let end = context.clock.now().saturating_add(context.left(context.limits.packet).unwrap_or(0));
    loop {
        match socket.next(end.saturating_sub(context.clock.now())).await {
            Signal::Frame(text) if text == "2" => socket.send("3"),
            Signal::Frame(text) => {
                if let Some(answer) = socket_io::connect_answer(&text, namespace) {
                    if answer != socket_io::ConnectAnswer::Accepted {
                        return (state, None);
                    }
                    state = "unanswered";
                    socket.send(hail);
                } else if let Some(told) = socket_io::ack(&text, namespace, ACK) {
                    let instance = told.as_array().and_then(|list| list.first()).map(|first| first.as_str().unwrap_or("").to_owned());
                    return ("ready", Some(instance.unwrap_or_default()));
                }
            }
            Signal::Open => {}
            Signal::Over | Signal::Deadline => return (state, None),
        }
    }
}

fn hears(text: &str, namespace: &str, event: &str, word: &str) -> bool {
    socket_io::event_args(text, namespace).is_some_and(|args| {
        let list = args.as_array().unwrap_or(&[]);
        list.first().and_then(Value::as_str) == Some(event) && list.get(1).and_then(Value::as_str) == Some(word)
    })
}
