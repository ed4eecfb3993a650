//! HAProxy. Sources: HAProxy configuration manual 2.6 (cookie, timeout client, server, tunnel; compression type; proto; maxconn;
//! hard-stop-after) and its error pages for 502, 503 and 504. It has no default for its timeouts; `timeout tunnel` replaces both others after
//! the upgrade. Each block was taken by `haproxy -c` of 2.6.12.

use super::gateway::{Gateway, Need, PASSES, Platform, Setting};
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::Haproxy,
    name: "HAProxy",
    hosts: &[],
    signs: &[
        ("", "no server is available to handle this request"),
        ("", "the server returned an invalid or incomplete response"),
        ("", "the server didn't respond in time"),
    ],
    affinity_cookies: &[],
    idle: &[],
    lifetime: &[],
    settings: &[
        Setting { needs: &[Need::Websockets], place: PASSES, code: "" },
        Setting {
            needs: &[Need::Sticky],
            place: t!("in the backend, with a value for each server; for a page of another site add attr SameSite=None secure to the first line:"),
            code: "cookie chat_replica insert indirect nocache\nserver s1 10.0.0.1:8000 check cookie s1\nserver s2 10.0.0.2:8000 check cookie s2",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!("in defaults; for a WebSocket tunnel counts in place of the others:"),
            code: "timeout client 75s\ntimeout server 75s\ntimeout tunnel 1h",
        },
        Setting {
            needs: &[Need::Lifetime],
            place: t!("it ends no connection for its age, except after a reload where hard-stop-after is set in global."),
            code: "",
        },
        Setting {
            needs: &[Need::Buffering],
            place: t!("it passes streams as they come. Where it compresses, leave text/event-stream out of the types:"),
            code: "compression type text/html text/css application/javascript application/json",
        },
        Setting { needs: &[Need::BodyLimit], place: t!("it has no limit of its own: look for an http-request deny that looks at the body's size."), code: "" },
        Setting { needs: &[Need::Grpc], place: t!("in the backend; the bind line needs alpn h2,http/1.1:"), code: "server grpc 127.0.0.1:50051 proto h2" },
        Setting { needs: &[Need::Resources], place: t!("in global, with ulimit -n at more than twice of it:"), code: "maxconn 20000" },
    ],
};
