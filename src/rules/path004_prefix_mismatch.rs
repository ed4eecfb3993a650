//! PATH004 prefix-mismatch
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::profile::Application;
use crate::survey;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "PATH004", name: "prefix-mismatch", explains: &["PATH001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((page, told)) = survey::told_prefix(survey.evidence) else {
        return if survey.application == Application::Chainlit && survey.evidence.exchanges_for(Purpose::ChatPage).next().is_none() {
            Outcome::Unknown { missing: "the chat's own page" }
        } else {
            Outcome::Clear
        };
    };
    let told_path = [told.trim_end_matches('/'), "/ws/socket.io/"].concat();
    let speaks = |path: &str| survey.evidence.exchanges().find(|(_, x)| x.path == path && x.eio != 0 && x.engine().is_engine()).map(|(c, _)| c);
    if speaks(&told_path).is_some() {
        return Outcome::Clear;
    }
    let Some((told_cite, _)) = survey.evidence.exchanges_for(Purpose::Handshake).find(|(_, x)| x.path == told_path && x.answered()) else {
        return Outcome::Unknown { missing: "an answer at the path that the chat's page uses" };
    };
    let elsewhere = survey::candidates(survey.profile, survey.evidence, survey.known).into_iter().find_map(|path| Some((speaks(&path)?, path)));
    let Some((found_cite, found)) = elsewhere else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(page, [told_cite, found_cite]));
    Outcome::Fires(finding.with("told", told_path).with("found", found))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
