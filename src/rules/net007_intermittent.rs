//! # NET007 intermittent
//!
//! ## What it means
//! The same request works at one time and fails at another; or the live connections were cut at one moment, and do not open any more.
//!
//! ## How it is recognised
//! Eight equal small requests (repeats and plain GETs of the socket's path) were made at least. Of them and of all else that was asked of the
//! engine, kind by kind (what was rejected without cookies, as a gate does to strangers, has its equals among those without) where not all of a kind fail, two or more were rejected, timed out, answered 5xx, answered by no engine while an engine answered others just
//! like them, or refused for a transport (`what` is `transports` where that is all) that others just like them were not, and something was answered well
//! between two of these: one stretch of failures is one event, a restart perhaps. What failed while this device had no connection does not count: the browser said so, or the page's
//! own file was rejected meanwhile, and nothing answered. 503 alone, without slow requests as a control, only fits: it may be a limit (NET005). Or: two or more of at least six requests hung, while at least three others, one of them of the same kind, were answered in a tenth of that time. Or: of at least eight WebSockets that were opened one after the other two or more failed before the open packet, and not all.
//!
//! `what` is `cut-off` where held connections of different ages ended at one moment, and each attempt after it failed, two at least. Where these came within five
//! seconds that only fits, since a restart that takes a moment longer looks alike; else it is strongly suggested. `meanwhile` is what plain requests to the WebSocket's address were answered since then: `engine`, a status, or
//! nothing where none was answered or they differ. Not where this device was without a connection meanwhile, or the tab slept.
//!
//! ## What it does not mean
//! It does not say whether an instance, a gateway or the network drops them. Failures at the start only are a cold start (NET006); connections that open again after all were cut are a
//! restart (SES004).
//!
//! ## What to do
//! Compare with another network; the operator looks for one bad instance and for idle connections that one side closes first.
//!
//! ## References
//! Report hiero-ledger/hiero-json-rpc-relay 5438 (Node's keep-alive shorter than the load balancer's).

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Fact, Purpose, SocketLife, SocketPurpose};
use crate::guidance::{Audience, Guidance, seconds};
use crate::platforms::operator;
use crate::survey::{MOMENT, Survey};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET007", name: "intermittent", explains: &["NET006", "WS001", "WS002", "NET003", "NET012", "POLL003", "POLL001", "NET010", "WS011"], check, guide };

/// Some failed, and nobody knows how many do: then nothing is well.
pub const UNCOUNTED: &[&str] = &[UNCOUNTED_REQUESTS, UNCOUNTED_CONNECTIONS];
const UNCOUNTED_REQUESTS: &str = english!("eight equal requests");
const UNCOUNTED_CONNECTIONS: &str = english!("eight equal connections");

fn check(survey: &Survey) -> Outcome {
    // What has gone for good is not "at times" (NET003), and what a slow pace clears is a limit (NET005).
    if survey.gone_behind_gateway().is_some() || super::net005_rate_limited::is_limited(survey) {
        return Outcome::Clear;
    }
    match at_times(survey) {
        Outcome::Fires(finding) => Outcome::Fires(finding),
        outcome => cut_off(survey).map_or(outcome, Outcome::Fires),
    }
}

