//! Two reports side by side: what changed from the older to the newer.

use std::rc::Rc;

use leptos::prelude::{ArcRwSignal, Get, Set, With};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

use super::super::lexicon::pointer;
use super::node::{append, button, follow, node, node_with, said, set, text};
use super::open::{Act, file_button, when};
use super::running::FIRST;
use super::{Face, done, in_a_while};
use crate::report::Report;
use crate::report::changes::{Changes, Fault, in_order};
use crate::run_state::RunState;
use crate::t;
use crate::words::{Phrase, Text};

/// The report that the shown one is compared with, if there is one.
pub type Other = ArcRwSignal<Option<Rc<Report>>>;

/// To compare with a report that was read.
pub fn with(other: &Other) -> Act {
    let other = other.clone();
    Rc::new(move |_, report, _, _| other.set(Some(report)))
}

/// What there is to compare with.
pub fn choices(face: &Face, other: &Other) -> Node {
    let mut all = vec![file_button(face, t!("Compare with a saved report"), with(other))];
    let own = face.state.with(|state| if let RunState::Opened(opened) = state { opened.own.clone() } else { None });
    if let Some(own) = own {
        let other = other.clone();
        all.push(button("quiet", text(&face.say(t!("Compare with this browser’s report"))), move |_| other.set(Some(Rc::clone(&own)))));
    }
    all.push(file_button(face, t!("Open a saved report"), super::open::show()));
    node("div", "buttons", all).into()
}

/// The comparison, where one is asked for.
pub fn shown(face: &Face, report: &Rc<Report>, other: &Other) -> Node {
    let place = node("div", "comparison", Vec::new());
    let (face, report, shows, other) = (face.clone(), Rc::clone(report), place.clone(), other.clone());
    follow(move || {
        shows.replace_children_with_node_0();
        if let Some(with) = other.get() {
            let (before, after) = in_order(&report, &with);
            let compared = pointer(compared as fn(&Face, &Report, &Report, &Other, &Element) -> Vec<Node>);
            append(&shows, &compared(&face, before, after, &other, &shows));
            // The person's next look is here, wherever the button was.
            let first = shows.clone();
            in_a_while(0, move || focus(Some(&first), "h4"));
        }
    });
    place.into()
}

fn focus(within: Option<&Element>, selector: &str) {
    if let Some(Ok(Some(found))) = within.map(|within| within.query_selector(selector)) {
        _ = found.unchecked_into::<HtmlElement>().focus();
    }
}

/// Where there is another report, what read it is here.
fn compared(face: &Face, before: &Report, after: &Report, other: &Other, place: &Element) -> Vec<Node> {
    let changes = Changes::between(before, after);
    let mut all = vec![node_with("h4", "what", FIRST, vec![text(&face.say(t!("What changed")))]).into()];
    all.extend(changes.cautions.iter().map(|caution| said("p", "note", &face.say(caution.clone()))));
    if changes.is_nothing() {
        all.push(said("p", "", &face.say(t!("Both come to the same result, with the same causes."))));
    }
    for (title, faults) in [(t!("Gone"), &changes.gone), (t!("New"), &changes.new), (t!("In both"), &changes.same)] {
        if !faults.is_empty() {
            all.push(said("h5", "what", &face.say(title)));
            all.push(node("ul", "plain", faults.iter().map(fault).collect()).into());
        }
    }
    let head = |side: Phrase, report: &Report| -> Node {
        let words = vec![said("strong", "", &face.say(side)), text(" "), text(&when(&report.started_at))];
        node_with("th", "", ("scope", "col"), words).into()
    };
    let top = node("tr", "", vec![node("td", "", Vec::new()).into(), head(t!("Before"), before), head(t!("After"), after)]);
    let word = |verdict| Text::from(face.of_english(done::word(verdict)));
    let differ = changes.verdicts.0 != changes.verdicts.1;
    let mut rows = vec![row(face, t!("Result"), word(changes.verdicts.0), word(changes.verdicts.1), differ)];
    rows.extend(changes.figures.into_iter().map(|figure| row(face, figure.label, figure.before, figure.after, figure.changed)));
    let table = node("table", "figures", vec![node("thead", "", vec![top.into()]).into(), node("tbody", "", rows).into()]);
    let scrolls = node_with("div", "scrolls", ("tabindex", "0"), vec![table.into()]);
    for (name, value) in [("role", "group"), ("aria-label", &face.say(t!("Figures of both")))] {
        set(&scrolls, name, value);
    }
    all.push(scrolls.into());
    let (other, beside) = (other.clone(), place.clone());
    let close = button("quiet", text(&face.say(t!("Close the comparison"))), move |_| {
        other.set(None);
        // The button is gone: on to what it was opened with.
        focus(beside.next_element_sibling().as_ref(), "button");
    });
    all.push(node("div", "buttons", vec![close]).into());
    all
}

fn fault(fault: &Fault) -> Node {
    node("li", "", vec![said("span", "code-name", &fault.code), text(" "), text(&fault.name)]).into()
}

fn row(face: &Face, label: Phrase, before: Text, after: Text, changed: bool) -> Node {
    let cell = |value: Text| said("td", "", &if value.is_empty() { face.say(t!("not known")) } else { face.say(value) });
    let mut title = vec![text(&face.say(label))];
    if changed {
        title.extend([text(" "), said("span", "changed", &face.say(t!("changed")))]);
    }
    let label = node_with("th", "", ("scope", "row"), title);
    node("tr", if changed { "differs" } else { "" }, vec![label.into(), cell(before), cell(after)]).into()
}
