//! What is kept for receipts, when batches are finished, and files of earlier schemas.

use ferry_model::Proof;

use super::*;
use crate::{Durability, PartRow, Receipt, Selection};

/// Takes the newest steps back: a file as the version before them left it. Of its trigger only the
/// name matters.
pub(super) fn make_older(dir: &Path) {
    raw(dir)
        .execute_batch(
            "DROP TABLE watch_days; DROP TRIGGER watch_files_keep; DROP TABLE watch_files; DROP TABLE watches;
             DROP INDEX batches_by_watch; ALTER TABLE batches DROP COLUMN watch;
             DROP INDEX transfers_verified; DROP INDEX transfers_attention; DROP INDEX transfers_conflict;
             ALTER TABLE transfers DROP COLUMN afterwards;
             ALTER TABLE transfers DROP COLUMN crc64_nvme; ALTER TABLE transfers DROP COLUMN proof;
             ALTER TABLE transfers DROP COLUMN replaced;
             DROP TABLE removed; DROP TABLE removed_totals;
             DROP TABLE deferred; ALTER TABLE transfers DROP COLUMN after_command;
             ALTER TABLE transfers DROP COLUMN there; DROP INDEX transfers_runnable;
             DROP INDEX transfers_by_batch; ALTER TABLE transfers DROP COLUMN rank;
             CREATE INDEX transfers_by_batch ON transfers (batch, position);
             DROP INDEX batches_by_rank; ALTER TABLE batches DROP COLUMN rank;
             DROP INDEX batches_by_end; ALTER TABLE batches DROP COLUMN label;
             ALTER TABLE profiles DROP COLUMN network;
             ALTER TABLE profiles DROP COLUMN speed_limit;
             ALTER TABLE profiles DROP COLUMN checksums;
             ALTER TABLE parts DROP COLUMN crc64_nvme;
             ALTER TABLE batches DROP COLUMN summary; ALTER TABLE batches DROP COLUMN finished_ms;
             ALTER TABLE batches DROP COLUMN intake;
             ALTER TABLE transfers DROP COLUMN md5; ALTER TABLE transfers DROP COLUMN sha256;
             ALTER TABLE transfers DROP COLUMN version_id;
             ALTER TABLE transfers DROP COLUMN request_id;
             ALTER TABLE transfers DROP COLUMN started_ms;
             ALTER TABLE transfers DROP COLUMN finished_ms;
             ALTER TABLE transfers DROP COLUMN resolved;
             ALTER TABLE transfers DROP COLUMN taken_anew;
             CREATE TRIGGER transfers_count_in AFTER INSERT ON transfers BEGIN SELECT 1; END;
             PRAGMA user_version = 8;",
        )
        .expect("goes back");
}

fn done(finished_ms: i64) -> RowState {
    RowState {
        crc64: Some(u64::MAX),
        etag: Some("\"9b2c\"".to_owned()),
        receipt: Receipt {
            md5: Some([1; 16]),
            sha256: Some([2; 32]),
            crc64_nvme: Some(u64::MAX - 1),
            proof: Some(Proof::Crc64Nvme),
            afterwards: None,
            replaced: false,
            version_id: Some("v1".to_owned()),
            request_id: Some("5F1B".to_owned()),
            started_ms: Some(5),
            finished_ms: Some(finished_ms),
        },
        ..state(PhaseName::Settled, Standing::Done)
    }
}

