//! # AUTH002 sign-in-refused
//!
//! ## What it means
//! The way to the server is open, and the server, or a gateway before it, refuses this person.
//!
//! ## How it is recognised
//! One of four: the Socket.IO CONNECT of this run was refused with a message that is neither about an unknown namespace nor a rate limit
//! (it only fits); or it was accepted, and a DISCONNECT that nobody had
//! asked for followed before the probe was done (it only fits); long-polling is answered with 401 (observed) or
//! 403 (strongly suggested) and a WebSocket
//! was tried and said no hello (where Engine.IO itself forbids it, it only fits, since the chat's client may add what this test does not: with the setting `socket-query` a fault, without
//! it, or where nobody is signed in, information that leaves the rest open); or the endpoint that says who is signed in answers 401 or 403 while the
//! chat answers, which is information only, and so is a CONNECT that is refused while that endpoint says so. Where the
//! same endpoint named the person in this run as well, neither is said.
//!
//! A client may hand a sign-in over in its CONNECT (`auth` of socket.io-client), in a form that only it knows; the CONNECT of this run never
//! carries one. So whatever the refusal says, it may be about this test alone, and where the chat keeps a sign-in in this browser's storage, which no
//! cookie brings along, it is unknown.
//!
//! ## What it does not mean
//! A 403 in the words of a platform that has stopped the application (NET003) is about no sign-in. Nobody being signed in is no fault: the chat then shows its own sign-in. A chat may hide why it refuses: Chainlit says
//! "Connection refused by server" to a missing sign-in, a foreign thread and a missing setting alike.
//!
//! ## What to do
//! If the chat itself does not work either, sign in again. If that does not help, the operator looks for a secret that differs between instances, or a clock that is wrong; where the endpoint
//! that tells who is signed in takes the sign-in and the channel does not, first for cookies that do not reach the socket's path.
//!
//! ## References
//! RFC 9110 sections 15.5.2 and 15.5.4; Socket.IO protocol 5, CONNECT with a payload and CONNECT_ERROR; measured on Chainlit 2.12.0; report
//! Chainlit/chainlit 1685.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::net005_rate_limited::speaks_of_limit;
use super::sio001_namespace_unknown::{connect_refusal, unknown_namespace};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::protocol::engine_io::Refusal;
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::platforms::{gateway, operator};
use crate::profile::{Application, Topic};
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "AUTH002", name: "sign-in-refused", explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let refused = survey.connect().and_then(|(cite, life)| {
        let message = connect_refusal(survey, life).filter(|m| unknown_namespace(m).is_none())?;
        (!speaks_of_limit(&message)).then_some((cite, message))
    });
    if let Some((cite, message)) = refused.or_else(|| Some((survey.shown_out()?, String::new()))) {
        let keeps = !survey.profile.storage_keys.is_empty() || !survey.known.storage_keys.is_empty();
        if keeps && survey.evidence.storage().is_none() {
            return Outcome::Unknown { missing: english!("a small write to the browser's storage") };
        }
        // A cookie came along by itself. What the chat keeps elsewhere is its client's to bring.
        if !survey.sign_in_keys().is_empty() {
            return Outcome::Unknown { missing: english!("joining as the chat's client does, with the sign-in that it keeps") };
        }
        if let Some((user, _)) = nobody_signed_in(survey) {
            // Of somebody who was signed in a moment ago, or is by one instance of two, neither is known.
            if survey.signed_in().is_some() {
                return Outcome::Unknown { missing: english!("an answer about who is signed in that stays the same") };
            }
            // Who is known not to be signed in is refused rightly, and the chat shows its own sign-in.
            return Outcome::Fires(RULE.finding(Severity::Info, Confidence::Observed, &[Party::User], Cites::of(user, [cite])).with("where", "user"));
        }
        let cites = Cites::of(cite, survey.websocket_hello().map(|(c, _)| c));
        let finding = RULE.finding(Severity::Blocks, Confidence::Correlated, &[Party::User, Party::SiteOperator], cites);
        let shown_out = survey.shown_out().is_some();
        let finding = finding.with("where", if shown_out { "channel-ended" } else { "channel" });
        let finding = if shown_out { finding } else { finding.with("message", message) };
        return Outcome::Fires(if survey.signed_in().is_some() { finding.with("signed-in", "yes") } else { finding });
    }
    let live = matches!(survey.live(), Live::Hello { .. });
    let refused = match &survey.polling {
        // A platform where the application is stopped speaks of nobody's sign-in, whatever its status.
        Polling::Foreign { cite, exchange } => exchange.response().filter(|r| gateway::says_gone(r).is_none()).map(|r| (*cite, r.status)),
        Polling::Refused { cite, refusal: Refusal::Forbidden { .. }, .. } => Some((*cite, 403)),
        _ => None,
    };
    if let Some((cite, status @ (401 | 403))) = refused.filter(|_| !live) {
        // Where the WebSocket says hello, it is polling alone that is blocked.
        if survey.live() == Live::NotTried && survey.profile.covers(Topic::Websocket) {
            return Outcome::Unknown { missing: english!("how the live connection fares") };
        }
        // 401 is about signing in by its definition (RFC 9110 section 15.5.2); 403 with a page of its own may be any gate's word.
        let page = matches!(&survey.polling, Polling::Foreign { exchange, .. } if exchange.html().is_some());
        let own = own_refusal(survey);
        if own.is_some()
            && let Some((user, _)) = nobody_signed_in(survey).filter(|_| survey.signed_in().is_none())
        {
            return Outcome::Fires(RULE.finding(Severity::Info, Confidence::Observed, &[Party::User], Cites::of(user, [cite])).with("where", "user"));
        }
        let confidence = match (status, page) {
            // The application refuses for a reason of its own, which may be something that its client brings and this test does not.
            _ if own.is_some() => Confidence::Correlated,
            (401, _) => Confidence::Observed,
            (_, false) => Confidence::StronglySuggested,
            (_, true) => Confidence::Correlated,
        };
        let severity = if own.is_some() && survey.profile.socket_query.is_none() { Severity::Info } else { Severity::Blocks };
        let finding = RULE.finding(severity, confidence, &[Party::User, Party::SiteOperator], Cites::of(cite, survey.own_file_answers()));
        return Outcome::Fires(finding.with("where", "requests").with("status", status.to_string()).with("message", own.unwrap_or_default()));
    }
    let user = survey.evidence.exchanges_for(Purpose::User).last();
    match user {
        // Where a sign-in is kept that is not taken any more, somebody was.
        Some(_) if matches!(super::auth003_sign_in_stale::check(survey), Outcome::Fires(_)) => Outcome::Clear,
        Some((_, x)) if matches!(x.status(), Some(401 | 403)) && survey.signed_in().is_some() => {
            Outcome::Unknown { missing: english!("an answer about who is signed in that stays the same") }
        }
        // Nobody is signed in: the chat then shows its own sign-in page, and nothing is wrong with that.
        Some((cite, x)) if matches!(x.status(), Some(401 | 403)) && (survey.polling_hello().is_some() || live) => {
            Outcome::Fires(RULE.finding(Severity::Info, Confidence::Observed, &[Party::User], Cites::of(cite, [])).with("where", "user"))
        }
        _ => Outcome::Clear,
    }
}

