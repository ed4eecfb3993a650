//! nginx. Sources: nginx.org/en/docs: http/websocket.html; ngx_http_proxy_module (proxy_read_timeout 60 s, proxy_buffering on,
//! X-Accel-Buffering); ngx_http_core_module (client_max_body_size 1m); ngx_http_upstream_module (hash, sticky);
//! ngx_core_module (worker_connections 512, which counts connections to proxied servers too; worker_shutdown_timeout has no
//! default); ngx_http_grpc_module. Each block was taken by `nginx -t` of 1.22.1.

use super::gateway::{Gateway, Limit, Need, Of, Platform, Setting};
use crate::english;
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::Nginx,
    name: "nginx",
    hosts: &[],
    signs: &[("server", "nginx"), ("server", "openresty"), ("", "<center>nginx"), ("", "<center>openresty")],
    affinity_cookies: &[],
    idle: &[Limit { seconds: 60, of: Of::Both, what: english!("nginx's proxy_read_timeout (60 s)") }],
    lifetime: &[],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!(
                "the map into the section http, the location into the site's section server, with your own address after proxy_pass. Then nginx -t, and reload:"
            ),
            code: LOCATION,
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!(
                "by cookie with the directive sticky, where your nginx has it (NGINX Plus does). Else by the person's address, which behind a further gateway is everybody's unless real_ip_header is set: the upstream into the section http, with a line for each replica, and proxy_pass http://chat; in the location:"
            ),
            code: "upstream chat {\n    hash $remote_addr consistent;\n    server 10.0.0.1:8000;\n    server 10.0.0.2:8000;\n}",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!("in the location; it counts the time between two pieces of data (60 s where nothing is set):"),
            code: "proxy_read_timeout 3600s;\nproxy_send_timeout 3600s;",
        },
        Setting {
            needs: &[Need::Lifetime],
            place: t!("it ends no connection for its age, except after a reload where worker_shutdown_timeout is set: raise it, or take it out."),
            code: "",
        },
        Setting {
            needs: &[Need::Buffering],
            place: t!("in the location of the stream; the first line is not needed where the application's answer has the header “X-Accel-Buffering: no”:"),
            code: "proxy_buffering off;\ngzip off;",
        },
        Setting { needs: &[Need::BodyLimit], place: t!("in the location (1 MB where nothing is set):"), code: "client_max_body_size 16m;" },
        Setting {
            needs: &[Need::Grpc],
            place: t!(
                "gRPC-web is an ordinary POST, and proxy_pass takes it to a server that speaks it. grpc_pass is for native gRPC, and needs HTTP/2 on its listen line:"
            ),
            code: "location /PACKAGE.SERVICE/ {\n    grpc_pass grpc://127.0.0.1:50051;\n}",
        },
        Setting {
            needs: &[Need::Resources],
            place: t!(
                "the first line at the top of nginx.conf, the second into the section events that is there already: a second one is refused. A proxied WebSocket takes two of worker_connections (512 where nothing is set), and two open files:"
            ),
            code: "worker_rlimit_nofile 65536;\n\n# in events { }\nworker_connections 16384;",
        },
    ],
};

/// The documented block; `$connection_upgrade` closes where nothing is upgraded. `$host` has no port, and a server that compares it with the page's
/// origin then refuses a chat at a port of its own (python-engineio: measured). nginx fills `$http_host` over HTTP/3 since 1.29.5 (nginx/nginx 455).
pub const LOCATION: &str = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }

location {path} {
    proxy_pass http://127.0.0.1:8000;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header Host $http_host; # for HTTP/3 before nginx 1.29.5: $host
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
}";
