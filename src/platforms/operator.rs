//! Texts for operators that several rules share: what lets WebSockets pass, gateway by gateway, and how to test it.
//! The gateway that showed itself in the run comes alone; where none did, nginx comes first and the others after it.
//! Every setting here stands in the gateway's own documentation or was run; wrong advice that goes round is listed in
//! `tests/guidance.rs`, which keeps it out.

use super::gateway::{self, ALL, Gateway, Need, Setting};
use super::{coturn, livekit, nginx};
use crate::address::Address;
use crate::guidance::{Action, Audience, Guidance};
use crate::platforms::browsers::Task;
use crate::profile::Application;
use crate::redact;
use crate::rules::{Finding, Party, Severity};
use crate::survey::{Live, Survey};
use crate::words::{Phrase, Text};
use crate::{english, t};

/// How an operator sees that WebSockets pass.
pub const SAW_101: Phrase =
    t!("The test's answer begins with “101 Switching Protocols”; 200 is an answer to something else, and 400 or 403 a refusal. Then run this page again.");

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

/// What the chat's client adds to the query, with a word in the place of each value, which no report holds.
fn added_query(survey: &Survey) -> String {
    let added = survey.profile.socket_query.as_deref().map(|query| safe(&query.replace(redact::MASK, "VALUE"), ""));
    added.filter(|query| !query.is_empty()).map_or_else(String::new, |query| [&query, "&"].concat())
}

/// The URL that a plain GET of the socket asks for.
fn socket_url(survey: &Survey, transport: &str) -> String {
    let engine = survey.is_engine_subject();
    let raw = survey.profile.ws_url.as_ref().filter(|_| !engine);
    let secure = Address::parse(raw.unwrap_or(&survey.profile.server)).is_none_or(|a| a.scheme.is_secure());
    let scheme = if secure { "https://" } else { "http://" };
    let version = if survey.eio == 3 { "3" } else { "4" };
    let query = if engine { ["?", &added_query(survey), "EIO=", version, "&transport=", transport].concat() } else { String::new() };
    [scheme, &host(survey), &path(survey), &query].concat()
}

/// The opening handshake of a WebSocket by hand: one line, so that no shell's line continuation is needed; the URL quoted;
/// HTTP/1.1, since HTTP/2 has no Upgrade; a key of 16 bytes (RFC 6455 section 4.1).
#[must_use]
pub fn upgrade_test(survey: &Survey) -> String {
    let protocols: &[String] = if survey.is_engine_subject() { &[] } else { survey.profile.ws_protocols.as_slice() };
    upgrade_test_of(survey, &socket_url(survey, "websocket"), protocols)
}

fn upgrade_test_of(survey: &Survey, url: &str, protocols: &[String]) -> String {
    let offer = if protocols.is_empty() { String::new() } else { ["\" -H \"Sec-WebSocket-Protocol: ", &word(&protocols.join(","))].concat() };
    [
        "curl -i -N --http1.1 --max-time 5 -H \"Connection: Upgrade\" -H \"Upgrade: websocket\" -H \"Sec-WebSocket-Version: 13\" -H \"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\" -H \"Origin: ",
        &page_origin(survey),
        &offer,
        "\" \"",
        url,
        "\"",
    ]
    .concat()
}

/// Where a service worker answers for this page, it may be what stands in the way of requests: the network is asked by nobody else.
pub fn worker(operator: Guidance, survey: &Survey) -> Guidance {
    if !survey.has_worker() {
        return operator;
    }
    operator.step(t!("A service worker of this site answers requests here, and may be the cause: let it pass the socket's path on."))
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
        .step_with(t!("Test it by hand (in Windows PowerShell write curl.exe). First from outside; then past each gateway, with the application's own address in the URL: the hop after which it turns from 101 into something else is the one to mend:"), upgrade_test(survey))
        .recheck(SAW_101)
}

/// Adds the settings that let WebSockets pass.
#[must_use]
pub fn websockets(guidance: Guidance, survey: &Survey) -> Guidance {
    settings(guidance, survey, Need::Websockets)
}

