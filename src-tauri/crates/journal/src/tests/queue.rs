use ferry_model::machine::Certainty;
use ferry_model::{Fault, FaultKind, SourceIdentity};

use super::*;
use crate::{Adopted, Durability, PartRow, QueuedRow, Selection};

fn part(number: u32, size: u64) -> PartRow {
    PartRow {
        number,
        size,
        etag: format!("\"{number}\""),
        crc64: Some(u64::MAX - u64::from(number)),
        crc64_nvme: Some(u64::MAX / 2 + u64::from(number)),
        md5: Some([number as u8; 16]),
    }
}

#[tokio::test]
async fn what_is_adopted_begins_with_its_upload_and_parts() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "put-1").await;
    let adopted = |number| Adopted {
        transfer: new_transfer(to, number, 30),
        upload_id: format!("upload-{number}"),
        parts: vec![part(1, 8), part(3, 8)],
    };
    let ids = journal.adopt(vec![adopted(1), adopted(2)]).await.expect("adopts");
    journal.close().await;

    let journal = Journal::open(dir.path()).await.expect("opens");
    for (id, number) in ids.iter().zip(1..) {
        let row = journal.transfer(*id).await.expect("reads").expect("is there");
        assert_eq!(row.phase, Phase::Sending(format!("upload-{number}")));
        assert_eq!((row.standing, row.acked_bytes), (Standing::Active, 16));
        assert_eq!(row.transfer().certainty, Certainty::Doubtful, "the store is asked first");
        assert_eq!(journal.parts(*id).await.expect("reads"), [part(1, 8), part(3, 8)]);
    }
    // All or none.
    let nowhere = Adopted { transfer: new_transfer((ProfileId(99), to.1), 3, 30), ..adopted(3) };
    let refused = journal.adopt(vec![adopted(4), nowhere]).await;
    assert_eq!(refused.map(|_| ()), Err(JournalError::NotFound));
    let all = journal.standings(Selection::All).await.expect("reads");
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn uploads_are_known_while_another_transfer_has_them() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let adopted = |number| Adopted {
        transfer: new_transfer(to, number, 30),
        upload_id: format!("upload-{number}"),
        parts: Vec::new(),
    };
    let ids = journal.adopt(vec![adopted(1), adopted(2), adopted(3)]).await.expect("adopts");
    for (id, standing) in [(ids[1], Standing::Paused), (ids[2], Standing::Cancelled)] {
        let phase = match standing {
            Standing::Cancelled => Phase::Settled,
            _ => Phase::Sending("upload-2".to_owned()),
        };
        let state = RowState::of(&Transfer::restored(phase, standing, None));
        journal.record(id, state, Durability::Full).await.expect("writes");
    }
    let listed = ["upload-1", "upload-2", "upload-3", "upload-4"].map(str::to_owned);
    for (asking, taken) in [(ids[0], ["upload-2"]), (ids[1], ["upload-1"])] {
        let known = journal.uploads_of_others(asking, &listed).await.expect("reads");
        assert_eq!(known.into_iter().collect::<Vec<_>>(), taken);
    }
    let known = journal.uploads_of_others(ids[0], &[]).await.expect("reads");
    assert!(known.is_empty());
}

