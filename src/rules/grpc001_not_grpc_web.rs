//! # GRPC001 not-grpc-web
//!
//! ## What it means
//! At the address of the gRPC-web service something else answers.
//!
//! ## How it is recognised
//! The health check of the profile's `grpc-url` was answered without a content type of gRPC-web (a web page, 404, 415, 503 or the like), or with it and an
//! HTTP status of 400 or above with no grpc-status of the service's own, unless its words say that nothing answers behind the gateway; 401 and 403, asked
//! with this browser's cookies too, are information, and so are a page with a password field and one that a redirect to another path led to. Where WebSocket or
//! long-polling works on the same server and a gateway refuses this alone, it is GRPC002. From another origin two refusals without a
//! readable answer, while the same server answers other requests, only fit: CORS, or nothing at that address.
//!
//! ## What it does not mean
//! A service without gRPC-web may well speak gRPC: browsers can't use that without a translating hop. Only the service of health is asked: where it
//! alone is not routed, not registered or not translated, the application's services may be well: 404 only fits.
//!
//! ## What to do
//! The operator translates gRPC-web at the gateway or in the server, and routes the service's path there.
//!
//! ## References
//! grpc-web PROTOCOL-WEB.md; gRPC health checking protocol; measured with tonic-web.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::evidence::{Cite, Exchange, Purpose, Response};
use crate::guidance::Guidance;
use crate::platforms::{gateway, operator};
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "GRPC001", name: "not-grpc-web", explains: &[], check, guide };

/// Whether a gateway says that nothing answers behind it: that is no matter of transport (Envoy's words, measured).
pub(super) fn is_down(response: &Response) -> bool {
    let told = response.grpc.as_ref().map_or("", |g| g.message.as_str());
    let words = ["remote connection failure", "connection timeout", "no healthy upstream", "connection refused"];
    words.iter().any(|w| told.contains(w) || response.excerpt.contains(w))
}

/// Whether a gate before the service wants a sign-in in words of HTML: a page with a password field, or one that it was redirected to, since no service of
/// gRPC redirects.
fn is_a_gate(x: &Exchange) -> bool {
    let path = |url: &str| Address::parse(url).map(|a| a.path.trim_end_matches('/').to_owned());
    x.response().is_some_and(|r| r.html.as_ref().is_some_and(|h| h.signs_in() || r.redirected && path(&r.final_url) != path(&x.url)))
}

/// How the health check was answered by something that is no gRPC-web: a word.
pub(super) fn how<'a>(survey: &Survey<'a>) -> Option<(Cite, &'a Exchange, &'static str)> {
    let (cite, x) = survey.grpc()?;
    if x.rejected() {
        return Some((cite, x, "rejected"));
    }
    if x.response().is_some_and(is_down) && x.response().is_some_and(|r| r.grpc.is_some()) {
        return None;
    }
    // A gateway that knows gRPC-web dresses its own errors as such, and those of programs that are no gRPC service (Envoy: measured).
    let not_its_own = |r: &&Response| {
        let of_another = matches!(r.status, 401 | 403 | 404 | 405 | 415);
        r.grpc.as_ref().is_none_or(|g| r.status >= 400 && (of_another || matches!(g.grpc_status, None | Some(UNAVAILABLE))))
    };
    let response = x.response().filter(not_its_own).filter(|r| r.status != 0)?;
    let how = match response.status {
        401 | 403 => "sign-in",
        ..500 if is_a_gate(x) => "gate",
        _ if response.html.is_some() && response.status < 500 => "page",
        404 | 405 => "not-found",
        415 => "unsupported",
        s if response.grpc.is_some() && (s >= 500 || !gateway::marks(response).is_empty()) => "gateway",
        502..=504 => "gateway",
        s if s >= 500 && gateway::wrote(response) => "gateway",
        200 => "another-type",
        _ => "refused",
    };
    Some((cite, x, how))
}

/// gRPC status 14.
const UNAVAILABLE: u16 = 14;

