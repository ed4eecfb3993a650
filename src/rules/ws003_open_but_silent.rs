//! WS003 open-but-silent
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule};
use super::without_websocket;
use crate::evidence::{Fact, Purpose};
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "WS003", name: "open-but-silent", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Live::Silent { cites } = survey.live() else {
        return Outcome::Clear;
    };
    let Some(all) = Cites::from_all(cites.iter().copied()) else {
        return Outcome::Clear;
    };
    let control = survey.latest(Purpose::Handshake);
    // A server that is slow in everything may only be late: its plain answer says how long it takes.
    let prompt = control.is_some_and(|(_, x)| x.responded_after.is_some_and(|ms| ms < 1_000));
    let confidence = if prompt { Confidence::Observed } else { Confidence::StronglySuggested };
    let waited = survey.evidence.get(cites[0]).map_or(0, |o| match &o.fact {
        Fact::Socket(life) => life.lasted().saturating_sub(life.opened_after().unwrap_or(0)),
        _ => 0,
    });
    let cites = Cites::of(all.as_slice()[0], all.as_slice().iter().copied().chain(control.map(|(c, _)| c)));
    let finding = RULE.finding(without_websocket(survey), confidence, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    Outcome::Fires(finding.with("waited-ms", waited.to_string()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
