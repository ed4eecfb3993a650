//! The plan, walked through worlds without a browser: how much it asks, that it ends, and what it never asks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "rules/worlds.rs"]
#[allow(dead_code)]
mod worlds;

use connection_doctor::evidence::{End, Evidence, Fact};
use connection_doctor::plan::{self, Limits, Progress, Step};
use connection_doctor::profile::{Depth, Topic};
use harness::{Reply, Run, SOCKET, Server, World, profile, refused, reset, says};
use worlds::often;

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
    all
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
            assert!(run.requests <= most, "{name}: {} requests: {:?}", run.requests, kinds(&run));
            assert!(run.ended_at <= 5_000, "{name}: {} ms", run.ended_at);
        }
    }
}

#[test]
fn a_quick_look_at_a_python_chat_takes_these_steps() {
    let run = World::plain(Server::Python).run();
    let mut steps = kinds(&run);
    steps.sort();
    let held = ["cookies", "shell", "storage", "workers"];
    let asked = ["chat-page", "companion", "discover-4", "environment", "hello", "origin-probe", "own-file", "session", "session-again", "session-again-1"];
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
        Step::Environment | Step::Patience | Step::Cookies | Step::Storage | Step::Workers { round: 0 } | Step::Permission => 0,
        Step::Session { .. } | Step::Replica { upgrade: true, .. } => 5,
        Step::Discover { .. } | Step::Help { .. } | Step::Filter { .. } | Step::Replica { upgrade: false, .. } => 2,
        Step::LongPoll { .. } | Step::Body { .. } => 3,
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
    ] {
        for seed in 0..150_u64 {
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
            });
            let run = world.run();
            assert!(run.requests <= Limits::of(run.profile.depth).requests);
            // What the budget did not hold was cut off, and is not what the plan should come to.
            let cut_off = |f: &Fact| matches!(f, Fact::StepEnded { end: End::Skipped { why }, .. } if why.starts_with("the budget"));
            let asked = run.requests + u32::from(run.evidence.observations().iter().any(|o| cut_off(&o.fact))) * 1_000;
            let most = if run.profile.depth == Depth::Quick { &mut quick } else { &mut full };
            // With all that an operator may name besides, a quick run of a server that fails in every way comes to its budget.
            let named = run.profile.depth == Depth::Quick && run.profile.stream_url.is_some();
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
        for length in 0..=run.evidence.observations().len() {
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
    assert_eq!(kinds(&run), ["environment", "own-file", "hello", "companion"]);
    let run = topic(r#"{"socket-path":"/socket.io/","only":"http"}"#);
    assert_eq!(kinds(&run), ["environment", "own-file", "chat-page"]);
    let run = topic(r#"{"socket-path":"/socket.io/","only":["health"],"health-path":"/health"}"#);
    assert_eq!(kinds(&run), ["environment", "own-file", "health"]);
    let run = topic(r#"{"socket-path":"/socket.io/","only":"browser"}"#);
    assert_eq!(kinds(&run), ["environment", "own-file", "cookies", "storage", "workers", "chat-page", "shell"]);
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
    assert!(has(&run, |s| *s == Step::ServerNoCors { path: "/".to_owned() }));
    assert!(has(&run, |s| *s == Step::ServerNoCors { path: SOCKET.to_owned() }), "{:?}", kinds(&run));
    let own = World::plain(Server::Python).run();
    assert!(!has(&own, |s| matches!(s, Step::Server | Step::ServerNoCors { .. })));
}

#[test]
fn a_rejected_request_gets_its_controls() {
    let run = worlds::path_reset().run();
    assert!(has(&run, |s| matches!(s, Step::RedirectControl { path } if path == SOCKET)));
    assert!(has(&run, |s| matches!(s, Step::ServerNoCors { path } if path == SOCKET)));
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
fn without_anything_known_the_plan_begins_with_the_page_and_its_own_file() {
    let first = plan::next(&profile("{}"), &Evidence::default(), &Progress::default());
    assert_eq!(first[..2], [Step::Environment, Step::OwnFile { round: 0 }]);
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
