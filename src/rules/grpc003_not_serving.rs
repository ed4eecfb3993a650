//! # GRPC003 not-serving
//!
//! ## What it means
//! The gRPC service answers, and says that it is not in service; or the gateway before it says that it does not reach it.
//!
//! ## How it is recognised
//! The health check by gRPC-web was answered with a `grpc-status` other than 0, or with another state than SERVING. UNIMPLEMENTED, NOT_FOUND,
//! PERMISSION_DENIED and UNAUTHENTICATED are information only: the server has no health service, none that tells of the whole, or one for those who are signed in,
//! and gRPC-web itself works. An answer of gRPC-web that is damaged (`how` is `damaged`) counts as well, whatever state it tells. `how` is `unreached` where the status is
//! a gateway's, by its words.
//!
//! ## What it does not mean
//! The state is that of the server as a whole; a single service may be well.
//!
//! ## What to do
//! The operator reads what the status says, and the server's log.
//!
//! ## References
//! gRPC health checking protocol; gRPC status codes; grpc-web PROTOCOL-WEB.md.

use super::grpc001_not_grpc_web::is_down;
use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::protocol::grpc_web;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "GRPC003", name: "not-serving", explains: &[], check, guide };

const UNIMPLEMENTED: u16 = 12;
/// The service of health knows no state of the server as a whole (gRPC health checking protocol), or wants to know who asks.
const NOT_FOUND: u16 = 5;
const PERMISSION_DENIED: u16 = 7;
const UNAUTHENTICATED: u16 = 16;
const SERVING: u8 = 1;

fn check(survey: &Survey) -> Outcome {
    let Some((cite, exchange)) = survey.grpc() else {
        return Outcome::Clear;
    };
    let Some(answer) = exchange.response().and_then(|r| r.grpc.as_ref()) else {
        return Outcome::Clear;
    };
    if super::grpc001_not_grpc_web::how(survey).is_some() {
        return Outcome::Clear;
    }
    let (severity, how) = match (answer.grpc_status, answer.serving) {
        _ if answer.malformed => (Severity::Degrades, "damaged"),
        (Some(0), Some(SERVING)) => return Outcome::Clear,
        (Some(0), _) => (Severity::Degrades, "state"),
        (Some(UNIMPLEMENTED), _) => (Severity::Info, "no-health-service"),
        (Some(NOT_FOUND), _) => (Severity::Info, "no-state"),
        (Some(PERMISSION_DENIED | UNAUTHENTICATED), _) => (Severity::Info, "sign-in"),
        (Some(_), _) if exchange.response().is_some_and(is_down) => (Severity::Degrades, "unreached"),
        (Some(_), _) => (Severity::Degrades, "status"),
        // An answer in headers that CORS does not show.
        (None, _) => return Outcome::Unknown { missing: english!("the header grpc-status, which CORS must expose") },
    };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, []));
    let state = match answer.serving {
        Some(0) | None => "UNKNOWN",
        Some(1) => "SERVING",
        Some(2) => "NOT_SERVING",
        Some(_) => "SERVICE_UNKNOWN",
    };
    let status = answer.grpc_status.map_or("", grpc_web::status_name);
    Outcome::Fires(finding.with("how", how).with("status", status).with("state", state).with("message", answer.message.as_str()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let how = finding.param("how");
    let unasked = match how {
        "no-health-service" => Some((t!("gRPC-web works; the server has no health service."), t!("Add grpc.health.v1.Health, and this test can tell more (Rust: tonic-health; Go: google.golang.org/grpc/health; Python: grpcio-health-checking)."))),
        "no-state" => Some((t!("gRPC-web works; the service of health has no state for the server as a whole."), t!("Set the state of the service with the empty name, and this test can tell more."))),
        "sign-in" => Some((t!("gRPC-web works; the health check wants a sign-in."), t!("Let grpc.health.v1.Health be asked without one, and this test can tell more: it tells nothing but the state."))),
        _ => None,
    };
    if let Some((title, step)) = unasked {
        let operator = Guidance::operator(&finding.code, title).step(step);
        let person = Guidance::person(&finding.code, t!("A part of the chat's server can't be asked whether it is well, which is no fault.")).step(t!("There is nothing that you have to do."));
        return vec![person, operator.recheck(t!("This page no longer says so."))];
    }
    if how == "damaged" {
        let person = Guidance::person(&finding.code, t!("An answer of a part of the chat's server comes damaged.")).or_hand_on();
        let operator = Guidance::operator(&finding.code, t!("Let the answers of gRPC-web through whole."))
            .step(t!("Its answer is no whole message of gRPC-web: look at what stands between, such as a proxy that cuts trailers or re-encodes bodies."));
        let operator = operator::logs(operator, survey).step_with(t!("Ask it by hand:"), super::grpc001_not_grpc_web::test(survey));
        return vec![person, operator.recheck(t!("The answer has content-type application/grpc-web+proto and ends with grpc-status:0."))];
    }
    let unreached = how == "unreached";
    let title = if unreached { t!("A part of the chat's server is away right now.") } else { t!("A part of the chat's server says that it is out of service.") };
    let person = Guidance::person(&finding.code, title).step(t!("Wait a few minutes, then try again.")).or_hand_on();
    let operator = if unreached {
        Guidance::operator(&finding.code, t!("Let the gateway reach the gRPC service."))
            .step(t!("The gateway itself says that it does not reach the service: see that it runs, and that the gateway looks for it at the right address and port."))
    } else {
        Guidance::operator(&finding.code, t!("Bring the gRPC service back into service."))
    };
    let operator = operator.step(match how {
        "state" => t!("Its health check says {state}.", state = finding.param("state")),
        _ => t!("Its health check failed with {status}: “{message}”.", status = finding.param("status"), message = finding.param("message")),
    });
    let operator = operator::logs(operator, survey).step_with(t!("Ask it by hand:"), super::grpc001_not_grpc_web::test(survey));
    vec![person, operator.recheck(t!("The health check says SERVING.")).limits(t!("It tells of the server as a whole, and not of each of its services."))]
}
