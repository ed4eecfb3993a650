//! The house rules, as tests: what is absent here stays absent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use connection_doctor::rules::RULES;

/// A source file: its path below `src`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Without what only tests compile: from `#[cfg(test)]` to the end, where this house puts its tests.
    fn product(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap()
    }

    /// The lines of code that products are made of, comments left out, each with its number.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.product().lines().enumerate().map(|(i, line)| (i + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn is_web(&self) -> bool {
        self.path.starts_with("web/")
    }

    /// Its module below the crate: `rules/net001_offline.rs` is in `rules`.
    fn module(&self) -> &str {
        // The operator's part of the guides: it stands beside what is known of the platforms, and only guides call it.
        if self.path == "platforms/operator.rs" {
            return "rules";
        }
        let name = self.path.split('/').next().unwrap();
        name.strip_suffix(".rs").unwrap_or(name)
    }

    /// Modules of the crate that it names, by `crate::name` or, next to the root, by `super::name`.
    fn imports(&self) -> Vec<(usize, String)> {
        let mut all = Vec::new();
        for (number, line) in self.code() {
            for part in line.split("crate::").skip(1) {
                if let Some(list) = part.strip_prefix('{') {
                    let inside = list.split('}').next().unwrap();
                    all.extend(inside.split(',').map(|name| (number, word(name.trim()).to_owned())));
                } else {
                    all.push((number, word(part).to_owned()));
                }
            }
        }
        all.retain(|(_, name)| !name.is_empty());
        all
    }
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let root = root();
    let mut all = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                all.push(Source { path: path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(all.len() > 50);
    all
}

/// All places where a line of product code has one of these words.
fn places(wanted: impl Fn(&Source) -> bool, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| wanted(s)) {
        for (number, line) in source.code() {
            if words.iter().any(|w| line.contains(w)) {
                found.push(format!("src/{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    found
}

fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}\n{}", found.join("\n"));
}

#[test]
fn there_is_one_target_gate() {
    let gates = places(|_| true, &["target_arch", "target_family", "target_os"]);
    assert_eq!(gates.len(), 1, "one target gate in the whole crate, in lib.rs: {gates:?}");
    assert!(gates[0].starts_with("src/lib.rs:"), "{gates:?}");
}

#[test]
fn only_the_web_touches_the_browser() {
    let browser = ["web_sys", "js_sys", "wasm_bindgen", "leptos", "gloo::", "gloo_timers"];
    none(&places(|s| !s.is_web(), &browser), "only src/web may name the browser's crates");
}

#[test]
fn the_core_has_no_clock_no_chance_and_no_hash_order() {
    let words =
        ["std::time", "Instant::now", "SystemTime", "HashMap", "HashSet", "rand::", "std::env::", "thread_local!", "static mut", "OnceLock", "LazyLock"];
    none(&places(|s| !s.is_web(), &words), "the core has no clock, no chance, no global and no hash order");
}

#[test]
fn nothing_that_ships_can_panic_on_purpose() {
    let words = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!(", "assert!(", "assert_eq!("];
    none(&places(|_| true, &words), "no panic on purpose in what ships");
}

#[test]
fn nothing_is_left_for_later() {
    let mut found = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            if ["TODO", "FIXME", "XXX", "HACK"].iter().any(|w| line.contains(w)) {
                found.push(format!("src/{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    none(&found, "nothing is left for later in the code");
}

#[test]
fn a_module_is_named_after_what_it_is() {
    let empty = ["util", "utils", "helper", "helpers", "manager", "common", "data", "info", "misc", "base", "types", "consts"];
    let bad: Vec<String> = sources().into_iter().map(|s| s.path).filter(|p| p.split('/').any(|part| empty.contains(&part.trim_end_matches(".rs")))).collect();
    none(&bad, "these names say nothing");
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> = sources().into_iter().filter(|s| !s.text.starts_with("//!")).map(|s| s.path).collect();
    none(&silent, "a module begins with what it is for");
}

#[test]
fn one_file_a_rule_named_by_code_and_name() {
    let mut files: Vec<String> = sources().into_iter().map(|s| s.path).filter(|p| p.starts_with("rules/") && p != "rules/mod.rs").collect();
    let mut expected: Vec<String> = RULES.iter().map(|r| format!("rules/{}_{}.rs", r.code.to_ascii_lowercase(), r.name.replace('-', "_"))).collect();
    files.sort();
    expected.sort();
    assert_eq!(files, expected);
    let mut codes: Vec<&str> = RULES.iter().map(|r| r.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), RULES.len(), "a code is there twice");
    for rule in RULES {
        let form = rule.code.trim_end_matches(|c: char| c.is_ascii_digit());
        assert!(rule.code.len() == form.len() + 3 && form.bytes().all(|b| b.is_ascii_uppercase()), "{}", rule.code);
        assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", rule.name);
    }
}

/// Left of an arrow nothing imports what is right of it.
#[test]
fn the_house_has_one_way_through_it() {
    // From left to right; those of one line may know each other.
    const ORDER: [&[&str]; 10] = [
        &["address", "protocol", "words", "t", "english"],
        &["redact"],
        &["profile"],
        &["evidence"],
        &["platforms", "guidance", "step"],
        &["survey"],
        &["plan", "rules"],
        &["diagnose", "report", "picture", "run_state"],
        &["sending"],
        &["web"],
    ];
    let place = |module: &str| ORDER.iter().position(|line| line.contains(&module));
    let mut found = Vec::new();
    for source in sources() {
        let Some(here) = place(source.module()) else {
            assert_eq!(source.path, "lib.rs", "a module without a place in the order");
            continue;
        };
        for (number, name) in source.imports() {
            match place(&name) {
                Some(there) if there > here => found.push(format!("src/{}:{number}: {} knows {name}", source.path, source.module())),
                None => found.push(format!("src/{}:{number}: {name} has no place in the order", source.path)),
                _ => {}
            }
        }
    }
    none(&found, "the pipeline runs one way");
}

#[test]
fn rules_know_neither_steps_nor_reports() {
    let words = ["plan::", "Step::", "crate::report", "crate::run_state", "crate::diagnose", "crate::web"];
    none(&places(|s| s.path.starts_with("rules/"), &words), "a rule reads the survey alone");
    none(&places(|s| s.module() == "evidence", &["survey", "crate::plan", "crate::rules", "crate::report"]), "evidence knows nobody who reads it");
    none(&places(|s| !s.is_web(), &["crate::web"]), "nobody imports the web");
    none(&places(|s| s.module() != "rules" && !s.is_web(), &["operator::"]), "only guides speak to the operator");
}

/// A guest on somebody else's page.
#[test]
fn nothing_speaks_to_the_console() {
    none(&places(|_| true, &["println!", "eprintln!", "dbg!", "console::log", "console::warn", "console::error"]), "the console is the embedder's");
}

#[test]
fn nothing_is_forgotten_on_purpose() {
    none(&places(|_| true, &[".forget()", "mem::forget", "Box::leak", "ManuallyDrop", "unsafe "]), "what is forgotten is never closed");
}
