//! What was observed of voice and video: LiveKit's answers, ICE, data channels, devices. No address, no token, no label.

use serde::{Deserialize, Serialize};

use super::is_zero;
use crate::protocol::ice::{Candidate, Reach};
use crate::protocol::livekit::Claims;

/// The STUN and TURN servers that the run knows, without their credentials. A probe of one names its place in all lists of
/// the run, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IceServers {
    /// `settings`, or `livekit` for its join answer.
    pub from: String,
    pub urls: Vec<String>,
    /// Where a username begins with a time (TURN REST API): seconds from now until that, negative once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i32>,
}

/// One `RTCPeerConnection` that gathered candidates, with one server or with none (WebRTC section 4.4.1.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gathering {
    /// Its place among the servers of the run; `None`: without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<u8>,
    pub url: String,
    pub started: u32,
    /// How long it was waited for, to the end of gathering or to the deadline.
    pub ended_after: u32,
    /// Whether `iceGatheringState` ever was `gathering`: Firefox passes over what it does not take without that (measured).
    pub began: bool,
    /// Whether `iceGatheringState` became `complete`.
    pub complete: bool,
    /// Whether it is the control of a `turns:` server: TURN without TLS at the same port.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    pub candidates: Vec<Found>,
    /// `icecandidateerror` events (WebRTC section 4.8.2); 701 stands for a server that was not reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<IceError>,
    /// What the constructor or the gathering threw: (name, message).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threw: Option<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// Milliseconds since the start of the gathering.
    pub after: u32,
    #[serde(flatten)]
    pub candidate: Candidate,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IceError {
    pub after: u32,
    pub code: u16,
    pub text: String,
    /// The family of the address that it was tried from, 0 where it is not told.
    #[serde(skip_serializing_if = "is_zero")]
    pub family: u8,
}

/// Two peer connections of this page with one another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Loopback {
    /// Through this relay alone; `None`: without one, which tells of the browser and not of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<u8>,
    pub url: String,
    pub started: u32,
    pub ended_after: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected_after: Option<u32>,
    /// The last `iceConnectionState`.
    pub state: String,
    /// The candidates that it runs over: this end's and the other's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pair: Vec<Candidate>,
    pub channels: Vec<Channel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threw: Option<(String, String)>,
}

/// One `RTCDataChannel`: numbered messages to the other end, and back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Channel {
    /// `reliable`, or `lossy`: unordered, without retransmission (RFC 8831).
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_after: Option<u32>,
    pub sent: u32,
    pub returned: u32,
    /// Whether all came back, or the lossy one's were waited for: what is cut off by the limit is not lost.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    #[serde(skip_serializing_if = "is_zero")]
    pub out_of_order: u32,
    /// The median round trip and the longest, in microseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub median: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pub longest: u32,
    /// In kilobits a second; 0 where it was not measured.
    #[serde(skip_serializing_if = "is_zero")]
    pub throughput: u32,
}

/// A LiveKit conversation, beside the life of its WebSocket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Call {
    pub path: String,
    pub started: u32,
    /// From where the server's host can be reached, where its URL names an address: it is hidden later.
    pub server: Reach,
    /// Milliseconds to the join answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_after: Option<u32>,
    /// The version that the server tells.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The candidates of the server, in its description and by trickle.
    pub candidates: Vec<Candidate>,
    /// The reason with which the server showed the probe out (`DisconnectReason`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_out: Option<u8>,
    /// Whether what came was no message of LiveKit's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub garbled: bool,
    /// The peer connection to the server, where it offered one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Media {
    /// How long it was looked at.
    pub ended_after: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected_after: Option<u32>,
    /// The last `iceConnectionState`.
    pub state: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pair: Vec<Candidate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threw: Option<(String, String)>,
}

/// What the token says, and nothing of it that is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallToken {
    /// `None`: it is no JSON Web Token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Claims>,
    /// This device's clock, in seconds since 1970, to compare with.
    pub now: i64,
}

/// What a page is told of devices without asking the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Devices {
    /// Whether `navigator.mediaDevices` is there.
    pub api: bool,
    /// Whether `RTCPeerConnection` is.
    pub webrtc: bool,
    pub microphone: Device,
    pub camera: Device,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    /// `navigator.permissions.query`: `granted`, `denied`, `prompt`; empty where it is not told.
    pub state: String,
    /// Whether the page's policy allows it (Permissions Policy), where the browser tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<bool>,
    /// How many `enumerateDevices` lists.
    pub count: u32,
}

/// A microphone or a camera that was opened on the person's click.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capture {
    /// `microphone` or `camera`.
    pub device: String,
    pub started: u32,
    pub ended_after: u32,
    /// Milliseconds to the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_after: Option<u32>,
    /// What `getUserMedia` was rejected with: (name, message).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threw: Option<(String, String)>,
    /// The permission's state after it.
    pub state: String,
    /// Whether the track was `muted`: the system gives nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// Whether the sound could be listened to (`AudioContext` in state `running`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub listened: bool,
    /// The loudest sound, in decibels below full scale; `None` where all of it was silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loudest: Option<u32>,
    /// The picture's size.
    #[serde(skip_serializing_if = "is_zero")]
    pub width: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pub height: u32,
}

/// A WebTransport session until `ready`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebTransport {
    pub url: String,
    pub started: u32,
    pub ended_after: u32,
    /// `ready`, `rejected`, `silent`.
    pub how: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
}
