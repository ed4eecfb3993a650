//! # STR003 compressed-and-delayed
//!
//! ## What it means
//! Answers that should come word by word are compressed on the way, and come all at once.
//!
//! ## How it is recognised
//! As STR001, and the answer has a `content-encoding`.
//!
//! ## What it does not mean
//! Compression alone does no harm: nginx sends on what it has compressed (measured). Compression and buffering are both named, since a page
//! can't ask for an answer without compression.
//!
//! ## What to do
//! The operator takes the stream's type or path out of compression, and looks at buffering besides.
//!
//! ## References
//! RFC 9110 section 8.4; WHATWG Fetch: Accept-Encoding is a forbidden request header.

use super::str001_buffered::{advice, encoding, finding, held};
use super::{Finding, Outcome, Rule};
use crate::guidance::{Guidance, seconds};
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "STR003", name: "compressed-and-delayed", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, stream, by, told)) = held(survey) else {
        return Outcome::Clear;
    };
    let Some(encoding) = encoding(stream) else {
        return Outcome::Clear;
    };
    if survey.is_spoilt(&[cite]) {
        return Outcome::Unknown { missing: english!("a tab that stays in view") };
    }
    Outcome::Fires(finding(&RULE, survey, cite, by, told).with("encoding", encoding))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let by = seconds(finding.param("held-ms").parse().unwrap_or(0));
    let person = Guidance::person(&finding.code, t!("The chat's answers do not come word by word; they are held back and then come all at once."))
        .step(t!("Your answers are complete, only late: wait for them."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Do not compress what streams, and do not buffer it."))
        .step(t!("Events were held back for {time}, and the answer came compressed ({encoding}).", time = by, encoding = finding.param("encoding")))
        .step_with(t!("nginx compresses event streams only if text/event-stream stands in gzip_types: take it out, or in the stream's location:"), "gzip off;")
        .step(t!("In the application: leave text/event-stream out of its compression (Starlette's GZipMiddleware does so by itself from 0.46 on; Express' compression holds events back until res.flush() is called, or until the answer says Cache-Control: no-transform)."));
    vec![person, advice(super::str001_buffered::both(operator, finding), survey)]
}
