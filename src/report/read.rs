//! Reads a report that was saved: a stranger's file, so every part of it is bounded, and nothing of it is believed but what was
//! observed. From that this version diagnoses anew; of what the file concluded, only enough is kept to say whether it differs.
//!
//! By hand and not by serde, whose code for every kind of fact is several times the download (BENCHMARKS.md). `tests/reading.rs`
//! holds both to the same.

use std::cell::Cell;

use serde::Serialize;

use super::{Circumstances, Report, SCHEMA, visible};
use crate::diagnose::{Verdict, diagnose};
use crate::evidence::{
    Area, Arrival, Call, CallToken, Capture, Channel, Cookies, Delivery, Device, Devices, EchoSession, End, Environment, Evidence, Exchange, Fact, Found,
    Gathering, Happening, IceError, IceServers, Loopback, Media, Navigation, Outcome, Purpose, Registration, Response, RoundTrips, Rung, SocketEvent,
    SocketLife, SocketPurpose, Storage, Stored, StoredCopy, Stream, StreamEnd, Trial, WebTransport, Workers,
};
use crate::profile::{Application, Capturable, Depth, Profile, Targets, Topic};
use crate::protocol::client_options::ClientOptions;
use crate::protocol::grpc_web::Answer;
use crate::protocol::html::Outline;
use crate::protocol::ice::{Candidate, Reach};
use crate::protocol::json::{self, Value};
use crate::protocol::json_text;
use crate::protocol::livekit::Claims;
use crate::redact;
use crate::rules::Finding;
use crate::t;
use crate::words::{Text, Words};

/// Longest file that is read, in bytes. The longest recorded one has 114 kB.
pub const MAX_LENGTH: usize = 4 * 1024 * 1024;
/// Most observations: several times those of a watch of some hours, which makes 600 requests at most.
pub const MAX_OBSERVATIONS: usize = 4_000;
/// Most items of any other list; the longest recorded one has 52.
pub const MAX_ITEMS: usize = 400;
/// Longest text, in characters: a whole Content-Security-Policy.
const MAX_TEXT: usize = 4_100;

/// A report as a file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    pub profile: Profile,
    pub evidence: Evidence,
    pub circumstances: Circumstances,
    pub told: Told,
}

/// What the version that made it concluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub version: String,
    pub verdict: Verdict,
    pub summary: String,
    /// The codes of its causes.
    pub causes: Vec<String>,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    TooLong,
    /// It ends in the middle.
    CutOff,
    NotJson,
    NotReport,
    /// A report of another form; its name, shortened.
    OtherForm(String),
    /// This part of it is not what this version writes; the version that made it, shortened.
    Strange {
        part: String,
        version: String,
    },
    /// More than any run makes.
    TooMuch,
}

/// Reads the text of a file.
///
/// # Errors
/// For every text that is no report of this form; [`Fault::text`] says it to people.
pub fn read(text: &str) -> Result<Saved, Fault> {
    // A byte order mark, which some editors put in front.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let all = json::parse_up_to(text, MAX_LENGTH).map_err(|fault| match fault {
        json::Fault::TooLong => Fault::TooLong,
        json::Fault::TooMany => Fault::TooMuch,
        json::Fault::TooDeep => Fault::NotReport,
        json::Fault::Syntax(at) if at >= text.trim_end().len() && text.trim_start().starts_with('{') => Fault::CutOff,
        json::Fault::Syntax(_) => Fault::NotJson,
    })?;
    let schema = all.get("schema").and_then(Value::as_str).ok_or(Fault::NotReport)?;
    if schema != SCHEMA {
        let ours = schema.starts_with("connection-doctor/report/");
        return Err(if ours { Fault::OtherForm(redact::shorten(&visible(schema), 60)) } else { Fault::NotReport });
    }
    let bad = Bad::default();
    let version: String = read_member(all.get("product").unwrap_or(&Value::Null), "version", &bad);
    let version = redact::shorten(&visible(&version), 40);
    let sound = |part: &str| {
        let strange = Fault::Strange { part: part.to_owned(), version: version.clone() };
        if bad.0.replace(false) { Err(strange) } else { Ok(()) }
    };
    let told =
        Told { version: version.clone(), verdict: read_member(&all, "verdict", &bad), summary: short(&all, "summary", 400, &bad), causes: codes(&all, &bad) };
    let circumstances = Circumstances {
        started_at: short(&all, "started_at", 40, &bad),
        stopped: read_member(&all, "stopped", &bad),
        requests: read_member(&all, "requests", &bad),
    };
    sound("verdict")?;
    let profile = read_member(&all, "profile", &bad);
    sound("profile")?;
    let observations = all.get("evidence").and_then(Value::as_array);
    bad.unless(observations.is_some());
    sound("evidence")?;
    let observations = observations.unwrap_or_default();
    if observations.len() > MAX_OBSERVATIONS {
        return Err(Fault::TooMuch);
    }
    let mut evidence = Evidence::default();
    for (place, observation) in observations.iter().enumerate() {
        let (at, fact) = (read_member(observation, "at", &bad), read_member(observation, "fact", &bad));
        sound(&["#", &(place + 1).to_string()].concat())?;
        // By the one door: what somebody wrote into the file by hand loses its secrets too.
        evidence.record(at, fact);
    }
    Ok(Saved { profile, evidence, circumstances, told })
}

