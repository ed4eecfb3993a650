//! Evidence so ordinary that no rule has anything to say about it: a quick run on a chat that works.
//!
//! The code of the rules is a third of the program, and a release fetches it only where something is out of the ordinary. So this is
//! a list of what is well, never of what is wrong: whatever it does not know is the rules' matter. `tests/calm.rs` holds it to the
//! rules, over all recordings, each of their prefixes, and what is out of the ordinary in one put into another.

use super::Unknown;
use crate::english;
use crate::evidence::{Evidence, Exchange, Fact, Happening, Outcome, Purpose, Response, SocketLife, SocketPurpose, Stored};
use crate::profile::{Application, Depth, Profile};
use crate::protocol::engine_io::{Answer, Refusal};
use crate::rules::{NO_SERVERS, NO_TURN};
use crate::survey::{Survey, is_old_client, stored_handshake};

/// A wait from which on somebody may ask why, in milliseconds.
const SOON: u32 = 700;
/// A clock that is so far from the server's is nobody's trouble, in seconds.
const CLOCKS: u32 = 20;
/// Characters of cookies that every server takes.
const COOKIES: u32 = 2_000;

/// Whether nothing in it could be a finding: then all rules stay silent.
#[must_use]
pub fn is_calm(profile: &Profile, evidence: &Evidence) -> bool {
    is_plain(profile)
        && evidence.observations().iter().all(|o| is_ordinary(evidence, profile, &o.fact))
        && is_of_one_chat(evidence)
        && stored_handshake(evidence.exchanges_for(Purpose::Handshake)).is_none()
}

/// Without settings that ask for more than a page and an engine.
fn is_plain(p: &Profile) -> bool {
    let settings = [
        &p.health_path,
        &p.user_path,
        &p.help_path,
        &p.namespace,
        &p.ws_url,
        &p.stream_url,
        &p.echo_event,
        &p.affinity_cookie,
        &p.grpc_url,
        &p.livekit_url,
        &p.webtransport_url,
    ];
    let flags = [p.cross_origin, p.credentials, p.ladder, p.ice_servers_named, p.embedded];
    let lists = [&p.request_headers, &p.response_headers, &p.storage_keys];
    p.depth == Depth::Quick
        && matches!(p.application, Application::Auto | Application::Socketio | Application::Chainlit)
        && settings.iter().all(|setting| setting.is_none())
        && !flags.contains(&true)
        && lists.iter().all(|list| list.is_empty())
        && p.seen.is_empty()
        && p.devices.is_empty()
        && p.only.is_empty()
}

fn is_ordinary(evidence: &Evidence, profile: &Profile, fact: &Fact) -> bool {
    match fact {
        Fact::Environment(e) => {
            e.secure_context
                && e.online
                && ![e.framed, e.foreign_frame, e.opaque_origin, e.hidden, e.service_worker].contains(&true)
                && e.missing.is_empty()
                && profile.page_origin.starts_with(&[&e.scheme, "//"].concat())
        }
        Fact::Exchange(x) => matches!(&x.outcome, Outcome::Response(response) if is_ordinary_answer(evidence, profile, x, response)),
        Fact::Socket(life) => is_ordinary_life(life),
        Fact::Cookies(c) => c.threw.is_none() && c.size <= COOKIES && c.trials.iter().all(|trial| trial.kept) && c.largest.iter().all(is_small),
        Fact::Storage(s) => s.keys.is_empty() && s.usage.unwrap_or(0) <= s.quota.unwrap_or(u32::MAX) / 2 && s.areas.iter().all(|area| area.how == "works"),
        Fact::Workers(w) => w.registrations.is_empty() && w.caches.is_empty() && w.threw.is_none(),
        _ => false,
    }
}

