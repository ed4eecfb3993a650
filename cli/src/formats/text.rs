//! For people at a terminal.

use connection_doctor::guidance::{Audience, Guidance};
use connection_doctor::rules::{Finding, Severity};
use connection_doctor::words::Words;

use super::printable_lines;
use crate::outcome::Outcome;

/// Most of what could not be decided that is listed; the other formats have all of it.
const MOST_UNKNOWN: usize = 12;

pub fn write(outcome: &Outcome, words: &Words) -> String {
    let report = &outcome.report;
    let mut lines = vec![format!("{}: {}", words.of_english(report.verdict.word()).to_uppercase(), report.summary), String::new()];
    lines.push(format!("Server   {}", report.profile.server));
    lines.push(format!("Page     {}{}", report.profile.page_origin, report.profile.page_folder));
    lines.push(format!("Run      {}, {} requests", report.started_at, report.requests));
    lines.push(format!("How      {}", outcome.how.sentence()));
    lines.extend(outcome.notes.iter().map(|note| format!("Note     {note}")));
    for (title, findings) in [("Causes", &report.causes), ("What follows from them", &report.consequences)] {
        section(&mut lines, title, findings.iter().map(|finding| line(finding, words)));
    }
    for (audience, title) in [
        (Audience::Operator, "For the operator of the chat"),
        (Audience::NetworkAdmin, "For the network's administrator"),
        (Audience::Person, "For who sees it"),
    ] {
        let texts: Vec<&Guidance<String>> = report.guidance.iter().filter(|guidance| guidance.audience == audience).collect();
        section(&mut lines, title, texts.into_iter().flat_map(steps));
    }
    let more = report.unknown.len().saturating_sub(MOST_UNKNOWN);
    let unknown = report.unknown.iter().take(MOST_UNKNOWN).map(|unknown| format!("{}: {}", unknown.code, unknown.missing));
    section(&mut lines, "Could not be tested", unknown.chain((more > 0).then(|| format!("and {more} more, which --json and --markdown list"))));
    section(&mut lines, "What a run like this can't tell", outcome.how.unproven().iter().cloned());
    printable_lines(&lines.join("\n"))
}

fn section(lines: &mut Vec<String>, title: &str, entries: impl Iterator<Item = String>) {
    let mut entries = entries.peekable();
    if entries.peek().is_some() {
        lines.extend([String::new(), title.to_owned()]);
        lines.extend(entries.map(|entry| format!("  {}", entry.replace('\n', "\n  "))));
    }
}

fn line(finding: &Finding, words: &Words) -> String {
    let cites: Vec<String> = finding.cites.as_slice().iter().map(|cite| format!("#{cite}")).collect();
    let remark = if finding.severity == Severity::Info { ", for information" } else { "" };
    format!("{} {}, {}{remark} ({})", finding.code, finding.name, words.of_english(finding.confidence.words()), cites.join(" "))
}

fn steps(guidance: &Guidance<String>) -> Vec<String> {
    let mut lines = vec![format!("{} ({})", guidance.title, guidance.code)];
    for decision in &guidance.decisions {
        lines.push(format!("  ? {} {}", decision.question, decision.answer.as_ref().unwrap_or(&decision.next)));
    }
    for (number, step) in guidance.steps.iter().enumerate() {
        lines.push(format!("  {}. {}", number + 1, step.text));
        lines.extend(step.code.iter().flat_map(|code| code.lines()).map(|code| format!("       {code}")));
    }
    for (label, text) in [("How to see that it worked", &guidance.recheck), ("What it does not solve", &guidance.limits)] {
        if !text.is_empty() {
            lines.push(format!("  {label}: {text}"));
        }
    }
    lines
}
