//! One file a kind of probe. A probe records what an API reported and never judges, retries or falls back.

mod conversation;
mod held;
mod live;
mod plain;
mod shell;

use std::rc::Rc;

use web_sys::{RequestCache, RequestCredentials, RequestMode, RequestRedirect};

use super::budget::{Budget, Permit};
use super::platform::clock::Clock;
use super::platform::fetch::{BODY_LIMIT, Request, fetch};
use super::platform::surroundings;
use crate::address::Address;
use crate::evidence::{End, Exchange, Fact, Purpose};
use crate::plan::{Limits, Step};
use crate::profile::Profile;

/// What every probe works with.
pub struct Context {
    pub profile: Rc<Profile>,
    pub limits: Limits,
    pub clock: Clock,
    pub budget: Rc<Budget>,
    /// When everything has to be over, in milliseconds since the start.
    pub ends_at: Option<u32>,
    /// The URL of a file of the page's own.
    pub own_file: String,
    pub record: Rc<dyn Fn(Fact)>,
}

/// Nothing can be asked any more: why, for the evidence.
pub struct Spent(&'static str);

impl Context {
    /// What is left of a limit until the end of the run.
    fn left(&self, limit: u32) -> Result<u32, Spent> {
        let left = self.ends_at.map_or(u32::MAX, |end| end.saturating_sub(self.clock.now()));
        if left < 100 { Err(Spent("the time is used up")) } else { Ok(limit.min(left)) }
    }

    async fn permit(&self) -> Result<Permit, Spent> {
        self.budget.permit().await.ok_or(Spent("the budget of requests is used up"))
    }

    /// A request as the chat's server gets it; the caller changes what differs.
    fn request(&self, purpose: Purpose, path: &str, query: &str) -> Request {
        let mut url = [self.profile.server.as_str(), path].concat();
        if !query.is_empty() {
            url.push(if path.contains('?') { '&' } else { '?' });
            url.push_str(query);
            url.push_str(&["&t=", &unique()].concat());
        }
        Request {
            purpose,
            method: "GET",
            url,
            path: path.split('?').next().unwrap_or(path).to_owned(),
            eio: 0,
            mode: RequestMode::Cors,
            credentials: RequestCredentials::SameOrigin,
            redirect: RequestRedirect::Follow,
            cache: RequestCache::NoStore,
            headers: Vec::new(),
            wanted: self.profile.response_headers.clone(),
            body: None,
            read_at_most: BODY_LIMIT,
            cross_origin: self.profile.is_cross_origin(),
        }
    }

    /// A path of the server's.
    fn url(&self, path: &str) -> String {
        [self.profile.server.as_str(), path].concat()
    }

    /// Whether a URL is of this page's origin.
    fn is_own(&self, url: &str) -> bool {
        Address::parse(url).is_some_and(|a| a.origin() == self.profile.page_origin)
    }

    /// As [`Context::ask`], for what the browser may not have: then there is nothing to record.
    async fn ask_if_kept(&self, request: Request) -> Result<(), Spent> {
        let limit = self.left(self.limits.request)?;
        let (exchange, _) = fetch(self.clock, request, limit).await;
        if exchange.response().is_some() {
            (self.record)(Fact::Exchange(exchange));
        }
        Ok(())
    }

    /// Asks within budget and time, and records. The body's text is the caller's.
    async fn ask(&self, request: Request) -> Result<(Exchange, String), Spent> {
        let _permit = self.permit().await?;
        let limit = self.left(self.limits.request)?;
        let (exchange, body) = fetch(self.clock, request, limit).await;
        if exchange.timed_out() && !is_patient(limit, self.limits.request) {
            return Err(Spent("the time was used up before an answer could be expected"));
        }
        (self.record)(Fact::Exchange(exchange.clone()));
        Ok((exchange, body))
    }
}

/// The query of an engine's URL. Version 3 is asked for text (`b64`), or a browser gets its packets in a binary form.
fn engine_query(eio: u8, transport: &str) -> String {
    [if eio == 3 { "EIO=3&b64=1&transport=" } else { "EIO=4&transport=" }, transport].concat()
}

/// Whether a wait was long enough to say that nothing came: at least half of the limit. A wait that the end of the run cut
/// short says nothing about the server.
fn is_patient(waited: u32, limit: u32) -> bool {
    waited >= limit / 2
}

/// A value for one request's query, so that no cache stands between.
fn unique() -> String {
    let number = (js_sys::Math::random() * 4_294_967_296.0) as u32;
    (0..7).map(|i| char::from_digit((number >> (i * 4)) & 0xf, 16).unwrap_or('0')).collect()
}

/// Runs a step to its end, and records whatever happens.
pub async fn run(context: Rc<Context>, step: Step) {
    let name = step.name();
    let ended = match &step {
        Step::Environment => {
            (context.record)(Fact::Environment(surroundings::environment()));
            Ok(())
        }
        Step::Patience => Ok(()),
        Step::OwnFile { round } => plain::own_file(&context, Purpose::OwnFile, *round == 2).await,
        Step::Gate => plain::own_file(&context, Purpose::Gate, false).await,
        Step::ChatPage { as_person } => plain::chat_page(&context, *as_person).await,
        Step::HomePage => plain::home_page(&context).await,
        Step::Upgraded => plain::upgraded(&context).await,
        Step::Server => plain::server(&context).await,
        Step::ServerNoCors { path } => plain::no_cors(&context, path).await,
        Step::Cookies => held::cookies(&context).await,
        Step::Storage => held::storage(&context).await,
        Step::Workers { .. } => held::workers(&context).await,
        Step::Permission => held::permission(&context).await,
        Step::Shell { path, past_worker, round: 0 } => shell::shell(&context, path, *past_worker).await,
        Step::Shell { path, past_worker, .. } => shell::again(&context, path, *past_worker).await,
        Step::Navigation { path, .. } => shell::navigation(&context, path).await,
        Step::Credentialed { path, eio } => plain::credentialed(&context, path, *eio).await,
        Step::Preflighted { path, eio } => plain::preflighted(&context, path, *eio).await,
        Step::ServerKept { path } => plain::server_kept(&context, path).await,
        Step::EventSource { path } => plain::event_source(&context, path).await,
        Step::Filter { path } => plain::filter(&context, path).await,
        Step::Help { path } => plain::help(&context, path).await,
        Step::Health { path } => plain::endpoint(&context, Purpose::Health, path).await,
        Step::User { path, keys } => plain::user(&context, path, keys).await,
        Step::UserWithout { path } => plain::endpoint(&context, Purpose::UserWithout, path).await,
        Step::Version { path } => plain::endpoint(&context, Purpose::Version, path).await,
        Step::Application { path } => plain::endpoint(&context, Purpose::Application, path).await,
        Step::RedirectControl { path } => plain::redirect_control(&context, path).await,
        Step::RawCompanion => plain::raw_companion(&context).await,
        Step::Companion { path, eio } => plain::companion(&context, Purpose::Companion, path, *eio).await,
        Step::Repeat { path, eio, .. } => plain::companion(&context, Purpose::Repeat, path, *eio).await,
        Step::OriginProbe { path, eio } => plain::origin_probe(&context, path, *eio).await,
        Step::Discover { path, eio } => conversation::discover(&context, path, *eio).await,
        Step::Session { path, eio, upgrade, include, .. } => conversation::session(&context, path, *eio, *upgrade, *include).await,
        Step::Connect { path, eio, namespace, how, polling: true } => conversation::connect(&context, path, *eio, namespace, *how).await,
        Step::Connect { path, eio, namespace, how, polling: false } => live::connect(&context, path, *eio, namespace, *how).await,
        Step::Hello { path, eio, round } => live::hello(&context, path, *eio, *round).await,
        Step::Heartbeat { path, eio, .. } => live::heartbeat(&context, path, *eio).await,
        Step::Raw { .. } => live::raw(&context).await,
    };
    if let Err(Spent(why)) = ended {
        (context.record)(Fact::StepEnded { step: name, end: End::Skipped { why: why.to_owned() } });
    }
}
