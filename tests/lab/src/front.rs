//! The front: the chat's origin, a proxy that works on bytes.
//!
//! It reads the head of one request per connection, looks for the first rule that meets it, and does as the rule
//! says. What no rule meets is the page's own file, the chat's page, or is passed on to the server behind.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::action::{Action, Answer, Body, Piece, Rule, RuleAtWork, nested_open_packet, noise};
use crate::addresses::Addresses;
use crate::backstage::Backstage;
use crate::counters::{Asked, Counters, Visit};
use crate::error::StartError;
use crate::frame;
use crate::line;
use crate::page::{BuiltPage, CONFIGURATION_FILE};
use crate::request::{HEAD_LIMIT, Request};

/// How long the front waits for the client to close first once it has answered.
const LINGER: Duration = Duration::from_secs(2);

/// What a front serves and does.
#[derive(Debug)]
pub(crate) struct FrontSetup {
    /// The rules that come before everything else.
    pub(crate) rules: Vec<RuleAtWork>,
    /// The folder of the page's own files, where the front serves them, with the configuration file's text.
    pub(crate) page: Option<(BuiltPage, String)>,
    /// Where the page's own files are, whoever serves them: they are counted apart.
    pub(crate) page_folder: &'static str,
    /// What the page's own files are served with besides.
    pub(crate) page_headers: &'static [(&'static str, &'static str)],
    /// The chat's page, where the front serves it at `/`.
    pub(crate) chat_page: Option<&'static str>,
    /// Who answers everything else, where anybody does.
    pub(crate) server: Option<Arc<Backstage>>,
    /// The addresses that the answers may name.
    pub(crate) addresses: Addresses,
    /// Once flipped, the front resets every connection and closes its listener.
    pub(crate) vanishes: bool,
    /// So much is the front's clock behind.
    pub(crate) clock_behind: Duration,
    /// Pages of every origin may read the answers.
    pub(crate) any_origin: Arc<AtomicBool>,
    /// How many answers said how many there were.
    pub(crate) count: AtomicU32,
    pub(crate) counters: Counters,
    pub(crate) flipped: watch::Receiver<bool>,
}

impl FrontSetup {
    pub(crate) fn rules(rules: &[Rule]) -> Vec<RuleAtWork> {
        rules.iter().copied().map(RuleAtWork::new).collect()
    }
}

/// A front at work; it stops when dropped, and every connection with it.
#[derive(Debug)]
pub struct Front {
    setup: Arc<FrontSetup>,
    resets: mpsc::Sender<oneshot::Sender<()>>,
    accepting: JoinHandle<()>,
}

impl Front {
    /// Serves what comes to the listener.
    pub(crate) fn start(listener: TcpListener, setup: FrontSetup) -> Result<Self, StartError> {
        let address = listener.local_addr().map_err(StartError::io("to learn the front's port"))?;
        let setup = Arc::new(setup);
        let (resets, asked_to_reset) = mpsc::channel(1);
        let accepting = tokio::spawn(accept(listener, address, Arc::clone(&setup), asked_to_reset));
        Ok(Self { setup, resets, accepting })
    }

