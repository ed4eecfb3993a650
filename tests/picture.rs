//! What is drawn, over every recorded run: no break where none is, a break where one is, and nothing that the evidence does not say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path as File;
use std::rc::Rc;
use std::sync::OnceLock;

use connection_doctor::diagnose::Verdict;
use connection_doctor::evidence::{Evidence, Fact, RoundTrips, SocketLife, SocketPurpose};
use connection_doctor::picture::path::{PLACES, Path, Piece, Place, State, cites, place_of};
use connection_doctor::picture::round_trips::{self, POINTS, Point, Series};
use connection_doctor::picture::transports::{self, Way, ladder, left};
use connection_doctor::picture::waterfall::{Ending, Moment, Phase, ROWS, Waterfall, is_row, row};
use connection_doctor::plan::Step;
use connection_doctor::platforms::browsers;
use connection_doctor::report::{Circumstances, Report};
use connection_doctor::rules::{RULES, Severity};
use connection_doctor::run_state::{Event, RunState};
use connection_doctor::words::Words;

/// Each recording: its name, and the report.
fn recordings() -> &'static [(String, Report)] {
    static ALL: OnceLock<Vec<(String, Report)>> = OnceLock::new();
    ALL.get_or_init(read_all)
}

fn read_all() -> Vec<(String, Report)> {
    let folder = File::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence");
    let mut all: Vec<(String, Report)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()))
        .collect();
    assert!(all.len() >= 600, "the recordings are gone: {}", all.len());
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn recording(name: &str) -> Report {
    recordings().iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no recording {name}")).1.clone()
}

fn is_break(piece: &Piece) -> bool {
    matches!(piece.state, State::Broken | State::Degraded)
}

fn state(path: &Path, place: Place) -> State {
    path.pieces.iter().find(|p| p.place == place).unwrap_or_else(|| panic!("{place:?} is not drawn")).state
}

#[test]
fn every_rule_has_one_place() {
    for rule in RULES {
        let places = PLACES.iter().filter(|(_, codes)| codes.split(' ').any(|code| code == rule.code)).count();
        assert_eq!(places, 1, "{} has {places} places", rule.code);
    }
    for code in PLACES.iter().flat_map(|(_, codes)| codes.split(' ')) {
        assert!(RULES.iter().any(|rule| rule.code == code), "{code} is no rule");
    }
}

#[test]
fn there_is_a_break_exactly_where_there_is_a_cause() {
    for (name, report) in recordings() {
        let path = Path::of(report);
        let faults: Vec<_> = report.causes.iter().filter(|f| f.severity > Severity::Info).collect();
        let broken: Vec<&Piece> = path.pieces.iter().filter(|p| is_break(p)).collect();
        assert_eq!(broken.is_empty(), faults.is_empty(), "{name}: {:?} for {:?}", broken, report.verdict);
        for fault in &faults {
            assert!(broken.iter().any(|p| p.findings.contains(&fault.code)), "{name}: {} is nowhere", fault.code);
        }
        for piece in &broken {
            assert!(faults.iter().any(|f| piece.findings.contains(&f.code)), "{name}: {:?} without a cause", piece.place);
        }
        let blocks = faults.iter().any(|f| f.severity == Severity::Blocks);
        assert_eq!(path.pieces.iter().any(|p| p.state == State::Broken), blocks, "{name}");
        assert_eq!(path.worst().is_some(), !faults.is_empty(), "{name}");
    }
}

#[test]
fn each_finding_is_on_the_way_once() {
    for (name, report) in recordings() {
        let path = Path::of(report);
        for finding in report.causes.iter().chain(&report.consequences) {
            let at = path.pieces.iter().filter(|p| p.findings.contains(&finding.code)).count();
            assert_eq!(at, 1, "{name}: {}", finding.code);
        }
    }
}

#[test]
fn what_works_was_seen_to_work() {
    for (name, report) in recordings() {
        let path = Path::of(report);
        for piece in &path.pieces {
            assert!(piece.state != State::Works || !piece.shown_by.is_empty(), "{name}: {:?} by nothing", piece.place);
            for cite in cites(report, piece) {
                assert!(report.evidence.get(cite).is_some(), "{name}: {:?} cites #{cite}", piece.place);
            }
        }
        if report.verdict == Verdict::Works && report.profile.only.is_empty() {
            for place in [Place::You, Place::ToBrowser, Place::Browser, Place::ToNetwork, Place::Network, Place::ToGateway] {
                assert_eq!(state(&path, place), State::Works, "{name}: {place:?}");
            }
            assert!(matches!(state(&path, Place::Gateway), State::Works | State::Absent), "{name}");
            assert!(path.pieces.iter().all(|p| p.state != State::Hidden), "{name}: hidden behind nothing");
        }
    }
}

