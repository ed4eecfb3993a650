//! Percent-decoding (WHATWG URL section 1.3).

/// The bytes that a text stands for; what is no percent-encoding stands for itself.
#[must_use]
pub fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes {
        bytes = rest;
        let mut byte = *first;
        if let (b'%', [high, low, after @ ..]) = (byte, rest)
            && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        {
            byte = (high * 16 + low) as u8;
            bytes = after;
        }
        out.push(byte);
    }
    out
}
