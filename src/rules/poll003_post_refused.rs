//! # POLL003 post-refused
//!
//! ## What it means
//! The chat can receive by long-polling, and what it sends is refused.
//!
//! ## How it is recognised
//! Long-polling said hello, the chat's client uses it, and at least two POSTs to the socket's path were made, all of which were
//! rejected or answered with 401, 403, 404, 405, 411, 415 or 501 by something that is no engine. After a rejected one a GET must
//! have been answered: otherwise the connection may have been lost.
//!
//! ## What it does not mean
//! An engine's own refusal (an unknown session, a foreign origin) is not this.
//!
//! ## What to do
//! Allow POST on the socket's path: in the gateway, in a web application firewall, in a check for forged requests.
//!
//! ## References
//! Engine.IO protocol 4, HTTP long-polling; RFC 9110 section 15.5.6.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange};
use crate::protocol::engine_io::Answer;
use crate::guidance::{Audience, Guidance};
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "POLL003", name: "post-refused", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some(hello) = survey.polling_hello() else {
        return Outcome::Clear;
    };
    if !survey.known.polls {
        return Outcome::Clear;
    }
    let posts: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.method == "POST").collect();
    if posts.len() < 2 {
        return Outcome::Unknown { missing: english!("two requests that send something") };
    }
    let refused = |x: &Exchange| match x.engine() {
        Answer::Other => x.rejected() || matches!(x.status(), Some(401 | 403 | 404 | 405 | 411 | 415 | 501)),
        _ => false,
    };
    if !posts.iter().all(|(_, x)| refused(x)) {
        return Outcome::Clear;
    }
    // Rejected without an answer they may have met a connection that was lost: then nothing else is answered since.
    let lost = posts.iter().filter(|(_, x)| x.rejected()).map(|(_, x)| x.started).min();
    if lost.is_some_and(|since| !survey.engine_exchanges().any(|(_, x)| x.method == "GET" && x.started >= since && x.answered())) {
        return Outcome::Unknown { missing: english!("an answer to a request after one that sends something failed") };
    }
    let status = posts.iter().find_map(|(_, x)| x.status());
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(hello, posts.iter().map(|(c, _)| *c)));
    Outcome::Fires(finding.with("status", status.map_or(String::new(), |s| s.to_string())))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat can read from its server, but everything that it sends is refused."))
        .other_network()
        .private_window()
        .or_hand_on();
    let status = finding.param("status");
    let operator = Guidance::operator(&finding.code, t!("Allow POST on the socket's path."))
        .step(if status.is_empty() {
            t!("POST is rejected, and not by the chat's server; GET passes.").into()
        } else {
            t!("POST is answered {status}, and not by the chat's server; GET passes.", status = status)
        })
        .step(t!("Look for a rule that allows GET only (nginx: limit_except), for a web application firewall that dislikes short text bodies, and for a check against forged requests (CSRF) in front of this path."))
        .step_with(t!("Test; it opens nothing:"), operator::origin_test(survey))
        .recheck(t!("The chat's server itself answers, with 400 and a message of its own such as “Invalid session None” or “Bad handshake method”."));
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Allow POST requests to {host}.", host = operator::host(survey)))
        .step_with(t!("Test from inside this network, and from outside for comparison:"), operator::origin_test(survey))
        .recheck(t!("Both give the same answer."));
    vec![person, operator, network]
}
