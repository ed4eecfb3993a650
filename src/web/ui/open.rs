//! A saved report: chosen, dropped on the face or pasted into it. It is data that a stranger may have written: it is read within bounds, shown
//! as text, and begins nothing by itself.

use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, join};
use gloo::events::{EventListener, EventListenerOptions};
use js_sys::{Array, Date, Function, Reflect};
use leptos::prelude::{StoredValue, Update, With};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, Element, Event, HtmlElement, Node};

use super::super::lexicon::{Part, pointer};
use super::later::NOT_LOADED;
use super::node::{button, folded, follow, node, node_with, on, said, set, text};
use super::running::FIRST;
use super::{Face, done, history, idle};
use crate::profile::Depth;
use crate::redact::shorten;
use crate::report::Report;
use crate::report::read::{Fault, MAX_LENGTH, Told, read};
use crate::run_state::{Opened, RunState};
use crate::t;
use crate::words::{Phrase, Text};

/// What is done with a report that was read.
pub type Act = Rc<dyn Fn(&Face, Rc<Report>, Told, String)>;

/// Takes files and texts anywhere on the face, and has the place where it says why one is not opened.
pub fn listen(face: &Face, all: &Element) {
    let failure = node_with("p", "open-failure", ("role", "alert"), Vec::new());
    super::node::append(all, &[failure.clone().into()]);
    let (state, hides) = (face.state.clone(), failure);
    follow(move || {
        // A run tells of itself all the time: what is said meanwhile stays.
        if !state.with(|state| matches!(state, RunState::Running { .. })) {
            set(&hides, "hidden", "");
        }
    });
    let over = all.clone();
    hear(
        all,
        "dragover",
        Box::new(move |event| {
            let types = Reflect::get(&inside(event, "dataTransfer"), &"types".into()).unwrap_or_default();
            if Array::from(&types).includes(&"Files".into(), 0) {
                event.prevent_default();
                set(&over, "data-dropping", "");
            }
        }),
    );
    let left = all.clone();
    hear(all, "dragleave", Box::new(move |_| _ = left.remove_attribute("data-dropping")));
    for (name, holder) in [("drop", "dataTransfer"), ("paste", "clipboardData")] {
        let (face, place) = (face.clone(), all.clone());
        hear(
            all,
            name,
            Box::new(move |event| {
                _ = place.remove_attribute("data-dropping");
                let data = inside(event, holder);
                let told = Reflect::get(&data, &"getData".into()).ok().and_then(|get| get.dyn_into::<Function>().ok());
                if let Some(file) = first_file(&data) {
                    event.prevent_default();
                    take(&face, &place, file, show());
                } else if name == "paste"
                    && let Some(words) = told.and_then(|get| get.call1(&data, &"text".into()).ok()?.as_string())
                    && !words.is_empty()
                {
                    event.prevent_default();
                    take_text(&face, &place, words, String::new(), show());
                }
            }),
        );
    }
}

/// Listens as long as the current owner lives, and may keep the browser from what it would do by itself.
fn hear(element: &Element, event: &'static str, act: Box<dyn Fn(&Event)>) {
    StoredValue::new_local(EventListener::new_with_options(element, event, EventListenerOptions::enable_prevent_default(), move |event| act(event)));
}

pub fn inside(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

fn first_file(of: &JsValue) -> Option<Blob> {
    // Of what is not there, nothing can be asked.
    let files = Some(of).filter(|of| of.is_object()).map(|of| inside(of, "files")).filter(JsValue::is_object)?;
    inside(&files, "0").dyn_into().ok()
}

/// A button for choosing a file.
pub fn file_button(face: &Face, label: Phrase, act: Act) -> Node {
    let input = node_with("input", "", ("type", "file"), Vec::new());
    for (name, value) in [("accept", ".json,application/json"), ("hidden", "")] {
        set(&input, name, value);
    }
    let (taker, chosen) = (face.clone(), input.clone());
    on(
        &input,
        "change",
        Box::new(move |_| {
            if let Some(file) = first_file(&chosen) {
                take(&taker, &chosen, file, Rc::clone(&act));
            }
            // The same file may be chosen once more.
            _ = Reflect::set(&chosen, &"value".into(), &"".into());
        }),
    );
    let pressed = input.clone();
    let choose = button("quiet", text(&face.say(label)), move |_| pressed.unchecked_ref::<HtmlElement>().click());
    node("span", "choose", vec![choose, input.into()]).into()
}

/// What opening means: the face shows it.
pub fn show() -> Act {
    Rc::new(|face, report, told, name| {
        face.pressed.set(true);
        face.state.update(|state| *state = std::mem::take(state).opened(report, told, name));
    })
}

fn take(face: &Face, near: &Element, file: Blob, act: Act) {
    if file.size() > MAX_LENGTH as f64 {
        return fail(face, near, Fault::TooLong.text());
    }
    let name = shorten(&inside(&file, "name").as_string().unwrap_or_default(), 80);
    let (face, near) = (face.clone(), near.clone());
    spawn_local(async move {
        match JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) {
            Some(text) => take_text(&face, &near, text, name, act),
            None => fail(&face, &near, t!("The browser could not read this file.").into()),
        }
    });
}

