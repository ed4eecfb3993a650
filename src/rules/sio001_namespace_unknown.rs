//! # SIO001 namespace-unknown
//!
//! ## What it means
//! The server is there and healthy as far as its engine goes, and does not know the channel (Socket.IO namespace) that was asked
//! for.
//!
//! ## How it is recognised
//! The Socket.IO CONNECT of this run was refused with "Invalid namespace" and no other word, as Node's servers and socketioxide do (observed), or
//! with "Unable to connect", which is all that python-socketio says for one without a handler, and which an application may say too (strongly
//! suggested). Any other message that says of a namespace that it is not there may be the application's own: it only fits. Asked only where the profile
//! makes a CONNECT safe.
//!
//! ## What it does not mean
//! The namespace is the one that this page was set to; the chat itself may use another. A message that has the word and does not say that
//! the namespace is unknown ("You are not a member of this namespace") comes from the namespace itself: AUTH002.
//!
//! ## What to do
//! Register the namespace on the server, or correct the setting. Where it is registered, look at what its own middleware or handler refuses.
//!
//! ## References
//! Socket.IO protocol 5, CONNECT_ERROR; python-socketio 5.18 (read); Node, from version 2 on, says "Invalid namespace", and so does socketioxide.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::SocketLife;
use crate::protocol::socket_io::{ConnectAnswer, connect_answer};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "SIO001", name: "namespace-unknown", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, life)) = survey.connect() else {
        return if survey.profile.namespace.is_some() { Outcome::Unknown { missing: english!("an answer to joining the channel") } } else { Outcome::Clear };
    };
    let refused = connect_refusal(survey, life).and_then(|message| Some((unknown_namespace(&message)?, message)));
    let Some((confidence, message)) = refused else { return Outcome::Clear };
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator], Cites::of(cite, survey.websocket_hello().map(|(c, _)| c)));
    Outcome::Fires(finding.with("namespace", survey.namespace()).with("message", message))
}

/// The server's words when it refuses the CONNECT of this run.
pub(super) fn connect_refusal(survey: &Survey, life: &SocketLife) -> Option<String> {
    life.frames().find_map(|(_, frame)| match connect_answer(frame, survey.namespace())? {
        ConnectAnswer::Refused { message } => Some(message),
        ConnectAnswer::Accepted => None,
    })
}

/// How surely these are the words for a namespace that nobody has registered. The libraries' own stand alone: python-socketio's were read in
/// the source of 5.18.1.
pub(super) fn unknown_namespace(message: &str) -> Option<Confidence> {
    let message = message.trim().to_ascii_lowercase();
    match message.as_str() {
        "invalid namespace" => Some(Confidence::Observed),
        "unable to connect" => Some(Confidence::StronglySuggested),
        // A namespace that is there may be asked for something else that is not: a tenant, a token.
        _ => {
            let not_there = ["invalid namespace", "unknown namespace", "no such namespace", "not found", "not exist"];
            (message.contains("namespace") && not_there.iter().any(|words| message.contains(words))).then_some(Confidence::Correlated)
        }
    }
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let fits = finding.confidence == Confidence::Correlated;
    let title = if fits {
        t!("The chat's server answers, and refuses the part of the chat that was asked for; most likely it does not know it.")
    } else {
        t!("The chat's server answers, but does not know the part of the chat that was asked for.")
    };
    let person = Guidance::person(&finding.code, title).hand_on();
    let namespace = operator::word(finding.param("namespace"));
    let operator = Guidance::operator(&finding.code, t!("Register the namespace on the server, or correct this page's setting."))
        .step(t!("The server answers “{message}” to {namespace}.", message = finding.param("message"), namespace = finding.param("namespace")))
        .step(t!("If the chat uses another one, name it in the setting namespace, in connection-doctor.json or the element's attribute."));
    let operator = if fits { operator.step(t!("These are not the words of the Socket.IO libraries: if the namespace is registered, its own middleware or connect handler says them. Look there for what it misses.")) } else { operator };
    let operator = operator
        .step_with(t!("Else, Node:"), ["io.of(\"", &namespace, "\").on(\"connection\", (socket) => {})"].concat())
        .step_with(t!("Python; a namespace exists once it has a handler:"), ["@sio.on(\"connect\", namespace=\"", &namespace, "\")"].concat())
        .recheck(t!("Run this page again: joining the channel is seen to work."));
    vec![person, operator]
}
