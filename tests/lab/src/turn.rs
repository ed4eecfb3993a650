//! A real coturn: the relay of calls, and what tells a browser its address (TURN and STUN).

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::addresses::Addresses;
use crate::certificate::{Certificate, Flaw};
use crate::child::{Ready, ServerProcess};
use crate::datagrams::{Line, RunningLine};
use crate::error::StartError;
use crate::installed::{Installed, Program};
use crate::server::free_port;
use crate::signed;
use crate::unreachable::Unreachable;

// Words that stand nowhere else, so that a test can look for them.
const USER: &str = "lab-caller";
const PASSWORD: &str = "lab-relay-word";
const SECRET: &str = "what-the-relay-and-the-chat-share";

/// A relay. Texts may name its addresses in braces:
///
/// | name | what |
/// | --- | --- |
/// | `{turn}` | host and port for UDP, and the same for TCP |
/// | `{turn-port}` | that port |
/// | `{turns}` | host and port for TLS |
/// | `{turns-port}` | that port, for after a name: Firefox asks no `turns:` at an address in numbers |
/// | `{turn-line}` | host and port of the line before it, for UDP alone |
/// | `{turn-user}`, `{turn-password}` | what it lets in |
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub(crate) udp: Udp,
    pub(crate) credentials: Credentials,
    /// What is wrong with its certificate; without one it has no TLS.
    pub(crate) tls: Option<Flaw>,
    /// It relays to loopback too, where everybody is in the lab.
    pub(crate) loopback_peers: bool,
    /// How many may be relayed at a time for one user; 0 for as many as like.
    pub(crate) quota: u32,
    /// What stands before it for UDP.
    pub(crate) line: Option<Line>,
}

/// What becomes of datagrams to its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Udp {
    Answered,
    /// They vanish, as behind a firewall; the same port answers by TCP.
    Vanishes,
}

/// How it knows whom to let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// One user has one password.
    Password,
    /// The user's name is the time until which the password holds, a day from now.
    UntilLater,
    /// That time was an hour ago.
    UntilBefore,
}

impl Turn {
    /// UDP and TCP, and everybody is let in who has the password.
    pub(crate) const PLAIN: Self = Self { udp: Udp::Answered, credentials: Credentials::Password, tls: None, loopback_peers: true, quota: 0, line: None };

    /// What must be installed for it.
    pub(crate) fn programs(self) -> impl Iterator<Item = Program> {
        let openssl = self.tls.is_some() || self.credentials != Credentials::Password;
        std::iter::once(Program::Coturn).chain(openssl.then_some(Program::Openssl))
    }
}

/// A relay at work; it ends when dropped.
#[derive(Debug)]
pub(crate) struct RunningTurn {
    _process: ServerProcess,
    _line: Option<RunningLine>,
    _vanishing: Option<Unreachable>,
}

impl RunningTurn {
    /// Starts it in a folder of its own, and names its addresses.
    pub(crate) async fn start(turn: Turn, name: &str, folder: &Path, addresses: &mut Addresses, installed: &Installed) -> Result<Self, StartError> {
        let folder = folder.join("turn");
        std::fs::create_dir(&folder).map_err(StartError::io("to make a folder"))?;
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let tls = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let (user, password) = match turn.credentials {
            Credentials::Password => (USER.to_owned(), PASSWORD.to_owned()),
            Credentials::UntilLater => until(signed::from_now(24 * signed::HOUR), installed)?,
            Credentials::UntilBefore => until(signed::from_now(-signed::HOUR), installed)?,
        };

        let mut command = Command::new(installed.path(Program::Coturn)?);
        // Without -n, -l, -b and --pidfile it looks for files of the system's, and writes to them.
        command.args(["-n", "-l", "stdout", "--simple-log", "-v", "--no-cli", "--no-dtls", "--no-rfc5780", "-m", "1"]);
        command.arg("-b").arg(folder.join("turndb")).arg("--pidfile").arg(folder.join("turn.pid")).current_dir(&folder);
        command.args(["-L", "127.0.0.1", "-E", "127.0.0.1", "-r", "lab.test", "-a"]);
        command.arg("-p").arg(address.port().to_string());
        match turn.credentials {
            Credentials::Password => command.arg("-u").arg(format!("{USER}:{PASSWORD}")),
            Credentials::UntilLater | Credentials::UntilBefore => command.arg("--use-auth-secret").arg(format!("--static-auth-secret={SECRET}")),
        };
        match turn.tls {
            Some(flaw) => {
                let Certificate { certificate, key } = Certificate::flawed(&folder, flaw, installed)?;
                command.arg("--tls-listening-port").arg(tls.port().to_string()).arg("--cert").arg(certificate).arg("--pkey").arg(key)
            }
            None => command.arg("--no-tls"),
        };
        if turn.udp == Udp::Vanishes {
            command.arg("--no-udp");
        }
        if turn.loopback_peers {
            command.arg("--allow-loopback-peers");
        }
        if turn.quota > 0 {
            command.arg("-q").arg(turn.quota.to_string());
        }
        let mut process = ServerProcess::start(&format!("{name}.turn"), &mut command, installed)?;
        process.ready(address, Ready::Accepts).await?;
        let vanishing = if turn.udp == Udp::Vanishes { Some(Unreachable::mute(address)?) } else { None };
        let line = match turn.line {
            Some(line) => Some(RunningLine::start(line, address).await?),
            None => None,
        };

        addresses.name("turn", address.to_string());
        addresses.name("turn-port", address.port().to_string());
        addresses.name("turns", tls.to_string());
        addresses.name("turns-port", tls.port().to_string());
        addresses.name("turn-user", user);
        addresses.name("turn-password", password);
        if let Some(line) = &line {
            addresses.name("turn-line", line.address.to_string());
        }
        Ok(Self { _process: process, _line: line, _vanishing: vanishing })
    }
}