#[tokio::test]
async fn what_is_done_keeps_what_its_receipt_tells() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let id = journal.enqueue(vec![new_transfer(to, 1, 60)]).await.expect("queues")[0];
    let sending = state(PhaseName::Sending, Standing::Active);
    let started = Receipt { started_ms: Some(3), ..Receipt::default() };
    let sending = RowState { receipt: started, ..sending };
    journal.record(id, sending, Durability::Full).await.expect("writes");
    let part = |number| PartRow {
        number,
        size: 30,
        etag: format!("\"{number}\""),
        crc64: Some(9),
        crc64_nvme: None,
        md5: Some([3; 16]),
    };
    for number in 1..=2 {
        journal.record_part(id, part(number)).await.expect("writes");
    }
    journal.record(id, done(8), Durability::Full).await.expect("writes");
    journal.close().await;
    let journal = Journal::open(dir.path()).await.expect("opens");
    let row = journal.transfer(id).await.expect("reads").expect("is there");
    let expected = Receipt { started_ms: Some(3), ..done(8).receipt };
    assert_eq!((row.receipt, row.crc64), (expected, Some(u64::MAX)));
    assert_eq!(journal.parts(id).await, Ok(vec![part(1), part(2)]), "its parts' sums");
    assert_eq!(journal.part_numbers(id).await, Ok(vec![1, 2]));
    // What begins again has sums of its own.
    journal
        .record(id, state(PhaseName::Fresh, Standing::Active), Durability::Full)
        .await
        .expect("writes");
    let row = journal.transfer(id).await.expect("reads").expect("is there");
    assert_eq!(
        (row.receipt.md5, row.receipt.version_id, row.receipt.finished_ms),
        (None, None, None)
    );
    assert_eq!((row.receipt.crc64_nvme, row.receipt.proof), (None, None));
    assert_eq!(journal.parts(id).await, Ok(vec![]));
}

#[tokio::test]
async fn a_batch_is_finished_when_nothing_of_it_is_open_and_not_before() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let rows: Vec<_> = (0..3).map(|number| new_transfer(to, number, 10)).collect();
    let ids = journal.enqueue(rows).await.expect("queues");
    journal.record(ids[0], done(5), Durability::Full).await.expect("writes");
    let skipped = state(PhaseName::Settled, Standing::Skipped);
    journal.set_states(vec![(ids[1], skipped)]).await.expect("writes");
    journal.record(ids[2], done(9), Durability::Full).await.expect("writes");
    assert_eq!(journal.batch_end(to.1).await, Ok(None), "its folders are still being read");
    journal.end_intake(to.1).await.expect("writes");
    let end = journal.batch_end(to.1).await.expect("reads").expect("is finished");
    assert_eq!(end.finished_ms, Some(9));
    assert_eq!((end.totals.files, end.totals.done, end.totals.skipped), (3, 2, 1));
    assert_eq!(end.totals.done_bytes, 20);
    // What is taken out of the list later changes no receipt.
    journal.remove(&ids[..1]).await.expect("removes");
    assert_eq!(journal.batch_end(to.1).await, Ok(Some(end)));
    // Something more is open.
    let more = journal.enqueue(vec![new_transfer(to, 7, 10)]).await.expect("queues");
    assert_eq!(journal.batch_end(to.1).await, Ok(None));
    // Removing the last open row finishes it as well, and what was dropped is still accounted for.
    journal.remove(&more).await.expect("removes");
    let end = journal.batch_end(to.1).await.expect("reads").expect("is finished");
    assert_eq!(end.finished_ms, Some(9));
    assert_eq!(
        (end.totals.files, end.totals.done, end.totals.skipped, end.totals.cancelled),
        (4, 2, 1, 1)
    );
}

