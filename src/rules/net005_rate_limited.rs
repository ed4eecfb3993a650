//! # NET005 rate-limited
//!
//! ## What it means
//! The server, or a gateway before it, turns requests away because there were too many.
//!
//! ## How it is recognised
//! An answer at the socket's path has status 429; or the Socket.IO CONNECT of this run was refused with a message that speaks of
//! a rate limit, or of too many (“too many requests”, “slow down”, “quota exceeded”, 429): without the word limit it is strongly suggested. If an engine had answered before and more than five requests went ahead, this page's own questions may be what
//! was too many: then it is information only, and so it is where a WebSocket
//! said hello, unless the chat polls and no session was let in as it opens them. `retry-after` is passed on where it is readable.
//!
//! Or: of eight small requests at five a second two or more were answered with 503 and nothing worse, and of six at one in two seconds, when nothing else was
//! asked, none.
//!
//! Or: some were answered with nginx's own page for 503, and others by the engine: nginx writes that page itself for its limits alone. These are two, and
//! nothing tells them apart: of requests in a time (`limit_req`), and of connections at one time (`limit_conn`), where waiting need not help. Where the page
//! names no version and no header names nginx, it only fits: ingress-nginx writes the same for a Service without a ready endpoint, and both are named.
//!
//! Or, and then it only fits: handshakes were answered with 503 before and after others were let in, while all other small requests passed. If the
//! chat's own first session was let in, that is a remark.
//!
//! What was asked since connections that were held ended, and could not be opened anew at once, counts for none of these: no limit on requests ends what is open.
//!
//! A remark only: 403 that is no engine's for all at the path from some request on, after six and more that the engine had answered, where the chat's first session and a
//! WebSocket were let in: firewalls that count requests say so. Or 503 that came while the run itself asked much at one time, with clean answers before and after.
//!
//! ## What it does not mean
//! It does not say that this person did too much: behind one address (a company, a gateway that hides whom it serves) everybody
//! shares one count. A 503 that comes in bursts may be a limit (nginx's `limit_req` answers 503) or an overload; a page can't tell.
//!
//! ## What to do
//! Wait, as long as `retry-after` says. The operator counts by the person's address, and does not count the socket's path like pages.
//!
//! ## References
//! RFC 6585 section 4; RFC 9110 section 10.2.3 (Retry-After); nginx.org, ngx_http_limit_req_module and ngx_http_limit_conn_module (503
//! by default); Semaphore Chat counts 10 CONNECT in 60 s per socket address (read in its source).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose, order_by};
use crate::protocol::engine_io::Answer;
use super::sio001_namespace_unknown::connect_refusal;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::protocol::http_date::unix_seconds;
use crate::survey::{Live, Survey};
use crate::t;

pub const RULE: Rule = Rule { code: "NET005", name: "rate-limited", explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "NET007", "NET006", "PATH001", "AUTH002", "SIO001", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some((cite, life)) = survey.connect()
        && let Some(message) = connect_refusal(survey, life)
        && speaks_of_limit(&message)
    {
        let confidence = if folded(&message).contains("rate limit") { Confidence::Observed } else { Confidence::StronglySuggested };
        let finding = RULE.finding(Severity::Blocks, confidence, &[Party::SiteOperator], Cites::of(cite, []));
        return Outcome::Fires(finding.with("where", "channel").with("message", message));
    }
    let mut answered_before = None;
    let raw = survey.raw().and_then(|raw| raw.companion);
    let mut in_order: Vec<(Cite, &Exchange)> = survey.engine_exchanges().chain(raw).collect();
    order_by(&mut in_order, |(_, x)| x.started);
    let heard = matches!(survey.live(), Live::Hello { .. });
    // A chat that begins with long-polling is out where none of its sessions was let in, whatever a WebSocket may.
    let let_in = survey.on_path(Purpose::Handshake).any(|(_, x)| x.credentials != "omit" && matches!(x.engine(), Answer::Open { .. }));
    for (before, (cite, exchange)) in in_order.into_iter().enumerate() {
        if let Some(response) = exchange.response().filter(|r| r.status == 429) {
            // Our own questions may be what was too many: then it is only worth a remark.
            let severity = match (answered_before, before) {
                (None, _) => Severity::Blocks,
                (Some(_), 0..=5) if !heard || survey.polls() && !let_in => Severity::Degrades,
                (Some(_), _) => Severity::Info,
            };
            let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, answered_before));
            let finding = finding.with("where", "requests").with("requests-before", before.to_string());
            return Outcome::Fires(finding.with("retry-after", response.header("retry-after").unwrap_or("")));
        }
        if exchange.engine().is_engine() {
            answered_before = Some(cite);
        }
    }
    let calls = survey.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::CallValidate | Purpose::CallToken) && x.status() == Some(429)).next();
    if let Some((cite, exchange)) = calls {
        let finding = RULE.finding(super::of_calls(survey), Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, []));
        let retry = exchange.response().and_then(|r| r.header("retry-after")).unwrap_or("");
        return Outcome::Fires(finding.with("where", "requests").with("requests-before", "").with("retry-after", retry));
    }
    let by_page = || by_its_page(survey).map(|cites| (if by_nginx_itself(survey, &cites) { Confidence::StronglySuggested } else { Confidence::Correlated }, cites));
    if let Some((confidence, cites)) = by_pace(survey).map(|cites| (Confidence::StronglySuggested, cites)).or_else(by_page) {
        let finding = RULE.finding(Severity::Degrades, confidence, &[Party::SiteOperator], cites);
        return Outcome::Fires(finding.with("where", "pace").with("requests-before", "").with("retry-after", ""));
    }
    match sessions(survey).or_else(|| banned(survey, heard && let_in)) {
        Some(finding) => Outcome::Fires(finding),
        None => burst(survey),
    }
}