/// A user's name and password as a chat makes them for a time, of the secret that it shares with its relay.
fn until(time: i64, installed: &Installed) -> Result<(String, String), StartError> {
    let user = format!("{time}:{USER}");
    let password = signed::base64(&signed::hmac(signed::Digest::Sha1, SECRET, &user, installed)?);
    Ok((user, password))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpStream, UdpSocket};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(500);
    /// A Binding request (RFC 8489, section 5): type, length, cookie, transaction.
    const REQUEST: &[u8] = b"\x00\x01\x00\x00\x21\x12\xa4\x42laboratory!!";
    const SUCCESS: &[u8] = b"\x01\x01";

    /// A relay at work and its addresses; `None` where something is not installed that it needs.
    async fn started(turn: Turn) -> Option<(RunningTurn, Addresses, TempDir)> {
        let installed = Installed::find();
        let missing = installed.missing(&turn.programs().collect::<Vec<_>>());
        if !missing.is_empty() {
            eprintln!("left out: {missing:?} is not installed");
            return None;
        }
        let folder = TempDir::with_prefix("connection-doctor-lab-").unwrap();
        let mut addresses = Addresses::default();
        let running = RunningTurn::start(turn, "test", folder.path(), &mut addresses, &installed).await.unwrap();
        Some((running, addresses, folder))
    }

    fn address(addresses: &Addresses, name: &str) -> SocketAddr {
        addresses.fill(name).parse().unwrap()
    }

    /// It tells somebody their address by UDP.
    async fn answers_by_udp(address: SocketAddr) -> bool {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(REQUEST, address).await.unwrap();
        let mut answer = [0; 256];
        tokio::time::timeout(PATIENCE, socket.recv(&mut answer)).await.is_ok_and(|heard| heard.is_ok()) && answer.starts_with(SUCCESS)
    }

    async fn answers_by_tcp(address: SocketAddr) -> bool {
        let Ok(mut socket) = TcpStream::connect(address).await else { return false };
        socket.write_all(REQUEST).await.unwrap();
        let mut answer = [0; 2];
        tokio::time::timeout(PATIENCE, socket.read_exact(&mut answer)).await.is_ok_and(|heard| heard.is_ok()) && answer == SUCCESS
    }

    #[tokio::test]
    async fn a_relay_answers_and_ends_with_its_scenario() {
        let Some((running, addresses, _folder)) = started(Turn { line: Some(Line::Mute), ..Turn::PLAIN }).await else { return };
        let turn = address(&addresses, "{turn}");
        assert!(answers_by_udp(turn).await && answers_by_tcp(turn).await);
        assert!(answers_by_udp(address(&addresses, "{turn-line}")).await);
        drop(running);
        assert!(!answers_by_tcp(turn).await);
    }

    #[tokio::test]
    async fn datagrams_vanish_where_they_are_to() {
        let Some((_running, addresses, _folder)) = started(Turn { udp: Udp::Vanishes, ..Turn::PLAIN }).await else { return };
        let turn = address(&addresses, "{turn}");
        assert!(!answers_by_udp(turn).await && answers_by_tcp(turn).await);
    }

    #[tokio::test]
    async fn a_password_for_a_time_has_the_time_for_its_user() {
        for (credentials, later) in [(Credentials::UntilLater, true), (Credentials::UntilBefore, false)] {
            let Some((_running, addresses, _folder)) = started(Turn { credentials, ..Turn::PLAIN }).await else { return };
            let user = addresses.fill("{turn-user}");
            let until: i64 = user.strip_suffix(USER).and_then(|before| before.strip_suffix(':')).unwrap().parse().unwrap();
            assert_eq!(until > signed::from_now(0), later);
        }
    }
}
