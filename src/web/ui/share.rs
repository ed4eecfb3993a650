//! The browser's own share sheet (Web Share), where it has one: there the person chooses who gets the report.

use std::rc::Rc;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::Node;

use super::super::platform::storage::call_with;
use super::super::platform::thrown;
use super::Face;
use super::copy::tell;
use super::later::Wanted;
use super::node;
use crate::t;
use crate::words::Phrase;

const LABEL: Phrase = t!("Share");

/// A button that shares the text; none where the browser has no share sheet (or the page no secure context).
pub fn share_button(face: &Face, wanted: Rc<Wanted>) -> Option<Node> {
    let navigator: JsValue = leptos::prelude::window().navigator().into();
    let can: Function = Reflect::get(&navigator, &"canShare".into()).ok()?.dyn_into().ok()?;
    let (face, shown) = (face.clone(), node::text(&face.say(LABEL)));
    let words = shown.clone();
    let act = move |_: &web_sys::Event| {
        let (navigator, can, face, shown, wanted) = (navigator.clone(), can.clone(), face.clone(), shown.clone(), Rc::clone(&wanted));
        spawn_local(async move {
            let (text, _) = wanted.text(&face).await;
            let title = face.say(t!("Connection report"));
            let with_file = data(&title, "files", as_file(&text).map(|file| Array::of1(&file).into()));
            let fits = can.call1(&navigator, &with_file).is_ok_and(|can| can.is_truthy());
            let shared = if fits { with_file } else { data(&title, "text", Some(text.into())) };
            match call_with(&navigator, "share", &Array::of1(&shared)).await {
                Ok(_) => tell(&face, &shown, LABEL, t!("Handed on")),
                // Who closed the sheet knows it.
                Err(why) if thrown(&why).0 == "AbortError" => {}
                Err(_) => tell(&face, &shown, LABEL, t!("Could not be shared: copy it, or save it")),
            }
        });
    };
    Some(node::button("quiet", words, act))
}

fn data(title: &str, name: &str, value: Option<JsValue>) -> JsValue {
    let data = Object::new();
    for (name, value) in [("title", Some(title.into())), (name, value)] {
        if let Some(value) = value {
            _ = Reflect::set(&data, &name.into(), &value);
        }
    }
    data.into()
}

/// Plain text: browsers share neither Markdown nor JSON as files.
fn as_file(text: &str) -> Option<JsValue> {
    let file: Function = Reflect::get(&leptos::prelude::window(), &"File".into()).ok()?.dyn_into().ok()?;
    let kind = Object::new();
    _ = Reflect::set(&kind, &"type".into(), &"text/plain".into());
    Reflect::construct(&file, &Array::of3(&Array::of1(&text.into()), &"connection-report.txt".into(), &kind)).ok()
}
