//! One streamed answer: what comes, when, and how it ends; by `fetch` (WHATWG Fetch, Streams) and by `EventSource` (WHATWG HTML).

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventSource, MessageEvent, ReadableStreamDefaultReader};

use super::super::platform::event_source::CloseOnDrop;
use super::super::platform::fetch::{AbortOnDrop, HEADERS, ask, timing};
use super::super::platform::first_event::FirstEvent;
use super::super::platform::{thrown, within};
use super::{Context, Ended, unique};
use crate::address::Address;
use crate::evidence::{ARRIVALS, Arrival, Fact, Purpose, Stream, StreamEnd};
use crate::protocol::event_stream::{self, Event, Reader};

/// Most bytes that are read: a stream may have no end.
const MOST: u32 = 2_000_000;

fn blank(context: &Context, url: &str, by: &str, query: &str) -> Stream {
    let mut absolute = if url.starts_with('/') { context.url(url) } else { url.to_owned() };
    if !query.is_empty() {
        absolute = [absolute.as_str(), if absolute.contains('?') { "&" } else { "?" }, query].concat();
    }
    let address = Address::parse(&absolute);
    Stream {
        path: address.as_ref().map(|a| a.path.split('?').next().unwrap_or("/").to_owned()).unwrap_or_default(),
        cross_origin: address.is_some_and(|a| a.origin() != context.profile.page_origin),
        url: absolute,
        by: by.to_owned(),
        started: context.clock.now(),
        ..Stream::default()
    }
}

/// Takes down what came together, and how many events that is.
fn take(fact: &mut Stream, after: u32, bytes: u32, count: u32, events: &[Event]) {
    let sent = events.first().and_then(event_stream::sent_at).zip(events.last().and_then(event_stream::sent_at));
    fact.ours |= sent.is_some();
    fact.bytes = fact.bytes.saturating_add(bytes);
    fact.events = fact.events.saturating_add(count);
    if fact.arrivals.len() < ARRIVALS {
        fact.arrivals.push(Arrival { after, bytes, events: count, sent });
    }
}

pub async fn by_fetch(context: &Context, url: &str, seconds: u32) -> Ended {
    let _permit = context.permit().await?;
    let limit = context.left(context.limits.stream)?;
    // Nothing is added to a foreign address, which may be signed as it stands.
    let query = if seconds > 0 { ["seconds=", &seconds.to_string(), "&t=", &unique()].concat() } else { String::new() };
    let mut fact = blank(context, url, "fetch", &query);
    let mut request = context.request(Purpose::Health, "/", "");
    request.url = fact.url.clone();
    request.headers = vec![("accept".to_owned(), "text/event-stream, */*".to_owned())];
    let clock = context.clock;
    let started = fact.started;
    let after = move || clock.now().saturating_sub(started);
    match ask(&request) {
        Err(value) => fact.end = rejected(&value),
        Ok((controller, promise)) => {
            let _abort = AbortOnDrop(controller);
            match within(limit, JsFuture::from(promise)).await {
                None => {}
                Some(Err(value)) => fact.end = rejected(&value),
                Some(Ok(value)) => {
                    fact.responded_after = Some(after());
                    let response: web_sys::Response = value.unchecked_into();
                    fact.status = response.status();
                    if response.redirected() {
                        fact.led_to = response.url();
                    }
                    let headers = response.headers();
                    let readable = |name: &str| headers.get(name).ok().flatten().map(|value| (name.to_owned(), value));
                    fact.headers = HEADERS.into_iter().filter_map(readable).collect();
                    let reader = response.body().and_then(|body| body.get_reader().dyn_into::<ReadableStreamDefaultReader>().ok());
                    match reader {
                        Some(reader) => {
                            fact.end = StreamEnd::Left;
                            read(&mut fact, &reader, &after, limit).await;
                        }
                        None => fact.end = StreamEnd::Whole { told: false },
                    }
                }
            }
        }
    }
    fact.ended_after = after();
    if let Some(timing) = timing(&fact.url).filter(|_| fact.responded_after.is_some()) {
        fact.headers.push((":protocol".to_owned(), timing.next_hop_protocol()));
    }
    (context.record)(Fact::Stream(fact));
    Ok(())
}

