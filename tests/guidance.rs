//! The words: every rule is documented, every finding has a text for a person that a layperson understands, no text repeats
//! advice that is known to be wrong, and RULES.md is what the rules' doc comments say.
//!
//! `UPDATE=1 cargo test --test guidance` writes RULES.md anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "rules/worlds.rs"]
#[allow(dead_code)]
mod worlds;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use connection_doctor::evidence::{Evidence, Purpose};
use connection_doctor::guidance::{Audience, Guidance, Repair};
use connection_doctor::profile::{Layer, Page, Profile, Source};
use connection_doctor::redact::MASK;
use connection_doctor::rules::{Cites, Confidence, Finding, Params, Party, RULES, Rule, Severity};
use connection_doctor::survey::Survey;

const HEADINGS: [&str; 5] = ["## What it means", "## How it is recognised", "## What it does not mean", "## What to do", "## References"];

/// Words that a person who only wants to chat need not know, in lower case; they may stand in no title for a person.
const JARGON: [&str; 37] = [
    "websocket",
    "socket",
    "http",
    "proxy",
    "cors",
    "gateway",
    "engine",
    "namespace",
    "polling",
    "upgrade",
    "header",
    "endpoint",
    "dns",
    "tls",
    "api",
    "csp",
    "origin",
    "protocol",
    "packet",
    "handshake",
    "backend",
    "status code",
    "timeout",
    "candidate",
    "ice",
    "jwt",
    "livekit",
    "nat",
    "quic",
    "stun",
    "tcp",
    "udp",
    "webrtc",
    "1006",
    "502",
    "503",
    "429",
];