#[test]
fn a_run_without_evidence_shows_nothing_as_working() {
    for (name, report) in recordings() {
        let empty = Report::of(&report.profile, Evidence::default(), Circumstances::default(), &Words::default());
        for piece in Path::of(&empty).pieces {
            assert_eq!(piece.state, State::Unknown, "{name}: {:?}", piece.place);
        }
        assert!(ladder(&empty).iter().all(|rung| rung.state == transports::State::Untold), "{name}");
        assert!(Waterfall::of(&empty.evidence).rows.is_empty());
    }
}

#[test]
fn the_break_lies_where_it_was_made() {
    for (name, place, behind) in [
        ("offline.chromium", Place::ToNetwork, Some(Place::Server)),
        ("captive-portal.firefox", Place::Network, Some(Place::Server)),
        ("gateway-502.chromium", Place::ToServer, Some(Place::Server)),
        ("policy-forbids-server.chromium", Place::Browser, Some(Place::Server)),
        ("upgrade-stripped.chromium", Place::Gateway, None),
        ("old-worker.firefox", Place::Browser, None),
        ("r-no-delivery-node.chromium", Place::ToReplicas, None),
        ("r-not-sticky-node.chromium", Place::Replicas, None),
        ("v-udp-blocked.chromium", Place::ToRelay, None),
        ("v-turn-wrong-password.firefox", Place::Relay, None),
        ("v-devices-denied.chromium", Place::ToBrowser, None),
        ("server-error.chromium", Place::Server, None),
    ] {
        let path = Path::of(&recording(name));
        assert!(path.pieces.iter().filter(|p| is_break(p)).any(|p| p.place == place), "{name}: {:?}", path.worst());
        if let Some(behind) = behind {
            assert_eq!(state(&path, behind), State::Hidden, "{name}");
        }
    }
}

#[test]
fn a_break_for_calls_leaves_the_chat_and_a_break_before_both_hides_both() {
    let path = Path::of(&recording("v-udp-blocked.chromium"));
    assert_eq!(state(&path, Place::Server), State::Works);
    let mut offline = recording("v-healthy-turn.chromium");
    assert!(offline.causes.iter().all(|f| f.severity == Severity::Info));
    offline.causes.push(recording("offline.chromium").causes.remove(0));
    let path = Path::of(&offline);
    for place in [Place::Network, Place::Server, Place::Relay] {
        assert_eq!(state(&path, place), State::Hidden, "{place:?}");
    }
    assert_eq!(state(&path, Place::Browser), State::Works);
}

#[test]
fn the_relay_is_drawn_only_where_calls_are_configured() {
    let drawn = |name: &str, place| Path::of(&recording(name)).pieces.iter().any(|p| p.place == place);
    assert!(!drawn("healthy-engineioxide.chromium", Place::Relay));
    assert!(drawn("v-healthy-turn.chromium", Place::Relay));
    assert!(drawn("healthy-engineioxide.chromium", Place::Replicas));
    assert!(!drawn("healthy-raw.chromium", Place::Replicas));
}

#[test]
fn a_finding_of_the_network_lies_in_the_network() {
    let mut finding = recording("upgrade-stripped.chromium").causes.remove(0);
    assert_eq!(place_of(&finding, false), Place::Gateway);
    finding.party = connection_doctor::rules::Party::NetworkAdmin;
    assert_eq!(place_of(&finding, false), Place::Network);
}

#[test]
fn a_browser_is_named_by_its_own_mark() {
    for (agent, name) in [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", "Chrome 156"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0", "Edge 156"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "Firefox 153"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari 18",
        ),
        ("something else", ""),
    ] {
        assert_eq!(browsers::named(agent).unwrap_or_default(), name);
    }
}

#[test]
fn the_ladder_says_what_is_left() {
    for (name, best) in [
        ("healthy-engineioxide.chromium", Some(Way::WebSocket)),
        ("upgrade-stripped.chromium", Some(Way::LongPolling)),
        ("healthy-polling-only.chromium", Some(Way::LongPolling)),
        ("healthy-websocket-only.chromium", Some(Way::WebSocket)),
        ("offline.chromium", None),
    ] {
        assert_eq!(left(&ladder(&recording(name))), best, "{name}");
    }
    for (name, report) in recordings() {
        let rungs = ladder(report);
        for rung in &rungs {
            let told = matches!(rung.state, transports::State::Works | transports::State::Fails | transports::State::Off);
            assert_eq!(told, !rung.cites.is_empty(), "{name}: {rung:?}");
            assert!(rung.cites.iter().all(|c| report.evidence.get(*c).is_some()), "{name}: {rung:?}");
        }
        let is_chat = !report.profile.has_calls() && report.profile.only.is_empty() && report.profile.grpc_url.is_none();
        if report.verdict == Verdict::Works && is_chat && !rungs.is_empty() {
            assert!(left(&rungs).is_some(), "{name}: works, and nothing is left: {rungs:?}");
        }
    }
}

