//! Rule by rule: a case where it fires, one where it is clear, one where it leaves the question open, and the closest
//! neighbour that it must not be taken for.

use std::sync::LazyLock;

use connection_doctor::diagnose::Verdict;
use connection_doctor::evidence::{Environment, Exchange, Fact, Purpose, SocketLife, SocketPurpose};
use connection_doctor::rules::{Confidence, Outcome, RULES, Severity, by_code};
use connection_doctor::survey::Survey;

use crate::harness::{
    APP_SERVICE_CUT, APP_SERVICE_STOPPED, AZURE_GONE, CHAT_PAGE, CHROME, FIREFOX, FORBIDDEN_PAGE, HAPROXY_503, HAPROXY_504, LOGIN_PAGE, MAINTENANCE, NGINX_502,
    NGINX_503, NGROK_GONE, RAILWAY_GONE, Run, Server, VERCEL_GONE, Worker, World, closed, deadline, refused, says,
};
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
    /// It fires as a remark (Info), and nothing above that is found at all.
    Remark,
}
use Kind::{Clear, Fires, Near, NearHealthy, Remark, Unknown};

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

fn facts(run: &Run, wanted: impl Fn(&Fact) -> bool) -> Run {
    run.only(|o| wanted(&o.fact))
}

fn without_cookies(run: &Run) -> Run {
    facts(run, |f| !matches!(f, Fact::Cookies(_)))
}

fn without_storage(run: &Run) -> Run {
    facts(run, |f| !matches!(f, Fact::Storage(_)))
}

fn without_workers(run: &Run) -> Run {
    facts(run, |f| !matches!(f, Fact::Workers(_)))
}

/// Cut after the first words of an engine.
fn up_to_the_engine(run: &Run) -> Run {
    let (last, _) = run.evidence.exchanges().find(|(_, x)| x.engine().is_engine()).unwrap();
    run.cut(last as usize)
}

/// The server's script was asked for once.
fn one_look_at_the_script(run: &Run) -> Run {
    let first = std::cell::Cell::new(true);
    facts(run, |f| !matches!(f, Fact::Exchange(x) if x.purpose == Purpose::ScriptNow) || first.replace(false))
}

/// The first answer with a stamp alone.
fn one_stamp(run: &Run) -> Run {
    let first = std::cell::Cell::new(true);
    facts(run, |f| !matches!(f, Fact::Exchange(x) if x.response().is_some_and(|r| r.clock_offset.is_some())) || first.replace(false))
}

/// Of the exchanges that are such the first so many alone.
fn first_of(run: &Run, limit: usize, such: impl Fn(&Exchange) -> bool) -> Run {
    let left = std::cell::Cell::new(limit);
    run.only(|o| match &o.fact {
        Fact::Exchange(x) if such(x) => left.replace(left.get().saturating_sub(1)) > 0,
        _ => true,
    })
}

fn posts(run: &Run, limit: usize) -> Run {
    first_of(run, limit, |x| x.method == "POST")
}

fn polls(run: &Run, limit: usize) -> Run {
    first_of(run, limit, |x| x.purpose == Purpose::Poll)
}

/// All of them, made once: each is a run through a world.
fn cases() -> &'static [Case] {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(all_cases);
    &CASES
}

