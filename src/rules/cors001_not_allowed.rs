//! # CORS001 not-allowed
//!
//! ## What it means
//! The server answers, and its answer does not allow this page to read it (CORS).
//!
//! ## How it is recognised
//! The server is another origin than the page's. The handshake by long-polling was rejected in request mode `cors`, and the same
//! path gave an opaque answer in `no-cors` (where other answers of it are readable: to the very request of the handshake), or none because of the server's Cross-Origin-Resource-Policy while a WebSocket at that
//! path said hello; no redirect to elsewhere was seen, nothing at the path was
//! readable without credentials, and no policy of the page's own blocked it. Where the WebSocket fails as well,
//! it only fits: CORS refuses none, and an error page of a gateway lacks the headers too. With a
//! client that uses WebSocket only, and a WebSocket that works, it is information only.
//!
//! ## What it does not mean
//! It does not say what is wrong with the header: missing, another origin, twice (CORS004 duplicate-header), or an error page
//! without it look alike to a page, so this one finding names them all. And CORS has no say over WebSockets.
//!
//! ## What to do
//! Let the server, and nothing else beside it, send one `Access-Control-Allow-Origin` with this page's origin.
//!
//! ## References
//! WHATWG Fetch, CORS protocol; measured in Chromium 156 and Firefox 153 (a list, a trailing slash, a header twice: all
//! rejected); report socketio/socket.io 2671.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Fact, Purpose};
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CORS001", name: "not-allowed", explains: &["POLL001", "POLL003", "WS002", "NET008", "SES001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if !survey.profile.is_cross_origin() || !survey.is_engine_subject() {
        return Outcome::Clear;
    }
    let Polling::Rejected { cite } = survey.polling else {
        return Outcome::Clear;
    };
    // Readable without cookies, and not with them: that is another finding.
    let without_cookies = survey.on_path(Purpose::Handshake).any(|(_, x)| x.credentials == "omit" && x.status().is_some());
    // Other answers of the path are readable: then only the same request tells that this is no filter's doing.
    let readable = survey.lets_this_page_read();
    if without_cookies || readable && survey.unreadable_handshake().is_none() {
        return Outcome::Clear;
    }
    let detour = survey.on_path(Purpose::RedirectControl).any(|(_, x)| x.is_opaque_redirect());
    let mut opaque = survey.evidence.exchanges_for(Purpose::ServerNoCors);
    let opaque = opaque.find(|(_, x)| x.path == survey.path && x.answered());
    // With Cross-Origin-Resource-Policy the browser withholds the answer in `no-cors` too; that the server is there, a WebSocket at
    // the same path tells, and in Chromium an EventSource tells a refused answer from none.
    let withheld = survey.evidence.exchanges_for(Purpose::ServerNoCors).find(|(_, x)| x.path == survey.path && x.rejected());
    let hello = survey.websocket_hello().map(|(c, _)| c).filter(|_| withheld.is_some());
    let Some(control) = opaque.map(|(c, _)| c).or(hello) else {
        return Outcome::Unknown { missing: english!("an answer in request mode no-cors") };
    };
    if detour || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    if !survey.polls() && survey.live() == Live::NotTried {
        return Outcome::Unknown { missing: english!("how the live connection fares, which CORS does not gate") };
    }
    let live = matches!(survey.live(), Live::Hello { .. });
    // Whether the chat's client polls is known of some applications only; where the live connection works, one that does not is
    // not touched.
    let severity = match (live, survey.polls()) {
        (true, false) => Severity::Info,
        (true, true) if survey.known.eio.is_none() => Severity::Degrades,
        _ => Severity::Blocks,
    };
    // CORS refuses no WebSocket: where that fails too, an error page of a gateway is as likely, and lacks the headers as well.
    let socket_fails = matches!(survey.live(), Live::Refused { .. } | Live::Hung { .. });
    let told = survey.evidence.observations().iter().any(|o| matches!(o.fact, Fact::EventSource { ready_state: 2, .. }));
    let told = opaque.is_some() || told && !survey.user_agent().contains("Firefox/");
    // A chat that begins with its live connection is not touched; which one this is, is not known.
    let certain = !(live && survey.known.eio.is_none());
    let confidence = if told && !socket_fails && certain { Confidence::StronglySuggested } else { Confidence::Correlated };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], Cites::of(cite, [control]));
    let finding = finding.with("resource-policy", if opaque.is_some() { "" } else { "cross-origin-resource-policy" });
    let finding = finding.with("websocket-fails", if socket_fails { "yes" } else { "" });
    let finding = if readable { finding.with("readable", "others") } else { finding };
    // Each of them looks the same to a page: one finding names all.
    let candidates = "missing, of another origin, twice (CORS004 duplicate-header)";
    Outcome::Fires(finding.with("page-origin", survey.profile.page_origin.clone()).with("candidates", candidates).with("websocket", if live { "works" } else { "" }))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("The chat's server does not let this page read its ordinary answers, which a chat that connects live does not need."))];
    }
    let title = if finding.param("websocket") == "works" && !finding.param("readable").is_empty() {
        t!("The live connection works; a chat that begins with ordinary requests is stopped: this page may not read the first answer.")
    } else if finding.param("websocket") == "works" {
        t!("The live connection works; a chat that begins with ordinary requests is stopped, since the server lets this page read none.")
    } else if finding.param("websocket-fails").is_empty() {
        t!("The chat's server most likely does not allow this page to talk to it.")
    } else {
        t!("The chat's server answers with something that this page may not read: an error, or it is not set up for this page.")
    };
    let person = Guidance::person(&finding.code, title)
        .step(t!("If you know the chat's own address, open it there directly."))
        .or_hand_on();
    let origin = finding.param("page-origin");
    let test = ["curl -i -H \"Origin: ", &operator::word(origin), "\" ", operator::polling_test(survey).trim_start_matches("curl -i ")].concat();
    let fails = !finding.param("websocket-fails").is_empty();
    let operator = if fails {
        // An error page lacks the headers as well, and allowing origins mends none.
        Guidance::operator(&finding.code, t!("See what the server answers, then mend that or allow this page's origin."))
            .step_with(t!("Test:"), test.clone())
            .step(t!("If its body begins with {start} and no Access-Control-Allow-Origin is there, allow this page's origin, as below. A redirect (3xx) leads to a sign-in or to https. 400 with “plain HTTP request was sent to HTTPS port” means that the address must begin with https. 502 to 504 come from a gateway that does not reach the chat's server.", start = "0{"))
    } else {
        Guidance::operator(&finding.code, t!("Allow this page's origin in the server's CORS setting."))
    };
    let operator = operator::allow_origin(operator, survey, origin);
    let operator = if survey.known.with_credentials {
        operator.step(t!("This chat sends cookies along: the answer must name the origin itself and carry Access-Control-Allow-Credentials: true."))
    } else {
        operator
    };
    let operator = if finding.param("resource-policy").is_empty() {
        operator
    } else {
        operator.step(t!("The answers carry Cross-Origin-Resource-Policy too (helmet sends same-origin by default): with the headers of CORS it does no harm to this request; set it to cross-origin for pictures and scripts."))
    };
    let operator = if fails { operator } else { operator.step_with(t!("Test:"), test) };
    let operator = if finding.param("readable").is_empty() {
        operator
    } else {
        operator.step(t!("Some answers at this path are readable, errors for example, and this one is not: so the header is added for some statuses alone, or twice for some. nginx's add_header without “always” does so, beside a server that sends the header itself."))
    };
    let operator = operator
        .step(t!("If the test shows the header twice, or two values in one: only one place may add it. Remove it in the gateway (nginx: no add_header, or proxy_hide_header Access-Control-Allow-Origin)."))
        .recheck(t!("Among the answer's headers stands exactly one Access-Control-Allow-Origin: {origin}. If the test shows an error such as 502 instead, mend that first: a gateway's error page lacks the header.", origin = origin))
        .limits(if finding.param("websocket-fails").is_empty() {
            t!("CORS does not concern WebSockets; a live connection that fails has another cause.")
        } else {
            t!("CORS itself does not concern WebSockets. A server on python-socketio (Open WebUI is one) refuses those of unknown origins by the same list; with another, a live connection that still fails has another cause.")
        });
    vec![person, operator]
}