/// Until the stream ends, or the time does, or enough came.
async fn read(fact: &mut Stream, reader: &ReadableStreamDefaultReader, after: &dyn Fn() -> u32, limit: u32) {
    let mut events = Reader::default();
    let by_lines = fact.header("content-type").is_some_and(event_stream::is_of_lines);
    let mut told = false;
    while fact.bytes < MOST {
        let left = limit.saturating_sub(after());
        match within(left, JsFuture::from(reader.read())).await {
            None => return,
            Some(Err(value)) => {
                let (name, message) = thrown(&value);
                fact.end = StreamEnd::Broken { name, message };
                return;
            }
            Some(Ok(chunk)) => {
                if Reflect::get(&chunk, &"done".into()).is_ok_and(|done| done.is_truthy()) {
                    fact.end = StreamEnd::Whole { told };
                    return;
                }
                let Ok(value) = Reflect::get(&chunk, &"value".into()) else { return };
                let bytes: Uint8Array = value.unchecked_into();
                let chunk = bytes.to_vec();
                let came = events.take(&chunk);
                told |= came.iter().any(event_stream::is_end);
                let count = if by_lines { chunk.iter().filter(|byte| **byte == b'\n').count() } else { came.len() };
                take(fact, after(), bytes.length(), count as u32, &came);
            }
        }
    }
}

fn rejected(value: &wasm_bindgen::JsValue) -> StreamEnd {
    let (name, message) = thrown(value);
    StreamEnd::Rejected { name, message }
}

/// As the chat's own client would, where it uses `EventSource`. It is closed at its first error: it would go on connecting.
pub async fn by_event_source(context: &Context, url: &str) -> Ended {
    let _permit = context.permit().await?;
    let limit = context.left(context.limits.request)?;
    let fact = Rc::new(RefCell::new(blank(context, url, "event-source", "")));
    let (clock, started) = (context.clock, fact.borrow().started);
    let after = move || clock.now().saturating_sub(started);
    let address = fact.borrow().url.clone();
    match EventSource::new(&address) {
        Err(value) => fact.borrow_mut().end = rejected(&value),
        Ok(source) => {
            let source = CloseOnDrop(source);
            let listen = |name: &'static str| {
                let fact = Rc::clone(&fact);
                EventListener::new(&source.0, name, move |event| {
                    let data = event.unchecked_ref::<MessageEvent>().data().as_string().unwrap_or_default();
                    let event = Event { name: name.to_owned(), data: data.chars().take(200).collect() };
                    take(&mut fact.borrow_mut(), after(), data.len() as u32, 1, &[event]);
                })
            };
            let opened = Rc::clone(&fact);
            let _listeners = [
                listen("message"),
                listen("connection-doctor"),
                listen("connection-doctor-end"),
                EventListener::new(&source.0, "open", move |_| opened.borrow_mut().responded_after = Some(after())),
            ];
            let ended = within(limit, FirstEvent::of(&source.0, &["error"])).await;
            let mut fact = fact.borrow_mut();
            // A stream that ends is an error to an EventSource, which then connects anew.
            fact.end = match (ended, fact.responded_after, source.0.ready_state()) {
                (None, Some(_), _) => StreamEnd::Left,
                (None, None, _) => StreamEnd::Silent,
                (Some(_), Some(_), _) => StreamEnd::Whole { told: false },
                (Some(_), None, state) => StreamEnd::Rejected { name: ["readyState ", &state.to_string()].concat(), message: String::new() },
            };
        }
    }
    let mut fact = fact.borrow_mut();
    fact.ended_after = after();
    (context.record)(Fact::Stream(std::mem::take(&mut *fact)));
    Ok(())
}
