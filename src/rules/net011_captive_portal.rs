//! # NET011 captive-portal
//!
//! ## What it means
//! Between this device and the internet stands a network that wants a sign-in first (a hotel, a train, a guest Wi-Fi), and it
//! answers every request with its own page.
//!
//! ## How it is recognised
//! The newest request for a script of the page's own, which had loaded a moment before, is answered by an HTML page, or by a
//! redirect to another origin, on a page that came by http, and then never as itself. Everything else of this origin that was asked since is answered alike or
//! not at all; one other path at least was asked. Requests in `no-cors` tell nothing, nor do those that the browser's cache may
//! have answered.
//!
//! A page to sign in that came by https, where AUTH001 takes it for the site's own, and a page that a service worker keeps for every path are none.
//!
//! ## What it does not mean
//! It is not proved that a network does it: a sign-in gateway in front of the whole site, which redirects its scripts too, looks
//! the same; by https it is taken for that (AUTH001), since a portal has no certificate for another's name. A reload tells: it shows the page that took over.
//!
//! ## What to do
//! Reload, and sign in where a sign-in page appears.
//!
//! ## References
//! RFC 8952 (captive portal architecture); WHATWG Fetch, redirect mode `manual` and opaque-redirect filtered response.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::{Cite, Exchange, Purpose};
use crate::guidance::Guidance;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "NET011", name: "captive-portal", explains: &["*"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let script = |x: &Exchange| x.path.ends_with(".js");
    let Some((cite, own)) = survey.evidence.exchanges_for(Purpose::OwnFile).rfind(|(_, x)| script(x)) else {
        return Outcome::Unknown { missing: english!("a script of this page's own to ask for again") };
    };
    // A redirect hides where it leads; asked again and followed, one to another origin is rejected or says so.
    let followed = survey.evidence.exchanges_for(Purpose::OwnFile).any(|(_, x)| x.rejected());
    let redirected = survey.evidence.exchanges_for(Purpose::OwnFile).find(|(_, x)| x.is_opaque_redirect()).map(|(_, x)| x.started);
    // A portal has no certificate for a name that is not its own; what redirects there is a gate of the site's.
    let secure = survey.came_by_https();
    let led_away = followed && !secure && redirected.is_some_and(|at| survey.own_file_answers_since(at).is_none());
    // A page that a service worker has for every path comes from no network.
    // A page to sign in that has this site's certificate is a gate of the site's (AUTH001).
    let own_gate = secure && own.html().is_some_and(|page| page.signs_in()) && matches!(super::auth001_login_redirect::check(survey), Outcome::Fires(_));
    if !taken_over(own) && !led_away || own_gate || survey.is_a_workers_copy(own) {
        return Outcome::Clear;
    }
    // Every path alike: nothing of this origin that was asked later answers as itself.
    // Except in request mode no-cors, whose opaque answer tells nothing, and from the browser's own cache.
    let tells = |x: &Exchange| !x.cross_origin && x.mode != "no-cors" && matches!(x.cache.as_str(), "" | "reload") && x.purpose != Purpose::OwnFile;
    // What was asked at about the same time counts, if its answer came later.
    let since = |x: &Exchange| x.started >= own.started.saturating_sub(50) && x.ended() >= own.started;
    let others: Vec<(Cite, &Exchange)> = survey.evidence.exchanges().filter(|(_, x)| tells(x) && since(x)).collect();
    let alike = |x: &Exchange| taken_over(x) || x.is_opaque_redirect() || x.rejected() || x.timed_out();
    if others.iter().any(|(_, x)| !alike(x)) {
        return Outcome::Clear;
    }
    if others.is_empty() {
        return Outcome::Unknown { missing: english!("another path of the same server") };
    }
    let finding = RULE.finding(
        Severity::Blocks,
        Confidence::StronglySuggested,
        &[Party::User],
        Cites::of(cite, others.iter().map(|(c, _)| *c)),
    );
    let title = own.html().map(|h| h.title.clone()).unwrap_or_default();
    Outcome::Fires(finding.with("page-title", title))
}

/// Somebody else's page where a script or an engine's words should be: a page with a good status, 511 (RFC 6585 section 6), or
/// what a redirect to another origin led to. An error page is the site's own word.
pub(super) fn taken_over(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|r| {
        let page = r.html.is_some() && (200..300).contains(&r.status) && !r.redirected;
        page || r.status == 511 || r.redirected && !r.same_origin_as_asked
    })
}

fn guide(finding: &Finding, _survey: &Survey) -> Vec<Guidance> {
    let title = finding.param("page-title");
    let person = Guidance::person(&finding.code, t!("Your network most likely wants you to sign in before it lets you onto the internet."));
    let person = if title.is_empty() { person } else { person.step(t!("The page that answers instead calls itself “{title}”.", title = title)) };
    let person = person
        .step(t!("Reload this page. If a sign-in page appears, of the Wi-Fi you use or of your company, sign in there."))
        .step(t!("If none appears, open http://example.com in a new tab: networks that want a sign-in show their page there."))
        .step(t!("Then run this test again."));
    let operator = Guidance::operator(&finding.code, t!("See whether a sign-in gateway redirects the site's own scripts, if several people report this."))
        .step(t!("Answer scripts and data requests of a person whose sign-in ran out with 401, not with a redirect."))
        .recheck(t!("A request for the page's script without a sign-in is answered by the script or by 401."));
    vec![person, operator]
}
