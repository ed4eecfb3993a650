//! What stands in front of a server: how it shows itself, what it is known to cut, and its settings. One file for each that
//! is met often; the rest stand in [`super::others`]. A mark is only a hint for the operator's text: no rule decides by it alone.

use super::{aws_alb, azure_app_service, azure_container_apps, caddy, cloudflare, envoy, google, haproxy, heroku, ingress_nginx, nginx, others, traefik};
use crate::address::Address;
use crate::evidence::{Evidence, Exchange, Purpose, Response};
use crate::profile::Profile;
use crate::t;
use crate::words::Phrase;

/// Software or a platform on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    Nginx,
    IngressNginx,
    Traefik,
    Haproxy,
    Caddy,
    Envoy,
    Apache,
    AzureContainerApps,
    AzureAppService,
    AzureApplicationGateway,
    AzureFrontDoor,
    Cloudflare,
    CloudFront,
    AwsAlb,
    GoogleFrontend,
    Heroku,
    Fly,
}

/// What a setting is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// WebSockets pass.
    Websockets,
    /// One person's requests reach one replica.
    Sticky,
    /// A connection on which nothing passes is kept.
    Idle,
    /// A connection is kept, however old it is.
    Lifetime,
    /// A stream passes as it comes.
    Buffering,
    /// Large requests pass.
    BodyLimit,
    /// A request may wait for its answer.
    LongPoll,
    /// gRPC and gRPC-web pass.
    Grpc,
    /// More of what it runs on.
    Resources,
    /// Large WebSocket messages pass.
    MessageSize,
}

/// What is known of a gateway: data alone, for the download's sake.
#[derive(Debug)]
pub struct Platform {
    pub gateway: Gateway,
    pub name: &'static str,
    /// How names of hosts end that are its own.
    pub hosts: &'static [&'static str],
    /// How its answers show it.
    pub signs: &'static [Sign],
    /// Cookies by which it keeps a person at one replica, as they are named by default.
    pub affinity_cookies: &'static [&'static str],
    pub idle: &'static [Limit],
    pub lifetime: &'static [Limit],
    pub settings: &'static [Setting],
}

/// A header, and how its value begins in lower case (`via` is a list: what it holds); without a name the words of a body.
pub type Sign = (&'static str, &'static str);

/// A platform's own page for an application that is stopped, or that it does not know: whose, and all that shows it.
pub type Gone = (&'static str, &'static [Sign]);

const GONE: [Gone; 4] = [
    (azure_container_apps::PLATFORM.name, &[("", azure_container_apps::GONE)]),
    (azure_app_service::PLATFORM.name, &[("", azure_app_service::UNAVAILABLE)]),
    (azure_app_service::PLATFORM.name, &[("", azure_app_service::ABSENT)]),
    (heroku::PLATFORM.name, &[("", heroku::GONE)]),
];

/// A documented default.
#[derive(Debug)]
pub struct Limit {
    pub seconds: u16,
    pub of: Of,
    /// In English: findings hold it.
    pub what: &'static str,
}

/// What a limit is a limit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Both,
    Sockets,
    /// Answers to requests: streams, long-polling.
    Answers,
}

#[derive(Debug)]
pub struct Setting {
    pub needs: &'static [Need],
    /// Where it goes; ends with a colon where code follows.
    pub place: Phrase,
    /// `{path}` stands for the socket's path; empty where there is none.
    pub code: &'static str,
}

/// For those that pass WebSockets without a setting.
pub const PASSES: Phrase =
    t!("it passes WebSockets without a setting: look for a rule that sets or removes Connection or Upgrade, and at what stands before and behind it.");

/// All that are known: those that stand in front come first.
pub const ALL: [Gateway; 17] = [
    Gateway::Cloudflare,
    Gateway::CloudFront,
    Gateway::AzureFrontDoor,
    Gateway::AzureApplicationGateway,
    Gateway::AwsAlb,
    Gateway::GoogleFrontend,
    Gateway::AzureContainerApps,
    Gateway::AzureAppService,
    Gateway::Heroku,
    Gateway::Fly,
    Gateway::Envoy,
    Gateway::Nginx,
    Gateway::IngressNginx,
    Gateway::Traefik,
    Gateway::Haproxy,
    Gateway::Caddy,
    Gateway::Apache,
];

