//! A frame of our own in which no script runs (HTML, sandboxing): what a navigation gets, through a service worker too.

use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlIFrameElement};

use super::fetch::timing;
use super::first_event::FirstEvent;
use super::within;

/// Most characters that are taken of a page.
const LIMIT: usize = 128 * 1024;

/// Whether it is this program's own script in somebody's page.
pub fn is_ours(url: &str) -> bool {
    url.split(['?', '#'])
        .next()
        .and_then(|url| url.rsplit('/').next())
        .is_some_and(|name| matches!(name, "connection-doctor.js" | "connection-doctor.sealed.js"))
}

/// The addresses of the scripts that the page that is open has loaded, but for this program's own. One that never came is not of
/// an older release.
pub fn open_scripts() -> Vec<String> {
    let list = document().get_elements_by_tag_name("script");
    let mut all = Vec::new();
    for i in 0..list.length().min(40) {
        let Some(source) = list.item(i).and_then(|script| script.get_attribute("src")) else { continue };
        let Ok(url) = web_sys::Url::new_with_base(&source, &document().base_uri().ok().flatten().unwrap_or_default()) else { continue };
        // Where the browser tells the status, an error's page is no script that came.
        let loaded = timing(&url.href()).is_some_and(|timing| {
            let status = js_sys::Reflect::get(&timing, &"responseStatus".into()).ok().and_then(|status| status.as_f64()).unwrap_or(200.0);
            timing.decoded_body_size() > 0.0 && (status == 200.0 || status == 0.0)
        });
        if loaded && !is_ours(&url.href()) {
            all.push(url.href());
        }
    }
    all
}

struct RemoveOnDrop(Element);

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        self.0.remove();
    }
}

/// What a frame showed.
pub struct Seen {
    /// The page's markup as the browser read it.
    pub markup: String,
    /// Whether a service worker controls it; `None` where that can't be read.
    pub controlled: Option<bool>,
}

/// Within so many milliseconds; `None` where it may not be seen.
pub async fn look(url: &str, limit: u32) -> Option<Seen> {
    let frame = document().create_element("iframe").ok()?;
    for (name, value) in [("sandbox", "allow-same-origin"), ("hidden", ""), ("aria-hidden", "true"), ("src", url)] {
        frame.set_attribute(name, value).ok()?;
    }
    let loaded = FirstEvent::of(&frame, &["load"]);
    let place = RemoveOnDrop(frame);
    document().body()?.append_child(&place.0).ok()?;
    // A page whose pictures take their time has been read long before.
    _ = within(limit, loaded).await;
    let page = place.0.dyn_ref::<HtmlIFrameElement>()?.content_document()?;
    let is_there = page.url().ok()?.starts_with("http") && page.ready_state() != "loading";
    let markup: String = page.document_element().filter(|_| is_there)?.outer_html();
    let mut controller = JsValue::from(&place.0);
    for name in ["contentWindow", "navigator", "serviceWorker", "controller"] {
        controller = js_sys::Reflect::get(&controller, &name.into()).unwrap_or_default();
    }
    // Where there are no workers at all, reading on from nothing throws, and nothing is left.
    let controlled = (controller.is_null() || controller.is_object()).then(|| controller.is_object());
    Some(Seen { markup: markup.chars().take(LIMIT).collect(), controlled })
}
