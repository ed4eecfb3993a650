//! Before the first run: what it does, and that nothing leaves the browser.

use web_sys::{Element, Node};

use super::node::{button, icon, node, said, text};
use super::{Face, open};
use crate::plan::Limits;
use crate::profile::{Depth, Extra};
use crate::t;
use crate::words::Phrase;

pub fn idle(face: &Face) -> Element {
    let promise = t!("The test runs in this browser and asks only the chat’s own server. What it finds leaves this browser only if you send it.");
    node(
        "section",
        "idle",
        vec![
            node("h2", "title", vec![icon("M2 12.5h4.5l3-7 4.5 13 3-6h5").into(), text("Connection Doctor")]).into(),
            said("p", "lead", &face.say(t!("Finds out why the chat can’t reach its server, and who can mend it."))),
            choices(face, "primary", t!("Find out why"), Depth::Quick),
            said("p", "note", &face.say(promise)),
            open::section(face),
        ],
    )
}

/// A button for a run so deep, one for each longer one, and beside them what each may take.
pub fn choices(face: &Face, part: &str, label: Phrase, depth: Depth) -> Node {
    let mut all = vec![run_button(face, part, label, depth), budget(face, depth)];
    if depth == Depth::Quick {
        all.extend(longer(face));
    }
    if depth != Depth::Watch {
        all.extend([run_button(face, "quiet", t!("Keep watching"), Depth::Watch), budget(face, Depth::Watch)]);
    }
    node("div", "choices", all).into()
}

pub fn run_button(face: &Face, part: &str, label: Phrase, depth: Depth) -> Node {
    let runs = face.clone();
    button(part, text(&face.say(label)), move |_| runs.run(depth, Extra::Nothing))
}

/// The button of the longer test, and what that may take.
pub fn longer(face: &Face) -> [Node; 2] {
    [run_button(face, "quiet", t!("Look longer"), Depth::Full), budget(face, Depth::Full)]
}

/// What a run so deep may take at most.
fn budget(face: &Face, depth: Depth) -> Node {
    let requests = Limits::of(depth).requests.to_string();
    let seconds = (depth.time_limit().unwrap_or(0) / 1000).to_string();
    let words = match depth {
        Depth::Quick => t!("At most {seconds} seconds and {requests} requests", seconds = seconds, requests = requests),
        Depth::Full => t!("At most {seconds} seconds, {requests} requests, and about 2 MB sent", seconds = seconds, requests = requests),
        Depth::Watch => t!("Until you stop it, at most {requests} requests", requests = requests),
    };
    said("p", "note", &face.say(words))
}
