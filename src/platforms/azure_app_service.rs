//! Azure App Service. Sources: learn.microsoft.com/answers/questions/1465927 (230 s, fixed); Azure/app-service-announcements (ARRAffinity and
//! ARRAffinitySameSite); each command is in azure-cli 2.91.0. `Microsoft-IIS` is also any other IIS. MicrosoftDocs SupportArticles-docs, "Error 403 -
//! This web app is stopped": by hand, at a limit of the subscription or over the quota of the plan.

use super::gateway::{Gateway, Limit, Need, Of, Platform, Setting};
use crate::english;
use crate::t;

/// The title of its own page for 403: stopped, or closed to the network that asks. A style sheet stands between it and the words, so an excerpt
/// may end before these.
pub const UNAVAILABLE: &str = "<title>web app - unavailable<";
pub const STOPPED: &str = "this web app is stopped";
/// Its own page for 404.
pub const ABSENT: &str = "404 web site not found";

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::AzureAppService,
    name: "Azure App Service",
    hosts: &[".azurewebsites.net"],
    signs: &[("server", "microsoft-iis")],
    affinity_cookies: &["ARRAffinity", "ARRAffinitySameSite"],
    idle: &[Limit { seconds: 230, of: Of::Both, what: english!("Azure App Service's limit for a silent request (230 s)") }],
    lifetime: &[],
    settings: &[
        Setting {
            needs: &[Need::Websockets],
            place: t!("switch Web sockets on (portal: Configuration, General settings):"),
            code: "az webapp config set --name APP --resource-group GROUP --web-sockets-enabled true",
        },
        Setting {
            needs: &[Need::Sticky],
            place: t!("switch session affinity on (portal: Configuration, General settings):"),
            code: "az webapp update --name APP --resource-group GROUP --client-affinity-enabled true",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!("a request in which nothing passes for 230 s is ended, and no setting changes that: let the server send something more often."),
            code: "",
        },
        Setting {
            needs: &[Need::Resources],
            place: t!("a larger plan, for PLAN its name (more workers only with session affinity and shared state):"),
            code: "az appservice plan update --name PLAN --resource-group GROUP --sku P1V3",
        },
    ],
};
