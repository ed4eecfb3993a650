//! One fetch in a real browser: what it says of answers, of their absence and of their excess.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod lab;

use std::cell::RefCell;
use std::rc::Rc;

use connection_doctor::evidence::{Exchange, Outcome, Purpose, Response};
use connection_doctor::redact::LOOKED_AT;
use connection_doctor::web::platform::clock::Clock;
use connection_doctor::web::platform::fetch::{Request, fetch};
use js_sys::{Function, Reflect};
use lab::{drop_when, in_time, page_origin, until, with_lab};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{AbortSignal, RequestCache, RequestCredentials, RequestMode, RequestRedirect};

wasm_bindgen_test_configure!(run_in_browser);

/// Long enough for any answer of the lab's.
const PATIENT: u32 = 8_000;
const BODY_LIMIT: u32 = 128 * 1024;

fn get(url: String) -> Request {
    Request {
        purpose: Purpose::ChatPage,
        method: "GET",
        url,
        path: "/".into(),
        eio: 0,
        session: 0,
        mode: RequestMode::Cors,
        credentials: RequestCredentials::Omit,
        redirect: RequestRedirect::Follow,
        cache: RequestCache::NoStore,
        headers: Vec::new(),
        wanted: Vec::new(),
        body: None,
        read_at_most: BODY_LIMIT as usize,
        cross_origin: true,
    }
}

fn polling(origin: &str) -> Request {
    get(format!("{origin}/socket.io/?EIO=4&transport=polling"))
}

async fn exchange(request: Request, limit: u32) -> Exchange {
    fetch(Clock::start(), request, limit).await.0
}

async fn response(request: Request) -> Response {
    match exchange(request, PATIENT).await.outcome {
        Outcome::Response(response) => response,
        other => panic!("no response: {other:?}"),
    }
}

