//! # SEC001 csp-blocks-connection
//!
//! ## What it means
//! The Content Security Policy of this page, or of the chat's own page, forbids the connection. The browser does not even try it.
//!
//! ## How it is recognised
//! Observed: the browser reported at least one enforced `securitypolicyviolation` of a `connect-src` directive during the run, for a
//! connection to the chat's server, to the WebSocket that is set, to LiveKit or WebTransport (which alone block nothing but calls), or to the stream or the gRPC service that is set. Reports of a policy that is only observed do not count, nor
//! do violations that concern anything else. Strongly suggested: the chat's own page was read, and its policy, from the response
//! header and the meta tags of its head, which must all allow it, evaluated for the socket's URL, forbids it; or it came by http to another host than this device, its policy
//! says `upgrade-insecure-requests`, and nothing answers by https. A page that is the chat's by guess only fits, and degrades at
//! most; it is information where nothing of its policy speaks of sockets or, at a page of another origin, of the chat's server.
//! A policy that forbids WebSockets alone is nothing to a server that offers none.
//!
//! ## What it does not mean
//! The server may be in order. A violation that was reported is of this page's policy: the chat's own page may have another one.
//! Older Safari did not count `wss:` under `'self'`.
//!
//! ## What to do
//! Add the server to `connect-src`, for `https:` and for `wss:`, in the policy of every page that connects to it.
//!
//! ## References
//! CSP level 3, `connect-src` and section 5.4; w3c/webappsec-csp issue 7 (`'self'` and `wss:`); in Chromium 156 a blocked
//! WebSocket gives `error` and no `close` (measured).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::{Address, Scheme};
use crate::evidence::{Fact, Purpose};
use crate::guidance::Guidance;
use crate::platforms::browsers::{self, Browser, System};
use crate::platforms::operator;
use crate::protocol::csp;
use crate::redact;
use crate::survey::{PathBasis, Survey};
use crate::t;

