//! Caddy. Sources: caddyserver/website src/docs/markdown/caddyfile/directives/reverse_proxy.md (lb_policy cookie, whose name is `lb`
//! by default; flush_interval; stream_timeout, stream_close_delay; h2c) and request_body.md. Blocks were taken by `caddy validate` of 2.6.2,
//! except stream_close_delay, which came with 2.7.

use super::gateway::{Gateway, Need, Platform, Setting};
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::Caddy,
    name: "Caddy",
    hosts: &[],
    signs: &[("server", "caddy"), ("via", "caddy")],
    affinity_cookies: &["lb"],
    idle: &[],
    lifetime: &[],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!(
                "its reverse_proxy passes WebSockets without a setting: look for a header_up line that changes Connection or Upgrade, and at what stands before and behind it."
            ),
            code: "",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("in the Caddyfile:"),
            code: "reverse_proxy 10.0.0.1:8000 10.0.0.2:8000 {\n    lb_policy cookie chat_replica\n}",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!("it sets no limit by itself: look for stream_timeout, and for read_timeout and response_header_timeout in its transport."),
            code: "",
        },
        Setting {
            needs: &[Need::Lifetime],
            place: t!("it ends WebSockets when its configuration is reloaded; from 2.7 on it can leave them a while:"),
            code: "reverse_proxy 127.0.0.1:8000 {\n    stream_close_delay 1h\n}",
        },
        Setting {
            needs: &[Need::Buffering],
            place: t!("it passes server-sent events as they come; other streams need this, and no encode on their path:"),
            code: "reverse_proxy 127.0.0.1:8000 {\n    flush_interval -1\n}",
        },
        Setting {
            needs: &[Need::BodyLimit],
            place: t!("it has no limit, unless request_body sets one:"),
            code: "request_body {path}* {\n    max_size 16MB\n}",
        },
        Setting {
            needs: &[Need::Grpc],
            place: t!("native gRPC and gRPC-web to a server that speaks it:"),
            code: "reverse_proxy /PACKAGE.SERVICE/* h2c://127.0.0.1:50051",
        },
    ],
};