fn short(object: &Value, name: &str, limit: usize, bad: &Bad) -> String {
    redact::shorten(&visible(&read_member::<String>(object, name, bad)), limit)
}

fn codes(report: &Value, bad: &Bad) -> Vec<String> {
    list(report.get("causes").unwrap_or(&Value::Null), bad).iter().map(|cause| short(cause, "code", 40, bad)).collect()
}

impl Saved {
    /// What this version finds in it: so the words can be fetched before they are needed.
    #[must_use]
    pub fn causes(&self) -> Vec<Finding> {
        diagnose(&self.profile.redacted(), &self.evidence).causes
    }

    /// Diagnoses it with the rules of this version.
    #[must_use]
    pub fn again(self, words: &Words) -> (Report, Told) {
        (Report::of(&self.profile, self.evidence, self.circumstances, words), self.told)
    }
}

impl Told {
    /// Whether this version concludes something else.
    #[must_use]
    pub fn differs(&self, now: &Report) -> bool {
        self.verdict != now.verdict || self.causes.len() != now.causes.len() || now.causes.iter().any(|cause| !self.causes.contains(&cause.code))
    }
}

impl Fault {
    /// For people: what is wrong with the file, and what to do.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Fault::TooLong => t!("This file is too large to be a report: at most 4 MB are read.").into(),
            Fault::CutOff => t!("This file ends in the middle. Save it or have it sent once more, as a whole.").into(),
            Fault::NotJson => t!("This file is not a saved report. Choose the JSON file of a report; Markdown can’t be opened.").into(),
            Fault::NotReport => t!("This file is JSON, but not a report of this test.").into(),
            Fault::OtherForm(form) => {
                t!(
                    "This report is of another form ({form}) than this version reads ({ours}). Open it with the version that made it.",
                    form = form,
                    ours = SCHEMA
                )
            }
            Fault::Strange { part, version } => {
                t!(
                    "A part of this report can’t be read: {part}. It was damaged or changed, or the version that made it ({version}) knows more than this one.",
                    part = part,
                    version = version
                )
            }
            Fault::TooMuch => t!("This report holds more than any run of this test makes, so it is not read.").into(),
        }
    }
}

/// Whether something was not as it has to be. Reading goes on all the same, and what it gives is thrown away: code that ends at every member of
/// forty kinds of objects, and lets go of what it has, is twice as large.
#[derive(Default)]
struct Bad(Cell<bool>);

impl Bad {
    fn unless(&self, sound: bool) {
        if !sound {
            self.0.set(true);
        }
    }
}

/// A value of a known shape; `None` stands for a member that is not there.
trait Read {
    fn read(value: Option<&Value>, bad: &Bad) -> Self;
}

fn read_member<T: Read>(object: &Value, name: &str, bad: &Bad) -> T {
    T::read(object.get(name), bad)
}

fn list<'a>(value: &'a Value, bad: &Bad) -> &'a [Value] {
    let items = value.as_array().filter(|items| items.len() <= MAX_ITEMS);
    bad.unless(items.is_some());
    items.unwrap_or_default()
}

impl Read for bool {
    fn read(value: Option<&Value>, bad: &Bad) -> bool {
        let told = value.map_or(Some(false), Value::as_bool);
        bad.unless(told.is_some());
        told.unwrap_or_default()
    }
}

