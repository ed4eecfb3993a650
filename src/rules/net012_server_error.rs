//! NET012 server-error
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::net003_gateway_error::failing;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET012", name: "server-error", explains: &["WS001", "WS002", "POLL001", "POLL003", "NET008", "NET010", "NET007"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, _, status)) = failing(survey, |s| matches!(s, 500..=599) && !matches!(s, 502..=504 | 520..=530)) else {
        return Outcome::Clear;
    };
    let Some(own) = survey.own_file_answers() else {
        return Outcome::Unknown { missing: "a static file of the same server" };
    };
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, [own]));
    Outcome::Fires(finding.with("status", status.to_string()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
