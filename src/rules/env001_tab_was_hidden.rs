//! ENV001 tab-was-hidden
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Rule, Severity};

use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "ENV001", name: "tab-was-hidden", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    match survey.was_hidden() {
        Some(cite) => Outcome::Fires(RULE.finding(Severity::Info, Confidence::Observed, &[], Cites::of(cite, []))),
        None if survey.evidence.environment().is_none() => Outcome::Unknown { missing: "whether this tab was in view" },
        None => Outcome::Clear,
    }
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