/// Adds what to set for this need: as steps at the gateways that showed themselves, or nginx and ingress-nginx where none did;
/// folded at the others, where one of them may be meant. Where those that showed themselves have no such setting, all are folded.
#[must_use]
pub fn settings(guidance: Guidance, survey: &Survey, need: Need) -> Guidance {
    let mut first = shown(survey);
    let behind_all = first.iter().all(|gateway| gateway.hides_the_next());
    first.retain(|gateway| wanted(*gateway, need).next().is_some());
    let unknown = first.iter().all(|gateway| gateway.hides_the_next());
    if first.is_empty() && behind_all {
        first.push(Gateway::Nginx);
    }
    // ingress-nginx has no mark of its own.
    if first.contains(&Gateway::Nginx) {
        first.push(Gateway::IngressNginx);
    }
    let path = path(survey);
    let mut guidance = guidance;
    for gateway in &first {
        for setting in wanted(*gateway, need) {
            let text = at(*gateway, setting);
            guidance = if setting.code.is_empty() { guidance.step(text) } else { guidance.step_with(text, setting.code.replace("{path}", &path)) };
        }
    }
    for gateway in ALL {
        // The Envoy that showed itself may be that of Azure Container Apps under a name of the operator's.
        let meant = unknown || gateway == Gateway::AzureContainerApps && first.contains(&Gateway::Envoy);
        if meant && !first.contains(&gateway) {
            for setting in wanted(gateway, need) {
                let text = at(gateway, setting);
                let code = setting.code.replace("{path}", &path);
                guidance.elsewhere.push(if code.is_empty() { text } else { vec![text, "\n".into(), code.into()].into() });
            }
        }
    }
    guidance
}

fn at(gateway: Gateway, setting: &Setting) -> Text {
    t!("{gateway}: {place}", gateway = gateway.name(), place = setting.place)
}

fn wanted(gateway: Gateway, need: Need) -> impl Iterator<Item = &'static Setting> {
    gateway.platform().settings.iter().filter(move |setting| setting.needs.contains(&need))
}

fn shown(survey: &Survey) -> Vec<Gateway> {
    gateway::shown(survey.profile, survey.evidence)
}

/// Adds how this test offers a subprotocol, where it offered none.
#[must_use]
pub fn subprotocols(guidance: Guidance, survey: &Survey) -> Guidance {
    if !survey.profile.ws_protocols.is_empty() {
        return guidance;
    }
    guidance.step(t!("Where the WebSocket wants a subprotocol, such as graphql-transport-ws, name it in the setting “ws-protocols”: this test offered none."))
}

/// Those whose setting for the version of HTTP is known.
const BY_VERSION: [Gateway; 3] = [Gateway::Envoy, Gateway::Haproxy, Gateway::Traefik];

/// Whether nothing showed itself, or one of those whose setting `http_version` names.
#[must_use]
pub fn knows_http_version(survey: &Survey) -> bool {
    let seen = shown(survey);
    seen.is_empty() || seen.iter().any(|g| BY_VERSION.contains(g))
}

/// Adds how to keep browsers from sending WebSockets over HTTP/2: as steps at what showed itself, folded where something else did.
#[must_use]
pub fn http_version(guidance: Guidance, survey: &Survey) -> Guidance {
    let seen = shown(survey);
    let named = knows_http_version(survey);
    let mut guidance = guidance.step(t!("If the test gives 101 over HTTP/1.1 and the browser still fails, something announces WebSockets over HTTP/2 and can't do them. Upgrade it, or offer HTTP/1.1 only on the socket's host name."));
    for (gateway, place, code) in [
        (Gateway::Envoy, t!("Envoy, in the listener's common_tls_context:"), "alpn_protocols: [\"http/1.1\"]"),
        (Gateway::Haproxy, t!("HAProxy, in the section global; or on the bind line alpn http/1.1:"), "h2-workaround-bogus-websocket-clients"),
        (
            Gateway::Haproxy,
            t!("HAProxy, where a server's line says proto h2 and that server takes no WebSockets over HTTP/2: take proto h2 away, or add ws h1 (from 2.4 on):"),
            "server s1 10.0.0.1:8000 check proto h2 ws h1",
        ),
        (Gateway::Traefik, t!("Traefik, TLS options in its dynamic configuration:"), "tls:\n  options:\n    default:\n      alpnProtocols: [\"http/1.1\"]"),
    ] {
        if seen.contains(&gateway) || seen.is_empty() && gateway != Gateway::Envoy {
            guidance = guidance.step_with(place, code);
        } else if !named {
            guidance.elsewhere.push(vec![place.into(), "\n".into(), code.into()].into());
        }
    }
    guidance
}

/// The documented block; `$connection_upgrade` closes where nothing is upgraded.
#[must_use]
pub fn nginx(path: &str) -> String {
    nginx::LOCATION.replace("{path}", path)
}

/// What tells the application by which name, port and scheme it was asked, as in [`nginx::LOCATION`].
pub const FORWARDED: &str = "    proxy_set_header Host $http_host; # for HTTP/3 before nginx 1.29.5: $host\n    proxy_set_header X-Forwarded-Proto $scheme;\n    proxy_set_header X-Forwarded-Host $http_host;\n";

