//! The way from the person to the chat's server: which part of it was seen to work, where it breaks, and what nobody saw.
//!
//! A part works only by an observation that shows it. It is broken only by a finding that is a cause: what follows from a cause
//! lies elsewhere, and would draw a second break where there is one.

use crate::address::Address;
use crate::evidence::{Cite, Environment, Exchange, Purpose, SocketPurpose};
use crate::platforms::{browsers, gateway};
use crate::profile::Application;
use crate::report::Report;
use crate::rules::{Confidence, Finding, Party, Severity};
use crate::survey::{IceState, Survey, carries};
use crate::t;
use crate::words::Text;

/// A station of the way or the leg that leads to it, from the person on; those of calls branch off behind the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    You,
    ToBrowser,
    Browser,
    ToNetwork,
    Network,
    ToGateway,
    /// Proxy, ingress, load balancer: whatever stands before the server.
    Gateway,
    ToServer,
    Server,
    ToReplicas,
    /// The other instances of the server, and what carries messages between them.
    Replicas,
    ToRelay,
    /// STUN, TURN and the call server.
    Relay,
}

use Place::{Browser, Gateway, Network, Relay, Replicas, Server, ToBrowser, ToGateway, ToNetwork, ToRelay, ToReplicas, ToServer, You};

impl Place {
    #[must_use]
    pub fn is_leg(self) -> bool {
        matches!(self, ToBrowser | ToNetwork | ToGateway | ToServer | ToReplicas | ToRelay)
    }

    /// Whether it is of calls alone.
    #[must_use]
    pub fn is_beside(self) -> bool {
        self >= ToRelay
    }

    /// Whether what goes to this place comes through that one.
    fn is_behind(self, before: Place) -> bool {
        before < self && (!self.is_beside() || before <= Network || before == ToRelay)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was seen to work.
    Works,
    /// A cause lies here, and the chat goes on.
    Degraded,
    /// A cause lies here that stops the chat.
    Broken,
    /// Nothing tells.
    Unknown,
    /// It lies behind the break.
    Hidden,
    /// Nothing of the kind showed itself, although what would be behind it answers.
    Absent,
}

/// One part of the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub place: Place,
    pub state: State,
    /// Whether what lies here is more than something that fits.
    pub certain: bool,
    /// What it is, as far as it showed itself: a browser's name, a gateway's.
    pub seen: Text,
    /// What shows that it works, the first of it.
    pub shown_by: Vec<Cite>,
    /// Codes of the findings that lie here, causes first.
    pub findings: Vec<String>,
}

/// The whole of it, in the order of [`Place`].
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub pieces: Vec<Piece>,
}

/// Where each rule's cause lies. `tests/picture.rs` holds that every rule has its place, and one alone.
pub const PLACES: [(Place, &str); 12] = [
    (ToBrowser, "ENV001 RTC006 RTC007 RTC010"),
    (
        Browser,
        "ENV002 SEC001 SEC002 SEC003 SEC004 SEC005 SEC006 COOK001 COOK002 COOK003 COOK004 COOK005 STO001 STO002 CACHE001 CACHE002 CACHE003 CORS007 AUTH003 AUTH004",
    ),
    (ToNetwork, "NET001"),
    (Network, "NET011"),
    (ToGateway, "NET002 NET009"),
    (Gateway, "AUTH001 NET005 NET010 PATH006 POLL001 POLL002 POLL003 POLL004 POLL005 STR001 STR002 STR003 WS001 WS002 WS004 WS005 WS006 WS008 WS010 WS011"),
    (ToServer, "GRPC001 NET003 NET007 PATH001 PATH004 PATH005 WS003"),
    (
        Server,
        "AUTH002 CORS001 CORS002 CORS003 CORS005 CORS006 GRPC002 GRPC003 NET004 NET006 NET008 NET012 PATH002 PATH003 RES001 SES004 SIO001 SIO002 STR004 WS007 WS009",
    ),
    (ToReplicas, "SES003"),
    (Replicas, "SES001 SES002"),
    (ToRelay, "RTC001 RTC002 RTC003 RTC005 RTC011 WT001"),
    (Relay, "RTC004 RTC008 RTC009"),
];