/// Whether the refusal of a CONNECT is about how much was asked, and not about who asks.
pub(super) fn speaks_of_limit(message: &str) -> bool {
    let message = folded(message);
    let words = ["rate limit", "ratelimit", "too many", "slow down", "throttl", "quota"];
    words.iter().any(|w| message.contains(w)) || message.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "429")
}

/// `RATE_LIMITED` and "Rate-limited" are one word.
fn folded(message: &str) -> String {
    message.to_ascii_lowercase().replace(['_', '-'], " ")
}

/// 403 in words that are no engine's, from some request on for all that is asked at the path, where everything before had been answered: a firewall that
/// counts, and our own questions are what it counted.
fn banned(survey: &Survey, works: bool) -> Option<Finding> {
    let mut all: Vec<(Cite, &Exchange)> = survey.engine_exchanges().collect();
    order_by(&mut all, |(_, x)| x.started);
    let at = all.iter().position(|(_, x)| x.status() == Some(403) && !x.engine().is_engine())?;
    let (before, since) = all.split_at(at);
    let counted = before.len() >= COUNTED && before.iter().all(|(_, x)| x.engine() != Answer::Other) && since.iter().all(|(_, x)| x.status() == Some(403));
    let (cite, _) = *since.first().filter(|_| counted && works)?;
    let finding = RULE.finding(Severity::Info, Confidence::Correlated, &[Party::SiteOperator], Cites::of(cite, before.iter().map(|(c, _)| *c).take(1)));
    Some(finding.with("where", "requests").with("requests-before", at.to_string()).with("retry-after", ""))
}

/// So many answered requests before one that a count may have refused: a client begins with four or five.
const COUNTED: usize = 6;

/// Whether a limit, and no broken instance, is what turns some of the requests away.
pub(super) fn is_limited(survey: &Survey) -> bool {
    by_pace(survey).is_some() || by_its_page(survey).is_some() || sessions(survey).is_some()
}

/// 503 to some handshakes after others were let in, while all other small requests pass.
fn sessions(survey: &Survey) -> Option<Finding> {
    let mut handshakes: Vec<(Cite, &Exchange)> = survey.on_path(Purpose::Handshake).collect();
    order_by(&mut handshakes, |(_, x)| x.started);
    let let_in = |x: &Exchange| matches!(x.engine(), Answer::Open { .. });
    let (first, _) = handshakes.iter().find(|(_, x)| let_in(x))?;
    let others: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| matches!(x.purpose, Purpose::Repeat | Purpose::Companion | Purpose::FollowUp)).collect();
    let well = others.len() >= 3 && others.iter().all(|(_, x)| x.status().is_some_and(|s| s < 500));
    let turned_away: Vec<Cite> = handshakes.iter().filter(|(_, x)| refused(x) && is_before_the_cut(survey, x)).map(|(c, _)| *c).collect();
    let since = handshakes.iter().skip_while(|(c, _)| c != first).filter(|(_, x)| refused(x)).count();
    if turned_away.len() < 2 || since == 0 || !well {
        return None;
    }
    // The chat's own first session is what a person meets; the others are this run's.
    let chats = handshakes.iter().find(|(_, x)| x.credentials != "omit").is_some_and(|(_, x)| let_in(x));
    let severity = if chats { Severity::Info } else { Severity::Degrades };
    let finding = RULE.finding(severity, Confidence::Correlated, &[Party::SiteOperator], Cites::of(*first, turned_away));
    Some(finding.with("where", "sessions").with("requests-before", "").with("retry-after", ""))
}

/// Asked before connections that were held ended and could not be opened any more: no limit on requests ends those.
fn is_before_the_cut(survey: &Survey, exchange: &Exchange) -> bool {
    survey.reopened_in_vain().is_none_or(|at| exchange.started < at)
}

