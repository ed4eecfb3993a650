//! The programs that some scenarios need and Cargo cannot bring.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::StartError;
use crate::page::repository;

/// A program that some scenarios need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    Nginx,
    Haproxy,
    /// Envoy, in the Python environment.
    Envoy,
    Redis,
    /// A relay for calls (STUN and TURN).
    Coturn,
    Openssl,
    Node,
    /// The Python environment with python-socketio, uvicorn, hypercorn, aiortc, aioquic.
    Python,
    /// The Python environment with packages from before Engine.IO 4.
    PythonEngineIo3,
    Chainlit,
}

impl Program {
    /// What to do where it is not installed.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Nginx => "install the distribution's nginx package",
            Self::Haproxy => "install the distribution's haproxy package",
            Self::Redis => "install the distribution's redis-server package",
            Self::Coturn => "install the distribution's coturn package",
            Self::Openssl => "install the distribution's openssl package",
            Self::Envoy | Self::Node | Self::Python | Self::PythonEngineIo3 | Self::Chainlit => "run tests/lab/install.sh",
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
            Self::Redis => "Redis",
            Self::Coturn => "coturn",
            Self::Openssl => "openssl",
            Self::Node => "Node with socket.io",
            Self::Python => "Python with python-socketio",
            Self::PythonEngineIo3 => "Python with python-engineio 3",
            Self::Chainlit => "Chainlit",
        })
    }
}

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The folder of the lab's environments and logs.
    target: PathBuf,
}

impl Installed {
    /// Looks in the repository's `target/lab`, where `tests/lab/install.sh` installs.
    pub fn find() -> Self {
        Self { target: repository().join("target/lab") }
    }

    /// The path to start the program by.
    pub(crate) fn path(&self, program: Program) -> Result<PathBuf, StartError> {
        let found = match program {
            Program::Nginx => on_path("nginx"),
            Program::Haproxy => on_path("haproxy"),
            Program::Envoy => file(self.target.join("venv/bin/envoy")),
            Program::Redis => on_path("redis-server"),
            Program::Coturn => on_path("turnserver"),
            Program::Openssl => on_path("openssl"),
            Program::Node => on_path("node").filter(|_| servers().join("node/node_modules/@socket.io/redis-adapter").is_dir()),
            Program::Python => file(self.target.join("venv/bin/python")),
            Program::PythonEngineIo3 => file(self.target.join("venv-engine-io-3/bin/python")),
            Program::Chainlit => file(self.target.join("venv/bin/chainlit")),
        };
        found.ok_or(StartError::NotInstalled(program))
    }

    /// Those of the programs that are not installed.
    pub fn missing(&self, programs: &[Program]) -> Vec<Program> {
        programs.iter().copied().filter(|program| self.path(*program).is_err()).collect()
    }

    /// Where the servers' output goes.
    pub(crate) fn logs(&self) -> PathBuf {
        self.target.join("logs")
    }
}

/// The folder of the servers' sources.
pub(crate) fn servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers")
}

fn file(path: PathBuf) -> Option<PathBuf> {
    path.is_file().then_some(path)
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps nginx and HAProxy where the PATH of a person other than root does not look.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}
