//! Gateways that are met less often.

use super::gateway::{Gateway, Gone, Limit, Need, Of, PASSES, Platform, Setting};
use crate::english;
use crate::t;

/// Sources: httpd.apache.org/docs/2.4: mod_proxy (upgrade, flushpackets, ProxyTimeout is Timeout's 60 s), mod_proxy_balancer (the
/// block with ROUTEID), core (LimitRequestBody), mpm_common and event (MaxRequestWorkers 16 times 25), mod_deflate (no-gzip).
pub const APACHE: Platform = Platform {
    gateway: Gateway::Apache,
    name: "Apache httpd",
    hosts: &[],
    signs: &[("server", "apache")],
    affinity_cookies: &[],
    idle: &[Limit { seconds: 60, of: Of::Both, what: english!("Apache's Timeout (60 s)") }],
    lifetime: &[],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!("2.4.47 or newer, in the VirtualHost, before other ProxyPass lines; needs mod_proxy_http:"),
            code: "ProxyPass \"{path}\" \"http://127.0.0.1:8000{path}\" upgrade=websocket\nProxyPassReverse \"{path}\" \"http://127.0.0.1:8000{path}\"",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("needs mod_proxy_balancer, mod_lbmethod_byrequests, mod_slotmem_shm and mod_headers; ProxyPass then leads to balancer://chat:"),
            code: "Header add Set-Cookie \"ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/\" env=BALANCER_ROUTE_CHANGED\n<Proxy \"balancer://chat\">\n    BalancerMember \"http://10.0.0.1:8000\" route=1\n    BalancerMember \"http://10.0.0.2:8000\" route=2\n    ProxySet stickysession=ROUTEID\n</Proxy>",
        },
        Setting { needs: &[Need::Idle, Need::LongPoll], place: t!("in the VirtualHost (60 s where nothing is set):"), code: "ProxyTimeout 3600" },
        Setting {
            needs: &[Need::Buffering],
            place: t!("add flushpackets=on to the stream's ProxyPass, and leave it uncompressed, with your stream's path for /stream:"),
            code: "SetEnvIf Request_URI \"^/stream\" no-gzip",
        },
        Setting { needs: &[Need::BodyLimit], place: t!("in the VirtualHost:"), code: "LimitRequestBody 16777216" },
        Setting {
            needs: &[Need::Resources],
            place: t!(
                "in the server's configuration, outside of every VirtualHost, then restart it (a reload is not enough); each WebSocket holds a worker (400 where nothing is set):"
            ),
            code: "ServerLimit 64\nMaxRequestWorkers 1600",
        },
    ],
};

/// Sources: learn.microsoft.com application-gateway: configuration-http-settings (cookies, request timeout of 1 to 86400 s) and
/// application-gateway-websocket; each option is in azure-cli 2.91.0.
pub const APPLICATION_GATEWAY: Platform = Platform {
    gateway: Gateway::AzureApplicationGateway,
    name: "Azure Application Gateway",
    hosts: &[],
    signs: &[("server", "microsoft-azure-application-gateway")],
    affinity_cookies: &["ApplicationGatewayAffinity", "ApplicationGatewayAffinityCORS"],
    idle: &[],
    lifetime: &[],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!("WebSockets are always on; look at the health of its backend, and at what stands behind it."),
            code: "",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("in the backend setting:"),
            code: "az network application-gateway http-settings update --gateway-name GATEWAY --resource-group GROUP --name SETTING --cookie-based-affinity Enabled",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll, Need::Lifetime],
            place: t!("the request timeout of the backend setting counts for WebSockets too (seconds):"),
            code: "az network application-gateway http-settings update --gateway-name GATEWAY --resource-group GROUP --name SETTING --timeout 3600",
        },
    ],
};

