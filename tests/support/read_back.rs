//! Reads objects back with a client that is not ours, and compares them with the files byte for
//! byte.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::ferry::{BUCKET, Place, REGION};

/// Which client reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Alibaba's `oss2`.
    Oss2,
    /// Amazon's `boto3`.
    Boto3,
}

/// A bucket and the key to it.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Where the store listens.
    pub endpoint: String,
    /// The bucket's name.
    pub name: String,
    /// The AccessKey's public half.
    pub key_id: String,
    /// Its secret half.
    pub secret: String,
}

/// Asserts that the bucket of a place holds exactly these objects, each equal to its file.
///
/// # Panics
/// With the first difference.
pub async fn assert_same(place: &Place, reader: Reader, expected: &[(String, PathBuf)]) {
    assert_bucket(&bucket_of(place), reader, expected).await;
}

fn bucket_of(place: &Place) -> Bucket {
    Bucket {
        endpoint: place.sandbox.endpoint(),
        name: BUCKET.to_owned(),
        key_id: place.key.access_key_id.clone(),
        secret: place.key.access_key_secret.clone(),
    }
}

/// Asserts that the bucket holds exactly these objects, each equal to its file.
///
/// # Panics
/// With the first difference.
pub async fn assert_bucket(bucket: &Bucket, reader: Reader, expected: &[(String, PathBuf)]) {
    let manifest: Vec<_> = expected
        .iter()
        .map(|(key, path)| serde_json::json!({ "key": key, "path": path }))
        .collect();
    run("read_back.py", bucket, reader, &manifest).await;
}

/// Asserts that objects are what they were told to be; see `clients/object_options.py` for what can
/// be expected.
///
/// # Panics
/// With the differences.
pub async fn assert_options(place: &Place, reader: Reader, expected: &[(&str, serde_json::Value)]) {
    let manifest: Vec<_> = expected
        .iter()
        .map(|(key, expected)| serde_json::json!({ "key": key, "expected": expected }))
        .collect();
    run("object_options.py", &bucket_of(place), reader, &manifest).await;
}

async fn run(script: &str, bucket: &Bucket, reader: Reader, manifest: &[serde_json::Value]) {
    let python =
        tokio::task::spawn_blocking(|| crate::python::venv(&["oss2==2.19.1", "boto3==1.43.2"]))
            .await
            .expect("a Python");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let list = folder.path().join("manifest.json");
    std::fs::write(&list, serde_json::to_vec(manifest).expect("plain data")).expect("writes");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script);
    let output = Command::new(python)
        .arg(script)
        .arg(match reader {
            Reader::Oss2 => "oss2",
            Reader::Boto3 => "boto3",
        })
        .arg(list)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_CONFIG_FILE", folder.path().join("none"))
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none"))
        .env("NO_PROXY", "*")
        .env("STORE_ENDPOINT", &bucket.endpoint)
        .env("STORE_BUCKET", &bucket.name)
        .env("STORE_REGION", REGION)
        .env("STORE_KEY_ID", &bucket.key_id)
        .env("STORE_SECRET", &bucket.secret)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("python runs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
