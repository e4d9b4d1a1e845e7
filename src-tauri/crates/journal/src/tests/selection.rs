//! Which rows are chosen: to run, for a page, by a selection.

use ferry_model::{SourceIdentity, StandingGroup};

use super::*;
use crate::{Durability, Filter, Selection, StateGroup};

#[tokio::test]
async fn runnable_goes_by_position_lane_and_scope() {
    let (_dir, journal) = fresh().await;
    let first = batch(&journal, "").await;
    let second = batch(&journal, "").await;
    let other = (journal.save_profile(&profile("Other")).await.expect("saves"), second.1);
    // Small is up to 100 bytes: positions 1..=6 are small, large, small, large, small, small.
    let rows = [(first, 100), (first, 101), (second, 0), (second, 5000), (other, 1), (first, 2)];
    let new: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(number, (to, size))| new_transfer(*to, number as u64, *size))
        .collect();
    let ids = journal.enqueue(new).await.expect("queues");
    journal
        .record(ids[5], state(PhaseName::Fresh, Standing::Paused), Durability::Full)
        .await
        .expect("writes");
    let small = || runnable(Lane::Small, 10);
    let large = || runnable(Lane::Large, 10);
    let cases = [
        ("small", small(), vec![0, 2]),
        ("large", large(), vec![1, 3]),
        ("limit", RunnableQuery { limit: 2, ..small() }, vec![0, 2]),
        ("none", RunnableQuery { limit: 0, ..small() }, vec![]),
        ("batch", RunnableQuery { scope: RunnableScope::Batch(second.1), ..small() }, vec![2]),
        (
            "ids",
            RunnableQuery {
                scope: RunnableScope::Ids(vec![ids[5], ids[4], ids[0], ids[1]]),
                ..small()
            },
            vec![0],
        ),
        ("profile", RunnableQuery { profile: other.0, ..small() }, vec![4]),
        ("unknown profile", RunnableQuery { profile: ProfileId(77), ..small() }, vec![]),
        ("running", RunnableQuery { excluded: vec![ids[0]], ..small() }, vec![2]),
        ("after", RunnableQuery { after: Some(1), ..small() }, vec![2]),
        ("all small", RunnableQuery { small_limit: u64::MAX, ..small() }, vec![0, 1, 2, 3]),
    ];
    for (name, query, expected) in cases {
        let got: Vec<_> =
            journal.runnable(query).await.expect(name).rows.iter().map(|row| row.id).collect();
        assert_eq!(
            got,
            expected.into_iter().map(|index: usize| ids[index]).collect::<Vec<_>>(),
            "{name}"
        );
    }
    // Taking back costs one small request, however large the file.
    journal
        .record(ids[3], state(PhaseName::Aborting, Standing::Active), Durability::Full)
        .await
        .expect("writes");
    let got: Vec<_> =
        journal.runnable(small()).await.expect("reads").rows.iter().map(|row| row.id).collect();
    assert_eq!(got, [ids[0], ids[2], ids[3]]);
    let profiles = journal.active_profiles().await.expect("reads");
    assert_eq!(profiles, [first.0, other.0]);
}

#[tokio::test]
async fn files_of_a_missing_volume_are_left_out_and_counted() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let on = |number: u64, device: Option<u64>| NewTransfer {
        identity: device.map(|device| SourceIdentity {
            device,
            file: number,
            size: 5,
            modified_ns: 1,
            changed_ns: 1,
        }),
        ..new_transfer(to, number, 5)
    };
    let new = vec![on(0, Some(7)), on(1, Some(8)), on(2, None), on(3, Some(8)), on(4, Some(9))];
    let ids = journal.enqueue(new).await.expect("queues");
    let paused = state(PhaseName::Fresh, Standing::Paused);
    journal.record(ids[3], paused, Durability::Full).await.expect("writes");
    for (devices, expected) in
        [(vec![], vec![0, 1, 2, 4]), (vec![8], vec![0, 2, 4]), (vec![7, 9, 1], vec![1, 2])]
    {
        let query = RunnableQuery { excluded_devices: devices.clone(), ..runnable(Lane::Small, 9) };
        let rows = journal.runnable(query).await.expect("reads").rows;
        let expected: Vec<_> = expected.into_iter().map(|index: usize| ids[index]).collect();
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), expected, "{devices:?}");
    }
    let counted = journal.files_on(&[8, 9, 1]).await.expect("reads");
    assert_eq!(counted, [(8, 1), (9, 1)].into());
}

