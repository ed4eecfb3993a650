//! Before the first run: what it does, and that nothing leaves the browser.

use web_sys::{Element, Node};

use super::Face;
use super::node::{button, icon, node, said, text};
use crate::plan::Limits;
use crate::profile::{Depth, Extra};

pub fn idle(face: &Face) -> Element {
    node(
        "section",
        "idle",
        vec![
            node("h1", "title", vec![icon("M2 12.5h4.5l3-7 4.5 13 3-6h5").into(), text("Connection Doctor")]).into(),
            said("p", "lead", "Finds out why the chat can’t reach its server, and who can mend it."),
            choices(face, "primary", "Find out why", Depth::Quick),
            said("p", "note", "The test runs in this browser and asks only the chat’s own server. What it finds leaves this browser only if you send it."),
        ],
    )
}

/// A button for a run so deep, one for each longer one, and beside them what each may take.
pub fn choices(face: &Face, part: &str, label: &str, depth: Depth) -> Node {
    let mut all = vec![run_button(face, part, label, depth), budget(depth)];
    if depth == Depth::Quick {
        all.extend(longer(face));
    }
    if depth != Depth::Watch {
        all.extend([run_button(face, "quiet", "Keep watching", Depth::Watch), budget(Depth::Watch)]);
    }
    node("div", "choices", all).into()
}

pub fn run_button(face: &Face, part: &str, label: &str, depth: Depth) -> Node {
    let face = face.clone();
    button(part, text(label), move |_| face.run(depth, Extra::Nothing))
}

/// The button of the longer test, and what that may take.
pub fn longer(face: &Face) -> [Node; 2] {
    [run_button(face, "quiet", "Look longer", Depth::Full), budget(Depth::Full)]
}

/// What a run so deep may take at most.
fn budget(depth: Depth) -> Node {
    let requests = Limits::of(depth).requests.to_string();
    let (before, after) = match depth {
        Depth::Quick => (" seconds and ", " requests"),
        Depth::Full => (" seconds, ", " requests, and about 2 MB sent"),
        Depth::Watch => ("Until you stop it, at most ", " requests"),
    };
    let time = depth.time_limit().map_or(String::new(), |limit| ["At most ", &(limit / 1000).to_string()].concat());
    said("p", "note", &[&time, before, &requests, after].concat())
}
