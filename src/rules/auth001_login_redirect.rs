//! # AUTH001 login-redirect
//!
//! ## What it means
//! Where the chat's server should answer, a sign-in page or a redirect does: a gateway in front of it no longer knows the
//! person.
//!
//! ## How it is recognised
//! Long-polling did not say hello, and the page's own file answers, or is redirected itself: by a page within the origin, or by https. Then either (strongly suggested) the request to the socket's
//! path was rejected while the same with `redirect: manual` gave an opaque redirect, so it led to another origin (`redirect-nowhere`
//! where the same in `no-cors` was rejected too, and no policy of the page's blocked it: then nothing answered there); or the answer
//! at the socket's path is an HTML page with a password field, or with a form that hands a sign-in on (SAML, WS-Federation), or one that a redirect led to whose address speaks of a sign-in:
//! observed if a redirect came, else strongly suggested. For a raw WebSocket: refused, and the plain GET of its URL, asked with this
//! browser's cookies, is redirected.
//!
//! Where the engine had answered this browser's cookies, and by the same two signs the newest request with them is led to a sign-in, the sign-in has ended meanwhile (`how` is `ended`,
//! strongly suggested): what is connected goes on, and the next connection does not come about.
//!
//! By https such a page may answer for this page's own file too. What strangers get is passed over where an engine answers this browser's cookies.
//!
//! ## What it does not mean
//! It does not say whose sign-in it is: the chat's own, or that of a company's gateway in front of it. An expired sign-in is the
//! usual cause; a gateway rule that never let this path through looks the same, and so does a redirect to https or to the site's
//! canonical name.
//!
//! ## What to do
//! Open the chat anew and sign in; past a service worker that keeps the chat's page, or nobody is asked to. The operator makes the gateway answer data requests
//! with 401, not with a redirect, and lets such a worker ask the network first for navigations.
//!
//! ## References
//! WHATWG Fetch, opaque-redirect filtered response; a redirect to another origin rejects a `cors` request (measured); reports
//! actualbudget/actual 4422, microsoft/azure-container-apps 549.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Exchange, Fact, Purpose, Response};
use crate::survey::{Live, Polling};
use crate::guidance::Guidance;
use crate::platforms::operator;
use crate::survey::{Survey, speaks_of_sign_in};
use crate::{english, t};

pub const RULE: Rule = Rule { code: "AUTH001", name: "login-redirect", explains: &["PATH001", "PATH005", "WS001", "WS002", "WS011", "POLL001", "POLL003", "AUTH002", "CORS001", "NET002", "NET008", "NET010", "GRPC001", "STR004"], check, guide };

pub(super) fn check(survey: &Survey) -> Outcome {
    if let Some(raw) = survey.raw()
        && let (Some(tried), Some((cite, companion)), Some(own)) = (raw.refused(), raw.companion, survey.own_file_answers())
        && companion.is_opaque_redirect()
    {
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::User, Party::SiteOperator], Cites::of(cite, tried.into_iter().chain([own])));
        return Outcome::Fires(finding.with("how", "redirect-elsewhere"));
    }
    if let Some(finding) = ended(survey) {
        return Outcome::Fires(finding);
    }
    if survey.polling_hello().is_some() || survey.own_file_answers().is_none() && survey.evidence.exchanges_for(Purpose::OwnFile).next().is_none() {
        return Outcome::Clear;
    }
    // A gate in front of everything redirects the page's own file too, within the same origin; or elsewhere, where that is no portal's (NET011).
    let secure = survey.came_by_https();
    let leads_away = |x: &Exchange| secure && x.is_opaque_redirect() || x.response().is_some_and(|r| r.redirected && r.same_origin_as_asked);
    let signs_in = |x: &Exchange| secure && x.html().is_some_and(|page| page.signs_in());
    let own_redirected = survey.evidence.exchanges_for(Purpose::OwnFile).find(|(_, x)| leads_away(x) || signs_in(x));
    let Some(own) = survey.own_file_answers().or(own_redirected.map(|(c, _)| c)) else {
        return Outcome::Unknown { missing: english!("an answer of this page's own server") };
    };
    if matches!(survey.live(), Live::Hello { .. }) && survey.polling_off_by_design().is_some() {
        return Outcome::Clear;
    }
    // A request that was rejected, while its control says that a redirect came: it led to another origin.
    let rejected = matches!(survey.polling, Polling::Rejected { .. });
    let detour = survey
        .on_path(Purpose::RedirectControl)
        .find(|(_, x)| rejected && x.is_opaque_redirect())
        .map(|(c, _)| c);
    if let Some(cite) = detour {
        // In no-cors a request goes along with the redirect, and a page to sign in would have answered it.
        let policy = survey.evidence.observations().iter().any(|o| matches!(&o.fact, Fact::PolicyViolation { directive, enforced: true, .. } if directive.starts_with("connect-src")));
        let nowhere = survey.on_path(Purpose::ServerNoCors).find(|(_, x)| x.rejected() && !policy).map(|(c, _)| c);
        let parties: &[Party] = if nowhere.is_some() { &[Party::SiteOperator] } else { &[Party::User, Party::SiteOperator] };
        let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, parties, Cites::of(cite, [own].into_iter().chain(nowhere)));
        return Outcome::Fires(finding.with("how", if nowhere.is_some() { "redirect-nowhere" } else { "redirect-elsewhere" }));
    }
    // Strangers are sent to the sign-in, and this browser is none.
    let let_in = survey.engine_exchanges().any(|(_, x)| x.credentials != "omit" && x.engine().is_engine());
    let page = survey
        .engine_exchanges()
        .filter(|(_, x)| matches!(x.purpose, Purpose::Handshake | Purpose::Companion))
        .filter(|(_, x)| x.credentials != "omit" || x.purpose == Purpose::Handshake && !let_in)
        .filter_map(|(c, x)| Some((c, x.response()?, x.html()?)))
        .next_back();
    let Some((cite, response, html)) = page else {
        return Outcome::Clear;
    };
    let named_so = response.redirected && speaks_of_sign_in(&response.final_url);
    if !html.signs_in() && !named_so {
        return Outcome::Clear;
    }
    let finding = RULE.finding(Severity::Blocks, if response.redirected { Confidence::Observed } else { Confidence::StronglySuggested }, &[Party::User, Party::SiteOperator], Cites::of(cite, [own]));
    Outcome::Fires(finding.with("how", if response.redirected { "redirect" } else { "sign-in-page" }).with("page-title", html.title.clone()))
}

