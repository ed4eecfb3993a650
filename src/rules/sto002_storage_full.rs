//! # STO002 storage-full
//!
//! ## What it means
//! What this browser may store for the site is used up, so the chat can't store anything new.
//!
//! ## How it is recognised
//! A small write to localStorage, sessionStorage, IndexedDB or Cache Storage threw `QuotaExceededError`, or more than 95 % of the quota
//! is used (`navigator.storage.estimate()`; Chromium tells a quota that is never reached).
//!
//! ## What it does not mean
//! It does not say what fills it: the chat, or another application of the same origin.
//!
//! ## What to do
//! Remove what the chat stored, or make room on the device.
//!
//! ## References
//! WHATWG Storage, quota and usage; HTML, Web Storage: about 5 million characters for each origin.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Area;
use crate::guidance::{Guidance, Repair};
use crate::platforms::browsers::Task;
use crate::redact;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "STO002", name: "storage-full", explains: &[], check, guide };

/// Firefox had a name of its own for it.
pub fn is_full(area: &Area) -> bool {
    area.how.contains("QuotaExceeded") || area.how.contains("QUOTA_REACHED")
}

/// Characters that have to go for the small write to fit.
const ROOM: u32 = 16 * 1024;

fn check(survey: &Survey) -> Outcome {
    let Some((cite, storage)) = survey.evidence.storage() else {
        return Outcome::Unknown { missing: english!("a small write to the browser's storage") };
    };
    let full: Vec<&str> = storage.areas.iter().filter(|a| is_full(a)).map(|a| a.name.as_str()).collect();
    let percent = match (storage.usage, storage.quota) {
        (Some(usage), Some(quota)) if quota > 0 => u64::from(usage) * 100 / u64::from(quota),
        _ => 0,
    };
    if full.is_empty() && percent <= 95 {
        return Outcome::Clear;
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::User, Party::SiteOperator], Cites::of(cite, []));
    Outcome::Fires(finding.with("areas", full.join(", ")).with("percent", percent.to_string()))
}

/// The caches of this origin, where they are what fills it and all of them can be named.
fn full_of_caches(survey: &Survey) -> Vec<String> {
    let (Some((_, storage)), Some((_, workers))) = (survey.evidence.storage(), survey.evidence.workers()) else { return Vec::new() };
    let refused = storage.areas.iter().any(|a| a.name == "cache-storage" && is_full(a));
    let most = refused && storage.in_caches.zip(storage.usage).is_some_and(|(caches, usage)| caches > usage / 2);
    let named = |name: &String| !name.contains(redact::MASK);
    workers.caches.iter().map(|c| c.name.clone()).filter(|name| most && named(name)).collect()
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("There is no room left in what this browser may store for this site."));
    // A tab has its own (WHATWG HTML, sessionStorage), which ends with it.
    let of_this_tab = finding.param("areas") == "session-storage";
    let person = if of_this_tab { person.step(t!("Close this tab, and open the chat in a new one: what is full belongs to this tab alone.")) } else { person };
    // Worth it only where it makes room: the chat's own entries are large, and it is Web Storage that is full.
    let size: u32 = survey.evidence.storage().map_or(0, |(_, s)| s.keys.iter().fold(0, |sum: u32, k| sum.saturating_add(k.size)));
    let keys = if finding.param("areas").contains("-storage") && size >= ROOM { survey.chat_keys() } else { Vec::new() };
    let caches = full_of_caches(survey);
    let person = if keys.is_empty() && caches.is_empty() {
        person
    } else if keys.is_empty() {
        person.mend(
            t!("Remove the stored copies"),
            t!("This removes the site’s stored copies of pages and files ({names}). They are loaded again when they are needed; you stay signed in.", names = caches.join(", ")),
            Repair::DropCaches { caches },
        )
    } else {
        person.mend(
            t!("Remove what the chat stored"),
            t!("This removes what the chat has stored in this browser under: {names}. You may have to sign in again.", names = keys.join(", ")),
            Repair::DropKeys { keys },
        )
    };
    let person = if of_this_tab {
        person
    } else {
        person.in_browser(survey.user_agent(), Task::SiteData).step(t!("If this device is nearly full itself, make room on it."))
    };
    let person = person.or_hand_on();
    let areas = finding.param("areas");
    let seen = if areas.is_empty() {
        t!("The origin uses {percent} % of its quota.", percent = finding.param("percent"))
    } else {
        t!("A small write was refused in: {areas}.", areas = areas)
    };
    let operator = Guidance::operator(&finding.code, t!("Store less in the browser, and remove what is old."))
        .step(seen)
        .step(t!("localStorage holds about 5 million characters for each origin: put what is large into IndexedDB, and remove old entries. IndexedDB and Cache Storage share another, larger quota: delete the caches of old releases in the service worker's activate event."))
        .step(t!("Name the chat's own keys in the setting “storage-keys”: then this page offers to remove them."))
        .recheck(t!("Run this page again in the same browser: it no longer says so."));
    vec![person, operator]
}
