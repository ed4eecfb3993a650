//! # WS007 heartbeat-missing
//!
//! ## What it means
//! The live connection stands, and the server has stopped giving signs of life on it.
//!
//! ## How it is recognised
//! A WebSocket that had said hello stayed open, and no beat came within `pingInterval` + `pingTimeout` of the last one: the server's ping
//! in version 4, its answer to the client's in version 3. Where a run ends before that, a server's ping that is late by five seconds
//! and a third of the interval, two seconds of it at most, suggests the same, if a busy connection of the same run stood all the while. A connection in another
//! version than the server's counts for nothing.
//!
//! Or, and then it only fits (`how` is `pong-lost`): two connections at least were closed by the other side with 1000 or 1005, the words that engines have for who
//! does not answer, `pingTimeout` after the last ping, and the page had answered each at once. Not at 45 s of age, when Node closes who never joined.
//!
//! ## What it does not mean
//! The way is not cut: a cut connection ends. A server that is only slow answers everything slowly (NET004).
//!
//! ## What to do
//! The operator looks for what blocks the server's event loop, and for a hop that swallows small frames. Where a busy connection of the same run heard its
//! heartbeat (`how` is `silence`), for what forgets connections on which nothing was said for a while, without ending them.
//! Where the answers are lost, for what holds back what a browser sends.
//! Where clients wait for a short time only, a longer `pingTimeout` carries them over.
//!
//! ## References
//! Engine.IO protocol, heartbeat: a client that hears no ping within both times considers the connection closed.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Happening, SocketLife, SocketPurpose};
use crate::guidance::{Audience, Guidance, seconds};
use crate::platforms::operator;
use crate::protocol::engine_io::Dialect;
use crate::survey::{Survey, are_equal_ages};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "WS007", name: "heartbeat-missing", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let of = |purpose| survey.evidence.sockets_where(&|s| s.purpose == purpose && s.path == survey.path && s.eio == survey.eio && s.open_packet().is_some());
    // Not the busy one: what it sends puts off the server's ping on some servers (Node: measured).
    let lives: Vec<(Cite, &SocketLife)> = of(SocketPurpose::Heartbeat).collect();
    if let Some((cites, code)) = pong_lost(survey) {
        return told(survey, cites, Confidence::Correlated, |finding| finding.with("how", "pong-lost").with("close-code", code.to_string()));
    }
    let busy = of(SocketPurpose::Busy).any(|(_, s)| s.closed().is_none());
    let beats = |life: &SocketLife| life.frames().any(|(_, f)| f == "2" || f == "3");
    let heard = survey.eio == 4 && of(SocketPurpose::Busy).any(|(_, s)| beats(s) && s.closed().is_none());
    let whole = |life: &SocketLife| life.waited_in_vain_for("heartbeat");
    let silent: Vec<Cite> = lives.iter().filter(|(_, s)| whole(s)).map(|(c, _)| *c).collect();
    // The end of the run came first, and the ping was late already.
    let late = |life: &SocketLife| {
        let due = life.open_packet().filter(|_| life.eio == 4).map_or(u32::MAX, |p| p.ping_interval.saturating_add((p.ping_interval / 3).min(2_000)).saturating_add(5_000));
        let since = life.frames().next().map_or(0, |(at, _)| at);
        !beats(life) && life.events.iter().any(|e| e.what == Happening::ClosedByProbe && e.after.saturating_sub(since) > due)
    };
    let late: Vec<Cite> = lives.iter().filter(|(_, s)| late(s)).map(|(c, _)| *c).collect();
    let beating = lives.iter().any(|(_, s)| beats(s) && !whole(s));
    let (cites, confidence) = match (silent.is_empty(), !late.is_empty() && busy && !beating) {
        (false, _) => (silent, Confidence::Observed),
        (true, true) => (late, Confidence::StronglySuggested),
        (true, false) => {
            let live = survey.websocket_hello().is_some();
            return if live && !beating { Outcome::Unknown { missing: english!("a heartbeat that was due: the longer test waits for it") } } else { Outcome::Clear };
        }
    };
    // The server's loop and small frames are well there: silence is what differs.
    told(survey, cites, confidence, |finding| if heard { finding.with("how", "silence") } else { finding })
}

fn told(survey: &Survey, cites: Vec<Cite>, confidence: Confidence, with: impl Fn(Finding) -> Finding) -> Outcome {
    let Some(cites) = Cites::from_all(cites) else {
        return Outcome::Clear;
    };
    if survey.is_spoilt(cites.as_slice()) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    let packet = survey.open_packet();
    let ms = |of: fn(&crate::protocol::engine_io::OpenPacket) -> u32| packet.as_ref().map_or(0, of).to_string();
    let finding = with(RULE.finding(Severity::Degrades, confidence, &[Party::SiteOperator, Party::NetworkAdmin], cites));
    Outcome::Fires(finding.with("interval-ms", ms(|p| p.ping_interval)).with("timeout-ms", ms(|p| p.ping_timeout)))
}

