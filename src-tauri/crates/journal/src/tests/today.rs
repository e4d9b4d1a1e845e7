//! What was verified since a moment, and what failed last.

use ferry_model::{Fault, FaultKind};

use super::*;
use crate::today::verified_since;
use crate::{Durability, LastFailure, Receipt, Verified};

fn at(standing: Standing, moment: i64) -> RowState {
    let receipt = Receipt { finished_ms: Some(moment), ..Receipt::default() };
    let fault = (standing == Standing::Failed).then(|| Fault::new(FaultKind::AccessDenied));
    RowState { receipt, fault, ..state(PhaseName::Settled, standing) }
}

#[tokio::test]
async fn what_was_verified_is_counted_from_a_moment_on_also_when_it_left_the_list() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let rows: Vec<_> = (1..=5).map(|number| new_transfer(to, number, number * 10)).collect();
    let ids = journal.enqueue(rows).await.expect("queues");
    for (id, standing, moment) in [
        (0, Standing::Done, 4_999),
        (1, Standing::Done, 5_000),
        (2, Standing::Done, 7_000),
        (3, Standing::Skipped, 8_000),
        (4, Standing::Failed, 9_000),
    ] {
        journal.record(ids[id], at(standing, moment), Durability::Full).await.expect("writes");
    }
    let expected = Verified { files: 2, bytes: 50 };
    assert_eq!(journal.verified_since(5_000).await, Ok(expected));
    assert_eq!(journal.remove(&ids[1..=1]).await, Ok(1));
    assert_eq!(journal.verified_since(5_000).await, Ok(expected), "it is off the list");
    assert_eq!(journal.verified_since(7_001).await, Ok(Verified::default()));
}

#[tokio::test]
async fn the_failure_told_is_the_last_of_those_that_still_are() {
    let (_dir, journal) = fresh().await;
    assert_eq!(journal.last_failure().await, Ok(None));
    let to = batch(&journal, "").await;
    let rows: Vec<_> = (1..=3).map(|number| new_transfer(to, number, 1)).collect();
    let ids = journal.enqueue(rows).await.expect("queues");
    for (id, moment) in [(1, 3_000), (0, 8_000), (2, 5_000)] {
        let failed = at(Standing::Failed, 1_700_000_000_000 + moment);
        journal.record(ids[id], failed, Durability::Full).await.expect("writes");
    }
    let told = |id: usize, at_ms| LastFailure {
        id: ids[id],
        name: format!("file {}.bin", id + 1),
        fault: Some(Fault::new(FaultKind::AccessDenied)),
        at_ms,
    };
    assert_eq!(journal.last_failure().await, Ok(Some(told(0, 1_700_000_008_000))));
    // It goes on: then the one before it is the last.
    let again = state(PhaseName::Fresh, Standing::Active);
    journal.record(ids[0], again, Durability::Full).await.expect("writes");
    assert_eq!(journal.last_failure().await, Ok(Some(told(2, 1_700_000_005_000))));
}

#[tokio::test]
async fn a_long_history_is_not_read_through() {
    let (_dir, journal) = fresh().await;
    for table in ["transfers", "removed"] {
        let plan: String = journal
            .read(move |connection| {
                let sql = format!("EXPLAIN QUERY PLAN {}", verified_since(table));
                Ok(connection.prepare(&sql)?.query_row([0], |row| row.get(3))?)
            })
            .await
            .expect("reads");
        assert!(plan.contains("COVERING INDEX") && plan.contains("finished_ms>?"), "{plan}");
    }
}
