//! Worlds that a single look can't tell: replicas, time, streams, rates and sizes; after the lab's table of scenarios.

use connection_doctor::evidence::{Fact, Happening, Purpose, Rung, SocketEvent, SocketPurpose, Stream, StreamEnd};
use connection_doctor::protocol::socket_io;

use crate::harness::{
    Ask, Dice, Echo, Life, NGINX_502, NGINX_503, NGINX_504, Reply, SOCKET, Server, StreamAsk, World, closed, content, cut_at_age, cut_when_silent, deadline,
    documented_stream, errored, frame, grpc_bytes, grpc_says, held, open_packet, opened, refused, reset, says, sent, sent_large, stream, wide_rung,
};

const QUICK: &str = r#"{"socket-path":"/socket.io/"}"#;
const FULL: &str = r#"{"socket-path":"/socket.io/","depth":"full"}"#;
const AWAY: &str = r#"{"server":"https://api.example","socket-path":"/socket.io/","depth":"full"}"#;
const AWAY_COOKIE: &str = r#"{"server":"https://api.example","socket-path":"/socket.io/","credentials":"include","affinity-cookie":"SERVERID","depth":"full"}"#;
const WATCH: &str = r#"{"socket-path":"/socket.io/","depth":"watch"}"#;
const RAW: &str = r#"{"profile":"raw","ws-url":"wss://chat.example/echo","depth":"full"}"#;
const ECHO: &str = r#"{"profile":"socketio","socket-path":"/socket.io/","echo-event":"connection-doctor"}"#;
const STREAM: &str = r#"{"socket-path":"/socket.io/","stream-url":"/stream"}"#;
const STREAM_FULL: &str = r#"{"socket-path":"/socket.io/","stream-url":"/stream","depth":"full"}"#;
const GRPC: &str = r#"{"socket-path":"/socket.io/","grpc-url":"/"}"#;

pub fn full(server: Server) -> World {
    World::of(server, FULL)
}

pub fn quick(server: Server) -> World {
    World::of(server, QUICK)
}

fn under_socket(ask: &Ask) -> bool {
    ask.under(SOCKET)
}

// Sessions.

/// In its own words: nobody knows this session.
pub fn unknown_session(server: Server) -> Reply {
    match server {
        Server::Node | Server::NodeTwo => says(400, r#"{"code":1,"message":"Session ID unknown"}"#),
        Server::Engineioxide => says(400, r#"{"code":"1","message":"Session ID unknown"}"#),
        _ => says(400, "\"Invalid session lv_VI97HAXpY6yYWAAAC\""),
    }
}

/// A world in which some follow-ups come to a replica that does not know their session.
pub fn loses(world: World, lost: impl Fn(&Ask) -> bool + Clone + 'static) -> World {
    let server = world.server;
    let stray = lost.clone();
    world.http(move |ask, usual| if ask.sid && under_socket(ask) && lost(ask) { unknown_session(server) } else { usual }).sockets(move |ask, usual| {
        if ask.socket != Some(SocketPurpose::Upgrade) || !stray(ask) {
            return usual;
        }
        // It looks at the session after the handshake.
        if server == Server::Engineioxide { vec![opened(9), sent(9, "2probe"), errored(11), closed(11, 1006, "")] } else { refused() }
    })
}

fn by_chance(ask: &Ask, chances: u32) -> bool {
    Dice::new(u64::from(ask.session) * 977 + u64::from(ask.nth)).one_in(chances)
}

pub fn not_sticky(server: Server) -> World {
    loses(full(server), |ask| by_chance(ask, 2))
}

/// One after the other to each replica in turn: every follow-up comes to the wrong one.
pub fn not_sticky_in_turn(server: Server) -> World {
    loses(quick(server), |_| true)
}

pub fn not_sticky_one_of_four() -> World {
    loses(quick(Server::Python), |ask| ask.session % 4 == 0)
}

/// Worker processes of one server, to which connections are led and not requests: what is asked beside another question meets another one, each
/// time or in every second session; what is asked alone, on the kept connection, meets its own.
pub fn worker_processes(world: World, every: u8) -> World {
    loses(world, move |ask| ask.session % every == 0 && (ask.purpose == Some(Purpose::FollowUp) || ask.socket.is_some()))
}

/// Requests of one kept connection stay with one replica, and a new connection goes to another.
pub fn not_sticky_upgrades() -> World {
    full(Server::Node).sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Upgrade) { refused() } else { usual })
}

/// The first two upgrades meet their own worker by chance (uvicorn --workers 2), the requests of one connection always do.
pub fn not_sticky_upgrades_by_chance(depth: &str) -> World {
    let settings = format!(r#"{{"socket-path":"/socket.io/","depth":"{depth}"}}"#);
    World::of(Server::Python, &settings).sockets(|ask, usual| {
        let strays = ask.socket == Some(SocketPurpose::Upgrade) && matches!(ask.session, 4 | 6..);
        if strays { refused() } else { usual }
    })
}

/// The same, and one follow-up went on a connection of its own.
pub fn not_sticky_now_and_then() -> World {
    let world = loses(quick(Server::Node), |ask| ask.session == 3 && ask.socket.is_none() && ask.purpose == Some(Purpose::CloseSession));
    world.sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Upgrade) && ask.session == 2 { refused() } else { usual })
}

