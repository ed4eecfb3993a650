//! A report that a stranger saved: it is read within bounds of memory or refused with a sentence, and nothing in it becomes anything but text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/counting.rs"]
#[allow(dead_code)]
mod counting;
#[path = "hostile/properties.rs"]
#[allow(dead_code)]
mod properties;

use std::collections::BTreeSet;
use std::path::Path;

use connection_doctor::protocol::{json, json_text};
use connection_doctor::report::read::{Fault, MAX_LENGTH, MAX_OBSERVATIONS, read};
use connection_doctor::report::{Report, plain, visible};
use counting::allocated;
use properties::{ENGLISH, report};
use serde_json::{Value, json};

/// So many bytes of memory for each byte of the longest file that is read, at one time: for its values, for what is read from them, for the
/// report of that and for its texts.
const PER_BYTE: usize = 24;

fn recording(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/evidence/{name}.json"))).unwrap()
}

fn opened(text: &str) -> Report {
    read(text).unwrap().again(&ENGLISH).0
}

/// A recording, with these observations in place of its own and this member besides.
fn with(observations: &str, more: &str) -> String {
    let mut report: Value = serde_json::from_str(&recording("healthy-raw.chromium")).unwrap();
    report["evidence"] = json!([]);
    report.to_string().replacen("\"evidence\":[]", &format!("\"evidence\":[{observations}]{more}"), 1)
}

/// The same over and over, with commas between, as long as a file may be.
fn filled(of: &str) -> String {
    let count = (MAX_LENGTH - 20_000) / (of.len() + 1);
    let mut out = of.to_owned();
    out.reserve(count * (of.len() + 1));
    for _ in 1..count {
        out.push(',');
        out.push_str(of);
    }
    out
}

#[test]
fn four_megabytes_of_every_kind_take_a_bounded_multiple_of_memory() {
    let long = "x".repeat(MAX_LENGTH - 20_000);
    let secrets = " ann@corp.example 10.0.0.7".repeat((MAX_LENGTH - 20_000) / 26);
    let escapes = "\\u0007".repeat((MAX_LENGTH - 20_000) / 6);
    let exchange = json!({ "id": 1, "at": 1, "fact": serde_json::from_str::<Value>(&recording("gateway-502.chromium")).unwrap()["evidence"].as_array().unwrap()
        .iter().find(|o| o["fact"]["kind"] == "exchange").unwrap()["fact"] });
    let mut headers = exchange.clone();
    if headers["fact"]["outcome"]["is"] != "response" {
        headers["fact"]["outcome"] = json!({ "is": "response", "response_type": "basic", "status": 502, "headers": [] });
    }
    headers["fact"]["outcome"]["headers"] = vec![json!(["x", "<script>"]); 300].into();
    headers["fact"]["outcome"]["excerpt"] = json!("\u{1b}[2J\u{202e}".repeat(1_000));
    let many = |observation: &Value| {
        let text = observation.to_string();
        vec![text.as_str(); MAX_OBSERVATIONS.min((MAX_LENGTH - 20_000) / (text.len() + 1))].join(",")
    };
    let cases = [
        ("one text that nobody reads", with("", &format!(",\"x\":\"{long}\""))),
        ("one text in its place", with(&json!({ "id": 1, "at": 1, "fact": { "kind": "client-error", "before": 1, "message": long } }).to_string(), "")),
        ("a text full of secrets", with(&json!({ "id": 1, "at": 1, "fact": { "kind": "client-error", "before": 1, "message": secrets } }).to_string(), "")),
        ("a text of escapes", with("", &format!(",\"x\":\"{escapes}\""))),
        ("white space", with("", &" ".repeat(MAX_LENGTH - 20_000))),
        ("one number", with("", &format!(",\"x\":{}", "1".repeat(300)))),
        ("numbers", with("", &format!(",\"x\":[{}]", filled("1")))),
        ("empty lists", with("", &format!(",\"x\":[{}]", filled("[]")))),
        ("lists of one", with("", &format!(",\"x\":[{}]", filled("[1]")))),
        ("objects of one", with("", &format!(",\"x\":[{}]", filled("{\"\":1}")))),
        ("short texts", with("", &format!(",\"x\":[{}]", filled("\"\"")))),
        ("members of one object", with("", &format!(",\"x\":{{{}}}", filled("\"\":{}")))),
        ("the same name again", with("", &format!(",\"x\":{{{}}}", filled("\"evidence\":[[]]")))),
        ("observations of nothing", with(&filled("{}"), "")),
        ("observations", with(&many(&exchange), "")),
        ("observations with all they may hold", with(&many(&headers), "")),
        ("short observations", with(&many(&json!({ "id": 1, "at": 5, "fact": { "kind": "connectivity", "online": true } })), "")),
    ];
    let mut was_read = 0;
    for (name, text) in cases {
        assert!(text.len() <= MAX_LENGTH, "{name}: {}", text.len());
        let (_, memory) = allocated(|| match read(&text) {
            Ok(saved) => {
                was_read += 1;
                let (report, _) = saved.again(&ENGLISH);
                (report.to_markdown(&ENGLISH).len(), json_text::write(&report).map_or(0, |text| text.len()))
            }
            Err(fault) => (ENGLISH.say(fault.text()).len(), 0),
        });
        println!("{name}: {} bytes of file, {} of memory", text.len(), memory.peak);
        assert!(memory.peak <= PER_BYTE * MAX_LENGTH, "{name}: {} MB", memory.peak >> 20);
    }
    assert!(was_read >= 8, "{was_read}");
    // What is longer is not even looked at.
    let (fault, memory) = allocated(|| read(&" ".repeat(MAX_LENGTH + 1)).map(|_| ()));
    assert_eq!(fault, Err(Fault::TooLong));
    assert!(memory.peak <= MAX_LENGTH + 1_000);
}

