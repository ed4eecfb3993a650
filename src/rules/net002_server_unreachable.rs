//! NET002 server-unreachable
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Purpose};
use crate::survey::Raw;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET002", name: "server-unreachable", explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "NET008", "NET007", "NET010", "PATH001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if survey.profile.is_cross_origin() || survey.profile.ws_url.is_some() || survey.is_engine_subject() {
        let Some(own) = survey.own_file_answers() else {
            return Outcome::Unknown { missing: "an answer of this page's own server" };
        };
        if super::net009_certificate_suspected::suspects(survey).is_some() {
            return Outcome::Clear;
        }
        let engine = survey.is_engine_subject().then(|| survey.nothing_answers()).flatten();
        let raw = survey.raw().and_then(|raw| unanswered_raw(&raw));
        let (cites, silent, scope) = match (engine, raw) {
            (Some(all), _) => {
                let silent = all.iter().any(|(_, x)| x.timed_out());
                let root_too = survey.profile.is_cross_origin() && all.iter().any(|(_, x)| x.purpose == Purpose::Server);
                (all.iter().map(|(c, _)| *c).collect::<Vec<_>>(), silent, if root_too { "server" } else { "socket-path" })
            }
            (None, Some((cites, silent))) => (cites, silent, "server"),
            (None, None) => return Outcome::Clear,
        };
        let confidence = if silent { Confidence::StronglySuggested } else { Confidence::Observed };
        let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(own, cites));
        return Outcome::Fires(finding.with("scope", scope).with("how", if silent { "silent" } else { "refused" }).with("server", super::net009_certificate_suspected::subject(survey)));
    }
    Outcome::Clear
}

/// A raw WebSocket that does not open while nothing answers a plain request to its server either: (citations, silent).
fn unanswered_raw(raw: &Raw) -> Option<(Vec<Cite>, bool)> {
    let (cite, companion) = raw.companion?;
    let dead = companion.rejected() || companion.timed_out();
    let mut cites = raw.refused().or_else(|| raw.hung())?;
    cites.push(cite);
    dead.then(|| (cites, companion.timed_out()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
