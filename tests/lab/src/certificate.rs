//! A certificate for 127.0.0.1, and for the names that it has in the lab, that nobody vouches for.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::StartError;
use crate::installed::{Installed, Program};
use crate::signed::base64;

/// Everything that 127.0.0.1 is called in the lab.
const NAMES: &str = "subjectAltName=IP:127.0.0.1,DNS:chat.test,DNS:other.test,DNS:localhost,DNS:*.localhost";

/// The name of somebody else.
const OTHER_NAME: &str = "subjectAltName=DNS:elsewhere.example";

/// What is wrong with a certificate, besides that nobody vouches for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Nothing,
    /// It held until yesterday.
    Expired,
    OtherName,
}

/// A self-signed certificate and its key, as files.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// Makes one in the folder, with the openssl command: what it costs is a process, not a dependency.
    pub(crate) fn make(folder: &Path, installed: &Installed) -> Result<Self, StartError> {
        Self::flawed(folder, Flaw::Nothing, installed)
    }

    /// Makes one that has such a flaw.
    pub(crate) fn flawed(folder: &Path, flaw: Flaw, installed: &Installed) -> Result<Self, StartError> {
        let made = Self { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
        let mut command = Command::new(installed.path(Program::Openssl)?);
        command.args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' '));
        command.args(["-subj", "/CN=127.0.0.1", "-addext", if flaw == Flaw::OtherName { OTHER_NAME } else { NAMES }]);
        command.arg("-out").arg(&made.certificate).arg("-keyout").arg(&made.key);
        run(&mut command, folder)?;
        if flaw == Flaw::Expired {
            // The command above makes none that has ended already.
            let mut command = Command::new(installed.path(Program::Openssl)?);
            command.args(["x509", "-days", "-1", "-in"]).arg(&made.certificate).arg("-signkey").arg(&made.key);
            command.arg("-out").arg(&made.certificate);
            run(&mut command, folder)?;
        }
        Ok(made)
    }

    /// The SHA-256 of its public key, in Base64.
    pub(crate) fn key_hash(&self, installed: &Installed) -> Result<String, StartError> {
        let folder = self.key.parent().unwrap_or(&self.key);
        let public = folder.join("key.der");
        let openssl = installed.path(Program::Openssl)?;
        run(Command::new(&openssl).args(["pkey", "-pubout", "-outform", "der", "-in"]).arg(&self.key).arg("-out").arg(&public), folder)?;
        Ok(base64(&run(Command::new(&openssl).args(["dgst", "-sha256", "-binary"]).arg(&public), folder)?))
    }
}

/// Runs openssl, and gives what it says.
fn run(openssl: &mut Command, folder: &Path) -> Result<Vec<u8>, StartError> {
    let output = openssl.output().map_err(StartError::io("to start openssl"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let log = folder.join("openssl.log");
    std::fs::write(&log, &output.stderr).map_err(StartError::io("to write openssl's log"))?;
    Err(StartError::Server { name: "openssl".to_owned(), reason: "made no certificate".to_owned(), log })
}
