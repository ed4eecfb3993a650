//! WS004 drops-at-once
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule};
use super::without_websocket;
use crate::evidence::{Cite, SocketLife};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "WS004", name: "drops-at-once", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let dropped: Vec<(Cite, &SocketLife, u32)> = survey
        .hellos()
        .filter(|(_, s)| s.eio == survey.eio)
        .filter_map(|(cite, s)| {
            let (closed, code, _) = s.closed()?;
            let age = closed.checked_sub(s.opened_after()?)?;
            (code == 1006 && age < 5_000).then_some((cite, s, age))
        })
        .collect();
    if dropped.is_empty() {
        return Outcome::Clear;
    }
    let lived = survey.hellos().any(|(c, s)| s.open_packet().is_some() && !dropped.iter().any(|(d, _, _)| *d == c));
    if lived {
        return Outcome::Clear;
    }
    if dropped.len() < 2 {
        return Outcome::Unknown { missing: "a second connection that ends the same way" };
    }
    let after_packet = dropped.iter().any(|(_, s, _)| s.open_packet().is_some());
    let control = survey.polling_hello();
    let cites = Cites::of(dropped[0].0, dropped.iter().map(|(c, _, _)| *c).chain(control));
    let finding = RULE.finding(without_websocket(survey), Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let age = dropped.iter().map(|(_, _, age)| *age).max().unwrap_or(0);
    Outcome::Fires(finding.with("age-ms", age.to_string()).with("after-open-packet", if after_packet { "yes" } else { "no" }))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
