//! Random names all the way: put by Ferry with each signature, judged by the sandbox, listed and
//! read by the vendors' own clients.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Credentials, Provider, Secret, SignVersion, key};
use ferry_storage::{
    HttpClient, HttpOptions, ObjectOptions, ObjectStore as _, Payload, Store, StoreConfig,
    SystemClock,
};
use support::ferry::{BUCKET, Place, REGION};
use support::read_back::{Reader, assert_same};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const NAMES: usize = 300;

fn store(place: &Place, provider: Provider, sign: SignVersion) -> Store {
    let config = StoreConfig {
        provider,
        endpoint: place.sandbox.endpoint(),
        region: REGION.to_owned(),
        bucket: BUCKET.to_owned(),
        addressing: Addressing::Auto,
        sign,
        plain_http: PlainHttp::Refuse,
    };
    let credentials = Credentials {
        access_key_id: place.key.access_key_id.clone(),
        access_key_secret: Secret::new(place.key.access_key_secret.clone()),
        security_token: None,
        expires_ms: None,
    };
    Store::new(HttpClient::new(HttpOptions::default()), &config, credentials, Arc::new(SystemClock))
        .expect("store")
}

/// What a plain client gets for a link: its target goes out as written.
async fn fetched(link: &str) -> Vec<u8> {
    let (host, target) = link
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .expect("a link over http");
    let mut stream = TcpStream::connect(host).await.expect("connects");
    let request = format!("GET /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answers");
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{link}: {}", String::from_utf8_lossy(&answer));
    let body = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head") + 4;
    answer[body..].to_vec()
}

/// Puts and fetches random names, and has both clients find them.
pub(crate) async fn random_names_arrive(mut next: impl FnMut() -> String) {
    let place = Place::new().await;
    let kinds = [
        (Provider::Oss, SignVersion::V4),
        (Provider::Oss, SignVersion::V1),
        (Provider::S3, SignVersion::V4),
    ];
    let stores = kinds.map(|(provider, sign)| store(&place, provider, sign));
    let mut files = BTreeMap::<String, PathBuf>::new();
    while files.len() < NAMES {
        let key = next();
        if key::check(Provider::Oss, &key).is_err() || files.contains_key(&key) {
            continue;
        }
        let number = files.len();
        let (putting, linking) = (&stores[number % 3], &stores[(number + 1) % 3]);
        let bytes = format!("{number} {key}").into_bytes();
        let payload = Payload::from_bytes(bytes.clone().into());
        putting
            .put_object(&key, &ObjectOptions::default(), payload)
            .await
            .unwrap_or_else(|error| panic!("{key:?}: {error:?}"));
        let link = linking.presign_get(&key, Duration::from_secs(600)).expect("link");
        assert_eq!(fetched(&link).await, bytes, "{key:?}");
        assert_eq!(place.sandbox.read_object(BUCKET, &key).expect("is there"), bytes, "{key:?}");
        let path = place.write(format!("files/{number}"), &bytes);
        files.insert(key, path);
    }
    let files: Vec<_> = files.into_iter().collect();
    for reader in [Reader::Oss2, Reader::Boto3] {
        assert_same(&place, reader, &files).await;
    }
}
