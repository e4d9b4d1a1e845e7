use std::sync::atomic::AtomicU64;

use ferry_model::{Addressing, Secret};

use super::*;
use crate::HttpOptions;
use crate::signing::key::counting::DERIVED;

#[derive(Debug, Default)]
struct Moving(AtomicU64);

impl Clock for Moving {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// Signs many requests and links; gives how many keys were derived for them.
fn derived(store: &Store) -> usize {
    let before = DERIVED.get();
    for number in 0..50 {
        let key = format!("k{number}");
        let call = Call::new(Method::PUT, Some(&key));
        store.sign(&store.identity(), &call, None, 5, store.now(store.offset()));
        store.presigned(&key, Duration::from_secs(60));
    }
    DERIVED.get() - before
}

#[test]
fn a_day_takes_one_derivation_however_many_requests_it_has() {
    const DAY: u64 = 24 * 60 * 60;
    for (provider, sign, once) in [
        (Provider::Oss, SignVersion::V4, 1),
        (Provider::S3, SignVersion::V4, 1),
        (Provider::Oss, SignVersion::V1, 0),
    ] {
        let config = StoreConfig {
            provider,
            endpoint: "https://oss-cn-hangzhou.aliyuncs.com".into(),
            region: "cn-hangzhou".into(),
            bucket: "bkt".into(),
            addressing: Addressing::Auto,
            sign,
            plain_http: PlainHttp::Refuse,
        };
        let clock = Arc::new(Moving::default());
        let credentials = |secret: &str| Credentials {
            access_key_id: "id".into(),
            access_key_secret: Secret::new(secret),
            security_token: None,
            expires_ms: None,
        };
        let store = Store::new(
            HttpClient::new(HttpOptions::default()),
            &config,
            credentials("first"),
            clock.clone(),
        )
        .expect("store");
        assert_eq!(derived(&store), once);
        clock.0.store(DAY - 1, Ordering::Relaxed);
        assert_eq!(derived(&store), 0, "the same day");
        store.offset.store(1, Ordering::Relaxed);
        assert_eq!(derived(&store), once, "it is the next day where the store is");
        clock.0.store(DAY, Ordering::Relaxed);
        assert_eq!(derived(&store), 0, "the same day");
        store.renew(credentials("second"));
        assert_eq!(derived(&store), once, "another secret");
        assert_eq!(derived(&store), 0, "the same secret");
    }
}
