//! # CACHE002 stale-copy
//!
//! ## What it means
//! This browser keeps an old copy of the chat's page, or of a script of it, and uses it without asking the server.
//!
//! ## How it is recognised
//! The chat's page was asked for three times: `only-if-cached` gave a copy, `default` gave that same copy, and `no-store` gave
//! another release from the server: other scripts and styles, or, where the page names none, another text although the server
//! gives the same text twice. So what would be removed is what differs. A service worker
//! that answers for the page from a cache of its own is CACHE001: one that passes requests on lets `no-store` through. Where the text alone
//! differs, with the same title but for its figures, and the same Last-Modified or none, it is information; so it is where style sheets
//! differ and all scripts are the same. Or a script that the page names, with neither a build's digest in its name nor a query, came from a copy
//! (`default`), and the server has another (`no-store`), the same twice. Or the copy is an error, or a redirect that ends in one, while two requests past the cache get the page.
//! A copy is older than what the server answered in this run, by its `Date`, in WebKit, which may ask the server in spite of `only-if-cached` where it keeps none, and
//! wherever the server gave the very same page in this run.
//! It stays silent where what came as the server's page is not the chat's: where the page's own file is taken over (NET011), or
//! where the socket's path answers with that same page.
//!
//! ## What it does not mean
//! A copy that the browser asks the server about first (ETag, `no-cache`) is well. What a shared cache on the way keeps is not
//! removed with the browser's copy; its `Age` tells.
//!
//! ## What to do
//! Load the page anew past the copy, which this page can do. The operator lets the page itself expire at once.
//!
//! ## References
//! RFC 9111; WHATWG Fetch, cache modes; measured in Chromium 156 and Firefox 153: `reload` replaces the copy for good; these two reject
//! `only-if-cached` without a copy, and WebKitGTK under automation asks the server.

use super::net011_captive_portal::taken_over;
use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Purpose, Response};
use crate::guidance::{Guidance, Repair};
use crate::platforms::browsers::Task;
use crate::protocol::html::Outline;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CACHE002", name: "stale-copy", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    match page(survey) {
        Outcome::Fires(finding) if finding.severity != Severity::Info => Outcome::Fires(finding),
        other => script(survey).unwrap_or(other),
    }
}

/// A script under a name that does not change with a release.
fn script(survey: &Survey) -> Option<Outcome> {
    let ((kept_cite, kept), now) = survey.stale_script().filter(|_| survey.asks_the_network())?;
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::User, Party::SiteOperator], Cites::of(kept_cite, [now]));
    let lifetime = kept.response().and_then(|r| r.header("cache-control")).unwrap_or("");
    Some(Outcome::Fires(finding.with("script", kept.path.clone()).with("lifetime", lifetime)))
}

fn page(survey: &Survey) -> Outcome {
    if let Some(stored) = survey.stored_failure() {
        let confidence = if stored.kept.is_some() { Confidence::Observed } else { Confidence::StronglySuggested };
        let others = stored.kept.iter().map(|(c, _)| *c).chain(stored.pages.iter().copied());
        let finding = RULE.finding(Severity::Blocks, confidence, &[Party::User, Party::SiteOperator], Cites::of(stored.shown.0, others));
        return Outcome::Fires(finding.with("failure", if stored.shown.1.redirected { "redirect" } else { "error" }));
    }
    let shell = survey.shell();
    if !survey.asks_the_network() {
        return Outcome::Clear;
    }
    let (Some((kept_cite, kept)), Some((shown_cite, shown))) = (shell.kept, shell.shown) else {
        return Outcome::Clear;
    };
    let Some((now_cite, now)) = shell.now else {
        return Outcome::Unknown { missing: english!("the chat's page as the server has it now") };
    };
    // A copy that the server is asked about first is never shown for old.
    if !survey.shows_its_copy() {
        return Outcome::Clear;
    }
    // Somebody else's page is no release of the chat.
    let own_file_taken = survey.evidence.exchanges_for(Purpose::OwnFile).next_back().is_some_and(|(_, x)| taken_over(x));
    if own_file_taken || survey.engine_exchanges().any(|(_, x)| x.response().is_some_and(|r| r.html.is_some() && r.digest == now.digest)) {
        return Outcome::Clear;
    }
    match survey.are_two_releases(shown, now) {
        None => Outcome::Unknown { missing: english!("a page of the chat that is the same twice") },
        Some(false) => Outcome::Clear,
        Some(true) => {
            // Another text alone may be a page that counts who is there. A file that was replaced has another date; an ETag is made of
            // the text by many servers, and says no more than it.
            let date = |r: &Response| r.header("last-modified").map(str::to_owned);
            let replaced = date(kept).is_some() && date(now).is_some() && date(kept) != date(now);
            let words = |title: &str| title.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
            // Another style sheet beside the same scripts may be a theme of the person's.
            let scripts = |page: &Outline| (page.scripts, page.script_sources.clone(), page.imports.clone());
            let built = |a: &Outline, b: &Outline| a.assets != b.assets && (a.script_sources.is_empty() || scripts(a) != scripts(b));
            let release = kept.html.as_ref().zip(now.html.as_ref()).is_some_and(|(a, b)| built(a, b) || words(&a.title) != words(&b.title));
            let severity = if release || replaced { Severity::Degrades } else { Severity::Info };
            let finding = RULE.finding(severity, Confidence::Observed, &[Party::User, Party::SiteOperator], Cites::of(kept_cite, [shown_cite, now_cite]));
            Outcome::Fires(finding.with("server-version", survey.server_version()).with("lifetime", kept.header("cache-control").unwrap_or("")).with("shared-age", now.header("age").unwrap_or("")))
        }
    }
}

