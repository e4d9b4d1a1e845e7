//! The journal without a thread: the same answers, crashes by snapshot, every step failing once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::{Durability, Filter, OperationKind, PartRow, Selection};

/// Polls a future that has to be ready: nothing else runs that could wake it.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("an inline journal never waits"),
    }
}

#[test]
fn every_call_is_done_when_it_returns() {
    let journal = Journal::inline().expect("opens");
    let to = now(batch(&journal, "print"));
    let ids = now(journal.enqueue(vec![new_transfer(to, 1, 9)])).expect("queues");
    assert_eq!(now(journal.open_batch("print")), Ok(Some(to.1)));
    assert_eq!(now(journal.page(Filter::default(), 0, 9)).expect("reads").rows[0].id, ids[0]);
    assert_eq!(now(journal.probe_write()), Ok(()));
    let other = journal.clone();
    now(journal.close());
    assert!(matches!(now(other.profiles()), Err(JournalError::Broken(_))));
}

#[test]
fn a_snapshot_is_what_was_committed() {
    let journal = Journal::inline().expect("opens");
    let to = now(batch(&journal, ""));
    now(journal.enqueue(vec![new_transfer(to, 1, 9)])).expect("queues");
    let snapshot = now(journal.snapshot()).expect("serializes");
    let later = now(journal.enqueue(vec![new_transfer(to, 2, 9)])).expect("queues");
    let restarted = Journal::from_snapshot(&snapshot).expect("opens");
    assert_eq!(now(restarted.totals(None)).expect("reads").files, 1);
    assert_eq!(now(restarted.transfers(&later)).expect("reads"), []);
    let again = now(restarted.enqueue(vec![new_transfer(to, 3, 9)])).expect("queues");
    assert_eq!(again, later, "the same life, the same numbers");
    assert_eq!(now(restarted.snapshot()).expect("serializes"), {
        let twin = Journal::from_snapshot(&snapshot).expect("opens");
        now(twin.enqueue(vec![new_transfer(to, 3, 9)])).expect("queues");
        now(twin.snapshot()).expect("serializes")
    });
}

#[tokio::test]
async fn a_snapshot_of_a_file_can_be_taken_while_its_log_holds_the_rows() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    journal.enqueue(vec![new_transfer(to, 1, 9)]).await.expect("queues");
    let copy = Journal::from_snapshot(&journal.snapshot().await.expect("reads")).expect("opens");
    assert_eq!(copy.totals(None).await, journal.totals(None).await);
}

/// Some of everything; each step may fail, and is tried once more then.
async fn life(journal: &Journal) {
    macro_rules! twice {
        ($call:expr) => {
            match $call.await {
                Err(JournalError::Io(_)) => $call.await.expect("the cause is gone"),
                other => other.expect("no other error"),
            }
        };
    }
    let profile = profile("Main");
    let profile = twice!(journal.save_profile(&profile));
    let new = NewBatch {
        profile,
        fingerprint: "print".to_owned(),
        created_ms: 1,
        options: BatchOptions::default(),
        naming: Naming::default(),
        label: BatchLabel::default(),
    };
    let id = twice!(journal.add_batch(new.clone()));
    let rows: Vec<_> = (0..3).map(|number| new_transfer((profile, id), number, 30)).collect();
    let ids = twice!(journal.enqueue(rows.clone()));
    let sending = state(PhaseName::Sending, Standing::Active);
    twice!(journal.record(ids[0], sending.clone(), Durability::Full));
    let part = PartRow {
        number: 1,
        size: 30,
        etag: "e".to_owned(),
        crc64: None,
        crc64_nvme: None,
        md5: None,
    };
    twice!(journal.record_part(ids[0], part.clone()));
    let done = state(PhaseName::Settled, Standing::Done);
    twice!(journal.record(ids[0], done.clone(), Durability::Full));
    twice!(journal.set_states(vec![(ids[1], done.clone()), (ids[2], done.clone())]));
    twice!(journal.end_intake(id));
    assert!(twice!(journal.batch_end(id)).is_some());
    assert_eq!(twice!(journal.standings(Selection::Open)), []);
    twice!(journal.remove(&ids[1..]));
}

#[test]
fn whichever_step_fails_the_journal_comes_to_the_same() {
    let whole = Journal::inline().expect("opens");
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    whole
        .fail_where(Box::new(move |operation| {
            counted.store(operation.number + 1, Ordering::Relaxed);
            None
        }))
        .expect("is open");
    now(life(&whole));
    let expected = now(whole.snapshot()).expect("serializes");
    let steps = steps.load(Ordering::Relaxed);
    assert!(steps > 20, "{steps}");
    for failing in 0..steps - 1 {
        let journal = Journal::inline().expect("opens");
        journal
            .fail_where(Box::new(move |operation| {
                (operation.number == failing).then(|| JournalError::Io("scripted".to_owned()))
            }))
            .expect("is open");
        now(life(&journal));
        now(super::counting::check_totals(&journal, "inline"));
        let found = now(journal.page(Filter::default(), 0, 9)).expect("reads");
        let wanted =
            now(Journal::from_snapshot(&expected).expect("opens").page(Filter::default(), 0, 9))
                .expect("reads");
        assert_eq!(found, wanted, "step {failing}");
    }
}

#[test]
fn a_commit_that_fails_keeps_nothing_of_it() {
    let journal = Journal::inline().expect("opens");
    let to = now(batch(&journal, ""));
    let before = now(journal.snapshot()).expect("serializes");
    let mut left = 1;
    journal
        .fail_where(Box::new(move |operation| {
            let fails = operation.kind == OperationKind::Commit && left > 0;
            left -= i32::from(fails);
            fails.then_some(JournalError::Full)
        }))
        .expect("is open");
    let rows = || (0..50).map(|number| new_transfer(to, number, 1)).collect::<Vec<_>>();
    assert_eq!(now(journal.enqueue(rows())), Err(JournalError::Full));
    let after = Journal::from_snapshot(&now(journal.snapshot()).expect("reads")).expect("opens");
    let before = Journal::from_snapshot(&before).expect("opens");
    assert_eq!(now(after.totals(None)), now(before.totals(None)));
    assert_eq!(now(journal.enqueue(rows())).expect("the same handle goes on").len(), 50);
}
