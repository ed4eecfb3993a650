//! The addresses of a running scenario, which its table entry names in braces: `{origin}`, `{closed}`.

/// The addresses of a running scenario by the names that its table entry uses for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    known: Vec<(&'static str, String)>,
}

impl Addresses {
    /// Gives the name an address. The name stands without its braces.
    pub(crate) fn name(&mut self, name: &'static str, address: impl Into<String>) {
        self.known.push((name, address.into()));
    }

    /// The text with every known name in braces replaced by its address; other braces are left alone.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (name, address)| text.replace(&format!("{{{name}}}"), address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_known_names_and_leaves_json_alone() {
        let mut addresses = Addresses::default();
        addresses.name("closed", "127.0.0.1:9");
        assert_eq!(addresses.fill(r#"{"server":"http://{closed}"}"#), r#"{"server":"http://127.0.0.1:9"}"#);
    }
}