    /// Ends every connection, and makes rules that count begin anew.
    pub(crate) async fn reset(&self) {
        let (done, ended) = oneshot::channel();
        if self.resets.send(done).await.is_ok() {
            let _front_gone = ended.await;
        }
        for rule in &self.setup.rules {
            rule.reset();
        }
        self.setup.count.store(0, Ordering::Relaxed);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections for as long as the front is there; a front that vanishes comes back when it is flipped back.
async fn accept(listener: TcpListener, address: SocketAddr, setup: Arc<FrontSetup>, mut resets: mpsc::Receiver<oneshot::Sender<()>>) {
    let mut flipped = setup.flipped.clone();
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        if setup.vanishes && *flipped.borrow_and_update() {
            listener = None;
            connections.shutdown().await;
        } else if listener.is_none() {
            listener = TcpListener::bind(address).await.ok();
        }
        tokio::select! {
            changed = flipped.changed() => if changed.is_err() { return },
            accepted = accept_one(listener.as_ref()) => {
                let Ok(client) = accepted else { continue };
                let setup = Arc::clone(&setup);
                connections.spawn(async move {
                    // A connection that breaks is the browser's affair; the front has nobody to tell.
                    let _broken = serve(client, &setup).await;
                });
            }
            Some(done) = resets.recv() => {
                connections.shutdown().await;
                let _nobody_waits = done.send(());
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn accept_one(listener: Option<&TcpListener>) -> io::Result<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(client, _)| client),
        None => std::future::pending().await,
    }
}

async fn serve(mut client: TcpStream, setup: &FrontSetup) -> io::Result<()> {
    client.set_nodelay(true)?;
    let Some(request) = Request::read(&mut client).await? else {
        return Ok(());
    };
    let own_file = request.path.strip_prefix(setup.page_folder);
    let asked = match own_file {
        _ if request.is_handshake() => Asked::Handshake,
        Some(_) => Asked::OwnFile,
        // What the browser wants for its tab is not the page's doing either.
        None if request.path == "/favicon.ico" => Asked::OwnFile,
        None => Asked::Request,
    };
    let mut conversation = Conversation { client, request: &request, setup, visit: setup.counters.enter(asked, &request.line()) };
    if let Some(backstage) = &setup.server {
        backstage.saw(&request);
    }
    let flipped = *setup.flipped.borrow();
    if let Some(action) = setup.rules.iter().find_map(|rule| rule.action(&request, flipped)) {
        return conversation.act(action).await;
    }
    if let (Some(name), Some((page, configuration))) = (own_file, &setup.page) {
        return match page.read(name).await {
            _ if name == CONFIGURATION_FILE => conversation.static_file("application/json", setup.page_headers, configuration.as_bytes()).await,
            Some((media_type, bytes)) => conversation.static_file(media_type, setup.page_headers, &bytes).await,
            None => conversation.respond(&NOT_FOUND).await,
        };
    }
    match (request.path.as_str(), setup.chat_page) {
        ("/favicon.ico", Some(_)) => conversation.respond(&NO_CONTENT).await,
        ("/", Some(_)) => conversation.act(Action::ChatPage).await,
        _ => conversation.act(Action::Forward).await,
    }
}

const NOT_FOUND: Answer = Answer::plain(404, "Not Found\n");
const NO_CONTENT: Answer = Answer { status: 204, headers: &[], body: Body::Text("") };
const BAD_GATEWAY: Answer = Answer::plain(502, "The lab's server is not there.\n");

/// How what the server says is passed on.
#[derive(Clone, Copy, Debug)]
enum Passing {
    Whole,
    ResetAfter(Duration),
    Late(Duration),
    FramesUpTo(u64),
}

/// One request on its connection.
struct Conversation<'a> {
    client: TcpStream,
    request: &'a Request,
    setup: &'a FrontSetup,
    visit: Visit,
}

impl Conversation<'_> {
    async fn act(&mut self, action: Action) -> io::Result<()> {
        let mut action = action;
        while let Action::After(wait, then) = action {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = gone(&mut self.client) => return Ok(()),
            }
            action = *then;
        }
        match action {
            Action::Respond(answer) => self.respond(&answer).await,
            Action::ChatPage => self.static_file("text/html; charset=utf-8", &[], self.setup.chat_page.unwrap_or_default().as_bytes()).await,
            Action::Forward => self.forward(self.request.is_handshake(), &[], Passing::Whole).await,
            Action::ForwardWith(headers) => self.forward(self.request.is_handshake(), headers, Passing::Whole).await,
            Action::ForwardWithoutUpgrade => self.forward(false, &[], Passing::Whole).await,
            Action::ForwardThenReset(wait) => self.forward(self.request.is_handshake(), &[], Passing::ResetAfter(wait)).await,
            Action::ForwardLate(latency) => self.forward(self.request.is_handshake(), &[], Passing::Late(latency)).await,
            Action::ForwardFramesUpTo(limit) => self.forward(self.request.is_handshake(), &[], Passing::FramesUpTo(limit)).await,
            Action::Reset => {
                self.setup.counters.cut_off(self.request.line());
                self.visit.leave();
                self.client.set_zero_linger()
            }
            Action::CloseSilently => {
                self.setup.counters.cut_off(self.request.line());
                self.finish().await
            }
            Action::Hang => {
                gone(&mut self.client).await;
                Ok(())
            }
            Action::Open(pieces) => self.open(pieces).await,
            Action::After(..) => Ok(()),
        }
    }

    async fn static_file(&mut self, media_type: &str, headers: &[(&str, &str)], bytes: &[u8]) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n", bytes.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &self.any_origin();
        head += &self.date();
        head += "Connection: close\r\n\r\n";
        self.client.write_all(head.as_bytes()).await?;
        self.visit.leave();
        if self.request.method != "HEAD" {
            self.client.write_all(bytes).await?;
        }
        self.finish().await
    }

    async fn respond(&mut self, answer: &Answer) -> io::Result<()> {
        let counts = matches!(answer.body, Body::Text(text) if text.contains("{count}"));
        let count = if counts { self.setup.count.fetch_add(1, Ordering::Relaxed) + 1 } else { 0 }.to_string();
        let filled = |text: &str| self.setup.addresses.fill(text).replace("{count}", &count);
        let bytes: Vec<u8> = match answer.body {
            Body::Text(text) => filled(text).replace("{nonce}", &nonce()).into_bytes(),
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::Short(text, _) => text.as_bytes().to_vec(),
            Body::NestedOpenPacket(depth) => nested_open_packet(depth),
            Body::Endless(bytes) => bytes.repeat(64 * 1024 / bytes.len().max(1)),
        };
        let endless = matches!(answer.body, Body::Endless(_));
        let etag = answer.headers.iter().find(|(name, _)| *name == "ETag").map(|(_, value)| filled(value));
        let unchanged = etag.is_some() && self.request.header("if-none-match") == etag.as_deref();
        let status = if unchanged { 304 } else { answer.status };
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason_phrase(status));
        for (name, value) in answer.headers {
            head += &format!("{name}: {}\r\n", filled(value));
        }
        if !endless && status != 204 && status != 304 {
            let missing = if let Body::Short(_, missing) = answer.body { missing } else { 0 };
            head += &format!("Content-Length: {}\r\n", bytes.len() + missing);
        }
        head += &self.any_origin();
        head += &self.date();
        head += "Connection: close\r\n\r\n";
        if endless {
            self.client.write_all(head.as_bytes()).await?;
            loop {
                self.client.write_all(&bytes).await?;
            }
        }
        // Head and body in one write, after the visit is over: the browser may ask anew as soon as it reads them.
        self.visit.leave();
        let mut whole = head.into_bytes();
        if self.request.method != "HEAD" && !unchanged {
            whole.extend_from_slice(&bytes);
        }
        self.client.write_all(&whole).await?;
        self.finish().await
    }

    async fn forward(&mut self, upgrade: bool, headers: &[(&str, &str)], passing: Passing) -> io::Result<()> {
        let Some(address) = self.setup.server.as_ref().and_then(|backstage| backstage.address()) else {
            return self.respond(&NOT_FOUND).await;
        };
        let Ok(mut server) = TcpStream::connect(address).await else {
            return self.respond(&BAD_GATEWAY).await;
        };
        server.set_nodelay(true)?;
        // A server that refuses a head for its size may answer and go before it has read it all; the answer is there to be read.
        let _refused_meanwhile = server.write_all(&self.request.forwarded(upgrade)).await;
        let mut received = Vec::with_capacity(4096);
        let head = loop {
            let read = tokio::select! {
                read = server.read_buf(&mut received) => read?,
                () = gone(&mut self.client) => return Ok(()),
            };
            match ResponseHead::parse(&received, &self.request.method) {
                Some(mut head) => {
                    if head.status != 101 {
                        self.amend(&mut received, &mut head, headers);
                    }
                    break head;
                }
                None if read == 0 || received.len() > HEAD_LIMIT => {
                    // The server went away or said what is no HTTP: the browser is to see just that.
                    self.visit.leave();
                    self.client.write_all(&received).await?;
                    return self.finish().await;
                }
                None => {}
            }
        };
        if head.status == 101 {
            self.visit.opened();
            let first_frame = received.len() > head.length;
            self.client.write_all(&received).await?;
            return match passing {
                Passing::Whole => tokio::io::copy_bidirectional(&mut self.client, &mut server).await.map(drop),
                Passing::ResetAfter(wait) => self.reset_after_first_frame(server, first_frame, wait).await,
                Passing::Late(latency) => line::carry_between(&mut self.client, &mut server, latency).await,
                Passing::FramesUpTo(limit) => self.frames_up_to(server, limit).await,
            };
        }
        if let Passing::ResetAfter(wait) = passing {
            let passed = tokio::time::timeout(wait, self.pass_body(server, received, &head)).await;
            return passed.unwrap_or_else(|_late| self.client.set_zero_linger());
        }
        self.pass_body(server, received, &head).await
    }

    async fn frames_up_to(&mut self, mut server: TcpStream, limit: u64) -> io::Result<()> {
        let (mut from_client, mut to_client) = self.client.split();
        let (mut from_server, mut to_server) = server.split();
        tokio::select! {
            passed = frame::pass_up_to(limit, &mut from_client, &mut to_server) => passed?,
            ended = tokio::io::copy(&mut from_server, &mut to_client) => return ended.map(drop),
        }
        self.client.set_zero_linger()
    }

    /// Writes what was received and what is still to come of an answer that is not an upgrade.
    async fn pass_body(&mut self, mut server: TcpStream, mut received: Vec<u8>, head: &ResponseHead) -> io::Result<()> {
        let mut passed = 0;
        loop {
            passed += received.len();
            let complete = match head.body {
                BodyLength::Known(length) => passed >= head.length + length,
                BodyLength::Chunked => received.ends_with(b"0\r\n\r\n"),
                BodyLength::UntilClosed => false,
            };
            if complete {
                self.visit.leave();
            }
            self.client.write_all(&received).await?;
            if complete {
                break;
            }
            received.clear();
            let read = tokio::select! {
                read = server.read_buf(&mut received) => read?,
                () = gone(&mut self.client) => return Ok(()),
            };
            if read == 0 {
                break;
            }
        }
        self.finish().await
    }

    async fn reset_after_first_frame(&mut self, mut server: TcpStream, seen: bool, wait: Duration) -> io::Result<()> {
        let (mut from_client, mut to_client) = self.client.split();
        let (mut from_server, mut to_server) = server.split();
        let until_cut = async {
            if !seen {
                let mut frame = [0; 4096];
                let read = from_server.read(&mut frame).await?;
                to_client.write_all(frame.get(..read).unwrap_or_default()).await?;
            }
            // What is still whole by then is cut.
            Ok(tokio::time::timeout(wait, tokio::io::copy(&mut from_server, &mut to_client)).await.is_err())
        };
        // In an upgrade from polling it is the client that speaks first.
        let cut: io::Result<bool> = tokio::select! {
            cut = until_cut => cut,
            ended = tokio::io::copy(&mut from_client, &mut to_server) => ended.map(|_bytes| false),
        };
        if cut? { self.client.set_zero_linger() } else { Ok(()) }
    }

    async fn open(&mut self, pieces: &[Piece]) -> io::Result<()> {
        let Some(key) = self.request.header("sec-websocket-key") else {
            return self.respond(&Answer::plain(400, "The lab accepts only WebSockets here.\n")).await;
        };
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
            frame::derive_accept_key(key.as_bytes()),
        );
        self.visit.opened();
        self.client.write_all(head.as_bytes()).await?;
        let (mut from_client, mut to_client) = self.client.split();
        let sending = async {
            for piece in pieces {
                send(piece, &mut to_client).await?;
            }
            // The server has said all it will ever say.
            std::future::pending::<io::Result<()>>().await
        };
        tokio::select! {
            failed = sending => return failed,
            _ended = frame::client_closes(&mut from_client) => {}
        }
        // The client leaves: it gets its closing handshake, so that its socket does not outlive its run. After a Close of the
        // server's own nothing more may be sent (RFC 6455, section 5.5.1): Chromium would report 1006 in its place.
        if !pieces.iter().any(|piece| matches!(piece, Piece::Close(..))) {
            self.client.write_all(&frame::close(1000, "")).await?;
        }
        self.finish().await
    }

    /// The header that lets a page of another origin read the answer, where the scenario was told to let it.
    fn any_origin(&self) -> String {
        match self.request.header("origin") {
            Some(origin) if self.setup.any_origin.load(Ordering::Relaxed) => format!("Access-Control-Allow-Origin: {origin}\r\n"),
            _ => String::new(),
        }
    }

    /// Puts headers into a server's answer, and the front's own time in the place of the server's where its clock is moved.
    fn amend(&self, received: &mut Vec<u8>, head: &mut ResponseHead, headers: &[(&str, &str)]) {
        let mut added = self.any_origin();
        for (name, value) in headers {
            added += &format!("{name}: {}\r\n", self.setup.addresses.fill(value));
        }
        if !self.setup.clock_behind.is_zero() {
            added += &self.date();
            if let Some(own) = header_line(received.get(..head.length).unwrap_or_default(), "date") {
                head.length -= own.len();
                received.drain(own);
            }
        }
        let first_line = received.windows(2).position(|end| end == b"\r\n").map_or(0, |at| at + 2);
        head.length += added.len();
        received.splice(first_line..first_line, added.into_bytes());
    }

    /// The Date header, by the front's clock.
    fn date(&self) -> String {
        format!("Date: {}\r\n", httpdate::fmt_http_date(SystemTime::now() - self.setup.clock_behind))
    }

    /// Closes without a reset, which could overtake the answer: first this side, then what the client still sends.
    async fn finish(&mut self) -> io::Result<()> {
        self.visit.leave();
        self.client.shutdown().await?;
        let _late = tokio::time::timeout(LINGER, gone(&mut self.client)).await;
        Ok(())
    }
}

