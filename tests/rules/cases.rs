//! Rule by rule: a case where it fires, one where it is clear, one where it leaves the question open, and the closest
//! neighbour that it must not be taken for.

use connection_doctor::diagnose::Verdict;
use connection_doctor::evidence::{Environment, Fact, Purpose, SocketLife, SocketPurpose};
use connection_doctor::rules::{Outcome, RULES, by_code};
use connection_doctor::survey::Survey;

use crate::harness::{CHROME, FIREFOX, Run, Server, World, says};
use crate::worlds as w;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Fires,
    Clear,
    Unknown,
    /// It is no cause, and this rule fires instead: it stays silent, or is folded under this one.
    Near(&'static str),
    /// It stays silent, and nothing above Info is found at all.
    NearHealthy,
}
use Kind::{Clear, Fires, Near, NearHealthy, Unknown};

pub struct Case {
    pub code: &'static str,
    pub kind: Kind,
    pub name: &'static str,
    pub run: Run,
}

fn sockets(run: &Run, wanted: impl Fn(&SocketLife) -> bool) -> Run {
    run.only(|o| match &o.fact {
        Fact::Socket(life) => wanted(life),
        _ => true,
    })
}

fn without_environment(run: &Run) -> Run {
    run.only(|o| !matches!(o.fact, Fact::Environment(_)))
}

fn no_sockets(run: &Run) -> Run {
    sockets(run, |_| false)
}

/// The first so many posts alone.
fn posts(run: &Run, limit: usize) -> Run {
    let left = std::cell::Cell::new(limit);
    run.only(|o| match &o.fact {
        Fact::Exchange(x) if x.method == "POST" => left.replace(left.get().saturating_sub(1)) > 0,
        _ => true,
    })
}

