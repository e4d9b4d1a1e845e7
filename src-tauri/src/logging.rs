//! What the shell writes to standard error and to the log file, and keeps in memory for an export
//! of diagnostics.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ferry_app::RecentLog;
use ferry_app::messages::LogLevel;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterFn, LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

/// Bytes of a log file before the next begins. One earlier file is kept.
const MOST: u64 = 8 * 1024 * 1024;

static FILE: LogFile = LogFile(Mutex::new(None));
/// What is written, as a number of [`LEVELS`]. Every line is asked for it.
static LEVEL: AtomicUsize = AtomicUsize::new(0);
const LEVELS: [LevelFilter; 4] =
    [LevelFilter::OFF, LevelFilter::WARN, LevelFilter::INFO, LevelFilter::DEBUG];

/// Warnings and errors go to standard error; `FERRY_LOG` asks for more, in the form of `tracing`'s
/// filters. Ferry's own lines are kept from a little below; those that the settings ask for go to a
/// file, once [`keep_in`] says where.
pub(crate) fn start() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("FERRY_LOG")
        .from_env_lossy();
    let told = fmt::layer().with_writer(io::stderr).with_filter(filter);
    let ours = Targets::new().with_target("ferry", LevelFilter::INFO);
    let kept = fmt::layer().with_ansi(false).with_writer(|| RecentLog).with_filter(ours);
    let filed = fmt::layer().with_ansi(false).with_writer(|| &FILE).with_filter(asked_for());
    if let Err(error) = tracing_subscriber::registry().with(told).with(kept).with(filed).try_init()
    {
        eprintln!("Logging is off: {error}");
    }
}

fn asked_for() -> FilterFn {
    FilterFn::new(is_asked_for as fn(&Metadata<'_>) -> bool).with_max_level_hint(LevelFilter::DEBUG)
}

fn is_asked_for(line: &Metadata<'_>) -> bool {
    line.target().starts_with("ferry") && *line.level() <= LEVELS[LEVEL.load(Ordering::Relaxed)]
}

/// Writes the log file into this folder, `ferry.log`, and what it held before into
/// `ferry.old.log` when it is full.
pub(crate) fn keep_in(folder: PathBuf) {
    *FILE.lock() = Some(Place { folder, open: None });
}

/// Writes what the settings ask for from now on.
pub(crate) fn follow(level: LogLevel) {
    let number = match level {
        LogLevel::Off => 0,
        LogLevel::Warnings => 1,
        LogLevel::Info => 2,
        LogLevel::Debug => 3,
    };
    LEVEL.store(number, Ordering::Relaxed);
}

/// The log file, made with its first line.
struct LogFile(Mutex<Option<Place>>);

struct Place {
    folder: PathBuf,
    /// The file, and its bytes.
    open: Option<(File, u64)>,
}

impl LogFile {
    fn lock(&self) -> MutexGuard<'_, Option<Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let path = self.folder.join("ferry.log");
        if self.open.as_ref().is_some_and(|(_, bytes)| *bytes >= MOST) {
            self.open = None;
            std::fs::rename(&path, self.folder.join("ferry.old.log"))?;
        }
        if self.open.is_none() {
            let mut options = OpenOptions::new();
            options.append(true).create(true);
            // It names files and places.
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&path)?;
            let bytes = file.metadata()?.len();
            self.open = Some((file, bytes));
        }
        if let Some((file, bytes)) = &mut self.open {
            file.write_all(line)?;
            *bytes += line.len() as u64;
        }
        Ok(())
    }
}

impl io::Write for &LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Some(place) = self.lock().as_mut() {
            // A full disk costs lines, not uploads.
            place.write(line).unwrap_or_default();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_file_makes_way_for_the_next_and_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().expect("makes a folder");
        let folder = dir.path().to_owned();
        let mut place = Place { folder: folder.clone(), open: None };
        place.write(b"first\n").expect("writes");
        if let Some((_, bytes)) = &mut place.open {
            *bytes = MOST;
        }
        place.write(b"second\n").expect("writes");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("reads");
        assert_eq!(
            (read("ferry.old.log"), read("ferry.log")),
            ("first\n".into(), "second\n".into())
        );
        // Opened again, it goes on.
        let mut again = Place { folder: folder.clone(), open: None };
        again.write(b"third\n").expect("writes");
        assert_eq!(read("ferry.log"), "second\nthird\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = folder.join("ferry.log").metadata().expect("is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
