//! # WS005 idle-cut
//!
//! ## What it means
//! Something on the way ends the live connection whenever nothing was sent for some seconds.
//!
//! ## How it is recognised
//! At least two quiet WebSockets ended with 1006 or 1001 equally long (within a twentieth, or 0.35 s) after their last frame, and one on which
//! something was sent all the time lived at least half as long again. From 15 s on one quiet connection is enough, and then it is suggested. On a
//! WebSocket of no known protocol nothing can be sent: there two equal ages name both limits, that of silence and that of life, and so they do wherever
//! all of them ended after one and the same silence, longer than any that was survived. Where such a WebSocket agreed on a subprotocol of which nothing
//! was spoken it is information: the server may wait for the client's first word.
//!
//! ## What it does not mean
//! Who cuts is not seen: each hop has a limit of its own. A platform is named only where its marks were seen in this run and its
//! documented limit agrees with the time measured.
//!
//! ## What to do
//! The operator raises the limit above the server's ping interval, or lets the server ping more often.
//!
//! ## References
//! nginx `proxy_read_timeout`, HAProxy `timeout tunnel`, Envoy `stream_idle_timeout`; measured: nginx ends a quiet tunnel with 1006 at its limit;
//! Engine.IO protocol, pingInterval.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Fact, Happening, SocketLife};
use crate::guidance::{Guidance, seconds};
use crate::platforms::gateway::Need;
use crate::platforms::{limits, operator};
use crate::survey::{Cut, Survey, are_equal_ages};
use crate::words::Text;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "WS005", name: "idle-cut", explains: &["WS004", "POLL004"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let cut = survey.cut().or_else(|| survey.raw_cut());
    let Some(cut) = cut else {
        return super::ws006_lifetime_cut::not_seen(survey);
    };
    let (age, silence, cites, confidence, how) = match cut {
        Cut::Idle { age, cites, times } => (age, age, cites, if times >= 2 { Confidence::Observed } else { Confidence::StronglySuggested }, "idle"),
        Cut::Either { age, silence, cites, .. } => (age, silence, cites, Confidence::Correlated, "either"),
        Cut::Lifetime { .. } => return Outcome::Clear,
    };
    let Some(cites) = Cites::from_all(cites) else {
        return Outcome::Clear;
    };
    if survey.is_spoilt(cites.as_slice()) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    // Without the control that tells an age from silence, what breaks this early is WS004's.
    if how == "either" && survey.is_engine_subject() && age < super::ws004_drops_at_once::AT_ONCE {
        return Outcome::Clear;
    }
    let named = limits::matching(survey.profile, survey.evidence, silence, limits::Kind::Idle).join("; ");
    // In a protocol that both sides chose and of which nothing was spoken, the client's first word may be due (MQTT 3.1.1 section 3.1, STOMP, graphql-ws):
    // a server waits for it so long and no longer.
    let unspoken = |life: &SocketLife| life.first_frame().is_none() && life.events.iter().any(|e| matches!(&e.what, Happening::Open { protocol, .. } if !protocol.is_empty()));
    let in_protocol = |cite: &Cite| survey.evidence.get(*cite).is_some_and(|o| matches!(&o.fact, Fact::Socket(life) if unspoken(life)));
    let unspoken = !survey.is_engine_subject() && cites.as_slice().iter().all(in_protocol);
    let severity = if unspoken { Severity::Info } else { Severity::Degrades };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let interval = survey.ping_interval().map_or(String::new(), |ms| ms.to_string());
    let finding = finding.with("age-ms", age.to_string()).with("how", how).with("limit", named).with("ping-interval-ms", interval);
    // Where there was traffic before, the silence is another time than the age.
    Outcome::Fires(if are_equal_ages(age, silence) { finding } else { finding.with("silence-ms", silence.to_string()) })
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let age = finding.param("age-ms").parse().unwrap_or(0);
    if finding.severity == Severity::Info {
        let person = Guidance::person(&finding.code, t!("The chat's server let this test's live connection end after a while, most likely because the test says nothing on it."))
            .step(t!("There is nothing that you have to do."));
        let operator = Guidance::operator(&finding.code, t!("Connections on which nobody speaks end after a while."))
            .step(t!("They ended {time} after they had opened, and nothing was said on them in the protocol that was agreed on. Where the client speaks first (MQTT, STOMP, GraphQL), the server ends who does not, and all is well. If people lose their connections after that time, it is a limit for silence on the way.", time = seconds(age)))
            .recheck(t!("The chat’s own client stays connected for longer than that."));
        return vec![person, operator];
    }
    let idle = finding.param("how") == "idle";
    // Silence is named only where it was told from age.
    let person = if idle {
        Guidance::person(&finding.code, t!("The chat's connection is cut whenever it is quiet for a moment, and has to be built up again each time."))
            .step(t!("It was cut after {time} of silence. Until it is mended, messages may come late: the chat connects again by itself.", time = seconds(age)))
    } else {
        Guidance::person(&finding.code, t!("The chat's connection is ended after a fixed time, and has to be built up again."))
            .step(t!("Each connection ended after {time}. The chat connects again by itself; what you are sending at that moment may be lost.", time = seconds(age)))
    };
    let person = person.other_network().or_hand_on();
    let operator = Guidance::operator(
        &finding.code,
        if idle {
            t!("Raise the limit for silent connections above the server's ping interval.")
        } else {
            t!("Raise the limit for silent connections, or the one for their age, on the socket's path.")
        },
    );
    let silence: Option<u32> = finding.param("silence-ms").parse().ok();
    let operator = if let Some(silence) = silence {
        operator.step(t!("Connections ended {time} after they had opened, and {silence} after their last message. Whether silence or age ends them can't be told here: let the server send something more often than that. If they then live longer, it is the limit for silence.", time = seconds(age), silence = seconds(silence)))
    } else if idle {
        operator.step(t!("Quiet connections ended {time} after their last frame; one with traffic lived on.", time = seconds(age)))
    } else {
        operator.step(t!("Quiet connections ended at an age of {time}. Whether silence or age ends them can't be told here: let the server send something every few seconds. If they then live longer, it is the limit for silence. A server may also end connections on which nobody signs in; this test sends nothing.", time = seconds(age)))
    };
    let operator = with_limit(operator, finding, &limits::known_with(silence.unwrap_or(age), limits::Kind::Idle));
    let interval: u32 = finding.param("ping-interval-ms").parse().unwrap_or(0);
    let mut operator = operator::settings(operator, survey, Need::Idle);
    if silence.is_some() {
        operator = operator::settings(operator, survey, Need::Lifetime);
        // Some have one setting for both.
        each_once(&mut operator.steps);
        each_once(&mut operator.elsewhere);
    }
    let operator = if interval > age {
        let shorter = (age / 2).max(1_000).to_string();
        operator.step_with(
            t!("Or let the server ping more often than that: it pings every {time}. Python (in seconds) and Node (in milliseconds):", time = seconds(interval)),
            ["AsyncServer(ping_interval=", &(age / 2_000).max(1).to_string(), ")\nnew Server(server, { pingInterval: ", &shorter, " })"].concat(),
        )
    } else {
        operator
    };
    let operator = operator
        .recheck(t!("The longer test holds a quiet connection for half a minute: it stays."))
        .limits(t!("A limit of another hop may come next: each has its own."));
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey));
    all
}

fn each_once<T: PartialEq>(all: &mut Vec<T>) {
    let mut told: Vec<T> = Vec::new();
    for one in all.drain(..) {
        if !told.contains(&one) {
            told.push(one);
        }
    }
    *all = told;
}

/// The documented limit that agrees with what was measured; else whose limit it may be, where nothing showed itself.
pub(super) fn with_limit(guidance: Guidance, finding: &Finding, others: &[&'static str]) -> Guidance {
    match (finding.param("limit"), others) {
        ("", []) => guidance,
        ("", others) => guidance.step(t!("No gateway showed itself in this run. So long is also: {limits}.", limits = said(others.iter().copied()))),
        (named, _) => guidance.step(t!("This agrees with {limits}.", limits = said(named.split("; ")))),
    }
}

/// Documented limits, one after the other.
fn said<'a>(limits: impl Iterator<Item = &'a str>) -> Text {
    let mut all: Vec<Text> = Vec::new();
    for limit in limits {
        if !all.is_empty() {
            all.push("; ".into());
        }
        all.push(Text::Own(limit.to_owned()));
    }
    all.into()
}
