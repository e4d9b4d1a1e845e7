//! Commands that wait: whom they are for, and that they are for nobody else.

use std::collections::BTreeMap;

use ferry_model::{Deferred, StandingGroup};
use proptest::prelude::*;

use super::*;
use crate::{Durability, Filter, Selection, StateGroup, ViewQuery};

const LATER: i64 = 1_700_000_008_000;

fn conflicts() -> Selection {
    let state = Some(StateGroup::Only(Standing::Conflict));
    Selection::Matching(Filter { state, ..Filter::default() })
}

async fn queue(journal: &Journal, standings: &[Standing]) -> Vec<TransferId> {
    let to = batch(journal, "").await;
    let files = (0..standings.len() as u64).map(|number| new_transfer(to, number, 10));
    let ids = journal.enqueue(files.collect::<Vec<_>>()).await.expect("queues");
    let states = ids.iter().zip(standings).map(|(id, standing)| {
        let phase = if standing.has_ended() { PhaseName::Settled } else { PhaseName::Fresh };
        (*id, state(phase, *standing))
    });
    journal.set_states(states.collect()).await.expect("sets");
    ids
}

async fn is_for(journal: &Journal, number: i64) -> Vec<TransferId> {
    let found = journal.deferred_transfers(number, TransferId(0), 1_000).await.expect("reads");
    found.map(|(_, rows)| rows.into_iter().map(|row| row.id).collect()).unwrap_or_default()
}

#[tokio::test]
async fn a_command_is_for_what_it_met_and_for_nothing_that_came_to_it_later() {
    use Standing::{Active, Conflict, Done};
    let (_dir, journal) = fresh().await;
    let ids = queue(&journal, &[Conflict, Active, Conflict, Done]).await;
    let given = journal.defer(Deferred::Replace, conflicts(), LATER).await.expect("defers");
    let given = given.expect("is for two");
    assert_eq!((given.found.files(), given.found.name.as_deref()), (2, None));
    assert_eq!(is_for(&journal, given.number).await, [ids[0], ids[2]]);
    // Another one conflicts a moment later, and a new file does.
    let conflict = state(PhaseName::Fresh, Conflict);
    journal.record(ids[1], conflict, Durability::Full).await.expect("writes");
    queue(&journal, &[Conflict]).await;
    assert_eq!(is_for(&journal, given.number).await, [ids[0], ids[2]]);
    // Whose state is written meanwhile is let go, even where it is the same again.
    let again = state(PhaseName::Fresh, Conflict);
    journal.record(ids[2], again, Durability::Full).await.expect("writes");
    assert_eq!(is_for(&journal, given.number).await, [ids[0]]);
    // The next command is for all of them but the one that is taken.
    let next = journal.defer(Deferred::Skip, conflicts(), LATER).await.expect("defers");
    let next = next.expect("is for three");
    assert_eq!(next.found.files(), 3);
    assert!(!is_for(&journal, next.number).await.contains(&ids[0]));
    // What was taken is the next command's no more than before, once it is free.
    assert!(journal.end_deferred(given.number).await.expect("ends"));
    assert!(!journal.end_deferred(given.number).await.expect("ends"), "once");
    assert_eq!(is_for(&journal, given.number).await, []);
    let its = is_for(&journal, next.number).await;
    assert!(its.len() == 3 && !its.contains(&ids[0]), "{its:?}");
}

#[tokio::test]
async fn a_command_for_nothing_does_not_wait() {
    let (_dir, journal) = fresh().await;
    queue(&journal, &[Standing::Active]).await;
    let given = journal.defer(Deferred::Replace, Selection::All, LATER).await.expect("defers");
    assert_eq!(given, None);
    assert_eq!(journal.deferred().await.expect("reads"), []);
}