/// Reads it and does with it what is to be done; says what is wrong where it is no report.
pub fn take_text(face: &Face, near: &Element, text: String, name: String, act: Act) {
    if face.state.with(|state| matches!(state, RunState::Running { .. })) {
        return fail(face, near, t!("A test is going on. Stop it first, then open the report.").into());
    }
    let (face, near) = (face.clone(), near.clone());
    spawn_local(async move {
        let (reads, judges) = join(face.lexicon.part(Part::Saved), face.lexicon.part(Part::Rules)).await;
        if !reads || !judges {
            return fail(&face, &near, NOT_LOADED.into());
        }
        pointer(boxed as Taking)(face, near, text, name, act).await;
    });
}

type Taking = fn(Face, Element, String, String, Act) -> LocalBoxFuture<'static, ()>;

fn boxed(face: Face, near: Element, text: String, name: String, act: Act) -> LocalBoxFuture<'static, ()> {
    Box::pin(taken(face, near, text, name, act))
}

async fn taken(face: Face, near: Element, text: String, name: String, act: Act) {
    let saved = match read(&text) {
        Ok(saved) => saved,
        Err(fault) => return fail(&face, &near, fault.text()),
    };
    face.lexicon.need_soon(&saved.causes(), u32::MAX).await;
    let (report, told) = saved.again(&face.lexicon.words());
    let report = Rc::new(report);
    act(&face, Rc::clone(&report), told, name);
    if face.lexicon.waits() {
        face.lexicon.need(&report.causes).await;
        let words = face.lexicon.words();
        let mut is_shown = false;
        face.state.update(|state| {
            if let RunState::Opened(opened) = state
                && Rc::ptr_eq(&opened.report, &report)
            {
                opened.report = Rc::new(Report::clone(&report).retold(&words));
                is_shown = true;
            }
        });
        // A comparison beside another report would vanish with it.
        if is_shown {
            face.lexicon.renew();
        }
    }
}

fn fail(face: &Face, near: &Element, why: Text) {
    let Ok(Some(doctor)) = near.closest(".doctor") else { return };
    if let Some(place) = doctor.get_elements_by_class_name("open-failure").item(0) {
        _ = place.remove_attribute("hidden");
        place.set_text_content(Some(&face.say(why)));
        place.scroll_into_view_with_bool(false);
    }
}

/// Before the first run: to open what somebody sent, or what this browser kept.
pub fn section(face: &Face) -> Node {
    let all = vec![
        said(
            "p",
            "note",
            &face.say(t!("Choose the JSON file of a report, drop it on this page, or paste it. It is only shown: nothing is tested and nothing is sent.")),
        ),
        node("div", "buttons", vec![file_button(face, t!("Open a saved report"), show())]).into(),
        history::listed(face, None),
    ];
    folded(&face.say(t!("Look at a saved report")), all)
}

/// The face of a report that was opened: what read it is here.
pub fn opened(face: &Face, opened: &Opened) -> Element {
    pointer(saved as fn(&Face, &Opened) -> Element)(face, opened)
}

fn saved(face: &Face, opened: &Opened) -> Element {
    let all = done::whole(face, &opened.report, Vec::new(), false);
    _ = all.insert_before(&banner(face, opened), all.first_child().as_ref());
    all
}

/// Whether a saved report is shown: then nothing may be mended or tested for it, since it is of another time or another browser.
pub fn is_saved(face: &Face) -> bool {
    face.state.with(|state| matches!(state, RunState::Opened(_)))
}

/// That it is a saved one, whose, and whether this version thinks otherwise.
fn banner(face: &Face, opened: &Opened) -> Node {
    let (report, told) = (&opened.report, &opened.told);
    let page = [report.profile.page_origin.as_str(), &report.profile.page_folder].concat();
    let made = t!("Made on {time} on the page {page}, by version {version}.", time = when(&report.started_at), page = page, version = &told.version);
    let mut all = vec![
        node_with("h2", "saved-title", FIRST, vec![text(&face.say(t!("A saved report, and not a test of now")))]).into(),
        said("p", "note", &face.say(made)),
    ];
    if !opened.name.is_empty() {
        all.push(said("p", "note", &face.say(t!("File: {name}", name = &opened.name))));
    }
    if told.differs(report) {
        let then = t!("When it was made, it said: {verdict}. {summary}", verdict = face.of_english(done::word(told.verdict)), summary = &told.summary);
        all.push(said("p", "differs", &face.say(t!("This version comes to another result from the same observations. Its own stands below."))));
        all.push(said("p", "note", &face.say(then)));
    }
    let closes = face.clone();
    let back = if opened.own.is_some() { t!("Back to this browser’s report") } else { t!("Close this report") };
    let close = button("quiet", text(&face.say(back)), move |_| {
        closes.pressed.set(true);
        closes.state.update(|state| *state = std::mem::take(state).closed());
    });
    all.push(node("div", "buttons", vec![close, idle::run_button(face, "quiet", t!("Test this browser now"), Depth::Quick)]).into());
    node_with("aside", "saved", ("aria-label", &face.say(t!("Saved report"))), all).into()
}

/// What a screen reader is told of it.
pub fn aloud(face: &Face, opened: &Opened) -> String {
    face.say(t!("A saved report. {verdict}. {summary}", verdict = face.of_english(done::word(opened.report.verdict)), summary = &opened.report.summary))
}

/// A time as people here write it; what is no time, as it stands.
pub fn when(started_at: &str) -> String {
    let date = Date::new(&started_at.into());
    if date.get_time().is_nan() { started_at.to_owned() } else { date.to_locale_string("default", &JsValue::UNDEFINED).into() }
}
