//! The cases of voice and video.

use connection_doctor::diagnose::Verdict;
use connection_doctor::evidence::{CallToken, Capture, Fact, Purpose, SocketPurpose};
use connection_doctor::protocol::ice::Reach;
use connection_doctor::protocol::livekit::{Claims, Validation};

use crate::cases::Kind::{Clear, Fires, Near, NearHealthy, Remark, Unknown};
use crate::cases::{Case, Kind};
use crate::harness::calls::{Ice, MediaWay, Way, candidate, captured, device};
use crate::harness::{Reply, Run, Server, World, says};
use crate::worlds::{self as w, calls as c};

fn without(run: &Run, unwanted: impl Fn(&Fact) -> bool) -> Run {
    run.only(|seen| !unwanted(&seen.fact))
}

fn no_gatherings(run: &Run) -> Run {
    without(run, |f| matches!(f, Fact::Gathering(_)))
}

fn no_relay_loopback(run: &Run) -> Run {
    without(run, |f| matches!(f, Fact::Loopback(l) if l.server.is_some()))
}

/// The tab is in the background from then on.
fn hidden(world: World) -> Run {
    w::often::hidden_at(world, 20).run()
}

/// The device sleeps, after the questions were asked and before anything came of them.
fn asleep(world: World) -> Run {
    world.incident(3_500, Fact::Pause { milliseconds: 3_400 }).run()
}

/// Takes in a case.
type Add<'a> = &'a mut dyn FnMut(&'static str, Kind, &'static str, Run);

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for part in [signalling, relays, media, devices] as [fn(Add); 4] {
        part(&mut |code, kind, name, run| all.push(Case { code, kind, name, run }));
    }
    all
}

fn chat() -> Run {
    w::accepted().run()
}

fn turn() -> Run {
    c::relays(c::ALL, |_| Ice::Works).run()
}

fn livekit() -> Run {
    c::livekit(|_| {}).run()
}

