//! SEC001 csp-blocks-connection
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Fact;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "SEC001", name: "csp-blocks-connection", explains: &["NET001", "NET002", "NET009", "WS001", "WS002", "WS003", "NET010", "POLL001", "CORS001", "PATH001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let blocked = survey.policy_violations();
    let Some(cites) = Cites::from_all(blocked.iter().map(|(c, _)| *c)) else {
        return Outcome::Clear;
    };
    let url = blocked.first().and_then(|(c, _)| survey.evidence.get(*c)).map(|o| match &o.fact {
        Fact::PolicyViolation { blocked, .. } => blocked.clone(),
        _ => String::new(),
    });
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], cites);
    Outcome::Fires(finding.with("directive", blocked[0].1).with("blocked", url.unwrap_or_default()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
