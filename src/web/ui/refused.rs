//! Settings that are wrong: nothing was started, and the sentences say what to change.

use web_sys::Element;

use super::Face;
use super::idle::run_button;
use super::node::{node, node_with, said, text};
use super::running::FIRST;
use crate::profile::Depth;

pub fn refused(face: &Face, sentences: &[String]) -> Element {
    node(
        "section",
        "refused",
        vec![
            node_with("h2", "title", FIRST, vec![text("This page is set up wrongly")]).into(),
            said("p", "lead", "The test was not started. Please tell the people who run this chat what stands here:"),
            node("ul", "sentences", sentences.iter().map(|s| said("li", "sentence", s)).collect()).into(),
            node("div", "buttons", vec![run_button(face, "quiet", "Try again", Depth::Quick)]).into(),
        ],
    )
}
