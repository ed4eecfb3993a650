//! What is sent to operators: every recorded report as a trace, judged by OTLP's own definitions and the semantic conventions' own names,
//! and the dashboard that asks for it.
//!
//! `tests/sending/trace_service.binpb` is a `FileDescriptorSet` of `ExportTraceServiceRequest` with all that it needs, as the PyPI package
//! opentelemetry-proto 1.45.2 holds it (`DESCRIPTOR.serialized_pb` of common, resource, trace and trace_service).
// What judges is for native builds alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(not(target_arch = "wasm32"))]

#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use connection_doctor::evidence::{Evidence, Fact, Happening, SocketEvent, SocketLife, SocketPurpose};
use connection_doctor::report::{Circumstances, Report};
use connection_doctor::rules::RULES;
use connection_doctor::sending::otlp::{Ids, MOST_BYTES, MOST_SPANS, Trace, otlp};
use opentelemetry_semantic_conventions::attribute as names;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor};
use serde_json::Value;

const REQUEST: &str = "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest";
const IDS: Ids = Ids { trace: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, span: 0xb7ad_6b71_6920_3331 };
const OWN: &str = "connection_doctor.";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn recordings() -> Vec<(String, Report)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/evidence")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            all.push((name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()));
        }
    }
    assert!(all.len() >= 50, "the recordings are gone: {}", all.len());
    all
}

fn traced(report: &Report) -> (Trace, Value) {
    let trace = otlp(report, IDS).expect("a recording tells when it was made");
    let value = serde_json::from_str(&trace.json).unwrap_or_else(|e| panic!("{e}: {}", trace.json));
    (trace, value)
}

fn request() -> MessageDescriptor {
    let pool = DescriptorPool::decode(std::fs::read(root().join("tests/sending/trace_service.binpb")).unwrap().as_slice()).unwrap();
    pool.get_message_by_name(REQUEST).unwrap()
}

/// What protobuf's JSON leaves open and OTLP does not: names in lowerCamelCase alone, 64 bits as a text, enumerations as numbers that are
/// known, ids in hex and of their length (OTLP specification, JSON Protobuf Encoding).
fn assert_encoded(value: &Value, message: &MessageDescriptor, place: &str) {
    for (name, value) in value.as_object().unwrap_or_else(|| panic!("{place}: {value}")) {
        let field = message.fields().find(|f| f.json_name() == name).unwrap_or_else(|| panic!("{place}: {} has no {name}", message.name()));
        let items = if field.is_list() { value.as_array().unwrap_or_else(|| panic!("{place}.{name}: {value}")).iter().collect() } else { vec![value] };
        for item in items {
            let place = format!("{place}.{name}");
            match field.kind() {
                Kind::Message(inner) => assert_encoded(item, &inner, &place),
                Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => assert!(item.as_str().is_some_and(|t| t.parse::<i64>().is_ok()), "{place}: {item}"),
                Kind::Uint64 | Kind::Fixed64 => assert!(item.as_str().is_some_and(|t| t.parse::<u64>().is_ok()), "{place}: {item}"),
                Kind::Enum(inner) => {
                    let number = item.as_i64().unwrap_or_else(|| panic!("{place}: {item}"));
                    assert!(inner.get_value(number as i32).is_some(), "{place}: {item}");
                }
                Kind::Bytes => {
                    let digits = if name == "traceId" { 32 } else { 16 };
                    let text = item.as_str().unwrap();
                    assert!(text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()), "{place}: {item}");
                    assert!(text.bytes().any(|b| b != b'0'), "{place}: {item}");
                }
                _ => {}
            }
        }
    }
}

fn spans(request: &Value) -> &Vec<Value> {
    request["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap()
}

/// Every attribute of the request: (key, value).
fn attributes(value: &Value) -> Vec<(&str, &Value)> {
    match value {
        Value::Array(items) => items.iter().flat_map(attributes).collect(),
        Value::Object(members) => {
            let own = members.get("key").and_then(Value::as_str).map(|key| (key, &members["value"]));
            own.into_iter().chain(members.values().flat_map(attributes)).collect()
        }
        _ => Vec::new(),
    }
}

fn attribute<'a>(of: &'a Value, key: &str) -> Option<&'a Value> {
    of["attributes"].as_array()?.iter().find(|a| a["key"] == key).map(|a| &a["value"])
}

