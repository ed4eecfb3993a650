//! Single requests: what each step asks; the answer is recorded and nothing else. And the one `EventSource`.

use web_sys::{RequestCache, RequestCredentials, RequestMode, RequestRedirect};

use super::super::platform::fetch::Request;
use super::super::platform::{event_source, storage};
use super::{Context, Ended, engine_query, unique};
use crate::address::Address;
use crate::evidence::{Fact, Purpose};
use crate::protocol::grpc_web;

/// A file of the page's own. A redirect is followed only when asked: nothing redirects a static file that loaded a moment ago.
pub fn own_file(context: &Context, purpose: Purpose, follow: bool) -> Request {
    let mut request = context.request(purpose, "/", "");
    if purpose == Purpose::Gate {
        request.credentials = RequestCredentials::Omit;
    }
    with_query(context, &mut request, &unique());
    request.redirect = if follow { RequestRedirect::Follow } else { RequestRedirect::Manual };
    request
}

/// Makes it a request for the page's own file.
fn with_query(context: &Context, request: &mut Request, value: &str) {
    let without_query = context.place.own_file.split(['?', '#']).next().unwrap_or("");
    request.path = Address::parse(without_query).map_or_else(|| "/".to_owned(), |a| a.path);
    request.url = [without_query, "?connection-doctor=", value].concat();
    request.cross_origin = false;
}

/// The own file with the socket's path in its query as it stands, and percent-encoded. What stops the first and not the second
/// matches the text of URLs; a server tells them apart by nothing (measured with extensions in both browsers).
pub fn filter(context: &Context, path: &str) -> Vec<Request> {
    // Each byte: a filter may look for the bare words.
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
    let encoded: String = path.bytes().flat_map(|byte| ['%', digit(byte >> 4), digit(byte & 15)]).collect();
    let worded = |purpose, value: &str| {
        let mut request = context.request(purpose, "/", "");
        with_query(context, &mut request, value);
        request.read_at_most = 1024;
        request
    };
    vec![worded(Purpose::Worded, path), worded(Purpose::WordedEncoded, &encoded)]
}

pub fn chat_page(context: &Context, path: &str, as_person: bool) -> Request {
    let mut request = context.request(Purpose::ChatPage, path, "");
    if !as_person {
        request.credentials = RequestCredentials::Omit;
    }
    request
}

pub fn home_page(context: &Context) -> Request {
    let path = context.profile.chat_page.clone();
    let mut request = context.request(Purpose::HomePage, &path, "");
    request.url = [context.profile.page_origin.as_str(), &path].concat();
    request.credentials = RequestCredentials::Omit;
    request.cross_origin = false;
    request
}

/// The port stays as it is, but for the usual one (Upgrade Insecure Requests section 3.2).
pub fn upgraded(context: &Context) -> Request {
    let mut request = context.request(Purpose::Upgraded, &context.profile.chat_page, "");
    request.url = [&context.profile.page_origin.replacen("http:", "https:", 1), context.profile.chat_page.as_str()].concat();
    request.mode = RequestMode::NoCors;
    request.credentials = RequestCredentials::Omit;
    request.cross_origin = true;
    request
}

pub fn no_cors(context: &Context, path: &str, polls: bool) -> Request {
    // The WebSocket's URL: a plain request to it opens no session, and the answer is not needed.
    let query = if path == "/" { String::new() } else { engine_query(context, 4, if polls { "polling" } else { "websocket" }) };
    let mut request = context.request(Purpose::ServerNoCors, path, &query);
    request.eio = if polls { 4 } else { 0 };
    request.mode = RequestMode::NoCors;
    request.credentials = RequestCredentials::Omit;
    request
}

pub fn endpoint(context: &Context, purpose: Purpose, path: &str) -> Request {
    let mut request = context.request(purpose, path, "");
    request.credentials = RequestCredentials::Omit;
    request
}

/// Who is signed in, asked as the application itself does. Its token goes to its own server alone, and into no report.
pub fn user(context: &Context, path: &str, keys: &[String], include: bool) -> Request {
    let mut request = context.request(Purpose::User, path, "");
    if include {
        request.credentials = RequestCredentials::Include;
    }
    if !request.cross_origin
        && let Some(token) = storage::bearer(keys)
    {
        request.headers.push(("authorization".to_owned(), ["Bearer ", &token].concat()));
    }
    request
}

/// The same path with `redirect: manual`: an answer of type `opaqueredirect` tells that a redirect is what was there.
pub fn redirect_control(context: &Context, path: &str) -> Request {
    let socket = path == context.profile.chat_page;
    let mut request = context.request(Purpose::RedirectControl, path, &if socket { String::new() } else { engine_query(context, 4, "polling") });
    request.redirect = RequestRedirect::Manual;
    request
}

/// A plain GET of the WebSocket's URL; it opens no session in any engine (measured).
pub fn companion(context: &Context, purpose: Purpose, path: &str, eio: u8, as_chat: bool) -> Request {
    let mut request = context.request(purpose, path, &engine_query(context, eio, "websocket"));
    request.eio = eio;
    if !as_chat {
        request.credentials = RequestCredentials::Omit;
    }
    request
}

