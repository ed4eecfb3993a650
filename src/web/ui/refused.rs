//! Settings that are wrong: nothing was started, and the sentences say what to change.

use leptos::prelude::*;

use super::Face;
use super::node::{button, node, node_with, said, text};
use super::running::FIRST;
use crate::profile::Depth;

pub fn refused(face: Face, sentences: &[String]) -> AnyView {
    node(
        "section",
        "refused",
        vec![
            node_with("h2", "title", FIRST, vec![text("This page is set up wrongly")]),
            said("p", "lead", "The test was not started. Please tell the people who run this chat what stands here:"),
            node("ul", "sentences", sentences.iter().map(|s| said("li", "sentence", s.as_str())).collect()),
            node("div", "buttons", vec![button("quiet", text("Try again"), move |_| face.run(Depth::Quick))]),
        ],
    )
}
