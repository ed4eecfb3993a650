//! # CACHE003 mixed-versions
//!
//! ## What it means
//! The page of the chat that this browser gets needs program files that the server no longer has, so the chat can't start or stops
//! in the middle.
//!
//! ## How it is recognised
//! The chat's page was loaded as the browser would show it, and up to three of the scripts that it names were asked for in the same
//! way, modules first: one is answered 404 or 410, with an HTML page, or, a module, with another type than JavaScript. A module is also what the page preloads as one
//! (`modulepreload`), and what a script that stands in it imports by a name that is written out, as SvelteKit's pages do. Of one that is preloaded alone, in a page
//! without a script of its own, and that the start of no script names, it only fits. If the server's own page of now names others, the browser's copy is old,
//! and one such script is enough. If it is the server's own page of now, a module must be gone, or all of them where none stands in
//! the page itself, or the client library below the socket's path. A server that gives one release and then another, each with scripts
//! of its own, is named as such, and so is a cache on the way that gave the page (`Age`, `X-Cache`), and a page below a prefix whose scripts are all asked for outside of it. Inside of the chat's own
//! page its open scripts are asked for as well: one that is gone tells that the tab is of an older release.
//!
//! ## What it does not mean
//! A script beside the chat's own that is missing (an optional one of the operator's) is not counted.
//!
//! ## What to do
//! An old copy: load the page anew. The server's own page: deploy all files of one release together. A cache on the way: purge it, and
//! keep the page out of it.
//!
//! ## References
//! WHATWG HTML, "fetch a classic script" (the answer's type); measured: single-page servers answer a missing script with their page
//! and 200.

use super::cache002_stale_copy::{expire, is_of_shared_cache, renew};
use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::evidence::{Exchange, Purpose};
use crate::guidance::Guidance;
use crate::protocol::html::Outline;
use crate::platforms::browsers::Task;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CACHE003", name: "mixed-versions", explains: &["CACHE002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let gone = survey.scripts_gone(Purpose::Script);
    let Some((gone_cite, gone_script)) = gone.first() else {
        return the_open_page(survey);
    };
    let shell = survey.shell();
    let Some((shown_cite, shown)) = shell.shown else {
        return Outcome::Unknown { missing: english!("the page that names the scripts") };
    };
    let Some((now_cite, now)) = shell.now else {
        return Outcome::Unknown { missing: english!("the chat's page as the server has it now") };
    };
    let finding = |party: &[Party], cites| {
        let finding = RULE
            .finding(Severity::Blocks, Confidence::Observed, party, cites)
            .with("server-version", survey.server_version())
            .with("script", gone_script.path.clone())
            .with("answer", answer(gone_script));
        // What the browser's own copy says of a cache was said when it was stored.
        let shared = is_of_shared_cache(now) || is_of_shared_cache(shown) && !survey.shows_its_copy();
        if shared { finding.with("shared", "yes") } else { finding }
    };
    let by_worker = survey.has_worker() && !survey.asks_the_network();
    match survey.are_two_releases(shown, now) {
        // It came from the server just now, which gave another release a moment later.
        None | Some(true) if !by_worker && !survey.shows_its_copy() => {
            let mixed = finding(&[Party::SiteOperator], Cites::of(*gone_cite, [shown_cite, now_cite])).with("mixed", "yes");
            Outcome::Fires(Finding { confidence: Confidence::StronglySuggested, ..mixed })
        }
        None => Outcome::Unknown { missing: english!("a page of the chat that is the same twice") },
        Some(true) => Outcome::Fires(finding(&[Party::User, Party::SiteOperator], Cites::of(*gone_cite, [shown_cite, now_cite])).with("copy", "old")),
        Some(false) => {
            // A page whose own program stands in it needs none of the files that it names besides.
            let inline = shown.html.as_ref().is_some_and(|h| h.scripts as usize > h.script_sources.len());
            let each = survey.evidence.exchanges_for(Purpose::Script).count() == gone.len();
            let all = !inline && each;
            // The socket's own client library is no optional file.
            let needed = |x: &Exchange| survey.is_module(x) || x.path.starts_with(&survey.path);
            if !all && !gone.iter().any(|(_, x)| needed(x)) {
                return Outcome::Clear;
            }
            // Of two looks at the server the last one may have met the instance that gave the page.
            let another = |html: &Outline| !html.signs_in() && now.html.as_ref().is_some_and(|now| html.is_another_release(now));
            let looks = survey.evidence.exchanges_for(Purpose::ShellNow).filter(|(_, x)| x.response().is_some_and(|r| r.status == 200 && !r.redirected));
            let other = looks.filter(|(_, x)| x.html().is_some_and(another)).map(|(cite, _)| cite).next().filter(|_| !by_worker);
            let found = finding(&[Party::SiteOperator], Cites::of(*gone_cite, [now_cite].into_iter().chain(other)));
            // A preload that fails is no error to a browser; only an import of it is.
            let hints = !all && gone.iter().filter(|(_, x)| needed(x)).all(|(_, x)| survey.is_hint_alone(x));
            let found = if hints { Finding { severity: Severity::Degrades, confidence: Confidence::Correlated, ..found } } else { found };
            // A page below a prefix whose own files are all named outside of it.
            let page = Address::parse(&shown.final_url).map_or_else(|| survey.profile.chat_page.clone(), |a| a.path);
            let folder = crate::address::folder(&page).to_owned();
            let outside = each && folder != "/" && gone.iter().all(|(_, x)| !x.path.starts_with(&folder));
            let found = if outside { found.with("prefix", folder) } else { found };
            Outcome::Fires(if other.is_some() { found.with("mixed", "yes") } else { found })
        }
    }
}

