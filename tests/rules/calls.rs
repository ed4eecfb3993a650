//! Calls in the simulated worlds: a LiveKit, STUN and TURN servers, the way of the media, microphone and camera. All in the
//! browsers' own words, as they were measured.

use connection_doctor::evidence::{
    Call, CallToken, Capture, Channel, Device, Devices, Exchange, Fact, Found, Gathering, Happening, IceError, IceServers, Loopback, Media, Purpose,
    SocketEvent, SocketLife, SocketPurpose, WebTransport,
};
use connection_doctor::plan::{Limits, Step};
use connection_doctor::profile::Capturable;
use connection_doctor::protocol::ice::{Candidate, IceUrl, Reach, reach};
use connection_doctor::protocol::livekit::{Claims, Validation};

use super::{Ask, Life, ORIGIN, Reply, World, closed, content, deadline, event, opened, refused, says};

/// Seconds since 1970 on the device of these worlds.
pub const NOW: i64 = 1_795_262_400;

/// Any access token that is well formed: what it is worth is the world's matter.
pub const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTUyNjYwMDAsInZpZGVvIjp7InJvb21Kb2luIjp0cnVlLCJyb29tIjoibGFiIn19.c2lnbmVk";

/// How a STUN or TURN server stands, seen from this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ice {
    Works,
    /// One of its addresses is not reached, another one works: 701 beside a relay candidate.
    WorksAfterAll,
    /// It answers, and the address is the own one: no candidate of its own.
    TellsTheOwnAddress,
    /// 401.
    Unauthorized,
    /// The constructor throws.
    NoCredentials,
    /// Another error of TURN's.
    Says(u16),
    /// Nobody listens: over UDP nothing is told.
    Refused,
    /// No name of that kind.
    NameUnknown,
    Silent,
    /// TLS alone fails, and TURN without it is answered at the same port, as coturn does.
    Certificate,
    /// The same behind something that waits for TLS and says nothing else.
    CertificateBehindSilence,
    /// The same behind something that hangs up on what is not TLS.
    CertificateBehindTerminator,
    /// A TURN server at a port for TLS that has none.
    WithoutTls,
    /// A website at the relay's port: TLS is well, TURN is not.
    Website,
    /// Firefox passes over it without a word.
    PassedOver,
    /// Firefox does not use servers on this device: 701 before gathering began.
    OwnDevice,
    /// This browser does not take such a URL.
    NotTaken,
    /// No browser takes it.
    NoUrl,
    /// Gathering ends, and says nothing at all.
    EndsWithoutAWord,
}

/// How two peer connections of the page get on with one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Works,
    /// So many of the sixty unreliable messages come back.
    Loses(u32),
    /// So few of the reliable ones.
    Sticks(u32),
    /// A round trip takes so many milliseconds: at the end some are still on their way.
    Far(u32),
    /// Connected, and no channel opens.
    Narrow,
    /// The relay gives candidates and carries nothing.
    Mute,
    /// The relay refuses its own address as a peer: Chromium says so at once.
    Forbidden,
    Throws,
    /// Late enough that the end of the run cuts it short.
    Late,
}

/// How the media of LiveKit get through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaWay {
    Udp,
    Tcp,
    /// By a relay that is reached so: `udp`, `tcp`, `tls`.
    Relay(&'static str),
    Never,
    /// ICE says that it failed.
    Failed,
    /// There is no offer to answer.
    NoOffer,
    /// The offer could not be taken.
    Throws,
    /// After so many milliseconds.
    After(u32),
}

/// LiveKit, behind its address.
pub struct Livekit {
    pub old: bool,
    /// What it says of the token.
    pub token: Validation,
    pub claims: Option<Claims>,
    /// The servers of its join answer.
    pub servers: Vec<&'static str>,
    pub expires_in: Option<i32>,
    pub candidates: Vec<Candidate>,
    pub media: MediaWay,
    /// The reason with which it shows the probe out.
    pub shown_out: Option<u8>,
    /// Milliseconds to the join answer.
    pub joins_after: u32,
    /// Whether its first message is the join answer.
    pub joins: bool,
}

type IceOf = Box<dyn Fn(&IceUrl) -> Ice>;
type WayOf = Box<dyn Fn(Option<&IceUrl>) -> Way>;
type CaptureOf = Box<dyn Fn(Capturable) -> Capture>;

