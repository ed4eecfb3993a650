//! After a run: the verdict on top, the way with its break, then what to do and who does it, then what it stands on.

use std::rc::Rc;

use web_sys::{Element, Node};

use super::super::run::local_time;
use super::idle::{choices, longer};
use super::node::{append, folded, icon, node, node_with, said, text};
use super::path::{CROSS, MARK, QUESTION, TICK, path};
use super::round_trips::round_trips;
use super::running::FIRST;
use super::transports::transports;
use super::waterfall::waterfall;
use super::{Face, advice, calls, evidence, hand_on, observation};
use crate::diagnose::{Unknown, Verdict};
use crate::english;
use crate::guidance::Audience;
use crate::profile::Depth;
use crate::report::{LONGER, Report};
use crate::rules::by_code;
use crate::run_state::Before;
use crate::t;

/// A run of this page.
pub fn done(face: &Face, report: &Rc<Report>) -> Element {
    let mut above: Vec<Node> = (face.actions.before)().map(|before| before_after(face, &before, report)).into_iter().collect();
    // Where the page can mend something, that is what to press first.
    let part = if report.guidance.iter().any(|g| g.mend.is_some()) { "quiet" } else { "primary" };
    above.push(choices(face, part, t!("Run again"), report.profile.depth));
    whole(face, report, above, true)
}

/// The same face of any report. `above`: what stands below the verdict; `own`: of a run of this page, which can mend and look again.
pub fn whole(face: &Face, report: &Rc<Report>, above: Vec<Node>, own: bool) -> Element {
    let mut all = vec![verdict(face, report)];
    all.extend(above);
    all.push(path(face, report));
    let mut here: Vec<Node> = advice::person(face, report, own).into_iter().collect();
    here.extend(transports(face, report));
    here.extend(round_trips(face, report));
    // What the person at this device does on one side, what others do on the other.
    let mut handed = vec![hand_on::section(face, report, own)];
    if own {
        handed.splice(0..0, calls::devices(face, report));
    }
    let mut others: Vec<Node> = advice::operator(face, report).into_iter().collect();
    others.extend(advice::section(face, report, Audience::NetworkAdmin, own));
    if others.is_empty() && !here.is_empty() {
        others = handed;
    } else {
        here.extend(handed);
    }
    all.push(columns(here, others));
    let lives = report.told_lives();
    if !lives.is_empty() {
        let day = local_time(&report.started_at);
        let lines = lives.iter().map(|life| said("li", "", &face.say(life.words(day)))).collect();
        all.push(folded(&face.say(t!("What happened to the live connections")), vec![node("ul", "plain", lines).into()]));
    }
    if !report.unknown.is_empty() {
        let title = t!("What could not be tested, and why ({count})", count = report.unknown.len().to_string());
        let made = folded(&face.say(title), undecided(face, report, own));
        all.push(made);
    }
    if own {
        all.extend(advice::ladder(face, report));
    }
    all.extend(waterfall(face, report));
    all.push(evidence::findings(face, report));
    node("section", "report", all)
}

/// Two columns, where there is enough for both and the page is wide enough.
fn columns(one: Vec<Node>, other: Vec<Node>) -> Node {
    let part = if other.is_empty() { "columns" } else { "columns two" };
    node("div", part, vec![node("div", "column", one).into(), node("div", "column", other).into()]).into()
}

/// What a repair changed.
fn before_after(face: &Face, before: &Before, report: &Report) -> Node {
    let helped = if before.is_mended(report) { t!("That helped.") } else { t!("That did not help.") };
    let mut all = vec![said("p", "helped", &face.say(helped))];
    for (label, words) in [(t!("Before:"), &before.summary), (t!("Now:"), &report.summary)] {
        all.push(node("p", "", vec![said("strong", "", &face.say(label)), text(" "), text(words)]).into());
    }
    node("section", "before-after", all).into()
}

/// First what is one click away, last what only a setting makes possible.
fn undecided(face: &Face, report: &Report, own: bool) -> Vec<Node> {
    let (mut later, mut lines, mut settings) = (Vec::new(), Vec::new(), Vec::new());
    for unknown in &report.unknown {
        let missing = unknown.missing.as_str();
        let longer = missing.contains(LONGER) && report.profile.depth == Depth::Quick;
        if longer {
            &mut later
        } else if missing.contains("setting") {
            &mut settings
        } else {
            &mut lines
        }
        .push(unknown);
    }
    let mut all = Vec::new();
    if !lines.is_empty() {
        all.push(said("p", "note", &face.say(t!("For these this test lacks:"))));
        all.push(listed(face, &lines));
    }
    if !later.is_empty() {
        all.push(said("p", "note", &face.say(t!("The longer test also looks at:"))));
        all.push(listed(face, &later));
        if own {
            all.push(node("div", "choices", longer(face).into()).into());
        }
    }
    if !settings.is_empty() {
        all.push(folded(&face.say(t!("What a setting of the operator’s makes possible")), vec![listed(face, &settings)]));
    }
    all
}

/// Each missing thing once, with the findings (by their codes) and the capabilities (by their names) that need it.
fn listed(face: &Face, unknown: &[&Unknown]) -> Node {
    let list = node("ul", "untested", Vec::new());
    for (place, one) in unknown.iter().enumerate() {
        if unknown[..place].iter().any(|before| before.missing == one.missing) {
            continue;
        }
        // That the longer test looks at it stands above, or is of no use to who has had that.
        let missing = one.missing.split(LONGER).next().unwrap_or(&one.missing);
        let mut words = vec![text(&face.of_english(missing)), text(" ")];
        for same in unknown[place..].iter().filter(|same| same.missing == one.missing) {
            let known = by_code(&same.code).is_some();
            words.extend([said("span", if known { "code-name" } else { "capability" }, &face.of_english(&same.code)), text(" ")]);
        }
        append(&list, &[node("li", "", vec![icon(QUESTION).into(), node("span", "", words).into()]).into()]);
    }
    list.into()
}

fn verdict(face: &Face, report: &Report) -> Node {
    let (part, drawing) = match report.verdict {
        Verdict::Works => ("verdict works", TICK),
        Verdict::Degraded => ("verdict degraded", MARK),
        Verdict::Broken => ("verdict broken", CROSS),
        Verdict::Inconclusive => ("verdict inconclusive", QUESTION),
    };
    let mut words =
        vec![said("p", "verdict-word", &face.of_english(word(report.verdict))), node_with("h2", "summary", FIRST, vec![text(&report.summary)]).into()];
    if let Some(told) = observation::way_there_and_back(&report.evidence) {
        words.push(said("p", "note", &face.say(told)));
    }
    if report.stopped {
        words.push(said("p", "note", &face.say(t!("You stopped the test before its end, so this stands on less than a whole run."))));
    }
    node("div", part, vec![node("div", "sign", vec![icon(drawing).into()]).into(), node("div", "verdict-text", words).into()]).into()
}

/// The verdict in words for people.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Works => english!("Works"),
        Verdict::Degraded => english!("Works, with a fault"),
        Verdict::Broken => english!("Does not work"),
        Verdict::Inconclusive => english!("Not certain"),
    }
}
