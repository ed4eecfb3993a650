//! SIO001 namespace-unknown
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::SocketLife;
use crate::protocol::socket_io::{ConnectAnswer, connect_answer};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "SIO001", name: "namespace-unknown", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, life)) = survey.connect() else {
        return if survey.profile.namespace.is_some() { Outcome::Unknown { missing: "an answer to joining the channel" } } else { Outcome::Clear };
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
/// word (read in its source), and "... is not one of the accepted namespaces" in newer releases.
pub(super) fn is_unknown_namespace(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("namespace") || message == "unable to connect"
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