fn is_ordinary_answer(evidence: &Evidence, profile: &Profile, x: &Exchange, r: &Response) -> bool {
    // The page's own word about where its socket is has to be true.
    let speaks = |path: &str| evidence.exchanges_for(Purpose::Handshake).any(|(_, other)| other.path == path && other.engine().is_engine());
    let speaks_at = |told: &str| speaks(&[told.trim_end_matches('/'), "/ws/socket.io/"].concat());
    // engineioxide ends a session that is upgraded (measured).
    let is_upgraded = || evidence.sockets_for(SocketPurpose::Upgrade).any(|(_, life)| life.session == x.session);
    let fits = match (x.purpose, x.engine()) {
        (Purpose::OwnFile, _) => r.status == 200 && x.path.ends_with(".js") && r.html.is_none(),
        (Purpose::ChatPage | Purpose::Shell | Purpose::ShellNow, _) => {
            let cache = if x.purpose == Purpose::Shell { "default" } else { "" };
            r.status == 200 && x.path == profile.chat_page && x.cache == cache && r.html.is_some()
        }
        (Purpose::Application, _) => r.status == 200,
        (Purpose::Handshake, Answer::Open { packet, framing: 4 }) => x.eio == 4 && packet.offers_websocket(),
        (Purpose::Handshake, _) => is_no_engine(evidence, profile, x),
        (Purpose::FollowUp | Purpose::CloseSession, Answer::Taken) => true,
        (Purpose::CloseSession, Answer::Refused { refusal: Refusal::UnknownSid, .. }) => r.status == 400 && is_upgraded(),
        (Purpose::Poll, Answer::Other) => r.status == 200 && !r.excerpt.starts_with(['<', '{']),
        (Purpose::OriginProbe, Answer::Refused { refusal: Refusal::BadHandshakeMethod | Refusal::UnknownSid, .. }) => r.status == 400,
        (Purpose::Companion, Answer::Refused { refusal: Refusal::NotAnUpgrade | Refusal::BadHandshakeMethod, .. }) => r.status == 400,
        (Purpose::Companion, Answer::Other) => r.status == 400 && r.body_bytes == 0,
        _ => false,
    };
    let in_session = matches!(x.purpose, Purpose::Handshake | Purpose::FollowUp | Purpose::CloseSession | Purpose::Poll);
    fits && in_session == (x.session > 0)
        && r.response_type == "basic"
        && r.same_origin_as_asked
        && r.body_complete
        && !r.redirected
        && !x.never_sent
        && !x.cross_origin
        && x.mode == "cors"
        && x.ended_after <= SOON
        && x.responded_after.is_some_and(|after| after <= SOON)
        && r.clock_offset.is_none_or(|seconds| seconds.unsigned_abs() <= CLOCKS)
        && !r.headers.iter().any(|(name, _)| name.starts_with("content-security-policy") || name == "age")
        && r.client.as_ref().is_none_or(|client| client.transports.is_empty() && (client.paths.is_empty() || client.paths.iter().any(|path| speaks(path))))
        && r.html.as_ref().is_none_or(|html| {
            html.root_path.as_deref().is_none_or(speaks_at)
                && html.policies.is_empty()
                && html.transports.is_empty()
                && !html.signs_in()
                && !html.script_sources.iter().any(|s| is_old_client(s))
        })
}

/// A path at which the chat might have been, and was not: without a setting several are asked, and one of them has the engine.
fn is_no_engine(evidence: &Evidence, profile: &Profile, x: &Exchange) -> bool {
    let first_questions = || evidence.exchanges_for(Purpose::Handshake).filter(|(_, other)| other.credentials == "omit");
    let found = first_questions().find(|(_, other)| matches!(other.engine(), Answer::Open { .. }));
    profile.socket_path.is_none()
        && x.credentials == "omit"
        && x.eio == 4
        && matches!(x.engine(), Answer::Other)
        && x.status() == Some(404)
        // The other may not have answered yet.
        && found.map_or(first_questions().count() == 1, |(_, other)| other.path != x.path)
}

