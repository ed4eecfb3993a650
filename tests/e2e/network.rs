//! Nothing is asked of anybody but the configured target and the page's own files: all that the browser asks for passes through a
//! proxy of ours, which writes down of whom, and lets through what is on this device. Sockets pass too, by CONNECT; datagrams do
//! not, and the page that is tried here has no calls.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use connection_doctor_lab::{Installed, Running};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::webdriver::{Driver, DriverError, Session, Setup};
use crate::window::READY_SCRIPT;
use crate::{Browser, CaseOutcome, counted};

/// Where it is tried: a chat whose server is another origin than the page.
pub const SCENARIO: &str = "healthy-cross-origin";

/// Whom the browser itself asks, whatever page is open: hosts, or with a dot before them all of a domain. None that pages have
/// fonts, scripts or numbers from. WebKit asks nobody.
fn browsers_own(browser: Browser) -> &'static [&'static str] {
    match browser {
        Browser::Chromium => &[
            "accounts.google.com",
            "android.clients.google.com",
            "clients2.google.com",
            "clientservices.googleapis.com",
            "content-autofill.googleapis.com",
            "optimizationguide-pa.googleapis.com",
            "safebrowsing.googleapis.com",
            "update.googleapis.com",
            ".gvt1.com",
        ],
        Browser::Firefox => {
            &[".services.mozilla.com", "aus5.mozilla.org", "content-signature-2.cdn.mozilla.net", "detectportal.firefox.com", "safebrowsing.googleapis.com"]
        }
        Browser::WebKit => &[],
    }
}

/// Tries a page in all that it does, and looks at whom the browser asked meanwhile.
pub async fn watch(browser: Browser, running: &Running, installed: &Installed) -> Result<CaseOutcome, DriverError> {
    let mut outcome = CaseOutcome::default();
    let proxy = Proxy::start().await.map_err(|error| DriverError::Connection(error.to_string()))?;
    running.reset().await;
    let driver = Driver::start(browser, installed).await?;
    let session = driver.session(&Setup::of(browser, running).through(proxy.address)).await?;
    let begun = Instant::now();
    let done = use_page(&session, running, &mut outcome).await;
    session.close().await?;
    done?;
    let target = running.configuration_value("server");
    let theirs = [Some(running.origin().to_owned()), target].into_iter().flatten();
    let allowed: BTreeSet<String> = theirs.filter_map(|origin| Some(origin.split_once("://")?.1.to_owned())).collect();
    let asked = proxy.asked();
    outcome.must(allowed.len() == 2, || format!("the target is no other origin: {allowed:?}"));
    // Else the proxy was not in the way, and its silence proves nothing.
    outcome.must(allowed.is_subset(&asked.plain), || format!("what passed the proxy was {asked:?}"));
    outcome.must(!asked.sockets.is_disjoint(&allowed), || format!("no socket passed the proxy: {asked:?}"));
    let is_browsers_own = |authority: &str| {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        browsers_own(browser).iter().any(|own| if own.starts_with('.') { host.ends_with(own) } else { host == *own })
    };
    for authority in asked.plain.union(&asked.sockets).filter(|authority| !allowed.contains(*authority)) {
        outcome.must(is_browsers_own(authority), || format!("{authority} was asked, which is neither the page nor its target"));
    }
    outcome.took = begun.elapsed();
    outcome.counted = counted(running);
    Ok(outcome)
}

/// Loads the page, runs, has the report copied, saved and compared, and another language spoken.
async fn use_page(session: &Session, running: &Running, outcome: &mut CaseOutcome) -> Result<(), DriverError> {
    session.open(running.open_url()).await?;
    session.execute_async(READY_SCRIPT, json!([])).await?;
    let seen = session.execute_async(USE_SCRIPT, json!([])).await?;
    outcome.must(seen["verdict"].is_string(), || format!("there is no report: {seen}"));
    outcome.must(seen["pressed"].as_u64() > Some(1), || format!("there was nothing to press: {seen}"));
    outcome.verdict = seen["verdict"].as_str().unwrap_or_default().to_owned();
    Ok(())
}

/// What is asked of whom, by host and port.
#[derive(Clone, Debug, Default)]
struct Asked {
    plain: BTreeSet<String>,
    /// What asks for a tunnel is a socket: nothing here is https.
    sockets: BTreeSet<String>,
}

/// A proxy that lets nobody out of this device. It ends when it is dropped.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Asked>>,
    serving: JoinHandle<()>,
}

impl Proxy {
    async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let asked: Arc<Mutex<Asked>> = Arc::default();
        let noted = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            let mut clients = JoinSet::new();
            loop {
                tokio::select! {
                    Ok((client, _)) = listener.accept() => {
                        let noted = Arc::clone(&noted);
                        // A connection that breaks is the browser's affair.
                        clients.spawn(async move { pass(client, &noted).await.ok() });
                    }
                    Some(_ended) = clients.join_next() => {}
                }
            }
        });
        Ok(Self { address, asked, serving })
    }

    fn asked(&self) -> Asked {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Passes one connection on. The lab closes after each answer, so there is one request on each.
async fn pass(mut client: TcpStream, asked: &Mutex<Asked>) -> std::io::Result<()> {
    let mut head = Vec::new();
    let end = loop {
        if client.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
        if let Some(end) = head.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(head.get(..end).unwrap_or_default()).into_owned();
    let mut words = text.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_tunnel = method == "CONNECT";
    let (scheme, rest) = target.split_once("://").unwrap_or(("", target));
    let authority = rest.split('/').next().unwrap_or(rest);
    {
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        // WebKit asks for a socket by its whole URL, as for anything else.
        let of_kind = if is_tunnel || scheme == "ws" { &mut asked.sockets } else { &mut asked.plain };
        of_kind.insert(authority.to_owned());
    }
    if !authority.starts_with("127.0.0.1:") {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    }
    let mut server = TcpStream::connect(authority).await?;
    if is_tunnel {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        server.write_all(head.get(end..).unwrap_or_default()).await?;
    } else {
        let address = format!("{scheme}://{authority}");
        let own = text.replacen(&address, "", 1);
        server.write_all(own.as_bytes()).await?;
        server.write_all(head.get(end..).unwrap_or_default()).await?;
    }
    tokio::io::copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// Runs, presses every button that hands the report on, opens a report to compare with, and has another language spoken.
const USE_SCRIPT: &str = "
const [done] = arguments;
const element = document.querySelector('connection-doctor');
(async () => {
    const report = await element.run();
    // A dialog that nobody closes.
    window.print = () => {};
    const buttons = [...element.shadowRoot.querySelectorAll('[part~=hand-on] > [part~=buttons]:first-of-type button')];
    for (const button of buttons) button.click();
    const until = async selector => {
        const begun = performance.now();
        while (!element.shadowRoot.querySelector(selector)) {
            if (performance.now() - begun > 5_000) throw `never: ${selector}`;
            await new Promise(resolve => setTimeout(resolve, 20));
        }
    };
    const input = element.shadowRoot.querySelector('[part~=hand-on] input');
    const files = new window.DataTransfer();
    files.items.add(new window.File([JSON.stringify(report)], 'report.json', { type: 'application/json' }));
    input.files = files.files;
    input.dispatchEvent(new window.Event('change'));
    await until('[part~=comparison] table');
    element.setAttribute('lang', 'de');
    await until('[lang=de]');
    return { verdict: report.verdict, pressed: buttons.length };
})().then(done, error => done({ threw: String(error) }));
";