#[tokio::test]
async fn pages_filter_search_and_count() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let mut new: Vec<_> = (0..25).map(|number| new_transfer(to, number, 1)).collect();
    new[7].name = "100%_Ünïcode\\.TXT".to_owned();
    let ids = journal.enqueue(new).await.expect("queues");
    let states = [
        (0, Standing::Done),
        (1, Standing::Done),
        (2, Standing::Failed),
        (3, Standing::Conflict),
        (4, Standing::Skipped),
    ];
    let states = states.map(|(index, standing)| (ids[index], state(PhaseName::Settled, standing)));
    assert_eq!(journal.set_states(states.into()).await, Ok(5));
    let filter = |state, text: Option<&str>| Filter {
        state,
        text: text.map(str::to_owned),
        ..Filter::default()
    };
    let cases = [
        (filter(None, None), 0, 10, 25, (0..10).collect::<Vec<_>>()),
        (filter(None, None), 20, 10, 25, (20..25).collect()),
        (filter(None, None), 30, 10, 25, vec![]),
        (filter(Some(StateGroup::Only(Standing::Done)), None), 1, 10, 2, vec![1]),
        (filter(Some(StateGroup::Group(StandingGroup::Attention)), None), 0, 10, 2, vec![2, 3]),
        (filter(Some(StateGroup::Group(StandingGroup::Ended)), None), 0, 10, 3, vec![0, 1, 4]),
        (filter(Some(StateGroup::Only(Standing::Skipped)), None), 0, 10, 1, vec![4]),
        (filter(Some(StateGroup::Open), None), 0, 3, 22, vec![2, 3, 5]),
        (filter(Some(StateGroup::Group(StandingGroup::Paused)), None), 0, 3, 0, vec![]),
        (filter(None, Some("FILE 1")), 0, 3, 11, vec![1, 10, 11]),
        (
            filter(Some(StateGroup::Group(StandingGroup::Active)), Some("file 1")),
            0,
            3,
            10,
            vec![10, 11, 12],
        ),
        (filter(None, Some("%")), 0, 10, 1, vec![7]),
        (filter(None, Some("_ünï")), 0, 10, 0, vec![]),
        (filter(None, Some("_Ünï")), 0, 10, 1, vec![7]),
        (filter(None, Some("\\.t")), 0, 10, 1, vec![7]),
        (filter(None, Some("目录")), 0, 1, 25, vec![0]),
        (filter(None, Some("")), 0, 1, 25, vec![0]),
    ];
    for (filter, offset, limit, total, expected) in cases {
        let page = journal.page(filter.clone(), offset, limit).await.expect("reads");
        let got: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        let expected: Vec<_> = expected.into_iter().map(|index| ids[index]).collect();
        assert_eq!((page.total, got), (total, expected), "{filter:?} {offset} {limit}");
    }
}

#[tokio::test]
async fn standings_follow_the_selection() {
    let (_dir, journal) = fresh().await;
    let (first, second) = (batch(&journal, "").await, batch(&journal, "").await);
    let ids = journal
        .enqueue(vec![
            new_transfer(first, 1, 1),
            new_transfer(second, 2, 1),
            new_transfer(first, 3, 1),
        ])
        .await
        .expect("queues");
    journal
        .record(ids[0], state(PhaseName::Settled, Standing::Done), Durability::Full)
        .await
        .expect("writes");
    journal
        .record(ids[1], state(PhaseName::Sending, Standing::Paused), Durability::Full)
        .await
        .expect("writes");
    let unverified =
        Filter { state: Some(StateGroup::Except(Standing::Done)), ..Filter::default() };
    for (selection, expected) in [
        (Selection::All, vec![0, 1, 2]),
        (Selection::Open, vec![1, 2]),
        (Selection::Batch(first.1), vec![0, 2]),
        (Selection::Ids(vec![ids[2], ids[1], TransferId(99)]), vec![1, 2]),
        (Selection::Ids(vec![]), vec![]),
        (Selection::Matching(Filter::default()), vec![0, 1, 2]),
        (Selection::Matching(Filter { batch: Some(first.1), ..Filter::default() }), vec![0, 2]),
        (Selection::Matching(unverified.clone()), vec![1, 2]),
        (Selection::Matching(Filter { batch: Some(first.1), ..unverified.clone() }), vec![2]),
        (Selection::Matching(Filter { text: Some("file 2.".into()), ..unverified }), vec![1]),
    ] {
        let got: Vec<_> = journal
            .standings(selection.clone())
            .await
            .expect("reads")
            .iter()
            .map(|row| row.0)
            .collect();
        assert_eq!(
            got,
            expected.into_iter().map(|index: usize| ids[index]).collect::<Vec<_>>(),
            "{selection:?}"
        );
    }
    let row = journal.standings(Selection::Ids(vec![ids[1]])).await.expect("reads").remove(0);
    assert_eq!(row, (ids[1], Phase::Sending("upload-1".into()), Standing::Paused));
    let states = vec![
        (ids[2], state(PhaseName::Fresh, Standing::Paused)),
        (TransferId(99), state(PhaseName::Fresh, Standing::Paused)),
    ];
    assert_eq!(journal.set_states(states).await, Ok(1));
    let done = state(PhaseName::Settled, Standing::Done);
    journal.record(ids[2], done, Durability::Full).await.expect("writes");
    for (standing, scope, expected) in [
        (Standing::Done, RunnableScope::All, vec![ids[0], ids[2]]),
        (Standing::Done, RunnableScope::Batch(second.1), vec![]),
        (Standing::Done, RunnableScope::Ids(vec![ids[1], ids[2]]), vec![ids[2]]),
        (Standing::Paused, RunnableScope::Batch(second.1), vec![ids[1]]),
        (Standing::UntilQuiet, RunnableScope::All, vec![]),
    ] {
        let rows = journal.of_standing(standing, &scope).await.expect("reads");
        let got: Vec<_> = rows.iter().map(|row| row.id).collect();
        assert_eq!(got, expected, "{standing:?} {scope:?}");
    }
}