pub fn not_sticky_without_websocket() -> World {
    loses(full(Server::Python), |ask| by_chance(ask, 2)).sockets(|ask, usual| if under_socket(ask) { refused() } else { usual })
}

/// A page whose own script tells its client to use WebSocket alone, behind replicas over which requests go in turn.
pub fn websocket_alone_by_script_in_turn() -> World {
    loses(full(Server::Node), |_| true)
        .page("/", says(200, "<!doctype html><title>Chat</title><script src=/assets/app.js></script>"))
        .page("/assets/app.js", says(200, "const socket = io({ transports: ['websocket'], auth: { room: 1 } });"))
}

/// The engine at a path that the page's own script alone names; all else answers with the page.
pub fn path_told_by_script() -> World {
    const PAGE: &str = "<!doctype html><title>Chat</title><script src=/assets/app.js></script>";
    World::of(Server::Node, "{}")
        .with(|w| w.mount = "/realtime/v2/")
        .http(|ask, usual| if ask.path.ends_with("socket.io/") { says(200, PAGE) } else { usual })
        .page("/", says(200, PAGE))
        .page("/assets/app.js", says(200, "n=Ee({path:\"/realtime/v2\",reconnection:!0})"))
}

/// A page that connects to another origin, which no setting names.
pub fn server_told_by_page() -> World {
    const PAGE: &str =
        "<!doctype html><title>Chat</title><script src=https://api.example/socket.io/socket.io.js></script><script>io('https://api.example')</script>";
    World::of(Server::Node, "{}").with(|w| w.mount = "/nowhere/").page("/", says(200, PAGE))
}

/// Every other WebSocket is refused, whoever begins it.
pub fn every_other_websocket(depth: &str) -> World {
    let opened = std::cell::Cell::new(0);
    World::of(Server::Node, &format!(r#"{{"socket-path":"/socket.io/","depth":"{depth}"}}"#)).sockets(move |ask, usual| {
        if !under_socket(ask) {
            return usual;
        }
        opened.set(opened.get() + 1);
        if opened.get() % 2 == 1 { refused() } else { usual }
    })
}

/// Every POST is answered by the gateway, to the last one of a long run.
pub fn posts_at_a_gateway() -> World {
    full(Server::Node).http(|ask, usual| if ask.method == "POST" && ask.under("/socket.io/") { says(502, NGINX_502) } else { usual })
}

