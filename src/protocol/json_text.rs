//! Writes JSON: the way out of the program for a report and for an observation. serde does the walking.
//!
//! The browser reads the text back into an object with less code than a call for every field takes (BENCHMARKS.md). Only what
//! a report holds is written: whole numbers, texts, lists, objects; no floating point, no bytes.

use std::fmt::{Display, Formatter};

use serde::Serialize;
use serde::ser::{self, Error, Impossible, Serializer};

/// The value as JSON without white space; `None` where it holds what no report holds.
#[must_use]
pub fn write(value: &impl Serialize) -> Option<String> {
    let mut out = Writer(String::new());
    value.serialize(&mut out).ok().map(|()| out.0)
}

struct Writer(String);

/// The one thing that can go wrong: a kind of value that no report holds.
#[derive(Debug)]
struct Unwritable;

impl Display for Unwritable {
    fn fmt(&self, _: &mut Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Unwritable {}

impl Error for Unwritable {
    fn custom<T: Display>(_: T) -> Unwritable {
        Unwritable
    }
}

impl Writer {
    fn quoted(&mut self, text: &str) {
        self.0.push('"');
        for c in text.chars() {
            if c < ' ' || c == '"' || c == '\\' {
                self.0.push_str("\\u00");
                for digit in [c as u32 >> 4, c as u32 & 15] {
                    self.0.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            } else {
                self.0.push(c);
            }
        }
        self.0.push('"');
    }

    /// Comes before an item or a member. A text ends with a quotation mark, so a bracket at the end is the one of what is open.
    fn separate(&mut self) {
        if !matches!(self.0.as_bytes().last(), Some(b'[' | b'{')) {
            self.0.push(',');
        }
    }

    fn name(&mut self, name: &str) {
        self.separate();
        self.quoted(name);
        self.0.push(':');
    }
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    fn serialize_bool(self, v: bool) -> Done {
        self.0.push_str(if v { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, v: i8) -> Done {
        self.serialize_i64(v.into())
    }

    fn serialize_i16(self, v: i16) -> Done {
        self.serialize_i64(v.into())
    }

    fn serialize_i32(self, v: i32) -> Done {
        self.serialize_i64(v.into())
    }

    fn serialize_i64(self, v: i64) -> Done {
        self.0.push_str(&v.to_string());
        Ok(())
    }

    fn serialize_u8(self, v: u8) -> Done {
        self.serialize_u64(v.into())
    }

    fn serialize_u16(self, v: u16) -> Done {
        self.serialize_u64(v.into())
    }

    fn serialize_u32(self, v: u32) -> Done {
        self.serialize_u64(v.into())
    }

    fn serialize_u64(self, v: u64) -> Done {
        self.0.push_str(&v.to_string());
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Done {
        Err(Unwritable)
    }

    fn serialize_f64(self, _: f64) -> Done {
        Err(Unwritable)
    }

    fn serialize_char(self, v: char) -> Done {
        self.quoted(v.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, v: &str) -> Done {
        self.quoted(v);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Done {
        Err(Unwritable)
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, variant: &'static str, value: &T) -> Done {
        self.0.push('{');
        self.name(variant);
        value.serialize(&mut *self)?;
        self.0.push('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Unwritable> {
        self.0.push('[');
        Ok(List(self))
    }

    fn serialize_tuple(self, len: usize) -> Result<List<'a>, Unwritable> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<List<'a>, Unwritable> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Impossible<(), Unwritable>, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, Unwritable> {
        self.0.push('{');
        Ok(Object(self))
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Object<'a>, Unwritable> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Impossible<(), Unwritable>, Unwritable> {
        Err(Unwritable)
    }
}

type Done = Result<(), Unwritable>;

struct List<'a>(&'a mut Writer);

impl List<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.0.separate();
        value.serialize(&mut *self.0)
    }

    fn close(self) {
        self.0.0.push(']');
    }
}

struct Object<'a>(&'a mut Writer);

impl Object<'_> {
    fn close(self) {
        self.0.0.push('}');
    }
}

impl ser::SerializeSeq for List<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.item(value)
    }

    fn end(self) -> Done {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTuple for List<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.item(value)
    }

    fn end(self) -> Done {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTupleStruct for List<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.item(value)
    }

    fn end(self) -> Done {
        self.close();
        Ok(())
    }
}

impl ser::SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Unwritable;

    /// A name is a text, and written as one.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.0.separate();
        key.serialize(&mut *self.0)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.0.0.push(':');
        value.serialize(&mut *self.0)
    }

    fn end(self) -> Done {
        self.close();
        Ok(())
    }
}

impl ser::SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.0.name(name);
        value.serialize(&mut *self.0)
    }

    fn end(self) -> Done {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::evidence::{Evidence, Fact, Happening, SocketEvent, SocketLife, SocketPurpose};

    #[test]
    fn says_what_serde_json_says() {
        let events = vec![
            SocketEvent { after: 0, what: Happening::Open { protocol: String::new(), extensions: "a\"\\\n\u{1}\u{7f}é😀[".to_owned() } },
            SocketEvent { after: u32::MAX, what: Happening::Error },
        ];
        let life = SocketLife {
            purpose: SocketPurpose::HelloAgain,
            url: "ws://a/".to_owned(),
            path: "[{".to_owned(),
            eio: 4,
            cross_origin: true,
            started: 1,
            events,
            frames: 0,
            received: u64::MAX,
            last_frame: 0,
            session: 0,
        };
        let mut evidence = Evidence::default();
        evidence.record(1, Fact::Socket(life));
        evidence.record(2, Fact::Connectivity { online: false });
        let (text, expected) = (write(&evidence).unwrap(), serde_json::to_value(&evidence).unwrap());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), expected);
        assert_eq!(write(&(Vec::<u8>::new(), None::<u8>, ())).as_deref(), Some("[[],null,null]"));
    }

    #[test]
    fn writes_nothing_by_halves() {
        assert_eq!(write(&(1, 0.5)), None);
    }
}
