//! # NET006 cold-start
//!
//! ## What it means
//! The server was asleep or just starting when this run began, and answered well once it was awake.
//!
//! ## How it is recognised
//! Either the first request to the socket's path failed with 502 to 504, or was answered with a page that asks to come back (a refresh, Retry-After), and after the first answer of an engine at least three
//! more requests were made and none failed; or the first took over three seconds, and the median of at least three later ones was
//! under a fifth of it, with the tab in view all the time, and this page's own file, asked at the same time, in less than half of it.
//!
//! ## What it does not mean
//! A single slow request may have other causes; a server that fails again later is NET007.
//!
//! ## What to do
//! Try again now. The operator keeps one instance running.
//!
//! ## References
//! Platform documentation on minimum replicas; reports microsoft/azure-container-apps 295 and 997.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose, order_by};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::{Survey, asks_to_wait};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET006", name: "cold-start", explains: &["WS001", "WS002", "WS009", "NET003", "POLL003", "NET010", "PATH001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let mut all: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.status().is_some()).collect();
    order_by(&mut all, |(_, x)| x.started);
    let failed = |x: &Exchange| matches!(x.status(), Some(502..=504)) || asks_to_wait(x);
    let first_answer = all.iter().filter(|(_, x)| x.engine().is_engine()).map(|(_, x)| x.ended()).min();
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
        return Outcome::Fires(finding.with("how", if asks_to_wait(all[0].1) { "page" } else { "unavailable" }).with("status", all[0].1.status().unwrap_or(0).to_string()));
    }
    let Some((first_cite, first)) = all.first().and_then(|(c, x)| Some((*c, x.responded_after?))) else {
        return Outcome::Clear;
    };
    let mut rest: Vec<u32> = all.iter().skip(1).filter(|(_, x)| x.started >= first_answer).filter_map(|(_, x)| x.responded_after).collect();
    order_by(&mut rest, |t| *t);
    if first > 3_000 && rest.len() >= 3 && survey.was_hidden().is_none() && rest[rest.len() / 2] < first / 5 {
        // Where this page's own file took as long at the same time, it was the line that woke, or the page that was busy.
        let own = survey.evidence.exchanges_for(Purpose::OwnFile).filter_map(|(_, x)| x.responded_after).max();
        if own.is_some_and(|ms| ms > first / 2) {
            return Outcome::Unknown { missing: english!("a static file of the same server") };
        }
        let finding = RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(first_cite, all.iter().skip(1).map(|(c, _)| *c).take(3)));
        return Outcome::Fires(finding.with("how", "slow").with("first-ms", first.to_string()));
    }
    Outcome::Clear
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat's server was most likely just starting; it answers now.")).step(t!("Go back to the chat and reload it. It should connect."));
    let what = match finding.param("how") {
        "slow" => t!("The first request took {time} ms, later ones a fraction of it.", time = finding.param("first-ms")),
        "page" => t!("The first requests were answered with a page that asks to wait, later ones by the chat's server.").into(),
        _ => t!("The first requests were answered {status}, later ones well.", status = finding.param("status")),
    };
    let operator = Guidance::operator(&finding.code, t!("Keep one instance running.")).step(what);
    let operator = operator::keep_warm(operator, survey)
        .step(t!("Give it a readiness probe, so that traffic comes only when it can answer."))
        .recheck(t!("Leave the chat alone for an hour, then run this page: the first request is as fast as the others."))
        .limits(t!("An instance that always runs costs; and a deployment starts new ones all the same."));
    vec![person, operator]
}
