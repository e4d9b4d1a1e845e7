//! From the version before to this one, with a profile, its key and half an upload.

use std::process::Stdio;

use super::before::MARK;
use super::desktop::{Session, drag_in, noise};
use super::steps;
use super::system::{Running, System, wait_for};
use crate::process::{Failure, Outcome, output};
use crate::release::version;

/// The key of the store, by the names that its server has for it.
const STORE_KEY: [(&str, &str); 2] = [
    ("FERRY_SANDBOX_ACCESS_KEY_ID", "kept-id"),
    ("FERRY_SANDBOX_ACCESS_KEY_SECRET", "kept-secret-of-the-upgrade"),
];
/// The same key, as a new profile takes it.
const KEY: [(&str, &str); 2] =
    [("OSS_ACCESS_KEY_ID", STORE_KEY[0].1), ("OSS_ACCESS_KEY_SECRET", STORE_KEY[1].1)];
/// Six parts.
const LENGTH: usize = 6 * 1024 * 1024;

/// Installs the version before, begins an upload with it, and ends that upload with this version.
///
/// # Errors
/// Where the upgrade fails, or loses something.
pub(super) fn run(system: &System, before: &str, new: &str) -> Outcome {
    system.apt(&["install", before])?;
    let old = system.root_runs(&["dpkg-deb", "--field", before, "Version"])?;
    let old = old.trim();
    steps::is_installed(system, old)?;
    let session = Session::start(system)?;
    let mut store = Store::start(system, "127.0.0.1:0")?;
    begin(system, &session, &store)?;
    let kept = Kept::read(system, &session)?;
    system.saw(format!("{old} has a profile with a key, and paused an upload at {}", kept.acked));
    let address = store.address()?;
    store.server.stop("TERM")?;
    drop(session);

    system.apt(&["install", new])?;
    steps::is_installed(system, &version()?)?;
    if system.path(MARK).exists() {
        return Err(system.failure("the upgrade left a file of the version before"));
    }
    // A login of its own: the keyring has what is on the disk, not what it remembers.
    let session = Session::start(system)?;
    store = Store::start(system, &address)?;
    let now = Kept::read(system, &session)?;
    if now != kept {
        return Err(system.failure(&format!("the upgrade made\n{now:#?}\nof\n{kept:#?}")));
    }
    system.saw("upgraded: the same profiles, the same queue");
    finish_upload(system, &session, &kept)?;
    store.server.stop("TERM")?;
    drag_in(system, Some(&session), "upgraded")
}

/// A store that outlives the version it was started with.
#[derive(Debug)]
struct Store {
    server: Running,
    /// What it says of itself, as JSON.
    told: String,
}

impl Store {
    fn start(system: &System, listen: &str) -> Outcome<Self> {
        let command = ["ferry", "sandbox", "--root", "/home/user/store", "--bucket", "kept"];
        let command = [&command[..], &["--listen", listen]].concat();
        let mut server = system.user(&STORE_KEY, &command);
        let mut server = Running::start(server.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let told = server.first_line()?;
        Ok(Self { server, told })
    }

    fn endpoint(&self) -> Outcome<String> {
        let endpoint = text(&self.told, "endpoint");
        endpoint.ok_or_else(|| Failure(format!("the store tells no endpoint: “{}”", self.told)))
    }

    fn address(&self) -> Outcome<String> {
        Ok(self.endpoint()?.trim_start_matches("http://").to_owned())
    }
}

/// Adds the profile, begins the upload, and pauses it on its way.
fn begin(system: &System, session: &Session, store: &Store) -> Outcome {
    let endpoint = store.endpoint()?;
    let place = ["--endpoint", &endpoint, "--region", "cn-hangzhou", "--bucket", "kept"];
    let add = [&["ferry", "profile", "add", "kept", "--provider", "oss"], &place[..]].concat();
    let variables = session.variables();
    system.user_runs(&[&variables[..], &KEY].concat(), &add)?;
    let file = system.give("half.bin", &noise(LENGTH, "half"))?;
    let put = ["ferry", "put", &file, "oss://kept/in/", "--profile", "kept", "--json"];
    let pace = ["--part-size", "1MiB", "--parallel", "1", "--limit", "1MiB/s"];
    let mut put = system.user(&variables, &[&put[..], &pace].concat());
    let put = Running::start(put.stdout(Stdio::null()).stderr(Stdio::null()))?;
    wait_for("the first part of an upload", || {
        let queue = queue(system, session).ok()?;
        number(&queue, "acked").filter(|acked| *acked > 0)
    })?;
    put.stop("INT")?;
    system.user_runs(&variables, &["ferry", "pause", "--all"]).map(drop)
}

/// Ends the upload with the key that the version before put into the keyring.
fn finish_upload(system: &System, session: &Session, kept: &Kept) -> Outcome {
    let variables = session.variables();
    system.user_runs(&variables, &["ferry", "profile", "test", "kept"])?;
    let resume = ["ferry", "resume", "--all", "--json", "--wait", "30s"];
    let told = system.user_runs(&variables, &resume)?;
    let summary = told.lines().last().unwrap_or_default();
    let figures = ["verified", "failed", "resumed_bytes"].map(|name| number(summary, name));
    if figures != [Some(1), Some(0), Some(kept.acked)] {
        return Err(system.failure(&format!("the upload does not go on where it was: {summary}")));
    }
    system.saw(format!("the key signs, the upload went on behind {} bytes: verified", kept.acked));
    Ok(())
}

/// What an upgrade must not touch.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    profiles: String,
    queue: String,
    /// Bytes of the upload that the store has.
    acked: u64,
}

impl Kept {
    fn read(system: &System, session: &Session) -> Outcome<Self> {
        let profiles = ["ferry", "profile", "list", "--json"];
        let profiles = system.user_runs(&session.variables(), &profiles)?;
        let queue = queue(system, session)?;
        let acked = number(&queue, "acked").unwrap_or_default();
        let paused = queue.contains("\"state\":\"paused\"") && (1..LENGTH as u64).contains(&acked);
        if !paused || !profiles.contains("\"name\":\"kept\"") {
            return Err(system.failure(&format!("no half upload is there:\n{profiles}{queue}")));
        }
        Ok(Self { profiles, queue, acked })
    }
}

/// The transfers that have not ended.
fn queue(system: &System, session: &Session) -> Outcome<String> {
    let queue = output(&mut system.user(&session.variables(), &["ferry", "queue", "--json"]))?;
    let open = queue.lines().filter(|row| !row.contains("\"state\":\"done\""));
    Ok(open.flat_map(|row| [row, "\n"]).collect())
}

/// A text field of a line of JSON that has no quotes in it.
fn text(json: &str, name: &str) -> Option<String> {
    let (_, rest) = json.split_once(&format!("\"{name}\":\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

/// A whole number in a line of JSON.
fn number(json: &str, name: &str) -> Option<u64> {
    let (_, rest) = json.split_once(&format!("\"{name}\":"))?;
    let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_line_are_read() {
        let line = r#"{"state":"paused","acked":2097152,"endpoint":"http://127.0.0.1:4"}"#;
        assert_eq!(number(line, "acked"), Some(2_097_152));
        assert_eq!(number(line, "state"), None);
        assert_eq!(number(line, "size"), None);
        assert_eq!(text(line, "endpoint").as_deref(), Some("http://127.0.0.1:4"));
        assert_eq!(text(line, "acked"), None);
    }
}
