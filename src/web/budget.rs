//! The budget of a run: at most so many requests in all and at one time, sockets included (invariant 9).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::plan::Limits;

pub struct Budget {
    requests: u32,
    at_once: u32,
    used: Cell<u32>,
    open: Cell<u32>,
    waiting: RefCell<VecDeque<Waker>>,
}

/// Leave for one request; given back when it is dropped.
pub struct Permit {
    budget: Rc<Budget>,
}

impl Budget {
    pub fn of(limits: &Limits) -> Budget {
        Budget { requests: limits.requests, at_once: limits.at_once, used: Cell::new(0), open: Cell::new(0), waiting: RefCell::default() }
    }

    /// Takes so many requests that somebody else makes; none where they are not there any more.
    pub fn spend(&self, requests: u32) -> bool {
        let enough = self.used.get() + requests <= self.requests;
        if enough {
            self.used.set(self.used.get() + requests);
        }
        enough
    }

    /// Waits for a place; `None` when the run has used up its requests.
    pub async fn permit(self: &Rc<Self>) -> Option<Permit> {
        poll_fn(|context| {
            if self.used.get() >= self.requests {
                return Poll::Ready(None);
            }
            if self.open.get() < self.at_once {
                self.used.set(self.used.get() + 1);
                self.open.set(self.open.get() + 1);
                return Poll::Ready(Some(Permit { budget: Rc::clone(self) }));
            }
            self.waiting.borrow_mut().push_back(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    pub fn used(&self) -> u32 {
        self.used.get()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.budget.open.set(self.budget.open.get().saturating_sub(1));
        // All are woken: one of them may belong to a step that has ended since.
        let waiting = std::mem::take(&mut *self.budget.waiting.borrow_mut());
        waiting.into_iter().for_each(Waker::wake);
    }
}
