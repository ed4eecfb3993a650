//! # COOK004 cookie-not-kept
//!
//! ## What it means
//! The server sets a cookie and this browser does not send it back, so nothing that hangs on it (a sign-in, an affinity) lasts.
//!
//! ## How it is recognised
//! The operator's endpoint (`help-path`) set its test cookie with the application's own attributes and, asked again, did not get
//! it. Cookies of this page's own are kept, so the browser is not what blocks all of them. Without the endpoint nothing is claimed.
//!
//! ## What it does not mean
//! It does not name the attribute. `Secure` on an http page, a `Domain` of another name, and more than 4096 bytes are the usual ones.
//!
//! ## What to do
//! Correct the attributes of the application's cookie.
//!
//! ## References
//! RFC 6265bis sections 5.5 and 5.6 (4096 octets of name and value); measured: browsers drop such cookies silently.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Exchange, Purpose};
use crate::guidance::Guidance;
use crate::protocol::json::{self, Value};
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "COOK004", name: "cookie-not-kept", explains: &["AUTH002", "AUTH003"], check, guide };

/// The name of the cookie that the recipes of `www/server-help` set.
pub const TEST_COOKIE: &str = "connection-doctor-check";

/// Whether the endpoint is the operator's, and whether the test cookie came.
fn came(exchange: &Exchange) -> Option<bool> {
    let response = exchange.response().filter(|r| r.status == 200)?;
    let body = json::parse(&response.excerpt).ok().filter(|body| body.get("connection-doctor").is_some());
    // A long list is cut in the evidence, and is no JSON then.
    let Some(body) = body else { return response.excerpt.contains("\"connection-doctor\"").then_some(response.excerpt.contains(TEST_COOKIE)).filter(|came| *came) };
    let named = |cookie: &Value| cookie.get("name").and_then(Value::as_str) == Some(TEST_COOKIE);
    Some(body.get("cookies")?.as_array()?.iter().any(named))
}

fn check(survey: &Survey) -> Outcome {
    if survey.profile.help_path.is_none() {
        return Outcome::Clear;
    }
    let Some((_, cookies)) = survey.evidence.cookies() else {
        return Outcome::Unknown { missing: english!("a cookie of this page's own, written and read back") };
    };
    if !cookies.trials.iter().any(|t| t.kept) {
        return Outcome::Clear;
    }
    let first = survey.evidence.exchanges_for(Purpose::Help).next_back().filter(|(_, x)| came(x).is_some());
    let again = survey.evidence.exchanges_for(Purpose::HelpAgain).next_back().and_then(|(c, x)| Some((c, came(x)?)));
    match (first, again) {
        (Some((first, _)), Some((again, false))) => {
            let insecure = survey.evidence.environment().is_some_and(|(_, e)| e.scheme == "http:");
            let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], Cites::of(again, [first]));
            Outcome::Fires(finding.with("page", if insecure { "http" } else { "https" }))
        }
        (Some(_), Some((_, true))) => Outcome::Clear,
        _ => Outcome::Unknown { missing: english!("two answers of the endpoint that help-path names") },
    }
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("This browser can’t keep what the chat’s server gives it to remember you by.")).hand_on();
    let operator = Guidance::operator(&finding.code, t!("Correct the attributes of the application's cookie.")).step(
        t!("The test cookie was set with the attributes that you wrote into the endpoint, and did not come back. Look at Set-Cookie in Chrome's or Edge's developer tools, Network: a warning sign beside it names the reason."),
    );
    let operator = if finding.param("page") == "http" {
        operator.step(t!("This page came by http, where, except on localhost, no browser takes Secure or SameSite=None: serve the chat by https."))
    } else {
        operator
    };
    let operator = operator
        .step(t!("Name and value together have at most 4096 bytes; a larger cookie is dropped. Keep the session on the server, and its id in the cookie."))
        .step(t!("Domain, if it is set, is the chat's own host or a parent of it; Path covers the socket's path. A name that begins with __Host- needs Secure, Path=/ and no Domain."))
        .recheck(t!("Run this page again: it no longer says so."))
        .limits(t!("It tells about the attributes in the endpoint: they must be those of your application."));
    vec![person, operator]
}