/// Held connections ended at one moment, and each attempt since then failed.
fn cut_off(survey: &Survey) -> Option<Finding> {
    let (at, ended) = survey.ended_together()?;
    let upgrade = |s: &SocketLife| s.purpose == SocketPurpose::Upgrade && s.path == survey.path;
    let later: Vec<(Cite, &SocketLife)> = survey.hellos().chain(survey.evidence.sockets_where(&upgrade)).filter(|(c, s)| s.started.saturating_add(MOMENT) >= at && !ended.contains(c)).collect();
    let until = later.iter().map(|(_, s)| s.started.saturating_add(s.lasted())).max()?;
    let cites: Vec<Cite> = ended.iter().copied().chain(later.iter().map(|(c, _)| *c)).collect();
    let fails = later.len() >= 2 && later.iter().all(|(_, s)| s.failed_before_open());
    let offline = survey.evidence.observations().iter().any(|o| matches!(o.fact, Fact::Connectivity { online: false }));
    if !fails || offline || survey.was_away(at.saturating_sub(MOMENT), until) || survey.is_spoilt(&cites) {
        return None;
    }
    // The attempts go on at growing distances: what restarts quickly is back before the last of them.
    let tried = later.iter().map(|(_, s)| s.started).max()?.saturating_sub(at);
    let confidence = if tried >= LONGER_THAN_A_RESTART { Confidence::StronglySuggested } else { Confidence::Correlated };
    let looks: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.purpose == Purpose::Repeat && x.started.saturating_add(MOMENT) >= at).collect();
    let told = |x: &Exchange| if x.engine().is_engine() { Some("engine".to_owned()) } else { Some(x.status()?.to_string()) };
    let meanwhile = looks.first().and_then(|(_, x)| told(x)).filter(|first| looks.iter().all(|(_, x)| told(x).as_ref() == Some(first)));
    let cites = Cites::from_all(cites.into_iter().chain(looks.iter().map(|(c, _)| *c)))?;
    let finding = RULE.finding(Severity::Degrades, confidence, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let finding = finding.with("failed", later.len().to_string()).with("since-ms", at.to_string()).with("tried-ms", tried.to_string());
    Some(finding.with("status", "").with("meanwhile", meanwhile.unwrap_or_default()).with("what", CUT_OFF))
}

/// Who restarts in less is back for the next attempt of a client.
const LONGER_THAN_A_RESTART: u32 = 5_000;

const CUT_OFF: &str = "cut-off";

fn at_times(survey: &Survey) -> Outcome {
    let away = |x: &Exchange| (x.rejected() || x.timed_out()) && survey.was_away(x.started, x.ended());
    let failed = |x: &Exchange| x.rejected() || x.timed_out() || x.status().is_some_and(|s| (500..600).contains(&s)) || survey.is_of_another_program(x) || survey.is_refused_transport_at_times(x);
    // A POST without a session is an error of its own to old servers.
    let asked: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.purpose != Purpose::OriginProbe && !away(x)).collect();
    // Where one kind of request fails each time, it is the kind. A gate sends strangers away, and whom it knows it does not: a rejection may be that.
    let sent_away = |x: &Exchange| x.credentials == "omit" && (x.rejected() || survey.is_of_another_program(x));
    let alike = |x: &Exchange, other: &Exchange| x.purpose == other.purpose && (other.credentials == "omit" || !sent_away(x));
    let at_times = |x: &Exchange| asked.iter().any(|(_, other)| alike(x, other) && !failed(other));
    let mixed: Vec<(Cite, &Exchange)> = asked.iter().filter(|(_, x)| at_times(x)).copied().collect();
    let failures: Vec<&Exchange> = mixed.iter().map(|(_, x)| *x).filter(|x| failed(x)).collect();
    let (Some(first), Some(last)) = (failures.iter().map(|x| x.ended()).min(), failures.iter().map(|x| x.started).max()) else {
        return of_sockets(survey);
    };
    if let Some(outcome) = hanging(survey) {
        return outcome;
    }
    // What answers no more is not "at times".
    let mut well_since = mixed.iter().filter(|(_, x)| !failed(x) && x.started >= first).peekable();
    if well_since.peek().is_none() {
        return of_sockets(survey);
    }
    if mixed.iter().filter(|(_, x)| matches!(x.purpose, Purpose::Repeat | Purpose::Companion)).count() < usize::from(crate::survey::REPEATS) {
        return Outcome::Unknown { missing: UNCOUNTED_REQUESTS };
    }
    // Only what answers in between makes it "sometimes": what fails at the start is a cold start, and one stretch of failures is one event.
    if !well_since.any(|(_, x)| x.ended() <= last) {
        return of_sockets(survey);
    }
    let Some(cites) = Cites::from_all(mixed.iter().map(|(c, _)| *c)) else {
        return Outcome::Clear;
    };
    // A limit on requests answers 503 too: without the slow ones that is one of two causes.
    let unclear = survey.repeats_by_pace().0.is_empty() && failures.iter().all(|x| x.status() == Some(503));
    let confidence = if unclear { Confidence::Correlated } else { Confidence::Observed };
    let finding = RULE.finding(Severity::Degrades, confidence, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let status = failures.iter().find_map(|x| x.status());
    let finding = finding.with("failed", failures.len().to_string()).with("asked", mixed.len().to_string());
    let what = if failures.iter().all(|x| survey.is_refused_transport_at_times(x)) { TRANSPORTS } else { "requests" };
    Outcome::Fires(finding.with("status", status.map_or(String::new(), |s| s.to_string())).with("what", what))
}

