//! A line for datagrams between callers and their relay, which may lose some of them, or all that carry a call.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::{JoinHandle, JoinSet};

use crate::action::scattered;
use crate::error::StartError;

/// The longest datagram there is.
const DATAGRAM: usize = 64 * 1024;
/// A caller of whose nothing came back for so long is gone: a relay answers at least each refresh of what it keeps.
const IDLE: Duration = Duration::from_secs(600);

/// What a line does with datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// It loses every so-manieth datagram of each caller's. What comes back all comes: each message of a call that goes from one
    /// caller over the relay to another then has that chance once.
    LosesEvery(u32),
    /// It loses so many of a hundred, without a pattern, and the same ones each time: with one, what a browser sends again falls
    /// in with it, and much less is lost of what a page sends.
    LosesPercent(u32),
    /// Everything that is agreed with the relay passes, and nothing that the relay is to carry.
    Mute,
    /// Datagrams longer than this are lost.
    UpTo(usize),
}

impl Line {
    /// Whether the so-manieth datagram of a caller's, counted from one, is lost.
    fn loses(self, number: u32, datagram: &[u8]) -> bool {
        match self {
            Self::LosesEvery(nth) => number.is_multiple_of(nth),
            Self::LosesPercent(percent) => scattered(number) % 100 < percent,
            Self::Mute => is_for_others(datagram),
            Self::UpTo(length) => datagram.len() > length,
        }
    }

    /// Whether what comes back is lost.
    fn loses_answer(self, datagram: &[u8]) -> bool {
        match self {
            Self::LosesEvery(_) | Self::LosesPercent(_) => false,
            Self::Mute => is_for_others(datagram),
            Self::UpTo(length) => datagram.len() > length,
        }
    }
}

/// It is ChannelData, or an indication, which is what Send and Data are (RFC 5766, section 11; RFC 5389, section 6).
fn is_for_others(datagram: &[u8]) -> bool {
    match *datagram {
        [0x40..=0x7f, ..] => true,
        [high @ 0x00..=0x3f, low, ..] => (high & 0x01, low & 0x10) == (0, 0x10),
        _ => false,
    }
}

/// A line at work; it stops when dropped.
#[derive(Debug)]
pub(crate) struct RunningLine {
    pub(crate) address: SocketAddr,
    carrying: JoinHandle<()>,
}

impl RunningLine {
    /// Carries what callers send to `far`, and back.
    pub(crate) async fn start(line: Line, far: SocketAddr) -> Result<Self, StartError> {
        let doing = || StartError::io("to take a port for datagrams");
        let near = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(doing())?;
        let address = near.local_addr().map_err(doing())?;
        let carrying = tokio::spawn(carry(line, Arc::new(near), far));
        Ok(Self { address, carrying })
    }
}

impl Drop for RunningLine {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// One who calls, as the relay sees it: a socket of its own, and how many datagrams it sent.
struct Caller {
    socket: Arc<UdpSocket>,
    sent: u32,
}

async fn carry(line: Line, near: Arc<UdpSocket>, far: SocketAddr) {
    let mut callers: HashMap<SocketAddr, Caller> = HashMap::new();
    let mut answering = JoinSet::new();
    let mut datagram = vec![0; DATAGRAM];
    loop {
        tokio::select! {
            received = near.recv_from(&mut datagram) => {
                // An error is an answer that could not be delivered: its caller went away.
                let Ok((length, from)) = received else { continue };
                let datagram = datagram.get(..length).unwrap_or_default();
                let caller = match callers.entry(from) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => {
                        let Ok(socket) = towards(far).await else { continue };
                        let socket = Arc::new(socket);
                        answering.spawn(answer(line, Arc::clone(&socket), Arc::clone(&near), from));
                        place.insert(Caller { socket, sent: 0 })
                    }
                };
                caller.sent = caller.sent.wrapping_add(1);
                if !line.loses(caller.sent, datagram) {
                    // A datagram that can't be sent is lost, as on any line.
                    let _lost = caller.socket.send(datagram).await;
                }
            }
            Some(gone) = answering.join_next() => {
                if let Ok(caller) = gone {
                    callers.remove(&caller);
                }
            }
        }
    }
}

async fn towards(far: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    socket.connect(far).await?;
    Ok(socket)
}

