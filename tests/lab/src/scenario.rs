//! What a scenario is: an entry of the table.

use std::time::Duration;

use crate::action::Rule;
use crate::installed::Program;
use crate::nginx::NginxSite;
use crate::page::CHAT_PAGE;
use crate::server::Server;

/// A chat that is healthy, or broken in one way. Texts and rules may name the scenario's addresses in braces:
///
/// | name | address |
/// | --- | --- |
/// | `{origin}` | the chat's origin, where the page is |
/// | `{host}` | its host and port |
/// | `{elsewhere}` | another origin, with rules of its own |
/// | `{closed}` | host and port that nobody listens on |
/// | `{blackhole}` | host and port whose SYNs are dropped |
/// | `{silent}` | host and port that accept and never answer |
/// | `{self-signed}` | an https origin whose certificate nobody vouches for |
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name, which the tests, the reports and the recordings go by.
    pub name: &'static str,
    /// A title for people.
    pub title: &'static str,
    /// What is broken, in one plain sentence.
    pub story: &'static str,
    /// Whether it is healthy, broken or hostile, or the page's own files are served wrongly.
    pub kind: Kind,
    pub(crate) server: Server,
    pub(crate) server_at: ServerAt,
    pub(crate) edge: Edge,
    /// The page's configuration file.
    pub(crate) config: &'static str,
    /// They come before everything else, the page's own files too.
    pub(crate) rules: &'static [Rule],
    pub(crate) elsewhere: &'static [Rule],
    pub(crate) chat_page: &'static str,
    /// What the page's own files are served with besides, where the front serves them.
    pub(crate) page_headers: &'static [(&'static str, &'static str)],
    /// Once flipped, the chat's origin is gone from the network.
    pub(crate) vanishes: bool,
    /// A flip changes something.
    pub flips: bool,
    /// Why the lab cannot count this scenario's requests, where it cannot.
    pub uncounted: Option<&'static str>,
}

/// What is expected of the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Healthy,
    Broken,
    /// The answers are made to do harm to whoever reads them.
    Hostile,
    /// The chat is healthy, and this page's own files are served wrongly: it cannot load, and says why.
    Unloadable,
}

/// At which origin the scenario's server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerAt {
    Origin,
    Elsewhere,
}

/// What faces the browser.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edge {
    /// The front, which serves the page.
    Front,
    /// The front only counts; the nginx behind it serves the page.
    Nginx(NginxSite),
    /// nginx with TLS and HTTP/2 serves the page; the front is behind it.
    NginxTls,
    /// A line with so much latency each way, and the front at its far end.
    SlowLine(Duration),
    /// The front only counts; the page is among the server's own files, at this path.
    ServersOwnPage(&'static str),
    /// The server itself.
    Server,
}

impl Scenario {
    /// What most scenarios have in common: engineioxide at `/socket.io/` behind a front.
    pub(crate) const PLAIN: Self = Self {
        name: "",
        title: "",
        story: "",
        kind: Kind::Broken,
        server: Server::EngineIoXide("/socket.io"),
        server_at: ServerAt::Origin,
        edge: Edge::Front,
        config: r#"{"socket-path":"/socket.io/"}"#,
        rules: &[],
        elsewhere: &[],
        chat_page: CHAT_PAGE,
        page_headers: &[],
        vanishes: false,
        flips: false,
        uncounted: None,
    };

    /// The entry of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        crate::SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// The page is served by https, with a certificate that nobody vouches for.
    pub fn is_https(&self) -> bool {
        matches!(self.edge, Edge::NginxTls | Edge::Server)
    }

    /// What must be installed for it.
    pub fn programs(&self) -> Vec<Program> {
        let mut programs = self.server.programs().to_vec();
        if matches!(self.edge, Edge::Nginx(_) | Edge::NginxTls) || self.names("self-signed") {
            programs.push(Program::Nginx);
        }
        if matches!(self.edge, Edge::NginxTls) || self.names("self-signed") {
            programs.push(Program::Openssl);
        }
        programs.sort_unstable();
        programs.dedup();
        programs
    }

    /// The folder of the page's files in the paths that the browser asks for.
    pub(crate) fn page_folder(&self) -> &'static str {
        match self.edge {
            Edge::Nginx(NginxSite { prefix: "/chat", .. }) => "/chat/diagnostics/",
            Edge::ServersOwnPage(_) => "/public/diagnostics/",
            _ => "/diagnostics/",
        }
    }

    /// The path to open.
    pub(crate) fn page_path(&self) -> &'static str {
        match self.edge {
            Edge::ServersOwnPage(path) => path,
            _ => self.page_folder(),
        }
    }

    /// Its configuration names this address.
    pub(crate) fn names(&self, address: &str) -> bool {
        self.config.contains(&format!("{{{address}}}"))
    }
}