#[test]
fn what_is_deep_large_or_strange_is_refused_for_its_reason() {
    let requests = |number: &str| with("", "").replacen("\"requests\":", &format!("\"requests\":{number},\"was\":"), 1);
    let strange = |part: &str| Fault::Strange { part: part.to_owned(), version: "0.1.0".to_owned() };
    let told = |text: &str| read(text).map(|_| ());
    for deep in ["[", "{\"a\":", "[{\"a\":"] {
        assert_eq!(told(&with("", &format!(",\"x\":{}", deep.repeat(20_000)))), Err(Fault::NotReport), "{deep}");
    }
    assert_eq!(told(&with(&filled("1"), "")), Err(Fault::TooMuch));
    for number in ["1e308", "-1", "4294967296", "0.5", "1e-400", "99999999999999999999999999999999999999"] {
        let expected = if number == "1e-400" { Ok(()) } else { Err(strange("verdict")) };
        assert_eq!(told(&requests(number)), expected, "{number}");
    }
    for no_json in ["1e309", "NaN", "Infinity", "-", "0x10", "1_000"] {
        assert_eq!(told(&requests(no_json)), Err(Fault::NotJson), "{no_json}");
    }
    for (schema, fault) in [
        ("connection-doctor/report/2", Fault::OtherForm("connection-doctor/report/2".to_owned())),
        ("connection-doctor/report/10", Fault::OtherForm("connection-doctor/report/10".to_owned())),
        ("connection-doctor/report/1 ", Fault::OtherForm("connection-doctor/report/1 ".to_owned())),
        ("Connection-Doctor/report/1", Fault::NotReport),
        ("", Fault::NotReport),
    ] {
        let text = with("", "").replacen(connection_doctor::report::SCHEMA, schema, 1);
        assert_eq!(told(&text), Err(fault.clone()), "{schema}");
        assert!(ENGLISH.say(fault.text()).ends_with('.'));
    }
}

/// The first of two equal names counts, whatever the second one is; names that mean something to a page mean nothing here.
#[test]
fn names_that_come_twice_or_belong_to_the_language_change_nothing() {
    let plain = opened(&with("", ""));
    for more in [
        ",\"__proto__\":{\"evidence\":[{}],\"verdict\":7}",
        ",\"constructor\":{\"prototype\":{\"schema\":\"x\"}}",
        ",\"hasOwnProperty\":1,\"toString\":null,\"valueOf\":[]",
        ",\"evidence\":7,\"causes\":[],\"consequences\":null",
        ",\"\":1,\"\":2",
    ] {
        let report = opened(&with("", more));
        assert_eq!(report, plain, "{more}");
        let handed_on = json_text::write(&report).unwrap();
        assert!(!handed_on.contains("__proto__") && !handed_on.contains("prototype"), "{more}");
    }
}

