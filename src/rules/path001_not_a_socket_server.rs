//! PATH001 not-a-socket-server
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Exchange;
use crate::survey::{PathBasis, Polling};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "PATH001", name: "not-a-socket-server", explains: &["WS001", "WS002", "WS003", "POLL001", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some(raw) = survey.raw()
        && let (Some(tried), Some((cite, exchange, status))) = (raw.refused(), raw.status())
        && (status == 404 || status == 410 || status == 200 && exchange.html().is_some())
    {
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(cite, tried));
        return Outcome::Fires(finding.with("status", status.to_string()).with("path", exchange.path.clone()).with("answer", kind(exchange)).with("basis", "configured"));
    }
    if !survey.is_engine_subject() {
        return Outcome::Clear;
    }
    let (cite, exchange) = match &survey.polling {
        Polling::NotTried => return Outcome::Unknown { missing: "an answer from the socket's path" },
        Polling::Foreign { cite, exchange } => (*cite, *exchange),
        _ => return Outcome::Clear,
    };
    if survey.engine_heard().is_some() {
        return Outcome::Clear;
    }
    let status = exchange.status().unwrap_or(0);
    if !matches!(status, 200..=299 | 404 | 405 | 410 | 400 | 421 | 426) {
        return Outcome::Clear;
    }
    let confidence = match survey.basis {
        PathBasis::Found | PathBasis::Configured => Confidence::Observed,
        PathBasis::Application => Confidence::StronglySuggested,
        PathBasis::Guess => Confidence::Correlated,
    };
    let elsewhere = survey.evidence.exchanges().find(|(_, x)| x.path != survey.path && x.eio != 0 && x.engine().is_engine());
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator], Cites::of(cite, elsewhere.map(|(c, _)| c)));
    let finding = finding.with("status", status.to_string()).with("path", survey.path.clone()).with("answer", kind(exchange));
    let finding = finding.with("found", elsewhere.map_or("", |(_, x)| &x.path));
    Outcome::Fires(finding.with("basis", match survey.basis {
        PathBasis::Found | PathBasis::Configured => "configured",
        PathBasis::Application => "application",
        PathBasis::Guess => "guess",
    }))
}

/// What answered, in a word.
fn kind(exchange: &Exchange) -> &'static str {
    match (exchange.status(), exchange.html().is_some()) {
        (Some(200..=299), true) => "web-page",
        (Some(404 | 410), _) => "not-found",
        _ => "something-else",
    }
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
