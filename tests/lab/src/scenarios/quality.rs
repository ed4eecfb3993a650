//! How well a connection works that works: sizes, times, shares of failures, and what many connections do.

use super::{SLOW, SOCKET};
use crate::action::{Action, Answer, When};
use crate::hop::Hop;
use crate::scenario::{Edge, Kind, Scenario};
use crate::server::Server;

const CHAT: &str = "    upstream chat { {servers} }";
const PLAIN_NGINX: Hop = Hop::Nginx { http: CHAT, server: "        location / { proxy_pass http://chat; }" };
const SMALL_BODIES: Hop = Hop::Nginx { http: CHAT, server: "        client_max_body_size 100k;\n        location / { proxy_pass http://chat; }" };
/// Five requests at once, and two more each second.
const FEW_REQUESTS: Hop = Hop::Nginx {
    http: "    limit_req_zone $server_name zone=all:1m rate=2r/s;\n    upstream chat { {servers} }",
    server: "        server_name chat;\n        location / { proxy_pass http://chat; }\n        \
             location /socket.io/ { limit_req zone=all burst=4 nodelay; proxy_pass http://chat; }",
};
/// Four sockets at one time.
const FEW_SOCKETS: Hop = Hop::Nginx {
    http: "    map $http_upgrade $socket { default ''; websocket socket; }\n    limit_conn_zone $socket zone=sockets:1m;\n    upstream chat { {servers} }",
    server: "        location / { limit_conn sockets 4; proxy_pass http://chat; }",
};
/// Four connections at one time; the others wait.
const QUEUE: Hop = Hop::Haproxy { defaults: "    timeout queue 1500ms\n    timeout tunnel 1h", backend: "    default-server maxconn 4" };

const BAD_GATEWAY: Answer = Answer {
    status: 502,
    headers: &[("Content-Type", "text/html"), ("Server", "nginx")],
    body: crate::action::Body::Text(
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    ),
};
const FRAME_LIMIT: u64 = 64 * 1024;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "q-healthy-body",
        title: "Large bodies pass",
        story: "Nothing is broken: nginx takes what the server takes.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        hop: PLAIN_NGINX,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-healthy-h2",
        title: "TLS and HTTP/2, all of it",
        story: "Nothing is broken: nginx speaks TLS and HTTP/2 in front of socket.io.",
        kind: Kind::Healthy,
        server: Server::Node(&[]),
        edge: Edge::NginxTls,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-healthy-no-worker",
        title: "No workers allowed",
        story: "Nothing is broken: the page's policy forbids workers, so the page itself has to measure.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        page_headers: &[("Content-Security-Policy", "worker-src 'none'")],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "l-ladder-healthy",
        title: "Room for many",
        story: "Nothing is broken: the server takes as many sockets as come.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        hop: PLAIN_NGINX,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-body-limit",
        title: "Large bodies are refused",
        story: "nginx refuses bodies over 100 kilobytes, and the server says that it takes a million bytes.",
        server: Server::Python(&[]),
        hop: SMALL_BODIES,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-frame-limit",
        title: "Large frames are refused",
        story: "uvicorn closes a socket at a frame over 64 kilobytes, and the server says that it takes a million bytes.",
        server: Server::Python(&["--ws-max-size", "65536"]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-frame-swallowed",
        title: "Large frames kill the connection",
        story: "A hop resets the connection at a frame over 64 kilobytes.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).handshake().then(Action::ForwardFramesUpTo(FRAME_LIMIT))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-flaky-502",
        title: "Sometimes a bad gateway",
        story: "About a third of the requests for the socket is answered 502, whichever it is.",
        server: Server::Python(&[]),
        rules: &[When::under(SOCKET).percent(35).then(Action::Respond(BAD_GATEWAY))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-flaky-sockets",
        title: "Sometimes no socket",
        story: "About a third of the WebSocket handshakes is cut off, and polling works.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).handshake().percent(30).then(Action::Reset)],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-slow-socket",
        title: "A socket that dawdles",
        story: "Each frame is held for 1.5 seconds in either direction, and ordinary requests are fast.",
        server: Server::Node(&[]),
        rules: &[When::under(SOCKET).handshake().then(Action::ForwardLate(SLOW))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "q-limit-req",
        title: "Requests are rationed",
        story: "nginx takes two requests a second for the socket's path and a few at once, and answers 503 to the others.",
        server: Server::Python(&[]),
        hop: FEW_REQUESTS,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "l-ladder-exhausted",
        title: "Room for four",
        story: "nginx takes four sockets at one time, and answers 503 to the others.",
        server: Server::Python(&[]),
        hop: FEW_SOCKETS,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "l-ladder-queue",
        title: "Room for four, and a queue",
        story: "HAProxy gives the server four connections at one time, lets the others wait for a second and a half, and then answers 503.",
        server: Server::Python(&[]),
        hop: QUEUE,
        ..Scenario::PLAIN
    },
];
