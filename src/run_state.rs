//! What the face shows, folded from what the runner says: pure, so that a test can walk through any run.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::diagnose::FirstVerdict;
use crate::picture::round_trips::{POINTS, Point};
use crate::plan::Step;
use crate::report::Report;
use crate::report::read::Told;
use crate::rules::Severity;

/// What the report before a repair said; it outlasts the page's one reload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Before {
    /// The code of the finding that the repair was for.
    pub code: String,
    pub verdict: String,
    pub summary: String,
}

impl Before {
    /// Whether the repair helped: the finding is gone, or no more than a remark.
    #[must_use]
    pub fn is_mended(&self, now: &Report) -> bool {
        !now.causes.iter().chain(&now.consequences).any(|f| f.code == self.code && f.severity > Severity::Info)
    }
}

/// A saved report that is shown in place of this browser's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// What this version makes of it.
    pub report: Rc<Report>,
    /// What the version that made it concluded.
    pub told: Told,
    /// The file's name; empty for one from the history and for a pasted one.
    pub name: String,
    /// How many were opened before it, one after the other: another number, another look.
    pub number: u32,
    /// This browser's own report, to go back to.
    pub own: Option<Rc<Report>>,
}

/// What the runner says.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Started {
        time_limit: Option<u32>,
    },
    StepBegan(Step),
    /// What is certain before all is looked at: once a run at most.
    FirstVerdict {
        verdict: FirstVerdict,
        sentence: String,
    },
    StepEnded {
        step: Step,
        /// The best sentence so far, where a cause is already certain.
        so_far: Option<String>,
        /// A line for each live connection of a longer run that ended by itself so far.
        ended: Vec<String>,
        /// When they did, in milliseconds since the start.
        drops: Vec<u32>,
    },
    /// One round trip of a connection that is watched.
    Pulse(Point),
    Finished(Rc<Report>),
    /// The settings are wrong; nothing was started.
    Refused(Vec<String>),
}

/// One line of the progress list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub label: &'static str,
    pub running: u32,
    pub done: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum RunState {
    #[default]
    Idle,
    Running {
        lines: Vec<Line>,
        so_far: Option<String>,
        ended: Vec<String>,
        drops: Vec<u32>,
        /// The newest round trips of a watch.
        pulse: Vec<Point>,
        time_limit: Option<u32>,
    },
    Done(Rc<Report>),
    Opened(Box<Opened>),
    /// Sentences that name field, value and what is accepted.
    Refused(Vec<String>),
}

impl RunState {
    /// A saved report is shown. A run that goes on is not disturbed.
    #[must_use]
    pub fn opened(self, report: Rc<Report>, told: Told, name: String) -> RunState {
        let (own, number) = match self {
            RunState::Running { .. } => return self,
            RunState::Idle | RunState::Refused(_) => (None, 0),
            RunState::Done(own) => (Some(own), 0),
            RunState::Opened(opened) => (opened.own, opened.number + 1),
        };
        RunState::Opened(Box::new(Opened { report, told, name, number, own }))
    }

    /// Back from a saved report.
    #[must_use]
    pub fn closed(self) -> RunState {
        match self {
            RunState::Opened(opened) => opened.own.map_or(RunState::Idle, RunState::Done),
            other => other,
        }
    }

    /// The report that is shown.
    #[must_use]
    pub fn report(&self) -> Option<&Rc<Report>> {
        match self {
            RunState::Done(report) => Some(report),
            RunState::Opened(opened) => Some(&opened.report),
            RunState::Idle | RunState::Running { .. } | RunState::Refused(_) => None,
        }
    }

    /// The next state. A report ends any state; steps count only while a run is on.
    #[must_use]
    pub fn fold(self, event: Event) -> RunState {
        match (self, event) {
            (_, Event::Started { time_limit }) => {
                RunState::Running { lines: Vec::new(), so_far: None, ended: Vec::new(), drops: Vec::new(), pulse: Vec::new(), time_limit }
            }
            (_, Event::Finished(report)) => RunState::Done(report),
            (_, Event::Refused(sentences)) => RunState::Refused(sentences),
            (RunState::Running { mut lines, so_far, ended, drops, pulse, time_limit }, Event::StepBegan(step)) => {
                let label = step.label();
                match lines.iter_mut().find(|l| l.label == label) {
                    Some(line) => line.running += 1,
                    None => lines.push(Line { label, running: 1, done: 0 }),
                }
                RunState::Running { lines, so_far, ended, drops, pulse, time_limit }
            }
            (RunState::Running { mut lines, so_far, pulse, time_limit, .. }, Event::StepEnded { step, so_far: newer, ended, drops }) => {
                if let Some(line) = lines.iter_mut().find(|l| l.label == step.label()) {
                    line.running = line.running.saturating_sub(1);
                    line.done += 1;
                }
                RunState::Running { lines, so_far: newer.or(so_far), ended, drops, pulse, time_limit }
            }
            (RunState::Running { lines, ended, drops, pulse, time_limit, .. }, Event::FirstVerdict { sentence, .. }) => {
                RunState::Running { lines, so_far: Some(sentence), ended, drops, pulse, time_limit }
            }
            (RunState::Running { lines, so_far, ended, drops, mut pulse, time_limit }, Event::Pulse(point)) => {
                pulse.push(point);
                pulse.drain(..pulse.len().saturating_sub(POINTS));
                RunState::Running { lines, so_far, ended, drops, pulse, time_limit }
            }
            (state, Event::StepBegan(_) | Event::FirstVerdict { .. } | Event::StepEnded { .. } | Event::Pulse(_)) => state,
        }
    }
}
