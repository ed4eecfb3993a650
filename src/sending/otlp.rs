//! A report as a trace: OTLP/HTTP in JSON (OTLP 1 specification, JSON Protobuf Encoding), an `ExportTraceServiceRequest` with one trace.
//! The run is the root span, each request and connection a child of it, each finding an event of the root.
//!
//! It holds nothing that the redacted report does not. Names are those of OpenTelemetry's semantic conventions where there is one;
//! the others begin with `connection_doctor.` and stand in the README. Ids are given in: the core has no chance.

use serde::Serialize;

use crate::address::Address;
use crate::evidence::{Cite, Environment, Exchange, Fact, Happening, Observation, SocketLife, order_by};
use crate::guidance::Audience;
use crate::picture::waterfall::{Ending, Row, row};
use crate::platforms::browsers;
use crate::protocol::{http_date, json_text};
use crate::redact::shorten;
use crate::report::Report;
use crate::rules::Finding;

/// Most spans of a trace, the root included. A quick run has about 20, a full one about 90.
pub const MOST_SPANS: usize = 200;
/// Longest payload, in bytes: a collector takes 20 MB, and a page that is being closed sends 64 kB.
pub const MOST_BYTES: usize = 256 * 1024;
/// Most events of the root, and of any other span.
const MOST_EVENTS: (usize, usize) = (100, 8);
/// Most items of a list, and characters of a text.
const MOST_ITEMS: usize = 20;
const LONGEST_TEXT: usize = 500;
/// What the root may take of the bytes, and of that what resource and scope may.
const KEPT_FOR_ROOT: usize = 96 * 1024;
const KEPT_FOR_FRAME: usize = 4 * 1024;

const INTERNAL: u8 = 1;
const CLIENT: u8 = 3;
const ERROR: u8 = 2;

/// Random bytes, of which no two reports may have the same (W3C Trace Context section 3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    pub trace: u128,
    /// The root's; the others follow from it.
    pub span: u64,
}

impl Ids {
    fn trace_id(self) -> String {
        // All zeros is no id.
        hex(u128::from(self.trace == 0) | self.trace, 32)
    }

    /// Scattered by a permutation of all 64-bit numbers (splitmix64), so that no two are the same.
    fn span_id(self, number: u64) -> String {
        let mut mixed = self.span.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // One number of all becomes zero, which is no id; this one no other number becomes but by the same rule.
        hex(u128::from(if mixed == 0 { self.span | 1 } else { mixed }), 16)
    }
}

fn hex(number: u128, digits: u32) -> String {
    (0..digits).rev().map(|at| char::from_digit(((number >> (4 * at)) & 15) as u32, 16).unwrap_or('0')).collect()
}

/// A trace that is ready to be sent, and what had to stay behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// An `ExportTraceServiceRequest`.
    pub json: String,
    pub trace_id: String,
    pub spans: usize,
    /// Requests and connections that are in the report and not in the trace.
    pub left_out: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    parent_span_id: String,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute>,
    events: Vec<Event>,
    dropped_events_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

#[derive(Serialize)]
struct Status {
    message: String,
    code: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    time_unix_nano: String,
    name: &'static str,
    attributes: Vec<Attribute>,
}

#[derive(Serialize)]
struct Attribute {
    key: &'static str,
    value: Value,
}

/// OTLP's `AnyValue`.
#[derive(Serialize)]
enum Value {
    #[serde(rename = "stringValue")]
    Text(String),
    #[serde(rename = "boolValue")]
    Bool(bool),
    /// 64 bits are a text in protobuf's JSON.
    #[serde(rename = "intValue")]
    Int(String),
    #[serde(rename = "arrayValue")]
    List(Values),
}

#[derive(Serialize)]
struct Values {
    values: Vec<Value>,
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(shorten(text, LONGEST_TEXT))
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Value {
        Value::Bool(is)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Int(number.to_string())
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Value {
        Value::List(Values { values: list.into_iter().take(MOST_ITEMS).map(Into::into).collect() })
    }
}

#[derive(Default)]
struct Attributes(Vec<Attribute>);

impl Attributes {
    fn add(&mut self, key: &'static str, value: impl Into<Value>) {
        self.0.push(Attribute { key, value: value.into() });
    }

    fn add_named(&mut self, key: &'static str, text: &str) {
        if !text.is_empty() {
            self.add(key, text);
        }
    }

