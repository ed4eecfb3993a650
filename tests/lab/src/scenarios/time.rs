//! What breaks only after a while. Seconds stand for the minutes of real limits.

use std::time::Duration;

use super::{RAW_RULES, SOCKET};
use crate::action::{Action, When};
use crate::backstage::{Event, Midway, Moment};
use crate::hop::Hop;
use crate::scenario::{Kind, Scenario};
use crate::server::Server;

/// nginx, that waits so long for the next byte.
macro_rules! nginx_waits {
    ($seconds:literal) => {
        Hop::Nginx {
            http: "    upstream chat { {servers} }",
            server: concat!("        location / { proxy_pass http://chat; proxy_read_timeout ", $seconds, "s; }"),
        }
    };
}

/// nginx, that waits so long for an answer, and an hour for a socket.
const WAITS_FOR_SOCKETS_ALONE: Hop = Hop::Nginx {
    http: "    upstream chat { {servers} }",
    server: "\
        location / {
            error_page 418 = @socket;
            if ($http_upgrade = websocket) { return 418; }
            proxy_pass http://chat;
            proxy_read_timeout 3s;
        }
        location @socket { proxy_pass http://chat; proxy_read_timeout 1h; }",
};

const RAW: &str = r#"{"profile":"raw","ws-url":"ws://{host}/echo"}"#;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "t-healthy-pings",
        title: "Pings within the limit",
        story: "Nothing is broken: nginx cuts what is silent for 60 seconds, and the server pings every 25.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        hop: nginx_waits!(60),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-healthy-pings-scaled",
        title: "Pings well within a short limit",
        story: "Nothing is broken: nginx cuts what is silent for 6 seconds, and the server pings every 2.",
        kind: Kind::Healthy,
        server: Server::Node(&["--ping-interval", "2000", "--ping-timeout", "2000"]),
        hop: nginx_waits!(6),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-healthy-long-poll",
        title: "Long polls within the limit",
        story: "Nothing is broken: polling alone is allowed, nginx waits 6 seconds for an answer, and the server answers at the latest with a ping after 2.",
        kind: Kind::Healthy,
        server: Server::Python(&["--transports", "polling", "--ping-interval", "2", "--ping-timeout", "2"]),
        hop: nginx_waits!(6),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-healthy-raw",
        title: "A raw WebSocket that stays",
        story: "Nothing is broken: nginx cuts a raw WebSocket that is silent for an hour.",
        kind: Kind::Healthy,
        server: Server::RawEcho,
        hop: nginx_waits!(3600),
        config: RAW,
        rules: RAW_RULES,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-idle-cut",
        title: "Cut when silent (nginx)",
        story: "nginx cuts what is silent for 4 seconds, and the server pings every 25.",
        server: Server::Python(&[]),
        hop: nginx_waits!(4),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-idle-cut-haproxy",
        title: "Cut when silent (HAProxy)",
        story: "HAProxy cuts a socket that is silent for 4 seconds, and the server pings every 25.",
        server: Server::Node(&[]),
        hop: Hop::Haproxy { defaults: "    timeout tunnel 4s", backend: "" },
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-lifetime-cut",
        title: "Cut at an age",
        story: "A gateway cuts each socket 6 seconds after it opened, whatever goes over it.",
        server: Server::Python(&["--ping-interval", "2"]),
        rules: &[When::under(SOCKET).handshake().then(Action::ForwardThenReset(Duration::from_secs(6)))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-heartbeat-missing",
        title: "No heartbeat",
        story: "The server says that it pings every 3 seconds, and never does.",
        server: Server::Node(&["--ping-interval", "3000", "--ping-timeout", "2000", "--silent"]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-heartbeat-missing-by-default",
        title: "No heartbeat, at every engine's own pace",
        story: "The server says that it pings every 25 seconds, as all do by default, and never does.",
        server: Server::Node(&["--silent"]),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-heartbeat-answer-missing-eio3",
        title: "Heartbeats without an answer",
        story: "The server speaks Socket.IO 2, where the browser pings every 3 seconds, and never answers a ping.",
        server: Server::Node(&["--version-2", "--ping-interval", "3000", "--ping-timeout", "2000", "--silent"]),
        config: r#"{"profile":"socketio","socket-path":"/socket.io/"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-long-poll-cut",
        title: "Long polls are cut (nginx)",
        story: "nginx waits 3 seconds for an answer, and a long poll may have none for 25.",
        server: Server::Python(&[]),
        hop: WAITS_FOR_SOCKETS_ALONE,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-long-poll-cut-haproxy",
        title: "Long polls are cut (HAProxy)",
        story: "HAProxy waits 3 seconds for an answer and an hour for a socket, and a long poll may have no answer for 25 seconds.",
        server: Server::Node(&[]),
        hop: Hop::Haproxy { defaults: "    timeout server 3s\n    timeout tunnel 1h", backend: "" },
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-raw-idle-cut",
        title: "A raw WebSocket, cut when silent",
        story: "nginx cuts what is silent for 4 seconds, and a raw WebSocket has no heartbeat.",
        server: Server::RawEcho,
        hop: nginx_waits!(4),
        config: RAW,
        rules: RAW_RULES,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-server-dies",
        title: "Everything goes away in the middle",
        story: "Two seconds after the run began the chat's origin is gone from the network, for good.",
        server: Server::Python(&[]),
        vanishes: true,
        midway: Some(Midway { moment: Moment::After(Duration::from_secs(2)), event: Event::Flip }),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-server-dies-gateway",
        title: "The server dies in the middle",
        story: "Two seconds after the run began the server's process ends for good, and nginx before it answers 502.",
        server: Server::Python(&[]),
        hop: nginx_waits!(60),
        midway: Some(Midway { moment: Moment::After(Duration::from_secs(2)), event: Event::ServerEnds }),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "t-drops-by-restart",
        title: "All sockets cut at once, once",
        story: "Five seconds after the run began the server is restarted, which cuts every socket at that moment; then all is well.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        midway: Some(Midway { moment: Moment::After(Duration::from_secs(5)), event: Event::ServerRestarts }),
        ..Scenario::PLAIN
    },
];
