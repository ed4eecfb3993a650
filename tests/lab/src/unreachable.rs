//! Addresses on loopback that answer nothing: closed, dropping all that comes, or accepting and silent.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

use crate::error::StartError;

/// More connections than a backlog of one can take, so that the next SYN is dropped.
const FILLING: usize = 8;
/// How often another port is tried where somebody has the same one for datagrams.
const TRIES: usize = 16;

/// An address that answers nothing, for as long as it is kept.
#[derive(Debug)]
pub(crate) struct Unreachable {
    pub(crate) address: SocketAddr,
    _sockets: Vec<Socket>,
}

impl Unreachable {
    /// A bound port that nobody listens on: it refuses connections and datagrams, and nobody else can take it meanwhile.
    pub(crate) fn closed() -> Result<Self, StartError> {
        let (socket, datagrams, address) = bound_twice()?;
        // What comes from anybody but the one that it is connected to is answered as if nobody were there.
        datagrams.connect(&address.into()).map_err(StartError::io("to connect a port to itself"))?;
        Ok(Self { address, _sockets: vec![socket, datagrams] })
    }

    /// A listener whose backlog is full: the kernel drops every further SYN, as a firewall that drops does; and datagrams that
    /// nobody reads.
    pub(crate) fn blackhole() -> Result<Self, StartError> {
        let (listener, datagrams, address) = bound_twice()?;
        listener.listen(0).map_err(StartError::io("to listen with no backlog"))?;
        let mut sockets = vec![listener, datagrams];
        for _ in 0..FILLING {
            let filler = socket(Type::STREAM)?;
            filler.set_nonblocking(true).map_err(StartError::io("to make a socket non-blocking"))?;
            // Connecting is under way, or refused to go on because the backlog is full: both fill it.
            let _underway = filler.connect(&address.into());
            sockets.push(filler);
        }
        Ok(Self { address, _sockets: sockets })
    }

    /// Datagrams to this address vanish; connections are somebody else's.
    pub(crate) fn mute(address: SocketAddr) -> Result<Self, StartError> {
        let datagrams = socket(Type::DGRAM)?;
        datagrams.bind(&address.into()).map_err(StartError::io("to bind a port"))?;
        Ok(Self { address, _sockets: vec![datagrams] })
    }

    /// A listener that nobody accepts from: the kernel completes the connection, and nobody ever answers; nor any datagram.
    pub(crate) fn silent() -> Result<Self, StartError> {
        let (listener, datagrams, address) = bound_twice()?;
        listener.listen(512).map_err(StartError::io("to listen"))?;
        Ok(Self { address, _sockets: vec![listener, datagrams] })
    }
}

fn socket(kind: Type) -> Result<Socket, StartError> {
    Socket::new(Domain::IPV4, kind, None).map_err(StartError::io("to make a socket"))
}

/// A free port for connections.
fn bound() -> Result<(Socket, SocketAddr), StartError> {
    let socket = socket(Type::STREAM)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).map_err(StartError::io("to bind a port"))?;
    let address = socket.local_addr().map_err(StartError::io("to learn a port"))?;
    let address = address.as_socket().unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    Ok((socket, address))
}

/// The same port for connections and for datagrams.
fn bound_twice() -> Result<(Socket, Socket, SocketAddr), StartError> {
    let mut tries = 0;
    loop {
        let (stream, address) = bound()?;
        let datagrams = socket(Type::DGRAM)?;
        tries += 1;
        match datagrams.bind(&address.into()) {
            Ok(()) => return Ok((stream, datagrams, address)),
            Err(_) if tries < TRIES => {}
            Err(error) => return Err(StartError::io("to bind a port for datagrams")(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpStream, UdpSocket};
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(300);

    #[test]
    fn a_closed_port_refuses() -> Result<(), StartError> {
        let closed = Unreachable::closed()?;
        let refused = TcpStream::connect_timeout(&closed.address, PATIENCE).map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(std::io::ErrorKind::ConnectionRefused));
        assert_eq!(answer_to_a_datagram(closed.address), Some(std::io::ErrorKind::ConnectionRefused));
        Ok(())
    }

    #[test]
    fn a_blackhole_drops_the_handshake() -> Result<(), StartError> {
        let blackhole = Unreachable::blackhole()?;
        let dropped = TcpStream::connect_timeout(&blackhole.address, PATIENCE).map_err(|error| error.kind());
        assert_eq!(dropped.err(), Some(std::io::ErrorKind::TimedOut));
        assert_eq!(answer_to_a_datagram(blackhole.address), Some(std::io::ErrorKind::WouldBlock));
        Ok(())
    }

    /// What becomes of a datagram that is sent there, and is waited for to be answered.
    fn answer_to_a_datagram(address: SocketAddr) -> Option<std::io::ErrorKind> {
        let answer = || {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            socket.connect(address)?;
            socket.set_read_timeout(Some(PATIENCE))?;
            socket.send(&[0])?;
            socket.recv(&mut [0])
        };
        answer().err().map(|error: std::io::Error| error.kind())
    }

    #[test]
    fn a_silent_server_completes_the_handshake() -> Result<(), StartError> {
        let silent = Unreachable::silent()?;
        assert!(TcpStream::connect_timeout(&silent.address, PATIENCE).is_ok());
        Ok(())
    }
}
