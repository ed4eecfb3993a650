//! The face: what the run state looks like. It decides nothing; every sentence about the connection comes from the report.

mod advice;
mod calls;
mod copy;
mod done;
mod evidence;
pub mod export;
mod idle;
mod node;
mod observation;
mod refused;
mod running;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use leptos::prelude::{ArcRwSignal, Get, Owner, Set, With, document, request_animation_frame};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};

use crate::guidance::Repair;
use crate::profile::{Depth, Extra};
use crate::run_state::{Before, RunState};
use node::{append, follow, node, node_with, text};

/// Does the repair of the finding of that code.
pub type Mending = Box<dyn Fn(&str, &Repair)>;

/// What the buttons do.
pub struct Actions {
    /// Runs so deep, with what is said besides.
    pub run: Box<dyn Fn(Depth, Extra)>,
    pub stop: Box<dyn Fn()>,
    /// Mends, loads the page anew, and runs again.
    pub mend: Mending,
    /// What was before the repair that the present report follows, if it follows one.
    pub before: Box<dyn Fn() -> Option<Before>>,
}

/// What every component needs.
#[derive(Clone)]
struct Face(Rc<Shared>);

struct Shared {
    state: ArcRwSignal<RunState>,
    actions: Actions,
    /// What a component says aloud beside the state, such as "Copied".
    aside: ArcRwSignal<&'static str>,
    /// Where the level of a microphone or the picture of a camera is shown while it is open.
    stage: Option<Element>,
    /// Whether a button of the face began the present run: only then may the face move the focus.
    pressed: Cell<bool>,
}

impl std::ops::Deref for Face {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    fn run(&self, depth: Depth, extra: Extra) {
        self.pressed.set(true);
        (self.actions.run)(depth, extra);
    }

    fn stop(&self) {
        self.pressed.set(true);
        (self.actions.stop)();
    }

    fn mend(&self, code: &str, repair: &Repair) {
        self.pressed.set(true);
        (self.actions.mend)(code, repair);
    }

    /// Says it to a screen reader, once; the same words a second time are said again.
    fn say(&self, words: &'static str) {
        self.aside.set(words);
        let aside = self.aside.clone();
        later(3_000, move || aside.set(""));
    }
}

fn later(milliseconds: u32, act: impl FnOnce() + 'static) {
    spawn_local(async move {
        TimeoutFuture::new(milliseconds).await;
        act();
    });
}

/// Which of the four looks is shown. A change within one is the look's own business.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Idle,
    Running,
    Done,
    Refused,
}

impl Look {
    fn of(state: &RunState) -> Look {
        match state {
            RunState::Idle => Look::Idle,
            RunState::Running { .. } => Look::Running,
            RunState::Done(_) => Look::Done,
            RunState::Refused(_) => Look::Refused,
        }
    }
}

/// The face in the page. Dropping it takes it out, and all that listens.
pub struct Mounted {
    owner: Owner,
    all: Element,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.owner.cleanup();
        self.all.remove();
    }
}

/// Shows the state under `root` until the answer is dropped.
pub fn mount(root: &HtmlElement, state: ArcRwSignal<RunState>, actions: Actions, stage: Option<Element>) -> Mounted {
    let owner = Owner::new();
    let all = owner.with(|| face(root, state, actions, stage));
    append(root, &[all.clone().into()]);
    Mounted { owner, all }
}

fn face(root: &HtmlElement, state: ArcRwSignal<RunState>, actions: Actions, stage: Option<Element>) -> Element {
    let face = Face(Rc::new(Shared { state, actions, aside: ArcRwSignal::new(""), stage, pressed: Cell::new(false) }));
    let words = text("");
    let all = node("div", "doctor", vec![node_with("p", "aloud", ("role", "status"), vec![words.clone()]).into()]);

    let (seen, heard, place, root) = (face.clone(), face, all.clone(), root.clone());
    let mut shown: Option<(Look, Element, Owner)> = None;
    follow(move || {
        seen.state.with(|state| {
            let now = Look::of(state);
            if shown.as_ref().is_some_and(|(before, ..)| *before == now) {
                return;
            }
            // An owner of its own: the present one ends whenever this runs again.
            let owner = Owner::new_root(None);
            let look = owner.with(|| match state {
                RunState::Idle => idle::idle(&seen),
                RunState::Running { .. } => running::running(&seen),
                RunState::Done(report) => done::done(&seen, report),
                RunState::Refused(sentences) => refused::refused(&seen, sentences),
            });
            _ = place.insert_before(&look, place.first_child().as_ref());
            if let Some((_, old, owner)) = shown.replace((now, look, owner)) {
                owner.cleanup();
                old.remove();
                if seen.pressed.get() {
                    let root = root.clone();
                    request_animation_frame(move || catch_focus(&root));
                }
            }
        });
    });

    let told = RefCell::new(String::new());
    follow(move || {
        let now = match heard.aside.get() {
            "" => heard.state.with(aloud),
            words => words.to_owned(),
        };
        // Text that is set anew is said anew.
        if *told.borrow() != now {
            words.set_node_value(Some(&now));
            told.replace(now);
        }
    });
    all
}

/// What a screen reader is told when it changes.
fn aloud(state: &RunState) -> String {
    match state {
        RunState::Idle => String::new(),
        RunState::Running { so_far, ended, time_limit, .. } => match (ended.last(), so_far) {
            (Some(line), _) => line.clone(),
            (None, Some(sentence)) => ["So far: ", sentence].concat(),
            (None, None) => ["Looking. ", &running::limit(*time_limit)].concat(),
        },
        RunState::Done(report) => [done::word(report.verdict), ". ", &report.summary].concat(),
        RunState::Refused(sentences) => ["The settings are wrong. ", &sentences.join(" ")].concat(),
    }
}

/// The button that was pressed is gone with its look. Whoever uses the keyboard goes on at the new look's first place;
/// who has gone elsewhere meanwhile stays there.
fn catch_focus(root: &web_sys::HtmlElement) {
    let lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
    if lost && let Ok(Some(target)) = root.query_selector("[tabindex='-1']") {
        _ = target.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
