use ferry_model::{Fault, FaultKind};

use super::*;
use crate::{Durability, Filter, Order, Selection, StateGroup};

/// Four files: verified on the second day, failed, in conflict at another profile, failed otherwise.
async fn four() -> (TempDir, Journal, Vec<TransferId>, ProfileId) {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let other = journal.save_profile(&profile("Other")).await.expect("saves");
    let mut new: Vec<NewTransfer> = (1..=4)
        .map(|number| NewTransfer {
            created_ms: 100 * number,
            ..new_transfer(to, number as u64, 1)
        })
        .collect();
    new[2].profile = other;
    let ids = journal.enqueue(new).await.expect("queues");
    let failed = |kind| {
        let failed = Some(Fault::new(kind));
        RowState { fault: failed, ..state(PhaseName::Sending, Standing::Failed) }
    };
    let mut done = state(PhaseName::Settled, Standing::Done);
    done.receipt.finished_ms = Some(1_000);
    let exists = Some(Fault::new(FaultKind::AlreadyExists));
    let conflict = RowState { fault: exists, ..state(PhaseName::Fresh, Standing::Conflict) };
    let states =
        [done, failed(FaultKind::SourceMissing), conflict, failed(FaultKind::AccessDenied)];
    for (id, state) in ids.iter().zip(states) {
        journal.record(*id, state, Durability::Full).await.expect("writes");
    }
    (dir, journal, ids, other)
}

#[tokio::test]
async fn a_filter_is_the_same_for_a_page_a_list_and_a_selection() {
    let (_dir, journal, ids, other) = four().await;
    let any = Filter::default;
    for (filter, expected) in [
        (any(), vec![0, 1, 2, 3]),
        (Filter { profile: Some(other), ..any() }, vec![2]),
        (Filter { profile: Some(ProfileId(99)), ..any() }, vec![]),
        (Filter { fault: Some(FaultKind::SourceMissing), ..any() }, vec![1]),
        (Filter { fault: Some(FaultKind::Stalled), ..any() }, vec![]),
        // What ended counts for when it ended, the others for when they were queued.
        (Filter { from_ms: Some(400), ..any() }, vec![0, 3]),
        (Filter { until_ms: Some(400), ..any() }, vec![1, 2]),
        (Filter { from_ms: Some(300), until_ms: Some(401), ..any() }, vec![2, 3]),
        (Filter { from_ms: Some(300), text: Some("FILE 4".into()), ..any() }, vec![3]),
        (
            Filter {
                state: Some(StateGroup::Only(Standing::Failed)),
                fault: Some(FaultKind::AccessDenied),
                ..any()
            },
            vec![3],
        ),
    ] {
        let expected: Vec<TransferId> = expected.into_iter().map(|at: usize| ids[at]).collect();
        let page = journal.page(filter.clone(), 0, 9).await.expect("reads");
        let shown: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        assert_eq!((page.total, shown), (expected.len() as u64, expected.clone()), "{filter:?}");
        let found = journal.found(filter.clone(), Order::Queue).await.expect("reads");
        assert_eq!(found, expected, "{filter:?}");
        let mut newest = journal.found(filter.clone(), Order::Newest).await.expect("reads");
        newest.reverse();
        assert_eq!(newest, expected, "{filter:?}");
        let selected = journal.standings(Selection::Matching(filter.clone())).await.expect("reads");
        assert_eq!(selected.iter().map(|row| row.0).collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_filter_says_whether_it_reads_rows() {
    let summed = Filter { batch: Some(BatchId(1)), text: Some(String::new()), ..Filter::default() };
    assert!(!summed.reads_rows());
    for filter in [
        Filter { text: Some("a".into()), ..Filter::default() },
        Filter { fault: Some(FaultKind::Stalled), ..Filter::default() },
        Filter { profile: Some(ProfileId(1)), ..Filter::default() },
        Filter { from_ms: Some(1), ..Filter::default() },
        Filter { until_ms: Some(1), ..Filter::default() },
    ] {
        assert!(filter.reads_rows(), "{filter:?}");
    }
}
