//! What goes over the wire, seen from the other side: a raw TCP server that records every byte and
//! answers by script.

mod answers;
mod callbacks;
mod checksums;
mod clock;
mod explained;
mod failures;
mod forms;
mod guard;
mod keys;
mod objects;
mod redirects;
mod requests;
mod server;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Credentials, Provider, Secret, SignVersion};
use ferry_storage::{
    Clock, HttpClient, HttpOptions, ListedPart, ListedUpload, ObjectStore as _, Store, StoreConfig,
    StoreError, all_pages,
};

/// 2026-01-15T08:30:45Z for ever.
#[derive(Debug)]
struct Frozen;

impl Clock for Frozen {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_768_465_845)
    }
}

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "LTAI-example".into(),
        access_key_secret: Secret::new("canary-secret"),
        security_token: Some(Secret::new("canary+token/=")),
        expires_ms: None,
    }
}

fn config(provider: Provider, endpoint: &str) -> StoreConfig {
    StoreConfig {
        provider,
        endpoint: endpoint.to_owned(),
        region: if provider == Provider::Oss {
            "oss-cn-hangzhou".into()
        } else {
            "us-east-1".into()
        },
        bucket: "bkt".into(),
        addressing: Addressing::Auto,
        sign: SignVersion::V4,
        plain_http: PlainHttp::Refuse,
    }
}

fn short(idle: Duration) -> HttpOptions {
    HttpOptions {
        connect_timeout: Duration::from_secs(2),
        idle_timeout: idle,
        complete_timeout: idle * 4,
        ..HttpOptions::default()
    }
}

/// A store at a server, with timeouts long enough for a busy machine.
fn store(provider: Provider, endpoint: &str) -> Store {
    store_with(provider, endpoint, short(Duration::from_secs(20)))
}

fn store_with(provider: Provider, endpoint: &str, options: HttpOptions) -> Store {
    Store::new(
        HttpClient::new(options),
        &config(provider, endpoint),
        credentials(),
        Arc::new(Frozen),
    )
    .expect("store")
}

/// The parts of upload `U` of `k`, over all pages.
async fn all_parts(store: &Store) -> Result<Vec<ListedPart>, StoreError> {
    all_pages(|marker| store.list_parts("k", "U", marker)).await
}

/// The uploads of a prefix, over all pages.
async fn all_uploads(store: &Store, prefix: &str) -> Result<Vec<ListedUpload>, StoreError> {
    all_pages(|marker| store.list_uploads(prefix, marker)).await
}