/// Brings the relay's answers to a caller until none come any more; then says which caller it was.
async fn answer(line: Line, socket: Arc<UdpSocket>, near: Arc<UdpSocket>, caller: SocketAddr) -> SocketAddr {
    let mut datagram = vec![0; DATAGRAM];
    while let Ok(Ok(length)) = tokio::time::timeout(IDLE, socket.recv(&mut datagram)).await {
        let datagram = datagram.get(..length).unwrap_or_default();
        if !line.loses_answer(datagram) {
            let _lost = near.send_to(datagram, caller).await;
        }
    }
    caller
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(300);
    const REQUEST: &[u8] = &[0x00, 0x03, 0, 0];
    const ANSWER: &[u8] = &[0x01, 0x03, 0, 0];
    const SEND: &[u8] = &[0x00, 0x16, 0, 0];
    const DATA: &[u8] = &[0x00, 0x17, 0, 0];
    const CHANNEL_DATA: &[u8] = &[0x40, 0x00, 0, 0];

    /// A far end that says back what it hears, a line to it, and somebody who uses that.
    async fn calling(line: Line) -> Result<(JoinHandle<()>, RunningLine, UdpSocket), StartError> {
        let doing = || StartError::io("to test a line");
        let far = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(doing())?;
        let address = far.local_addr().map_err(doing())?;
        let echo = tokio::spawn(async move {
            let mut datagram = [0; 2048];
            while let Ok((length, from)) = far.recv_from(&mut datagram).await {
                let _lost = far.send_to(&datagram[..length], from).await;
            }
        });
        let line = RunningLine::start(line, address).await?;
        let caller = towards(line.address).await.map_err(doing())?;
        Ok((echo, line, caller))
    }

    async fn heard(caller: &UdpSocket) -> Option<Vec<u8>> {
        let mut datagram = [0; 2048];
        let length = tokio::time::timeout(PATIENCE, caller.recv(&mut datagram)).await.ok()?.ok()?;
        Some(datagram[..length].to_vec())
    }

    #[tokio::test]
    async fn every_so_manieth_datagram_of_each_caller_is_lost() -> Result<(), StartError> {
        let (_echo, line, caller) = calling(Line::LosesEvery(5)).await?;
        let other = towards(line.address).await.map_err(StartError::io("to test a line"))?;
        for caller in [&caller, &other] {
            for number in 1..=10_u8 {
                caller.send(&[number]).await.map_err(StartError::io("to test a line"))?;
            }
            let mut came = Vec::new();
            while let Some(datagram) = heard(caller).await {
                came.extend(datagram);
            }
            assert_eq!(came, [1, 2, 3, 4, 6, 7, 8, 9]);
        }
        Ok(())
    }

    #[test]
    fn so_many_of_a_hundred_are_lost() {
        for begin in [1, 1001, 2001] {
            let lost = (begin..begin + 1000).filter(|&number| Line::LosesPercent(20).loses(number, &[])).count();
            assert!((170..=230).contains(&lost), "{lost}");
        }
    }

    #[tokio::test]
    async fn a_mute_line_carries_what_is_agreed_alone() -> Result<(), StartError> {
        let (_echo, _line, caller) = calling(Line::Mute).await?;
        for (datagram, comes) in [(REQUEST, true), (ANSWER, true), (SEND, false), (DATA, false), (CHANNEL_DATA, false)] {
            caller.send(datagram).await.map_err(StartError::io("to test a line"))?;
            assert_eq!(heard(&caller).await.is_some(), comes, "{datagram:x?}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_narrow_line_loses_what_is_long() -> Result<(), StartError> {
        let (_echo, _line, caller) = calling(Line::UpTo(600)).await?;
        for (length, comes) in [(600, true), (601, false)] {
            caller.send(&vec![0; length]).await.map_err(StartError::io("to test a line"))?;
            assert_eq!(heard(&caller).await.is_some(), comes, "{length}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_dropped_line_frees_its_port() -> Result<(), StartError> {
        let (_echo, line, _caller) = calling(Line::Mute).await?;
        let (address, carrying) = (line.address, &line.carrying);
        assert!(!carrying.is_finished());
        drop(line);
        let freed = async {
            while UdpSocket::bind(address).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, freed).await.is_ok());
        Ok(())
    }
}
