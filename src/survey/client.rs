//! Which version the chat's own client is of, as far as its page tells: by the comment that a script begins with, and by the
//! addresses of the page's scripts. A client that is bundled with the rest tells neither.

use super::{PathBasis, Polling, Survey};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::protocol::client_options;

/// Bytes of scripts that are more than a page's few lines: an application, whose client would be among them.
const APPLICATION: u32 = 20_000;
/// Characters of a script's first comment that are looked at.
const COMMENT: usize = 300;

impl Survey<'_> {
    /// The version of Engine.IO that the client speaks which the chat's page loads, and the observation that tells. `None` where nothing
    /// tells, or where two scripts tell different things: one of them may be for another server.
    #[must_use]
    pub fn client_speaks(&self) -> Option<(Cite, u8)> {
        let mut found: Vec<(Cite, u8)> = Vec::new();
        let scripts =
            || self.evidence.exchanges_for(Purpose::Script).filter_map(|(c, x)| Some((c, x, x.response().filter(|r| r.status == 200 && r.html.is_none())?)));
        found.extend(scripts().filter_map(|(cite, _, r)| Some((cite, by_banner(&r.excerpt)?))));
        let told_by_itself = |path: &str| scripts().any(|(_, x, r)| x.path.ends_with(path) && by_banner(&r.excerpt).is_some());
        let pages = self.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::ChatPage | Purpose::HomePage | Purpose::Shell));
        for (cite, page) in pages {
            // A page to sign in may be anybody's.
            let Some(html) = page.html().filter(|h| !h.signs_in() && page.status() == Some(200)) else { continue };
            for source in &html.script_sources {
                // What the server gives out itself is of its own version, unless the file says another thing.
                let own = is_the_servers(source, &self.path).filter(|path| !told_by_itself(path)).map(|_| self.eio);
                found.extend(by_address(source).or(own).map(|eio| (cite, eio)));
            }
        }
        let first = *found.first()?;
        found.iter().all(|(_, eio)| *eio == first.1).then_some(first)
    }

    /// What shows that this site most likely has another kind of live connection, for which nobody asked: something else answers wherever an engine was
    /// guessed to be, and its scripts or a WebSocket that opens there speak of none.
    #[must_use]
    pub fn another_kind(&self) -> Option<Cite> {
        let guessed = self.basis == PathBasis::Guess && matches!(self.polling, Polling::Foreign { .. }) && self.engine_elsewhere().is_none();
        guessed.then(|| self.speaks_of_no_engine().or_else(|| self.of_another_protocol())).flatten()
    }

    /// The script or page that shows that this site most likely has no Socket.IO: nothing of the chat's page has a word of an Engine.IO client, as
    /// far as it was read, and a script opens a WebSocket of its own, or all are read to their ends and are an application's. Scripts of other origins
    /// are not read; their addresses are.
    #[must_use]
    fn speaks_of_no_engine(&self) -> Option<Cite> {
        let page = self.client_page()?;
        let read = || self.evidence.exchanges_for(Purpose::ClientScript);
        let of_engine = |source: &String| source.contains("socket.io") || source.contains("engine.io");
        let speaks = |x: &Exchange| x.response().and_then(|r| r.client.as_ref()).map_or("", |told| told.speaks.as_str()).to_owned();
        let whole = |x: &Exchange| x.response().is_some_and(|r| r.status == 200 && r.body_complete);
        if page.all_scripts().any(of_engine) || read().any(|(_, x)| !whole(x) || speaks(x) == client_options::ENGINE_IO) {
            return None;
        }
        let sockets = read().find(|(_, x)| speaks(x) == client_options::WEBSOCKET);
        // The page is read with them.
        let all = || page.all_scripts().filter(|source| !source.contains("//")).count() < read().count();
        let long: u32 = read().filter_map(|(_, x)| x.response()).map(|r| r.body_bytes).sum();
        sockets.or_else(|| read().last().filter(|_| long >= APPLICATION && all())).map(|(cite, _)| cite)
    }

    /// The same, where the known application decides before its page does.
    #[must_use]
    pub fn client_version(&self) -> Option<u8> {
        self.known.eio.or_else(|| self.client_speaks().map(|(_, eio)| eio))
    }
}

