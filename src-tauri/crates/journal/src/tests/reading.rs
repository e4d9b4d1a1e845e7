//! Reading beside a process that holds the journal.

use std::fs;

use super::*;
use crate::{Filter, Recovery};

#[tokio::test]
async fn what_is_committed_is_read_while_another_handle_writes() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    journal.enqueue(vec![new_transfer(to, 1, 9)]).await.expect("queues");
    let reader = Journal::open_reading(dir.path()).await.expect("reads beside it");
    assert_eq!(reader.totals(None).await.expect("reads").files, 1);
    journal.enqueue(vec![new_transfer(to, 2, 9)]).await.expect("queues");
    assert_eq!(reader.totals(None).await.expect("sees the next commit").files, 2);
    assert_eq!(reader.profiles().await, journal.profiles().await);
    let refused = reader.set_setting("a", "b").await;
    assert!(matches!(refused, Err(JournalError::ReadOnly(_))), "{refused:?}");
    reader.close().await;
    journal.enqueue(vec![new_transfer(to, 3, 9)]).await.expect("the writer goes on");
    journal.close().await;
    // And without a writer.
    let reader = Journal::open_reading(dir.path()).await.expect("reads");
    assert_eq!(reader.totals(None).await.expect("reads").files, 3);
    let writer = Journal::open(dir.path()).await.expect("a reader holds nobody out");
    assert_eq!(writer.recovery_notice(), None);
}

#[tokio::test]
async fn reading_changes_no_byte() {
    let (dir, journal) = fresh().await;
    batch(&journal, "").await;
    journal.close().await;
    let file = dir.path().join("ferry.db");
    let before =
        (fs::read(&file).expect("reads"), fs::metadata(&file).expect("is there").modified().ok());
    let reader = Journal::open_reading(dir.path()).await.expect("reads");
    assert_eq!(reader.profiles().await.expect("reads").len(), 1);
    reader.close().await;
    let after =
        (fs::read(&file).expect("reads"), fs::metadata(&file).expect("is there").modified().ok());
    assert!(before == after);
}

#[tokio::test]
async fn a_newer_file_is_named_so() {
    let (dir, journal) = fresh().await;
    journal.close().await;
    raw(dir.path()).pragma_update(None, "user_version", 1_000).expect("sets");
    let refused = Journal::open_reading(dir.path()).await;
    assert!(matches!(refused, Err(JournalError::Newer)), "{refused:?}");
}

#[tokio::test]
async fn an_older_file_that_is_held_is_read_from_a_copy() {
    let (dir, journal) = fresh().await;
    batch(&journal, "").await;
    journal.close().await;
    super::receipts::make_older(dir.path());
    let held = crate::lock::Lock::take(&dir.path().join("ferry.lock")).expect("is free");
    let version = || -> i64 {
        raw(dir.path()).pragma_query_value(None, "user_version", |row| row.get(0)).expect("reads")
    };
    let before = version();
    let reader = Journal::open_reading(dir.path()).await.expect("reads a copy");
    assert_eq!(reader.profiles().await.expect("reads").len(), 1);
    assert_eq!(version(), before, "the holder's file stays as it is");
    drop(held);
}

#[tokio::test]
async fn a_damaged_queue_is_no_empty_one_to_a_reader_either() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    journal
        .enqueue((0..200).map(|number| new_transfer(to, number, 9)).collect::<Vec<_>>())
        .await
        .expect("queues");
    journal.close().await;
    let file = dir.path().join("ferry.db");
    let mut bytes = fs::read(&file).expect("reads");
    let at = bytes.len() / 2 / 4096 * 4096;
    bytes[at..at + 4096].fill(0);
    fs::write(&file, bytes).expect("writes");
    let held = crate::lock::Lock::take(&dir.path().join("ferry.lock")).expect("is free");
    assert!(matches!(Journal::open_reading(dir.path()).await, Err(JournalError::Busy)));
    drop(held);
    let reader = Journal::open_reading(dir.path()).await.expect("salvages");
    assert!(matches!(reader.recovery_notice(), Some(Recovery::SetAside { .. })));
    assert!(reader.page(Filter::default(), 0, 1).await.expect("reads").total > 100);
    reader.close().await;
    // Reading does not count as telling the user.
    let reader = Journal::open_reading(dir.path()).await.expect("reads");
    assert!(reader.recovery_notice().is_some());
}

#[tokio::test]
async fn where_no_queue_is_yet_an_empty_one_is_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let reader = Journal::open_reading(&dir.path().join("new")).await.expect("opens");
    assert_eq!(reader.totals(None).await.expect("reads").files, 0);
}
