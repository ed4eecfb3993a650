//! What a real browser holds for a page: cookies, storage, caches, and what a repair takes away of it, and what it leaves.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod lab;

use connection_doctor::evidence::Storage;
use connection_doctor::guidance::Repair;
use connection_doctor::profile::{Page, Profile};
use connection_doctor::web::mend::mend;
use connection_doctor::web::platform::{cookies, event_source, frame, storage, workers};
use js_sys::{Promise, Reflect};
use lab::{in_time, is_webkit, page_origin, with_lab};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlDocument;

wasm_bindgen_test_configure!(run_in_browser);

/// A JSON Web Token that ended on 2001-09-09 (`{"exp":1000000000}`).
const ENDED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjEwMDAwMDAwMDB9.c2lnbmF0dXJl";

fn page() -> HtmlDocument {
    web_sys::window().unwrap().document().unwrap().unchecked_into()
}

fn local() -> JsValue {
    storage::area("localStorage").unwrap().unwrap()
}

fn item(key: &str) -> Option<String> {
    storage::call(&local(), "getItem", &[key]).unwrap().as_string()
}

fn keep(key: &str, value: &str) {
    storage::call(&local(), "setItem", &[key, value]).unwrap();
}

fn profile() -> Profile {
    Profile::of_page(&Page { origin: page_origin(), path: "/".into(), embedded: false })
}

async fn cache_names() -> Vec<String> {
    let caches = storage::area("caches").unwrap().unwrap();
    let names: js_sys::Array = storage::call_and_wait(&caches, "keys", &[]).await.unwrap().into();
    names.iter().filter_map(|name| name.as_string()).collect()
}

/// Puts a page into a cache, under this page's origin.
async fn store(cache: &str, path: &str, text: &str) {
    let caches = storage::area("caches").unwrap().unwrap();
    let cache = storage::call_and_wait(&caches, "open", &[cache]).await.unwrap();
    let put: js_sys::Function = Reflect::get(&cache, &"put".into()).unwrap().unchecked_into();
    let response = web_sys::Response::new_with_opt_str(Some(text)).unwrap();
    let stored: Promise = put.call2(&cache, &path.into(), &response).unwrap().unchecked_into();
    JsFuture::from(stored).await.unwrap();
}

async fn forget_cache(cache: &str) {
    let caches = storage::area("caches").unwrap().unwrap();
    storage::call_and_wait(&caches, "delete", &[cache]).await.unwrap();
}

fn how<'a>(storage: &'a Storage, area: &str) -> Option<&'a str> {
    storage.areas.iter().find(|a| a.name == area).map(|a| a.how.as_str())
}

#[wasm_bindgen_test]
async fn a_cookie_of_each_kind_is_kept_and_nothing_of_it_stays() {
    in_time(async {
        let before = page().cookie().unwrap();
        let seen = cookies::look(true).await;
        assert_eq!(seen.threw, None);
        let kinds: Vec<(&str, bool)> = seen.trials.iter().map(|t| (t.kind.as_str(), t.kept)).collect();
        // WebKit keeps no Secure cookie of http, on loopback either.
        let secure = !is_webkit();
        assert_eq!(kinds, [("lax", true), ("none", secure), ("partitioned", secure)]);
        assert_eq!(page().cookie().unwrap(), before);
        // An insecure page is not asked for what no browser keeps there.
        assert_eq!(cookies::look(false).await.trials.len(), 1);
    })
    .await;
}

#[wasm_bindgen_test]
async fn cookies_are_told_by_name_and_size_and_never_by_value() {
    in_time(async {
        page().set_cookie("held-large=secret-value-of-some-length; Path=/; Max-Age=60").unwrap();
        page().set_cookie("held-small=s3; Path=/; Max-Age=60").unwrap();
        let seen = cookies::look(true).await;
        let ours: Vec<(&str, u32)> = seen.largest.iter().filter(|c| c.name.starts_with("held-")).map(|c| (c.name.as_str(), c.size)).collect();
        assert_eq!(ours, [("held-large", 38), ("held-small", 13)]);
        assert!(seen.count >= 2 && seen.size >= 51, "{seen:?}");
        assert!(!serde_json::to_string(&seen).unwrap().contains("secret"), "{seen:?}");
        mend(&profile(), &Repair::DropCookies { names: vec!["held-large".into()] }).await;
        let left = page().cookie().unwrap();
        assert!(!left.contains("held-large") && left.contains("held-small=s3"), "{left}");
        page().set_cookie("held-small=; Path=/; Max-Age=0").unwrap();
    })
    .await;
}

