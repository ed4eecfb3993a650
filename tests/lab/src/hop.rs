//! What stands between the front and the real servers: nginx, HAProxy or Envoy, in the words of an operator.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::addresses::Addresses;
use crate::child::{Ready, ServerProcess};
use crate::error::StartError;
use crate::installed::{Installed, Program};
use crate::nginx;
use crate::server::free_port;

/// What stands before the servers. The texts may name the scenario's addresses in braces, `{servers}`, which are all of them
/// as the program wants them listed, and `{server-1}` to `{server-4}`, which are host and port of each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hop {
    /// Nothing does.
    Nothing,
    /// nginx: what is within its `http`, and what is within its `server`, which passes upgrades on by itself.
    Nginx { http: &'static str, server: &'static str },
    /// HAProxy: what is within its backend, and its times besides.
    Haproxy { defaults: &'static str, backend: &'static str },
    /// Envoy, as an ingress sets it up: it passes WebSockets on and speaks this with the server; it turns gRPC-web into gRPC or not.
    Envoy { transport: Transport, translates: bool },
}

/// What an ingress speaks with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Http1,
    Http2,
}

/// The names of the servers' addresses.
const SERVERS: [&str; 4] = ["server-1", "server-2", "server-3", "server-4"];

impl Hop {
    /// What must be installed for it.
    pub(crate) fn program(self) -> Option<Program> {
        match self {
            Self::Nothing => None,
            Self::Nginx { .. } => Some(Program::Nginx),
            Self::Haproxy { .. } => Some(Program::Haproxy),
            Self::Envoy { .. } => Some(Program::Envoy),
        }
    }

    /// It counts what is asked of it, and so treats the second run otherwise than the first.
    fn counts(self) -> bool {
        matches!(self, Self::Nginx { http, .. } if http.contains("limit_req_zone"))
    }
}

/// What a hop is started with.
#[derive(Debug)]
pub(crate) struct HopSetup {
    /// The scenario's name, for the log.
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) servers: Vec<SocketAddr>,
    pub(crate) addresses: Addresses,
    pub(crate) installed: Installed,
}

/// A hop at work; it ends when dropped.
#[derive(Debug)]
pub(crate) struct RunningHop {
    hop: Hop,
    setup: HopSetup,
    pub(crate) address: SocketAddr,
    process: Option<ServerProcess>,
}

impl RunningHop {
    /// Starts it and waits until it listens; `None` where nothing stands before the servers.
    pub(crate) async fn start(hop: Hop, setup: HopSetup) -> Result<Option<Self>, StartError> {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let process = setup.process(hop, address).await?;
        Ok(process.map(|process| Self { hop, setup, address, process: Some(process) }))
    }

    /// Makes it forget what it counted, which takes another process.
    pub(crate) async fn reset(&mut self) -> Result<(), StartError> {
        if self.hop.counts() {
            // First the old one ends: they listen on the same port.
            self.process = None;
            self.process = self.setup.process(self.hop, self.address).await?;
        }
        Ok(())
    }
}