/// What a page's calls meet.
pub struct Calls {
    pub livekit: Livekit,
    pub ice: IceOf,
    /// Through this relay, or without any.
    pub way: WayOf,
    pub devices: Devices,
    pub capture: CaptureOf,
    pub transport: WebTransport,
    /// Milliseconds that a round trip to anything takes longer than on loopback.
    pub line: u32,
    /// Where usernames of the settings' servers begin with a time: seconds until it.
    pub expires_in: Option<i32>,
}

pub fn candidate(kind: &str, protocol: &str, reach: Reach, family: u8) -> Candidate {
    Candidate { kind: kind.to_owned(), protocol: protocol.to_owned(), relay_protocol: String::new(), reach, family }
}

pub fn device(state: &str, allowed: Option<bool>, count: u32) -> Device {
    Device { state: state.to_owned(), allowed, count }
}

pub fn captured(device: Capturable) -> Capture {
    let sound = device == Capturable::Microphone;
    let (width, height) = if sound { (0, 0) } else { (640, 480) };
    Capture {
        device: device.name().to_owned(),
        ended_after: 8_900,
        opened_after: Some(900),
        state: "granted".to_owned(),
        listened: sound,
        loudest: sound.then_some(23),
        width,
        height,
        ..Capture::default()
    }
}

/// `getUserMedia` was rejected so, after so many milliseconds.
pub fn rejected(device: Capturable, name: &str, message: &str, state: &str, after: u32) -> Capture {
    Capture {
        device: device.name().to_owned(),
        ended_after: after,
        threw: Some((name.to_owned(), message.to_owned())),
        state: state.to_owned(),
        ..Capture::default()
    }
}

impl Calls {
    pub fn healthy() -> Calls {
        Calls {
            livekit: Livekit {
                old: false,
                token: Validation::Accepted,
                claims: Some(Claims { expires: Some(NOW + 3_600), not_before: Some(NOW - 60), joins: true, names_room: true, forbids: Vec::new() }),
                servers: Vec::new(),
                expires_in: None,
                candidates: vec![candidate("host", "udp", Reach::Public, 4), candidate("host", "tcp", Reach::Public, 4)],
                media: MediaWay::Udp,
                shown_out: None,
                joins_after: 24,
                joins: true,
            },
            ice: Box::new(|_| Ice::Works),
            way: Box::new(|_| Way::Works),
            devices: Devices { api: true, webrtc: true, microphone: device("prompt", Some(true), 1), camera: device("prompt", Some(true), 1) },
            capture: Box::new(captured),
            transport: WebTransport { ended_after: 62, how: "ready".to_owned(), ..WebTransport::default() },
            line: 0,
            expires_in: None,
        }
    }
}

/// Round trips to a candidate: Binding; Allocate and its challenge; TCP and TLS before that.
fn trips(url: &IceUrl) -> u32 {
    u32::from(url.relays())
        + match url.transport {
            "udp" => 1,
            "tcp" => 2,
            _ => 4,
        }
}

/// A gathering over a line of this round trip.
fn over_a_line(told: Gathering, url: &IceUrl, line: u32, limit: u32) -> Gathering {
    let late = line * trips(url);
    let wanted = |found: &Found| found.candidate.kind != "host";
    if late == 0 || !told.candidates.iter().any(wanted) && told.errors.is_empty() {
        return told;
    }
    let mut told = told;
    if told.ended_after + late > limit {
        (told.ended_after, told.complete) = (limit, false);
        told.candidates.retain(|found| !wanted(found));
        told.errors.clear();
        return told;
    }
    told.ended_after += late;
    told.candidates.iter_mut().filter(|found| wanted(found)).for_each(|found| found.after += late);
    told.errors.iter_mut().for_each(|error| error.after += late);
    told
}

