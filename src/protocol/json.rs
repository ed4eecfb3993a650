//! A bounded JSON reader (RFC 8259) for what strangers send: total, with a limit on depth and on length.
//!
//! The browser's own `JSON.parse` has no limits and is not there natively; a general crate costs 20 kB of download
//! (measured). Everything that a server, an attribute or a file says in JSON comes through here.

/// Deepest nesting that is read. The deepest document the program has a use for (`ice-servers`) nests four levels.
pub const MAX_DEPTH: usize = 32;
/// Longest text that is read, in bytes.
pub const MAX_LENGTH: usize = 256 * 1024;
/// A limit of that many bytes holds one value for each of these: a recorded report has one for 17 and more, and a short value takes
/// many times its length in memory.
const BYTES_A_VALUE: usize = 8;
/// Above this, a further digit no longer changes a number.
const EXACT: f64 = 1e17;

/// A JSON value; an object keeps the order of its members, and the first of two equal names wins.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// Why a text is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON, at this byte.
    Syntax(usize),
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Longer than the limit, which is [`MAX_LENGTH`] where nothing else is said.
    TooLong,
    /// More values than one for each eight bytes of the limit.
    TooMany,
}

impl Value {
    /// The member of that name, of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// A number that is a whole one of 0 to `u32::MAX`.
    #[must_use]
    pub fn as_u32(&self) -> Option<u32> {
        match self {
            Value::Number(n) if *n >= 0.0 && *n <= f64::from(u32::MAX) && n.trunc() == *n => Some(*n as u32),
            _ => None,
        }
    }

    /// Any number.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(n) => Some(*n),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }
}

/// Reads one JSON text, white space around it allowed.
pub fn parse(text: &str) -> Result<Value, Fault> {
    parse_up_to(text, MAX_LENGTH)
}

