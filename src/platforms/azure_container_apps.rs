//! Azure Container Apps. Sources: MicrosoftDocs azure-docs articles/container-apps: ingress-overview.md (request timeout 240 s),
//! sticky-sessions.md (single revision mode, HTTP ingress), premium-ingress.md (idle timeout in minutes, 4 by default, 4 to 30; at least two nodes);
//! each command is in azure-cli 2.91.0. The name of the affinity cookie stands in public code only. The page that says a container app is stopped
//! is the platform's own.

use super::gateway::{Gateway, Limit, Need, Of, Platform, Setting};
use crate::english;
use crate::t;

/// Its own page for 404.
pub const GONE: &str = "this container app is stopped or does not exist";

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::AzureContainerApps,
    name: "Azure Container Apps",
    hosts: &[".azurecontainerapps.io"],
    signs: &[("", GONE), ("", "azure container app - unavailable")],
    affinity_cookies: &["acaAffinity"],
    idle: &[Limit { seconds: 240, of: Of::Both, what: english!("Azure Container Apps' idle timeout (240 s)") }],
    lifetime: &[Limit { seconds: 240, of: Of::Both, what: english!("Azure Container Apps' request timeout (240 s)") }],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!(
                "the ingress transport must be http or auto, since http2 is for gRPC and breaks WebSockets. It applies at once, without a new revision. If gRPC needs http2, give it an app of its own:"
            ),
            code: "az containerapp ingress update --name APP --resource-group GROUP --transport http",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("session affinity works in single revision mode and with HTTP ingress only; it applies at once:"),
            code: "az containerapp revision set-mode --name APP --resource-group GROUP --mode single\naz containerapp ingress sticky-sessions set --name APP --resource-group GROUP --affinity sticky",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll, Need::Lifetime],
            place: t!(
                "240 s are fixed, unless the environment has premium ingress (4 to 30 minutes, in a workload profile with at least two nodes). Otherwise let the server send something more often, and the client reconnect:"
            ),
            code: "az containerapp env premium-ingress add --name ENVIRONMENT --resource-group GROUP --workload-profile-name PROFILE --request-idle-timeout 30",
        },
        Setting {
            needs: &[Need::Grpc],
            place: t!(
                "gRPC-web that the app itself speaks passes with transport http or auto. Native gRPC needs http2, which breaks WebSockets: give it an app of its own. To see what is set:"
            ),
            code: "az containerapp ingress show --name APP --resource-group GROUP --query transport",
        },
        Setting {
            needs: &[Need::Resources],
            place: t!("more for each replica (more replicas only with session affinity, or with WebSocket alone and shared state):"),
            code: "az containerapp update --name APP --resource-group GROUP --cpu 1.0 --memory 2Gi --min-replicas 1",
        },
    ],
};
