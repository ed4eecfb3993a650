//! An observation as one line, in the words of the interface that reported it. No conclusion: that is a rule's business.

use super::calls;
use crate::evidence::{
    Cookies, End, Environment, Evidence, Exchange, Fact, Happening, Outcome, RoundTrips, Rung, SocketLife, Storage, Stream, StreamEnd, Workers,
};
use crate::rules::ws010_high_latency::percentile;
use crate::t;
use crate::words::Text;

pub fn words(fact: &Fact) -> String {
    match fact {
        Fact::Environment(environment) => of_environment(environment),
        Fact::Exchange(exchange) => of_exchange(exchange),
        Fact::Socket(life) => of_socket(life),
        Fact::Visibility { hidden } => ["visibilitychange: ", if *hidden { "hidden" } else { "visible" }].concat(),
        Fact::Connectivity { online } => [if *online { "online" } else { "offline" }, " event of the window"].concat(),
        Fact::PolicyViolation { directive, blocked, enforced } => {
            ["securitypolicyviolation: ", directive, " ", if *enforced { "blocked " } else { "reported " }, blocked].concat()
        }
        Fact::Cookies(cookies) => of_cookies(cookies),
        Fact::Storage(storage) => of_storage(storage),
        Fact::Workers(workers) => of_workers(workers),
        Fact::Navigation(navigation) => {
            let seen = navigation.html.as_ref().map_or("nothing that can be read".to_owned(), |html| ["assets ", &html.assets].concat());
            ["Navigation to ", &navigation.path, " in a frame: ", &seen].concat()
        }
        Fact::Permission { name, state } => ["permission ", name, ": ", state].concat(),
        Fact::EventSource { url, ready_state, after } => {
            ["EventSource ", url, ": readyState ", &ready_state.to_string(), " at ", &after.to_string(), " ms"].concat()
        }
        Fact::Pause { milliseconds } => ["a timer was ", &milliseconds.to_string(), " ms late"].concat(),
        Fact::Stream(stream) => of_stream(stream),
        Fact::RoundTrips(trips) => of_round_trips(trips),
        Fact::Delivery(delivery) => {
            let instances: Vec<String> = delivery
                .sessions
                .iter()
                .map(|s| [s.state.as_str(), " at ", &s.instance.to_string(), if s.heard_after.is_some() { ", heard" } else { "" }].concat())
                .collect();
            ["Broadcast over ", &delivery.path, ": ", &instances.join("; ")].concat()
        }
        Fact::Rung(rung) => of_rung(rung),
        Fact::IceServers(servers) => calls::of_servers(servers),
        Fact::Gathering(gathering) => calls::of_gathering(gathering),
        Fact::Loopback(loopback) => calls::of_loopback(loopback),
        Fact::Call(call) => calls::of_call(call),
        Fact::CallToken(token) => {
            let joins = token.claims.as_ref().map_or("none that can be read", |claims| if claims.joins { "may join" } else { "may not join" });
            ["Token: ", joins].concat()
        }
        Fact::Devices(devices) => calls::of_devices(devices),
        Fact::Capture(capture) => calls::of_capture(capture),
        Fact::WebTransport(transport) => calls::of_transport(transport),
        Fact::ClientError { before, message } => ["The chat's own client, ", &before.to_string(), " ms before: ", message].concat(),
        Fact::StepEnded { step, end } => ["Step ", step, " ", &of_end(end)].concat(),
    }
}

pub fn of_rung(rung: &Rung) -> String {
    let mut out = [&rung.sockets.to_string(), " at one time: ", &rung.opened.len().to_string(), " opened"].concat();
    let slowest = rung.opened.iter().max().map_or(String::new(), |ms| [", the slowest after ", &ms.to_string(), " ms"].concat());
    out.push_str(&slowest);
    for (count, words) in [(rung.refused, " refused"), (rung.silent, " unanswered"), (rung.dropped, " dropped")] {
        if count > 0 {
            out.push_str(&[", ", &count.to_string(), words].concat());
        }
    }
    out
}

