//! # COOK001 cookies-blocked
//!
//! ## What it means
//! This browser keeps no cookies for this site, so the chat can't remember who is signed in, nor stay with one server.
//!
//! ## How it is recognised
//! A cookie that this page wrote could not be read back, of every kind that was tried (SameSite=Lax; on secure pages also None and
//! Partitioned). `navigator.cookieEnabled` is not asked: in Chromium it says true with all cookies blocked. The page is neither
//! in a frame of another site nor sandboxed, where other rules speak.
//!
//! ## What it does not mean
//! A chat without sign-in may work all the same; then this only degrades it. It does not tell whether the person, an extension or
//! an administrator blocks cookies.
//!
//! ## What to do
//! Allow cookies for this one site, and reload.
//!
//! ## References
//! RFC 6265bis; measured in Chromium 156 (`cookies: 2`) and Firefox 153 (`cookieBehavior=2`).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::browsers::Task;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "COOK001", name: "cookies-blocked", explains: &["STO001", "COOK004", "AUTH002", "AUTH003"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, cookies)) = survey.evidence.cookies() else {
        return Outcome::Unknown { missing: english!("a cookie of this page's own, written and read back") };
    };
    let sandboxed = survey.evidence.environment().is_some_and(|(_, e)| e.opaque_origin);
    if sandboxed || survey.in_foreign_frame() || cookies.threw.is_none() && cookies.trials.is_empty() || cookies.trials.iter().any(|t| t.kept) {
        return Outcome::Clear;
    }
    let refused = survey.sign_in_refused().map(|(c, _)| c);
    let severity = if refused.is_some() { Severity::Blocks } else { Severity::Degrades };
    Outcome::Fires(RULE.finding(severity, Confidence::Observed, &[Party::User], Cites::of(cite, refused)))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("This browser keeps no cookies for this site, so the chat can’t remember that you signed in."))
        .in_browser(survey.user_agent(), Task::AllowCookies)
        .step(t!("Then reload the chat. If nothing there blocks cookies, an extension may: switch it off for this site, or ask whoever manages this device."))
        .recheck(t!("Run this page again: it no longer says so."));
    let operator = Guidance::operator(&finding.code, t!("Say in the chat that it needs cookies, where it does."))
        .step(t!("The setting is the person's own, or their administrator's (in Chrome and Edge the policies DefaultCookiesSetting and CookiesAllowedForUrls)."))
        .recheck(t!("In that person's browser this page, run again, no longer says so."))
        .limits(t!("Nothing on the server changes what a browser keeps."));
    vec![person, operator]
}
