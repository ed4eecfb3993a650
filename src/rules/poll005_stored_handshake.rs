//! # POLL005 stored-handshake
//!
//! ## What it means
//! A cache between the browser and the chat's server hands out an answer that it gave before: the chat gets the session of somebody else,
//! or one that has ended, and never one of its own.
//!
//! ## How it is recognised
//! Two sessions by long-polling began with the same open packet to the letter. Engines give no session id twice, and each question had
//! another query and asked the browser for no stored answer. A `follow-up` that no engine knows, where there is one, goes with it.
//!
//! ## What it does not mean
//! It is no lost affinity (SES001): the session was never opened. A service worker of the site may be the cache; where one answers for
//! this page, it is named.
//!
//! ## What to do
//! Keep the socket's path out of every cache.
//!
//! ## References
//! Engine.IO protocol 4, "Handshake"; RFC 9111 section 3; nginx, `proxy_cache`, `proxy_ignore_headers`.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Cite;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::{Live, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule {
    code: "POLL005",
    name: "stored-handshake",
    explains: &["SES001", "SES002", "SES004", "POLL001", "POLL003", "POLL004", "WS001", "WS002", "NET007", "PATH005"],
    check,
    guide,
};

fn check(survey: &Survey) -> Outcome {
    if !survey.is_engine_subject() || survey.polling_hello().is_none() {
        return Outcome::Clear;
    }
    let Some((first, again)) = survey.stored_handshake() else {
        let asked = survey.on_path(crate::evidence::Purpose::Handshake).count();
        return if asked < 2 && survey.polling_sessions_due() { Outcome::Unknown { missing: english!("eight sessions: the longer test opens them") } } else { Outcome::Clear };
    };
    let live = matches!(survey.live(), Live::Hello { .. });
    // A client that begins with polling gets nowhere; one of WebSocket alone does not notice.
    let severity = if survey.polls() || !live { Severity::Blocks } else { Severity::Info };
    let lost: Vec<Cite> = survey.conversations(true).iter().filter_map(|c| c.unknown).collect();
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], Cites::of(first, [again].into_iter().chain(lost)));
    Outcome::Fires(finding.with("worker", if survey.has_worker() { "yes" } else { "" }))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("Old answers are handed to the chat in place of new ones, so it gets no connection of its own."));
    let person = if finding.param("worker").is_empty() { person } else { person.private_window_past(true) };
    let operator = Guidance::operator(&finding.code, t!("Let nothing store the answers of the socket's path."))
        .step(t!("Two sessions began with the same session id (sid), and a server gives none twice: a cache answered in its place."))
        .step_with(t!("nginx, in the location of the socket's path:"), "proxy_cache off;")
        .step(t!("A content delivery network: bypass its cache for this path, whatever the query is."));
    let operator = operator::worker(operator, survey).step_with(t!("Test, twice:"), operator::polling_test(survey)).recheck(t!("The two answers have different values of sid."));
    vec![person.or_hand_on(), operator]
}
