//! # RTC008 private-candidates
//!
//! ## What it means
//! LiveKit lets people in and tells them addresses for voice and video that can be reached from its own network alone.
//!
//! ## How it is recognised
//! The join answer came; all candidates of the server are private, link-local or loopback addresses (RFC 1918, RFC 6598, RFC 4193), and no
//! name is among them; the peer connection to it did not come about within 2.5 s. Where LiveKit's own URL is such an address, its
//! candidates of the same kind are right.
//!
//! ## What it does not mean
//! For people of that network alone such addresses are right: then something else is in the way.
//!
//! ## What to do
//! The operator lets LiveKit find out its public address, or names it.
//!
//! ## References
//! docs.livekit.io, "Deploying LiveKit" (rtc.use_external_ip, rtc.node_ip); livekit/livekit, pkg/service/turn.go: its own relay refuses private
//! addresses too.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, of_calls};
use crate::guidance::Guidance;
use crate::platforms::livekit;
use crate::platforms::operator::{self, First, Texts};
use crate::survey::Survey;
use crate::{step, t};

pub const RULE: Rule = Rule { code: "RTC008", name: "private-candidates", explains: &["RTC005", "RTC011"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, call)) = survey.media_in_vain(super::MEDIA_SOON) else {
        let untold = survey.joined().is_some() && survey.media_connected().is_none();
        return if untold { Outcome::Unknown { missing: super::NO_MEDIA } } else { Outcome::Clear };
    };
    if !survey.names_private_alone(call) || survey.passes_over(call) {
        return Outcome::Clear;
    }
    let cites = Cites::of(cite, []);
    super::timed(survey, RULE.finding(of_calls(survey), Confidence::StronglySuggested, &[Party::SiteOperator], cites))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, "")
}

const TEXTS: Texts = Texts {
    by_how: &[(
        "",
        t!("Calls begin without sound or picture: their server can only be heard inside its own network."),
        First::Do(t!("If the chat belongs to your company, connect to its network or VPN first.")),
        &[],
    )],
    title: Some(t!("Let LiveKit tell its public address.")),
    steps: &[step!(t!("All addresses that it named are private. In its configuration:"), livekit::PUBLIC_ADDRESS)],
    recheck: Some(t!("This page sees the media connect.")),
    limits: None,
};
