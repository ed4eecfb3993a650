//! Rules and diagnosis over the public interface: what fires, what stays silent, what is left open, and its neighbours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/cases.rs"]
mod cases;
#[path = "rules/cases_calls.rs"]
mod cases_calls;
#[path = "rules/cases_often.rs"]
mod cases_often;
#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "rules/lines.rs"]
mod lines;
#[path = "rules/random.rs"]
mod random;
#[path = "rules/runs.rs"]
mod runs;
#[path = "rules/worlds.rs"]
#[allow(dead_code)]
mod worlds;
