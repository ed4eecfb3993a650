//! # RTC001 signalling-fails
//!
//! ## What it means
//! Calls can't begin: LiveKit, or the WebSocket to it over which a call is arranged, does not answer as it should.
//!
//! ## How it is recognised
//! Nobody was let in, and the token, if there is one, is not what LiveKit refuses (RTC009). `how` is: `unreachable`, nothing answers, in
//! `cors` and in `no-cors`; `gateway-error`, 5xx without LiveKit's own words of being full; `not-livekit`, another readable answer there, or
//! something answers that lets no page read it, and the WebSocket with a token fails as well; `full`, LiveKit's own word; `not-ready`, 406 at its root; `hangs`, the WebSocket did not
//! open within its limit, though `/rtc/validate` answered; `upgrade`, it fails though the token is taken by plain HTTP, strongly
//! suggested since the browser hides why; `shown-out`, LiveKit let it in and showed it out before it had joined; `silent` and `closes`, it
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
use crate::evidence::{Cite, Exchange, Purpose, SocketLife};
use crate::guidance::Guidance;
use crate::platforms::operator::{self, First, Step, Texts};
use crate::protocol::livekit::Validation;
use crate::survey::Survey;
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
    if survey.joined().is_some() {
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
    let guessed = how == "upgrade" || said.is_none() && status.is_empty() && (how == "not-livekit" || exchange.timed_out());
    let parties: &[Party] =
        if matches!(how, "unreachable" | "hangs" | "upgrade") { &[Party::SiteOperator, Party::NetworkAdmin] } else { &[Party::SiteOperator] };
    let finding = RULE.finding(of_calls(survey), if guessed { Confidence::StronglySuggested } else { Confidence::Observed }, parties, cites);
    let shared = address.origin() == survey.profile.server;
    super::timed(survey, finding.with("how", how).with("status", status).with(super::SHARED, if shared { "yes" } else { "" }))
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
    Ok((how, [heard].into_iter().chain(lives.iter().map(|(c, _)| *c)).collect()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.param("how") == "older" && finding.severity == Severity::Info {
        let person = Guidance::person(&finding.code, t!("The server for calls is of an older version, and lets this page join all the same."));
        let operator = Guidance::operator(&finding.code, t!("Upgrade livekit-server before you upgrade its clients."))
            .step(t!("/rtc/v1/validate is not known here. Newer clients try that path first and fall back to /rtc, which costs them a failed attempt each time. If the server is a new one, let the gateway pass everything below /rtc."))
            .recheck(t!("This page no longer says so."));
        return vec![person, operator];
    }
    operator::texts(finding, survey, &TEXTS, finding.param("how"))
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
            "not-livekit",
            t!("Calls can’t begin: their server does not answer as it should."),
            First::Nothing,
            &[
                step!(t!(
                    "What answers at /rtc/validate is not LiveKit: a gateway's error page (is LiveKit down behind it?), a sign-in, another path. Or its Access-Control-Allow-Origin is taken away."
                )),
                step!(t!("It was answered with status {status}.", "status")),
                NGINX,
            ],
        ),
        (
            "hangs upgrade",
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
