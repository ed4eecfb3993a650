//! The table of scenarios. Each is one way for a chat to be healthy or broken; what a page must say of it stands in
//! `tests/e2e/expectations.rs`.

mod calls;
mod grpc;
mod pages;
mod quality;
mod replicas;
mod streams;
mod time;

use std::time::Duration;

use crate::action::{Action, Answer, Body, Piece, Rule, When};
use crate::hop::Hop;
use crate::nginx::{Behind, NginxSite};
use crate::page::{CHAT_PAGE_WITH_NEW_CLIENT, CHAT_PAGE_WITH_OLD_CLIENT, CHAT_PAGE_WITH_PREFIX, CHAT_PAGE_WITH_SCRIPT};
use crate::releases;
use crate::scenario::{BrowserVariant, Edge, FramedBy, Kind, Scenario, ServerAt};
use crate::server::{ChainlitPage, Server};

const SOCKET: &str = "/socket.io/";
const BY_WEBSOCKET: &str = "transport=websocket";
const BY_POLLING: &str = "transport=polling";
const SLOW: Duration = Duration::from_millis(1500);
const PLAIN_TEXT: &[(&str, &str)] = &[("Content-Type", "text/plain; charset=UTF-8")];

const TOO_MANY: Answer = Answer { status: 429, headers: &[("Content-Type", "text/plain"), ("Retry-After", "30")], body: Body::Text("Too Many Requests\n") };
const UPGRADE_REQUIRED: Answer =
    Answer { status: 426, headers: &[("Content-Type", "text/plain"), ("Upgrade", "websocket")], body: Body::Text("Upgrade Required\n") };
/// A raw WebSocket at `/echo`, and the chat's page beside it.
const RAW_RULES: &[Rule] = &[
    When::at("/echo").plain().then(Action::Respond(UPGRADE_REQUIRED)),
    When::at("/").then(Action::ChatPage),
    When::outside("/diagnostics/").plain().then(Action::Respond(Answer::plain(404, "Not Found\n"))),
];
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
const START: &str = "/diagnostics/start.js";
/// A gateway that sends whoever is not signed in to its own page.
const SENT_AWAY: Answer = Answer { status: 302, headers: &[("Location", "/diagnostics/index.html?sign-in")], body: Body::Text("") };
const NOT_FOUND: Answer = Answer::html(404, "<html><head><title>404 Not Found</title></head><body>Not Found</body></html>\n");
const MISTYPED: Answer = Answer {
    status: 200,
    headers: &[("Content-Type", "text/plain"), ("X-Content-Type-Options", "nosniff")],
    body: Body::Text("export class Doctor {}\nexport default async function init() {}\n"),
};
const STRICT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; img-src 'self'";

