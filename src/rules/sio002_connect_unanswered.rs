//! # SIO002 connect-unanswered
//!
//! ## What it means
//! The engine works, and the layer behind it does not answer: a handler hangs, often on a database or on Redis, or takes long.
//!
//! ## How it is recognised
//! A WebSocket was opened for a Socket.IO CONNECT, its open packet came, and no answer to the CONNECT came
//! for 5 s or six of the server's quickest answers, in a tab that was in view: observed. From 1.9 s on it only fits, and only degrades: what asks
//! a database or another service may be slow and answer yet (a client of Socket.IO waits without a limit of its own), and a quick run waits for 2 s.
//! By long-polling the POST that carries it has to be taken. One CONNECT to that namespace that was answered in the same run says that the
//! layer answers. Asked only where the profile or the application makes a CONNECT safe; where it was not asked and somebody is signed in to an application that asks
//! for that on joining, it is unknown.
//!
//! ## What it does not mean
//! In a quick run not that nobody can join: the longer test waits for 8 s. Chainlit never answers a CONNECT without its full payload, which is no fault of its. And Redis being down does not by itself
//! stop a handshake or a CONNECT of python-socketio; what an application does on connect may.
//!
//! ## What to do
//! Run the longer test where a quick one says so, and look at what the application does when somebody connects.
//!
//! ## References
//! Measured on Chainlit 2.12.0 and python-socketio 5.18.1; Open WebUI's `/ready` names Redis and database (read).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Happening, SocketPurpose};
use crate::guidance::Guidance;
use crate::profile::{Application, Depth, Topic};
use crate::platforms::operator;
use crate::protocol::socket_io::connect_answer;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "SIO002", name: "connect-unanswered", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, life)) = survey.connect() else {
        // Whether the channel takes whom the endpoint takes is another question, which an application that makes a session of it is asked on word alone.
        let unasked = survey.profile.covers(Topic::Connect) && survey.known.safe_connect.is_none() && survey.known.user_path.is_some();
        return if survey.profile.namespace.is_some() {
            Outcome::Unknown { missing: english!("an answer to joining the channel") }
        } else if unasked && survey.signed_in().is_some() {
            Outcome::Unknown { missing: english!("joining the channel: the setting namespace") }
        } else {
            Outcome::Clear
        };
    };
    let namespace = survey.namespace();
    let answered = survey.evidence.sockets_for(SocketPurpose::Connect).any(|(_, life)| life.frames().any(|(_, f)| connect_answer(f, namespace).is_some()));
    if answered || life.open_packet().is_none() || !life.waited_in_vain_for("connect answer") {
        return Outcome::Clear;
    }
    let sent = life.events.iter().find(|e| matches!(e.what, Happening::Sent { .. })).map_or(0, |e| e.after);
    let waited = life.lasted().saturating_sub(sent);
    // On a slow line, and where the run's end cut the wait, the answer may be on its way.
    let long = if survey.profile.depth == Depth::Quick { SOON } else { SURELY };
    if waited < survey.patience(long) {
        return Outcome::Unknown { missing: english!("an answer to joining the channel") };
    }
    let (severity, confidence) = if waited < SURELY { (Severity::Degrades, Confidence::Correlated) } else { (Severity::Blocks, Confidence::Observed) };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(cite, survey.websocket_hello().map(|(c, _)| c)));
    super::timed(survey, finding.with("waited-ms", waited.to_string()).with("namespace", namespace))
}

/// Milliseconds in which a server answers that only has to look something up. A quick run waits hardly longer.
const SOON: u32 = 1_900;
/// Milliseconds after which a person would have left.
const SURELY: u32 = 5_000;

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let late = finding.confidence == Confidence::Correlated;
    let person = if late {
        Guidance::person(&finding.code, t!("The chat's server takes the connection, and then is slow to let you in, or never does."))
            .step(t!("Run the longer test: it waits longer, and tells which."))
    } else {
        Guidance::person(&finding.code, t!("The chat's server takes the connection, but then does not answer."))
    };
    let person = person.step(t!("Wait a minute, then open the chat again.")).or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find what the application waits for when somebody connects."))
        .step(t!("The CONNECT to {namespace} had no answer in {waited} ms.", namespace = finding.param("namespace"), waited = finding.param("waited-ms")));
    let operator = if late { operator.step(t!("This run waited no longer. The longer test waits for eight seconds: if joining works there, it is slow, and people wait for it.")) } else { operator };
    let operator = match survey.application {
        Application::OpenWebui => operator
            .step_with(t!("Open WebUI reaches for Redis here. Its name, port and password must be right and reachable from the container:"), "WEBSOCKET_MANAGER=redis\nWEBSOCKET_REDIS_URL=redis://:PASSWORD@redis:6379/0\nREDIS_URL=redis://:PASSWORD@redis:6379/0")
            .step(t!("With one instance and one worker Redis is not needed: leave WEBSOCKET_MANAGER out. /ready says “Redis not ready” or “Database not ready” where that is it.")),
        Application::Chainlit => operator.step(t!("Look at your on_chat_start and authentication code, and at the data layer's database.")),
        _ => operator.step(t!("Look at the connect handler, and at each database, Redis or service that it waits for: one that can't be reached may make it hang instead of fail.")),
    };
    let operator = operator::logs(operator, survey)
        .recheck(t!("Run this page again: joining the channel is seen to work."))
        .limits(t!("If the server is Chainlit and this page was not told so, set profile to chainlit: Chainlit answers only a complete CONNECT."));
    vec![person, operator]
}
