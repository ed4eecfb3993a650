//! # COOK003 cookies-too-large
//!
//! ## What it means
//! This browser sends the server more stored data of the site (cookies) than the server takes, so it refuses every request.
//!
//! ## How it is recognised
//! A long-polling handshake without credentials reaches the engine; the same handshake with them is answered 400, 413, 431 or 494
//! by something else than the engine; it is observed where the answer itself speaks of a header or cookie that is too large. On
//! the page's own origin alone, since elsewhere CORS tells the two requests apart as well.
//!
//! ## What it does not mean
//! It does not say which cookie is too large, and other people without that cookie have no trouble. A WebSocket fails with it,
//! because it can't leave cookies out.
//!
//! ## What to do
//! Remove the cookies of this one site, which signs the person out there. The operator finds out what stores so much.
//!
//! ## References
//! RFC 6585 section 5 (431); measured: 12 cookies of 3.5 kB at nginx give 400 "Request Header Or Cookie Too Large".

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule {
    code: "COOK003",
    name: "cookies-too-large",
    explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "PATH001", "AUTH002", "NET010"],
    check,
    guide,
};

fn check(survey: &Survey) -> Outcome {
    if survey.profile.is_cross_origin() {
        return Outcome::Clear;
    }
    let handshakes: Vec<(Cite, &Exchange)> = survey.on_path(Purpose::Handshake).collect();
    let newest_with = handshakes.iter().rfind(|(_, x)| x.credentials != "omit");
    let Some((cite, with)) = newest_with.filter(|(_, x)| matches!(x.status(), Some(400 | 413 | 431 | 494)) && !x.engine().is_engine()) else {
        return Outcome::Clear;
    };
    let Some((control, _)) = handshakes.iter().find(|(_, x)| x.credentials == "omit" && x.engine().is_engine()) else {
        return Outcome::Unknown { missing: "the same request without cookies" };
    };
    let words = with.response().map(|r| r.excerpt.to_ascii_lowercase()).unwrap_or_default();
    let said = with.status() == Some(431) || words.contains("too large") && (words.contains("cookie") || words.contains("header"));
    let confidence = if said { Confidence::Observed } else { Confidence::StronglySuggested };
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::User, Party::SiteOperator], Cites::of(*cite, [*control]));
    Outcome::Fires(finding.with("status", with.status().unwrap_or(0).to_string()))
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, "This browser has stored too much for this site, and the server refuses to read it.")
        .step("Remove what this site has stored, and nothing else. In Chrome and Edge: press the icon left of the address, then “Cookies and site data”, “Manage on-device site data”, and the bin beside this site. In Firefox: press the shield or lock left of the address, then “Clear cookies and site data”. You will have to sign in again.")
        .step("Reload the chat.")
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, "Find out what stores so much in cookies, and let the server take a little more.")
        .step(["The socket's path answers ", finding.param("status"), " to this browser's cookies, and works without them."].concat())
        .step_with("nginx, in http { } or server { }, gives room at once:", "large_client_header_buffers 4 32k;")
        .step("In Node the limit is the option --max-http-header-size.")
        .recheck("Run this page again in the same browser: it no longer says so.")
        .limits("A larger limit hides the growth; sign-in systems that keep whole tokens in cookies fill it again.");
    vec![person, operator]
}