#[rustfmt::skip]
fn all_cases() -> Vec<Case> {
    let healthy = || w::accepted().run();
    let mut all = Vec::new();
    let mut case = |code, kind, name, run: Run| all.push(Case { code, kind, name, run });

    case("ENV002", Fires, "a browser without WebSocket", w::no_websocket().run());
    case("ENV002", Clear, "a browser that has all", healthy());
    case("ENV002", Unknown, "nobody looked at the browser", without_environment(&healthy()));
    case("ENV002", Near("WS002"), "a WebSocket that the network swallows", w::swallowed().run());

    case("NET001", Fires, "nothing answers, nowhere", w::offline().run());
    case("NET001", Fires, "since the middle of the run nothing answers", w::offline_in_mid_run().run());
    case("NET001", Fires, "nothing answers, and a copy of the chat's page is kept", w::offline_with_a_copy().run());
    case("NET001", Fires, "nothing answers but a service worker", w::offline_behind_a_worker().run());
    case("NET001", Clear, "the page's own server answers", healthy());
    case("NET001", Near("NET002"), "the chat's server alone is away, and a service worker asks the network", w::refused_server().worker(Worker { controls: true, ..Worker::default() }, false).run());
    case("NET001", NearHealthy, "for half a second nothing answers", w::offline_for_a_moment(false).run());
    case("NET001", Unknown, "the page's own server was not asked", w::offline().run().without(Purpose::OwnFile));
    case("NET001", Unknown, "one failed request is no proof", w::offline().run().only(|o| matches!(o.id, 1 | 2)));
    case("NET001", Near("NET002"), "the chat's server alone is away", w::refused_server().run());
    case("NET001", Near("NET011"), "a portal answers for everybody", w::captive_portal().run());

    case("NET011", Fires, "everything is redirected, the page's own script too", w::captive_portal().run());
    case("NET011", Fires, "everything is somebody's page, the page's own script too", w::captive_portal_page().run());
    case("NET011", Fires, "the same, and the browser keeps the chat's page", w::captive_portal_page_and_copies().run());
    case("NET011", Fires, "somebody's page since an engine spoke", w::captive_portal_page_in_mid_run().run());
    case("NET011", Fires, "a redirect since an engine spoke", w::captive_portal_redirect_in_mid_run().run());
    case("NET011", Clear, "it lets through after a moment", w::captive_portal_is_passed().run());
    case("NET011", Clear, "the script is the script", healthy());
    case("NET011", Unknown, "the script was not asked for again", w::captive_portal().run().without(Purpose::OwnFile));
    case("NET011", Unknown, "nothing else was asked", w::captive_portal().run().only(|o| matches!(&o.fact, Fact::Exchange(x) if x.purpose == Purpose::OwnFile)));
    case("NET011", Near("AUTH001"), "the chat alone is redirected", w::login_elsewhere().run());
    case("NET011", Near("PATH001"), "every path but the script's is the chat's page", w::single_page_fallback().run());

    case("SEC001", Fires, "connect-src blocks the server", w::csp().run());
    case("SEC001", Fires, "the page's policy asks for https, where nothing answers", w::policy_lifts_to_https().run());
    case("SEC001", NearHealthy, "the same, and https answers", w::policy_lifts_and_https_answers().run());
    case("SEC001", Clear, "no violation", healthy());
    case("SEC001", NearHealthy, "a policy that only reports", w::csp_report_only().run());
    case("SEC001", NearHealthy, "somebody else's request is blocked", w::stray_violation().run());
    case("SEC001", Near("NET002"), "the server is away, and no policy speaks", w::refused_server().run());

    case("SEC001", Fires, "the chat's own page forbids it, by header", w::chat_policy_forbids().run());
    case("SEC001", Fires, "the chat's own page forbids it, by a meta tag", w::chat_policy_forbids_meta().run());
    case("SEC001", Clear, "the chat's own policy is right", w::chat_policy("default-src 'none'; connect-src 'self'").run());
    case("SEC001", Clear, "the chat's own policy names the server", w::chat_policy("connect-src https://chat.example wss://chat.example").run());
    case("SEC001", Remark, "a front page that connects to nothing", w::front_page_that_connects_to_nothing().run());
    case("SEC001", Fires, "a page that nobody named, and that names other servers to connect to", w::front_page_of_a_chat().run());
    case("SEC001", Remark, "the strict policy of a front page that nobody named", w::front_page_policy().run());
    case("SEC001", Fires, "a page that nobody named, whose policy names the server and not its sockets", w::policy_of_a_front_page("connect-src 'self' https://api.example").run());
    case("SEC001", Fires, "the same by another policy than the one that forbids", w::policy_of_a_front_page("connect-src 'self' https://api.example wss://api.example, default-src 'self'").run());
    case("SEC001", Remark, "its policy names another server", w::policy_of_a_front_page("connect-src 'self' https://other.example").run());
    case("SEC001", Remark, "its policy names the server's sockets alone", w::policy_of_a_front_page("connect-src 'self' wss://api.example").run());
    case("SEC001", Fires, "two policies that allow one way each", w::two_policies_of_one_each().run());
    case("SEC001", NearHealthy, "a policy in the body", w::policy_in_the_body().run());
    case("SEC001", NearHealthy, "a policy without the WebSockets that the server does not have", w::policy_before_polling_alone().run());

    case("SEC002", Fires, "ws: on an https page", w::mixed_content().run());
    case("SEC002", Fires, "an http: server on an https page", w::mixed_server().run());
    case("SEC002", Clear, "wss: on an https page", w::raw().run());
    case("SEC002", Unknown, "nobody looked at the page", without_environment(&w::mixed_content().run()));
    case("SEC002", Unknown, "nothing was tried", w::mixed_content().run().cut(1));
    case("SEC002", NearHealthy, "an insecure socket to this device", w::insecure_loopback().run());
    case("SEC002", Near("NET002"), "http: on an http: page", w::refused_server().run());

    case("COOK003", Fires, "400 with cookies, an engine without", w::cookies_too_large().run());
    case("COOK003", Fires, "HAProxy's 400", w::cookies_too_large_haproxy().run());
    case("COOK003", Fires, "Node's empty 431", w::cookies_too_large_node().run());
    case("COOK003", Fires, "over HTTP/2 every request with them is reset", w::cookies_too_large_h2().run());
    case("COOK003", Clear, "polling says hello", healthy());
    case("COOK003", Unknown, "not asked without cookies", w::cookies_too_large().run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.credentials == "omit")));
    case("COOK003", Unknown, "over HTTP/2, and one request with cookies alone", w::cookies_too_large_h2().run().without(Purpose::Companion).without(Purpose::OriginProbe).without(Purpose::Repeat));
    case("COOK003", Near("NET001"), "the connection was lost after the first answer", w::offline_in_mid_run().run());
    case("COOK003", NearHealthy, "the server went away after the first answer", { let run = w::away_since_the_first_answer().run(); run.only(|o| !matches!(&o.fact, Fact::Socket(_))) });
    case("COOK003", Near("CORS002"), "another origin, and * with credentials", w::cors_wildcard_credentials().run());
    case("COOK003", Near("AUTH002"), "401 with and without", w::signed_out().run());
    case("COOK003", Near("PATH001"), "400 for everybody", w::bad_request_for_everybody().run());
    case("COOK003", Near("COOK005"), "503 with cookies", w::cookie_to_gone_instance(503).run());

    case("COOK005", Fires, "503 with cookies, an engine without", w::cookie_to_gone_instance(503).run());
    case("COOK005", Fires, "502 with cookies", w::cookie_to_gone_instance(502).run());
    case("COOK005", Clear, "an engine answers with cookies", healthy());
    case("COOK005", Unknown, "not asked once more without cookies", w::cookie_to_gone_instance(503).run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.credentials == "omit" && x.started > 100)));
    case("COOK005", Unknown, "nothing with cookies after that", w::cookie_to_gone_instance(503).run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.credentials != "omit" && x.started > 150)));
    case("COOK005", Near("NET003"), "without cookies it fails as well, since it went", w::gone_for_everybody().run());
    case("COOK005", Near("NET003"), "502 for everybody", w::gateway_502().run());
    case("COOK005", Near("COOK003"), "400 with cookies", w::cookies_too_large().run());
    case("COOK005", Near("NET007"), "now and then", w::intermittent().run());
    case("COOK005", Near("NET006"), "a server that wakes up", w::cold_start().run());

    case("COOK001", Fires, "no kind is kept", w::cookies_blocked().run());
    case("COOK001", Fires, "no kind is kept, and nobody is signed in", w::cookies_blocked_signed_out().run());
    case("COOK001", Clear, "all kinds are kept", healthy());
    case("COOK001", Unknown, "nobody tried", without_cookies(&w::cookies_blocked().run()));
    case("COOK001", Near("COOK002"), "in a frame of another site", w::third_party_blocked_firefox().run());
    case("COOK001", Near("SEC005"), "in a sandboxed frame", w::sandboxed_frame().run());
    case("COOK001", Near("STO001"), "storage alone is forbidden", w::storage_blocked().run());
    case("COOK001", NearHealthy, "an insecure page keeps what insecure pages can", w::insecure().run());

    case("COOK002", Fires, "storage is blocked with the cookies", w::frame_without_storage().run());
    case("COOK002", Fires, "nobody is signed in, and partitioned ones alone are kept", w::third_party_blocked().run());
    case("COOK002", Fires, "none is kept", w::third_party_blocked_firefox().run());
    case("COOK002", Remark, "partitioned ones alone are kept, and nothing suffers", w::frame_partitioned().run());
    case("COOK002", Clear, "no frame", healthy());
    case("COOK002", Clear, "a frame of the same site", w::frame_same_site().run());
    case("COOK002", Unknown, "nobody tried", without_cookies(&w::third_party_blocked().run()));
    case("COOK002", Unknown, "an insecure page keeps no such cookie anywhere", w::frame_insecure().run());
    case("COOK002", Near("COOK001"), "no frame, and none is kept", w::cookies_blocked().run());
    case("COOK002", Near("SEC005"), "a sandboxed frame", w::sandboxed_frame().run());
    case("COOK002", NearHealthy, "Firefox keeps them in a jar of the frame's own", w::frame_firefox().run());
    case("COOK002", NearHealthy, "the frame has leave", w::frame_partitioned().holds(|h| h.cookies.storage_access = Some(true)).run());

    case("COOK004", Fires, "it does not come back", w::cookie_not_kept().run());
    case("COOK004", Clear, "it comes back", w::help().run());
    case("COOK004", Clear, "no endpoint is named", healthy());
    case("COOK004", Unknown, "asked once", w::cookie_not_kept().run().without(Purpose::HelpAgain));
    case("COOK004", Unknown, "another page answers there", w::help_elsewhere().run());
    case("COOK004", Unknown, "nobody looked whether this browser keeps any", without_cookies(&w::cookie_not_kept().run()));
    case("COOK004", Near("COOK002"), "in a frame of another site that keeps none but partitioned ones", w::frame_loses_the_chats_cookie().run());
    case("COOK004", Near("COOK001"), "the browser keeps none at all", w::cookies_blocked_with_help().run());

    case("STO001", Fires, "SecurityError", w::storage_blocked().run());
    case("STO001", Fires, "no localStorage at all", World::plain(Server::Node).holds(|h| h.storage.areas[0].how = "missing".to_owned()).run());
    case("STO001", Clear, "all works", healthy());
    case("STO001", Unknown, "nobody tried", without_storage(&w::storage_blocked().run()));
    case("STO001", Near("STO002"), "no room is no ban", w::storage_full().run());
    case("STO001", Near("COOK001"), "cookies are forbidden with it", w::cookies_blocked().run());
    case("STO001", Near("COOK002"), "in a frame of another site", w::third_party_blocked_firefox().run());
    case("STO001", Near("SEC005"), "in a sandboxed frame", w::sandboxed_frame().run());

    case("STO002", Fires, "QuotaExceededError", w::storage_full().run());
    case("STO002", Fires, "QuotaExceededError, by what the chat keeps", w::storage_full_by_the_chat().run());
    case("STO002", Fires, "Firefox's old name for it", w::storage_full_firefox().run());
    case("STO002", Fires, "98 % of the quota", w::quota_used_up().run());
    case("STO002", Fires, "Cache Storage fills it", w::quota_used_up_by_caches().run());
    case("STO002", Clear, "all works", healthy());
    case("STO002", Unknown, "nobody tried", without_storage(&w::storage_full().run()));
    case("STO002", Near("STO001"), "a ban is no want of room", w::storage_blocked().run());
    case("STO002", NearHealthy, "half of the quota", World::plain(Server::Node).holds(|h| (h.storage.usage, h.storage.quota) = (Some(500), Some(1_000))).run());

    case("CACHE001", Fires, "the worker gives an old copy", w::old_worker().run());
    case("CACHE001", Fires, "to navigations alone", w::old_worker_of_pages().run());
    case("CACHE001", Fires, "for the chat's folder alone", w::old_worker_of_a_folder().run());
    case("CACHE001", Remark, "an older page is stored, and whether it is shown can't be seen", w::old_worker_unseen().run());
    case("CACHE001", Near("CACHE002"), "the worker passes everything on", w::stale_shell_and_a_worker_that_asks().run());
    case("CACHE001", Remark, "a newer one waits", w::waiting_worker().run());
    case("CACHE001", Remark, "a newer one is being set up", w::worker_being_renewed().run());
    case("CACHE001", NearHealthy, "the worker renews itself while it is looked at", w::worker_that_renews_itself().run());
    case("CACHE001", Clear, "no worker", healthy());
    case("CACHE001", Clear, "the worker's copy is the server's", w::current_worker().run());
    case("CACHE001", Clear, "the worker asks the network", w::worker_that_asks().run());
    case("CACHE001", Unknown, "nobody looked for workers", without_workers(&w::old_worker().run()));
    case("CACHE001", Unknown, "the worker takes any query for the same page", w::old_worker_that_knows_any_query().run());
    case("CACHE001", NearHealthy, "an extension writes into every frame", w::worker_and_extension().run());
    case("CACHE001", Near("CACHE002"), "the browser's own copy", w::stale_shell().run());
    case("CACHE001", NearHealthy, "each page names another number, and the worker asks the network", w::each_page_another().worker(Worker { controls: true, ..Worker::default() }, false).run());
    case("CACHE001", NearHealthy, "the same, for navigations alone", w::each_page_another().worker(Worker { navigations_alone: true, ..Worker::default() }, false).run());
    case("CACHE001", NearHealthy, "the same page in its own words", w::dynamic_shell().worker(Worker { controls: true, ..Worker::default() }, false).run());

    case("CACHE002", Fires, "an old copy is shown", w::stale_shell().run());
    case("CACHE002", Fires, "an old copy, older than what the server answers", w::stale_shell_of_before().run());
    case("CACHE002", Fires, "of a second ago", w::stale_shell_of_a_moment_ago().run());
    case("CACHE002", NearHealthy, "the same in WebKit, which may have asked the server", w::stale_shell_of_a_moment_ago().with(|w| w.environment.user_agent = SAFARI.to_owned()).run());
    case("CACHE002", Fires, "an older one in WebKit", w::stale_shell_of_before().with(|w| w.environment.user_agent = SAFARI.to_owned()).run());
    case("CACHE002", NearHealthy, "the server itself gave that page in this run", w::released_where_nothing_is_kept().run());
    case("CACHE002", Fires, "an old copy of a page without scripts", w::stale_text().run());
    case("CACHE002", Fires, "an old copy of an application that tells its release", w::stale_open_webui().run());
    case("CACHE002", Fires, "an error is kept", w::stored_error().run());
    case("CACHE002", Fires, "a redirect is kept that leads nowhere", w::stored_redirect().run());
    case("CACHE002", Clear, "the error is the server's", w::error_of_now().run());
    case("CACHE002", Clear, "an error, and the server's page was seen once", w::stored_error().run().without(Purpose::ChatPage));
    case("CACHE002", Remark, "another theme", w::another_theme().run());
    case("CACHE002", Near("NET011"), "somebody else's page comes for the server's", w::captive_portal_page_and_copies().run());
    case("CACHE002", Near("NET011"), "the same since an engine spoke", w::captive_portal_page_in_mid_run().run());
    case("CACHE002", Clear, "nothing is kept", healthy());
    case("CACHE002", Clear, "the copy is the server's", World::plain(Server::Node).keeps("/", says(200, crate::harness::CHAT_PAGE), true).run());
    case("CACHE002", Unknown, "the server was not asked", w::stale_shell().run().without(Purpose::ShellNow));
    case("CACHE002", Unknown, "a page that is never the same twice", w::each_page_another().keeps("/", says(200, crate::harness::OLD_PAGE), true).run());
    case("CACHE002", Near("CACHE001"), "a worker keeps it", w::old_worker().run());
    case("CACHE002", Fires, "through a worker that passes everything on", w::stale_shell_and_a_worker_that_asks().run());
    case("CACHE002", Fires, "strangers see a sign-in at the same address", w::stale_behind_a_sign_in().run());
    case("CACHE002", Remark, "the page only counts", w::counting_page().run());
    case("CACHE002", Near("CACHE003"), "its scripts are gone besides", w::stale_shell_scripts_gone().run());
    case("CACHE002", Near("AUTH001"), "the session ran out: a page to sign in is no new release", w::signed_out_with_a_kept_page().run());
    case("CACHE002", NearHealthy, "a kept copy that the server is asked about first", w::revalidated_shell().run());
    case("CACHE002", NearHealthy, "another text each time, and the same script", w::dynamic_shell().run());
    case("CACHE002", NearHealthy, "scripts that are kept for a year", w::hashed_scripts().run());
    case("CACHE002", Fires, "an old copy of a script whose name stays", w::stale_script().run());
    case("CACHE002", Clear, "the server's script was seen once", one_look_at_the_script(&w::stale_script().run()));
    case("CACHE002", NearHealthy, "a script that is never the same twice", w::script_written_anew().run());
    case("CACHE002", NearHealthy, "a kept script that is the server's", w::kept_script_of_now().run());

    case("CACHE003", Fires, "the old copy's script is gone", w::stale_shell_scripts_gone().run());
    case("CACHE003", Fires, "the old copy's script is answered with the page", w::stale_shell_scripts_replaced().run());
    case("CACHE003", Fires, "the server's own page names one that is answered with the page", w::scripts_missing().run());
    case("CACHE003", Fires, "a module is gone", w::module_missing().run());
    case("CACHE003", Fires, "a tab that was open before the release", w::open_before_the_release().run());
    case("CACHE003", Fires, "two releases in turn, whose modules are preloaded and imported", w::two_releases_in_turn().run());
    case("CACHE003", Fires, "a module that is preloaded and imported is gone", w::kit_module_missing().run());
    case("CACHE003", NearHealthy, "what only a comment and data name is gone", w::kit_page_with_leftovers().run());
    case("CACHE003", Near("CACHE002"), "a copy whose modules are there still", w::stale_kit_page().run());
    case("CACHE003", Fires, "a shared cache keeps the page", w::page_of_a_shared_cache().run());
    case("CACHE003", Clear, "all scripts are there", healthy());
    case("CACHE003", Unknown, "the page that names them was not seen", w::scripts_missing().run().without(Purpose::Shell));
    case("CACHE003", Unknown, "the server's page of now was not asked for", w::scripts_missing().run().without(Purpose::ShellNow));
    case("CACHE003", Unknown, "a page that is never the same twice", w::each_page_another().keeps("/", says(200, crate::harness::OLD_PAGE), true).page("/app-old.js", says(404, "Not Found")).run());
    case("CACHE003", Near("CACHE002"), "the old copy's scripts are there still", w::stale_shell().run());
    case("CACHE003", NearHealthy, "the scripts are behind a sign-in", w::scripts_behind_a_sign_in().run());
    case("CACHE003", Fires, "a module of another type", w::module_mistyped().run());
    case("CACHE003", Near("CACHE001"), "a worker keeps the old page", w::old_worker_of_pages().run());
    case("CACHE003", Near("AUTH001"), "the session ran out, and the old copy's scripts ask to sign in", w::signed_out_with_a_kept_page().page("/app-old.js", says(200, crate::harness::LOGIN_PAGE).redirected_to("/login")).run());
    case("CACHE003", NearHealthy, "an optional script beside a module", w::optional_script_missing().run());
    case("CACHE003", NearHealthy, "an optional script beside what stands in the page", w::optional_script_missing_inline().run());
    case("CACHE003", NearHealthy, "an optional script of an open page", w::optional_script_missing_embedded().run());

    case("SEC003", Remark, "an insecure page", w::insecure().run());
    case("SEC003", Clear, "a secure one", healthy());
    case("SEC003", Unknown, "nobody looked at the page", without_environment(&healthy()));
    case("SEC003", NearHealthy, "http: to this device is secure", World::plain(Server::Node).with(|w| w.environment.scheme = "http:".to_owned()).run());

    case("SEC004", Fires, "Chromium, a server inside", w::local_network_chromium().run());
    case("SEC004", Fires, "Firefox, a server inside", w::local_network_firefox().run());
    case("SEC004", Fires, "Chromium, a raw WebSocket inside", w::local_network_raw().run());
    case("SEC004", Near("NET009"), "a raw WebSocket inside that resets", w::local_network_raw().holds(|h| h.forbids_server = false).run());
    case("SEC004", Clear, "one origin", healthy());
    case("SEC004", Clear, "another origin that answers, whatever the permission says", World::of(Server::Node, r#"{"server":"https://hub.internal","socket-path":"/socket.io/"}"#).run());
    case("SEC004", Near("NET002"), "a server inside that is away", w::inside_and_away().run());
    case("SEC004", Near("NET009"), "a server inside that resets", w::local_network_chromium().holds(|h| h.forbids_server = false).run());
    case("SEC004", Near("CORS001"), "a server inside without CORS", w::not_allowed_inside().run());
    case("SEC004", Near("NET009"), "a public server that forbids to be embedded", w::resource_policy().run());
    case("SEC004", Near("SEC001"), "the page's policy blocks it", w::csp().run());

    case("SEC005", Fires, "the origin is opaque", w::sandboxed_frame().run());
    case("SEC005", Fires, "the origin is opaque, and the own files are not readable", w::sandboxed_frame_without_files().run());
    case("SEC005", Clear, "no frame", healthy());
    case("SEC005", Unknown, "nobody looked at the page", without_environment(&w::sandboxed_frame().run()));
    case("SEC005", Near("COOK002"), "a frame of another site without a sandbox", w::third_party_blocked().run());

    case("SEC006", Fires, "the path is blocked", w::filter().run());
    case("SEC006", Fires, "the path is blocked, at a server of another origin", w::filter_elsewhere().run());
    case("SEC006", Fires, "over http, where the network may be it", w::filter_of_http().run());
    case("SEC006", Clear, "the path is answered", healthy());
    case("SEC006", Near("NET002"), "the server resets the path", w::path_reset().run());
    case("SEC006", Near("NET009"), "the server is away", w::certificate(CHROME, 1006).run());
    case("SEC006", Near("COOK003"), "cookies too large over HTTP/2", w::cookies_too_large_h2().run());
    case("SEC006", Near("POLL001"), "polling alone is rejected", w::polling_rejected().run());

    case("CORS002", Fires, "a chat with cookies", w::cors_wildcard_credentials().run());
    case("CORS002", Remark, "a chat without cookies", w::cors_wildcard().run());
    case("CORS002", Remark, "a server of WebSockets alone, which CORS does not concern", w::websocket_alone_and_wildcard().run());
    case("CORS003", Remark, "a server of WebSockets alone, which is never asked before", w::websocket_alone_and_no_preflight().run());
    case("CORS006", Fires, "* for a chat with cookies, to which it is a name", w::exposed_by_a_wildcard(false).run());
    case("CORS006", Clear, "by its name for a chat with cookies", w::exposed_by_a_wildcard(true).run());
    case("COOK003", Fires, "an application's own 400 to a cookie", w::cookie_refused_by_the_application().run());
    case("COOK003", Fires, "431 before a raw WebSocket", w::raw_cookies_too_large().run());
    case("WS002", Near("COOK003"), "the same: it is what the cookies met", w::raw_cookies_too_large().run());
    case("COOK003", Fires, "a raw WebSocket alone fails, with cookies of nine thousand characters", w::raw_stripped_with_cookies(9_000).run());
    case("COOK003", Near("WS001"), "a raw one, with cookies of three thousand", w::raw_stripped_with_cookies(3_000).run());
    case("CACHE003", Fires, "a module that is preloaded alone", w::hinted_module_missing().run());
    case("CACHE003", Fires, "the same, and imported", w::hinted_module_imported().run());
    case("COOK002", Fires, "and the socket's path refuses", w::third_party_blocked_and_barred().run());
    case("CACHE001", Remark, "WebKit looks past the worker, which holds an older page", w::old_worker_webkit().run());
    case("CACHE001", Remark, "the same of a run that did not ask the frame", w::old_worker_webkit_untold().run());
    case("CACHE001", Remark, "the frame says that it went past the worker", w::old_worker_past_the_frame().run());
    case("CACHE001", Clear, "WebKit, whose frame is the worker's", w::asking_worker_webkit().run());
    case("COOK003", Fires, "the endpoint tells of cookies that no page can read", w::cookies_too_large_by_the_endpoint(5_000).run());
    case("COOK003", Near("WS001"), "and of small ones", w::cookies_too_large_by_the_endpoint(500).run());
    case("COOK003", Clear, "400 to one request with cookies, and others pass", w::refused_after_a_while(400).run());
    case("COOK003", Fires, "431 to one of them", w::refused_after_a_while(431).run());
    case("COOK003", Fires, "of another origin, nothing with cookies passes, of which there are many", w::cookies_too_large_elsewhere(9_000).run());
    case("COOK003", Near("CORS002"), "of another origin, with few", w::cookies_too_large_elsewhere(900).run());
    case("CORS002", Fires, "and no WebSocket opens either", w::cookies_too_large_elsewhere(900).run());
    case("CACHE003", NearHealthy, "a module of a branch is gone", w::module_of_a_branch_missing().run());
    case("SEC005", Fires, "by the page's own policy", w::sandboxed_by_policy().run());
    case("SEC005", Fires, "opened as a file", w::sandboxed_by_policy().with(|w| w.environment.scheme = "file:".to_owned()).run());
    case("CORS002", Clear, "one origin", healthy());
    case("CORS002", Clear, "with cookies it is answered too", World::of(Server::Node, r#"{"server":"https://api.example","socket-path":"/socket.io/","credentials":"include"}"#).run());
    case("CORS002", Unknown, "not asked with cookies", w::cors_wildcard_credentials().run().without(Purpose::Credentialed).only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.credentials == "include")));
    case("CORS002", Near("CORS001"), "not readable without cookies either", w::not_allowed().run());
    case("CORS002", NearHealthy, "one request with cookies was lost, the next was answered", w::one_request_lost().run().only(|o| !matches!(&o.fact, Fact::Socket(s) if s.purpose == SocketPurpose::Upgrade)));

    case("CORS003", Fires, "a chat with a header of its own", w::preflight_refused().run());
    case("CORS003", Remark, "a chat without", w::preflight_refused_unasked().run());
    case("CORS003", Fires, "with cookies, for which * is no name", w::preflight_refused_with_cookies().run());
    case("CORS003", Near("CORS002"), "nothing with cookies is readable", w::nothing_with_cookies().run());
    case("CORS003", Clear, "one origin", healthy());
    case("CORS003", Unknown, "not asked with the header", w::preflight_refused().run().without(Purpose::Preflighted));
    case("CORS003", Unknown, "a server that fails at times", w::preflight_lost_among_others().run());
    case("CORS003", Near("CORS001"), "not readable without the header either", w::not_allowed().run());

    case("CORS006", Fires, "not among the headers of any answer", w::header_not_exposed().run());
    case("CORS006", Clear, "no header is asked for", healthy());
    case("CORS006", Clear, "it is there", World::of(Server::Node, r#"{"server":"https://api.example","socket-path":"/socket.io/","response-headers":"x-request-id"}"#).http(|ask, usual| if ask.cross { usual.header("x-request-id", "k2") } else { usual }).run());
    case("CORS006", Unknown, "nothing is readable", w::header_not_exposed_and_nothing_readable().run());
    case("CORS006", Near("CORS001"), "no answer is readable at all", w::header_not_exposed_and_nothing_readable().run());

    case("CORS007", Fires, "rejected from the cache, answered past it", w::poisoned_cache().run());
    case("CORS007", Fires, "the answer of the health endpoint", w::poisoned_health().run());
    case("CORS007", Fires, "a copy of a request with cookies", w::poisoned_cache_with_cookies(false).run());
    case("CORS007", NearHealthy, "with cookies it can't be read at all there", w::poisoned_cache_with_cookies(true).run());
    case("CORS007", Unknown, "not asked with cookies past the copies", w::poisoned_cache_with_cookies(false).run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.purpose == Purpose::ServerKept && x.cache.is_empty())));
    case("CORS007", Clear, "one origin", healthy());
    case("CORS007", Clear, "the kept answer is readable", World::of(Server::Node, r#"{"server":"https://api.example","socket-path":"/socket.io/"}"#).keeps("/", says(200, "ok"), true).run());
    case("CORS007", Unknown, "not asked past the cache", w::poisoned_cache().run().without(Purpose::Server));
    case("CORS007", Unknown, "a server that fails at times", w::fails_now_and_then().run());
    case("CORS007", Near("CORS001"), "past the cache it is rejected too", w::not_allowed().run());
    case("CORS007", Near("SEC001"), "the page's policy blocks it", w::csp().run());

    case("AUTH003", Fires, "the server says that the token expired", w::sign_in_expired().run());
    case("AUTH003", Fires, "the token's own date says so", w::sign_in_expired_by_its_date().run());
    case("AUTH003", Fires, "a token is refused without a word", w::sign_in_refused_in_silence().run());
    case("AUTH003", Fires, "the server speaks of an invalid token", w::signature_refused().run());
    case("AUTH003", Fires, "a token of the future", w::token_not_active().run());
    case("AUTH003", Fires, "one sentence for all, and the token is valid by its date", w::other_secret().run());
    case("AUTH003", Fires, "one sentence for all, and the token names no end", w::other_secret_of_an_endless_token().run());
    case("AUTH003", Fires, "taken, then refused", w::secrets_of_replicas(false).run());
    case("AUTH003", Fires, "refused, then taken", w::secrets_of_replicas(true).run());
    case("AUTH003", NearHealthy, "refused, then taken: the chat renewed it", w::renewed_between_two_looks().run());
    case("AUTH003", Fires, "a cookie that is refused the fourth time", w::cookies_of_replicas_later().run());
    case("AUTH002", Unknown, "somebody signs out meanwhile", w::signs_out_meanwhile().run());
    case("AUTH002", Unknown, "somebody signs out meanwhile, and the channel is refused", w::signs_out_meanwhile_and_is_refused().run());
    case("AUTH002", Fires, "signed in, and the channel is refused", w::cookies_do_not_reach_the_socket().run());
    case("SIO002", Unknown, "signed in, and nobody joined", w::chainlit_signed_in().run());
    case("SIO002", Clear, "nobody has to sign in, and nobody joined", w::chainlit_without_sign_in().run());
    case("AUTH003", Clear, "signed in", w::signed_in_by_token().run());
    case("AUTH003", Clear, "nobody asked who it is", healthy());
    case("AUTH003", Unknown, "what it says to everybody was not asked", w::sign_in_expired().run().without(Purpose::UserWithout));
    case("AUTH003", NearHealthy, "it says so to everybody", w::expired_for_everybody().run());
    case("AUTH003", Near("AUTH002"), "nobody is signed in", w::signed_out().run());
    case("AUTH003", Near("POLL001"), "signed in, and a filter refuses long-polling", w::polling_blocked_and_signed_in().run());
    case("AUTH003", NearHealthy, "nobody is signed in at Chainlit", w::chainlit_signed_out().run());
    case("AUTH003", NearHealthy, "a draft is no sign-in", w::signed_out_with_a_draft().run());
    case("AUTH003", NearHealthy, "a token that is not sent to a server of another origin", w::token_of_a_server_elsewhere().run());
    case("AUTH003", Near("AUTH002"), "a token that was not sent to who refuses", w::gateway_refuses_and_a_token_is_there().run());
    case("AUTH003", Near("AUTH004"), "the clock is what is wrong", w::skew_and_refused().run());

    case("AUTH004", Fires, "an hour apart", w::clock_skew().run());
    case("AUTH004", Remark, "a minute and a half", World::plain(Server::Node).clock(|_| Some(90)).run());
    case("AUTH004", Clear, "on time", healthy());
    case("AUTH004", Unknown, "one answer alone", one_stamp(&w::clock_skew().run()));
    case("AUTH004", Fires, "the application's time is another than that of the files and of this device", w::two_clocks().run());
    case("AUTH004", Unknown, "two servers of two times", w::two_clocks_at_the_path().run());
    case("AUTH004", Remark, "files alone, which may be old copies", w::frozen_files().run());
    case("AUTH004", NearHealthy, "a cache on the way stamps its copies anew and tells their age too", w::cdn_with_age().run());
    case("AUTH004", NearHealthy, "copies of a worker are old, and the clock is right", w::old_worker().run().only(|o| !matches!(&o.fact, Fact::Workers(_))));
    case("AUTH004", Remark, "nobody is signed in, which no clock is to blame for", w::small_skew_signed_out().run());
    case("AUTH004", Near("AUTH003"), "the token expired, and the clock is right", w::sign_in_expired().run());

    case("AUTH001", Fires, "redirected to another origin", w::login_elsewhere().run());
    case("AUTH001", Fires, "redirected to where nothing answers", w::redirected_to_nowhere().run());
    case("AUTH001", Fires, "a sign-in page", w::login_page().run());
    let newsletter = "<!doctype html><title>Chat</title><form method=post action=https://news.example/><input type=hidden name=list value=a><input name=mail></form>";
    case("AUTH001", Fires, "a page that hands the sign-in on", w::page_that_hands_on(crate::harness::SAML_PAGE).run());
    case("AUTH001", Near("PATH001"), "a page with a form for something else", w::page_that_hands_on(newsletter).run());
    case("AUTH001", Clear, "polling says hello", healthy());
    case("AUTH001", Unknown, "the page's own server fails too", w::offline().run());
    case("AUTH001", Near("PATH001"), "the chat's page answers, without a password field", w::single_page_fallback().run());
    case("AUTH001", Near("AUTH002"), "401, and no page to sign in", w::signed_out().run());
    case("AUTH001", Near("CORS001"), "rejected for CORS", w::not_allowed().run());

    case("NET005", Fires, "429 on the socket's path", w::rate_limited().run());
    case("NET005", Fires, "RATE_LIMITED on the channel", w::connect_rate_limited().run());
    case("NET005", Fires, "too many requests, on the channel", w::connect_too_many().run());
    case("AUTH002", Near("NET005"), "the same", w::connect_too_many().run());
    case("NET005", Fires, "a day is asked for", w::rate_limited_long("86400").run());
    case("NET005", Fires, "a date is asked for", w::rate_limited_long("Mon, 23 Nov 2026 02:00:00 GMT").run());
    case("NET005", Fires, "nginx's page in some answers", w::turned_away_at_times(NGINX_503).run());
    case("NET005", Fires, "the page that ingress-nginx has for two causes", w::turned_away_at_times(w::BARE_503).run());
    case("NET006", Fires, "a page that asks to wait, in a quick run", w::splash_until("{}", 1_000).run());
    case("NET006", Fires, "a page that asks to wait, in a full one", w::splash_until(r#"{"depth":"full"}"#, 3_000).run());
    case("PATH001", Near("NET006"), "the same", w::splash_until(r#"{"depth":"full"}"#, 3_000).run());
    case("PATH001", Fires, "a page that asks to wait for ever", w::splash_until("{}", 900_000).run());
    case("PATH005", NearHealthy, "a chat that tells much", w::talkative().run());
    case("NET005", Remark, "429 for our own many questions", w::rate_limited_late().run());
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
    case("NET003", Fires, "503 of a HAProxy behind nginx", w::behind_nginx(503, HAPROXY_503).run());
    case("NET003", Fires, "504 of a HAProxy behind nginx", w::behind_nginx(504, HAPROXY_504).run());
    case("NET003", Fires, "the platform knows no such application, and this page is elsewhere", w::gone_from_its_platform(says(404, AZURE_GONE)).run());
    case("NET003", Near("PATH001"), "the same at the socket's path alone", w::gone_from_its_platform(says(200, CHAT_PAGE)).run());
    case("NET003", Fires, "its platform has stopped the application, and says so by 403", w::stopped_by_its_platform(says(403, APP_SERVICE_STOPPED)).run());
    case("NET003", Fires, "the same at the socket's path alone", w::plain_path(says(403, APP_SERVICE_STOPPED)).run());
    case("NET003", Fires, "the same for this page's own files too", w::stopped_with_this_page(says(403, APP_SERVICE_STOPPED)).run());
    case("NET003", Fires, "a platform that knows no such deployment", w::stopped_by_its_platform(says(404, VERCEL_GONE).header("server", "Vercel")).run());
    case("NET003", Fires, "a page for maintenance", w::stopped_by_its_platform(says(503, MAINTENANCE).header("retry-after", "600")).run());
    case("NET003", Near("PATH001"), "those words without the platform's mark", w::stopped_by_its_platform(says(404, VERCEL_GONE)).run());
    case("NET003", Near("AUTH002"), "another's 403", w::stopped_by_its_platform(says(403, FORBIDDEN_PAGE)).run());
    case("AUTH002", Near("NET003"), "its platform has stopped the application", w::stopped_by_its_platform(says(403, APP_SERVICE_STOPPED)).run());
    let names_its_path = "<!doctype html><title>Chat</title><div id=app></div><script>const socket = io({ path: '/chat/socket.io' });</script>";
    let names_the_root = "<!doctype html><title>Chat</title><div id=app></div><script>io({ transports: ['websocket'] });</script>";
    case("NET003", Fires, "the path that the page names is down, and another application has an engine", w::beside_another_application(names_its_path).run());
    case("NET003", Fires, "the same, and the page names none", w::beside_another_application(CHAT_PAGE).run());
    case("NET003", NearHealthy, "the page's client asks at the usual path", w::beside_another_application(names_the_root).run());
    case("NET003", NearHealthy, "all that nobody takes is answered 502", w::beside_another_application(CHAT_PAGE).page("/ws/socket.io/", says(502, NGINX_502)).run());
    case("NET003", NearHealthy, "404 in the page's folder, and the page names no path", w::beside_another_application(CHAT_PAGE).page("/chat/socket.io/", says(404, "Not Found")).page("/chat/ws/socket.io/", says(404, "Not Found")).run());
    let nothing_there = || w::beside_another_application(names_its_path).page("/chat/socket.io/", says(404, "Not Found")).run();
    case("NET003", Clear, "404 at the path that the page names", nothing_there());
    case("PATH001", Unknown, "404 at the path that the page names, and another application has an engine", nothing_there());
    assert_eq!(nothing_there().report().verdict.word(), "inconclusive");
    case("NET003", Clear, "an engine answers", healthy());
    case("NET003", Near("COOK005"), "502 to this browser's cookies alone", w::cookie_to_gone_instance(502).run());
    case("NET003", Unknown, "no static file to compare with", w::gateway_502().run().without(Purpose::OwnFile));
    case("NET003", Near("NET012"), "the application's own 500", w::server_error().run());
    case("NET003", Near("NET006"), "it woke up", w::cold_start().run());
    case("NET003", Near("NET007"), "now and then", w::intermittent().run());
    case("NET003", Near("NET008"), "health alone says 503", w::health_failing().run());

    case("NET012", Fires, "500 on the socket", w::server_error().run());
    case("NET012", Fires, "nginx's own 500", w::gateway_500().run());
    case("NET012", Fires, "500 without a word", w::silent_500().run());
    case("NET012", Clear, "an engine answers", healthy());
    case("NET012", Unknown, "no static file to compare with", w::server_error().run().without(Purpose::OwnFile));
    case("NET012", Near("NET003"), "502", w::gateway_502().run());

    case("PATH004", Fires, "the page tells /chat, and the engine is at the root", w::prefix_mismatch().run());
    case("PATH004", Clear, "the page tells where the engine is", w::chainlit_signed_out().run());
    case("PATH004", Fires, "a page below a prefix that it does not know", w::chainlit_below_a_prefix_that_it_does_not_know().run());
    case("PATH004", NearHealthy, "a page below its prefix", w::chainlit_below_a_prefix().run());
    case("PATH004", Unknown, "an engine below a prefix, and no page", w::chainlit_below_a_prefix().page("/assist/", says(404, "Not Found")).run());
    case("PATH004", Unknown, "Chainlit, and its page was not asked", w::prefix_mismatch().run().without(Purpose::ChatPage));
    case("PATH004", Near("PATH001"), "no page tells a prefix", w::wrong_path().run());

    case("PATH001", Fires, "the engine is elsewhere", w::wrong_path().run());
    case("PATH001", Fires, "the index page answers", w::single_page_fallback().run());
    case("PATH001", Fires, "404", w::not_found().run());
    case("PATH001", Fires, "a page without a date, where a worker is", w::offline_page_at_the_path(false).run());
    case("PATH001", Fires, "the same, dated", w::offline_page_at_the_path(true).run());
    case("PATH001", Fires, "404 at a raw WebSocket's address", w::raw_not_found().run());
    case("PATH001", NearHealthy, "as it was given, without a slash", w::path_without_a_slash(says(404, "not found")).run());
    case("PATH001", NearHealthy, "the server leads away from the slash", w::path_without_a_slash(w::redirected_to("/ws")).run());
    case("PATH001", Clear, "an engine answers", healthy());
    case("PATH001", Unknown, "the path was not asked", w::not_found().run().without(Purpose::Handshake));
    case("PATH001", Unknown, "one of two known paths was asked", w::not_found_auto().run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.path == "/ws/socket.io/")));
    case("PATH001", Unknown, "the WebSocket was not tried", no_sockets(&w::not_found().run()));
    for (what, ends) in [("it is silent", deadline(3_000, "open packet")), ("it closes", closed(200, 1000, "")), ("it breaks off", closed(200, 1006, ""))] {
        let run = w::takes_websockets_everywhere(ends).run();
        for code in ["WS003", "WS004", "WS009"] {
            case(code, Clear, what, run.clone());
        }
        case("PATH001", Remark, what, run);
    }
    case("PATH001", Near("POLL001"), "404 for polling alone", w::polling_not_found().run());
    case("PATH001", Near("AUTH001"), "a sign-in page", w::login_page().run());
    case("PATH001", Near("NET011"), "a portal's page everywhere", w::captive_portal_page().run());

    case("PATH002", Fires, "refuses 4, accepts 3", w::wrong_version().run());
    case("PATH002", Fires, "an old server for a client of version 4", w::old_server_new_client().run());
    case("PATH002", Remark, "an old server", w::node_two().run());
    case("PATH002", Clear, "version 4", healthy());
    case("PATH002", Unknown, "3 was not tried", w::wrong_version().run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.eio == 3)));
    case("PATH002", Fires, "an old server, and the page loads a client of version 4", w::loads_client(Server::NodeTwo, "/js/client.js", "4.8.4").run());
    case("PATH002", Fires, "a new server that refuses the page's old client", w::new_server_old_client(Server::Node).run());
    case("PATH002", Fires, "the same of python", w::new_server_old_client(Server::Python).run());
    case("PATH002", Remark, "an old server that refuses 4, and the page loads an old client", w::names_script(Server::PythonOld, "/js/socket.io-2.5.0.min.js").run());
    case("PATH002", Remark, "an old server's own client", w::names_script(Server::NodeTwo, "/socket.io/socket.io.js").run());
    case("PATH002", Clear, "a new server that takes old clients too", w::new_server_for_both().run());
    case("PATH002", Clear, "two clients, of which one may be for something else", w::two_clients().run());
    case("PATH002", Clear, "a known application's page loads an old client for something else", w::chainlit_with_old_script().run());
    case("PATH002", Unknown, "an old client, and 3 was not tried", w::new_server_old_client(Server::Node).run().only(|o| !matches!(&o.fact, Fact::Exchange(x) if x.eio == 3)));
    let old_alone = |version| w::by_websocket_alone(w::loads_client(Server::NodeTwo, "/js/client.js", version));
    case("PATH002", Fires, "an old server by WebSocket alone, and the page loads a client of version 4", old_alone("4.8.4").run());
    case("PATH002", Remark, "an old server and its old client by WebSocket alone", old_alone("2.5.0").run());
    case("PATH002", Clear, "a new server by WebSocket alone", w::by_websocket_alone(w::loads_client(Server::Node, "/js/client.js", "4.8.4")).run());
    case("PATH002", Clear, "one old instance among new ones, by WebSocket alone", w::one_old_instance().run());
    case("PATH002", Near("PATH005"), "a damaged packet", w::truncated().run());

    case("PATH005", Fires, "cut short on both transports", w::truncated().run());
    case("PATH005", Fires, "damaged on polling", w::garbled_polling_alone().run());
    case("PATH005", Fires, "a message of 100 MB, which came on the second socket alone", w::huge_message().run());
    case("PATH005", Fires, "every answer of long-polling breaks off, and no WebSocket opens", w::polling_breaks_off().sockets(|_, _| refused()).run());
    case("PATH005", Unknown, "one answer broke off, and no WebSocket opens", first_of(&w::polling_breaks_off().sockets(|_, _| refused()).run(), 1, |x| x.purpose == Purpose::Handshake));
    case("PATH005", Near("POLL001"), "every answer of long-polling breaks off", w::polling_breaks_off().run());
    case("POLL001", Fires, "every answer of long-polling breaks off", w::polling_breaks_off().run());
    case("POLL001", Unknown, "one answer broke off", first_of(&w::polling_breaks_off().run(), 1, |x| x.purpose == Purpose::Handshake));
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
    case("AUTH002", Fires, "accepted, and shown out", w::shown_out_after_connect().run());
    case("AUTH002", Remark, "nobody is signed in", w::chainlit_signed_out().run());
    case("AUTH002", Clear, "joined", healthy());
    case("AUTH002", Unknown, "401, and the WebSocket was not tried", no_sockets(&w::signed_out().run()));
    case("AUTH002", Near("NET005"), "RATE_LIMITED", w::connect_rate_limited().run());
    case("AUTH002", Near("SIO001"), "Invalid namespace", w::namespace_unknown().run());
    case("AUTH002", Near("POLL001"), "403 for polling alone", w::polling_blocked().run());
    case("AUTH002", Near("WS011"), "403 for upgrades alone", w::upgrade_refused().run());

    case("CORS001", Fires, "withheld in no-cors too, and the WebSocket says hello", w::not_allowed_with_resource_policy().run());
    case("CORS001", Fires, "cors is rejected, no-cors answered", w::not_allowed().run());
    case("CORS001", Fires, "errors are readable, and what the chat begins with is not", w::allowed_on_errors_alone().run());
    case("POLL001", Near("CORS001"), "errors are readable, and what the chat begins with came and is not", w::allowed_on_errors_alone().run());
    case("CORS001", Near("POLL001"), "long-polling is reset in every mode", w::polling_reset_elsewhere().run());
    case("CORS001", Clear, "one origin", healthy());
    case("CORS001", Unknown, "no-cors was not asked", w::not_allowed().run().without(Purpose::ServerNoCors));
    case("CORS001", Near("SEC001"), "the page's policy blocks it", w::csp().run());
    case("CORS001", Near("AUTH001"), "redirected to a sign-in page", w::login_elsewhere().run());

    case("POLL001", Fires, "403 for polling", w::polling_blocked().run());
    case("POLL001", NearHealthy, "403 for all after so many requests", w::banned_after(16).run());
    case("NET005", Remark, "403 for all after so many requests", w::banned_after(16).run());
    case("NET005", Near("POLL001"), "403 for polling from the first request on", w::polling_blocked().run());
    case("POLL001", Fires, "404 for polling", w::polling_not_found().run());
    case("POLL001", Fires, "a polling answer without end", w::polling_without_end().run());
    case("POLL001", Fires, "polling hangs at a path that nobody named", w::polling_swallowed().run());
    case("POLL001", Near("NET002"), "the WebSocket hangs as well", w::socket_path_silent().run());
    case("POLL001", Fires, "polling is rejected", w::polling_rejected().run());
    case("POLL001", Fires, "the server's own check refuses it", w::polling_forbidden().run());
    case("POLL001", Clear, "both work", healthy());
    case("POLL001", Unknown, "polling was not tried", w::polling_blocked().run().without(Purpose::Handshake));
    case("POLL001", NearHealthy, "off by design", World::plain(Server::NodeWebsocket).run());
    case("POLL001", NearHealthy, "an app that never polls", w::open_webui().run());
    case("POLL001", Near("AUTH002"), "401 on both", w::signed_out().run());

    case("POLL003", Fires, "405 for POST", w::post_refused().run());
    case("POLL003", Fires, "POST is rejected", w::post_rejected().run());
    case("POLL003", Fires, "500 for POST", w::post_fails().run());
    case("POLL003", Fires, "a firewall's page in place of the engine's word", w::post_gets_a_page().run());
    case("POLL003", Fires, "POST comes as GET", w::post_turned_into_get().run());
    case("POLL003", Fires, "the GET that waits is somebody else's", w::receiving_refused().run());
    case("POLL003", Fires, "the GET that waits is broken off each time", w::receiving_broken_off().run());
    case("POLL003", Fires, "the GET that waits makes the server fail", w::receiving_fails().run());
    case("POLL003", Fires, "answers to POST alone can't be read from another origin", w::cross_origin_posts_rejected().run());
    case("POLL003", Fires, "the same, and something answers them", w::cors_of_gets_alone().run());
    case("POLL003", Fires, "204 for each POST, which no client takes for a success", w::posts_answered_without_body(204).run());
    case("POLL003", Clear, "200 without a body, which no client reads", w::posts_answered_without_body(200).run());
    case("POLL003", Fires, "something says ok to a POST that the engine refuses", w::posts_feigned(true).run());
    case("POLL003", Clear, "and the POST that closes a session ends its GET", w::posts_feigned(false).run());
    case("POLL003", Clear, "taken", healthy());
    case("POLL003", Clear, "a limit on POST", w::post_limited().run());
    case("POLL003", Clear, "one GET that waits was broken off", polls(&w::receiving_broken_off().run(), 1));
    case("POLL003", Unknown, "one POST alone", posts(&w::post_refused().run(), 1));
    case("POLL003", Near("CORS005"), "the engine refuses the origin of a POST", w::origin_refused().run());
    case("POLL003", Near("NET001"), "the connection was lost", w::offline_in_mid_run().run());

    case("POLL005", Fires, "Node's answer is stored", w::stored_handshake(Server::Node).run());
    case("POLL005", Fires, "python's answer is stored", w::stored_handshake(Server::Python).run());
    case("POLL005", Clear, "each session has an id of its own", healthy());
    case("POLL005", Unknown, "one session alone", w::stored_handshake(Server::Node).run().cut(5));
    case("POLL005", Near("SES001"), "sessions that other replicas do not know", w::often::not_sticky(Server::Node).run());

    case("PATH006", Fires, "the engine sees no query", w::query_lost().run());
    case("PATH006", Fires, "python sees no version", w::query_lost_python().run());
    case("PATH006", Near("PATH002"), "a server of another version", w::wrong_version().run());
    case("PATH006", Clear, "the engine sees it", healthy());
    case("PATH006", Unknown, "nobody asked in the plain way", w::query_lost().run().without(Purpose::Companion));
    case("PATH006", Unknown, "no WebSocket was tried", no_sockets(&w::query_lost().run()));
    case("PATH006", NearHealthy, "WebSocket alone by design", World::plain(Server::NodeWebsocket).run());
    case("PATH006", NearHealthy, "the same of python's", World::plain(Server::PythonWebsocket).run());

    case("WS011", Fires, "403 for upgrades", w::upgrade_refused().run());
    case("WS011", Fires, "401 at a raw WebSocket's address", w::raw_signed_out().run());
    case("WS011", Remark, "and the chat's page is one to sign in", w::raw_signed_out().page("/", says(200, LOGIN_PAGE).redirected_to("/login")).run());
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
    case("WS001", Fires, "a raw one that wants a subprotocol, and no setting names it", w::raw_subprotocol_unnamed().run());
    case("WS001", NearHealthy, "the same where one does", w::raw_subprotocol().run());
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
    case("WS002", Fires, "the constructor throws without a reason", w::socket_forbidden().run());
    case("WS002", Clear, "the constructor throws for another reason", w::socket_thrown_otherwise().run());
    case("WS011", Remark, "those that begin by themselves are refused", w::sockets_of_their_own_refused().run());
    case("WS011", Fires, "WebSockets alone ask for a native sign-in", w::websockets_signed_out_natively().run());
    case("WS001", Clear, "those of sessions open", w::sockets_of_their_own_refused().run());
    case("WS001", Near("WS004"), "those of sessions open, and break with the first frame", w::first_frame_kills().run());
    case("WS004", Fires, "those of sessions break with the first frame, and others before they are seen to open", w::first_frame_kills().run());
    case("WS004", Fires, "the same, and one of its own is seen to open", w::first_frame_kills_once_open().run());
    case("WS004", Fires, "upgrades are cut at the first word, and one that says nothing hears its hello", w::upgrades_cut_and_a_hello().run());
    case("AUTH001", Fires, "behind a worker that keeps the chat's page", w::signed_out_behind_a_worker().run());
    case("AUTH002", Remark, "the engine itself forbids it, and its client's query is not known", w::engine_forbids("unknown tenant").run());
    case("AUTH002", Fires, "the engine itself forbids it with the client's query too", w::engine_forbids("unknown tenant").with(|w| w.profile.socket_query = Some("tenant=acme".to_owned())).run());
    case("WS001", Near("NET010"), "a raw one that may have gone over HTTP/2", w::raw_stripped_h2().run());
    case("NET010", Fires, "a raw WebSocket of this origin", w::raw_stripped_h2().run());
    case("NET010", Near("WS001"), "a raw WebSocket over HTTP/1.1", w::raw_stripped().run());
    case("NET010", Fires, "nginx behind another gateway", w::http_version_behind_google().run());
    case("COOK003", Fires, "WebSockets alone fail, with cookies of nine thousand characters", w::cookies_too_large_for_websockets(9_000).run());
    case("COOK003", Near("WS001"), "with cookies of three thousand", w::cookies_too_large_for_websockets(3_000).run());
    case("NET003", Fires, "refused for a moment, then a page for maintenance", w::taken_down_for_maintenance().run());
    case("POLL001", Near("NET003"), "it passed before the server was taken down", w::taken_down_for_maintenance().run());
    case("NET007", NearHealthy, "one stretch of failures", w::away_for_a_second().run());
    case("NET007", Fires, "one in nine requests of sessions", w::sessions_fail_now_and_then().run());
    case("NET011", Fires, "511 from the middle of the run on", w::captive_portal_says_511_in_mid_run().run());
    case("POLL001", Near("NET011"), "the same", w::captive_portal_says_511_in_mid_run().run());
    case("AUTH001", Fires, "a gate before the whole site, by https", w::gate_before_all().run());
    case("NET011", Near("AUTH001"), "the same: no portal has a certificate for this name", w::gate_before_all().run());
    case("AUTH001", Fires, "a gate before a raw WebSocket", w::raw_behind_a_gate().run());
    case("NET002", Near("AUTH001"), "the same: rejected, since it was led away", w::raw_behind_a_gate().run());
    case("WS001", Fires, "a raw one behind a gate that lets this browser through", w::raw_stripped_behind_a_gate().run());
    case("WS011", Near("WS001"), "the same: 401 is what the gate says to somebody else", w::raw_stripped_behind_a_gate().run());
    case("AUTH001", Fires, "a page to sign in everywhere, by https", w::page_to_sign_in_everywhere().run());
    case("NET011", Near("AUTH001"), "the same: no portal has a certificate for this name", w::page_to_sign_in_everywhere().run());
    case("WS001", Fires, "engineioxide says yes to what is no upgrade", w::stripped_before_engineioxide().run());
    case("WS011", Near("WS001"), "a gate refuses strangers, and this browser is none", w::gated(w::stripped(Server::Python)).run());
    case("AUTH001", Near("WS001"), "the same with a page to sign in, and no polling", w::stripped_behind_a_page_to_sign_in().run());
    case("AUTH003", NearHealthy, "nobody is signed in behind a gate, which answers strangers itself", w::gated(w::chainlit_signed_out()).run());
    case("AUTH003", Fires, "a cookie is taken and refused in turn", w::cookies_of_replicas(true).run());
    case("AUTH003", Fires, "refused and taken in turn", w::cookies_of_replicas(false).run());
    case("AUTH003", NearHealthy, "somebody signs out meanwhile", w::signs_out_meanwhile().run());
    case("AUTH002", Remark, "nobody is signed in, and the channel is refused", w::signed_out_and_refused().run());
    case("AUTH002", Remark, "nobody is signed in, and the channel says so", w::signed_out_and_refused_for_that().run());
    case("AUTH002", Fires, "signed in, and the channel says that nobody is", w::cookie_does_not_do().run());
    case("AUTH002", Unknown, "a token that the client hands over, and this run does not", w::token_handed_over().run());
    case("AUTH002", Unknown, "what the chat keeps was not seen", without_storage(&w::token_handed_over().run()));
    case("AUTH002", Unknown, "shown out without the token that the client hands over", w::token_handed_over_or_shown_out().run());
    case("AUTH002", Fires, "a namespace refuses whom it does not know", w::no_member_of_the_namespace().run());
    case("POLL003", Fires, "each POST is swallowed", w::posts_swallowed().run());
    case("PATH006", Fires, "refused over the WebSocket itself", w::query_lost_in_the_socket().run());
    case("WS004", Near("PATH006"), "the same: it opens, and is ended", w::query_lost_in_the_socket().run());
    case("PATH006", Fires, "Node sees no sid", w::sessions_unnamed(Server::Node).run());
    case("PATH006", Fires, "python sees no sid", w::sessions_unnamed(Server::Python).run());
    case("SES001", Near("PATH006"), "the same: they are lost for want of their name", w::sessions_unnamed(Server::Python).run());
    case("WS003", Fires, "what the browser sends is lost", w::deaf_sockets().run());
    case("COOK003", Fires, "of a chat without long-polling", w::cookies_too_large_without_polling().run());
    case("NET001", Fires, "nothing answers but a worker's page for everything", w::offline_page_for_everything().run());
    case("NET011", Near("NET001"), "the same: that page comes from no network", w::offline_page_for_everything().run());
    case("PATH003", Remark, "a client that is told to poll alone, behind what strips upgrades", w::polls_as_told().run());
    case("WS001", NearHealthy, "the same", w::polls_as_told().run());
    case("WS001", NearHealthy, "both transports, and no upgrade from one to the other", w::upgrades_off().run());
    case("NET003", Fires, "everything is 404 that had been there", w::all_gone().run());
    case("PATH001", Near("NET003"), "the same", w::all_gone().run());
    case("NET003", Fires, "only what WebSockets are led to is down", w::websockets_backend_down(Server::Node).run());
    case("NET003", Fires, "the same of a server of WebSockets alone", w::websockets_backend_down(Server::NodeWebsocket).run());
    case("NET003", Near("WS011"), "403 for upgrades alone", w::upgrade_refused().run());
    case("NET007", Fires, "one of two backends is another program", w::two_programs().run());
    case("NET007", Near("POLL001"), "404 for polling alone", w::polling_not_found().run());
    case("POLL001", Fires, "polling alone is reset", w::polling_reset().run());
    case("PATH001", Fires, "404 in the words of another service's numbered errors", w::numbered_errors().run());
    case("PATH006", Near("PATH001"), "the same", w::numbered_errors().run());
    case("WS011", Fires, "403 for upgrades, and no polling", w::upgrade_refused_without_polling().run());
    case("NET005", Fires, "the chat's first session never passes", w::rate_limited_tightly().run());
    case("WS009", Fires, "1011 after a while", w::raw_fails_after_a_while().run());
    case("WS003", Unknown, "a line so slow that it may be on its way", w::on_a_slow_line(w::silent_open()).run());
    case("WS002", Unknown, "the same of one that hangs", w::on_a_slow_line(w::swallowed()).run());
    case("SIO002", Unknown, "an answer that may be on its way", w::on_a_slow_line(w::connect_unanswered()).run());
    case("NET006", Unknown, "this page's own file was as slow", w::slow_first_for_all().run());
    case("CORS002", Clear, "one request lost, of a server that takes cookies", w::credentialed_request_lost().run());
    case("WS002", Clear, "it opens", healthy());
    case("WS002", Unknown, "plain requests fail as well, and nobody counted", up_to_the_engine(&w::cold_start_in_time().run()));
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
    case("WS004", Fires, "the first compressed frame ends it, twice", w::compression_damaged().run());
    case("WS004", Fires, "a raw WebSocket, and a frame that the browser can't read", w::raw_unread().run());
    case("WS004", Clear, "it stays", healthy());
    case("WS004", Unknown, "cut once", sockets(&w::drops_at_once().run(), |s| s.purpose != SocketPurpose::HelloAgain));
    case("WS004", NearHealthy, "cut once, then it stays", w::drops_once().run());
    case("WS004", Near("WS009"), "closed with a code", w::closes(1008, "policy violation").run());
    case("WS004", Near("WS003"), "silent", w::silent_open().run());

    case("WS009", Fires, "1008", w::closes(1008, "policy violation").run());
    case("WS009", Fires, "1013", w::closes(1013, "try again later").run());
    case("WS009", Fires, "4001 on a raw WebSocket", w::raw_closes().run());
    case("WS009", Fires, "4401 on a raw WebSocket", w::raw_unsigned(4401, "").run());
    case("WS009", Fires, "a reason that speaks of the sign-in", w::raw_unsigned(4000, "Authentication timed out").run());
    case("WS009", Clear, "it stays", healthy());
    case("WS009", Near("WS004"), "1006 is the browser's own", w::drops_at_once().run());
    case("WS009", Near("WS001"), "1006 before it opens", w::stripped(Server::Python).run());

    case("SIO001", Fires, "node's Invalid namespace", w::namespace_unknown().run());
    case("SIO001", Fires, "python's Unable to connect", w::namespace_unknown_python().run());
    case("SIO001", Fires, "words for a namespace that is not there", w::namespace_not_there().run());
    case("SIO001", Near("AUTH002"), "the namespace's own word", w::no_member_of_the_namespace().run());
    case("SIO001", Clear, "joined", healthy());
    case("SIO001", Unknown, "nobody joined", sockets(&healthy(), |s| s.purpose != SocketPurpose::Connect));
    case("SIO001", Near("AUTH002"), "AUTH_FAILED", w::connect_refused().run());
    case("SIO001", Near("SIO002"), "no answer", w::connect_unanswered().run());

    case("SIO002", Fires, "no answer", w::connect_unanswered().run());
    case("SIO002", Fires, "no answer by polling", w::connect_unanswered_by_polling().run());
    case("SIO002", Fires, "no answer for eight seconds", w::fully(w::connect_unanswered()).run());
    case("SIO002", NearHealthy, "an answer after 2.6 s, of a longer test", w::connect_slow().run());
    case("SIO002", Clear, "joined", healthy());
    case("SIO002", Clear, "the CONNECT was not taken", w::connect_posted_elsewhere().run());
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
    case("NET007", Clear, "it answers no more", w::answers_no_more().run());
    case("NET007", NearHealthy, "this device was offline for a moment", w::offline_for_a_moment(true).run());
    case("NET007", NearHealthy, "the same, and the browser did not notice", w::offline_for_a_moment(false).run());
    case("NET007", Clear, "a gate sends strangers away, and this browser at the end", w::sent_away_when_the_gate_forgets().run());
    case("NET007", Unknown, "not yet eight", w::intermittent().run().without(Purpose::Repeat));
    case("NET007", Near("NET006"), "at first alone", w::cold_start().run());
    case("NET007", Near("NET003"), "always", { let mut run = w::gateway_502().run(); run.profile.depth = connection_doctor::profile::Depth::Full; run }.only(|_| true).without(Purpose::CloseSession));

    case("NET004", Fires, "1.5 s each, files fast", w::slow_server().run());
    case("NET004", Fires, "one of two instances is slow", w::waits_at_times(|nth, _| if nth % 2 == 1 { 2_800 } else { 0 }).run());
    case("NET004", NearHealthy, "packets are lost at times", w::waits_at_times(|nth, _| if nth % 3 == 1 { 1_000 << (nth / 3 % 2) } else { 0 }).run());
    case("NET004", NearHealthy, "it pauses for a moment now and then", w::waits_at_times(|_, at| 1_800_u32.saturating_sub(at % 6_000)).run());
    case("NET004", NearHealthy, "one stretch", w::waits_at_times(|_, at| if (1_000..3_000).contains(&at) { 2_000 } else { 0 }).run());
    case("NET004", Clear, "fast", healthy());
    case("NET004", Unknown, "the tab was hidden", w::slow_server().incident(20, Fact::Visibility { hidden: true }).run());
    case("NET004", Unknown, "no static file to compare with", w::slow_server().run().without(Purpose::OwnFile));
    case("NET004", NearHealthy, "the line is slow for files too", w::slow_everything().run());
    case("NET004", NearHealthy, "a slow line", w::slow_line(Server::Python).run());
    case("NET004", Near("NET006"), "slow at first alone", w::slow_first().run());
    case("NET004", Near("NET003"), "a gateway's late 504", w::gateway_504().run());

    case("NET008", Fires, "Redis is down", w::health_failing().run());
    case("NET008", Fires, "a word for the whole, in text", w::health(says(200, "Unhealthy")).run());
    case("NET008", Fires, "no word for the whole, and a part that is bad", w::health(says(200, r#"{"services":{"redis":{"healthy":false}}}"#)).run());
    case("NET008", Remark, "the whole is well, and a part is not", w::health(says(200, r#"{"status":"ok","checks":{"redis":"down","database":"up"}}"#)).run());
    case("NET008", Remark, "a bad part in what is left of a long answer", w::health(says(200, long_health(r#"{"redis":{"status":"DOWN"},"#))).run());
    case("NET008", Clear, "nothing bad in what is left of a long answer", w::health(says(200, long_health("{"))).run());
    case("NET008", NearHealthy, "words that only begin like it", w::health(says(200, r#"{"status":"notifications_enabled","redis":{"status":"not configured"}}"#)).run());
    case("NET008", NearHealthy, "well, and longer than what is kept", w::health(says(200, long_health(r#"{"status":"UP","#))).run());
    case("NET008", Clear, "ok", w::health(says(200, r#"{"status":"ok"}"#)).run());
    case("NET008", Unknown, "not asked", w::health_failing().run().without(Purpose::Health));
    case("NET008", Near("NET003"), "the gateway speaks, not the health endpoint", w::app_down_with_health().run());
    case("NET008", NearHealthy, "an index page says nothing of health", w::chainlit_without_health().run());

    case("PATH003", Fires, "polling alone", World::plain(Server::PythonPolling).run());
    case("PATH003", Fires, "WebSocket alone, node", World::plain(Server::NodeWebsocket).run());
    case("PATH003", Fires, "WebSocket alone, python", World::plain(Server::PythonWebsocket).run());
    case("PATH003", Fires, "threads without a WebSocket library", World::plain(Server::PythonWsgi).run());
    case("PATH003", Clear, "both", healthy());
    case("PATH003", Clear, "one does what the other does not", w::transports_of_replicas().run());
    case("PATH003", Near("WS001"), "offered, and it fails", w::stripped(Server::Python).run());
    case("PATH003", Near("POLL001"), "blocked, and not by the engine", w::polling_blocked().run());

    case("ENV001", Fires, "hidden in mid-run", w::tab_hidden().run());
    case("ENV001", Fires, "hidden from the start", World::plain(Server::Python).with(|w| w.environment = Environment { hidden: true, ..w.environment.clone() }).run());
    case("ENV001", Clear, "in view", healthy());
    case("ENV001", Unknown, "nobody looked", without_environment(&healthy()));
    case("ENV001", NearHealthy, "it came into view", World::plain(Server::Python).incident(10, Fact::Visibility { hidden: false }).run());
    all.extend(crate::cases_often::cases());
    all.extend(crate::cases_calls::cases());
    all
}

#[test]
fn a_prefix_that_the_application_does_not_know_is_no_release() {
    let prefix = |world: World| {
        let report = world.run().report();
        report.causes.iter().find(|f| f.code == "CACHE003").map(|f| f.param("prefix").to_owned())
    };
    assert_eq!(prefix(w::scripts_outside_of_the_prefix()).as_deref(), Some("/app/"));
    assert_eq!(prefix(w::module_missing()).as_deref(), Some(""));
}

/// What the page's own scripts say of the socket decides how much a path that was guessed is worth.
#[test]
fn a_guess_is_worth_what_the_scripts_say() {
    let long = |words: &str| [words, &" ".repeat(30_000)].concat();
    let of = |script: &str| {
        let report = w::not_found_and_a_script(script).run().report();
        let found = report.causes.iter().find(|f| f.code == "PATH001").expect("PATH001");
        (found.severity, found.param("path").to_owned(), found.param("basis").to_owned(), report.verdict)
    };
    let guess = |severity, verdict| (severity, "/socket.io/".to_owned(), "guess".to_owned(), verdict);
    let nobody_says = guess(Severity::Blocks, Verdict::Broken);
    let another_kind = guess(Severity::Info, Verdict::Inconclusive);
    assert_eq!(of("document.title = 'Chat';"), nobody_says);
    assert_eq!(of("new WebSocket('wss://' + location.host + '/graphql')"), another_kind);
    // Nor does the picture say that ways fail which were only guessed.
    let ways = |script: &str| connection_doctor::picture::transports::ladder(&w::not_found_and_a_script(script).run().report()).len();
    assert!(ways("new WebSocket('/graphql')") == 0 && ways("document.title = 'Chat';") > 0);
    assert_eq!(of(&long("render()")), another_kind);
    assert_eq!(of(&long("this.opts={path:'/socket.io'};new WebSocket(u)")), nobody_says);
    let named = (Severity::Blocks, "/api/socket/".to_owned(), "application".to_owned(), Verdict::Broken);
    assert_eq!(of("const socket = io({ path: '/api/socket', transports: ['websocket'] });"), named);
    assert_eq!(of("const socket = io(url, { path: `${prefix}/api/socket` });"), named);
    // The prefix that stands before it where it runs is most likely the page's own.
    let prefixed = w::not_found_auto().page("/app/", says(200, CHAT_PAGE)).page("/app.js", says(200, "io(url, { path: `${prefix}/live`, transports })"));
    let asked = prefixed.with(|w| w.profile.chat_page = "/app/".to_owned()).run();
    assert!(asked.evidence.exchanges_for(Purpose::Handshake).any(|(_, x)| x.path == "/app/live/"));
    // Where no setting names a socket, nothing of one was tried.
    let unnamed = World::of(Server::Nothing, r#"{"profile":"raw"}"#).run().report();
    assert_eq!((unnamed.verdict, unnamed.causes.len()), (Verdict::Inconclusive, 0));
}

#[test]
fn each_rule_says_what_its_cases_say() {
    let mut wrong = Vec::new();
    for Case { code, kind, name, run } in cases() {
        let profile = run.profile.redacted();
        let survey = Survey::of(&profile, &run.evidence);
        let asked = |code: &str| (by_code(code).unwrap().check)(&survey);
        let said = asked(code);
        let right = match *kind {
            Fires => matches!(said, Outcome::Fires(_)),
            Clear => said == Outcome::Clear,
            Unknown => matches!(said, Outcome::Unknown { .. }),
            Near(other) => {
                let folded = by_code(other).unwrap().explains.iter().any(|c| c == code || *c == "*");
                (folded || !matches!(said, Outcome::Fires(_))) && matches!(asked(other), Outcome::Fires(_)) && !run.causes().contains(&(*code).to_owned())
            }
            Remark => matches!(&said, Outcome::Fires(f) if f.severity == Severity::Info) && run.causes().is_empty() && run.report().verdict != Verdict::Broken,
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
        assert!(has(|k| matches!(k, Fires | Remark)), "{} never fires in a test", rule.code);
        assert!(has(|k| *k == Clear), "{} is never clear in a test", rule.code);
        assert!(has(|k| matches!(k, Near(_) | NearHealthy)), "{} has no neighbour in a test", rule.code);
    }
    for case in cases {
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

#[test]
fn what_explains_what_names_known_codes_and_runs_in_no_circle() {
    for rule in RULES {
        for code in rule.explains {
            assert!(*code == "*" || by_code(code).is_some(), "{} explains {code}, which nobody knows", rule.code);
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

/// Longer than what is kept of a body.
fn long_health(begin: &str) -> String {
    [begin, "\"build\":\"", &"x".repeat(700), "\",\"status\":\"degraded\"}"].concat()
}

/// Only the parts that it calls bad, and what it says of them.
#[test]
fn a_health_answer_names_what_is_bad() {
    let actuator = r#"{"status":"DOWN","components":{"db":{"status":"UP","details":{"database":"PostgreSQL","validationQuery":"isValid()"}},"diskSpace":{"status":"UP"},"redis":{"status":"DOWN"}}}"#;
    for (status, body, names, says_so) in [
        (503, actuator, "redis", "…\"redis\":{\"status\":\"DOWN\"}}}"),
        (500, "database: OK\nredis: FAILED\nsidekiq: OK\n", "redis", "database: OK\nredis: FAILED\nsidekiq: OK\n"),
        (503, r#"{"detail":"Redis is not ready"}"#, "redis", r#"{"detail":"Redis is not ready"}"#),
        (503, r#"{"status":"DOWN","components":{"database":{"status":"UP"}}}"#, "", r#"{"status":"DOWN","components":{"database":{"status":"UP"}}}"#),
    ] {
        let report = w::health(says(status, body)).run().report();
        let finding = report.causes.iter().find(|f| f.code == "NET008").unwrap_or_else(|| panic!("{body}"));
        assert_eq!((finding.param("names"), finding.param("says"), finding.severity), (names, says_so, Severity::Degrades), "{body}");
    }
}

/// How long a server says that it will be away is passed on, where it says something that a person can use.
#[test]
fn when_to_come_back_is_told() {
    for (when, wanted) in [
        ("600", "10 minutes"),
        ("14400", "4 hours"),
        ("Sun, 22 Nov 2026 14:00:00 GMT", "at Sun, 22 Nov 2026 14:00:00 GMT"),
        ("5", "Wait a minute"),
        ("soon", "Wait a minute"),
        ("999999999999", "Wait a minute"),
    ] {
        let report = w::stopped_by_its_platform(says(503, MAINTENANCE).header("retry-after", when)).run().report();
        let person = report.guidance.iter().find(|g| g.code == "NET003").unwrap_or_else(|| panic!("{when}"));
        assert!(person.steps[0].text.contains(wanted), "{when}: {}", person.steps[0].text);
    }
}

/// Whose fault it is said to be: the body tells, and a header is added to what is passed on.
#[test]
fn who_answered_is_told_by_the_answer() {
    let param = |run: &Run, code: &str, name: &str| {
        let report = run.report();
        let finding = report.causes.iter().find(|f| f.code == code).unwrap_or_else(|| panic!("{code}: {:?}", report.causes));
        (finding.param(name).to_owned(), finding.confidence)
    };
    for (world, code, name, wanted, confidence) in [
        (w::gateway_502(), "NET003", "gateway", "nginx", Confidence::Observed),
        (w::behind_nginx(503, HAPROXY_503), "NET003", "gateway", "HAProxy", Confidence::Observed),
        (w::behind_nginx(504, HAPROXY_504), "NET003", "gateway", "HAProxy", Confidence::Observed),
        (w::behind_nginx(504, "Error occurred while trying to proxy: chat.example/socket.io/"), "NET003", "gateway", "", Confidence::Observed),
        (w::gone_from_its_platform(says(404, AZURE_GONE)), "NET003", "gateway", "Azure Container Apps", Confidence::Observed),
        (w::stopped_by_its_platform(says(403, APP_SERVICE_STOPPED)), "NET003", "gateway", "Azure App Service", Confidence::Observed),
        (w::stopped_by_its_platform(says(403, APP_SERVICE_STOPPED)), "NET003", "scope", "application", Confidence::Observed),
        (w::plain_path(says(403, APP_SERVICE_STOPPED)), "NET003", "scope", "socket", Confidence::Observed),
        // Who is not let in by its network rules sees that title as well.
        (w::stopped_by_its_platform(says(403, APP_SERVICE_CUT)), "NET003", "gateway", "Azure App Service", Confidence::StronglySuggested),
        (w::stopped_by_its_platform(says(404, VERCEL_GONE).header("server", "Vercel")), "NET003", "gateway", "Vercel", Confidence::Observed),
        (w::stopped_by_its_platform(says(404, RAILWAY_GONE).header("server", "railway-edge")), "NET003", "gateway", "Railway", Confidence::Observed),
        (w::stopped_by_its_platform(says(404, NGROK_GONE).header("ngrok-error-code", "ERR_NGROK_3200")), "NET003", "gateway", "ngrok", Confidence::Observed),
        (w::stopped_by_its_platform(says(503, MAINTENANCE).header("retry-after", "600")), "NET003", "retry-after", "600", Confidence::StronglySuggested),
        (w::gateway_500(), "NET012", "gateway", "nginx", Confidence::Observed),
        (w::gateway_500(), "NET012", "how", "gateway", Confidence::Observed),
        (w::silent_500(), "NET012", "how", "silent", Confidence::StronglySuggested),
        (w::server_error(), "NET012", "how", "", Confidence::Observed),
    ] {
        assert_eq!(param(&world.run(), code, name), (wanted.to_owned(), confidence), "{code} {name}");
    }
}

/// A token without an end has not run out, and one that has ended has.
#[test]
fn why_a_sign_in_is_refused_is_told_by_its_own_date() {
    for (world, wanted) in [
        (w::other_secret(), "secret"),
        (w::other_secret_of_an_endless_token(), "secret"),
        (w::sign_in_expired_by_its_date(), "expired"),
        (w::endless_token_expired(), "expired"),
        (w::signature_refused(), "invalid"),
    ] {
        let report = world.run().report();
        let found = report.causes.iter().find(|f| f.code == "AUTH003").map(|f| f.param("why").to_owned());
        assert_eq!(found.as_deref(), Some(wanted));
    }
}

/// Chromium has an error event after `open` for what it can't read alone; Firefox for a reset as well.
#[test]
fn what_the_browser_could_not_read_is_no_crash_of_the_servers() {
    let named = |world: World| world.run().advised("WS004").contains("perMessageDeflate");
    assert!(named(w::compression_damaged()) && named(w::raw_unread()));
    assert!(!named(w::raw_unread().with(|w| w.environment.user_agent = FIREFOX.to_owned())) && !named(w::drops_at_once()));
}

/// Everything that is said of this cause: steps, and what is folded under them.
fn told_of(world: World, code: &str) -> String {
    let report = world.run().report();
    let of = report.guidance.iter().filter(|g| g.code == code);
    of.flat_map(|g| {
        let steps = g.steps.iter().map(|s| [&s.text, "\n", s.code.as_deref().unwrap_or(""), "\n"].concat());
        steps.chain(g.elsewhere.iter().map(|e| ["folded: ", e, "\n"].concat())).collect::<Vec<_>>()
    })
    .collect()
}

/// A worker that keeps the page shows it in each new tab, and nobody is asked to sign in.
#[test]
fn a_kept_page_is_gone_past_to_sign_in() {
    let (kept, plain) = (told_of(w::signed_out_behind_a_worker(), "AUTH001"), told_of(w::login_elsewhere(), "AUTH001"));
    assert!(kept.contains("hold down Shift") && !kept.contains("in a new tab") && kept.contains("network first for navigations"), "{kept}");
    assert!(plain.contains("in a new tab") && !plain.contains("Shift") && !plain.contains("service worker"), "{plain}");
}

/// The gateway that showed itself comes first, and no other one as a step.
#[test]
fn of_the_http_version_the_gateway_that_showed_itself_comes_first() {
    let google = told_of(w::http_version_behind_google(), "NET010");
    assert!(google.contains("folded: HAProxy") && !google.contains("\nHAProxy") && google.find("--no-use-http2") < google.find("folded: "), "{google}");
    let unknown = told_of(w::http_version(), "NET010");
    assert!(unknown.contains("\nHAProxy, in the section global") && unknown.contains("ws h1") && !unknown.contains("folded: HAProxy,"), "{unknown}");
}

/// What Engine.IO itself forbids no gateway does, and its client may bring what this test does not.
#[test]
fn the_engines_own_refusal_is_told_in_its_words() {
    let own = told_of(w::engine_forbids("unknown tenant"), "AUTH002");
    assert!(own.contains("“unknown tenant”") && own.contains("extraHeaders") && !own.contains("of a gateway before it"), "{own}");
    let report = w::engine_forbids("unknown tenant").run().report();
    let [cause] = report.causes.as_slice() else { panic!("{:?}", report.causes) };
    assert_eq!((cause.code.as_str(), cause.confidence, report.verdict.word()), ("AUTH002", Confidence::Correlated, "inconclusive"));
    assert!(report.summary.contains("refuses to let you in") && own.contains("socket-query"), "{}", report.summary);
    assert!(!told_of(w::signed_out(), "AUTH002").contains("allowRequest"));
}

const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";

/// What the browser refuses to begin with has met no network.
#[test]
fn what_the_constructor_throws_is_nothing_on_the_way() {
    let report = w::socket_forbidden().run().report();
    let of: Vec<_> = report.guidance.iter().filter(|g| g.code == "WS002").collect();
    let told = told_of(w::socket_forbidden(), "WS002");
    assert!(of.len() == 2 && told.contains("private window") && told.contains("SecurityError"), "{told}");
    assert!(!told.contains("another network") && !told.contains("antivirus") && !told.contains("nginx") && !told.contains("curl"), "{told}");
    assert!(told_of(w::swallowed(), "WS002").contains("another network"));
}

/// A copy that may be shown can be taken away with a click, by who sees that the chat is old.
#[test]
fn what_cannot_be_seen_can_be_mended_all_the_same() {
    let report = w::old_worker_webkit().run().report();
    let person = report.guidance.iter().find(|g| g.code == "CACHE001").unwrap();
    assert!(person.mend.is_some() && person.steps[0].text.starts_with("If the chat looks old"), "{person:?}");
    let waiting = w::waiting_worker().run().report();
    assert!(waiting.guidance.iter().find(|g| g.code == "CACHE001").is_some_and(|g| g.mend.is_none() && g.steps.is_empty()));
}

/// Nobody is sent to a browser that is not for their device, nor told how another one reads a policy.
#[test]
fn safari_is_spoken_of_where_it_is() {
    let as_in = |world: World, agent: &'static str| world.with(|w| w.environment.user_agent = agent.to_owned());
    const CHROME_ON_MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    let (linux, mac) = (told_of(as_in(w::http_version(), FIREFOX), "NET010"), told_of(as_in(w::http_version(), CHROME_ON_MAC), "NET010"));
    assert!(linux.contains("a Mac at hand") && !linux.contains("Try another browser"), "{linux}");
    assert!(mac.contains("Try another browser") && !mac.contains("at hand"), "{mac}");
    let own = || w::chat_policy("connect-src https://chat.example");
    assert!(told_of(as_in(own(), SAFARI), "SEC001").contains("older Safari"));
    assert!(!told_of(as_in(own(), FIREFOX), "SEC001").contains("Safari"));
    assert!(!told_of(as_in(w::csp(), SAFARI), "SEC001").contains("Safari"));
}

#[test]
fn steps_are_those_of_what_was_seen() {
    let (polling, both) = (told_of(w::garbled_polling_alone(), "PATH005"), told_of(w::truncated(), "PATH005"));
    assert!(polling.contains("add_after_body") && !polling.contains("permessage") && !polling.contains("Upgrade"), "{polling}");
    assert!(both.contains("perMessageDeflate") && both.contains("Upgrade"), "{both}");
    let (haproxy, nginx) = (told_of(w::cookies_too_large_haproxy(), "COOK003"), told_of(w::cookies_too_large(), "COOK003"));
    assert!(haproxy.contains("tune.bufsize 32768") && !haproxy.contains("large_client_header_buffers"), "{haproxy}");
    assert!(nginx.contains("large_client_header_buffers") && !nginx.contains("tune.bufsize"), "{nginx}");
    let title = |world: World| world.run().report().guidance.into_iter().find(|g| g.code == "SEC005").unwrap().title;
    assert!(!title(w::sandboxed_by_policy()).contains("file"));
    assert!(title(w::sandboxed_by_policy().with(|w| w.environment.scheme = "file:".to_owned())).contains("file"));
}
