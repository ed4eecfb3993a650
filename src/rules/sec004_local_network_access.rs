//! # SEC004 local-network-access
//!
//! ## What it means
//! The chat's server is inside a private network or on this device, and the browser wants the person's leave before a page may reach it.
//!
//! ## How it is recognised
//! The server is another origin than the page's. In Chromium: requests in modes `cors` and `no-cors` were rejected, an `EventSource` to it
//! ended with `readyState` 2, which it does for a rule of the browser's and not for a server that is away, and a WebSocket was refused. In
//! Firefox: the requests of both modes hang while the question is shown, or are rejected, and a WebSocket, which it does not ask for,
//! opens; that only fits. Of a raw WebSocket at another origin, in Chromium: the plain request to it by `no-cors` was rejected, an `EventSource` there ended with
//! `readyState` 2, and it was refused each time. The browser knows the permission and has not granted it. No policy of the page's own blocked anything, and the server's address
//! is a private one while the page's is not, or is this device's own.
//!
//! ## What it does not mean
//! The permission's state alone proves nothing: it says "prompt" everywhere, and "denied" in frames, also where all works.
//!
//! ## What to do
//! Allow it when the browser asks, or in the site's settings.
//!
//! ## References
//! WICG Local Network Access; measured in Chromium 156 and Firefox 153 with forced address spaces; Chrome 142 for requests, 147 for
//! WebSockets.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::evidence::{Cite, Exchange, Fact, Purpose};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::{Live, Survey};
use crate::t;

pub const RULE: Rule =
    Rule { code: "SEC004", name: "local-network-access", explains: &["NET002", "NET009", "CORS001", "POLL001", "WS001", "WS002", "NET004", "NET007"], check, guide };

fn check(survey: &Survey) -> Outcome {
    // Whose server is of the page's own origin may open a raw WebSocket elsewhere.
    let raw = survey.profile.ws_url.as_deref().filter(|_| !survey.profile.is_cross_origin()).and_then(Address::parse);
    if !survey.profile.is_cross_origin() && raw.is_none() || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    let ungranted = survey.evidence.observations().iter().find(|o| matches!(&o.fact, Fact::Permission { state, .. } if state != "granted"));
    let Some(permission) = ungranted.map(|o| o.id) else { return Outcome::Clear };
    let to_server: Vec<(Cite, &Exchange)> = survey
        .evidence
        .exchanges_where(&|x| {
            let asked = matches!(x.purpose, Purpose::Server | Purpose::ServerNoCors | Purpose::Handshake);
            x.cross_origin && if raw.is_some() { x.purpose == Purpose::Companion } else { asked }
        })
        .collect();
    let all = |wanted: fn(&Exchange) -> bool| {
        let mode = |no_cors: bool| to_server.iter().any(|(_, x)| (x.mode == "no-cors") == no_cors && wanted(x));
        mode(true) && (raw.is_some() || mode(false)) && to_server.iter().all(|(_, x)| wanted(x))
    };
    let firefox = survey.user_agent().contains("Firefox/");
    let proof = if firefox {
        let opened = survey.evidence.sockets().find(|(_, s)| s.cross_origin && s.opened()).map(|(c, _)| c);
        // A raw WebSocket that opens is all that its chat needs.
        opened.filter(|_| raw.is_none() && all(|x| x.rejected() || x.timed_out()))
    } else {
        let refused = survey.evidence.observations().iter().find(|o| matches!(o.fact, Fact::EventSource { ready_state: 2, .. })).map(|o| o.id);
        let no_socket = matches!(survey.live(), Live::Refused { .. }) && raw.is_none() || survey.raw().is_some_and(|raw| raw.refused().is_some());
        refused.filter(|_| no_socket && all(Exchange::rejected))
    };
    let Some(proof) = proof else { return Outcome::Clear };
    // To a public server a rejection of this form may be its own Cross-Origin-Resource-Policy.
    // And a page that is itself on this device or in such a network crosses no border that anybody is asked about.
    let private = |origin: &str| Address::parse(origin).is_some_and(|a| is_private(&a));
    let server = raw.as_ref().map_or_else(|| survey.profile.server.clone(), Address::origin);
    let on_device = Address::parse(&server).is_some_and(|a| a.is_loopback());
    let page_on_device = Address::parse(&survey.profile.page_origin).is_some_and(|a| a.is_loopback());
    if !private(&server) || page_on_device || private(&survey.profile.page_origin) && !on_device {
        return Outcome::Clear;
    }
    // In Firefox a server whose answers no other origin may load, and which lets WebSockets in, looks the same.
    let confidence = if firefox { Confidence::Correlated } else { Confidence::StronglySuggested };
    let cites = Cites::of(proof, to_server.iter().map(|(c, _)| *c).take(3).chain([permission]).chain(survey.own_file_answers()));
    Outcome::Fires(RULE.finding(Severity::Blocks, confidence, &[Party::User, Party::SiteOperator], cites))
}

/// Loopback, a name that no public server has, or an address that the report hides because it is nobody's business.
fn is_private(address: &Address) -> bool {
    let host = address.host.as_str();
    address.is_loopback() || host == "hidden-address" || !host.contains('.') || [".local", ".internal", ".lan", ".home.arpa"].iter().any(|end| host.ends_with(end))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("Your browser most likely waits for your leave to reach the chat’s server in this network."))
        .step(t!("Reload the page and, when the browser asks whether this site may reach devices on your local network, allow it."))
        .step(t!("If it does not ask: press the icon left of the address, open the site’s permissions, and allow what is said there of the local network, or of apps on this device."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Let the page and the server be reached in the same way."))
        .step(t!("The page {page} is outside, and its server {host} inside a private network or on the device.", page = &survey.profile.page_origin, host = operator::host(survey)))
        .step(t!("Serve the page from the same network (for a server on the device: from the device), or give the server a public name behind a gateway: then no leave is needed."))
        .step(t!("If the permission is granted and it still fails: the server's answers carry Cross-Origin-Resource-Policy and no headers of CORS, and only its WebSocket is open to other origins."))
        .step(t!("In an iframe of another origin's page the frame needs allow=\"local-network-access; local-network; loopback-network\". The page must be served by https, or nobody is asked."))
        .step(t!("For managed devices there are Chrome's and Edge's policies LocalNetworkAccessAllowedForUrls and LocalNetworkAccessBlockedForUrls."))
        .recheck(t!("Run this page again: it no longer says so."))
        .limits(t!("A server that is away, behind a browser that has not been asked, may look the same in part: after the leave is given this page tells."));
    vec![person, operator]
}
