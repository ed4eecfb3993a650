//! What the answer of a health endpoint says, in whatever shape it comes: of the whole, and of the parts that it names. There is no format that all
//! keep: Spring Boot's actuator, Terminus for Node, ASP.NET's health checks, the draft health+json and what people write by hand agree in a few words alone.

use crate::protocol::json::{self, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    Well,
    /// `warn` of health+json: well, with something to look at.
    Concern,
    Bad,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// Its word for the whole.
    pub whole: Option<Word>,
    /// The names of the parts that it calls bad, each once.
    pub bad: Vec<String>,
    /// Whether any part has a word of its own: then what is not among the bad ones is not known to be bad.
    pub speaks_of_parts: bool,
    /// Whether more stood behind what is known of it.
    pub cut: bool,
}

/// Names of members that hold a word of the whole they stand in.
const KEYS: &str = "status,state,health,healthy,ok,up,success,statuscode";
/// Each is the beginning of what is said, in whole words.
const BAD: &str = "down,fail,failed,failing,failure,error,unhealthy,degraded,unavailable,critical,offline,disconnected,unreachable,timeout,\
not ready,not ok,not healthy,not available,not connected,not running,not serving,not responding,not reachable,not working,out of service";
/// In names of members that hold a setting, or something of the past.
const NO_PARTS: &str = "level,mode,type,last,previous";
/// Names of members that hold nothing but parts.
const CHECKS: &str = "checks,components,services,dependencies,results";
const DEPTH: u8 = 6;
const PARTS: usize = 6;

/// Total, and bounded: by what is kept of a body, by the depth, and by the number of parts.
#[must_use]
pub fn read(text: &str) -> Health {
    let mut health = Health { cut: text.ends_with('…'), ..Health::default() };
    let is_json = text.trim_start().starts_with(['{', '[']);
    match json::parse(text) {
        Ok(value) => health.take(&value),
        Err(_) if is_json => {
            health.cut = true;
            if let Ok(value) = json::parse(&closed(text)) {
                health.take(&value);
            }
        }
        Err(_) => health.lines(text),
    }
    health
}

impl Health {
    fn take(&mut self, value: &Value) {
        self.whole = match value {
            Value::Object(members) => stated(members).or_else(|| {
                let error = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("error"));
                error.and_then(|(_, v)| v.as_str()).filter(|said| !said.is_empty()).map(|_| Word::Bad)
            }),
            Value::Array(_) => None,
            other => said(other),
        };
        self.look(value, "", 0);
    }

    fn look(&mut self, value: &Value, name: &str, depth: u8) {
        match value {
            Value::Array(items) if depth < DEPTH => items.iter().for_each(|item| self.look(item, name, depth + 1)),
            Value::Object(members) if depth < DEPTH => {
                let name = members.iter().find(|(n, _)| n.eq_ignore_ascii_case("name")).and_then(|(_, v)| v.as_str()).unwrap_or(name);
                let own = stated(members).filter(|_| depth > 0);
                self.part(name, own);
                for (member, inside) in members {
                    match inside {
                        // What stands beside a part's own word is why.
                        Value::String(text) if own.is_none() && !is_among(member, KEYS) => self.leaf(member, text),
                        // `false` may be a setting, unless something is known to be bad.
                        Value::Bool(well) if self.whole == Some(Word::Bad) && is_among(name, CHECKS) => {
                            self.part(member, Some(if *well { Word::Well } else { Word::Bad }));
                        }
                        _ => self.look(inside, member, depth + 1),
                    }
                }
            }
            _ => {}
        }
    }

    /// `"redis": "down"`: no more than the word.
    fn leaf(&mut self, name: &str, text: &str) {
        let setting = NO_PARTS.split(',').any(|n| name.to_ascii_lowercase().contains(n)) || is_among(name, "error,message,reason");
        if !setting && BAD.split(',').any(|words| begins(text, words) && text.trim().len() == words.len()) {
            self.part(name, Some(Word::Bad));
        }
    }

    fn part(&mut self, name: &str, word: Option<Word>) {
        self.speaks_of_parts |= word.is_some();
        let shown = crate::redact::shorten(name, 40);
        if word > Some(Word::Well) && !name.is_empty() && !self.bad.contains(&shown) && self.bad.len() < PARTS {
            self.bad.push(shown);
        }
    }

    /// `OK`, `redis: FAILED`.
    fn lines(&mut self, text: &str) {
        for (at, line) in text.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
            let is_name = |n: &&str| n.len() <= 40 && n.chars().all(|c| c.is_alphanumeric() || " _-.".contains(c));
            match line.split_once([':', '=']).map(|(name, rest)| (name.trim(), rest)).filter(|(name, _)| is_name(name)) {
                Some((name, rest)) if is_among(name, KEYS) => self.whole = self.whole.max(Some(word(rest))),
                Some((name, rest)) => self.part(name, Some(word(rest))),
                // A word, and no beginning of a story.
                None if at == 0 && (line.len() <= 20 || word(line) > Word::Well) => self.whole = Some(word(line)),
                None => {}
            }
        }
    }
}

