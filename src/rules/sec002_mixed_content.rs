//! # SEC002 mixed-content
//!
//! ## What it means
//! A page that came by https may not open an unprotected connection, and the address that is set for the server is one.
//!
//! ## How it is recognised
//! The page's scheme is `https:`, and a setting (`server`, `ws-url`, `livekit-url`, `stream-url`, `grpc-url`) names a server without TLS that
//! is not this device's own. No WebSocket to that host opened, so the browser did not lift it to `wss:` by itself. For `server` and
//! `ws-url` an attempt must have failed: the constructor's `SecurityError`, or a rejected request to that host. LiveKit alone
//! blocks nothing but calls.
//!
//! ## What it does not mean
//! The server may be reachable and well. `ws://localhost` is allowed and never raises this.
//!
//! ## What to do
//! Give the server TLS and name it by `wss:` or `https:`.
//!
//! ## References
//! W3C Mixed Content; WHATWG WebSockets, the constructor's SecurityError; measured in Chromium 156 and Firefox 153.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "SEC002", name: "mixed-content", explains: &["NET002", "NET009", "WS001", "WS002", "CORS001", "PATH001", "RTC001", "GRPC001", "STR004"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((environment_cite, environment)) = survey.evidence.environment() else {
        return Outcome::Unknown { missing: english!("whether this page is a secure one") };
    };
    if environment.scheme != "https:" {
        return Outcome::Clear;
    }
    let profile = survey.profile;
    let named = [("server", Some(&profile.server)), ("ws-url", profile.ws_url.as_ref()), ("livekit-url", profile.livekit_url.as_ref()), ("stream-url", profile.stream_url.as_ref()), ("grpc-url", profile.grpc_url.as_ref())];
    let insecure = named.into_iter().find_map(|(field, url)| {
        let address = Address::parse(url?)?;
        (!address.scheme.is_secure() && !address.is_loopback()).then_some((field, address))
    });
    let threw = survey.evidence.sockets().find(|(_, s)| s.threw().is_some_and(|(name, _)| name == "SecurityError")).map(|(c, _)| c);
    let Some((field, address)) = insecure else {
        return Outcome::Clear;
    };
    // upgrade-insecure-requests turns ws: into wss: in this page: then it opened, and nothing is wrong.
    let answered = survey.evidence.sockets().any(|(_, s)| s.opened() && Address::parse(&s.url).is_some_and(|a| a.host == address.host));
    if answered {
        return Outcome::Clear;
    }
    let rejected = || survey.evidence.exchanges().find(|(_, x)| x.rejected() && Address::parse(&x.url).is_some_and(|a| a.host == address.host)).map(|(c, _)| c);
    let in_vain = threw.or_else(rejected);
    if in_vain.is_none() && matches!(field, "server" | "ws-url") {
        return Outcome::Unknown { missing: english!("an attempt at the insecure address") };
    }
    let severity = if field == "livekit-url" { super::of_calls(survey) } else { Severity::Blocks };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], Cites::of(environment_cite, in_vain));
    Outcome::Fires(finding.with("setting", field).with("url", crate::redact::url(&address.origin())))
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat is set up for an unprotected connection, which your browser does not allow here.")).hand_on();
    let operator = Guidance::operator(&finding.code, t!("Use wss: or https: for the server."))
        .step(t!("The setting “{setting}” says {url}. If the chat itself uses that address too, mend it there; if only this page does, mend this page's setting.", setting = finding.param("setting"), url = finding.param("url")))
        .step(t!("Put the server behind TLS with a certificate that browsers trust: a reverse proxy on port 443 that passes WebSockets is enough."))
        .step_with(t!("Then name it so (without the port, if the proxy is on 443):"), operator::word(&finding.param("url").replacen("http:", "https:", 1).replacen("ws:", "wss:", 1)))
        .recheck(t!("Reload: this page no longer says so."))
        .limits(t!("The directive upgrade-insecure-requests only helps where the server already has TLS."));
    vec![person, operator]
}
