//! CRC-64/NVME as S3 writes it: base64 of its 8 bytes, the highest first.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The header that tells it, in requests and answers.
pub const HEADER: &str = "x-amz-checksum-crc64nvme";

/// The text of a CRC.
pub fn write(crc: u64) -> String {
    STANDARD.encode(crc.to_be_bytes())
}

/// The CRC of a whole, from its text and from the type that stands beside it; `None` if it is none,
/// or one over the parts' CRCs (`COMPOSITE`, or a text that ends in `-N`), which no bytes of ours
/// have.
pub fn of_whole(text: &str, kind: Option<&str>) -> Option<u64> {
    let composite = kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("COMPOSITE"));
    let bytes = STANDARD.decode(text.trim()).ok().filter(|_| !composite)?;
    bytes.try_into().ok().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_are_a_crc_and_nothing_else() {
        let nine = 0xae8b_1486_0a79_9888;
        assert_eq!(write(nine), "rosUhgp5mIg=");
        for (text, kind, crc) in [
            ("rosUhgp5mIg=", None, Some(nine)),
            (" rosUhgp5mIg= ", Some("FULL_OBJECT"), Some(nine)),
            ("rosUhgp5mIg=", Some("COMPOSITE"), None),
            ("rosUhgp5mIg=-2", None, None),
            ("rosUhgp5mIg", None, None),
            ("rosUhgp5mA==", None, None),
            ("rosUhgp5mIgA", None, None),
            ("rosUhgp5 mI=", None, None),
            ("============", None, None),
            ("", None, None),
        ] {
            assert_eq!(of_whole(text, kind), crc, "{text:?} {kind:?}");
        }
    }
}
