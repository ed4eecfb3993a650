//! Saved reports: what is read from a file is what was written into it, whatever else a file may hold it is refused with a sentence, and
//! two reports are compared by what is in them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use connection_doctor::diagnose::Verdict;
use connection_doctor::evidence::Fact;
use connection_doctor::profile::Depth;
use connection_doctor::report::changes::{Changes, in_order};
use connection_doctor::report::read::{Fault, MAX_ITEMS, MAX_LENGTH, MAX_OBSERVATIONS, read};
use connection_doctor::report::{Circumstances, Report};
use connection_doctor::run_state::{Event, RunState};
use connection_doctor::words::Text;
use harness::{Dice, english};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence")
}

fn recordings() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();
    files.into_iter().map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap())).collect()
}

fn recording(name: &str) -> String {
    std::fs::read_to_string(folder().join([name, ".json"].concat())).unwrap()
}

fn opened(text: &str) -> Report {
    read(text).unwrap().again(english()).0
}

fn of(name: &str) -> Report {
    opened(&recording(name))
}

/// A recording with one thing in it changed.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(&recording(name)).unwrap();
    change(&mut value);
    value.to_string()
}

#[test]
fn every_recording_is_read_as_it_was_written() {
    let all = recordings();
    assert!(all.len() >= 50, "the recordings are gone: {}", all.len());
    for (name, text) in all {
        let written: Report = serde_json::from_str(&text).unwrap();
        let saved = read(&text).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        assert_eq!(saved.evidence, *written.evidence, "{name}");
        assert_eq!(saved.profile, written.profile, "{name}");
        assert_eq!((saved.told.verdict, &saved.told.summary), (written.verdict, &written.summary), "{name}");
        let (again, told) = saved.again(english());
        assert!(!told.differs(&again), "{name}: {told:?}");
        // tests/replay.rs looks whether it is the recording to the letter.
        let circumstances = Circumstances { started_at: written.started_at, stopped: written.stopped, requests: written.requests };
        assert!(again == Report::of(&written.profile, written.evidence, circumstances, english()), "{name}");
    }
}

/// What the face itself hands on, by its own writer.
#[test]
fn a_report_that_is_handed_on_can_be_opened() {
    let report = of("gateway-502.chromium");
    let text = connection_doctor::protocol::json_text::write(&report).unwrap();
    assert_eq!(opened(&text), report);
    assert_eq!(opened(&["\u{FEFF}", &text, "\r\n"].concat()), report);
}

#[test]
fn what_is_no_report_is_refused_for_its_reason() {
    let whole = recording("healthy-node.chromium");
    let schema = |schema: &str| changed("healthy-node.chromium", |report| report["schema"] = json!(schema));
    let strange = |part: &str| Fault::Strange { part: part.to_owned(), version: "0.1.0".to_owned() };
    let without = |name: &str| {
        changed("healthy-node.chromium", |report| {
            report.as_object_mut().unwrap().remove(name).unwrap();
        })
    };
    let many = |count: usize| {
        changed("healthy-node.chromium", |report| {
            let one = json!({ "id": 1, "at": 5, "fact": { "kind": "connectivity", "online": true } });
            report["evidence"] = vec![one; count].into();
        })
    };
    let cases = [
        (String::new(), Fault::NotJson),
        ("# Connection report\n".to_owned(), Fault::NotJson),
        ("<html>".to_owned(), Fault::NotJson),
        ("{\"a\" 1}".to_owned(), Fault::NotJson),
        (whole[..whole.len() / 2].trim_end().to_owned(), Fault::CutOff),
        (whole.trim_end()[..whole.trim_end().len() - 1].to_owned(), Fault::CutOff),
        ("{}".to_owned(), Fault::NotReport),
        ("[]".to_owned(), Fault::NotReport),
        ("7".to_owned(), Fault::NotReport),
        ("[".repeat(50_000), Fault::NotReport),
        (schema("something/else"), Fault::NotReport),
        (schema("connection-doctor/report/2"), Fault::OtherForm("connection-doctor/report/2".to_owned())),
        ([" ", &"x".repeat(MAX_LENGTH)].concat(), Fault::TooLong),
        (without("verdict"), strange("verdict")),
        (without("profile"), strange("profile")),
        (without("evidence"), strange("evidence")),
        (without("causes"), strange("verdict")),
        (changed("healthy-node.chromium", |report| report["verdict"] = json!("splendid")), strange("verdict")),
        (changed("healthy-node.chromium", |report| report["requests"] = json!(-1)), strange("verdict")),
        (changed("healthy-node.chromium", |report| report["stopped"] = json!("no")), strange("verdict")),
        (changed("healthy-node.chromium", |report| report["evidence"][3]["fact"]["kind"] = json!("telepathy")), strange("#4")),
        (changed("healthy-node.chromium", |report| report["evidence"][0]["at"] = json!(1.5)), strange("#1")),
        (changed("healthy-node.chromium", |report| report["evidence"][1]["at"] = json!(4_294_967_296_u64)), strange("#2")),
        (changed("healthy-node.chromium", |report| report["profile"]["only"] = vec![json!("http"); MAX_ITEMS + 1].into()), strange("profile")),
        (many(MAX_OBSERVATIONS + 1), Fault::TooMuch),
    ];
    let mut said = Vec::new();
    for (text, fault) in cases {
        let start: String = text.chars().take(60).collect();
        assert_eq!(read(&text).map(|_| ()), Err(fault.clone()), "{start}");
        let words = english().say(fault.text());
        assert!(words.ends_with('.') && !words.contains(['…', '{']), "{words}");
        said.push(words);
    }
    said.sort();
    said.dedup();
    assert!(said.len() >= 7, "{said:?}");
    assert!(read(&many(MAX_OBSERVATIONS)).is_ok());
}

