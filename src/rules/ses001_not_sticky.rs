//! # SES001 not-sticky
//!
//! ## What it means
//! The chat runs on several replicas, and requests of one session do not all come to the replica that knows it.
//!
//! ## How it is recognised
//! Of at least eight sessions by long-polling, opened as the chat opens them, some were told on a follow-up with their own sid that
//! nobody knows it, and this did not stop (a single burst is SES004; one or two
//! in a row with fewer than six sessions after them are either; where upgrades were tried in them, two of those after it must have had one). Or: at least two upgrades of live sessions to WebSocket (or one, and a follow-up of another session) were
//! refused at once, while at least as many (and three) WebSockets of their own all opened (where two follow-ups were lost besides, or three upgrades: three of these and of other upgrades), and no request failed: requests on one kept connection stay with one replica, a new
//! connection goes to another. Where each upgrade was refused and every follow-up held, it only fits, and a rule that refuses upgrades is named as well. Of those that opened and were
//! cut it counts engineioxide's alone: Node and python-engineio look at the session before they agree (WS004). Or, where no WebSocket comes about (`how` is `later`): a
//! session was answered with the server's ping, and at the next request, in time for the pong, nobody knew it.
//!
//! ## What it does not mean
//! A chat whose page tells its client to use WebSocket alone (Chainlit's `[project] transports`) opens no sessions by long-polling,
//! and loses none; where a script alone says so, the question stays open.
//!
//! A cookie that should keep a person at one replica may be set and lost on the way: where that can be seen it is SES002, and
//! where not, the text names it. Of a server of another site to which the chat sends cookies both are named (`or`: `third-party`), and it is strongly suggested
//! at most: browsers that drop such cookies tell no page. A server that forgets sessions at once would look the same.
//!
//! ## What to do
//! The operator switches session affinity on, or lets the client use WebSocket alone.
//!
//! ## References
//! Socket.IO documentation, "Using multiple nodes", sticky sessions; Engine.IO protocol; measured on python-engineio, Node and
//! engineioxide behind nginx.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, SocketPurpose};
use crate::guidance::{Guidance, seconds};
use crate::platforms::{self, gateway::Need, operator};
use crate::survey::{CLEAN_AGAIN, Conversation, Survey, are_settled};
use crate::words::Phrase;
use crate::{english, t};

pub const RULE: Rule = Rule {
    code: "SES001",
    name: "not-sticky",
    explains: &["WS004", "WS009", "POLL001", "POLL003", "POLL004", "NET007", "SIO001", "SIO002"],
    check,
    guide,
};

/// What the sessions by long-polling say together.
pub(super) enum Sessions {
    /// Too few to say.
    Few { lost: usize },
    Whole,
    /// Some were lost, again and again.
    Lost,
    /// A burst was lost, and all after it held.
    Burst,
}

/// A script of the chat's page says what no observation can prove.
pub(super) const BY_SCRIPT: &str = english!("whether the chat's client begins with long-polling: a script of its page says WebSocket alone");

/// So many sessions tell a share (findings).
const ENOUGH: usize = 8;

pub(super) fn sessions(all: &[Conversation]) -> Sessions {
    let lost = all.iter().filter(|c| c.unknown.is_some()).count();
    let clean_since = all.iter().rev().take_while(|c| c.unknown.is_none()).count();
    let first_lost = all.iter().position(|c| c.unknown.is_some()).unwrap_or(all.len());
    // One after the other, nothing between them held.
    let in_one = first_lost + lost + clean_since == all.len();
    match lost {
        _ if all.len() < ENOUGH => Sessions::Few { lost },
        0 => Sessions::Whole,
        1..=3 if in_one && are_settled(all) && clean_since >= CLEAN_AGAIN => Sessions::Burst,
        // A restart that came late looks like this, too.
        1..=2 if in_one => Sessions::Few { lost },
        _ => Sessions::Lost,
    }
}

/// The citations of what was lost, and of what held.
pub(super) fn cites(all: &[Conversation]) -> Vec<Cite> {
    let lost = all.iter().filter_map(|c| c.unknown);
    lost.chain(all.iter().filter(|c| c.unknown.is_none()).flat_map(|c| c.cites.iter().copied()).take(4)).collect()
}

