//! Every peer connection, device, sound and WebTransport session that the page opens: what becomes of them the page itself can tell.
#![allow(clippy::disallowed_methods, reason = "the test page has no policy, and what opens peer connections is JavaScript")]

use js_sys::{Function, Reflect};
use serde_json::Value;

/// What the page holds.
pub struct Opened;

impl Opened {
    /// Watches from here on, for as long as the page is there.
    pub fn watch() -> Opened {
        _ = Function::new_no_args(include_str!("watch-calls.js")).call0(&web_sys::window().unwrap());
        Opened
    }

    /// How many are open: `peers`, `tracks`, `sessions`, `contexts`.
    pub fn left(&self, what: &str) -> u64 {
        self.all()[what].as_u64().unwrap()
    }

    pub fn is_nothing_left(&self) -> bool {
        self.all().as_object().unwrap().values().all(|count| *count == 0)
    }

    fn all(&self) -> Value {
        let told = Function::new_no_args("return JSON.stringify(window.__labCalls.left())").call0(&web_sys::window().unwrap()).unwrap();
        serde_json::from_str(&told.as_string().unwrap()).unwrap()
    }

    /// How often the browser was asked for a device.
    pub fn asked(&self) -> u32 {
        let calls = Reflect::get(&web_sys::window().unwrap(), &"__labCalls".into()).unwrap();
        Reflect::get(&calls, &"asked".into()).unwrap().as_f64().unwrap() as u32
    }
}
