//! Round trips in a row, measured in a worker: what the page is busy with would go straight into them (measured).

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::super::platform::module::{done_by, object};
use super::{Context, Ended, engine_query, unique};
use crate::evidence::{End, Fact, RoundTrips};
use crate::protocol::socket_io;

/// Requests over HTTP, the first of them left out, and questions on the socket.
const HTTP: u32 = 11;
const SOCKET: u32 = 21;
/// All of it, in milliseconds.
const LIMIT: u32 = 15_000;

pub async fn round_trips(context: &Context, path: &str, eio: u8) -> Ended {
    let Some(measure) = &context.place.measure else {
        return unsupported(context, "Worker");
    };
    let limit = context.left(LIMIT)?;
    context.spend(HTTP + 1)?;
    let query = engine_query(context, eio, "websocket");
    let job = object([
        ("http", [&context.url(path), "?", &query, "&t=", &unique()].concat().into()),
        ("socket", [context.profile.socket_origin().as_str(), path, "?", &query].concat().into()),
        ("requests", HTTP.into()),
        ("questions", SOCKET.into()),
        ("question", socket_io::unknown_namespace_ping(0).into()),
        ("answer", ["44", socket_io::UNKNOWN_NAMESPACE].concat().into()),
        ("joined", ["40", socket_io::UNKNOWN_NAMESPACE].concat().into()),
        ("leave", ["41", socket_io::UNKNOWN_NAMESPACE, ","].concat().into()),
        ("limit", limit.saturating_sub(500).into()),
    ]);
    let started = context.clock.now();
    let Some(told) = done_by(measure, &job, limit).await else {
        return unsupported(context, "Worker");
    };
    let number = |name: &str| Reflect::get(&told, &name.into()).ok().and_then(|v| v.as_f64()).unwrap_or(0.0).clamp(0.0, 4e9) as u32;
    let samples = |name: &str| -> Vec<u32> {
        let list = Reflect::get(&told, &name.into()).ok().filter(JsValue::is_object).map(|v| js_sys::Array::from(&v)).unwrap_or_default();
        list.iter().take(64).filter_map(|v| v.as_f64()).map(|v| v.clamp(0.0, 4e9) as u32).collect()
    };
    let in_worker = Reflect::get(&told, &"inWorker".into()).is_ok_and(|v| v.is_truthy());
    for of in ["http", "socket"] {
        let lost = number(if of == "http" { "httpLost" } else { "socketLost" });
        let trips = RoundTrips { path: path.to_owned(), of: of.to_owned(), in_worker, resolution: number("resolution"), samples: samples(of), lost, started };
        (context.record)(Fact::RoundTrips(trips));
    }
    Ok(())
}

fn unsupported(context: &Context, api: &str) -> Ended {
    (context.record)(Fact::StepEnded { step: "round-trips".to_owned(), end: End::Unsupported { api: api.to_owned() } });
    Ok(())
}