fn check(survey: &Survey) -> Outcome {
    // Then the session was never opened (POLL005), or the chat's client opens none by long-polling.
    if survey.stored_handshake().is_some() || survey.told_not_to_poll() && !survey.told_by_script() {
        return Outcome::Clear;
    }
    let all = survey.conversations(true);
    let live = survey.websocket_hello().map(|(c, _)| c);
    if survey.told_by_script() && (all.iter().any(|c| c.unknown.is_some()) || survey.upgrade_strays().is_some()) {
        return Outcome::Unknown { missing: BY_SCRIPT };
    }
    // Then what should keep a person at one replica may be a cookie of another site, which this browser drops: the same sessions are lost.
    let of_another_site = survey.is_of_another_site() && survey.sends_credentials();
    let found = match sessions(&all) {
        Sessions::Lost if super::ses002_affinity_cookie_lost::why(survey).is_some() => return Outcome::Clear,
        Sessions::Lost => Some((cites(&all), if of_another_site { Confidence::StronglySuggested } else { Confidence::Observed })),
        Sessions::Few { .. } | Sessions::Whole | Sessions::Burst => None,
    };
    let by_requests = found.is_some();
    let unknown = all.iter().filter(|c| c.unknown.is_some()).count();
    let strays = || {
        let (strays, mut fresh) = survey.upgrade_strays()?;
        // One upgrade and one request of different sessions are two signs of one thing, too. Where there are many of either, upgrades that came to the
        // right replica are a control as well.
        let own = fresh.len() >= strays.len().max(3);
        if !own && (unknown >= 2 || strays.len() >= 3) {
            fresh.extend(survey.evidence.sockets_for(SocketPurpose::Upgrade).filter(|(_, s)| s.path == survey.path && s.agrees_to_upgrade()).map(|(c, _)| c));
        }
        if strays.len() + unknown < 2 || fresh.len() < 3 || !own && unknown < 2 && strays.len() < 3 {
            return None;
        }
        // A rule on the way that refuses upgrades refuses each of them, and looks the same while every follow-up holds.
        let some_agree = survey.upgraded().is_some() || unknown > 0;
        let confidence = if some_agree && (own || unknown >= 2) { Confidence::StronglySuggested } else { Confidence::Correlated };
        let strays: Vec<Cite> = strays.into_iter().chain(all.iter().filter_map(|c| c.unknown)).collect();
        Some((strays.into_iter().chain(fresh).collect(), confidence))
    };
    let Some((cited, confidence)) = found.or_else(strays) else {
        if let Some(finding) = lost_later(survey) {
            return Outcome::Fires(finding);
        }
        if matches!(sessions(&all), Sessions::Few { lost: 1.. }) {
            return Outcome::Unknown { missing: english!("eight sessions with an answer to their follow-up") };
        }
        return if all.len() < ENOUGH && survey.polling_sessions_due() { Outcome::Unknown { missing: english!("eight sessions: the longer test opens them") } } else { Outcome::Clear };
    };
    let Some(cites) = Cites::from_all(cited.into_iter().chain(live)) else {
        return Outcome::Clear;
    };
    let lost = unknown;
    // A client that begins with polling can't hold; one by one its tries succeed where WebSocket passes.
    let asked_whole = all.iter().filter(|c| c.whole).count();
    // Where none was lost but such as a client has them, the others tell nothing of the share.
    let of = if all.iter().all(|c| c.whole || c.unknown.is_none()) && asked_whole > 0 { asked_whole } else { all.len() };
    let severity = if lost * 4 >= of && survey.polls() || live.is_none() { Severity::Blocks } else { Severity::Degrades };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator], cites);
    let finding = finding.with("lost", lost.to_string()).with("sessions", all.len().to_string());
    let cookie = platforms::affinity_cookie(survey.profile, survey.evidence, survey.known);
    let finding = if by_requests && of_another_site { finding.with("or", "third-party") } else { finding };
    Outcome::Fires(finding.with("how", if by_requests { "requests" } else { "upgrade" }).with("cookie", cookie.unwrap_or_default()))
}

