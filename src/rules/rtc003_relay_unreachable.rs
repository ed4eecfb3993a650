//! # RTC003 relay-unreachable
//!
//! ## What it means
//! The relays (TURN) over which calls go in strict networks give this browser no way.
//!
//! ## How it is recognised
//! Each URL was asked by a peer connection of its own. At least one was silent for 3 s and more
//! (longer on a slow line), was not reached (701), or refused with a code that is neither 401 (RTC004) nor 440 (no address of this family). `how` is `certificate` where controls tell that something answers at the port and
//! TLS does not come about; `refuses`, `name` (not found) or `unreachable`. `tls` is `taken` where TLS itself comes about, `refused` where it
//! does not, `untold` where a closed port and a certificate that is not taken look alike. Information where a relay answers and another does not, or where
//! LiveKit's media connected. What RTC002 explains is left out. `address`: the
//! browser throws a `SyntaxError` for a URL of the list.
//!
//! ## What it does not mean
//! Calls may go without a relay where the network lets them.
//!
//! ## What to do
//! The operator opens the relay's ports and mends its certificate; the network's administrator lets it through.
//!
//! ## References
//! WebRTC section 4.8.2; RFC 8656; measured with coturn 4.6.1 in Chromium 156 and Firefox 153.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Cite;
use crate::guidance::{Guidance, seconds};
use crate::platforms::operator::{self, BY_COTURN, BY_JOIN, BY_LIVEKIT, First, NO_NAME, NO_URL, NOT_REACHED, Step, Texts};
use crate::survey::{IceLook, IceState, Survey, TlsPort};
use crate::words::Phrase;
use crate::{english, step, t};

pub const RULE: Rule = Rule { code: "RTC003", name: "relay-unreachable", explains: &["RTC005", "RTC011"], check, guide };

/// The server has no address of this family, and another was asked (RFC 8656 section 19).
const OTHER_FAMILY: u16 = 440;

fn check(survey: &Survey) -> Outcome {
    let mut looks = survey.ice_looks();
    // Of a relay or not: with it in their list no call begins.
    let by_setting = looks.iter().find(|l| l.state == IceState::NoUrl).map(|l| (l.cite, told(&[l])));
    let refused = |threw: &Option<(String, String)>| threw.as_ref().is_some_and(|(name, _)| name == "SyntaxError");
    let by_livekit = || survey.media().find(|(_, m)| refused(&m.threw)).map(|(cite, _)| (cite, BY_JOIN.to_owned()));
    if let Some((cite, urls)) = by_setting.or_else(by_livekit) {
        let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, []));
        return super::timed(survey, finding.with("how", "address").with("tls", "").with("host", "").with("urls", urls));
    }
    looks.retain(|l| l.url.relays());
    if looks.is_empty() {
        return Outcome::Unknown { missing: super::NO_TURN };
    }
    let partly = looks.iter().any(|l| matches!(l.state, IceState::Works | IceState::Unauthorized | IceState::NoCredentials));
    let no_udp = matches!((super::rtc002_udp_blocked::RULE.check)(survey), Outcome::Fires(_));
    let failing: Vec<&IceLook> = looks
        .iter()
        .filter(|l| !(no_udp && l.url.transport == "udp"))
        .filter(|l| l.in_vain() || matches!(l.state, IceState::Refuses(code) if code != OTHER_FAMILY))
        .collect();
    let ports: Vec<TlsPort> = failing.iter().filter(|l| l.url.transport == "tls" && l.in_vain()).map(|l| survey.tls_port(l)).collect();
    let told_by = |port: &TlsPort| match port {
        TlsPort::Taken(cite) | TlsPort::Refused(cite) | TlsPort::Listens(cite) => Some(*cite),
        TlsPort::Untold => None,
    };
    let controls: Vec<Cite> = ports.iter().filter_map(told_by).collect();
    let Some(cites) = Cites::from_all(failing.iter().map(|l| l.cite).chain(controls)) else {
        return if partly || no_udp { Outcome::Clear } else { Outcome::Unknown { missing: english!("a TURN server that this browser asks") } };
    };
    let all = |wanted: fn(&IceLook) -> bool| failing.iter().all(|l| wanted(l));
    let how = if ports.iter().any(|p| matches!(p, TlsPort::Refused(_) | TlsPort::Listens(_))) {
        "certificate"
    } else if all(|l| matches!(l.state, IceState::Refuses(_))) {
        "refuses"
    } else if failing.iter().all(|l| failing.iter().any(|o| o.is_unknown_name() && o.url.host == l.url.host)) {
        "name"
    } else {
        "unreachable"
    };
    let severity = match survey.media_in_vain(super::MEDIA_SOON) {
        _ if partly || survey.media_connected().is_some() => Severity::Info,
        Some(_) => super::of_calls(survey),
        None => Severity::Degrades,
    };
    let parties: &[Party] = match how {
        "unreachable" if all(|l| l.url.transport == "udp") => &[Party::NetworkAdmin, Party::SiteOperator],
        "unreachable" => &[Party::SiteOperator, Party::NetworkAdmin],
        _ => &[Party::SiteOperator],
    };
    let certain = matches!(how, "refuses" | "name");
    let finding = RULE.finding(severity, if certain { Confidence::Observed } else { Confidence::StronglySuggested }, parties, cites);
    // A port that is silent is no certificate's matter.
    let tls = match ports.first() {
        Some(TlsPort::Taken(_)) => "taken",
        _ if how == "certificate" => "refused",
        Some(_) if failing.iter().any(|l| l.url.transport == "tls" && l.state == IceState::NotReached) => "untold",
        _ => "",
    };
    let doubted = matches!(tls, "refused" | "untold");
    let host = failing.iter().find(|l| doubted && l.url.transport == "tls").map_or(String::new(), |l| l.url.place());
    super::timed(survey, finding.with("how", how).with("tls", tls).with("host", host).with("urls", told(&failing)))
}

