//! One file a kind of probe. A probe records what an API reported and never judges, retries or falls back.

mod calls;
mod conversation;
mod delivery;
mod held;
mod ladder;
mod live;
mod plain;
mod round_trips;
mod shell;
mod stream;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use web_sys::{RequestCache, RequestCredentials, RequestMode, RequestRedirect};

use super::budget::{Budget, Permit};
use super::lexicon::{Part, pointer};
use super::platform::clock::Clock;
use super::platform::fetch::{BODY_LIMIT, Request, fetch};
use super::platform::surroundings;
use super::run::Place;
use crate::address::Address;
use crate::evidence::{End, Exchange, Fact, Purpose, SocketPurpose};
use crate::plan::{Limits, Step};
use crate::profile::Profile;
use crate::protocol::livekit::IceServer;
use crate::rules::NOT_HERE;

/// What every probe works with.
pub struct Context {
    pub profile: Rc<Profile>,
    pub limits: Limits,
    pub clock: Clock,
    pub budget: Rc<Budget>,
    /// When everything has to be over, in milliseconds since the start.
    pub ends_at: Option<u32>,
    pub place: Place,
    /// STUN and TURN servers with their credentials, numbered by their place.
    pub ice: RefCell<Vec<IceServer>>,
    /// How many conversations by long-polling began.
    pub conversations: Cell<u8>,
    pub record: Rc<dyn Fn(Fact)>,
}

