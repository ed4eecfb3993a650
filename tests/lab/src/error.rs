//! Why a scenario could not be started.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::installed::Program;

/// Why a scenario could not be started; its words are for the person at the terminal.
#[derive(Debug)]
pub enum StartError {
    /// The built page is not where it is looked for.
    NoBuiltPage(PathBuf),
    /// A program that the scenario needs is not installed.
    NotInstalled(Program),
    /// A server ended or did not answer in time; the log says more.
    Server { name: String, reason: String, log: PathBuf },
    /// The scenario's table entry is wrong: its configuration is no JSON once its addresses are filled in.
    Configuration(serde_json::Error),
    /// The operating system refused something.
    Io(String, io::Error),
}

impl StartError {
    /// Says what was being done when the operating system refused.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |error| Self::Io(doing, error)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBuiltPage(folder) => write!(
                f,
                "there is no built page at {}: build it first (trunk build --release), or say where it is with {}",
                folder.display(),
                crate::page::DIST_VARIABLE,
            ),
            Self::NotInstalled(program) => write!(f, "{program} is not installed: {}", program.remedy()),
            Self::Server { name, reason, log } => write!(f, "{name} {reason}; its output is in {}", log.display()),
            Self::Configuration(error) => write!(f, "the scenario's configuration is not JSON: {error}"),
            Self::Io(doing, error) => write!(f, "{doing}: {error}"),
        }
    }
}

impl std::error::Error for StartError {}