async fn send(piece: &Piece, client: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    match *piece {
        Piece::OpenPacket => client.write_all(&frame::text(OPEN_PACKET.as_bytes())).await,
        Piece::Text(text) => client.write_all(&frame::text(text.as_bytes())).await,
        Piece::Bytes(bytes) => client.write_all(&frame::text(bytes)).await,
        Piece::NestedOpenPacket(depth) => client.write_all(&frame::text(&nested_open_packet(depth))).await,
        Piece::Close(code, reason) => client.write_all(&frame::close(code, reason)).await,
        Piece::Binary(bytes) => client.write_all(&frame::binary(bytes)).await,
        Piece::Huge(length) => huge(client, &frame::text_head(length), br#"0{"sid":""#, length).await,
        // Field 1, a message: its length says as much as the frame's.
        Piece::HugeJoin(length) => huge(client, &frame::binary_head(length), b"\x0a\xff\xff\xff\x2f", length).await,
        Piece::Noise(count) => {
            for number in 0..count {
                client.write_all(&frame::binary(&noise(number))).await?;
            }
            Ok(())
        }
        Piece::Tiny(count) => {
            let block = frame::text(b"6").repeat(4096);
            let frame_length = 3;
            let mut left = count * frame_length;
            while left > 0 {
                let next = left.min(block.len());
                client.write_all(block.get(..next).unwrap_or(&block)).await?;
                left -= next;
            }
            Ok(())
        }
    }
}

/// One frame whose payload begins so and has so many bytes.
async fn huge(client: &mut (impl AsyncWrite + Unpin), head: &[u8], beginning: &[u8], length: usize) -> io::Result<()> {
    client.write_all(head).await?;
    client.write_all(beginning).await?;
    let block = [b'x'; 64 * 1024];
    let mut left = length - beginning.len();
    while left > 0 {
        let next = left.min(block.len());
        client.write_all(block.get(..next).unwrap_or(&block)).await?;
        left -= next;
    }
    Ok(())
}

/// What is never the same again.
fn nonce() -> String {
    format!("{:x}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos())
}

/// Where the line of a header is in a head, with its end of line.
fn header_line(head: &[u8], name: &str) -> Option<std::ops::Range<usize>> {
    let mut begin = 0;
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let named = line.split(|byte| *byte == b':').next().is_some_and(|known| known.eq_ignore_ascii_case(name.as_bytes()));
        if named && line.contains(&b':') {
            return Some(begin..begin + line.len());
        }
        begin += line.len();
    }
    None
}

const OPEN_PACKET: &str = r#"0{"sid":"lab-3f9aT0VJ4sJcAAAB","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// Waits until the client is not there any more; what it still sends is not read by anybody.
async fn gone(client: &mut (impl AsyncRead + Unpin)) {
    let mut unread = [0; 4096];
    while client.read(&mut unread).await.is_ok_and(|read| read > 0) {}
}

/// The head of a server's answer, as far as passing it on needs it.
#[derive(Debug, PartialEq, Eq)]
struct ResponseHead {
    status: u16,
    length: usize,
    body: BodyLength,
}

#[derive(Debug, PartialEq, Eq)]
enum BodyLength {
    Known(usize),
    Chunked,
    UntilClosed,
}

impl ResponseHead {
    fn parse(bytes: &[u8], method: &str) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut parsed = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(length)) = parsed.parse(bytes) else {
            return None;
        };
        let status = parsed.code?;
        let header = |name: &str| parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value);
        let body = if method == "HEAD" || status == 204 || status == 304 {
            BodyLength::Known(0)
        } else if header("transfer-encoding").is_some() {
            BodyLength::Chunked
        } else {
            let known = header("content-length").and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
            known.map_or(BodyLength::UntilClosed, BodyLength::Known)
        };
        Some(Self { status, length, body })
    }
}

fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_answer_is_known_from_its_head() {
        let known = ResponseHead::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "GET");
        assert_eq!(known, Some(ResponseHead { status: 200, length: 38, body: BodyLength::Known(5) }));
        let chunked = ResponseHead::parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET");
        assert_eq!(chunked.map(|head| head.body), Some(BodyLength::Chunked));
        assert_eq!(ResponseHead::parse(b"HTTP/1.1 200 OK\r\nContent-", "GET"), None);
    }

    #[test]
    fn a_header_line_is_found_whole() {
        let head = b"HTTP/1.1 200 OK\r\nX-Date: 1\r\ndate: now\r\n\r\n";
        assert_eq!(header_line(head, "Date").and_then(|line| head.get(line)), Some(&b"date: now\r\n"[..]));
        assert_eq!(header_line(head, "Vary"), None);
    }
}
