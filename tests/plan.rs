//! The plan, walked through worlds without a browser: how much it asks, that it ends, and what it never asks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "rules/worlds.rs"]
#[allow(dead_code)]
mod worlds;

use connection_doctor::diagnose::{FirstVerdict, diagnose, first_verdict};
use connection_doctor::evidence::{End, Evidence, Fact, Purpose, SocketPurpose};
use connection_doctor::plan::{self, Limits, Progress, Step};
use connection_doctor::profile::{Depth, Topic};
use connection_doctor::protocol::livekit::Validation;
use harness::calls::{Ice, MediaWay};
use harness::{Reply, Run, SOCKET, Server, World, profile, refused, reset, says};
use worlds::{calls, often};

fn has(run: &Run, wanted: impl Fn(&Step) -> bool) -> bool {
    run.log.iter().any(|(_, step)| wanted(step))
}

/// The kinds of steps in the order in which they began.
fn kinds(run: &Run) -> Vec<String> {
    run.log.iter().map(|(_, step)| step.name()).collect()
}

fn all_worlds() -> Vec<(&'static str, World)> {
    let mut all = worlds::healthy();
    all.extend([
        ("refused", worlds::refused_server()),
        ("blackhole", worlds::blackhole()),
        ("path reset", worlds::path_reset()),
        ("path silent", worlds::path_silent()),
        ("offline", worlds::offline()),
        ("offline in mid-run", worlds::offline_in_mid_run()),
        ("portal", worlds::captive_portal()),
        ("502", worlds::gateway_502()),
        ("app down", worlds::app_down()),
        ("504", worlds::gateway_504()),
        ("cold start", worlds::cold_start()),
        ("intermittent", worlds::intermittent()),
        ("slow", worlds::slow_server()),
        ("wrong path", worlds::wrong_path()),
        ("nowhere", worlds::not_found_auto()),
        ("wrong version", worlds::wrong_version()),
        ("prefix", worlds::prefix_mismatch()),
        ("stripped", worlds::stripped(Server::Node)),
        ("swallowed", worlds::swallowed()),
        ("drops", worlds::drops_at_once()),
        ("polling blocked", worlds::polling_blocked()),
        ("connect unanswered", worlds::connect_unanswered()),
        ("no CORS", worlds::not_allowed()),
        ("login", worlds::login_elsewhere()),
        ("401", worlds::signed_out_native()),
        ("csp", worlds::csp()),
        ("raw drops", worlds::raw_drops()),
        ("429", worlds::rate_limited()),
        ("old worker", worlds::old_worker()),
        ("scripts gone", worlds::stale_shell_scripts_gone()),
        ("open before the release", worlds::open_before_the_release()),
        ("cookie not kept", worlds::cookie_not_kept()),
        ("filter", worlds::filter()),
        ("filter elsewhere", worlds::filter_elsewhere()),
        ("local network", worlds::local_network_chromium()),
        ("local network, Firefox", worlds::local_network_firefox()),
        ("* with credentials", worlds::cors_wildcard_credentials()),
        ("cookies too large", worlds::cookies_too_large_h2()),
        ("sandboxed", worlds::sandboxed_frame()),
    ]);
    all.extend(worlds_of_calls());
    all
}

/// Calls that fail in the ways that ask most.
fn worlds_of_calls() -> Vec<(&'static str, World)> {
    vec![
        ("calls: no relay answers", calls::relays(calls::ALL, |_| Ice::Silent)),
        ("calls: no relay is there", calls::relays(calls::ALL, |_| Ice::Refused)),
        ("calls: a certificate, Firefox", calls::in_firefox(calls::relay_tls(Ice::Certificate))),
        ("livekit: stripped", calls::upgrade_stripped()),
        ("livekit: down", calls::call_down()),
        ("livekit: silent", calls::call_silent()),
        ("livekit: closes, full", calls::in_full(calls::call_closes())),
        ("livekit: media never, full", calls::media_in_full(MediaWay::Never)),
        ("livekit: token", calls::token(Validation::Expired)),
    ]
}

#[test]
fn a_quick_look_at_a_healthy_chat_asks_little() {
    let run = worlds::accepted().run();
    // Three sessions as a client has them, of five requests each.
    assert!(run.requests <= 28, "{} requests: {:?}", run.requests, kinds(&run));
    for (name, world) in worlds::healthy() {
        let run = world.run();
        if run.profile.depth == Depth::Quick {
            // The operator's echo handler may take six connections.
            let most = if run.profile.echo_event.is_some() { 36 } else { 32 };
            // Of calls: three questions to LiveKit and its WebSocket, each STUN or TURN server, two loopbacks.
            let servers: usize = run.evidence.ice_servers().map(|(_, all)| all.urls.len()).sum();
            let calls = if run.profile.livekit_url.is_some() { 4 } else { 0 } + if run.profile.has_calls() { servers as u32 + 2 } else { 0 };
            let most = most + calls;
            assert!(run.requests <= most, "{name}: {} requests: {:?}", run.requests, kinds(&run));
            // A person needs time to answer what the browser asks.
            let time = if run.profile.devices.is_empty() { 5_000 } else { 60_000 };
            assert!(run.ended_at <= time, "{name}: {} ms", run.ended_at);
        }
    }
}