#[tokio::test]
async fn what_a_command_waits_for_is_not_run_nor_counted_nor_given_to_another() {
    use Standing::{Active, Failed, Paused};
    let (_dir, journal) = fresh().await;
    let ids = queue(&journal, &[Active, Active, Paused, Failed]).await;
    let chosen = Selection::Ids(vec![ids[0], ids[3]]);
    let given = journal.defer(Deferred::Cancel, chosen, LATER).await.expect("defers");
    let given = given.expect("is for two");
    let runs = || async {
        let rows = journal.runnable(runnable(Lane::Small, 10)).await.expect("reads").rows;
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(runs().await, [ids[1]]);
    let free = journal.free_standings(Selection::All).await.expect("reads");
    assert_eq!(free.into_iter().map(|row| row.0).collect::<Vec<_>>(), [ids[1], ids[2]]);
    let counted = journal.state_counts(Selection::All).await.expect("reads");
    assert_eq!(counted.iter().map(|state| state.files).sum::<u64>(), 2);
    let query = ViewQuery { limit: 10, ..ViewQuery::default() };
    let view = journal.view(query).await.expect("reads");
    let waits = BTreeMap::from([(ids[0], Deferred::Cancel), (ids[3], Deferred::Cancel)]);
    assert_eq!((view.waits, view.deferred), (waits, vec![given.clone()]));
    // The page has them as they are.
    assert_eq!(view.page.rows.len(), 4);
    journal.end_deferred(given.number).await.expect("ends");
    assert_eq!(runs().await, [ids[0], ids[1]]);
}

#[tokio::test]
async fn a_start_drops_what_waited_and_its_number_is_not_given_again() {
    let (dir, journal) = fresh().await;
    let ids = queue(&journal, &[Standing::Conflict]).await;
    let given = journal.defer(Deferred::Skip, Selection::All, LATER).await.expect("defers");
    let given = given.expect("is for one");
    assert_eq!(given.found.name.as_deref(), Some("file 0.bin"));
    journal.close().await;
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(journal.deferred().await.expect("reads"), std::slice::from_ref(&given).to_vec());
    assert!(journal.drop_deferred().await.expect("drops"));
    assert!(!journal.drop_deferred().await.expect("drops"));
    let row = journal.transfer(ids[0]).await.expect("reads").expect("is there");
    assert_eq!(row.standing, Standing::Conflict);
    let again = journal.defer(Deferred::Skip, Selection::All, LATER).await.expect("defers");
    assert!(again.expect("is for one").number > given.number);
}

#[tokio::test]
async fn one_that_does_not_decode_is_for_nothing() {
    let (_dir, journal) = fresh().await;
    let ids = queue(&journal, &[Standing::Active]).await;
    let given = journal.defer(Deferred::Cancel, Selection::All, LATER).await.expect("defers");
    assert!(given.is_some());
    run(&journal, "UPDATE deferred SET command = 'explode'").await.expect("runs");
    let rows = journal.runnable(runnable(Lane::Small, 10)).await.expect("reads").rows;
    assert_eq!(rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), ids);
    assert_eq!(journal.unreadable_rows(), 1);
    assert!(journal.drop_deferred().await.expect("drops"));
}

/// What happens to a queue of some rows.
#[derive(Debug, Clone)]
enum Act {
    Defer(Deferred, Which),
    End(usize),
    Write(usize, Standing),
    Add(Standing),
}

#[derive(Debug, Clone)]
enum Which {
    All,
    Open,
    Group(StandingGroup),
    Rows(Vec<usize>),
}

fn standing() -> impl Strategy<Value = Standing> {
    prop::sample::select(Standing::ALL.to_vec())
}

fn which() -> impl Strategy<Value = Which> {
    let groups = [
        StandingGroup::Active,
        StandingGroup::Paused,
        StandingGroup::Attention,
        StandingGroup::Ended,
    ];
    prop_oneof![
        Just(Which::All),
        Just(Which::Open),
        prop::sample::select(groups.to_vec()).prop_map(Which::Group),
        prop::collection::vec(0..8usize, 0..4).prop_map(Which::Rows),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (prop::sample::select(Deferred::ALL.to_vec()), which())
            .prop_map(|(command, which)| Act::Defer(command, which)),
        1 => (0..4usize).prop_map(Act::End),
        2 => (0..8usize, standing()).prop_map(|(row, standing)| Act::Write(row, standing)),
        1 => standing().prop_map(Act::Add),
    ]
}

