//! The date of HTTP headers (RFC 9110 section 5.6.7), in the one form that senders may write: `Sun, 06 Nov 1994 08:49:37 GMT`.

/// In seconds since 1970; `None` for any other text.
#[must_use]
pub fn unix_seconds(text: &str) -> Option<u64> {
    const FORM: &[u8; 29] = b"aaa, 00 aaa 0000 00:00:00 GMT";
    let bytes: &[u8; 29] = text.trim().as_bytes().try_into().ok()?;
    let fits = |(form, byte): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'a' => byte.is_ascii_alphabetic(),
        other => other == byte,
    };
    if !FORM.iter().zip(bytes).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| bytes[from..to].iter().fold(0_u64, |n, b| n * 10 + u64::from(b - b'0'));
    let month = b"JanFebMarAprMayJunJulAugSepOctNovDec".chunks(3).zip(1..).find(|(name, _)| *name == &bytes[8..11])?.1;
    let (day, year, hour, minute, second) = (number(5, 7), number(12, 16), number(17, 19), number(20, 22), number(23, 25));
    if year < 1970 || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days since 1970 by the era method: the year begins in March, so that the leap day is its last.
#[must_use]
pub fn days(year: u64, month: u64, day: u64) -> u64 {
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (y / 400, y % 400);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    #[test]
    fn dates_of_http() {
        assert_eq!(unix_seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(unix_seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(unix_seconds("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000));
        for other in ["", "120", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT"]
        {
            assert_eq!(unix_seconds(other), None, "{other}");
        }
    }
}
