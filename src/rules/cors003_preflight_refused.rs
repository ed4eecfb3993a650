//! # CORS003 preflight-refused
//!
//! ## What it means
//! Before some requests a browser asks the server whether it may send them, and the server does not say yes.
//!
//! ## How it is recognised
//! The server is another origin than the page's. The plain GET of the socket's path was answered readably, and the same with a header
//! that needs a preflight was rejected; no policy of the page's own blocked it. A chat that sends cookies is asked about with them, both times: what fails with
//! cookies alone is CORS002. Where any other request of that kind failed too, nothing is said. It is information where the chat is not known to send
//! such a header (setting `request-headers`), and where its socket is a WebSocket alone.
//!
//! ## What it does not mean
//! socket.io's client sends no such header by itself, and a WebSocket never asks before. A gateway that allows the question and then
//! refuses the request itself, without the headers of CORS, looks the same in Chromium.
//!
//! ## What to do
//! Answer OPTIONS with the headers of CORS, and with the header's name in `Access-Control-Allow-Headers`.
//!
//! ## References
//! WHATWG Fetch, CORS-preflight fetch; measured in Chromium 156 and Firefox 153: 404, 405, a redirect, or no Allow-Headers reject.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CORS003", name: "preflight-refused", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if !survey.profile.is_cross_origin() || !survey.policy_violations().is_empty() {
        return Outcome::Clear;
    }
    let known = !survey.profile.request_headers.is_empty();
    let asked = survey.latest(Purpose::Preflighted);
    let with_cookies = asked.map_or(survey.sends_credentials(), |(_, x)| x.credentials == "include");
    // The control is of the same kind: the answer to a request with cookies has other rules.
    let control = if with_cookies { Purpose::Credentialed } else { Purpose::Companion };
    let plain = survey.on_path(control).find(|(_, x)| x.status().is_some());
    match (plain, asked) {
        // A server that fails at times may have failed this once.
        (Some(_), Some((_, x)))
            if x.rejected()
                && survey.engine_exchanges().any(|(_, x)| (with_cookies || x.credentials != "include") && (x.rejected() || x.timed_out())) =>
        {
            Outcome::Unknown { missing: english!("a server that answers each time") }
        }
        (Some((control, _)), Some((cite, x))) if x.rejected() => {
            // A WebSocket is never asked about, and of this socket's nothing else is sent.
            let severity = if known && !survey.is_websocket_alone() { Severity::Blocks } else { Severity::Info };
            let finding = RULE.finding(severity, Confidence::StronglySuggested, &[Party::SiteOperator], Cites::of(cite, [control]));
            let names = if known { survey.profile.request_headers.join(", ") } else { "x-requested-with".to_owned() };
            Outcome::Fires(finding.with("headers", names))
        }
        (None, Some((_, x))) if known && x.rejected() && with_cookies && survey.latest(Purpose::Credentialed).is_none() => {
            Outcome::Unknown { missing: english!("a request with cookies") }
        }
        (Some(_), None) if known => Outcome::Unknown { missing: english!("a request with the chat's own headers") },
        _ => Outcome::Clear,
    }
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("The chat’s server takes only plain requests from this page, which is all that most chats send."))];
    }
    let person = Guidance::person(&finding.code, t!("The chat’s server does not allow the requests that the chat sends from this page."))
        .step(t!("If you know the chat’s own address, open it there directly."))
        .or_hand_on();
    let (origin, names) = (survey.profile.page_origin.as_str(), finding.param("headers"));
    let operator = Guidance::operator(&finding.code, t!("Answer the browser's question (OPTIONS) before these requests."))
        .step(t!("The chat sends the headers {names}, so browsers ask first. The answer to OPTIONS must have a status of 200 to 299, no redirect, no sign-in, and carry:", names = names))
        .step_with(t!("The headers:"), ["Access-Control-Allow-Origin: ", &operator::word(origin), "\nAccess-Control-Allow-Headers: ", &operator::word(&names.replace(", ", ",")), "\nAccess-Control-Allow-Methods: GET, POST, PUT, PATCH, DELETE", if survey.sends_credentials() { "\nAccess-Control-Allow-Credentials: true" } else { "" }].concat())
        .step(t!("If that is in order, send the request itself too: a refusal (401, 403) must carry Access-Control-Allow-Origin as well, or a page sees no more than that it failed."))
        .step(t!("A gateway that asks for a sign-in has to let OPTIONS through unasked: browsers send no cookies and no Authorization with it."))
        .step_with(t!("Test:"), ["curl -i -X OPTIONS -H \"Origin: ", &operator::word(origin), "\" -H \"Access-Control-Request-Method: GET\" -H \"Access-Control-Request-Headers: ", &operator::word(&names.replace(", ", ",")), "\" ", operator::polling_test(survey).trim_start_matches("curl -i ")].concat())
        .recheck(t!("The test's answer carries these headers, and this page no longer says so."))
        .limits(t!("With cookies, * stands for no header name: they must be listed."));
    vec![person, operator]
}
