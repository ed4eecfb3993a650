//! # PATH002 protocol-version
//!
//! ## What it means
//! The chat's client and its server speak different versions of Engine.IO: Socket.IO 1 and 2 speak version 3, Socket.IO 3 and 4
//! speak version 4. The two do not understand each other.
//!
//! ## How it is recognised
//! A handshake by long-polling was answered in the framing of version 3 and none in that of version 4. Where nothing is answered by long-polling: a
//! WebSocket that was opened in version 4 was told `40` and nothing more, which nobody had asked for, and none that stayed for half a second was not. If the chat's client
//! is known to speak 4, it blocks, observed; if it is known to speak 3, it is information. Where nothing tells the client's version,
//! it blocks, strongly suggested, if the server also refused `EIO=4` by name; otherwise the client may be an old one too, and it is
//! information only.
//!
//! Or the other way round: the server opened in version 4 and refused `EIO=3` by name, while the chat's page loads a client that speaks 3. It
//! blocks, observed.
//!
//! The client's version is the known application's; otherwise it is read from the scripts that the chat's page names: their addresses
//! (`socket.io-2.5.0.min.js`, `cdn.socket.io/4.7.2/`, `socket.io-client@2.3.0`) and the comment that such a script begins with. A
//! client that comes from below the socket's path is of the server's own version. Two that contradict each other tell nothing.
//!
//! ## What it does not mean
//! An open packet on a WebSocket proves nothing: over WebSocket version 3 looks healthy to a reader of version 4. A client that is bundled with the rest of a page tells no version. A new server that takes old clients
//! (`allowEIO3`) is well with both.
//!
//! ## What to do
//! Bring client and server to the same generation.
//!
//! ## References
//! Engine.IO protocol, revisions 3 and 4; python-socketio's documentation, version compatibility; Socket.IO's documentation, client
//! installation (addresses and versions), `allowEIO3`;
//! the Socket.IO protocol's document, "History": from revision 5 on a client has to ask for the first namespace too; socket.io-client 4 takes a `40` without
//! a `sid` for a server of version 2; measured on socket.io 2 and 4.8.4.

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
    if let Some(new) = opens(4) {
        // A known application's client is bundled: what else its page loads is for something else.
        let old_client = survey.client_speaks().filter(|(_, eio)| *eio == 3 && survey.known.eio.is_none());
        let Some((client, _)) = old_client.filter(|_| opens(3).is_none()) else { return Outcome::Clear };
        let Some(refused) = refused(3) else { return Outcome::Unknown { missing: english!("a version that the server accepts") } };
        let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(refused, [client, new]));
        return Outcome::Fires(finding.with("server-speaks", "4").with("client-speaks", "3"));
    }
    let by_polling = opens(3);
    let Some(old) = by_polling.or_else(|| survey.joined_unasked()) else {
        return if refused(4).is_some() { Outcome::Unknown { missing: english!("a version that the server accepts") } } else { Outcome::Clear };
    };
    let client = survey.client_speaks().map(|(cite, _)| cite).filter(|_| survey.known.eio.is_none());
    let (severity, confidence, speaks) = match (survey.client_version(), refused(4)) {
        (Some(4), _) => (Severity::Blocks, Confidence::Observed, "4"),
        (Some(_), _) => (Severity::Info, Confidence::Observed, "3"),
        (None, Some(_)) => (Severity::Blocks, Confidence::StronglySuggested, ""),
        // It answers in the old framing, and the chat's own client may well be an old one too.
        (None, None) => (Severity::Info, Confidence::Observed, ""),
    };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(old, refused(4).into_iter().chain(client)));
    let finding = finding.with("server-speaks", "3").with("client-speaks", speaks);
    Outcome::Fires(if by_polling.is_some() { finding } else { finding.with("how", "websocket") })
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
    let versions = vec![("version", finding.param("server-speaks").into()), ("client", finding.param("client-speaks").into())];
    let seen = match finding.param("client-speaks") {
        "" => t!("The server speaks Engine.IO {version}; the chat's client most likely speaks a newer one."),
        _ => t!("The server speaks Engine.IO {version}; the chat's client speaks {client}."),
    };
    let operator = Guidance::operator(&finding.code, t!("Bring server and client to the same generation of Socket.IO.")).step(seen.with(versions));
    let old_clients = |guidance: Guidance| {
        guidance.step_with(t!("If old clients must go on meanwhile, a new Node server can serve both:"), "new Server(server, { allowEIO3: true })")
    };
    let limits = t!("allowEIO3 helps a new server with old clients only, not an old server with new ones.");
    if finding.param("client-speaks") == "3" {
        let operator = old_clients(operator.step(t!("Upgrade the client that the chat's page loads: socket.io-client 4.")));
        return vec![person, operator.recheck(t!("Run this page again: it no longer says so.")).limits(limits)];
    }
    let operator = old_clients(operator.step(t!("Upgrade the server: socket.io 3 or newer, python-socketio 5 with python-engineio 4, Flask-SocketIO 5.")))
        .step(t!("Or stay with the old server and give the page the client of socket.io 2."));
    if finding.param("how") == "websocket" {
        return vec![person, operator.recheck(t!("Run this page again: it no longer says so.")).limits(limits)];
    }
    let operator = operator
        .step_with(t!("Test:"), operator::polling_test(survey))
        .recheck(t!("The answer begins with {start}; a number before it, such as {old}, is the old version.", start = "0{", old = "96:0{"))
        .limits(limits);
    vec![person, operator]
}
