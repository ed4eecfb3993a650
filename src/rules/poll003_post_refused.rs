//! # POLL003 post-refused
//!
//! ## What it means
//! The chat can begin by long-polling, and what it sends, or the request by which it receives, is refused.
//!
//! ## How it is recognised
//! Long-polling said hello, the chat's client uses it, and at least two POSTs to the socket's path were made (those with a session,
//! where there are two), all of which were rejected, or answered by something that is no engine: with a web page, or with any status
//! but 200 and 429, of which 204 is one, since clients take 200 alone for a success; with 502 to 504, or not at all, only where the engine answered a GET that began later, or a WebSocket that began later said hello and no GET waits in vain. After a rejected one a GET must
//! have been answered: otherwise the connection may have been lost. Or a POST was answered with an open packet: it was made a GET on the
//! way. Or a POST without a session was answered `ok`, while GETs are answered in the words of an engine that refuses such a POST, and no waiting GET was ended by the
//! POST that closes its session: something answers POSTs in the server's place, strongly suggested. Or in at least two sessions each GET that waits for messages was refused by something that is no engine (a status of 4xx or 5xx but
//! 408, 429, 431 and 503, or a web page), or in at least three each was broken off, and a session was opened since. From another origin, where no answer to a POST
//! can be read, one in request mode `no-cors` tells whether there is any (`answered`): whether it is a refusal, or lacks the headers of CORS alone, looks the same.
//!
//! ## What it does not mean
//! An engine's own refusal (an unknown session, a foreign origin) is not this.
//!
//! ## What to do
//! Allow POST on the socket's path: in the gateway, in a web application firewall, in a check for forged requests.
//!
//! ## References
//! Engine.IO protocol 4, HTTP long-polling; RFC 9110 sections 15.4.2, 15.4.9 and 15.5.6; engine.io-client, polling-xhr (`200 === xhr.status`).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::protocol::engine_io::Answer;
use crate::guidance::{Audience, Guidance};
use crate::platforms::operator;
use crate::survey::{Live, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "POLL003", name: "post-refused", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some(hello) = survey.polling_hello() else {
        return Outcome::Clear;
    };
    if !survey.polls() {
        return Outcome::Clear;
    }
    if let Some(outcome) = receiving(survey, hello) {
        return outcome;
    }
    let posts: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.method == "POST").collect();
    if let Some((probe, control)) = survey.posts_feigned() {
        let cites = Cites::of(hello, [probe, control]);
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::SiteOperator, Party::NetworkAdmin], cites);
        return Outcome::Fires(finding.with("how", "feigned"));
    }
    // A question that the engine answered, begun after that one: the connection was there, and so was the engine.
    let get_since = |since: u32| survey.engine_exchanges().any(|(_, x)| x.method == "GET" && x.started >= since && x.engine().is_engine());
    // Or a WebSocket that began since, where nothing else waits in vain.
    let hangs = || survey.engine_exchanges().any(|(_, x)| x.method == "GET" && x.timed_out()) || !matches!(survey.live(), Live::Hello { .. });
    let socket_since = |since: u32| survey.hellos().any(|(_, s)| s.started >= since && s.open_packet().is_some());
    let heard_since = |since: u32| get_since(since) || socket_since(since) && !hangs();
    let turned = posts.iter().any(|(_, x)| matches!(x.engine(), Answer::Open { .. }));
    // What was not heard of since tells nothing: it may have been the engine that was gone, at the end of a run for one.
    let posts: Vec<(Cite, &Exchange)> = posts.into_iter().filter(|(_, x)| !needs_control(x) || heard_since(x.started)).collect();
    // What is sent in a session tells more than a question without one.
    let in_session: Vec<(Cite, &Exchange)> = posts.iter().filter(|(_, x)| x.purpose != Purpose::OriginProbe).copied().collect();
    let posts = if in_session.len() >= 2 { in_session } else { posts };
    if posts.len() < 2 {
        return Outcome::Unknown { missing: english!("two requests that send something") };
    }
    let refused = |x: &Exchange| match x.engine() {
        // An engine opens no session for a POST: it was made a GET on the way (RFC 9110 section 15.4.2).
        Answer::Open { .. } => true,
        Answer::Other => match x.status() {
            None => x.rejected() || x.timed_out(),
            Some(429) => false,
            Some(status) => status != 200 || x.html().is_some(),
        },
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
    let status = posts.iter().find_map(|(_, x)| x.status()).filter(|_| !turned);
    // From another origin an answer that lacks the headers of CORS is rejected as well.
    let unreadable = survey.profile.is_cross_origin() && posts.iter().all(|(_, x)| x.rejected());
    let confidence = if unreadable { Confidence::StronglySuggested } else { Confidence::Observed };
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(hello, posts.iter().map(|(c, _)| *c)));
    let how = match (turned, unreadable) {
        (true, _) => "turned-into-get",
        (_, true) => "unreadable",
        _ => "",
    };
    let blind = survey.on_path(Purpose::ServerNoCors).rfind(|(_, x)| x.method == "POST").filter(|_| unreadable);
    let finding = finding.with("status", status.map_or(String::new(), |s| s.to_string())).with("how", how);
    Outcome::Fires(match blind {
        Some((_, x)) => finding.with("answered", if x.answered() { "yes" } else { "no" }),
        None => finding,
    })
}

