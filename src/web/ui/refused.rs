//! Settings that are wrong: nothing was started, and the sentences say what to change.

use web_sys::Element;

use super::Face;
use super::idle::run_button;
use super::node::{node, node_with, said, text};
use super::running::FIRST;
use crate::profile::Depth;
use crate::t;

pub fn refused(face: &Face, sentences: &[String]) -> Element {
    node(
        "section",
        "refused",
        vec![
            node_with("h2", "title", FIRST, vec![text(&face.say(t!("This page is set up wrongly")))]).into(),
            said("p", "lead", &face.say(t!("The test was not started. Please tell the people who run this chat what stands here:"))),
            // For the operator: the names of settings, in English.
            node_with("ul", "sentences", ("lang", "en"), sentences.iter().map(|s| said("li", "sentence", s)).collect()).into(),
            node("div", "buttons", vec![run_button(face, "quiet", t!("Try again"), Depth::Quick)]).into(),
        ],
    )
}