/// Whether a cache on the way answered and not the server: by the age that it tells (RFC 9111 section 5.1), or by its own word.
pub fn is_of_shared_cache(response: &Response) -> bool {
    let age = response.header("age").and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or(0);
    // Of several caches in a row each says its own.
    let hit = |said: &str| said.to_ascii_lowercase().split([',', ' ']).any(|word| word == "hit");
    age > 0 || response.header("x-cache").is_some_and(hit)
}

/// The button that replaces the browser's copy of the chat's page.
pub fn renew(person: Guidance, survey: &Survey) -> Guidance {
    person.mend(
        t!("Load the chat anew"),
        t!("This replaces the stored copy of the chat’s page by the server’s, and removes nothing else. You stay signed in."),
        Repair::ReloadEntries { paths: vec![survey.chat_page()] },
    )
}

/// The same of one script.
fn renew_script(person: Guidance, script: &str) -> Guidance {
    person.mend(
        t!("Load it anew"),
        t!("This replaces that one stored file of the chat by the server’s, and removes nothing else. You stay signed in."),
        Repair::ReloadEntries { paths: vec![script.to_owned()] },
    )
}

/// What keeps a page from growing old, and its scripts from being asked for needlessly.
pub fn expire(operator: Guidance) -> Guidance {
    operator
        .step_with(t!("nginx, in the location that answers the page itself (with root and index: the one that matches /index.html; with proxy_pass: the one that proxies the page). Other add_header lines of the server block have to be repeated there, since a location with one of its own inherits none:"), "add_header Cache-Control no-cache;")
        .step_with(t!("Files with a hash in their name, only where nginx serves them from a folder, in that folder's location. Behind proxy_pass set it in the application, and never on an answer that is a web page:"), "try_files $uri =404;\nadd_header Cache-Control \"public, max-age=31536000, immutable\";")
}

fn of_script(finding: &Finding) -> Guidance {
    let operator = Guidance::operator(&finding.code, t!("Let the name of a program file change with its content."))
        .step(t!("{script} has another content now, and this browser still runs the one that it has stored.", script = finding.param("script")));
    let operator = match finding.param("lifetime") {
        "" => operator.step(t!("The stored file was served without Cache-Control, so browsers guess how long they may keep it (RFC 9111 section 4.2.2).")),
        lifetime => operator.step(t!("The stored file was served with Cache-Control: {lifetime}.", lifetime = lifetime)),
    };
    operator
        .step(t!("Build the page so that its files have a hash of their content in their names, or let it name them with a query that changes with each release (/app.js?v=2)."))
        .step_with(t!("Or let browsers ask for the file each time; nginx, in the location that answers it:"), "add_header Cache-Control no-cache;")
        .recheck(t!("Run this page in a browser that had the chat before the release: it no longer says so."))
        .limits(t!("Browsers that hold the old copy keep it for the time that they were told."))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("This browser shows a stored copy of the chat’s page, which differs a little from the server’s."))];
    }
    let failure = finding.param("failure");
    let title = if failure.is_empty() {
        t!("This browser has stored an old copy of the chat, and shows that.")
    } else {
        t!("This browser has stored an error in place of the chat’s page, and shows that.")
    };
    let script = finding.param("script");
    let person = Guidance::person(&finding.code, title);
    let person = if script.is_empty() { renew(person, survey) } else { renew_script(person, script) };
    let person = person
        .in_browser(survey.user_agent(), Task::CachedCopy)
        .recheck(t!("Run this page again: it no longer says so."));
    if !script.is_empty() {
        return vec![person, of_script(finding)];
    }
    let operator = Guidance::operator(&finding.code, t!("Let browsers ask for the chat's page each time."));
    let operator = match finding.param("lifetime") {
        _ if !failure.is_empty() => operator.step(t!("Errors are kept too, and permanent redirects (301, 308) even without a lifetime: send errors with no-store, and 302 or 307 where the way may change.")),
        "" => operator.step(t!("The page is served without Cache-Control, so browsers guess how long they may keep it (RFC 9111 section 4.2.2).")),
        lifetime => operator.step(t!("The stored page was served with Cache-Control: {lifetime}.", lifetime = lifetime)),
    };
    let operator = expire(operator);
    let operator = if finding.param("shared-age").is_empty() {
        operator
    } else {
        operator.step(t!("A shared cache on the way keeps the page too (Age): purge it after each release."))
    };
    let operator = operator
        .recheck(t!("curl -i of the page shows Cache-Control: no-cache, and this page, in a browser that had the chat before the release, no longer says so."))
        .limits(t!("Browsers that hold the old copy keep it for the time that they were told."));
    vec![person, operator]
}
