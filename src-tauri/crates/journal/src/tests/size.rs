//! What a step costs in a long queue: the instructions that SQLite runs for it, which follow the
//! rows that it looks at. A count is the same on every computer; how long it takes is a bench's to
//! say.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ferry_model::{Deferred, Place};

use super::*;
use crate::{Durability, Filter, Selection, StateGroup};

const SHORT: u64 = 2_000;
const LONG: u64 = 8 * SHORT;
/// Rows that one commit takes in, and rows that one command changes, whatever the queue's length.
const AT_ONCE: u64 = 500;

/// How the cost of a step follows the length of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Growth {
    /// Not at all.
    None,
    /// It looks at each row, and at each only once.
    Linear,
}

/// A journal whose instructions are counted.
struct Counted {
    journal: Journal,
    instructions: Arc<AtomicU64>,
    costs: Vec<(&'static str, Growth, u64)>,
    _dir: TempDir,
}

impl Counted {
    async fn new() -> Self {
        let (dir, journal) = fresh().await;
        let instructions = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&instructions);
        let install = move |connection: &rusqlite::Connection| {
            let count = move || {
                counter.fetch_add(1, Ordering::Relaxed);
                false
            };
            Ok(connection.progress_handler(1, Some(count))?)
        };
        journal.read(install).await.expect("counts");
        Self { journal, instructions, costs: Vec::new(), _dir: dir }
    }

    async fn cost<T>(
        &mut self,
        step: &'static str,
        growth: Growth,
        call: impl Future<Output = Result<T, JournalError>>,
    ) -> T {
        let before = self.instructions.load(Ordering::Relaxed);
        let value = call.await.expect(step);
        self.costs.push((step, growth, self.instructions.load(Ordering::Relaxed) - before));
        value
    }
}

/// Takes every step once, in a queue of `rows` large files.
async fn costs(rows: u64) -> Vec<(&'static str, Growth, u64)> {
    let mut counted = Counted::new().await;
    let journal = counted.journal.clone();
    let to = batch(&journal, "print").await;
    // Only large files, so that the small lane finds nothing however far it looks.
    let files = |from: u64, count: u64| {
        (from..from + count).map(|number| new_transfer(to, number, 5_000)).collect::<Vec<_>>()
    };
    journal.enqueue(files(0, rows - AT_ONCE)).await.expect("queues");
    let more = journal.enqueue(files(rows - AT_ONCE, AT_ONCE));
    counted.cost("queue some more", Growth::None, more).await;

    let totals = counted.cost("totals", Growth::None, journal.totals(None)).await;
    assert_eq!((totals.files, totals.bytes), (rows, rows * 5_000));
    let first = journal.runnable(runnable(Lane::Large, 50));
    let first = counted.cost("what runs first", Growth::None, first).await.rows;
    assert_eq!(first.len(), 50);
    let none = journal.runnable(runnable(Lane::Small, 50));
    let none = counted.cost("what runs, none of the lane", Growth::Linear, none).await;
    assert_eq!((none.rows.len(), none.end), (0, first[0].position + rows as i64 - 1));
    let behind = RunnableQuery { after: Some(none.end), ..runnable(Lane::Small, 50) };
    let behind = journal.runnable(behind);
    let behind = counted.cost("what runs, added since", Growth::None, behind).await;
    assert_eq!(behind.rows.len(), 0);
    let late = RunnableQuery {
        excluded_devices: Vec::new(),
        after: Some(first[0].position + rows as i64 - 51),
        scope: RunnableScope::Batch(to.1),
        ..runnable(Lane::Large, 100)
    };
    let late = counted.cost("what runs last", Growth::None, journal.runnable(late)).await.rows;
    assert_eq!(late.len(), 50);
    let last = journal.page(Filter::default(), rows - 10, 100);
    let last = counted.cost("the last page", Growth::Linear, last).await;
    assert_eq!((last.total, last.rows.len()), (rows, 10));
    let attention = Filter {
        state: Some(StateGroup::Group(ferry_model::StandingGroup::Attention)),
        ..Filter::default()
    };
    counted.cost("a page of none", Growth::None, journal.page(attention, 0, 100)).await;
    let text = Filter { text: Some(format!("file {}.", rows - 1)), ..Filter::default() };
    let found = counted.cost("a search", Growth::Linear, journal.page(text, 0, 100)).await;
    assert_eq!(found.total, 1);
    let done = state(PhaseName::Settled, Standing::Done);
    let record = journal.record(first[0].id, done, Durability::Full);
    counted.cost("one record", Growth::None, record).await;
    let all = journal.standings(Selection::Open);
    let all = counted.cost("how all stand", Growth::Linear, all).await;
    assert_eq!(all.len() as u64, rows - 1);
    let one = Selection::Ids(vec![all[all.len() / 2].0]);
    let top = journal.move_transfers(one.clone(), Place::Top);
    counted.cost("one file to the top", Growth::Linear, top).await;
    let up = journal.move_transfers(one, Place::Up);
    counted.cost("one file up", Growth::Linear, up).await;
    let batch_up = journal.move_batch(to.1, Place::Bottom);
    counted.cost("a batch to the bottom", Growth::None, batch_up).await;
    let cancel = journal.defer(Deferred::Cancel, Selection::Open, 0);
    let cancel = counted.cost("a command that waits for all", Growth::Linear, cancel).await;
    let cancel = cancel.expect("is for all but one");
    assert_eq!(cancel.found.files(), rows - 1);
    let runs = journal.runnable(runnable(Lane::Large, 50));
    let runs = counted.cost("what runs while all waits", Growth::Linear, runs).await.rows;
    assert_eq!(runs.len(), 0);
    let some = journal.deferred_transfers(cancel.number, TransferId(0), AT_ONCE);
    let some = counted.cost("some that a command is for", Growth::None, some).await;
    assert_eq!(some.expect("waits").1.len() as u64, AT_ONCE);
    let undo = journal.end_deferred(cancel.number);
    assert!(counted.cost("to undo it", Growth::None, undo).await);
    let paused = state(PhaseName::Fresh, Standing::Paused);
    let some = all.iter().take(AT_ONCE as usize);
    let pause = journal.set_states(some.map(|row| (row.0, paused.clone())).collect());
    assert_eq!(counted.cost("pause some", Growth::None, pause).await as u64, AT_ONCE);
    counted.costs
}

#[tokio::test]
async fn l12_a_long_queue_costs_no_more_than_its_rows() {
    let (short, long) = (costs(SHORT).await, costs(LONG).await);
    for ((step, growth, few), (_, _, many)) in short.into_iter().zip(long) {
        println!("{step}: {few} of {SHORT} rows, {many} of {LONG}");
        // A tree that is a level deeper, and what a step costs by itself.
        let slack = few / 5 + 50;
        let most = match growth {
            Growth::None => few + slack,
            Growth::Linear => (few + slack) * (LONG / SHORT),
        };
        assert!(many <= most, "{step}: {few} of {SHORT} rows, {many} of {LONG}, at most {most}");
    }
}
