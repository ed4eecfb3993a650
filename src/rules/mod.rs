//! The rules: one file each, one table. A rule reads the survey of profile and evidence alone, does no IO, and answers
//! [`Outcome::Unknown`] where something is missing. RULES.md is made from the files' doc comments.

use serde::{Deserialize, Serialize};

use crate::evidence::Cite;
use crate::guidance::Guidance;
use crate::survey::Survey;
use crate::words::Phrase;
use crate::{english, t};

/// One thing that the program can say.
pub struct Rule {
    /// Stable, never reused.
    pub code: &'static str,
    /// Stable, in kebab-case.
    pub name: &'static str,
    /// Codes of what follows from this, so that they are folded under it.
    pub explains: &'static [&'static str],
    pub check: fn(&Survey) -> Outcome,
    pub guide: fn(&Finding, &Survey) -> Vec<Guidance>,
}

/// What a rule makes of the evidence.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Fires(Finding),
    Clear,
    /// The evidence that would decide is not there.
    Unknown {
        missing: &'static str,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Info,
    Degrades,
    Blocks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    Correlated,
    StronglySuggested,
    Observed,
}

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    User,
    SiteOperator,
    NetworkAdmin,
    /// It is information: nothing has to be mended.
    Nobody,
}

/// A rule that fired, with the observations that it stands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub name: String,
    pub severity: Severity,
    pub confidence: Confidence,
    /// Who can most likely mend it.
    pub party: Party,
    /// Who else may be able to; which of them it is, the guidance tells apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Party>,
    /// Figures and words for the text, by name.
    pub params: Params,
    pub cites: Cites,
}

/// Named figures and words, in the order in which a rule gave them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params(Vec<(String, String)>);

impl Serialize for Params {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(n, v)| (n, v)))
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = std::collections::BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Params(map.into_iter().collect()))
    }
}

/// Citations, at least one: a finding without an observation can't be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cites(Vec<Cite>);

impl Cites {
    #[must_use]
    pub fn of(first: Cite, others: impl IntoIterator<Item = Cite>) -> Cites {
        let mut all = Cites(vec![first]);
        others.into_iter().for_each(|cite| all.add(cite));
        all
    }

    fn add(&mut self, cite: Cite) {
        if !self.0.contains(&cite) {
            self.0.push(cite);
        }
    }

    /// `None` for an empty list.
    #[must_use]
    pub fn from_all(cites: impl IntoIterator<Item = Cite>) -> Option<Cites> {
        let mut all = cites.into_iter();
        let first = all.next()?;
        Some(Cites::of(first, all))
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Cite] {
        &self.0
    }
}

impl Rule {
    fn finding(&self, severity: Severity, confidence: Confidence, party: &[Party], cites: Cites) -> Finding {
        Finding {
            code: self.code.to_owned(),
            name: self.name.to_owned(),
            severity,
            confidence,
            party: party.first().copied().unwrap_or(Party::Nobody),
            also: party.get(1..).unwrap_or(&[]).to_vec(),
            params: Params::default(),
            cites,
        }
    }
}

impl Finding {
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<String>) -> Finding {
        self.with_text(name, value.into())
    }

    fn with_text(mut self, name: &str, value: String) -> Finding {
        let params = &mut self.params.0;
        params.retain(|(n, _)| n != name);
        // One order whatever the rule's, so that a report read back compares equal.
        let at = params.iter().position(|(n, _)| n.as_str() > name).unwrap_or(params.len());
        params.insert(at, (name.to_owned(), value));
        self
    }

    /// Whether that party may be able to mend it.
    #[must_use]
    pub fn names(&self, party: Party) -> bool {
        self.party == party || self.also.contains(&party)
    }

    /// The value of a parameter, empty where the rule gave none.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
}

/// The severity of a fault that takes the WebSocket away: a chat that can poll goes on, more slowly.
fn without_websocket(survey: &Survey) -> Severity {
    if survey.can_do_without_websocket() && !survey.lost_upgrade_stalls() { Severity::Degrades } else { Severity::Blocks }
}

/// What the loss of an upgrade means on a server that waits for it.
const STALLED: Phrase =
    t!("The chat most likely can't connect: its live connection opens and is lost, and its server then says nothing by small requests either.");

/// What helps on such a server until the way is mended.
fn stalled(operator: Guidance, survey: &Survey) -> Guidance {
    if !survey.lost_upgrade_stalls() {
        return operator;
    }
    operator.step_with(
        t!("Two things come together: the way loses the upgraded connection, and python-engineio answers the polls of a session with nothing once its upgrade was accepted. Until the way is mended, switch upgrades off, at the server or in the client:"),
        "AsyncServer(allow_upgrades=False)\nio(url, { transports: ['polling'] })",
    )
}

/// The severity of a fault of calls: where they are only a part of the chat, its messages go on.
fn of_calls(survey: &Survey) -> Severity {
    if survey.is_call_alone() { Severity::Blocks } else { Severity::Degrades }
}

