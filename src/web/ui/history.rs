//! This browser's last runs, where the person asked for them to be kept: in localStorage of this page's origin, without secrets as any report,
//! and never so much that the chat's own storage would suffer. Where a browser keeps nothing, nothing is said about it.

use std::rc::Rc;

use leptos::prelude::{ArcRwSignal, Get, Owner, Update};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Node};

use super::super::lexicon::{Part, pointer};
use super::super::platform::storage::{HISTORY, area, call};
use super::compare::{self, Other};
use super::later::later;
use super::node::{append, button, folded, follow, node, said, set, set_part, text, when_opened};
use super::open::{show, take_text, when};
use super::print::SCREEN_ONLY;
use super::{Face, done, open};
use crate::protocol::json_text;
use crate::report::Report;
use crate::report::read::read;
use crate::t;

/// Most reports that are kept.
const RUNS: usize = 10;
/// Most bytes in all: a twelfth of what browsers grant.
const ROOM: usize = 400_000;

/// What is kept, the newest first, one a line; `None` where the person did not ask for it.
fn kept() -> Option<Vec<String>> {
    let text = call(&area("localStorage").ok()??, "getItem", &[HISTORY]).ok()?.as_string()?;
    Some(text.lines().map(str::to_owned).collect())
}

/// Whether it could be written. Older ones make room for newer ones; what has no room at all leaves nothing behind.
fn write(mut runs: Vec<String>) -> bool {
    let Ok(Some(area)) = area("localStorage") else { return false };
    runs.truncate(RUNS);
    loop {
        let text = runs.join("\n");
        if text.len() <= ROOM && call(&area, "setItem", &[HISTORY, &text]).is_ok() {
            return true;
        }
        if runs.pop().is_none() {
            forget();
            return false;
        }
    }
}

fn forget() {
    if let Ok(Some(area)) = area("localStorage") {
        _ = call(&area, "removeItem", &[HISTORY]);
    }
}

fn add(mut runs: Vec<String>, report: &Report) -> bool {
    let began = began(report);
    runs.retain(|run| !run.contains(&began));
    let run = json_text::write(report).unwrap_or_default();
    // One of hours is no reason to forget the others.
    let fits = run.len() <= ROOM;
    if fits {
        runs.insert(0, run);
    }
    write(runs) && fits
}

/// How a report begins that began at that time.
fn began(report: &Report) -> String {
    ["\"started_at\":\"", &report.started_at, "\""].concat()
}

/// Whether the browser said that its storage is full: then what is kept here is part of the trouble.
fn is_full(report: &Report) -> bool {
    report.evidence.storage().is_some_and(|(_, storage)| storage.areas.iter().any(|area| area.how.contains("Quota")))
}

/// The history beside a report, which is kept first where the person asked for it.
pub fn shown(face: &Face, report: &Rc<Report>, other: &Other) -> Node {
    if !open::is_saved(face)
        && let Some(runs) = kept()
    {
        if is_full(report) {
            forget();
        } else if !runs.iter().any(|run| run.contains(&began(report))) {
            add(runs, report);
        }
    }
    let place = node("div", "history", Vec::new());
    let turned = ArcRwSignal::new(0_u32);
    let (face, report, other, shows) = (face.clone(), Rc::clone(report), other.clone(), place.clone());
    follow(move || {
        turned.get();
        shows.replace_children_with_node_0();
        let turns = turned.clone();
        let all = if kept().is_some() {
            let delete = button("quiet", text(&face.say(t!("Delete them, and keep no more"))), move |_| {
                forget();
                turns.update(|count| *count += 1);
            });
            vec![listed(&face, Some(&other)), node("div", "buttons", vec![delete]).into()]
        } else if open::is_saved(&face) || is_full(&report) {
            Vec::new()
        } else {
            let (again, run) = (face.clone(), Rc::clone(&report));
            let keep = button("quiet", text(&face.say(t!("Keep this browser’s last runs"))), move |_| {
                let kept = add(Vec::new(), &run);
                again.say_aloud(if kept { t!("This run is kept in this browser.") } else { t!("This browser keeps nothing for this page.") });
                turns.update(|count| *count += 1);
            });
            let told = t!(
                "At most {count} reports without secrets, in this browser alone. Nothing is kept before you press this, and you can delete it here.",
                count = RUNS.to_string()
            );
            vec![node("div", "buttons", vec![keep]).into(), said("p", "note", &face.say(told))]
        };
        append(&shows, &all);
    });
    place.into()
}

/// The runs that are kept, to look at and, beside a report, to compare with it.
pub fn listed(face: &Face, other: Option<&Other>) -> Node {
    let runs = kept().unwrap_or_default();
    if runs.is_empty() {
        return text("");
    }
    let made = folded(&face.say(t!("Earlier runs in this browser: {count}", count = runs.len().to_string())), Vec::new());
    let place: &Element = made.unchecked_ref();
    set_part(place, SCREEN_ONLY);
    // Who is asked for nothing reads nothing: ten reports are half a megabyte.
    let (shows, other) = (face.clone(), other.cloned());
    when_opened(
        face,
        place,
        later(move || {
            let list = node("ul", "plain runs", Vec::new());
            let (face, other, runs, place, owner) = (shows.clone(), other.clone(), runs.clone(), list.clone(), Owner::current());
            spawn_local(async move {
                if face.lexicon.part(Part::Saved).await {
                    let one = pointer(one as fn(&Face, &str, Option<&Other>) -> Option<Node>);
                    let lines = || runs.iter().filter_map(|run| one(&face, run, other.as_ref())).collect::<Vec<_>>();
                    append(&place, &owner.map_or_else(lines, |owner| owner.with(lines)));
                }
            });
            vec![list.into()]
        }),
    );
    made
}

/// A run that was kept. What can't be read, since another version wrote it or somebody else, is left out.
fn one(face: &Face, run: &str, other: Option<&Other>) -> Option<Node> {
    let saved = read(run).ok()?;
    let line = node("li", "run", Vec::new());
    let told = [&face.of_english(done::word(saved.told.verdict)), ": ", &saved.told.summary].concat();
    append(&line, &[said("strong", "", &when(&saved.circumstances.started_at)), text(" "), text(&told)]);
    let mut acts = vec![(t!("Show"), show())];
    acts.extend(other.map(|other| (t!("Compare"), compare::with(other))));
    let buttons = node("div", "buttons", Vec::new());
    for (label, act) in acts {
        let (face, near, run, label) = (face.clone(), line.clone(), run.to_owned(), face.say(label));
        let press = button("quiet", text(&label), move |_| take_text(&face, &near, run.clone(), String::new(), Rc::clone(&act)));
        // Ten buttons of one name are told apart by what they are for.
        set(press.unchecked_ref(), "aria-label", &[label.as_str(), ": ", &when(&saved.circumstances.started_at)].concat());
        append(&buttons, &[press]);
    }
    append(&line, &[buttons.into()]);
    Some(line.into())
}