/// The worst word of an object for itself.
fn stated(members: &[(String, Value)]) -> Option<Word> {
    members.iter().filter(|(name, _)| is_among(name, KEYS)).filter_map(|(_, value)| said(value)).max()
}

fn said(value: &Value) -> Option<Word> {
    match value {
        Value::Bool(well) => Some(if *well { Word::Well } else { Word::Bad }),
        Value::String(text) => Some(word(text)),
        // A status of HTTP.
        value => value.as_u32().filter(|n| (200..600).contains(n)).map(|n| if n < 500 { Word::Well } else { Word::Bad }),
    }
}

fn word(text: &str) -> Word {
    let begins = |list: &str| list.split(',').any(|words| begins(text, words));
    if begins(BAD) {
        Word::Bad
    } else if begins("warn,warning") {
        Word::Concern
    } else {
        Word::Well
    }
}

/// In whole words, whatever stands between them.
fn begins(text: &str, words: &str) -> bool {
    let text = text.trim_start().as_bytes();
    let same = |(a, b): (&u8, u8)| if b == b' ' { !a.is_ascii_alphanumeric() } else { a.eq_ignore_ascii_case(&b) };
    text.len() >= words.len() && text.iter().zip(words.bytes()).all(same) && !text.get(words.len()).is_some_and(u8::is_ascii_alphanumeric)
}

fn is_among(name: &str, list: &str) -> bool {
    list.split(',').any(|n| n.eq_ignore_ascii_case(name))
}

/// A JSON text that was cut, closed behind the last of its values that is whole.
fn closed(text: &str) -> String {
    let (mut open, mut end) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => {
                open.push(if c == '{' { "}" } else { "]" });
                end = at + 1;
            }
            '}' | ']' => {
                open.pop();
                end = at + 1;
            }
            ',' => end = at,
            _ => {}
        }
    }
    open.push(&text[..end]);
    open.reverse();
    open.concat()
}

#[cfg(test)]
mod tests {
    use super::{Health, Word, read};

    fn bad(text: &str) -> (Option<Word>, String, bool) {
        let Health { whole, bad, cut, .. } = read(text);
        (whole, bad.join(", "), cut)
    }

