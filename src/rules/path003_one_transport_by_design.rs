//! PATH003 one-transport-by-design
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Rule, Severity};
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "PATH003", name: "one-transport-by-design", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let found = match (survey.polling_off_by_design(), survey.websocket_off_by_design()) {
        (Some(cite), _) if matches!(survey.live(), Live::Hello { .. }) => Some((cite, survey.websocket_hello().map(|(c, _)| c), "websocket-only")),
        (_, Some(cite)) if survey.polling_hello().is_some() => Some((cite, survey.polling_works(), "polling-only")),
        _ => None,
    };
    let Some((cite, other, kind)) = found else {
        return Outcome::Clear;
    };
    Outcome::Fires(RULE.finding(Severity::Info, Confidence::Observed, &[], Cites::of(cite, other)).with("kind", kind))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