/// A Chainlit whose page tells its client to use WebSocket alone.
pub fn chainlit_by_websocket(depth: &str) -> World {
    const PAGE: &str = concat!(
        r#"<!doctype html><html><head><meta property="og:root_path" content=""><title>Assistant</title>"#,
        r#"<script>window.theme = {"light":{}};window.transports = ["websocket"]</script></head><body><script src=/assets/a.js></script>"#,
    );
    World::of(Server::Python, &format!(r#"{{"profile":"chainlit","depth":"{depth}"}}"#))
        .with(|w| w.mount = "/ws/socket.io/")
        .page("/", says(200, PAGE))
        .page("/health", says(200, r#"{"status":"ok"}"#))
        .page("/user", says(200, "null"))
}

/// A Chainlit behind replicas, at one of which the cookie of its own client keeps a person (Istio's `consistentHash.httpCookie`, HAProxy's
/// `stick on`), or nothing does.
pub fn chainlit_in_turn(by_client_cookie: bool, depth: &str) -> World {
    const PAGE: &str =
        r#"<!doctype html><html><head><meta property="og:root_path" content=""><title>Assistant</title></head><body><script src=/assets/a.js></script>"#;
    let world = World::of(Server::Python, &format!(r#"{{"profile":"chainlit","depth":"{depth}"}}"#))
        .with(|w| w.mount = "/ws/socket.io/")
        .page("/", says(200, PAGE))
        .page("/health", says(200, r#"{"status":"ok"}"#))
        .page("/user", says(200, "null"));
    let cookie = std::rc::Rc::clone(&world.client_cookie);
    let strays = move |ask: &Ask| ask.under("/ws/socket.io/") && ask.sid && !(by_client_cookie && cookie.get());
    let too = strays.clone();
    let world = world.http(move |ask, usual| if strays(ask) { unknown_session(Server::Python) } else { usual });
    world.sockets(move |ask, usual| if too(ask) { refused() } else { usual })
}

/// The same behind replicas, over which requests go in turn.
pub fn chainlit_by_websocket_in_turn(depth: &str) -> World {
    let strays = |ask: &Ask| ask.under("/ws/socket.io/") && ask.sid;
    let world = chainlit_by_websocket(depth).http(move |ask, usual| if strays(ask) { unknown_session(Server::Python) } else { usual });
    world.sockets(move |ask, usual| if strays(ask) { refused() } else { usual })
}

/// The same, and what is sent by long-polling is refused.
pub fn chainlit_by_websocket_without_posts(status: u16) -> World {
    chainlit_by_websocket("quick").http(move |ask, usual| if ask.under("/ws/socket.io/") && ask.method == "POST" { says(status, "") } else { usual })
}

/// A cookie keeps the chat's own requests at one replica; those without cookies meet any.
pub fn sticky_by_cookie() -> World {
    loses(full(Server::Node), |ask| ask.credentials == "omit" && ask.socket.is_none())
}

pub fn sticky_by_cookie_elsewhere() -> World {
    loses(World::of(Server::Python, AWAY_COOKIE), |ask| ask.credentials != "include" && ask.socket.is_none())
}

/// Two of its connections were let go by accident.
pub fn one_upgrade_lost() -> World {
    full(Server::Node).sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Upgrade) && ask.session == 2 { refused() } else { usual })
}

/// Killed and started again in the middle of the run: what was open is unknown, what is opened later holds.
pub fn restarted(world: World, sessions: std::ops::RangeInclusive<u8>) -> World {
    loses(world, move |ask| sessions.contains(&ask.session))
}

/// Every live connection is cut at one moment, and then all is well.
pub fn restarted_connections(server: Server, moment: u32) -> World {
    full(server).sockets(move |ask, usual| cut_at_moment(ask, usual, moment)).http(move |ask, usual| match ask.purpose {
        Some(Purpose::LongPoll) if ask.at < moment && ask.at + 25_000 > moment => Reply::Reject { after: moment - ask.at },
        _ => usual,
    })
}

/// All live connections are cut at that moment and open no more; the plain requests go on.
pub fn cut_off_for_good(moment: u32) -> World {
    full(Server::Node).sockets(move |ask, usual| if ask.at >= moment { refused() } else { cut_at_moment(ask, usual, moment) })
}

/// From that moment on, for so long, nginx says 503 to everything at the socket's path (its own page for maintenance), and what was open ends.
pub fn away(server: Server, moment: u32, length: u32) -> World {
    let away = move |ask: &Ask| ask.at >= moment && ask.at - moment < length;
    full(server)
        .sockets(move |ask, usual| {
            if away(ask) {
                refused()
            } else if ask.at < moment {
                cut_at_moment(ask, usual, moment)
            } else {
                usual
            }
        })
        .http(move |ask, usual| match ask.purpose {
            Some(Purpose::LongPoll) if ask.at < moment && ask.at + 25_000 > moment => Reply::Reject { after: moment - ask.at },
            _ if away(ask) && ask.under(SOCKET) => says(503, NGINX_503),
            _ => usual,
        })
}

/// The server's pings come and the page's answers do not: each connection is closed by that code when the server's time for them is over, and no further ping comes.
pub fn pongs_lost(server: Server, code: u16) -> World {
    full(server).with(|w| w.ping_interval = 5_000).sockets(move |ask, usual| closed_after_ping(ask, usual, 20_000, code))
}

/// The application's own rule ends them at another time.
pub fn closed_by_rule(server: Server) -> World {
    full(server).with(|w| w.ping_interval = 5_000).sockets(|ask, usual| closed_after_ping(ask, usual, 13_000, 1000))
}

fn closed_after_ping(ask: &Ask, usual: Life, wait: u32, code: u16) -> Life {
    let ping = |e: &SocketEvent| matches!(&e.what, Happening::Frame { text, .. } if text == "2");
    let first = usual.iter().find(|e| ping(e)).map(|e| e.after);
    let Some(asked) =
        first.filter(|at| matches!(ask.socket, Some(SocketPurpose::Heartbeat | SocketPurpose::Busy)) && usual.last().is_some_and(|e| e.after > at + wait))
    else {
        return usual;
    };
    let pong = |e: &SocketEvent| matches!(&e.what, Happening::Sent { text, .. } if text == "3");
    let goes_on = |e: &SocketEvent| e.after <= asked || e.after < asked + wait && !ping(e) && !pong(e);
    usual.into_iter().filter(goes_on).chain([closed(asked + wait, code, "")]).collect()
}

/// Every other instance has long-polling alone.
pub fn transports_differ() -> World {
    let alone = |nth: u32| nth.is_multiple_of(2);
    let plain = |ask: &Ask| ask.transport == "websocket" && matches!(ask.purpose, Some(Purpose::Repeat | Purpose::Companion));
    full(Server::Python).http(move |ask, usual| if plain(ask) && alone(ask.nth) { says(400, "\"Invalid transport\"") } else { usual }).sockets(
        move |ask, usual| {
            if alone(ask.nth) && ask.socket != Some(SocketPurpose::Upgrade) { refused() } else { usual }
        },
    )
}

/// The same, when the long stays have just begun; for two seconds the gateway finds no server.
pub fn restarted_early(server: Server) -> World {
    const MOMENT: u32 = 5_000;
    let down = |ask: &Ask| (MOMENT..MOMENT + 2_000).contains(&ask.at);
    full(server).sockets(move |ask, usual| if down(ask) { refused() } else { cut_at_moment(ask, usual, MOMENT) }).http(move |ask, usual| match ask.purpose {
        Some(Purpose::LongPoll) if ask.at < MOMENT => says(502, NGINX_502).later(MOMENT - ask.at),
        _ if down(ask) && ask.under(SOCKET) => says(502, NGINX_502),
        _ => usual,
    })
}

fn cut_at_moment(ask: &Ask, usual: Life, moment: u32) -> Life {
    let open = usual.first().map_or(0, |e| e.after);
    if ask.at + open >= moment { usual } else { cut_at_age(usual, moment - ask.at - open) }
}

pub fn affinity_not_sent() -> World {
    loses(World::of(Server::Node, AWAY), |ask| ask.credentials != "include" && ask.socket.is_none() && by_chance(ask, 2))
}

/// A frame of another site keeps no cookie, so the gateway gives each request to any replica.
pub fn affinity_third_party() -> World {
    let world = loses(full(Server::Node), |ask| ask.socket.is_none() && by_chance(ask, 2));
    world.with(|w| (w.environment.framed, w.environment.foreign_frame) = (true, true)).holds(|h| {
        h.trials(&[("lax", false), ("none", false), ("partitioned", true)]);
        h.cookies.storage_access = Some(false);
    })
}

pub fn affinity_blocked() -> World {
    loses(full(Server::Node), |ask| ask.socket.is_none() && by_chance(ask, 2)).holds(|h| h.trials(&[("lax", false), ("none", false), ("partitioned", false)]))
}

/// The cookie is SameSite=Lax, and the server of another site.
pub fn affinity_not_kept() -> World {
    loses(World::of(Server::Python, AWAY_COOKIE), |ask| ask.socket.is_none() && by_chance(ask, 2))
}

/// Sessions are lost at a server to which the chat sends cookies: there may be no affinity, or the browser drops its cookie.
pub fn lost_with_cookies_at(server: &str) -> World {
    let json = format!(r#"{{"server":"{server}","socket-path":"/socket.io/","credentials":"include","depth":"full"}}"#);
    loses(World::of(Server::Python, &json), |ask| ask.socket.is_none() && by_chance(ask, 2))
}

/// A server of long-polling alone is away for a while, behind a gateway.
pub fn away_for_a_while(from: u32, to: u32) -> World {
    let down = move |ask: &Ask| under_socket(ask) && (from..to).contains(&ask.at);
    full(Server::PythonPolling).http(move |ask, usual| if down(ask) { says(502, NGINX_502) } else { usual })
}

/// Neither with cookies nor without.
pub fn not_sticky_elsewhere() -> World {
    loses(World::of(Server::Python, AWAY), |ask| ask.socket.is_none() && ask.session % 2 == 0)
}

/// A limit lets three sessions in at once, and one each two seconds after that.
pub fn rationed_sessions(status: u16) -> World {
    full(Server::Python).http(move |ask, usual| {
        let is_handshake = ask.purpose == Some(Purpose::Handshake);
        if is_handshake && ask.session > 3 && ask.session % 2 == 0 { says(status, NGINX_503) } else { usual }
    })
}

pub fn echo(how: Echo) -> World {
    World::of(Server::Python, ECHO).with(|w| w.echo = how)
}

// Time.

/// Something before the server ends what is silent for so long.
pub fn idle_cut(server: Server, silence: u32) -> World {
    full(server).sockets(move |ask, usual| if under_socket(ask) { cut_when_silent(usual, silence) } else { usual })
}

pub fn lifetime_cut(server: Server, age: u32, interval: u32) -> World {
    full(server).with(|w| w.ping_interval = interval).sockets(move |ask, usual| if under_socket(ask) { cut_at_age(usual, age) } else { usual })
}

pub fn raw(world: impl Fn(&Ask, Life) -> Life + 'static) -> World {
    World::of(Server::Nothing, RAW).http(|ask, usual| if ask.path == "/echo" { says(426, "Upgrade Required") } else { usual }).sockets(world)
}

/// A protocol in which the client speaks first: who says nothing is shown out after so long, without a word.
pub fn speaks_first(after: u32) -> World {
    let agreed = Happening::Open { protocol: "mqtt".to_owned(), extensions: String::new() };
    raw(move |_, _| vec![SocketEvent { after: 9, what: agreed.clone() }, closed(after, 1006, "")])
}

/// A server that says so many things, one each half second, and is silent then; its connections are cut at the end that `end` names for each of the
/// two, in milliseconds since `open`.
pub fn talks_until_cut(words: u32, end: [u32; 2]) -> World {
    let held = std::rc::Rc::new(std::cell::Cell::new(0));
    raw(move |ask, usual| {
        if ask.socket != Some(SocketPurpose::RawQuiet) {
            return usual;
        }
        let end = 9 + end[held.replace(held.get() + 1) % 2];
        let talk = (1..=words).map(|n| frame(9 + n * 500, "tick"));
        [opened(9)].into_iter().chain(talk).chain([errored(end), closed(end, 1006, "")]).collect()
    })
}

/// Node's closes whoever does not join within 45 s, in its own words.
pub fn node_in_watch() -> World {
    World::of(Server::Node, WATCH).with(|w| w.watched_for = 200_000).sockets(|_, usual| {
        let open = usual.first().map_or(0, |e| e.after);
        let end = open + 45_000;
        if usual.last().is_none_or(|e| e.after <= end) {
            return usual;
        }
        usual.into_iter().filter(|e| e.after < end).chain([closed(end, 1005, "")]).collect()
    })
}

/// The server's ping does not come on a quiet connection.
pub fn no_heartbeat(server: Server, interval: u32) -> World {
    full(server).with(|w| w.ping_interval = interval).sockets(move |ask, usual| match ask.socket {
        Some(SocketPurpose::Heartbeat) => {
            let greeting: Life = usual.iter().take(2).cloned().collect();
            let first = greeting.last().map_or(0, |e| e.after);
            let patience = interval + 20_000;
            let end = usual.last().map_or(0, |e| e.after);
            let last = if first + patience <= end { deadline(first + patience, "heartbeat") } else { content(end) };
            greeting.into_iter().chain([last]).collect()
        }
        _ => usual,
    })
}

/// What the probe sends puts off Node's ping for good.
pub fn busy_without_pings() -> World {
    full(Server::Node).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Busy) => usual.into_iter().filter(|e| !format!("{:?}", e.what).contains("Frame { text: \"2\"")).collect(),
        _ => usual,
    })
}

/// Each upgrade opens and is cut at what the page says first, and so is every other connection on which the page speaks.
pub fn cut_when_spoken_to(server: Server) -> World {
    quick(server).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Upgrade) => vec![opened(9), sent(9, "2probe"), closed(12, 1006, "")],
        _ => usual,
    })
}

/// Upgrades alone meet another replica of a server that looks at the session after the handshake.
pub fn strays_after_opening() -> World {
    full(Server::Engineioxide).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Upgrade) => vec![opened(9), sent(9, "2probe"), errored(11), closed(11, 1006, "")],
        _ => usual,
    })
}