    #[test]
    fn the_parts_that_are_bad_are_named_and_no_others() {
        for (text, whole, parts) in [
            (
                r#"{"status":"DOWN","components":{"db":{"status":"UP","details":{"database":"PostgreSQL"}},"redis":{"status":"DOWN","details":{"error":"x"}}}}"#,
                Some(Word::Bad),
                "redis",
            ),
            (
                r#"{"status":"degraded","checks":[{"name":"postgres","ok":true},{"name":"redis","ok":false,"error":"connect ECONNREFUSED"}]}"#,
                Some(Word::Bad),
                "redis",
            ),
            (
                r#"{"status":"error","info":{"db":{"status":"up"}},"error":{"redis":{"status":"down"}},"details":{"db":{"status":"up"},"redis":{"status":"down"}}}"#,
                Some(Word::Bad),
                "redis",
            ),
            (
                r#"{"status":"fail","checks":{"redis:responseTime":[{"status":"fail","output":"timeout"}],"db:connections":[{"status":"pass"}]}}"#,
                Some(Word::Bad),
                "redis:responseTime",
            ),
            (r#"{"status":"error","checks":{"database":true,"redis":false},"features":{"beta":false}}"#, Some(Word::Bad), "redis"),
            (r#"{"Status":"Unhealthy","Results":{"Redis":{"Status":"Unhealthy"}}}"#, Some(Word::Bad), "Redis"),
            (r#"{"data":{"services":{"redis":{"healthy":false},"db":{"healthy":true}}}}"#, None, "redis"),
            (r#"{"status":"ok","checks":{"redis":"down","database":"up"}}"#, Some(Word::Well), "redis"),
            (r#"{"status":"warn","checks":{"cpu":[{"status":"warn"}]}}"#, Some(Word::Concern), "cpu"),
            ("database: OK\nredis: FAILED\nsidekiq: OK\n", None, "redis"),
            ("Degraded", Some(Word::Bad), ""),
            ("not ready\n", Some(Word::Bad), ""),
            ("\"Unhealthy\"", Some(Word::Bad), ""),
            (r#"{"status":"OUT_OF_SERVICE"}"#, Some(Word::Bad), ""),
            (r#"{"statusCode":503,"message":"Redis not ready"}"#, Some(Word::Bad), ""),
            (r#"{"error":"Redis connection lost"}"#, Some(Word::Bad), ""),
        ] {
            assert_eq!(bad(text), (whole, parts.to_owned(), false), "{text}");
        }
    }

    #[test]
    fn what_is_well_is_not_called_bad() {
        for text in [
            r#"{"status":"notifications_enabled"}"#,
            r#"{"status":"UP","errors":[],"failed_jobs":0,"last_error":null,"downtime":"0s","components":{"redis":{"status":"UP"},"breakers":{"details":{"llm":{"status":"UP","details":{"state":"CLOSED","failedCalls":0}}}}}}"#,
            r#"{"ok":true,"maintenance":false,"degraded":false,"errors":0,"redis":{"error":null,"lagging":false}}"#,
            r#"{"status":"pass","notes":["no database failures"]}"#,
            r#"{"status":"ok","log_level":"error","redis":{"status":"not configured"},"lastBackup":"failed","message":"error"}"#,
            r#"{"status":200,"error":""}"#,
            "OK\n0 errors, 0 failures\nredis: up\nerrors: 0\nlast error: none\n",
            "http_requests_total{status=\"error\"} 5",
            "null",
        ] {
            let (whole, parts, _) = bad(text);
            assert!(whole <= Some(Word::Well) && parts.is_empty(), "{text}: {whole:?} {parts}");
        }
    }

    /// What stood behind the cut is not known; what stands before it is.
    #[test]
    fn what_was_cut_is_read_as_far_as_it_goes() {
        for (text, whole, parts) in [
            (r#"{"build":"xxxxxxxx…"#, None, ""),
            (r#"{"components":{"db":{"status":"UP"},"redis":{"status":"DOWN","details":{"error":"conn…"#, None, "redis"),
            (r#"{"status":"UP","components":{"db":{"sta…"#, Some(Word::Well), ""),
            (r#"{"a":"}\"],{","status":"down","b":[1,2,{"c":tr…"#, Some(Word::Bad), ""),
            ("{…", None, ""),
            ("[[[\"…", None, ""),
            ("a story that goes on and on and on and on and on…", None, ""),
            ("OK\nredis: up\nand more…", Some(Word::Well), ""),
        ] {
            assert_eq!(bad(text), (whole, parts.to_owned(), true), "{text}");
        }
    }
}
