//! Server-sent events (`text/event-stream`), read piece by piece as the bytes come.
//! Source: WHATWG HTML, 9.2.5 "Parsing an event stream" and 9.2.6 "Interpreting an event stream".

use super::json::{self, Value};

/// Longest line that is kept, in bytes; the rest of a longer one is passed over.
const LINE: usize = 8 * 1024;
/// Longest name and longest data of an event that are kept, in characters.
const KEPT: usize = 200;
/// The events of the endpoint that an operator can add for this program, and the last of them.
const OURS: &str = "connection-doctor";
const OUR_LAST: &str = "connection-doctor-end";

/// One event, as a page would get it; both cut to 200 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `message` where the stream gives none.
    pub name: String,
    pub data: String,
}

/// Takes the pieces of a stream, whose borders may be anywhere. What it holds is bounded, whatever comes.
#[derive(Debug, Default)]
pub struct Reader {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// Whether the last byte was a CR, so that an LF belongs to it.
    after_cr: bool,
    /// Whether a line has ended: a byte order mark stands before the first one.
    begun: bool,
    name: String,
    /// The lines of data of the event that has not ended yet; `None` where there was none, and then it is no event.
    data: Option<String>,
    events: u32,
}

impl Reader {
    /// The events that end with these bytes.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            let second_of_two = *byte == b'\n' && self.after_cr;
            self.after_cr = *byte == b'\r';
            match byte {
                b'\n' if second_of_two => {}
                b'\r' | b'\n' => events.extend(self.end_line()),
                _ if self.line.len() < LINE => self.line.push(*byte),
                _ => {}
            }
        }
        events
    }

    /// How many events have ended so far.
    #[must_use]
    pub fn events(&self) -> u32 {
        self.events
    }

    fn end_line(&mut self) -> Option<Event> {
        let text = String::from_utf8_lossy(&self.line);
        let mut line: &str = &text;
        if !self.begun {
            self.begun = true;
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        // A comment begins with a colon: its field has no name.
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let mut ended = None;
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            if let Some(data) = self.data.take() {
                self.events = self.events.saturating_add(1);
                ended = Some(Event { name: if name.is_empty() { "message".to_owned() } else { name }, data });
            }
        } else if field == "event" {
            self.name = value.chars().take(KEPT).collect();
        } else if field == "data" {
            let more = match &self.data {
                Some(before) => [before, "\n", value].concat(),
                None => value.to_owned(),
            };
            self.data = Some(more.chars().take(KEPT).collect());
        }
        self.line.clear();
        ended
    }
}

/// Whether a stream of this content type is one piece of JSON a line: NDJSON (Ollama's answers), JSON lines, JSON text sequences (RFC 7464).
#[must_use]
pub fn is_of_lines(content_type: &str) -> bool {
    let lower = content_type.to_ascii_lowercase();
    ["ndjson", "jsonl", "json-seq", "stream+json"].iter().any(|kind| lower.contains(kind))
}

/// When the server sent this event, in milliseconds since it began the answer; `None` for any event but our endpoint's.
#[must_use]
pub fn sent_at(event: &Event) -> Option<u32> {
    if event.name != OURS && !is_end(event) {
        return None;
    }
    json::parse(&event.data).ok()?.get("at").and_then(Value::as_u32)
}

/// Whether this is the last event of our endpoint.
#[must_use]
pub fn is_end(event: &Event) -> bool {
    event.name == OUR_LAST
}

