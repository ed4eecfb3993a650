//! The JavaScript boundary: one class. `www/connection-doctor.js` is its caller, and everybody else calls that.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::{ArcRwSignal, Update, With};
use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::{future_to_promise, spawn_local};
use web_sys::HtmlElement;

use super::lexicon::{Lexicon, pointer};
use super::mend;
use super::run::{Place, Stop, Tell, run};
use super::sending::PART;
use super::ui;
use crate::address::{self, Address};
use crate::guidance::Repair;
use crate::profile::{Depth, Extra, Layer, Page, Profile, Source, Targets};
use crate::protocol::json::{self, Value};
use crate::protocol::json_text;
use crate::report::Report;
use crate::run_state::{Before, Event, RunState};

/// One doctor: a face in an element, and at most one run at a time.
#[wasm_bindgen]
pub struct Doctor {
    inner: Rc<Inner>,
    /// Dropping it takes the face out of the page.
    face: RefCell<Option<ui::Mounted>>,
}

struct Inner {
    page: Page,
    place: Place,
    /// `(name, detail)`: progress and report, for the element's events.
    emit: Function,
    state: ArcRwSignal<RunState>,
    /// The settings that the last call brought, for a run that the person starts in the face.
    layers: RefCell<Vec<Layer>>,
    /// The run that goes on.
    stop: RefCell<Option<Stop>>,
    /// What was before a repair, for the report that comes next.
    before: RefCell<Option<Before>>,
    /// The verdict and sentence of the newest report.
    newest: RefCell<Before>,
    /// Where the newest report may still be sent.
    targets: RefCell<Targets>,
}

#[wasm_bindgen]
impl Doctor {
    /// `page` is `{origin, path, ownFile, measure, calls, post, stage, face, words}`: `face` the text of the catalogue's first part, and
    /// `words(part)` a promise of that of another. Without a root it has no face.
    #[wasm_bindgen(constructor)]
    pub fn new(root: Option<HtmlElement>, page: JsValue, emit: Function) -> Doctor {
        let field = |name: &str| Reflect::get(&page, &name.into()).ok().and_then(|v| v.as_string()).unwrap_or_default();
        let state = ArcRwSignal::new(RunState::Idle);
        let lexicon = Rc::new(Lexicon::of(&field("face"), held(&page, "words")));
        let inner = Rc::new(Inner {
            page: Page { origin: field("origin"), path: field("path"), embedded: is_embedded(&field("path"), &field("ownFile")) },
            place: Place {
                own_file: field("ownFile"),
                measure: held(&page, "measure"),
                calls: held(&page, "calls"),
                lexicon: Rc::clone(&lexicon),
                pulse: None,
            },
            emit,
            state: state.clone(),
            layers: RefCell::default(),
            stop: RefCell::default(),
            before: RefCell::default(),
            newest: RefCell::default(),
            targets: RefCell::default(),
        });
        let (runs, stops, mends, befores, sends) = (Rc::clone(&inner), Rc::clone(&inner), Rc::clone(&inner), Rc::clone(&inner), Rc::clone(&inner));
        let actions = ui::Actions {
            run: Box::new(move |depth, extra| {
                let runs = Rc::clone(&runs);
                runs.before.borrow_mut().take();
                spawn_local(async move {
                    // A wrong setting is shown in the face; nobody waits for this promise.
                    let _ = Inner::run(runs, Some((depth, extra))).await;
                });
            }),
            stop: Box::new(move || stops.stop()),
            mend: Box::new(move |code, repair| {
                let (inner, code, repair) = (Rc::clone(&mends), code.to_owned(), repair.clone());
                spawn_local(async move { _ = Inner::mend(inner, code, repair).await });
            }),
            targets: Box::new(move |takes| if takes { sends.targets.take() } else { sends.targets.borrow().clone() }),
            post: held(&page, "post"),
            before: Box::new(move || befores.before.borrow().clone()),
        };
        let face = root.map(|root| ui::mount(&root, state, actions, held(&page, "stage"), lexicon));
        Doctor { inner, face: RefCell::new(face) }
    }