/// A POST without a sid carries an Origin, which a GET to the own origin does not, and opens nothing (measured). By `polling`,
/// also where that is switched off: python-engineio looks at the origin first, and what stands before an application may answer
/// `websocket` in its place (Open WebUI does).
pub fn origin_probe(context: &Context, path: &str, eio: u8) -> Request {
    let mut request = context.request(Purpose::OriginProbe, path, &engine_query(context, eio, "polling"));
    request.eio = eio;
    request.method = "POST";
    request.body = Some(String::new());
    request
}

/// A plain GET of the raw WebSocket's URL. From another origin only `no-cors` tells whether anything answers.
pub fn raw_companion(context: &Context, as_chat: bool) -> Option<Request> {
    let address = context.profile.ws_url.as_deref().and_then(Address::parse)?;
    let mut request = context.request(Purpose::Companion, "/", "");
    request.url = [address.origin().as_str(), &address.path].concat();
    request.path = address.path.split('?').next().unwrap_or("/").to_owned();
    request.cross_origin = address.origin() != context.profile.page_origin;
    if as_chat {
        request.redirect = RequestRedirect::Manual;
    } else {
        request.credentials = RequestCredentials::Omit;
    }
    if request.cross_origin {
        request.mode = RequestMode::NoCors;
    }
    Some(request)
}

/// The plain GET of the WebSocket's URL as a chat with `withCredentials` sends it to another origin. It opens nothing.
pub fn credentialed(context: &Context, path: &str, eio: u8) -> Request {
    let mut request = context.request(Purpose::Credentialed, path, &engine_query(context, eio, "websocket"));
    request.eio = eio;
    request.credentials = RequestCredentials::Include;
    request
}

/// The same with headers that need a preflight: those that the chat is said to send, else one that any chat may send. `include`: with cookies, for which
/// `*` names no header (WHATWG Fetch, CORS-preflight fetch).
pub fn preflighted(context: &Context, path: &str, eio: u8, include: bool) -> Request {
    let mut request = context.request(Purpose::Preflighted, path, &engine_query(context, eio, "websocket"));
    request.eio = eio;
    if include {
        request.credentials = RequestCredentials::Include;
    }
    let mut names = context.profile.request_headers.clone();
    if names.is_empty() {
        names.push("x-requested-with".to_owned());
    }
    // The value means nothing: only the question before it matters.
    request.headers = names.into_iter().map(|name| (name, "connection-doctor".to_owned())).collect();
    request
}

/// An ordinary page of a server of another origin as any page would load it, from the browser's cache where that has it; or the same past it.
pub fn server_kept(context: &Context, path: &str, include: bool, cache: RequestCache) -> Request {
    let mut request = context.request(Purpose::ServerKept, path, "");
    request.credentials = if include { RequestCredentials::Include } else { RequestCredentials::Omit };
    request.cache = cache;
    request
}

/// A POST without a sid in the mode that asks for no header of CORS: whether anything answers it.
pub fn post_no_cors(context: &Context, path: &str, eio: u8) -> Request {
    let mut request = origin_probe(context, path, eio);
    request.purpose = Purpose::ServerNoCors;
    request.eio = 0;
    request.mode = RequestMode::NoCors;
    request.credentials = RequestCredentials::Omit;
    request
}

/// The operator's endpoint twice: the first answer sets a cookie, the second tells whether it came back.
pub fn help(context: &Context, path: &str) -> Vec<Request> {
    vec![context.request(Purpose::Help, path, ""), context.request(Purpose::HelpAgain, path, "")]
}

/// The health service by gRPC-web (gRPC health checking protocol). The request message is empty.
pub fn grpc(context: &Context, url: &str, as_person: bool) -> Option<Request> {
    let below = if url.starts_with('/') { context.url(url) } else { url.to_owned() };
    let address = Address::parse(&below)?;
    let mut request = context.request(Purpose::Grpc, "/", "");
    request.url = [below.split(['?', '#']).next().unwrap_or("").trim_end_matches('/'), "/", grpc_web::PATH].concat();
    request.path = [address.path.split('?').next().unwrap_or("").trim_end_matches('/'), "/", grpc_web::PATH].concat();
    request.cross_origin = address.origin() != context.profile.page_origin;
    if !as_person {
        request.credentials = RequestCredentials::Omit;
    }
    request.method = "POST";
    request.headers = [("content-type", "application/grpc-web+proto"), ("x-grpc-web", "1")].map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
    request.body = String::from_utf8(grpc_web::request()).ok();
    Some(request)
}

/// Server-sent events are what Chromium tells a refused answer from none by. Whatever comes, it is closed at once.
pub async fn event_source(context: &Context, path: &str) -> Ended {
    let _permit = context.permit().await?;
    let limit = context.left(context.limits.request)?;
    let url = match raw_companion(context, false).filter(|_| path.is_empty()) {
        // Its query may be what it is opened with.
        Some(raw) => raw.url,
        None => [context.profile.server.as_str(), path, "?connection-doctor=", &unique()].concat(),
    };
    let started = context.clock.now();
    if let Some(ready_state) = event_source::end_of(&url, limit).await {
        let after = context.clock.now().saturating_sub(started);
        (context.record)(Fact::EventSource { url, ready_state, after });
    }
    Ok(())
}
