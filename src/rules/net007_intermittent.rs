//! # NET007 intermittent
//!
//! ## What it means
//! The same request works at one time and fails at another.
//!
//! ## How it is recognised
//! Of at least eight equal small requests (repeats and plain GETs of the socket's path) two or more were rejected, timed out or
//! answered 5xx, and not all; at least one failed after an engine had already answered. The tab's own handshakes are looked at
//! too.
//!
//! ## What it does not mean
//! It does not say whether an instance, a gateway or the network drops them. Failures at the start only are a cold start (NET006).
//!
//! ## What to do
//! Compare with another network; the operator looks for one bad instance and for idle connections that one side closes first.
//!
//! ## References
//! Report hiero-ledger/hiero-json-rpc-relay 5438 (Node's keep-alive shorter than the load balancer's).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::guidance::{Audience, Guidance};
use crate::platforms::operator;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET007", name: "intermittent", explains: &["NET006", "WS001", "WS002", "NET003", "NET012", "POLL003", "POLL001", "NET010", "NET004"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let equal: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.method == "GET").collect();
    let failed = |x: &Exchange| x.rejected() || x.timed_out() || x.status().is_some_and(|s| (500..600).contains(&s));
    let class = |repeat: bool| equal.iter().filter(move |(_, x)| matches!(x.purpose, Purpose::Repeat | Purpose::Companion) == repeat);
    let failures = class(true).filter(|(_, x)| failed(x)).count();
    let asked = class(true).count();
    let handshake_failures = class(false).filter(|(_, x)| failed(x)).count();
    if failures + handshake_failures == 0 {
        return Outcome::Clear;
    }
    if asked < usize::from(crate::survey::REPEATS) {
        return Outcome::Unknown { missing: "eight equal requests" };
    }
    // Only what answers in between makes it "sometimes"; failing at the start only is a cold start.
    if failures < 2 || failures == asked {
        return Outcome::Clear;
    }
    let all = || class(true).chain(class(false));
    let first_success = all().filter(|(_, x)| x.engine().is_engine()).map(|(_, x)| x.started.saturating_add(x.ended_after)).min().unwrap_or(0);
    if !all().any(|(_, x)| failed(x) && x.started >= first_success) {
        return Outcome::Clear;
    }
    let Some(cites) = Cites::from_all(class(true).map(|(c, _)| *c)) else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let status = all().filter(|(_, x)| failed(x)).find_map(|(_, x)| x.status());
    let finding = finding.with("failed", failures.to_string()).with("asked", asked.to_string());
    Outcome::Fires(finding.with("status", status.map_or(String::new(), |s| s.to_string())))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let (failed, asked) = (finding.param("failed"), finding.param("asked"));
    let person = Guidance::person(&finding.code, "The chat's server answers at one time and fails at another, so the chat may break off.")
        .step([failed, " of ", asked, " equal requests failed."].concat())
        .other_network()
        .or_hand_on();
    let status = finding.param("status");
    let operator = Guidance::operator(&finding.code, "Find what drops some of the requests.")
        .step([failed, " of ", asked, " failed", if status.is_empty() { ", without an answer" } else { ", with " }, status, "."].concat())
        .step("Look for one instance that is broken, restarting or of another version: fails on one, works on the others.")
        .step_with("If single requests fail with 502, the server may close idle connections that the gateway still uses. Let the server keep them longer than the gateway does; Node, in milliseconds:", "server.keepAliveTimeout = 650000");
    let operator = operator::logs(operator, survey).step_with("Ask twenty times:", operator::polling_test(survey)).recheck("No answer differs from the others.");
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, ["Compare requests to ", &operator::host(survey), " from inside and outside."].concat())
        .step_with("Ask twenty times from each side:", operator::polling_test(survey))
        .step("If only the inside loses some: look at packet loss, the proxy's limits and, on a VPN, the MTU.")
        .recheck("No answer differs from the others.");
    vec![person, operator, network]
}
