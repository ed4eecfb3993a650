//! An observation as one line, in the words of the interface that reported it. No conclusion: that is a rule's business.

use crate::evidence::{End, Environment, Exchange, Fact, Happening, Outcome, SocketLife};

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
        Fact::StepEnded { step, end } => ["Step ", step, " ", &of_end(end)].concat(),
    }
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
            let end = if response.body_complete { "" } else { ", body not complete" };
            [response.response_type.as_str(), &status, if response.redirected { ", redirected" } else { "" }, end, ", ", &ended, " ms"].concat()
        }
        Outcome::Rejected { name, message } => ["rejected after ", &ended, " ms: ", name, ": ", message].concat(),
        Outcome::TimedOut { responded: true } => ["response came, body did not end in ", &ended, " ms"].concat(),
        Outcome::TimedOut { responded: false } => ["no response in ", &ended, " ms"].concat(),
    };
    [&exchange.method, " ", &exchange.url, " (", &exchange.mode, ", ", &exchange.credentials, "): ", &told].concat()
}

fn of_socket(life: &SocketLife) -> String {
    let mut out = ["WebSocket ", &life.url, ": "].concat();
    let mut first = true;
    for event in &life.events {
        let words = match &event.what {
            Happening::Open { .. } => "open".to_owned(),
            Happening::Frame { binary: true, length, .. } => ["binary message of ", &length.to_string()].concat(),
            Happening::Frame { text, .. } => ["message ", &crate::redact::shorten(text, 40)].concat(),
            Happening::Sent { text } => ["sent ", &crate::redact::shorten(text, 40)].concat(),
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

fn of_end(end: &End) -> String {
    match end {
        End::Completed => "completed".to_owned(),
        End::TimedOut => "timed out".to_owned(),
        End::Skipped { why } => ["skipped: ", why].concat(),
        End::Unsupported { api } => ["unsupported: no ", api].concat(),
        End::Threw { name, message } => ["threw ", name, ": ", message].concat(),
    }
}
