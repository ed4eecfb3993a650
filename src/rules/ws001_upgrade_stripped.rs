//! # WS001 upgrade-stripped
//!
//! ## What it means
//! Something in front of the server takes the WebSocket's upgrade away: ordinary requests reach the server, and the WebSocket
//! arrives there as one of them.
//!
//! ## How it is recognised
//! Every WebSocket failed before it opened, those of a session's upgrade too; a plain GET of the same URL reaches the engine, which says that this is no upgrade
//! (or gives engineioxide's empty 400); long-polling says hello or is off by design; no origin was refused, WebSocket is not off
//! by design, and no policy of the page's own was in the way. Where the page came by HTTP/2 or 3 and what is in front may carry
//! WebSockets over it, NET010 speaks instead. engineioxide says yes to a handshake whose Upgrade was taken away: behind a gateway that passes none on
//! unless it is told to, WebSockets that open and end at once without a frame count as failed. Where plain requests fail at times too, eight more of them
//! must have shown how often, and the WebSocket must have been tried after the engine's first answer. For a raw WebSocket: refused, and the plain GET gives 400 or 426. Strongly
//! suggested, since the browser hides the reason. `gateway` is the first one that showed itself.
//!
//! ## What it does not mean
//! A network, an extension or an antivirus program that cuts WebSockets alone looks the same to a page (measured of both): another network, a
//! private window and the test from outside tell them apart. "More slowly" is too hopeful where python-engineio accepted the upgrade and the browser did not get its answer: such a session hears nothing by long-polling either. So do cookies that a page can't see and that are too large for a WebSocket alone (COOK003).
//!
//! ## What to do
//! Let the gateway pass `Upgrade` and `Connection` on, over HTTP/1.1.
//!
//! ## References
//! RFC 6455 section 4.1; nginx documentation on WebSocket proxying; measured on nginx 1.22, python-engineio 4.15, Node 4.8.4.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::{Cite, Purpose, SocketLife, SocketPurpose};
use crate::platforms::gateway::{self, Gateway};
use crate::protocol::engine_io::Dialect;
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::t;