#[test]
fn a_quick_look_at_a_python_chat_takes_these_steps() {
    let run = World::plain(Server::Python).run();
    let mut steps = kinds(&run);
    steps.sort();
    let held = ["cookies", "shell", "storage", "workers"];
    let asked =
        ["chat-page", "companion", "discover-4", "environment", "hello", "hello-1", "origin-probe", "own-file", "session", "session-again", "session-again-1"];
    let mut wanted = [&asked[..], &held].concat();
    wanted.sort_unstable();
    assert_eq!(steps, wanted);
}

/// `World::run` itself asserts that no step is begun twice and that the plan ends.
#[test]
fn the_plan_ends_within_the_budget_in_every_world_at_every_depth() {
    for (name, mut world) in all_worlds() {
        for depth in [Depth::Quick, Depth::Full, Depth::Watch] {
            let mut profile = world.profile.clone();
            profile.depth = depth;
            let run = world.run_as(profile);
            assert!(run.requests <= Limits::of(depth).requests, "{name} at {depth:?}: {} requests: {:?}", run.requests, kinds(&run));
            if let Some(limit) = run.profile.time_limit() {
                assert!(run.ended_at <= limit, "{name} at {depth:?}");
            }
        }
    }
}

/// The most requests that a step makes. A look at what the browser holds makes none.
fn cost(step: &Step) -> u32 {
    match step {
        Step::Environment | Step::Patience | Step::Cookies | Step::Storage | Step::Workers { round: 0 } | Step::Permission | Step::ClientCookie { .. } => 0,
        Step::Devices | Step::Capture { .. } | Step::IceServers => 0,
        // TURN without TLS, https and, in Firefox, wss.
        Step::RelayTls { .. } => 3,
        Step::Session { .. } | Step::Replica { upgrade: true, .. } => 5,
        Step::Discover { .. } | Step::Help { .. } | Step::Filter { .. } | Step::Replica { upgrade: false, .. } => 2,
        Step::LongPoll { .. } => 5,
        Step::Body { .. } => 3,
        Step::RoundTrips { .. } => 12,
        Step::Delivery { .. } => 6,
        Step::Rung { sockets, .. } => sockets + 1,
        Step::Connect { polling: true, .. } => 5,
        // The page as it is shown and as it is now, past a worker twice, and three scripts; as many again of an open page.
        Step::Shell { round: 1.., .. } => 2,
        Step::Shell { past_worker, .. } => {
            if *past_worker {
                10
            } else {
                8
            }
        }
        _ => 1,
    }
}

/// What the plan asks if every step fails in the way that makes it ask most: the budget cuts nothing off.
#[test]
fn the_worst_world_stays_within_the_budget() {
    let (mut quick, mut full) = ((0, String::new()), (0, String::new()));
    for settings in [
        "{}",
        r#"{"socket-path":"/socket.io/","stream-url":"/stream","grpc-url":"/","echo-event":"connection-doctor","namespace":"/","health-path":"/health"}"#,
        r#"{"socket-path":"/socket.io/","stream-url":"/stream","grpc-url":"/","echo-event":"connection-doctor","depth":"full"}"#,
        r#"{"socket-path":"/socket.io/"}"#,
        r#"{"socket-path":"/socket.io/","namespace":"/","health-path":"/health","depth":"full"}"#,
        r#"{"profile":"chainlit","namespace":"/","depth":"full"}"#,
        r#"{"profile":"chainlit","chat-page":"/a/b/","depth":"full"}"#,
        r#"{"profile":"open-webui","depth":"full"}"#,
        r#"{"profile":"semaphore","namespace":"/","depth":"full"}"#,
        r#"{"server":"https://api.example","socket-path":"/x/socket.io/","chat-page":"/c/","namespace":"/","health-path":"/health","depth":"full"}"#,
        r#"{"socket-path":"/socket.io/","ws-url":"wss://api.example/echo","namespace":"/","health-path":"/health","depth":"full"}"#,
        r#"{"socket-path":"/socket.io/","namespace":"/","health-path":"/health","user-path":"/me","help-path":"/help","storage-keys":"token","depth":"full"}"#,
        r#"{"server":"https://api.example","socket-path":"/x/socket.io/","namespace":"/","user-path":"/me","credentials":"include","request-headers":"authorization","depth":"full"}"#,
        r#"{"socket-path":"/socket.io/","livekit-url":"wss://rtc.example","livekit-token":"x","ice-servers":[{"urls":["turn:a","turn:a?transport=tcp","turns:a","stun:b"]}],"webtransport-url":"https://a.example/"}"#,
        r#"{"socket-path":"/socket.io/","livekit-url":"wss://rtc.example","livekit-token":"x","ice-servers":[{"urls":["turns:a","turns:b","turns:c","turns:d","turns:e","turns:f","turns:g","turns:h"]}],"depth":"full"}"#,
    ] {
        for seed in 0..if settings.contains("livekit") { 60_u64 } else { 150 } {
            // An answer that begins well and then fails asks for most; which one fails how is thrown.
            let thrown = move |ask: &harness::Ask| harness::Dice::new(seed * 7_919 + u64::from(ask.nth) * 31 + u64::from(ask.at)).below(9);
            let world = World::of(if seed % 3 == 0 { Server::PythonPolling } else { Server::Python }, settings)
                .with(|w| {
                    w.mount = if settings.contains("/x/socket.io/") {
                        "/x/socket.io/"
                    } else if settings.contains("socket-path") {
                        SOCKET
                    } else {
                        "/ws/socket.io/"
                    }
                })
                .http(move |ask, usual| match thrown(ask) {
                    0 | 1 => says(503, harness::NGINX_503),
                    2 => reset(),
                    3 => Reply::Silence,
                    4 => Reply::Elsewhere,
                    _ => usual,
                })
                .sockets(move |ask, usual| if thrown(ask) < 5 { refused() } else { usual });
            let world = if seed % 2 == 0 { world.worker(harness::Worker { controls: true, ..harness::Worker::default() }, false) } else { world };
            let world = world.with(|w| {
                w.profile.embedded = seed % 5 == 0;
                w.held.open_scripts = vec!["/one.js", "/two.js", "/three.js"];
                w.calls.livekit.servers = vec!["turn:z", "turns:z"];
                w.calls.ice = Box::new(move |url| {
                    let all = [Ice::Certificate, Ice::Silent, Ice::Works, Ice::CertificateBehindSilence, Ice::Refused];
                    all[(seed as usize + url.host.len() + url.transport.len()) % all.len()]
                });
                if seed % 2 == 1 {
                    w.environment.user_agent = harness::FIREFOX.to_owned();
                }
            });
            let run = world.run();
            assert!(run.requests <= Limits::of(run.profile.depth).requests);
            // What the budget did not hold was cut off, and is not what the plan should come to.
            let cut_off = |f: &Fact| matches!(f, Fact::StepEnded { end: End::Skipped { why }, .. } if why.starts_with("the budget"));
            let asked = run.requests + u32::from(run.evidence.observations().iter().any(|o| cut_off(&o.fact))) * 1_000;
            let most = if run.profile.depth == Depth::Quick { &mut quick } else { &mut full };
            // With all that an operator may name besides, a quick run of a server that fails in every way comes to its budget.
            let named = run.profile.depth == Depth::Quick && (run.profile.stream_url.is_some() || run.profile.webtransport_url.is_some());
            if asked > most.0 && !named {
                *most = (asked, format!("{settings} {:?}", kinds(&run)));
            }
        }
    }
    for (most, depth) in [(quick, Depth::Quick), (full, Depth::Full)] {
        println!("the worst, {depth:?}: {} requests: {}", most.0, most.1);
        assert!(most.0 <= Limits::of(depth).requests, "{depth:?}: {} requests: {}", most.0, most.1);
    }
}

