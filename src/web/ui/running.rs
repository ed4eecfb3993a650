//! While it looks: what is being done right now, nothing that was not begun, and how long it can take at most.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::With;
use web_sys::{Element, Node};

use super::Face;
use super::node::{append, button, draw, every, follow, icon, node, node_with, said, set, set_part, text};
use super::path::TICK;
use super::round_trips::Chart;
use crate::picture::round_trips::{Point, Series};
use crate::run_state::{Line, RunState};
use crate::t;
use crate::words::Text;

pub fn running(face: &Face) -> Element {
    let (title, limited, sentence) = (text(""), text(""), text(""));
    let so_far = node("p", "so-far", vec![said("strong", "", &face.say(t!("So far:"))), text(" "), sentence.clone()]);
    let steps = node("ol", "steps", Vec::new());
    let order = text("");
    let ends = node("ul", "plain", Vec::new());
    let lives = node(
        "div",
        "lives",
        vec![said("h3", "heading", &face.say(t!("What ended the live connections"))), node("p", "note", vec![order.clone()]).into(), ends.clone().into()],
    );
    let chart = Chart::new(face);
    let trips = node("div", "trips-section", vec![said("h3", "heading", &face.say(t!("The way there and back, now"))), chart.all.clone().into()]);
    let stops = face.clone();
    // Above what grows.
    let stop = node("div", "buttons", vec![button("quiet", text(&face.say(t!("Stop"))), move |_| stops.stop())]);
    let made = node(
        "section",
        "running",
        vec![
            node_with("h2", "title", FIRST, vec![title.clone()]).into(),
            node("p", "lead", vec![limited.clone()]).into(),
            clock(face),
            stop.clone().into(),
            steps.clone().into(),
        ],
    );
    if let Some(stage) = &face.stage {
        _ = made.insert_before(stage, Some(&steps));
    }
    let (state, place, face) = (face.state.clone(), made.clone(), face.clone());
    let mut shown: Vec<Step> = Vec::new();
    let mut drawn: Option<Point> = None;
    follow(move || {
        state.with(|state| {
            let RunState::Running { lines, so_far: known, ended, time_limit, drops, pulse } = state else { return };
            let watching = time_limit.is_none();
            title.set_node_value(Some(&face.say(if watching { t!("Watching the connection") } else { t!("Looking for the cause") })));
            limited.set_node_value(Some(&face.say(limit(*time_limit))));
            // Once all is looked at, only what is held matters.
            set_part(&place, if watching { "running watching" } else { "running" });
            sentence.set_node_value(known.as_deref());
            if known.is_none() {
                so_far.remove();
            } else if !so_far.is_connected() {
                _ = place.insert_before(&so_far, stop.next_sibling().as_ref());
            }
            // Who watches is told that there is nothing, too.
            if ended.is_empty() && !watching {
                lives.remove();
            } else if !lives.is_connected() {
                _ = place.insert_before(&lives, Some(&steps));
            }
            if drawn != pulse.last().copied() {
                drawn = pulse.last().copied();
                // What is older than the first that is drawn has left the picture.
                let since = pulse.first().map_or(0, |point| point.at);
                if let Some(series) = Series::of(pulse.clone(), drops.iter().copied().filter(|at| *at >= since).collect()) {
                    chart.draw(&face, &series);
                    if !trips.is_connected() {
                        _ = place.insert_before(&trips, Some(&lives));
                    }
                }
            }
            order.set_node_value(Some(&face.say(if ended.is_empty() { t!("Nothing so far.") } else { t!("The newest first, by this device’s clock.") })));
            ends.set_text_content(None);
            ended.iter().rev().for_each(|line| append(&ends, &[said("li", "", line)]));
            // Only a new run has fewer.
            for gone in shown.drain(lines.len().min(shown.len())..) {
                gone.all.remove();
            }
            while shown.len() < lines.len() {
                let step = Step::new();
                append(&steps, &[step.all.clone().into()]);
                shown.push(step);
            }
            for (step, line) in shown.iter().zip(lines) {
                step.say(&face, line);
            }
        });
    });
    made
}

/// How often the clock moves on, in milliseconds.
const MOVES: u32 = 250;

/// The time that has gone, of the time that it may take: a run never lasts longer, and mostly ends sooner.
fn clock(face: &Face) -> Node {
    let bar = node_with("progress", "elapsed", ("aria-label", &face.say(t!("Time used of the longest that it can take"))), Vec::new());
    let (state, place) = (face.state.clone(), bar.clone());
    let limit: Rc<Cell<Option<u32>>> = Rc::default();
    let began = Rc::new(Cell::new(js_sys::Date::now()));
    let (known, starts) = (Rc::clone(&limit), Rc::clone(&began));
    follow(move || {
        state.with(|state| {
            if let RunState::Running { time_limit, lines, .. } = state {
                // A run that follows another at once begins anew.
                if lines.is_empty() {
                    starts.set(js_sys::Date::now());
                }
                known.set(*time_limit);
                set_part(&place, if time_limit.is_some() { "elapsed" } else { "elapsed without-end" });
            }
        });
    });
    let shown = bar.clone();
    every(MOVES, move || {
        if let Some(limit) = limit.get() {
            set(&shown, "max", &limit.to_string());
            set(&shown, "value", &((js_sys::Date::now() - began.get()).max(0.0) as u32).min(limit).to_string());
        }
    });
    bar.into()
}

/// Where the focus goes when the look changes under a keyboard. Not a stop of the Tab key.
pub const FIRST: (&str, &str) = ("tabindex", "-1");

/// One line of the list. It stays while its words change, so that what turns goes on turning.
struct Step {
    all: Element,
    drawing: Element,
    label: Node,
    count: Node,
    aside: Node,
}

impl Step {
    fn new() -> Step {
        let drawing = icon("");
        let (label, count, aside) = (text(""), text(""), text(""));
        let part = |part: &str, words: &Node| node("span", part, vec![words.clone()]).into();
        let parts = vec![drawing.clone().into(), part("label", &label), part("count", &count), part("aside", &aside)];
        Step { all: node("li", "", parts), drawing, label, count, aside }
    }

    fn say(&self, face: &Face, line: &Line) {
        let all = line.running + line.done;
        let done = line.running == 0;
        let count = match (done, all) {
            (_, 1) => Text::Nothing,
            (true, _) => t!("{count} times", count = all.to_string()),
            (false, _) => t!("{done} of {all}", done = line.done.to_string(), all = all.to_string()),
        };
        set_part(&self.all, if done { "step done" } else { "step under-way" });
        draw(&self.drawing, if done { TICK } else { "M12 4a8 8 0 1 1-8 8" });
        self.label.set_node_value(Some(&face.of_english(line.label)));
        self.count.set_node_value(Some(&face.say(count)));
        self.aside.set_node_value(Some(&face.say(if done { t!("done") } else { t!("running") })));
    }
}

/// The limit in words.
pub fn limit(milliseconds: Option<u32>) -> Text {
    match milliseconds {
        Some(limit) => t!("This takes at most {seconds} seconds.", seconds = limit.div_ceil(1000).to_string()),
        None => t!("This goes on until you stop it.").into(),
    }
}