fn of_environment(environment: &Environment) -> String {
    let mut out = [environment.scheme.as_str(), " page, navigator.onLine ", if environment.online { "true" } else { "false" }].concat();
    for (holds, words) in [
        (!environment.secure_context, "no secure context"),
        (environment.framed, "in a frame"),
        (environment.opaque_origin, "origin null"),
        (environment.hidden, "hidden"),
        (environment.service_worker, "controlled by a service worker"),
    ] {
        if holds {
            out.push_str(", ");
            out.push_str(words);
        }
    }
    for missing in &environment.missing {
        out.push_str(", without ");
        out.push_str(missing);
    }
    out.push_str(", ");
    out.push_str(&environment.user_agent);
    out
}

fn of_exchange(exchange: &Exchange) -> String {
    let ended = exchange.ended_after.to_string();
    let told = match &exchange.outcome {
        Outcome::Response(response) => {
            let status = if response.status == 0 { String::new() } else { [" ", &response.status.to_string()].concat() };
            let end = match (response.broken_off, response.body_complete) {
                (true, _) => ", body broken off",
                (_, true) => "",
                _ => ", body not complete",
            };
            [response.response_type.as_str(), &status, if response.redirected { ", redirected" } else { "" }, end, ", ", &ended, " ms"].concat()
        }
        Outcome::Rejected { name, message } => ["rejected after ", &ended, " ms: ", name, ": ", message].concat(),
        Outcome::TimedOut { responded: true } => ["response came, body did not end in ", &ended, " ms"].concat(),
        Outcome::TimedOut { responded: false } => ["no response in ", &ended, " ms"].concat(),
    };
    let cache = if exchange.cache.is_empty() { String::new() } else { [", ", &exchange.cache].concat() };
    [&exchange.method, " ", &exchange.url, " (", &exchange.mode, ", ", &exchange.credentials, &cache, "): ", &told].concat()
}

fn of_cookies(cookies: &Cookies) -> String {
    let mut out = ["document.cookie: ", &cookies.count.to_string(), " readable, ", &cookies.size.to_string(), " characters"].concat();
    for trial in &cookies.trials {
        out.push_str(if trial.kept { ", keeps " } else { ", loses " });
        out.push_str(&trial.kind);
    }
    if let Some(name) = &cookies.threw {
        out.push_str(", threw ");
        out.push_str(name);
    }
    if let Some(access) = cookies.storage_access {
        out.push_str(if access { ", storage access" } else { ", no storage access" });
    }
    out
}

fn of_storage(storage: &Storage) -> String {
    let mut out = String::from("Storage");
    let mut add = |parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
    for area in &storage.areas {
        add(&[", ", &area.name, " ", &area.how]);
    }
    if let (Some(usage), Some(quota)) = (storage.usage, storage.quota) {
        add(&[", uses ", &usage.to_string(), " of ", &quota.to_string(), " kB"]);
    }
    for key in &storage.keys {
        add(&[", key ", &key.name, " of ", &key.size.to_string(), " characters"]);
    }
    out
}

fn of_workers(workers: &Workers) -> String {
    let mut out = String::from("Service workers");
    let mut add = |parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
    for one in &workers.registrations {
        add(&[
            ", ",
            &one.script,
            " for ",
            &one.scope,
            if one.controls { " (controls this page)" } else { "" },
            if one.waiting { " (a newer one waits)" } else { "" },
        ]);
    }
    for copy in &workers.caches {
        add(&[", cache ", &copy.name, if copy.holds_page { " with the chat's page" } else { "" }]);
    }
    if workers.registrations.is_empty() {
        add(&[", none"]);
    }
    out
}

