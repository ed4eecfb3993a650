//! RAII wrappers of browser APIs: every event with its time, every end cleaned up by dropping. They record and never judge.

pub mod clock;
pub mod cookies;
pub mod event_source;
pub mod fetch;
pub mod frame;
pub mod socket;
pub mod storage;
pub mod surroundings;
pub mod workers;

use futures_util::future::{Either, select};
use gloo::timers::future::TimeoutFuture;
use std::future::Future;
use std::pin::pin;

/// Runs a future for at most so many milliseconds; `None` when the time came first. The timer and the future are dropped.
pub async fn within<T>(milliseconds: u32, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(TimeoutFuture::new(milliseconds))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(((), _)) => None,
    }
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
