//! # WS008 large-message-lost
//!
//! ## What it means
//! Small messages pass on the live connection, large ones end it or vanish.
//!
//! ## How it is recognised
//! On one and the same WebSocket a small question was answered, and a large one, below what the server says it takes (`maxPayload`), ended the connection or stayed
//! without an answer for 20 s although it had left the browser. Twice, or once where it was closed with 1009; where the server names no maxPayload, 1 MB is taken for it. After the first loss a few kB are tried, then the sizes are halved until one passes.
//! `how` is `packets` where even these few kB stayed without an answer, as the small question before them did not: on the way packets of full size are lost. The questions are CONNECTs to a namespace that does not exist,
//! which any Socket.IO server refuses at once.
//!
//! ## What it does not mean
//! A message that did not leave the browser in time is a matter of the line. Files that are sent over HTTP have limits of their own (POLL002).
//!
//! ## What to do
//! The operator raises the limit of the hop that has it (where the server names none, its own comes first), or sends large things over HTTP. Where it
//! is the packets, whoever runs the network or the VPN looks at its MTU.
//!
//! ## References
//! RFC 6455 section 7.4.1 (1009); Engine.IO protocol, maxPayload; uvicorn `--ws-max-size`, Node `maxHttpBufferSize`; RFC 2923
//! (TCP and path MTU discovery); iptables-extensions(8), TCPMSS.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Happening, SocketLife};
use crate::guidance::{Audience, Guidance};
use crate::platforms::operator;
use crate::survey::Survey;
use crate::words::{Phrase, Text};
use crate::{english, t};

/// What is lost at this size is no matter of a limit for messages.
const FEW_KB: u32 = 4_096;
/// A limit ends a connection at once; what is lost in packets is waited for.
const AT_ONCE: u32 = 3_000;

pub const RULE: Rule = Rule { code: "WS008", name: "large-message-lost", explains: &["WS009"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let all = survey.large_messages();
    let lost: Vec<(Cite, u32)> = all.iter().filter(|(_, _, passed)| *passed == Some(false)).map(|(c, size, _)| (*c, *size)).collect();
    let passed: Vec<(Cite, u32)> = all.iter().filter(|(_, _, passed)| *passed == Some(true)).map(|(c, size, _)| (*c, *size)).collect();
    let code = |cite: Cite| survey.evidence.sockets().find(|(c, _)| *c == cite).and_then(|(_, s)| s.closed()).map(|(_, code, _)| code);
    let told = lost.iter().any(|(c, _)| code(*c) == Some(1009));
    if lost.is_empty() {
        let asked = survey.websocket_hello().is_some() && passed.is_empty();
        return if asked { Outcome::Unknown { missing: english!("a large message: the longer test sends one") } } else { Outcome::Clear };
    }
    // Once is an accident, unless the server says why.
    if lost.len() < 2 && !told {
        return Outcome::Unknown { missing: english!("a second large message that is lost") };
    }
    let smallest = lost.iter().map(|(_, size)| *size).min().unwrap_or(0);
    let largest = passed.iter().map(|(_, size)| *size).filter(|size| *size < smallest).max();
    // Large ones that pass where smaller ones are lost: not the size.
    if passed.iter().any(|(_, size)| *size > smallest) {
        return Outcome::Clear;
    }
    let Some(cites) = Cites::from_all(lost.iter().chain(&passed).map(|(c, _)| *c)) else {
        return Outcome::Clear;
    };
    let packets = !told && smallest <= FEW_KB && largest.is_none() && lost.iter().all(|(cite, _)| is_waited_for(survey, *cite));
    let parties: &[Party] = if !packets { &[Party::SiteOperator, Party::NetworkAdmin] } else { &[Party::NetworkAdmin, Party::User, Party::SiteOperator] };
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, parties, cites).with("how", if packets { "packets" } else { "" });
    let finding = finding.with("lost-bytes", smallest.to_string()).with("passed-bytes", largest.map_or(String::new(), |size| size.to_string()));
    Outcome::Fires(finding.with("max-payload", survey.max_payload().map_or(String::new(), |m| m.to_string())).with("code", if told { "1009" } else { "" }))
}

