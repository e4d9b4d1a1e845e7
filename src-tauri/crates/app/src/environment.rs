//! Credentials and addresses from environment variables, as the vendors' own tools name them.

use ferry_model::{Credentials, Provider, Secret};

/// Reads `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET`, `OSS_SESSION_TOKEN`, or for S3 `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
/// `AWS_SESSION_TOKEN`; `None` unless both id and secret are set and not empty.
pub fn credentials(provider: Provider) -> Option<Credentials> {
    let [id, secret, token] = match provider {
        Provider::Oss => ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"],
        Provider::S3 => ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
    };
    Some(Credentials {
        access_key_id: value(id)?,
        access_key_secret: Secret::new(value(secret)?),
        security_token: value(token).map(Secret::new),
        expires_ms: None,
    })
}

/// The endpoint the vendors' tools would use: `OSS_ENDPOINT`, or `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL`.
pub fn endpoint(provider: Provider) -> Option<String> {
    match provider {
        Provider::Oss => value("OSS_ENDPOINT"),
        Provider::S3 => value("AWS_ENDPOINT_URL_S3").or_else(|| value("AWS_ENDPOINT_URL")),
    }
}

/// The region the vendors' tools would use: `OSS_REGION`, or `AWS_REGION` and `AWS_DEFAULT_REGION`.
pub fn region(provider: Provider) -> Option<String> {
    match provider {
        Provider::Oss => value("OSS_REGION"),
        Provider::S3 => value("AWS_REGION").or_else(|| value("AWS_DEFAULT_REGION")),
    }
}

fn value(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
