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
use crate::protocol::digest::digest;
use crate::protocol::{client_options, grpc_web, html};

/// Most bytes that are read of a body: a hostile one has no end.
pub const BODY_LIMIT: usize = 128 * 1024;

/// Headers that name a gateway, a limit or a type. Others are not recorded: they may carry secrets.
pub const HEADERS: [&str; 26] = [
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
    "content-security-policy",
    "last-modified",
    "x-accel-buffering",
    "ngrok-error-code",
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
    /// Which conversation it belongs to; 0 for none.
    pub session: u8,
    pub mode: RequestMode,
    pub credentials: RequestCredentials,
    pub redirect: RequestRedirect,
    pub cache: RequestCache,
    pub headers: Vec<(String, String)>,
    /// Names of headers to record besides the usual ones.
    pub wanted: Vec<String>,
    pub body: Option<String>,
    /// Most bytes that are read of the answer's body.
    pub read_at_most: usize,
    pub cross_origin: bool,
}

pub struct AbortOnDrop(pub AbortController);

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
        path: request.path.clone(),
        eio: request.eio,
        session: request.session,
        sent: request.body.as_ref().map_or(0, |body| body.len() as u32),
        mode: mode_word(request.mode).to_owned(),
        credentials: credentials_word(request.credentials).to_owned(),
        cache: cache_word(request.cache).to_owned(),
        cross_origin: request.cross_origin,
        started,
        responded_after: None,
        ended_after: 0,
        next_hop_protocol: String::new(),
        never_sent: false,
        outcome: Outcome::TimedOut { responded: false },
    };
    let mut text = String::new();
    match ask(&request) {
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
                    let (mut fact, body) = read(&response, &request, left).await;
                    text = body;
                    if request.cache == RequestCache::NoStore {
                        fact.clock_offset = clock_offset(&fact, exchange.responded_after.unwrap_or(0), clock.now().saturating_sub(started));
                    }
                    exchange.outcome = Outcome::Response(fact);
                }
            }
        }
    }
    exchange.ended_after = clock.now().saturating_sub(started);
    if let Some(timing) = timing(&request.url) {
        exchange.next_hop_protocol = timing.next_hop_protocol();
        exchange.never_sent = exchange.rejected() && never_sent(&timing);
    }
    (exchange, text)
}

pub fn ask(request: &Request) -> Result<(AbortController, js_sys::Promise), JsValue> {
    let controller = AbortController::new()?;
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_mode(request.mode);
    init.set_credentials(request.credentials);
    init.set_redirect(request.redirect);
    init.set_cache(request.cache);
    init.set_signal(Some(&controller.signal()));
    if let Some(body) = &request.body {
        init.set_body(&JsValue::from_str(body));
    }
    if !request.headers.is_empty() {
        let headers = js_sys::Object::new();
        for (name, value) in &request.headers {
            Reflect::set(&headers, &name.as_str().into(), &value.as_str().into())?;
        }
        init.set_headers(&headers);
    }
    let window = web_sys::window().ok_or_else(|| JsValue::from_str("no window"))?;
    // By the window's own property, so that a fetch that is missing is an error and not a trap.
    let fetch: js_sys::Function = Reflect::get(&window, &"fetch".into())?.dyn_into().map_err(|_| JsValue::from_str("fetch is missing"))?;
    let promise = fetch.call2(&window, &request.url.as_str().into(), &init)?;
    Ok((controller, promise.dyn_into().map_err(|_| JsValue::from_str("fetch gave no promise"))?))
}

fn rejected(value: &JsValue) -> Outcome {
    let (name, message) = thrown(value);
    Outcome::Rejected { name, message }
}

