//! Addresses on loopback that answer nothing: closed, dropping every SYN, or accepting and silent.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

use crate::error::StartError;

/// More connections than a backlog of one can take, so that the next SYN is dropped.
const FILLING: usize = 8;

/// An address that answers nothing, for as long as it is kept.
#[derive(Debug)]
pub(crate) struct Unreachable {
    pub(crate) address: SocketAddr,
    _sockets: Vec<Socket>,
}

impl Unreachable {
    /// A bound port that nobody listens on: it refuses, and nobody else can take it meanwhile.
    pub(crate) fn closed() -> Result<Self, StartError> {
        let (socket, address) = bound()?;
        Ok(Self { address, _sockets: vec![socket] })
    }

    /// A listener whose backlog is full: the kernel drops every further SYN, as a firewall that drops does.
    pub(crate) fn blackhole() -> Result<Self, StartError> {
        let (listener, address) = bound()?;
        listener.listen(0).map_err(StartError::io("to listen with no backlog"))?;
        let mut sockets = vec![listener];
        for _ in 0..FILLING {
            let filler = socket()?;
            filler.set_nonblocking(true).map_err(StartError::io("to make a socket non-blocking"))?;
            // Connecting is under way, or refused to go on because the backlog is full: both fill it.
            let _underway = filler.connect(&address.into());
            sockets.push(filler);
        }
        Ok(Self { address, _sockets: sockets })
    }

    /// A listener that nobody accepts from: the kernel completes the connection, and nobody ever answers.
    pub(crate) fn silent() -> Result<Self, StartError> {
        let (listener, address) = bound()?;
        listener.listen(512).map_err(StartError::io("to listen"))?;
        Ok(Self { address, _sockets: vec![listener] })
    }
}

fn socket() -> Result<Socket, StartError> {
    Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).map_err(StartError::io("to make a socket"))
}

fn bound() -> Result<(Socket, SocketAddr), StartError> {
    let socket = socket()?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).map_err(StartError::io("to bind a port"))?;
    let address = socket.local_addr().map_err(StartError::io("to learn a port"))?;
    let address = address.as_socket().unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    Ok((socket, address))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(300);

    #[test]
    fn a_closed_port_refuses() -> Result<(), StartError> {
        let closed = Unreachable::closed()?;
        let refused = TcpStream::connect_timeout(&closed.address, PATIENCE).map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(std::io::ErrorKind::ConnectionRefused));
        Ok(())
    }

    #[test]
    fn a_blackhole_drops_the_handshake() -> Result<(), StartError> {
        let blackhole = Unreachable::blackhole()?;
        let dropped = TcpStream::connect_timeout(&blackhole.address, PATIENCE).map_err(|error| error.kind());
        assert_eq!(dropped.err(), Some(std::io::ErrorKind::TimedOut));
        Ok(())
    }

    #[test]
    fn a_silent_server_completes_the_handshake() -> Result<(), StartError> {
        let silent = Unreachable::silent()?;
        assert!(TcpStream::connect_timeout(&silent.address, PATIENCE).is_ok());
        Ok(())
    }
}
