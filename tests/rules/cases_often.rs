//! The cases of what a single look can't tell: replicas, time, streams, rates and sizes.

use connection_doctor::evidence::{Fact, Purpose, Rung, SocketPurpose, Stream, StreamEnd};

use crate::cases::Case;
use crate::cases::Kind::{Clear, Fires, Near, NearHealthy, Remark, Unknown};
use crate::harness::{Echo, Joining, NGINX_502, NGINX_504, Reply, Run, Server, documented_stream, grpc_says, says, stream, wide_rung};
use crate::worlds::{self as w, often as o};

/// The first so many conversations alone.
fn first_sessions(run: &Run, most: u8) -> Run {
    run.only(|seen| !matches!(&seen.fact, Fact::Exchange(x) if x.session > most))
}

fn first_of(run: &Run, wanted: impl Fn(&Fact) -> bool, most: usize) -> Run {
    let left = std::cell::Cell::new(most);
    run.only(|seen| {
        if !wanted(&seen.fact) {
            return true;
        }
        let had = left.get();
        left.set(had.saturating_sub(1));
        had > 0
    })
}

fn without_fact(run: &Run, unwanted: impl Fn(&Fact) -> bool) -> Run {
    run.only(|seen| !unwanted(&seen.fact))
}

/// What Envoy says where it speaks HTTP/2 with a server of HTTP/1.1 (measured).
const PROTOCOL_ERROR: &str = "upstream connect error or disconnect/reset before headers. reset reason: protocol error";

/// What Envoy says as gRPC-web where nobody listens (measured).
fn unreached() -> Reply {
    let message = "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure";
    o::dressed(503, &[("grpc-status", "14"), ("grpc-message", message)])
}

fn is_long_poll(fact: &Fact) -> bool {
    matches!(fact, Fact::Exchange(x) if x.purpose == Purpose::LongPoll)
}

