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

    /// Whether there is no text at all.
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
        };
        let shown = format!("{credentials:?} {credentials:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
