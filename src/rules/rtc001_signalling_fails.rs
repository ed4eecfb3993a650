//! # RTC001 signalling-fails
//!
//! ## What it means
//! Calls can't begin: LiveKit, or the WebSocket to it over which a call is arranged, does not answer as it should.
//!
//! ## How it is recognised
//! Nobody was let in to stay, and the token, if there is one, is not what LiveKit refuses (RTC009). `how` is: `unreachable`, nothing answers, in
//! `cors` and in `no-cors`; `sign-in`, a page to sign in, a redirect to one or a gateway's own 401 is what answers, to this browser's cookies as well, or to none where LiveKit is at another origin and
//! the WebSocket with a token fails too; `gateway-error`, 5xx without LiveKit's own words of being full; `not-livekit`, another readable answer there, or
//! something answers that lets no page read it, and the WebSocket with a token fails as well; `full`, LiveKit's own word; `not-ready`, 406 at its root; `hangs`, the WebSocket did not
//! open within its limit, though `/rtc/validate` answered; `upgrade`, it fails though the token is taken by plain HTTP, strongly
//! suggested since the browser hides why; `shown-out`, LiveKit let it in and showed it out before it had joined, or right after, before it had offered any media (`reason` is its own; one that the
//! page itself asked for does not count, and DUPLICATE_IDENTITY is information: the person's own client may have come back); `silent` and `closes`, it
//! opened, and no join answer came. On a slow line all is waited for longer. `older` is information alone: LiveKit lets the page in, and
//! `/rtc/v1/validate` is a path that it does not know; newer clients try that one first, and then the former.
//!
//! ## What it does not mean
//! Without a token LiveKit refuses every WebSocket rightly: then a failing one says nothing.
//!
//! ## What to do
//! The operator sees what answers at `/rtc/validate`, and lets the gateway pass WebSockets to LiveKit.
//!
//! ## References
//! livekit/livekit, pkg/service/rtcservice.go: a WebSocket is opened after the token was validated, and the join answer follows at once;
//! docs.livekit.io, "Deploying LiveKit".

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity, of_calls};
use crate::evidence::{Call, Cite, Exchange, Purpose, SocketLife};
use crate::guidance::Guidance;
use crate::platforms::operator::{self, First, Step, Texts};
use crate::protocol::livekit::Validation;
use crate::survey::{Survey, is_a_gates};
use crate::words::Phrase;
use crate::{english, step, t};

pub const RULE: Rule = Rule { code: "RTC001", name: "signalling-fails", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some(address) = survey.profile.livekit_address() else {
        return Outcome::Unknown { missing: english!("the address of LiveKit: the setting livekit-url") };
    };
    if super::rtc009_call_token_refused::refused(survey).is_some() {
        return Outcome::Clear;
    }
    if survey.evidence.calls().any(|(_, c)| c.joined_after.is_some() && !is_shown_out(c)) {
        return older(survey).map_or(Outcome::Clear, Outcome::Fires);
    }
    let Some((cite, exchange, said)) = survey.validation(true).or_else(|| survey.validation(false)) else {
        return Outcome::Unknown { missing: english!("an answer of LiveKit, or none") };
    };
    let heard = survey.livekit_heard();
    let seen = match said {
        Some(Validation::Full) => Ok(("full", vec![cite])),
        None if exchange.status().is_some() || heard.is_none() => by_http(survey, cite, exchange),
        _ => by_socket(survey, heard.unwrap_or(cite)),
    };
    let (how, cites) = match seen {
        Ok(seen) => seen,
        Err(missing) => return Outcome::Unknown { missing },
    };
    let Some(cites) = Cites::from_all(cites) else { return Outcome::Clear };
    let status = exchange.status().filter(|_| said.is_none()).map_or(String::new(), |s| s.to_string());
    let reason = survey.evidence.calls().filter(|_| how == "shown-out").find_map(|(_, c)| c.shown_out).map_or("", reason);
    // The person's own client, which this page had put out, may have come back with the same token.
    let severity = if reason == DUPLICATE { Severity::Info } else { of_calls(survey) };
    let guessed = how == "upgrade" || said.is_none() && status.is_empty() && (how == "not-livekit" || exchange.timed_out());
    let parties: &[Party] =
        if matches!(how, "unreachable" | "hangs" | "upgrade") { &[Party::SiteOperator, Party::NetworkAdmin] } else { &[Party::SiteOperator] };
    let finding = RULE.finding(severity, if guessed { Confidence::StronglySuggested } else { Confidence::Observed }, parties, cites);
    // Its query holds the token.
    let asked = if matches!(how, "not-livekit" | "sign-in") { exchange.url.split('?').next().unwrap_or("") } else { "" };
    let path = address.path.trim_end_matches('/');
    let beyond = ["/rtc", "/rtc/v1", "/rtc/validate"].into_iter().find(|end| how == "not-livekit" && path.ends_with(end)).unwrap_or("");
    let shared = address.origin() == survey.profile.server;
    super::timed(survey, finding.with("how", how).with("status", status).with("reason", reason).with("address", asked).with("beyond", beyond).with(super::SHARED, if shared { "yes" } else { "" }))
}

