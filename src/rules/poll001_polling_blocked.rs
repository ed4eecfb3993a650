//! # POLL001 polling-blocked
//!
//! ## What it means
//! The WebSocket works, and the ordinary requests by which the chat's client begins do not.
//!
//! ## How it is recognised
//! A WebSocket said hello at the socket's path; the chat's client uses long-polling; and the newest handshake by long-polling was
//! answered by something that is no engine, by an engine's own "Forbidden", by an opaque answer, by answers that broke off, not at all, or was rejected without the server being heard in
//! `no-cors`; or each of two and more was rejected, by a server that lets this page read other answers of the path and redirects
//! nobody, and that gave none to the same request in `no-cors` either. None had been answered as the chat asks before. An engine that says it does not do long-polling never raises this.
//!
//! ## What it does not mean
//! It does not matter to clients that use WebSocket only. From another origin, a rejection with an opaque answer beside it is
//! CORS001.
//!
//! ## What to do
//! Let GET and POST of the socket's path reach the same server as its WebSocket, or set the client to WebSocket only.
//!
//! ## References
//! Engine.IO protocol 4, HTTP long-polling; Chainlit `[project] transports`.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Exchange, Purpose};
use crate::protocol::engine_io::{Answer, Refusal};
use crate::survey::{Live, Polling};
use crate::guidance::{Audience, Guidance};
use crate::profile::Application;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::words::Phrase;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "POLL001", name: "polling-blocked", explains: &["POLL003"], check, guide };

/// Bodies that end before their announced end.
pub(super) const BROKEN_OFF: Phrase = t!("The answers end before their announced end, and browsers take none of them. Look for something that changes bodies and keeps their Content-Length, and for a limit of time or size that closes the connection in the middle of an answer.");

