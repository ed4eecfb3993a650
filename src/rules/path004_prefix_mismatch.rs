//! # PATH004 prefix-mismatch
//!
//! ## What it means
//! The chat's own page tells its client to look for the server under one prefix, and the server answers under another.
//!
//! ## How it is recognised
//! Chainlit's page names its prefix in `og:root_path`. At the path that follows from it something answers that is no engine, and
//! at another of the known paths an engine does. Where an engine answers below a prefix, and no page of the chat was seen at the usual place
//! nor at that prefix, it is unknown.
//!
//! ## What it does not mean
//! Server and gateway are up. A client that is configured by hand may still find the way.
//!
//! ## What to do
//! Set the prefix under which people open the chat, and let the gateway pass it on unchanged.
//!
//! ## References
//! Chainlit's source: the socket's path is `{CHAINLIT_ROOT_PATH}/ws/socket.io`; reports Chainlit/chainlit 1317, 1262, 1313.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::profile::Application;
use crate::survey::{self, PathBasis};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "PATH004", name: "prefix-mismatch", explains: &["PATH001", "CACHE003"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Some((page, told)) = survey::told_prefix(survey.evidence) else {
        let mut pages = survey.evidence.exchanges_for(Purpose::ChatPage);
        let unseen = survey.base() != "/" && survey.basis == PathBasis::Found && !pages.any(|(_, x)| x.status() == Some(200) && x.html().is_some());
        let may_be_chainlit = survey.application == Application::Auto && survey.path.ends_with("/ws/socket.io/");
        let is_chainlit = survey.application == Application::Chainlit;
        let unasked = survey.evidence.exchanges_for(Purpose::ChatPage).next().is_none();
        return if is_chainlit && unasked || unseen && (is_chainlit || may_be_chainlit) {
            Outcome::Unknown { missing: english!("the chat's own page") }
        } else {
            Outcome::Clear
        };
    };
    let told_path = [told.trim_end_matches('/'), "/ws/socket.io/"].concat();
    let speaks = |path: &str| survey.evidence.exchanges().find(|(_, x)| x.path == path && x.eio != 0 && x.engine().is_engine()).map(|(c, _)| c);
    if speaks(&told_path).is_some() {
        return Outcome::Clear;
    }
    let Some((told_cite, _)) = survey.evidence.exchanges_for(Purpose::Handshake).find(|(_, x)| x.path == told_path && x.answered()) else {
        return Outcome::Unknown { missing: english!("an answer at the path that the chat's page uses") };
    };
    let elsewhere = survey::candidates(survey.profile, survey.evidence, survey.known).into_iter().find_map(|path| Some((speaks(&path)?, path)));
    let Some((found_cite, found)) = elsewhere else {
        return Outcome::Clear;
    };
    let finding = RULE.finding(Severity::Blocks, Confidence::Observed, &[Party::SiteOperator], Cites::of(page, [told_cite, found_cite]));
    Outcome::Fires(finding.with("told", told_path).with("found", found))
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let person = Guidance::person(&finding.code, t!("The chat looks for its server in the wrong place.")).hand_on();
    let (told, found) = (finding.param("told"), finding.param("found"));
    let prefix = found.strip_suffix("/ws/socket.io/").unwrap_or("");
    let operator = Guidance::operator(&finding.code, t!("Make the chat's prefix and the gateway's agree."))
        .step(t!("The page sends its client to {told}; the server answers at {found}.", told = told, found = found));
    let operator = if prefix.is_empty() {
        operator
            .step(t!("Either serve the chat at the root and start it without CHAINLIT_ROOT_PATH."))
            .step_with(t!("Or keep the prefix and let the gateway hand it on. In nginx, proxy_pass without anything after the port:"), ["location ", &operator::word(told), " { proxy_pass http://127.0.0.1:8000; }"].concat())
    } else {
        operator
            .step_with(t!("Start Chainlit with the prefix that people see, with a slash before and none after it:"), ["CHAINLIT_ROOT_PATH=", &operator::word(prefix)].concat())
            .step(t!("And do not let the gateway strip it: in nginx, proxy_pass http://127.0.0.1:8000; with nothing after the port."))
    };
    let operator = operator
        .recheck(t!("The chat's page carries the prefix in its og:root_path, and that prefix with /ws/socket.io/?EIO=4&transport=polling answers {start}.", start = "0{"))
        .limits(t!("A Chainlit that is mounted into another application takes its prefix from the mount, and releases around 1.1.404 lost it: upgrade."));
    vec![person, operator]
}