impl Livekit {
    /// The words of LiveKit's own about a token: before August 2026 it said the whole of it back.
    fn refusal(&self) -> Reply {
        let old = |reason: &str| says(401, format!("invalid token: {TOKEN}, error: go-jose/go-jose{reason}"));
        let new = |reason: &str| says(401, format!("invalid authorization token: {reason}"));
        match (self.token, self.old) {
            (Validation::Accepted, _) => says(200, "success"),
            (Validation::NoToken, _) => says(401, "no permissions to access the room"),
            (Validation::Expired, true) => old("/jwt: validation failed, token is expired (exp)"),
            (Validation::Expired, false) => new("token has invalid claims: token is expired"),
            (Validation::NotYetValid, true) => old("/jwt: validation failed, token not valid yet (nbf)"),
            (Validation::NotYetValid, false) => new("token has invalid claims: token is not valid yet"),
            (Validation::Signature, true) => old(": error in cryptographic primitive"),
            (Validation::Signature, false) => new("token signature is invalid: signature is invalid"),
            (Validation::UnknownKey, _) => says(401, "invalid API key: lab-other"),
            (Validation::NoGrant, _) => says(401, "permissions denied"),
            (Validation::Malformed, _) => says(401, "invalid authorization token"),
            (Validation::OtherHeader, _) => says(401, "invalid authorization header. Must start with Bearer "),
            (Validation::NoRoom, _) => says(404, "requested room does not exist"),
            (Validation::Full, _) => says(503, "node has exceeded its configured limit"),
        }
    }

    pub fn says(&self, purpose: Option<Purpose>) -> Reply {
        match purpose {
            Some(Purpose::CallServer | Purpose::CallServerNoCors) => says(200, "OK"),
            Some(Purpose::CallValidate) => says(401, "no permissions to access the room"),
            Some(Purpose::CallToken) => self.refusal(),
            Some(Purpose::CallVersion) if self.old => says(404, "404 page not found"),
            _ => says(400, "join_request is required"),
        }
    }

    /// Its WebSocket: who may not join is refused before the upgrade.
    pub fn life(&self, has_token: bool, round_trip: u32) -> Life {
        if !has_token || self.token != Validation::Accepted {
            return refused();
        }
        let open = 9 + round_trip;
        vec![opened(open), frame_of_bytes(open.max(self.joins_after), 412), content(open.max(self.joins_after) + 20)]
    }
}

/// A binary message of so many bytes, of which nothing is kept.
pub fn frame_of_bytes(after: u32, length: u32) -> SocketEvent {
    event(after, Happening::Frame { text: String::new(), length, binary: true })
}

fn errors(all: &[(u32, u16, &str)], firefox: bool) -> Vec<IceError> {
    // Firefox gives no text.
    let text = |text: &str| if firefox { String::new() } else { text.to_owned() };
    all.iter().map(|(after, code, words)| IceError { after: *after, code: *code, text: text(words), family: 0 }).collect()
}

/// What a gathering with this server records.
pub fn gathering(server: Option<u8>, text: &str, ice: Ice, firefox: bool, limit: u32) -> Gathering {
    let url = IceUrl::parse(text);
    let (relays, transport) = url.as_ref().map_or((false, ""), |u| (u.relays(), u.transport));
    let hosts = |families: &[u8]| {
        families.iter().map(|f| Found { after: 2, candidate: Candidate { family: *f, ..candidate("host", "udp", Reach::Name, 0) } }).collect::<Vec<_>>()
    };
    let mut told = Gathering { server, url: text.to_owned(), began: true, ended_after: limit, ..Gathering::default() };
    if !relays {
        told.candidates = hosts(&[0, 0]);
    }
    let wanted = || {
        let kind = if relays { "relay" } else { "srflx" };
        let here = url.as_ref().is_some_and(IceUrl::is_loopback);
        let mut one = candidate(kind, "udp", if here { Reach::Loopback } else { Reach::Public }, 4);
        // Firefox does not tell it, and Chromium not for UDP.
        if relays && !firefox && transport != "udp" {
            transport.clone_into(&mut one.relay_protocol);
        }
        Found { after: if firefox { 6 } else { 90 }, candidate: one }
    };
    let ends = |told: &mut Gathering, after: u32, errors: Vec<IceError>| {
        (told.ended_after, told.complete, told.errors) = (after.min(limit), true, errors);
    };
    let failed = "Failed to establish connection";
    match ice {
        Ice::Works => {
            told.candidates.push(wanted());
            told.ended_after = if firefox { 6 } else { 90 };
        }
        Ice::WorksAfterAll => {
            told.errors = errors(&[(4, 701, failed)], firefox);
            told.candidates.push(wanted());
            told.ended_after = 96;
        }
        Ice::TellsTheOwnAddress => ends(&mut told, 140, Vec::new()),
        Ice::Unauthorized => (told.ended_after, told.errors) = (70, errors(&[(70, 401, "Unauthorized.")], firefox)),
        Ice::Says(code) => (told.ended_after, told.errors) = (70, errors(&[(70, code, "TURN allocate error.")], firefox)),
        Ice::NoCredentials => {
            let words = "Both username and credential are required when the URL scheme is \"turn\" or \"turns\".";
            (told.threw, told.ended_after, told.began) = (Some(("InvalidAccessError".to_owned(), words.to_owned())), 0, false);
        }
        Ice::NotTaken | Ice::NoUrl => {
            let name = if ice == Ice::NoUrl { "SyntaxError" } else { "NotSupportedError" };
            (told.threw, told.ended_after, told.began) = (Some((name.to_owned(), "It is not taken.".to_owned())), 0, false);
        }
        Ice::NameUnknown if transport == "udp" => ends(&mut told, 130, errors(&[(120, 701, "TURN host lookup received error.")], firefox)),
        Ice::NameUnknown => ends(&mut told, 130, errors(&[(120, 701, failed)], firefox)),
        // ICMP is never noticed.
        Ice::Refused if transport == "udp" => {}
        Ice::Refused | Ice::Website => ends(&mut told, 140, errors(&[(130, 701, failed)], firefox)),
        Ice::Certificate | Ice::CertificateBehindSilence | Ice::CertificateBehindTerminator => {
            ends(&mut told, 90, errors(&[(80, 701, failed), (80, 701, failed)], firefox))
        }
        Ice::WithoutTls if firefox => {}
        Ice::WithoutTls => ends(&mut told, 90, errors(&[(80, 701, failed)], false)),
        Ice::Silent => {}
        Ice::PassedOver => {
            told.began = false;
            ends(&mut told, 7, Vec::new());
        }
        Ice::OwnDevice => {
            told.began = false;
            ends(&mut told, 3, errors(&[(1, 701, "")], true));
        }
        Ice::EndsWithoutAWord => ends(&mut told, 140, Vec::new()),
    }
    told
}