/// The same, with another limit in bytes.
pub fn parse_up_to(text: &str, longest: usize) -> Result<Value, Fault> {
    if text.len() > longest {
        return Err(Fault::TooLong);
    }
    let mut reader = Reader { text, at: 0, left: longest / BYTES_A_VALUE };
    let value = reader.value(0)?;
    reader.space();
    if reader.at == text.len() { Ok(value) } else { Err(Fault::Syntax(reader.at)) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many more values are read.
    left: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Result<(), Fault> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Fault::Syntax(self.at))
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Fault> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(Fault::Syntax(self.at))
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::TooDeep);
        }
        self.left = self.left.checked_sub(1).ok_or(Fault::TooMany)?;
        self.space();
        match self.peek() {
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'"') => self.string().map(Value::String),
            Some(b'[') => self.array(depth),
            Some(b'{') => self.object(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(Fault::Syntax(self.at)),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Fault> {
        self.eat(b'[')?;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
            } else {
                self.eat(b']')?;
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Fault> {
        self.eat(b'{')?;
        let mut members = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.eat(b':')?;
            let value = self.value(depth + 1)?;
            members.push((name, value));
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
            } else {
                self.eat(b'}')?;
                return Ok(Value::Object(members));
            }
        }
    }

    /// By hand: the standard library's way, right to the last bit, has 5 kB of tables, and the program's numbers are
    /// counts and milliseconds.
    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        let negative = self.eat(b'-').is_ok();
        let mut number = 0.0;
        let mut scale: i32 = 0;
        self.digits(&mut |digit| if number < EXACT { number = number * 10.0 + f64::from(digit) } else { scale += 1 })?;
        if self.eat(b'.').is_ok() {
            self.digits(&mut |digit| {
                if number < EXACT {
                    number = number * 10.0 + f64::from(digit);
                    scale -= 1;
                }
            })?;
        }
        if self.eat(b'e').is_ok() || self.eat(b'E').is_ok() {
            let less = self.eat(b'-').is_ok();
            if !less {
                _ = self.eat(b'+');
            }
            let mut exponent: i32 = 0;
            self.digits(&mut |digit| exponent = (exponent * 10 + i32::from(digit)).min(100_000))?;
            scale = scale.saturating_add(if less { -exponent } else { exponent });
        }
        // Beyond these it is nothing or without end in any case.
        for _ in 0..scale.clamp(-400, 400).unsigned_abs() {
            number = if scale < 0 { number / 10.0 } else { number * 10.0 };
        }
        if number.is_finite() { Ok(Value::Number(if negative { -number } else { number })) } else { Err(Fault::Syntax(start)) }
    }

    /// At least one.
    fn digits(&mut self, take: &mut dyn FnMut(u8)) -> Result<(), Fault> {
        let start = self.at;
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            take(byte - b'0');
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Fault::Syntax(start)) }
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.eat(b'"')?;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(next) = rest.chars().next() else { return Err(Fault::Syntax(self.at)) };
            self.at += next.len_utf8();
            match next {
                '"' => return Ok(out),
                '\\' => out.push(self.escape()?),
                c if c < ' ' => return Err(Fault::Syntax(self.at - 1)),
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let at = self.at;
        let escaped = self.peek().ok_or(Fault::Syntax(at))?;
        self.at += 1;
        Ok(match escaped {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex()?;
                if (0xD800..0xDC00).contains(&high) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    let low = self.hex()?;
                    let code = 0x10000 + ((high - 0xD800) << 10) + (low.wrapping_sub(0xDC00) & 0x3FF);
                    char::from_u32(code).unwrap_or('\u{FFFD}')
                } else {
                    char::from_u32(high).unwrap_or('\u{FFFD}')
                }
            }
            _ => return Err(Fault::Syntax(at)),
        })
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let at = self.at;
        let digits = self.text.as_bytes().get(at..at + 4).ok_or(Fault::Syntax(at))?;
        let mut code = 0;
        for digit in digits {
            code = code * 16 + (*digit as char).to_digit(16).ok_or(Fault::Syntax(at))?;
        }
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, MAX_LENGTH, Value, parse};

    #[test]
    fn reads_what_servers_send() {
        let open = r#"{"sid":"a\u00e9\ud83d\ude00","upgrades":["websocket"],"pingInterval":25000,"x":null,"y":-1.5e2}"#;
        let value = parse(open).unwrap();
        assert_eq!(value.get("sid").and_then(Value::as_str), Some("aé😀"));
        assert_eq!(value.get("pingInterval").and_then(Value::as_u32), Some(25_000));
        assert_eq!(value.get("y"), Some(&Value::Number(-150.0)));
        assert_eq!(parse(" [ ] "), Ok(Value::Array(vec![])));
    }

    #[test]
    fn reads_numbers() {
        for (text, number) in [("0", 0.0), ("-0.5", -0.5), ("4294967295", 4_294_967_295.0), ("1.25E+2", 125.0), ("5e-1", 0.5), ("1e-999", 0.0), ("0e999", 0.0)]
        {
            assert_eq!(parse(text), Ok(Value::Number(number)), "{text}");
        }
        let long = parse(&["1".repeat(30), ".".to_owned(), "9".repeat(1_000)].concat());
        assert!(matches!(long, Ok(Value::Number(n)) if (n / 1.111_111_111_111_111e29 - 1.0).abs() < 1e-12));
        assert!(parse(&"9".repeat(400)).is_err());
    }

    #[test]
    fn refuses_what_is_not_json() {
        for text in ["", "{", "{\"a\"}", "[1,]", "\"a", "tru", "1 2", "{\"a\":1,}", "\"\\x\"", "\"\u{1}\"", "--1", "\"\\u12", "-", "1e", "1e999", "+1", ".5"] {
            assert!(matches!(parse(text), Err(Fault::Syntax(_))), "{text:?}");
        }
    }

    #[test]
    fn a_hostile_depth_or_length_is_a_fault_and_not_a_crash() {
        assert_eq!(parse(&"[".repeat(100_000)), Err(Fault::TooDeep));
        assert_eq!(parse(&"{\"a\":".repeat(1_000)), Err(Fault::TooDeep));
        assert_eq!(parse(&" ".repeat(MAX_LENGTH + 1)), Err(Fault::TooLong));
        let list = |items: usize| ["[", &"[],".repeat(items - 1), "[]]"].concat();
        assert!(parse(&list(MAX_LENGTH / 8 - 1)).is_ok());
        assert_eq!(parse(&list(MAX_LENGTH / 8)), Err(Fault::TooMany));
    }
}
