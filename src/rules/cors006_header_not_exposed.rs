//! # CORS006 header-not-exposed
//!
//! ## What it means
//! The chat has to read a part of the server's answer that the server hides from pages of other addresses.
//!
//! ## How it is recognised
//! The server is another origin than the page's, the setting `response-headers` names a header that the chat has to read, answers of
//! the server are readable, and in none of them that header is. Where the chat sends cookies, answers to requests with cookies count alone.
//!
//! ## What it does not mean
//! A page can't tell a hidden header from one that is not sent, or is sent with other answers only; the guidance names both.
//!
//! ## What to do
//! Name the header in `Access-Control-Expose-Headers`.
//!
//! ## References
//! WHATWG Fetch, CORS-exposed header-name list; measured: `*` is no wildcard for a request with credentials.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CORS006", name: "header-not-exposed", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if !survey.profile.is_cross_origin() || survey.profile.response_headers.is_empty() {
        return Outcome::Clear;
    }
    // What * exposes to a request without cookies it hides from one with them.
    let with_cookies = survey.sends_credentials();
    let readable: Vec<(Cite, &Exchange)> = survey.evidence.exchanges_where(&|x| x.cross_origin && x.status().is_some_and(|s| s < 400) && (!with_cookies || x.credentials == "include")).collect();
    if readable.is_empty() {
        return Outcome::Unknown { missing: english!("a readable answer of the server's") };
    }
    let seen = |name: &String| readable.iter().any(|(_, x)| x.response().is_some_and(|r| r.header(name).is_some()));
    let hidden: Vec<&str> = survey.profile.response_headers.iter().filter(|name| !seen(name)).map(String::as_str).collect();
    let Some(cites) = Cites::from_all(readable.iter().map(|(c, _)| *c).take(4)).filter(|_| !hidden.is_empty()) else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Degrades, Confidence::Correlated, &[Party::SiteOperator], cites);
    Outcome::Fires(finding.with("headers", hidden.join(", ")))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat can’t read a part of its server’s answers from this page, so some of it may not work.")).hand_on();
    let names = finding.param("headers");
    let operator = Guidance::operator(&finding.code, t!("Let pages of other origins read these headers."))
        .step(t!("Not readable from {origin}: {names}.", origin = &survey.profile.page_origin, names = names))
        .step_with(t!("Add to every answer that carries them:"), ["Access-Control-Expose-Headers: ", &operator::word(&names.replace(", ", ","))].concat())
        .step_with(t!("Test; if the header itself is not among the answer's, the server does not send it, and exposing it does not help:"), ["curl -i -H \"Origin: ", &operator::word(&survey.profile.page_origin), "\" ", operator::polling_test(survey).trim_start_matches("curl -i ")].concat())
        .recheck(t!("Run this page again: it no longer says so."))
        .limits(t!("With cookies, * stands for no header name: they must be listed."));
    vec![person, operator]
}
