//! The ways in which a chat can speak to its server, the best first: which of them works, and what is left to use.

use crate::evidence::{Cite, SocketPurpose, Stream, StreamEnd};
use crate::profile::Topic;
use crate::report::Report;
use crate::survey::{Live, Polling, Survey};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A WebSocket of its own.
    WebSocket,
    /// A WebSocket that takes over a session of long-polling (Engine.IO, "Upgrade").
    Upgrade,
    LongPolling,
    /// Server-sent events, or a body that comes in pieces.
    Stream,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Works,
    Fails,
    /// The server does not do it, by its own word.
    Off,
    /// This chat's client never does it.
    Needless,
    Untold,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Rung {
    pub way: Way,
    pub state: State,
    pub cites: Vec<Cite>,
}

/// What there is to stand on; `None` where no way of messages was tried.
#[must_use]
pub fn ladder(report: &Report) -> Vec<Rung> {
    let survey = Survey::of(&report.profile, &report.evidence);
    let mut all = Vec::new();
    let mut rung = |way, (state, cites)| all.push(Rung { way, state, cites });
    // Ways that were only guessed are not said to fail.
    if survey.has_an_engine() && survey.another_kind().is_none() {
        rung(Way::WebSocket, by_websocket(&survey));
        if survey.polls() {
            rung(Way::Upgrade, by_upgrade(&survey));
        }
        rung(Way::LongPolling, by_polling(&survey));
    } else if let Some(raw) = survey.raw() {
        let failed = raw.refused().or_else(|| raw.hung());
        rung(Way::WebSocket, seen(raw.opened(), failed.unwrap_or_default()));
    }
    if report.profile.stream_url.is_some() && report.profile.covers(Topic::Stream) {
        let flows = |s: &Stream| !s.arrivals.is_empty() && s.status < 400 && matches!(s.end, StreamEnd::Whole { .. } | StreamEnd::Left);
        let streams = || survey.evidence.streams().filter(|(_, s)| s.by == "fetch");
        let failed: Vec<Cite> = streams().filter(|(_, s)| !flows(s)).map(|(c, _)| c).collect();
        let works = streams().find(|(_, s)| flows(s)).map(|(c, _)| c);
        rung(Way::Stream, seen(works.filter(|_| failed.is_empty()), failed));
    }
    all
}

/// The best one that works, where something does.
#[must_use]
pub fn left(ladder: &[Rung]) -> Option<Way> {
    // The upgrade is no way of its own: what it leads to is a WebSocket, and without it there is long-polling.
    ladder.iter().find(|rung| rung.state == State::Works && rung.way != Way::Upgrade).map(|rung| rung.way)
}

fn seen(works: Option<Cite>, failed: Vec<Cite>) -> (State, Vec<Cite>) {
    match works {
        Some(cite) => (State::Works, vec![cite]),
        None if failed.is_empty() => (State::Untold, failed),
        None => (State::Fails, failed),
    }
}

fn by_websocket(survey: &Survey) -> (State, Vec<Cite>) {
    if let Some(cite) = survey.websocket_off_by_design() {
        return (State::Off, vec![cite]);
    }
    match survey.live() {
        Live::Hello { cite } => {
            // One that said hello and ended by itself each time is none to stand on.
            let lost: Vec<Cite> = survey.hellos().filter(|(_, s)| s.closed().is_some()).map(|(c, _)| c).collect();
            let stayed = survey.hellos().find(|(_, s)| s.open_packet().is_some() && s.closed().is_none()).map(|(c, _)| c);
            seen(stayed.or(Some(cite).filter(|_| lost.is_empty())), lost)
        }
        Live::NotTried => (State::Untold, Vec::new()),
        Live::Garbled { cites }
        | Live::Silent { cites }
        | Live::EndedEarly { cites }
        | Live::Refused { cites }
        | Live::Hung { cites }
        | Live::Threw { cites } => (State::Fails, cites),
    }
}

fn by_upgrade(survey: &Survey) -> (State, Vec<Cite>) {
    let never_offered = || survey.polling_hello().filter(|_| survey.upgrades_off_by_design());
    if let Some(cite) = survey.websocket_off_by_design().or_else(|| survey.polling_off_by_design()).or_else(never_offered) {
        return (State::Off, vec![cite]);
    }
    let tried = || survey.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.path == survey.path);
    let works = tried().find(|(_, s)| s.frames().any(|(_, frame)| frame == "3probe")).map(|(c, _)| c);
    // What the end of the run cut short did not fail.
    let failed = tried().filter(|(_, s)| s.failed_before_open() || s.closed().is_some() || s.hung_connecting() || s.waited_in_vain_for("3probe"));
    seen(works, failed.map(|(c, _)| c).collect())
}

fn by_polling(survey: &Survey) -> (State, Vec<Cite>) {
    if let Some(cite) = survey.polling_off_by_design() {
        return (State::Off, vec![cite]);
    }
    // A client that never polls has nothing to stand on there, however well it is answered.
    if !survey.polls() && !matches!(survey.polling, Polling::NotTried) {
        return (State::Needless, Vec::new());
    }
    if let Some(cite) = survey.polling_works() {
        return (State::Works, vec![cite]);
    }
    match survey.polling {
        // It said hello, and no message of that session was seen to be taken.
        Polling::Hello { .. } => {
            let refused = survey.on_path(crate::evidence::Purpose::FollowUp).map(|(c, _)| c).collect();
            seen(None, refused)
        }
        Polling::NotTried | Polling::Opaque { .. } => (State::Untold, Vec::new()),
        Polling::Refused { cite, .. } | Polling::Garbled { cite } | Polling::Foreign { cite, .. } | Polling::Rejected { cite } | Polling::Silent { cite } => {
            (State::Fails, vec![cite])
        }
    }
}