    /// Scheme, host and port of a URL; nothing where it is none.
    fn add_server(&mut self, url: &str) {
        let Some(address) = Address::parse(url) else { return };
        self.add("url.scheme", url.split(':').next().unwrap_or(""));
        self.add("server.address", address.host.trim_matches(['[', ']']));
        self.add("server.port", u32::from(address.port));
    }
}

/// The report as a trace; `None` where it does not tell when it was made.
#[must_use]
pub fn otlp(report: &Report, ids: Ids) -> Option<Trace> {
    let clock = Clock(unix_milliseconds(&report.started_at)?);
    let observations = report.evidence.observations();
    let findings = || report.causes.iter().chain(&report.consequences);
    let cited_by = |cite: Cite| -> Vec<&str> { findings().filter(|f| f.cites.as_slice().contains(&cite)).map(|f| f.code.as_str()).collect() };

    // What findings stand on comes first, if not all of it fits.
    let mut all: Vec<(&Observation, Row, Vec<&str>)> = observations.iter().filter_map(|o| Some((o, row_of(o)?, cited_by(o.id)))).collect();
    order_by(&mut all, |(_, _, codes)| u32::from(codes.is_empty()));
    let (mut spans, mut bytes, count) = (Vec::new(), 0, all.len());
    for (observation, row, codes) in all {
        if spans.len() + 1 >= MOST_SPANS {
            break;
        }
        let span = json_text::write(&child(observation, &row, codes, ids, clock))?;
        if bytes + span.len() < MOST_BYTES - KEPT_FOR_ROOT {
            bytes += span.len() + 1;
            spans.push((observation.id, span));
        }
    }
    order_by(&mut spans, |(id, _)| *id);
    let left_out = count - spans.len();
    let mut whole = root(report, ids, clock, left_out);
    let mut root = json_text::write(&whole)?;
    while root.len() > KEPT_FOR_ROOT - KEPT_FOR_FRAME && !whole.events.is_empty() {
        let kept = whole.events.len() / 2;
        whole.dropped_events_count += whole.events.len() - kept;
        whole.events.truncate(kept);
        root = json_text::write(&whole)?;
    }

    let mut resource = Attributes::default();
    resource.add("service.name", report.product.name.as_str());
    resource.add("service.version", report.product.version.as_str());
    resource.add("telemetry.sdk.name", "connection-doctor");
    resource.add("telemetry.sdk.language", "rust");
    resource.add("telemetry.sdk.version", env!("CARGO_PKG_VERSION"));
    let mut json = ["{\"resourceSpans\":[{\"resource\":{\"attributes\":", &json_text::write(&resource.0)?].concat();
    json.push_str("},\"scopeSpans\":[{\"scope\":{\"name\":\"connection-doctor\",\"version\":");
    json.push_str(&json_text::write(&env!("CARGO_PKG_VERSION"))?);
    json.push_str("},\"spans\":[");
    json.push_str(&root);
    for (_, span) in &spans {
        json.push(',');
        json.push_str(span);
    }
    json.push_str("]}]}]}");
    Some(Trace { json, trace_id: ids.trace_id(), spans: spans.len() + 1, left_out })
}

fn root(report: &Report, ids: Ids, clock: Clock, left_out: usize) -> Span {
    let observations = report.evidence.observations();
    let end = observations.iter().map(|o| row_of(o).map_or(o.at, |row| row.to.max(o.at))).max().unwrap_or(0);
    let codes = |findings: &[Finding]| -> Vec<String> { findings.iter().map(|f| f.code.clone()).collect() };
    let named = |codes: &[String]| -> Value { codes.iter().map(String::as_str).collect::<Vec<_>>().into() };
    let causes = codes(&report.causes);
    let mut attributes = Attributes::default();
    attributes.add("connection_doctor.verdict", report.verdict.word());
    attributes.add_named("connection_doctor.code", causes.first().map_or("", String::as_str));
    attributes.add("connection_doctor.codes", named(&causes));
    attributes.add("connection_doctor.consequences", named(&codes(&report.consequences)));
    attributes.add("connection_doctor.summary", report.summary.as_str());
    attributes.add("connection_doctor.depth", word(&report.profile.depth).as_str());
    attributes.add("connection_doctor.application", word(&report.profile.application).as_str());
    attributes.add("connection_doctor.requests", report.requests);
    attributes.add("connection_doctor.stopped", report.stopped);
    attributes.add("connection_doctor.undecided", report.unknown.len() as u32);
    attributes.add("connection_doctor.left_out", left_out as u32);
    attributes.add("connection_doctor.schema", report.schema.as_str());
    attributes.add_server(&report.profile.server);
    if let Some((_, environment)) = report.evidence.environment() {
        add_browser(&mut attributes, environment);
    }
    let all = report.causes.iter().map(|f| (f, false)).chain(report.consequences.iter().map(|f| (f, true)));
    let mut events: Vec<Event> = all.map(|(finding, follows)| of_finding(report, finding, follows, clock.at(end))).collect();
    events.extend(observations.iter().filter_map(|o| of_moment(o, clock)));
    let dropped = events.len().saturating_sub(MOST_EVENTS.0);
    events.truncate(MOST_EVENTS.0);
    let status = (ERROR_VERDICT == report.verdict.word()).then(|| Status { message: shorten(&causes.join(" "), LONGEST_TEXT), code: ERROR });
    Span {
        trace_id: ids.trace_id(),
        span_id: ids.span_id(0),
        parent_span_id: String::new(),
        name: "diagnosis".to_owned(),
        kind: INTERNAL,
        start_time_unix_nano: clock.at(0),
        end_time_unix_nano: clock.at(end),
        attributes: attributes.0,
        events,
        dropped_events_count: dropped,
        status,
    }
}

/// The verdict whose span is an error: who alerts on errors is told of chats that do not work.
const ERROR_VERDICT: &str = "broken";

fn add_browser(attributes: &mut Attributes, environment: &Environment) {
    attributes.add_named("user_agent.original", &environment.user_agent);
    if let Some(named) = browsers::named(&environment.user_agent) {
        let (name, version) = named.rsplit_once(' ').unwrap_or((&named, ""));
        attributes.add("user_agent.name", name);
        attributes.add_named("user_agent.version", version);
    }
}

fn of_finding(report: &Report, finding: &Finding, follows: bool, at: String) -> Event {
    let mut attributes = Attributes::default();
    attributes.add("connection_doctor.code", finding.code.as_str());
    attributes.add("connection_doctor.finding", finding.name.as_str());
    attributes.add("connection_doctor.severity", word(&finding.severity).as_str());
    attributes.add("connection_doctor.confidence", word(&finding.confidence).as_str());
    attributes.add("connection_doctor.party", word(&finding.party).as_str());
    attributes.add("connection_doctor.follows", follows);
    attributes.add("connection_doctor.observations", finding.cites.as_slice().to_vec());
    let advice = report.guidance.iter().find(|g| g.code == finding.code && g.audience == Audience::Operator);
    attributes.add_named("connection_doctor.advice", advice.map_or("", |g| g.title.as_str()));
    Event { time_unix_nano: at, name: "connection_doctor.finding", attributes: attributes.0 }
}

/// What happened at a moment and was no request.
fn of_moment(observation: &Observation, clock: Clock) -> Option<Event> {
    let mut attributes = Attributes::default();
    let mut at = clock.at(observation.at);
    let name = match &observation.fact {
        Fact::StepEnded { step, end } => {
            attributes.add("connection_doctor.step", step.as_str());
            attributes.add("connection_doctor.end", word_of_tagged(end, "how").as_str());
            "connection_doctor.step_ended"
        }
        Fact::PolicyViolation { directive, blocked, .. } => {
            attributes.add("connection_doctor.directive", directive.as_str());
            attributes.add("connection_doctor.blocked", blocked.as_str());
            "connection_doctor.policy_violation"
        }
        Fact::Connectivity { online } => {
            attributes.add("connection_doctor.online", *online);
            "connection_doctor.connectivity"
        }
        Fact::Visibility { hidden } => {
            attributes.add("connection_doctor.hidden", *hidden);
            "connection_doctor.visibility"
        }
        Fact::Pause { milliseconds } => {
            attributes.add("connection_doctor.late_ms", *milliseconds);
            "connection_doctor.pause"
        }
        Fact::ClientError { before, message } => {
            at = clock.before(*before);
            attributes.add("connection_doctor.message", message.as_str());
            "connection_doctor.client_error"
        }
        _ => return None,
    };
    Some(Event { time_unix_nano: at, name, attributes: attributes.0 })
}

/// Of the waterfall's rows, and of what took its time without being one request.
fn row_of(observation: &Observation) -> Option<Row> {
    let lasting = |method: &str, target: &str, from: u32| Row {
        cite: observation.id,
        method: method.to_owned(),
        target: target.to_owned(),
        outcome: String::new(),
        ending: Ending::Well,
        from: from.min(observation.at),
        to: observation.at,
        phases: Vec::new(),
        moments: Vec::new(),
    };
    row(observation.id, observation.at, &observation.fact).or_else(|| match &observation.fact {
        Fact::RoundTrips(trips) => Some(lasting("ROUND TRIPS", &trips.path, trips.started)),
        Fact::Delivery(delivery) => Some(lasting("DELIVERY", &delivery.path, delivery.started)),
        Fact::Rung(rung) => Some(lasting("RUNG", &rung.path, rung.started)),
        Fact::Call(call) => Some(lasting("CALL", &call.path, call.started)),
        Fact::Capture(capture) => Some(lasting("DEVICE", &capture.device, capture.started)),
        _ => None,
    })
}

fn child(observation: &Observation, row: &Row, codes: Vec<&str>, ids: Ids, clock: Clock) -> Span {
    let mut attributes = Attributes::default();
    attributes.add("connection_doctor.observation", observation.id);
    if !codes.is_empty() {
        attributes.add("connection_doctor.cited_by", codes);
    }
    let (mut name, mut kind, mut events, mut dropped) = (row.method.clone(), CLIENT, Vec::new(), 0);
    let mut of_purpose = |attributes: &mut Attributes, purpose: String| {
        attributes.add("connection_doctor.purpose", purpose.as_str());
        name.push(' ');
        name.push_str(&purpose);
    };
    match &observation.fact {
        Fact::Exchange(exchange) => {
            of_purpose(&mut attributes, word(&exchange.purpose));
            add_exchange(&mut attributes, exchange);
            if let Some(after) = exchange.responded_after {
                let at = clock.at(exchange.started.saturating_add(after));
                events.push(Event { time_unix_nano: at, name: "connection_doctor.response", attributes: Vec::new() });
            }
        }
        Fact::Socket(life) => {
            of_purpose(&mut attributes, word(&life.purpose));
            (events, dropped) = add_socket(&mut attributes, life, clock);
        }
        _ => {
            kind = if row.phases.is_empty() { INTERNAL } else { CLIENT };
            attributes.add_named("url.full", &row.target);
            attributes.add_server(&row.target);
        }
    }
    // A status, a close code or the name of an error; nothing stands for silence.
    let fault = if row.outcome.is_empty() { "timeout" } else { &row.outcome };
    let failed = row.ending != Ending::Well;
    if failed {
        attributes.add("error.type", fault);
    }
    Span {
        trace_id: ids.trace_id(),
        span_id: ids.span_id(u64::from(observation.id)),
        parent_span_id: ids.span_id(0),
        name,
        kind,
        start_time_unix_nano: clock.at(row.from),
        end_time_unix_nano: clock.at(row.to),
        attributes: attributes.0,
        events,
        dropped_events_count: dropped,
        status: failed.then(|| Status { message: String::new(), code: ERROR }),
    }
}

fn add_exchange(attributes: &mut Attributes, exchange: &Exchange) {
    attributes.add("http.request.method", exchange.method.as_str());
    attributes.add_named("url.full", &exchange.url);
    attributes.add_server(&exchange.url);
    if let Some(status) = exchange.status() {
        attributes.add("http.response.status_code", u32::from(status));
    }
    let version = match exchange.next_hop_protocol.as_str() {
        "http/1.0" => "1.0",
        "http/1.1" => "1.1",
        "h2" => "2",
        "h3" => "3",
        _ => "",
    };
    if !version.is_empty() {
        attributes.add("network.protocol.name", "http");
        attributes.add("network.protocol.version", version);
    }
    attributes.add_named("connection_doctor.mode", &exchange.mode);
    attributes.add_named("connection_doctor.credentials", &exchange.credentials);
}

/// Its events, without those frames that follow the first, and how many are left out.
fn add_socket(attributes: &mut Attributes, life: &SocketLife, clock: Clock) -> (Vec<Event>, usize) {
    attributes.add_named("url.full", &life.url);
    attributes.add_server(&life.url);
    attributes.add("network.protocol.name", "websocket");
    attributes.add("connection_doctor.opened", life.opened());
    attributes.add("connection_doctor.frames", life.frames);
    let (mut events, mut has_frame) = (Vec::new(), false);
    for event in &life.events {
        let mut told = Attributes::default();
        let name = match &event.what {
            Happening::Open { .. } => "connection_doctor.open",
            Happening::Frame { .. } if !has_frame => {
                has_frame = true;
                "connection_doctor.first_frame"
            }
            Happening::Frame { .. } | Happening::Sent { .. } => continue,
            Happening::Error => "connection_doctor.error",
            Happening::Close { code, reason, clean } => {
                told.add("connection_doctor.close_code", u32::from(*code));
                told.add_named("connection_doctor.close_reason", reason);
                told.add("connection_doctor.clean", *clean);
                "connection_doctor.close"
            }
            Happening::Threw { name, .. } => {
                told.add("error.type", name.as_str());
                "connection_doctor.error"
            }
            Happening::Deadline { waiting_for } => {
                told.add("connection_doctor.waiting_for", waiting_for.as_str());
                "connection_doctor.deadline"
            }
            Happening::ClosedByProbe => "connection_doctor.closed_by_probe",
            Happening::Flood => "connection_doctor.flood",
        };
        if events.len() < MOST_EVENTS.1 {
            events.push(Event { time_unix_nano: clock.at(life.started.saturating_add(event.after)), name, attributes: told.0 });
        }
    }
    let dropped = life.events.len() - events.len();
    (events, dropped)
}

/// The name that a value without fields has in the report.
fn word(value: &impl Serialize) -> String {
    json_text::write(value).unwrap_or_default().trim_matches('"').to_owned()
}

/// The same of one with fields, whose name stands in this member.
fn word_of_tagged(value: &impl Serialize, tag: &str) -> String {
    let text = json_text::write(value).unwrap_or_default();
    let mark = ["\"", tag, "\":\""].concat();
    text.split_once(mark.as_str()).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("").to_owned()
}

/// The start of the run by this device's clock, in milliseconds since 1970.
#[derive(Clone, Copy)]
struct Clock(u64);

impl Clock {
    /// So many milliseconds after the start, in nanoseconds since 1970.
    fn at(self, after: u32) -> String {
        (self.0 + u64::from(after)).saturating_mul(1_000_000).to_string()
    }