/// 503, unless whoever wrote it says that the server behind it failed.
pub(super) fn refused(exchange: &Exchange) -> bool {
    let failed = ["upstream connect error", "no healthy upstream", "no server is available", "no available server"];
    exchange.response().is_some_and(|r| r.status == 503 && !failed.iter().any(|words| r.excerpt.to_ascii_lowercase().contains(words)))
}

/// 503 at a pace of a few requests a second, and none at one in two seconds: a limit lets that pass, a broken instance does not.
pub(super) fn by_pace(survey: &Survey) -> Option<Cites> {
    let (slow, mut fast) = survey.repeats_by_pace();
    fast.retain(|(_, x)| is_before_the_cut(survey, x));
    let well = |x: &Exchange| x.status().is_some_and(|s| s < 500);
    let turned_away = fast.iter().filter(|(_, x)| refused(x)).count();
    let only_so = fast.iter().all(|(_, x)| refused(x) || well(x));
    let cleared = slow.len() >= SLOWLY && slow.iter().all(|(_, x)| well(x));
    if turned_away < 2 || !only_so || !cleared {
        return None;
    }
    Cites::from_all(fast.iter().filter(|(_, x)| refused(x)).chain(&slow).map(|(c, _)| *c))
}

/// nginx's own page with 503, beside answers of the engine: nginx writes that itself for `limit_req` and `limit_conn` alone, and a server that is not
/// there is 502 or 504 to it (measured).
pub(super) fn by_its_page(survey: &Survey) -> Option<Cites> {
    let asked = |x: &Exchange| matches!(x.purpose, Purpose::Repeat | Purpose::Companion) && is_before_the_cut(survey, x);
    let answers: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| asked(x)).collect();
    let refused: Vec<Cite> = answers.iter().filter(|(_, x)| own_page(x)).map(|(c, _)| *c).collect();
    let passed: Vec<Cite> = answers.iter().filter(|(_, x)| x.engine().is_engine()).map(|(c, _)| *c).collect();
    // At the start alone it is a server that wakes up.
    let first = answers.iter().filter(|(_, x)| x.engine().is_engine()).map(|(_, x)| x.ended()).min()?;
    if !answers.iter().any(|(_, x)| own_page(x) && x.started >= first) {
        return None;
    }
    let nothing_else = answers.iter().all(|(_, x)| own_page(x) || x.status().is_some_and(|s| s < 500));
    if refused.len() < 2 || passed.len() < 2 || !nothing_else { None } else { Cites::from_all(refused.into_iter().chain(passed)) }
}

/// nginx's own page for 503. What is built on it says 503 where no instance is there, too (openresty in APISIX).
fn own_page(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|r| r.status == 503 && r.excerpt.contains("<center>nginx"))
}

/// Whether plain nginx wrote one of these: ingress-nginx hides its version and its name by default, and answers the same where a Service has no ready endpoint.
fn by_nginx_itself(survey: &Survey, cites: &Cites) -> bool {
    let named = |x: &Exchange| x.response().is_some_and(|r| r.excerpt.contains("<center>nginx/") || r.header("server").is_some_and(|s| s.starts_with("nginx")));
    survey.engine_exchanges().any(|(cite, x)| cites.as_slice().contains(&cite) && own_page(x) && named(x))
}

/// So many slow requests without a refusal.
const SLOWLY: usize = 6;

/// 503 only while the run asked much at one time, clean before and after: a limit that our own questions met.
fn burst(survey: &Survey) -> Outcome {
    let all: Vec<(Cite, &Exchange)> = survey.engine_exchanges().collect();
    let refused: Vec<&(Cite, &Exchange)> = all.iter().filter(|(_, x)| refused(x) && is_before_the_cut(survey, x)).collect();
    let (Some(first), Some(last)) = (refused.iter().map(|(_, x)| x.started).min(), refused.iter().map(|(_, x)| x.started).max()) else {
        return Outcome::Clear;
    };
    let heard = |x: &Exchange| x.engine().is_engine();
    let before = all.iter().find(|(_, x)| heard(x) && x.ended() <= first);
    let after: Vec<&(Cite, &Exchange)> = all.iter().filter(|(_, x)| x.started > last).collect();
    let Some((control, _)) = before.filter(|_| after.len() >= 4 && after.iter().all(|(_, x)| x.status().is_some_and(|s| s < 500))) else {
        return Outcome::Clear;
    };
    let Some(cites) = Cites::from_all(refused.iter().map(|(c, _)| *c).chain([*control])) else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Info, Confidence::Correlated, &[Party::SiteOperator], cites);
    Outcome::Fires(finding.with("where", "burst").with("requests-before", "").with("retry-after", ""))
}

