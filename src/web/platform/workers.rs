//! Service workers and Cache Storage of this origin (Service Workers): what is registered for a page, and what is stored.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::first_event::FirstEvent;
use super::storage::{OURS, area, call_and_wait, call_with};
use super::{thrown, within};
use crate::address::Address;
use crate::evidence::{Registration, StoredCopy, Workers};
use crate::protocol::html;

/// How long the browser may take for each answer, in milliseconds.
const PATIENCE: u32 = 1_500;
/// Most caches that are looked into.
const CACHES: usize = 12;

/// What is registered for the page of this URL, and which caches hold a copy of it. Where there is no such thing (an insecure
/// context), there is nothing.
pub async fn look(page: &str) -> Workers {
    let mut workers = Workers::default();
    if let Some(found) = within(PATIENCE, registrations_for(page)).await {
        match found {
            Ok(all) => workers.registrations = all.iter().map(registration).collect(),
            Err(value) => workers.threw = Some(thrown(&value).0),
        }
    }
    if let Some(found) = within(PATIENCE, caches(page)).await {
        match found {
            Ok(all) => workers.caches = all,
            Err(value) => workers.threw = Some(thrown(&value).0),
        }
    }
    workers
}

/// Asks the browser to look for a newer worker now, as it does by itself after each navigation, and waits until one that comes
/// has been set up: for at most so many milliseconds in all.
pub async fn renew(page: &str, limit: u32) {
    _ = within(limit, async {
        for registration in registrations_for(page).await.unwrap_or_default() {
            // Rejected where its script can't be fetched: then nothing newer comes.
            _ = call_and_wait(&registration, "update", &[]).await;
            while let Some(worker) = on_the_way(&registration) {
                FirstEvent::of(worker.unchecked_ref(), &["statechange"]).await;
            }
        }
    })
    .await;
}

/// The worker that is being set up, or is taking over.
fn on_the_way(registration: &JsValue) -> Option<JsValue> {
    let worker = |place: &str| Reflect::get(registration, &place.into()).ok().filter(JsValue::is_object);
    worker("installing").or_else(|| worker("active").filter(|active| text(active, "state") == "activating"))
}

/// `navigator.serviceWorker`; reading it throws in a sandboxed frame.
fn container() -> Result<Option<JsValue>, JsValue> {
    let value = Reflect::get(&leptos::prelude::window().navigator(), &"serviceWorker".into())?;
    Ok(value.is_object().then_some(value))
}

/// The registration that answers for the page: of those whose scope holds it, the one with the longest (Service Workers, match
/// service worker registration). Another application's of the same origin is not the chat's.
pub async fn registrations_for(page: &str) -> Result<Vec<JsValue>, JsValue> {
    let Some(container) = container()? else { return Ok(Vec::new()) };
    let all: Array = call_and_wait(&container, "getRegistrations", &[]).await?.into();
    let mut found: Vec<JsValue> = Vec::new();
    for one in all.iter().filter(|one| page.starts_with(&text(one, "scope"))) {
        if found.first().is_none_or(|other| text(other, "scope").len() < text(&one, "scope").len()) {
            found = vec![one];
        }
    }
    Ok(found)
}

fn registration(one: &JsValue) -> Registration {
    let worker = |state: &str| Reflect::get(one, &state.into()).ok().filter(JsValue::is_object);
    let script = |of: Option<JsValue>| of.map(|worker| text(&worker, "scriptURL")).unwrap_or_default();
    let controller = script(container().ok().flatten().and_then(|c| Reflect::get(&c, &"controller".into()).ok()).filter(JsValue::is_object));
    let active = script(worker("active"));
    Registration {
        scope: path(&text(one, "scope")),
        controls: !active.is_empty() && active == controller,
        waiting: worker("waiting").is_some(),
        installing: worker("installing").is_some(),
        script: path(&active),
    }
}

async fn caches(page: &str) -> Result<Vec<StoredCopy>, JsValue> {
    let Some(storage) = area("caches")? else { return Ok(Vec::new()) };
    let names: Array = call_and_wait(&storage, "keys", &[]).await?.into();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for name in names.iter().filter_map(|name| name.as_string()).filter(|name| name != OURS).take(CACHES) {
        let cache = call_and_wait(&storage, "open", &[&name]).await?;
        let found = match_any_query(&cache, page).await.ok().filter(JsValue::is_object);
        let holds_page = found.is_some();
        let assets = match found {
            Some(copy) => call_and_wait(&copy, "text", &[]).await.ok().and_then(|text| text.as_string()).map(|text| html::outline(&text).assets),
            None => None,
        };
        (if holds_page { &mut with } else { &mut without }).push(StoredCopy { name, holds_page, assets: assets.unwrap_or_default() });
    }
    with.append(&mut without);
    Ok(with)
}

/// Workers put a release into the query of what they keep.
async fn match_any_query(cache: &JsValue, page: &str) -> Result<JsValue, JsValue> {
    let options = js_sys::Object::new();
    Reflect::set(&options, &"ignoreSearch".into(), &true.into())?;
    call_with(cache, "match", &Array::of2(&page.into(), &options)).await
}

fn text(of: &JsValue, property: &str) -> String {
    Reflect::get(of, &property.into()).ok().and_then(|v| v.as_string()).unwrap_or_default()
}

fn path(url: &str) -> String {
    Address::parse(url).map_or_else(|| url.to_owned(), |a| a.path)
}
