//! After a run: the verdict on top, then what to do and who does it, then what it stands on.

use leptos::prelude::*;

use super::copy::copy_button;
use super::node::{button, folded, icon, node, node_with, said, text};
use super::running::FIRST;
use super::{Face, advice, evidence, export};
use crate::diagnose::{Unknown, Verdict};
use crate::guidance::Audience;
use crate::profile::Depth;
use crate::report::Report;
use crate::rules::by_code;

pub fn done(face: Face, report: &Report) -> AnyView {
    let mut all = vec![verdict(report), again(face, report)];
    all.extend(advice::person(face, report));
    all.extend(advice::operator(face, report));
    all.extend(advice::section(face, report, Audience::NetworkAdmin, "For the network’s administrator"));
    all.push(hand_on(face, report));
    all.push(evidence::findings(report));
    if !report.unknown.is_empty() {
        let lines = report.unknown.iter().map(undecided).collect();
        let title = ["What could not be decided (", &report.unknown.len().to_string(), ")"].concat();
        all.push(folded(title, vec![node("ul", "plain", lines)]));
    }
    node("section", "report", all)
}

/// A finding by its code, a capability by its name.
fn undecided(unknown: &Unknown) -> AnyView {
    let part = if by_code(&unknown.code).is_some() { "code-name" } else { "" };
    node("li", "", vec![said("span", part, unknown.code.as_str()), text(": "), text(unknown.missing.as_str())])
}

fn verdict(report: &Report) -> AnyView {
    let (part, drawing) = match report.verdict {
        Verdict::Works => ("verdict works", "M5 12.5l4.5 4.5L19 7.5"),
        Verdict::Degraded => ("verdict degraded", "M12 6v7.5M12 17.5v.1"),
        Verdict::Broken => ("verdict broken", "M7 7l10 10M17 7L7 17"),
        Verdict::Inconclusive => ("verdict inconclusive", "M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.5M12 17.8v.1"),
    };
    let mut words = vec![said("p", "verdict-word", word(report.verdict)), node_with("h2", "summary", FIRST, vec![text(report.summary.as_str())])];
    if report.stopped {
        words.push(said("p", "note", "You stopped the test before its end, so this stands on less than a whole run."));
    }
    node("div", part, vec![node("div", "sign", vec![icon(drawing)]), node("div", "verdict-text", words)])
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

fn again(face: Face, report: &Report) -> AnyView {
    let depth = report.profile.depth;
    let mut buttons = vec![button("primary", text("Run again"), move |_| face.run(depth))];
    if depth == Depth::Quick {
        buttons.push(button("quiet", text("Look longer (up to 45 seconds)"), move |_| face.run(Depth::Full)));
    }
    node("div", "buttons", buttons)
}

fn hand_on(face: Face, report: &Report) -> AnyView {
    let (to_copy, to_save, to_keep) = (report.clone(), report.clone(), report.clone());
    node(
        "section",
        "hand-on",
        vec![
            said("h3", "heading", "The report"),
            said("p", "note", "For a ticket or a mail. Tokens, session ids and e-mail addresses are taken out. Nothing is sent unless you send it."),
            node(
                "div",
                "buttons",
                vec![
                    copy_button(face, "quiet", "Copy report", move || to_copy.to_markdown()),
                    button("quiet", text("Download Markdown"), move |_| export::save(&to_save.to_markdown(), "md", "text/markdown")),
                    button("quiet", text("Download JSON"), move |_| export::save(&export::json(&to_keep), "json", "application/json")),
                ],
            ),
        ],
    )
}
