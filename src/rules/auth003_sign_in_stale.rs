//! # AUTH003 sign-in-stale
//!
//! ## What it means
//! This browser still holds a sign-in for the chat, and the server no longer takes it.
//!
//! ## How it is recognised
//! The endpoint that tells who is signed in, or long-polling, was answered 401 or 403; and a sign-in is there: one of the chat's own
//! storage keys holds a JSON Web Token, which was sent along as the chat sends it, or the answer itself speaks of a token that is
//! expired, not yet valid, invalid, or signed by somebody else, and does not say so to a request without any sign-in (which a gate may answer in its place: then
//! nothing is known).
//! What the answer or the token's own end date says stands
//! in the parameters: a server that only says "expired or invalid" of a token that is valid by its own date, or names no end, has most likely another secret
//! than the one that signed it. A token that was made for an hour at most and has ended is information: the chat renews it.
//!
//! Or: asked up to four times with one and the same token, which does not end about now and which nothing renews, that endpoint answered 200 and
//! 401; or without a token, by a cookie that no page can read, it changed its answer and changed it back, for which it is asked up to eight times. Then instances with different secrets answer in turn.
//!
//! ## What it does not mean
//! That nobody is signed in at all is AUTH002. A sign-in in a cookie that a page can't read is seen only where the server says so.
//!
//! ## What to do
//! Sign in again. This page can remove the old sign-in where the chat's storage keys are known. Where instances disagree, that does not
//! help for long: the operator gives all of them the same secret.
//!
//! ## References
//! RFC 6750 section 3.1 (`invalid_token`); RFC 7519 section 4.1.4 (`exp`); report Chainlit/chainlit 1685.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Exchange, Purpose};
use crate::guidance::{Guidance, Repair};
use crate::profile::{Application, Topic};
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "AUTH003", name: "sign-in-stale", explains: &["AUTH002", "WS001", "WS002", "WS011", "POLL001", "POLL003", "NET010"], check, guide };

pub(super) fn check(survey: &Survey) -> Outcome {
    if let Some((taken, refused)) = survey.sign_in_divided() {
        // The chat is entered and left by luck.
        let cites = Cites::of(refused, [taken].into_iter().chain(survey.evidence.storage().map(|(c, _)| c)));
        let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator], cites);
        return Outcome::Fires(finding.with("why", "replicas").with("status", "401"));
    }
    let Some((cite, exchange)) = survey.sign_in_refused() else { return Outcome::Clear };
    let keys = survey.chat_keys();
    // How long the kept sign-in is for decides how grave this is, and whether a clock is to blame.
    if survey.evidence.storage().is_none() && survey.profile.covers(Topic::Browser) {
        return Outcome::Unknown { missing: english!("a small write to the browser's storage") };
    }
    // A key that is no token may mean anything, and was not sent along.
    let held = survey.evidence.storage().filter(|(_, s)| s.keys.iter().any(|k| keys.contains(&k.name) && k.token));
    let ended = held.is_some_and(|(_, s)| s.keys.iter().any(|k| keys.contains(&k.name) && k.expires_in.is_some_and(|s| s < 0)));
    // What the server says to everybody says nothing about a sign-in of this browser's.
    let without = match exchange.purpose {
        Purpose::User => survey.evidence.exchanges_for(Purpose::UserWithout).next_back(),
        _ => survey.on_path(Purpose::Handshake).find(|(_, x)| x.credentials == "omit"),
    };
    let without = without.filter(|(_, x)| exchange.purpose != Purpose::User || !of_a_gate(survey, x));
    let to_everybody = |x: &Exchange| x.status() == exchange.status() && why(x) == why(exchange);
    let why = match why(exchange) {
        said if !said.is_empty() && without.is_none() => return Outcome::Unknown { missing: english!("what the server says to somebody without a sign-in") },
        said if !said.is_empty() && without.is_some_and(|(_, x)| to_everybody(x)) => "",
        said => said,
    };
    // To a server of another origin it was not sent, nor with long-polling.
    let sent = exchange.purpose == Purpose::User && !exchange.cross_origin;
    let tokens = survey.held_tokens();
    let valid = sent && !tokens.is_empty() && tokens.iter().all(|t| survey.is_valid_by_its_date(t));
    // Of one without an end the application may keep its own count: what it says of that alone, or not at all, stands.
    let dated = tokens.iter().all(|t| t.expires_in.is_some());
    let said = !why.is_empty() || ended;
    let why = match why {
        "" if ended => "expired",
        "" | "expired" if valid && dated => "secret",
        "expired" if valid && one_for_all(exchange) => "secret",
        "invalid" if valid => "secret",
        why => why,
    };
    if !said && (held.is_none() || !sent) {
        return Outcome::Clear;
    }
    let confidence = if !said { Confidence::StronglySuggested } else { Confidence::Observed };
    // Where the chat itself goes on connecting, it shows its own sign-in at once.
    // Tokens that are made for an hour at most are renewed by the chat itself as it loads.
    let short = held.is_some_and(|(_, s)| s.keys.iter().any(|k| keys.contains(&k.name) && k.made_for.is_some_and(|s| s <= SHORT)));
    let severity = if short && why == "expired" {
        Severity::Info
    } else if exchange.purpose == Purpose::User { Severity::Degrades } else { Severity::Blocks };
    let finding = RULE.finding(severity, confidence, &[Party::User, Party::SiteOperator], Cites::of(cite, held.map(|(c, _)| c).into_iter().chain(without.map(|(c, _)| c))));
    Outcome::Fires(finding.with("why", why).with("status", exchange.status().unwrap_or(0).to_string()))
}