#[test]
fn what_somebody_wrote_into_a_file_loses_its_secrets() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r";
    let text = changed("gateway-502.chromium", |report| {
        for observation in report["evidence"].as_array_mut().unwrap() {
            if observation["fact"]["outcome"]["is"] == "response" {
                observation["fact"]["outcome"]["excerpt"] = json!(token);
                observation["fact"]["url"] = json!(format!("https://chat.example/?t={token}"));
            }
        }
        report["profile"]["chat_page"] = json!(format!("/?t={token}"));
        report["profile"]["livekit_token"] = json!(token);
    });
    assert!(text.contains("eyJ"));
    let report = opened(&text);
    let handed_on = connection_doctor::protocol::json_text::write(&report).unwrap();
    assert!(!handed_on.contains("eyJ") && handed_on.contains("[redacted]"));
    assert!(!report.to_markdown(english()).contains("eyJ"));
}

/// A file may ask for nothing: what could begin a run is in no report that was opened.
#[test]
fn nothing_in_a_file_brings_secrets_back() {
    let text = changed("healthy-node.chromium", |report| {
        report["profile"]["ice_servers"] = json!([{ "url": "turn:evil.example", "username": "a", "credential": "b" }]);
        report["profile"]["livekit_token"] = json!("x");
    });
    let profile = read(&text).unwrap().profile;
    assert!(profile.ice_servers.is_empty() && profile.livekit_token.is_none());
}

#[test]
fn a_verdict_that_this_version_would_not_give_is_told() {
    let text = changed("gateway-502.chromium", |report| {
        report["verdict"] = json!("works");
        report["causes"] = json!([]);
    });
    let (now, told) = read(&text).unwrap().again(english());
    assert!(told.differs(&now));
    assert_eq!((told.verdict, now.verdict), (Verdict::Works, Verdict::Broken));
    let other_cause = changed("gateway-502.chromium", |report| report["causes"][0]["code"] = json!("NET999"));
    let (now, told) = read(&other_cause).unwrap().again(english());
    assert!(told.differs(&now));
}

/// Walks to a value somewhere in it.
fn somewhere<'a>(dice: &mut Dice, mut value: &'a mut Value) -> &'a mut Value {
    loop {
        let inside = match &value {
            Value::Object(members) => members.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        if inside == 0 || dice.one_in(12) {
            return value;
        }
        let at = dice.below(inside as u32) as usize;
        value = match value {
            Value::Object(members) => members.values_mut().nth(at).unwrap(),
            Value::Array(items) => &mut items[at],
            _ => unreachable!(),
        };
    }
}

fn anything(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(u32::MAX),
        4 => json!(u32::MAX - 1),
        5 => json!(-2_147_483_648_i64),
        6 => json!(""),
        7 => json!("é\u{1F600}\u{202E}<script>alert(1)</script>".repeat(30)),
        8 => json!([]),
        9 => json!({}),
        10 => json!(9_007_199_254_740_991_u64),
        _ => json!("0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":4294967295,\"pingTimeout\":4294967295}"),
    }
}

