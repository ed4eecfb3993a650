//! `replay`: a saved report, diagnosed by the rules of this version.

use std::io::{Write, stderr};

use connection_doctor::report::Report;
use connection_doctor::report::read;

use crate::arguments::Replay;
use crate::lang;
use crate::outcome::{How, Outcome};
use crate::progress::Progress;
use crate::saved;
use crate::trouble::Trouble;

/// # Errors
/// Where the file can't be read, or the outcome not be told.
pub fn replay(asked: &Replay) -> Result<u8, Trouble> {
    let words = lang::words(&asked.told.lang);
    let (report, told) = saved::open(&asked.file, &words)?.again(&words);
    let note = if told.differs(&report) { differs(&told, &report) } else { format!("The version that made it ({}) concluded the same.", told.version) };
    let outcome = Outcome { report, how: How::Saved { file: asked.file.display().to_string() }, notes: vec![note] };
    if !Outcome::is_told_in(&asked.told) {
        for note in &outcome.notes {
            // Nobody reads it any more, where it can't be written.
            let _unread = writeln!(stderr(), "{}", crate::formats::printable(note));
        }
    }
    let code = outcome.tell(&asked.told, &words);
    if asked.sending.is_asked() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Trouble::new(format!("This program could not start: {error}.")))?;
        let progress = Progress::new();
        runtime.block_on(asked.sending.send(&outcome.report, &|sentence| progress.note(sentence)));
    }
    code
}

/// What this version concludes otherwise.
fn differs(told: &read::Told, now: &Report) -> String {
    let list = |codes: Vec<&str>| if codes.is_empty() { "no cause".to_owned() } else { codes.join(", ") };
    let was = list(told.causes.iter().map(String::as_str).collect());
    let is = list(now.causes.iter().map(|cause| cause.code.as_str()).collect());
    format!("The version that made it ({}) concluded otherwise: {} ({was}). This version: {} ({is}).", told.version, told.verdict.word(), now.verdict.word())
}
