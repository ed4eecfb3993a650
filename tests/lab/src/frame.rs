//! WebSocket frames as raw bytes (RFC 6455, section 5.2), for what no WebSocket library agrees to send.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
pub(crate) use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

const FINAL_TEXT: u8 = 0x81;
const FINAL_BINARY: u8 = 0x82;
const FINAL_CLOSE: u8 = 0x88;
const OPCODE: u8 = 0x0f;
const CLOSE: u8 = 0x8;

/// A text frame from the server; the payload need not be UTF-8.
pub(crate) fn text(payload: &[u8]) -> Vec<u8> {
    let mut bytes = text_head(payload.len());
    bytes.extend_from_slice(payload);
    bytes
}

/// The head of a text frame whose payload is to follow.
pub(crate) fn text_head(length: usize) -> Vec<u8> {
    head(FINAL_TEXT, length)
}

/// A binary frame from the server.
pub(crate) fn binary(payload: &[u8]) -> Vec<u8> {
    let mut bytes = binary_head(payload.len());
    bytes.extend_from_slice(payload);
    bytes
}

/// The head of a binary frame whose payload is to follow.
pub(crate) fn binary_head(length: usize) -> Vec<u8> {
    head(FINAL_BINARY, length)
}

/// A close frame from the server.
pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    let mut bytes = head(FINAL_CLOSE, 2 + reason.len());
    bytes.extend_from_slice(&code.to_be_bytes());
    bytes.extend_from_slice(reason.as_bytes());
    bytes
}

fn head(first: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => bytes.push(short),
        (_, Ok(medium)) => {
            bytes.push(126);
            bytes.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes
}

/// Reads the client's frames until it sends its close frame or goes away.
pub(crate) async fn client_closes(client: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    loop {
        let first = client.read_u8().await?;
        let second = client.read_u8().await?;
        let length = match second & 0x7f {
            126 => u64::from(client.read_u16().await?),
            127 => client.read_u64().await?,
            short => u64::from(short),
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let mut rest = client.take(mask + length);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
        if first & OPCODE == CLOSE {
            return Ok(());
        }
    }
}

/// Passes the client's frames on until one has more than so many bytes, or the client goes away, which is an error.
pub(crate) async fn pass_up_to(limit: u64, client: &mut (impl AsyncRead + Unpin), server: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    loop {
        let mut head = vec![client.read_u8().await?, client.read_u8().await?];
        let second = head.get(1).copied().unwrap_or_default();
        let length = match second & 0x7f {
            126 => u64::from(client.read_u16().await?),
            127 => client.read_u64().await?,
            short => u64::from(short),
        };
        match second & 0x7f {
            126 => head.extend_from_slice(&length.to_be_bytes()[6..]),
            127 => head.extend_from_slice(&length.to_be_bytes()),
            _ => {}
        }
        if length > limit {
            return Ok(());
        }
        server.write_all(&head).await?;
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        tokio::io::copy(&mut (&mut *client).take(mask + length), server).await?;
        server.flush().await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_as_the_standard_draws_them() {
        assert_eq!(text(b"0{}"), b"\x81\x030{}");
        assert_eq!(binary(b"\0"), b"\x82\x01\0");
        assert_eq!(text_head(300), [0x81, 126, 1, 44]);
        assert_eq!(text_head(100_000), [0x81, 127, 0, 0, 0, 0, 0, 1, 0x86, 0xa0]);
        assert_eq!(close(1008, "no"), [0x88, 4, 0x03, 0xf0, b'n', b'o']);
    }

    #[tokio::test]
    async fn frames_pass_up_to_the_limit() -> io::Result<()> {
        let small: &[u8] = &[0x81, 0x81, 0, 0, 0, 0, b'2'];
        let bytes = [small, &[0x81, 0x80 | 126, 1, 44]].concat();
        let mut passed = Vec::new();
        pass_up_to(299, &mut bytes.as_slice(), &mut passed).await?;
        assert_eq!(passed, small);
        Ok(())
    }

    #[tokio::test]
    async fn waits_for_the_clients_close_frame() -> io::Result<()> {
        // A masked text frame "2", then a masked close frame without a code.
        let mut client: &[u8] = &[0x81, 0x81, 0, 0, 0, 0, b'2', 0x88, 0x80, 0, 0, 0, 0];
        client_closes(&mut client).await?;
        assert!(client.is_empty());
        Ok(())
    }
}
