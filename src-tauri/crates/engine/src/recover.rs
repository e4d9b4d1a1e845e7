//! Finds the uploads of a lost queue again: lists what is unfinished on the store, compares it with
//! local files, and goes on with it or aborts it.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::UNIX_EPOCH;

use ferry_journal::{Adopted, PartRow, Selection};
use ferry_model::checksum::Wanted;
use ferry_model::ownership::plans_of_parts;
use ferry_model::verdict::Local;
use ferry_model::{
    BatchId, Day, EtagMeaning, ExistingPolicy, Fault, FaultKind, Integrity, Ownership, PartLimits,
    PartPlan, Profile, Standing, TransferId, key, verdict,
};
use ferry_storage::{
    ListedPart, ListedUpload, ObjectStore, StoreError, UploadsMarker, all_pages, sign_again,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::engine::Engine;
use crate::events::EngineEvent;
use crate::intake::{Intake, new_row};
use crate::source::reading::Range;
use crate::source::{Item, Root, Walk};
use crate::transfer::parts::listed_answer;

/// Uploads that are looked at side by side.
const SIDE_BY_SIDE: usize = 4;

/// An unfinished upload on the store.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundUpload {
    /// The key it will become.
    pub key: String,
    /// Its id.
    pub upload_id: String,
    /// When it was begun, milliseconds since 1970, if the store told it readably.
    pub initiated_ms: Option<i64>,
    /// Parts that the store has.
    pub parts: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Whose it is.
    pub ownership: Ownership,
    file: Option<ComparedFile>,
}

/// The local file that an upload was compared with, last.
#[derive(Debug, Clone, PartialEq)]
struct ComparedFile {
    item: Item,
    /// How it is cut, and what was computed over the listed parts: where all of them agree.
    agreed: Option<(PartPlan, Vec<PartRow>)>,
}

impl FoundUpload {
    /// The local file that it was compared with.
    pub fn source(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.item.path.as_path())
    }

    /// That file's bytes.
    pub fn size(&self) -> Option<u64> {
        let identity = self.file.as_ref()?.item.outcome.as_ref().ok()?;
        Some(identity.size)
    }
}

impl Engine {
    /// The unfinished uploads below the intake's prefix, and whose they are. Every listed part of
    /// an upload whose key a local file has is compared with that file; nothing is changed. `batch`
    /// is the one that the same put has open, `day_at` the day of a moment.
    ///
    /// # Errors
    /// The store's, the journal's, and a pattern that cannot be understood. What is wrong with one
    /// file is its upload's [`Ownership::FileFault`].
    ///
    /// # Cancellation
    /// Dropping the future changes nothing.
    pub async fn find_uploads(
        &self,
        intake: &Intake,
        batch: Option<BatchId>,
        day_at: fn(i64) -> Day,
    ) -> Result<Vec<FoundUpload>, Fault> {
        let store = self.store(&intake.profile, &intake.bucket).await?;
        let prefix = match intake.template.begins_with_prefix() {
            true => key::join(&intake.prefix, &[""]),
            false => String::new(),
        };
        let listed = all_pages(|marker: Option<UploadsMarker>| {
            let (store, prefix) = (&store, &prefix);
            async move { sign_again(|| store.list_uploads(prefix, marker.clone())).await }
        });
        let listed = listed.await.map_err(|error: StoreError| error.fault)?;
        let journal = &self.shared.journal;
        let standings = journal.standings(Selection::Open).await.map_err(|error| error.fault())?;
        let queued: HashSet<String> = standings
            .iter()
            .filter_map(|(_, phase, _)| phase.upload_id().map(str::to_owned))
            .collect();
        let files = self.files_of(intake, &listed, day_at).await?;
        let looked_at = stream::iter(listed)
            .map(|upload| self.look_at(intake, &*store, upload, &queued, &files))
            .buffered(SIDE_BY_SIDE);
        let found: Vec<Option<FoundUpload>> = looked_at.try_collect().await?;
        let mut found: Vec<FoundUpload> = found.into_iter().flatten().collect();
        self.supersede(batch, &mut found).await?;
        Ok(found)
    }

