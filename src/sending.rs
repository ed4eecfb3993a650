//! Handing a report to who runs the chat: where to, when it is tried again, and when it is dropped. What is sent is the report, which
//! holds no secret: as it is by a plain POST, or as a trace (`sending/otlp.rs`).
//!
//! Pure: the clock, chance and the network belong to who sends. Once a run, and only on a click or by the command line: thousands of
//! copies must never be a load on the one thing that is already in trouble.

pub mod otlp;

use crate::address::Address;
use crate::profile::Targets;
use crate::protocol::json::{self, Value};
use crate::redact;

/// Attempts at most, the first included.
pub const ATTEMPTS: u32 = 3;
/// All attempts with their waits, in milliseconds.
pub const TIME_LIMIT: u32 = 30_000;
/// One attempt, in milliseconds.
pub const ATTEMPT_LIMIT: u32 = 10_000;
/// The longest wait before the second attempt, in milliseconds; it doubles with each.
pub const FIRST_WAIT: u32 = 2_000;
/// Bytes of an answer that are read.
pub const ANSWER_LIMIT: usize = 16 * 1024;
/// Where a collector takes traces (OTLP specification, OTLP/HTTP request).
pub const TRACES_PATH: &str = "v1/traces";
/// Characters of the other side's words that are kept.
const MESSAGE: usize = 200;

impl Targets {
    /// The origins, each once, for a sentence: a path in it may be a secret.
    #[must_use]
    pub fn origins(&self, page_origin: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for url in [&self.report, &self.otlp].into_iter().flatten() {
            let origin = origin(url, page_origin);
            if !all.contains(&origin) {
                all.push(origin);
            }
        }
        all
    }
}

/// The origin of a target.
#[must_use]
pub fn origin(target: &str, page_origin: &str) -> String {
    Address::parse(target).map_or_else(|| page_origin.to_owned(), |address| address.origin())
}

/// The collector's URL for traces: as it is if it has a path, else the usual one.
#[must_use]
pub fn traces_url(target: &str) -> String {
    let bare = target.split_once("://").is_some_and(|(_, rest)| !rest.trim_end_matches('/').contains(['/', '?']));
    if bare { [target.trim_end_matches('/'), "/", TRACES_PATH].concat() } else { target.to_owned() }
}

/// What one attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A response.
    Status {
        status: u16,
        /// The header `Retry-After`, where it can be read.
        retry_after: Option<String>,
        /// The first [`ANSWER_LIMIT`] bytes of the body.
        body: String,
    },
    /// A network error, a redirect, or no response within [`ATTEMPT_LIMIT`]: a page can't tell these apart.
    Nothing,
    /// The page's own Content-Security-Policy stopped it.
    Forbidden,
}

/// How the sending ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    Sent,
    /// The collector took it in part (OTLP specification, partial success), or took it with a warning.
    Partly {
        /// Spans that it refused.
        refused: u32,
        /// Its words, shortened and without secrets.
        why: String,
    },
    /// An answer that says no, or still said "later" at the end.
    Refused {
        status: u16,
    },
    Unanswered,
    Forbidden,
}

/// What to do after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Over(Delivery),
    /// Once more, after so many milliseconds.
    Again(u32),
}

/// Decides after an attempt. `attempt` counts from 1, `elapsed` is in milliseconds since the first one began, and `chance` is evenly
/// spread over all its values.
///
/// Again on 429, 502, 503, 504 and without an answer alone (OTLP specification, OTLP/HTTP response), after a wait that is chosen evenly
/// between nothing and a limit that doubles, so that many senders do not meet again. `Retry-After` comes before that; where it asks for
/// more time than there is, the report is dropped.
#[must_use]
pub fn next(attempt: u32, elapsed: u32, answer: &Answer, chance: u32) -> Next {
    let (over, asked) = match answer {
        Answer::Status { status: 200..=299, body, .. } => return Next::Over(taken(body)),
        Answer::Status { status, retry_after, .. } => {
            let over = Delivery::Refused { status: *status };
            if !matches!(status, 429 | 502 | 503 | 504) {
                return Next::Over(over);
            }
            (over, retry_after.as_deref().and_then(seconds))
        }
        Answer::Nothing => (Delivery::Unanswered, None),
        Answer::Forbidden => return Next::Over(Delivery::Forbidden),
    };
    let most = FIRST_WAIT.saturating_mul(1 << attempt.saturating_sub(1).min(8));
    let jitter = ((u64::from(chance) * u64::from(most)) >> 32) as u32;
    // Those who were told one time are not to come back at one moment either.
    let wait = asked.map_or(jitter, |asked| asked.saturating_mul(1000).saturating_add(jitter));
    if attempt >= ATTEMPTS || elapsed.saturating_add(wait) >= TIME_LIMIT { Next::Over(over) } else { Next::Again(wait) }
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3). Of a date nothing is taken: it would be compared with this device's clock.
fn seconds(text: &str) -> Option<u32> {
    let text = text.trim();
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().unwrap_or(u32::MAX)).filter(|_| !text.is_empty())
}

/// What an answer of success says (`ExportTraceServiceResponse`). Any other body is success too: a plain POST has no form for it.
fn taken(body: &str) -> Delivery {
    let all = json::parse_up_to(body, ANSWER_LIMIT).unwrap_or(Value::Null);
    let Some(part) = all.get("partialSuccess") else { return Delivery::Sent };
    let refused = match part.get("rejectedSpans") {
        // 64 bits are a text in protobuf's JSON; some write a number.
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        Some(number) => number.as_f64().map_or(0, |n| n as u32),
        None => 0,
    };
    let why = redact::start(part.get("errorMessage").and_then(Value::as_str).unwrap_or("").trim(), MESSAGE, redact::text);
    if refused == 0 && why.is_empty() { Delivery::Sent } else { Delivery::Partly { refused, why } }
}