#[wasm_bindgen_test]
async fn storage_works_and_nothing_of_the_trial_stays() {
    in_time(async {
        let seen = storage::look(&[]).await;
        for area in ["local-storage", "session-storage", "indexed-db"] {
            assert_eq!(how(&seen, area), Some("works"), "{seen:?}");
        }
        // WebKit for Linux tells no estimate.
        assert!(is_webkit() || seen.usage.is_some() && seen.quota.is_some_and(|quota| quota > 0), "{seen:?}");
        assert_eq!(item(storage::OURS), None);
        assert!(!cache_names().await.iter().any(|name| name == storage::OURS));
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_full_storage_says_so_by_the_standards_name() {
    in_time(async {
        let mut size = 4 * 1024 * 1024;
        let mut parts = 0;
        while size > 256 {
            let key = format!("held-filler-{parts}");
            match storage::call(&local(), "setItem", &[&key, &"x".repeat(size)]) {
                Ok(_) => parts += 1,
                Err(_) => size /= 2,
            }
        }
        let seen = storage::look(&[]).await;
        assert!(how(&seen, "local-storage").is_some_and(|how| how.contains("Quota")), "{seen:?}");
        assert_eq!(how(&seen, "session-storage"), Some("works"));
        let keys: Vec<String> = (0..parts).map(|part| format!("held-filler-{part}")).collect();
        mend(&profile(), &Repair::DropKeys { keys }).await;
        assert_eq!(how(&storage::look(&[]).await, "local-storage"), Some("works"));
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_key_is_told_by_its_size_and_the_end_of_its_token() {
    in_time(async {
        keep("held-token", &format!("\"{ENDED}\""));
        keep("held-draft", "Dear all");
        let names = ["held-token", "held-draft", "held-none"].map(str::to_owned);
        let seen = storage::look(&names).await;
        let told: Vec<(&str, u32, bool, bool)> = seen.keys.iter().map(|k| (k.name.as_str(), k.size, k.token, k.expires_in.is_some_and(|s| s < 0))).collect();
        assert_eq!(told, [("held-token", 10 + ENDED.len() as u32 + 2, true, true), ("held-draft", 18, false, false)]);
        assert!(!serde_json::to_string(&seen).unwrap().contains("eyJ"), "{seen:?}");
        assert_eq!(storage::bearer(&names).as_deref(), Some(ENDED));
        assert_eq!(storage::bearer(&names[1..]), None);
        mend(&profile(), &Repair::DropKeys { keys: vec!["held-token".into()] }).await;
        assert_eq!((item("held-token"), item("held-draft").as_deref()), (None, Some("Dear all")));
        mend(&profile(), &Repair::DropKeys { keys: vec!["held-draft".into()] }).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn caches_that_hold_the_page_come_first_and_only_the_named_one_goes() {
    in_time(async {
        let url = page_origin() + "/";
        store("held-foreign", "/picture", "picture").await;
        store("held-chat", "/?revision=1", "<!doctype html><script src=/app-1.js></script>").await;
        let seen = workers::look(&url).await;
        assert_eq!((seen.registrations.len(), seen.threw.as_ref()), (0, None));
        let ours: Vec<(&str, bool, bool)> =
            seen.caches.iter().filter(|c| c.name.starts_with("held-")).map(|c| (c.name.as_str(), c.holds_page, c.assets.is_empty())).collect();
        assert_eq!(ours, [("held-chat", true, false), ("held-foreign", false, true)]);
        mend(&profile(), &Repair::DropCaches { caches: vec!["held-chat".into()] }).await;
        assert!(!cache_names().await.contains(&"held-chat".to_owned()));
        assert!(cache_names().await.contains(&"held-foreign".to_owned()));
        forget_cache("held-foreign").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_frame_tells_the_markup_of_a_page_of_ones_own_and_of_no_other() {
    with_lab(|lab| async move {
        let own = frame::look(&(page_origin() + "/"), 5_000).await;
        assert!(own.is_some_and(|seen| seen.markup.contains("<html") && seen.controlled == Some(false)));
        assert!(frame::look(&(lab.origin("healthy-engineioxide") + "/"), 5_000).await.is_none());
        assert!(page().query_selector("iframe[aria-hidden]").unwrap().is_none(), "the frame stays in the page");
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_event_source_ends_with_its_state() {
    with_lab(|lab| async move {
        // A page in place of events: the answer is refused.
        assert_eq!(event_source::end_of(&(lab.origin("healthy-engineioxide") + "/"), 5_000).await, Some(2));
        // Nobody answers: Chromium says so, Firefox does not tell the two apart.
        let none = event_source::end_of(&lab.server("refused"), 5_000).await;
        assert!(matches!(none, Some(0 | 2)), "{none:?}");
    })
    .await;
}
