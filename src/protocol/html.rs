//! The few things of an HTML page that tell what kind of page it is: never a parse of it, only a look for marks.

use serde::{Deserialize, Serialize};

use super::client_options;

/// What a page looks like from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outline {
    /// Its title, shortened to 120 characters.
    pub title: String,
    /// Whether it asks for a password (`<input type=password>`).
    pub password_field: bool,
    /// Whether its form hands a sign-in on to another site, most often by itself (SAML 2.0 bindings section 3.5, WS-Federation section 13).
    #[serde(skip_serializing_if = "is_false")]
    pub hands_on: bool,
    /// How many scripts it names.
    pub scripts: u32,
    /// Chainlit's `<meta property="og:root_path">`: the prefix that its own client uses (measured: protocol facts).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_path: Option<String>,
    /// The chat application whose mark the page carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// The `src` of its scripts, modules first, else in their order: the first 12, each shortened to 300 characters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub script_sources: Vec<String>,
    /// How many of them are modules.
    #[serde(skip_serializing_if = "is_zero")]
    pub modules: usize,
    /// The modules that it is about to run and names otherwise: by `<link rel=modulepreload>`, or by `import("...")` in a script that stands in
    /// it, in no branch and in no function. The first 12, each once and shortened to 300 characters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<String>,
    /// Its `<base href>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The digest of all addresses of scripts and style sheets that it names, one a line: another build, another digest.
    /// Empty where it names none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub assets: String,
    /// Its `<meta http-equiv="Content-Security-Policy">`: the first four of its head, since browsers take none elsewhere. One of more than
    /// 2000 characters is left out: half a policy says what the whole does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// The transports that Chainlit's page tells its client to use (`window.transports = [...]`), those that Engine.IO has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<String>,
}

impl Outline {
    /// Whether it is another page than that one: by scripts and styles; for a page without any, by its title and how many scripts
    /// stand in it. The markup of a frame is the browser's own writing, so the text can't be compared.
    #[must_use]
    pub fn is_another(&self, page: &Outline) -> bool {
        if self.assets.is_empty() && page.assets.is_empty() {
            return self.title != page.title || self.scripts != page.scripts;
        }
        self.assets != page.assets
    }

    /// Whether it is a page of another release than that one. It is not where the scripts and modules of one are among those of the other, and one
    /// that both name has the digest of a build in its name: then it is another page of the same release (an application shell, a theme).
    #[must_use]
    pub fn is_another_release(&self, page: &Outline) -> bool {
        let among = |one: &Outline, other: &Outline| one.all_scripts().all(|script| other.all_scripts().any(|known| known == script));
        let is_of_one = |one: &Outline, other: &Outline| among(one, other) && one.all_scripts().any(|script| has_digest(script));
        self.is_another(page) && !is_of_one(self, page) && !is_of_one(page, self)
    }

    /// Whether it is a page to sign in, or one on the way to it.
    #[must_use]
    pub fn signs_in(&self) -> bool {
        self.password_field || self.hands_on
    }

    /// The addresses of its modules, without which it does not run.
    pub fn all_modules(&self) -> impl Iterator<Item = &String> {
        self.script_sources.iter().take(self.modules).chain(&self.imports)
    }

    /// The addresses of all its scripts, modules first. One may stand there twice.
    pub fn all_scripts(&self) -> impl Iterator<Item = &String> {
        self.all_modules().chain(self.script_sources.iter().skip(self.modules))
    }

    fn imports_module(&mut self, source: &str) {
        let source: String = source.chars().take(300).collect();
        // What an extension puts into a page is not the page's.
        if !source.is_empty() && self.imports.len() < 12 && !source.contains("-extension:") && !self.imports.contains(&source) {
            self.imports.push(source);
        }
    }
}

