//! What to do, for whom. The texts are the report's; here they only get their shape.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Node;

use super::copy::copy_button;
use super::node::{append, button, folded, icon, node, node_with, on, said, set, text};
use super::{Face, export, observation};
use crate::diagnose::Verdict;
use crate::evidence::{Fact, SocketPurpose};
use crate::guidance::{Audience, Decision, Guidance, Mend};
use crate::profile::{Depth, Extra};
use crate::report::Report;

/// What the person can do. Where no text speaks to them, handing the report on is what they can do.
pub fn person(face: &Face, report: &Rc<Report>) -> Option<Node> {
    let known = section(face, report, Audience::Person, "What you can do");
    if known.is_some() || report.verdict == Verdict::Works {
        return known;
    }
    let words = match report.verdict {
        Verdict::Inconclusive => "Look longer, and if the chat still fails, send the report below to the people who run it.",
        _ => "Send the report below to the people who run this chat. It says what was found and how to mend it.",
    };
    Some(node("section", "advice", vec![said("h3", "heading", "What you can do"), said("p", "", words)]).into())
}

/// What the operator can do, with one button for all of it.
pub fn operator(face: &Face, report: &Rc<Report>) -> Node {
    let all = node("div", "operator", Vec::new());
    if let Some(known) = section(face, report, Audience::Operator, "For the operator of this chat") {
        let copy = Rc::clone(report);
        let button = copy_button(face, "quiet", "Copy all for the operator", move || export::for_operator(&copy));
        append(&all, &[known, node("div", "buttons", vec![button]).into()]);
    }
    let live = report.evidence.sockets_for(SocketPurpose::Hello).any(|(_, life)| life.open_packet().is_some());
    if live && matches!(report.verdict, Verdict::Works | Verdict::Degraded) {
        append(&all, &[ladder(face, report)]);
    }
    all.into()
}

/// The ladder's button, and what the ladder saw where it was pressed.
fn ladder(face: &Face, report: &Report) -> Node {
    let presses = face.clone();
    let seen = report.evidence.observations().iter().filter(|o| matches!(o.fact, Fact::Rung(_)));
    let seen: Vec<Node> = seen.map(|o| said("li", "", &observation::words(&o.fact))).collect();
    let climbed = !seen.is_empty();
    let made = folded(
        "For the operator: try with more connections",
        vec![
            said(
                "p",
                "note",
                "Opens 1, 2, 4 and 8 connections, one step after the other, in at most 20 seconds. It is no load test. Meant for the people who run this chat.",
            ),
            node("ul", "plain", seen).into(),
            node("div", "buttons", vec![button("quiet", text("Try with more connections"), move |_| presses.run(Depth::Quick, Extra::Ladder))]).into(),
        ],
    );
    if climbed {
        set(made.unchecked_ref(), "open", "");
    }
    made
}

/// All texts for one audience; `None` where there is none.
pub fn section(face: &Face, report: &Rc<Report>, audience: Audience, heading: &'static str) -> Option<Node> {
    let mut all = vec![said("h3", "heading", heading)];
    for guidance in report.guidance.iter().filter(|g| g.audience == audience) {
        all.push(one(face, guidance, &report.summary));
    }
    (all.len() > 1).then(|| node("section", "advice", all).into())
}

fn one(face: &Face, guidance: &Guidance, summary: &str) -> Node {
    let mut all = Vec::new();
    // For the person the title of the gravest cause is the verdict's sentence: said once.
    if guidance.title != summary {
        let mut title = vec![text(&guidance.title)];
        if guidance.audience != Audience::Person {
            title.push(text(" "));
            title.push(said("span", "code-name", &guidance.code));
        }
        all.push(node("h4", "what", title).into());
    }
    if let Some(mend) = &guidance.mend {
        all.push(mend_button(face, &guidance.code, mend));
        if !guidance.steps.is_empty() {
            all.push(said("p", "note", "Or by hand:"));
        }
    }
    if !guidance.decisions.is_empty() {
        all.push(said("p", "note", "First the questions, in this order; ticked is what this test has answered."));
        all.push(node("ol", "decisions", guidance.decisions.iter().map(decision).collect()).into());
    }
    let tag = if guidance.steps.len() > 1 { "ol" } else { "ul" };
    all.push(
        node(
            tag,
            if guidance.steps.len() > 1 { "todo" } else { "todo single" },
            guidance.steps.iter().map(|a| step(face, &a.text, a.code.as_deref())).collect(),
        )
        .into(),
    );
    if !guidance.elsewhere.is_empty() {
        let title = if guidance.audience == Audience::Person { "In other browsers" } else { "For other gateways" };
        // A code to copy stands after the first line.
        let lines = guidance.elsewhere.iter().map(|words| {
            let (place, code) = words.split_once('\n').map_or((words.as_str(), None), |(place, code)| (place, Some(code)));
            step(face, place, code)
        });
        all.push(folded(title, vec![node("ul", "plain", lines.collect()).into()]));
    }
    for (label, words) in [("How to see that it worked: ", &guidance.recheck), ("What it does not solve: ", &guidance.limits)] {
        if !words.is_empty() {
            all.push(node("p", "note", vec![said("strong", "", label), text(words)]).into());
        }
    }
    node("article", "guidance", all).into()
}

/// What it removes is said before it is pressed.
fn mend_button(face: &Face, code: &str, mend: &Mend) -> Node {
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
            shown.set_node_value(Some("Working…"));
            owner.mend(&code, &repair);
        }),
    );
    node("div", "mending", vec![said("p", "", &mend.removes), made.into()]).into()
}

/// A question, ticked off with what the evidence answers, or open with how to find out.
fn decision(decision: &Decision) -> Node {
    let (part, drawing, told) = match &decision.answer {
        Some(answer) => ("decision answered", "M5 12.5l4.5 4.5L19 7.5", vec![said("span", "aloud", "answered: "), text(answer)]),
        None => ("decision", "M5 5h14v14H5z", vec![text(&decision.next)]),
    };
    let words = node("div", "", vec![said("p", "question", &decision.question), node("p", "note", told).into()]);
    node("li", part, vec![icon(drawing).into(), words.into()]).into()
}

fn step(face: &Face, words: &str, code: Option<&str>) -> Node {
    let mut all = vec![said("p", "", words)];
    if let Some(code) = code {
        let copy = code.to_owned();
        all.push(
            node(
                "div",
                "code",
                vec![
                    node_with("pre", "code-text", ("tabindex", "0"), vec![said("code", "", code)]).into(),
                    copy_button(face, "copy-code", "Copy", move || copy.clone()),
                ],
            )
            .into(),
        );
    }
    node("li", "", all).into()
}