#[cfg(test)]
mod tests {
    use super::{Event, LINE, Reader, is_end, is_of_lines, sent_at};

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }

    fn read(stream: impl AsRef<[u8]>) -> Vec<Event> {
        Reader::default().take(stream.as_ref())
    }

    #[test]
    fn reads_the_stream_of_our_endpoint() {
        let stream = "event: connection-doctor\ndata: {\"n\":1,\"at\":200}\n\nevent: connection-doctor-end\ndata: {\"n\":11,\"at\":2000}\n\n";
        let mut reader = Reader::default();
        let events = reader.take(stream.as_bytes());
        assert_eq!(events.iter().map(sent_at).collect::<Vec<_>>(), [Some(200), Some(2000)]);
        assert_eq!(events.iter().map(is_end).collect::<Vec<_>>(), [false, true]);
        assert_eq!(reader.events(), 2);
    }

    #[test]
    fn another_event_or_another_payload_has_no_time() {
        for (name, data) in [
            ("message", "{\"at\":1}"),
            ("connection-doctor", ""),
            ("connection-doctor", "{\"at\":\"1\"}"),
            ("connection-doctor", "{\"at\":-1}"),
            ("connection-doctor", "{\"at\":4294967296}"),
            ("connection-doctor", "[[[["),
            ("Connection-Doctor", "{\"at\":1}"),
        ] {
            assert_eq!(sent_at(&event(name, data)), None, "{name} {data}");
        }
    }

    #[test]
    fn lines_of_json_are_known_by_their_type() {
        for kind in ["application/x-ndjson", "application/NDJSON; charset=utf-8", "application/jsonl", "application/json-seq", "application/stream+json"] {
            assert!(is_of_lines(kind), "{kind}");
        }
        for kind in ["", "application/json", "text/event-stream", "text/html"] {
            assert!(!is_of_lines(kind), "{kind}");
        }
    }

    #[test]
    fn the_examples_of_the_standard() {
        assert_eq!(read("data: YHOO\ndata: +2\ndata: 10\n\n"), [event("message", "YHOO\n+2\n10")]);
        let four = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
        assert_eq!(read(four), [event("message", "first event"), event("message", "second event"), event("message", " third event")]);
        assert_eq!(read("data\n\ndata\ndata\n\ndata:"), [event("message", ""), event("message", "\n")]);
        assert_eq!(read("data:test\n\ndata: test\n\n"), [event("message", "test"), event("message", "test")]);
    }

    #[test]
    fn lines_end_in_three_ways_and_a_byte_order_mark_is_passed_over_once() {
        for end in ["\n", "\r", "\r\n"] {
            let stream = ["\u{feff}event: a", end, "data: b", end, end, "data: c", end, end].concat();
            assert_eq!(read(&stream), [event("a", "b"), event("message", "c")], "{end:?}");
        }
        assert_eq!(read("data: a\n\r\ndata: b\r\r\n"), [event("message", "a"), event("message", "b")]);
        assert_eq!(read("\u{feff}\u{feff}data: a\n\ndata: b\n\n"), [event("message", "b")]);
        assert_eq!(read("data: a\n\n\u{feff}data: b\n\n"), [event("message", "a")]);
    }

    #[test]
    fn a_name_alone_is_no_event_and_ends_with_its_block() {
        assert_eq!(read("event: a\n\ndata: b\n\n"), [event("message", "b")]);
        assert_eq!(read("event: a\nevent: b\ndata: c\nretry: 10\nunknown: d\n Data: e\n\n"), [event("b", "c")]);
        assert_eq!(read("event: a\nevent\ndata: c\n\n"), [event("message", "c")]);
    }

    #[test]
    fn what_is_no_event_stream_holds_no_events() {
        for stream in ["{\"a\":1}\n{\"b\":2}\n\n", "<!doctype html>\n\n<p>data: x</p>\n\n", "data: never ended", "", "\n\n\n\r\r"] {
            let mut reader = Reader::default();
            assert_eq!(reader.take(stream.as_bytes()), [], "{stream:?}");
            assert_eq!(reader.events(), 0, "{stream:?}");
        }
    }

    #[test]
    fn what_has_no_end_takes_no_memory() {
        let mut reader = Reader::default();
        for _ in 0..200 {
            assert_eq!(reader.take(&[b'x'; 10_000]), []);
        }
        assert!(reader.line.len() <= LINE && reader.line.capacity() <= 2 * LINE);
        for _ in 0..10_000 {
            assert_eq!(reader.take(b"\ndata: 0123456789\nevent: 0123456789"), []);
        }
        assert!(reader.data.as_ref().is_some_and(|d| d.len() <= 200));
        let long = [b"event: ".as_slice(), "é".repeat(9_000).as_bytes(), b"\ndata: ", "😀".repeat(9_000).as_bytes(), b"\n\n"].concat();
        assert_eq!(read(long), [event(&"é".repeat(200), &"😀".repeat(200))]);
        assert_eq!(read(b"data: \xff\xc3\n\ndata: \xe2\x82\n\n"), [event("message", "\u{fffd}\u{fffd}"), event("message", "\u{fffd}")]);
    }

    #[test]
    fn the_borders_of_the_pieces_change_nothing() {
        let pieces = ["data", "event", ":", " ", "\r", "\n", "\r\n", "\n\n", "é", "😀", "\u{feff}", "id", "retry: 1", "x", "data: a\n\n", "event: b\n"];
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut below = |limit: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed >> 11) as usize % limit
        };
        let mut seen = 0;
        for _ in 0..2_000 {
            let mut stream: Vec<u8> = (0..below(60)).flat_map(|_| pieces[below(pieces.len())].bytes()).collect();
            if below(4) == 0 && !stream.is_empty() {
                let at = below(stream.len());
                stream[at] = below(256) as u8;
            }
            let whole = read(&stream);
            let mut reader = Reader::default();
            let (mut events, mut rest) = (Vec::new(), stream.as_slice());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(below(rest.len().min(9) + 1));
                events.extend(reader.take(piece));
                rest = after;
            }
            assert_eq!(events, whole, "{stream:?}");
            assert_eq!(reader.events() as usize, whole.len());
            seen += whole.len();
        }
        assert!(seen > 1_000, "too few events to tell anything: {seen}");
    }
}
