//! What holds for every file that is opened as a report, over all that is made of it: the diagnosis, the pictures, the Markdown, the
//! comparison, and the report that is saved again.

use std::sync::LazyLock;

use connection_doctor::picture::path::{self, Path};
use connection_doctor::picture::round_trips;
use connection_doctor::picture::transports;
use connection_doctor::picture::waterfall::Waterfall;
use connection_doctor::protocol::json_text;
use connection_doctor::report::changes::{Changes, in_order};
use connection_doctor::report::lives::{TimeOfDay, lives};
use connection_doctor::report::read::{MAX_LENGTH, MAX_OBSERVATIONS, read};
use connection_doctor::report::{Report, SCHEMA};
use connection_doctor::words::Words;

pub static ENGLISH: LazyLock<Words> = LazyLock::new(|| {
    let parts: serde_json::Map<String, serde_json::Value> = serde_json::from_str(include_str!("../../www/texts/en.json")).unwrap();
    let mut words = Words::default();
    parts.values().for_each(|part| _ = words.learn(&part.to_string()));
    words
});

/// What every report has, so that an input may be observations alone: a list of them, or their inside.
const AROUND: &str = r#"{"product":{"name":"connection-doctor","version":"0.1.0"},"started_at":"2026-11-20T10:00:00.000Z","verdict":"works","summary":"s","causes":[],"consequences":[],"unknown":[],"guidance":[],"stopped":false,"requests":7,"profile":{"page_origin":"https://chat.example","page_folder":"/chat/diagnostics/","server":"https://chat.example","application":"auto","chat_page":"/","depth":"full"},"schema":""#;

static OTHER: LazyLock<Report> = LazyLock::new(|| read(&around("[]")).unwrap().again(&ENGLISH).0);

fn around(evidence: &str) -> String {
    [AROUND, SCHEMA, "\",\"evidence\":", evidence, "}"].concat()
}

/// A whole file; or observations, where it begins with a bracket.
pub fn report(data: &[u8]) {
    let text = super::lossy(data);
    let text = if text.starts_with('[') { around(&text) } else { text };
    let saved = match read(&text) {
        Ok(saved) => saved,
        Err(fault) => {
            let words = ENGLISH.say(fault.text());
            assert!(words.ends_with('.') && super::chars(&words) < 400, "{words}");
            return assert_obeyed_by_nobody(&words);
        }
    };
    assert!(text.len() <= MAX_LENGTH && saved.evidence.observations().len() <= MAX_OBSERVATIONS);
    assert!(saved.profile.livekit_token.is_none() && saved.profile.ice_servers.is_empty() && saved.profile.seen.is_empty());
    assert!(super::chars(&saved.told.summary) <= 401 && super::chars(&saved.told.version) <= 41);
    _ = saved.causes();
    let (report, told) = saved.again(&ENGLISH);
    _ = told.differs(&report);

    // Saved again and opened again, it says the same: nothing gets lost. Of nonsense in place of a URL, a mask that was cut in its middle
    // may be made whole once; then redaction has nothing left to do.
    let written = json_text::write(&report).unwrap();
    assert!(written.len() <= 16 * text.len() + 200_000, "{} bytes from {}", written.len(), text.len());
    if written.len() <= MAX_LENGTH {
        let again = read(&written).unwrap();
        let (again, told) = again.again(&ENGLISH);
        assert!(!told.differs(&again));
        let twice = json_text::write(&again).unwrap();
        if twice.len() <= MAX_LENGTH {
            let (last, _) = read(&twice).unwrap().again(&ENGLISH);
            assert_eq!(json_text::write(&last).unwrap(), twice);
        }
        assert!(twice == written || written.contains("hidden-"), "{written}");
    }

    let markdown = report.to_markdown(&ENGLISH);
    assert!(markdown.len() <= 16 * text.len() + 200_000);
    assert_clean(&markdown);
    assert_closed(&markdown);

    pictures(&report);
    let changes = Changes::between(&OTHER, &report);
    assert!(!changes.figures.is_empty() && changes.figures.len() <= 20);
    for text in changes.figures.iter().flat_map(|figure| [&figure.before, &figure.after]).chain(&changes.cautions) {
        assert!(super::chars(&ENGLISH.say(text.clone())) <= 9_000);
    }
    assert!(Changes::between(&report, &report).is_nothing());
    _ = in_order(&OTHER, &report);
    // In no words at all, since the catalogue may not have come.
    let (evidence, verdict) = (report.evidence.clone(), report.verdict);
    let wordless = report.retold(&Words::default());
    assert!(wordless.evidence == evidence && wordless.verdict == verdict);
}

fn pictures(report: &Report) {
    let way = Path::of(report);
    assert!(!way.pieces.is_empty());
    for piece in &way.pieces {
        assert!(path::cites(report, piece).len() <= 10 * report.evidence.observations().len() + 10);
    }
    _ = way.worst();
    let ladder = transports::ladder(report);
    assert!(ladder.len() <= 10);
    _ = transports::left(&ladder);
    let requests = Waterfall::of(&report.evidence);
    assert!(requests.step() > 0 && requests.rows.len() <= report.evidence.observations().len());
    if let Some((_, _, series)) = round_trips::of(&report.evidence) {
        let (from, to) = series.span();
        assert!(from <= to && series.top() > 0);
    }
    let day = TimeOfDay::of(&report.started_at, 60);
    for life in lives(&report.evidence) {
        assert!(ENGLISH.say(life.words(day)).len() < 400);
    }
    assert!(report.told_lives().len() <= report.evidence.observations().len());
}

/// Outside of the blocks of code, where it is text: no tag, and no link that is none of ours.
fn assert_clean(markdown: &str) {
    let outside: String = markdown.split("\n```\n").step_by(2).collect::<Vec<_>>().join("\n").to_ascii_lowercase();
    for forbidden in ["<script", "<img", "<svg", "<a ", "](javascript:", "](https://evil"] {
        assert!(!outside.contains(forbidden), "{forbidden} in {outside}");
    }
    assert_obeyed_by_nobody(markdown);
}

/// Nothing that a terminal does, and nothing that turns the direction of what follows.
fn assert_obeyed_by_nobody(text: &str) {
    let obeyed = |c: char| c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!text.contains(obeyed), "{text:?}");
}

/// Blocks of code end where they should, so that nothing gets out of them and nothing gets in.
fn assert_closed(markdown: &str) {
    let fences: Vec<&str> = markdown.lines().filter(|line| line.contains("```")).collect();
    assert!(fences.len().is_multiple_of(2) && fences.iter().all(|line| *line == "```"), "{fences:?}");
}
