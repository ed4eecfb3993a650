//! The face: what the run state looks like. It decides nothing; every sentence about the connection comes from the report.

mod advice;
mod copy;
mod done;
mod evidence;
pub mod export;
mod idle;
mod node;
mod observation;
mod refused;
mod running;

use std::any::Any;
use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::profile::Depth;
use crate::run_state::RunState;
use node::{node, node_with};

/// What the buttons do.
#[derive(Clone)]
pub struct Actions {
    pub run: Rc<dyn Fn(Depth)>,
    pub stop: Rc<dyn Fn()>,
}

/// What every component needs.
#[derive(Clone, Copy)]
struct Face {
    state: RwSignal<RunState>,
    actions: StoredValue<Actions, LocalStorage>,
    /// What a component says aloud beside the state, such as "Copied".
    aside: RwSignal<&'static str>,
    /// Whether a button of the face began the present run: only then may the face move the focus.
    pressed: StoredValue<bool>,
}

impl Face {
    fn run(self, depth: Depth) {
        self.pressed.set_value(true);
        let run = self.actions.with_value(|a| a.run.clone());
        run(depth);
    }

    fn stop(self) {
        self.pressed.set_value(true);
        let stop = self.actions.with_value(|a| a.stop.clone());
        stop();
    }

    /// Says it to a screen reader, once; the same words a second time are said again.
    fn say(self, words: &'static str) {
        self.aside.set(words);
        // By then the face may be gone, and the signal with it.
        let quiet = move || {
            self.aside.try_set("");
        };
        set_timeout(quiet, std::time::Duration::from_secs(3));
    }
}

/// Which of the four looks is shown. A change within one is the look's own business.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Idle,
    Running,
    Done,
    Refused,
}

/// Shows the state under `root` until the answer is dropped.
pub fn mount(root: &web_sys::HtmlElement, state: RwSignal<RunState>, actions: Actions) -> Box<dyn Any> {
    let place = root.clone();
    Box::new(mount_to(root.clone(), move || {
        let face = Face { state, actions: StoredValue::new_local(actions), aside: RwSignal::new(""), pressed: StoredValue::new(false) };
        let look = Memo::new(move |_| {
            state.with(|s| match s {
                RunState::Idle => Look::Idle,
                RunState::Running { .. } => Look::Running,
                RunState::Done(_) => Look::Done,
                RunState::Refused(_) => Look::Refused,
            })
        });
        Effect::new(move |before: Option<Look>| {
            let now = look.get();
            if before.is_some_and(|b| b != now) && face.pressed.get_value() {
                let place = place.clone();
                request_animation_frame(move || catch_focus(&place));
            }
            now
        });
        let shown = move || match look.get() {
            Look::Idle => idle::idle(face),
            Look::Running => running::running(face),
            Look::Done => state.with(|s| if let RunState::Done(report) = s { done::done(face, report) } else { ().into_any() }),
            Look::Refused => state.with(|s| if let RunState::Refused(sentences) = s { refused::refused(face, sentences) } else { ().into_any() }),
        };
        let aloud = Memo::new(move |_| match face.aside.get() {
            "" => state.with(aloud),
            words => words.to_owned(),
        });
        node("div", "doctor", vec![shown.into_any(), node_with("p", "aloud", ("role", Some("status")), vec![(move || aloud.get()).into_any()])])
    }))
}

/// What a screen reader is told when it changes.
fn aloud(state: &RunState) -> String {
    match state {
        RunState::Idle => String::new(),
        RunState::Running { so_far: Some(sentence), .. } => ["So far: ", sentence].concat(),
        RunState::Running { time_limit, .. } => ["Looking. ", &running::limit(*time_limit)].concat(),
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
