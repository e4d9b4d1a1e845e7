//! What V4 and SigV4 have in common: the credential scope, the compact time, the derived key.

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::hmac_sha256;

const COMPACT: StaticFormatDescription =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// `<key>/<date>/<region>/<product>/<terminator>`.
#[derive(Debug)]
pub(super) struct CredentialScope<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) product: &'a str,
    terminator: &'a str,
}

impl<'a> CredentialScope<'a> {
    /// Reads a credential; `None` unless it ends in `terminator` and has all five pieces. The
    /// access key id itself may hold slashes.
    pub(super) fn parse(credential: &'a str, terminator: &str) -> Option<Self> {
        let mut pieces = credential.rsplitn(5, '/');
        let last = pieces.next().filter(|last| *last == terminator)?;
        let product = pieces.next()?;
        let region = pieces.next()?;
        let date = pieces.next().filter(|date| date.len() == 8)?;
        Some(Self { access_key_id: pieces.next()?, date, region, product, terminator: last })
    }

    /// The scope without the key, as it stands in the StringToSign.
    pub(super) fn text(&self) -> String {
        format!("{}/{}/{}/{}", self.date, self.region, self.product, self.terminator)
    }

    /// The signing key of this scope. `prefix` is `aliyun_v4` or `AWS4`.
    pub(super) fn key(&self, prefix: &str, secret: &str) -> [u8; 32] {
        let first = hmac_sha256(format!("{prefix}{secret}").as_bytes(), self.date.as_bytes());
        [self.region, self.product, self.terminator]
            .iter()
            .fold(first, |key, piece| hmac_sha256(&key, piece.as_bytes()))
    }
}

/// Reads `20260115T083045Z`.
pub(super) fn compact_time(text: &str) -> Option<OffsetDateTime> {
    PrimitiveDateTime::parse(text, COMPACT).ok().map(PrimitiveDateTime::assume_utc)
}

/// The value of `name=` in an Authorization header, whatever the order and spacing of its fields.
pub(super) fn field<'a>(authorization: &'a str, name: &str) -> Option<&'a str> {
    authorization
        .split([',', ' '])
        .filter_map(|piece| piece.split_once('='))
        .find(|(candidate, _)| candidate.trim() == name)
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_any_order_and_spacing() {
        for text in [
            "X Credential=a/b,AdditionalHeaders=h;i,Signature=0f",
            "X Credential=a/b, Signature=0f, AdditionalHeaders=h;i",
        ] {
            assert_eq!(field(text, "Credential"), Some("a/b"));
            assert_eq!(field(text, "AdditionalHeaders"), Some("h;i"));
            assert_eq!(field(text, "Signature"), Some("0f"));
            assert_eq!(field(text, "Absent"), None);
        }
    }

    #[test]
    fn a_scope_needs_all_its_pieces() {
        let scope =
            CredentialScope::parse("AK/20260115/cn-x/oss/aliyun_v4_request", "aliyun_v4_request");
        assert_eq!(
            scope.map(|scope| scope.text()).as_deref(),
            Some("20260115/cn-x/oss/aliyun_v4_request")
        );
        for broken in ["", "AK", "AK/2026/cn-x/oss/aliyun_v4_request", "AK/20260115/cn-x/oss/other"]
        {
            assert!(CredentialScope::parse(broken, "aliyun_v4_request").is_none(), "{broken}");
        }
    }
}
