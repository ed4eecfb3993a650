//! # STR001 buffered
//!
//! ## What it means
//! Answers that should come word by word are held back on the way and come all at once.
//!
//! ## How it is recognised
//! With the documented handler (`www/server-help`), which tells when it sent each event: of at least five events the first came late by more
//! than half of the time over which they were sent, and by 0.4 s, while later ones came at once, and no other stream of the run flowed. With any other stream: at least five events came in one
//! burst (one or two pieces within 50 ms), after at least 0.6 s of nothing and ten times as long as a small request to the same server takes; or all of them but a rest came in
//! at least two blocks of one size, a whole number of kilobytes, each after a pause of 0.4 s and with at least five events. Then it only fits.
//! The answer names no `content-encoding` (else STR003). Or not even headers came, within three seconds, while a small request takes a tenth of that: that only
//! fits, and is information.
//!
//! ## What it does not mean
//! A server that works for a while and then writes everything at once looks the same without the handler, and one that has nothing to say yet like one
//! that is held back.
//!
//! ## What to do
//! The operator switches buffering off for the stream's path.
//!
//! ## References
//! nginx `proxy_buffering` and `X-Accel-Buffering`; WHATWG HTML section 9.2; measured in Chromium and Firefox: headers and all bytes come together.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Stream, StreamEnd};
use crate::guidance::{Guidance, seconds};
use crate::platforms::{gateway::Need, operator};
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "STR001", name: "buffered", explains: &[], check, guide };

/// Events that tell a burst from a flow.
const EVENTS: u32 = 5;

/// How a stream came.
pub(super) enum Flow {
    /// As it was sent, or with nothing to say against it.
    Free,
    /// Held back for so many milliseconds. `told`: by the server's own times.
    Held { by: u32, told: bool },
    /// Too little came to say.
    Little,
}

pub(super) fn flow(stream: &Stream, quick: Option<u32>) -> Flow {
    if stream.ours {
        return by_its_word(stream);
    }
    let (Some(first), Some(last)) = (stream.arrivals.first(), stream.arrivals.last()) else { return Flow::Little };
    if stream.events < EVENTS {
        return Flow::Little;
    }
    let (waited, burst) = (first.after, last.after.saturating_sub(first.after));
    let Some(quick) = quick else { return Flow::Little };
    let ended = matches!(stream.end, StreamEnd::Whole { .. });
    // A server that thinks for long and then writes fast sends in many pieces still.
    let at_once = burst <= 50 && stream.arrivals.len() <= 2;
    let held = ended && waited >= 600 && waited >= quick.saturating_mul(10) && at_once;
    match in_blocks(stream) {
        _ if held => Flow::Held { by: waited, told: false },
        Some(by) => Flow::Held { by, told: false },
        None => Flow::Free,
    }
}

/// Whether events came in blocks of one and the same round size, each after a pause: a buffer that was filled first (nginx's is a page of
/// memory, 4 kB). For how long at most, in milliseconds.
fn in_blocks(stream: &Stream) -> Option<u32> {
    // (pause before it, bytes, events): what comes within a moment is one block, however the line cut it.
    let mut blocks: Vec<(u32, u32, u32)> = Vec::new();
    let mut last = 0;
    for arrival in &stream.arrivals {
        match blocks.last_mut() {
            Some(block) if arrival.after.saturating_sub(last) < 40 => {
                block.1 = block.1.saturating_add(arrival.bytes);
                block.2 = block.2.saturating_add(arrival.events);
            }
            _ => blocks.push((arrival.after.saturating_sub(last), arrival.bytes, arrival.events)),
        }
        last = arrival.after;
    }
    let size = blocks.first()?.1;
    let whole: Vec<u32> = blocks.iter().filter(|(pause, bytes, events)| *bytes == size && *pause >= 400 && *events >= EVENTS).map(|(pause, ..)| *pause).collect();
    let all_but_the_rest = whole.len() + 1 >= blocks.len();
    if size >= 1_024 && size.is_multiple_of(1_024) && whole.len() >= 2 && all_but_the_rest { whole.into_iter().max() } else { None }
}

/// How much later than the promptest each event came, and over which time they were sent.
fn by_its_word(stream: &Stream) -> Flow {
    let sent: Vec<(u32, u32, u32)> = stream.arrivals.iter().filter_map(|a| a.sent.map(|(first, last)| (a.after, first, last))).collect();
    let (Some(begin), Some(end)) = (sent.iter().map(|(_, first, _)| *first).min(), sent.iter().map(|(_, _, last)| *last).max()) else { return Flow::Little };
    let span = end.saturating_sub(begin);
    if stream.events < EVENTS || span < 500 {
        return Flow::Little;
    }
    // The promptest event stands for the line; clocks of both sides run apart by a constant.
    let promptest = sent.iter().map(|(after, _, last)| i64::from(*after) - i64::from(*last)).min().unwrap_or(0);
    // What a hop holds back is the beginning; a page that stands still in the middle has the first events in time.
    let latest = sent.first().map_or(0, |(after, first, _)| i64::from(*after) - i64::from(*first) - promptest);
    let by = u32::try_from(latest).unwrap_or(0);
    if by >= 400 && by > span / 2 { Flow::Held { by, told: true } } else { Flow::Free }
}

