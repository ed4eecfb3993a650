//! WS001 upgrade-stripped
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::{Cite, Purpose};
use crate::platforms::gateway;
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "WS001", name: "upgrade-stripped", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some(raw) = survey.raw()
        && let (Some(tried), Some((cite, _, status))) = (raw.refused(), raw.status())
        && matches!(status, 400 | 426)
    {
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(cite, tried));
        return Outcome::Fires(finding.with("status", status.to_string()));
    }
    let Some((attempts, reached)) = proof(survey) else {
        return Outcome::Clear;
    };
    if super::net010_http_version::suspects_extended_connect(survey).is_some() {
        return Outcome::Clear;
    }
    let others = [survey.polling_hello(), survey.on_path(Purpose::OriginProbe).map(|(c, _)| c).next()];
    let cites = Cites::of(reached, attempts.into_iter().chain(others.into_iter().flatten()));
    let finding = RULE.finding(without_websocket(survey), Confidence::StronglySuggested, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let seen = gateway::seen(survey.profile, survey.evidence);
    Outcome::Fires(finding.with("gateway", seen.first().map_or("", |g| g.name())))
}

/// The proof: every WebSocket is refused before it opens; a plain GET of the same URL reaches the engine, which says that
/// it is no upgrade; and the engine accepts this origin. (attempts, the engine's answer)
pub(super) fn proof(survey: &Survey) -> Option<(Vec<Cite>, Cite)> {
    let Live::Refused { cites } = survey.live() else { return None };
    let reached = survey.companion_reaches_engine()?;
    let heard = survey.polling_hello().or_else(|| survey.polling_off_by_design());
    let clean = survey.origin_refused().is_none() && survey.websocket_off_by_design().is_none() && survey.policy_violations().is_empty();
    (heard.is_some() && clean).then_some((cites, reached))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
