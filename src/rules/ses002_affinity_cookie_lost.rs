//! # SES002 affinity-cookie-lost
//!
//! ## What it means
//! A cookie keeps people at one replica, and the chat's requests do not bring it.
//!
//! ## How it is recognised
//! Of at least eight sessions opened as the chat opens them some were unknown at their own follow-up, as for SES001, and besides
//! one of these: the server is of another origin, the chat sends it no credentials, and sessions with them (at least three) all held; or this page, in this browser or frame, can't
//! keep the cookies that such a server sets; or the operator names the cookie (`affinity-cookie`), and the browser has a reason to leave it out, since the
//! server is of another origin, the page is in a frame of another one's, or it came by http: then that it is set at all is the operator's word.
//!
//! ## What it does not mean
//! Where every request is without a home, with and without cookies, there is no affinity at all, or its cookie is refused for a
//! reason that a page can't see: SES001. A chat whose page tells its client to use WebSocket alone opens no such sessions.
//!
//! ## What to do
//! The client has to send credentials; in another site's frame the cookie has to be Partitioned; on http it may not be Secure, and its Path and Domain
//! have to hold the socket's; a person who blocks cookies allows them for the chat.
//!
//! ## References
//! WHATWG Fetch, credentials mode; Socket.IO client option `withCredentials`; RFC 6265bis; measured behind cookie affinity.

use super::ses001_not_sticky::{Sessions, cites, sessions};
use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Cite;
use crate::guidance::Guidance;
use crate::platforms::browsers::Task;
use crate::platforms::{self, operator};
use crate::survey::Survey;
use crate::words::Text;
use crate::{english, t};

pub const RULE: Rule = Rule {
    code: "SES002",
    name: "affinity-cookie-lost",
    explains: &["SES001", "COOK001", "COOK002", "STO001", "WS001", "WS002", "WS003", "WS004", "WS009", "WS011", "NET010", "POLL001", "POLL003", "POLL004", "NET007", "SIO001", "SIO002"],
    check,
    guide,
};

/// Why the cookie does not come back, where that can be seen: a word, and what shows it.
pub(super) fn why(survey: &Survey) -> Option<(&'static str, Vec<Cite>)> {
    let otherwise = survey.conversations(false);
    if survey.profile.is_cross_origin() && !survey.sends_credentials() {
        let whole = otherwise.len() >= 3 && otherwise.iter().all(|c| c.unknown.is_none());
        return whole.then(|| ("not-sent", otherwise.iter().flat_map(|c| c.cites.clone()).take(4).collect()));
    }
    let (cite, _) = survey.evidence.cookies()?;
    let lost = |kind| survey.keeps_cookie(kind) == Some(false);
    // Of another site's frame a server's cookie is third-party; elsewhere it is the page's own.
    let third_party = survey.in_foreign_frame() || survey.profile.is_cross_origin();
    match third_party {
        true if lost("none") => Some(("third-party", vec![cite])),
        false if lost("lax") && lost("none") => Some(("blocked", vec![cite])),
        // The operator names the cookie, and a browser has a reason to leave it out: another site, or Secure on http.
        _ if survey.profile.affinity_cookie.is_some() && (third_party || survey.evidence.environment().is_some_and(|(_, e)| e.scheme == "http:")) => {
            Some(("not-kept", vec![cite]))
        }
        _ => None,
    }
}

