//! Connection Doctor from the command line: drives a real browser without a screen, and reads what it saved. What is diagnosed, and how,
//! is the core's matter; here is what starts browsers, and what tells the outcome.

mod arguments;
mod browser;
mod check;
mod diff;
mod dist;
mod driver;
mod explain;
mod formats;
mod lang;
mod outcome;
mod page;
mod progress;
mod replay;
mod saved;
mod send;
mod trouble;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::trouble::Trouble;

/// The exit code where nothing could be told.
const COULD_NOT_RUN: u8 = 2;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Check(check) => check::check(&check),
        Command::Replay(replay) => replay::replay(&replay),
        Command::Diff(diff) => diff::diff(&diff),
        Command::Explain(explain) => explain::explain(explain.code.as_deref()),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(trouble) => {
            // Nobody reads it any more, where it can't be written.
            let _unread = writeln!(io::stderr(), "connection-doctor: {}", formats::printable(&trouble.to_string()));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// Writes to the standard output, as a whole.
///
/// # Errors
/// Where it can't be written to.
fn tell(text: &str) -> Result<(), Trouble> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") });
    written.and_then(|()| out.flush()).map_err(|error| Trouble::new(format!("The outcome could not be written: {error}.")))
}
