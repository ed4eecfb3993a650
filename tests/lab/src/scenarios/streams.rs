//! Answers that come bit by bit, as those of a language model do.

use std::time::Duration;

use crate::action::{Action, Answer, When};
use crate::hop::Hop;
use crate::scenario::{Kind, Scenario};
use crate::server::Server;

const STREAM: &str = r#"{"socket-path":"/socket.io/","stream-url":"/connection-doctor-stream"}"#;
/// The application's own, in a format of its own.
const FOREIGN: &str = r#"{"socket-path":"/socket.io/","stream-url":"/api/answer"}"#;
const CHAT: &str = "    upstream chat { {servers} }";
/// nginx as it comes: it asks by HTTP/1.0, so an answer has no chunks, and what is less than a buffer waits for more.
const BUFFERING: Hop = Hop::Nginx {
    http: CHAT,
    server: "\
        location /socket.io/ { proxy_pass http://chat; }
        location / { proxy_pass http://chat; proxy_http_version 1.0; proxy_set_header Connection close; }",
};
const BUFFERING_CHUNKS: Hop = Hop::Nginx { http: CHAT, server: "        location / { proxy_pass http://chat; }" };
const UNBUFFERED: Hop = Hop::Nginx { http: CHAT, server: "        location / { proxy_pass http://chat; proxy_buffering off; }" };
const GZIP: Hop = Hop::Nginx {
    http: CHAT,
    server: "        gzip on; gzip_types text/event-stream; gzip_proxied any; gzip_min_length 0;\n        \
             location / { proxy_pass http://chat; proxy_buffering off; }",
};
const GZIP_BUFFERING: Hop = Hop::Nginx {
    http: CHAT,
    server: "        gzip on; gzip_types text/event-stream; gzip_proxied any; gzip_min_length 0;\n        location / { proxy_pass http://chat; }",
};
const HAPROXY: Hop = Hop::Haproxy { defaults: "", backend: "" };
const UNBUFFERED_1S: Hop = Hop::Nginx {
    http: CHAT,
    server: "        location / { proxy_pass http://chat; }
        location /api/ { proxy_pass http://chat; proxy_buffering off; proxy_read_timeout 1s; }",
};

const PYTHON: Server = Server::Python(&["--stream-endpoint"]);

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "s-healthy-stream",
        title: "A stream (Python)",
        story: "Nothing is broken: nginx passes each event of the documented stream on as it comes.",
        kind: Kind::Healthy,
        server: PYTHON,
        hop: UNBUFFERED,
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-healthy-stream-chunks",
        title: "A stream, with buffering on",
        story: "Nothing is broken: nginx buffers and asks by HTTP/1.1, so it passes each chunk of the stream on as it comes.",
        kind: Kind::Healthy,
        server: PYTHON,
        hop: BUFFERING_CHUNKS,
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-healthy-stream-node",
        title: "A stream (Node)",
        story: "Nothing is broken: each event of the documented stream comes when it happens.",
        kind: Kind::Healthy,
        server: Server::Node(&["--stream-endpoint"]),
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-healthy-stream-alone",
        title: "A stream, and no socket",
        story: "Nothing is broken: the site streams its answers, and has no Socket.IO.",
        kind: Kind::Healthy,
        server: Server::Node(&["--stream-endpoint"]),
        rules: &[When::under("/socket.io/").then(Action::Respond(Answer::plain(404, "Not Found")))],
        config: r#"{"stream-url":"/connection-doctor-stream"}"#,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-healthy-stream-haproxy",
        title: "A stream (HAProxy)",
        story: "Nothing is broken: HAProxy passes the stream on as it comes by itself, which is two events at a time.",
        kind: Kind::Healthy,
        server: Server::Node(&["--stream-endpoint"]),
        hop: HAPROXY,
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-healthy-gzip",
        title: "A compressed stream that flows",
        story: "Nothing is broken: the stream is compressed, and flushed at each event.",
        kind: Kind::Healthy,
        server: Server::Node(&["--stream-endpoint", "--compress", "flushed"]),
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-healthy-gzip-nginx",
        title: "A compressed stream that flows (nginx)",
        story: "Nothing is broken: nginx compresses the stream, and passes each event on as it comes.",
        kind: Kind::Healthy,
        server: PYTHON,
        hop: GZIP,
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-foreign-healthy",
        title: "The application's own stream",
        story: "Nothing is broken: the application's own stream flows, in a format of its own.",
        kind: Kind::Healthy,
        server: Server::Python(&["--answers", "flowing"]),
        hop: UNBUFFERED,
        config: FOREIGN,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-foreign-at-once",
        title: "An answer known at once",
        story: "Nothing is broken: the application knows the whole answer at once, and sends its eight events together.",
        kind: Kind::Healthy,
        server: Server::Python(&["--answers", "at-once"]),
        hop: UNBUFFERED,
        config: FOREIGN,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-buffered",
        title: "A stream that is held back",
        story: "nginx holds the stream back until it is at its end.",
        server: PYTHON,
        hop: BUFFERING,
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-buffered-endless",
        title: "A stream without an end that is held back",
        story: "nginx holds back a stream that never ends, and of which little comes.",
        server: Server::Python(&["--answers", "endless"]),
        hop: BUFFERING,
        config: FOREIGN,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-healthy-stream-endless",
        title: "A stream without an end",
        story: "Nothing is broken: a stream that never ends, and of which little comes.",
        kind: Kind::Healthy,
        server: Server::Python(&["--answers", "endless"]),
        hop: UNBUFFERED,
        config: FOREIGN,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-compressed-delayed",
        title: "A compressed stream that is held back",
        story: "What compresses the stream holds it back until it is at its end.",
        server: Server::Node(&["--stream-endpoint", "--compress", "held"]),
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-compressed-delayed-nginx",
        title: "A compressed stream that is held back (nginx)",
        story: "nginx compresses and buffers the stream, and holds it back until it is at its end.",
        server: PYTHON,
        hop: GZIP_BUFFERING,
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-stream-reset",
        title: "The stream is reset",
        story: "Something on the way resets each request for the stream; the chat works.",
        server: Server::Node(&["--stream-endpoint"]),
        rules: &[When::at("/connection-doctor-stream").then(Action::Reset)],
        config: STREAM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-stream-refused",
        title: "A stream that is away",
        story: "The application's own stream answers 502 by its gateway; the chat works.",
        server: Server::Node(&[]),
        rules: &[When::under("/api/answer").then(Action::Respond(Answer::html(502, "<html><head><title>502 Bad Gateway</title></head></html>\n")))],
        config: FOREIGN,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-cut",
        title: "A stream that is cut in a pause",
        story: "The application thinks for six seconds in the middle of its answer, and nginx waits there for one.",
        server: Server::Python(&["--answers", "pausing"]),
        hop: UNBUFFERED_1S,
        config: FOREIGN,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-cut-lifetime",
        title: "A stream that is cut at an age",
        story: "A gateway cuts each answer 1.2 seconds after it began.",
        server: PYTHON,
        config: STREAM,
        rules: &[When::at("/connection-doctor-stream").then(Action::ForwardThenReset(Duration::from_millis(1200)))],
        ..Scenario::PLAIN
    },
    Scenario {
        name: "s-foreign-buffered",
        title: "The application's own stream, held back",
        story: "nginx holds the application's own stream back until it is at its end.",
        server: Server::Python(&["--answers", "flowing"]),
        hop: BUFFERING,
        config: FOREIGN,
        ..Scenario::PLAIN
    },
];
