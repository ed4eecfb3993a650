//! # NET008 health-failing
//!
//! ## What it means
//! The application says of itself that something it needs is missing.
//!
//! ## How it is recognised
//! A health endpoint, of the application or of the profile, answers with 5xx or with a body that says so, and not with a
//! gateway's error page. A body says so by the word of the whole (a status, or `ok: false`), which is observed; without such a word, by a part that it
//! calls bad, which is strongly suggested. Where the whole is called well and a part of it is not, or the part stands in what is left of a body that
//! was too long to keep, it is a remark. `names` are the parts that it calls bad; where it gives no part a word, those that it mentions.
//!
//! ## What it does not mean
//! It does not say that the chat's connection fails: with Redis down, handshake and CONNECT may still work, and only messages
//! between instances get lost. And a good answer never proves that the chat works.
//!
//! ## What to do
//! The operator mends the part that the answer names.
//!
//! ## References
//! Read: Open WebUI `/ready`, Semaphore Chat `/api/health`, Chainlit `/health`; measured on python-socketio 5.18.1 with a broken
//! Redis.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::platforms::gateway;
use crate::redact::shorten;
use crate::survey;
use crate::guidance::Guidance;
use crate::profile::Application;
use crate::survey::Survey;
use crate::survey::health::{self, Word};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET008", name: "health-failing", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let mut asked = false;
    let mut remark = None;
    for (cite, exchange) in survey.evidence.exchanges_for(Purpose::Health) {
        asked = true;
        let Some(response) = exchange.response().filter(|r| !gateway::wrote(r)) else { continue };
        let health = health::read(&response.excerpt);
        let speaks = response.html.is_none() && (200..300).contains(&response.status);
        let (severity, confidence) = match survey::health_says(exchange) {
            Some(false) if speaks && health.whole.is_none() => (Severity::Degrades, Confidence::StronglySuggested),
            Some(false) => (Severity::Degrades, Confidence::Observed),
            _ if speaks && (health.whole == Some(Word::Concern) || !health.bad.is_empty()) => (Severity::Info, Confidence::Correlated),
            _ => continue,
        };
        let says = ["redis", "database", "postgres", "mysql", "mongo", "storage", "queue", "startup"];
        let named = match health.speaks_of_parts {
            true => health.bad.join(", "),
            false => says.into_iter().filter(|w| response.excerpt.to_ascii_lowercase().contains(w)).collect::<Vec<_>>().join(", "),
        };
        let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(cite, survey.engine_heard()));
        let finding = finding.with("status", response.status.to_string()).with("path", exchange.path.clone());
        let finding = finding.with("names", named).with("says", telling(&response.excerpt, health.bad.first()));
        if severity > Severity::Info {
            return Outcome::Fires(finding);
        }
        remark = remark.or(Some(finding));
    }
    if let Some(remark) = remark {
        return Outcome::Fires(remark);
    }
    if asked || survey.profile.health_path.is_none() { Outcome::Clear } else { Outcome::Unknown { missing: english!("an answer of the health endpoint") } }
}

/// The beginning, or what begins with the first part that is bad, where that stands further behind.
fn telling(excerpt: &str, part: Option<&String>) -> String {
    let quoted = |name: &String| excerpt.find(&["\"", name, "\""].concat()).or_else(|| excerpt.find(name));
    match part.and_then(quoted) {
        Some(at) if at > LEGIBLE / 2 && excerpt.len() > LEGIBLE => ["…", &shorten(&excerpt[at..], LEGIBLE)].concat(),
        _ => shorten(excerpt, LEGIBLE),
    }
}

/// So much of an answer is shown.
const LEGIBLE: usize = 120;

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let names = finding.param("names");
    let person = if finding.severity == Severity::Info {
        Guidance::person(&finding.code, t!("The chat's server says that it works, and that something it uses does not work as it should."))
    } else {
        Guidance::person(&finding.code, t!("The chat's server says itself that something it needs is not working.")).step(t!("Wait a few minutes, then open the chat again.")).or_hand_on()
    };
    let operator = Guidance::operator(&finding.code, t!("Mend what the health endpoint names."))
        .step(t!("{path} answers {status}: {says}", path = finding.param("path"), status = finding.param("status"), says = finding.param("says")));
    let operator = match survey.application {
        Application::OpenWebui if names.to_ascii_lowercase().contains("redis") => operator.step_with(t!("Open WebUI's Redis: host, port and password must be right from inside the container."), "REDIS_URL=redis://:PASSWORD@redis:6379/0\nWEBSOCKET_REDIS_URL=redis://:PASSWORD@redis:6379/0"),
        _ if names.is_empty() => operator,
        _ => operator.step(t!("Check that these run, and that the application's host name, port and password for them are right: {names}.", names = names)),
    };
    let operator = operator.recheck(t!("The endpoint answers 200, and its body no longer names a fault.")).limits(t!("A good health answer does not prove that the chat's connection works; this page tests that by itself."));
    vec![person, operator]
}