#[rustfmt::skip]
pub fn cases() -> Vec<Case> {
    let healthy = || w::accepted().run();
    let mut all = Vec::new();
    let mut case = |code, kind, name, run: Run| all.push(Case { code, kind, name, run });

    case("ENV002", Fires, "a browser without WebSocket", w::no_websocket().run());
    case("ENV002", Clear, "a browser that has all", healthy());
    case("ENV002", Unknown, "nobody looked at the browser", without_environment(&healthy()));
    case("ENV002", Near("WS002"), "a WebSocket that the network swallows", w::swallowed().run());

    case("NET001", Fires, "nothing answers, nowhere", w::offline().run());
    case("NET001", Fires, "since the middle of the run nothing answers", w::offline_in_mid_run().run());
    case("NET001", Clear, "the page's own server answers", healthy());
    case("NET001", Unknown, "the page's own server was not asked", w::offline().run().without(Purpose::OwnFile));
    case("NET001", Unknown, "one failed request is no proof", w::offline().run().only(|o| matches!(o.id, 1 | 2)));
    case("NET001", Near("NET002"), "the chat's server alone is away", w::refused_server().run());
    case("NET001", Near("NET011"), "a portal answers for everybody", w::captive_portal().run());

    case("NET011", Fires, "everything is redirected, the page's own script too", w::captive_portal().run());
    case("NET011", Fires, "everything is somebody's page, the page's own script too", w::captive_portal_page().run());
    case("NET011", Clear, "the script is the script", healthy());
    case("NET011", Unknown, "the script was not asked for again", w::captive_portal().run().without(Purpose::OwnFile));
    case("NET011", Unknown, "nothing else was asked", w::captive_portal().run().only(|o| matches!(&o.fact, Fact::Exchange(x) if x.purpose == Purpose::OwnFile)));
    case("NET011", Near("AUTH001"), "the chat alone is redirected", w::login_elsewhere().run());
    case("NET011", Near("PATH001"), "every path but the script's is the chat's page", w::single_page_fallback().run());

    case("SEC001", Fires, "connect-src blocks the server", w::csp().run());
    case("SEC001", Clear, "no violation", healthy());
    case("SEC001", NearHealthy, "a policy that only reports", w::csp_report_only().run());
    case("SEC001", NearHealthy, "somebody else's request is blocked", w::stray_violation().run());
    case("SEC001", Near("NET002"), "the server is away, and no policy speaks", w::refused_server().run());

    case("SEC002", Fires, "ws: on an https page", w::mixed_content().run());
    case("SEC002", Fires, "an http: server on an https page", w::mixed_server().run());
    case("SEC002", Clear, "wss: on an https page", w::raw().run());
    case("SEC002", Unknown, "nobody looked at the page", without_environment(&w::mixed_content().run()));
    case("SEC002", Unknown, "nothing was tried", w::mixed_content().run().cut(1));
    case("SEC002", NearHealthy, "an insecure socket to this device", w::insecure_loopback().run());
    case("SEC002", Near("NET002"), "http: on an http: page", w::refused_server().run());

    case("COOK003", Fires, "400 with cookies, an engine without", w::cookies_too_large().run());
    case("COOK003", Clear, "polling says hello", healthy());
    case("COOK003", Unknown, "not asked without cookies", w::cookies_too_large().run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.credentials == "omit")));
    case("COOK003", Near("AUTH002"), "401 with and without", w::signed_out().run());
    case("COOK003", Near("PATH001"), "400 for everybody", w::bad_request_for_everybody().run());

    case("AUTH001", Fires, "redirected to another origin", w::login_elsewhere().run());
    case("AUTH001", Fires, "a sign-in page", w::login_page().run());
    case("AUTH001", Clear, "polling says hello", healthy());
    case("AUTH001", Unknown, "the page's own server fails too", w::offline().run());
    case("AUTH001", Near("PATH001"), "the chat's page answers, without a password field", w::single_page_fallback().run());
    case("AUTH001", Near("AUTH002"), "401, and no page to sign in", w::signed_out().run());
    case("AUTH001", Near("CORS001"), "rejected for CORS", w::not_allowed().run());

    case("NET005", Fires, "429 on the socket's path", w::rate_limited().run());
    case("NET005", Fires, "RATE_LIMITED on the channel", w::connect_rate_limited().run());
    case("NET005", Fires, "429 for our own many questions, as a remark", w::rate_limited_late().run());
    case("NET005", Clear, "no limit met", healthy());
    case("NET005", Near("NET003"), "502", w::gateway_502().run());
    case("NET005", Near("NET006"), "503 at first", w::cold_start().run());
    case("NET005", Near("AUTH002"), "another word on the channel", w::connect_refused().run());

    case("NET009", Fires, "all to an https server is rejected at once, Chromium", w::certificate(CHROME, 1006).run());
    case("NET009", Fires, "Firefox says 1015", w::certificate(FIREFOX, 1015).run());
    case("NET009", Clear, "it answers", World::of(Server::Python, r#"{"server":"https://api.example","socket-path":"/socket.io/"}"#).run());
    case("NET009", Unknown, "the page's own server was not asked", w::certificate(CHROME, 1006).run().without(Purpose::OwnFile));
    case("NET009", Near("NET002"), "Firefox would say 1015", w::certificate(FIREFOX, 1006).run());
    case("NET009", Near("NET002"), "http has no certificate", w::refused_server().run());
    case("NET009", Near("NET002"), "silence is no certificate", w::blackhole().run());
    case("NET009", Near("CORS001"), "no-cors is answered", w::not_allowed().run());

    case("NET002", Fires, "refused", w::refused_server().run());
    case("NET002", Fires, "silent", w::blackhole().run());
    case("NET002", Fires, "the socket's path alone", w::path_reset().run());
    case("NET002", Clear, "it answers", healthy());
    case("NET002", Unknown, "the page's own server was not asked", w::refused_server().run().without(Purpose::OwnFile));
    case("NET002", Near("CORS001"), "no-cors is answered", w::not_allowed().run());
    case("NET002", Near("NET009"), "https, at once", w::certificate(CHROME, 1006).run());
    case("NET002", Near("POLL001"), "the WebSocket opens", w::polling_rejected().run());

    case("NET003", Fires, "502 on the socket", w::gateway_502().run());
    case("NET003", Fires, "502 on all", w::app_down().run());
    case("NET003", Fires, "504", w::gateway_504().run());
    case("NET003", Fires, "502 at a raw WebSocket's address", w::raw_gateway().run());
    case("NET003", Clear, "an engine answers", healthy());
    case("NET003", Unknown, "no static file to compare with", w::gateway_502().run().without(Purpose::OwnFile));
    case("NET003", Near("NET012"), "the application's own 500", w::server_error().run());
    case("NET003", Near("NET006"), "it woke up", w::cold_start().run());
    case("NET003", Near("NET007"), "now and then", w::intermittent().run());
    case("NET003", Near("NET008"), "health alone says 503", w::health_failing().run());

    case("NET012", Fires, "500 on the socket", w::server_error().run());
    case("NET012", Clear, "an engine answers", healthy());
    case("NET012", Unknown, "no static file to compare with", w::server_error().run().without(Purpose::OwnFile));
    case("NET012", Near("NET003"), "502", w::gateway_502().run());

    case("PATH004", Fires, "the page tells /chat, and the engine is at the root", w::prefix_mismatch().run());
    case("PATH004", Clear, "the page tells where the engine is", w::chainlit_signed_out().run());
    case("PATH004", Unknown, "Chainlit, and its page was not asked", w::prefix_mismatch().run().without(Purpose::ChatPage));
    case("PATH004", Near("PATH001"), "no page tells a prefix", w::wrong_path().run());

    case("PATH001", Fires, "the engine is elsewhere", w::wrong_path().run());
    case("PATH001", Fires, "the index page answers", w::single_page_fallback().run());
    case("PATH001", Fires, "404", w::not_found().run());
    case("PATH001", Fires, "404 at a raw WebSocket's address", w::raw_not_found().run());
    case("PATH001", Clear, "an engine answers", healthy());
    case("PATH001", Unknown, "the path was not asked", w::not_found().run().without(Purpose::Handshake));
    case("PATH001", Unknown, "one of two known paths was asked", w::not_found_auto().run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.path == "/ws/socket.io/")));
    case("PATH001", Unknown, "the WebSocket was not tried", no_sockets(&w::not_found().run()));
    case("PATH001", Near("POLL001"), "404 for polling alone", w::polling_not_found().run());
    case("PATH001", Near("AUTH001"), "a sign-in page", w::login_page().run());
    case("PATH001", Near("NET011"), "a portal's page everywhere", w::captive_portal_page().run());

    case("PATH002", Fires, "refuses 4, accepts 3", w::wrong_version().run());
    case("PATH002", Fires, "an old server for a client of version 4", w::old_server_new_client().run());
    case("PATH002", Fires, "an old server, as a remark", w::node_two().run());
    case("PATH002", Clear, "version 4", healthy());
    case("PATH002", Unknown, "3 was not tried", w::wrong_version().run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.eio == 3)));
    case("PATH002", Near("PATH005"), "a damaged packet", w::truncated().run());

    case("PATH005", Fires, "cut short on both transports", w::truncated().run());
    case("PATH005", Fires, "damaged on polling", w::garbled_polling_alone().run());
    case("PATH005", Clear, "whole", healthy());
    case("PATH005", NearHealthy, "the old framing is no damage", w::node_two().run());
    case("PATH005", Near("PATH001"), "another page", w::single_page_fallback().run());

    case("CORS005", Fires, "the engine says so", w::origin_refused().run());
    case("CORS005", Fires, "the engine says so to another origin", w::origin_refused_elsewhere().run());
    case("CORS005", Clear, "the engine accepts it", healthy());
    case("CORS005", Unknown, "no request carried an origin", healthy().without(Purpose::OriginProbe));
    case("CORS005", Near("CORS001"), "the answer is not readable", w::not_allowed().run());
    case("CORS005", Near("WS011"), "403 for upgrades alone", w::upgrade_refused().run());

    case("AUTH002", Fires, "401", w::signed_out().run());
    case("AUTH002", Fires, "401 with a native dialog", w::signed_out_native().run());
    case("AUTH002", Fires, "AUTH_FAILED", w::connect_refused().run());
    case("AUTH002", Fires, "nobody is signed in, as a remark", w::chainlit_signed_out().run());
    case("AUTH002", Clear, "joined", healthy());
    case("AUTH002", Unknown, "401, and the WebSocket was not tried", no_sockets(&w::signed_out().run()));
    case("AUTH002", Near("NET005"), "RATE_LIMITED", w::connect_rate_limited().run());
    case("AUTH002", Near("SIO001"), "Invalid namespace", w::namespace_unknown().run());
    case("AUTH002", Near("POLL001"), "403 for polling alone", w::polling_blocked().run());
    case("AUTH002", Near("WS011"), "403 for upgrades alone", w::upgrade_refused().run());

    case("CORS001", Fires, "cors is rejected, no-cors answered", w::not_allowed().run());
    case("CORS001", Clear, "one origin", healthy());
    case("CORS001", Unknown, "no-cors was not asked", w::not_allowed().run().without(Purpose::ServerNoCors));
    case("CORS001", Near("SEC001"), "the page's policy blocks it", w::csp().run());
    case("CORS001", Near("AUTH001"), "redirected to a sign-in page", w::login_elsewhere().run());

    case("POLL001", Fires, "403 for polling", w::polling_blocked().run());
    case("POLL001", Fires, "404 for polling", w::polling_not_found().run());
    case("POLL001", Fires, "a polling answer without end", w::polling_without_end().run());
    case("POLL001", Fires, "polling is rejected", w::polling_rejected().run());
    case("POLL001", Clear, "both work", healthy());
    case("POLL001", Unknown, "polling was not tried", w::polling_blocked().run().without(Purpose::Handshake));
    case("POLL001", NearHealthy, "off by design", World::plain(Server::NodeWebsocket).run());
    case("POLL001", NearHealthy, "an app that never polls", w::open_webui().run());
    case("POLL001", Near("AUTH002"), "401 on both", w::signed_out().run());

    case("POLL003", Fires, "405 for POST", w::post_refused().run());
    case("POLL003", Fires, "POST is rejected", w::post_rejected().run());
    case("POLL003", Clear, "taken", healthy());
    case("POLL003", Unknown, "one POST alone", posts(&w::post_refused().run(), 1));
    case("POLL003", Near("CORS005"), "the engine refuses the origin of a POST", w::origin_refused().run());
    case("POLL003", Near("NET001"), "the connection was lost", w::offline_in_mid_run().run());

    case("WS011", Fires, "403 for upgrades", w::upgrade_refused().run());
    case("WS011", Fires, "401 at a raw WebSocket's address", w::raw_signed_out().run());
    case("WS011", Clear, "it opens", healthy());
    case("WS011", Near("WS001"), "the engine says that it is no upgrade", w::stripped(Server::Python).run());
    case("WS011", Near("WS002"), "a filter's page", w::intercepted().run());
    case("WS011", Near("AUTH002"), "401 on both", w::signed_out().run());

    case("NET010", Fires, "h2, and what is in front is not known to lack it", w::http_version().run());
    case("NET010", Clear, "it opens", healthy());
    case("NET010", Near("WS001"), "nginx takes no WebSocket over h2", w::stripped_behind_nginx_h2().run());
    case("NET010", Near("WS001"), "http/1.1", w::stripped(Server::Node).run());
    case("NET010", NearHealthy, "h2, and all works", World::plain(Server::Python).with(|w| w.next_hop_protocol = "h2").run());

    case("WS001", Fires, "python", w::stripped(Server::Python).run());
    case("WS001", Fires, "node", w::stripped(Server::Node).run());
    case("WS001", Fires, "engineioxide's empty 400", w::stripped(Server::Engineioxide).run());
    case("WS001", Fires, "an app of WebSocket alone", w::stripped_websocket_app().run());
    case("WS001", Fires, "426 at a raw WebSocket's address", w::raw_stripped().run());
    case("WS001", Clear, "it opens", healthy());
    case("WS001", Near("NET010"), "h2", w::http_version().run());
    case("WS001", Near("WS002"), "the plain GET meets a filter's page", w::intercepted().run());
    case("WS001", Near("WS002"), "the handshake is swallowed", w::swallowed().run());
    case("WS001", Near("WS011"), "403", w::upgrade_refused().run());
    case("WS001", Near("PATH003"), "polling alone by design", World::plain(Server::PythonPolling).run());
    case("WS001", Near("CORS005"), "the origin is refused", w::origin_refused().run());

    case("WS002", Fires, "swallowed", w::swallowed().run());
    case("WS002", Fires, "a filter's page", w::intercepted().run());
    case("WS002", Fires, "a raw WebSocket hangs", w::raw_hangs().run());
    case("WS002", Clear, "it opens", healthy());
    case("WS002", Unknown, "plain requests fail as well, and nobody counted", w::cold_start_in_time().run().cut(11));
    case("WS002", Near("WS001"), "the engine says that it is no upgrade", w::stripped(Server::Node).run());
    case("WS002", Near("WS003"), "it opens, and is silent", w::silent_open().run());
    case("WS002", Near("SEC001"), "the page's policy blocks it", w::csp().run());
    case("WS002", Near("PATH003"), "polling alone by design", World::plain(Server::PythonWsgi).run());

    case("WS003", Fires, "open, and no packet", w::silent_open().run());
    case("WS003", Clear, "the packet comes", healthy());
    case("WS003", Near("WS002"), "it never opens", w::swallowed().run());
    case("WS003", Near("WS004"), "it opens and ends", w::drops_at_once().run());
    case("WS003", Near("WS009"), "it opens and is closed with a code", w::closes(1013, "try again later").run());

    case("WS004", Fires, "cut 300 ms after hello, twice", w::drops_at_once().run());
    case("WS004", Clear, "it stays", healthy());
    case("WS004", Unknown, "cut once", sockets(&w::drops_at_once().run(), |s| s.purpose != SocketPurpose::HelloAgain));
    case("WS004", NearHealthy, "cut once, then it stays", w::drops_once().run());
    case("WS004", Near("WS009"), "closed with a code", w::closes(1008, "policy violation").run());
    case("WS004", Near("WS003"), "silent", w::silent_open().run());

    case("WS009", Fires, "1008", w::closes(1008, "policy violation").run());
    case("WS009", Fires, "1013", w::closes(1013, "try again later").run());
    case("WS009", Fires, "4001 on a raw WebSocket", w::raw_closes().run());
    case("WS009", Clear, "it stays", healthy());
    case("WS009", Near("WS004"), "1006 is the browser's own", w::drops_at_once().run());
    case("WS009", Near("WS001"), "1006 before it opens", w::stripped(Server::Python).run());

    case("SIO001", Fires, "node's Invalid namespace", w::namespace_unknown().run());
    case("SIO001", Fires, "python's Unable to connect", w::namespace_unknown_python().run());
    case("SIO001", Clear, "joined", healthy());
    case("SIO001", Unknown, "nobody joined", sockets(&healthy(), |s| s.purpose != SocketPurpose::Connect));
    case("SIO001", Near("AUTH002"), "AUTH_FAILED", w::connect_refused().run());
    case("SIO001", Near("SIO002"), "no answer", w::connect_unanswered().run());

    case("SIO002", Fires, "no answer", w::connect_unanswered().run());
    case("SIO002", Fires, "no answer by polling", w::connect_unanswered_by_polling().run());
    case("SIO002", Clear, "joined", healthy());
    case("SIO002", Unknown, "nobody joined", sockets(&healthy(), |s| s.purpose != SocketPurpose::Connect));
    case("SIO002", Near("SIO001"), "an answer, though no", w::namespace_unknown().run());
    case("SIO002", Near("WS003"), "not even an open packet", w::silent_open_with_namespace().run());

    case("NET006", Fires, "503 at first", w::cold_start().run());
    case("NET006", Fires, "503 for a second", w::cold_start_in_time().run());
    case("NET006", Fires, "slow at first", w::slow_first().run());
    case("NET006", Clear, "fast from the start", healthy());
    case("NET006", Near("NET003"), "it does not wake up", w::gateway_502().run());
    case("NET006", Near("NET007"), "now and then", w::intermittent().run());
    case("NET006", Near("NET004"), "slow to the end", w::slow_server().run());

    case("NET007", Fires, "every third request", w::intermittent().run());
    case("NET007", Clear, "none fails", healthy());
    case("NET007", Unknown, "not yet eight", w::intermittent().run().without(Purpose::Repeat));
    case("NET007", Near("NET006"), "at first alone", w::cold_start().run());
    case("NET007", Near("NET003"), "always", { let mut run = w::gateway_502().run(); run.profile.depth = connection_doctor::profile::Depth::Full; run }.only(|_| true).without(Purpose::CloseSession));

    case("NET004", Fires, "1.5 s each, files fast", w::slow_server().run());
    case("NET004", Clear, "fast", healthy());
    case("NET004", Unknown, "the tab was hidden", w::slow_server().incident(20, Fact::Visibility { hidden: true }).run());
    case("NET004", Unknown, "no static file to compare with", w::slow_server().run().without(Purpose::OwnFile));
    case("NET004", NearHealthy, "the line is slow for files too", w::slow_everything().run());
    case("NET004", NearHealthy, "a slow line", w::slow_line(Server::Python).run());
    case("NET004", Near("NET006"), "slow at first alone", w::slow_first().run());
    case("NET004", Near("NET003"), "a gateway's late 504", w::gateway_504().run());

    case("NET008", Fires, "Redis is down", w::health_failing().run());
    case("NET008", Clear, "ok", w::health(says(200, r#"{"status":"ok"}"#)).run());
    case("NET008", Unknown, "not asked", w::health_failing().run().without(Purpose::Health));
    case("NET008", Near("NET003"), "the gateway speaks, not the health endpoint", w::app_down_with_health().run());
    case("NET008", NearHealthy, "an index page says nothing of health", w::chainlit_without_health().run());

    case("PATH003", Fires, "polling alone", World::plain(Server::PythonPolling).run());
    case("PATH003", Fires, "WebSocket alone, node", World::plain(Server::NodeWebsocket).run());
    case("PATH003", Fires, "WebSocket alone, python", World::plain(Server::PythonWebsocket).run());
    case("PATH003", Fires, "threads without a WebSocket library", World::plain(Server::PythonWsgi).run());
    case("PATH003", Clear, "both", healthy());
    case("PATH003", Near("WS001"), "offered, and it fails", w::stripped(Server::Python).run());
    case("PATH003", Near("POLL001"), "blocked, and not by the engine", w::polling_blocked().run());

    case("ENV001", Fires, "hidden in mid-run", w::tab_hidden().run());
    case("ENV001", Fires, "hidden from the start", World::plain(Server::Python).with(|w| w.environment = Environment { hidden: true, ..w.environment.clone() }).run());
    case("ENV001", Clear, "in view", healthy());
    case("ENV001", Unknown, "nobody looked", without_environment(&healthy()));
    case("ENV001", NearHealthy, "it came into view", World::plain(Server::Python).incident(10, Fact::Visibility { hidden: false }).run());
    all
}

#[test]
fn each_rule_says_what_its_cases_say() {
    let mut wrong = Vec::new();
    for Case { code, kind, name, run } in cases() {
        let profile = run.profile.redacted();
        let survey = Survey::of(&profile, &run.evidence);
        let asked = |code: &str| (by_code(code).unwrap().check)(&survey);
        let said = asked(code);
        let right = match kind {
            Fires => matches!(said, Outcome::Fires(_)),
            Clear => said == Outcome::Clear,
            Unknown => matches!(said, Outcome::Unknown { .. }),
            Near(other) => {
                let folded = by_code(other).unwrap().explains.iter().any(|c| *c == code || *c == "*");
                (folded || !matches!(said, Outcome::Fires(_))) && matches!(asked(other), Outcome::Fires(_)) && !run.causes().contains(&code.to_owned())
            }
            NearHealthy => !matches!(said, Outcome::Fires(_)) && run.causes().is_empty() && run.report().verdict != Verdict::Broken,
        };
        if !right {
            let other = if let Near(other) = kind { format!(", {other}: {:?}", asked(other)) } else { String::new() };
            wrong.push(format!("{code} {kind:?} “{name}”: {said:?}{other}\n{}", run.told()));
        }
    }
    assert!(wrong.is_empty(), "{} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_a_case_where_it_fires_one_where_it_is_clear_and_a_neighbour() {
    let cases = cases();
    for rule in RULES {
        let has = |wanted: fn(&Kind) -> bool| cases.iter().any(|c| c.code == rule.code && wanted(&c.kind));
        assert!(has(|k| *k == Fires), "{} never fires in a test", rule.code);
        assert!(has(|k| *k == Clear), "{} is never clear in a test", rule.code);
        assert!(has(|k| matches!(k, Near(_) | NearHealthy)), "{} has no neighbour in a test", rule.code);
    }
    for case in &cases {
        assert!(by_code(case.code).is_some(), "{} is no rule", case.code);
    }
}

/// A rule that can answer Unknown in its source has a case where it does.
#[test]
fn every_rule_that_can_leave_a_question_open_has_a_case_where_it_does() {
    let cases = cases();
    for rule in RULES {
        let file = format!("{}/src/rules/{}_{}.rs", env!("CARGO_MANIFEST_DIR"), rule.code.to_ascii_lowercase(), rule.name.replace('-', "_"));
        let source = std::fs::read_to_string(&file).unwrap();
        let can = source.contains("Outcome::Unknown {");
        let does = cases.iter().any(|c| c.code == rule.code && c.kind == Unknown);
        assert!(!can || does, "{} can leave a question open, and no case shows it", rule.code);
    }
}

/// Codes of the catalogue that no rule of this version has, which a rule may name already.
const NOT_BUILT: [&str; 12] = ["SES001", "SES002", "SES004", "WS005", "WS006", "WS007", "WS008", "WS010", "POLL002", "POLL004", "CORS002", "CORS003"];

#[test]
fn what_explains_what_names_known_codes_and_runs_in_no_circle() {
    for rule in RULES {
        for code in rule.explains {
            assert!(*code == "*" || by_code(code).is_some() || NOT_BUILT.contains(code), "{} explains {code}, which nobody knows", rule.code);
            assert!(*code != rule.code, "{} explains itself", rule.code);
        }
    }
    let mut circles = Vec::new();
    for rule in RULES {
        let mut reached: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = rule.explains.to_vec();
        while let Some(code) = open.pop() {
            if code == "*" || reached.contains(&code) {
                continue;
            }
            reached.push(code);
            open.extend(by_code(code).map_or(&[][..], |r| r.explains));
        }
        if reached.contains(&rule.code) {
            circles.push(rule.code);
        }
    }
    assert!(circles.is_empty(), "explain each other in a circle: {circles:?}");
}
