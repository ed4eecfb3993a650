//! SIO002 connect-unanswered
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Happening;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "SIO002", name: "connect-unanswered", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, life)) = survey.connect() else {
        return if survey.profile.namespace.is_some() { Outcome::Unknown { missing: "an answer to joining the channel" } } else { Outcome::Clear };
    };
    if life.open_packet().is_none() || !life.waited_in_vain_for("connect answer") {
        return Outcome::Clear;
    }
    let sent = life.events.iter().find(|e| matches!(e.what, Happening::Sent { .. })).map_or(0, |e| e.after);
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, survey.websocket_hello().map(|(c, _)| c)));
    Outcome::Fires(finding.with("waited-ms", life.lasted().saturating_sub(sent).to_string()).with("namespace", survey.namespace()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
