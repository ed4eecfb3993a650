//! # RTC002 udp-blocked
//!
//! ## What it means
//! Nothing comes back by UDP, which calls use where they can. They fall back to TCP, with stutter, or fail.
//!
//! ## How it is recognised
//! STUN and TURN servers asked by UDP did not answer for 3 s and more (longer on a slow line), nothing else came by UDP in this run, and a
//! control works by TCP: TURN at the same host answered, or LiveKit's media connected though it had named UDP at an address as near. The last is enough
//! by itself where they stayed with TCP for a second and more.
//!
//! ## What it does not mean
//! A server whose own UDP port is closed looks the same where no other was asked: another network tells them apart. A name that was not found
//! does not count.
//!
//! ## What to do
//! The network's administrator lets UDP out to these servers; the operator offers a relay by TLS on port 443.
//!
//! ## References
//! RFC 8489 section 6.2.1; measured: Chromium reports a silent server after 40 s, Firefox after 11 s.

use super::rtc003_relay_unreachable::told;
use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Cite;
use crate::guidance::Guidance;
use crate::platforms::operator::{self, BY_COTURN, BY_LIVEKIT, BY_MEDIA, First, Texts};
use crate::survey::{IceLook, Survey};
use crate::{english, step, t};

pub const RULE: Rule = Rule { code: "RTC002", name: "udp-blocked", explains: &["RTC003", "RTC005", "RTC011", "WT001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let looks = survey.ice_looks();
    if looks.is_empty() && survey.media().next().is_none() {
        return Outcome::Unknown { missing: super::NO_SERVERS };
    }
    if survey.udp_passes().is_some() {
        return Outcome::Clear;
    }
    let mut silent: Vec<&IceLook> = looks.iter().filter(|l| l.url.transport == "udp" && l.in_vain() && !l.is_unknown_name()).collect();
    let by_media = survey.media_without_udp();
    if silent.is_empty() && !by_media.is_some_and(|(_, settled)| settled) {
        return Outcome::Unknown { missing: english!("a STUN or TURN server by UDP") };
    }
    // The control is the same host without UDP: another one says nothing of this.
    let by_tcp = |host: &str| looks.iter().find(|l| l.url.host == host && l.url.transport != "udp" && l.answered());
    let control = match by_media {
        Some((cite, _)) => cite,
        None => {
            silent.retain(|l| by_tcp(&l.url.host).is_some());
            let Some(look) = silent.first().and_then(|l| by_tcp(&l.url.host)) else {
                return Outcome::Unknown { missing: english!("the same server by TCP, as the control") };
            };
            look.cite
        }
    };
    let cites = Cites::of(control, silent.iter().map(|l| l.cite).collect::<Vec<Cite>>());
    let finding = RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::NetworkAdmin, Party::SiteOperator], cites);
    let urls = if silent.is_empty() { BY_MEDIA.to_owned() } else { told(&silent) };
    super::timed(survey, finding.with("urls", urls))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, finding.param("how"))
}

const TEXTS: Texts = Texts {
    by_how: &[("", t!("This network most likely blocks the fast way for calls: they may stutter, or not begin."), First::Nothing, &[])],
    title: Some(t!("Offer calls a way without UDP.")),
    steps: &[
        step!(t!(
            "{urls}; TCP works. If it is the same through a phone's mobile data, UDP is closed at your server: open these ports in its firewall (LiveKit's media: rtc.port_range_start to port_range_end, or rtc.udp_port).",
            "urls"
        )),
        BY_COTURN,
        BY_LIVEKIT,
    ],
    recheck: Some(t!("In that network this page sees a relay by TLS that works.")),
    limits: Some(t!("UDP stays the better way: by TCP each lost packet holds up those behind it.")),
};
