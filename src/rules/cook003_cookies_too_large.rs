//! # COOK003 cookies-too-large
//!
//! ## What it means
//! This browser sends the server more stored data of the site (cookies) than the server takes, so it refuses every request.
//!
//! ## How it is recognised
//! A long-polling handshake without credentials reaches the engine, and with them either is answered 400, 413, 431 or 494 by
//! something else than the engine, or (over HTTP/2) every request with them is rejected, at least two of them, while a later request without them is answered. It is observed where
//! the answer itself speaks of a header or cookie that is too large. A 400 that does not, in a run in which another request with them was answered by the
//! engine, is not of size. Where plain requests pass and no WebSocket does, and the cookies have 7000 characters or more (those that the
//! page can read, or all by the word of the operator's endpoint, `help-path`), it only fits. Where no handshake was refused so, the plain GET of the WebSocket's URL tells the same, of a raw WebSocket
//! as well. Where the 400 is in an application's own words, which are not about size (`how`: `refused`), it only fits: a cookie is refused for what is in it. Of a server of another
//! origin it only fits too, and CORS002 beside it: no request with cookies can be read, those without are answered by the engine, no WebSocket comes
//! about, of which CORS has no say, and the cookies that this page can read have 7000 characters or more.
//!
//! ## What it does not mean
//! It does not say which cookie is too large, and other people without that cookie have no trouble. A WebSocket fails with it,
//! because it can't leave cookies out.
//!
//! ## What to do
//! Remove the cookies of this one site, which signs the person out there. The operator finds out what stores so much.
//!
//! ## References
//! RFC 6585 section 5 (431); measured: 12 cookies of 3.5 kB at nginx give 400 "Request Header Or Cookie Too
//! Large" over HTTP/1.1, and a rejected request over HTTP/2.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::guidance::{Guidance, Repair};
use crate::platforms::browsers::Task;
use crate::redact;
use crate::survey::{Live, Survey};
use crate::words::Phrase;
use crate::{english, t};

pub const RULE: Rule = Rule {
    code: "COOK003",
    name: "cookies-too-large",
    explains: &["WS001", "WS002", "WS011", "POLL001", "POLL003", "PATH001", "AUTH001", "AUTH002", "NET002", "NET007", "NET010", "SEC006"],
    check,
    guide,
};

fn check(survey: &Survey) -> Outcome {
    if survey.profile.is_cross_origin() {
        return of_another_origin(survey).unwrap_or(Outcome::Clear);
    }
    let handshakes: Vec<(Cite, &Exchange)> = survey.on_path(Purpose::Handshake).collect();
    let newest_with = handshakes.iter().rfind(|(_, x)| x.credentials != "omit");
    let too_much = |x: &Exchange| matches!(x.status(), Some(400 | 413 | 431 | 494)) && !x.engine().is_engine();
    // A limit lets none of them pass, and what came later is something else.
    let of_session = |x: &Exchange| matches!(x.purpose, Purpose::FollowUp | Purpose::CloseSession);
    let passed = || survey.engine_exchanges().any(|(_, x)| x.credentials != "omit" && !of_session(x) && x.engine().is_engine());
    if newest_with.is_some_and(|(_, x)| too_much(x) && !says_too_large(x)) && passed() {
        return Outcome::Clear;
    }
    let Some((cite, with)) = newest_with.filter(|(_, x)| too_much(x) || x.rejected()) else {
        return of_companions(survey).or_else(|| of_websockets(survey)).or_else(|| of_raw(survey)).unwrap_or(Outcome::Clear);
    };
    let Some((control, _)) = handshakes.iter().find(|(_, x)| x.credentials == "omit" && x.engine().is_engine()) else {
        return if with.rejected() { Outcome::Clear } else { Outcome::Unknown { missing: english!("the same request without cookies") } };
    };
    if with.rejected() {
        // HTTP/2 has no page for it: the stream is reset. Then every request to the path that carries cookies fares so.
        let with_cookies: Vec<(Cite, &Exchange)> =
            survey.engine_exchanges().filter(|(_, x)| x.credentials != "omit" && !of_session(x)).collect();
        if !with_cookies.iter().all(|(_, x)| x.rejected()) || survey.on_path(Purpose::RedirectControl).any(|(_, x)| x.answered()) {
            return Outcome::Clear;
        }
        // Without cookies the path answers still: it is not the server that went away.
        if !survey.on_path(Purpose::ServerNoCors).any(|(_, x)| x.answered()) {
            return Outcome::Unknown { missing: english!("a later request without cookies") };
        }
        if with_cookies.len() < 2 {
            return Outcome::Unknown { missing: english!("a second request with cookies") };
        }
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, PARTIES, Cites::of(*cite, with_cookies.iter().map(|(c, _)| *c).chain([*control])));
        return Outcome::Fires(measured(survey, finding));
    }
    if let Some(words) = refused_by_the_application(with) {
        let finding = RULE.finding(Severity::Blocks, Confidence::Correlated, PARTIES, Cites::of(*cite, [*control]));
        return Outcome::Fires(measured(survey, finding).with("how", "refused").with("status", "400").with("said", words));
    }
    let said = with.status() == Some(431) || speaks_of_size(with);
    let confidence = if said { Confidence::Observed } else { Confidence::StronglySuggested };
    let finding = RULE.finding(Severity::Blocks, confidence, PARTIES, Cites::of(*cite, [*control]));
    Outcome::Fires(measured(survey, finding).with("status", with.status().unwrap_or(0).to_string()))
}

