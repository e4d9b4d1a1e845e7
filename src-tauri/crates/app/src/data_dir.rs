//! Where Ferry keeps its queue.

use std::path::{Path, PathBuf};

use ferry_model::{Fault, FaultKind};

use crate::app::App;

/// The environment variable that names another folder for queue, profiles and settings.
pub(crate) const DATA_DIR: &str = "FERRY_DATA_DIR";

/// The folder for queue, profiles and settings: the given one, else `FERRY_DATA_DIR`, else the
/// system's place for application data.
///
/// # Errors
/// [`FaultKind::JournalBroken`] when the user has no home folder, or one that would lie below
/// whatever folder is the current one.
pub(crate) fn data_dir(given: Option<PathBuf>) -> Result<PathBuf, Fault> {
    let named = || std::env::var_os(DATA_DIR).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let usual = || default_data_dir().filter(|dir| dir.is_absolute());
    given.or_else(named).or_else(usual).ok_or_else(|| {
        Fault::new(FaultKind::JournalBroken)
            .with_detail("there is no home folder with an absolute path; set FERRY_DATA_DIR")
    })
}

/// The system's place for Ferry's data: `~/.local/share/ferry`, `~/Library/Application
/// Support/ferry`, `%APPDATA%\ferry\data`.
pub fn default_data_dir() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "ferry")?.data_dir().to_owned())
}

impl App {
    /// The folder of queue, profiles and settings.
    pub fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }

    /// The file of queue, profiles and settings.
    pub fn database(&self) -> PathBuf {
        self.inner.data_dir.join(ferry_journal::FILE)
    }
}