/// Whatever a stranger changed: it is read or refused, and what is read can be shown, written and compared.
#[test]
fn no_file_brings_it_down() {
    let all = recordings();
    let healthy = of("healthy-node.chromium");
    let mut dice = Dice::new(7);
    let (mut read_well, mut refused) = (0, 0);
    for round in 0..300 {
        let (name, text) = &all[dice.below(all.len() as u32) as usize];
        let mut value: Value = serde_json::from_str(text).unwrap();
        for _ in 0..if round % 2 == 0 { 0 } else { 1 + dice.below(6) } {
            *somewhere(&mut dice, &mut value["evidence"]) = anything(&mut dice);
            if dice.one_in(3) {
                *somewhere(&mut dice, &mut value["profile"]) = anything(&mut dice);
            }
        }
        // Times and figures all over, in their places: these are read.
        if round % 2 == 0 {
            fill(&mut dice, &mut value["evidence"]);
        }
        match read(&value.to_string()) {
            Ok(saved) => {
                read_well += 1;
                let (report, _) = saved.again(english());
                let changes = Changes::between(&healthy, &report);
                assert!(!changes.figures.is_empty(), "{name}");
                assert!(!report.to_markdown(english()).contains("<script"), "{name}");
                assert!(connection_doctor::protocol::json_text::write(&report).is_some(), "{name}");
            }
            Err(fault) => {
                refused += 1;
                assert!(matches!(fault, Fault::Strange { .. }), "{name}: {fault:?}");
            }
        }
    }
    assert!(read_well > 120 && refused > 25, "{read_well} read, {refused} refused");
}

fn fill(dice: &mut Dice, value: &mut Value) {
    match value {
        // Those have 16 bits.
        Value::Object(members) => members.iter_mut().filter(|(name, _)| *name != "code" && *name != "status").for_each(|(_, member)| fill(dice, member)),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(dice, item)),
        Value::Number(number) if dice.one_in(4) && number.as_u64().is_some_and(|n| n > 30) => {
            *value = json!(*dice.pick(&[0, 1, u32::MAX, u32::MAX - 1, 1 << 31]))
        }
        _ => {}
    }
}

#[test]
fn a_file_may_end_anywhere() {
    let text = recording("healthy-raw.chromium");
    for end in (0..text.trim_end().len()).step_by(97).filter(|end| text.is_char_boundary(*end)) {
        let fault = read(&text[..end]).unwrap_err();
        assert!(matches!(fault, Fault::CutOff | Fault::NotJson), "{end}: {fault:?}");
    }
}

#[test]
fn a_saved_report_is_shown_in_place_of_the_own_and_goes_again() {
    let (own, saved, other) = (Rc::new(of("healthy-node.chromium")), Rc::new(of("gateway-502.chromium")), Rc::new(of("healthy-raw.chromium")));
    let told = read(&recording("gateway-502.chromium")).unwrap().told;
    let open = |state: RunState, report: &Rc<Report>| state.opened(Rc::clone(report), told.clone(), "a.json".to_owned());
    let shown = open(RunState::Done(Rc::clone(&own)), &saved);
    assert_eq!(shown.report(), Some(&saved));
    // A second one is another look, and leads back to the same.
    let RunState::Opened(second) = open(shown.clone(), &other) else { panic!("not shown") };
    assert_eq!((second.number, &second.report, second.own.as_ref()), (1, &other, Some(&own)));
    assert_eq!(RunState::Opened(second).closed(), RunState::Done(Rc::clone(&own)));
    assert_eq!(open(RunState::Idle, &saved).closed(), RunState::Idle);
    // A run is not disturbed, and its report ends the look at a saved one.
    let running = RunState::Idle.fold(Event::Started { time_limit: None });
    assert_eq!(open(running.clone(), &saved), running);
    assert_eq!(running.clone().closed(), running);
    assert_eq!(shown.fold(Event::Finished(Rc::clone(&own))), RunState::Done(own));
}

fn figure(changes: &Changes, label: &str) -> Option<(String, String, bool)> {
    let found: Vec<_> = changes.figures.iter().filter(|f| english().say(f.label) == label).collect();
    assert!(found.len() <= 1, "{label} stands there twice");
    found.first().map(|f| (english().say(f.before.clone()), english().say(f.after.clone()), f.changed))
}

#[test]
fn a_report_does_not_differ_from_itself() {
    for name in ["healthy-node.chromium", "gateway-502.firefox", "q-body-limit.chromium"] {
        let report = of(name);
        let changes = Changes::between(&report, &report);
        assert!(changes.is_nothing() && changes.cautions.is_empty(), "{name}: {changes:?}");
        assert!(changes.figures.iter().all(|f| !f.changed && f.before == f.after), "{name}");
    }
}

#[test]
fn a_repair_is_seen_as_causes_that_are_gone() {
    let (broken, well) = (of("gateway-502.chromium"), of("healthy-node.chromium"));
    let changes = Changes::between(&broken, &well);
    assert_eq!(changes.verdicts, (Verdict::Broken, Verdict::Works));
    assert!(changes.gone.iter().any(|fault| fault.code == "NET003"), "{:?}", changes.gone);
    assert!(changes.new.is_empty() && changes.same.is_empty());
    let back = Changes::between(&well, &broken);
    assert_eq!((&back.new, &back.gone), (&changes.gone, &changes.new));
    assert_eq!(figure(&changes, "Live connection (WebSocket)"), Some(("does not work".to_owned(), "works".to_owned(), true)));
    assert_eq!(figure(&changes, "Engine.IO version"), Some((String::new(), "4".to_owned(), true)));
}

