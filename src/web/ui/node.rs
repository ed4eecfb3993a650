//! How the face makes elements: one function for every tag, without `innerHTML`.
//!
//! `view!` turns markup that never changes into `template.innerHTML`, which a page with `require-trusted-types-for
//! 'script'` forbids: such a page would show nothing. And leptos' view types, each with code to build, to compare and to
//! hydrate itself, were an eighth of the download (BENCHMARKS.md) for a face of which little ever changes in place. So
//! elements are made one by one, and what does change follows leptos' signals through [`follow`].
//!
//! What has to end with what is shown (listeners, effects) belongs to leptos' current `Owner`.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use leptos::prelude::{StoredValue, UpdateValue};
use leptos::reactive::effect::ImmediateEffect;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Element, Event, EventTarget, Node};

use super::Face;
use super::later::{Later, opener};

// Not web-sys' functions: those may throw, which these do not with the names and namespaces below.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = document, js_name = createElementNS)]
    fn create(namespace: &str, tag: &str) -> Element;
    #[wasm_bindgen(js_namespace = document, js_name = createTextNode)]
    fn create_text(words: &str) -> Node;

    type Parent;
    #[wasm_bindgen(method, js_name = appendChild)]
    fn append(this: &Parent, child: &Node);
    #[wasm_bindgen(method, js_name = setAttribute)]
    fn set_attribute(this: &Parent, name: &str, value: &str);
}

const HTML: &str = "http://www.w3.org/1999/xhtml";
const SVG: &str = "http://www.w3.org/2000/svg";

/// An element. Its class is also its `part`, so an embedder can style whatever we can.
pub fn node(tag: &str, part: &str, children: Vec<Node>) -> Element {
    let made = create(HTML, tag);
    if !part.is_empty() {
        set_part(&made, part);
    }
    append(&made, &children);
    made
}

/// The same with one attribute more.
pub fn node_with(tag: &str, part: &str, (name, value): (&str, &str), children: Vec<Node>) -> Element {
    let made = node(tag, part, children);
    set(&made, name, value);
    made
}

pub fn append(to: &Element, children: &[Node]) {
    for child in children {
        to.unchecked_ref::<Parent>().append(child);
    }
}

pub fn set(on: &Element, name: &str, value: &str) {
    on.unchecked_ref::<Parent>().set_attribute(name, value);
}

pub fn set_part(on: &Element, part: &str) {
    set(on, "class", part);
    set(on, "part", part);
}

/// A piece of text; the browser never reads it as markup.
pub fn text(words: &str) -> Node {
    create_text(words)
}

/// An element of a drawing, without children or with them.
pub fn drawn(tag: &str, attributes: &[(&str, &str)], children: Vec<Node>) -> Element {
    let made = create(SVG, tag);
    for (name, value) in attributes {
        set(&made, name, value);
    }
    append(&made, &children);
    made
}

/// An element that holds text alone.
pub fn said(tag: &str, part: &str, words: &str) -> Node {
    node(tag, part, vec![text(words)]).into()
}

/// A button.
pub fn button(part: &str, label: Node, act: impl Fn(&Event) + 'static) -> Node {
    let made = node_with("button", part, ("type", "button"), vec![label]);
    on(&made, "click", Box::new(act));
    made.into()
}

/// Listens as long as the current owner lives.
pub fn on(element: &EventTarget, event: &'static str, act: Box<dyn Fn(&Event)>) {
    keep(Box::new(EventListener::new(element, event, move |event| act(event))));
}

/// Drops it with the current owner.
fn keep(what: Box<dyn Any>) {
    StoredValue::new_local(what);
}

/// Runs now, and again whenever a signal that it read changes, as long as the current owner lives. What it builds belongs
/// to it, and goes before it runs again.
pub fn follow(change: impl FnMut() + 'static) {
    follow_boxed(Box::new(change));
}

fn follow_boxed(change: Box<dyn FnMut()>) {
    let change = StoredValue::new_local(change);
    ImmediateEffect::new_scoped(move || change.update_value(|change| change()));
}

/// What can be folded: closed at first.
pub fn folded(title: &str, children: Vec<Node>) -> Node {
    let made = node("details", "fold", vec![node("summary", "fold-title", vec![said("span", "", title)]).into()]);
    append(&made, &children);
    made.into()
}

/// The same, made when it is first opened: what costs more than the rest of the page.
pub fn folded_later(face: &Face, title: &str, make: Rc<dyn Later<Vec<Node>>>) -> Node {
    let made = folded(title, Vec::new());
    when_opened(face, made.unchecked_ref(), make);
    made
}

/// Puts into a `details` what is made, once, when it is opened.
pub fn when_opened(face: &Face, details: &Element, make: Rc<dyn Later<Vec<Node>>>) {
    let (place, made, sorry) = (details.clone(), Rc::new(Cell::new(false)), RefCell::new(Vec::<Node>::new()));
    let done = Rc::clone(&made);
    let show = move |what: Vec<Node>, whole: bool| {
        for node in sorry.take() {
            _ = place.remove_child(&node);
        }
        // Two openings may wait for the same part.
        if !done.replace(whole) {
            append(&place, &what);
            if !whole {
                sorry.replace(what);
            }
        }
    };
    let open = opener(face, make, Rc::new(show));
    on(
        details,
        "toggle",
        Box::new(move |_| {
            if !made.get() {
                open();
            }
        }),
    );
}

/// A line drawing of 24 by 24, an ornament: the words beside it say the same.
pub fn icon(path: &str) -> Element {
    let line = drawn("path", &[("d", path)], Vec::new());
    drawn("svg", &[("viewBox", "0 0 24 24"), ("aria-hidden", "true"), ("class", "icon")], vec![line.into()])
}

/// Gives a drawing another line.
pub fn draw(icon: &Element, path: &str) {
    if let Some(line) = icon.first_element_child() {
        set(&line, "d", path);
    }
}

/// Such a share of the whole as an attribute says it, `12.5%`; of nothing it is nothing, and no more than all.
pub fn percent(part: u32, whole: u32) -> String {
    let tenths = (u64::from(part.min(whole)) * 1_000 / u64::from(whole.max(1))) as u32;
    [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string(), "%"].concat()
}

/// Does it again and again, as long as the current owner lives.
pub fn every(milliseconds: u32, act: impl FnMut() + 'static) {
    keep(Box::new(Interval::new(milliseconds, act)));
}
