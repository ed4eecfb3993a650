//! What to diagnose, parsed once from a file, attributes, a query and a call; the later wins.
//!
//! A query is anybody's link: it may not point a probe at an origin that neither the page, its file nor its attributes
//! name, and never carries a token.

use serde::{Deserialize, Serialize};

use crate::address::{self, Address};
use crate::protocol::json::{self, Value};
use crate::redact;

/// The names of all settings, the same in the file, the attributes, the query and the call.
pub const SETTINGS: [&str; 26] = [
    "server",
    "socket-path",
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
    "stream-url",
    "echo-event",
    "affinity-cookie",
    "grpc-url",
    "ladder",
    "livekit-url",
    "livekit-token",
    "ice-servers",
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
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub socket_path: Option<String>,
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
    /// May hold credentials: never serialized.
    #[serde(skip)]
    pub ice_servers: Option<Value>,
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

impl Profile {
    /// The profile of a page without any setting.
    #[must_use]
    pub fn of_page(page: &Page) -> Profile {
        Profile {
            page_origin: page.origin.clone(),
            page_folder: address::folder(&page.path).to_owned(),
            server: page.origin.clone(),
            cross_origin: false,
            socket_path: None,
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
            stream_url: None,
            echo_event: None,
            affinity_cookie: None,
            grpc_url: None,
            ladder: false,
            livekit_url: None,
            livekit_token: None,
            ice_servers: None,
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
                Ok(_) | Err(_) => errors.push(ProfileError {
                    field: "(all of it)".to_owned(),
                    source: layer.source,
                    value: redact::setting("", &layer.json),
                    accepted: "one JSON object with the settings' names".to_owned(),
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
        match field {
            "server" => {
                let accepted = || "an origin such as https://chat.example, without a path".to_owned();
                let address = value.as_str().and_then(Address::parse).filter(|a| a.path == "/").ok_or_else(accepted)?;
                allowed(&address)?;
                self.server = address.origin();
                self.cross_origin = self.server != self.page_origin;
            }
            "socket-path" => {
                let mut path = path(value)?;
                if path.contains('?') {
                    return Err("a path without a query, such as /ws/socket.io/".to_owned());
                }
                if !path.ends_with('/') {
                    path.push('/');
                }
                self.socket_path = Some(path);
            }
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
            "namespace" => {
                self.namespace = Some(path(value).map_err(|_| "a Socket.IO namespace such as / or /chat".to_owned())?);
            }
            "chat-page" => {
                self.chat_page = path(value).map_err(|_| "a path that begins with one slash, such as /chat/".to_owned())?;
                self.chat_page_named = true;
            }
            "ws-url" => {
                let url = web_url(value)?;
                let accepted = "a URL that begins with ws: or wss:, such as wss://chat.example/socket";
                if !url.to_ascii_lowercase().starts_with("ws") {
                    return Err(accepted.to_owned());
                }
                self.ws_url = Some(url);
            }
            "stream-url" => {
                self.stream_url = Some(if value.as_str().is_some_and(|t| t.starts_with('/')) { path(value)? } else { web_url(value)? });
            }
            "grpc-url" => {
                self.grpc_url = Some(if value.as_str().is_some_and(|t| t.starts_with('/')) { path(value)? } else { web_url(value)? });
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
                let accepted = || "a JSON list of RTCIceServer objects, such as [{\"urls\":\"stun:stun.example:3478\"}]".to_owned();
                let list = match value {
                    Value::String(text) => json::parse(text).map_err(|_| accepted())?,
                    other => other.clone(),
                };
                let whole = list.as_array().is_some_and(|l| l.iter().all(|s| s.get("urls").or_else(|| s.get("url")).is_some()));
                if !whole {
                    return Err(accepted());
                }
                self.ice_servers = Some(list);
            }
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

    /// All that a run may take, in milliseconds; `None` for until it is stopped.
    #[must_use]
    pub fn time_limit(&self) -> Option<u32> {
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
            health_path: url(&self.health_path),
            user_path: url(&self.user_path),
            help_path: url(&self.help_path),
            namespace: url(&self.namespace),
            chat_page: redact::url(&self.chat_page),
            ws_url: url(&self.ws_url),
            stream_url: url(&self.stream_url),
            grpc_url: url(&self.grpc_url),
            livekit_url: url(&self.livekit_url),
            livekit_token: None,
            ice_servers: None,
            ..self.clone()
        }
    }
}

/// What names of cookies and events may consist of (RFC 6265 section 4.1.1, without what means something elsewhere).
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte)
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

fn topics(value: &Value) -> Parsed<Vec<Topic>> {
    let accepted = || {
        "a list of browser, http, polling, websocket, upgrade, heartbeat, connect, raw, health, application, sessions, delivery, stream, quality, grpc"
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
            _ => Err(accepted()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Application, Depth, Layer, Page, Profile, Source, Topic};

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
        assert_eq!(profile.socket_path.as_deref(), Some("/ws/socket.io/"));
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
    }

    #[test]
    fn a_link_points_nowhere_new_and_carries_no_token() {
        for query in [
            r#"{"server":"https://evil.example"}"#,
            r#"{"ws-url":"wss://evil.example/x"}"#,
            r#"{"livekit-url":"wss://evil.example"}"#,
            r#"{"stream-url":"https://evil.example/s"}"#,
            r#"{"stream-url":"//evil.example/s"}"#,
            r#"{"livekit-token":"eyJ0"}"#,
            r#"{"ice-servers":"[{\"urls\":\"turn:evil.example\"}]"}"#,
            r#"{"chat-page":"//evil.example/"}"#,
            r#"{"socket-path":"/\\evil.example/"}"#,
            r#"{"health-path":"https://evil.example/"}"#,
        ] {
            let errors = parse(&[(Source::Query, query)]).unwrap_err();
            assert_eq!(errors.len(), 1, "{query}");
            assert!(!errors[0].contains("eyJ0"), "{query}");
        }
        let named = parse(&[(Source::File, r#"{"server":"https://api.example"}"#), (Source::Query, r#"{"ws-url":"wss://api.example/x"}"#)]);
        assert_eq!(named.unwrap().ws_url.as_deref(), Some("wss://api.example/x"));
        assert!(parse(&[(Source::Query, r#"{"server":"https://chat.example"}"#)]).is_ok());
    }

    #[test]
    fn a_copy_to_hand_on_holds_no_secret() {
        let profile = parse(&[(
            Source::Call,
            r#"{"livekit-token":"eyJsecret","ws-url":"wss://a.example/x?key=geheim","ice-servers":[{"urls":"turn:a","credential":"pw"}]}"#,
        )])
        .unwrap();
        let text = serde_json::to_string(&profile.redacted()).unwrap();
        assert!(!text.contains("eyJsecret") && !text.contains("geheim") && !text.contains("pw"), "{text}");
    }
}