#[tokio::test]
async fn what_is_queued_comes_back_whole() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let identity = SourceIdentity {
        device: u64::MAX,
        file: 1 << 63,
        size: 5,
        modified_ns: -1,
        changed_ns: i64::MAX,
    };
    let fault = Fault::new(FaultKind::KeyCollision).with_subject("a.bin").with_detail("…");
    let plain = new_transfer(to, 1, 0);
    let refused = NewTransfer {
        identity: Some(identity),
        standing: Standing::Failed,
        fault: Some(fault.clone()),
        existing: ExistingPolicy::Overwrite,
        integrity: Integrity::Strict,
        ..new_transfer(to, 2, i64::MAX as u64)
    };
    let ids = journal.enqueue(vec![plain.clone(), refused.clone()]).await.expect("queues");
    journal.close().await;

    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(journal.recovery_notice(), None);
    let rows = journal.transfers(&ids).await.expect("reads");
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), ids);
    let first = &rows[0];
    assert_eq!(
        (first.batch, first.profile, &first.bucket, &first.key),
        (plain.batch, plain.profile, &plain.bucket, &plain.key)
    );
    assert_eq!(
        (&first.source, &first.name, first.size, first.identity),
        (&plain.source, &plain.name, 0, None)
    );
    assert_eq!(
        (first.phase.clone(), first.standing, first.acked_bytes),
        (Phase::Fresh, Standing::Active, 0)
    );
    assert_eq!(first.transfer(), Transfer::default());
    let second = &rows[1];
    assert_eq!(
        (second.size, second.identity, second.fault.as_ref()),
        (i64::MAX as u64, Some(identity), Some(&fault))
    );
    assert_eq!(
        (second.existing, second.integrity, second.standing),
        (refused.existing, refused.integrity, Standing::Failed)
    );
    assert!(second.position > first.position);
    assert_eq!(journal.transfer(ids[1]).await.expect("reads").as_ref(), Some(second));
    assert_eq!(journal.transfer(TransferId(999)).await.expect("reads"), None);
    let queued =
        QueuedRow { id: ids[0], source: plain.source, resolved: plain.resolved, key: plain.key };
    assert_eq!(journal.queued_in(to.1).await.expect("reads")[0], queued);
    assert_eq!(journal.batch_transfers(to.1).await.expect("reads"), rows);
    assert_eq!(journal.totals(None).await.expect("sums").open(), 2);
}

#[tokio::test]
async fn where_a_source_led_is_kept_and_rows_of_before_have_none() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let elsewhere = SourcePath(PathBuf::from("/data/小明/file 2.bin"));
    let new = vec![
        new_transfer(to, 1, 1),
        NewTransfer { resolved: Some(elsewhere), ..new_transfer(to, 2, 1) },
        NewTransfer { resolved: None, ..new_transfer(to, 3, 1) },
    ];
    let expected: Vec<_> = new.iter().map(|new| new.resolved.clone()).collect();
    let ids = journal.enqueue(new).await.expect("queues");
    let resolved = async |journal: &Journal| {
        let rows = journal.transfers(&ids).await.expect("reads");
        rows.into_iter().map(|row| row.resolved).collect::<Vec<_>>()
    };
    assert_eq!(resolved(&journal).await, expected);
    let taken = RowState { taken_anew: Some(true), ..state(PhaseName::Fresh, Standing::Active) };
    journal.record(ids[0], taken, Durability::Full).await.expect("writes");
    let later = state(PhaseName::Putting, Standing::Active);
    journal.record(ids[0], later, Durability::Full).await.expect("writes");
    let row = journal.transfer(ids[0]).await.expect("reads").expect("is there");
    assert!(row.taken_anew, "a later write leaves it as it is");
    let queued = row.queued_source();
    assert_eq!((Some(queued.path.clone()), queued.identity), (queued.resolved, None));
    journal.close().await;

    // As the version before left it.
    super::receipts::make_older(dir.path());
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(journal.recovery_notice(), None);
    assert_eq!(resolved(&journal).await, [None, None, None]);
    assert!(!journal.transfer(ids[0]).await.expect("reads").expect("is there").taken_anew);
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_that_is_no_unicode_text_comes_back_as_it_was() {
    use std::os::unix::ffi::OsStrExt;
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let odd = SourcePath(PathBuf::from(std::ffi::OsStr::from_bytes(b"/data/\xff\xfe name\n.bin")));
    let id = journal
        .enqueue(vec![NewTransfer { source: odd.clone(), ..new_transfer(to, 1, 1) }])
        .await
        .expect("queues")[0];
    assert_eq!(journal.transfer(id).await.expect("reads").expect("is there").source, odd);
}

#[tokio::test]
async fn c1_queueing_is_all_or_nothing() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    for broken in [
        NewTransfer { batch: BatchId(77), ..new_transfer(to, 3, 1) },
        NewTransfer { profile: ProfileId(77), ..new_transfer(to, 3, 1) },
        new_transfer(to, 3, u64::MAX),
    ] {
        let refused = journal
            .enqueue(vec![new_transfer(to, 1, 1), new_transfer(to, 2, 1), broken.clone()])
            .await;
        assert!(refused.is_err(), "{broken:?}");
        assert_eq!(journal.totals(None).await.expect("reads").files, 0, "{broken:?}");
    }
}

