//! Round trips one after the other, with the band in which most of them lie and the moments at which the connection was lost.

use crate::evidence::{Cite, Evidence, RoundTrips, SocketPurpose, order_by};
use crate::report::lives::lives;

/// One round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When, in milliseconds since the start of the run; where a report tells only the order, the number of the question.
    pub at: u32,
    /// Microseconds; `None`: no answer came in time.
    pub took: Option<u32>,
}

/// A curve to draw. Times of [`Series::band`] and [`Series::top`] are microseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub points: Vec<Point>,
    pub median: u32,
    /// Nine of ten lie above the first, nine of ten below the second.
    pub band: (u32, u32),
    pub longest: u32,
    pub lost: usize,
    /// The mean difference of two in a row (RFC 3550 section 6.4.1, without its smoothing).
    pub jitter: u32,
    /// When a live connection ended by itself, in the unit of [`Point::at`].
    pub drops: Vec<u32>,
}

/// Most points of a report's picture: the newest stay.
const MOST: usize = 1_000;
/// Most points of a picture that goes on: the newest stay.
pub const POINTS: usize = 180;

impl Series {
    /// `None` where nothing was answered.
    #[must_use]
    pub fn of(points: Vec<Point>, drops: Vec<u32>) -> Option<Series> {
        let times: Vec<u32> = points.iter().filter_map(|p| p.took).collect();
        let mut sorted = times.clone();
        order_by(&mut sorted, |time| *time);
        let at = |of_hundred: usize| sorted.get(sorted.len().saturating_sub(1) * of_hundred / 100).copied();
        let apart: u64 = times.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1]))).sum();
        let jitter = u32::try_from(apart / (times.len().max(2) as u64 - 1)).unwrap_or(u32::MAX);
        Some(Series { median: at(50)?, band: (at(10)?, at(90)?), longest: at(100)?, lost: points.len() - times.len(), jitter, drops, points })
    }

    /// What the picture reaches up to: the band with room above it, so that one late answer does not press all others flat.
    #[must_use]
    pub fn top(&self) -> u32 {
        self.longest.min(self.band.1.saturating_mul(4)).max(1_000)
    }

    /// The span of [`Point::at`] that is drawn.
    #[must_use]
    pub fn span(&self) -> (u32, u32) {
        let ends = self.points.iter().map(|p| p.at).chain(self.drops.iter().copied());
        let (from, to) = (ends.clone().min().unwrap_or(0), ends.max().unwrap_or(0));
        let from = from.min(u32::MAX - 1);
        (from, to.max(from + 1))
    }
}

/// The round trips of a report: of its live connections one after the other, else of plain requests. With the newest observation and
/// the name that the evidence has for what was asked (`socket`, `http`).
#[must_use]
pub fn of(evidence: &Evidence) -> Option<(Cite, &str, Series)> {
    let all = |of: &str| -> Vec<(Cite, &RoundTrips)> { evidence.round_trips().filter(|(_, t)| t.of == of && !t.samples.is_empty()).collect() };
    let socket = all("socket");
    let asked = if socket.is_empty() { all("http").pop().into_iter().collect() } else { socket };
    let (cite, newest) = *asked.last()?;
    // A watch measures on its busy connection, and goes on with the next where that one is lost.
    let mut lost = lives(evidence).iter().filter(|life| life.purpose == SocketPurpose::Busy && life.ended_by_itself()).count();
    let (mut points, mut drops) = (Vec::new(), Vec::new());
    for (_, trips) in asked {
        let answered = trips.samples.iter().map(|took| Some(*took));
        for took in answered.chain((0..trips.lost.min(POINTS as u32)).map(|_| None)) {
            points.push(Point { at: points.len() as u32, took });
        }
        if lost > 0 && !trips.in_worker {
            lost -= 1;
            drops.push(points.len() as u32);
        }
    }
    // A stranger's file may hold millions, and they are put in order below.
    points.drain(..points.len().saturating_sub(MOST));
    let from = points.first().map_or(0, |p| p.at);
    drops.retain(|at| *at >= from);
    Some((cite, newest.of.as_str(), Series::of(points, drops)?))
}

/// When live connections ended by themselves, in milliseconds since the start of the run.
#[must_use]
pub fn drops(evidence: &Evidence) -> Vec<u32> {
    lives(evidence).iter().filter(|life| life.ended_by_itself()).map(|life| life.started_ms.saturating_add(life.lasted_ms)).collect()
}
