//! JUnit XML as GitLab and Jenkins read it: a test case for each rule, for each capability that was not seen to work, and for the verdict.

use connection_doctor::report::{Report, steps};
use connection_doctor::rules::{Finding, RULES, Severity};
use connection_doctor::words::Words;

use super::{cited, guidance_on, title};
use crate::arguments::FailOn;
use crate::outcome::Outcome;

/// What became of a test case.
enum Became {
    Passed {
        said: String,
    },
    Failed {
        message: String,
        kind: String,
        said: String,
    },
    /// As if the test could not be made: what is inconclusive must not look well.
    Erred {
        message: String,
    },
    Skipped {
        why: String,
    },
}

struct TestCase {
    class: String,
    name: String,
    became: Became,
}

pub fn write(outcome: &Outcome, fail_on: FailOn, words: &Words) -> String {
    let report = &outcome.report;
    let mut cases = vec![TestCase { class: "verdict".to_owned(), name: "the chat reaches its server".to_owned(), became: verdict(outcome, fail_on) }];
    for rule in RULES {
        let letters = rule.code.trim_end_matches(|c: char| c.is_ascii_digit());
        cases.push(TestCase { class: letters.to_owned(), name: format!("{} {}", rule.code, rule.name), became: of_rule(report, rule.code, fail_on, words) });
    }
    for unknown in report.unknown.iter().filter(|unknown| !RULES.iter().any(|rule| rule.code == unknown.code)) {
        cases.push(TestCase { class: "capability".to_owned(), name: unknown.code.clone(), became: Became::Skipped { why: unknown.missing.clone() } });
    }
    let count = |wanted: fn(&Became) -> bool| cases.iter().filter(|case| wanted(&case.became)).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
        cases.len(),
        count(|became| matches!(became, Became::Failed { .. })),
        count(|became| matches!(became, Became::Erred { .. })),
        count(|became| matches!(became, Became::Skipped { .. })),
        seconds(report),
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"connection-doctor\" {counts}>\n<testsuite name=\"{}\" {counts} timestamp=\"{}\">\n<properties>\n",
        escaped(&report.profile.server),
        // ISO 8601 without a zone, as the reports of JUnit itself have it.
        escaped(report.started_at.split(['.', 'Z']).next().unwrap_or_default()),
    );
    let version = &report.product.version;
    for (name, value) in [("verdict", report.verdict.word()), ("how", outcome.how.word()), ("connection-doctor", version), ("schema", &report.schema)] {
        out.push_str(&format!("<property name=\"{name}\" value=\"{}\"/>\n", escaped(value)));
    }
    out.push_str("</properties>\n");
    cases.iter().for_each(|case| case.write(&mut out));
    let told: Vec<String> =
        std::iter::once(outcome.how.sentence()).chain(outcome.notes.iter().cloned()).chain(outcome.how.unproven().iter().cloned()).collect();
    out.push_str(&format!("<system-out>{}</system-out>\n</testsuite>\n</testsuites>\n", escaped(&told.join("\n"))));
    out
}

/// How long it took: until the last observation, in seconds.
fn seconds(report: &Report) -> f64 {
    f64::from(report.evidence.observations().iter().map(|observation| observation.at).max().unwrap_or(0)) / 1000.0
}

fn verdict(outcome: &Outcome, fail_on: FailOn) -> Became {
    let Report { verdict, summary, .. } = &outcome.report;
    if outcome.is_inconclusive() {
        Became::Erred { message: summary.clone() }
    } else if fail_on.code(*verdict) == 0 {
        Became::Passed { said: summary.clone() }
    } else {
        Became::Failed { message: summary.clone(), kind: verdict.word().to_owned(), said: outcome.how.sentence() }
    }
}

fn of_rule(report: &Report, code: &str, fail_on: FailOn, words: &Words) -> Became {
    let fired = |findings: &'_ [Finding]| findings.iter().find(|finding| finding.code == code).cloned();
    if let Some(finding) = fired(&report.causes) {
        let message = title(report, &finding);
        let said = evidence(report, &finding, words);
        let fails = match finding.severity {
            Severity::Blocks => true,
            Severity::Degrades => fail_on == FailOn::Degraded,
            Severity::Info => false,
        };
        return if fails { Became::Failed { message, kind: finding.name, said } } else { Became::Passed { said: format!("{message}\n{said}") } };
    }
    if fired(&report.consequences).is_some() {
        let causes: Vec<&str> = report.causes.iter().filter(|cause| cause.severity > Severity::Info).map(|cause| cause.code.as_str()).collect();
        return Became::Skipped { why: format!("follows from a cause: {}", causes.join(", ")) };
    }
    match report.unknown.iter().find(|unknown| unknown.code == code) {
        Some(unknown) => Became::Skipped { why: format!("could not be decided: {}", unknown.missing) },
        None => Became::Passed { said: String::new() },
    }
}

/// What a finding stands on, and what to do about it.
fn evidence(report: &Report, finding: &Finding, words: &Words) -> String {
    let mut text = format!("{}, {}\n{}\n", finding.name, finding.confidence.words(), cited(finding, &report.evidence).join("\n"));
    for guidance in guidance_on(report, finding) {
        text.push_str(&format!("\n{}\n{}", guidance.title, steps(guidance, words)));
    }
    text
}

impl TestCase {
    fn write(&self, out: &mut String) {
        out.push_str(&format!("<testcase classname=\"connection-doctor.{}\" name=\"{}\" time=\"0\"", escaped(&self.class), escaped(&self.name)));
        match &self.became {
            Became::Passed { said } if said.is_empty() => out.push_str("/>\n"),
            Became::Passed { said } => out.push_str(&format!("><system-out>{}</system-out></testcase>\n", escaped(said))),
            Became::Failed { message, kind, said } => {
                out.push_str(&format!("><failure message=\"{}\" type=\"{}\">{}</failure></testcase>\n", escaped(message), escaped(kind), escaped(said)));
            }
            Became::Erred { message } => out.push_str(&format!("><error message=\"{}\" type=\"inconclusive\"/></testcase>\n", escaped(message))),
            Became::Skipped { why } => out.push_str(&format!("><skipped message=\"{}\"/></testcase>\n", escaped(why))),
        }
    }
}

/// As text or as an attribute's value; what XML 1.0 has no way to write is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | '\r' | '\u{20}'..='\u{7E}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'.. => out.push(c),
            _ => {}
        }
    }
    out
}
