//! What the evidence says of voice and video: LiveKit's answers, each STUN and TURN server, the way of the media. It reads and
//! never judges.

use super::Survey;
use crate::evidence::{Call, Channel, Cite, Exchange, Gathering, Happening, Loopback, Purpose, SocketLife, SocketPurpose};
use crate::profile::Application;
use crate::protocol::ice::{Candidate, IceUrl, Reach};
use crate::protocol::livekit::{Validation, read_validation};

/// So long nothing has to have come before it is said that nothing comes, in milliseconds: STUN asks again after 0.5, 1.5 and
/// 3.5 s (RFC 8489 section 6.2.1).
pub const ICE_PATIENCE: u32 = 3_000;
/// So many messages tell how many are lost, and so many in a hundred are too many: there and back through a relay each crosses the
/// line four times.
const ENOUGH: u32 = 50;
pub const LOSSY: u32 = 20;
/// What speaks TURN without TLS would have said so by then, in milliseconds.
const LISTENS: u32 = 1_000;
/// Most STUN and TURN servers of a run that are asked, those of the settings and of LiveKit together.
pub const ICE_SERVERS: usize = 10;
/// A pair of candidates that was taken for its speed has given way by then, in milliseconds (RFC 8445 section 8.1.1).
const SETTLED: u32 = 1_000;
/// What a browser says of a server that it did not reach (WebRTC section 4.8.2).
const NOT_REACHED: u16 = 701;

/// How a STUN or TURN server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IceState {
    /// It gave what it was asked for.
    Works,
    /// 401: it does not take the credentials.
    Unauthorized,
    /// The browser refuses a TURN server without credentials.
    NoCredentials,
    /// It answered with another error (RFC 8656 section 19: 403, 437, 486, 508).
    Refuses(u16),
    /// The browser says that it did not reach it.
    NotReached,
    /// Nothing came.
    Silent,
    /// The browser refuses the URL, and with it every list that has it in (`SyntaxError`).
    NoUrl,
    /// This browser does not take such a URL.
    Unsupported,
    /// Not looked at for long enough, or it ended without a word.
    Untold,
}

/// One STUN or TURN server of the run, by its newest gathering.
#[derive(Clone, Debug)]
pub struct IceLook<'a> {
    pub cite: Cite,
    pub server: u8,
    pub url: IceUrl,
    pub gathering: &'a Gathering,
    pub state: IceState,
}

impl IceLook<'_> {
    /// Whether it answered at all, whatever it said.
    #[must_use]
    pub fn answered(&self) -> bool {
        matches!(self.state, IceState::Works | IceState::Unauthorized | IceState::Refuses(_))
    }

    /// Whether it was seen not to answer.
    #[must_use]
    pub fn in_vain(&self) -> bool {
        matches!(self.state, IceState::NotReached | IceState::Silent)
    }

    /// Whether its name was not found: Chromium says so, and over UDP nothing else is told so early (measured).
    #[must_use]
    pub fn is_unknown_name(&self) -> bool {
        // A name that has an address of one family alone gives this error for the other one, and means nothing by it. Firefox gives no words.
        let told = |text: &str| if text.is_empty() { self.url.transport == "udp" } else { text.contains("lookup") };
        self.state == IceState::NotReached && self.gathering.errors.iter().all(|e| told(&e.text))
    }
}

impl<'a> Survey<'a> {
    /// Whether voice and video are all that the run is about.
    #[must_use]
    pub fn is_call_alone(&self) -> bool {
        self.application == Application::Livekit
    }

