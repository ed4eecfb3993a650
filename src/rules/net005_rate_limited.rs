//! NET005 rate-limited
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange};
use super::sio001_namespace_unknown::connect_refusal;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "NET005", name: "rate-limited", explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "NET007", "NET006", "PATH001", "AUTH002", "SIO001", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some((cite, life)) = survey.connect()
        && let Some(message) = connect_refusal(survey, life)
        && message.to_ascii_uppercase().replace([' ', '-'], "_").contains("RATE_LIMIT")
    {
        let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, []));
        return Outcome::Fires(finding.with("where", "channel"));
    }
    let mut before = 0_u32;
    let mut answered_before = None;
    let mut in_order: Vec<(Cite, &Exchange)> = survey.engine_exchanges().collect();
    in_order.sort_by_key(|(_, x)| x.started);
    for (cite, exchange) in in_order {
        if let Some(response) = exchange.response().filter(|r| r.status == 429) {
            // Our own questions may be what was too many: then it is only worth a remark.
            let severity = match (answered_before, before) {
                (None, _) => Severity::Blocks,
                (Some(_), 0..=5) => Severity::Degrades,
                (Some(_), _) => Severity::Info,
            };
            let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, answered_before));
            let finding = finding.with("where", "requests").with("requests-before", before.to_string());
            return Outcome::Fires(finding.with("retry-after", response.header("retry-after").unwrap_or("")));
        }
        before += 1;
        if exchange.engine().is_engine() {
            answered_before = Some(cite);
        }
    }
    Outcome::Clear
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
