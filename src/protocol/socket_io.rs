//! Socket.IO packets (protocol version 5) inside Engine.IO messages: CONNECT, and an event with its answer. Older servers
//! write these the same way.
//! Source: the Socket.IO protocol document, "Exchange protocol"; answers as measured on real servers.

use super::json::{self, Value};

/// A namespace that no server has: its refusal comes at once and joins nothing, so it tells the time of a round trip.
/// A server that takes every namespace accepts it ([`connect_answer`]).
pub const UNKNOWN_NAMESPACE: &str = "/connection-doctor.none";

/// The CONNECT frame for a namespace, with its payload as JSON text (empty for none), as an Engine.IO message.
#[must_use]
pub fn connect(namespace: &str, payload: &str) -> String {
    packet("40", namespace, "", payload)
}

/// An event: its name and its arguments as the text of a JSON list. With a number, the server answers with [`ack`].
#[must_use]
pub fn event(namespace: &str, id: Option<u32>, args_json: &str) -> String {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    packet("42", without_query(namespace), &id, args_json)
}

/// A CONNECT to [`UNKNOWN_NAMESPACE`], with a payload of that many characters and a few more, or without one. The characters do not repeat: compression
/// (permessage-deflate, RFC 7692) would make a small message of a large one, and what stands between would let it pass.
#[must_use]
pub fn unknown_namespace_ping(padding: usize) -> String {
    let payload = if padding == 0 { String::new() } else { ["{\"p\":\"", &noise(padding), "\"}"].concat() };
    connect(UNKNOWN_NAMESPACE, &payload)
}

/// Letters and digits by xorshift32 (Marsaglia, "Xorshift RNGs"), six bits in each: the same in each run.
fn noise(length: usize) -> String {
    let mut state = 1_u32;
    let next = |()| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let six = (state >> 26) as u8;
        char::from(match six {
            0..26 => b'a' + six,
            26..52 => b'A' + (six - 26),
            _ => b'0' + (six - 52),
        })
    };
    std::iter::repeat_n((), length).map(next).collect()
}

/// Whether this frame answers [`unknown_namespace_ping`] with a refusal.
#[must_use]
pub fn is_unknown_namespace_pong(frame: &str) -> bool {
    frame.strip_prefix("44").and_then(|rest| payload_of(rest, UNKNOWN_NAMESPACE)).is_some()
}

/// What the server answers to the event of that number: the list of the arguments. `None` for any other frame.
#[must_use]
pub fn ack(frame: &str, namespace: &str, id: u32) -> Option<Value> {
    let (number, arguments) = numbered(payload_of(frame.strip_prefix("43")?, namespace)?);
    if number.parse() != Ok(id) { None } else { list(arguments) }
}

/// An event of the server: the list of its name and its arguments. `None` for any other frame.
#[must_use]
pub fn event_args(frame: &str, namespace: &str) -> Option<Value> {
    list(numbered(payload_of(frame.strip_prefix("42")?, namespace)?).1)
}

/// Whether the server ends the session in this namespace (DISCONNECT).
#[must_use]
pub fn is_disconnect(frame: &str, namespace: &str) -> bool {
    frame.strip_prefix("41").and_then(|rest| payload_of(rest, namespace)).is_some()
}

fn packet(kind: &str, namespace: &str, id: &str, payload: &str) -> String {
    let root = namespace == "/" || namespace.is_empty();
    let (namespace, comma) = if root { ("", "") } else { (namespace, ",") };
    [kind, namespace, comma, id, payload].concat()
}

/// What stands behind the namespace, where it is this one.
fn payload_of<'a>(rest: &'a str, namespace: &str) -> Option<&'a str> {
    let (named, payload) = if rest.starts_with('/') { rest.split_once(',').unwrap_or((rest, "")) } else { ("/", rest) };
    let asked = if namespace.is_empty() { "/" } else { namespace };
    (without_query(named) == without_query(asked)).then_some(payload)
}

/// A namespace may carry a query ("/chat?token=..."), which all but CONNECT leave out.
fn without_query(namespace: &str) -> &str {
    namespace.split('?').next().unwrap_or(namespace)
}

fn numbered(payload: &str) -> (&str, &str) {
    payload.split_at(payload.bytes().take_while(u8::is_ascii_digit).count())
}

fn list(text: &str) -> Option<Value> {
    json::parse(text).ok().filter(|value| value.as_array().is_some())
}

/// What a server answers to CONNECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectAnswer {
    /// `40{"sid":...}`: accepted.
    Accepted,
    /// `44{"message":...}`: refused, with the server's words.
    Refused { message: String },
}

/// Reads a frame as the answer to the CONNECT of this namespace; `None` for any other frame.
#[must_use]
pub fn connect_answer(frame: &str, namespace: &str) -> Option<ConnectAnswer> {
    let (accepted, rest) = match (frame.strip_prefix("40"), frame.strip_prefix("44")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return None,
    };
    let payload = payload_of(rest, namespace)?;
    if accepted {
        return Some(ConnectAnswer::Accepted);
    }
    let message = match json::parse(payload) {
        Ok(Value::String(text)) => text,
        Ok(value) => value.get("message").and_then(Value::as_str).unwrap_or("").to_owned(),
        Err(_) => payload.to_owned(),
    };
    Some(ConnectAnswer::Refused { message: message.chars().take(200).collect() })
}

#[cfg(test)]
mod tests {
    use super::{ConnectAnswer, ack, connect, connect_answer, event, event_args, is_disconnect, is_unknown_namespace_pong, unknown_namespace_ping};
    use crate::protocol::json::{MAX_LENGTH, Value, parse};

