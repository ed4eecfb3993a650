//! What stands in front of a server, by the marks that its answers carry, and what each needs for WebSockets.
//! A mark is only a hint for the operator's text: no rule decides by it alone.

use crate::address::Address;
use crate::evidence::{Evidence, Response};
use crate::profile::Profile;

/// Software or a platform on the way that showed itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    Nginx,
    Envoy,
    AzureContainerApps,
    AzureAppService,
    AzureFrontDoor,
    Cloudflare,
    CloudFront,
    AwsAlb,
    GoogleFrontend,
    Heroku,
    Fly,
    Caddy,
    Apache,
}

impl Gateway {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Gateway::Nginx => "nginx",
            Gateway::Envoy => "Envoy",
            Gateway::AzureContainerApps => "Azure Container Apps",
            Gateway::AzureAppService => "Azure App Service",
            Gateway::AzureFrontDoor => "Azure Front Door",
            Gateway::Cloudflare => "Cloudflare",
            Gateway::CloudFront => "Amazon CloudFront",
            Gateway::AwsAlb => "AWS Application Load Balancer",
            Gateway::GoogleFrontend => "Google Cloud",
            Gateway::Heroku => "Heroku",
            Gateway::Fly => "Fly.io",
            Gateway::Caddy => "Caddy",
            Gateway::Apache => "Apache httpd",
        }
    }

    /// Whether it never carries a WebSocket over HTTP/2 (RFC 8441) to the browser, so that the browser uses HTTP/1.1 for it:
    /// nginx has no extended CONNECT on the client's side.
    #[must_use]
    pub fn lacks_extended_connect(self) -> bool {
        matches!(self, Gateway::Nginx)
    }
}

/// All gateways that one answer shows.
#[must_use]
pub fn marks(response: &Response) -> Vec<Gateway> {
    let has = |name: &str| response.header(name).is_some();
    let server = response.header("server").unwrap_or("").to_ascii_lowercase();
    let via = response.header("via").unwrap_or("").to_ascii_lowercase();
    let body = response.excerpt.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut mark = |on: bool, gateway: Gateway| {
        if on {
            found.push(gateway);
        }
    };
    mark(has("cf-ray") || server == "cloudflare", Gateway::Cloudflare);
    mark(has("x-amz-cf-id") || via.contains("cloudfront"), Gateway::CloudFront);
    mark(server.starts_with("awselb"), Gateway::AwsAlb);
    mark(has("x-azure-ref"), Gateway::AzureFrontDoor);
    mark(server.starts_with("microsoft-iis"), Gateway::AzureAppService);
    mark(server == "google frontend" || via.contains("1.1 google"), Gateway::GoogleFrontend);
    mark(via.contains("vegur") || server == "heroku", Gateway::Heroku);
    mark(has("fly-request-id") || server.starts_with("fly/"), Gateway::Fly);
    mark(server == "envoy" || has("x-envoy-upstream-service-time") || body.contains("upstream connect error or disconnect/reset"), Gateway::Envoy);
    mark(server.starts_with("nginx") || server.starts_with("openresty") || body.contains("<center>nginx"), Gateway::Nginx);
    mark(server == "caddy" || via.contains("caddy"), Gateway::Caddy);
    mark(server.starts_with("apache"), Gateway::Apache);
    found
}

/// Whether an answer with a 5xx status was written by a gateway and not by the application: its own mark, or its own words.
#[must_use]
pub fn wrote(response: &Response) -> bool {
    let body = response.excerpt.to_ascii_lowercase();
    let words = [
        "bad gateway",
        "gateway time-out",
        "gateway timeout",
        "service temporarily unavailable",
        "upstream connect error",
        "no healthy upstream",
        "upstream request timeout",
        "no server is available to handle this request",
        "application error",
        "no available server",
    ];
    words.iter().any(|w| body.contains(w))
}

/// All gateways that showed themselves in the run, and the platform that the server's name tells.
#[must_use]
pub fn seen(profile: &Profile, evidence: &Evidence) -> Vec<Gateway> {
    let mut all = Vec::new();
    let host = Address::parse(&profile.server).map(|a| a.host).unwrap_or_default();
    if host.ends_with(".azurecontainerapps.io") {
        all.push(Gateway::AzureContainerApps);
    }
    if host.ends_with(".azurewebsites.net") {
        all.push(Gateway::AzureAppService);
    }
    for (_, exchange) in evidence.exchanges() {
        for gateway in exchange.response().map(marks).unwrap_or_default() {
            if !all.contains(&gateway) {
                all.push(gateway);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{Gateway, marks, wrote};
    use crate::evidence::Response;

    fn response(headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Response { headers, excerpt: body.to_owned(), ..Response::default() }
    }

    #[test]
    fn gateways_show_themselves() {
        assert_eq!(marks(&response(&[("server", "nginx/1.22.1")], "")), [Gateway::Nginx]);
        assert_eq!(marks(&response(&[("server", "cloudflare"), ("cf-ray", "x")], "")), [Gateway::Cloudflare]);
        assert_eq!(marks(&response(&[], "upstream connect error or disconnect/reset before headers")), [Gateway::Envoy]);
        assert!(marks(&response(&[("server", "uvicorn")], "{}")).is_empty());
        assert!(wrote(&response(&[], "<h1>502 Bad Gateway</h1>")) && !wrote(&response(&[], "{\"detail\":\"Redis not ready\"}")));
    }
}