#[test]
fn the_waterfall_has_every_request_and_keeps_time() {
    for (name, report) in recordings() {
        let fall = Waterfall::of(&report.evidence);
        assert!(fall.rows.len() <= ROWS);
        assert!(report.evidence.observations().iter().all(|o| is_row(&o.fact) == row(o.id, o.at, &o.fact).is_some()), "{name}");
        assert!(fall.rows.windows(2).all(|pair| pair[0].from <= pair[1].from), "{name}");
        if fall.left_out == 0 {
            let asked = report.evidence.exchanges().count() + report.evidence.sockets().count();
            assert!(fall.rows.len() >= asked, "{name}: {} of {asked}", fall.rows.len());
        }
        assert!((1..=6).contains(&((fall.to - fall.from) / fall.step() + 1)), "{name}: {} for {}", fall.step(), fall.to - fall.from);
        for row in &fall.rows {
            assert!(fall.from <= row.from && row.from <= row.to && row.to <= fall.to, "{name}: {row:?}");
            let ends: Vec<u32> = row.phases.iter().map(|(_, end)| *end).collect();
            assert!(!ends.is_empty() && ends.windows(2).all(|pair| pair[0] <= pair[1]) && ends.last() <= Some(&row.to), "{name}: {row:?}");
            assert!(ends.first() >= Some(&row.from), "{name}: {row:?}");
        }
    }
}

#[test]
fn the_waterfall_tells_how_each_ended() {
    let fall = Waterfall::of(&recording("upgrade-stripped.chromium").evidence);
    let socket = fall.rows.iter().find(|r| r.method == "WS").unwrap();
    assert_eq!((socket.ending, socket.outcome.as_str()), (Ending::Failed, "1006"));
    assert!(socket.moments.iter().any(|(_, m)| *m == Moment::Failed));
    assert!(socket.phases.iter().all(|(phase, _)| *phase == Phase::Waiting));
    let fall = Waterfall::of(&recording("healthy-engineioxide.chromium").evidence);
    let socket = fall.rows.iter().find(|r| r.method == "WS").unwrap();
    assert_eq!(socket.ending, Ending::Well);
    assert!(socket.phases.iter().any(|(phase, _)| *phase == Phase::Open));
    assert!(socket.moments.iter().any(|(_, m)| *m == Moment::Received));
}

#[test]
fn a_long_run_shows_its_newest_rows() {
    let report = recording("healthy-engineioxide.chromium");
    let mut evidence = Evidence::default();
    let (_, exchange) = report.evidence.exchanges().next().unwrap();
    for at in 0..ROWS as u32 + 50 {
        let mut exchange = exchange.clone();
        exchange.started = at * 1_000;
        evidence.record(at * 1_000 + 10, Fact::Exchange(exchange));
    }
    let fall = Waterfall::of(&evidence);
    assert_eq!((fall.rows.len(), fall.left_out, fall.from), (ROWS, 50, 50_000));
}

#[test]
fn round_trips_have_a_band_and_a_median() {
    let points = |times: &[Option<u32>]| times.iter().zip(0..).map(|(took, at)| Point { at, took: *took }).collect::<Vec<_>>();
    let series = Series::of(points(&[Some(10_000), Some(20_000), None, Some(30_000), Some(900_000)]), vec![2]).unwrap();
    assert_eq!((series.median, series.longest, series.lost), (20_000, 900_000, 1));
    assert!(series.band.0 <= series.median && series.median <= series.band.1);
    assert_eq!(series.jitter, (10_000 + 10_000 + 870_000) / 3);
    assert_eq!(series.span(), (0, 4));
    assert!(Series::of(points(&[None, None]), Vec::new()).is_none(), "nothing was answered");
    assert!(Series::of(Vec::new(), Vec::new()).is_none());
    let one = Series::of(points(&[Some(5)]), Vec::new()).unwrap();
    assert_eq!((one.jitter, one.top(), one.span()), (0, 1_000, (0, 1)));
    let mut drawn = 0;
    assert_eq!(series.drops, [2]);
    for (name, report) in recordings() {
        if let Some((cite, _, series)) = round_trips::of(&report.evidence) {
            drawn += 1;
            assert!(report.evidence.get(cite).is_some(), "{name}");
            assert!(series.band.0 <= series.median && series.median <= series.band.1 && series.band.1 <= series.longest, "{name}");
        }
    }
    assert!(drawn > 10, "{drawn}");
}

