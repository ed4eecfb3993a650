//! The report on its way out of the page: as an object, as a file, as text for the operator. Nothing is sent.

use leptos::prelude::document;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use crate::guidance::Audience;
use crate::protocol::json_text;
use crate::report::{Report, plain, steps};
use crate::t;
use crate::words::Words;

/// A plain object.
///
/// # Errors
/// Where it holds what can't be written as JSON, which no report does.
pub fn as_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    js_sys::JSON::parse(&json_text::write(value).unwrap_or_default())
}

/// The same, written down with two spaces.
pub fn json(value: &impl Serialize) -> String {
    let object = as_js(value).unwrap_or(JsValue::UNDEFINED);
    js_sys::JSON::stringify_with_replacer_and_space(&object, &JsValue::NULL, &JsValue::from_f64(2.0)).map_or_else(|_| String::new(), String::from)
}

/// Hands the text to the browser as a file to save.
pub fn save(text: &str, extension: &str, kind: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) else { return };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    if let Ok(link) = document().create_element("a") {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(&url);
        link.set_download(&["connection-report.", extension].concat());
        link.click();
    }
    // Revoked at once, some browsers save nothing.
    super::in_a_while(30_000, move || drop(Url::revoke_object_url(&url)));
}

/// What the operator has to read and to change, as Markdown.
pub fn for_operator(report: &Report, words: &Words) -> String {
    let mut out = ["Connection Doctor: ", &plain(&report.summary), "\n"].concat();
    for text in [t!("Server: {server}", server = plain(&report.profile.server)), t!("Seen: {time}", time = plain(&report.started_at))] {
        out.push_str(&[&words.say(text), "\n"].concat());
    }
    let mut add = |parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
    for guidance in report.guidance.iter().filter(|g| g.audience == Audience::Operator) {
        add(&["\n## ", &plain(&guidance.title), " (", &guidance.code, ")\n\n", &steps(guidance, words)]);
    }
    out
}