#[tokio::test]
async fn a_failing_write_takes_no_other_with_it() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    // Sent without waiting, these share a transaction.
    let writes = (0..40u64).map(|number| {
        let journal = journal.clone();
        let second = if number % 4 == 3 { (to.0, BatchId(77)) } else { to };
        let rows = vec![new_transfer(to, number, 1), new_transfer(second, number, 1)];
        tokio::spawn(async move { journal.enqueue(rows).await })
    });
    let mut queued = 0;
    for (number, write) in writes.collect::<Vec<_>>().into_iter().enumerate() {
        let outcome = write.await.expect("no panic");
        assert_eq!(outcome.is_ok(), number % 4 != 3, "{number}: {outcome:?}");
        queued += outcome.map_or(0, |ids| ids.len() as u64);
    }
    assert_eq!(journal.totals(Some(to.1)).await.expect("reads").files, queued);
}

#[tokio::test]
async fn a_record_writes_the_state_and_leaves_the_rest() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let id = journal.enqueue(vec![new_transfer(to, 1, 100)]).await.expect("queues")[0];
    let before = journal.transfer(id).await.expect("reads").expect("is there");
    let sending = RowState {
        intent_ms: Some(7),
        crc64: Some(u64::MAX),
        ..state(PhaseName::Sending, Standing::Active)
    };
    journal.record(id, sending, Durability::Full).await.expect("writes");
    let fault = Fault::new(FaultKind::ConnectionLost);
    let failed = RowState {
        fault: Some(fault.clone()),
        key: Some("other".to_owned()),
        existing: Some(ExistingPolicy::Overwrite),
        ..state(PhaseName::Sending, Standing::Failed)
    };
    journal.record(id, failed, Durability::Normal).await.expect("writes");
    let after = journal.transfer(id).await.expect("reads").expect("is there");
    let expected = TransferRowChange { key: "other", crc64: Some(u64::MAX), intent_ms: Some(7) };
    assert_eq!(
        TransferRowChange { key: &after.key, crc64: after.crc64, intent_ms: after.intent_ms },
        expected
    );
    assert_eq!(
        (after.phase.clone(), after.standing, after.phase.upload_id()),
        (Phase::Sending("upload-1".into()), Standing::Failed, Some("upload-1"))
    );
    assert_eq!((after.fault.as_ref(), after.existing), (Some(&fault), ExistingPolicy::Overwrite));
    assert_eq!(
        (after.size, after.part_size, &after.ferry_id, &after.source),
        (100, before.part_size, &before.ferry_id, &before.source)
    );
    assert_eq!(after.transfer().certainty, Certainty::Doubtful);
    assert_eq!(
        journal
            .record(TransferId(99), state(PhaseName::Fresh, Standing::Active), Durability::Full)
            .await,
        Err(JournalError::NotFound)
    );
}

#[derive(Debug, PartialEq)]
struct TransferRowChange<'a> {
    key: &'a str,
    crc64: Option<u64>,
    intent_ms: Option<i64>,
}

#[tokio::test]
async fn parts_are_kept_and_counted() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let id = journal.enqueue(vec![new_transfer(to, 1, 25)]).await.expect("queues")[0];
    journal
        .record(id, state(PhaseName::Sending, Standing::Active), Durability::Full)
        .await
        .expect("writes");
    let acked = async || journal.transfer(id).await.expect("reads").expect("is there").acked_bytes;
    for (number, size) in [(2, 10), (1, 10), (3, 5)] {
        journal.record_part(id, part(number, size)).await.expect("writes");
    }
    assert_eq!(journal.parts(id).await.expect("reads"), [part(1, 10), part(2, 10), part(3, 5)]);
    assert_eq!(acked().await, 25);
    journal.record_part(id, part(2, 4)).await.expect("replaces");
    assert_eq!(acked().await, 19);
    journal.forget_part(id, 1).await.expect("forgets");
    journal.forget_part(id, 1).await.expect("forgets again");
    assert_eq!((acked().await, journal.totals(None).await.expect("reads").acked_bytes), (9, 9));
    journal.forget_parts(id).await.expect("forgets");
    assert_eq!((acked().await, journal.parts(id).await.expect("reads").len()), (0, 0));
    journal.record_part(id, part(1, 10)).await.expect("writes");
    journal
        .record(id, state(PhaseName::Settled, Standing::Done), Durability::Full)
        .await
        .expect("writes");
    assert_eq!(
        (acked().await, journal.parts(id).await.expect("reads").len()),
        (25, 1),
        "done counts whole and keeps its parts' sums"
    );
    for outcome in [
        journal.record_part(TransferId(99), part(1, 1)).await,
        journal.forget_part(TransferId(99), 1).await,
        journal.forget_parts(TransferId(99)).await,
    ] {
        assert_eq!(outcome, Err(JournalError::NotFound));
    }
}

