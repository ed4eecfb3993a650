//! The report as Markdown, for a ticket or a mail.

use super::lives::TimeOfDay;
use super::{LONGER, Report};
use crate::guidance::{Audience, Guidance};
use crate::profile::Depth;
use crate::t;
use crate::words::{Phrase, Words};

impl Report {
    /// All that people read in it, in the words of one language. The evidence itself is in the JSON.
    #[must_use]
    pub fn to_markdown(&self, words: &Words) -> String {
        let mut out = String::new();
        let mut line = |parts: &[&str]| {
            for part in parts {
                out.push_str(part);
            }
            out.push('\n');
        };
        let heading = |title: Phrase| ["\n## ", &words.say(title)].concat();
        line(&["# ", &words.say(t!("Connection report"))]);
        line(&["\n**", &plain(&self.summary), "**\n"]);
        let made = [&self.product.name, " ", &plain(&self.product.version)].concat();
        let page = [self.profile.page_origin.as_str(), &self.profile.page_folder].concat();
        for text in [
            t!("Verdict: {verdict}", verdict = words.of_english(self.verdict.word())),
            t!("Server: {server}", server = plain(&self.profile.server)),
            t!("Page: {page}", page = plain(&page)),
            t!("Started: {time}", time = plain(&self.started_at)),
            t!("Made by: {program}, with {count} requests", program = made, count = self.requests.to_string()),
        ] {
            line(&["- ", &words.say(text)]);
        }
        for (title, findings) in [(t!("Causes"), &self.causes), (t!("What follows from them"), &self.consequences)] {
            if findings.is_empty() {
                continue;
            }
            line(&[&heading(title), "\n"]);
            for finding in findings {
                let cites: Vec<String> = finding.cites.as_slice().iter().map(|c| ["#", &c.to_string()].concat()).collect();
                let sure = words.of_english(finding.confidence.words());
                line(&["- **", &finding.code, " ", &finding.name, "**, ", sure, " (", &cites.join(", "), ")"]);
            }
        }
        for (audience, title) in [
            (Audience::Person, t!("What you can do")),
            (Audience::Operator, t!("For the operator of this chat")),
            (Audience::NetworkAdmin, t!("For the network’s administrator")),
        ] {
            let texts: Vec<&Guidance<String>> = self.guidance.iter().filter(|g| g.audience == audience).collect();
            if texts.is_empty() {
                continue;
            }
            line(&[&heading(title)]);
            for text in texts {
                line(&["\n### ", &plain(&text.title), " (", &text.code, ")\n"]);
                line(&[&steps(text, words)]);
            }
        }
        let told = self.told_lives();
        if !told.is_empty() {
            line(&[&heading(t!("What happened to the live connections")), "\n"]);
            let day = TimeOfDay::of(&self.started_at, 0);
            told.iter().for_each(|life| line(&["- ", &words.say(life.words(day))]));
            line(&["\n", &words.say(t!("Times are UTC, by this device’s clock."))]);
        }
        if !self.unknown.is_empty() {
            line(&[&heading(t!("Could not be decided")), "\n"]);
            for unknown in &self.unknown {
                let had = self.profile.depth != Depth::Quick;
                let (what, later) = unknown.missing.split_once(LONGER).map_or((unknown.missing.as_str(), false), |(what, _)| (what, !had));
                let mut missing = words.of_english(what).to_owned();
                if later {
                    missing = words.say(t!("{what}: the longer test", what = missing));
                }
                line(&["- ", words.of_english(&unknown.code), ": ", &missing]);
            }
        }
        out
    }
}

/// What to do about one finding: the questions, the steps, and what to know of them.
#[must_use]
pub fn steps(guidance: &Guidance<String>, words: &Words) -> String {
    let mut out = String::new();
    let mut add = |parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
    let block = |code: &str| ["\n```\n", &visible(code).replace("```", "'''"), "\n```\n\n"].concat();
    for decision in &guidance.decisions {
        let (mark, told) = decision.answer.as_ref().map_or(("- [ ] ", &decision.next), |answer| ("- [x] ", answer));
        add(&[mark, &plain(&decision.question), " ", &plain(told), "\n"]);
    }
    if !guidance.decisions.is_empty() {
        add(&["\n"]);
    }
    for (number, step) in guidance.steps.iter().enumerate() {
        add(&[&(number + 1).to_string(), ". ", &plain(&step.text), "\n", &step.code.as_deref().map_or(String::new(), block)]);
    }
    // Who reads it has the person's browser at hand no more, and any gateway.
    if guidance.audience != Audience::Person && !guidance.elsewhere.is_empty() {
        add(&["\n", &words.say(t!("For other gateways:")), "\n\n"]);
        for words in &guidance.elsewhere {
            let (place, code) = words.split_once('\n').unwrap_or((words, ""));
            add(&["- ", &plain(place), "\n", &if code.is_empty() { String::new() } else { block(code) }]);
        }
    }
    if !guidance.recheck.is_empty() {
        add(&["\n", &words.say(t!("How to see that it worked: {how}", how = plain(&guidance.recheck))), "\n"]);
    }
    if !guidance.limits.is_empty() {
        add(&["\n", &words.say(t!("What it does not solve: {what}", what = plain(&guidance.limits))), "\n"]);
    }
    out
}

/// Text from outside may not become Markdown or HTML: no tag, no code, no link, no picture that a ticket would fetch.
#[must_use]
pub fn plain(text: &str) -> String {
    visible(text).replace('<', "&lt;").replace('\n', " ").replace('`', "'").replace("](", "] (")
}

/// Without what a terminal would obey and what a reader would not see: control characters but for the end of a line and the tabulator
/// (Unicode's category Cc), and those that turn the direction of what follows them (UAX #9, explicit formatting characters).
#[must_use]
pub fn visible(text: &str) -> String {
    let is_seen = |c: &char| match c {
        '\n' | '\t' => true,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        _ => true,
    };
    text.chars().filter(is_seen).collect()
}
