//! # NET010 http-version
//!
//! ## What it means
//! WebSockets fail, and the page is carried by HTTP/2 or 3: the browser may have sent the WebSocket over HTTP/2 too, where
//! something in front offers that and can't do it.
//!
//! ## How it is recognised
//! All that WS001 asks for holds, the page's own requests went by `h2` or `h3`, and no gateway showed itself that is known to
//! lack WebSockets over HTTP/2 (nginx, Apache, AWS ALB), or another one beside it, which then is in front. A raw WebSocket of this origin: refused, and the
//! plain GET gives 400 or 426. Safari has none over HTTP/2. It only fits: a page can't see which way its WebSocket went.
//!
//! ## What it does not mean
//! A stripped upgrade (WS001) looks the same. If the test by hand over HTTP/1.1 fails too, it is that.
//!
//! ## What to do
//! Test over HTTP/1.1. If that gives 101, switch WebSockets over HTTP/2 off, or mend them.
//!
//! ## References
//! RFC 8441; measured: Chromium 156 and Firefox 153 use it where a server announces it and do not fall back; reports
//! mattermost/mattermost 30285, open-webui documentation on HAProxy 3.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use super::without_websocket;
use crate::evidence::Cite;
use crate::platforms::browsers::{self, System};
use crate::platforms::gateway;
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::t;

pub const RULE: Rule = Rule { code: "NET010", name: "http-version", explains: &[], check, guide };

fn check(survey: &Survey) -> Outcome {
    if let Some((cites, protocol)) = of_raw(survey) {
        let finding = RULE.finding(Severity::Blocks, Confidence::Correlated, &[Party::SiteOperator, Party::NetworkAdmin], cites);
        return Outcome::Fires(finding.with("protocol", protocol));
    }
    let Some((attempts, proof)) = super::ws001_upgrade_stripped::proof(survey) else {
        return Outcome::Clear;
    };
    let Some((version, protocol)) = suspects_extended_connect(survey) else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(without_websocket(survey), Confidence::Correlated, &[Party::SiteOperator, Party::NetworkAdmin], Cites::of(proof, [version].into_iter().chain(attempts)));
    Outcome::Fires(finding.with("protocol", protocol))
}

/// The same of a raw WebSocket: refused, a plain request to it answered as any WebSocket server does, and it is on the page's own origin;
/// browsers send it over HTTP/1.1 to another (measured).
pub(super) fn of_raw(survey: &Survey) -> Option<(Cites, String)> {
    let raw = survey.raw()?;
    let (cite, companion, status) = raw.status()?;
    let (version, protocol) = suspects_extended_connect(survey).filter(|_| matches!(status, 400 | 426) && !companion.cross_origin)?;
    Some((Cites::of(cite, raw.refused()?.into_iter().chain([version])), protocol))
}

/// The page's requests go by HTTP/2 or 3, and what is in front is not known to lack WebSockets over it (RFC 8441), so the
/// browser may have used one: (citation, protocol). Never certain: a page can't see which way its socket went.
pub(super) fn suspects_extended_connect(survey: &Survey) -> Option<(Cite, String)> {
    let (cite, protocol) = survey.http_version()?;
    // Safari has no WebSocket over HTTP/2 (MDN browser-compat-data; WebKit's, without Chromium's name beside its own).
    let agent = survey.user_agent();
    let safari = agent.contains("AppleWebKit") && !agent.contains("Chrome/") && !agent.contains("Chromium/");
    let new = !safari && (protocol == "h2" || protocol == "h3");
    let seen = gateway::seen(survey.profile, survey.evidence);
    // Behind another gateway it is that one which speaks HTTP/2 with browsers. Cloudflare is no such one: what stands behind it shows itself.
    let another = seen.iter().any(|g| !g.lacks_extended_connect() && !g.hides_the_next());
    let lacks = !another && seen.iter().any(|g| g.lacks_extended_connect());
    (new && !lacks).then(|| (cite, protocol.to_owned()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let slower = finding.severity < super::Severity::Blocks;
    let title = if slower {
        t!("The chat can work, only more slowly: its live connection fails, and a newer way of connecting may be the reason.")
    } else {
        t!("The live connection that the chat needs fails, and a newer way of connecting may be the reason.")
    };
    let person = Guidance::person(&finding.code, title);
    // Safari is for Apple's devices alone.
    let person = if browsers::of(survey.user_agent()).1 == System::Mac {
        person.step(t!("Try another browser: Safari connects in the older way, which may work.")).other_network()
    } else {
        person.other_network().step(t!("If you have an iPhone, an iPad or a Mac at hand, try the chat there in Safari: it connects in the older way, which may work."))
    };
    let person = person.or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Find out whether WebSockets over HTTP/2 (RFC 8441) are broken on the way."))
        .step(t!("This page came by {protocol}.", protocol = finding.param("protocol")));
    let operator = operator::with_upgrade_test(operator, survey);
    let not_this = t!("If the test fails over HTTP/1.1 too, it is not this: then the upgrade itself must be let through.");
    // What showed itself comes first, be its setting the one for the version or the one for the upgrade.
    let operator = if operator::knows_http_version(survey) {
        operator::websockets(operator::http_version(operator, survey).step(not_this), survey)
    } else {
        operator::http_version(operator::websockets(operator.step(not_this), survey), survey)
    };
    let operator = operator
        .recheck(t!("After the change this page, in the same browser, no longer says so. The test by hand proves the HTTP/1.1 way only."))
        .limits(t!("Without HTTP/2 on this name pages load over more connections; give the socket a name of its own if that matters."));
    let mut all = vec![person, operator];
    all.extend(operator::network(finding, survey));
    all
}
