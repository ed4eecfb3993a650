//! What to diagnose, parsed once from a file, attributes, a query and a call; the later wins.
//!
//! A query is anybody's link: it may not point a probe at an origin that neither the page, its file nor its attributes
//! name, never carries a token, and names neither what is joined nor what is asked with one.

use serde::{Deserialize, Serialize};

use crate::address::{self, Address, Scheme};
use crate::english;
use crate::protocol::ice::IceUrl;
use crate::protocol::json::{self, Value};
use crate::protocol::livekit::IceServer;
use crate::redact;

/// Errors of the chat's own client that are taken as evidence, at most.
const MOST_SEEN: usize = 5;

/// The names of all settings, the same in the file, the attributes, the query and the call.
pub const SETTINGS: [&str; 33] = [
    "server",
    "socket-path",
    "socket-query",
    "profile",
    "health-path",
    "user-path",
    "help-path",
    "credentials",
    "request-headers",
    "response-headers",
    "storage-keys",
    "namespace",
    "chat-page",
    "ws-url",
    "ws-protocols",
    "stream-url",
    "echo-event",
    "affinity-cookie",
    "grpc-url",
    "ladder",
    "livekit-url",
    "livekit-token",
    "ice-servers",
    "webtransport-url",
    "devices",
    "seen",
    "report-url",
    "otlp-url",
    "depth",
    "autorun",
    "only",
    "lang",
    "config",
];

/// What to diagnose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The page's own origin.
    pub page_origin: String,
    /// The folder that the page was loaded from, with slashes at both ends.
    pub page_folder: String,
    /// The origin of the chat's server; the page's where nothing else is said.
    pub server: String,
    /// Whether the server is another origin than the page's; kept, since redaction may make two origins look alike.
    #[serde(default)]
    pub cross_origin: bool,
    /// As it was given; [`Profile::configured_paths`] has the forms in which it is asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub socket_path: Option<String>,
    /// What the chat's client adds to the query of each of the engine's addresses (`io({ query })`), as it stands there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub socket_query: Option<String>,
    pub application: Application,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub health_path: Option<String>,
    /// The endpoint that tells who is signed in: 200, or 401 or 403 for nobody.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_path: Option<String>,
    /// The operator's endpoint that tells which cookies came and clears what the browser holds (`www/server-help`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub help_path: Option<String>,
    /// Whether the chat's requests to another origin carry cookies (`withCredentials`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub credentials: bool,
    /// Headers that the chat adds to its requests, lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_headers: Vec<String>,
    /// Headers that the chat has to read, lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_headers: Vec<String>,
    /// Keys of Web Storage that are the chat's own, and that a repair may take away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage_keys: Vec<String>,
    /// Set: the embedder says that a Socket.IO CONNECT to it is safe.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<String>,
    /// The chat's own page, on the server's origin.
    pub chat_page: String,
    /// Whether `chat-page` was given, or is the default.
    #[serde(default)]
    pub chat_page_named: bool,
    /// Whether this program is inside of another page than its own: then that page is the chat's, unless one is named.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub embedded: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ws_url: Option<String>,
    /// Subprotocols that are offered at `ws_url`, the first one preferred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ws_protocols: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stream_url: Option<String>,
    /// The Socket.IO event that the operator's echo handler answers (`www/server-help`). Set: a CONNECT is safe.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub echo_event: Option<String>,
    /// The cookie by which the gateway keeps a person at one replica.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub affinity_cookie: Option<String>,
    /// Below which a gRPC-web server answers: a path of the server's, or a URL.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grpc_url: Option<String>,
    /// Whether the operator asked, by a click or in `run()`, to open up to eight WebSockets at one time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ladder: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub livekit_url: Option<String>,
    /// A secret: never serialized.
    #[serde(skip)]
    pub livekit_token: Option<String>,
    /// STUN and TURN servers, one a URL. They may hold credentials: never serialized.
    #[serde(skip)]
    pub ice_servers: Vec<IceServer>,
    /// Whether there are any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ice_servers_named: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub webtransport_url: Option<String>,
    /// What is to be opened, on a click or in `run()`: the browser asks the person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Capturable>,
    /// What the chat's own client said before the run, with the time of it in milliseconds since 1970; it becomes evidence.
    #[serde(skip)]
    pub seen: Vec<(f64, String)>,
    /// Where the report goes when the person sends it; a key may stand in it: never serialized.
    #[serde(skip)]
    pub targets: Targets,
    pub depth: Depth,
    #[serde(default)]
    pub autorun: bool,
    /// Empty: everything.
    #[serde(default)]
    pub only: Vec<Topic>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lang: Option<String>,
}

/// The chat application that is diagnosed; what each means stands in [`crate::platforms`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Application {
    /// Found out from what answers.
    #[default]
    Auto,
    Chainlit,
    OpenWebui,
    Semaphore,
    Livekit,
    Socketio,
    Raw,
}

/// A device that a call may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capturable {
    Microphone,
    Camera,
}

impl Capturable {
    /// Its name in settings, in the evidence and to Permissions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Capturable::Microphone => english!("microphone"),
            Capturable::Camera => english!("camera"),
        }
    }
}

/// What a click in the face adds to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    Nothing,
    Ladder,
    Device(Capturable),
}

/// How long a run looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// At most 5 s.
    #[default]
    Quick,
    /// At most 45 s: a heartbeat can be seen.
    Full,
    /// Until it is stopped.
    Watch,
}

impl Depth {
    /// All that a run of it may take, in milliseconds; `None` for until it is stopped.
    #[must_use]
    pub fn time_limit(self) -> Option<u32> {
        match self {
            Depth::Quick => Some(5_000),
            Depth::Full => Some(45_000),
            Depth::Watch => None,
        }
    }
}

