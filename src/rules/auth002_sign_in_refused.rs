//! AUTH002 sign-in-refused
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::sio001_namespace_unknown::{connect_refusal, is_unknown_namespace};
use crate::evidence::Purpose;
use crate::protocol::engine_io::Refusal;
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "AUTH002", name: "sign-in-refused", explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some((cite, life)) = survey.connect()
        && let Some(message) = connect_refusal(survey, life)
        && !is_unknown_namespace(&message)
        && !message.to_ascii_uppercase().replace([' ', '-'], "_").contains("RATE_LIMIT")
    {
        let words = ["auth", "token", "jwt", "forbid", "denied", "refused", "reject", "login", "sign", "credential", "session", "expired", "permission", "allowed"];
        let about_sign_in = words.iter().any(|w| message.to_ascii_lowercase().contains(w));
        let confidence = if about_sign_in { Confidence::StronglySuggested } else { Confidence::Correlated };
        let finding = RULE.finding(Severity::Blocks, confidence, &[Party::User, Party::SiteOperator], Cites::of(cite, survey.websocket_hello().map(|(c, _)| c)));
        return Outcome::Fires(finding.with("where", "channel").with("message", message));
    }
    let live = matches!(survey.live(), Live::Hello { .. });
    let refused = match &survey.polling {
        Polling::Foreign { cite, exchange } => exchange.status().map(|s| (*cite, s)),
        Polling::Refused { cite, refusal: Refusal::Forbidden { .. }, .. } => Some((*cite, 403)),
        _ => None,
    };
    if let Some((cite, status @ (401 | 403))) = refused.filter(|_| !live) {
        let confidence = if status == 401 { Confidence::Observed } else { Confidence::StronglySuggested };
        let finding = RULE.finding(Severity::Blocks, confidence, &[Party::User, Party::SiteOperator], Cites::of(cite, survey.own_file_answers()));
        return Outcome::Fires(finding.with("where", "requests").with("status", status.to_string()));
    }
    let user = survey.evidence.exchanges_for(Purpose::User).last();
    match user {
        // Nobody is signed in: the chat then shows its own sign-in page, and nothing is wrong with that.
        Some((cite, x)) if matches!(x.status(), Some(401 | 403)) && (survey.polling_hello().is_some() || live) => {
            Outcome::Fires(RULE.finding(Severity::Info, Confidence::Observed, &[Party::User], Cites::of(cite, [])).with("where", "user"))
        }
        _ => Outcome::Clear,
    }
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
