//! What to do, for whom. The texts are the report's; here they only get their shape.

use std::rc::Rc;

use web_sys::Node;

use super::copy::copy_button;
use super::node::{folded, node, node_with, on, said, set, text};
use super::{Face, export};
use crate::diagnose::Verdict;
use crate::guidance::{Action, Audience, Guidance, Mend};
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
pub fn operator(face: &Face, report: &Rc<Report>) -> Option<Node> {
    let known = section(face, report, Audience::Operator, "For the operator of this chat")?;
    let copy = Rc::clone(report);
    let button = copy_button(face, "quiet", "Copy all for the operator", move || export::for_operator(&copy));
    Some(node("div", "operator", vec![known, node("div", "buttons", vec![button]).into()]).into())
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
    let tag = if guidance.steps.len() > 1 { "ol" } else { "ul" };
    all.push(node(tag, if guidance.steps.len() > 1 { "todo" } else { "todo single" }, guidance.steps.iter().map(|a| step(face, a)).collect()).into());
    if !guidance.elsewhere.is_empty() {
        let lines = guidance.elsewhere.iter().map(|words| said("li", "", words)).collect();
        all.push(folded("In other browsers", vec![node("ul", "plain", lines).into()]));
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

fn step(face: &Face, action: &Action) -> Node {
    let mut all = vec![said("p", "", &action.text)];
    if let Some(code) = &action.code {
        let copy = code.clone();
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
