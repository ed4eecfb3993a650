//! LiveKit's signalling, as far as a look at it needs: the join answer with its ICE servers, the server's description and
//! candidates, and what is said back. Source: livekit/protocol, `livekit_rtc.proto` and `livekit_models.proto` (Protocol
//! Buffers' wire format); the access token: docs.livekit.io, "Authentication".

use serde::{Deserialize, Serialize};

use super::json::{self, Value};
use super::wire::{Fields, Writer, from_base64};

/// The side of the two that the server offers (`SignalTarget`).
pub const SUBSCRIBER: u64 = 1;
/// Most ICE URLs of a join answer that are looked at.
const URLS: usize = 12;

/// What the server said (`SignalResponse`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Join(Join),
    /// Its description of the subscriber's connection, to be answered.
    Offer {
        sdp: String,
        id: u64,
    },
    /// A candidate of its own, as JSON of `RTCIceCandidateInit`.
    Trickle {
        candidate: String,
        target: u64,
    },
    /// It shows the participant out (`DisconnectReason`).
    Leave {
        reason: u8,
    },
    /// Anything else that is well formed.
    Other,
}

/// `JoinResponse`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Join {
    pub version: String,
    pub servers: Vec<IceServer>,
}

/// One URL of an `ICEServer` with its credentials, which never leave the probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IceServer {
    pub url: String,
    pub username: String,
    pub credential: String,
}

/// Reads one binary message; `None` where it is none of LiveKit's.
#[must_use]
pub fn read(message: &[u8]) -> Option<Said> {
    let mut said = None;
    for field in Fields::of(message) {
        let (number, bytes) = field?;
        said = Some(match number {
            1 => Said::Join(join(bytes.bytes()?)?),
            3 => text_and_number(bytes.bytes()?, 2, 3).map(|(sdp, id)| Said::Offer { sdp, id })?,
            4 => text_and_number(bytes.bytes()?, 1, 2).map(|(candidate, target)| Said::Trickle { candidate, target })?,
            8 => {
                let reason = Fields::of(bytes.bytes()?).flatten().find(|(number, _)| *number == 2).and_then(|(_, value)| value.number());
                Said::Leave { reason: reason.and_then(|r| u8::try_from(r).ok()).unwrap_or(0) }
            }
            _ => Said::Other,
        });
    }
    said
}

/// A message of a text and a number, by their fields.
fn text_and_number(message: &[u8], text: u64, number: u64) -> Option<(String, u64)> {
    let mut told = (String::new(), 0);
    for field in Fields::of(message) {
        match field? {
            (field, value) if field == text => told.0 = value.text()?,
            (field, value) if field == number => told.1 = value.number().unwrap_or(0),
            _ => {}
        }
    }
    Some(told)
}

fn join(message: &[u8]) -> Option<Join> {
    let mut join = Join::default();
    for field in Fields::of(message) {
        match field? {
            (4, value) => join.version = value.text()?.chars().take(40).collect(),
            (5, value) => join.servers.extend(ice_server(value.bytes()?)?),
            _ => {}
        }
    }
    join.servers.truncate(URLS);
    Some(join)
}

fn ice_server(message: &[u8]) -> Option<Vec<IceServer>> {
    let (mut urls, mut common) = (Vec::new(), IceServer::default());
    for field in Fields::of(message) {
        match field? {
            (1, value) => urls.push(value.text()?),
            (2, value) => common.username = value.text()?,
            (3, value) => common.credential = value.text()?,
            _ => {}
        }
    }
    Some(urls.into_iter().take(URLS).map(|url| IceServer { url, ..common.clone() }).collect())
}

/// The answer to the server's offer (`SignalRequest.answer`).
#[must_use]
pub fn answer(sdp: &str, id: u64) -> Vec<u8> {
    let description = Writer::default().text(1, "answer").text(2, sdp).number(3, id);
    Writer::default().message(2, description).bytes()
}

/// A candidate of ours for the subscriber's connection, as JSON (`SignalRequest.trickle`).
#[must_use]
pub fn trickle(candidate: &str) -> Vec<u8> {
    Writer::default().message(3, Writer::default().text(1, candidate).number(2, SUBSCRIBER)).bytes()
}

/// So that the participant is gone at once (`SignalRequest.leave`; CLIENT_INITIATED).
#[must_use]
pub fn leave() -> Vec<u8> {
    Writer::default().message(8, Writer::default().number(2, 1)).bytes()
}