/// Adds how the replicas of this application come to know of each other's messages. Sources: docs.openwebui.com
/// troubleshooting/multi-replica; Chainlit's server.py (no `client_manager`); Semaphore Chat's redis-io.adapter.ts; python-socketio's and
/// socket.io's own documentation.
#[must_use]
pub fn shared_state(guidance: Guidance, survey: &Survey) -> Guidance {
    match survey.application {
        Application::OpenWebui => guidance.step_with(
            t!("Open WebUI, in the environment of every replica, each value the same everywhere (with another WEBUI_SECRET_KEY a sign-in counts at one replica only):"),
            "ENABLE_WEBSOCKET_SUPPORT=true\nWEBSOCKET_MANAGER=redis\nWEBSOCKET_REDIS_URL=redis://redis:6379/1\nREDIS_URL=redis://redis:6379/0\nWEBUI_SECRET_KEY=ONE-SECRET-FOR-ALL",
        ),
        Application::Chainlit => guidance.step_with(
            t!("Chainlit as it comes has no bus between its replicas, and keeps a chat's session in memory: keep each person at one replica by session affinity, or run one replica. The secret of its sign-in must be the same in all of them:"),
            "CHAINLIT_AUTH_SECRET=ONE-SECRET-FOR-ALL",
        ),
        Application::Semaphore => guidance.step_with(
            t!("Semaphore Chat's backend, in the environment of every replica (it sends its messages through this Redis):"),
            "REDIS_HOST=redis\nREDIS_PORT=6379",
        ),
        _ => guidance
            .step_with(t!("Python (python-socketio), in every replica:"), "sio = socketio.AsyncServer(async_mode=\"asgi\", client_manager=socketio.AsyncRedisManager(\"redis://redis:6379/0\"))")
            .step_with(
                t!("Node (npm install @socket.io/redis-adapter redis), in every replica:"),
                "const pub = createClient({ url: \"redis://redis:6379\" });\nconst sub = pub.duplicate();\nawait Promise.all([pub.connect(), sub.connect()]);\nio.adapter(createAdapter(pub, sub));",
            ),
    }
}

/// Adds how its client leaves long-polling out, and with it the need for session affinity.
#[must_use]
pub fn websocket_only(guidance: Guidance, survey: &Survey) -> Guidance {
    let (place, code) = match survey.application {
        Application::OpenWebui => (t!("Open WebUI, in the environment of every replica (it is the default):"), "ENABLE_WEBSOCKET_SUPPORT=true"),
        Application::Chainlit => (t!("Chainlit, in .chainlit/config.toml:"), "[project]\ntransports = [\"websocket\"]"),
        Application::Semaphore => return guidance,
        _ => (t!("In the client:"), "io(url, { transports: [\"websocket\"] })"),
    };
    let text =
        t!("Or use WebSocket alone: it stays at the replica where it began, and only those whose network cuts WebSockets are left out. {place}", place = place);
    guidance.step_with(text, code)
}

