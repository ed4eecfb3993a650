//! Content Security Policy, level 3, as far as it decides whether a page may connect to a URL. The names in
//! brackets are the anchors of its algorithms.
//!
//! Where the engines go their own way together, so does this: a `wss:` source does not cover `https:`, and an address of
//! numbers is compared as it stands (measured). Where one engine is more generous, its generosity counts: what is named
//! here as forbidden is forbidden everywhere. Safari before 2022 did not take `'self'` for `wss:`.

use super::percent;
use crate::address::{Address, Scheme};

/// The directive that forbids the page to connect to this URL, as written, shortened to 200 characters. `None` where all is
/// well, where no directive is about connecting, and where an address can't be read. `policy` is what one header carries:
/// policies with commas between them, and all must allow.
#[must_use]
pub fn forbids(policy: &str, page_origin: &str, url: &str) -> Option<String> {
    let page = Address::parse(page_origin)?;
    let target = Address::parse(url)?;
    for one in policy.split(',') {
        let Some(directive) = connecting(one) else { continue };
        let mut allowed = false;
        for source in directive.split_ascii_whitespace().skip(1) {
            allowed = allowed || covers(source, &page, &target);
        }
        if !allowed {
            return Some(directive.chars().take(200).collect());
        }
    }
    None
}

/// Whether a policy names the host of this URL among what the page may connect to, in any scheme: who wrote it knows the server.
#[must_use]
pub fn names_host(policy: &str, url: &str) -> bool {
    let Some(target) = Address::parse(url) else { return false };
    let is_it = |source: &str| {
        let rest = source.split_once("://").map_or(source, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        // The colons inside of brackets are an address's of version 6.
        let end = authority.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = authority.split_at(end + authority[end..].find(':').unwrap_or(authority.len() - end));
        let port = port.strip_prefix(':').unwrap_or("");
        let same_port = if port.is_empty() { matches!(target.port, 80 | 443) } else { port == "*" || port.parse() == Ok(target.port) };
        host.eq_ignore_ascii_case(&target.host) && same_port
    };
    policy.split(',').filter_map(connecting).any(|directive| directive.split_ascii_whitespace().skip(1).any(is_it))
}

/// The directive of one policy that decides about connecting.
fn connecting(policy: &str) -> Option<&str> {
    directive(policy, "connect-src").or_else(|| directive(policy, "default-src"))
}

/// The first directive of this name (`parse-serialized-policy`): a later one is ignored, and so is one with letters beyond ASCII.
fn directive<'a>(policy: &'a str, name: &str) -> Option<&'a str> {
    for token in policy.split(';') {
        let token = token.trim_ascii();
        if token.is_ascii() && token.split_ascii_whitespace().next().is_some_and(|first| first.eq_ignore_ascii_case(name)) {
            return Some(token);
        }
    }
    None
}

/// Does url match expression in origin (`match-url-to-source-expression`). A keyword, a nonce, a hash and what is none of the grammar cover
/// nothing.
fn covers(source: &str, page: &Address, url: &Address) -> bool {
    if source == "*" {
        return true;
    }
    let default_port = if url.scheme.is_secure() { 443 } else { 80 };
    if source.eq_ignore_ascii_case("'self'") {
        let both_default = url.port == default_port && page.port == if page.scheme.is_secure() { 443 } else { 80 };
        return page.host == url.host && (page.port == url.port || both_default) && (url.scheme.is_secure() || page.scheme == Scheme::Http);
    }
    if let Some(name) = source.strip_suffix(':') {
        return scheme(name).is_some_and(|source| covers_scheme(source, url.scheme));
    }
    let (scheme, rest) = match source.split_once("://") {
        Some((name, rest)) => match scheme(name) {
            Some(scheme) => (scheme, rest),
            None => return false,
        },
        None => (page.scheme, source),
    };
    // A query is not part of the grammar; the engines drop it.
    let rest = rest.split(['?', '#']).next().unwrap_or("");
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').map_or((authority, ""), |(host, port)| (host, if port.is_empty() { "-" } else { port }));
    covers_scheme(scheme, url.scheme) && covers_host(host, &url.host) && covers_port(port, url.port, default_port) && covers_path(path, &url.path)
}

/// `scheme-part` matching (`match-schemes`), and no more of it than the engines do: the safer form of what is named.
fn covers_scheme(source: Scheme, url: Scheme) -> bool {
    source == url || matches!((source, url), (Scheme::Http, Scheme::Https) | (Scheme::Ws, Scheme::Wss))
}

