//! The Engine.IO protocol, versions 4 and 3: open packet, packets, and the refusals of the servers in use.
//! Source: the Engine.IO protocol document; each refusal as measured on python-engineio, Node's engine.io and engineioxide.

use super::json::{self, Value};

/// What engines take in one message where they do not say how much, in bytes (1e6, measured).
pub const USUAL_PAYLOAD: u32 = 1_000_000;

/// The open packet (`0{...}`), which ends an Engine.IO handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPacket {
    /// Never leaves the browser: redaction takes it out of the evidence.
    pub sid: String,
    pub upgrades: Vec<String>,
    /// Milliseconds.
    pub ping_interval: u32,
    /// Milliseconds.
    pub ping_timeout: u32,
    /// Bytes; servers before version 4 do not say.
    pub max_payload: Option<u32>,
}

impl OpenPacket {
    /// Whether the server offers the upgrade to WebSocket.
    #[must_use]
    pub fn offers_websocket(&self) -> bool {
        self.upgrades.iter().any(|u| u == "websocket")
    }
}

/// Which server wrote an answer, by its form; only for the operator's guidance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    PythonEngineio,
    /// Node's engine.io: `{"code":1,...}`.
    Node,
    /// engineioxide: `{"code":"1",...}`.
    Engineioxide,
}

/// Why an engine refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownTransport,
    TransportDisabled,
    UnknownSid,
    BadHandshakeMethod,
    /// A plain request where an upgrade is asked for.
    NotAnUpgrade,
    UnsupportedVersion,
    OriginNotAccepted {
        /// Some servers name the origin that they saw.
        origin: Option<String>,
    },
    Forbidden {
        message: String,
    },
}

/// An HTTP answer, read as an engine's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Open {
        packet: OpenPacket,
        /// 3 where the body is length-prefixed (`96:0{...}`), 4 otherwise.
        framing: u8,
    },
    Refused {
        refusal: Refusal,
        dialect: Dialect,
    },
    /// `ok`: a POST was taken.
    Taken,
    /// It begins as an open packet does, and is none.
    Garbled,
    /// Not an engine's words.
    Other,
}

impl Answer {
    /// Whether an engine wrote this, whatever it says.
    #[must_use]
    pub fn is_engine(&self) -> bool {
        matches!(self, Answer::Open { .. } | Answer::Refused { .. })
    }
}

/// Reads the body of an HTTP answer from a socket path.
#[must_use]
pub fn read_answer(status: u16, body: &str) -> Answer {
    // Browsers decode text for a client without the byte order mark (WHATWG Encoding, "UTF-8 decode").
    let body = body.trim_start_matches('\u{feff}').trim_matches([' ', '\r', '\n']);
    if status == 200 {
        if body.eq_ignore_ascii_case("ok") {
            return Answer::Taken;
        }
        let (framing, packets) = match length_prefixed(body) {
            Some(rest) => (3, rest),
            None => (4, body),
        };
        if packets.starts_with('0') {
            // Version 4 joins packets with the record separator; what follows the open packet is not asked for here.
            let first = packets.split('\u{1e}').next().unwrap_or(packets);
            // In version 3 a length says where it ends; in version 4 a client parses all of it.
            let read = if framing == 3 { first_object(first).and_then(|object| of_json(object.strip_prefix('0')?)) } else { open_packet(first) };
            return match read {
                Some(packet) => Answer::Open { packet, framing },
                None if packets.starts_with("0{") || packets.len() == 1 => Answer::Garbled,
                None => Answer::Other,
            };
        }
        // Still packed by gzip or zstd, as text: nobody said so in Content-Encoding, so no browser unpacks it.
        if PACKED.iter().any(|magic| body.starts_with(magic)) {
            return Answer::Garbled;
        }
        // Something in front of it: what a client reads then is no packet.
        let behind = body.split_once("0{\"sid\":").filter(|(before, _)| before.len() <= IN_FRONT && !before.contains('"'));
        return if behind.is_some() { Answer::Garbled } else { Answer::Other };
    }
    match refusal(status, body) {
        Some((refusal, dialect)) => Answer::Refused { refusal, dialect },
        None => Answer::Other,
    }
}