/// Adds the questions that lead from "several replicas" to the setting that is missing; those that the evidence answers are
/// ticked off.
#[must_use]
pub fn replicas_decisions(guidance: Guidance, survey: &Survey) -> Guidance {
    let shown = shown(survey);
    let passes = survey.websocket_hello().is_some();
    let on_azure = shown.contains(&Gateway::AzureContainerApps);
    let told = survey.evidence.delivery().map_or(&[][..], |(_, delivery)| delivery.sessions.as_slice());
    let sender = told.first().map_or(0, |s| s.instance);
    let others = || told.iter().filter(|s| sender != 0 && s.instance != 0 && s.instance != sender);
    let sent = survey.evidence.delivery().is_some_and(|(_, delivery)| delivery.waited > 0);
    let conversations = survey.conversations(true);
    let strayed = conversations.iter().any(|c| c.unknown.is_some());

    let answer = match survey.live() {
        _ if passes => Some(t!("yes, it did in this run")),
        Live::Refused { .. } | Live::Hung { .. } => Some(t!("no, it did not in this run")),
        _ => None,
    };
    let mut guidance = guidance.decide(t!("Does a WebSocket pass?"), answer, t!("If not, mend that first: a WebSocket stays at the replica where it began."));
    if on_azure || shown.is_empty() {
        let question =
            if on_azure { t!("Is the ingress transport http or auto?") } else { t!("On Azure Container Apps: is the ingress transport http or auto?") };
        let answer = (on_azure && passes).then_some(t!("yes, or no WebSocket would pass"));
        guidance = guidance.decide(question, answer, "az containerapp ingress show --name APP --resource-group GROUP --query transport");
    }
    let answer = if others().next().is_some() {
        Some(t!("yes, this run met more than one"))
    } else {
        strayed.then_some(t!("most likely: some requests met one that does not know the session"))
    };
    let next = if on_azure {
        t!(
            "With one replica nothing below is needed. More than one needs single revision mode for session affinity: az containerapp revision set-mode --name APP --resource-group GROUP --mode single"
        )
    } else {
        t!("With one replica, and one worker process in it, nothing below is needed.")
    };
    guidance = guidance.decide(t!("Do several replicas or worker processes run?"), answer, next);
    let begins = match survey.application {
        Application::Auto | Application::Socketio if survey.polling_off_by_design().is_none() => None,
        _ if survey.polling_off_by_design().is_some() || !survey.polls() => Some(t!("no, it uses WebSocket alone")),
        _ => Some(t!("yes, by default")),
    };
    guidance = guidance.decide(t!("Does the client begin with long-polling?"), begins, t!("Only then must all requests of a session reach one replica."));
    let answer = if survey.keeps_cookie("lax") == Some(false) {
        Some(t!("no, this browser keeps no cookie here"))
    } else if strayed {
        None
    } else {
        (conversations.len() >= 4).then_some(t!("all sessions of this run stayed where they began"))
    };
    let cookie = super::affinity_cookie(survey.profile, survey.evidence, survey.known);
    let next = match cookie.map(|name| safe(&name, "")) {
        Some(name) if !name.is_empty() => t!("Switch it on; the first answer must set its cookie ({cookie}), and each later request must bring it: for a page of another site with SameSite=None and Secure.", cookie = name),
        _ => t!("Switch it on; the first answer must set its cookie, and each later request must bring it: for a page of another site with SameSite=None and Secure.").into(),
    };
    guidance = guidance.decide(t!("Is session affinity on, and does its cookie come back?"), answer, next);
    let heard = sent.then(|| others().next().map(|_| others().all(|s| s.heard_after.is_some()))).flatten();
    let answer =
        heard.map(|heard| if heard { t!("yes, a message of this run reached another one") } else { t!("no, a message of this run did not reach another one") });
    guidance.decide(
        t!("Do the replicas share messages, such as by Redis?"),
        answer,
        t!("Without it people at different replicas do not see each other's messages, however well each of them is connected."),
    )
}

/// Adds how the application is told which origins it may accept.
#[must_use]
pub fn allow_origin(guidance: Guidance, survey: &Survey, origin: &str) -> Guidance {
    let origin = safe(origin, "https://chat.example");
    match survey.application {
        Application::OpenWebui => guidance
            .step_with(t!("Open WebUI, in the server's environment; several origins are separated by a semicolon:"), ["CORS_ALLOW_ORIGIN=", &origin].concat()),
        Application::Chainlit => guidance.step_with(t!("Chainlit, in .chainlit/config.toml:"), ["[project]\nallow_origins = [\"", &origin, "\"]"].concat()),
        Application::Semaphore => {
            guidance.step_with(t!("Semaphore Chat, in the backend's environment (its default is http://localhost:5173):"), ["CORS_ORIGIN=", &origin].concat())
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
            t!("Read the application's log, and see whether its replicas run:"),
            "az containerapp logs show --name APP --resource-group GROUP --follow\naz containerapp replica list --name APP --resource-group GROUP",
        );
    }
    guidance.step(t!("Read the application's and the gateway's log at the time of this report (it is written in UTC)."))
}

/// Adds what keeps an instance awake.
#[must_use]
pub fn keep_warm(guidance: Guidance, survey: &Survey) -> Guidance {
    match shown(survey).as_slice() {
        [] => guidance
            .step_with("Azure Container Apps:", MIN_REPLICAS)
            .step_with("Azure App Service:", ALWAYS_ON)
            .step_with("Cloud Run:", MIN_INSTANCES)
            .step(t!("Elsewhere: the setting that keeps at least one instance running.")),
        seen if seen.contains(&Gateway::AzureContainerApps) => guidance.step_with("Azure Container Apps:", MIN_REPLICAS),
        seen if seen.contains(&Gateway::AzureAppService) => guidance.step_with("Azure App Service:", ALWAYS_ON),
        seen if seen.contains(&Gateway::GoogleFrontend) => guidance.step_with("Cloud Run:", MIN_INSTANCES),
        _ => guidance.step(t!("Use your platform's setting that keeps at least one instance running.")),
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
    let guidance = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Let WebSocket connections to {host} through.", host = &host))
        .step(t!("In the web proxy, the filter and the VPN gateway allow {host} with the HTTP Upgrade to WebSocket (RFC 6455), and connections that stay open for hours.", host = host))
        .step(t!("If TLS is inspected there, except this host: many inspecting products relay requests and break WebSockets."))
        .step_with(t!("Test from inside this network, and from outside it for comparison (in Windows PowerShell write curl.exe). curl goes through a proxy only if you name it with -x:"), upgrade_test(survey))
        .recheck(SAW_101);
    Some(guidance.limits(t!("If the test fails from outside too, the network is not the cause; the report's part for the operator applies.")))
}

/// What the rules of calls say, as data: the least to download.
#[derive(Debug)]
pub struct Texts {
    /// The words of `how`, or none for any; what it means to the person, where `{devices}` is the parameter of that name; what they do
    /// first; what the operator does.
    pub by_how: &'static [(&'static str, Phrase, First, &'static [Step])],
    pub title: Option<Phrase>,
    /// Whatever `how` says.
    pub steps: &'static [Step],
    pub recheck: Option<Phrase>,
    pub limits: Option<Phrase>,
}

/// What the person does first.
#[derive(Clone, Copy, Debug)]
pub enum First {
    Nothing,
    Do(Phrase),
    /// In the words of their browser.
    InBrowser(Task),
}

/// A step, the values that its text names, and what there is to copy, where `{name}` is a value too. A value is a parameter of the
/// finding; a step without one of its values is left out.
#[derive(Debug)]
pub struct Step {
    pub text: Phrase,
    pub values: &'static [&'static str],
    pub code: &'static str,
}