/// Whether somebody before the application may have answered who brings no credentials: that is not what the application says to everybody.
fn of_a_gate(survey: &Survey, without: &Exchange) -> bool {
    let native = without.response().is_some_and(|r| r.header("www-authenticate").is_some_and(|scheme| !scheme.to_ascii_lowercase().starts_with("bearer")));
    let to_strangers = |omit: bool| survey.engine_exchanges().any(|(_, x)| (x.credentials == "omit") == omit && x.answered() && x.engine().is_engine());
    let shut_out = survey.engine_exchanges().any(|(_, x)| x.credentials == "omit") && !to_strangers(true) && to_strangers(false);
    native || shut_out || without.status().is_none() || without.html().is_some() || without.response().is_some_and(|r| r.redirected)
}

/// Seconds for which a token is made that something else renews.
const SHORT: i32 = 3_600;

fn said(exchange: &Exchange) -> String {
    exchange.response().map_or_else(String::new, |r| [r.excerpt.as_str(), " ", r.header("www-authenticate").unwrap_or("")].concat().to_ascii_lowercase())
}

/// Some servers have one sentence for whatever is wrong.
fn one_for_all(exchange: &Exchange) -> bool {
    let said = said(exchange);
    said.contains("expired") && said.contains("invalid")
}

/// What the answer says of the token, in its body or in `WWW-Authenticate`.
fn why(exchange: &Exchange) -> &'static str {
    let said = said(exchange);
    let about_token = ["token", "session", "signature", "jwt", "credential"].iter().any(|w| said.contains(w));
    let words = [("expired", "expired"), ("not yet valid", "not-yet-valid"), ("immature", "not-yet-valid"), ("not active", "not-yet-valid"), ("not valid yet", "not-yet-valid"), ("used before", "not-yet-valid"), ("signature", "signature"), ("invalid_token", "invalid"), ("invalid authentication token", "invalid"), ("invalid token", "invalid"), ("token is invalid", "invalid")];
    words.into_iter().find(|(word, _)| about_token && said.contains(word)).map_or("", |(_, why)| why)
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("A short-lived part of your sign-in has ended, which the chat renews by itself as it loads."))];
    }
    let replicas = finding.param("why") == "replicas";
    let person = Guidance::person(
        &finding.code,
        if replicas {
            t!("The chat takes your sign-in at times and refuses it at others: it runs on several machines that do not agree on it.")
        } else {
            t!("Your sign-in to the chat has run out or is no longer taken: sign in again.")
        },
    );
    let keys = survey.sign_in_keys();
    let person = if replicas {
        person.step(t!("Signing in again does not help for long: what one machine has signed, the next one does not take."))
    } else if keys.is_empty() {
        person.step(t!("Open the chat, sign out if it lets you, and sign in again."))
    } else {
        person
            .mend(
                t!("Remove the old sign-in"),
                t!("This removes what the chat has stored in this browser under: {keys}. You have to sign in again.", keys = keys.join(", ")),
                Repair::DropKeys { keys },
            )
            .step(t!("Then open the chat and sign in again."))
    };
    let person = person.or_hand_on();
    let said = match finding.param("why") {
        "expired" => t!("The sign-in has expired: if it happens too often, let it live longer, or renew it while the chat is open."),
        "not-yet-valid" => t!("The sign-in is not valid yet: a clock is wrong, the server's that made it or the one that checks it."),
        "secret" if survey.held_tokens().iter().all(|t| t.expires_in.is_none()) => t!("The sign-in names no end, so it has not run out: most likely the secret that signs has changed, or differs between instances."),
        "secret" => t!("By its own date the sign-in is still valid: most likely the secret that signs has changed, or differs between instances."),
        "replicas" => t!("One and the same sign-in was taken once and refused once: requests go to instances that have different secrets. Give all of them the same."),
        "signature" => t!("The signature does not fit: the secret that signs has changed, or differs between instances."),
        _ => t!("The server does not say why. The usual causes: a secret that changed with a restart or differs between instances, an account that is gone, or an expiry."),
    };
    let operator = Guidance::operator(&finding.code, t!("Find out why a sign-in that this browser holds is refused.")).step(said);
    let operator = match survey.application {
        Application::OpenWebui => operator.step_with(t!("The secret must be the same on all instances and over restarts; without it each newly created container makes its own, with a data volume too:"), "WEBUI_SECRET_KEY=..."),
        Application::Chainlit => operator.step_with(t!("The secret must be the same on all instances and over restarts:"), "CHAINLIT_AUTH_SECRET=..."),
        _ => operator.step(t!("The key that signs must be the same on all instances and over restarts, and the clocks right.")),
    };
    let operator = operator.recheck(t!("The person signs in again, and this page no longer says so; after a restart of the server neither.")).limits(t!("A person whose account was removed is refused rightly."));
    vec![person, operator]
}
