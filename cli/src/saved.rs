//! Opens a report that was saved: a stranger's file, of which no more is read than a report may have.

use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

use connection_doctor::report::read::{self, MAX_LENGTH, Saved};
use connection_doctor::words::Words;

use crate::trouble::Trouble;

/// Reads the file; `-` is the standard input.
///
/// # Errors
/// Where it can't be opened, or is no report that this version reads.
pub fn open(path: &Path, words: &Words) -> Result<Saved, Trouble> {
    let named = |what: &dyn std::fmt::Display| Trouble::new(format!("{}: {what}", path.display()));
    let mut text = Vec::new();
    let from: Box<dyn Read> = if path == Path::new("-") { Box::new(stdin()) } else { Box::new(File::open(path).map_err(|error| named(&error))?) };
    // One byte more tells that it is too long.
    from.take(MAX_LENGTH as u64 + 1).read_to_end(&mut text).map_err(|error| named(&error))?;
    // Cut in the middle of a character it is too long anyway.
    let text = if text.len() > MAX_LENGTH {
        String::from_utf8_lossy(&text).into_owned()
    } else {
        String::from_utf8(text).map_err(|_| named(&"This file is not text."))?
    };
    read::read(&text).map_err(|fault| named(&words.say(fault.text())))
}