/// What something on the way does, wherever it stands: in the network where that is likelier.
const ON_THE_WAY: &str = "NET007 POLL001 POLL003 WS001 WS002 WS003 WS010";
/// What lets nothing through: what was seen behind it is over.
const WALLS: &str = "ENV002 NET001 NET002 NET003 NET009 NET011 SEC001 SEC002 SEC004 SEC005";

fn holds(codes: &str, code: &str) -> bool {
    codes.split(' ').any(|one| one == code)
}

/// Where a finding lies.
#[must_use]
pub fn place_of(finding: &Finding, is_call_alone: bool) -> Place {
    let code = finding.code.as_str();
    if holds(ON_THE_WAY, code) && matches!(finding.party, Party::User | Party::NetworkAdmin) {
        return Network;
    }
    let place = PLACES.iter().find(|(_, codes)| holds(codes, code)).map_or(Server, |(place, _)| *place);
    // Where calls are all there is, their server is the chat's.
    if is_call_alone && matches!(code, "RTC001" | "RTC009") { Server } else { place }
}

impl Path {
    #[must_use]
    pub fn of(report: &Report) -> Path {
        let survey = Survey::of(&report.profile, &report.evidence);
        let calls = report.profile.has_calls() || report.profile.webtransport_url.is_some();
        let alone = survey.is_call_alone();
        let of_engine = survey.has_an_engine();
        let drawn = |place: Place| match place {
            ToReplicas | Replicas => of_engine,
            ToRelay | Relay => calls,
            _ => true,
        };
        let gateways = gateway::shown(&report.profile, &report.evidence);
        let proofs = Proofs::of(&survey, !gateways.is_empty());
        let names = names(&survey, &gateways, &proofs);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut walls: Vec<Place> = Vec::new();
        for (place, (shown_by, seen)) in ALL.into_iter().zip(proofs.by_place.into_iter().zip(names)) {
            // A finding about what is not drawn lies where the chat's server is.
            let here = |finding: &&Finding| {
                let at = place_of(finding, alone);
                at == place || place == Server && !drawn(at)
            };
            if !drawn(place) {
                continue;
            }
            let causes = report.causes.iter().filter(here);
            let findings = causes.clone().chain(report.consequences.iter().filter(here)).map(|f| f.code.clone()).collect();
            let worst = causes.clone().map(|f| f.severity).max().unwrap_or(Severity::Info);
            let broken_before = pieces.iter().any(|p| p.state == State::Broken && p.certain && place.is_behind(p.place));
            let state = match worst {
                Severity::Blocks => State::Broken,
                Severity::Degrades => State::Degraded,
                Severity::Info if walls.iter().any(|wall| place.is_behind(*wall)) => State::Hidden,
                Severity::Info if !shown_by.is_empty() => State::Works,
                Severity::Info if place == Gateway && !proofs.server.is_empty() => State::Absent,
                Severity::Info if broken_before => State::Hidden,
                Severity::Info => State::Unknown,
            };
            let certain = causes.clone().any(|f| f.severity == worst && f.confidence > Confidence::Correlated);
            if causes.clone().any(|f| f.severity == Severity::Blocks && f.confidence > Confidence::Correlated && holds(WALLS, &f.code)) {
                walls.push(place);
            }
            pieces.push(Piece { place, state, certain, seen, shown_by, findings });
        }
        Path { pieces }
    }

    /// The first part that is worst off, where something is.
    #[must_use]
    pub fn worst(&self) -> Option<&Piece> {
        let first = |state| self.pieces.iter().find(|p| p.state == state);
        first(State::Broken).or_else(|| first(State::Degraded))
    }
}

const ALL: [Place; 13] = [You, ToBrowser, Browser, ToNetwork, Network, ToGateway, Gateway, ToServer, Server, ToReplicas, Replicas, ToRelay, Relay];

/// Most observations that are named for a part that works.
const ENOUGH: usize = 6;

/// For each place the observations that show it working.
struct Proofs {
    by_place: [Vec<Cite>; 13],
    server: Vec<Cite>,
    /// Instances of the server that told themselves apart.
    instances: usize,
}