/// Whether LiveKit let it in and showed it out again, before it had offered anything. As the answer to the page's own leaving that means nothing.
fn is_shown_out(call: &Call) -> bool {
    call.media.is_none() && call.shown_out.is_some_and(|reason| reason != CLIENT_INITIATED)
}

/// `DisconnectReason` of livekit/protocol, livekit_models.proto.
const CLIENT_INITIATED: u8 = 1;
const DUPLICATE: &str = "DUPLICATE_IDENTITY";

fn reason(number: u8) -> &'static str {
    match number {
        2 => DUPLICATE,
        3 => "SERVER_SHUTDOWN",
        4 => "PARTICIPANT_REMOVED",
        5 => "ROOM_DELETED",
        6 => "STATE_MISMATCH",
        8 => "MIGRATION",
        10 => "ROOM_CLOSED",
        // JOIN_FAILURE (7) and what is not told.
        _ => "",
    }
}

/// LiveKit lets the page in, and does not know the path that newer clients try first.
fn older(survey: &Survey) -> Option<Finding> {
    let heard = survey.livekit_heard()?;
    let unknown = |x: &Exchange| x.response().is_some_and(|r| r.status == 404 && r.excerpt.starts_with("404 page not found"));
    let (cite, _) = survey.evidence.exchanges_for(Purpose::CallVersion).find(|(_, x)| unknown(x))?;
    Some(RULE.finding(Severity::Info, Confidence::Observed, &[], Cites::of(cite, [heard])).with("how", "older"))
}

/// So long an answer is waited for, in milliseconds, and longer on a slow line.
const SOON: u32 = 1_500;

const NO_TOKEN: &str = english!("a LiveKit token: the setting livekit-token");

