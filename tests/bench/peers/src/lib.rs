//! What the programs have in common: how they are called, and which files a folder holds.

use std::path::{Path, PathBuf};

/// Why a program ends early.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Files side by side where a library leaves that to its caller: as many as no library here is
/// slower with.
pub const FILES_SIDE_BY_SIDE: usize = 64;

/// `PROGRAM ENDPOINT BUCKET PATH`.
#[derive(Debug)]
pub struct Call {
    /// The store's URL.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// A file or a folder.
    pub path: PathBuf,
}

impl Call {
    /// What the command line says.
    ///
    /// # Errors
    /// Where it does not say three things.
    pub fn read() -> Result<Self, Error> {
        let words: Vec<String> = std::env::args().skip(1).collect();
        match <[String; 3]>::try_from(words) {
            Ok([endpoint, bucket, path]) => Ok(Self { endpoint, bucket, path: path.into() }),
            Err(_) => Err("ENDPOINT BUCKET PATH".into()),
        }
    }

    /// Files in the folder, each with its name.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn files(&self) -> Result<Vec<(PathBuf, String)>, Error> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let path = entry?.path();
            let name = name(&path);
            files.push((path, name));
        }
        Ok(files)
    }
}

/// A path's last name.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