/// Sources: learn.microsoft.com frontdoor: standard-premium/websocket, how-to-configure-origin, troubleshoot-issues (origin response
/// timeout up to 240 s); azure-docs issue 67813 (ASLBSA).
pub const FRONT_DOOR: Platform = Platform {
    gateway: Gateway::AzureFrontDoor,
    name: "Azure Front Door",
    hosts: &[".azurefd.net"],
    signs: &[("x-azure-ref", "")],
    affinity_cookies: &["ASLBSA", "ASLBSACORS"],
    idle: &[Limit { seconds: 300, of: Of::Sockets, what: english!("Azure Front Door's WebSocket idle timeout (5 minutes)") }],
    lifetime: &[Limit { seconds: 14400, of: Of::Sockets, what: english!("Azure Front Door's longest WebSocket (4 hours)") }],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!("it passes WebSockets on routes without caching only; switch caching off for the socket's path."),
            code: "",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("switch Session affinity on in the origin group; it chooses among origins, and what stands behind an origin needs its own."),
            code: "",
        },
        Setting {
            needs: &[Need::Idle, Need::Lifetime],
            place: t!(
                "a WebSocket is ended after 5 minutes without data and after 4 hours, and no setting changes that: let the server send something more often, and the client reconnect."
            ),
            code: "",
        },
        Setting {
            needs: &[Need::LongPoll, Need::Buffering],
            place: t!("raise the Origin response timeout of the profile (at most 240 s), and switch caching and compression off for the route."),
            code: "",
        },
    ],
};

/// Sources: repost.aws QU05nkjx (WebSockets: 10 minutes); the CloudFront API's OriginReadTimeout (30 s); distribution-working-with.websockets.
pub const CLOUDFRONT: Platform = Platform {
    gateway: Gateway::CloudFront,
    name: "Amazon CloudFront",
    hosts: &[".cloudfront.net"],
    signs: &[("x-amz-cf-id", ""), ("via", "cloudfront")],
    affinity_cookies: &[],
    idle: &[
        Limit { seconds: 600, of: Of::Sockets, what: english!("CloudFront's WebSocket idle timeout (10 minutes)") },
        Limit { seconds: 30, of: Of::Answers, what: english!("CloudFront's origin response timeout (30 s)") },
    ],
    lifetime: &[],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!(
                "the cache behaviour of the socket's path needs the managed origin request policy AllViewer, or one that forwards Sec-WebSocket-Key and Sec-WebSocket-Version, with all query strings and cookies."
            ),
            code: "",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("the same origin request policy passes the cookies on, by which what stands behind it decides."),
            code: "",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!(
                "a WebSocket is ended after 10 minutes without data, which is fixed. For other answers raise the origin's response timeout (30 s where nothing is set)."
            ),
            code: "",
        },
    ],
};

/// Sources: fly.io/docs/reference/configuration and flyctl/cmd/fly_scale_vm; public fly.toml files. No limit of time is documented.
pub const FLY: Platform = Platform {
    gateway: Gateway::Fly,
    name: "Fly.io",
    hosts: &[".fly.dev"],
    signs: &[("fly-request-id", ""), ("server", "fly/")],
    affinity_cookies: &[],
    idle: &[],
    lifetime: &[],
    settings: &[
        Setting { needs: &[Need::Websockets], place: PASSES, code: "" },
        Setting {
            needs: &[Need::Grpc],
            place: t!("in fly.toml, in an app of its own for native gRPC:"),
            code: "[http_service.http_options]\n  h2_backend = true\n[http_service.tls_options]\n  alpn = [\"h2\"]",
        },
        Setting { needs: &[Need::Resources], place: t!("a larger machine:"), code: "fly scale vm shared-cpu-2x --memory 2048" },
    ],
};

/// The words of those of which nothing else is known. Sources: vercel.com/docs/errors (`DEPLOYMENT_NOT_FOUND`, `_DELETED`, `_DISABLED`, `_PAUSED`);
/// ngrok.com/docs/errors/err_ngrok_3200; Railway's and Render's as their edges send them to who asks for no page.
pub const GONE: [Gone; 4] = [
    ("Vercel", &[("server", "vercel"), ("", "\ndeployment_")]),
    ("Railway", &[("server", "railway"), ("", r#""application not found","request_id""#)]),
    // Its page begins with links to its fonts.
    ("ngrok", &[("ngrok-error-code", "err_ngrok_3200")]),
    ("Render", &[("", "service has been suspended by its owner")]),
];
