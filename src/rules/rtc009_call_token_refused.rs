//! # RTC009 call-token-refused
//!
//! ## What it means
//! LiveKit does not take the token with which this page, or the chat, would join a call.
//!
//! ## How it is recognised
//! `/rtc/validate` with the token was answered in LiveKit's own words. `how` is what they say: `expired`, `not-yet-valid`, `signature`, `key`,
//! `grant`, `malformed`, `no-token` (none that is about rooms), `no-room`; `other`, a 401 in words that are not known, where LiveKit was heard
//! without a token. `claims` is what the token's own times say by this device's clock:
//! `expired`, `early` or `valid`.
//!
//! ## What it does not mean
//! It is the token that this page was given. The chat makes its own, most likely in the same way.
//!
//! ## What to do
//! The operator makes the token with the key, the secret and the grants that LiveKit knows.
//!
//! ## References
//! livekit/livekit, pkg/service/auth.go and rtcservice.go; docs.livekit.io, "Authentication".

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, of_calls};
use crate::evidence::Cite;
use crate::guidance::Guidance;
use crate::platforms::livekit;
use crate::platforms::operator::{self, First, Step, Texts};
use crate::protocol::livekit::Validation;
use crate::survey::Survey;
use crate::words::Phrase;
use crate::{step, t};

pub const RULE: Rule = Rule { code: "RTC009", name: "call-token-refused", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, how)) = refused(survey) else {
        return Outcome::Clear;
    };
    let token = survey.evidence.call_token();
    let claims = token.and_then(|(_, t)| Some((t.claims.as_ref()?, t.now)));
    let (by_claims, seconds) = match claims {
        None => ("", 0),
        Some((c, now)) => match (c.expires, c.not_before) {
            (Some(end), _) if end < now => ("expired", now.saturating_sub(end)),
            (_, Some(begin)) if begin > now => ("early", begin.saturating_sub(now)),
            (Some(end), _) => ("valid", end.saturating_sub(now)),
            _ => ("", 0),
        },
    };
    let finding = RULE.finding(of_calls(survey), Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, token.map(|(c, _)| c)));
    Outcome::Fires(finding.with("how", how).with("claims", by_claims).with("seconds", seconds.to_string()))
}

/// What LiveKit says against the token. Words that are not known count where it was itself heard without one.
pub(super) fn refused(survey: &Survey) -> Option<(Cite, &'static str)> {
    let (cite, exchange, said) = survey.validation(true)?;
    let heard = survey.validation(false).is_some_and(|(.., said)| said.is_some());
    match said {
        Some(Validation::Accepted | Validation::Full) => None,
        Some(said) => Some((cite, said.name())),
        None => (heard && exchange.status() == Some(401) && exchange.html().is_none()).then_some((cite, "other")),
    }
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, finding.param("how"))
}

const CLOCK: Step = step!(t!("By this device's clock it is {claims}, by {seconds} s; if LiveKit sees it otherwise, a clock is wrong.", "claims", "seconds"));

const MEANS: Phrase = t!("The server for calls does not take the pass that it was shown.");
const FIRST: Phrase = t!("Reload the chat, and begin the call anew.");

const TEXTS: Texts = Texts {
    by_how: &[
        ("expired", MEANS, First::Do(FIRST), &[step!(t!("The token has ended: make a new one for each call.")), CLOCK]),
        ("not-yet-valid", MEANS, First::Do(FIRST), &[step!(t!("The token is not valid yet.")), CLOCK]),
        ("signature", MEANS, First::Do(FIRST), &[step!(t!("It is signed with another secret than LiveKit has for its key."))]),
        ("key", MEANS, First::Do(FIRST), &[step!(t!("LiveKit does not know its key (iss): it must stand under keys: in the configuration."))]),
        ("malformed", MEANS, First::Do(FIRST), &[step!(t!("It is no JSON Web Token, or not signed by HS256."))]),
        ("no-room", MEANS, First::Do(FIRST), &[step!(t!("Its room does not exist: create it first, or set room.auto_create."))]),
        ("other", MEANS, First::Do(FIRST), &[step!(t!("LiveKit's log says why."))]),
        ("", MEANS, First::Do(FIRST), &[step!(t!("It lets nobody join: it needs an identity (sub), video.roomJoin and video.room."))]),
    ],
    title: Some(t!("Make tokens that LiveKit takes.")),
    steps: &[step!(t!("For comparison, one that is right:"), livekit::TOKEN)],
    recheck: Some(t!("This page, with a new token, no longer says so.")),
    limits: Some(t!("It is the token that this page was given.")),
};
