//! The worlds: one way to be healthy or broken each, after the lab's table of scenarios.

#[path = "call_worlds.rs"]
pub mod calls;
#[path = "often.rs"]
pub mod often;

use connection_doctor::evidence::{Fact, Happening, Purpose, SocketEvent, SocketPurpose, Stored};

use crate::harness::{
    AZURE_GONE, Ask, BLOCK_PAGE, CHAINLIT_PAGE, CHAINLIT_PAGE_PREFIXED, CHAT_PAGE, CHROME, ELSEWHERE, FIREFOX, FORBIDDEN_PAGE, INLINE_PAGE, Joining,
    LOGIN_PAGE, Life, MODULE_PAGE, NGINX_500, NGINX_502, NGINX_503, NGINX_504, NOT_ALLOWED_PAGE, OLD_PAGE, Reply, SOCKET, Server, Worker, World, area, closed,
    content, deadline, errored, frame, open_packet, opened, refused, reset, says, sent, threw,
};

const AWAY: &str = r#"{"server":"https://api.example","socket-path":"/socket.io/"}"#;
const AWAY_INCLUDE: &str = r#"{"server":"https://api.example","socket-path":"/socket.io/","credentials":"include"}"#;
const AWAY_HEADERS: &str =
    r#"{"server":"https://api.example","socket-path":"/socket.io/","request-headers":"authorization","response-headers":"X-Request-Id"}"#;
const SIGNED_IN: &str = r#"{"profile":"socketio","socket-path":"/socket.io/","user-path":"/me","storage-keys":"token, draft"}"#;
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
    let mut all = vec![
        ("python", plain(Server::Python)),
        ("wsgi", plain(Server::PythonWsgi)),
        ("node", plain(Server::Node)),
        ("engineioxide", plain(Server::Engineioxide)),
        ("node-two", node_two()),
        ("old server, old client", names_script(Server::PythonOld, "/js/socket.io-2.5.0.min.js")),
        ("old server, old client by its first comment", loads_client(Server::NodeTwo, "/js/client.js", "2.5.0")),
        ("old server, its own client", names_script(Server::NodeTwo, "/socket.io/socket.io.js")),
        ("new client", loads_client(Server::Python, "/js/client.js", "4.8.4")),
        ("the server's own client", loads_client(Server::Node, "/socket.io/socket.io.js", "4.8.4")),
        ("a server for both", new_server_for_both()),
        ("two clients", two_clients()),
        ("polling-only", plain(Server::PythonPolling)),
        ("websocket-only", plain(Server::NodeWebsocket)),
        ("websocket first", chainlit_told(r#"["websocket","polling"]"#, Server::Python)),
        ("websocket-only-python", plain(Server::PythonWebsocket)),
        ("chainlit-signed-out", chainlit_signed_out()),
        ("chainlit", chainlit(Server::Python, CHAINLIT_PAGE).page("/user", says(200, "null"))),
        ("open-webui", open_webui()),
        ("cross-origin", World::of(Server::Python, AWAY)),
        ("cross-origin-node", World::of(Server::Node, AWAY)),
        ("cross-origin-semaphore-without-cors", semaphore_elsewhere()),
        ("raw", raw()),
        ("raw-404-on-get", raw_plain_says(says(404, "Not Found"))),
        ("raw-subprotocol", raw_subprotocol()),
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
    ];
    all.extend(healthy_browsers());
    all.extend(often::healthy());
    all.extend(calls::healthy());
    all
}

/// What a browser may hold, and be well.
fn healthy_browsers() -> Vec<(&'static str, World)> {
    vec![
        ("current-worker", current_worker()),
        ("current-worker-full-depth", current_worker().with(|w| w.profile.depth = connection_doctor::profile::Depth::Full)),
        ("waiting-worker", waiting_worker()),
        ("worker-that-asks-the-network", worker_that_asks()),
        ("worker-that-asks, each page another", each_page_another().worker(Worker { controls: true, ..Worker::default() }, false)),
        ("worker-of-pages-alone, each page another", each_page_another().worker(Worker { navigations_alone: true, ..Worker::default() }, false)),
        ("worker-that-knows-any-query", current_worker().with(|w| w.held.worker.as_mut().unwrap().ignores_query = true)),
        ("worker, and an extension", worker_and_extension()),
        ("hashed-scripts", hashed_scripts()),
        ("revalidated-shell", revalidated_shell()),
        ("dynamic-shell", dynamic_shell()),
        ("each page another, and kept", each_page_another().keeps("/", says(200, OLD_PAGE), true)),
        ("optional-script-missing", optional_script_missing()),
        ("optional-script-missing, the rest inside", optional_script_missing_inline()),
        ("chat-policy", chat_policy("connect-src 'self'")),
        ("strict front page that nobody named", front_page_policy()),
        ("front page that connects to nothing", front_page_that_connects_to_nothing()),
        ("frame-partitioned", frame_partitioned()),
        ("frame-firefox", frame_firefox()),
        ("frame-same-site", frame_same_site()),
        ("cors-wildcard", cors_wildcard()),
        ("cors-with-credentials", World::of(Server::Python, AWAY_INCLUDE)),
        ("cors-with-headers", World::of(Server::Node, AWAY_HEADERS).http(exposes("x-request-id"))),
        ("help", help()),
        ("insecure", insecure()),
        ("cdn-with-age", cdn_with_age()),
        ("signed-in-by-token", signed_in_by_token()),
        ("signed-out-with-a-draft", signed_out_with_a_draft()),
        ("storage half full", plain(Server::Node).holds(|h| (h.storage.usage, h.storage.quota) = (Some(500), Some(1_000)))),
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

/// Without its subprotocol it refuses with 400, and a plain request has none.
pub fn raw_subprotocol() -> World {
    World::of(Server::Nothing, r#"{"profile":"raw","ws-url":"wss://chat.example/echo","ws-protocols":"graphql-transport-ws"}"#)
        .http(|ask, usual| if ask.path == "/echo" { says(400, "Subprotocol required") } else { usual })
}

/// The same where no setting names it.
pub fn raw_subprotocol_unnamed() -> World {
    raw_refused(says(400, "Subprotocol required"))
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

/// The chat can be installed: its worker keeps all that this page is made of.
pub fn offline_behind_a_worker() -> World {
    let worker = Worker { keeps_own_files: true, ..first_from_cache(CHAT_PAGE) };
    plain(Server::Python).http(|_, _| reset()).sockets(|_, _| refused()).worker(worker, false)
}

/// For half a second this device has no connection. `told`: the browser says so.
pub fn offline_for_a_moment(told: bool) -> World {
    let away = |ask: &Ask| (10..500).contains(&ask.at);
    let world = plain(Server::Engineioxide)
        .http(move |ask, usual| if away(ask) { reset() } else { usual })
        .sockets(move |ask, usual| if away(ask) { refused() } else { usual });
    if told { world.incident(12, Fact::Connectivity { online: false }).incident(505, Fact::Connectivity { online: true }) } else { world }
}

/// Its answers end for good, and the page's own file goes on.
pub fn answers_no_more() -> World {
    plain(Server::Engineioxide)
        .http(|ask, usual| if ask.under(SOCKET) && ask.nth >= 6 { reset() } else { usual })
        .with(|w| w.profile.depth = connection_doctor::profile::Depth::Full)
}

pub fn certificate(user_agent: &str, code: u16) -> World {
    let agent = user_agent.to_owned();
    World::of(Server::Nothing, AWAY)
        .with(move |w| w.environment.user_agent = agent)
        .http(|ask, usual| if ask.cross { reset() } else { usual })
        .sockets(move |_, _| vec![errored(9), closed(9, code, "")])
}

pub fn captive_portal() -> World {
    gate_before_all().with(|w| w.environment.scheme = "http:".to_owned())
}

/// A gate that signs people in stands before the whole site, by https, and the sign-in has run out.
pub fn gate_before_all() -> World {
    plain(Server::Python).http(|_, _| Reply::Elsewhere).sockets(|_, _| refused())
}

/// A page to sign in answers every path, with 200, this page's own too.
pub fn page_to_sign_in_everywhere() -> World {
    plain(Server::Python).http(|_, _| says(200, LOGIN_PAGE)).sockets(|_, _| refused())
}

/// Nobody knows an application by this name any more; it had been there, since this page is of it.
pub fn all_gone() -> World {
    plain(Server::Python).http(|_, _| says(404, "404 page not found\n")).sockets(|_, _| refused())
}

/// A gateway leads WebSockets to a backend of their own, and that one is down.
pub fn websockets_backend_down(server: Server) -> World {
    plain(server).http(|ask, usual| if for_websockets(ask) { says(503, NGINX_503) } else { usual }).sockets(|_, _| refused())
}

/// One of two backends is another program, and the gateway asks them by turns.
pub fn two_programs() -> World {
    plain(Server::Node)
        .http(|ask, usual| if ask.under(SOCKET) && ask.nth % 2 == 1 { says(404, "Cannot GET /socket.io/") } else { usual })
        .sockets(|ask, usual| if ask.under(SOCKET) && ask.nth % 2 == 1 { refused() } else { usual })
}

/// A filter resets what asks for long-polling, and nothing else.
pub fn polling_reset() -> World {
    bends_polling(reset())
}

/// Another service's own words, in the members that Node's engine has too.
pub fn numbered_errors() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(404, r#"{"code":5,"message":"Not Found","details":[]}"#).header("content-type", "application/json"))
}

/// The server takes WebSockets alone, and somebody before it refuses them.
pub fn upgrade_refused_without_polling() -> World {
    plain(Server::NodeWebsocket).http(|ask, usual| if for_websockets(ask) { says(403, "Forbidden\n") } else { usual }).sockets(|_, _| refused())
}

/// A limit so tight that what is asked before the chat's own session has used it up.
pub fn rate_limited_tightly() -> World {
    plain(Server::Python).http(|ask, usual| if ask.under(SOCKET) && ask.nth >= 2 { says(429, "Too Many Requests") } else { usual })
}

pub fn raw_behind_a_gate() -> World {
    raw_refused(Reply::Elsewhere)
}

/// Without cookies the gate says 401; with them the request is let through to an application that has no page there.
pub fn raw_stripped_behind_a_gate() -> World {
    let at = |ask: &Ask| if ask.credentials == "omit" { says(401, "Unauthorized") } else { says(426, "Upgrade Required") };
    World::of(Server::Nothing, RAW).http(move |ask, usual| if ask.path == "/echo" { at(ask) } else { usual }).sockets(|_, _| refused())
}

/// What is held is ended by an exception of the application's; what is looked at for a moment stands.
pub fn raw_fails_after_a_while() -> World {
    raw().with(|w| w.profile.depth = connection_doctor::profile::Depth::Full).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::RawQuiet) => vec![opened(9), closed(6_000, 1011, "")],
        _ => usual,
    })
}

/// By the longer test.
pub fn fully(world: World) -> World {
    world.with(|w| w.profile.depth = connection_doctor::profile::Depth::Full)
}

/// As slow as by satellite: what is silent may be on its way.
pub fn on_a_slow_line(world: World) -> World {
    world.with(|w| w.round_trip = 600)
}

/// The line, or the page, wakes up together with the server.
pub fn slow_first_for_all() -> World {
    slow_first().http(|ask, usual| if ask.purpose == Some(Purpose::OwnFile) && ask.at < 4_000 { usual.later(4_000 - ask.at) } else { usual })
}

/// One request with cookies is lost, of a server that takes them.
pub fn credentialed_request_lost() -> World {
    World::of(Server::Node, r#"{"server":"https://api.example","socket-path":"/socket.io/","credentials":"include"}"#)
        .http(|ask, usual| if ask.purpose == Some(Purpose::Credentialed) { reset() } else { usual })
}

pub fn captive_portal_page() -> World {
    let portal = "<!doctype html><title>Free Wi-Fi</title><p>Accept the terms to use the network.</p>";
    plain(Server::Python).http(move |_, _| says(200, portal)).sockets(|_, _| refused())
}

/// The browser keeps the chat's page, and its script, of the day before.
fn with_copies(world: World) -> World {
    world.keeps("/", says(200, CHAT_PAGE), true).keeps("/app.js", says(200, "document.title = 'Chat';"), true)
}

pub fn captive_portal_page_and_copies() -> World {
    with_copies(captive_portal_page())
}

/// A portal takes over so early that the page's own file had been asked for already.
fn captive_portal_in_mid_run(reply: Reply) -> World {
    let world = plain(Server::Python).http(move |ask, usual| if ask.at >= 10 { reply.clone() } else { usual });
    with_copies(world.sockets(|ask, usual| if ask.at >= 10 { refused() } else { usual }))
}

pub fn captive_portal_page_in_mid_run() -> World {
    captive_portal_in_mid_run(says(200, "<!doctype html><title>Free Wi-Fi</title><p>Accept the terms to use the network.</p>"))
}

pub fn captive_portal_redirect_in_mid_run() -> World {
    captive_portal_in_mid_run(Reply::Elsewhere).with(|w| w.environment.scheme = "http:".to_owned())
}

/// The portal's terms are accepted in the middle of the run.
pub fn captive_portal_is_passed() -> World {
    let portal = "<!doctype html><title>Free Wi-Fi</title><p>Accept the terms to use the network.</p>";
    with_copies(plain(Server::Python).http(move |ask, usual| if ask.at < 10 { says(200, portal) } else { usual }))
}

// The gateway and the server.

pub fn gateway_502() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(502, NGINX_502).header("server", "nginx/1.22.1"))
}

/// The chat's page stands in its folder, and what that folder is led to is gone; at the root is another application's engine.
pub fn beside_another_application(page: &'static str) -> World {
    World::of(Server::Node, r#"{"chat-page":"/chat/"}"#)
        .page("/chat/", says(200, page))
        .page("/chat/socket.io/", says(502, NGINX_502))
        .page("/chat/ws/socket.io/", says(502, NGINX_502))
        .sockets(|ask, usual| if ask.under("/chat/") { refused() } else { usual })
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

/// nginx, whose auth_request finds nobody.
pub fn gateway_500() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(500, NGINX_500).header("server", "nginx/1.22.1"))
}

/// The proxy of a development server, behind which nothing listens.
pub fn silent_500() -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(500, ""))
}