    /// Each STUN and TURN server that was asked.
    #[must_use]
    pub fn ice_looks(&self) -> Vec<IceLook<'a>> {
        let mut all: Vec<IceLook<'a>> = Vec::new();
        for (cite, gathering) in self.evidence.gatherings() {
            let (Some(server), Some(url), false) = (gathering.server, IceUrl::parse(&gathering.url), gathering.control) else { continue };
            all.retain(|look| look.server != server);
            let state = self.ice_state(gathering, &url);
            all.push(IceLook { cite, server, url, gathering, state });
        }
        all
    }

    fn ice_state(&self, gathering: &Gathering, url: &IceUrl) -> IceState {
        if let Some((name, _)) = &gathering.threw {
            return match name.as_str() {
                "InvalidAccessError" => IceState::NoCredentials,
                "SyntaxError" => IceState::NoUrl,
                _ => IceState::Unsupported,
            };
        }
        // Firefox passes over TURN by TLS at an address in place of a name, and over servers on this device (measured).
        if !gathering.began && self.user_agent().contains("Firefox/") {
            return IceState::Unsupported;
        }
        let wanted = if url.relays() { "relay" } else { "srflx" };
        if gathering.candidates.iter().any(|c| c.candidate.kind == wanted) {
            return IceState::Works;
        }
        let codes = || gathering.errors.iter().map(|e| e.code);
        if codes().any(|code| code == 401) {
            return IceState::Unauthorized;
        }
        if let Some(code) = codes().find(|code| *code != NOT_REACHED) {
            return IceState::Refuses(code);
        }
        // Over one of the device's addresses: the others may still be waiting for an answer.
        if gathering.complete && codes().next().is_some() {
            return IceState::NotReached;
        }
        match gathering.complete {
            // An address like the own one is no candidate of its own (RFC 8445 section 5.1.3). A browser that may not use UDP has none.
            true if !url.relays() && gathering.candidates.iter().any(|c| c.candidate.protocol == "udp") => IceState::Works,
            false if gathering.ended_after >= self.patience(ICE_PATIENCE) => IceState::Silent,
            _ => IceState::Untold,
        }
    }

    /// So long, and longer on a slow line: TURN by TLS takes five round trips, and a name to be looked up.
    #[must_use]
    pub fn patience(&self, milliseconds: u32) -> u32 {
        // What no cache of the browser's and no worker's answers in the server's place.
        let asked = |x: &Exchange| match x.purpose {
            Purpose::OwnFile => !self.has_worker(),
            Purpose::CallServer | Purpose::CallValidate | Purpose::CallToken => true,
            _ => x.eio != 0,
        };
        let answers = self.evidence.exchanges_where(&|x| asked(x) && x.status().is_some());
        let quickest = answers.filter_map(|(_, x)| x.responded_after).min();
        milliseconds.max(quickest.unwrap_or(0).saturating_mul(6))
    }

    /// A relay that gave a candidate.
    #[must_use]
    pub fn relay_works(&self) -> Option<Cite> {
        self.ice_looks().iter().find(|l| l.url.relays() && l.state == IceState::Works).map(|l| l.cite)
    }

    /// Anything that came over UDP: a STUN or TURN server's answer, LiveKit's media, HTTP/3.
    #[must_use]
    pub fn udp_passes(&self) -> Option<Cite> {
        let by_ice = self.ice_looks().iter().find(|l| l.url.transport == "udp" && l.answered()).map(|l| l.cite);
        let by_media = || self.media().find(|(_, m)| m.pair.first().is_some_and(goes_by_udp)).map(|(c, _)| c);
        let by_http = || self.evidence.exchanges().find(|(_, x)| x.next_hop_protocol == "h3").map(|(c, _)| c);
        by_ice.or_else(by_media).or_else(by_http)
    }

    /// The peer connections to LiveKit that were tried.
    pub fn media(&self) -> impl Iterator<Item = (Cite, &'a crate::evidence::Media)> {
        self.evidence.calls().filter_map(|(cite, call)| Some((cite, call.media.as_ref()?)))
    }

    /// Where the media of LiveKit were seen to connect.
    #[must_use]
    pub fn media_connected(&self) -> Option<Cite> {
        self.media().find(|(_, m)| m.connected_after.is_some()).map(|(cite, _)| cite)
    }

    /// LiveKit's media where they came about without UDP, though the server had named UDP at an address as near; and
    /// whether they stayed so for longer than a first pair may take to give way to a better one.
    #[must_use]
    pub fn media_without_udp(&self) -> Option<(Cite, bool)> {
        self.evidence.calls().find_map(|(cite, call)| {
            let media = call.media.as_ref().filter(|m| m.connected_after.is_some())?;
            let (near, far) = (media.pair.first()?, media.pair.last()?);
            let named = call.candidates.iter().any(|c| c.protocol == "udp" && c.reach == far.reach);
            let settled = media.ended_after.saturating_sub(media.connected_after?) >= self.patience(SETTLED);
            (named && !goes_by_udp(near)).then_some((cite, settled))
        })
    }

    /// A peer connection to LiveKit that did not come about within so many milliseconds, with its conversation.
    #[must_use]
    pub fn media_in_vain(&self, patience: u32) -> Option<(Cite, &'a Call)> {
        if self.media_connected().is_some() {
            return None;
        }
        let patience = self.patience(patience);
        self.evidence.calls().find(|(_, call)| {
            call.shown_out.is_none()
                && call.media.as_ref().is_some_and(|m| m.threw.is_none() && (m.state == "failed" || m.state != "closed" && m.ended_after >= patience))
        })
    }

    /// What `/rtc/validate` says: the newest answer without a token, and with it.
    #[must_use]
    pub fn validation(&self, with_token: bool) -> Option<(Cite, &'a Exchange, Option<Validation>)> {
        let purpose = if with_token { Purpose::CallToken } else { Purpose::CallValidate };
        let (cite, exchange) = self.evidence.exchanges_for(purpose).next_back()?;
        Some((cite, exchange, exchange.response().and_then(|r| read_validation(r.status, &r.excerpt))))
    }

    /// The proof that LiveKit is there: its own words.
    #[must_use]
    pub fn livekit_heard(&self) -> Option<Cite> {
        let by_answer = [false, true].into_iter().find_map(|token| self.validation(token).filter(|(.., said)| said.is_some()).map(|(cite, ..)| cite));
        by_answer.or_else(|| self.joined().map(|(cite, _)| cite))
    }

    /// Whether the token that was handed in is taken.
    #[must_use]
    pub fn token_taken(&self) -> bool {
        self.validation(true).is_some_and(|(.., said)| said == Some(Validation::Accepted))
    }

    /// The conversation that LiveKit let in.
    #[must_use]
    pub fn joined(&self) -> Option<(Cite, &'a Call)> {
        self.evidence.calls().find(|(_, call)| call.joined_after.is_some())
    }

    /// Whether there is a token for LiveKit: the profile's copy in a report has none.
    #[must_use]
    pub fn has_call_token(&self) -> bool {
        self.evidence.call_token().is_some()
    }

    /// The devices that could not be opened for one of these errors: their citations, and their names.
    #[must_use]
    pub fn captures_that_threw(&self, errors: &[&str]) -> (Vec<Cite>, String) {
        let all = self.evidence.captures().filter(|(_, c)| c.threw.as_ref().is_some_and(|(error, _)| errors.contains(&error.as_str())));
        let (cites, names): (Vec<Cite>, Vec<&str>) = all.map(|(cite, c)| (cite, c.device.as_str())).unzip();
        (cites, names.join(" and "))
    }

    /// The loopback without a relay.
    #[must_use]
    pub fn plain_loopback(&self) -> Option<(Cite, &'a Loopback)> {
        self.evidence.loopbacks().rfind(|(_, l)| l.server.is_none())
    }

    /// Whether all addresses that LiveKit names are of a network that it is not itself asked in.
    #[must_use]
    pub fn names_private_alone(&self, call: &Call) -> bool {
        let private = |c: &Candidate| matches!(c.reach, Reach::Private | Reach::Loopback) && c.reach != call.server;
        !call.candidates.is_empty() && call.candidates.iter().all(private)
    }

    /// Whether all of them are on this device, which Firefox does not use for calls (measured).
    #[must_use]
    pub fn passes_over(&self, call: &Call) -> bool {
        !call.candidates.is_empty() && self.user_agent().contains("Firefox/") && call.candidates.iter().all(|c| c.reach == Reach::Loopback)
    }

    /// The WebSockets to LiveKit's `/rtc`.
    #[must_use]
    pub fn call_sockets(&self) -> Vec<(Cite, &'a SocketLife)> {
        self.evidence.sockets_for(SocketPurpose::Call).collect()
    }

    /// What the controls say of the port of a `turns:` server that gave nothing.
    #[must_use]
    pub fn tls_port(&self, look: &IceLook) -> TlsPort {
        let ours = |session| session == look.server.saturating_add(1);
        let https = self.evidence.exchanges_for(Purpose::RelayTls).find(|(_, x)| ours(x.session));
        if let Some((cite, _)) = https.filter(|(_, x)| x.answered()) {
            return TlsPort::Taken(cite);
        }
        // Firefox alone tells: 1015 is TLS, 1006 is anything else (measured).
        let refused = |s: &SocketLife| s.events.iter().any(|e| matches!(e.what, Happening::Close { code: 1015, .. }));
        if let Some((cite, _)) = self.evidence.sockets_for(SocketPurpose::RelayTls).find(|(_, s)| ours(s.session) && refused(s)) {
            return TlsPort::Refused(cite);
        }
        let plain = self.evidence.gatherings().find(|(_, g)| g.control && g.server == Some(look.server));
        let Some((cite, gathering)) = plain else { return TlsPort::Untold };
        match self.ice_state(gathering, &look.url) {
            // A TURN server is there and answers without TLS.
            IceState::Works | IceState::Unauthorized | IceState::Refuses(_) => TlsPort::Refused(cite),
            // It listens, and is no TURN server without TLS.
            IceState::Silent | IceState::Untold if look.state == IceState::NotReached && !gathering.complete && gathering.ended_after >= LISTENS => {
                TlsPort::Listens(cite)
            }
            _ => TlsPort::Untold,
        }
    }
}

