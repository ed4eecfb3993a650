//! The one place where secrets are taken out: [`Evidence::record`](crate::evidence::Evidence::record) sends every text
//! through here before it is stored, so what rules read, what the page shows and what a report holds are the same.
//!
//! Taken out: query values but for the few that name a protocol, user info and fragments of URLs, session ids, tokens,
//! e-mail addresses, network addresses other than loopback.

/// What stands where a secret stood.
pub const MASK: &str = "[redacted]";
/// What stands where a network address stood.
pub const HIDDEN: &str = "hidden-address";
/// Characters of a text that are looked at for what [`start`] keeps of it, at least.
pub const LOOKED_AT: usize = 2_400;

/// Query parameters whose values are a protocol's words and never a secret.
const OPEN_QUERY: [&str; 2] = ["EIO", "transport"];

/// A URL without its secrets.
#[must_use]
pub fn url(text: &str) -> String {
    let text = text.split('#').next().unwrap_or("");
    let (before, query) = text.split_once('?').map_or((text, None), |(b, q)| (b, Some(q)));
    let mut out = match before.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            let mut out = String::from(scheme);
            out.push_str("://");
            out.push_str(&words(host));
            out.push_str(&words(path));
            out
        }
        None => words(before),
    };
    if let Some(query) = query {
        let mut separator = '?';
        for pair in query.split('&').take(12) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            out.push(separator);
            separator = '&';
            out.push_str(&words(name));
            if !value.is_empty() {
                out.push('=');
                out.push_str(if OPEN_QUERY.contains(&name) && value.bytes().all(|b| b.is_ascii_alphanumeric()) && value.len() < 16 { value } else { MASK });
            }
        }
    }
    out
}

/// The query of a URL alone: its names.
#[must_use]
pub fn query(text: &str) -> String {
    url(&["?", text].concat()).split_off(1)
}

/// The URL of a STUN or TURN server (RFC 7064, RFC 7065): an address in it is hidden as any other.
#[must_use]
pub fn ice_url(text: &str) -> String {
    let text = shorten(text.trim(), 200);
    match text.split_once(':') {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) => [scheme, ":", &url(rest)].concat(),
        _ => url(&text),
    }
}

/// A text of any origin without its secrets: an excerpt of a body, a header, a frame, a message.
#[must_use]
pub fn text(text: &str) -> String {
    let text = members(text);
    words(&text)
}

/// The first `limit` characters of a text without its secrets, which `clean` takes out: [`text`] or [`url`]. What is said behind a long token
/// is still heard.
#[must_use]
pub fn start(text: &str, limit: usize, clean: fn(&str) -> String) -> String {
    cut(&clean(&cut(text, limit.max(LOOKED_AT))), limit)
}

/// Shortens as [`shorten`] does. A word that is cut may be the beginning of a token, which nobody would know any more by its length: with
/// digits and letters in it, it is left out.
fn cut(text: &str, limit: usize) -> String {
    let Some((at, _)) = text.char_indices().nth(limit) else { return text.to_owned() };
    let kept = &text[..at];
    let before = kept.trim_end_matches(is_word);
    let word = &kept.as_bytes()[before.len()..];
    let may_be_token = word.iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic);
    [if may_be_token { before } else { kept }, "…"].concat()
}

