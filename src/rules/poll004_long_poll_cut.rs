//! # POLL004 long-poll-cut
//!
//! ## What it means
//! Requests that wait for the next message are ended with an error before anything comes.
//!
//! ## How it is recognised
//! Two hanging GETs of sessions of their own ended with a status that no engine wrote, other than 429, with an empty 200, or were broken off, before or in the answer, at the same time (within a
//! twentieth, or 0.35 s) and more than a second before the server's ping was due.
//!
//! ## What it does not mean
//! A chat on WebSocket is not touched by this while that lasts, and one whose page tells its client to use WebSocket alone never is.
//!
//! ## What to do
//! The operator raises the limit for requests above the server's ping interval.
//!
//! ## References
//! Engine.IO protocol, HTTP long-polling: the server answers a waiting GET with a ping after pingInterval; nginx `proxy_read_timeout`; Heroku H12.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::guidance::{Guidance, seconds};
use crate::platforms::gateway::Need;
use crate::platforms::{limits, operator};
use crate::survey::{Survey, are_equal_ages};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "POLL004", name: "long-poll-cut", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if survey.told_not_to_poll() {
        return Outcome::Clear;
    }
    let cut = survey.cut_polls();
    let Some((first, age, exchange)) = cut.first().copied() else {
        let tried = survey.on_path(Purpose::LongPoll).next().is_some();
        return if survey.polling_sessions_due() && !tried { Outcome::Unknown { missing: english!("a request that waits: the longer test has one") } } else { Outcome::Clear };
    };
    let Some((second, ..)) = cut.iter().skip(1).find(|(_, other, _)| are_equal_ages(*other, age)) else {
        return Outcome::Unknown { missing: english!("a second request that ends at the same time") };
    };
    let cites = Cites::of(first, [*second]);
    if survey.is_spoilt(cites.as_slice()) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    let severity = if survey.websocket_hello().is_some() { Severity::Degrades } else { Severity::Blocks };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let named = limits::matching(survey.profile, survey.evidence, age, limits::Kind::Answer).join("; ");
    let status = exchange.status().map_or(String::new(), |s| s.to_string());
    let interval = survey.ping_interval().unwrap_or(0).to_string();
    Outcome::Fires(finding.with("age-ms", age.to_string()).with("status", status).with("interval-ms", interval).with("limit", named))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let age = finding.param("age-ms").parse().unwrap_or(0);
    let person = Guidance::person(&finding.code, t!("Where the chat can't keep a live connection, it is thrown out every few seconds and has to start again.")).other_network().or_hand_on();
    let status = finding.param("status");
    let seen = if status.is_empty() {
        t!("A waiting request was ended after {age}, without an answer; the server answers it after {interval} at the latest.")
    } else {
        t!("A waiting request was ended after {age} with {status}; the server answers it after {interval} at the latest.")
    };
    let operator = Guidance::operator(&finding.code, t!("Let waiting requests last longer than the server's ping interval.")).step(seen.with(vec![
        ("age", seconds(age).into()),
        ("status", status.into()),
        ("interval", seconds(finding.param("interval-ms").parse().unwrap_or(0)).into()),
    ]));
    let operator = super::ws005_idle_cut::with_limit(operator, finding, &[]);
    let operator = operator::settings(operator, survey, Need::LongPoll).recheck(t!("The longer test's waiting request ends with the server's ping."));
    vec![person, operator]
}
