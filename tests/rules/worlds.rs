//! The worlds: one way to be healthy or broken each, after the lab's table of scenarios.

use connection_doctor::evidence::{Fact, Happening, Purpose, SocketPurpose};

use crate::harness::{
    Ask, BLOCK_PAGE, CHAINLIT_PAGE, CHAINLIT_PAGE_PREFIXED, CHAT_PAGE, ELSEWHERE, FORBIDDEN_PAGE, Joining, LOGIN_PAGE, Life, NGINX_502, NGINX_503, NGINX_504,
    NOT_ALLOWED_PAGE, Reply, SOCKET, Server, World, closed, content, deadline, errored, frame, open_packet, opened, refused, reset, says, threw,
};

const AWAY: &str = r#"{"server":"https://api.example","socket-path":"/socket.io/"}"#;
const RAW: &str = r#"{"profile":"raw","ws-url":"wss://chat.example/echo"}"#;

fn plain(server: Server) -> World {
    World::plain(server)
}

fn chainlit(server: Server, page: &'static str) -> World {
    World::of(server, r#"{"profile":"chainlit"}"#)
        .with(|w| w.mount = "/ws/socket.io/")
        .page("/", says(200, page))
        .page("/health", says(200, r#"{"status":"ok"}"#))
}

fn joining(server: Server, namespace: &str, joining: Joining) -> World {
    World::of(server, &format!(r#"{{"profile":"socketio","socket-path":"/socket.io/","namespace":"{namespace}"}}"#)).with(|w| w.joining = joining)
}

fn raw_plain_says(reply: Reply) -> World {
    World::of(Server::Nothing, RAW).http(move |ask, usual| if ask.path == "/echo" { reply.clone() } else { usual })
}

fn raw_refused(reply: Reply) -> World {
    raw_plain_says(reply).sockets(|_, _| refused())
}

/// The deadline of the WebSocket's opening, in a quick run.
fn hangs() -> Life {
    vec![deadline(3_000, "open")]
}

fn for_websockets(ask: &Ask) -> bool {
    ask.under(SOCKET) && ask.transport == "websocket" && ask.method == "GET"
}

// Healthy.

pub fn healthy() -> Vec<(&'static str, World)> {
    vec![
        ("python", plain(Server::Python)),
        ("wsgi", plain(Server::PythonWsgi)),
        ("node", plain(Server::Node)),
        ("engineioxide", plain(Server::Engineioxide)),
        ("node-two", node_two()),
        ("polling-only", plain(Server::PythonPolling)),
        ("websocket-only", plain(Server::NodeWebsocket)),
        ("websocket-only-python", plain(Server::PythonWebsocket)),
        ("chainlit-signed-out", chainlit_signed_out()),
        ("chainlit", chainlit(Server::Python, CHAINLIT_PAGE).page("/user", says(200, "null"))),
        ("open-webui", open_webui()),
        ("cross-origin", World::of(Server::Python, AWAY)),
        ("cross-origin-node", World::of(Server::Node, AWAY)),
        ("cross-origin-semaphore-without-cors", semaphore_elsewhere()),
        ("raw", raw()),
        ("raw-404-on-get", raw_plain_says(says(404, "Not Found"))),
        ("slow-line", slow_line(Server::Engineioxide)),
        ("slow-line-python", slow_line(Server::Python)),
        ("namespace", joining(Server::Python, "/", Joining::Accepts)),
        ("namespace-chat", joining(Server::Node, "/chat", Joining::Accepts)),
        ("namespace-polling-only", joining(Server::PythonPolling, "/", Joining::Accepts)),
        ("auto", World::of(Server::Node, "{}")),
        ("auto-ws-path", World::of(Server::Python, "{}").with(|w| w.mount = "/ws/socket.io/")),
        ("https-h2", plain(Server::Python).with(|w| w.next_hop_protocol = "h2")),
        (
            "sub-path",
            World::of(Server::Python, r#"{"socket-path":"/chat/socket.io/","chat-page":"/chat/"}"#)
                .with(|w| w.mount = "/chat/socket.io/")
                .page("/chat/", says(200, CHAT_PAGE)),
        ),
        ("full-depth", World::of(Server::Python, r#"{"socket-path":"/socket.io/","depth":"full"}"#)),
        ("full-depth-node-two", World::of(Server::NodeTwo, r#"{"profile":"socketio","socket-path":"/socket.io/","depth":"full"}"#)),
        ("full-depth-polling-only", World::of(Server::PythonPolling, r#"{"socket-path":"/socket.io/","depth":"full"}"#)),
        ("health", health(says(200, r#"{"status":"ok"}"#))),
        ("firefox", plain(Server::Python).with(|w| w.environment.user_agent = crate::harness::FIREFOX.to_owned())),
        ("tab-hidden", tab_hidden()),
        (
            "upgrade-insecure-requests",
            World::of(Server::Nothing, r#"{"profile":"raw","ws-url":"ws://chat.example/echo"}"#)
                .http(|ask, usual| if ask.path == "/echo" { says(426, "Upgrade Required") } else { usual }),
        ),
    ]
}

pub fn node_two() -> World {
    World::of(Server::NodeTwo, r#"{"profile":"socketio","socket-path":"/socket.io/"}"#)
}

pub fn chainlit_signed_out() -> World {
    chainlit(Server::Python, CHAINLIT_PAGE).page("/user", says(401, r#"{"detail":"Invalid authentication token"}"#))
}

pub fn open_webui() -> World {
    World::of(Server::PythonWebsocket, r#"{"profile":"open-webui"}"#)
        .with(|w| w.mount = "/ws/socket.io/")
        .page("/ready", says(200, r#"{"status":true}"#))
        .page("/health", says(200, r#"{"status":true}"#))
}

/// CORS does not gate a WebSocket, and this client never polls.
pub fn semaphore_elsewhere() -> World {
    World::of(Server::NodeWebsocket, r#"{"server":"https://api.example","profile":"semaphore"}"#).with(|w| w.allows_origin = false)
}

pub fn raw() -> World {
    raw_plain_says(says(426, "Upgrade Required"))
}

pub fn slow_line(server: Server) -> World {
    plain(server).with(|w| w.round_trip = 300)
}

pub fn tab_hidden() -> World {
    plain(Server::Python).incident(15, Fact::Visibility { hidden: true }).incident(400, Fact::Visibility { hidden: false })
}

// Not reached at all.

pub fn refused_server() -> World {
    World::of(Server::Nothing, r#"{"server":"http://127.0.0.1:9","socket-path":"/socket.io/"}"#)
        .with(|w| w.environment.scheme = "http:".to_owned())
        .http(|ask, usual| if ask.cross { reset() } else { usual })
        .sockets(|_, _| refused())
}

pub fn blackhole() -> World {
    World::of(Server::Nothing, AWAY).http(|ask, usual| if ask.cross { Reply::Silence } else { usual }).sockets(|_, _| hangs())
}

pub fn path_reset() -> World {
    plain(Server::Python).path_answers(SOCKET, reset())
}

pub fn path_silent() -> World {
    plain(Server::Python)
        .with(|w| w.profile.depth = connection_doctor::profile::Depth::Full)
        .path_answers(SOCKET, Reply::Silence)
        .sockets(|ask, usual| if ask.under(SOCKET) { vec![deadline(10_000, "open")] } else { usual })
}

pub fn offline() -> World {
    plain(Server::Python).http(|_, _| reset()).sockets(|_, _| refused()).with(|w| w.environment.online = false)
}

pub fn offline_in_mid_run() -> World {
    plain(Server::Python)
        .http(|ask, usual| if ask.at >= 10 { reset() } else { usual })
        .sockets(|ask, usual| {
            if ask.at >= 10 {
                refused()
            } else {
                let _ = usual;
                vec![opened(9), frame(12, &open_packet("", false)), closed(60, 1006, "")]
            }
        })
        .incident(70, Fact::Connectivity { online: false })
}

pub fn certificate(user_agent: &str, code: u16) -> World {
    let agent = user_agent.to_owned();
    World::of(Server::Nothing, AWAY)
        .with(move |w| w.environment.user_agent = agent)
        .http(|ask, usual| if ask.cross { reset() } else { usual })
        .sockets(move |_, _| vec![errored(9), closed(9, code, "")])
}

pub fn captive_portal() -> World {
    plain(Server::Python).http(|_, _| Reply::Elsewhere).sockets(|_, _| refused())
}

pub fn captive_portal_page() -> World {
    let portal = "<!doctype html><title>Free Wi-Fi</title><p>Accept the terms to use the network.</p>";
    plain(Server::Python).http(move |_, _| says(200, portal)).sockets(|_, _| refused())
}

// The gateway and the server.

pub fn gateway_502() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(502, NGINX_502).header("server", "nginx/1.22.1"))
}

pub fn app_down() -> World {
    plain(Server::Nothing).http(|ask, usual| if ask.purpose == Some(Purpose::OwnFile) { usual } else { says(502, NGINX_502) }).sockets(|_, _| refused())
}

pub fn everything_502() -> World {
    plain(Server::Nothing).http(|_, _| says(502, NGINX_502)).sockets(|_, _| refused())
}

pub fn gateway_504() -> World {
    plain(Server::Nothing)
        .path_answers(SOCKET, says(504, NGINX_504).later(1_000))
        .sockets(|ask, usual| if ask.under(SOCKET) { vec![errored(1_010), closed(1_010, 1006, "")] } else { usual })
}

pub fn server_error() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(500, "Internal Server Error"))
}

pub fn rate_limited() -> World {
    plain(Server::Python).path_answers(SOCKET, says(429, "Too Many Requests\n").header("retry-after", "30"))
}

/// Our own questions are too many: a generous limit, reached late in the run.
pub fn rate_limited_late() -> World {
    plain(Server::Python)
        .with(|w| w.profile.depth = connection_doctor::profile::Depth::Full)
        .http(|ask, usual| if ask.under(SOCKET) && ask.nth >= 12 { says(429, "Too Many Requests") } else { usual })
}

pub fn cold_start() -> World {
    plain(Server::Python)
        .http(|ask, usual| if ask.under(SOCKET) && ask.nth < 2 { says(503, "The application is starting.\n") } else { usual })
        .sockets(|ask, usual| if ask.under(SOCKET) && ask.nth < 2 { refused() } else { usual })
}

/// Nobody is there for a second and a half.
pub fn cold_start_in_time() -> World {
    plain(Server::Python)
        .http(|ask, usual| if ask.under(SOCKET) && ask.at < 1_000 { says(503, NGINX_503) } else { usual })
        .sockets(|ask, usual| if ask.under(SOCKET) && ask.at < 1_000 { refused() } else { usual })
}

pub fn slow_first() -> World {
    World::of(Server::Python, r#"{"socket-path":"/socket.io/","depth":"full"}"#)
        .http(|ask, usual| if ask.under(SOCKET) && ask.at < 4_000 { usual.later(4_000 - ask.at) } else { usual })
        .sockets(|ask, usual| {
            if ask.under(SOCKET) && ask.at < 4_000 {
                usual
                    .into_iter()
                    .map(|mut e| {
                        e.after += 4_000 - ask.at;
                        e
                    })
                    .collect()
            } else {
                usual
            }
        })
}

pub fn slow_server() -> World {
    plain(Server::Engineioxide).http(|ask, usual| if ask.purpose == Some(Purpose::OwnFile) { usual } else { usual.later(1_500) }).sockets(|_, usual| {
        usual
            .into_iter()
            .map(|mut e| {
                e.after += 1_500;
                e
            })
            .collect()
    })
}

/// Not the server: the line is slow for the static file too.
pub fn slow_everything() -> World {
    World::of(Server::Engineioxide, r#"{"socket-path":"/socket.io/","depth":"full"}"#).with(|w| w.round_trip = 1_300)
}

pub fn intermittent() -> World {
    plain(Server::Engineioxide)
        .http(|ask, usual| if ask.under(SOCKET) && ask.nth % 3 == 2 { says(503, NGINX_503) } else { usual })
        .sockets(|ask, usual| if ask.under(SOCKET) && ask.nth % 3 == 2 { refused() } else { usual })
}

pub fn health(reply: Reply) -> World {
    World::of(Server::Python, r#"{"socket-path":"/socket.io/","health-path":"/health"}"#).page("/health", reply)
}

pub fn health_failing() -> World {
    health(says(503, r#"{"status":"error","redis":"down"}"#))
}

pub fn http_version() -> World {
    plain(Server::Python)
        .with(|w| {
            w.next_hop_protocol = "h2";
            w.environment.next_hop_protocol = "h2".to_owned();
        })
        .sockets(|_, _| refused())
}

/// nginx never takes a WebSocket over HTTP/2 from a browser: so it is the stripped header.
pub fn stripped_behind_nginx_h2() -> World {
    http_version().http(|ask, usual| if ask.under(SOCKET) { usual.header("server", "nginx/1.22.1") } else { usual })
}

// The path and the version.

pub fn wrong_path() -> World {
    plain(Server::Engineioxide).with(|w| w.mount = "/ws/socket.io/")
}

pub fn single_page_fallback() -> World {
    plain(Server::Nothing).http(|ask, usual| if ask.purpose == Some(Purpose::OwnFile) { usual } else { says(200, CHAT_PAGE) })
}

pub fn not_found() -> World {
    plain(Server::Nothing)
}

pub fn not_found_auto() -> World {
    World::of(Server::Nothing, "{}")
}

pub fn wrong_version() -> World {
    plain(Server::PythonOld)
}

pub fn old_server_new_client() -> World {
    World::of(Server::NodeTwo, r#"{"profile":"semaphore","socket-path":"/socket.io/"}"#).page("/api/health", says(200, r#"{"status":"ok"}"#))
}

pub fn prefix_mismatch() -> World {
    chainlit(Server::Engineioxide, CHAINLIT_PAGE_PREFIXED).page("/user", says(200, "null"))
}

pub fn truncated() -> World {
    let cut = r#"0{"sid":"lab-3f9aT0VJ4sJcAAAB","upgrades":["webso"#;
    plain(Server::Nothing)
        .path_answers(SOCKET, says(200, cut))
        .sockets(move |ask, usual| if ask.under(SOCKET) { vec![opened(8), frame(9, cut), content(9)] } else { usual })
}

pub fn garbled_polling_alone() -> World {
    plain(Server::Python)
        .http(|ask, usual| if ask.under(SOCKET) && ask.method == "GET" && ask.transport == "polling" { says(200, r#"0{"sid":}"#) } else { usual })
}

// The WebSocket.

pub fn stripped(server: Server) -> World {
    plain(server).sockets(|_, _| refused())
}

pub fn stripped_websocket_app() -> World {
    open_webui().sockets(|_, _| refused())
}

pub fn swallowed() -> World {
    plain(Server::Python).sockets(|_, _| hangs())
}

pub fn intercepted() -> World {
    plain(Server::Python).http(|ask, usual| if for_websockets(ask) { says(200, BLOCK_PAGE) } else { usual }).sockets(|_, _| refused())
}

pub fn silent_open() -> World {
    plain(Server::Python).sockets(|_, _| vec![opened(10), deadline(2_010, "open packet")])
}

pub fn drops_at_once() -> World {
    plain(Server::Python).sockets(|ask, usual| {
        if ask.socket == Some(SocketPurpose::Upgrade) { usual } else { vec![opened(9), frame(12, &open_packet("", false)), closed(312, 1006, "")] }
    })
}

pub fn drops_once() -> World {
    plain(Server::Python).sockets(|ask, usual| {
        if ask.socket == Some(SocketPurpose::Hello) { vec![opened(9), frame(12, &open_packet("", false)), closed(312, 1006, "")] } else { usual }
    })
}

pub fn closes(code: u16, reason: &'static str) -> World {
    plain(Server::Python).sockets(move |ask, usual| {
        if ask.socket == Some(SocketPurpose::Upgrade) { usual } else { vec![opened(9), frame(12, &open_packet("", false)), closed(13, code, reason)] }
    })
}

pub fn upgrade_refused() -> World {
    plain(Server::Python).http(|ask, usual| if for_websockets(ask) { says(403, "Forbidden\n") } else { usual }).sockets(|_, _| refused())
}

// Long-polling.

fn bends_polling(reply: Reply) -> World {
    plain(Server::Python).http(move |ask, usual| if ask.under(SOCKET) && ask.transport == "polling" { reply.clone() } else { usual })
}

pub fn polling_blocked() -> World {
    bends_polling(says(403, FORBIDDEN_PAGE))
}

pub fn polling_not_found() -> World {
    bends_polling(says(404, "Not Found"))
}

pub fn polling_without_end() -> World {
    bends_polling(Reply::Endless)
}

pub fn post_refused() -> World {
    plain(Server::Python).http(|ask, usual| if ask.under(SOCKET) && ask.method == "POST" { says(405, NOT_ALLOWED_PAGE) } else { usual })
}

// The channel.

pub fn accepted() -> World {
    joining(Server::Python, "/", Joining::Accepts)
}

pub fn namespace_unknown() -> World {
    joining(Server::Node, "/nope", Joining::Says(r#"{"message":"Invalid namespace"}"#.to_owned()))
}

pub fn namespace_unknown_python() -> World {
    joining(Server::Python, "/nope", Joining::Says(r#""Unable to connect""#.to_owned()))
}

pub fn connect_unanswered() -> World {
    joining(Server::Python, "/", Joining::Never)
}

pub fn connect_refused() -> World {
    joining(Server::Node, "/", Joining::Says(r#"{"message":"AUTH_FAILED"}"#.to_owned()))
}

pub fn connect_rate_limited() -> World {
    joining(Server::Node, "/", Joining::Says(r#"{"message":"RATE_LIMITED"}"#.to_owned()))
}

pub fn connect_unanswered_by_polling() -> World {
    joining(Server::PythonPolling, "/", Joining::Never)
}

// Origin, policy, sign-in.

pub fn origin_refused() -> World {
    plain(Server::Python).with(|w| w.accepts_origin = false)
}

pub fn origin_refused_elsewhere() -> World {
    World::of(Server::Python, AWAY).with(|w| w.accepts_origin = false)
}

pub fn not_allowed() -> World {
    World::of(Server::Node, AWAY).with(|w| w.allows_origin = false)
}

pub fn mixed_content() -> World {
    World::of(Server::Nothing, r#"{"profile":"raw","ws-url":"ws://lab.example:1/"}"#)
        .http(|ask, usual| if ask.purpose == Some(Purpose::Companion) { reset() } else { usual })
        .sockets(|_, _| vec![threw("SecurityError")])
}

pub fn mixed_server() -> World {
    World::of(Server::Nothing, r#"{"server":"http://api.example","socket-path":"/socket.io/"}"#)
        .http(|ask, usual| if ask.cross { reset() } else { usual })
        .sockets(|_, _| vec![threw("SecurityError")])
}

pub fn insecure_loopback() -> World {
    World::of(Server::Nothing, r#"{"profile":"raw","ws-url":"ws://localhost:3000/echo"}"#)
        .http(|ask, usual| if ask.path == "/echo" { says(426, "Upgrade Required") } else { usual })
}

pub fn login_elsewhere() -> World {
    plain(Server::Python).path_answers(SOCKET, Reply::Elsewhere).page("/", Reply::Elsewhere)
}

pub fn login_page() -> World {
    plain(Server::Python).path_answers(SOCKET, says(200, LOGIN_PAGE).redirected_to("/login"))
}

pub fn cookies_too_large() -> World {
    const PAGE: &str = "<html><head><title>400 Request Header Or Cookie Too Large</title></head><body><center>nginx</center></body></html>";
    plain(Server::Python).http(|ask, usual| if ask.credentials == "omit" { usual } else { says(400, PAGE) }).sockets(|_, _| refused())
}

pub fn bad_request_for_everybody() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(400, "<html><head><title>400 Bad Request</title></head></html>"))
}

pub fn signed_out() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(401, r#"{"message":"Unauthorized"}"#))
}

pub fn signed_out_native() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(401, "Unauthorized").header("www-authenticate", "Basic realm=\"chat\""))
}

fn violation(enforced: bool) -> Fact {
    Fact::PolicyViolation { directive: "connect-src".to_owned(), blocked: format!("{ELSEWHERE}/socket.io/?EIO=4"), enforced }
}

pub fn csp() -> World {
    World::of(Server::Python, AWAY)
        .http(|ask, usual| if ask.cross { reset() } else { usual })
        .sockets(|_, _| vec![errored(1), deadline(3_000, "open")])
        .incident(7, violation(true))
        .incident(8, violation(true))
}

pub fn csp_report_only() -> World {
    World::of(Server::Python, AWAY).incident(7, violation(false))
}

pub fn no_websocket() -> World {
    plain(Server::Python).with(|w| w.environment.missing = vec!["WebSocket".to_owned()]).sockets(|_, _| vec![threw("ReferenceError")])
}

// A WebSocket of no known protocol.

pub fn raw_not_found() -> World {
    raw_refused(says(404, "Not Found"))
}

pub fn raw_signed_out() -> World {
    raw_refused(says(401, r#"{"message":"Unauthorized"}"#))
}

pub fn raw_stripped() -> World {
    raw_refused(says(426, "Upgrade Required"))
}

pub fn raw_gateway() -> World {
    raw_refused(says(502, NGINX_502))
}

pub fn raw_closes() -> World {
    raw().sockets(|_, _| vec![opened(9), closed(20, 4001, "no ticket")])
}

pub fn raw_drops() -> World {
    raw().sockets(|_, _| vec![opened(9), closed(300, 1006, "")])
}

pub fn raw_hangs() -> World {
    raw().sockets(|_, _| hangs())
}

pub fn socket_path_silent() -> World {
    plain(Server::Python).http(|ask, usual| if ask.under("/socket.io/") { Reply::Silence } else { usual }).sockets(|_, _| hangs())
}

pub fn flooded() -> World {
    plain(Server::Python).sockets(|ask, usual| {
        if ask.socket == Some(SocketPurpose::Hello) {
            let mut life = vec![opened(9), frame(12, &open_packet("", false)), frame(13, "x")];
            life.push(connection_doctor::evidence::SocketEvent { after: 40, what: Happening::Flood });
            life
        } else {
            usual
        }
    })
}

/// Everything fails in every way, and differently each time.
pub fn worst(json: &str) -> World {
    World::of(Server::Python, json)
        .http(|ask, usual| match (ask.nth + ask.at) % 7 {
            0 => says(503, NGINX_503),
            1 => reset(),
            2 => Reply::Silence,
            3 => Reply::Elsewhere,
            4 => says(200, LOGIN_PAGE),
            5 => says(404, "no"),
            _ => usual,
        })
        .sockets(|ask, usual| match (ask.nth + ask.at) % 4 {
            0 => refused(),
            1 => hangs(),
            2 => vec![opened(4), closed(40, 1006, "")],
            _ => usual,
        })
}

// Closest neighbours.

pub fn stray_violation() -> World {
    plain(Server::Python)
        .incident(8, Fact::PolicyViolation { directive: "connect-src".to_owned(), blocked: "https://metrics.example/v1".to_owned(), enforced: true })
}

pub fn polling_rejected() -> World {
    plain(Server::Python).http(|ask, usual| {
        let polls = ask.under(SOCKET) && (ask.transport == "polling" || matches!(ask.purpose, Some(Purpose::ServerNoCors | Purpose::RedirectControl)));
        if polls { reset() } else { usual }
    })
}

pub fn post_rejected() -> World {
    plain(Server::Python).http(|ask, usual| if ask.under(SOCKET) && ask.method == "POST" { reset() } else { usual })
}

pub fn silent_open_with_namespace() -> World {
    accepted().sockets(|_, _| vec![opened(10), deadline(2_010, "open packet")])
}

pub fn app_down_with_health() -> World {
    World::of(Server::Nothing, r#"{"socket-path":"/socket.io/","health-path":"/health"}"#)
        .http(|ask, usual| if ask.purpose == Some(Purpose::OwnFile) { usual } else { says(502, NGINX_502) })
        .sockets(|_, _| refused())
}

/// Before 2026 Chainlit answered `/health` with its index page.
pub fn chainlit_without_health() -> World {
    chainlit(Server::Python, CHAINLIT_PAGE).page("/health", says(200, CHAINLIT_PAGE)).page("/user", says(200, "null"))
}