impl Gateway {
    #[must_use]
    pub fn platform(self) -> &'static Platform {
        match self {
            Gateway::Nginx => &nginx::PLATFORM,
            Gateway::IngressNginx => &ingress_nginx::PLATFORM,
            Gateway::Traefik => &traefik::PLATFORM,
            Gateway::Haproxy => &haproxy::PLATFORM,
            Gateway::Caddy => &caddy::PLATFORM,
            Gateway::Envoy => &envoy::PLATFORM,
            Gateway::Apache => &others::APACHE,
            Gateway::AzureContainerApps => &azure_container_apps::PLATFORM,
            Gateway::AzureAppService => &azure_app_service::PLATFORM,
            Gateway::AzureApplicationGateway => &others::APPLICATION_GATEWAY,
            Gateway::AzureFrontDoor => &others::FRONT_DOOR,
            Gateway::Cloudflare => &cloudflare::PLATFORM,
            Gateway::CloudFront => &others::CLOUDFRONT,
            Gateway::AwsAlb => &aws_alb::PLATFORM,
            Gateway::GoogleFrontend => &google::PLATFORM,
            Gateway::Heroku => &heroku::PLATFORM,
            Gateway::Fly => &others::FLY,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        self.platform().name
    }

    /// Whether it never carries a WebSocket over HTTP/2 (RFC 8441) to the browser, so that the browser uses HTTP/1.1 for it:
    /// nginx has no extended CONNECT on the client's side, Apache has it switched off (`H2WebSockets`), AWS' balancer takes WebSockets by
    /// HTTP/1.1 alone. Envoy has it switched off too (`allow_connect`), but what shows it may stand behind another gateway.
    #[must_use]
    pub fn lacks_extended_connect(self) -> bool {
        matches!(self, Gateway::Nginx | Gateway::Apache | Gateway::AwsAlb)
    }

    /// Whether it passes no Upgrade on unless it is told to.
    #[must_use]
    pub fn drops_upgrades_unset(self) -> bool {
        matches!(self, Gateway::Nginx | Gateway::Apache)
    }

    /// Whether a setting has it speak HTTP/2 with what stands behind it, where WebSockets then fail (Azure Container Apps' `transport: http2`, Envoy's
    /// `http2_protocol_options`, `h2c` of Traefik and Caddy, a target group of version HTTP2 or gRPC).
    #[must_use]
    pub fn may_speak_http2_behind(self) -> bool {
        matches!(self, Gateway::Envoy | Gateway::AzureContainerApps | Gateway::GoogleFrontend | Gateway::AwsAlb | Gateway::Traefik | Gateway::Caddy)
    }

    /// Whether something of the operator's own always stands behind it, whose marks it takes off.
    #[must_use]
    pub fn hides_the_next(self) -> bool {
        matches!(self, Gateway::Cloudflare | Gateway::CloudFront | Gateway::AzureFrontDoor)
    }

    /// The words in its own pages.
    fn own_words(self) -> impl Iterator<Item = &'static str> {
        self.platform().signs.iter().filter(|(name, _)| name.is_empty()).map(|(_, words)| *words)
    }

    fn shows_in(self, response: &Response, body: &str) -> bool {
        self.platform().signs.iter().any(|sign| shows(*sign, response, body))
    }
}

fn shows((name, wanted): Sign, response: &Response, body: &str) -> bool {
    match name {
        "" => body.contains(wanted),
        name => response.header(name).is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            if name == "via" { value.contains(wanted) } else { value.starts_with(wanted) }
        }),
    }
}

/// All gateways that one answer shows.
#[must_use]
pub fn marks(response: &Response) -> Vec<Gateway> {
    let body = response.excerpt.to_ascii_lowercase();
    ALL.into_iter().filter(|gateway| gateway.shows_in(response, &body)).collect()
}

/// Whose own page an answer is, by the words in its body.
#[must_use]
pub fn signed(response: &Response) -> Option<Gateway> {
    let body = response.excerpt.to_ascii_lowercase();
    ALL.into_iter().find(|gateway| gateway.own_words().any(|words| body.contains(words)))
}

