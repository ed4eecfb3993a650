//! WS011 upgrade-refused
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::{Exchange, Purpose};
use crate::protocol::engine_io::{Answer, Refusal};
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "WS011", name: "upgrade-refused", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let refused = |x: &Exchange| matches!(x.status(), Some(401 | 403 | 407));
    if let Some(raw) = survey.raw()
        && let (Some(tried), Some((cite, exchange, status))) = (raw.refused(), raw.status())
        && refused(exchange)
    {
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(cite, tried));
        return Outcome::Fires(finding.with("status", status.to_string()));
    }
    let Live::Refused { cites } = survey.live() else {
        return Outcome::Clear;
    };
    let Some(control) = survey.polling_hello() else {
        return Outcome::Clear;
    };
    let Some((cite, exchange)) = survey.on_path(Purpose::Companion).find(|(_, x)| refused(x) && !matches!(x.engine(), Answer::Refused { refusal: Refusal::OriginNotAccepted { .. }, .. })) else {
        return Outcome::Clear;
    };
    let status = exchange.status().unwrap_or(0);
    let finding = RULE.finding(without_websocket(survey), Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(cite, [control].into_iter().chain(cites)));
    Outcome::Fires(finding.with("status", status.to_string()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
