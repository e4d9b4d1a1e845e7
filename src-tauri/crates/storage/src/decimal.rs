//! Numbers as stores write them.

/// The number that a text of digits is. Rust's own reading takes `+7` as well, which no store
/// writes.
pub fn decimal(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_alone_are_a_number() {
        for (text, number) in
            [("0", Some(0)), ("007", Some(7)), ("18446744073709551615", Some(u64::MAX))]
        {
            assert_eq!(decimal(text), number, "{text}");
        }
        for text in ["", "+7", "-7", " 7", "7 ", "7.0", "0x7", "1e3", "７", "18446744073709551616"]
        {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
