//! Every WebSocket that the page makes, for as long as it is watched: what becomes of them the page itself can tell.

use js_sys::{Array, Function, Object, Proxy, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::WebSocket;

/// Watches from here until it is dropped.
pub struct Sockets {
    genuine: JsValue,
    made: Array,
    _construct: Closure<dyn Fn(Function, Array) -> JsValue>,
}

impl Sockets {
    pub fn watch() -> Sockets {
        let window = web_sys::window().unwrap();
        let genuine = Reflect::get(&window, &"WebSocket".into()).unwrap();
        let made = Array::new();
        let list = made.clone();
        let construct = Closure::<dyn Fn(Function, Array) -> JsValue>::new(move |target: Function, arguments: Array| {
            let socket = Reflect::construct(&target, &arguments).unwrap();
            list.push(&socket);
            socket
        });
        let handler = Object::new();
        Reflect::set(&handler, &"construct".into(), construct.as_ref()).unwrap();
        Reflect::set(&window, &"WebSocket".into(), &Proxy::new(&genuine, &handler)).unwrap();
        Sockets { genuine, made, _construct: construct }
    }

    /// `readyState` of each, in the order in which they were made.
    pub fn states(&self) -> Vec<u16> {
        self.made.iter().map(|socket| socket.unchecked_into::<WebSocket>().ready_state()).collect()
    }

    /// There was at least one, and all are closing or closed.
    pub fn are_closed(&self) -> bool {
        self.made.length() > 0 && self.states().iter().all(|state| *state >= WebSocket::CLOSING)
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        Reflect::set(&web_sys::window().unwrap(), &"WebSocket".into(), &self.genuine).unwrap();
    }
}
