//! ENV002 unsupported-browser
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};

use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "ENV002", name: "unsupported-browser", explains: &["WS001", "WS002", "WS003", "NET002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, environment)) = survey.evidence.environment() else {
        return Outcome::Unknown { missing: "what this browser can do" };
    };
    if environment.missing.is_empty() {
        return Outcome::Clear;
    }
    let severity = if survey.can_do_without_websocket() { Severity::Degrades } else { Severity::Blocks };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::User], Cites::of(cite, []));
    Outcome::Fires(finding.with("missing", environment.missing.join(", ")))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
