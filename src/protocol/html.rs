//! The few things of an HTML page that tell what kind of page it is: never a parse of it, only a look for marks.

use serde::{Deserialize, Serialize};

/// What a page looks like from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outline {
    /// Its title, shortened to 120 characters.
    pub title: String,
    /// Whether it asks for a password (`<input type=password>`).
    pub password_field: bool,
    /// How many scripts it names.
    pub scripts: u32,
    /// Chainlit's `<meta property="og:root_path">`: the prefix that its own client uses (measured: protocol facts).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_path: Option<String>,
    /// The chat application whose mark the page carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
}

/// Whether a body is HTML by its first bytes (WHATWG MIME Sniffing section 7.1, the usual few).
#[must_use]
pub fn looks_like_html(body: &str) -> bool {
    let start: String = body.trim_start_matches('\u{feff}').trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<script", "<title", "<!--", "<h1", "<div", "<p>", "<center", "<meta"]
        .iter()
        .any(|mark| start.starts_with(mark))
}

/// Looks for the marks. Total: a body of any shape gives an outline.
#[must_use]
pub fn outline(body: &str) -> Outline {
    let lower = body.to_ascii_lowercase();
    let title = between(body, &lower, "<title", "</title>").map(|t| t.split_once('>').map_or("", |(_, t)| t));
    Outline {
        title: title.unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect(),
        password_field: ["type=\"password\"", "type='password'", "type=password"].iter().any(|m| lower.contains(m)),
        scripts: lower.matches("<script").count().min(999) as u32,
        root_path: meta(body, &lower, "og:root_path"),
        application: application(&lower).map(str::to_owned),
    }
}

fn application(lower: &str) -> Option<&'static str> {
    // Marks that the applications' own index pages carry (measured on Chainlit 2.12; Open WebUI's source).
    if lower.contains("og:root_path") || lower.contains("github.com/chainlit/chainlit") {
        Some("chainlit")
    } else if lower.contains("open webui") && lower.contains("/static/loader.js") {
        Some("open-webui")
    } else {
        None
    }
}

/// The text from after `start` to before `end`, found in `lower` and cut from `body`: ASCII lower case keeps positions.
fn between<'a>(body: &'a str, lower: &str, start: &str, end: &str) -> Option<&'a str> {
    let from = lower.find(start)? + start.len();
    let to = from + lower.get(from..)?.find(end)?;
    body.get(from..to)
}

fn meta(body: &str, lower: &str, property: &str) -> Option<String> {
    let at = lower.find(property)?;
    let from = lower[..at].rfind('<')?;
    let to = at + lower[at..].find('>')?;
    let tag = body.get(from..to)?;
    let tag_lower = lower.get(from..to)?;
    let value = between(tag, tag_lower, "content=\"", "\"").or_else(|| between(tag, tag_lower, "content='", "'"))?;
    Some(value.chars().take(120).collect())
}

#[cfg(test)]
mod tests {
    use super::{looks_like_html, outline};

    #[test]
    fn tells_pages_apart_by_their_marks() {
        let login = outline("<!DOCTYPE html><TITLE lang=en>Sign\n in</TITLE><input name=p type='password'>");
        assert_eq!((login.title.as_str(), login.password_field), ("Sign in", true));
        let chainlit = outline(r#"<html><meta property="og:root_path" content="/chat"><script src=a></script>"#);
        assert_eq!(chainlit.root_path.as_deref(), Some("/chat"));
        assert_eq!(chainlit.application.as_deref(), Some("chainlit"));
        assert_eq!(chainlit.scripts, 1);
    }

    #[test]
    fn is_total() {
        for body in ["", "<title", "<title>é", "</title><title>", "og:root_path", "<og:root_path content=\"", "<title>É</title>\u{0}"] {
            let _ = outline(body);
        }
        assert!(looks_like_html("\u{feff}  <!DocType HTML>"));
        assert!(!looks_like_html("0{\"sid\":\"<html>\"}"));
    }
}
