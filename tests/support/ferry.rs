//! Runs the `ferry` command as a user would: a process of its own, a data folder of its own, keys
//! from the environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

pub use ferry_model::visible::is_hidden;
use ferry_sandbox::{Config, Credential, Sandbox};
use serde_json::Value;
use tokio::process::{Child, Command};

/// The bucket of [`Place`].
pub const BUCKET: &str = "acceptance";
/// The region of [`Place`].
pub const REGION: &str = "cn-hangzhou";

/// A program of the workspace: `ferry`, `ferry-desktop`.
///
/// # Panics
/// When it was not built: `cargo xtask test` builds everything first.
pub fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a process knows its own file");
    // Tests run from <profile>/deps, programs from <profile>.
    let mut folders = own.ancestors().skip(1);
    let profile = folders.find(|folder| !folder.ends_with("deps")).expect("a folder");
    let program = profile.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run `cargo xtask test`, or `cargo build --workspace` first",
        program.display()
    );
    program
}

/// A sandbox and a folder for files and for Ferry's data.
#[derive(Debug)]
pub struct Place {
    /// The store.
    pub sandbox: Sandbox,
    /// Its only key.
    pub key: Credential,
    /// Everything lies below it.
    pub root: tempfile::TempDir,
}

impl Place {
    /// A fresh store with one bucket.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A fresh store, set up differently.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let key = Credential::generate();
        let mut config = Config::new(root.path().join("store"));
        config.region = REGION.into();
        config.buckets = vec![BUCKET.into()];
        config.credentials = vec![key.clone()];
        change(&mut config);
        let sandbox = Sandbox::start(config).await.expect("the sandbox starts");
        Self { sandbox, key, root }
    }

    /// A path below the root.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file below the root, with its folders.
    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("makes folders");
        std::fs::write(&path, bytes).expect("writes");
        path
    }

    /// `ferry` with this place's keys and data folder.
    pub fn ferry(&self) -> Command {
        let mut command = Command::new(program("ferry"));
        command
            .env("FERRY_DATA_DIR", self.path("data"))
            .env("LC_ALL", "C")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("OSS_ACCESS_KEY_ID", &self.key.access_key_id)
            .env("OSS_ACCESS_KEY_SECRET", &self.key.access_key_secret)
            .env("AWS_ACCESS_KEY_ID", &self.key.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &self.key.access_key_secret)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in [
            "OSS_SESSION_TOKEN",
            "AWS_SESSION_TOKEN",
            "OSS_ENDPOINT",
            "OSS_REGION",
            "AWS_ENDPOINT_URL",
            "AWS_REGION",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// `ferry put … --endpoint … --region … --json`.
    pub fn put(&self, paths: &[&Path], destination: &str, options: &[&str]) -> Command {
        let mut command = self.ferry();
        command.arg("put").args(paths).arg(destination);
        command
            .args(["--endpoint", &self.sandbox.endpoint(), "--region", REGION, "--json"])
            .args(options);
        command
    }

    /// Runs a put to its end.
    pub async fn put_all(&self, paths: &[&Path], destination: &str, options: &[&str]) -> Ran {
        Ran::of(self.put(paths, destination, options)).await
    }

    /// Runs any command to its end.
    pub async fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        let mut command = self.ferry();
        command.args(arguments);
        Ran::of(command).await
    }

    /// Adds a profile at this place's bucket.
    pub async fn add_profile(&self, name: &str, provider: &str, options: &[&str]) -> Ran {
        let endpoint = self.sandbox.endpoint();
        let place = [
            "profile",
            "add",
            name,
            "--provider",
            provider,
            "--endpoint",
            &endpoint,
            "--region",
            REGION,
            "--bucket",
            BUCKET,
        ];
        self.run(place.iter().chain(options)).await
    }

    /// `ferry put … --profile … --json`, with no key in the environment.
    pub fn put_with_profile(
        &self,
        profile: &str,
        paths: &[&Path],
        destination: &str,
        options: &[&str],
    ) -> Command {
        let mut command = self.ferry();
        command
            .arg("put")
            .args(paths)
            .arg(destination)
            .args(["--profile", profile, "--json"])
            .args(options);
        without_keys(&mut command);
        command
    }

    /// Starts a command without waiting for it.
    pub fn start(&self, mut command: Command) -> Child {
        command.spawn().expect("ferry starts")
    }
}

/// Takes the keys out of a command's environment.
pub fn without_keys(command: &mut Command) {
    for name in
        ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    {
        command.env_remove(name);
    }
}

/// A command that ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ran {
    /// Runs a command to its end.
    pub async fn of(mut command: Command) -> Self {
        Self::from(command.output().await.expect("ferry runs"))
    }

    /// The last line of standard output as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn summary(&self) -> Value {
        let line = self.stdout.lines().last().unwrap_or_else(|| panic!("no output: {self:?}"));
        let summary: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!(summary["type"], "summary", "{self:?}");
        summary
    }

    /// A number of the summary.
    pub fn number(&self, name: &str) -> u64 {
        self.summary()[name].as_u64().unwrap_or_else(|| panic!("{name} is no number: {self:?}"))
    }

    /// The objects of type `unfinished`.
    pub fn unfinished(&self) -> Vec<Value> {
        self.items("unfinished")
    }

    /// The objects of type `warning`.
    pub fn warnings(&self) -> Vec<Value> {
        self.items("warning")
    }

    /// The lines of standard output of one type.
    pub fn lines(&self, kind: &str) -> Vec<Value> {
        let lines = self.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|value| value["type"] == kind).collect()
    }

    fn items(&self, kind: &str) -> Vec<Value> {
        self.lines(kind).into_iter().map(|value| value["item"].clone()).collect()
    }

    /// Asserts that everything was verified.
    #[track_caller]
    pub fn assert_verified(&self, files: u64) {
        assert_eq!(self.code, 0, "{self:#?}");
        assert_eq!(
            (self.number("files"), self.number("verified"), self.number("failed")),
            (files, files, 0),
            "{self:#?}"
        );
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