#[wasm_bindgen_test]
async fn an_answer_is_written_down_whole() {
    with_lab(|lab| async move {
        let url = lab.origin("healthy-engineioxide") + "/health";
        let (exchange, body) = fetch(Clock::start(), get(url.clone()), PATIENT).await;
        assert_eq!(body, r#"{"status":"ok"}"#);
        let Outcome::Response(response) = &exchange.outcome else { panic!("{exchange:?}") };
        assert_eq!((response.response_type.as_str(), response.status), ("cors", 200));
        assert_eq!((response.body_bytes, response.body_complete, response.redirected), (15, true, false));
        assert_eq!((response.excerpt.as_str(), response.digest.as_str()), (body.as_str(), "92ae23487a8ce153"));
        assert_eq!((response.final_url.as_str(), response.same_origin_as_asked), (url.as_str(), true));
        assert!(response.headers.contains(&("content-type".into(), "application/json".into())), "{:?}", response.headers);
        assert!(response.html.is_none());
        assert!(exchange.responded_after.is_some_and(|after| after <= exchange.ended_after));
        assert_eq!((exchange.mode.as_str(), exchange.credentials.as_str(), exchange.method.as_str()), ("cors", "omit", "GET"));
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_file_of_the_pages_own_origin_is_basic() {
    in_time(async {
        let response = response(get(page_origin() + "/target/lab.txt")).await;
        assert_eq!((response.response_type.as_str(), response.status, response.body_complete), ("basic", 200, true));
    })
    .await;
}

#[wasm_bindgen_test]
async fn markup_comes_with_its_outline() {
    with_lab(|lab| async move {
        let response = response(polling(&lab.origin("single-page-fallback"))).await;
        assert_eq!(response.html.expect("an outline").title, "Lab chat");
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_error_of_the_server_is_an_answer() {
    with_lab(|lab| async move {
        let response = response(polling(&lab.origin("rate-limited"))).await;
        assert_eq!((response.status, response.body_complete), (429, true));
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_refused_port_and_a_reset_are_rejections() {
    with_lab(|lab| async move {
        for origin in [lab.server("refused"), lab.origin("socket-path-reset"), lab.origin("socket-path-closed")] {
            let exchange = exchange(polling(&origin), PATIENT).await;
            let Outcome::Rejected { name, .. } = &exchange.outcome else { panic!("{exchange:?}") };
            assert_eq!((name.as_str(), exchange.responded_after), ("TypeError", None));
        }
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_no_browser_can_ask_is_a_rejection_too() {
    in_time(async {
        let exchange = exchange(get("http://[".into()), PATIENT).await;
        assert!(matches!(&exchange.outcome, Outcome::Rejected { name, .. } if name == "TypeError"), "{exchange:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_silent_server_is_ended_by_our_own_deadline() {
    with_lab(|lab| async move {
        let exchange = exchange(polling(&lab.server("silent-server")), 300).await;
        assert_eq!(exchange.outcome, Outcome::TimedOut { responded: false });
        assert_eq!(exchange.responded_after, None);
        assert!(exchange.ended_after >= 290, "{exchange:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn of_a_body_without_end_only_the_beginning_is_read_and_the_rest_refused() {
    with_lab(|lab| async move {
        let (exchange, body) = fetch(Clock::start(), polling(&lab.origin("endless-body")), PATIENT).await;
        let Outcome::Response(response) = &exchange.outcome else { panic!("{exchange:?}") };
        assert!(!response.body_complete);
        assert_eq!((response.body_bytes, body.len()), (BODY_LIMIT, BODY_LIMIT as usize));
        assert_eq!(response.excerpt.chars().count(), LOOKED_AT + 1);
        // It never ends by itself: the server saw that this browser hung up.
        lab.is_left_quiet("endless-body").await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn without_cors_an_answer_is_opaque_and_an_absent_server_is_not() {
    with_lab(|lab| async move {
        let asked = |origin: String| Request { mode: RequestMode::NoCors, ..polling(&origin) };
        let response = response(asked(lab.origin("rate-limited"))).await;
        assert_eq!((response.response_type.as_str(), response.status, response.body_bytes), ("opaque", 0, 0));
        let refused = exchange(asked(lab.server("refused")), PATIENT).await;
        assert!(matches!(refused.outcome, Outcome::Rejected { .. }), "{refused:?}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_redirect_is_seen_where_it_is_not_followed() {
    with_lab(|lab| async move {
        let origin = lab.origin("login-page");
        let manual = response(Request { redirect: RequestRedirect::Manual, ..polling(&origin) }).await;
        assert_eq!((manual.response_type.as_str(), manual.status), ("opaqueredirect", 0));
        let followed = response(polling(&origin)).await;
        assert_eq!((followed.status, followed.redirected, followed.final_url), (200, true, origin + "/login"));
        assert_eq!(followed.html.expect("an outline").title, "Sign in");
    })
    .await;
}

/// Stands in for `window.fetch` until it is dropped.
struct Stand {
    genuine: JsValue,
    _closure: Option<Closure<dyn Fn(JsValue, JsValue) -> JsValue>>,
}

impl Stand {
    fn put(instead: impl Fn(&Function, JsValue, JsValue) -> JsValue + 'static) -> Stand {
        let window = web_sys::window().unwrap();
        let genuine: Function = Reflect::get(&window, &"fetch".into()).unwrap().unchecked_into();
        let calls = genuine.clone();
        let closure = Closure::<dyn Fn(JsValue, JsValue) -> JsValue>::new(move |url, init| instead(&calls, url, init));
        Reflect::set(&window, &"fetch".into(), closure.as_ref()).unwrap();
        Stand { genuine: genuine.into(), _closure: Some(closure) }
    }

    fn nothing() -> Stand {
        let window = web_sys::window().unwrap();
        let genuine = Reflect::get(&window, &"fetch".into()).unwrap();
        Reflect::set(&window, &"fetch".into(), &JsValue::UNDEFINED).unwrap();
        Stand { genuine, _closure: None }
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        Reflect::set(&web_sys::window().unwrap(), &"fetch".into(), &self.genuine).unwrap();
    }
}

#[wasm_bindgen_test]
async fn dropping_it_aborts_it() {
    with_lab(|lab| async move {
        let signal: Rc<RefCell<Option<AbortSignal>>> = Rc::default();
        let stand = {
            let signal = Rc::clone(&signal);
            Stand::put(move |genuine, url, init| {
                *signal.borrow_mut() = Some(Reflect::get(&init, &"signal".into()).unwrap().unchecked_into());
                genuine.call2(&web_sys::window().unwrap(), &url, &init).unwrap()
            })
        };
        let asked = || signal.borrow().is_some();
        drop_when(exchange(polling(&lab.server("silent-server")), PATIENT), async {
            until(asked).await;
            assert!(!signal.borrow().as_ref().unwrap().aborted());
        })
        .await;
        drop(stand);
        assert!(signal.borrow().as_ref().unwrap().aborted());
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_browser_without_fetch_is_a_rejection_and_no_trap() {
    in_time(async {
        let stand = Stand::nothing();
        let exchange = exchange(get(page_origin()), PATIENT).await;
        drop(stand);
        assert_eq!(exchange.outcome, Outcome::Rejected { name: "unknown".into(), message: "fetch is missing".into() });
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_thrown_need_not_be_an_error() {
    in_time(async {
        let stand = Stand::put(|_, _, _| js_sys::Promise::reject(&"torn".into()).into());
        let exchange = exchange(get(page_origin()), PATIENT).await;
        drop(stand);
        assert_eq!(exchange.outcome, Outcome::Rejected { name: "unknown".into(), message: "torn".into() });
    })
    .await;
}
