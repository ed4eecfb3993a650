//! # STO001 storage-blocked
//!
//! ## What it means
//! This browser does not let the site store anything, and many chats stop at the first attempt.
//!
//! ## How it is recognised
//! localStorage, sessionStorage or IndexedDB is missing, or threw at a small write of this page's own; not for want of room, which
//! is STO002. IndexedDB alone, and not by a SecurityError, is information.
//!
//! ## What it does not mean
//! A chat that stores nothing works all the same. Browsers that block cookies block storage with them: then COOK001 or COOK002
//! stands above it, and in a sandboxed frame SEC005.
//!
//! ## What to do
//! Allow the site to store data, and reload.
//!
//! ## References
//! WHATWG HTML, Web Storage (SecurityError); W3C Indexed Database API; measured in Chromium 156 and Firefox 153.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::sto002_storage_full::is_full;
use crate::guidance::Guidance;
use crate::platforms::browsers::Task;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "STO001", name: "storage-blocked", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, storage)) = survey.evidence.storage() else {
        return Outcome::Unknown { missing: english!("a small write to the browser's storage") };
    };
    let blocked: Vec<&str> = storage.areas.iter().filter(|a| a.how != "works" && !is_full(a)).map(|a| a.name.as_str()).collect();
    if blocked.is_empty() {
        return Outcome::Clear;
    }
    // A chat keeps its sign-in in Web Storage, if at all; a database that can't be opened may be damaged, or of a private window.
    let forbidden = |a: &&str| *a != "indexed-db" || storage.areas.iter().any(|area| area.name == *a && area.how == "SecurityError");
    let severity = if blocked.iter().any(forbidden) { Severity::Degrades } else { Severity::Info };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::User], Cites::of(cite, []));
    Outcome::Fires(finding.with("areas", blocked.join(", ")))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("This browser can’t open a database for this site, which most chats do not need."))];
    }
    let person = Guidance::person(&finding.code, t!("This browser does not let the chat store anything, and the chat may stop because of it."))
        .in_browser(survey.user_agent(), Task::AllowCookies)
        .step(t!("Then reload the chat. In a private window, try an ordinary one."))
        .recheck(t!("Run this page again: it no longer says so."));
    let operator = Guidance::operator(&finding.code, t!("Let the chat go on where storage is forbidden."))
        .step(t!("Not usable in this browser: {areas}.", areas = finding.param("areas")))
        .step(t!("Put each access to storage into try and catch: reading the property alone may throw."))
        .recheck(t!("In that person's browser this page, run again, no longer says so."))
        .limits(t!("What is not stored is gone with the page; a sign-in that lives in storage does not last."));
    vec![person, operator]
}
