//! One `EventSource` (WHATWG HTML, server-sent events), closed when its first event comes or it is dropped.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use gloo::events::EventListener;
use web_sys::EventSource;

use super::within;

struct CloseOnDrop(EventSource);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// `readyState` at the first event (`open` or `error`), within so many milliseconds; `None` where none came, or where the
/// constructor threw.
pub async fn end_of(url: &str, limit: u32) -> Option<u16> {
    let source = CloseOnDrop(EventSource::new(url).ok()?);
    let state = Rc::new(Cell::new(None));
    let waker: Rc<Cell<Option<Waker>>> = Rc::default();
    let listen = |event: &'static str| {
        let (state, waker, seen) = (Rc::clone(&state), Rc::clone(&waker), source.0.clone());
        EventListener::new(&source.0, event, move |_| {
            state.set(state.get().or(Some(seen.ready_state())));
            if let Some(waker) = waker.take() {
                waker.wake();
            }
        })
    };
    let _listeners = [listen("open"), listen("error")];
    let event = poll_fn(|context| match state.get() {
        Some(state) => Poll::Ready(state),
        None => {
            waker.set(Some(context.waker().clone()));
            Poll::Pending
        }
    });
    within(limit, event).await
}
