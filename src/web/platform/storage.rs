//! Web Storage, IndexedDB, and the quota (Storage Standard): whether a small write works, and what the application keeps.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::first_event::FirstEvent;
use super::{thrown, within};
use crate::evidence::{Area, Storage, Stored};
use crate::protocol::json::{self, Value};

/// The name of what is written and taken away again.
pub const OURS: &str = "connection-doctor-test";
/// The name under which this browser's last runs are kept, where the person asked for it (`ui/history.rs`).
pub const HISTORY: &str = "connection-doctor:history";
/// How the names of all that this program keeps begin: none of it is the chat's.
const OUR_NAMES: &str = "connection-doctor";
/// Characters of the write: a fraction of any quota, and more than what is left of one that is used up.
const WRITTEN: usize = 16 * 1024;
/// How long a database or the quota may take, in milliseconds.
const PATIENCE: u32 = 1_500;

pub async fn look(keys: &[String]) -> Storage {
    let mut storage = Storage::default();
    for (name, property) in [("local-storage", "localStorage"), ("session-storage", "sessionStorage")] {
        storage.areas.push(Area { name: name.to_owned(), how: try_area(property) });
    }
    if let Some(how) = within(PATIENCE, try_database()).await {
        storage.areas.push(Area { name: "indexed-db".to_owned(), how });
    }
    // Of Cache Storage only that it is full counts: a chat needs none, and some browsers forbid it in private windows.
    if let Some(Err(value)) = within(PATIENCE, try_caches()).await
        && thrown(&value).0.contains("Quota")
    {
        storage.areas.push(Area { name: "cache-storage".to_owned(), how: thrown(&value).0 });
    }
    if let Some(told) = within(PATIENCE, estimate()).await.flatten() {
        storage.usage = kilobytes(&told, "usage");
        storage.quota = kilobytes(&told, "quota");
        storage.in_caches = Reflect::get(&told, &"usageDetails".into()).ok().and_then(|details| kilobytes(&details, "caches"));
    }
    for property in ["localStorage", "sessionStorage"] {
        let Some(area) = area(property).ok().flatten() else { continue };
        for key in keys.iter().filter(|key| !key.starts_with(OUR_NAMES)) {
            if let Ok(value) = call(&area, "getItem", &[key])
                && let Some(value) = value.as_string()
                && !storage.keys.iter().any(|k| k.name == *key)
            {
                let payload = token_payload(&value);
                let expires_in = payload.as_ref().and_then(expires_in);
                let made_for = payload.as_ref().and_then(made_for);
                storage.keys.push(Stored { name: key.clone(), size: (key.len() + value.len()) as u32, token: payload.is_some(), made_for, expires_in });
            }
        }
    }
    storage
}

/// Reading the property throws in a browser that forbids storage.
pub fn area(property: &str) -> Result<Option<JsValue>, JsValue> {
    let value = Reflect::get(&leptos::prelude::window(), &property.into())?;
    Ok(value.is_object().then_some(value))
}

/// Calls a method that takes texts.
pub fn call(on: &JsValue, method: &str, texts: &[&str]) -> Result<JsValue, JsValue> {
    apply(on, method, &texts.iter().map(|text| JsValue::from_str(text)).collect::<Array>())
}

/// Calls a method that takes texts, and waits for its promise.
pub async fn call_and_wait(on: &JsValue, method: &str, texts: &[&str]) -> Result<JsValue, JsValue> {
    wait_for(call(on, method, texts)?).await
}

/// Calls a method that takes anything, and waits for its promise.
pub async fn call_with(on: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    wait_for(apply(on, method, arguments)?).await
}

fn apply(on: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(on, &method.into())?.dyn_into()?;
    method.apply(on, arguments)
}

async fn wait_for(promise: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}

fn try_area(property: &str) -> String {
    let written = area(property).and_then(|area| match area {
        None => Ok("missing"),
        Some(area) => {
            let written = call(&area, "setItem", &[OURS, &"x".repeat(WRITTEN)]);
            _ = call(&area, "removeItem", &[OURS]);
            written.map(|_| "works")
        }
    });
    written.map_or_else(|value| thrown(&value).0, str::to_owned)
}

async fn try_caches() -> Result<(), JsValue> {
    let Some(storage) = area("caches")? else { return Ok(()) };
    let cache = call_and_wait(&storage, "open", &[OURS]).await?;
    let response = web_sys::Response::new_with_opt_str(Some(&"x".repeat(WRITTEN)))?;
    let written = call_with(&cache, "put", &Array::of2(&["/", OURS].concat().into(), &response)).await;
    _ = call_and_wait(&storage, "delete", &[OURS]).await;
    written.map(drop)
}

async fn try_database() -> String {
    let factory = match area("indexedDB") {
        Ok(Some(factory)) => factory,
        Ok(None) => return "missing".to_owned(),
        Err(value) => return thrown(&value).0,
    };
    let request = match call(&factory, "open", &[OURS]) {
        Ok(request) => request,
        Err(value) => return thrown(&value).0,
    };
    let well = FirstEvent::of(request.unchecked_ref(), &["success", "error", "blocked"]).await == "success";
    let field = |name: &str| Reflect::get(&request, &name.into()).unwrap_or(JsValue::NULL);
    if !well {
        return thrown(&field("error")).0;
    }
    _ = call(&field("result"), "close", &[]);
    _ = call(&factory, "deleteDatabase", &[OURS]);
    "works".to_owned()
}

/// Usage and quota (`navigator.storage`, in secure contexts alone).
async fn estimate() -> Option<JsValue> {
    let manager = Reflect::get(&leptos::prelude::window().navigator(), &"storage".into()).ok().filter(JsValue::is_object)?;
    call_and_wait(&manager, "estimate", &[]).await.ok()
}

fn kilobytes(told: &JsValue, name: &str) -> Option<u32> {
    Reflect::get(told, &name.into()).ok()?.as_f64().map(|bytes| (bytes / 1024.0) as u32)
}

/// The value of the first of these keys that holds a JSON Web Token, as its application would send it to its own server.
pub fn bearer(keys: &[String]) -> Option<String> {
    for property in ["localStorage", "sessionStorage"] {
        let Some(area) = area(property).ok().flatten() else { continue };
        for key in keys {
            let value = call(&area, "getItem", &[key]).ok().and_then(|value| value.as_string());
            if let Some(value) = value.filter(|value| token_payload(value).is_some()) {
                return Some(value.trim_matches('"').to_owned());
            }
        }
    }
    None
}

/// What a JSON Web Token carries (RFC 7519 section 3: three parts, the second is JSON).
fn token_payload(value: &str) -> Option<Value> {
    let mut parts = value.trim_matches('"').split('.');
    let (payload, _signature) = (parts.nth(1)?, parts.next()?);
    let text = leptos::prelude::window().atob(&payload.replace('-', "+").replace('_', "/")).ok()?;
    json::parse(&text).ok().filter(|value| matches!(value, Value::Object(_)))
}

fn made_for(payload: &Value) -> Option<i32> {
    let claim = |name: &str| payload.get(name).and_then(Value::as_f64);
    Some((claim("exp")? - claim("iat")?).clamp(-1e9, 1e9) as i32)
}

/// The `exp` against this device's clock (RFC 7519 section 4.1.4). Nothing else of the token is looked at.
fn expires_in(payload: &Value) -> Option<i32> {
    let expires = payload.get("exp")?.as_f64()?;
    Some((expires - js_sys::Date::now() / 1000.0).clamp(-1e9, 1e9) as i32)
}
