//! # WS011 upgrade-refused
//!
//! ## What it means
//! The WebSocket is refused where an ordinary request is asked for a permission.
//!
//! ## How it is recognised
//! Every WebSocket failed before it opened, long-polling said hello or is off by design, and a plain GET of the WebSocket's URL is answered with 401,
//! 403 or 407, not by an engine that names the origin (asked with this browser's cookies where strangers are refused). Or WebSockets that begin by themselves are refused, four times, while every one of a
//! session's upgrade opens: information for a client that polls first. For a raw WebSocket,
//! refusal and status are enough, asked with this browser's cookies where the first request without them was let go on; information, where the chat's own page
//! is one to sign in.
//!
//! ## What it does not mean
//! The browser hides the WebSocket's own status: it is taken from the plain GET beside it, so it is strongly suggested, not
//! observed.
//!
//! ## What to do
//! Sign in anew; the operator looks at the rule that protects the socket's path, and at the application's own check of the Origin behind a proxy.
//!
//! ## References
//! RFC 6455 section 4.2.2; WHATWG WebSockets, the warning on what script may not learn; report microsoft/azure-container-apps
//! 549.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::{Exchange, Purpose};
use crate::protocol::engine_io::{Answer, Refusal};
use crate::protocol::html::Outline;
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::t;

pub const RULE: Rule = Rule { code: "WS011", name: "upgrade-refused", explains: &[], check, guide };

/// WebSockets of their own that were refused one after the other, while upgrades open: two may be two of every other one.
const ENOUGH: usize = 4;

fn check(survey: &Survey) -> Outcome {
    let refused = |x: &Exchange| matches!(x.status(), Some(401 | 403 | 407));
    if let Some(raw) = survey.raw()
        && let (Some(tried), Some((cite, exchange, status))) = (raw.refused(), raw.status())
        && refused(exchange)
    {
        // Who is not signed in is refused rightly.
        let page = survey.evidence.exchanges_for(Purpose::ChatPage).last().filter(|(_, x)| x.html().is_some_and(Outline::signs_in));
        let severity = if page.is_some() { Severity::Info } else { Severity::Blocks };
        let finding = RULE.finding(severity, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(cite, tried.into_iter().chain(page.map(|(c, _)| c))));
        return Outcome::Fires(finding.with("status", status.to_string()));
    }
    let Live::Refused { cites } = survey.live() else {
        return Outcome::Clear;
    };
    let Some(control) = survey.polling_hello().or_else(|| survey.polling_off_by_design()) else {
        return Outcome::Clear;
    };
    // Where some upgrades are refused too, it is no matter of how a session begins (NET007).
    if let Some(agreed) = survey.upgraded()
        && survey.origin_refused().is_none()
        && !survey.upgrade_refused()
        && cites.len() >= ENOUGH
    {
        let severity = if survey.polls() { Severity::Info } else { Severity::Blocks };
        let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], Cites::of(agreed, cites));
        return Outcome::Fires(finding.with("upgrades", "yes"));
    }
    // A gate may refuse strangers and let who is signed in pass: then it is no gate's refusal.
    let as_chat = survey.on_path(Purpose::Companion).rfind(|(_, x)| x.credentials != "omit" && x.status().is_some());
    let asked = as_chat.or_else(|| survey.latest(Purpose::Companion));
    let Some((cite, exchange)) = asked.filter(|(_, x)| refused(x) && !matches!(x.engine(), Answer::Refused { refusal: Refusal::OriginNotAccepted { .. }, .. })) else {
        return Outcome::Clear;
    };
    let status = exchange.status().unwrap_or(0);
    let finding = RULE.finding(without_websocket(survey), Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(cite, [control].into_iter().chain(cites)));
    Outcome::Fires(finding.with("status", status.to_string()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if !finding.param("upgrades").is_empty() {
        return of_upgrades(finding);
    }
    if finding.severity == Severity::Info {
        let person = Guidance::person(&finding.code, t!("The chat wants you to sign in before its live connection can be tested."))
            .step(t!("Open the chat in this browser and sign in, then run this page again."));
        let operator = Guidance::operator(&finding.code, t!("Run this page where somebody is signed in."))
            .step(t!("The WebSocket was answered {status}, and the chat's own page is one to sign in: whether who is signed in may connect can't be told from here.", status = finding.param("status")))
            .recheck(t!("Run this page again: it no longer says so."));
        return vec![person, operator];
    }
    let slower = finding.severity < Severity::Blocks;
    let title = if slower {
        t!("The chat can work, only more slowly: its live connection is refused, most likely for want of a permission.")
    } else {
        t!("The live connection that the chat needs is refused, most likely for want of a permission.")
    };
    let person = Guidance::person(&finding.code, title).step(t!("Open the chat, sign out, sign in again, and run this test once more.")).or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Let the check in front of the socket's path pass WebSockets of people who are signed in."))
        .step(t!("A plain request to the WebSocket's address is answered {status}, while long-polling at the same path may pass. Look at sign-in gateways, nginx auth_request, web application firewalls, IP rules.", status = finding.param("status")))
        .step(t!("Cookies come with a WebSocket, other headers a browser can't add: a check that wants an Authorization header must make an exception here."))
        .step(t!("Azure Easy Auth: if it passes requests and not WebSockets, put the path under excludedPaths, provided that the chat checks its people itself."));
    let operator = if finding.param("status") == "403" {
        operator.step_with(
            t!("Or the application itself does not take this page's Origin: behind a proxy it may compare it with the scheme and host of the connection between the two. Let the proxy pass the Host with its port and X-Forwarded-Proto, and the application trust it; uvicorn, with the proxy's address:"),
            "uvicorn app:app --proxy-headers --forwarded-allow-ips=10.0.0.1",
        )
    } else {
        operator
    };
    let operator = operator::with_upgrade_test(operator, survey).limits(t!("Without the person's cookies the test is refused rightly: add -H \"Cookie: ...\" of a session of your own."));
    vec![person, operator]
}

/// The server takes WebSockets, and not as the beginning of a session.
fn of_upgrades(finding: &Finding) -> Vec<Guidance> {
    let person = if finding.severity == Severity::Info {
        Guidance::person(&finding.code, t!("The chat’s server takes live connections only where a chat began with small requests, as most chats do."))
    } else {
        Guidance::person(&finding.code, t!("The live connection that the chat begins with is refused.")).or_hand_on()
    };
    let operator = Guidance::operator(&finding.code, t!("Look at what the server checks when a session begins by WebSocket."))
        .step(t!("WebSockets of sessions that began by long-polling open here; those that begin by themselves are refused. Servers check where a session begins, and of the two beginnings the WebSocket alone carries an Origin: look at that check (Node: allowRequest)."))
        .recheck(t!("Run this page again: it no longer says so."));
    vec![person, operator]
}
