//! # CORS002 wildcard-with-credentials
//!
//! ## What it means
//! The server lets this page read its answers as long as no cookies go along, and not with them.
//!
//! ## How it is recognised
//! The server is another origin than the page's. A request without cookies was answered readably, and the same with credentials mode
//! `include` was rejected, and no other with `include` was readable; no policy of the page's own blocked it. It is information where the chat is not known to send cookies,
//! and where its socket is a WebSocket alone. Where no WebSocket comes about either, of which CORS has no say, it only fits: the cookies themselves may be
//! refused, with an error that lacks the headers (COOK003).
//!
//! ## What it does not mean
//! A chat that sends no cookies is not touched: `*` is enough for it. A browser that blocks cookies of other sites sends none, and
//! is refused all the same. CORS has no say over WebSockets.
//!
//! ## What to do
//! Name this page's origin in place of `*`, and add `Access-Control-Allow-Credentials: true`.
//!
//! ## References
//! WHATWG Fetch, CORS protocol and credentials: with credentials `*` is no wildcard; measured in Chromium 156 and Firefox 153.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::{Polling, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CORS002", name: "wildcard-with-credentials", explains: &["CORS001", "POLL001", "POLL003"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if !survey.profile.is_cross_origin() || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    // The handshake itself in both ways, where the chat sends cookies; else the plain GET of the socket's path.
    let without = survey.on_path(Purpose::Handshake).find(|(_, x)| x.credentials == "omit" && x.status().is_some());
    let credentialed = survey.latest(Purpose::Credentialed);
    // One handshake that failed may be anything's fault: the second request with cookies has to fare so too.
    let handshakes = match (without, &survey.polling) {
        (Some((control, _)), Polling::Rejected { cite }) if credentialed.is_some_and(|(_, x)| x.rejected()) => Some((*cite, control)),
        _ => None,
    };
    let companion = survey.on_path(Purpose::Companion).find(|(_, x)| x.status().is_some());
    // One request may be lost by itself: whom the server answered once with credentials, it lets in.
    let let_in = survey.engine_exchanges().any(|(_, x)| x.credentials == "include" && x.status().is_some());
    let plain = match (companion, credentialed.filter(|_| !let_in)) {
        (Some((control, _)), Some((cite, x))) if x.rejected() => Some((cite, control)),
        _ => None,
    };
    let Some((cite, control)) = handshakes.or(plain) else {
        return match (companion, credentialed) {
            (_, None) if survey.sends_credentials() && without.is_some() => Outcome::Unknown { missing: english!("a request with cookies") },
            _ => Outcome::Clear,
        };
    };
    // CORS has no say over WebSockets, and nothing else of this socket's asks for the headers.
    let alone = survey.is_websocket_alone();
    let severity = if survey.sends_credentials() && !alone { Severity::Blocks } else { Severity::Info };
    let refused = super::cook003_cookies_too_large::unread_with_cookies(survey).filter(|_| severity == Severity::Blocks);
    let confidence = if refused.is_some() { Confidence::Correlated } else { Confidence::StronglySuggested };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(cite, [control].into_iter().chain(refused.iter().flatten().copied())));
    let finding = finding.with("websocket-alone", if alone { "yes" } else { "" });
    let finding = if refused.is_some() { finding.with("or", "refused") } else { finding };
    Outcome::Fires(finding.with("page-origin", survey.profile.page_origin.clone()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        if !finding.param("websocket-alone").is_empty() {
            return vec![Guidance::person(&finding.code, t!("The chat’s server lets this page read no answers to requests with cookies, which a chat that connects live alone does not need."))];
        }
        return vec![Guidance::person(&finding.code, t!("The chat’s server takes no cookies from this page, which a chat that sends none does not need."))];
    }
    let person = Guidance::person(&finding.code, t!("The chat’s server does not let this page use your sign-in with it."))
        .step(t!("If you know the chat’s own address, open it there directly."))
        .or_hand_on();
    let origin = finding.param("page-origin");
    let operator = Guidance::operator(&finding.code, t!("Name this page's origin, and allow credentials."))
        .step(t!("For a request with cookies browsers take no * in Access-Control-Allow-Origin, whatever else is allowed. The answer must carry both of these, and Vary: Origin where the value depends on who asks:"))
        .step_with(t!("The headers:"), ["Access-Control-Allow-Origin: ", &operator::word(origin), "\nAccess-Control-Allow-Credentials: true\nVary: Origin"].concat());
    let operator = if finding.param("or").is_empty() {
        operator
    } else {
        operator.step(t!("The live connection fails as well, which CORS does not concern. If other people have no trouble, or a private window has none, it is this browser's cookies for that server that are refused: too large together (COOK003), or one that is broken. Such an error (431, 400) most often lacks these headers too."))
    };
    let operator = operator::allow_origin(operator, survey, origin)
        .step(t!("Name origins one by one. A server that repeats any origin and allows credentials lets any site read as the person who is signed in."))
        .recheck(t!("Run this page again: it no longer says so."))
        .limits(t!("CORS does not concern WebSockets. Cookies of another site also need SameSite=None; Secure."));
    vec![person, operator]
}