/// No heartbeat on any connection: the busy one hears none, either.
pub fn no_heartbeat_at_all(server: Server, interval: u32) -> World {
    no_heartbeat(server, interval).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Busy) => usual.into_iter().filter(|e| !format!("{:?}", e.what).contains("Frame { text: \"2\"")).collect(),
        _ => usual,
    })
}

pub fn poll_cut(server: Server, age: u32, how: Reply) -> World {
    full(server).http(move |ask, usual| match ask.purpose {
        Some(Purpose::LongPoll) => how.clone().later(age),
        // Node's ends the session with the request that hung.
        Some(Purpose::CloseSession) if server == Server::Node && ask.at >= age && ask.credentials == "same-origin" && ask.session > 2 => usual,
        _ => usual,
    })
}

/// The same, and the session is gone with the request that hung (Node: measured).
pub fn poll_cut_on_node(age: u32) -> World {
    let last_poll = std::rc::Rc::new(std::cell::Cell::new(0));
    full(Server::Node).http(move |ask, usual| match ask.purpose {
        Some(Purpose::LongPoll) => {
            last_poll.set(ask.session);
            says(504, NGINX_504).later(age)
        }
        Some(Purpose::CloseSession) if ask.session == last_poll.get() => unknown_session(Server::Node),
        _ => usual,
    })
}

