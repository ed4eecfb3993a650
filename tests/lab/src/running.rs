//! A scenario at work.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tempfile::TempDir;
use tokio::sync::{Mutex, watch};

use crate::addresses::Addresses;
use crate::backstage::Backstage;
use crate::certificate::Certificate;
use crate::child::ServerProcess;
use crate::counters::Counters;
use crate::error::StartError;
use crate::front::{Front, FrontSetup};
use crate::hop::{HopSetup, RunningHop};
use crate::installed::Installed;
use crate::line::SlowLine;
use crate::nginx::{NginxSetup, NginxSite};
use crate::page::{BuiltPage, CONFIGURATION_FILE};
use crate::redis;
use crate::scenario::{Edge, FRAME_PATH, FramedBy, Scenario, ServerAt};
use crate::server::{ServerSetup, free_port, listen};
use crate::signed;
use crate::turn::RunningTurn;
use crate::unreachable::Unreachable;
use crate::webtransport;

/// How many bytes `{filler}` has: twelve of them are more cookies than any server takes, and each is one that a browser keeps.
const FILLER: usize = 3500;
/// An nginx that has nothing of its own.
const PASSING_ON: NginxSite = NginxSite { serves_chat_page: false, ..NginxSite::DOCUMENTED };

/// A scenario at work. Everything that it started ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    scenario: &'static Scenario,
    page_url: String,
    frame_url: Option<String>,
    origin: String,
    configuration: String,
    key_hash: Option<String>,
    any_origin: Arc<AtomicBool>,
    counters: Counters,
    flip: watch::Sender<bool>,
    fronts: Vec<Front>,
    _line: Option<SlowLine>,
    backstage: Arc<Backstage>,
    /// The server of calls.
    calls: Option<Arc<Backstage>>,
    _turn: Option<RunningTurn>,
    hop: Mutex<Option<RunningHop>>,
    _processes: Vec<ServerProcess>,
    _unreachable: Vec<Unreachable>,
    // Last, as the processes use its files.
    _folder: TempDir,
}

impl Running {
    /// Starts a scenario and waits until all its servers answer.
    pub async fn start(scenario: &'static Scenario, page: &BuiltPage, installed: &Installed) -> Result<Self, StartError> {
        let folder = TempDir::with_prefix("connection-doctor-lab-").map_err(StartError::io("to make a folder"))?;
        let counters = Counters::default();
        let any_origin = Arc::new(AtomicBool::new(false));
        let (flip, flipped) = watch::channel(false);
        let mut addresses = Addresses::default();
        let mut processes = Vec::new();

        let closed = Unreachable::closed()?;
        let silent = Unreachable::silent()?;
        let blackhole = Unreachable::blackhole()?;
        addresses.name("closed", closed.address.to_string());
        addresses.name("silent", silent.address.to_string());
        addresses.name("blackhole", blackhole.address.to_string());
        addresses.name("closed-port", closed.address.port().to_string());
        addresses.name("silent-port", silent.address.port().to_string());

        let needs_certificate = scenario.is_https() || scenario.names("self-signed");
        let certificate = if needs_certificate { Some(Certificate::make(folder.path(), installed)?) } else { None };

        let (front, front_address) = listen().await?;
        let (elsewhere, elsewhere_address) = listen().await?;
        let (line, line_address) = listen().await?;
        let (calls, calls_address) = listen().await?;
        addresses.name("elsewhere", format!("http://{elsewhere_address}"));
        addresses.name("elsewhere-by-name", format!("http://other.test:{}", elsewhere_address.port()));
        let self_signed = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        addresses.name("self-signed", format!("https://{self_signed}"));

        // What the browser sees is known before anything runs, except where the server itself faces it.
        let tls = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let faces = match scenario.edge {
            Edge::Front | Edge::Nginx(_) | Edge::ServersOwnPage(_) => Some(front_address),
            Edge::NginxTls | Edge::Tls => Some(tls),
            Edge::SlowLine(_) => Some(line_address),
            Edge::Server => None,
        };
        let scheme = if scenario.is_https() { "https" } else { "http" };
        let origin_at = |address: SocketAddr| format!("{scheme}://{}:{}", scenario.host, address.port());
        if let Some(address) = faces {
            addresses.name("origin", origin_at(address));
            addresses.name("host", format!("{}:{}", scenario.host, address.port()));
            addresses.name("page", format!("{}{}", origin_at(address), scenario.page_path()));
        }
        addresses.name("livekit", format!("ws://{calls_address}"));
        addresses.name("livekit-by-name", format!("ws://other.test:{}", calls_address.port()));
        for (name, fault) in signed::TOKENS {
            if scenario.names(name) {
                addresses.name(name, signed::token(fault, installed)?);
            }
        }
        let turn = match scenario.turn {
            Some(turn) => Some(RunningTurn::start(turn, scenario.name, folder.path(), &mut addresses, installed).await?),
            None => None,
        };
        let mut key_hash = None;
        if scenario.names("webtransport") {
            let (process, address, hash) = webtransport::start(scenario.name, folder.path(), installed).await?;
            processes.push(process);
            addresses.name("webtransport", address.to_string());
            key_hash = Some(hash);
        }
        addresses.name("filler", "x".repeat(FILLER));
        let frame_tls = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let frame_url = match scenario.framed_by {
            FramedBy::Nobody => None,
            FramedBy::SameSite | FramedBy::Sandbox => Some(format!("http://{elsewhere_address}{FRAME_PATH}")),
            FramedBy::OtherSite | FramedBy::OtherSiteWithDevices => Some(format!("https://other.test:{}{FRAME_PATH}", frame_tls.port())),
        };
        let configuration = addresses.fill(scenario.config);
        serde_json::from_str::<serde_json::Value>(&configuration).map_err(StartError::Configuration)?;
        let written = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).map_err(StartError::io("to write a file"));
        written(CONFIGURATION_FILE, &configuration)?;
        written("chat.html", scenario.chat_page)?;

