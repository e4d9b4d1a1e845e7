//! Uploads on the store that belong to other transfers than the one that found them there.

use std::collections::BTreeSet;

use ferry_model::{PhaseName, TransferId, UploadId};
use rusqlite::params;

use crate::values::{Count, Word, open};
use crate::{Journal, JournalError};

impl Journal {
    /// Those of these uploads that other transfers than `id` have, whatever their profile.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn uploads_of_others(
        &self,
        id: TransferId,
        uploads: &[UploadId],
    ) -> Result<BTreeSet<UploadId>, JournalError> {
        let sql = format!(
            "SELECT upload_id FROM transfers WHERE standing IN ({}) AND id <> ?1
             AND upload_id IN (SELECT value FROM json_each(?2))",
            open()?
        );
        let uploads = serde_json::Value::from(uploads).to_string();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![id.0, uploads], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many open transfers other than `id`, whatever their profile, may have begun an upload of
    /// this object without having its number.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn others_that_begin_upload(
        &self,
        id: TransferId,
        bucket: &str,
        key: &str,
    ) -> Result<u64, JournalError> {
        let sql = format!(
            "SELECT COUNT(*) FROM transfers WHERE standing IN ({}) AND id <> ?1 AND upload_id IS NULL
             AND phase IN (?2, ?3) AND bucket = ?4 AND key = ?5",
            open()?
        );
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.read(move |connection| {
            let phases = (Word(PhaseName::Creating), Word(PhaseName::Aborting));
            let asked = params![id.0, phases.0, phases.1, bucket, key];
            let mut statement = connection.prepare_cached(&sql)?;
            let count: Count = statement.query_row(asked, |row| row.get(0))?;
            Ok(count.0)
        })
        .await
    }
}
