//! What the conclusions stand on: each finding with the observations it cites, and every observation in full.

use leptos::prelude::*;

use super::node::{folded, node, node_with, said, text};
use super::{export, observation};
use crate::evidence::Observation;
use crate::report::Report;
use crate::rules::{Finding, Party};

pub fn findings(report: &Report) -> AnyView {
    let mut all = Vec::new();
    for (title, findings) in [("Causes", &report.causes), ("What follows from them", &report.consequences)] {
        if !findings.is_empty() {
            all.push(said("h4", "what", title));
            all.push(node("ul", "plain", findings.iter().map(finding).collect()));
        }
    }
    let observations = report.evidence.observations();
    let made = [&observations.len().to_string(), " observations from ", &report.requests.to_string(), " requests"].concat();
    all.push(said("h4", "what", "What was observed"));
    all.push(node(
        "p",
        "note",
        vec![text(made), text(", begun "), text(report.started_at.as_str()), text(" by this device’s clock. Times are milliseconds since then.")],
    ));
    all.push(node("ol", "observations", observations.iter().map(observed).collect()));
    folded("Evidence", all)
}

fn finding(finding: &Finding) -> AnyView {
    let mut cites = String::new();
    for cite in finding.cites.as_slice() {
        cites.push_str(if cites.is_empty() { "#" } else { ", #" });
        cites.push_str(&cite.to_string());
    }
    let sure = finding.confidence.words();
    let told = [" ", sure, ", see ", &cites, mender(finding.party)].concat();
    node("li", "finding", vec![said("span", "code-name", finding.code.as_str()), text(" "), text(finding.name.as_str()), said("span", "aside", told)])
}

fn mender(party: Party) -> &'static str {
    match party {
        Party::User => "; for whoever uses the chat",
        Party::SiteOperator => "; for the operator",
        Party::NetworkAdmin => "; for the network’s administrator",
        Party::Nobody => "",
    }
}

fn observed(observation: &Observation) -> AnyView {
    let number = ["#", &observation.id.to_string()].concat();
    let time = [&observation.at.to_string(), " ms"].concat();
    let line = vec![said("span", "number", number), said("span", "time", time), said("span", "words", observation::words(&observation.fact))];
    // The whole of it is written when it is first opened: sixty of them would cost more than the rest of the page.
    let (open, set_open) = signal(false);
    let kept = StoredValue::new(observation.clone());
    let full = move || {
        if open.get() { node_with("pre", "code-text", ("tabindex", Some("0")), vec![said("code", "", kept.with_value(export::json))]) } else { ().into_any() }
    };
    let details = leptos::html::custom("details")
        .on(leptos::ev::toggle, move |_| set_open.set(true))
        .child(vec![node("summary", "observation-line", line), full.into_any()])
        .into_any();
    node("li", "observation", vec![details])
}