fn is_ordinary_life(life: &SocketLife) -> bool {
    let well = |what: &Happening| matches!(what, Happening::Open { .. } | Happening::Frame { .. } | Happening::Sent { .. } | Happening::ClosedByProbe);
    let said = match life.purpose {
        SocketPurpose::Hello => life.open_packet().is_some(),
        SocketPurpose::Upgrade => life.first_frame() == Some("3probe") && life.first_length() == Some(6),
        _ => false,
    };
    said && !life.cross_origin
        && life.opened()
        && life.events.iter().all(|event| well(&event.what) && (event.after <= SOON || matches!(event.what, Happening::ClosedByProbe)))
}

/// A cookie that says nothing of a sign-in.
fn is_small(cookie: &Stored) -> bool {
    cookie.size <= COOKIES && !cookie.token && cookie.expires_in.is_none() && cookie.made_for.is_none()
}

/// Whether all answers for a page are of one, and all of an engine's of one path.
fn is_of_one_chat(evidence: &Evidence) -> bool {
    let pages = || {
        evidence.observations().iter().filter_map(|o| match &o.fact {
            Fact::Exchange(x) if x.eio == 0 => Some((&x.path, x.response()?.html.as_ref()?)),
            _ => None,
        })
    };
    let paths = || {
        evidence.observations().iter().filter_map(|o| match &o.fact {
            Fact::Exchange(x) if x.eio > 0 && !matches!((x.purpose, x.engine()), (Purpose::Handshake, Answer::Other)) => Some(&x.path),
            Fact::Socket(life) => Some(&life.path),
            _ => None,
        })
    };
    pages().next().is_none_or(|(path, first)| pages().all(|(other, html)| other == path && !html.is_another(first)))
        && paths().next().is_none_or(|first| paths().all(|path| path == first))
}

/// Whether a quick run has looked at all that it looks at: then [`left_open`] is what it leaves open.
pub(super) fn is_whole(survey: &Survey) -> bool {
    const PAGES: [Purpose; 4] = [Purpose::OwnFile, Purpose::ChatPage, Purpose::Shell, Purpose::ShellNow];
    const ENGINE: [Purpose; 4] = [Purpose::Handshake, Purpose::FollowUp, Purpose::Companion, Purpose::OriginProbe];
    let evidence = survey.evidence;
    PAGES.iter().all(|purpose| evidence.exchanges_for(*purpose).next().is_some())
        && ENGINE.iter().all(|purpose| survey.on_path(*purpose).next().is_some())
        && evidence.environment().is_some()
        && evidence.cookies().is_some()
        && evidence.storage().is_some()
        && evidence.workers().is_some()
        && survey.clock_offset().is_some()
        && survey.tried_as_the_chat()
}

/// What a quick run without settings leaves open.
#[must_use]
pub fn left_open() -> Vec<Unknown> {
    const OPEN: &[(&str, &str)] = &[
        ("SES002", english!("eight sessions: the longer test opens them")),
        ("SES001", english!("eight sessions: the longer test opens them")),
        ("POLL002", english!("a large request: the longer test sends one")),
        ("WS005", english!("connections that are held: the longer test has them")),
        ("WS006", english!("connections that are held: the longer test has them")),
        ("WS007", english!("a heartbeat that was due: the longer test waits for it")),
        ("WS008", english!("a large message: the longer test sends one")),
        ("POLL004", english!("a request that waits: the longer test has one")),
        ("WS010", english!("round trips on the socket: the longer test measures them")),
        ("SES003", english!("the operator's echo handler: see www/server-help, and the setting echo-event")),
        ("STR001", english!("the address of a stream: the setting stream-url")),
        ("STR002", english!("the address of a stream: the setting stream-url")),
        ("RTC001", english!("the address of LiveKit: the setting livekit-url")),
        ("RTC002", NO_SERVERS),
        ("RTC003", NO_TURN),
        ("WT001", english!("the address: the setting webtransport-url")),
    ];
    OPEN.iter().map(|(code, missing)| Unknown { code: (*code).to_owned(), missing: (*missing).to_owned() }).collect()
}
