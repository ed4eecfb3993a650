//! # NET001 offline
//!
//! ## What it means
//! Nothing answers, the page's own server included. The device has most likely lost its connection; the server's name, or the
//! server itself, may also be gone.
//!
//! ## How it is recognised
//! The newest request for the page's own file was rejected or timed out, or answered by a service worker with a copy of another day,
//! which is no answer anywhere in this rule. Rejected or timed out was at least one more request, nothing
//! that was asked after it began was answered, nothing at all after its end, and no WebSocket opened. No policy of the page's own blocked them. If the browser also says that it is
//! offline, the finding counts as observed, else as strongly suggested. `during-run` tells whether something had answered
//! before.
//!
//! Where answers had come before, that newest request was rejected, or the browser says that it is offline.
//!
//! ## What it does not mean
//! `navigator.onLine` never decides: it said "online" in every failure that was measured. And a page can't tell a lost
//! connection from a server that is gone when it knows one server only.
//!
//! ## What to do
//! Check the connection with another site. If others load, the site's own server is down, and its operator must act.
//!
//! ## References
//! WHATWG HTML, `navigator.onLine`; WHATWG Fetch, network error; measured in Chromium 156 and Firefox 153.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Fact, Purpose};
use crate::guidance::Guidance;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET001", name: "offline", explains: &["*"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((own_cite, own)) = survey.evidence.exchanges_for(Purpose::OwnFile).last() else {
        return Outcome::Unknown { missing: english!("a request to this page's own server") };
    };
    // A redirect is an answer, wherever it leads.
    if own.answered() && !survey.is_a_workers_copy(own) || survey.evidence.exchanges_for(Purpose::OwnFile).any(|(_, x)| x.is_opaque_redirect()) {
        return Outcome::Clear;
    }
    if !survey.policy_violations().is_empty() {
        return Outcome::Unknown { missing: english!("requests that the page's own policy does not block") };
    }
    let lost = |x: &Exchange| x.rejected() || x.timed_out();
    let unanswered = |x: &Exchange| lost(x) || survey.is_a_workers_copy(x);
    // A copy of the browser's or of a service worker's is no answer of the network's.
    let answered = |x: &Exchange| x.answered() && x.cache.is_empty() && !survey.is_a_workers_copy(x);
    let answered_since = survey.evidence.observations().iter().any(|o| match &o.fact {
        // What was on its way already may have been answered before the end.
        Fact::Exchange(x) => answered(x) && (x.started > own.started || o.at > own.ended()),
        Fact::Socket(s) => s.started >= own.started && s.opened(),
        _ => false,
    });
    let failed: Vec<Cite> = survey.evidence.exchanges().filter(|(_, x)| unanswered(x)).map(|(c, _)| c).collect();
    // Copies alone may be a site that asks nobody.
    let none_lost = !survey.evidence.exchanges().any(|(_, x)| lost(x)) && !survey.evidence.sockets().any(|(_, s)| s.failed_before_open());
    if answered_since || none_lost || failed.len() < 2 {
        return Outcome::Unknown { missing: english!("a second request that nothing answers") };
    }
    let told_offline = survey.evidence.observations().iter().any(|o| match &o.fact {
        Fact::Connectivity { online } => !online,
        Fact::Environment(e) => !e.online,
        _ => false,
    });
    let began_well = survey.evidence.exchanges().any(|(_, x)| answered(x));
    // A request that only waits in vain may be on a line that is slow: a lost one is told by what rejects at once, by the
    // browser, or by nothing ever answering.
    if !own.rejected() && began_well && !told_offline {
        return Outcome::Unknown { missing: english!("an end of the waiting") };
    }
    let confidence = if told_offline { Confidence::Observed } else { Confidence::StronglySuggested };
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::User, Party::SiteOperator], Cites::of(own_cite, failed));
    Outcome::Fires(finding.with("during-run", if began_well { "yes" } else { "no" }).with("browser-says-offline", if told_offline { "yes" } else { "no" }))
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let title = match (finding.param("browser-says-offline"), finding.param("during-run")) {
        ("yes", _) => t!("This device has no connection to the internet right now."),
        (_, "yes") => t!("Since a moment ago nothing answers: either this device has lost its connection, or the chat's server has gone away."),
        _ => t!("Nothing answers this page: this device has most likely lost its connection."),
    };
    let person = Guidance::person(&finding.code, title)
        .step(t!("Check the Wi-Fi, the cable, or the mobile data, and that flight mode is off."))
        .step(t!("Open another site in a new tab. If it does not load either, it is your connection; if it loads, the chat's own server is down, and you can only wait."))
        .step(t!("When you are connected again, run this test once more."));
    let operator = Guidance::operator(&finding.code, t!("See whether the site is up, if others report the same."))
        .step(t!("From another network, ask for this page and for the server's name. If both answer, the cause is on the person's side."))
        .recheck(t!("The page's own file answers again."));
    vec![person, operator]
}
