//! The model in memory and the practice server go through the checks that real stores pass.
#![allow(missing_docs)]

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Credentials, Provider, Secret, SignVersion};
use ferry_sandbox::{Config, Credential, Sandbox};
use ferry_simulation::clock::WorldClock;
use ferry_simulation::conformance::{CHECKS, Ground, Habits, OSS, S3};
use ferry_simulation::store::{MemoryBucket, NoFaults, Service};
use ferry_storage::{HttpClient, HttpOptions, Store, StoreConfig, SystemClock};

fn habits(provider: Provider) -> Habits {
    match provider {
        Provider::Oss => OSS,
        Provider::S3 => S3,
    }
}

fn credentials(key: &Credential) -> Credentials {
    Credentials {
        access_key_id: key.access_key_id.clone(),
        access_key_secret: Secret::new(key.access_key_secret.clone()),
        security_token: None,
        expires_ms: None,
    }
}

#[tokio::test(start_paused = true)]
async fn the_model_in_memory_conforms() {
    for provider in [Provider::Oss, Provider::S3] {
        for (name, check) in CHECKS {
            println!("{provider:?}: {name}");
            let clock = Arc::new(WorldClock::default());
            clock.begin();
            let bucket = MemoryBucket::new(
                Service::of(provider),
                Arc::clone(&clock),
                Arc::default(),
                Box::new(NoFaults),
            );
            let key = credentials(&Credential::new("id", "secret"));
            let store = Arc::new(bucket.client(key, Duration::from_secs(60)));
            check(&Ground { store, habits: habits(provider), now: clock.true_time() }).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_practice_server_conforms() {
    let root = tempfile::tempdir().expect("a folder");
    let key = Credential::generate();
    let mut config = Config::new(root.path().to_path_buf());
    config.region = "cn-hangzhou".into();
    config.credentials = vec![key.clone()];
    let sandbox = Sandbox::start(config).await.expect("starts");
    for provider in [Provider::Oss, Provider::S3] {
        for (name, check) in CHECKS {
            println!("{provider:?}: {name}");
            let bucket = format!("{}-{}", provider.word(), name.replace('_', "-"));
            sandbox.create_bucket(&bucket).expect("is made");
            let config = StoreConfig {
                provider,
                endpoint: sandbox.endpoint(),
                region: "cn-hangzhou".into(),
                bucket,
                addressing: Addressing::Path,
                sign: SignVersion::V4,
                plain_http: PlainHttp::Refuse,
            };
            let http = HttpClient::new(HttpOptions::default());
            let store = Store::new(http, &config, credentials(&key), Arc::new(SystemClock));
            let store = Arc::new(store.expect("the settings are sound"));
            check(&Ground { store, habits: habits(provider), now: SystemTime::now() }).await;
        }
    }
}
