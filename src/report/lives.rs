//! How the live connections of a run ended, one after the other, as who watches wants to know it. It tells what was seen; what that
//! means is a rule's business.

use crate::evidence::{Evidence, Fact, Happening, SocketLife, SocketPurpose, order_by};
use crate::guidance::seconds;
use crate::protocol::close_code;
use crate::t;
use crate::words::Text;

/// What ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing, as far as was seen.
    Open,
    ByThisPage,
    /// A close frame came.
    Goodbye {
        code: u16,
    },
    /// Without a closing handshake.
    Cut,
    /// The browser said at that moment that it is offline.
    Offline,
    /// The tab was hidden, or the device slept, in its life.
    Hidden,
    /// It was given up, since the heartbeat that was due did not come.
    NoHeartbeat,
    NeverOpened,
}

/// One live connection, from `open` to its end; of one that never opened, from the attempt on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Milliseconds since the start of the run.
    pub started_ms: u32,
    pub lasted_ms: u32,
    pub purpose: SocketPurpose,
    pub cause: Cause,
}

/// The event of going offline and the end that follows come within this of each other, in milliseconds.
const MOMENT: u32 = 2_000;

/// The connections that were watched, in the order in which they began.
#[must_use]
pub fn lives(evidence: &Evidence) -> Vec<Life> {
    let watched = |life: &SocketLife| match life.purpose {
        SocketPurpose::Heartbeat | SocketPurpose::Busy | SocketPurpose::Raw | SocketPurpose::RawQuiet | SocketPurpose::Hello | SocketPurpose::HelloAgain => {
            true
        }
        SocketPurpose::Upgrade | SocketPurpose::Connect | SocketPurpose::Again | SocketPurpose::Large => false,
        SocketPurpose::Call | SocketPurpose::CallV1 | SocketPurpose::RelayTls => false,
    };
    let mut all: Vec<Life> = evidence.sockets_where(&watched).map(|(_, life)| of(evidence, life)).collect();
    order_by(&mut all, |life| life.started_ms);
    all
}

fn of(evidence: &Evidence, life: &SocketLife) -> Life {
    let closed = life.closed();
    let opened = life.opened_after().unwrap_or(0);
    let end = closed.map_or_else(|| life.lasted(), |(after, ..)| after);
    let (from, to) = (life.started, life.started.saturating_add(end));
    let by_page = life.events.iter().any(|e| matches!(e.what, Happening::ClosedByProbe | Happening::Flood));
    let cause = match closed {
        // Its own words are certain, whatever else was at that time.
        Some((_, code, _)) if life.opened() && code != 1006 => Cause::Goodbye { code },
        None if by_page => Cause::ByThisPage,
        None if life.opened() && !life.waited_in_vain_for("heartbeat") => Cause::Open,
        _ if went_offline(evidence, to) => Cause::Offline,
        _ if was_away(evidence, from, to) => Cause::Hidden,
        _ if !life.opened() => Cause::NeverOpened,
        Some(_) => Cause::Cut,
        None => Cause::NoHeartbeat,
    };
    Life { started_ms: from.saturating_add(opened), lasted_ms: end.saturating_sub(opened), purpose: life.purpose, cause }
}

fn went_offline(evidence: &Evidence, at: u32) -> bool {
    evidence.observations().iter().any(|o| matches!(o.fact, Fact::Connectivity { online: false }) && o.at.abs_diff(at) <= MOMENT)
}

/// Whether the tab was hidden, or a timer late, at some time of it.
fn was_away(evidence: &Evidence, from: u32, to: u32) -> bool {
    let mut hidden = evidence.environment().is_some_and(|(_, e)| e.hidden);
    for observation in evidence.observations() {
        let at = observation.at;
        match observation.fact {
            Fact::Visibility { hidden: now } => {
                if hidden && at >= from || now && (from..=to).contains(&at) {
                    return true;
                }
                if at <= to {
                    hidden = now;
                }
            }
            // It is told when it is over.
            Fact::Pause { milliseconds } if at >= from && at.saturating_sub(milliseconds) <= to => return true,
            _ => {}
        }
    }
    hidden
}

