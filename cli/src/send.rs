//! Sends a report to where operators look, where somebody asked for it.

use clap::Args;
use connection_doctor::report::Report;

use crate::progress::Progress;

/// Where the report goes besides the standard output.
#[derive(Debug, Args)]
pub struct Sending {}

impl Sending {
    /// Sends the report of a run. What could not be sent is noted and changes no exit code: the chat is as it is.
    pub async fn send(&self, _report: &Report, _progress: &Progress) {}
}
