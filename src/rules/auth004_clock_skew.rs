//! # AUTH004 clock-skew
//!
//! ## What it means
//! This device's clock and the server's differ, and sign-ins that are valid for a time only may be refused because of it.
//!
//! ## How it is recognised
//! At least two answers of the server carry a readable `Date`; with the round trip and the `Age` taken out they agree with each other
//! within seconds, and differ from this device's clock by more than 60 s and the round trip. Up to five minutes it is information,
//! beyond that it degrades, and where a sign-in that this browser holds is refused, and so small a difference decides over it (it
//! is called not yet valid, or its own end date is about now), it blocks. A sign-in that is stale by any clock leaves it information.
//! Where two answers of the engine, or of the endpoints of health and of who is signed in, carry it, they alone decide: files may come from another host. Where
//! the files then agree with this device, it is the server's clock that is wrong (`whose`). Files alone are information: they may be old copies.
//!
//! ## What it does not mean
//! Else it does not say whose clock is wrong: a second site tells. To servers of other origins it can't be seen, since `Date` is not exposed.
//!
//! ## What to do
//! Set the device's clock by itself; if other sites agree with the device, the server's clock is the wrong one.
//!
//! ## References
//! RFC 9110 section 6.6.1 (`Date`); RFC 7519 sections 4.1.4 and 4.1.5: a small leeway only, usually no more than a few minutes.

use super::auth003_sign_in_stale;
use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::{self, Survey};
use crate::words::Text;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "AUTH004", name: "clock-skew", explains: &["AUTH002", "AUTH003"], check, guide };

/// Seconds from which on a difference is worth a word, and from which on it does harm.
const NOTICED: u32 = 60;
const HARMS: u32 = 300;

fn check(survey: &Survey) -> Outcome {
    let Some((cites, offset, round_trip)) = survey.clock_offset() else {
        return Outcome::Unknown { missing: english!("two answers of the server that agree on the time") };
    };
    let apart = offset.unsigned_abs();
    if apart <= NOTICED + round_trip / 1000 {
        return Outcome::Clear;
    }
    // That nobody is signed in is no clock's fault: a sign-in that is there has to be refused.
    let stale = matches!((auth003_sign_in_stale::RULE.check)(survey), Outcome::Fires(_));
    let refused = survey.sign_in_refused().map(|(c, _)| c).filter(|_| stale);
    if stale && !can_explain(survey, apart) {
        // The sign-in is stale by any clock.
        let Some(cites) = Cites::from_all(cites) else { return Outcome::Clear };
        return Outcome::Fires(told(RULE.finding(Severity::Info, Confidence::Observed, PARTIES, cites), offset));
    }
    let by_application = survey.evidence.exchanges().any(|(cite, x)| cites.contains(&cite) && survey::tells_applications_time(x));
    // Two clocks of three agree, and this device's is one of them.
    let files = survey.clock_of_files().filter(|(_, seen, took)| by_application && seen.unsigned_abs() <= NOTICED + took / 1000);
    let severity = match (refused, apart > HARMS) {
        _ if !by_application => Severity::Info,
        (Some(_), _) => Severity::Blocks,
        (None, true) => Severity::Degrades,
        (None, false) => Severity::Info,
    };
    let servers = files.is_some();
    let parties = if servers { &PARTIES[1..] } else { PARTIES };
    let witnesses = files.map(|(cites, ..)| cites).unwrap_or_default();
    let Some(cites) = Cites::from_all(cites.into_iter().chain(refused).chain(witnesses)) else { return Outcome::Clear };
    let finding = told(RULE.finding(severity, Confidence::Observed, parties, cites), offset);
    Outcome::Fires(if servers { finding.with("whose", "server") } else { finding })
}

const PARTIES: &[Party] = &[Party::User, Party::SiteOperator];

fn told(finding: Finding, offset: i32) -> Finding {
    finding.with("seconds", offset.unsigned_abs().to_string()).with("device", if offset < 0 { "ahead" } else { "behind" })
}

/// Whether so many seconds decide over the sign-in that is refused: it is said to be not yet valid, or ends about now.
fn can_explain(survey: &Survey, apart: u32) -> bool {
    let why = match (auth003_sign_in_stale::RULE.check)(survey) {
        Outcome::Fires(finding) => finding.param("why").to_owned(),
        _ => String::new(),
    };
    let near = |seconds: i32| seconds.unsigned_abs() <= apart.saturating_add(NOTICED);
    let ends_now = survey.evidence.storage().is_some_and(|(_, s)| s.keys.iter().any(|k| k.expires_in.is_some_and(near)));
    why == "not-yet-valid" || matches!(why.as_str(), "" | "expired") && ends_now
}

fn apart(finding: &Finding) -> Text {
    span(finding.param("seconds").parse().unwrap_or(0))
}

/// A time in the unit that people think in.
pub(super) fn span(seconds: u32) -> Text {
    let (count, unit) = match seconds {
        0..=119 => (seconds, t!("{count} seconds")),
        // A clock of another time zone is apart by whole hours, and the answer was on its way for a moment.
        120..=7_169 => ((seconds + 30) / 60, t!("{count} minutes")),
        7_170..=170_999 => ((seconds + 1_800) / 3_600, t!("{count} hours")),
        _ => ((seconds + 43_200) / 86_400, t!("{count} days")),
    };
    unit.with(vec![("count", count.to_string().into())])
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let apart = apart(finding);
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("This device’s clock and the chat’s server’s are {time} apart, which does no harm so far.", time = apart))];
    }
    let ahead = finding.param("device") == "ahead";
    let servers = finding.param("whose") == "server";
    let title = if servers {
        t!("The chat’s server has another time than this device and its own files, {time} apart, and sign-ins may fail because of it.", time = apart)
    } else {
        t!("This device’s clock and the chat’s server’s are {time} apart, and sign-ins may fail because of it.", time = apart)
    };
    let person = Guidance::person(&finding.code, title);
    let person = if servers { person.hand_on() } else { person
        .step(if ahead { t!("By the server’s clock this device is ahead.") } else { t!("By the server’s clock this device is behind.") })
        .step(t!("Let the device set date, time and time zone by itself: it is a switch in the system’s settings under date and time."))
        .step(t!("If the device’s time is right (compare it with another device), the server’s is wrong: send the report to whoever runs this chat."))
        .recheck(t!("Reload, and run this page again: it no longer says so.")) };
    let measured = if ahead {
        t!("The Date of your answers and this device's clock are {seconds} seconds apart; the device is ahead.")
    } else {
        t!("The Date of your answers and this device's clock are {seconds} seconds apart; the device is behind.")
    };
    let operator = Guidance::operator(&finding.code, t!("Make sure that the server's clock is right."))
        .step(measured.with(vec![("seconds", finding.param("seconds").into())]));
    let operator = if servers {
        operator.step(t!("Files of the same origin agree with this device: it is the clock of the host that answers at {path} which is wrong, the application's or that of its gateway.", path = operator::path(survey)))
    } else {
        operator
    };
    let operator = operator
        .step_with(t!("On the server (for a container: its host); the second line switches the setting by the network on:"), "timedatectl status\ntimedatectl set-ntp true")
        .step(t!("Tokens are checked against the clock: allow a leeway of a minute for the claims iat, nbf and exp."))
        .recheck(t!("“System clock synchronized: yes”, and on a device whose clock is right this page no longer says so."))
        .limits(t!("One person's wrong clock can't be mended on the server."));
    vec![person, operator]
}
