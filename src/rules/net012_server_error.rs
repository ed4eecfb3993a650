//! # NET012 server-error
//!
//! ## What it means
//! The chat's server answers the socket's path with a fault of its own.
//!
//! ## How it is recognised
//! The newest handshake at the socket's path (or the plain GET of a raw WebSocket's URL) ends with a 5xx status that is not a
//! gateway's (not 502 to 504, not 520 to 530), no engine was ever heard there, and the page's own file answers.
//!
//! ## What it does not mean
//! The network and the gateway did their part. A fault of a gateway's own configuration may show as 500 too.
//!
//! ## What to do
//! The operator reads the server's log at the time of the report.
//!
//! ## References
//! RFC 9110 section 15.6.1.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::net003_gateway_error::failing;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET012", name: "server-error", explains: &["WS001", "WS002", "POLL001", "POLL003", "NET008", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, _, status)) = failing(survey, |s| matches!(s, 500..=599) && !matches!(s, 502..=504 | 520..=530)) else {
        return Outcome::Clear;
    };
    let Some(own) = survey.own_file_answers().or_else(|| survey.own_file_fails()) else {
        return Outcome::Unknown { missing: english!("a static file of the same server") };
    };
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, [own]));
    Outcome::Fires(finding.with("status", status.to_string()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat's server has a fault of its own.")).step(t!("Wait a minute, then open the chat again.")).or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find the fault in the server's log."))
        .step(t!("The socket's path answered {status}.", status = finding.param("status")))
        .step_with(t!("To bring it about again:"), operator::polling_test(survey));
    let operator = operator::logs(operator, survey).recheck(t!("The test's answer begins with {begin}.", begin = "0{"));
    vec![person, operator]
}
