//! One doctor in a page: what people see of it, what its embedder gets, and what is left when it is gone. It is looked at from
//! outside alone: roles, parts, words.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod lab;

use std::cell::RefCell;
use std::rc::Rc;

use connection_doctor::web::api::Doctor;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use lab::sockets::Sockets;
use lab::{Lab, page_origin, until, with_lab};
use serde_json::{Value, json};
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen::{JsCast, JsError};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

fn method(of: &JsValue, name: &str, argument: &JsValue) -> JsValue {
    let method: Function = Reflect::get(of, &name.into()).unwrap().unchecked_into();
    method.call1(of, argument).unwrap()
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in entries {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object.into()
}

/// A doctor in an element with a shadow root of its own, as the custom element has it.
struct Embedded {
    host: Element,
    root: HtmlElement,
    doctor: Doctor,
    emitted: Rc<RefCell<Vec<(String, Value)>>>,
    _emit: Closure<dyn Fn(String, JsValue)>,
}

impl Embedded {
    fn new() -> Embedded {
        let document = web_sys::window().unwrap().document().unwrap();
        let host = document.create_element("div").unwrap();
        document.document_element().unwrap().append_child(&host).unwrap();
        let shadow = method(&host, "attachShadow", &object(&[("mode", "open".into())]));
        let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        method(&shadow, "append", &root);
        let emitted: Rc<RefCell<Vec<(String, Value)>>> = Rc::default();
        let emit = {
            let emitted = Rc::clone(&emitted);
            Closure::<dyn Fn(String, JsValue)>::new(move |name, detail| emitted.borrow_mut().push((name, plain(&detail))))
        };
        let page = object(&[
            ("origin", page_origin().into()),
            ("path", "/".into()),
            ("ownFile", (page_origin() + "/target/lab.txt").into()),
            ("face", lab::texts().into()),
        ]);
        let doctor = Doctor::new(Some(root.clone()), page, emit.as_ref().unchecked_ref::<Function>().clone());
        Embedded { host, root, doctor, emitted, _emit: emit }
    }

    fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = method(&self.root, "querySelectorAll", &selector.into());
        Array::from(&found).iter().map(JsCast::unchecked_into).collect()
    }

    fn words(&self, selector: &str) -> String {
        self.all(selector).iter().map(|element| element.text_content().unwrap_or_default()).collect::<Vec<_>>().join("|")
    }

    fn text(&self) -> String {
        self.root.text_content().unwrap_or_default()
    }

    fn children(&self) -> f64 {
        let nodes = Reflect::get(&self.root, &"childNodes".into()).unwrap();
        Reflect::get(&nodes, &"length".into()).unwrap().as_f64().unwrap()
    }

    fn press(&self, label: &str) {
        let buttons = self.all("button");
        let button = buttons.iter().find(|button| button.text_content().is_some_and(|text| text.contains(label)));
        button.unwrap_or_else(|| panic!("no button {label:?}: {}", self.text())).click();
    }

    fn reports(&self) -> Vec<Value> {
        self.emitted.borrow().iter().filter(|(name, _)| name == "report").map(|(_, detail)| detail.clone()).collect()
    }

    async fn done(&self) {
        until(|| !self.all("[part~=verdict]").is_empty()).await;
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.doctor.unmount();
        self.host.remove();
    }
}