/// Masks the values of members (`"sid":"..."`, `"pid": 7`), of pairs (`sid=...`) and of `Invalid session ...` that name a session or a token.
fn members(text: &str) -> String {
    const NAMES: [&str; 10] = ["sid", "pid", "token", "access_token", "session", "sessionid", "password", "secret", "user", "email"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find([':', '=']) {
        let (before, after) = rest.split_at(at);
        let (sign, value) = after.split_at(1);
        let is_pair = sign == "=";
        let quoted = |quote| before.trim_end().strip_suffix(quote).and_then(|b| b.rsplit(quote).next());
        let name = if is_pair { before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next() } else { quoted('"').or_else(|| quoted('\'')) };
        let secret = name.is_some_and(|name| NAMES.iter().any(|n| name.eq_ignore_ascii_case(n)));
        let value = value.trim_start();
        let quote = [r#"""#, "'"].into_iter().find(|quote| value.starts_with(quote));
        let inside = quote.map_or(value, |_| &value[1..]);
        let end = match quote {
            Some(quote) => end_of_string(inside, quote.as_bytes()[0]),
            // What follows a name and a colon without quotation marks is prose, unless it is a number.
            None if is_pair || inside.starts_with(|c: char| c.is_ascii_digit() || c == '-') => inside.find(ENDS).unwrap_or(inside.len()),
            None => 0,
        };
        if secret && end > 0 {
            let (mark, after) = match quote {
                Some(quote) => (quote, ""),
                None if is_pair => ("", ""),
                None => (r#"""#, r#"""#),
            };
            [before, sign, mark, MASK, after].iter().for_each(|part| out.push_str(part));
            rest = &inside[end..];
        } else {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
    if let Some(at) = out.find("Invalid session ") {
        let from = at + "Invalid session ".len();
        let end = out[from..].find(['"', '\n', ' ']).map_or(out.len(), |e| from + e);
        if &out[from..end] != "None" {
            out.replace_range(from..end, MASK);
        }
    }
    out
}

/// What ends a value without quotation marks. A mask that stands there already is none.
const ENDS: [char; 14] = ['&', '"', '\'', '<', '>', ';', ',', '(', ')', '[', ']', '}', ' ', '\n'];

/// Where a string ends, from behind its first quotation mark: one behind a backslash is of the string.
fn end_of_string(text: &str, quote: u8) -> usize {
    let mut escaped = false;
    let ends = |b: u8| {
        let ends = b == quote && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    };
    text.bytes().position(ends).unwrap_or(text.len())
}

/// Masks single words: tokens, e-mail and network addresses.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        out.push_str(&rest[..start]);
        let is_escape = before_escape(&rest[..start]);
        rest = &rest[start..];
        if is_escape {
            let (escape, after) = rest.split_at(length_of_escape(rest));
            out.push_str(escape);
            rest = after;
            if !escape.is_empty() {
                continue;
            }
        }
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        push_word(&mut out, word);
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn is_word(c: char) -> bool {
    is_letter_or_digit(c) || matches!(c, '-' | '_' | '.' | '@' | '+' | '=' | ':')
}

/// Whether a backslash stands at the end that is no escaped one itself.
fn before_escape(text: &str) -> bool {
    text.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

/// How much of the start is what stands behind the backslash of an escape of JSON's: the word begins after it (`\n10.0.0.7`).
fn length_of_escape(text: &str) -> usize {
    match text.as_bytes() {
        [b'u', digits @ ..] if digits.len() >= 4 && digits[..4].iter().all(u8::is_ascii_hexdigit) => 5,
        [b'b' | b'f' | b'n' | b'r' | b't', ..] => 1,
        _ => 0,
    }
}

/// By ranges in place of the Unicode tables (1 kB of the download): scripts are in, punctuation and symbols are out.
fn is_letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '\u{C0}'..='\u{1FFF}' | '\u{2C00}'..='\u{2DFF}' | '\u{3040}'..='\u{D7FF}' | '\u{F900}'..='\u{FDFF}')
        || matches!(c, '\u{FF10}'..='\u{FFDC}' | '\u{10000}'..='\u{1CFFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn push_word(out: &mut String, word: &str) {
    // Numbers with a colon after them (ports, line numbers, length prefixes) and plain words are no secret.
    if is_email(word) || is_token(word) {
        out.push_str(MASK);
        return;
    }
    // host:port, and an address at the end of a sentence
    let (host, port) = match word.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
        _ => (word, None),
    };
    let bare = host.trim_end_matches('.');
    if is_private_text(bare) {
        out.push_str(HIDDEN);
        out.push_str(&host[bare.len()..]);
        if let Some(port) = port {
            out.push(':');
            out.push_str(port);
        }
    } else {
        out.push_str(word);
    }
}

fn is_email(word: &str) -> bool {
    // A package with its version (`socket.io-client@2.3.0`) is none; four numbers are an address.
    let is_version = |text: &str| text.split('.').count() <= 3 && text.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !is_version(host))
}

/// An IP address that is not loopback and not unspecified.
fn is_private_text(word: &str) -> bool {
    let quads: Vec<&str> = word.split('.').collect();
    if quads.len() == 4 && quads.iter().all(|q| !q.is_empty() && q.len() <= 3 && q.parse::<u8>().is_ok()) {
        return quads[0] != "127" && quads[0] != "0";
    }
    let groups = word.split(':').count();
    groups >= 3 && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') && word != "::1" && word.contains("::")
        || groups == 8 && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b':')
}

/// A run that no person wrote: a JWT, or 20 and more characters that mix digits with letters of both cases.
fn is_token(word: &str) -> bool {
    if word.starts_with("eyJ") && word.len() > 16 {
        return true;
    }
    let mark = |f: fn(&u8) -> bool| word.as_bytes().iter().filter(|b| f(b)).count();
    let (digits, upper, lower) = (mark(u8::is_ascii_digit), mark(u8::is_ascii_uppercase), mark(u8::is_ascii_lowercase));
    let dots = mark(|b| matches!(b, b'.' | b':' | b'='));
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    word.len() >= 20 && dots <= 2 && digits >= 2 && (upper >= 2 && lower >= 2 || hex && upper + lower >= 2)
}

/// A name and value of a configuration for an error message: a value that is long or looks like a secret is masked.
#[must_use]
pub fn setting(name: &str, value: &str) -> String {
    if name.contains("token") || name.contains("ice") {
        return MASK.to_owned();
    }
    let shown: String = value.chars().take(80).collect();
    if name == "socket-query" {
        return query(&shown);
    }
    if value.contains("://") { url(&shown) } else { text(&shown) }
}

/// Shortens to `limit` characters, at a character's border.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => {
            let mut out = text[..at].to_owned();
            out.push('…');
            out
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ice_url, start, text, url};
    use crate::protocol::engine_io::{Answer, read_answer};

    #[test]
    fn urls_keep_what_names_the_protocol_and_lose_the_rest() {
        let cases = [
            ("https://u:p@chat.example/a?EIO=4&transport=polling&sid=abc#x", "https://chat.example/a?EIO=4&transport=polling&sid=[redacted]"),
            ("wss://10.1.2.3:8443/rtc?access_token=eyJhbGciOi", "wss://hidden-address:8443/rtc?access_token=[redacted]"),
            ("http://127.0.0.1:3000/socket.io/", "http://127.0.0.1:3000/socket.io/"),
            ("http://[::1]:3000/", "http://[::1]:3000/"),
            ("https://cdn.example/npm/socket.io-client@2.3.0/a.js", "https://cdn.example/npm/socket.io-client@2.3.0/a.js"),
            ("https://cdn.example/a@10.1.2.3/b@c.de/a@2.3/", "https://cdn.example/[redacted]/[redacted]/a@2.3/"),
            ("https://chat.example/s/3f2a9c1b7d6e4f508192a3b4c5d6e7f8", "https://chat.example/s/[redacted]"),
        ];
        for (given, expected) in cases {
            assert_eq!(url(given), expected);
        }
    }

    #[test]
    fn ice_urls_keep_names_and_lose_addresses() {
        let cases = [
            ("turn:turn.example:443?transport=tcp", "turn:turn.example:443?transport=tcp"),
            ("turn:10.1.2.3:3478?transport=udp", "turn:hidden-address:3478?transport=udp"),
            ("turns:127.0.0.1:5349", "turns:127.0.0.1:5349"),
            ("stun:[2001:db8::7]:3478", "stun:[hidden-address]:3478"),
            ("turn:ann:pw@turn.example", "turn:[redacted]"),
            ("turn:x?secret=1", "turn:x?secret=[redacted]"),
        ];
        for (given, expected) in cases {
            assert_eq!(ice_url(given), expected);
        }
    }

    #[test]
    fn texts_lose_sessions_tokens_and_addresses() {
        let cases = [
            (r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[]}"#, r#"0{"sid":"[redacted]","upgrades":[]}"#),
            (r#"0{"sid": "abc"}"#, r#"0{"sid":"[redacted]"}"#),
            ("\"Invalid session abc\"", "\"Invalid session [redacted]\""),
            ("Invalid session None", "Invalid session None"),
            ("mail ann@chat.example now", "mail [redacted] now"),
            ("mail “änn@chät.example”…10.0.3.7", "mail “[redacted]”…hidden-address"),
            ("upstream 10.0.3.7:8000 refused, 192.168.1.9.", "upstream hidden-address:8000 refused, hidden-address."),
            (r#"{"e":"a:\n10.0.3.7\u0009fd00::7 \\n"}"#, r#"{"e":"a:\nhidden-address\u0009hidden-address \\n"}"#),
            ("fe80::1ff:fe23:4567:890a", "hidden-address"),
            ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.abc", "Bearer [redacted]"),
            ("nginx/1.22.1 at 12:30:45", "nginx/1.22.1 at 12:30:45"),
            (r#"{"password":"x y","a":1}"#, r#"{"password":"[redacted]","a":1}"#),
            (r#"{"password":"x\"y\\","a":1}"#, r#"{"password":"[redacted]","a":1}"#),
            (r#"{"pid": 4711,"user":null,"email":""}"#, r#"{"pid":"[redacted]","user":null,"email":""}"#),
            ("{'sid': 'a\"b', 'n': 1}", "{'sid':'[redacted]', 'n': 1}"),
            ("Cannot GET /socket.io/?EIO=4&sid=abc&t=1<br>", "Cannot GET /socket.io/?EIO=4&sid=[redacted]&t=1<br>"),
            ("token=\"a b\"; session=; user=ann", "token=\"[redacted]\"; session=; user=[redacted]"),
            ("token: expired, the session: ended", "token: expired, the session: ended"),
        ];
        for (given, expected) in cases {
            assert_eq!(text(given), expected);
            assert_eq!(text(expected), expected, "redaction changes nothing twice");
        }
    }

    #[test]
    fn an_engines_answer_reads_the_same_after_redaction() {
        let bodies = [
            (200, r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}"#),
            (400, "\"Invalid session lv_VI97HAXpY6yYWAAAC\""),
            (400, r#"{"code":1,"message":"Session ID unknown"}"#),
            (400, "\"http://127.0.0.1:3000 is not an accepted origin.\""),
        ];
        for (status, body) in bodies {
            let plain = read_answer(status, body);
            let redacted = read_answer(status, &text(body));
            assert_eq!(std::mem::discriminant(&plain), std::mem::discriminant(&redacted), "{body}");
            assert!(!matches!(redacted, Answer::Other), "{body}");
        }
    }

    #[test]
    fn is_total() {
        for given in [
            "",
            ":",
            "\":\"",
            "\"sid\":\"",
            "\"sid\":",
            "é:ü\"sid\":\"é",
            "::::",
            "Invalid session ",
            "@",
            "?=&#",
            "sid=",
            "sid=é",
            "'sid':'é",
            "'sid'=\"",
            "\"pid\":-",
        ] {
            let _ = (text(given), url(given), start(given, 1, text));
        }
    }

    #[test]
    fn what_is_cut_leaves_no_beginning_of_a_token() {
        let long = ["a b ", &"x1".repeat(20)].concat();
        assert_eq!(start(&long, 10, text), "a b …");
        // Cut by whoever collected it, or behind what is looked at.
        assert_eq!(start("a b x1x1x1x1…", 12, text), "a b …");
        let path = ["/", &"a/".repeat(1_190), "0".repeat(17).as_str(), "Aa1b2".repeat(4).as_str()].concat();
        assert!(!start(&path, 2_400, url).contains("Aa"));
        // Words are kept, and so is what has no end.
        assert_eq!(start("so it is said", 9, text), "so it is …");
        assert_eq!(start(&"a".repeat(9), 4, text), "aaaa…");
        for given in [long.as_str(), "a b x1x1x1x1…", "so it is said"] {
            let once = start(given, 10, text);
            assert_eq!(start(&once, 10, text), once);
        }
    }
}
