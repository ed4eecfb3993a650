//! What a page may do to what its browser holds, on a click and never by itself. Each touches what its [`Repair`] names, and
//! nothing else; names that the report holds without their secrets are compared in that form.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, RequestCache, RequestCredentials, RequestInit, RequestMode};

use super::platform::storage::{area, call, call_and_wait};
use super::platform::{cookies, within, workers};
use crate::guidance::Repair;
use crate::profile::Profile;
use crate::redact;

/// How long one of its requests may take, in milliseconds.
const PATIENCE: u32 = 15_000;

/// Does it. Where a part of it fails, the rest is done all the same: the second run tells what is left.
pub async fn mend(profile: &Profile, repair: &Repair) {
    match repair {
        Repair::UnregisterWorker { caches } => {
            let page = [profile.server.as_str(), &profile.chat_page].concat();
            for registration in workers::registrations_for(&page).await.unwrap_or_default() {
                _ = call_and_wait(&registration, "unregister", &[]).await;
            }
            _ = drop_caches(caches).await;
            // The worker's answer may have come into the browser's own cache too.
            reload(profile, &profile.chat_page).await;
        }
        Repair::ReloadEntries { paths } => {
            for path in paths {
                reload(profile, path).await;
            }
        }
        Repair::DropCaches { caches } => _ = drop_caches(caches).await,
        Repair::DropCookies { names } => drop_cookies(names, profile.socket_path.as_deref()),
        Repair::DropKeys { keys } => {
            for property in ["localStorage", "sessionStorage"] {
                if let Ok(Some(area)) = area(property) {
                    keys.iter().for_each(|key| _ = call(&area, "removeItem", &[key]));
                }
            }
        }
        Repair::ClearSiteData { path } => {
            let init = RequestInit::new();
            init.set_method("POST");
            init.set_credentials(RequestCredentials::SameOrigin);
            request(&[profile.server.as_str(), path].concat(), &init).await;
        }
    }
}

/// Cache mode `reload` asks the server and keeps the answer in place of the old one; it is kept once the body is read.
async fn reload(profile: &Profile, path: &str) {
    let init = RequestInit::new();
    init.set_cache(RequestCache::Reload);
    let url = [profile.server.as_str(), path].concat();
    if profile.is_cross_origin() {
        init.set_mode(RequestMode::Cors);
        init.set_credentials(RequestCredentials::Omit);
        request(&url, &init).await;
        // Firefox keeps what was asked for with cookies apart.
        init.set_credentials(RequestCredentials::Include);
    }
    request(&url, &init).await;
}

async fn request(url: &str, init: &RequestInit) {
    let asked = async {
        let response = JsFuture::from(leptos::prelude::window().fetch_with_str_and_init(url, init)).await?;
        JsFuture::from(response.unchecked_into::<web_sys::Response>().array_buffer()?).await
    };
    _ = within(PATIENCE, asked).await;
}

async fn drop_caches(named: &[String]) -> Result<(), JsValue> {
    let Some(storage) = area("caches")? else { return Ok(()) };
    let names: Array = call_and_wait(&storage, "keys", &[]).await?.into();
    for name in names.iter().filter_map(|name| name.as_string()) {
        if named.contains(&redact::start(&name, 80, redact::text)) {
            call_and_wait(&storage, "delete", &[&name]).await?;
        }
    }
    Ok(())
}

/// A page is not told the path and the domain of a cookie, so each that it may have is tried, until it is gone.
fn drop_cookies(named: &[String], socket_path: Option<&str>) {
    let page: HtmlDocument = leptos::prelude::document().unchecked_into();
    let location = leptos::prelude::window().location();
    let (host, path) = (location.hostname().unwrap_or_default(), location.pathname().unwrap_or_default());
    let (_, _, all) = cookies::read(&page.cookie().unwrap_or_default());
    for cookie in all.iter().filter(|c| named.contains(&redact::start(&c.name, 80, redact::text))) {
        for path in folders(&path).iter().chain(&folders(socket_path.unwrap_or("/"))) {
            let mut domain = host.as_str();
            loop {
                for attributes in ["", "; Secure; SameSite=None; Partitioned"] {
                    for place in [String::new(), ["; Domain=", domain].concat()] {
                        _ = page.set_cookie(&[&cookie.name, "=; Max-Age=0; Path=", path, &place, attributes].concat());
                    }
                }
                match domain.split_once('.') {
                    Some((_, parent)) if parent.contains('.') => domain = parent,
                    _ => break,
                }
            }
        }
    }
}

/// A path and all above it, with and without the slash at the end.
fn folders(path: &str) -> Vec<String> {
    let mut all = vec!["/".to_owned()];
    for (at, _) in path.match_indices('/').skip(1) {
        all.push(path[..at].to_owned());
        all.push(path[..=at].to_owned());
    }
    all.push(path.to_owned());
    all
}

/// The name under which what was before outlasts the one reload. It is taken away as soon as it is read, so that a page can't
/// reload twice.
pub const BEFORE: &str = "connection-doctor:repair";

/// Writes down what was before, and loads the page anew. Whether it could: where a browser keeps nothing, the caller goes on.
pub fn reload_with(before: &str) -> bool {
    let Ok(Some(area)) = area("sessionStorage") else { return false };
    let kept = call(&area, "setItem", &[BEFORE, before]).is_ok();
    let location = leptos::prelude::window().location();
    kept && Reflect::has(&location, &"reload".into()).unwrap_or(false) && location.reload().is_ok()
}
