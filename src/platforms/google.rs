//! Google Cloud: Cloud Run, and the external Application Load Balancer. Sources: cloud.google.com/run/docs/triggering/websockets (a WebSocket
//! is a request under the request timeout; session affinity is best effort; no end-to-end HTTP/2) and configuring/request-timeout (5
//! minutes, at most 60); gcpdiag lb/BP/2025_002 and ingress-gce examples/websocket (backend timeout 30 s, for a WebSocket its whole life);
//! load-balancing session affinity (`GCLB`); each flag is in `gcloud --help` of 528.0.0.

use super::gateway::{Gateway, Limit, Need, Of, Platform, Setting};
use crate::english;
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::GoogleFrontend,
    name: "Google Cloud",
    hosts: &[".run.app"],
    signs: &[("server", "google frontend"), ("via", "1.1 google")],
    affinity_cookies: &["GCLB"],
    idle: &[],
    lifetime: &[
        Limit { seconds: 30, of: Of::Both, what: english!("Google Cloud's backend timeout (30 s)") },
        Limit { seconds: 300, of: Of::Both, what: english!("Cloud Run's request timeout (5 minutes)") },
    ],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!("end-to-end HTTP/2 of Cloud Run excludes WebSockets; switch it off:"),
            code: "gcloud run services update SERVICE --no-use-http2",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("Cloud Run (as far as it can), or the load balancer's backend service:"),
            code: "gcloud run services update SERVICE --session-affinity\ngcloud compute backend-services update BACKEND --global --session-affinity=GENERATED_COOKIE",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll, Need::Lifetime],
            place: t!(
                "a WebSocket lives no longer than the request timeout of Cloud Run (at most an hour), or the timeout of the load balancer's backend service; the client must reconnect then:"
            ),
            code: "gcloud run services update SERVICE --timeout=3600\ngcloud compute backend-services update BACKEND --global --timeout=3600",
        },
        Setting {
            needs: &[Need::Grpc],
            place: t!("gRPC-web needs nothing. Native gRPC needs HTTP/2 end to end, which excludes WebSockets: give it a service of its own:"),
            code: "gcloud run services update GRPC_SERVICE --use-http2",
        },
        Setting {
            needs: &[Need::Resources],
            place: t!("Cloud Run; each WebSocket takes one of an instance's concurrent requests:"),
            code: "gcloud run services update SERVICE --cpu=2 --memory=2Gi --concurrency=500",
        },
    ],
};
