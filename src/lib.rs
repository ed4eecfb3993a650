//! Find out why the chat can't reach its server, from the browser that can't.
//!
//! One way through the house: profile, plan, probes, facts, evidence, rules, diagnosis, guidance, report, face.
//! ARCHITECTURE.md holds the invariants. All but [`web`] is pure and total and is tested natively.

pub mod address;
pub mod diagnose;
pub mod evidence;
pub mod guidance;
pub mod picture;
pub mod plan;
pub mod platforms;
pub mod profile;
pub mod protocol;
pub mod redact;
pub mod report;
pub mod rules;
pub mod run_state;
pub mod sending;
pub mod survey;
pub mod words;
// The one target gate: all that touches the browser.
#[cfg(target_arch = "wasm32")]
pub mod web;
