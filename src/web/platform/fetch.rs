//! One fetch with its own deadline, from the call to the end of the body (WHATWG Fetch). Dropping it aborts it.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, PerformanceResourceTiming, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit, RequestMode, RequestRedirect,
};

use super::clock::Clock;
use super::{thrown, within};
use crate::evidence::{Exchange, Outcome, Purpose, Response};
use crate::protocol::html;

/// Most bytes that are read of a body: a hostile one has no end.
const BODY_LIMIT: usize = 128 * 1024;

/// Headers that name a gateway, a limit or a type. Others are not recorded: they may carry secrets.
const HEADERS: [&str; 22] = [
    "content-type",
    "content-length",
    "content-encoding",
    "server",
    "via",
    "date",
    "age",
    "retry-after",
    "www-authenticate",
    "cf-ray",
    "x-azure-ref",
    "x-amz-cf-id",
    "x-cache",
    "x-envoy-upstream-service-time",
    "fly-request-id",
    "x-powered-by",
    "alt-svc",
    "etag",
    "x-ratelimit-limit",
    "ratelimit-limit",
    "x-served-by",
    "cache-control",
];

/// What to ask.
pub struct Request {
    pub purpose: Purpose,
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Its path without query, as planned.
    pub path: String,
    pub eio: u8,
    pub mode: RequestMode,
    pub credentials: RequestCredentials,
    pub redirect: RequestRedirect,
    pub body: Option<String>,
    pub cross_origin: bool,
}

struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks, and waits at most `limit` milliseconds in all. The body's text is given beside the fact, for what a conversation
/// needs next and the evidence may not hold (a session id).
pub async fn fetch(clock: Clock, request: Request, limit: u32) -> (Exchange, String) {
    let started = clock.now();
    let mut exchange = Exchange {
        purpose: request.purpose,
        method: request.method.to_owned(),
        url: request.url.clone(),
        path: request.path,
        eio: request.eio,
        mode: mode_word(request.mode).to_owned(),
        credentials: credentials_word(request.credentials).to_owned(),
        cross_origin: request.cross_origin,
        started,
        responded_after: None,
        ended_after: 0,
        next_hop_protocol: String::new(),
        outcome: Outcome::TimedOut { responded: false },
    };
    let mut text = String::new();
    let asked = ask(&request.url, request.method, request.mode, request.credentials, request.redirect, request.body.as_deref());
    match asked {
        Err(value) => exchange.outcome = rejected(&value),
        Ok((controller, promise)) => {
            let _abort = AbortOnDrop(controller);
            match within(limit, JsFuture::from(promise)).await {
                None => {}
                Some(Err(value)) => exchange.outcome = rejected(&value),
                Some(Ok(value)) => {
                    exchange.responded_after = Some(clock.now().saturating_sub(started));
                    let response: web_sys::Response = value.unchecked_into();
                    let left = limit.saturating_sub(clock.now().saturating_sub(started)).max(50);
                    let (fact, body) = read(&response, &request.url, left).await;
                    text = body;
                    exchange.outcome = Outcome::Response(fact);
                }
            }
        }
    }
    exchange.ended_after = clock.now().saturating_sub(started);
    exchange.next_hop_protocol = next_hop_protocol(&request.url);
    (exchange, text)
}

fn ask(
    url: &str,
    method: &str,
    mode: RequestMode,
    credentials: RequestCredentials,
    redirect: RequestRedirect,
    body: Option<&str>,
) -> Result<(AbortController, js_sys::Promise), JsValue> {
    let controller = AbortController::new()?;
    let init = RequestInit::new();
    init.set_method(method);
    init.set_mode(mode);
    init.set_credentials(credentials);
    init.set_redirect(redirect);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&controller.signal()));
    if let Some(body) = body {
        init.set_body(&JsValue::from_str(body));
    }
    let window = web_sys::window().ok_or_else(|| JsValue::from_str("no window"))?;
    // By the window's own property, so that a fetch that is missing is an error and not a trap.
    let fetch: js_sys::Function = Reflect::get(&window, &"fetch".into())?.dyn_into().map_err(|_| JsValue::from_str("fetch is missing"))?;
    let promise = fetch.call2(&window, &url.into(), &init)?;
    Ok((controller, promise.dyn_into().map_err(|_| JsValue::from_str("fetch gave no promise"))?))
}

