//! From evidence to a verdict: all rules are asked, causes are put above what they explain, and "works" is said only where
//! every planned capability was seen to work.

pub mod calm;

use serde::{Deserialize, Serialize};

use crate::english;
use crate::evidence::{Cite, Evidence, Exchange, Happening, Loopback, Purpose, SocketLife, SocketPurpose, Stream, StreamEnd};
use crate::profile::{Application, Depth, Profile, Topic};
use crate::protocol::socket_io::{ConnectAnswer, connect_answer};
use crate::rules::net007_intermittent::UNCOUNTED;
use crate::rules::path001_not_a_socket_server::NAMED;
use crate::rules::{Confidence, Finding, NOT_HERE, Outcome, RULES, SHARED, Severity, by_code};
use crate::survey::{self, ICE_SERVERS, IceState, Live, Survey, carries};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every planned capability was seen to work.
    Works,
    /// The chat works, worse than it should.
    Degraded,
    Broken,
    /// Nothing wrong was found, and not all was seen to work.
    Inconclusive,
}

/// What could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// A rule's code, or a capability's name.
    pub code: String,
    pub missing: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    pub verdict: Verdict,
    /// The gravest first.
    pub causes: Vec<Finding>,
    /// What follows from a cause, and who knows what else.
    pub consequences: Vec<Finding>,
    pub unknown: Vec<Unknown>,
}

/// What a run may say before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstVerdict {
    /// What the chat's own client does first was seen to work, and nothing is known to be wrong; the rest is still looked at. It
    /// speaks of what has been, so nothing that is found later makes it untrue.
    WorksSoFar { polling: bool, websocket: bool },
    /// A cause was observed.
    Fault(Verdict),
}

/// Before this many milliseconds no fault is named: an early look may be of half the evidence only.
const HALF_SEEN: u32 = 1_500;
/// But for what the browser itself says of this device and page, which no later look takes back.
const SAID_BY_THE_BROWSER: [&str; 3] = ["NET001", "SEC001", "SEC005"];

/// The verdict of a run that still goes on, `at` so many milliseconds since its start; `None` while nothing is certain. `diagnosis`
/// is that of the evidence so far.
#[must_use]
pub fn first_verdict(profile: &Profile, evidence: &Evidence, diagnosis: &Diagnosis, at: u32) -> Option<FirstVerdict> {
    match diagnosis.causes.first().filter(|f| f.severity > Severity::Info) {
        Some(cause) => {
            let in_time = at > HALF_SEEN || SAID_BY_THE_BROWSER.contains(&cause.code.as_str());
            (in_time && cause.confidence == Confidence::Observed).then_some(FirstVerdict::Fault(diagnosis.verdict))
        }
        None => works_so_far(&Survey::of(profile, evidence)),
    }
}

/// Whether the first session came about as the chat's client has it: long-polling with a follow-up, and the upgrade to WebSocket;
/// or that one of the two that the server does alone.
fn works_so_far(survey: &Survey) -> Option<FirstVerdict> {
    let profile = survey.profile;
    let polling = survey.polls() && profile.covers(Topic::Polling) && survey.polling_off_by_design().is_none();
    let websocket = profile.covers(Topic::Websocket) && survey.websocket_off_by_design().is_none();
    let upgrades = polling && websocket && profile.covers(Topic::Upgrade) && !survey.upgrades_off_by_design();
    let polls = !polling || survey.polling_works().is_some();
    let lives = !websocket || if upgrades { survey.upgraded().is_some() } else { survey.websocket_hello().is_some() };
    // What is watched for hours is not being looked at for the first time.
    let looks = survey.is_engine_subject() && profile.depth != Depth::Watch;
    (looks && (polling || websocket) && polls && lives).then_some(FirstVerdict::WorksSoFar { polling, websocket })
}

/// Something the chat needs, and the observation that shows it working.
struct Capability {
    name: &'static str,
    seen: Option<Cite>,
}

/// Asks every rule and weighs the answers, where they could have any ([`calm::is_calm`]). Total: no evidence at all is "inconclusive".
#[must_use]
pub fn diagnose(profile: &Profile, evidence: &Evidence) -> Diagnosis {
    let survey = Survey::of(profile, evidence);
    if all_is_well(&survey) {
        return Diagnosis { verdict: Verdict::Works, causes: Vec::new(), consequences: Vec::new(), unknown: calm::left_open() };
    }
    by_rules(&survey)
}

/// Whether [`diagnose`] asks the rules.
#[must_use]
pub fn needs_rules(profile: &Profile, evidence: &Evidence) -> bool {
    !all_is_well(&Survey::of(profile, evidence))
}

fn all_is_well(survey: &Survey) -> bool {
    calm::is_calm(survey.profile, survey.evidence) && calm::is_whole(survey) && capabilities(survey).iter().all(|c| c.seen.is_some())
}