#[test]
fn figures_that_only_vary_are_not_called_changed() {
    let report = of("healthy-node.chromium");
    let shifted = |by: u32| {
        let text = changed("healthy-node.chromium", |value| {
            for observation in value["evidence"].as_array_mut().unwrap() {
                if let Some(after) = observation["fact"]["responded_after"].as_u64() {
                    observation["fact"]["responded_after"] = json!(after + u64::from(by));
                }
            }
        });
        figure(&Changes::between(&report, &opened(&text)), "Until an answer begins, in the middle of all requests").unwrap().2
    };
    assert!(!shifted(3) && shifted(300));
}

#[test]
fn two_browsers_are_told_apart() {
    let changes = Changes::between(&of("healthy-node.chromium"), &of("healthy-node.firefox"));
    assert!(changes.is_nothing());
    let (chrome, firefox, differs) = figure(&changes, "Browser").unwrap();
    assert!(chrome.starts_with("Chrome 1") && firefox.starts_with("Firefox 1") && differs, "{chrome} {firefox}");
}

#[test]
fn what_makes_a_comparison_doubtful_is_said() {
    let report = of("healthy-node.chromium");
    let cautions = |change: fn(&mut Report)| {
        let mut other = report.clone();
        change(&mut other);
        Changes::between(&report, &other).cautions.len()
    };
    assert_eq!(cautions(|_| {}), 0);
    assert_eq!(cautions(|other| other.profile.server = "https://other.example".to_owned()), 1);
    assert_eq!(cautions(|other| other.profile.depth = Depth::Full), 1);
    assert_eq!(cautions(|other| other.stopped = true), 1);
}

#[test]
fn the_older_one_comes_first() {
    let mut older = of("healthy-node.chromium");
    let mut newer = of("healthy-node.firefox");
    older.started_at = "2026-11-20T09:59:59.999Z".to_owned();
    newer.started_at = "2026-11-20T10:00:00.000Z".to_owned();
    assert_eq!(in_order(&newer, &older).0.started_at, older.started_at);
    assert_eq!(in_order(&older, &newer).0.started_at, older.started_at);
    assert_eq!(in_order(&older, &older.clone()).0, &older);
}

/// What gets gateways and releases into the comparison, where somebody shows them.
#[test]
fn what_stands_in_front_is_compared() {
    let changes = Changes::between(&of("healthy-node.chromium"), &of("healthy-nginx.chromium"));
    let (before, after, differs) = figure(&changes, "In front of the server").unwrap();
    assert!(before.is_empty() && after.contains("nginx") && differs, "{before} {after}");
    assert!(!changes.figures.iter().any(|f| f.before == Text::Nothing && f.after == Text::Nothing));
}

/// Facts that no recording has.
#[test]
fn rare_facts_are_read_too() {
    for fact in [
        json!({ "kind": "visibility", "hidden": true }),
        json!({ "kind": "client-error", "before": 9, "message": "xhr poll error" }),
        json!({ "kind": "pause", "milliseconds": 7 }),
        json!({ "kind": "connectivity", "online": false }),
        json!({ "kind": "step-ended", "step": "x", "end": { "how": "completed" } }),
        json!({ "kind": "step-ended", "step": "x", "end": { "how": "timed-out" } }),
        json!({ "kind": "step-ended", "step": "x", "end": { "how": "unsupported", "api": "WebSocket" } }),
        json!({ "kind": "step-ended", "step": "x", "end": { "how": "threw", "name": "TypeError", "message": "m" } }),
        json!({ "kind": "stream", "end": { "is": "silent" } }),
        json!({ "kind": "stream", "end": { "is": "left" }, "arrivals": [{ "after": 1, "sent": [3, 4] }] }),
        json!({ "kind": "stream", "end": { "is": "broken", "name": "TypeError", "message": "m" } }),
        json!({ "kind": "stream", "end": { "is": "rejected", "name": "TypeError", "message": "m" } }),
        json!({ "kind": "stream", "end": { "is": "whole", "told": true } }),
        json!({ "kind": "socket", "purpose": "again", "url": "u", "path": "/", "started": 1, "frames": 0, "received": 4_294_967_296_u64,
            "events": [{ "after": 1, "is": "flood" }, { "after": 2, "is": "threw", "name": "n", "message": "m" }, { "after": 3, "is": "error" }] }),
    ] {
        let text = changed("healthy-raw.chromium", |report| report["evidence"] = json!([{ "id": 1, "at": 5, "fact": fact }]));
        let written: Fact = serde_json::from_value(fact.clone()).unwrap();
        assert_eq!(read(&text).unwrap().evidence.observations()[0].fact, written, "{fact}");
    }
}
