//! The words: every text of the sources stands in `www/texts/en.json`, and every other language has the same texts with the same
//! values, and nothing else.
//!
//! `UPDATE=1 cargo test --test words` writes the English catalogue anew, and throws out of the others what no source says any more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use connection_doctor::guidance::HAND_ON;
use connection_doctor::report::LONGER;
use connection_doctor::t;
use connection_doctor::words::{Phrase, Text, Words, number};

const LANGUAGES: [&str; 7] = ["de", "fr", "es", "pt", "ja", "zh", "ar"];
/// Fetched with the program itself; then what several guides share; then a part a family of rules.
const FACE: &str = "face";
const SHARED: &str = "shared";
/// What the program has in English by itself: the build puts it beside the face in every other language (`bin/node/finish.mjs`).
const OWN: &str = "own";
/// Fetched where reports may be sent.
const SENDING: &str = "sending";

/// Words by number, by part. Both as text: it is what stands in the files.
type Catalogue = BTreeMap<String, BTreeMap<String, String>>;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn file(language: &str) -> PathBuf {
    root().join("www/texts").join(language).with_extension("json")
}

fn read(language: &str) -> Catalogue {
    let text = fs::read_to_string(file(language)).unwrap_or_else(|e| panic!("{language}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{language}: {e}"))
}

fn write(language: &str, catalogue: &Catalogue) {
    fs::create_dir_all(root().join("www/texts")).unwrap();
    fs::write(file(language), serde_json::to_string_pretty(catalogue).unwrap() + "\n").unwrap();
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// The part of the catalogue that a source's texts stand in.
fn part(path: &str) -> String {
    if path == "web/sending.rs" {
        return SENDING.to_owned();
    }
    if path == "guidance.rs" || path.starts_with("platforms/") {
        return SHARED.to_owned();
    }
    match path.strip_prefix("rules/") {
        Some(rule) if rule != "mod.rs" => rule.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap().to_owned(),
        _ => FACE.to_owned(),
    }
}

/// The literals that follow `mark` in this text.
fn literals(text: &str, mark: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices(mark) {
        // `at!(` is another name that ends alike.
        if text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
            continue;
        }
        let rest = text[at + mark.len()..].trim_start();
        let Some(literal) = rest.strip_prefix('"') else { continue };
        let mut out = String::new();
        let mut chars = literal.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => match chars.next().unwrap() {
                    '\n' => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                    'n' => out.push('\n'),
                    escaped => out.push(escaped),
                },
                c => out.push(c),
            }
        }
        all.push(out);
    }
    all
}

/// Every text of the sources, with the parts that need it.
fn said() -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let folder = root().join("src");
    for path in sources(&folder) {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        // What only explains is no text.
        let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).map(|l| [l, "\n"].concat()).collect();
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
        for mark in ["t!(", "english!("] {
            for words in literals(&code, mark) {
                if mark.starts_with("english") {
                    // The face says apart from it that the longer test would look. And what the program keeps is shown without any guide, too.
                    all.entry(words.split(LONGER).next().unwrap().to_owned()).or_default().insert(OWN.to_owned());
                } else {
                    all.entry(words).or_default().insert(part(&name));
                }
            }
        }
    }
    all
}

/// What is fetched anyway need not stand in another part too.
fn english() -> Catalogue {
    let mut catalogue = Catalogue::new();
    for (words, parts) in said() {
        let mut add = |part: &str| {
            catalogue.entry(part.to_owned()).or_default().insert(number(&words).to_string(), words.clone());
        };
        match [FACE, OWN, SHARED].into_iter().find(|p| parts.contains(*p)) {
            Some(one) => add(one),
            None => parts.iter().for_each(|part| add(part)),
        }
    }
    catalogue
}

