//! ingress-nginx. Sources: kubernetes/ingress-nginx docs/user-guide/nginx-configuration/annotations.md (affinity, service-upstream,
//! timeouts, body size, buffering, backend-protocol) and configmap.md (proxy-read-timeout 60, proxy-body-size 1m, proxy-buffering
//! off, use-gzip false, worker-shutdown-timeout 240s, server-tokens false: it shows no mark but nginx's own); docs/user-guide/miscellaneous.md
//! (WebSockets); `kubectl set resources --help` of 1.32.

use super::gateway::{Gateway, Limit, Need, Of, Platform, Setting};
use crate::english;
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::IngressNginx,
    name: "ingress-nginx",
    hosts: &[],
    signs: &[],
    affinity_cookies: &["INGRESSCOOKIE"],
    idle: &[Limit { seconds: 60, of: Of::Both, what: english!("ingress-nginx' proxy-read-timeout (60 s)") }],
    lifetime: &[Limit { seconds: 240, of: Of::Both, what: english!("ingress-nginx' worker-shutdown-timeout (240 s after a reload)") }],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!("it needs no switch; look for a snippet that sets Connection. F5's controller wants the service named in nginx.org/websocket-services."),
            code: "",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!(
                "annotations of the Ingress, and of every further one of this host; service-upstream must not be set. For a page of another site also session-cookie-samesite: None:"
            ),
            code: "nginx.ingress.kubernetes.io/affinity: \"cookie\"\nnginx.ingress.kubernetes.io/affinity-mode: \"persistent\"",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!("annotations of the Ingress, in seconds:"),
            code: "nginx.ingress.kubernetes.io/proxy-read-timeout: \"3600\"\nnginx.ingress.kubernetes.io/proxy-send-timeout: \"3600\"",
        },
        Setting {
            needs: &[Need::Lifetime],
            place: t!("a reload of its configuration ends older connections after this time (240 s by default); in the data of the controller's ConfigMap:"),
            code: "worker-shutdown-timeout: \"3600s\"",
        },
        Setting {
            needs: &[Need::Buffering],
            place: t!("annotation of the Ingress; off is the default, so look also for the ConfigMap's proxy-buffering and use-gzip:"),
            code: "nginx.ingress.kubernetes.io/proxy-buffering: \"off\"",
        },
        Setting {
            needs: &[Need::BodyLimit],
            place: t!("annotation of the Ingress (1 MB where nothing is set):"),
            code: "nginx.ingress.kubernetes.io/proxy-body-size: \"16m\"",
        },
        Setting {
            needs: &[Need::Grpc],
            place: t!("gRPC-web needs nothing. Native gRPC wants an Ingress of its own with this annotation, which on the chat's Ingress breaks the chat:"),
            code: "nginx.ingress.kubernetes.io/backend-protocol: \"GRPC\"",
        },
        Setting {
            needs: &[Need::Resources],
            place: t!("more for each replica, for APP your deployment's name:"),
            code: "kubectl set resources deployment APP --requests=cpu=500m,memory=1Gi --limits=memory=2Gi",
        },
    ],
};
