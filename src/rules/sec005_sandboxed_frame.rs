//! # SEC005 sandboxed-frame
//!
//! ## What it means
//! The page around the chat, or its own server, has locked it up: it counts as a stranger to its own server, and may store nothing.
//!
//! ## How it is recognised
//! The page's origin is opaque (`window.origin` is "null"): it is in a frame whose `sandbox` lacks `allow-same-origin`, it was answered
//! with a policy of `sandbox`, or it was opened as a file (`how`).
//!
//! ## What it does not mean
//! The server may be in order: from here nothing can be said of it, since each request comes with the origin "null".
//!
//! ## What to do
//! Open the chat in a tab of its own. Whoever embeds it adds `allow-same-origin` to the frame.
//!
//! ## References
//! WHATWG HTML, sandboxing; measured in Chromium 156 and Firefox 153: cookies and storage throw SecurityError, sockets send
//! `Origin: null`.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "SEC005", name: "sandboxed-frame", explains: &["*"], check, guide };

fn check(survey: &Survey) -> Outcome {
    match survey.evidence.environment() {
        None => Outcome::Unknown { missing: english!("the origin of this page") },
        Some((cite, e)) if e.opaque_origin => {
            let how = match (e.framed, e.scheme.as_str()) {
                (true, _) => "frame",
                (false, "file:") => "file",
                _ => "",
            };
            let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, []));
            Outcome::Fires(finding.with("how", how))
        }
        Some(_) => Outcome::Clear,
    }
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    if finding.param("how") != "frame" {
        let (title, step) = if finding.param("how") == "file" {
            (t!("This page was opened as a file, and so has no server that it could ask."), t!("The page has no origin, since it was opened as a file. Serve it by http or https."))
        } else {
            (
                t!("This page is marked as one that may not use its own server."),
                t!("The page has no origin: it was answered with Content-Security-Policy: sandbox. Serve it without that directive, or with allow-same-origin in it."),
            )
        };
        let person = Guidance::person(&finding.code, title).hand_on();
        let operator = Guidance::operator(&finding.code, t!("Let the page keep its origin."))
            .step(step)
            .recheck(t!("Run this page again: it no longer says so."));
        return vec![person, operator];
    }
    let person = Guidance::person(&finding.code, t!("The page around the chat has locked it up, so the chat can’t use its own server."))
        .step(t!("Open the chat in a tab of its own, by its own address."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Let the frame keep its origin."));
    let operator = operator.step_with(t!("In the page that embeds the chat (an answer with Content-Security-Policy: sandbox needs the same words):"), "<iframe sandbox=\"allow-scripts allow-same-origin allow-forms allow-popups\" src=\"...\"></iframe>");
    let operator = operator
        .recheck(t!("Run this page again in the frame: it no longer says so."))
        .limits(t!("With allow-scripts and allow-same-origin a frame of the embedding page's own origin could take its sandbox off: give the chat an origin of its own."));
    vec![person, operator]
}
