//! # GRPC002 transport-mismatch
//!
//! ## What it means
//! One entrance serves both the chat's WebSocket and a gRPC service, and its transport fits only one of them.
//!
//! ## How it is recognised
//! The gateway answers the gRPC-web health check with 502 to 504 or 415, or in its own words, while a WebSocket or long-polling to the same origin works. Or
//! the reverse: gRPC-web works, and every WebSocket's opening handshake fails, while the plain requests on the socket's path are all
//! answered by the gateway with 502 to 504 in words that speak of the protocol, or reach the engine through a gateway that can be set to speak HTTP/2 with
//! what stands behind it. Of a WebSocket of no known protocol the plain GETs of its URL count, where the gateway fails
//! all of them in such words.
//!
//! ## What it does not mean
//! Which setting it is stands in no answer: a gateway that speaks HTTP/2 with the service and does not translate gRPC-web (GRPC001) gives the same 503;
//! a native gRPC client through the same gateway tells these apart. Where only the Upgrade fails, a hop that strips it (WS001) is named besides. The other service may simply be down: its own health is to be looked at first.
//! A gateway that merely says 502 of the socket is NET003.
//!
//! ## What to do
//! The operator gives each its own entrance: HTTP/1.1 (or automatic) for WebSockets, HTTP/2 for gRPC.
//!
//! ## References
//! Azure Container Apps, ingress transport; microsoft/azure-container-apps issue 280; Envoy: reset reason "protocol error".

use super::grpc001_not_grpc_web::{advice, how, test};
use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::evidence::{Cite, Exchange, Purpose};
use crate::guidance::Guidance;
use crate::platforms::{gateway, gateway::{Gateway, Need}, operator};
use crate::survey::{Live, Survey};
use crate::words::Phrase;
use crate::t;

pub const RULE: Rule = Rule {
    code: "GRPC002",
    name: "transport-mismatch",
    explains: &["GRPC001", "GRPC003", "NET003", "NET012", "NET010", "WS001", "WS002", "POLL001", "POLL003", "PATH001", "NET007", "NET006"],
    check,
    guide,
};

/// What Envoy says where the server behind it speaks another version of HTTP than it does (measured).
const WORDS: [&str; 2] = ["protocol error", "connection termination"];

/// Whether the service is at the chat's server.
fn shared(survey: &Survey) -> bool {
    survey.grpc().is_some_and(|(_, x)| x.url.starts_with(&survey.profile.server) || x.path.starts_with('/') && x.cross_origin == survey.profile.is_cross_origin())
}

/// gRPC-web fails at the gateway, and the socket lives: citations of both.
pub(super) fn grpc_alone(survey: &Survey) -> Option<Vec<Cite>> {
    let (cite, _, how) = how(survey).filter(|(_, _, how)| matches!(*how, "gateway" | "unsupported"))?;
    let live = survey.websocket_hello().map(|(c, _)| c).or_else(|| survey.polling_works()).or_else(|| survey.raw().and_then(|raw| raw.opened()))?;
    if survey.grpc().is_some_and(|(_, x)| x.response().is_some_and(super::grpc001_not_grpc_web::is_down)) {
        return None;
    }
    // 415 is the server's own word, unless something before it can't do better.
    let told = how == "gateway" || survey.grpc().is_some_and(|(_, x)| x.response().is_some_and(gateway::wrote));
    (told && shared(survey)).then(|| vec![cite, live])
}

/// The same for a WebSocket of no known protocol: the gateway fails the plain GETs of its URL too, in words that speak of the protocol. Where an
/// application answers them, a hop that takes the Upgrade away is likelier (WS001).
fn raw_alone(survey: &Survey, cite: Cite) -> Option<Vec<Cite>> {
    let raw = survey.raw()?;
    let origin = |url: &str| Address::parse(url).map(|a| a.origin());
    let together = survey.grpc().is_some_and(|(_, x)| origin(&x.url).is_some_and(|of| survey.profile.ws_url.as_ref().and_then(|url| origin(url)) == Some(of)));
    let refused = raw.refused().or_else(|| raw.hung()).filter(|_| together)?;
    let asked: Vec<(Cite, &Exchange)> = survey.evidence.exchanges_for(Purpose::Companion).filter(|(_, x)| x.eio == 0 && x.status().is_some()).collect();
    let fails = |x: &Exchange| matches!(x.status(), Some(502..=504)) && x.response().is_some_and(|r| WORDS.iter().any(|words| r.excerpt.contains(words)));
    let all_fail = !asked.is_empty() && asked.iter().all(|(_, x)| fails(x));
    all_fail.then(|| [cite].into_iter().chain(asked.iter().map(|(c, _)| *c)).chain(refused).collect())
}