/// A variable and a path in `proxy_pass`: nginx then replaces the whole address, query and all.
const BREAKS_OFF_RECEIVING: Hop = Hop::Nginx {
    http: r#"    upstream chat { {servers} }
    map "$request_method:$arg_transport:$arg_sid" $receives { default 0; "~^GET:polling:." 1; }"#,
    server: "        location / { if ($receives) { return 444; } proxy_pass http://chat; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }",
};
const LOSES_QUERY: Hop = Hop::Nginx {
    http: "    upstream chat { {servers} }",
    server: "        location /socket.io/ { set $chat chat; proxy_pass http://$chat/socket.io/; }\n        location / { proxy_pass http://chat; }",
};
const LOSES_SESSION_ID: Hop = Hop::Nginx {
    http: "    upstream chat { {servers} }",
    server: "        location /socket.io/ { proxy_pass http://chat/socket.io/?EIO=$arg_EIO&transport=$arg_transport; }\n        location / { proxy_pass http://chat; }",
};
/// It keeps answers whatever their headers say, and looks at no query but these two.
const STORES_ANSWERS: Hop = Hop::Nginx {
    http: "    upstream chat { {servers} }\n    proxy_cache_path stored keys_zone=stored:1m;",
    server: "        proxy_cache_key $uri$arg_transport$arg_sid;\n        proxy_cache_valid 200 10m;\n        \
             proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;\n        \
             location /socket.io/ { proxy_pass http://chat; proxy_cache stored; }\n        location / { proxy_pass http://chat; }",
};
/// What HAProxy says where no instance is left to ask.
/// nginx's, where `auth_basic` is set.
const NO_PASSWORD: Answer = Answer {
    status: 401,
    headers: &[("Content-Type", "text/html"), ("WWW-Authenticate", "Basic realm=\"Lab\"")],
    body: Body::Text(
        "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center><h1>401 Authorization Required</h1></center>\r\n</body>\r\n</html>\r\n",
    ),
};
/// A client as a minifier leaves it: without the comment that tells its version.
const VENDORED: &[Rule] = &[When::under("/vendor/").then(Action::Respond(Answer {
    status: 200,
    headers: &[("Content-Type", "text/javascript"), ("Cache-Control", "max-age=600")],
    body: Body::Text("!function(){}();\n"),
}))];
const TO_CHAT: Answer = Answer { status: 302, headers: &[("Location", "/chat/")], body: Body::Text("") };
/// A chat that sends the token which the browser keeps.
const WITH_TOKEN: &str = r#"{"socket-path":"/socket.io/","user-path":"/api/user","storage-keys":["token"]}"#;
const TOKEN_INVALID: Action = Action::Respond(Answer::json(401, r#"{"detail":"Invalid token"}"#));
const WITH_CHAT_PAGE: &str = r#"{"socket-path":"/socket.io/","chat-page":"/"}"#;
const NO_INSTANCE: Answer = Answer::html(503, "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n");

const HOUR: Duration = Duration::from_secs(3600);
/// The server is another origin.
const AT_ELSEWHERE: &str = r#"{"server":"{elsewhere}","socket-path":"/socket.io/"}"#;
const WITH_HELP: &str = r#"{"socket-path":"/socket.io/","help-path":"/connection-doctor-help"}"#;
const WITH_USER: &str = r#"{"socket-path":"/socket.io/","user-path":"/api/user"}"#;
const ALLOWED: Action = Action::ForwardWith(&[("Access-Control-Allow-Origin", "{origin}"), ("Vary", "Origin")]);
/// A cookie that is longer than any browser keeps, which the answer says did not come.
const COOKIE_TOO_LONG: Answer = Answer {
    status: 200,
    headers: &[
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-store"),
        ("Set-Cookie", "connection-doctor-check={filler}{filler}; Path=/; Max-Age=300"),
    ],
    body: Body::Text(r#"{"connection-doctor":1,"cookies":[]}"#),
};
/// A root that may be kept for an hour, and says nothing of depending on who asks.
const ROOT: &[(&str, &str)] = &[("Content-Type", "text/plain"), ("Cache-Control", "public, max-age=3600")];
const ROOT_ALLOWED: &[(&str, &str)] = &[("Content-Type", "text/plain"), ("Cache-Control", "public, max-age=3600"), ("Access-Control-Allow-Origin", "{origin}")];
const ALLOWED_IF_ASKED: &[Rule] = &[
    When::at("/").header("origin").then(Action::Respond(Answer { status: 200, headers: ROOT_ALLOWED, body: Body::Text("The chat's server.\n") })),
    When::at("/").then(Action::Respond(Answer { status: 200, headers: ROOT, body: Body::Text("The chat's server.\n") })),
    When::any().header("origin").then(Action::ForwardWith(&[("Access-Control-Allow-Origin", "{origin}")])),
];

/// Every scenario, part by part.
pub const SCENARIOS: &[Scenario] = &joined();
const PARTS: [&[Scenario]; 8] =
    [REACHING, replicas::SCENARIOS, time::SCENARIOS, streams::SCENARIOS, quality::SCENARIOS, grpc::SCENARIOS, calls::SCENARIOS, pages::SCENARIOS];
const COUNT: usize = REACHING.len()
    + replicas::SCENARIOS.len()
    + time::SCENARIOS.len()
    + streams::SCENARIOS.len()
    + quality::SCENARIOS.len()
    + grpc::SCENARIOS.len()
    + calls::SCENARIOS.len()
    + pages::SCENARIOS.len();

const fn joined() -> [Scenario; COUNT] {
    let mut all = [Scenario::PLAIN; COUNT];
    let (mut count, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut entry = 0;
        while entry < PARTS[part].len() {
            all[count] = PARTS[part][entry];
            (count, entry) = (count + 1, entry + 1);
        }
        part += 1;
    }
    all
}

/// What one look can see: first the healthy ones, then the broken, then the hostile, then those whose page cannot load.
const REACHING: &[Scenario] = &[
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
        server: Server::Chainlit { sign_in: true, page: ChainlitPage::Elsewhere },
        edge: Edge::Nginx(CHAINLIT_SITE),
        config: r#"{"profile":"chainlit"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-chainlit-public",
        title: "Chainlit with the page in its public folder",
        story: "Nothing is broken: Chainlit serves this page itself, and nobody needs to sign in.",
        kind: Kind::Healthy,
        server: Server::Chainlit { sign_in: false, page: ChainlitPage::InPublic },
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
        rules: RAW_RULES,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-raw-subprotocol",
        title: "A raw WebSocket of a subprotocol",
        story: "Nothing is broken: the WebSocket refuses with 400 who does not offer its subprotocol, and a setting names it.",
        kind: Kind::Healthy,
        server: Server::RawSubprotocol("graphql-transport-ws"),
        config: r#"{"profile":"raw","ws-url":"ws://{host}/echo","ws-protocols":"graphql-transport-ws"}"#,
        rules: RAW_RULES,
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
        server: Server::Chainlit { sign_in: false, page: ChainlitPage::Elsewhere },
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
        name: "healthy-current-worker",
        title: "A service worker of now",
        story: "Nothing is broken: the chat's service worker keeps the release that the server has.",
        kind: Kind::Healthy,
        visit: true,
        rules: releases::WITH_WORKER,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-waiting-worker",
        title: "A service worker that waits",
        story: "Nothing is broken: a new service worker waits for the old one's pages to go, and both keep the release that the server has.",
        kind: Kind::Healthy,
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::WITH_NEXT_WORKER,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-hashed-scripts",
        title: "Scripts kept for a year",
        story: "Nothing is broken: the browser keeps the scripts for a year, and asks for the page again each time.",
        kind: Kind::Healthy,
        visit: true,
        rules: releases::HASHED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-revalidated-shell",
        title: "A new release, seen at once",
        story: "Nothing is broken: there is a new release, the old scripts are gone, and the browser asks for the page again each time.",
        kind: Kind::Healthy,
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::HASHED_AND_RELEASED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-dynamic-shell",
        title: "A page that is never the same",
        story: "Nothing is broken: every answer has a nonce and the time in it, and may be kept for a minute.",
        kind: Kind::Healthy,
        visit: true,
        rules: releases::DYNAMIC,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-dynamic-script",
        title: "A script that is never the same",
        story: "Nothing is broken: the script has another number in it for each who asks, and may be kept for an hour.",
        kind: Kind::Healthy,
        visit: true,
        rules: releases::SCRIPT_WRITTEN_ANEW,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-chat-policy",
        title: "A strict policy of the chat",
        story: "Nothing is broken: the chat's own page has a strict Content-Security-Policy, which allows its server.",
        kind: Kind::Healthy,
        rules: releases::UNDER_RIGHT_POLICY,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-frame-partitioned",
        title: "In a frame of another site",
        story: "Nothing is broken: the page is in another site's frame, and its cookie is Partitioned, so that it is kept there.",
        kind: Kind::Healthy,
        variant: BrowserVariant::ThirdPartyCookiesPartitioned,
        edge: Edge::Tls,
        host: "chat.test",
        framed_by: FramedBy::OtherSite,
        config: WITH_USER,
        page_headers: &[("Set-Cookie", "session=lab; Path=/; Max-Age=300; Secure; HttpOnly; SameSite=None; Partitioned")],
        rules: releases::KNOWN,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-frame-same-site",
        title: "In a frame of the same site",
        story: "Nothing is broken: the page is in a frame of another origin of the same site.",
        kind: Kind::Healthy,
        framed_by: FramedBy::SameSite,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-cors-wildcard",
        title: "Another origin, open to all",
        story: "Nothing is broken: the chat's server is another origin, and lets every page read its answers.",
        kind: Kind::Healthy,
        server_at: ServerAt::Elsewhere,
        config: AT_ELSEWHERE,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Access-Control-Allow-Origin", "*")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-help",
        title: "With server help (ASGI)",
        story: "Nothing is broken: python-socketio has the documented endpoint, which tells of cookies.",
        kind: Kind::Healthy,
        server: Server::Python(&["--help-endpoint"]),
        config: WITH_HELP,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-help-node",
        title: "With server help (Node)",
        story: "Nothing is broken: Node's socket.io has the documented endpoint, which tells of cookies.",
        kind: Kind::Healthy,
        server: Server::Node(&["--help-endpoint"]),
        config: WITH_HELP,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-help-nginx",
        title: "With server help (nginx)",
        story: "Nothing is broken: nginx has the documented endpoint, which tells of cookies.",
        kind: Kind::Healthy,
        edge: Edge::Nginx(NginxSite { helps: true, ..NginxSite::DOCUMENTED }),
        config: WITH_HELP,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-insecure",
        title: "Without https",
        story: "Nothing is broken: the page has a name and no https, so the browser takes some things away that the chat does not need.",
        kind: Kind::Healthy,
        variant: BrowserVariant::NamedHosts,
        host: "chat.test",
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-embedded",
        title: "In the chat's own page",
        story: "Nothing is broken: the element is embedded in the chat's own page.",
        kind: Kind::Healthy,
        config: NO_SETTING,
        embedded_at: Some("/"),
        rules: releases::EMBEDDED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-worker-renews-itself",
        title: "A service worker that renews itself",
        story: "Nothing is broken: there is a new release, and the chat's service worker, which has the old one, is about to be replaced by the browser.",
        kind: Kind::Healthy,
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::WITH_RENEWING_WORKER,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-counting-page",
        title: "A page that counts",
        story: "Nothing is broken: the server writes the page anew for each who asks, with another count in its text and its title, and it may be kept for five minutes.",
        kind: Kind::Healthy,
        visit: true,
        rules: releases::COUNTING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-counted-since",
        title: "A page that has counted since",
        story: "Nothing is broken: the page may be kept for five minutes, and one more came since this browser kept it.",
        kind: Kind::Healthy,
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::COUNTED_SINCE,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-password",
        title: "A name and password in the address",
        story: "Nothing is broken: the whole site asks for a name and a password (Basic), and the page was opened with both of them in its address.",
        kind: Kind::Healthy,
        password: Some("ada:secret"),
        rules: &[When::any().without("authorization").then(Action::Respond(NO_PASSWORD))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-old-client",
        title: "An older Socket.IO, and a page that says so",
        story: "Nothing is broken: the server speaks Socket.IO 2, and the chat's page loads a client of Socket.IO 2.",
        kind: Kind::Healthy,
        server: Server::Node(&["--version-2"]),
        config: WITH_CHAT_PAGE,
        chat_page: CHAT_PAGE_WITH_OLD_CLIENT,
        rules: VENDORED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-path-by-script",
        title: "A path that only a script names",
        story: "Nothing is broken: the chat speaks at a path that its own script names, and every other path answers with its page.",
        kind: Kind::Healthy,
        server: Server::Node(&["--path", "/realtime/v2/"]),
        config: "{}",
        chat_page: CHAT_PAGE_WITH_SCRIPT,
        rules: &[
            When::at("/assets/chat.js").then(Action::Respond(Answer {
                status: 200,
                headers: &[("Content-Type", "text/javascript"), ("Cache-Control", "max-age=600")],
                body: Body::Text("const t=location.origin,n=Ee(t,{path:\"/realtime/v2\",reconnectionDelay:500});n.on(\"connect\",()=>{});\n"),
            })),
            When::under("/socket.io/").then(Action::ChatPage),
            When::under("/ws/").then(Action::ChatPage),
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-path-without-slash",
        title: "A path without a slash at its end",
        story: "Nothing is broken: server and client are told to add no slash to the path.",
        kind: Kind::Healthy,
        server: Server::Node(&["--path", "/ws"]),
        config: r#"{"socket-path":"/ws"}"#,
        rules: &[When::under("/ws/").then(Action::Respond(Answer::plain(404, "not found\n")))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-many-cookies",
        title: "Many cookies",
        story: "Nothing is broken: the browser sends 7,500 characters of cookies, and the server reads them.",
        kind: Kind::Healthy,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-websocket-by-upgrade",
        title: "WebSockets by upgrade alone",
        story: "Nothing is broken: the server takes a WebSocket for a session that was begun by long-polling, and refuses one that begins a session.",
        kind: Kind::Healthy,
        rules: &[
            When::under(SOCKET).handshake().query("sid=").then(Action::Forward),
            When::under(SOCKET).handshake().then(Action::Respond(Answer::json(400, r#"{"code":3,"message":"Bad request"}"#))),
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-without-upgrades",
        title: "Both transports, and no upgrade",
        story: "Nothing is broken: sessions by long-polling are offered no upgrade, and a WebSocket may begin one by itself.",
        kind: Kind::Healthy,
        server: Server::Node(&["--no-upgrades"]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "healthy-led-to-sub-path",
        title: "A chat that is led to",
        story: "Nothing is broken: the site leads from / to /chat/, where the chat is, and no setting says so.",
        kind: Kind::Healthy,
        server: Server::EngineIoXide("/chat/socket.io"),
        config: NO_SETTING,
        rules: &[When::at("/").then(Action::Respond(TO_CHAT)), When::at("/chat/").then(Action::ChatPage)],
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
        name: "two-programs",
        title: "Two programs behind one path",
        story: "Every other request for the socket's path comes to a program that knows no such path.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).every(2).then(Action::Respond(NOT_FOUND))],
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
        name: "all-gone",
        title: "The application is gone",
        story: "Once broken, the gateway knows no application by this name any more, and answers 404 to everything.",
        rules: &[When::any().once_flipped().then(Action::Respond(Answer::plain(404, "404 page not found\n")))],
        flips: true,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "numbered-errors",
        title: "Another service's errors",
        story: "The socket's path comes to another service, whose JSON has a code and a message, as the engine's has.",
        server: Server::Nothing,
        rules: &[When::under(SOCKET).then(Action::Respond(Answer::json(404, r#"{"code":5,"message":"Not Found","details":[]}"#)))],
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
        name: "new-server-old-client",
        title: "A new server, an old chat",
        story: "The server speaks version 4 of Engine.IO alone, and the chat's page loads a client of Socket.IO 2.",
        server: Server::Node(&[]),
        config: WITH_CHAT_PAGE,
        chat_page: CHAT_PAGE_WITH_OLD_CLIENT,
        rules: VENDORED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "old-server-new-page",
        title: "An old server, and a page of a new chat",
        story: "The server is Socket.IO 2, and the chat's page loads a client of Socket.IO 4.",
        server: Server::Node(&["--version-2"]),
        config: WITH_CHAT_PAGE,
        chat_page: CHAT_PAGE_WITH_NEW_CLIENT,
        rules: VENDORED,
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
        name: "upgrade-stripped-nginx-engineioxide",
        title: "nginx drops the upgrade (engineioxide)",
        story: "nginx does not pass the Upgrade header on to engineioxide, which says yes without it.",
        edge: Edge::Nginx(NginxSite { upgrade: false, ..NginxSite::DOCUMENTED }),
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
        server: Server::Chainlit { sign_in: false, page: ChainlitPage::Elsewhere },
        edge: Edge::Nginx(NginxSite { upgrade: false, ..CHAINLIT_SITE }),
        config: r#"{"profile":"chainlit"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "upgrade-stripped-behind-a-gate",
        title: "The upgrade is dropped behind a gate",
        story: "A gate answers strangers 401 and lets pass who has its cookie; what stands behind it drops the Upgrade.",
        server: Server::Python(&[]),
        rules: &[
            When::under(SOCKET).without("cookie").then(Action::Respond(Answer::plain(401, "Unauthorized"))),
            When::under(SOCKET).handshake().then(Action::ForwardWithoutUpgrade),
        ],
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
        name: "upgrade-refused-without-polling",
        title: "The WebSocket is refused, and there is no other way",
        story: "The server allows WebSocket alone, and a check in front of it answers 403 to what asks for one.",
        server: Server::Node(&["--transports", "websocket"]),
        rules: &[When::under(SOCKET).query(BY_WEBSOCKET).then(Action::Respond(Answer::plain(403, "Forbidden\n")))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "websockets-backend-down",
        title: "What takes the WebSockets is down",
        story: "A gateway leads WebSockets to a backend of their own, which is down; polling works.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).query(BY_WEBSOCKET).then(Action::Respond(UNAVAILABLE))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "polling-reset",
        title: "Polling is reset",
        story: "A filter resets what asks for polling; WebSocket works.",
        server: Server::Python(&[]),
        rules: &[When::under(SOCKET).plain().query(BY_POLLING).then(Action::Reset)],
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
        name: "post-swallowed",
        title: "POST is swallowed",
        story: "A firewall takes each POST and never answers; GET and WebSockets pass.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).method("POST").then(Action::Hang)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "post-firewalled",
        title: "A firewall answers POST",
        story: "A web application firewall answers each POST with a page of its own, and 200.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).method("POST").then(Action::Respond(Answer::html(
            200,
            "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Your support ID is: 1</body></html>\n",
        )))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "receiving-refused",
        title: "What waits for messages is refused",
        story: "The gateway answers a GET with a session id with 404, and lets all else pass.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).plain().method("GET").query("sid=").then(Action::Respond(Answer::plain(404, "not found\n")))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "receiving-broken-off",
        title: "What waits for messages is broken off",
        story: "nginx closes the connection of each GET with a session id without an answer (444), and lets all else pass.",
        server: Server::Node(&[]),
        hop: BREAKS_OFF_RECEIVING,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "polling-forbidden",
        title: "The server's own check refuses long-polling",
        story: "The server's check wants an Origin, which a browser sends with a WebSocket and not with a GET to the page's own origin.",
        server: Server::Node(&["--asks-origin"]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "polling-breaks-off",
        title: "Answers that end too early",
        story: "What answers long-polling is shorter than its Content-Length says.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).plain().method("GET").query("transport=polling").then(Action::Respond(Answer {
            status: 200,
            headers: &[("Content-Type", "text/plain; charset=UTF-8")],
            body: Body::Short(
                "0{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}",
                400,
            ),
        }))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "every-third-websocket",
        title: "Every third WebSocket is refused",
        story: "Of three gateways behind one address one lets no WebSocket through, and connections go to them in turn.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).handshake().every(3).then(Action::Respond(Answer::plain(400, "Bad Request\n")))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "query-lost-nginx",
        title: "nginx loses the query",
        story: "nginx passes the socket's path on by a variable with a path, which leaves out what stands behind the question mark.",
        server: Server::Node(&[]),
        hop: LOSES_QUERY,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "query-lost-nginx-python",
        title: "nginx loses the query (Python)",
        story: "The same in front of python-socketio.",
        hop: LOSES_QUERY,
        server: Server::Python(&[]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "session-id-lost-nginx",
        title: "nginx loses the session id",
        story: "nginx writes the query of the socket's path itself, and passes on two of its parameters.",
        server: Server::Node(&[]),
        hop: LOSES_SESSION_ID,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "session-id-lost-nginx-python",
        title: "nginx loses the session id (Python)",
        story: "The same in front of python-socketio.",
        server: Server::Python(&[]),
        hop: LOSES_SESSION_ID,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "handshake-stored-nginx",
        title: "nginx stores handshakes",
        story: "nginx keeps the answers of the socket's path, whatever their headers say, and hands the first out again and again.",
        server: Server::Node(&[]),
        hop: STORES_ANSWERS,
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
        name: "login-redirect-of-all",
        title: "Signed out at the gateway of the whole site",
        story: "Once broken, a gateway that speaks TLS sends every request to another origin's sign-in page, this page's own too.",
        edge: Edge::Tls,
        rules: &[When::any().once_flipped().then(Action::Respond(TO_LOGIN))],
        elsewhere: SIGN_IN_PAGE,
        flips: true,
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
        name: "cookies-too-large-for-websockets",
        title: "Too many cookies for a WebSocket",
        story: "What reads WebSockets' requests has a limit of its own, and the browser sends more cookies; all else is read.",
        rules: &[When::under(SOCKET).handshake().cookies_over(7_000).then(Action::Respond(Answer::plain(400, "Bad Request\n")))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cookie-to-gone-instance",
        title: "A cookie for an instance that is gone",
        story: "The balancer keeps each browser at one instance by a cookie; this browser's instance is gone, and the balancer does not choose anew.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).cookie("instance=gone").then(Action::Respond(NO_INSTANCE))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "polling-hangs",
        title: "Long-polling hangs",
        story: "What asks for long-polling is never answered; WebSocket works.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).plain().query(BY_POLLING).then(Action::Hang)],
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
        name: "cookies-blocked",
        title: "No cookies",
        story: "The browser blocks all cookies; the server is healthy.",
        variant: BrowserVariant::CookiesBlocked,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "third-party-blocked",
        title: "No cookies in a frame",
        story: "The page is in another site's frame, where the browser sends no cookies, and the chat knows people by one.",
        variant: BrowserVariant::ThirdPartyCookiesBlocked,
        visit: true,
        visit_path: "/sign-in",
        edge: Edge::Tls,
        host: "chat.test",
        framed_by: FramedBy::OtherSite,
        config: WITH_USER,
        rules: releases::KNOWN_BY_COOKIE,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cookies-too-large-node",
        title: "Too many cookies (Node)",
        story: "The browser sends more cookies than Node reads, which answers 431; without them all is well.",
        server: Server::Node(&[]),
        host: "cookies-node.localhost",
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cookies-too-large-nginx",
        title: "Too many cookies (nginx)",
        story: "The browser sends more cookies than nginx reads, which answers 400; without them all is well.",
        edge: Edge::Nginx(NginxSite::DOCUMENTED),
        host: "cookies-nginx.localhost",
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cookies-too-large-h2",
        title: "Too many cookies (HTTP/2)",
        story: "The browser sends more cookies than nginx reads over HTTP/2; without them all is well.",
        edge: Edge::NginxTls,
        host: "cookies-h2.localhost",
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cookie-not-kept",
        title: "A cookie that is not kept",
        story: "The server sets a cookie of 7000 bytes, which no browser keeps.",
        host: "cookie-not-kept.localhost",
        config: WITH_HELP,
        rules: &[When::at("/connection-doctor-help").then(Action::Respond(COOKIE_TOO_LONG))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "storage-blocked",
        title: "No storage",
        story: "The browser lets the page store nothing; the test takes localStorage away.",
        ..Scenario::PLAIN
    },
    Scenario {
        name: "storage-full",
        title: "Storage is full",
        story: "The test fills localStorage with a key of the chat's.",
        config: r#"{"socket-path":"/socket.io/","storage-keys":["filler"]}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "old-worker",
        title: "An old service worker",
        story: "The chat's service worker answers with an old release, whose scripts it has.",
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::WITH_OLD_WORKER,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "old-worker-scripts-gone",
        title: "An old service worker, scripts gone",
        story: "The chat's service worker answers with an old page, whose scripts are gone from the server.",
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::WITH_OLD_WORKER_OF_THE_SHELL,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "stale-shell",
        title: "A copy of yesterday",
        story: "The browser keeps the chat's page for an hour, and there is a new release.",
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::KEPT,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "stale-shell-scripts-gone",
        title: "A copy of yesterday, scripts gone",
        story: "The browser keeps the chat's page for an hour, and its scripts are gone from the server.",
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::KEPT_SCRIPT_GONE,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "stale-shell-with-push-worker",
        title: "A copy of yesterday, and a worker for notifications",
        story: "The browser keeps the chat's page for an hour, and there is a new release; the chat's service worker has no part in it.",
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::KEPT_WITH_PUSH_WORKER,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "stale-shell-behind-sign-in",
        title: "A copy of yesterday, behind a sign-in",
        story: "The browser keeps the chat's page for ten minutes, and there is a new release; who is not signed in gets a sign-in form at the same address.",
        visit: true,
        visit_path: "/sign-in",
        flip_before_run: true,
        flips: true,
        rules: releases::KEPT_FOR_MEMBERS,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "stale-script",
        title: "A script of yesterday",
        story: "The browser keeps the chat's script for an hour, and there is a new release of it under the same name.",
        visit: true,
        flip_before_run: true,
        flips: true,
        rules: releases::SCRIPT_KEPT,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "embedded-tab-of-old-release",
        title: "A tab of yesterday",
        story: "The chat's page with the element in it is open, and then there is a new release, without the open page's script.",
        flips: true,
        config: NO_SETTING,
        embedded_at: Some("/"),
        rules: releases::EMBEDDED_AND_RELEASED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "scripts-missing",
        title: "A script that is missing",
        story: "The chat's page names a script in whose place the server answers with the page.",
        rules: releases::SCRIPT_IS_SHELL,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "module-mistyped",
        title: "A module of the wrong type",
        story: "The chat's module script is served as a plain text, which no browser runs.",
        rules: releases::MODULE_MISTYPED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "chat-policy-forbids",
        title: "The chat's own policy",
        story: "The Content-Security-Policy of the chat's page allows another server than the one it has.",
        rules: releases::UNDER_WRONG_POLICY,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "chat-policy-forbids-meta",
        title: "The chat's own policy, in the page",
        story: "A meta element of the chat's page allows another server than the one it has.",
        rules: releases::UNDER_WRONG_META,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "chat-policy-lifts-to-https",
        title: "A policy that asks for https",
        story: "The chat's page has a policy that turns all its addresses into https, and there is no https.",
        variant: BrowserVariant::NamedHosts,
        host: "chat.test",
        rules: releases::UNDER_LIFTING_POLICY,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "sandboxed-frame",
        title: "In a sandbox",
        story: "The page is in a frame whose sandbox takes its origin away.",
        framed_by: FramedBy::Sandbox,
        page_headers: &[("Access-Control-Allow-Origin", "*")],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "local-network",
        title: "From the internet into the local network",
        story: "The page's address is public and its server's is not, so the browser asks the person first.",
        variant: BrowserVariant::PublicPage,
        // By its name no page of this device: one that is would need nobody's leave.
        edge: Edge::Tls,
        host: "chat.test",
        server_at: ServerAt::Elsewhere,
        config: AT_ELSEWHERE,
        elsewhere: &[When::any().then(ALLOWED)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "filter",
        title: "A filter in the browser",
        story: "An extension of the browser blocks the socket's path.",
        variant: BrowserVariant::WithFilter,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-wildcard-credentials",
        title: "Open to all, and with cookies",
        story: "The server allows every origin with a star, and the chat sends cookies, for which a star does not hold.",
        server_at: ServerAt::Elsewhere,
        config: r#"{"server":"{elsewhere}","socket-path":"/socket.io/","credentials":"include"}"#,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-preflight-refused",
        title: "The question before the question",
        story: "The chat adds a header to its requests, and the server answers 405 to the browser that asks whether it may.",
        server_at: ServerAt::Elsewhere,
        config: r#"{"server":"{elsewhere}","socket-path":"/socket.io/","request-headers":["authorization"]}"#,
        elsewhere: &[When::any().method("OPTIONS").then(Action::Respond(NOT_ALLOWED)), When::any().then(ALLOWED)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-header-twice",
        title: "Allowed twice",
        story: "Both the server and the gateway in front of it say that the page is allowed.",
        server_at: ServerAt::Elsewhere,
        config: AT_ELSEWHERE,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Access-Control-Allow-Origin", "{origin}"), ("Access-Control-Allow-Origin", "{origin}")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-trailing-slash",
        title: "Allowed with a slash",
        story: "The server allows the page's origin with a slash at the end.",
        server_at: ServerAt::Elsewhere,
        config: AT_ELSEWHERE,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Access-Control-Allow-Origin", "{origin}/")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-list",
        title: "Allowed in a list",
        story: "The server allows the page's origin and another in one header.",
        server_at: ServerAt::Elsewhere,
        config: AT_ELSEWHERE,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Access-Control-Allow-Origin", "{origin}, https://other.example")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-null",
        title: "Nobody is allowed",
        story: "The server allows the origin null.",
        server_at: ServerAt::Elsewhere,
        config: AT_ELSEWHERE,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Access-Control-Allow-Origin", "null")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-with-resource-policy",
        title: "Kept to its own origin",
        story: "The server is another origin, allows no page to read its answers, and says besides that they are for its own origin alone; its WebSocket works.",
        variant: BrowserVariant::NamedHosts,
        server_at: ServerAt::Elsewhere,
        config: r#"{"server":"{elsewhere-by-name}","socket-path":"/socket.io/"}"#,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Cross-Origin-Resource-Policy", "same-origin")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-with-resource-policy-on-device",
        title: "Kept to its own origin, on this device",
        story: "The same as somebody who builds a chat has it: page and server are two ports of this device, so no browser asks for leave.",
        server_at: ServerAt::Elsewhere,
        config: AT_ELSEWHERE,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Cross-Origin-Resource-Policy", "same-origin")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-header-not-exposed",
        title: "A header that cannot be read",
        story: "The server sends a header that the chat has to read, and does not let it.",
        server_at: ServerAt::Elsewhere,
        config: r#"{"server":"{elsewhere}","socket-path":"/socket.io/","response-headers":["x-request-id"]}"#,
        elsewhere: &[When::any().then(Action::ForwardWith(&[("Access-Control-Allow-Origin", "{origin}"), ("Vary", "Origin"), ("X-Request-Id", "lab-1")]))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cors-poisoned-cache",
        title: "A copy that was not meant for this page",
        story: "The browser keeps an answer that was given to whom it need not allow, and the server does not say that its answers differ.",
        server_at: ServerAt::Elsewhere,
        config: AT_ELSEWHERE,
        elsewhere: ALLOWED_IF_ASKED,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "sign-in-stale",
        title: "Signed in too long ago",
        story: "The browser still has a token, and the server does not take it any more.",
        config: WITH_TOKEN,
        rules: &[When::at("/api/user").header("authorization").then(Action::Respond(Answer::json(401, r#"{"detail":"Token expired"}"#))), releases::NO_USER],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "sign-in-divided",
        title: "Instances that do not agree on a sign-in",
        story: "The browser has a token that ends in years; one of two instances takes it, and the other was started with another secret.",
        config: WITH_TOKEN,
        rules: &[
            When::at("/api/user").header("authorization").every(2).then(TOKEN_INVALID),
            When::at("/api/user").header("authorization").then(Action::Respond(Answer::json(200, r#"{"name":"Ada"}"#))),
            releases::NO_USER,
        ],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "sign-in-by-another-secret",
        title: "A sign-in that was made with another secret",
        story: "The browser has a token that ends in years, and the server was started anew with another secret.",
        config: WITH_TOKEN,
        rules: &[When::at("/api/user").header("authorization").then(TOKEN_INVALID), releases::NO_USER],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "clock-skew",
        title: "Clocks that differ",
        story: "Every answer of the server is dated an hour ago.",
        clock_behind: HOUR,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "cookies-too-large-help",
        title: "Too many cookies, and server help",
        story: "Signing in leaves more cookies than nginx reads, which no page can read or remove, and nginx has the documented endpoint.",
        visit: true,
        visit_path: "/sign-in",
        edge: Edge::Nginx(NginxSite { helps: true, ..NginxSite::DOCUMENTED }),
        host: "cookies-help.localhost",
        config: WITH_HELP,
        rules: releases::LARGE_COOKIES,
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
        name: "raw-login-redirect",
        title: "Signed out at the gateway before a WebSocket",
        story: "The gateway sends what asks for the raw WebSocket to another origin's sign-in page.",
        server: Server::Nothing,
        config: r#"{"profile":"raw","ws-url":"ws://{host}/echo"}"#,
        rules: &[When::at("/echo").then(Action::Respond(TO_LOGIN))],
        elsewhere: SIGN_IN_PAGE,
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
        name: "page-start-unavailable",
        title: "The server is down once the test is wanted",
        story: "The element came before; start.js gets a gateway's 503.",
        kind: Kind::Unloadable,
        rules: &[When::at(START).then(Action::Respond(UNAVAILABLE))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "page-start-sent-away",
        title: "The sign-in has ended once the test is wanted",
        story: "The element came before; start.js is redirected to a page.",
        kind: Kind::Unloadable,
        rules: &[When::at(START).then(Action::Respond(SENT_AWAY))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "page-glue-refused",
        title: "The sign-in has ended while the test loads",
        story: "start.js came; doctor.js gets 403.",
        kind: Kind::Unloadable,
        rules: &[When::at(GLUE).then(Action::Respond(Answer::plain(403, "Forbidden\n")))],
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
