//! Texts for operators that several rules share: what lets WebSockets pass, gateway by gateway, and how to test it.
//! The gateway that showed itself in the run comes alone; where none did, nginx comes first and the others after it.
//! Every setting here stands in the gateway's own documentation or was run; wrong advice that goes round is listed in
//! `tests/guidance.rs`, which keeps it out.

use super::gateway::{self, Gateway};
use crate::address::Address;
use crate::guidance::{Audience, Guidance};
use crate::profile::Application;
use crate::rules::{Finding, Party};
use crate::survey::Survey;

/// How an operator sees that WebSockets pass.
pub const SAW_101: &str =
    "The test's answer begins with “101 Switching Protocols”; 200 is an answer to something else, and 400 or 403 a refusal. Then run this page again.";

/// A text that may stand in a command or a configuration to copy: anything else could run as a command of its own.
fn safe(text: &str, instead: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:?&=%[],@+".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) { text.to_owned() } else { instead.to_owned() }
}

/// A value of the finding as it may stand in a command or a configuration.
#[must_use]
pub fn word(text: &str) -> String {
    safe(text, "REPLACE-ME")
}

/// The name and port by which the browser asks for the server.
#[must_use]
pub fn host(survey: &Survey) -> String {
    let raw = survey.profile.ws_url.as_ref().filter(|_| !survey.is_engine_subject());
    let address = Address::parse(raw.unwrap_or(&survey.profile.server));
    let authority = address.map(|a| a.origin().split_once("://").map_or(String::new(), |(_, host)| host.to_owned()));
    safe(&authority.unwrap_or_default(), "chat.example")
}

/// What a policy must allow: the server over HTTP and over WebSocket.
#[must_use]
pub fn sources(survey: &Survey) -> String {
    let raw = survey.profile.ws_url.as_ref().filter(|_| !survey.is_engine_subject());
    let secure = Address::parse(raw.unwrap_or(&survey.profile.server)).is_none_or(|a| a.scheme.is_secure());
    let host = host(survey);
    let (plain, socket) = if secure { ("https://", " wss://") } else { ("http://", " ws://") };
    [plain, &host, socket, &host].concat()
}

/// The page's origin as it may stand in a setting.
#[must_use]
pub fn page_origin(survey: &Survey) -> String {
    safe(&survey.profile.page_origin, "https://chat.example")
}

/// The socket's path.
#[must_use]
pub fn path(survey: &Survey) -> String {
    let raw = survey.profile.ws_url.as_ref().filter(|_| !survey.is_engine_subject()).and_then(|u| Address::parse(u));
    let path = raw.map_or_else(|| survey.path.clone(), |a| a.path.split('?').next().unwrap_or("/").to_owned());
    safe(&path, "/socket.io/")
}

/// The URL that a plain GET of the socket asks for.
fn socket_url(survey: &Survey, transport: &str) -> String {
    let engine = survey.is_engine_subject();
    let raw = survey.profile.ws_url.as_ref().filter(|_| !engine);
    let secure = Address::parse(raw.unwrap_or(&survey.profile.server)).is_none_or(|a| a.scheme.is_secure());
    let scheme = if secure { "https://" } else { "http://" };
    let version = if survey.eio == 3 { "3" } else { "4" };
    let query = if engine { ["?EIO=", version, "&transport=", transport].concat() } else { String::new() };
    [scheme, &host(survey), &path(survey), &query].concat()
}

/// The opening handshake of a WebSocket by hand: one line, so that no shell's line continuation is needed; the URL quoted;
/// HTTP/1.1, since HTTP/2 has no Upgrade; a key of 16 bytes (RFC 6455 section 4.1).
#[must_use]
pub fn upgrade_test(survey: &Survey) -> String {
    [
        "curl -i -N --http1.1 --max-time 5 -H \"Connection: Upgrade\" -H \"Upgrade: websocket\" -H \"Sec-WebSocket-Version: 13\" -H \"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\" -H \"Origin: ",
        &page_origin(survey),
        "\" \"",
        &socket_url(survey, "websocket"),
        "\"",
    ]
    .concat()
}

/// A plain request to the socket's path: long-polling's first one.
#[must_use]
pub fn polling_test(survey: &Survey) -> String {
    ["curl -i --max-time 10 \"", &socket_url(survey, "polling"), "\""].concat()
}

/// A POST without a session: it carries an Origin and opens nothing (measured on python-engineio).
#[must_use]
pub fn origin_test(survey: &Survey) -> String {
    ["curl -i -X POST -d 40 -H \"Origin: ", &page_origin(survey), "\" \"", &socket_url(survey, "websocket"), "\""].concat()
}

/// Adds the test of the opening handshake, and how to find the hop with it.
#[must_use]
pub fn with_upgrade_test(guidance: Guidance, survey: &Survey) -> Guidance {
    guidance
        .step_with("Test it by hand (in Windows PowerShell write curl.exe). First from outside; then past each gateway, with the application's own address in the URL: the hop after which it turns from 101 into something else is the one to mend:", upgrade_test(survey))
        .recheck(SAW_101)
}