/// A [`Step`] of a text with its values, and of what there is to copy. That the names are those in the text is looked at when it is compiled.
#[macro_export]
macro_rules! step {
    ($t:ident!($words:literal $(, $value:literal)*)) => {
        $crate::step!($t!($words $(, $value)*), "")
    };
    ($t:ident!($words:literal $(, $value:literal)*), $code:expr) => {
        $crate::platforms::operator::Step {
            text: const {
                // An array of another length does not compile.
                let _: [(); 1] = [(); $crate::platforms::operator::names($words, &[$($value),*]) as usize];
                $crate::$t!($words)
            },
            values: &[$($value),*],
            code: $code,
        }
    };
}

/// Whether these are the `{name}`s of the words, in order.
#[must_use]
pub const fn names(words: &str, values: &[&str]) -> bool {
    let words = words.as_bytes();
    let (mut at, mut found) = (0, 0);
    while at < words.len() {
        if words[at] == b'{' {
            if found == values.len() {
                return false;
            }
            let value = values[found].as_bytes();
            let mut i = 0;
            while i < value.len() {
                at += 1;
                if at == words.len() || words[at] != value[i] {
                    return false;
                }
                i += 1;
            }
            if at + 1 >= words.len() || words[at + 1] != b'}' {
                return false;
            }
            found += 1;
        }
        at += 1;
    }
    found == values.len()
}

/// A relay at the port that networks leave open.
pub const BY_COTURN: Step = step!(
    t!(
        "Offer a relay by TLS on port 443 of an IP address of its own (a web server or an HTTP gateway can't share theirs), with a trusted certificate. coturn, in turnserver.conf; its user must be able to read the key and to take a port below 1024 (CAP_NET_BIND_SERVICE):"
    ),
    coturn::TLS
);
pub const BY_LIVEKIT: Step = step!(t!("Or LiveKit's own, in its configuration:"), livekit::TURN);