/// Whether a POST that fared so may have met an engine that was away.
fn needs_control(x: &Exchange) -> bool {
    x.engine() == Answer::Other && (x.timed_out() || matches!(x.status(), Some(502..=504)))
}

/// The GET that waits for messages, refused in each session by something that is no engine or broken off, while handshakes at the same path are answered.
fn receiving(survey: &Survey, hello: Cite) -> Option<Outcome> {
    let (cites, status) = survey.receiving_refused()?;
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(hello, cites));
    Some(Outcome::Fires(finding.with("status", status.map_or(String::new(), |s| s.to_string())).with("how", "receiving")))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let status = finding.param("status");
    let receiving = finding.param("how") == "receiving";
    let feigned = finding.param("how") == "feigned";
    let accepted = status.starts_with('2') && status != "200" && finding.param("how").is_empty();
    let title = if feigned {
        t!("The chat can read from its server, but what it sends does not seem to get there: something on the way answers in its place.")
    } else if receiving {
        t!("The chat can say hello to its server, but the requests by which it receives messages are refused.")
    } else {
        t!("The chat can read from its server, but everything that it sends is refused.")
    };
    let person = Guidance::person(&finding.code, title).other_network().private_window_past(survey.has_worker()).or_hand_on();
    if receiving {
        let seen = if status.is_empty() {
            t!("A GET of the socket's path with transport=polling and a sid is broken off without an answer; the same without a sid passes.").into()
        } else {
            t!("A GET of the socket's path with transport=polling and a sid is answered {status}, and in no words of the chat's protocol; the same without a sid passes.", status = status)
        };
        let operator = Guidance::operator(&finding.code, t!("Let GET requests with a session id (sid) through to the chat's server."))
            .step(seen)
            .step(t!("Does the chat's own log name that request? If it does, the server fails by itself, and its log says why."))
            .step(t!("Look for a rule, a cache or a web application firewall that judges by the query of this path."))
            .recheck(t!("This page no longer says so."));
        return vec![person, operator];
    }
    let operator = Guidance::operator(&finding.code, if accepted || feigned { t!("Let POST on the socket's path, and the answer to it, pass unchanged.") } else { t!("Allow POST on the socket's path.") });
    let unreadable = finding.param("how") == "unreadable";
    let operator = match finding.param("answered") {
        "yes" => operator.step(t!("A POST that asks for no permission (request mode no-cors) is answered: so it is not stopped on the way without a word.")),
        "no" => operator.step(t!("Nor is a POST answered that asks for no permission (request mode no-cors): most likely it is stopped on the way, unless the answers carry Cross-Origin-Resource-Policy.")),
        _ => operator,
    };
    let operator = if unreadable {
        operator
            .step(t!("The answers to POST can't be read from this page's origin, those to GET can: either POST is refused on the way, or its answers lack Access-Control-Allow-Origin (a rule by method, or one that leaves errors out; nginx: add_header without always)."))
            .step(t!("Look for a rule that allows GET only (nginx: limit_except), for a web application firewall that dislikes short text bodies, and for a check against forged requests (CSRF) in front of this path."))
    } else if feigned {
        operator
            .step(t!("A POST without a session was answered with 200 and ok. The server that answers the GETs refuses such a POST with 400: something else answers POSTs, and the server never sees them."))
            .step(t!("Look for a rule, a mock, a cache or a filter on the way that answers POST by itself, and whether the server's own log names these requests."))
    } else if accepted {
        operator
            .step(t!("POST is answered {status}. The chat's server says 200, and clients of Socket.IO take 200 alone for a success.", status = status))
            .step(t!("Look for what changes the answer: an API gateway or serverless adapter that makes 204 of a short body, or another program that answers in the server's place. Let the server's status and body pass as they are."))
    } else if finding.param("how") == "turned-into-get" {
        operator
            .step(t!("POST comes to the chat's server as GET: it answers as if a new session were asked for."))
            .step(t!("Look for a redirect of this path (301 and 302 make a GET of a POST; 307 and 308 do not), and for a service worker or proxy that asks again by the address alone."))
    } else {
        operator
            .step(if status.is_empty() {
                t!("POST is rejected, and not by the chat's server; GET passes.").into()
            } else {
                t!("POST is answered {status}, and not by the chat's server; GET passes.", status = status)
            })
            .step(t!("Look for a rule that allows GET only (nginx: limit_except), for a web application firewall that dislikes short text bodies, and for a check against forged requests (CSRF) in front of this path."))
    };
    let operator = operator::worker(operator, survey)
        .step_with(t!("Test; it opens nothing:"), operator::origin_test(survey))
        .recheck(if unreadable {
            t!("The chat's server itself answers, with 400 and a message of its own, and among the headers stands Access-Control-Allow-Origin with this page's origin.")
        } else {
            t!("The chat's server itself answers, with 400 and a message of its own such as “Invalid session None” or “Bad handshake method”.")
        });
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Allow POST requests to {host}.", host = operator::host(survey)))
        .step_with(t!("Test from inside this network, and from outside for comparison:"), operator::origin_test(survey))
        .recheck(t!("Both give the same answer."));
    vec![person, operator, network]
}
