//! Copying: by the clipboard where the page may, else by a selected text that the person copies.

use std::future::ready;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlDocument, HtmlTextAreaElement, Node};

use super::later::Wanted;
use super::node::{button, node, text};
use super::{Face, in_a_while};
use crate::t;
use crate::words::Phrase;

/// A button that copies what `make` makes, and says so.
pub fn copy_button(face: &Face, part: &str, label: Phrase, make: impl Fn() -> String + 'static) -> Node {
    copy_button_boxed(face, part, label, Box::new(move || Box::pin(ready(make()))))
}

/// The same for a text that may have to wait for its code.
pub fn copy_wanted(face: &Face, label: Phrase, wanted: &Rc<Wanted>) -> Node {
    let (owner, wanted) = (face.clone(), Rc::clone(wanted));
    let make = move || -> LocalBoxFuture<'static, String> {
        let (face, wanted) = (owner.clone(), Rc::clone(&wanted));
        Box::pin(async move { wanted.text(&face).await.0 })
    };
    copy_button_boxed(face, "quiet", label, Box::new(make))
}

fn copy_button_boxed(face: &Face, part: &str, label: Phrase, make: Box<dyn Fn() -> LocalBoxFuture<'static, String>>) -> Node {
    let (face, shown) = (face.clone(), text(&face.say(label)));
    let words = shown.clone();
    let act = move |event: &web_sys::Event| {
        let beside = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()).and_then(|b| b.parent_element());
        let (made, face, shown) = (make(), face.clone(), shown.clone());
        spawn_local(async move {
            let text = made.await;
            let called = face.say(t!("Text to copy"));
            let copied = by_clipboard(&text).await || beside.is_some_and(|place| by_selection(&place, &text, &called));
            tell(&face, &shown, label, if copied { t!("Copied") } else { t!("Press Ctrl+C or ⌘C to copy") });
        });
    };
    node("span", "copy", vec![button(part, words, act)]).into()
}

/// What came of pressing a button: in place of its label for a moment, and aloud.
pub fn tell(face: &Face, shown: &Node, label: Phrase, outcome: Phrase) {
    shown.set_node_value(Some(&face.say(outcome)));
    face.say_aloud(outcome);
    let (face, shown) = (face.clone(), shown.clone());
    in_a_while(3_000, move || shown.set_node_value(Some(&face.say(label))));
}

/// <https://developer.mozilla.org/docs/Web/API/Clipboard/writeText>: there in secure contexts only, and a frame may lack the
/// permission.
async fn by_clipboard(text: &str) -> bool {
    let clipboard = leptos::prelude::window().navigator().clipboard();
    if AsRef::<JsValue>::as_ref(&clipboard).is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Selects the text in a field. Whether the browser copied it; if not, the field stays for the person's own Ctrl+C.
fn by_selection(place: &Element, text: &str, label: &str) -> bool {
    let document = document();
    if let Ok(Some(old)) = place.query_selector("textarea") {
        old.remove();
    }
    let Ok(field) = document.create_element("textarea") else { return false };
    let field: HtmlTextAreaElement = field.unchecked_into();
    field.set_value(text);
    field.set_read_only(true);
    for (name, value) in [("class", "by-hand"), ("part", "by-hand"), ("aria-label", label)] {
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