/// The same place without TLS, as the control asks it.
fn without_tls(ice: Ice) -> Ice {
    match ice {
        Ice::Certificate | Ice::WithoutTls => Ice::Works,
        Ice::CertificateBehindSilence => Ice::Silent,
        Ice::CertificateBehindTerminator | Ice::Website | Ice::NameUnknown => Ice::Refused,
        other => other,
    }
}

/// Messages of each kind that are sent.
const MESSAGES: u32 = 60;

fn channels(reliable: u32, lossy: u32) -> Vec<Channel> {
    let channel = |name: &str, returned| Channel {
        name: name.to_owned(),
        opened_after: Some(120),
        sent: MESSAGES,
        returned,
        // What must come is waited for to the end of the time.
        whole: name == "lossy" || returned == MESSAGES,
        median: 2_000,
        longest: 9_000,
        ..Channel::default()
    };
    vec![channel("reliable", reliable), channel("lossy", lossy)]
}

/// Over a line of this round trip: ICE takes two, the channels three more, and a message is sent each ten milliseconds.
fn far(trip: u32, limit: u32) -> (Option<u32>, Vec<Channel>, u32) {
    let connected = 100 + 2 * trip;
    let open = connected + 3 * trip;
    if open > limit {
        return ((connected <= limit).then_some(connected), unopened(), limit);
    }
    let sent = MESSAGES.min((limit - open) / 10 + 1);
    // Of a reliable channel all are waited for, of the other as long as the channel took to open.
    let waited = open + 10 * sent + open.max(1_000);
    let ended = limit.min(waited);
    let returned = (0..sent).filter(|n| open + n * 10 + trip <= ended).count() as u32;
    let channel = |name: &str| Channel {
        name: name.to_owned(),
        opened_after: Some(open),
        sent,
        returned,
        whole: returned == MESSAGES || name == "lossy" && sent == MESSAGES && waited <= limit,
        median: if returned > 0 { trip * 1_000 } else { 0 },
        longest: if returned > 0 { trip * 1_000 + 900 } else { 0 },
        ..Channel::default()
    };
    (Some(connected), vec![channel("reliable"), channel("lossy")], ended)
}

fn unopened() -> Vec<Channel> {
    ["reliable", "lossy"].map(|name| Channel { name: name.to_owned(), ..Channel::default() }).to_vec()
}

