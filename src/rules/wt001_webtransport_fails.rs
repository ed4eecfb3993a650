//! # WT001 webtransport-fails
//!
//! ## What it means
//! No WebTransport session comes about at the address that is set.
//!
//! ## How it is recognised
//! `new WebTransport(url)` was rejected, or not `ready` within the limit. The browser does not say why.
//!
//! ## What it does not mean
//! A network that blocks UDP at port 443, a server without HTTP/3 and a certificate that is not taken look alike.
//!
//! ## What to do
//! Compare with another network; the operator looks at port, certificate and path.
//!
//! ## References
//! W3C WebTransport; RFC 9114; RFC 9220.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::operator::{self, First, Texts};
use crate::survey::{ICE_PATIENCE, Survey};
use crate::words::Phrase;
use crate::{english, step, t};

pub const RULE: Rule = Rule { code: "WT001", name: "webtransport-fails", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if survey.profile.webtransport_url.is_none() {
        return Outcome::Unknown { missing: english!("the address: the setting webtransport-url") };
    }
    let Some((cite, transport)) = survey.evidence.web_transport().filter(|(_, t)| t.how != "unsupported") else {
        return Outcome::Unknown { missing: english!("a browser with WebTransport") };
    };
    if transport.how == "ready" {
        return Outcome::Clear;
    }
    if transport.how == "silent" && transport.ended_after < survey.patience(ICE_PATIENCE) || survey.is_spoilt(&[cite]) {
        return Outcome::Unknown { missing: super::LONGER_WAIT };
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(cite, []));
    // Chromium gives up a silent server by itself, after 4.4 s and in the same words as a refusal (measured).
    let how = if transport.ended_after >= survey.patience(ICE_PATIENCE) { "silent" } else { transport.how.as_str() };
    Outcome::Fires(finding.with("how", how).with("message", transport.message.as_str()).with("url", transport.url.as_str()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, finding.param("how"))
}

const MEANS: Phrase = t!("A fast connection that the chat can use does not come about from here.");

const TEXTS: Texts = Texts {
    by_how: &[
        ("silent", MEANS, First::Nothing, &[step!(t!("{url}: nothing came. UDP to that port is most likely closed, on the way or at the server.", "url"))]),
        (
            "",
            MEANS,
            First::Nothing,
            &[step!(t!("{url}: “{message}” Look at the certificate, at HTTP/3 with extended CONNECT, and at the path.", "url", "message"))],
        ),
    ],
    title: Some(t!("Make WebTransport answer.")),
    steps: &[step!(t!("Where a network blocks UDP, the chat needs a WebSocket to fall back to."))],
    recheck: Some(t!("This page sees the session ready.")),
    limits: None,
};