/// Who wrote an error that a gateway answers with: the body decides, since a header is added to what is only passed on. A gateway whose own pages are known
/// did not write one without their words.
#[must_use]
pub fn author(response: &Response) -> Option<Gateway> {
    signed(response).or_else(|| marks(response).into_iter().find(|gateway| gateway.own_words().next().is_none()))
}

/// Whether a firewall in front says in its own words that it blocks this address or browser, which no sign-in changes.
#[must_use]
pub fn says_blocked(response: &Response) -> bool {
    let body = response.excerpt.to_ascii_lowercase();
    let words = ["used cloudflare to restrict access", "error 1020", "sorry, you have been blocked", "request blocked.", "the requested url was rejected"];
    response.status == 403 && words.iter().any(|w| body.contains(w))
}

/// Which platform says in its own words that the application it was asked for is stopped, or is not there. The status is the platform's choice:
/// 403 of Azure App Service, 402, 404, 410 and 503 of Vercel.
#[must_use]
pub fn says_gone(response: &Response) -> Option<&'static str> {
    let body = response.excerpt.to_ascii_lowercase();
    let said = |(_, signs): &&Gone| response.status >= 400 && signs.iter().all(|sign| shows(*sign, response, &body));
    GONE.iter().chain(&others::GONE).find(said).map(|(name, _)| *name)
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
        "the server returned an invalid or incomplete response",
        "the server didn't respond in time",
        "application error",
        "no available server",
        super::azure_app_service::STOPPED,
    ];
    words.iter().any(|w| body.contains(w))
}

/// All gateways that showed themselves in the run, and the platform that the server's name tells.
#[must_use]
pub fn seen(profile: &Profile, evidence: &Evidence) -> Vec<Gateway> {
    seen_at(Address::parse(&profile.server), evidence.exchanges().map(|(_, x)| x))
}

fn seen_at<'a>(server: Option<Address>, exchanges: impl Iterator<Item = &'a Exchange>) -> Vec<Gateway> {
    let host = server.map(|a| a.host).unwrap_or_default();
    let mut all: Vec<Gateway> = ALL.into_iter().filter(|gateway| gateway.platform().hosts.iter().any(|end| host.ends_with(end))).collect();
    for gateway in exchanges.filter_map(Exchange::response).flat_map(marks) {
        if !all.contains(&gateway) {
            all.push(gateway);
        }
    }
    all
}

/// Those among them whose settings the operator can reach: Azure Container Apps is built on an Envoy of its own.
#[must_use]
pub fn shown(profile: &Profile, evidence: &Evidence) -> Vec<Gateway> {
    reachable(seen(profile, evidence))
}

/// The same of what stands before LiveKit, which may be another server.
#[must_use]
pub fn shown_before_livekit(profile: &Profile, evidence: &Evidence) -> Vec<Gateway> {
    let asks_it = |p| matches!(p, Purpose::CallServer | Purpose::CallValidate | Purpose::CallToken | Purpose::CallVersion);
    reachable(seen_at(profile.livekit_address(), evidence.exchanges_where(&|x| asks_it(x.purpose)).map(|(_, x)| x)))
}

