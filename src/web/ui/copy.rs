//! Copying: by the clipboard where the page may, else by a selected text that the person copies.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlDocument, HtmlTextAreaElement};

use super::Face;
use super::node::{button, node};

const COPIED: &str = "Copied";
const BY_HAND: &str = "Press Ctrl+C or ⌘C to copy";

/// A button that copies what `text` makes, and says so.
pub fn copy_button(face: Face, part: &'static str, label: &'static str, text: impl Fn() -> String + 'static) -> AnyView {
    let shown = RwSignal::new(label);
    let say = move |words: &'static str| {
        shown.set(words);
        face.say(words);
        let back = move || {
            shown.try_set(label);
        };
        set_timeout(back, Duration::from_secs(3));
    };
    let act = move |event: web_sys::Event| {
        let beside = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()).and_then(|b| b.parent_element());
        let text = text();
        spawn_local(async move {
            let copied = by_clipboard(&text).await || beside.is_some_and(|place| by_selection(&place, &text));
            say(if copied { COPIED } else { BY_HAND });
        });
    };
    node("span", "copy", vec![button(part, (move || shown.get()).into_any(), act)])
}

/// <https://developer.mozilla.org/docs/Web/API/Clipboard/writeText>: there in secure contexts only, and a frame may lack the
/// permission.
async fn by_clipboard(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if AsRef::<JsValue>::as_ref(&clipboard).is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Selects the text in a field. Whether the browser copied it; if not, the field stays for the person's own Ctrl+C.
fn by_selection(place: &Element, text: &str) -> bool {
    let document = document();
    if let Ok(Some(old)) = place.query_selector("textarea") {
        old.remove();
    }
    let Ok(field) = document.create_element("textarea") else { return false };
    let field: HtmlTextAreaElement = field.unchecked_into();
    field.set_value(text);
    field.set_read_only(true);
    for (name, value) in [("class", "by-hand"), ("part", "by-hand"), ("aria-label", "Text to copy")] {
        _ = field.set_attribute(name, value);
    }
    if place.append_child(&field).is_err() {
        return false;
    }
    _ = field.focus();
    field.select();
    let copied = document.unchecked_into::<HtmlDocument>().exec_command("copy").unwrap_or(false);
    if copied {
        field.remove();
    }
    copied
}
