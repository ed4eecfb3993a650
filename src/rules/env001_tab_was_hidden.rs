//! # ENV001 tab-was-hidden
//!
//! ## What it means
//! The tab was not in view for a part of the run; browsers slow hidden tabs down.
//!
//! ## How it is recognised
//! The page was hidden at the start, or a visibility event said so during the run.
//!
//! ## What it does not mean
//! What was seen to work works. Rules that judge by time say nothing on such a run.
//!
//! ## What to do
//! Nothing; run the test again in view where times matter.
//!
//! ## References
//! Page Visibility; Page Lifecycle; Chrome's timer throttling in hidden tabs.

use super::{Cites, Confidence, Finding, Outcome, Rule, Severity};

use crate::guidance::Guidance;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "ENV001", name: "tab-was-hidden", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    match survey.was_hidden() {
        Some(cite) => Outcome::Fires(RULE.finding(Severity::Info, Confidence::Observed, &[], Cites::of(cite, []))),
        None if survey.evidence.environment().is_none() => Outcome::Unknown { missing: english!("whether this tab was in view") },
        None => Outcome::Clear,
    }
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("This page was in the background for a while, so its times are not exact."));
    vec![person.step(t!("If it is about slowness, keep this page in view and run the test again."))]
}
