//! gRPC-web, as far as one question needs it: the standard health check.
//! Source: gRPC's PROTOCOL-WEB.md (frames, trailers in the body, base64), PROTOCOL-HTTP2.md (`grpc-message` is
//! percent-encoded), statuscodes.md and health-checking.md (service and messages).

use serde::{Deserialize, Serialize};

use super::wire::{Fields, Held, from_base64};

/// The method that is called, below the address of the server. It changes nothing.
pub const PATH: &str = "grpc.health.v1.Health/Check";
/// Longest message that is kept, in characters.
const KEPT: usize = 200;
/// Flags of a frame: its payload is compressed, which no page can read; it holds the trailers.
const COMPRESSED: u8 = 1;
const TRAILERS: u8 = 0x80;

/// What a server said to the health check. Neither status nor damage: the body was empty and no status could be read, be it
/// that CORS hides the headers of an answer without a body, or that there was none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// `grpc-status`: 0 is OK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc_status: Option<u16>,
    /// `grpc-message`, shortened to 200 characters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The health that the server tells: 0 UNKNOWN, 1 SERVING, 2 NOT_SERVING, 3 SERVICE_UNKNOWN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serving: Option<u8>,
    /// Whether the body is not what the protocol says: no frames, damaged, cut short, or without a status.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub malformed: bool,
}

/// The body of the request: one frame with an empty `HealthCheckRequest`, which asks for the server as a whole.
#[must_use]
pub fn request() -> Vec<u8> {
    vec![0; 5]
}

/// Whether an answer of this content type speaks gRPC-web, as bytes or as text.
#[must_use]
pub fn is_grpc_web(content_type: &str) -> bool {
    begins_with(content_type, "application/grpc-web")
}

/// Reads an answer: its content type, the headers `grpc-status` and `grpc-message` where the page can read them (an answer that
/// is nothing but trailers has them there), and its body.
#[must_use]
pub fn read(content_type: &str, status: Option<&str>, message: Option<&str>, body: &[u8]) -> Answer {
    let mut answer = Answer::default();
    for (name, value) in [("grpc-status", status), ("grpc-message", message)] {
        if let Some(value) = value {
            answer.trailer(name, value);
        }
    }
    if begins_with(content_type, "application/grpc-web-text") {
        let (bytes, whole) = from_base64(body);
        answer.malformed |= !whole;
        answer.frames(&bytes);
    } else {
        answer.frames(body);
    }
    answer.malformed |= !body.is_empty() && answer.grpc_status.is_none();
    answer
}

/// The name of a status code.
#[must_use]
pub fn status_name(code: u16) -> &'static str {
    match code {
        0 => "OK",
        1 => "CANCELLED",
        2 => "UNKNOWN",
        3 => "INVALID_ARGUMENT",
        4 => "DEADLINE_EXCEEDED",
        5 => "NOT_FOUND",
        6 => "ALREADY_EXISTS",
        7 => "PERMISSION_DENIED",
        8 => "RESOURCE_EXHAUSTED",
        9 => "FAILED_PRECONDITION",
        10 => "ABORTED",
        11 => "OUT_OF_RANGE",
        12 => "UNIMPLEMENTED",
        13 => "INTERNAL",
        14 => "UNAVAILABLE",
        15 => "DATA_LOSS",
        16 => "UNAUTHENTICATED",
        _ => "a code that gRPC does not define",
    }
}

impl Answer {
    fn frames(&mut self, body: &[u8]) {
        let mut rest = body;
        let mut ended = false;
        while !rest.is_empty() {
            let Some((flags, payload, after)) = frame(rest).filter(|(flags, ..)| !ended && flags & !(COMPRESSED | TRAILERS) == 0) else {
                self.malformed = true;
                return;
            };
            rest = after;
            ended = flags & TRAILERS != 0;
            if flags & COMPRESSED != 0 {
                continue;
            }
            if ended {
                self.trailers(&String::from_utf8_lossy(payload));
            } else {
                let health = health(payload);
                self.malformed |= health.is_none();
                self.serving = health.and_then(|status| u8::try_from(status).ok());
            }
        }
    }

    fn trailers(&mut self, block: &str) {
        for (name, value) in block.split('\n').filter_map(|line| line.split_once(':')) {
            self.trailer(name.trim(), value);
        }
    }

    fn trailer(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("grpc-status") {
            self.grpc_status = value.trim().parse().ok();
            self.malformed |= self.grpc_status.is_none();
        } else if name.eq_ignore_ascii_case("grpc-message") {
            self.message = percent_decoded(value.trim()).chars().take(KEPT).collect();
        }
    }
}

fn begins_with(text: &str, start: &str) -> bool {
    text.trim_start().get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start))
}

/// The flags and the payload of the first frame, and what follows it; `None` where it is cut short.
fn frame(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([flags, length @ ..], rest) = bytes.split_first_chunk::<5>()?;
    let (payload, after) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((*flags, payload, after))
}

