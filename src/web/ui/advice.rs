//! What to do, for whom. The texts are the report's; here they only get their shape.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Node;

use super::copy::{copy_button, copy_wanted};
use super::later::{Wanted, later};
use super::node::{button, folded, icon, node, node_with, on, said, set, text};
use super::path::TICK;
use super::{Face, evidence, export, observation};
use crate::diagnose::Verdict;
use crate::evidence::{Fact, SocketPurpose};
use crate::guidance::{Audience, Decision, Guidance, Mend};
use crate::profile::{Depth, Extra};
use crate::report::Report;
use crate::t;
use crate::words::Phrase;

/// What the person can do. Where no text speaks to them, handing the report on is what they can do.
pub fn person(face: &Face, report: &Rc<Report>, own: bool) -> Option<Node> {
    let known = section(face, report, Audience::Person, own);
    if known.is_some() || report.verdict == Verdict::Works {
        return known;
    }
    let words = match report.verdict {
        Verdict::Inconclusive => t!("Look longer, and if the chat still fails, send the report below to the people who run it."),
        _ => t!("Send the report below to the people who run this chat. It says what was found and how to mend it."),
    };
    Some(node("section", "advice", vec![said("h3", "heading", &face.say(heading(Audience::Person))), said("p", "", &face.say(words))]).into())
}

/// What the operator can do, with one button for all of it.
pub fn operator(face: &Face, report: &Rc<Report>) -> Option<Node> {
    let known = section(face, report, Audience::Operator, false)?;
    let (owner, told, data) = (face.clone(), Rc::clone(report), Rc::clone(report));
    let markdown = later(move || export::for_operator(&told, &owner.lexicon.words()));
    let button = copy_wanted(face, t!("Copy all for the operator"), &Rc::new(Wanted { markdown, json: Rc::new(move || export::json(&*data)) }));
    Some(node("div", "operator", vec![known, node("div", "buttons", vec![button]).into()]).into())
}

/// The ladder's button, where it is of use, and what the ladder saw where it was pressed.
pub fn ladder(face: &Face, report: &Report) -> Option<Node> {
    let live = report.evidence.sockets_for(SocketPurpose::Hello).any(|(_, life)| life.open_packet().is_some());
    if !live || !matches!(report.verdict, Verdict::Works | Verdict::Degraded) {
        return None;
    }
    let presses = face.clone();
    let rungs = report.evidence.observations().iter().filter_map(|o| if let Fact::Rung(rung) = &o.fact { Some(rung) } else { None });
    let seen: Vec<Node> = rungs.map(|rung| node_with("li", "", ("lang", "en"), vec![text(&observation::of_rung(rung))]).into()).collect();
    let climbed = !seen.is_empty();
    let what =
        t!("Opens 1, 2, 4 and 8 connections, one step after the other, in at most 20 seconds. It is no load test. Meant for the people who run this chat.");
    let press = button("quiet", text(&face.say(t!("Try with more connections"))), move |_| presses.run(Depth::Quick, Extra::Ladder));
    let made = folded(
        &face.say(t!("For the operator: try with more connections")),
        vec![said("p", "note", &face.say(what)), node("ul", "plain", seen).into(), node("div", "buttons", vec![press]).into()],
    );
    if climbed {
        set(made.unchecked_ref(), "open", "");
    }
    Some(made)
}

fn heading(audience: Audience) -> Phrase {
    match audience {
        Audience::Person => t!("What you can do"),
        Audience::Operator => t!("For the operator of this chat"),
        Audience::NetworkAdmin => t!("For the network’s administrator"),
    }
}

/// All texts for one audience; `None` where there is none. `own`: of a run of this page, which can mend what it found.
pub fn section(face: &Face, report: &Rc<Report>, audience: Audience, own: bool) -> Option<Node> {
    let mut all = vec![said("h3", "heading", &face.say(heading(audience)))];
    for guidance in report.guidance.iter().filter(|g| g.audience == audience) {
        all.push(one(face, guidance, report, own));
    }
    (all.len() > 1).then(|| node("section", "advice", all).into())
}