#[cfg(test)]
mod tests {
    use super::{ATTEMPTS, Answer, Delivery, FIRST_WAIT, Next, TIME_LIMIT, Targets, next, traces_url};

    fn status(status: u16, retry_after: Option<&str>, body: &str) -> Answer {
        Answer::Status { status, retry_after: retry_after.map(str::to_owned), body: body.to_owned() }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for code in [429, 502, 503, 504] {
            assert!(matches!(next(1, 0, &status(code, None, ""), 7), Next::Again(_)), "{code}");
        }
        assert!(matches!(next(1, 0, &Answer::Nothing, 7), Next::Again(_)));
        for code in [100, 301, 304, 400, 401, 403, 404, 408, 413, 415, 500, 501, 505, 599] {
            assert_eq!(next(1, 0, &status(code, Some("1"), ""), 7), Next::Over(Delivery::Refused { status: code }));
        }
        assert_eq!(next(1, 0, &Answer::Forbidden, 7), Next::Over(Delivery::Forbidden));
    }

    #[test]
    fn waits_double_and_are_spread_from_nothing_on() {
        assert_eq!(next(1, 0, &Answer::Nothing, 0), Next::Again(0));
        assert_eq!(next(1, 0, &Answer::Nothing, u32::MAX), Next::Again(FIRST_WAIT - 1));
        assert_eq!(next(2, 0, &Answer::Nothing, u32::MAX), Next::Again(2 * FIRST_WAIT - 1));
        assert_eq!(next(2, 0, &Answer::Nothing, 1 << 31), Next::Again(FIRST_WAIT));
    }

    #[test]
    fn retry_after_is_honoured_within_the_limit() {
        assert_eq!(next(1, 0, &status(503, Some("5"), ""), 0), Next::Again(5_000));
        assert_eq!(next(1, 0, &status(429, Some(" 5 "), ""), u32::MAX), Next::Again(5_000 + FIRST_WAIT - 1));
        for later in ["31", "3600", "99999999999999999999"] {
            assert_eq!(next(1, 0, &status(503, Some(later), ""), 0), Next::Over(Delivery::Refused { status: 503 }), "{later}");
        }
        for nothing in ["", "soon", "-1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT"] {
            assert_eq!(next(1, 0, &status(503, Some(nothing), ""), 0), Next::Again(0), "{nothing}");
        }
    }

    /// Whatever the other side does, and by whatever chance: bounded in attempts and in time.
    #[test]
    fn it_always_ends() {
        for chance in [0, 1 << 30, u32::MAX] {
            for took in [0, 1, 9_999, 10_000] {
                for answer in [Answer::Nothing, status(503, None, ""), status(429, Some("9"), "")] {
                    let (mut attempt, mut elapsed) = (1, took);
                    while let Next::Again(wait) = next(attempt, elapsed, &answer, chance) {
                        attempt += 1;
                        elapsed += wait + took;
                    }
                    assert!(attempt <= ATTEMPTS && elapsed < TIME_LIMIT + 10_000, "{attempt} {elapsed}");
                }
            }
        }
        assert!(matches!(next(1, TIME_LIMIT, &Answer::Nothing, 0), Next::Over(Delivery::Unanswered)));
    }

    #[test]
    fn a_partial_success_is_told() {
        let told = |body: &str| match next(1, 0, &status(200, None, body), 0) {
            Next::Over(delivery) => delivery,
            Next::Again(_) => panic!("{body}"),
        };
        let partly = |refused, why: &str| Delivery::Partly { refused, why: why.to_owned() };
        assert_eq!(told(r#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}"#), partly(2, "too old"));
        assert_eq!(told(r#"{"partialSuccess":{"rejectedSpans":2}}"#), partly(2, ""));
        assert_eq!(told(r#"{"partialSuccess":{"errorMessage":"a warning"}}"#), partly(0, "a warning"));
        let long = format!(r#"{{"partialSuccess":{{"rejectedSpans":"1","errorMessage":"{}"}}}}"#, "x ".repeat(2_000));
        assert!(matches!(told(&long), Delivery::Partly { refused: 1, why } if why.len() < 250));
        for whole in ["", "{}", r#"{"partialSuccess":{}}"#, r#"{"partialSuccess":{"rejectedSpans":"0"}}"#, r#"{"partialSuccess":7}"#, "<html>", "[", "null"] {
            assert_eq!(told(whole), Delivery::Sent, "{whole}");
        }
    }

    #[test]
    fn a_collector_without_a_path_has_the_usual_one() {
        assert_eq!(traces_url("http://127.0.0.1:4318"), "http://127.0.0.1:4318/v1/traces");
        assert_eq!(traces_url("https://otel.example/"), "https://otel.example/v1/traces");
        for whole in ["https://otel.example/otlp/v1/traces", "https://otel.example/x?key=1", "https://otel.example?key=1", "/otlp"] {
            assert_eq!(traces_url(whole), whole);
        }
    }

    #[test]
    fn a_sentence_names_each_origin_once_and_no_path() {
        let targets = Targets { report: Some("/reports".into()), otlp: Some("https://otel.example/secret/v1/traces".into()) };
        assert_eq!(targets.origins("https://chat.example"), ["https://chat.example", "https://otel.example"]);
        let same = Targets { report: Some("https://otel.example/r".into()), ..targets };
        assert_eq!(same.origins("https://chat.example"), ["https://otel.example"]);
    }
}
