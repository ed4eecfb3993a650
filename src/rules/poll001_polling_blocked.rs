//! POLL001 polling-blocked
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "POLL001", name: "polling-blocked", explains: &["POLL003"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Live::Hello { cite: hello } = survey.live() else {
        return Outcome::Clear;
    };
    if !survey.known.polls {
        return Outcome::Clear;
    }
    let (cite, status) = match &survey.polling {
        Polling::Foreign { cite, exchange } => (*cite, exchange.status()),
        Polling::Silent { cite } | Polling::Opaque { cite } => (*cite, None),
        // From another origin an unreadable answer is a matter of CORS, and a detour one of the sign-in.
        Polling::Rejected { cite } => {
            let answered = survey.evidence.exchanges_for(Purpose::ServerNoCors).any(|(_, x)| x.path == survey.path && x.answered());
            if answered {
                return Outcome::Clear;
            }
            (*cite, None)
        }
        Polling::NotTried => return Outcome::Unknown { missing: "an answer by long-polling" },
        Polling::Hello { .. } | Polling::Refused { .. } | Polling::Garbled { .. } => return Outcome::Clear,
    };
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(cite, [hello]));
    Outcome::Fires(finding.with("status", status.map_or(String::new(), |s| s.to_string())))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
