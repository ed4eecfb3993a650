//! # WS009 server-closes
//!
//! ## What it means
//! The server itself ends the connection, and says so with a code.
//!
//! ## How it is recognised
//! The newest short-lived WebSocket at the socket's path, or the raw one, opened and was closed by the other side with a real
//! close code, or with an empty closing frame (1005). 1006 and 1015, which the browser makes, never count.
//!
//! Where a raw WebSocket is closed with a code that is about the sign-in (1008, 3000, 3003, by habit 4401 and 4403, or another of the application's own whose reason says so), it only fits (`how` is
//! `unsigned`): the chat's client may bring what this test does not have.
//!
//! A remark only: at least two connections that were held for long were closed by the other side with one and the same code of its own (not 1001, 1005, 1009 or 1012): the application may do
//! that because this test does not sign in. With 1011, 1013 or 1014, which nobody says for that, it is a fault.
//!
//! ## What it does not mean
//! A closing handshake shows that the way to the server is whole. A gateway may close in the server's name (1001, 1014).
//!
//! ## What to do
//! What the code says: wait at 1001, 1012 and 1013; sign in at 1008, 3000, 3003, 4401 and 4403; the operator reads the log at 1011.
//!
//! ## References
//! RFC 6455 section 7.4; graphql-transport-ws (4401 and 4403 for what is 401 and 403 in HTTP); IANA registry "WebSocket Close Code Number"; measured: uvicorn ends with 1012 when it is stopped,
//! python-engineio with 1000 and Node with 1005 when the pong is missing.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::{Cite, SocketLife, SocketPurpose};
use crate::protocol::close_code;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::words::{Phrase, Text};
use crate::{redact, t};

pub const RULE: Rule = Rule { code: "WS009", name: "server-closes", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if survey.of_another_protocol().is_some() {
        return Outcome::Clear;
    }
    let closes = |s: &SocketLife| s.closed().filter(|(_, code, _)| s.opened() && (close_code::was_sent(*code) || *code == 1005)).map(|(at, code, reason)| (at, code, reason.to_owned()));
    let short = survey.evidence.sockets().filter(|(_, s)| match s.purpose {
        SocketPurpose::Raw => true,
        SocketPurpose::Hello | SocketPurpose::HelloAgain => s.path == survey.path && s.eio == survey.eio,
        _ => false,
    });
    let lives: Vec<(Cite, &SocketLife)> = short.collect();
    let Some((newest_cite, newest)) = lives.last() else {
        return Outcome::Clear;
    };
    let Some((after, code, reason)) = closes(newest) else {
        return held(survey);
    };
    let cites = Cites::of(*newest_cite, lives.iter().filter(|(_, s)| closes(s).is_some()).map(|(c, _)| *c));
    let severity = match (newest.purpose, code) {
        // A server of an unknown protocol that has said what it had to say, or that waits in vain for a client's first word.
        (SocketPurpose::Raw, 1000 | 1001) => return Outcome::Clear,
        (SocketPurpose::Raw, 1005 | 1008 | 3000..=4999) => Severity::Degrades,
        (SocketPurpose::Raw, _) => Severity::Blocks,
        _ => without_websocket(survey),
    };
    // A chat's own client may sign in on the connection, by a ticket in its address or in its first message, which this test does not have.
    let unsigned = newest.purpose == SocketPurpose::Raw && is_about_the_sign_in(code, &reason);
    let (confidence, parties) = if unsigned { (Confidence::Correlated, &[Party::User, Party::SiteOperator][..]) } else { (Confidence::Observed, &[Party::SiteOperator][..]) };
    let finding = RULE.finding(severity, confidence, parties, cites);
    let finding = finding.with("close-code", code.to_string()).with("meaning", close_code::meaning(code)).with("reason", reason);
    let finding = finding.with("after-ms", after.to_string());
    Outcome::Fires(if unsigned { finding.with("how", "unsigned") } else { finding })
}

/// At least two of the connections that were held, which the other side closed with one and the same code of its own: the
/// application may have its reasons, such as that this test does not sign in.
fn held(survey: &Survey) -> Outcome {
    // For want of an answer to its ping.
    if super::ws007_heartbeat_missing::pong_lost(survey).is_some() {
        return Outcome::Clear;
    }
    let held = survey.evidence.sockets_where(&|s| {
        let long = matches!(s.purpose, SocketPurpose::Heartbeat | SocketPurpose::Busy);
        long && s.path == survey.path && s.open_packet().is_some() || s.purpose == SocketPurpose::RawQuiet && s.opened()
    });
    // 1001 and 1006 may be a gateway's (WS005, WS006), 1005 is Node's word to who never joins, 1009 has WS008.
    let told = |s: &SocketLife| s.closed().filter(|(_, code, _)| close_code::was_sent(*code) && !matches!(code, 1001 | 1009 | 1012)).map(|(at, code, reason)| (at, code, reason.to_owned()));
    let ended: Vec<(Cite, (u32, u16, String))> = held.filter_map(|(c, s)| Some((c, told(s)?))).collect();
    let Some((_, (after, code, reason))) = ended.first().cloned() else {
        return Outcome::Clear;
    };
    let same: Vec<Cite> = ended.iter().filter(|(_, (_, other, _))| *other == code).map(|(c, _)| *c).collect();
    let Some(cites) = Cites::from_all(same.iter().copied()).filter(|_| same.len() >= 2) else {
        return Outcome::Clear;
    };
    // No server says so to somebody who did not sign in.
    let fault = matches!(code, 1011 | 1013 | 1014);
    let (severity, confidence) = if fault { (Severity::Degrades, Confidence::StronglySuggested) } else { (Severity::Info, Confidence::Correlated) };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], cites);
    let finding = finding.with("close-code", code.to_string()).with("meaning", close_code::meaning(code)).with("reason", reason);
    Outcome::Fires(finding.with("after-ms", after.to_string()).with("how", if fault { "" } else { "held" }))
}

