//! A real Redis.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::child::{Ready, ServerProcess};
use crate::error::StartError;
use crate::installed::{Installed, Program};
use crate::server::free_port;

/// Starts a Redis that keeps nothing, and gives its URL.
pub(crate) async fn start(name: &str, folder: &Path, installed: &Installed) -> Result<(ServerProcess, String), StartError> {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let mut command = Command::new(installed.path(Program::Redis)?);
    command.arg("--bind").arg(address.ip().to_string()).arg("--port").arg(address.port().to_string());
    command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(folder);
    let mut process = ServerProcess::start(name, &mut command, installed)?;
    process.ready(address, Ready::Accepts).await?;
    Ok((process, format!("redis://{address}")))
}
