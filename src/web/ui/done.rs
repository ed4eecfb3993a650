//! After a run: the verdict on top, then what to do and who does it, then what it stands on.

use std::rc::Rc;

use web_sys::{Element, Node};

use super::copy::copy_button;
use super::idle::{longer, run_button};
use super::node::{button, folded, icon, node, node_with, said, text};
use super::running::FIRST;
use super::{Face, advice, evidence, export};
use crate::diagnose::{Unknown, Verdict};
use crate::guidance::Audience;
use crate::profile::Depth;
use crate::report::Report;
use crate::rules::by_code;
use crate::run_state::Before;

pub fn done(face: &Face, report: &Rc<Report>) -> Element {
    let mut all = vec![verdict(report)];
    all.extend((face.actions.before)().map(|before| before_after(&before, report)));
    all.push(again(face, report));
    all.extend(advice::person(face, report));
    all.extend(advice::operator(face, report));
    all.extend(advice::section(face, report, Audience::NetworkAdmin, "For the network’s administrator"));
    all.push(hand_on(face, report));
    all.push(evidence::findings(report));
    if !report.unknown.is_empty() {
        let lines = report.unknown.iter().map(undecided).collect();
        let title = ["What could not be decided (", &report.unknown.len().to_string(), ")"].concat();
        all.push(folded(&title, vec![node("ul", "plain", lines).into()]));
    }
    node("section", "report", all)
}

/// What a repair changed.
fn before_after(before: &Before, report: &Report) -> Node {
    let helped = if before.is_mended(report) { "That helped. " } else { "That did not help. " };
    let lines = [("Before: ", &before.summary), ("Now: ", &report.summary)];
    let mut all = vec![said("p", "helped", helped)];
    all.extend(lines.map(|(label, words)| node("p", "", vec![said("strong", "", label), text(words)]).into()));
    node("section", "before-after", all).into()
}

/// A finding by its code, a capability by its name.
fn undecided(unknown: &Unknown) -> Node {
    let part = if by_code(&unknown.code).is_some() { "code-name" } else { "" };
    node("li", "", vec![said("span", part, &unknown.code), text(": "), text(&unknown.missing)]).into()
}

fn verdict(report: &Report) -> Node {
    let (part, drawing) = match report.verdict {
        Verdict::Works => ("verdict works", "M5 12.5l4.5 4.5L19 7.5"),
        Verdict::Degraded => ("verdict degraded", "M12 6v7.5M12 17.5v.1"),
        Verdict::Broken => ("verdict broken", "M7 7l10 10M17 7L7 17"),
        Verdict::Inconclusive => ("verdict inconclusive", "M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.5M12 17.8v.1"),
    };
    let mut words = vec![said("p", "verdict-word", word(report.verdict)), node_with("h2", "summary", FIRST, vec![text(&report.summary)]).into()];
    if report.stopped {
        words.push(said("p", "note", "You stopped the test before its end, so this stands on less than a whole run."));
    }
    node("div", part, vec![node("div", "sign", vec![icon(drawing).into()]).into(), node("div", "verdict-text", words).into()]).into()
}

/// The verdict in words for people.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Works => "Works",
        Verdict::Degraded => "Works, with a fault",
        Verdict::Broken => "Does not work",
        Verdict::Inconclusive => "Not certain",
    }
}

fn again(face: &Face, report: &Report) -> Node {
    let depth = report.profile.depth;
    // Where the page can mend something, that is what to press first.
    let part = if report.guidance.iter().any(|g| g.mend.is_some()) { "quiet" } else { "primary" };
    let mut buttons = vec![run_button(face, part, "Run again", depth)];
    if depth == Depth::Quick {
        buttons.push(longer(face));
    }
    node("div", "buttons", buttons).into()
}

fn hand_on(face: &Face, report: &Rc<Report>) -> Node {
    let (to_copy, to_save, to_keep) = (Rc::clone(report), Rc::clone(report), Rc::clone(report));
    let buttons = vec![
        copy_button(face, "quiet", "Copy report", move || to_copy.to_markdown()),
        button("quiet", text("Download Markdown"), move |_| export::save(&to_save.to_markdown(), "md", "text/markdown")),
        button("quiet", text("Download JSON"), move |_| export::save(&export::json(&*to_keep), "json", "application/json")),
    ];
    node(
        "section",
        "hand-on",
        vec![
            said("h3", "heading", "The report"),
            said("p", "note", "For a ticket or a mail. Tokens, session ids and e-mail addresses are taken out. Nothing is sent unless you send it."),
            node("div", "buttons", buttons).into(),
        ],
    )
    .into()
}
