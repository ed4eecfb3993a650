//! The program as a person or a CI job calls it, on recorded runs: what it says, and with which exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use connection_doctor::report::read;
use connection_doctor::rules::RULES;
use serde_json::{Value, json};

fn evidence(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/evidence").join(name).display().to_string()
}

/// The recordings that show each verdict.
const WORKS: &str = "healthy-python.chromium.json";
const BROKEN: &str = "refused.chromium.json";
const DEGRADED: &str = "upgrade-stripped.chromium.json";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connection-doctor"));
    command.stdin(Stdio::null()).env_remove("CONNECTION_DOCTOR_DIST");
    command
}

fn run(args: &[&str]) -> Output {
    program().args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// It could not be run: exit code 2, nothing on the standard output, and why on the other.
fn refused(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{args:?}: {}", err(&output));
    err(&output)
}

fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

/// All recordings of one browser.
fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/evidence");
    let mut all: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.to_string_lossy().ends_with(".chromium.json")).collect();
    all.sort();
    assert!(all.len() > 100);
    all
}

#[test]
fn the_exit_code_is_the_verdict() {
    for (name, verdict, strict, lenient) in [(WORKS, "works", 0, 0), (DEGRADED, "degraded", 1, 0), (BROKEN, "broken", 1, 1)] {
        let file = evidence(name);
        let report: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(report["verdict"], verdict, "{name}");
        for (args, wanted) in
            [(&["replay", &file][..], strict), (&["replay", &file, "--fail-on", "degraded"], strict), (&["replay", &file, "--fail-on", "broken"], lenient)]
        {
            let output = run(args);
            assert_eq!(code(&output), wanted, "{args:?}: {}", err(&output));
            assert!(out(&output).starts_with(&format!("{}: ", verdict.to_uppercase())), "{}", out(&output));
        }
    }
}

#[test]
fn nothing_observed_is_inconclusive() {
    let folder = tempfile::tempdir().unwrap();
    let mut report: Value = serde_json::from_str(&fs::read_to_string(evidence(WORKS)).unwrap()).unwrap();
    report["evidence"] = json!([]);
    let file = file(folder.path(), "nothing.json", report.to_string());
    let output = run(&["replay", &file]);
    assert_eq!(code(&output), 3, "{}", err(&output));
    assert!(out(&output).contains("concluded otherwise: works (no cause)"), "{}", out(&output));
    // What is inconclusive must not look well to a CI server.
    let output = run(&["replay", &file, "--junit"]);
    assert_eq!(code(&output), 3);
    assert!(out(&output).contains("<error message="), "{}", out(&output));
}

#[test]
fn a_replay_tells_the_report_that_the_core_makes() {
    for name in [WORKS, BROKEN, DEGRADED] {
        let output = run(&["replay", &evidence(name), "--json"]);
        let now: Value = serde_json::from_str(&out(&output)).unwrap();
        let was: Value = serde_json::from_str(&fs::read_to_string(evidence(name)).unwrap()).unwrap();
        assert_eq!(now, was, "{name}");
        assert!(err(&output).contains("concluded the same"), "{}", err(&output));
    }
    // By the standard input, and into a file too.
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.json");
    let mut child =
        program().args(["replay", "-", "--markdown", "--report", kept.to_str().unwrap()]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(evidence(BROKEN)).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(out(&output).starts_with("# Connection report\n") && out(&output).contains("\n## How this run was made\n"), "{}", out(&output));
    let kept: Value = serde_json::from_str(&fs::read_to_string(kept).unwrap()).unwrap();
    assert_eq!(kept, serde_json::from_str::<Value>(&fs::read_to_string(evidence(BROKEN)).unwrap()).unwrap());
}

#[test]
fn a_report_is_told_in_other_languages() {
    let german = out(&run(&["replay", &evidence(BROKEN), "--lang", "de"]));
    let english = out(&run(&["replay", &evidence(BROKEN)]));
    assert_ne!(german.lines().next(), english.lines().next());
    let first = german.lines().next().unwrap();
    assert!(!first.contains('…') && !first.ends_with(": "), "{first}");
}

#[test]
fn a_strangers_file_is_refused_with_its_fault() {
    let folder = tempfile::tempdir().unwrap();
    let long = " ".repeat(read::MAX_LENGTH + 1);
    let recorded = fs::read_to_string(evidence(WORKS)).unwrap();
    for (name, content, says) in [
        ("text.json", b"hello".to_vec(), "is not a saved report"),
        ("bytes.json", vec![0xff, 0xfe, 0x00], "is not text"),
        ("other.json", b"{\"schema\":\"other\"}".to_vec(), "not a report of this test"),
        ("newer.json", b"{\"schema\":\"connection-doctor/report/2\"}".to_vec(), "another form (connection-doctor/report/2)"),
        ("cut.json", recorded.as_bytes()[..recorded.len() / 2].to_vec(), "ends in the middle"),
        ("long.json", long.into_bytes(), "too large"),
        ("deep.json", [b"[".repeat(100_000), b"]".repeat(100_000)].concat(), "deep.json"),
        ("strange.json", recorded.replacen("\"broken\"", "1", 1).replacen("\"works\"", "\"\\u001b[31mx\"", 1).into_bytes(), "strange.json"),
    ] {
        let path = file(folder.path(), name, content);
        let why = refused(&["replay", &path]);
        assert!(why.contains(says), "{name}: {why}");
        assert!(refused(&["diff", &path, &evidence(WORKS)]).contains(says));
    }
    // No end of it is ever seen, and no more is read than a report may have.
    assert!(refused(&["replay", "/dev/zero"]).contains("too large"));
    assert!(refused(&["replay", "/nowhere/report.json"]).contains("/nowhere/report.json"));
}

#[test]
fn what_a_report_holds_drives_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(evidence(BROKEN)).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    let server = report["profile"]["server"].as_str().unwrap();
    let hostile = text.replace(server, "https://\\u001b]0;gone\\u0007\\u202e<script>alert(1)</script>]]>");
    let path = file(folder.path(), "hostile.json", hostile);
    for format in [&[][..], &["--markdown"], &["--junit"], &["--sarif"]] {
        let output = run(&[&["replay", &path], format].concat());
        assert!([0, 1, 3].contains(&code(&output)), "{}", err(&output));
        let text = out(&output) + &err(&output);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{format:?}: {text:?}");
        match format {
            ["--junit"] => well_formed(&out(&output)),
            ["--markdown"] => assert!(!text.contains("<script")),
            ["--sarif"] => valid_sarif(&out(&output)),
            _ => assert!(!text.contains('\u{202e}')),
        }
    }
}