const PARTIES: &[Party] = &[Party::User, Party::SiteOperator];

fn speaks_of_size(exchange: &Exchange) -> bool {
    let words = exchange.response().map(|r| r.excerpt.to_ascii_lowercase()).unwrap_or_default();
    words.contains("too large") && (words.contains("cookie") || words.contains("header"))
}

/// An application's own words with a 400, which are not about size: it refuses a cookie for what is in it. Servers that can't read a request say so
/// with a page, with nothing, or in such words.
fn refused_by_the_application(exchange: &Exchange) -> Option<String> {
    const OF_SIZE: [&str; 10] = ["large", "long", "size", "limit", "exceed", "big", "header", "http", "bad request", "invalid request"];
    let response = exchange.response().filter(|r| r.status == 400 && r.html.is_none())?;
    let words = response.excerpt.trim();
    let lower = words.to_ascii_lowercase();
    (!words.is_empty() && !lower.starts_with('<') && !OF_SIZE.iter().any(|word| lower.contains(word))).then(|| words.chars().take(120).collect())
}

/// Whether it says, by its status or its words, that the request's header is too large.
fn says_too_large(exchange: &Exchange) -> bool {
    matches!(exchange.status(), Some(413 | 431 | 494)) || exchange.status() == Some(400) && speaks_of_size(exchange)
}

/// Where no handshake by long-polling was refused so, as of a chat of WebSocket alone: the plain GET of the WebSocket's URL tells the same.
fn of_companions(survey: &Survey) -> Option<Outcome> {
    let (Live::Refused { cites } | Live::Hung { cites }) = survey.live() else { return None };
    let (cite, with) = survey.on_path(Purpose::Companion).rfind(|(_, x)| x.credentials != "omit")?;
    if with.engine().is_engine() || !says_too_large(with) {
        return None;
    }
    let control = survey.companion_reaches_engine().filter(|control| *control != cite)?;
    let finding = RULE.finding(super::without_websocket(survey), Confidence::Observed, PARTIES, Cites::of(cite, [control].into_iter().chain(cites)));
    Some(Outcome::Fires(measured(survey, finding).with("status", with.status().unwrap_or(0).to_string())))
}

/// A server whose WebSockets have a limit of their own: plain requests pass with these cookies, and a WebSocket can't leave them out. So much
/// in cookies is rare; that it is the reason only fits.
fn of_websockets(survey: &Survey) -> Option<Outcome> {
    let (Live::Refused { cites } | Live::Hung { cites }) = survey.live() else { return None };
    let (cite, size) = known_size(survey)?;
    if matches!(survey.live(), Live::Hung { .. }) && !survey.waited_surely(&cites) {
        return None;
    }
    let due = survey.is_due_a_websocket() && survey.upgraded().is_none();
    if size < A_LINE || !due || survey.engine_heard_by_http().is_none() {
        return None;
    }
    let finding = RULE.finding(super::without_websocket(survey), Confidence::Correlated, PARTIES, Cites::of(cite, cites));
    Some(Outcome::Fires(sized(survey, finding, size).with("of", "websockets")))
}

/// Where no request with cookies to a server of another origin can be read, though without them its engine answers, and no WebSocket comes about, which
/// always carries them: they may be refused themselves, with an error that lacks the headers of CORS, as well as that they are not allowed.
pub(super) fn unread_with_cookies(survey: &Survey) -> Option<Vec<Cite>> {
    let (Live::Refused { cites } | Live::Hung { cites }) = survey.live() else { return None };
    let (control, _) = survey.on_path(Purpose::Handshake).find(|(_, x)| x.credentials == "omit" && x.engine().is_engine())?;
    let with: Vec<(Cite, &Exchange)> = survey.evidence.exchanges_where(&|x| x.path == survey.path && x.cross_origin && x.credentials == "include").collect();
    let each = with.len() >= 2 && with.iter().all(|(_, x)| x.rejected()) && survey.is_due_a_websocket();
    each.then(|| with.iter().map(|(cite, _)| *cite).chain([control]).chain(cites).collect())
}

