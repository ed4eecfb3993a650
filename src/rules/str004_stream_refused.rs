//! # STR004 stream-refused
//!
//! ## What it means
//! The address that the operator names for streamed answers gives an error or a web page, and no stream.
//!
//! ## How it is recognised
//! Every request for `stream-url` by `fetch` was answered with a status of 400 or more (429 aside: NET005), or with a web page. Where
//! the chat has an engine as far as anything tells, it was heard; and where one is looked for, no answer to it was an error of the server's (5xx): else
//! these come first. 401 and 403 are AUTH002's where a sign-in is refused elsewhere too, and information where nobody is known to be signed in (only an
//! endpoint of `user-path` that names somebody tells): the address is there, and nothing is known of the stream. So is a redirect to an address that is a sign-in's by its wording. 405 is information, and so are 400, 406,
//! 411, 415, 422, 426 and 428 without a web page: the address wants another request than a plain GET, as one that streams its answer to a POST.
//!
//! Or it is rejected twice, half a second apart, without an answer that this page may read, while the same server answers other requests: that only fits,
//! since a content blocker and, at another origin, CORS look the same.
//!
//! ## What it does not mean
//! This page asks by GET, without a question to the chat and with this browser's cookies alone: an address that wants more than that is named wrongly in
//! the setting, and the chat itself may stream well. 504 and 524 after a second or more are a gateway that waited: the server may well have answered later.
//!
//! ## What to do
//! The operator looks at what the address answers, or names another one.
//!
//! ## References
//! RFC 9110 sections 15, 15.5.6 (405) and 15.6.5 (504); WHATWG HTML section 9.2 (an answer of another type than `text/event-stream` ends an `EventSource` for good).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::evidence::{Exchange, SocketLife, Stream};
use crate::guidance::{Guidance, seconds};
use crate::survey::{Survey, speaks_of_sign_in};
use crate::t;

pub const RULE: Rule = Rule { code: "STR004", name: "stream-refused", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some(outcome) = rejected(survey) {
        return outcome;
    }
    let Some((cite, newest)) = survey.streams_all(refuses) else {
        return Outcome::Clear;
    };
    let fails = |status: Option<u16>| status.is_some_and(|s| (500..600).contains(&s));
    // Under the profile `auto` an engine is looked for that a site which only streams does not have.
    let engine = survey.has_an_engine();
    let server_fails = || survey.is_engine_subject() && survey.engine_exchanges().any(|(_, x)| fails(x.status()));
    if engine && survey.engine_heard().is_none() || server_fails() {
        return Outcome::Clear;
    }
    if matches!(newest.status, 401 | 403) && survey.sign_in_refused().is_some() {
        return Outcome::Clear;
    }
    let alone = !engine && survey.profile.ws_url.is_none() && survey.profile.grpc_url.is_none() && !survey.profile.has_calls();
    // A chat whose handshake is open to all, and whose API wants a session, is the rule.
    let signs_in = matches!(newest.status, 401 | 403) || speaks_of_sign_in(&newest.led_to);
    let stranger = signs_in && survey.signed_in().is_none();
    let severity = match newest.status {
        status if status == METHOD_NOT_ALLOWED || wants_another(status) && !is_page(newest) => Severity::Info,
        _ if stranger => Severity::Info,
        _ if alone => Severity::Blocks,
        _ => Severity::Degrades,
    };
    let cites = Cites::of(cite, survey.small_request().map(|(c, _)| c));
    let status = if newest.status >= 400 { newest.status.to_string() } else { String::new() };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], cites).with("status", status).with("path", newest.path.as_str());
    let finding = if newest.led_to.is_empty() { finding } else { finding.with("led-to", newest.led_to.as_str()) };
    let waited = newest.responded_after.filter(|ms| matches!(newest.status, 504 | 524) && *ms >= WAITED);
    Outcome::Fires(match waited {
        Some(ms) => finding.with("waited-ms", ms.to_string()),
        None => finding,
    })
}

/// Twice no answer came that this page may read, half a second apart, and since the second one the same server answered something else: the line is
/// no reason.
fn rejected(survey: &Survey) -> Option<Outcome> {
    let (cite, newest) = survey.stream_rejected()?;
    let (_, first) = survey.evidence.streams().find(|(_, s)| s.by == "fetch")?;
    let by_policy = !survey.policy_violations().is_empty() || !survey.policy_violations_beside().is_empty();
    let until = newest.started.saturating_add(newest.ended_after);
    if first.started == newest.started || by_policy || survey.was_away(first.started, until) {
        return None;
    }
    let origin = |url: &str| Address::parse(url).map(|a| a.origin());
    let since = |x: &Exchange| {
        x.answered() && x.cache.is_empty() && origin(&x.url) == origin(&newest.url) && x.started.saturating_add(x.responded_after.unwrap_or(0)) >= newest.started
    };
    let socket = |s: &SocketLife| origin(&s.url) == origin(&newest.url) && s.opened() && s.closed().is_none() && s.started.saturating_add(s.lasted()) >= until;
    let asked = || survey.evidence.exchanges().find(|(_, x)| since(x)).map(|(c, _)| c);
    let control = asked().or_else(|| survey.evidence.sockets().find(|(_, s)| socket(s)).map(|(c, _)| c))?;
    let finding = RULE.finding(Severity::Degrades, Confidence::Correlated, &[Party::SiteOperator, Party::User], Cites::of(cite, [control]));
    Some(Outcome::Fires(finding.with("how", "rejected").with("status", "").with("path", newest.path.as_str())))
}

