//! PATH005 garbled-answer
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "PATH005", name: "garbled-answer", explains: &["WS003", "WS004", "WS009", "POLL001", "WS001", "WS002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let polling = match survey.polling {
        Polling::Garbled { cite } => Some(cite),
        _ => None,
    };
    let live = match survey.live() {
        Live::Garbled { cites } => cites,
        _ => Vec::new(),
    };
    let Some(cites) = Cites::from_all(polling.into_iter().chain(live.iter().copied())) else {
        return Outcome::Clear;
    };
    let severity = match (polling, live.is_empty()) {
        (None, false) => without_websocket(survey),
        _ => Severity::Blocks,
    };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let both = match (polling.is_some(), live.is_empty()) {
        (true, false) => "both",
        (true, true) => "polling",
        _ => "websocket",
    };
    Outcome::Fires(finding.with("transport", both))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