/// Held connections that the server ended as engines end those whose answer to a ping does not come, though the page answered: (citations, close code).
pub(super) fn pong_lost(survey: &Survey) -> Option<(Vec<Cite>, u16)> {
    let timeout = survey.open_packet()?.ping_timeout;
    let held = survey.evidence.sockets_where(&|s| matches!(s.purpose, SocketPurpose::Heartbeat | SocketPurpose::Busy) && s.path == survey.path && s.eio == 4);
    // Node's limit for joining is its two times together by default.
    let may_not_have_joined = |age: u32| survey.dialect() != Some(Dialect::PythonEngineio) && are_equal_ages(age, 45_000);
    let lost = |s: &SocketLife| {
        let (end, code, _) = s.closed().filter(|(_, code, _)| matches!(code, 1000 | 1005))?;
        let (asked, _) = s.frames().filter(|(_, f)| *f == "2").last()?;
        let answered = s.events.iter().any(|e| e.after >= asked && e.after - asked < ANSWERS_WITHIN && matches!(&e.what, Happening::Sent { text, .. } if text == "3"));
        let fits = are_equal_ages(end.saturating_sub(asked), timeout) && !may_not_have_joined(end.saturating_sub(s.opened_after()?));
        (answered && fits).then_some(code)
    };
    let all: Vec<(Cite, u16)> = held.filter_map(|(c, s)| Some((c, lost(s)?))).collect();
    let (_, code) = *all.first().filter(|_| all.len() >= 2)?;
    Some((all.into_iter().map(|(c, _)| c).collect(), code))
}

/// An answer of the page's that took longer may have come too late by itself, in milliseconds.
const ANSWERS_WITHIN: u32 = 500;

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let ms = |name: &str| finding.param(name).parse().unwrap_or(0);
    if finding.param("how") == "pong-lost" {
        return unheard(finding, survey, ms("timeout-ms"));
    }
    if finding.param("how") == "silence" {
        return silence(finding, survey, ms("interval-ms"));
    }
    let person = Guidance::person(&finding.code, t!("The chat connects, and then the server falls silent, so the chat gives the connection up and starts again."))
        .step(t!("Wait a minute, then load the chat again."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find out why the server's heartbeat does not come."))
        .step(t!("By its own word it comes every {interval}, and a client waits {timeout} longer. It did not come; the connection stayed open.", interval = seconds(ms("interval-ms")), timeout = seconds(ms("timeout-ms"))))
        .step(t!("Look for code that blocks the event loop: a model that computes in the handler, a synchronous request or driver. Move it into a thread or a worker."))
        .step(t!("If the log shows that pings are sent, a hop on the way holds small frames back: test past each of them."));
    // Ten seconds or less: engines wait 20 s unless told otherwise.
    let operator = if (1..=10_000).contains(&ms("timeout-ms")) {
        operator.step_with(
            t!("Until then let clients wait longer than {timeout}: that carries them over where the server is blocked for less. Node (in milliseconds) and Python (in seconds):", timeout = seconds(ms("timeout-ms"))),
            "new Server(server, { pingTimeout: 60000 })\nAsyncServer(ping_timeout=60)",
        )
    } else {
        operator
    };
    let operator = operator::logs(operator, survey).recheck(t!("The longer test hears the heartbeat.")).limits(t!("It says nothing of how long the chat's own answers take."));
    vec![person, operator]
}

/// A connection on which the page spoke heard its heartbeat, and the quiet one did not.
fn silence(finding: &Finding, survey: &Survey, interval: u32) -> Vec<Guidance> {
    let shorter = (interval / 3).clamp(1_000, 10_000);
    let person = Guidance::person(&finding.code, t!("The chat's connection is lost without a word when nobody writes for a while; the chat notices late and starts again.")).other_network().or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Let the server ping more often than the way forgets silent connections."))
        .step(t!("A connection on which this page spoke heard the server's heartbeat; the quiet one did not within its {interval}, and nobody closed it. The server is not blocked: something on the way forgets silent connections (an address translation, a firewall, a load balancer).", interval = seconds(interval)))
        .step_with(
            t!("Begin with a ping each {time}. Python (in seconds) and Node (in milliseconds):", time = seconds(shorter)),
            ["AsyncServer(ping_interval=", &(shorter / 1_000).to_string(), ")\nnew Server(server, { pingInterval: ", &shorter.to_string(), " })"].concat(),
        )
        .step(t!("Or raise the idle limit of that hop, and let it reset what it ends (Azure Load Balancer: TCP reset on idle)."))
        .recheck(t!("The longer test hears the heartbeat."));
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Keep silent connections to {host} longer.", host = operator::host(survey)))
        .step(t!("Look at the idle limits for TCP of firewalls, address translation (NAT) and proxies: they should be longer than {interval}, and a connection that is ended should be reset.", interval = seconds(interval)))
        .recheck(t!("The longer test hears the heartbeat."));
    vec![person, operator, network]
}

/// The page answered each ping, and the server ended the connection as if it had not.
fn unheard(finding: &Finding, survey: &Survey, timeout: u32) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat's connection is ended again and again; most likely what this browser answers does not reach the server.")).other_network().or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find what holds back what the browser sends on the live connection."))
        .step(t!("This page answered the server's pings at once, and {timeout} after the last of them, its pingTimeout, the server closed with code {code}. Engines do so where no answer comes. An application that closes by a rule of its own would hit this time by chance only.", timeout = seconds(timeout), code = finding.param("close-code")))
        .step(t!("Compare with the server's log of packets (Node: DEBUG=engine*, Python: engineio_logger=True): if its pings have no answer there, a hop on the way drops or buffers what clients send. Test past each of them."));
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Let WebSocket frames to {host} pass at once.", host = operator::host(survey)))
        .step(t!("Programs that inspect traffic and hold back small frames from the browser have this effect: except this host from inspection."))
        .recheck(t!("The longer test holds its connections."));
    vec![person, operator::logs(operator, survey).recheck(t!("The longer test holds its connections.")), network]
}