impl Proofs {
    fn of(survey: &Survey, gateways: bool) -> Proofs {
        let evidence = survey.evidence;
        let environment = evidence.environment();
        let shown = environment.filter(|(_, e)| !e.hidden).map(|(cite, _)| cite);
        let well = |e: &Environment| e.missing.is_empty() && !e.opaque_origin;
        let kept = [environment.filter(|(_, e)| well(e)).map(|(c, _)| c), evidence.cookies().map(|(c, _)| c), evidence.storage().map(|(c, _)| c)];
        let browser = if environment.is_some_and(|(_, e)| well(e)) { kept.into_iter().flatten().collect() } else { Vec::new() };

        let worker = survey.has_worker();
        // Neither a cache nor a worker says anything about the network.
        let crossed = |x: &Exchange| {
            let told = !x.next_hop_protocol.is_empty() || x.eio != 0 || !worker;
            x.answered() && told && x.cache.is_empty() && !matches!(x.purpose, Purpose::ShellKept | Purpose::Shell | Purpose::ServerKept)
        };
        // Whether it went to the chat's server: that of calls and a relay may be elsewhere.
        let elsewhere = survey.profile.is_cross_origin();
        let to_chat = |purpose: Purpose| {
            use Purpose::{CallServer, CallServerNoCors, CallToken, CallValidate, CallVersion, Grpc, RelayTls};
            !matches!(purpose, CallServer | CallServerNoCors | CallToken | CallValidate | CallVersion | Grpc | RelayTls)
        };
        let spoken = |purpose: SocketPurpose| !matches!(purpose, SocketPurpose::Call | SocketPurpose::CallV1 | SocketPurpose::RelayTls);
        let sockets: Vec<(Cite, bool)> = evidence.sockets_where(&|s| s.opened()).map(|(c, s)| (c, s.cross_origin == elsewhere && spoken(s.purpose))).collect();
        let answers: Vec<(Cite, bool)> = evidence.exchanges_where(&crossed).map(|(c, x)| (c, x.cross_origin == elsewhere && to_chat(x.purpose))).collect();
        let out: Vec<Cite> = answers.iter().chain(&sockets).map(|(c, _)| *c).collect();
        let alone = survey.is_call_alone();
        let server = server(survey);
        let reached = answers.iter().chain(&sockets).filter(|(_, chat)| *chat && !alone).map(|(c, _)| *c);
        let reached: Vec<Cite> = reached.chain(server.iter().copied()).collect();
        let marked = |x: &Exchange| x.response().is_some_and(|r| !gateway::marks(r).is_empty());
        let gateway = if gateways { evidence.exchanges_where(&marked).map(|(c, _)| c).collect() } else { Vec::new() };

        let delivered = evidence.delivery().filter(|(_, d)| {
            let sender = d.sessions.first().map_or(0, |s| s.instance);
            d.sessions.iter().skip(1).any(|s| s.heard_after.is_some() && s.instance != 0 && s.instance != sender)
        });
        let mut instances: Vec<u8> = Vec::new();
        for session in evidence.delivery().iter().flat_map(|(_, d)| &d.sessions) {
            if session.instance != 0 && !instances.contains(&session.instance) {
                instances.push(session.instance);
            }
        }
        let sessions = survey.conversations(true);
        let held = sessions.len() > 1 && sessions.iter().all(|s| s.held && s.unknown.is_none());
        let replicas: Vec<Cite> = if held { sessions.iter().flat_map(|s| s.cites.iter().copied()).collect() } else { Vec::new() };

        let looks = survey.ice_looks();
        let near = looks.iter().filter(|l| l.answered()).map(|l| l.cite).chain(survey.media_connected());
        let ready = evidence.web_transport().filter(|(_, t)| t.how == "ready").map(|(c, _)| c);
        let to_relay: Vec<Cite> = near.chain(ready).chain(survey.livekit_heard().filter(|_| looks.is_empty())).collect();
        let through = evidence.loopbacks().filter(|(_, l)| l.server.is_some() && carries(l)).map(|(c, _)| c);
        let relay: Vec<Cite> =
            looks.iter().filter(|l| l.state == IceState::Works).map(|l| l.cite).chain(through).chain(survey.media_connected()).chain(ready).collect();

        let captures = evidence.captures().filter(|(_, c)| c.opened_after.is_some()).map(|(c, _)| c);
        let to_browser: Vec<Cite> = shown.into_iter().chain(captures).collect();
        let you = environment.map(|(c, _)| c).into_iter().collect();
        let delivered: Vec<Cite> = delivered.map(|(c, _)| c).into_iter().collect();
        let mut by_place = [you, to_browser, browser, out.clone(), out, reached, gateway, server.clone(), server.clone(), delivered, replicas, to_relay, relay];
        by_place.iter_mut().for_each(|cites| cites.truncate(ENOUGH));
        Proofs { by_place, server, instances: instances.len() }
    }
}

