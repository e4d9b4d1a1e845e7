//! The order in which files are taken, after any moves.

use ferry_model::Place;
use proptest::prelude::*;

use super::*;
use crate::{BatchScope, Durability, Filter, Selection, StateGroup};

async fn taken(journal: &Journal) -> Vec<TransferId> {
    let rows = journal.runnable(runnable(Lane::Small, 1_000)).await.expect("reads").rows;
    rows.into_iter().map(|row| row.id).collect()
}

async fn shown(journal: &Journal, batch: BatchId) -> Vec<TransferId> {
    let filter = Filter { batch: Some(batch), ..Filter::default() };
    let page = journal.page(filter, 0, 1_000).await.expect("reads");
    page.rows.into_iter().map(|row| row.id).collect()
}

async fn listed(journal: &Journal) -> Vec<BatchId> {
    let page = journal.batches(BatchScope::All, 0, 100).await.expect("reads");
    page.batches.into_iter().map(|batch| batch.id).collect()
}

async fn add(journal: &Journal, to: (ProfileId, BatchId), files: u64) -> Vec<TransferId> {
    let new = (0..files).map(|number| new_transfer(to, number, 10)).collect::<Vec<_>>();
    journal.enqueue(new).await.expect("queues")
}

#[tokio::test]
async fn batches_are_taken_in_the_order_of_their_list() {
    let (_dir, journal) = fresh().await;
    let (first, second) = (batch(&journal, "1").await, batch(&journal, "2").await);
    let third = batch(&journal, "3").await;
    let mut files = Vec::new();
    for to in [first, second, third] {
        files.push(add(&journal, to, 2).await);
    }
    let more = add(&journal, first, 1).await;
    let [a, b, c] = &files[..] else { unreachable!("three were added") };
    let of_a = [a.as_slice(), &more].concat();
    assert_eq!(taken(&journal).await, [&of_a[..], b, c].concat());
    assert_eq!(listed(&journal).await, [first.1, second.1, third.1]);
    assert!(journal.move_batch(third.1, Place::Top).await.expect("moves"));
    assert_eq!(taken(&journal).await, [c, &of_a[..], b].concat());
    assert!(journal.move_batch(third.1, Place::Down).await.expect("moves"));
    assert!(journal.move_batch(first.1, Place::Bottom).await.expect("moves"));
    assert_eq!(listed(&journal).await, [third.1, second.1, first.1]);
    assert_eq!(taken(&journal).await, [c, b, &of_a[..]].concat());
    assert!(journal.move_batch(first.1, Place::Up).await.expect("moves"));
    assert!(!journal.move_batch(third.1, Place::Up).await.expect("moves"), "is the first");
    assert_eq!(listed(&journal).await, [third.1, first.1, second.1]);
    assert_eq!(journal.ranked_batches().await, Ok(vec![third.1, first.1, second.1]));
    // What is added later is the last again.
    let fourth = batch(&journal, "4").await;
    let d = add(&journal, fourth, 1).await;
    assert_eq!(taken(&journal).await, [c, &of_a[..], b, &d].concat());
}

#[tokio::test]
async fn what_is_queued_after_a_move_is_the_last_of_its_batch() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "1").await;
    let files = add(&journal, to, 3).await;
    let first = Selection::Ids(vec![files[0]]);
    journal.move_transfers(first, Place::Bottom).await.expect("moves");
    let end = journal.runnable(runnable(Lane::Small, 10)).await.expect("reads").end;
    let more = add(&journal, to, 2).await;
    let order = [files[1], files[2], files[0], more[0], more[1]];
    assert_eq!(taken(&journal).await, order);
    assert_eq!(shown(&journal, to.1).await, order);
    let since = RunnableQuery { after: Some(end), ..runnable(Lane::Small, 10) };
    let since = journal.runnable(since).await.expect("reads").rows;
    assert_eq!(since.into_iter().map(|row| row.id).collect::<Vec<_>>(), more);
}

/// A move of some files of a queue.
#[derive(Debug, Clone)]
struct Move {
    place: Place,
    /// Files by number, or all of a batch that are in a state.
    which: Result<Vec<usize>, (usize, bool)>,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let which = prop_oneof![
        3 => prop::collection::vec(0..12usize, 1..5).prop_map(Ok),
        1 => (0..2usize, any::<bool>()).prop_map(Err),
    ];
    let one = (prop::sample::select(Place::ALL.to_vec()), which)
        .prop_map(|(place, which)| Move { place, which });
    prop::collection::vec(one, 1..12)
}

async fn live(standings: Vec<Standing>, moves: Vec<Move>) {
    let journal = Journal::inline().expect("opens");
    let to = [batch(&journal, "1").await, batch(&journal, "2").await];
    let mut lists: [Vec<(TransferId, Standing)>; 2] = Default::default();
    for (number, standing) in standings.into_iter().enumerate() {
        let at = number % 2;
        let new = new_transfer(to[at], number as u64, 10);
        let id = journal.enqueue(vec![new]).await.expect("queues")[0];
        let phase = if standing.has_ended() { PhaseName::Settled } else { PhaseName::Fresh };
        journal.record(id, state(phase, standing), Durability::Normal).await.expect("writes");
        lists[at].push((id, standing));
    }
    let all: Vec<TransferId> = lists.iter().flatten().map(|file| file.0).collect();
    for Move { place, which } in moves {
        let (selection, chosen): (Selection, Vec<TransferId>) = match which {
            Ok(numbers) => {
                let ids: Vec<TransferId> =
                    numbers.iter().filter_map(|at| all.get(*at)).copied().collect();
                (Selection::Ids(ids.clone()), ids)
            }
            Err((at, paused)) => {
                let state = paused.then_some(StateGroup::Only(Standing::Paused));
                let filter = Filter { batch: Some(to[at].1), state, ..Filter::default() };
                let fits = |file: &&(TransferId, Standing)| !paused || file.1 == Standing::Paused;
                let ids = lists[at].iter().filter(fits).map(|file| file.0).collect();
                (Selection::Matching(filter), ids)
            }
        };
        journal.move_transfers(selection, place).await.expect("moves");
        for list in &mut lists {
            let ranked: Vec<_> = list.iter().copied().filter(|file| !file.1.has_ended()).collect();
            *list = place.moved(&ranked, |file| chosen.contains(&file.0));
        }
        let active = lists.iter().flatten().filter(|file| file.1 == Standing::Active);
        let active: Vec<TransferId> = active.map(|file| file.0).collect();
        assert_eq!(taken(&journal).await, active, "{place:?} {chosen:?}");
        for (list, to) in lists.iter().zip(to) {
            let page = shown(&journal, to.1).await;
            let open: Vec<TransferId> = list.iter().map(|file| file.0).collect();
            let page = page.into_iter().filter(|id| open.contains(id)).collect::<Vec<_>>();
            assert_eq!(page, open, "{place:?} {chosen:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_moves_end_as_a_list_would(
        standings in prop::collection::vec(
            prop::sample::select(vec![
                Standing::Active, Standing::Active, Standing::Paused, Standing::Done,
                Standing::Conflict,
            ]),
            1..12,
        ),
        moves in moves(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(live(standings, moves));
    }
}
