//! After which time a gateway ends a connection by its own documented default: to give a measured age a name.

use super::gateway::{self, Gateway, Limit, Of};
use crate::evidence::Evidence;
use crate::profile::Profile;
use crate::words::Text;

/// What was ended, and what the time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A WebSocket, after a time in which nothing passed.
    Idle,
    /// A WebSocket, so long after its beginning, whatever passed.
    Lifetime,
    /// An answer that was still under way: a stream, long-polling.
    Answer,
}

fn is_near(limit: &Limit, ms: u32) -> bool {
    let wanted = u32::from(limit.seconds) * 1000;
    wanted.abs_diff(ms) <= (wanted / 100 * 3).max(1500)
}

fn named(gateways: &[Gateway], ms: u32, kind: Kind) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for gateway in gateways {
        let platform = gateway.platform();
        let (first, second, other) = match kind {
            Kind::Idle => (platform.idle, &[][..], Of::Answers),
            Kind::Lifetime => (platform.lifetime, &[][..], Of::Answers),
            Kind::Answer => (platform.idle, platform.lifetime, Of::Sockets),
        };
        for limit in first.iter().chain(second).filter(|l| l.of != other && is_near(l, ms)) {
            if !names.contains(&limit.what) {
                names.push(limit.what);
            }
        }
    }
    names
}

/// The limits of the gateways that showed themselves in this run which the measured age agrees with.
#[must_use]
pub fn matching(profile: &Profile, evidence: &Evidence, ms: u32, kind: Kind) -> Vec<&'static str> {
    named(&gateway::shown(profile, evidence), ms, kind)
}

/// The limits of any gateway that agree with it: a hint where none showed itself, "also the default of".
#[must_use]
pub fn known_with(ms: u32, kind: Kind) -> Vec<&'static str> {
    named(&gateway::ALL, ms, kind)
}

/// Limits as a finding names them, in the words of any language.
#[must_use]
pub fn said(names: &str) -> Text {
    let known = |name: &str| gateway::ALL.iter().any(|g| g.platform().idle.iter().chain(g.platform().lifetime).any(|limit| limit.what == name));
    Text::each(names, |name| if known(name) { Text::Own(name.to_owned()) } else { name.into() })
}

#[cfg(test)]
mod tests {
    use super::{Kind, known_with, matching, said};
    use crate::evidence::Evidence;
    use crate::profile::{Page, Profile};

    fn at(server: &str, ms: u32, kind: Kind) -> Vec<&'static str> {
        let profile = Profile::of_page(&Page { origin: server.into(), path: "/diagnostics/".into(), embedded: false });
        matching(&profile, &Evidence::default(), ms, kind)
    }

    #[test]
    fn only_what_showed_itself_is_named() {
        let azure = "https://app.azurecontainerapps.io";
        assert_eq!(at(azure, 240_500, Kind::Idle), ["Azure Container Apps' idle timeout (240 s)"]);
        assert_eq!(at(azure, 240_500, Kind::Lifetime), ["Azure Container Apps' request timeout (240 s)"]);
        assert_eq!(at(azure, 247_000, Kind::Lifetime).len(), 1);
        assert!(at(azure, 248_000, Kind::Lifetime).is_empty() && at(azure, 60_000, Kind::Idle).is_empty());
        assert!(at("https://chat.example", 60_000, Kind::Idle).is_empty());
    }

    #[test]
    fn what_a_finding_names_is_said() {
        let words = crate::words::english();
        let names = "nginx's proxy_read_timeout (60 s); AWS ALB's idle_timeout (60 s); nobody's";
        assert_eq!(words.say(said(names)), names);
        assert!(words.knows(&said(names)) && crate::words::Words::default().say(said(names)) == names);
        assert!(said("").is_empty());
    }

    #[test]
    fn a_hint_names_all_that_agree() {
        let minute = known_with(60_900, Kind::Idle);
        for name in ["nginx's proxy_read_timeout (60 s)", "AWS ALB's idle_timeout (60 s)", "Apache's Timeout (60 s)"] {
            assert!(minute.contains(&name), "{minute:?}");
        }
        assert!(known_with(62_000, Kind::Idle).is_empty() && known_with(60_000, Kind::Lifetime).is_empty());
        assert_eq!(known_with(299_000, Kind::Lifetime), ["Cloud Run's request timeout (5 minutes)"]);
        // What ends answers says nothing of WebSockets, and the other way.
        assert_eq!(known_with(15_200, Kind::Answer), ["Envoy's route timeout (15 s)"]);
        assert!(known_with(15_200, Kind::Lifetime).is_empty() && known_with(100_000, Kind::Idle).is_empty());
        assert!(known_with(600_000, Kind::Answer).is_empty() && known_with(600_000, Kind::Idle).len() == 1);
        assert!(known_with(0, Kind::Idle).is_empty() && known_with(u32::MAX, Kind::Lifetime).is_empty());
    }
}