/// nginx passes on what another gateway behind it says.
pub fn behind_nginx(status: u16, body: &'static str) -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(status, body).header("server", "nginx/1.22.1"))
}

/// The platform knows no such application, and this page is served by something else; `page` is what answers at the chat's page.
pub fn gone_from_its_platform(page: Reply) -> World {
    plain(Server::Nothing).path_answers(SOCKET, says(404, AZURE_GONE)).page("/", page)
}

pub fn plain_path(reply: Reply) -> World {
    plain(Server::Nothing).path_answers(SOCKET, reply)
}

/// A platform says in its own words that the application is stopped, or that it knows none.
pub fn stopped_by_its_platform(reply: Reply) -> World {
    plain(Server::Nothing).path_answers(SOCKET, reply.clone()).page("/", reply)
}

/// The same for this page's own files too.
pub fn stopped_with_this_page(reply: Reply) -> World {
    plain(Server::Nothing).http(move |_, _| reply.clone())
}

pub fn rate_limited() -> World {
    plain(Server::Python).path_answers(SOCKET, says(429, "Too Many Requests\n").header("retry-after", "30"))
}

/// Our own questions are too many: a generous limit, reached late in the run.
/// A firewall that counts refuses each request after so many (AWS WAF's rate-based rules answer 403).
pub fn banned_after(requests: u32) -> World {
    plain(Server::Node).http(move |ask, usual| if ask.under(SOCKET) && ask.nth > requests { says(403, FORBIDDEN_PAGE) } else { usual })
}

pub fn rate_limited_late() -> World {
    plain(Server::Python)
        .with(|w| w.profile.depth = connection_doctor::profile::Depth::Full)
        .http(|ask, usual| if ask.under(SOCKET) && ask.nth >= 12 { says(429, "Too Many Requests") } else { usual })
}

/// Minutes, hours, days, as one server says it and another.
pub fn rate_limited_long(retry_after: &'static str) -> World {
    let refused = says(429, "Too Many Requests\n").header("retry-after", retry_after).header("date", "Mon, 23 Nov 2026 00:00:00 GMT");
    plain(Server::Python).path_answers(SOCKET, refused)
}

/// ingress-nginx's page for a Service without a ready endpoint, and nginx's for its limits where it hides its version.
pub const BARE_503: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>";

pub fn turned_away_at_times(page: &'static str) -> World {
    plain(Server::Python).http(move |ask, usual| if ask.under(SOCKET) && ask.nth % 3 == 2 { says(503, page) } else { usual })
}

/// What a platform shows while the application behind it wakes up.
const SPLASH: &str =
    "<!doctype html><html><head><meta http-equiv=\"refresh\" content=\"5\"><title>Service waking up</title></head><body>Just a moment</body></html>";

