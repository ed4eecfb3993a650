//! Several replicas of one server: whether a person stays at one of them, and whether what is said at one is heard at the other.

use crate::backstage::{Event, Midway, Moment};
use crate::hop::Hop;
use crate::page::CHAT_PAGE_WITH_WEBSOCKET_ALONE;
use crate::scenario::{BrowserVariant, Edge, FramedBy, Kind, Scenario, ServerAt};
use crate::server::Server;

const PASS: &str = "        location / { proxy_pass http://chat; }";
/// Each request goes to the next replica, as nginx does by itself.
const IN_TURN: Hop = Hop::Nginx { http: "    upstream chat { {servers} }", server: PASS };
/// Each request goes to any replica.
const AT_RANDOM: Hop = Hop::Nginx { http: "    upstream chat { random; {servers} }", server: PASS };
/// One request of four goes to the second replica.
const ONE_OF_FOUR: Hop = Hop::Nginx { http: "    upstream chat { server {server-1} weight=3; server {server-2}; }", server: PASS };
/// All of one address go to one replica.
const BY_ADDRESS: Hop = Hop::Nginx { http: "    upstream chat { ip_hash; {servers} }", server: PASS };
/// A cookie of HAProxy's own says which replica a person is at.
const BY_COOKIE: Hop = Hop::Haproxy { defaults: "", backend: "    balance roundrobin\n    cookie SERVERID insert indirect nocache httponly" };
/// The same for a frame of another site.
const BY_COOKIE_OF_ANYBODY: Hop =
    Hop::Haproxy { defaults: "", backend: "    balance roundrobin\n    cookie SERVERID insert indirect nocache httponly secure attr SameSite=None" };
const BY_PARTITIONED_COOKIE: Hop = Hop::Haproxy {
    defaults: "",
    backend: "    balance roundrobin\n    cookie SERVERID insert indirect nocache httponly secure attr SameSite=None attr Partitioned",
};

/// New sessions by polling: two at once, and one more each two seconds.
const FEW_SESSIONS: &str = "\
    map $arg_transport:$arg_sid $new_session { default ''; 'polling:' new; }
    limit_req_zone $new_session zone=sessions:1m rate=30r/m;
    upstream chat { {servers} }";
const REFUSES_429: Hop = Hop::Nginx {
    http: FEW_SESSIONS,
    server: "        limit_req_status 429;\n        location / { limit_req zone=sessions burst=2 nodelay; proxy_pass http://chat; }",
};
const REFUSES_503: Hop = Hop::Nginx { http: FEW_SESSIONS, server: "        location / { limit_req zone=sessions burst=2 nodelay; proxy_pass http://chat; }" };

const SOCKET_ALONE: &[&str] = &["--transports", "websocket"];
const WITH_ECHO: &str = r#"{"profile":"socketio","socket-path":"/socket.io/","echo-event":"connection-doctor"}"#;
const OPEN_WEBUI_WITH_ECHO: &str = r#"{"profile":"open-webui","echo-event":"connection-doctor"}"#;
const ALONE_AND_ECHOING: &[&str] = &["--transports", "websocket", "--echo", "connection-doctor"];

