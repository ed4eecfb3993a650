//! The first of some events of a target, as a future. It listens from the moment it is made until it is dropped.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use gloo_events::EventListener;
use web_sys::EventTarget;

#[derive(Default)]
struct Seen {
    event: Cell<Option<&'static str>>,
    waker: Cell<Option<Waker>>,
}

/// Ends with the name of the event that came first.
pub struct FirstEvent {
    seen: Rc<Seen>,
    _listeners: Vec<EventListener>,
}

impl FirstEvent {
    pub fn of(target: &EventTarget, events: &[&'static str]) -> FirstEvent {
        let seen = Rc::new(Seen::default());
        let mut listeners = Vec::new();
        for event in events.iter().copied() {
            let seen = Rc::clone(&seen);
            listeners.push(EventListener::new(target, event, move |_| {
                seen.event.set(seen.event.get().or(Some(event)));
                if let Some(waker) = seen.waker.take() {
                    waker.wake();
                }
            }));
        }
        FirstEvent { seen, _listeners: listeners }
    }
}

impl Future for FirstEvent {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<&'static str> {
        match self.seen.event.get() {
            Some(event) => Poll::Ready(event),
            None => {
                self.seen.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}