    /// The local files whose keys the uploads have. No others are kept, however many there are.
    async fn files_of(
        &self,
        intake: &Intake,
        uploads: &[ListedUpload],
        day_at: fn(i64) -> Day,
    ) -> Result<HashMap<String, Vec<Item>>, Fault> {
        let mut wanted: HashMap<String, Vec<Item>> = HashMap::new();
        // What was queued on another day has that day in its key.
        let mut intakes = vec![intake.clone()];
        for upload in uploads {
            for key in keys_of(intake, &upload.key) {
                wanted.entry(key).or_default();
            }
            let day = initiated_ms(upload).map_or(intake.day, day_at);
            if !intakes.iter().any(|known| known.day == day) {
                intakes.push(Intake { day, ..intake.clone() });
            }
        }
        if !intake.template.tells_day() {
            intakes.truncate(1);
        }
        if wanted.is_empty() {
            return Ok(wanted);
        }
        let files = &self.shared.files;
        let roots = intake
            .paths
            .iter()
            .map(|path| Root { path: path.clone(), led_to: None, below: None })
            .collect();
        let mut walked =
            files.walk(Walk { roots, patterns: intake.patterns.clone(), ..Walk::default() });
        while let Some(items) = walked.next().await {
            for item in items? {
                if item.outcome.is_err() {
                    continue;
                }
                for intake in &intakes {
                    // A file that cannot be read has no name by its content, and matches no upload.
                    let Ok(key) = intake.key(files, &item).await else { continue };
                    if let Some(items) = wanted.get_mut(&key)
                        && !items.contains(&item)
                    {
                        items.push(item.clone());
                    }
                }
            }
        }
        Ok(wanted)
    }

