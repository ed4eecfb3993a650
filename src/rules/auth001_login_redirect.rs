//! AUTH001 login-redirect
//!
//! TODO docs

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::survey::Survey;

pub const RULE: Rule = Rule { code: "AUTH001", name: "login-redirect", explains: &["PATH001", "PATH005", "WS001", "WS002", "WS011", "POLL001", "POLL003", "AUTH002", "CORS001", "NET002", "NET008", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if survey.polling_hello().is_some() || survey.own_file_answers().is_none() && survey.evidence.exchanges_for(Purpose::OwnFile).next().is_none() {
        return Outcome::Clear;
    }
    let Some(own) = survey.own_file_answers() else {
        return Outcome::Unknown { missing: "an answer of this page's own server" };
    };
    if matches!(survey.live(), Live::Hello { .. }) && survey.polling_off_by_design().is_some() {
        return Outcome::Clear;
    }
    // A request that was rejected, while its control says that a redirect came: it led to another origin.
    let rejected = matches!(survey.polling, Polling::Rejected { .. });
    let detour = survey
        .on_path(Purpose::RedirectControl)
        .find(|(_, x)| rejected && x.response().is_some_and(|r| r.response_type == "opaqueredirect"))
        .map(|(c, _)| c);
    if let Some(cite) = detour {
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::User, Party::SiteOperator], Cites::of(cite, [own]));
        return Outcome::Fires(finding.with("how", "redirect-elsewhere"));
    }
    let page = survey
        .engine_exchanges()
        .filter(|(_, x)| matches!(x.purpose, Purpose::Handshake | Purpose::Companion))
        .filter(|(_, x)| x.credentials != "omit" || x.purpose == Purpose::Handshake)
        .filter_map(|(c, x)| Some((c, x.response()?, x.html()?)))
        .last();
    let Some((cite, response, html)) = page else {
        return Outcome::Clear;
    };
    let named_so = response.redirected && ["login", "signin", "sign-in", "sign_in", "sso", "oauth", "saml", "auth"].iter().any(|w| response.final_url.to_ascii_lowercase().contains(w));
    if !html.password_field && !named_so {
        return Outcome::Clear;
    }
    let finding = RULE.finding(Severity::Blocks, if response.redirected { Confidence::Observed } else { Confidence::StronglySuggested }, &[Party::User, Party::SiteOperator], Cites::of(cite, [own]));
    Outcome::Fires(finding.with("how", if response.redirected { "redirect" } else { "sign-in-page" }).with("page-title", html.title.clone()))
}

fn guide(_finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    Vec::new()
}
