//! A WebTransport server: HTTP/3, so everything by UDP.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::certificate::Certificate;
use crate::child::{Ready, ServerProcess};
use crate::error::StartError;
use crate::installed::{Installed, Program, servers};
use crate::server::free_port;

/// Starts one, and gives its address and the hash of its certificate's key, by which a browser can be told to trust it.
pub(crate) async fn start(name: &str, folder: &Path, installed: &Installed) -> Result<(ServerProcess, SocketAddr, String), StartError> {
    let folder = folder.join("webtransport");
    std::fs::create_dir(&folder).map_err(StartError::io("to make a folder"))?;
    let certificate = Certificate::make(&folder, installed)?;
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let mut command = Command::new(installed.path(Program::Python)?);
    command.arg("-u").arg(servers().join("python/webtransport.py")).arg("--port").arg(address.port().to_string());
    command.arg("--certificate").arg(&certificate.certificate).arg("--key").arg(&certificate.key);
    let mut process = ServerProcess::start(&format!("{name}.webtransport"), &mut command, installed)?;
    process.ready(address, Ready::Says("listening")).await?;
    Ok((process, address, certificate.key_hash(installed)?))
}