#[test]
fn a_watch_keeps_its_newest_round_trips() {
    let started = RunState::Idle.fold(Event::Pulse(Point { at: 0, took: None })).fold(Event::Started { time_limit: None });
    let points = POINTS as u32 + 20;
    let watched = (0..points).fold(started, |state, at| state.fold(Event::Pulse(Point { at, took: Some(at) })));
    let RunState::Running { pulse, drops, .. } = &watched else { panic!("{watched:?}") };
    assert_eq!((pulse.len(), pulse[0].at, drops.len()), (POINTS, 20, 0));
    let ended = watched.fold(Event::StepEnded { step: Step::Environment, so_far: None, ended: Vec::new(), drops: vec![7] });
    let RunState::Running { pulse, drops, .. } = &ended else { panic!("{ended:?}") };
    assert_eq!((pulse.len(), drops.as_slice()), (POINTS, [7].as_slice()));
    let done = ended.fold(Event::Finished(Rc::new(recording("healthy-engineioxide.chromium")))).fold(Event::Pulse(Point { at: 1, took: None }));
    assert!(matches!(done, RunState::Done(_)), "a late answer changes nothing");
}

#[test]
fn drops_are_the_ends_that_nobody_here_asked_for() {
    assert!(round_trips::drops(&recording("healthy-engineioxide.chromium").evidence).is_empty());
    let report = recording("t-idle-cut.chromium");
    let drops = round_trips::drops(&report.evidence);
    assert!(!drops.is_empty());
    let closed = |at: u32| report.evidence.sockets().any(|(_, s)| s.closed().is_some_and(|(after, ..)| (s.started + after).abs_diff(at) <= 1));
    assert!(drops.iter().all(|at| closed(*at)), "{drops:?}");
}

#[test]
fn a_watch_goes_on_over_a_lost_connection() {
    let report = recording("t-idle-cut.chromium");
    let (_, life) = report.evidence.sockets().find(|(_, s)| s.closed().is_some_and(|(_, code, _)| code == 1006) && s.opened()).unwrap();
    let mut evidence = Evidence::default();
    for (at, samples) in [(10, vec![3_000, 4_000]), (20, vec![5_000])] {
        let trips = RoundTrips { of: "socket".into(), samples, ..RoundTrips::default() };
        evidence.record(at, Fact::RoundTrips(trips));
    }
    assert_eq!(round_trips::of(&evidence).unwrap().2.drops, Vec::<u32>::new(), "nothing was lost");
    evidence.record(30, Fact::Socket(SocketLife { purpose: SocketPurpose::Busy, ..life.clone() }));
    let (cite, by, series) = round_trips::of(&evidence).unwrap();
    assert_eq!((cite, by, series.points.len(), series.drops.as_slice()), (2, "socket", 3, [2].as_slice()));
}

/// A report that is opened is a stranger's: whatever its figures are, there is a picture, and nothing overflows.
#[test]
fn any_figures_give_a_picture() {
    let text = serde_json::to_string(&recording("q-healthy-h2.chromium")).unwrap();
    for figure in ["0", "1", "4294967295"] {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        bend(&mut value, &figure.parse().unwrap());
        let report: Report = serde_json::from_value(value).unwrap();
        assert!(!Path::of(&report).pieces.is_empty());
        let fall = Waterfall::of(&report.evidence);
        assert!(fall.to > fall.from && fall.step() > 0);
        assert!(fall.rows.iter().all(|row| row.from <= row.to));
        if let Some((_, _, series)) = round_trips::of(&report.evidence) {
            assert!(series.span().1 > series.span().0 && series.top() > 0);
        }
        assert!(!ladder(&report).is_empty());
    }
}

/// Every time in it becomes that one.
fn bend(value: &mut serde_json::Value, figure: &serde_json::Number) {
    const TIMES: [&str; 7] = ["at", "started", "after", "responded_after", "ended_after", "waited", "last_frame"];
    match value {
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                if TIMES.contains(&name.as_str()) && field.is_number() {
                    *field = serde_json::Value::Number(figure.clone());
                } else if name == "samples" {
                    field.as_array_mut().unwrap().iter_mut().for_each(|sample| *sample = serde_json::Value::Number(figure.clone()));
                } else {
                    bend(field, figure);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| bend(item, figure)),
        _ => {}
    }
}
