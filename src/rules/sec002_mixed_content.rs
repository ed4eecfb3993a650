//! SEC002 mixed-content
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::address::Address;
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "SEC002", name: "mixed-content", explains: &["NET002", "NET009", "WS001", "WS002", "CORS001", "PATH001"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((environment_cite, environment)) = survey.evidence.environment() else {
        return Outcome::Unknown { missing: "whether this page is a secure one" };
    };
    if environment.scheme != "https:" {
        return Outcome::Clear;
    }
    let profile = survey.profile;
    let named = [("server", Some(&profile.server)), ("ws-url", profile.ws_url.as_ref()), ("livekit-url", profile.livekit_url.as_ref()), ("stream-url", profile.stream_url.as_ref())];
    let insecure = named.into_iter().find_map(|(field, url)| {
        let address = Address::parse(url?)?;
        (!address.scheme.is_secure() && !address.is_loopback()).then(|| (field, address))
    });
    let threw = survey.evidence.sockets().find(|(_, s)| s.threw().is_some_and(|(name, _)| name == "SecurityError")).map(|(c, _)| c);
    let Some((field, address)) = insecure else {
        return Outcome::Clear;
    };
    // upgrade-insecure-requests turns ws: into wss: in this page: then it opened, and nothing is wrong.
    let answered = survey.evidence.sockets().any(|(_, s)| s.opened() && Address::parse(&s.url).is_some_and(|a| a.host == address.host));
    if answered {
        return Outcome::Clear;
    }
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(environment_cite, threw));
    Outcome::Fires(finding.with("setting", field).with("url", crate::redact::url(&address.origin())))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
