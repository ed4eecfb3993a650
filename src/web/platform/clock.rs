//! Time since the start of the run, by `performance.now()` (High Resolution Time): monotonic, unlike the wall clock.

/// Milliseconds since it was made.
#[derive(Clone, Copy)]
pub struct Clock {
    origin: f64,
}

impl Clock {
    pub fn start() -> Clock {
        Clock { origin: performance_now() }
    }

    pub fn now(self) -> u32 {
        (performance_now() - self.origin).max(0.0) as u32
    }
}

fn performance_now() -> f64 {
    web_sys::window().and_then(|w| w.performance()).map_or_else(js_sys::Date::now, |p| p.now())
}
