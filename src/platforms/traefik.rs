//! Traefik. Sources: traefik/traefik docs/content/reference/routing-configuration/http/load-balancing/service.md (sticky, streaming
//! answers are flushed at once), .../middlewares/buffering.md, compress.md and grpcweb.md; docs/content/routing/entrypoints.md (readTimeout 60 s counts the
//! arrival of a request, writeTimeout 0). Its affinity cookie has a hash for a name, unless one is set.

use super::gateway::{Gateway, Need, PASSES, Platform, Setting};
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::Traefik,
    name: "Traefik",
    hosts: &[],
    signs: &[("", "no available server")],
    affinity_cookies: &[],
    idle: &[],
    lifetime: &[],
    settings: &[
        Setting { needs: &[Need::Websockets], place: PASSES, code: "" },
        Setting {
            needs: &[Need::Sticky],
            place: t!(
                "labels of the container (in a file: loadBalancer.sticky.cookie of the service; on Kubernetes annotate the Service with traefik.ingress.kubernetes.io/service.sticky.cookie: \"true\"):"
            ),
            code: "traefik.http.services.chat.loadbalancer.sticky.cookie.name=chat_replica\ntraefik.http.services.chat.loadbalancer.sticky.cookie.secure=true",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll, Need::Lifetime],
            place: t!(
                "it sets no limit for WebSockets by itself: look for respondingTimeouts.writeTimeout on the entry point, and for forwardingTimeouts in a serversTransport."
            ),
            code: "",
        },
        Setting {
            needs: &[Need::Buffering],
            place: t!(
                "it passes streams as they come. Take the buffering middleware off the stream's router (or set its disableResponseBuffer), and let compress leave streams out:"
            ),
            code: "traefik.http.middlewares.NAME.compress.excludedcontenttypes=text/event-stream",
        },
        Setting {
            needs: &[Need::BodyLimit],
            place: t!("it has no limit, unless a buffering middleware sets one:"),
            code: "traefik.http.middlewares.NAME.buffering.maxRequestBodyBytes=16000000",
        },
        Setting {
            needs: &[Need::Grpc],
            place: t!(
                "labels: the scheme h2c takes native gRPC to the server, and the middleware grpcWeb, which the router must name, turns gRPC-web into it:"
            ),
            code: "traefik.http.services.grpc.loadbalancer.server.scheme=h2c\ntraefik.http.middlewares.NAME.grpcweb.alloworigins=https://chat.example\ntraefik.http.routers.ROUTER.middlewares=NAME",
        },
    ],
};
