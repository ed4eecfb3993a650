//! Cloudflare. Sources: cloudflare/cloudflare-docs: network/websockets.mdx (restarts of the edge end WebSockets),
//! fundamentals/reference/connection-limits.mdx (proxy read timeout 100 s, 524, for Enterprise configurable), network/grpc-connections.mdx,
//! load-balancing session-affinity (`__cflb`). The stored copies may be older than the limits of today.

use super::gateway::{Gateway, Limit, Need, Of, Platform, Setting};
use crate::english;
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::Cloudflare,
    name: "Cloudflare",
    hosts: &[],
    signs: &[("cf-ray", ""), ("server", "cloudflare")],
    affinity_cookies: &["__cflb"],
    idle: &[Limit { seconds: 100, of: Of::Answers, what: english!("Cloudflare's proxy read timeout (100 s)") }],
    lifetime: &[],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!(
                "in the zone's dashboard, Network, switch WebSockets on. To see whether it is Cloudflare at all, set the record to “DNS only” for a moment."
            ),
            code: "",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!(
                "only where its Load Balancing spreads people over your servers: Session affinity, by Cloudflare cookie. Otherwise it passes cookies on, and what stands behind it decides."
            ),
            code: "",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!(
                "an answer in which nothing passes for 100 s ends with 524, and only Enterprise can raise that: let the server send something more often."
            ),
            code: "",
        },
        Setting {
            needs: &[Need::Lifetime],
            place: t!("releases of its own end WebSockets now and then, and no setting changes that: the client must reconnect."),
            code: "",
        },
        Setting {
            needs: &[Need::Grpc],
            place: t!("in the zone's dashboard, Network, switch gRPC on; your server needs TLS on port 443 and HTTP/2 by ALPN."),
            code: "",
        },
    ],
};