        let mut urls = Vec::new();
        for number in 1..=scenario.redis {
            let (process, url) = redis::start(&format!("{}.redis-{number}", scenario.name), folder.path(), installed).await?;
            processes.push(process);
            urls.push(url);
        }
        let mut setup = ServerSetup {
            name: scenario.name.to_owned(),
            port: None,
            folder: folder.path().to_owned(),
            page: page.clone(),
            configuration: configuration.clone(),
            addresses: addresses.clone(),
            certificate: certificate.clone(),
            installed: installed.clone(),
        };
        let mut servers = Vec::new();
        for index in 0..scenario.replicas {
            if let Some(url) = urls.get(index).or(urls.last()) {
                setup.addresses = addresses.clone();
                setup.addresses.name("redis", url.clone());
            }
            if scenario.replicas > 1 {
                setup.name = format!("{}.{}", scenario.name, index + 1);
            }
            servers.extend(scenario.server.start(&setup).await?);
        }
        let server_addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
        setup.port = server_addresses.first().map(SocketAddr::port);
        let before = HopSetup {
            name: scenario.name.to_owned(),
            folder: folder.path().to_owned(),
            servers: server_addresses.clone(),
            addresses: addresses.clone(),
            installed: installed.clone(),
        };
        let hop = RunningHop::start(scenario.hop, before).await?;
        let hop_address = hop.as_ref().map(|hop| hop.address);
        let server_address = hop_address.or(server_addresses.first().copied());

        let nginx =
            |site, listen, server, page, certificate| NginxSetup { site, listen, server, closed: closed.address, silent: silent.address, page, certificate };
        let mut asked = hop_address;
        match scenario.edge {
            Edge::Nginx(site) => {
                let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
                let setup = nginx(site, address, server_address.unwrap_or(closed.address), Some(page.folder()), None);
                processes.push(setup.start(scenario.name, folder.path(), installed).await?);
                asked = Some(address);
            }
            Edge::NginxTls => {
                let setup = nginx(PASSING_ON, tls, front_address, Some(page.folder()), certificate.as_ref());
                processes.push(setup.start(scenario.name, folder.path(), installed).await?);
            }
            Edge::Tls => {
                let setup = nginx(PASSING_ON, tls, front_address, None, certificate.as_ref());
                processes.push(setup.start(scenario.name, folder.path(), installed).await?);
            }
            Edge::Front | Edge::SlowLine(_) | Edge::ServersOwnPage(_) | Edge::Server => {}
        }
        if scenario.framed_by.is_other_site() {
            let its_folder = folder.path().join("frame");
            std::fs::create_dir(&its_folder).map_err(StartError::io("to make a folder"))?;
            let setup = nginx(PASSING_ON, frame_tls, elsewhere_address, None, certificate.as_ref());
            processes.push(setup.start(&format!("{}.frame", scenario.name), &its_folder, installed).await?);
        }
        if scenario.names("self-signed") {
            let setup = nginx(PASSING_ON, self_signed, elsewhere_address, None, certificate.as_ref());
            processes.push(setup.start(&format!("{}.self-signed", scenario.name), folder.path(), installed).await?);
        }