fn scheme(name: &str) -> Option<Scheme> {
    for (word, scheme) in [("http", Scheme::Http), ("https", Scheme::Https), ("ws", Scheme::Ws), ("wss", Scheme::Wss)] {
        if name.eq_ignore_ascii_case(word) {
            return Some(scheme);
        }
    }
    None
}

/// `host-part` matching (`match-hosts`). The URL's host is in lower case.
fn covers_host(source: &str, host: &str) -> bool {
    let source = source.to_ascii_lowercase();
    let name = source.strip_prefix("*.").unwrap_or(&source);
    if source == "*" {
        return true;
    }
    // Brackets and underscores are not of the grammar, and such a source covers nothing.
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
        return false;
    }
    // With its dot: `*.a.example` does not cover `a.example`.
    if name.len() < source.len() { host.ends_with(&source[1..]) } else { host == source }
}

/// `port-part` matching (`match-ports`). Port 80 covers 443 as well (section 1.3).
fn covers_port(source: &str, port: u16, default_port: u16) -> bool {
    match source {
        "" => port == default_port,
        "*" => true,
        _ => source.parse::<u16>().is_ok_and(|number| number == port || (number == 80 && port == 443 && default_port == 443)),
    }
}

/// `path-part` matching (`match-paths`): up to a slash at the end, or to the letter.
fn covers_path(source: &str, path: &str) -> bool {
    let source = percent::decoded(source);
    let path = percent::decoded(path.split('?').next().unwrap_or(""));
    if source.last() == Some(&b'/') { path.starts_with(&source) } else { source.is_empty() || path == source }
}

#[cfg(test)]
mod tests {
    use super::{forbids, names_host};

    #[test]
    fn a_policy_names_a_server_or_not() {
        let names = |policy: &str| names_host(policy, "https://api.test:8443/socket.io/");
        for policy in ["connect-src 'self' http://API.test:8443", "script-src 'self', default-src wss://api.test:8443/ws", "connect-src api.test:*"] {
            assert!(names(policy), "{policy}");
        }
        for policy in [
            "connect-src 'self' https://api.test",
            "img-src https://api.test:8443",
            "connect-src 'self'; default-src https://api.test:8443",
            "connect-src *.test:8443 * https:",
            "connect-src https://api.test:9999",
            "",
            "connect-src ://: é",
        ] {
            assert!(!names(policy), "{policy}");
        }
        assert!(names_host("connect-src https://api.test", "https://api.test/x") && !names_host("connect-src x", "é"));
        let six = |source: &str| names_host(&["connect-src ", source].concat(), "http://[::1]:8080/socket.io/");
        for source in ["http://[::1]:8080", "[::1]:8080/x", "[::1]:*", "ws://[0::1]:9 [::1]:8080"] {
            assert!(six(source), "{source}");
        }
        for source in ["[::1]", "[::1]:9090", "http://[::2]:8080", "::1:8080", "[::1", "[::1]x:8080", "]:8080", "[::1]8080"] {
            assert!(!six(source), "{source}");
        }
        assert!(names_host("connect-src https://[FE80::1]", "https://[fe80::1]/x") && !names_host("connect-src ]é:", "https://[fe80::1]/x"));
    }

    const PAGE: &str = "https://chat.test:8443";
    const PLAIN: &str = "http://chat.test:8080";

