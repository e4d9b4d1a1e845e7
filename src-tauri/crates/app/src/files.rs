//! Files that the user asked for.

use std::path::{Path, PathBuf};

use ferry_model::{Fault, FaultKind};
use tokio::fs;

/// A file that is being written: it stands under its name only once it is whole.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    beside: PathBuf,
    file: fs::File,
}

impl NewFile {
    /// Begins a file.
    ///
    /// # Errors
    /// [`FaultKind::FileNotWritten`].
    pub(crate) async fn begin(path: &Path) -> Result<Self, Fault> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".part");
        let beside = path.with_file_name(name);
        let file = fs::File::create(&beside).await.map_err(|error| refused(path, &error))?;
        Ok(Self { path: path.to_owned(), beside, file })
    }

    /// Writes on.
    ///
    /// # Errors
    /// [`FaultKind::FileNotWritten`].
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        use tokio::io::AsyncWriteExt as _;
        self.file.write_all(bytes).await.map_err(|error| refused(&self.path, &error))
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// [`FaultKind::FileNotWritten`].
    pub(crate) async fn end(self) -> Result<(), Fault> {
        let outcome = async {
            self.file.sync_all().await?;
            fs::rename(&self.beside, &self.path).await
        };
        outcome.await.map_err(|error| refused(&self.path, &error))
    }

    /// Takes away what was written.
    pub(crate) async fn give_up(self) {
        if let Err(error) = fs::remove_file(&self.beside).await {
            tracing::warn!(%error, "a file that was begun is left behind");
        }
    }
}

/// Writes a whole file.
///
/// # Errors
/// [`FaultKind::FileNotWritten`].
pub(crate) async fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let mut file = NewFile::begin(path).await?;
    match file.write(bytes).await {
        Ok(()) => file.end().await,
        Err(fault) => {
            file.give_up().await;
            Err(fault)
        }
    }
}

fn refused(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(FaultKind::FileNotWritten)
        .with_subject(path.display().to_string())
        .with_detail(error.to_string())
}
