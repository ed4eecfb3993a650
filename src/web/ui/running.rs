//! While it looks: what is being done right now, nothing that was not begun.

use leptos::prelude::With;
use web_sys::{Element, Node};

use super::Face;
use super::node::{append, button, draw, follow, icon, node, node_with, said, set_part, text};
use crate::run_state::{Line, RunState};

pub fn running(face: &Face) -> Element {
    let (limited, sentence) = (text(""), text(""));
    let so_far = node("p", "so-far", vec![said("strong", "", "So far: "), sentence.clone()]);
    let steps = node("ol", "steps", Vec::new());
    let stops = face.clone();
    let made = node(
        "section",
        "running",
        vec![
            node_with("h2", "title", FIRST, vec![text("Looking for the cause")]).into(),
            node("p", "lead", vec![limited.clone()]).into(),
            steps.clone().into(),
            node("div", "buttons", vec![button("quiet", text("Stop"), move |_| stops.stop())]).into(),
        ],
    );
    let (state, place) = (face.state.clone(), made.clone());
    let mut shown: Vec<Step> = Vec::new();
    follow(move || {
        state.with(|state| {
            let RunState::Running { lines, so_far: known, time_limit } = state else { return };
            limited.set_node_value(Some(&limit(*time_limit)));
            sentence.set_node_value(known.as_deref());
            if known.is_none() {
                so_far.remove();
            } else if !so_far.is_connected() {
                _ = place.insert_before(&so_far, Some(&steps));
            }
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