/// A part of a run, for the setting `only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// What the browser holds: cookies, storage, caches, service workers.
    Browser,
    Http,
    Polling,
    Websocket,
    Upgrade,
    Heartbeat,
    Connect,
    Raw,
    Health,
    Application,
    /// Several sessions, to see replicas.
    Sessions,
    /// Broadcasts from one replica to another.
    Delivery,
    Stream,
    /// Round trips, rates, sizes.
    Quality,
    Grpc,
    /// Voice, video and data channels.
    Calls,
}

/// Where the page stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// `location.origin`.
    pub origin: String,
    /// `location.pathname`.
    pub path: String,
    /// Whether the page lies in another folder than this program's files.
    pub embedded: bool,
}

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `connection-doctor.json` beside the page.
    File,
    /// The element's attributes.
    Attributes,
    /// The page's query.
    Query,
    /// `run(options)`: the embedder's own code.
    Call,
}

impl Source {
    fn words(self) -> &'static str {
        match self {
            Source::File => "in connection-doctor.json",
            Source::Attributes => "in the element's attributes",
            Source::Query => "in the page's address",
            Source::Call => "in the options of run()",
        }
    }
}

/// The settings of one source, as JSON text of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    pub source: Source,
    pub json: String,
}

/// Where reports go, if anywhere. Never from a link, and in no report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Takes the report's JSON: a URL, or a path of the page's own origin.
    pub report: Option<String>,
    /// Takes OTLP/HTTP in JSON: the same.
    pub otlp: Option<String>,
}

impl Targets {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.report.is_none() && self.otlp.is_none()
    }
}

/// The embedder's mistake: which field, what it says, what is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    pub field: String,
    pub source: Source,
    /// Shortened, without secrets.
    pub value: String,
    pub accepted: String,
}

impl std::fmt::Display for ProfileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for part in ["The setting “", &self.field, "” ", self.source.words(), " is “", &self.value, "”. Accepted: ", &self.accepted, "."] {
            f.write_str(part)?;
        }
        Ok(())
    }
}

type Parsed<T> = Result<T, String>;

/// Why that is no JSON, where it can be told.
fn no_json(text: &str, fault: &json::Fault) -> String {
    let json::Fault::Syntax(at) = fault else { return String::new() };
    // UTF-16, read as UTF-8: each second byte of English is a zero.
    if text.contains('\0') {
        return "; this is no UTF-8: save it as UTF-8".to_owned();
    }
    let before = text.get(..*at).unwrap_or(text);
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let comma = if before.trim_end().ends_with(',') && text.get(*at..).is_some_and(|rest| rest.starts_with(['}', ']'])) { ": a comma too many" } else { "" };
    ["; this is no valid JSON at line ", &(before.matches('\n').count() + 1).to_string(), ", column ", &column.to_string(), comma].concat()
}

impl Profile {
    /// The socket path of the settings: with a slash at its end, as socket.io-client adds it, and as it was given, for clients with
    /// `addTrailingSlash: false`.
    #[must_use]
    pub fn configured_paths(&self) -> Vec<String> {
        match &self.socket_path {
            None => Vec::new(),
            Some(path) if path.ends_with('/') => vec![path.clone()],
            Some(path) => vec![[path, "/"].concat(), path.clone()],
        }
    }

    /// The profile of a page without any setting.
    #[must_use]
    pub fn of_page(page: &Page) -> Profile {
        Profile {
            page_origin: page.origin.clone(),
            page_folder: address::folder(&page.path).to_owned(),
            server: page.origin.clone(),
            cross_origin: false,
            socket_path: None,
            socket_query: None,
            application: Application::Auto,
            health_path: None,
            user_path: None,
            help_path: None,
            credentials: false,
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            storage_keys: Vec::new(),
            namespace: None,
            chat_page: if page.embedded { page.path.clone() } else { "/".to_owned() },
            chat_page_named: page.embedded,
            embedded: page.embedded,
            ws_url: None,
            ws_protocols: Vec::new(),
            stream_url: None,
            echo_event: None,
            affinity_cookie: None,
            grpc_url: None,
            ladder: false,
            livekit_url: None,
            livekit_token: None,
            ice_servers: Vec::new(),
            ice_servers_named: false,
            webtransport_url: None,
            devices: Vec::new(),
            seen: Vec::new(),
            targets: Targets::default(),
            depth: Depth::Quick,
            autorun: false,
            only: Vec::new(),
            lang: None,
        }
    }

    /// Reads all layers, the later one winning.
    ///
    /// # Errors
    /// Every mistake in every layer; with one of them, no run may start.
    pub fn parse(page: &Page, layers: &[Layer]) -> Result<Profile, Vec<ProfileError>> {
        let mut profile = Profile::of_page(page);
        let mut errors = Vec::new();
        let mut named = vec![page.origin.clone()];
        let mut objects = Vec::new();
        for layer in layers {
            match json::parse(&layer.json) {
                Ok(Value::Object(members)) => objects.push((layer.source, members)),
                read => errors.push(ProfileError {
                    field: "(all of it)".to_owned(),
                    source: layer.source,
                    value: redact::setting("", &layer.json),
                    accepted: ["one JSON object with the settings' names", &read.err().map_or(String::new(), |fault| no_json(&layer.json, &fault))].concat(),
                }),
            }
        }
        for (source, members) in &objects {
            if *source != Source::Query {
                named.extend(members.iter().filter_map(|(_, v)| v.as_str()).filter_map(Address::parse).map(|a| a.origin()));
            }
        }
        for (source, members) in &objects {
            for (field, value) in members {
                if let Err(accepted) = profile.set(field, value, *source, &named) {
                    let shown = match value {
                        Value::String(text) => redact::setting(field, text),
                        Value::Bool(true) => "true".to_owned(),
                        Value::Bool(false) => "false".to_owned(),
                        Value::Number(_) => "a number".to_owned(),
                        Value::Null => "null".to_owned(),
                        Value::Array(_) => "a list".to_owned(),
                        Value::Object(_) => "an object".to_owned(),
                    };
                    errors.push(ProfileError { field: redact::shorten(field, 40), source: *source, value: shown, accepted });
                }
            }
        }
        if let Some(path) = profile.ws_url.as_ref().filter(|url| url.starts_with('/')) {
            profile.ws_url = Address::parse(&profile.server).map(|server| [&server.socket_origin(), path.as_str()].concat());
        }
        if let Some(token) = profile.livekit_token.as_ref().filter(|_| errors.is_empty() && profile.livekit_address().is_none()) {
            let source = objects.iter().rfind(|(_, members)| members.iter().any(|(field, _)| field == "livekit-token")).map_or(Source::Call, |(s, _)| *s);
            let accepted = "a token together with livekit-url, the address of LiveKit".to_owned();
            errors.push(ProfileError { field: "livekit-token".to_owned(), source, value: redact::setting("livekit-token", token), accepted });
        }
        if errors.is_empty() { Ok(profile) } else { Err(errors) }
    }

