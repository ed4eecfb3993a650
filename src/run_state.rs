//! What the face shows, folded from what the runner says: pure, so that a test can walk through any run.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::plan::Step;
use crate::report::Report;
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

/// What the runner says.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Started {
        time_limit: Option<u32>,
    },
    StepBegan(Step),
    StepEnded {
        step: Step,
        /// The best sentence so far, where a cause is already certain.
        so_far: Option<String>,
        /// A line for each live connection of a longer run that ended by itself so far.
        ended: Vec<String>,
    },
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
        time_limit: Option<u32>,
    },
    Done(Rc<Report>),
    /// Sentences that name field, value and what is accepted.
    Refused(Vec<String>),
}

impl RunState {
    /// The next state. A report ends any state; steps count only while a run is on.
    #[must_use]
    pub fn fold(self, event: Event) -> RunState {
        match (self, event) {
            (_, Event::Started { time_limit }) => RunState::Running { lines: Vec::new(), so_far: None, ended: Vec::new(), time_limit },
            (_, Event::Finished(report)) => RunState::Done(report),
            (_, Event::Refused(sentences)) => RunState::Refused(sentences),
            (RunState::Running { mut lines, so_far, ended, time_limit }, Event::StepBegan(step)) => {
                let label = step.label();
                match lines.iter_mut().find(|l| l.label == label) {
                    Some(line) => line.running += 1,
                    None => lines.push(Line { label, running: 1, done: 0 }),
                }
                RunState::Running { lines, so_far, ended, time_limit }
            }
            (RunState::Running { mut lines, so_far, time_limit, .. }, Event::StepEnded { step, so_far: newer, ended }) => {
                if let Some(line) = lines.iter_mut().find(|l| l.label == step.label()) {
                    line.running = line.running.saturating_sub(1);
                    line.done += 1;
                }
                RunState::Running { lines, so_far: newer.or(so_far), ended, time_limit }
            }
            (state, Event::StepBegan(_) | Event::StepEnded { .. }) => state,
        }
    }
}
