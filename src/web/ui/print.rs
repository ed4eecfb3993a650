//! Printing: what is folded is opened for it, since paper can't be.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, Node};

use super::super::lexicon::Part;
use super::Face;
use super::later::PATIENCE;
use super::node::{self, on, set};
use crate::t;

/// Folds that stay as they are: what they hold stands on the paper anyway, or is no part of the report.
pub const SCREEN_ONLY: &str = "fold screen-only";

/// A button that prints the page; none where the browser can't. Whatever prints it, the folds of the face around `within` are open.
pub fn print_button(face: &Face, within: &Element) -> Option<Node> {
    let window = leptos::prelude::window();
    if !Reflect::get(&window, &"print".into()).is_ok_and(|print| print.is_function()) {
        return None;
    }
    let opened: Rc<RefCell<Vec<Element>>> = Rc::default();
    let (closes, place) = (Rc::clone(&opened), within.clone());
    on(
        &window,
        "beforeprint",
        Box::new(move |_| {
            let Ok(Some(face)) = place.closest(".doctor") else { return };
            let folds = face.get_elements_by_class_name("fold");
            let all = (0..folds.length()).filter_map(|at| folds.item(at));
            let closed: Vec<Element> = all.filter(|fold| !fold.has_attribute("open") && fold.class_name() != SCREEN_ONLY).collect();
            for fold in &closed {
                set(fold, "open", "");
                // The browser's own event comes after the paper: what is made at the first opening is made now.
                if let Ok(event) = Event::new("toggle") {
                    _ = fold.dispatch_event(&event);
                }
            }
            opened.borrow_mut().extend(closed);
        }),
    );
    on(&window, "afterprint", Box::new(move |_| closes.take().iter().for_each(|fold| _ = fold.remove_attribute("open"))));
    let waits = face.clone();
    let act = move |_: &Event| {
        let face = waits.clone();
        spawn_local(async move {
            face.lexicon.part_soon(Part::Closer, PATIENCE).await;
            _ = leptos::prelude::window().print();
        });
    };
    Some(node::button("quiet", node::text(&face.say(t!("Print"))), act))
}
