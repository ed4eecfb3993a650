//! What a scenario is: an entry of the table.

use std::time::Duration;

use crate::action::{Action, Answer, Rule, When};
use crate::backstage::Midway;
use crate::hop::Hop;
use crate::installed::Program;
use crate::nginx::NginxSite;
use crate::page::CHAT_PAGE;
use crate::server::Server;
use crate::signed;
use crate::turn::Turn;

/// A page that has the doctor's in a frame with these attributes.
macro_rules! framing_page {
    ($attributes:literal) => {
        concat!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A page with the chat in it</title></head><body>",
            "<iframe src=\"{page}\" title=\"Chat\" width=\"900\" height=\"900\"",
            $attributes,
            "></iframe></body></html>\n",
        )
    };
}

/// A chat that is healthy, or broken in one way. Texts and rules may name the scenario's addresses in braces:
///
/// | name | address |
/// | --- | --- |
/// | `{origin}` | the chat's origin, where the page is |
/// | `{host}` | its host and port |
/// | `{elsewhere}` | another origin, with rules of its own |
/// | `{elsewhere-by-name}` | the same by the name `other.test`, which is no private one |
/// | `{closed}` | host and port that nobody listens on |
/// | `{blackhole}` | host and port whose SYNs are dropped |
/// | `{silent}` | host and port that accept and never answer |
/// | `{closed-port}`, `{silent-port}` | the port of those, for after a name |
/// | `{self-signed}` | an https origin whose certificate nobody vouches for |
/// | `{page}` | the doctor's page, for what has it in a frame |
/// | `{redis}` | the URL of the server's Redis |
/// | `{livekit}` | what is said to be LiveKit, an origin of its own with rules of its own, by `ws:` |
/// | `{livekit-by-name}` | the same by the name `other.test`, which is no private one |
/// | `{webtransport}` | host and port of a WebTransport server |
/// | `{token}` and the others of `signed.rs` | a token for LiveKit |
/// | `{turn}` and the others of `turn.rs` | a relay's address, and what it lets in |
///
/// Datagrams to `{closed}` are refused, and those to `{blackhole}` vanish.
///
/// Answers may also have what differs from one to the next, `{nonce}` and `{count}`, which says how many there were, and `{filler}`,
/// which is 3500 bytes of nothing.
///
/// What a test does with a scenario, in this order:
/// 1. a browser of the [`variant`](Self::variant);
/// 2. where [`visit`](Self::visit): opens [`Running::visit_url`](crate::Running::visit_url) and waits for the promise
///    `window.labVisited`, which that page always has: what it asked for is loaded, its worker is ready and controls it;
/// 3. where [`flip_before_run`](Self::flip_before_run): [`Running::flip`](crate::Running::flip), and then waits for
///    `window.labFlipped?.()` in the page that is still open: a page that looks for a new worker has that function, and its
///    promise is kept once the new worker waits;
/// 4. opens [`Running::open_url`](crate::Running::open_url); where the scenario [`is_framed`](Self::is_framed), the doctor's
///    page is in the one `<iframe>` of that page.
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
    /// What the browser must be for it.
    pub variant: BrowserVariant,
    /// A page of the chat is opened before the doctor's, as by somebody who has been there: at
    /// [`Running::visit_url`](crate::Running::visit_url).
    pub visit: bool,
    /// It is flipped after the visit and before the doctor's page is opened: a new release is deployed.
    pub flip_before_run: bool,
    pub(crate) server: Server,
    /// How many of that server there are.
    pub(crate) replicas: usize,
    /// How many Redis there are: one that all replicas share, or one for each.
    pub(crate) redis: usize,
    /// What stands before the servers.
    pub(crate) hop: Hop,
    /// What happens by itself in the middle of a run, once until the scenario is reset.
    pub(crate) midway: Option<Midway>,
    pub(crate) server_at: ServerAt,
    pub(crate) edge: Edge,
    /// The relay of its calls.
    pub(crate) turn: Option<Turn>,
    /// The server of its calls, where it is not the chat's own.
    pub(crate) livekit: Option<LiveKit>,
    /// The page's configuration file.
    pub(crate) config: &'static str,
    /// They come before everything else, the page's own files too.
    pub(crate) rules: &'static [Rule],
    pub(crate) elsewhere: &'static [Rule],
    pub(crate) chat_page: &'static str,
    /// The name by which the browser knows 127.0.0.1.
    pub(crate) host: &'static str,
    /// The name and password that stand in the address of the page.
    pub(crate) password: Option<&'static str>,
    pub(crate) framed_by: FramedBy,
    /// The element is embedded in the chat's own page at this path, which is the page to open.
    pub(crate) embedded_at: Option<&'static str>,
    /// Which path the visit is to.
    pub(crate) visit_path: &'static str,
    /// So much is the clock of the front behind, and with it the `Date` of every answer.
    pub(crate) clock_behind: Duration,
    /// What the page's own files are served with besides, where the front serves them.
    pub(crate) page_headers: &'static [(&'static str, &'static str)],
    /// Once flipped, the chat's origin is gone from the network.
    pub(crate) vanishes: bool,
    /// A flip changes something.
    pub flips: bool,
    /// The page asks about calls: Firefox must then let them be on loopback (`media.peerconnection.ice.loopback`).
    pub has_calls: bool,
    /// Whatever certificate there is, nothing is wrong with it, as if somebody vouched for it.
    pub(crate) trusts_all: bool,
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

