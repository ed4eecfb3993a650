//! # SES003 no-cross-replica-delivery
//!
//! ## What it means
//! What one person writes does not reach people whose connection is at another replica of the server.
//!
//! ## How it is recognised
//! Needs the operator's echo handler (`www/server-help`) and the setting `echo-event`. Two sessions of this run, of which the
//! handler says that they are at different instances, were in one room; a broadcast to it did not come to the other one within
//! two seconds at least, which strongly suggests it: a bus that is connected at its first use may be late once. Where the run has time the broadcast is sent once more after three
//! seconds, and if neither was heard within five, it is observed.
//!
//! ## What it does not mean
//! Without the handler, or where all sessions land at one instance, this can't be known. It says nothing of what the application
//! does by itself, such as reading messages from a database.
//!
//! ## What to do
//! The operator gives the replicas one message bus, and looks whether they reach it.
//!
//! ## References
//! Socket.IO documentation, "Adapter"; python-socketio documentation, "Using a message queue"; measured with Redis up, down and
//! with a wrong host.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "SES003", name: "no-cross-replica-delivery", explains: &[], check, guide };

const HANDLER: &str = english!("the operator's echo handler: see www/server-help, and the setting echo-event");

fn check(survey: &Survey) -> Outcome {
    let Some((cite, delivery)) = survey.evidence.delivery() else {
        return if survey.is_engine_subject() { Outcome::Unknown { missing: HANDLER } } else { Outcome::Clear };
    };
    let ready = || delivery.sessions.iter().filter(|s| s.state == "ready");
    let Some(sender) = ready().next() else {
        return Outcome::Unknown { missing: HANDLER };
    };
    // A handler that does not tell its instance can't show that two are at different ones.
    let mut elsewhere = ready().filter(|s| s.instance != sender.instance && s.instance != 0);
    let Some(other) = elsewhere.next().filter(|_| sender.instance != 0 && delivery.waited > 0) else {
        return Outcome::Unknown { missing: english!("two sessions at different replicas: all of this run came to one") };
    };
    if other.heard_after.is_some() {
        return Outcome::Clear;
    }
    if delivery.waited < PATIENCE {
        return Outcome::Unknown { missing: english!("time for a broadcast to arrive") };
    }
    let confidence = if delivery.waited >= TWICE { Confidence::Observed } else { Confidence::StronglySuggested };
    let finding = RULE.finding(Severity::Degrades, confidence, &[Party::SiteOperator], Cites::of(cite, []));
    Outcome::Fires(finding.with("sender-heard", if sender.heard_after.is_some() { "yes" } else { "no" }))
}

/// Milliseconds: a bus takes a few.
const PATIENCE: u32 = 2_000;
/// The same of two broadcasts, one after the other.
const TWICE: u32 = 5_000;

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("People in the chat may not see what others write, because its machines do not pass messages on to one another."))
        .step(t!("Load the page again after a while to see what is missing."))
        .hand_on();
    let seen = match finding.param("sender-heard") {
        "yes" => t!("A message to a room came to its sender, and not to a member of the room at another instance."),
        _ => t!("A message to a room came to nobody, not even to its sender: the instances have a bus, and it fails."),
    };
    let operator = Guidance::operator(&finding.code, t!("Let what is written at one replica reach people at the others.")).step(seen);
    let operator = operator::shared_state(operator, survey)
        .step_with(t!("Where a Redis is used: from each replica's network, with the address that the application has. Most containers have no redis-cli; in Python's:"), "python -c \"import redis; print(redis.from_url('redis://HOST:6379').ping())\"")
        .step(t!("A wrong host name, password or database number does not fail the handshake: the log of each replica has the refused connections."))
        .recheck(t!("Redis answers each replica (True, or PONG); the test hears its own message at the other instance."))
        .limits(t!("A bus carries broadcasts. It does not make long-polling hold over replicas: that takes affinity (SES001)."));
    vec![person, operator]
}