impl Read for String {
    fn read(value: Option<&Value>, bad: &Bad) -> String {
        let told = value.map_or(Some(""), Value::as_str);
        bad.unless(told.is_some());
        redact::shorten(told.unwrap_or_default(), MAX_TEXT)
    }
}

/// A whole number from `least` to `most`.
fn whole(value: Option<&Value>, least: f64, most: f64, bad: &Bad) -> f64 {
    let told = value.map_or(Some(0.0), Value::as_f64).filter(|n| n.trunc() == *n && (least..=most).contains(n));
    bad.unless(told.is_some());
    told.unwrap_or_default()
}

macro_rules! numbers {
    ($($kind:ty: $least:expr, $most:expr;)+) => { $(
        impl Read for $kind {
            fn read(value: Option<&Value>, bad: &Bad) -> $kind {
                whole(value, $least, $most, bad) as $kind
            }
        }
    )+ };
}

// Those of 64 bits a little wider, since a number that large is not exact; the conversion keeps to the type's own limits.
numbers! {
    u8: 0.0, 255.0;
    u16: 0.0, 65_535.0;
    u32: 0.0, 4_294_967_295.0;
    usize: 0.0, 4_294_967_295.0;
    u64: 0.0, 2e19;
    i32: -2_147_483_648.0, 2_147_483_647.0;
    i64: -1e19, 1e19;
}

impl<T: Read> Read for Option<T> {
    fn read(value: Option<&Value>, bad: &Bad) -> Option<T> {
        value.filter(|value| **value != Value::Null).map(|value| T::read(Some(value), bad))
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: Option<&Value>, bad: &Bad) -> Vec<T> {
        value.map_or(&[][..], |value| list(value, bad)).iter().map(|item| T::read(Some(item), bad)).collect()
    }
}

impl<A: Read, B: Read> Read for (A, B) {
    fn read(value: Option<&Value>, bad: &Bad) -> (A, B) {
        let items = value.and_then(Value::as_array).unwrap_or_default();
        bad.unless(items.len() == 2);
        (A::read(items.first(), bad), B::read(items.get(1), bad))
    }
}

/// The one of them that is written so; the first of them where none is. What they are called, serde's derived code knows, and it is in the
/// program anyway.
fn one_of<T: Serialize + Copy>(value: Option<&Value>, first: T, all: &[T], bad: &Bad) -> T {
    let text = value.and_then(Value::as_str).and_then(|text| json_text::write(&text));
    let found = all.iter().copied().find(|one| json_text::write(one) == text);
    bad.unless(found.is_some());
    found.unwrap_or(first)
}

macro_rules! names {
    ($($kind:ident: $first:ident $(, $name:ident)*;)+) => { $(
        impl Read for $kind {
            fn read(value: Option<&Value>, bad: &Bad) -> $kind {
                // A new name that is not in the list does not compile.
                const _: fn($kind) = |one| match one { $kind::$first $(| $kind::$name)* => () };
                one_of(value, $kind::$first, &[$kind::$first $(, $kind::$name)*], bad)
            }
        }
    )+ };
}

names! {
    Verdict: Works, Degraded, Broken, Inconclusive;
    Application: Auto, Chainlit, OpenWebui, Semaphore, Livekit, Socketio, Raw;
    Capturable: Microphone, Camera;
    Depth: Quick, Full, Watch;
    Topic: Browser, Http, Polling, Websocket, Upgrade, Heartbeat, Connect, Raw, Health, Application, Sessions, Delivery, Stream, Quality, Grpc, Calls;
    Purpose: OwnFile, Gate, ChatPage, HomePage, Upgraded, Server, ServerNoCors, Health, User, UserWithout, Application, Handshake, FollowUp, CloseSession,
        OriginProbe, Companion, RedirectControl, Repeat, ShellKept, Shell, ShellNow, ShellPastWorker, Version, Script, ScriptKept, ScriptNow, OpenScript, ClientScript, Credentialed, Preflighted,
        ServerKept, Worded, WordedEncoded, Help, HelpAgain, LongPoll, Poll, LargePost, Grpc, CallServer, CallServerNoCors, CallValidate, CallToken, CallVersion,
        RelayTls;
    SocketPurpose: Hello, HelloAgain, Upgrade, Heartbeat, Connect, Raw, RawQuiet, Busy, Again, Large, Call, CallV1, RelayTls;
    Reach: Name, Loopback, Private, Public;
}