fn check(survey: &Survey) -> Outcome {
    let Live::Hello { cite: hello } = survey.live() else {
        return Outcome::Clear;
    };
    if survey.told_by_script() && !matches!(survey.polling, Polling::Hello { .. } | Polling::NotTried) {
        return Outcome::Unknown { missing: super::ses001_not_sticky::BY_SCRIPT };
    }
    if !survey.polls() {
        return Outcome::Clear;
    }
    // The socket carried the person's credentials; requests without them were another question.
    if !survey.tried_as_the_chat() {
        return Outcome::Unknown { missing: english!("an answer by long-polling, asked as the chat asks") };
    }
    // What has passed before and is not answered since was not kept out: something went away in the middle of the run.
    let opened = |x: &Exchange| x.credentials != "omit" && matches!(x.engine(), Answer::Open { .. });
    let passed = survey.on_path(Purpose::Handshake).any(|(_, x)| opened(x));
    let mut by_engine = false;
    let (cite, status) = match &survey.polling {
        // The engine's own word, to a request that a WebSocket with the same cookies did not get.
        Polling::Refused { cite, refusal: Refusal::Forbidden { .. }, .. } => {
            // One that let another in has a limit, or a doubt of its own.
            if survey.on_path(Purpose::Handshake).any(|(_, x)| matches!(x.engine(), Answer::Open { .. })) {
                return Outcome::Clear;
            }
            by_engine = true;
            (*cite, survey.evidence.exchanges().find(|(c, _)| c == cite).and_then(|(_, x)| x.status()))
        }
        Polling::Silent { .. } | Polling::Opaque { .. } | Polling::Rejected { .. } | Polling::Foreign { .. } if passed => return Outcome::Clear,
        Polling::Foreign { cite, exchange } => (*cite, exchange.status()),
        Polling::Silent { cite } | Polling::Opaque { cite } => (*cite, None),
        // From another origin an unreadable answer is a matter of CORS, and a detour one of the sign-in.
        Polling::Rejected { cite } => {
            let answered = survey.evidence.exchanges_for(Purpose::ServerNoCors).any(|(_, x)| x.path == survey.path && x.answered());
            let opaque = survey.evidence.environment().is_some_and(|(_, e)| e.opaque_origin);
            let cors = (survey.profile.is_cross_origin() || opaque) && (!survey.lets_this_page_read() || survey.unreadable_handshake().is_some());
            let detour = survey.on_path(Purpose::RedirectControl).any(|(_, x)| x.is_opaque_redirect());
            if answered && (cors || detour || !survey.each_handshake_is_rejected()) {
                return Outcome::Clear;
            }
            (*cite, None)
        }
        Polling::NotTried => return Outcome::Unknown { missing: english!("an answer by long-polling") },
        // Some browsers reject what is shorter than announced at once, others hand out its beginning.
        Polling::Garbled { cite } => {
            let broken = survey.handshakes_broken_off();
            match broken.len() {
                _ if passed || !broken.contains(cite) => return Outcome::Clear,
                1 if !survey.each_handshake_is_rejected() => return Outcome::Unknown { missing: english!("a second answer that breaks off") },
                _ => (*cite, None),
            }
        }
        Polling::Hello { .. } | Polling::Refused { .. } => return Outcome::Clear,
    };
    // Of a client that nobody knows, it is not known that it polls.
    let confidence = if survey.known.eio.is_some() { Confidence::Observed } else { Confidence::StronglySuggested };
    let parties: &[Party] = if by_engine { &[Party::SiteOperator] } else { &[Party::SiteOperator, Party::NetworkAdmin] };
    let finding = RULE.finding(Severity::Blocks, confidence, parties, Cites::of(cite, [hello]));
    let finding = finding.with("status", status.map_or(String::new(), |s| s.to_string()));
    let how = match survey.polling {
        _ if by_engine => "engine",
        Polling::Garbled { .. } => "broken-off",
        _ => "",
    };
    Outcome::Fires(finding.with("how", how))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The live connection works, but the ordinary requests that the chat begins with do not get through."))
        .private_window_past(survey.has_worker())
        .other_network()
        .or_hand_on();
    let status = finding.param("status");
    if finding.param("how") == "engine" {
        let person = Guidance::person(&finding.code, t!("The live connection works, but the ordinary requests that the chat begins with do not get through.")).or_hand_on();
        let operator = Guidance::operator(&finding.code, t!("Let the server's own check pass requests by long-polling."))
            .step(t!("The server itself answers long-polling with “Forbidden”, and lets a WebSocket of the same browser in: look at allowRequest."))
            .step(t!("From the chat's own origin a browser sends no Origin with a GET, and one with each WebSocket. A check that wants an Origin must let requests pass that have none."))
            .step_with(t!("Test:"), operator::polling_test(survey))
            .recheck(t!("The test's answer begins with {start}.", start = "0{"))
            .limits(t!("If the chat's client is set to use WebSocket alone, nothing is wrong."));
        return vec![person, operator];
    }
    let operator = Guidance::operator(&finding.code, t!("Let ordinary requests to the socket's path reach the chat's server."))
        .step(if finding.param("how") == "broken-off" {
            BROKEN_OFF.into()
        } else if status.is_empty() {
            t!("Long-polling is not answered readably, while the WebSocket at the same path works. Look for a rule that takes upgrades only, a cache, or a filter.").into()
        } else {
            t!("Long-polling is answered {status}, while the WebSocket at the same path works. Look for a rule that takes upgrades only, a cache, or a filter.", status = status)
        });
    let operator = operator::worker(operator, survey);
    let operator = match survey.application {
        Application::Chainlit => operator.step_with(t!("Or let Chainlit's client use WebSocket only, in .chainlit/config.toml:"), "[project]\ntransports = [\"websocket\"]"),
        _ => operator.step_with(t!("Or let the client use WebSocket only:"), "io(url, { transports: [\"websocket\"] })"),
    };
    let operator = operator.step_with(t!("Test:"), operator::polling_test(survey)).recheck(t!("The test's answer begins with {start}.", start = "0{")).limits(if finding.confidence == Confidence::Observed {
        t!("With WebSocket only, people whose network cuts WebSockets can't use the chat at all.")
    } else {
        t!("If the chat's client is set to use WebSocket alone, nothing is wrong. With WebSocket only, people whose network cuts WebSockets can't use the chat at all.")
    });
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Allow ordinary requests to {host}.", host = operator::host(survey)))
        .step_with(t!("Test from inside this network, and from outside for comparison:"), operator::polling_test(survey))
        .recheck(t!("Both give the same answer."));
    vec![person, operator, network]
}