#[test]
fn diff_tells_what_changed_as_diff_does() {
    let (broken, works) = (evidence(BROKEN), evidence(WORKS));
    let output = run(&["diff", &broken, &works]);
    assert_eq!(code(&output), 1, "{}", err(&output));
    assert!(out(&output).starts_with("Verdict: broken -> works\n") && out(&output).contains("Gone: NET002 "), "{}", out(&output));
    let output = run(&["diff", &works, &broken]);
    assert!(code(&output) == 1 && out(&output).contains("New: NET002 "), "{}", out(&output));
    let output = run(&["diff", &works, &works]);
    assert!(code(&output) == 0 && out(&output).starts_with("Verdict: works, as before\n"), "{}", out(&output));
    assert!(refused(&["diff", &works, "/nowhere"]).contains("/nowhere"));
}

#[test]
fn explain_says_what_the_rules_say() {
    let listed = out(&run(&["explain"]));
    assert_eq!(listed.lines().count(), RULES.len());
    for rule in RULES {
        for asked in [rule.code, rule.name, &rule.code.to_ascii_lowercase()] {
            let output = run(&["explain", asked]);
            assert_eq!(code(&output), 0);
            assert!(out(&output).starts_with(&format!("{} {}\n\n### What it means\n", rule.code, rule.name)), "{}", out(&output));
        }
        assert!(listed.contains(rule.code));
    }
    assert!(refused(&["explain", "WS01"]).contains("WS001 upgrade-stripped"));
    assert!(refused(&["explain", "upgrade-striped"]).contains("WS001 upgrade-stripped"));
    assert!(refused(&["explain", "nothing-like-it-at-all"]).contains("NET001, "));
}

#[test]
fn junit_counts_what_it_holds() {
    for (name, failures) in [(WORKS, 0), (BROKEN, 2), (DEGRADED, 2)] {
        let xml = out(&run(&["replay", &evidence(name), "--junit"]));
        well_formed(&xml);
        let count = |tag: &str| xml.matches(tag).count();
        assert_eq!(count("<failure "), failures, "{name}: {xml}");
        assert!(count("<testcase ") > RULES.len(), "{name}");
        assert!(RULES.iter().all(|rule| count(&format!("name=\"{} {}\"", rule.code, rule.name)) == 1), "{name}");
        let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{}\"", count("<testcase "), count("<skipped "));
        assert_eq!(count(&counts), 2, "{name}: {counts}");
        let is_evidence = |part: &str| part.contains("#") && part.contains("&quot;kind&quot;");
        assert!(failures == 0 || xml.split("<failure ").skip(2).all(is_evidence), "{name}: a failure without its evidence");
    }
    // Degraded is a remark where only what is broken fails.
    let xml = out(&run(&["replay", &evidence(DEGRADED), "--junit", "--fail-on", "broken"]));
    assert!(!xml.contains("<failure "), "{xml}");
}

#[test]
fn recordings_are_well_formed_junit_and_valid_sarif() {
    for path in recordings() {
        let name = path.display().to_string();
        let output = run(&["replay", &name, "--junit"]);
        assert!([0, 1, 3].contains(&code(&output)), "{name}: {}", err(&output));
        well_formed(&out(&output));
        valid_sarif(&out(&run(&["replay", &name, "--sarif"])));
    }
}