/// A finding that stands on times, which a hidden tab or a sleeping device spoils.
fn timed(survey: &Survey, finding: Finding) -> Outcome {
    if survey.is_spoilt(finding.cites.as_slice()) { Outcome::Unknown { missing: english!("a tab that stays in view") } } else { Outcome::Fires(finding) }
}

/// So long the peer connection of a call is waited for before it is said that it does not come about, in milliseconds.
const MEDIA_SOON: u32 = 2_500;
pub(crate) const NO_SERVERS: &str = english!("STUN or TURN servers: the setting ice-servers, or a LiveKit token");
pub(crate) const NO_TURN: &str = english!("a TURN server: the setting ice-servers, or a LiveKit token");
pub(crate) const LONGER_WAIT: &str = english!("a longer wait, in a tab that stays in view");
const NO_MEDIA: &str = english!("a call that LiveKit offers media for");
/// The code of that rule, which a release fetches where something is out of the ordinary, did not come.
pub(crate) const NOT_HERE: &str = english!("a part of this test, which could not be loaded");
/// What stands in the place of each rule whose code is not here yet: `until` in `PARTS` of `bin/node/finish.mjs`.
#[used]
static UNTIL: fn(&Survey) -> Outcome = not_here;

fn not_here(_: &Survey) -> Outcome {
    Outcome::Unknown { missing: NOT_HERE }
}

/// The parameter that tells whether LiveKit is at the chat's own server: only then that one's faults explain its.
pub(crate) const SHARED: &str = "shared";

macro_rules! rules {
    ($($module:ident),+ $(,)?) => {
        $(pub mod $module;)+
        /// All rules, causes before what they explain, and the order in which equals are shown.
        pub const RULES: &[&Rule] = &[$(&$module::RULE),+];
    };
}

rules!(
    env002_unsupported_browser,
    sec005_sandboxed_frame,
    net001_offline,
    net011_captive_portal,
    sec001_csp_blocks_connection,
    sec002_mixed_content,
    cook003_cookies_too_large,
    cook005_cookie_to_gone_instance,
    sec006_extension_or_filter,
    sec004_local_network_access,
    cook001_cookies_blocked,
    cook002_third_party_blocked,
    auth004_clock_skew,
    cook004_cookie_not_kept,
    auth001_login_redirect,
    net005_rate_limited,
    net009_certificate_suspected,
    grpc002_transport_mismatch,
    net002_server_unreachable,
    net003_gateway_error,
    net012_server_error,
    path004_prefix_mismatch,
    path001_not_a_socket_server,
    path002_protocol_version,
    path005_garbled_answer,
    path006_query_lost,
    cors005_socket_origin_refused,
    auth003_sign_in_stale,
    auth002_sign_in_refused,
    cors002_wildcard_with_credentials,
    cors001_not_allowed,
    poll005_stored_handshake,
    ses002_affinity_cookie_lost,
    ses001_not_sticky,
    poll001_polling_blocked,
    poll002_body_limit,
    poll003_post_refused,
    ws011_upgrade_refused,
    net010_http_version,
    ws001_upgrade_stripped,
    ws002_upgrade_blocked,
    ws003_open_but_silent,
    ws005_idle_cut,
    ws006_lifetime_cut,
    ws004_drops_at_once,
    ws007_heartbeat_missing,
    ws008_large_message_lost,
    ws009_server_closes,
    poll004_long_poll_cut,
    ws010_high_latency,
    ses003_no_cross_replica_delivery,
    str003_compressed_and_delayed,
    str001_buffered,
    str002_cut,
    str004_stream_refused,
    grpc001_not_grpc_web,
    grpc003_not_serving,
    rtc009_call_token_refused,
    rtc001_signalling_fails,
    rtc004_relay_credentials,
    rtc002_udp_blocked,
    rtc003_relay_unreachable,
    rtc008_private_candidates,
    rtc011_media_unreachable,
    rtc005_data_channel,
    wt001_webtransport_fails,
    rtc006_permission,
    rtc007_device_busy,
    rtc010_device_missing,
    res001_insufficient_resources,
    sio001_namespace_unknown,
    sio002_connect_unanswered,
    cache001_old_service_worker,
    cache003_mixed_versions,
    cache002_stale_copy,
    cors003_preflight_refused,
    cors006_header_not_exposed,
    cors007_poisoned_cache,
    sto001_storage_blocked,
    sto002_storage_full,
    net006_cold_start,
    net007_intermittent,
    net004_slow_server,
    net008_health_failing,
    sec003_insecure_context,
    ses004_server_restarted,
    path003_one_transport_by_design,
    env001_tab_was_hidden,
);

/// The part of the catalogues in which the texts about this code stand: its letters.
#[must_use]
pub fn part(code: &str) -> String {
    code.chars().take_while(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

/// The rule of that code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}
