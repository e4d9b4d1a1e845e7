//! The messages about what objects shall be like.

use ferry_model::{CallbackBody, ExistingChoice, ObjectHeaders};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A name with its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NameValue {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Whose key encrypts objects on the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum EncryptionChoice {
    /// As the bucket is set.
    #[default]
    Bucket,
    /// A key of the store.
    Aes256,
    /// A key of the key service.
    Kms,
}

/// What a batch's objects shall be like. Empty texts leave it to the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct OptionsForm {
    /// The storage class, in the store's own word.
    pub storage_class: String,
    /// The object's ACL.
    pub acl: String,
    /// Whose key encrypts it.
    pub encryption: EncryptionChoice,
    /// The key service's key; empty for its own.
    pub kms_key_id: String,
    /// The headers that are stored with it, each as a field of its own.
    #[serde(flatten)]
    pub headers: ObjectHeaders,
    /// User metadata.
    pub metadata: Vec<NameValue>,
    /// Tags.
    pub tags: Vec<NameValue>,
    /// OSS: most **bytes** a second of one connection, kept to by the store; 0 for none.
    #[ts(type = "number")]
    pub traffic_limit: u64,
    /// OSS: whom the store calls when an object is there; empty for none.
    pub callback_url: String,
    /// What it says there.
    pub callback_body: String,
    /// How that is typed.
    pub callback_body_type: CallbackBody,
    /// Its own parameters, `x:name`.
    pub callback_variables: Vec<NameValue>,
    /// Whether the file's SHA-256 travels as metadata.
    pub sha256: bool,
}

/// What the next files shall be like, where that differs from their profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchForm {
    /// Put before every key.
    pub prefix: String,
    /// What happens when an object exists.
    pub existing: ExistingChoice,
    /// What the objects shall be like.
    pub options: OptionsForm,
}
