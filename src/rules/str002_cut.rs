//! # STR002 cut
//!
//! ## What it means
//! A streamed answer is broken off before its end, always after the same time.
//!
//! ## How it is recognised
//! Two streams from the same address began and ended with an error, or (with the documented handler) without its last event, at one age, or equally long after their last piece (within a
//! twentieth, or 0.35 s), and older than those 0.35 s, below which any two are equal.
//!
//! ## What it does not mean
//! An application that fails at the same place each time breaks off in the same way. Behind an HTTP/1.0 hop a stream that is cut looks like one that ended (measured): only the documented handler's last event tells.
//!
//! ## What to do
//! The operator raises the limit for the stream's path, or sends a comment line every few seconds.
//!
//! ## References
//! WHATWG Streams (a reader that rejects); WHATWG HTML section 9.2.7 (comment lines as keep-alive); nginx `proxy_read_timeout`.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Stream;
use crate::guidance::{Guidance, seconds};
use crate::platforms::gateway::Need;
use crate::platforms::{limits, operator};
use crate::survey::{Survey, are_equal_ages};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "STR002", name: "cut", explains: &[], check, guide };

/// In milliseconds: of younger ones any two are equally old. No limit is that short, either.
const SHORTEST_LIMIT: u32 = 350;

fn check(survey: &Survey) -> Outcome {
    if survey.profile.stream_url.is_none() {
        return Outcome::Unknown { missing: english!("the address of a stream: the setting stream-url") };
    }
    let broken = survey.broken_streams();
    if broken.is_empty() {
        let seen = survey.evidence.streams().any(|(_, s)| !s.arrivals.is_empty());
        return if seen { Outcome::Clear } else { Outcome::Unknown { missing: english!("a stream that begins") } };
    }
    let silence = |s: &Stream| s.ended_after.saturating_sub(s.arrivals.last().map_or(0, |a| a.after));
    let pair = broken.iter().enumerate().find_map(|(at, (one, first))| {
        broken[at + 1..].iter().find_map(|(other, second)| {
            let by_silence = are_equal_ages(silence(first), silence(second)) && silence(first) >= 1_000;
            let by_age = are_equal_ages(first.ended_after, second.ended_after);
            match (by_silence, by_age) {
                (true, true) => Some((*one, *other, "either", first.ended_after)),
                (true, false) => Some((*one, *other, "idle", silence(first))),
                (false, true) => Some((*one, *other, "lifetime", first.ended_after)),
                (false, false) => None,
            }
        })
    });
    let Some((one, other, how, age)) = pair else {
        return Outcome::Unknown { missing: english!("a second stream that ends at the same time") };
    };
    // No limit is that short: the application had nothing to say to this test, such as to a session that is not there.
    if age < SHORTEST_LIMIT {
        return Outcome::Unknown { missing: english!("a stream that lives longer: does its address want more than a plain request?") };
    }
    let cites = Cites::of(one, [other]);
    if survey.is_spoilt(cites.as_slice()) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    let named = limits::matching(survey.profile, survey.evidence, age, limits::Kind::Answer).join("; ");
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], cites);
    Outcome::Fires(finding.with("age-ms", age.to_string()).with("how", how).with("limit", named))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let age = seconds(finding.param("age-ms").parse().unwrap_or(0));
    let person = Guidance::person(&finding.code, t!("Long answers of the chat break off in the middle."))
        .step(t!("Ask for shorter answers, or ask the chat to go on where it stopped."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find what breaks streamed answers off: a limit on the way, or the application.")).step(match finding.param("how") {
        "idle" => t!("Streams were cut {time} after their last piece: a limit for silence.", time = age),
        "lifetime" => t!("Streams were cut at an age of {time} while pieces came: a limit for the whole answer, if it is one.", time = age),
        _ => t!("Streams were cut after {time}. Whether silence or age ends them can't be told here: a comment line every few seconds helps against the first alone.", time = age),
    });
    let operator = operator.step(t!("Or the application itself broke off: an exception or a crash at the same place of each answer looks the same. Its log at that time tells; the younger the stream, the likelier."));
    let operator = super::ws005_idle_cut::with_limit(operator, finding, &[]);
    // What counts the silence can't have cut while pieces came.
    let need = if finding.param("how") == "lifetime" { Need::Lifetime } else { Need::LongPoll };
    let operator = operator::settings(operator, survey, need)
        .step_with(t!("Against a limit for silence, from the application while it thinks, every ten seconds; clients skip it:"), ": still here\n\n")
        .recheck(t!("The longer test reads the stream to its end."))
        .limits(t!("A limit of another hop may come next: each has its own."));
    vec![person, operator]
}
