//! CORS001 not-allowed
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "CORS001", name: "not-allowed", explains: &["POLL001", "POLL003", "WS002", "NET008", "SES001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if !survey.profile.is_cross_origin() || !survey.is_engine_subject() {
        return Outcome::Clear;
    }
    let Polling::Rejected { cite } = survey.polling else {
        return Outcome::Clear;
    };
    let detour = survey.on_path(Purpose::RedirectControl).any(|(_, x)| x.response().is_some_and(|r| r.response_type == "opaqueredirect"));
    let opaque = survey.evidence.exchanges_for(Purpose::ServerNoCors).find(|(_, x)| x.path == survey.path && x.answered());
    let Some((control, _)) = opaque else {
        return Outcome::Unknown { missing: "an answer in request mode no-cors" };
    };
    if detour || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    let live = matches!(survey.live(), Live::Hello { .. });
    let severity = if live && !survey.known.polls { Severity::Info } else { Severity::Blocks };
    let finding = RULE.finding(severity, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(cite, [control]));
    Outcome::Fires(finding.with("page-origin", survey.profile.page_origin.clone()).with("websocket", if live { "works" } else { "" }))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