pub const RULE: Rule = Rule { code: "WS001", name: "upgrade-stripped", explains: &["WS004"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some(raw) = survey.raw()
        && let (Some(tried), Some((cite, _, status))) = (raw.refused(), raw.status())
        && matches!(status, 400 | 426)
        && super::net010_http_version::of_raw(survey).is_none()
    {
        // Any WebSocket server answers a plain request so: it tells that one is there, not why it refuses.
        let finding = RULE.finding(Severity::Blocks, Confidence::Correlated, &[Party::SiteOperator, Party::NetworkAdmin, Party::User], Cites::of(cite, tried));
        return Outcome::Fires(finding.with("status", status.to_string()));
    }
    let Some((attempts, reached)) = proof(survey) else {
        return Outcome::Clear;
    };
    if super::net010_http_version::suspects_extended_connect(survey).is_some() {
        return Outcome::Clear;
    }
    let others = [survey.polling_hello(), survey.on_path(Purpose::OriginProbe).map(|(c, _)| c).next()];
    let cites = Cites::of(reached, attempts.into_iter().chain(others.into_iter().flatten()));
    let finding = RULE.finding(without_websocket(survey), Confidence::StronglySuggested, &[Party::SiteOperator, Party::NetworkAdmin, Party::User], cites);
    let seen = gateway::seen(survey.profile, survey.evidence);
    let redirected = survey.engine_exchanges().any(|(_, x)| x.response().is_some_and(|r| r.redirected));
    let finding = finding.with("redirected", if redirected { "yes" } else { "" });
    let finding = if says_yes_unasked(survey) { finding.with("unasked", "yes") } else { finding };
    Outcome::Fires(finding.with("gateway", seen.first().map_or("", |g| g.name())))
}

/// The proof: every WebSocket is refused before it opens; a plain GET of the same URL reaches the engine, which says that
/// it is no upgrade; and the engine accepts this origin. (attempts, the engine's answer)
pub(super) fn proof(survey: &Survey) -> Option<(Vec<Cite>, Cite)> {
    let unasked = says_yes_unasked(survey);
    let cites = match survey.live() {
        Live::Refused { cites } => cites,
        Live::EndedEarly { cites } if unasked => cites,
        _ => return None,
    };
    let reached = survey.companion_reaches_engine()?;
    let heard = survey.polling_hello().or_else(|| survey.polling_off_by_design());
    let stripped = survey.is_due_a_websocket() && (!survey.an_upgrade_opened() || unasked);
    (heard.is_some() && stripped && survey.fails_by_itself(&cites)).then_some((cites, reached))
}

/// Whether a 101 tells nothing of the Upgrade: engineioxide looks at the key alone and says yes without it, and a gateway that took the Upgrade away
/// passes that on and ends the connection. The browser tells of an opening and its end, or of neither (measured with nginx).
fn says_yes_unasked(survey: &Survey) -> bool {
    let at_once = |s: &SocketLife, closed: u32| closed.saturating_sub(s.opened_after().unwrap_or(closed)) < super::ws004_drops_at_once::AT_ONCE;
    let ended = |s: &SocketLife| s.closed().is_some_and(|(closed, code, _)| code == 1006 && at_once(s, closed)) && s.first_frame().is_none();
    let upgrades = survey.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.path == survey.path);
    let takes_away = survey.shows(Gateway::drops_upgrades_unset);
    takes_away && survey.dialect() == Some(Dialect::Engineioxide) && survey.hellos().chain(upgrades).all(|(_, s)| ended(s))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let slower = finding.severity < Severity::Blocks;
    let title = if slower {
        t!("The chat can work, only more slowly: its live connection is most likely cut off on the way to the server.")
    } else {
        t!("The chat's server can be reached, but the live connection that the chat needs is most likely cut off on the way.")
    };
    let title = match finding.confidence {
        Confidence::Correlated => t!("The live connection is refused, and what refuses it can't be told from here."),
        _ => title,
    };
    let person = Guidance::person(&finding.code, title).private_window()
        .step(t!("In that window sign in as usual, too: if the chat works there only until then, what comes with the sign-in is the cause, and no extension."))
        .other_network().antivirus().or_hand_on();
    let seen = finding.param("gateway");
    let operator = Guidance::operator(&finding.code, t!("Let the gateway pass WebSockets to the chat's server."))
        .step(if seen.is_empty() {
            t!("A plain request to the WebSocket's address reaches the chat's server; the WebSocket itself fails.").into()
        } else {
            t!("A plain request to the WebSocket's address reaches the chat's server; the WebSocket itself fails. In front of the server showed itself: {gateway}.", gateway = seen)
        });
    let operator = match (finding.confidence, finding.param("redirected"), seen.is_empty()) {
        (Confidence::Correlated, ..) => operator
            .step(t!("The plain answer is what any WebSocket server gives. Look first whether the address wants a subprotocol or a query that this test does not send."))
            .step(t!("Or the server refuses this page's Origin, {origin}: many compare it with the Host that the gateway hands on, or with a list of their own. Let the gateway hand on Host (nginx: proxy_set_header Host $http_host;), and add the origin to that list. By hand 403 with this Origin, and 101 without, tells.", origin = operator::page_origin(survey))),
        (_, "yes", _) => operator.step(t!("The socket's path is redirected. A WebSocket does not follow a redirect, and a redirected POST becomes a GET: let the client use the final address, or answer without the redirect.")),
        (_, _, true) => operator.step(t!("No gateway showed itself. If none stands in between, the server itself refuses: uvicorn without its WebSocket library (pip install 'uvicorn[standard]'), or headers such as cookies that are too large for it.")),
        _ => operator,
    };
    let operator = if finding.confidence == Confidence::Correlated { operator::subprotocols(operator, survey) } else { operator };
    let operator = operator::with_upgrade_test(operator::websockets(operator, survey), survey);
    let operator = if seen.is_empty() && finding.confidence != Confidence::Correlated {
        operator
    } else {
        operator.step(t!("If the application's own address does not give 101 either, its server can't do WebSockets, and no gateway is to blame: uvicorn wants a library for them (uvicorn[standard]), gunicorn a worker that can (for gevent the one of gevent-websocket). Its log says so."))
    };
    // Here the test gives 101 without the Upgrade too.
    let operator = if finding.param("unasked") == "yes" {
        operator.recheck(t!("After “101 Switching Protocols” the test shows {start} within a second.", start = "0{"))
    } else {
        operator.step(t!("A browser also compares the answer's Sec-WebSocket-Accept with its key, and curl does not: for the key of this test it must be {accept}, or something on the way has changed it.", accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")).limits(t!("If the test gives 101 with that value and only people who are signed in are affected, repeat it with their Cookie header: some servers take less of that for a WebSocket than otherwise (uvicorn with websockets: 8192 characters a line). If that gives 101 too, your side is in order: the person's network or device blocks it, and only long-polling, if the chat allows it, helps there."))
    };
    // Whether the server took the upgrade a page can't see.
    let operator = if slower && survey.dialect() == Some(Dialect::PythonEngineio) {
        operator.step_with(
            t!("python-socketio waits for an upgrade that it has accepted. Where its log shows the WebSocket as accepted, and something on the way spoilt the answer, clients that begin with long-polling hear nothing any more: until that is mended, offer no upgrade:"),
            "AsyncServer(allow_upgrades=False)",
        )
    } else {
        operator
    };
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey));
    all
}