const TRANSPORTS: &str = "transports";

/// Requests that hang use up the time in which more could be asked: some of at least six that hang, beside others that are answered
/// in a tenth of that time, tell it already.
fn hanging(survey: &Survey) -> Option<Outcome> {
    let away = |x: &Exchange| x.timed_out() && survey.was_away(x.started, x.ended());
    let all: Vec<(Cite, &Exchange)> = survey.engine_exchanges().filter(|(_, x)| x.purpose != Purpose::CloseSession && !away(x)).collect();
    let hung: Vec<(Cite, &Exchange)> = all.iter().filter(|(_, x)| x.timed_out()).copied().collect();
    let shortest = hung.iter().map(|(_, x)| x.ended_after).min()?;
    let quick: Vec<(Cite, &Exchange)> = all.iter().filter(|(_, x)| x.engine().is_engine() && x.ended_after < shortest / 10).copied().collect();
    // A server that hangs from some moment on has stopped.
    let last_quick = quick.iter().map(|(_, x)| x.started).max()?;
    let between = hung.iter().filter(|(_, x)| x.started <= last_quick).count();
    // Where one kind of request hangs each time and another never, it is the kind that something holds back (POLL001).
    let at_times = hung.iter().any(|(_, x)| quick.iter().any(|(_, other)| other.purpose == x.purpose));
    if !at_times || all.len() < 6 || hung.len() < 2 || quick.len() < 3 || between < 2 {
        return None;
    }
    let cites = Cites::from_all(hung.iter().chain(&quick).map(|(c, _)| *c))?;
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let finding = finding.with("failed", hung.len().to_string()).with("asked", (hung.len() + quick.len()).to_string());
    Some(Outcome::Fires(finding.with("status", "").with("what", "requests")))
}

