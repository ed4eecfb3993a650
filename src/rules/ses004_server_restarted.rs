//! # SES004 server-restarted
//!
//! ## What it means
//! While this test ran the server, or what stands before it, was restarted; it holds again.
//!
//! ## How it is recognised
//! A burst of at most three sessions in a row was unknown at their follow-up, and at least six in a row since then held, and no upgrade of another
//! session was lost. Or live connections of different ages ended at one moment, and a later one opened and stayed, or
//! a later session was upgraded; `away-ms` is how long that took, where others were tried in between and failed.
//!
//! Or (`how` is `requests`): in one stretch two requests or more were answered 502 or 504, or, on the own origin, not at all, while the engine answered others of the
//! same kind before it and since, and none within it. Not where this device was without a connection.
//!
//! ## What it does not mean
//! It is information, and no fault by itself. One replica of many that loses sessions looks alike in a short test; it would show up
//! again.
//!
//! ## What to do
//! Nothing, if it does not come again.
//!
//! ## References
//! Engine.IO protocol; measured: python-socketio, Node and nginx restarted in the middle of a run.

use super::ses001_not_sticky::{Sessions, cites, sessions};
use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange};
use crate::protocol::engine_io::Answer;
use crate::words::Text;
use crate::evidence::SocketPurpose;
use crate::guidance::{Guidance, seconds};
use crate::survey::{MOMENT, Survey};
use crate::t;

pub const RULE: Rule = Rule { code: "SES004", name: "server-restarted", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let all = survey.conversations(true);
    let remark = |cites: Cites, how| RULE.finding(Severity::Info, Confidence::StronglySuggested, &[Party::Nobody], cites).with("how", how);
    // Where the upgrade of another session was lost as well, there are replicas, and this is one of their losses.
    let in_burst = |session: u8| all.iter().any(|c| c.session == session && c.unknown.is_some());
    let strays = survey.upgrade_strays().map_or_else(Vec::new, |(strays, _)| strays);
    let strayed = survey.evidence.sockets().any(|(cite, s)| strays.contains(&cite) && !in_burst(s.session));
    if matches!(sessions(&all), Sessions::Burst)
        && !strayed
        && let Some(cites) = Cites::from_all(cites(&all))
    {
        return Outcome::Fires(remark(cites, "sessions"));
    }
    let Some((at, ended)) = survey.ended_together() else {
        return of_requests(survey).map_or(Outcome::Clear, Outcome::Fires);
    };
    // Only what came back was a restart.
    let opened = survey.hellos().find(|(_, s)| s.started >= at && s.open_packet().is_some() && s.closed().is_none());
    let upgraded = || survey.evidence.sockets_for(SocketPurpose::Upgrade).find(|(_, s)| s.path == survey.path && s.started >= at && s.agrees_to_upgrade());
    let back = opened.or_else(upgraded);
    match (back, Cites::from_all(ended)) {
        (Some((back, life)), Some(cites)) => {
            let failed = survey.hellos().any(|(_, s)| s.started.saturating_add(MOMENT) >= at && s.started < life.started && s.failed_before_open());
            let finding = remark(Cites::of(back, cites.as_slice().iter().copied()), "connections");
            // Between its end and its return others were tried: so long nobody could connect, at most.
            Outcome::Fires(if failed { finding.with("away-ms", life.started.saturating_sub(at).to_string()) } else { finding })
        }
        _ => Outcome::Clear,
    }
}

/// One stretch of failures between what the engine answered, and nothing that held a connection to tell it.
fn of_requests(survey: &Survey) -> Option<Finding> {
    // From another origin a refusal can't be read either.
    let fails = |x: &Exchange| matches!(x.status(), Some(502 | 504)) || x.rejected() && !x.cross_origin;
    let answered = |x: &Exchange| x.engine().is_engine() || x.engine() == Answer::Taken;
    let asked: Vec<(Cite, &Exchange)> = survey.engine_exchanges().collect();
    let well: Vec<(Cite, &Exchange)> = asked.iter().filter(|(_, x)| answered(x)).copied().collect();
    let alike = |x: &Exchange, other: &Exchange| x.purpose == other.purpose && x.credentials == other.credentials;
    let between = |x: &Exchange| well.iter().any(|(_, w)| alike(x, w) && w.ended() <= x.started) && well.iter().any(|(_, w)| alike(x, w) && w.started >= x.ended());
    let failed: Vec<(Cite, &Exchange)> = asked.iter().filter(|(_, x)| fails(x) && between(x)).copied().collect();
    let (first, last) = (failed.iter().map(|(_, x)| x.started).min()?, failed.iter().map(|(_, x)| x.ended()).max()?);
    let since: Vec<(Cite, &Exchange)> = well.iter().filter(|(_, x)| x.started >= last).copied().collect();
    let within = well.iter().any(|(_, x)| x.started >= first && x.ended() <= last);
    if failed.len() < 2 || since.len() < 2 || within || survey.was_away(first, last) {
        return None;
    }
    // What was asked before it and ended in it is a part of the stretch, too.
    let before = well.iter().map(|(_, x)| x.ended()).filter(|ended| *ended <= first).max()?;
    let from = asked.iter().filter(|(_, x)| fails(x) && x.ended() > before).map(|(_, x)| x.ended()).min()?;
    let to = since.iter().map(|(_, x)| x.ended()).min()?;
    let status = failed.iter().find_map(|(_, x)| x.status()).map_or(String::new(), |status| status.to_string());
    let cites: Vec<Cite> = failed.iter().chain(since.iter().take(2)).map(|(cite, _)| *cite).collect();
    if survey.is_spoilt(&cites) {
        return None;
    }
    let finding = RULE.finding(Severity::Info, Confidence::StronglySuggested, &[Party::Nobody], Cites::from_all(cites)?);
    Some(finding.with("how", "requests").with("from-ms", from.to_string()).with("to-ms", to.to_string()).with("status", status))
}

fn guide(finding: &Finding, _: &Survey) -> Vec<Guidance> {
    let person = if finding.param("how") == "requests" {
        Guidance::person(&finding.code, t!("For a moment of the test the chat's server could not be reached; it works again."))
    } else {
        Guidance::person(&finding.code, t!("The chat's server seems to have been restarted while the test ran; it works again."))
    };
    let time = |name: &str| crate::guidance::seconds(finding.param(name).parse().unwrap_or(0));
    let words: Text = match (finding.param("how"), finding.param("status")) {
        ("requests", "") => t!("From {from} into the test until {to} requests were not answered; the same ones were before and since. If nothing was restarted at that time (a gateway's reload counts), look at the network.", from = time("from-ms"), to = time("to-ms")),
        ("requests", status) => t!("From {from} into the test until {to} the gateway answered {status}; the same requests were answered before and since. If nothing was restarted at that time, the server's log tells why it was away.", from = time("from-ms"), to = time("to-ms"), status = status),
        ("sessions", _) => t!("A few sessions in a row were unknown to the server, and all later ones held. If this comes back without a restart, one of several replicas loses sessions.").into(),
        _ => t!("All live connections ended at one moment and could be opened again. If nothing was restarted at that time (a gateway's reload counts), look at the network.").into(),
    };
    let operator = Guidance::operator(&finding.code, t!("Compare the time with your deployments and reloads.")).step(words);
    let operator = match finding.param("away-ms").parse() {
        Ok(away) => operator.step(t!("Nothing could be opened meanwhile: it took up to {time}. A release that keeps the old instances until the new ones answer leaves nobody out.", time = seconds(away))),
        Err(_) => operator,
    };
    vec![person, operator.recheck(t!("Without a restart, a second test does not say so."))]
}