    fn before(self, milliseconds: u32) -> String {
        self.0.saturating_sub(u64::from(milliseconds)).saturating_mul(1_000_000).to_string()
    }
}

/// Of a time as `Date.prototype.toISOString` writes it (`2026-11-20T20:00:03.733Z`), in milliseconds since 1970; `None` for any other text,
/// and for years whose nanoseconds 64 bits do not hold.
fn unix_milliseconds(text: &str) -> Option<u64> {
    const FORM: &[u8; 24] = b"0000-00-00T00:00:00.000Z";
    let bytes: &[u8; 24] = text.as_bytes().try_into().ok()?;
    if !FORM.iter().zip(bytes).all(|(form, byte)| if *form == b'0' { byte.is_ascii_digit() } else { form == byte }) {
        return None;
    }
    let number = |from: usize, to: usize| bytes[from..to].iter().fold(0_u64, |n, b| n * 10 + u64::from(b - b'0'));
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
    if !(1970..=2500).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = http_date::days(year, month, day);
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + number(20, 23))
}

#[cfg(test)]
mod tests {
    use super::{Ids, unix_milliseconds};
    use std::collections::BTreeSet;

    #[test]
    fn times_are_read_as_browsers_write_them() {
        for (text, expected) in [
            ("1970-01-01T00:00:00.000Z", Some(0)),
            ("2000-02-29T12:34:56.789Z", Some(951_827_696_789)),
            ("2026-11-20T20:00:03.733Z", Some(1_795_204_803_733)),
            ("2100-03-01T00:00:00.001Z", Some(4_107_542_400_001)),
            ("1969-12-31T23:59:59.999Z", None),
            ("9999-12-31T23:59:59.999Z", None),
            ("2026-13-20T20:00:03.733Z", None),
            ("2026-11-20T20:00:03Z", None),
            ("2026-11-20 20:00:03.733Z", None),
            ("", None),
            ("２026-11-20T20:00:03.7Z", None),
        ] {
            assert_eq!(unix_milliseconds(text), expected, "{text}");
        }
    }

    #[test]
    fn ids_are_hex_different_and_never_nought() {
        for ids in [Ids { trace: 0, span: 0 }, Ids { trace: u128::MAX, span: u64::MAX }, Ids { trace: 1, span: 0x9e37_79b9_7f4a_7c15_u64.wrapping_neg() }] {
            let all: BTreeSet<String> = (0..5_000).map(|n| ids.span_id(n)).collect();
            assert_eq!(all.len(), 5_000);
            assert!(all.iter().all(|id| id.len() == 16 && id.bytes().any(|b| b != b'0') && id.bytes().all(|b| b.is_ascii_hexdigit())));
            assert!(ids.trace_id().len() == 32 && ids.trace_id().bytes().any(|b| b != b'0'));
        }
    }
}