/// What two peer connections of the page record.
pub fn loopback(server: Option<u8>, text: &str, way: Way, firefox: bool, limit: u32) -> Loopback {
    let url = IceUrl::parse(text);
    let kind = if url.is_some() { "relay" } else { "host" };
    let mut end = candidate(kind, "udp", if url.is_some() { Reach::Public } else { Reach::Name }, 4);
    if let Some(url) = &url {
        url.transport.clone_into(&mut end.relay_protocol);
    }
    let pair = vec![end, candidate(kind, "udp", Reach::Name, 0)];
    let told = Loopback { server, url: text.to_owned(), ended_after: limit, state: "checking".to_owned(), channels: unopened(), ..Loopback::default() };
    let connected = |after: u32, ended_after: u32, channels| Loopback {
        connected_after: Some(after),
        state: "connected".to_owned(),
        pair: pair.clone(),
        channels,
        ended_after: ended_after.min(limit),
        ..told.clone()
    };
    match way {
        Way::Works => connected(110, 900, channels(MESSAGES, MESSAGES)),
        Way::Loses(returned) => connected(900, 2_600, channels(MESSAGES, returned)),
        Way::Sticks(returned) => connected(160, limit, channels(returned, MESSAGES)),
        Way::Far(trip) => match far(trip, limit) {
            (Some(after), channels, ended) => connected(after, ended, channels),
            (None, ..) => told,
        },
        Way::Narrow => connected(160, limit, unopened()),
        Way::Mute | Way::Late => told,
        // Firefox knows it after 5.6 s.
        Way::Forbidden if firefox && limit < 5_600 => told,
        Way::Forbidden => Loopback { state: "failed".to_owned(), ended_after: if firefox { 5_600 } else { 132 }, ..told },
        Way::Throws => {
            let threw = Some(("NotSupportedError".to_owned(), "WebRTC is switched off.".to_owned()));
            Loopback { threw, ended_after: 1, state: "new".to_owned(), channels: Vec::new(), ..told }
        }
    }
}

fn media(way: MediaWay, limit: u32) -> Option<Media> {
    let pair = |protocol: &str, relay_protocol: &str| {
        let mut near = candidate(if relay_protocol.is_empty() { "prflx" } else { "relay" }, protocol, Reach::Public, 4);
        relay_protocol.clone_into(&mut near.relay_protocol);
        vec![near, candidate("host", protocol, Reach::Public, 4)]
    };
    let connected = |after: u32, pair| Media { ended_after: after, connected_after: Some(after), state: "connected".to_owned(), pair, threw: None };
    let vain = Media { ended_after: limit, state: "checking".to_owned(), ..Media::default() };
    Some(match way {
        MediaWay::Udp => connected(140, pair("udp", "")),
        MediaWay::Tcp => connected(420, pair("tcp", "")),
        MediaWay::Relay(by) => connected(510, pair("udp", by)),
        MediaWay::After(ms) if ms <= limit => connected(ms, pair("udp", "")),
        MediaWay::After(_) | MediaWay::Never => vain,
        MediaWay::Failed => Media { state: "failed".to_owned(), ended_after: limit.min(15_000), ..vain },
        MediaWay::NoOffer => return None,
        MediaWay::Throws => Media {
            threw: Some(("InvalidAccessError".to_owned(), "Failed to parse SessionDescription.".to_owned())),
            ended_after: 2,
            state: "new".to_owned(),
            ..vain
        },
    })
}

impl World {
    fn is_firefox(&self) -> bool {
        self.environment.user_agent.contains("Firefox/")
    }

    /// Below LiveKit's address.
    fn call_path(&self, below: &str) -> String {
        let address = self.profile.livekit_address().unwrap();
        [address.path.trim_end_matches('/'), below].concat()
    }

    pub(super) fn call_origin(&self) -> String {
        self.profile.livekit_address().map_or_else(String::new, |a| a.origin())
    }

    fn call_ask(&self, purpose: Purpose, below: &str, at: u32) -> Ask {
        let query = if purpose == Purpose::CallToken { format!("access_token={TOKEN}") } else { String::new() };
        Ask { query, cross: self.call_origin() != ORIGIN, ..self.ask(purpose, "GET", &self.call_path(below), at) }
    }