fn plain(value: &JsValue) -> Value {
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

fn layers(settings: &Value) -> String {
    json!([{ "source": "call", "json": settings.to_string() }]).to_string()
}

fn settings(lab: &Lab, scenario: &str) -> String {
    layers(&json!({ "server": lab.origin(scenario), "socket-path": "/socket.io/" }))
}

async fn resolved(promise: Promise) -> Value {
    plain(&JsFuture::from(promise).await.expect("the promise was rejected"))
}

const HEALTHY: &str = "healthy-engineioxide";
const SWALLOWED: &str = "upgrade-swallowed";

#[wasm_bindgen_test]
async fn from_idle_by_a_click_to_the_sentence_and_out_again() {
    with_lab(|lab| async move {
        let embedded = Embedded::new();
        assert_eq!(embedded.all(".choices button").len(), 3, "{}", embedded.text());
        assert_eq!(embedded.words("[role=status]"), "");
        assert_eq!(embedded.doctor.autorun(&settings(&lab, HEALTHY)), Ok(false));
        assert!(embedded.emitted.borrow().is_empty(), "it began by itself");

        embedded.press("Find out why");
        until(|| embedded.words("button").contains("Stop")).await;
        assert!(embedded.words("[role=status]").contains("Looking"));
        embedded.done().await;

        let reports = embedded.reports();
        assert_eq!(reports.len(), 1);
        let sentence = reports[0]["summary"].as_str().unwrap();
        assert_eq!(reports[0]["verdict"], "works", "{sentence}");
        assert!(embedded.words("[part~=verdict]").contains(sentence));
        until(|| embedded.words("[role=status]").contains(sentence)).await;
        assert!(embedded.emitted.borrow().iter().any(|(name, detail)| name == "progress" && detail["began"] == true));

        embedded.doctor.unmount();
        assert_eq!(embedded.children(), 0.0, "{}", embedded.text());
        lab.is_left_quiet(HEALTHY).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn run_gives_its_embedder_the_report_that_the_face_shows() {
    with_lab(|lab| async move {
        let embedded = Embedded::new();
        let report = resolved(embedded.doctor.run(&settings(&lab, "open-but-silent"))).await;
        assert_eq!(report["schema"], "connection-doctor/report/1");
        assert_ne!(report["verdict"], "works");
        assert!(report["causes"].as_array().is_some_and(|causes| causes.iter().any(|cause| cause["code"] == "WS003")), "{}", report["causes"]);
        assert_eq!(embedded.reports(), std::slice::from_ref(&report));
        embedded.done().await;
        assert!(embedded.text().contains(report["summary"].as_str().unwrap()));
    })
    .await;
}

#[wasm_bindgen_test]
async fn stop_and_cancel_end_it_with_what_was_seen() {
    with_lab(|lab| async move {
        let embedded = Embedded::new();
        let before = lab.tally(SWALLOWED).await;
        let run = embedded.doctor.run(&settings(&lab, SWALLOWED));
        lab.wait_for_handshake(SWALLOWED, before).await;
        embedded.press("Stop");
        assert_eq!(resolved(run).await["stopped"], true);
        embedded.done().await;
        lab.is_left_quiet(SWALLOWED).await;

        let before = lab.tally(SWALLOWED).await;
        let run = embedded.doctor.run(&settings(&lab, SWALLOWED));
        lab.wait_for_handshake(SWALLOWED, before).await;
        embedded.doctor.cancel();
        assert_eq!(resolved(run).await["stopped"], true);
        lab.is_left_quiet(SWALLOWED).await;
        assert_eq!(embedded.reports().len(), 2);
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_newer_run_takes_the_place_of_the_older_one() {
    with_lab(|lab| async move {
        let embedded = Embedded::new();
        let before = lab.tally(SWALLOWED).await;
        let older = embedded.doctor.run(&settings(&lab, SWALLOWED));
        lab.wait_for_handshake(SWALLOWED, before).await;
        let newer = embedded.doctor.run(&settings(&lab, HEALTHY));
        assert_eq!(resolved(older).await["stopped"], true);
        lab.is_left_quiet(SWALLOWED).await;
        let newer = resolved(newer).await;
        assert_eq!((&newer["stopped"], &newer["verdict"]), (&json!(false), &json!("works")));
        assert_eq!(embedded.reports(), [newer]);
    })
    .await;
}

#[wasm_bindgen_test]
async fn unmounting_in_the_middle_closes_all_and_leaves_nothing() {
    with_lab(|lab| async move {
        let (embedded, sockets) = (Embedded::new(), Sockets::watch());
        let before = lab.tally(SWALLOWED).await;
        let run = embedded.doctor.run(&settings(&lab, SWALLOWED));
        lab.wait_for_handshake(SWALLOWED, before).await;
        embedded.doctor.unmount();
        assert_eq!(embedded.children(), 0.0);
        assert_eq!(resolved(run).await["stopped"], true);
        assert!(sockets.are_closed(), "{:?}", sockets.states());
        assert_eq!(embedded.children(), 0.0, "the report came back into the page");
        lab.is_left_quiet(SWALLOWED).await;
        // A second time is no harm.
        embedded.doctor.unmount();
    })
    .await;
}

#[wasm_bindgen_test]
async fn two_on_one_page_do_not_disturb_each_other() {
    with_lab(|lab| async move {
        let (one, other) = (Embedded::new(), Embedded::new());
        let idle = one.text();
        let before = lab.tally(SWALLOWED).await;
        let running = other.doctor.run(&settings(&lab, SWALLOWED));
        lab.wait_for_handshake(SWALLOWED, before).await;
        assert_eq!(one.text(), idle);
        let healthy = resolved(one.doctor.run(&settings(&lab, HEALTHY))).await;
        assert_eq!(healthy["verdict"], "works");
        drop(one);
        assert!(other.words("button").contains("Stop") || !other.all("[part~=verdict]").is_empty());
        other.doctor.cancel();
        let report = resolved(running).await;
        assert_ne!(report["verdict"], "works");
        assert_eq!(other.reports(), [report]);
        other.done().await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn wrong_settings_are_named_in_the_face_and_in_the_error() {
    with_lab(|lab| async move {
        let embedded = Embedded::new();
        let wrong = layers(&json!({ "depth": "deep", "servr": "x" }));
        let error = JsFuture::from(embedded.doctor.run(&wrong)).await.expect_err("it ran with wrong settings");
        let error: js_sys::Error = error.dyn_into().expect("what is thrown is an Error");
        let message = String::from(error.message());
        for part in ["depth", "deep", "servr"] {
            assert!(message.contains(part), "{part} is not in: {message}");
            assert!(embedded.text().contains(part), "{part} is not in the face: {}", embedded.text());
        }
        until(|| embedded.words("[role=status]").contains("depth")).await;
        assert!(embedded.emitted.borrow().is_empty(), "something ran");
        assert!(embedded.doctor.autorun(&wrong).is_err());
        assert!(embedded.doctor.autorun("nonsense").is_err());

        let report = resolved(embedded.doctor.run(&settings(&lab, HEALTHY))).await;
        assert_eq!(report["verdict"], "works");
        embedded.done().await;
        assert!(!embedded.text().contains("servr"));
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_listener_that_throws_is_the_pages_matter() {
    with_lab(|lab| async move {
        let document = web_sys::window().unwrap().document().unwrap();
        let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        let throws = Closure::<dyn Fn() -> Result<(), JsError>>::new(|| Err(JsError::new("the page's own mistake")));
        let page = object(&[
            ("origin", page_origin().into()),
            ("path", "/".into()),
            ("ownFile", (page_origin() + "/target/lab.txt").into()),
            ("face", lab::texts().into()),
        ]);
        let doctor = Doctor::new(Some(root), page, throws.as_ref().unchecked_ref::<Function>().clone());
        assert_eq!(resolved(doctor.run(&settings(&lab, HEALTHY))).await["verdict"], "works");
        doctor.unmount();
    })
    .await;
}
