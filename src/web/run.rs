//! The runner: asks the plan, runs the probes, keeps the evidence, ends in time. Dropping it closes all that it opened.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use futures_util::StreamExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::stream::FuturesUnordered;
use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use super::budget::Budget;
use super::lexicon::{Lexicon, Part};
use super::platform::clock::Clock;
use super::platform::surroundings::Watch;
use super::probes::{self, Context};
use crate::diagnose::calm::is_calm;
use crate::diagnose::{diagnose, first_verdict, needs_rules};
use crate::evidence::{End, Evidence, Fact};
use crate::picture::round_trips::{Point, drops};
use crate::plan::{self, Limits, Progress, Step};
use crate::profile::{Depth, Profile};
use crate::report::lives::{TimeOfDay, lives};
use crate::report::{Circumstances, Report};
use crate::run_state::Event;

/// What a run tells while it goes on.
pub type Tell = Rc<dyn Fn(Event)>;

/// Kept back at the end of a run for the diagnosis itself, in milliseconds.
const RESERVE: u32 = 150;
/// So long the rules are waited for at the end of a run, in milliseconds: without them little can be said. They were asked for when
/// something out of the ordinary was first seen, and what can be said of a line that is cut needs none of them.
const RULES: std::ops::Range<u32> = 2_000..5_000;

/// A signal that the person wants it to stop. What was seen until then is kept.
#[derive(Clone, Default)]
pub struct Stop {
    asked: Rc<Cell<bool>>,
    waker: Rc<RefCell<Option<std::task::Waker>>>,
}