/// A gate's sign-in ends in the middle of the run: from then on all is led to another origin, or, the near miss, nothing answers at the socket's path.
pub fn sign_in_ends(led_away: bool) -> World {
    full(Server::Python).http(move |ask, usual| match usual {
        _ if ask.at > 20_000 && under_socket(ask) && led_away => Reply::Elsewhere,
        _ if ask.at > 20_000 && under_socket(ask) => reset(),
        usual => usual,
    })
}

/// What keeps a session at one replica ends after two seconds, and the server pings after three.
pub fn affinity_ends(server: Server) -> World {
    let pinged = std::rc::Rc::new(std::cell::Cell::new((0, 0)));
    full(server).with(|w| w.ping_interval = 3_000).http(move |ask, usual| match ask.purpose {
        Some(Purpose::LongPoll) => {
            pinged.set((ask.session, ask.at + 3_000));
            usual
        }
        Some(Purpose::FollowUp | Purpose::Poll | Purpose::CloseSession) if pinged.get().0 == ask.session && ask.at >= pinged.get().1 => unknown_session(server),
        _ => usual,
    })
}

pub fn idle_cut_with_polls(silence: u32) -> World {
    idle_cut(Server::Python, silence).http(move |ask, usual| match ask.purpose {
        Some(Purpose::LongPoll) => says(504, NGINX_504).later(silence),
        _ => usual,
    })
}

/// From this moment on the process behind the gateway is gone.
pub fn dies_behind_gateway(world: World, moment: u32) -> World {
    world
        .http(move |ask, usual| match usual {
            _ if under_socket(ask) && ask.at >= moment => says(502, NGINX_502),
            Reply::Says { after, .. } if under_socket(ask) && ask.at + after > moment => says(502, NGINX_502).later(moment - ask.at),
            usual => usual,
        })
        .sockets(move |ask, usual| if under_socket(ask) && ask.at >= moment { refused() } else { cut_at_moment(ask, usual, moment) })
}

/// The same, and the gateway keeps the tunnels that stand.
pub fn dies_behind_gateway_with_tunnels(world: World, moment: u32) -> World {
    world
        .http(move |ask, usual| if under_socket(ask) && ask.at >= moment { says(502, NGINX_502) } else { usual })
        .sockets(move |ask, usual| if under_socket(ask) && ask.at >= moment { refused() } else { usual })
}

/// From this moment on nothing answers at the chat's server, which is not the page's.
pub fn dies_elsewhere(world: World, moment: u32) -> World {
    world
        .http(move |ask, usual| match usual {
            _ if ask.cross && ask.at >= moment => reset(),
            Reply::Says { after, .. } if ask.cross && ask.at + after > moment => Reply::Reject { after: moment - ask.at },
            usual => usual,
        })
        .sockets(move |ask, usual| if ask.at >= moment { refused() } else { cut_at_moment(ask, usual, moment) })
}

/// From this moment on nothing answers, the page's own server neither.
pub fn dies_altogether(world: World, moment: u32) -> World {
    world
        .http(move |ask, usual| match usual {
            _ if ask.at >= moment => reset(),
            Reply::Says { after, .. } if ask.at + after > moment => Reply::Reject { after: moment - ask.at },
            usual => usual,
        })
        .sockets(move |ask, usual| if ask.at >= moment { refused() } else { cut_at_moment(ask, usual, moment) })
}

