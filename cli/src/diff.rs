//! `diff`: what is different between two saved reports.

use connection_doctor::report::changes::{Changes, Fault};

use crate::arguments::Diff;
use crate::formats::printable_lines;
use crate::lang;
use crate::saved;
use crate::tell;
use crate::trouble::Trouble;

/// As diff(1): 0 where verdict and faults are the same, 1 where they differ.
///
/// # Errors
/// Where a file can't be read, or the outcome not be told.
pub fn diff(asked: &Diff) -> Result<u8, Trouble> {
    let words = lang::words(&asked.lang);
    let read = |path| saved::open(path, &words).map(|saved| saved.again(&words).0);
    let (before, after) = (read(&asked.before)?, read(&asked.after)?);
    let changes = Changes::between(&before, &after);
    let (was, is) = changes.verdicts;
    let mut lines = vec![if was == is { format!("Verdict: {}, as before", is.word()) } else { format!("Verdict: {} -> {}", was.word(), is.word()) }];
    for (title, faults) in [("Gone", &changes.gone), ("New", &changes.new), ("Still there", &changes.same)] {
        lines.extend(faults.iter().map(|Fault { code, name }| format!("{title}: {code} {name}")));
    }
    for figure in &changes.figures {
        let say = |text| if connection_doctor::words::Text::is_empty(text) { "not told".to_owned() } else { words.say(text.clone()) };
        let (label, before, after) = (words.say(figure.label), say(&figure.before), say(&figure.after));
        lines.push(if figure.changed { format!("{label}: {before} -> {after}") } else { format!("{label}: {after}, as before") });
    }
    lines.extend(changes.cautions.iter().map(|caution| format!("Note: {}", words.say(caution.clone()))));
    tell(&printable_lines(&lines.join("\n")))?;
    Ok(u8::from(!changes.is_nothing()))
}
