//! Before the first run: what it does, and that nothing leaves the browser.

use web_sys::{Element, Node};

use super::Face;
use super::node::{button, icon, node, said, text};
use crate::profile::Depth;

pub fn idle(face: &Face) -> Element {
    node(
        "section",
        "idle",
        vec![
            node("h1", "title", vec![icon("M2 12.5h4.5l3-7 4.5 13 3-6h5").into(), text("Connection Doctor")]).into(),
            said("p", "lead", "Finds out why the chat can’t reach its server, and who can mend it."),
            node("div", "buttons", vec![run_button(face, "primary", "Find out why", Depth::Quick), longer(face)]).into(),
            said("p", "note", "The test runs in this browser and asks only the chat’s own server. What it finds leaves this browser only if you send it."),
        ],
    )
}

pub fn run_button(face: &Face, part: &str, label: &str, depth: Depth) -> Node {
    let face = face.clone();
    button(part, text(label), move |_| face.run(depth))
}

pub fn longer(face: &Face) -> Node {
    run_button(face, "quiet", "Look longer (up to 45 seconds)", Depth::Full)
}
