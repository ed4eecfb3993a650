//! Every request and every connection of a run, one below the other, in time.

use crate::evidence::{Cite, Evidence, Exchange, Fact, Happening, Outcome, SocketLife, StreamEnd, order_by};

/// Most rows that are drawn: of a longer run the newest.
pub const ROWS: usize = 200;

/// What a stretch of a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// From the call or the constructor to the first answer, or to `open`.
    Waiting,
    /// From the response to the end of its body.
    Receiving,
    /// From `open` to the end of the connection.
    Open,
}

/// A moment within a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Received,
    Sent,
    /// The end that nobody on this page asked for.
    Failed,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Well,
    /// An answer that says no: 400 and above, or a close code that is an error.
    Refused,
    /// No answer, none in time, or a connection that was cut.
    Failed,
}

/// One request or connection. Times are milliseconds since the start of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub cite: Cite,
    /// `GET`, `WS`, and what it was asked: a technical name that no language changes.
    pub method: String,
    pub target: String,
    /// A status, a close code, the name of an error; empty where there is none.
    pub outcome: String,
    pub ending: Ending,
    pub from: u32,
    pub to: u32,
    /// One after the other: what it is, and when it ends.
    pub phases: Vec<(Phase, u32)>,
    pub moments: Vec<(u32, Moment)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// In the order in which they began.
    pub rows: Vec<Row>,
    /// Rows that are left out, all of them older.
    pub left_out: usize,
    /// The span that is drawn.
    pub from: u32,
    pub to: u32,
}

impl Waterfall {
    #[must_use]
    pub fn of(evidence: &Evidence) -> Waterfall {
        let mut rows: Vec<Row> = evidence.observations().iter().filter_map(|o| row(o.id, o.at, &o.fact)).collect();
        order_by(&mut rows, |row| row.from);
        let left_out = rows.len().saturating_sub(ROWS);
        rows.drain(..left_out);
        // Of a stranger's figures some may be at the end of what can be counted.
        let from = if left_out == 0 { 0 } else { rows.iter().map(|r| r.from).min().unwrap_or(0).min(u32::MAX - 1) };
        let to = rows.iter().map(|r| r.to).max().unwrap_or(0).max(from.saturating_add(1));
        Waterfall { rows, left_out, from, to }
    }

    /// A step of the scale, in milliseconds: 1, 2 or 5 of its power of ten, so that there are two to six of them.
    #[must_use]
    pub fn step(&self) -> u32 {
        let span = self.to.saturating_sub(self.from);
        let mut unit = 1_u32;
        loop {
            for times in [1, 2, 5] {
                let step = unit.saturating_mul(times);
                if span / step <= 5 {
                    return step;
                }
            }
            unit = unit.saturating_mul(10);
        }
    }
}

/// Whether a fact has a row: what counts them need not make them.
#[must_use]
pub fn is_row(fact: &Fact) -> bool {
    use Fact::{EventSource, Exchange, Gathering, Loopback, Socket, Stream, WebTransport};
    matches!(fact, Exchange(_) | Socket(_) | Stream(_) | EventSource { .. } | Gathering(_) | Loopback(_) | WebTransport(_))
}

/// One row; `None` for a fact that is no request or connection.
#[must_use]
pub fn row(cite: Cite, at: u32, fact: &Fact) -> Option<Row> {
    let plain = |method: &str, target: &str, from: u32, lasted: u32| Row {
        cite,
        method: method.to_owned(),
        target: target.to_owned(),
        outcome: String::new(),
        ending: Ending::Well,
        from,
        to: from.saturating_add(lasted),
        phases: vec![(Phase::Open, from.saturating_add(lasted))],
        moments: Vec::new(),
    };
    Some(match fact {
        Fact::Exchange(exchange) => of_exchange(plain(&exchange.method, &exchange.path, exchange.started, exchange.ended_after), exchange),
        Fact::Socket(life) => of_socket(plain("WS", &life.path, life.started, life.lasted()), life),
        Fact::Stream(stream) => {
            let mut row = plain("STREAM", &stream.path, stream.started, stream.ended_after);
            let response = stream.responded_after.map_or(row.to, |after| stream.started.saturating_add(after));
            row.phases = vec![(Phase::Waiting, response), (Phase::Receiving, row.to)];
            row.moments = stream.arrivals.iter().map(|a| (stream.started.saturating_add(a.after), Moment::Received)).collect();
            (row.outcome, row.ending) = match &stream.end {
                StreamEnd::Broken { name, .. } | StreamEnd::Rejected { name, .. } => (name.clone(), Ending::Failed),
                StreamEnd::Silent => (String::new(), Ending::Failed),
                StreamEnd::Whole { .. } | StreamEnd::Left => (status(stream.status), of_status(stream.status)),
            };
            row
        }
        Fact::EventSource { url, after, .. } => plain("SSE", url, at.saturating_sub(*after), *after),
        Fact::Gathering(gathering) => plain("ICE", &gathering.url, gathering.started, gathering.ended_after),
        Fact::Loopback(loopback) => plain("RTC", &loopback.url, loopback.started, loopback.ended_after),
        Fact::WebTransport(session) => plain("WT", &session.url, session.started, session.ended_after),
        _ => return None,
    })
}

fn of_exchange(mut row: Row, exchange: &Exchange) -> Row {
    let response = exchange.responded_after.map_or(row.to, |after| row.from.saturating_add(after));
    row.phases = vec![(Phase::Waiting, response)];
    if exchange.responded_after.is_some() {
        row.phases.push((Phase::Receiving, row.to));
    }
    (row.outcome, row.ending) = match &exchange.outcome {
        Outcome::Response(response) => (status(response.status), of_status(response.status)),
        Outcome::Rejected { name, .. } => (name.clone(), Ending::Failed),
        Outcome::TimedOut { .. } => (String::new(), Ending::Failed),
    };
    if row.ending == Ending::Failed {
        row.moments.push((row.to, Moment::Failed));
    }
    row
}

fn of_socket(mut row: Row, life: &SocketLife) -> Row {
    let at = |after: u32| life.started.saturating_add(after);
    row.phases = vec![(Phase::Waiting, life.opened_after().map_or(row.to, at))];
    if life.opened() {
        row.phases.push((Phase::Open, row.to));
    }
    for event in &life.events {
        let moment = match &event.what {
            Happening::Frame { .. } => Moment::Received,
            Happening::Sent { .. } => Moment::Sent,
            Happening::Close { code, .. } => {
                row.outcome = code.to_string();
                // A server that ends in good order is not at fault (RFC 6455 section 7.4.1).
                if matches!(code, 1000 | 1001 | 1005) && life.opened() {
                    continue;
                }
                row.ending = if *code == 1006 { Ending::Failed } else { Ending::Refused };
                Moment::Failed
            }
            Happening::Error | Happening::Threw { .. } | Happening::Deadline { .. } if !life.opened() => {
                row.ending = Ending::Failed;
                Moment::Failed
            }
            _ => continue,
        };
        row.moments.push((at(event.after), moment));
    }
    row
}

/// 0 stands for one that can't be read.
fn status(status: u16) -> String {
    if status == 0 { String::new() } else { status.to_string() }
}

fn of_status(status: u16) -> Ending {
    if status >= 400 { Ending::Refused } else { Ending::Well }
}
