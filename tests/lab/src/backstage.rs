//! The real servers behind a front, and what happens to them by itself in the middle of a run.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::StartError;
use crate::request::Request;
use crate::server::{RunningServer, Server, ServerSetup};

/// What happens once in a run, without anybody doing it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Midway {
    pub(crate) moment: Moment,
    pub(crate) event: Event,
}

/// When it happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// So long after the first request that is for the socket.
    After(Duration),
    /// Just before the so-manieth request of polling that names a session is passed on.
    FollowUp(u32),
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The same as when the scenario is flipped.
    Flip,
    /// The server's process ends, for good.
    ServerEnds,
    /// The server's process ends, and another one, which knows nothing of it, takes its place at once.
    ServerRestarts,
}

/// The servers at work, and who is to be asked: one of them, or what stands before them.
#[derive(Debug)]
pub(crate) struct Backstage {
    midway: Option<Midway>,
    /// The recipe by which a server is started anew.
    server: Server,
    setup: ServerSetup,
    address: Mutex<Option<SocketAddr>>,
    cast: Mutex<Cast>,
    follow_ups: AtomicU32,
    flip: watch::Sender<bool>,
    itself: Weak<Self>,
}

#[derive(Debug, Default)]
struct Cast {
    playing: Vec<RunningServer>,
    /// It is started and waits for the one before it to end.
    next: Option<RunningServer>,
    waiting: Option<JoinHandle<()>>,
}

impl Backstage {
    /// The servers are at work already; `before` is asked in their place where something stands before them.
    pub(crate) async fn new(
        midway: Option<Midway>,
        (server, setup): (Server, ServerSetup),
        playing: Vec<RunningServer>,
        before: Option<SocketAddr>,
        flip: watch::Sender<bool>,
    ) -> Result<Arc<Self>, StartError> {
        let address = before.or_else(|| playing.first().map(|server| server.address));
        let backstage = Arc::new_cyclic(|itself| Self {
            midway,
            server,
            setup,
            address: Mutex::new(address),
            cast: Mutex::new(Cast { playing, ..Cast::default() }),
            follow_ups: AtomicU32::new(0),
            flip,
            itself: itself.clone(),
        });
        backstage.reset().await?;
        Ok(backstage)
    }

    /// Whom to ask.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        *lock(&self.address)
    }

    /// Looks at a request before it is passed on: it may be the moment for something to happen.
    pub(crate) fn saw(&self, request: &Request) {
        let for_socket = request.is_handshake() || request.query.contains("transport=");
        let names_session = !request.is_handshake() && request.query.contains("sid=");
        match self.midway.map(|midway| midway.moment) {
            Some(Moment::After(wait)) if for_socket => self.wait(wait),
            Some(Moment::FollowUp(number)) if names_session => {
                let counted = self.follow_ups.fetch_add(1, Ordering::Relaxed) + 1;
                if counted == number {
                    self.happen();
                }
            }
            _ => {}
        }
    }

    /// Lets it happen so much later, counted from the first time that this is called.
    fn wait(&self, wait: Duration) {
        let itself = self.itself.clone();
        lock(&self.cast).waiting.get_or_insert_with(|| {
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                if let Some(backstage) = itself.upgrade() {
                    backstage.happen();
                }
            })
        });
    }

    fn happen(&self) {
        match self.midway.map(|midway| midway.event) {
            Some(Event::Flip) => {
                self.flip.send_replace(true);
            }
            Some(Event::ServerEnds) => lock(&self.cast).playing.clear(),
            Some(Event::ServerRestarts) => {
                let mut cast = lock(&self.cast);
                if let Some(next) = cast.next.take() {
                    *lock(&self.address) = Some(next.address);
                    cast.playing = vec![next];
                }
            }
            None => {}
        }
    }

    /// Makes everything as it was, for another run.
    pub(crate) async fn reset(&self) -> Result<(), StartError> {
        self.follow_ups.store(0, Ordering::Relaxed);
        let (ended, spent) = {
            let mut cast = lock(&self.cast);
            if let Some(waiting) = cast.waiting.take() {
                waiting.abort();
            }
            (cast.playing.is_empty(), cast.next.is_none())
        };
        match self.midway.map(|midway| midway.event) {
            Some(Event::ServerEnds) if ended => {
                // At the same port: what stands before it knows no other.
                let again = self.server.start(&self.setup).await?;
                lock(&self.cast).playing.extend(again);
            }
            Some(Event::ServerRestarts) if spent => {
                let next = ServerSetup { name: format!("{}.next", self.setup.name), port: None, ..self.setup.clone() };
                lock(&self.cast).next = self.server.start(&next).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends the servers, whoever still has this.
    pub(crate) fn end(&self) {
        let Cast { playing, next, waiting } = std::mem::take(&mut *lock(&self.cast));
        if let Some(waiting) = waiting {
            waiting.abort();
        }
        drop((playing, next));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