fn reachable(mut seen: Vec<Gateway>) -> Vec<Gateway> {
    if seen.contains(&Gateway::AzureContainerApps) {
        seen.retain(|g| *g != Gateway::Envoy);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::{ALL, Gateway, Need, Setting, author, marks, shown, wrote};
    use crate::evidence::{Evidence, Response};
    use crate::profile::{Page, Profile};

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

    #[test]
    fn each_has_signs_of_its_own() {
        for (header, value, wanted) in [
            ("server", "openresty/1.25.3", Gateway::Nginx),
            ("server", "istio-envoy", Gateway::Envoy),
            ("x-envoy-upstream-service-time", "4", Gateway::Envoy),
            ("server", "Microsoft-IIS/10.0", Gateway::AzureAppService),
            ("server", "Microsoft-Azure-Application-Gateway/v2", Gateway::AzureApplicationGateway),
            ("x-azure-ref", "0abc", Gateway::AzureFrontDoor),
            ("server", "awselb/2.0", Gateway::AwsAlb),
            ("via", "1.1 abc.cloudfront.net (CloudFront)", Gateway::CloudFront),
            ("server", "Google Frontend", Gateway::GoogleFrontend),
            ("via", "1.1 google", Gateway::GoogleFrontend),
            ("via", "2.0 heroku-router", Gateway::Heroku),
            ("via", "1.1 vegur", Gateway::Heroku),
            ("server", "Fly/1a2b (2026-01-01)", Gateway::Fly),
            ("server", "Caddy", Gateway::Caddy),
            ("via", "1.1 Caddy", Gateway::Caddy),
            ("server", "Apache/2.4.62 (Debian)", Gateway::Apache),
        ] {
            assert_eq!(marks(&response(&[(header, value)], "")), [wanted], "{header}: {value}");
        }
        for (body, wanted) in [
            ("<h1>503 Service Unavailable</h1>\nNo server is available to handle this request.", Gateway::Haproxy),
            ("<h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.", Gateway::Haproxy),
            ("<h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.", Gateway::Haproxy),
            ("upstream request timeout", Gateway::Envoy),
            ("no healthy upstream", Gateway::Envoy),
            ("<hr><center>openresty/1.25.3.1</center>", Gateway::Nginx),
            ("no available server", Gateway::Traefik),
            ("<title>Azure Container App - Unavailable</title>", Gateway::AzureContainerApps),
            ("<h1>Error 404 - This Container App is stopped or does not exist.</h1>", Gateway::AzureContainerApps),
            ("<iframe src=\"//www.herokucdn.com/error-pages/no-such-app.html\">", Gateway::Heroku),
            ("<hr><center>nginx</center>", Gateway::Nginx),
        ] {
            assert_eq!(marks(&response(&[], body)), [wanted], "{body}");
        }
        // What stands in front is named first.
        assert_eq!(marks(&response(&[("server", "cloudflare"), ("via", "1.1 vegur")], "")), [Gateway::Cloudflare, Gateway::Heroku]);
    }

    #[test]
    fn the_body_tells_who_wrote_it() {
        let haproxy = "<h1>503 Service Unavailable</h1>\nNo server is available to handle this request.";
        for (headers, body, wanted) in [
            (&[("server", "nginx/1.22.1")][..], haproxy, Some(Gateway::Haproxy)),
            (&[("server", "nginx/1.22.1")], "<hr><center>nginx/1.22.1</center>", Some(Gateway::Nginx)),
            (&[("server", "nginx/1.22.1")], "Error occurred while trying to proxy: chat.example/socket.io/", None),
            (&[("server", "cloudflare")], "<hr><center>nginx</center>", Some(Gateway::Nginx)),
            (&[("server", "cloudflare")], "error code: 521", Some(Gateway::Cloudflare)),
            (&[("server", "Caddy")], "", Some(Gateway::Caddy)),
            (&[], "", None),
        ] {
            assert_eq!(author(&response(headers, body)), wanted, "{headers:?} {body}");
        }
    }

    fn at(server: &str) -> Profile {
        Profile::of_page(&Page { origin: server.into(), path: "/diagnostics/".into(), embedded: false })
    }

    #[test]
    fn a_host_name_tells_its_platform() {
        let evidence = Evidence::default();
        for (host, wanted) in [
            ("https://app.kindsea-1.westeurope.azurecontainerapps.io", Gateway::AzureContainerApps),
            ("https://app.azurewebsites.net", Gateway::AzureAppService),
            ("https://app-abc.z01.azurefd.net", Gateway::AzureFrontDoor),
            ("https://chat-1.eu-west-1.elb.amazonaws.com", Gateway::AwsAlb),
            ("https://d1.cloudfront.net", Gateway::CloudFront),
            ("https://chat-abc-ew.a.run.app", Gateway::GoogleFrontend),
            ("https://chat.herokuapp.com", Gateway::Heroku),
            ("https://chat.fly.dev", Gateway::Fly),
        ] {
            assert_eq!(shown(&at(host), &evidence), [wanted], "{host}");
        }
        assert!(shown(&at("https://azurewebsites.net.evil.example"), &evidence).is_empty());
        assert!(shown(&at("https://chat.example"), &evidence).is_empty());
    }

    #[test]
    fn each_is_its_own() {
        for gateway in ALL {
            assert_eq!(gateway.platform().gateway, gateway);
            assert_eq!(ALL.iter().filter(|g| g.name() == gateway.name()).count(), 1);
        }
    }

    /// What each must have a word for; the rest is left out where no documentation says it.
    #[test]
    fn each_need_has_its_setting() {
        use Gateway::{
            Apache, AwsAlb, AzureContainerApps, Caddy, CloudFront, Cloudflare, Envoy, Fly, GoogleFrontend, Haproxy, Heroku, IngressNginx, Nginx, Traefik,
        };
        let own = [Nginx, IngressNginx, Traefik, Haproxy, Caddy, Envoy];
        let count = |gateway: Gateway, need: Need| gateway.platform().settings.iter().filter(|s| s.needs.contains(&need)).count();
        for gateway in ALL {
            for need in [Need::Websockets, Need::Sticky, Need::Idle, Need::LongPoll] {
                assert_eq!(count(gateway, need), usize::from(gateway != Fly || need == Need::Websockets), "{gateway:?} {need:?}");
            }
            for need in [Need::Lifetime, Need::Buffering, Need::BodyLimit, Need::Grpc, Need::Resources, Need::MessageSize] {
                assert!(count(gateway, need) <= 1, "{gateway:?} {need:?}");
            }
        }
        for gateway in own {
            for need in [Need::Lifetime, Need::Buffering, Need::BodyLimit, Need::Grpc] {
                assert_eq!(count(gateway, need), 1, "{gateway:?} {need:?}");
            }
        }
        for gateway in [AzureContainerApps, Cloudflare, AwsAlb, GoogleFrontend, Fly] {
            assert_eq!(count(gateway, Need::Grpc), 1, "{gateway:?}");
        }
        for gateway in [AzureContainerApps, GoogleFrontend, Heroku, Fly, IngressNginx, Nginx, Haproxy, Envoy, Apache] {
            assert_eq!(count(gateway, Need::Resources), 1, "{gateway:?}");
        }
        assert!(CloudFront.hides_the_next() && !Nginx.hides_the_next());
    }

    #[test]
    fn each_setting_can_be_done_as_it_stands() {
        let words = crate::words::english();
        for gateway in ALL {
            for setting in gateway.platform().settings {
                let Setting { needs, place, code } = setting;
                let place = words.say(*place);
                assert!(!needs.is_empty() && place.len() > 10 && place.len() <= 340, "{gateway:?}: {place}");
                assert!(place.ends_with(if code.is_empty() { '.' } else { ':' }), "{gateway:?}: {place}");
                assert!(!code.contains('`') && !code.contains("\\\n") && !code.ends_with('\n') && !code.contains('\t'), "{gateway:?}: {code}");
                assert!(!code.replace("{path}", "").contains("{p"), "{gateway:?}: a placeholder that nobody fills: {code}");
                let all = [place.as_str(), "\n", code].concat().to_lowercase();
                for wrong in [
                    "--probe",
                    "--transport http2",
                    "transport: http2",
                    "--revision-suffix",
                    "allow_origin=*",
                    "alloworigins=*",
                    "\"*\"",
                    "tcp health probe",
                    "sessionaffinity",
                    "kubernetes.io/websocket-services",
                    "requires redis",
                    "option h2-workaround",
                    "clear ",
                    "cors update",
                ] {
                    assert!(!all.contains(wrong), "{gateway:?}: “{wrong}” in: {all}");
                }
            }
        }
    }

    #[test]
    fn limits_are_told_apart() {
        for gateway in ALL {
            let platform = gateway.platform();
            for limit in platform.idle.iter().chain(platform.lifetime) {
                assert!(limit.seconds >= 15 && limit.what.contains('(') && limit.what.ends_with(')'), "{gateway:?}: {}", limit.what);
            }
        }
    }
}
