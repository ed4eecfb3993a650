//! NET001 offline
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Fact, Purpose};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET001", name: "offline", explains: &["*"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((own_cite, own)) = survey.evidence.exchanges_for(Purpose::OwnFile).last() else {
        return Outcome::Unknown { missing: "a request to this page's own server" };
    };
    if own.answered() {
        return Outcome::Clear;
    }
    if !survey.policy_violations().is_empty() {
        return Outcome::Unknown { missing: "requests that the page's own policy does not block" };
    }
    let unanswered = |x: &Exchange| x.rejected() || x.timed_out();
    let answered_since = survey.evidence.observations().iter().any(|o| match &o.fact {
        Fact::Exchange(x) => x.answered() && o.at > own.started,
        Fact::Socket(s) => s.started >= own.started && s.opened(),
        _ => false,
    });
    let failed: Vec<Cite> = survey.evidence.exchanges().filter(|(_, x)| unanswered(x)).map(|(c, _)| c).collect();
    if answered_since || failed.len() < 2 {
        return Outcome::Unknown { missing: "a second request that nothing answers" };
    }
    let told_offline = survey.evidence.observations().iter().any(|o| match &o.fact {
        Fact::Connectivity { online } => !online,
        Fact::Environment(e) => !e.online,
        _ => false,
    });
    let confidence = if told_offline { Confidence::Observed } else { Confidence::StronglySuggested };
    let began_well = survey.evidence.exchanges().any(|(_, x)| x.answered());
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::User, Party::SiteOperator], Cites::of(own_cite, failed));
    Outcome::Fires(finding.with("during-run", if began_well { "yes" } else { "no" }).with("browser-says-offline", if told_offline { "yes" } else { "no" }))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