fn one(face: &Face, guidance: &Guidance<String>, report: &Report, own: bool) -> Node {
    let mut all = Vec::new();
    // For the person the title of the gravest cause is the verdict's sentence: said once.
    if guidance.title != report.summary {
        let mut title = vec![text(&guidance.title)];
        if guidance.audience != Audience::Person {
            title.push(text(" "));
            title.push(said("span", "code-name", &guidance.code));
        }
        all.push(node("h4", "what", title).into());
    }
    if let Some(finding) = report.causes.iter().find(|f| f.code == guidance.code) {
        all.push(said("p", "sure", &face.say(evidence::sure(finding.confidence))));
    }
    if let Some(mend) = guidance.mend.as_ref().filter(|_| own) {
        all.push(mend_button(face, &guidance.code, mend));
        if !guidance.steps.is_empty() {
            all.push(said("p", "note", &face.say(t!("Or by hand:"))));
        }
    }
    if !guidance.decisions.is_empty() {
        all.push(said("p", "note", &face.say(t!("First the questions, in this order; ticked is what this test has answered."))));
        all.push(node("ol", "decisions", guidance.decisions.iter().map(|d| decision(face, d)).collect()).into());
    }
    let (tag, part) = if guidance.steps.len() > 1 { ("ol", "todo") } else { ("ul", "todo single") };
    all.push(node(tag, part, guidance.steps.iter().map(|a| step(face, &a.text, a.code.as_deref())).collect()).into());
    if !guidance.elsewhere.is_empty() {
        let title = if guidance.audience == Audience::Person { t!("In other browsers") } else { t!("For other gateways") };
        // A code to copy stands after the first line.
        let lines = guidance.elsewhere.iter().map(|words| {
            let (place, code) = words.split_once('\n').map_or((words.as_str(), None), |(place, code)| (place, Some(code)));
            step(face, place, code)
        });
        all.push(folded(&face.say(title), vec![node("ul", "plain", lines.collect()).into()]));
    }
    for (label, words) in [(t!("How to see that it worked:"), &guidance.recheck), (t!("What it does not solve:"), &guidance.limits)] {
        if !words.is_empty() {
            all.push(node("p", "note", vec![said("strong", "", &face.say(label)), text(" "), text(words)]).into());
        }
    }
    node("article", "guidance", all).into()
}

/// What it removes is said before it is pressed.
fn mend_button(face: &Face, code: &str, mend: &Mend<String>) -> Node {
    let (owner, code, repair, words) = (face.clone(), code.to_owned(), mend.repair.clone(), text(&mend.label));
    let shown = words.clone();
    let made = node_with("button", "primary mend", ("type", "button"), vec![words]);
    set(&made, "data-repair", repair.kind());
    let pressed = made.clone();
    on(
        &made,
        "click",
        Box::new(move |_| {
            set(&pressed, "disabled", "");
            shown.set_node_value(Some(&owner.say(t!("Working…"))));
            owner.mend(&code, &repair);
        }),
    );
    node("div", "mending", vec![said("p", "", &mend.removes), made.into()]).into()
}

/// A question, ticked off with what the evidence answers, or open with how to find out.
fn decision(face: &Face, decision: &Decision<String>) -> Node {
    let (part, drawing, told) = match &decision.answer {
        Some(answer) => ("decision answered", TICK, vec![said("span", "aloud", &face.say(t!("answered:"))), text(" "), text(answer)]),
        None => ("decision", "M5 5h14v14H5z", vec![text(&decision.next)]),
    };
    let words = node("div", "", vec![said("p", "question", &decision.question), node("p", "note", told).into()]);
    node("li", part, vec![icon(drawing).into(), words.into()]).into()
}

fn step(face: &Face, words: &str, code: Option<&str>) -> Node {
    let mut all = vec![said("p", "", words)];
    if let Some(code) = code {
        let copy = code.to_owned();
        let lines = node_with("pre", "code-text", ("tabindex", "0"), vec![said("code", "", code)]);
        set(&lines, "dir", "ltr");
        all.push(node("div", "code", vec![lines.into(), copy_button(face, "copy-code", t!("Copy"), move || copy.clone())]).into());
    }
    node("li", "", all).into()
}
