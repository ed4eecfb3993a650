//! # WS004 drops-at-once
//!
//! ## What it means
//! The live connection comes about and breaks within seconds, each time.
//!
//! ## How it is recognised
//! At least two WebSockets at the socket's path (or, of no known protocol, at `ws-url`) opened and ended with 1006 within five seconds, and none stayed, or outlived
//! the others by having traffic (WS005). Those that were open together and ended at one moment are one event (a restart ends all),
//! and it takes two.
//! `after-open-packet` tells whether the server had said hello on one of them.
//!
//! ## What it does not mean
//! 1006 says only that nobody said goodbye: a crash, a restart, a reset by a firewall. Where the server closes with a code of its
//! own, WS009 speaks.
//!
//! ## What to do
//! Compare with another network, then read the server's log at these moments.
//!
//! ## References
//! RFC 6455 section 7.1.5; measured: a reset and a cut connection give 1006; engineioxide checks the session after it has opened.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule};
use super::without_websocket;
use crate::evidence::{Cite, SocketLife};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::{MOMENT, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "WS004", name: "drops-at-once", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let engine = survey.hellos().filter(|(_, s)| s.eio == survey.eio);
    let lives: Vec<(Cite, &SocketLife)> = match survey.raw() {
        Some(raw) if !survey.is_engine_subject() => raw.sockets,
        _ => engine.collect(),
    };
    let dropped: Vec<(Cite, &SocketLife, u32)> = lives
        .iter()
        .filter_map(|&(cite, s)| {
            let (closed, code, _) = s.closed()?;
            let age = closed.checked_sub(s.opened_after()?)?;
            (code == 1006 && age < 5_000).then_some((cite, s, age))
        })
        .collect();
    if dropped.is_empty() {
        return Outcome::Clear;
    }
    // What ends at a constant age, and not where there is traffic, is WS005; what does so later than that, WS006.
    if matches!(survey.cut(), Some(crate::survey::Cut::Idle { .. })) {
        return Outcome::Clear;
    }
    // One that the probe closed earlier than the others dropped has shown nothing.
    let age = dropped.iter().map(|(_, _, age)| *age).max().unwrap_or(0);
    let old_enough = |s: &SocketLife| s.opened_after().is_some_and(|at| s.lasted().saturating_sub(at) >= age);
    let lived = lives.iter().any(|(c, s)| old_enough(s) && !s.waited_in_vain_for("open packet") && !dropped.iter().any(|(d, _, _)| d == c));
    if lived {
        return Outcome::Clear;
    }
    // Another event came later, or to one that was opened after the first had ended.
    let end = |s: &SocketLife, age: u32| s.started.saturating_add(s.opened_after().unwrap_or(0)).saturating_add(age);
    let apart = |(_, one, first): &(Cite, &SocketLife, u32), (_, other, second): &(Cite, &SocketLife, u32)| {
        let (first, opened, second) = (end(one, *first), end(other, 0), end(other, *second));
        opened >= first || second > first.saturating_add(MOMENT)
    };
    if !dropped.iter().any(|one| dropped.iter().any(|other| other.0 != one.0 && apart(one, other))) {
        return Outcome::Unknown { missing: english!("a second connection that ends the same way") };
    }
    let after_packet = dropped.iter().any(|(_, s, _)| s.open_packet().is_some());
    let control = survey.polling_hello();
    let cites = Cites::of(dropped[0].0, dropped.iter().map(|(c, _, _)| *c).chain(control));
    if survey.is_spoilt(cites.as_slice()) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    let finding = RULE.finding(without_websocket(survey), Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    Outcome::Fires(finding.with("age-ms", age.to_string()).with("after-open-packet", if after_packet { "yes" } else { "no" }))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let slower = finding.severity < super::Severity::Blocks;
    let title = if slower {
        t!("The chat can work, only more slowly: its live connection breaks off within seconds, each time.")
    } else {
        t!("The live connection that the chat needs breaks off within seconds, each time.")
    };
    let person = Guidance::person(&finding.code, title).other_network().or_hand_on();
    let seen = if finding.param("after-open-packet") == "yes" {
        t!("They lived for at most {age} ms, and ended without a closing handshake after the server had said hello: look for crashes, restarts and memory limits.")
    } else {
        t!("They lived for at most {age} ms, and ended without a closing handshake before the server said hello: look at the gateway's connection to it.")
    };
    let operator = Guidance::operator(&finding.code, t!("Find what ends the connections.")).step(seen.with(vec![("age", finding.param("age-ms").into())]));
    let operator = operator::with_upgrade_test(operator::logs(operator, survey), survey)
        .recheck(t!("The test stays open until curl ends it after five seconds; this page no longer says so."));
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey));
    all
}
