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
        return Outcome::Clear;
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

fn guide(finding: &Finding, _: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat's server seems to have been restarted while the test ran; it works again."));
    let words = match finding.param("how") {
        "sessions" => t!("A few sessions in a row were unknown to the server, and all later ones held. If this comes back without a restart, one of several replicas loses sessions."),
        _ => t!("All live connections ended at one moment and could be opened again. If nothing was restarted at that time (a gateway's reload counts), look at the network."),
    };
    let operator = Guidance::operator(&finding.code, t!("Compare the time with your deployments and reloads.")).step(words);
    let operator = match finding.param("away-ms").parse() {
        Ok(away) => operator.step(t!("Nothing could be opened meanwhile: it took up to {time}. A release that keeps the old instances until the new ones answer leaves nobody out.", time = seconds(away))),
        Err(_) => operator,
    };
    vec![person, operator.recheck(t!("Without a restart, a second test does not say so."))]
}
