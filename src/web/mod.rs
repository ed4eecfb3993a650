//! The browser: the only place of IO. Nobody imports this.

pub mod api;
pub mod budget;
pub mod lexicon;
pub mod mend;
pub mod platform;
pub mod probes;
pub mod run;
pub mod sending;
pub mod ui;