/// How packed bytes begin, where what is no UTF-8 is read as U+FFFD (RFC 1952 section 2.3.1, RFC 8878 section 3.1.1).
const PACKED: [&str; 2] = ["\u{1f}\u{fffd}\u{8}", "(\u{fffd}/\u{fffd}"];

/// So many bytes that a filter writes before the packet; a page that speaks of one has more.
const IN_FRONT: usize = 120;

/// Reads a text frame or a packet as an open packet.
#[must_use]
pub fn open_packet(packet: &str) -> Option<OpenPacket> {
    of_json(packet.strip_prefix('0')?)
}

fn of_json(text: &str) -> Option<OpenPacket> {
    let value = json::parse(text).ok()?;
    let sid = value.get("sid").and_then(Value::as_str).filter(|sid| !sid.is_empty())?;
    let upgrades = value.get("upgrades").and_then(Value::as_array).unwrap_or(&[]);
    Some(OpenPacket {
        sid: sid.to_owned(),
        upgrades: upgrades.iter().filter_map(Value::as_str).take(8).map(str::to_owned).collect(),
        ping_interval: value.get("pingInterval").and_then(Value::as_u32)?,
        ping_timeout: value.get("pingTimeout").and_then(Value::as_u32)?,
        max_payload: value.get("maxPayload").and_then(Value::as_u32),
    })
}

/// The packets of a polling body, in order: joined by the record separator in version 4, length-prefixed in version 3.
#[must_use]
pub fn packets(body: &str, framing: u8) -> Vec<&str> {
    if framing != 3 {
        return body.split('\u{1e}').filter(|p| !p.is_empty()).take(64).collect();
    }
    let mut all = Vec::new();
    let mut rest = body;
    while let Some((digits, after)) = rest.split_once(':') {
        let Ok(length) = digits.parse::<usize>() else { break };
        let end = after.char_indices().nth(length).map_or(after.len(), |(at, _)| at);
        let (packet, tail) = after.split_at(end);
        all.push(packet);
        rest = tail;
        if all.len() == 64 {
            break;
        }
    }
    all
}

/// A packet as a POST body of that version.
#[must_use]
pub fn post_body(packet: &str, framing: u8) -> String {
    if framing == 3 { [&packet.chars().count().to_string(), ":", packet].concat() } else { packet.to_owned() }
}

