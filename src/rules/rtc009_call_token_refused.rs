//! # RTC009 call-token-refused
//!
//! ## What it means
//! LiveKit does not take the token with which this page, or the chat, would join a call.
//!
//! ## How it is recognised
//! `/rtc/validate` with the token was answered in LiveKit's own words. `how` is what they say: `expired`, `not-yet-valid`, `signature`, `key`,
//! `grant`, `malformed`, `no-token` (none that is about rooms), `no-room`; `header`, the request came with an Authorization header that is not this
//! page's; `other`, a 401 in words that are not known, where LiveKit was heard without a token. `lost`, strongly suggested: a 401 that says `no-token`
//! or `grant` of a token that by its own words joins, names a room and is valid. `claims` is what the token's own times say by this device's clock:
//! `expired`, `early` or `valid`.
//!
//! ## What it does not mean
//! It is the token that this page was given. The chat makes its own, most likely in the same way.
//!
//! ## What to do
//! The operator makes the token with the key, the secret and the grants that LiveKit knows; where it did not arrive, they look for the hop that
//! drops the query, or adds a header.
//!
//! ## References
//! livekit/livekit, pkg/service/auth.go (an Authorization header is read before `access_token`) and rtcservice.go; nginx.org,
//! ngx_http_proxy_module (`proxy_pass` with variables) and ngx_http_rewrite_module (a question mark at the end); docs.livekit.io, "Authentication".

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
    // A token of which nothing is missing has most likely not arrived: LiveKit has these words for none as well. 400 is about one that it has read.
    let grants = token.and_then(|(_, t)| t.claims.as_ref()).is_some_and(|c| c.joins && c.names_room);
    let unauthorized = survey.validation(true).is_some_and(|(_, x, _)| x.status() == Some(401));
    let lost = matches!(how, "no-token" | "grant") && unauthorized && grants && by_claims == "valid";
    let (how, confidence) = if lost { ("lost", Confidence::StronglySuggested) } else { (how, Confidence::Observed) };
    let finding = RULE.finding(of_calls(survey), confidence, &[Party::SiteOperator], Cites::of(cite, token.map(|(c, _)| c)));
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
    let how = finding.param("how");
    operator::texts(finding, survey, if matches!(how, "lost" | "header") { &ON_THE_WAY } else { &TEXTS }, how)
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

const NOT_ARRIVED: Phrase = t!("The pass for calls does not come to their server as it was sent.");

const ON_THE_WAY: Texts = Texts {
    by_how: &[
        (
            "lost",
            NOT_ARRIVED,
            First::Nothing,
            &[
                step!(t!(
                    "By its own words the token is valid, joins and names a room, and LiveKit answers as if there were none: most likely something on the way drops the query, in which it comes (access_token). Let everything behind the question mark pass, for /rtc and all below it."
                )),
                step!(t!(
                    "nginx drops it where proxy_pass has variables and a path without $is_args$args, and where the replacement of a rewrite ends with a question mark."
                )),
            ],
        ),
        (
            "",
            NOT_ARRIVED,
            First::Nothing,
            &[step!(
                t!(
                    "LiveKit reads the header Authorization before the token in the address, and it got one that does not begin with Bearer. A gateway sets it, or passes on the sign-in that it asked for itself: take it off before LiveKit. nginx, in the location:"
                ),
                "proxy_set_header Authorization \"\";"
            )],
        ),
    ],
    title: Some(t!("Let the token come to LiveKit.")),
    steps: &[],
    recheck: Some(t!("This page, with the same token, no longer says so.")),
    limits: Some(t!("It is the token that this page was given.")),
};
