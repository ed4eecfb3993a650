//! Single requests: each asks once and records the answer.

use web_sys::{RequestCredentials, RequestMode, RequestRedirect};

use super::{Context, Spent, engine_query, unique};
use crate::address::Address;
use crate::evidence::Purpose;

type Ended = Result<(), Spent>;

/// A file of the page's own. A redirect is followed only when asked: nothing redirects a static file that loaded a moment ago.
pub async fn own_file(context: &Context, purpose: Purpose, follow: bool) -> Ended {
    let mut request = context.request(purpose, "/", "");
    if purpose == Purpose::Gate {
        request.credentials = RequestCredentials::Omit;
    }
    let without_query = context.own_file.split(['?', '#']).next().unwrap_or("");
    request.path = Address::parse(without_query).map_or_else(|| "/".to_owned(), |a| a.path);
    request.url = [without_query, "?connection-doctor=", &unique()].concat();
    request.redirect = if follow { RequestRedirect::Follow } else { RequestRedirect::Manual };
    request.cross_origin = false;
    context.ask(request).await.map(drop)
}

pub async fn chat_page(context: &Context, as_person: bool) -> Ended {
    let path = context.profile.chat_page.clone();
    let mut request = context.request(Purpose::ChatPage, &path, "");
    if !as_person {
        request.credentials = RequestCredentials::Omit;
    }
    context.ask(request).await.map(drop)
}

pub async fn server(context: &Context) -> Ended {
    let mut request = context.request(Purpose::Server, "/", "");
    request.credentials = RequestCredentials::Omit;
    context.ask(request).await.map(drop)
}

pub async fn no_cors(context: &Context, path: &str) -> Ended {
    // The WebSocket's URL: a plain request to it opens no session, and the answer is not needed.
    let query = if path == "/" { String::new() } else { engine_query(4, "websocket") };
    let mut request = context.request(Purpose::ServerNoCors, path, &query);
    request.mode = RequestMode::NoCors;
    request.credentials = RequestCredentials::Omit;
    context.ask(request).await.map(drop)
}

pub async fn endpoint(context: &Context, purpose: Purpose, path: &str) -> Ended {
    let mut request = context.request(purpose, path, "");
    if purpose != Purpose::User {
        request.credentials = RequestCredentials::Omit;
    }
    context.ask(request).await.map(drop)
}

/// The same path with `redirect: manual`: an answer of type `opaqueredirect` tells that a redirect is what was there.
pub async fn redirect_control(context: &Context, path: &str) -> Ended {
    let socket = path == context.profile.chat_page;
    let mut request = context.request(Purpose::RedirectControl, path, if socket { "" } else { "EIO=4&transport=polling" });
    request.redirect = RequestRedirect::Manual;
    context.ask(request).await.map(drop)
}

/// A plain GET of the WebSocket's URL; it opens no session in any engine (measured).
pub async fn companion(context: &Context, purpose: Purpose, path: &str, eio: u8) -> Ended {
    let mut request = context.request(purpose, path, &engine_query(eio, "websocket"));
    request.eio = eio;
    context.ask(request).await.map(drop)
}

/// A POST without a sid carries an Origin, which a GET to the own origin does not, and opens nothing (measured). By `polling`,
/// also where that is switched off: python-engineio looks at the origin first, and what stands before an application may answer
/// `websocket` in its place (Open WebUI does).
pub async fn origin_probe(context: &Context, path: &str, eio: u8) -> Ended {
    let mut request = context.request(Purpose::OriginProbe, path, &engine_query(eio, "polling"));
    request.eio = eio;
    request.method = "POST";
    request.body = Some(String::new());
    context.ask(request).await.map(drop)
}

/// A plain GET of the raw WebSocket's URL. From another origin only `no-cors` tells whether anything answers.
pub async fn raw_companion(context: &Context) -> Ended {
    let Some(address) = context.profile.ws_url.as_deref().and_then(Address::parse) else { return Ok(()) };
    let mut request = context.request(Purpose::Companion, "/", "");
    request.url = [address.origin().as_str(), &address.path].concat();
    request.path = address.path.split('?').next().unwrap_or("/").to_owned();
    request.cross_origin = address.origin() != context.profile.page_origin;
    request.credentials = RequestCredentials::Omit;
    if request.cross_origin {
        request.mode = RequestMode::NoCors;
    }
    context.ask(request).await.map(drop)
}