pub fn hidden_at(world: World, at: u32) -> World {
    world.incident(at, Fact::Visibility { hidden: true })
}

pub fn paused_at(world: World, at: u32) -> World {
    world.incident(at, Fact::Pause { milliseconds: 6_000 })
}

// Sizes and rates.

/// What a message on the socket comes to where it is larger than this.
pub fn messages_up_to(most: u32, lost: impl Fn(u32) -> Life + 'static) -> World {
    full(Server::Python).sockets(move |ask, usual| {
        if ask.socket != Some(SocketPurpose::Large) || ask.size <= most {
            return usual;
        }
        let asked = socket_io::unknown_namespace_ping(0);
        let pong = r#"44/connection-doctor.none,"Unable to connect""#;
        let small = [opened(9), frame(12, &open_packet("", false)), sent(12, &asked), frame(14, pong), sent_large(14, ask.size)];
        small.into_iter().chain(lost(ask.size)).collect()
    })
}

/// The same at a server of Engine.IO 3, which does not say what it takes.
pub fn messages_up_to_at_an_old_server(most: u32) -> World {
    full(Server::NodeTwo).sockets(move |ask, usual| {
        if ask.socket != Some(SocketPurpose::Large) || ask.size <= most {
            return usual;
        }
        let small = usual.into_iter().take_while(|e| e.after <= 14 && !matches!(e.what, Happening::Sent { length, .. } if length > 0));
        small.chain([sent_large(14, ask.size)]).chain(cut_off(ask.size)).collect()
    })
}

pub fn cut_off(_: u32) -> Life {
    vec![errored(30), closed(30, 1006, "")]
}

pub fn too_big(_: u32) -> Life {
    vec![closed(30, 1009, "message too big")]
}

pub fn swallowed(_: u32) -> Life {
    vec![deadline(20_014, "the large message's answer")]
}

/// No packet of full size passes.
pub fn packets_lost() -> World {
    messages_up_to(1_300, swallowed)
}

pub fn slow_uplink(_: u32) -> Life {
    vec![deadline(20_014, "the large message's departure")]
}

pub fn posts_up_to(server: Server, most: u32, how: Reply) -> World {
    full(server).http(move |ask, usual| if ask.method == "POST" && ask.sid && ask.size > most { how.clone() } else { usual })
}

/// The server takes 100 MB by its own word.
pub fn takes_much(world: World) -> World {
    world.http(|_, usual| match usual {
        Reply::Says { status, headers, body, after, redirected_to } => {
            Reply::Says { status, headers, body: body.replace("\"maxPayload\":1000000", "\"maxPayload\":100000000"), after, redirected_to }
        }
        other => other,
    })
}

/// A gateway fails requests by chance: some of the small ones, and the large ones that were sent.
pub fn posts_fail_at_times() -> World {
    full(Server::Python).http(|ask, usual| {
        let repeats = ask.purpose == Some(Purpose::Repeat) && ask.nth % 3 == 1;
        if repeats || ask.method == "POST" && ask.size > 200_000 { says(503, "fault filter abort") } else { usual }
    })
}

/// Samples of round trips, in milliseconds: so many over HTTP of that length, and on the socket.
pub fn trips(http: (usize, u32), socket: (usize, u32)) -> World {
    full(Server::Python).with(move |w| {
        w.trips = Box::new(move |of| {
            let (count, ms) = if of == "http" { http } else { socket };
            vec![ms * 1_000; count]
        });
    })
}

/// Every third WebSocket is refused, plain requests never.
pub fn unsteady_sockets() -> World {
    full(Server::Python).sockets(|ask, usual| {
        let several = matches!(ask.socket, Some(SocketPurpose::Hello | SocketPurpose::HelloAgain | SocketPurpose::Again));
        if several && ask.nth % 3 == 1 { refused() } else { usual }
    })
}

pub fn ladder(rung: impl Fn(u32) -> Rung + 'static) -> World {
    full(Server::Python).with(|w| {
        w.profile.ladder = true;
        w.rung = Box::new(rung);
    })
}

/// Only so many sockets at one time.
pub fn room_for(most: u32) -> World {
    ladder(move |sockets| {
        let open = sockets.min(most);
        Rung { opened: wide_rung(open).opened, refused: sockets - open, ..wide_rung(sockets) }
    })
}

// Streams.

pub fn streams(settings: &str, of: impl Fn(&StreamAsk) -> Stream + 'static) -> World {
    World::of(Server::Python, settings).with(|w| w.stream = Box::new(of))
}

/// The stream's address answers so, and with no stream.
pub fn stream_refused(settings: &str, status: u16) -> World {
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    streams(settings, move |_| Stream { status, headers: headers.clone(), ours: false, ..stream(&[(14, 0, None)], 15, StreamEnd::Whole { told: false }) })
}

