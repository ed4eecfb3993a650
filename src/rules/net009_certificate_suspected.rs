//! # NET009 certificate-suspected
//!
//! ## What it means
//! No protected connection to the server comes about, and the certificate may be why. A page can't see certificates.
//!
//! ## How it is recognised
//! The server is another origin than the page's and speaks TLS; every WebSocket and every request to it, in `cors` and `no-cors`,
//! was rejected at once, with no policy of the page's own in the way; the page's own file answers. Firefox closes a WebSocket
//! with 1015 when TLS fails, and only then: that makes it strongly suggested; a Firefox that does not say so clears it. In other
//! browsers it stays a possibility among others.
//!
//! ## What it does not mean
//! It is suspected only. A refused port, an unknown name, a blocker and a bad certificate look alike to a page.
//!
//! ## What to do
//! Open the server's address in a tab of its own and read what the browser says. The operator first looks whether its name is known outside.
//!
//! ## References
//! WHATWG WebSockets, the warning on what script may not learn; close code 1015 in Firefox 153, 1006 in Chromium 156 for
//! self-signed, expired, wrong host and old TLS (measured).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::evidence::{Cite, SocketLife};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET009", name: "certificate-suspected", explains: &["NET002", "WS001", "WS002", "POLL001", "NET008", "RTC001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some(own) = survey.own_file_answers() else {
        return Outcome::Unknown { missing: english!("an answer of this page's own server") };
    };
    let Some((cites, says_tls)) = suspects(survey) else {
        return Outcome::Clear;
    };
    let confidence = if says_tls { Confidence::StronglySuggested } else { Confidence::Correlated };
    let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator, Party::User], Cites::of(own, cites));
    Outcome::Fires(finding.with("server", subject(survey)).with("browser-says-tls", if says_tls { "yes" } else { "no" }))
}

/// The server that is asked about, as the person knows it.
pub(super) fn subject(survey: &Survey) -> String {
    let raw = survey.profile.ws_url.as_ref().filter(|_| !survey.is_engine_subject()).and_then(|u| Address::parse(u));
    crate::redact::url(&raw.map_or_else(|| survey.profile.server.clone(), |a| a.origin()))
}

/// Everything to a TLS server of another origin is rejected at once, sockets included: (citations, whether the browser
/// names TLS). Firefox closes with 1015 when TLS fails, and only then; in other browsers a refused port, an unknown name
/// and a bad certificate look alike (measured).
pub(super) fn suspects(survey: &Survey) -> Option<(Vec<Cite>, bool)> {
    let engine = survey.is_engine_subject();
    let address = Address::parse(&subject(survey))?;
    if !address.scheme.is_secure() || address.origin() == survey.profile.page_origin || !survey.policy_violations().is_empty() {
        return None;
    }
    let sockets: Vec<(Cite, &SocketLife)> = if engine { survey.hellos().collect() } else { survey.raw()?.sockets };
    if sockets.is_empty() || !sockets.iter().all(|(_, s)| s.failed_before_open()) {
        return None;
    }
    let requests: Vec<(Cite, bool)> = if engine {
        survey.nothing_answers()?.iter().map(|(c, x)| (*c, x.rejected())).collect()
    } else {
        survey.raw()?.companion.iter().map(|(c, x)| (*c, x.rejected())).collect()
    };
    if requests.is_empty() || !requests.iter().all(|(_, rejected)| *rejected) {
        return None;
    }
    let says_tls = sockets.iter().any(|(_, s)| s.closed().is_some_and(|(_, code, _)| code == 1015));
    let would_say = survey.evidence.environment().is_some_and(|(_, e)| e.user_agent.contains("Firefox/"));
    (says_tls || !would_say).then(|| (sockets.iter().map(|(c, _)| *c).chain(requests.iter().map(|(c, _)| *c)).collect(), says_tls))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let says_tls = finding.param("browser-says-tls") == "yes";
    let title = if says_tls {
        t!("Your browser gets no protected connection to the chat's server; its certificate or encryption is likely wrong.")
    } else {
        t!("Your browser gets no connection to the chat's server; its security certificate may be the reason.")
    };
    let server = finding.param("server");
    let person = Guidance::person(&finding.code, title)
        .step(t!("Open {server} in a new tab. If your browser warns of the certificate, do not go past the warning: note what it says. If it says that the site can't be reached, it is not the certificate, but the server, the network or a blocker.", server = server))
        .step(t!("Check that the date and time of this device are right."));
    // A name that only a company's network knows is no matter of TLS.
    let person = if says_tls { person } else { person.step(t!("If the chat belongs to your company, connect to its network or VPN first.")) };
    let person = person
        .other_network()
        .or_hand_on();
    let host = operator::host(survey);
    let port = if host.contains(':') { "" } else { ":443" };
    let operator = Guidance::operator(&finding.code, t!("Check the server's certificate, its name and its port."));
    let operator = if says_tls {
        operator
    } else {
        let name = host.split(':').next().unwrap_or("chat.example");
        operator
            .step_with(t!("First, from outside: is the name known, and does the port answer? To a page an unknown name and a bad certificate are one and the same (in Windows PowerShell write curl.exe):"), ["nslookup ", name, "\ncurl -v --max-time 10 \"https://", &host, "/\""].concat())
            .step(t!("“Could not resolve host” is DNS, “Connection refused” or a time-out is the port or a firewall, “wrong version number” means that what listens there speaks no TLS, and words about the certificate are its own."))
            .step(t!("A name that is known inside the company only needs a public DNS record, or the people a VPN."))
    };
    let operator = operator
        .step_with(t!("It must be in date, name this host, and come with its intermediate certificates:"), ["openssl s_client -connect ", &host, port, " -servername ", host.split(':').next().unwrap_or("chat.example"), " -verify_return_error"].concat())
        .step(t!("If it is self-signed or of a company's own authority, devices must trust that authority; Safari does not use a clicked-away warning for WebSockets."))
        .recheck(t!("The command ends with “Verify return code: 0 (ok)”."))
        .limits(t!("A page can't see certificates: if this is in order, look at DNS, the port and firewalls."));
    vec![person, operator]
}
