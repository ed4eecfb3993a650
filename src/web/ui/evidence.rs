//! What the conclusions stand on: each finding with the observations it cites, and every observation in full.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::Node;

use super::node::{append, folded, node, node_with, on, said, text};
use super::{export, observation};
use crate::report::Report;
use crate::rules::{Finding, Party};

pub fn findings(report: &Rc<Report>) -> Node {
    let mut all = Vec::new();
    for (title, findings) in [("Causes", &report.causes), ("What follows from them", &report.consequences)] {
        if !findings.is_empty() {
            all.push(said("h4", "what", title));
            all.push(node("ul", "plain", findings.iter().map(finding).collect()).into());
        }
    }
    let observations = report.evidence.observations();
    let made = [&observations.len().to_string(), " observations from ", &report.requests.to_string(), " requests"].concat();
    all.push(said("h4", "what", "What was observed"));
    all.push(
        node("p", "note", vec![text(&made), text(", begun "), text(&report.started_at), text(" by this device’s clock. Times are milliseconds since then.")])
            .into(),
    );
    all.push(node("ol", "observations", (0..observations.len()).filter_map(|at| observed(report, at)).collect()).into());
    folded("Evidence", all)
}

fn finding(finding: &Finding) -> Node {
    let mut cites = String::new();
    for cite in finding.cites.as_slice() {
        cites.push_str(if cites.is_empty() { "#" } else { ", #" });
        cites.push_str(&cite.to_string());
    }
    let sure = finding.confidence.words();
    let told = [" ", sure, ", see ", &cites, mender(finding.party)].concat();
    node("li", "finding", vec![said("span", "code-name", &finding.code), text(" "), text(&finding.name), said("span", "aside", &told)]).into()
}

fn mender(party: Party) -> &'static str {
    match party {
        Party::User => "; for whoever uses the chat",
        Party::SiteOperator => "; for the operator",
        Party::NetworkAdmin => "; for the network’s administrator",
        Party::Nobody => "",
    }
}

fn observed(report: &Rc<Report>, at: usize) -> Option<Node> {
    let observation = report.evidence.observations().get(at)?;
    let number = ["#", &observation.id.to_string()].concat();
    let time = [&observation.at.to_string(), " ms"].concat();
    let line = vec![said("span", "number", &number), said("span", "time", &time), said("span", "words", &observation::words(&observation.fact))];
    let details = node("details", "", vec![node("summary", "observation-line", line).into()]);
    // The whole of it is written when it is first opened: sixty of them would cost more than the rest of the page.
    let (report, place, written) = (Rc::clone(report), details.clone(), Cell::new(false));
    on(
        &details,
        "toggle",
        Box::new(move |_| {
            if !written.replace(true) {
                let full = report.evidence.observations().get(at).map(export::json).unwrap_or_default();
                append(&place, &[node_with("pre", "code-text", ("tabindex", "0"), vec![said("code", "", &full)]).into()]);
            }
        }),
    );
    Some(node("li", "observation", vec![details.into()]).into())
}