/// What has members; it is bad where it is nothing of that kind.
fn object<'a>(value: Option<&'a Value>, bad: &Bad) -> &'a Value {
    let object = value.filter(|value| matches!(value, Value::Object(_)));
    bad.unless(object.is_some());
    object.unwrap_or(&Value::Null)
}

/// The object, and the word in it that tells which of several it is.
fn tagged<'a>(value: Option<&'a Value>, tag: &str, bad: &Bad) -> (&'a Value, &'a str) {
    let object = object(value, bad);
    (object, object.get(tag).and_then(Value::as_str).unwrap_or_default())
}

macro_rules! records {
    ($($kind:ident { $($field:ident),+ $(,)? })+) => { $(
        impl Read for $kind {
            fn read(value: Option<&Value>, bad: &Bad) -> $kind {
                let object = object(value, bad);
                $kind { $($field: read_member(object, stringify!($field), bad)),+ }
            }
        }
    )+ };
}

records! {
    Environment {
        secure_context, framed, foreign_frame, opaque_origin, hidden, online, scheme, next_hop_protocol, user_agent, service_worker, missing,
    }
    Cookies { trials, threw, count, size, largest, storage_access }
    Trial { kind, kept }
    Stored { name, size, token, made_for, expires_in }
    Storage { areas, usage, quota, in_caches, keys }
    Area { name, how }
    Workers { registrations, caches, threw }
    Registration { scope, script, controls, waiting, installing }
    StoredCopy { name, holds_page, assets }
    Navigation { path, ended_after, controlled, html }
    Stream { url, path, cross_origin, by, started, responded_after, status, headers, arrivals, events, bytes, ended_after, end, led_to, ours }
    Arrival { after, bytes, events, sent }
    RoundTrips { path, of, in_worker, resolution, samples, lost, started }
    Delivery { path, started, sessions, waited }
    EchoSession { state, instance, heard_after }
    Rung { path, started, sockets, opened, refused, silent, dropped, status, answered_after }
    Exchange {
        purpose, method, url, path, eio, mode, session, sent, credentials, cache, cross_origin, started, responded_after, ended_after, next_hop_protocol,
        never_sent, outcome,
    }
    Response {
        response_type, status, redirected, final_url, same_origin_as_asked, headers, body_bytes, body_complete, broken_off, excerpt, html, client, grpc, digest, clock_offset,
    }
    ClientOptions { paths, transports, server, speaks }
    Outline { title, password_field, hands_on, scripts, root_path, application, script_sources, modules, imports, base, assets, policies, transports }
    Answer { grpc_status, message, serving, malformed }
    SocketLife { purpose, url, path, eio, cross_origin, session, started, events, frames, received, last_frame }
    IceServers { from, urls, expires_in }
    Gathering { server, url, started, ended_after, began, complete, control, candidates, errors, threw }
    Candidate { kind, protocol, relay_protocol, reach, family }
    IceError { after, code, text, family }
    Loopback { server, url, started, ended_after, connected_after, state, pair, channels, threw }
    Channel { name, opened_after, sent, returned, whole, out_of_order, median, longest, throughput }
    Call { path, started, server, joined_after, version, candidates, shown_out, garbled, media }
    Media { ended_after, connected_after, state, pair, threw }
    CallToken { claims, now }
    Claims { expires, not_before, joins, names_room, forbids }
    Devices { api, webrtc, microphone, camera }
    Device { state, allowed, count }
    Capture { device, started, ended_after, opened_after, threw, state, muted, listened, loudest, width, height }
    WebTransport { url, started, ended_after, how, message }
}

impl Read for SocketEvent {
    fn read(value: Option<&Value>, bad: &Bad) -> SocketEvent {
        SocketEvent { after: read_member(object(value, bad), "after", bad), what: Read::read(value, bad) }
    }
}

impl Read for Found {
    fn read(value: Option<&Value>, bad: &Bad) -> Found {
        Found { after: read_member(object(value, bad), "after", bad), candidate: Read::read(value, bad) }
    }
}

