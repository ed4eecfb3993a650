//! For a chat with calls: the buttons that open microphone and camera, and what was seen of them and of each way.

use web_sys::Node;

use super::Face;
use super::node::{button, node, node_with, said, text};
use crate::evidence::{Call, Capture, Devices, Gathering, IceServers, Loopback, WebTransport};
use crate::profile::{Capturable, Depth, Extra};
use crate::protocol::ice::{Candidate, Reach};
use crate::report::Report;
use crate::t;

/// The tests that open a device; each button says before what the browser will ask, and why.
pub fn devices(face: &Face, report: &Report) -> Option<Node> {
    if !report.profile.has_calls() && report.profile.devices.is_empty() {
        return None;
    }
    let test = |label, device| {
        let tests = face.clone();
        button("quiet", text(&face.say(label)), move |_| tests.run(Depth::Quick, Extra::Device(device)))
    };
    let what = t!(
        "Your browser will ask whether this page may use the device. You see how loud you are, or your picture, for eight seconds. Nothing is recorded or sent, and the device is off again after it."
    );
    let mut all = vec![said("h3", "heading", &face.say(t!("Microphone and camera"))), said("p", "note", &face.say(what))];
    let seen: Vec<Node> = report.evidence.captures().map(|(_, c)| node_with("li", "", ("lang", "en"), vec![text(&of_capture(c))]).into()).collect();
    if !seen.is_empty() {
        all.push(node("ul", "plain", seen).into());
    }
    all.push(node("div", "buttons", vec![test(t!("Test the microphone"), Capturable::Microphone), test(t!("Test the camera"), Capturable::Camera)]).into());
    Some(node("section", "devices", all).into())
}

pub fn of_capture(capture: &Capture) -> String {
    let device = capture.device.as_str();
    match (&capture.threw, capture.loudest) {
        (Some((name, message)), _) => [device, ": ", name, ": ", message].concat(),
        (None, _) if capture.opened_after.is_none() => [device, ": no answer to the browser’s question"].concat(),
        (None, _) if capture.width > 0 => [device, ": works, ", &capture.width.to_string(), " × ", &capture.height.to_string()].concat(),
        (None, Some(loudest)) => [device, ": works, the loudest sound ", &loudest.to_string(), " dB below the loudest possible"].concat(),
        (None, None) if device == "camera" => [device, ": open, no picture came"].concat(),
        (None, None) if !capture.listened => [device, ": open, the browser does not let this page listen"].concat(),
        (None, None) => [device, ": open, and silent the whole time"].concat(),
    }
}

pub fn of_devices(devices: &Devices) -> String {
    let mut out =
        ["Devices", if devices.api { "" } else { ": no navigator.mediaDevices" }, if devices.webrtc { "" } else { ": no RTCPeerConnection" }].concat();
    for (name, device) in [(", microphone ", &devices.microphone), (", camera ", &devices.camera)] {
        let policy = if device.allowed == Some(false) { ", forbidden by the page’s policy" } else { "" };
        [name, &device.state, policy, ", ", &device.count.to_string(), " listed"].iter().for_each(|part| out.push_str(part));
    }
    out
}

pub fn of_servers(servers: &IceServers) -> String {
    ["STUN and TURN servers of ", &servers.from, ": ", if servers.urls.is_empty() { "none that is new" } else { "" }, &servers.urls.join(", ")].concat()
}

pub fn of_gathering(gathering: &Gathering) -> String {
    let candidates: Vec<String> = gathering.candidates.iter().map(|c| [&of_candidate(&c.candidate), " ", &c.after.to_string(), " ms"].concat()).collect();
    let errors = gathering.errors.iter().map(|e| ["error ", &e.code.to_string(), " ", &e.text, " ", &e.after.to_string(), " ms"].concat());
    let threw = gathering.threw.iter().map(|(name, message)| [name, ": ", message].concat());
    let all: Vec<String> = candidates.into_iter().chain(errors).chain(threw).collect();
    let end = if gathering.complete { ", complete after " } else { ", looked at for " };
    ["Candidates with ", &gathering.url, ": ", &all.join("; "), end, &gathering.ended_after.to_string(), " ms"].concat()
}

fn of_candidate(candidate: &Candidate) -> String {
    let reach = match candidate.reach {
        Reach::Name => "",
        Reach::Loopback => " loopback",
        Reach::Private => " private",
        Reach::Public => " public",
    };
    let relay = if candidate.relay_protocol.is_empty() { String::new() } else { [" by ", &candidate.relay_protocol].concat() };
    let family = if candidate.family == 0 { String::new() } else { [" IPv", &candidate.family.to_string()].concat() };
    [&candidate.kind, " ", &candidate.protocol, &relay, reach, &family].concat()
}

pub fn of_loopback(loopback: &Loopback) -> String {
    let way = if loopback.server.is_some() { loopback.url.as_str() } else { "no relay" };
    let mut out = ["Data through ", way, ": ", &loopback.state].concat();
    for channel in &loopback.channels {
        let parts = [", ", &channel.name, " ", &channel.returned.to_string(), " of ", &channel.sent.to_string(), " back"];
        parts.iter().for_each(|part| out.push_str(part));
        if channel.median > 0 {
            [", ", &(channel.median / 1000).to_string(), " ms in the middle"].iter().for_each(|part| out.push_str(part));
        }
        if channel.throughput > 0 {
            [", ", &channel.throughput.to_string(), " kbit/s"].iter().for_each(|part| out.push_str(part));
        }
    }
    out
}

pub fn of_call(call: &Call) -> String {
    let joined = match call.joined_after {
        Some(after) => ["joined after ", &after.to_string(), " ms, version ", &call.version].concat(),
        None => "not joined".to_owned(),
    };
    let candidates: Vec<String> = call.candidates.iter().map(of_candidate).collect();
    let media = call.media.as_ref().map_or(String::new(), |m| {
        let pair: Vec<String> = m.pair.iter().map(of_candidate).collect();
        [", media ", &m.state, " ", &pair.join(" to ")].concat()
    });
    ["LiveKit ", &call.path, ": ", &joined, ", its candidates: ", &candidates.join("; "), &media].concat()
}

pub fn of_transport(transport: &WebTransport) -> String {
    ["WebTransport ", &transport.url, ": ", &transport.how, " ", &transport.message, " after ", &transport.ended_after.to_string(), " ms"].concat()
}
