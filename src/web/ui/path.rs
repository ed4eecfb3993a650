//! The way from the person to the chat's server as a line with stations: each shows its state by its shape, its sign and its words,
//! and opens what is known of it.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use super::later::{later, opener};
use super::node::{append, drawn, icon, node, node_with, on, said, set, text};
use super::{Face, evidence};
use crate::picture::path::{Path, Piece, Place, State, cites};
use crate::report::Report;
use crate::t;
use crate::words::Phrase;

/// What stands on the line, wherever the page is wide enough for a line.
pub fn path(face: &Face, report: &Rc<Report>) -> Node {
    let path = Path::of(report);
    let line = node("ol", if path.pieces.iter().any(|p| p.place == Place::Replicas) { "way" } else { "way short" }, Vec::new());
    let opened: Rc<RefCell<Option<Opened>>> = Rc::default();
    for piece in path.pieces {
        append(&line, &[drawn_piece(face, report, piece, &opened)]);
    }
    let heading = said("h3", "heading", &face.say(t!("The way to the chat")));
    let note = said("p", "note", &face.say(t!("Press a part to see what was observed there.")));
    node("section", "path", vec![heading, note, line.into()]).into()
}

/// The part that is open: its button, and what is shown of it.
struct Opened {
    button: Element,
    shown: Element,
}

fn drawn_piece(face: &Face, report: &Rc<Report>, piece: Piece, opened: &Rc<RefCell<Option<Opened>>>) -> Node {
    let state = face.say(words(&piece));
    let sign = node("span", "sign-of-state", vec![icon(sign(piece.state)).into()]);
    let button = node_with("button", if piece.place.is_leg() { "wire" } else { "station" }, ("type", "button"), Vec::new());
    set(&button, "aria-expanded", "false");
    if piece.place.is_leg() {
        // Across on a wide page, down on a narrow one: the look shows one of the two.
        let across = drawn("line", &[("class", "across"), ("x1", "0"), ("x2", "100%"), ("y1", "50%"), ("y2", "50%")], Vec::new());
        let down = drawn("line", &[("class", "down"), ("x1", "50%"), ("x2", "50%"), ("y1", "0"), ("y2", "100%")], Vec::new());
        let seen = face.say(piece.seen.clone());
        let shown = if matches!(piece.state, State::Degraded | State::Broken) { &state } else { &seen };
        append(
            &button,
            &[
                said("span", "aloud", &face.say(name(piece.place, report))),
                drawn("svg", &[("class", "line"), ("aria-hidden", "true")], vec![across.into(), down.into()]).into(),
                sign.into(),
                said("span", "wire-words", shown),
            ],
        );
        if *shown != state {
            append(&button, &[text(" "), said("span", "aloud", &state)]);
        }
    } else {
        let seen = face.say(piece.seen.clone());
        let mut told = vec![said("span", "station-name", &face.say(name(piece.place, report))), text(" ")];
        if !seen.is_empty() {
            told.extend([said("span", "station-seen", &seen), text(" ")]);
        }
        told.push(said("span", "station-state", &state));
        let ring = node("span", "ring", vec![icon(drawing(piece.place)).into(), sign.into()]);
        append(&button, &[ring.into(), node("span", "station-words", told).into()]);
    }
    let part = [if piece.place.is_leg() { "leg " } else { "stop " }, class(piece.place), " ", class_of(piece.state)].concat();
    let item = node("li", &part, vec![button.clone().into()]);
    let (opened, place, pressed) = (Rc::clone(opened), item.clone(), button.clone());
    let show = {
        let (opened, pressed) = (Rc::clone(&opened), button.clone());
        move |what: Vec<Node>, whole: bool| {
            let shown = if whole { what } else { vec![node("li", "detail", what).into()] };
            let Some(shown) = shown.into_iter().next().and_then(|node| node.dyn_into::<Element>().ok()) else { return };
            close(&opened);
            _ = place.after_with_node_1(&shown);
            set(&pressed, "aria-expanded", "true");
            opened.replace(Some(Opened { button: pressed.clone(), shown }));
        }
    };
    let (shows, report) = (face.clone(), Rc::clone(report));
    let open = opener(face, later(move || vec![detail(&shows, &report, &piece).into()]), Rc::new(show));
    on(
        &button,
        "click",
        Box::new(move |_| {
            if close(&opened).as_ref() != Some(&pressed) {
                open();
            }
        }),
    );
    item.into()
}

/// Closes what is open, and tells whose it was.
fn close(opened: &RefCell<Option<Opened>>) -> Option<Element> {
    let before = opened.take()?;
    before.shown.remove();
    set(&before.button, "aria-expanded", "false");
    Some(before.button)
}

/// What is known of a part: what it is, the findings that lie there, and the observations.
fn detail(face: &Face, report: &Rc<Report>, piece: &Piece) -> Element {
    let mut title = vec![text(&face.say(name(piece.place, report))), text(": ")];
    title.push(said("span", "station-state", &face.say(words(piece))));
    let part = ["detail ", class_of(piece.state)].concat();
    let mut all = vec![node("h4", "what", title).into()];
    if let Some(meaning) = meaning(piece.place) {
        all.push(said("p", "note", &face.say(meaning)));
    }
    let here = || report.causes.iter().chain(&report.consequences).filter(|f| piece.findings.contains(&f.code));
    if here().next().is_some() {
        all.push(node("ul", "plain", here().map(|finding| evidence::finding(face, report, finding)).collect()).into());
    }
    if let Some(told) = told(piece.state) {
        all.push(said("p", "", &face.say(told)));
    }
    let cites = cites(report, piece);
    if !cites.is_empty() {
        let lines = cites.iter().filter_map(|cite| evidence::observed(face, report, *cite)).collect();
        all.push(node("ol", "observations", lines).into());
    }
    node("li", &part, all)
}

