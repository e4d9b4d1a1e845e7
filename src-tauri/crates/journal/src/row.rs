//! A transfer as it stands in the journal.

use ferry_model::existing::ExistingObject;
use ferry_model::{
    BatchId, ExistingPolicy, Fault, Integrity, Phase, ProfileId, Proof, QueuedSource,
    SourceIdentity, Standing, Tidied, Transfer, TransferId,
};
use rusqlite::Row;
use rusqlite::types::Type;
use rusqlite_migration::M;

use crate::SourcePath;
use crate::values::{Bits, Count, Digest, Json, Word};

/// The columns that [`decode`] reads, in its order.
pub(crate) const COLUMNS: &str = "id, batch, profile, bucket, key, source, name, size, identity, part_size, existing, integrity, \
     ferry_id, phase, standing, upload_id, fault, crc64, etag, acked_bytes, created_ms, intent_ms, position, \
     md5, sha256, version_id, request_id, started_ms, finished_ms, resolved, taken_anew, there, rank, \
     crc64_nvme, proof, afterwards, replaced";

/// Where the standing is among [`COLUMNS`].
pub(crate) const STANDING: usize = 14;

/// What a receipt tells of a file beside its size, CRC-64 and ETag.
pub(crate) const ADD_RECEIPT: M<'static> = M::up(
    "ALTER TABLE transfers ADD COLUMN md5 BLOB;
    ALTER TABLE transfers ADD COLUMN sha256 BLOB;
    ALTER TABLE transfers ADD COLUMN version_id TEXT;
    ALTER TABLE transfers ADD COLUMN request_id TEXT;
    ALTER TABLE transfers ADD COLUMN started_ms INTEGER;
    ALTER TABLE transfers ADD COLUMN finished_ms INTEGER;",
);

/// Whether a newer version of its file was queued in its place.
pub(crate) const ADD_REPLACED: M<'static> = M::up(
    "ALTER TABLE transfers ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE removed ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;",
);

/// What a receipt tells of a file, beside its size, CRC-64 and ETag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The whole file's MD5, where it was computed.
    pub md5: Option<[u8; 16]>,
    /// The whole file's SHA-256, where it was computed.
    pub sha256: Option<[u8; 32]>,
    /// The whole file's CRC-64/NVME, where it was computed.
    pub crc64_nvme: Option<u64>,
    /// What its being verified rests on; not known of what was uploaded before that was kept.
    pub proof: Option<Proof>,
    /// The object's version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// The store's id of the request that made the object: Complete, or the one Put.
    pub request_id: Option<String>,
    /// When the first request was made for it, milliseconds since 1970.
    pub started_ms: Option<i64>,
    /// When it ended or failed, milliseconds since 1970.
    pub finished_ms: Option<i64>,
    /// What a watch did with the local file afterwards.
    pub afterwards: Option<Tidied>,
    /// Whether a watch queued a newer version of the file in its place, if it had not ended.
    pub replaced: bool,
}

/// A transfer to be queued. It begins in [`Phase::Fresh`].
#[derive(Debug, Clone, PartialEq)]
pub struct NewTransfer {
    /// The drop or put it came with.
    pub batch: BatchId,
    /// Where it goes.
    pub profile: ProfileId,
    /// The bucket, kept here so that the row tells its destination when the profile is gone.
    pub bucket: String,
    /// The object key.
    pub key: String,
    /// The file.
    pub source: SourcePath,
    /// Where that path leads without a link; see [`QueuedSource::resolved`].
    pub resolved: Option<SourcePath>,
    /// The file's name for people.
    pub name: String,
    /// The file's bytes.
    pub size: u64,
    /// What the file was when it was queued, if that is known yet.
    pub identity: Option<SourceIdentity>,
    /// Bytes of every part but the last.
    pub part_size: u64,
    /// What happens when an object of that name exists.
    pub existing: ExistingPolicy,
    /// How much is checked.
    pub integrity: Integrity,
    /// The id that its object will carry, by which it is known as ours.
    pub ferry_id: String,
    /// When it was queued, milliseconds since 1970.
    pub created_ms: i64,
    /// [`Standing::Active`], or what it begins as when it cannot run.
    pub standing: Standing,
    /// Why it cannot run.
    pub fault: Option<Fault>,
}