    /// All STUN and TURN URLs of the run in their order, as the evidence has them at that time.
    fn ice_url(&self, server: u8) -> Option<String> {
        let named: Vec<String> = self.profile.ice_servers.iter().map(|s| s.url.clone()).collect();
        let told = self.calls.livekit.servers.iter().map(|url| (*url).to_owned());
        let by_settings_first = self.ice_order.borrow().first().is_none_or(|from| *from == "settings");
        let all: Vec<String> = if by_settings_first { named.into_iter().chain(told).collect() } else { told.chain(named).collect() };
        all.into_iter().nth(usize::from(server))
    }

    fn ice_servers(&self, from: &'static str) -> Fact {
        // Servers that the run knows already are not taken in again.
        let known = self.ice_order.borrow().contains(&from);
        self.ice_order.borrow_mut().push(from);
        if known {
            return Fact::IceServers(IceServers { from: from.to_owned(), ..IceServers::default() });
        }
        let settings = from == "settings";
        let urls = if settings {
            self.profile.ice_servers.iter().map(|s| s.url.clone()).collect()
        } else {
            self.calls.livekit.servers.iter().map(|u| (*u).to_owned()).collect()
        };
        let expires_in = if settings { self.calls.expires_in } else { self.calls.livekit.expires_in };
        Fact::IceServers(IceServers { from: from.to_owned(), urls, expires_in })
    }

    /// What a step about calls records; `None` where the end of the run cuts it short.
    pub(super) fn take_call(&self, step: &Step, now: u32, facts: &mut Vec<(u32, Fact)>) -> Option<()> {
        let limits = Limits::of(self.profile.depth);
        let mut asked = |(at, exchange): (u32, Exchange)| facts.push((at, Fact::Exchange(exchange)));
        match step {
            Step::CallServer => asked(self.fetch(self.call_ask(Purpose::CallServer, "/", now))?),
            Step::CallServerNoCors => asked(self.fetch(self.call_ask(Purpose::CallServerNoCors, "/", now))?),
            Step::CallVersion => asked(self.fetch(self.call_ask(Purpose::CallVersion, "/rtc/v1/validate", now))?),
            Step::CallValidate { with_token: false, as_person } => {
                let credentials = if *as_person { "same-origin" } else { "omit" };
                asked(self.fetch(Ask { credentials, ..self.call_ask(Purpose::CallValidate, "/rtc/validate", now) })?);
            }
            Step::CallValidate { as_person, .. } => {
                let credentials = if *as_person { "same-origin" } else { "omit" };
                let (at, exchange) = self.fetch(Ask { credentials, ..self.call_ask(Purpose::CallToken, "/rtc/validate", now) })?;
                facts.push((now, Fact::CallToken(CallToken { claims: self.calls.livekit.claims.clone(), now: NOW })));
                facts.push((at, Fact::Exchange(exchange)));
            }
            Step::Call { .. } => return self.call(SocketPurpose::Call, "/rtc", now, facts),
            Step::CallV1 => return self.call(SocketPurpose::CallV1, "/rtc/v1", now, facts),
            Step::IceServers => facts.push((now, self.ice_servers("settings"))),
            Step::Gather { server } => {
                let limit = self.left(now, limits.ice)?;
                let url = self.ice_url(*server)?;
                let parsed = IceUrl::parse(&url).unwrap();
                let ice = (self.calls.ice)(&parsed);
                let told = over_a_line(gathering(Some(*server), &url, ice, self.is_firefox(), limit), &parsed, self.calls.line, limit);
                let told = Gathering { started: now, ..told };
                facts.push((now + told.ended_after, Fact::Gathering(told)));
            }
            Step::RelayTls { server } => return self.relay_tls(*server, now, facts),
            Step::Loopback { server } => {
                let limit = self.left(now, limits.media)?;
                let url = server.map_or(Some(String::new()), |s| self.ice_url(s))?;
                let way = (self.calls.way)(IceUrl::parse(&url).as_ref());
                let told = Loopback { started: now, ..loopback(*server, &url, way, self.is_firefox(), limit) };
                facts.push((now + told.ended_after, Fact::Loopback(told)));
            }
            Step::Devices => facts.push((now + 9, Fact::Devices(self.calls.devices.clone()))),
            Step::Capture { device } => {
                let limit = self.left(now, 60_000)?;
                let told = Capture { started: now, ..(self.calls.capture)(*device) };
                let ended = told.ended_after.min(limit);
                facts.push((now + ended, Fact::Capture(Capture { ended_after: ended, ..told })));
            }
            Step::WebTransport => {
                let limit = self.left(now, limits.ice)?;
                let url = self.profile.webtransport_url.clone().unwrap_or_default();
                let told = self.calls.transport.clone();
                let late = told.how == "silent" || told.ended_after > limit;
                let (how, ended_after) = if late { ("silent".to_owned(), limit) } else { (told.how.clone(), told.ended_after) };
                facts.push((now + ended_after, Fact::WebTransport(WebTransport { url, started: now, ended_after, how, ..told })));
            }
            _ => {}
        }
        Some(())
    }

