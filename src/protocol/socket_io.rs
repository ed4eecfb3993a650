//! Socket.IO packets (protocol version 5) inside Engine.IO messages: only what CONNECT needs.
//! Source: the Socket.IO protocol document, "Exchange protocol"; answers as measured on real servers.

use super::json::{self, Value};

/// The CONNECT frame for a namespace, with its payload as JSON text (empty for none), as an Engine.IO message.
#[must_use]
pub fn connect(namespace: &str, payload: &str) -> String {
    let mut frame = String::from("40");
    if namespace != "/" && !namespace.is_empty() {
        frame.push_str(namespace);
        frame.push(',');
    }
    frame.push_str(payload);
    frame
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
    let (named, payload) = if rest.starts_with('/') { rest.split_once(',').unwrap_or((rest, "")) } else { ("/", rest) };
    let asked = if namespace.is_empty() { "/" } else { namespace };
    // A namespace may carry a query ("/chat?token=..."), which the answer leaves out.
    if named.split('?').next() != asked.split('?').next() {
        return None;
    }
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
    use super::{ConnectAnswer, connect, connect_answer};

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
}
