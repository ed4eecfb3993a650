//! Pages of others that have the test in them.

use crate::action::{Action, Answer, Body, Rule, When};
use crate::scenario::{Edge, Kind, Scenario};
use crate::server::{ChainlitPage, Server};

const POLICY: (&str, &str) = (
    "Content-Security-Policy",
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; require-trusted-types-for 'script'; trusted-types connection-doctor",
);
const HOST: Answer = Answer {
    status: 200,
    headers: &[("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), POLICY],
    body: Body::Text(include_str!("../../servers/host/host.html")),
};
const HOST_SCRIPT: Answer = Answer {
    status: 200,
    headers: &[("Content-Type", "text/javascript; charset=utf-8"), ("Cache-Control", "no-store")],
    body: Body::Text(include_str!("../../servers/host/host.js")),
};
const HOST_RULES: &[Rule] = &[
    When::at(HOST_PATH).then(Action::Respond(HOST)),
    When::at("/host.js").then(Action::Respond(HOST_SCRIPT)),
    When::under("/socket.io/").once_flipped().then(Action::Respond(Answer::html(502, "<html><head><title>502 Bad Gateway</title></head></html>\n"))),
];

/// Where the page is that has no element in it yet.
const HOST_PATH: &str = "/host";

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "e-trusted-types",
        title: "Trusted Types",
        story: "Nothing is broken: the page's policy is strict, and demands Trusted Types, and at /host is a page of somebody else's under the same policy.",
        kind: Kind::Healthy,
        server: Server::Node(&["--client"]),
        page_headers: &[POLICY],
        rules: HOST_RULES,
        flips: true,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "e-chainlit",
        title: "Chainlit with the test in it",
        story: "Nothing is broken: the chat's own page, at /, loads the test by custom_js.",
        kind: Kind::Healthy,
        server: Server::Chainlit { sign_in: false, page: ChainlitPage::InChat },
        edge: Edge::ServersOwnPage("/public/diagnostics/index.html"),
        config: r#"{"profile":"chainlit"}"#,
        rules: &[When::under("/ws/").once_flipped().then(Action::Reset)],
        flips: true,
        ..Scenario::PLAIN
    },
];
