//! # RTC006 permission
//!
//! ## What it means
//! The page may not use the microphone or the camera.
//!
//! ## How it is recognised
//! The permission's state is `denied`, or `getUserMedia` was rejected with NotAllowedError or SecurityError. `how` is `policy` where the
//! browser tells that the page itself may not ask (Permissions Policy), `frame` where it is refused in another site's page and the browser
//! does not tell which of the two it is, `dismissed` where nobody answered the question, else `denied`. The camera alone is information,
//! unless the person tested it. Only where calls are set up, or on the person's test.
//!
//! ## What it does not mean
//! It is this page's permission; the chat's own page, at another origin or outside of a frame, has its own.
//!
//! ## What to do
//! The person allows it, for the site and in the system. The operator of the page around it adds `allow` to the frame.
//!
//! ## References
//! Media Capture and Streams section 10; Permissions Policy; measured: Firefox ignores the header and says `denied` in frames.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Devices;
use crate::guidance::Guidance;
use crate::platforms::browsers::Task;
use crate::platforms::operator::{self, First, Step, Texts};
use crate::survey::Survey;
use crate::words::Phrase;
use crate::{english, step, t};

pub const RULE: Rule = Rule { code: "RTC006", name: "permission", explains: &["RTC010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let tested = survey.evidence.captures().next().is_some();
    // Insecure pages have neither, which SEC003 says.
    if !survey.profile.has_calls() && !tested || survey.evidence.environment().is_some_and(|(_, e)| !e.secure_context) {
        return Outcome::Clear;
    }
    let passive = survey.evidence.devices();
    if passive.is_none() && !tested {
        return Outcome::Unknown { missing: english!("the permissions of microphone and camera") };
    }
    let untold = Devices::default();
    let devices = passive.map_or(&untold, |(_, devices)| devices);
    let (mut names, mut how, mut cites, mut severity) = (Vec::new(), "", Vec::from_iter(passive.map(|(cite, _)| cite)), Severity::Info);
    for (name, device) in [("microphone", &devices.microphone), ("camera", &devices.camera)] {
        let capture = survey.evidence.captures().rfind(|(_, c)| c.device == name);
        let refused = capture.filter(|(_, c)| c.threw.as_ref().is_some_and(|(error, _)| matches!(error.as_str(), "NotAllowedError" | "SecurityError")));
        let may_not_ask = device.allowed == Some(false);
        let opened = capture.is_some_and(|(_, c)| c.opened_after.is_some());
        if opened || !may_not_ask && device.state != "denied" && refused.is_none() {
            continue;
        }
        let unanswered = refused.is_some_and(|(_, c)| c.state == "prompt" || c.threw.as_ref().is_some_and(|(_, said)| said.contains("dismissed")));
        let this = match device.allowed {
            Some(false) => "policy",
            _ if unanswered => "dismissed",
            None if survey.in_foreign_frame() => "frame",
            _ => "denied",
        };
        how = if how.is_empty() { this } else { how };
        names.push(name);
        cites.extend(refused.map(|(c, _)| c));
        if name == "microphone" || capture.is_some() {
            severity = Severity::Degrades;
        }
    }
    let Some(cites) = Cites::from_all(cites).filter(|_| !names.is_empty()) else {
        return Outcome::Clear;
    };
    let parties: &[Party] = match how {
        "policy" => &[Party::SiteOperator],
        "frame" => &[Party::SiteOperator, Party::User],
        _ => &[Party::User],
    };
    let finding = RULE.finding(severity, Confidence::Observed, parties, cites);
    Outcome::Fires(finding.with("how", how).with("devices", names.join(" and ")))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, finding.param("how"))
}

const ALLOW: &[Step] = &[
    step!(t!("The iframe of a page around it must pass them on:"), "allow=\"microphone; camera\""),
    step!(t!("A header Permissions-Policy, of either page, must name them:"), "Permissions-Policy: microphone=(self \"{origin}\"), camera=(self \"{origin}\")"),
];

const OPEN_ALONE: Phrase = t!("If you see the chat inside another site’s page, open it in a tab of its own.");

const TEXTS: Texts = Texts {
    by_how: &[
        ("policy", t!("This page may not use your {devices}, by the way it is set up."), First::Do(OPEN_ALONE), ALLOW),
        ("frame", t!("Inside of another site’s page, this page may not use your {devices}; or your browser was told so."), First::Do(OPEN_ALONE), ALLOW),
        (
            "dismissed",
            t!("Your browser was not told whether this page may use your {devices}."),
            First::Do(t!("Begin the test again, and press Allow when the browser asks.")),
            &[],
        ),
        ("", t!("This browser, or the system, does not let this page use your {devices}."), First::InBrowser(Task::AllowDevices), &[]),
    ],
    title: Some(t!("Let the page use microphone and camera.")),
    steps: &[],
    recheck: Some(t!("This page no longer says so.")),
    limits: None,
};
