//! Heroku. Sources: devcenter.heroku.com/articles/http-routing (30 s to the first byte, then a rolling window of 55 s: H12, H15) and
//! session-affinity (Common Runtime only); scaling. The cookie's name stands in public code. Router 2.0 says `heroku-router` in `Via`.

use super::gateway::{Gateway, Limit, Need, Of, PASSES, Platform, Setting};
use crate::english;
use crate::t;

/// What its own page for 404 shows.
pub const GONE: &str = "herokucdn.com/error-pages/no-such-app";

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::Heroku,
    name: "Heroku",
    hosts: &[".herokuapp.com"],
    signs: &[("server", "heroku"), ("via", "vegur"), ("via", "heroku-router"), ("", "herokucdn.com/error-pages")],
    affinity_cookies: &["heroku-session-affinity"],
    idle: &[
        Limit { seconds: 55, of: Of::Both, what: english!("Heroku's router (55 s without a byte)") },
        Limit { seconds: 30, of: Of::Answers, what: english!("Heroku's router (30 s to the first byte)") },
    ],
    lifetime: &[],
    settings: &[
        Setting { needs: &[Need::Websockets], place: PASSES, code: "" },
        Setting { needs: &[Need::Sticky], place: t!("in the Common Runtime:"), code: "heroku features:enable http-session-affinity --app APP" },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!(
                "30 s to the first byte, and 55 s without a byte after it, are fixed: let the server send something more often. Long-polling must answer within 30 s; Socket.IO's ping does by default (25 s)."
            ),
            code: "",
        },
        Setting {
            needs: &[Need::Resources],
            place: t!("larger dynos (more of them only with session affinity and shared state):"),
            code: "heroku ps:type web=standard-2x --app APP",
        },
    ],
};