/// The servers and what came of each, in English: what [`operator::texts`] says in other languages.
pub(super) fn told(looks: &[&IceLook]) -> String {
    let one = |look: &&IceLook| {
        let what = match look.state {
            IceState::Silent => ["no answer in ", &seconds(look.gathering.ended_after)].concat(),
            IceState::Refuses(code) => ["refused with ", &code.to_string()].concat(),
            IceState::NoUrl => NO_URL.to_owned(),
            _ if look.is_unknown_name() => NO_NAME.to_owned(),
            _ => NOT_REACHED.to_owned(),
        };
        let families = |family| look.gathering.errors.iter().any(|e| e.family == family);
        let family = match (families(4), families(6)) {
            (true, false) => " over IPv4",
            (false, true) => " over IPv6",
            _ => "",
        };
        [&look.gathering.url, ": ", &what, family].concat()
    };
    looks.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    operator::texts(finding, survey, &TEXTS, if finding.severity == Severity::Info { "" } else { finding.param("how") })
}

const MEANS: Phrase = t!("The detour that calls take in strict networks can’t be reached from here.");
const PORTS: Step = step!(t!("Open the relay's own ports in its firewall."));

const TEXTS: Texts = Texts {
    by_how: &[
        (
            "certificate",
            MEANS,
            First::Nothing,
            &[step!(t!("At {host} something answers, and TLS does not come about: its certificate is not taken, or it has none.", "host"))],
        ),
        (
            "refuses",
            MEANS,
            First::Nothing,
            &[step!(t!("486 is a quota (coturn's user-quota and total-quota), 508 the end of the relay's ports (min-port to max-port); in turnserver.conf."))],
        ),
        (
            "address",
            t!("Calls can’t begin: the chat names a server for them in a way that browsers refuse."),
            First::Nothing,
            &[step!(t!("One such URL makes the browser refuse the whole list. stun: takes no ?transport, turn: and turns: only udp or tcp."))],
        ),
        ("name", MEANS, First::Nothing, &[step!(t!("Make the name known to public DNS."))]),
        ("unreachable", MEANS, First::Nothing, &[PORTS, BY_COTURN, BY_LIVEKIT]),
        (
            "",
            t!("One of the detours for calls can’t be reached from here. Calls may work without it."),
            First::Nothing,
            &[step!(t!(
                "Where its name was not found: make it known to public DNS. Where it refused: its quotas. Where it did not answer: open its ports in its firewall."
            ))],
        ),
    ],
    title: Some(t!("Make the servers for calls (STUN, TURN) work for browsers.")),
    steps: &[
        step!(t!("Each was asked: {urls}.", "urls")),
        step!(
            t!("A page can't see certificates; it must be in date, name this host, and come with its intermediate ones:"),
            "openssl s_client -connect {host} -verify_return_error"
        ),
    ],
    recheck: Some(t!("This page sees them work.")),
    limits: Some(t!("Where LiveKit is reached directly, calls work without.")),
};
