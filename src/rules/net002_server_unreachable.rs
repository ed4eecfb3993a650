//! # NET002 server-unreachable
//!
//! ## What it means
//! The page's own server answers, and the chat's server, or the path that carries the chat, does not.
//!
//! ## How it is recognised
//! The page's own file answers. Every request to the server, or to the socket's path of the page's own server, was rejected or
//! timed out, at least one in `cors` and one in `no-cors`, and no WebSocket opened there; a raw WebSocket must fail and so must a
//! plain request to it. `scope` tells whether the whole server or only the socket's path is silent, `how` whether it was refused
//! (observed) or nothing came within the deadline (strongly suggested). Where a certificate is suspected, NET009 speaks instead.
//!
//! ## What it does not mean
//! It does not say why: an unknown name, a closed port, a firewall and a blocker in the browser look alike to a page.
//!
//! ## What to do
//! Compare with another network and with a browser without extensions; then the server, its name and its port.
//!
//! ## References
//! WHATWG Fetch, network error; WHATWG WebSockets; measured: refused, reset, unknown name and content blocker give the same
//! events.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Purpose};
use crate::survey::Raw;
use crate::guidance::{Audience, Guidance};
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET002", name: "server-unreachable", explains: &["WS001", "WS002", "WS004", "WS007", "WS011", "POLL001", "POLL003", "POLL004", "STR002", "GRPC001", "NET008", "NET007", "NET010", "PATH001", "RTC001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if survey.profile.is_cross_origin() || survey.profile.ws_url.is_some() || survey.is_engine_subject() {
        let Some(own) = survey.own_file_answers() else {
            return Outcome::Unknown { missing: english!("an answer of this page's own server") };
        };
        if super::net009_certificate_suspected::suspects(survey).is_some() {
            return Outcome::Clear;
        }
        let engine = survey.is_engine_subject().then(|| survey.nothing_answers()).flatten();
        let raw = survey.raw().and_then(|raw| unanswered_raw(&raw));
        let (cites, silent, scope) = match (engine, raw) {
            (Some(all), _) => {
                let silent = all.iter().any(|(_, x)| x.timed_out());
                let root_too = survey.profile.is_cross_origin() && all.iter().any(|(_, x)| x.purpose == Purpose::Server);
                (all.iter().map(|(c, _)| *c).collect::<Vec<_>>(), silent, if root_too { "server" } else { "socket-path" })
            }
            (None, Some((cites, silent))) => (cites, silent, "server"),
            (None, None) => return Outcome::Clear,
        };
        let confidence = if silent { Confidence::StronglySuggested } else { Confidence::Observed };
        let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(own, cites));
        return Outcome::Fires(finding.with("scope", scope).with("how", if silent { "silent" } else { "refused" }).with("server", super::net009_certificate_suspected::subject(survey)));
    }
    Outcome::Clear
}

/// A raw WebSocket that does not open while nothing answers a plain request to its server either: (citations, silent).
fn unanswered_raw(raw: &Raw) -> Option<(Vec<Cite>, bool)> {
    let (cite, companion) = raw.companion?;
    let dead = companion.rejected() || companion.timed_out();
    let mut cites = raw.refused().or_else(|| raw.hung())?;
    cites.push(cite);
    dead.then(|| (cites, companion.timed_out()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let silent = finding.param("how") == "silent";
    let whole = finding.param("scope") == "server";
    let title = match (whole, silent) {
        (true, false) => t!("The chat's server can't be reached, although your connection works."),
        (true, true) => t!("The chat's server does not answer in time, although your connection works."),
        (false, false) => t!("This site works, but the part of it that carries the chat can't be reached."),
        (false, true) => t!("This site works, but the part of it that carries the chat does not answer in time."),
    };
    let person = Guidance::person(&finding.code, title)
        .step(t!("Wait a minute and run this test again: a server that is just starting comes back by itself."))
        .step(t!("If the chat belongs to your company, connect to its network or VPN first."))
        .other_network()
        .private_window()
        .or_hand_on();
    let seen = match (whole, silent) {
        (true, false) => t!("Connections fail at once to {server}."),
        (true, true) => t!("Nothing came within this page's deadline from {server}."),
        (false, false) => t!("Connections fail at once to {server}, at the socket's path only: look at the gateway's rule for it."),
        (false, true) => t!("Nothing came within this page's deadline from {server}, at the socket's path only: look at the gateway's rule for it."),
    };
    let operator = Guidance::operator(&finding.code, t!("Make the server answer at this name, port and path."))
        .step(seen.with(vec![("server", finding.param("server").into())]))
        .step_with(t!("From outside, see which part fails, the name, the port, TLS or the answer:"), operator::polling_test(survey))
        .step(t!("A name that is known inside the company only needs a public DNS record, or the people a VPN."));
    let operator = operator::logs(operator, survey).recheck(t!("The test gives any HTTP answer at all.")).limits(t!("An answer is only the first step; this page then says what the answer means."));
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Allow connections to {host}.", host = operator::host(survey)))
        .step_with(t!("Test from inside this network, and from outside for comparison:"), operator::polling_test(survey))
        .recheck(t!("Both give the same answer."));
    vec![person, operator, network]
}
