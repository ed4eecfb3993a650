//! Counts what a browser asks of a scenario: the witness of "at most 60 requests and 6 at a time" and of "a run
//! closes what it opened".

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// What has been asked of a scenario's fronts, and what of it is still going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Plain HTTP requests outside the page's own files.
    pub requests: u32,
    /// WebSocket opening handshakes.
    pub handshakes: u32,
    /// Requests for the page's own files.
    pub own_files: u32,
    /// Requests that the browser repeated by itself, because the first was cut off: Firefox does so up to nine times.
    /// They are not among the others.
    pub retries: u32,
    /// Requests and handshakes that have not been answered to the end.
    pub unanswered: u32,
    /// Those of them that are handshakes.
    pub unanswered_handshakes: u32,
    /// WebSockets that are open.
    pub open_sockets: u32,
    /// The most that were unanswered or open at one time, the page's own files left out.
    pub peak: u32,
}

impl Tally {
    /// Nothing is going on any more.
    pub fn is_quiet(&self) -> bool {
        self.unanswered == 0 && self.open_sockets == 0
    }

    fn answered(&mut self, asked: Asked) {
        self.unanswered -= 1;
        if asked == Asked::Handshake {
            self.unanswered_handshakes -= 1;
        }
    }
}

/// A shared [`Tally`]; clones count together.
#[derive(Clone, Debug)]
pub struct Counters {
    tally: Arc<watch::Sender<Tally>>,
    /// What was asked for, method and target, and was cut off without an answer.
    cut_off: Arc<Mutex<HashSet<String>>>,
}

impl Default for Counters {
    fn default() -> Self {
        Self { tally: Arc::new(watch::Sender::new(Tally::default())), cut_off: Arc::default() }
    }
}

/// What a request asks for, as far as counting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    OwnFile,
    Request,
    Handshake,
}

impl Counters {
    /// The count as it stands.
    pub fn tally(&self) -> Tally {
        *self.tally.borrow()
    }

    /// Forgets what has been; what is still going on stays counted as going on.
    pub fn reset(&self) {
        self.cut_off_requests().clear();
        self.tally.send_modify(|tally| {
            let going_on = tally.unanswered + tally.open_sockets;
            let &mut Tally { unanswered, unanswered_handshakes, open_sockets, .. } = tally;
            *tally = Tally { unanswered, unanswered_handshakes, open_sockets, peak: going_on, ..Tally::default() };
        });
    }

    /// Waits until the count is as asked, and tells whether it came to that before the deadline.
    pub async fn wait_until(&self, deadline: Duration, wanted: impl FnMut(&Tally) -> bool) -> bool {
        let mut changes = self.tally.subscribe();
        tokio::time::timeout(deadline, changes.wait_for(wanted)).await.is_ok_and(|seen| seen.is_ok())
    }

    /// Counts a request, by its method and target, from here until the [`Visit`] is dropped.
    pub(crate) fn enter(&self, asked: Asked, target: &str) -> Visit {
        let again = self.cut_off_requests().contains(target);
        self.tally.send_modify(|tally| {
            match asked {
                Asked::OwnFile => {
                    tally.own_files += 1;
                    return;
                }
                Asked::Request if again => tally.retries += 1,
                Asked::Request => tally.requests += 1,
                Asked::Handshake => {
                    tally.handshakes += 1;
                    tally.unanswered_handshakes += 1;
                }
            }
            tally.unanswered += 1;
            tally.peak = tally.peak.max(tally.unanswered + tally.open_sockets);
        });
        let state = if asked == Asked::OwnFile { VisitState::Left } else { VisitState::Unanswered(asked) };
        Visit { counters: self.clone(), state }
    }

    /// The request was cut off without an answer; if it comes again, that is the browser's doing.
    pub(crate) fn cut_off(&self, target: String) {
        self.cut_off_requests().insert(target);
    }

    fn cut_off_requests(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.cut_off.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request or socket while it lasts.
#[derive(Debug)]
pub(crate) struct Visit {
    counters: Counters,
    state: VisitState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum VisitState {
    Unanswered(Asked),
    Open,
    Left,
}

impl Visit {
    /// The handshake was answered 101.
    pub(crate) fn opened(&mut self) {
        let VisitState::Unanswered(asked) = self.state else {
            return;
        };
        self.state = VisitState::Open;
        self.counters.tally.send_modify(|tally| {
            tally.answered(asked);
            tally.open_sockets += 1;
        });
    }

    /// It is over. To be said before the last byte is written: the browser may ask anew the moment it reads it.
    pub(crate) fn leave(&mut self) {
        let was = std::mem::replace(&mut self.state, VisitState::Left);
        self.counters.tally.send_if_modified(|tally| {
            match was {
                VisitState::Unanswered(asked) => tally.answered(asked),
                VisitState::Open => tally.open_sockets -= 1,
                VisitState::Left => return false,
            }
            true
        });
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_keeps_what_is_still_going_on() {
        let counters = Counters::default();
        let mut socket = counters.enter(Asked::Handshake, "GET /socket");
        socket.opened();
        let request = counters.enter(Asked::Request, "GET /socket");
        assert_eq!(counters.tally().peak, 2);
        counters.reset();
        assert_eq!(counters.tally(), Tally { unanswered: 1, open_sockets: 1, peak: 2, ..Tally::default() });
        drop(request);
        drop(socket);
        assert!(counters.tally().is_quiet());
    }

    #[test]
    fn what_the_browser_repeats_by_itself_counts_apart() {
        let counters = Counters::default();
        drop(counters.enter(Asked::Request, "GET /a?t=1"));
        counters.cut_off("GET /a?t=1".to_owned());
        drop(counters.enter(Asked::Request, "GET /a?t=1"));
        drop(counters.enter(Asked::Request, "GET /a?t=2"));
        assert_eq!(counters.tally(), Tally { requests: 2, retries: 1, peak: 1, ..Tally::default() });
    }

    #[test]
    fn the_pages_own_files_count_apart() {
        let counters = Counters::default();
        let _file = counters.enter(Asked::OwnFile, "GET /diagnostics/");
        assert_eq!(counters.tally(), Tally { own_files: 1, ..Tally::default() });
    }
}
