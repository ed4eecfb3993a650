//! The table of scenarios. Each is one way for a chat to be healthy or broken; what a page must say of it stands in
//! `tests/e2e/expectations.rs`.

use std::time::Duration;

use crate::action::{Action, Answer, Body, Piece, Rule, When};
use crate::nginx::{Behind, NginxSite};
use crate::page::CHAT_PAGE_WITH_PREFIX;
use crate::scenario::{Edge, Kind, Scenario, ServerAt};
use crate::server::Server;

const SOCKET: &str = "/socket.io/";
const BY_WEBSOCKET: &str = "transport=websocket";
const BY_POLLING: &str = "transport=polling";
const SLOW: Duration = Duration::from_millis(1500);
const PLAIN_TEXT: &[(&str, &str)] = &[("Content-Type", "text/plain; charset=UTF-8")];

const TOO_MANY: Answer = Answer { status: 429, headers: &[("Content-Type", "text/plain"), ("Retry-After", "30")], body: Body::Text("Too Many Requests\n") };
const UPGRADE_REQUIRED: Answer =
    Answer { status: 426, headers: &[("Content-Type", "text/plain"), ("Upgrade", "websocket")], body: Body::Text("Upgrade Required\n") };
const STARTING: Answer = Answer::plain(503, "The application is starting.\n");
const UNAVAILABLE: Answer = Answer::html(503, "<html><head><title>503 Service Temporarily Unavailable</title></head></html>\n");
const TOO_LARGE_PAGE: Answer = Answer::html(
    400,
    "<html><head><title>400 Request Header Or Cookie Too Large</title></head><body><h1>400 Bad Request</h1>Request Header Or Cookie Too Large</body></html>",
);
const FORBIDDEN_PAGE: Answer = Answer::html(403, "<html><head><title>403 Forbidden</title></head><body>Forbidden</body></html>\n");
const NOT_ALLOWED: Answer = Answer::html(405, "<html><head><title>405 Not Allowed</title></head><body>Not Allowed</body></html>\n");
const BLOCK_PAGE: Answer =
    Answer::html(200, "<!doctype html><title>Web page blocked</title><h1>Access denied</h1><p>Your organisation's web filter blocked this page.</p>\n");
const TO_LOGIN: Answer = Answer { status: 302, headers: &[("Location", "{elsewhere}/login?return=chat")], body: Body::Text("") };
const TO_OWN_LOGIN: Answer = Answer { status: 302, headers: &[("Location", "/login")], body: Body::Text("") };
const LOGIN: Answer = Answer::html(
    200,
    "<!doctype html><title>Sign in</title><form method=post><input name=user><input name=password type=password><button>Sign in</button></form>\n",
);
const TO_PORTAL: Answer = Answer { status: 302, headers: &[("Location", "{elsewhere}/portal")], body: Body::Text("") };
const PORTAL: Answer = Answer::html(200, "<!doctype html><title>Free Wi-Fi</title><p>Accept the terms to use the network.</p>\n");

const NOT_UTF8: &[u8] = b"0{\"sid\":\"\xff\xfe\xc3\x28\"}";
const TRUNCATED: &str = r#"0{"sid":"lab-3f9aT0VJ4sJcAAAB","upgrades":["webso"#;
const MALFORMED: &str = r#"0{"sid":}"#;
const GARBAGE: &str = "\u{1}\u{2}garbage";
const SCRIPT: &str = "<script>window.__pwned=1</script><img src=x onerror=\"window.__pwned=1\">";
const SCRIPT_REASON: &str = "<img src=x onerror=\"window.__pwned=1\">";
const SCRIPTED: Answer = Answer {
    status: 200,
    headers: &[
        ("Content-Type", "text/html; charset=utf-8"),
        ("Server", "<script>window.__pwned=1</script>"),
        ("Via", "1.1 <img src=x onerror=window.__pwned=1>"),
        ("X-Request-Id", "\"><script>window.__pwned=1</script>"),
    ],
    body: Body::Text(
        "<!doctype html><title><script>window.__pwned=1</script></title><script>window.__pwned=1</script><img src=x onerror=\"window.__pwned=1\">\n",
    ),
};

