//! # RTC004 relay-credentials
//!
//! ## What it means
//! A relay (TURN) is there, and does not take the username and password that the chat has for it.
//!
//! ## How it is recognised
//! `refused`: it answered 401. `expired`: the same, and the username begins with a time that is over by this device's clock (TURN REST API).
//! `missing`: the browser refuses the URL for want of credentials. Information where another relay works.
//!
//! ## What it does not mean
//! 401 does not tell a wrong secret from an unknown user, a wrong realm or a clock that is wrong.
//!
//! ## What to do
//! The operator gives relay and application the same secret, and each person new credentials in time.
//!
//! ## References
//! RFC 8489 section 9.2; draft-uberti-behave-turn-rest; measured with coturn 4.6.1.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::coturn;
use crate::platforms::operator::{self, First, Texts};
use crate::survey::{IceState, Survey};
use crate::words::Phrase;
use crate::{step, t};

pub const RULE: Rule = Rule { code: "RTC004", name: "relay-credentials", explains: &["RTC005", "RTC011"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let looks = survey.ice_looks();
    let refused = looks.iter().find(|l| l.state == IceState::Unauthorized);
    let Some(look) = refused.or_else(|| looks.iter().find(|l| l.state == IceState::NoCredentials)) else {
        return Outcome::Clear;
    };
    let over = survey.evidence.ice_servers().find(|(_, s)| s.expires_in.is_some_and(|left| left < 0)).map(|(c, _)| c);
    let how = match (refused, over) {
        (None, _) => "missing",
        (_, Some(_)) => "expired",
        _ => "refused",
    };
    let severity = if survey.relay_works().is_some() { Severity::Info } else { Severity::Degrades };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], Cites::of(look.cite, over));
    Outcome::Fires(finding.with("how", how).with("url", look.gathering.url.as_str()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, finding.param("how"))
}

const MEANS: Phrase = t!("The detour that calls take in strict networks refuses the chat’s password for it.");
const FIRST: Phrase = t!("Reload the chat: it may get a new one.");

const TEXTS: Texts = Texts {
    by_how: &[
        (
            "missing",
            t!("A detour for calls could not be tried: this page was given no password for it."),
            First::Nothing,
            &[step!(t!("{url}: username and credential are missing. If the chat fetches them for each call, give them to run() of this page too.", "url"))],
        ),
        ("expired", MEANS, First::Do(FIRST), &[step!(t!("{url}: the time in its username is over.", "url"))]),
        ("", MEANS, First::Do(FIRST), &[step!(t!("{url}: 401. The secret, the user, the realm or a clock is not the relay's.", "url"))]),
    ],
    title: Some(t!("Hand out credentials that the relay takes.")),
    steps: &[step!(
        t!(
            "LiveKit takes them from rtc.turn_servers in its configuration. coturn, in turnserver.conf, without lt-cred-mech and user=; the username is the end in seconds since 1970, the credential base64(HMAC-SHA1(secret, username)):"
        ),
        coturn::CREDENTIALS
    )],
    recheck: Some(t!("This page sees a relay that works.")),
    limits: None,
};
