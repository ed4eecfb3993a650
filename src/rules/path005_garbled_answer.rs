//! # PATH005 garbled-answer
//!
//! ## What it means
//! A server answers at the socket's path, and its words are not whole: something on the way changed them, or it is not the server
//! that it seems.
//!
//! ## How it is recognised
//! The newest long-polling handshake begins like an open packet and is none, or like bytes packed by gzip or zstd that nothing unpacks, or its body broke off, that of another one too, and no WebSocket says hello, or a WebSocket opened and its first frame is no open
//! packet, or one that said hello flooded the page with what is no message of a chat (a flood of Engine.IO's messages is a chat with much to tell, and only ends the reading), or an upgrade's first message has more than a million characters. `transport` says on which. With only the WebSocket damaged and long-polling seen to work to its end, it is a
//! degradation.
//!
//! ## What it does not mean
//! It does not say who changed them: the server, a gateway that compresses or rewrites bodies, or an inspecting antivirus.
//!
//! ## What to do
//! Take whatever rewrites or compresses the socket's path out of the way.
//!
//! ## References
//! Engine.IO protocol 4; reports Chainlit/chainlit 2390 (gzip, mended in 2.6.9), socketio/socket.io 2543 (antivirus and
//! permessage-deflate).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::{SocketLife, SocketPurpose};
use crate::protocol::engine_io::USUAL_PAYLOAD;
use crate::survey::{Live, Polling};
use crate::guidance::{Audience, Guidance};
use crate::platforms::operator;
use crate::survey::Survey;
use crate::words::Phrase;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "PATH005", name: "garbled-answer", explains: &["WS003", "WS004", "WS009", "POLL001", "WS001", "WS002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let polling = match survey.polling {
        Polling::Garbled { cite } => Some(cite),
        _ => None,
    };
    // One may have met a connection that was lost.
    let broken = survey.handshakes_broken_off();
    let by_breaking = polling.is_some_and(|cite| broken.contains(&cite));
    // Where a WebSocket says hello, it is one of the ways in which long-polling is kept out (POLL001): some browsers reject such an answer at once.
    let of_polling = by_breaking && survey.polls() && matches!(survey.live(), Live::Hello { .. });
    let once = by_breaking && broken.len() < 2;
    let polling = polling.filter(|_| !of_polling && !once);
    let live = match survey.live() {
        Live::Garbled { cites } => cites,
        _ => survey.evidence.sockets().filter(|(_, s)| s.path == survey.path && (floods_with_noise(s) || is_huge(s))).map(|(c, _)| c).collect(),
    };
    let Some(cites) = Cites::from_all(polling.into_iter().chain(live.iter().copied())) else {
        if once && !of_polling {
            return Outcome::Unknown { missing: english!("a second answer that breaks off") };
        }
        return Outcome::Clear;
    };
    let severity = match (polling, live.is_empty()) {
        (None, false) => without_websocket(survey),
        _ => Severity::Blocks,
    };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let both = match (polling.is_some(), live.is_empty()) {
        (true, false) => "both",
        (true, true) => "polling",
        _ => "websocket",
    };
    Outcome::Fires(finding.with("transport", both).with("broken-off", if by_breaking && polling.is_some() { "yes" } else { "" }))
}

/// Whether a flood holds what no chat sends: of Engine.IO's own packets nobody needs many, and what begins as none is none.
fn floods_with_noise(life: &SocketLife) -> bool {
    // What is binary has no text: attachments of a message.
    let kinds: Vec<u8> = life.frames().filter_map(|(_, text)| text.bytes().next()).collect();
    let unasked = kinds.iter().filter(|kind| **kind != b'4').count();
    life.flooded() && (unasked > ENGINES_OWN || kinds.iter().any(|kind| !matches!(kind, b'0'..=b'6')))
}

/// Frames of the engine itself that may stand among the first ones: its open packet, a pong, a ping, a noop.
const ENGINES_OWN: usize = 4;

/// The first message on an upgrade is a few characters by the protocol; this one is more than engines take in one.
fn is_huge(life: &SocketLife) -> bool {
    life.purpose == SocketPurpose::Upgrade && life.first_length().is_some_and(|length| length > USUAL_PAYLOAD)
}

/// What is put in front of an open packet or behind it damages it as well.
const WHOLE: Phrase = t!("Both answers are the same: a 0, one object in braces, and nothing before or behind them.");

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("What the chat's server sends arrives in a form that the chat can't read."))
        .other_network()
        .antivirus()
        .or_hand_on();
    let on = match finding.param("transport") {
        "both" => t!("Damaged on both transports. The report's observations show the first characters that came."),
        "polling" => t!("Damaged on long-polling. The report's observations show the first characters that came."),
        _ => t!("Damaged on the WebSocket. The report's observations show the first characters that came."),
    };
    let operator = Guidance::operator(&finding.code, t!("Let nothing rewrite or compress the socket's path."))
        .step(on);
    let operator = if finding.param("broken-off").is_empty() {
        operator
    } else {
        operator.step(super::poll001_polling_blocked::BROKEN_OFF)
    };
    let operator = operator
        .step_with(t!("nginx, in the location of the socket's path, and without sub_filter, add_before_body, add_after_body and a proxy_hide_header for Content-Encoding there:"), "gzip off;");
    let polling = finding.param("transport") == "polling";
    let chainlit = survey.application == crate::profile::Application::Chainlit;
    let operator = match (chainlit, polling) {
        (_, true) => {
            let operator = operator.step(t!("Elsewhere look for what adds to web pages or rewrites them: Apache's mod_substitute, scripts that a CDN puts in."));
            if chainlit { operator.step(t!("Chainlit before 2.6.9 damages it on iPhones when gzip is on: upgrade.")) } else { operator }
        }
        (true, false) => operator.step_with(t!("Chainlit before 2.6.9 damages it on iPhones when gzip is on: upgrade. Against antivirus programs that trip over compressed frames:"), "UVICORN_WS_PER_MESSAGE_DEFLATE=false"),
        (false, false) => operator.step(t!("Against antivirus programs that trip over compressed frames, switch permessage-deflate off in the server (uvicorn: --ws-per-message-deflate false; Node: perMessageDeflate: false).")),
    };
    let operator = operator.step_with(t!("Compare from outside and past the gateway:"), operator::polling_test(survey));
    if !polling {
        let mut all = vec![person, operator.recheck(t!("Both answers are the same, and begin with {start}.", start = "0{"))];
        all.extend(operator::network(finding, survey));
        return all;
    }
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Let the answers of {host} through as they are.", host = operator::host(survey)))
        .step_with(t!("Compare from inside this network and from outside it:"), operator::polling_test(survey))
        .step(t!("If only the inside's is damaged: except this host from whatever inspects, compresses or adds to web pages there."));
    vec![person, operator.recheck(WHOLE), network.recheck(WHOLE)]
}
