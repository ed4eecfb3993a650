//! A line with latency: what comes in on one side goes out on the other so much later, in both directions.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

/// How many chunks may be on their way in one direction.
const CHUNKS_UNDERWAY: usize = 1024;

/// A slow line at work; it stops when dropped.
#[derive(Debug)]
pub(crate) struct SlowLine {
    accepting: JoinHandle<()>,
}

impl SlowLine {
    /// Carries every connection of the listener to `far`, each chunk `latency` later.
    pub(crate) fn start(listener: TcpListener, far: SocketAddr, latency: Duration) -> Self {
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    Ok((near, _)) = listener.accept() => {
                        connections.spawn(async move {
                            // A broken connection ends both its sides, which is all that there is to do.
                            let _broken = carry(near, far, latency).await;
                        });
                    }
                    Some(_ended) = connections.join_next() => {}
                }
            }
        });
        Self { accepting }
    }
}

impl Drop for SlowLine {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(near: TcpStream, far: SocketAddr, latency: Duration) -> io::Result<()> {
    let far = TcpStream::connect(far).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    tokio::try_join!(delayed(near_read, far_write, latency), delayed(far_read, near_write, latency)).map(drop)
}

/// Carries what goes over two connections that are there already.
pub(crate) async fn carry_between(near: &mut TcpStream, far: &mut TcpStream, latency: Duration) -> io::Result<()> {
    let (near_read, near_write) = near.split();
    let (far_read, far_write) = far.split();
    tokio::try_join!(delayed(near_read, far_write, latency), delayed(far_read, near_write, latency)).map(drop)
}

async fn delayed(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, latency: Duration) -> io::Result<()> {
    let (underway, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS_UNDERWAY);
    let departing = async move {
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let read = from.read(&mut chunk).await?;
            let bytes = chunk.get(..read).unwrap_or_default().to_vec();
            // An empty chunk is the end, and is as late as everything else.
            if underway.send((Instant::now() + latency, bytes)).await.is_err() || read == 0 {
                return Ok::<(), io::Error>(());
            }
        }
    };
    let landing = async move {
        while let Some((due, bytes)) = arriving.recv().await {
            tokio::time::sleep_until(due).await;
            if bytes.is_empty() {
                break;
            }
            to.write_all(&bytes).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(departing, landing).map(drop)
}
