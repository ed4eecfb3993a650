//! # ENV002 unsupported-browser
//!
//! ## What it means
//! This browser lacks something that the chat can't do without.
//!
//! ## How it is recognised
//! At the start of the run the page looks for the web APIs that a chat needs; at least one is not there. Where long-polling is
//! seen to work to its end, the finding is a degradation, else it blocks.
//!
//! ## What it does not mean
//! Nothing is said about the server: what the browser can't do was not tried.
//!
//! ## What to do
//! Use a current browser, or lift the restriction that takes the API away. The operator can only say which browsers are
//! supported.
//!
//! ## References
//! WHATWG WebSockets, WHATWG Fetch; MDN browser-compat-data.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};

use crate::guidance::Guidance;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "ENV002", name: "unsupported-browser", explains: &["WS001", "WS002", "WS003", "NET002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, environment)) = survey.evidence.environment() else {
        return Outcome::Unknown { missing: english!("what this browser can do") };
    };
    if environment.missing.is_empty() {
        return Outcome::Clear;
    }
    let severity = if survey.can_do_without_websocket() { Severity::Degrades } else { Severity::Blocks };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::User], Cites::of(cite, []));
    Outcome::Fires(finding.with("missing", environment.missing.join(", ")))
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("This browser lacks something that the chat needs."))
        .step(t!("Update this browser, or open the chat in a current version of Chrome, Edge, Firefox or Safari."))
        .step(t!("If it is up to date, a security setting or your company's policy has switched the feature off. Ask whoever looks after this device."));
    let operator = Guidance::operator(&finding.code, t!("Say which browsers the chat supports."))
        .step(t!("Missing in this browser: {missing}.", missing = finding.param("missing")))
        .recheck(t!("A current browser on the same device does not raise this."));
    vec![person, operator]
}
