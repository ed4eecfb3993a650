//! The budget of a run: at most so many requests in all and at one time, sockets included (invariant 9).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::plan::{MAX_AT_ONCE, MAX_REQUESTS};

#[derive(Default)]
pub struct Budget {
    used: Cell<u32>,
    open: Cell<u32>,
    waiting: RefCell<VecDeque<Waker>>,
}

/// Leave for one request; given back when it is dropped.
pub struct Permit {
    budget: Rc<Budget>,
}

impl Budget {
    /// Waits for a place; `None` when the run has used up its requests.
    pub async fn permit(self: &Rc<Self>) -> Option<Permit> {
        poll_fn(|context| {
            if self.used.get() >= MAX_REQUESTS {
                return Poll::Ready(None);
            }
            if self.open.get() < MAX_AT_ONCE {
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