#[tokio::test]
async fn a_receipt_keeps_what_is_taken_off_the_list() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let rows: Vec<_> = (0..5).map(|number| new_transfer(to, number, 10)).collect();
    let ids = journal.enqueue(rows).await.expect("queues");
    journal.end_intake(to.1).await.expect("ends");
    journal.record(ids[1], done(5), Durability::Full).await.expect("writes");
    journal.record(ids[3], done(7), Durability::Full).await.expect("writes");
    let whole = journal.receipt_page(to.1, 0, 9).await.expect("reads");
    assert_eq!(whole.total, 5);
    // One that is done, and one that was never begun.
    assert_eq!(journal.remove(&[ids[1], ids[2]]).await, Ok(2));
    let page = journal.receipt_page(to.1, 1, 2).await.expect("reads");
    let told: Vec<_> = page.rows.iter().map(|row| (row.id, row.standing)).collect();
    assert_eq!(
        (page.total, told),
        (5, vec![(ids[1], Standing::Done), (ids[2], Standing::Cancelled)])
    );
    assert_eq!(page.rows[0], whole.rows[1], "nothing of it is lost");
    // Its sums go on while it is open, and where nothing of it is listed any more.
    let totals = |listed: crate::BatchPage| listed.batches[0].totals;
    let one = crate::BatchScope::One(to.1);
    let open = totals(journal.batches(one, 0, 1).await.expect("reads"));
    assert_eq!((open.files, open.done, open.cancelled, open.active), (5, 2, 1, 2));
    journal.remove(&ids).await.expect("removes");
    let listed = |scope| journal.batches(scope, 0, 9);
    let ended = totals(listed(one).await.expect("reads"));
    assert_eq!((ended.files, ended.done, ended.cancelled, ended.done_bytes), (5, 2, 3, 20));
    assert_eq!(listed(crate::BatchScope::All).await.expect("reads").total, 1);
    assert_eq!(listed(crate::BatchScope::Finished).await.expect("reads").total, 1);
    let now = listed(crate::BatchScope::Since(0)).await.expect("reads");
    assert_eq!((now.total, now.open), (0, 0), "it is in no list of what there is to do");
    assert_eq!(journal.totals(None).await.expect("reads").files, 0);
    // It outlives the process, and the damage of its file.
    journal.close().await;
    raw(dir.path()).execute_batch("DROP TABLE settings").expect("damages");
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert!(journal.recovery_notice().is_some());
    let page = journal.receipt_page(to.1, 0, 9).await.expect("reads");
    assert_eq!((page.total, page.rows[1].clone()), (5, whole.rows[1].clone()));
}

#[tokio::test]
async fn what_stands_for_nothing_leaves_no_receipt() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let ids = journal.enqueue(vec![new_transfer(to, 1, 10)]).await.expect("queues");
    journal.end_intake(to.1).await.expect("ends");
    assert_eq!(journal.forget(&ids).await, Ok(1));
    assert_eq!(journal.receipt_page(to.1, 0, 9).await.expect("reads").total, 0);
    assert_eq!(journal.batches(crate::BatchScope::All, 0, 9).await.expect("reads").total, 0);
}

#[tokio::test]
async fn a_drop_whose_reader_died_is_finished_at_a_start_and_a_put_is_not() {
    let (_dir, journal) = fresh().await;
    let (drop, put) = (batch(&journal, "").await, batch(&journal, "put").await);
    for to in [drop, put] {
        let id = journal.enqueue(vec![new_transfer(to, 1, 1)]).await.expect("queues")[0];
        journal.record(id, done(1), Durability::Full).await.expect("writes");
    }
    journal.end_lost_intakes().await.expect("writes");
    assert!(journal.batch_end(drop.1).await.expect("reads").is_some());
    assert_eq!(
        journal.open_batch("put").await,
        Ok(Some(put.1)),
        "the same put reads it to its end"
    );
}

/// A file as each earlier version of the schema left it, with what it could hold.
fn golden(steps: usize, dir: &Path) {
    let mut connection = rusqlite::Connection::open(dir.join("ferry.db")).expect("opens");
    connection.pragma_update(None, "journal_mode", "WAL").expect("sets");
    rusqlite_migration::Migrations::from_slice(&crate::schema::STEPS[..steps])
        .to_latest(&mut connection)
        .expect("makes it");
    let rows = [
        "INSERT INTO settings VALUES ('language', 'zh')",
        "INSERT INTO profiles (name, folded, kind, provider, endpoint, region, bucket, prefix, addressing, sign, integrity, existing, plain_http)
         VALUES ('Main', 'main', 'saved', 'oss', 'https://e', 'r', 'b', '', 'auto', 'v4', 'standard', 'ask', 'refuse')",
        "INSERT INTO batches (profile, fingerprint, created_ms) VALUES (1, 'put', 1), (1, '', 2), (1, '', 3)",
        "INSERT INTO transfers (batch, profile, bucket, key, source, name, size, part_size, existing, integrity, ferry_id, phase, standing,
            created_ms, position, upload_id) VALUES
            (1, 1, 'b', 'k', x'2f61', 'a', 90, 30, 'ask', 'standard', 'f', 'sending', 'active', 1, 1, 'u'),
            (2, 1, 'b', 'k', x'2f61', 'a', 90, 30, 'ask', 'standard', 'f', 'settled', 'done', 1, 2, NULL),
            (3, 1, 'b', 'k', x'2f61', 'a', 90, 30, 'ask', 'standard', 'f', 'fresh', 'paused', 1, 3, NULL)",
        "INSERT INTO parts (transfer, number, size, etag, crc64) VALUES (1, 1, 30, 'e', 5)",
    ];
    for sql in rows.iter().take(steps) {
        connection.execute_batch(sql).expect(sql);
    }
    let counts_in = |step: &rusqlite_migration::M<'_>| *step == crate::totals::COUNT_IN_AT_ONCE;
    if crate::schema::STEPS[..steps].iter().any(counts_in) {
        crate::totals::count_all_in(&connection).expect("counts");
    }
    if steps >= 6 {
        return;
    }
    assert!(steps > 0, "a file without a table is no earlier version's");
}