impl Life {
    /// Whether something else than this page ended it, or kept it from opening.
    #[must_use]
    pub fn ended_by_itself(&self) -> bool {
        !matches!(self.cause, Cause::Open | Cause::ByThisPage)
    }

    /// One line: the time of day, how long it was held, and what ended it.
    #[must_use]
    pub fn words(&self, day: TimeOfDay) -> Text {
        let line = match (self.cause, self.purpose) {
            (Cause::NeverOpened, _) => t!("{time}, tried for {lasted}: {end}"),
            (_, SocketPurpose::Heartbeat | SocketPurpose::RawQuiet) => t!("{time}, held quiet for {lasted}, then: {end}"),
            (_, SocketPurpose::Busy) => t!("{time}, held with traffic for {lasted}, then: {end}"),
            _ => t!("{time}, held open for {lasted}, then: {end}"),
        };
        let minutes = self.lasted_ms / 60_000;
        let lasted = if minutes < 10 { seconds(self.lasted_ms) } else { [&minutes.to_string(), " min"].concat() };
        line.with(vec![("time", day.at(self.started_ms).into()), ("lasted", lasted.into()), ("end", self.cause.words())])
    }
}

impl Cause {
    /// In plain words.
    #[must_use]
    pub fn words(self) -> Text {
        let words = match self {
            Cause::Open => t!("still there when the test ended"),
            Cause::ByThisPage => t!("closed by this page, as planned"),
            Cause::Goodbye { code } => {
                let meaning = Text::Own(close_code::meaning(code).to_owned());
                return t!("the other side closed it with code {code} ({meaning})", code = code.to_string(), meaning = meaning);
            }
            Cause::Cut => t!("cut without a word (code 1006), by the server, a gateway or the network"),
            Cause::Offline => t!("this browser went offline"),
            Cause::Hidden => t!("it ended while this tab was hidden or the device slept, which can be the reason"),
            Cause::NoHeartbeat => t!("the server’s heartbeat did not come, so this page gave it up"),
            Cause::NeverOpened => t!("it did not open"),
        };
        words.into()
    }
}

/// Tells the time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeOfDay {
    /// Milliseconds of the day at which the run began.
    start: u32,
}

const DAY: u32 = 86_400_000;

impl TimeOfDay {
    /// `started_at` as the report has it (RFC 3339, UTC), for a place so many minutes east of Greenwich.
    #[must_use]
    pub fn of(started_at: &str, minutes_east: i32) -> TimeOfDay {
        let digits = |from: usize, to: usize| started_at.get(from..to).and_then(|d| d.parse::<u32>().ok()).unwrap_or(0);
        let utc = ((digits(11, 13) * 60 + digits(14, 16)) * 60 + digits(17, 19)) * 1_000 + digits(20, 23);
        let east = minutes_east.rem_euclid(24 * 60).unsigned_abs() * 60_000;
        TimeOfDay { start: (utc % DAY + east) % DAY }
    }