/// gRPC-web works, and the socket does not.
fn socket_alone(survey: &Survey) -> Option<(bool, Vec<Cite>)> {
    let (cite, _) = survey.grpc().filter(|(_, x)| x.response().and_then(|r| r.grpc.as_ref()).is_some_and(|g| g.grpc_status.is_some() && !g.malformed))?;
    if !survey.is_engine_subject() {
        return Some((true, raw_alone(survey, cite)?));
    }
    if !shared(survey) {
        return None;
    }
    let failing: Vec<Cite> = survey.engine_exchanges().filter(|(_, x)| matches!(x.status(), Some(502..=504))).map(|(c, _)| c).collect();
    let heard = survey.engine_heard().is_some();
    let refused = match survey.live() {
        Live::Refused { cites } | Live::Hung { cites } => cites,
        _ => Vec::new(),
    };
    // Plain requests that the gateway fails, all of them; one of several purposes is luck. That nothing runs behind it would be told so too, but for these words.
    let of_protocol = || survey.on_path(Purpose::Handshake).filter_map(|(_, x)| x.response()).any(|r| WORDS.iter().any(|words| r.excerpt.contains(words)));
    let all_fail = !heard && failing.len() >= 2 && survey.on_path(Purpose::Handshake).all(|(_, x)| matches!(x.status(), Some(502..=504))) && of_protocol();
    // Or they pass, and only what needs the Upgrade does not: any hop may strip that, and only some can speak HTTP/2 with what is behind them.
    let sockets_alone = survey.companion_reaches_engine().filter(|_| survey.websocket_hello().is_none() && survey.shows(Gateway::may_speak_http2_behind));
    let seen = if all_fail { failing } else { vec![sockets_alone?] };
    (!refused.is_empty()).then(|| (all_fail, [cite].into_iter().chain(seen).chain(refused).collect()))
}

fn check(survey: &Survey) -> Outcome {
    if survey.profile.grpc_url.is_none() {
        return Outcome::Clear;
    }
    let (how, severity, cites) = match (grpc_alone(survey), socket_alone(survey)) {
        (Some(cites), _) => ("grpc-fails", Severity::Degrades, cites),
        (None, Some((true, cites))) => ("socket-fails", Severity::Blocks, cites),
        (None, Some((false, cites))) => ("websocket-fails", super::without_websocket(survey), cites),
        (None, None) => return Outcome::Clear,
    };
    let Some(cites) = Cites::from_all(cites) else {
        return Outcome::Clear;
    };
    Outcome::Fires(RULE.finding(severity, Confidence::StronglySuggested, &[Party::SiteOperator], cites).with("how", how))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let how = finding.param("how");
    let socket_fails = how != "grpc-fails";
    let person = Guidance::person(
        &finding.code,
        if socket_fails { t!("The chat's server can't be reached the way the chat needs it; another service on the same address works.") } else { t!("The chat works, but another service that it needs does not.") },
    )
    .hand_on();
    let seen = if socket_fails {
        t!("gRPC-web works on this entrance, and the chat's socket fails: its transport is most likely set to HTTP/2, which has no Upgrade.")
    } else {
        t!("The chat's socket works on this entrance, and the gateway fails gRPC-web. Its answer fits two causes: it speaks HTTP/1.1 with a service that wants HTTP/2, or it speaks HTTP/2 and nothing translates gRPC-web (GRPC001).")
    };
    let operator = Guidance::operator(&finding.code, t!("Let one entrance serve both WebSocket and gRPC-web, or give each its own."))
        .step(seen)
        .decide(t!("Is the service that fails running, and healthy by its own log?"), None::<Phrase>, t!("If not, mend that first: then it is no matter of transport."))
        .decide(t!("Which transport does the entrance use?"), None::<Phrase>, t!("http2 is for gRPC; WebSockets need http or auto."))
        .decide(t!("Can the gRPC server take gRPC-web over HTTP/1.1 itself?"), None::<Phrase>, t!("Then one entrance with http or auto serves both, and no second one is needed."));
    let operator = if socket_fails {
        operator
    } else {
        let host = operator::host(survey);
        let port = if host.contains(':') { "" } else { ":443" };
        operator.step_with(t!("A native gRPC client through the same gateway tells them apart: if it gets an answer, HTTP/2 is right and the translation is missing; if it fails as well, look at the transport:"), ["grpcurl ", &host, port, " grpc.health.v1.Health/Check"].concat())
    };
    let operator = if how == "websocket-fails" {
        operator::websockets(operator.step(t!("Ordinary requests reach the server on this entrance, so a hop that drops the Upgrade is the other cause:")), survey)
    } else {
        operator
    };
    let operator = advice(operator::settings(operator, survey, Need::Grpc)).step_with(t!("Test gRPC-web by hand:"), test(survey));
    vec![person, operator.recheck(t!("Both the health check and the live connection work in this page.")).limits(t!("Native gRPC clients need HTTP/2 all the way; gRPC-web does not."))]
}
