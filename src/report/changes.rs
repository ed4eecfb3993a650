//! What is different between two reports: of one chat before and after a repair, or of two browsers. It compares what this version makes of
//! both; what made them differ, nobody can tell from that.

use super::Report;
use crate::diagnose::Verdict;
use crate::evidence::{Evidence, order_by};
use crate::guidance::seconds;
use crate::platforms::{browsers, gateway};
use crate::profile::Depth;
use crate::rules::ws010_high_latency::percentile;
use crate::rules::{Finding, Severity};
use crate::survey::{Live, Survey};
use crate::t;
use crate::words::{Phrase, Text};

/// Two reports, the older one first.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    pub verdicts: (Verdict, Verdict),
    /// Faults that only the older one has.
    pub gone: Vec<Fault>,
    /// Faults that only the newer one has.
    pub new: Vec<Fault>,
    pub same: Vec<Fault>,
    pub figures: Vec<Figure>,
    /// What makes the two hard to compare, each in a sentence.
    pub cautions: Vec<Text>,
}

/// A finding that is more than a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: String,
    pub name: String,
}

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub label: Phrase,
    /// Nothing where that report does not tell.
    pub before: Text,
    pub after: Text,
    /// Whether they differ by more than what differs from one run to the next.
    pub changed: bool,
}

/// Two measured times within this share of each other, or within [`NOISE`], are alike.
const SHARE: u32 = 4;
/// Microseconds.
const NOISE: u32 = 5_000;

/// Which of both is the older, by the devices' clocks; of two that began at one time the first.
#[must_use]
pub fn in_order<'a>(one: &'a Report, other: &'a Report) -> (&'a Report, &'a Report) {
    // RFC 3339 in UTC, with as many digits each: the order of the texts is that of the times.
    if other.started_at < one.started_at { (other, one) } else { (one, other) }
}

impl Changes {
    #[must_use]
    pub fn between(before: &Report, after: &Report) -> Changes {
        let (old, new) = (faults(before), faults(after));
        let only = |these: &[Fault], others: &[Fault]| these.iter().filter(|fault| !others.contains(fault)).cloned().collect();
        Changes {
            verdicts: (before.verdict, after.verdict),
            gone: only(&old, &new),
            new: only(&new, &old),
            same: new.iter().filter(|fault| old.contains(fault)).cloned().collect(),
            figures: figures(before, after),
            cautions: cautions(before, after),
        }
    }

    /// Whether verdict and faults are the same.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.verdicts.0 == self.verdicts.1 && self.gone.is_empty() && self.new.is_empty()
    }
}

/// Causes first; what follows from a cause is one too, or a cause that another now explains would seem to be gone.
fn faults(report: &Report) -> Vec<Fault> {
    let mut all: Vec<Fault> = Vec::new();
    for Finding { code, name, severity, .. } in report.causes.iter().chain(&report.consequences) {
        if *severity > Severity::Info && !all.iter().any(|known| known.code == *code) {
            all.push(Fault { code: code.clone(), name: name.clone() });
        }
    }
    all
}

fn cautions(before: &Report, after: &Report) -> Vec<Text> {
    let mut all = Vec::new();
    if before.profile.server != after.profile.server || before.profile.socket_path != after.profile.socket_path {
        all.push(t!("The two are of different chats.").into());
    }
    if before.profile.depth != after.profile.depth {
        all.push(t!("One looked longer than the other, so it can have found more.").into());
    }
    if before.stopped || after.stopped {
        all.push(t!("One was stopped before its end, so it can have found less.").into());
    }
    all
}

/// A line, where at least one of them tells something.
fn line(all: &mut Vec<Figure>, label: Phrase, before: Text, after: Text) {
    if !before.is_empty() || !after.is_empty() {
        let changed = before != after;
        all.push(Figure { label, before, after, changed });
    }
}

/// The same for two times in microseconds.
fn time(all: &mut Vec<Figure>, label: Phrase, was: Option<u32>, is: Option<u32>) {
    if was.is_some() || is.is_some() {
        let changed = was.zip(is).is_none_or(|(was, is)| was.abs_diff(is) > NOISE.max(was.min(is) / SHARE));
        all.push(Figure { label, before: milliseconds(was), after: milliseconds(is), changed });
    }
}