/// A proxy that drops the upgrade on the socket's path.
const UPGRADE_STRIPPED: &[Rule] = &[When::under(SOCKET).handshake().then(Action::ForwardWithoutUpgrade)];
/// A gateway's sign-in page.
const SIGN_IN_PAGE: &[Rule] = &[When::any().then(Action::Respond(LOGIN))];
/// nginx in front of Chainlit, as Chainlit documents it.
const CHAINLIT_SITE: NginxSite = NginxSite { socket_path: "/ws/socket.io/", serves_chat_page: false, ..NginxSite::DOCUMENTED };
/// No setting at all: the page has to find everything by itself.
const NO_SETTING: &str = "{}";

const PROGRAM: &str = "/diagnostics/doctor_bg.wasm";
const GLUE: &str = "/diagnostics/doctor.js";
const ELEMENT: &str = "/diagnostics/connection-doctor.js";
const NOT_FOUND: Answer = Answer::html(404, "<html><head><title>404 Not Found</title></head><body>Not Found</body></html>\n");
const MISTYPED: Answer = Answer {
    status: 200,
    headers: &[("Content-Type", "text/plain"), ("X-Content-Type-Options", "nosniff")],
    body: Body::Text("export class Doctor {}\nexport default async function init() {}\n"),
};
const STRICT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; img-src 'self'";

