//! One file looked at closely: its parts, its retries, and what its being verified rests on.

use ferry_engine::{CloseView, Retried};
use ferry_journal::{PartRow, TransferRow};
use ferry_model::checksum::{multipart_etag, unquote};
use ferry_model::part_map::{PartActivity, part_map};
use ferry_model::receipt::has_object;
use ferry_model::{PartPlan, Proof, Standing, TransferId};
use ferry_storage::crc64_nvme;

use crate::app::App;
use crate::messages::{ChecksumRow, Details, PartsView, Problem, RetriedRow};
use crate::receipt::{hex, took_ms};

impl App {
    /// What is to be told of a file beside its row; `None` once it is off the list.
    ///
    /// # Errors
    /// The journal's.
    pub async fn read_details(&self, id: i64) -> Result<Option<Details>, Problem> {
        let (journal, id) = (&self.inner.journal, TransferId(id));
        let Some(row) = journal.transfer(id).await? else { return Ok(None) };
        let acknowledged = match row.phase.upload_id() {
            Some(_) => journal.part_numbers(id).await?,
            None => Vec::new(),
        };
        let sums = match row.receipt.proof {
            Some(Proof::Md5OfParts) if has_object(row.standing) => journal.parts(id).await?,
            _ => Vec::new(),
        };
        let close = self.inner.engine.close_view(id);
        Ok(Some(details(&row, acknowledged, &sums, close)))
    }
}

fn details(
    row: &TransferRow,
    acknowledged: Vec<u32>,
    sums: &[PartRow],
    CloseView { parts, retries }: CloseView,
) -> Details {
    // As on a receipt: sums of an earlier try say nothing of what is not verified.
    let done = has_object(row.standing);
    let verified = |text: &Option<String>| text.clone().filter(|_| done);
    Details {
        id: row.id.0,
        parts: parts_view(row, acknowledged, parts),
        retries: retries.count,
        retried: retries.last.into_iter().rev().map(retried).collect(),
        proof: row.receipt.proof.filter(|_| done),
        checksums: if done { checksums(row, sums) } else { Vec::new() },
        etag: verified(&row.etag),
        version_id: verified(&row.receipt.version_id),
        request_id: verified(&row.receipt.request_id),
        upload_id: row.phase.upload_id().map(str::to_owned),
        started_ms: row.receipt.started_ms,
        finished_ms: row.receipt.finished_ms.filter(|_| row.standing.has_ended()),
        took_ms: took_ms(&row.receipt).filter(|_| row.standing.has_ended()),
    }
}

fn parts_view(
    row: &TransferRow,
    acknowledged: Vec<u32>,
    under_way: Vec<(u32, PartActivity)>,
) -> Option<PartsView> {
    let plan = PartPlan::resumed(row.size, row.part_size);
    let done = row.standing == Standing::Done;
    // What was there already was not sent in parts, and what was left out is not there.
    let sent = if done { row.there.is_none() } else { !row.standing.has_ended() };
    if plan.fits_one_request() || !sent {
        return None;
    }
    let map = part_map(plan.count(), acknowledged, under_way, done);
    Some(PartsView {
        parts: map.parts,
        per_cell: map.per_cell,
        acknowledged: map.acknowledged,
        in_flight: map.in_flight,
        retrying: map.retrying,
        verified: done,
        cells: map.cells,
    })
}

fn retried(Retried { at_ms, part, fault }: Retried) -> RetriedRow {
    RetriedRow {
        at_ms,
        part,
        cause: fault.sentence().into(),
        code: fault.code,
        request_id: fault.request_id,
    }
}