/// Rows and commands as a list of each says them.
#[derive(Default)]
struct Lists {
    rows: Vec<(TransferId, Standing)>,
    commands: Vec<(i64, Vec<TransferId>)>,
}

impl Lists {
    fn selection(&self, which: &Which) -> (Selection, Vec<(TransferId, Standing)>) {
        let keep = |keep: &dyn Fn(&(TransferId, Standing)) -> bool| {
            self.rows.iter().copied().filter(|row| keep(row)).collect::<Vec<_>>()
        };
        match which {
            Which::All => (Selection::All, keep(&|_| true)),
            Which::Open => (Selection::Open, keep(&|row| !row.1.has_ended())),
            Which::Group(group) => {
                let state = Some(StateGroup::Group(*group));
                let filter = Filter { state, ..Filter::default() };
                (Selection::Matching(filter), keep(&|row| row.1.group() == *group))
            }
            Which::Rows(at) => {
                let ids: Vec<TransferId> =
                    at.iter().filter_map(|at| self.rows.get(*at)).map(|row| row.0).collect();
                (Selection::Ids(ids.clone()), keep(&|row| ids.contains(&row.0)))
            }
        }
    }

    fn is_taken(&self, id: TransferId) -> bool {
        self.commands.iter().any(|(_, ids)| ids.contains(&id))
    }
}

fn phase_of(standing: Standing) -> PhaseName {
    if standing.has_ended() { PhaseName::Settled } else { PhaseName::Sending }
}

async fn live(acts: Vec<Act>) {
    let journal = Journal::inline().expect("opens");
    let to = batch(&journal, "").await;
    let mut lists = Lists::default();
    for act in acts {
        match act {
            Act::Add(standing) => {
                let new = new_transfer(to, lists.rows.len() as u64, 10);
                let id = journal.enqueue(vec![new]).await.expect("queues")[0];
                let state = state(phase_of(standing), standing);
                journal.record(id, state, Durability::Normal).await.expect("writes");
                lists.rows.push((id, standing));
            }
            Act::Write(at, standing) => {
                let Some(row) = lists.rows.get_mut(at) else { continue };
                row.1 = standing;
                let id = row.0;
                let state = state(phase_of(standing), standing);
                journal.record(id, state, Durability::Normal).await.expect("writes");
                lists.commands.iter_mut().for_each(|(_, ids)| ids.retain(|other| *other != id));
            }
            Act::Defer(command, which) => {
                let (selection, rows) = lists.selection(&which);
                let ids: Vec<TransferId> = rows
                    .into_iter()
                    .filter(|(_, standing)| command.is_for(phase_of(*standing), *standing))
                    .map(|(id, _)| id)
                    .filter(|id| !lists.is_taken(*id))
                    .collect();
                let given = journal.defer(command, selection, 0).await.expect("defers");
                assert_eq!(given.as_ref().map_or(0, |given| given.found.files()), ids.len() as u64);
                lists.commands.extend(given.map(|given| (given.number, ids)));
            }
            Act::End(at) => {
                if at < lists.commands.len() {
                    let (number, _) = lists.commands.remove(at);
                    assert!(journal.end_deferred(number).await.expect("ends"));
                }
            }
        }
        for (number, ids) in &lists.commands {
            assert_eq!(is_for(&journal, *number).await, *ids, "{number}");
        }
        let free = journal.free_standings(Selection::All).await.expect("reads");
        let free: Vec<TransferId> = free.into_iter().map(|row| row.0).collect();
        let untaken = lists.rows.iter().map(|row| row.0).filter(|id| !lists.is_taken(*id));
        assert_eq!(free, untaken.collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn each_transfer_waits_for_one_command_at_most(acts in prop::collection::vec(act(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(live(acts));
    }
}
