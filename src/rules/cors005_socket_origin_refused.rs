//! CORS005 socket-origin-refused
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "CORS005", name: "socket-origin-refused", explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "NET010", "AUTH002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, origin)) = survey.origin_refused() else {
        return if survey.is_engine_subject() && survey.engine_heard().is_some() && survey.on_path(Purpose::OriginProbe).next().is_none() {
            Outcome::Unknown { missing: "a request that carries this page's origin" }
        } else {
            Outcome::Clear
        };
    };
    let control = survey.polling_hello();
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, control));
    Outcome::Fires(finding.with("origin", origin.unwrap_or_else(|| survey.profile.page_origin.clone())))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