impl Stop {
    pub fn ask(&self) {
        self.asked.set(true);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Whether both are the same run's.
    pub fn is_same(&self, other: &Stop) -> bool {
        Rc::ptr_eq(&self.asked, &other.asked)
    }

    async fn asked(&self) {
        std::future::poll_fn(|context| {
            if self.asked.get() {
                return std::task::Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
            std::task::Poll::Pending
        })
        .await;
    }
}

/// What the page around gives to a run.
#[derive(Clone, Default)]
pub struct Place {
    /// The URL of a file of the page's own.
    pub own_file: String,
    /// `(job, signal)`: measures round trips in a worker (`www/round-trips.js`), or in the page where none may be.
    pub measure: Option<js_sys::Function>,
    /// `(job, signal)`: does what `www/calls.js` can do, and gives JSON.
    pub calls: Option<js_sys::Function>,
    pub lexicon: Rc<Lexicon>,
    /// Told of each round trip of a connection that is watched.
    pub pulse: Option<Rc<dyn Fn(Point)>>,
}

/// The time of day of a run, as clocks here show it.
pub fn local_time(started_at: &str) -> TimeOfDay {
    TimeOfDay::of(started_at, -js_sys::Date::new_0().get_timezone_offset() as i32)
}

/// One run from the profile to the report.
pub async fn run(profile: Profile, mut place: Place, stop: Stop, tell: Tell) -> Report {
    let pulse = Rc::clone(&tell);
    place.pulse = Some(Rc::new(move |point| pulse(Event::Pulse(point))));
    let started_at: String = js_sys::Date::new_0().to_iso_string().into();
    let clock = Clock::start();
    let evidence = Rc::new(RefCell::new(Evidence::default()));
    let heard = Rc::new(Cell::new(false));
    let record: Rc<dyn Fn(Fact)> = {
        let (evidence, heard) = (Rc::clone(&evidence), Rc::clone(&heard));
        Rc::new(move |fact| {
            heard.set(heard.get() || plan::is_telling(&fact));
            evidence.borrow_mut().record(clock.now(), fact);
        })
    };
    let _watch = Watch::start(Rc::clone(&record));
    for (at, message) in &profile.seen {
        record(Fact::ClientError { before: (js_sys::Date::now() - at) as u32, message: message.clone() });
    }
    let limit = profile.time_limit();
    let profile = Rc::new(profile);
    let limits = Limits::of(profile.depth);
    let budget = Rc::new(Budget::of(&limits));
    let context = Rc::new(Context {
        limits,
        profile: Rc::clone(&profile),
        clock,
        budget: Rc::clone(&budget),
        ends_at: limit.map(|l| l.saturating_sub(RESERVE)),
        place,
        ice: RefCell::default(),
        conversations: Cell::new(0),
        record: Rc::clone(&record),
    });
    tell(Event::Started { time_limit: limit });
    // What this run will surely need.
    for (part, wanted) in
        [(Part::Calls, profile.has_calls()), (Part::Deeper, profile.depth != Depth::Quick || profile.namespace.is_some() || profile.ws_url.is_some())]
    {
        if wanted {
            let lexicon = Rc::clone(&context.place.lexicon);
            spawn_local(async move { _ = lexicon.part(part).await });
        }
    }
    let mut progress = Progress::default();
    let finished = {
        let work = work(&context, &evidence, &heard, &mut progress, &tell, local_time(&started_at));
        let until = async {
            match limit {
                Some(limit) => TimeoutFuture::new(limit.saturating_sub(RESERVE / 2)).await,
                None => std::future::pending().await,
            }
        };
        let ended = select(Box::pin(work), select(Box::pin(until), Box::pin(stop.asked()))).await;
        match ended {
            Either::Left(_) => Finished::Whole,
            Either::Right((Either::Left(_), _)) => Finished::OutOfTime,
            Either::Right((Either::Right(_), _)) => Finished::Stopped,
        }
    };
    if finished != Finished::Whole {
        let why = if finished == Finished::Stopped { "stopped" } else { "the time is used up" };
        for step in progress.begun.iter().filter(|s| **s != Step::Patience && !progress.ended.contains(s)) {
            record(Fact::StepEnded { step: step.name(), end: End::Skipped { why: why.to_owned() } });
        }
    }
    let circumstances = Circumstances { started_at, stopped: finished == Finished::Stopped, requests: budget.used() };
    // Taken and not copied: nothing is recorded after this, and the code that copies every kind of fact need not be there.
    let evidence = std::mem::take(&mut *evidence.borrow_mut());
    let lexicon = &context.place.lexicon;
    // A little even where the time is over: most often the words are here.
    let left = limit.map_or(u32::MAX, |limit| limit.saturating_sub(context.clock.now())).max(2 * RESERVE);
    let judged = profile.redacted();
    if needs_rules(&judged, &evidence) {
        lexicon.part_soon(Part::Rules, left.clamp(RULES.start, RULES.end)).await;
    }
    lexicon.need_soon(&diagnose(&judged, &evidence).causes, left).await;
    Report::of(&profile, evidence, circumstances, &lexicon.words())
}

#[derive(Clone, Copy, PartialEq)]
enum Finished {
    Whole,
    OutOfTime,
    Stopped,
}

async fn work(context: &Rc<Context>, evidence: &Rc<RefCell<Evidence>>, heard: &Cell<bool>, progress: &mut Progress, tell: &Tell, day: TimeOfDay) {
    // A plain list would weigh 2 kB less. With it Firefox kept a WebSocket to a server that swallows handshakes open after two of four stops (measured).
    let mut running: FuturesUnordered<LocalBoxFuture<'_, Step>> = FuturesUnordered::new();
    let mut said = false;
    loop {
        let wanted = plan::next(&context.profile, &evidence.borrow(), progress);
        for step in wanted {
            progress.begun.push(step.clone());
            let context = Rc::clone(context);
            let tell = Rc::clone(tell);
            running.push(Box::pin(async move {
                let wait = step.not_before(context.profile.depth).saturating_sub(context.clock.now()).max(step.pause());
                if wait > 0 {
                    TimeoutFuture::new(wait).await;
                }
                if step != Step::Patience {
                    tell(Event::StepBegan(step.clone()));
                }
                probes::run(context, step.clone()).await;
                step
            }));
        }
        // Patience alone is nothing to wait for.
        let waited_for = progress.begun.iter().any(|s| *s != Step::Patience && !progress.ended.contains(s));
        if !waited_for || running.is_empty() {
            return;
        }
        // Facts are recorded while the steps are polled, so nothing else has to wake this.
        let woken = poll_fn(|task| match running.poll_next_unpin(task) {
            Poll::Pending if heard.take() => Poll::Ready(None),
            polled => polled,
        });
        let Some(step) = woken.await else {
            if !said {
                said = first_word(context, &evidence.borrow(), tell, said).is_some();
            }
            continue;
        };
        progress.ended.push(step.clone());
        let so_far = first_word(context, &evidence.borrow(), tell, said);
        said |= so_far.is_some();
        if step != Step::Patience {
            let quick = context.profile.depth == Depth::Quick;
            let (ended, drops) = if quick { Default::default() } else { (ended(context, &evidence.borrow(), day), drops(&evidence.borrow())) };
            tell(Event::StepEnded { step, so_far, ended, drops });
        }
    }
}

/// A line for each live connection that ended by itself.
fn ended(context: &Context, evidence: &Evidence, day: TimeOfDay) -> Vec<String> {
    lives(evidence).iter().filter(|life| life.ended_by_itself()).map(|life| context.place.lexicon.say(life.words(day))).collect()
}

/// What is certain while the run still goes on, in a sentence. The first of it is told at once, and `said` is that it was. The words
/// of what may be said at the end are asked for now, and before them the rules: later the line may be worse.
fn first_word(context: &Context, evidence: &Evidence, tell: &Tell, said: bool) -> Option<String> {
    if !is_calm(&context.profile, evidence) && !context.place.lexicon.has(Part::Rules) {
        let lexicon = Rc::clone(&context.place.lexicon);
        spawn_local(async move {
            // What shows it closer is wanted later, and may not be here any more then: the rules go first.
            _ = lexicon.part(Part::Rules).await && lexicon.part(Part::Closer).await;
        });
        return None;
    }
    let diagnosis = diagnose(&context.profile, evidence);
    let words = context.place.lexicon.words();
    if !diagnosis.causes.is_empty() {
        let (lexicon, causes) = (Rc::clone(&context.place.lexicon), diagnosis.causes.clone());
        spawn_local(async move { lexicon.need(&causes).await });
    }
    let verdict = first_verdict(&context.profile, evidence, &diagnosis, context.clock.now())?;
    let sentence = Report::first_sentence(verdict, &context.profile, evidence, &words)?;
    if !said {
        tell(Event::FirstVerdict { verdict, sentence: sentence.clone() });
    }
    Some(sentence)
}