/// The `status` of a `HealthCheckResponse`: field 1, 0 where it is not there.
fn health(message: &[u8]) -> Option<u64> {
    let mut status = 0;
    for field in Fields::of(message) {
        if let (1, Held::Number(value)) = field? {
            status = value;
        }
    }
    Some(status)
}

/// What is no percent-encoding stands for itself, as PROTOCOL-HTTP2.md asks.
fn percent_decoded(text: &str) -> String {
    String::from_utf8_lossy(&super::percent::decoded(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Answer, PATH, is_grpc_web, percent_decoded, read, request, status_name};
    use crate::protocol::wire::from_base64;

    const WEB: &str = "application/grpc-web+proto";
    const TEXT: &str = "application/grpc-web-text; charset=utf-8";
    const SERVING: &[u8] = b"\0\0\0\0\x02\x08\x01";
    const OK: &[u8] = b"\x80\0\0\0\x0fgrpc-status:0\r\n";

    fn ok(serving: Option<u8>) -> Answer {
        Answer { grpc_status: Some(0), serving, ..Answer::default() }
    }

    fn trailers(block: &str) -> Vec<u8> {
        [&[0x80], (block.len() as u32).to_be_bytes().as_slice(), block.as_bytes()].concat()
    }

    /// For the tests alone: each piece padded by itself.
    fn base64(bytes: &[u8]) -> String {
        let letters: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
        let mut out = String::new();
        for group in bytes.chunks(3) {
            let bits = (0..3).fold(0, |all, i| all << 8 | u32::from(*group.get(i).unwrap_or(&0)));
            out.extend((0..4).map(|i| if i <= group.len() { letters[(bits >> (18 - 6 * i)) as usize & 63] } else { '=' }));
        }
        out
    }

    #[test]
    fn asks_for_the_server_as_a_whole() {
        assert_eq!(request(), [0, 0, 0, 0, 0]);
        assert_eq!(PATH, "grpc.health.v1.Health/Check");
    }

    #[test]
    fn reads_an_answer_of_every_content_type() {
        let body = [SERVING, OK].concat();
        for content_type in ["application/grpc-web", WEB, "Application/gRPC-Web+proto;x=y", " application/grpc-web"] {
            assert_eq!(read(content_type, None, None, &body), ok(Some(1)), "{content_type}");
            assert!(is_grpc_web(content_type));
        }
        let (whole, pieces) = (base64(&body), [base64(SERVING), base64(OK)].concat());
        assert!(pieces.contains("=="));
        let uneven = [base64(&body[..4]), base64(&body[4..9]), base64(&body[9..])].join("\r\n");
        for text in [&whole, &pieces, &uneven] {
            assert_eq!(read(TEXT, None, None, text.as_bytes()), ok(Some(1)), "{text}");
        }
        assert_eq!(read("APPLICATION/GRPC-WEB-TEXT+PROTO", None, None, whole.as_bytes()), ok(Some(1)));
        for content_type in ["", "text/html", "application/grpc", "application/grpc-w", "application/grpc-wéb"] {
            assert!(!is_grpc_web(content_type), "{content_type}");
        }
    }

    #[test]
    fn reads_the_health_that_a_server_tells() {
        let health = |message: &[u8]| read(WEB, None, None, &[&[0, 0, 0, 0, message.len() as u8], message, OK].concat());
        assert_eq!(health(b""), ok(Some(0)));
        assert_eq!(health(b"\x08\x02"), ok(Some(2)));
        // Unknown fields of every kind around it; the last one counts.
        assert_eq!(health(b"\x12\x03abc\x08\x02\x19abcdefgh\x25abcd\x08\x03\x30\xff\x01"), ok(Some(3)));
        assert_eq!(health(b"\x08\x81\x80\x00"), ok(Some(1)));
        assert_eq!(health(b"\x08\xac\x02"), ok(None));
        for damaged in
            [b"\x08".as_slice(), b"\x08\x80", b"{\"status\":\"SERVING\"}", b"\x12\x09abc", b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", &[0xff; 20]]
        {
            assert_eq!(health(damaged), Answer { malformed: true, ..ok(None) }, "{damaged:?}");
        }
    }

    #[test]
    fn reads_trailers_as_servers_write_them() {
        for block in ["grpc-status:0\r\n", "Grpc-Status: 0", "GRPC-STATUS : 0 \n", "x: y\r\n\r\ngrpc-status: 0\r\ngrpc-message: \r\n\r\n", "grpc-status:00"] {
            assert_eq!(read(WEB, None, None, &trailers(block)), ok(None), "{block}");
        }
        let answer = read(WEB, None, None, &trailers("grpc-status: 14\r\ngrpc-message: no%20h%C3%A9althy: upstream%\r\n"));
        assert_eq!(answer, Answer { grpc_status: Some(14), message: "no héalthy: upstream%".to_owned(), ..Answer::default() });
        for block in ["", "grpc-status", "grpc-status:", "grpc-status:-1", "grpc-status:65536", "status:0", "\u{0}\u{1}"] {
            assert_eq!(read(WEB, None, None, &trailers(block)), Answer { malformed: true, ..Answer::default() }, "{block}");
        }
        let long = read(WEB, None, None, &trailers(&["grpc-status:2\ngrpc-message:", &"%F0%9F%98%80".repeat(9_000)].concat()));
        assert_eq!(long.message, "😀".repeat(200));
    }

    #[test]
    fn an_answer_of_trailers_alone_has_them_in_its_headers() {
        let answer = read(WEB, Some("12"), Some("unknown%20service"), b"");
        assert_eq!(answer, Answer { grpc_status: Some(12), message: "unknown service".to_owned(), ..Answer::default() });
        assert_eq!(read("application/grpc", Some(" 5 "), None, b"").grpc_status, Some(5));
        // The body has the last word.
        assert_eq!(read(WEB, Some("2"), None, &[SERVING, OK].concat()), ok(Some(1)));
        assert_eq!(read(WEB, Some("0"), None, SERVING), ok(Some(1)));
        // Hidden by CORS, or not there: nothing is known.
        assert_eq!(read(WEB, None, None, b""), Answer::default());
        assert!(read(WEB, Some("zero"), None, b"").malformed);
    }

    #[test]
    fn several_frames_and_compressed_ones() {
        let second = b"\0\0\0\0\x02\x08\x02";
        assert_eq!(read(WEB, None, None, &[SERVING, second, OK].concat()), ok(Some(2)));
        assert_eq!(read(WEB, None, None, &[b"\x01\0\0\0\x02\x1f\x8b", OK].concat()), ok(None));
        let hidden = read(WEB, None, None, &[SERVING, b"\x81\0\0\0\x02\x1f\x8b"].concat());
        assert_eq!(hidden, Answer { serving: Some(1), malformed: true, ..Answer::default() });
        assert_eq!(read(WEB, None, None, &[OK, SERVING].concat()), Answer { malformed: true, ..ok(None) });
    }

    #[test]
    fn what_is_cut_short_or_hostile_is_malformed_and_never_a_crash() {
        let body = [SERVING, OK].concat();
        for length in 1..body.len() {
            let answer = read(WEB, None, None, &body[..length]);
            assert_eq!((answer.grpc_status, answer.malformed), (None, true), "{length}");
            assert!(read(TEXT, None, None, base64(&body[..length]).as_bytes()).malformed, "{length}");
        }
        let text = base64(&body);
        for length in 1..text.len() - 1 {
            assert!(read(TEXT, None, None, &text.as_bytes()[..length]).malformed, "{length}");
        }
        for body in [
            b"\0\xff\xff\xff\xff\x08\x01".as_slice(),
            b"\x80\xff\xff\xff\xff",
            b"\0\0\0\0",
            b"\x02\0\0\0\0",
            b"<!doctype html><title>404</title>",
            &[0; 100_000],
            &[0xff; 100_000],
            &[b'='; 1_000],
            b"A",
            b"AAAA!",
        ] {
            assert!(read(WEB, None, None, body).malformed, "{:?}", &body[..body.len().min(20)]);
            assert!(read(TEXT, None, None, body).malformed, "{:?}", &body[..body.len().min(20)]);
        }
    }

    #[test]
    fn base64_in_pieces() {
        let cases = [("", "", true), ("Zg==", "f", true), ("Zm8=", "fo", true), ("Zm9v", "foo", true), ("Zg==Zm8=Zm9v", "ffofoo", true)];
        let more = [("Zm9vYmE", "fooba", true), ("Z", "", false), ("Z===", "", false), ("Zm9v-m9v", "foo", false), (" Zm\r\n9v\n", "foo", true)];
        for (text, bytes, whole) in cases.into_iter().chain(more) {
            assert_eq!(from_base64(text.as_bytes()), (bytes.as_bytes().to_vec(), whole), "{text}");
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(from_base64(base64(&all).as_bytes()), (all, true));
    }

    #[test]
    fn percents() {
        for (text, decoded) in [("", ""), ("a%20b", "a b"), ("%", "%"), ("%2", "%2"), ("%zz%41", "%zzA"), ("%ff", "\u{fffd}"), ("%%20", "% "), ("é%é9", "é%é9")]
        {
            assert_eq!(percent_decoded(text), decoded, "{text}");
        }
    }

    #[test]
    fn every_code_has_its_name() {
        let mut names: Vec<&str> = (0..=16).map(status_name).collect();
        assert_eq!((names[0], names[7], names[12], names[16]), ("OK", "PERMISSION_DENIED", "UNIMPLEMENTED", "UNAUTHENTICATED"));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 17);
        assert_eq!(status_name(17), status_name(u16::MAX));
    }

    #[test]
    fn goes_into_the_evidence_and_comes_back() {
        let answer = Answer { grpc_status: Some(14), message: "down".to_owned(), serving: Some(2), malformed: true };
        let text = crate::protocol::json_text::write(&answer).unwrap();
        assert_eq!(text, r#"{"grpc_status":14,"message":"down","serving":2,"malformed":true}"#);
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
        assert_eq!(crate::protocol::json_text::write(&Answer::default()).unwrap(), "{}");
    }
}