#[tokio::test]
async fn c16_files_of_each_earlier_schema_are_brought_up_to_date() {
    for steps in 1..=crate::schema::STEPS.len() {
        let dir = tempfile::tempdir().expect("a folder");
        golden(steps, dir.path());
        let journal = Journal::open(dir.path()).await.expect("opens");
        assert_eq!(journal.recovery_notice(), None, "{steps}");
        assert_eq!(journal.setting("language").await, Ok(Some("zh".to_owned())), "{steps}");
        let profiles = journal.profiles().await.expect("reads");
        assert_eq!(profiles.len(), usize::from(steps >= 2), "{steps}");
        // Before step 6 the sums had no triggers, and no file of that time was ever released.
        if steps >= 6 {
            let ids: Vec<_> = journal
                .standings(Selection::All)
                .await
                .expect("reads")
                .into_iter()
                .map(|row| row.0)
                .collect();
            let rows = journal.transfers(&ids).await.expect("reads");
            assert_eq!(rows.len(), 3, "{steps}");
            assert!(rows.iter().all(|row| row.receipt == Receipt::default()), "{steps}");
            assert_eq!(journal.parts(ids[0]).await.expect("reads").len(), 1, "{steps}");
            super::counting::check_totals(&journal, &format!("{steps} steps")).await;
            assert_eq!(journal.open_batch("put").await, Ok(Some(BatchId(1))), "{steps}");
            let ended = journal.batch_end(BatchId(2)).await.expect("reads");
            // Batches have had an end since step 12.
            assert_eq!(ended.is_some(), steps < 12, "{steps}");
            assert_eq!(journal.batch_end(BatchId(3)).await, Ok(None), "{steps}");
            assert_eq!(journal.unreadable_rows(), 0, "{steps}");
        }
    }
}

#[tokio::test]
async fn batches_that_ended_long_ago_are_forgotten_whole_and_others_are_not() {
    let (_dir, journal) = fresh().await;
    let mut batches = Vec::new();
    for (finished_ms, standing) in
        [(10, Standing::Done), (99, Standing::Done), (100, Standing::Done), (10, Standing::Failed)]
    {
        let to = batch(&journal, "").await;
        let new: Vec<_> = (1..=3).map(|number| new_transfer(to, number, 5)).collect();
        let ids = journal.enqueue(new).await.expect("queues");
        for id in &ids {
            let ended = RowState {
                receipt: Receipt { finished_ms: Some(finished_ms), ..Receipt::default() },
                ..state(PhaseName::Settled, standing)
            };
            journal.record(*id, ended, Durability::Full).await.expect("writes");
        }
        journal.end_intake(to.1).await.expect("ends");
        journal.remove(&ids[..1]).await.expect("removes");
        batches.push(to.1);
    }
    assert!(journal.prune(100).await.expect("prunes"));
    assert!(!journal.prune(100).await.expect("prunes"));
    for (batch, files) in batches.iter().zip([0, 0, 3, 3]) {
        let page = journal.receipt_page(*batch, 0, 10).await.expect("reads");
        assert_eq!(page.total, files, "{batch:?}");
        assert_eq!(journal.batch(*batch).await.expect("reads").is_some(), files > 0);
    }
    assert_eq!(journal.totals(None).await.expect("reads").files, 5);
}