/// Whether nobody ended the connection soon after the large message had been sent.
fn is_waited_for(survey: &Survey, cite: Cite) -> bool {
    let sent = |s: &SocketLife| s.events.iter().find(|e| matches!(e.what, Happening::Sent { length, .. } if length > 0)).map(|e| e.after);
    let life = survey.evidence.sockets().find(|(c, _)| *c == cite).map(|(_, s)| s);
    life.is_some_and(|s| s.closed().is_none_or(|(at, ..)| sent(s).is_some_and(|sent| at >= sent.saturating_add(AT_ONCE))))
}

/// Packets of full size are lost on the way.
fn of_packets(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("Only the shortest messages get through on the chat's connection; anything longer is lost on the way."))
        .other_network()
        .or_hand_on();
    let advice = |audience| {
        Guidance::new(&finding.code, audience, t!("Look at the size of packets on the way (MTU), and not at limits for messages."))
            .step(t!("A short question was answered, and a message of {size} bytes on the same connection was not: most likely every packet of full size is lost, as on a VPN or a tunnel whose MTU is set too large, or where a firewall drops ICMP.", size = finding.param("lost-bytes")))
            .step_with(t!("On the router, firewall or VPN gateway on the way (Linux), fit TCP's segments to the way:"), "iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu")
            .step(t!("Let ICMP “fragmentation needed” (type 3, code 4) and ICMPv6 “packet too big” pass, and give the interfaces of VPNs, tunnels and container networks an MTU that fits inside that of the network below them."))
            .step_with(t!("Test from a device in that network (Linux): a size that gets no answer, and no word that it is too long, is lost on the way. Make it smaller until it is answered:"), ["ping -M do -s 1472 ", operator::host(survey).split(':').next().unwrap_or("chat.example")].concat())
            .recheck(t!("The longer test's large message passes."))
    };
    vec![person, advice(Audience::NetworkAdmin), advice(Audience::Operator)]
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.param("how") == "packets" {
        return of_packets(finding, survey);
    }
    let person = Guidance::person(&finding.code, t!("Long messages and files break the chat's connection; short ones pass."))
        .step(t!("Send long texts in parts, and files in a smaller form."))
        .or_hand_on();
    let or = |name: &str, otherwise: Phrase| -> Text {
        match finding.param(name) {
            "" => otherwise.into(),
            bytes => bytes.into(),
        }
    };
    let (passed, limit) = (or("passed-bytes", t!("no large one passed")), or("max-payload", t!("none")));
    let operator = Guidance::operator(&finding.code, t!("Raise the limit for a message on the WebSocket."))
        .step(t!("Lost from {size} bytes on; passed: {passed}; the server's own word: {limit}.", size = finding.param("lost-bytes"), passed = passed, limit = limit));
    let operator = match finding.param("code") {
        "1009" => operator.step(t!("It was closed with 1009, message too big: whoever wrote that has the limit.")),
        _ => operator.step(t!("Nothing said why: look at each hop's limit for messages or frames.")),
    };
    // The servers of Engine.IO 3 do not tell it: it may be the very limit.
    let untold = finding.param("max-payload").is_empty();
    let operator = if untold {
        operator.step_with(
            t!("The server does not say what it takes, so look at its own limit first. Python (python-socketio) and Node (socket.io), in bytes:"),
            "AsyncServer(max_http_buffer_size=10000000)\nnew Server(server, { maxHttpBufferSize: 1e7 })",
        )
    } else {
        operator
    };
    let operator = operator.step_with(t!("uvicorn, in bytes; this is its default, so look whether yours was set lower:"), "uvicorn app:app --ws-max-size 16777216");
    let operator = if untold {
        operator
    } else {
        operator.step(t!("maxHttpBufferSize (Node) and max_http_buffer_size (Python) are what the server says that it takes, 1 MB by default. Where it says so, the lost messages were smaller: raising these does not help."))
    };
    let operator = operator
        .recheck(t!("The longer test's large message passes."))
        .limits(t!("Larger messages take memory in the server for each connection: send files over HTTP."));
    vec![person, operator]
}
