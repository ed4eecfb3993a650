//! # COOK005 cookie-to-gone-instance
//!
//! ## What it means
//! A cookie of this browser's leads the gateway to an instance that does not answer, so the chat fails for this person while it works for
//! everybody without that cookie.
//!
//! ## How it is recognised
//! At the socket's path every request with cookies, at least four, is answered 502, 503 or 504 and no WebSocket opens. Without credentials the engine
//! answers, before those failures and once more after at least two of them, and the requests with cookies go on failing after that for at least as long as
//! the request without them had waited: a limit that let it through would have let another one through.
//!
//! ## What it does not mean
//! It does not say which cookie it is: a page can't read those that are HttpOnly. One of affinity is the likeliest; a sign-in's that the
//! application breaks over does the same. Where the request without cookies fails as well it is NET003.
//!
//! ## What to do
//! Remove the cookies of this one site, which signs the person out there. The operator lets the gateway choose anew when the instance is gone.
//!
//! ## References
//! HAProxy, `option redispatch`; ingress-nginx, `session-cookie-change-on-failure`; measured: HAProxy answers 503 for as long as the cookie
//! names a server without health checks that refuses connections.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::browsers::Task;
use crate::survey::{SINCE, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule {
    code: "COOK005",
    name: "cookie-to-gone-instance",
    explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "PATH001", "NET003", "NET005", "NET006", "NET007", "NET008", "NET010", "AUTH001", "AUTH002"],
    check,
    guide,
};

fn check(survey: &Survey) -> Outcome {
    let Some(look) = survey.fails_with_cookies() else {
        return Outcome::Clear;
    };
    let Some((control_cite, control)) = look.control() else {
        return Outcome::Unknown { missing: english!("a later request without cookies") };
    };
    let control_ended = control.ended();
    let heard_before = look.reached.iter().map(|(_, x)| x.ended()).filter(|at| *at <= control.started).max();
    let since: Vec<_> = look.failed.iter().filter(|(_, x)| x.started >= control_ended).collect();
    let failing_for = since.iter().map(|(_, x)| x.ended()).max().unwrap_or(0).saturating_sub(control_ended);
    let waited = control.started.saturating_sub(heard_before.unwrap_or(0));
    if since.is_empty() || failing_for < waited || look.failed.len() < SINCE {
        return Outcome::Unknown { missing: english!("a second request with cookies") };
    }
    let Some((first, failed)) = look.failed.first() else { return Outcome::Clear };
    let cites = look.failed.iter().skip(1).map(|(c, _)| *c).chain(since.last().map(|(c, _)| *c)).take(SINCE);
    let controls = look.reached.iter().map(|(c, _)| *c).take(1).chain([control_cite]);
    let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::User, Party::SiteOperator], Cites::of(*first, controls.chain(cites)));
    Outcome::Fires(finding.with("status", failed.status().unwrap_or(0).to_string()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("Something that this browser has stored for this site leads the chat to a server that does not answer."))
        .in_browser(survey.user_agent(), Task::SiteData)
        .step(t!("Reload the chat, and sign in again."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Let the gateway choose another instance when the one that a cookie names is gone."))
        .step(t!("The socket's path answers {status} to this browser's cookies, and works without them.", status = finding.param("status")))
        .step_with(t!("HAProxy, in the backend; without a check it goes on sending people to a server that is gone:"), "option redispatch\nserver a 10.0.0.1:8000 cookie a check")
        .step_with(t!("ingress-nginx, an annotation of the Ingress:"), "nginx.ingress.kubernetes.io/session-cookie-change-on-failure: \"true\"")
        .step(t!("Give the cookie of affinity a shorter lifetime, or none: then it ends with the browser's session."))
        .recheck(t!("Run this page again in the same browser: it no longer says so."))
        .limits(t!("A cookie of the sign-in that the application breaks over looks the same from here: then its own log has the error."));
    vec![person, operator]
}
