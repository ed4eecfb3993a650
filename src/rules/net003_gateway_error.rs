//! # NET003 gateway-error
//!
//! ## What it means
//! A gateway answers in the server's place: it is there, and the chat behind it is not.
//!
//! ## How it is recognised
//! The newest handshake at the socket's path (or the plain GET of a raw WebSocket's URL) ends with 502, 503, 504 or 520 to 530, no
//! engine was ever heard there; or an engine was heard, and all requests since then end so; or every plain GET of the WebSocket's URL,
//! two at least, ends so while long-polling reaches the engine and WebSockets are refused; or the path, the chat's page and this page's
//! own file, which had been there, are 404 or 410; or a platform says at the path and at the chat's page, in its own words, that the application
//! is stopped or does not exist, with whatever status it has for that (with 403 at the path alone, too). The page's own file answers, or fails as well.
//! A 503 without a gateway's own words counts as strongly suggested only, since an application can say it too, and so does a 403 of Azure App Service
//! whose words were cut off: one to whom its network is closed gets the same page. Where an engine answers at another path (`found`), it is strongly suggested if the chat's own
//! page or scripts name the path that fails; if that one only lies in the folder of the chat's page, which was named, and `found` does not, it fits and
//! degrades: the other may be another application's, or the chat's after all. `retry-after` of a 503 is passed on where it is readable. `scope` is `application` where the chat's page or this page's own file fails with 5xx, or is gone, as well, else
//! `socket`. `gateway` is whose own page it is; one that shows itself by a header alone, and has pages of its own, only passed it on.
//!
//! ## What it does not mean
//! It does not say why the chat is gone: stopped, crashed, starting, a wrong port, no memory. 503 may be maintenance that somebody has planned.
//!
//! ## What to do
//! Wait. The operator looks at the process behind the gateway and at the gateway's address for it.
//!
//! ## References
//! RFC 9110 sections 10.2.3 (Retry-After) and 15.6.3 to 15.6.5; Cloudflare's codes 520 to 530; Envoy's "upstream connect error" and nginx's error pages
//! (measured).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose, Response};
use crate::platforms::gateway::{self, Gateway};
use crate::survey::{Live, PathBasis, Polling};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::protocol::http_date::unix_seconds;
use crate::survey::Survey;
use crate::words::Text;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET003", name: "gateway-error", explains: &["WS001", "WS002", "WS004", "WS007", "POLL001", "POLL003", "POLL004", "NET008", "PATH001", "NET010", "AUTH002", "STR002", "GRPC001", "RTC001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let gone = || {
        if let Some(whole) = gone_whole(survey) {
            return Some(whole);
        }
        let (cite, exchange) = survey.gone_behind_gateway()?.into_iter().next()?;
        Some((cite, exchange.response()?, exchange.status()?))
    };
    let unavailable = |s: u16| matches!(s, 502..=504 | 520..=530);
    // What is asked last is most often asked at the WebSocket's URL: that alone is not the whole chat.
    let (found, severity) = match behind_websockets(survey, unavailable) {
        Some(found) => (Some(found), super::without_websocket(survey)),
        None => (failing(survey, unavailable).or_else(gone), Severity::Blocks),
    };
    let Some((cite, response, status)) = found else {
        return Outcome::Clear;
    };
    // Where the application serves this page too, its files fail in the same way: the whole of it is away.
    let own_too = survey.own_file_fails().or_else(|| newest(survey, Purpose::OwnFile).filter(|(_, x)| is_absent(x)).map(|(c, _)| c).filter(|_| status < 500));
    let Some(own) = survey.own_file_answers().or(own_too) else {
        return Outcome::Unknown { missing: english!("a static file of the same server") };
    };
    let page_too = || survey.evidence.exchanges_for(Purpose::ChatPage).find(|(_, x)| x.status().is_some_and(|s| s >= 500));
    let page_gone = || newest(survey, Purpose::ChatPage).filter(|(_, x)| status < 500 && is_absent(x));
    let app_too = own_too.or_else(|| page_too().or_else(page_gone).map(|(c, _)| c));
    // An engine elsewhere on this site is another application's, or the chat's after all.
    let elsewhere = survey.engine_elsewhere().filter(|_| matches!(survey.basis, PathBasis::Application | PathBasis::Guess));
    let gone = gateway::says_gone(response);
    let certain = elsewhere.is_none() && (!matches!(status, 403 | 503) || gateway::wrote(response) || status == 503 && gone.is_some());
    let (severity, confidence) = match elsewhere {
        Some(_) if survey.basis == PathBasis::Guess => (Severity::Degrades, Confidence::Correlated),
        _ => (severity, if certain { Confidence::Observed } else { Confidence::StronglySuggested }),
    };
    let cites = Cites::of(cite, [own].into_iter().chain(app_too).chain(elsewhere.map(|(c, _)| c)));
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], cites);
    let finding = match elsewhere {
        Some((_, engine)) => finding.with("found", engine.path.as_str()),
        None => finding,
    };
    let finding = finding.with("status", status.to_string()).with("scope", if app_too.is_some() { "application" } else { "socket" });
    let finding = finding.with("gateway", gone.or_else(|| gateway::author(response).map(Gateway::name)).unwrap_or(""));
    Outcome::Fires(match response.header("retry-after").filter(|_| status == 503) {
        Some(when) => finding.with("retry-after", when),
        None => finding,
    })
}