    /// `None` for an upload that ended meanwhile.
    async fn look_at(
        &self,
        intake: &Intake,
        store: &dyn ObjectStore,
        upload: ListedUpload,
        queued: &HashSet<String>,
        files: &HashMap<String, Vec<Item>>,
    ) -> Result<Option<FoundUpload>, Fault> {
        let (key, id) = (&upload.key, &upload.upload_id);
        let parts =
            all_pages(
                |marker| async move { sign_again(|| store.list_parts(key, id, marker)).await },
            );
        let parts = match parts.await.map_err(|error: StoreError| error.fault) {
            Ok(parts) => parts,
            Err(fault) if fault.kind == FaultKind::UploadGone => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let mut found = FoundUpload {
            initiated_ms: initiated_ms(&upload),
            parts: parts.len(),
            bytes: parts.iter().map(|part| part.size).sum(),
            ownership: Ownership::NoFile,
            file: None,
            key: upload.key,
            upload_id: upload.upload_id,
        };
        if queued.contains(&found.upload_id) {
            found.ownership = Ownership::Queued;
        } else if parts.is_empty() {
            found.ownership = Ownership::NoParts;
        } else {
            let items = keys_of(intake, &found.key).into_iter().filter_map(|key| files.get(&key));
            for item in items.flatten() {
                let (ownership, agreed) = self.compare(intake, item, &parts).await;
                found.file = Some(ComparedFile { item: item.clone(), agreed });
                found.ownership = ownership;
                if found.ownership == Ownership::Ours {
                    break;
                }
            }
        }
        Ok(Some(found))
    }

    /// Compares every listed part with the file, in each way that the parts allow to cut it.
    async fn compare(
        &self,
        intake: &Intake,
        item: &Item,
        parts: &[ListedPart],
    ) -> (Ownership, Option<(PartPlan, Vec<PartRow>)>) {
        let size = item.outcome.as_ref().map_or(0, |identity| identity.size);
        let sizes: Vec<(u32, u64)> = parts.iter().map(|part| (part.number, part.size)).collect();
        let mut told = Ownership::OtherCut;
        for plan in plans_of_parts(size, &sizes, PartLimits::of(intake.profile.provider)) {
            match self.compare_as(item, plan, parts).await {
                Ok(rows) => return (Ownership::Ours, Some((plan, rows))),
                Err(against) => told = against,
            }
        }
        (told, None)
    }

    async fn compare_as(
        &self,
        item: &Item,
        plan: PartPlan,
        parts: &[ListedPart],
    ) -> Result<Vec<PartRow>, Ownership> {
        let mut rows = Vec::with_capacity(parts.len());
        for part in parts {
            let range = plan.part(part.number).ok_or(Ownership::OtherCut)?;
            let files = std::sync::Arc::clone(&self.shared.files);
            let bytes = Range::of(files, item.source(), range.offset, range.len);
            let sums = bytes
                .checksums(Wanted::WithBoth)
                .await
                .map_err(|fault| Ownership::FileFault(Box::new(fault)))?;
            // Nothing but a checksum proves it, under strict integrity too.
            let answer = listed_answer(part, EtagMeaning::Md5);
            let said = verdict(&Local::from(&sums), &answer, Integrity::Standard);
            if let Some(against) = Ownership::refuted_by(part.number, said) {
                return Err(against);
            }
            rows.push(PartRow {
                number: part.number,
                size: part.size,
                etag: part.etag.clone(),
                crc64: Some(sums.crc64),
                crc64_nvme: sums.crc64_nvme,
                md5: sums.md5,
            });
        }
        Ok(rows)
    }

    /// One file goes on under one upload: the one that the queue has, or the one with most bytes.
    async fn supersede(
        &self,
        batch: Option<BatchId>,
        found: &mut [FoundUpload],
    ) -> Result<(), Fault> {
        let mut taken = HashSet::new();
        if let Some(batch) = batch {
            let queued = self.shared.journal.queued_in(batch).await;
            for row in queued.map_err(|error| error.fault())? {
                taken.insert((row.key, row.source.as_path().to_owned()));
            }
        }
        let mut ours: Vec<&mut FoundUpload> =
            found.iter_mut().filter(|upload| upload.ownership == Ownership::Ours).collect();
        ours.sort_by_key(|upload| std::cmp::Reverse(upload.bytes));
        for upload in ours {
            let source = upload.source().map(Path::to_owned).unwrap_or_default();
            if !taken.insert((upload.key.clone(), source)) {
                upload.ownership = Ownership::Superseded;
            }
        }
        Ok(())
    }

    /// Queues the files of these uploads as transfers that go on with them; others than
    /// [`Ownership::Ours`] are left out.
    ///
    /// # Errors
    /// The journal's.
    pub async fn adopt_uploads(
        &self,
        intake: &Intake,
        uploads: &[&FoundUpload],
    ) -> Result<Vec<TransferId>, Fault> {
        let adopted: Vec<Adopted> =
            uploads.iter().filter_map(|upload| self.adopted(intake, upload)).collect();
        let write = |journal: ferry_journal::Journal| {
            let adopted = adopted.clone();
            async move { journal.adopt(adopted).await }
        };
        let ids = self.shared.durable.write(write).await?;
        self.shared.events.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        Ok(ids)
    }

    fn adopted(&self, intake: &Intake, upload: &FoundUpload) -> Option<Adopted> {
        let file = upload.file.as_ref().filter(|_| upload.ownership.may_resume())?;
        let (plan, parts) = file.agreed.clone()?;
        let mut transfer =
            new_row(&self.shared, intake, file.item.clone(), upload.key.clone(), true);
        transfer.part_size = plan.part_size();
        let upload_id = upload.upload_id.clone();
        (transfer.standing == Standing::Active).then_some(Adopted { transfer, upload_id, parts })
    }

    /// Aborts an upload that no transfer has.
    ///
    /// # Errors
    /// The store's. That it is gone already is none.
    pub async fn abort_upload(
        &self,
        profile: &Profile,
        bucket: &str,
        upload: &FoundUpload,
    ) -> Result<(), Fault> {
        let store = self.store(profile, bucket).await?;
        match sign_again(|| store.abort(&upload.key, &upload.upload_id)).await {
            Err(error) if error.fault.kind == FaultKind::UploadGone => Ok(()),
            outcome => outcome.map_err(|error| error.fault.with_subject(upload.key.clone())),
        }
    }
}

/// The keys a file may have whose upload has this key: its own, and the one that was taken.
fn keys_of(intake: &Intake, key: &str) -> Vec<String> {
    let taken = match intake.existing {
        ExistingPolicy::Rename => key::before_renaming(key),
        _ => None,
    };
    std::iter::once(key.to_owned()).chain(taken).collect()
}

fn initiated_ms(upload: &ListedUpload) -> Option<i64> {
    let since = upload.initiated?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}
