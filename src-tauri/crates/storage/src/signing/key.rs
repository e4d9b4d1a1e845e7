//! The derived key of a V4 signature: valid for one day, region and product, so it is derived once
//! a day.

use std::sync::{Mutex, PoisonError};

use ferry_model::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::CredentialScope;

/// Which family of V4 signatures a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// OSS4-HMAC-SHA256.
    Oss,
    /// AWS4-HMAC-SHA256.
    S3,
}

impl Flavour {
    /// The words around the secret and at the end of the scope.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Oss => ("aliyun_v4", "aliyun_v4_request"),
            Self::S3 => ("AWS4", "aws4_request"),
        }
    }

    /// `20260115/cn-hangzhou/oss/aliyun_v4_request`.
    pub(super) fn scope_text(self, date: &str, scope: CredentialScope<'_>) -> String {
        format!("{date}/{}/{}/{}", scope.region, scope.product, self.words().1)
    }
}

/// A derived key. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<[u8; 32]>);

impl SigningKey {
    /// Derives the key of `date` (`20260115`) and `scope` from the secret.
    pub fn derive(
        flavour: Flavour,
        secret: &Secret,
        date: &str,
        scope: CredentialScope<'_>,
    ) -> Self {
        #[cfg(test)]
        counting::DERIVED.set(counting::DERIVED.get() + 1);
        let (prefix, terminator) = flavour.words();
        let start = Zeroizing::new(format!("{prefix}{}", secret.expose()));
        let mut key = hmac_sha256(start.as_bytes(), date);
        for word in [scope.region, scope.product, terminator] {
            key = hmac_sha256(&*key, word);
        }
        Self(key)
    }

    /// The signature of a text, in hex.
    pub(super) fn sign(&self, text: &str) -> String {
        hex::encode(*hmac_sha256(&*self.0, text))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

fn hmac_sha256(key: &[u8], text: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// The last derived key: all requests of one day, region and product share it.
#[derive(Debug, Default)]
pub struct KeyCache(Mutex<Option<Entry>>);

#[derive(Debug)]
struct Entry {
    secret: Secret,
    /// Day, region, product, and in its last word the dialect.
    scope_text: String,
    key: SigningKey,
}

impl KeyCache {
    /// The key for `date` and `scope`, derived if the last one was for another of them or from
    /// another secret.
    pub fn key(
        &self,
        flavour: Flavour,
        secret: &Secret,
        date: &str,
        scope: CredentialScope<'_>,
    ) -> SigningKey {
        let scope_text = flavour.scope_text(date, scope);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(entry) if entry.scope_text == scope_text && entry.secret == *secret => {
                entry.key.clone()
            }
            _ => {
                let key = SigningKey::derive(flavour, secret, date, scope);
                *last = Some(Entry { secret: secret.clone(), scope_text, key: key.clone() });
                key
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod counting {
    use std::cell::Cell;

    thread_local! {
        /// How often this thread derived a key.
        pub(crate) static DERIVED: Cell<usize> = const { Cell::new(0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_derived_anew_where_day_region_product_dialect_or_secret_change_and_only_there() {
        let cache = KeyCache::default();
        let (first, second) = (Secret::new("canary-secret"), Secret::new("canary-other"));
        let hangzhou = CredentialScope { region: "cn-hangzhou", product: "oss" };
        let beijing = CredentialScope { region: "cn-beijing", product: "oss" };
        let cloud_box = CredentialScope { region: "cn-beijing", product: "oss-cloudbox" };
        for (date, scope, flavour, secret) in [
            ("20260115", hangzhou, Flavour::Oss, &first),
            ("20260116", hangzhou, Flavour::Oss, &first),
            ("20260116", beijing, Flavour::Oss, &first),
            ("20260116", cloud_box, Flavour::Oss, &first),
            ("20260116", cloud_box, Flavour::S3, &first),
            ("20260116", cloud_box, Flavour::S3, &second),
            ("20260115", hangzhou, Flavour::Oss, &first),
        ] {
            let before = counting::DERIVED.get();
            let signatures: Vec<String> =
                (0..100).map(|_| cache.key(flavour, secret, date, scope).sign("text")).collect();
            assert_eq!(counting::DERIVED.get() - before, 1, "{date} {scope:?} {flavour:?}");
            let fresh = SigningKey::derive(flavour, secret, date, scope).sign("text");
            assert!(
                signatures.iter().all(|signature| *signature == fresh),
                "{date} {scope:?} {flavour:?}"
            );
        }
        assert!(!format!("{cache:?}").contains("canary"));
    }
}
