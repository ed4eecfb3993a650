//! # WS004 drops-at-once
//!
//! ## What it means
//! The live connection comes about and breaks within seconds, each time.
//!
//! ## How it is recognised
//! At least two WebSockets at the socket's path (or, of no known protocol, at `ws-url`) opened and ended with 1006 within five seconds, and none stayed, or outlived
//! the others by having traffic (WS005). Those that were open together and ended at one moment are one event (a restart ends all),
//! and it takes two. Where none of their own lived until its open packet (each was refused, or broke off at once), those of a session's upgrade count.
//! Or, on Node and python-engineio, whose foreign replicas refuse before they agree, at least two upgrades of sessions, one after the other, opened and were cut without an answer
//! at what the page said, none was answered, and no connection on which the page said something stayed, while WebSockets that say nothing hear the open packet.
//! `after-open-packet` tells whether the server had said hello on one of them, `compressed` whether permessage-deflate was agreed on.
//!
//! ## What it does not mean
//! 1006 says only that nobody said goodbye: a crash, a restart, a reset by a firewall, or a first frame that the browser could not read, since an
//! antivirus program or a proxy that inspects TLS had damaged it (compressed frames above all). Chromium tells the last one apart: after `open` it has an
//! error event for what it can't read alone, and the guidance says so. Where the server closes with a code of its own, WS009 speaks.
//!
//! ## What to do
//! Compare with another network, then read the server's log at these moments.
//!
//! ## References
//! RFC 6455 sections 5.2 and 7.1.5; RFC 7692; uvicorn `--ws-per-message-deflate`; report socketio/socket.io 2543; measured: a reset and a cut connection give 1006, and in Chromium no error event; engineioxide checks the session after it has opened.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule};
use super::without_websocket;
use crate::evidence::{Cite, Happening, SocketLife, SocketPurpose};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::protocol::engine_io::Dialect;
use crate::survey::{Live, MOMENT, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "WS004", name: "drops-at-once", explains: &[], check, guide };

/// What ends before this age, in milliseconds, ends at once.
pub(super) const AT_ONCE: u32 = 5_000;

/// Upgrades that were cut when the page said something, while hellos hear the server: `None` where that is not so.
fn when_spoken_to(survey: &Survey) -> Option<Outcome> {
    let (hello, _) = survey.websocket_hello()?;
    if survey.upgraded().is_some() || !matches!(survey.dialect(), Some(Dialect::Node | Dialect::PythonEngineio)) {
        return None;
    }
    let spoke = |s: &SocketLife| s.events.iter().any(|e| matches!(e.what, Happening::Sent { .. }));
    let cut = |s: &SocketLife| s.first_frame().is_none() && broke_off(s).is_some();
    let on_path = |s: &SocketLife| s.path == survey.path && s.eio == survey.eio;
    let upgrades: Vec<(Cite, &SocketLife)> = survey.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| on_path(s) && spoke(s) && cut(s)).collect();
    let (first, one) = upgrades.first()?;
    let end = one.started.saturating_add(one.lasted());
    upgrades.iter().find(|(_, s)| s.started >= end)?;
    if survey.evidence.sockets().any(|(_, s)| on_path(s) && s.opened() && spoke(s) && s.closed().is_none()) {
        return None;
    }
    let oldest = upgrades.iter().filter_map(|(_, s)| broke_off(s)).max().unwrap_or(0);
    let cites = Cites::of(*first, upgrades.iter().map(|(c, _)| *c).chain([hello]).chain(survey.polling_works()));
    if survey.is_spoilt(cites.as_slice()) {
        return Some(Outcome::Unknown { missing: english!("a tab that stays in view") });
    }
    let finding = RULE.finding(without_websocket(survey), Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin, Party::User], cites);
    let finding = finding.with("compressed", if upgrades.iter().any(|(_, s)| compresses(s)) { "yes" } else { "" });
    Some(Outcome::Fires(finding.with("age-ms", oldest.to_string()).with("how", "spoken-to")))
}

/// Whether permessage-deflate was agreed on.
fn compresses(s: &SocketLife) -> bool {
    s.events.iter().any(|e| matches!(&e.what, Happening::Open { extensions, .. } if extensions.contains("permessage-deflate")))
}

fn check(survey: &Survey) -> Outcome {
    if survey.of_another_protocol().is_some() {
        return Outcome::Clear;
    }
    if let Some(outcome) = when_spoken_to(survey) {
        return outcome;
    }
    let engine = survey.hellos().filter(|(_, s)| s.eio == survey.eio);
    let lives: Vec<(Cite, &SocketLife)> = match survey.raw() {
        Some(raw) if !survey.is_engine_subject() => raw.sockets,
        // What ends each WebSocket with its first frame may do so before the browser tells of its opening, always or at times: those of sessions show it.
        _ if none_lived(survey) && survey.upgraded().is_none() => {
            let upgrades = survey.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.path == survey.path && s.eio == survey.eio);
            engine.chain(upgrades).collect()
        }
        _ => engine.collect(),
    };
    let dropped: Vec<(Cite, &SocketLife, u32)> = lives.iter().filter_map(|&(cite, s)| Some((cite, s, broke_off(s)?))).collect();
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
    let compressed = dropped.iter().any(|(_, s, _)| compresses(s));
    let control = survey.polling_hello();
    let cites = Cites::of(dropped[0].0, dropped.iter().map(|(c, _, _)| *c).chain(control));
    if survey.is_spoilt(cites.as_slice()) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    let finding = RULE.finding(without_websocket(survey), Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin, Party::User], cites);
    let finding = finding.with("compressed", if compressed { "yes" } else { "" });
    Outcome::Fires(finding.with("age-ms", age.to_string()).with("after-open-packet", if after_packet { "yes" } else { "no" }))
}

