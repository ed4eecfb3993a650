//! # COOK002 third-party-blocked
//!
//! ## What it means
//! The chat is shown inside another site's page, and this browser does not let it use its ordinary cookies there.
//!
//! ## How it is recognised
//! The page is in a frame of another origin's page. A cookie of its own with `SameSite=None; Secure` could not be read back (or, on
//! an unprotected page, storage throws SecurityError), an ordinary one neither, and no storage access is granted. Information where
//! a partitioned one is kept and nothing is seen to suffer. It degrades where storage throws, the operator's endpoint does not see
//! its cookie again, no cookie at all is kept, or the person is refused; where none is kept and the person is refused, or the socket's path refuses every way in (AUTH002), it blocks.
//!
//! ## What it does not mean
//! Where nothing at all is kept, the browser may as well block all cookies; the same page opened in a tab of its own tells these
//! apart. Firefox keeps such cookies in a jar of their own by default: then nothing is raised.
//!
//! ## What to do
//! Open the chat in a tab of its own. The operator adds `Partitioned` to the cookies, or asks for storage access.
//!
//! ## References
//! MDN, "Cookies Having Independent Partitioned State" and Storage Access API; measured in Chromium 156 and Firefox 153.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::guidance::Guidance;
use crate::platforms::browsers::Task;
use crate::survey::Survey;
use crate::{english, t};

pub const RULE: Rule = Rule { code: "COOK002", name: "third-party-blocked", explains: &["STO001", "COOK004", "AUTH002", "AUTH003"], check, guide };

fn check(survey: &Survey) -> Outcome {
    if !survey.in_foreign_frame() || survey.evidence.environment().is_some_and(|(_, e)| e.opaque_origin) {
        return Outcome::Clear;
    }
    let Some((cite, cookies)) = survey.evidence.cookies() else {
        return Outcome::Unknown { missing: english!("a cookie of this page's own, written and read back") };
    };
    // Some browsers forbid storage together with these cookies.
    let no_storage = survey.evidence.storage().is_some_and(|(_, s)| s.areas.iter().any(|a| a.how == "SecurityError"));
    match survey.keeps_cookie("none") {
        Some(true) => return Outcome::Clear,
        None if !no_storage => return Outcome::Unknown { missing: english!("a secure page, without which no such cookie is kept anywhere") },
        _ => {}
    }
    if survey.keeps_cookie("lax") == Some(true) || cookies.storage_access == Some(true) {
        return Outcome::Clear;
    }
    let partitioned = survey.keeps_cookie("partitioned") == Some(true);
    let refused = survey.sign_in_refused().map(|(c, _)| c);
    // The operator's endpoint may tell that the application's own cookie is one of those that are lost.
    let lost = matches!((super::cook004_cookie_not_kept::RULE.check)(survey), Outcome::Fires(_));
    let barred = matches!((super::auth002_sign_in_refused::RULE.check)(survey), Outcome::Fires(f) if f.severity == Severity::Blocks);
    let severity = match (refused, partitioned) {
        (None, true) if !lost && !no_storage => Severity::Info,
        // Nobody gets in where the socket's path itself refuses.
        (Some(_), true) if barred => Severity::Blocks,
        // With partitioned cookies a person who has not signed in yet is refused as well.
        (_, true) | (None, false) => Severity::Degrades,
        (Some(_), false) => Severity::Blocks,
    };
    let confidence = if partitioned && !(barred && refused.is_some()) { Confidence::Observed } else { Confidence::StronglySuggested };
    let finding = RULE.finding(severity, confidence, &[Party::SiteOperator, Party::User], Cites::of(cite, refused));
    Outcome::Fires(finding.with("partitioned", if partitioned { "kept" } else { "" }))
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    if finding.severity == Severity::Info {
        return vec![Guidance::person(&finding.code, t!("Inside this other site’s page the chat can’t use its ordinary cookies, and nothing seems to miss them."))];
    }
    let person = Guidance::person(&finding.code, t!("Inside another site’s page this browser does not let the chat remember that you signed in."))
        .step(t!("Open the chat in a tab of its own, by its own address, and sign in there."))
        .in_browser(survey.user_agent(), Task::AllowFrameCookies)
        .or_hand_on();
    let operator = Guidance::operator(&finding.code, t!("Give the chat's cookies the attribute Partitioned, or ask for storage access."))
        .step_with(t!("Every cookie that the frame needs, the sign-in's and the affinity's, carries all of:"), "Secure; HttpOnly; SameSite=None; Partitioned")
        .step(t!("Or let the chat call document.requestStorageAccess() on a click of the person, who must have used the chat in a tab of its own before; a frame with sandbox also needs allow-storage-access-by-user-activation. Once granted, its ordinary cookies are there."))
        .step(t!("A sign-in that was made in a tab of its own is not in the partition: the person signs in once in the frame."));
    let operator = if finding.param("partitioned").is_empty() {
        operator.step(t!("This browser kept no partitioned cookie either: all cookies may be blocked for the site. The same page in a tab of its own tells."))
    } else {
        operator
    };
    let operator = operator
        .recheck(t!("In the frame, the person signs in and is still signed in after a reload; this page says it as a remark only."))
        .limits(t!("Safari before 26.2 knows no partitioned cookies; there storage access is the way."));
    vec![person, operator]
}