#[rustfmt::skip]
fn signalling(case: Add) {
    case("RTC001", Fires, "nobody is there", c::call_down().run());
    case("RTC001", Fires, "it never answers", c::call_silent().run());
    case("RTC001", Fires, "502", c::call_502().run());
    case("RTC001", Fires, "a page answers", c::call_is_a_page().run());
    case("RTC001", Fires, "a page to sign in, elsewhere", c::call_behind_a_sign_in().run());
    case("RTC001", Fires, "a page to sign in", c::call_behind_a_sign_in_page().run());
    case("RTC001", Fires, "not ready", c::not_ready().run());
    case("RTC001", Fires, "the upgrade is stripped", c::upgrade_stripped().run());
    case("RTC001", Fires, "the handshake hangs", c::call_hangs().run());
    case("RTC001", Fires, "it says nothing", c::call_says_nothing().run());
    case("RTC001", Fires, "it closes at once", c::call_closes().run());
    case("RTC001", Fires, "it speaks something else", c::call_garbled().run());
    case("RTC001", Fires, "no room for one more on the node", c::token(Validation::Full).run());
    case("RTC001", Fires, "all of it is LiveKit, and it is away", c::call_server(c::livekit_alone(|_| {}), says(502, crate::harness::NGINX_502), crate::harness::refused).run());
    case("RTC001", Fires, "the room is full", c::room_is_full().run());
    case("RTC001", Fires, "it lets the page join, and shows it out at once", c::shown_out_after_joining(4).run());
    case("RTC001", Remark, "the same, for another client with this identity", c::shown_out_after_joining(2).run());
    case("RTC001", Clear, "the page left, and LiveKit says so", c::shown_out_after_joining(1).run());
    case("RTC001", Clear, "it lets the page join", livekit());
    case("RTC001", Remark, "an older one, which lets the page join", c::livekit_full(|k| k.livekit.old = true).run());
    case("RTC001", Clear, "the token is refused", c::token(Validation::Expired).run());
    case("RTC001", Unknown, "no LiveKit is named", chat());
    case("RTC001", Unknown, "no token", c::livekit_without_token(|_| {}).run());
    case("RTC001", Unknown, "nothing was asked", livekit().cut(1));
    case("RTC001", Unknown, "nothing of it can be read, and there is no token", c::call_unreadable(c::livekit_without_token(|_| {})).run());
    case("RTC001", Fires, "a gate's sign-in, and nobody is signed in", c::call_behind_a_gate(true, false).run());
    case("RTC001", Fires, "the same without a token", c::call_behind_a_gate(false, false).run());
    case("RTC001", NearHealthy, "a gate lets in who is signed in", c::call_behind_a_gate(true, true).run());
    case("RTC001", Unknown, "the same without a token", c::call_behind_a_gate(false, true).run());
    case("RTC001", Unknown, "a sign-in of another origin's, where cookies may be let in", c::call_server(c::livekit_without_token(|_| {}), says(200, crate::harness::LOGIN_PAGE), crate::harness::refused).run());
    case("RTC001", Unknown, "too many questions", c::rate_limited().run());
    case("RTC001", Near("NET001"), "nothing answers anywhere", c::offline(c::livekit(|_| {})).run());
    case("RTC001", Unknown, "the tab was hidden", hidden(c::call_hangs()));
    case("RTC001", Near("RTC009"), "the token alone", c::token(Validation::UnknownKey).run());
    case("RTC001", Near("SEC001"), "the page's policy blocks it", c::policy().run());
    case("RTC001", Near("SEC002"), "ws: on an https page", c::mixed_content().run());
    case("RTC001", NearHealthy, "it opens after two seconds", c::livekit_slow().run());
    case("RTC001", NearHealthy, "one handshake of two fails", c::livekit(|_| {}).sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Call) && ask.at < 40 { crate::harness::refused() } else { usual }).run());
    case("RTC001", NearHealthy, "another application says 406 at the root", c::livekit_without_token(|_| {}).http(|ask, usual| if ask.purpose == Some(Purpose::CallServer) { says(406, "Not Acceptable") } else { usual }).run());
    case("RTC001", NearHealthy, "its root is away, and it lets the page join", c::unavailable_now_and_then().run());
    case("RTC001", Near("NET005"), "429", c::rate_limited().run());
    case("RTC001", Near("RTC009"), "new words about the token, and LiveKit was heard", c::other_words().run());

    case("RTC009", Fires, "expired", c::token(Validation::Expired).run());
    case("RTC009", Fires, "expired, in the older words", c::token_at_an_older_one(Validation::Expired).run());
    case("RTC009", Fires, "not valid yet", c::token(Validation::NotYetValid).run());
    case("RTC009", Fires, "not valid yet, in the older words", c::token_at_an_older_one(Validation::NotYetValid).run());
    case("RTC009", Fires, "another key", c::token(Validation::UnknownKey).run());
    case("RTC009", Fires, "another secret", c::token(Validation::Signature).run());
    case("RTC009", Fires, "another secret, in the older words", c::token_at_an_older_one(Validation::Signature).run());
    case("RTC009", Fires, "it may not join", c::token(Validation::NoGrant).run());
    case("RTC009", Fires, "nothing granted", c::token(Validation::NoToken).run());
    case("RTC009", Fires, "no token at all", c::token(Validation::Malformed).run());
    case("RTC009", Fires, "no such room", c::token(Validation::NoRoom).run());
    case("RTC009", Fires, "a gateway's own sign-in comes with it", c::token(Validation::OtherHeader).run());
    case("RTC009", Fires, "it is lost on the way", c::token_lost_on_the_way("permissions denied").run());
    case("RTC009", Clear, "taken", livekit());
    case("RTC009", Clear, "no calls", chat());
    case("RTC009", Near("RTC001"), "the node is full", c::token(Validation::Full).run());
    case("RTC009", Near("RTC001"), "401 of a proxy's", c::validates_so(c::upgrade_stripped(), says(401, "Unauthorized")).run());
    case("RTC009", NearHealthy, "nobody gave one", c::livekit_without_token(|_| {}).run());
}