#[tokio::test]
async fn only_what_left_nothing_behind_is_removed() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "print").await;
    let cases = [
        (PhaseName::Fresh, Standing::Active, true),
        (PhaseName::Fresh, Standing::Failed, true),
        (PhaseName::Settled, Standing::Done, true),
        (PhaseName::Settled, Standing::Cancelled, true),
        (PhaseName::Settled, Standing::Skipped, true),
        (PhaseName::Sending, Standing::Paused, false),
        (PhaseName::Creating, Standing::Failed, false),
        (PhaseName::Putting, Standing::Failed, false),
        (PhaseName::Aborting, Standing::Active, false),
    ];
    let ids = journal
        .enqueue((0..9).map(|number| new_transfer(to, number, 1)).collect::<Vec<_>>())
        .await
        .expect("queues");
    for (id, (phase, standing, _)) in ids.iter().zip(cases) {
        journal.record(*id, state(phase, standing), Durability::Normal).await.expect("writes");
    }
    assert_eq!(journal.remove(&ids).await, Ok(5));
    for (id, (phase, standing, goes)) in ids.iter().zip(cases) {
        assert_eq!(
            journal.transfer(*id).await.expect("reads").is_none(),
            goes,
            "{phase:?} {standing:?}"
        );
    }
    let new = journal.enqueue(vec![new_transfer(to, 10, 1)]).await.expect("queues");
    assert!(new[0] > ids[8], "numbers are not used again");
}

#[tokio::test]
async fn the_same_put_finds_its_batch_until_it_is_finished() {
    let (_dir, journal) = fresh().await;
    let old = batch(&journal, "print").await;
    let new = batch(&journal, "print").await;
    batch(&journal, "").await;
    assert_eq!(journal.open_batch("").await, Ok(None));
    assert_eq!(journal.open_batch("other").await, Ok(None));
    assert_eq!(journal.open_batch("print").await, Ok(Some(new.1)));
    journal.end_intake(new.1).await.expect("finishes what holds nothing");
    assert_eq!(journal.open_batch("print").await, Ok(Some(old.1)));
    assert_eq!(journal.end_intake(BatchId(99)).await, Err(JournalError::NotFound));
}

#[tokio::test]
async fn who_may_have_begun_an_upload_without_its_number_is_known() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "print").await;
    let rows: Vec<_> = (0..2)
        .map(|number| NewTransfer { key: "one key".into(), ..new_transfer(to, number, 1) })
        .collect();
    let ids = journal.enqueue(rows).await.expect("queues");
    let bucket = journal.transfer(ids[0]).await.expect("reads").expect("is there").bucket;
    for (phase, standing, begins) in [
        (PhaseName::Fresh, Standing::Active, 0),
        (PhaseName::Creating, Standing::Active, 1),
        (PhaseName::Creating, Standing::Paused, 1),
        (PhaseName::Sending, Standing::Paused, 0),
        (PhaseName::Creating, Standing::Failed, 1),
        (PhaseName::Settled, Standing::Done, 0),
    ] {
        journal.record(ids[1], state(phase, standing), Durability::Full).await.expect("writes");
        let asked = journal.others_that_begin_upload(ids[0], &bucket, "one key").await;
        assert_eq!(asked, Ok(begins), "{phase:?} {standing:?}");
        assert_eq!(journal.others_that_begin_upload(ids[1], &bucket, "one key").await, Ok(0));
        assert_eq!(journal.others_that_begin_upload(ids[0], &bucket, "another").await, Ok(0));
    }
}
