//! A certificate for 127.0.0.1, and for the names that it has in the lab, that nobody vouches for.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::StartError;
use crate::installed::{Installed, Program};

/// Everything that 127.0.0.1 is called in the lab.
const NAMES: &str = "subjectAltName=IP:127.0.0.1,DNS:chat.test,DNS:other.test,DNS:localhost,DNS:*.localhost";

/// A self-signed certificate and its key, as files.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// Makes one in the folder, with the openssl command: what it costs is a process, not a dependency.
    pub(crate) fn make(folder: &Path, installed: &Installed) -> Result<Self, StartError> {
        let made = Self { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
        let output = Command::new(installed.path(Program::Openssl)?)
            .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' '))
            .args(["-subj", "/CN=127.0.0.1", "-addext", NAMES])
            .arg("-out")
            .arg(&made.certificate)
            .arg("-keyout")
            .arg(&made.key)
            .output()
            .map_err(StartError::io("to start openssl"))?;
        if output.status.success() {
            return Ok(made);
        }
        let log = folder.join("openssl.log");
        std::fs::write(&log, &output.stderr).map_err(StartError::io("to write openssl's log"))?;
        Err(StartError::Server { name: "openssl".to_owned(), reason: "made no certificate".to_owned(), log })
    }
}