fn of_socket(life: &SocketLife) -> String {
    let mut out = ["WebSocket ", &life.url, ": "].concat();
    let mut first = true;
    for event in &life.events {
        let words = match &event.what {
            Happening::Open { .. } => "open".to_owned(),
            Happening::Frame { binary: true, length, .. } => ["binary message of ", &length.to_string()].concat(),
            Happening::Frame { text, .. } => ["message ", &crate::redact::shorten(text, 40)].concat(),
            Happening::Sent { text, .. } => ["sent ", &crate::redact::shorten(text, 40)].concat(),
            Happening::Error => "error".to_owned(),
            Happening::Close { code, reason, clean } => {
                let between = if reason.is_empty() { "" } else { " " };
                ["close ", &code.to_string(), between, reason, if *clean { " (clean)" } else { " (not clean)" }].concat()
            }
            Happening::Threw { name, message } => ["threw ", name, ": ", message].concat(),
            Happening::Deadline { waiting_for } => ["still no ", waiting_for].concat(),
            Happening::ClosedByProbe => "closed by this page".to_owned(),
            Happening::Flood => "too many messages".to_owned(),
        };
        if !first {
            out.push_str(", ");
        }
        first = false;
        out.push_str(&words);
        out.push_str(" at ");
        out.push_str(&event.after.to_string());
        out.push_str(" ms");
    }
    out
}

fn of_stream(stream: &Stream) -> String {
    let end = match &stream.end {
        StreamEnd::Whole { .. } => "ended",
        StreamEnd::Broken { .. } => "broken off",
        StreamEnd::Rejected { .. } => "rejected",
        StreamEnd::Silent => "no answer",
        StreamEnd::Left => "left",
    };
    let first = stream.arrivals.first().map_or(String::new(), |a| [", the first after ", &a.after.to_string(), " ms"].concat());
    let count = [&stream.events.to_string(), " events in ", &stream.arrivals.len().to_string(), " pieces"].concat();
    ["Stream ", &stream.url, " (", &stream.by, "): ", &count, &first, ", ", end, " after ", &stream.ended_after.to_string(), " ms"].concat()
}

/// Microseconds as milliseconds, with a tenth where that is worth something.
pub fn ms(micro: u32) -> String {
    let whole = (micro / 1000).to_string();
    let tenth = micro % 1000 / 100;
    if micro >= 10_000 || tenth == 0 { [&whole, " ms"].concat() } else { [&whole, ".", &tenth.to_string(), " ms"].concat() }
}

/// Round trips of the newest measurement, in one line for everybody.
pub fn way_there_and_back(evidence: &Evidence) -> Option<Text> {
    let newest = |of: &str| evidence.round_trips().rfind(|(_, trips)| trips.of == of).and_then(|(_, trips)| Some((ms(percentile(trips, 50)?), trips)));
    let (http, socket) = (newest("http"), newest("socket"));
    let step = ms(socket.as_ref().or(http.as_ref())?.1.resolution);
    Some(match (http, socket) {
        (Some((http, _)), Some((socket, _))) => t!(
            "The way there and back takes {socket} on the live connection and {http} for a small request. This browser’s clock goes in steps of {step}.",
            socket = socket,
            http = http,
            step = step
        ),
        (Some((half, _)), None) | (None, Some((half, _))) => {
            t!("The way there and back takes {half}. This browser’s clock goes in steps of {step}.", half = half, step = step)
        }
        (None, None) => return None,
    })
}

fn jitter(trips: &RoundTrips) -> u32 {
    percentile(trips, 75).zip(percentile(trips, 25)).map_or(0, |(high, low)| high - low)
}

/// With the clock's resolution, without which the figures say little.
fn of_round_trips(trips: &RoundTrips) -> String {
    let of = |hundred| percentile(trips, hundred).map_or("none".to_owned(), ms);
    let by = if trips.in_worker { "a worker" } else { "the page" };
    [
        "Round trips (",
        &trips.of,
        ", by ",
        by,
        "): ",
        &trips.samples.len().to_string(),
        ", p50 ",
        &of(50),
        ", p95 ",
        &of(95),
        ", jitter ",
        &ms(jitter(trips)),
        ", clock's step ",
        &ms(trips.resolution),
        ", lost ",
        &trips.lost.to_string(),
    ]
    .concat()
}

fn of_end(end: &End) -> String {
    match end {
        End::Completed => "completed".to_owned(),
        End::TimedOut => "timed out".to_owned(),
        End::Skipped { why } => ["skipped: ", why].concat(),
        End::Unsupported { api } => ["unsupported: no ", api].concat(),
        End::Threw { name, message } => ["threw ", name, ": ", message].concat(),
    }
}
