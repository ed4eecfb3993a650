//! A short name for some bytes (FNV-1a, 64 bits, in hex): it tells whether two readings are the same, and proves nothing
//! against who means harm.

/// The digest of these bytes: 16 hex digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mut out = String::with_capacity(16);
    for i in (0..16_u32).rev() {
        out.push(char::from_digit((hash >> (i * 4)) as u32 & 0xf, 16).unwrap_or('0'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn is_fnv_1a() {
        // From the authors' own test vectors.
        assert_eq!(digest(b""), "cbf29ce484222325");
        assert_eq!(digest(b"a"), "af63dc4c8601ec8c");
        assert_eq!(digest(b"foobar"), "85944171f73967e8");
    }
}
