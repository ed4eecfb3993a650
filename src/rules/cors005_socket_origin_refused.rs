//! # CORS005 socket-origin-refused
//!
//! ## What it means
//! The chat's server compares where a page comes from with its list, and this page's origin is not on it.
//!
//! ## How it is recognised
//! The engine itself said so ("is not an accepted origin") in answer to a request at the socket's path. A page's own GET carries
//! no Origin, so the POST without a session does the asking.
//!
//! ## What it does not mean
//! It is not CORS, which WebSockets do not know: the server decides. From the server's own page it means that the server does not
//! know the name or scheme by which it was asked, because a gateway does not pass them on.
//!
//! ## What to do
//! From the server's own page: pass `X-Forwarded-Proto` and `X-Forwarded-Host`. From another: add the origin to the list.
//!
//! ## References
//! RFC 6455 section 10.2; python-engineio 4.15: `cors_allowed_origins`, and the headers that it compares (read and measured); Node's
//! socket.io and stock Chainlit never say this; report miguelgrinberg/Flask-SocketIO 1501.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "CORS005", name: "socket-origin-refused", explains: &["WS001", "WS002", "WS004", "WS009", "WS011", "POLL001", "POLL003", "NET010", "AUTH002"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((cite, origin)) = survey.origin_refused() else {
        return if survey.is_engine_subject() && survey.engine_heard().is_some() && survey.on_path(Purpose::OriginProbe).next().is_none() {
            Outcome::Unknown { missing: english!("a request that carries this page's origin") }
        } else {
            Outcome::Clear
        };
    };
    let control = survey.polling_hello();
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(cite, control));
    Outcome::Fires(finding.with("origin", origin.unwrap_or_else(|| survey.profile.page_origin.clone())))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let origin = finding.param("origin");
    let person = Guidance::person(&finding.code, t!("The chat's server does not accept connections from the address of this page."))
        .step(t!("If you opened the chat by another address than usual, such as a number or a second name, use the usual one."))
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Let the server know its own name, or add this origin to its list.")).step(t!("The server refused the origin {origin}.", origin = origin));
    // Open WebUI passes a list of its own, beside which python-engineio reads none of these headers.
    let by_list = survey.application == crate::profile::Application::OpenWebui;
    let operator = if survey.profile.is_cross_origin() || by_list {
        operator
    } else {
        operator.step_with(t!("The page is the server's own, so the gateway most likely does not tell the application its name and scheme. nginx, in the location of the socket's path (behind a further gateway that ends TLS: https in place of $scheme):"), operator::FORWARDED)
    };
    let operator = match survey.application {
        crate::profile::Application::Chainlit => operator.step(t!("Stock Chainlit accepts every origin here: another server answers at this path, or your own code wraps it. Find cors_allowed_origins there.")),
        crate::profile::Application::OpenWebui => operator::allow_origin(operator, survey, origin),
        // Only python-engineio says so.
        _ => operator.step_with(t!("Where the server sets cors_allowed_origins, this origin must be in it:"), ["cors_allowed_origins=[\"", &operator::word(origin), "\"]"].concat()),
    };
    let operator = if by_list { operator } else { operator.step(t!("python-engineio reads these headers itself. uvicorn believes them, for redirects and secure cookies, only from the addresses in FORWARDED_ALLOW_IPS.")) };
    let operator = operator
        .step_with(t!("Test; it opens nothing:"), operator::origin_test(survey))
        .recheck(t!("The test answers “Invalid session None”, no longer “is not an accepted origin”."))
        .limits(t!("List origins one by one. A list that takes every origin lets any site act as the person who is signed in."));
    vec![person, operator]
}