fn of_another_origin(survey: &Survey) -> Option<Outcome> {
    let cites = unread_with_cookies(survey).filter(|_| survey.sends_credentials())?;
    // Of a cookie that this page can't read nothing is known here.
    let (cite, size) = known_size(survey).filter(|(_, size)| *size >= A_LINE)?;
    let finding = RULE.finding(super::without_websocket(survey), Confidence::Correlated, PARTIES, Cites::of(cite, cites));
    Some(Outcome::Fires(finding.with("of", "another-origin").with("size", size.to_string())))
}

/// How many characters of cookies there are at least: those that the page can read, or those that came to the operator's endpoint.
fn known_size(survey: &Survey) -> Option<(Cite, u32)> {
    let readable = survey.evidence.cookies().map(|(cite, cookies)| (cite, cookies.size));
    let told = survey.evidence.exchanges_where(&|x| matches!(x.purpose, Purpose::Help | Purpose::HelpAgain)).filter_map(|(cite, x)| {
        let response = x.response().filter(|r| r.status == 200 && r.excerpt.contains("\"connection-doctor\""))?;
        // A long list is cut in the evidence: what is there of it is no more than there was.
        let number = |text: &str| text.trim_start().bytes().take(5).take_while(u8::is_ascii_digit).fold(0, |sum: u32, digit| sum * 10 + u32::from(digit - b'0'));
        Some((cite, response.excerpt.split("\"size\":").skip(1).map(number).sum::<u32>()))
    });
    readable.into_iter().chain(told).max_by_key(|(_, size)| *size)
}

/// The same of a raw WebSocket: no engine tells that the server is there, and the plain GET without cookies does.
fn of_raw(survey: &Survey) -> Option<Outcome> {
    let raw = survey.raw()?;
    let sockets = raw.refused().or_else(|| raw.hung())?;
    let companions: Vec<(Cite, &Exchange)> = survey.evidence.exchanges_for(Purpose::Companion).filter(|(_, x)| x.eio == 0 && !x.cross_origin).collect();
    let (cite, with) = companions.iter().rfind(|(_, x)| x.credentials != "omit" && x.status().is_some())?;
    let (control, without) = companions.iter().rfind(|(_, x)| x.credentials == "omit" && x.status().is_some())?;
    if says_too_large(with) {
        let cites = Cites::of(*cite, [*control].into_iter().chain(sockets));
        let finding = RULE.finding(Severity::Blocks, Confidence::Observed, PARTIES, cites);
        let finding = measured(survey, finding).with("status", with.status().unwrap_or(0).to_string());
        return Some(if says_too_large(without) { Outcome::Clear } else { Outcome::Fires(finding) });
    }
    let (read, size) = known_size(survey)?;
    // A WebSocket's server is there, and takes plain requests with these cookies.
    let passes = with.status() == without.status() && matches!(with.status(), Some(400 | 426)) && with.html().is_none();
    if size < A_LINE || !passes || raw.hung().is_some() || !survey.policy_violations().is_empty() {
        return None;
    }
    let cites = Cites::of(read, [*cite, *control].into_iter().chain(sockets));
    let finding = RULE.finding(Severity::Blocks, Confidence::Correlated, PARTIES, cites);
    Some(Outcome::Fires(sized(survey, finding, size).with("of", "websockets")))
}

/// A server's limit for one line of a request's header, less what cookies that a page can't read may take: uvicorn's `websockets` reads 8192
/// characters of it (measured).
const A_LINE: u32 = 7_000;

/// What the page can read of the cookies: their size, and the names of the large ones, which it can also take away.
fn measured(survey: &Survey, finding: Finding) -> Finding {
    let Some((_, cookies)) = survey.evidence.cookies() else { return finding };
    let names: Vec<&str> = cookies.largest.iter().filter(|c| c.size >= LARGE && !c.name.contains(redact::MASK)).map(|c| c.name.as_str()).collect();
    finding.with("readable-size", cookies.size.to_string()).with("large-cookies", names.join(" "))
}

/// The same, and how much it is in all where the endpoint told of more.
fn sized(survey: &Survey, finding: Finding, size: u32) -> Finding {
    let finding = measured(survey, finding);
    let size = size.to_string();
    if finding.param("readable-size") == size { finding } else { finding.with("size", size) }
}

