//! NET010 http-version
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule};
use super::without_websocket;
use crate::evidence::Cite;
use crate::platforms::gateway;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET010", name: "http-version", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((attempts, proof)) = super::ws001_upgrade_stripped::proof(survey) else {
        return Outcome::Clear;
    };
    let Some((version, protocol)) = suspects_extended_connect(survey) else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(without_websocket(survey), Confidence::Correlated, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(proof, [version].into_iter().chain(attempts)));
    Outcome::Fires(finding.with("protocol", protocol))
}

/// The page's requests go by HTTP/2 or 3, and what is in front is not known to lack WebSockets over it (RFC 8441), so the
/// browser may have used one: (citation, protocol). Never certain: a page can't see which way its socket went.
pub(super) fn suspects_extended_connect(survey: &Survey) -> Option<(Cite, String)> {
    let (cite, protocol) = survey.http_version()?;
    let new = protocol == "h2" || protocol == "h3";
    let lacks = gateway::seen(survey.profile, survey.evidence).iter().any(|g| g.lacks_extended_connect());
    (new && !lacks).then(|| (cite, protocol.to_owned()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