        let calls_backstage = match scenario.livekit {
            Some(livekit) => {
                let its_folder = folder.path().join("livekit");
                std::fs::create_dir(&its_folder).map_err(StartError::io("to make a folder"))?;
                let name = format!("{}.livekit", scenario.name);
                let setup = ServerSetup { name: name.clone(), port: None, folder: its_folder.clone(), ..setup.clone() };
                let servers: Vec<_> = livekit.server.start(&setup).await?.into_iter().collect();
                let mut before = None;
                if let Some(site) = livekit.nginx {
                    let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
                    let behind = servers.first().map_or(closed.address, |server| server.address);
                    processes.push(nginx(site, address, behind, None, None).start(&name, &its_folder, installed).await?);
                    before = Some(address);
                }
                Some(Backstage::new(None, (livekit.server, setup), servers, before, flip.clone()).await?)
            }
            None => None,
        };
        let backstage = Backstage::new(scenario.midway, (scenario.server, setup), servers, asked, flip.clone()).await?;
        let serves_page = matches!(scenario.edge, Edge::Front | Edge::Tls | Edge::SlowLine(_));
        let serves_chat_page = serves_page || matches!(scenario.edge, Edge::NginxTls);
        let chat = FrontSetup {
            rules: FrontSetup::rules(scenario.rules),
            page: serves_page.then(|| (page.clone(), configuration.clone())),
            page_folder: scenario.page_folder(),
            page_headers: scenario.page_headers,
            chat_page: serves_chat_page.then_some(scenario.chat_page),
            server: Some(Arc::clone(&backstage)).filter(|_| scenario.server_at == ServerAt::Origin),
            addresses: addresses.clone(),
            vanishes: scenario.vanishes,
            clock_behind: scenario.clock_behind,
            any_origin: Arc::clone(&any_origin),
            count: AtomicU32::new(0),
            counters: counters.clone(),
            flipped: flipped.clone(),
        };
        let other = FrontSetup {
            rules: FrontSetup::rules(&[scenario.elsewhere, scenario.framed_by.rules()].concat()),
            page: None,
            page_folder: "/diagnostics/",
            page_headers: &[],
            chat_page: None,
            server: Some(Arc::clone(&backstage)).filter(|_| scenario.server_at == ServerAt::Elsewhere),
            addresses: addresses.clone(),
            vanishes: false,
            clock_behind: scenario.clock_behind,
            any_origin: Arc::clone(&any_origin),
            count: AtomicU32::new(0),
            counters: counters.clone(),
            flipped: flipped.clone(),
        };
        let called = FrontSetup {
            rules: FrontSetup::rules(scenario.livekit.map_or(&[], |livekit| livekit.rules)),
            page: None,
            page_folder: "/diagnostics/",
            page_headers: &[],
            chat_page: None,
            server: calls_backstage.clone(),
            addresses,
            vanishes: false,
            clock_behind: scenario.clock_behind,
            // LiveKit says so itself, and twice is as good as not at all.
            any_origin: Arc::default(),
            count: AtomicU32::new(0),
            counters: counters.clone(),
            flipped,
        };
        let mut fronts = vec![Front::start(front, chat)?, Front::start(elsewhere, other)?];
        if calls_backstage.is_some() {
            fronts.push(Front::start(calls, called)?);
        }
        let line = match scenario.edge {
            Edge::SlowLine(latency) => Some(SlowLine::start(line, front_address, latency)),
            _ => None,
        };
        let origin = origin_at(faces.or(server_address).unwrap_or(front_address));
        let page_origin = scenario.password.map_or_else(|| origin.clone(), |password| origin.replacen("://", &format!("://{password}@"), 1));
        Ok(Self {
            scenario,
            page_url: page_origin + scenario.page_path(),
            frame_url,
            origin,
            configuration,
            key_hash,
            any_origin,
            counters,
            flip,
            fronts,
            _line: line,
            backstage,
            calls: calls_backstage,
            _turn: turn,
            hop: Mutex::new(hop),
            _processes: processes,
            _unreachable: vec![closed, silent, blackhole],
            _folder: folder,
        })
    }

    /// The entry that this was started from.
    pub fn scenario(&self) -> &'static Scenario {
        self.scenario
    }

    /// The address to open: the page that has the doctor's page in a frame, where there is one, else the doctor's page.
    pub fn open_url(&self) -> &str {
        self.frame_url.as_deref().unwrap_or(&self.page_url)
    }

    /// The address of the chat's page that a visit is to.
    pub fn visit_url(&self) -> String {
        format!("{}{}", self.origin, self.scenario.visit_path)
    }

    /// The address of the doctor's page, in a frame or not.
    pub fn page_url(&self) -> &str {
        &self.page_url
    }

    /// The origin of the page.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The text of the page's configuration file, with the addresses filled in.
    pub fn configuration(&self) -> &str {
        &self.configuration
    }

    /// What the page's configuration file says of this, where it is a text.
    pub fn configuration_value(&self, name: &str) -> Option<String> {
        let configuration: serde_json::Value = serde_json::from_str(&self.configuration).ok()?;
        configuration.get(name)?.as_str().map(str::to_owned)
    }

    /// The hash of the key of its WebTransport server's certificate, where it has one: SHA-256 in Base64.
    pub fn key_hash(&self) -> Option<&str> {
        self.key_hash.as_deref()
    }

    /// From now on the fronts let pages of every origin read their answers.
    pub fn allow_any_origin(&self) {
        self.any_origin.store(true, Ordering::Relaxed);
    }

    /// What was asked of the scenario so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Breaks what breaks only once the page is loaded.
    pub fn flip(&self) {
        self.flip.send_replace(true);
    }

    /// Puts the scenario back to where it was when it started: nothing flipped, nothing open, nothing counted.
    pub async fn reset(&self) {
        self.flip.send_replace(false);
        for front in &self.fronts {
            front.reset().await;
        }
        let mut hop = self.hop.lock().await;
        let before = match hop.as_mut() {
            Some(hop) => hop.reset().await,
            None => Ok(()),
        };
        for error in [before, self.backstage.reset().await].into_iter().filter_map(Result::err) {
            eprintln!("lab: {} is not as it was: {error}", self.scenario.name);
        }
        self.counters.reset();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Connections that still have it end a moment later.
        self.backstage.end();
        if let Some(calls) = &self.calls {
            calls.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::{SinkExt, StreamExt};
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio_tungstenite::WebSocketStream;

    use super::*;

    const HELP: &str = "/connection-doctor-help";
    const POLLING: &str = "/socket.io/?EIO=4&transport=polling";

    /// The scenario at work; `None` where something is not installed that it needs, as `lab serve` leaves it out too.
    async fn started(name: &str) -> Option<Running> {
        let scenario = Scenario::named(name).unwrap();
        let installed = Installed::find();
        let missing = installed.missing(&scenario.programs());
        if !missing.is_empty() {
            eprintln!("{name} is left out: {missing:?} is not installed");
            return None;
        }
        Some(Running::start(scenario, &BuiltPage::of_sources(), &installed).await.unwrap())
    }

    /// The head of an answer, the names of its headers in lower case, and its body.
    async fn ask(running: &Running, request: &str, headers: &[(&str, &str)]) -> (String, String) {
        let (_, port) = running.origin().rsplit_once(':').unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).await.unwrap();
        let mut text = format!("{request} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        server.write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let line = |line: &str| line.split_once(": ").map_or(format!("{line}\n"), |(name, value)| format!("{}: {value}\n", name.to_lowercase()));
        (head.lines().map(line).collect(), body.to_owned())
    }

    fn status(head: &str) -> &str {
        head.split(' ').nth(1).unwrap()
    }

    /// What the endpoint says of cookies; Python and Node send their bodies in chunks.
    fn cookies(body: &str) -> Value {
        let json = body.get(body.find('{').unwrap()..=body.rfind('}').unwrap()).unwrap();
        let told: Value = serde_json::from_str(json).unwrap();
        assert_eq!(told["connection-doctor"], json!(1));
        told["cookies"].clone()
    }

    /// What every recipe of www/server-help promises, asked of the real server that runs it.
    async fn holds_its_promises(name: &str, expected: Value) {
        let Some(running) = started(name).await else { return };
        let get = format!("GET {HELP}");
        let post = format!("POST {HELP}");
        let sent = [("Cookie", "session=the-secret; other=a=secret; connection-doctor-check=1; secret-without-a-name")];

        let (head, body) = ask(&running, &get, &sent).await;
        assert_eq!(status(&head), "200", "{name}");
        assert!(head.contains("content-type: application/json\n") && head.contains("cache-control: no-store\n"), "{name}: {head}");
        assert!(head.contains("set-cookie: connection-doctor-check=1; Path=/; Max-Age=300"), "{name}: {head}");
        assert!(!head.contains("clear-site-data"), "{name}: {head}");
        assert!(!head.contains("secret") && !body.contains("secret"), "{name}: {head}{body}");
        assert_eq!(cookies(&body), expected, "{name}");
        assert_eq!(cookies(&ask(&running, &get, &[]).await.1), json!([]), "{name}");

        let (head, _) = ask(&running, &post, &[("Sec-Fetch-Site", "same-origin"), ("Content-Length", "0")]).await;
        assert_eq!(status(&head), "204", "{name}");
        assert!(head.contains("clear-site-data: \"cache\", \"cookies\", \"storage\"\n"), "{name}: {head}");
        assert!(head.contains("cache-control: no-store\n") && !head.contains("set-cookie"), "{name}: {head}");

        let refused: [&[(&str, &str)]; 4] = [&[], &[("Sec-Fetch-Site", "cross-site")], &[("Sec-Fetch-Site", "same-site")], &[("Sec-Fetch-Site", "none")]];
        for headers in refused {
            let (head, _) = ask(&running, &post, headers).await;
            assert_eq!(status(&head), "403", "{name} with {headers:?}");
            assert!(!head.contains("clear-site-data"), "{name}: {head}");
        }
        let (head, _) = ask(&running, &format!("DELETE {HELP}"), &[("Sec-Fetch-Site", "same-origin")]).await;
        assert_eq!(status(&head), "403", "{name}");
        // The chat behind it is as it was.
        assert_eq!(status(&ask(&running, &format!("GET {POLLING}"), &[]).await.0), "200", "{name}");
    }

    fn names_and_sizes() -> Value {
        json!([{"name": "session", "size": 10}, {"name": "other", "size": 8}, {"name": "connection-doctor-check", "size": 1}, {"name": "", "size": 21}])
    }

    #[tokio::test]
    async fn the_recipe_for_asgi_holds_its_promises() {
        holds_its_promises("healthy-help", names_and_sizes()).await;
    }

    #[tokio::test]
    async fn the_recipe_for_node_holds_its_promises() {
        holds_its_promises("healthy-help-node", names_and_sizes()).await;
    }

    #[tokio::test]
    async fn the_recipe_for_nginx_holds_its_promises() {
        holds_its_promises("healthy-help-nginx", json!([{"name": "connection-doctor-check"}, {"name": "session"}])).await;
    }

    /// What both recipes for a stream promise: ten events and an end, over two seconds.
    async fn streams_as_promised(name: &str) {
        let Some(running) = started(name).await else { return };
        let (head, body) = ask(&running, "GET /connection-doctor-stream", &[]).await;
        assert_eq!(status(&head), "200", "{name}");
        assert!(head.contains("content-type: text/event-stream\n") && head.contains("cache-control: no-store\n"), "{name}: {head}");
        let mut ages = Vec::new();
        for (index, event) in body.split("event: connection-doctor").skip(1).enumerate() {
            let ending = if index == 10 { "-end" } else { "" };
            let data = event.strip_prefix(ending).and_then(|rest| rest.strip_prefix("\ndata: ")).and_then(|rest| rest.lines().next()).unwrap();
            let told: Value = serde_json::from_str(data).unwrap();
            assert_eq!(told["n"], json!(index + 1), "{name}: {event}");
            ages.push(told["at"].as_u64().unwrap());
        }
        assert_eq!(ages.len(), 11, "{name}: {body}");
        assert!(ages.is_sorted() && (150..600).contains(&ages[0]) && (1_950..4_000).contains(&ages[9]), "{name}: {ages:?}");
    }

    #[tokio::test]
    async fn the_stream_for_asgi_is_as_promised() {
        streams_as_promised("s-healthy-stream").await;
    }

    #[tokio::test]
    async fn the_stream_for_node_is_as_promised() {
        streams_as_promised("s-healthy-stream-node").await;
    }

    /// A socket that has joined the root namespace.
    async fn joined(running: &Running) -> WebSocketStream<TcpStream> {
        let (_, port) = running.origin().rsplit_once(':').unwrap();
        let url = format!("ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket");
        let stream = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).await.unwrap();
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        assert!(heard(&mut socket, "0{").await.is_some());
        socket.send("40".into()).await.unwrap();
        assert!(heard(&mut socket, "40{").await.is_some());
        socket
    }

    /// The next message that begins so.
    async fn heard(socket: &mut WebSocketStream<TcpStream>, beginning: &str) -> Option<String> {
        let listening = async {
            loop {
                let message = socket.next().await?.ok()?.into_text().ok()?.to_string();
                if message.starts_with(beginning) {
                    return Some(message);
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(2), listening).await.ok().flatten()
    }

    /// What both recipes for the echo promise, between two replicas: each answers, and both hear where `across`.
    async fn echoes_as_promised(name: &str, across: bool) {
        let Some(running) = started(name).await else { return };
        let (mut one, mut other) = (joined(&running).await, joined(&running).await);
        let mut instances = Vec::new();
        for socket in [&mut one, &mut other] {
            socket.send(r#"420["connection-doctor","room",""]"#.into()).await.unwrap();
            let answer: Value = serde_json::from_str(&heard(socket, "430").await.unwrap()[3..]).unwrap();
            assert_eq!(answer[1], 0, "{name}");
            instances.push(answer[0].clone());
        }
        assert_ne!(instances[0], instances[1], "{name}");
        one.send(r#"421["connection-doctor","room","hello"]"#.into()).await.unwrap();
        assert!(heard(&mut one, r#"42["connection-doctor","hello"]"#).await.is_some(), "{name}");
        assert_eq!(heard(&mut other, r#"42["connection-doctor","hello"]"#).await.is_some(), across, "{name}");
        // What is no call of the doctor's ends nothing.
        one.send(r#"42["connection-doctor"]"#.into()).await.unwrap();
        one.send(r#"422["connection-doctor","room",""]"#.into()).await.unwrap();
        assert!(heard(&mut one, "432").await.is_some(), "{name}");
    }

    #[tokio::test]
    async fn the_echo_for_python_is_as_promised() {
        echoes_as_promised("r-healthy-delivery-python", true).await;
        echoes_as_promised("r-no-delivery-redis-down", false).await;
    }

    #[tokio::test]
    async fn the_echo_for_node_is_as_promised() {
        echoes_as_promised("r-healthy-delivery-node", true).await;
        echoes_as_promised("r-no-delivery-redis-down-node", false).await;
    }

    /// Begins a session by polling and asks once more for it: what that is answered with.
    async fn followed_up(running: &Running) -> String {
        let (_, body) = ask(running, &format!("GET {POLLING}"), &[]).await;
        let session = body.split("\"sid\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let (head, _) = ask(running, &format!("POST {POLLING}&sid={session}"), &[("Content-Length", "0")]).await;
        status(&head).to_owned()
    }

    #[tokio::test]
    async fn a_restart_forgets_the_sessions_of_before_once() {
        let Some(running) = started("r-healthy-restart").await else { return };
        for _ in 0..2 {
            let mut answers = Vec::new();
            for _ in 0..5 {
                answers.push(followed_up(&running).await);
            }
            assert_eq!(answers, ["200", "200", "400", "200", "200"]);
            running.reset().await;
        }
    }

    #[tokio::test]
    async fn a_server_that_ends_is_there_again_after_a_reset() {
        let Some(running) = started("t-server-dies-gateway").await else { return };
        for _ in 0..2 {
            assert_eq!(status(&ask(&running, &format!("GET {POLLING}"), &[]).await.0), "200");
            tokio::time::sleep(Duration::from_millis(2_300)).await;
            assert_eq!(status(&ask(&running, &format!("GET {POLLING}"), &[]).await.0), "502");
            running.reset().await;
        }
    }

    #[tokio::test]
    async fn too_many_cookies_are_refused_by_the_real_servers() {
        let cookies = (0..12).map(|number| format!("big{number}={}", "x".repeat(FILLER))).collect::<Vec<_>>().join("; ");
        for (name, wanted) in [("cookies-too-large-node", "431"), ("cookies-too-large-nginx", "400"), ("cookies-too-large-help", "400")] {
            let Some(running) = started(name).await else { continue };
            assert_eq!(status(&ask(&running, &format!("GET {POLLING}"), &[("Cookie", &cookies)]).await.0), wanted, "{name}");
            assert_eq!(status(&ask(&running, &format!("GET {POLLING}"), &[]).await.0), "200", "{name}");
        }
    }

    #[tokio::test]
    async fn a_flip_is_a_new_release_and_a_reset_takes_it_back() {
        let running = started("stale-shell-scripts-gone").await.unwrap();
        let script = |body: &str| body.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let (head, shell) = ask(&running, "GET /", &[]).await;
        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
        let (unchanged, nothing) = ask(&running, "GET /", &[("If-None-Match", tag)]).await;
        assert_eq!((status(&unchanged), nothing.as_str()), ("304", ""));
        let old = script(&shell);
        assert_eq!(status(&ask(&running, &format!("GET {old}"), &[]).await.0), "200");

        running.flip();
        let (head, shell) = ask(&running, "GET /", &[("If-None-Match", tag)]).await;
        assert_eq!(status(&head), "200");
        assert_eq!(status(&ask(&running, &format!("GET {}", script(&shell)), &[]).await.0), "200");
        assert_eq!(status(&ask(&running, &format!("GET {old}"), &[]).await.0), "404");

        running.reset().await;
        assert_eq!(script(&ask(&running, "GET /", &[]).await.1), old);
    }

    #[tokio::test]
    async fn a_clock_that_is_behind_dates_every_answer() {
        let running = started("clock-skew").await.unwrap();
        for path in ["/", "/diagnostics/page.rs", POLLING, "/nothing"] {
            let (head, _) = ask(&running, &format!("GET {path}"), &[]).await;
            let dates: Vec<_> = head.lines().filter_map(|line| line.strip_prefix("date: ")).collect();
            let [date] = dates.as_slice() else { panic!("{path}: {head}") };
            let behind = std::time::SystemTime::now().duration_since(httpdate::parse_http_date(date).unwrap()).unwrap();
            assert!((3_600..3_660).contains(&behind.as_secs()), "{path}: {date}");
        }
    }

    /// The status of what LiveKit says of the token that the configuration has.
    async fn of_its_token(running: &Running) -> String {
        let configuration: Value = serde_json::from_str(running.configuration()).unwrap();
        let address = configuration["livekit-url"].as_str().unwrap().strip_prefix("ws://").unwrap();
        let mut livekit = TcpStream::connect(address).await.unwrap();
        let token = configuration["livekit-token"].as_str().unwrap();
        let request = format!("GET /rtc/validate?access_token={token} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        livekit.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        livekit.read_to_string(&mut answer).await.unwrap();
        status(&answer).to_owned()
    }

    #[tokio::test]
    async fn livekit_knows_the_tokens_of_the_lab_and_is_counted() {
        for (name, wanted) in [("v-healthy-livekit-nginx", "200"), ("v-livekit-token-expired", "401"), ("v-livekit-502", "502")] {
            let Some(running) = started(name).await else { return };
            assert_eq!(of_its_token(&running).await, wanted, "{name}");
            assert_eq!(running.counters().tally().requests, 1, "{name}");
        }
    }

    #[tokio::test]
    async fn the_page_to_open_is_the_one_with_the_frame() {
        let running = started("sandboxed-frame").await.unwrap();
        assert_ne!(running.open_url(), running.page_url());
        assert!(running.open_url().starts_with("http://127.0.0.1:") && !running.open_url().starts_with(running.origin()));
        let plain = started("healthy-engineioxide").await.unwrap();
        assert_eq!(plain.open_url(), plain.page_url());
    }
}
