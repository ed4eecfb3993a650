//! Voice and video: devices, LiveKit's signalling, the ways that media can take.

use super::{Step, Wanted};
use crate::evidence::Purpose;
use crate::profile::Depth;
use crate::protocol::livekit::Validation;
use crate::survey::{ICE_SERVERS, IceState, Survey};

/// Relays through which data is sent in a full run.
const LOOPBACKS: usize = 3;

pub(super) fn calls(survey: &Survey, wanted: &mut Wanted) {
    let profile = survey.profile;
    if profile.has_calls() || !profile.devices.is_empty() {
        wanted.add(Step::Devices);
        let devices = if wanted.ended(&Step::Devices) { profile.devices.as_slice() } else { &[] };
        // One question to the person after the other.
        for device in devices {
            let capture = Step::Capture { device: *device };
            wanted.add(capture.clone());
            if !wanted.ended(&capture) {
                break;
            }
        }
    }
    if profile.webtransport_url.is_some() {
        wanted.add(Step::WebTransport);
    }
    if profile.livekit_address().is_some() {
        signalling(survey, wanted);
    }
    if profile.has_calls() {
        ways(survey, wanted);
    }
}

fn signalling(survey: &Survey, wanted: &mut Wanted) {
    let has_token = survey.profile.livekit_token.is_some();
    wanted.add(Step::CallServer);
    wanted.add(Step::CallValidate { with_token: false });
    if has_token {
        wanted.add(Step::CallValidate { with_token: true });
    }
    if !wanted.ended(&Step::CallValidate { with_token: false }) || has_token && !wanted.ended(&Step::CallValidate { with_token: true }) {
        return;
    }
    let unread = survey.evidence.exchanges_for(Purpose::CallValidate).any(|(_, x)| x.rejected());
    if unread {
        wanted.add(Step::CallServerNoCors);
    }
    // A token that is refused over HTTP is refused there too, and a page would not be told why.
    let refused = survey.validation(true).is_some_and(|(.., said)| !matches!(said, Some(Validation::Accepted) | None));
    if refused {
        return;
    }
    wanted.add(Step::Call { round: 0 });
    let newest = survey.call_sockets();
    let failed = newest.last().is_some_and(|(_, s)| s.failed_before_open() || s.opened() && survey.joined().is_none());
    if has_token && failed && wanted.ended(&Step::Call { round: 0 }) {
        wanted.add(Step::Call { round: 1 });
    }
    if survey.profile.depth != Depth::Quick {
        wanted.add(Step::CallVersion);
        // One after the other: the second participant of an identity throws the first one out.
        let newer = survey.evidence.exchanges_for(Purpose::CallVersion).any(|(_, x)| x.status() == Some(400));
        if newer && survey.joined().is_some() && wanted.ended(&Step::Call { round: 0 }) {
            wanted.add(Step::CallV1);
        }
    }
}

fn ways(survey: &Survey, wanted: &mut Wanted) {
    if survey.profile.ice_servers_named {
        wanted.add(Step::IceServers);
    }
    wanted.add(Step::Loopback { server: None });
    let servers: usize = survey.evidence.ice_servers().map(|(_, all)| all.urls.len()).sum();
    (0..servers.min(ICE_SERVERS) as u8).for_each(|server| wanted.add(Step::Gather { server }));
    let looks = survey.ice_looks();
    for look in looks.iter().filter(|l| l.url.transport == "tls" && l.in_vain()) {
        wanted.add(Step::RelayTls { server: look.server });
    }
    let relays = looks.iter().filter(|l| l.url.relays() && l.state == IceState::Works);
    // One in a quick run, whichever was there first.
    let begun = |step: &Step| matches!(step, Step::Loopback { server: Some(_) });
    let most = if survey.profile.depth == Depth::Quick { 1 } else { LOOPBACKS };
    for relay in relays {
        let so_far = wanted.progress.begun.iter().chain(&wanted.steps).filter(|s| begun(s)).count();
        if so_far < most {
            wanted.add(Step::Loopback { server: Some(relay.server) });
        }
    }
}