    fn set(&mut self, field: &str, value: &Value, source: Source, named: &[String]) -> Parsed<()> {
        let from_query = source == Source::Query;
        let allowed = |address: &Address| -> Parsed<()> {
            if !from_query || named.contains(&address.origin()) {
                Ok(())
            } else {
                Err("in a link only origins that the page, its file or its attributes name".to_owned())
            }
        };
        let web_url = |value: &Value| -> Parsed<String> {
            let accepted = || "an absolute URL such as wss://chat.example/socket".to_owned();
            let text = value.as_str().ok_or_else(accepted)?;
            let address = Address::parse(text).ok_or_else(accepted)?;
            allowed(&address)?;
            Ok(text.trim().to_owned())
        };
        let path = |value: &Value| -> Parsed<String> {
            let accepted = || "a path that begins with one slash, such as /ws/socket.io/".to_owned();
            value.as_str().map(str::trim).filter(|p| address::is_path(p) && p.len() <= 300).map(str::to_owned).ok_or_else(accepted)
        };
        let http_url = |value: &Value| -> Parsed<String> {
            let text = value.as_str().map(str::trim).unwrap_or("");
            if text.starts_with('/') {
                return path(value);
            }
            let is_http = || text.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("http"));
            let address = Address::parse(text).filter(|_| is_http()).ok_or("a URL that begins with https: or http:, or a path that begins with one slash")?;
            allowed(&address)?;
            Ok(text.to_owned())
        };
        match field {
            "server" => {
                let accepted = || "an origin such as https://chat.example, without a path".to_owned();
                let address = value.as_str().and_then(Address::parse).filter(|a| a.path == "/").ok_or_else(accepted)?;
                allowed(&address)?;
                self.server = address.origin();
                self.cross_origin = self.server != self.page_origin;
            }
            "socket-path" => {
                let path = path(value)?;
                if path.contains('?') {
                    return Err("a path without a query, such as /ws/socket.io/; a query has the setting socket-query".to_owned());
                }
                self.socket_path = Some(path);
            }
            // Some of these requests are POSTs, and all carry the sign-in of the person.
            "socket-query" if from_query => return Err("nothing in a link: it goes with requests that carry the sign-in of the person".to_owned()),
            "socket-query" => self.socket_query = Some(socket_query(value)?),
            "profile" => {
                self.application = match value.as_str().unwrap_or("") {
                    "auto" => Application::Auto,
                    "chainlit" => Application::Chainlit,
                    "open-webui" => Application::OpenWebui,
                    "semaphore" => Application::Semaphore,
                    "livekit" => Application::Livekit,
                    "socketio" => Application::Socketio,
                    "raw" => Application::Raw,
                    _ => return Err("auto, chainlit, open-webui, semaphore, livekit, socketio, raw".to_owned()),
                };
            }
            "health-path" => self.health_path = Some(path(value)?),
            // It is asked with the application's own token, and a path may redirect.
            "user-path" if from_query => return Err("nothing in a link: it is asked with the sign-in of the person".to_owned()),
            "user-path" => self.user_path = Some(path(value)?),
            // It may clear what the browser holds, and a link is anybody's.
            "help-path" if from_query => return Err("nothing in a link: it belongs into the file, the attribute or the options of run()".to_owned()),
            "help-path" => self.help_path = Some(path(value)?),
            "credentials" => {
                self.credentials = match value.as_str().unwrap_or("") {
                    "include" => true,
                    "same-origin" => false,
                    _ => return Err("include, same-origin".to_owned()),
                };
            }
            "request-headers" => self.request_headers = header_names(value)?,
            "response-headers" => self.response_headers = header_names(value)?,
            "storage-keys" if from_query => return Err("nothing in a link: a link may not choose what is taken away".to_owned()),
            "storage-keys" => {
                let accepted = "a list of at most 12 keys of the chat's own in localStorage or sessionStorage, such as token";
                self.storage_keys = list(value).filter(|keys| keys.len() <= 12 && keys.iter().all(|k| k.len() <= 200)).ok_or(accepted)?;
            }
            // It says that joining is safe, which is not anybody's to say.
            "namespace" if from_query => return Err("nothing in a link: a link may not choose what is joined".to_owned()),
            "namespace" => {
                self.namespace = Some(path(value).map_err(|_| "a Socket.IO namespace such as / or /chat".to_owned())?);
            }
            "chat-page" => {
                self.chat_page = path(value).map_err(|_| "a path that begins with one slash, such as /chat/".to_owned())?;
                self.chat_page_named = true;
            }
            "ws-url" => {
                // A path is of the chat's server, which another setting may name.
                let is_path = value.as_str().is_some_and(|text| text.trim().starts_with('/'));
                let url = if is_path { path(value)? } else { web_url(value)? };
                if !is_path && !url.to_ascii_lowercase().starts_with("ws") {
                    return Err("a URL that begins with ws: or wss:, such as wss://chat.example/socket, or a path that begins with one slash".to_owned());
                }
                self.ws_url = Some(url);
            }
            "ws-protocols" => self.ws_protocols = subprotocols(value)?,
            "stream-url" => {
                self.stream_url = Some(http_url(value)?);
            }
            "grpc-url" => {
                self.grpc_url = Some(http_url(value)?);
            }
            "echo-event" => {
                let accepted = || "the name of the event of the echo handler, such as connection-doctor".to_owned();
                // It sends that event, so a link may not choose it.
                let name = value.as_str().filter(|n| !from_query && !n.is_empty() && n.len() <= 64 && n.bytes().all(is_name_byte));
                self.echo_event = Some(name.ok_or_else(accepted)?.to_owned());
            }
            "affinity-cookie" => {
                let name = value.as_str().filter(|n| !n.is_empty() && n.len() <= 64 && n.bytes().all(is_name_byte));
                self.affinity_cookie = Some(name.ok_or("the name of the cookie, such as acaAffinity")?.to_owned());
            }
            "ladder" => {
                let on = matches!(value, Value::Bool(true)) || value.as_str() == Some("true");
                if source != Source::Call || !on && *value != Value::Bool(false) {
                    return Err("true, in the options of run() only: it opens up to eight connections at one time".to_owned());
                }
                self.ladder = on;
            }
            "livekit-url" if from_query => return Err("nothing in a link: the token is sent there".to_owned()),
            "livekit-url" => self.livekit_url = Some(web_url(value)?),
            "livekit-token" => {
                if from_query {
                    return Err("nothing in a link: a token belongs into the attribute or the options of run()".to_owned());
                }
                self.livekit_token = Some(value.as_str().ok_or("a LiveKit access token")?.to_owned());
            }
            "ice-servers" => {
                if from_query {
                    return Err("nothing in a link: a link may not choose servers".to_owned());
                }
                self.ice_servers = ice_servers(value).ok_or(ICE_SERVERS)?;
                self.ice_servers_named = !self.ice_servers.is_empty();
            }
            "webtransport-url" => {
                let url = web_url(value)?;
                if !url.to_ascii_lowercase().starts_with("https:") {
                    return Err("a URL that begins with https:, such as https://chat.example:4433/".to_owned());
                }
                self.webtransport_url = Some(url);
            }
            // The browser would ask the person for leave, and a link is anybody's.
            "devices" if source != Source::Call => {
                return Err("microphone, camera, or both with a comma, in the options of run() only: the browser asks the person for leave".to_owned());
            }
            "devices" => {
                let devices = [Capturable::Microphone, Capturable::Camera];
                let named = list(value)
                    .filter(|names| names.iter().all(|n| devices.iter().any(|d| d.name() == n)))
                    .ok_or("microphone, camera, or both with a comma")?;
                self.devices = devices.into_iter().filter(|d| named.iter().any(|n| d.name() == n)).collect();
            }
            // What a link says is no evidence.
            "seen" if source != Source::Call => return Err("a list of {at, message} in the options of run() only".to_owned()),
            "seen" => {
                let one = |item: &Value| Some((item.get("at")?.as_f64()?, item.get("message")?.as_str()?.to_owned()));
                let all: Option<Vec<_>> = value.as_array().map(|items| items.iter().map(one).collect()).unwrap_or_default();
                self.seen = all.filter(|all| all.len() <= MOST_SEEN).ok_or("a list of at most five {at, message}: milliseconds since 1970, and words")?;
            }
            // A link may not choose who gets a report.
            "report-url" | "otlp-url" if from_query => {
                return Err("nothing in a link: it belongs into the file, the attribute or the options of run()".to_owned());
            }
            "report-url" => self.targets.report = Some(target(value)?),
            "otlp-url" => self.targets.otlp = Some(target(value)?),
            "depth" => {
                self.depth = match value.as_str().unwrap_or("") {
                    "quick" => Depth::Quick,
                    "full" => Depth::Full,
                    "watch" => Depth::Watch,
                    _ => return Err("quick, full, watch".to_owned()),
                };
            }
            "autorun" => {
                self.autorun = match value {
                    Value::Bool(on) => *on,
                    Value::String(text) => match text.as_str() {
                        "" | "true" | "1" | "autorun" => true,
                        "false" | "0" => false,
                        _ => return Err("true, false, or nothing".to_owned()),
                    },
                    _ => return Err("true, false, or nothing".to_owned()),
                };
            }
            "only" => self.only = topics(value)?,
            "lang" => {
                let ok = |t: &&str| !t.is_empty() && t.len() <= 35 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                self.lang = Some(value.as_str().filter(ok).ok_or("a language tag such as en or pt-BR")?.to_owned());
            }
            // The address of the file itself, which the element reads.
            "config" if !from_query => {}
            _ if from_query => {}
            _ => return Err(["one of ", &SETTINGS.join(", ")].concat()),
        }
        Ok(())
    }

    /// Whether the run covers this topic.
    #[must_use]
    pub fn covers(&self, topic: Topic) -> bool {
        self.only.is_empty() || self.only.contains(&topic)
    }

    /// Whether the chat's server is another origin than the page's.
    #[must_use]
    pub fn is_cross_origin(&self) -> bool {
        self.cross_origin
    }

    /// The server's origin in the `ws` family.
    #[must_use]
    pub fn socket_origin(&self) -> String {
        Address::parse(&self.server).map_or_else(|| self.server.clone(), |a| a.socket_origin())
    }

    /// The same for a click in the face.
    #[must_use]
    pub fn pressed(mut self, depth: Depth, extra: Extra) -> Profile {
        self.depth = depth;
        self.ladder = extra == Extra::Ladder;
        self.devices = if let Extra::Device(device) = extra { vec![device] } else { Vec::new() };
        self
    }

    /// Whether calls are part of the chat, by the settings.
    #[must_use]
    pub fn has_calls(&self) -> bool {
        self.livekit_address().is_some() || self.ice_servers_named
    }

    /// Where LiveKit is: the setting's URL, or the chat's own server where the application is LiveKit alone.
    #[must_use]
    pub fn livekit_address(&self) -> Option<Address> {
        let own = || (self.application == Application::Livekit).then_some(&self.server);
        self.livekit_url.as_ref().or_else(own).and_then(|url| Address::parse(url))
    }

    /// All that a run may take, in milliseconds; `None` for until it is stopped.
    #[must_use]
    pub fn time_limit(&self) -> Option<u32> {
        // A person has to read what the browser asks, and to look at the picture.
        if !self.devices.is_empty() && self.depth == Depth::Quick {
            return Some(60_000);
        }
        // The rungs of the ladder come one after the other.
        if self.ladder && self.depth == Depth::Quick { Some(20_000) } else { self.depth.time_limit() }
    }

    /// A copy that may be handed on: URLs without query values.
    #[must_use]
    pub fn redacted(&self) -> Profile {
        let url = |text: &Option<String>| text.as_deref().map(redact::url);
        Profile {
            page_origin: redact::url(&self.page_origin),
            page_folder: redact::url(&self.page_folder),
            server: redact::url(&self.server),
            socket_path: url(&self.socket_path),
            socket_query: self.socket_query.as_deref().map(redact::query),
            health_path: url(&self.health_path),
            user_path: url(&self.user_path),
            help_path: url(&self.help_path),
            namespace: url(&self.namespace),
            chat_page: redact::url(&self.chat_page),
            ws_url: url(&self.ws_url),
            // Some applications hand a token over in one.
            ws_protocols: self.ws_protocols.iter().map(|name| redact::text(name)).collect(),
            stream_url: url(&self.stream_url),
            grpc_url: url(&self.grpc_url),
            livekit_url: url(&self.livekit_url),
            webtransport_url: url(&self.webtransport_url),
            livekit_token: None,
            ice_servers: Vec::new(),
            targets: Targets::default(),
            ..self.clone()
        }
    }
}