/// Whether a file's name has a part that only a build gives it: of eight characters or more, letters and digits.
#[must_use]
pub fn has_digest(source: &str) -> bool {
    let name = source.split('?').next().unwrap_or("").rsplit('/').next().unwrap_or("");
    let is_one = |part: &str| part.len() >= 8 && part.bytes().any(|b| b.is_ascii_digit()) && part.bytes().any(|b| b.is_ascii_alphabetic());
    name.split(['.', '-', '_']).any(is_one)
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(number: &usize) -> bool {
    *number == 0
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
    let mut outline = Outline {
        title: title.unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect(),
        password_field: ["type=\"password\"", "type='password'", "type=password"].iter().any(|m| lower.contains(m)),
        hands_on: ["samlrequest", "samlresponse", "wresult"].iter().any(|field| is_field(&lower, field)),
        scripts: lower.matches("<script").count().min(999) as u32,
        root_path: meta(body, &lower, "og:root_path"),
        application: application(&lower).map(str::to_owned),
        ..Outline::default()
    };
    read_tags(body, &lower, &mut outline);
    outline
}

/// Whether something is named so, in quotes or without.
fn is_field(lower: &str, field: &str) -> bool {
    lower.match_indices(field).any(|(at, _)| {
        let before = lower.get(..at).unwrap_or("");
        let after = lower.as_bytes().get(at + field.len()).copied().unwrap_or(b' ');
        before.trim_end_matches(['"', '\'']).ends_with("name=") && !after.is_ascii_alphanumeric()
    })
}

const SPACE: &[u8] = b" \t\n\x0c\r";
/// The attributes that are read, by their place in [`Tag::values`].
const NAMES: [&str; 7] = ["src", "href", "rel", "as", "http-equiv", "content", "type"];
/// Elements whose inside is text to a browser that runs scripts (HTML section 13.2.6.4).
const TEXT: [&str; 6] = ["script", "style", "title", "textarea", "noscript", "noframes"];
/// Elements that do not end the head, before `</head>` and up to the body (HTML section 13.2.6.4.4 and 13.2.6.4.6).
const OF_HEAD: [&str; 13] = ["html", "head", "base", "basefont", "bgsound", "link", "meta", "title", "noscript", "noframes", "style", "script", "template"];
/// Types of a script that a browser runs as JavaScript, as pages write them.
const JAVASCRIPT: [&str; 5] = ["", "module", "text/javascript", "application/javascript", "application/x-javascript"];

/// A tag as far as it is read: values in the letters of the page, one for each of [`NAMES`].
struct Tag<'a> {
    values: [&'a str; 7],
    /// Where it ends.
    end: usize,
}

/// Goes from tag to tag, once and only forwards; comments and the text of scripts are stepped over.
fn read_tags(body: &str, lower: &str, outline: &mut Outline) {
    let bytes = lower.as_bytes();
    let mut assets = String::new();
    // What is inside of a template is no part of the page; it neither ends the head nor counts.
    let (mut head, mut templates) = (true, 0_usize);
    let mut at = 0;
    while let Some(rest) = lower.get(at..) {
        let Some(found) = rest.find('<') else { break };
        let written = rest.get(..found).unwrap_or("");
        head &= templates > 0 || written.trim_start_matches('\u{feff}').trim_ascii().is_empty();
        at += found + 1;
        if rest[found..].starts_with("<!--") {
            let Some(end) = rest[found..].find("-->") else { break };
            at += end + 2;
            continue;
        }
        let closes = bytes.get(at) == Some(&b'/');
        let from = at + usize::from(closes);
        // Before anything is read on: of `<<<<` each `<` would read to the end.
        if !bytes.get(from).is_some_and(u8::is_ascii_lowercase) {
            if !closes && !matches!(bytes.get(at), Some(b'!' | b'?')) {
                head &= templates > 0;
                continue;
            }
            let Some(end) = lower.get(at..).and_then(|rest| rest.find('>')) else { break };
            at += end + 1;
            continue;
        }
        let name_end = span(bytes, from, b" \t\n\x0c\r/>", false);
        let name = lower.get(from..name_end).unwrap_or("");
        let Some(tag) = read_tag(body, lower, name_end) else { break };
        at = tag.end;
        if closes {
            templates = templates.saturating_sub(usize::from(name == "template"));
            head &= templates > 0 || !["body", "html", "br"].contains(&name);
            continue;
        }
        head &= templates > 0 || OF_HEAD.contains(&name);
        templates += usize::from(name == "template");
        let [src, href, rel, destination, equiv, content, kind] = tag.values;
        let mut asset = String::new();
        if name == "script" {
            asset = decoded(src.trim());
            if !asset.is_empty() && outline.script_sources.len() < 12 {
                let shortened = asset.chars().take(300).collect();
                if kind.trim().eq_ignore_ascii_case("module") {
                    outline.script_sources.insert(outline.modules, shortened);
                    outline.modules += 1;
                } else {
                    outline.script_sources.push(shortened);
                }
            }
        } else if name == "base" && outline.base.is_none() && !href.is_empty() {
            outline.base = Some(decoded(href.trim()).chars().take(300).collect());
        } else if name == "link" {
            for word in rel.to_ascii_lowercase().split_ascii_whitespace() {
                if word == "stylesheet" || word == "modulepreload" || (word == "preload" && destination.eq_ignore_ascii_case("script")) {
                    asset = decoded(href.trim());
                }
                if word == "modulepreload" && (destination.is_empty() || destination.eq_ignore_ascii_case("script")) {
                    outline.imports_module(&asset);
                }
            }
        } else if name == "meta"
            && head
            && templates == 0
            && equiv.trim().eq_ignore_ascii_case("content-security-policy")
            && outline.policies.len() < 4
            && content.chars().count() <= 2000
        {
            outline.policies.push(decoded(content));
        }
        // What an extension puts into a page is not the page's.
        if !asset.is_empty() && !asset.contains("-extension:") {
            if !assets.is_empty() {
                assets.push('\n');
            }
            assets.push_str(&asset);
        }
        if TEXT.contains(&name) {
            let Some(end) = lower.get(at..).and_then(|rest| rest.find(&["</", name].concat())) else { break };
            if name == "script" && outline.transports.is_empty() {
                outline.transports = transports(lower.get(at..at + end).unwrap_or(""));
            }
            if name == "script" && src.is_empty() && JAVASCRIPT.contains(&kind.trim().to_ascii_lowercase().as_str()) {
                imports(body.get(at..at + end).unwrap_or(""), outline);
            }
            at += end;
        }
    }
    if !assets.is_empty() {
        outline.assets = super::digest::digest(assets.as_bytes());
    }
}

/// Words after which a statement or a block is run under a condition, later, or never, or may fail.
const BRANCHES: [&[u8]; 9] = [b"if", b"else", b"for", b"while", b"switch", b"case", b"try", b"catch", b"function"];

/// The modules that a script imports by `import("...")`, where the name is written out and nothing follows it, and that it imports in any
/// case: in no branch and in no function. Comments and other texts are
/// stepped over, once and only forwards; a regular expression may be taken for one of them, up to the end of its line.
fn imports(script: &str, outline: &mut Outline) {
    let bytes = script.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_$".contains(&byte);
    let mut at = 0;
    let mut before = b' ';
    // Of the statement, and of each block around it.
    let mut branch = false;
    let mut blocks: Vec<bool> = Vec::new();
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let length = if rest.starts_with(b"//") {
            span(rest, 0, b"\n", false)
        } else if rest.starts_with(b"/*") {
            let Some(end) = rest.windows(2).skip(2).position(|two| two == b"*/") else { break };
            end + 4
        } else if matches!(byte, b'"' | b'\'' | b'`') {
            quoted(rest)
        } else if rest.starts_with(b"import") && !before.is_ascii_alphanumeric() && !b"_$.".contains(&before) {
            let open = span(rest, 6, SPACE, true);
            let name = span(rest, open + 1, SPACE, true);
            let named = rest.get(open) == Some(&b'(') && rest.get(name).is_some_and(|quote| matches!(quote, b'"' | b'\''));
            let end = if named { name + quoted(&rest[name..]) } else { name };
            // What follows the name says of which type it is.
            let bracket = span(rest, end, SPACE, true);
            // One that is caught may be missing.
            let caught = rest.get(bracket + 1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b".catch"));
            let closed = named && rest.get(bracket) == Some(&b')') && !caught;
            let is_whole = named && end > name + 1 && rest.get(end - 1) == rest.get(name);
            let source = script.get(at + name + 1..at + end - usize::from(is_whole)).filter(|_| is_whole).unwrap_or("");
            let is_address = ["/", "./", "../", "http://", "https://"].iter().any(|start| source.starts_with(start));
            if closed && is_address && !branch && blocks.last() != Some(&true) && !source.contains('\\') {
                outline.imports_module(source);
            }
            // What is in brackets is read on by itself.
            if closed { end } else { 6 }
        } else if byte.is_ascii_alphabetic() && !is_word(before) && before != b'.' {
            let word = rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len());
            branch |= BRANCHES.contains(&&rest[..word]);
            word
        } else {
            match byte {
                b'{' => {
                    let inside = std::mem::take(&mut branch) || blocks.last() == Some(&true);
                    blocks.push(inside);
                }
                b'}' => {
                    blocks.pop();
                    branch = false;
                }
                b';' => branch = false,
                _ => {
                    let optional = rest.starts_with(b"?.");
                    branch |= *byte == b'?' && !optional || [&b"=>"[..], b"&&", b"||"].iter().any(|mark| rest.starts_with(mark));
                }
            }
            1
        };
        before = bytes.get(at + length - 1).copied().unwrap_or(b' ');
        at += length;
    }
}

