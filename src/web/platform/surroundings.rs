//! The page and the browser at the start, and what happens to them in the meantime: visibility, connectivity, and what the
//! page's own policy blocks.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{PerformanceResourceTiming, SecurityPolicyViolationEvent, SecurityPolicyViolationEventDisposition, VisibilityState};

use crate::evidence::{Environment, Fact};

/// Web APIs that a chat needs, or this program for its answer.
const NEEDED: [&str; 5] = ["WebSocket", "fetch", "AbortController", "ReadableStream", "URL"];

pub fn environment() -> Environment {
    let Some(window) = web_sys::window() else { return Environment::default() };
    let location = window.location();
    let document = window.document();
    let missing = NEEDED.iter().filter(|name| Reflect::get(&window, &(**name).into()).is_ok_and(|v| v.is_undefined() || v.is_null()));
    Environment {
        secure_context: window.is_secure_context(),
        framed: window.parent().ok().flatten().is_some_and(|parent| !js_sys::Object::is(&parent, &window)),
        foreign_frame: window.top().ok().flatten().is_some_and(|top| Reflect::get(&top, &"document".into()).is_err()),
        opaque_origin: Reflect::get(&window, &"origin".into()).ok().and_then(|o| o.as_string()).as_deref() == Some("null"),
        hidden: document.is_some_and(|d| d.visibility_state() == VisibilityState::Hidden),
        online: window.navigator().on_line(),
        scheme: location.protocol().unwrap_or_default(),
        next_hop_protocol: navigation_protocol(&window),
        user_agent: window.navigator().user_agent().unwrap_or_default(),
        service_worker: controlled(&window),
        missing: missing.map(|name| (*name).to_owned()).collect(),
    }
}

fn navigation_protocol(window: &web_sys::Window) -> String {
    let entries = window.performance().map(|p| p.get_entries_by_type("navigation"));
    let first = entries.map(|list| list.get(0)).filter(|entry| !entry.is_undefined());
    // PerformanceNavigationTiming is a PerformanceResourceTiming.
    first.map(|entry| entry.unchecked_into::<PerformanceResourceTiming>().next_hop_protocol()).unwrap_or_default()
}

fn controlled(window: &web_sys::Window) -> bool {
    // Missing in an insecure context, and reading it throws in a sandboxed frame.
    let container = Reflect::get(&window.navigator(), &"serviceWorker".into()).ok().filter(JsValue::is_object);
    container.and_then(|c| Reflect::get(&c, &"controller".into()).ok()).is_some_and(|c| c.is_object())
}

/// Listens until it is dropped, and tells every fact.
pub struct Watch {
    _listeners: Vec<EventListener>,
    _ticks: Interval,
}

/// A timer of a page in view comes in time, but for a moment: one that is later than this had a reason, in milliseconds.
const LATE: f64 = 3_000.0;
/// How often the device's clock is looked at.
const TICK: u32 = 1_000;

/// Tells how late the timer was. By the device's clock, since `performance.now()` may stand still while it sleeps (measured).
fn ticks(tell: Rc<dyn Fn(Fact)>) -> Interval {
    let mut last = js_sys::Date::now();
    Interval::new(TICK, move || {
        let now = js_sys::Date::now();
        let late = now - last - f64::from(TICK);
        last = now;
        if late > LATE {
            tell(Fact::Pause { milliseconds: late.min(4e9) as u32 });
        }
    })
}

impl Watch {
    pub fn start(tell: Rc<dyn Fn(Fact)>) -> Watch {
        let mut listeners = Vec::new();
        let ticks = ticks(Rc::clone(&tell));
        if let Some(window) = web_sys::window() {
            for (event, online) in [("online", true), ("offline", false)] {
                let tell = Rc::clone(&tell);
                listeners.push(EventListener::new(&window, event, move |_| tell(Fact::Connectivity { online })));
            }
            if let Some(document) = window.document() {
                let (on_visibility, on_freeze, on_violation) = (Rc::clone(&tell), Rc::clone(&tell), tell);
                let seen = document.clone();
                listeners.push(EventListener::new(&document, "visibilitychange", move |_| {
                    on_visibility(Fact::Visibility { hidden: seen.visibility_state() == VisibilityState::Hidden });
                }));
                listeners.push(EventListener::new(&document, "freeze", move |_| on_freeze(Fact::Visibility { hidden: true })));
                listeners.push(EventListener::new(&document, "securitypolicyviolation", move |event| {
                    let event = event.unchecked_ref::<SecurityPolicyViolationEvent>();
                    on_violation(Fact::PolicyViolation {
                        directive: event.effective_directive(),
                        blocked: event.blocked_uri(),
                        enforced: event.disposition() == SecurityPolicyViolationEventDisposition::Enforce,
                    });
                }));
            }
        }
        Watch { _listeners: listeners, _ticks: ticks }
    }
}
