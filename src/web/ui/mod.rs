//! The face: what the run state looks like. It decides nothing; every sentence about the connection comes from the report.

mod advice;
mod calls;
mod compare;
mod copy;
mod done;
mod evidence;
pub mod export;
mod hand_on;
mod history;
mod idle;
mod later;
mod node;
mod observation;
mod open;
mod path;
mod print;
mod refused;
mod round_trips;
mod running;
mod send;
mod share;
mod transports;
mod waterfall;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use js_sys::Function;
use leptos::prelude::{ArcRwSignal, Get, Owner, Set, With, document, request_animation_frame};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};

use super::lexicon::Lexicon;
use crate::guidance::Repair;
use crate::profile::{Depth, Extra, Targets};
use crate::run_state::{Before, RunState};
use crate::t;
use crate::words::Text;
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
    /// Where the report of this run may still be sent; `true` takes it away: once a run.
    pub targets: Box<dyn Fn(bool) -> Targets>,
    /// `www/send.js`.
    pub post: Option<Function>,
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
    aside: ArcRwSignal<String>,
    /// Where the level of a microphone or the picture of a camera is shown while it is open.
    stage: Option<Element>,
    lexicon: Rc<Lexicon>,
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

    /// A text in the language that is spoken.
    fn say(&self, text: impl Into<Text>) -> String {
        self.lexicon.say(text)
    }

    /// What the core says in English, in the language that is spoken.
    fn of_english(&self, words: &str) -> String {
        self.lexicon.words().of_english(words).to_owned()
    }

    /// Says it to a screen reader, once; the same words a second time are said again.
    fn say_aloud(&self, text: impl Into<Text>) {
        self.aside.set(self.say(text));
        let aside = self.aside.clone();
        in_a_while(3_000, move || aside.set(String::new()));
    }
}

fn in_a_while(milliseconds: u32, act: impl FnOnce() + 'static) {
    spawn_local(async move {
        TimeoutFuture::new(milliseconds).await;
        act();
    });
}

/// Which of the looks is shown. A change within one is the look's own business.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Idle,
    Running,
    Done,
    /// Which of those that were opened.
    Opened(u32),
    Refused,
}

impl Look {
    fn of(state: &RunState) -> Look {
        match state {
            RunState::Idle => Look::Idle,
            RunState::Running { .. } => Look::Running,
            RunState::Done(_) => Look::Done,
            RunState::Opened(opened) => Look::Opened(opened.number),
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
pub fn mount(root: &HtmlElement, state: ArcRwSignal<RunState>, actions: Actions, stage: Option<Element>, lexicon: Rc<Lexicon>) -> Mounted {
    let owner = Owner::new();
    let all = owner.with(|| face(root, state, actions, stage, lexicon));
    append(root, &[all.clone().into()]);
    Mounted { owner, all }
}

fn face(root: &HtmlElement, state: ArcRwSignal<RunState>, actions: Actions, stage: Option<Element>, lexicon: Rc<Lexicon>) -> Element {
    let face = Face(Rc::new(Shared { state, actions, aside: ArcRwSignal::new(String::new()), stage, lexicon, pressed: Cell::new(false) }));
    let words = text("");
    let all = node("div", "doctor", vec![node_with("p", "aloud", ("role", "status"), vec![words.clone()]).into()]);

    open::listen(&face, &all);
    later::fetch_when_near(&face, &all);
    let (seen, heard, place, root) = (face.clone(), face, all.clone(), root.clone());
    let mut shown: Option<((Look, u32), Element, Owner)> = None;
    follow(move || {
        seen.state.with(|state| {
            let now = (Look::of(state), seen.lexicon.spoken());
            if shown.as_ref().is_some_and(|(before, ..)| *before == now) {
                return;
            }
            // An owner of its own: the present one ends whenever this runs again.
            let owner = Owner::new_root(None);
            let look = owner.with(|| match state {
                RunState::Idle => idle::idle(&seen),
                RunState::Running { .. } => running::running(&seen),
                RunState::Done(report) => done::done(&seen, report),
                RunState::Opened(opened) => open::opened(&seen, opened),
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
            words if words.is_empty() => heard.state.with(|state| aloud(&heard, state)),
            words => words,
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
fn aloud(face: &Face, state: &RunState) -> String {
    match state {
        RunState::Idle => String::new(),
        RunState::Running { so_far, ended, time_limit, .. } => match (ended.last(), so_far) {
            (Some(line), _) => line.clone(),
            (None, Some(sentence)) => face.say(t!("So far: {sentence}", sentence = sentence)),
            (None, None) => face.say(t!("Looking. {limit}", limit = running::limit(*time_limit))),
        },
        RunState::Done(report) => [&face.of_english(done::word(report.verdict)), ". ", &report.summary].concat(),
        RunState::Opened(opened) => open::aloud(face, opened),
        RunState::Refused(sentences) => face.say(t!("The settings are wrong. {sentences}", sentences = sentences.join(" "))),
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