/// Adds the settings that let WebSockets pass.
#[must_use]
pub fn websockets(guidance: Guidance, survey: &Survey) -> Guidance {
    let seen = shown(survey);
    if seen.is_empty() {
        const OTHERS: [Gateway; 6] =
            [Gateway::Apache, Gateway::AzureContainerApps, Gateway::AzureAppService, Gateway::Cloudflare, Gateway::CloudFront, Gateway::Envoy];
        let first = add(guidance, Gateway::Nginx, survey);
        let all = OTHERS.into_iter().fold(first, |g, gateway| add(g, gateway, survey));
        return all.step("Traefik, HAProxy, Caddy, ingress-nginx, AWS ALB, Heroku and Fly.io pass WebSockets without a switch: look there for a rule or snippet that sets or removes Connection or Upgrade.");
    }
    seen.into_iter().fold(guidance, |g, gateway| add(g, gateway, survey))
}

/// The gateways that showed themselves; Azure Container Apps is built on Envoy, whose own settings can't be reached there.
fn shown(survey: &Survey) -> Vec<Gateway> {
    let mut seen = gateway::seen(survey.profile, survey.evidence);
    if seen.contains(&Gateway::AzureContainerApps) {
        seen.retain(|g| *g != Gateway::Envoy);
    }
    seen
}

/// Adds how to keep browsers from sending WebSockets over HTTP/2.
#[must_use]
pub fn http_version(guidance: Guidance, survey: &Survey) -> Guidance {
    let seen = shown(survey);
    let guidance = guidance.step("If the test gives 101 over HTTP/1.1 and the browser still fails, something announces WebSockets over HTTP/2 and can't do them. Upgrade it, or offer HTTP/1.1 only on the socket's host name:");
    let guidance = if seen.iter().any(|g| matches!(g, Gateway::Envoy)) {
        guidance.step_with("Envoy, in the listener's common_tls_context:", "alpn_protocols: [\"http/1.1\"]")
    } else {
        guidance
    };
    if seen.is_empty() {
        return guidance
            .step_with("HAProxy, in the section global; or on the bind line alpn http/1.1:", "h2-workaround-bogus-websocket-clients")
            .step_with("Traefik, TLS options in its dynamic configuration:", "tls:\n  options:\n    default:\n      alpnProtocols: [\"http/1.1\"]");
    }
    guidance
}

fn add(guidance: Guidance, gateway: Gateway, survey: &Survey) -> Guidance {
    match gateway {
        Gateway::Nginx => guidance.step_with("nginx: the map into http { }, the location into the site's server { }, with your own address after proxy_pass. Then nginx -t, and reload. (ingress-nginx needs no switch; look there for a snippet that sets Connection. F5's controller wants the service named in nginx.org/websocket-services.)", nginx(&path(survey))),
        Gateway::Apache => guidance.step_with("Apache httpd 2.4.47 or newer, in the VirtualHost, before other ProxyPass lines; needs mod_proxy_http:", apache(&path(survey))),
        Gateway::AzureContainerApps => guidance.step_with("Azure Container Apps: the ingress transport must be http or auto, since http2 is for gRPC and breaks WebSockets. It applies at once, without a new revision. If gRPC needs http2, give it an app of its own:", "az containerapp ingress update --name APP --resource-group GROUP --transport http"),
        Gateway::AzureAppService => guidance.step_with("Azure App Service: switch Web sockets on (portal: Configuration, General settings):", "az webapp config set --name APP --resource-group GROUP --web-sockets-enabled true"),
        Gateway::AzureFrontDoor => guidance.step("Azure Front Door: it passes WebSockets on routes without caching only; switch caching off for the socket's path."),
        Gateway::Cloudflare => guidance.step("Cloudflare: in the zone's dashboard, Network, switch WebSockets on. To see whether it is Cloudflare at all, set the record to “DNS only” for a moment."),
        Gateway::CloudFront => guidance.step("CloudFront: the cache behaviour of the socket's path needs the managed origin request policy AllViewer, or one that forwards Sec-WebSocket-Key and Sec-WebSocket-Version, with all query strings and cookies."),
        Gateway::GoogleFrontend => guidance.step_with("Cloud Run: end-to-end HTTP/2 excludes WebSockets; switch it off with the next deployment:", "gcloud run deploy SERVICE --image IMAGE --no-use-http2"),
        Gateway::Envoy => guidance.step_with("Envoy: in the HttpConnectionManager, or in the route (Istio has it set):", "upgrade_configs:\n- upgrade_type: websocket"),
        Gateway::Caddy => guidance.step("Caddy's reverse_proxy passes WebSockets without a setting: look for a header_up line that changes Connection or Upgrade, and at what stands before and behind it."),
        Gateway::AwsAlb | Gateway::Heroku | Gateway::Fly => guidance.step([gateway.name(), " passes WebSockets without a setting: look at what stands before and behind it, and whether the application itself accepts them."].concat()),
    }
}

