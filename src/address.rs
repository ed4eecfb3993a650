//! URLs and origins as far as this program names them (WHATWG URL, RFC 6454): strict, total, and without a crate,
//! since the usual one costs more download than all rules together.

/// An absolute `http`, `https`, `ws` or `wss` URL, split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub scheme: Scheme,
    /// Lower case; IPv6 in brackets.
    pub host: String,
    /// The port that is used, the scheme's default filled in.
    pub port: u16,
    /// From the slash on, at least `/`, query included, fragment dropped.
    pub path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
    Ws,
    Wss,
}

impl Scheme {
    #[must_use]
    pub fn is_secure(self) -> bool {
        matches!(self, Scheme::Https | Scheme::Wss)
    }

    fn default_port(self) -> u16 {
        if self.is_secure() { 443 } else { 80 }
    }
}

impl Address {
    /// Reads an absolute URL. `None` for anything else, user info included: a URL with a password is a secret.
    #[must_use]
    pub fn parse(text: &str) -> Option<Address> {
        let text = text.trim_matches(|c| c <= ' ');
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            "ws" => Scheme::Ws,
            "wss" => Scheme::Wss,
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or("");
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => {
                let (inside, after) = v6.split_once(']')?;
                let ok = !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.');
                let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
                (ok.then(|| ["[", &inside.to_ascii_lowercase(), "]"].concat())?, port)
            }
            None => {
                let (host, port) = authority.split_once(':').map_or((authority, None), |(h, p)| (h, Some(p)));
                let ok = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
                (ok.then(|| host.to_ascii_lowercase())?, port)
            }
        };
        let port = match port {
            None | Some("") => scheme.default_port(),
            Some(port) => port.parse().ok().filter(|p| *p != 0)?,
        };
        if path.chars().any(|c| c.is_control() || c == ' ') {
            return None;
        }
        let path = if path.starts_with('/') { path.to_owned() } else { ["/", path].concat() };
        Some(Address { scheme, host, port, path })
    }

    /// The origin in the `http` family: what a `ws` URL shares with the page of the same server.
    #[must_use]
    pub fn origin(&self) -> String {
        self.with_scheme(if self.scheme.is_secure() { "https" } else { "http" })
    }

    /// The origin in the `ws` family.
    #[must_use]
    pub fn socket_origin(&self) -> String {
        self.with_scheme(if self.scheme.is_secure() { "wss" } else { "ws" })
    }

    fn with_scheme(&self, scheme: &str) -> String {
        let mut out = [scheme, "://", &self.host].concat();
        if self.port != self.scheme.default_port() {
            out.push(':');
            out.push_str(&self.port.to_string());
        }
        out
    }

    /// Loopback by name or number: a potentially trustworthy origin also without TLS (Secure Contexts section 3.1).
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.ends_with(".localhost") || self.host == "[::1]" || self.host.starts_with("127.")
    }
}

/// Whether the text is a path that stays on its origin: one slash at the start, no backslash, space or control character.
#[must_use]
pub fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//") && !text.chars().any(|c| c.is_control() || c == ' ' || c == '\\' || c == '#')
}

/// The folder of a path: up to and with its last slash, query dropped.
#[must_use]
pub fn folder(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or(path);
    path.rfind('/').map_or("/", |at| &path[..=at])
}

#[cfg(test)]
mod tests {
    use super::{Address, folder, is_path};

    #[test]
    fn origins_compare_as_the_browser_compares_them() {
        let origin = |t: &str| Address::parse(t).map(|a| a.origin());
        assert_eq!(origin("HTTPS://Chat.Example:443/x?y#z").as_deref(), Some("https://chat.example"));
        assert_eq!(origin("wss://chat.example/rtc").as_deref(), Some("https://chat.example"));
        assert_eq!(origin("ws://[::1]:8080").as_deref(), Some("http://[::1]:8080"));
        assert_eq!(Address::parse("http://a:81?q").map(|a| (a.socket_origin(), a.path)), Some(("ws://a:81".into(), "/?q".into())));
    }

    #[test]
    fn refuses_what_could_point_elsewhere() {
        for text in [
            "",
            "chat.example",
            "ftp://a",
            "javascript://a/%0aalert(1)",
            "https://u:p@a",
            "https://",
            "https://a:0",
            "https://a:99999",
            "http://a b",
            "http://[::1",
            "http://[x]",
            "https://é.example",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
        assert!(is_path("/a?b=c") && !is_path("//evil.example/") && !is_path("/\\evil.example") && !is_path("a"));
        assert_eq!((folder("/chat/diagnostics/?autorun"), folder("/a"), folder("")), ("/chat/diagnostics/", "/", "/"));
    }
}