/// The chat's own server, in its own words.
fn server(survey: &Survey) -> Vec<Cite> {
    let evidence = survey.evidence;
    let mut all: Vec<Cite> = Vec::new();
    if survey.is_call_alone() {
        all.extend(survey.livekit_heard());
        return all;
    }
    all.extend(survey.engine_heard());
    all.extend(survey.polling_works());
    all.extend(survey.websocket_hello().map(|(c, _)| c));
    all.extend(survey.raw().and_then(|raw| raw.opened()));
    if !survey.has_an_engine() {
        all.extend(survey.grpc().filter(|(_, x)| x.response().is_some_and(|r| r.grpc.is_some())).map(|(c, _)| c));
        all.extend(evidence.streams().filter(|(_, s)| !s.arrivals.is_empty()).map(|(c, _)| c));
    }
    let mut once: Vec<Cite> = Vec::new();
    for cite in all {
        if !once.contains(&cite) {
            once.push(cite);
        }
    }
    once
}

/// What each place is, as far as it showed itself.
fn names(survey: &Survey, gateways: &[gateway::Gateway], proofs: &Proofs) -> [Text; 13] {
    let mut all = [const { Text::Nothing }; 13];
    let mut name = |place: Place, text: Text| all[place as usize] = text;
    name(Browser, browsers::named(survey.user_agent()).unwrap_or_default().into());
    let version = survey.http_version().map_or("", |(_, told)| match told {
        "h2" => "HTTP/2",
        "h3" => "HTTP/3",
        "http/1.1" => "HTTP/1.1",
        _ => "",
    });
    name(ToGateway, version.into());
    let gateways: Vec<&str> = gateways.iter().map(|g| g.name()).collect();
    name(Gateway, gateways.join(", ").into());
    let application = match survey.application {
        Application::Chainlit | Application::OpenWebui | Application::Semaphore => survey.known.name.to_owned(),
        Application::Livekit => "LiveKit".to_owned(),
        Application::Auto | Application::Socketio | Application::Raw => {
            Address::parse(&survey.profile.server).filter(|_| survey.profile.is_cross_origin()).map(|a| a.host).unwrap_or_default()
        }
    };
    name(Server, application.into());
    if proofs.instances > 1 {
        name(Replicas, t!("{count} instances seen", count = proofs.instances.to_string()));
    }
    let looks = survey.ice_looks();
    if !looks.is_empty() {
        let working = looks.iter().filter(|l| l.state == IceState::Works).count();
        name(Relay, t!("{works} of {all} answer", works = working.to_string(), all = looks.len().to_string()));
    } else if survey.livekit_heard().is_some() && !survey.is_call_alone() {
        name(Relay, "LiveKit".into());
    }
    all
}

/// The observations that a part stands on: those of its findings, and those that show it working.
#[must_use]
pub fn cites(report: &Report, piece: &Piece) -> Vec<Cite> {
    let mut all: Vec<Cite> = Vec::new();
    let findings = report.causes.iter().chain(&report.consequences).filter(|f| piece.findings.contains(&f.code));
    let by_findings = findings.flat_map(|f| f.cites.as_slice().iter().copied());
    for cite in by_findings.chain(piece.shown_by.iter().copied()) {
        if !all.contains(&cite) {
            all.push(cite);
        }
    }
    all
}
