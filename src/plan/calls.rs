//! Voice and video: devices, LiveKit's signalling, the ways that media can take.

use super::{Step, Wanted};
use crate::evidence::{Exchange, Purpose};
use crate::profile::Depth;
use crate::protocol::livekit::Validation;
use crate::survey::{ICE_SERVERS, IceState, Survey, is_a_gates};

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
    let validate = |with_token, as_person| Step::CallValidate { with_token, as_person };
    wanted.add(validate(false, false));
    if has_token {
        wanted.add(validate(true, false));
    }
    if !wanted.ended(&validate(false, false)) || has_token && !wanted.ended(&validate(true, false)) {
        return;
    }
    // A gate lets pass who is signed in, as it does the chat's own WebSocket. Where it would ask by a dialog of the browser's, it is not asked.
    let gated = |x: &Exchange| !x.cross_origin && (x.rejected() || is_a_gates(x)) && (!super::asks_natively(x) || survey.signed_in_natively());
    if survey.validation(has_token).is_some_and(|(_, x, said)| said.is_none() && gated(x)) {
        wanted.add(validate(has_token, true));
    }
    if wanted.progress.begun.contains(&validate(has_token, true)) && !wanted.ended(&validate(has_token, true)) {
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