/// What was computed over the file. The store's side stands beside what was compared with it.
fn checksums(row: &TransferRow, sums: &[PartRow]) -> Vec<ChecksumRow> {
    let etag = || row.etag.as_deref().map(|etag| unquote(etag).to_owned());
    let md5s: Option<Vec<[u8; 16]>> = sums.iter().map(|part| part.md5).collect();
    let md5_of_parts = md5s.filter(|md5s| !md5s.is_empty()).map(|md5s| multipart_etag(&md5s));
    let receipt = &row.receipt;
    [
        ("CRC-64/XZ", row.crc64.map(|crc| crc.to_string()), Proof::Crc64),
        ("CRC-64/NVME", receipt.crc64_nvme.map(crc64_nvme::write), Proof::Crc64Nvme),
        ("MD5", receipt.md5.map(|md5| hex(&md5)), Proof::Md5),
        ("MD5", md5_of_parts, Proof::Md5OfParts),
    ]
    .into_iter()
    .filter_map(|(name, local, proof)| {
        let local = local?;
        let compared = receipt.proof == Some(proof);
        let remote = match proof {
            Proof::Md5 | Proof::Md5OfParts => etag().filter(|_| compared),
            _ => compared.then(|| local.clone()),
        };
        Some(ChecksumRow { name: name.to_owned(), local, remote })
    })
    .chain(receipt.sha256.map(|sum| ChecksumRow {
        name: "SHA-256".to_owned(),
        local: hex(&sum),
        remote: None,
    }))
    .collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ferry_engine::RetryLog;
    use ferry_journal::{Receipt, SourcePath};
    use ferry_model::existing::ExistingObject;
    use ferry_model::part_map::PartCell;
    use ferry_model::{
        BatchId, ExistingPolicy, Fault, FaultKind, Integrity, Language, Phase, PhaseName, ProfileId,
    };

    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn row(phase: PhaseName, standing: Standing) -> TransferRow {
        TransferRow {
            id: TransferId(7),
            batch: BatchId(1),
            profile: ProfileId(1),
            bucket: "films".into(),
            key: "a.mov".into(),
            source: SourcePath::from(PathBuf::from("/x/a.mov")),
            name: "a.mov".into(),
            size: 30 * MIB,
            identity: None,
            part_size: 8 * MIB,
            existing: ExistingPolicy::Ask,
            integrity: Integrity::Standard,
            ferry_id: String::new(),
            phase: Phase::restored(phase, Some("u1".into())).expect("an id is there"),
            standing,
            resolved: None,
            taken_anew: false,
            there: None,
            receipt: Receipt {
                proof: Some(Proof::Crc64),
                request_id: Some("5F1B".into()),
                started_ms: Some(1_000),
                finished_ms: Some(4_500),
                ..Receipt::default()
            },
            fault: None,
            crc64: Some(u64::MAX),
            etag: Some("\"9B2C-4\"".into()),
            acked_bytes: 8 * MIB,
            created_ms: 0,
            intent_ms: None,
            position: 1,
        }
    }

    #[test]
    fn what_runs_shows_its_parts_and_retries_and_no_sum_of_before() {
        let throttled = Fault { code: Some("SlowDown".into()), ..Fault::new(FaultKind::Throttled) };
        let retried = |at_ms, part| Retried { at_ms, part, fault: throttled.clone() };
        let retries = RetryLog { count: 9, last: [retried(1, None), retried(2, Some(2))].into() };
        let parts = vec![(2, PartActivity::Retrying), (3, PartActivity::InFlight)];
        let running = row(PhaseName::Sending, Standing::Active);
        let told = details(&running, vec![1], &[], CloseView { parts, retries });
        let map = told.parts.expect("it has parts");
        use PartCell::{Acknowledged, InFlight, Retrying, Waiting};
        assert_eq!(map.cells, [Acknowledged, Retrying, InFlight, Waiting]);
        assert_eq!((map.parts, map.per_cell, map.verified), (4, 1, false));
        assert_eq!((map.acknowledged, map.in_flight, map.retrying), (1, 1, 1));
        let lines: Vec<_> = told.retried.iter().map(|it| (it.at_ms, it.part)).collect();
        assert_eq!((told.retries, lines), (9, vec![(2, Some(2)), (1, None)]), "the newest first");
        assert_eq!(told.retried[0].code.as_deref(), Some("SlowDown"));
        assert_ne!(told.retried[0].cause.in_language(Language::En), "");
        assert_eq!(told.upload_id.as_deref(), Some("u1"));
        assert_eq!((told.started_ms, told.finished_ms, told.took_ms), (Some(1_000), None, None));
        assert_eq!(
            (told.proof, told.checksums, told.etag, told.request_id),
            (None, vec![], None, None)
        );
    }

    #[test]
    fn what_is_done_shows_what_was_compared() {
        let part = |number, md5| PartRow {
            number,
            size: MIB,
            etag: String::new(),
            crc64: None,
            crc64_nvme: None,
            md5,
        };
        let sums = [part(1, Some([0; 16])), part(2, Some([0; 16]))];
        let of_parts = multipart_etag(&[[0; 16]; 2]);
        let zeros = "0".repeat(32);
        let done = |proof| {
            let mut row = row(PhaseName::Settled, Standing::Done);
            (row.receipt.proof, row.receipt.crc64_nvme) = (proof, Some(0xae8b_1486_0a79_9888));
            row
        };
        let xz = |remote: bool| {
            let crc = u64::MAX.to_string();
            ("CRC-64/XZ", crc.clone(), remote.then_some(crc))
        };
        let nvme = |remote: bool| {
            let crc = "rosUhgp5mIg=".to_owned();
            ("CRC-64/NVME", crc.clone(), remote.then_some(crc))
        };
        let etag = Some("9B2C-4".to_owned());
        let by_md5 = {
            let mut row = done(Some(Proof::Md5));
            row.receipt.md5 = Some([0; 16]);
            row
        };
        for (row, sums, expected) in [
            (done(Some(Proof::Crc64)), &sums[..0], vec![xz(true), nvme(false)]),
            (done(Some(Proof::Crc64Nvme)), &sums[..0], vec![xz(false), nvme(true)]),
            (by_md5, &sums[..0], vec![xz(false), nvme(false), ("MD5", zeros, etag.clone())]),
            (
                done(Some(Proof::Md5OfParts)),
                &sums[..],
                vec![xz(false), nvme(false), ("MD5", of_parts, etag)],
            ),
            // Nothing of it was told: by the requests' digests, or before that was kept.
            (done(Some(Proof::ContentMd5)), &sums[..0], vec![xz(false), nvme(false)]),
            (done(None), &[part(1, None)][..], vec![xz(false), nvme(false)]),
        ] {
            let told = details(&row, Vec::new(), sums, CloseView::default());
            let rows: Vec<_> = told
                .checksums
                .iter()
                .map(|it| (it.name.as_str(), it.local.clone(), it.remote.clone()))
                .collect();
            assert_eq!(rows, expected, "{:?}", row.receipt.proof);
            assert_eq!((told.proof, told.upload_id), (row.receipt.proof, None));
            assert_eq!((told.request_id.as_deref(), told.took_ms), (Some("5F1B"), Some(3_500)));
            let map = told.parts.expect("it went in parts");
            assert!(map.verified && map.cells == [PartCell::Verified; 4], "{map:?}");
        }
    }

    #[test]
    fn a_map_is_of_what_goes_or_went_in_parts() {
        let there = Some(ExistingObject { size: 30 * MIB, modified_ms: None });
        let small = TransferRow { size: MIB, ..row(PhaseName::Putting, Standing::Active) };
        let was_there = TransferRow { there, ..row(PhaseName::Settled, Standing::Done) };
        for (row, has_map) in [
            (row(PhaseName::Fresh, Standing::Active), true),
            (row(PhaseName::Sending, Standing::Paused), true),
            (row(PhaseName::Sending, Standing::Failed), true),
            (TransferRow { there, ..row(PhaseName::Sending, Standing::Conflict) }, true),
            (row(PhaseName::Settled, Standing::Done), true),
            (was_there, false),
            (row(PhaseName::Settled, Standing::Skipped), false),
            (row(PhaseName::Settled, Standing::Cancelled), false),
            (small, false),
        ] {
            let told = details(&row, Vec::new(), &[], CloseView::default());
            assert_eq!(told.parts.is_some(), has_map, "{:?} {:?}", row.phase, row.standing);
        }
    }
}