/// Asked as if all that was begun had ended, with any evidence: an upper bound that no order of events can pass.
#[test]
fn asked_to_the_end_the_plan_is_finite() {
    for (name, world) in all_worlds() {
        let run = world.run();
        // Beside calls the chat is the same in all worlds: each fourth moment is enough there.
        let pace = if run.profile.has_calls() { 4 } else { 1 };
        for length in (0..=run.evidence.observations().len()).step_by(pace) {
            let cut = run.cut(length);
            let mut progress = Progress::default();
            for round in 0.. {
                let wanted = plan::next(&cut.profile, &cut.evidence, &progress);
                if wanted.is_empty() {
                    break;
                }
                assert!(round < 40, "{name}, cut after {length}: no end: {wanted:?}");
                for step in wanted {
                    assert!(!progress.begun.contains(&step), "{name}: {step:?} again");
                    progress.begun.push(step.clone());
                    progress.ended.push(step);
                }
            }
            let asked: u32 = progress.begun.iter().map(cost).sum();
            assert!(asked <= Limits::of(cut.profile.depth).requests, "{name}, cut after {length}: {asked} requests: {:?}", progress.begun);
        }
    }
}

#[test]
fn the_first_too_many_ends_the_asking() {
    let run = worlds::rate_limited().run();
    let first = run.evidence.observations().iter().find(|o| matches!(&o.fact, Fact::Exchange(x) if x.status() == Some(429))).unwrap().at;
    let later: Vec<&Step> = run.log.iter().filter(|(at, _)| *at > first).map(|(_, step)| step).collect();
    assert!(later.is_empty(), "asked after 429: {later:?}");
    // A limit that is met late, in a run that asks much.
    let run = worlds::rate_limited_late().run();
    let first = run.evidence.observations().iter().find(|o| matches!(&o.fact, Fact::Exchange(x) if x.status() == Some(429))).unwrap().at;
    let later: Vec<&Step> = run.log.iter().filter(|(at, _)| *at > first + 30).map(|(_, step)| step).collect();
    assert!(later.is_empty(), "asked after 429: {later:?}");
}

