//! After a run: the verdict on top, then what to do and who does it, then what it stands on.

use std::rc::Rc;

use web_sys::{Element, Node};

use super::super::run::local_time;
use super::copy::copy_button;
use super::idle::{choices, longer};
use super::node::{append, button, folded, icon, node, node_with, said, text};
use super::running::FIRST;
use super::{Face, advice, calls, evidence, export, observation};
use crate::diagnose::{Unknown, Verdict};
use crate::guidance::Audience;
use crate::profile::Depth;
use crate::report::{LONGER, Report};
use crate::rules::by_code;
use crate::run_state::Before;

pub fn done(face: &Face, report: &Rc<Report>) -> Element {
    let mut all = vec![verdict(report)];
    all.extend((face.actions.before)().map(|before| before_after(&before, report)));
    // Where the page can mend something, that is what to press first.
    let part = if report.guidance.iter().any(|g| g.mend.is_some()) { "quiet" } else { "primary" };
    all.push(choices(face, part, "Run again", report.profile.depth));
    all.extend(advice::person(face, report));
    all.push(advice::operator(face, report));
    all.extend(advice::section(face, report, Audience::NetworkAdmin, "For the network’s administrator"));
    all.extend(calls::devices(face, report));
    all.push(hand_on(face, report));
    let lives = report.told_lives();
    if !lives.is_empty() {
        let day = local_time(&report.started_at);
        let lines = lives.iter().map(|life| said("li", "", &life.words(day))).collect();
        all.push(folded("What happened to the live connections", vec![node("ul", "plain", lines).into()]));
    }
    all.push(evidence::findings(report));
    if !report.unknown.is_empty() {
        let title = ["What could not be decided (", &report.unknown.len().to_string(), ")"].concat();
        all.push(folded(&title, undecided(face, report)));
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

/// First what is one click away, last what only a setting makes possible.
fn undecided(face: &Face, report: &Report) -> Vec<Node> {
    let (mut later, mut lines, mut settings) = (Vec::new(), Vec::new(), Vec::new());
    for unknown in &report.unknown {
        let missing = unknown.missing.as_str();
        match missing.split_once(LONGER) {
            Some((what, _)) if report.profile.depth == Depth::Quick => {
                if !later.contains(&what) {
                    later.push(what);
                }
            }
            _ if missing.contains("setting") => settings.push(unknown),
            _ => lines.push(unknown),
        }
    }
    let mut all = Vec::new();
    if !later.is_empty() {
        all.push(said("p", "later", &["The longer test would also look at: ", &later.join(", "), "."].concat()));
        all.push(node("div", "choices", longer(face).into()).into());
    }
    if !lines.is_empty() {
        all.push(listed(&lines));
    }
    if !settings.is_empty() {
        all.push(folded("What a setting of the operator’s makes possible", vec![listed(&settings)]));
    }
    all
}

/// Each missing thing once: a finding by its code, a capability by its name.
fn listed(unknown: &[&Unknown]) -> Node {
    let list = node("ul", "plain", Vec::new());
    for (place, one) in unknown.iter().enumerate() {
        if unknown[..place].iter().any(|before| before.missing == one.missing) {
            continue;
        }
        let line = node("li", "", Vec::new());
        for same in unknown[place..].iter().filter(|same| same.missing == one.missing) {
            let part = if by_code(&same.code).is_some() { "code-name" } else { "" };
            let between = if same.code == one.code { "" } else { ", " };
            append(&line, &[text(between), said("span", part, &same.code)]);
        }
        // Who has had the longer test need not be sent to it.
        append(&line, &[text(": "), text(one.missing.split(LONGER).next().unwrap_or(""))]);
        append(&list, &[line.into()]);
    }
    list.into()
}

fn verdict(report: &Report) -> Node {
    let (part, drawing) = match report.verdict {
        Verdict::Works => ("verdict works", "M5 12.5l4.5 4.5L19 7.5"),
        Verdict::Degraded => ("verdict degraded", "M12 6v7.5M12 17.5v.1"),
        Verdict::Broken => ("verdict broken", "M7 7l10 10M17 7L7 17"),
        Verdict::Inconclusive => ("verdict inconclusive", "M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.5M12 17.8v.1"),
    };
    let mut words = vec![said("p", "verdict-word", word(report.verdict)), node_with("h2", "summary", FIRST, vec![text(&report.summary)]).into()];
    if let Some(told) = observation::way_there_and_back(&report.evidence) {
        words.push(said("p", "note", &told));
    }
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