/// The age at which it broke off, if at once.
fn broke_off(life: &SocketLife) -> Option<u32> {
    let (closed, code, _) = life.closed()?;
    let age = closed.checked_sub(life.opened_after()?)?;
    (code == 1006 && age < AT_ONCE).then_some(age)
}

/// WebSockets of their own were tried, and each was refused, or broke off before its open packet.
fn none_lived(survey: &Survey) -> bool {
    match survey.live() {
        Live::Refused { .. } => true,
        Live::EndedEarly { .. } => survey.hellos().filter(|(_, s)| s.eio == survey.eio).all(|(_, s)| s.failed_before_open() || broke_off(s).is_some()),
        _ => false,
    }
}

/// Whether the browser says that it could not read what came: after `open` Chromium fires an error event for a violation of the protocol (reserved bits
/// and opcodes, text that is no UTF-8), and none where the connection is cut or reset (measured).
fn is_unread(finding: &Finding, survey: &Survey) -> bool {
    survey.user_agent().contains("Chrome/") && all_failed(finding, survey)
}

/// Whether each of them fired an error event after `open`: Firefox and WebKit do so for a violation and for a reset, and not where the other side ends the
/// connection in good order (measured).
fn all_failed(finding: &Finding, survey: &Survey) -> bool {
    let failed = |s: &SocketLife| s.opened() && s.events.iter().any(|e| matches!(e.what, Happening::Error));
    let mut cited = survey.evidence.sockets().filter(|(cite, s)| finding.cites.as_slice().contains(cite) && s.opened());
    cited.all(|(_, s)| failed(s))
}

const WITHOUT_COMPRESSION: &str = "uvicorn app:app --ws-per-message-deflate false\nnew Server(server, { perMessageDeflate: false })";

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let slower = finding.severity < super::Severity::Blocks;
    let title = if slower {
        t!("The chat can work, only more slowly: its live connection breaks off within seconds, each time.")
    } else {
        t!("The live connection that the chat needs breaks off within seconds, each time.")
    };
    let title = if !slower && survey.lost_upgrade_stalls() { super::STALLED } else { title };
    let person = Guidance::person(&finding.code, title).other_network().antivirus().or_hand_on();
    let unread = is_unread(finding, survey);
    let seen = if unread {
        t!("They lived for at most {age} ms. By what Chromium tells it ended them itself, since it could not read a frame: look at what changes frames on the way, and not for crashes.")
    } else if finding.param("how") == "spoken-to" {
        t!("The open packet comes, and a connection that says nothing stays. As soon as the page says something (2probe), it ends without a closing handshake, within {age} ms: look for what reads the frames of the browser on the way, and for crashes of the server at that.")
    } else if all_failed(finding, survey) {
        t!("They lived for at most {age} ms. Either this browser could not read a frame, and something on the way changes frames, or the connection was reset: the browser's console tells which. Look at what stands on the way, and for crashes, restarts and memory limits.")
    } else if !survey.is_engine_subject() {
        t!("They lived for at most {age} ms, and ended without a closing handshake: look for crashes, restarts and memory limits, and at the gateway's connection to the server.")
    } else if finding.param("after-open-packet") == "yes" {
        t!("They lived for at most {age} ms, and ended without a closing handshake after the server had said hello: look for crashes, restarts and memory limits.")
    } else {
        t!("They lived for at most {age} ms, and ended without a closing handshake before the server said hello: look at the gateway's connection to it.")
    };
    let operator = Guidance::operator(&finding.code, t!("Find what ends the connections.")).step(seen.with(vec![("age", finding.param("age-ms").into())]));
    let operator = if !unread && finding.param("age-ms").parse::<u32>().is_ok_and(|age| age >= 1_000) {
        operator.step(t!("A gateway's limit for silent connections may be that short as well: this page's longer test tells, with one connection that is quiet and one that is not."))
    } else {
        operator
    };
    let operator = if finding.param("compressed").is_empty() && unread {
        operator.step_with(
            t!("Compression (permessage-deflate) was not agreed on, as the browser sees it. Where the server compresses all the same, a hop takes Sec-WebSocket-Extensions out of its answer: let that pass, or switch compression off. uvicorn, or Node's socket.io and ws:"),
            WITHOUT_COMPRESSION,
        )
    } else if finding.param("compressed").is_empty() {
        operator
    } else {
        operator.step_with(
            t!("Compression (permessage-deflate) was agreed on, and some antivirus programs and proxies damage compressed frames. Switch it off, to see whether the connections then stay; uvicorn, or Node's socket.io and ws:"),
            WITHOUT_COMPRESSION,
        )
    };
    let operator = super::stalled(operator, survey);
    let operator = operator::with_upgrade_test(operator::logs(operator, survey), survey)
        .recheck(t!("The test stays open until curl ends it after five seconds; this page no longer says so."));
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey));
    all
}