/// Every scenario: first the healthy ones, then the broken, then the hostile, then those whose page cannot load.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "healthy-engineioxide",
        title: "A Rust server",
        story: "Nothing is broken: engineioxide answers polling and WebSocket.",
        kind: Kind::Healthy,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-python",
        title: "A Python server",
        story: "Nothing is broken: python-socketio on uvicorn answers polling and WebSocket.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-node",
        title: "A Node server",
        story: "Nothing is broken: Node's socket.io 4 answers polling and WebSocket.",
        kind: Kind::Healthy,
        server: Server::Node(&[]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-node-v2",
        title: "An older Socket.IO, and a chat made for it",
        story: "Nothing is broken: the server speaks Socket.IO 2, and so does the chat.",
        kind: Kind::Healthy,
        server: Server::Node(&["--version-2"]),
        config: r#"{"profile":"socketio","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-polling-only",
        title: "Polling alone, on purpose",
        story: "Nothing is broken: the server is set up to allow HTTP long-polling alone.",
        kind: Kind::Healthy,
        server: Server::Python(&["--transports", "polling"]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-websocket-only",
        title: "WebSocket alone, on purpose",
        story: "Nothing is broken: the server is set up to allow WebSocket alone.",
        kind: Kind::Healthy,
        server: Server::Node(&["--transports", "websocket"]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-sub-path",
        title: "A chat under /chat/",
        story: "Nothing is broken: nginx has the chat, its socket and this page under /chat/.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        edge: Edge::Nginx(NginxSite { prefix: "/chat", ..NginxSite::DOCUMENTED }),
        config: r#"{"socket-path":"/chat/socket.io/","chat-page":"/chat/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-https",
        title: "TLS and HTTP/2",
        story: "Nothing is broken: nginx speaks TLS and HTTP/2 in front of python-socketio.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        edge: Edge::NginxTls,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-nginx",
        title: "Behind nginx",
        story: "Nothing is broken: nginx passes the upgrade on, as the README documents.",
        kind: Kind::Healthy,
        edge: Edge::Nginx(NginxSite::DOCUMENTED),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-chainlit-signed-out",
        title: "Chainlit, nobody signed in",
        story: "Nothing is broken: Chainlit wants a password, and nobody has signed in yet.",
        kind: Kind::Healthy,
        server: Server::Chainlit { sign_in: true, page_in_public: false },
        edge: Edge::Nginx(CHAINLIT_SITE),
        config: r#"{"profile":"chainlit"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-chainlit-public",
        title: "Chainlit with the page in its public folder",
        story: "Nothing is broken: Chainlit serves this page itself, and nobody needs to sign in.",
        kind: Kind::Healthy,
        server: Server::Chainlit { sign_in: false, page_in_public: true },
        edge: Edge::ServersOwnPage("/public/diagnostics/index.html"),
        config: r#"{"profile":"chainlit"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-cross-origin",
        title: "The server on another origin",
        story: "Nothing is broken: the chat's server is another origin, and allows this one.",
        kind: Kind::Healthy,
        server: Server::Python(&["--origin", "{origin}"]),
        server_at: ServerAt::Elsewhere,
        config: r#"{"server":"{elsewhere}","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-raw",
        title: "A raw WebSocket",
        story: "Nothing is broken: a WebSocket without Socket.IO, which echoes.",
        kind: Kind::Healthy,
        server: Server::RawEcho,
        config: r#"{"profile":"raw","ws-url":"ws://{host}/echo"}"#,
        rules: &[
            When::at("/echo").plain().then(Action::Respond(UPGRADE_REQUIRED)),
            When::at("/").then(Action::ChatPage),
            When::outside("/diagnostics/").plain().then(Action::Respond(Answer::plain(404, "Not Found\n"))),
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-slow-line",
        title: "A slow line",
        story: "Nothing is broken: the line takes 150 ms each way, as a mobile network may.",
        kind: Kind::Healthy,
        edge: Edge::SlowLine(Duration::from_millis(150)),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-namespace",
        title: "Up to the namespace",
        story: "Nothing is broken: python-socketio lets the page join its namespace.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        config: r#"{"profile":"socketio","socket-path":"/socket.io/","namespace":"/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-wsgi",
        title: "Python on threads",
        story: "Nothing is broken: python-socketio on WSGI threads offers no WebSocket.",
        kind: Kind::Healthy,
        server: Server::PythonWsgi,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-engineioxide",
        title: "A Rust server, nothing told",
        story: "Nothing is broken, and no setting says where engineioxide is.",
        kind: Kind::Healthy,
        config: NO_SETTING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-python",
        title: "A Python server, nothing told",
        story: "Nothing is broken, and no setting says where python-socketio is.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        config: NO_SETTING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-node-v2",
        title: "An older Socket.IO, nothing told",
        story: "Nothing is broken, and no setting says that the server speaks Socket.IO 2.",
        kind: Kind::Healthy,
        server: Server::Node(&["--version-2"]),
        config: NO_SETTING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-chainlit",
        title: "Chainlit, nothing told",
        story: "Nothing is broken, and no setting says that the chat behind nginx is Chainlit.",
        kind: Kind::Healthy,
        server: Server::Chainlit { sign_in: false, page_in_public: false },
        edge: Edge::Nginx(CHAINLIT_SITE),
        config: NO_SETTING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "page-strict-policy",
        title: "A strict Content-Security-Policy",
        story: "Nothing is broken: the page's policy forbids everything that the page does not need.",
        kind: Kind::Healthy,
        page_headers: &[("Content-Security-Policy", STRICT_POLICY)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "refused",
        title: "Nobody listens",
        story: "The chat's server is at a port that nobody listens on.",
        server: Server::Nothing,
        config: r#"{"server":"http://{closed}","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "blackhole",
        title: "A firewall that drops",
        story: "What is sent to the chat's server vanishes without an answer.",
        server: Server::Nothing,
        config: r#"{"server":"http://{blackhole}","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "silent-server",
        title: "A server that never answers",
        story: "The chat's server accepts connections and never answers.",
        server: Server::Nothing,
        config: r#"{"server":"http://{silent}","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "socket-path-reset",
        title: "Only the socket is cut",
        story: "Every connection to the socket's path is reset; the page loads.",
        rules: &[When::under(SOCKET).then(Action::Reset)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "socket-path-closed",
        title: "Only the socket is hung up on",
        story: "Every connection to the socket's path is closed without an answer; the page loads.",
        rules: &[When::under(SOCKET).then(Action::CloseSilently)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "gateway-502",
        title: "Bad gateway for the socket",
        story: "nginx cannot reach the server behind the socket's path; the rest works.",
        edge: Edge::Nginx(NginxSite { socket: Behind::Closed, ..NginxSite::DOCUMENTED }),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "app-down",
        title: "The app is down",
        story: "nginx is up, and nothing behind it is.",
        server: Server::Nothing,
        edge: Edge::Nginx(NginxSite { socket: Behind::Closed, rest: Behind::Closed, serves_chat_page: false, ..NginxSite::DOCUMENTED }),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "gateway-504",
        title: "Gateway timeout",
        story: "nginx waits for the server behind the socket's path, and gives up after a second.",
        edge: Edge::Nginx(NginxSite { socket: Behind::Silent, read_timeout: 1, ..NginxSite::DOCUMENTED }),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "offline",
        title: "Offline",
        story: "Once broken, nothing of the chat's origin can be reached any more.",
        vanishes: true,
        flips: true,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "rate-limited",
        title: "Too many requests",
        story: "The socket's path answers 429 and says when to come back.",
        rules: &[When::under(SOCKET).then(Action::Respond(TOO_MANY))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cold-start",
        title: "A server that wakes up",
        story: "The first two requests to the socket get 503, as from a server that was asleep; then all is well.",
        rules: &[When::under(SOCKET).first(2).then(Action::Respond(STARTING))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "slow-server",
        title: "A slow server",
        story: "Every answer of the server takes 1.5 seconds; files are fast.",
        rules: &[When::at("/").then(Action::After(SLOW, &Action::ChatPage)), When::outside("/diagnostics/").then(Action::After(SLOW, &Action::Forward))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "intermittent",
        title: "Now and then",
        story: "Every third request to the socket gets 503.",
        rules: &[When::under(SOCKET).every(3).then(Action::Respond(UNAVAILABLE))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "health-failing",
        title: "An unhealthy server",
        story: "The server's health endpoint says that Redis is down.",
        config: r#"{"socket-path":"/socket.io/","health-path":"/health"}"#,
        rules: &[When::at("/health").then(Action::Respond(Answer::json(503, r#"{"status":"error","redis":"down"}"#)))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "certificate",
        title: "A certificate that nobody vouches for",
        story: "The chat's server is another origin, whose certificate the browser refuses.",
        server_at: ServerAt::Elsewhere,
        config: r#"{"server":"{self-signed}","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "http-version",
        title: "HTTP/2 without WebSocket",
        story: "The origin speaks HTTP/2, and its WebSocket does not work there; polling does.",
        server: Server::PythonHttp2,
        edge: Edge::Server,
        uncounted: Some("hypercorn speaks TLS with the browser itself, so no front sees what is asked"),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "captive-portal",
        title: "A captive portal",
        story: "Once broken, every path of the origin redirects to somebody else's portal.",
        rules: &[When::any().once_flipped().then(Action::Respond(TO_PORTAL))],
        elsewhere: &[When::any().then(Action::Respond(PORTAL))],
        flips: true,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "wrong-path",
        title: "The wrong path",
        story: "The chat asks at /socket.io/, and the server is at /ws/socket.io/.",
        server: Server::EngineIoXide("/ws/socket.io"),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "single-page-fallback",
        title: "A page where the socket should be",
        story: "Every path that the site does not know answers with the chat's page, the socket's too.",
        server: Server::Nothing,
        rules: &[When::outside("/diagnostics/").then(Action::ChatPage)],
        ..Scenario::PLAIN
    },
    Scenario { name: "not-found", title: "No socket here", story: "The socket's path answers 404.", server: Server::Nothing, ..Scenario::PLAIN },
    Scenario {
        name: "wrong-version",
        title: "A server from before version 4",
        story: "The server speaks Engine.IO 3 alone, and refuses a chat that speaks version 4.",
        server: Server::PythonEngineIo3,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "old-server-new-client",
        title: "An old server, a new chat",
        story: "The server is Socket.IO 2, and the chat is made for version 4.",
        server: Server::Node(&["--version-2"]),
        config: r#"{"profile":"semaphore","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "prefix-mismatch",
        title: "The wrong prefix",
        story: "The chat's page believes that it lives under /chat, and its socket is at the root.",
        server: Server::EngineIoXide("/ws/socket.io"),
        config: r#"{"profile":"chainlit"}"#,
        chat_page: CHAT_PAGE_WITH_PREFIX,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "upgrade-stripped",
        title: "A proxy drops the upgrade (Rust)",
        story: "A proxy does not pass the Upgrade header on to engineioxide.",
        rules: UPGRADE_STRIPPED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "upgrade-stripped-nginx-node",
        title: "nginx drops the upgrade (Node)",
        story: "nginx does not pass the Upgrade header on to Node's socket.io.",
        server: Server::Node(&[]),
        edge: Edge::Nginx(NginxSite { upgrade: false, ..NginxSite::DOCUMENTED }),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "upgrade-stripped-nginx-python",
        title: "nginx drops the upgrade (Python)",
        story: "nginx does not pass the Upgrade header on to python-socketio.",
        server: Server::Python(&[]),
        edge: Edge::Nginx(NginxSite { upgrade: false, ..NginxSite::DOCUMENTED }),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "upgrade-stripped-chainlit",
        title: "nginx drops the upgrade (Chainlit)",
        story: "nginx does not pass the Upgrade header on to Chainlit.",
        server: Server::Chainlit { sign_in: false, page_in_public: false },
        edge: Edge::Nginx(NginxSite { upgrade: false, ..CHAINLIT_SITE }),
        config: r#"{"profile":"chainlit"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "upgrade-swallowed",
        title: "WebSocket vanishes",
        story: "Something on the way swallows WebSocket handshakes; polling works.",
        rules: &[When::under(SOCKET).handshake().then(Action::Hang)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "upgrade-intercepted",
        title: "A filter answers for the WebSocket",
        story: "A filter on the way answers every WebSocket request with its block page; polling works.",
        rules: &[When::under(SOCKET).query(BY_WEBSOCKET).then(Action::Respond(BLOCK_PAGE))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "open-but-silent",
        title: "Open, and silent",
        story: "The WebSocket opens, and the server never says a word on it.",
        rules: &[When::under(SOCKET).handshake().then(Action::Open(&[]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "drops-at-once",
        title: "Dropped at once",
        story: "Every WebSocket is cut 300 ms after the server's first words.",
        rules: &[When::under(SOCKET).handshake().then(Action::ForwardThenReset(Duration::from_millis(300)))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "server-closes-1008",
        title: "The server closes (1008)",
        story: "The server closes every WebSocket for a policy of its own, with code 1008.",
        rules: &[When::under(SOCKET).handshake().then(Action::Open(&[Piece::OpenPacket, Piece::Close(1008, "policy violation")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "server-closes-1013",
        title: "The server closes (1013)",
        story: "The server closes every WebSocket because it is too busy, with code 1013.",
        rules: &[When::under(SOCKET).handshake().then(Action::Open(&[Piece::OpenPacket, Piece::Close(1013, "try again later")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "upgrade-refused",
        title: "The WebSocket is refused",
        story: "What asks for a WebSocket is answered 403; polling works.",
        rules: &[When::under(SOCKET).query(BY_WEBSOCKET).then(Action::Respond(Answer::plain(403, "Forbidden\n")))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "polling-blocked",
        title: "Polling is blocked",
        story: "What asks for polling is answered 403 by a gateway; WebSocket works.",
        rules: &[When::under(SOCKET).plain().query(BY_POLLING).then(Action::Respond(FORBIDDEN_PAGE))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "post-refused",
        title: "POST is refused",
        story: "The gateway allows GET and answers POST with 405.",
        rules: &[When::under(SOCKET).method("POST").then(Action::Respond(NOT_ALLOWED))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "namespace-unknown",
        title: "A namespace that is not there",
        story: "The chat joins a namespace that the server does not have.",
        server: Server::Node(&[]),
        config: r#"{"profile":"socketio","socket-path":"/socket.io/","namespace":"/nope"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "connect-unanswered",
        title: "The server never says yes",
        story: "The server takes the connection, and its connect handler waits for ever.",
        server: Server::Python(&["--connect", "never"]),
        config: r#"{"profile":"socketio","socket-path":"/socket.io/","namespace":"/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "origin-rejected",
        title: "An origin that is not allowed",
        story: "The server's list of allowed origins does not have this one.",
        server: Server::Python(&["--origin", "https://elsewhere.example"]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "mixed-content",
        title: "An insecure socket on a secure page",
        story: "The page is https, and the chat's socket is told to be ws.",
        server: Server::Nothing,
        edge: Edge::NginxTls,
        config: r#"{"profile":"raw","ws-url":"ws://lab.example:1/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "login-redirect",
        title: "Signed out at the gateway",
        story: "The gateway sends the chat and its socket to another origin's sign-in page.",
        rules: &[When::under(SOCKET).then(Action::Respond(TO_LOGIN)), When::at("/").then(Action::Respond(TO_LOGIN))],
        elsewhere: SIGN_IN_PAGE,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "login-page",
        title: "A sign-in page where the socket should be",
        story: "The socket's path redirects to the site's own sign-in page.",
        rules: &[When::under(SOCKET).then(Action::Respond(TO_OWN_LOGIN)), When::at("/login").then(Action::Respond(LOGIN))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-not-allowed",
        title: "Another origin, not allowed",
        story: "The chat's server is another origin and allows no page to read its answers; its WebSocket works.",
        server_at: ServerAt::Elsewhere,
        config: r#"{"server":"{elsewhere}","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "server-error",
        title: "The server fails",
        story: "The application answers everything on the socket's path with an error of its own, 500.",
        rules: &[When::under(SOCKET).then(Action::Respond(Answer::plain(500, "Internal Server Error\n")))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cookies-too-large",
        title: "Too many cookies",
        story: "The browser sends more cookies than the server reads; without them all is well.",
        rules: &[When::under(SOCKET).cookies_over(8_000).then(Action::Respond(TOO_LARGE_PAGE))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "policy-forbids-server",
        title: "The page's own policy",
        story: "The page's Content-Security-Policy forbids connections to the chat's server.",
        server: Server::EngineIoXide("/socket.io"),
        server_at: ServerAt::Elsewhere,
        page_headers: &[("Content-Security-Policy", "connect-src 'self'")],
        config: r#"{"server":"{elsewhere}","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "sign-in-refused",
        title: "Signed out",
        story: "Every request to the socket is answered 401.",
        rules: &[When::under(SOCKET).then(Action::Respond(Answer::json(401, r#"{"message":"Unauthorized"}"#)))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "connect-refused",
        title: "The server does not let you in",
        story: "The server refuses to let the chat join: AUTH_FAILED.",
        server: Server::Node(&["--refuse", "AUTH_FAILED"]),
        config: r#"{"profile":"socketio","socket-path":"/socket.io/","namespace":"/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "connect-rate-limited",
        title: "Joined too often",
        story: "The server refuses to let the chat join: RATE_LIMITED.",
        server: Server::Node(&["--refuse", "RATE_LIMITED"]),
        config: r#"{"profile":"socketio","socket-path":"/socket.io/","namespace":"/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "raw-not-found",
        title: "No WebSocket here",
        story: "The raw WebSocket's address answers 404.",
        server: Server::Nothing,
        config: r#"{"profile":"raw","ws-url":"ws://{host}/echo"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "raw-refused-sign-in",
        title: "A WebSocket for those who signed in",
        story: "The raw WebSocket's address answers 401.",
        server: Server::Nothing,
        config: r#"{"profile":"raw","ws-url":"ws://{host}/echo"}"#,
        rules: &[When::at("/echo").then(Action::Respond(Answer::json(401, r#"{"message":"Unauthorized"}"#)))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "unsupported-browser",
        title: "A browser without WebSocket",
        story: "The server is healthy; the test takes WebSocket away from the browser.",
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-upgrade-stripped",
        title: "A proxy drops the upgrade, nothing told",
        story: "A proxy does not pass the Upgrade header on, and no setting says where the server is.",
        config: NO_SETTING,
        rules: UPGRADE_STRIPPED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-gateway-502",
        title: "Bad gateway, nothing told",
        story: "nginx cannot reach the server behind the socket's path, and no setting says which path that is.",
        edge: Edge::Nginx(NginxSite { socket: Behind::Closed, ..NginxSite::DOCUMENTED }),
        config: NO_SETTING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-not-found",
        title: "No socket anywhere",
        story: "Every path where a socket could be answers 404.",
        server: Server::Nothing,
        config: NO_SETTING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-origin-rejected",
        title: "An origin that is not allowed, nothing told",
        story: "The server's list of allowed origins does not have this one, and no setting says where the server is.",
        server: Server::Python(&["--origin", "https://elsewhere.example"]),
        config: NO_SETTING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-login-redirect",
        title: "Signed out at the gateway, nothing told",
        story: "The gateway sends everything but this page to its sign-in page, and no setting says where the socket is.",
        config: NO_SETTING,
        rules: &[When::outside("/diagnostics/").then(Action::Respond(TO_LOGIN))],
        elsewhere: SIGN_IN_PAGE,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "discovered-silent",
        title: "Silence wherever a socket could be",
        story: "Every path where a socket could be takes requests and never answers; the rest is served.",
        server: Server::Nothing,
        config: NO_SETTING,
        rules: &[When::under(SOCKET).then(Action::Hang), When::under("/ws/socket.io/").then(Action::Hang)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "endless-body",
        title: "An answer without end",
        story: "The polling answer never ends.",
        kind: Kind::Hostile,
        rules: &[When::under(SOCKET).plain().query(BY_POLLING).then(Action::Respond(Answer {
            status: 200,
            headers: &[("Content-Type", "text/plain")],
            body: Body::Endless(b"0{\"sid\":"),
        }))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "huge-packet",
        title: "A message of 100 MB",
        story: "The first message on the WebSocket has 100 megabytes.",
        kind: Kind::Hostile,
        rules: &[When::under(SOCKET).handshake().then(Action::Open(&[Piece::Huge(100_000_000)]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "tiny-packets",
        title: "A million messages",
        story: "After the open packet come a million messages of one byte.",
        kind: Kind::Hostile,
        rules: &[When::under(SOCKET).handshake().then(Action::Open(&[Piece::OpenPacket, Piece::Tiny(1_000_000)]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "deep-json",
        title: "JSON a hundred thousand deep",
        story: "The open packet is a hundred thousand open brackets.",
        kind: Kind::Hostile,
        rules: &[
            When::under(SOCKET).handshake().then(Action::Open(&[Piece::NestedOpenPacket(100_000)])),
            When::under(SOCKET).then(Action::Respond(Answer { status: 200, headers: PLAIN_TEXT, body: Body::NestedOpenPacket(100_000) })),
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "invalid-utf8",
        title: "Bytes that are no text",
        story: "Bodies and text frames are not UTF-8.",
        kind: Kind::Hostile,
        rules: &[
            When::under(SOCKET).handshake().then(Action::Open(&[Piece::Bytes(NOT_UTF8)])),
            When::under(SOCKET).then(Action::Respond(Answer { status: 200, headers: PLAIN_TEXT, body: Body::Bytes(NOT_UTF8) })),
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "html-script",
        title: "Answers with scripts in them",
        story: "Bodies, header values and close reasons carry scripts that must never run.",
        kind: Kind::Hostile,
        rules: &[
            When::under(SOCKET).handshake().then(Action::Open(&[Piece::Text(SCRIPT), Piece::Close(1008, SCRIPT_REASON)])),
            When::under(SOCKET).then(Action::Respond(SCRIPTED)),
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "truncated-open-packet",
        title: "An open packet cut short",
        story: "The open packet ends in the middle.",
        kind: Kind::Hostile,
        rules: &[
            When::under(SOCKET).handshake().then(Action::Open(&[Piece::Text(TRUNCATED)])),
            When::under(SOCKET).then(Action::Respond(Answer::plain(200, TRUNCATED))),
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "malformed-open-packet",
        title: "An open packet that is none",
        story: "The open packet is no JSON, on either transport.",
        kind: Kind::Hostile,
        rules: &[
            When::under(SOCKET).handshake().then(Action::Open(&[Piece::Text(GARBAGE)])),
            When::under(SOCKET).then(Action::Respond(Answer::plain(200, MALFORMED))),
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "page-wasm-forbidden",
        title: "A policy that forbids WebAssembly",
        story: "The page's Content-Security-Policy allows scripts of its own, and no WebAssembly.",
        kind: Kind::Unloadable,
        page_headers: &[("Content-Security-Policy", "script-src 'self'")],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "page-wasm-missing",
        title: "The program is missing",
        story: "The file doctor_bg.wasm was not copied.",
        kind: Kind::Unloadable,
        rules: &[When::at(PROGRAM).then(Action::Respond(NOT_FOUND))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "page-wasm-as-html",
        title: "The chat's page instead of the program",
        story: "The file doctor_bg.wasm was not copied, and the site answers every unknown path with the chat's page.",
        kind: Kind::Unloadable,
        rules: &[When::at(PROGRAM).then(Action::ChatPage)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "page-glue-wrong-type",
        title: "JavaScript as plain text",
        story: "The server takes doctor.js for plain text, and tells browsers not to guess.",
        kind: Kind::Unloadable,
        rules: &[When::at(GLUE).then(Action::Respond(MISTYPED))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "page-script-missing",
        title: "The element is missing",
        story: "The file connection-doctor.js was not copied.",
        kind: Kind::Unloadable,
        rules: &[When::at(ELEMENT).then(Action::Respond(NOT_FOUND))],
        ..Scenario::PLAIN
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let names: BTreeSet<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), SCENARIOS.len());
        for name in names {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
        }
    }

    #[test]
    fn configurations_are_json() -> Result<(), serde_json::Error> {
        for scenario in SCENARIOS {
            serde_json::from_str::<serde_json::Value>(scenario.config)?;
        }
        Ok(())
    }

    #[test]
    fn stories_are_one_sentence() {
        for Scenario { name, title, story, .. } in SCENARIOS {
            assert!(!title.is_empty() && !title.ends_with('.'), "{name}");
            assert!(story.ends_with('.') && story.matches(". ").count() == 0, "{name}");
        }
    }
}
