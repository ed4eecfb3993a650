//! What can be done with a report: hand it on, look before at what that hands on, open another, compare the two, keep it.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Node};

use super::copy::{copy_button, copy_wanted};
use super::later::{Wanted, later};
use super::node::{append, button, folded, node, node_with, said, set_part, text, when_opened};
use super::print::SCREEN_ONLY;
use super::{Face, compare, export, history, print, send, share};
use crate::redact::{HIDDEN, MASK};
use crate::report::Report;
use crate::t;

/// `own`: of a run of this page, which may be sent.
pub fn section(face: &Face, report: &Rc<Report>, own: bool) -> Node {
    let all = node("section", "hand-on", Vec::new());
    append(
        &all,
        &[
            said("h3", "heading", &face.say(t!("The report"))),
            said(
                "p",
                "note",
                &face.say(t!("For a ticket or a mail. Tokens, session ids and e-mail addresses are taken out. Nothing is sent unless you send it.")),
            ),
            node("div", "buttons", buttons(face, report, &all)).into(),
            preview(face, report),
        ],
    );
    append(&all, &own.then(|| send::section(face, report)).flatten().into_iter().collect::<Vec<_>>());
    let other = compare::Other::default();
    append(&all, &[compare::shown(face, report, &other), compare::choices(face, &other), history::shown(face, report, &other)]);
    all.into()
}

fn buttons(face: &Face, report: &Rc<Report>, within: &Element) -> Vec<Node> {
    let (owner, told, data) = (face.clone(), Rc::clone(report), Rc::clone(report));
    let text_of = Rc::new(Wanted { markdown: later(move || told.to_markdown(&owner.lexicon.words())), json: Rc::new(move || export::json(&*data)) });
    let (saver, saves, saves_json) = (face.clone(), Rc::clone(&text_of), Rc::clone(&text_of.json));
    let copies_json = Rc::clone(&text_of.json);
    let mut all = vec![
        copy_wanted(face, t!("Copy report"), &text_of),
        button("quiet", text(&face.say(t!("Download Markdown"))), move |_| {
            let (face, saves) = (saver.clone(), Rc::clone(&saves));
            spawn_local(async move {
                let (text, is_markdown) = saves.text(&face).await;
                if is_markdown { export::save(&text, "md", "text/markdown") } else { save_json(&text) }
            });
        }),
        copy_button(face, "quiet", t!("Copy JSON"), move || copies_json()),
        button("quiet", text(&face.say(t!("Download JSON"))), move |_| save_json(&saves_json())),
    ];
    all.extend(share::share_button(face, text_of));
    all.extend(print::print_button(face, within));
    all
}

fn save_json(text: &str) {
    export::save(text, "json", "application/json");
}

/// The very text that is handed on, with each place marked where something was taken out.
fn preview(face: &Face, report: &Rc<Report>) -> Node {
    let made = folded(&face.say(t!("See what is handed on")), Vec::new());
    let (shows, report) = (face.clone(), Rc::clone(report));
    let place: &Element = made.unchecked_ref();
    set_part(place, SCREEN_ONLY);
    when_opened(
        face,
        place,
        later(move || {
            let face = &shows;
            let json = folded(&face.say(t!("The same as JSON, with all observations")), Vec::new());
            set_part(json.unchecked_ref(), SCREEN_ONLY);
            let (again, whole) = (face.clone(), Rc::clone(&report));
            when_opened(face, json.unchecked_ref(), later(move || marked(&again, &export::json(&*whole))));
            let mut all = vec![said(
                "p",
                "note",
                &face.say(t!("Taken out before anything was written down: tokens, session ids, values in addresses, e-mail addresses, network addresses.")),
            )];
            all.extend(marked(face, &report.to_markdown(&face.lexicon.words())));
            all.push(json);
            all
        }),
    );
    made
}

/// Marks in one text, at most: each is an element.
const MOST_MARKS: usize = 2_000;

fn marked(face: &Face, whole: &str) -> Vec<Node> {
    let mut parts = Vec::new();
    // Each mask's places in one walk: a stranger's file may be full of one of them.
    let mut places: Vec<(usize, &str)> = [MASK, HIDDEN].into_iter().flat_map(|mask| whole.match_indices(mask)).collect();
    places.sort_unstable();
    let (count, mut from) = (places.len(), 0);
    for (at, mask) in places.into_iter().take(MOST_MARKS) {
        parts.extend([text(&whole[from..at]), said("mark", "taken-out", mask)]);
        from = at + mask.len();
    }
    parts.push(text(&whole[from..]));
    let told = match count {
        0 => face.say(t!("In this text nothing had to be taken out.")),
        _ => face.say(t!("Places in this text where something was taken out, each marked: {count}", count = count.to_string())),
    };
    let code = node("code", "", parts).into();
    vec![said("p", "note", &told), node_with("pre", "code-text preview", ("tabindex", "0"), vec![code]).into()]
}
