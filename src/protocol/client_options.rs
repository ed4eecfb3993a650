//! What a page or a script tells its Socket.IO client, where it stands there in plain letters: the options `path` and `transports` and the
//! address that is connected to (socket.io-client, "Client options"), and whether it speaks of such a client at all. Never a parse of JavaScript, only a look for marks: what is found is a
//! place to ask at, or a reason to doubt, and never a proof.

use serde::{Deserialize, Serialize};

use crate::address::Address;

/// What is told, each in the order in which it stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientOptions {
    /// Paths of the engine other than the usual one, at most two.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// The first list of transports that does not begin with long-polling: the client's own default does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<String>,
    /// The origin that is connected to, where it is named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server: String,
    /// What its words are of: `engine.io` or, without any of those, `websocket`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub speaks: String,
}

pub const ENGINE_IO: &str = "engine.io";
pub const WEBSOCKET: &str = "websocket";

impl ClientOptions {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == ClientOptions::default()
    }

    /// Whether an option of a Socket.IO client is told.
    #[must_use]
    pub fn has_options(&self) -> bool {
        !self.paths.is_empty() || !self.transports.is_empty() || !self.server.is_empty()
    }
}

/// So many characters around an option are looked at for the words of such a client.
const AROUND: usize = 240;
const WORDS: [&str; 6] = ["transports", "socket", "withCredentials", "reconnection", "addTrailingSlash", "io("];
/// Each stands in every build of the client: its own path, its packages' names, and the version in its query.
const OF_ENGINE_IO: [&str; 3] = ["socket.io", "engine.io", "EIO"];
/// Who opens a WebSocket, or asks whether there are any; the bare name stands in lists of what browsers have.
const OF_WEBSOCKETS: [&str; 2] = ["new WebSocket(", "typeof WebSocket"];
const PATHS: usize = 2;
const LONGEST_PATH: usize = 120;
const LONGEST_ADDRESS: usize = 200;
/// Characters in which a list ends, if it is one of transports.
const LIST: usize = 100;

/// Looks for the marks: total, and what is looked at around each of them is bounded.
#[must_use]
pub fn read(text: &str) -> ClientOptions {
    let mut told = ClientOptions::default();
    for (at, value) in after_each(text, "path").filter_map(|(at, rest)| Some((at, quoted(option_value(rest)?)?))) {
        // Behind a prefix that is known where it runs alone.
        let value = value.strip_prefix("${").and_then(|text| text.split_once('}')).map_or(value, |(_, rest)| rest);
        let path = value.len() <= LONGEST_PATH && value.len() > 1 && value.starts_with('/') && !value.starts_with("//");
        let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~'));
        if !path || !plain || !is_of_a_client(text, at) {
            continue;
        }
        let path = [value.trim_end_matches('/'), "/"].concat();
        // The client's own defaults stand in its source.
        if told.paths.len() < PATHS && !matches!(path.as_str(), "/socket.io/" | "/engine.io/") && !told.paths.contains(&path) {
            told.paths.push(path);
        }
    }
    let lists = after_each(text, "transports").filter_map(|(_, rest)| list(option_value(rest)?));
    told.transports = lists.into_iter().find(|list| list.first().is_some_and(|first| first != "polling")).unwrap_or_default();
    let named = ["io(", "io.connect("].into_iter().flat_map(|call| after_each(text, call));
    let address = |rest: &str| Address::parse(quoted(rest.trim_start()).filter(|url| url.len() <= LONGEST_ADDRESS)?);
    told.server = named.filter_map(|(_, rest)| Some(address(rest)?.origin())).next().unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    told.speaks = match () {
        () if has(&OF_ENGINE_IO) => ENGINE_IO,
        () if has(&OF_WEBSOCKETS) => WEBSOCKET,
        () => "",
    }
    .to_owned();
    told
}

/// The text after each place where a word stands by itself, and that place.
fn after_each<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    text.match_indices(word).filter_map(move |(at, _)| {
        let before = text[..at].bytes().next_back();
        let alone = !before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.'));
        alone.then(|| (at, &text[at + word.len()..]))
    })
}