/// Who has a WebSocket asks nothing more by long-polling.
fn lost_later(survey: &Survey) -> Option<Finding> {
    let mut lost = survey.lost_later();
    lost.retain(|(cites, _)| !survey.is_spoilt(cites));
    let (_, age) = lost.first().filter(|_| survey.websocket_hello().is_none() && survey.polls())?;
    let confidence = if lost.len() > 1 { Confidence::Observed } else { Confidence::StronglySuggested };
    let cites = Cites::from_all(lost.iter().flat_map(|(cites, _)| *cites))?;
    let cookie = platforms::affinity_cookie(survey.profile, survey.evidence, survey.known).unwrap_or_default();
    let finding = RULE.finding(Severity::Degrades, confidence, &[Party::SiteOperator], cites);
    Some(finding.with("how", "later").with("age-ms", age.to_string()).with("cookie", cookie))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    // A rule on the way refuses every upgrade; where one was agreed to, that is no candidate.
    let both = finding.confidence == Confidence::Correlated && survey.upgraded().is_none();
    let later = finding.param("how") == "later";
    let title = if later {
        t!("The chat's server forgets after a while who is connected: the chat breaks off and has to start again.")
    } else if both {
        t!("The chat's live connection is refused each time it begins as chats do, while its small requests pass: it may stay slower.")
    } else {
        t!("The chat runs on several machines, and your messages do not all reach the one that knows you: it connects only by luck.")
    };
    let person = Guidance::person(&finding.code, title);
    let person = if both || later { person } else { person.step(t!("Try again a few times: now and then all requests meet the same machine.")) }
        .step(t!("The cause is in the chat's set-up. Send the report to whoever runs it: press “Copy report”."));
    let or_dropped = finding.param("or") == "third-party";
    let person = if or_dropped { person.step(t!("Until then try another browser, or the chat at its server's own address: this browser may drop what a server of another site marks you by.")) } else { person };
    let told = |words: Phrase| words.with(vec![("lost", finding.param("lost").into()), ("all", finding.param("sessions").into())]);
    let seen = match (finding.param("how"), finding.param("lost")) {
        ("later", _) => {
            let age = seconds(finding.param("age-ms").parse().unwrap_or(0));
            t!("A session was known to the server for {age}: it sent its ping. At the next request, at once after it, nobody knew the session: that request came to another replica or worker process.", age = age)
        }
        ("upgrade", "" | "0") => told(t!("Upgrades of live sessions to WebSocket were refused, while WebSockets of their own opened: new connections go to another replica or worker process than the session's.")),
        ("upgrade", _) => told(t!("Upgrades of live sessions to WebSocket were refused, while WebSockets of their own opened: new connections go to another replica or worker process than the session's. And {lost} of {all} sessions were unknown to the server at their own next request.")),
        _ => told(t!("{lost} of {all} sessions were unknown to the server at their own next request.")),
    };
    let operator = if both {
        Guidance::operator(&finding.code, t!("Find out who refuses the upgrades: a replica that does not know the session, or a rule on the way."))
            .step(t!("Every upgrade of a live session to WebSocket was refused ({all} sessions, none was lost at its next request), while WebSockets of their own opened.", all = finding.param("sessions")))
            .step(t!("If the server runs as one process, look for a rule of a gateway or firewall for addresses with transport=websocket and sid. By hand: open a session, and ask for that address with its sid. “Session ID unknown” or “Invalid session” is another replica's answer, and a web page or 403 a rule's."))
            .step(t!("If it runs as several replicas or worker processes, keep all requests of one session at one of them:"))
    } else {
        let operator = Guidance::operator(&finding.code, t!("Keep all requests of one session at one replica, or let clients use WebSocket alone.")).step(seen);
        if or_dropped { of_third_party(operator, survey) } else { operator }
    };
    let operator = if later {
        operator.step(t!("A cookie that keeps people at one replica has to live as long as their sessions, which last for hours. Look at its Max-Age or Expires (ingress-nginx: session-cookie-max-age, Traefik: sticky.cookie.maxAge, HAProxy: maxlife), and leave that out: it then ends with the browser."))
    } else {
        operator
    };
    let operator = operator::settings(operator::replicas_decisions(operator, survey), survey, Need::Sticky);
    let operator = operator.step(t!("Several worker processes of one server (uvicorn --workers, gunicorn -w, Node's cluster) are replicas too: no gateway keeps them apart. Run one process a container, and more containers behind the gateway."));
    let operator = match finding.param("cookie") {
        "" => operator,
        cookie => operator.step(t!("If affinity is switched on already: does the answer to the first request set the cookie {cookie}, and does the next request bring it? The browser's developer tools show both (Network, the request, Cookies). A cookie marked Secure is not kept on http, and one with another Path does not come back.", cookie = operator::word(cookie))),
    };
    let passes = survey.websocket_hello().is_some();
    let operator = if passes { operator::websocket_only(operator, survey) } else { operator };
    let by_hand = |operator: Guidance| {
        operator.step_with(t!("By hand: open a session, then use it at once. Put the sid of the first answer into the second; every try must say ok:"), second_request(survey))
    };
    let operator = if later { operator } else { by_hand(operator) };
    let operator = operator
        .recheck(t!("The longer test opens eight sessions: all hold, and this page no longer says so."))
        .limits(t!("Affinity keeps a person at one replica. It does not carry messages from one replica to another: that takes a message bus such as Redis (SES003)."));
    vec![person, operator]
}

/// Affinity may be on, and its cookie lost in this browser: what tells the two apart, and what mends the second.
fn of_third_party(operator: Guidance, survey: &Survey) -> Guidance {
    operator
        .step(t!("Either affinity is off, or it is on and this browser drops its cookie, since {host} is of another site than this page. Open the server's own page in the same browser, or this test there: if that connects each time, it is the cookie.", host = operator::host(survey)))
        .step_with(t!("Then the cookie needs these attributes at least:"), "SameSite=None; Secure")
        .step(t!("Safari drops cookies of other sites whatever their attributes are, and so do other browsers by a setting. For these give the chat's server a name of this page's own site, such as chat.example.com for www.example.com, or let clients use WebSocket alone."))
}

fn second_request(survey: &Survey) -> String {
    let first = operator::polling_test(survey);
    let with_jar = first.replacen("curl -i", "curl -i -c jar.txt", 1);
    let second = first.replacen("curl -i", "curl -i -b jar.txt -d 3", 1);
    // The sid goes at the end of the quoted address.
    [with_jar.as_str(), "\n", second.trim_end_matches('"'), "&sid=SID\""].concat()
}
