//! Protocol Buffers' wire format and base64: what gRPC-web and LiveKit share.

/// The fields of one message, in their order. Damage ends them with `None` as the last one.
pub struct Fields<'a> {
    rest: &'a [u8],
    damaged: bool,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Of a fixed width, which no message here has.
    Fixed,
}

impl<'a> Held<'a> {
    #[must_use]
    pub fn number(self) -> Option<u64> {
        if let Held::Number(number) = self { Some(number) } else { None }
    }

    #[must_use]
    pub fn bytes(self) -> Option<&'a [u8]> {
        if let Held::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    #[must_use]
    pub fn text(self) -> Option<String> {
        Some(core::str::from_utf8(self.bytes()?).ok()?.to_owned())
    }
}

impl<'a> Fields<'a> {
    #[must_use]
    pub fn of(message: &'a [u8]) -> Fields<'a> {
        Fields { rest: message, damaged: false }
    }

    fn field(&mut self) -> Option<(u64, Held<'a>)> {
        let tag = varint(&mut self.rest)?;
        let held = match tag & 7 {
            0 => Held::Number(varint(&mut self.rest)?),
            1 => self.skip(8).map(|_| Held::Fixed)?,
            2 => {
                let length = usize::try_from(varint(&mut self.rest)?).ok()?;
                Held::Bytes(self.skip(length)?)
            }
            5 => self.skip(4).map(|_| Held::Fixed)?,
            _ => return None,
        };
        (tag >> 3 != 0).then_some((tag >> 3, held))
    }

    fn skip(&mut self, length: usize) -> Option<&'a [u8]> {
        let (skipped, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(skipped)
    }
}

impl<'a> Iterator for Fields<'a> {
    /// `None` in it: what follows is damaged.
    type Item = Option<(u64, Held<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.damaged || self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        self.damaged = field.is_none();
        Some(field)
    }
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// One message that is being written. A number that is nought is left out, as the format has it.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    #[must_use]
    pub fn number(mut self, field: u64, value: u64) -> Writer {
        if value != 0 {
            self.varint(field << 3);
            self.varint(value);
        }
        self
    }

    #[must_use]
    pub fn text(self, field: u64, value: &str) -> Writer {
        self.held(field, value.as_bytes())
    }

    #[must_use]
    pub fn message(self, field: u64, value: Writer) -> Writer {
        self.held(field, &value.0)
    }

    fn held(mut self, field: u64, value: &[u8]) -> Writer {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Base64 of one or more padded pieces, one after the other; and whether all of it was that.
#[must_use]
pub fn from_base64(text: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    // The bits that do not make a byte yet, and how many of a group of four characters have come.
    let (mut bits, mut come) = (0_u32, 0_u8);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            // A piece ends in the middle of a group; the second one of two stands alone.
            b'=' if come != 1 => {
                come = 0;
                continue;
            }
            b'\r' | b'\n' | b' ' => continue,
            _ => return (out, false),
        };
        bits = bits << 6 | u32::from(value);
        if come > 0 {
            out.push((bits >> (6 - 2 * come)) as u8);
        }
        come = (come + 1) % 4;
    }
    (out, come != 1)
}
