//! # SEC001 csp-blocks-connection
//!
//! ## What it means
//! The page's own Content Security Policy forbids the connection. The browser did not even try it.
//!
//! ## How it is recognised
//! The browser reported at least one enforced `securitypolicyviolation` of a `connect-src` directive during the run, for a
//! connection to the chat's server or to the WebSocket that is set. Reports of a policy that is only observed do not count, nor
//! do violations that concern anything else.
//!
//! ## What it does not mean
//! The server may be in order. And it is the policy of this page: the chat's own page may have another one, stricter or not.
//! Older Safari did not count `wss:` under `'self'`.
//!
//! ## What to do
//! Add the server to `connect-src`, for `https:` and for `wss:`, in the policy of every page that connects to it.
//!
//! ## References
//! CSP level 3, `connect-src` and section 5.4; w3c/webappsec-csp issue 7 (`'self'` and `wss:`); in Chromium 156 a blocked
//! WebSocket gives `error` and no `close` (measured).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Fact;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "SEC001", name: "csp-blocks-connection", explains: &["NET001", "NET002", "NET009", "WS001", "WS002", "WS003", "NET010", "POLL001", "CORS001", "PATH001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let blocked = survey.policy_violations();
    let Some(cites) = Cites::from_all(blocked.iter().map(|(c, _)| *c)) else {
        return Outcome::Clear;
    };
    let url = blocked.first().and_then(|(c, _)| survey.evidence.get(*c)).map(|o| match &o.fact {
        Fact::PolicyViolation { blocked, .. } => blocked.clone(),
        _ => String::new(),
    });
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], cites);
    Outcome::Fires(finding.with("directive", blocked[0].1).with("blocked", url.unwrap_or_default()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, "This site's own safety rules forbid the connection that the chat needs.")
        .step("If you use an older Safari, try another browser: it may read the rules in another way.")
        .hand_on();
    let operator = Guidance::operator(&finding.code, "Allow the server in the site's Content Security Policy.")
        .step(["Blocked by ", finding.param("directive"), ": ", finding.param("blocked"), "."].concat())
        .step_with("Add both to the connect-src of this page and of the chat's own page, in the response header and in a meta tag where there is one: all policies must allow it.", ["connect-src 'self' ", &operator::sources(survey)].concat())
        .recheck("Reload: the browser's console shows no “Refused to connect”, and this page no longer says so.")
        .limits("The policy that was seen is this page's; the chat's page may have another.");
    vec![person, operator]
}
