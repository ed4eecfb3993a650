//! # PATH001 not-a-socket-server
//!
//! ## What it means
//! Where the chat's live connection should be answered, something else answers: a web page, "not found", or another program.
//!
//! ## How it is recognised
//! The newest handshake at the socket's path is answered, no engine was heard there by any transport, and the status is 2xx or 4xx but
//! 401, 403, 407, 408, 429 and 431; all known paths were asked where none is configured, a WebSocket was tried, and this page's own file and the chat's page have come, which a
//! sign-in would answer too; for a raw WebSocket, it was refused and the plain GET of its URL gives a web page, or 404 or 410, which only fits: an
//! application may have a WebSocket there and answer so to all else. If
//! the path was configured or once answered, it is observed; if it follows from the application, strongly suggested; if it is a
//! guess of this page's, it only fits; so it does of an answer without the `Date` that others of this origin have, where a service worker answers for
//! this page (`by`: `worker`). Where a stream, gRPC or calls are named and nothing tells of a socket, or the page's own scripts are an
//! application's and have no word of Engine.IO, or a WebSocket opens there and says nothing of it, it is information only. Where the chat's page names a
//! path that answers 404, and an engine is at another one that nobody names, it is unknown whose that is. `found` is a known path where an engine did answer.
//!
//! ## What it does not mean
//! 200 is no success here: single-page applications answer every unknown path with their index page. And when the path is a
//! guess, the chat may use another.
//!
//! ## What to do
//! Send the socket's path to the server that speaks there, before the rule that answers everything else.
//!
//! ## References
//! Engine.IO protocol 4, the open packet; measured: Chainlit and Open WebUI answer unknown paths with their index page, 200.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Exchange, Purpose};
use crate::profile::Topic;
use crate::protocol::html::Outline;
use crate::survey::{self, Live, PathBasis, Polling};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "PATH001", name: "not-a-socket-server", explains: &["PATH005", "WS001", "WS002", "WS003", "POLL001", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some(raw) = survey.raw()
        && let (Some(tried), Some((cite, exchange, status))) = (raw.refused(), raw.status())
        && (status == 404 || status == 410 || status == 200 && exchange.html().is_some())
    {
        // Some applications answer a plain request where they have a WebSocket with 404 (FastAPI, Express; measured), or with the page that they
        // have for everything (Streamlit; measured): that it is lost on the way looks the same.
        let finding = RULE.finding(Severity::Blocks, Confidence::Correlated, &[Party::SiteOperator], Cites::of(cite, tried));
        return Outcome::Fires(finding.with("status", status.to_string()).with("path", exchange.path.clone()).with("answer", kind(exchange)).with("basis", "configured"));
    }
    if !survey.is_engine_subject() {
        return Outcome::Clear;
    }
    if survey.named_in_vain().is_some() {
        return Outcome::Unknown { missing: NAMED };
    }
    let (cite, exchange) = match &survey.polling {
        Polling::NotTried => return Outcome::Unknown { missing: english!("an answer from the socket's path") },
        Polling::Foreign { cite, exchange } => (*cite, *exchange),
        _ => return Outcome::Clear,
    };
    if survey.engine_heard().is_some() {
        return Outcome::Clear;
    }
    let status = exchange.status().unwrap_or(0);
    // The others speak of a sign-in, of a limit, or of this browser's headers.
    if !matches!(status, 200..=299 | 400..=499) || matches!(status, 401 | 403 | 407 | 408 | 429 | 431) {
        return Outcome::Clear;
    }
    let asked = |path: &String| survey.evidence.exchanges_for(Purpose::Handshake).any(|(_, x)| x.path == *path);
    if survey.profile.socket_path.is_none() && !survey::candidates(survey.profile, survey.evidence, survey.known).iter().all(asked) {
        return Outcome::Unknown { missing: english!("an answer from every path that the chat may use") };
    }
    if survey.live() == Live::NotTried && survey.profile.covers(Topic::Websocket) {
        return Outcome::Unknown { missing: english!("how a WebSocket at this path fares") };
    }
    // A sign-in page or a network's own page answers everywhere: what else was asked of this server tells.
    let answered = |purpose| survey.evidence.exchanges_for(purpose).next().is_some();
    if !answered(Purpose::OwnFile) || !answered(Purpose::ChatPage) && survey.profile.covers(Topic::Http) {
        return Outcome::Unknown { missing: english!("another path of the same server") };
    }
    // An answer that is not shown to come from the network may be the page that a service worker has for when nothing answers.
    let by_worker = survey.has_worker() && survey.is_unsigned(exchange);
    let confidence = match survey.basis {
        _ if by_worker => Confidence::Correlated,
        PathBasis::Found | PathBasis::Configured => Confidence::Observed,
        PathBasis::Application => Confidence::StronglySuggested,
        PathBasis::Guess => Confidence::Correlated,
    };
    let elsewhere = survey.engine_elsewhere();
    // What the page connects to is elsewhere, and nobody asked there.
    let told = survey.told_server().filter(|_| survey.basis == PathBasis::Guess);
    let raw = survey.another_kind();
    let severity = if survey.may_lack_an_engine() || told.is_some() || raw.is_some() { Severity::Info } else { Severity::Blocks };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(cite, elsewhere.map(|(c, _)| c).or(raw)));
    let finding = if raw.is_some() { finding.with("scripts", "no-engine") } else { finding };
    let finding = finding.with("status", status.to_string()).with("path", survey.path.clone()).with("answer", kind(exchange));
    let finding = finding.with("found", elsewhere.map_or("", |(_, x)| &x.path));
    let led = exchange.response().filter(|r| r.redirected).map_or("", |r| &r.final_url);
    let finding = finding.with("redirected-to", led).with("server", told.unwrap_or_default());
    let finding = if by_worker { finding.with("by", "worker") } else { finding };
    Outcome::Fires(finding.with("basis", match survey.basis {
        PathBasis::Found | PathBasis::Configured => "configured",
        PathBasis::Application => "application",
        PathBasis::Guess => "guess",
    }))
}