/// The same by asking every rule, however calm it is.
#[must_use]
pub fn by_rules(survey: &Survey) -> Diagnosis {
    let mut fired = Vec::new();
    let mut unknown = Vec::new();
    for rule in RULES {
        match (rule.check)(survey) {
            Outcome::Fires(finding) => fired.push(finding),
            Outcome::Clear => {}
            Outcome::Unknown { missing } => unknown.push(Unknown { code: rule.code.to_owned(), missing: missing.to_owned() }),
        }
    }
    let explained: Vec<bool> = fired.iter().map(|finding| fired.iter().any(|other| explains(other, finding))).collect();
    let (mut causes, mut consequences) = (Vec::new(), Vec::new());
    for (finding, explained) in fired.into_iter().zip(explained) {
        if explained { &mut consequences } else { &mut causes }.push(finding);
    }
    // Stable: among equals the table's order stands.
    crate::evidence::order_by(&mut causes, |finding| Severity::Blocks as u32 - finding.severity as u32);
    let missing: Vec<&str> = capabilities(survey).iter().filter(|c| c.seen.is_none()).map(|c| c.name).collect();
    let gravest = causes.iter().map(|f| f.severity).max().unwrap_or(Severity::Info);
    let verdict = match gravest {
        Severity::Blocks => Verdict::Broken,
        Severity::Degrades => Verdict::Degraded,
        // What no rule has looked at is not known to be well.
        Severity::Info
            if missing.is_empty() && !unknown.iter().any(|u| u.missing == NOT_HERE || u.missing == NAMED || UNCOUNTED.contains(&u.missing.as_str())) =>
        {
            Verdict::Works
        }
        Severity::Info => Verdict::Inconclusive,
    };
    if verdict == Verdict::Inconclusive {
        unknown.extend(missing.into_iter().map(|name| Unknown { code: name.to_owned(), missing: english!("not seen to work").to_owned() }));
    }
    Diagnosis { verdict, causes, consequences, unknown }
}

/// Whether `cause` explains `finding`. What is only a remark explains nothing and is never explained away.
fn explains(cause: &Finding, finding: &Finding) -> bool {
    if cause.severity == Severity::Info || finding.severity == Severity::Info || cause.code == finding.code {
        return false;
    }
    let explained = |finding: &Finding| by_code(&finding.code).map_or(&[][..], |rule| rule.explains);
    // Of two that explain everything, the table's first explains the other, or each would be folded under the other.
    if explained(cause).contains(&"*") && explained(finding).contains(&"*") {
        let place = |finding: &Finding| RULES.iter().position(|rule| rule.code == finding.code);
        return place(cause) < place(finding);
    }
    // What the chat's server does says nothing about LiveKit at another one.
    let another = finding.code == "RTC001" && cause.code.starts_with("NET") && finding.param(SHARED).is_empty();
    explained(cause).iter().any(|code| *code == "*" || *code == finding.code && !another)
}

