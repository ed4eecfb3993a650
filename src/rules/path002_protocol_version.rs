//! PATH002 protocol-version
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::protocol::engine_io::{Answer, Refusal};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "PATH002", name: "protocol-version", explains: &["WS001", "WS002", "WS003", "WS004", "POLL001", "PATH005", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let handshakes = || survey.on_path(Purpose::Handshake);
    let opens = |wanted: u8| handshakes().find(|(_, x)| matches!(x.engine(), Answer::Open { framing, .. } if framing == wanted)).map(|(c, _)| c);
    let refused = |eio: u8| {
        handshakes()
            .find(|(_, x)| x.eio == eio && matches!(x.engine(), Answer::Refused { refusal: Refusal::UnsupportedVersion, .. }))
            .map(|(c, _)| c)
    };
    let (Some(old), None) = (opens(3), opens(4)) else {
        return if refused(4).is_some() && opens(4).is_none() { Outcome::Unknown { missing: "a version that the server accepts" } } else { Outcome::Clear };
    };
    let needs_new = survey.known.eio == Some(4);
    let (severity, confidence) = match (refused(4), needs_new) {
        (_, true) => (Severity::Blocks, Confidence::Observed),
        (Some(_), false) => (Severity::Blocks, Confidence::StronglySuggested),
        // It answers in the old framing, and the chat's own client may well be an old one too.
        (None, false) => (Severity::Info, Confidence::Observed),
    };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(old, refused(4)));
    Outcome::Fires(finding.with("server-speaks", "3").with("client-speaks", if needs_new { "4" } else { "" }))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
