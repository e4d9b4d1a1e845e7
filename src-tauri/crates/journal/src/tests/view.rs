use ferry_model::{Fault, FaultKind};

use super::*;
use crate::{
    Backlog, Durability, Filter, Listed, Order, PartRow, Selection, SortKey, StateCount, ViewQuery,
};

#[tokio::test]
async fn a_view_is_a_page_with_the_sums_and_rows_of_the_same_moment() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let new: Vec<_> = (1..=3).map(|number| new_transfer(to, number, 100)).collect();
    let ids = journal.enqueue(new).await.expect("queues");
    let sending = state(PhaseName::Sending, Standing::Active);
    journal.record(ids[2], sending, Durability::Full).await.expect("writes");
    let part = PartRow {
        number: 1,
        size: 40,
        etag: "\"1\"".into(),
        crc64: None,
        crc64_nvme: None,
        md5: None,
    };
    journal.record_part(ids[2], part).await.expect("writes");

    let view = journal
        .view(ViewQuery { limit: 2, ids: ids[2..].to_vec(), ..ViewQuery::default() })
        .await
        .expect("reads");
    assert_eq!((view.page.total, view.page.rows.len()), (3, 2));
    assert_eq!(
        view.progress.iter().map(|row| (row.id, row.acked_bytes)).collect::<Vec<_>>(),
        [(ids[2], 40)]
    );
    let newest = ViewQuery { limit: 2, order: Order::Newest, ..ViewQuery::default() };
    let newest = journal.view(newest).await.expect("reads").page.rows;
    assert_eq!(newest.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[2], ids[1]]);
    assert_eq!((view.totals.active_bytes, view.totals.active_acked_bytes), (300, 40));
    let backlog = Backlog { profile: to.0, files: 3, unsent: 260 };
    assert_eq!(journal.backlogs(&[to.0, ProfileId(99)]).await.expect("reads"), [backlog]);
    assert_eq!(journal.backlogs(&[ProfileId(99)]).await.expect("reads"), []);
}

#[tokio::test]
async fn a_selection_is_counted_by_state_and_reason() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let mut new: Vec<NewTransfer> = (1..=4).map(|number| new_transfer(to, number, 1)).collect();
    for (index, kind) in [(2, FaultKind::KeyCollision), (3, FaultKind::SourceMissing)] {
        new[index].standing = Standing::Failed;
        new[index].fault = Some(Fault::new(kind));
    }
    let ids = journal.enqueue(new).await.expect("queues");

    let all = journal.state_counts(Selection::All).await.expect("reads");
    let count =
        |standing, fault, files| StateCount { phase: PhaseName::Fresh, standing, fault, files };
    let expected = [
        count(Standing::Active, None, 2),
        count(Standing::Failed, Some(FaultKind::KeyCollision), 1),
        count(Standing::Failed, Some(FaultKind::SourceMissing), 1),
    ];
    assert_eq!(all, expected);
    let one = journal.state_counts(Selection::Ids(vec![ids[3], TransferId(999)])).await;
    assert_eq!(one.expect("reads"), [expected[2]]);
}

#[tokio::test]
async fn rows_are_sorted_by_what_a_person_reads_of_them() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let named = [("img10.jpg", 5), ("Img2.jpg", 7), ("a.txt", 5), ("img1.jpg", 1)];
    let new = named.iter().zip(1..).map(|((name, size), number)| NewTransfer {
        name: (*name).into(),
        ..new_transfer(to, number, *size)
    });
    let ids = journal.enqueue(new.collect::<Vec<_>>()).await.expect("queues");
    for (id, standing, finished) in [
        (0, Standing::Done, Some(20)),
        (2, Standing::Skipped, Some(10)),
        (3, Standing::Paused, None),
    ] {
        let mut written = state(PhaseName::Settled, standing);
        written.receipt.finished_ms = finished;
        journal.record(ids[id], written, Durability::Full).await.expect("writes");
    }
    for (by, descending, expected) in [
        (SortKey::Name, false, [2, 3, 1, 0]),
        (SortKey::Name, true, [0, 1, 3, 2]),
        // What is alike stays as it was queued, in both directions.
        (SortKey::Size, false, [3, 0, 2, 1]),
        (SortKey::Size, true, [1, 0, 2, 3]),
        (SortKey::State, false, [1, 3, 0, 2]),
        (SortKey::Finished, false, [2, 0, 1, 3]),
        (SortKey::Finished, true, [0, 2, 1, 3]),
    ] {
        let sorted = journal.sorted(Filter::default(), by, descending).await.expect("reads");
        assert_eq!(sorted, expected.map(|place| ids[place]), "{by:?}, descending: {descending}");
    }
    let listed = Listed { total: 4, offset: 0, ids: vec![ids[3], TransferId(999), ids[1]] };
    let query = ViewQuery { listed: Some(listed), ..ViewQuery::default() };
    let page = journal.view(query).await.expect("reads").page;
    let shown: Vec<_> = page.rows.iter().map(|row| row.id).collect();
    assert_eq!((page.total, shown), (4, vec![ids[3], ids[1]]));
    for (offset, limit, expected) in [(1, 2, 1..3), (3, 2, 2..4), (99, 3, 1..4), (99, 9, 0..4)] {
        let query = ViewQuery { offset, limit, ..ViewQuery::default() };
        let page = journal.view(query).await.expect("reads").page;
        let shown: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        assert_eq!(page.offset, expected.start as u64, "{offset}, {limit}");
        assert_eq!(
            shown, ids[expected],
            "{offset}, {limit}: a list that is too short shows its end"
        );
    }
}
