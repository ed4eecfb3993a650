//! Voice and video: LiveKit's answers and its signalling, candidates, data channels, devices. What only JavaScript does with
//! few bytes stands in `www/calls.js`, which is imported when the first of these probes asks for it.

use std::pin::pin;

use futures_util::future::{Either, select};
use js_sys::{Array, Date, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{RequestCredentials, RequestMode};

use super::super::platform::fetch::Request;
use super::super::platform::module::{done_by, object};
use super::super::platform::socket::{Signal, Socket};
use super::live::{deadline, opened};
use super::{Context, Ended};
use crate::address::Address;
use crate::evidence::{
    Call, CallToken, Capture, Channel, Device, Devices, End, Fact, Found, Gathering, IceError, IceServers, Loopback, Media, Purpose, SocketPurpose,
    WebTransport,
};
use crate::plan::Step;
use crate::profile::Capturable;
use crate::protocol::ice::{self, Candidate, IceUrl, Reach};
use crate::protocol::json::{self, Value};
use crate::protocol::livekit::{self, IceServer, Said};

/// For the file of the jobs to be fetched, in milliseconds, beside what a job may take itself.
const LOADING: u32 = 1_500;
/// Messages of each kind over a loopback, and bytes in bulk in a longer run.
const MESSAGES: u32 = 60;
const BULK: u32 = 256 * 1024;
/// After the join answer the server's offer follows at once.
const OFFER: u32 = 2_000;
/// What speaks TURN without TLS says so at once; what waits for TLS says nothing.
const CONTROL: u32 = 2_000;
/// Most candidates of the server that are looked at.
const CANDIDATES: usize = 32;

impl Context {
    /// Has `www/calls.js` do this. `None`: it could not, and that is recorded.
    async fn job(&self, step: &str, does: &str, job: &Object, limit: u32) -> Option<Value> {
        _ = Reflect::set(job, &"does".into(), &does.into());
        let (began, limit) = (self.clock.now(), limit.saturating_add(LOADING));
        let told = match &self.place.calls {
            Some(calls) => done_by(calls, job, limit).await,
            None => None,
        };
        let told = told.and_then(|text| json::parse(&text.as_string()?).ok());
        if told.is_none() {
            let late = self.clock.now().saturating_sub(began) >= limit;
            let end = if late { End::TimedOut } else { End::Unsupported { api: "www/calls.js".to_owned() } };
            (self.record)(Fact::StepEnded { step: step.to_owned(), end });
        }
        told
    }

    /// Takes in servers that the run did not know, with their credentials; the evidence gets their URLs.
    fn take_servers(&self, from: &str, servers: Vec<IceServer>) {
        let mut known = self.ice.borrow_mut();
        let before = known.len();
        for server in servers {
            if IceUrl::parse(&server.url).is_some() && !known.contains(&server) {
                known.push(server);
            }
        }
        let new = &known[before..];
        // TURN REST API: the username begins with the time at which it ends. Read as a whole number: the tables for others weigh 10 kB.
        let ends = new.iter().filter_map(|s| s.username.split([':', '.']).next()?.parse::<u64>().ok());
        let ends = ends.filter(|t| (1_000_000_000..10_000_000_000).contains(t)).min();
        let expires_in = ends.map(|t| (t as f64 - Date::now() / 1000.0).clamp(-1e9, 1e9) as i32);
        (self.record)(Fact::IceServers(IceServers { from: from.to_owned(), urls: new.iter().map(|s| s.url.clone()).collect(), expires_in }));
    }

    fn server(&self, server: u8) -> IceServer {
        self.ice.borrow().get(usize::from(server)).cloned().unwrap_or_default()
    }

    /// A path of LiveKit's, which may itself lie below one.
    fn livekit_path(&self, path: &str) -> Option<(Address, String)> {
        let address = self.profile.livekit_address()?;
        let path = [address.path.trim_end_matches('/'), path].concat();
        Some((address, path))
    }
}

/// What `/rtc` and `/rtc/validate` are asked with.
fn token_query(context: &Context) -> String {
    let token = context.profile.livekit_token.as_deref().map(js_sys::encode_uri_component);
    token.map_or_else(String::new, |token| ["access_token=", &String::from(token)].concat())
}

/// A plain question to LiveKit.
pub fn ask(context: &Context, purpose: Purpose) -> Option<Request> {
    let path = match purpose {
        Purpose::CallServer | Purpose::CallServerNoCors => "/",
        Purpose::CallVersion => "/rtc/v1/validate",
        _ => "/rtc/validate",
    };
    let (address, path) = context.livekit_path(path)?;
    let query = if purpose == Purpose::CallToken { ["?", &token_query(context)].concat() } else { String::new() };
    let mut request = context.request(purpose, &path, "");
    request.url = [address.origin().as_str(), &path, &query].concat();
    request.credentials = RequestCredentials::Omit;
    request.cross_origin = address.origin() != context.profile.page_origin;
    if purpose == Purpose::CallServerNoCors {
        request.mode = RequestMode::NoCors;
    }
    if purpose == Purpose::CallToken {
        let claims = context.profile.livekit_token.as_deref().and_then(livekit::claims);
        (context.record)(Fact::CallToken(CallToken { claims, now: (Date::now() / 1000.0) as i64 }));
    }
    Some(request)
}

/// LiveKit's signalling by WebSocket: up to the join answer, and from there to the media, where it offers them.
pub async fn call(context: &Context, v1: bool) -> Ended {
    let Some((address, path)) = context.livekit_path(if v1 { "/rtc/v1" } else { "/rtc" }) else { return Ok(()) };
    let _permit = context.permit().await?;
    context.left(context.limits.open)?;
    let how = if v1 {
        let bytes: String = livekit::join_request().into_iter().map(char::from).collect();
        let encoded = leptos::prelude::window().btoa(&bytes).unwrap_or_default();
        ["&join_request=", &String::from(js_sys::encode_uri_component(&encoded))].concat()
    } else {
        "&auto_subscribe=0&sdk=js&protocol=16".to_owned()
    };
    let url = [address.socket_origin().as_str(), &path, "?", &token_query(context), &how].concat();
    let purpose = if v1 { SocketPurpose::CallV1 } else { SocketPurpose::Call };
    let cross_origin = address.origin() != context.profile.page_origin;
    let server = if address.is_loopback() { Reach::Loopback } else { ice::reach(&address.host).0 };
    let mut call = Call { path: path.clone(), started: context.clock.now(), server, ..Call::default() };
    let mut socket = Socket::open(context.clock, purpose, &url, &path, 0, cross_origin).in_bytes();
    let content = matches!(opened(context, &mut socket).await, Ok(true)) && conversation(context, &mut socket, &mut call, v1).await;
    if content {
        socket.send_bytes(&livekit::leave());
    }
    (context.record)(Fact::Socket(socket.finish(content)));
    // The newer way is looked at for its socket alone.
    if !v1 {
        (context.record)(Fact::Call(call));
    }
    Ok(())
}

/// Whether the server let the probe in.
async fn conversation(context: &Context, socket: &mut Socket, call: &mut Call, v1: bool) -> bool {
    let mut servers = Vec::new();
    let mut heard = Vec::new();
    let mut patience = context.limits.packet;
    let mut until = context.clock.now().saturating_add(context.left(patience).unwrap_or(0));
    loop {
        let signal = socket.next(until.saturating_sub(context.clock.now())).await;
        let Signal::Frame(text) = signal else {
            if signal == Signal::Deadline && call.joined_after.is_none() {
                deadline(socket, "join", until.saturating_sub(call.started), patience);
            }
            return call.joined_after.is_some();
        };
        match socket.take_bytes().filter(|_| text.is_empty()).and_then(|bytes| livekit::read(&bytes)) {
            Some(Said::Join(join)) if call.joined_after.is_none() => {
                call.joined_after = Some(context.clock.now().saturating_sub(call.started));
                call.version = join.version;
                servers.clone_from(&join.servers);
                // Each join brings credentials of its own to the same servers.
                if v1 {
                    return true;
                }
                context.take_servers("livekit", join.servers);
                patience = OFFER;
                until = context.clock.now().saturating_add(context.left(patience).unwrap_or(0));
            }
            Some(Said::Offer { sdp, id }) if call.joined_after.is_some() => {
                call.candidates = ice::of_description(&sdp);
                heard.iter().for_each(|line: &String| take_candidate(call, line));
                call.media = media(context, socket, call, Offer { sdp, id, servers, heard }).await;
                return true;
            }
            Some(Said::Trickle { candidate, target: livekit::SUBSCRIBER }) if heard.len() < CANDIDATES => heard.push(candidate),
            Some(Said::Leave { reason }) => call.shown_out = Some(reason),
            Some(_) => {}
            None => {
                call.garbled = true;
                return call.joined_after.is_some();
            }
        }
    }
}

struct Offer {
    sdp: String,
    id: u64,
    servers: Vec<IceServer>,
    /// Candidates that came before it.
    heard: Vec<String>,
}

fn take_candidate(call: &mut Call, json: &str) {
    let line = json::parse(json).ok().and_then(|told| told.get("candidate").and_then(Value::as_str).and_then(Candidate::parse));
    if call.candidates.len() < CANDIDATES {
        call.candidates.extend(line);
    }
}

/// Answers the offer as a client does, and looks whether the connection to the server comes about.
async fn media(context: &Context, socket: &mut Socket, call: &mut Call, offer: Offer) -> Option<Media> {
    let limit = context.left(context.limits.media).ok()?;
    let (send, id) = (socket.sender(), offer.id);
    // Dropped with this future: what the file says after that comes to nobody.
    let say = Closure::<dyn Fn(String, String)>::new(move |kind: String, text: String| {
        send(&if kind == "answer" { livekit::answer(&text, id) } else { livekit::trickle(&text) });
    });
    let servers: Array = offer.servers.iter().map(|s| JsValue::from(server_of(s, "urls"))).collect();
    let heard: Array = offer.heard.iter().map(|line| JsValue::from(line.as_str())).collect();
    let job = object([
        ("sdp", offer.sdp.into()),
        ("servers", servers.into()),
        ("heard", heard.clone().into()),
        ("say", say.as_ref().clone()),
        ("limit", limit.into()),
    ]);
    let told = {
        let mut answering = pin!(context.job("call", "answer", &job, limit));
        loop {
            let signal = {
                let listening = pin!(socket.next(limit));
                match select(answering.as_mut(), listening).await {
                    Either::Left((told, _)) => break told,
                    Either::Right((signal, _)) => signal,
                }
            };
            match signal {
                Signal::Frame(_) => match socket.take_bytes().and_then(|bytes| livekit::read(&bytes)) {
                    Some(Said::Trickle { candidate, target: livekit::SUBSCRIBER }) => {
                        take_candidate(call, &candidate);
                        match Reflect::get(&job, &"hear".into()).ok().and_then(|hear| wasm_bindgen::JsCast::dyn_into::<js_sys::Function>(hear).ok()) {
                            Some(hear) => _ = hear.call1(&JsValue::NULL, &candidate.into()),
                            None => _ = heard.push(&candidate.into()),
                        }
                    }
                    Some(Said::Leave { reason }) => call.shown_out = Some(reason),
                    _ => {}
                },
                // Nothing more will come on the socket; the connection beside it may come about all the same.
                Signal::Over | Signal::Deadline => break answering.as_mut().await,
                Signal::Open => {}
            }
        }
    }?;
    Some(Media {
        ended_after: number(&told, "endedAfter"),
        connected_after: told.get("connectedAfter").and_then(Value::as_u32),
        state: text(&told, "state"),
        pair: pair(&told),
        threw: threw(&told),
    })
}

pub async fn ice_servers(context: &Context) -> Ended {
    context.take_servers("settings", context.profile.ice_servers.clone());
    Ok(())
}

/// Candidates with one server. Its place is taken from the budget, and none of the places at one time: it waits for long and
/// asks little.
pub async fn gather(context: &Context, server: u8, step: &Step) -> Ended {
    let named = context.server(server);
    gathering(context, server, named, false, step).await
}

async fn gathering(context: &Context, server: u8, named: IceServer, control: bool, step: &Step) -> Ended {
    context.spend(1)?;
    let limit = context.left(if control { CONTROL } else { context.limits.ice })?;
    let started = context.clock.now();
    let job = server_of(&named, "url");
    _ = Reflect::set(&job, &"limit".into(), &limit.into());
    let Some(told) = context.job(&step.name(), "gather", &job, limit).await else { return Ok(()) };
    let each = |name: &str| told.get(name).and_then(Value::as_array).unwrap_or_default().iter().take(CANDIDATES);
    let candidates = each("candidates").filter_map(|one| {
        let mut candidate = Candidate::parse(one.get("line")?.as_str()?)?;
        candidate.relay_protocol = text(one, "relayProtocol");
        Some(Found { after: number(one, "after"), candidate })
    });
    let errors = each("errors").map(|one| IceError {
        after: number(one, "after"),
        code: number(one, "code") as u16,
        text: text(one, "text"),
        // Chromium hides the address behind its form: 0.0.0.x, [0:0:0:x:x:x:x:x] (measured).
        family: one.get("address").and_then(Value::as_str).map_or(0, |address| if address.contains(':') { 6 } else { 4 }),
    });
    let fact = Gathering {
        server: Some(server),
        url: named.url,
        started,
        ended_after: number(&told, "endedAfter"),
        began: flag(&told, "began"),
        complete: flag(&told, "complete"),
        control,
        candidates: candidates.collect(),
        errors: errors.collect(),
        threw: threw(&told),
    };
    (context.record)(Fact::Gathering(fact));
    Ok(())
}

/// The controls of a `turns:` server that gave nothing: TURN without TLS at its port, and the port by `https:`; in Firefox, which
/// alone tells a failed TLS by its close code, by `wss:` (all measured).
pub async fn relay_tls(context: &Context, server: u8, step: &Step) -> Ended {
    let named = context.server(server);
    let Some(url) = IceUrl::parse(&named.url) else { return Ok(()) };
    let place = url.place();
    let mut request = context.request(Purpose::RelayTls, &place, "");
    request.url = ["https://", &place, "/"].concat();
    // Two places may look alike once their addresses are hidden.
    request.session = server + 1;
    request.mode = RequestMode::NoCors;
    request.credentials = RequestCredentials::Omit;
    request.cross_origin = true;
    let plain = IceServer { url: ["turn:", &place, "?transport=tcp"].concat(), ..named };
    gathering(context, server, plain, true, step).await?;
    context.ask(request).await?;
    let user_agent = leptos::prelude::window().navigator().user_agent().unwrap_or_default();
    if user_agent.contains("Firefox/") {
        let _permit = context.permit().await?;
        context.left(context.limits.open)?;
        let mut socket = Socket::open(context.clock, SocketPurpose::RelayTls, &["wss://", &place, "/"].concat(), &place, 0, true).of_session(server + 1);
        _ = opened(context, &mut socket).await;
        (context.record)(Fact::Socket(socket.finish(true)));
    }
    Ok(())
}

/// Data there and back between two peer connections of this page.
pub async fn loopback(context: &Context, server: Option<u8>, step: &Step) -> Ended {
    context.spend(1)?;
    let limit = context.left(context.limits.media)?;
    let started = context.clock.now();
    let named = server.map_or_else(IceServer::default, |server| context.server(server));
    let job = server_of(&named, "url");
    let bytes = if context.limits.hold > 0 && server.is_some() { BULK } else { 0 };
    for (name, value) in [("limit", limit), ("messages", MESSAGES), ("bytes", bytes)] {
        _ = Reflect::set(&job, &name.into(), &value.into());
    }
    let Some(told) = context.job(&step.name(), "loopback", &job, limit).await else { return Ok(()) };
    let channels = told.get("channels").and_then(Value::as_array).unwrap_or_default().iter().take(4).map(|one| Channel {
        name: text(one, "name"),
        opened_after: one.get("openedAfter").and_then(Value::as_u32),
        sent: number(one, "sent"),
        returned: number(one, "returned"),
        whole: flag(one, "whole"),
        out_of_order: number(one, "outOfOrder"),
        median: number(one, "median"),
        longest: number(one, "longest"),
        throughput: number(one, "throughput"),
    });
    let fact = Loopback {
        server,
        url: named.url,
        started,
        ended_after: number(&told, "endedAfter"),
        connected_after: told.get("connectedAfter").and_then(Value::as_u32),
        state: text(&told, "state"),
        pair: pair(&told),
        channels: channels.collect(),
        threw: threw(&told),
    };
    (context.record)(Fact::Loopback(fact));
    Ok(())
}

pub async fn devices(context: &Context) -> Ended {
    let Some(told) = context.job("devices", "devices", &Object::new(), context.left(context.limits.packet)?).await else { return Ok(()) };
    let look = |name: &str| {
        let one = told.get(name).unwrap_or(&Value::Null);
        Device { state: text(one, "state"), allowed: one.get("allowed").and_then(Value::as_bool), count: number(one, "count") }
    };
    let fact = Devices { api: flag(&told, "api"), webrtc: flag(&told, "webrtc"), microphone: look("microphone"), camera: look("camera") };
    (context.record)(Fact::Devices(fact));
    Ok(())
}

/// Opens the microphone or the camera: the browser asks the person, for as long as the run has time.
pub async fn capture(context: &Context, device: Capturable) -> Ended {
    let limit = context.left(u32::MAX / 4)?.saturating_sub(context.limits.capture);
    let started = context.clock.now();
    let job = object([("device", device.name().into()), ("limit", limit.into()), ("look", context.limits.capture.into())]);
    let Some(told) = context.job(device.name(), "capture", &job, limit.saturating_add(context.limits.capture)).await else { return Ok(()) };
    let fact = Capture {
        device: device.name().to_owned(),
        started,
        ended_after: number(&told, "endedAfter"),
        opened_after: told.get("openedAfter").and_then(Value::as_u32),
        threw: threw(&told),
        state: text(&told, "state"),
        muted: flag(&told, "muted"),
        listened: flag(&told, "listened"),
        loudest: told.get("loudest").and_then(Value::as_u32),
        width: number(&told, "width"),
        height: number(&told, "height"),
    };
    (context.record)(Fact::Capture(fact));
    Ok(())
}

pub async fn web_transport(context: &Context) -> Ended {
    let Some(url) = context.profile.webtransport_url.clone() else { return Ok(()) };
    context.spend(1)?;
    let (limit, started) = (context.left(context.limits.ice)?, context.clock.now());
    let job = object([("url", url.as_str().into()), ("limit", limit.into())]);
    let Some(told) = context.job("web-transport", "webTransport", &job, limit).await else { return Ok(()) };
    (context.record)(Fact::WebTransport(WebTransport {
        url,
        started,
        ended_after: number(&told, "endedAfter"),
        how: text(&told, "how"),
        message: text(&told, "message"),
    }));
    Ok(())
}

/// A server for JavaScript, with its credentials; its URL under this name.
fn server_of(server: &IceServer, url: &str) -> Object {
    let job = object([(url, server.url.as_str().into())]);
    for (name, value) in [("username", &server.username), ("credential", &server.credential)] {
        // What is missing stays missing: the browser tells it from what is empty.
        if !value.is_empty() {
            _ = Reflect::set(&job, &name.into(), &value.as_str().into());
        }
    }
    job
}

fn text(told: &Value, name: &str) -> String {
    told.get(name).and_then(Value::as_str).unwrap_or("").to_owned()
}

fn number(told: &Value, name: &str) -> u32 {
    told.get(name).and_then(Value::as_f64).unwrap_or(0.0).clamp(0.0, 4e9) as u32
}

fn flag(told: &Value, name: &str) -> bool {
    told.get(name).and_then(Value::as_bool) == Some(true)
}

/// Name and message of what was thrown.
fn threw(told: &Value) -> Option<(String, String)> {
    let thrown = told.get("threw")?.as_array()?;
    let part = |at: usize| thrown.get(at).and_then(Value::as_str).unwrap_or("").to_owned();
    Some((part(0), part(1)))
}

/// The two ends of a connection, without their addresses.
fn pair(told: &Value) -> Vec<Candidate> {
    let ends = told.get("pair").and_then(Value::as_array).unwrap_or_default().iter().take(2);
    ends.map(|end| {
        let (reach, family) = ice::reach(end.get("address").and_then(Value::as_str).unwrap_or(""));
        Candidate { kind: text(end, "kind"), protocol: text(end, "protocol"), relay_protocol: text(end, "relayProtocol"), reach, family }
    })
    .collect()
}