/// What a browser must be for a scenario. Chromium and Firefox as they come, otherwise; who starts the browser knows how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserVariant {
    /// As it comes.
    Usual,
    /// It blocks all cookies, and with them all storage (Chromium: `default_content_setting_values.cookies` 2, Firefox:
    /// `network.cookie.cookieBehavior` 2).
    CookiesBlocked,
    /// It blocks every third-party cookie (Chromium: `profile.cookie_controls_mode` 1, Firefox: `cookieBehavior` 1), and the
    /// names `chat.test` and `other.test` are 127.0.0.1.
    ThirdPartyCookiesBlocked,
    /// It keeps third-party cookies apart for each site that has the frame, as browsers come to do (Chromium: blocks those that
    /// are not `Partitioned`, Firefox: as it comes), and the names are 127.0.0.1 as above.
    ThirdPartyCookiesPartitioned,
    /// It takes the scenario's own origin for a public address, and everything else on 127.0.0.1 for a local one (Chromium:
    /// `--ip-address-space-overrides=127.0.0.1:PORT=public` with the port of [`Running::origin`](crate::Running::origin)).
    PublicPage,
    /// It has an extension that blocks `*/socket.io/*`.
    WithFilter,
    /// The names `chat.test` and `other.test` are 127.0.0.1.
    NamedHosts,
    /// It has a microphone and a camera that are made up, and pages may use them without asking (Chromium:
    /// `--use-fake-device-for-media-stream --use-fake-ui-for-media-stream`, Firefox: `media.navigator.streams.fake` true,
    /// `permissions.default.microphone` and `permissions.default.camera` 1).
    FakeDevices,
    /// It has them, and whoever uses it forbade them to every page (Chromium: the first flag and
    /// `--use-fake-ui-for-media-stream=deny`, Firefox: the permissions 2).
    DevicesDenied,
    /// It has them, asks whether a page may use them, and whoever uses it closes the question (Chromium: the first flag, and
    /// WebDriver's permissions set to `prompt`; Firefox has nobody who would close it).
    DevicesDismissed,
    /// It has them, pages may use them, and the microphone is in use elsewhere (Chromium: both flags and
    /// `--fail-audio-stream-creation`; in Firefox there is no such thing).
    MicrophoneBusy,
    /// It trusts the key of the scenario's WebTransport server (Chromium: `--ignore-certificate-errors-spki-list=HASH
    /// --webtransport-developer-mode` with [`Running::key_hash`](crate::Running::key_hash), and without `--disable-quic`; in Firefox
    /// there is no such thing).
    TrustsKey,
}

/// Who has the doctor's page in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FramedBy {
    Nobody,
    /// A page of the same site, whose origin is another one: another port.
    SameSite,
    /// A page of another site.
    OtherSite,
    /// A page of another site, which hands the microphone and the camera on.
    OtherSiteWithDevices,
    /// A page of the same site, with `sandbox="allow-scripts"`.
    Sandbox,
}

