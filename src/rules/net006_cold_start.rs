//! NET006 cold-start
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET006", name: "cold-start", explains: &["WS001", "WS002", "WS009", "NET007", "NET003", "POLL003", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let mut all: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.status().is_some()).collect();
    all.sort_by_key(|(_, x)| x.started);
    let failed = |x: &Exchange| matches!(x.status(), Some(502..=504));
    let first_answer = all.iter().filter(|(_, x)| x.engine().is_engine()).map(|(_, x)| x.started + x.ended_after).min();
    let Some(first_answer) = first_answer else {
        return Outcome::Clear;
    };
    let failures: Vec<Cite> = all.iter().filter(|(_, x)| failed(x)).map(|(c, _)| *c).collect();
    let after: Vec<&(Cite, &Exchange)> = all.iter().filter(|(_, x)| x.started >= first_answer).collect();
    if !failures.is_empty() {
        let woke = failed(all[0].1) && after.len() >= 3 && !after.iter().any(|(_, x)| failed(x));
        let Some(cites) = Cites::from_all(failures.into_iter().chain(after.iter().map(|(c, _)| *c).take(3))).filter(|_| woke) else {
            return Outcome::Clear;
        };
        let finding = RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::SiteOperator], cites);
        return Outcome::Fires(finding.with("how", "unavailable").with("status", all[0].1.status().unwrap_or(0).to_string()));
    }
    let Some((first_cite, first)) = all.first().and_then(|(c, x)| Some((*c, x.responded_after?))) else {
        return Outcome::Clear;
    };
    let mut rest: Vec<u32> = all.iter().skip(1).filter(|(_, x)| x.started >= first_answer).filter_map(|(_, x)| x.responded_after).collect();
    rest.sort_unstable();
    if first > 3_000 && rest.len() >= 3 && survey.was_hidden().is_none() && rest[rest.len() / 2] < first / 5 {
        let finding = RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(first_cite, all.iter().skip(1).map(|(c, _)| *c).take(3)));
        return Outcome::Fires(finding.with("how", "slow").with("first-ms", first.to_string()));
    }
    Outcome::Clear
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