    /// Page, sources of connect-src, URL, whether it may connect. All of these are what Chromium 156 and Firefox 153 do
    /// (measured: a page with that header, a `fetch` or a `WebSocket`, and whether `securitypolicyviolation` came).
    const MEASURED: &[(&str, &str, &str, bool)] = &[
        // The page's own origin.
        (PAGE, "'self'", "wss://chat.test:8443/x", true),
        (PAGE, "'self'", "https://chat.test:8443/x", true),
        (PAGE, "'SELF'", "https://chat.test:8443/x", true),
        (PAGE, "'self'", "wss://api.test/x", false),
        (PAGE, "'self'", "https://api.test/x", false),
        (PAGE, "'self'", "https://chat.test/x", false),
        (PAGE, "'self'", "wss://chat.test/x", false),
        (PLAIN, "'self'", "ws://chat.test:8080/x", true),
        (PLAIN, "'self'", "wss://chat.test:8080/x", true),
        (PLAIN, "'self'", "http://chat.test:8080/x", true),
        (PLAIN, "'self'", "https://chat.test:8080/x", true),
        (PLAIN, "'self'", "ws://api.test/x", false),
        // Everything, and schemes.
        (PAGE, "*", "wss://api.test:8443/x", true),
        (PAGE, "*", "https://api.test/x", true),
        (PLAIN, "*", "ws://api.test/x", true),
        (PAGE, "https:", "https://api.test/x", true),
        (PAGE, "https:", "wss://api.test/x", false),
        (PAGE, "wss:", "wss://api.test:8443/x", true),
        (PAGE, "wss:", "https://api.test/x", false),
        (PAGE, "http:", "https://api.test/x", true),
        (PAGE, "http:", "wss://api.test/x", false),
        (PAGE, "ws:", "wss://api.test/x", true),
        (PAGE, "ws:", "https://api.test/x", false),
        (PLAIN, "https:", "http://api.test/x", false),
        (PLAIN, "http:", "ws://api.test/x", false),
        (PLAIN, "ws:", "ws://api.test/x", true),
        (PLAIN, "ws:", "http://api.test/x", false),
        (PLAIN, "wss:", "ws://api.test/x", false),
        (PAGE, "custom:", "https://api.test/", false),
        // Hosts.
        (PAGE, "chat.test:8443", "https://chat.test:8443/x", true),
        (PAGE, "chat.test:8443", "wss://chat.test:8443/x", false),
        (PAGE, "api.test", "https://api.test/x", true),
        (PAGE, "api.test", "wss://api.test/x", false),
        (PLAIN, "api.test", "https://api.test/x", true),
        (PLAIN, "api.test", "http://api.test/x", true),
        (PLAIN, "api.test", "ws://api.test/x", false),
        (PAGE, "https://api.test", "wss://api.test/x", false),
        (PAGE, "http://api.test", "https://api.test/x", true),
        (PAGE, "HTTPS://API.test", "https://api.test/", true),
        (PAGE, "ws://api.test", "wss://api.test/x", true),
        (PAGE, "wss://api.test", "wss://api.test/x", true),
        (PAGE, "wss://api.test", "https://api.test/x", false),
        (PAGE, "wss://api.test", "wss://a.api.test/x", false),
        (PLAIN, "http://api.test", "wss://api.test/x", false),
        (PAGE, "*.test", "https://api.test/x", true),
        (PAGE, "*.api.test", "https://api.test/", false),
        (PAGE, "*.api.test", "https://xapi.test/", false),
        (PAGE, "*api.test", "https://xapi.test/", false),
        (PAGE, "wss://*", "wss://a.api.test/x", true),
        (PAGE, "wss://*", "wss://api.test:8443/x", false),
        (PAGE, "https://*", "wss://api.test/x", false),
        (PAGE, "*:*", "https://chat.test:8443/x", true),
        (PAGE, "*:*", "wss://api.test/x", false),
        (PAGE, "https://10.9.9.9", "https://10.9.9.9/x", true),
        (PAGE, "10.9.9.9", "https://10.9.9.9/x", true),
        (PAGE, "https://[::1]:9", "https://[::1]:9/x", false),
        (PAGE, "https://a_b.test", "https://a_b.test/x", false),
        (PAGE, "https", "https://https/x", true),
        (PAGE, "api.test.", "https://api.test/", false),
        // Ports.
        (PAGE, "chat.test", "https://chat.test:8443/x", false),
        (PAGE, "chat.test:*", "https://chat.test:8443/x", true),
        (PAGE, "https://*.test:*/x", "https://a.test:77/x", true),
        (PAGE, "http://api.test:80", "https://api.test/x", true),
        (PAGE, "ws://api.test:80", "wss://api.test/x", true),
        (PAGE, "https://api.test:443", "https://api.test/x", true),
        (PAGE, "http://api.test:443", "https://api.test/x", true),
        (PAGE, "api.test:abc", "https://api.test/x", false),
        (PAGE, "https://api.test:", "https://api.test/x", false),
        // Paths.
        (PAGE, "https://api.test/a/", "https://api.test/a/b", true),
        (PAGE, "https://api.test/a", "https://api.test/a/b", false),
        (PAGE, "https://api.test/a", "https://api.test/a?q=1", true),
        (PAGE, "https://api.test/A", "https://api.test/a", false),
        (PAGE, "https://api.test/%61", "https://api.test/a", true),
        (PAGE, "https://api.test/a?x", "https://api.test/a", true),
        (PAGE, "https://api.test/a?x", "https://api.test/b", false),
        (PAGE, "https://api.test/a#x", "https://api.test/a", true),
        (PAGE, "https://api.test/a//b", "https://api.test/a/b", false),
        (PAGE, "api.test/a/", "https://api.test/a/b", true),
        (PAGE, "https://api.test/a/ https://b.test", "https://b.test/x", true),
        // What covers nothing.
        (PAGE, "", "https://chat.test:8443/x", false),
        (PAGE, "'none'", "https://chat.test:8443/x", false),
        (PAGE, "'none' https://api.test", "https://api.test/", true),
        (PAGE, "'nonce-abc'", "https://api.test/", false),
        (PAGE, "'unsafe-inline' api.test", "https://api.test/", true),
        (PAGE, "garbage!", "https://api.test/x", false),
        (PAGE, "https:api.test", "https://api.test/", false),
        (PAGE, "//api.test", "https://api.test/", false),
    ];

