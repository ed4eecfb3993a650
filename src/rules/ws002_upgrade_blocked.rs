//! WS002 upgrade-blocked
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::Purpose;
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "WS002", name: "upgrade-blocked", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some(raw) = survey.raw() {
        let answered = raw.companion.is_some_and(|(_, x)| x.answered());
        let cites = raw.hung().map(|c| (c, "hung")).or_else(|| raw.refused().map(|c| (c, "refused")));
        if let (Some((cites, how)), true, Some((companion, x))) = (cites, answered, raw.companion)
            && (how == "hung" || !matches!(x.status(), Some(400 | 401 | 403 | 404 | 407 | 410 | 426 | 429 | 500..=599)) && x.html().is_none())
        {
            let finding = RULE.finding(Severity::Blocks, Confidence::Correlated, &[Party::NetworkAdmin, Party::User, Party::SiteOperator], Cites::of(companion, cites));
            return Outcome::Fires(finding.with("how", how));
        }
    }
    let Some(heard) = survey.engine_heard_by_http() else {
        return Outcome::Clear;
    };
    if survey.websocket_off_by_design().is_some() || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    let (cites, how, confidence) = match survey.live() {
        Live::Hung { cites } => (cites, "hung", Confidence::StronglySuggested),
        Live::Refused { cites } if survey.companion_reaches_engine().is_none() => (cites, "refused", Confidence::Correlated),
        _ => return Outcome::Clear,
    };
    let companion = survey.latest(Purpose::Companion);
    if how == "refused" && companion.is_none_or(|(_, x)| matches!(x.status(), Some(401 | 403 | 407 | 429))) {
        return Outcome::Clear;
    }
    let cites = Cites::of(heard, cites.into_iter().chain(companion.map(|(c, _)| c)));
    let finding = RULE.finding(without_websocket(survey), confidence, &[Party::NetworkAdmin, Party::User, Party::SiteOperator], cites);
    let page = companion.and_then(|(_, x)| x.html()).map(|h| h.title.clone()).unwrap_or_default();
    Outcome::Fires(finding.with("how", how).with("page-title", page))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
