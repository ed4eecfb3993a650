//! # PATH003 one-transport-by-design
//!
//! ## What it means
//! The server offers one of the two transports only, on purpose. Information, no fault.
//!
//! ## How it is recognised
//! The engine itself says that long-polling is unknown or disabled, and a WebSocket says hello; or long-polling says hello
//! without offering an upgrade, or the engine names WebSocket as disabled. The chat's page may say the same of its client (Chainlit's `transports`).
//! What another answer at that path contradicts is no design: instances that differ say both.
//!
//! ## What it does not mean
//! Nothing is broken: Open WebUI and Semaphore Chat answer long-polling with 400 by design. Whoever can use only the other
//! transport can't use this chat.
//!
//! ## What to do
//! Nothing.
//!
//! ## References
//! Engine.IO protocol 4, `upgrades`; measured: "Invalid transport" (Python), codes 0 and 3 (Node, engineioxide).

use super::{Cites, Confidence, Finding, Outcome, Rule, Severity};
use crate::evidence::Cite;
use crate::protocol::engine_io::Answer;
use crate::survey::Live;
use crate::guidance::Guidance;
use crate::survey::Survey;
use crate::t;

pub const RULE: Rule = Rule { code: "PATH003", name: "one-transport-by-design", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    let found = match (survey.polling_off_by_design(), survey.websocket_off_by_design()) {
        (Some(cite), _) if matches!(survey.live(), Live::Hello { .. }) => Some((cite, survey.websocket_hello().map(|(c, _)| c), "websocket-only")),
        (_, Some(cite)) if survey.polling_hello().is_some() => Some((cite, survey.polling_works(), "polling-only")),
        _ => None,
    };
    let Some((cite, other, kind)) = found.filter(|(cite, _, kind)| !is_contradicted(survey, *cite, kind)) else {
        return Outcome::Clear;
    };
    Outcome::Fires(RULE.finding(Severity::Info, Confidence::Observed, &[], Cites::of(cite, other)).with("kind", kind))
}

/// Whether an engine at the same path does what this word of it says that it does not do.
fn is_contradicted(survey: &Survey, cite: Cite, kind: &str) -> bool {
    let opened = || survey.engine_exchanges().filter_map(|(_, x)| if let Answer::Open { packet, .. } = x.engine() { Some(packet) } else { None });
    if kind == "websocket-only" {
        return opened().next().is_some();
    }
    // What the page tells its client is the client's matter, whatever the server does. An engine that refuses WebSockets by name may offer them all
    // the same (measured on python-socketio).
    let word = survey.engine_exchanges().find(|(engine, _)| *engine == cite).map(|(_, x)| x.engine());
    let offers_none = matches!(word, Some(Answer::Open { .. }));
    word.is_some() && survey.an_upgrade_opened() || offers_none && opened().any(|packet| packet.offers_websocket())
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let title = match finding.param("kind") {
        "polling-only" => t!("By design this chat works with ordinary requests alone, which is no fault."),
        _ => t!("By design this chat works with a live connection alone, which is no fault."),
    };
    vec![Guidance::person(&finding.code, title)]
}