/// What names of cookies and events may consist of (RFC 6265 section 4.1.1, without what means something elsewhere).
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte)
}

/// Longest query of a handshake; some carry a token.
const QUERY: usize = 2_000;

/// Names and values as they stand in an address (RFC 3986 section 3.4), without those that the client has of its own.
fn socket_query(value: &Value) -> Parsed<String> {
    let accepted = || {
        "names and values as they stand in an address, percent-encoded, such as tenant=a&v=2; EIO, transport, sid, t, j and b64 are the client's own".to_owned()
    };
    let text = value.as_str().map(str::trim).map(|text| text.strip_prefix('?').unwrap_or(text)).ok_or_else(accepted)?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%!$'()*+,;:@/?[]=&".contains(&b);
    let is_its_own = |pair: &str| matches!(pair.split('=').next().unwrap_or(""), "" | "EIO" | "transport" | "sid" | "t" | "j" | "b64");
    let sound = text.len() <= QUERY && text.bytes().all(is_plain) && !text.split('&').any(is_its_own);
    if sound { Ok(text.to_owned()) } else { Err(accepted()) }
}

/// A list of texts: a JSON array, or one text with commas.
fn list(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()),
        Value::Array(items) => items.iter().map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// Names as RFC 9110 section 5.1 has them.
