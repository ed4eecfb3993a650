//! The report: a recorded wire format, the same for the page, for JavaScript, for a file and for a replay.
//! `www/report.schema.json` is its JSON Schema. It holds no secret: evidence is redacted where it is recorded, and the
//! profile's copy drops what may be one.

pub mod lives;

use serde::{Deserialize, Serialize};

use crate::diagnose::{self, Diagnosis, Unknown, Verdict};
use crate::evidence::Evidence;
use crate::guidance::{Audience, Guidance};
use crate::profile::{Depth, Profile};
use crate::rules::{Finding, Severity, by_code};
use crate::survey::Survey;
use lives::{Life, TimeOfDay, lives};

/// Version of the report's form. A new one is a new number; readers refuse what they do not know.
pub const SCHEMA: &str = "connection-doctor/report/1";

/// What stands after a thing that is missing and that a longer run looks at.
pub const LONGER: &str = ": the longer test";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub schema: String,
    pub product: Product,
    /// RFC 3339, UTC, by this device's clock.
    pub started_at: String,
    pub profile: Profile,
    pub verdict: Verdict,
    /// The verdict as one plain sentence.
    pub summary: String,
    pub causes: Vec<Finding>,
    pub consequences: Vec<Finding>,
    pub unknown: Vec<Unknown>,
    pub guidance: Vec<Guidance>,
    /// Whether the person stopped the run before its end.
    pub stopped: bool,
    /// Requests and sockets that the run made.
    pub requests: u32,
    pub evidence: Evidence,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub name: String,
    pub version: String,
}

/// What only the runner knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Circumstances {
    pub started_at: String,
    pub stopped: bool,
    pub requests: u32,
}

impl Report {
    /// Diagnoses and writes it down. Pure: the same input gives the same report, to the letter.
    #[must_use]
    pub fn of(profile: &Profile, evidence: Evidence, circumstances: Circumstances) -> Report {
        // What is handed on and what was judged are one: the rules read the redacted profile too.
        let profile = profile.redacted();
        let (diagnosis, guidance, summary) = told(&profile, &evidence);
        Report {
            schema: SCHEMA.to_owned(),
            product: Product { name: "connection-doctor".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            started_at: circumstances.started_at,
            verdict: diagnosis.verdict,
            summary,
            causes: diagnosis.causes,
            consequences: diagnosis.consequences,
            unknown: diagnosis.unknown,
            guidance,
            stopped: circumstances.stopped,
            requests: circumstances.requests,
            evidence,
            profile,
        }
    }

    /// The summary alone, of a run that still goes on.
    #[must_use]
    pub fn sentence(profile: &Profile, evidence: &Evidence) -> String {
        told(&profile.redacted(), evidence).2
    }

    /// The report as Markdown, for a ticket or a mail.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        let mut line = |parts: &[&str]| {
            for part in parts {
                out.push_str(part);
            }
            out.push('\n');
        };
        line(&["# Connection report"]);
        line(&[""]);
        line(&["**", &plain(&self.summary), "**"]);
        line(&[""]);
        line(&["- Verdict: ", self.verdict.word()]);
        line(&["- Server: ", &plain(&self.profile.server)]);
        line(&["- Page: ", &plain(&self.profile.page_origin), &plain(&self.profile.page_folder)]);
        line(&["- Started: ", &self.started_at]);
        line(&["- Made by: ", &self.product.name, " ", &self.product.version, ", ", &self.requests.to_string(), " requests"]);
        for (title, findings) in [("Causes", &self.causes), ("What follows from them", &self.consequences)] {
            if findings.is_empty() {
                continue;
            }
            line(&["\n## ", title, "\n"]);
            for finding in findings.iter() {
                let cites: Vec<String> = finding.cites.as_slice().iter().map(|c| ["#", &c.to_string()].concat()).collect();
                line(&["- **", &finding.code, " ", &finding.name, "**, ", finding.confidence.words(), " (", &cites.join(", "), ")"]);
            }
        }
        for (audience, title) in
            [(Audience::Person, "What you can do"), (Audience::Operator, "For the operator"), (Audience::NetworkAdmin, "For the network's administrator")]
        {
            let texts: Vec<&Guidance> = self.guidance.iter().filter(|g| g.audience == audience).collect();
            if texts.is_empty() {
                continue;
            }
            line(&["\n## ", title]);
            for text in texts {
                line(&["\n### ", &plain(&text.title), " (", &text.code, ")\n"]);
                line(&[&steps(text)]);
            }
        }
        let told = self.told_lives();
        if !told.is_empty() {
            line(&["\n## What happened to the live connections\n"]);
            let day = TimeOfDay::of(&self.started_at, 0);
            told.iter().for_each(|life| line(&["- ", &life.words(day)]));
            line(&["\nTimes are UTC, by this device's clock."]);
        }
        if !self.unknown.is_empty() {
            line(&["\n## Could not be decided\n"]);
            for unknown in &self.unknown {
                let had = self.profile.depth != Depth::Quick;
                let missing = unknown.missing.split(LONGER).next().filter(|_| had).unwrap_or(&unknown.missing);
                line(&["- ", &unknown.code, ": ", missing]);
            }
        }
        out
    }

    /// What the live connections of a longer run came to, where at least one ended by itself.
    #[must_use]
    pub fn told_lives(&self) -> Vec<Life> {
        let all = if self.profile.depth == Depth::Quick { Vec::new() } else { lives(&self.evidence) };
        if all.iter().any(Life::ended_by_itself) { all } else { Vec::new() }
    }
}

