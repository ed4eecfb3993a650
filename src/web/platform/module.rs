//! A job that a JavaScript file of ours does (`www/round-trips.js`, `www/calls.js`). Dropping it tells the file to end.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::fetch::AbortOnDrop;
use super::within;

/// An object with these members, for JavaScript.
pub fn object<const N: usize>(members: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        _ = Reflect::set(&object, &name.into(), &value);
    }
    object
}

/// Calls `function(job, signal)` and waits at most so many milliseconds for its promise; `None` where it threw or did not end.
pub async fn done_by(function: &Function, job: &Object, limit: u32) -> Option<JsValue> {
    let controller = AbortOnDrop(AbortController::new().ok()?);
    let promise = function.call2(&JsValue::NULL, job, &controller.0.signal()).ok()?.dyn_into::<Promise>().ok()?;
    within(limit, JsFuture::from(promise)).await?.ok()
}
