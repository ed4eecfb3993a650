//! # RTC010 device-missing
//!
//! ## What it means
//! The browser finds no microphone or camera, or the one that it has gives nothing.
//!
//! ## How it is recognised
//! On the person's test: `missing`, `getUserMedia` was rejected with NotFoundError or OverconstrainedError; `muted`, it opened, and the track was muted by
//! the system, or the microphone gave digital silence the whole time.
//!
//! ## What it does not mean
//! A person who said nothing is not it: even a quiet room is not digital silence.
//!
//! ## What to do
//! Plug it in, switch it on, choose it in the system's settings.
//!
//! ## References
//! Media Capture and Streams sections 4.3.1 and 10.2.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::operator::{self, First, Texts};
use crate::survey::Survey;
use crate::t;
use crate::words::Phrase;

pub const RULE: Rule = Rule { code: "RTC010", name: "device-missing", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let (missing, names) = survey.captures_that_threw(&["NotFoundError", "OverconstrainedError"]);
    if let Some(cites) = Cites::from_all(missing) {
        let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::User], cites);
        return Outcome::Fires(finding.with("how", "missing").with("devices", names));
    }
    let mute = survey.evidence.captures().rfind(|(_, c)| c.opened_after.is_some() && (c.muted || c.listened && c.loudest.is_none()));
    let Some((cite, capture)) = mute else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Info, Confidence::Observed, &[Party::User], Cites::of(cite, []));
    Outcome::Fires(finding.with("how", "muted").with("devices", capture.device.as_str()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, finding.param("how"))
}

/// RTC007's as well.
pub(super) const TEXTS: Texts = Texts {
    by_how: &[
        (
            "busy",
            t!("Your {devices} can’t be started: another program may be using it."),
            First::Do(t!(
                "Close other programs and tabs that make calls, plug it in anew, allow it to the browser in the system’s privacy settings, then test again."
            )),
            &[],
        ),
        ("muted", t!("Your {devices} gives nothing while open: it may be muted."), First::Do(PLUG), &[]),
        ("", t!("This browser finds no {devices} on this device."), First::Do(PLUG), &[]),
    ],
    title: None,
    steps: &[],
    recheck: None,
    limits: None,
};

const PLUG: Phrase = t!("Plug it in, look for a switch or a cover on it, choose it in the system’s settings; then test again.");