/// The text up to the brace that closes the first one, strings respected.
fn first_object(text: &str) -> Option<&str> {
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(..=at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The body behind a version 3 length prefix: `96:0{...}`, or the binary form that a browser gets from some servers: a byte
/// 0, the digits as bytes of their value, a byte 255, which no UTF-8 text holds and which is therefore read as U+FFFD.
fn length_prefixed(body: &str) -> Option<&str> {
    if let Some(binary) = body.strip_prefix('\u{0}') {
        let rest = binary.trim_start_matches(|c| c <= '\u{9}').strip_prefix(['\u{fffd}', '\u{ff}'])?;
        return rest.starts_with('0').then_some(rest);
    }
    let (digits, rest) = body.split_once(':')?;
    let all_digits = !digits.is_empty() && digits.len() < 10 && digits.bytes().all(|b| b.is_ascii_digit());
    (all_digits && rest.starts_with('0')).then_some(rest)
}

fn refusal(status: u16, body: &str) -> Option<(Refusal, Dialect)> {
    let parsed = json::parse(body).ok();
    if let Some(value) = parsed.as_ref().filter(|v| v.get("message").is_some()) {
        // Other servers number their errors in the same members: grpc-gateway answers 404 with code 5 wherever it has nothing, and `details`.
        let two = matches!(value, Value::Object(members) if members.len() == 2);
        if !two || !matches!(status, 400 | 403) {
            return None;
        }
        let message = value.get("message").and_then(Value::as_str).unwrap_or("");
        let (code, dialect) = match value.get("code")? {
            Value::String(code) => (code.parse::<u32>().ok()?, Dialect::Engineioxide),
            number => (number.as_u32()?, Dialect::Node),
        };
        let refusal = match code {
            0 => Refusal::UnknownTransport,
            1 => Refusal::UnknownSid,
            2 => Refusal::BadHandshakeMethod,
            3 if dialect == Dialect::Engineioxide => Refusal::TransportDisabled,
            3 => Refusal::NotAnUpgrade,
            4 => Refusal::Forbidden { message: message.chars().take(120).collect() },
            5 => Refusal::UnsupportedVersion,
            _ => return None,
        };
        return Some((refusal, dialect));
    }
    // python-engineio: plain text, in most versions inside JSON quotes.
    let text = parsed.as_ref().and_then(Value::as_str).unwrap_or(body);
    if text.len() > 400 {
        return None;
    }
    let refusal = if let Some(origin) = text.strip_suffix(" is not an accepted origin.") {
        Refusal::OriginNotAccepted { origin: Some(origin.trim_matches('"').to_owned()) }
    } else if text.to_ascii_lowercase().contains("not an accepted origin") {
        Refusal::OriginNotAccepted { origin: None }
    } else if text.starts_with("Invalid session") {
        Refusal::UnknownSid
    } else if text.contains("unsupported version of the Socket.IO or Engine.IO") {
        Refusal::UnsupportedVersion
    } else if text == "Invalid transport websocket" || text.starts_with("Invalid websocket upgrade") {
        // Releases before 4 name the transport where only its upgrade is missing (measured on 3.14).
        Refusal::NotAnUpgrade
    } else if text.starts_with("Invalid transport") {
        Refusal::UnknownTransport
    } else {
        return None;
    };
    Some((refusal, Dialect::PythonEngineio))
}

#[cfg(test)]
mod tests {
    use super::{Answer, Dialect, Refusal, open_packet, read_answer};

    const OPEN: &str = r#"{"sid":"x7","upgrades":["websocket"],"pingTimeout":20000,"pingInterval":25000,"maxPayload":1000000}"#;

    fn refused(refusal: Refusal, dialect: Dialect) -> Answer {
        Answer::Refused { refusal, dialect }
    }

    #[test]
    fn the_open_packet_of_both_versions() {
        let Answer::Open { packet, framing } = read_answer(200, &format!("0{OPEN}")) else { panic!() };
        assert_eq!((framing, packet.ping_interval, packet.max_payload), (4, 25_000, Some(1_000_000)));
        assert!(packet.offers_websocket());
        let old = r#"96:0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}2:40"#;
        let Answer::Open { packet, framing } = read_answer(200, old) else { panic!() };
        assert_eq!((framing, packet.sid.as_str(), packet.max_payload), (3, "lv_VI97HAXpY6yYWAAAC", None));
        let binary = "\u{0}\u{9}\u{6}\u{fffd}0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1}\u{0}\u{2}\u{fffd}40";
        assert!(matches!(read_answer(200, binary), Answer::Open { framing: 3, .. }));
        let joined = format!("0{OPEN}\u{1e}40{{}}");
        assert!(matches!(read_answer(200, &joined), Answer::Open { framing: 4, .. }));
        assert!(matches!(read_answer(200, &format!("\u{feff}0{OPEN}")), Answer::Open { framing: 4, .. }));
        // A client parses the whole packet: what a proxy has added to it breaks it.
        assert_eq!(read_answer(200, &format!("0{OPEN}<script src=/ad.js></script>")), Answer::Garbled);
        for packed in [&[0x1f, 0x8b, 8, 0, 0, 9][..], &[0x28, 0xb5, 0x2f, 0xfd, 4]] {
            assert_eq!(read_answer(200, &String::from_utf8_lossy(packed)), Answer::Garbled);
            assert_eq!(read_answer(404, &String::from_utf8_lossy(packed)), Answer::Other);
        }
    }

    #[test]
    fn the_refusals_of_python_node_and_engineioxide() {
        use Dialect::{Engineioxide, Node, PythonEngineio};
        let cases = [
            ("\"Invalid session x7\"", Refusal::UnknownSid, PythonEngineio),
            ("Invalid session None", Refusal::UnknownSid, PythonEngineio),
            ("\"Invalid transport\"", Refusal::UnknownTransport, PythonEngineio),
            ("\"Invalid websocket upgrade\"", Refusal::NotAnUpgrade, PythonEngineio),
            ("\"Invalid transport websocket\"", Refusal::NotAnUpgrade, PythonEngineio),
            ("\"The client is using an unsupported version of the Socket.IO or Engine.IO protocols\"", Refusal::UnsupportedVersion, PythonEngineio),
            ("\"https://a.example is not an accepted origin.\"", Refusal::OriginNotAccepted { origin: Some("https://a.example".to_owned()) }, PythonEngineio),
            ("\"Not an accepted origin.\"", Refusal::OriginNotAccepted { origin: None }, PythonEngineio),
            (r#"{"code":1,"message":"Session ID unknown"}"#, Refusal::UnknownSid, Node),
            (r#"{"code":3,"message":"Bad request"}"#, Refusal::NotAnUpgrade, Node),
            (r#"{"code":0,"message":"Transport unknown"}"#, Refusal::UnknownTransport, Node),
            (r#"{"code":4,"message":"no"}"#, Refusal::Forbidden { message: "no".to_owned() }, Node),
            (r#"{"code":5,"message":"Unsupported protocol version"}"#, Refusal::UnsupportedVersion, Node),
            (r#"{"code":"1","message":"Session ID unknown"}"#, Refusal::UnknownSid, Engineioxide),
            (r#"{"code":"3","message":"Bad request"}"#, Refusal::TransportDisabled, Engineioxide),
            (r#"{"code":"2","message":"Bad handshake method"}"#, Refusal::BadHandshakeMethod, Engineioxide),
        ];
        for (body, refusal, dialect) in cases {
            assert_eq!(read_answer(400, body), refused(refusal, dialect), "{body}");
        }
    }

    #[test]
    fn what_is_no_engine_is_not_taken_for_one() {
        for body in ["", "<!doctype html>0{", "[]", "{\"code\":401,\"message\":\"x\"}", "{\"message\":\"x\"}", "Not found", "{\"code\":1}"] {
            assert_eq!(read_answer(400, body), Answer::Other, "{body}");
            assert!(!read_answer(200, body).is_engine(), "{body}");
        }
        assert_eq!(read_answer(200, "OK"), Answer::Taken);
        assert_eq!(read_answer(200, "0.5"), Answer::Other);
    }

    #[test]
    fn packets_of_a_polling_body() {
        assert_eq!(super::packets("40{}\u{1e}2", 4), ["40{}", "2"]);
        assert_eq!(super::packets("2:407:42[\"é\"]", 3), ["40", "42[\"é\"]"]);
        assert_eq!(super::packets("9:40", 3), ["40"]);
        assert_eq!(super::packets("x:40", 3), Vec::<&str>::new());
        assert_eq!((super::post_body("1", 3), super::post_body("40", 4)), ("1:1".to_owned(), "40".to_owned()));
    }

    #[test]
    fn a_damaged_open_packet_is_garbled_and_never_a_hello() {
        let deep = format!("0{{\"sid\":{}", "[".repeat(100_000));
        for body in ["0{", "0{\"sid\":}", "0{\"sid\":\"\"}", "0{\"sid\":\"x\"}", "0{\"upgrades\":[]}", deep.as_str()] {
            assert_eq!(read_answer(200, body), Answer::Garbled, "{}", &body[..body.len().min(30)]);
        }
        let packet = "0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":1}";
        for before in ["<!-- a -->", "\u{a0}", "<script src=/a.js></script>\n"] {
            assert_eq!(read_answer(200, &[before, packet].concat()), Answer::Garbled, "{before}");
        }
        // A page that speaks of one is a page.
        for before in ["<p class=\"a\">", &"<p>".repeat(50)] {
            assert_eq!(read_answer(200, &[before, packet].concat()), Answer::Other, "{before}");
        }
        assert_eq!(open_packet("40{\"sid\":\"x\"}"), None);
        assert_eq!(open_packet("0}{"), None);
    }
}