#[test]
fn sarif_names_the_rules_and_their_levels() {
    let log: Value = serde_json::from_str(&out(&run(&["replay", &evidence(BROKEN), "--sarif"]))).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), RULES.len());
    let results = run["results"].as_array().unwrap();
    let cause = results.iter().find(|result| result["ruleId"] == "NET002").unwrap();
    assert_eq!((&cause["level"], &cause["kind"]), (&json!("error"), &json!("fail")));
    for result in results {
        let place = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][place]["id"], result["ruleId"]);
        assert!(result["kind"] == "fail" || result["level"] == "none", "{result}");
    }
    assert_eq!(run["invocations"][0]["exitCode"], 1);
}

#[test]
fn a_check_that_cannot_be_made_says_why() {
    for (args, says) in [
        (&["check", "chat.example"][..], "is no URL of a page"),
        (&["check", "ftp://chat.example/"], "is no URL of a page"),
        (&["check", "https://chat.example/", "--setting", "socket-path"], "it is NAME=VALUE"),
        (&["check", "https://chat.example/", "--setting", "socket-path=ws"], "Accepted: a path that begins with one slash"),
        (&["check", "https://chat.example/", "--setting", "colour=red"], "Accepted: one of "),
        (&["check", "https://chat.example/", "--setting", "depth=watch"], "a flag of its own, --depth"),
        (&["check", "https://chat.example/", "--setting", "server=chat.example"], "The setting “server” is “chat.example”."),
        (&["check", "https://chat.example/", "--driver", "nonsense"], "--driver nonsense: that is no URL"),
        (&["check"], "required"),
        (&["check", "https://chat.example/", "--json", "--sarif"], "cannot be used with"),
        (&["check", "https://chat.example/", "--session", "1"], "--driver"),
        (&["nonsense"], "unrecognized subcommand"),
    ] {
        let why = refused(args);
        assert!(why.contains(says), "{args:?}: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let list = file(folder.path(), "list.json", "[]");
    let (driver, _listener) = nobody();
    assert!(refused(&["check", "https://chat.example/", "--driver", &driver, "--capabilities", &list]).contains("has to hold one JSON object"));
}

#[test]
fn a_driver_that_is_absent_is_named_with_how_to_install_it() {
    let empty = tempfile::tempdir().unwrap();
    for (browser, says) in
        [("chromium", "apt install chromium chromium-driver"), ("firefox", "geckodriver, the driver of firefox, is not on the PATH"), ("webkit", "apt install")]
    {
        let output = program()
            .args(["check", "https://chat.example/", "--browser", browser])
            .env("PATH", empty.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .output()
            .unwrap();
        assert_eq!(code(&output), 2);
        assert!(err(&output).contains(says), "{}", err(&output));
    }
}

#[test]
fn a_driver_that_does_not_answer_is_no_verdict() {
    let (driver, listener) = nobody();
    drop(listener);
    let why = refused(&["check", "https://chat.example/", "--driver", &driver]);
    assert!(why.contains("could not be started: the driver did not answer"), "{why}");
    let why = refused(&["check", "--driver", &driver, "--session", "abc"]);
    assert!(why.contains("The session abc can't be used"), "{why}");
}

/// An address at which somebody listens and answers nothing.
fn nobody() -> (String, std::net::TcpListener) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    (format!("http://{}", listener.local_addr().unwrap()), listener)
}

fn valid_sarif(text: &str) {
    static SCHEMA: std::sync::LazyLock<jsonschema::Validator> = std::sync::LazyLock::new(|| {
        let text = include_str!("sarif-schema-2.1.0.json");
        // One pattern of the standard's has a bracket that ECMAScript takes as it stands, and no other syntax of regular expressions does.
        let sound = text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}\\\\]?$");
        assert_ne!(sound, text);
        jsonschema::validator_for(&serde_json::from_str(&sound).unwrap()).unwrap()
    });
    let log: Value = serde_json::from_str(text).unwrap();
    let faults: Vec<String> = SCHEMA.iter_errors(&log).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

/// XML 1.0 as this program writes it: tags that close, in order; attributes in quotes; no bare `<` or `&`.
fn well_formed(xml: &str) {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let is_text = |text: &str| {
        let entities = ["amp;", "lt;", "gt;", "quot;"];
        !text.contains('<')
            && text.split('&').skip(1).all(|after| entities.iter().any(|entity| after.starts_with(entity)))
            && !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c))
    };
    let mut open: Vec<&str> = Vec::new();
    let mut parts = body.split('<');
    assert_eq!(parts.next(), Some(""));
    for part in parts {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(is_text(text) && (!open.is_empty() || text.trim().is_empty() || !text.is_empty()), "{part}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (inside, closes) = tag.strip_suffix('/').map_or((tag, false), |inside| (inside, true));
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        let quoted: Vec<&str> = attributes.split('"').collect();
        assert!(quoted.len() % 2 == 1 && quoted.iter().all(|value| is_text(value)), "{tag}");
        assert!(quoted.iter().step_by(2).take(quoted.len() / 2).all(|name| name.trim_start().ends_with('=')), "{tag}");
        if !closes {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