/// An engine elsewhere on the site may be another application's: then nothing is known of this chat's.
pub const NAMED: &str = english!("where the chat's client asks: its page names a path at which there is nothing");

/// What answered, in a word.
fn kind(exchange: &Exchange) -> &'static str {
    match (exchange.status(), exchange.html().is_some()) {
        (Some(200..=299), true) => "web-page",
        (Some(404 | 410), _) => "not-found",
        _ => "something-else",
    }
}

fn page(exchange: &Exchange) -> Option<&Outline> {
    exchange.html().filter(|_| exchange.status() == Some(200))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let raw = !survey.is_engine_subject();
    let by_worker = !finding.param("by").is_empty();
    let guess = finding.confidence == Confidence::Correlated && (raw || finding.param("basis") == "guess");
    let title = if by_worker {
        t!("Where the chat looks for its server, something else answers, most likely a helper of the chat’s own in this browser (its service worker).")
    } else if guess && raw {
        t!("The address that is set for the chat’s live connection does not answer as one.")
    } else if guess {
        t!("No chat server was found where this page looked; it may have looked in the wrong place.")
    } else {
        t!("Where the chat looks for its server, something else answers.")
    };
    if !finding.param("server").is_empty() {
        let person = Guidance::person(&finding.code, t!("The chat's page names another server than the one that this test asked.")).hand_on();
        let operator = Guidance::operator(&finding.code, t!("Name the chat's server in this page's setting server."))
            .step_with(t!("In connection-doctor.json beside this page:"), ["{ \"server\": \"", &operator::word(finding.param("server")), "\" }"].concat())
            .recheck(t!("Run this page again: it asks there."));
        return vec![person, operator];
    }
    if !finding.param("scripts").is_empty() {
        let person = Guidance::person(&finding.code, t!("This page could not test the chat's live connection: nobody told it where that is.")).hand_on();
        let operator = Guidance::operator(&finding.code, t!("Name the live connection in this page's settings."))
            .step(t!("Neither the page's own scripts, as far as they were read, nor anything at the usual paths speaks of Socket.IO: most likely the live connection is another kind of WebSocket, or a stream. Name its address."))
            .step_with(t!("In connection-doctor.json beside this page:"), "{ \"ws-url\": \"wss://chat.example/socket\" }")
            .step_with(t!("If the chat uses Socket.IO after all, name its path:"), "{ \"socket-path\": \"/ws/socket.io/\" }")
            .recheck(t!("Run this page again: it asks there."));
        return vec![person, operator];
    }
    if finding.severity == Severity::Info && survey.may_lack_an_engine() {
        let person = Guidance::person(&finding.code, t!("No chat server of the usual kind was found here, which is no fault where the chat has none."))
            .step(t!("There is nothing that you have to do."));
        let operator = Guidance::operator(&finding.code, t!("No Socket.IO was found at the usual paths, which is no fault where the chat has none."))
            .step(t!("If the chat has a live connection besides what was named, name that too, in the setting socket-path or ws-url, and it is tested."))
            .recheck(t!("Run this page again: it asks there."));
        return vec![person, operator];
    }
    let waits = survey.evidence.exchanges().any(|(cite, x)| finding.cites.as_slice().contains(&cite) && survey::asks_to_wait(x));
    let person = Guidance::person(&finding.code, title);
    // What answers for everything may be the application's index page, or a sign-in that looks like no other.
    let answers = survey.evidence.exchanges().find(|(cite, _)| finding.cites.as_slice().first() == Some(cite)).and_then(|(_, x)| page(x));
    let is_everywhere = |shown: &Outline| survey.evidence.exchanges_for(Purpose::ChatPage).filter_map(|(_, x)| page(x)).any(|chats| !chats.is_another(shown));
    let asks = finding.param("answer") == "web-page" && answers.is_some_and(is_everywhere);
    let person = if by_worker { person.step(t!("Hold down Shift and reload the chat: then it goes past this helper.")) } else { person };
    let person = if asks {
        person.step(t!("Open the chat in a new tab. If a sign-in comes up, sign in, then run this test again."))
    } else {
        person
    };
    let person = if waits { person.step(t!("What answers may be the page of a server that is just starting: wait a minute, then run this page again.")) } else { person };
    let person = if asks || by_worker { person.or_hand_on() } else { person.hand_on() };
    let (path, found) = (finding.param("path"), finding.param("found"));
    let what = match finding.param("answer") {
        "web-page" if raw => t!("{path} answers {status} with a web page to a plain request. Either nothing else is there, or there is a WebSocket whose upgrade is lost on the way: some applications (Streamlit) have that page for whatever is none."),
        "web-page" => t!("{path} answers {status} with a web page, most likely the application's index page, which takes every path that nobody else takes."),
        "not-found" if raw => t!("{path} answers {status} to a plain request. Either there is nothing, or there is a WebSocket whose upgrade is lost on the way: some applications (FastAPI, Express) answer so to whatever is none."),
        "not-found" => t!("{path} answers {status}: there is nothing."),
        _ => t!("{path} answers {status}, and no chat server wrote that."),
    };
    let what = what.with(vec![("path", path.into()), ("status", finding.param("status").into())]);
    let operator = Guidance::operator(&finding.code, t!("Send the socket's path to the chat's server.")).step(what);
    let operator = operator::worker(operator, survey);
    let operator = match finding.param("redirected-to") {
        "" => operator,
        to => operator.step(t!("It was redirected, and what answered is {to}.", to = to)),
    };
    let operator = if found.is_empty() {
        operator
    } else {
        operator.step(t!("A chat server does answer at {found}: let client and gateway use that path, or name the right one in this page's setting socket-path.", found = found))
    };
    let operator = if guess && raw {
        operator.step(t!("The test tells: 101 from the application's own machine and not from outside, and the gateway takes the upgrade away; the answer of the plain request from both, and the path is wrong, or the application's own server can't do WebSockets (uvicorn wants a library for them: uvicorn[standard]); 401 or 403, and the path is right: the server wants a sign-in, or refuses this page's Origin. Then let the gateway hand on Host, and add the origin to the server's list."))
    } else if guess && found.is_empty() {
        operator.step_with(t!("If the chat uses another path, name it in connection-doctor.json beside this page:"), "{ \"socket-path\": \"/ws/socket.io/\" }")
    } else {
        operator
    };
    let operator = operator
        .step_with(t!("In the gateway, give the path a rule of its own before the one for everything else; the prefix must reach the server unchanged. In nginx:"), operator::nginx(&operator::path(survey)));
    let operator = if raw { operator::with_upgrade_test(operator, survey) } else { operator.step_with(t!("Test:"), operator::polling_test(survey)) };
    let operator = operator.recheck(if survey.is_engine_subject() {
        t!("The test's answer begins with {start}. A chat that uses WebSocket only answers “Invalid transport”, which is right too.", start = "0{")
    } else {
        t!("The path is answered by the WebSocket's server.").into()
    });
    vec![person, operator]
}