fn header_names(value: &Value) -> Parsed<Vec<String>> {
    let is_name = |name: &String| (1..=60).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let mut names =
        list(value).filter(|names| names.len() <= 8 && names.iter().all(is_name)).ok_or("a list of at most 8 header names, such as authorization")?;
    names.iter_mut().for_each(|name| name.make_ascii_lowercase());
    Ok(names)
}

/// Subprotocols as a WebSocket's constructor takes them, which throws for any other (RFC 6455 section 4.1): tokens, and none twice.
fn subprotocols(value: &Value) -> Parsed<Vec<String>> {
    let is_name = |name: &String| (1..=64).contains(&name.len()) && name.bytes().all(is_token_byte);
    let names = match value {
        Value::String(text) => Some(text.split([',', ' ']).filter(|t| !t.is_empty()).map(str::to_owned).collect()),
        other => list(other),
    };
    let is_sound = |names: &Vec<String>| names.len() <= 8 && names.iter().enumerate().all(|(at, name)| is_name(name) && !names[..at].contains(name));
    let accepted = "a list of at most 8 subprotocols, none twice, each a token of at most 64 characters, such as graphql-transport-ws";
    names.filter(is_sound).ok_or_else(|| accepted.to_owned())
}

/// What tokens consist of (RFC 9110 section 5.6.2).
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether something may be sent there: an `http` or `https` URL without a password, or a path of the page's origin.
#[must_use]
pub fn is_target(text: &str) -> bool {
    text.len() <= 500 && (address::is_path(text) || Address::parse(text).is_some_and(|a| matches!(a.scheme, Scheme::Http | Scheme::Https)))
}

fn target(value: &Value) -> Parsed<String> {
    let accepted = || "an http:// or https:// URL without a password, or a path that begins with one slash, such as https://otel.example/v1/traces".to_owned();
    value.as_str().map(str::trim).filter(|text| is_target(text)).map(str::to_owned).ok_or_else(accepted)
}

/// Most URLs of STUN and TURN servers; browsers themselves warn of five.
const ICE_URLS: usize = 8;
const ICE_SERVERS: &str = "a JSON list of RTCIceServer objects with at most 8 URLs in all, each of which begins with stun:, stuns:, turn: or turns: and no //, such as [{\"urls\":\"stun:stun.example:3478\"}]";

