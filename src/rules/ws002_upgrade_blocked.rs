//! # WS002 upgrade-blocked
//!
//! ## What it means
//! The WebSocket fails although ordinary requests reach the server, and it is not proved where: a filter in the network, an
//! antivirus, an extension, a gateway of the site, or cookies that a page can't see and that are too large for a WebSocket (COOK003).
//!
//! ## How it is recognised
//! An engine answers ordinary requests; WebSocket is not off by design; no policy of the page's own was in the way. Then either
//! the WebSocket's handshake hung until its deadline, 1.5 s and six of the server's quickest answers at least (strongly suggested), or it was refused and the plain GET of its URL did not
//! reach the engine, nor was it answered with 401, 403, 407 or 429 (it only fits; where plain requests fail at
//! times too, eight more must have shown how often), or the constructor threw a `SecurityError` without mixed content (SEC002; it only fits: this is before a byte is sent, so an extension, a setting
//! or a script of the page forbids it, and neither network nor gateway). For a raw WebSocket: it hung or was refused,
//! while a plain request to its URL is answered with neither an error that another rule explains nor a web page.
//!
//! ## What it does not mean
//! No single one of the candidates is blamed: the browser gives the same close code for all of them.
//! What the constructor throws has no close code.
//!
//! ## What to do
//! Separate them: a private window without extensions, another network, the antivirus' web check, and the test by hand from
//! outside.
//!
//! ## References
//! WHATWG WebSockets, close code 1006; measured: an extension's block, a reset and a refusal look alike; reports
//! overleaf/overleaf 401 (antivirus), uBlockOrigin/uAssets 19078 (blocker).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::{Cite, Purpose};
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::profile::Topic;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "WS002", name: "upgrade-blocked", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some(raw) = survey.raw() {
        let answered = raw.companion.is_some_and(|(_, x)| x.answered());
        let cites = raw.hung().map(|c| (c, "hung")).or_else(|| raw.refused().map(|c| (c, "refused")));
        if let (Some((cites, how)), true, Some((companion, x))) = (cites, answered, raw.companion)
            && (how == "hung" || !matches!(x.status(), Some(400 | 401 | 403 | 404 | 407 | 410 | 426 | 429 | 500..=599)) && x.html().is_none())
        {
            let finding = RULE.finding(Severity::Blocks, Confidence::Correlated, &[Party::NetworkAdmin, Party::User, Party::SiteOperator], Cites::of(companion, cites));
            return Outcome::Fires(finding.with("how", how));
        }
    }
    let Some(heard) = survey.engine_heard_by_http() else {
        return Outcome::Clear;
    };
    if survey.websocket_off_by_design().is_some() || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    let (cites, how, confidence) = match survey.live() {
        Live::Hung { cites } => (cites, "hung", Confidence::StronglySuggested),
        Live::Threw { cites } if is_forbidden(survey, &cites) => (cites, "threw", Confidence::Correlated),
        Live::Refused { cites } if survey.companion_reaches_engine().is_none() => (cites, "refused", Confidence::Correlated),
        _ => return Outcome::Clear,
    };
    if how == "hung" && !survey.waited_surely(&cites) {
        return Outcome::Unknown { missing: super::LONGER_WAIT };
    }
    // Where plain requests hang too, some of them, it is no matter of the upgrade.
    if how == "hung" && survey.engine_exchanges().any(|(_, x)| x.timed_out()) {
        return Outcome::Unknown { missing: english!("plain requests that are all answered") };
    }
    let companion = survey.latest(Purpose::Companion);
    // What a plain request with credentials meets may be about these credentials.
    if how == "refused" && !survey.tried_as_the_chat() && survey.polling_off_by_design().is_none() && survey.profile.covers(Topic::Polling) {
        return Outcome::Unknown { missing: english!("an answer by long-polling, asked as the chat asks") };
    }
    if how == "refused" && companion.is_none_or(|(_, x)| matches!(x.status(), Some(401 | 403 | 407 | 429))) {
        return Outcome::Clear;
    }
    if how == "refused" && !survey.fails_by_itself(&cites) {
        return Outcome::Unknown { missing: english!("how often plain requests fail") };
    }
    let cites = Cites::of(heard, cites.into_iter().chain(companion.map(|(c, _)| c)));
    // What throws at once has sent nothing that a network could hold back.
    let parties: &[Party] = if how == "threw" { &[Party::User, Party::SiteOperator] } else { &[Party::NetworkAdmin, Party::User, Party::SiteOperator] };
    let finding = RULE.finding(without_websocket(survey), confidence, parties, cites);
    let page = companion.and_then(|(_, x)| x.html()).map(|h| h.title.clone()).unwrap_or_default();
    Outcome::Fires(finding.with("how", how).with("page-title", page))
}

/// Whether the constructor threw a `SecurityError`, which here has no reason that a page can see.
fn is_forbidden(survey: &Survey, cites: &[Cite]) -> bool {
    survey.evidence.sockets().any(|(cite, s)| cites.contains(&cite) && s.threw().is_some_and(|(name, _)| name == "SecurityError"))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let slower = finding.severity < Severity::Blocks;
    if finding.param("how") == "threw" {
        return of_throwing(finding, slower);
    }
    let title = match (slower, finding.param("how") == "hung") {
        (false, true) => t!("Something between your browser and the chat's server most likely holds back the live connection that the chat needs."),
        (false, false) => t!("Something between your browser and the chat's server may block the live connection that the chat needs."),
        (true, _) => t!("The chat can work, only more slowly: something on the way may block its live connection."),
    };
    let page = finding.param("page-title");
    let person = Guidance::person(&finding.code, title);
    let person = if page.is_empty() { person } else { person.step(t!("A page that calls itself “{title}” answers in its place: that is who blocks it.", title = page)) };
    let person = person
        .private_window()
        .step(t!("In that window sign in as usual, too: if the chat works there only until then, what comes with the sign-in is the cause, and no extension."))
        .other_network()
        .antivirus()
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Test from outside whether your own gateway passes WebSockets."));
    let operator = operator::websockets(operator::with_upgrade_test(operator, survey), survey)
        .limits(t!("If the test gives 101 and only people who are signed in are affected, repeat it with their Cookie header: some servers take less of that for a WebSocket than otherwise (uvicorn with websockets: 8192 characters a line). If that gives 101 too, your side is in order: the person's network or device blocks it, and only long-polling, if the chat allows it, helps there."));
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey));
    all
}

/// The browser itself refuses to begin.
fn of_throwing(finding: &Finding, slower: bool) -> Vec<Guidance> {
    let title = if slower {
        t!("The chat can work, only more slowly: something in this browser, such as an extension, forbids its live connection.")
    } else {
        t!("Something in this browser, such as an extension or a setting, forbids the live connection that the chat needs.")
    };
    let person = Guidance::person(&finding.code, title).private_window().or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find what forbids WebSockets in this browser: neither a network nor your gateway does."))
        .step(t!("The constructor threw a SecurityError before anything was sent. An extension of the person's does so, a policy of their company's for this browser, or a script of the page that replaces WebSocket."))
        .step_with(t!("In the browser's console on this page (what is the browser's own says “native code”):"), "WebSocket.toString()")
        .recheck(t!("Run this page again in the same browser: it no longer says so."));
    vec![person, operator]
}
