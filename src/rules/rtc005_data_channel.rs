//! # RTC005 data-channel
//!
//! ## What it means
//! Data channels, by which calls send what is not sound or picture, do not work or lose much.
//!
//! ## How it is recognised
//! Two peer connections of this page talk through a relay alone. `never-opened`: they connect, and a channel does not open within 1.5 s
//! and twice the time that the connection took.
//! `lossy`: of at least 50 messages without retransmission a fifth and more does not come back; each crosses the line to the relay twice
//! on its way there, and twice back. `reliable`: some of those with retransmission do not come back either. `never-connected` is information that
//! only fits: relays may forbid themselves as a peer, or not reach themselves through their NAT; `mute`: the same at a relay on this very
//! device, where there is no NAT, for longer than a browser takes to give up a refused peer. `no-webrtc`: the browser has no `RTCPeerConnection`. Without a relay the same test
//! tells of the browser alone, and is the control.
//!
//! ## What it does not mean
//! Loss is of the way to the relay and back. A relay that forbids itself still serves calls with others; relayed addresses of loopback
//! are refused by default and say nothing.
//!
//! ## What to do
//! Where WebRTC is missing, the person switches off what takes it away. Else the operator looks at the relay, and loss at the network.
//!
//! ## References
//! RFC 8831; RFC 8656 section 9; coturn issues 206, 584 and 645.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity, of_calls};
use crate::evidence::{Cite, Loopback};
use crate::guidance::Guidance;
use crate::platforms::browsers::Task;
use crate::platforms::coturn;
use crate::platforms::operator::{self, First, Texts};
use crate::protocol::ice::Reach;
use crate::survey::{LOSSY, Survey, carries, lost};
use crate::{english, step, t};

pub const RULE: Rule = Rule { code: "RTC005", name: "data-channel", explains: &[], check, guide };

/// By then a browser whose peer was refused has given up: Chromium in a second, Firefox in 5.6 (measured), in milliseconds.
const REFUSED: u32 = 7_000;
/// For channels to open once the connection stands, in milliseconds.
const OPENS: u32 = 1_500;

fn check(survey: &Survey) -> Outcome {
    if !survey.profile.has_calls() {
        return Outcome::Clear;
    }
    if let Some((cite, _)) = survey.evidence.devices().filter(|(_, d)| !d.webrtc) {
        return super::timed(survey, RULE.finding(of_calls(survey), Confidence::Observed, &[Party::User], Cites::of(cite, [])).with("how", "no-webrtc"));
    }
    let relayed = || survey.evidence.loopbacks().filter(|(_, l)| l.server.is_some());
    let Some((plain, _)) = survey.plain_loopback().filter(|(_, l)| l.connected_after.is_some()) else {
        return Outcome::Unknown { missing: english!("two connections of this page that find each other") };
    };
    if let Some((cite, loopback, how)) = relayed().find_map(|(cite, l)| Some((cite, l, fault(survey, l)?))) {
        let cites = Cites::of(cite, [plain]);
        let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::NetworkAdmin, Party::SiteOperator], cites);
        let lossy = loopback.channels.iter().find(|c| c.name == "lossy");
        let percent = lossy.and_then(|c| lost(loopback, c)).map_or(String::new(), |lost| lost.to_string());
        let median = lossy.map_or(0, |c| c.median / 1000).to_string();
        return super::timed(survey, finding.with("how", how).with("percent", percent).with("median-ms", median));
    }
    let in_vain = |l: &Loopback| {
        l.connected_after.is_none()
            && l.threw.is_none()
            && (l.ended_after >= survey.patience(super::MEDIA_SOON) || matches!(l.state.as_str(), "failed" | "disconnected"))
    };
    let Some((cite, loopback)) = relayed().find(|(_, l)| in_vain(l)) else {
        let whole = relayed().any(|(_, l)| carries(l)) || survey.ice_looks().iter().all(|l| !l.url.relays());
        return if whole { Outcome::Clear } else { Outcome::Unknown { missing: english!("data through a relay") } };
    };
    if survey.media_connected().is_some() || relayed().any(|(_, l)| l.connected_after.is_some()) {
        return Outcome::Clear;
    }
    let looks = survey.ice_looks();
    let own = |c: &crate::evidence::Found| c.candidate.kind == "relay" && c.candidate.reach == Reach::Loopback;
    let look = looks.iter().find(|l| Some(l.server) == loopback.server);
    let cites = Cites::of(cite, look.map(|l| l.cite).into_iter().chain([plain]).collect::<Vec<Cite>>());
    if look.is_some_and(|l| l.gathering.candidates.iter().any(own)) {
        // A relay that refuses a peer says so, and the browser gives up. No NAT stands before one on this device.
        if loopback.ended_after < survey.patience(REFUSED) {
            return Outcome::Unknown { missing: english!("a relay that is not on this device, or a longer wait: the longer test") };
        }
        return super::timed(survey, RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::SiteOperator], cites).with("how", "mute"));
    }
    super::timed(survey, RULE.finding(Severity::Info, Confidence::Correlated, &[Party::SiteOperator], cites).with("how", "never-connected"))
}

/// What is wrong with channels over a connection that stands.
fn fault(survey: &Survey, loopback: &Loopback) -> Option<&'static str> {
    let connected = loopback.connected_after?;
    if loopback.channels.iter().any(|c| c.opened_after.is_none()) {
        // TLS and the channels take some round trips more on the same way.
        let patience = survey.patience(OPENS).saturating_add(connected.saturating_mul(2));
        return (loopback.ended_after.saturating_sub(connected) >= patience).then_some("never-opened");
    }
    let lost = |name: &str| loopback.channels.iter().filter(|c| c.name == name).find_map(|c| lost(loopback, c));
    match (lost("lossy"), lost("reliable")) {
        (Some(LOSSY..), _) => Some("lossy"),
        (_, Some(1..)) => Some("reliable"),
        _ => None,
    }
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, finding.param("how"))
}

const TEXTS: Texts = Texts {
    by_how: &[
        ("no-webrtc", t!("This browser can’t make calls, or something in it has switched them off."), First::InBrowser(Task::AllowExtension), &[]),
        (
            "never-connected",
            t!("The detour for calls could not be tried out, which need not mean anything."),
            First::Nothing,
            &[step!(
                t!(
                    "The relay does not carry to itself. It may forbid that (denied-peer-ip), or its NAT does not lead back: calls may work all the same. Or its range of ports is closed. coturn behind NAT, in turnserver.conf:"
                ),
                coturn::EXTERNAL
            )],
        ),
        (
            "lossy",
            t!("Much of what calls send gets lost on the way: expect stutter."),
            First::Nothing,
            &[step!(t!(
                "{percent} % of messages did not come back through the relay; the median of the others took {median-ms} ms. Another network tells whether it is the relay's.",
                "percent",
                "median-ms"
            ))],
        ),
        (
            "mute",
            t!("A part of what calls send does not come through."),
            First::Nothing,
            &[step!(t!("The relay refuses nothing and carries nothing: look at its range of ports (min-port to max-port) and at the firewall."))],
        ),
        (
            "",
            t!("A part of what calls send does not come through."),
            First::Nothing,
            &[step!(t!(
                "The connection through the relay stands, and data on it do not arrive: look at MTU, and at limits such as coturn's max-bps and bps-capacity (turnserver.conf)."
            ))],
        ),
    ],
    title: Some(t!("Look at the way through the relay.")),
    steps: &[],
    recheck: Some(t!("The data channels work in this page.")),
    limits: None,
};
