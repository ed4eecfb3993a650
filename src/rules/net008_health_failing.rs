//! # NET008 health-failing
//!
//! ## What it means
//! The application says of itself that something it needs is missing.
//!
//! ## How it is recognised
//! A health endpoint, of the application or of the profile, answers with 5xx or with a body that says so, and not with a
//! gateway's error page. `names` are the parts that the answer mentions.
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
use crate::survey;
use crate::guidance::Guidance;
use crate::profile::Application;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET008", name: "health-failing", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let mut asked = false;
    for (cite, exchange) in survey.evidence.exchanges_for(Purpose::Health) {
        asked = true;
        if survey::health_says(exchange) != Some(false) {
            continue;
        }
        let Some(response) = exchange.response().filter(|r| !gateway::wrote(r)) else { continue };
        let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, survey.engine_heard()));
        let says = ["redis", "database", "postgres", "mysql", "mongo", "storage", "queue", "startup"];
        let named: Vec<&str> = says.into_iter().filter(|w| response.excerpt.to_ascii_lowercase().contains(w)).collect();
        let finding = finding.with("status", response.status.to_string()).with("path", exchange.path.clone());
        return Outcome::Fires(finding.with("names", named.join(", ")).with("says", crate::redact::shorten(&response.excerpt, 120)));
    }
    if asked || survey.profile.health_path.is_none() { Outcome::Clear } else { Outcome::Unknown { missing: english!("an answer of the health endpoint") } }
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let names = finding.param("names");
    let person = Guidance::person(&finding.code, t!("The chat's server says itself that something it needs is not working.")).step(t!("Wait a few minutes, then open the chat again.")).or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Mend what the health endpoint names."))
        .step(t!("{path} answers {status}: {says}", path = finding.param("path"), status = finding.param("status"), says = finding.param("says")));
    let operator = match survey.application {
        Application::OpenWebui if names.contains("redis") => operator.step_with(t!("Open WebUI's Redis: host, port and password must be right from inside the container."), "REDIS_URL=redis://:PASSWORD@redis:6379/0\nWEBSOCKET_REDIS_URL=redis://:PASSWORD@redis:6379/0"),
        _ if names.is_empty() => operator,
        _ => operator.step(t!("Check that these run, and that the application's host name, port and password for them are right: {names}.", names = names)),
    };
    let operator = operator.recheck(t!("The endpoint answers 200, and its body no longer names a fault.")).limits(t!("A good health answer does not prove that the chat's connection works; this page tests that by itself."));
    vec![person, operator]
}
