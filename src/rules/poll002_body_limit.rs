//! # POLL002 body-limit
//!
//! ## What it means
//! Something before the server refuses large requests, so long messages fail where the chat uses ordinary requests.
//!
//! ## How it is recognised
//! A POST was answered with 413, be it the smallest packet or one below what the server says it takes (`maxPayload`); or at least two of
//! different sizes were refused with another error or broken off, and a smaller one was taken. An error of the 5xx is a limit's word only where no
//! small request of the run met one (and likewise what was broken off): a server that fails at times fails at large ones too. After the first that is lost a
//! few kB are tried; then the sizes are halved, at most six times. Where 900 kB are taken and the server says that it takes more, 1.1 MB are sent too.
//!
//! ## What it does not mean
//! A POST that does not end in time is a matter of the line. Messages on the WebSocket have limits of their own (WS008). A chat
//! whose page tells its client to use WebSocket alone sends no such requests.
//!
//! ## What to do
//! The operator raises the limit on the socket's path.
//!
//! ## References
//! RFC 9110 section 15.5.14 (413); nginx `client_max_body_size` (1 MB unless set); Engine.IO protocol, maxPayload.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Exchange, Purpose};
use crate::guidance::Guidance;
use crate::platforms::{gateway::Need, operator};
use crate::survey::Survey;
use crate::words::{Phrase, Text};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "POLL002", name: "body-limit", explains: &["POLL003"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if survey.told_not_to_poll() {
        return Outcome::Clear;
    }
    // A 413 to the smallest packet is one too.
    let small = survey.engine_exchanges().find(|(_, x)| x.method == "POST" && x.status() == Some(413));
    let all = survey.large_posts();
    let fails = |x: &Exchange| x.status().is_some_and(|s| s >= 500);
    let large = |x: &Exchange| matches!(x.purpose, Purpose::LargePost | Purpose::LongPoll | Purpose::Poll | Purpose::CloseSession);
    // What small requests meet as well is no matter of the size.
    let at_times = |how: &dyn Fn(&Exchange) -> bool| survey.engine_exchanges().any(|(_, x)| !large(x) && how(x));
    let equal = |x: &Exchange| matches!(x.purpose, Purpose::Handshake | Purpose::FollowUp | Purpose::Companion | Purpose::Repeat);
    let (unsteady, broken) = (at_times(&fails), at_times(&|x| equal(x) && x.rejected()));
    let lost = || all.iter().filter(|(_, _, passed, _)| *passed == Some(false));
    let refused: Vec<_> = lost().filter(|(_, _, _, x)| !(unsteady && fails(x) || broken && x.rejected())).collect();
    let taken = all.iter().filter(|(_, _, passed, _)| *passed == Some(true)).max_by_key(|(_, size, _, _)| *size);
    let too_large = refused.iter().find(|(_, _, _, x)| x.status() == Some(413));
    if refused.is_empty() && small.is_none() {
        if lost().next().is_some() {
            return Outcome::Unknown { missing: english!("large requests to a server that takes every small one") };
        }
        let polls = survey.polls() && survey.polling_works().is_some();
        return if polls && taken.is_none() { Outcome::Unknown { missing: english!("a large request: the longer test sends one") } } else { Outcome::Clear };
    }
    let smallest = refused.iter().map(|(_, size, _, _)| *size).min().or(small.map(|(_, x)| x.sent)).unwrap_or(0);
    // The follow-up of a session is the small one.
    let control = survey.on_path(Purpose::FollowUp).find(|(_, x)| x.engine() == crate::protocol::engine_io::Answer::Taken).map(|(c, _)| c);
    let proven = small.is_some() || too_large.is_some() || refused.len() >= 2 && (taken.is_some() || control.is_some());
    if !proven || taken.is_some_and(|(_, size, _, _)| *size > smallest) {
        return Outcome::Unknown { missing: english!("a smaller request that is taken") };
    }
    let cited = refused.iter().map(|(c, ..)| *c).chain(taken.map(|(c, ..)| *c)).chain(small.map(|(c, _)| c)).chain(control);
    let Some(cites) = Cites::from_all(cited) else {
        return Outcome::Clear;
    };
    let alone = survey.websocket_hello().is_none();
    let finding = RULE.finding(if small.is_some() && alone { Severity::Blocks } else { Severity::Degrades }, Confidence::Observed, &[Party::SiteOperator], cites);
    let status = too_large.or(refused.first()).and_then(|(_, _, _, x)| x.status()).or(small.map(|_| 413)).map_or(String::new(), |s| s.to_string());
    let finding = finding.with("refused-bytes", smallest.to_string()).with("status", status);
    Outcome::Fires(finding.with("passed-bytes", taken.map_or(String::new(), |(_, size, _, _)| size.to_string())).with("max-payload", survey.max_payload().map_or(String::new(), |m| m.to_string())))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("Long messages do not get through to the chat's server; short ones do."))
        .step(t!("Send long texts in parts, and files in a smaller form."))
        .or_hand_on();
    let status = finding.param("status");
    let or = |name: &str, otherwise: Phrase| -> Text {
        match finding.param(name) {
            "" => otherwise.into(),
            bytes => bytes.into(),
        }
    };
    let seen = if status.is_empty() {
        t!("A POST of {size} bytes was refused without an answer; taken: {taken}; the server's own word: {limit}.")
    } else {
        t!("A POST of {size} bytes was refused with {status}; taken: {taken}; the server's own word: {limit}.")
    };
    let operator = Guidance::operator(&finding.code, t!("Raise the limit for request bodies on the socket's path.")).step(seen.with(vec![
        ("size", finding.param("refused-bytes").into()),
        ("status", status.into()),
        ("taken", or("passed-bytes", t!("only small ones"))),
        ("limit", or("max-payload", t!("none"))),
    ]));
    let operator = operator::settings(operator, survey, Need::BodyLimit)
        .recheck(t!("The longer test's large request is taken."))
        .limits(t!("Uploads of files often have a path of their own, and a limit there."));
    vec![person, operator]
}
