//! One `EventSource` (WHATWG HTML, server-sent events), closed when its first event comes or it is dropped.

use web_sys::EventSource;

use super::first_event::FirstEvent;
use super::within;

pub struct CloseOnDrop(pub EventSource);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// `readyState` at the first event (`open` or `error`), within so many milliseconds; `None` where none came, or where the
/// constructor threw.
pub async fn end_of(url: &str, limit: u32) -> Option<u16> {
    let source = CloseOnDrop(EventSource::new(url).ok()?);
    within(limit, FirstEvent::of(&source.0, &["open", "error"])).await?;
    Some(source.0.ready_state())
}
