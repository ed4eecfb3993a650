//! # WS010 high-latency
//!
//! ## What it means
//! The live connection is far slower than ordinary requests to the same server.
//!
//! ## How it is recognised
//! Half of at least ten questions on one open WebSocket took more than five times as long as half of at least five plain requests to the same
//! address, and a quarter of a second more; or more than five seconds. Both were measured one after the other, in a worker where the browser lets one be, and the
//! tab was in view.
//!
//! ## What it does not mean
//! A slow line slows both down. How long the chat thinks about an answer is not measured.
//!
//! ## What to do
//! The person tries without the antivirus program's web protection or the company's VPN; the network's administrator excludes
//! the host from inspection.
//!
//! ## References
//! High Resolution Time; the question is a Socket.IO CONNECT to a namespace that does not exist, which servers refuse at once (measured).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{RoundTrips, order_by};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "WS010", name: "high-latency", explains: &[], check, guide };

/// Microseconds.
const LONG: u32 = 5_000_000;
const APART: u32 = 250_000;

/// The value below which so many of a hundred samples are; `None` where there are none.
#[must_use]
pub fn percentile(trips: &RoundTrips, of_hundred: usize) -> Option<u32> {
    let mut sorted = trips.samples.clone();
    order_by(&mut sorted, |sample| *sample);
    sorted.get((sorted.len() * of_hundred / 100).min(sorted.len().saturating_sub(1))).copied()
}

fn check(survey: &Survey) -> Outcome {
    let (Some((http_cite, http)), Some((cite, socket))) = (survey.round_trips("http"), survey.round_trips("socket")) else {
        let live = survey.websocket_hello().is_some();
        return if live { Outcome::Unknown { missing: english!("round trips on the socket: the longer test measures them") } } else { Outcome::Clear };
    };
    let (Some(by_http), Some(by_socket)) = (percentile(http, 50), percentile(socket, 50)) else {
        return Outcome::Unknown { missing: english!("round trips on the socket: the server does not answer the test's question") };
    };
    // A few that are very long leave no time for more.
    let enough = socket.samples.len() >= 10 || by_socket > 1_000_000 && socket.samples.len() >= 2;
    if !enough || http.samples.len() < 5 {
        return Outcome::Unknown { missing: english!("enough round trips") };
    }
    let slow = by_socket > LONG || by_socket > by_http.saturating_mul(5) && by_socket > by_http.saturating_add(APART);
    if !slow {
        return Outcome::Clear;
    }
    let cites = Cites::of(cite, [http_cite]);
    if survey.is_spoilt(cites.as_slice()) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::User, Party::NetworkAdmin, Party::SiteOperator], cites);
    let ms = |micro: u32| (micro / 1000).to_string();
    Outcome::Fires(finding.with("socket-ms", ms(by_socket)).with("http-ms", ms(by_http)).with("p95-ms", ms(percentile(socket, 95).unwrap_or(0))))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let (socket, http) = (finding.param("socket-ms"), finding.param("http-ms"));
    let seen = t!("On the live connection an answer takes {socket} ms, an ordinary request {http} ms.", socket = socket, http = http);
    let person = Guidance::person(&finding.code, t!("The chat's live connection is much slower than the rest of the site, so everything in the chat comes late."))
        .step(t!("If you have an antivirus program with web or HTTPS protection, or a VPN, switch that part off for a minute and run this test again. If it is fast then, make an exception for this site there."))
        .other_network()
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find the hop that holds frames back."))
        .step(seen.clone())
        .step(t!("If the test is fast from elsewhere, it is the person's own network or computer. If it is slow from everywhere, look at buffering or inspection (a web application firewall) on the socket's path, and at an overloaded event loop."));
    let operator = operator::logs(operator, survey).recheck(t!("The longer test's round trips are alike on both ways."));
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey).map(|network| network.step(seen)));
    all
}
