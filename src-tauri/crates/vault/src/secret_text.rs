//! How credentials stand in one keyring entry: a JSON object of three texts, and the time it ends
//! if that is known.

use ferry_model::{Credentials, Secret};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::VaultError;

/// JSON writes a character as six at most (`\u0000`).
const LONGEST_ESCAPE: usize = 6;
/// The object's own characters, rounded up.
const FRAME: usize = 128;

#[derive(Serialize)]
struct Outgoing<'a> {
    id: &'a str,
    secret: &'a str,
    token: Option<&'a str>,
    /// Left out where there is none, so that an entry of a lasting key is what it was before keys
    /// had an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_ms: Option<i64>,
}

#[derive(Deserialize)]
struct Incoming {
    id: String,
    secret: String,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    expires_ms: Option<i64>,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.secret.zeroize();
        self.token.zeroize();
    }
}

/// The entry's text. Wiped when dropped, and never moved while it grows: it is given room for the
/// longest case at once.
pub(crate) fn encode(credentials: &Credentials) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let outgoing = Outgoing {
        id: &credentials.access_key_id,
        secret: credentials.access_key_secret.expose(),
        token: credentials.security_token.as_ref().map(Secret::expose),
        expires_ms: credentials.expires_ms,
    };
    let texts = outgoing.id.len() + outgoing.secret.len() + outgoing.token.map_or(0, str::len);
    let mut text = Zeroizing::new(Vec::with_capacity(FRAME + texts * LONGEST_ESCAPE));
    // The writer's own error could quote what it wrote.
    serde_json::to_writer(&mut *text, &outgoing)
        .map_err(|_| VaultError::Broken("the key could not be written down".to_owned()))?;
    Ok(text)
}

/// Reads an entry's text. What is not ours is an error that quotes nothing of it.
pub(crate) fn decode(text: &[u8]) -> Result<Credentials, VaultError> {
    let mut incoming: Incoming = serde_json::from_slice(text)
        .map_err(|_| VaultError::Broken("the entry was not written by Ferry".to_owned()))?;
    Ok(Credentials {
        access_key_id: std::mem::take(&mut incoming.id),
        access_key_secret: Secret::new(std::mem::take(&mut incoming.secret)),
        security_token: incoming.token.take().map(Secret::new),
        expires_ms: incoming.expires_ms,
    })
}
