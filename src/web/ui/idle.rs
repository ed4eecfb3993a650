//! Before the first run: what it does, and that nothing leaves the browser.

use leptos::prelude::*;

use super::Face;
use super::node::{button, icon, node, said, text};
use crate::profile::Depth;

pub fn idle(face: Face) -> AnyView {
    node(
        "section",
        "idle",
        vec![
            node("h1", "title", vec![icon("M2 12.5h4.5l3-7 4.5 13 3-6h5"), text("Connection Doctor")]),
            said("p", "lead", "Finds out why the chat can’t reach its server, and who can mend it."),
            node(
                "div",
                "buttons",
                vec![
                    button("primary", text("Find out why"), move |_| face.run(Depth::Quick)),
                    button("quiet", text("Look longer (up to 45 seconds)"), move |_| face.run(Depth::Full)),
                ],
            ),
            said("p", "note", "The test runs in this browser and asks only the chat’s own server. What it finds leaves this browser only if you send it."),
        ],
    )
}