/// The stream that was held back, and for how long.
pub(super) fn held<'a>(survey: &Survey<'a>) -> Option<(Cite, &'a Stream, u32, bool)> {
    let quick = survey.small_request();
    // One that flowed in the same run refutes the rest.
    if survey.evidence.streams().any(|(_, s)| s.ours && s.by == "fetch" && matches!(flow(s, None), Flow::Free)) {
        return None;
    }
    survey.evidence.streams().filter(|(_, s)| s.by == "fetch").find_map(|(cite, stream)| match flow(stream, quick.map(|(_, ms)| ms)) {
        Flow::Held { by, told } => Some((cite, stream, by, told)),
        Flow::Free | Flow::Little => None,
    })
}

/// Whether a readable header says that the answer is compressed.
pub(super) fn encoding(stream: &Stream) -> Option<&str> {
    stream.header("content-encoding").filter(|e| !e.is_empty() && !e.eq_ignore_ascii_case("identity"))
}

/// The finding of a stream that was held back.
pub(super) fn finding(rule: &Rule, survey: &Survey, cite: Cite, by: u32, told: bool) -> Finding {
    let confidence = if told { Confidence::Observed } else { Confidence::Correlated };
    let control = survey.small_request().map(|(c, _)| c);
    rule.finding(Severity::Degrades, confidence, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(cite, control)).with("held-ms", by.to_string())
}

fn check(survey: &Survey) -> Outcome {
    if survey.profile.stream_url.is_none() {
        return Outcome::Unknown { missing: english!("the address of a stream: the setting stream-url") };
    }
    if let Some(outcome) = nothing_came(survey) {
        return outcome;
    }
    let Some((cite, stream, by, told)) = held(survey) else {
        let said = survey.evidence.streams().any(|(_, s)| matches!(flow(s, survey.small_request().map(|(_, ms)| ms)), Flow::Free));
        return if said { Outcome::Clear } else { Outcome::Unknown { missing: english!("a stream of at least five events") } };
    };
    if encoding(stream).is_some() {
        return Outcome::Clear;
    }
    if survey.is_spoilt(&[cite]) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    Outcome::Fires(finding(&RULE, survey, cite, by, told).with("events", stream.events.to_string()))
}

/// Not even the headers of a stream that has no end came, while the same server answers small requests at once: something holds it back, or the
/// application has nothing to say yet: many send their headers with their first event.
fn nothing_came(survey: &Survey) -> Option<Outcome> {
    let silent = |s: &Stream| s.end == StreamEnd::Silent && s.responded_after.is_none() && s.arrivals.is_empty();
    let (cite, stream) = survey.streams_all(silent)?;
    let (control, quick) = survey.small_request()?;
    if stream.ended_after < WAITED || quick > WAITED / 10 {
        return None;
    }
    let finding = RULE.finding(Severity::Info, Confidence::Correlated, &[Party::SiteOperator], Cites::of(cite, [control]));
    Some(super::timed(survey, finding.with("how", "nothing").with("held-ms", stream.ended_after.to_string())))
}

/// What a stream may take to begin, in milliseconds.
const WAITED: u32 = 3_000;

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let by = seconds(finding.param("held-ms").parse().unwrap_or(0));
    if finding.param("how") == "nothing" {
        let person = Guidance::person(&finding.code, t!("The chat's streamed answer has not begun while this page looked: it is held back, or there is nothing to say yet.")).or_hand_on();
        let operator = Guidance::operator(&finding.code, t!("Find out whether something holds the stream back."))
            .step(t!("Not even its headers came within {time}, while other requests are answered at once. A gateway that buffers keeps all of it until enough has come together; an application that has nothing to say yet looks the same.", time = by))
            .step_with(t!("Ask the application itself, past the gateway. If lines come there, it is the gateway:"), "curl -N -i --compressed \"http://127.0.0.1:8000/STREAM\"");
        return vec![person, advice(operator, survey)];
    }
    let person = Guidance::person(&finding.code, t!("The chat's answers do not come word by word; they are held back and then come all at once."))
        .step(t!("Your answers are complete, only late: wait for them."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Switch buffering off for the path that streams.")).step(t!("Events were held back for {time}.", time = by));
    vec![person, advice(both(operator, finding), survey)]
}

/// Without the documented handler there are two causes, and what tells them apart.
pub(super) fn both(operator: Guidance, finding: &Finding) -> Guidance {
    if finding.confidence == Confidence::Observed {
        return operator;
    }
    operator.step_with(t!("Or the server itself wrote all of it at once, after working so long: then nothing on the way is at fault. Ask the application itself, past the gateway. If the lines come one by one there, it is the gateway:"), "curl -N -i --compressed \"http://127.0.0.1:8000/STREAM\"")
}

/// What lets a stream pass.
pub(super) fn advice(operator: Guidance, survey: &Survey) -> Guidance {
    operator::settings(operator, survey, Need::Buffering)
        .step_with(t!("Or from the application, in each answer that streams; nginx and those built on it obey it:"), "X-Accel-Buffering: no")
        .step_with(t!("See it with your own eyes, compressed as a browser asks for it: lines have to come one by one."), "curl -N -i --compressed \"https://HOST/STREAM\"")
        .recheck(t!("curl shows the lines one by one, and this page no longer says so."))
        .limits(t!("What the model takes to think before its first word is not the gateway's."))
}
