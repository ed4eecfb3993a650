//! What the page has of words and of the program: which language is spoken, what of its catalogue was fetched, and which parts of the code.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use futures_util::future::{LocalBoxFuture, select};
use gloo::timers::future::TimeoutFuture;
use js_sys::{Function, Promise};
use leptos::prelude::{ArcRwSignal, Get, Update};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::rules::{Finding, part};
use crate::words::{Text, Words};

/// What several guides share.
const SHARED: &str = "shared";
/// So long a report waits for its words, in milliseconds. They were asked for when the cause was first seen.
const PATIENCE: u32 = 1_000;

/// A part of the program that is fetched where it is needed: `PARTS` of `bin/node/finish.mjs`.
#[derive(Clone, Copy, PartialEq)]
pub enum Part {
    /// What rules check: where the evidence is out of the ordinary (`diagnose::calm`).
    Rules,
    /// The probes of calls and devices.
    Calls,
    /// The probes that an ordinary quick run has no need of.
    Deeper,
    /// What is shown when somebody opens or presses something: `ui::later`.
    Closer,
    /// What reads a saved report, shows and compares it.
    Saved,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Rules => "rules",
            Part::Calls => "calls",
            Part::Deeper => "deeper",
            Part::Closer => "closer",
            Part::Saved => "saved",
        }
    }
}

/// A function of a part that is here: nothing may call by name what is fetched later, or it stays in the program.
pub fn pointer<F>(function: F) -> F {
    std::hint::black_box(function)
}

#[derive(Default)]
pub struct Lexicon {
    words: RefCell<Rc<Words>>,
    /// Counts how often all was to be said anew.
    spoken: ArcRwSignal<u32>,
    /// `(part)`: a promise of the text of that part of the catalogue.
    fetch: Option<Function>,
    asked: RefCell<Vec<Asked>>,
    /// The parts of the program that have come.
    here: RefCell<Vec<Part>>,
    /// Which language it is, as a count: what comes of another one comes too late.
    round: Cell<u32>,
}

struct Asked {
    part: String,
    coming: Promise,
    is_here: bool,
}

impl Lexicon {
    /// `face` is the text of the catalogue's first part.
    pub fn of(face: &str, fetch: Option<Function>) -> Lexicon {
        let lexicon = Lexicon { fetch, ..Lexicon::default() };
        lexicon.learn(face);
        lexicon
    }

    /// Another language, of which this is the first part.
    pub fn speak(&self, face: &str) {
        self.words.take();
        self.asked.take();
        self.round.set(self.round.get() + 1);
        self.learn(face);
    }

    /// What is shown is to be said anew.
    pub fn renew(&self) {
        self.spoken.update(|count| *count += 1);
    }

    /// Changes when all is to be said anew; who asks is told.
    pub fn spoken(&self) -> u32 {
        self.spoken.get()
    }

    pub fn words(&self) -> Rc<Words> {
        Rc::clone(&self.words.borrow())
    }

    pub fn say(&self, text: impl Into<Text>) -> String {
        self.words().say(text)
    }

    fn learn(&self, catalogue: &str) {
        _ = Rc::make_mut(&mut self.words.borrow_mut()).learn(catalogue);
    }

    /// Fetches what the texts about these findings stand in. Each part is asked for once.
    pub async fn need(&self, findings: &[Finding]) {
        let mut parts: Vec<String> = findings.iter().map(|finding| part(&finding.code)).collect();
        if !parts.is_empty() {
            parts.push(SHARED.to_owned());
        }
        let round = self.round.get();
        // Each is listened to at once: a promise that nobody listens to complains in the console where it fails.
        let coming: Vec<(String, JsFuture)> = parts.into_iter().filter_map(|part| self.ask(&part).map(|coming| (part, coming.into()))).collect();
        let taken = |(part, coming): (String, JsFuture)| -> LocalBoxFuture<'_, ()> { Box::pin(async move { self.taken(&part, coming, round).await }) };
        let mut all: Vec<LocalBoxFuture<'_, ()>> = coming.into_iter().map(taken).collect();
        poll_fn(|task| {
            all.retain_mut(|one| one.as_mut().poll(task).is_pending());
            if all.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Learns a part when it comes; one that does not come may be asked for again.
    pub async fn take(&self, part: &str) {
        let Some(coming) = self.ask(part) else { return };
        self.taken(part, coming.into(), self.round.get()).await;
    }

    /// What comes in another round is in another language.
    async fn taken(&self, part: &str, coming: JsFuture, round: u32) {
        let came = coming.await;
        if round != self.round.get() {
            return;
        }
        match came {
            Ok(text) => {
                self.learn(&text.as_string().unwrap_or_default());
                self.asked.borrow_mut().iter_mut().filter(|asked| asked.part == part).for_each(|asked| asked.is_here = true);
            }
            Err(_) => self.asked.borrow_mut().retain(|asked| asked.part != part),
        }
    }

    /// Fetches a part of the program, and tells whether it is here. Without a page around, nothing was divided off.
    pub async fn part(&self, part: Part) -> bool {
        if self.has(part) {
            return true;
        }
        let coming = self.fetch.as_ref().and_then(|fetch| fetch.call1(&JsValue::NULL, &part.name().into()).ok());
        let Some(Ok(coming)) = coming.map(JsCast::dyn_into::<Promise>) else { return false };
        let came = JsFuture::from(coming).await.is_ok();
        if came && !self.has(part) {
            self.here.borrow_mut().push(part);
        }
        came
    }

    pub fn has(&self, part: Part) -> bool {
        self.fetch.is_none() || self.here.borrow().contains(&part)
    }

    /// The same, for so many milliseconds.
    pub async fn part_soon(&self, part: Part, patience: u32) {
        select(Box::pin(self.part(part)), TimeoutFuture::new(patience)).await;
    }

    /// Whether words are still on their way.
    pub fn waits(&self) -> bool {
        self.asked.borrow().iter().any(|asked| !asked.is_here)
    }

    /// The same, for so many milliseconds, and no longer than a report may wait.
    pub async fn need_soon(&self, findings: &[Finding], left: u32) {
        select(Box::pin(self.need(findings)), TimeoutFuture::new(left.min(PATIENCE))).await;
    }

    fn ask(&self, part: &str) -> Option<Promise> {
        let mut asked = self.asked.borrow_mut();
        if let Some(known) = asked.iter().find(|known| known.part == part) {
            return Some(known.coming.clone());
        }
        let coming: Promise = self.fetch.as_ref()?.call1(&JsValue::NULL, &part.into()).ok()?.dyn_into().ok()?;
        asked.push(Asked { part: part.to_owned(), coming: coming.clone(), is_here: false });
        Some(coming)
    }
}
