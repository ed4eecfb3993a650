//! NET011 captive-portal
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET011", name: "captive-portal", explains: &["*"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let script = |x: &Exchange| x.path.ends_with(".js");
    let Some((cite, own)) = survey.evidence.exchanges_for(Purpose::OwnFile).filter(|(_, x)| script(x)).last() else {
        return Outcome::Unknown { missing: "a script of this page's own to ask for again" };
    };
    if !taken_over(own) {
        return Outcome::Clear;
    }
    // Every path alike: nothing of this origin that was asked later answers as itself.
    let others: Vec<(Cite, &Exchange)> =
        survey.evidence.exchanges().filter(|(_, x)| !x.cross_origin && x.purpose != Purpose::OwnFile && x.started >= own.started.saturating_sub(50)).collect();
    let alike = |x: &Exchange| taken_over(x) || x.rejected() || x.timed_out();
    if others.iter().any(|(_, x)| !alike(x)) {
        return Outcome::Clear;
    }
    if others.is_empty() {
        return Outcome::Unknown { missing: "another path of the same server" };
    }
    let finding = RULE.finding(
        Severity::Blocks,
        Confidence::StronglySuggested,
        &[Party::User],
        Cites::of(cite, others.iter().map(|(c, _)| *c)),
    );
    let title = own.html().map(|h| h.title.clone()).unwrap_or_default();
    Outcome::Fires(finding.with("page-title", title))
}

/// A page, or a redirect, where a script or an engine's words should be.
fn taken_over(exchange: &Exchange) -> bool {
    exchange.html().is_some() || exchange.response().is_some_and(|r| r.response_type == "opaqueredirect" || r.redirected && !r.same_origin_as_asked)
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