/// Seconds until the server wants to be asked again (RFC 9110 section 10.2.3: a number of them, or a date); `None` for what nobody would wait for.
pub(super) fn retry_after(value: &str, date: Option<&str>) -> Option<u32> {
    const A_MONTH: u64 = 30 * 86_400;
    let seconds = match value.trim().parse() {
        Ok(seconds) => seconds,
        Err(_) => unix_seconds(value)?.checked_sub(date.and_then(unix_seconds)?)?,
    };
    u32::try_from(seconds).ok().filter(|_| (1..=A_MONTH).contains(&seconds))
}

/// The `Date` of the answer that is cited first.
pub(super) fn answered_at<'a>(finding: &Finding, survey: &Survey<'a>) -> Option<&'a str> {
    let first = finding.cites.as_slice().first()?;
    survey.evidence.exchanges().find(|(cite, _)| cite == first).and_then(|(_, x)| x.response()?.header("date"))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let wait = match retry_after(finding.param("retry-after"), answered_at(finding, survey)) {
        Some(seconds @ 0..=119) => t!("Wait {seconds} seconds, then open the chat again.", seconds = seconds.to_string()),
        Some(seconds) => t!("Wait {time}, then open the chat again: the server asks for that.", time = super::auth004_clock_skew::span(seconds)),
        None => t!("Wait a minute, then open the chat again.").into(),
    };
    // Of its two limits one counts connections: those of a chat stay.
    let of_nginx = survey.engine_exchanges().any(|(cite, x)| finding.cites.as_slice().contains(&cite) && own_page(x));
    let wait = if of_nginx { t!("It may help to wait a minute, and it may not: it depends on what the limit counts.").into() } else { wait };
    if finding.severity == Severity::Info {
        let text = Guidance::person(&finding.code, t!("The server turned away some of this page's own test questions, which says nothing against your chat."));
        return vec![text];
    }
    // The page of which nobody knows whether plain nginx wrote it.
    let ambiguous = of_nginx && finding.param("where") == "pace" && finding.confidence == Confidence::Correlated;
    let title = if ambiguous {
        t!("The server turns this connection away at times: there are too many, or a part of it is not always ready.")
    } else if of_nginx {
        t!("The server turns this connection away at times, because there are too many at one time or in a short time.")
    } else {
        t!("The server turns this connection away for now, because too many requests came in a short time.")
    };
    let message = finding.param("message");
    let person = Guidance::person(&finding.code, title);
    let person = if message.is_empty() { person } else { person.step(t!("It says: “{message}”.", message = message)) };
    let person = person
        .step(wait)
        .step(t!("Close other tabs with this chat. In an office, others behind the same connection may share the limit with you."))
        .or_hand_on();
    let before = finding.param("requests-before");
    let operator = if ambiguous {
        Guidance::operator(&finding.code, t!("Find out which it is: a limit, or a Service without a ready endpoint."))
            .step_with(t!("Behind ingress-nginx this page with 503 is written for both. A Service without a ready endpoint (a readiness probe that fails at times) shows as an empty list:"), "kubectl get endpointslices -w")
            .step(t!("If the endpoints stay, it is a limit:"))
    } else {
        Guidance::operator(&finding.code, t!("Raise the limit on the socket's path, or count by the real address of each person."))
    };
    let operator = if before.is_empty() { operator } else { operator.step(t!("It came after {count} requests of this page.", count = before)) };
    let operator = match survey.application {
        crate::profile::Application::Semaphore => operator.step(t!("Semaphore Chat allows 10 joins in 60 seconds per socket address; behind an ingress that is the ingress's address, so all people share it. Count by X-Forwarded-For, or raise the limit.")),
        _ => operator,
    };
    let operator = if of_nginx {
        operator.step(t!("nginx turned requests away in its own words, for limit_req or for limit_conn; its error.log says which (limiting requests, limiting connections). limit_conn counts what is open at one time: a client that begins with long-polling holds three at its upgrade, and each open tab one more. Let it be higher than that for one person, or leave it out for this path."))
    } else {
        operator
    };
    if !message.is_empty() {
        let operator = operator
            .step(t!("The Socket.IO CONNECT was refused so: the limit is in the application, in a middleware or the connection's handler, or in a service that it asks. Look for these words there."))
            .step(t!("Count by the person who is signed in, and not by the address of the socket, which behind a gateway is the gateway's."))
            .recheck(t!("Run this page again after the limit's time: it no longer says so."));
        return vec![person, operator];
    }
    let operator = operator
        .step(t!("Give {path} a limit of its own, apart from that of pages. In nginx, limit_req belongs into the locations of pages and logins, not into this one.", path = operator::path(survey)))
        .step(t!("Behind another gateway, take the person's address from X-Forwarded-For (nginx: set_real_ip_from and real_ip_header)."))
        .recheck(t!("Run this page again after the limit's time: it no longer says so."))
        .limits(t!("A limit that many different people hit at once is a question of capacity."));
    vec![person, operator]
}
