//! Pictures that were pasted: each becomes a file of Ferry's own, which stays until it is verified.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_journal::{Filter, StateGroup};
use ferry_model::{Fault, FaultKind, Language, Standing, Text, message};

use crate::app::App;
use crate::messages::Problem;

/// Their folder, below the data.
const FOLDER: &str = "pasted";
/// Time between two looks at what is left of them.
const LOOK: Duration = Duration::from_secs(2);

/// Takes those away that are verified, or that nothing in the list refers to any more.
pub(crate) fn start(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        let stop = app.inner.publisher.stop.clone();
        let mut events = app.inner.engine.events();
        loop {
            if let Err(fault) = app.tidy_pasted().await {
                tracing::warn!(%fault, "pasted pictures could not be looked at");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                _ = events.recv() => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            // What happened meanwhile is seen by the next look.
            events = events.resubscribe();
        }
    });
}

impl App {
    /// Keeps a pasted picture as a file, named in this language by the moment, and queues it for
    /// the chosen profile.
    ///
    /// # Errors
    /// Where the file cannot be written; those of [`App::add_paths`].
    pub async fn add_picture(&self, png: Vec<u8>, language: Language) -> Result<(), Problem> {
        let _turn = self.inner.pasting.lock().await;
        let folder = self.inner.data_dir.join(FOLDER);
        let moment = jiff::Zoned::now().strftime("%Y-%m-%d %H.%M.%S").to_string();
        let name = |copy: u32| -> Text {
            if copy == 1 {
                message::pasted_picture(moment.as_str())
            } else {
                message::pasted_picture_again(moment.as_str(), u64::from(copy))
            }
        };
        let write = {
            let names: Vec<String> =
                (1..100).map(|copy| name(copy).in_language(language)).collect();
            move || write_new(&folder, &names, &png)
        };
        let written = tokio::task::spawn_blocking(write).await;
        let path = written
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| Fault::new(FaultKind::Internal).with_detail(error.to_string()))?;
        self.add_paths(vec![path]).await
    }

    async fn tidy_pasted(&self) -> Result<(), Fault> {
        let folder = self.inner.data_dir.join(FOLDER);
        let _turn = self.inner.pasting.lock().await;
        // Rows of the last one may be on their way into the list.
        if self.inner.publisher.is_adding() {
            return Ok(());
        }
        let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
        for path in entries.flatten().map(|entry| entry.path()) {
            if !self.is_wanted(&path).await?
                && let Err(error) = std::fs::remove_file(&path)
            {
                tracing::warn!(%error, "a pasted picture could not be taken away");
            }
        }
        Ok(())
    }

    /// Whether a row that is not verified refers to this file.
    async fn is_wanted(&self, path: &Path) -> Result<bool, Fault> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let filter = Filter {
            state: Some(StateGroup::Except(Standing::Done)),
            text: name,
            ..Filter::default()
        };
        let page = self.inner.journal.page(filter, 0, 500).await;
        let page = page.map_err(|error| error.fault())?;
        Ok(page.rows.iter().any(|row| row.source.as_path() == path))
    }
}

/// Writes a file under the first of these names that is free.
fn write_new(folder: &Path, names: &[String], bytes: &[u8]) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for name in names {
        let path = folder.join(name);
        match std::fs::File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}