type Seen = Result<(&'static str, Vec<Cite>), &'static str>;

fn by_http(survey: &Survey, cite: Cite, exchange: &Exchange) -> Seen {
    let others = [Purpose::CallServer, Purpose::CallServerNoCors].map(|purpose| survey.evidence.exchanges_for(purpose).next_back());
    let cites: Vec<Cite> = [cite].into_iter().chain(others.iter().flatten().map(|(c, _)| *c)).collect();
    let answered = others.iter().flatten().any(|(_, x)| x.answered());
    match exchange.status() {
        // A limit, which NET005 names.
        Some(429) => Err(english!("a question that is not one too many")),
        Some(500..) => Ok(("gateway-error", vec![cite])),
        // The chat's own WebSocket brings cookies, which may be what the gate wants.
        Some(_) if is_a_gates(exchange) && exchange.credentials == "omit" => match survey.call_sockets().last() {
            Some((socket, life)) if life.failed_before_open() && survey.has_call_token() => Ok(("sign-in", vec![cite, *socket])),
            _ => Err(english!("an answer of LiveKit to somebody who is signed in")),
        },
        Some(_) if is_a_gates(exchange) => Ok(("sign-in", vec![cite])),
        Some(_) => Ok(("not-livekit", vec![cite])),
        // A WebSocket needs no leave to be read: it decides, and needs a token.
        None if answered && exchange.rejected() => match survey.call_sockets().last() {
            Some((socket, life)) if life.failed_before_open() && survey.has_call_token() => Ok(("not-livekit", [cites, vec![*socket]].concat())),
            _ if survey.has_call_token() => Err(english!("a WebSocket to LiveKit that was waited for")),
            _ => Err(NO_TOKEN),
        },
        None if !answered && (others[1].is_some() || exchange.timed_out() && exchange.ended_after >= survey.patience(SOON)) => Ok(("unreachable", cites)),
        None => Err(english!("a request to LiveKit that was waited for")),
    }
}

fn by_socket(survey: &Survey, heard: Cite) -> Seen {
    if let Some((cite, _)) =
        survey.evidence.exchanges_for(Purpose::CallServer).find(|(_, x)| x.response().is_some_and(|r| r.status == 406 && r.excerpt.starts_with("Not Ready")))
    {
        return Ok(("not-ready", vec![cite, heard]));
    }
    let lives = survey.call_sockets();
    let waited = |life: &SocketLife| life.lasted().saturating_sub(life.opened_after().unwrap_or(0)) >= survey.patience(SOON);
    let how = match lives.last() {
        Some((_, life)) if life.hung_connecting() && waited(life) => "hangs",
        Some(_) if survey.evidence.calls().any(|(_, c)| c.shown_out.is_some()) => "shown-out",
        Some((_, life)) if life.closed().is_some() && life.opened() || survey.evidence.calls().any(|(_, c)| c.garbled) => "closes",
        Some((_, life)) if life.opened() && life.waited_in_vain_for("join") && waited(life) => "silent",
        Some((_, life)) if life.failed_before_open() && survey.token_taken() => "upgrade",
        _ if !survey.has_call_token() => return Err(NO_TOKEN),
        _ => return Err(english!("a WebSocket to LiveKit that was waited for")),
    };
    let told = survey.evidence.calls().filter(|(_, c)| how == "shown-out" && c.shown_out.is_some()).map(|(c, _)| c);
    Ok((how, [heard].into_iter().chain(lives.iter().map(|(c, _)| *c)).chain(told).collect()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.param("how") == "older" && finding.severity == Severity::Info {
        let person = Guidance::person(&finding.code, t!("The server for calls is of an older version, and lets this page join all the same."));
        let operator = Guidance::operator(&finding.code, t!("Upgrade livekit-server before you upgrade its clients."))
            .step(t!("/rtc/v1/validate is not known here. Newer clients try that path first and fall back to /rtc, which costs them a failed attempt each time. If the server is a new one, let the gateway pass everything below /rtc."))
            .recheck(t!("This page no longer says so."));
        return vec![person, operator];
    }
    let how = match (finding.param("how"), finding.param("reason")) {
        ("shown-out", DUPLICATE) => "duplicate",
        ("shown-out", reason) if !reason.is_empty() => "shown-out-named",
        (how, _) => how,
    };
    operator::texts(finding, survey, &TEXTS, how)
}

const WAIT: Phrase = t!("Wait a few minutes, then try again.");
const NGINX: Step = step!(
    t!(
        "nginx: the map into the section http, the location into the server section of LiveKit's host name, with LiveKit's own address after proxy_pass. Then nginx -t, and reload:"
    ),
    operator::NGINX
);

const TEXTS: Texts = Texts {
    by_how: &[
        (
            "unreachable",
            t!("The server for calls can’t be reached."),
            First::Nothing,
            &[step!(t!("Nothing answers at LiveKit's address: look at its name, port, certificate and firewall."))],
        ),
        (
            "gateway-error",
            t!("The server for calls is not working right now."),
            First::Do(WAIT),
            &[step!(t!(
                "The answer has status {status}. LiveKit does not run, or the gateway looks for it elsewhere (port: in its configuration, 7880 as it comes). If LiveKit itself says 500, its log tells; it may have lost its Redis.",
                "status"
            ))],
        ),
        (
            "not-ready",
            t!("The server for calls is not working right now."),
            First::Do(WAIT),
            &[step!(t!("LiveKit answers “Not Ready”: its node no longer reports itself. Look at its log, and at its Redis."))],
        ),
        ("full", t!("The server for calls is full right now."), First::Do(WAIT), &[step!(t!("LiveKit has reached a limit of its configuration (limit:)."))]),
        (
            "shown-out",
            t!("The server for calls let this page in and showed it out at once."),
            First::Do(WAIT),
            &[step!(t!("The room is full (max_participants), or was closed."))],
        ),
        (
            "shown-out-named",
            t!("The server for calls let this page in and showed it out at once."),
            First::Do(WAIT),
            &[step!(
                t!(
                    "LiveKit's own reason: {reason}. PARTICIPANT_REMOVED, ROOM_DELETED, ROOM_CLOSED: your backend or an administrator did so; look at what your webhooks do (participant_joined). SERVER_SHUTDOWN, MIGRATION: its node is being emptied. All others: LiveKit's log.",
                    "reason"
                )
            )],
        ),
        (
            "duplicate",
            t!("The server for calls let this page in and showed it out for another client of the same name."),
            First::Do(t!("Leave the call in other tabs and on other devices, then run this test again.")),
            &[step!(t!(
                "LiveKit's own reason is DUPLICATE_IDENTITY: another client joined with the identity of this token, perhaps the chat itself. Give this page a token with an identity of its own. If it stays so, look at who else is given that identity."
            ))],
        ),
        (
            "sign-in",
            t!("Calls can’t begin: a sign-in stands before their server."),
            First::Do(t!("Open the chat in a new tab by its address, and sign in if you are asked to. Then close this tab.")),
            &[step!(
                t!(
                    "What answers at {address} is the sign-in of a gate, and not LiveKit. Let /rtc and all below it pass that gate (oauth2-proxy: --skip-auth-route, Azure Easy Auth: excludedPaths, Cloudflare Access: a Bypass policy): LiveKit lets nobody in without a token of its own.",
                    "address"
                )
            )],
        ),
        (
            "not-livekit",
            t!("Calls can’t begin: their server does not answer as it should."),
            First::Nothing,
            &[
                step!(t!("The setting livekit-url ends with {beyond}, which this page adds by itself: let it end before that.", "beyond")),
                step!(t!(
                    "What answers at {address} is not LiveKit: a gateway's error page (is LiveKit down behind it?), a sign-in, another path. Or its Access-Control-Allow-Origin is taken away.",
                    "address"
                )),
                step!(t!("It was answered with status {status}.", "status")),
                NGINX,
            ],
        ),
        (
            "hangs",
            t!("Calls can’t begin: the live connection to their server does not come about."),
            First::Nothing,
            &[
                step!(t!(
                    "LiveKit answers plain HTTP, and leaves a WebSocket without an answer. Look at LiveKit's log first: it may wait for its node or its Redis before it lets anybody in."
                )),
                step!(t!("If its log shows no such request, something on the way swallows WebSockets: test from the server itself, then one hop further each time.")),
            ],
        ),
        (
            "upgrade",
            t!("Calls can’t begin: the live connection to their server is most likely cut off on the way."),
            First::Nothing,
            &[
                step!(t!(
                    "Plain HTTP reaches LiveKit, and a WebSocket does not open: something on the way does not pass it on, or LiveKit can't start a session (its log tells)."
                )),
                NGINX,
            ],
        ),
        (
            "",
            t!("Calls can’t begin: the connection to their server opens and then fails."),
            First::Nothing,
            &[step!(t!("LiveKit answers at once where it opens a WebSocket: something between answered in its place, or cut it.")), NGINX],
        ),
    ],
    title: Some(t!("Let browsers reach LiveKit, by HTTP and by WebSocket.")),
    steps: &[step!(
        t!(
            "By hand; all is well where LiveKit itself says 401, “no permissions to access the room”. 404 without a body: the Upgrade was lost. “404 page not found”: the path is not LiveKit's. In Windows PowerShell write curl.exe:"
        ),
        "{test}"
    )],
    recheck: Some(t!("The test gives LiveKit's own words, and this page no longer says so.")),
    limits: None,
};
