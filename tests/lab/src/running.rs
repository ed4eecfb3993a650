//! A scenario at work.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;
use tokio::sync::watch;

use crate::addresses::Addresses;
use crate::certificate::Certificate;
use crate::child::ServerProcess;
use crate::counters::Counters;
use crate::error::StartError;
use crate::front::{Front, FrontSetup};
use crate::installed::Installed;
use crate::line::SlowLine;
use crate::nginx::{Behind, NginxSetup, NginxSite};
use crate::page::{BuiltPage, CONFIGURATION_FILE};
use crate::scenario::{Edge, Scenario, ServerAt};
use crate::server::{RunningServer, ServerSetup, free_port, listen};
use crate::unreachable::Unreachable;

/// A scenario at work. Everything that it started ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    scenario: &'static Scenario,
    page_url: String,
    origin: String,
    configuration: String,
    any_origin: Arc<AtomicBool>,
    counters: Counters,
    flip: watch::Sender<bool>,
    fronts: Vec<Front>,
    _line: Option<SlowLine>,
    _server: Option<RunningServer>,
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

        let needs_certificate = scenario.is_https() || scenario.names("self-signed");
        let certificate = if needs_certificate { Some(Certificate::make(folder.path(), installed)?) } else { None };

        let (front, front_address) = listen().await?;
        let (elsewhere, elsewhere_address) = listen().await?;
        let (line, line_address) = listen().await?;
        addresses.name("elsewhere", format!("http://{elsewhere_address}"));
        let self_signed = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        addresses.name("self-signed", format!("https://{self_signed}"));

        // What the browser sees is known before anything runs, except where the server itself faces it.
        let tls = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let host = match scenario.edge {
            Edge::Front | Edge::Nginx(_) | Edge::ServersOwnPage(_) => Some(front_address),
            Edge::NginxTls => Some(tls),
            Edge::SlowLine(_) => Some(line_address),
            Edge::Server => None,
        };
        let scheme = if scenario.is_https() { "https" } else { "http" };
        if let Some(host) = host {
            addresses.name("origin", format!("{scheme}://{host}"));
            addresses.name("host", host.to_string());
        }
        let configuration = addresses.fill(scenario.config);
        serde_json::from_str::<serde_json::Value>(&configuration).map_err(StartError::Configuration)?;
        let written = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).map_err(StartError::io("to write a file"));
        written(CONFIGURATION_FILE, &configuration)?;
        written("chat.html", scenario.chat_page)?;

        let setup = ServerSetup {
            name: scenario.name,
            folder: folder.path(),
            page,
            configuration: &configuration,
            addresses: &addresses,
            certificate: certificate.as_ref(),
            installed,
        };
        let server = scenario.server.start(&setup).await?;
        let server_address = server.as_ref().map(|server| server.address);

        let nginx =
            |site, listen, server, page, certificate| NginxSetup { site, listen, server, closed: closed.address, silent: silent.address, page, certificate };
        let mut behind = server_address;
        match scenario.edge {
            Edge::Nginx(site) => {
                let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
                let setup = nginx(site, address, server_address.unwrap_or(closed.address), Some(page.folder()), None);
                processes.push(setup.start(scenario.name, folder.path(), installed).await?);
                behind = Some(address);
            }
            Edge::NginxTls => {
                let site = NginxSite { serves_chat_page: false, ..NginxSite::DOCUMENTED };
                let setup = nginx(site, tls, front_address, Some(page.folder()), certificate.as_ref());
                processes.push(setup.start(scenario.name, folder.path(), installed).await?);
            }
            Edge::Front | Edge::SlowLine(_) | Edge::ServersOwnPage(_) | Edge::Server => {}
        }
        if scenario.names("self-signed") {
            let site = NginxSite { serves_chat_page: false, socket: Behind::Server, ..NginxSite::DOCUMENTED };
            let setup = nginx(site, self_signed, elsewhere_address, None, certificate.as_ref());
            processes.push(setup.start(&format!("{}.self-signed", scenario.name), folder.path(), installed).await?);
        }

        let serves_page = matches!(scenario.edge, Edge::Front | Edge::SlowLine(_));
        let serves_chat_page = serves_page || matches!(scenario.edge, Edge::NginxTls);
        let origin = FrontSetup {
            rules: FrontSetup::rules(scenario.rules),
            page: serves_page.then(|| (page.clone(), configuration.clone())),
            page_folder: scenario.page_folder(),
            page_headers: scenario.page_headers,
            chat_page: serves_chat_page.then_some(scenario.chat_page),
            server: behind.filter(|_| scenario.server_at == ServerAt::Origin),
            addresses: addresses.clone(),
            vanishes: scenario.vanishes,
            any_origin: Arc::clone(&any_origin),
            counters: counters.clone(),
            flipped: flipped.clone(),
        };
        let other = FrontSetup {
            rules: FrontSetup::rules(scenario.elsewhere),
            page: None,
            page_folder: "/diagnostics/",
            page_headers: &[],
            chat_page: None,
            server: server_address.filter(|_| scenario.server_at == ServerAt::Elsewhere),
            addresses,
            vanishes: false,
            any_origin: Arc::clone(&any_origin),
            counters: counters.clone(),
            flipped,
        };
        let fronts = vec![Front::start(front, origin)?, Front::start(elsewhere, other)?];
        let line = match scenario.edge {
            Edge::SlowLine(latency) => Some(SlowLine::start(line, front_address, latency)),
            _ => None,
        };
        let host = host.or(server_address).unwrap_or(front_address);
        Ok(Self {
            scenario,
            page_url: format!("{scheme}://{host}{}", scenario.page_path()),
            origin: format!("{scheme}://{host}"),
            configuration,
            any_origin,
            counters,
            flip,
            fronts,
            _line: line,
            _server: server,
            _processes: processes,
            _unreachable: vec![closed, silent, blackhole],
            _folder: folder,
        })
    }

    /// The entry that this was started from.
    pub fn scenario(&self) -> &'static Scenario {
        self.scenario
    }

    /// The address of the page.
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
        self.counters.reset();
    }
}
