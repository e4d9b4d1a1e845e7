//! From a file's name to a key, to a link, and to the key that the server reads from it.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Provider, SignVersion, key};
use ferry_storage::{Clock, HttpClient, HttpOptions, ObjectStore, Store, StoreConfig};
use proptest::prelude::*;

use crate::{NOW, at, credentials, decoded, file_name, is_plain, name, pairs};

#[derive(Debug)]
struct Frozen;

impl Clock for Frozen {
    fn now(&self) -> SystemTime {
        at(NOW)
    }
}

/// Where a server finds the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bucket {
    BeforeTheHost,
    InThePath,
    /// The domain is bound to it.
    Known,
}

/// Every dialect in every way of addressing.
const PLACES: &[(Provider, SignVersion, &str, Addressing, Bucket)] = &[
    (
        Provider::Oss,
        SignVersion::V4,
        "https://oss-cn-hangzhou.aliyuncs.com",
        Addressing::Auto,
        Bucket::BeforeTheHost,
    ),
    (Provider::Oss, SignVersion::V4, "http://127.0.0.1:9000", Addressing::Auto, Bucket::InThePath),
    (
        Provider::Oss,
        SignVersion::V4,
        "https://static.example.com",
        Addressing::Cname,
        Bucket::Known,
    ),
    (
        Provider::Oss,
        SignVersion::V1,
        "https://oss-cn-hangzhou.aliyuncs.com",
        Addressing::Auto,
        Bucket::BeforeTheHost,
    ),
    (
        Provider::Oss,
        SignVersion::V1,
        "https://oss.example.com:8443",
        Addressing::Path,
        Bucket::InThePath,
    ),
    (
        Provider::Oss,
        SignVersion::V1,
        "https://static.example.com",
        Addressing::Cname,
        Bucket::Known,
    ),
    (
        Provider::S3,
        SignVersion::V4,
        "https://s3.eu-central-1.amazonaws.com",
        Addressing::Auto,
        Bucket::BeforeTheHost,
    ),
    (Provider::S3, SignVersion::V4, "http://[::1]:9000", Addressing::Auto, Bucket::InThePath),
];

fn store(place: &(Provider, SignVersion, &str, Addressing, Bucket)) -> Store {
    static HTTP: OnceLock<HttpClient> = OnceLock::new();
    let (provider, sign, endpoint, addressing, _) = *place;
    let config = StoreConfig {
        provider,
        endpoint: endpoint.to_owned(),
        region: "cn-hangzhou".into(),
        bucket: "bkt".into(),
        addressing,
        sign,
        plain_http: PlainHttp::Refuse,
    };
    let http = HTTP.get_or_init(|| HttpClient::new(HttpOptions::default()));
    Store::new(http.clone(), &config, credentials("secret", Some("to+k/en=")), Arc::new(Frozen))
        .expect("store")
}

/// A URL as host, path and query, all as written.
fn split(url: &str) -> (&str, &str, &str) {
    let (_, rest) = url.split_once("://").expect("a scheme");
    let (host, target) = rest.split_at(rest.find('/').expect("a path"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (host, path, query)
}

/// Bucket and key as a server reads them.
fn served(bucket: Bucket, host: &str, path: &str) -> Option<(String, String)> {
    let path = path.strip_prefix('/')?;
    let (bucket, key) = match bucket {
        Bucket::BeforeTheHost => (host.split_once('.')?.0, path),
        Bucket::InThePath => path.split_once('/')?,
        Bucket::Known => ("bkt", path),
    };
    Some((bucket.to_owned(), decoded(key)?))
}

proptest! {
    #[test]
    fn the_server_reads_the_key_that_the_file_was_given(
        prefix in prop_oneof![Just(String::new()), name()],
        components in proptest::collection::vec(file_name(), 1..5),
        expires in 1u64..604_800,
    ) {
        let components: Vec<&str> = components.iter().map(String::as_str).collect();
        let key = key::join(&prefix, &components);
        for place in PLACES {
            let store = store(place);
            let link = store.presign_get(&key, Duration::from_secs(expires)).expect("link");
            prop_assert!(is_plain(&link), "{link}");
            let (host, path, query) = split(&link);
            prop_assert_eq!(served(place.4, host, path), Some(("bkt".to_owned(), key.clone())), "{}", link);
            prop_assert_eq!(&store.object_url(&key), link.split_once('?').expect("a query").0);
            // The library that sends it changes nothing of it: neither dots nor doubled slashes nor
            // escapes.
            let uri: http::Uri = link.parse().expect("a URI");
            prop_assert_eq!(uri.path_and_query().map(ToString::to_string), Some(format!("{path}?{query}")));
            let token = pairs(query).expect("decodes").into_iter().find(|(name, _)| name.to_lowercase().ends_with("security-token"));
            prop_assert_eq!(token.map(|(_, value)| value), Some("to+k/en=".to_owned()));
        }
    }

    #[test]
    fn other_keys_have_other_addresses_and_other_signatures(one in name(), other in name()) {
        prop_assume!(one != other);
        for place in PLACES {
            let store = store(place);
            let link = |key: &str| store.presign_get(key, Duration::from_secs(60)).expect("link");
            let signature = |key: &str| link(key).rsplit_once('=').map(|(_, signature)| signature.to_owned());
            prop_assert_ne!(store.object_url(&one), store.object_url(&other));
            prop_assert_ne!(signature(&one), signature(&other));
        }
    }
}