/// One fault, and it is named alone.
#[test]
fn what_many_looks_tell_is_one_cause_and_no_other() {
    let elsewhere = || crate::harness::World::of(Server::Node, r#"{"server":"https://api.example","socket-path":"/socket.io/","depth":"full"}"#);
    let stream = r#"{"socket-path":"/socket.io/","stream-url":"/stream","depth":"full"}"#;
    let all = [
        ("not sticky", o::not_sticky(Server::Python), "SES001"),
        ("not sticky, in turn", o::not_sticky_in_turn(Server::Node), "SES001"),
        ("not sticky, upgrades", o::not_sticky_upgrades(), "SES001"),
        ("not sent", o::affinity_not_sent(), "SES002"),
        ("third party", o::affinity_third_party(), "SES002"),
        ("apart", o::echo(Echo::Apart), "SES003"),
        ("idle", o::idle_cut(Server::Python, 4_000), "WS005"),
        ("idle, with the polls", o::idle_cut_with_polls(4_000), "WS005"),
        ("lifetime", o::lifetime_cut(Server::Python, 8_000, 25_000), "WS006"),
        ("heartbeat", o::no_heartbeat(Server::Python, 3_000), "WS007"),
        ("large messages", o::messages_up_to(64_000, o::cut_off), "WS008"),
        ("large messages, told", o::messages_up_to(512_000, o::too_big), "WS008"),
        ("slow socket", o::trips((10, 3), (20, 600)), "WS010"),
        ("large posts", o::posts_up_to(Server::Python, 64_000, says(413, "")), "POLL002"),
        ("poll cut", o::poll_cut(Server::Python, 3_000, says(504, NGINX_504)), "POLL004"),
        ("poll cut, node", o::poll_cut_on_node(3_000), "POLL004"),
        ("buffered", o::streams(stream, o::buffered), "STR001"),
        ("stream cut", o::stream_cut(true, 5_000), "STR002"),
        ("compressed", o::streams(stream, |ask| o::compressed(o::buffered(ask))), "STR003"),
        ("no gRPC", o::grpc(says(404, "Not Found")), "GRPC001"),
        ("gRPC alone fails", o::grpc(says(502, NGINX_502)), "GRPC002"),
        ("the socket alone fails", o::grpc_entrance(), "GRPC002"),
        ("not serving", o::grpc(grpc_says(0, Some(2))), "GRPC003"),
        ("little room", o::room_for(3), "RES001"),
        ("unsteady sockets", o::unsteady_sockets(), "NET007"),
        ("dies behind a gateway", o::dies_behind_gateway(o::full(Server::Python), 2_000), "NET003"),
        ("dies behind a gateway, later", o::dies_behind_gateway(o::full(Server::Node), 12_000), "NET003"),
        ("dies elsewhere", o::dies_elsewhere(elsewhere(), 6_000), "NET002"),
        ("dies altogether", o::dies_altogether(o::full(Server::Python), 6_000), "NET001"),
    ];
    let mut wrong = Vec::new();
    for (name, world, code) in all {
        let run = world.run();
        if run.causes() != [code] {
            wrong.push(format!("{name}: {:?} and not {code}\n{}", run.causes(), run.told()));
        }
    }
    assert!(wrong.is_empty(), "{} runs are misjudged:\n{}", wrong.len(), wrong.join("\n"));
}

/// Two faults, and neither hides the other: a WebSocket of its own has no session that a replica would have to know.
#[test]
fn what_does_not_follow_is_not_folded() {
    assert_eq!(o::not_sticky_without_websocket().run().causes(), ["SES001", "WS001"]);
}

#[rustfmt::skip]
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let mut case = |code, kind, name, run: Run| all.push(Case { code, kind, name, run });
    let quick = || o::quick(Server::Python).run();
    let healthy = || o::full(Server::Python).run();
    let hidden = |world| o::hidden_at(world, 900).run();

    case("SES001", Fires, "half of the follow-ups go astray, python", o::not_sticky(Server::Python).run());
    case("SES001", Fires, "half of the follow-ups go astray, engineioxide", o::not_sticky(Server::Engineioxide).run());
    case("SES001", Fires, "in turn, node: every one does", o::not_sticky_in_turn(Server::Node).run());
    case("SES001", Fires, "one of four", o::not_sticky_one_of_four().run());
    case("SES001", Fires, "upgrades alone, which are new connections", o::not_sticky_upgrades().run());
    case("SES001", Fires, "upgrades alone, in a quick test", o::not_sticky_upgrades_by_chance("quick").run());
    case("SES001", Fires, "the first upgrades by chance not", o::not_sticky_upgrades_by_chance("full").run());
    case("SES001", Fires, "and no WebSocket passes", o::not_sticky_without_websocket().run());
    case("SES001", Fires, "upgrades alone, at a server that looks at the session after the handshake", o::strays_after_opening().run());
    case("SES001", Near("WS004"), "upgrades open and are cut at what the page says", o::cut_when_spoken_to(Server::Node).run());
    case("WS004", Fires, "upgrades are cut at what the page says", o::cut_when_spoken_to(Server::Python).run());
    case("WS004", Near("SES001"), "a replica that looks at the session after the handshake", o::strays_after_opening().run());
    case("SES001", Clear, "all hold", healthy());
    case("SES001", Unknown, "three sessions alone", quick());
    case("SES001", Unknown, "one was lost, and nobody looked on", first_sessions(&o::not_sticky_in_turn(Server::Node).run(), 3));
    case("SES001", NearHealthy, "a cookie keeps the chat's own requests at one", o::sticky_by_cookie().run());
    case("SES001", NearHealthy, "the same at a server of another origin", o::sticky_by_cookie_elsewhere().run());
    case("SES001", Fires, "a Chainlit, whatever its client's cookie says", o::chainlit_in_turn(false, "quick").run());
    case("SES001", NearHealthy, "a Chainlit whose client's cookie keeps a person at one", o::chainlit_in_turn(true, "quick").run());
    case("SES001", NearHealthy, "the same in a longer run", o::chainlit_in_turn(true, "full").run());
    case("SES001", NearHealthy, "WebSocket alone by the page's script", o::websocket_alone_by_script_in_turn().run());
    case("SES001", NearHealthy, "WebSocket alone, over replicas", o::full(Server::NodeWebsocket).run());
    case("SES001", NearHealthy, "a restart in the middle", o::restarted(o::full(Server::Node), 4..=5).run());
    case("SES001", NearHealthy, "a restart at the start", o::restarted(o::full(Server::Python), 2..=3).run());
    case("SES001", NearHealthy, "one upgrade by chance", o::one_upgrade_lost().run());
    case("SES001", NearHealthy, "a client that never polls", o::chainlit_by_websocket_in_turn("full").run());
    case("SES002", NearHealthy, "a client that never polls", o::chainlit_by_websocket_in_turn("quick").run());
    case("POLL002", NearHealthy, "a client that never polls", o::chainlit_by_websocket_without_posts(413).run());
    case("POLL003", NearHealthy, "a client that never polls", o::chainlit_by_websocket_without_posts(405).run());
    case("WS001", Fires, "all that a client has which never polls", o::chainlit_by_websocket("quick").sockets(|_, _| crate::harness::refused()).run());
    case("SES001", Fires, "a server of another site, and cookies are sent", o::lost_with_cookies_at("https://api.example").run());
    case("SES004", Remark, "of long-polling alone, which was away for a while", o::away_for_a_while(1_000, 1_700).run());
    case("SES004", Near("NET007"), "requests fail now and then", w::intermittent().run());
    case("SES004", Near("NET003"), "it was away, and did not come back", o::away_for_a_while(1_000, 90_000).run());
    case("SES001", Near("SES002"), "the chat does not send the cookie", o::affinity_not_sent().run());
    case("SES001", Near("SES002"), "the frame does not keep it", o::affinity_third_party().run());
    case("AUTH001", Fires, "a gate's sign-in ends in the middle of the run", o::sign_in_ends(true).run());
    case("AUTH001", Clear, "the socket's path is cut in the middle of the run", o::sign_in_ends(false).run());
    case("SES001", Fires, "the session is known until the ping, and then no more", o::affinity_ends(Server::PythonPolling).run());
    case("SES001", NearHealthy, "the same in a hidden tab, where the pong may come too late", hidden(o::affinity_ends(Server::PythonPolling)));
    case("SES001", NearHealthy, "the same where a WebSocket stands", o::affinity_ends(Server::Python).run());
    case("SES001", NearHealthy, "the session is known after the ping", o::full(Server::PythonPolling).with(|w| w.ping_interval = 3_000).run());
    case("SES001", Near("POLL004"), "a request that hung was cut, and Node ends its session", o::poll_cut_on_node(3_000).run());
    case("SES001", Near("WS001"), "every WebSocket is refused", w::stripped(Server::Node).with(|w| w.profile.depth = connection_doctor::profile::Depth::Full).run());
    case("SES001", Near("NET007"), "requests fail now and then", w::intermittent().run());
    case("SES001", Near("NET005"), "too many", w::rate_limited().run());

    case("SES002", Fires, "the chat sends no credentials to another origin", o::affinity_not_sent().run());
    case("SES002", Fires, "a frame of another site", o::affinity_third_party().run());
    case("SES002", Fires, "the person blocks cookies", o::affinity_blocked().run());
    case("SES002", Fires, "Lax, and the server is of another site", o::affinity_not_kept().run());
    case("SES002", Clear, "all hold", healthy());
    case("SES002", Clear, "with the cookie all hold", o::sticky_by_cookie_elsewhere().run());
    case("SES002", Unknown, "three sessions alone", first_sessions(&o::affinity_not_sent().run(), 4));
    case("SES002", Near("SES001"), "with and without cookies", o::not_sticky_elsewhere().run());
    case("SES002", Near("SES001"), "nothing shows why", o::not_sticky(Server::Python).run());
    case("SES002", NearHealthy, "only what carries no cookie is lost", o::sticky_by_cookie().run());
    case("SES002", NearHealthy, "no third-party cookies, and nobody is lost", o::full(Server::Node).with(|w| (w.environment.framed, w.environment.foreign_frame) = (true, true)).holds(|h| h.trials(&[("lax", false), ("none", false), ("partitioned", true)])).run());

    case("SES003", Fires, "not at the other instance", o::echo(Echo::Apart).run());
    case("SES003", Fires, "nowhere", o::echo(Echo::Nowhere).run());
    case("SES003", Fires, "at Node, by a longer test", o::echo(Echo::Apart).with(|w| { w.server = Server::Node; w.profile.depth = connection_doctor::profile::Depth::Full; }).run());
    case("SES003", Clear, "at both", o::echo(Echo::Across).run());
    case("SES003", Unknown, "no setting", healthy());
    case("SES003", Unknown, "no handler", o::echo(Echo::Missing).run());
    case("SES003", Unknown, "all at one instance", o::echo(Echo::OneInstance).run());
    case("SES003", Unknown, "a handler that does not say where it is", o::echo(Echo::Unnamed).run());
    case("SES003", Unknown, "the second one was refused", o::echo(Echo::Refused).run());
    case("SES003", NearHealthy, "one replica", o::echo(Echo::OneInstance).run());
    case("SES003", NearHealthy, "no handler", o::echo(Echo::Missing).run());
    case("SES003", Near("SIO002"), "nobody answers CONNECT", o::echo(Echo::Unjoined).with(|w| { w.joining = Joining::Never; w.profile.namespace = Some("/".to_owned()); }).run());

    case("SES001", Fires, "worker processes of one server", o::worker_processes(o::quick(Server::Node), 1).run());
    case("SES001", Fires, "the same in a longer test", o::worker_processes(o::full(Server::Node), 1).run());
    case("SES001", Fires, "every second session by chance", o::worker_processes(o::quick(Server::Node), 2).run());
    case("SES004", Near("SES001"), "only what was asked on one kept connection held since", o::worker_processes(o::quick(Server::Node), 1).run());
    case("SES004", Remark, "a burst of lost sessions, node", o::restarted(o::full(Server::Node), 4..=5).run());
    case("SES004", Remark, "a burst of lost sessions, python", o::restarted(o::full(Server::Python), 4..=4).run());
    case("SES004", Remark, "in a quick test, which then looks on", o::restarted(o::quick(Server::Python), 3..=3).run());
    case("SES001", NearHealthy, "a restart that takes the last session but one", o::restarted(o::full(Server::Python), 8..=8).run());
    case("SES004", Remark, "all connections at one moment", o::restarted_connections(Server::Python, 7_000).run());
    case("SES004", Remark, "the same at Node, with the hanging request", o::restarted_connections(Server::Node, 12_000).run());
    case("SES004", Remark, "the same, and it takes a moment to come back", o::restarted_early(Server::Node).run());
    case("SES004", Clear, "nothing ended", healthy());
    case("SES004", Near("SES001"), "again and again", o::not_sticky(Server::Python).run());
    case("SES004", NearHealthy, "one upgrade and one follow-up, which is too little", o::not_sticky_now_and_then().run());
    case("SES004", Near("WS006"), "each at its own age", o::lifetime_cut(Server::Python, 8_000, 25_000).run());
    case("SES004", Near("NET003"), "it did not come back", o::dies_behind_gateway(o::full(Server::Python), 7_000).run());

    case("WS005", Fires, "4 s of silence", o::idle_cut(Server::Python, 4_000).run());
    case("WS005", Fires, "10 s, node", o::idle_cut(Server::Node, 10_000).run());
    case("WS005", Fires, "20 s: the run has time for one", o::idle_cut(Server::Python, 20_000).run());
    case("WS005", Fires, "4 s, the hanging request too", o::idle_cut_with_polls(4_000).run());
    case("WS005", Fires, "a raw WebSocket: silence or age", o::raw(|_, usual| crate::harness::cut_at_age(usual, 4_000)).run());
    case("WS005", Fires, "a raw one that talks for 6 s, and a limit for silence of 4 s", o::talks_until_cut(12, [10_001, 10_006]).run());
    case("WS005", Fires, "a raw one that talks: what is cut late seems silent, of two the first one longer", o::talks_until_cut(13, [7_998, 7_992]).run());
    case("WS005", Fires, "the same, of two the first one shorter", o::talks_until_cut(13, [7_992, 7_998]).run());
    case("WS005", Remark, "in a protocol where the client speaks first", o::speaks_first(10_000).run());
    case("WS005", Clear, "nothing is cut", healthy());
    case("WS005", Unknown, "nothing is held", quick());
    case("WS005", Unknown, "the tab was hidden", hidden(o::idle_cut(Server::Python, 4_000)));
    case("WS005", Unknown, "the device slept", o::paused_at(o::idle_cut(Server::Python, 4_000), 7_000).run());
    case("WS005", NearHealthy, "pings each 25 s, and a limit of 60 s", o::idle_cut(Server::Python, 60_000).run());
    case("WS005", NearHealthy, "pings each 2 s, and a limit of 6 s", o::idle_cut(Server::Python, 6_000).with(|w| w.ping_interval = 2_000).run());
    case("WS005", NearHealthy, "Node's own goodbye after 45 s", o::node_in_watch().run());
    case("WS005", NearHealthy, "a restart", o::restarted_connections(Server::Python, 7_000).run());
    case("WS005", Near("WS006"), "traffic does not help", o::lifetime_cut(Server::Python, 8_000, 25_000).run());
    case("WS005", Near("WS004"), "at once", w::drops_at_once().with(|w| w.profile.depth = connection_doctor::profile::Depth::Full).run());
    case("WS005", Near("NET003"), "the server is gone", o::dies_behind_gateway(o::full(Server::Python), 7_000).run());

    case("WS006", Fires, "6 s, with pings each 2 s", o::lifetime_cut(Server::Python, 6_000, 2_000).run());
    case("WS006", Fires, "8 s, python", o::lifetime_cut(Server::Python, 8_000, 25_000).run());
    case("WS006", Fires, "15 s, node", o::lifetime_cut(Server::Node, 15_000, 25_000).run());
    case("WS006", Fires, "30 s", o::lifetime_cut(Server::Python, 30_000, 25_000).run());
    case("WS006", Fires, "a raw one that talks until it is cut", o::talks_until_cut(15, [7_801, 7_804]).run());
    case("WS006", Near("WS005"), "a raw one that talks for 6 s, and a limit for silence of 4 s", o::talks_until_cut(12, [10_001, 10_006]).run());
    case("WS006", Clear, "nothing is cut", healthy());
    case("WS006", Unknown, "nothing is held", quick());
    case("WS006", Unknown, "the tab was hidden", hidden(o::lifetime_cut(Server::Python, 8_000, 25_000)));
    case("WS006", NearHealthy, "Node's own goodbye after 45 s", o::node_in_watch().run());
    case("WS006", NearHealthy, "a restart", o::restarted_connections(Server::Node, 9_000).run());
    case("WS006", Near("WS005"), "only what is silent", o::idle_cut(Server::Python, 10_000).run());
    case("WS006", Near("WS004"), "at once", w::drops_at_once().with(|w| w.profile.depth = connection_doctor::profile::Depth::Full).run());

    case("WS007", Fires, "no ping, and the time is over", o::no_heartbeat(Server::Python, 3_000).run());
    case("WS007", Fires, "no ping, node", o::no_heartbeat(Server::Node, 5_000).run());
    case("WS007", Fires, "no answer to the client's, version 3", o::no_heartbeat(Server::NodeTwo, 3_000).run());
    case("WS007", Fires, "the run ends first, and it is late", o::no_heartbeat(Server::Python, 15_000).run());
    case("WS007", Fires, "every engine's default of 25 s", o::no_heartbeat(Server::Python, 25_000).run());
    case("WS007", Fires, "on no connection", o::no_heartbeat_at_all(Server::Python, 3_000).run());
    case("WS007", Fires, "the page's answers are lost", o::pongs_lost(Server::Python, 1000).run());
    case("WS007", Fires, "the page's answers are lost, node", o::pongs_lost(Server::Node, 1005).run());
    case("WS007", Unknown, "the same, and the tab was hidden", hidden(o::pongs_lost(Server::Python, 1000)));
    case("WS007", NearHealthy, "the application closes at a time of its own", o::closed_by_rule(Server::Python).run());
    case("WS007", NearHealthy, "Node closes who never joins", o::node_in_watch().run());
    case("WS007", Clear, "it comes each 25 s", healthy());
    case("WS007", Unknown, "nobody waited", quick());
    case("WS007", Unknown, "not due yet", o::full(Server::Python).with(|w| w.ping_interval = 60_000).run());
    case("WS007", Unknown, "the tab was hidden", hidden(o::no_heartbeat(Server::Python, 3_000)));
    case("WS007", NearHealthy, "a minute between pings", o::full(Server::Python).with(|w| w.ping_interval = 60_000).run());
    case("WS007", NearHealthy, "on the busy connection alone", o::busy_without_pings().run());
    case("WS007", Near("WS005"), "the connection is cut", o::idle_cut(Server::Python, 10_000).run());
    case("WS007", Near("NET003"), "the server is gone", o::dies_behind_gateway(o::full(Server::Python), 7_000).run());

    case("WS008", Fires, "from 64 kB on, cut", o::messages_up_to(64_000, o::cut_off).run());
    case("WS008", Fires, "from 60 kB on, at a server that names no limit", o::messages_up_to_at_an_old_server(60_000).run());
    case("WS008", Fires, "from 64 kB on, too big", o::messages_up_to(64_000, o::too_big).run());
    case("WS008", Fires, "from 300 kB on, swallowed", o::messages_up_to(300_000, o::swallowed).run());
    case("WS008", Fires, "from 512 kB on: one of the sizes", o::messages_up_to(512_000, o::cut_off).run());
    case("WS008", Fires, "from 512 kB on, told", o::messages_up_to(512_000, o::too_big).run());
    case("WS008", Fires, "no packet of full size passes", o::packets_lost().run());
    case("WS008", Fires, "from 2 kB on, cut at once: a limit", o::messages_up_to(2_000, o::cut_off).run());
    case("WS008", Clear, "all pass", healthy());
    case("WS008", Unknown, "none was sent", quick());
    case("WS008", Unknown, "one was lost, and nobody looked on", first_of(&o::messages_up_to(64_000, o::cut_off).run(), |f| matches!(f, Fact::Socket(s) if s.purpose == SocketPurpose::Large), 1));
    case("WS008", Unknown, "they do not leave the browser in time", o::messages_up_to(0, o::slow_uplink).run());
    case("WS008", NearHealthy, "a slow uplink", o::messages_up_to(200_000, o::slow_uplink).run());
    case("WS008", NearHealthy, "the large one by chance, once", o::messages_up_to(899_999, o::cut_off).run());
    case("WS008", Near("WS009"), "the server closes each", w::closes(1008, "policy violation").with(|w| w.profile.depth = connection_doctor::profile::Depth::Full).run());

    case("WS010", Fires, "0.6 s, and 3 ms", o::trips((10, 3), (20, 600)).run());
    case("WS010", Fires, "6 s: time for three", o::trips((10, 20), (3, 6_000)).run());
    case("WS010", Fires, "1.2 s, and 0.2 s", o::trips((10, 200), (12, 1_200)).run());
    case("WS010", Clear, "alike", healthy());
    case("WS010", Unknown, "not measured", quick());
    case("WS010", Unknown, "no answer to the question", o::trips((10, 3), (0, 0)).run());
    case("WS010", Unknown, "too few", o::trips((10, 3), (4, 600)).run());
    case("WS010", Unknown, "too few to compare with", o::trips((2, 3), (20, 600)).run());
    case("WS010", Unknown, "the tab was hidden", hidden(o::trips((10, 3), (20, 600))));
    case("WS010", NearHealthy, "both are slow", o::trips((10, 800), (16, 900)).run());
    case("WS010", NearHealthy, "five times as long, and still fast", o::trips((10, 30), (20, 200)).run());
    case("WS010", Near("NET004"), "a slow server", w::slow_server().run());

    case("POLL002", Fires, "413 from 64 kB on", o::posts_up_to(Server::Python, 64_000, says(413, "<html><head><title>413 Request Entity Too Large</title></head></html>")).run());
    case("POLL002", Fires, "413 at 900 kB alone", o::posts_up_to(Server::Node, 512_000, says(413, "")).run());
    case("POLL002", Fires, "broken off from 200 kB on", o::posts_up_to(Server::Python, 200_000, Reply::Reject { after: 30 }).run());
    case("POLL002", Fires, "403 of a firewall from 100 kB on", o::posts_up_to(Server::Node, 100_000, says(403, "<html><body>Forbidden</body></html>")).run());
    case("POLL002", Fires, "broken off at 900 kB alone", o::posts_up_to(Server::Python, 512_000, Reply::Reject { after: 30 }).run());
    case("POLL002", Fires, "413 to the smallest", o::posts_up_to(Server::Node, 0, says(413, "")).run());
    case("POLL002", Fires, "413 from 8 kB on, at a server of long-polling alone", o::posts_up_to(Server::PythonPolling, 8_000, says(413, "")).run());
    case("POLL002", Fires, "the same where no WebSocket comes about", o::posts_up_to(Server::Node, 8_000, says(413, "")).sockets(|_, _| crate::harness::refused()).run());
    case("POLL002", Fires, "503 from 200 kB on, and nothing small fails", o::posts_up_to(Server::Python, 200_000, says(503, "")).run());
    case("POLL002", Fires, "413 above 1 MiB, where the server takes 100 MB", o::takes_much(o::posts_up_to(Server::Node, 1_048_576, says(413, ""))).run());
    case("POLL002", Fires, "broken off above 1 MiB", o::takes_much(o::posts_up_to(Server::PythonPolling, 1_048_576, Reply::Reject { after: 30 })).run());
    case("POLL002", NearHealthy, "above 1 MiB, where the server says that it takes 1 MB", o::posts_up_to(Server::Node, 1_048_576, says(413, "")).run());
    case("POLL002", NearHealthy, "all are taken, 1.1 MB too", o::takes_much(o::full(Server::Node)).run());
    case("POLL002", Unknown, "503 to large ones and to small ones", o::posts_fail_at_times().run());
    case("POLL002", Near("NET007"), "503 whatever the size", o::posts_fail_at_times().run());
    case("POLL002", Clear, "all are taken", healthy());
    case("POLL002", Clear, "all are taken by a server of long-polling alone", o::full(Server::PythonPolling).run());
    case("POLL002", Unknown, "none was sent", quick());
    case("POLL002", Unknown, "one was refused, and nobody looked on", first_of(&o::posts_up_to(Server::Python, 200_000, Reply::Reject { after: 30 }).run(), |f| matches!(f, Fact::Exchange(x) if x.purpose == Purpose::LargePost), 1));
    case("POLL002", NearHealthy, "a slow uplink", o::posts_up_to(Server::Python, 200_000, Reply::Silence).run());
    case("POLL002", Near("POLL003"), "405 for every POST", w::post_refused().with(|w| w.profile.depth = connection_doctor::profile::Depth::Full).run());
    case("POLL002", Near("SES001"), "the session is unknown", o::not_sticky(Server::Python).run());

    case("POLL004", Fires, "504 of nginx after 3 s", o::poll_cut(Server::Python, 3_000, says(504, NGINX_504)).run());
    case("POLL004", Fires, "at Node, which ends the session", o::poll_cut_on_node(3_000).run());
    case("POLL004", Fires, "broken off after 8 s", o::poll_cut(Server::Python, 8_000, Reply::Reject { after: 0 }).run());
    case("POLL004", Fires, "408 after 20 s", o::poll_cut(Server::Node, 20_000, says(408, "Request Timeout")).run());
    case("POLL004", Fires, "500 of Node's http-proxy after 12 s", o::poll_cut(Server::Node, 12_000, says(500, "Something went wrong")).run());
    case("POLL004", Fires, "an empty 200 after 5 s", o::poll_cut(Server::Node, 5_000, says(200, "")).run());
    case("POLL004", Fires, "204 after 5 s", o::poll_cut(Server::Node, 5_000, says(204, "")).run());
    case("POLL004", NearHealthy, "a noop after 5 s", o::poll_cut(Server::Node, 5_000, says(200, "6")).run());
    case("POLL004", Clear, "it ends with the ping", healthy());
    case("POLL003", Fires, "502 for each POST, in a long run", o::posts_at_a_gateway().run());
    case("PATH001", NearHealthy, "the page's script names the path", o::path_told_by_script().run());
    case("PATH001", Remark, "the page connects to another origin", o::server_told_by_page().run());
    case("NET007", Fires, "every other WebSocket, in a quick run", o::every_other_websocket("quick").run());
    case("NET007", Fires, "every other WebSocket", o::every_other_websocket("full").run());
    case("WS011", Near("NET007"), "every other WebSocket", o::every_other_websocket("quick").run());
    case("POLL004", Unknown, "nobody waited", quick());
    case("POLL004", Unknown, "once", first_of(&o::poll_cut(Server::Python, 3_000, says(504, NGINX_504)).run(), is_long_poll, 1));
    case("POLL004", Unknown, "the tab was hidden", hidden(o::poll_cut(Server::Python, 3_000, says(504, NGINX_504))));
    case("POLL004", NearHealthy, "a restart", o::restarted_connections(Server::Python, 9_000).run());
    case("POLL004", NearHealthy, "version 3 answers when there is something to say", o::full(Server::NodeTwo).run());
    case("POLL004", Near("WS005"), "one limit for both", o::idle_cut_with_polls(4_000).run());
    case("POLL004", Near("NET003"), "the server is gone", o::dies_behind_gateway(o::full(Server::Python), 7_000).run());
    case("POLL001", Near("NET001"), "the server is gone", o::dies_altogether(o::full(Server::Python), 6_000).run());

    case("STR001", Fires, "all with the end, by the server's own times", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, o::buffered).run());
    case("STR001", Fires, "the same by the longer test", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream","depth":"full"}"#, o::buffered).run());
    case("STR001", Fires, "a stream of the chat's own, in one piece after 2 s", o::foreign(&[(2_010, 10)], 2_011, o::whole).run());
    case("STR001", Fires, "on a slow line", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, |ask| { let mut held = o::buffered(ask); held.arrivals[0].after += 900; held.ended_after += 900; held }).with(|w| w.round_trip = 300).run());
    case("STR001", Clear, "as it was sent", o::stream_healthy(false).run());
    case("STR001", Clear, "as it was sent, for half a minute", o::stream_healthy(true).run());
    case("STR001", Unknown, "no address", healthy());
    case("STR001", Fires, "in blocks of one size, each when it is full", o::foreign(&[(1_640, 512), (3_280, 500), (3_290, 12), (3_900, 190)], 3_901, o::whole).run());
    case("STR001", NearHealthy, "a fast one in large pieces", o::foreign(&[(90, 512), (190, 512), (290, 512), (330, 100)], 331, o::whole).run());
    case("STR001", NearHealthy, "a paragraph at a time", o::foreign(&[(900, 40), (1_900, 61), (3_100, 33)], 3_101, o::whole).run());
    case("STR001", Unknown, "two events", o::foreign(&[(2_000, 2)], 2_001, o::whole).run());
    case("STR001", Unknown, "the tab was hidden", o::hidden_at(o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, o::buffered), 40).run());
    case("STR001", NearHealthy, "two by two, HAProxy", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream","depth":"full"}"#, o::in_pairs).run());
    case("STR001", NearHealthy, "all at once at the start", o::foreign(&[(40, 12)], 41, o::whole).run());
    case("STR001", NearHealthy, "a thought, and then word by word", o::foreign(&[(3_000, 1), (3_080, 1), (3_190, 2), (3_400, 1), (3_600, 1)], 3_601, o::whole).run());
    case("STR001", NearHealthy, "a slow line", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream","depth":"full"}"#, |ask| documented_stream(ask, 900)).run());
    case("STR004", Fires, "the connection is cut each time", o::stream_rejected().run());
    case("STR004", Near("NET001"), "the whole line is away", w::offline().with(|w| w.profile.stream_url = Some("/stream".to_owned())).run());
    case("STR001", Remark, "not even headers for half a minute", o::stream_not_begun(true).run());
    case("STR001", Remark, "the same for four seconds", o::stream_not_begun(false).run());
    case("STR001", Near("STR003"), "compressed besides", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, |ask| o::compressed(o::buffered(ask))).run());
    case("STR001", Near("STR002"), "cut", o::stream_cut(true, 2_600).run());

    case("STR002", Fires, "after 0.8 s, each time", o::stream_cut(false, 810).run());
    case("STR002", Fires, "after 5 s, the longer one alone reaches it", o::stream_cut(true, 5_000).run());
    case("STR002", Fires, "an HTTP/1.0 hop: it seems to end", o::stream_cut_in_silence().run());
    case("STR002", Fires, "no response at all, Firefox", o::stream_cut_unseen().run());
    case("STR002", Fires, "a stream of the chat's own", o::foreign(&[(100, 1), (300, 1), (500, 1)], 1_700, o::broken).run());
    case("STR002", Unknown, "the application had nothing to say", o::stream_cut(false, 60).run());
    case("STR002", Clear, "to its end", o::stream_healthy(true).run());
    case("STR002", Unknown, "no address", healthy());
    case("STR002", Unknown, "cut once", first_of(&o::stream_cut(false, 810).run(), |f| matches!(f, Fact::Stream(_)), 1));
    case("STR002", Unknown, "at different ages", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, |ask| o::cut_stream(ask, 700 + u32::from(ask.round) * 900, o::broken())).run());
    case("STR002", Unknown, "the tab was hidden", o::hidden_at(o::stream_cut(false, 810), 40).run());
    case("STR002", NearHealthy, "broken once, by chance", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream","depth":"full"}"#, |ask| if ask.round == 0 && ask.seconds == 0 { o::cut_stream(ask, 810, o::broken()) } else { documented_stream(ask, 8) }).run());
    case("STR002", NearHealthy, "one without an end", o::foreign(&[(100, 1), (300, 1), (500, 1), (900, 2), (3_900, 1)], 4_000, || StreamEnd::Left).run());
    case("STR002", Near("STR001"), "held back, and whole", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, o::buffered).run());

    case("STR004", Fires, "a gateway's 502", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 502).run());
    case("STR004", Fires, "404", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 404).run());
    case("STR004", Remark, "401, and the chat lets in", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 401).run());
    case("STR004", Remark, "403, and the site has no socket", o::stream_refused_without_socket(403).run());
    case("STR004", Fires, "401, and somebody is signed in", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream","user-path":"/user"}"#, 401).path_answers("/user", says(200, r#"{"identifier":"ann"}"#)).run());
    case("STR004", Fires, "504", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 504).run());
    case("STR004", Remark, "led to a sign-in", o::stream_led_to(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, "/login?next=/stream").run());
    case("STR004", Fires, "led to a sign-in, and somebody is signed in", o::stream_led_to(r#"{"socket-path":"/socket.io/","stream-url":"/stream","user-path":"/user"}"#, "/login").path_answers("/user", says(200, r#"{"identifier":"ann"}"#)).run());
    case("STR004", Fires, "led to another page", o::stream_led_to(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, "/welcome").run());
    case("STR004", Fires, "a web page", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 200).run());
    case("STR004", Fires, "502, and the site has no socket", o::stream_refused_without_socket(502).run());
    case("STR004", Fires, "a web page, and the site has no socket", o::stream_refused_without_socket(200).run());
    case("STR004", Remark, "405, and the chat lets in", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 405).run());
    case("STR004", Remark, "400: it wants a session", o::stream_wants_a_session().run());
    case("STR004", Remark, "405, and the site has no socket", o::stream_refused_without_socket(405).run());
    case("STR004", Near("NET003"), "the gateway finds no server for either, and no path is named", o::stream_refused_without_socket(502).http(|ask, usual| if ask.eio > 0 { says(502, NGINX_502) } else { usual }).run());
    case("STR004", Clear, "a stream", o::stream_healthy(false).run());
    case("STR004", Clear, "no address", healthy());
    case("STR004", Clear, "too many requests are another matter", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 429).run());
    case("STR004", Near("NET003"), "the gateway finds no server at all", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 502).path_answers("/socket.io/", says(502, crate::harness::NGINX_502)).run());
    case("STR004", Near("AUTH002"), "401 on all", o::stream_refused(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, 401).path_answers("/socket.io/", says(401, "Unauthorized")).run());

    case("STR003", Fires, "gzip, and all with the end", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, |ask| o::compressed(o::buffered(ask))).run());
    case("STR003", Fires, "the same of the chat's own stream", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, |_| o::compressed(stream(&[(2_010, 10, None)], 2_011, o::whole()))).run());
    case("STR003", Clear, "gzip without delay", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, |ask| o::compressed(documented_stream(ask, 8))).run());
    case("STR003", Clear, "no stream", healthy());
    case("STR003", Unknown, "the tab was hidden", o::hidden_at(o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, |ask| o::compressed(o::buffered(ask))), 40).run());
    case("STR003", Near("STR001"), "no compression", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, o::buffered).run());
    case("STR003", NearHealthy, "“identity” is none", o::streams(r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#, |ask| Stream { headers: vec![("content-encoding".to_owned(), "identity".to_owned())], ..documented_stream(ask, 8) }).run());

    case("GRPC001", Fires, "a web page", o::grpc(says(200, crate::harness::CHAT_PAGE)).run());
    case("GRPC001", Fires, "404", o::grpc(says(404, "Not Found")).run());
    case("GRPC001", Fires, "415 of a server that speaks gRPC alone", o::grpc(says(415, "").header("content-type", "application/grpc")).run());
    case("GRPC001", Fires, "405", o::grpc(says(405, "Method Not Allowed")).run());
    case("PATH001", Remark, "gRPC alone", o::grpc_without_a_chat(grpc_says(0, Some(1))).run());
    case("GRPC001", Clear, "it answers", o::grpc(grpc_says(0, Some(1))).run());
    case("GRPC001", Clear, "no setting", healthy());
    case("GRPC001", Unknown, "nothing readable", o::grpc(Reply::Reject { after: 9 }).run());
    case("GRPC001", Unknown, "not asked", without_fact(&o::grpc(says(404, "Not Found")).run(), |f| matches!(f, Fact::Exchange(x) if x.purpose == Purpose::Grpc)));
    case("GRPC001", Near("GRPC002"), "the gateway fails it alone", o::grpc(says(502, NGINX_502)).run());
    case("GRPC001", Near("GRPC003"), "it says that it is out of service", o::grpc(grpc_says(0, Some(2))).run());
    case("GRPC001", NearHealthy, "no health service", o::grpc(grpc_says(12, None)).run());

    case("GRPC002", Fires, "502 for gRPC, and the socket lives", o::grpc(says(502, NGINX_502)).run());
    case("GRPC002", Fires, "Envoy: protocol error", o::grpc(says(503, "upstream connect error or disconnect/reset before headers. reset reason: protocol error")).run());
    case("GRPC002", Fires, "502 for the socket, and gRPC lives", o::grpc_entrance().run());
    case("GRPC002", Fires, "502 for a raw WebSocket, in words of the protocol, and gRPC lives", o::grpc_entrance_of_raw("wss://chat.example/echo", PROTOCOL_ERROR).run());
    case("GRPC002", Near("NET003"), "a raw WebSocket's backend is down, and gRPC lives", o::grpc_entrance_of_raw("wss://chat.example/echo", NGINX_502).run());
    case("GRPC002", Clear, "the same words at another entrance", o::grpc_entrance_of_raw("wss://api.example/echo", PROTOCOL_ERROR).run());
    case("GRPC002", Near("NET003"), "the chat's backend is down, and gRPC lives", o::grpc_alone(NGINX_502).run());
    case("GRPC002", Near("WS001"), "nginx drops the Upgrade, and gRPC lives", o::grpc_and_stripped().run());
    case("GRPC001", Fires, "Envoy has no route for it, and dresses that", o::grpc(o::dressed(404, &[])).run());
    case("GRPC001", Fires, "Envoy leads it to a program that knows no POST", o::grpc(o::dressed(404, &[("grpc-status", "12")])).run());
    case("GRPC001", Remark, "a redirect to a page", o::led_to("/login", crate::harness::CHAT_PAGE).run());
    case("GRPC001", Remark, "a sign-in page in its place", o::grpc(says(200, "<!doctype html><form><input type=password></form>")).run());
    case("GRPC001", Fires, "a slash is added, and then the web site", o::led_to("/grpc.health.v1.Health/Check/", crate::harness::CHAT_PAGE).run());
    case("GRPC001", Remark, "a sign-in is wanted", o::grpc(says(401, "<html><body>401 Authorization Required</body></html>")).run());
    case("GRPC001", Near("GRPC003"), "an error of the service's own, dressed by Envoy", o::grpc(o::dressed(500, &[("grpc-status", "13")])).run());
    case("GRPC003", Remark, "no state for the whole", o::grpc(grpc_says(5, None)).run());
    case("GRPC003", Remark, "the health check wants a sign-in", o::grpc(grpc_says(16, None)).run());
    case("GRPC003", Remark, "the same in other words", o::grpc(grpc_says(7, None)).run());
    case("PATH001", Remark, "a site that streams, and has no socket", o::stream_without_socket().run());
    case("GRPC002", Clear, "both live", o::grpc(grpc_says(0, Some(1))).run());
    case("GRPC002", Clear, "no setting", healthy());
    case("GRPC002", Near("GRPC001"), "404", o::grpc(says(404, "Not Found")).run());
    case("GRPC002", Near("GRPC003"), "the service says that it is unavailable", o::grpc(grpc_says(14, None)).run());
    case("GRPC002", Near("NET003"), "both fail", o::grpc_entrance().http(|ask, usual| if ask.purpose == Some(Purpose::Grpc) { says(502, NGINX_502) } else { usual }).run());
    case("GRPC002", NearHealthy, "no health service", o::grpc(grpc_says(12, None)).run());

    case("GRPC003", Fires, "NOT_SERVING", o::grpc(grpc_says(0, Some(2))).run());
    case("GRPC003", Fires, "UNAVAILABLE", o::grpc(grpc_says(14, None)).run());
    case("GRPC003", Fires, "the gateway does not reach it", o::grpc(unreached()).run());
    case("GRPC003", Fires, "cut short", o::grpc_damaged().run());
    case("GRPC003", Remark, "UNIMPLEMENTED", o::grpc(grpc_says(12, None)).run());
    case("GRPC003", Clear, "SERVING", o::grpc(grpc_says(0, Some(1))).run());
    case("GRPC003", Clear, "no setting", healthy());
    case("GRPC003", Unknown, "trailers alone, which CORS hides", o::grpc(crate::harness::grpc_bytes(&[])).run());
    case("GRPC003", Near("GRPC001"), "another page answers", o::grpc(says(200, crate::harness::CHAT_PAGE)).run());
    case("GRPC003", NearHealthy, "in service", o::grpc(grpc_says(0, Some(1))).run());

    case("RES001", Fires, "room for three", o::room_for(3).run());
    case("RES001", Fires, "room for seven", o::room_for(7).run());
    case("RES001", Fires, "eight take far longer", o::ladder(|n| Rung { opened: (1..=n).map(|k| if n < 4 { k * 20 } else { 4_000 + k * 20 }).collect(), ..wide_rung(n) }).run());
    case("RES001", Fires, "the gateway fails meanwhile", o::ladder(|n| Rung { status: if n < 4 { 400 } else { 503 }, ..wide_rung(n) }).run());
    case("RES001", Fires, "they drop", o::ladder(|n| Rung { dropped: if n < 8 { 0 } else { 3 }, ..wide_rung(n) }).run());
    case("RES001", Clear, "room for all", o::ladder(wide_rung).run());
    case("RES001", Clear, "not asked for", healthy());
    case("RES001", Unknown, "one alone fails as well", o::room_for(0).run());
    case("RES001", Unknown, "the run ended before the last rung", without_fact(&o::ladder(wide_rung).run(), |f| matches!(f, Fact::Rung(r) if r.sockets == 8)));
    case("RES001", Unknown, "no rung", without_fact(&o::ladder(wide_rung).run(), |f| matches!(f, Fact::Rung(_))));
    case("RES001", NearHealthy, "one after the other, as browsers open them", o::ladder(|n| Rung { opened: (1..=n).map(|k| k * 300).collect(), ..wide_rung(n) }).run());
    case("RES001", NearHealthy, "one of two, by chance", o::ladder(|n| if n == 2 { Rung { opened: vec![13], refused: 1, ..wide_rung(2) } } else { wide_rung(n) }).run());
    case("RES001", Near("WS001"), "none opens", w::stripped(Server::Python).with(|w| w.profile.ladder = true).run());

    // What has changed of the others.
    case("NET003", Fires, "in the middle of a quick test", o::dies_behind_gateway(o::quick(Server::Python), 300).run());
    case("NET003", Fires, "the same, and tunnels that stood are kept", o::dies_behind_gateway_with_tunnels(o::quick(Server::Python), 300).run());
    case("NET003", Fires, "in the middle of a longer one", o::dies_behind_gateway(o::full(Server::Node), 9_000).run());
    case("NET003", NearHealthy, "a restart that the gateway tells of", o::full(Server::Python).http(|ask, usual| if ask.under(crate::harness::SOCKET) && (1_000..1_500).contains(&ask.at) { says(502, NGINX_502) } else { usual }).run().without(Purpose::Repeat));
    case("NET002", Fires, "in the middle of a longer test, at another origin", o::dies_elsewhere(crate::harness::World::of(Server::Node, r#"{"server":"https://api.example","socket-path":"/socket.io/","depth":"full"}"#), 6_000).run());
    case("NET001", Fires, "in the middle of a longer test, all of it", o::dies_altogether(o::full(Server::Python), 6_000).run());
    case("NET007", Fires, "every third WebSocket, plain requests never", o::unsteady_sockets().run());
    case("NET007", Unknown, "some WebSockets, and nobody counted", first_of(&o::unsteady_sockets().run(), |f| matches!(f, Fact::Socket(s) if s.purpose == SocketPurpose::Again), 5));
    case("NET007", Fires, "all is cut at one moment, and opens no more", o::cut_off_for_good(12_000).run());
    case("NET007", Fires, "every other instance lacks a transport", o::transports_differ().run());
    case("NET003", Fires, "maintenance since the middle of a longer one", o::away(Server::Node, 10_000, 60_000).run());
    case("NET007", Near("NET003"), "the same", o::away(Server::Node, 10_000, 60_000).run());
    case("SES004", Remark, "eight seconds of maintenance", o::away(Server::Node, 10_000, 8_000).run());
    case("NET005", NearHealthy, "the same, in nginx's own words", o::away(Server::Node, 10_000, 8_000).run());
    case("NET007", NearHealthy, "the same", o::away(Server::Python, 10_000, 8_000).run());
    case("NET007", Near("SES004"), "all is cut at one moment, and opens again", o::restarted_connections(Server::Node, 12_000).run());
    case("NET007", Clear, "the device was offline meanwhile", o::cut_off_for_good(12_000).incident(11_900, Fact::Connectivity { online: false }).run());
    case("NET007", Near("NET003"), "it died", o::dies_behind_gateway(o::full(Server::Python), 4_000).run());
    case("WS004", NearHealthy, "one restart ends two at one moment", o::restarted_early(Server::Node).run());
    case("WS004", Fires, "each at its own moment, in a full run", w::drops_at_once().with(|w| w.profile.depth = connection_doctor::profile::Depth::Full).run());
    case("WS004", Near("WS005"), "4 s, and not where there is traffic", o::idle_cut(Server::Python, 4_000).run());
    case("WS004", NearHealthy, "the probe closed the others before that", o::full(Server::Python).sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Heartbeat) && ask.nth < 8 { crate::harness::cut_at_age(usual, 3_000) } else { usual }).run());
    case("NET005", Near("NET003"), "the server is gone", o::dies_behind_gateway(o::full(Server::Python), 4_000).run());
    all
}

/// What nobody told may be the server's own limit; what it told is not what was met.
#[test]
fn a_limit_that_is_not_told_is_looked_for_at_the_server_first() {
    let (untold, told) = (o::messages_up_to_at_an_old_server(60_000).run().advised("WS008"), o::messages_up_to(64_000, o::cut_off).run().advised("WS008"));
    assert!(untold.starts_with("AsyncServer(max_http_buffer_size=") && !told.contains("maxHttpBufferSize"), "{untold}\n{told}");
}

/// Where nothing tells silence from age, both limits are named, each once.
#[test]
fn what_may_be_either_limit_names_both() {
    let of = |server: &'static str| {
        let world = o::talks_until_cut(12, [10_001, 10_006]).http(move |ask, usual| if ask.path == "/echo" { usual.header("server", server) } else { usual });
        world.run().advised("WS005")
    };
    let envoy = of("envoy");
    assert!(envoy.contains("stream_idle_timeout: 3600s") && envoy.contains("timeout: 0s"), "{envoy}");
    assert_eq!(of("nginx").matches("proxy_read_timeout").count(), 1);
}

/// Whose word it is: the service's, or that of the gateway which does not reach it.
#[test]
fn a_service_that_is_not_reached_does_not_say_so_itself() {
    for (reply, how) in [(unreached(), "unreached"), (grpc_says(14, None), "status"), (grpc_says(0, Some(2)), "state")] {
        let report = o::grpc(reply).run().report();
        let found = report.causes.iter().find(|f| f.code == "GRPC003").map(|f| f.param("how").to_owned());
        assert_eq!(found.as_deref(), Some(how));
    }
}

#[test]
fn words_follow_what_was_seen() {
    use connection_doctor::rules::{Confidence, Severity};
    let of = |world: crate::harness::World, code: &str| world.run().report().causes.into_iter().find(|f| f.code == code);
    // A rule that refuses upgrades refuses each of them; replicas do by chance.
    assert_eq!(of(o::not_sticky_upgrades(), "SES001").map(|f| f.confidence), Some(Confidence::Correlated));
    assert_eq!(of(o::not_sticky_upgrades_by_chance("full"), "SES001").map(|f| f.confidence), Some(Confidence::StronglySuggested));
    // python-engineio waits for an upgrade that it accepted; Node goes on by polling.
    assert_eq!(of(o::cut_when_spoken_to(Server::Python), "WS004").map(|f| f.severity), Some(Severity::Blocks));
    assert_eq!(of(o::cut_when_spoken_to(Server::Node), "WS004").map(|f| f.severity), Some(Severity::Degrades));
    // What a chat's client brings to its raw WebSocket and this test does not is no fault that was seen.
    assert_eq!(of(crate::worlds::raw_unsigned(4403, ""), "WS009").map(|f| f.confidence), Some(Confidence::Correlated));
    assert_eq!(of(crate::worlds::raw_unsigned(4000, "room is full"), "WS009").map(|f| f.confidence), Some(Confidence::Observed));
    // Attempts at growing distances, and what plain requests were told meanwhile.
    let cut = of(o::cut_off_for_good(12_000), "NET007").unwrap();
    assert_eq!((cut.confidence, cut.param("meanwhile")), (Confidence::StronglySuggested, "engine"));
    assert!(cut.param("tried-ms").parse::<u32>().unwrap() > 13_000 && cut.param("failed") == "5", "{cut:?}");
    assert!(of(o::away(Server::Node, 10_000, 3_000), "SES004").is_some_and(|f| f.param("away-ms").parse::<u32>().is_ok_and(|ms| (3_000..8_000).contains(&ms))));
    assert!(of(o::restarted_connections(Server::Node, 12_000), "SES004").is_some_and(|f| f.param("away-ms").is_empty()));
    // The server's loop is well where one connection heard its beat.
    assert_eq!(of(o::no_heartbeat(Server::Python, 3_000), "WS007").map(|f| f.param("how").to_owned()).as_deref(), Some("silence"));
    assert_eq!(of(o::no_heartbeat_at_all(Server::Python, 3_000), "WS007").map(|f| f.param("how").to_owned()).as_deref(), Some(""));
}

/// What keeps a person at one replica may be a cookie of another site, which a browser drops without a word.
#[test]
fn of_another_site_a_dropped_cookie_is_named_beside_missing_affinity() {
    use connection_doctor::rules::Confidence;
    for (server, confidence, or) in
        [("https://api.example", Confidence::StronglySuggested, "third-party"), ("https://api.chat.example", Confidence::Observed, "")]
    {
        let run = o::lost_with_cookies_at(server).run();
        let found = run.report().causes.into_iter().find(|f| f.code == "SES001").unwrap();
        assert_eq!((found.confidence, found.param("or"), found.param("how")), (confidence, or, "requests"), "{server}");
        let steps: Vec<String> = run.report().guidance.into_iter().filter(|g| g.code == "SES001").flat_map(|g| g.steps).map(|s| s.text).collect();
        assert_eq!(steps.iter().any(|s| s.contains("Safari drops cookies of other sites")), !or.is_empty(), "{steps:?}");
        assert_eq!(steps.iter().any(|s| s.contains("try another browser")), !or.is_empty(), "{steps:?}");
    }
}

#[test]
fn how_long_a_server_was_away_is_told() {
    let report = o::away_for_a_while(1_000, 1_700).run().report();
    let found = report.causes.iter().find(|f| f.code == "SES004").unwrap();
    assert_eq!((found.param("how"), found.param("status")), ("requests", "502"));
    let time = |name: &str| found.param(name).parse::<u32>().unwrap();
    assert!((1_000..1_400).contains(&time("from-ms")) && (1_700..2_500).contains(&time("to-ms")), "{found:?}");
}