/// By the standard's words, by the widespread habit of 4000 and the status of HTTP, or by what the server itself says: it refuses who is there.
fn is_about_the_sign_in(code: u16, reason: &str) -> bool {
    let told = || ["auth", "forbidden", "sign in", "signed in", "log in", "logged in", "login"].iter().any(|word| reason.to_ascii_lowercase().contains(word));
    matches!(code, 1008 | 3000 | 3003 | 4401 | 4403) || matches!(code, 3001..=4999) && told()
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let (code, reason) = (finding.param("close-code"), finding.param("reason"));
    let is_raw = survey.evidence.sockets_for(SocketPurpose::Raw).any(|(cite, _)| finding.cites.as_slice().contains(&cite));
    let told = |words: Phrase| {
        let value = |name: &str| Text::from(finding.param(name));
        words.with(vec![("code", code.into()), ("meaning", close_code::said(finding.param("meaning"))), ("after", value("after-ms")), ("reason", reason.into())])
    };
    if finding.param("how") == "held" {
        let words = told(t!("Connections that were held were closed by the server with code {code} ({meaning}) after {after} ms. If the application does so to who does not sign in, all is well; if people who are signed in lose theirs after that time, it is the application's own rule."));
        return vec![Guidance::operator(&finding.code, t!("The server itself ends connections after a while.")).step(words)];
    }
    let sign_in = is_about_the_sign_in(code.parse().unwrap_or(0), reason);
    let unsigned = finding.param("how") == "unsigned";
    let (title, first) = match code {
        "1001" | "1012" | "1013" => (t!("The chat's server ends the live connection: it is restarting, or too busy for now."), t!("Wait a minute, then open the chat again.")),
        _ if sign_in => (t!("The chat's server ends the live connection; it may not accept your sign-in."), t!("Open the chat, sign out, and sign in again.")),
        "1011" => (t!("The chat's server ends the live connection because of a fault of its own."), t!("Wait a minute, then open the chat again.")),
        _ => (t!("The chat's server itself ends the live connection."), t!("Wait a minute, then open the chat again.")),
    };
    let person = Guidance::person(&finding.code, title);
    let person = if unsigned { person.step(t!("If the chat itself lets you in, all is well: it may bring a sign-in that this page does not have.")) } else { person };
    let person = person.step(first).or_hand_on();
    let advice = match code {
        "1001" | "1012" => t!("Look for restarts, deployments and failing health checks at that time; uvicorn says 1012 when it is stopped."),
        "1013" => t!("Look at the load and at limits on connections."),
        _ if sign_in => t!("The application's own rule, most often the sign-in; its log says which."),
        "1009" => t!("Raise the message limit of the server: maxHttpBufferSize in Node, max_http_buffer_size in Python."),
        "1011" => t!("An exception in the connection's handler: the log has its trace."),
        "1000" | "1005" if is_raw => t!("The application closes on purpose: it may want a query in the address, or a first message of the client's. Its log may tell."),
        "1000" | "1005" => t!("The application closes on purpose; python-engineio says 1000 and Node 1005 when a client does not answer a ping."),
        _ => t!("The meaning of this code stands in the application's or its library's documentation."),
    };
    let operator = Guidance::operator(&finding.code, t!("Find out why the server closes."))
        .step(told(if reason.is_empty() {
            t!("Close code {code} ({meaning}) after {after} ms.")
        } else {
            t!("Close code {code} ({meaning}) after {after} ms, with the reason: {reason}.")
        }))
        .step(advice);
    // An application often says why in its last message.
    let last = survey.evidence.sockets().find(|(cite, _)| finding.cites.as_slice().first() == Some(cite)).and_then(|(_, s)| s.frames().last());
    let operator = match last.filter(|(_, frame)| is_raw && !frame.is_empty()) {
        Some((_, frame)) => operator.step(t!("The last thing that it said before: {message}", message = redact::shorten(frame, 160))),
        None => operator,
    };
    let operator = if unsigned {
        operator.step(t!("This test brings cookies alone. A client that hands its sign-in over in the WebSocket's query, as a subprotocol or in its first message is let in where this page is not: then nothing is wrong, and “ws-url” and “ws-protocols” can hold what it needs to be let in."))
    } else {
        operator
    };
    let operator = if is_raw { operator::subprotocols(operator, survey) } else { operator };
    let operator = operator::logs(operator, survey).recheck(t!("Run this page again: the connection stays."));
    vec![person, operator]
}
