//! WS009 server-closes
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::{Cite, SocketLife, SocketPurpose};
use crate::protocol::close_code;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "WS009", name: "server-closes", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let closes = |s: &SocketLife| s.closed().filter(|(_, code, _)| s.opened() && (close_code::was_sent(*code) || *code == 1005)).map(|(at, code, reason)| (at, code, reason.to_owned()));
    let short = survey.evidence.sockets().filter(|(_, s)| match s.purpose {
        SocketPurpose::Raw => true,
        SocketPurpose::Hello | SocketPurpose::HelloAgain => s.path == survey.path && s.eio == survey.eio,
        _ => false,
    });
    let lives: Vec<(Cite, &SocketLife)> = short.collect();
    let Some((newest_cite, newest)) = lives.last() else {
        return Outcome::Clear;
    };
    let Some((after, code, reason)) = closes(newest) else {
        return Outcome::Clear;
    };
    let cites = Cites::of(*newest_cite, lives.iter().filter(|(_, s)| closes(s).is_some()).map(|(c, _)| *c));
    let severity = if newest.purpose == SocketPurpose::Raw { Severity::Blocks } else { without_websocket(survey) };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], cites);
    let finding = finding.with("close-code", code.to_string()).with("meaning", close_code::meaning(code)).with("reason", reason);
    Outcome::Fires(finding.with("after-ms", after.to_string()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