fn check(survey: &Survey) -> Outcome {
    // A client of WebSocket alone has one request, which needs no way back.
    if survey.told_not_to_poll() {
        return Outcome::Clear;
    }
    let all = survey.conversations(true);
    match sessions(&all) {
        Sessions::Lost => {}
        Sessions::Few { .. } if survey.polling_sessions_due() => return Outcome::Unknown { missing: english!("eight sessions: the longer test opens them") },
        _ => return Outcome::Clear,
    }
    let Some((how, shown)) = why(survey) else {
        return Outcome::Clear;
    };
    let Some(cites) = Cites::from_all(cites(&all).into_iter().chain(shown)) else {
        return Outcome::Clear;
    };
    // That the cookie is one of affinity is seen only where the other sessions held.
    let (confidence, parties): (_, &[Party]) = match how {
        "not-sent" if survey.known.eio.is_some() => (Confidence::Observed, &[Party::SiteOperator]),
        // That the client leaves them out is the default, and not seen.
        "not-sent" => (Confidence::StronglySuggested, &[Party::SiteOperator]),
        // Only who sets the cookie can say that it may go to another site.
        "third-party" | "not-kept" => (Confidence::StronglySuggested, &[Party::SiteOperator, Party::User]),
        _ => (Confidence::StronglySuggested, &[Party::User, Party::SiteOperator]),
    };
    let severity = if survey.websocket_hello().is_some() && how == "not-sent" { Severity::Degrades } else { Severity::Blocks };
    let finding = RULE.finding(severity, confidence, parties, cites).with("how", how);
    let cookie = platforms::affinity_cookie(survey.profile, survey.evidence, survey.known).unwrap_or_default();
    let lost = all.iter().filter(|c| c.unknown.is_some()).count().to_string();
    Outcome::Fires(finding.with("cookie", cookie).with("lost", lost).with("sessions", all.len().to_string()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let how = finding.param("how");
    let person = Guidance::person(&finding.code, t!("The chat loses track of you from one request to the next, because what it marks you by does not come back."));
    let person = match how {
        "third-party" | "not-kept" if survey.in_foreign_frame() => person.step(t!("Open the chat in a tab of its own, not inside of another site's page.")),
        "blocked" | "third-party" => person.in_browser(survey.user_agent(), Task::AllowCookies).step(t!("Load the chat again.")),
        _ => person,
    };
    let cookie: Text = match finding.param("cookie") {
        "" => t!("the cookie of affinity").into(),
        name => t!("the cookie {name}", name = operator::word(name)),
    };
    let operator = Guidance::operator(&finding.code, t!("Let the cookie of affinity come back."))
        .step(t!("{lost} of {all} sessions were unknown to the server at their own next request.", lost = finding.param("lost"), all = finding.param("sessions")));
    let operator = match how {
        "not-sent" => operator
            .step(t!("With credentials every session held: affinity works, and a client without them does not send its cookie to another origin. If the chat's client has withCredentials already, say so to this page by credentials=\"include\", and this finding goes."))
            .step_with(t!("The client:"), "io(URL, { withCredentials: true })")
            .step_with(t!("The server must allow it to the page's origin by name (never with *). Node:"), ["cors: { origin: \"", &operator::page_origin(survey), "\", credentials: true }"].concat()),
        // Of the server's own page it is not another site that keeps the cookie away.
        "not-kept" if !survey.in_foreign_frame() && !survey.profile.is_cross_origin() => operator
            .step(t!("Does the answer to the first request set {cookie}, and does the next one bring it? The browser's developer tools show both (Network, the request, Cookies).", cookie = cookie))
            .step(t!("On http a browser keeps no cookie that is Secure, and none with SameSite=None. Nor does it bring one whose Path does not hold the socket's path, or whose Domain is not this host's."))
            .step_with(t!("So, as long as the chat is served by http:"), "Set-Cookie: NAME=VALUE; Path=/; HttpOnly; SameSite=Lax"),
        "not-kept" => operator
            .step(t!("Does the answer to the first request set {cookie}, and does the next one bring it? The browser's developer tools show both (Network, the request, Cookies).", cookie = cookie))
            .step_with(t!("To another site a browser sends it only with SameSite=None, which needs Secure, which needs https; on http a Secure cookie is not kept:"), "Set-Cookie: NAME=VALUE; Path=/; Secure; HttpOnly; SameSite=None"),
        "third-party" if survey.in_foreign_frame() => operator
            .step(t!("This page is inside of another site's, where this browser drops {cookie}.", cookie = cookie))
            .step_with(t!("A gateway whose cookies can be written has to set it like this:"), "Set-Cookie: NAME=VALUE; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
        _ => operator.step(t!("This browser keeps no cookies for this page, so it most likely drops those of the chat's server too. For a company's policy, allow both sites.")),
    };
    let operator = operator::websocket_only(operator, survey)
        .recheck(t!("The longer test opens eight sessions: all hold."))
        .limits(t!("Affinity does not carry messages from one replica to another (SES003)."));
    // What only the operator can mend has no step before it.
    vec![person.or_hand_on(), operator]
}
