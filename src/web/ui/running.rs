//! While it looks: what is being done right now, nothing that was not begun.

use leptos::prelude::*;

use super::Face;
use super::node::{button, icon, node, node_with, said, text};
use crate::run_state::{Line, RunState};

pub fn running(face: Face) -> AnyView {
    let state = face.state;
    let limited = move || state.with(|s| if let RunState::Running { time_limit, .. } = s { limit(*time_limit) } else { String::new() });
    let so_far = move || {
        state.with(|s| match s {
            RunState::Running { so_far: Some(sentence), .. } => node("p", "so-far", vec![said("strong", "", "So far: "), text(sentence.as_str())]),
            _ => ().into_any(),
        })
    };
    let lines = move || state.with(|s| if let RunState::Running { lines, .. } = s { lines.iter().map(line).collect() } else { Vec::new() });
    node(
        "section",
        "running",
        vec![
            node_with("h2", "title", FIRST, vec![text("Looking for the cause")]),
            node("p", "lead", vec![limited.into_any()]),
            so_far.into_any(),
            node("ol", "steps", vec![lines.into_any()]),
            node("div", "buttons", vec![button("quiet", text("Stop"), move |_| face.stop())]),
        ],
    )
}

/// Where the focus goes when the look changes under a keyboard. Not a stop of the Tab key.
pub const FIRST: (&str, Option<&str>) = ("tabindex", Some("-1"));

fn line(line: &Line) -> AnyView {
    let all = line.running + line.done;
    let done = line.running == 0;
    let count = match (done, all) {
        (true, 1) => String::new(),
        (true, _) => [&all.to_string(), " times"].concat(),
        (false, 1) => String::new(),
        (false, _) => [&line.done.to_string(), " of ", &all.to_string()].concat(),
    };
    node(
        "li",
        if done { "step done" } else { "step under-way" },
        vec![
            icon(if done { "M5 12.5l4.5 4.5L19 7.5" } else { "M12 4a8 8 0 1 1-8 8" }),
            said("span", "label", line.label),
            said("span", "count", count),
            said("span", "aside", if done { "done" } else { "running" }),
        ],
    )
}

/// The limit in words.
pub fn limit(milliseconds: Option<u32>) -> String {
    match milliseconds {
        Some(limit) => ["This takes at most ", &limit.div_ceil(1000).to_string(), " seconds."].concat(),
        None => "This goes on until you stop it.".to_owned(),
    }
}
