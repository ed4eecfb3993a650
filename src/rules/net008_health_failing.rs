//! NET008 health-failing
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::platforms::gateway;
use crate::survey;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET008", name: "health-failing", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let mut asked = false;
    for (cite, exchange) in survey.evidence.exchanges_for(Purpose::Health) {
        asked = true;
        if survey::health_says(exchange) != Some(false) {
            continue;
        }
        let Some(response) = exchange.response().filter(|r| !gateway::wrote(r)) else { continue };
        let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, survey.engine_heard()));
        let says = ["redis", "database", "postgres", "mysql", "mongo", "storage", "queue", "startup"];
        let named: Vec<&str> = says.into_iter().filter(|w| response.excerpt.to_ascii_lowercase().contains(w)).collect();
        let finding = finding.with("status", response.status.to_string()).with("path", exchange.path.clone());
        return Outcome::Fires(finding.with("names", named.join(", ")).with("says", crate::redact::shorten(&response.excerpt, 120)));
    }
    if asked || survey.profile.health_path.is_none() { Outcome::Clear } else { Outcome::Unknown { missing: "an answer of the health endpoint" } }
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