/// What was planned, and where it was seen to work.
fn capabilities(survey: &Survey) -> Vec<Capability> {
    let profile = survey.profile;
    let mut all = Vec::new();
    let mut need = |name, seen| all.push(Capability { name, seen });
    need(english!("this page's own server"), survey.own_file_answers());
    if survey.has_an_engine() {
        // A chat that never polls needs no polling, where its WebSocket works: from another origin it may be unreadable.
        let needless = !survey.polls() && survey.websocket_hello().is_some();
        let polls = profile.covers(Topic::Polling) && survey.polling_off_by_design().is_none() && !needless;
        let live = profile.covers(Topic::Websocket) && survey.websocket_off_by_design().is_none();
        if polls {
            need(english!("long-polling"), survey.polling_works());
        }
        if live {
            // A connection that ended by itself after hello is not seen to work.
            let stayed = survey.hellos().find(|(_, s)| s.open_packet().is_some() && s.closed().is_none());
            // A client that polls first needs none that begins by itself.
            let upgraded = || survey.upgraded().filter(|_| survey.polls() && matches!(survey.live(), Live::Refused { .. }));
            need("WebSocket", stayed.map(|(c, _)| c).or_else(upgraded));
        }
        if polls && live && profile.covers(Topic::Upgrade) && survey.polls() && !survey.upgrades_off_by_design() {
            need(english!("the upgrade from long-polling to WebSocket"), survey.upgraded());
        }
        if !polls && !live && (profile.covers(Topic::Polling) || profile.covers(Topic::Websocket)) {
            need(english!("a transport"), None);
        }
        let connects = profile.namespace.is_some() || survey.known.safe_connect.is_some();
        if connects && profile.covers(Topic::Connect) {
            let accepted = survey.connect().filter(|(_, s)| {
                // Accepted, and not shown out again (packet type DISCONNECT) right after.
                let accepted = s.frames().any(|(_, f)| connect_answer(f, survey.namespace()) == Some(ConnectAnswer::Accepted));
                accepted && survey.shown_out().is_none()
            });
            need(english!("joining the chat's channel"), accepted.map(|(c, _)| c));
        }
        // Planned only where one was due: a server may beat more slowly than a run lasts, and Node's ends who never joins (1005: measured).
        let beats = |life: &SocketLife| life.frames().any(|(_, f)| f == "2" || f == "3");
        let due = |life: &SocketLife| beats(life) || life.waited_in_vain_for("heartbeat") || life.closed().is_some_and(|(_, code, _)| code != 1005);
        let hearts: Vec<_> = survey.evidence.sockets_for(SocketPurpose::Heartbeat).filter(|(_, s)| due(s)).collect();
        // A full run that was stopped before its long stay ended has not seen all that was planned.
        let stopped = live && profile.depth == Depth::Full && !profile.ladder && survey.evidence.sockets_for(SocketPurpose::Heartbeat).next().is_none();
        if (stopped || !hearts.is_empty()) && profile.covers(Topic::Heartbeat) {
            need(english!("the connection's heartbeat"), hearts.iter().find(|(_, s)| beats(s)).map(|(c, _)| *c));
        }
    }
    if let Some(raw) = survey.raw()
        && profile.covers(Topic::Raw)
    {
        // A server of an unknown protocol may say what it has to say, and end normally.
        let well = |s: &SocketLife| s.events.iter().any(|e| matches!(e.what, Happening::ClosedByProbe | Happening::Close { code: 1000 | 1001, .. }));
        let stayed = raw.sockets.iter().find(|(_, s)| s.opened() && well(s));
        need(english!("the WebSocket"), stayed.map(|(c, _)| *c));
    }
    let named = profile.ws_url.is_some() || profile.stream_url.is_some() || profile.grpc_url.is_some() || profile.has_calls();
    if survey.application == Application::Raw && !named && profile.covers(Topic::Raw) {
        need(english!("the WebSocket, which the setting ws-url names"), None);
    }
    if profile.health_path.is_some() && profile.covers(Topic::Health) {
        let healthy = survey.evidence.exchanges_for(Purpose::Health).find(|(_, x)| survey::health_says(x) == Some(true));
        need(english!("the health endpoint"), healthy.map(|(c, _)| c));
    }
    if profile.stream_url.is_some() && profile.covers(Topic::Stream) {
        // It has begun, and none broke off.
        let broken = survey.evidence.streams().any(|(_, s)| matches!(s.end, StreamEnd::Broken { .. }));
        let flows = |s: &Stream| {
            !s.arrivals.is_empty()
                && s.status < 400
                && !s.header("content-type").is_some_and(|t| t.starts_with("text/html"))
                && matches!(s.end, StreamEnd::Whole { .. } | StreamEnd::Left)
        };
        need(english!("the streamed answer"), survey.evidence.streams().find(|(_, s)| flows(s) && !broken).map(|(c, _)| c));
    }
    if profile.grpc_url.is_some() && profile.covers(Topic::Grpc) {
        let answers = |x: &Exchange| x.response().and_then(|r| r.grpc.as_ref()).is_some_and(|g| g.grpc_status.is_some());
        need("gRPC-web", survey.grpc().filter(|(_, x)| answers(x)).map(|(c, _)| c));
    }
    if profile.covers(Topic::Calls) {
        calls(survey, &mut need);
    }
    all
}

/// What calls need. What nobody can look at without a token is not asked for.
fn calls(survey: &Survey, need: &mut impl FnMut(&'static str, Option<Cite>)) {
    let profile = survey.profile;
    let connected = survey.media_connected();
    if profile.livekit_address().is_some() {
        let has_token = survey.has_call_token();
        need(english!("LiveKit's signalling"), if has_token { survey.joined().map(|(c, _)| c) } else { survey.livekit_heard() });
        // To who may not listen LiveKit offers nothing.
        let deaf = survey.evidence.call_token().and_then(|(_, t)| t.claims.as_ref()).is_some_and(|c| c.forbids.iter().any(|f| f == "canSubscribe"));
        if has_token && !deaf {
            need(english!("the way of the call's media"), connected);
        }
    }
    if profile.webtransport_url.is_some() {
        let ready = survey.evidence.web_transport().filter(|(_, t)| t.how == "ready");
        need("WebTransport", ready.map(|(c, _)| c));
    }
    for device in &profile.devices {
        let opened = survey.evidence.captures().find(|(_, c)| c.device == device.name() && c.opened_after.is_some());
        need(device.name(), opened.map(|(c, _)| c));
    }
    if !profile.has_calls() {
        return;
    }
    let looks = survey.ice_looks();
    // Nobody knows of a server that was not asked yet.
    let known: Vec<&str> = survey.evidence.ice_servers().flat_map(|(_, all)| all.urls.iter().map(String::as_str)).collect();
    let all_asked = looks.len() >= known.len().min(ICE_SERVERS);
    if profile.ice_servers_named || !known.is_empty() {
        need(english!("each STUN and TURN server"), looks.last().filter(|_| all_asked).map(|l| l.cite));
    }
    let relays = known.iter().any(|url| url.starts_with("turn"));
    if relays {
        need(english!("the relay"), survey.relay_works().or(connected));
    } else if !looks.is_empty() {
        need("STUN", looks.iter().find(|l| l.state == IceState::Works).map(|l| l.cite).or(connected));
    }
    // A relay that forbids itself as a peer is none the worse for calls.
    let enough = |l: &Loopback| l.server.is_some() || !relays || connected.is_some();
    need(english!("data channels"), survey.evidence.loopbacks().find(|(_, l)| enough(l) && carries(l)).map(|(c, _)| c));
}
