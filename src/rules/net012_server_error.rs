//! # NET012 server-error
//!
//! ## What it means
//! The chat's server, or what stands before it, answers the socket's path with a fault of its own.
//!
//! ## How it is recognised
//! The newest handshake at the socket's path (or the plain GET of a raw WebSocket's URL) ends with a 5xx status that is not a
//! gateway's (not 502 to 504, not 520 to 530), no engine was ever heard there, and the page's own file answers. `how` is `gateway` where the answer is a
//! gateway's own page, which `gateway` names; `silent`, strongly suggested only, where it has no word of anybody's: proxies of development servers answer so
//! where they can't reach the server.
//!
//! ## What it does not mean
//! The network did its part. Whether a server or a proxy before it says nothing can't be told.
//!
//! ## What to do
//! The operator reads the server's log, or the gateway's, at the time of the report.
//!
//! ## References
//! RFC 9110 section 15.6.1; nginx.org, ngx_http_auth_request_module (any other code is an error, and is 500: measured); Vite's proxy (500 without a body:
//! measured).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::net003_gateway_error::failing;
use crate::guidance::Guidance;
use crate::platforms::gateway::{self, Gateway};
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET012", name: "server-error", explains: &["WS001", "WS002", "POLL001", "POLL003", "NET008", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, response, status)) = failing(survey, |s| matches!(s, 500..=599) && !matches!(s, 502..=504 | 520..=530)) else {
        return Outcome::Clear;
    };
    let Some(own) = survey.own_file_answers().or_else(|| survey.own_file_fails()) else {
        return Outcome::Unknown { missing: english!("a static file of the same server") };
    };
    let author = gateway::signed(response);
    let (how, confidence) = match author {
        Some(_) => ("gateway", Confidence::Observed),
        None if response.body_complete && response.body_bytes == 0 => ("silent", Confidence::StronglySuggested),
        None => ("", Confidence::Observed),
    };
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator], Cites::of(cite, [own])).with("status", status.to_string());
    Outcome::Fires(match how {
        "" => finding,
        _ => finding.with("how", how).with("gateway", author.map_or("", Gateway::name)),
    })
}

/// What failed is no server of the chat's, or need not be.
fn before_the_server(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let (gateway, status) = (finding.param("gateway"), finding.param("status"));
    let silent = finding.param("how") == "silent";
    let person = Guidance::person(&finding.code, if silent { t!("The chat's server, or what stands before it, has a fault.") } else { t!("What stands before the chat's server has a fault of its own.") });
    let person = person.step(t!("Wait a minute, then open the chat again.")).or_hand_on();
    let operator = if silent {
        Guidance::operator(&finding.code, t!("Find out whether the chat's server fails, or a proxy that can't reach it."))
            .step(t!("The socket's path answered {status} without a word. A server may fail so, and so does a proxy behind which nothing listens, such as that of a development server.", status = status))
            .step_with(t!("From the gateway's own machine or container, with the address that it uses; compare its port with the one the application listens on:"), "curl -i \"http://127.0.0.1:8000/\"")
    } else {
        let operator = Guidance::operator(&finding.code, t!("Find the fault in the log of {gateway}.", gateway = gateway))
            .step(t!("The socket's path answered {status} with the own page of {gateway}: it failed itself, and most likely did not ask the chat's server.", status = status, gateway = gateway));
        if gateway == Gateway::Nginx.name() {
            operator.step(t!("nginx does so where the service that auth_request asks answers neither 2xx nor 401 or 403, being down for instance, and where its own configuration fails: its error.log says which."))
        } else {
            operator
        }
    };
    let operator = operator.step_with(t!("To bring it about again:"), operator::polling_test(survey));
    vec![person, operator::logs(operator, survey).recheck(t!("The test's answer begins with {begin}.", begin = "0{"))]
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if !finding.param("how").is_empty() {
        return before_the_server(finding, survey);
    }
    let person = Guidance::person(&finding.code, t!("The chat's server has a fault of its own.")).step(t!("Wait a minute, then open the chat again.")).or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find the fault in the server's log."))
        .step(t!("The socket's path answered {status}.", status = finding.param("status")))
        .step_with(t!("To bring it about again:"), operator::polling_test(survey));
    let operator = operator::logs(operator, survey).recheck(t!("The test's answer begins with {begin}.", begin = "0{"));
    vec![person, operator]
}
