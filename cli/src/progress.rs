//! What goes on, on the standard error: one line that is redrawn on a terminal, plain lines in a log.

use std::io::{IsTerminal, Write, stderr};

use crate::formats::printable;

/// Longest line that is redrawn, in characters: one that wraps can't be taken back.
const WIDTH: usize = 78;

#[derive(Debug)]
pub struct Progress {
    redraws: bool,
}

impl Progress {
    pub fn new() -> Self {
        Self { redraws: stderr().is_terminal() }
    }

    /// What goes on now.
    pub fn step(&self, text: &str) {
        let text = printable(text);
        let mut out = stderr().lock();
        // Nobody reads it any more, where it can't be written; the run goes on.
        let _unread = if self.redraws {
            let line: String = text.chars().take(WIDTH).collect();
            write!(out, "\r\x1b[2K{line}").and_then(|()| out.flush())
        } else {
            writeln!(out, "{text}")
        };
    }

    /// What stays to be read.
    pub fn note(&self, text: &str) {
        self.clear();
        let _unread = writeln!(stderr().lock(), "{}", printable(text));
    }

    /// Takes the line away, before something else is written.
    pub fn clear(&self) {
        if self.redraws {
            let mut out = stderr().lock();
            let _unread = write!(out, "\r\x1b[2K").and_then(|()| out.flush());
        }
    }
}