async fn read(response: &web_sys::Response, request: &Request, limit: u32) -> (Response, String) {
    let headers = response.headers();
    let readable = |name: &str| headers.get(name).ok().flatten().map(|value| (name.to_owned(), value));
    let wanted = HEADERS.into_iter().chain(request.wanted.iter().map(String::as_str));
    let final_url = response.url();
    let mut fact = Response {
        response_type: response_type(response),
        status: response.status(),
        redirected: response.redirected(),
        same_origin_as_asked: final_url.is_empty() || same_origin(&final_url, &request.url),
        final_url,
        headers: wanted.filter_map(readable).collect(),
        ..Response::default()
    };
    let mut bytes = Vec::new();
    fact.body_complete = match response.body() {
        None => true,
        Some(stream) => match stream.get_reader().dyn_into::<ReadableStreamDefaultReader>() {
            Ok(reader) => {
                let end = within(limit, drain(&reader, &mut bytes, request.read_at_most)).await;
                let done = end == Some(BodyEnd::Whole);
                fact.broken_off = end == Some(BodyEnd::BrokenOff);
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
    let kind = fact.header("content-type").unwrap_or("");
    fact.grpc = grpc_web::is_grpc_web(kind).then(|| {
        let (status, message) = (headers.get("grpc-status").ok().flatten(), headers.get("grpc-message").ok().flatten());
        grpc_web::read(kind, status.as_deref(), message.as_deref(), &bytes)
    });
    fact.html = html::looks_like_html(&text).then(|| html::outline(&text));
    let may_tell = matches!(request.purpose, Purpose::ChatPage | Purpose::HomePage | Purpose::Shell | Purpose::ClientScript);
    fact.client = may_tell.then(|| client_options::read(&text)).filter(|told| !told.is_empty());
    fact.excerpt = text.chars().take(crate::redact::LOOKED_AT + 1).collect();
    (fact, text)
}

#[derive(Clone, Copy, PartialEq)]
enum BodyEnd {
    Whole,
    AtLimit,
    BrokenOff,
}

async fn drain(reader: &ReadableStreamDefaultReader, bytes: &mut Vec<u8>, limit: usize) -> BodyEnd {
    loop {
        let Ok(chunk) = JsFuture::from(reader.read()).await else { return BodyEnd::BrokenOff };
        if Reflect::get(&chunk, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return BodyEnd::Whole;
        }
        let Ok(value) = Reflect::get(&chunk, &"value".into()) else { return BodyEnd::BrokenOff };
        let array: Uint8Array = value.unchecked_into();
        let room = limit - bytes.len();
        let take = (array.length() as usize).min(room);
        bytes.extend_from_slice(&array.subarray(0, take as u32).to_vec());
        if bytes.len() >= limit {
            return BodyEnd::AtLimit;
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

fn cache_word(cache: RequestCache) -> &'static str {
    match cache {
        RequestCache::Default => "default",
        RequestCache::OnlyIfCached => "only-if-cached",
        RequestCache::Reload => "reload",
        _ => "",
    }
}

/// What the answer's `Date` tells of the server's clock against this device's, in seconds. An answer of a shared cache is as
/// old as its `Age` (RFC 9111 section 5.1). The device's clock is read for the moment at which the response came.
fn clock_offset(response: &Response, responded_after: u32, now_after: u32) -> Option<i32> {
    let date = js_sys::Date::parse(response.header("date")?);
    let age: f64 = response.header("age").and_then(|age| age.trim().parse::<u32>().ok()).map_or(0.0, f64::from);
    let came = js_sys::Date::now() - f64::from(now_after.saturating_sub(responded_after));
    let offset = date / 1000.0 + age - came / 1000.0 + f64::from(responded_after) / 2000.0;
    (offset.is_finite() && offset.abs() < 2e9).then_some(offset.round() as i32)
}

/// Resource Timing's entry of this very URL.
pub fn timing(url: &str) -> Option<PerformanceResourceTiming> {
    let entries = web_sys::window()?.performance()?.get_entries_by_name_with_entry_type(url, "resource");
    entries.iter().last()?.dyn_into().ok()
}

fn never_sent(timing: &PerformanceResourceTiming) -> bool {
    let start = timing.fetch_start();
    let untouched = |at: f64| at == 0.0 || at == start;
    start > 0.0 && timing.response_end() == start && [timing.domain_lookup_start(), timing.connect_start(), timing.request_start()].into_iter().all(untouched)
}
