//! What stands beside the queue's file once it was closed in order: how the system knows that file,
//! and when it was last checked as a whole. A start that finds the file as it was left believes it,
//! where a check would read all of it.
//!
//! Whoever changes the file afterwards changes its size or its times, and who puts another one in
//! its place, its number. What a disk changes by itself is found by the check that is due after some
//! days, or when SQLite meets it: then the file is not sealed again.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::take_damage;
use crate::folder::private;
use crate::names::with_suffix;

/// Behind the name of the queue's file.
const SEAL: &str = ".whole";
/// How long a check is believed.
const BELIEVED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Bytes from which on a file is worth it: a smaller one is checked in some milliseconds.
#[cfg(unix)]
const WORTH: u64 = 4 << 20;
/// A seal has to be younger than the file by the system's clock of files, which moves in steps.
const STEP: Duration = Duration::from_millis(5);
/// Steps that are waited for it at most.
const STEPS: u32 = 8;

/// How the system knows a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    device: u64,
    file: u64,
    bytes: u64,
    modified_ns: i128,
    changed_ns: i128,
}

impl Known {
    /// `None` where it is too small to be worth it, or where the system has no time that programs
    /// cannot set.
    #[cfg(unix)]
    fn of(file: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let found = file.symlink_metadata().ok().filter(|found| found.len() >= WORTH)?;
        let time = |seconds: i64, ns: i64| i128::from(seconds) * 1_000_000_000 + i128::from(ns);
        Some(Self {
            device: found.dev(),
            file: found.ino(),
            bytes: found.len(),
            modified_ns: time(found.mtime(), found.mtime_nsec()),
            changed_ns: time(found.ctime(), found.ctime_nsec()),
        })
    }

    #[cfg(not(unix))]
    fn of(_: &Path) -> Option<Self> {
        None
    }

    fn text(self, checked: u64) -> String {
        let Self { device, file, bytes, modified_ns, changed_ns } = self;
        format!("{device} {file} {bytes} {modified_ns} {changed_ns} {checked}\n")
    }
}

/// When a file was last checked as a whole, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checked(pub(crate) u64);

impl Checked {
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(since.unwrap_or_default().as_secs())
    }

    fn is_believed(self) -> bool {
        // A check that is yet to come was made by another clock.
        let now = Self::now().0;
        self.0 <= now && now - self.0 < BELIEVED.as_secs()
    }
}

fn path(file: &Path) -> PathBuf {
    with_suffix(file, SEAL)
}

/// When the file was last checked, if it is still what was sealed then and that is not long ago.
pub(crate) fn read(file: &Path) -> Option<Checked> {
    let text = std::fs::read_to_string(path(file)).ok()?;
    let checked = Checked(text.split_whitespace().last()?.parse().ok()?);
    let known = Known::of(file)?;
    (text == known.text(checked.0) && checked.is_believed() && is_younger(file, known))
        .then_some(checked)
}

/// The same, and takes the seal off: until the file is closed in order, nobody believes it.
pub(crate) fn take(file: &Path) -> Option<Checked> {
    take_damage();
    let checked = read(file);
    let removed = std::fs::remove_file(path(file));
    checked.filter(|_| removed.is_ok())
}

/// Seals a file that was closed in order, unless SQLite found it damaged. Without a seal the next
/// start checks it.
pub(crate) fn put(file: &Path, checked: Checked) {
    if take_damage() {
        return;
    }
    let Some(known) = Known::of(file) else { return };
    for _ in 0..STEPS {
        if write(&path(file), &known.text(checked.0)).is_err() {
            break;
        }
        if is_younger(file, known) {
            return;
        }
        std::thread::sleep(STEP);
    }
    drop(std::fs::remove_file(path(file)));
}

fn write(seal: &Path, text: &str) -> io::Result<()> {
    private().truncate(true).open(seal)?.write_all(text.as_bytes())
}

/// Whether the seal was written after the file changed last: what comes later has a later time.
#[cfg(unix)]
fn is_younger(file: &Path, known: Known) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    path(file).symlink_metadata().is_ok_and(|seal| {
        let changed = i128::from(seal.ctime()) * 1_000_000_000 + i128::from(seal.ctime_nsec());
        seal.is_file() && changed > known.changed_ns && changed > known.modified_ns
    })
}

#[cfg(not(unix))]
fn is_younger(_: &Path, _: Known) -> bool {
    false
}