const TWO_REPLICAS: Scenario = Scenario { replicas: 2, ..Scenario::PLAIN };
/// WebSocket alone and no affinity, so that two sessions land apart.
const DELIVERY: Scenario = Scenario { hop: IN_TURN, config: WITH_ECHO, ..TWO_REPLICAS };

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "r-healthy-sticky-cookie",
        title: "Two replicas, sticky by a cookie",
        story: "Nothing is broken: HAProxy keeps each person at one of two replicas by a cookie of its own.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        hop: BY_COOKIE,
        host: "sticky-cookie.localhost",
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-healthy-sticky-cross-origin",
        title: "Sticky by a cookie, on another origin",
        story: "Nothing is broken: the two replicas are at another origin, and the chat sends the cookie that keeps people at one.",
        kind: Kind::Healthy,
        server: Server::Python(&["--origin", "{origin}"]),
        server_at: ServerAt::Elsewhere,
        hop: BY_COOKIE,
        config: r#"{"server":"{elsewhere}","socket-path":"/socket.io/","credentials":"include","affinity-cookie":"SERVERID"}"#,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-healthy-sticky-partitioned",
        title: "Sticky by a cookie, in a frame of another site",
        story: "Nothing is broken: the page is in another site's frame, and the cookie that keeps people at one replica is Partitioned.",
        kind: Kind::Healthy,
        variant: BrowserVariant::ThirdPartyCookiesPartitioned,
        edge: Edge::Tls,
        host: "chat.test",
        framed_by: FramedBy::OtherSite,
        server: Server::Python(&["--origin", "{origin}"]),
        hop: BY_PARTITIONED_COOKIE,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-healthy-websocket-only",
        title: "Two replicas, WebSocket alone",
        story: "Nothing is broken: two replicas without affinity allow WebSocket alone, which stays where it began.",
        kind: Kind::Healthy,
        server: Server::Python(SOCKET_ALONE),
        hop: IN_TURN,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-healthy-sticky-ip",
        title: "Two replicas, sticky by address",
        story: "Nothing is broken: nginx keeps all of one address at one of two replicas.",
        kind: Kind::Healthy,
        server: Server::Node(&[]),
        hop: BY_ADDRESS,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-healthy-delivery-python",
        title: "Heard at the other replica (Python)",
        story: "Nothing is broken: what is said at one python-socketio is heard at the other by Redis.",
        kind: Kind::Healthy,
        server: Server::Python(&["--transports", "websocket", "--echo", "connection-doctor", "--redis", "{redis}"]),
        redis: 1,
        ..DELIVERY
    },
    Scenario {
        name: "r-healthy-delivery-node",
        title: "Heard at the other replica (Node)",
        story: "Nothing is broken: what is said at one socket.io is heard at the other by its Redis adapter.",
        kind: Kind::Healthy,
        server: Server::Node(&["--transports", "websocket", "--echo", "connection-doctor", "--redis", "{redis}"]),
        redis: 1,
        ..DELIVERY
    },
    Scenario {
        name: "r-healthy-delivery-one",
        title: "One replica with the echo",
        story: "Nothing is broken: there is one replica, so whatever is said is heard.",
        kind: Kind::Healthy,
        server: Server::Python(&["--echo", "connection-doctor"]),
        config: WITH_ECHO,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "r-healthy-restart",
        title: "A restart in the middle",
        story: "Nothing is broken: the server is restarted once in the middle of the run, and knows none of the sessions of before.",
        kind: Kind::Healthy,
        server: Server::Python(&[]),
        midway: Some(Midway { moment: Moment::FollowUp(3), event: Event::ServerRestarts }),
        ..Scenario::PLAIN
    },
    Scenario {
        name: "r-healthy-open-webui",
        title: "Two replicas of Open WebUI's socket",
        story: "Nothing is broken: python-socketio is set up as Open WebUI sets it up, and Redis is there.",
        kind: Kind::Healthy,
        server: Server::Python(&["--like-open-webui", "--socket-path", "ws/socket.io", "--echo", "connection-doctor", "--redis", "{redis}"]),
        redis: 1,
        config: OPEN_WEBUI_WITH_ECHO,
        ..DELIVERY
    },
    Scenario {
        name: "r-not-sticky-python",
        title: "Not sticky (Python)",
        story: "nginx gives each request to either of two replicas, and polling is allowed.",
        server: Server::Python(&[]),
        hop: AT_RANDOM,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-healthy-websocket-by-page",
        title: "WebSocket alone, by the chat's own page",
        story: "Nothing is broken: two replicas without affinity, and the chat's page tells its client to use WebSocket alone.",
        kind: Kind::Healthy,
        server: Server::Node(&[]),
        hop: IN_TURN,
        chat_page: CHAT_PAGE_WITH_WEBSOCKET_ALONE,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-not-sticky-node",
        title: "Not sticky (Node)",
        story: "nginx gives each request to the next of two replicas, and polling is allowed.",
        server: Server::Node(&[]),
        hop: IN_TURN,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-not-sticky-three",
        title: "Not sticky, three replicas",
        story: "nginx gives each request to any of three replicas, and polling is allowed.",
        server: Server::Python(&[]),
        replicas: 3,
        hop: AT_RANDOM,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "r-not-sticky-one-of-four",
        title: "Seldom at the other replica",
        story: "nginx gives one request of four to the other replica, and polling is allowed.",
        server: Server::Node(&[]),
        hop: ONE_OF_FOUR,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-affinity-lost-cross-origin",
        title: "The chat leaves the cookie at home",
        story: "A cookie keeps people at one of two replicas at another origin, and the chat sends its requests without cookies.",
        server: Server::Python(&["--origin", "{origin}"]),
        server_at: ServerAt::Elsewhere,
        hop: BY_COOKIE,
        config: r#"{"server":"{elsewhere}","socket-path":"/socket.io/","affinity-cookie":"SERVERID"}"#,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-affinity-cookie-lax",
        title: "A cookie that stays at its own site",
        story: "The cookie that keeps people at one of two replicas has no SameSite=None, and the chat's page is of another site.",
        variant: BrowserVariant::NamedHosts,
        host: "chat.test",
        server: Server::Python(&["--origin", "{origin}"]),
        server_at: ServerAt::Elsewhere,
        hop: BY_COOKIE,
        config: r#"{"server":"{elsewhere-by-name}","socket-path":"/socket.io/","credentials":"include","affinity-cookie":"SERVERID"}"#,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-affinity-cookie-refused",
        title: "No cookies, and two replicas",
        story: "A cookie keeps people at one of two replicas, and the browser blocks all cookies.",
        variant: BrowserVariant::CookiesBlocked,
        server: Server::Python(&[]),
        hop: BY_COOKIE,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-affinity-cookie-third-party",
        title: "No cookies in a frame, and two replicas",
        story: "A cookie keeps people at one of two replicas, and the browser sends none in another site's frame.",
        variant: BrowserVariant::ThirdPartyCookiesBlocked,
        edge: Edge::Tls,
        host: "chat.test",
        framed_by: FramedBy::OtherSite,
        server: Server::Python(&["--origin", "{origin}"]),
        hop: BY_COOKIE_OF_ANYBODY,
        ..TWO_REPLICAS
    },
    Scenario {
        name: "r-rate-limited-sessions",
        title: "Sessions are rationed",
        story: "nginx lets few sessions begin and answers 429 to the others; those that begin go on.",
        server: Server::Python(&[]),
        hop: REFUSES_429,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "r-rate-limited-sessions-503",
        title: "Sessions are rationed, and 503 says so",
        story: "nginx lets few sessions begin and answers 503 to the others, as it does by itself; those that begin go on.",
        server: Server::Node(&[]),
        hop: REFUSES_503,
        ..Scenario::PLAIN
    },
    Scenario {
        name: "r-no-delivery-python",
        title: "Not heard at the other replica (Python)",
        story: "Two replicas of python-socketio keep their rooms in memory, each for itself.",
        server: Server::Python(ALONE_AND_ECHOING),
        ..DELIVERY
    },
    Scenario {
        name: "r-no-delivery-node",
        title: "Not heard at the other replica (Node)",
        story: "Two replicas of socket.io keep their rooms in memory, each for itself.",
        server: Server::Node(ALONE_AND_ECHOING),
        ..DELIVERY
    },
    Scenario {
        name: "r-no-delivery-redis-down",
        title: "Redis is down",
        story: "Two replicas are to hear each other by a Redis that is not there.",
        server: Server::Python(&["--transports", "websocket", "--echo", "connection-doctor", "--redis", "redis://{closed}"]),
        ..DELIVERY
    },
    Scenario {
        name: "r-no-delivery-redis-down-node",
        title: "Redis is down (Node)",
        story: "Two replicas of socket.io are to hear each other by a Redis that is not there.",
        server: Server::Node(&["--transports", "websocket", "--echo", "connection-doctor", "--redis", "redis://{closed}"]),
        ..DELIVERY
    },
    Scenario {
        name: "r-no-delivery-redis-wrong-host",
        title: "The wrong host for Redis",
        story: "Two replicas are to hear each other by a Redis at a host that never answers.",
        server: Server::Python(&["--transports", "websocket", "--echo", "connection-doctor", "--redis", "redis://{blackhole}"]),
        ..DELIVERY
    },
    Scenario {
        name: "r-no-delivery-redis-apart",
        title: "A Redis for each",
        story: "Each of two replicas has a Redis of its own, as localhost means in two containers.",
        server: Server::Python(&["--transports", "websocket", "--echo", "connection-doctor", "--redis", "{redis}"]),
        redis: 2,
        ..DELIVERY
    },
    Scenario {
        name: "r-delivery-no-handler",
        title: "Nobody answers the echo",
        story: "The setting names an event for the echo, and the two replicas have no handler for it.",
        kind: Kind::Healthy,
        server: Server::Python(SOCKET_ALONE),
        ..DELIVERY
    },
    Scenario {
        name: "o-webui-redis-down",
        title: "Open WebUI's socket without its Redis",
        story: "Two replicas are set up as Open WebUI sets its socket up, and Redis is not there.",
        server: Server::Python(&["--like-open-webui", "--socket-path", "ws/socket.io", "--echo", "connection-doctor", "--redis", "redis://{closed}"]),
        config: OPEN_WEBUI_WITH_ECHO,
        ..DELIVERY
    },
    Scenario {
        name: "o-webui-redis-wrong-host",
        title: "Open WebUI's socket with the wrong host for Redis",
        story: "Two replicas are set up as Open WebUI sets its socket up, and nobody answers where Redis should be.",
        server: Server::Python(&["--like-open-webui", "--socket-path", "ws/socket.io", "--echo", "connection-doctor", "--redis", "redis://{blackhole}"]),
        config: OPEN_WEBUI_WITH_ECHO,
        ..DELIVERY
    },
];
