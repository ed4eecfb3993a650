//! Why nothing could be told about the chat.

use std::fmt;

/// A sentence or two for the person at the terminal: what did not go, and what to do.
#[derive(Debug)]
pub struct Trouble(String);

impl Trouble {
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