    fn call(&self, purpose: SocketPurpose, below: &str, now: u32, facts: &mut Vec<(u32, Fact)>) -> Option<()> {
        let limits = Limits::of(self.profile.depth);
        let path = self.call_path(below);
        let (mut ended, mut life) = self.socket_of(purpose, &path, 0, now, 0, 0)?;
        let livekit = &self.calls.livekit;
        let first = life.events.iter().find_map(|e| if let Happening::Frame { binary, .. } = e.what { Some((e.after, binary)) } else { None });
        let joined_after = first.filter(|(_, binary)| *binary && livekit.joins).map(|(after, _)| after);
        let garbled = first.is_some_and(|(_, binary)| !binary);
        let server = self.profile.livekit_address().map_or(Reach::Name, |a| reach(&a.host).0);
        let mut call = Call { path, started: now, server, joined_after, garbled, shown_out: livekit.shown_out.filter(|_| first.is_some()), ..Call::default() };
        if let Some(after) = joined_after {
            call.version = if livekit.old { "1.8.0" } else { "1.9.12" }.to_owned();
            facts.push((now + after, self.ice_servers("livekit")));
            if purpose == SocketPurpose::Call {
                call.candidates.clone_from(&livekit.candidates);
                let limit = self.left(now + after, limits.media)?;
                call.media = media(livekit.media, limit);
                // The offer follows at once, or never.
                ended = now + after + call.media.as_ref().map_or(2_000.min(limit), |m| m.ended_after);
                if let Some(last) = life.events.last_mut().filter(|e| matches!(e.what, Happening::ClosedByProbe)) {
                    last.after = last.after.max(ended - now);
                }
            }
        }
        facts.push((ended, Fact::Socket(life)));
        if purpose == SocketPurpose::Call {
            facts.push((ended, Fact::Call(call)));
        }
        Some(())
    }

    fn relay_tls(&self, server: u8, now: u32, facts: &mut Vec<(u32, Fact)>) -> Option<()> {
        let limits = Limits::of(self.profile.depth);
        let limit = self.left(now, limits.ice)?;
        let text = self.ice_url(server)?;
        let url = IceUrl::parse(&text).unwrap();
        let ice = (self.calls.ice)(&url);
        let plain = format!("turn:{}?transport=tcp", url.place());
        let control = gathering(Some(server), &plain, without_tls(ice), self.is_firefox(), limit);
        let after = now + control.ended_after;
        facts.push((after, Fact::Gathering(Gathering { control: true, started: now, ..control })));
        let reply = match ice {
            Ice::Website => says(200, "<!doctype html><title>Somebody</title>"),
            Ice::WithoutTls | Ice::Silent => Reply::Silence,
            _ => Reply::Reject { after: 40 },
        };
        let ask = Ask { path: url.place(), cross: true, session: server + 1, ..self.ask(Purpose::RelayTls, "GET", "/", after) };
        let (at, exchange) = self.fetch_as(ask, Some(reply))?;
        facts.push((at, Fact::Exchange(exchange)));
        if self.is_firefox() {
            let events = match ice {
                Ice::Certificate | Ice::CertificateBehindSilence | Ice::CertificateBehindTerminator => vec![super::errored(30), closed(30, 1015, "")],
                Ice::WithoutTls | Ice::Silent => vec![deadline(limits.open, "open")],
                _ => vec![super::errored(30), closed(30, 1006, "")],
            };
            let life = SocketLife {
                purpose: SocketPurpose::RelayTls,
                url: format!("wss://{}/", url.place()),
                path: url.place(),
                eio: 0,
                cross_origin: true,
                started: at,
                events: self.in_time(events, at),
                frames: 0,
                received: 0,
                last_frame: 0,
                session: server + 1,
            };
            facts.push((at + life.lasted(), Fact::Socket(life)));
        }
        Some(())
    }
}