/// The status that every handshake at the socket path ends with, when an engine was never heard there; the same for the
/// plain GET of a raw WebSocket's URL.
pub(super) fn failing<'a>(survey: &Survey<'a>, wanted: fn(u16) -> bool) -> Option<(Cite, &'a Response, u16)> {
    if let Some(raw) = survey.raw()
        && let (Some(_), Some((cite, exchange, status))) = (raw.refused(), raw.status())
        && wanted(status)
    {
        return Some((cite, exchange.response()?, status));
    }
    let Polling::Foreign { cite, exchange } = survey.polling else { return None };
    let status = exchange.status().filter(|s| wanted(*s))?;
    let heard = survey.engine_heard().is_some() || matches!(survey.live(), Live::Hello { .. });
    (!heard).then_some((cite, exchange.response()?, status))
}

/// Everything of this origin is absent, this page and its own files too, which were there: a gateway that knows no application by this name
/// any more answers so (Traefik, Azure Container Apps, Heroku). Where a platform says in its own words that the application is not there, this page may
/// well be served by something else.
fn gone_whole<'a>(survey: &Survey<'a>) -> Option<(Cite, &'a Response, u16)> {
    let Polling::Foreign { cite, exchange } = survey.polling else { return None };
    let all = is_absent(exchange) && [Purpose::OwnFile, Purpose::ChatPage].into_iter().all(|p| newest(survey, p).is_some_and(|(_, x)| is_absent(x)));
    // 404 at the path alone may be a path that is led to the wrong place.
    let told = says_gone(exchange) && (exchange.status() == Some(403) || newest(survey, Purpose::ChatPage).is_some_and(|(_, x)| says_gone(x)));
    let gone = all && !survey.profile.is_cross_origin() || told;
    (gone && survey.engine_heard().is_none()).then_some((cite, exchange.response()?, exchange.status()?))
}

fn newest<'a>(survey: &Survey<'a>, purpose: Purpose) -> Option<(Cite, &'a Exchange)> {
    survey.evidence.exchanges_for(purpose).next_back()
}

fn is_absent(exchange: &Exchange) -> bool {
    matches!(exchange.status(), Some(404 | 410)) || says_gone(exchange)
}

fn says_gone(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|r| gateway::says_gone(r).is_some())
}

/// When a server that is away says that it will be back, in its own measure: seconds, or a date. What is a minute or less, or days, tells a person nothing.
fn back(when: &str, now: Option<&str>) -> Text {
    let seconds = super::net005_rate_limited::retry_after(when, now);
    // Without the time of the answer a date is as far away as it says.
    let at = unix_seconds(when).is_some() && (now.is_none() || seconds.is_some_and(|s| (91..=172_800).contains(&s)));
    match seconds {
        _ if at => t!("It says to come back at {when}: wait until then, and run this test again.", when = when),
        Some(s @ 91..=7_200) => t!("It says to come back in {minutes} minutes: wait that long, then run this test again.", minutes = s.div_ceil(60).to_string()),
        Some(s @ 7_201..=172_800) => t!("It says to come back in {hours} hours: wait that long, then run this test again.", hours = s.div_ceil(3_600).to_string()),
        _ => t!("Wait a minute, then run this test again. A server that is starting needs no more than that.").into(),
    }
}

