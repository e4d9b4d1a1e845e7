//! Where each tool keeps its settings, and how they are read: whatever stands there, nothing hangs
//! and nothing is read without end.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{AwsFiles, Candidate, Refusal, parse_aliyun, parse_aws, parse_ossutil, parse_rclone};
use crate::messages::Problem;

/// A settings file is far smaller.
pub const MOST_BYTES: u64 = 1024 * 1024;

/// The system whose places are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux and macOS: these tools keep to `~` and `~/.config` on both.
    Unix,
    /// Windows.
    Windows,
}

impl System {
    /// This one.
    pub const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };
}

/// Where to look.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// The user's home folder.
    pub home: &'a Path,
    /// The environment's variables.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// The system.
    pub system: System,
}

impl std::fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places")
            .field("home", &self.home)
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What could become a profile.
    pub candidates: Vec<Candidate>,
    /// Files that are there but could not be read, and those that an environment variable names but
    /// are not.
    pub problems: Vec<Problem>,
    /// Each file that was looked for, there or not.
    pub looked_for: Vec<PathBuf>,
}

/// Looks in the places of this system, under this home folder.
///
/// Blocks on the disk: call it off the async threads. Reads secrets: call it only when the user
/// asks for it.
pub fn look(home: &Path) -> Found {
    look_in(Places { home, variable: &|name| std::env::var_os(name), system: System::HERE })
}

/// As [`look`], elsewhere.
pub fn look_in(places: Places<'_>) -> Found {
    let mut found = Found::default();
    if let Some((text, path)) =
        found.text(places.named_or("OSSUTIL_CONFIG_FILE", &[".ossutilconfig"]))
    {
        found.candidates.extend(parse_ossutil(&text, &path));
    }
    if let Some((text, path)) =
        found.text(places.named_or("ALIBABA_CLOUD_CONFIG_FILE", &[".aliyun", "config.json"]))
    {
        found.add(&path, parse_aliyun(&text, &path));
    }
    let credentials =
        found.text(places.named_or("AWS_SHARED_CREDENTIALS_FILE", &[".aws", "credentials"]));
    let config = found.text(places.named_or("AWS_CONFIG_FILE", &[".aws", "config"]));
    found
        .candidates
        .extend(parse_aws(AwsFiles { credentials: lent(&credentials), config: lent(&config) }));
    if let Some((text, path)) = found.text(places.rclone()) {
        found.add(&path, parse_rclone(&text, &path));
    }
    found
}

fn lent(file: &Option<(Zeroizing<String>, PathBuf)>) -> Option<(&str, &Path)> {
    file.as_ref().map(|(text, path)| (text.as_str(), path.as_path()))
}

/// A file to look for.
struct Place {
    path: PathBuf,
    /// Whether a variable or an option names it.
    promised: bool,
}

impl Places<'_> {
    /// A path from a variable; `~` at its start is the home folder.
    fn named(&self, variable: &str) -> Option<PathBuf> {
        let path = PathBuf::from((self.variable)(variable).filter(|value| !value.is_empty())?);
        Some(path.strip_prefix("~").map(|rest| self.home.join(rest)).unwrap_or(path))
    }

    fn named_or(&self, variable: &str, usual: &[&str]) -> Place {
        match self.named(variable) {
            Some(path) => Place { path, promised: true },
            None => Place {
                path: usual.iter().fold(self.home.to_owned(), |path, name| path.join(name)),
                promised: false,
            },
        }
    }

    /// rclone takes the first of several places that has the file (rclone.org/docs, `--config`).
    fn rclone(&self) -> Place {
        if let Some(path) = self.named("RCLONE_CONFIG") {
            return Place { path, promised: true };
        }
        let usual = self.home.join(".config").join("rclone").join("rclone.conf");
        let roaming = (self.system == System::Windows).then(|| self.named("APPDATA")).flatten();
        let folders = [roaming, self.named("XDG_CONFIG_HOME")]
            .into_iter()
            .flatten()
            .map(|folder| folder.join("rclone").join("rclone.conf"));
        let mut all = folders.chain([usual.clone(), self.home.join(".rclone.conf")]);
        Place { path: all.find(|path| path.exists()).unwrap_or(usual), promised: false }
    }
}

impl Found {
    fn add(&mut self, path: &Path, outcome: Result<Vec<Candidate>, Refusal>) {
        match outcome {
            Ok(candidates) => self.candidates.extend(candidates),
            Err(refusal) => self.problems.push(refusal.problem(path)),
        }
    }

    fn text(&mut self, place: Place) -> Option<(Zeroizing<String>, PathBuf)> {
        self.looked_for.push(place.path.clone());
        match text(&place.path) {
            Ok(text) => return Some((text, place.path)),
            Err(Refusal::Missing) if !place.promised => {}
            Err(refusal) => self.problems.push(refusal.problem(&place.path)),
        }
        None
    }
}

#[cfg(all(unix, any(target_os = "linux", target_os = "android")))]
const NONBLOCK: i32 = 0o4000;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const NONBLOCK: i32 = 0x0004;

fn text(path: &Path) -> Result<Zeroizing<String>, Refusal> {
    let refused = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Refusal::Missing,
        _ => Refusal::System(error.to_string()),
    };
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Without it, opening a pipe waits for a writer.
        options.custom_flags(NONBLOCK);
    }
    let file = options.open(path).map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    if !metadata.is_file() {
        return Err(Refusal::NotAFile);
    }
    if metadata.len() > MOST_BYTES {
        return Err(Refusal::TooLarge);
    }
    // Room for all at once: a buffer that grows leaves its old self behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST_BYTES as usize + 1));
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Refusal::TooLarge);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Refusal::NotText)?;
    Ok(Zeroizing::new(text.to_owned()))
}