/// A cookie of fewer characters is not what fills a header of 8 kB.
const LARGE: u32 = 1_000;

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let of_websockets = !finding.param("of").is_empty();
    let refused = finding.param("how") == "refused";
    let title = if refused {
        t!("The chat’s server refuses what this browser has stored for this site.")
    } else if of_websockets {
        t!("The live connection fails, and this browser has stored so much for this site that this may be the reason.")
    } else {
        t!("This browser has stored too much for this site, and the server refuses to read it.")
    };
    let person = Guidance::person(&finding.code, title);
    let names: Vec<String> = finding.param("large-cookies").split(' ').filter(|n| !n.is_empty()).map(str::to_owned).collect();
    let elsewhere = finding.param("of") == "another-origin";
    let person = match (&survey.profile.help_path, names.is_empty()) {
        // Which of them go to the other server, no page is told.
        _ if elsewhere => person,
        (Some(path), true) => person.mend(
            t!("Remove what is stored for this site"),
            t!("This removes everything that this browser has stored for this site (saved settings, stored copies), and the cookies of all addresses of the same domain. You will have to sign in again, also to other services there."),
            Repair::ClearSiteData { path: path.clone() },
        ),
        (_, false) => person.mend(
            t!("Remove the large cookies"),
            t!("This removes these cookies of this site: {names}. You may have to sign in again.", names = names.join(", ")),
            Repair::DropCookies { names },
        ),
        (None, true) => person,
    };
    let person = person.in_browser(survey.user_agent(), Task::SiteData).step(t!("Reload the chat, and sign in again.")).or_hand_on();
    let status = finding.param("status");
    let size = match finding.param("size") {
        "" => finding.param("readable-size"),
        size => size,
    };
    let seen = if elsewhere {
        t!("No request with this browser's cookies can be read, no WebSocket opens, and without cookies the server answers; those that this page can read have {size} characters. A refusal of what is too large (431, 400) lacks the headers of CORS most often, and looks the same as CORS that allows no cookies: send the request by hand with such a Cookie header and see its status.", size = size)
    } else if of_websockets {
        t!("WebSockets fail where this browser's cookies have {size} characters, and plain requests pass. The limit for a WebSocket's header is often a smaller one (uvicorn with websockets: 8192 characters a line). If the person's connection still fails without the cookies, it is not this: then test whether the gateway passes WebSockets.", size = size)
    } else if status.is_empty() {
        t!("The socket's path rejects every request with this browser's cookies, and answers without them.").into()
    } else {
        t!("The socket's path answers {status} to this browser's cookies, and works without them.", status = status)
    };
    if refused {
        let operator = Guidance::operator(&finding.code, t!("Find out which cookie your application refuses, and let it take that away."))
            .step(seen)
            .step(t!("Its answer begins: “{said}”", said = finding.param("said")))
            .step(t!("A sign-in of before a change of the secret, of before a release, or a damaged one is refused so: the server's log at this moment tells. Answer 401 in place of 400, and take the cookie away with that answer (Set-Cookie with Max-Age=0)."))
            .recheck(t!("Run this page again in the same browser: it no longer says so."))
            .limits(t!("If the cookies are many or large, a limit for the request's header may be behind it all the same."));
        return vec![person, operator];
    }
    let operator = Guidance::operator(&finding.code, t!("Find out what stores so much in cookies, and let the server take a little more."))
        .step(seen);
    let operator = match author(finding, survey) {
        Some((place, code)) => operator.step_with(place, code),
        None => operator
            .step_with(
                t!(
                    "nginx, in {http} (in a {server} only if it is the default one of its port), gives room at once; what stands behind nginx has a limit of its own:",
                    http = "http { }",
                    server = "server { }"
                ),
                "large_client_header_buffers 4 32k;",
            )
            .step_with(t!("Node (its default is 16 kB):"), "node --max-http-header-size=32768 server.js"),
    };
    let operator = operator
        .recheck(t!("Run this page again in the same browser: it no longer says so."))
        .limits(t!("A larger limit hides the growth; sign-in systems that keep whole tokens in cookies fill it again."));
    vec![person, operator]
}

/// Who refuses in words of its own, in lower case, and the setting of its limit. What is nginx's or Node's is said where nobody showed himself, too.
const AUTHORS: [(&str, Phrase, &str); 3] = [
    ("your browser sent an invalid request", t!("HAProxy refuses it. In the section global (16384 where nothing is set); what stands behind it has a limit of its own:"), "tune.bufsize 32768"),
    ("exceeds server limit", t!("Apache refuses it. In the first VirtualHost of the port (8190 where nothing is set); what stands behind it has a limit of its own:"), "LimitRequestFieldSize 32768"),
    ("limit request headers", t!("gunicorn refuses it (8190 where nothing is set):"), "gunicorn --limit-request-field_size 32768"),
];

fn author(finding: &Finding, survey: &Survey) -> Option<(Phrase, &'static str)> {
    let cited = survey.evidence.exchanges_where(&|x| matches!(x.status(), Some(400 | 413 | 431 | 494))).filter(|(cite, _)| finding.cites.as_slice().contains(cite));
    let said: Vec<String> = cited.filter_map(|(_, x)| Some(x.response()?.excerpt.to_ascii_lowercase())).collect();
    AUTHORS.iter().find(|(words, ..)| said.iter().any(|s| s.contains(words))).map(|(_, place, code)| (*place, *code))
}