fn name(place: Place, report: &Report) -> Phrase {
    let alone = report.profile.application == crate::profile::Application::Livekit;
    match place {
        Place::You => t!("You"),
        Place::ToBrowser => t!("From you to your browser"),
        Place::Browser => t!("Your browser"),
        Place::ToNetwork => t!("From your browser to your network"),
        Place::Network => t!("Your network"),
        Place::ToGateway => t!("From your network to the chat’s side"),
        Place::Gateway => t!("Proxy or ingress"),
        Place::ToServer => t!("From the proxy to the chat server"),
        Place::Server if alone => t!("Call server"),
        Place::Server => t!("Chat server"),
        Place::ToReplicas => t!("Between the instances of the server"),
        Place::Replicas => t!("Replicas, Redis"),
        Place::ToRelay => t!("From your network to the relay"),
        Place::Relay => t!("Relay for calls"),
    }
}

fn meaning(place: Place) -> Option<Phrase> {
    Some(match place {
        Place::Browser => t!("What this browser keeps for the site, what it allows, and what its extensions and the page’s own rules forbid."),
        Place::Network => t!("The network that you are in now: Wi-Fi, company network, VPN, and the provider behind it."),
        Place::Gateway => t!("What stands in front of the chat server: a reverse proxy, an ingress, a load balancer or a content delivery network."),
        Place::Server => t!("The program that answers the chat’s messages."),
        Place::Replicas => t!("Further instances of the server, and what carries messages between them, such as Redis."),
        Place::Relay => t!("The servers that voice and video go through: STUN, TURN, and the call server."),
        _ => return None,
    })
}

/// The state in words, as short as stands below a station.
fn words(piece: &Piece) -> Phrase {
    match piece.state {
        State::Degraded if !piece.certain => t!("a fault may be here"),
        State::Broken if !piece.certain => t!("the break may be here"),
        State::Works => t!("works"),
        State::Degraded => t!("a fault is here"),
        State::Broken => t!("the break is here"),
        State::Unknown => t!("not tested"),
        State::Hidden => t!("out of sight"),
        State::Absent => t!("none seen"),
    }
}

fn told(state: State) -> Option<Phrase> {
    match state {
        State::Unknown => Some(t!("Nothing in this test tells how this part is.")),
        State::Hidden => Some(t!("It lies behind the break, so nothing can be seen of it from here.")),
        State::Absent => Some(t!("Nothing of the kind showed itself. Many don’t, so one may be there all the same.")),
        State::Works | State::Degraded | State::Broken => None,
    }
}

fn class_of(state: State) -> &'static str {
    match state {
        State::Works => "works",
        State::Degraded => "degraded",
        State::Broken => "broken",
        State::Unknown => "untold",
        State::Hidden => "hidden",
        State::Absent => "absent",
    }
}

fn class(place: Place) -> &'static str {
    match place {
        Place::You => "you",
        Place::ToBrowser => "to-browser",
        Place::Browser => "browser",
        Place::ToNetwork => "to-network",
        Place::Network => "network",
        Place::ToGateway => "to-gateway",
        Place::Gateway => "gateway",
        Place::ToServer => "to-server",
        Place::Server => "server",
        Place::ToReplicas => "to-replicas",
        Place::Replicas => "replicas",
        Place::ToRelay => "to-relay",
        Place::Relay => "relay",
    }
}

pub const TICK: &str = "M5 12.5l4.5 4.5L19 7.5";
pub const CROSS: &str = "M7 7l10 10M17 7L7 17";
pub const MARK: &str = "M12 6v7.5M12 17.5v.1";
pub const QUESTION: &str = "M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.5M12 17.8v.1";

fn sign(state: State) -> &'static str {
    match state {
        State::Works => TICK,
        State::Degraded => MARK,
        State::Broken => CROSS,
        State::Unknown => QUESTION,
        State::Hidden | State::Absent => "M7 12h10",
    }
}

fn drawing(place: Place) -> &'static str {
    match place {
        Place::You => "M12 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.4 3.8-5.2 7.5-5.2s6.7 1.8 7.5 5.2",
        Place::Browser => "M3.5 5.5h17v13.5h-17zM3.5 9.5h17M6.5 7.5h.1M9 7.5h.1",
        Place::Network => "M3.5 9.8a12.5 12.5 0 0 1 17 0M6.5 13.2a8 8 0 0 1 11 0M9.4 16.5a3.8 3.8 0 0 1 5.2 0M12 19.6v.1",
        Place::Gateway => "M12 3v5M12 16v5M3 12h5M16 12h5M12 8l4 4-4 4-4-4z",
        Place::Server => "M4 4.5h16v6.5H4zM4 13h16v6.5H4zM7.5 7.8h.1M7.5 16.3h.1M12 7.8h4.5M12 16.3h4.5",
        Place::Replicas => {
            "M12 4c4 0 7 1.1 7 2.6s-3 2.6-7 2.6-7-1.1-7-2.6S8 4 12 4zM5 6.6v10.8C5 18.9 8 20 12 20s7-1.1 7-2.6V6.6M5 12c0 1.5 3 2.6 7 2.6s7-1.1 7-2.6"
        }
        _ => "M3 7h11.5v10H3zM14.5 11l6-3.5v9l-6-3.5",
    }
}