    #[test]
    fn says_what_the_engines_do() {
        for (page, sources, url, allowed) in MEASURED {
            let policy = ["connect-src ", sources].concat();
            let expected = (!allowed).then(|| policy.trim().to_owned());
            assert_eq!(forbids(&policy, page, url), expected, "{policy} on {page} for {url}");
        }
    }

    #[test]
    fn where_the_engines_differ_nothing_is_forbidden() {
        // Chromium refuses these, Firefox and the text of the standard do not (the first: Firefox alone).
        for (page, sources, url) in [
            (PAGE, "https://api.test:80", "https://api.test/x"),
            (PAGE, "http://api.test:8080", "https://api.test:8080/"),
            (PLAIN, "chat.test:8080", "https://chat.test:8080/x"),
        ] {
            assert_eq!(forbids(&["connect-src ", sources].concat(), page, url), None, "{sources}");
        }
    }

    #[test]
    fn finds_the_directive_that_counts() {
        let api = |policy: &str| forbids(policy, PAGE, "https://api.test/x");
        for (policy, expected) in [
            ("", None),
            (";;, ,;", None),
            ("script-src 'none'; sandbox", None),
            ("upgrade-insecure-requests; frame-ancestors 'none'; form-action 'none'", None),
            ("default-src 'none'", Some("default-src 'none'")),
            ("default-src 'none'; connect-src api.test", None),
            ("connect-src api.test; default-src 'none'", None),
            ("Default-Src api.test", None),
            ("default-src *; CONNECT-SRC\t'self'  ; script-src *", Some("CONNECT-SRC\t'self'")),
            ("connect-src api.test; connect-src 'none'", None),
            ("connect-src 'none'; connect-src api.test", Some("connect-src 'none'")),
            ("connect-src *, connect-src 'self'", Some("connect-src 'self'")),
            ("connect-src 'self', connect-src *", Some("connect-src 'self'")),
            ("script-src *, default-src *", None),
            ("connect-src", Some("connect-src")),
            ("connect-src-elem 'none'", None),
            ("connect-src * \u{e9}; default-src 'none'", Some("default-src 'none'")),
            ("connect-src \u{e9}.test", None),
            // The standard's own examples of `script-src`, `connect-src` and `default-src`.
            ("script-src https://cdn.example.com/scripts/; object-src 'none'", None),
            ("connect-src https://example.com/", Some("connect-src https://example.com/")),
            ("default-src 'self'; script-src https://example.com", Some("default-src 'self'")),
        ] {
            assert_eq!(api(policy).as_deref(), expected, "{policy}");
        }
        let long = ["connect-src", &" https://a.example".repeat(99)].concat();
        assert_eq!(api(&long), Some(long[..200].to_owned()));
    }

    #[test]
    fn is_total() {
        for text in ["", "*", "*.", "*:", ":", "://", "a://", "/", "?", "%", "%4", "%4\u{e9}", "a:b:c", "'", "*./", "\0", "https://%/%"] {
            let _ = forbids(&["connect-src ", text].concat(), PAGE, "https://a.test/%4?");
            assert_eq!(forbids("connect-src 'none'", PAGE, text), None);
            assert_eq!(forbids("connect-src 'none'", text, PAGE), None);
        }
        assert!(forbids(&"connect-src a/%,".repeat(10_000), PAGE, PAGE).is_some());
    }
}
