//! The head of a request, as the front reads it off the wire.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The most bytes that the head of a request or a response may have.
pub(crate) const HEAD_LIMIT: usize = 64 * 1024;
/// The longest request body that the front takes in before it answers.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Headers that speak of one connection alone, with what of a handshake would make engineioxide answer 101 without them.
const OF_THE_CONNECTION: [&str; 4] = ["connection", "upgrade", "keep-alive", "sec-websocket-key"];

/// A request: its head, and its body in full.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path without the query.
    pub(crate) path: String,
    /// The query without its question mark, empty where there is none.
    pub(crate) query: String,
    headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Reads one request; `None` where the client went away before its head was complete.
    pub(crate) async fn read(client: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(2048);
        let (mut request, head_length) = loop {
            if client.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
            if let Some(parsed) = Self::parse(&bytes)? {
                break parsed;
            }
            if bytes.len() > HEAD_LIMIT {
                return Err(invalid("the head of the request is too long"));
            }
        };
        let mut body = bytes.split_off(head_length);
        let length = request.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        if length > BODY_LIMIT {
            return Err(invalid("the body of the request is too long"));
        }
        while body.len() < length {
            if client.read_buf(&mut body).await? == 0 {
                return Ok(None);
            }
        }
        request.body = body;
        Ok(Some(request))
    }

    fn parse(bytes: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut parsed = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(length) = parsed.parse(bytes).map_err(invalid)? else {
            return Ok(None);
        };
        let (path, query) = parsed.path.and_then(|target| target.split_once('?')).unwrap_or((parsed.path.unwrap_or("/"), ""));
        let request = Self {
            method: parsed.method.unwrap_or("GET").to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: parsed.headers.iter().map(|header| (header.name.to_owned(), header.value.to_vec())).collect(),
            body: Vec::new(),
        };
        Ok(Some((request, length)))
    }

    /// The header's value, where it is there and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// It is the opening handshake of a WebSocket.
    pub(crate) fn is_handshake(&self) -> bool {
        self.header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
    }

    /// Its method and target.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target())
    }

    fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The request as it goes on to a server: one on its connection, or with its upgrade as it came.
    pub(crate) fn forwarded(&self, upgrade: bool) -> Vec<u8> {
        let mut bytes = format!("{} HTTP/1.1\r\n", self.line()).into_bytes();
        for (name, value) in &self.headers {
            let of_the_connection = OF_THE_CONNECTION.iter().any(|known| name.eq_ignore_ascii_case(known));
            if upgrade || !of_the_connection {
                bytes.extend_from_slice(name.as_bytes());
                bytes.extend_from_slice(b": ");
                bytes.extend_from_slice(value);
                bytes.extend_from_slice(b"\r\n");
            }
        }
        if !upgrade {
            bytes.extend_from_slice(b"Connection: close\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reads_a_post_and_forwards_it_alone_on_its_connection() -> io::Result<()> {
        let mut bytes: &[u8] = b"POST /socket.io/?EIO=4 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n40";
        let request = Request::read(&mut bytes).await?;
        let forwarded = request.map(|request| (request.path.clone(), request.query.clone(), request.forwarded(false)));
        let expected = b"POST /socket.io/?EIO=4 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n40";
        assert_eq!(forwarded, Some(("/socket.io/".to_owned(), "EIO=4".to_owned(), expected.to_vec())));
        Ok(())
    }

    #[tokio::test]
    async fn a_handshake_is_told_by_its_upgrade_header() -> io::Result<()> {
        let mut bytes: &[u8] = b"GET /s HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";
        let request = Request::read(&mut bytes).await?;
        assert!(request.is_some_and(|request| request.is_handshake()));
        Ok(())
    }
}