    /// `14:02:11`, so many milliseconds later.
    #[must_use]
    pub fn at(self, after: u32) -> String {
        let seconds = (self.start + after % DAY) % DAY / 1_000;
        let mut out = String::new();
        for (part, between) in [(seconds / 3_600, ""), (seconds / 60 % 60, ":"), (seconds % 60, ":")] {
            out.push_str(between);
            if part < 10 {
                out.push('0');
            }
            out.push_str(&part.to_string());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Life, TimeOfDay, lives};
    use crate::evidence::{Environment, Evidence, Fact, Happening, SocketEvent, SocketLife, SocketPurpose};

    fn life(purpose: SocketPurpose, started: u32, events: Vec<(u32, Happening)>) -> SocketLife {
        let events = events.into_iter().map(|(after, what)| SocketEvent { after, what }).collect();
        let json = serde_json::json!({ "purpose": purpose, "url": "wss://chat.example/socket.io/", "path": "/socket.io/", "started": started, "events": [], "frames": 0, "received": 0 });
        SocketLife { events, ..serde_json::from_value(json).unwrap() }
    }

    fn open() -> (u32, Happening) {
        (100, Happening::Open { protocol: String::new(), extensions: String::new() })
    }

    fn close(after: u32, code: u16) -> (u32, Happening) {
        (after, Happening::Close { code, reason: String::new(), clean: code != 1006 })
    }

    /// A connection begun at ten seconds, after these facts and before those.
    fn told(events: Vec<(u32, Happening)>, before: Vec<(u32, Fact)>, after: Vec<(u32, Fact)>) -> Life {
        let mut evidence = Evidence::default();
        before.into_iter().for_each(|(at, fact)| _ = evidence.record(at, fact));
        let socket = life(SocketPurpose::Heartbeat, 10_000, events);
        let at = 10_000 + socket.lasted();
        evidence.record(at, Fact::Socket(socket));
        after.into_iter().for_each(|(at, fact)| _ = evidence.record(at, fact));
        let all = lives(&evidence);
        assert_eq!(all.len(), 1);
        all[0]
    }

    fn cause(events: Vec<(u32, Happening)>) -> Cause {
        told(events, Vec::new(), Vec::new()).cause
    }

    fn deadline(what: &str) -> (u32, Happening) {
        (60_000, Happening::Deadline { waiting_for: what.to_owned() })
    }

    #[test]
    fn each_end_has_its_cause() {
        assert_eq!(cause(vec![open(), close(63_100, 1006)]), Cause::Cut);
        assert_eq!(cause(vec![open(), close(63_100, 1001)]), Cause::Goodbye { code: 1001 });
        assert_eq!(cause(vec![open(), close(63_100, 1005)]), Cause::Goodbye { code: 1005 });
        assert_eq!(cause(vec![open(), (34_000, Happening::ClosedByProbe)]), Cause::ByThisPage);
        assert_eq!(cause(vec![open(), (34_000, Happening::Flood)]), Cause::ByThisPage);
        assert_eq!(cause(vec![open(), deadline("heartbeat")]), Cause::NoHeartbeat);
        assert_eq!(cause(vec![open(), deadline("the end of the run")]), Cause::Open);
        assert_eq!(cause(vec![open()]), Cause::Open);
        assert_eq!(cause(vec![(5_000, Happening::Error), close(5_000, 1006)]), Cause::NeverOpened);
        assert_eq!(cause(vec![deadline("open")]), Cause::NeverOpened);
        assert_eq!(cause(vec![(0, Happening::Threw { name: "SecurityError".into(), message: String::new() })]), Cause::NeverOpened);
        assert_eq!(cause(Vec::new()), Cause::NeverOpened);
    }

    #[test]
    fn it_is_held_from_open_to_its_end() {
        let cut = told(vec![open(), close(63_100, 1006)], Vec::new(), Vec::new());
        assert_eq!((cut.started_ms, cut.lasted_ms), (10_100, 63_000));
        let never = told(vec![(5_000, Happening::Error)], Vec::new(), Vec::new());
        assert_eq!((never.started_ms, never.lasted_ms), (10_000, 5_000));
    }

    #[test]
    fn what_the_browser_said_at_that_moment_explains_a_cut() {
        let cut = || vec![open(), close(20_000, 1006)];
        let offline = |at| vec![(at, Fact::Connectivity { online: false })];
        // It ended at thirty seconds.
        assert_eq!(told(cut(), offline(28_500), Vec::new()).cause, Cause::Offline);
        assert_eq!(told(cut(), Vec::new(), offline(31_900)).cause, Cause::Offline, "the event may come later");
        assert_eq!(told(cut(), offline(27_000), Vec::new()).cause, Cause::Cut, "long before");
        assert_eq!(told(cut(), vec![(29_900, Fact::Connectivity { online: true })], Vec::new()).cause, Cause::Cut);
        assert_eq!(told(vec![open(), close(20_000, 1001)], offline(29_900), Vec::new()).cause, Cause::Goodbye { code: 1001 });
        assert_eq!(told(vec![(5_000, Happening::Error)], offline(14_900), Vec::new()).cause, Cause::Offline);
    }

    #[test]
    fn a_hidden_tab_or_a_sleep_in_its_life_may_be_the_reason() {
        let cut = || vec![open(), close(20_000, 1006)];
        let visibility = |at, hidden| (at, Fact::Visibility { hidden });
        assert_eq!(told(cut(), vec![visibility(15_000, true), visibility(16_000, false)], Vec::new()).cause, Cause::Hidden);
        assert_eq!(told(cut(), vec![visibility(5_000, true)], Vec::new()).cause, Cause::Hidden, "hidden since before");
        assert_eq!(told(cut(), vec![visibility(5_000, true)], vec![visibility(40_000, false)]).cause, Cause::Hidden);
        assert_eq!(told(cut(), vec![visibility(5_000, true), visibility(9_000, false)], Vec::new()).cause, Cause::Cut, "in view all its life");
        assert_eq!(told(cut(), Vec::new(), vec![visibility(40_000, true)]).cause, Cause::Cut, "hidden after it");
        let hidden = Fact::Environment(Environment { hidden: true, ..Environment::default() });
        assert_eq!(told(cut(), vec![(0, hidden)], Vec::new()).cause, Cause::Hidden);
        let pause = |at, milliseconds| vec![(at, Fact::Pause { milliseconds })];
        assert_eq!(told(cut(), Vec::new(), pause(30_400, 9_000)).cause, Cause::Hidden);
        assert_eq!(told(cut(), Vec::new(), pause(60_000, 9_000)).cause, Cause::Cut);
        assert_eq!(told(cut(), pause(9_000, 5_000), Vec::new()).cause, Cause::Cut);
        assert_eq!(told(vec![open(), deadline("heartbeat")], pause(30_000, 9_000), Vec::new()).cause, Cause::Hidden);
    }

    #[test]
    fn only_what_was_watched_is_told_in_the_order_in_which_it_began() {
        let mut evidence = Evidence::default();
        for (purpose, started) in [
            (SocketPurpose::Busy, 3_000),
            (SocketPurpose::Again, 2_000),
            (SocketPurpose::Hello, 1_000),
            (SocketPurpose::Large, 0),
            (SocketPurpose::RawQuiet, 2_500),
        ] {
            evidence.record(9_000, Fact::Socket(life(purpose, started, vec![open(), close(4_000, 1006)])));
        }
        let starts: Vec<u32> = lives(&evidence).iter().map(|l| l.started_ms).collect();
        assert_eq!(starts, [1_100, 2_600, 3_100]);
        assert!(lives(&evidence).iter().all(Life::ended_by_itself));
    }

    #[test]
    fn a_line_tells_when_how_long_and_why() {
        let day = TimeOfDay::of("2026-11-20T23:01:58.500Z", 60);
        let english = crate::words::english();
        let words = |life: Life| english.say(life.words(day));
        let cut = told(vec![open(), close(63_100, 1006)], Vec::new(), Vec::new());
        assert_eq!(words(cut), "00:02:08, held quiet for 63 s, then: cut without a word (code 1006), by the server, a gateway or the network");
        let never = told(vec![(5_000, Happening::Error)], Vec::new(), Vec::new());
        assert_eq!(words(never), "00:02:08, tried for 5.0 s: it did not open");
        let goodbye = told(vec![open(), close(1_100, 1001)], Vec::new(), Vec::new());
        assert!(words(goodbye).ends_with("closed it with code 1001 (going away: the server is shutting down or was replaced)"), "{}", words(goodbye));
    }

    #[test]
    fn the_clock_takes_any_text_and_any_place() {
        assert_eq!(TimeOfDay::of("2026-11-20T14:02:11.250Z", 0).at(750), "14:02:12");
        assert_eq!(TimeOfDay::of("2026-11-20T14:02:11Z", -15 * 60).at(0), "23:02:11");
        assert_eq!(TimeOfDay::of("2026-11-20T14:02:11Z", 5 * 60 + 45).at(0), "19:47:11");
        assert_eq!(TimeOfDay::of("2026-11-20T23:59:59.900Z", 0).at(100), "00:00:00");
        assert_eq!(TimeOfDay::of("", 0).at(0), "00:00:00");
        assert_eq!(TimeOfDay::of("yesterday, at about half past nine ü", i32::MIN).at(u32::MAX).len(), 8);
    }
}
