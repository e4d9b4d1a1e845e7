//! Secrets in memory: masked wherever they could be shown, wiped when dropped.

use zeroize::Zeroizing;

/// A secret text. `Debug` shows nothing of it; there is no `Display` and no serde.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Whether there is nothing to keep secret.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text itself. Only signers and the keyring have a reason to call this.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What requests are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The AccessKey id; sent with each request, so no secret, but kept with it in the keyring.
    pub access_key_id: String,
    /// The AccessKey secret.
    pub access_key_secret: Secret,
    /// The STS token, if the key is a temporary one.
    pub security_token: Option<Secret>,
    /// When a temporary key ends, in milliseconds since 1970 (UTC) by the clock of the server that
    /// issued it; `None` for a lasting key, and where the end is not known. A hint for asking anew
    /// in time: the store's answer is what counts.
    pub expires_ms: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        let credentials = Credentials {
            access_key_id: "LTAI-1".into(),
            access_key_secret: Secret::new("canary-secret"),
            security_token: Some(Secret::new("canary-token")),
            expires_ms: Some(1_767_225_600_000),
        };
        let shown = format!("{credentials:?} {credentials:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