/// Whether this end of a pair leaves the device by UDP.
fn goes_by_udp(near: &Candidate) -> bool {
    near.protocol == "udp" && matches!(near.relay_protocol.as_str(), "" | "udp")
}

/// Messages of a channel that did not come back, in percent; `None` where too few were sent to tell, or where some may have been on
/// their way when the time was over.
#[must_use]
pub fn lost(loopback: &Loopback, channel: &Channel) -> Option<u32> {
    let waited = loopback.ended_after.saturating_sub(channel.opened_after?);
    // The way through a relay and back is twice the one to it: its own times tell how long that is.
    let there_and_back = (channel.longest / 250).max(loopback.connected_after?.saturating_mul(3)).max(3_000);
    let waited_for = channel.whole || waited >= channel.sent.saturating_mul(10).saturating_add(there_and_back);
    (channel.sent >= ENOUGH && waited_for).then(|| channel.sent.saturating_sub(channel.returned).saturating_mul(100) / channel.sent)
}

/// Whether data came through as they should.
#[must_use]
pub fn carries(loopback: &Loopback) -> bool {
    let whole = |c: &Channel| c.returned > 0 && (c.returned == c.sent || c.name == "lossy" && lost(loopback, c).is_some_and(|lost| lost < LOSSY));
    !loopback.channels.is_empty() && loopback.channels.iter().all(whole)
}

/// What is known of the port of a `turns:` server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsPort {
    /// TLS came about: its certificate is taken.
    Taken(Cite),
    /// Something answers there, and TLS does not come about: its certificate is not taken, or it has none.
    Refused(Cite),
    /// Something listens there: the certificate is likely.
    Listens(Cite),
    /// A closed port and a certificate that is not taken look alike.
    Untold,
}
