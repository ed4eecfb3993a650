//! The words, of all languages: they are in the program.

use connection_doctor::words::Words;
use serde_json::Value;

macro_rules! languages {
    ($($name:literal),+) => {
        pub const LANGUAGES: [&str; [$($name),+].len()] = [$($name),+];

        fn catalogue(lang: &str) -> &'static str {
            match lang {
                $($name => include_str!(concat!("../../www/texts/", $name, ".json")),)+
                _ => "{}",
            }
        }
    };
}

languages!("en", "de", "fr", "es", "pt", "ja", "zh", "ar");

/// All that can be said in this language; in English what it has no words for.
pub fn words(lang: &str) -> Words {
    let mut words = Words::default();
    for lang in [lang, "en"] {
        let parts: Value = serde_json::from_str(catalogue(lang)).unwrap_or_default();
        for part in parts.as_object().into_iter().flat_map(|parts| parts.values()) {
            words.learn(&part.to_string());
        }
    }
    words
}