/// One of several kinds: the word in its tag, and its members. An unknown word is bad, and stands for the last kind.
macro_rules! kinds {
    ($($kind:ident by $tag:literal { $($word:literal => $name:ident $({ $($field:ident),+ })? $(($inner:tt))?),+ $(,)? } else $other:expr;)+) => { $(
        impl Read for $kind {
            fn read(value: Option<&Value>, bad: &Bad) -> $kind {
                // A new kind that is not in the list does not compile.
                const _: fn(&$kind) = |one| match one { $($kind::$name { .. } => (),)+ };
                let (object, word) = tagged(value, $tag, bad);
                match word {
                    $($word => kinds!(@ object, value, bad, $kind $name $({ $($field),+ })? $(($inner))?),)+
                    _ => {
                        bad.unless(false);
                        $other
                    }
                }
            }
        }
    )+ };
    (@ $object:ident, $value:ident, $bad:ident, $kind:ident $name:ident) => { $kind::$name };
    (@ $object:ident, $value:ident, $bad:ident, $kind:ident $name:ident { $($field:ident),+ }) => {
        $kind::$name { $($field: read_member($object, stringify!($field), $bad)),+ }
    };
    (@ $object:ident, $value:ident, $bad:ident, $kind:ident $name:ident (all)) => { $kind::$name(Read::read($value, $bad)) };
}

kinds! {
    Happening by "is" {
        "open" => Open { protocol, extensions },
        "frame" => Frame { text, length, binary },
        "sent" => Sent { text, length },
        "error" => Error,
        "close" => Close { code, reason, clean },
        "threw" => Threw { name, message },
        "deadline" => Deadline { waiting_for },
        "closed-by-probe" => ClosedByProbe,
        "flood" => Flood,
    } else Happening::Error;
    Outcome by "is" {
        "response" => Response(all),
        "rejected" => Rejected { name, message },
        "timed-out" => TimedOut { responded },
    } else Outcome::TimedOut { responded: false };
    StreamEnd by "is" {
        "whole" => Whole { told },
        "broken" => Broken { name, message },
        "rejected" => Rejected { name, message },
        "silent" => Silent,
        "left" => Left,
    } else StreamEnd::Silent;
    End by "how" {
        "completed" => Completed,
        "timed-out" => TimedOut,
        "skipped" => Skipped { why },
        "unsupported" => Unsupported { api },
        "threw" => Threw { name, message },
    } else End::Completed;
    Fact by "kind" {
        "environment" => Environment(all),
        "exchange" => Exchange(all),
        "socket" => Socket(all),
        "cookies" => Cookies(all),
        "storage" => Storage(all),
        "workers" => Workers(all),
        "navigation" => Navigation(all),
        "permission" => Permission { name, state },
        "event-source" => EventSource { url, ready_state, after },
        "stream" => Stream(all),
        "round-trips" => RoundTrips(all),
        "delivery" => Delivery(all),
        "rung" => Rung(all),
        "ice-servers" => IceServers(all),
        "gathering" => Gathering(all),
        "loopback" => Loopback(all),
        "call" => Call(all),
        "call-token" => CallToken(all),
        "devices" => Devices(all),
        "capture" => Capture(all),
        "web-transport" => WebTransport(all),
        "client-error" => ClientError { before, message },
        "visibility" => Visibility { hidden },
        "pause" => Pause { milliseconds },
        "connectivity" => Connectivity { online },
        "policy-violation" => PolicyViolation { directive, blocked, enforced },
        "step-ended" => StepEnded { step, end },
    } else Fact::Connectivity { online: false };
}

impl Read for Profile {
    fn read(value: Option<&Value>, bad: &Bad) -> Profile {
        let object = object(value, bad);
        macro_rules! fields {
            ($($field:ident),+ $(,)?) => {
                // What is in no file: three secrets, and what became evidence.
                Profile { livekit_token: None, ice_servers: Vec::new(), seen: Vec::new(), targets: Targets::default(), $($field: read_member(object, stringify!($field), bad)),+ }
            };
        }
        fields! {
            page_origin, page_folder, server, cross_origin, socket_path, socket_query, application, health_path, user_path, help_path, credentials,
            request_headers, response_headers, storage_keys, namespace, chat_page, chat_page_named, embedded, ws_url, ws_protocols, stream_url, echo_event, affinity_cookie,
            grpc_url, ladder, livekit_url, ice_servers_named, webtransport_url, devices, depth, autorun, only, lang,
        }
    }
}