/// The smallest question of newer clients at `/rtc/v1`, uncompressed (`WrappedJoinRequest`): client_info (sdk JS, protocol 16) must
/// be there, or the server breaks down over it; auto_subscribe is off.
#[must_use]
pub fn join_request() -> Vec<u8> {
    let client = Writer::default().number(1, 1).number(3, 16);
    Writer::default().message(2, Writer::default().message(1, client).message(2, Writer::default())).bytes()
}

/// What `/rtc/validate` says (livekit/livekit, pkg/service/auth.go and rtcservice.go; golang-jwt's and go-jose's words).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validation {
    Accepted,
    /// No token came.
    NoToken,
    Expired,
    NotYetValid,
    /// Signed with another secret than the one of its key.
    Signature,
    UnknownKey,
    /// It does not allow to join, or names nobody or no room.
    NoGrant,
    /// It is no token.
    Malformed,
    /// The request has an Authorization header of another scheme, which is read before the query.
    OtherHeader,
    NoRoom,
    Full,
}

impl Validation {
    /// Its name in findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Validation::Accepted => "accepted",
            Validation::NoToken => "no-token",
            Validation::Expired => "expired",
            Validation::NotYetValid => "not-yet-valid",
            Validation::Signature => "signature",
            Validation::UnknownKey => "key",
            Validation::NoGrant => "grant",
            Validation::Malformed => "malformed",
            Validation::OtherHeader => "header",
            Validation::NoRoom => "no-room",
            Validation::Full => "full",
        }
    }
}

/// Reads an answer of `/rtc/validate`; `None` where LiveKit did not write it.
#[must_use]
pub fn read_validation(status: u16, body: &str) -> Option<Validation> {
    let says = |words: &str| body.contains(words);
    let known = match status {
        200 => (body.trim() == "success").then_some(Validation::Accepted)?,
        401 if says("token is expired") => Validation::Expired,
        401 if says("not valid yet") || says("issued in the future") || says("used before issued") => Validation::NotYetValid,
        401 if says("signature is invalid") || says("error in cryptographic primitive") => Validation::Signature,
        401 if says("invalid API key") => Validation::UnknownKey,
        401 if says("permissions denied") => Validation::NoGrant,
        401 if says("no permissions to access the room") => Validation::NoToken,
        401 if says("authorization token") => Validation::Malformed,
        401 if says("authorization header") => Validation::OtherHeader,
        400 if says("identity") || says("room name") => Validation::NoGrant,
        400 if says("join_request") => Validation::NoToken,
        404 if says("requested room does not exist") => Validation::NoRoom,
        503 if says("configured limit") => Validation::Full,
        _ => return None,
    };
    // LiveKit answers in plain text, a page in front of it may hold any word.
    (!says("<html") && body.len() < 8_000).then_some(known)
}

/// What an access token allows and until when. No name, no room, no key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// Seconds since 1970 (RFC 7519 sections 4.1.4 and 4.1.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<i64>,
    /// `video.roomJoin`.
    pub joins: bool,
    /// Whether it names a room.
    pub names_room: bool,
    /// Of `canPublish`, `canSubscribe` and `canPublishData`, those that are false; missing means allowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forbids: Vec<String>,
}