pub const RULE: Rule = Rule { code: "SEC001", name: "csp-blocks-connection", explains: &["NET001", "NET002", "NET009", "WS001", "WS002", "WS003", "NET010", "POLL001", "CORS001", "PATH001", "RTC001", "WT001", "GRPC001", "STR004"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let mut blocked = survey.policy_violations();
    blocked.extend(survey.policy_violations_beside().into_iter().filter(|beside| !blocked.contains(beside)).collect::<Vec<_>>());
    let Some(cites) = Cites::from_all(blocked.iter().map(|(c, _)| *c)) else {
        return the_chats_own(survey);
    };
    let urls = blocked.iter().filter_map(|(c, _)| match &survey.evidence.get(*c)?.fact {
        Fact::PolicyViolation { blocked, .. } => Some(blocked.as_str()),
        _ => None,
    });
    let urls: Vec<&str> = urls.collect();
    let origin = |url: &str| Address::parse(url).map(|a| a.origin());
    let chat = [Some(&survey.profile.server), survey.profile.ws_url.as_ref()].map(|url| url.and_then(|url| origin(url)));
    let calls_alone = !urls.iter().any(|url| chat.contains(&origin(url)));
    // The chat goes on by the other way, where its client has one and it was seen to work.
    let sockets_alone = urls.iter().all(|url| url.starts_with("ws:") || url.starts_with("wss:"));
    let severity = match (calls_alone, sockets_alone && survey.can_do_without_websocket()) {
        (true, _) => super::of_calls(survey),
        (false, true) => Severity::Degrades,
        (false, false) => Severity::Blocks,
    };
    let finding = RULE.finding(severity, Confidence::Observed, &[Party::SiteOperator], cites);
    Outcome::Fires(finding.with("directive", blocked[0].1).with("blocked", urls.first().copied().unwrap_or_default()))
}

/// The policy of the chat's own page, read and evaluated: this page's may be another.
fn the_chats_own(survey: &Survey) -> Outcome {
    let profile = survey.profile;
    if let (Some(page), Some((cite, upgraded))) = (survey.lifts_to_https(), survey.evidence.exchanges_for(Purpose::Upgraded).next_back())
        && (upgraded.rejected() || upgraded.timed_out())
    {
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(page, [cite]));
        return Outcome::Fires(finding.with("directive", "upgrade-insecure-requests").with("blocked", redact::url(&upgraded.url)).with("page", "https"));
    }
    let cross = profile.is_cross_origin();
    let (purposes, origin) = if cross { ([Purpose::HomePage; 2], &profile.page_origin) } else { ([Purpose::ChatPage, Purpose::ShellNow], &profile.server) };
    let pages = survey.evidence.exchanges_where(&|x| purposes.contains(&x.purpose)).filter_map(|(c, x)| Some((c, x.response()?, x.html()?)));
    let mut readable = pages.filter(|(_, r, h)| r.status == 200 && !r.redirected && !h.signs_in() && h.scripts > 0);
    let Some((cite, response, html)) = readable.next_back() else {
        return Outcome::Clear;
    };
    // A page that nobody named is the likeliest one, no more; with a server elsewhere it may well be another one.
    let (named, guessed) = (profile.chat_page_named || survey.known.eio.is_some(), survey.is_engine_subject() && survey.basis == PathBasis::Guess);
    let raw = profile.ws_url.clone().filter(|_| !survey.is_engine_subject());
    let socket = raw.clone().unwrap_or_else(|| [&profile.socket_origin(), survey.path.as_str()].concat());
    let plain = raw.is_none().then(|| [profile.server.as_str(), &survey.path].concat());
    // Half a policy says what the whole does not.
    let policies = html.policies.iter().map(String::as_str).chain(response.header("content-security-policy"));
    let policies: Vec<&str> = policies.filter(|policy| !guessed && !policy.ends_with('…')).collect();
    // All of them must allow it. A WebSocket that the server does not offer is missed by nobody.
    let forbid = |url: &str| policies.iter().find_map(|policy| csp::forbids(policy, origin, url));
    let live = forbid(&socket).filter(|_| raw.is_some() || survey.websocket_off_by_design().is_none());
    let polls = plain.as_ref().filter(|_| survey.polls()).and_then(|url| forbid(url));
    // A front page without a chat connects to nothing, or to its own server, and names neither sockets nor this server.
    let connects = |directive: &String| directive.starts_with("connect-src") && !directive.contains("'none'");
    let names_sockets = |directive: &String| directive.contains("ws:") || directive.contains("wss:");
    let names_server = || policies.iter().any(|policy| csp::names_host(policy, &socket));
    let likely = if cross { live.as_ref().is_some_and(|directive| names_sockets(directive) || names_server()) } else { live.as_ref().or(polls.as_ref()).is_some_and(connects) };
    let severity = match (&live, &polls) {
        (None, None) => return Outcome::Clear,
        _ if !named && !likely => Severity::Info,
        _ if !named => Severity::Degrades,
        // The chat goes on by the other way, where its client has one.
        (Some(_), None) if plain.is_some() && survey.polls() && survey.polling_hello().is_some() => Severity::Degrades,
        (None, Some(_)) => Severity::Degrades,
        _ => Severity::Blocks,
    };
    let confidence = if named { Confidence::StronglySuggested } else { Confidence::Correlated };
    let blocked = if live.is_some() { &socket } else { plain.as_ref().unwrap_or(&socket) };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(cite, []));
    Outcome::Fires(finding.with("directive", live.as_ref().or(polls.as_ref()).cloned().unwrap_or_default()).with("blocked", redact::url(blocked)).with("page", "chat"))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("If the chat is this site’s front page, the site’s own safety rules forbid the connection that it needs."))];
    }
    if finding.param("page") == "https" {
        let person = Guidance::person(&finding.code, t!("This site’s own safety rules ask for a protected connection, and there is none.")).hand_on();
        let operator = Guidance::operator(&finding.code, t!("Serve the chat by https, or take upgrade-insecure-requests out of its policy."))
            .step(t!("The chat's page came by http, and its Content-Security-Policy turns every address that it loads into https: {blocked} does not answer. So its scripts and its connections fail.", blocked = finding.param("blocked")))
            .step_with(t!("helmet (5 or newer) sends the directive by default; without it:"), "helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } })")
            .recheck(t!("The chat's page shows itself, and this page no longer says so."))
            .limits(t!("Without https the browser still switches off the microphone, the camera and notifications."));
        return vec![person, operator];
    }
    let person = Guidance::person(&finding.code, t!("This site's own safety rules forbid the connection that the chat needs."));
    // It is about `'self'`, which stands for this origin alone; on iPhones every browser is Safari's engine.
    let socket = Address::parse(finding.param("blocked")).filter(|a| matches!(a.scheme, Scheme::Ws | Scheme::Wss) && a.origin() == survey.profile.page_origin);
    let (browser, system) = browsers::of(survey.user_agent());
    let person = if socket.is_some() && browser == Browser::Safari && system != System::Ios {
        person.step(t!("If you use an older Safari, try another browser: it may read the rules in another way."))
    } else {
        person
    };
    let person = person.hand_on();
    let chats = [Some(&survey.profile.server), survey.profile.ws_url.as_ref()].map(|url| url.and_then(|url| Address::parse(url)).map(|a| a.origin()));
    let blocked = Address::parse(finding.param("blocked")).filter(|b| !chats.contains(&Some(b.origin())));
    let sources = blocked.map_or_else(|| operator::sources(survey), |b| [&b.origin(), " ", &b.socket_origin()].concat());
    let operator = Guidance::operator(&finding.code, t!("Allow the server in the site's Content Security Policy."))
        .step(t!("Blocked by {directive}: {blocked}.", directive = finding.param("directive"), blocked = finding.param("blocked")))
        .step_with(t!("Add both to the connect-src of this page and of the chat's own page, in the response header and in a meta tag where there is one: all policies must allow it."), ["connect-src 'self' ", &sources].concat())
        .recheck(t!("Reload: the browser's console names no Content-Security-Policy any more, and this page no longer says so."));
    let operator = if finding.param("page") == "chat" {
        operator.limits(t!("The policy was read from the chat's page and evaluated; the browser's console on that page shows the refusal itself."))
    } else {
        operator.limits(t!("The policy that was seen is this page's; the chat's page may have another."))
    };
    vec![person, operator]
}
