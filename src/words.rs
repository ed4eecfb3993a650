//! What is said, apart from what is known: a text is a number with values, and what it says stands in a catalogue of one language,
//! which is fetched when it is needed.
//!
//! [`t!`](crate::t) stands where a text is used, with its English words: they are there to be read, they make the number at compile time, and
//! they are not in the program. `tests/words.rs` collects them into `www/texts/en.json` and holds the other languages to it.

use crate::protocol::json::{self, Value};

/// A text without values: a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase(u32);

/// Something to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Text {
    #[default]
    Nothing,
    /// Words that no language changes: a name, a figure, a command.
    Plain(String),
    /// English words that the program keeps ([`english!`](crate::english)): the catalogue's, and where it has none, these. An English one has none.
    Own(String),
    /// The catalogue's words, their `{name}` filled with the values.
    Said(u32, Vec<(&'static str, Text)>),
    /// One after the other.
    Joined(Vec<Text>),
}

/// A text by its English words: [`Phrase`] without values, [`Text`] with them (`name = value`, for `{name}` in the words).
#[macro_export]
macro_rules! t {
    ($words:literal) => {
        const { $crate::words::Phrase::of($words) }
    };
    ($words:literal, $($name:ident = $value:expr),+ $(,)?) => {
        const { $crate::words::Phrase::of($words) }.with(vec![$((stringify!($name), $crate::words::Text::from($value))),+])
    };
}

/// Words that the program keeps in English, since a report holds them so, and that a face shows in its own language
/// by [`Words::of_english`].
#[macro_export]
macro_rules! english {
    ($words:literal) => {
        $words
    };
}

/// The number of these words: FNV-1a, folded to 20 bits, which WebAssembly writes in three bytes and no compression makes less of.
/// `tests/words.rs` looks that no two texts share one.
#[must_use]
pub const fn number(words: &str) -> u32 {
    let bytes = words.as_bytes();
    let (mut hash, mut at) = (0x811c_9dc5_u32, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ (hash >> 20)) & 0xf_ffff
}

impl Phrase {
    #[must_use]
    pub const fn of(words: &str) -> Phrase {
        Phrase(number(words))
    }

    /// With values for its `{name}`s.
    #[must_use]
    pub fn with(self, values: Vec<(&'static str, Text)>) -> Text {
        Text::Said(self.0, values)
    }
}

impl Text {
    /// The parts of a list with semicolons, each in words of its own.
    #[must_use]
    pub fn each(list: &str, words: impl Fn(&str) -> Text) -> Text {
        let mut all: Vec<Text> = Vec::new();
        for part in list.split("; ").filter(|part| !part.is_empty()) {
            if !all.is_empty() {
                all.push("; ".into());
            }
            all.push(words(part));
        }
        all.into()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Text::Nothing => true,
            Text::Plain(words) | Text::Own(words) => words.is_empty(),
            Text::Said(..) => false,
            Text::Joined(parts) => parts.iter().all(Text::is_empty),
        }
    }
}

impl From<Phrase> for Text {
    fn from(phrase: Phrase) -> Text {
        Text::Said(phrase.0, Vec::new())
    }
}

impl From<String> for Text {
    fn from(words: String) -> Text {
        Text::Plain(words)
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Text {
        Text::Plain(words.to_owned())
    }
}

impl From<&String> for Text {
    fn from(words: &String) -> Text {
        Text::Plain(words.clone())
    }
}

impl From<Vec<Text>> for Text {
    fn from(parts: Vec<Text>) -> Text {
        Text::Joined(parts)
    }
}

/// The texts of one language, as far as they were fetched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words(Vec<(u32, String)>);

impl Words {
    /// Takes up a part of a catalogue: a JSON object of words by number. What is no such object teaches nothing; `false` says so.
    /// What is known already stays: so a part of another language only fills gaps.
    pub fn learn(&mut self, catalogue: &str) -> bool {
        let Ok(Value::Object(texts)) = json::parse(catalogue) else { return false };
        let mut learnt = false;
        for (number, words) in texts {
            if let (Ok(number), Value::String(words)) = (number.parse(), words)
                && let Err(at) = self.place(number)
            {
                self.0.insert(at, (number, words));
                learnt = true;
            }
        }
        learnt
    }

    fn place(&self, number: u32) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(&number))
    }

    fn words(&self, number: u32) -> Option<&str> {
        self.place(number).ok().and_then(|at| self.0.get(at)).map(|(_, words)| words.as_str())
    }

    /// Whether all of it can be said.
    #[must_use]
    pub fn knows(&self, text: &Text) -> bool {
        match text {
            Text::Nothing | Text::Plain(_) | Text::Own(_) => true,
            Text::Said(number, values) => self.place(*number).is_ok() && values.iter().all(|(_, value)| self.knows(value)),
            Text::Joined(parts) => parts.iter().all(|part| self.knows(part)),
        }
    }

    /// It in words. A text that was not fetched leaves a gap; who can do better asks [`Words::knows`] before.
    #[must_use]
    pub fn say(&self, text: impl Into<Text>) -> String {
        let mut out = String::new();
        self.write(&text.into(), &mut out);
        out
    }

    fn write(&self, text: &Text, out: &mut String) {
        match text {
            Text::Nothing => {}
            Text::Plain(words) => out.push_str(words),
            Text::Own(words) => out.push_str(self.of_english(words)),
            Text::Joined(parts) => parts.iter().for_each(|part| self.write(part, out)),
            Text::Said(number, values) => {
                let mut rest = self.words(*number).unwrap_or("…");
                while let Some((before, after)) = rest.split_once('{') {
                    out.push_str(before);
                    let Some((name, after)) = after.split_once('}') else { break };
                    if let Some((_, value)) = values.iter().find(|(of, _)| *of == name) {
                        self.write(value, out);
                    }
                    rest = after;
                }
                out.push_str(rest);
            }
        }
    }

    /// What the program says in English, in this language; as it is where the catalogue has no other words.
    #[must_use]
    pub fn of_english<'a>(&'a self, words: &'a str) -> &'a str {
        self.words(number(words)).unwrap_or(words)
    }
}

/// Every text, in English, for tests.
#[cfg(test)]
pub fn english() -> Words {
    let parts: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_str(include_str!("../www/texts/en.json")).unwrap_or_default();
    let mut words = Words::default();
    parts.values().for_each(|part| _ = words.learn(&part.to_string()));
    words
}
