//! The report: a recorded wire format, the same for the page, for JavaScript, for a file and for a replay.
//! `www/report.schema.json` is its JSON Schema. It holds no secret: evidence is redacted where it is recorded, and the
//! profile's copy drops what may be one.

pub mod changes;
pub mod lives;
mod markdown;
pub mod read;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnose::{self, Diagnosis, FirstVerdict, Unknown, Verdict};
use crate::evidence::Evidence;
use crate::guidance::{Audience, Guidance, HAND_ON};
use crate::profile::{Depth, Profile};
use crate::rules::{Finding, NOT_HERE, Severity, by_code};
use crate::survey::Survey;
use crate::words::{Phrase, Words};
use crate::{english, t};
use lives::{Life, lives};
pub use markdown::{plain, steps, visible};

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
    pub guidance: Vec<Guidance<String>>,
    /// Whether the person stopped the run before its end.
    pub stopped: bool,
    /// Requests and sockets that the run made.
    pub requests: u32,
    /// Shared: a report that is told anew, in another language, has the same.
    pub evidence: Arc<Evidence>,
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
    pub fn of(profile: &Profile, evidence: impl Into<Arc<Evidence>>, circumstances: Circumstances, words: &Words) -> Report {
        // What is handed on and what was judged are one: the rules read the redacted profile too.
        let (profile, evidence) = (profile.redacted(), evidence.into());
        let (diagnosis, guidance, summary) = told(&profile, &evidence, words);
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

    /// The same in other words: in another language, or with words that were not there before.
    #[must_use]
    pub fn retold(self, words: &Words) -> Report {
        let (_, guidance, summary) = told(&self.profile, &self.evidence, words);
        Report { guidance, summary, ..self }
    }

    /// The summary alone, of a run that still goes on; `None` until the words for it are there.
    #[must_use]
    pub fn sentence(profile: &Profile, evidence: &Evidence, words: &Words) -> Option<String> {
        let summary = told(&profile.redacted(), evidence, words).2;
        (summary != words.say(WORDLESS)).then_some(summary)
    }

    /// What a run may say before its end, in a sentence.
    #[must_use]
    pub fn first_sentence(first: FirstVerdict, profile: &Profile, evidence: &Evidence, words: &Words) -> Option<String> {
        let works = match first {
            FirstVerdict::Fault(_) => return Report::sentence(profile, evidence, words),
            FirstVerdict::WorksSoFar { polling: true, websocket: true } => {
                t!("The chat's server has answered this browser, by long-polling and by WebSocket. The rest is still being tested.")
            }
            FirstVerdict::WorksSoFar { websocket: true, .. } => {
                t!("The chat's server has answered this browser, by WebSocket. The rest is still being tested.")
            }
            FirstVerdict::WorksSoFar { .. } => t!("The chat's server has answered this browser, by long-polling. The rest is still being tested."),
        };
        Some(words.say(works))
    }

    /// What the live connections of a longer run came to, where at least one ended by itself.
    #[must_use]
    pub fn told_lives(&self) -> Vec<Life> {
        let all = if self.profile.depth == Depth::Quick { Vec::new() } else { lives(&self.evidence) };
        if all.iter().any(Life::ended_by_itself) { all } else { Vec::new() }
    }
}

/// The diagnosis, what to do about its causes, and the sentence above both.
fn told(profile: &Profile, evidence: &Evidence, words: &Words) -> (Diagnosis, Vec<Guidance<String>>, String) {
    let diagnosis = diagnose::diagnose(profile, evidence);
    let survey = Survey::of(profile, evidence);
    let mut guidance = Vec::new();
    for finding in &diagnosis.causes {
        if let Some(rule) = by_code(&finding.code) {
            let mut texts = if words.knows(&HAND_ON.into()) { (rule.guide)(finding, &survey) } else { vec![wordless(finding)] };
            if !texts.iter().all(|text| text.is_known(words)) {
                texts = vec![wordless(finding)];
            }
            guidance.extend(texts.into_iter().map(|text| text.in_words(words)));
        }
    }
    // Without its rules a run knows nothing, and has not looked in vain.
    let summary = match diagnosis.verdict {
        Verdict::Inconclusive if diagnosis.unknown.iter().any(|unknown| unknown.missing == NOT_HERE) => {
            words.say(t!("A part of this test could not be loaded, so it can’t say what is wrong. Reload this page and run the test again."))
        }
        verdict => summary(verdict, &diagnosis.causes, &guidance, words),
    };
    (diagnosis, guidance, summary)
}

const WORDLESS: Phrase = t!("A cause was found, and the words for it could not be loaded.");

/// What is said where the words about a finding could not be fetched: the line may be the very thing that is cut.
fn wordless(finding: &Finding) -> Guidance {
    let name = [finding.code.as_str(), " ", &finding.name].concat();
    Guidance::person(&finding.code, WORDLESS)
        .step(t!("Its name is {name}. Run the test again when the line is better, or send the report to whoever runs this chat.", name = name))
}

fn summary(verdict: Verdict, causes: &[Finding], guidance: &[Guidance<String>], words: &Words) -> String {
    let said = causes.iter().filter(|f| f.severity > Severity::Info).find_map(|f| guidance.iter().find(|g| g.code == f.code && g.audience == Audience::Person));
    let of_refusal = |g: &&Guidance<String>| g.code == "AUTH002" && g.audience == Audience::Person;
    let refused = causes.iter().find(|f| f.code == "AUTH002" && !f.param("message").is_empty()).and_then(|_| guidance.iter().find(of_refusal));
    match (said, verdict) {
        (Some(text), _) => text.title.clone(),
        (None, Verdict::Works) => words.say(t!("This browser reaches the chat's server, and everything that was tested works.")),
        // What was refused for a reason that is not known is not nothing.
        (None, Verdict::Inconclusive) => {
            refused.map_or_else(|| words.say(t!("Nothing wrong was found, but not everything could be tested.")), |text| text.title.clone())
        }
        (None, Verdict::Degraded | Verdict::Broken) => words.say(t!("The chat does not work as it should from this browser.")),
    }
}

impl FirstVerdict {
    /// Its name in progress events.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FirstVerdict::WorksSoFar { .. } => "works-so-far",
            FirstVerdict::Fault(verdict) => verdict.word(),
        }
    }
}

impl Verdict {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Works => english!("works"),
            Verdict::Degraded => english!("degraded"),
            Verdict::Broken => english!("broken"),
            Verdict::Inconclusive => english!("inconclusive"),
        }
    }
}

impl crate::rules::Confidence {
    /// Confidence in words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            crate::rules::Confidence::Observed => english!("observed"),
            crate::rules::Confidence::StronglySuggested => english!("strongly suggested"),
            crate::rules::Confidence::Correlated => english!("fits what was seen"),
        }
    }
}