    #[test]
    fn a_disconnect_is_of_its_namespace() {
        assert!(is_disconnect("41", "/") && is_disconnect("41/chat,", "/chat?token=1"));
        assert!(!is_disconnect("41/chat,", "/") && !is_disconnect("41", "/chat") && !is_disconnect("40", "/"));
    }

    #[test]
    fn writes_connect_as_the_protocol_says() {
        assert_eq!(connect("/", ""), "40");
        assert_eq!(connect("/admin", ""), "40/admin,");
        assert_eq!(connect("/", "{\"a\":1}"), "40{\"a\":1}");
    }

    #[test]
    fn reads_the_answers_of_real_servers() {
        let refused = |m: &str| Some(ConnectAnswer::Refused { message: m.to_owned() });
        assert_eq!(connect_answer("40{\"sid\":\"x\"}", "/"), Some(ConnectAnswer::Accepted));
        assert_eq!(connect_answer("40/admin,{\"sid\":\"x\"}", "/admin"), Some(ConnectAnswer::Accepted));
        assert_eq!(connect_answer("44{\"message\":\"AUTH_FAILED\"}", "/"), refused("AUTH_FAILED"));
        assert_eq!(connect_answer("44/nope,{\"message\":\"Invalid namespace\"}", "/nope"), refused("Invalid namespace"));
        assert_eq!(connect_answer("44\"plain\"", "/"), refused("plain"));
        assert_eq!(connect_answer("42[\"event\"]", "/"), None);
        assert_eq!(connect_answer("40{\"sid\":\"x\"}", "/admin"), None);
        assert_eq!(connect_answer("44", "/"), refused(""));
    }

    #[test]
    fn writes_events_as_the_protocol_says() {
        assert_eq!(event("/", None, "[\"e\"]"), "42[\"e\"]");
        assert_eq!(event("", Some(0), "[\"e\",1]"), "420[\"e\",1]");
        assert_eq!(event("/ns", Some(7), "[\"e\"]"), "42/ns,7[\"e\"]");
        assert_eq!(event("/ns?token=t", Some(u32::MAX), "[]"), "42/ns,4294967295[]");
    }

    #[test]
    fn reads_the_answer_to_an_event() {
        let list = parse("[\"a\",5]").ok();
        assert_eq!(ack("437[\"a\",5]", "/", 7), list);
        assert_eq!(ack("43/ns,0[\"a\",5]", "/ns?token=t", 0), list);
        assert_eq!(ack("43/,7[\"a\",5]", "", 7), list);
        assert_eq!(ack("430[]", "/", 0), Some(Value::Array(vec![])));
        for frame in
            ["", "43", "437", "43[]", "438[]", "4377[]", "437{}", "437[", "437\"a\"", "43/ns,7[]", "43/ns7[]", "427[]", "461-7[]", "43-7[]", "4399999999999[]"]
        {
            assert_eq!(ack(frame, "/", 7), None, "{frame}");
        }
        assert_eq!(ack(&["43", &"7".repeat(100_000), "[]"].concat(), "/", 7), None);
        assert_eq!(ack(&["437", &"[".repeat(100_000)].concat(), "/", 7), None);
        assert_eq!(ack(&["437[\"", &"a".repeat(MAX_LENGTH), "\"]"].concat(), "/", 7), None);
    }

    #[test]
    fn reads_events_of_the_server() {
        let list = parse("[\"e\",{\"a\":\"42\"}]").ok();
        assert_eq!(event_args("42[\"e\",{\"a\":\"42\"}]", "/"), list);
        assert_eq!(event_args("4212[\"e\",{\"a\":\"42\"}]", ""), list);
        assert_eq!(event_args("42/ns,[\"e\",{\"a\":\"42\"}]", "/ns"), list);
        for frame in ["", "4", "42", "42/", "42/ns", "42é", "42{}", "42[\"e\"", "43[\"e\"]", "451-[\"e\"]", "42/ns,[\"e\"]"] {
            assert_eq!(event_args(frame, "/"), None, "{frame}");
        }
    }

    #[test]
    fn a_namespace_that_is_nowhere_answers_a_ping() {
        assert_eq!(unknown_namespace_ping(0), "40/connection-doctor.none,");
        let padded = unknown_namespace_ping(4_096);
        assert!(
            padded.starts_with("40/connection-doctor.none,{\"p\":\"") && padded.ends_with("\"}") && padded.len() == unknown_namespace_ping(1).len() + 4_095
        );
        let padding = &padded.as_bytes()[32..32 + 4_096];
        assert!(padding.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b';')));
        // Nothing in it stands there twice, so that there is nothing to leave out.
        let mut fours: Vec<&[u8]> = padding.windows(4).collect();
        fours.sort_unstable();
        fours.dedup();
        assert!(fours.len() > 4_080, "{}", fours.len());
        assert_eq!(unknown_namespace_ping(70_000).len(), 70_000 + "40/connection-doctor.none,{\"p\":\"\"}".len());
        for pong in ["44/connection-doctor.none,{\"message\":\"Invalid namespace\"}", "44/connection-doctor.none", "44/connection-doctor.none,\"no\""] {
            assert!(is_unknown_namespace_pong(pong), "{pong}");
        }
        for other in ["", "44", "44{}", "44/connection-doctor", "44/connection-doctor.nonesuch,{}", "40/connection-doctor.none,{\"sid\":\"x\"}", "3"] {
            assert!(!is_unknown_namespace_pong(other), "{other}");
        }
    }
}
