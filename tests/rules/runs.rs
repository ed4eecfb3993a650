//! Whole runs: the real plan through a world, and the exact causes and verdict.

use connection_doctor::diagnose::Verdict;
use connection_doctor::protocol::livekit::Validation;
use connection_doctor::rules::RULES;

use crate::harness::calls::{Ice, MediaWay, Way};
use crate::harness::{CHROME, FIREFOX, Server, World, english, refused};
use crate::worlds::{self, calls};

/// What a run must say: the causes above Info, all of them and in this order, and the verdict.
struct Expected {
    name: &'static str,
    world: World,
    causes: &'static [&'static str],
    verdict: Verdict,
}

fn broken(name: &'static str, world: World, causes: &'static [&'static str]) -> Expected {
    Expected { name, world, causes, verdict: Verdict::Broken }
}

fn degraded(name: &'static str, world: World, causes: &'static [&'static str]) -> Expected {
    Expected { name, world, causes, verdict: Verdict::Degraded }
}

fn faults() -> Vec<Expected> {
    vec![
        broken("refused", worlds::refused_server(), &["NET002"]),
        broken("blackhole", worlds::blackhole(), &["NET002"]),
        broken("silent socket path", worlds::path_silent(), &["NET002"]),
        broken("reset path", worlds::path_reset(), &["NET002"]),
        broken("502 on the socket", worlds::gateway_502(), &["NET003"]),
        broken("502 on the app", worlds::app_down(), &["NET003"]),
        broken("504", worlds::gateway_504(), &["NET003"]),
        broken("500", worlds::server_error(), &["NET012"]),
        broken("offline", worlds::offline(), &["NET001"]),
        broken("offline in mid-run", worlds::offline_in_mid_run(), &["NET001"]),
        broken("429", worlds::rate_limited(), &["NET005"]),
        degraded("cold start", worlds::cold_start(), &["NET006"]),
        degraded("cold start of a second", worlds::cold_start_in_time(), &["NET006"]),
        degraded("slow first answer", worlds::slow_first(), &["NET006"]),
        degraded("slow", worlds::slow_server(), &["NET004"]),
        degraded("intermittent", worlds::intermittent(), &["NET007"]),
        degraded("health failing", worlds::health_failing(), &["NET008"]),
        broken("certificate, Chromium", worlds::certificate(CHROME, 1006), &["NET009"]),
        broken("certificate, Firefox", worlds::certificate(FIREFOX, 1015), &["NET009"]),
        broken("refused at https, Firefox", worlds::certificate(FIREFOX, 1006), &["NET002"]),
        degraded("HTTP/2 without WebSocket", worlds::http_version(), &["NET010"]),
        degraded("HTTP/2 behind nginx", worlds::stripped_behind_nginx_h2(), &["WS001"]),
        broken("captive portal by redirect", worlds::captive_portal(), &["NET011"]),
        broken("captive portal by page", worlds::captive_portal_page(), &["NET011"]),
        broken("wrong path", worlds::wrong_path(), &["PATH001"]),
        broken("single-page fallback", worlds::single_page_fallback(), &["PATH001"]),
        broken("404", worlds::not_found(), &["PATH001"]),
        broken("404 at every known path", worlds::not_found_auto(), &["PATH001"]),
        broken("wrong version", worlds::wrong_version(), &["PATH002"]),
        broken("old server, client of version 4 alone", worlds::old_server_new_client(), &["PATH002"]),
        broken("old server, and the page loads a new client", worlds::loads_client(Server::NodeTwo, "/js/client.js", "4.8.4"), &["PATH002"]),
        broken(
            "old server by WebSocket alone, new client",
            worlds::by_websocket_alone(worlds::loads_client(Server::NodeTwo, "/js/client.js", "4.8.4")),
            &["PATH002"],
        ),
        broken("new server, and the page loads an old client", worlds::new_server_old_client(Server::Node), &["PATH002"]),
        broken("new server of python, and the page loads an old client", worlds::new_server_old_client(Server::Python), &["PATH002"]),
        broken("upgrade stripped, a Chainlit of WebSocket alone", worlds::often::chainlit_by_websocket("quick").sockets(|_, _| refused()), &["WS001"]),
        degraded("secrets of replicas", worlds::secrets_of_replicas(false), &["AUTH003"]),
        degraded("secrets of replicas, refused first", worlds::secrets_of_replicas(true), &["AUTH003"]),
        degraded("another secret", worlds::other_secret(), &["AUTH003"]),
        broken("prefix mismatch", worlds::prefix_mismatch(), &["PATH004"]),
        degraded("upgrade stripped, python", worlds::stripped(Server::Python), &["WS001"]),
        degraded("upgrade stripped, node", worlds::stripped(Server::Node), &["WS001"]),
        degraded("upgrade stripped, engineioxide", worlds::stripped(Server::Engineioxide), &["WS001"]),
        broken("upgrade stripped, an app of WebSocket alone", worlds::stripped_websocket_app(), &["WS001"]),
        degraded("swallowed", worlds::swallowed(), &["WS002"]),
        degraded("intercepted", worlds::intercepted(), &["WS002"]),
        degraded("silent 101", worlds::silent_open(), &["WS003"]),
        degraded("drops at once", worlds::drops_at_once(), &["WS004"]),
        degraded("close 1008", worlds::closes(1008, "policy violation"), &["WS009"]),
        degraded("close 1013", worlds::closes(1013, "try again later"), &["WS009"]),
        degraded("upgrade refused", worlds::upgrade_refused(), &["WS011"]),
        broken("polling blocked", worlds::polling_blocked(), &["POLL001"]),
        broken("polling not found", worlds::polling_not_found(), &["POLL001"]),
        broken("a polling answer without end", worlds::polling_without_end(), &["POLL001"]),
        broken("post refused", worlds::post_refused(), &["POLL003"]),
        broken("post fails", worlds::post_fails(), &["POLL003"]),
        broken("post gets a page", worlds::post_gets_a_page(), &["POLL003"]),
        broken("post turned into get", worlds::post_turned_into_get(), &["POLL003"]),
        broken("receiving refused", worlds::receiving_refused(), &["POLL003"]),
        broken("stored handshake", worlds::stored_handshake(Server::Node), &["POLL005"]),
        broken("query lost", worlds::query_lost(), &["PATH006"]),
        broken("namespace unknown, node", worlds::namespace_unknown(), &["SIO001"]),
        broken("namespace unknown, python", worlds::namespace_unknown_python(), &["SIO001"]),
        degraded("connect unanswered for two seconds", worlds::connect_unanswered(), &["SIO002"]),
        degraded("connect unanswered for two seconds, by polling", worlds::connect_unanswered_by_polling(), &["SIO002"]),
        broken("connect unanswered", worlds::fully(worlds::connect_unanswered()), &["SIO002"]),
        broken("a namespace refuses whom it does not know", worlds::no_member_of_the_namespace(), &["AUTH002"]),
        broken("signed in, and the channel says that nobody is", worlds::cookie_does_not_do(), &["AUTH002"]),
        broken("origin refused", worlds::origin_refused(), &["CORS005"]),
        broken("origin refused, another origin", worlds::origin_refused_elsewhere(), &["CORS005"]),
        degraded("no CORS headers", worlds::not_allowed(), &["CORS001"]),
        broken("mixed content, ws-url", worlds::mixed_content(), &["SEC002"]),
        broken("mixed content, server", worlds::mixed_server(), &["SEC002"]),
        broken("login redirect to another origin", worlds::login_elsewhere(), &["AUTH001"]),
        broken("login page", worlds::login_page(), &["AUTH001"]),
        broken("502 for this page's own files too", worlds::everything_502(), &["NET003"]),
        broken("cookies too large", worlds::cookies_too_large(), &["COOK003"]),
        broken("cookie to a gone instance", worlds::cookie_to_gone_instance(503), &["COOK005"]),
        broken("cookie to a gone instance, 502", worlds::cookie_to_gone_instance(502), &["COOK005"]),
        broken("gone for everybody", worlds::gone_for_everybody(), &["NET003"]),
        broken("401", worlds::signed_out(), &["AUTH002"]),
        broken("401, Basic", worlds::signed_out_native(), &["AUTH002"]),
        broken("connect refused", worlds::connect_refused(), &["AUTH002"]),
        broken("connect rate limited", worlds::connect_rate_limited(), &["NET005"]),
        broken("connect rate limited, in other words", worlds::connect_too_many(), &["NET005"]),
        broken("raw 404", worlds::raw_not_found(), &["PATH001"]),
        broken("raw 401", worlds::raw_signed_out(), &["WS011"]),
        broken("raw 426", worlds::raw_stripped(), &["WS001"]),
        broken("raw 502", worlds::raw_gateway(), &["NET003"]),
        degraded("raw closes 4001", worlds::raw_closes(), &["WS009"]),
        broken("raw hangs", worlds::raw_hangs(), &["WS002"]),
        degraded("missing API", worlds::no_websocket(), &["ENV002"]),
        broken("CSP", worlds::csp(), &["SEC001"]),
        broken("garbled", worlds::truncated(), &["PATH005"]),
        degraded("a flood of packets nobody asked for", worlds::flooded(), &["PATH005"]),
        broken("socket path silent, the page's own origin", worlds::socket_path_silent(), &["NET002"]),
        broken("garbled polling", worlds::garbled_polling_alone(), &["PATH005"]),
        degraded("cookies blocked", worlds::cookies_blocked(), &["COOK001"]),
        broken("cookies blocked, signed out", worlds::cookies_blocked_signed_out(), &["COOK001"]),
        degraded("cookies blocked, with the endpoint", worlds::cookies_blocked_with_help(), &["COOK001"]),
        degraded("third party blocked", worlds::third_party_blocked(), &["COOK002"]),
        degraded("a module that is preloaded alone missing", worlds::hinted_module_missing(), &["CACHE003"]),
        broken("a module that is preloaded and imported missing", worlds::hinted_module_imported(), &["CACHE003"]),
        degraded("third party blocked, Firefox", worlds::third_party_blocked_firefox(), &["COOK002"]),
        broken("cookies too large, Node", worlds::cookies_too_large_node(), &["COOK003"]),
        broken("cookies too large, HTTP/2", worlds::cookies_too_large_h2(), &["COOK003"]),
        degraded("cookie not kept", worlds::cookie_not_kept(), &["COOK004"]),
        degraded("storage blocked", worlds::storage_blocked(), &["STO001"]),
        degraded("storage full", worlds::storage_full(), &["STO002"]),
        degraded("quota used up", worlds::quota_used_up(), &["STO002"]),
        degraded("old worker", worlds::old_worker(), &["CACHE001"]),
        degraded("old worker of pages", worlds::old_worker_of_pages(), &["CACHE001"]),
        degraded("old worker of a folder", worlds::old_worker_of_a_folder(), &["CACHE001"]),
        degraded("stale shell", worlds::stale_shell(), &["CACHE002"]),
        degraded("stale text", worlds::stale_text(), &["CACHE002"]),
        broken("stale shell, scripts gone", worlds::stale_shell_scripts_gone(), &["CACHE003"]),
        broken("stale shell, scripts replaced", worlds::stale_shell_scripts_replaced(), &["CACHE003"]),
        broken("scripts missing", worlds::scripts_missing(), &["CACHE003"]),
        broken("module missing", worlds::module_missing(), &["CACHE003"]),
        broken("two releases in turn", worlds::two_releases_in_turn(), &["CACHE003"]),
        broken("an imported module missing", worlds::kit_module_missing(), &["CACHE003"]),
        degraded("stale page of modules", worlds::stale_kit_page(), &["CACHE002"]),
        degraded("open before the release", worlds::open_before_the_release(), &["CACHE003"]),
        broken("signed out, with a kept page", worlds::signed_out_with_a_kept_page(), &["AUTH001"]),
        degraded("chat policy forbids the live connection", worlds::chat_policy_live(), &["SEC001"]),
        broken("chat policy forbids", worlds::chat_policy_forbids(), &["SEC001"]),
        broken("chat policy forbids, meta", worlds::chat_policy_forbids_meta(), &["SEC001"]),
        broken("two policies of one way each", worlds::two_policies_of_one_each(), &["SEC001"]),
        degraded("a front page's policy names the server", worlds::policy_of_a_front_page("connect-src 'self' https://api.example"), &["SEC001"]),
        broken("preflight refused, with cookies", worlds::preflight_refused_with_cookies(), &["CORS003"]),
        broken("Chainlit below a prefix that it does not know", worlds::chainlit_below_a_prefix_that_it_does_not_know(), &["PATH004"]),
        broken("cookies do not reach the socket", worlds::cookies_do_not_reach_the_socket(), &["AUTH002"]),
        degraded("secrets of replicas, later", worlds::cookies_of_replicas_later(), &["AUTH003"]),
        broken("sandboxed", worlds::sandboxed_frame(), &["SEC005"]),
        broken("sandboxed, files not readable", worlds::sandboxed_frame_without_files(), &["SEC005"]),
        broken("local network, Chromium", worlds::local_network_chromium(), &["SEC004"]),
        broken("local network, Firefox", worlds::local_network_firefox(), &["SEC004"]),
        broken("filter", worlds::filter(), &["SEC006"]),
        broken("filter, another origin", worlds::filter_elsewhere(), &["SEC006"]),
        broken("* with credentials", worlds::cors_wildcard_credentials(), &["CORS002"]),
        broken("preflight refused", worlds::preflight_refused(), &["CORS003"]),
        degraded("header not exposed", worlds::header_not_exposed(), &["CORS006"]),
        degraded("poisoned cache", worlds::poisoned_cache(), &["CORS007"]),
        degraded("sign-in expired", worlds::sign_in_expired(), &["AUTH003"]),
        degraded("sign-in long expired, and a small skew", worlds::small_skew_and_long_expired(), &["AUTH003"]),
        degraded("sign-in refused without a word", worlds::sign_in_refused_in_silence(), &["AUTH003"]),
        degraded("clock skew", worlds::clock_skew(), &["AUTH004"]),
        degraded("clock skew of the application alone", worlds::two_clocks(), &["AUTH004"]),
        broken("clock skew, and refused", worlds::skew_and_refused(), &["AUTH004"]),
        broken("polling blocked, signed in", worlds::polling_blocked_and_signed_in(), &["POLL001"]),
    ]
    .into_iter()
    .chain(faults_of_calls())
    .collect()
}

fn faults_of_calls() -> Vec<Expected> {
    let alone = |change: fn(&mut crate::harness::calls::Calls)| calls::livekit_alone(change);
    vec![
        degraded("no LiveKit", calls::call_down(), &["RTC001"]),
        degraded("LiveKit is silent", calls::call_silent(), &["RTC001"]),
        degraded("502 before LiveKit", calls::call_502(), &["RTC001"]),
        degraded("a page where LiveKit should be", calls::call_is_a_page(), &["RTC001"]),
        degraded("LiveKit is not ready", calls::not_ready(), &["RTC001"]),
        degraded("LiveKit's upgrade is stripped", calls::upgrade_stripped(), &["RTC001"]),
        degraded("LiveKit's socket hangs", calls::call_hangs(), &["RTC001"]),
        degraded("LiveKit says nothing", calls::call_says_nothing(), &["RTC001"]),
        degraded("LiveKit hangs up", calls::call_closes(), &["RTC001"]),
        degraded("LiveKit speaks otherwise", calls::call_garbled(), &["RTC001"]),
        degraded("LiveKit by ws on a page by https", calls::mixed_content(), &["SEC002"]),
        degraded("the policy leaves LiveKit out", calls::policy(), &["SEC001"]),
        degraded("token expired", calls::token(Validation::Expired), &["RTC009"]),
        degraded("token expired, older words", calls::token_at_an_older_one(Validation::Expired), &["RTC009"]),
        degraded("token of another key", calls::token(Validation::UnknownKey), &["RTC009"]),
        broken("token expired, LiveKit alone", alone(|c| c.livekit.token = Validation::Expired), &["RTC009"]),
        broken("LiveKit alone is stripped", calls::call_socket(alone(|_| {}), refused), &["RTC001"]),
        degraded("UDP is blocked", calls::udp_blocked(), &["RTC002"]),
        degraded("UDP is blocked, Firefox", calls::in_firefox(calls::udp_blocked()), &["RTC002"]),
        degraded("UDP is blocked, full", calls::in_full(calls::udp_blocked_all_ways()), &["RTC002"]),
        degraded("UDP alone is asked, and silent", calls::udp_blocked_and_no_other_way(), &["RTC003"]),
        degraded("no relay there", calls::relay(Ice::Refused), &["RTC003"]),
        degraded("no relay there, Firefox", calls::in_firefox(calls::relay(Ice::Refused)), &["RTC003"]),
        degraded("a silent relay", calls::relay(Ice::Silent), &["RTC003"]),
        degraded("a relay without a name", calls::relay(Ice::NameUnknown), &["RTC003"]),
        degraded("a quota", calls::relay(Ice::Says(486)), &["RTC003"]),
        degraded("a relay's certificate", calls::relay_tls(Ice::Certificate), &["RTC003"]),
        degraded("a relay's certificate, Firefox", calls::in_firefox(calls::relay_tls(Ice::Certificate)), &["RTC003"]),
        degraded("a relay's password", calls::relay(Ice::Unauthorized), &["RTC004"]),
        degraded("a relay's password has ended", calls::credentials_expired(), &["RTC004"]),
        degraded("no password for the relay", calls::relay(Ice::NoCredentials), &["RTC004"]),
        degraded("private addresses", calls::private_candidates(), &["RTC008"]),
        degraded("media out of reach", calls::media_in_full(MediaWay::Never), &["RTC011"]),
        degraded("media fail", calls::media_in_full(MediaWay::Failed), &["RTC011"]),
        degraded("data are lost", calls::carries(Way::Loses(24)), &["RTC005"]),
        degraded("nothing of size passes", calls::carries_in_full(Way::Narrow), &["RTC005"]),
        degraded("no WebRTC", calls::no_webrtc(), &["RTC005"]),
        degraded("calls without https", calls::insecure_calls(), &["SEC003"]),
        degraded("the microphone is forbidden", calls::denied(), &["RTC006"]),
        degraded("a frame that may not hear", calls::frame_without_allow(), &["RTC006"]),
        degraded("the camera is busy", calls::busy(), &["RTC007"]),
        degraded("no microphone", calls::missing(), &["RTC010"]),
        degraded("WebTransport", calls::transport("rejected", "Opening handshake failed."), &["WT001"]),
    ]
}

#[test]
fn a_healthy_run_works_and_raises_nothing_above_info() {
    let mut wrong = Vec::new();
    for (name, world) in worlds::healthy() {
        let run = world.run();
        let report = run.report();
        if report.verdict != Verdict::Works || !run.causes().is_empty() {
            wrong.push(format!("{name}: {:?} {:?} unknown {:?}\n{}", report.verdict, run.causes(), report.unknown, run.told()));
        }
        if !report.consequences.is_empty() {
            wrong.push(format!("{name}: consequences {:?}", report.consequences));
        }
    }
    assert!(wrong.is_empty(), "{} healthy runs are called ill:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_broken_run_names_its_cause_and_no_other() {
    let mut wrong = Vec::new();
    for Expected { name, world, causes, verdict } in faults() {
        let run = world.run();
        let report = run.report();
        if run.causes() != causes || report.verdict != verdict {
            let folded: Vec<&str> = report.consequences.iter().map(|f| f.code.as_str()).collect();
            wrong.push(format!(
                "{name}: expected {causes:?} {verdict:?}, is {:?} {:?}, folded {folded:?}, unknown {:?}\n{}",
                run.causes(),
                report.verdict,
                report.unknown,
                run.told()
            ));
        }
    }
    assert!(wrong.is_empty(), "{} runs are misjudged:\n{}", wrong.len(), wrong.join("\n"));
}

/// What only a remark is worth, or what more evidence would decide.
#[test]
fn what_is_not_certain_is_not_called_a_fault() {
    let cases = [
        ("our own questions were too many", worlds::rate_limited_late()),
        ("dropped once, then stays", worlds::drops_once()),
        ("a policy that only reports", worlds::csp_report_only()),
        ("slow line and slow server look alike", worlds::slow_everything()),
        ("an insecure socket to this device", worlds::insecure_loopback()),
    ];
    for (name, world) in cases {
        let run = world.run();
        assert!(run.causes().is_empty(), "{name}: {:?}\n{}", run.causes(), run.told());
    }
}

/// The positive observations that a verdict "works" stands on, by kind, told from the facts alone.
fn witnesses(run: &crate::harness::Run) -> Vec<&'static str> {
    use connection_doctor::evidence::{Fact, Happening, Purpose, SocketPurpose};
    let mut seen = Vec::new();
    for o in run.evidence.observations() {
        let what = match &o.fact {
            Fact::Exchange(x) => match (x.purpose, x.response()) {
                (Purpose::OwnFile, Some(r)) if r.status == 200 => "own file",
                (Purpose::FollowUp, Some(r)) if r.excerpt.eq_ignore_ascii_case("ok") => "polling",
                (Purpose::Health, Some(r)) if r.status == 200 && run.profile.health_path.is_some() => "health",
                _ => continue,
            },
            Fact::Socket(s) => {
                let said = |start: &str| s.events.iter().any(|e| matches!(&e.what, Happening::Frame { text, .. } if text.starts_with(start)));
                match s.purpose {
                    SocketPurpose::Hello | SocketPurpose::HelloAgain if said("0{") => "websocket",
                    SocketPurpose::Upgrade if said("3probe") => "upgrade",
                    SocketPurpose::Connect if said("40") => "channel",
                    SocketPurpose::Heartbeat if said("2") || said("3") => "heartbeat",
                    SocketPurpose::Raw if s.opened() => "raw",
                    _ => continue,
                }
            }
            Fact::Gathering(g) if g.candidates.iter().any(|c| c.candidate.kind == "relay") => "relay",
            Fact::Loopback(l) if l.channels.iter().any(|c| c.returned == c.sent) => "data",
            Fact::Call(c) if c.media.as_ref().is_some_and(|m| m.connected_after.is_some()) => "media",
            Fact::Call(c) if c.joined_after.is_some() => "signalling",
            Fact::WebTransport(t) if t.how == "ready" => "transport",
            _ => continue,
        };
        if !seen.contains(&what) {
            seen.push(what);
        }
    }
    seen.sort_unstable();
    seen
}

#[test]
fn a_healthy_run_cut_short_is_never_called_ill_and_never_called_whole() {
    let mut wrong = Vec::new();
    for (name, world) in worlds::healthy() {
        let run = world.run();
        let whole = witnesses(&run);
        for length in 0..run.evidence.observations().len() {
            let cut = run.cut(length);
            let report = cut.report();
            if !cut.causes().is_empty() {
                wrong.push(format!("{name}, cut after {length}: false alarm {:?}\n{}", cut.causes(), cut.told()));
            }
            let seen = witnesses(&cut);
            if report.verdict == Verdict::Works && seen != whole {
                wrong.push(format!("{name}, cut after {length}: works, though of {whole:?} only {seen:?} was seen\n{}", cut.told()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} false words:\n{}", wrong.len(), wrong.join("\n"));
}

/// A run that was cut short may know less. It may not know better: a wrong cause is worse than none.
#[test]
fn a_broken_run_cut_short_is_judged_without_a_panic_and_never_as_whole() {
    let mut wrong = Vec::new();
    for Expected { name, world, causes, .. } in faults() {
        let run = world.run();
        // A server that wakes up looks like one that is down, until it woke up.
        // One that fails now and then may by chance fail the WebSocket twice and nothing else.
        // An old page is seen before its scripts are asked for; both findings offer the same cure.
        // What stands before a server is asked about once that server is seen to be away.
        let meanwhile: &[&str] = match name {
            "cold start" | "cold start of a second" => &["NET003"],
            "intermittent" => &["WS001", "POLL001"],
            "stale shell, scripts gone" | "stale shell, scripts replaced" => &["CACHE002"],
            "local network, Chromium" => &["NET002", "NET009"],
            "filter" | "filter, another origin" => &["NET002", "NET009"],
            _ => &[],
        };
        for length in 0..run.evidence.observations().len() {
            let cut = run.cut(length);
            let report = cut.report();
            let _ = report.to_markdown(english());
            if report.verdict == Verdict::Works {
                wrong.push(format!("{name}, cut after {length}: works\n{}", cut.told()));
            }
            for code in cut.causes() {
                if !causes.contains(&code.as_str()) && !meanwhile.contains(&code.as_str()) {
                    wrong.push(format!("{name}, cut after {length}: {code} instead of {causes:?}\n{}", cut.told()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong words:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_finding_cites_observations_that_are_there() {
    for world in faults().into_iter().map(|e| e.world).chain(worlds::healthy().into_iter().map(|(_, w)| w)) {
        let run = world.run();
        let report = run.report();
        for finding in report.causes.iter().chain(&report.consequences) {
            let cites = finding.cites.as_slice();
            assert!(!cites.is_empty() && cites.iter().all(|c| run.evidence.get(*c).is_some()), "{} cites {cites:?}", finding.code);
            assert!(RULES.iter().any(|r| r.code == finding.code && r.name == finding.name));
        }
    }
}

#[test]
fn a_report_read_back_and_judged_again_is_the_same_report() {
    use connection_doctor::report::{Circumstances, Report};
    for world in faults().into_iter().map(|e| e.world).chain(worlds::healthy().into_iter().map(|(_, w)| w)) {
        let report = world.run().report();
        let text = serde_json::to_string(&report).unwrap();
        let read: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(read, report);
        let circumstances = Circumstances { started_at: read.started_at.clone(), stopped: read.stopped, requests: read.requests };
        let again = Report::of(&read.profile, read.evidence.clone(), circumstances, english());
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }
}

#[test]
fn redaction_changes_nothing_twice() {
    for world in faults().into_iter().map(|e| e.world).chain(worlds::healthy().into_iter().map(|(_, w)| w)) {
        let run = world.run();
        assert_eq!(run.only(|_| true).evidence, run.evidence);
        assert_eq!(run.profile.redacted().redacted(), run.profile.redacted());
        let text = serde_json::to_string(&run.report()).unwrap();
        assert!(!text.contains("lv_VI97HAXpY6yYWAAAC") && !text.contains("q8RzPo1"), "a session id is in the report");
    }
}

/// What the server says of a token may be one sentence for all; its own date and a second look tell more.
#[test]
fn why_a_sign_in_is_refused() {
    let why = |world: World| world.run().report().causes.iter().find(|f| f.code == "AUTH003").map(|f| f.param("why").to_owned()).unwrap_or_default();
    assert_eq!(why(worlds::other_secret()), "secret");
    assert_eq!(why(worlds::sign_in_expired()), "expired");
    assert_eq!(why(worlds::sign_in_expired_by_its_date()), "expired");
    assert_eq!(why(worlds::secrets_of_replicas(false)), "replicas");
    assert_eq!(why(worlds::secrets_of_replicas(true)), "replicas");
}

/// What the steps of a finding depend on.
#[test]
fn findings_tell_what_their_steps_need() {
    let param = |world: World, code: &str, name: &str| {
        let report = world.run().report();
        report.causes.iter().find(|f| f.code == code).map_or_else(|| "no such cause".to_owned(), |f| f.param(name).to_owned())
    };
    assert_eq!(param(worlds::page_of_a_shared_cache(), "CACHE003", "shared"), "yes");
    assert_eq!(param(worlds::module_missing(), "CACHE003", "shared"), "");
    assert_eq!(param(worlds::cookie_refused_by_the_application(), "COOK003", "how"), "refused");
    assert_eq!(param(worlds::cookies_too_large(), "COOK003", "how"), "");
    assert_eq!(param(worlds::raw_cookies_too_large(), "COOK003", "status"), "431");
    assert_eq!(param(worlds::two_releases_in_turn(), "CACHE003", "mixed"), "yes");
    assert_eq!(param(worlds::cookies_do_not_reach_the_socket(), "AUTH002", "signed-in"), "yes");
    assert_eq!(param(worlds::connect_refused(), "AUTH002", "signed-in"), "");
    assert_eq!(param(worlds::token_not_active(), "AUTH003", "why"), "not-yet-valid");
}
