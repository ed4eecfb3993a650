//! # SEC003 insecure-context
//!
//! ## What it means
//! The page came over an unprotected connection, and browsers switch some features off there: microphone and camera, notifications,
//! copies for offline use.
//!
//! ## How it is recognised
//! `isSecureContext` is false. It is information, since written messages do not need those features; it degrades where calls are set up.
//!
//! ## What it does not mean
//! It does not keep a chat from connecting. `http://localhost` counts as secure.
//!
//! ## What to do
//! Open the chat by https. The operator gives it a certificate.
//!
//! ## References
//! W3C Secure Contexts; measured in Chromium 156 and Firefox 153: `mediaDevices`, `serviceWorker`, `caches` are undefined.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "SEC003", name: "insecure-context", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    match survey.evidence.environment() {
        None => Outcome::Unknown { missing: english!("whether this page is a secure one") },
        Some((cite, e)) if !e.secure_context => {
            let severity = if survey.profile.has_calls() || !survey.profile.devices.is_empty() { Severity::Degrades } else { Severity::Info };
            Outcome::Fires(RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, [])))
        }
        Some(_) => Outcome::Clear,
    }
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("This page came over an unprotected connection: calls, the microphone and notifications don’t work on it."))
        .step(t!("Put https:// in front of its address, if it can be opened so."));
    let operator = Guidance::operator(&finding.code, t!("Serve the chat by https."))
        .step(t!("Without it browsers switch off the camera and microphone, service workers, Cache Storage, notifications and the clipboard, and keep no cookie that is Secure or SameSite=None."))
        .step(t!("For a chat inside a network, a certificate of the network's own authority is enough, where the devices trust it. Caddy gets public ones by itself."))
        .recheck(t!("The page's address begins with https, and this remark is gone."))
        .limits(t!("It does not mend a connection that fails."));
    vec![person, operator]
}
