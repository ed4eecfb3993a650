//! NET003 gateway-error
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Purpose, Response};
use crate::platforms::gateway;
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET003", name: "gateway-error", explains: &["WS001", "WS002", "POLL001", "POLL003", "NET008", "PATH001", "NET010", "NET007", "AUTH002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, response, status)) = failing(survey, |s| matches!(s, 502..=504 | 520..=530)) else {
        return Outcome::Clear;
    };
    let Some(own) = survey.own_file_answers() else {
        return Outcome::Unknown { missing: "a static file of the same server" };
    };
    let app_too = survey.evidence.exchanges_for(Purpose::ChatPage).find(|(_, x)| x.status().is_some_and(|s| s >= 500)).map(|(c, _)| c);
    let marks = gateway::marks(response);
    let certain = status != 503 || gateway::wrote(response);
    let confidence = if certain { Confidence::Observed } else { Confidence::StronglySuggested };
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator], Cites::of(cite, [own].into_iter().chain(app_too)));
    let finding = finding.with("status", status.to_string()).with("scope", if app_too.is_some() { "application" } else { "socket" });
    Outcome::Fires(finding.with("gateway", marks.first().map_or("", |g| g.name())))
}

/// The status that every handshake at the socket path ends with, when an engine was never heard there; the same for the
/// plain GET of a raw WebSocket's URL.
pub(super) fn failing<'a>(survey: &Survey<'a>, wanted: fn(u16) -> bool) -> Option<(Cite, &'a Response, u16)> {
    if let Some(raw) = survey.raw()
        && let (Some(_), Some((cite, exchange, status))) = (raw.refused(), raw.status())
        && wanted(status)
    {
        return Some((cite, exchange.response()?, status));
    }
    let Polling::Foreign { cite, exchange } = survey.polling else { return None };
    let status = exchange.status().filter(|s| wanted(*s))?;
    let heard = survey.engine_heard().is_some() || matches!(survey.live(), Live::Hello { .. });
    (!heard).then_some((cite, exchange.response()?, status))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