/// The engine answered this browser's cookies, and then a sign-in did.
fn ended(survey: &Survey) -> Option<Finding> {
    let leads = |x: &Exchange| {
        let named_so = |r: &Response| r.redirected && speaks_of_sign_in(&r.final_url);
        x.is_opaque_redirect() || x.html().is_some_and(|page| page.signs_in()) || x.response().is_some_and(named_so)
    };
    let asked = survey.evidence.exchanges_where(&|x| x.path == survey.path && x.answered() && (x.eio > 0 || x.purpose == Purpose::RedirectControl) && survey.was_let_in(x));
    let (cite, newest) = asked.max_by_key(|(_, x)| x.started)?;
    let heard = survey.engine_exchanges().find(|(_, x)| x.credentials != "omit" && x.engine().is_engine()).map(|(c, _)| c);
    if !leads(newest) {
        return None;
    }
    let finding = RULE.finding(Severity::Degrades, Confidence::StronglySuggested, &[Party::User, Party::SiteOperator], Cites::of(cite, heard));
    Some(finding.with("how", "ended").with("since-ms", newest.started.to_string()))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    let title = match finding.param("how") {
        "ended" => t!("While this test ran, the chat's server began to send this browser to a sign-in: yours has most likely just run out."),
        "redirect-nowhere" => t!("The chat's requests are sent on to another address, and nothing answers this browser there."),
        "redirect-elsewhere" => t!("The chat's requests are sent elsewhere, most likely to a sign-in page: your sign-in may have run out."),
        _ => t!("A sign-in page answers in place of the chat: your sign-in may have run out."),
    };
    let person = Guidance::person(&finding.code, title);
    let person = match finding.param("page-title") {
        "" => person,
        page => person.step(t!("The page that answers calls itself “{page}”.", page = page)),
    };
    // Where a worker answers with the page that it keeps, a new tab shows that one, and the gateway is never asked.
    let kept = survey.evidence.workers().is_some_and(|(_, w)| w.registrations.iter().any(|r| r.controls) && w.caches.iter().any(|c| c.holds_page));
    let person = match finding.param("how") {
        "redirect-nowhere" => person,
        _ if kept => person.step(t!("This browser may show the copy of the chat that it keeps, and then nobody asks you to sign in: hold down Shift and reload the chat, which goes to the server, and sign in. On a phone open the chat in a private window.")),
        _ => person.step(t!("Open the chat in a new tab by its address, and sign in if you are asked to. Then close this tab.")),
    };
    let person = person.or_hand_on();
    let path = operator::path(survey);
    if finding.param("how") == "redirect-nowhere" {
        let operator = Guidance::operator(&finding.code, t!("Find where the socket's path is redirected to."))
            .step(t!("{path} is redirected, and the browser gets no answer in the end: most likely to https or to another name of the site, with a wrong port or name, or in a circle, where one rule adds the slash at the end and another takes it away.", path = &path))
            .step(t!("A sign-in page that lets no other site ask for it (Cross-Origin-Resource-Policy) looks the same: then let the gateway answer the chat's requests with 401."))
            .step_with(t!("Test without a sign-in:"), operator::polling_test(survey))
            .recheck(t!("The test's answer is 401, or begins with {begin}, and is no redirect.", begin = "0{"));
        return vec![person, operator];
    }
    let operator = Guidance::operator(&finding.code, t!("Let the gateway that signs people in answer the chat's requests with 401, not with a redirect."))
        .step(t!("The socket's path is {path}.", path = &path));
    let operator = match finding.param("how") {
        "redirect-elsewhere" => operator.step(t!("Or it is no sign-in: a redirect to https or to the site's canonical name has caught the socket's path. Then let the chat use that address, or leave the path out of the redirect.")),
        _ => operator,
    };
    let operator = if kept {
        operator.step(t!("A service worker of this site keeps the chat's page. Where it answers navigations from its cache, nobody gets to the sign-in: ask the network first for navigations, and let the chat reload itself when its requests are answered with 401 or led away."))
    } else {
        operator
    };
    let operator = operator
        .step_with("oauth2-proxy:", ["--api-route=^", &path].concat())
        .step(t!("Azure Easy Auth: with a path under excludedPaths the gateway lets it through unasked. Cloudflare Access: a Bypass policy for the path does the same. Do so only where the chat itself checks who connects."))
        .step(t!("Make the gateway's session longer than the chat's, so that it does not end in the middle of a conversation."))
        .step_with(t!("Test without a sign-in:"), operator::polling_test(survey))
        .recheck(if survey.is_engine_subject() {
            t!("The test's answer is 401, or begins with {begin}, and is no redirect.", begin = "0{")
        } else {
            t!("The path is answered by the WebSocket's server.").into()
        })
        .limits(t!("It does not renew anybody's sign-in; the chat must show that it is needed."));
    vec![person, operator]
}
