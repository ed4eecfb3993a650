//! `explain`: what a rule means, how it is recognised and what to do. The texts are those of RULES.md.

use crate::tell;
use crate::trouble::Trouble;

const RULES: &str = include_str!("../../RULES.md");
/// So many letters may be wrong in a code or a name for it to be suggested.
const NEAR: usize = 2;

/// What RULES.md says about one rule.
#[derive(Clone, Copy, Debug)]
pub struct Article {
    pub code: &'static str,
    pub name: &'static str,
    /// Markdown: from below its title to its end.
    pub text: &'static str,
}

impl Article {
    /// The first paragraph of what it means, in one line.
    pub fn meaning(&self) -> String {
        let text = self.text.split_once("### What it means").map_or(self.text, |(_, text)| text);
        let paragraph = text.trim_start().split("\n\n").next().unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// All of them, in the order of the rules.
pub fn articles() -> impl Iterator<Item = Article> {
    RULES.split("\n## ").skip(1).filter_map(|section| {
        let (title, text) = section.split_once('\n')?;
        let (code, name) = title.split_once(' ')?;
        Some(Article { code, name: name.trim(), text: text.trim() })
    })
}

/// # Errors
/// For a code that there is none of; it names those that are near.
pub fn explain(wanted: Option<&str>) -> Result<u8, Trouble> {
    let Some(wanted) = wanted else {
        let lines: Vec<String> = articles().map(|article| format!("{:8} {:24} {}", article.code, article.name, article.meaning())).collect();
        tell(&lines.join("\n"))?;
        return Ok(0);
    };
    let is_it = |article: &Article| article.code.eq_ignore_ascii_case(wanted) || article.name.eq_ignore_ascii_case(wanted);
    match articles().find(is_it) {
        Some(article) => tell(&format!("{} {}\n\n{}", article.code, article.name, article.text)).map(|()| 0),
        None => Err(Trouble::new(unknown(wanted))),
    }
}

/// Which there are instead: the near ones, or all.
fn unknown(wanted: &str) -> String {
    let all: Vec<Article> = articles().collect();
    let wanted_code = wanted.to_ascii_uppercase();
    let mut near: Vec<(usize, &Article)> = all
        .iter()
        .map(|article| (distance(&wanted_code, article.code).min(distance(&wanted.to_ascii_lowercase(), article.name)), article))
        .filter(|(far, _)| *far <= NEAR)
        .collect();
    near.sort_by_key(|(far, _)| *far);
    if near.is_empty() {
        let codes: Vec<&str> = all.iter().map(|article| article.code).collect();
        return format!("There is no code {wanted}. There are {}.", codes.join(", "));
    }
    let named: Vec<String> = near.iter().take(5).map(|(_, article)| format!("{} {}", article.code, article.name)).collect();
    format!("There is no code {wanted}. Near to it: {}. All are listed by: connection-doctor explain", named.join(", "))
}

/// How many letters have to be changed, added or left out (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&other) {
            let here = (diagonal + usize::from(a != *b)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use connection_doctor::rules::RULES;

    use super::{articles, distance};

    #[test]
    fn every_rule_has_an_article() {
        let codes: Vec<(&str, &str)> = articles().map(|article| (article.code, article.name)).collect();
        assert_eq!(codes, RULES.iter().map(|rule| (rule.code, rule.name)).collect::<Vec<_>>());
        assert!(articles().all(|article| article.meaning().len() > 20));
    }

    #[test]
    fn letters_are_counted() {
        for (one, other, far) in [("WS001", "WS001", 0), ("WS01", "WS001", 1), ("SW001", "WS001", 2), ("", "abc", 3), ("kitten", "sitting", 3)] {
            assert_eq!(distance(one, other), far, "{one} {other}");
        }
    }
}
