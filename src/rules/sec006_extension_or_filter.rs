//! # SEC006 extension-or-filter
//!
//! ## What it means
//! Something in this browser or on this device stops the chat's address by its wording, before it reaches the network; where the page is not
//! encrypted (http), it may be something in the network as well.
//!
//! ## How it is recognised
//! Requests to the socket's path were rejected in modes `cors` and `no-cors`, the page's own file answers, and of two further requests
//! for that file, the one with the socket's path as a word in its query was rejected too, while the one with the same word
//! percent-encoded was answered. A server chooses by the path and not by such a word, so it is a filter of addresses.
//!
//! ## What it does not mean
//! It does not say which: an extension, an antivirus program, or (on an unprotected page) a filter in the network. A filter that names
//! the whole address is not seen this way.
//!
//! ## What to do
//! Try a private window without extensions, then switch the one off for this site.
//!
//! ## References
//! Measured in Chromium 156 and Firefox 153 with an extension that blocks by declarativeNetRequest, and against a server that resets.

use super::{Cites, Confidence, Finding, Outcome, Party, Rule, Severity};
use crate::evidence::Purpose;
use crate::guidance::{Audience, Guidance};
use crate::platforms::browsers::Task;
use crate::platforms::operator;
use crate::survey::{Polling, Survey};
use crate::t;

pub const RULE: Rule = Rule { code: "SEC006", name: "extension-or-filter", explains: &["NET002", "NET009", "CORS001", "POLL001", "POLL003", "WS001", "WS002", "NET010"], check, guide };

fn check(survey: &Survey) -> Outcome {
    let Polling::Rejected { cite } = survey.polling else { return Outcome::Clear };
    let worded = survey.evidence.exchanges_for(Purpose::Worded).next_back();
    let encoded = survey.evidence.exchanges_for(Purpose::WordedEncoded).next_back();
    match (worded, encoded) {
        (Some((worded, w)), Some((control, e))) if w.rejected() && e.status().is_some() => {
            let finding = RULE.finding(Severity::Blocks, Confidence::StronglySuggested, &[Party::User, Party::NetworkAdmin], Cites::of(worded, [control, cite]));
            Outcome::Fires(finding.with("path", survey.path.clone()))
        }
        _ => Outcome::Clear,
    }
}

fn guide(finding: &Finding, survey: &Survey) -> Vec<Guidance> {
    // Over TLS nothing on the way reads an address, and to this very device nothing is on the way.
    let readable = survey.evidence.environment().is_some_and(|(_, e)| e.scheme == "http:" && !e.secure_context);
    let title = if readable {
        t!("Something in this browser, on this device or in this network blocks the chat’s connection by its address: an ad blocker, a security program or a filter of the network.")
    } else {
        t!("Something in this browser or on this device blocks the chat’s connection: most likely an ad blocker or a security program.")
    };
    let person = Guidance::person(&finding.code, title);
    let person = if readable { person.other_network() } else { person };
    let person = person
        .private_window()
        .in_browser(survey.user_agent(), Task::AllowExtension)
        .step(t!("If it is the same without extensions, look at the web protection of your antivirus program, or ask whoever manages this device."))
        .recheck(t!("Run this page again: it no longer says so."));
    let operator = if readable {
        Guidance::operator(&finding.code, t!("Serve the chat over https: then no network can read the path."))
            .step(t!("Addresses that contain “{path}” are stopped by their wording, in this person's browser or in the network: over http both can read them.", path = finding.param("path")))
    } else {
        Guidance::operator(&finding.code, t!("Give the socket a path that filter lists do not know."))
            .step(t!("Addresses that contain “{path}” are stopped in this person's browser, by their wording.", path = finding.param("path")))
    };
    let operator = operator
        .step(t!("Other people are not touched. If many report it, choose another path for the socket, without words such as ads, track, analytics or telemetry."))
        .recheck(t!("In that person's browser this page, run again, no longer says so."))
        .limits(t!("It is the person's own choice of filters, or their administrator's."));
    let mut all = vec![person, operator];
    if readable {
        let network = Guidance::new(&finding.code, Audience::NetworkAdmin, t!("Let addresses with “{path}” through for this chat.", path = finding.param("path")))
            .step(t!("In the web filter or firewall look for a rule that drops requests by words in their address, and except {host} from it.", host = operator::host(survey)))
            .recheck(t!("From this network this page, run again, no longer says so."));
        all.push(network.limits(t!("If another network shows the same, it is this person's browser or device.")));
    }
    all
}
