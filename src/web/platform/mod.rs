//! RAII wrappers of browser APIs: every event with its time, every end cleaned up by dropping. They record and never judge.

pub mod clock;
pub mod cookies;
pub mod event_source;
pub mod fetch;
pub mod first_event;
pub mod frame;
pub mod module;
pub mod socket;
pub mod storage;
pub mod surroundings;
pub mod workers;

use gloo_timers::future::TimeoutFuture;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Runs a future for at most so many milliseconds; `None` when the time came first. The timer and the future are dropped.
pub async fn within<T>(milliseconds: u32, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut timer) = (pin!(future), pin!(TimeoutFuture::new(milliseconds)));
    // By hand: `select` gives back the one that did not end, and that is code for every kind of future.
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Name and message of whatever JavaScript threw; it need not be an `Error`.
pub fn thrown(value: &wasm_bindgen::JsValue) -> (String, String) {
    use wasm_bindgen::JsCast;
    let field = |name: &str| js_sys::Reflect::get(value, &name.into()).ok().and_then(|v| v.as_string());
    if value.is_object() || value.has_type::<js_sys::Error>() {
        (field("name").unwrap_or_else(|| "unknown".to_owned()), field("message").unwrap_or_default())
    } else {
        ("unknown".to_owned(), value.as_string().unwrap_or_default())
    }
}