/// How long the text in quotes is with which this begins; one in simple quotes ends with its line.
fn quoted(rest: &[u8]) -> usize {
    let quote = rest.first().copied().unwrap_or(0);
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        at += if *byte == b'\\' { 2 } else { 1 };
        if *byte == quote || *byte == b'\n' && quote != b'`' {
            break;
        }
    }
    at.min(rest.len()).max(1)
}

/// What a script assigns to `window.transports`: the first time that it names it.
fn transports(script: &str) -> Vec<String> {
    let list = script.split_once("window.transports").and_then(|(_, after)| client_options::list(after.trim_start().strip_prefix('=')?.trim_start()));
    list.unwrap_or_default()
}

/// Reads the attributes from after a tag's name (HTML section 13.2.5.32 to 39). `None` where the page ends inside of it.
fn read_tag<'a>(body: &'a str, lower: &str, mut at: usize) -> Option<Tag<'a>> {
    let bytes = lower.as_bytes();
    let mut values = [""; 7];
    loop {
        at = span(bytes, at, b" \t\n\x0c\r/", true);
        if *bytes.get(at)? == b'>' {
            return Some(Tag { values, end: at + 1 });
        }
        let name_end = span(bytes, at + 1, b" \t\n\x0c\r/>=", false);
        let name = lower.get(at..name_end)?;
        at = span(bytes, name_end, SPACE, true);
        if *bytes.get(at)? != b'=' {
            continue;
        }
        let mut from = span(bytes, at + 1, SPACE, true);
        let quote = *bytes.get(from)?;
        if quote == b'"' || quote == b'\'' {
            from += 1;
            at = span(bytes, from, &[quote], false);
        } else {
            at = span(bytes, from, b" \t\n\x0c\r>", false);
        }
        let value = body.get(from..at)?;
        if quote == b'"' || quote == b'\'' {
            at += 1;
        }
        for (i, wanted) in NAMES.iter().enumerate() {
            if *wanted == name && values[i].is_empty() {
                values[i] = value;
            }
        }
    }
}

