//! SARIF 2.1.0 (OASIS), for code scanning and whatever else reads it.

use connection_doctor::report::{Report, plain};
use connection_doctor::rules::{Finding, RULES, Severity};
use serde_json::{Value, json};

use super::{cited, guidance_on, title};
use crate::explain::{Article, articles};
use crate::outcome::Outcome;
use crate::trouble::Trouble;

/// # Errors
/// Where it could not be written.
pub fn write(outcome: &Outcome, exit_code: u8) -> Result<String, Trouble> {
    let report = &outcome.report;
    let rules: Vec<Article> = articles().collect();
    let place = |code: &str| rules.iter().position(|rule| rule.code == code);
    let mut results = Vec::new();
    for finding in &report.causes {
        results.push(result(report, finding, place(&finding.code), None));
    }
    let causes: Vec<&str> = report.causes.iter().filter(|cause| cause.severity > Severity::Info).map(|cause| cause.code.as_str()).collect();
    for finding in &report.consequences {
        results.push(result(report, finding, place(&finding.code), Some(causes.as_slice())));
    }
    // What could not be decided is no pass: `open` says that it was looked at in vain.
    for unknown in report.unknown.iter().filter(|unknown| RULES.iter().any(|rule| rule.code == unknown.code)) {
        results.push(json!({
            "ruleId": unknown.code, "ruleIndex": place(&unknown.code), "kind": "open", "level": "none",
            "message": { "text": format!("Could not be decided: {}", unknown.missing) }, "locations": [location(report)],
        }));
    }
    let untold = report.unknown.iter().filter(|unknown| !RULES.iter().any(|rule| rule.code == unknown.code));
    let notifications: Vec<Value> = untold
        .map(|unknown| format!("{}: {}", unknown.code, unknown.missing))
        .chain(outcome.notes.iter().cloned())
        .chain(outcome.how.unproven().iter().cloned())
        .map(|text| json!({ "level": "note", "message": { "text": text } }))
        .collect();
    let mut invocation = json!({
        "executionSuccessful": true,
        "exitCode": exit_code,
        "exitCodeDescription": report.verdict.word(),
        "toolExecutionNotifications": notifications,
    });
    if is_time(&report.started_at) {
        invocation["startTimeUtc"] = json!(report.started_at);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "connection-doctor", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules.iter().map(rule).collect::<Vec<_>>() } },
            "invocations": [invocation],
            "results": results,
            "properties": { "verdict": report.verdict.word(), "summary": report.summary, "how": outcome.how.word(), "howMade": outcome.how.sentence() },
        }],
    });
    serde_json::to_string_pretty(&log).map_err(|error| Trouble::new(format!("The report could not be written: {error}.")))
}

fn rule(article: &Article) -> Value {
    json!({
        "id": article.code,
        "name": article.name,
        "shortDescription": { "text": article.name },
        "fullDescription": { "text": article.meaning() },
        "help": { "text": article.text, "markdown": article.text },
    })
}

/// `follows_from`: the causes, where it is no cause itself.
fn result(report: &Report, finding: &Finding, place: Option<usize>, follows_from: Option<&[&str]>) -> Value {
    let (kind, level) = match (finding.severity, follows_from) {
        (Severity::Info, _) => ("informational", "none"),
        (_, Some(_)) => ("fail", "note"),
        (Severity::Degrades, None) => ("fail", "warning"),
        (Severity::Blocks, None) => ("fail", "error"),
    };
    let mut text = title(report, finding);
    for line in guidance_on(report, finding).flat_map(|guidance| guidance.steps.iter().map(|step| step.text.as_str())) {
        text.push('\n');
        text.push_str(line);
    }
    let mut properties =
        json!({ "confidence": finding.confidence, "severity": finding.severity, "party": finding.party, "evidence": cited(finding, &report.evidence) });
    if let Some(causes) = follows_from {
        properties["followsFrom"] = json!(causes);
    }
    json!({
        "ruleId": finding.code, "ruleIndex": place, "kind": kind, "level": level,
        "message": { "text": text, "markdown": plain(&text) },
        "locations": [location(report)],
        // One of a kind at one server: a later run's is the same alert.
        "partialFingerprints": { "codeAndServer/v1": format!("{} {}", finding.code, report.profile.server) },
        "properties": properties,
    })
}

/// As RFC 3339 has it, in UTC; a file may hold anything.
fn is_time(text: &str) -> bool {
    let is_like =
        |pattern: &str| text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p });
    is_like("0000-00-00T00:00:00Z") || is_like("0000-00-00T00:00:00.000Z")
}

fn location(report: &Report) -> Value {
    // A report's server is an origin; what a file holds instead may be no URI.
    let is_uri = report.profile.server.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b));
    let server = if is_uri { report.profile.server.as_str() } else { "about:invalid" };
    json!({ "physicalLocation": { "artifactLocation": { "uri": server } } })
}
