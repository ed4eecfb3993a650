//! What the conclusions stand on: each finding with the observations it cites, and every observation in full.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Node;

use super::later::later;
use super::node::{folded, folded_later, node, node_with, said, text, when_opened};
use super::{Face, export, observation};
use crate::report::Report;
use crate::rules::{Confidence, Finding, Party};
use crate::t;
use crate::words::Phrase;

/// The findings, and all that was observed: folded, and complete.
pub fn findings(face: &Face, report: &Rc<Report>) -> Node {
    let mut all = Vec::new();
    for (title, findings) in [(t!("Causes"), &report.causes), (t!("What follows from them"), &report.consequences)] {
        if !findings.is_empty() {
            all.push(said("h4", "what", &face.say(title)));
            all.push(node("ul", "plain", findings.iter().map(|f| finding(face, report, f)).collect()).into());
        }
    }
    all.push(said("h4", "what", &face.say(t!("What was observed"))));
    let count = report.evidence.observations().len();
    let made = t!(
        "{count} observations from {requests} requests, begun {time} by this device’s clock. Times are milliseconds since then.",
        count = count.to_string(),
        requests = report.requests.to_string(),
        time = report.started_at.as_str()
    );
    all.push(said("p", "note", &face.say(made)));
    let (shows, seen) = (face.clone(), Rc::clone(report));
    let lines = move || {
        let lines = seen.evidence.observations().iter().filter_map(|o| observed(&shows, &seen, o.id)).collect();
        vec![node("ol", "observations", lines).into()]
    };
    all.push(folded_later(face, &face.say(t!("All observations")), later(lines)));
    folded(&face.say(t!("Evidence")), all)
}

/// One finding: its code and name, how sure it is, who can mend it, and where to see it.
pub fn finding(face: &Face, report: &Report, finding: &Finding) -> Node {
    let mut all = vec![said("span", "code-name", &finding.code), text(" ")];
    // Its sentence for people where it has one; else the name that the format gives it.
    match report.guidance.iter().find(|g| g.code == finding.code && !g.title.is_empty()) {
        Some(guidance) => all.push(text(&guidance.title)),
        None => all.push(node_with("span", "", ("lang", "en"), vec![text(&finding.name)]).into()),
    }
    let numbers: Vec<String> = finding.cites.as_slice().iter().map(|cite| ["#", &cite.to_string()].concat()).collect();
    let told = t!("{sure} {mender} See {numbers}.", sure = sure(finding.confidence), mender = mender(finding.party), numbers = numbers.join(", "));
    all.extend([text(" "), said("span", "aside", &face.say(told))]);
    node("li", "finding", all).into()
}

/// How sure a finding is, in words.
pub fn sure(confidence: Confidence) -> Phrase {
    match confidence {
        Confidence::Observed => t!("Observed: this test saw it."),
        Confidence::StronglySuggested => t!("Strongly suggested: what was seen has hardly another reason."),
        Confidence::Correlated => t!("Correlated: it fits what was seen, and something else may be the reason."),
    }
}

fn mender(party: Party) -> Phrase {
    match party {
        Party::User => t!("Whoever uses the chat can mend it."),
        Party::SiteOperator => t!("The operator of the chat can mend it."),
        Party::NetworkAdmin => t!("The network’s administrator can mend it."),
        Party::Nobody => t!("Nothing has to be mended."),
    }
}

/// An observation in one line, which opens the whole of it. The words are the interface's own, in English.
pub fn observed(face: &Face, report: &Rc<Report>, id: u32) -> Option<Node> {
    let observation = report.evidence.get(id)?;
    let number = ["#", &id.to_string()].concat();
    let time = [&observation.at.to_string(), " ms"].concat();
    let line = vec![said("span", "number", &number), said("span", "time", &time), said("span", "words", &observation::words(&observation.fact))];
    let details = node("details", "", vec![node("summary", "observation-line", line).into()]);
    // The whole of it is written when it is first opened: sixty of them would cost more than the rest of the page.
    let report = Rc::clone(report);
    let whole = move || {
        let full = report.evidence.get(id).map(export::json).unwrap_or_default();
        vec![node_with("pre", "code-text", ("tabindex", "0"), vec![said("code", "", &full)]).into()]
    };
    when_opened(face, &details, later(whole));
    let item = node_with("li", "observation", ("lang", "en"), vec![details.unchecked_into()]);
    super::node::set(&item, "dir", "ltr");
    Some(item.into())
}