fn nanoseconds(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn every_recording_is_a_request_that_otlp_defines() {
    let message = request();
    for (name, report) in recordings() {
        let (trace, value) = traced(&report);
        assert_encoded(&value, &message, &name);
        // Refuses what the definitions do not name, too.
        let mut text = serde_json::Deserializer::from_str(&trace.json);
        DynamicMessage::deserialize(message.clone(), &mut text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(trace.json.len() <= MOST_BYTES && trace.spans <= MOST_SPANS, "{name}: {} bytes, {} spans", trace.json.len(), trace.spans);
        assert_eq!((trace.left_out, trace.spans), (0, spans(&value).len()), "{name}");
    }
}

#[test]
fn a_trace_is_one_tree_in_its_time() {
    for (name, report) in recordings() {
        let (trace, value) = traced(&report);
        let (root, children) = spans(&value).split_first().unwrap();
        let lasted = |span: &Value| (nanoseconds(&span["startTimeUnixNano"]), nanoseconds(&span["endTimeUnixNano"]));
        let (from, to) = lasted(root);
        let ids: BTreeSet<&str> = spans(&value).iter().map(|s| s["spanId"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), trace.spans, "{name}: two spans have one id");
        assert!(root.get("parentSpanId").is_none() && from <= to, "{name}");
        for span in children {
            let (start, end) = lasted(span);
            assert!(span["parentSpanId"] == root["spanId"] && span["traceId"] == trace.trace_id.as_str(), "{name}: {span}");
            assert!(from <= start && start <= end && end <= to, "{name}: {span}");
        }
        assert_eq!(attribute(root, "connection_doctor.verdict").unwrap()["stringValue"], report.verdict.word(), "{name}");
        let first = report.causes.first().map(|f| f.code.as_str());
        assert_eq!(attribute(root, "connection_doctor.code").map(|v| v["stringValue"].as_str().unwrap()), first, "{name}");
        assert_eq!(root["status"]["code"] == 2, report.verdict.word() == "broken", "{name}");
        let told: Vec<&str> = root["events"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|e| e["name"] == "connection_doctor.finding")
            .map(|e| attribute(e, "connection_doctor.code").unwrap()["stringValue"].as_str().unwrap())
            .collect();
        let found: Vec<&str> = report.causes.iter().chain(&report.consequences).map(|f| f.code.as_str()).collect();
        assert_eq!(told, found, "{name}");
    }
}

/// A run that was seen by a person, told by its trace: which requests there were, and which of them the finding stands on.
#[test]
fn a_gateway_that_answers_502_is_told_by_its_requests() {
    let (_, report) = recordings().into_iter().find(|(name, _)| name == "gateway-502.chromium").unwrap();
    let (_, value) = traced(&report);
    let all = spans(&value);
    let cited = |span: &&Value| attribute(span, "connection_doctor.cited_by").is_some();
    let handshake = all.iter().filter(cited).find(|s| s["name"] == "GET handshake").unwrap();
    let said = |key: &str| attribute(handshake, key).unwrap_or_else(|| panic!("{key}: {handshake}"));
    assert_eq!(said("http.request.method")["stringValue"], "GET");
    assert_eq!(said("http.response.status_code")["intValue"], "502");
    assert_eq!(said("error.type")["stringValue"], "502");
    assert_eq!(said("server.address")["stringValue"], "127.0.0.1");
    assert_eq!(said("connection_doctor.cited_by")["arrayValue"]["values"][0]["stringValue"], "NET003");
    assert_eq!((&handshake["kind"], &handshake["status"]["code"]), (&Value::from(3), &Value::from(2)));
    let socket = all.iter().find(|s| s["name"] == "WS hello").unwrap();
    assert_eq!(attribute(socket, "error.type").unwrap()["stringValue"], "1006");
    assert_eq!(attribute(&all[0], "user_agent.name").unwrap()["stringValue"], "Chrome");
}

/// Every text of a value.
fn texts(value: &Value, into: &mut String) {
    match value {
        Value::String(text) => {
            into.push_str(text);
            into.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => {
            for (name, member) in members {
                into.push_str(name);
                into.push('\n');
                texts(member, into);
            }
        }
        Value::Number(number) => into.push_str(&format!("{number}\n")),
        _ => {}
    }
}

/// The one place where secrets are taken out stays the only one.
#[test]
fn a_trace_holds_nothing_that_the_report_does_not() {
    // Said of every report, or read off a URL or a protocol's name.
    let derived = ["telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version", "network.protocol.name", "network.protocol.version"];
    for (name, report) in recordings() {
        let (_, value) = traced(&report);
        let mut known = String::new();
        texts(&serde_json::to_value(&report).unwrap(), &mut known);
        known.make_ascii_lowercase();
        for (key, value) in attributes(&value).into_iter().filter(|(key, _)| !derived.contains(key)) {
            let mut said = String::new();
            texts(value, &mut said);
            for text in said.lines().filter(|line| !line.ends_with("Value") && *line != "values" && *line != "timeout") {
                let text = text.trim_end_matches('…').to_ascii_lowercase();
                let default_port = key == "server.port" && ["80", "443"].contains(&text.as_str());
                let counted = ["connection_doctor.left_out", "connection_doctor.undecided"].contains(&key);
                assert!(known.contains(&text) || default_port || counted, "{name}: {key} says {text:?}");
            }
        }
    }
}

/// Attributes and events of ours that the source of the trace names.
fn own_names() -> BTreeSet<String> {
    let source = read("src/sending/otlp.rs");
    let code = source.split("#[cfg(test)]").next().unwrap();
    let quoted = code.split('"').skip(1).step_by(2).filter(|text| text.starts_with(OWN) && text.len() > OWN.len());
    quoted.map(str::to_owned).collect()
}

#[test]
fn every_name_is_the_conventions_or_stands_in_the_readme() {
    let conventions = [
        names::ERROR_TYPE,
        names::HTTP_REQUEST_METHOD,
        names::HTTP_RESPONSE_STATUS_CODE,
        names::NETWORK_PROTOCOL_NAME,
        names::NETWORK_PROTOCOL_VERSION,
        names::SERVER_ADDRESS,
        names::SERVER_PORT,
        names::SERVICE_NAME,
        names::SERVICE_VERSION,
        names::TELEMETRY_SDK_LANGUAGE,
        names::TELEMETRY_SDK_NAME,
        names::TELEMETRY_SDK_VERSION,
        names::URL_FULL,
        names::URL_SCHEME,
        names::USER_AGENT_NAME,
        names::USER_AGENT_ORIGINAL,
        names::USER_AGENT_VERSION,
    ];
    let own = own_names();
    let readme = read("README.md");
    let section = readme.split("## Reports where operators look").nth(1).expect("the README's section").split("\n## ").next().unwrap();
    let documented: BTreeSet<String> = section.split('`').skip(1).step_by(2).filter(|name| name.starts_with(OWN)).map(str::to_owned).collect();
    assert_eq!(documented, own, "what the README names and what is sent are not the same");
    let mut used: BTreeMap<String, u32> = BTreeMap::new();
    for (name, report) in recordings() {
        for (key, _) in attributes(&traced(&report).1) {
            assert!(conventions.contains(&key) || own.contains(key), "{name}: {key} is no convention's name and is not documented");
            *used.entry(key.to_owned()).or_default() += 1;
        }
    }
    let idle: Vec<&str> = conventions.into_iter().filter(|key| !used.contains_key(*key)).collect();
    assert!(idle.is_empty(), "no recording has {idle:?}");
}

/// A stranger's report of the largest size, full of what takes the most room.
#[test]
fn a_trace_is_bounded_whatever_the_report_holds() {
    let mut evidence = Evidence::default();
    let long = "\"\u{1}".repeat(2_000);
    for at in 0..4_000 {
        let close = SocketEvent { after: 1, what: Happening::Close { code: 1006, reason: long.clone(), clean: false } };
        evidence.record(
            at,
            Fact::Socket(SocketLife {
                purpose: SocketPurpose::Hello,
                url: format!("wss://{}.example/{long}", "a".repeat(900)),
                path: long.clone(),
                eio: 4,
                cross_origin: false,
                session: 0,
                started: u32::MAX - at,
                events: vec![close; 50],
                frames: 0,
                received: 0,
                last_frame: 0,
            }),
        );
        evidence.record(at, Fact::PolicyViolation { directive: long.clone(), blocked: long.clone(), enforced: true });
    }
    let (_, like) = recordings().into_iter().find(|(name, _)| name == "gateway-502.chromium").unwrap();
    let circumstances = Circumstances { started_at: "2499-12-31T23:59:59.999Z".to_owned(), stopped: false, requests: u32::MAX };
    let report = Report::of(&like.profile, evidence, circumstances, harness::english());
    let (trace, value) = traced(&report);
    assert_encoded(&value, &request(), "the largest");
    assert!(trace.json.len() <= MOST_BYTES && trace.spans <= MOST_SPANS, "{} bytes, {} spans", trace.json.len(), trace.spans);
    assert_eq!(trace.left_out + trace.spans, 4_001);
    let root = &spans(&value)[0];
    assert_eq!(attribute(root, "connection_doctor.left_out").unwrap()["intValue"], trace.left_out.to_string());
    let events = root["events"].as_array().unwrap().len() + root["droppedEventsCount"].as_u64().unwrap() as usize;
    assert!(events >= 4_000 && spans(&value)[1]["droppedEventsCount"] == 42, "{events}");
}

#[test]
fn a_report_without_its_time_is_no_trace() {
    let (_, mut report) = recordings().into_iter().next().unwrap();
    for time in ["", "yesterday", "2026-11-20T20:00:03+01:00"] {
        report.started_at = time.to_owned();
        assert_eq!(otlp(&report, IDS), None, "{time}");
    }
}

/// Every expression of the dashboard asks for what is sent.
#[test]
fn the_dashboard_asks_for_what_is_sent() {
    let dashboard: Value = serde_json::from_str(&read("www/server-help/grafana-dashboard.json")).unwrap();
    let own = own_names();
    let (mut places, mut queries) = (BTreeSet::new(), Vec::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(places.insert((panel["gridPos"]["x"].as_u64().unwrap(), panel["gridPos"]["y"].as_u64().unwrap())), "{title}: two in one place");
        assert_eq!(panel["datasource"]["uid"], "${tempo}", "{title}");
        queries.extend(panel["targets"].as_array().unwrap().iter().map(|t| (title, t["query"].as_str().unwrap())));
    }
    assert!(queries.len() >= 5 && dashboard["templating"]["list"][0]["name"] == "tempo");
    for (title, query) in queries {
        assert!(query.starts_with("{ resource.service.name = \"connection-doctor\" && "), "{title}: {query}");
        assert_eq!(query.matches('{').count(), query.matches('}').count(), "{title}: {query}");
        let asked = query.split(|c: char| !(c.is_ascii_alphanumeric() || ['.', '_'].contains(&c))).filter_map(|word| word.strip_prefix("span."));
        for name in asked {
            let known = own.contains(name) || [names::USER_AGENT_NAME, names::SERVER_ADDRESS, names::ERROR_TYPE].contains(&name);
            assert!(known, "{title} asks for {name}, which is not sent");
        }
        for code in query.split('"').skip(1).step_by(2).filter(|w| w.len() > 4 && w.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())) {
            assert!(RULES.iter().any(|rule| rule.code == code), "{title}: {code}");
        }
    }
}

/// One attempt of the page's, against servers that do what servers do.
#[test]
fn the_page_sends_as_it_says() {
    let script = root().join("tests/sending/post.mjs");
    let output = std::process::Command::new("node").arg(script).output().expect("Node, which the README asks for");
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(output.status.success() && told.contains("all attempts were as they should be"), "{told}");
}
