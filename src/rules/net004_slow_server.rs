//! # NET004 slow-server
//!
//! ## What it means
//! The chat's server takes long to answer even small questions.
//!
//! ## How it is recognised
//! Of at least five small requests that the server answered without a fault of its own at least three, and their median, took over a second to the first byte; the
//! page's own file, asked for at least four times, came each time in at most a fifth of what three of four of these requests took;
//! and the tab was in view all the while.
//!
//! ## What it does not mean
//! The network is not slow: the static file came quickly. How long the chat's model thinks is not measured.
//!
//! ## What to do
//! Patience; the operator looks at load, memory and blocked workers.
//!
//! ## References
//! W3C Resource Timing; time to first byte as a page sees it.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Purpose, order_by};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET004", name: "slow-server", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let asked = |p| matches!(p, Purpose::Handshake | Purpose::FollowUp | Purpose::OriginProbe | Purpose::Companion | Purpose::Repeat | Purpose::Health | Purpose::User);
    let samples: Vec<(Cite, u32)> =
        survey.evidence.exchanges().filter(|(_, x)| asked(x.purpose) && x.status().is_some_and(|s| s < 500)).filter_map(|(c, x)| Some((c, x.responded_after?))).collect();
    let slow = samples.iter().filter(|(_, ms)| *ms > LIMIT).count();
    if slow < 3 {
        return Outcome::Clear;
    }
    if survey.was_hidden().is_some() {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    if samples.len() < 5 {
        return Outcome::Unknown { missing: english!("five small requests") };
    }
    let mut times: Vec<u32> = samples.iter().map(|(_, ms)| *ms).collect();
    order_by(&mut times, |t| *t);
    let median = times[times.len() / 2];
    if median <= LIMIT {
        return Outcome::Clear;
    }
    // One may be fast by chance, on a line that is slow now and then: the slowest of four is not.
    let files = survey.evidence.exchanges_for(Purpose::OwnFile).filter(|(_, x)| x.html().is_none() && x.status().is_some_and(|s| s < 300) && !survey.is_a_workers_copy(x));
    let files: Vec<(Cite, u32)> = files.filter_map(|(c, x)| Some((c, x.responded_after?))).collect();
    let slowest = files.iter().copied().max_by_key(|(_, ms)| *ms).filter(|_| files.len() >= 4);
    let Some((own_cite, own_ms)) = slowest else {
        return Outcome::Unknown { missing: english!("how fast a static file comes, four times") };
    };
    // Slow by itself is slow nearly always: three of four requests stand apart from every static file.
    let quick_quarter = times[times.len() / 4];
    if quick_quarter <= (LIMIT / 2).max(own_ms.saturating_mul(5)) {
        return Outcome::Clear;
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], Cites::of(own_cite, files.iter().chain(&samples).map(|(c, _)| *c)));
    let p95 = times[(times.len() * 95 / 100).min(times.len() - 1)];
    Outcome::Fires(finding.with("p50-ms", median.to_string()).with("p95-ms", p95.to_string()).with("static-ms", own_ms.to_string()).with("samples", times.len().to_string()))
}

/// Milliseconds: what a person notices as a pause (findings: median time to first byte over 1 s).
const LIMIT: u32 = 1_000;

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let seconds = |name: &str| match finding.param(name).parse::<u32>() {
        Ok(ms) => [(ms / 1000).to_string(), ".".to_owned(), (ms % 1000 / 100).to_string(), " s".to_owned()].concat(),
        Err(_) => "?".to_owned(),
    };
    let person = Guidance::person(&finding.code, t!("The chat's server answers slowly; your connection is not the reason."))
        .step(t!("Half of the test's small requests took longer than {time}.", time = seconds("p50-ms")))
        .step(t!("Be patient with the chat, or come back later."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find what slows the server down."))
        .step(t!(
            "{count} small requests: median {median}, 95th percentile {most}; a static file in {file}.",
            count = finding.param("samples"),
            median = seconds("p50-ms"),
            most = seconds("p95-ms"),
            file = seconds("static-ms")
        ))
        .step(t!("Look at CPU, memory and the number of workers. A handler that computes or waits without yielding blocks everybody: move it off the event loop."))
        .step_with(t!("Azure Container Apps, more of both:"), "az containerapp update --name APP --resource-group GROUP --cpu 1.0 --memory 2Gi");
    let operator = operator.step_with(t!("Measure:"), ["curl -s -o out.txt -w \"%{time_starttransfer}\" ", operator::polling_test(survey).trim_start_matches("curl -i ")].concat()).recheck(t!("The test says less than a second."));
    vec![person, operator]
}