/// Whether the address of a script says that it is a client which speaks version 3.
#[must_use]
pub fn is_old_client(source: &str) -> bool {
    by_address(source) == Some(3)
}

/// Socket.IO 1 and 2 speak version 3 of Engine.IO, 3 and 4 speak version 4. Before that it was another protocol.
fn of_socket_io(major: &str) -> Option<u8> {
    match major {
        "1" | "2" => Some(3),
        "3" | "4" => Some(4),
        _ => None,
    }
}

/// The first comment of a script: `Socket.IO v4.8.4`.
fn by_banner(script: &str) -> Option<u8> {
    let script = script.trim_start_matches('\u{feff}').trim_start().strip_prefix("/*")?;
    let comment: String = script.split("*/").next().unwrap_or("").chars().take(COMMENT).collect::<String>().to_ascii_lowercase();
    let mut rest = comment.as_str();
    while let Some((_, after)) = rest.split_once("socket.io") {
        rest = after;
        let version = after.strip_prefix("-client").unwrap_or(after).strip_prefix(" v").filter(|v| v.contains('.'));
        if let Some(eio) = version.and_then(|v| of_socket_io(v.split('.').next()?)) {
            return Some(eio);
        }
    }
    None
}

/// The address of a published client: `socket.io-2.5.0.min.js`, `cdn.socket.io/4.7.2/`, `socket.io-client@2.3.0`, `socket.io@4`.
fn by_address(source: &str) -> Option<u8> {
    let address = source.split(['?', '#']).next().unwrap_or("").to_ascii_lowercase();
    let mut rest = address.as_str();
    while let Some((_, after)) = rest.split_once("socket.io") {
        rest = after;
        let mut name = after;
        for part in ["-client", ".slim", ".msgpack", ".min", ".dev"] {
            name = name.strip_prefix(part).unwrap_or(name);
        }
        let eio = match name.split_at_checked(1) {
            // A tag may name the major version alone; a number elsewhere may be anything's.
            Some(("@", version)) => major(version.trim_start_matches(['^', '~', 'v']), false),
            Some(("-" | "/" | ".", version)) => major(version.strip_prefix('v').unwrap_or(version), true),
            _ => None,
        };
        if eio.is_some() {
            return eio;
        }
    }
    None
}

/// By the number before the first dot; `whole`: a second number has to follow, and to end.
fn major(version: &str, whole: bool) -> Option<u8> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let ends = |text: &str| !text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let (number, rest) = version.split_at(digits(version));
    let second = rest.strip_prefix('.').filter(|minor| digits(minor) > 0 && ends(&minor[digits(minor)..]));
    (second.is_some() || !whole && ends(rest)).then(|| of_socket_io(number))?
}

