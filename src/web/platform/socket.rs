//! One WebSocket (WHATWG WebSockets): every event with its time, a bounded memory, closed when it is dropped.
//! A socket is never left connecting: one hung handshake blocks the chat's own reconnect to the same host (measured).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use gloo::events::EventListener;
use js_sys::{Array, ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::clock::Clock;
use super::{thrown, within};
use crate::evidence::{EXCERPT, Fact, Happening, SocketEvent, SocketLife, SocketPurpose};
use crate::redact;

/// Frames within [`WINDOW`] before the probe stops listening: no server of the protocols sends a tenth of it unasked.
const FLOOD: u32 = 256;
/// Milliseconds: a long watch hears as many in hours.
const WINDOW: u32 = 10_000;
/// Frames that are written down.
const WRITTEN: usize = 24;
/// Bytes of a binary frame that are handed on, where a probe reads them: a larger one is none of the protocols'.
const BYTES: u32 = 256 * 1024;
/// Characters of a frame that are looked at.
const LOOK: u32 = EXCERPT as u32 + 1;

#[derive(Default)]
struct Inbox {
    queue: VecDeque<(u32, Happening)>,
    waker: Option<Waker>,
    frames: u32,
    received: u64,
    last: u32,
    window: u32,
    in_window: u32,
    flooded: bool,
    /// What came in bytes, for a probe that reads them.
    bytes: VecDeque<Vec<u8>>,
}

impl Inbox {
    fn put(&mut self, at: u32, what: Happening) {
        self.queue.push_back((at, what));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

pub struct Socket {
    socket: Option<WebSocket>,
    listeners: Vec<EventListener>,
    inbox: Rc<RefCell<Inbox>>,
    clock: Clock,
    life: SocketLife,
    over: bool,
    /// Takes what was seen where the run ends before the probe does.
    heir: Option<Rc<dyn Fn(Fact)>>,
}

/// A timer that is later than this, in milliseconds, had to wait for the page itself.
const LATE: u32 = 250;

/// What came, or that the time did.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    Open,
    /// The start of a text frame; empty for a binary one.
    Frame(String),
    /// `close`, a constructor that threw, or a flood: nothing more will come.
    Over,
    Deadline,
}

impl Socket {
    /// Begins the opening handshake.
    pub fn open(clock: Clock, purpose: SocketPurpose, url: &str, path: &str, eio: u8, cross_origin: bool) -> Socket {
        Socket::offering(&[], clock, purpose, url, path, eio, cross_origin)
    }

    /// The same with these subprotocols, which a server may insist on.
    pub fn offering(protocols: &[String], clock: Clock, purpose: SocketPurpose, url: &str, path: &str, eio: u8, cross_origin: bool) -> Socket {
        let started = clock.now();
        let life = SocketLife {
            purpose,
            url: url.to_owned(),
            path: path.to_owned(),
            eio,
            cross_origin,
            session: 0,
            started,
            events: Vec::new(),
            frames: 0,
            received: 0,
            last_frame: 0,
        };
        let inbox = Rc::new(RefCell::new(Inbox::default()));
        let mut this = Socket { socket: None, listeners: Vec::new(), inbox, clock, life, over: false, heir: None };
        let begun = if protocols.is_empty() {
            WebSocket::new(url)
        } else {
            let names = protocols.iter().map(|name| JsValue::from_str(name)).collect::<Array>();
            WebSocket::new_with_str_sequence(url, &JsValue::from(names))
        };
        match begun {
            Ok(socket) => {
                this.listeners = listen(&socket, &this.inbox, clock, started);
                this.socket = Some(socket);
            }
            Err(value) => {
                let (name, message) = thrown(&value);
                this.note(Happening::Threw { name, message });
                this.over = true;
            }
        }
        this
    }

    /// Waits for the next thing that matters, at most `limit` milliseconds. The deadline is not written down here: what the
    /// probe waited for only the probe knows.
    pub async fn next(&mut self, limit: u32) -> Signal {
        let mut end = self.clock.now().saturating_add(limit);
        let mut was_busy = false;
        loop {
            if self.over {
                return Signal::Over;
            }
            let left = end.saturating_sub(self.clock.now());
            let came = self.arrival(left).await;
            let Some((at, what)) = came else {
                // The page was busy: what came meanwhile stands in line behind the timer, and the time was not the server's.
                let late = self.clock.now().saturating_sub(end);
                if was_busy || late < LATE {
                    return Signal::Deadline;
                }
                was_busy = true;
                end = self.clock.now().saturating_add(late.min(limit));
                continue;
            };
            let signal = match &what {
                Happening::Open { .. } => Some(Signal::Open),
                Happening::Frame { text, .. } => Some(Signal::Frame(text.clone())),
                Happening::Close { .. } | Happening::Flood => {
                    self.over = true;
                    Some(Signal::Over)
                }
                _ => None,
            };
            let failed = what == Happening::Error && !self.life.opened();
            if !matches!(what, Happening::Frame { .. }) || self.life.frames().count() < WRITTEN {
                self.life.events.push(SocketEvent { after: at, what });
            }
            if failed {
                self.wait_for_close().await;
                return Signal::Over;
            }
            if let Some(signal) = signal {
                return signal;
            }
        }
    }

    /// The next thing that the browser tells, within so many milliseconds.
    async fn arrival(&self, limit: u32) -> Option<(u32, Happening)> {
        let inbox = Rc::clone(&self.inbox);
        let next = poll_fn(move |context| {
            let mut inbox = inbox.borrow_mut();
            match inbox.queue.pop_front() {
                Some(item) => Poll::Ready(item),
                None => {
                    inbox.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        });
        within(limit, next).await
    }

    /// After an error before `open` the `close` follows at once, but for a socket that a policy blocks in Chromium, where none
    /// comes (measured): over it is either way.
    async fn wait_for_close(&mut self) {
        if let Some((at, what)) = self.arrival(250).await {
            self.life.events.push(SocketEvent { after: at, what });
        }
        self.over = true;
    }

    /// Binary frames come as bytes, to be read by [`Socket::take_bytes`].
    pub fn in_bytes(self) -> Socket {
        if let Some(socket) = &self.socket {
            socket.set_binary_type(BinaryType::Arraybuffer);
        }
        self
    }

    /// The oldest binary frame that was not taken yet; empty where it was too large.
    pub fn take_bytes(&self) -> Option<Vec<u8>> {
        self.inbox.borrow_mut().bytes.pop_front()
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        (self.sender())(bytes);
        self.note(Happening::Sent { text: String::new(), length: bytes.len() as u32 });
    }

    /// Sends bytes while the socket is listened to. What can't be sent any more is shown by the socket's end.
    pub fn sender(&self) -> impl Fn(&[u8]) + use<> {
        let socket = self.socket.clone();
        move |bytes| _ = socket.as_ref().map(|socket| socket.send_with_u8_array(bytes))
    }

    pub fn send(&mut self, text: &str) {
        let Some(socket) = &self.socket else { return };
        match socket.send_with_str(text) {
            Ok(()) => {
                let length = if text.len() > EXCERPT { text.len() as u32 } else { 0 };
                self.note(Happening::Sent { text: redact::shorten(text, EXCERPT), length });
            }
            Err(value) => {
                let (name, message) = thrown(&value);
                self.note(Happening::Threw { name, message });
            }
        }
    }

    /// Sends without a word in the evidence. What can't be sent any more is shown by the socket's end.
    pub fn send_unwritten(&self, text: &str) {
        _ = self.socket.as_ref().map(|socket| socket.send_with_str(text));
    }

    /// It upgrades this conversation.
    pub fn of_session(mut self, number: u8) -> Socket {
        self.life.session = number;
        self
    }

    /// Milliseconds from the constructor to the newest event.
    pub fn last_event(&self) -> u32 {
        self.life.lasted()
    }

    /// Whether nothing more will come.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Whether all that was sent has left the browser.
    pub fn has_sent_all(&self) -> bool {
        self.socket.as_ref().is_none_or(|s| s.buffered_amount() == 0)
    }

    /// Writes something down with the time.
    pub fn note(&mut self, what: Happening) {
        let after = self.clock.now().saturating_sub(self.life.started);
        self.life.events.push(SocketEvent { after, what });
    }

    /// Closes it, and gives what was seen. `content`: the probe got what it wanted.
    pub fn finish(mut self, content: bool) -> SocketLife {
        if content && !self.over {
            self.note(Happening::ClosedByProbe);
        }
        self.heir = None;
        self.seen()
    }

    /// What is held until the person stops it is told then.
    pub fn bequeath(&mut self, heir: &Rc<dyn Fn(Fact)>) {
        self.heir = Some(Rc::clone(heir));
    }

    fn seen(&self) -> SocketLife {
        let inbox = self.inbox.borrow();
        let mut life = self.life.clone();
        life.frames = inbox.frames;
        life.received = inbox.received;
        life.last_frame = inbox.last;
        life
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(heir) = self.heir.take() {
            self.note(Happening::Deadline { waiting_for: "the end of the run".to_owned() });
            heir(Fact::Socket(self.seen()));
        }
        self.listeners.clear();
        if let Some(socket) = &self.socket {
            // Throws only for a wrong code or reason, and none is given.
            let _ = socket.close();
        }
    }
}

fn listen(socket: &WebSocket, inbox: &Rc<RefCell<Inbox>>, clock: Clock, started: u32) -> Vec<EventListener> {
    let at = move || clock.now().saturating_sub(started);
    let put = |inbox: &Rc<RefCell<Inbox>>| Rc::clone(inbox);
    let (on_open, on_message, on_error, on_close) = (put(inbox), put(inbox), put(inbox), put(inbox));
    let (opened, flooded) = (socket.clone(), socket.clone());
    vec![
        EventListener::new(socket, "open", move |_| {
            let what = Happening::Open { protocol: opened.protocol(), extensions: opened.extensions() };
            on_open.borrow_mut().put(at(), what);
        }),
        EventListener::new(socket, "message", move |event| {
            let mut inbox = on_message.borrow_mut();
            if inbox.flooded {
                return;
            }
            let data = event.unchecked_ref::<MessageEvent>().data();
            // Only the start of a frame crosses into WebAssembly, whatever its size.
            let (text, length, binary) = match data.dyn_ref::<JsString>() {
                Some(text) => (String::from(text.substring(0, LOOK)), text.length(), false),
                None => match data.dyn_ref::<ArrayBuffer>() {
                    Some(buffer) => {
                        let size = buffer.byte_length();
                        let bytes = if size <= BYTES { Uint8Array::new(buffer).to_vec() } else { Vec::new() };
                        inbox.bytes.push_back(bytes);
                        (String::new(), size, true)
                    }
                    None => {
                        let size = js_sys::Reflect::get(&data, &"size".into()).ok().and_then(|s| s.as_f64());
                        (String::new(), size.unwrap_or(0.0) as u32, true)
                    }
                },
            };
            inbox.frames += 1;
            inbox.received += u64::from(length);
            inbox.last = at();
            if inbox.last.saturating_sub(inbox.window) > WINDOW {
                inbox.window = inbox.last;
                inbox.in_window = 0;
            }
            inbox.in_window += 1;
            if inbox.in_window > FLOOD {
                inbox.flooded = true;
                inbox.put(at(), Happening::Flood);
                let _ = flooded.close();
            } else {
                inbox.put(at(), Happening::Frame { text, length, binary });
            }
        }),
        EventListener::new(socket, "error", move |_| on_error.borrow_mut().put(at(), Happening::Error)),
        EventListener::new(socket, "close", move |event| {
            let event = event.unchecked_ref::<CloseEvent>();
            let what = Happening::Close { code: event.code(), reason: event.reason(), clean: event.was_clean() };
            on_close.borrow_mut().put(at(), what);
        }),
    ]
}
