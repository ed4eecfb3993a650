//! So many WebSockets at one time: only where the operator asked for it, and never more than the plan says.

use super::super::platform::fetch::fetch;
use super::super::platform::socket::Signal;
use super::live::open;
use super::{Context, Ended, engine_query, plain};
use crate::evidence::{Fact, Happening, Purpose, Rung, SocketPurpose};
use crate::protocol::engine_io::open_packet;

/// How long they are held, in milliseconds.
const HOLD: u32 = 1_500;

pub async fn rung(context: &Context, path: &str, eio: u8, sockets: u32) -> Ended {
    context.spend(sockets + 1)?;
    context.left(context.limits.open)?;
    let started = context.clock.now();
    let mut rung = Rung { path: path.to_owned(), started, sockets, ..Rung::default() };
    let mut all: Vec<_> = (0..sockets).map(|_| open(context, SocketPurpose::Again, path, eio, &engine_query(context, eio, "websocket"))).collect();
    // Their events wait in their own queues with their own times, so one may be listened to after the other.
    let until = started.saturating_add(context.left(context.limits.open)?);
    for socket in &mut all {
        let mut greeted = false;
        while !greeted {
            match socket.next(until.saturating_sub(context.clock.now())).await {
                Signal::Open => {}
                Signal::Frame(text) if open_packet(&text).is_some() => greeted = true,
                Signal::Frame(_) | Signal::Over | Signal::Deadline => break,
            }
        }
        match (greeted, socket.is_over()) {
            (true, _) => rung.opened.push(socket.last_event()),
            (false, true) => rung.refused += 1,
            (false, false) => rung.silent += 1,
        }
    }
    let asked = context.clock.now();
    let (exchange, _) = fetch(context.clock, plain::companion(context, Purpose::Repeat, path, eio, true), context.left(context.limits.packet)?).await;
    rung.status = exchange.status().unwrap_or(0);
    (context.record)(Fact::Exchange(exchange));
    rung.answered_after = context.clock.now().saturating_sub(asked);
    let end = context.clock.now().saturating_add(context.left(HOLD)?);
    for socket in &mut all {
        let before = socket.is_over();
        // What came while another one was listened to waits in its queue.
        loop {
            match socket.next(end.saturating_sub(context.clock.now()).max(1)).await {
                Signal::Frame(text) if text == "2" => socket.send("3"),
                Signal::Frame(_) | Signal::Open => {}
                Signal::Deadline | Signal::Over => break,
            }
        }
        rung.dropped += u32::from(!before && socket.is_over());
        socket.note(Happening::ClosedByProbe);
    }
    (context.record)(Fact::Rung(rung));
    Ok(())
}
