//! While it looks: what is being done right now, nothing that was not begun.

use leptos::prelude::With;
use web_sys::{Element, Node};

use super::Face;
use super::node::{append, button, draw, follow, icon, node, node_with, said, set_part, text};
use crate::run_state::{Line, RunState};

pub fn running(face: &Face) -> Element {
    let (title, limited, sentence) = (text(""), text(""), text(""));
    let so_far = node("p", "so-far", vec![said("strong", "", "So far: "), sentence.clone()]);
    let steps = node("ol", "steps", Vec::new());
    let order = text("");
    let ends = node("ul", "plain", Vec::new());
    let lives = node(
        "div",
        "lives",
        vec![said("h3", "heading", "What ended the live connections"), node("p", "note", vec![order.clone()]).into(), ends.clone().into()],
    );
    let stops = face.clone();
    // Above what grows.
    let stop = node("div", "buttons", vec![button("quiet", text("Stop"), move |_| stops.stop())]);
    let made = node(
        "section",
        "running",
        vec![
            node_with("h2", "title", FIRST, vec![title.clone()]).into(),
            node("p", "lead", vec![limited.clone()]).into(),
            stop.clone().into(),
            steps.clone().into(),
        ],
    );
    if let Some(stage) = &face.stage {
        _ = made.insert_before(stage, Some(&steps));
    }
    let (state, place) = (face.state.clone(), made.clone());
    let mut shown: Vec<Step> = Vec::new();
    follow(move || {
        state.with(|state| {
            let RunState::Running { lines, so_far: known, ended, time_limit } = state else { return };
            let watching = time_limit.is_none();
            title.set_node_value(Some(if watching { "Watching the connection" } else { "Looking for the cause" }));
            limited.set_node_value(Some(&limit(*time_limit)));
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
            order.set_node_value(Some(if ended.is_empty() { "Nothing so far." } else { "The newest first, by this device’s clock." }));
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
                step.say(line);
            }
        });
    });
    made
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

    fn say(&self, line: &Line) {
        let all = line.running + line.done;
        let done = line.running == 0;
        let count = match (done, all) {
            (true, 1) => String::new(),
            (true, _) => [&all.to_string(), " times"].concat(),
            (false, 1) => String::new(),
            (false, _) => [&line.done.to_string(), " of ", &all.to_string()].concat(),
        };
        set_part(&self.all, if done { "step done" } else { "step under-way" });
        draw(&self.drawing, if done { "M5 12.5l4.5 4.5L19 7.5" } else { "M12 4a8 8 0 1 1-8 8" });
        self.label.set_node_value(Some(line.label));
        self.count.set_node_value(Some(&count));
        self.aside.set_node_value(Some(if done { "done" } else { "running" }));
    }
}

/// The limit in words.
pub fn limit(milliseconds: Option<u32>) -> String {
    match milliseconds {
        Some(limit) => ["This takes at most ", &limit.div_ceil(1000).to_string(), " seconds."].concat(),
        None => "This goes on until you stop it.".to_owned(),
    }
}
