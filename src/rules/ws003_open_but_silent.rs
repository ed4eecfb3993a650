//! # WS003 open-but-silent
//!
//! ## What it means
//! The WebSocket opens, and nothing comes through it: somebody on the way said yes, and the chat's server was not heard.
//!
//! ## How it is recognised
//! At least one WebSocket fired `open` at the socket's path, none got a frame, and none was closed before the deadline, 1.5 s
//! and six of the server's quickest answers at least. If an
//! ordinary request to the path was answered within a second, it is observed, else strongly suggested, since a server that is slow
//! in everything may only be late. Or WebSockets say hello, and in two upgrades or more nothing that the page sends is answered, while sessions
//! take what is sent by POST.
//!
//! ## What it does not mean
//! `open` is no success: an edge or an inspecting product may answer the handshake by itself.
//!
//! ## What to do
//! Look between the gateway that accepts and the server that is silent.
//!
//! ## References
//! Engine.IO protocol 4: the server sends the open packet at once.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule};
use super::without_websocket;
use crate::evidence::{Cite, Fact, Purpose, SocketLife, SocketPurpose};
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::t;

pub const RULE: Rule = Rule { code: "WS003", name: "open-but-silent", explains: &["SIO002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if survey.of_another_protocol().is_some() {
        return Outcome::Clear;
    }
    let Live::Silent { cites } = survey.live() else {
        return deaf(survey).unwrap_or(Outcome::Clear);
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
    if !survey.waited_surely(all.as_slice()) {
        return Outcome::Unknown { missing: super::LONGER_WAIT };
    }
    let cites = Cites::of(all.as_slice()[0], all.as_slice().iter().copied().chain(control.map(|(c, _)| c)));
    let finding = RULE.finding(without_websocket(survey), confidence, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    Outcome::Fires(finding.with("waited-ms", waited.to_string()))
}

/// Hello comes, and nothing that the page sends is answered, in each of two upgrades or more, while the server takes what comes by POST.
fn deaf(survey: &Survey) -> Option<Outcome> {
    let silent = |s: &SocketLife| s.path == survey.path && s.waited_in_vain_for("3probe") && s.first_frame().is_none();
    let tried = survey.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| silent(s));
    let tried: Vec<Cite> = tried.map(|(cite, _)| cite).collect();
    let taken = survey.polling_works()?;
    let (hello, _) = survey.websocket_hello()?;
    let answered = survey.upgraded().is_some() || survey.connect().is_some_and(|(_, s)| s.frames().any(|(_, frame)| frame.starts_with('4')));
    if tried.len() < 2 || answered || !survey.waited_surely(&tried) {
        return None;
    }
    let finding = RULE.finding(without_websocket(survey), Confidence::StronglySuggested, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(taken, [hello].into_iter().chain(tried)));
    Some(Outcome::Fires(finding.with("how", "deaf")))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let slower = finding.severity < super::Severity::Blocks;
    let title = if slower {
        t!("The chat can work, only more slowly: its live connection opens, but nothing comes through it.")
    } else {
        t!("The live connection that the chat needs opens, but nothing comes through it.")
    };
    let title = if !slower && survey.lost_upgrade_stalls() { super::STALLED } else { title };
    let person = Guidance::person(&finding.code, title)
        .other_network()
        .antivirus()
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find who accepts the WebSocket in the server's place."))
        .step(if finding.param("how") == "deaf" {
            t!("The open packet comes; what this page then sends (2probe) is answered on no WebSocket, while the same session takes what is sent by POST: what goes from the browser to the server gets lost.").into()
        } else {
            t!("The handshake was accepted, and within {waited} ms no open packet came.", waited = finding.param("waited-ms"))
        })
        .step(t!("A gateway that accepts by itself, buffers upgraded connections, or leads them to another program than ordinary requests does this; so does a server whose event loop is blocked."));
    let operator = super::stalled(operator, survey);
    let operator = operator::with_upgrade_test(operator, survey);
    let operator = operator::logs(operator, survey).recheck(if finding.param("how") == "deaf" {
        t!("Run this page again: it no longer says so.").into()
    } else {
        t!("After “101 Switching Protocols” the test shows {start} within a second.", start = "0{")
    });
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey));
    all
}
