//! # RES001 insufficient-resources
//!
//! ## What it means
//! A few connections are well, and more of them at one time fail, drop, or take far longer.
//!
//! ## How it is recognised
//! Only where the operator asked for the ladder (1, 2, 4, 8 WebSockets at one time). One connection alone opened and stayed; on a higher rung
//! some were refused, unanswered or dropped, or half of them took over a second, ten times as long as the one, and twice as long as so many handshakes one after the other; or a plain request meanwhile was
//! answered 502 to 504.
//!
//! ## What it does not mean
//! Eight connections of one browser are no load test. A limit for each address or person shows in the same way.
//!
//! ## What to do
//! The operator looks at limits on connections, at memory and CPU, and at the number of workers and replicas.
//!
//! ## References
//! nginx `limit_conn`, `worker_connections`; RFC 6455 section 4.1 (one handshake at a time to a host, so times grow with the number even on a healthy server).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Rung, order_by};
use crate::guidance::Guidance;
use crate::platforms::{gateway::Need, operator};
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "RES001", name: "insufficient-resources", explains: &["NET007", "NET005", "NET003"], check, guide };

fn median(rung: &Rung) -> u32 {
    let mut times = rung.opened.clone();
    order_by(&mut times, |t| *t);
    times.get(times.len() / 2).copied().unwrap_or(0)
}

fn check(survey: &Survey) -> Outcome {
    let rungs: Vec<(Cite, &Rung)> = survey.evidence.rungs().collect();
    if !survey.profile.ladder {
        return Outcome::Clear;
    }
    let fails = |r: &Rung| r.refused + r.silent + r.dropped;
    let Some((control, alone)) = rungs.iter().find(|(_, r)| r.sockets == 1).copied() else {
        return Outcome::Unknown { missing: english!("the ladder's first rung") };
    };
    if fails(alone) > 0 {
        return Outcome::Unknown { missing: english!("one connection that is well by itself") };
    }
    // Browsers open one connection to a host after the other: each may take as long as the one did.
    let slow = |r: &Rung| {
        let expected = median(alone).saturating_mul(r.sockets);
        median(r) > 1_000 && median(r) > median(alone).saturating_mul(10).max(expected.saturating_mul(2))
    };
    let gateway = |r: &Rung| matches!(r.status, 502..=504);
    let worst = rungs.iter().filter(|(_, r)| r.sockets > 1 && (fails(r) > 0 || slow(r) || gateway(r)));
    let Some((first, rung)) = worst.clone().next().copied() else {
        let whole = rungs.iter().any(|(_, r)| r.sockets == 8);
        return if whole { Outcome::Clear } else { Outcome::Unknown { missing: english!("the ladder's last rung") } };
    };
    // One that fails on one rung alone may be chance; what grows is not.
    let (lost, last) = (fails(rung), rungs.last().map_or(0, |(_, r)| fails(r)));
    if worst.clone().count() < 2 && lost < 2 && rung.sockets < 8 && last == 0 {
        return Outcome::Clear;
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], Cites::of(first, worst.map(|(c, _)| *c).chain([control])));
    let finding = finding.with("sockets", rung.sockets.to_string()).with("lost", lost.to_string()).with("alone-ms", median(alone).to_string());
    Outcome::Fires(finding.with("median-ms", median(rung).to_string()).with("status", if gateway(rung) { rung.status.to_string() } else { String::new() }))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat's server has too little room: a few connections are well, and more at one time are not.")).step(t!("Close other tabs with this chat, and come back at a quieter time.")).or_hand_on();
    let status = finding.param("status");
    let seen = if status.is_empty() {
        t!("With {sockets} connections at one time {lost} failed; half of them took {median} ms to open, one alone {alone} ms.")
    } else {
        t!("With {sockets} connections at one time {lost} failed; half of them took {median} ms to open, one alone {alone} ms; a plain request meanwhile was answered with {status}.")
    };
    let values = vec![
        ("sockets", finding.param("sockets").into()),
        ("lost", finding.param("lost").into()),
        ("median", finding.param("median-ms").into()),
        ("alone", finding.param("alone-ms").into()),
        ("status", status.into()),
    ];
    let operator = Guidance::operator(&finding.code, t!("Find the limit that more connections meet."))
        .step(seen.with(values))
        .step(t!("Look at limits for each address first (nginx limit_conn, a firewall): eight connections of one browser meet those before any other."))
        .step(t!("Then at memory, CPU and open files of the server, and at its number of workers and replicas."));
    let operator = operator::settings(operator, survey, Need::Resources)
        .recheck(t!("The ladder's last rung opens all eight."))
        .limits(t!("It is no load test: it says nothing of a hundred people."));
    vec![person, operator]
}
