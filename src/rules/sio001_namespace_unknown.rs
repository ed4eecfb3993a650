//! # SIO001 namespace-unknown
//!
//! ## What it means
//! The server is there and healthy as far as its engine goes, and does not know the channel (Socket.IO namespace) that was asked
//! for.
//!
//! ## How it is recognised
//! The Socket.IO CONNECT of this run was refused with a message that speaks of a namespace, or with "Unable to connect", which is
//! all that python-socketio says for one without a handler. Asked only where the profile makes a CONNECT safe.
//!
//! ## What it does not mean
//! The namespace is the one that this page was set to; the chat itself may use another.
//!
//! ## What to do
//! Register the namespace on the server, or correct the setting.
//!
//! ## References
//! Socket.IO protocol 5, CONNECT_ERROR; python-socketio 5.18 (read); Node says "Invalid namespace".

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
    match connect_refusal(survey, life) {
        Some(message) if is_unknown_namespace(&message) => {
            let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, survey.websocket_hello().map(|(c, _)| c)));
            Outcome::Fires(finding.with("namespace", survey.namespace()).with("message", message))
        }
        _ => Outcome::Clear,
    }
}

/// The server's words when it refuses the CONNECT of this run.
pub(super) fn connect_refusal(survey: &Survey, life: &SocketLife) -> Option<String> {
    life.frames().find_map(|(_, frame)| match connect_answer(frame, survey.namespace())? {
        ConnectAnswer::Refused { message } => Some(message),
        ConnectAnswer::Accepted => None,
    })
}

/// Node says "Invalid namespace"; python-socketio "Unable to connect" for a namespace without a handler, with no other
/// word (read in the source of 5.18.1).
pub(super) fn is_unknown_namespace(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("namespace") || message == "unable to connect"
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat's server answers, but does not know the part of the chat that was asked for.")).hand_on();
    let namespace = operator::word(finding.param("namespace"));
    let operator = Guidance::operator(&finding.code, t!("Register the namespace on the server, or correct this page's setting."))
        .step(t!("The server answers “{message}” to {namespace}.", message = finding.param("message"), namespace = finding.param("namespace")))
        .step(t!("If the chat uses another one, name it in the setting namespace, in connection-doctor.json or the element's attribute."))
        .step_with(t!("Else, Node:"), ["io.of(\"", &namespace, "\").on(\"connection\", (socket) => {})"].concat())
        .step_with(t!("Python; a namespace exists once it has a handler:"), ["@sio.on(\"connect\", namespace=\"", &namespace, "\")"].concat())
        .recheck(t!("Run this page again: joining the channel is seen to work."));
    vec![person, operator]
}
