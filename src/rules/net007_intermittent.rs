//! NET007 intermittent
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET007", name: "intermittent", explains: &["NET006", "WS001", "WS002", "NET003", "NET012", "POLL003", "POLL001", "NET010", "NET004"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let equal: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.method == "GET").collect();
    let failed = |x: &Exchange| x.rejected() || x.timed_out() || x.status().is_some_and(|s| (500..600).contains(&s));
    let class = |repeat: bool| equal.iter().filter(move |(_, x)| matches!(x.purpose, Purpose::Repeat | Purpose::Companion) == repeat);
    let failures = class(true).filter(|(_, x)| failed(x)).count();
    let asked = class(true).count();
    let handshake_failures = class(false).filter(|(_, x)| failed(x)).count();
    if failures + handshake_failures == 0 {
        return Outcome::Clear;
    }
    if asked < usize::from(crate::plan::REPEATS) {
        return Outcome::Unknown { missing: "eight equal requests" };
    }
    // Only what answers in between makes it "sometimes"; failing at the start only is a cold start.
    if failures < 2 || failures == asked {
        return Outcome::Clear;
    }
    let all = || class(true).chain(class(false));
    let first_success = all().filter(|(_, x)| x.engine().is_engine()).map(|(_, x)| x.started + x.ended_after).min().unwrap_or(0);
    if !all().any(|(_, x)| failed(x) && x.started >= first_success) {
        return Outcome::Clear;
    }
    let Some(cites) = Cites::from_all(class(true).map(|(c, _)| *c)) else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let status = all().filter(|(_, x)| failed(x)).find_map(|(_, x)| x.status());
    let finding = finding.with("failed", failures.to_string()).with("asked", asked.to_string());
    Outcome::Fires(finding.with("status", status.map_or(String::new(), |s| s.to_string())))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
