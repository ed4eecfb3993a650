//! What one outage costs a server where ten thousand pages hold this program: a simulation by the program's own figures, and the chats' own
//! attempts to reconnect beside it. BENCHMARKS.md has the model in words and the table, which this test holds to what comes out.
//!
//! `cargo test --test outage -- --nocapture` prints it; `UPDATE=1` writes it into BENCHMARKS.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::path::Path;

use connection_doctor::plan::Limits;
use connection_doctor::profile::Depth;
use connection_doctor::sending::{Answer, Next, next};
use serde_json::Value;

const WIDGETS: u32 = 10_000;
/// Seconds that the server is away.
const OUTAGE: u32 = 300;
/// Files that a press fetches: the program, its texts and its parts; a browser that has them asks less. Nothing is fetched ahead after a run that found the chat broken.
const FILES: u32 = 11;
/// Seconds from the offer to the press of the button, on average.
const HESITATION: f64 = 60.0;
/// The place of the table in BENCHMARKS.md.
const MARKS: (&str, &str) = ("<!-- tests/outage.rs writes from here -->\n", "<!-- to here -->\n");

/// xorshift64*: the same table with every run of the test.
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    /// Evenly between 0 and 1.
    fn even(&mut self) -> f64 {
        f64::from(self.bits()) / 4_294_967_296.0
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.even()).ln()
    }
}

/// Requests by second since the outage began.
#[derive(Default)]
struct Load(Vec<u32>);

impl Load {
    fn add(&mut self, at: f64) {
        let second = at as usize;
        if self.0.len() <= second {
            self.0.resize(second + 1, 0);
        }
        self.0[second] += 1;
    }

    fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    fn peak(&self) -> u32 {
        self.0.iter().copied().max().unwrap_or(0)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// A figure of a JavaScript file, so that the model changes with the program.
fn figure(path: &str, name: &str) -> f64 {
    let source = text(path);
    let rest = source.split_once(&format!("const {name} = ")).unwrap_or_else(|| panic!("{path} has no {name}")).1;
    rest.split(';').next().unwrap().replace('_', "").parse().unwrap()
}

/// When each request and socket of a recorded run began, in seconds since its start.
fn run(recording: &str) -> Vec<f64> {
    let report: Value = serde_json::from_str(&text(&format!("tests/evidence/{recording}.json"))).unwrap();
    let all: Vec<f64> = report["evidence"].as_array().unwrap().iter().filter_map(|o| o["fact"]["started"].as_f64()).map(|ms| ms / 1000.0).collect();
    assert_eq!(report["profile"]["depth"], "quick", "{recording}");
    assert!(all.len() >= 8, "{recording}");
    all
}

/// The most that a quick run may ask, as evenly as six at a time allow in its five seconds.
fn budget() -> Vec<f64> {
    let most = Limits::of(Depth::Quick).requests;
    let span = f64::from(Depth::Quick.time_limit().unwrap()) / 1000.0;
    (0..most).map(|at| span * f64::from(at) / f64::from(most)).collect()
}

/// When a socket.io-client's attempts fail (4.8, its defaults: 1 s doubling to 5 s, each up to half more or less, never above 5 s), where each is
/// refused at once.
fn attempts(chance: &mut Chance) -> Vec<f64> {
    let (mut at, mut all) = (0.0, Vec::new());
    for attempt in 0_i32.. {
        let delay = 2_f64.powi(attempt.min(10));
        at += (delay * (0.5 + chance.even())).min(5.0);
        if at >= f64::from(OUTAGE) {
            break;
        }
        all.push(at);
    }
    all
}

/// When help is offered: the third failure within a minute, or the patience of www/watch.js.
fn offered(attempts: &[f64]) -> f64 {
    let failures = figure("www/watch.js", "FAILURES") as usize;
    let patience = figure("www/watch.js", "PATIENCE") / 1000.0;
    assert_eq!(figure("www/watch.js", "WITHIN"), 60_000.0);
    attempts.get(failures - 1).copied().unwrap_or(patience).min(patience)
}

/// So many of a hundred press, each once, and their runs ask what this one asked.
fn pressed(share: f64, asks: &[f64]) -> Load {
    let (mut chance, mut load) = (Chance(7), Load::default());
    for _ in 0..WIDGETS {
        let offer = offered(&attempts(&mut chance));
        let presses = chance.even() < share;
        let at = offer + chance.exponential(HESITATION);
        // Who sees the chat come back presses no more.
        if presses && at < f64::from(OUTAGE) {
            (0..FILES).for_each(|_| load.add(at));
            asks.iter().for_each(|after| load.add(at + after));
        }
    }
    load
}

/// All pages are loaded at one moment, and each runs unasked within so many seconds.
fn unasked(asks: &[f64], spread: f64) -> Load {
    let (mut chance, mut load) = (Chance(7), Load::default());
    for _ in 0..WIDGETS {
        let at = chance.even() * spread;
        asks.iter().for_each(|after| load.add(at + after));
    }
    load
}

/// All who press send the report too, ten seconds later, to a collector that refuses each attempt at once.
fn sent() -> Load {
    let (mut chance, mut load) = (Chance(7), Load::default());
    for _ in 0..WIDGETS {
        let mut at = offered(&attempts(&mut chance)) + chance.exponential(HESITATION) + 10.0;
        if at >= f64::from(OUTAGE) {
            continue;
        }
        let (mut attempt, mut elapsed) = (1, 0);
        load.add(at);
        while let Next::Again(wait) = next(attempt, elapsed, &Answer::Nothing, chance.bits()) {
            (attempt, elapsed, at) = (attempt + 1, elapsed + wait, at + f64::from(wait) / 1000.0);
            load.add(at);
        }
    }
    load
}

fn chats() -> Load {
    let (mut chance, mut load) = (Chance(7), Load::default());
    (0..WIDGETS).for_each(|_| attempts(&mut chance).into_iter().for_each(|at| load.add(at)));
    load
}

/// The table, and of each row by how much it may be more than the chats' own load.
fn table() -> (String, Vec<(Load, u32)>) {
    let spread = figure("www/start.js", "AUTORUN_SPREAD") / 1000.0;
    let (own, budget) = (chats(), budget());
    let outage = [run("gateway-502.chromium"), run("refused.chromium")].into_iter().max_by_key(Vec::len).unwrap();
    let (few, most) = (outage.len(), budget.len());
    let mut rows = vec![("the chats themselves: socket.io-client's attempts to reconnect".to_owned(), chats(), 1)];
    for share in [2, 20, 100] {
        rows.push((format!("{share} % of the people press the button, a run asks {few}"), pressed(f64::from(share) / 100.0, &outage), 1));
    }
    rows.push((format!("all press it, and each run asks all it may: {most}"), pressed(1.0, &budget), 2));
    rows.push((format!("all pages are loaded at one moment with `autorun`, a run asks {few}"), unasked(&outage, spread), 1));
    rows.push((format!("the same, and each run asks all it may: {most}"), unasked(&budget, spread), 2));
    rows.push((format!("the same with a wait of up to 3 s, as it was before, a run asks {few}"), unasked(&outage, 3.0), u32::MAX));
    rows.push(("to a collector that is down, where all press both buttons".to_owned(), sent(), 1));
    let mut out = String::from("| who asks | requests in all | of the chats' own | most in a second |\n| --- | ---: | ---: | ---: |\n");
    for (who, load, _) in &rows {
        let share = f64::from(load.total()) * 100.0 / f64::from(own.total());
        writeln!(out, "| {who} | {} | {share:.0} % | {} |", thousands(load.total()), thousands(load.peak())).unwrap();
    }
    (out, rows.into_iter().map(|(_, load, times)| (load, times)).collect())
}

fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// However many press, this program is not the larger load, neither in all nor in any second; and at most twice as large where each run asks all
/// that it may, which none of the recordings does.
#[test]
fn an_outage_costs_less_than_the_chats_own_attempts() {
    let (table, loads) = table();
    println!("{table}");
    let own = chats();
    for (load, times) in loads {
        assert!(load.total() <= own.total().saturating_mul(times), "{} of {}", load.total(), own.total());
        assert!(load.peak() <= own.peak().saturating_mul(times), "{} of {} in a second", load.peak(), own.peak());
    }
    let benchmarks = text("BENCHMARKS.md");
    let (before, rest) = benchmarks.split_once(MARKS.0).expect("the place of the table");
    let (now, after) = rest.split_once(MARKS.1).expect("the end of the table");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join("BENCHMARKS.md"), [before, MARKS.0, &table, MARKS.1, after].concat()).unwrap();
    } else {
        assert_eq!(now, table, "run UPDATE=1 cargo test --test outage");
    }
}