/// What stands after the colon of an option, whose name may be in quotes.
fn option_value(after_name: &str) -> Option<&str> {
    let rest = after_name.strip_prefix(['"', '\'']).unwrap_or(after_name);
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

/// The text in quotes that stands here, where it ends soon.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let text = &text[1..];
    let end = text.bytes().take(LONGEST_ADDRESS + 1).position(|b| b == quote as u8)?;
    text.get(..end)
}

/// The list of Engine.IO's transports with which this begins; `None` for anything else.
pub(super) fn list(text: &str) -> Option<Vec<String>> {
    let text = text.strip_prefix('[')?;
    let inside = text.get(..text.bytes().take(LIST).position(|b| b == b']')?)?;
    let known = |name: &str| matches!(name, "polling" | "websocket" | "webtransport");
    let named = inside.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Option<Vec<String>> = named.map(|name| quoted(name).filter(|name| known(name)).map(str::to_owned)).collect();
    names.filter(|names| names.len() <= 3)
}

fn is_of_a_client(text: &str, at: usize) -> bool {
    // At the border of a character, where these are none.
    let border = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let around = &text[border(at.saturating_sub(AROUND))..border((at + AROUND).min(text.len()))];
    WORDS.into_iter().any(|word| after_each(around, word).next().is_some())
}

#[cfg(test)]
mod tests {
    use super::{ClientOptions, read};

    fn told(paths: &[&str], transports: &[&str], server: &str) -> ClientOptions {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        ClientOptions { paths: owned(paths), transports: owned(transports), server: server.to_owned(), speaks: String::new() }
    }

    #[test]
    fn what_it_speaks_of() {
        let cases = [
            ("this.opts=Object.assign({path:\"/socket.io\"},e)", "engine.io"),
            ("n.EIO=4;new WebSocket(t)", "engine.io"),
            ("const s=new WebSocket(`wss://${location.host}/graphql`)", "websocket"),
            ("\"undefined\"!=typeof WebSocket?WebSocket:void 0", "websocket"),
            // A list of what browsers have, as error trackers carry it.
            ("[\"EventTarget\",\"Window\",\"WebSocket\"]", ""),
            ("routes=[]", ""),
        ];
        for (text, speaks) in cases {
            assert_eq!(read(text).speaks, speaks, "{text}");
        }
    }

    #[test]
    fn what_stands_there_in_plain_letters() {
        let cases = [
            ("const socket = io({ path: '/realtime/v2/' });", told(&["/realtime/v2/"], &[], "")),
            ("window.socket = io(url, {\n      path: `${options.prefix}/_live/socket.io`,", told(&["/_live/socket.io/"], &[], "")),
            ("n=Ee(t,{path:\"/ws/chat\",transports:[\"websocket\"],auth:{}})", told(&["/ws/chat/"], &["websocket"], "")),
            (
                "io(\"https://api.example:8443/room\", {\n  \"transports\": [ 'websocket', 'polling' ]\n})",
                told(&[], &["websocket", "polling"], "https://api.example:8443"),
            ),
            ("io.connect('http://api.localhost:3000')", told(&[], &[], "http://api.localhost:3000")),
            // The client's own source.
            ("this.opts=Object.assign({path:\"/socket.io\",transports:[\"polling\",\"websocket\",\"webtransport\"]},e)", told(&[], &[], "")),
        ];
        for (text, expected) in cases {
            assert_eq!(ClientOptions { speaks: String::new(), ..read(text) }, expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_clients() {
        for text in [
            "routes=[{path:\"/login\",component:L},{path:\"/settings\"}]",
            "transports:[\"xhr-streaming\",\"websocket\"]",
            "transports: enabled ? ['websocket'] : all",
            "[{path:\"/login\"},{path:\"/settings\"}];new Audio(\"/ding.mp3\");new WebSocket(u)",
            &["transports:[", &"'websocket',".repeat(40), "]"].concat(),
            &["io('https://", &"a".repeat(300), ".example')"].concat(),
            "audio(\"https://cdn.example/a.mp3\")",
            "transports:[\"websocket",
            "path:",
            "io(",
            "io(\"",
            "socket, path:'//other.example/x'",
            "socket, path:'/a?b=c'",
            "ä".repeat(400).as_str(),
            &["ä".repeat(400).as_str(), "path:'/x y'", &"ö".repeat(400)].concat(),
        ] {
            assert!(!read(text).has_options(), "{text}: {:?}", read(text));
        }
    }
}