/// Who knows these words has the code of the guides: they may stand nowhere else.
#[test]
fn the_words_that_come_with_the_guides_come_with_nothing_else() {
    let english = read("en");
    let words = english[SHARED].values().find(|words| Text::from(Phrase::of(words)) == HAND_ON.into()).expect("in the part that guides share");
    let elsewhere: Vec<&String> = english.iter().filter(|(part, texts)| *part != SHARED && texts.values().any(|t| t == words)).map(|(part, _)| part).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

/// The names in braces, in order.
fn values(words: &str) -> Vec<&str> {
    let mut all: Vec<&str> =
        words.split('{').skip(1).map(|rest| rest.split_once('}').unwrap_or_else(|| panic!("a brace without its other: {words}")).0).collect();
    all.sort_unstable();
    all
}

#[test]
fn no_two_texts_share_a_number() {
    let mut known: BTreeMap<u32, String> = BTreeMap::new();
    for words in said().into_keys() {
        if let Some(other) = known.insert(number(&words), words.clone()) {
            panic!("{other:?} and {words:?} have one number: change a word of one of them");
        }
    }
    assert!(known.len() > 100);
}

#[test]
fn the_english_catalogue_is_what_the_sources_say() {
    let now = english();
    if std::env::var_os("UPDATE").is_some() {
        write("en", &now);
        for language in LANGUAGES {
            let Ok(text) = fs::read_to_string(file(language)) else { continue };
            // A text keeps its words where it moves to another part.
            let before: Catalogue = serde_json::from_str(&text).unwrap();
            let known: BTreeMap<&String, &String> = before.values().flatten().collect();
            let kept = |texts: &BTreeMap<String, String>| texts.keys().filter_map(|n| Some((n.clone(), (*known.get(n)?).clone()))).collect();
            write(language, &now.iter().map(|(part, texts)| (part.clone(), kept(texts))).collect());
        }
    }
    assert!(read("en") == now, "run UPDATE=1 cargo test --test words");
}

#[test]
fn every_language_has_the_same_texts_with_the_same_values() {
    let english = read("en");
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let theirs = read(language);
        for (part, texts) in &english {
            for (number, words) in texts {
                match theirs.get(part).and_then(|t| t.get(number)) {
                    None => wrong.push(format!("{language} lacks {part} {number}: {words}")),
                    Some(other) if values(other) != values(words) => {
                        wrong.push(format!("{language} {part} {number}: {words:?} and {other:?} differ in values"))
                    }
                    Some(other) if other.trim().is_empty() || other.trim() != other && words.trim() == words.as_str() => {
                        wrong.push(format!("{language} {part} {number}: empty, or with a blank at an end: {other:?}"));
                    }
                    Some(_) => {}
                }
            }
        }
        let more = theirs
            .iter()
            .flat_map(|(part, texts)| texts.keys().map(move |n| (part, n)))
            .filter(|(part, n)| !english.get(*part).is_some_and(|t| t.contains_key(*n)));
        wrong.extend(more.map(|(part, number)| format!("{language} has {part} {number}, which nothing says")));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_text_is_filled_in_with_its_values() {
    let mut words = Words::default();
    let catalogue = format!("{{\"{}\": \"{{who}} grüßt {{whom}}.\", \"x\": 1}}", number("{who} greets {whom}."));
    assert!(words.learn(&catalogue) && !words.learn("[]") && !words.learn("{"));
    let whom: Text = vec!["the ".into(), "cat".into()].into();
    assert_eq!(words.say(t!("{who} greets {whom}.", who = "A {dog}", whom = whom)), "A {dog} grüßt the cat.");
    assert!(!words.knows(&t!("{who} leaves.", who = t!("Somebody"))));
    assert_eq!(words.say(t!("Somebody")), "…");
    assert_eq!(words.of_english("Somebody"), "Somebody");
    // What the program has in English by itself stands in no English catalogue, and can be said nevertheless.
    let own = |words: &str| Text::Own(words.to_owned());
    assert!(words.knows(&own("a cat")) && words.say(own("a cat")) == "a cat" && !own("a cat").is_empty() && own("").is_empty());
    assert!(words.learn(&format!("{{\"{}\": \"eine Katze\"}}", number("a cat"))));
    assert_eq!(words.say(own("a cat")), "eine Katze");
    assert!(Text::from("").is_empty() && !Text::from(Phrase::of("")).is_empty() && Text::Nothing.is_empty());
}

/// A part of another language only fills gaps.
#[test]
fn what_is_known_stays() {
    let mut words = Words::default();
    let one = |said: &str| format!("{{\"{}\": \"{said}\"}}", number("Stop"));
    assert!(words.learn(&one("Halt")));
    assert!(!words.learn(&one("Stop")));
    assert_eq!(words.say(t!("Stop")), "Halt");
}