    /// Runs with these settings: `[{source, json}]`, the later one winning. Gives the report as a plain object.
    ///
    /// # Errors
    /// Rejects with an `Error` whose message names each wrong field, its value and what is accepted.
    pub fn run(&self, layers: &str) -> Promise {
        let taken = self.inner.take(layers);
        let inner = Rc::clone(&self.inner);
        future_to_promise(async move {
            taken?;
            let report = Inner::run(inner, None).await?;
            ui::export::as_js(&*report)
        })
    }

    /// Reads the settings, and tells whether they ask for a run by itself.
    ///
    /// # Errors
    /// As [`Doctor::run`].
    pub fn autorun(&self, layers: &str) -> Result<bool, JsValue> {
        self.inner.take(layers)?;
        self.inner.profile(None).map(|profile| profile.autorun)
    }

    /// Says everything in another language, of whose catalogue this is the first part.
    pub fn speak(&self, face: &str) {
        self.inner.place.lexicon.speak(face);
        let inner = Rc::clone(&self.inner);
        spawn_local(async move { inner.retell().await });
    }

    /// Takes over what was before a repair, from the page before this one.
    pub fn resume(&self, before: &str) {
        let told = json::parse(before).unwrap_or(Value::Null);
        let field = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        *self.inner.before.borrow_mut() = Some(Before { code: field("code"), verdict: field("verdict"), summary: field("summary") });
    }

    /// Stops the run that goes on; its promise gives a report of what was seen.
    pub fn cancel(&self) {
        self.inner.stop();
    }

    /// Takes the face out of the page and stops what runs.
    pub fn unmount(&self) {
        self.inner.stop();
        self.face.borrow_mut().take();
    }
}

impl Inner {
    fn take(&self, text: &str) -> Result<(), JsValue> {
        let broken = || error("The settings could not be read.");
        let list = json::parse(text).map_err(|_| broken())?;
        let mut layers = Vec::new();
        for item in list.as_array().ok_or_else(broken)? {
            let source = match item.get("source").and_then(Value::as_str) {
                Some("file") => Source::File,
                Some("attributes") => Source::Attributes,
                Some("query") => Source::Query,
                Some("call") => Source::Call,
                _ => return Err(broken()),
            };
            let json = item.get("json").and_then(Value::as_str).ok_or_else(broken)?.to_owned();
            layers.push(Layer { source, json });
        }
        *self.layers.borrow_mut() = layers;
        Ok(())
    }

    /// `pressed`: what the person chose in the face.
    fn profile(&self, pressed: Option<(Depth, Extra)>) -> Result<Profile, JsValue> {
        match Profile::parse(&self.page, &self.layers.borrow()) {
            Ok(profile) => Ok(match pressed {
                Some((depth, extra)) => profile.pressed(depth, extra),
                None => profile,
            }),
            Err(errors) => {
                let sentences: Vec<String> = errors.iter().map(ToString::to_string).collect();
                let message = sentences.join(" ");
                self.tell(Event::Refused(sentences));
                Err(error(&message))
            }
        }
    }

    async fn run(this: Rc<Inner>, pressed: Option<(Depth, Extra)>) -> Result<Rc<Report>, JsValue> {
        let profile = this.profile(pressed)?;
        this.stop();
        *this.targets.borrow_mut() = profile.targets.clone();
        if !profile.targets.is_empty() {
            let lexicon = Rc::clone(&this.place.lexicon);
            // When the report is there, the line may be worse.
            spawn_local(async move { lexicon.take(PART).await });
        }
        let stop = Stop::default();
        *this.stop.borrow_mut() = Some(stop.clone());
        let teller: Tell = {
            let (inner, mine) = (Rc::clone(&this), stop.clone());
            // A run that a newer one has replaced is silent.
            Rc::new(move |event| {
                if inner.is_current(&mine) {
                    inner.tell(event);
                }
            })
        };
        let report = Rc::new(run(profile, this.place.clone(), stop.clone(), teller).await);
        if this.is_current(&stop) {
            this.stop.borrow_mut().take();
            *this.newest.borrow_mut() = Before { code: String::new(), verdict: report.verdict.word().to_owned(), summary: report.summary.clone() };
            if let Ok(object) = ui::export::as_js(&*report) {
                this.emit("report", &object);
            }
            this.tell(Event::Finished(Rc::clone(&report)));
            if this.place.lexicon.waits() {
                let inner = Rc::clone(&this);
                spawn_local(async move { inner.retell().await });
            }
        }
        Ok(report)
    }

