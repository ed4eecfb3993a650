//! What ICE says in text: candidates (RFC 8839 section 5.1) and the URLs of STUN and TURN servers (RFC 7064, RFC 7065).

use serde::{Deserialize, Serialize};

/// A candidate without its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Candidate {
    /// RFC 8445 section 5.1.1: `host`, `srflx`, `prflx`, `relay`.
    pub kind: String,
    /// `udp` or `tcp`; of a relayed one, that between relay and peer.
    pub protocol: String,
    /// How the browser reaches its relay, where it tells: `udp`, `tcp`, `tls`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub relay_protocol: String,
    pub reach: Reach,
    /// 4 or 6; 0 for a name.
    pub family: u8,
}

/// From where an address can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// A name: a browser's own address hidden by mDNS, or one that is looked up.
    #[default]
    Name,
    /// This device alone.
    Loopback,
    /// One network alone: RFC 1918, RFC 6598, RFC 4193, link-local.
    Private,
    Public,
}

impl Candidate {
    /// Reads `candidate:...`, with or without `a=` before it; `None` where it is none.
    #[must_use]
    pub fn parse(line: &str) -> Option<Candidate> {
        let line = line.trim();
        let mut words = line.strip_prefix("a=").unwrap_or(line).strip_prefix("candidate:")?.split_ascii_whitespace();
        let (_foundation, _component, protocol, _priority) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let (address, _port, typ, kind) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let known = ["host", "srflx", "prflx", "relay"];
        let known = known.into_iter().find(|known| typ == "typ" && *known == kind)?;
        let protocol = if protocol.eq_ignore_ascii_case("udp") { "udp" } else { "tcp" };
        let (reach, family) = reach(address);
        Some(Candidate { kind: known.to_owned(), protocol: protocol.to_owned(), relay_protocol: String::new(), reach, family })
    }
}

/// The candidates that a session description holds, at most 32.
#[must_use]
pub fn of_description(sdp: &str) -> Vec<Candidate> {
    sdp.lines().filter(|line| line.starts_with("a=candidate:")).filter_map(Candidate::parse).take(32).collect()
}

/// From where this address can be reached, and its family.
#[must_use]
pub fn reach(address: &str) -> (Reach, u8) {
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    if let Some(reach) = of_quads(bare) {
        return (reach, 4);
    }
    if !bare.contains(':') || !bare.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.') {
        return (Reach::Name, 0);
    }
    let lower = bare.to_ascii_lowercase();
    let reach = match lower.get(..2).unwrap_or("") {
        _ if lower == "::1" => Reach::Loopback,
        "fc" | "fd" | "fe" => Reach::Private,
        _ => lower.strip_prefix("::ffff:").and_then(of_quads).unwrap_or(Reach::Public),
    };
    (reach, 6)
}

fn of_quads(address: &str) -> Option<Reach> {
    let mut quads = [0_u8; 4];
    let mut parts = address.split('.');
    for quad in &mut quads {
        *quad = parts.next()?.parse().ok()?;
    }
    parts.next().is_none().then_some(match quads {
        [127, ..] => Reach::Loopback,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [169, 254, ..] | [100, 64..=127, ..] | [0, ..] => Reach::Private,
        _ => Reach::Public,
    })
}

/// The URL of a STUN or TURN server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceUrl {
    /// `stun`, `stuns`, `turn`, `turns`.
    pub scheme: &'static str,
    pub host: String,
    pub port: u16,
    /// Between browser and server: `udp`, `tcp`, `tls`.
    pub transport: &'static str,
}

