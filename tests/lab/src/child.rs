//! A server that runs as a process of its own.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::error::StartError;
use crate::installed::Installed;

/// How long a server may take until it answers; Chainlit needs the most, and more on a machine that is busy.
const START_DEADLINE: Duration = Duration::from_secs(60);
/// How often it is asked meanwhile: none of these servers says by itself that it is ready.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
const ANSWER_DEADLINE: Duration = Duration::from_secs(5);

/// What shows that a server is ready.
#[derive(Clone, Copy, Debug)]
pub enum Ready {
    /// It accepts connections.
    Accepts,
    /// It answers a request for this path by HTTP.
    Answers(&'static str),
    /// It says so in its log.
    Says(&'static str),
}

/// A server's process, with the processes that it starts itself; all are ended when this is dropped.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    name: String,
    log: PathBuf,
}

impl ServerProcess {
    /// Starts the command in a process group of its own, its output in a log file.
    pub fn start(name: &str, command: &mut Command, installed: &Installed) -> Result<Self, StartError> {
        let logs = installed.logs();
        fs::create_dir_all(&logs).map_err(StartError::io("to make the folder of the logs"))?;
        let log = logs.join(format!("{name}.log"));
        let output = File::create(&log).map_err(StartError::io(format!("to write {}", log.display())))?;
        let errors = output.try_clone().map_err(StartError::io("to write the log"))?;
        let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).process_group(0).spawn().map_err(StartError::io(format!("to start {name}")))?;
        Ok(Self { child, name: name.to_owned(), log })
    }

    /// Waits until the server answers at the address.
    pub async fn ready(&mut self, address: SocketAddr, ready: Ready) -> Result<(), StartError> {
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.failed(format!("ended before it was ready ({status})")));
            }
            let is_ready = match ready {
                Ready::Accepts => answers(address, None).await,
                Ready::Answers(path) => answers(address, Some(path)).await,
                Ready::Says(word) => fs::read_to_string(&self.log).is_ok_and(|log| log.contains(word)),
            };
            if is_ready {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(self.failed(format!("did not answer within {} s", START_DEADLINE.as_secs())));
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Asks the process to end, and waits so long for it to do so: for one that has processes of its own to end.
    pub fn terminate(&mut self, patience: Duration) {
        if let Some(process) = self.id() {
            let _already_gone = kill_process(process, Signal::TERM);
        }
        let deadline = std::time::Instant::now() + patience;
        while matches!(self.child.try_wait(), Ok(None)) && std::time::Instant::now() < deadline {
            std::thread::sleep(POLL_INTERVAL);
        }
    }

    fn id(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    fn failed(&self, reason: String) -> StartError {
        StartError::Server { name: self.name.clone(), reason, log: self.log.clone() }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // These servers have nothing to put in order, so they are ended at once, with all that they started.
        if let Some(group) = self.id() {
            let _already_gone = kill_process_group(group, Signal::KILL);
        }
        let _status = self.child.wait();
    }
}

/// Whether it accepts a connection, and answers a request for the path where there is one.
async fn answers(address: SocketAddr, path: Option<&str>) -> bool {
    let asking = async {
        let mut server = TcpStream::connect(address).await?;
        let Some(path) = path else {
            return Ok(true);
        };
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        server.write_all(request.as_bytes()).await?;
        let mut beginning = [0; 5];
        server.read_exact(&mut beginning).await?;
        Ok::<bool, std::io::Error>(&beginning == b"HTTP/")
    };
    tokio::time::timeout(ANSWER_DEADLINE, asking).await.is_ok_and(|answer| answer.unwrap_or(false))
}