/// The path of a script that lies below the socket's own path, where servers of Node give out their client.
fn is_the_servers<'a>(source: &'a str, socket_path: &str) -> Option<&'a str> {
    let source = source.split(['?', '#']).next().unwrap_or("");
    // Another host's may be another server's.
    let path = source.strip_prefix("./").unwrap_or(source);
    let file = match path.strip_prefix(socket_path) {
        Some(file) => file,
        None => path.strip_prefix(socket_path.trim_start_matches('/'))?,
    };
    (file.starts_with("socket.io.") && file.ends_with(".js") && !file.contains('/')).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::{by_address, by_banner, is_the_servers};

    #[test]
    fn banners_of_published_clients() {
        let cases = [
            ("/*!\n * Socket.IO v4.8.4\n * (c) 2014-2025 Guillermo Rauch\n */\n!function(){}", Some(4)),
            ("/*!\n * Socket.IO v2.5.0\n * (c) 2014-2022", Some(3)),
            ("\u{feff} /* socket.io v1.7.4 */", Some(3)),
            ("/*! Socket.IO-client v3.1.3 */", Some(4)),
            ("/*! Socket.IO.js build:0.9.17 */", None),
            ("/*!\n * Socket.IO v0.9.17 */", None),
            ("/*! Uses Socket.IO v2.5.0? */ socket.io v4.0.0", Some(3)),
            ("/*! app */ /* Socket.IO v2.5.0 */", None),
            ("var a='/* Socket.IO v2.5.0'", None),
            ("/* Socket.IO v", None),
            ("/* Socket.IO v22.5.0", None),
            ("/*", None),
            ("", None),
        ];
        for (script, eio) in cases {
            assert_eq!(by_banner(script), eio, "{script}");
        }
        assert_eq!(by_banner(&["/*", &"é".repeat(400), "Socket.IO v2.5.0"].concat()), None);
    }

    #[test]
    fn addresses_of_published_clients() {
        let cases = [
            ("socket.io-2.5.0.min.js", Some(3)),
            ("/static/socket.io-1.4.5.js", Some(3)),
            ("/socket.io/4.7.2/socket.io.min.js", Some(4)),
            ("https://cdn.socket.io/4.7.2/socket.io.min.js", Some(4)),
            ("https://cdn.socket.io/socket.io-3.1.3.min.js", Some(4)),
            ("https://cdnjs.cloudflare.com/ajax/libs/socket.io/2.4.0/socket.io.js", Some(3)),
            ("https://unpkg.com/socket.io-client@2.3.0/dist/socket.io.js", Some(3)),
            ("https://cdn.jsdelivr.net/npm/socket.io-client@^4/dist/socket.io.esm.min.js", Some(4)),
            ("https://esm.sh/socket.io@4", Some(4)),
            ("/js/Socket.IO.min-2.0.4.js", Some(3)),
            ("/js/socket.io-v2.0.4.js?x=socket.io-4.0.0", Some(3)),
            ("/vendor/socket.io.js", None),
            ("/assets/socket.io-2f3a.9c.js", None),
            ("/assets/socket.io-2.3e5f.js", None),
            ("/assets/socket.io.2.js", None),
            ("/assets/socket.io-4821.7.js", None),
            ("/npm/socket.io-parser@3.4.1", None),
            ("/npm/socket.io-client@latest", None),
            ("/npm/socket.io-client@44", None),
            ("/app.js?socket.io-2.5.0", None),
            ("socket.ioé", None),
            ("socket.io@", None),
            ("", None),
        ];
        for (source, eio) in cases {
            assert_eq!(by_address(source), eio, "{source}");
        }
        // Redaction leaves them as they are.
        for (source, eio) in cases {
            assert_eq!(by_address(&crate::redact::url(source)), eio, "{source}");
        }
    }

    #[test]
    fn the_servers_own_client() {
        assert_eq!(is_the_servers("/socket.io/socket.io.js", "/socket.io/"), Some("/socket.io/socket.io.js"));
        assert_eq!(is_the_servers("./socket.io/socket.io.min.js?v=1", "/socket.io/"), Some("socket.io/socket.io.min.js"));
        for other in ["https://other.example/socket.io/socket.io.js", "/socket.io/app.js", "/socket.io/2/socket.io.js", "/socket.io", "", "é"] {
            assert_eq!(is_the_servers(other, "/socket.io/"), None, "{other}");
        }
    }

    #[test]
    fn hostile_texts_are_read_in_linear_time() {
        for piece in ["socket.io", "socket.io@", "/*", "socket.io v2", "socket.io-client", "é.", "2."] {
            let long = piece.repeat(20_000);
            let _ = (by_banner(&long), by_address(&long), is_the_servers(&long, "/socket.io/"));
        }
    }
}
