//! The processes of one server: all on loopback, all data below one folder, none of them outliving
//! the test.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

/// Runs a program until its own standard input ends, which the death of the test brings about as
/// well. The terminal's interrupt is left to the test.
const LEASH: &str = r#"trap '' INT; "$@" </dev/null & read -r _; kill -KILL $!; wait"#;

/// Where ports are looked for: below those that systems give to outgoing connections, so that none
/// is taken between look and use.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// A folder and the processes that work in it. Dropping ends the processes and then removes the
/// folder.
#[derive(Debug)]
pub(crate) struct Processes {
    running: Vec<Child>,
    root: tempfile::TempDir,
}

impl Processes {
    pub(crate) fn new() -> Self {
        Self { running: Vec::new(), root: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A path below the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    /// Makes a folder below the folder.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir(&path).expect("the temporary folder can be written");
        path
    }

    /// Writes a file below the folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the temporary folder can be written");
        path
    }

    /// Starts a server; what it says goes to `NAME.out`.
    pub(crate) fn start(&mut self, name: &str, command: &Command) {
        let out = File::create(self.path(format!("{name}.out")))
            .expect("the temporary folder can be written");
        let mut leashed = Command::new("sh");
        leashed
            .args(["-c", LEASH, "leash"])
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(self.root.path());
        leashed
            .stdin(Stdio::piped())
            .stdout(out.try_clone().expect("a handle can be cloned"))
            .stderr(out);
        self.running.push(leashed.spawn().expect("a shell starts"));
    }

    /// Runs a program to its end and returns what it said.
    ///
    /// # Panics
    /// When it fails, with all that is known of the servers.
    pub(crate) fn run(&self, command: &mut Command) -> String {
        let shown = format!("{command:?}");
        let output = command.current_dir(self.root.path()).stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| {
            panic!("{shown}: {error}: `cargo xtask test` installs what the tests take")
        });
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{shown}: {}\n{}{}\n{}",
            output.status,
            said(&output.stdout),
            said(&output.stderr),
            self.said()
        );
        said(&output.stdout)
    }

    /// The last words of each server.
    pub(crate) fn said(&self) -> String {
        let files = std::fs::read_dir(self.root.path())
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let logs = files.filter(|path| {
            path.extension().is_some_and(|extension| extension == "out" || extension == "log")
        });
        let last = |path: PathBuf| {
            let text = std::fs::read(&path).unwrap_or_default();
            let tail = &text[text.len().saturating_sub(4_000)..];
            format!("--- {}\n{}\n", path.display(), String::from_utf8_lossy(tail))
        };
        logs.map(last).collect()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for mut leash in self.running.drain(..).rev() {
            drop(leash.stdin.take());
            drop(leash.wait());
        }
    }
}

/// A free port of loopback.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    // Two test programs at once should not look at the same ports in the same order.
    let first = u16::try_from(std::process::id() % u32::from(span)).expect("the span is small");
    for _ in 0..span {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % span;
        let port = PORTS.start + (first + step) % span;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port of loopback is free between {} and {}", PORTS.start, PORTS.end);
}
