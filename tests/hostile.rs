//! Hostile input: what fuzzing found worth keeping (tests/fuzz/corpus), and what is made of it by chance, through the properties that the fuzz
//! targets hold too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/counting.rs"]
#[allow(dead_code)]
mod counting;
#[path = "rules/dice.rs"]
#[allow(dead_code)]
mod dice;
#[path = "hostile/properties.rs"]
mod properties;

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use counting::allocated;
use dice::Dice;
use properties::{ALL, check};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

/// The inputs that are kept for a target: one a line, written as `<[u8]>::escape_ascii` does (bin/node/corpus.mjs).
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(folder().join(format!("corpus/{target}.txt"))).unwrap();
    text.lines().map(unescaped).collect()
}

fn unescaped(line: &str) -> Vec<u8> {
    let mut bytes = line.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next().unwrap() {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => [bytes.next(), bytes.next()].into_iter().fold(0, |all, digit| all * 16 + char::from(digit.unwrap()).to_digit(16).unwrap() as u8),
                other => other,
            },
            byte => byte,
        });
    }
    out
}

fn held(target: &str, property: fn(&[u8]), input: &[u8]) {
    if catch_unwind(|| check(property, input)).is_err() {
        panic!("{target} does not hold for the input that follows, as a line of tests/fuzz/corpus/{target}.txt:\n{}", input.escape_ascii());
    }
}

#[test]
fn every_kept_input_holds() {
    for (target, property) in ALL {
        let inputs = corpus(target);
        assert!(inputs.len() >= 20, "{target} has {} inputs", inputs.len());
        for input in inputs {
            held(target, *property, &input);
        }
    }
}

/// Inputs of the corpus, spliced and changed: other ones than yesterday's only where the corpus is.
#[test]
fn what_chance_makes_of_them_holds() {
    for (target, property) in ALL {
        let inputs: Vec<Vec<u8>> = corpus(target).into_iter().filter(|input| input.len() < 4_000 && !input.ends_with(b"//")).collect();
        let mut dice = Dice::new(7);
        for _ in 0..if *target == "report" { 150 } else { 600 } {
            held(target, *property, &mutated(&mut dice, &inputs));
        }
    }
}

fn mutated(dice: &mut Dice, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut pick = || dice.pick(inputs).clone();
    let (mut input, other) = (pick(), pick());
    for _ in 0..=dice.below(4) {
        let at = dice.below(input.len() as u32 + 1) as usize;
        match dice.below(6) {
            0 => input.truncate(at),
            1 => input.insert(at, dice.below(256) as u8),
            2 => input.splice(at..at, other.iter().copied()).for_each(drop),
            3 => input.splice(at..at, dice.pick(&["\u{fffd}", "é", "\"", "\\", "{", "[", "\n", ":", "4294967295", "\u{202e}"]).bytes()).for_each(drop),
            4 if at < input.len() => input[at] ^= 1 << dice.below(8),
            _ => input.drain(at..(at + dice.below(9) as usize).min(input.len())).for_each(drop),
        }
    }
    input
}

/// Twice as much of the same takes no more than a little above twice the memory, counted over all that is ever asked for: what copies again what it
/// has already copied fails here.
#[test]
fn what_is_asked_of_memory_grows_with_the_input_and_no_faster() {
    for (target, property) in ALL {
        let pieces: BTreeSet<Vec<u8>> = corpus(target).into_iter().filter_map(|input| input.strip_suffix(b"//").map(<[u8]>::to_vec)).collect();
        assert!(!pieces.is_empty(), "{target} has no input that is repeated");
        for piece in pieces.into_iter().filter(|piece| (1..200).contains(&piece.len())) {
            let sum = |bytes: usize| {
                let input = piece.repeat(bytes / piece.len());
                allocated(|| property(&input)).1.sum
            };
            let (small, large) = (sum(8_000), sum(32_000));
            assert!(large < 10 * small + 400_000, "{target}: {small} bytes, then {large} for four times of {}", piece.escape_ascii());
        }
    }
}

/// Every target is built, has its corpus and its words, and is one of these.
#[test]
fn every_target_is_there_as_a_whole() {
    let manifest = std::fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let built: Vec<&str> = manifest.lines().filter_map(|line| line.strip_prefix("path = \"targets/")?.strip_suffix(".rs\"")).collect();
    assert_eq!(built, ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (target, _) in ALL {
        for file in [format!("targets/{target}.rs"), format!("dictionaries/{target}.dict"), format!("corpus/{target}.txt")] {
            assert!(folder().join(&file).is_file(), "{file} is not there");
        }
    }
}
