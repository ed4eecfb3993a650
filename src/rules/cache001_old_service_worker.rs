//! # CACHE001 old-service-worker
//!
//! ## What it means
//! A helper of the chat's own in this browser (a service worker) shows an old copy of the chat.
//!
//! ## How it is recognised
//! A service worker is registered whose scope holds the chat's page. What a navigation to that page gets in this browser, or a
//! request through the worker, names other scripts and styles than what the server has now; the server's answer is told from the
//! worker's by its `Date` or by the network's protocol. What is old is looked at once more after the browser has
//! been asked to look for a newer worker, as it does by itself after each navigation; of one look alone it is strongly suggested. A newer worker that is being fetched or only waits is
//! information: it takes over when all of the chat's tabs are closed. So is an older page in one of its caches where the chat's page
//! may not be framed, and where the frame that looks has no worker itself, as in WebKit: what it shows is the network's.
//!
//! ## What it does not mean
//! Right after a release this passes by itself in applications that renew their worker in the background: it is a fault where it
//! stays. Emptying the browser's cache does not touch a service worker, nor does a forced reload for good.
//!
//! ## What to do
//! Remove the worker and its stored copies, and reload once: this page can do that. Where it is information for an older page that is stored, only if the chat looks old.
//!
//! ## References
//! W3C Service Workers, section 2; measured in Chromium 156 and Firefox 153: `no-store` and `reload` do not pass a worker, and a
//! worker that was unregistered goes on until its pages are loaded anew; in WebKit a frame whose sandbox forbids scripts has no worker,
//! and its `navigator.serviceWorker.controller` says so; in the other two it has one and says that.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::guidance::{Guidance, Repair};
use crate::platforms::browsers::Task;
use crate::protocol::html::Outline;
use crate::redact;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CACHE001", name: "old-service-worker", explains: &["CACHE002", "CACHE003"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, workers)) = survey.evidence.workers() else {
        return Outcome::Unknown { missing: english!("the service workers of this site") };
    };
    let Some(first) = workers.registrations.first() else {
        return Outcome::Clear;
    };
    let shell = survey.shell();
    let Some((now_cite, now)) = shell.now else {
        return Outcome::Unknown { missing: english!("the chat's page as the server has it, past the service worker") };
    };
    let old = survey.old_by_worker();
    let changes = |seen: Option<&Outline>| now.html.as_ref().is_some_and(|new| !survey.is_steady(new) && seen.is_some_and(|seen| seen.is_another_release(new)));
    if old.is_none() && (changes(shell.navigated.map(|(_, seen)| seen)) || survey.has_worker() && changes(shell.shown.and_then(|(_, r)| r.html.as_ref()))) {
        return Outcome::Unknown { missing: english!("a page of the chat that is the same twice") };
    }
    // Where the page may not be framed, what a navigation gets is not seen; a worker's cache may hold an older page than the server's.
    let blind = survey.frames_go_past_workers();
    let unseen = blind || survey.evidence.navigation().is_some_and(|(_, n)| n.html.is_none());
    let new_assets = now.html.as_ref().map_or("", |h| h.assets.as_str());
    let stored = unseen && workers.caches.iter().any(|c| !c.assets.is_empty() && !new_assets.is_empty() && c.assets != new_assets);
    let waiting = workers.registrations.iter().any(|r| r.waiting);
    // Of one look alone it may have been the moment after a release.
    let again = survey.evidence.exchanges_for(Purpose::Shell).count() > 1;
    let confidence = if again || old.is_none() { Confidence::Observed } else { Confidence::StronglySuggested };
    let finding = |severity, seen: Option<u32>| {
        RULE.finding(severity, confidence, &[Party::User, Party::SiteOperator], Cites::of(cite, seen.into_iter().chain([now_cite])))
            .with("scope", first.scope.clone())
            .with("script", first.script.clone())
            .with("server-version", survey.server_version())
            .with("waiting", if waiting { "yes" } else { "" })
    };
    let renewing = workers.registrations.iter().any(|r| r.installing);
    match old {
        // A newer one is on its way by itself.
        Some(seen) if renewing => Outcome::Fires(finding(Severity::Info, Some(seen))),
        Some(seen) => Outcome::Fires(finding(Severity::Degrades, Some(seen))),
        None if stored && survey.now_is_steady() => Outcome::Fires(finding(Severity::Info, None).with("stored", "older")),
        None if blind && workers.caches.iter().any(|c| c.holds_page && c.assets != new_assets) => {
            Outcome::Unknown { missing: english!("what a navigation gets through the service worker") }
        }
        None if waiting => Outcome::Fires(finding(Severity::Info, None)),
        None => Outcome::Clear,
    }
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let stored = !finding.param("stored").is_empty();
    if finding.severity == Severity::Info && !stored {
        return vec![Guidance::person(&finding.code, t!("A newer version of the chat is ready, and starts when all of its tabs are closed."))];
    }
    let caches: Vec<String> = survey.evidence.workers().map_or_else(Vec::new, |(_, w)| w.caches.iter().filter(|c| c.holds_page && !c.name.contains(redact::MASK)).map(|c| c.name.clone()).collect());
    let removes = if caches.is_empty() {
        t!("This removes the chat’s own helper in this browser (its service worker). You stay signed in; a message that was not sent yet may be lost. Then the page loads anew.").into()
    } else {
        t!(
            "This removes the chat’s own helper in this browser (its service worker) and its stored copies ({caches}). You stay signed in; a message that was not sent yet may be lost. Then the page loads anew.",
            caches = caches.join(", ")
        )
    };
    let person = if stored {
        Guidance::person(&finding.code, t!("This browser has stored an older copy of the chat; whether it shows that can’t be seen from here."))
            .step(t!("If the chat looks old or does not start, remove that copy. If it looks right, there is nothing to do."))
    } else {
        Guidance::person(&finding.code, t!("This browser keeps showing an old copy of the chat."))
    };
    let person = person
        .mend(t!("Remove the old copy"), removes, Repair::UnregisterWorker { caches })
        .step(t!("Close all other tabs of the chat first: each of them keeps the old copy alive."));
    // Its menus sign out, which is too much for a doubt; the button does not.
    let person = if stored { person } else { person.in_browser(survey.user_agent(), Task::SiteData) };
    let person = person
        .recheck(t!("Run this page again: it no longer says so."));
    let (script, scope) = (finding.param("script"), finding.param("scope"));
    let operator = if stored {
        Guidance::operator(&finding.code, t!("If people see an old chat: let the service worker renew the chat's page."))
            .step(t!("The worker {script} (scope {scope}) has stored a page that names other scripts than the server's. One that asks the network first does no harm by that.", script = script, scope = scope))
    } else {
        Guidance::operator(&finding.code, t!("Let the service worker renew the chat's page."))
            .step(t!("The worker {script} (scope {scope}) answers with a page that names other scripts than the server's.", script = script, scope = scope))
    };
    let operator = operator
        .step(t!("Serve the worker's script and the page itself with Cache-Control: no-cache, so that a release is noticed."))
        .step(t!("Ask the network first for navigations; or, where the page is precached, call skipWaiting() in the install event and clients.claim() in the activate event, delete the caches of old releases there, and let the page reload once on controllerchange."))
        .step(t!("A worker that shall go altogether: serve, at its old address, one that unregisters itself. Deleting the file is not enough: browsers keep the worker that they have."))
        .recheck(t!("After the next release this page, opened in a browser that had the chat before, no longer says so."))
        .limits(t!("Tabs that stay open keep what they have loaded until they are reloaded."));
    vec![person, operator]
}