/// It wants a session that a plain GET does not have.
pub fn stream_wants_a_session() -> World {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let refused =
        move |_: &StreamAsk| Stream { status: 400, headers: headers.clone(), ours: false, ..stream(&[(14, 0, None)], 15, StreamEnd::Whole { told: false }) };
    streams(r#"{"stream-url":"/stream"}"#, refused).with(|w| w.server = Server::Nothing)
}

/// Each GET of the stream is led to a page.
pub fn stream_led_to(settings: &str, to: &'static str) -> World {
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    let led_to = ["https://chat.example", to].concat();
    streams(settings, move |_| Stream {
        status: 200,
        headers: headers.clone(),
        led_to: led_to.clone(),
        ours: false,
        ..stream(&[(14, 0, None)], 15, StreamEnd::Whole { told: false })
    })
}

/// Each GET of the stream is reset.
pub fn stream_rejected() -> World {
    streams(STREAM, |_| Stream {
        status: 0,
        headers: Vec::new(),
        responded_after: None,
        ours: false,
        ..stream(&[], 9, StreamEnd::Rejected { name: "TypeError".to_owned(), message: "Failed to fetch".to_owned() })
    })
}

/// Nothing of the stream comes.
pub fn stream_not_begun(full: bool) -> World {
    let waited = if full { 34_000 } else { 4_000 };
    let silent = move |_: &StreamAsk| Stream { status: 0, headers: Vec::new(), responded_after: None, ours: false, ..stream(&[], waited, StreamEnd::Silent) };
    streams(if full { STREAM_FULL } else { STREAM }, silent)
}

pub fn stream_healthy(full: bool) -> World {
    streams(if full { STREAM_FULL } else { STREAM }, |ask| documented_stream(ask, 8))
}

/// All comes with the end.
pub fn buffered(ask: &StreamAsk) -> Stream {
    let whole = documented_stream(ask, 8);
    let last = if ask.seconds > 0 { ask.seconds * 1_000 } else { 2_000 };
    let first = if ask.seconds > 0 { 1_000 } else { 200 };
    stream(&[(last + 9, whole.events, Some((first, last)))], last + 10, StreamEnd::Whole { told: true })
}

pub fn compressed(mut stream: Stream) -> Stream {
    stream.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    stream
}

/// HAProxy without `option http-no-delay`: two events at once, each 400 ms (measured).
pub fn in_pairs(ask: &StreamAsk) -> Stream {
    if ask.seconds > 0 {
        return documented_stream(ask, 8);
    }
    let pairs = [(211, 1, 200, 200), (615, 2, 400, 600), (1_015, 2, 800, 1_000), (1_415, 2, 1_200, 1_400), (1_811, 2, 1_600, 1_800), (2_008, 2, 2_000, 2_000)];
    let arrivals: Vec<_> = pairs.map(|(after, events, first, last)| (after, events, Some((first, last)))).to_vec();
    stream(&arrivals, 2_009, StreamEnd::Whole { told: true })
}

fn network_error() -> StreamEnd {
    StreamEnd::Broken { name: "TypeError".to_owned(), message: "network error".to_owned() }
}

/// What comes until this age, and then an error.
pub fn cut_stream(ask: &StreamAsk, age: u32, end: StreamEnd) -> Stream {
    let mut cut = documented_stream(ask, 8);
    if cut.ended_after <= age {
        return cut;
    }
    cut.arrivals.retain(|a| a.after <= age);
    cut.events = cut.arrivals.iter().map(|a| a.events).sum();
    (cut.ended_after, cut.end) = (age, end);
    cut
}

pub fn stream_cut(settings_full: bool, age: u32) -> World {
    streams(if settings_full { STREAM_FULL } else { STREAM }, move |ask| cut_stream(ask, age, network_error()))
}

/// Behind an HTTP/1.0 hop a cut looks like an end.
pub fn stream_cut_in_silence() -> World {
    streams(STREAM_FULL, |ask| cut_stream(ask, 810, StreamEnd::Whole { told: false }))
}

/// Firefox tells of no response where all was held back.
pub fn stream_cut_unseen() -> World {
    streams(STREAM, |_| Stream {
        status: 0,
        headers: Vec::new(),
        ..stream(&[], 1_310, StreamEnd::Rejected { name: "TypeError".to_owned(), message: "NetworkError when attempting to fetch resource.".to_owned() })
    })
}

/// Any chat's own stream, which tells no times: (when, events).
pub fn foreign(arrivals: &'static [(u32, u32)], ended_after: u32, end: fn() -> StreamEnd) -> World {
    streams(STREAM, move |_| {
        let all: Vec<_> = arrivals.iter().map(|&(after, events)| (after, events, None)).collect();
        stream(&all, ended_after, end())
    })
}

pub fn whole() -> StreamEnd {
    StreamEnd::Whole { told: false }
}

pub fn broken() -> StreamEnd {
    network_error()
}

// gRPC.

pub fn grpc(reply: Reply) -> World {
    World::of(Server::Python, GRPC).http(move |ask, usual| if ask.purpose == Some(Purpose::Grpc) { reply.clone() } else { usual })
}

/// A site that has gRPC-web and no Socket.IO.
pub fn grpc_without_a_chat(reply: Reply) -> World {
    World::of(Server::Nothing, r#"{"grpc-url":"/"}"#).http(move |ask, usual| if ask.purpose == Some(Purpose::Grpc) { reply.clone() } else { usual })
}

/// The health check is redirected to that path, where this page is.
pub fn led_to(path: &'static str, page: &'static str) -> World {
    grpc(says(200, page).redirected_to(path))
}

/// The entrance speaks HTTP/2 with all that is behind it.
pub fn grpc_entrance() -> World {
    World::of(Server::Python, GRPC)
        .http(
            |ask, usual| {
                if under_socket(ask) { says(502, "upstream connect error or disconnect/reset before headers. reset reason: protocol error") } else { usual }
            },
        )
        .sockets(|ask, usual| if under_socket(ask) { refused() } else { usual })
}

/// The same before a WebSocket of no known protocol, of which nobody knows more than its URL: `page` is the answer to a plain GET of it.
pub fn grpc_entrance_of_raw(ws_url: &str, page: &'static str) -> World {
    let settings = format!(r#"{{"profile":"raw","ws-url":"{ws_url}","grpc-url":"/"}}"#);
    World::of(Server::Nothing, &settings).http(move |ask, usual| if ask.path == "/echo" { says(502, page) } else { usual }).sockets(|_, _| refused())
}

/// The gateway answers so for the socket, and gRPC lives.
pub fn grpc_alone(page: &'static str) -> World {
    World::of(Server::Nothing, GRPC).http(move |ask, usual| if under_socket(ask) { says(502, page) } else { usual }).sockets(|_, _| refused())
}

pub fn grpc_and_stripped() -> World {
    World::of(Server::Python, GRPC).http(|ask, usual| if under_socket(ask) { usual.header("server", "nginx/1.22.1") } else { usual }).sockets(|_, _| refused())
}

/// A gateway's error as one of gRPC-web.
pub fn dressed(status: u16, headers: &[(&'static str, &str)]) -> Reply {
    let Reply::Says { headers: kind, body, after, .. } = grpc_bytes(&[]) else { unreachable!("it says something") };
    let plain = Reply::Says { status, headers: kind, body, after, redirected_to: None }.header("server", "envoy");
    headers.iter().fold(plain, |reply, (name, value)| reply.header(name, value))
}

/// The site streams, and has no socket anywhere.
pub fn stream_without_socket() -> World {
    World::of(Server::Nothing, r#"{"stream-url":"/stream"}"#).with(|w| w.stream = Box::new(|ask| documented_stream(ask, 8)))
}

/// The same, and its address answers so.
pub fn stream_refused_without_socket(status: u16) -> World {
    stream_refused(r#"{"stream-url":"/stream"}"#, status).with(|w| w.server = Server::Nothing)
}

pub fn grpc_damaged() -> World {
    grpc(grpc_bytes(&[0, 0, 0, 0, 9, 8, 1]))
}

/// What is well, and looks at first sight like something that is not.
pub fn healthy() -> Vec<(&'static str, World)> {
    vec![
        ("node, full", full(Server::Node)),
        ("engineioxide, full", full(Server::Engineioxide)),
        ("websocket-only, full", full(Server::NodeWebsocket)),
        ("open-webui, full", World::of(Server::PythonWebsocket, r#"{"profile":"open-webui","depth":"full"}"#).with(|w| w.mount = "/ws/socket.io/")),
        ("a Chainlit of WebSocket alone", chainlit_by_websocket("quick")),
        ("a Chainlit of WebSocket alone over replicas", chainlit_by_websocket_in_turn("quick")),
        ("a Chainlit of WebSocket alone over replicas, full", chainlit_by_websocket_in_turn("full")),
        ("sticky by cookie", sticky_by_cookie()),
        ("sticky by cookie, cross-origin", sticky_by_cookie_elsewhere()),
        ("one upgrade lost", one_upgrade_lost()),
        ("restarted, sessions", restarted(full(Server::Python), 3..=4)),
        ("restarted, connections", restarted_connections(Server::Python, 7_000)),
        ("25 s pings under a limit of 60 s", idle_cut(Server::Python, 60_000)),
        ("2 s pings under a limit of 6 s", idle_cut(Server::Python, 6_000).with(|w| w.ping_interval = 2_000)),
        ("busy without pings", busy_without_pings()),
        ("a minute between pings", full(Server::Python).with(|w| w.ping_interval = 60_000)),
        ("delivery across", echo(Echo::Across)),
        ("delivery at one instance", echo(Echo::OneInstance)),
        ("no handler", echo(Echo::Missing)),
        ("stream", stream_healthy(false)),
        ("stream, full", stream_healthy(true)),
        ("stream in pairs", streams(STREAM_FULL, in_pairs)),
        ("stream, gzip", streams(STREAM, |ask| compressed(documented_stream(ask, 8)))),
        ("stream on a slow line", streams(STREAM_FULL, |ask| documented_stream(ask, 900))),
        ("stream at once at the start", foreign(&[(40, 12)], 41, whole)),
        ("stream after a thought", foreign(&[(3_000, 1), (3_100, 1), (3_200, 2), (3_400, 1), (3_600, 1), (3_700, 1)], 3_701, whole)),
        ("slow uplink", messages_up_to(200_000, slow_uplink)),
        ("slow uplink, polling only", World::of(Server::PythonPolling, FULL)),
        ("round trips of a far server", trips((10, 180), (20, 190))),
        ("grpc", grpc(grpc_says(0, Some(1)))),
        ("grpc without health service", grpc(grpc_says(12, None))),
        ("ladder", ladder(wide_rung)),
        ("ladder, slow handshakes", ladder(|n| Rung { opened: (1..=n).map(|k| k * 300).collect(), ..wide_rung(n) })),
        ("raw, full", raw(|_, usual| usual)),
        ("watched for long", World::of(Server::Python, WATCH).with(|w| w.watched_for = 3_600_000)),
    ]
}

/// A held connection of a server whose first frame is not at 12 ms, for those that need one.
pub fn held_life(hold: u32) -> Life {
    held(9, 12, hold, 25_000, None, false)
}
