//! The forms in which an outcome is told.

pub mod junit;
pub mod markdown;
pub mod sarif;
pub mod text;

use connection_doctor::evidence::Evidence;
use connection_doctor::guidance::Guidance;
use connection_doctor::report::Report;
use connection_doctor::rules::Finding;

/// Text from outside may not drive a terminal: no control character, no change of the direction of writing.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect()
}

/// The same of several lines.
pub fn printable_lines(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && is_unprintable(c) { ' ' } else { c }).collect()
}

fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// The observations that a finding stands on, a line each: number, milliseconds since the run began, fact.
fn cited(finding: &Finding, evidence: &Evidence) -> Vec<String> {
    let all: Vec<serde_json::Value> = serde_json::to_value(evidence).ok().and_then(|all| all.as_array().cloned()).unwrap_or_default();
    let line = |number: u32| {
        let observation = all.get((number as usize).checked_sub(1)?)?;
        Some(format!("#{number} at {} ms: {}", observation["at"], observation["fact"]))
    };
    finding.cites.as_slice().iter().filter_map(|cite| line(*cite)).collect()
}

/// What is to be done about a finding, for all who can.
fn guidance_on<'a>(report: &'a Report, finding: &'a Finding) -> impl Iterator<Item = &'a Guidance<String>> {
    report.guidance.iter().filter(move |guidance| guidance.code == finding.code)
}

/// The one sentence about a finding: that for a person, or what it is called.
fn title(report: &Report, finding: &Finding) -> String {
    guidance_on(report, finding).next().map_or_else(|| format!("{} {}", finding.code, finding.name), |guidance| guidance.title.clone())
}
