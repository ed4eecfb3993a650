//! Sends a report, after a click: the one place where something of a run leaves for another place than the chat's server. A part of the
//! program of its own, which comes with the words of this file, where a setting names a target (`bin/node/finish.mjs`).

use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use js_sys::{Function, Math, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::lexicon::Lexicon;
use super::platform::clock::Clock;
use super::platform::module::object;
use crate::profile::Targets;
use crate::protocol::json_text;
use crate::report::Report;
use crate::sending::otlp::{Ids, otlp};
use crate::sending::{ATTEMPT_LIMIT, Answer, Delivery, Next, TIME_LIMIT, next, origin, traces_url};
use crate::t;
use crate::words::{Phrase, Text, Words};

/// The part of the catalogue and of the program.
pub const PART: &str = "sending";
/// Who knows these words has the code of this file.
pub const COPY: Phrase = t!("Nothing is lost: copy the report, or download it.");

pub struct Letter {
    pub report: Rc<Report>,
    pub targets: Targets,
    pub page_origin: String,
    /// `({url, body, limit})`: a promise of the answer (`www/send.js`).
    pub post: Function,
    pub lexicon: Rc<Lexicon>,
    /// Says how it ended, and whether all of it is there.
    pub tell: Box<dyn Fn(String)>,
}

/// Sends it to each target, one after the other, and says how it ended.
pub async fn deliver(letter: Letter) {
    let mut endings: Vec<(String, Delivery)> = Vec::new();
    let to = |url: &str| origin(url, &letter.page_origin);
    if let Some(url) = &letter.targets.report {
        endings.push((to(url), one(&letter.post, url, &json_text::write(&*letter.report).unwrap_or_default()).await));
    }
    if let Some(url) = &letter.targets.otlp {
        let ids = Ids { trace: (0..4).fold(0, |id, _| (id << 32) | u128::from(chance())), span: (u64::from(chance()) << 32) | u64::from(chance()) };
        // The program itself wrote its time.
        if let Some(trace) = otlp(&letter.report, ids) {
            endings.push((to(url), one(&letter.post, &traces_url(url), &trace.json).await));
        }
    }
    (letter.tell)(told(&endings, &letter.lexicon.words()));
}

fn told(endings: &[(String, Delivery)], words: &Words) -> String {
    let mut sentences: Vec<String> = endings.iter().map(|(origin, ending)| words.say(of_ending(origin, ending))).collect();
    if endings.iter().any(|(_, ending)| !matches!(ending, Delivery::Sent | Delivery::Partly { .. })) {
        sentences.push(words.say(COPY));
    }
    sentences.join(" ")
}

fn of_ending(origin: &str, ending: &Delivery) -> Text {
    match ending {
        Delivery::Sent => t!("Sent to {origin}.", origin = origin),
        Delivery::Partly { refused, why } => {
            t!("Sent to {origin}. It did not take {count} parts, and says: {why}", origin = origin, count = refused.to_string(), why = why)
        }
        Delivery::Refused { status } => t!("Not sent: {origin} answered with HTTP {status}.", origin = origin, status = status.to_string()),
        Delivery::Unanswered => {
            t!("Not sent: {origin} did not answer in time, could not be reached, or does not let this page send to it.", origin = origin)
        }
        Delivery::Forbidden => {
            t!("Not sent: this page’s own rules (Content-Security-Policy, connect-src) do not allow to send to {origin}.", origin = origin)
        }
    }
}

async fn one(post: &Function, url: &str, body: &str) -> Delivery {
    let clock = Clock::start();
    let mut attempt = 1;
    loop {
        let limit = ATTEMPT_LIMIT.min(TIME_LIMIT.saturating_sub(clock.now()));
        let answer = posted(post, url, body, limit).await;
        match next(attempt, clock.now(), &answer, chance()) {
            Next::Over(ending) => return ending,
            Next::Again(wait) => TimeoutFuture::new(wait).await,
        }
        attempt += 1;
    }
}

async fn posted(post: &Function, url: &str, body: &str, limit: u32) -> Answer {
    let job = object([("url", url.into()), ("body", body.into()), ("limit", limit.into())]);
    let promise = post.call1(&JsValue::NULL, &job).ok().and_then(|promise| promise.dyn_into::<Promise>().ok());
    let Some(promise) = promise else { return Answer::Nothing };
    let Ok(told) = JsFuture::from(promise).await else { return Answer::Nothing };
    let field = |name: &str| Reflect::get(&told, &name.into()).unwrap_or_default();
    match field("status").as_f64().unwrap_or(0.0) as u16 {
        0 if field("forbidden").is_truthy() => Answer::Forbidden,
        0 => Answer::Nothing,
        status => Answer::Status { status, retry_after: field("retryAfter").as_string(), body: field("body").as_string().unwrap_or_default() },
    }
}

fn chance() -> u32 {
    (Math::random() * 4_294_967_296.0) as u32
}