impl IceUrl {
    /// `None` where it is no URL of either kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<IceUrl> {
        let (scheme, rest) = text.trim().split_once(':')?;
        let scheme = ["stun", "stuns", "turn", "turns"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, port) = match place.rfind(']') {
            Some(end) => (&place[..=end], place[end + 1..].strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        let secure = scheme.ends_with("ns");
        let port = match port {
            None => {
                if secure {
                    5349
                } else {
                    3478
                }
            }
            Some(port) => port.parse().ok().filter(|p| *p != 0)?,
        };
        let tcp = query.split('&').any(|pair| pair.eq_ignore_ascii_case("transport=tcp"));
        let bad = host.is_empty() || host.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '@' | ','));
        (!bad).then(|| IceUrl {
            scheme,
            host: host.to_owned(),
            port,
            transport: if secure {
                "tls"
            } else if tcp {
                "tcp"
            } else {
                "udp"
            },
        })
    }

    /// Whether it relays, and does not only tell the address.
    #[must_use]
    pub fn relays(&self) -> bool {
        self.scheme.starts_with("turn")
    }

    /// Host and port, as other URLs name them.
    #[must_use]
    pub fn place(&self) -> String {
        [&self.host, ":", &self.port.to_string()].concat()
    }

    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.ends_with(".localhost") || reach(&self.host).0 == Reach::Loopback
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, IceUrl, Reach, of_description, reach};

    #[test]
    fn a_candidate_is_read_without_its_address() {
        let parse = |line: &str| Candidate::parse(line).map(|c| (c.kind, c.protocol, c.reach, c.family));
        let some = |kind: &str, protocol: &str, reach, family| Some((kind.to_owned(), protocol.to_owned(), reach, family));
        let cases = [
            ("candidate:1 1 udp 2122260223 192.168.1.7 50000 typ host generation 0", some("host", "udp", Reach::Private, 4)),
            ("a=candidate:1 1 UDP 1 203.0.113.7 3478 typ srflx raddr 0.0.0.0 rport 0", some("srflx", "udp", Reach::Public, 4)),
            ("candidate:2 1 tcp 1 fd00::7 9 typ host tcptype active", some("host", "tcp", Reach::Private, 6)),
            ("candidate:2 1 udp 1 2001:db8::7 9 typ relay raddr :: rport 9", some("relay", "udp", Reach::Public, 6)),
            ("candidate:2 1 udp 1 2a4f9d1c-0000-4000-8000-1f.local 9 typ host", some("host", "udp", Reach::Name, 0)),
            ("candidate:2 1 udp 1 127.0.0.1 9 typ prflx", some("prflx", "udp", Reach::Loopback, 4)),
            ("candidate:2 1 udp 1 127.0.0.1 9 typ odd", None),
            ("candidate:2 1 udp", None),
            ("candidate:", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(parse(line), expected, "{line}");
        }
        let sdp = "v=0\r\na=candidate:1 1 udp 1 10.0.0.7 1 typ host\r\na=end-of-candidates\r\na=candidate:x\r\n";
        assert_eq!(of_description(sdp).len(), 1);
    }

    #[test]
    fn addresses_are_told_apart_by_their_reach() {
        let cases = [
            ("10.0.0.7", Reach::Private, 4),
            ("172.16.0.1", Reach::Private, 4),
            ("172.32.0.1", Reach::Public, 4),
            ("100.64.0.1", Reach::Private, 4),
            ("169.254.1.1", Reach::Private, 4),
            ("8.8.8.8", Reach::Public, 4),
            ("[::1]", Reach::Loopback, 6),
            ("fe80::1", Reach::Private, 6),
            ("::ffff:10.0.0.7", Reach::Private, 6),
            ("2001:db8::1", Reach::Public, 6),
            ("turn.example", Reach::Name, 0),
            ("1.2.3", Reach::Name, 0),
            ("300.1.1.1", Reach::Name, 0),
            ("", Reach::Name, 0),
        ];
        for (address, expected, family) in cases {
            assert_eq!(reach(address), (expected, family), "{address}");
        }
    }

    #[test]
    fn a_url_is_read_as_its_rfc_says() {
        let parse = |text: &str| IceUrl::parse(text).map(|u| (u.scheme, u.host, u.port, u.transport));
        let some = |scheme, host: &str, port, transport| Some((scheme, host.to_owned(), port, transport));
        let cases = [
            ("stun:stun.example", some("stun", "stun.example", 3478, "udp")),
            ("TURN:turn.example:443?transport=tcp", some("turn", "turn.example", 443, "tcp")),
            ("turns:turn.example?transport=tcp", some("turns", "turn.example", 5349, "tls")),
            ("turn:[2001:db8::1]:3479", some("turn", "[2001:db8::1]", 3479, "udp")),
            ("turn:", None),
            ("turn:a b", None),
            ("turn:host:0", None),
            ("turn:host:x", None),
            ("turn://host", None),
            ("https://host", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert!(IceUrl::parse("stun:127.0.0.1:9").is_some_and(|u| u.is_loopback() && !u.relays()));
    }
}
