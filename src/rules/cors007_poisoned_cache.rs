//! # CORS007 poisoned-cache
//!
//! ## What it means
//! This browser keeps an answer of the server's that was meant for another page, and so refuses it to this one.
//!
//! ## How it is recognised
//! The server is another origin than the page's. The same address, its root or the one at which the chat asks how it is, was rejected in cache
//! mode `default` and answered readably with `no-store`, both with cookies or both without; no policy of the page's own blocked it. So the copy is
//! what is refused, and not the server's answer. With cookies it is asked where the chat sends them: Firefox keeps such copies apart.
//!
//! ## What it does not mean
//! The chat's live connection is never kept in a cache. What suffers is what the chat loads beside it: settings, pictures, scripts.
//!
//! ## What to do
//! Load it anew past the copy, which this page can do. The operator adds `Vary: Origin`.
//!
//! ## References
//! WHATWG Fetch, "CORS protocol and HTTP caches"; measured in Chromium 156 and Firefox 153: `reload` mends it for good; in Firefox a copy of a
//! request with cookies answers no request without them, nor the other way round, and in Chromium it does.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Exchange, Purpose};
use crate::guidance::{Guidance, Repair};
use crate::platforms::browsers::Task;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CORS007", name: "poisoned-cache", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if !survey.profile.is_cross_origin() || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    let mut kept = Vec::new();
    let mut open = false;
    for (cite, x) in survey.evidence.exchanges_for(Purpose::ServerKept).filter(|(_, x)| !x.cache.is_empty() && x.rejected()) {
        let past = |other: &Exchange| {
            let purpose = matches!(other.purpose, Purpose::Server | Purpose::Health | Purpose::ServerKept);
            purpose && other.cache.is_empty() && other.path == x.path && other.credentials == x.credentials
        };
        match survey.evidence.exchanges_where(&past).next_back() {
            Some((control, past)) if past.status().is_some() => kept.push((cite, x, control)),
            // Then it is no copy that is refused.
            Some((_, past)) if past.rejected() => {}
            _ => open = true,
        }
    }
    let Some((cite, exchange, control)) = kept.last().copied() else {
        return if open { Outcome::Unknown { missing: english!("the same address past the browser's copies") } } else { Outcome::Clear };
    };
    // A server that fails at times may have failed this once.
    let fails = |x: &Exchange| {
        let gated = matches!(x.purpose, Purpose::Preflighted | Purpose::ServerKept);
        x.cross_origin && (x.rejected() || x.timed_out()) && x.mode == "cors" && x.credentials == exchange.credentials && !gated
    };
    if survey.evidence.exchanges_where(&fails).next().is_some() {
        return Outcome::Unknown { missing: english!("a server that answers each time") };
    }
    let mut paths: Vec<&str> = Vec::new();
    for (_, x, _) in &kept {
        if !paths.contains(&x.path.as_str()) {
            paths.push(&x.path);
        }
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::SiteOperator, Party::User], Cites::of(cite, [control]));
    Outcome::Fires(finding.with("path", paths.join(" ")))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let paths: Vec<String> = finding.param("path").split(' ').map(str::to_owned).collect();
    let person = Guidance::person(&finding.code, t!("This browser has stored an answer of the chat’s server that it may not show to this page."))
        .mend(
            t!("Load it anew"),
            t!("This replaces what this browser has stored of {path} on the chat’s server, and removes nothing else. You stay signed in.", path = paths.join(", ")),
            Repair::ReloadEntries { paths: paths.clone() },
        )
        .in_browser(survey.user_agent(), Task::CachedCopy)
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Say that the answer depends on who asks."))
        .step(t!("What {path} answers is stored without Access-Control-Allow-Origin, because it was first asked for by something that sends no Origin (an image, a link), or with that of another page which asked first, and it does not say that it depends on Origin.", path = paths.join(", ")))
        .step_with(t!("Send with every answer that a browser may store, also to requests without Origin:"), "Vary: Origin")
        .step(t!("Or send Access-Control-Allow-Origin with one fixed value always, whether the request had an Origin or not. A shared cache (CDN) has to make Origin a part of its key."))
        .recheck(t!("Run this page again in the same browser after the stored answer has expired: it no longer says so."))
        .limits(t!("Browsers that hold the wrong copy keep it for the time that they were told."));
    vec![person, operator]
}