/// A transfer in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferRow {
    /// Its number; never reused.
    pub id: TransferId,
    /// The drop or put it came with.
    pub batch: BatchId,
    /// Where it goes; the profile may be deleted once the transfer has ended.
    pub profile: ProfileId,
    /// The bucket.
    pub bucket: String,
    /// The object key.
    pub key: String,
    /// The file.
    pub source: SourcePath,
    /// Where that path led when it was queued; see [`QueuedSource::resolved`].
    pub resolved: Option<SourcePath>,
    /// The file's name for people.
    pub name: String,
    /// The file's bytes.
    pub size: u64,
    /// What the file was when it was queued, or taken anew.
    pub identity: Option<SourceIdentity>,
    /// Whether the file was saved anew after it was queued and goes up as it was later: before its
    /// first byte, or because the user chose so.
    pub taken_anew: bool,
    /// Bytes of every part but the last.
    pub part_size: u64,
    /// What happens when an object of that name exists.
    pub existing: ExistingPolicy,
    /// How much is checked.
    pub integrity: Integrity,
    /// The id that its object carries.
    pub ferry_id: String,
    /// How far it has come with the store.
    pub phase: Phase,
    /// Whether it runs, rests or has ended.
    pub standing: Standing,
    /// Why it stopped.
    pub fault: Option<Fault>,
    /// What stands under its name on the store, while that is in the way; once it is done, what had
    /// this very content already, so that nothing was sent.
    pub there: Option<ExistingObject>,
    /// The whole file's CRC-64 as computed here.
    pub crc64: Option<u64>,
    /// The object's ETag.
    pub etag: Option<String>,
    /// Bytes of the parts the store acknowledged; the file's size once it is done.
    pub acked_bytes: u64,
    /// When it was queued, milliseconds since 1970.
    pub created_ms: i64,
    /// When the last intent to create something on the store was written, milliseconds since 1970.
    pub intent_ms: Option<i64>,
    /// Its place in the queue: smaller goes first.
    pub position: i64,
    /// What a receipt tells of it.
    pub receipt: Receipt,
}

impl TransferRow {
    /// The file, to open it.
    pub fn queued_source(&self) -> QueuedSource {
        QueuedSource {
            path: self.source.0.clone(),
            resolved: self.resolved.as_ref().map(|resolved| resolved.0.clone()),
            identity: self.identity,
        }
    }

    /// The transfer for the state machine.
    pub fn transfer(&self) -> Transfer {
        Transfer::restored(self.phase.clone(), self.standing, self.fault.clone())
    }
}

/// What is written of a transfer: phase (with its upload id), standing and fault always; of the
/// rest what is `Some`.
///
/// ```
/// # use ferry_journal::RowState;
/// # use ferry_model::Transfer;
/// # let transfer = Transfer::default();
/// let state = RowState { etag: Some("\"9b2c\"".to_owned()), ..RowState::of(&transfer) };
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RowState {
    /// How far it has come with the store.
    pub phase: Phase,
    /// Whether it runs, rests or has ended.
    pub standing: Standing,
    /// Why it stopped; `None` clears it.
    pub fault: Option<Fault>,
    /// The object key, when it was renamed.
    pub key: Option<String>,
    /// The file's bytes, when the file is taken as it is now.
    pub size: Option<u64>,
    /// What the file is, when it is taken as it is now.
    pub identity: Option<SourceIdentity>,
    /// Whether that is another state of it than the one that was queued.
    pub taken_anew: Option<bool>,
    /// Bytes of every part but the last.
    pub part_size: Option<u64>,
    /// What happens when an object of that name exists, when the user chose.
    pub existing: Option<ExistingPolicy>,
    /// A new id for the object.
    pub ferry_id: Option<String>,
    /// The whole file's CRC-64.
    pub crc64: Option<u64>,
    /// The object's ETag.
    pub etag: Option<String>,
    /// When the intent to create something on the store was written, milliseconds since 1970.
    pub intent_ms: Option<i64>,
    /// What stands under its name on the store; kept while that is in the way, and of one that is
    /// done.
    pub there: Option<ExistingObject>,
    /// What a receipt will tell: what is `Some`. Sums, version and request id are those of the
    /// object; before the store holds anything whole, older ones are cleared.
    pub receipt: Receipt,
}