/// This program inside of the chat's page, which was loaded before a release and runs on: it works until it needs a further part.
fn the_open_page(survey: &Survey) -> Outcome {
    let gone = survey.scripts_gone(Purpose::OpenScript);
    let (Some((cite, script)), Some((now, _))) = (gone.first(), survey.shell().now) else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::User, Party::SiteOperator], Cites::of(*cite, [now]));
    Outcome::Fires(finding.with("script", script.path.clone()).with("answer", answer(script)).with("copy", "open"))
}

fn answer(script: &Exchange) -> &'static str {
    match (script.status(), script.html()) {
        (Some(200), Some(_)) => "a web page",
        (Some(200), None) => "another type than JavaScript",
        _ => "not found",
    }
}

/// Where a cache on the way keeps the page too.
fn purged(operator: Guidance, finding: &Finding) -> Guidance {
    if finding.param("shared").is_empty() {
        return operator;
    }
    operator.step(t!("A shared cache on the way keeps the page too (Age): purge it after each release."))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let answer = match finding.param("answer") {
        "a web page" => t!("a web page"),
        "not found" => t!("not found"),
        _ => t!("another type than JavaScript"),
    };
    let gone = t!("{script} is answered with “{answer}”.", script = finding.param("script"), answer = answer);
    if !finding.param("copy").is_empty() {
        let title = if finding.param("copy") == "old" {
            t!("This browser shows an old copy of the chat, whose parts the server no longer has.")
        } else {
            t!("The chat in this tab is older than its server, which no longer has some of its parts.")
        };
        let person = renew(Guidance::person(&finding.code, title), survey)
            .in_browser(survey.user_agent(), Task::CachedCopy)
            .recheck(t!("Run this page again: it no longer says so."));
        let operator = Guidance::operator(&finding.code, t!("Let browsers ask for the chat's page each time, and keep the files of the last releases.")).step(gone);
        let operator = purged(expire(operator), finding)
            .step(t!("Keep the hashed files of the last few releases on the server: tabs that are open ask for them when a part of the chat is first used."))
            .step_with(t!("Answer a missing file below the folder of scripts with 404, never with the chat's page. nginx, where it serves that folder itself; with proxy_pass it is the application's to do:"), "try_files $uri =404;")
            .recheck(t!("This page, in a browser that had the chat before the release, no longer says so."))
            .limits(t!("Browsers that hold the old page keep it for the time that they were told."));
        return vec![person, operator];
    }
    let title = if finding.severity == Severity::Degrades {
        t!("A part of the chat is missing on its server. If the chat does not start, this is why.")
    } else {
        t!("A part of the chat is missing on its server, so the chat can’t start.")
    };
    let person = Guidance::person(&finding.code, title).hand_on();
    let shared = !finding.param("shared").is_empty();
    let prefix = finding.param("prefix");
    if !prefix.is_empty() {
        let operator = Guidance::operator(&finding.code, t!("Tell the application below which path it lives."))
            .step(gone)
            .step(t!("The chat's page is below {prefix}, and the scripts that it names are outside of that: most likely the application does not know its prefix. Set it there: --root-path for Chainlit and uvicorn, base_url for Jupyter; NiceGUI takes it from the header X-Forwarded-Prefix, which the gateway then has to send.", prefix = prefix))
            .step(t!("If the files do belong there, they were not copied, or the gateway has no rule for their path."))
            .recheck(t!("The script's address, opened in a browser, shows JavaScript, and this page no longer says so."))
            .limits(t!("Emptying the browser's cache changes nothing here."));
        return vec![person, operator];
    }
    let title = if shared { t!("Purge the cache on the way, and keep the chat's page out of it.") } else { t!("Deploy the page and its scripts together.") };
    let operator = Guidance::operator(&finding.code, title).step(gone);
    let operator = if shared {
        operator
            .step(t!("A cache on the way gave the page that names this script, as Age or X-Cache in its answer says: it is most likely of an earlier release. Purge it after each release."))
            .step_with(t!("A content delivery network: let it ask for the page each time (no s-maxage), and keep the files with a hash in their names alone. nginx, in the location of the page:"), "proxy_cache off;")
    } else {
        operator
    };
    let operator = if finding.param("mixed").is_empty() {
        operator
    } else {
        operator.step(t!("The server gave two releases within a moment: instances of both are behind this address, each with its own files."))
    };
    let operator = operator
        .step(t!(
            "If it is “{answer}”: nginx needs its mime.types, and in that file a line for mjs (text/javascript mjs;); a types block elsewhere replaces the whole list. Python on Windows takes the type from the registry.",
            answer = t!("another type than JavaScript")
        ))
        .step(if shared {
            t!("If the page is the same past that cache, a release went out in part, or the files lie elsewhere than the page says. Copy all files of the build, then the page last.")
        } else {
            t!("The page that names this script is the server's own of this moment: a release went out in part, or the files lie elsewhere than the page says. Copy all files of the build, then the page last.")
        })
        .step(t!("With several instances or a rolling release: serve the static files from one place that has both releases, or let the page and its files come from the same instance."))
        .recheck(t!("The script's address, opened in a browser, shows JavaScript, and this page no longer says so."))
        .limits(t!("Emptying the browser's cache changes nothing here."));
    vec![person, operator]
}