/// Reads the middle of a JSON Web Token; `None` where it is none.
#[must_use]
pub fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.trim().split('.');
    let (payload, _signature) = (parts.nth(1)?, parts.next()?);
    let (bytes, whole) = from_base64(payload.replace('-', "+").replace('_', "/").as_bytes());
    let told = json::parse(core::str::from_utf8(&bytes).ok().filter(|_| whole)?).ok()?;
    let time = |name: &str| told.get(name).and_then(Value::as_f64).map(|t| t.clamp(-1e12, 1e12) as i64);
    let video = told.get("video");
    let says = |name: &str| video.and_then(|v| v.get(name)).and_then(Value::as_bool);
    Some(Claims {
        expires: time("exp"),
        not_before: time("nbf"),
        joins: says("roomJoin") == Some(true),
        names_room: video.and_then(|v| v.get("room")).and_then(Value::as_str).is_some_and(|r| !r.is_empty()),
        forbids: ["canPublish", "canSubscribe", "canPublishData"].into_iter().filter(|n| says(n) == Some(false)).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{IceServer, Join, Said, Validation, answer, claims, join_request, leave, read, read_validation, trickle};

    /// Written by hand from `livekit_rtc.proto`: SignalResponse.join with server_version and one ICEServer of two URLs.
    const JOIN: &[u8] = b"\x0a\x2d\x22\x05\x31.8.0\x2a\x24\x0a\x08stun:a:1\x0a\x11turns:b?transport\x12\x01u\x1a\x02pw";

    #[test]
    fn a_join_answer_gives_its_servers() {
        let server = |url: &str| IceServer { url: url.to_owned(), username: "u".to_owned(), credential: "pw".to_owned() };
        let expected = Join { version: "1.8.0".to_owned(), servers: vec![server("stun:a:1"), server("turns:b?transport")] };
        assert_eq!(read(JOIN), Some(Said::Join(expected)));
    }

    #[test]
    fn offers_candidates_and_leaving_are_read() {
        assert_eq!(read(b"\x1a\x0c\x0a\x05offer\x12\x03v=0"), Some(Said::Offer { sdp: "v=0".to_owned(), id: 0 }));
        assert_eq!(read(b"\x22\x06\x0a\x02{}\x10\x01"), Some(Said::Trickle { candidate: "{}".to_owned(), target: 1 }));
        assert_eq!(read(b"\x42\x02\x10\x02"), Some(Said::Leave { reason: 2 }));
        assert_eq!(read(b"\x5a\x00"), Some(Said::Other));
    }

    #[test]
    fn what_is_damaged_is_none_of_them() {
        for bytes in [&b""[..], b"\x0a", b"\x0a\x7f", b"{\"join\":{}}", b"<html>", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"\x0a\x03\x2a\x05\x0a"] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        for length in 0..JOIN.len() {
            assert_eq!(read(&JOIN[..length]), None, "{length}");
        }
    }

    #[test]
    fn what_is_said_back_is_as_the_protocol_has_it() {
        assert_eq!(answer("v=0", 0), b"\x12\x0d\x0a\x06answer\x12\x03v=0");
        assert_eq!(answer("v=0", 300), b"\x12\x10\x0a\x06answer\x12\x03v=0\x18\xac\x02");
        assert_eq!(trickle("{}"), b"\x1a\x06\x0a\x02{}\x10\x01");
        assert_eq!(join_request(), b"\x12\x08\x0a\x04\x08\x01\x18\x10\x12\x00");
        assert_eq!(leave(), b"\x42\x02\x10\x01");
    }

    #[test]
    fn answers_about_the_token_are_read_in_old_and_new_words() {
        let cases = [
            (200, "success", Some(Validation::Accepted)),
            (200, "<html>success</html>", None),
            (401, "no permissions to access the room", Some(Validation::NoToken)),
            (401, "permissions denied", Some(Validation::NoGrant)),
            (401, "invalid token: eyJ.x.y, error: go-jose/go-jose/jwt: validation failed, token is expired (exp)", Some(Validation::Expired)),
            (401, "invalid authorization token: token has invalid claims: token is expired", Some(Validation::Expired)),
            (401, "go-jose/go-jose/jwt: validation failed, token not valid yet (nbf)", Some(Validation::NotYetValid)),
            (401, "token has invalid claims: token is not valid yet", Some(Validation::NotYetValid)),
            (401, "go-jose/go-jose: error in cryptographic primitive", Some(Validation::Signature)),
            (401, "token signature is invalid: signature is invalid", Some(Validation::Signature)),
            (401, "invalid API key: APIx", Some(Validation::UnknownKey)),
            (401, "invalid authorization token", Some(Validation::Malformed)),
            (401, "invalid authorization header. Must start with Bearer ", Some(Validation::OtherHeader)),
            (401, "<html><title>Login expired</title></html>", None),
            (401, "Unauthorized", None),
            (401, "{\"message\":\"No API key found in request\"}", None),
            (401, "{\"error\":\"session expired\"}", None),
            (400, "join_request is required", Some(Validation::NoToken)),
            (400, "no room name", Some(Validation::NoGrant)),
            (404, "requested room does not exist", Some(Validation::NoRoom)),
            (404, "404 page not found", None),
            (503, "node has exceeded its configured limit", Some(Validation::Full)),
            (503, "Service Unavailable", None),
        ];
        for (status, body, expected) in cases {
            assert_eq!(read_validation(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_token_tells_its_times_and_grants() {
        // {"exp":20,"nbf":10,"video":{"roomJoin":true,"room":"r","canPublish":false}}
        let told = claims("x.eyJleHAiOjIwLCJuYmYiOjEwLCJ2aWRlbyI6eyJyb29tSm9pbiI6dHJ1ZSwicm9vbSI6InIiLCJjYW5QdWJsaXNoIjpmYWxzZX19.y").unwrap();
        assert_eq!((told.expires, told.not_before, told.joins, told.names_room), (Some(20), Some(10), true, true));
        assert_eq!(told.forbids, ["canPublish"]);
        assert!(claims("x.e30.y").is_some_and(|c| c == super::Claims::default()));
        for text in ["", "x", "x.y", "x.!.y", "x.W10", "x.eyJ.y"] {
            assert_eq!(claims(text), None, "{text}");
        }
    }
}
