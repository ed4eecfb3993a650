//! # NET004 slow-server
//!
//! ## What it means
//! The chat's server takes long to answer even small questions.
//!
//! ## How it is recognised
//! Of at least five small requests that the server answered without a fault of its own at least three, and their median, took over a second to the first byte; the
//! page's own file, asked for at least four times, came each time in at most a fifth of what three of four of these requests took;
//! and the tab was in view all the while. Or it does so at times (`how`, only fits): of at least ten equal requests a fifth, three at the least, took over a
//! second, all of them about as long, and ten times as long as each of the others and as each static file; and three of them came one after the other, with a quick
//! one between.
//!
//! ## What it does not mean
//! The network is not slow: the static file came quickly. At times is one instance of several, or one that pauses: the requests do not say which of them answered.
//! Times that differ are no sign of either: a line that loses packets looks so. How long the chat's model thinks is not measured.
//!
//! ## What to do
//! Patience; the operator looks at load, memory and blocked workers.
//!
//! ## References
//! W3C Resource Timing; time to first byte as a page sees it.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose, order_by};
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
        return at_times(survey);
    }
    // One may be fast by chance, on a line that is slow now and then: the slowest of four is not.
    let files = static_files(survey);
    let slowest = files.iter().copied().max_by_key(|(_, ms)| *ms).filter(|_| files.len() >= 4);
    let Some((own_cite, own_ms)) = slowest else {
        return Outcome::Unknown { missing: english!("how fast a static file comes, four times") };
    };
    // Slow by itself is slow nearly always: three of four requests stand apart from every static file.
    let quick_quarter = times[times.len() / 4];
    if quick_quarter <= (LIMIT / 2).max(own_ms.saturating_mul(5)) {
        return at_times(survey);
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], Cites::of(own_cite, files.iter().chain(&samples).map(|(c, _)| *c)));
    let p95 = times[(times.len() * 95 / 100).min(times.len() - 1)];
    Outcome::Fires(finding.with("p50-ms", median.to_string()).with("p95-ms", p95.to_string()).with("static-ms", own_ms.to_string()).with("samples", times.len().to_string()))
}

fn static_files(survey: &Survey) -> Vec<(Cite, u32)> {
    let files = survey.evidence.exchanges_for(Purpose::OwnFile).filter(|(_, x)| x.html().is_none() && x.status().is_some_and(|s| s < 300) && !survey.is_a_workers_copy(x));
    files.filter_map(|(c, x)| Some((c, x.responded_after?))).collect()
}

/// Two kinds of answers to equal requests, far apart and in turn.
fn at_times(survey: &Survey) -> Outcome {
    let equal = |x: &Exchange| matches!(x.purpose, Purpose::Handshake | Purpose::FollowUp | Purpose::Companion | Purpose::Repeat) && x.status().is_some_and(|s| s < 500);
    let asked: Vec<(Cite, &Exchange, u32)> = survey.engine_exchanges().filter(|(_, x)| equal(x)).filter_map(|(c, x)| Some((c, x, x.responded_after?))).collect();
    // What is always slow is slow by its kind.
    let alike = |one: &Exchange, x: &Exchange| (one.purpose, &one.credentials) == (x.purpose, &x.credentials);
    let mut mixed: Vec<&(Cite, &Exchange, u32)> = asked.iter().filter(|(_, x, _)| asked.iter().any(|(_, one, ms)| alike(one, x) && *ms <= LIMIT)).collect();
    order_by(&mut mixed, |(_, x, _)| x.started);
    let files = static_files(survey);
    let slow = || mixed.iter().map(|(_, _, ms)| *ms).filter(|ms| *ms > LIMIT);
    let others = || mixed.iter().map(|(_, _, ms)| *ms).filter(|ms| *ms <= LIMIT);
    let (Some(least), Some(most), Some(quick), Some(file)) = (slow().min(), slow().max(), others().max(), files.iter().max_by_key(|(_, ms)| *ms)) else {
        return Outcome::Clear;
    };
    // Packets that are lost are sent again after times that double, and a pause takes as long as is left of it.
    let apart = quick.max(file.1).saturating_mul(10) <= least && most <= least.saturating_add(least / 4);
    let (mut turns, mut until, mut between) = (0, 0, true);
    for (_, exchange, ms) in &mixed {
        if *ms <= LIMIT {
            between = true;
        } else if between && exchange.started >= until {
            turns += 1;
            until = exchange.started.saturating_add(*ms);
            between = false;
        }
    }
    let count = slow().count();
    if !apart || turns < 3 || mixed.len() < 10 || count * 5 < mixed.len() || files.len() < 4 || super::net005_rate_limited::is_limited(survey) {
        return Outcome::Clear;
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::Correlated, &[Party::SiteOperator], Cites::of(file.0, mixed.iter().map(|(c, _, _)| *c)));
    let finding = finding.with("how", "at-times").with("slow", count.to_string()).with("samples", mixed.len().to_string());
    Outcome::Fires(finding.with("slow-ms", least.to_string()).with("quick-ms", quick.to_string()).with("static-ms", file.1.to_string()))
}

/// Milliseconds: what a person notices as a pause (findings: median time to first byte over 1 s).
const LIMIT: u32 = 1_000;

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let seconds = |name: &str| match finding.param(name).parse::<u32>() {
        Ok(ms) => [(ms / 1000).to_string(), ".".to_owned(), (ms % 1000 / 100).to_string(), " s".to_owned()].concat(),
        Err(_) => "?".to_owned(),
    };
    if finding.param("how") == "at-times" {
        let (slow, count) = (finding.param("slow"), finding.param("samples"));
        let person = Guidance::person(&finding.code, t!("The chat's server is quick at one time and slow at another; your connection is not likely to be the reason."))
            .step(t!("{slow} of {count} equal requests took {time} or more, the others a tenth of that at most.", slow = slow, count = count, time = seconds("slow-ms")))
            .step(t!("If the chat takes long to open, wait a moment, or open it again."))
            .or_hand_on();
        let operator = Guidance::operator(&finding.code, t!("Look for one instance that is slow."))
            .step(t!("{slow} of {count} equal requests took {time} or more, the others {quick} at most, in turn; a static file took {file}.", slow = slow, count = count, time = seconds("slow-ms"), quick = seconds("quick-ms"), file = seconds("static-ms")))
            .step(t!("Where there are several instances, ask each by its own address: one may lack memory or CPU, or wait for something that the others reach quickly. Where there is one, it pauses again and again: a job that blocks it, garbage collection, a CPU limit."))
            .step_with(t!("Ask twenty times:"), operator::polling_test(survey))
            .recheck(t!("No answer takes much longer than the others."));
        return vec![person, operator];
    }
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
