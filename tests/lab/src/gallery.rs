//! The gallery: a page that lists the scenarios at work, plain HTML without a script.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::StartError;
use crate::running::Running;
use crate::scenario::{BrowserVariant, Kind, Scenario};

/// A scenario that is not in the gallery, and why.
type LeftOut = (&'static Scenario, String);

/// The gallery at work; it stops when dropped, and its scenarios end with the runtime at the latest.
#[derive(Debug)]
pub struct Gallery {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Exhibits {
    running: Vec<Running>,
    left_out: Vec<LeftOut>,
}

impl Gallery {
    /// Serves the list on loopback; port 0 takes a free one.
    pub async fn start(port: u16, running: Vec<Running>, left_out: Vec<LeftOut>) -> Result<Self, StartError> {
        let doing = || StartError::io(format!("to listen on port {port} for the gallery"));
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(doing())?;
        let address = listener.local_addr().map_err(doing())?;
        let exhibits = Arc::new(Exhibits { running, left_out });
        let app = Router::new()
            .route("/", get(list))
            .route("/scenarios.json", get(scenarios))
            .route("/tally/{name}", get(tally))
            .route("/flip/{name}", post(flip))
            .route("/reset/{name}", post(reset))
            .with_state(exhibits);
        let serving = tokio::spawn(async move {
            // It serves until the task is aborted; axum gives no error before.
            let _never = axum::serve(listener, app).await;
        });
        Ok(Self { address, serving })
    }

    /// The gallery's own address.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn list(State(exhibits): State<Arc<Exhibits>>) -> Html<String> {
    Html(exhibits.html())
}

async fn scenarios(State(exhibits): State<Arc<Exhibits>>) -> Response {
    for_everybody(&exhibits.json())
}

async fn tally(State(exhibits): State<Arc<Exhibits>>, Path(name): Path<String>) -> Response {
    let Some(running) = exhibits.named(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tally = running.counters().tally();
    for_everybody(&json!({
        "requests": tally.requests,
        "handshakes": tally.handshakes,
        "unanswered": tally.unanswered,
        "unanswered-handshakes": tally.unanswered_handshakes,
        "open-sockets": tally.open_sockets,
        "peak": tally.peak,
    }))
}

/// JSON that a page of any origin may read: the browser tests are such a page.
fn for_everybody(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")], value.to_string()).into_response()
}

async fn flip(State(exhibits): State<Arc<Exhibits>>, Path(name): Path<String>) -> Response {
    let Some(running) = exhibits.named(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    running.flip();
    back_to(&name)
}

async fn reset(State(exhibits): State<Arc<Exhibits>>, Path(name): Path<String>) -> Response {
    let Some(running) = exhibits.named(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    running.reset().await;
    back_to(&name)
}

fn back_to(name: &str) -> Response {
    Redirect::to(&format!("/#{name}")).into_response()
}

impl Exhibits {
    fn named(&self, name: &str) -> Option<&Running> {
        self.running.iter().find(|running| running.scenario().name == name)
    }

    /// The scenarios at work by name, each with its origin and its page's configuration.
    fn json(&self) -> Value {
        let entry = |running: &Running| {
            let configuration = serde_json::from_str(running.configuration()).unwrap_or(Value::Null);
            let scenario = running.scenario();
            let entry = json!({
                "origin": running.origin(),
                "open": running.open_url(),
                "configuration": configuration,
                "calls": scenario.has_calls,
                "any-certificate": scenario.accepts_any_certificate(),
                "browser": format!("{:?}", scenario.variant),
                "key-hash": running.key_hash(),
            });
            (scenario.name.to_owned(), entry)
        };
        Value::Object(self.running.iter().map(entry).collect::<Map<_, _>>())
    }

    fn html(&self) -> String {
        let mut page = format!("{HEAD}<h1>Connection Doctor: the lab</h1>\n<p>Each of these is a chat on an origin of its own. ");
        page += "Open one, and the page says what it finds.</p>\n";
        let unloadable = (Kind::Unloadable, "This page itself, served wrongly");
        for (kind, title) in [(Kind::Healthy, "Healthy"), (Kind::Broken, "Broken"), (Kind::Hostile, "Hostile"), unloadable] {
            let of_kind: Vec<_> = self.running.iter().filter(|running| running.scenario().kind == kind).collect();
            if of_kind.is_empty() {
                continue;
            }
            let _infallible = writeln!(page, "<h2>{title} <small>{}</small></h2>\n<ul class=\"{}\">", of_kind.len(), class(kind));
            for running in of_kind {
                page += &exhibit(running);
            }
            page += "</ul>\n";
        }
        if !self.left_out.is_empty() {
            page += "<h2>Left out</h2>\n<ul class=\"absent\">\n";
            for (scenario, why) in &self.left_out {
                let _infallible = writeln!(page, "<li><b>{}</b><p>{}</p></li>", escaped(scenario.title), escaped(why));
            }
            page += "</ul>\n";
        }
        page + "</main>\n"
    }
}

fn exhibit(running: &Running) -> String {
    let Scenario { name, title, story, flips, visit, flip_before_run, variant, has_calls, .. } = running.scenario();
    let (title, story, url) = (escaped(title), escaped(story), escaped(running.open_url()));
    let mut notes = String::new();
    if running.scenario().is_https() {
        notes += " <em>Its certificate is self-signed: the browser asks first.</em>";
    }
    if *has_calls {
        notes += " <em>In Firefox set <code>media.peerconnection.ice.loopback</code> to true first.</em>";
    }
    if running.scenario().trusts_all {
        notes += " <em>Start Chromium with <code>--ignore-certificate-errors</code>.</em>";
    }
    if let Some(needed) = needed(*variant) {
        let _infallible = write!(notes, " <em>{needed}</em>");
    }
    if *visit {
        let then = if *flip_before_run { "then break it, then come back to the test" } else { "then come back to the test" };
        let _infallible = write!(notes, " <em><a href=\"{}\">Open the chat first</a>, {then}.</em>", escaped(&running.visit_url()));
    }
    let switches = if *flips {
        format!(
            "<form method=\"post\" action=\"/flip/{name}\"><button>Break it now</button></form>\
             <form method=\"post\" action=\"/reset/{name}\"><button>Mend it</button></form>"
        )
    } else {
        String::new()
    };
    let target = if *flips || running.scenario().is_framed() { url } else { format!("{url}?autorun") };
    format!("<li id=\"{name}\"><a href=\"{target}\">{title}</a><p>{story}{notes}</p><code>{name}</code>{switches}</li>\n")
}

/// What to do to the browser for a scenario, in words.
fn needed(variant: BrowserVariant) -> Option<&'static str> {
    match variant {
        BrowserVariant::Usual => None,
        BrowserVariant::CookiesBlocked => Some("Let the browser block all cookies."),
        BrowserVariant::ThirdPartyCookiesBlocked | BrowserVariant::ThirdPartyCookiesPartitioned => {
            Some("Let the browser block third-party cookies, and let chat.test and other.test be 127.0.0.1.")
        }
        BrowserVariant::PublicPage => Some("Start Chromium with <code>--ip-address-space-overrides=127.0.0.1:PORT=public</code>, with the page's port."),
        BrowserVariant::WithFilter => Some("Let an extension block <code>*/socket.io/*</code>."),
        BrowserVariant::NamedHosts => Some("Let chat.test and other.test be 127.0.0.1."),
        BrowserVariant::FakeDevices => Some(
            "Have a microphone and a camera and allow them, or start Chromium with <code>--use-fake-device-for-media-stream --use-fake-ui-for-media-stream</code>.",
        ),
        BrowserVariant::DevicesDenied => Some("Forbid the microphone and the camera to the page."),
        BrowserVariant::TrustsKey => Some(
            "Start Chromium with <code>--webtransport-developer-mode --ignore-certificate-errors-spki-list=HASH</code> and the hash of <code>/scenarios.json</code>.",
        ),
        BrowserVariant::DevicesDismissed => Some("Close the browser's question about the microphone without an answer."),
        BrowserVariant::MicrophoneBusy => Some(
            "Let another program use the microphone alone, or start Chromium with the flags for a made-up one and <code>--fail-audio-stream-creation</code>.",
        ),
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Healthy => "healthy",
        Kind::Broken => "broken",
        Kind::Hostile => "hostile",
        Kind::Unloadable => "unloadable",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const HEAD: &str = "\
<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Connection Doctor: the lab</title>
<style>
:root { color-scheme: light dark; --paper: #f7f6f2; --card: #fff; --ink: #1d2430; --faint: #5b6472; --line: #d9dbe0;
  --healthy: #1f7a4d; --broken: #b3401f; --hostile: #6d3fb0; --absent: #8a8f98; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181f; --card: #1c222c; --ink: #e8ebf0; --faint: #a3abb8;
  --line: #323a47; --healthy: #5cc492; --broken: #f0906d; --hostile: #b998ee; --absent: #7d8592; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: clamp(1.4rem, 5vw, 2rem); line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .75rem; }
small { color: var(--faint); font-weight: normal; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
li { background: var(--card); border: 1px solid var(--line); border-inline-start: 4px solid var(--kind); border-radius: .5rem; padding: .75rem 1rem; overflow-wrap: anywhere; }
li:target { outline: 2px solid var(--kind); outline-offset: 2px; }
li p { margin: .25rem 0 .5rem; color: var(--faint); }
a { color: var(--ink); font-weight: 600; text-underline-offset: .2em; }
a:focus-visible, button:focus-visible { outline: 2px solid var(--kind); outline-offset: 2px; }
code { font-size: .85rem; color: var(--kind); }
form { display: inline-block; margin: .5rem 0 0 .5rem; }
button { font: inherit; font-size: .9rem; padding: .25rem .75rem; border: 1px solid var(--line); border-radius: .35rem; background: transparent; color: inherit; cursor: pointer; }
.healthy { --kind: var(--healthy); } .broken { --kind: var(--broken); } .hostile { --kind: var(--hostile); } .unloadable { --kind: var(--broken); } .absent { --kind: var(--absent); }
</style>
<main>
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::installed::Installed;
    use crate::page::BuiltPage;

    #[tokio::test]
    async fn the_scenarios_are_named_with_their_addresses() -> Result<(), StartError> {
        let refused = Scenario::named("refused").unwrap();
        let running = Running::start(refused, &BuiltPage::of_sources(), &Installed::find()).await?;
        let origin = running.origin().to_owned();
        let exhibits = Exhibits { running: vec![running], left_out: Vec::new() };
        let json = exhibits.json();
        assert_eq!(json["refused"]["origin"], origin);
        assert!(json["refused"]["configuration"]["server"].as_str().unwrap().starts_with("http://127.0.0.1:"));
        Ok(())
    }
}
