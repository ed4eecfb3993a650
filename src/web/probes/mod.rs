//! One file a kind of probe. A probe records what an API reported and never judges, retries or falls back.

mod conversation;
mod live;
mod plain;

use std::rc::Rc;

use web_sys::{RequestCredentials, RequestMode, RequestRedirect};

use super::budget::{Budget, Permit};
use super::platform::clock::Clock;
use super::platform::fetch::{Request, fetch};
use super::platform::surroundings;
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
            body: None,
            cross_origin: self.profile.is_cross_origin(),
        }
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
        Step::Server => plain::server(&context).await,
        Step::ServerNoCors { path } => plain::no_cors(&context, path).await,
        Step::Health { path } => plain::endpoint(&context, Purpose::Health, path).await,
        Step::User { path } => plain::endpoint(&context, Purpose::User, path).await,
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