fn rejected(value: &JsValue) -> Outcome {
    let (name, message) = thrown(value);
    Outcome::Rejected { name, message }
}

async fn read(response: &web_sys::Response, asked: &str, limit: u32) -> (Response, String) {
    let headers = response.headers();
    let readable = |name: &&str| headers.get(name).ok().flatten().map(|value| ((*name).to_owned(), value));
    let final_url = response.url();
    let mut fact = Response {
        response_type: response_type(response),
        status: response.status(),
        redirected: response.redirected(),
        same_origin_as_asked: final_url.is_empty() || same_origin(&final_url, asked),
        final_url,
        headers: HEADERS.iter().filter_map(readable).collect(),
        ..Response::default()
    };
    let mut bytes = Vec::new();
    fact.body_complete = match response.body() {
        None => true,
        Some(stream) => match stream.get_reader().dyn_into::<ReadableStreamDefaultReader>() {
            Ok(reader) => {
                let done = within(limit, drain(&reader, &mut bytes)).await.unwrap_or(false);
                if !done {
                    // The promise of a cancelled body is of no interest, and a rejected one may not become an unhandled rejection.
                    let ignored = reader.cancel();
                    wasm_bindgen_futures::spawn_local(async move {
                        let _ = JsFuture::from(ignored).await;
                    });
                }
                done
            }
            Err(_) => false,
        },
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    fact.body_bytes = bytes.len() as u32;
    fact.digest = digest(&bytes);
    fact.html = html::looks_like_html(&text).then(|| html::outline(&text));
    fact.excerpt = text.chars().take(crate::evidence::EXCERPT + 1).collect();
    (fact, text)
}

/// Reads to the end: true; to the limit or a broken end: false.
async fn drain(reader: &ReadableStreamDefaultReader, bytes: &mut Vec<u8>) -> bool {
    loop {
        let Ok(chunk) = JsFuture::from(reader.read()).await else { return false };
        if Reflect::get(&chunk, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return true;
        }
        let Ok(value) = Reflect::get(&chunk, &"value".into()) else { return false };
        let array: Uint8Array = value.unchecked_into();
        let room = BODY_LIMIT - bytes.len();
        let take = (array.length() as usize).min(room);
        bytes.extend_from_slice(&array.subarray(0, take as u32).to_vec());
        if bytes.len() >= BODY_LIMIT {
            return false;
        }
    }
}

fn response_type(response: &web_sys::Response) -> String {
    Reflect::get(response, &"type".into()).ok().and_then(|t| t.as_string()).unwrap_or_default()
}

fn same_origin(one: &str, other: &str) -> bool {
    let origin = |url: &str| crate::address::Address::parse(url).map(|a| a.origin());
    origin(one) == origin(other)
}

fn mode_word(mode: RequestMode) -> &'static str {
    match mode {
        RequestMode::NoCors => "no-cors",
        RequestMode::SameOrigin => "same-origin",
        _ => "cors",
    }
}

fn credentials_word(credentials: RequestCredentials) -> &'static str {
    match credentials {
        RequestCredentials::Omit => "omit",
        RequestCredentials::Include => "include",
        _ => "same-origin",
    }
}

/// FNV-1a, 64 bits: to tell equal bodies from different ones, no more.
fn digest(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let digit = |shift: u32| char::from_digit(((hash >> shift) & 0xf) as u32, 16).unwrap_or('0');
    (0..16).rev().map(|i| digit(i * 4)).collect()
}

/// Resource Timing's protocol for this very URL; empty where the browser does not tell.
fn next_hop_protocol(url: &str) -> String {
    let entries = web_sys::window().and_then(|w| w.performance()).map(|p| p.get_entries_by_name_with_entry_type(url, "resource"));
    entries
        .and_then(|list| list.iter().last())
        .and_then(|entry| entry.dyn_into::<PerformanceResourceTiming>().ok())
        .map(|timing| timing.next_hop_protocol())
        .unwrap_or_default()
}