fn figures(before: &Report, after: &Report) -> Vec<Figure> {
    let mut all = Vec::new();
    let (old, new) = (&before.profile, &after.profile);
    line(&mut all, t!("Server"), (&old.server).into(), (&new.server).into());
    line(&mut all, t!("Page"), (&old.page_origin).into(), (&new.page_origin).into());
    line(&mut all, t!("Browser"), browser(&before.evidence).into(), browser(&after.evidence).into());
    line(&mut all, t!("Length of the test"), depth(old.depth), depth(new.depth));
    let (seen, sees) = (Survey::of(old, &before.evidence), Survey::of(new, &after.evidence));
    line(&mut all, t!("Live connection (WebSocket)"), live(&seen), live(&sees));
    line(&mut all, t!("Connection by single requests (long-polling)"), polling(&seen), polling(&sees));
    for (label, of) in [(t!("Way there and back, by single requests"), "http"), (t!("Way there and back, on the live connection"), "socket")] {
        time(&mut all, label, half(&before.evidence, of), half(&after.evidence, of));
    }
    time(&mut all, t!("Until an answer begins, in the middle of all requests"), first_answer(&before.evidence), first_answer(&after.evidence));
    let http = |survey: &Survey| survey.http_version().map_or(Text::Nothing, |(_, version)| version.into());
    line(&mut all, t!("HTTP version"), http(&seen), http(&sees));
    line(&mut all, t!("In front of the server"), gateways(before), gateways(after));
    let version = |survey: &Survey| if survey.engine_heard().is_some() { survey.eio.to_string() } else { String::new() };
    line(&mut all, t!("Engine.IO version"), version(&seen).into(), version(&sees).into());
    let beat = |survey: &Survey| survey.ping_interval().map_or(Text::Nothing, |every| seconds(every).into());
    line(&mut all, t!("Heartbeat of the server"), beat(&seen), beat(&sees));
    line(&mut all, t!("Release of the server"), seen.server_version().into(), sees.server_version().into());
    all
}

fn depth(depth: Depth) -> Text {
    match depth {
        Depth::Quick => t!("short").into(),
        Depth::Full => t!("long").into(),
        Depth::Watch => t!("until it was stopped").into(),
    }
}

fn live(survey: &Survey) -> Text {
    match survey.live() {
        Live::Hello { .. } => t!("works").into(),
        Live::NotTried => Text::Nothing,
        _ => t!("does not work").into(),
    }
}

fn polling(survey: &Survey) -> Text {
    let tried = survey.on_path(crate::evidence::Purpose::Handshake).next().is_some();
    match survey.polling_works() {
        Some(_) => t!("works").into(),
        None if tried => t!("does not work").into(),
        None => Text::Nothing,
    }
}

fn browser(evidence: &Evidence) -> String {
    let told = evidence.environment().map_or("", |(_, environment)| environment.user_agent.as_str());
    browsers::named(told).unwrap_or_else(|| crate::redact::shorten(told, 60))
}

fn gateways(report: &Report) -> Text {
    let names: Vec<&str> = gateway::shown(&report.profile, &report.evidence).into_iter().map(|gateway| gateway.name()).collect();
    names.join(", ").into()
}

/// The median of the newest measurement, in microseconds.
fn half(evidence: &Evidence, of: &str) -> Option<u32> {
    evidence.round_trips().rfind(|(_, trips)| trips.of == of).and_then(|(_, trips)| percentile(trips, 50))
}

/// The median time to a response, of all requests that had one, in microseconds.
fn first_answer(evidence: &Evidence) -> Option<u32> {
    let mut all: Vec<u32> = evidence.exchanges().filter_map(|(_, exchange)| exchange.responded_after).collect();
    order_by(&mut all, |after| *after);
    all.get(all.len() / 2).map(|after| after.saturating_mul(1_000))
}

/// Microseconds, in milliseconds with a tenth below ten.
fn milliseconds(micro: Option<u32>) -> Text {
    let Some(micro) = micro else { return Text::Nothing };
    let (whole, tenth) = ((micro / 1_000).to_string(), (micro % 1_000 / 100).to_string());
    if micro >= 10_000 || tenth == "0" { [&whole, " ms"].concat() } else { [&whole, ".", &tenth, " ms"].concat() }.into()
}
