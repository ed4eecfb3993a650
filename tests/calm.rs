//! What is taken for calm is nothing to any rule: over every recording and each of its prefixes, with observations and settings of other
//! recordings put in, and with values changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;

use connection_doctor::diagnose::calm::is_calm;
use connection_doctor::diagnose::{Verdict, by_rules, diagnose, needs_rules};
use connection_doctor::evidence::{Evidence, Fact};
use connection_doctor::profile::Profile;
use connection_doctor::report::Report;
use connection_doctor::survey::Survey;
use harness::Dice;
use serde_json::Value;

fn recordings() -> Vec<(String, Report)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();
    let read = |path: &std::path::PathBuf| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    files.iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), read(path))).collect()
}

/// Whether it is calm; then no rule may fire, and what is said without asking them is what they say.
fn holds(profile: &Profile, evidence: &Evidence, what: &dyn Fn() -> String) -> bool {
    if !is_calm(profile, evidence) {
        return false;
    }
    let rules = by_rules(&Survey::of(profile, evidence));
    assert!(rules.causes.is_empty() && rules.consequences.is_empty(), "{}: taken for calm, and {:?}", what(), rules.causes);
    let told = diagnose(profile, evidence);
    assert_eq!(told.verdict, rules.verdict, "{}", what());
    true
}

/// The same, and what is left open besides. Evidence with a changed value may be of no world that there is: then that may differ in words.
fn holds_to_the_letter(profile: &Profile, evidence: &Evidence, what: &dyn Fn() -> String) -> bool {
    let is_calm = holds(profile, evidence, what);
    let (told, rules) = (diagnose(profile, evidence), by_rules(&Survey::of(profile, evidence)));
    assert!(!is_calm || told == rules, "{}: told {told:?}, the rules say {rules:?}", what());
    is_calm
}

fn evidence(facts: &[(u32, Fact)]) -> Evidence {
    let mut made = Evidence::default();
    facts.iter().for_each(|(at, fact)| _ = made.record(*at, fact.clone()));
    made
}

fn facts(report: &Report) -> Vec<(u32, Fact)> {
    report.evidence.observations().iter().map(|o| (o.at, o.fact.clone())).collect()
}

fn calm() -> Vec<(String, Report)> {
    recordings().into_iter().filter(|(_, report)| is_calm(&report.profile, &report.evidence)).collect()
}

#[test]
fn what_works_without_anything_special_is_calm() {
    // From its first observation on, or the rules would be fetched while it goes on.
    let stays_calm = |report: &Report| (0..=facts(report).len()).all(|end| is_calm(&report.profile, &evidence(&facts(report)[..end])));
    let told = |report: &Report| report.verdict == Verdict::Works && !needs_rules(&report.profile, &report.evidence);
    let names: Vec<String> = calm().into_iter().filter(|(_, report)| told(report) && stays_calm(report)).map(|(name, _)| name).collect();
    for server in ["engineioxide", "node", "python", "nginx", "https"] {
        for browser in ["chromium", "firefox"] {
            let name = format!("healthy-{server}.{browser}");
            assert!(names.contains(&name), "{name} is taken for something special, these are not: {names:?}");
        }
    }
}

#[test]
fn every_prefix_of_every_recording() {
    let mut calm = 0;
    for (name, report) in recordings() {
        let facts = facts(&report);
        for end in 0..=facts.len() {
            calm += u32::from(holds_to_the_letter(&report.profile, &evidence(&facts[..end]), &|| format!("{name}, the first {end}")));
        }
    }
    assert!(calm > 400, "only {calm} were calm");
}

#[test]
fn an_observation_of_another_recording() {
    let strange: Vec<(u32, Fact)> = recordings().iter().flat_map(|(_, report)| facts(report)).collect();
    let mut dice = Dice::new(7);
    let mut calm_still = 0;
    for (name, report) in calm() {
        let own = facts(&report);
        for _ in 0..1_000 {
            let mut mixed = own.clone();
            for _ in 0..=dice.below(2) {
                let at = dice.below(mixed.len() as u32) as usize;
                match dice.below(3) {
                    0 => mixed[at] = dice.pick(&strange).clone(),
                    1 => mixed.insert(at, dice.pick(&strange).clone()),
                    _ => _ = mixed.remove(at),
                }
            }
            calm_still += u32::from(holds_to_the_letter(&report.profile, &evidence(&mixed), &|| format!("{name} with {mixed:#?}")));
        }
    }
    assert!(calm_still > 100, "only {calm_still} were calm");
}

#[test]
fn the_settings_of_another_recording() {
    let all = recordings();
    for (name, report) in calm() {
        for (other, with) in &all {
            holds_to_the_letter(&with.profile, &report.evidence, &|| format!("{name} with the settings of {other}"));
        }
    }
}

/// Every value of the observations, by its name: what a value may be changed into.
fn leaves(value: &Value, name: &str, into: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| leaves(value, name, into)),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, name, into)),
        other => into.push((name.to_owned(), other.clone())),
    }
}

/// Changes one value somewhere in it: into one that another recording has under that name, a number besides into any.
fn change(value: &mut Value, name: &str, dice: &mut Dice, pool: &[(String, Value)]) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let at = dice.below(members.len() as u32) as usize;
            let (name, inner) = members.iter_mut().nth(at).unwrap();
            let name = name.clone();
            change(inner, &name, dice, pool);
        }
        Value::Array(items) if !items.is_empty() => {
            let at = dice.below(items.len() as u32) as usize;
            if dice.one_in(8) {
                items.remove(at);
            } else {
                change(&mut items[at], name, dice, pool);
            }
        }
        Value::Number(_) if dice.one_in(2) => *value = Value::from(*dice.pick(&[0, 1, 2, 20, 200, 204, 299, 302, 400, 404, 500, 650, 699, 1_500, 100_000])),
        Value::Bool(b) => *b = !*b,
        other => {
            let like: Vec<&Value> = pool.iter().filter(|(of, _)| of == name).map(|(_, value)| value).collect();
            if !like.is_empty() {
                *other = (*dice.pick(&like)).clone();
            }
        }
    }
}

#[test]
fn other_values() {
    let all = recordings();
    let mut pool = Vec::new();
    for (_, report) in &all {
        leaves(&serde_json::to_value(report.evidence.observations()).unwrap(), "", &mut pool);
    }
    pool.sort_by_cached_key(|(name, value)| (name.clone(), value.to_string()));
    pool.dedup();
    let mut dice = Dice::new(11);
    let mut calm_still = 0;
    for (name, report) in calm() {
        let whole: Vec<Value> = report.evidence.observations().iter().map(|o| serde_json::to_value(&o.fact).unwrap()).collect();
        for _ in 0..1_000 {
            let mut facts = facts(&report);
            let at = dice.below(facts.len() as u32) as usize;
            let mut fact = whole[at].clone();
            for _ in 0..=dice.below(2) {
                change(&mut fact, "", &mut dice, &pool);
            }
            let Ok(fact) = serde_json::from_value(fact) else { continue };
            facts[at].1 = fact;
            calm_still += u32::from(holds(&report.profile, &evidence(&facts), &|| format!("{name} with {:#?}", facts[at])));
        }
    }
    assert!(calm_still > 100, "only {calm_still} were calm");
}