/// Advice in circulation that is wrong or harmful, in lower case, with what is wrong about it.
const WRONG: [(&str, &str); 34] = [
    ("--probe-path", "no option of az containerapp: probes are set by YAML, ARM or the portal"),
    ("--probe-protocol", "no option of az containerapp"),
    ("--transport http2", "for gRPC; it breaks WebSockets"),
    ("transport: http2", "for gRPC; it breaks WebSockets"),
    ("--allowed-origins \"*\"", "with credentials any site reads as the person who is signed in"),
    ("--allowed-origins *", "with credentials any site reads as the person who is signed in"),
    ("cors_allow_origin=*", "any site may act as the person who is signed in"),
    ("cors_allowed_origins=\"*\"", "any site may act as the person who is signed in"),
    ("cors_allowed_origins=[\"*\"]", "any site may act as the person who is signed in"),
    ("allow_origins = [\"*\"]", "any site may act as the person who is signed in"),
    ("origin: \"*\"", "refused by browsers with credentials"),
    ("access-control-allow-origin: *", "refused by browsers with credentials"),
    ("--revision-suffix", "needless: ingress changes apply at once"),
    ("tcp health probe", "no documentation says that they interrupt WebSockets"),
    ("websocket response: 200", "success is 101"),
    ("sec-websocket-key: test", "servers answer 400 to a key that is not 16 bytes"),
    ("nginx.ingress.kubernetes.io/websocket-services", "the key is nginx.org/websocket-services, of another controller"),
    ("sessionaffinity: none", "ingress-nginx routes past the Service"),
    ("requires redis", "only with several instances"),
    ("require redis", "only with several instances"),
    ("option h2-workaround", "HAProxy knows it without the word option, in the section global"),
    ("allow-loopback-peers", "opens the relay's own services to anybody who has its password (coturn's README.turnserver)"),
    ("no-auth", "an open relay"),
    ("cli-password=qwerty", "an open console"),
    ("unsafely-treat-insecure-origin-as-secure", "for a developer's own device"),
    ("use-fake-ui-for-media-stream", "for tests"),
    ("disable the firewall", "nobody's advice"),
    ("turn off the firewall", "nobody's advice"),
    ("clear your cache", "mends a stale copy and nothing else"),
    ("clear your cookies", "mends oversize cookies and nothing else"),
    ("clear the cache", "mends a stale copy and nothing else"),
    ("clear cookies", "mends oversize cookies and nothing else"),
    ("clear your browser", "mends a stale copy and nothing else"),
    ("delete your cookies", "mends oversize cookies and nothing else"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn file_of(rule: &Rule) -> PathBuf {
    let name = [&rule.code.to_ascii_lowercase(), "_", &rule.name.replace('-', "_"), ".rs"].concat();
    root().join("src/rules").join(name)
}

fn source(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The doc comment at the top, as Markdown.
fn doc(source: &str) -> String {
    source.lines().take_while(|l| l.starts_with("//!")).map(|l| [l.trim_start_matches("//!").trim_start(), "\n"].concat()).collect()
}

/// Who can mend it, in the order in which the rule names them.
fn parties(source: &str) -> Vec<&'static str> {
    let check = source.split("\nfn guide(").next().unwrap();
    let mut named: Vec<&'static str> = Vec::new();
    for part in check.split("Party::").skip(1) {
        let party = match part {
            p if p.starts_with("User") => "the person",
            p if p.starts_with("SiteOperator") => "the operator",
            p if p.starts_with("NetworkAdmin") => "the network's administrator",
            p if p.starts_with("Nobody") => continue,
            p => panic!("a party without a name here: {}", &p[..20]),
        };
        if !named.contains(&party) {
            named.push(party);
        }
    }
    named
}

fn rules_md() -> String {
    let mut out = String::from(
        "# Rules\n\nWhat Connection Doctor can say. Made from the doc comments in `src/rules/` by\n`UPDATE=1 cargo test --test guidance`; do not edit. Codes are stable and never reused; causes stand before what follows from\nthem.\n\n| code | name | who can mend it |\n| --- | --- | --- |\n",
    );
    for rule in RULES {
        let source = source(&file_of(rule));
        let parties = parties(&source);
        let who = if parties.is_empty() { "nobody has to".to_owned() } else { parties.join(", ") };
        let anchor = [&rule.code.to_ascii_lowercase(), "-", rule.name].concat();
        out.push_str(&format!("| [{}](#{anchor}) | {} | {who} |\n", rule.code, rule.name));
    }
    for rule in RULES {
        out.push('\n');
        for line in doc(&source(&file_of(rule))).lines() {
            if line.starts_with('#') {
                out.push('#');
            }
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[test]
fn every_rule_is_documented() {
    let mut codes = BTreeSet::new();
    for rule in RULES {
        assert!(codes.insert(rule.code), "{} stands twice in the table", rule.code);
        let doc = doc(&source(&file_of(rule)));
        assert!(doc.starts_with(&["# ", rule.code, " ", rule.name, "\n\n"].concat()), "{}: the title line is another", rule.code);
        let headings: Vec<&str> = doc.lines().filter(|l| l.starts_with("## ")).collect();
        assert_eq!(headings, HEADINGS, "{}", rule.code);
        for part in doc.split("\n## ").skip(1) {
            assert!(part.lines().nth(1).is_some_and(|l| l.len() > 5), "{}: nothing stands under {:?}", rule.code, part.lines().next());
        }
        assert!(!doc.contains("TODO"), "{}", rule.code);
    }
    let files = fs::read_dir(root().join("src/rules")).unwrap().filter(|f| f.as_ref().unwrap().file_name() != "mod.rs").count();
    assert_eq!(files, RULES.len(), "a file in src/rules stands for no rule of the table");
}

#[test]
fn rules_md_is_current() {
    let path = root().join("RULES.md");
    let wanted = rules_md();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == wanted, "RULES.md is not what the rules say: UPDATE=1 cargo test --test guidance");
}

/// Values as the rules give them; the first one of each name stands in every finding of a rule that names it.
const PARAMS: [(&str, &[&str]); 98] = [
    ("signed-in", &["", "yes"]),
    ("during-run", &["no", "yes"]),
    ("browser-says-offline", &["no", "yes"]),
    ("page-title", &["Hotel Wi-Fi", ""]),
    ("directive", &["connect-src"]),
    ("blocked", &["wss://chat.example/ws"]),
    ("setting", &["ws-url"]),
    ("url", &["ws://chat.example", "turn:turn.example?transport=udp", "https://chat.example:4433/"]),
    (
        "urls",
        &[
            "turn:turn.example:3478?transport=udp: no answer in 3.9 s",
            "turns:turn.example: not reached (701) over IPv4; turn:turn.example: refused with 486",
            "",
        ],
    ),
    ("claims", &["expired", "early", "valid", ""]),
    ("devices", &["microphone", "camera", "microphone and camera"]),
    ("host", &["turn.example:443", ""]),
    ("shared", &["", "yes"]),
    ("tls", &["", "taken", "untold", "refused"]),
    (
        "how",
        &[
            "redirect",
            "redirect-elsewhere",
            "sign-in-page",
            "silent",
            "refused",
            "hung",
            "slow",
            "unavailable",
            "frame",
            "",
            "requests",
            "upgrade",
            "not-sent",
            "third-party",
            "blocked",
            "not-kept",
            "idle",
            "either",
            "lifetime",
            "page",
            "not-found",
            "unsupported",
            "gateway",
            "another-type",
            "grpc-fails",
            "socket-fails",
            "state",
            "status",
            "damaged",
            "no-health-service",
            "sessions",
            "connections",
            "unreachable",
            "gateway-error",
            "not-livekit",
            "not-ready",
            "full",
            "hangs",
            "closes",
            "shown-out",
            "expired",
            "not-yet-valid",
            "signature",
            "key",
            "grant",
            "malformed",
            "no-token",
            "no-room",
            "certificate",
            "refuses",
            "name",
            "missing",
            "no-webrtc",
            "never-opened",
            "lossy",
            "reliable",
            "never-connected",
            "policy",
            "dismissed",
            "denied",
            "muted",
            "mute",
            "address",
            "other",
            "rejected",
            "packets",
            "older",
            "threw",
            "file",
        ],
    ),
    ("where", &["requests", "channel", "user", "pace", "sessions", "burst"]),
    ("retry-after", &["", "30", "Fri, 31 Dec 1999 23:59:59 GMT"]),
    ("requests-before", &["3"]),
    ("server", &["https://chat.example"]),
    ("browser-says-tls", &["no", "yes"]),
    ("scope", &["server", "socket-path", "application", "socket"]),
    ("status", &["502", "503", "504", "522", "401", "403", ""]),
    ("gateway", &["", "nginx", "Envoy"]),
    ("told", &["/ws/socket.io/"]),
    ("found", &["/chat/ws/socket.io/", "/ws/socket.io/", ""]),
    ("path", &["/ws/socket.io/"]),
    ("answer", &["web-page", "not-found", "something-else", "a web page", "not found"]),
    ("basis", &["guess", "application", "configured"]),
    ("server-speaks", &["3"]),
    ("client-speaks", &["4", ""]),
    ("transport", &["both", "polling", "websocket"]),
    ("origin", &["https://page.example"]),
    ("page-origin", &["https://page.example"]),
    ("message", &["Connection refused by server", "", "Opening handshake failed."]),
    ("websocket", &["", "works"]),
    ("protocol", &["h2"]),
    ("waited-ms", &["5000"]),
    ("age-ms", &["40"]),
    ("after-open-packet", &["yes", "no"]),
    ("compressed", &["", "yes"]),
    ("close-code", &["1000", "1001", "1005", "1008", "1009", "1011", "1012", "1013", "3000", "4001"]),
    ("meaning", &["normal closure"]),
    ("namespace", &["/chat"]),
    ("first-ms", &["6000"]),
    ("p50-ms", &["1500"]),
    ("kind", &["websocket-only", "polling-only"]),
    ("names", &["redis", "", "database"]),
    ("says", &["Redis not ready"]),
    ("areas", &["local-storage, session-storage", ""]),
    ("candidates", &["missing, of another origin", "1 by UDP and 1 by TCP", "0 by UDP and 0 by TCP"]),
    ("copy", &["old", "", "open"]),
    ("device", &["ahead", "behind"]),
    ("headers", &["authorization, x-request-id"]),
    ("large-cookies", &["", "big0 big1"]),
    ("lifetime", &["max-age=3600", ""]),
    ("failure", &["", "error", "redirect"]),
    ("page", &["chat", "", "http", "https"]),
    ("partitioned", &["kept", ""]),
    ("percent", &["98"]),
    ("readable-size", &["42084"]),
    ("script", &["/assets/app-1.js"]),
    ("seconds", &["3600", "61", "400", "200000"]),
    ("server-version", &["", "0.12.5"]),
    ("shared-age", &["", "600"]),
    ("waiting", &["", "yes"]),
    ("cookie", &["SERVERID", ""]),
    ("lost", &["3", "0"]),
    ("or", &["", "third-party"]),
    ("from-ms", &["16600"]),
    ("to-ms", &["20000"]),
    ("sessions", &["9"]),
    ("sender-heard", &["yes", "no"]),
    ("held-ms", &["2000", "12400"]),
    ("events", &["11"]),
    ("limit", &["", "nginx's proxy_read_timeout (60 s)"]),
    ("ping-interval-ms", &["25000", "2000", ""]),
    ("interval-ms", &["25000", "3000"]),
    ("timeout-ms", &["20000"]),
    ("code", &["", "1009"]),
    ("lost-bytes", &["900000"]),
    ("max-payload", &["1000000", ""]),
    ("passed-bytes", &["", "450000"]),
    ("refused-bytes", &["900000"]),
    ("socket-ms", &["600"]),
    ("http-ms", &["3"]),
    ("p95-ms", &["900"]),
    ("encoding", &["gzip"]),
    ("state", &["NOT_SERVING", "UNKNOWN"]),
    ("alone-ms", &["12"]),
    ("median-ms", &["4000"]),
    ("sockets", &["8"]),
    ("asked", &["8"]),
    ("failed", &["3"]),
    ("what", &["requests", "connections"]),
    ("samples", &["9"]),
    ("static-ms", &["12"]),
    ("after-ms", &["40"]),
    ("why", &["expired", "not-yet-valid", "signature", "invalid", ""]),
];

/// With the parameters that the rule names.
fn finding(rule: &Rule, severity: Severity, confidence: Confidence) -> Finding {
    let source = source(&file_of(rule));
    finding_with(rule, severity, confidence, &|name| source.contains(&["\"", name, "\""].concat()))
}

fn finding_with(rule: &Rule, severity: Severity, confidence: Confidence, named: &dyn Fn(&str) -> bool) -> Finding {
    let (party, also) = (Party::SiteOperator, vec![Party::NetworkAdmin, Party::User]);
    let bare =
        Finding { code: rule.code.into(), name: rule.name.into(), severity, confidence, party, also, params: Params::default(), cites: Cites::of(1, []) };
    PARAMS.iter().filter(|(name, _)| named(name)).fold(bare, |finding, (name, values)| finding.with(name, values[0]))
}

fn profiles() -> Vec<Profile> {
    let mut all = Vec::new();
    for (application, servers) in [
        ("auto", &["https://page.example", "https://app.azurecontainerapps.io", "https://app.azurewebsites.net", "http://10.0.0.1:8000"][..]),
        ("chainlit", &["https://page.example"]),
        ("open-webui", &["https://page.example", "https://chat.example"]),
        ("semaphore", &["https://page.example"]),
        ("raw", &["https://page.example"]),
    ] {
        for server in servers {
            let page = Page { origin: "https://page.example".into(), path: "/diagnostics/".into(), embedded: false };
            let raw = if application == "raw" { ",\"ws-url\":\"wss://chat.example/ws\"" } else { "" };
            let json = ["{\"profile\":\"", application, "\",\"server\":\"", server, "\"", raw, "}"].concat();
            all.push(Profile::parse(&page, &[Layer { source: Source::File, json }]).unwrap());
        }
    }
    // LiveKit alone, and calls beside a chat.
    for json in [
        r#"{"profile":"livekit"}"#,
        r#"{"socket-path":"/socket.io/","livekit-url":"wss://rtc.example","ice-servers":[{"urls":["stun:turn.example","turns:turn.example:443"],"username":"a","credential":"b"}]}"#,
    ] {
        let page = Page { origin: "https://chat.example".into(), path: "/diagnostics/".into(), embedded: false };
        all.push(Profile::parse(&page, &[Layer { source: Source::File, json: json.to_owned() }]).unwrap());
    }
    // What the operator may set besides.
    let page = Page { origin: "https://chat.example".into(), path: "/diagnostics/".into(), embedded: false };
    let json = r#"{"help-path":"/help","user-path":"/me","storage-keys":"token","credentials":"include","request-headers":"authorization","response-headers":"x-request-id"}"#;
    all.push(Profile::parse(&page, &[Layer { source: Source::File, json: json.to_owned() }]).unwrap());
    all
}

/// What the rule says of it, in English.
fn guided(rule: &Rule, finding: &Finding, survey: &Survey) -> Vec<Guidance<String>> {
    (rule.guide)(finding, survey).into_iter().map(|text| text.in_words(harness::english())).collect()
}

/// Every text that any finding can bring: each severity and confidence, each value of each parameter, each application and
/// platform.
fn every_text(mut each: impl FnMut(&Rule, &Finding, &[Guidance<String>])) {
    let evidence = Evidence::default();
    let profiles = profiles();
    for rule in RULES {
        let source = source(&file_of(rule));
        let stands = |word: &str| source.contains(&["\"", word, "\""].concat());
        // Of those that many rules share only what this one says.
        let says = |name: &str, values: &'static [&'static str]| values[1..].iter().filter(|v| name != "how" || stands(v)).collect::<Vec<_>>();
        let read: Vec<_> = PARAMS.iter().filter(|(name, _)| stands(name)).map(|(name, values)| (name, says(name, values))).collect();
        for profile in &profiles {
            let survey = Survey::of(profile, &evidence);
            for severity in [Severity::Info, Severity::Degrades, Severity::Blocks] {
                for confidence in [Confidence::Correlated, Confidence::StronglySuggested, Confidence::Observed] {
                    let base = finding_with(rule, severity, confidence, &|name| read.iter().any(|(known, _)| **known == name));
                    each(rule, &base, &guided(rule, &base, &survey));
                    for (name, values) in &read {
                        for value in values {
                            let finding = base.clone().with(name, **value);
                            each(rule, &finding, &guided(rule, &finding, &survey));
                        }
                    }
                    let bare = Finding { params: Params::default(), ..base };
                    each(rule, &bare, &guided(rule, &bare, &survey));
                }
            }
        }
    }
}

/// Rules that never say more than a remark.
const REMARKS: [&str; 2] = ["PATH003", "SES004"];

#[test]
fn every_finding_says_to_a_person_what_it_means() {
    every_text(|rule, finding, texts| {
        let person: Vec<&Guidance<String>> = texts.iter().filter(|g| g.audience == Audience::Person).collect();
        assert_eq!(person.len(), 1, "{}", rule.code);
        let title = &person[0].title;
        assert!(!title.is_empty() && title.ends_with('.') && !title.ends_with(".."), "{}: {title}", rule.code);
        assert!(title.len() <= 130, "{}: too long to be one plain sentence: {title}", rule.code);
        let lower = title.to_lowercase();
        for word in JARGON {
            let alone = lower.split(|c: char| !c.is_alphanumeric()).any(|w| w == word || w.strip_suffix('s') == Some(word));
            assert!(!(alone || word.contains(' ') && lower.contains(word)), "{}: “{word}” in: {title}", rule.code);
        }
        if finding.severity == Severity::Blocks {
            assert!(!person[0].steps.is_empty() || REMARKS.contains(&rule.code), "{}: nothing to do, and not said so", rule.code);
        }
        for text in texts {
            assert_eq!(text.code, rule.code);
            assert!(text.title.ends_with('.'), "{}: {}", rule.code, text.title);
            assert!(
                text.steps.iter().all(|s| s.text.len() > 3 && s.text.ends_with(['.', ':', '”', ')', '!'])
                    || finding.params == Params::default()
                    || s.text.contains("Redis not ready")),
                "{}: {:?}",
                rule.code,
                text.steps
            );
            for decision in &text.decisions {
                let answer = decision.answer.as_deref().unwrap_or("No.");
                assert!(text.audience == Audience::Operator, "{}: {decision:?}", rule.code);
                assert!(decision.question.ends_with('?') && decision.question.len() <= 160, "{}: {decision:?}", rule.code);
                // What follows is a sentence, or the command that finds it out.
                let command = decision.next.contains(" --");
                assert!((command || decision.next.ends_with(['.', ':'])) && !answer.is_empty(), "{}: {decision:?}", rule.code);
            }
            if text.audience != Audience::Person {
                // Folded away: what it is for, and then what to copy.
                for folded in &text.elsewhere {
                    let (what, code) = folded.split_once('\n').unwrap_or((folded, "."));
                    assert!(what.len() > 3 && what.ends_with([':', '.']) && !code.trim().is_empty(), "{}: {folded:?}", rule.code);
                }
                assert!(!text.steps.is_empty() && !text.recheck.is_empty(), "{}: no step, or no way to see that it worked", rule.code);
            }
        }
    });
}

#[test]
fn no_text_repeats_wrong_advice() {
    every_text(|rule, _, texts| {
        for text in texts {
            let steps: String = text.steps.iter().map(|s| [&s.text, "\n", s.code.as_deref().unwrap_or(""), "\n"].concat()).collect();
            let decisions: String =
                text.decisions.iter().map(|d| [&d.question, "\n", d.answer.as_deref().unwrap_or(""), "\n", &d.next, "\n"].concat()).collect();
            // A browser's own menus may well say “clear”: what they fold away is of CURES alone.
            let elsewhere = if text.audience == Audience::Person { String::new() } else { text.elsewhere.join("\n") };
            let all = [text.title.as_str(), &steps, &text.recheck, &text.limits, &decisions, &elsewhere].join("\n").to_lowercase();
            for (advice, why) in WRONG {
                // Where the evidence says that the site's cookies are what is too large, removing them is the cure.
                if rule.code == "COOK003" && advice.contains("cookie") {
                    continue;
                }
                assert!(!all.contains(advice), "{}: “{advice}”: {why}", rule.code);
            }
            let folded = text.elsewhere.iter().filter_map(|e| Some(e.split_once('\n')?.1)).filter(|_| text.audience != Audience::Person);
            for code in text.steps.iter().filter_map(|s| s.code.as_deref()).chain(folded) {
                assert!(!code.contains("\\\n") && !code.contains('`'), "{}: a line continuation that only one shell knows: {code}", rule.code);
                for line in code.lines().filter(|l| l.starts_with("curl ")) {
                    let url = line.rsplit(' ').next().unwrap();
                    assert!(url.starts_with('"') && url.ends_with('"'), "{}: a URL that the shell would cut: {line}", rule.code);
                    assert!(!line.contains("Upgrade") || line.contains("--http1.1") && line.contains("dGhlIHNhbXBsZSBub25jZQ=="), "{}: {line}", rule.code);
                }
            }
        }
    });
}

#[test]
fn the_platform_that_showed_itself_comes_alone() {
    let evidence = Evidence::default();
    let operator = |server: &str| -> String {
        let page = Page { origin: server.into(), path: "/diagnostics/".into(), embedded: false };
        let profile = Profile::parse(&page, &[]).unwrap();
        let rule = RULES.iter().find(|r| r.code == "WS001").unwrap();
        let texts = guided(rule, &finding(rule, Severity::Blocks, Confidence::StronglySuggested), &Survey::of(&profile, &evidence));
        texts
            .iter()
            .filter(|t| t.audience == Audience::Operator)
            .flat_map(|t| {
                let steps = t.steps.iter().map(|s| [&s.text, " ", s.code.as_deref().unwrap_or(""), "\n"].concat());
                steps.chain(t.elsewhere.iter().map(|folded| [folded, "\n"].concat())).collect::<Vec<_>>()
            })
            .collect()
    };
    let azure = operator("https://app.azurecontainerapps.io");
    assert!(azure.contains("az containerapp ingress update --name APP --resource-group GROUP --transport http") && !azure.contains("proxy_pass"), "{azure}");
    let unknown = operator("https://chat.example");
    let (nginx, apache) = (unknown.find("proxy_set_header Upgrade").unwrap(), unknown.find("upgrade=websocket").unwrap());
    assert!(nginx < apache && unknown.contains("az containerapp") && unknown.contains("Cloudflare"), "{unknown}");
    assert!(unknown.contains("\"https://chat.example/socket.io/?EIO=4&transport=websocket\""), "{unknown}");
}

/// A path comes from anybody's link, and a report's command is pasted into a shell.
#[test]
fn nothing_from_outside_becomes_a_command() {
    let page = Page { origin: "https://chat.example".into(), path: "/diagnostics/".into(), embedded: false };
    let evidence = Evidence::default();
    for json in [r#"{"socket-path":"/$(reboot)\";reboot;{}/"}"#, r#"{"profile":"raw","ws-url":"wss://chat.example/ws","ws-protocols":"`reboot` $reboot"}"#] {
        let profile = Profile::parse(&page, &[Layer { source: Source::Query, json: json.to_owned() }]).unwrap();
        let survey = Survey::of(&profile, &evidence);
        for rule in RULES {
            let evil = PARAMS.iter().fold(finding(rule, Severity::Blocks, Confidence::Observed), |f, (name, _)| f.with(name, "/$(reboot)\";reboot;`x`"));
            for text in guided(rule, &evil, &survey) {
                let folded = text.elsewhere.iter().filter_map(|e| Some(e.split_once('\n')?.1));
                assert!(!text.steps.iter().filter_map(|s| s.code.as_deref()).chain(folded).any(|c| c.contains("reboot")), "{}: {text:?}", rule.code);
            }
        }
    }
}

/// A server that wants a subprotocol is well, and refuses whoever offers none.
#[test]
fn who_offers_no_subprotocol_is_told_of_the_setting() {
    let page = Page { origin: "https://chat.example".into(), path: "/diagnostics/".into(), embedded: false };
    let evidence = Evidence::default();
    let rule = RULES.iter().find(|r| r.code == "WS001").unwrap();
    let steps = |protocols: &str| -> String {
        let json = ["{\"profile\":\"raw\",\"ws-url\":\"wss://chat.example/ws\",\"ws-protocols\":\"", protocols, "\"}"].concat();
        let profile = Profile::parse(&page, &[Layer { source: Source::File, json }]).unwrap();
        let texts = guided(rule, &finding(rule, Severity::Blocks, Confidence::Correlated), &Survey::of(&profile, &evidence));
        texts.iter().flat_map(|t| &t.steps).map(|s| [&s.text, " ", s.code.as_deref().unwrap_or(""), "\n"].concat()).collect()
    };
    let (without, with) = (steps(""), steps("graphql-transport-ws mqtt"));
    assert!(without.contains("the setting “ws-protocols”") && !without.contains("Sec-WebSocket-Protocol"), "{without}");
    let offer = "-H \"Sec-WebSocket-Protocol: graphql-transport-ws,mqtt\" \"https://chat.example/ws\"";
    assert!(with.contains(offer) && !with.contains("the setting “ws-protocols”"), "{with}");
}

/// The rules whose evidence says that what this browser holds is what is wrong, and whose end-to-end repair proves a clean second
/// run. Nobody else may tell a person to remove anything, and no other page may offer to.
const CURES: [&str; 8] = ["COOK003", "COOK005", "STO002", "CACHE001", "CACHE002", "CACHE003", "CORS007", "AUTH003"];

/// Of CACHE003 an old copy alone: the server's own page of now is mended by nobody's browser.
fn cures(finding: &Finding) -> bool {
    CURES.contains(&finding.code.as_str()) && (finding.code != "CACHE003" || !finding.param("copy").is_empty())
}

/// Everything that this text says to the person.
fn said(text: &Guidance<String>) -> Vec<&str> {
    let steps = text.steps.iter().flat_map(|s| [s.text.as_str(), s.code.as_deref().unwrap_or("")]);
    let mend = text.mend.iter().flat_map(|m| [m.label.as_str(), m.removes.as_str()]);
    [text.title.as_str(), &text.recheck, &text.limits].into_iter().chain(steps).chain(mend).chain(text.elsewhere.iter().map(String::as_str)).collect()
}

/// A sentence that tells to take something away, or that speaks of a cache or of cookies as what is in the way.
fn tells_to_remove(said: &str) -> Option<&'static str> {
    const TAKES_AWAY: [&str; 9] = ["clear", "clears", "remove", "delete", "empty", "erase", "wipe", "reset", "reinstall"];
    const HELD: [&str; 5] = ["cache", "caches", "cached", "cookie", "cookies"];
    // What a setting lets a site do, or what a browser does by itself, is no removal.
    const LETS: [&str; 6] = ["allow", "allowed", "keep", "keeps", "block", "use"];
    // The exception is taken off a list of those that may not keep anything.
    let lower = said.to_lowercase().replace("remove this site from those that are blocked", "").replace("remove it from the blocked", "");
    for sentence in lower.split_inclusive(['.', ';']) {
        let words: Vec<&str> = sentence.split(|c: char| !c.is_alphanumeric()).collect();
        if let Some(word) = TAKES_AWAY.iter().find(|w| words.contains(w)) {
            return Some(word);
        }
        let lets = LETS.iter().any(|w| words.contains(w))
            || words.contains(&"allows")
            || words.contains(&"blocks")
            || words.contains(&"takes")
            || words.contains(&"save");
        if let Some(word) = HELD.iter().find(|w| words.contains(w)).filter(|_| !lets) {
            return Some(word);
        }
    }
    None
}

#[test]
fn nobody_is_told_to_remove_what_is_not_the_cause() {
    let mut wrong = BTreeSet::new();
    every_text(|_, finding, texts| {
        for text in texts.iter().filter(|t| t.audience == Audience::Person && !cures(finding)) {
            for said in said(text) {
                if let Some(word) = tells_to_remove(said) {
                    wrong.insert(format!("{} {:?}: “{word}” in: {said}", finding.code, finding.severity));
                }
            }
        }
        for text in texts {
            assert!(text.mend.is_none() || cures(finding) && text.audience == Audience::Person, "{}: {:?} {:?}", finding.code, text.audience, text.mend);
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tells_to_remove("Clear your cookies.").is_some() && tells_to_remove("It is in the cache.").is_some());
    assert!(tells_to_remove("Allow cookies for this site.").is_none() && tells_to_remove("Reload the chat.").is_none());
}

/// What a repair names, of whatever kind.
fn names(repair: &Repair) -> &[String] {
    match repair {
        Repair::UnregisterWorker { caches } | Repair::DropCaches { caches } => caches,
        Repair::ReloadEntries { paths } => paths,
        Repair::DropCookies { names } => names,
        Repair::DropKeys { keys } => keys,
        Repair::ClearSiteData { path } => std::slice::from_ref(path),
    }
}

#[test]
fn a_repair_takes_away_what_was_seen_and_says_so() {
    let (mut offered, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    let all = worlds::curable().into_iter().chain(worlds::healthy());
    for (name, world) in all {
        let run = world.run();
        let report = run.report();
        let (profile, evidence) = (&report.profile, &report.evidence);
        for text in &report.guidance {
            let Some(mend) = &text.mend else { continue };
            let finding = report.causes.iter().find(|f| f.code == text.code).unwrap();
            assert!(cures(finding) && finding.severity > Severity::Info && text.audience == Audience::Person, "{name}: {} {mend:?}", text.code);
            offered.insert(text.code.clone());
            kinds.insert(mend.repair.kind());
            let seen = |named: &String| match &mend.repair {
                Repair::UnregisterWorker { .. } => evidence.workers().is_some_and(|(_, w)| w.caches.iter().any(|c| c.name == *named && c.holds_page)),
                Repair::DropCaches { .. } => evidence.workers().is_some_and(|(_, w)| w.caches.iter().any(|c| c.name == *named)),
                Repair::ReloadEntries { .. } => {
                    *named == profile.chat_page || evidence.exchanges_for(Purpose::ServerKept).any(|(_, x)| x.rejected() && x.path == *named)
                }
                Repair::DropCookies { .. } => evidence.cookies().is_some_and(|(_, c)| c.largest.iter().any(|c| c.name == *named)),
                Repair::DropKeys { .. } => evidence.storage().is_some_and(|(_, s)| s.keys.iter().any(|k| k.name == *named)),
                Repair::ClearSiteData { .. } => profile.help_path.as_ref() == Some(named),
            };
            let named = names(&mend.repair);
            assert!(named.iter().all(seen), "{name}: {} takes away what nobody saw: {:?}", text.code, mend.repair);
            // Several names look alike once they are masked, and all of them would go.
            assert!(named.iter().all(|n| !n.contains(MASK)), "{name}: {} takes away by a masked name: {:?}", text.code, mend.repair);
            assert!(!named.is_empty() || matches!(mend.repair, Repair::UnregisterWorker { .. }), "{name}: {} takes nothing away", text.code);
            assert!(!mend.label.is_empty() && mend.label.len() <= 40 && mend.removes.ends_with('.'), "{name}: {mend:?}");
            let said = mend.removes.to_lowercase();
            let goes = match &mend.repair {
                Repair::UnregisterWorker { caches } => said.contains("helper") && caches.iter().all(|c| mend.removes.contains(c)),
                Repair::ReloadEntries { .. } => said.contains("stored") && said.contains("replace"),
                Repair::ClearSiteData { .. } => said.contains("everything") && said.contains("cookies"),
                Repair::DropCaches { .. } | Repair::DropCookies { .. } | Repair::DropKeys { .. } => named.iter().all(|n| mend.removes.contains(n)),
            };
            assert!(goes && said.contains("sign"), "{name}: {}: what goes, and whether one stays signed in, is not said: {}", text.code, mend.removes);
        }
        if name == "storage full by somebody else" {
            assert!(report.guidance.iter().all(|t| t.mend.is_none()), "a token of 180 characters makes no room, and the person is signed out");
        }
    }
    // Which cookie it is no page can tell, and the operator's endpoint may stand behind it: the person takes it away in the browser
    // (`repair-cookie-to-gone-instance-by-hand`).
    let missing: Vec<&str> = CURES.into_iter().filter(|code| *code != "COOK005" && !offered.contains(*code)).collect();
    assert!(missing.is_empty(), "no button in any world: {missing:?}");
    println!("{offered:?} {kinds:?}");
}

/// Nothing is named by default: without evidence and settings there is nothing to take away.
#[test]
fn without_evidence_nothing_is_named() {
    let evidence = Evidence::default();
    let profile = Profile::parse(&Page { origin: "https://chat.example".into(), path: "/diagnostics/".into(), embedded: false }, &[]).unwrap();
    let survey = Survey::of(&profile, &evidence);
    for rule in RULES {
        let bare = Finding { params: Params::default(), ..finding(rule, Severity::Blocks, Confidence::Observed) };
        for text in guided(rule, &bare, &survey) {
            let named = text.mend.as_ref().map_or(&[][..], |m| names(&m.repair));
            assert!(named.iter().all(|n| *n == profile.chat_page || n.is_empty()), "{}: {:?}", rule.code, text.mend);
        }
    }
}

/// What can't be told from a cause is named beside it, and what does not help is not advised.
#[test]
fn advice_fits_what_a_page_can_not_tell_apart() {
    let profile = &profiles()[0];
    let evidence = Evidence::default();
    let survey = Survey::of(profile, &evidence);
    let of = |code: &str, params: &[(&str, &str)]| {
        let rule = RULES.iter().find(|r| r.code == code).unwrap();
        let base = finding_with(rule, Severity::Degrades, Confidence::Observed, &|_| false);
        let finding = params.iter().fold(base, |finding, (name, value)| finding.with(name, *value));
        let texts = guided(rule, &finding, &survey);
        let said = |audience| texts.iter().filter(|g| g.audience == audience).flat_map(said).collect::<Vec<_>>().join(" ");
        (said(Audience::Person), said(Audience::Operator))
    };
    let (person, operator) = of("WS001", &[]);
    assert!(["private window", "another network", "antivirus"].iter().all(|word| person.contains(word)), "{person}");
    assert!(operator.contains("your side is in order"), "{operator}");
    assert!(of("WS004", &[]).0.contains("antivirus") && !of("WS004", &[]).1.contains("per-message-deflate"));
    assert!(of("WS004", &[("compressed", "yes")]).1.contains("--ws-per-message-deflate false"));
    let (_, operator) = of("WS007", &[("interval-ms", "25000"), ("timeout-ms", "5000")]);
    assert!(operator.contains("pingTimeout: 60000") && !of("WS007", &[("timeout-ms", "20000")]).1.contains("pingTimeout"), "{operator}");
    assert!(of("WS011", &[("status", "403")]).1.contains("--forwarded-allow-ips") && !of("WS011", &[("status", "401")]).1.contains("--forwarded"));
    let (person, operator) = of("WS005", &[("how", "idle"), ("age-ms", "19969")]);
    assert!(person.contains("20 s of silence") && operator.contains("ended 20 s after"), "{person} {operator}");
    let (person, operator) = of("NET009", &[("browser-says-tls", "no")]);
    assert!(person.contains("VPN") && operator.find("nslookup") < operator.find("openssl"), "{operator}");
    assert!(of("NET009", &[("browser-says-tls", "yes")]).1.find("nslookup").is_none());
    let (person, _) = of("WS005", &[("how", "either"), ("age-ms", "9900")]);
    assert!(!person.contains("silence") && !person.contains("quiet") && person.contains("9.9 s"), "{person}");
    let (person, operator) = of("WS008", &[("how", "packets"), ("lost-bytes", "4000")]);
    assert!(person.contains("VPN") && operator.contains("--clamp-mss-to-pmtu") && !operator.contains("--ws-max-size"), "{operator}");
    assert!(of("GRPC002", &[("how", "grpc-fails")]).1.contains("GRPC001"));
}