#[test]
fn only_what_is_named_is_asked() {
    let topic = |json: &str| World::of(Server::Python, json).run();
    let run = topic(r#"{"socket-path":"/socket.io/","only":"websocket"}"#);
    assert_eq!(kinds(&run), ["environment", "hello", "companion", "own-file", "hello-1"]);
    let run = topic(r#"{"socket-path":"/socket.io/","only":"http"}"#);
    assert_eq!(kinds(&run), ["environment", "own-file", "chat-page"]);
    let run = topic(r#"{"socket-path":"/socket.io/","only":["health"],"health-path":"/health"}"#);
    assert_eq!(kinds(&run), ["environment", "own-file", "health"]);
    let run = topic(r#"{"socket-path":"/socket.io/","only":"browser"}"#);
    assert_eq!(kinds(&run), ["environment", "own-file", "chat-page", "cookies", "storage", "workers", "shell"]);
    let run = topic(r#"{"socket-path":"/socket.io/","only":"polling"}"#);
    assert!(!has(&run, |s| matches!(s, Step::Hello { .. } | Step::Companion { .. } | Step::ChatPage { .. })), "{:?}", kinds(&run));
    assert!(has(&run, |s| matches!(s, Step::Session { upgrade: false, .. })));
    for topic in [
        Topic::Browser,
        Topic::Http,
        Topic::Polling,
        Topic::Websocket,
        Topic::Upgrade,
        Topic::Heartbeat,
        Topic::Connect,
        Topic::Raw,
        Topic::Health,
        Topic::Application,
    ] {
        let mut world = World::of(Server::Python, r#"{"profile":"chainlit","namespace":"/","ws-url":"wss://chat.example/echo"}"#);
        world.profile.only = vec![topic];
        world.run();
    }
}

#[test]
fn a_server_of_another_origin_is_asked_both_ways() {
    let run = worlds::not_allowed().run();
    assert!(has(&run, |s| *s == Step::Server));
    assert!(has(&run, |s| *s == Step::ServerNoCors { path: "/".to_owned(), polls: false }));
    assert!(has(&run, |s| *s == Step::ServerNoCors { path: SOCKET.to_owned(), polls: false }), "{:?}", kinds(&run));
    let own = World::plain(Server::Python).run();
    assert!(!has(&own, |s| matches!(s, Step::Server | Step::ServerNoCors { .. })));
}

#[test]
fn a_rejected_request_gets_its_controls() {
    let run = worlds::path_reset().run();
    assert!(has(&run, |s| matches!(s, Step::RedirectControl { path, .. } if path == SOCKET)));
    assert!(has(&run, |s| matches!(s, Step::ServerNoCors { path, .. } if path == SOCKET)));
    assert!(has(&run, |s| *s == Step::OwnFile { round: 1 }));
}

#[test]
fn a_refused_version_is_asked_for_in_the_older_one() {
    let run = worlds::wrong_version().run();
    assert!(has(&run, |s| matches!(s, Step::Discover { eio: 3, .. })));
    assert!(has(&run, |s| matches!(s, Step::Session { eio: 3, .. })));
    assert!(has(&run, |s| matches!(s, Step::Hello { eio: 3, .. })));
    let healthy = World::plain(Server::Python).run();
    assert!(!has(&healthy, |s| matches!(s, Step::Discover { eio: 3, .. } | Step::Session { eio: 3, .. } | Step::Hello { eio: 3, .. })));
}

#[test]
fn nobody_joins_a_channel_unless_it_is_said_to_be_safe() {
    let joins = |run: &Run| has(run, |s| matches!(s, Step::Connect { .. }));
    for (name, world) in all_worlds() {
        let run = world.run();
        let allowed = run.profile.namespace.is_some() || run.profile.application == connection_doctor::profile::Application::OpenWebui;
        assert!(allowed || !joins(&run), "{name} joins a channel");
    }
    assert!(joins(&worlds::accepted().run()));
    assert!(joins(&worlds::open_webui().run()));
    assert!(!joins(&worlds::chainlit_signed_out().run()));
    // The same Chainlit, found out by its page.
    let found = World::of(Server::Python, "{}").with(|w| w.mount = "/ws/socket.io/").page("/", says(200, harness::CHAINLIT_PAGE)).run();
    assert!(!joins(&found) && has(&found, |s| matches!(s, Step::User { .. })), "{:?}", kinds(&found));
}

#[test]
fn a_native_sign_in_is_never_provoked() {
    let run = worlds::signed_out_native().run();
    assert!(!has(&run, |s| matches!(s, Step::Session { .. } | Step::Companion { .. } | Step::OriginProbe { .. })), "{:?}", kinds(&run));
    let with_credentials = run.evidence.exchanges().filter(|(_, x)| x.path == SOCKET && x.credentials != "omit").count();
    assert_eq!(with_credentials, 0, "{}", run.told());
}

#[test]
fn a_heartbeat_is_waited_for_where_there_is_time_alone() {
    assert!(!has(&World::plain(Server::Python).run(), |s| matches!(s, Step::Heartbeat { .. })));
    let full = World::of(Server::Python, r#"{"socket-path":"/socket.io/","depth":"full"}"#).run();
    assert_eq!(full.log.iter().filter(|(_, s)| matches!(s, Step::Heartbeat { .. })).count(), 1);
    let dead = World::of(Server::Python, r#"{"socket-path":"/socket.io/","depth":"full"}"#).sockets(|_, _| refused()).run();
    assert!(!has(&dead, |s| matches!(s, Step::Heartbeat { .. })));
}

#[test]
fn a_full_run_ends_in_time_where_the_server_dies() {
    let away = || World::of(Server::Node, r#"{"server":"https://api.example","socket-path":"/socket.io/","depth":"full"}"#);
    for moment in [500, 2_000, 9_000, 30_000] {
        for (name, world) in [
            ("behind a gateway", often::dies_behind_gateway(often::full(Server::Python), moment)),
            ("elsewhere", often::dies_elsewhere(away(), moment)),
            ("altogether", often::dies_altogether(often::full(Server::Node), moment)),
        ] {
            let run = world.run();
            assert!(run.ended_at <= 45_000 && run.requests <= Limits::of(Depth::Full).requests, "{name} at {moment}: {} {}", run.ended_at, run.requests);
        }
    }
}

#[test]
fn the_ladder_is_climbed_where_it_was_asked_for_alone() {
    let rungs = |run: &Run| run.log.iter().filter_map(|(_, s)| if let Step::Rung { sockets, .. } = s { Some(*sockets) } else { None }).collect::<Vec<_>>();
    for (name, mut world) in all_worlds() {
        for depth in [Depth::Quick, Depth::Full, Depth::Watch] {
            let mut profile = world.profile.clone();
            if profile.ladder {
                continue;
            }
            profile.depth = depth;
            assert!(rungs(&world.run_as(profile)).is_empty(), "{name}");
        }
    }
    let run = often::ladder(harness::wide_rung).run();
    assert_eq!(rungs(&run), [1, 2, 4, 8]);
    assert!(!has(&run, |s| matches!(s, Step::Heartbeat { .. } | Step::Busy { .. } | Step::LongPoll { .. })), "{:?}", kinds(&run));
    assert!(rungs(&World::plain(Server::Python).sockets(|_, _| refused()).with(|w| w.profile.ladder = true).run()).is_empty());
}

#[test]
fn an_hour_of_watching_asks_little() {
    let watch = |server| World::of(server, r#"{"socket-path":"/socket.io/","depth":"watch"}"#).with(|w| w.watched_for = 3_600_000);
    let healthy = watch(Server::Python).run();
    assert!(healthy.requests <= 120, "{} {:?}", healthy.requests, kinds(&healthy));
    for run in [
        often::node_in_watch().with(|w| w.watched_for = 3_600_000).run(),
        watch(Server::Python).sockets(|_, usual| harness::cut_when_silent(usual, 4_000)).run(),
        watch(Server::Python).sockets(|_, usual| harness::cut_at_age(usual, 1_000)).run(),
        watch(Server::Python).sockets(|ask, usual| if ask.at > 60_000 { refused() } else { harness::cut_at_age(usual, 30_000) }).run(),
    ] {
        assert!(run.requests <= Limits::of(Depth::Watch).requests, "{}", run.requests);
    }
}

/// What a step is begun with may change on the way; the round is the same one.
#[test]
fn no_round_is_begun_twice() {
    for world in [
        often::not_sticky_upgrades(),
        often::not_sticky_upgrades_by_chance("quick"),
        often::not_sticky_upgrades_by_chance("full"),
        often::not_sticky(Server::Python),
        often::not_sticky(Server::Engineioxide),
        often::idle_cut(Server::Engineioxide, 4_000),
        often::restarted(often::full(Server::Node), 4..=5),
        often::restarted_connections(Server::Python, 7_000),
    ] {
        let run = world.run();
        let mut rounds: Vec<String> = kinds(&run);
        rounds
            .retain(|name| ["session-again", "session-otherwise", "busy", "heartbeat", "long-poll", "connect-again"].iter().any(|kind| name.starts_with(kind)));
        let count = rounds.len();
        rounds.sort();
        rounds.dedup();
        assert_eq!(rounds.len(), count, "{:?}", kinds(&run));
    }
}

#[test]
fn without_anything_known_the_plan_begins_with_the_engine_and_the_pages_own_file() {
    let first = plan::next(&profile("{}"), &Evidence::default(), &Progress::default());
    // The engine's paths before all else: the first verdict waits for them.
    let others: Vec<&Step> = first.iter().filter(|s| !matches!(s, Step::Discover { .. })).take(2).collect();
    assert_eq!(others, [&Step::Environment, &Step::OwnFile { round: 0 }]);
    assert!(matches!(first[1], Step::Discover { .. }), "{first:?}");
    // A silent world ends as well.
    let silent = World::of(Server::Nothing, "{}").http(|_, _| Reply::Silence).sockets(|_, _| refused()).run();
    assert!(silent.ended_at <= 5_000);
    let dead = World::of(Server::Nothing, "{}").http(|_, _| reset()).sockets(|_, _| refused()).run();
    assert!(dead.requests <= 40, "{:?}", kinds(&dead));
}

#[test]
fn a_copy_is_compared_where_the_page_is_the_servers_own() {
    let own = World::plain(Server::Node).run();
    assert!(
        has(&own, |s| matches!(s, Step::Shell { past_worker: false, round: 0, .. })) && !has(&own, |s| matches!(s, Step::Navigation { .. })),
        "{:?}",
        kinds(&own)
    );
    let worker = worlds::current_worker().run();
    assert!(
        has(&worker, |s| matches!(s, Step::Shell { past_worker: true, round: 0, .. })) && has(&worker, |s| matches!(s, Step::Navigation { .. })),
        "{:?}",
        kinds(&worker)
    );
    let elsewhere = worlds::not_allowed().run();
    assert!(!has(&elsewhere, |s| matches!(s, Step::Shell { .. } | Step::Navigation { .. })), "{:?}", kinds(&elsewhere));
}

#[test]
fn a_native_sign_in_for_websockets_is_not_provoked_either() {
    let run = worlds::websockets_signed_out_natively().run();
    let asked = run.evidence.exchanges().filter(|(_, x)| x.path == SOCKET && x.status() == Some(401));
    let with_credentials: Vec<_> = asked.filter(|(_, x)| x.credentials != "omit").map(|(_, x)| x.purpose).collect();
    assert!(with_credentials.is_empty(), "{with_credentials:?}\n{}", run.told());
}

#[test]
fn a_native_sign_in_before_the_chats_page_is_not_provoked_either() {
    let run = World::plain(Server::Node).page("/", says(401, "Unauthorized").header("www-authenticate", "Basic realm=\"chat\"")).run();
    assert!(!has(&run, |s| matches!(s, Step::Shell { .. } | Step::Navigation { .. } | Step::ChatPage { as_person: true })), "{:?}", kinds(&run));
}

#[test]
fn what_cors_gates_is_asked_of_another_origin_alone_and_once_the_plain_question_is_answered() {
    let gated = |s: &Step| matches!(s, Step::Credentialed { .. } | Step::Preflighted { .. });
    assert!(has(&worlds::cors_wildcard().run(), gated));
    assert!(!has(&worlds::not_allowed().run(), gated));
    assert!(!has(&World::plain(Server::Node).run(), gated));
}

#[test]
fn what_is_kept_is_asked_where_the_server_was_readable() {
    let kept = |run: &Run, path: &str, include: bool| has(run, |s| *s == Step::ServerKept { path: path.to_owned(), include });
    let run = worlds::poisoned_health().run();
    assert!(kept(&run, "/", false) && kept(&run, "/health", false) && !kept(&run, "/", true), "{:?}", kinds(&run));
    let run = worlds::poisoned_cache_with_cookies(false).run();
    assert!(kept(&run, "/", true) && has(&run, |s| matches!(s, Step::ServerPast { .. })), "{:?}", kinds(&run));
    let run = worlds::not_allowed().run();
    assert!(!has(&run, |s| matches!(s, Step::ServerKept { .. })), "{:?}", kinds(&run));
}

#[test]
fn a_post_is_asked_without_cors_where_no_answer_to_one_is_readable() {
    let asked = |s: &Step| matches!(s, Step::PostNoCors { .. });
    assert!(has(&worlds::cors_of_gets_alone().run(), asked));
    assert!(!has(&worlds::cors_wildcard().run(), asked) && !has(&World::plain(Server::Node).run(), asked));
}

#[test]
fn what_hangs_on_the_application_is_asked_once() {
    for world in [worlds::semaphore_elsewhere(), worlds::cors_wildcard(), worlds::cors_wildcard_credentials()] {
        let run = world.run();
        let count = |of: fn(&Step) -> bool| run.log.iter().filter(|(_, s)| of(s)).count();
        assert!(count(|s| matches!(s, Step::Preflighted { .. })) <= 1 && count(|s| matches!(s, Step::User { round: 0, .. })) <= 1, "{:?}", kinds(&run));
    }
}

#[test]
fn a_filter_is_looked_for_where_nothing_answers_and_the_own_file_does() {
    let looks = |s: &Step| matches!(s, Step::Filter { .. });
    assert!(has(&worlds::filter().run(), looks) && has(&worlds::path_reset().run(), looks));
    assert!(!has(&worlds::offline().run(), looks) && !has(&World::plain(Server::Node).run(), looks) && !has(&worlds::not_allowed().run(), looks));
}

/// The endpoint that may clear everything is asked for its list alone, and only where it is named.
#[test]
fn the_operators_endpoint_is_asked_where_it_is_named() {
    let run = worlds::help().run();
    let asked: Vec<&str> = run.evidence.exchanges().filter(|(_, x)| x.path == "/help").map(|(_, x)| x.method.as_str()).collect();
    assert_eq!(asked, ["GET", "GET"]);
    assert!(!has(&World::plain(Server::Node).run(), |s| matches!(s, Step::Help { .. })));
    let link = r#"{"help-path":"/help"}"#.to_owned();
    let page = connection_doctor::profile::Page { origin: harness::ORIGIN.to_owned(), path: "/diagnostics/".to_owned(), embedded: false };
    let layer = connection_doctor::profile::Layer { source: connection_doctor::profile::Source::Query, json: link };
    assert!(connection_doctor::profile::Profile::parse(&page, &[layer]).is_err(), "a link names an endpoint that clears what the browser holds");
}

#[test]
fn a_release_is_asked_for_where_the_copies_differ() {
    let asks = |run: &Run| has(run, |s| matches!(s, Step::Version { path } if path == "/api/version"));
    let stale = worlds::stale_open_webui().run();
    assert!(asks(&stale), "{:?}", kinds(&stale));
    let found = stale.report().causes.into_iter().find(|f| f.code == "CACHE002").unwrap();
    assert_eq!(found.param("server-version"), "0.12.5");
    assert!(!asks(&worlds::open_webui().run()) && !asks(&worlds::stale_shell().run()));
}

fn call_sockets(run: &Run) -> Vec<(u32, u32)> {
    let of_call = |p| matches!(p, SocketPurpose::Call | SocketPurpose::CallV1);
    let mut all: Vec<(u32, u32)> = run.evidence.sockets().filter(|(_, s)| of_call(s.purpose)).map(|(_, s)| (s.started, s.started + s.lasted())).collect();
    all.sort_unstable();
    all
}

/// LiveKit throws the first participant of an identity out when a second one comes.
#[test]
fn one_call_is_joined_at_a_time() {
    let mut most = 0;
    for (name, mut world) in calls::healthy().into_iter().chain(worlds_of_calls()) {
        for depth in [Depth::Quick, Depth::Full] {
            let mut profile = world.profile.clone();
            profile.depth = depth;
            let run = world.run_as(profile);
            let all = call_sockets(&run);
            assert!(all.windows(2).all(|two| two[0].1 <= two[1].0), "{name} {depth:?}: {all:?}");
            most = most.max(all.len());
        }
    }
    assert!(most >= 2, "no run joined twice");
}

/// It would be refused there too, and a page would not be told why; and nobody is thrown out for nothing.
#[test]
fn a_refused_token_joins_nothing() {
    use Validation::{Expired, Full, Malformed, NoGrant, NoRoom, NoToken, NotYetValid, OtherHeader, Signature, UnknownKey};
    for refusal in [Expired, Full, Malformed, NoGrant, NoRoom, NoToken, NotYetValid, OtherHeader, Signature, UnknownKey] {
        for depth in [Depth::Quick, Depth::Full] {
            for old in [false, true] {
                let run = calls::token(refusal).with(|w| (w.profile.depth, w.calls.livekit.old) = (depth, old)).run();
                assert!(!has(&run, |s| matches!(s, Step::Call { .. } | Step::CallV1)), "{refusal:?} {depth:?}: {:?}", kinds(&run));
            }
        }
    }
    let limited = calls::rate_limited().run();
    assert!(!has(&limited, |s| matches!(s, Step::Call { .. } | Step::CallV1)), "{:?}", kinds(&limited));
    assert!(has(&calls::livekit(|_| {}).run(), |s| matches!(s, Step::Call { .. })));
}

#[test]
fn nothing_is_opened_that_the_person_did_not_ask_for() {
    for (name, world) in all_worlds() {
        let run = world.run();
        let opens = has(&run, |s| matches!(s, Step::Capture { .. }));
        assert_eq!(opens, !run.profile.devices.is_empty(), "{name}: {:?}", kinds(&run));
    }
    // One question of the browser's after the other.
    let run = calls::with_devices(harness::calls::captured).run();
    let asked: Vec<(u32, u32)> = run.evidence.captures().map(|(_, c)| (c.started, c.started + c.ended_after)).collect();
    assert!(asked.len() == 2 && asked[0].1 <= asked[1].0, "{asked:?}");
    let nobody = calls::nobody_answers().run();
    assert!(nobody.ended_at <= 60_000 && nobody.evidence.captures().count() >= 1, "{}", nobody.ended_at);
}

#[test]
fn calls_are_looked_at_where_they_are_named_alone() {
    let of_calls = |s: &Step| {
        use Step::{
            Call, CallServer, CallServerNoCors, CallV1, CallValidate, CallVersion, Capture, Devices, Gather, IceServers, Loopback, RelayTls, WebTransport,
        };
        matches!(
            s,
            Devices
                | Capture { .. }
                | CallServer
                | CallServerNoCors
                | CallValidate { .. }
                | CallVersion
                | Call { .. }
                | CallV1
                | IceServers
                | Gather { .. }
                | RelayTls { .. }
                | Loopback { .. }
                | WebTransport
        )
    };
    for world in [World::plain(Server::Python), worlds::raw(), often::full(Server::Node), worlds::open_webui()] {
        let run = world.run();
        assert!(!has(&run, of_calls), "{:?}", kinds(&run));
    }
    let alone = calls::livekit_and_relay(|_| Ice::Works).with(|w| w.profile.only = vec![Topic::Calls]).run();
    let others: Vec<&Step> = alone.log.iter().map(|(_, s)| s).filter(|s| !of_calls(s)).collect();
    assert_eq!(others, [&Step::Environment, &Step::OwnFile { round: 0 }]);
    assert!(has(&alone, |s| matches!(s, Step::Call { .. })) && has(&alone, |s| matches!(s, Step::Loopback { server: Some(_) })), "{:?}", kinds(&alone));
    let without = calls::livekit_and_relay(|_| Ice::Works).with(|w| w.profile.only = vec![Topic::Http, Topic::Websocket]).run();
    assert!(!has(&without, of_calls), "{:?}", kinds(&without));
}

#[test]
fn a_quick_look_at_calls_takes_these_steps() {
    let sorted = |run: &Run| {
        let mut steps = kinds(run);
        let chat = [
            "chat-page",
            "companion",
            "cookies",
            "discover-4",
            "environment",
            "hello",
            "hello-1",
            "origin-probe",
            "own-file",
            "session",
            "session-again",
            "session-again-1",
        ];
        let chat = [&chat[..], &["shell", "storage", "workers"]].concat();
        steps.retain(|name| !chat.contains(&name.as_str()));
        steps.sort();
        steps
    };
    assert_eq!(sorted(&calls::relays(calls::STUN, |_| Ice::Works).run()), ["devices", "gather-1", "ice-servers", "loopback"]);
    let all = calls::relays(calls::ALL, |_| Ice::Works).run();
    let looks = ["devices", "gather-1", "gather-2", "gather-3", "gather-4", "ice-servers", "loopback"];
    let got = sorted(&all);
    assert!(looks.iter().all(|name| got.contains(&(*name).to_owned())) && got.len() == looks.len() + 1, "{got:?}");
    assert_eq!(sorted(&calls::livekit(|_| {}).run()), ["call", "call-server", "call-token", "call-validate", "devices", "loopback"]);
    assert_eq!(sorted(&calls::livekit_without_token(|_| {}).run()), ["call", "call-server", "call-validate", "devices", "loopback"]);
    let full = sorted(&calls::livekit_full(|_| {}).run());
    assert!(["call-v1", "call-version"].iter().all(|name| full.contains(&(*name).to_owned())), "{full:?}");
    let old = sorted(&calls::livekit_full(|c| c.livekit.old = true).run());
    assert!(old.contains(&"call-version".to_owned()) && !old.contains(&"call-v1".to_owned()), "{old:?}");
    // A relay whose TLS fails gets its control; one that is silent too.
    assert!(has(&calls::relay_tls(Ice::Certificate).run(), |s| matches!(s, Step::RelayTls { server: 0 })));
    assert!(!has(&calls::relay_tls(Ice::Unauthorized).run(), |s| matches!(s, Step::RelayTls { .. })));
    // The newest failure is looked at once more, and no more than once.
    let again = calls::upgrade_stripped().run();
    assert_eq!(again.log.iter().filter(|(_, s)| matches!(s, Step::Call { .. })).count(), 2);
}

/// What may be said after each observation of a run: when, what, and the gravest cause so far.
fn first_verdicts(run: &Run) -> Vec<(u32, FirstVerdict, Option<String>)> {
    let mut all = Vec::new();
    for (length, observation) in run.evidence.observations().iter().enumerate() {
        let cut = run.cut(length + 1);
        let diagnosis = diagnose(&cut.profile, &cut.evidence);
        let cause = diagnosis.causes.first().map(|finding| finding.code.clone());
        all.extend(first_verdict(&cut.profile, &cut.evidence, &diagnosis, observation.at).map(|first| (observation.at, first, cause)));
    }
    all
}

#[test]
fn a_healthy_chat_is_said_to_work_before_all_is_looked_at() {
    // What speaks an unknown protocol, what is watched, and calls without a chat say nothing before their end.
    let silent = ["raw", "raw-subprotocol", "raw-404-on-get", "raw, full", "upgrade-insecure-requests", "watched for long"];
    for (name, world) in worlds::healthy() {
        let run = world.run();
        let said = first_verdicts(&run);
        assert_eq!(said.is_empty(), silent.contains(&name) || name.starts_with("livekit alone"), "{name}: {said:?}\n{}", run.told());
        assert!(said.iter().all(|(_, first, _)| matches!(first, FirstVerdict::WorksSoFar { .. })), "{name}: {said:?}");
        // By long-polling alone it is said as soon as a session held.
        let held = |first: Option<&(u32, FirstVerdict, Option<String>)>| matches!(first, Some((at, FirstVerdict::WorksSoFar { polling: true, .. }, _)) if *at < run.ended_at);
        assert!(held(said.first()) || !said.iter().any(|(_, first, _)| matches!(first, FirstVerdict::WorksSoFar { polling: true, .. })), "{name}: {said:?}");
    }
}

#[test]
fn nothing_is_said_to_work_that_was_not_seen() {
    for world in [worlds::accepted(), worlds::healthy().remove(0).1] {
        let run = world.run();
        assert!(!first_verdicts(&run).is_empty());
        for purpose in [Purpose::Handshake, Purpose::FollowUp] {
            assert_eq!(first_verdicts(&run.without(purpose)), Vec::new(), "without {purpose:?}");
        }
        let not_upgraded = run.only(|o| !matches!(&o.fact, Fact::Socket(s) if s.purpose == SocketPurpose::Upgrade));
        assert_eq!(first_verdicts(&not_upgraded), Vec::new(), "without the upgrade");
    }
}

#[test]
fn a_fault_that_is_told_early_is_told_at_the_end() {
    let mut told = 0;
    for (name, world) in all_worlds() {
        let run = world.run();
        let last = run.causes();
        for (at, first, cause) in first_verdicts(&run) {
            if matches!(first, FirstVerdict::Fault(_)) {
                told += 1;
                assert!(cause.as_ref().is_some_and(|code| last.contains(code)), "{name}: {cause:?} at {at}, and {last:?} at the end");
            }
        }
    }
    assert!(told > 10, "{told}");
}

#[test]
fn the_old_version_is_asked_for_only_where_the_page_loads_an_old_client() {
    let asks_old = |run: &Run| run.log.iter().filter(|(_, step)| matches!(step, Step::Discover { eio: 3, .. })).count();
    let usual = kinds(&worlds::names_script(Server::Node, "/js/app.js").run());
    for world in [worlds::loads_client(Server::Node, "/js/app.js", "4.8.4"), worlds::names_script(Server::Node, "/js/socket.io-4.8.4.js")] {
        assert_eq!(kinds(&world.run()), usual);
    }
    let same =
        [worlds::names_script(Server::Node, "/socket.io/socket.io.js"), worlds::two_clients(), worlds::names_script(Server::NodeTwo, "/js/socket.io-2.5.0.js")];
    assert!(same.iter().all(|world| asks_old(&world.run()) == 0));
    for world in [worlds::new_server_old_client(Server::Node), worlds::new_server_old_client(Server::Python), worlds::new_server_for_both()] {
        assert_eq!(asks_old(&world.run()), 1);
    }
}

#[test]
fn who_is_signed_in_is_asked_again_where_replicas_may_differ() {
    let asked = |run: &Run| run.log.iter().filter(|(_, step)| matches!(step, Step::User { .. })).count();
    for often in [worlds::signed_in_by_token(), worlds::secrets_of_replicas(false), worlds::cookies_of_replicas(true), worlds::cookies_of_replicas(false)] {
        assert_eq!(asked(&often.run()), 4);
    }
    // Most often nobody is signed in.
    for twice in [worlds::chainlit_signed_out(), worlds::signed_out_with_a_draft(), worlds::signature_refused()] {
        assert_eq!(asked(&twice.run()), 2);
    }
    assert_eq!(asked(&worlds::token_of_a_server_elsewhere().run()), 1);
    assert_eq!(asked(&worlds::open_webui().run()), 0);
}