/// The same where a gateway leads WebSockets to a backend of their own: long-polling reaches the engine, and every plain GET of the
/// WebSocket's URL, two at least, gets that status.
fn behind_websockets<'a>(survey: &Survey<'a>, wanted: fn(u16) -> bool) -> Option<(Cite, &'a Response, u16)> {
    let Live::Refused { .. } = survey.live() else { return None };
    survey.polling_hello().or_else(|| survey.polling_off_by_design())?;
    let asked: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| matches!(x.purpose, Purpose::Companion | Purpose::Repeat)).collect();
    let all = asked.len() >= 2 && asked.iter().all(|(_, x)| x.status().is_some_and(wanted));
    let (cite, exchange) = *asked.first().filter(|_| all)?;
    Some((cite, exchange.response()?, exchange.status()?))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let found = finding.param("found");
    let guess = !found.is_empty() && finding.confidence == Confidence::Correlated;
    let title = if guess {
        t!("Where the chat most likely is, nothing answers; a chat server elsewhere on this site may be another chat's.")
    } else if finding.severity < Severity::Blocks {
        t!("The chat can work, only more slowly: what its live connection is led to is down.")
    } else if finding.param("scope") == "application" {
        t!("The chat is down right now, or its server is just starting.")
    } else {
        t!("This site answers, but the chat behind it does not.")
    };
    let person = Guidance::person(&finding.code, title).step(back(finding.param("retry-after"), super::net005_rate_limited::answered_at(finding, survey))).or_hand_on();
    let cited = |mark: fn(&Exchange) -> bool| survey.evidence.exchanges().any(|(cite, x)| finding.cites.as_slice().contains(&cite) && mark(x));
    let status = finding.param("status");
    let meaning = match status {
        "502" => t!("{who} answered 502: the gateway got no valid answer. Wrong port or protocol, or the process is gone."),
        "403" => t!("{who} answered 403, and says itself that the application is not available: it was stopped, has used up its quota or its budget, or (unless the page says “stopped”) is closed to the network that asked. Its overview there says which."),
        _ if cited(says_gone) => t!("{who} answered {status}, and says itself that the application is stopped or does not exist: start it (of a tunnel, its agent), or lead to it by its right name."),
        "503" if cited(super::net005_rate_limited::refused) => t!("{who} answered 503: no instance is there to answer (none runs, none is healthy, or the gateway could not connect), or the chat is away on purpose, for maintenance."),
        "503" => t!("{who} answered 503: no instance is there to answer. None runs, none is healthy, or the gateway could not connect."),
        "404" | "410" => t!("{who} answered {status} to everything, to this page's own files too, which were there before: it knows no application by this name any more. It was stopped, or its route was taken away."),
        "504" => t!("{who} answered 504: the application took the request and did not answer in time, or could not be reached."),
        _ => t!("{who} answered {status}: Cloudflare could not get an answer from your server (521 refused, 522 timed out, 525 and 526 TLS)."),
    };
    let who = finding.param("gateway");
    let operator = Guidance::operator(&finding.code, if finding.param("scope") == "application" { t!("Bring the application back.") } else { t!("Bring the socket's backend back, or give the gateway its right address.") })
        .step(meaning.with(vec![("who", if who.is_empty() { t!("The gateway").into() } else { who.into() }), ("status", status.into())]));
    let when = finding.param("retry-after");
    let operator = if when.is_empty() { operator } else { operator.step(t!("The answer says when to come back (Retry-After: {when}), as one in maintenance does: if that is planned, there is nothing to mend.", when = when)) };
    let operator = match found {
        "" => operator,
        _ if guess => operator.step(t!("A chat server answers at {found}. If that is this chat's, nothing is wrong: name it in this page's setting socket-path, and this test asks there.", found = found)),
        _ => operator.step(t!("The chat's own page names {path}. What answers at {found} is most likely another application's.", path = &survey.path, found = found)),
    };
    let operator = operator::logs(operator, survey)
        .step_with(t!("From the gateway's own machine or container, with the address that it uses; compare its port with the one the application listens on:"), "curl -i \"http://127.0.0.1:8000/\"");
    let operator = if who == "Envoy" || gateway::seen(survey.profile, survey.evidence).contains(&Gateway::AzureContainerApps) {
        operator.step_with(t!("Azure Container Apps: the target port must be the one the application listens on (in place of PORT), and the transport http or auto:"), "az containerapp ingress update --name APP --resource-group GROUP --target-port PORT --transport http")
    } else {
        operator
    };
    let operator = operator.step_with(t!("Test from outside:"), operator::polling_test(survey)).recheck(t!("The test's answer is written by the chat's server (it begins with {begin}), not by the gateway.", begin = "0{"));
    vec![person, operator]
}
