//! # RTC007 device-busy
//!
//! ## What it means
//! The microphone or the camera is there and allowed, and does not start.
//!
//! ## How it is recognised
//! `getUserMedia` was rejected with NotReadableError, or AbortError.
//!
//! ## What it does not mean
//! Another program that has it open, a driver and a system that forbids it to the browser look alike.
//!
//! ## What to do
//! Close the other program, and plug the device in anew.
//!
//! ## References
//! Media Capture and Streams section 10.2.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "RTC007", name: "device-busy", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let (cites, names) = survey.captures_that_threw(&["NotReadableError", "AbortError"]);
    let Some(cites) = Cites::from_all(cites) else {
        return Outcome::Clear;
    };
    Outcome::Fires(RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::User], cites).with("devices", names))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &super::rtc010_device_missing::TEXTS, "busy")
}
