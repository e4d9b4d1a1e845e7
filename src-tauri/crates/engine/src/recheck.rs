//! Asks again, long after an upload: the store for the object, the disk for the file.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use ferry_journal::ReceiptRow;
use ferry_model::checksum::{Checksummer, Wanted, md5_hex};
use ferry_model::receipt::Recheck;
use ferry_model::verdict::{Answer, Local, Maker};
use ferry_model::{Affects, Fault, FaultKind, Profile};
use ferry_storage::ObjectHead;
use sha2::{Digest as _, Sha256};

use crate::endpoint::lanes::Lane;
use crate::engine::Engine;
use crate::live::Live;
use crate::source::reading::Range;
use crate::transfer::attempts::{Attempts, Failed};

/// What the store says of an object now.
#[derive(Debug, Clone, PartialEq)]
pub struct Rechecked {
    /// What became of it.
    pub outcome: Recheck,
    /// What is there; `None` for nothing.
    pub now: Option<ObjectHead>,
}

/// Digests of a file that was uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileDigests {
    /// MD5.
    pub md5: [u8; 16],
    /// SHA-256.
    pub sha256: [u8; 32],
}

impl Engine {
    /// Asks the store for the object of a file that was uploaded, and compares. While the endpoint
    /// does not answer, it waits; a request of one object is tried again as those of transfers are.
    ///
    /// # Errors
    /// The store's about this object; those that concern the whole profile
    /// ([`Affects::Profile`]): then no other object need be asked for.
    ///
    /// # Cancellation
    /// Dropping the future changes nothing.
    pub async fn recheck(&self, profile: &Profile, row: &ReceiptRow) -> Result<Rechecked, Fault> {
        let mut lacking = 0;
        loop {
            let attempts = self.attempts(profile, row).await?;
            match attempts.read(|| attempts.store.head(&row.key)).await {
                Ok(now) => {
                    let outcome = compare(row, now.as_ref());
                    return Ok(Rechecked { outcome, now });
                }
                Err(Failed::Lacking(fault)) => {
                    attempts.wait_for_computer(&fault, lacking).await;
                    lacking += 1;
                }
                Err(Failed::Fault(fault)) => return Err(fault),
                // With a client of before the profile changed, it begins again with that of now.
                Err(Failed::Held(fault))
                    if self.shared.clients.is_current(profile.id, &attempts.store) =>
                {
                    return Err(fault);
                }
                Err(Failed::Held(_) | Failed::Doubtful) => {}
            }
        }
    }

    async fn attempts(&self, profile: &Profile, row: &ReceiptRow) -> Result<Attempts, Fault> {
        let shared = &self.shared;
        Ok(Attempts {
            store: shared.clients.store(profile, &row.bucket, shared.clock.now_ms()).await?,
            gate: shared.gates.of(&profile.endpoint),
            lanes: shared.lanes.of(profile),
            lane: Lane::Small,
            live: Arc::new(Live::new(Arc::clone(&shared.tally))),
            profile: profile.id,
            key: row.key.clone(),
            doubted: Mutex::default(),
            asked: AtomicBool::new(false),
            shared: Arc::clone(shared),
        })
    }

    /// Reads a file once more for its digests: those of what was uploaded, as its CRC-64 of the
    /// same reading proves.
    ///
    /// # Errors
    /// [`FaultKind::SourceChanged`] for a file with other bytes, [`FaultKind::Unproven`] where no
    /// CRC-64 of the upload is known, and those of opening and reading.
    ///
    /// # Cancellation
    /// Dropping the future stops the reading after the piece under way.
    pub async fn digests_of(&self, row: &ReceiptRow) -> Result<FileDigests, Fault> {
        let changed =
            || Fault::new(FaultKind::SourceChanged).with_subject(row.queued_source().shown());
        let uploaded = row.crc64.ok_or_else(|| {
            Fault::new(FaultKind::Unproven).with_subject(row.queued_source().shown())
        })?;
        let mut source = row.queued_source();
        let identity = self.shared.files.open(&source).await?.identity();
        if identity.size != row.size {
            return Err(changed());
        }
        // It must stay what it is while it is read.
        source.identity = Some(identity);
        let files = Arc::clone(&self.shared.files);
        let range = Range::of(files, source, 0, row.size);
        let state = (Checksummer::new(Wanted::WithMd5), Sha256::new());
        let update = |(sums, digest): &mut (Checksummer, Sha256), piece: &[u8]| {
            sums.update(piece);
            digest.update(piece);
        };
        let (sums, digest) = range.computed(state, update).await?;
        let sums = sums.finish();
        match (sums.crc64 == uploaded, sums.md5) {
            (true, Some(md5)) => Ok(FileDigests { md5, sha256: digest.finalize().into() }),
            _ => Err(changed()),
        }
    }
}

fn compare(row: &ReceiptRow, now: Option<&ObjectHead>) -> Recheck {
    let local = Local {
        size: row.size,
        crc64: row.crc64,
        crc64_nvme: None,
        etag: row.receipt.md5.as_ref().map(md5_hex),
        acknowledged: row.etag.clone(),
    };
    let answer = now.map(|head| {
        let answer = Answer {
            size: Some(head.size),
            crc64: head.crc64,
            crc64_nvme: head.crc64_nvme,
            etag: head.etag.as_deref(),
            etag_meaning: head.etag_meaning,
            maker: Maker::Anybody,
        };
        (answer, head.version_id.as_deref())
    });
    Recheck::of(&local, row.receipt.version_id.as_deref(), answer)
}

/// Whether a fault of one object's recheck concerns all the others as well.
pub fn stops_recheck(fault: &Fault) -> bool {
    fault.kind.affects() == Affects::Profile
}