pub fn splash_until(json: &str, awake: u32) -> World {
    World::of(Server::Node, json)
        .http(move |ask, usual| if ask.at < awake && !ask.path.ends_with(".js") { says(200, SPLASH) } else { usual })
        .sockets(move |ask, usual| if ask.at < awake { refused() } else { usual })
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

/// Each request of the socket's path waits as long as this says of its number and its time.
pub fn waits_at_times(wait: impl Fn(u32, u32) -> u32 + 'static) -> World {
    World::of(Server::Node, r#"{"socket-path":"/socket.io/","depth":"full"}"#)
        .http(move |ask, usual| if ask.under(SOCKET) { usual.later(wait(ask.nth, ask.at)) } else { usual })
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
    plain(Server::Nothing).http(|ask, usual| if ask.path.ends_with(".js") { usual } else { says(200, CHAT_PAGE) })
}

pub fn not_found() -> World {
    plain(Server::Nothing)
}

pub fn not_found_auto() -> World {
    World::of(Server::Nothing, "{}")
}

/// Nothing speaks Engine.IO, no setting says where to look, and the page has this script.
pub fn not_found_and_a_script(script: &str) -> World {
    not_found_auto().page("/", says(200, CHAT_PAGE)).page("/app.js", says(200, script.to_owned()))
}

/// A server with a protocol of its own, which takes a WebSocket at every path.
pub fn takes_websockets_everywhere(ends: SocketEvent) -> World {
    not_found_auto().sockets(move |_, _| vec![opened(9), ends.clone()])
}

pub fn wrong_version() -> World {
    plain(Server::PythonOld)
}

pub fn old_server_new_client() -> World {
    World::of(Server::NodeTwo, r#"{"profile":"semaphore","socket-path":"/socket.io/"}"#).page("/api/health", says(200, r#"{"status":"ok"}"#))
}

/// The chat's page names this script.
pub fn names_script(server: Server, source: &str) -> World {
    plain(server).page("/", says(200, format!("<!doctype html><title>Chat</title><script src={source}></script><div id=root></div>")))
}

/// A script of that name begins as published clients of this version do.
pub fn loads_client(server: Server, path: &'static str, version: &str) -> World {
    let script = format!("/*!\n * Socket.IO v{version}\n * (c) 2014-2024 Guillermo Rauch\n * Released under the MIT License.\n */\n!function(){{}}");
    names_script(server, path).http(move |ask, usual| if ask.path == path { says(200, script.clone()) } else { usual })
}

/// The same world, in which the server answers nothing by long-polling.
pub fn by_websocket_alone(world: World) -> World {
    world.http(|ask, usual| if ask.under(SOCKET) && ask.transport == "polling" { says(400, r#"{"code":0,"message":"Transport unknown"}"#) } else { usual })
}

/// Of two instances that are asked in turn by WebSocket alone, the second is old.
pub fn one_old_instance() -> World {
    by_websocket_alone(World::of(Server::Node, r#"{"profile":"socketio","socket-path":"/socket.io/"}"#)).sockets(|ask, mut usual| {
        if ask.socket == Some(SocketPurpose::HelloAgain) {
            usual.insert(2, frame(13, "40"));
        }
        usual
    })
}

/// A new server for an old client.
pub fn new_server_old_client(server: Server) -> World {
    names_script(server, "https://cdn.example/ajax/libs/socket.io/2.4.0/socket.io.js")
}

/// The same with `allowEIO3`.
pub fn new_server_for_both() -> World {
    let packet = crate::harness::open_packet("\"websocket\"", true);
    new_server_old_client(Server::Node).http(move |ask, usual| {
        let opens = ask.under(SOCKET) && ask.eio == 3 && ask.transport == "polling" && !ask.sid;
        if opens { says(200, format!("{}:{packet}2:40", packet.len())) } else { usual }
    })
}

pub fn chainlit_with_old_script() -> World {
    const PAGE: &str = r#"<!doctype html><html><head><meta property="og:root_path" content=""><script src=/public/socket.io-2.5.0.js></script></head>"#;
    chainlit(Server::Python, PAGE).page("/user", says(200, "null"))
}

/// Two clients, of which one is for something else.
pub fn two_clients() -> World {
    new_server_old_client(Server::Node).page(
        "/",
        says(
            200,
            "<!doctype html><title>Chat</title><script src=/js/socket.io-2.5.0.js></script><script src=/js/socket.io-4.8.1.min.js></script><div id=root></div>",
        ),
    )
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

/// engineioxide says yes to what is no upgrade, and nginx ends the connection; the browser tells of the opening or of nothing.
pub fn stripped_before_engineioxide() -> World {
    let opened_for_a_moment = || vec![opened(9), closed(11, 1006, "")];
    plain(Server::Engineioxide)
        .http(|ask, usual| if ask.under(SOCKET) { usual.header("server", "nginx/1.22.1") } else { usual })
        .sockets(move |ask, _| if ask.socket == Some(SocketPurpose::Hello) { refused() } else { opened_for_a_moment() })
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

/// A raw WebSocket whose first frame the browser can't read, since a hop took away the server's word that it compresses.
pub fn raw_unread() -> World {
    raw().sockets(|_, _| vec![opened(9), errored(20), closed(20, 1006, "")])
}

/// Something on the device damages compressed frames: the browser ends the connection at the first one.
pub fn compression_damaged() -> World {
    plain(Server::Python).sockets(|ask, usual| {
        let agreed = Happening::Open { protocol: String::new(), extensions: "permessage-deflate".to_owned() };
        if ask.socket == Some(SocketPurpose::Upgrade) { usual } else { vec![SocketEvent { after: 9, what: agreed }, errored(12), closed(12, 1006, "")] }
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

/// Every request by long-polling to a path that nobody named hangs; its WebSocket is well.
pub fn polling_swallowed() -> World {
    World::of(Server::Python, "{}").http(|ask, usual| if ask.under("/socket.io/") { Reply::Silence } else { usual })
}

pub fn post_refused() -> World {
    plain(Server::Python).http(|ask, usual| if ask.under(SOCKET) && ask.method == "POST" { says(405, NOT_ALLOWED_PAGE) } else { usual })
}

fn posts_say(reply: Reply) -> World {
    plain(Server::Node).http(move |ask, usual| if ask.under(SOCKET) && ask.method == "POST" { reply.clone() } else { usual })
}

/// A gateway drops the body of each answer to POST, and says so by its status, or does not.
pub fn posts_answered_without_body(status: u16) -> World {
    posts_say(says(status, ""))
}

/// Something answers each POST in the server's place; `swallows` tells whether it keeps them, so that nothing ends the GET that waits.
pub fn posts_feigned(swallows: bool) -> World {
    posts_say(says(200, "ok")).http(move |ask, usual| match ask.purpose {
        Some(connection_doctor::evidence::Purpose::Poll) if swallows => Reply::Silence,
        Some(connection_doctor::evidence::Purpose::Poll) => usual.later(60),
        _ => usual,
    })
}

pub fn post_fails() -> World {
    posts_say(says(500, "boom"))
}

pub fn post_limited() -> World {
    posts_say(says(429, "Too Many Requests"))
}

pub fn post_gets_a_page() -> World {
    posts_say(says(200, "<html><head><title>Request Rejected</title></head><body>Your support ID is 1</body></html>"))
}

/// A redirect with 301 on the way: the engine sees a GET, and opens a session.
pub fn post_turned_into_get() -> World {
    posts_say(says(200, open_packet("\"websocket\"", false)))
}

fn receiving_gets(reply: Reply) -> World {
    plain(Server::Node).http(move |ask, usual| if ask.under(SOCKET) && ask.method == "GET" && ask.sid { reply.clone() } else { usual })
}

/// The answer of a path that led to another of the same origin, where the engine answers.
pub fn redirected_to(path: &'static str) -> Reply {
    match says(200, open_packet("\"websocket\"", false)) {
        Reply::Says { status, headers, body, after, .. } => Reply::Says { status, headers, body, after, redirected_to: Some(path) },
        other => other,
    }
}

/// Every answer by long-polling is shorter than its Content-Length says.
pub fn polling_breaks_off() -> World {
    plain(Server::Node).with(|w| w.polling_breaks_off = true)
}

/// The server's own check wants an Origin, which a GET to the own origin has not.
pub fn polling_forbidden() -> World {
    bends_polling(says(403, r#"{"code":4,"message":"Forbidden"}"#))
}

/// A client that adds no slash, and a server that has none.
pub fn path_without_a_slash(slashed: Reply) -> World {
    World::of(Server::Node, r#"{"socket-path":"/ws"}"#)
        .with(|w| w.mount = "/ws")
        .http(move |ask, usual| if ask.path == "/ws/" { slashed.clone() } else { usual })
        .sockets(|ask, usual| if ask.path == "/ws/" { refused() } else { usual })
}

/// A gateway answers what it does not reach with an error of its own when a wait is over.
pub fn cross_origin_posts_rejected() -> World {
    World::of(Server::Node, r#"{"server":"https://api.example","socket-path":"/socket.io/"}"#)
        .with(|w| w.allows_origin = true)
        .http(|ask, usual| if ask.method == "POST" { reset() } else { usual })
}

/// With a session id, a GET is somebody else's; the rest passes.
pub fn receiving_refused() -> World {
    receiving_gets(says(404, "not found"))
}

/// With a session id, a GET is broken off by something on the way.
pub fn receiving_broken_off() -> World {
    receiving_gets(reset())
}

/// With a session id, a GET makes the server fail.
pub fn receiving_fails() -> World {
    receiving_gets(says(500, "Internal Server Error"))
}

/// A cache hands out the first answer again and again; its session has ended meanwhile.
pub fn stored_handshake(server: Server) -> World {
    let stored = open_packet("\"websocket\"", false).replace("lv_VI97HAXpY6yYWAAAC", "stored");
    let world = plain(server).http(move |ask, usual| match (ask.under(SOCKET) && ask.transport == "polling", ask.method, ask.sid) {
        (true, "GET", false) => says(200, &stored),
        (true, _, true) => says(400, r#"{"code":1,"message":"Session ID unknown"}"#),
        _ => usual,
    });
    world.sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Upgrade) { refused() } else { usual })
}

/// What stands behind the question mark does not arrive.
pub fn query_lost() -> World {
    let unknown = || says(400, r#"{"code":0,"message":"Transport unknown"}"#);
    plain(Server::Node)
        .http(move |ask, usual| if ask.under(SOCKET) { unknown() } else { usual })
        .sockets(|ask, usual| if ask.under(SOCKET) { refused() } else { usual })
}

/// The same in front of python-engineio, which looks at the version first.
pub fn query_lost_python() -> World {
    let unsupported = || says(400, r#""The client is using an unsupported version of the Socket.IO or Engine.IO protocols""#);
    plain(Server::Python)
        .http(move |ask, usual| if ask.under(SOCKET) { unsupported() } else { usual })
        .sockets(|ask, usual| if ask.under(SOCKET) { refused() } else { usual })
}

/// The engine refuses a WebSocket whose query it does not see over the WebSocket itself: it opens, and ends.
pub fn query_lost_in_the_socket() -> World {
    query_lost().sockets(|ask, usual| if ask.under(SOCKET) { vec![opened(9), closed(48, 1006, "")] } else { usual })
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

/// The namespace is there, and its own middleware refuses whom it does not know.
pub fn no_member_of_the_namespace() -> World {
    joining(Server::Node, "/team-7", Joining::Says(r#"{"message":"You are not a member of this namespace"}"#.to_owned()))
}

/// Words that may be a server's, and may be an application's.
pub fn namespace_not_there() -> World {
    joining(Server::Node, "/team-7", Joining::Says(r#"{"message":"Namespace not found"}"#.to_owned()))
}

/// The client hands the token over that it keeps; by it the person is signed in.
fn by_token_handed_over(world: World) -> World {
    world.page("/me", somebody()).holds(|h| h.storage.keys = vec![token(Some(2_591_926))]).with(|w| {
        w.profile.user_path = Some("/me".to_owned());
        w.profile.storage_keys = vec!["token".to_owned()];
    })
}

pub fn token_handed_over() -> World {
    by_token_handed_over(joining(Server::Node, "/", Joining::Says(r#"{"message":"jwt must be provided"}"#.to_owned())))
}

/// The same of a server that accepts first.
pub fn token_handed_over_or_shown_out() -> World {
    by_token_handed_over(shown_out_after_connect())
}

/// Signed in by the endpoint's word, and the channel asks for more than the cookie.
pub fn cookie_does_not_do() -> World {
    joining(Server::Node, "/", Joining::Says(r#"{"message":"not authenticated"}"#.to_owned()))
        .page("/me", somebody())
        .with(|w| w.profile.user_path = Some("/me".to_owned()))
}

/// What answers after 2.6 s: longer than a quick run waits.
pub fn connect_slow() -> World {
    fully(joining(Server::Node, "/", Joining::Accepts)).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Connect) => vec![opened(9), frame(12, &open_packet("", false)), sent(12, "40"), frame(2_612, r#"40{"sid":"x"}"#), content(2_912)],
        _ => usual,
    })
}

/// The application ends the session of whom it does not know.
pub fn shown_out_after_connect() -> World {
    joining(Server::Node, "/", Joining::Accepts).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Connect) => {
            vec![opened(9), frame(12, &open_packet("", false)), sent(12, "40"), frame(20, r#"40{"sid":"x"}"#), frame(22, "41"), closed(50, 1005, "")]
        }
        _ => usual,
    })
}

pub fn connect_rate_limited() -> World {
    joining(Server::Node, "/", Joining::Says(r#"{"message":"RATE_LIMITED"}"#.to_owned()))
}

pub fn connect_too_many() -> World {
    joining(Server::Node, "/", Joining::Says(r#"{"message":"Too many requests, slow down"}"#.to_owned()))
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

/// nginx adds the header to what succeeds, beside the server's own: twice there, and once in errors.
pub fn allowed_on_errors_alone() -> World {
    World::of(Server::Node, AWAY).http(|ask, usual| match usual {
        Reply::Says { status: 200, after, .. } if ask.cross && ask.mode != "no-cors" => Reply::Reject { after },
        usual => usual,
    })
}

/// The same from outside, and a filter resets what long-polling begins with, whatever the mode.
pub fn polling_reset_elsewhere() -> World {
    World::of(Server::Node, AWAY).http(|ask, usual| if ask.under(SOCKET) && ask.transport == "polling" { reset() } else { usual })
}

/// Its answers carry Cross-Origin-Resource-Policy besides, so that not even `no-cors` is let through.
pub fn not_allowed_with_resource_policy() -> World {
    not_allowed().http(|ask, usual| if ask.mode == "no-cors" { reset() } else { usual })
}

/// The application below a prefix that nobody told it.
pub fn scripts_outside_of_the_prefix() -> World {
    let page = says(200, "<!doctype html><title>Chat</title><script type=module src=/static/app.js></script><div id=root></div>");
    World::of(Server::Node, r#"{"chat-page":"/app/","socket-path":"/socket.io/"}"#).page("/app/", page).page("/static/app.js", says(404, "Not Found"))
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

/// The socket's path is redirected to a port where nothing listens.
pub fn redirected_to_nowhere() -> World {
    plain(Server::Nothing)
        .http(|ask, usual| match (ask.under(SOCKET), ask.mode) {
            (true, "no-cors") => reset(),
            (true, _) => Reply::Elsewhere,
            _ => usual,
        })
        .sockets(|_, _| refused())
}

pub fn login_page() -> World {
    plain(Server::Python).path_answers(SOCKET, says(200, LOGIN_PAGE).redirected_to("/login"))
}

/// A gate before the whole site but this page's folder, whose page hands the sign-in on by itself.
pub fn page_that_hands_on(page: &'static str) -> World {
    plain(Server::Nothing).http(move |ask, usual| if ask.purpose == Some(Purpose::OwnFile) { usual } else { says(200, page) }).sockets(|_, _| refused())
}

pub fn cookies_too_large() -> World {
    const PAGE: &str = "<html><head><title>400 Request Header Or Cookie Too Large</title></head><body><center>nginx</center></body></html>";
    plain(Server::Python).http(|ask, usual| if ask.credentials == "omit" { usual } else { says(400, PAGE) }).sockets(|_, _| refused())
}

/// HAProxy behind another gateway, in its own words.
pub fn cookies_too_large_haproxy() -> World {
    const PAGE: &str = "<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>\n";
    plain(Server::Node)
        .http(|ask, usual| if ask.credentials == "omit" { usual } else { says(400, PAGE).header("server", "nginx/1.22.1") })
        .sockets(|_, _| refused())
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

/// Soon after it opened, for want of a sign-in.
pub fn raw_unsigned(code: u16, reason: &'static str) -> World {
    raw().sockets(move |_, _| vec![opened(9), closed(20, code, reason)])
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

/// A message so large that the first socket's time is over before it has come; another one's is longer.
pub fn huge_message() -> World {
    plain(Server::Python).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Hello | SocketPurpose::HelloAgain) => vec![opened(9), deadline(2_000, "open packet")],
        Some(SocketPurpose::Upgrade) => {
            let text = open_packet("", false);
            let what = Happening::Frame { text, length: 100_000_000, binary: false };
            vec![opened(9), sent(9, "2probe"), connection_doctor::evidence::SocketEvent { after: 1_900, what }, deadline(2_009, "3probe")]
        }
        _ => usual,
    })
}

/// A chat that tells much to who connects, one event for each.
pub fn talkative() -> World {
    plain(Server::NodeTwo).sockets(|ask, usual| {
        if ask.socket != Some(SocketPurpose::Hello) {
            return usual;
        }
        let mut life = vec![opened(9), frame(12, &open_packet("", false)), frame(13, "40")];
        life.extend((0..22).map(|_| frame(14, r#"42["event",{"i":1}]"#)));
        life.push(connection_doctor::evidence::SocketEvent { after: 40, what: Happening::Flood });
        life
    })
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

// What the browser holds: cookies.

fn framed(json: &str) -> World {
    World::of(Server::Python, json).with(|w| {
        w.environment.framed = true;
        w.environment.foreign_frame = true;
        w.held.permissions = vec![("local-network", "denied"), ("loopback-network", "denied")];
        w.held.cookies.storage_access = Some(false);
    })
}

/// A page that says who is signed in, by a cookie.
const WITH_USER: &str = r#"{"profile":"socketio","socket-path":"/socket.io/","user-path":"/me"}"#;

fn somebody() -> Reply {
    says(200, r#"{"name":"somebody"}"#)
}

fn nobody() -> Reply {
    says(401, r#"{"detail":"Not authenticated"}"#)
}

fn only_partitioned(world: World) -> World {
    world.holds(|h| h.trials(&[("lax", false), ("none", false), ("partitioned", true)]))
}

pub fn frame_partitioned() -> World {
    only_partitioned(framed(WITH_USER)).page("/me", somebody())
}

/// Firefox keeps them in a jar of the frame's own.
pub fn frame_firefox() -> World {
    framed(WITH_USER)
        .with(|w| w.environment.user_agent = FIREFOX.to_owned())
        .holds(|h| h.trials(&[("lax", false), ("none", true), ("partitioned", true)]))
        .page("/me", somebody())
}

pub fn frame_same_site() -> World {
    frame_partitioned().with(|w| w.environment.foreign_frame = false).holds(|h| h.trials(&[("lax", true), ("none", true), ("partitioned", true)]))
}

pub fn third_party_blocked() -> World {
    only_partitioned(framed(WITH_USER)).page("/me", nobody())
}

fn blocks_storage(world: World) -> World {
    world.holds(|h| {
        h.storage.areas = vec![area("local-storage", "SecurityError"), area("session-storage", "SecurityError"), area("indexed-db", "UnknownError")];
        h.workers.threw = Some("SecurityError".to_owned());
    })
}

fn blocks_cookies(world: World) -> World {
    blocks_storage(world).holds(|h| h.trials(&[("lax", false), ("none", false), ("partitioned", false)]))
}

/// Firefox with `cookieBehavior=1`: nothing at all is kept in the frame.
pub fn third_party_blocked_firefox() -> World {
    blocks_cookies(framed(WITH_USER)).with(|w| w.environment.user_agent = FIREFOX.to_owned()).page("/me", somebody())
}

/// The frame has leave to use its ordinary cookies, which a page without protection can't show.
pub fn frame_insecure() -> World {
    frame_partitioned().insecure().holds(|h| h.trials(&[("lax", false)]))
}

pub fn cookies_blocked() -> World {
    blocks_cookies(plain(Server::Python))
}

pub fn cookies_blocked_signed_out() -> World {
    blocks_cookies(World::of(Server::Python, WITH_USER)).page("/me", nobody())
}

pub fn cookies_blocked_with_help() -> World {
    blocks_cookies(help())
}

pub fn cookies_too_large_node() -> World {
    plain(Server::Node).http(|ask, usual| if ask.under(SOCKET) && ask.credentials != "omit" { says(431, "") } else { usual }).sockets(|_, _| refused())
}

/// HTTP/2 has no page for it.
pub fn cookies_too_large_h2() -> World {
    plain(Server::Node)
        .with(|w| w.next_hop_protocol = "h2")
        .http(|ask, usual| if ask.under(SOCKET) && ask.credentials != "omit" { reset() } else { usual })
        .sockets(|_, _| refused())
}

/// The cookie of affinity names an instance that is gone: whoever brings it gets the gateway's error.
pub fn cookie_to_gone_instance(status: u16) -> World {
    const PAGE: &str = "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
    plain(Server::Node)
        .http(move |ask, usual| if ask.under(SOCKET) && ask.credentials != "omit" { says(status, PAGE) } else { usual })
        .sockets(|_, _| refused())
}

/// The server is there at first, and then it is gone behind its gateway: also to whoever brings no cookies.
pub fn gone_for_everybody() -> World {
    plain(Server::Node).http(|ask, usual| if ask.under(SOCKET) && ask.nth >= 3 { says(502, NGINX_502) } else { usual }).sockets(|_, _| refused())
}

/// The server is there at first, and then it is gone: the requests that are lost are those with cookies, by their order alone.
pub fn away_since_the_first_answer() -> World {
    plain(Server::Node).http(|ask, usual| if ask.under(SOCKET) && ask.nth >= 3 { reset() } else { usual }).sockets(|_, _| refused())
}

pub fn help() -> World {
    World::of(Server::Python, r#"{"profile":"socketio","socket-path":"/socket.io/","help-path":"/help"}"#)
}

pub fn cookie_not_kept() -> World {
    help().page("/help", says(200, r#"{"connection-doctor":1,"cookies":[{"name":"session","size":120}]}"#))
}

/// The path is somebody else's: no endpoint of the recipes.
pub fn help_elsewhere() -> World {
    help().page("/help", says(200, CHAT_PAGE))
}

// Storage.

pub fn storage_blocked() -> World {
    blocks_storage(plain(Server::Python))
}

fn full(world: World) -> World {
    world.holds(|h| h.storage.areas[0].how = "QuotaExceededError".to_owned())
}

pub fn storage_full() -> World {
    full(plain(Server::Python))
}

pub fn storage_full_by_the_chat() -> World {
    let drafts = Stored { name: "draft".to_owned(), size: 5_000_000, token: false, expires_in: None, made_for: None };
    full(World::of(Server::Python, SIGNED_IN)).page("/me", somebody()).holds(|h| h.storage.keys = vec![drafts])
}

pub fn storage_full_firefox() -> World {
    plain(Server::Python).holds(|h| h.storage.areas[0].how = "NS_ERROR_DOM_QUOTA_REACHED".to_owned())
}

pub fn quota_used_up() -> World {
    plain(Server::Python).holds(|h| (h.storage.usage, h.storage.quota) = (Some(98_000), Some(100_000)))
}

// Copies.

/// A worker that gives its copy for pages and scripts alike.
fn first_from_cache(page: &'static str) -> Worker {
    Worker { controls: true, page: Some(page), ..Worker::default() }
}

pub fn current_worker() -> World {
    plain(Server::Node).worker(first_from_cache(CHAT_PAGE), false)
}

pub fn waiting_worker() -> World {
    plain(Server::Node).worker(first_from_cache(CHAT_PAGE), true)
}

pub fn worker_that_asks() -> World {
    plain(Server::Node).worker(Worker { controls: true, ..Worker::default() }, false)
}

/// Right after a release: a newer worker takes over two seconds into the run.
pub fn worker_that_renews_itself() -> World {
    plain(Server::Node).worker(Worker { renewed_at: Some(2_000), ..first_from_cache(OLD_PAGE) }, false)
}

/// The newer one has much to fetch.
pub fn worker_being_renewed() -> World {
    plain(Server::Node).worker(Worker { installing: true, ..first_from_cache(OLD_PAGE) }, false)
}

pub fn old_worker() -> World {
    plain(Server::Node).worker(first_from_cache(OLD_PAGE), false)
}

/// It gives its copy to navigations alone, and their scripts are gone.
pub fn old_worker_of_pages() -> World {
    let worker = Worker { navigations_alone: true, ..first_from_cache(OLD_PAGE) };
    plain(Server::Node).worker(worker, false).page("/app-old.js", says(404, "Not Found"))
}

/// The chat is in a folder, and its worker answers for that alone.
pub fn old_worker_of_a_folder() -> World {
    World::of(Server::Node, r#"{"socket-path":"/socket.io/","chat-page":"/chat/"}"#)
        .page("/chat/", says(200, CHAT_PAGE))
        .worker(Worker { controls: false, ..first_from_cache(OLD_PAGE) }, false)
}

pub fn old_worker_that_knows_any_query() -> World {
    plain(Server::Node).worker(Worker { ignores_query: true, ..first_from_cache(OLD_PAGE) }, false)
}

pub fn hashed_scripts() -> World {
    let page = "<!doctype html><title>Chat</title><script src=/app-1a2b3c4d.js></script>";
    plain(Server::Node).page("/", says(200, page)).keeps(
        "/app-1a2b3c4d.js",
        says(200, "console.log(1)").header("cache-control", "max-age=31536000, immutable"),
        true,
    )
}

/// A script under a name that stays, in a copy of an earlier release.
pub fn stale_script() -> World {
    plain(Server::Node).keeps("/app.js", says(200, "console.log(1)").header("cache-control", "max-age=3600"), true)
}

/// The same, and the server writes it anew for each who asks.
pub fn script_written_anew() -> World {
    stale_script().http(|ask, usual| if ask.purpose == Some(Purpose::ScriptNow) { says(200, format!("let at = {};", ask.at)) } else { usual })
}

/// A copy of it that is the server's.
pub fn kept_script_of_now() -> World {
    plain(Server::Node).keeps("/app.js", says(200, "export const version = 1;").header("cache-control", "max-age=3600"), true)
}

/// The constructor throws although the page and the server are of one scheme: an extension's doing, or the browser's own rule for ports.
pub fn socket_forbidden() -> World {
    plain(Server::Node).sockets(|_, _| vec![crate::harness::threw("SecurityError")])
}

pub fn socket_thrown_otherwise() -> World {
    plain(Server::Node).sockets(|_, _| vec![crate::harness::threw("InvalidAccessError")])
}

pub fn revalidated_shell() -> World {
    plain(Server::Node).keeps("/", says(200, OLD_PAGE).header("cache-control", "no-cache"), false).page("/app-old.js", says(404, "Not Found"))
}

/// Another text each time, and the same script.
pub fn dynamic_shell() -> World {
    let page = |nonce: &str| format!("<!doctype html><title>Chat</title><script nonce={nonce} src=/app.js></script>");
    let kept = says(200, page("kept")).header("cache-control", "max-age=60");
    plain(Server::Node)
        .http(move |ask, usual| if ask.path == "/" { says(200, page(&format!("n{}{:?}", ask.at, ask.purpose))) } else { usual })
        .keeps("/", kept, true)
}

/// Another number behind its scripts each time, as some writers of pages do it against caches.
pub fn each_page_another() -> World {
    plain(Server::Node).http(|ask, usual| {
        if ask.path == "/" {
            says(200, format!("<!doctype html><title>Chat</title><script src='/app.js?v={}{:?}'></script>", ask.at, ask.purpose))
        } else {
            usual
        }
    })
}

/// A worker for push messages alone passes everything on: the old copy is the browser's own.
pub fn stale_shell_and_a_worker_that_asks() -> World {
    stale_shell().worker(Worker { controls: true, ..Worker::default() }, false)
}

/// The chat's page may not be framed, so that what a navigation gets is not seen; a cache of the worker's holds an older page.
pub fn old_worker_unseen() -> World {
    old_worker_of_pages().holds(|h| h.frames_forbidden = true)
}

/// The page says how many people are there, also in its title; the release is the same.
pub fn counting_page() -> World {
    let page = |count: &str| says(200, format!("<!doctype html><title>({count}) Chat</title><script src=/app.js></script>")).header("etag", count);
    plain(Server::Node).page("/", page("6")).keeps("/", page("5"), true)
}

/// To strangers the address shows a sign-in; the person, who is signed in, has an old page of the chat.
pub fn stale_behind_a_sign_in() -> World {
    stale_shell().http(|ask, usual| if ask.path == "/" && ask.credentials == "omit" { says(200, LOGIN_PAGE) } else { usual })
}

/// The server gives modules as plain text, which no browser runs.
pub fn module_mistyped() -> World {
    plain(Server::Node).page("/", says(200, MODULE_PAGE)).page("/app.js", says(200, "export const version = 1;"))
}

pub fn stale_shell() -> World {
    plain(Server::Node).keeps("/", says(200, OLD_PAGE).header("cache-control", "max-age=3600"), true)
}

/// Each answer with the time at which its server wrote it; `kept` is that of what the cache alone gives.
fn dated_shell(kept: &str) -> World {
    plain(Server::Node).page("/", says(200, CHAT_PAGE).header("date", "Mon, 23 Nov 2026 03:08:25 GMT")).keeps(
        "/",
        says(200, OLD_PAGE).header("cache-control", "max-age=300").header("date", kept),
        true,
    )
}

pub fn stale_shell_of_before() -> World {
    dated_shell("Mon, 23 Nov 2026 03:06:01 GMT")
}

/// The page was visited in the second in which the run began, and then came a release.
pub fn stale_shell_of_a_moment_ago() -> World {
    dated_shell("Mon, 23 Nov 2026 03:08:25 GMT")
}

/// The server itself gives the older page at first, and the browser keeps none: it asks in spite of `only-if-cached`.
pub fn released_where_nothing_is_kept() -> World {
    let old = || says(200, OLD_PAGE).header("cache-control", "max-age=300").header("date", "Mon, 23 Nov 2026 03:08:25 GMT");
    stale_shell_of_a_moment_ago().http(move |ask, usual| if ask.purpose == Some(Purpose::ChatPage) { old() } else { usual })
}

/// An error of an outage that was sent with a lifetime.
pub fn stored_error() -> World {
    plain(Server::Node).keeps("/", says(404, "<h1>Not Found</h1>").header("cache-control", "max-age=86400"), true)
}

/// The same error, and it is the server's.
pub fn error_of_now() -> World {
    stored_error().http(|ask, usual| if ask.path == "/" && ask.cache != "only-if-cached" { says(404, "<h1>Not Found</h1>") } else { usual })
}

/// A permanent redirect of an earlier release, to a page that is gone.
pub fn stored_redirect() -> World {
    plain(Server::Node).http(|ask, usual| if ask.path == "/" && ask.cache == "default" { says(404, "Not Found").redirected_to("/app/") } else { usual })
}

/// A theme that a cookie chooses: another style sheet, the same script.
pub fn another_theme() -> World {
    let page = |theme: &str| says(200, format!("<!doctype html><title>Chat</title><link rel=stylesheet href=/{theme}.css><script src=/app.js></script>"));
    let kept = page("dark").header("cache-control", "max-age=600");
    plain(Server::Node).http(move |ask, usual| if ask.path == "/" { page("light") } else { usual }).keeps("/", kept, true)
}

/// A page without scripts: its text is all that tells.
pub fn stale_text() -> World {
    plain(Server::Node).page("/", says(200, "<!doctype html><title>New</title>")).keeps("/", says(200, "<!doctype html><title>Old</title>"), true)
}

pub fn stale_shell_scripts_gone() -> World {
    stale_shell().page("/app-old.js", says(404, "Not Found"))
}

pub fn stale_shell_scripts_replaced() -> World {
    stale_shell().page("/app-old.js", says(200, CHAT_PAGE))
}

pub fn scripts_missing() -> World {
    plain(Server::Node).page("/app.js", says(200, CHAT_PAGE))
}

pub fn module_missing() -> World {
    optional_script_missing().page("/app.js", says(404, "Not Found"))
}

pub fn optional_script_missing() -> World {
    plain(Server::Node).page("/", says(200, MODULE_PAGE)).page("/custom.js", says(404, "Not Found"))
}

pub fn optional_script_missing_inline() -> World {
    plain(Server::Node).page("/", says(200, INLINE_PAGE)).page("/loader.js", says(404, "Not Found"))
}

/// The session ran out: where the chat was, there is a page to sign in now. The browser's copy of the chat is no old release.
pub fn signed_out_with_a_kept_page() -> World {
    stale_shell().page("/", says(200, LOGIN_PAGE).redirected_to("/login")).path_answers(SOCKET, says(200, LOGIN_PAGE).redirected_to("/login"))
}

// Policies, frames, filters, local networks.

/// The chat's own page has this policy, by header.
pub fn chat_policy(policy: &'static str) -> World {
    World::of(Server::Node, r#"{"socket-path":"/socket.io/","chat-page":"/"}"#).page("/", says(200, CHAT_PAGE).header("content-security-policy", policy))
}

pub fn chat_policy_forbids() -> World {
    chat_policy("connect-src https://api.example")
}

pub fn chat_policy_live() -> World {
    chat_policy("connect-src https://chat.example")
}

pub fn chat_policy_forbids_meta() -> World {
    let page = format!("<!doctype html><meta http-equiv=content-security-policy content=\"connect-src https://api.example\">{CHAT_PAGE}");
    World::of(Server::Node, r#"{"socket-path":"/socket.io/","chat-page":"/"}"#).page("/", says(200, page))
}

/// The site's front page is nobody's chat.
pub fn front_page_policy() -> World {
    plain(Server::Node).page("/", says(200, CHAT_PAGE).header("content-security-policy", "default-src 'none'; script-src 'self'"))
}

pub fn sandboxed_frame() -> World {
    blocks_storage(plain(Server::Python))
        .with(|w| {
            w.environment.framed = true;
            w.environment.foreign_frame = true;
            w.environment.opaque_origin = true;
        })
        .holds(|h| {
            h.trials(&[]);
            h.cookies.threw = Some("SecurityError".to_owned());
        })
        .http(|ask, usual| if ask.purpose == Some(Purpose::OwnFile) { usual } else { reset() })
}

/// Even the own file comes with the origin "null", and is not readable.
pub fn sandboxed_frame_without_files() -> World {
    sandboxed_frame().http(|_, _| reset()).sockets(|_, _| refused())
}

/// helmet's usual policy on a chat without TLS.
pub fn policy_lifts_to_https() -> World {
    insecure()
        .page("/", says(200, CHAT_PAGE).header("content-security-policy", "default-src 'self';connect-src 'self' ws: wss:;upgrade-insecure-requests"))
        .http(|ask, usual| if ask.purpose == Some(Purpose::Upgraded) { reset() } else { usual })
}

/// The same where https answers too.
pub fn policy_lifts_and_https_answers() -> World {
    policy_lifts_to_https().http(|ask, usual| if ask.purpose == Some(Purpose::Upgraded) { says(200, CHAT_PAGE) } else { usual })
}

pub fn insecure() -> World {
    plain(Server::Node).insecure()
}

const INSIDE: &str = r#"{"server":"https://hub.internal","socket-path":"/socket.io/"}"#;

pub fn local_network(json: &str) -> World {
    World::of(Server::Node, json).http(|ask, usual| if ask.cross { reset() } else { usual }).sockets(|_, _| refused()).holds(|h| h.forbids_server = true)
}

pub fn local_network_chromium() -> World {
    local_network(INSIDE)
}

/// A page that talks to a program inside by a WebSocket alone.
pub fn local_network_raw() -> World {
    local_network(r#"{"profile":"raw","ws-url":"wss://hub.internal/agent"}"#)
}

/// The requests wait for the person's answer; a WebSocket is not asked about.
pub fn local_network_firefox() -> World {
    World::of(Server::Node, INSIDE).with(|w| w.environment.user_agent = FIREFOX.to_owned()).http(|ask, usual| if ask.cross { Reply::Silence } else { usual })
}

/// A public server that forbids being embedded (Cross-Origin-Resource-Policy), without CORS, whose WebSocket fails: the same signs.
pub fn resource_policy() -> World {
    local_network(AWAY)
}

pub fn inside_and_away() -> World {
    World::of(Server::Nothing, INSIDE).http(|ask, usual| if ask.cross { Reply::Silence } else { usual }).sockets(|_, _| hangs())
}

pub fn filter() -> World {
    plain(Server::Node).holds(|h| h.filter = Some(SOCKET))
}

pub fn filter_elsewhere() -> World {
    World::of(Server::Node, AWAY).holds(|h| h.filter = Some(SOCKET))
}

// CORS, finer.

fn exposes(name: &'static str) -> impl Fn(&Ask, Reply) -> Reply {
    move |ask, usual| if ask.cross && ask.purpose != Some(Purpose::Server) { usual.header(name, "k2") } else { usual }
}

fn rejects(world: World, purpose: Purpose) -> World {
    world.http(move |ask, usual| if ask.purpose == Some(purpose) { reset() } else { usual })
}

fn without_cookies_alone(world: World) -> World {
    world.http(|ask, usual| if ask.cross && ask.credentials == "include" { reset() } else { usual })
}

/// `*` is enough for a chat that sends no cookies.
pub fn cors_wildcard() -> World {
    without_cookies_alone(World::of(Server::Node, AWAY))
}

pub fn cors_wildcard_credentials() -> World {
    without_cookies_alone(World::of(Server::Node, AWAY_INCLUDE))
}

/// One handshake is lost on the way; the next request with cookies is answered.
pub fn one_request_lost() -> World {
    World::of(Server::Node, AWAY_INCLUDE)
        .http(|ask, usual| if ask.purpose == Some(Purpose::Handshake) && ask.credentials == "include" { reset() } else { usual })
        .sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Upgrade) { refused() } else { usual })
}

pub fn preflight_refused() -> World {
    rejects(World::of(Server::Node, AWAY_HEADERS).http(exposes("x-request-id")), Purpose::Preflighted)
}

pub fn preflight_refused_unasked() -> World {
    rejects(World::of(Server::Node, AWAY), Purpose::Preflighted)
}

pub fn header_not_exposed() -> World {
    World::of(Server::Node, AWAY_HEADERS)
}

pub fn header_not_exposed_and_nothing_readable() -> World {
    header_not_exposed().with(|w| w.allows_origin = false)
}

pub fn poisoned_cache() -> World {
    World::of(Server::Node, AWAY).keeps("/", reset(), true)
}

/// It fails now and then, and by chance there.
pub fn fails_now_and_then() -> World {
    World::of(Server::Node, AWAY).http(|ask, usual| {
        if ask.purpose == Some(Purpose::ServerKept) || ask.purpose == Some(Purpose::Handshake) && ask.credentials == "omit" { reset() } else { usual }
    })
}

// Signing in, and the time.

fn token(expires_in: Option<i32>) -> Stored {
    Stored { name: "token".to_owned(), size: 180, token: true, expires_in, made_for: None }
}

pub fn signed_in_by_token() -> World {
    World::of(Server::Python, SIGNED_IN).page("/me", somebody()).holds(|h| h.storage.keys = vec![token(Some(3_000))])
}

/// Two replicas answer in turn, and each has a secret of its own. `first`: the one that does not take the token comes first.
pub fn secrets_of_replicas(first: bool) -> World {
    let turn = std::cell::Cell::new(first);
    signed_in_by_token().holds(|h| h.storage.keys = vec![token(None)]).http(move |ask, usual| match ask.purpose {
        Some(Purpose::User) if turn.replace(!turn.get()) => {
            says(401, r#"{"detail":"Your session has expired or the token is invalid. Please sign in again."}"#)
        }
        Some(Purpose::UserWithout) => nobody(),
        _ => usual,
    })
}

/// The same with a sign-in that stands in a cookie which no page can read, over two replicas in turn.
pub fn cookies_of_replicas(first: bool) -> World {
    let turn = std::cell::Cell::new(first);
    chainlit_signed_out().http(move |ask, usual| match ask.purpose {
        Some(Purpose::User) if turn.replace(!turn.get()) => says(200, r#"{"id":"1","identifier":"ada"}"#),
        _ => usual,
    })
}

/// Somebody signs out while it is asked.
pub fn signs_out_meanwhile() -> World {
    let first = std::cell::Cell::new(true);
    chainlit_signed_out().http(move |ask, usual| match ask.purpose {
        Some(Purpose::User) if first.replace(false) => says(200, r#"{"id":"1","identifier":"ada"}"#),
        _ => usual,
    })
}

/// A gate lets this browser pass, and to strangers it says no before the application is asked.
pub fn gated(world: World) -> World {
    world.http(|ask, usual| if ask.credentials == "omit" && !ask.path.ends_with(".js") { says(401, "Unauthorized") } else { usual })
}

/// A gate sends strangers to another origin, and in the end this browser too.
pub fn sent_away_when_the_gate_forgets() -> World {
    fully(plain(Server::Node)).http(|ask, usual| {
        let stranger = ask.credentials == "omit" && ask.under(SOCKET);
        if stranger || ask.at > 20_000 { Reply::Elsewhere } else { usual }
    })
}

/// The gate sends strangers to a page to sign in.
pub fn stripped_behind_a_page_to_sign_in() -> World {
    let page = "<!doctype html><title>Sign in</title><form action=/oauth2/start><input type=password name=p></form>";
    plain(Server::NodeWebsocket)
        .http(move |ask, usual| if ask.credentials == "omit" && ask.under(SOCKET) { says(200, page) } else { usual })
        .sockets(|_, _| refused())
}

/// Nobody is signed in, and the server refuses the CONNECT in the words that it has for everything.
pub fn signed_out_and_refused() -> World {
    joining(Server::Python, "/", Joining::Says(r#"{"message":"Connection refused by server"}"#.to_owned()))
        .page("/me", nobody())
        .with(|w| w.profile.user_path = Some("/me".to_owned()))
}

/// The same in words about a sign-in, which is what is missing.
pub fn signed_out_and_refused_for_that() -> World {
    signed_out_and_refused().with(|w| w.joining = Joining::Says(r#"{"message":"jwt must be provided"}"#.to_owned()))
}

/// Something on the way takes each POST and never answers.
pub fn posts_swallowed() -> World {
    posts_say(Reply::Silence)
}

/// Only `EIO` and `transport` may pass.
pub fn sessions_unnamed(server: Server) -> World {
    plain(server).http(move |ask, usual| match (ask.under(SOCKET) && ask.sid, ask.method, server) {
        (true, "GET", _) => says(200, open_packet("\"websocket\"", false)),
        (true, _, Server::Python) => says(400, "\"Invalid session None\""),
        (true, ..) => says(400, r#"{"code":2,"message":"Bad handshake method"}"#),
        _ => usual,
    })
}

/// What the browser sends on a WebSocket is lost.
pub fn deaf_sockets() -> World {
    plain(Server::Node).with(|w| w.profile.depth = connection_doctor::profile::Depth::Full).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Upgrade) => vec![opened(9), deadline(4_009, "3probe")],
        _ => usual,
    })
}

/// Of a chat without long-polling, with cookies that no page can read.
pub fn cookies_too_large_without_polling() -> World {
    let page = "<html><head><title>400 Request Header Or Cookie Too Large</title></head></html>";
    plain(Server::PythonWebsocket)
        .http(move |ask, usual| if ask.under(SOCKET) && ask.credentials != "omit" { says(400, page) } else { usual })
        .sockets(|_, _| refused())
}

/// A worker that has one page for every path, and nothing else answers.
pub fn offline_page_for_everything() -> World {
    let page = says(200, "<!doctype html><title>You are offline</title><p>Try again later.");
    plain(Server::Python)
        .http(move |_, _| page.clone())
        .sockets(|_, _| refused())
        .worker(Worker { controls: true, ..Worker::default() }, false)
        .clock(|_| Some(-90_000))
        .with(|w| w.next_hop_protocol = "")
}

/// Both transports, and no way from one to the other.
pub fn upgrades_off() -> World {
    plain(Server::Node).http(|ask, usual| {
        if ask.under(SOCKET) && ask.transport == "polling" && ask.method == "GET" && !ask.sid { says(200, open_packet("", false)) } else { usual }
    })
}

/// Chainlit is told which transports its client uses.
pub fn chainlit_told(transports: &str, server: Server) -> World {
    let page = CHAINLIT_PAGE.replace("</head>", &format!("<script>window.transports = {transports};</script></head>"));
    assert_ne!(page, CHAINLIT_PAGE);
    chainlit(server, CHAINLIT_PAGE).page("/user", says(200, "null")).page("/", says(200, page))
}

/// The client is told to poll alone, and what is in front strips upgrades.
pub fn polls_as_told() -> World {
    chainlit_told(r#"["polling"]"#, Server::Python).sockets(|_, _| refused())
}

/// A token of a quarter of an hour, which the chat renews meanwhile.
pub fn renewed_between_two_looks() -> World {
    let short = Stored { made_for: Some(900), ..token(Some(890)) };
    secrets_of_replicas(true).holds(|h| h.storage.keys = vec![short])
}

/// One sentence for whatever is wrong, and the token is valid by its own date.
pub fn other_secret() -> World {
    signed_in_by_token().http(|ask, usual| match ask.purpose {
        Some(Purpose::User) => says(401, r#"{"detail":"Your session has expired or the token is invalid. Please sign in again."}"#),
        Some(Purpose::UserWithout) => nobody(),
        _ => usual,
    })
}

/// The application counts by itself how long a token lives that names no end, and says so.
pub fn endless_token_expired() -> World {
    sign_in_expired().holds(|h| h.storage.keys = vec![token(None)])
}

/// The same of a token that names no end, as some applications make them where nothing is set.
pub fn other_secret_of_an_endless_token() -> World {
    other_secret().holds(|h| h.storage.keys = vec![token(None)])
}

/// A draft is no sign-in.
pub fn signed_out_with_a_draft() -> World {
    let draft = Stored { name: "draft".to_owned(), size: 40, token: false, expires_in: None, made_for: None };
    World::of(Server::Python, SIGNED_IN).page("/me", nobody()).holds(|h| h.storage.keys = vec![draft])
}

pub fn sign_in_expired() -> World {
    let expired = |ask: &Ask, usual| match ask.purpose {
        Some(Purpose::User) => says(401, r#"{"detail":"Token expired"}"#),
        Some(Purpose::UserWithout) => nobody(),
        _ => usual,
    };
    signed_in_by_token().http(expired).holds(|h| h.storage.keys = vec![token(Some(-900))])
}

/// The server says nothing of the token; its own end date does.
pub fn sign_in_expired_by_its_date() -> World {
    sign_in_expired().page("/me", nobody())
}

/// Neither says why.
pub fn sign_in_refused_in_silence() -> World {
    signed_in_by_token().page("/me", nobody())
}

/// The clock of who signs is ahead. The words are those of Node's usual library.
pub fn token_not_active() -> World {
    signed_in_by_token().http(|ask, usual| match ask.purpose {
        Some(Purpose::User) => says(401, r#"{"error":"jwt not active"}"#),
        Some(Purpose::UserWithout) => nobody(),
        _ => usual,
    })
}

pub fn signature_refused() -> World {
    World::of(Server::Python, WITH_USER).http(|ask, usual| match ask.purpose {
        Some(Purpose::User) => says(401, "Unauthorized").header("www-authenticate", "Bearer error=\"invalid_token\""),
        Some(Purpose::UserWithout) => nobody(),
        _ => usual,
    })
}

/// It says "expired" to whoever comes.
pub fn expired_for_everybody() -> World {
    World::of(Server::Python, WITH_USER).page("/me", says(401, r#"{"detail":"Session expired, please sign in"}"#))
}

/// A filter of the network's refuses long-polling with 403, and somebody is signed in.
pub fn polling_blocked_and_signed_in() -> World {
    signed_in_by_token().http(|ask, usual| if ask.under(SOCKET) && ask.transport == "polling" { says(403, FORBIDDEN_PAGE) } else { usual })
}

pub fn clock_skew() -> World {
    plain(Server::Python).clock(|_| Some(-3_600))
}

/// Nobody is signed in, which is nothing that a clock does.
pub fn small_skew_signed_out() -> World {
    chainlit_signed_out().clock(|_| Some(90))
}

pub fn skew_and_refused() -> World {
    sign_in_expired().clock(|_| Some(3_600))
}

/// The token ended days ago; the clocks differ by less than that.
pub fn small_skew_and_long_expired() -> World {
    sign_in_expired().holds(|h| h.storage.keys = vec![token(Some(-260_000))]).clock(|_| Some(90))
}

/// As browsers do that block storage together with third-party cookies.
pub fn frame_without_storage() -> World {
    frame_partitioned().holds(|h| {
        for area in &mut h.storage.areas {
            area.how = "SecurityError".to_owned();
        }
    })
}

/// Every file but the page asks for a sign-in.
pub fn scripts_behind_a_sign_in() -> World {
    plain(Server::Node).page("/app.js", says(200, LOGIN_PAGE).redirected_to("/login"))
}

/// A network of caches that stamps each answer with its own time and tells the age of the copy besides.
pub fn cdn_with_age() -> World {
    plain(Server::Python).clock(|ask| Some(if matches!(ask.purpose, Some(Purpose::ChatPage | Purpose::ShellNow)) { 40_000 } else { 0 }))
}

/// A page of http, and not on this device.
pub fn filter_of_http() -> World {
    plain(Server::Node).insecure().holds(|h| h.filter = Some(SOCKET))
}

/// What answers at the socket's path has no `Date`, and the files are old copies.
pub fn frozen_files() -> World {
    plain(Server::Python).clock(|ask| matches!(ask.purpose, Some(Purpose::OwnFile | Purpose::ChatPage)).then_some(-9_000))
}

/// Two replicas of two times.
pub fn two_clocks_at_the_path() -> World {
    plain(Server::Python).clock(|ask| Some(if ask.nth % 2 == 0 { 0 } else { 4_000 }))
}

/// Two servers behind one name, the application's and that of the files, of which one has the wrong time.
pub fn two_clocks() -> World {
    plain(Server::Python).clock(|ask| Some(if ask.purpose == Some(Purpose::OwnFile) { 0 } else { 4_000 }))
}

/// This program inside of the chat's page, which was opened before a release.
pub fn open_before_the_release() -> World {
    embedded(&["/app.js", "/part-old.js"]).page("/part-old.js", says(404, "Not Found"))
}

/// The same, and what is missing was missing from the start.
pub fn optional_script_missing_embedded() -> World {
    embedded(&["/app.js"]).page("/", says(200, MODULE_PAGE)).page("/custom.js", says(404, "Not Found"))
}

fn embedded(open_scripts: &[&'static str]) -> World {
    World::of(Server::Node, r#"{"socket-path":"/socket.io/"}"#).with(|w| {
        w.profile.embedded = true;
        w.profile.chat_page_named = true;
        w.held.open_scripts = open_scripts.to_vec();
    })
}

pub fn not_allowed_inside() -> World {
    World::of(Server::Node, INSIDE).with(|w| w.allows_origin = false).holds(|h| h.forbids_server = true)
}

// What a repair may take away.

fn cookie(name: &str, size: u32) -> Stored {
    Stored { name: name.to_owned(), size, token: false, expires_in: None, made_for: None }
}

/// The page can read them: their names, and that they are large.
pub fn cookies_too_large_and_readable() -> World {
    cookies_too_large_node().holds(|h| {
        (h.cookies.count, h.cookies.size) = (3, 7_100);
        h.cookies.largest = vec![cookie("big0", 3_500), cookie("big1", 3_500), cookie("theme", 100)];
    })
}

/// Two of one kind of name, which a report masks: the large one can't be told from the other.
pub fn cookies_with_masked_names() -> World {
    let names = ["aB3dE5gH7jK9mN1pQ3sT5vX7", "zB3dE5gH7jK9mN1pQ3sT5vX8"];
    cookies_too_large_node().holds(|h| h.cookies.largest = vec![cookie(names[0], 7_000), cookie(names[1], 40)])
}

pub fn cookies_too_large_with_help() -> World {
    help().http(|ask, usual| if ask.under(SOCKET) && ask.credentials != "omit" { says(431, "") } else { usual }).sockets(|_, _| refused())
}

/// The caches are named after builds, of which one is somebody else's.
pub fn old_worker_with_masked_caches() -> World {
    old_worker().holds(|h| {
        h.workers.caches[0].name = "3f2b9c1d8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c".to_owned();
        h.workers.caches[1].name = "00aa9c1d8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c".to_owned();
    })
}

/// A short token is not what fills five million characters.
pub fn storage_full_by_somebody_else() -> World {
    full(signed_in_by_token())
}

/// Every world in which a page could take something away.
pub fn curable() -> Vec<(&'static str, World)> {
    vec![
        ("cookies too large", cookies_too_large()),
        ("cookies too large, readable", cookies_too_large_and_readable()),
        ("cookies too large, masked", cookies_with_masked_names()),
        ("cookies too large, with the endpoint", cookies_too_large_with_help()),
        ("cookies too large over HTTP/2", cookies_too_large_h2()),
        ("old worker", old_worker()),
        ("old worker of pages", old_worker_of_pages()),
        ("old worker, masked", old_worker_with_masked_caches()),
        ("stale shell", stale_shell()),
        ("stale shell, scripts gone", stale_shell_scripts_gone()),
        ("scripts missing", scripts_missing()),
        ("open before the release", open_before_the_release()),
        ("storage full", storage_full()),
        ("storage full by the chat", storage_full_by_the_chat()),
        ("storage full by somebody else", storage_full_by_somebody_else()),
        ("quota used up", quota_used_up()),
        ("quota used up by caches", quota_used_up_by_caches()),
        ("poisoned cache", poisoned_cache()),
        ("sign-in expired", sign_in_expired()),
        ("sign-in refused without a word", sign_in_refused_in_silence()),
        ("signature refused", signature_refused()),
        ("cookies blocked", cookies_blocked()),
        ("storage blocked", storage_blocked()),
        ("third party blocked", third_party_blocked()),
        ("cookie not kept", cookie_not_kept()),
        ("filter", filter()),
        ("stripped", stripped(Server::Node)),
        ("gateway 502", gateway_502()),
        ("refused", refused_server()),
        ("signed out", signed_out()),
        ("clock skew", clock_skew()),
        ("sandboxed", sandboxed_frame()),
    ]
}

// Signs of something else.

/// The token belongs to a server of another origin, to which this page does not send it.
pub fn token_of_a_server_elsewhere() -> World {
    let json = r#"{"server":"https://api.example","profile":"socketio","socket-path":"/socket.io/","user-path":"/me","storage-keys":"token"}"#;
    World::of(Server::Node, json).page("/me", nobody()).holds(|h| h.storage.keys = vec![token(Some(3_000))])
}

/// The gateway refuses the socket's path; the token that the chat holds was not even sent there.
pub fn gateway_refuses_and_a_token_is_there() -> World {
    World::of(Server::Nothing, r#"{"socket-path":"/socket.io/","storage-keys":"token"}"#)
        .path_answers(SOCKET, says(401, r#"{"message":"Unauthorized"}"#))
        .holds(|h| h.storage.keys = vec![token(Some(3_000))])
}

pub fn worker_and_extension() -> World {
    current_worker().holds(|h| h.injects = "<script src=chrome-extension://abcdef/inject.js></script><link rel=stylesheet href=moz-extension://abcdef/x.css>")
}

/// The connection is lost in the middle, and the browser has a copy of the chat's page.
pub fn offline_with_a_copy() -> World {
    World::plain(Server::Python)
        .keeps("/", says(200, CHAT_PAGE), true)
        .http(|ask, usual| if ask.at >= 10 { reset() } else { usual })
        .sockets(|_, _| refused())
        .incident(5, Fact::Connectivity { online: false })
}

pub fn front_page_that_connects_to_nothing() -> World {
    plain(Server::Node).page("/", says(200, CHAT_PAGE).header("content-security-policy", "default-src 'self'; connect-src 'none'"))
}

pub fn front_page_of_a_chat() -> World {
    plain(Server::Node).page("/", says(200, CHAT_PAGE).header("content-security-policy", "default-src 'self'; connect-src https://old.example"))
}

pub fn quota_used_up_by_caches() -> World {
    quota_used_up().holds(|h| {
        h.storage.in_caches = Some(90_000);
        h.workers.caches = vec![connection_doctor::evidence::StoredCopy { name: "chat-1".to_owned(), holds_page: true, ..Default::default() }];
    })
}

/// Its endpoint tells the release that the server has.
pub fn stale_open_webui() -> World {
    open_webui().keeps("/", says(200, OLD_PAGE), true).page("/api/version", says(200, r#"{"version":"0.12.5"}"#))
}

/// Requests are lost now and then, the one with a header of the chat's among them.
pub fn preflight_lost_among_others() -> World {
    preflight_refused().http(|ask, usual| if ask.purpose == Some(Purpose::OriginProbe) { reset() } else { usual })
}

/// The chat's own cookie is an ordinary one, which is lost in the frame; the operator's endpoint tells.
pub fn frame_loses_the_chats_cookie() -> World {
    only_partitioned(framed(r#"{"profile":"socketio","socket-path":"/socket.io/","help-path":"/help"}"#))
        .page("/help", says(200, r#"{"connection-doctor":1,"cookies":[]}"#))
}

/// The server looks at the origin of a WebSocket that begins by itself, and takes those of sessions that began by long-polling.
pub fn sockets_of_their_own_refused() -> World {
    plain(Server::Node).sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Upgrade) { usual } else { refused() })
}

/// What is on the way breaks every WebSocket with its first frame, and the browser tells of that one before it tells of its opening.
pub fn first_frame_kills() -> World {
    plain(Server::Node).sockets(|ask, _| match ask.socket {
        Some(SocketPurpose::Upgrade) => vec![opened(9), sent(9, "2probe"), errored(14), closed(14, 1006, "")],
        _ => refused(),
    })
}

/// The same in Firefox: the failure may come before or after what opens it.
pub fn first_frame_kills_once_open() -> World {
    first_frame_kills().sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Hello) { vec![opened(9), errored(14), closed(14, 1006, "")] } else { usual })
}

/// One of its own breaks off before its open packet, and the next one lives; upgrades are cut.
pub fn upgrades_cut_and_a_hello() -> World {
    plain(Server::Node).sockets(|ask, usual| match ask.socket {
        Some(SocketPurpose::Upgrade) => vec![opened(9), sent(9, "2probe"), closed(14, 1006, "")],
        Some(SocketPurpose::Hello) => vec![opened(9), closed(14, 1006, "")],
        _ => usual,
    })
}

/// The session at a gateway ran out, and a worker keeps showing the chat.
pub fn signed_out_behind_a_worker() -> World {
    login_elsewhere().worker(first_from_cache(CHAT_PAGE), false)
}

/// Node's `allowRequest` wants a query that the chat's client brings.
pub fn engine_forbids(message: &str) -> World {
    let body = format!(r#"{{"code":4,"message":"{message}"}}"#);
    plain(Server::Node).http(move |ask, usual| if ask.under(SOCKET) { says(403, body.clone()) } else { usual }).sockets(|_, _| refused())
}

/// nginx stands behind a load balancer that speaks HTTP/2 with browsers.
pub fn http_version_behind_google() -> World {
    http_version().http(|ask, usual| if ask.under(SOCKET) { usual.header("server", "nginx/1.22.1").header("via", "1.1 google") } else { usual })
}

pub fn raw_stripped_h2() -> World {
    raw_stripped().with(|w| {
        w.next_hop_protocol = "h2";
        w.environment.next_hop_protocol = "h2".to_owned();
    })
}

/// The library that takes the WebSockets reads less of a header than what takes plain requests.
pub fn cookies_too_large_for_websockets(size: u32) -> World {
    stripped(Server::Python).with(move |w| w.held.cookies.size = size)
}

/// Requests are refused for a moment, and then a page for maintenance answers every path.
pub fn taken_down_for_maintenance() -> World {
    const DOWN: &str = "<html><head><title>Maintenance</title></head><body>We are back soon.</body></html>";
    plain(Server::Python)
        .http(|ask, usual| match ask.at {
            0..60 => usual,
            60..100 => reset(),
            _ => says(503, DOWN),
        })
        .sockets(|ask, usual| if ask.at < 40 { usual } else { refused() })
}

/// The gateway finds no server for a second, once.
pub fn away_for_a_second() -> World {
    let away = |ask: &Ask| ask.under(SOCKET) && (300..1_300).contains(&ask.at);
    World::of(Server::Python, r#"{"socket-path":"/socket.io/","depth":"full"}"#)
        .http(move |ask, usual| if away(ask) { says(502, NGINX_502) } else { usual })
        .sockets(move |ask, usual| if away(ask) { refused() } else { usual })
}

/// One in nine requests of sessions fails, and none of those that open nothing.
pub fn sessions_fail_now_and_then() -> World {
    let asked = std::cell::Cell::new(0);
    let sessions = move |ask: &Ask| {
        let is_one = ask.under(SOCKET) && matches!(ask.purpose, Some(Purpose::Handshake | Purpose::CloseSession));
        asked.set(asked.get() + u32::from(is_one));
        is_one && asked.get().is_multiple_of(9)
    };
    World::of(Server::Node, r#"{"socket-path":"/socket.io/","depth":"full"}"#).http(move |ask, usual| if sessions(ask) { says(502, NGINX_502) } else { usual })
}

/// WebSockets alone ask for a native sign-in.
pub fn websockets_signed_out_natively() -> World {
    plain(Server::Python)
        .http(|ask, usual| if for_websockets(ask) { says(401, "Unauthorized").header("www-authenticate", "Basic realm=\"chat\"") } else { usual })
        .sockets(|_, _| refused())
}

/// "Network Authentication Required", from the middle of the run on.
pub fn captive_portal_says_511_in_mid_run() -> World {
    captive_portal_in_mid_run(says(511, "<!doctype html><title>Sign in to the network</title>"))
}

// Pages of SvelteKit, policies in pairs, replicas that differ, a chat below a prefix.

/// As SvelteKit writes it: its modules are preloaded, and imported by a script that stands in the page.
fn kit_page(release: &str) -> String {
    let of = |name: &str| format!("/_app/immutable/entry/{name}.{release}.js");
    let link = |name: &str| format!("<link rel=modulepreload href=\"{}\">", of(name));
    let imports = format!("Promise.all([import(\"{}\"), import(\"{}\")]).then(([kit, app]) => kit.start(app));", of("start"), of("app"));
    let head = format!("<!doctype html><html><head><title>Chat</title><script src=/static/loader.js defer></script>{}{}</head>", link("start"), link("app"));
    format!("{head}<body><script>{{ {imports} }}</script></body></html>")
}

const RELEASES: [&str; 2] = ["a1b2c3d4", "e5f6a7b8"];

/// Two releases answer in turn, each with its own files alone.
pub fn two_releases_in_turn() -> World {
    let turn = std::cell::Cell::new(0_usize);
    plain(Server::Node).http(move |ask, usual| {
        if ask.path != "/" && !ask.path.starts_with("/_app/") {
            return usual;
        }
        let release = RELEASES[turn.get() % 2];
        turn.set(turn.get() + 1);
        match ask.path.as_str() {
            "/" => says(200, kit_page(release)),
            path if path.contains(release) => usual,
            _ => says(404, r#"{"detail":"Not Found"}"#),
        }
    })
}

/// One release, whose first module was not deployed.
pub fn kit_module_missing() -> World {
    plain(Server::Node).page("/", says(200, kit_page(RELEASES[0]))).page("/_app/immutable/entry/start.a1b2c3d4.js", says(404, "Not Found"))
}

/// The same release with all of its modules; what a comment and a list of data name is gone, and so is the operator's own script.
pub fn kit_page_with_leftovers() -> World {
    let page =
        kit_page(RELEASES[0]).replace("<body>", "<body><script>// import(\"/old.js\")\n</script><script type=application/json>import('/old.js')</script>");
    plain(Server::Node).page("/", says(200, page)).page("/old.js", says(404, "Not Found")).page("/static/loader.js", says(404, "Not Found"))
}

/// The browser's copy of the release before, whose modules are there still.
pub fn stale_kit_page() -> World {
    plain(Server::Node).page("/", says(200, kit_page(RELEASES[1]))).keeps("/", says(200, kit_page(RELEASES[0])).header("cache-control", "max-age=3600"), true)
}

/// A cache on the way keeps the page of the release before, whose files are gone.
pub fn page_of_a_shared_cache() -> World {
    let page = says(200, MODULE_PAGE).header("age", "86000").header("x-cache", "HIT").header("cache-control", "public, max-age=0, s-maxage=86400");
    plain(Server::Node).page("/", page).page("/app.js", says(404, "Not Found"))
}

/// The front page of a site whose chat's server is elsewhere has this policy.
pub fn policy_of_a_front_page(policy: &'static str) -> World {
    World::of(Server::Node, AWAY).page("/", says(200, CHAT_PAGE).header("content-security-policy", policy))
}

/// One policy allows long-polling alone, the other one the WebSocket alone.
pub fn two_policies_of_one_each() -> World {
    let meta = "<!doctype html><meta http-equiv=content-security-policy content=\"connect-src https://chat.example\">";
    let page = says(200, format!("{meta}{CHAT_PAGE}")).header("content-security-policy", "connect-src wss://chat.example");
    World::of(Server::Node, r#"{"socket-path":"/socket.io/","chat-page":"/"}"#).page("/", page)
}

/// Browsers ignore a policy that stands in the body.
pub fn policy_in_the_body() -> World {
    let page = format!("{CHAT_PAGE}<meta http-equiv=content-security-policy content=\"connect-src 'none'\">");
    World::of(Server::Node, r#"{"socket-path":"/socket.io/","chat-page":"/"}"#).page("/", says(200, page))
}

/// A policy without WebSockets, before a server without them.
pub fn policy_before_polling_alone() -> World {
    World::of(Server::PythonPolling, r#"{"socket-path":"/socket.io/","chat-page":"/"}"#)
        .page("/", says(200, CHAT_PAGE).header("content-security-policy", "connect-src https://chat.example"))
}

/// A cookie that no page can read is taken three times, and then refused and taken in turn.
pub fn cookies_of_replicas_later() -> World {
    let asked = std::cell::Cell::new(0_u32);
    chainlit_signed_out().http(move |ask, usual| {
        if ask.purpose != Some(Purpose::User) {
            return usual;
        }
        asked.set(asked.get() + 1);
        if asked.get() == 4 { usual } else { says(200, r#"{"id":"1","identifier":"ada"}"#) }
    })
}

/// Chainlit, where somebody is signed in.
pub fn chainlit_signed_in() -> World {
    chainlit(Server::Python, CHAINLIT_PAGE).page("/user", says(200, r#"{"id":"1","identifier":"ada"}"#))
}

/// Chainlit without any sign-in: it has nobody to name.
pub fn chainlit_without_sign_in() -> World {
    chainlit(Server::Python, CHAINLIT_PAGE).page("/user", says(200, "null"))
}

/// The endpoint takes the cookie, which does not come to the socket's path.
pub fn cookies_do_not_reach_the_socket() -> World {
    chainlit_signed_in().with(|w| {
        w.profile.namespace = Some("/".to_owned());
        w.joining = Joining::Says(r#"{"message":"Connection refused by server"}"#.to_owned());
    })
}

/// Signed in at first and signed out then, while the channel refuses.
pub fn signs_out_meanwhile_and_is_refused() -> World {
    signs_out_meanwhile().with(|w| {
        w.profile.namespace = Some("/".to_owned());
        w.joining = Joining::Says(r#"{"message":"Connection refused by server"}"#.to_owned());
    })
}

/// By polling alone, and the POST of the CONNECT comes to an instance that does not do polling.
pub fn connect_posted_elsewhere() -> World {
    let connecting = |ask: &Ask| ask.purpose == Some(Purpose::FollowUp) && ask.method == "POST";
    connect_unanswered_by_polling().http(move |ask, usual| if connecting(ask) { says(400, "\"Invalid transport\"") } else { usual })
}

/// One instance takes WebSockets alone, the other one long-polling alone: the first handshake finds the one, all others the other.
pub fn transports_of_replicas() -> World {
    plain(Server::PythonWebsocket).http(|ask, usual| {
        let first = ask.purpose == Some(Purpose::Handshake) && ask.credentials == "omit";
        if first || ask.purpose == Some(Purpose::CloseSession) { polling_alone(ask) } else { usual }
    })
}

fn polling_alone(ask: &Ask) -> Reply {
    if ask.method == "POST" { says(200, "OK") } else { says(200, open_packet("", false)) }
}

/// The page of ours is below the prefix, the chat's beside it, and nothing at the top.
fn below_a_prefix(page: &'static str) -> World {
    let profile = connection_doctor::profile::Profile::parse(
        &connection_doctor::profile::Page {
            origin: crate::harness::ORIGIN.to_owned(),
            path: "/assist/public/diagnostics/index.html".to_owned(),
            embedded: false,
        },
        &[],
    );
    World::of(Server::Python, "{}")
        .with(|w| {
            w.profile = profile.unwrap();
            w.mount = "/assist/ws/socket.io/";
        })
        .page("/", says(404, "<h1>Not Found</h1>"))
        .page("/assist/", says(200, page))
        .page("/assist/auth/config", says(200, r#"{"requireLogin":false}"#))
}

/// Chainlit below a prefix, and well.
pub fn chainlit_below_a_prefix() -> World {
    below_a_prefix(
        r#"<!doctype html><html><head><meta property="og:root_path" content="/assist"><title>Assistant</title></head><body><script src=/assist/a.js></script>"#,
    )
}

/// The gateway strips the prefix, of which Chainlit's page knows nothing.
pub fn chainlit_below_a_prefix_that_it_does_not_know() -> World {
    below_a_prefix(CHAINLIT_PAGE)
}

/// `Access-Control-Allow-Headers: *`, which names no header for a request with cookies.
pub fn preflight_refused_with_cookies() -> World {
    let json = r#"{"server":"https://api.example","socket-path":"/socket.io/","request-headers":"x-tenant","credentials":"include"}"#;
    World::of(Server::Node, json).http(|ask, usual| if ask.purpose == Some(Purpose::Preflighted) && ask.credentials == "include" { reset() } else { usual })
}

/// No request with cookies is readable, with or without a header.
pub fn nothing_with_cookies() -> World {
    preflight_refused_with_cookies().http(|ask, usual| if ask.cross && ask.credentials == "include" { reset() } else { usual })
}

/// A server of WebSockets alone, which no request with cookies may read.
pub fn websocket_alone_and_wildcard() -> World {
    without_cookies_alone(World::of(Server::NodeWebsocket, AWAY_INCLUDE))
}

/// A server of WebSockets alone, which answers no OPTIONS.
pub fn websocket_alone_and_no_preflight() -> World {
    let json = r#"{"server":"https://api.example","socket-path":"/socket.io/","request-headers":"authorization"}"#;
    rejects(World::of(Server::NodeWebsocket, json), Purpose::Preflighted)
}

/// `Access-Control-Expose-Headers: *`, which is a name like any other to a request with cookies; or the header by its name.
pub fn exposed_by_a_wildcard(by_name: bool) -> World {
    let json = r#"{"server":"https://api.example","socket-path":"/socket.io/","credentials":"include","response-headers":"x-request-id"}"#;
    World::of(Server::Node, json)
        .http(move |ask, usual| if ask.cross && (by_name || ask.credentials != "include") { usual.header("x-request-id", "7") } else { usual })
}

/// The application refuses a cookie for what is in it.
pub fn cookie_refused_by_the_application() -> World {
    plain(Server::Node)
        .http(|ask, usual| if ask.under(SOCKET) && ask.credentials != "omit" { says(400, r#"{"error":"invalid session"}"#) } else { usual })
        .sockets(|_, _| refused())
}

/// Node's limit before a raw WebSocket.
pub fn raw_cookies_too_large() -> World {
    raw_refused(says(426, "Upgrade Required")).http(|ask, usual| if ask.path == "/echo" && ask.credentials != "omit" { says(431, "") } else { usual })
}

/// A raw WebSocket alone fails, with cookies of so many characters.
pub fn raw_stripped_with_cookies(size: u32) -> World {
    raw_stripped().with(move |w| w.held.cookies.size = size)
}

/// A page that preloads a module which is gone, and whose own script does not import it.
pub fn hinted_module_missing() -> World {
    let page = "<!doctype html><title>Chat</title><link rel=modulepreload href=/vendor.js><script type=module src=/app.js></script><div id=root></div>";
    plain(Server::Node).page("/", says(200, page)).page("/vendor.js", says(404, "Not Found"))
}

/// The same, where that script imports it.
pub fn hinted_module_imported() -> World {
    hinted_module_missing().page("/app.js", says(200, "import{a}from\"./vendor.js\";a()").header("content-type", "text/javascript"))
}

/// In a frame with partitioned cookies alone, and the socket's path wants a sign-in.
pub fn third_party_blocked_and_barred() -> World {
    third_party_blocked().http(|ask, usual| if ask.under(SOCKET) { says(401, r#"{"message":"Unauthorized"}"#) } else { usual }).sockets(|_, _| refused())
}

/// The look at what a navigation gets went past the worker, as it does in WebKit.
pub fn old_worker_webkit() -> World {
    const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";
    plain(Server::Node).worker(Worker { page: Some(OLD_PAGE), navigations_alone: true, renewed_at: Some(0), ..Worker::default() }, false).with(|w| {
        w.environment.user_agent = SAFARI.to_owned();
        w.held.frame_controlled = Some(false);
    })
}

/// An answer that the health endpoint gave to another page is kept, or one to a request with cookies.
pub fn poisoned_health() -> World {
    let json = r#"{"server":"https://api.example","socket-path":"/socket.io/","health-path":"/health"}"#;
    World::of(Server::Node, json).page("/health", says(200, r#"{"status":"ok"}"#)).keeps("/health", reset(), true)
}

/// Firefox keeps what was asked for with cookies apart, and that alone is another page's. `past`: nor can it be read past the copy.
pub fn poisoned_cache_with_cookies(past: bool) -> World {
    World::of(Server::Node, AWAY_INCLUDE).http(move |ask, usual| {
        let with = ask.purpose == Some(Purpose::ServerKept) && ask.credentials == "include";
        if with && (past || ask.cache == "default") { reset() } else { usual }
    })
}

/// A server of another origin refuses large cookies, by an error without the headers of CORS; or takes no WebSocket besides, and it is `*`.
pub fn cookies_too_large_elsewhere(size: u32) -> World {
    cors_wildcard_credentials().sockets(|_, _| refused()).with(move |w| w.held.cookies.size = size)
}

/// The operator's endpoint says how large the cookies are that no page can read.
pub fn cookies_too_large_by_the_endpoint(size: u32) -> World {
    let body = format!(
        r#"{{"connection-doctor":1,"cookies":[{{"name":"connection-doctor-check","size":1}},{{"name":"access_token_0","size":{size}}},{{"name":"access_token_1","size":3000}}]}}"#
    );
    stripped(Server::Python).with(|w| w.profile.help_path = Some("/help".to_owned())).page("/help", says(200, body))
}

/// Of the requests with cookies the first ones pass, and later ones are answered 400 by something else.
pub fn refused_after_a_while(status: u16) -> World {
    let page = "<html><head><title>Error</title></head><body>no</body></html>";
    plain(Server::Node)
        .http(move |ask, usual| if ask.purpose == Some(Purpose::Handshake) && ask.credentials != "omit" { says(status, page) } else { usual })
        .sockets(|_, _| refused())
}

/// Answers to POST alone lack the headers of CORS.
pub fn cors_of_gets_alone() -> World {
    World::of(Server::Node, AWAY).http(|ask, usual| if ask.method == "POST" && ask.mode != "no-cors" { reset() } else { usual })
}

/// A module that a page imports in a branch alone is gone.
pub fn module_of_a_branch_missing() -> World {
    let page = "<!doctype html><title>Chat</title><script src=/app.js></script><script>if (window.legacy) { import('/legacy.js') }</script><div id=root></div>";
    plain(Server::Node).page("/", says(200, page)).page("/legacy.js", says(404, "Not Found"))
}

/// A browser of that name, whose frame is the worker's; the worker asks the network, and keeps an older page.
pub fn asking_worker_webkit() -> World {
    old_worker_webkit().holds(|h| h.frame_controlled = Some(true))
}

/// The same run as it was written before frames told of their worker.
pub fn old_worker_webkit_untold() -> World {
    old_worker_webkit().holds(|h| h.frame_controlled = None)
}

/// A frame that went past the worker in a browser of another name.
pub fn old_worker_past_the_frame() -> World {
    old_worker_webkit().with(|w| w.environment.user_agent = CHROME.to_owned())
}

/// Locked up by its own server's policy, in a tab.
pub fn sandboxed_by_policy() -> World {
    sandboxed_frame().with(|w| {
        w.environment.framed = false;
        w.environment.foreign_frame = false;
    })
}

/// No answer comes from the socket's path, and a worker has a page for that, which has no date as the network's answers have; or it is dated.
pub fn offline_page_at_the_path(dated: bool) -> World {
    const DATE: &str = "Mon, 23 Nov 2026 00:00:00 GMT";
    plain(Server::Nothing)
        .http(move |ask, usual| match (ask.under(SOCKET), dated) {
            (true, false) => says(200, "<!doctype html><title>You are offline</title><p>Try again later."),
            (true, true) => says(200, CHAT_PAGE).header("date", DATE),
            (false, _) => usual.header("date", DATE),
        })
        .sockets(|_, _| refused())
        .worker(Worker { controls: true, ..Worker::default() }, false)
}
