//! NET009 certificate-suspected
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::evidence::{Cite, SocketLife};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET009", name: "certificate-suspected", explains: &["NET002", "WS001", "WS002", "POLL001", "NET008"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some(own) = survey.own_file_answers() else {
        return Outcome::Unknown { missing: "an answer of this page's own server" };
    };
    let Some((cites, says_tls)) = suspects(survey) else {
        return Outcome::Clear;
    };
    let confidence = if says_tls { Confidence::StronglySuggested } else { Confidence::Correlated };
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator, Party::User], Cites::of(own, cites));
    Outcome::Fires(finding.with("server", subject(survey)).with("browser-says-tls", if says_tls { "yes" } else { "no" }))
}

/// The server that is asked about, as the person knows it.
pub(super) fn subject(survey: &Survey) -> String {
    let raw = survey.profile.ws_url.as_ref().filter(|_| !survey.is_engine_subject()).and_then(|u| Address::parse(u));
    crate::redact::url(&raw.map_or_else(|| survey.profile.server.clone(), |a| a.origin()))
}

/// Everything to a TLS server of another origin is rejected at once, sockets included: (citations, whether the browser
/// names TLS). Firefox closes with 1015 when TLS fails, and only then; in other browsers a refused port, an unknown name
/// and a bad certificate look alike (measured).
pub(super) fn suspects(survey: &Survey) -> Option<(Vec<Cite>, bool)> {
    let engine = survey.is_engine_subject();
    let address = Address::parse(&subject(survey))?;
    if !address.scheme.is_secure() || address.origin() == survey.profile.page_origin || !survey.policy_violations().is_empty() {
        return None;
    }
    let sockets: Vec<(Cite, &SocketLife)> = if engine { survey.hellos().collect() } else { survey.raw()?.sockets };
    if sockets.is_empty() || !sockets.iter().all(|(_, s)| s.failed_before_open()) {
        return None;
    }
    let requests: Vec<(Cite, bool)> = if engine {
        survey.nothing_answers()?.iter().map(|(c, x)| (*c, x.rejected())).collect()
    } else {
        survey.raw()?.companion.iter().map(|(c, x)| (*c, x.rejected())).collect()
    };
    if requests.is_empty() || !requests.iter().all(|(_, rejected)| *rejected) {
        return None;
    }
    let says_tls = sockets.iter().any(|(_, s)| s.closed().is_some_and(|(_, code, _)| code == 1015));
    let would_say = survey.evidence.environment().is_some_and(|(_, e)| e.user_agent.contains("Firefox/"));
    (says_tls || !would_say).then(|| (sockets.iter().map(|(c, _)| *c).chain(requests.iter().map(|(c, _)| *c)).collect(), says_tls))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