/// The endpoint that tells who is signed in says: nobody, as it does to anybody without a sign-in.
fn nobody_signed_in<'a>(survey: &Survey<'a>) -> Option<(Cite, &'a Exchange)> {
    let not_stale = matches!(super::auth003_sign_in_stale::check(survey), Outcome::Clear);
    let as_the_chat = |x: &Exchange| !x.cross_origin || x.credentials == "include";
    survey.evidence.exchanges_for(Purpose::User).next_back().filter(|(_, x)| not_stale && as_the_chat(x) && x.status() == Some(401))
}

/// The engine's own refusal, in the words of its application (Engine.IO code 4, `allowRequest`): no gateway says that.
fn own_refusal<'a>(survey: &'a Survey) -> Option<&'a str> {
    match &survey.polling {
        Polling::Refused { refusal: Refusal::Forbidden { message }, .. } => Some(message),
        _ => None,
    }
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info && finding.param("where") == "user" {
        return vec![Guidance::person(&finding.code, t!("Nobody is signed in to the chat in this browser, which is fine if you have not signed in yet."))];
    }
    let (status, message) = (finding.param("status"), finding.param("message"));
    let title = match (finding.param("where"), finding.confidence) {
        ("requests", Confidence::Correlated) if !message.is_empty() => t!("The chat's server answers, and refuses to let you in for a reason of its own."),
        ("requests", Confidence::Observed) => t!("The chat's server wants you to sign in."),
        ("requests", Confidence::Correlated) => t!("The chat's server, or a gate in front of it, does not let this browser in."),
        ("requests", _) => t!("The chat's server does not let you in; most likely your sign-in ran out, or you lack a permission."),
        ("channel-ended", _) => t!("The chat's server lets this browser in and ends the session at once; most often because nobody is signed in."),
        _ => t!("The chat's server answers, and refuses to let you in for a reason of its own."),
    };
    // Chainlit's client brings cookies alone.
    let may_hand_over = finding.param("where").starts_with("channel") && survey.application != Application::Chainlit;
    let person = Guidance::person(&finding.code, title);
    let blocked = |(cite, x): (Cite, &Exchange)| finding.cites.as_slice().contains(&cite) && x.response().is_some_and(gateway::says_blocked);
    if finding.param("where") == "requests" && survey.evidence.exchanges().any(blocked) {
        let person = person
            .step(t!("A firewall in front of the chat blocks this address or this browser. Switch a VPN off, or try another network."))
            .step(t!("If it stays, give whoever runs this chat the number that its page shows (a Ray ID or request ID)."));
        let operator = Guidance::operator(&finding.code, t!("Find the rule of your firewall that blocks this person."))
            .step(t!("The answer of {path} with 403 is the firewall's own page, not the application's. Look in its events for the time and the ID, and except the socket's path from that rule.", path = operator::path(survey)))
            .recheck(t!("From the same network this page no longer says so."));
        return vec![person.or_hand_on(), operator];
    }
    let person = if message.is_empty() { person } else { person.step(t!("It says: “{message}”.", message = message)) };
    let person = if may_hand_over { person.step(t!("If the chat itself lets you in, all is well: it may bring a sign-in that this page does not have.")) } else { person };
    let by_engine = finding.param("where") == "requests" && !message.is_empty();
    let person = if by_engine { person.step(t!("If the chat itself lets you in, all is well: it may bring something that this page does not have.")) } else { person };
    let person = person.step(t!("Open the chat, sign out, and sign in again.")).step(t!("If you are signed in and still refused, you may lack the permission: ask whoever runs this chat.")).or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find out why the server refuses."));
    let operator = if may_hand_over {
        operator.step(t!("A client that hands a sign-in over as it joins (auth of socket.io-client) is let in where this page, which joins without one, is not. If yours does, name the key that keeps it in the browser's storage in the setting storage-keys: then this page no longer takes that for a fault."))
    } else {
        operator
    };
    let operator = if !finding.param("signed-in").is_empty() {
        operator.step(t!("The endpoint that tells who is signed in takes this browser's sign-in, and the channel refuses it: most often the cookies do not reach the socket's path. Let each gateway and content delivery network pass the Cookie header on there, for WebSockets too, and let the cookie's Path hold that path."))
    } else {
        operator
    };
    let operator = match (finding.param("where"), status) {
        ("channel-ended", _) => operator.step(t!("The Socket.IO CONNECT was accepted, and the server sent a DISCONNECT right after: its connection handler calls disconnect(), most often for want of a sign-in.")),
        (_, "") => operator.step(t!("The Socket.IO CONNECT was refused; the server's log says why.")),
        _ if by_engine => {
            let operator = operator.step(t!("Engine.IO itself refused (allowRequest), and no gateway: “{message}”.", message = message));
            let operator = if survey.profile.socket_query.is_some() { operator } else { operator.step(t!("If the chat's client adds a query (query of socket.io-client), name it in the setting socket-query: this test then adds it too, and can tell a fault from what it lacks.")) };
            operator
                .step(t!("Headers that the client adds (extraHeaders) this test can't bring: they may be what is missing."))
                .step(t!("A list of origins in allowRequest refuses this too: a page's own GET carries no Origin, so the list has to let requests without one pass."))
        }
        _ => operator.step(t!("The socket's path answers {status}: the application's own check, or that of a gateway before it.", status = status)),
    };
    let operator = match survey.application {
        Application::Chainlit => operator
            .step(t!("Chainlit hides the reason. GET /user of a person who is refused tells: 401 is the sign-in; 200 is something else, such as a thread of another person or a missing user_env."))
            .step_with(t!("The secret must be the same on all instances and over restarts:"), "CHAINLIT_AUTH_SECRET=...")
            .step(t!("Before 2.0.6 a large token did not fit into a cookie, and only some people were refused: upgrade.")),
        Application::OpenWebui => operator.step_with(t!("The secret must be the same on all instances and over restarts:"), "WEBUI_SECRET_KEY=..."),
        _ => operator.step(t!("The key that signs tokens must be the same on all instances, and their clocks right: a token is refused before its time as after it.")),
    };
    let operator = operator.recheck(t!("Signed in, this page no longer says so.")).limits(t!("A person without an account or permission is refused rightly."));
    vec![person, operator]
}