/// One for each URL of an `RTCIceServer` list (WebRTC section 4.2.4).
fn ice_servers(value: &Value) -> Option<Vec<IceServer>> {
    let parsed;
    let entries = match value {
        Value::String(text) => {
            parsed = json::parse(text).ok()?;
            parsed.as_array()?
        }
        other => other.as_array()?,
    };
    let mut all = Vec::new();
    for entry in entries {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        let urls = match entry.get("urls").or_else(|| entry.get("url"))? {
            Value::String(url) => vec![url.clone()],
            urls => urls.as_array()?.iter().map(|u| u.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        };
        for url in urls {
            IceUrl::parse(&url)?;
            all.push(IceServer { url: url.trim().to_owned(), username: text("username"), credential: text("credential") });
        }
    }
    (all.len() <= ICE_URLS).then_some(all)
}

fn topics(value: &Value) -> Parsed<Vec<Topic>> {
    let accepted = || {
        "a list of browser, http, polling, websocket, upgrade, heartbeat, connect, raw, health, application, sessions, delivery, stream, quality, grpc, calls"
            .to_owned()
    };
    list(value)
        .ok_or_else(accepted)?
        .iter()
        .map(|name| match name.as_str() {
            "browser" => Ok(Topic::Browser),
            "http" => Ok(Topic::Http),
            "polling" => Ok(Topic::Polling),
            "websocket" => Ok(Topic::Websocket),
            "upgrade" => Ok(Topic::Upgrade),
            "heartbeat" => Ok(Topic::Heartbeat),
            "connect" => Ok(Topic::Connect),
            "raw" => Ok(Topic::Raw),
            "health" => Ok(Topic::Health),
            "application" => Ok(Topic::Application),
            "sessions" => Ok(Topic::Sessions),
            "delivery" => Ok(Topic::Delivery),
            "stream" => Ok(Topic::Stream),
            "quality" => Ok(Topic::Quality),
            "grpc" => Ok(Topic::Grpc),
            "calls" => Ok(Topic::Calls),
            _ => Err(accepted()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Application, Capturable, Depth, Layer, Page, Profile, Source, Topic, is_target};

    fn page() -> Page {
        Page { origin: "https://chat.example".into(), path: "/chat/diagnostics/".into(), embedded: false }
    }

    fn parse(layers: &[(Source, &str)]) -> Result<Profile, Vec<String>> {
        let layers: Vec<Layer> = layers.iter().map(|(source, json)| Layer { source: *source, json: (*json).to_owned() }).collect();
        Profile::parse(&page(), &layers).map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_later_source_wins() {
        let profile = parse(&[
            (Source::File, r#"{"profile":"chainlit","depth":"full","only":["http","raw"]}"#),
            (Source::Attributes, r#"{"depth":"watch","socket-path":"/ws/socket.io","autorun":""}"#),
            (Source::Query, r#"{"depth":"quick","utm_source":"x"}"#),
        ])
        .unwrap();
        assert_eq!((profile.application, profile.depth, profile.autorun), (Application::Chainlit, Depth::Quick, true));
        assert_eq!(profile.configured_paths(), ["/ws/socket.io/", "/ws/socket.io"]);
        assert_eq!(profile.only, [Topic::Http, Topic::Raw]);
        assert_eq!(profile.page_folder, "/chat/diagnostics/");
        assert!(!profile.is_cross_origin());
    }

    #[test]
    fn a_mistake_names_the_field_the_value_and_what_is_accepted() {
        let errors = parse(&[(Source::File, r#"{"depth":"deep","servr":"x"}"#), (Source::Call, r#"{"server":"chat.example"}"#)]).unwrap_err();
        assert_eq!(errors[0], "The setting “depth” in connection-doctor.json is “deep”. Accepted: quick, full, watch.");
        assert!(errors[1].starts_with("The setting “servr” in connection-doctor.json is “x”. Accepted: one of server,"));
        assert_eq!(
            errors[2],
            "The setting “server” in the options of run() is “chat.example”. Accepted: an origin such as https://chat.example, without a path."
        );
        assert!(parse(&[(Source::File, "<html>")]).unwrap_err()[0].contains("one JSON object"));
        let of = |source, json| parse(&[(source, json)]).unwrap_err().join(" ");
        let comma = of(Source::File, "{\n \"profile\": \"socketio\",\n}");
        assert!(comma.ends_with("settings' names; this is no valid JSON at line 3, column 1: a comma too many."), "{comma}");
        assert!(of(Source::File, "\u{fffd}\u{fffd}{\0\"\0d\0\"\0").contains("save it as UTF-8"));
        assert!(of(Source::File, "[1]").ends_with("settings' names."));
        for json in [r#"{"grpc-url":"grpc://x:50051"}"#, r#"{"grpc-url":"x:50051"}"#, r#"{"stream-url":"ws://x"}"#] {
            assert!(of(Source::Call, json).contains("a URL that begins with https: or http:, or a path"), "{json}");
        }
        assert!(parse(&[(Source::Call, r#"{"stream-url":"HTTPS://chat.example/s","grpc-url":"/api"}"#)]).is_ok());
        let token = of(Source::Call, r#"{"livekit-token":"eyJsecret"}"#);
        assert!(token.contains("together with livekit-url") && !token.contains("eyJsecret"), "{token}");
        assert!(parse(&[(Source::Call, r#"{"profile":"livekit","livekit-token":"eyJ0"}"#)]).is_ok());
        assert!(parse(&[(Source::File, r#"{"livekit-url":"wss://rtc.example"}"#), (Source::Call, r#"{"livekit-token":"eyJ0"}"#)]).is_ok());
    }

    #[test]
    fn a_link_points_nowhere_new_and_carries_no_token() {
        for query in [
            r#"{"server":"https://evil.example"}"#,
            r#"{"ws-url":"wss://evil.example/x"}"#,
            r#"{"ws-url":"//evil.example/x"}"#,
            r#"{"livekit-url":"wss://evil.example"}"#,
            r#"{"livekit-url":"wss://chat.example/elsewhere"}"#,
            r#"{"user-path":"/redirect?to=https://evil.example/"}"#,
            r#"{"namespace":"/"}"#,
            r#"{"help-path":"/api/delete"}"#,
            r#"{"storage-keys":"token"}"#,
            r#"{"echo-event":"delete"}"#,
            r#"{"stream-url":"https://evil.example/s"}"#,
            r#"{"stream-url":"//evil.example/s"}"#,
            r#"{"livekit-token":"eyJ0"}"#,
            r#"{"webtransport-url":"https://evil.example/"}"#,
            r#"{"devices":"microphone"}"#,
            r#"{"ice-servers":"[{\"urls\":\"turn:evil.example\"}]"}"#,
            r#"{"chat-page":"//evil.example/"}"#,
            r#"{"report-url":"https://evil.example/"}"#,
            r#"{"report-url":"/reports"}"#,
            r#"{"otlp-url":"https://chat.example/v1/traces"}"#,
            r#"{"socket-path":"/\\evil.example/"}"#,
            r#"{"socket-query":"delete=1"}"#,
            r#"{"health-path":"https://evil.example/"}"#,
        ] {
            let errors = parse(&[(Source::Query, query)]).unwrap_err();
            assert_eq!(errors.len(), 1, "{query}");
            assert!(!errors[0].contains("eyJ0"), "{query}");
        }
        let path = |file: &'static str| parse(&[(Source::File, file), (Source::Query, r#"{"ws-url":"/socket?v=1"}"#)]).unwrap().ws_url;
        assert_eq!(path(r#"{"server":"https://api.example"}"#).as_deref(), Some("wss://api.example/socket?v=1"));
        assert_eq!(path("{}").as_deref(), Some("wss://chat.example/socket?v=1"));
        let named = parse(&[(Source::File, r#"{"server":"https://api.example"}"#), (Source::Query, r#"{"ws-url":"wss://api.example/x"}"#)]);
        assert_eq!(named.unwrap().ws_url.as_deref(), Some("wss://api.example/x"));
        assert!(parse(&[(Source::Query, r#"{"server":"https://chat.example"}"#)]).is_ok());
    }

    #[test]
    fn subprotocols_are_what_the_constructor_takes() {
        let named = |value: &str| parse(&[(Source::File, &format!(r#"{{"ws-protocols":{value}}}"#))]).map(|p| p.ws_protocols);
        for text in [r#""graphql-ws, mqtt""#, r#""graphql-ws mqtt""#, r#"" graphql-ws ,,  mqtt,""#, r#"["graphql-ws","mqtt"]"#] {
            assert_eq!(named(text).unwrap(), ["graphql-ws", "mqtt"], "{text}");
        }
        assert!(named(r#""""#).unwrap().is_empty() && named("[]").unwrap().is_empty());
        assert_eq!(named(r#""MQTT mqtt wamp.2.json !#$%&'*+-.^_`|~""#).unwrap().len(), 4);
        let (longest, eight) = ("x".repeat(64), r#""1","2","3","4","5","6","7","8""#);
        assert_eq!(named(&format!("[\"{longest}\"]")).unwrap(), [longest.as_str()]);
        assert_eq!(named(&format!("[{eight}]")).unwrap().len(), 8);
        for wrong in [
            r#""mqtt, mqtt""#,
            r#"["mqtt","mqtt"]"#,
            r#""a/b""#,
            r#""a:b""#,
            r#""a;q=1""#,
            r#""é""#,
            r#""a\tb""#,
            r#"["a b"]"#,
            r#"[""]"#,
            r#"["a",7]"#,
            "7",
            "true",
            "{}",
            &format!("[\"{longest}x\"]"),
            &format!("[{eight},\"9\"]"),
        ] {
            assert!(named(wrong).unwrap_err()[0].contains("a list of at most 8 subprotocols"), "{wrong}");
        }
    }

    #[test]
    fn a_target_is_http_and_holds_no_password() {
        for good in ["https://otel.example/v1/traces", "http://127.0.0.1:4318", "/reports", "https://a.example?key=1"] {
            assert!(is_target(good), "{good}");
        }
        for bad in
            ["", "otel.example", "ws://a.example", "javascript:alert(1)", "file:///etc/passwd", "//a.example/x", "https://u:p@a.example/", "https://a b/"]
        {
            assert!(!is_target(bad), "{bad}");
        }
    }

    #[test]
    fn where_reports_go_stands_in_no_report() {
        let profile = parse(&[(Source::File, r#"{"report-url":"/reports","otlp-url":"https://otel.example/?key=geheim"}"#)]).unwrap();
        assert_eq!(profile.targets.otlp.as_deref(), Some("https://otel.example/?key=geheim"));
        assert!(!profile.targets.is_empty() && profile.redacted().targets.is_empty());
        assert!(!serde_json::to_string(&profile).unwrap().contains("otel.example"));
        for wrong in [r#"{"otlp-url":"otel.example:4318"}"#, r#"{"report-url":true}"#] {
            assert!(parse(&[(Source::File, wrong)]).unwrap_err()[0].contains("an http:// or https:// URL"), "{wrong}");
        }
    }

    #[test]
    fn ice_servers_are_one_a_url() {
        let list = r#"[{"urls":["turn:turn.example","turns:turn.example:443?transport=tcp"],"username":"ann","credential":"pw"},{"url":"stun:stun.example"}]"#;
        let profile = parse(&[(Source::File, &format!(r#"{{"ice-servers":{list}}}"#))]).unwrap();
        let all: Vec<(&str, &str, &str)> = profile.ice_servers.iter().map(|s| (s.url.as_str(), s.username.as_str(), s.credential.as_str())).collect();
        let expected = [("turn:turn.example", "ann", "pw"), ("turns:turn.example:443?transport=tcp", "ann", "pw"), ("stun:stun.example", "", "")];
        assert_eq!(all, expected);
        assert!(profile.ice_servers_named && profile.has_calls());
        // The same as an attribute has it, and an empty list.
        let as_text = parse(&[(Source::Attributes, &format!(r#"{{"ice-servers":"{}"}}"#, list.replace('"', "\\\"")))]).unwrap();
        assert_eq!(as_text.ice_servers, profile.ice_servers);
        assert!(parse(&[(Source::File, r#"{"ice-servers":[]}"#)]).is_ok_and(|p| !p.ice_servers_named && !p.has_calls()));
        let nine = format!(r#"{{"ice-servers":[{{"urls":[{}]}}]}}"#, ["\"stun:a\""; 9].join(","));
        for wrong in [
            r#"{"ice-servers":"turn:turn.example"}"#,
            r#"{"ice-servers":{"urls":"stun:a"}}"#,
            r#"{"ice-servers":[{"credential":"pw"}]}"#,
            r#"{"ice-servers":[{"urls":"https://turn.example"}]}"#,
            r#"{"ice-servers":[{"urls":["stun:a",7]}]}"#,
            r#"{"ice-servers":[{"urls":"turn://turn.example"}]}"#,
            r#"{"ice-servers":["stun:a"]}"#,
            r#"{"ice-servers":7}"#,
            &nine,
        ] {
            let errors = parse(&[(Source::File, wrong)]).unwrap_err();
            assert!(errors[0].contains("a JSON list of RTCIceServer objects"), "{wrong}: {errors:?}");
        }
    }

    #[test]
    fn a_wrong_list_of_relays_is_refused_without_its_password() {
        let errors = parse(&[(Source::File, r#"{"ice-servers":[{"urls":"turn://turn.example","username":"ann","credential":"geheim"}]}"#)]).unwrap_err();
        assert!(!errors.concat().contains("geheim"), "{errors:?}");
    }

    #[test]
    fn devices_are_opened_by_a_click_alone_and_in_one_order() {
        for source in [Source::File, Source::Attributes, Source::Query] {
            let errors = parse(&[(source, r#"{"devices":"microphone"}"#)]).unwrap_err();
            assert!(errors[0].contains("in the options of run() only"), "{errors:?}");
        }
        let devices = |json: &str| parse(&[(Source::Call, json)]).map(|p| p.devices);
        assert_eq!(devices(r#"{"devices":"camera, microphone"}"#).unwrap(), [Capturable::Microphone, Capturable::Camera]);
        assert_eq!(devices(r#"{"devices":["camera","camera"]}"#).unwrap(), [Capturable::Camera]);
        assert!(devices(r#"{"devices":"screen"}"#).is_err() && devices(r#"{"devices":true}"#).is_err());
        // The person has to read what the browser asks.
        assert_eq!(parse(&[(Source::Call, r#"{"devices":"camera"}"#)]).unwrap().time_limit(), Some(60_000));
    }

    #[test]
    fn the_call_server_is_the_chats_own_where_there_is_nothing_else() {
        let address = |json: &str| parse(&[(Source::File, json)]).unwrap().livekit_address().map(|a| (a.origin(), a.path));
        let some = |origin: &str, path: &str| Some((origin.to_owned(), path.to_owned()));
        assert_eq!(address(r#"{"profile":"livekit"}"#), some("https://chat.example", "/"));
        assert_eq!(address(r#"{"profile":"livekit","livekit-url":"wss://rtc.example/livekit"}"#), some("https://rtc.example", "/livekit"));
        assert_eq!(address(r#"{"livekit-url":"http://rtc.example:7880"}"#), some("http://rtc.example:7880", "/"));
        assert_eq!(address("{}"), None);
        let transport = |json: &str| parse(&[(Source::File, json)]).map(|p| p.webtransport_url);
        assert_eq!(transport(r#"{"webtransport-url":"https://a.example:4433/x"}"#).unwrap().as_deref(), Some("https://a.example:4433/x"));
        for wrong in ["http://a.example", "wss://a.example", "/x", ""] {
            assert!(transport(&format!(r#"{{"webtransport-url":"{wrong}"}}"#)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_query_is_what_may_stand_in_an_address() {
        let query = |text: &str| parse(&[(Source::File, &format!(r#"{{"socket-query":{text:?}}}"#))]).map(|p| p.socket_query.unwrap());
        assert_eq!(query(" ?tenant=acme&v=2 ").unwrap(), "tenant=acme&v=2");
        assert_eq!(query("token=eyJ0.a-b_c&flag&name=%C3%A9").unwrap(), "token=eyJ0.a-b_c&flag&name=%C3%A9");
        let long = ["a=", &"x".repeat(2_000)].concat();
        for wrong in ["", "?", "a=1&", "=1", "a=1&EIO=3", "transport=polling", "sid=x", "a=1#b", "a=1 2", "a=é", "a=\"x\"", "a=`x`", long.as_str()] {
            let error = query(wrong).unwrap_err().join(" ");
            assert!(error.contains("tenant=a&v=2"), "{wrong}: {error}");
        }
        let error = query("password=geheim#").unwrap_err().join(" ");
        assert!(error.contains("password") && !error.contains("geheim"), "{error}");
        assert!(parse(&[(Source::File, r#"{"socket-path":"/a?b=c"}"#)]).unwrap_err()[0].contains("socket-query"));
    }

    #[test]
    fn a_copy_to_hand_on_holds_no_secret() {
        let profile = parse(&[(
            Source::Call,
            r#"{"livekit-token":"eyJsecret","ws-url":"wss://a.example/x?key=geheim","webtransport-url":"https://a.example/x?key=geheim",
                "ws-protocols":"mqtt, eyJsecret.of.somebodys",
                "livekit-url":"wss://a.example/?access_token=geheim","socket-query":"tenant=geheim&v","ice-servers":[{"urls":"turn:a","username":"ann","credential":"pw"}]}"#,
        )])
        .unwrap();
        let text = serde_json::to_string(&profile.redacted()).unwrap();
        assert!(!text.contains("eyJsecret") && !text.contains("geheim") && !text.contains("pw") && !text.contains("ann"), "{text}");
        assert!(profile.redacted().has_calls() && profile.redacted().ice_servers_named);
        assert_eq!(profile.redacted().ws_protocols, ["mqtt", "[redacted]"]);
        assert_eq!(profile.redacted().socket_query.as_deref(), Some("tenant=[redacted]&v"));
    }
}
