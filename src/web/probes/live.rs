//! Live connections: Engine.IO over WebSocket, its upgrade, its heartbeat, a Socket.IO CONNECT, and a WebSocket of no
//! known protocol.

use super::super::budget::Permit;
use super::super::platform::socket::{Signal, Socket};
use super::conversation::padded;
use super::{Context, Ended, Spent, engine_query, is_patient};
use crate::address::Address;
use crate::evidence::{Fact, Happening, RoundTrips, SocketPurpose};
use crate::picture::round_trips::Point;
use crate::platforms::{self, Connect};
use crate::profile::Depth;
use crate::protocol::engine_io::{self, OpenPacket};
use crate::protocol::socket_io;

fn socket_url(context: &Context, path: &str, query: &str) -> String {
    [context.profile.socket_origin().as_str(), path, "?", query].concat()
}

/// Writes down that the time came; a wait that the end of the run cut short is not one for the thing itself.
pub fn deadline(socket: &mut Socket, waiting_for: &str, waited: u32, limit: u32) {
    let waiting_for = if is_patient(waited, limit) { waiting_for } else { "the end of the run" };
    socket.note(Happening::Deadline { waiting_for: waiting_for.to_owned() });
}

/// Waits for `open`.
pub async fn opened(context: &Context, socket: &mut Socket) -> Result<bool, Spent> {
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
pub async fn greeted(context: &Context, socket: &mut Socket) -> Result<Option<OpenPacket>, Spent> {
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

pub fn open(context: &Context, purpose: SocketPurpose, path: &str, eio: u8, query: &str) -> Socket {
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
    let mut socket = open(context, purpose, path, eio, &engine_query(context, eio, "websocket"));
    let content = if let Ok(Some(packet)) = greeted(context, &mut socket).await {
        let stay_for = context.left(if round == 0 { context.limits.stay } else { context.limits.stay_again }).unwrap_or(0);
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

/// The WebSocket of an upgrade that has begun, with its place in the budget.
pub struct Upgrade {
    socket: Socket,
    _permit: Permit,
}

/// Begins the upgrade of a live polling session: up to `open`, or to what became of it instead.
pub async fn begin_upgrade(context: &Context, path: &str, eio: u8, query: &str, session: u8) -> Result<Option<Upgrade>, Spent> {
    let permit = context.permit().await?;
    context.left(context.limits.open)?;
    let mut socket = open(context, SocketPurpose::Upgrade, path, eio, query).of_session(session);
    if matches!(opened(context, &mut socket).await, Ok(true)) {
        return Ok(Some(Upgrade { socket, _permit: permit }));
    }
    done(context, socket, false)?;
    Ok(None)
}

/// The rest of it, up to the server's answer: the probe does not take the session over.
pub async fn end_upgrade(context: &Context, Upgrade { mut socket, _permit }: Upgrade) -> Ended {
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

/// What a busy connection sends, and how often, in milliseconds.
const BUSY: u32 = 2_000;
/// How long a busy connection is held at most, in milliseconds.
const BUSY_HOLD: u32 = 600_000;

/// A long stay: version 4's server pings, version 3's client does. `busy`: this is sent every two seconds besides.
pub async fn heartbeat(context: &Context, path: &str, eio: u8, busy: Option<&str>) -> Ended {
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let purpose = if busy.is_some() { SocketPurpose::Busy } else { SocketPurpose::Heartbeat };
    let mut socket = open(context, purpose, path, eio, &engine_query(context, eio, "websocket"));
    let Ok(Some(packet)) = greeted(context, &mut socket).await else { return done(context, socket, false) };
    if context.profile.depth == Depth::Watch {
        socket.bequeath(&context.record);
    }
    // Node's server ends after 45 s who never joins (measured): where joining is known to be safe, a long watch does.
    if context.profile.depth == Depth::Watch
        && let Some((namespace, how)) = joins(context)
    {
        socket.send(&socket_io::connect(&namespace, &payload(how)));
    }
    let patience = packet.ping_interval.saturating_add(packet.ping_timeout).min(120_000);
    // While somebody watches, what the busy one sends is a question where the server answers it: then each round trip is seen.
    let asks = busy.is_some() && eio == 4 && context.profile.depth == Depth::Watch && path.ends_with("/socket.io/");
    let mut pulse = asks.then(|| Pulse::new(context, path));
    // A busy one is compared with the quiet one, and each thing that it sends is written down.
    let until = |hold: u32| context.clock.now().saturating_add(context.left(hold).unwrap_or(0));
    let mut end = until(if busy.is_some() && !asks { context.limits.hold.min(BUSY_HOLD) } else { context.limits.hold });
    // By the protocol the next beat comes within this: the server's ping, or its answer to the client's.
    let mut due = context.clock.now().saturating_add(patience);
    let pace = match (busy, eio) {
        (Some(_), _) => BUSY,
        (None, 3) => packet.ping_interval.max(1_000),
        (None, _) => u32::MAX,
    };
    let mut next = context.clock.now();
    loop {
        let now = context.clock.now();
        if now >= end {
            return done(context, socket, true);
        }
        if now >= due {
            deadline(&mut socket, "heartbeat", patience, patience);
            return done(context, socket, false);
        }
        if pace != u32::MAX && now >= next {
            next = now.saturating_add(pace);
            if pulse.as_ref().is_some_and(Pulse::is_in_vain) {
                pulse = None;
                end = until(context.limits.hold.min(BUSY_HOLD));
            }
            match &mut pulse {
                Some(pulse) => pulse.ask(&mut socket, now),
                None => socket.send(if eio == 3 { "2" } else { busy.unwrap_or("3") }),
            }
        }
        match socket.next(end.min(due).min(if pace == u32::MAX { end } else { next }).saturating_sub(now).max(1)).await {
            Signal::Frame(text) if text == "2" || text == "3" => {
                if text == "2" {
                    socket.send("3");
                }
                due = context.clock.now().saturating_add(patience);
            }
            Signal::Frame(text) => {
                if pulse.as_mut().is_some_and(|pulse| pulse.hears(&mut socket, &text)) {
                    // Node puts its own ping off while a client speaks (measured).
                    due = context.clock.now().saturating_add(patience);
                }
            }
            Signal::Open | Signal::Deadline => {}
            Signal::Over => return done(context, socket, false),
        }
    }
}

/// So long an answer is waited for before it counts as none, in milliseconds.
const LATE: u32 = 10_000;
/// Most round trips that are written down, the newest.
const KEPT: usize = 360;

/// Round trips on a connection that is held, told one by one, and written down when it is over.
struct Pulse<'a> {
    context: &'a Context,
    trips: RoundTrips,
    asked: Option<u32>,
    /// A server that takes any name is asked no more.
    over: bool,
}

impl<'a> Pulse<'a> {
    fn new(context: &'a Context, path: &str) -> Pulse<'a> {
        let started = context.clock.now();
        // Whole milliseconds of the page's clock.
        let trips = RoundTrips { path: path.to_owned(), of: "socket".to_owned(), resolution: 1_000, started, ..RoundTrips::default() };
        Pulse { context, trips, asked: None, over: false }
    }

    fn is_in_vain(&self) -> bool {
        self.over || self.trips.samples.is_empty() && self.trips.lost > 0
    }

    /// Asks again, if nothing is waited for. The first question alone is written down: in hours there are thousands.
    fn ask(&mut self, socket: &mut Socket, now: u32) {
        match self.asked {
            Some(at) if now.saturating_sub(at) < LATE => return,
            Some(at) => {
                self.trips.lost += 1;
                self.tell(at, None);
            }
            None => {}
        }
        let question = socket_io::unknown_namespace_ping(0);
        if self.asked.is_none() && self.trips.samples.is_empty() {
            socket.send(&question)
        } else {
            socket.send_unwritten(&question)
        }
        self.asked = Some(now);
    }

    /// Whether this frame is the answer.
    fn hears(&mut self, socket: &mut Socket, frame: &str) -> bool {
        if socket_io::connect_answer(frame, socket_io::UNKNOWN_NAMESPACE) == Some(socket_io::ConnectAnswer::Accepted) {
            socket.send(&["41", socket_io::UNKNOWN_NAMESPACE, ","].concat());
            self.over = true;
        }
        let Some(at) = self.asked.filter(|_| socket_io::is_unknown_namespace_pong(frame)) else { return false };
        self.asked = None;
        let took = self.context.clock.now().saturating_sub(at).saturating_mul(1_000);
        self.trips.samples.push(took);
        if self.trips.samples.len() > KEPT {
            self.trips.samples.remove(0);
        }
        self.tell(at, Some(took));
        true
    }

    fn tell(&self, at: u32, took: Option<u32>) {
        if let Some(tell) = &self.context.place.pulse {
            tell(Point { at, took });
        }
    }
}

/// Also where the person stops it.
impl Drop for Pulse<'_> {
    fn drop(&mut self) {
        if !self.trips.samples.is_empty() {
            (self.context.record)(Fact::RoundTrips(std::mem::take(&mut self.trips)));
        }
    }
}

/// The namespace that may be joined, and how.
fn joins(context: &Context) -> Option<(String, Connect)> {
    let known = platforms::known(context.profile.application);
    let told = context.profile.namespace.clone().or_else(|| context.profile.echo_event.as_ref().map(|_| "/".to_owned()));
    match told {
        Some(namespace) => Some((namespace, known.asked_connect)),
        None => known.safe_connect.map(|how| ("/".to_owned(), how)),
    }
}

/// Opened, greeted, closed.
pub async fn again(context: &Context, path: &str, eio: u8) -> Ended {
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let mut socket = open(context, SocketPurpose::Again, path, eio, &engine_query(context, eio, "websocket"));
    let content = matches!(greeted(context, &mut socket).await, Ok(Some(_)));
    done(context, socket, content)
}

/// A small question as the control, and one of so many characters.
pub async fn large(context: &Context, path: &str, eio: u8, size: u32) -> Ended {
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let mut socket = open(context, SocketPurpose::Large, path, eio, &engine_query(context, eio, "websocket"));
    let Ok(Some(_)) = greeted(context, &mut socket).await else { return done(context, socket, false) };
    for (question, limit) in [(socket_io::unknown_namespace_ping(0), context.limits.packet), (padded(size), context.limits.large)] {
        let large = question.len() > 100;
        socket.send(&question);
        let wait = context.left(limit).unwrap_or(0);
        let end = context.clock.now().saturating_add(wait);
        loop {
            match socket.next(end.saturating_sub(context.clock.now())).await {
                Signal::Frame(text) if socket_io::is_unknown_namespace_pong(&text) => break,
                Signal::Frame(text) if text == "2" => socket.send("3"),
                Signal::Frame(_) | Signal::Open => {}
                Signal::Over => return done(context, socket, false),
                Signal::Deadline => {
                    // What has not left the browser is a matter of the line.
                    let waiting_for = match (large, socket.has_sent_all()) {
                        (false, _) => "the small message's answer",
                        (true, true) => "the large message's answer",
                        (true, false) => "the large message's departure",
                    };
                    deadline(&mut socket, waiting_for, wait, limit);
                    return done(context, socket, false);
                }
            }
        }
    }
    done(context, socket, true)
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
    let mut socket = open(context, SocketPurpose::Connect, path, eio, &engine_query(context, eio, "websocket"));
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

pub async fn raw(context: &Context, purpose: SocketPurpose) -> Ended {
    let Some(url) = context.profile.ws_url.clone() else { return Ok(()) };
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let address = Address::parse(&url);
    let cross_origin = address.as_ref().is_some_and(|a| a.origin() != context.profile.page_origin);
    let path = address.map(|a| a.path.split('?').next().unwrap_or("/").to_owned()).unwrap_or_default();
    let mut socket = Socket::offering(&context.profile.ws_protocols, context.clock, purpose, &url, &path, 0, cross_origin);
    let open = matches!(opened(context, &mut socket).await, Ok(true));
    if open {
        if context.profile.depth == Depth::Watch && purpose != SocketPurpose::Raw {
            socket.bequeath(&context.record);
        }
        let time = if purpose == SocketPurpose::Raw { context.limits.stay } else { context.limits.hold };
        stay(context, &mut socket, context.left(time).unwrap_or(0), 0).await;
    }
    done(context, socket, open)
}
