//! Keeps the history as long as the settings say, and no longer.

use std::time::Duration;

use crate::app::{App, now_ms};
use crate::settings;

/// How often it is looked for what is old.
const LOOK: Duration = Duration::from_secs(3_600);
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// Forgets what is old now and every hour, until the app shuts down.
pub(crate) fn start(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        let stop = app.inner.publisher.stop.clone();
        let mut looks = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = looks.tick() => {}
                () = app.inner.history_changed.notified() => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = app.forget_old_batches() => {}
            }
        }
    });
}

impl App {
    async fn forget_old_batches(&self) {
        let journal = &self.inner.journal;
        let days = match settings::load(journal).await {
            Ok(stored) => stored.history_days,
            Err(fault) => return tracing::warn!(%fault, "the settings could not be read"),
        };
        let Some(days) = days else { return };
        match journal.prune(now_ms() - i64::from(days) * DAY_MS).await {
            Ok(true) => self.setup_changed(),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "old batches could not be forgotten"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ferry_journal::{BatchLabel, NewBatch};
    use ferry_model::{BatchOptions, Naming};

    use crate::{App, OpenOptions};

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_older_than_the_rule_goes_once_the_rule_is_set() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = OpenOptions::in_memory(folder.path().to_owned());
        let app = App::open(options).await.expect("opens");
        let profile = app.default_profile().await.expect("reads").expect("is there").id;
        let journal = &app.inner.journal;
        let old = NewBatch {
            profile,
            fingerprint: String::new(),
            created_ms: 0,
            options: BatchOptions::default(),
            naming: Naming::default(),
            label: BatchLabel::default(),
        };
        let old = journal.add_batch(old).await.expect("adds");
        journal.end_intake(old).await.expect("ends");
        let mut settings = app.settings().await.expect("reads");
        app.set_settings(settings.clone(), String::new()).await.expect("takes");
        assert!(journal.batch(old).await.expect("reads").is_some(), "without a rule it stays");
        settings.history_days = Some(1);
        app.set_settings(settings, String::new()).await.expect("takes");
        let gone = async {
            while journal.batch(old).await.expect("reads").is_some() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), gone).await.expect("it goes");
    }
}
