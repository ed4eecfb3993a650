//! NET004 slow-server
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Purpose};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET004", name: "slow-server", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let asked = |p| matches!(p, Purpose::Handshake | Purpose::FollowUp | Purpose::OriginProbe | Purpose::Companion | Purpose::Repeat | Purpose::Health | Purpose::User);
    let samples: Vec<(Cite, u32)> =
        survey.evidence.exchanges().filter(|(_, x)| asked(x.purpose)).filter_map(|(c, x)| Some((c, x.responded_after?))).collect();
    let slow = samples.iter().filter(|(_, ms)| *ms > LIMIT).count();
    if slow < 3 {
        return Outcome::Clear;
    }
    if survey.was_hidden().is_some() {
        return Outcome::Unknown { missing: "a tab that stays in view" };
    }
    if samples.len() < 5 {
        return Outcome::Unknown { missing: "five small requests" };
    }
    let mut times: Vec<u32> = samples.iter().map(|(_, ms)| *ms).collect();
    times.sort_unstable();
    let median = times[times.len() / 2];
    if median <= LIMIT {
        return Outcome::Clear;
    }
    let own = survey.own_file_answers().and_then(|c| survey.evidence.exchanges().find(|(x, _)| *x == c)).and_then(|(c, x)| Some((c, x.responded_after?)));
    let Some((own_cite, own_ms)) = own else {
        return Outcome::Unknown { missing: "how fast a static file comes" };
    };
    if own_ms > median / 3 {
        return Outcome::Clear;
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], Cites::of(own_cite, samples.iter().map(|(c, _)| *c)));
    let p95 = times[(times.len() * 95 / 100).min(times.len() - 1)];
    Outcome::Fires(finding.with("p50-ms", median.to_string()).with("p95-ms", p95.to_string()).with("static-ms", own_ms.to_string()).with("samples", times.len().to_string()))
}

/// Milliseconds: what a person notices as a pause (findings: median time to first byte over 1 s).
const LIMIT: u32 = 1_000;

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
