//! The official SDKs against the sandbox: what they write is what they read back, a true signature passes, a
//! wrong one is refused. The sandbox's reading of the protocol is held against clients that its authors did not
//! write.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use ferry_sandbox::{Config, Credential, Outcome, Sandbox};
use tokio::process::Command;

const REGION: &str = "cn-hangzhou";
const BUCKET: &str = "official-clients";
const STS_TOKEN: &str = "CAIS+example/token==";

/// Runs one script of `tests/clients` in an environment with `packages`, against a sandbox of its own.
async fn run(script: &str, packages: &'static [&'static str]) {
    let python = tokio::task::spawn_blocking(|| support::python::venv(packages)).await.expect("the environment can be made");
    let root = tempfile::tempdir().expect("a temporary directory can be made");
    let key = Credential::generate();
    let sts = Credential::generate().with_token(STS_TOKEN);
    let sandbox = Sandbox::start(Config {
        region: REGION.to_owned(),
        buckets: vec![BUCKET.to_owned()],
        credentials: vec![key.clone(), sts.clone()],
        cnames: BTreeMap::from([("static.localhost".to_owned(), BUCKET.to_owned())]),
        ..Config::new(root.path())
    })
    .await
    .expect("the sandbox starts");
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let output = Command::new(python)
        .arg(clients.join(script))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // Settings of whoever runs the tests must not reach the clients.
        .env("AWS_CONFIG_FILE", root.path().join("none"))
        .env("AWS_SHARED_CREDENTIALS_FILE", root.path().join("none"))
        .env("NO_PROXY", "*")
        .env("SANDBOX_ENDPOINT", sandbox.endpoint())
        .env("SANDBOX_BUCKET", BUCKET)
        .env("SANDBOX_REGION", REGION)
        .env("SANDBOX_ACCESS_KEY_ID", &key.access_key_id)
        .env("SANDBOX_ACCESS_KEY_SECRET", &key.access_key_secret)
        .env("SANDBOX_STS_ACCESS_KEY_ID", &sts.access_key_id)
        .env("SANDBOX_STS_ACCESS_KEY_SECRET", &sts.access_key_secret)
        .env("SANDBOX_STS_TOKEN", STS_TOKEN)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("the script can be run");
    assert!(
        output.status.success(),
        "{script}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let open: Vec<_> = sandbox.open_uploads(BUCKET).into_iter().map(|upload| upload.key).collect();
    assert_eq!(open, Vec::<String>::new(), "{script} left uploads open");
    let failed: Vec<_> =
        sandbox.ledger().entries().into_iter().filter(|entry| matches!(entry.outcome, Outcome::Answered { status: 500.., .. })).collect();
    assert!(failed.is_empty(), "{script} met failures of the sandbox: {failed:#?}");
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oss2() {
    run("oss2_client.py", &["oss2==2.19.1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alibabacloud_oss_v2() {
    run("alibabacloud_v2_client.py", &["alibabacloud-oss-v2==1.4.1", "crcmod-plus==2.3.6"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3() {
    run("boto3_client.py", &["boto3==1.44.5"]).await;
}