/// Where the page is that has the doctor's in a frame.
pub(crate) const FRAME_PATH: &str = "/frame";
const FRAME: &[Rule] = &[When::at(FRAME_PATH).then(Action::Respond(Answer::html(200, framing_page!(""))))];
const DEVICES: &[Rule] = &[When::at(FRAME_PATH).then(Action::Respond(Answer::html(200, framing_page!(" allow=\"microphone; camera\""))))];
const SANDBOX: &[Rule] = &[When::at(FRAME_PATH).then(Action::Respond(Answer::html(200, framing_page!(" sandbox=\"allow-scripts\""))))];

impl FramedBy {
    /// What the other origin answers for it.
    pub(crate) fn rules(self) -> &'static [Rule] {
        match self {
            Self::Nobody => &[],
            Self::SameSite | Self::OtherSite => FRAME,
            Self::OtherSiteWithDevices => DEVICES,
            Self::Sandbox => SANDBOX,
        }
    }

    /// The page that has the frame is of another site.
    pub(crate) fn is_other_site(self) -> bool {
        matches!(self, Self::OtherSite | Self::OtherSiteWithDevices)
    }
}

/// The server of calls, at an origin of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveKit {
    pub(crate) server: Server,
    /// A real nginx stands before it.
    pub(crate) nginx: Option<NginxSite>,
    /// They come before everything else.
    pub(crate) rules: &'static [Rule],
}

impl LiveKit {
    /// The stand-in, which does as LiveKit does.
    pub(crate) const PLAIN: Self = Self { server: Server::LiveKit(&[]), nginx: None, rules: &[] };
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
    /// nginx speaks TLS and HTTP/2 with the browser; all else is the front's.
    Tls,
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
        variant: BrowserVariant::Usual,
        visit: false,
        flip_before_run: false,
        server: Server::EngineIoXide("/socket.io"),
        replicas: 1,
        redis: 0,
        hop: Hop::Nothing,
        midway: None,
        server_at: ServerAt::Origin,
        edge: Edge::Front,
        turn: None,
        livekit: None,
        config: r#"{"socket-path":"/socket.io/"}"#,
        rules: &[],
        elsewhere: &[],
        chat_page: CHAT_PAGE,
        host: "127.0.0.1",
        password: None,
        framed_by: FramedBy::Nobody,
        embedded_at: None,
        visit_path: "/",
        clock_behind: Duration::ZERO,
        page_headers: &[],
        vanishes: false,
        flips: false,
        has_calls: false,
        trusts_all: false,
        uncounted: None,
    };

    /// The entry of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        crate::SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// The page is served by https, with a certificate that nobody vouches for.
    pub fn is_https(&self) -> bool {
        matches!(self.edge, Edge::NginxTls | Edge::Tls | Edge::Server)
    }

    /// The browser must take whatever certificate there is (`acceptInsecureCerts`: in both browsers it holds for relays too, measured).
    pub fn accepts_any_certificate(&self) -> bool {
        self.is_https() || self.trusts_all
    }

    /// The doctor's page is in an `<iframe>` of the page to open.
    pub fn is_framed(&self) -> bool {
        self.framed_by != FramedBy::Nobody
    }

    /// What must be installed for it.
    pub fn programs(&self) -> Vec<Program> {
        let mut programs = self.server.programs().to_vec();
        let tls = matches!(self.edge, Edge::NginxTls | Edge::Tls) || self.framed_by.is_other_site() || self.names("self-signed");
        let before_livekit = self.livekit.is_some_and(|livekit| livekit.nginx.is_some());
        if matches!(self.edge, Edge::Nginx(_)) || before_livekit || tls {
            programs.push(Program::Nginx);
        }
        if tls || signed::TOKENS.iter().any(|(name, _)| self.names(name)) {
            programs.push(Program::Openssl);
        }
        if self.names("webtransport") {
            programs.extend([Program::Python, Program::Openssl]);
        }
        if self.redis > 0 {
            programs.push(Program::Redis);
        }
        programs.extend(self.hop.program());
        programs.extend(self.turn.into_iter().flat_map(Turn::programs));
        programs.extend(self.livekit.iter().flat_map(|livekit| livekit.server.programs()));
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
        match (self.embedded_at, self.edge) {
            (Some(path), _) | (None, Edge::ServersOwnPage(path)) => path,
            (None, _) => self.page_folder(),
        }
    }

    /// Its configuration names this address.
    pub(crate) fn names(&self, address: &str) -> bool {
        self.config.contains(&format!("{{{address}}}"))
    }
}