/// Nothing can be asked any more: why, for the evidence.
pub struct Spent(&'static str);

const USED_UP: Spent = Spent("the budget of requests is used up");

type Ended = Result<(), Spent>;

impl Context {
    /// What is left of a limit until the end of the run.
    fn left(&self, limit: u32) -> Result<u32, Spent> {
        let left = self.ends_at.map_or(u32::MAX, |end| end.saturating_sub(self.clock.now()));
        if left < 100 { Err(Spent("the time is used up")) } else { Ok(limit.min(left)) }
    }

    async fn permit(&self) -> Result<Permit, Spent> {
        self.budget.permit().await.ok_or(USED_UP)
    }

    /// Takes so many requests of the budget that take no place at one time.
    fn spend(&self, requests: u32) -> Ended {
        if self.budget.spend(requests) { Ok(()) } else { Err(USED_UP) }
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
            session: 0,
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

    /// Asks within budget and time, and records. The status, if one can be read, and the body's text are the caller's.
    async fn ask(&self, request: Request) -> Result<(Option<u16>, String), Spent> {
        self.ask_within(request, self.limits.request).await
    }

    /// The same with a limit of its own.
    async fn ask_within(&self, request: Request, patience: u32) -> Result<(Option<u16>, String), Spent> {
        let (exchange, body) = self.asked(request, patience).await?;
        let status = exchange.status();
        (self.record)(Fact::Exchange(exchange));
        Ok((status, body))
    }

    /// The same, not yet recorded.
    async fn asked(&self, request: Request, patience: u32) -> Result<(Exchange, String), Spent> {
        let _permit = self.permit().await?;
        let limit = self.left(patience)?;
        let (exchange, body) = fetch(self.clock, request, limit).await;
        if exchange.timed_out() && !is_patient(limit, patience) {
            return Err(Spent("the time was used up before an answer could be expected"));
        }
        Ok((exchange, body))
    }

    /// One after the other; what can't be asked any more ends it.
    async fn ask_all(&self, requests: Vec<Request>) -> Ended {
        for request in requests {
            self.ask(request).await?;
        }
        Ok(())
    }
}

/// The query of an engine's URL, with what the chat's client adds. Version 3 is asked for text (`b64`), or a browser gets its packets in a binary form.
fn engine_query(context: &Context, eio: u8, transport: &str) -> String {
    let added = context.profile.socket_query.as_deref().unwrap_or("");
    let own = if eio == 3 { "EIO=3&b64=1&transport=" } else { "EIO=4&transport=" };
    [added, if added.is_empty() { "" } else { "&" }, own, transport].concat()
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

/// What a step does. Most ask and record and do nothing else, so they are a list of requests and no future of their own; the
/// futures of the others stand behind one pointer, or all of them would be compiled into one.
enum Work<'a> {
    Nothing,
    Ask(Vec<Request>),
    Do(LocalBoxFuture<'a, Ended>),
}

fn work<'a>(context: &'a Context, step: &'a Step) -> Work<'a> {
    let ask_calls = pointer(calls::ask as fn(&Context, Purpose) -> Option<Request>);
    let request = match step {
        Step::Environment => {
            (context.record)(Fact::Environment(surroundings::environment()));
            return Work::Nothing;
        }
        Step::Patience => return Work::Nothing,
        Step::Filter { path } => return Work::Ask(plain::filter(context, path)),
        Step::Help { path } => return Work::Ask(plain::help(context, path)),
        Step::RawCompanion { as_chat } => return Work::Ask(plain::raw_companion(context, *as_chat).into_iter().collect()),
        Step::ClientScripts => return Work::Do(Box::pin(shell::client_scripts(context))),
        Step::ClientCookie { name } => return Work::Do(Box::pin(held::client_cookie(context, name))),
        Step::Cookies => return Work::Do(Box::pin(held::cookies(context))),
        Step::Storage => return Work::Do(Box::pin(held::storage(context))),
        Step::Workers { round } => return Work::Do(Box::pin(held::workers(context, *round > 0))),
        Step::Permission => return Work::Do(Box::pin(held::permission(context))),
        Step::Shell { path, past_worker, round: 0 } => return Work::Do(Box::pin(shell::shell(context, path, *past_worker))),
        Step::Shell { path, past_worker, .. } => return Work::Do(Box::pin(shell::again(context, path, *past_worker))),
        Step::Navigation { path, .. } => return Work::Do(Box::pin(shell::navigation(context, path))),
        Step::EventSource { path } => return Work::Do(Box::pin(plain::event_source(context, path))),
        Step::Discover { path, eio } => return Work::Do(Box::pin(conversation::discover(context, path, *eio))),
        Step::Session { path, eio, upgrade, include, .. } => {
            return Work::Do(Box::pin(conversation::session(context, path, *eio, *upgrade, *include)));
        }
        Step::Connect { path, eio, namespace, how, polling: true } => {
            return Work::Do(Box::pin(conversation::connect(context, path, *eio, namespace, *how)));
        }
        Step::Connect { path, eio, namespace, how, polling: false } => {
            return Work::Do(Box::pin(live::connect(context, path, *eio, namespace, *how)));
        }
        Step::Replica { path, eio, as_chat, include, upgrade, .. } => {
            return Work::Do(Box::pin(conversation::replica(context, path, *eio, *as_chat, *include, *upgrade)));
        }
        Step::LongPoll { path, eio, .. } => return Work::Do(Box::pin(conversation::long_poll(context, path, *eio))),
        Step::Body { path, eio, size } => return Work::Do(Box::pin(conversation::body(context, path, *eio, *size))),
        Step::Again { path, eio, .. } => return Work::Do(Box::pin(live::again(context, path, *eio))),
        Step::Large { path, eio, size } => return Work::Do(Box::pin(live::large(context, path, *eio, *size))),
        Step::RoundTrips { path, eio } => return Work::Do(Box::pin(round_trips::round_trips(context, path, *eio))),
        Step::Delivery { path, namespace, how } => return Work::Do(Box::pin(delivery::delivery(context, path, namespace, *how))),
        Step::Stream { url, event_source: true, .. } => return Work::Do(Box::pin(stream::by_event_source(context, url))),
        Step::Stream { url, seconds, .. } => return Work::Do(Box::pin(stream::by_fetch(context, url, *seconds))),
        Step::Rung { path, eio, sockets } => return Work::Do(Box::pin(ladder::rung(context, path, *eio, *sockets))),
        Step::Busy { path, eio, noop, .. } => return Work::Do(Box::pin(live::heartbeat(context, path, *eio, Some(if *noop { "6" } else { "3" })))),
        Step::RawQuiet { .. } => return Work::Do(Box::pin(live::raw(context, SocketPurpose::RawQuiet))),
        Step::Grpc { url, as_person, .. } => return Work::Ask(plain::grpc(context, url, *as_person).into_iter().collect()),
        Step::Hello { path, eio, round } => return Work::Do(Box::pin(live::hello(context, path, *eio, *round))),
        Step::Heartbeat { path, eio, .. } => return Work::Do(Box::pin(live::heartbeat(context, path, *eio, None))),
        Step::Raw { .. } => return Work::Do(Box::pin(live::raw(context, SocketPurpose::Raw))),
        Step::Devices => return Work::Do(Box::pin(calls::devices(context))),
        Step::Capture { device } => return Work::Do(Box::pin(calls::capture(context, *device))),
        Step::CallServer => return Work::Ask(ask_calls(context, Purpose::CallServer).into_iter().collect()),
        Step::CallServerNoCors => return Work::Ask(ask_calls(context, Purpose::CallServerNoCors).into_iter().collect()),
        Step::CallValidate { with_token, as_person } => {
            let asked = ask_calls(context, if *with_token { Purpose::CallToken } else { Purpose::CallValidate });
            let as_asked = |mut request: Request| {
                if *as_person {
                    request.credentials = RequestCredentials::SameOrigin;
                }
                request
            };
            return Work::Ask(asked.map(as_asked).into_iter().collect());
        }
        Step::CallVersion => return Work::Ask(ask_calls(context, Purpose::CallVersion).into_iter().collect()),
        Step::Call { .. } => return Work::Do(Box::pin(calls::call(context, false))),
        Step::CallV1 => return Work::Do(Box::pin(calls::call(context, true))),
        Step::IceServers => return Work::Do(Box::pin(calls::ice_servers(context))),
        Step::Gather { server } => return Work::Do(Box::pin(calls::gather(context, *server, step))),
        Step::RelayTls { server } => return Work::Do(Box::pin(calls::relay_tls(context, *server, step))),
        Step::Loopback { server } => return Work::Do(Box::pin(calls::loopback(context, *server, step))),
        Step::WebTransport => return Work::Do(Box::pin(calls::web_transport(context))),
        Step::OwnFile { round } => plain::own_file(context, Purpose::OwnFile, *round == 2),
        Step::Gate => plain::own_file(context, Purpose::Gate, false),
        Step::ChatPage { as_person } => plain::chat_page(context, &context.profile.chat_page, *as_person),
        Step::PageBelow { path, as_person } => plain::chat_page(context, path, *as_person),
        Step::HomePage => plain::home_page(context),
        Step::Upgraded => plain::upgraded(context),
        Step::Server => plain::endpoint(context, Purpose::Server, "/"),
        Step::ServerNoCors { path, polls } => plain::no_cors(context, path, *polls),
        Step::Credentialed { path, eio } => plain::credentialed(context, path, *eio),
        Step::Preflighted { path, eio, include } => plain::preflighted(context, path, *eio, *include),
        Step::ServerKept { path, include } => plain::server_kept(context, path, *include, RequestCache::Default),
        Step::ServerPast { path } => plain::server_kept(context, path, true, RequestCache::NoStore),
        Step::PostNoCors { path, eio } => plain::post_no_cors(context, path, *eio),
        Step::Health { path } => plain::endpoint(context, Purpose::Health, path),
        Step::User { path, keys, include, .. } => plain::user(context, path, keys, *include),
        Step::UserWithout { path } => plain::endpoint(context, Purpose::UserWithout, path),
        Step::Version { path } => plain::endpoint(context, Purpose::Version, path),
        Step::Application { path } => plain::endpoint(context, Purpose::Application, path),
        Step::RedirectControl { path, .. } => plain::redirect_control(context, path),
        Step::Companion { path, eio, as_chat } => plain::companion(context, Purpose::Companion, path, *eio, *as_chat),
        Step::Repeat { path, eio, .. } => plain::companion(context, Purpose::Repeat, path, *eio, true),
        Step::OriginProbe { path, eio } => plain::origin_probe(context, path, *eio),
    };
    Work::Ask(vec![request])
}

/// The part of the program that a step's future is in.
fn part(step: &Step) -> Option<Part> {
    match step {
        Step::Devices | Step::Capture { .. } | Step::Call { .. } | Step::CallV1 | Step::IceServers => Some(Part::Calls),
        Step::Gather { .. } | Step::RelayTls { .. } | Step::Loopback { .. } | Step::WebTransport => Some(Part::Calls),
        Step::CallServer | Step::CallServerNoCors | Step::CallValidate { .. } | Step::CallVersion => Some(Part::Calls),
        Step::LongPoll { .. } | Step::Body { .. } | Step::Again { .. } | Step::Large { .. } => Some(Part::Deeper),
        Step::RoundTrips { .. } | Step::Delivery { .. } | Step::Stream { .. } | Step::Rung { .. } => Some(Part::Deeper),
        Step::Heartbeat { .. } | Step::Busy { .. } | Step::Raw { .. } | Step::RawQuiet { .. } | Step::Connect { .. } => Some(Part::Deeper),
        Step::Permission | Step::EventSource { .. } | Step::Navigation { .. } | Step::Shell { round: 1.., .. } => Some(Part::Deeper),
        _ => None,
    }
}

async fn carry_out(context: &Context, step: &Step) -> Ended {
    match work(context, step) {
        Work::Nothing => Ok(()),
        Work::Ask(requests) => context.ask_all(requests).await,
        Work::Do(future) => future.await,
    }
}

/// Runs a step to its end, and records whatever happens.
pub async fn run(context: Rc<Context>, step: Step) {
    let is_here = match part(&step) {
        Some(part) => context.place.lexicon.part(part).await,
        None => true,
    };
    let ended = if is_here { carry_out(&context, &step).await } else { Err(Spent(NOT_HERE)) };
    if let Err(Spent(why)) = ended {
        (context.record)(Fact::StepEnded { step: step.name(), end: End::Skipped { why: why.to_owned() } });
    }
}
