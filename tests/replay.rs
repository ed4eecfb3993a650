//! Every recorded report, diagnosed again from its own evidence: the result must be the recording, to the letter.
//! `UPDATE=1` writes what comes out now; read the diff before you commit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;

use std::path::{Path, PathBuf};

use connection_doctor::report::{Circumstances, Report, SCHEMA};

fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();
    files
}

fn read(path: &Path) -> Report {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn again(recorded: &Report) -> Report {
    let circumstances = Circumstances { started_at: recorded.started_at.clone(), stopped: recorded.stopped, requests: recorded.requests };
    Report::of(&recorded.profile, recorded.evidence.clone(), circumstances, harness::english())
}

#[test]
fn every_recording_gives_the_same_report_again() {
    let files = recordings();
    assert!(files.len() >= 50, "the recordings are gone: {}", files.len());
    let mut different = Vec::new();
    for path in files {
        let recorded = read(&path);
        assert_eq!(recorded.schema, SCHEMA, "{}", path.display());
        let replayed = again(&recorded);
        if replayed != recorded {
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, serde_json::to_string_pretty(&replayed).unwrap() + "\n").unwrap();
                continue;
            }
            let codes = |r: &Report| r.causes.iter().map(|f| f.code.clone()).collect::<Vec<_>>();
            different.push(format!(
                "{}: recorded {:?} {:?}, now {:?} {:?}",
                path.display(),
                recorded.verdict,
                codes(&recorded),
                replayed.verdict,
                codes(&replayed)
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Every rule that fires anywhere was seen to fire in a real browser against a real server; what was not is named here,
/// with the reason.
#[test]
fn every_rule_has_a_recorded_run() {
    const WITHOUT: &[(&str, &str)] = &[("ENV001", "a headless WebDriver session has no way to hide its tab; held by tests/rules.rs")];
    let fired: Vec<String> = recordings().iter().map(|p| read(p)).flat_map(|r| r.causes.into_iter().chain(r.consequences)).map(|f| f.code).collect();
    for rule in connection_doctor::rules::RULES {
        let waived = WITHOUT.iter().any(|(code, _)| *code == rule.code);
        assert!(fired.iter().any(|code| code == rule.code) != waived, "{}: recorded or waived, not both and not neither", rule.code);
    }
}