/// The documented block; `$connection_upgrade` closes where nothing is upgraded.
#[must_use]
pub fn nginx(path: &str) -> String {
    [
        "map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n\nlocation ",
        path,
        " {\n    proxy_pass http://127.0.0.1:8000;\n    proxy_http_version 1.1;\n    proxy_set_header Upgrade $http_upgrade;\n    proxy_set_header Connection $connection_upgrade;\n",
        FORWARDED,
        "}",
    ]
    .concat()
}

/// What tells the application by which name and scheme it was asked.
pub const FORWARDED: &str = "    proxy_set_header Host $host;\n    proxy_set_header X-Forwarded-Proto $scheme;\n    proxy_set_header X-Forwarded-Host $host;\n";

fn apache(path: &str) -> String {
    ["ProxyPass \"", path, "\" \"http://127.0.0.1:8000", path, "\" upgrade=websocket\nProxyPassReverse \"", path, "\" \"http://127.0.0.1:8000", path, "\""]
        .concat()
}

/// Adds how the application is told which origins it may accept.
#[must_use]
pub fn allow_origin(guidance: Guidance, survey: &Survey, origin: &str) -> Guidance {
    let origin = safe(origin, "https://chat.example");
    match survey.application {
        Application::OpenWebui => guidance
            .step_with("Open WebUI, in the server's environment; several origins are separated by a semicolon:", ["CORS_ALLOW_ORIGIN=", &origin].concat()),
        Application::Chainlit => guidance.step_with("Chainlit, in .chainlit/config.toml:", ["[project]\nallow_origins = [\"", &origin, "\"]"].concat()),
        Application::Semaphore => {
            guidance.step_with("Semaphore Chat, in the backend's environment (its default is http://localhost:5173):", ["CORS_ORIGIN=", &origin].concat())
        }
        _ => guidance
            .step_with("Python (python-socketio, Flask-SocketIO):", ["cors_allowed_origins=[\"", &origin, "\"]"].concat())
            .step_with("Node (socket.io):", ["new Server(server, { cors: { origin: [\"", &origin, "\"], credentials: true } })"].concat()),
    }
}

/// Adds where to read what happened on the server.
#[must_use]
pub fn logs(guidance: Guidance, survey: &Survey) -> Guidance {
    if shown(survey).contains(&Gateway::AzureContainerApps) {
        return guidance.step_with(
            "Read the application's log, and see whether its replicas run:",
            "az containerapp logs show --name APP --resource-group GROUP --follow\naz containerapp replica list --name APP --resource-group GROUP",
        );
    }
    guidance.step("Read the application's and the gateway's log at the time of this report (it is written in UTC).")
}

/// Adds what keeps an instance awake.
#[must_use]
pub fn keep_warm(guidance: Guidance, survey: &Survey) -> Guidance {
    match shown(survey).as_slice() {
        [] => guidance
            .step_with("Azure Container Apps:", MIN_REPLICAS)
            .step_with("Azure App Service:", ALWAYS_ON)
            .step_with("Cloud Run:", MIN_INSTANCES)
            .step("Elsewhere: the setting that keeps at least one instance running."),
        seen if seen.contains(&Gateway::AzureContainerApps) => guidance.step_with("Azure Container Apps:", MIN_REPLICAS),
        seen if seen.contains(&Gateway::AzureAppService) => guidance.step_with("Azure App Service:", ALWAYS_ON),
        seen if seen.contains(&Gateway::GoogleFrontend) => guidance.step_with("Cloud Run:", MIN_INSTANCES),
        _ => guidance.step("Use your platform's setting that keeps at least one instance running."),
    }
}

const MIN_REPLICAS: &str = "az containerapp update --name APP --resource-group GROUP --min-replicas 1";
const ALWAYS_ON: &str = "az webapp config set --name APP --resource-group GROUP --always-on true";
const MIN_INSTANCES: &str = "gcloud run services update SERVICE --min-instances 1";

/// For whoever runs the network between the person and the server; nothing where the finding does not name them.
#[must_use]
pub fn network(finding: &Finding, survey: &Survey) -> Option<Guidance> {
    if !finding.names(Party::NetworkAdmin) {
        return None;
    }
    let host = host(survey);
    let guidance = Guidance::new(&finding.code, Audience::NetworkAdmin, ["Let WebSocket connections to ", &host, " through."].concat())
        .step(["In the web proxy, the filter and the VPN gateway allow ", &host, " with the HTTP Upgrade to WebSocket (RFC 6455), and connections that stay open for hours."].concat())
        .step("If TLS is inspected there, except this host: many inspecting products relay requests and break WebSockets.")
        .step_with("Test from inside this network, and from outside it for comparison (in Windows PowerShell write curl.exe). curl goes through a proxy only if you name it with -x:", upgrade_test(survey))
        .recheck(SAW_101);
    Some(guidance.limits("If the test fails from outside too, the network is not the cause; the report's part for the operator applies."))
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn what_could_run_as_a_command_is_left_out() {
        assert_eq!(word("/chat/ws/socket.io/"), "/chat/ws/socket.io/");
        for evil in ["/$(reboot)/", "/`x`/", "/a\";reboot;\"", "/a;}", "/a b", "", "/é"] {
            assert_eq!(word(evil), "REPLACE-ME", "{evil}");
        }
    }
}