/// The same of opening handshakes: plain requests are well.
fn of_sockets(survey: &Survey) -> Outcome {
    let each = |p| matches!(p, SocketPurpose::Hello | SocketPurpose::HelloAgain | SocketPurpose::Again);
    let failed = |s: &SocketLife| s.open_packet().is_none();
    let away = |s: &SocketLife| failed(s) && survey.was_away(s.started, s.started.saturating_add(s.lasted()));
    let tried: Vec<(Cite, &SocketLife)> = survey.hellos().filter(|(_, s)| each(s.purpose) && s.eio == survey.eio && !away(s)).collect();
    let failures = tried.iter().filter(|(_, s)| failed(s)).count();
    let well = || tried.iter().filter(|(_, s)| !failed(s)).map(|(_, s)| s.started);
    let first_success = well().min().unwrap_or(u32::MAX);
    if failures == 0 || failures == tried.len() {
        return Outcome::Clear;
    }
    if tried.len() < usize::from(crate::survey::REPEATS) {
        return Outcome::Unknown { missing: UNCOUNTED_CONNECTIONS };
    }
    let since = tried.iter().filter(|(_, s)| failed(s) && s.started > first_success).count();
    // What answers once only was dying, and what fails before the first success was waking up.
    let later = well().max().unwrap_or(0);
    if failures < 2 || since == 0 || !tried.iter().any(|(_, s)| failed(s) && s.started < later) {
        return Outcome::Clear;
    }
    let Some(cites) = Cites::from_all(tried.iter().map(|(c, _)| *c)) else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Degrades, Confidence::Observed, &[Party::SiteOperator, Party::NetworkAdmin], cites);
    let finding = finding.with("failed", failures.to_string()).with("asked", tried.len().to_string());
    Outcome::Fires(finding.with("status", "").with("what", "connections"))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let (failed, asked) = (finding.param("failed"), finding.param("asked"));
    if finding.param("what") == CUT_OFF {
        return of_cut_off(finding, survey);
    }
    let connections = finding.param("what") == "connections";
    let test = if connections { operator::upgrade_test(survey) } else { operator::polling_test(survey) };
    let some = if connections { t!("{failed} of {asked} equal connections failed.") } else { t!("{failed} of {asked} equal requests failed.") };
    let person = Guidance::person(&finding.code, t!("The chat's server answers at one time and fails at another, so the chat may break off."))
        .step(some.with(vec![("failed", failed.into()), ("asked", asked.into())]))
        .other_network()
        .or_hand_on();
    let status = finding.param("status");
    let seen = match (connections, status) {
        (true, _) => t!("{failed} of {asked} connections failed, without an answer."),
        (false, "") => t!("{failed} of {asked} requests failed, without an answer."),
        _ => t!("{failed} of {asked} requests failed, with {status}."),
    };
    let limit = match (connections, status) {
        (true, _) => t!("A browser is not told why a handshake was refused, so a limit (429 or 503) is possible too: the gateway's log tells (nginx: “limiting connections”, “limiting requests”)."),
        (false, "503") => t!("503 may be a limit on requests as well: the gateway's log tells (nginx: “limiting requests”). The longer test asks slowly too, which tells the two apart."),
        _ => t!("A limit on requests is not likely: it answers 429 or 503."),
    };
    let operator = Guidance::operator(&finding.code, t!("Find what drops some of the requests."));
    let operator = if finding.param("what") == TRANSPORTS {
        operator.step(t!("Some instances do not know a transport that others have: give all of them the same setting (“transports” in Node and Python)."))
    } else {
        operator
    };
    let operator = operator
        .step(seen.with(vec![("failed", failed.into()), ("asked", asked.into()), ("status", status.into())]))
        .step(limit)
        .step(t!("Look for one instance that is broken, hanging, restarting or of another version: fails on one, works on the others."))
        .step_with(t!("If single requests fail with 502, the server may close idle connections that the gateway still uses. Let the server keep them longer than the gateway does; Node, in milliseconds:"), "server.keepAliveTimeout = 650000");
    let operator = operator::logs(operator, survey).step_with(t!("Ask twenty times:"), test.clone()).recheck(t!("No answer differs from the others."));
    let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Compare requests to {host} from inside and outside.", host = operator::host(survey)))
        .step_with(t!("Ask twenty times from each side:"), test)
        .step(t!("If only the inside loses some: look at packet loss, the proxy's limits and, on a VPN, the MTU."))
        .recheck(t!("No answer differs from the others."));
    vec![person, operator, network]
}

fn of_cut_off(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let time = |name: &str| seconds(finding.param(name).parse().unwrap_or(0));
    let person = Guidance::person(&finding.code, t!("The chat's live connections were all cut at one moment, and did not open again while this page looked."))
        .step(t!("Wait a minute, then run this test again: a restart is over by then."))
        .other_network()
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find what ended the live connections at one moment."))
        .step(t!("{time} into the test all connections that were held ended at once, and {failed} attempts in the {span} after that failed; earlier ones had opened.", time = time("since-ms"), failed = finding.param("failed"), span = time("tried-ms")));
    let operator = match finding.param("meanwhile") {
        "" => operator,
        "engine" => operator.step(t!("Plain requests to the WebSocket's address were still answered by the chat's server: what refuses is one that tells WebSockets apart, or has a backend of their own for them.")),
        status => operator.step(t!("Plain requests to the WebSocket's address were answered {status} since then, by whatever stands before the chat's server.", status = status)),
    };
    let operator = operator
        .step(t!("Compare the time with your deployments and reloads. Without any: the gateway's log tells what it answers to the handshakes since then, and the server's whether it still runs."));
    let operator = operator::logs(operator, survey).step_with(t!("See whether a WebSocket opens by now:"), operator::upgrade_test(survey));
    vec![person, operator.recheck(t!("Without a restart, a second test does not say so."))]
}