    /// Mends, loads the page anew and runs again; where the browser keeps nothing over a reload, it runs again at once.
    async fn mend(this: Rc<Inner>, code: String, repair: Repair) -> Result<Rc<Report>, JsValue> {
        let profile = this.profile(None)?;
        pointer::<LocalBoxFuture<'_, ()>>(Box::pin(mend::mend(&profile, &repair))).await;
        let before = Before { code, ..this.newest.borrow().clone() };
        if mend::reload_with(&json_text::write(&before).unwrap_or_default()) {
            // This page is about to go; nothing more is begun in it.
            return std::future::pending().await;
        }
        *this.before.borrow_mut() = Some(before);
        Inner::run(this, None).await
    }

    /// Tells the report that is shown in the words that are there now.
    async fn retell(&self) {
        let findings = self.state.with(|state| state.report().map_or_else(Vec::new, |report| report.causes.clone()));
        self.place.lexicon.need(&findings).await;
        let words = self.place.lexicon.words();
        self.state.update(|state| {
            let shown = match state {
                RunState::Done(report) => report,
                RunState::Opened(opened) => &mut opened.report,
                _ => return,
            };
            *shown = Rc::new(Report::clone(shown).retold(&words));
        });
        self.place.lexicon.renew();
    }

    fn is_current(&self, stop: &Stop) -> bool {
        self.stop.borrow().as_ref().is_some_and(|current| current.is_same(stop))
    }

    fn stop(&self) {
        if let Some(stop) = self.stop.borrow().as_ref() {
            stop.ask();
        }
    }

    fn tell(&self, event: Event) {
        let moment = match &event {
            Event::StepBegan(step) => Some(Moment { step: step.name(), label: step.label(), happened: ("began", None), so_far: None }),
            Event::StepEnded { step, so_far, .. } => {
                Some(Moment { step: step.name(), label: step.label(), happened: ("ended", None), so_far: so_far.as_deref() })
            }
            Event::FirstVerdict { verdict, sentence } => {
                let word = Some(verdict.word());
                Some(Moment { step: "first-verdict".to_owned(), label: "First verdict", happened: ("firstVerdict", word), so_far: Some(sentence) })
            }
            Event::Started { .. } | Event::Pulse(_) | Event::Finished(_) | Event::Refused(_) => None,
        };
        // Texts and truth values only: nothing in it can fail to be written.
        let as_object = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
        if let Some(detail) = moment.and_then(|moment| moment.serialize(&as_object).ok()) {
            self.emit("progress", &detail);
        }
        self.state.update(|state| *state = std::mem::take(state).fold(event));
    }

    fn emit(&self, name: &str, detail: &JsValue) {
        // A listener of the page's that throws is the page's matter, never the run's.
        let _ = self.emit.call2(&JsValue::NULL, &name.into(), detail);
    }
}

/// The detail of a progress event.
struct Moment<'a> {
    step: String,
    label: &'static str,
    /// The field that tells what it is, and its value; `None` is `true`.
    happened: (&'static str, Option<&'static str>),
    so_far: Option<&'a str>,
}

/// By hand, as a map: for a struct serde-wasm-bindgen brings a hash table of field names.
impl Serialize for Moment<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("step", &self.step)?;
        map.serialize_entry("label", self.label)?;
        match self.happened {
            (name, Some(value)) => map.serialize_entry(name, value)?,
            (name, None) => map.serialize_entry(name, &true)?,
        }
        if let Some(so_far) = self.so_far {
            map.serialize_entry("soFar", so_far)?;
        }
        map.end()
    }
}

/// A function or an element that the page around hands in.
fn held<T: JsCast>(page: &JsValue, name: &str) -> Option<T> {
    Reflect::get(page, &name.into()).ok().and_then(|value| value.dyn_into().ok())
}

/// The page's own files lie beside it, or it is somebody else's page.
fn is_embedded(path: &str, own_file: &str) -> bool {
    Address::parse(own_file).is_some_and(|file| address::folder(&file.path) != address::folder(path))
}

fn error(message: &str) -> JsValue {
    js_sys::Error::new(message).into()
}
