//! What one request carries: the batch's batch, the transfer's own id, and what its policy for
//! existing objects asks for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ferry_model::existing::Guard;
use ferry_model::{
    BatchOptions, Callback, CallbackBody, Encryption, FileDigest, Integrity, Provider,
};
use ferry_storage::{IfAbsent, ObjectOptions};

/// The metadata name under which every object of ours carries its transfer's id.
pub const FERRY_ID: &str = "ferry-id";

/// The metadata name of the file's SHA-256, in lower-case hex.
pub const SHA256: &str = "sha256";

/// What one transfer adds to its batch's batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own<'a> {
    pub(crate) ferry_id: &'a str,
    /// The file's SHA-256 in hex, where it travels.
    pub(crate) sha256: Option<&'a str>,
    pub(crate) guard: Guard,
    /// The ETag of the one object that may be replaced, where the service has such a condition.
    pub(crate) if_match: Option<&'a str>,
}

/// The options of one transfer's requests.
pub(crate) fn request_options(batch: &BatchOptions, own: Own<'_>) -> ObjectOptions {
    let mut metadata = vec![(FERRY_ID.to_owned(), own.ferry_id.to_owned())];
    metadata.extend(own.sha256.map(|digest| (SHA256.to_owned(), digest.to_owned())));
    metadata.extend(batch.metadata.iter().map(|pair| (pair.name.clone(), pair.value.clone())));
    let callback = batch.callback.as_ref();
    ObjectOptions {
        headers: batch.headers.clone(),
        metadata,
        if_absent: match own.guard {
            Guard::Replace => IfAbsent::Replace,
            Guard::OnlyIfAbsent => IfAbsent::OnlyIfAbsent,
        },
        if_match: own.if_match.map(str::to_owned),
        storage_class: non_empty(&batch.storage_class),
        acl: non_empty(&batch.acl),
        encryption: batch.encryption.clone(),
        tagging: batch.tags.iter().map(|pair| (pair.name.clone(), pair.value.clone())).collect(),
        callback: callback.map(callback_header),
        callback_var: callback
            .filter(|callback| !callback.variables.is_empty())
            .map(variables_header),
        traffic_limit: Some(batch.traffic_limit).filter(|limit| *limit > 0),
        ..ObjectOptions::default()
    }
}

/// How much has to be checked. With a key of the key service, S3's ETags say nothing about the
/// bytes: only Content-MD5 on each request, checked by the store itself, proves them.
pub(crate) fn needed_integrity(
    non_empty: Integrity,
    provider: Provider,
    options: &BatchOptions,
) -> Integrity {
    match (provider, &options.encryption) {
        (Provider::S3, Encryption::Kms { .. }) => Integrity::Strict,
        _ => non_empty,
    }
}

/// Whether the file's digest has to be known before its first request.
pub(crate) fn wants_digest(options: &BatchOptions) -> bool {
    options.digest == FileDigest::Sha256
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn callback_header(callback: &Callback) -> String {
    let body_type = match callback.body_type {
        CallbackBody::Form => "application/x-www-form-urlencoded",
        CallbackBody::Json => "application/json",
    };
    let json = serde_json::json!({ "callbackUrl": callback.url, "callbackBody": callback.body, "callbackBodyType": body_type });
    BASE64.encode(json.to_string())
}

fn variables_header(callback: &Callback) -> String {
    let variables: serde_json::Map<String, serde_json::Value> = callback
        .variables
        .iter()
        .map(|pair| (pair.name.clone(), pair.value.clone().into()))
        .collect();
    BASE64.encode(serde_json::Value::Object(variables).to_string())
}

#[cfg(test)]
mod tests {
    use ferry_model::Pair;

    use super::*;

    #[test]
    fn a_batchs_options_reach_the_request() {
        let pair = |name: &str, value: &str| Pair { name: name.into(), value: value.into() };
        let batch = BatchOptions {
            storage_class: "IA".into(),
            metadata: vec![pair("author", "照片")],
            callback: Some(Callback {
                url: "https://app.example.com/".into(),
                body: "key=${object}".into(),
                body_type: CallbackBody::Form,
                variables: vec![pair("x:user", "1")],
            }),
            ..BatchOptions::default()
        };
        let own = Own {
            ferry_id: "id",
            sha256: Some("e3b0"),
            guard: Guard::OnlyIfAbsent,
            if_match: None,
        };
        let options = request_options(&batch, own);
        let text = |header: Option<String>| {
            String::from_utf8(BASE64.decode(header.expect("set")).expect("base64")).expect("text")
        };
        assert_eq!(
            text(options.callback),
            r#"{"callbackBody":"key=${object}","callbackBodyType":"application/x-www-form-urlencoded","callbackUrl":"https://app.example.com/"}"#
        );
        assert_eq!(text(options.callback_var), r#"{"x:user":"1"}"#);
        let metadata: Vec<&str> = options.metadata.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(metadata, [FERRY_ID, SHA256, "author"]);
        assert_eq!(
            (options.storage_class.as_deref(), options.acl, options.traffic_limit),
            (Some("IA"), None, None)
        );
        assert_eq!(options.if_absent, IfAbsent::OnlyIfAbsent);
        let plain = request_options(
            &BatchOptions::default(),
            Own { sha256: None, guard: Guard::Replace, ..own },
        );
        assert_eq!(
            (plain.if_absent, plain.callback, plain.callback_var),
            (IfAbsent::Replace, None, None)
        );
    }

    #[test]
    fn the_names_are_those_that_users_may_not_take() {
        assert_eq!(ferry_model::options::OWN_METADATA, [FERRY_ID, SHA256]);
    }

    #[test]
    fn keys_of_the_key_service_make_s3_strict() {
        let kms = BatchOptions {
            encryption: Encryption::Kms { key_id: String::new() },
            ..BatchOptions::default()
        };
        assert_eq!(needed_integrity(Integrity::Standard, Provider::S3, &kms), Integrity::Strict);
        assert_eq!(needed_integrity(Integrity::Standard, Provider::Oss, &kms), Integrity::Standard);
        assert_eq!(
            needed_integrity(Integrity::Standard, Provider::S3, &BatchOptions::default()),
            Integrity::Standard
        );
    }
}