/// What to do about one finding, as Markdown: the questions, the steps, and what to know of them.
#[must_use]
pub fn steps(guidance: &Guidance) -> String {
    let mut out = String::new();
    let mut add = |parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
    let block = |code: &str| ["\n```\n", code, "\n```\n\n"].concat();
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
        add(&["\nFor other gateways:\n\n"]);
        for words in &guidance.elsewhere {
            let (place, code) = words.split_once('\n').unwrap_or((words, ""));
            add(&["- ", &plain(place), "\n", &if code.is_empty() { String::new() } else { block(code) }]);
        }
    }
    for (label, words) in [("How to see that it worked: ", &guidance.recheck), ("What it does not solve: ", &guidance.limits)] {
        if !words.is_empty() {
            add(&["\n", label, &plain(words), "\n"]);
        }
    }
    out
}

/// The diagnosis, what to do about its causes, and the sentence above both.
fn told(profile: &Profile, evidence: &Evidence) -> (Diagnosis, Vec<Guidance>, String) {
    let diagnosis = diagnose::diagnose(profile, evidence);
    let survey = Survey::of(profile, evidence);
    let mut guidance = Vec::new();
    for finding in &diagnosis.causes {
        if let Some(rule) = by_code(&finding.code) {
            guidance.extend((rule.guide)(finding, &survey));
        }
    }
    let summary = summary(diagnosis.verdict, &diagnosis.causes, &guidance);
    (diagnosis, guidance, summary)
}

/// Text from outside may not become Markdown or HTML.
fn plain(text: &str) -> String {
    text.replace('<', "&lt;").replace(['\n', '\r'], " ").replace('`', "'")
}

fn summary(verdict: Verdict, causes: &[Finding], guidance: &[Guidance]) -> String {
    let said = causes.iter().filter(|f| f.severity > Severity::Info).find_map(|f| guidance.iter().find(|g| g.code == f.code && g.audience == Audience::Person));
    match (said, verdict) {
        (Some(text), _) => text.title.clone(),
        (None, Verdict::Works) => "This browser reaches the chat's server, and everything that was tested works.".to_owned(),
        (None, Verdict::Inconclusive) => "Nothing wrong was found, but not everything could be tested.".to_owned(),
        (None, Verdict::Degraded | Verdict::Broken) => "The chat does not work as it should from this browser.".to_owned(),
    }
}

impl Verdict {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Works => "works",
            Verdict::Degraded => "degraded",
            Verdict::Broken => "broken",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

impl crate::rules::Confidence {
    /// Confidence in words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            crate::rules::Confidence::Observed => "observed",
            crate::rules::Confidence::StronglySuggested => "strongly suggested",
            crate::rules::Confidence::Correlated => "fits what was seen",
        }
    }
}
