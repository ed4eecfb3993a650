//! What is made when somebody opens or presses something. Its code is a part of the program of its own, which nobody downloads who
//! looks at the verdict alone: `bin/node/finish.mjs` knows it by the names of this file.

use std::rc::Rc;

use leptos::prelude::{Owner, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Node};

use super::super::lexicon::Part;
use super::Face;
use super::node::{on, said};
use super::open::inside;
use crate::t;
use crate::words::Phrase;

/// For so many milliseconds a button waits for the part: after that the browser takes what it does for no act of the person's.
pub const PATIENCE: u32 = 1_500;
pub const NOT_LOADED: Phrase = t!("A part of this test could not be loaded. Try again when the line is better.");

/// Makes it; to be called once [`Part::Closer`] is here.
pub trait Later<T> {
    fn make(&self) -> T;
}

struct Made<F>(F);

impl<T, F: Fn() -> T> Later<T> for Made<F> {
    fn make(&self) -> T {
        (self.0)()
    }
}

/// What is made later. By a pointer, since nothing may call by name what is fetched later.
pub fn later<T>(make: impl Fn() -> T + 'static) -> Rc<dyn Later<T>> {
    Rc::new(Made(make))
}

/// Does with what is made whatever `show` does with it, each time that the answer is called; `false` where its code did not come, with a
/// sentence that says so. What is made belongs to the owner of now: in an event there is none, and it would listen for ever.
pub fn opener(face: &Face, make: Rc<dyn Later<Vec<Node>>>, show: Rc<dyn Fn(Vec<Node>, bool)>) -> impl Fn() + use<> {
    let (face, owner) = (face.clone(), Owner::current());
    move || {
        let (make, owner, show) = (Rc::clone(&make), owner.clone(), Rc::clone(&show));
        let made = move || owner.as_ref().map_or_else(|| make.make(), |owner| owner.with(|| make.make()));
        if face.lexicon.has(Part::Closer) {
            // At once: who prints opens all, and paper does not wait.
            return show(made(), true);
        }
        let face = face.clone();
        spawn_local(async move {
            if face.lexicon.part(Part::Closer).await {
                show(made(), true);
            } else {
                show(vec![said("p", "note", &face.say(NOT_LOADED))], false);
            }
        });
    }
}

/// A text that a button hands on, and another in its place where its code does not come: what was found has to leave this page above all
/// when the line is bad.
pub struct Wanted {
    pub markdown: Rc<dyn Later<String>>,
    pub json: Rc<dyn Fn() -> String>,
}

impl Wanted {
    /// `true` where it is the Markdown.
    pub async fn text(&self, face: &Face) -> (String, bool) {
        face.lexicon.part_soon(Part::Closer, PATIENCE).await;
        if face.lexicon.has(Part::Closer) { (self.markdown.make(), true) } else { ((self.json)(), false) }
    }
}

/// Fetches the part when somebody comes near to what needs it: with a pointer or the keyboard on what opens, or with the key that most
/// browsers print by.
pub fn fetch_when_near(face: &Face, all: &Element) {
    let fetch = |face: &Face| {
        let face = face.clone();
        if !face.lexicon.has(Part::Closer) {
            spawn_local(async move { _ = face.lexicon.part(Part::Closer).await });
        }
    };
    for event in ["pointerover", "focusin"] {
        let face = face.clone();
        on(
            all,
            event,
            Box::new(move |event| {
                let at = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if at.is_some_and(|at| at.closest("summary, button").is_ok_and(|found| found.is_some())) {
                    fetch(&face);
                }
            }),
        );
    }
    let face = face.clone();
    on(
        &window(),
        "keydown",
        Box::new(move |event| {
            if ["ctrlKey", "metaKey"].iter().any(|key| inside(event, key).is_truthy()) {
                fetch(&face);
            }
        }),
    );
}