const METHOD_NOT_ALLOWED: u16 = 405;

/// The address is there, and wants another request than this page's plain GET: another method, or what that lacks (RFC 9110 section 15.5; a server of the
/// Model Context Protocol says 400 to a GET without a session).
fn wants_another(status: u16) -> bool {
    matches!(status, 400 | 405 | 406 | 411 | 415 | 422 | 426 | 428)
}

fn is_page(stream: &Stream) -> bool {
    stream.header("content-type").is_some_and(|t| t.to_ascii_lowercase().starts_with("text/html"))
}

/// A gateway that says 504 sooner than that did not wait for this answer, in milliseconds.
const WAITED: u32 = 1_000;

fn refuses(stream: &Stream) -> bool {
    stream.status != 429 && (stream.status >= 400 || stream.status > 0 && is_page(stream))
}

fn guide(finding: &Finding, _: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        let person = Guidance::person(&finding.code, t!("The chat's streamed answers can't be tested from this page, which is no fault."));
        if !finding.param("status").parse().is_ok_and(wants_another) {
            let person = person.step(t!("Sign in to the chat in this browser, then run this test again: it can tell more."));
            let (path, led) = (finding.param("path"), finding.param("led-to"));
            let seen = match finding.param("status") {
                "" => t!("A GET of {path} was led to {to}: it wants a sign-in, and nobody is known to be signed in here. This page sends this browser's cookies there, and no Authorization header.", path = path, to = led),
                status => t!("A GET of {path} was answered with {status}: it wants a sign-in, and nobody is known to be signed in here. This page sends this browser's cookies there, and no Authorization header.", path = path, status = status),
            };
            let operator = Guidance::operator(&finding.code, t!("Test the stream as somebody who is signed in."))
                .step(seen)
                .step(t!("If it refuses somebody who is signed in by a cookie, let the gateway treat this path as the chat's other paths. If it takes no cookies, name another stream in stream-url."))
                .recheck(t!("This page shows how the stream comes, and no longer says so."));
            return vec![person, operator];
        }
        let person = person.step(t!("There is nothing that you have to do."));
        let operator = Guidance::operator(&finding.code, t!("Name a stream that answers GET in stream-url."))
            .step(t!("A GET of {path} was answered with {status}: most likely it wants a POST, a session or a header, and this page asks by a plain GET, without a question to the chat.", path = finding.param("path"), status = finding.param("status")))
            .recheck(t!("This page shows how the stream comes, and no longer says so."));
        return vec![person, operator];
    }
    let person = Guidance::person(&finding.code, t!("The chat's streamed answers do not come: an error or another page comes in their place.")).or_hand_on();
    let (status, path) = (finding.param("status"), finding.param("path"));
    let seen = match status {
        _ if finding.param("how") == "rejected" => t!("A GET of {path} was rejected twice, while other requests are answered: the connection is cut, a redirect leads to another site, a content blocker of this browser refuses it, or, at another origin, the answer lacks Access-Control-Allow-Origin. The browser's console says which.", path = path),
        "" if !finding.param("led-to").is_empty() => t!("A GET of {path} was led to {to}, which is a web page and no stream. If that is a sign-in's, sign in to the chat in this browser and run this page again.", path = path, to = finding.param("led-to")),
        "" => t!("A GET of {path} was answered with a web page, and not with a stream.", path = path),
        _ => t!("A GET of {path} was answered with {status}.", path = path, status = status),
    };
    let operator = Guidance::operator(&finding.code, t!("Find out why the address in stream-url does not stream.")).step(seen);
    let operator = match status {
        "401" | "403" => operator.step(t!("It wants a sign-in: sign in to the chat in this browser and run this page again. If it still refuses, let the gateway treat this path as the chat's other paths.")),
        _ if !finding.param("waited-ms").is_empty() => operator
            .step(t!("The gateway gave up waiting after {time}. If the stream's server sends its first byte later than that, raise the time that the gateway waits for an answer on this path (nginx: proxy_read_timeout; HAProxy: timeout server; a CDN: the response timeout of its origin), or let the server send a comment line at once and every 15 seconds.", time = seconds(finding.param("waited-ms").parse().unwrap_or(0))))
            .step(t!("If it never answers this path, see whether it hangs, and whether the gateway can reach it there.")),
        "502" | "503" | "504" => operator.step(t!("A gateway says so whose server is down or elsewhere: compare where it looks for this path with where the stream's server listens.")),
        _ => operator.step(t!("See that the gateway passes this path to the application, and that the setting stream-url names an address that streams to a plain GET.")),
    };
    let operator = operator
        .step_with(t!("See it with your own eyes, compressed as a browser asks for it: lines have to come one by one."), "curl -N -i --compressed \"https://HOST/STREAM\"")
        .recheck(t!("curl shows the lines one by one, and this page no longer says so."));
    vec![person, operator]
}
