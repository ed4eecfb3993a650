//! gRPC-web beside the chat's socket.

use super::SOCKET;
use crate::action::{Action, Answer, Body, When};
use crate::hop::{Hop, Transport};
use crate::nginx::NginxSite;
use crate::scenario::{Edge, Kind, Scenario};
use crate::server::{Health, Server};

const HEALTH: &str = "/grpc.health.v1.Health/";
const GRPC: Scenario = Scenario { config: r#"{"socket-path":"/socket.io/","grpc-url":"/"}"#, ..Scenario::PLAIN };

/// Envoy cannot make sense of what the server says.
const PROTOCOL_ERROR: Answer = Answer {
    status: 502,
    headers: &[("Content-Type", "text/plain"), ("Server", "envoy")],
    body: Body::Text("upstream connect error or disconnect/reset before headers. reset reason: protocol error"),
};
/// The server hangs up on Envoy.
const HUNG_UP: Answer = Answer {
    status: 503,
    headers: &[("Content-Type", "text/plain"), ("Server", "envoy")],
    body: Body::Text("upstream connect error or disconnect/reset before headers. reset reason: connection termination"),
};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "g-healthy",
        title: "gRPC-web",
        story: "Nothing is broken: the service of health says that it serves.",
        kind: Kind::Healthy,
        server: Server::Grpc(Health::Serving),
        ..GRPC
    },
    Scenario {
        name: "g-healthy-envoy",
        title: "gRPC-web behind Envoy",
        story: "Nothing is broken: Envoy speaks HTTP/1.1 with the server, which understands gRPC-web itself.",
        kind: Kind::Healthy,
        server: Server::Grpc(Health::Serving),
        hop: Hop::Envoy { transport: Transport::Http1, translates: false },
        ..GRPC
    },
    Scenario {
        name: "g-not-serving",
        title: "gRPC-web, not serving",
        story: "The service of health says that it does not serve.",
        server: Server::Grpc(Health::NotServing),
        ..GRPC
    },
    Scenario {
        name: "g-unimplemented",
        title: "gRPC-web without a service of health",
        story: "The server speaks gRPC-web and has no service of health, so nobody can say more.",
        server: Server::Grpc(Health::Unimplemented),
        ..GRPC
    },
    Scenario {
        name: "g-html",
        title: "A page where gRPC-web should be",
        story: "The site answers every unknown path with the chat's page, the service's too.",
        server: Server::Grpc(Health::Serving),
        rules: &[When::under(HEALTH).then(Action::ChatPage)],
        ..GRPC
    },
    Scenario {
        name: "g-415",
        title: "gRPC without web",
        story: "The server speaks gRPC and nothing translates gRPC-web for it.",
        server: Server::Grpc(Health::Serving),
        rules: &[When::under(HEALTH).then(Action::Respond(Answer {
            status: 415,
            headers: &[("Content-Type", "application/grpc"), ("grpc-status", "3")],
            body: Body::Text(""),
        }))],
        ..GRPC
    },
    Scenario {
        name: "g-transport-mismatch",
        title: "The ingress is set to HTTP/1.1",
        story: "The ingress speaks HTTP/1.1 with a server that wants HTTP/2 for gRPC; the WebSocket works.",
        server: Server::Grpc(Health::Serving),
        rules: &[When::under(HEALTH).then(Action::Respond(HUNG_UP))],
        ..GRPC
    },
    Scenario {
        name: "g-websocket-mismatch",
        title: "The ingress is set to HTTP/2",
        story: "The ingress speaks HTTP/2 with a server that wants HTTP/1.1 for its socket; gRPC-web works.",
        server: Server::Grpc(Health::Serving),
        rules: &[When::under(SOCKET).then(Action::Respond(PROTOCOL_ERROR))],
        ..GRPC
    },
    Scenario {
        name: "g-envoy-http1",
        title: "Envoy is set to HTTP/1.1",
        story: "Envoy turns gRPC-web into gRPC and speaks HTTP/1.1 with the server, whose gRPC wants HTTP/2; the socket works.",
        server: Server::Grpc(Health::Serving),
        hop: Hop::Envoy { transport: Transport::Http1, translates: true },
        ..GRPC
    },
    Scenario {
        name: "g-envoy-http2",
        title: "Envoy is set to HTTP/2",
        story: "Envoy speaks HTTP/2 with the server, which has its WebSocket on HTTP/1.1 alone; gRPC-web and polling work.",
        server: Server::Grpc(Health::Serving),
        hop: Hop::Envoy { transport: Transport::Http2, translates: true },
        ..GRPC
    },
    Scenario {
        name: "g-envoy-http2-python",
        title: "Envoy is set to HTTP/2, and the server has none",
        story: "Envoy speaks HTTP/2 with uvicorn, which knows HTTP/1.1 alone.",
        server: Server::Python(&[]),
        hop: Hop::Envoy { transport: Transport::Http2, translates: true },
        ..Scenario::PLAIN
    },
    Scenario {
        name: "g-chat-down",
        title: "gRPC-web works, and the chat is down",
        story: "The gateway reaches the gRPC service, and nothing behind the socket's path.",
        server: Server::Grpc(Health::Serving),
        rules: &[When::under(SOCKET).then(Action::Respond(Answer::html(
            502,
            "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>",
        )))],
        ..GRPC
    },
    Scenario {
        name: "g-upgrade-stripped-nginx",
        title: "gRPC-web works, and nginx drops the Upgrade",
        story: "nginx passes everything on by HTTP/1.1, and no Upgrade.",
        server: Server::Grpc(Health::Serving),
        edge: Edge::Nginx(NginxSite { upgrade: false, ..NginxSite::DOCUMENTED }),
        ..GRPC
    },
];
