//! # WS006 lifetime-cut
//!
//! ## What it means
//! Something on the way ends every live connection at a certain age, whether it is used or not.
//!
//! ## How it is recognised
//! At least two WebSockets, begun at different times and one of them with traffic, ended with 1006 or 1001 at one age since `open` (within a
//! twentieth, or 0.35 s); and their last silences differ, or a connection of this run survived one as long. Otherwise a limit for silence gives the same
//! (WS005 names both).
//!
//! ## What it does not mean
//! Connections that end at one moment are a restart (SES004); those that end by silence are WS005. A lifetime longer than the
//! test can't be seen in it.
//!
//! ## What to do
//! The operator raises the limit; a chat that connects again by itself lives with a long one.
//!
//! ## References
//! Request timeouts that platforms apply to WebSockets: Google Cloud's load balancer (30 s), Azure Container Apps (240 s); RFC 6455 section 7.1.5.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::SocketPurpose;
use crate::guidance::{Guidance, seconds};
use crate::platforms::gateway::Need;
use crate::platforms::{limits, operator};
use crate::survey::{Cut, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "WS006", name: "lifetime-cut", explains: &["WS004"], check, guide };

/// Where nothing was cut at a constant age: was anything held, and did any end at all?
pub(super) fn not_seen(survey: &Survey) -> Outcome {
    let held = survey.evidence.sockets_where(&|s| matches!(s.purpose, SocketPurpose::Heartbeat | SocketPurpose::Busy | SocketPurpose::RawQuiet));
    let held: Vec<_> = held.collect();
    if held.iter().any(|(_, s)| matches!(s.closed(), Some((_, 1006, _)))) {
        return Outcome::Unknown { missing: english!("a second connection that ends at the same age") };
    }
    let live = survey.websocket_hello().is_some() || survey.raw().is_some_and(|raw| raw.opened().is_some());
    if live && held.is_empty() { Outcome::Unknown { missing: english!("connections that are held: the longer test has them") } } else { Outcome::Clear }
}

fn check(survey: &Survey) -> Outcome {
    match survey.cut().or_else(|| survey.raw_cut()) {
        None => not_seen(survey),
        // What ends within five seconds is WS004's.
        Some(Cut::Lifetime { age, cites, .. }) if age > 5_000 => {
            let Some(cites) = Cites::from_all(cites) else {
                return Outcome::Clear;
            };
            if survey.is_spoilt(cites.as_slice()) {
                return Outcome::Unknown { missing: english!("a tab that stays in view") };
            }
            let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
            let named = limits::matching(survey.profile, survey.evidence, age, limits::Kind::Lifetime).join("; ");
            Outcome::Fires(finding.with("age-ms", age.to_string()).with("limit", named))
        }
        Some(_) => Outcome::Clear,
    }
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let age = finding.param("age-ms").parse().unwrap_or(0);
    let person = Guidance::person(&finding.code, t!("The chat's connection is ended after a fixed time, and has to be built up again."))
        .step(t!("Each connection ended after {time}. The chat connects again by itself; what you are sending at that moment may be lost.", time = seconds(age)))
        .other_network()
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Raise the limit for the age of connections on the socket's path."))
        .step(t!("Connections ended {time} after they had opened, with traffic and without: no ping helps.", time = seconds(age)));
    let operator = super::ws005_idle_cut::with_limit(operator, finding, &limits::known_with(age, limits::Kind::Lifetime));
    let operator = operator::settings(operator, survey, Need::Lifetime)
        .recheck(t!("The longer test holds two connections for half a minute: they stay."))
        .limits(t!("Deployments end connections too: a client has to connect again by itself in any case."));
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey));
    all
}