#[rustfmt::skip]
fn relays(case: Add) {
    case("RTC004", Fires, "refused", c::relay(Ice::Unauthorized).run());
    case("RTC004", Fires, "refused, Firefox", c::in_firefox(c::relay(Ice::Unauthorized)).run());
    case("RTC004", Fires, "they have ended", c::credentials_expired().run());
    case("RTC004", Fires, "none are given", c::relay(Ice::NoCredentials).run());
    case("RTC004", Remark, "another relay works", c::relays(c::TWO_HOSTS, |url| if url.host == "one.example" { Ice::Unauthorized } else { Ice::Works }).run());
    case("RTC004", Clear, "taken", turn());
    case("RTC004", Clear, "no calls", chat());
    case("RTC004", Near("RTC003"), "nobody is there", c::relay(Ice::Refused).run());
    case("RTC004", NearHealthy, "they end in an hour", c::relay(Ice::Works).calling(|k| k.expires_in = Some(3_600)).run());
    case("RTC004", NearHealthy, "they have ended by this device's clock, and are taken", c::relay(Ice::Works).calling(|k| k.expires_in = Some(-60)).run());

    case("RTC002", Fires, "TURN by TCP alone answers", c::udp_blocked().run());
    case("RTC002", Fires, "the same, Firefox", c::in_firefox(c::udp_blocked()).run());
    case("RTC002", Fires, "by TCP it refuses the credentials: it answers", c::relays(c::TURN, |url| if url.transport == "udp" { Ice::Silent } else { Ice::Unauthorized }).run());
    case("RTC002", Fires, "STUN and TURN alike", c::udp_blocked_all_ways().run());
    case("RTC002", Clear, "UDP passes", turn());
    case("RTC002", Unknown, "no servers", chat());
    case("RTC002", Unknown, "nothing else to compare with", c::udp_blocked_and_no_other_way().run());
    case("RTC002", Unknown, "STUN alone", c::stun_silent().run());
    case("RTC002", Unknown, "the tab was hidden", hidden(c::udp_blocked()));
    case("RTC002", Unknown, "the device slept", asleep(c::udp_blocked()));
    case("RTC002", Near("RTC003"), "nothing answers at all", c::relay(Ice::Silent).run());
    case("RTC002", NearHealthy, "another host of two is away", c::one_host_of_two_away().run());
    case("RTC002", NearHealthy, "one of two by UDP is silent", c::relays(c::ALL, |url| if url.scheme == "stun" { Ice::Silent } else { Ice::Works }).run());
    case("RTC002", NearHealthy, "the name of STUN is not known", c::relays(c::ALL, |url| if url.scheme == "stun" { Ice::NameUnknown } else { Ice::Works }).run());
    case("RTC002", NearHealthy, "an extension keeps WebRTC from UDP: nothing is said at all", c::relays(c::ALL, |url| if url.transport == "udp" { Ice::EndsWithoutAWord } else { Ice::Works }).run());
    case("RTC002", NearHealthy, "LiveKit's first pair is TCP, and UDP was not asked otherwise", c::livekit(|k| k.livekit.media = MediaWay::Tcp).run());
    case("RTC002", NearHealthy, "TCP is all that LiveKit names", c::livekit(|k| (k.livekit.candidates, k.livekit.media) = (vec![candidate("host", "tcp", Reach::Public, 4)], MediaWay::Tcp)).run());

    case("RTC003", Fires, "nobody is there", c::relay(Ice::Refused).run());
    case("RTC003", Fires, "nobody is there, Firefox", c::in_firefox(c::relay(Ice::Refused)).run());
    case("RTC003", Fires, "it never answers", c::relay(Ice::Silent).run());
    case("RTC003", Fires, "UDP alone is asked, and it is silent", c::udp_blocked_and_no_other_way().run());
    case("RTC003", Fires, "its name is nobody's", c::relay(Ice::NameUnknown).run());
    case("RTC003", Fires, "486, for every way", c::relay(Ice::Says(486)).run());
    case("RTC003", Fires, "the certificate", c::relay_tls(Ice::Certificate).run());
    case("RTC003", Fires, "the certificate, Firefox", c::in_firefox(c::relay_tls(Ice::Certificate)).run());
    case("RTC003", Fires, "the certificate, behind TLS alone", c::relay_tls(Ice::CertificateBehindSilence).run());
    case("RTC003", Fires, "the certificate, or nobody: it can't be told", c::relay_tls(Ice::CertificateBehindTerminator).run());
    case("RTC003", Fires, "no TLS there", c::relay_tls(Ice::WithoutTls).run());
    case("RTC003", Fires, "a website at its port", c::relay_tls(Ice::Website).run());
    case("RTC003", Fires, "no TLS at its silent port", c::relay_tls(Ice::Silent).run());
    case("RTC003", Fires, "no URL of its kind", c::relay(Ice::NoUrl).run());
    case("RTC003", Fires, "no URL of its kind, of STUN", c::relays(c::STUN, |_| Ice::NoUrl).run());
    case("RTC003", Remark, "the certificate, and UDP works", c::relay_tls_beside(Ice::Certificate).run());
    case("RTC003", Remark, "a quota of one, and one way works", c::quota().run());
    case("RTC003", Remark, "one host of two", c::one_host_of_two_away().run());
    case("RTC003", Remark, "LiveKit's media connect without", c::livekit_full(|k| { k.livekit.servers = vec!["turn:turn.example", "turn:turn.example?transport=tcp"]; k.ice = Box::new(|_| Ice::Refused); }).run());
    case("RTC003", Clear, "all ways", turn());
    case("RTC003", Clear, "one of its addresses is not reached", c::relays(c::ALL, |_| Ice::WorksAfterAll).run());
    case("RTC003", Unknown, "no relay is named", c::relays(c::STUN, |_| Ice::Silent).run());
    case("RTC003", Unknown, "not asked", no_gatherings(&c::relay(Ice::Refused).run()));
    case("RTC003", Unknown, "Firefox passes over it", c::in_firefox(c::relay_tls(Ice::PassedOver)).run());
    case("RTC003", Unknown, "Firefox does not use this device's own", c::in_firefox(c::relays(r#"{"socket-path":"/socket.io/","ice-servers":[{"urls":"turn:127.0.0.1:3478","username":"a","credential":"b"}]}"#, |_| Ice::OwnDevice)).run());
    case("RTC003", Unknown, "this browser does not take it", c::relay(Ice::NotTaken).run());
    case("RTC003", Unknown, "the tab was hidden", hidden(c::relay(Ice::Silent)));
    case("RTC003", Unknown, "the device slept", asleep(c::relay(Ice::Silent)));
    case("RTC003", Near("RTC002"), "TCP answers", c::udp_blocked().run());
    case("RTC003", Near("NET001"), "nothing answers anywhere", c::offline(c::relays(c::ALL, |_| Ice::Works)).run());
    case("RTC003", Near("RTC004"), "the credentials", c::relay(Ice::Unauthorized).run());
    case("RTC003", NearHealthy, "a browser with an address of the other family: 440", c::relays(c::TURN, |url| if url.transport == "udp" { Ice::Works } else { Ice::Says(440) }).run());
}

#[rustfmt::skip]
fn media(case: Add) {
    case("RTC008", Fires, "private addresses alone, and nobody there", c::private_candidates().run());
    case("RTC008", Fires, "the same, in a longer run", c::in_full(c::private_candidates()).run());
    case("RTC008", Clear, "the media connect", livekit());
    case("RTC008", Clear, "no calls", chat());
    case("RTC008", Unknown, "no offer came", c::media(MediaWay::NoOffer).run());
    case("RTC008", Unknown, "the tab was hidden", hidden(c::private_candidates()));
    case("RTC008", Near("RTC011"), "a public address is named", c::media_in_full(MediaWay::Never).run());
    case("RTC008", Near("RTC011"), "the server itself is as near", c::in_full(c::livekit_in_the_same_network(MediaWay::Never)).run());
    case("RTC008", NearHealthy, "an office", c::livekit(|k| k.livekit.candidates = vec![candidate("host", "udp", Reach::Private, 4)]).run());
    case("RTC008", NearHealthy, "this device, and Firefox does not use it", c::in_firefox(c::livekit_here(MediaWay::Failed)).run());
    case("RTC008", NearHealthy, "shown out: the person's own client came back", c::shown_out().run());
    case("RTC008", NearHealthy, "private, and the media are slow", c::livekit(|k| { k.livekit.candidates = vec![candidate("host", "udp", Reach::Private, 4)]; k.livekit.media = MediaWay::After(2_400); }).run());

    case("RTC011", Fires, "they never connect", c::media_in_full(MediaWay::Never).run());
    case("RTC011", Fires, "they fail", c::media_in_full(MediaWay::Failed).run());
    case("RTC011", Fires, "no address is told", c::in_full(c::livekit(|k| { k.livekit.candidates.clear(); k.livekit.media = MediaWay::Never; })).run());
    case("RTC011", Clear, "they connect", livekit());
    case("RTC011", Clear, "no calls", chat());
    case("RTC011", Unknown, "a quick look", c::media(MediaWay::Never).run());
    case("RTC011", Unknown, "the tab was hidden", hidden(c::media_in_full(MediaWay::Never)));
    case("RTC011", Near("RTC008"), "private addresses", c::in_full(c::private_candidates()).run());
    case("RTC011", Near("RTC002"), "UDP is blocked", c::in_full(c::livekit_and_relay(|url| if url.transport == "udp" { Ice::Silent } else { Ice::Works }).calling(|k| k.livekit.media = MediaWay::Never)).run());
    case("RTC011", NearHealthy, "they connect after nine seconds", c::media_in_full(MediaWay::After(9_000)).run());
    case("RTC011", NearHealthy, "through a relay", c::media_in_full(MediaWay::Relay("udp")).run());
    case("RTC011", NearHealthy, "this device, and Firefox does not use it", c::in_firefox(c::in_full(c::livekit_here(MediaWay::Failed))).run());
    case("RTC011", NearHealthy, "shown out", c::in_full(c::shown_out()).run());
    case("RTC011", NearHealthy, "the offer could not be taken", c::media_in_full(MediaWay::Throws).run());

    case("RTC005", Fires, "half of it is lost", c::carries(Way::Loses(24)).run());
    case("RTC005", Fires, "nothing of size passes", c::carries_in_full(Way::Narrow).run());
    case("RTC005", Fires, "what must come does not come", c::carries_in_full(Way::Sticks(50)).run());
    case("RTC005", Fires, "a browser without WebRTC", c::no_webrtc().run());
    case("RTC005", Remark, "a relay that carries nothing", c::carries(Way::Mute).run());
    case("RTC005", Fires, "a relay on this device that carries nothing", c::in_full(c::relays(c::TURN_HERE, |_| Ice::Works).calling(|k| k.way = Box::new(|url| if url.is_some() { Way::Mute } else { Way::Works }))).run());
    case("RTC005", Unknown, "a relay on this device that does not carry to itself", c::in_full(c::relays(c::TURN_HERE, |_| Ice::Works).calling(|k| k.way = Box::new(|url| if url.is_some() { Way::Forbidden } else { Way::Works }))).run());
    case("RTC005", Unknown, "the same, Firefox, after 5.6 s", c::in_firefox(c::in_full(c::relays(c::TURN_HERE, |_| Ice::Works).calling(|k| k.way = Box::new(|url| if url.is_some() { Way::Forbidden } else { Way::Works })))).run());
    case("RTC005", Unknown, "a relay on this device, in a quick run", c::relays(c::TURN_HERE, |_| Ice::Works).calling(|k| k.way = Box::new(|url| if url.is_some() { Way::Mute } else { Way::Works })).run());
    case("RTC005", Remark, "a relay that does not carry to itself", c::carries(Way::Forbidden).run());
    case("RTC005", Clear, "all comes back", turn());
    case("RTC005", Clear, "no calls", chat());
    case("RTC005", Clear, "it does not carry to itself, and LiveKit's media connect", c::relay_of_livekit_forbids_itself().run());
    case("RTC005", Unknown, "not through a relay", no_relay_loopback(&turn()));
    case("RTC005", Unknown, "the page's own connections don't find each other", c::relays(c::ALL, |_| Ice::Works).calling(|k| k.way = Box::new(|_| Way::Mute)).run());
    case("RTC005", Unknown, "the tab was hidden", hidden(c::carries(Way::Loses(24))));
    case("RTC005", Near("RTC003"), "no relay", c::relay(Ice::Refused).run());
    case("RTC005", NearHealthy, "a little loss", c::carries(Way::Loses(55)).run());
    case("RTC005", NearHealthy, "two of a hundred on each of four ways", c::carries(Way::Loses(51)).run());
    case("RTC005", NearHealthy, "far away", c::carries(Way::Far(300)).run());
    case("RTC005", NearHealthy, "farther", c::carries(Way::Far(460)).run());
    case("RTC005", NearHealthy, "as far as a satellite", c::carries(Way::Far(700)).run());
    case("RTC005", NearHealthy, "as far as a satellite, in a longer run", c::carries_in_full(Way::Far(1_300)).run());

    case("WT001", Fires, "rejected", c::transport("rejected", "WebTransportError: Opening handshake failed.").run());
    case("WT001", Fires, "silent", c::transport("silent", "").run());
    case("WT001", Clear, "ready", c::transport("ready", "").run());
    case("WT001", Unknown, "no address", chat());
    case("WT001", Unknown, "a browser without it", c::transport("unsupported", "ReferenceError: WebTransport is not defined").run());
    case("WT001", NearHealthy, "ready, late", c::transport("ready", "").calling(|k| k.transport.ended_after = 2_700).run());
    case("WT001", Near("RTC002"), "UDP is blocked", {
        let json = c::TURN.replacen('{', r#"{"webtransport-url":"https://chat.example:4433/","#, 1);
        World::of(Server::Python, &json).calling(|k| { k.ice = Box::new(|url| if url.transport == "udp" { Ice::Silent } else { Ice::Works }); k.transport.how = "silent".to_owned(); }).run()
    });
}

#[rustfmt::skip]
fn devices(case: Add) {
    case("RTC006", Fires, "the person forbade it", c::permission(device("denied", Some(true), 1)).run());
    case("RTC006", Fires, "a policy of the site's", c::permission(device("denied", Some(false), 0)).run());
    case("RTC006", Fires, "a frame that does not hand it on", c::frame_without_allow().run());
    case("RTC006", Fires, "asked, and denied", c::denied().run());
    case("RTC006", Fires, "asked, and dismissed", c::dismissed().run());
    case("RTC006", Remark, "the camera alone, which nobody asked for", c::relays(c::TURN, |_| Ice::Works).calling(|k| k.devices.camera.state = "denied".to_owned()).run());
    case("RTC006", Clear, "allowed", c::calls_with_devices(captured).run());
    case("RTC006", Clear, "no calls", chat());
    case("RTC006", Unknown, "nobody looked", without(&turn(), |f| matches!(f, Fact::Devices(_))));
    case("RTC006", Near("SEC003"), "no https", c::insecure_calls().run());
    case("RTC006", Near("RTC007"), "it is busy", c::busy().run());
    case("RTC006", Near("RTC010"), "there is none", c::missing().run());
    case("RTC006", NearHealthy, "not asked yet", c::permission(device("prompt", Some(true), 1)).run());
    case("RTC006", NearHealthy, "the browser does not tell", c::permission(device("", None, 0)).run());
    case("RTC006", NearHealthy, "in a frame that hands it on", c::permission(device("prompt", Some(true), 1)).with(|w| (w.environment.framed, w.environment.foreign_frame) = (true, true)).run());
    case("RTC006", NearHealthy, "denied, in a chat without calls", World::plain(Server::Python).calling(|k| k.devices.microphone.state = "denied".to_owned()).run());
    case("RTC006", NearHealthy, "nobody answered the browser", c::nobody_answers().run());

    case("RTC007", Fires, "in use elsewhere", c::busy().run());
    case("RTC007", Fires, "in use elsewhere, Firefox", c::busy_firefox().run());
    case("RTC007", Clear, "opened", c::with_devices(captured).run());
    case("RTC007", Clear, "no calls", chat());
    case("RTC007", Near("RTC006"), "denied", c::denied().run());
    case("RTC007", Near("RTC010"), "there is none", c::missing().run());

    case("RTC010", Fires, "there is none", c::missing().run());
    case("RTC010", Remark, "the system gives nothing", c::muted().run());
    case("RTC010", Remark, "silence alone", c::silent_microphone().run());
    case("RTC010", Clear, "heard and seen", c::with_devices(captured).run());
    case("RTC010", Clear, "no calls", chat());
    case("RTC010", Near("RTC006"), "denied", c::denied().run());
    case("RTC010", NearHealthy, "no sound was listened to, as the browser kept it asleep", c::with_devices(|d| Capture { listened: false, loudest: None, ..captured(d) }).run());
    case("RTC010", NearHealthy, "none is listed, and nobody wants to open one", c::relays(c::TURN, |_| Ice::Works).calling(|k| (k.devices.microphone.count, k.devices.camera.count) = (0, 0)).run());

    // What has changed of the others.
    case("SEC003", Fires, "where calls are set up", c::insecure_calls().run());
    case("SEC001", Fires, "LiveKit alone is blocked", c::policy().run());
    case("SEC002", Fires, "LiveKit without TLS", c::mixed_content().run());
    case("NET002", Clear, "LiveKit is away, and the chat is well", c::call_down().run());
    case("NET003", NearHealthy, "LiveKit's root is not its own", c::unavailable_now_and_then().run());
}

/// The words in which a fault is told apart.
#[test]
fn each_fault_of_a_call_is_told_by_its_own_word() {
    let all = [
        ("down", c::call_down(), "RTC001", "unreachable"),
        ("silent", c::call_silent(), "RTC001", "unreachable"),
        ("502", c::call_502(), "RTC001", "gateway-error"),
        ("page", c::call_is_a_page(), "RTC001", "not-livekit"),
        ("sign-in elsewhere", c::call_behind_a_sign_in(), "RTC001", "not-livekit"),
        ("sign-in", c::call_behind_a_sign_in_page(), "RTC001", "sign-in"),
        ("sign-in on the chat's own origin", c::call_behind_a_gate(false, false), "RTC001", "sign-in"),
        ("not ready", c::not_ready(), "RTC001", "not-ready"),
        ("full", c::token(Validation::Full), "RTC001", "full"),
        ("stripped", c::upgrade_stripped(), "RTC001", "upgrade"),
        ("hangs", c::call_hangs(), "RTC001", "hangs"),
        ("hangs, no token", c::call_socket(c::livekit_without_token(|_| {}), || vec![crate::harness::deadline(3_000, "open")]), "RTC001", "hangs"),
        ("says nothing", c::call_says_nothing(), "RTC001", "silent"),
        ("closes", c::call_closes(), "RTC001", "closes"),
        ("garbled", c::call_garbled(), "RTC001", "closes"),
        ("a full room", c::room_is_full(), "RTC001", "shown-out"),
        ("removed at once", c::shown_out_after_joining(4), "RTC001", "shown-out"),
        ("expired", c::token(Validation::Expired), "RTC009", "expired"),
        ("early", c::token(Validation::NotYetValid), "RTC009", "not-yet-valid"),
        ("secret", c::token(Validation::Signature), "RTC009", "signature"),
        ("key", c::token(Validation::UnknownKey), "RTC009", "key"),
        ("grant", c::token(Validation::NoGrant), "RTC009", "grant"),
        ("nothing granted", c::token(Validation::NoToken), "RTC009", "no-token"),
        ("no room", c::token(Validation::NoRoom), "RTC009", "no-room"),
        ("a gateway's sign-in", c::token(Validation::OtherHeader), "RTC009", "header"),
        ("lost on the way", c::token_lost_on_the_way("permissions denied"), "RTC009", "lost"),
        ("lost on the way, in other words", c::token_lost_on_the_way("no permissions to access the room"), "RTC009", "lost"),
        ("nobody's", c::token_of_nobody(), "RTC009", "grant"),
        ("other words", c::other_words(), "RTC009", "other"),
        ("wrong password", c::relay(Ice::Unauthorized), "RTC004", "refused"),
        ("ended", c::credentials_expired(), "RTC004", "expired"),
        ("no password", c::relay(Ice::NoCredentials), "RTC004", "missing"),
        ("refused", c::relay(Ice::Refused), "RTC003", "unreachable"),
        ("name", c::relay(Ice::NameUnknown), "RTC003", "name"),
        ("name, Firefox", c::in_firefox(c::relays(c::TURN_UDP, |_| Ice::NameUnknown)), "RTC003", "name"),
        ("quota", c::relay(Ice::Says(486)), "RTC003", "refuses"),
        ("no URL", c::relay(Ice::NoUrl), "RTC003", "address"),
        ("certificate", c::relay_tls(Ice::Certificate), "RTC003", "certificate"),
        ("certificate behind TLS alone", c::relay_tls(Ice::CertificateBehindSilence), "RTC003", "certificate"),
        ("certificate, Firefox", c::in_firefox(c::relay_tls(Ice::CertificateBehindTerminator)), "RTC003", "certificate"),
        ("nobody by TLS", c::relay_tls(Ice::Refused), "RTC003", "unreachable"),
        ("website", c::relay_tls(Ice::Website), "RTC003", "unreachable"),
        ("silent TLS", c::relay_tls(Ice::Silent), "RTC003", "unreachable"),
        ("loss", c::carries(Way::Loses(24)), "RTC005", "lossy"),
        ("narrow", c::carries_in_full(Way::Narrow), "RTC005", "never-opened"),
        ("sticks", c::carries_in_full(Way::Sticks(50)), "RTC005", "reliable"),
        ("mute", c::carries(Way::Mute), "RTC005", "never-connected"),
        (
            "mute, on this device",
            c::in_full(c::relays(c::TURN_HERE, |_| Ice::Works).calling(|k| k.way = Box::new(|url| if url.is_some() { Way::Mute } else { Way::Works }))),
            "RTC005",
            "mute",
        ),
        ("no WebRTC", c::no_webrtc(), "RTC005", "no-webrtc"),
        ("denied", c::denied(), "RTC006", "denied"),
        ("dismissed", c::dismissed(), "RTC006", "dismissed"),
        ("policy", c::permission(device("denied", Some(false), 0)), "RTC006", "policy"),
        ("frame", c::frame_without_allow().calling(|k| k.devices.microphone.allowed = None), "RTC006", "frame"),
        ("missing", c::missing(), "RTC010", "missing"),
        ("muted", c::muted(), "RTC010", "muted"),
        ("rejected", c::transport("rejected", "x"), "WT001", "rejected"),
        ("silent transport", c::transport("silent", ""), "WT001", "silent"),
    ];
    let mut wrong = Vec::new();
    for (name, world, code, how) in all {
        let run = world.run();
        let report = run.report();
        let found = report.causes.iter().find(|f| f.code == code);
        if found.is_none_or(|f| f.param("how") != how) {
            let is: Vec<String> = report.causes.iter().map(|f| format!("{} {}", f.code, f.param("how"))).collect();
            wrong.push(format!("{name}: expected {code} {how}, is {is:?}\n{}", run.told()));
        }
    }
    assert!(wrong.is_empty(), "{} faults are told by another word:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a chat does not need is no fault of it, and what it has nothing else than is.
#[test]
fn calls_that_fail_break_a_page_of_calls_and_degrade_a_chat() {
    for (name, world) in [
        ("down", c::call_down as fn() -> World),
        ("stripped", c::upgrade_stripped),
        ("media", || c::media_in_full(MediaWay::Never)),
        ("private", c::private_candidates),
        ("token", || c::token(Validation::Expired)),
        ("silent relay", || c::relay(Ice::Silent)),
        ("udp", c::udp_blocked),
        ("denied", c::denied),
    ] {
        let verdict = world().run().report().verdict;
        assert_eq!(verdict, Verdict::Degraded, "{name}");
    }
    let alone = c::livekit_alone(|k| k.livekit.token = Validation::Expired).run().report();
    assert_eq!(alone.verdict, Verdict::Broken);
    let private = c::livekit_alone(|k| {
        k.livekit.candidates = vec![candidate("host", "udp", Reach::Private, 4)];
        k.livekit.media = MediaWay::Never;
    });
    assert_eq!(private.run().report().verdict, Verdict::Broken);
}

/// The secrets of a call are in no report, also where the server says the whole token back.
#[test]
fn nothing_of_a_token_or_a_password_is_in_a_report() {
    let all = [c::livekit(|_| {}), c::token_at_an_older_one(Validation::Expired), c::token(Validation::UnknownKey), c::relays(c::ALL, |_| Ice::Works)];
    for world in all {
        let text = serde_json::to_string(&world.run().report()).unwrap();
        for secret in [crate::harness::calls::TOKEN, "eyJhbGciOiJIUzI1NiJ9", "c2lnbmVk", "\"pw\"", "\"ann\""] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

/// A far line takes each question's number of round trips, and is no fault.
#[test]
fn a_slow_line_is_no_fault_of_calls() {
    let mut wrong = Vec::new();
    for firefox in [false, true] {
        for depth in [connection_doctor::profile::Depth::Quick, connection_doctor::profile::Depth::Full] {
            for round_trip in [100, 300, 600, 900, 1_200, 1_600, 2_000, 2_500] {
                let kept = c::relays(c::ALL, |_| Ice::Works).keeps("/", says(200, crate::harness::CHAT_PAGE), true);
                let all = [
                    ("relays", c::relays(c::ALL, |_| Ice::Works)),
                    ("livekit", c::livekit_and_relay(|_| Ice::Works)),
                    ("transport", c::transport("ready", "")),
                    // What a worker or the browser's cache has is there at once, however far the server is.
                    ("relays, and a page in the cache", kept),
                    (
                        "relays, and a worker",
                        c::relays(c::ALL, |_| Ice::Works).worker(
                            crate::harness::Worker { controls: true, page: Some(crate::harness::CHAT_PAGE), ..crate::harness::Worker::default() },
                            false,
                        ),
                    ),
                ];
                for (name, world) in all {
                    let world = world.with(|w| (w.round_trip, w.profile.depth) = (round_trip, depth)).calling(|k| {
                        k.line = round_trip;
                        k.livekit.joins_after = 2 * round_trip;
                        k.livekit.media = MediaWay::After(4 * round_trip);
                        k.way = Box::new(move |url| if url.is_some() { Way::Far(round_trip) } else { Way::Works });
                        k.transport.ended_after = 3 * round_trip;
                    });
                    let world = world.http(move |ask, usual| if ask.purpose == Some(Purpose::OwnFile) { usual.later(round_trip) } else { usual });
                    let run = if firefox { c::in_firefox(world) } else { world }.run();
                    if !run.causes().is_empty() {
                        wrong.push(format!("{name} {depth:?} {round_trip} ms: {:?}\n{}", run.causes(), run.told()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} false alarms:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whatever the person or the time cut off: an ended run is judged by what it saw.
#[test]
fn a_run_of_calls_that_was_stopped_is_never_called_whole() {
    for (name, world) in c::healthy() {
        let run = world.run();
        let stopped = Fact::StepEnded { step: "call".to_owned(), end: connection_doctor::evidence::End::Skipped { why: "stopped".to_owned() } };
        let last = run.evidence.observations().iter().filter(|o| is_of_calls(&o.fact)).map(|o| o.id as usize).max().unwrap();
        let mut cut = run.cut(last - 1);
        cut.evidence.record(5_000, stopped);
        assert!(cut.causes().is_empty(), "{name}: {:?}", cut.causes());
    }
}

fn is_of_calls(fact: &Fact) -> bool {
    matches!(fact, Fact::Gathering(_) | Fact::Loopback(_) | Fact::Call(_) | Fact::Capture(_) | Fact::WebTransport(_) | Fact::Devices(_))
}

/// LiveKit's body without an end is no page of somebody else's.
#[test]
fn an_answer_without_an_end_is_not_taken_for_another_server() {
    let endless = c::validates_so(c::livekit(|_| {}), Reply::Endless)
        .sockets(|ask, usual| if ask.socket == Some(SocketPurpose::Call) { crate::harness::refused() } else { usual });
    let report = endless.run().report();
    assert!(!report.causes.iter().any(|f| f.code == "RTC001" && f.param("how") == "not-livekit"), "{:?}", report.causes);
}

/// Whoever edits a report may write any time into it.
#[test]
fn any_time_in_a_token_is_read() {
    let run = c::token(Validation::Expired).run();
    for now in [i64::MIN, -1, 0, i64::MAX] {
        for end in [None, Some(i64::MIN), Some(0), Some(i64::MAX)] {
            for begin in [None, Some(i64::MIN), Some(i64::MAX)] {
                let mut edited = without(&run, |f| matches!(f, Fact::CallToken(_)));
                let claims = Claims { expires: end, not_before: begin, ..Claims::default() };
                edited.evidence.record(9, Fact::CallToken(CallToken { claims: Some(claims), now }));
                assert_eq!(edited.causes(), ["RTC009"]);
            }
        }
    }
}

/// Whoever has an Envoy before LiveKit has no use for nginx's settings.
#[test]
fn what_stands_before_livekit_is_told_how_to_pass_its_websocket() {
    let told = |server: &'static str| {
        let run = c::upgrade_stripped().http(move |ask, usual| if ask.under("/rtc") { usual.header("server", server) } else { usual }).run();
        run.advised("RTC001")
    };
    let (envoy, nginx, nobody) = (told("envoy"), told("nginx/1.22.1"), told("a server"));
    assert!(envoy.contains("upgrade_configs") && !envoy.contains("map $http_upgrade"), "{envoy}");
    assert!(!nginx.contains("upgrade_configs") && nginx.contains("map $http_upgrade"), "{nginx}");
    assert_eq!(nobody, nginx);
}
