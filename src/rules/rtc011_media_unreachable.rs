//! # RTC011 media-unreachable
//!
//! ## What it means
//! LiveKit lets people in, and voice and video can't reach it.
//!
//! ## How it is recognised
//! The join answer came, and the peer connection to the addresses that the server named failed, or did not come about within 5 s, which only
//! the longer test waits for. `candidates` is how many it named by UDP and by TCP. Addresses that are private alone are RTC008.
//!
//! ## What it does not mean
//! Whether the server's firewall or this network is in the way, another network tells.
//!
//! ## What to do
//! The operator opens LiveKit's ports for media past any HTTP proxy, and offers TCP and a relay by TLS; the network's administrator lets them out.
//!
//! ## References
//! docs.livekit.io, "Ports and firewall"; RFC 8445.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, of_calls};
use crate::guidance::Guidance;
use crate::platforms::livekit;
use crate::platforms::operator::{self, BY_COTURN, BY_LIVEKIT, First, Texts};
use crate::survey::Survey;
use crate::words::Phrase;
use crate::{english, step, t};

pub const RULE: Rule = Rule { code: "RTC011", name: "media-unreachable", explains: &["RTC005"], check, guide };

/// So long ICE is given, in milliseconds, where it does not fail by itself.
const PATIENCE: u32 = 5_000;

fn check(survey: &Survey) -> Outcome {
    let Some((cite, call)) = survey.media_in_vain(super::MEDIA_SOON).filter(|(_, call)| !survey.names_private_alone(call)) else {
        return Outcome::Clear;
    };
    if survey.passes_over(call) {
        return Outcome::Unknown { missing: english!("a browser that makes calls to this device") };
    }
    if survey.media_in_vain(PATIENCE).is_none() {
        return Outcome::Unknown { missing: english!("a longer wait for the media: the longer test") };
    }
    let cites = Cites::of(cite, []);
    let count = |protocol: &str| call.candidates.iter().filter(|c| c.protocol == protocol).count().to_string();
    let parties: &[Party] = if call.candidates.is_empty() { &[Party::SiteOperator] } else { &[Party::NetworkAdmin, Party::SiteOperator] };
    let finding = RULE.finding(of_calls(survey), Confidence::StronglySuggested, parties, cites);
    super::timed(survey, finding.with("candidates", [&count("udp"), " by UDP and ", &count("tcp"), " by TCP"].concat()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, if finding.param("candidates").starts_with("0 by UDP and 0 by") { "none" } else { "" })
}

const MEANS: Phrase = t!("Calls begin, and then sound and picture do not come through.");

const TEXTS: Texts = Texts {
    by_how: &[
        (
            "none",
            MEANS,
            First::Nothing,
            &[step!(t!(
                "It named no address for voice and video at all: look at rtc.interfaces, rtc.ips and rtc.node_ip in its configuration, and at its log."
            ))],
        ),
        (
            "",
            MEANS,
            First::Nothing,
            &[
                step!(
                    t!(
                        "It named {candidates}, and none could be reached. Open these in the server's firewall and its cloud's; no HTTP proxy carries them:",
                        "candidates"
                    ),
                    livekit::PORTS
                ),
                BY_COTURN,
                BY_LIVEKIT,
            ],
        ),
    ],
    title: Some(t!("Open LiveKit's ports for voice and video.")),
    steps: &[],
    recheck: Some(t!("This page sees the media connect.")),
    limits: Some(t!("If it is so in one network alone, that network is in the way.")),
};