/// Each ends what a writer might have put around it.
const TEXTS: [&str; 8] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "x\n```\n[click](javascript:alert(1)) ![p](https://evil.example/p.png)\n```\n",
    "\n\n# Heading\n\n| a | b |\n|---|---|\n[r]: javascript:alert(1)\n~~~\n````\n",
    "\u{1b}[2J\u{1b}]0;title\u{7}\u{1b}]8;;https://evil.example\u{1b}\\link\u{9b}31m\u{0}\u{8}\r",
    "\u{202e}txt.exe\u{2066}\u{2069}\u{200f}\u{61c}",
    "&lt;script&gt; &#60;script&#62; %3Cscript%3E",
    "${jndi:ldap://evil.example} {{7*7}} ]]></x>",
];

/// Every text of every kind of observation that is read with any words in it, one after the other and all at one time.
#[test]
fn no_text_of_a_file_becomes_more_than_text() {
    let mut tried: BTreeSet<String> = BTreeSet::new();
    let mut free = 0;
    for name in [
        "gateway-502.chromium",
        "healthy-nginx.chromium",
        "chat-policy-forbids.chromium",
        "old-worker.chromium",
        "v-healthy-livekit-alone.chromium",
        "healthy-node.firefox",
    ] {
        let whole: Value = serde_json::from_str(&recording(name)).unwrap();
        let mut places = Vec::new();
        collect(&whole, &mut Vec::new(), &mut places);
        let mut changed = whole.clone();
        places.retain(|place| {
            // The same member of the same kind of observation is looked at by itself once.
            let key: Vec<&str> = place.iter().map(|step| if step.parse::<usize>().is_ok() { "#" } else { step.as_str() }).collect();
            let fact = place.get(1).and_then(|at| whole["evidence"].get(at.parse::<usize>().ok()?));
            let kind = fact.map_or("", |observation| observation["fact"]["kind"].as_str().unwrap_or(""));
            let is_new = tried.insert(format!("{kind} {}", key.join("/")));
            let before = changed.pointer(&pointer(place)).unwrap().clone();
            *changed.pointer_mut(&pointer(place)).unwrap() = json!(TEXTS[tried.len() % TEXTS.len()]);
            let text = changed.to_string();
            let is_free = read(&text).is_ok();
            if is_new && is_free {
                report(text.as_bytes());
            }
            *changed.pointer_mut(&pointer(place)).unwrap() = before;
            is_free
        });
        free += places.len();
        for hostile in TEXTS {
            places.iter().for_each(|place| *changed.pointer_mut(&pointer(place)).unwrap() = json!(hostile));
            let text = changed.to_string();
            assert!(read(&text).is_ok(), "{name} with {hostile}");
            report(text.as_bytes());
        }
    }
    assert!(tried.len() > 120 && free > 500, "{} kinds of places, {free} that take any text", tried.len());
}

fn pointer(place: &[String]) -> String {
    place.iter().flat_map(|step| ["/", step.as_str()]).collect()
}

fn collect(value: &Value, place: &mut Vec<String>, places: &mut Vec<Vec<String>>) {
    match value {
        Value::String(_) => places.push(place.clone()),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                place.push(at.to_string());
                collect(item, place, places);
                place.pop();
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                place.push(name.clone());
                collect(member, place, places);
                place.pop();
            }
        }
        _ => {}
    }
}

#[test]
fn what_is_visible_stays_and_what_is_obeyed_goes() {
    let kept = "Grüße, 你好, مرحبا, 👩\u{200d}💻: a\tb\nc";
    assert_eq!(visible(kept), kept);
    for text in TEXTS {
        let shown = visible(text);
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{shown:?}");
        assert_eq!(visible(&shown), shown);
        assert!(!plain(text).contains(['\n', '<', '`', '\u{1b}', '\u{202e}']) && !plain(text).contains("]("), "{text:?}");
    }
    assert_eq!(visible("\u{202e}a\u{1b}[31m\u{9b}b\u{7f}\r\nc"), "a[31mb\nc");
}

/// What the page reads back from its own writer is the file's text to the letter, whatever the text is.
#[test]
fn a_hostile_text_is_quoted_as_a_text() {
    for text in TEXTS {
        let written = json_text::write(&text).unwrap();
        assert_eq!(json::parse(&written), Ok(json::Value::String(text.to_owned())));
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        assert!(!written.contains(|c: char| c < ' '));
    }
}
