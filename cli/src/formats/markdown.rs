//! The report as the page writes it for a ticket, and how the run was made.

use connection_doctor::report::plain;
use connection_doctor::words::Words;

use super::printable_lines;
use crate::outcome::Outcome;

pub fn write(outcome: &Outcome, words: &Words) -> String {
    let mut text = outcome.report.to_markdown(words);
    text.push_str("\n## How this run was made\n\n");
    for sentence in std::iter::once(&outcome.how.sentence()).chain(&outcome.notes).chain(outcome.how.unproven()) {
        text.push_str(&format!("- {}\n", plain(sentence)));
    }
    printable_lines(&text)
}
