//! Envoy, and Istio, which is made of it. Sources: envoyproxy/envoy docs/root/faq/configuration/timeouts.rst (stream_idle_timeout 5
//! minutes; the route's timeout of 15 s begins when the request has ended, which it never does for a WebSocket) and the API's own
//! comments (upgrade_configs, hash_policy.cookie, circuit breakers of 1024, grpc_web, buffer). Each block was taken by
//! `envoy --mode validate` of 1.40.

use super::gateway::{Gateway, Limit, Need, Of, Platform, Setting};
use crate::english;
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::Envoy,
    name: "Envoy",
    hosts: &[],
    signs: &[
        ("server", "envoy"),
        ("server", "istio-envoy"),
        ("x-envoy-upstream-service-time", ""),
        ("", "upstream connect error or disconnect/reset"),
        ("", "upstream request timeout"),
        ("", "no healthy upstream"),
    ],
    affinity_cookies: &[],
    idle: &[Limit { seconds: 300, of: Of::Both, what: english!("Envoy's stream_idle_timeout (5 minutes)") }],
    lifetime: &[Limit { seconds: 15, of: Of::Answers, what: english!("Envoy's route timeout (15 s)") }],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!("in the HttpConnectionManager, or in the route (Istio has it set):"),
            code: "upgrade_configs:\n- upgrade_type: websocket",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("in the route's action, and lb_policy: RING_HASH in the cluster (Istio: consistentHash.httpCookie in the DestinationRule):"),
            code: "hash_policy:\n- cookie: { name: chat_replica, path: /, ttl: 0s }",
        },
        Setting {
            needs: &[Need::Idle],
            place: t!("in the HttpConnectionManager; it counts the time between two pieces of data (5 minutes where nothing is set):"),
            code: "stream_idle_timeout: 3600s",
        },
        Setting {
            needs: &[Need::Lifetime, Need::LongPoll, Need::Buffering],
            place: t!(
                "in the route's action; 15 s where nothing is set, and then it ends streams and slow answers. For WebSockets look for max_stream_duration; what holds a stream back is the buffer filter:"
            ),
            code: "timeout: 0s",
        },
        Setting { needs: &[Need::BodyLimit], place: t!("it has no limit, unless a buffer filter sets one:"), code: "max_request_bytes: 16777216" },
        Setting {
            needs: &[Need::Grpc],
            place: t!("in http_filters, before the router; the cluster must speak HTTP/2:"),
            code: "- name: envoy.filters.http.grpc_web\n  typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb }",
        },
        Setting {
            needs: &[Need::Resources],
            place: t!("in the cluster; a WebSocket takes a connection and a request, each 1024 where nothing is set:"),
            code: "circuit_breakers:\n  thresholds:\n  - { max_connections: 10000, max_requests: 10000, max_pending_requests: 10000 }",
        },
    ],
};
