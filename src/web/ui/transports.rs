//! The ways in which the chat can speak to its server, the best on top, and which of them is left to use.

use web_sys::Node;

use super::Face;
use super::node::{icon, node, said, text};
use super::path::{CROSS, QUESTION, TICK};
use crate::picture::transports::{Rung, State, Way, ladder, left};
use crate::report::Report;
use crate::t;
use crate::words::Phrase;

pub fn transports(face: &Face, report: &Report) -> Option<Node> {
    let rungs = ladder(report);
    if rungs.iter().all(|rung| rung.state == State::Untold) {
        return None;
    }
    let lines = rungs.iter().map(|rung| one(face, rung)).collect();
    let all =
        vec![said("h3", "heading", &face.say(t!("Ways to talk to the server"))), said("p", "", &face.say(sentence(&rungs))), node("ol", "rungs", lines).into()];
    Some(node("section", "transports", all).into())
}

/// What is left to use.
fn sentence(rungs: &[Rung]) -> Phrase {
    let is = |way, state| rungs.iter().any(|rung| rung.way == way && rung.state == state);
    match left(rungs) {
        Some(Way::WebSocket | Way::Upgrade) => t!("The best way works: messages come at once."),
        Some(Way::LongPolling) if is(Way::WebSocket, State::Off) => t!("The server is set up for small requests alone, and these work."),
        Some(Way::LongPolling) if !is(Way::WebSocket, State::Fails) => t!("Many small requests work; whether a live connection does was not tested."),
        Some(Way::LongPolling) => t!("What is left are many small requests: the chat can go on with them, more slowly."),
        Some(Way::Stream) => t!("Streamed answers come through."),
        None if rungs.iter().any(|rung| rung.state == State::Fails) && !is(Way::WebSocket, State::Untold) && !is(Way::LongPolling, State::Untold) => {
            t!("None of them was seen to work, so nothing is left to use.")
        }
        None => t!("Whether one of them works could not be tested."),
    }
}

fn one(face: &Face, rung: &Rung) -> Node {
    let (part, drawing, state) = match rung.state {
        State::Works => ("rung works", TICK, t!("works")),
        State::Fails => ("rung broken", CROSS, t!("does not work")),
        State::Off => ("rung absent", "M7 12h10", t!("switched off by the server")),
        State::Needless => ("rung absent", "M7 12h10", t!("not needed by this chat")),
        State::Untold => ("rung untold", QUESTION, t!("not tested")),
    };
    let (name, technical) = match rung.way {
        Way::WebSocket => (t!("A live connection"), "WebSocket"),
        Way::Upgrade => (t!("The change to a live connection"), "Upgrade"),
        Way::LongPolling => (t!("Many small requests"), "Long-polling"),
        Way::Stream => (t!("A streamed answer"), "Stream"),
    };
    let numbers: Vec<String> = rung.cites.iter().take(4).map(|cite| ["#", &cite.to_string()].concat()).collect();
    let words = vec![
        said("span", "rung-name", &face.say(name)),
        text(" "),
        said("span", "code-name", technical),
        text(" "),
        node("span", "rung-told", vec![said("span", "rung-state", &face.say(state)), text(" "), said("span", "aside", &numbers.join(", "))]).into(),
    ];
    node("li", part, vec![node("span", "sign-of-state", vec![icon(drawing).into()]).into(), node("span", "rung-words", words).into()]).into()
}