impl RowState {
    /// The machine's part of a row; everything else stays as it is.
    pub fn of(transfer: &Transfer) -> Self {
        Self {
            phase: transfer.phase.clone(),
            standing: transfer.standing,
            fault: transfer.fault.clone(),
            key: None,
            size: None,
            identity: None,
            taken_anew: None,
            part_size: None,
            existing: None,
            ferry_id: None,
            crc64: None,
            etag: None,
            intent_ms: None,
            there: None,
            receipt: Receipt::default(),
        }
    }
}

/// Reads a phase: its name in one column, its upload id in another.
pub(crate) fn phase(row: &Row<'_>, name: usize, upload: usize) -> rusqlite::Result<Phase> {
    let word = row.get::<_, Word<_>>(name)?.0;
    Phase::restored(word, row.get(upload)?).ok_or_else(|| {
        let why = format!("{word:?} without an upload id");
        rusqlite::Error::FromSqlConversionFailure(upload, Type::Null, why.into())
    })
}

/// Reads a row of [`COLUMNS`].
pub(crate) fn decode(row: &Row<'_>) -> rusqlite::Result<TransferRow> {
    let source: SourcePath = row.get(5)?;
    let resolved = row.get::<_, Option<SourcePath>>(29)?;
    Ok(TransferRow {
        resolved: resolved.map(|resolved| resolved.read_beside(&source)),
        taken_anew: row.get(30)?,
        there: row.get::<_, Option<Json<_>>>(31)?.map(|there| there.0),
        id: TransferId(row.get(0)?),
        batch: BatchId(row.get(1)?),
        profile: ProfileId(row.get(2)?),
        bucket: row.get(3)?,
        key: row.get(4)?,
        source,
        name: row.get(6)?,
        size: row.get::<_, Count>(7)?.0,
        identity: row.get::<_, Option<Json<_>>>(8)?.map(|identity| identity.0),
        part_size: row.get::<_, Count>(9)?.0,
        existing: row.get::<_, Word<_>>(10)?.0,
        integrity: row.get::<_, Word<_>>(11)?.0,
        ferry_id: row.get(12)?,
        phase: phase(row, 13, 15)?,
        standing: row.get::<_, Word<_>>(14)?.0,
        fault: row.get::<_, Option<Json<_>>>(16)?.map(|fault| fault.0),
        crc64: row.get::<_, Option<Bits>>(17)?.map(|crc| crc.0),
        etag: row.get(18)?,
        acked_bytes: row.get::<_, Count>(19)?.0,
        created_ms: row.get(20)?,
        intent_ms: row.get(21)?,
        position: row.get(22)?,
        receipt: Receipt {
            md5: row.get::<_, Option<Digest<16>>>(23)?.map(|digest| digest.0),
            sha256: row.get::<_, Option<Digest<32>>>(24)?.map(|digest| digest.0),
            version_id: row.get(25)?,
            request_id: row.get(26)?,
            started_ms: row.get(27)?,
            finished_ms: row.get(28)?,
            crc64_nvme: row.get::<_, Option<Bits>>(33)?.map(|crc| crc.0),
            proof: row.get::<_, Option<Word<_>>>(34)?.map(|proof| proof.0),
            afterwards: row.get::<_, Option<Json<_>>>(35)?.map(|tidied| tidied.0),
            replaced: row.get(36)?,
        },
    })
}
