//! POLL003 post-refused
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange};
use crate::protocol::engine_io::Answer;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "POLL003", name: "post-refused", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some(hello) = survey.polling_hello() else {
        return Outcome::Clear;
    };
    if !survey.known.polls {
        return Outcome::Clear;
    }
    let posts: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.method == "POST").collect();
    if posts.len() < 2 {
        return Outcome::Unknown { missing: "two requests that send something" };
    }
    let refused = |x: &Exchange| match x.engine() {
        Answer::Other => x.rejected() || matches!(x.status(), Some(401 | 403 | 404 | 405 | 411 | 415 | 501)),
        _ => false,
    };
    if !posts.iter().all(|(_, x)| refused(x)) {
        return Outcome::Clear;
    }
    let status = posts.iter().find_map(|(_, x)| x.status());
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(hello, posts.iter().map(|(c, _)| *c)));
    Outcome::Fires(finding.with("status", status.map_or(String::new(), |s| s.to_string())))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