/// The guidance that these texts come to.
#[must_use]
pub fn texts(finding: &Finding, survey: &Survey, texts: &Texts, how: &str) -> Vec<Guidance> {
    let Some((_, means, first, steps)) = texts.by_how.iter().find(|(of, ..)| of.is_empty() || of.split(' ').any(|o| o == how)) else {
        return Vec::new();
    };
    let mut person = Guidance::person(&finding.code, means.with(vec![("devices", value("devices", finding.param("devices")))]));
    person = match *first {
        First::Nothing => person,
        First::Do(text) => person.step(text),
        First::InBrowser(task) => person.in_browser(survey.user_agent(), task),
    };
    let said = |text: Option<Phrase>| text.map_or(Text::Nothing, Text::from);
    let mut operator = Guidance::operator(&finding.code, said(texts.title)).recheck(said(texts.recheck)).limits(said(texts.limits));
    for step in steps.iter().chain(texts.steps) {
        if step.code == NGINX && before_livekit(&mut operator, survey) {
            continue;
        }
        let values: Vec<(&'static str, Text)> = step.values.iter().map(|name| (*name, value(name, finding.param(name)))).collect();
        if let Some(code) = filled(step.code, finding, survey).filter(|_| !values.iter().any(|(_, value)| value.is_empty())) {
            operator.steps.push(Action { text: step.text.with(values), code: Some(code).filter(|c| !c.is_empty()) });
        }
    }
    if finding.severity > Severity::Info && finding.names(Party::NetworkAdmin) {
        person = person.other_network();
    }
    let mut all = Vec::new();
    if operator.steps.is_empty() {
        all.push(person);
    } else {
        all.push(if finding.severity == Severity::Info { person } else { person.or_hand_on() });
        all.push(operator);
    }
    all.extend(call_network(finding, survey));
    all
}

/// The code of a step that lets nginx pass WebSockets to LiveKit, in place of which the gateways come that showed themselves there.
pub const NGINX: &str = "{nginx}";

/// Adds how what stands before LiveKit passes WebSockets; whether that is all: behind a content network or an nginx, that of the step is meant as well.
fn before_livekit(operator: &mut Guidance, survey: &Survey) -> bool {
    let shown = gateway::shown_before_livekit(survey.profile, survey.evidence);
    for gateway in shown.iter().filter(|g| **g != Gateway::Nginx) {
        for setting in wanted(*gateway, Need::Websockets) {
            let code = setting.code.replace("{path}", "/").replace("8000", "7880");
            operator.steps.push(Action { text: at(*gateway, setting), code: Some(code).filter(|c| !c.is_empty()) });
        }
    }
    shown.iter().any(|g| *g != Gateway::Nginx && !g.hides_the_next()) && !shown.contains(&Gateway::Nginx)
}

// What the rules of calls give as parameters, in English.
pub const BY_MEDIA: &str = english!("LiveKit's media go by TCP, though it offers UDP");
pub const BY_JOIN: &str = english!("LiveKit's own list, in its join answer");
pub const NO_URL: &str = english!("no URL that browsers take");
pub const NO_NAME: &str = english!("its name was not found");
pub const NOT_REACHED: &str = english!("not reached (701)");
const KNOWN: [&str; 10] =
    [BY_MEDIA, BY_JOIN, NO_URL, NO_NAME, NOT_REACHED, english!("microphone"), english!("camera"), english!("expired"), english!("early"), english!("valid")];

/// A parameter in the words of any language, as far as it has words.
fn value(name: &str, text: &str) -> Text {
    match name {
        "devices" => match text.split_once(" and ") {
            Some((one, other)) => t!("{one} and {other}", one = known(one), other = known(other)),
            None => known(text),
        },
        "candidates" => match text.strip_suffix(" by TCP").and_then(|t| t.split_once(" by UDP and ")) {
            Some((udp, tcp)) => t!("{udp} by UDP and {tcp} by TCP", udp = udp, tcp = tcp),
            None => text.into(),
        },
        "urls" => Text::each(text, asked),
        "host" => safe(text, "").into(),
        _ => known(text),
    }
}

fn known(text: &str) -> Text {
    if KNOWN.contains(&text) { Text::Own(text.to_owned()) } else { text.into() }
}

/// What came of one server, as RTC003 tells it.
fn asked(told: &str) -> Text {
    let Some((url, what)) = told.rsplit_once(": ") else { return known(told) };
    let (what, family) =
        ["IPv4", "IPv6"].into_iter().find_map(|family| Some((what.strip_suffix(family)?.strip_suffix(" over ")?, family))).unwrap_or((what, ""));
    let what = if let Some(time) = what.strip_prefix("no answer in ") {
        t!("no answer in {time}", time = time)
    } else if let Some(code) = what.strip_prefix("refused with ") {
        t!("refused with {code}", code = code)
    } else {
        known(what)
    };
    if family.is_empty() { t!("{url}: {what}", url = url, what = what) } else { t!("{url}: {what} over {family}", url = url, what = what, family = family) }
}

/// `None` where it needs a parameter that is empty.
fn filled(text: &str, finding: &Finding, survey: &Survey) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let value = match name {
            "test" => call_test(survey),
            "nginx" => nginx("/").replace("8000", "7880"),
            "origin" => page_origin(survey),
            // The one that goes into a command.
            "host" => safe(finding.param(name), ""),
            name => finding.param(name).to_owned(),
        };
        if value.is_empty() {
            return None;
        }
        out.push_str(before);
        out.push_str(&value);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The opening handshake of LiveKit's signalling by hand, without a token.
fn call_test(survey: &Survey) -> String {
    let address = survey.profile.livekit_address();
    let url = address.map(|a| [&a.origin(), a.path.split('?').next().unwrap_or("").trim_end_matches('/'), "/rtc"].concat());
    upgrade_test_of(survey, &safe(&url.unwrap_or_default(), "https://livekit.example/rtc"), &[])
}

/// For whoever runs the network: where calls want to go. Nothing where the finding does not name them.
fn call_network(finding: &Finding, survey: &Survey) -> Option<Guidance> {
    let mut rows: Vec<String> = Vec::new();
    let mut row = |host: &str, transport: &str, port: &str, what: &str| {
        let row = [&safe(host, "turn.example"), transport, port, what].concat();
        if !rows.contains(&row) {
            rows.push(row);
        }
    };
    if let Some(address) = survey.profile.livekit_address() {
        row(&address.host, TCP, &address.port.to_string(), " signalling (WebSocket)");
        row(&address.host, UDP, "50000-60000", " media (or 7882)");
        row(&address.host, TCP, "7881", " media without UDP");
    }
    if let Some(address) = survey.profile.webtransport_url.as_ref().and_then(|url| Address::parse(url)) {
        row(&address.host, UDP, &address.port.to_string(), " WebTransport (HTTP/3)");
    }
    for look in survey.ice_looks() {
        let transport = if look.url.transport == "udp" { UDP } else { TCP };
        row(
            &look.url.host,
            transport,
            &look.url.port.to_string(),
            if look.url.transport == "tls" { " TURN by TLS: no HTTP, do not inspect it" } else { " STUN, TURN" },
        );
    }
    if rows.is_empty() || !finding.names(Party::NetworkAdmin) {
        return None;
    }
    let livekit = survey.profile.livekit_address().is_some();
    let (title, what) = match (finding.code == "RTC005", livekit) {
        (true, false) => (LOSS, t!("These connections come about, and data on them get lost: look at traffic shaping, at the MTU and at inspection:")),
        (true, true) => (
            LOSS,
            t!(
                "These connections come about, and data on them get lost: look at traffic shaping, at the MTU and at inspection. LiveKit's ports are its documented ones; ask its operator whether they or the host of its media are others:"
            ),
        ),
        (false, false) => (LET_OUT, t!("Allow these outgoing connections with their answers; none has to be let in:")),
        (false, true) => (
            LET_OUT,
            t!(
                "Allow these outgoing connections with their answers; none has to be let in. LiveKit's ports are its documented ones; ask its operator whether they or the host of its media are others:"
            ),
        ),
    };
    let guidance = Guidance::new(&finding.code, Audience::NetworkAdmin, title)
        .step_with(what, rows.join("\n"))
        .recheck(t!("In this network this page no longer says so."));
    Some(guidance.limits(t!("If another network shows the same, this one is not the cause.")))
}

const LOSS: Phrase = t!("Look at loss on the way to the relay.");
const LET_OUT: Phrase = t!("Let calls out to their servers.");
const TCP: &str = " TCP ";
const UDP: &str = " UDP ";

#[cfg(test)]
mod tests {
    use super::{BY_MEDIA, Need, names, replicas_decisions, settings, shared_state, websocket_only, word};
    use crate::evidence::Evidence;
    use crate::guidance::Guidance;
    use crate::profile::{Application, Page, Profile};
    use crate::survey::Survey;

    const NEEDS: [Need; 10] = [
        Need::Websockets,
        Need::Sticky,
        Need::Idle,
        Need::Lifetime,
        Need::Buffering,
        Need::BodyLimit,
        Need::LongPoll,
        Need::Grpc,
        Need::Resources,
        Need::MessageSize,
    ];

    fn with(server: &str, application: Application, fill: impl Fn(Guidance, &Survey) -> Guidance) -> Guidance<String> {
        let mut profile = Profile::of_page(&Page { origin: server.into(), path: "/diagnostics/".into(), embedded: false });
        profile.application = application;
        let evidence = Evidence::default();
        fill(Guidance::operator("SES001", "Do it."), &Survey::of(&profile, &evidence)).in_words(&crate::words::english())
    }

    fn text(guidance: &Guidance<String>) -> String {
        let steps = guidance.steps.iter().map(|s| [&s.text, "\n", s.code.as_deref().unwrap_or(""), "\n"].concat());
        steps.chain(guidance.elsewhere.iter().map(|e| [e, "\n"].concat())).collect()
    }

    #[test]
    fn every_need_is_answered() {
        for need in NEEDS {
            let unknown = with("https://chat.example", Application::Auto, |g, s| settings(g, s, need));
            let all = text(&unknown);
            assert!(!all.contains("{path}"), "{need:?}: {all}");
            if need == Need::MessageSize {
                assert!(all.is_empty());
                continue;
            }
            assert!(unknown.steps.iter().any(|s| s.text.starts_with("ingress-nginx: ")), "{need:?}");
            assert!(unknown.steps[0].text.starts_with("nginx: "), "{need:?}");
            assert!(unknown.elsewhere.iter().any(|e| e.starts_with("Envoy: ")), "{need:?}");
        }
    }

    #[test]
    fn what_showed_itself_comes_alone() {
        let azure = with("https://app.azurecontainerapps.io", Application::Auto, |g, s| settings(g, s, Need::Sticky));
        assert!(azure.steps.len() == 1 && azure.elsewhere.is_empty(), "{azure:?}");
        assert!(text(&azure).contains("sticky-sessions set --name APP --resource-group GROUP --affinity sticky"));
        // Behind a content network stands something that it hides.
        let edge = with("https://d1.cloudfront.net", Application::Auto, |g, s| settings(g, s, Need::Sticky));
        assert!(edge.steps.len() == 1 && edge.elsewhere.iter().any(|e| e.starts_with("nginx: ")), "{edge:?}");
        // Where the one that showed itself has no such setting, another one behind it may be meant.
        let fly = with("https://chat.fly.dev", Application::Auto, |g, s| settings(g, s, Need::Buffering));
        assert!(fly.steps.is_empty() && fly.elsewhere.iter().any(|e| e.starts_with("nginx: ")), "{fly:?}");
    }

    #[test]
    fn each_application_has_its_own_words() {
        let shared = |application| text(&with("https://chat.example", application, shared_state));
        assert!(shared(Application::OpenWebui).contains("WEBSOCKET_MANAGER=redis\nWEBSOCKET_REDIS_URL="));
        assert!(shared(Application::Chainlit).contains("one replica") && !shared(Application::Chainlit).contains("edis"));
        assert!(shared(Application::Semaphore).contains("REDIS_HOST=redis"));
        assert!(shared(Application::Auto).contains("AsyncRedisManager") && shared(Application::Raw).contains("createAdapter(pub, sub)"));
        let alone = |application| text(&with("https://chat.example", application, websocket_only));
        assert!(alone(Application::Chainlit).contains("transports = [\"websocket\"]"));
        assert!(alone(Application::OpenWebui).contains("ENABLE_WEBSOCKET_SUPPORT=true") && alone(Application::Semaphore).is_empty());
        assert!(alone(Application::Auto).contains("io(url, { transports: [\"websocket\"] })"));
    }

    #[test]
    fn nothing_is_ticked_off_without_evidence() {
        for application in [Application::Auto, Application::Chainlit, Application::Semaphore] {
            let list = with("https://chat.example", application, replicas_decisions).decisions;
            assert_eq!(list.len(), 6);
            assert!(list.iter().all(|d| d.question.ends_with('?') && !d.next.is_empty()));
            let ticked: Vec<&str> = list.iter().filter_map(|d| d.answer.as_deref()).collect();
            let by_design: &[&str] = match application {
                Application::Auto => &[],
                Application::Chainlit => &["yes, by default"],
                _ => &["no, it uses WebSocket alone"],
            };
            assert_eq!(ticked, by_design);
        }
        let nginx = with("https://chat.herokuapp.com", Application::Auto, replicas_decisions).decisions;
        assert!(nginx.len() == 5 && nginx[3].next.contains("(heroku-session-affinity)"), "{nginx:?}");
    }

    #[test]
    fn the_names_of_values_are_those_in_the_words() {
        assert!(names("No value.", &[]) && names("{a}{b-c} %", &["a", "b-c"]));
        for (words, values) in [("{a}", &[][..]), ("{a} {b}", &["a"]), ("", &["a"]), ("{a}", &["b"]), ("{ab}", &["a"]), ("{a", &["a"]), ("{a", &["ab"])] {
            assert!(!names(words, values), "{words} {values:?}");
        }
    }

    /// A finding holds its parameters in English; each is said in parts, and comes out the same in English.
    #[test]
    fn a_parameter_is_said_in_any_language() {
        let (english, none) = (crate::words::english(), crate::words::Words::default());
        for (name, text, bare) in [
            ("devices", "microphone and camera", "…"),
            ("devices", "camera", "camera"),
            ("candidates", "3 by UDP and 0 by TCP", "…"),
            ("claims", "early", "early"),
            ("urls", BY_MEDIA, BY_MEDIA),
            ("urls", "turn:a.example:3478?transport=udp: no answer in 3.0 s over IPv4; turns:b.example: its name was not found", "…; …"),
            ("urls", "turn:[::1]:3478: refused with 403 over IPv6; stun:x?y: no URL that browsers take", "…; …"),
            ("host", "turn.example:443", "turn.example:443"),
            ("message", "Opening handshake failed.", "Opening handshake failed."),
            ("devices", "a lamp", "a lamp"),
            ("candidates", "many", "many"),
            ("status", "", ""),
            ("urls", "", ""),
        ] {
            let value = super::value(name, text);
            assert_eq!((english.say(value.clone()).as_str(), none.say(value.clone()).as_str()), (text, bare));
            assert!(english.knows(&value) && value.is_empty() == text.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_could_run_as_a_command_is_left_out() {
        assert_eq!(word("/chat/ws/socket.io/"), "/chat/ws/socket.io/");
        for evil in ["/$(reboot)/", "/`x`/", "/a\";reboot;\"", "/a;}", "/a b", "", "/é"] {
            assert_eq!(word(evil), "REPLACE-ME", "{evil}");
        }
    }
}