fn check(survey: &Survey) -> Outcome {
    if survey.profile.grpc_url.is_none() {
        return Outcome::Clear;
    }
    let Some((cite, exchange, how)) = how(survey) else {
        let answered = survey.grpc().is_some_and(|(_, x)| x.response().is_some_and(|r| r.grpc.is_some()));
        return if answered { Outcome::Clear } else { Outcome::Unknown { missing: english!("an answer of the gRPC service") } };
    };
    // Nothing at all may be CORS, the network or the server, for which other rules speak.
    if how == "rejected" {
        // The server of another origin answers other requests, and this one was refused twice: most often by CORS.
        let twice = survey.evidence.exchanges_for(Purpose::Grpc).filter(|(_, x)| x.rejected()).count() >= 2;
        let Some(heard) = survey.engine_heard().filter(|_| twice && exchange.cross_origin) else {
            return Outcome::Unknown { missing: english!("a readable answer of the gRPC service") };
        };
        let finding = RULE.finding(Severity::Degrades, Confidence::Correlated, &[Party::SiteOperator], Cites::of(cite, [heard]));
        return Outcome::Fires(finding.with("how", "cors").with("status", ""));
    }
    if super::grpc002_transport_mismatch::grpc_alone(survey).is_some() {
        return Outcome::Clear;
    }
    // Asked was the service of health alone: the application's own services may have routes that it lacks.
    // A service that wants a sign-in of its own may be well: this page has none to give.
    let severity = if matches!(how, "sign-in" | "gate") { Severity::Info } else { Severity::Degrades };
    let confidence = match how {
        // A server that does not have that service may have the chat's own (Connect answers so for each that is not registered; measured).
        "not-found" => Confidence::Correlated,
        "gate" | "page" | "unsupported" => Confidence::StronglySuggested,
        _ => Confidence::Observed,
    };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(cite, survey.own_file_answers()));
    Outcome::Fires(finding.with("how", how).with("status", exchange.status().unwrap_or(0).to_string()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let status = finding.param("status");
    if finding.severity == Severity::Info {
        let person = Guidance::person(&finding.code, t!("A part of the chat's server can't be asked whether it is well, which is no fault.")).step(t!("There is nothing that you have to do."));
        let operator = Guidance::operator(&finding.code, t!("The health check was answered with {status}, and not by a gRPC-web service.", status = status))
            .step(match finding.param("how") {
                "gate" => t!("A sign-in page came, or another page after a redirect: most likely a gate before the service. Open the chat's page behind that sign-in, or let grpc.health.v1.Health be asked without one, and this test can tell more. If there is no such gate, route this path, with POST, to the gRPC server."),
                _ => t!("Let grpc.health.v1.Health be asked without one, and this test can tell more: it tells nothing but the state."),
            });
        return vec![person, operator.recheck(t!("This page no longer says so."))];
    }
    let person = Guidance::person(&finding.code, t!("A part of the chat's server is not where the chat looks for it.")).hand_on();
    if finding.param("how") == "cors" {
        let operator = Guidance::operator(&finding.code, t!("Let pages of another origin use gRPC-web."))
            .step(t!("The health check was refused twice without a readable answer, while the same server answers other requests. Most often its answers to gRPC-web lack the headers of CORS; else nothing listens at that address."))
            .step_with(t!("gRPC-web needs all of these; Envoy, in the route's or virtual host's policy of envoy.filters.http.cors (the filter before grpc_web):"), ["allow_origin_string_match: [{exact: \"", &operator::page_origin(survey), "\"}]\nallow_methods: \"GET, POST, OPTIONS\"\nallow_headers: \"content-type,x-grpc-web,x-user-agent,grpc-timeout\"\nexpose_headers: \"grpc-status,grpc-message\""].concat())
            .step_with(t!("By hand; the answer must have Access-Control-Allow-Origin:"), test(survey).replacen("-X POST", &["-X POST -H \"Origin: ", &operator::page_origin(survey), "\""].concat(), 1))
            .recheck(t!("This page reads the service's status."))
            .limits(t!("CORS lets pages read answers; it lets nobody in."));
        return vec![person, operator];
    }
    let operator = Guidance::operator(&finding.code, t!("Let gRPC-web reach the service.")).step(t!("The health check was answered with {status}, and not by a gRPC-web service.", status = status)).step(match finding.param("how") {
        "page" => t!("A web page answered: the path of the service falls through to the web site. Route it, with POST, to the gRPC server."),
        "not-found" => t!("Nothing is there: either the server has no service grpc.health.v1.Health, which is then to be registered (Connect and others answer so for what is not), or nothing is routed there. The whole path is /package.Service/Method, at the root or below the prefix of grpc-url."),
        "unsupported" => t!("The server refuses the content type: it speaks gRPC, and browsers need gRPC-web."),
        "gateway" => t!("The gateway did not reach the service, or speaks another version of HTTP with it than it expects: a gRPC server wants HTTP/2."),
        _ => t!("Something else answered there."),
    });
    let operator = advice(operator).step_with(t!("By hand (five zero bytes are the empty request):"), test(survey)).recheck(t!("The answer has content-type application/grpc-web+proto and ends with grpc-status:0."));
    vec![person, operator.limits(t!("Only grpc.health.v1.Health was asked: the application's own services may have routes of their own."))]
}

/// What translates gRPC-web.
pub(super) fn advice(operator: Guidance) -> Guidance {
    operator
        .step_with(t!("Rust (tonic), in the server:"), "Server::builder().accept_http1(true).layer(tonic_web::GrpcWebLayer::new())")
        .step_with(t!("Envoy, among the http_filters, before the router:"), "- name: envoy.filters.http.grpc_web\n  typed_config:\n    \"@type\": type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb")
}

/// The health check by hand.
pub(super) fn test(survey: &Survey) -> String {
    let url = survey.grpc().map_or("https://HOST/grpc.health.v1.Health/Check", |(_, x)| x.url.as_str());
    [
        "printf '\\0\\0\\0\\0\\0' | curl -s -i -X POST --data-binary @- -H \"content-type: application/grpc-web+proto\" -H \"x-grpc-web: 1\" \"",
        &operator::word(url.split('?').next().unwrap_or(url)),
        "\" --output -",
    ]
    .concat()
}
