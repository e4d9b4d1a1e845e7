//! A queue of 300,000 rows. The bounds only stop a step that would take for ever: the figures are
//! printed.

use std::time::{Duration, Instant};

use super::*;
use crate::{Durability, Filter, Selection, StateGroup};

const ROWS: u64 = 300_000;
const INTAKE: u64 = 2_000;

async fn timed<T>(
    name: &str,
    bound: Duration,
    step: impl Future<Output = Result<T, JournalError>>,
) -> T {
    let begun = Instant::now();
    let value = step.await.expect(name);
    let took = begun.elapsed();
    println!("{name}: {took:?}");
    assert!(took < bound, "{name} took {took:?}");
    value
}

#[tokio::test]
async fn a_long_queue_stays_quick() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "print").await;
    let seconds = Duration::from_secs;
    timed("enqueue 300,000", seconds(600), async {
        for first in (0..ROWS).step_by(INTAKE as usize) {
            // Only large files, so that the small lane finds nothing however far it looks.
            journal
                .enqueue(
                    (first..first + INTAKE).map(|number| new_transfer(to, number, 5000)).collect(),
                )
                .await?;
        }
        Ok(())
    })
    .await;
    let quick = seconds(5);
    let totals = timed("totals", quick, journal.totals(None)).await;
    assert_eq!((totals.files, totals.bytes), (ROWS, ROWS * 5000));
    let rows = timed("runnable, first", quick, journal.runnable(runnable(Lane::Large, 50))).await;
    assert_eq!(rows.len(), 50);
    timed("runnable, none in the lane", quick, journal.runnable(runnable(Lane::Small, 50))).await;
    let late = RunnableQuery {
        excluded_devices: Vec::new(),
        after: Some(ROWS as i64 - 50),
        scope: Scope::Batch(to.1),
        ..runnable(Lane::Large, 100)
    };
    assert_eq!(timed("runnable, after", quick, journal.runnable(late)).await.len(), 50);
    let last = timed("last page", quick, journal.page(Filter::default(), ROWS - 10, 100)).await;
    assert_eq!((last.total, last.rows.len()), (ROWS, 10));
    let attention = Filter { state: Some(StateGroup::Attention), text: None };
    timed("page of none", quick, journal.page(attention, 0, 100)).await;
    let text = Filter { state: None, text: Some("file 299999".to_owned()) };
    assert_eq!(timed("search", seconds(30), journal.page(text, 0, 100)).await.total, 1);
    let record =
        journal.record(rows[0].id, state(PhaseName::Settled, Standing::Done), Durability::Full);
    timed("one record", quick, record).await;
    let all = timed("standings of all", seconds(60), journal.standings(Selection::Open)).await;
    assert_eq!(all.len() as u64, ROWS - 1);
    let states = all
        .iter()
        .take(30_000)
        .map(|row| (row.0, state(PhaseName::Fresh, Standing::Paused)))
        .collect();
    assert_eq!(timed("pause 30,000", seconds(120), journal.set_states(states)).await, 30_000);
    timed("close", seconds(120), async {
        journal.close().await;
        Ok(())
    })
    .await;
    let journal = timed("open", seconds(120), Journal::open(dir.path())).await;
    assert_eq!(journal.totals(None).await.expect("sums").open(), ROWS - 1);
}