impl HopSetup {
    async fn process(&self, hop: Hop, listen: SocketAddr) -> Result<Option<ServerProcess>, StartError> {
        let mut addresses = self.addresses.clone();
        for (name, server) in SERVERS.into_iter().zip(&self.servers) {
            addresses.name(name, server.to_string());
        }
        let listed = |line: &dyn Fn(usize, &SocketAddr) -> String| {
            let lines = self.servers.iter().enumerate().map(|(index, server)| line(index + 1, server));
            lines.collect::<String>()
        };
        match hop {
            Hop::Nothing => Ok(None),
            Hop::Nginx { http, server } => {
                let folder = self.folder.join("hop");
                std::fs::create_dir_all(&folder).map_err(StartError::io("to make a folder"))?;
                addresses.name("servers", listed(&|_, server| format!("server {server}; ")));
                let text = format!("{}{http}\n    server {{\n        listen {listen};\n{PASSING_ON}{server}\n    }}\n}}\n", nginx::beginning(&folder));
                nginx::start(&format!("{}.hop", self.name), &addresses.fill(&text), &folder, listen, &self.installed).await.map(Some)
            }
            Hop::Haproxy { defaults, backend } => {
                addresses.name("servers", listed(&|number, server| format!("    server replica-{number} {server} cookie replica-{number}\n")));
                let text =
                    format!("{HAPROXY}{defaults}\nfrontend chat\n    bind {listen}\n    default_backend servers\nbackend servers\n{backend}\n{{servers}}\n");
                self.started(Program::Haproxy, &["-db", "-f"], "haproxy.cfg", &addresses.fill(&text), listen).await.map(Some)
            }
            Hop::Envoy { transport, translates } => {
                let configuration = envoy(listen, self.servers.first().copied().unwrap_or(listen), transport, translates);
                self.started(Program::Envoy, ENVOY_ARGUMENTS, "envoy.json", &configuration.to_string(), listen).await.map(Some)
            }
        }
    }

    /// Starts a program whose last argument is the file of its configuration.
    async fn started(&self, program: Program, args: &[&str], file: &str, text: &str, listen: SocketAddr) -> Result<ServerProcess, StartError> {
        let file = self.folder.join(file);
        std::fs::write(&file, text).map_err(StartError::io("to write a configuration"))?;
        let mut command = Command::new(self.installed.path(program)?);
        command.args(args).arg(&file);
        let mut process = ServerProcess::start(&format!("{}.hop", self.name), &mut command, &self.installed)?;
        process.ready(listen, Ready::Accepts).await?;
        Ok(process)
    }
}

const ENVOY_ARGUMENTS: &[&str] = &["--log-level", "error", "--concurrency", "1", "--disable-hot-restart", "-c"];

fn envoy(listen: SocketAddr, server: SocketAddr, transport: Transport, translates: bool) -> Value {
    let at = |address: SocketAddr| json!({ "socket_address": { "address": address.ip().to_string(), "port_value": address.port() } });
    let kind = |name: &str| format!("type.googleapis.com/envoy.extensions.{name}");
    let filter = |name: &str, kind: String| json!({ "name": name, "typed_config": { "@type": kind } });
    let speaks = match transport {
        Transport::Http1 => "http_protocol_options",
        Transport::Http2 => "http2_protocol_options",
    };
    let router = filter("envoy.filters.http.router", kind("filters.http.router.v3.Router"));
    let translator = filter("envoy.filters.http.grpc_web", kind("filters.http.grpc_web.v3.GrpcWeb"));
    let manager = json!({
        "@type": kind("filters.network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": "chat",
        "upgrade_configs": [{ "upgrade_type": "websocket" }],
        "http_filters": if translates { json!([translator, router]) } else { json!([router]) },
        "route_config": { "virtual_hosts": [{ "name": "chat", "domains": ["*"], "routes": [{ "match": { "prefix": "/" }, "route": { "cluster": "chat", "timeout": "0s" } }] }] },
    });
    json!({ "static_resources": {
        "listeners": [{
            "address": at(listen),
            "filter_chains": [{ "filters": [{ "name": "envoy.filters.network.http_connection_manager", "typed_config": manager }] }],
        }],
        "clusters": [{
            "name": "chat",
            "type": "STATIC",
            "typed_extension_protocol_options": { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": kind("upstreams.http.v3.HttpProtocolOptions"),
                "explicit_http_config": { speaks: {} },
            } },
            "load_assignment": { "cluster_name": "chat", "endpoints": [{ "lb_endpoints": [{ "endpoint": { "address": at(server) } }] }] },
        }],
    } })
}

/// One request on each connection, so that the next may go elsewhere, and upgrades passed on.
const PASSING_ON: &str = "\
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
";

const HAPROXY: &str = "\
global
    maxconn 512
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
";
