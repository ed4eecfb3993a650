//! # CORS007 poisoned-cache
//!
//! ## What it means
//! This browser keeps an answer of the server's that was meant for another page, and so refuses it to this one.
//!
//! ## How it is recognised
//! The server is another origin than the page's. The same address was rejected in cache mode `default` and answered readably with
//! `no-store`; no policy of the page's own blocked it. So the copy is what is refused, and not the server's answer.
//!
//! ## What it does not mean
//! The chat's live connection is never kept in a cache. What suffers is what the chat loads beside it: settings, pictures, scripts.
//!
//! ## What to do
//! Load it anew past the copy, which this page can do. The operator adds `Vary: Origin`.
//!
//! ## References
//! WHATWG Fetch, "CORS protocol and HTTP caches"; measured in Chromium 156 and Firefox 153: `reload` mends it for good.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Outcome as Ending, Purpose};
use crate::guidance::{Guidance, Repair};
use crate::platforms::browsers::Task;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CORS007", name: "poisoned-cache", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if !survey.profile.is_cross_origin() || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    let kept = survey.evidence.exchanges_for(Purpose::ServerKept).rfind(|(_, x)| matches!(x.outcome, Ending::Rejected { .. }));
    let Some((cite, exchange)) = kept else { return Outcome::Clear };
    let Some((control, _)) = survey.evidence.exchanges_for(Purpose::Server).rfind(|(_, x)| x.path == exchange.path && x.status().is_some()) else {
        return Outcome::Unknown { missing: english!("the same address past the browser's copies") };
    };
    // A server that fails at times may have failed this once.
    if survey.evidence.exchanges().any(|(c, x)| c != cite && x.cross_origin && (x.rejected() || x.timed_out()) && x.mode == "cors" && x.credentials == "omit" && x.purpose != Purpose::Preflighted) {
        return Outcome::Unknown { missing: english!("a server that answers each time") };
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::SiteOperator, Party::User], Cites::of(cite, [control]));
    Outcome::Fires(finding.with("path", exchange.path.clone()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("This browser has stored an answer of the chat’s server that it may not show to this page."))
        .mend(
            t!("Load it anew"),
            t!("This replaces that one stored answer of the chat’s server, and removes nothing else. You stay signed in."),
            Repair::ReloadEntries { paths: vec![finding.param("path").to_owned()] },
        )
        .in_browser(survey.user_agent(), Task::CachedCopy)
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Say that the answer depends on who asks."))
        .step(t!("The answer is stored without Access-Control-Allow-Origin, because it was first asked for by something that sends no Origin (an image, a link), and it does not say that it depends on Origin."))
        .step_with(t!("Send with every answer that a browser may store, also to requests without Origin:"), "Vary: Origin")
        .step(t!("Or send Access-Control-Allow-Origin with one fixed value always, whether the request had an Origin or not. A shared cache (CDN) has to make Origin a part of its key."))
        .recheck(t!("Run this page again in the same browser after the stored answer has expired: it no longer says so."))
        .limits(t!("Browsers that hold the wrong copy keep it for the time that they were told."));
    vec![person, operator]
}
