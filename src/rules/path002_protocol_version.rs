//! # PATH002 protocol-version
//!
//! ## What it means
//! The server speaks version 3 of Engine.IO (Socket.IO 1 and 2), and the chat's client may speak version 4 (Socket.IO 3 and 4).
//! The two do not understand each other.
//!
//! ## How it is recognised
//! A handshake by long-polling was answered in the framing of version 3 and none in that of version 4. If the application's client
//! is known to speak 4, it blocks, observed. If the server also refused `EIO=4` by name, it blocks, strongly suggested. Otherwise
//! the client may be an old one too, and it is information only.
//!
//! ## What it does not mean
//! An answer to a WebSocket proves nothing: over WebSocket version 3 looks healthy to a reader of version 4. Only long-polling
//! shows the old framing.
//!
//! ## What to do
//! Bring client and server to the same generation.
//!
//! ## References
//! Engine.IO protocol, revisions 3 and 4; python-socketio's documentation, version compatibility; Socket.IO's `allowEIO3`;
//! measured on socket.io 2 and 4.8.4.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::protocol::engine_io::{Answer, Refusal};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "PATH002", name: "protocol-version", explains: &["WS001", "WS002", "WS003", "WS004", "POLL001", "PATH005", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let handshakes = || survey.on_path(Purpose::Handshake);
    let opens = |wanted: u8| handshakes().find(|(_, x)| matches!(x.engine(), Answer::Open { framing, .. } if framing == wanted)).map(|(c, _)| c);
    let refused = |eio: u8| {
        handshakes()
            .find(|(_, x)| x.eio == eio && matches!(x.engine(), Answer::Refused { refusal: Refusal::UnsupportedVersion, .. }))
            .map(|(c, _)| c)
    };
    let (Some(old), None) = (opens(3), opens(4)) else {
        return if refused(4).is_some() && opens(4).is_none() { Outcome::Unknown { missing: english!("a version that the server accepts") } } else { Outcome::Clear };
    };
    let needs_new = survey.known.eio == Some(4);
    let (severity, confidence) = match (refused(4), needs_new) {
        (_, true) => (Severity::Blocks, Confidence::Observed),
        (Some(_), false) => (Severity::Blocks, Confidence::StronglySuggested),
        // It answers in the old framing, and the chat's own client may well be an old one too.
        (None, false) => (Severity::Info, Confidence::Observed),
    };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(old, refused(4)));
    Outcome::Fires(finding.with("server-speaks", "3").with("client-speaks", if needs_new { "4" } else { "" }))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("The chat's server speaks an older version of its language, which is fine as long as the chat does too."))];
    }
    let title = if finding.confidence == Confidence::Observed {
        t!("The chat and its server are of versions that do not understand each other.")
    } else {
        t!("The chat and its server are most likely of versions that do not understand each other.")
    };
    let person = Guidance::person(&finding.code, title)
        .step(t!("Reload the chat once: right after an update, the tab may still hold the former version."))
        .or_hand_on();
    let seen = match finding.param("client-speaks") {
        "" => t!("The server speaks Engine.IO {version}; the chat's client most likely speaks a newer one."),
        _ => t!("The server speaks Engine.IO {version}; the chat's client speaks 4."),
    };
    let operator = Guidance::operator(&finding.code, t!("Bring server and client to the same generation of Socket.IO."))
        .step(seen.with(vec![("version", finding.param("server-speaks").into())]))
        .step(t!("Upgrade the server: socket.io 3 or newer, python-socketio 5 with python-engineio 4, Flask-SocketIO 5."))
        .step_with(t!("If old clients must go on meanwhile, a new Node server can serve both:"), "new Server(server, { allowEIO3: true })")
        .step(t!("Or stay with the old server and give the page the client of socket.io 2."))
        .step_with(t!("Test:"), operator::polling_test(survey))
        .recheck(t!("The answer begins with {start}; a number before it, such as {old}, is the old version.", start = "0{", old = "96:0{"))
        .limits(t!("allowEIO3 helps a new server with old clients only, not an old server with new ones."));
    vec![person, operator]
}
