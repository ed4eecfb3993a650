//! # PATH006 query-lost
//!
//! ## What it means
//! What stands behind the question mark of the socket's address does not arrive: the chat's server is reached, and can't tell what is asked.
//!
//! ## How it is recognised
//! The engine refused `transport=polling` and `transport=websocket` alike as a transport that it does not know, or `EIO=4` and `EIO=3`
//! alike as a version that it does not support (python-engineio looks at that first), and no WebSocket said hello.
//!
//! Or, where the chat polls, in two sessions or more each request that names its session is answered as if it named none.
//!
//! ## What it does not mean
//! A server of WebSocket alone refuses long-polling so, and says to a plain `transport=websocket` that it is no upgrade (PATH003, WS001).
//! A server of one version takes that one (PATH002); of a version behind 4 nothing is known in 2026.
//!
//! ## What to do
//! Let the proxy pass the query on.
//!
//! ## References
//! Engine.IO protocol 4, query parameters; nginx, `proxy_pass` with variables: "the URI ... is passed to the server as is".

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::profile::Topic;
use crate::protocol::engine_io::{Answer, Refusal};
use crate::survey::{self, Live, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "PATH006", name: "query-lost", explains: &["PATH002", "PATH003", "WS001", "WS002", "WS003", "WS004", "WS009", "WS011", "NET010", "SES001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let unknown = |x: &Exchange| matches!(x.engine(), Answer::Refused { refusal: Refusal::UnknownTransport, .. });
    if let Some(cites) = every_version_refused(survey).filter(|_| !matches!(survey.live(), Live::Hello { .. })) {
        return Outcome::Fires(RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::SiteOperator], cites).with("of", "version"));
    }
    if let Some(cites) = sessions_unnamed(survey) {
        return Outcome::Fires(RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::SiteOperator], cites).with("of", "sid"));
    }
    let Some((polling, _)) = survey.latest(Purpose::Handshake).filter(|(_, x)| unknown(x)) else { return Outcome::Clear };
    let Some((companion, exchange)) = survey.latest(Purpose::Companion) else {
        return Outcome::Unknown { missing: english!("a plain request at the WebSocket's address") };
    };
    if !unknown(exchange) || matches!(survey.live(), Live::Hello { .. }) {
        return Outcome::Clear;
    }
    if survey.live() == Live::NotTried && survey.profile.covers(Topic::Websocket) {
        return Outcome::Unknown { missing: english!("how a WebSocket at this path fares") };
    }
    Outcome::Fires(RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(polling, [companion])))
}

fn every_version_refused(survey: &Survey) -> Option<Cites> {
    let refused = |eio: u8| survey.on_path(Purpose::Handshake).find(|(_, x)| x.eio == eio && matches!(x.engine(), Answer::Refused { refusal: Refusal::UnsupportedVersion, .. }));
    let taken = survey.on_path(Purpose::Handshake).any(|(_, x)| matches!(x.engine(), Answer::Open { .. }));
    let ((four, _), (three, _)) = (refused(4)?, refused(3)?);
    (!taken).then(|| Cites::of(four, [three]))
}

/// In each of two sessions or more the engine answers what names the session as what names none: a GET by opening another session, a POST by
/// refusing to open one with it.
fn sessions_unnamed(survey: &Survey) -> Option<Cites> {
    if !survey.polls() {
        return None;
    }
    let named = survey.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::FollowUp | Purpose::Poll | Purpose::CloseSession) && x.path == survey.path);
    let answered: Vec<(Cite, &Exchange)> = named.filter(|(_, x)| x.engine().is_engine() || x.engine() == Answer::Taken).collect();
    let unnamed = |x: &Exchange| match x.engine() {
        Answer::Open { .. } => x.method == "GET",
        Answer::Refused { refusal: Refusal::BadHandshakeMethod, .. } => x.method == "POST",
        // python-engineio's word for a question without a sid.
        Answer::Refused { refusal: Refusal::UnknownSid, .. } => x.response().is_some_and(|r| r.excerpt.contains("Invalid session None")),
        _ => false,
    };
    let all = survey::sessions(&answered) >= 2 && answered.iter().all(|(_, x)| unnamed(x));
    all.then(|| Cites::from_all(answered.iter().map(|(cite, _)| *cite))).flatten()
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat's server is reached, but part of each question gets lost on the way, so it can't answer.")).hand_on();
    let operator = Guidance::operator(&finding.code, t!("Let your proxy pass on what stands behind the question mark (the query)."))
        .step(if finding.param("of") == "sid" {
            t!("The chat's server answers the requests of a session as if they named none: it does not see the sid in their query. Look for a list of parameters that may pass, at a CDN or in a proxy_pass that writes the query itself, and let all of them pass.")
        } else if finding.param("of") == "version" {
            t!("The chat's server says that it supports neither version 4 nor version 3 of the protocol: it does not see the query in which they are named.")
        } else {
            t!("The chat's server says that it knows neither the transport polling nor websocket: it does not see the query in which they are named.")
        })
        .step(t!("nginx: a proxy_pass with a variable and a path replaces the whole address, query and all. Leave the path out, or add the query:"))
        .step_with(t!("With a variable:"), "proxy_pass http://$upstream$request_uri;")
        .step(t!("The same goes for a rewrite that ends with a question mark, and for a cache or function that drops the query."))
        .step_with(t!("Test:"), operator::polling_test(survey))
        .recheck(t!("The test's answer begins with {start}.", start = "0{"));
    vec![person, operator]
}