/// How far the bytes from here on are all inside of this set, or all outside.
fn span(bytes: &[u8], from: usize, set: &[u8], inside: bool) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(|byte| set.contains(byte) == inside) {
        at += 1;
    }
    at
}

/// The character references that writers of pages put into an attribute; `&amp;` last, so that nothing is read twice.
fn decoded(text: &str) -> String {
    let mut out = text.to_owned();
    for (written, meant) in [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'"), ("&amp;", "&")] {
        out = out.replace(written, meant);
    }
    out
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
        let handing_on =
            |field: &str| outline(&["<body onload=document.forms[0].submit()><form method=post><input type=hidden ", field, " value=a></form>"].concat());
        let all = ["name=SAMLRequest", "name=\"SAMLResponse\"", "name='wresult'"];
        assert!(all.iter().all(|field| handing_on(field).hands_on && handing_on(field).signs_in() && !handing_on(field).password_field));
        assert!(["name=q", "id=SAMLRequest", "name=wresults"].iter().all(|field| !handing_on(field).signs_in()));
        let chainlit = outline(r#"<html><meta property="og:root_path" content="/chat"><script src=a></script>"#);
        assert_eq!(chainlit.root_path.as_deref(), Some("/chat"));
        assert_eq!(chainlit.application.as_deref(), Some("chainlit"));
        assert_eq!(chainlit.scripts, 1);
    }

    #[test]
    fn names_its_scripts_in_their_order_and_as_written() {
        let page = outline(concat!(
            "<!DOCTYPE html><html><!-- <script src=no1></script> --><HEAD><title><script src=no2></title>",
            "<SCRIPT TYPE=module crossorigin SRC = \"/assets/Index-a1.js\"></SCRIPT>",
            "<script>document.write('<script src=no3>'); // <!-- </script>",
            "<script async src='./b.js?v=1&amp;x=2'/></script><script src=c.js>no</script><script data-src=no4 src=\" d.js\n\"></script>",
            "<style>a{content:'<script src=no5>'}</style><noscript><script src=no6></script></noscript>",
            "<textarea><script src=no7></textarea></head><a title=\"<script src=no8>\"><b title='<script src=no9>'><scripts src=no10>",
            "<script src></script><script src=''></script><script src=e src=no11></script>",
        ));
        assert_eq!(page.script_sources, ["/assets/Index-a1.js", "./b.js?v=1&x=2", "c.js", "d.js", "e"]);
    }

    #[test]
    fn reads_which_transports_the_page_tells_its_client() {
        let told = |script: &str| outline(&["<!-- window.transports=['polling'] --><script>", script, "</script>"].concat()).transports;
        assert_eq!(told("window.theme = {\"a\": 1}; window.transports = [\"websocket\"];"), ["websocket"]);
        assert_eq!(told("window.transports=['websocket', 'polling']"), ["websocket", "polling"]);
        for none in
            ["window.transports = undefined", "window.transports == [\"websocket\"]", "window.transports = [", "window.transports", "x = [\"websocket\"]"]
        {
            assert!(told(none).is_empty(), "{none}");
        }
        assert!(told(&["window.transports = [", &"é".repeat(99), "]"].concat()).is_empty());
        assert!(outline("<p>window.transports = [\"websocket\"]</p>").transports.is_empty());
    }

    #[test]
    fn modules_come_first_and_the_first_base_counts() {
        let page = outline(
            "<base target=x><base href=' /a&amp;b/'><base href=/c><script src=1></script><script src=2 type=Module></script><script src=3 type='module'></script>",
        );
        assert_eq!(page.script_sources, ["2", "3", "1"]);
        assert_eq!((page.modules, page.base.as_deref()), (2, Some("/a&b/")));
    }

    #[test]
    fn modules_are_named_by_links_and_by_imports_too() {
        let page = outline(concat!(
            "<link rel=modulepreload href='/_app/start.js'><link rel='ModulePreload' as=Script href=./a&amp;b.js><link rel=modulepreload as=style href=no1>",
            "<script src=/loader.js></script><noscript><link rel=modulepreload href=no2></noscript>",
            "<script>{ s = 'import(\"/no3\")'; // import('/no4')\n",
            "/* import('/no5') */ `${import('/no6')}`; Promise.all([import(\"/_app/start.js\"), import( '../app.js' )]); import('é/no7'); x.import('/no8');",
            "reimport('/no9'); import(name); import('/no10', { with: { type: 'json' } }); import('bare'); import('data:no11'); import('/no12\\x'); import('/no17') .catch(() => {}); import('/no13\n')",
            "}</script><script type=application/json>import('/no14')</script><script type=module>import('https://chat.example/x.js')</script>",
            "<script src=/c.js>import('/no15')</script><script>import('chrome-extension://no16'); import('",
        ));
        assert_eq!(page.imports, ["/_app/start.js", "./a&b.js", "../app.js", "https://chat.example/x.js"]);
        assert_eq!((page.script_sources.as_slice(), page.modules), (["/loader.js".to_owned(), "/c.js".to_owned()].as_slice(), 0));
        assert_eq!(page.all_scripts().collect::<Vec<_>>(), ["/_app/start.js", "./a&b.js", "../app.js", "https://chat.example/x.js", "/loader.js", "/c.js"]);
        let branches = outline(concat!(
            "<script>if (a) import('/no1'); if (b) { c(); import('/no2') } else { import('/no3') } import('/yes1'); d && import('/no4'); e ? import('/no5') : 0;",
            "on('click', () => import('/no6')); function f() { if (g) {} import('/no7') } h?.i; import('/yes2'); try { import('/no9') } catch { import('/no8') } import('/yes3');",
            "const j = (k) => new Promise((l) => { m.set(l, { n: 1 }); }); { import('/yes4') } }} import('/yes5')</script>"
        ));
        assert_eq!(branches.imports, ["/yes1", "/yes2", "/yes3", "/yes4", "/yes5"]);
        let many: String = (0..20).map(|n| format!("import('/{n}.js');")).collect();
        assert_eq!(outline(&["<script>", &many, "</script>"].concat()).imports.len(), 12);
    }

    #[test]
    fn the_digest_of_the_assets_changes_with_a_build() {
        let digest = |body: &str| outline(body).assets;
        let one = digest("<script src=/a-1.js></script><link rel=modulepreload href=/b.js><link href='/c.css' rel='Preload StyleSheet'>");
        assert_eq!(one, crate::protocol::digest::digest(b"/a-1.js\n/b.js\n/c.css"));
        assert_ne!(one, digest("<script src=/a-2.js></script><link rel=modulepreload href=/b.js><link rel=stylesheet href=/c.css>"));
        assert_eq!(digest("<link rel=preload as=Script href=x.js>"), crate::protocol::digest::digest(b"x.js"));
        for none in ["", "<p>", "<link rel=icon href=a><link rel=preload as=font href=b><script>1</script><link rel=stylesheet>"] {
            assert_eq!(digest(none), "", "{none}");
        }
        let many = "<script src=a></script>".repeat(100);
        let (page, fewer) = (outline(&many), outline(&many[23..]));
        assert_eq!(page.script_sources.len(), 12);
        assert_ne!(page.assets, fewer.assets);
        assert_eq!(outline(&["<script src='", &"é".repeat(400), "'>"].concat()).script_sources, ["é".repeat(300)]);
    }

    #[test]
    fn reads_the_policies_of_meta_tags() {
        let policies = |body: &str| outline(body).policies;
        assert_eq!(
            policies("<meta http-equiv=Content-Security-Policy content=\"connect-src 'self'\"><!-- <meta http-equiv=content-security-policy content=x> -->"),
            ["connect-src 'self'"]
        );
        assert_eq!(
            policies("<META CONTENT='default-src &quot;&#39;self&#x27;&apos;&#34; a?b&amp;c &amp;quot;' HTTP-EQUIV='content-security-policy'/>"),
            ["default-src \"'self''\" a?b&c &quot;"]
        );
        assert!(policies("<meta name=content-security-policy content=a><meta http-equiv=refresh content=1>").is_empty());
        assert_eq!(policies(&"<meta http-equiv=content-security-policy content=a>".repeat(9)).len(), 4);
        // Browsers take none but the head's (HTML section 4.2.5.3), and a body begins with the first thing that no head may have.
        let meta = "<meta http-equiv=content-security-policy content=a>";
        for of_head in [
            "\u{feff}\n<!doctype html> <html lang=en><head>\n",
            "<!-- text --><!-->",
            "<head><title>A</title><script>b</script> <style>c</style></head>\n",
            "<?xml?><link rel=icon></p><template>text<p></template><noscript><p>d</noscript>",
        ] {
            assert_eq!(policies(&[of_head, meta].concat()), ["a"], "{of_head}");
        }
        for of_body in ["<body>", "<html><head></head><body>", "<div>", "text", "<3", "</body>", "<head></head>text", "<template>", "<noscript>x", "<p>x</p>"] {
            assert_eq!(policies(&[of_body, meta].concat()).len(), 0, "{of_body}");
        }
        let long = |n: usize| ["<meta http-equiv=content-security-policy content='", &"é".repeat(n), "'>"].concat();
        assert_eq!((policies(&long(2000)).len(), policies(&long(2001)).len()), (1, 0));
    }

    #[test]
    fn reads_hostile_pages_in_linear_time() {
        let pieces = [
            "window.transports=[",
            "import('",
            "import(\"/\\",
            "/*",
            "<!--",
            "-->",
            "</",
            "<!",
            "<script",
            "<script>",
            "<script src=",
            "</script",
            "<a b=\"",
            "'",
            "<a ",
            "=",
            "é",
            "<title>",
            "<",
            "\0",
            ">",
        ];
        let started = clock();
        for one in pieces {
            for two in pieces {
                let _ = outline(&[one, two].concat().repeat(100_000 / (one.len() + two.len())));
            }
        }
        // 400 pages of 100 kB in some seconds; a quadratic reading of one of them alone takes longer.
        assert!(started.elapsed().as_secs() < 90, "{:?}", started.elapsed());
    }

    #[allow(clippy::disallowed_methods)]
    fn clock() -> std::time::Instant {
        std::time::Instant::now()
    }

    #[test]
    fn every_prefix_of_a_page_is_read() {
        let page =
            "<!doctype html><!-- é --><link rel=stylesheet href=\"É\"><script src='é'>é</script><meta http-equiv=content-security-policy content=é><a =é>";
        for (end, _) in page.char_indices() {
            let _ = outline(&page[..end]);
        }
        assert_eq!(outline(page).policies, ["é"]);
    }

    #[test]
    fn old_recordings_are_read_and_empty_fields_are_not_written() {
        let old: super::Outline = serde_json::from_str(r#"{"title":"a","password_field":false,"scripts":2}"#).unwrap();
        assert_eq!((old.scripts, old.script_sources.len(), old.assets.len(), old.policies.len()), (2, 0, 0, 0));
        assert_eq!(serde_json::to_string(&old).unwrap(), r#"{"title":"a","password_field":false,"scripts":2}"#);
    }

    #[test]
    fn is_total() {
        for body in ["", "<title", "<title>é", "</title><title>", "og:root_path", "<og:root_path content=\"", "<title>É</title>\u{0}"] {
            let _ = outline(body);
        }
        assert!(looks_like_html("\u{feff}  <!DocType HTML>"));
        assert!(!looks_like_html("0{\"sid\":\"<html>\"}"));
    }

    #[test]
    fn a_page_that_names_the_same_build_is_of_the_same_release() {
        let page = |scripts: &[&str]| outline(&scripts.iter().map(|source| format!("<script src=\"{source}\"></script>")).collect::<String>());
        let (old, new, vendor) = ("/assets/index-o1dr3l00.js", "/assets/index-n3w4f1a2.js", "/assets/vendor-11aa22bb.js");
        assert!(page(&[old, vendor]).is_another_release(&page(&[new, vendor])));
        // An application shell of the same release names less.
        assert!(!page(&[new]).is_another_release(&page(&[new, vendor])) && !page(&[new, vendor]).is_another_release(&page(&[new])));
        // Names that stay over releases tell nothing.
        assert!(page(&["/app.js"]).is_another_release(&page(&["/app.js", "/more.js"])));
        assert!(!page(&[new]).is_another_release(&page(&[new])));
        // Nor does one that stays beside modules that do not.
        let with = |module: &str| outline(&format!("<link rel=modulepreload href={module}><script src={vendor}></script>"));
        assert!(with(old).is_another_release(&with(new)) && !with(new).is_another_release(&page(&[vendor])));
    }
}
