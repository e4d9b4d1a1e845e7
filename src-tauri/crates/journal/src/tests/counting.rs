use proptest::prelude::*;

use super::*;
use crate::{Durability, PartRow, Selection, Totals};

/// Something a caller may do, in any order.
#[derive(Debug, Clone)]
enum Step {
    Enqueue(Vec<u64>, usize),
    Record(usize, PhaseName, Standing, Option<u64>),
    RecordMany(Vec<usize>, Standing),
    Part(usize, u32, u64),
    ForgetPart(usize, u32),
    ForgetParts(usize),
    Remove(Vec<usize>),
}

const STANDINGS: [Standing; 8] = [
    Standing::Active,
    Standing::Paused,
    Standing::Failed,
    Standing::Conflict,
    Standing::SourceChanged,
    Standing::Done,
    Standing::Skipped,
    Standing::Cancelled,
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let standing = prop::sample::select(&STANDINGS[..]);
    let phase = prop::sample::select(
        &[PhaseName::Fresh, PhaseName::Sending, PhaseName::Verifying, PhaseName::Settled][..],
    );
    let row = 0..12usize;
    let step = prop_oneof![
        3 => (prop::collection::vec(0..1u64 << 40, 1..5), 0..2usize).prop_map(|(sizes, batch)| Step::Enqueue(sizes, batch)),
        4 => (row.clone(), phase, standing.clone(), prop::option::of(0..1u64 << 40))
            .prop_map(|(row, phase, standing, size)| Step::Record(row, phase, standing, size)),
        1 => (prop::collection::vec(row.clone(), 0..6), standing).prop_map(|(rows, standing)| Step::RecordMany(rows, standing)),
        4 => (row.clone(), 1..5u32, 0..1u64 << 30).prop_map(|(row, number, size)| Step::Part(row, number, size)),
        1 => (row.clone(), 1..5u32).prop_map(|(row, number)| Step::ForgetPart(row, number)),
        1 => row.clone().prop_map(Step::ForgetParts),
        1 => prop::collection::vec(row, 0..6).prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 1..40)
}

fn pick(ids: &[TransferId], index: usize) -> TransferId {
    ids.get(index % ids.len().max(1)).copied().unwrap_or(TransferId(1))
}

async fn take(
    journal: &Journal,
    batches: &[(ProfileId, BatchId); 2],
    ids: &mut Vec<TransferId>,
    step: Step,
) {
    // A row may be gone or never have been: that is an answer, and no error of this test.
    let outcome = match step {
        Step::Enqueue(sizes, batch) => {
            let new: Vec<_> = sizes
                .iter()
                .enumerate()
                .map(|(number, size)| new_transfer(batches[batch], number as u64, *size))
                .collect();
            ids.extend(journal.enqueue(new).await.expect("queues"));
            Ok(())
        }
        Step::Record(row, phase, standing, size) => {
            let state = RowState { size, ..state(phase, standing) };
            journal.record(pick(ids, row), state, Durability::Normal).await
        }
        Step::RecordMany(rows, standing) => {
            let states = rows
                .iter()
                .map(|row| (pick(ids, *row), state(PhaseName::Sending, standing)))
                .collect();
            journal.set_states(states).await.map(drop)
        }
        Step::Part(row, number, size) => {
            let part = PartRow {
                number,
                size,
                etag: "e".to_owned(),
                crc64: None,
                crc64_nvme: None,
                md5: None,
            };
            journal.record_part(pick(ids, row), part).await
        }
        Step::ForgetPart(row, number) => journal.forget_part(pick(ids, row), number).await,
        Step::ForgetParts(row) => journal.forget_parts(pick(ids, row)).await,
        Step::Remove(rows) => {
            let rows: Vec<_> = rows.iter().map(|row| pick(ids, *row)).collect();
            journal.remove(&rows).await.map(drop)
        }
    };
    assert!(matches!(outcome, Ok(()) | Err(JournalError::NotFound)), "{outcome:?}");
}

/// The sums, counted anew from the rows.
async fn recount(journal: &Journal, batch: Option<BatchId>) -> Totals {
    let ids: Vec<_> = journal
        .standings(Selection::All)
        .await
        .expect("reads")
        .into_iter()
        .map(|row| row.0)
        .collect();
    let mut totals = Totals::default();
    for row in journal.transfers(&ids).await.expect("reads") {
        if batch.is_some_and(|batch| batch != row.batch) {
            continue;
        }
        totals.files += 1;
        totals.bytes += row.size;
        totals.acked_bytes += row.acked_bytes;
        let count = match row.standing {
            Standing::Active => &mut totals.active,
            Standing::Paused => &mut totals.paused,
            Standing::Failed => &mut totals.failed,
            Standing::Conflict => &mut totals.conflict,
            Standing::SourceChanged => &mut totals.source_changed,
            Standing::UntilQuiet => &mut totals.until_quiet,
            Standing::Done => &mut totals.done,
            Standing::Skipped => &mut totals.skipped,
            Standing::Cancelled => &mut totals.cancelled,
        };
        *count += 1;
        match row.standing {
            Standing::Active => {
                totals.active_bytes += row.size;
                totals.active_acked_bytes += row.acked_bytes;
            }
            Standing::Done => totals.done_bytes += row.size,
            Standing::Skipped | Standing::Cancelled => totals.left_out_bytes += row.size,
            _ => {}
        }
    }
    totals
}

/// A row's acknowledged bytes are the sum of its parts, and the file's size once it is done; what
/// ended otherwise has no parts.
async fn check_acked(journal: &Journal, ids: &[TransferId]) {
    for row in journal.transfers(ids).await.expect("reads") {
        let parts: u64 =
            journal.parts(row.id).await.expect("reads").iter().map(|part| part.size).sum();
        let expected = if row.standing == Standing::Done { row.size } else { parts };
        assert_eq!(row.acked_bytes, expected, "{row:?}");
        assert!(
            parts == 0 || row.standing == Standing::Done || !row.standing.has_ended(),
            "{row:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn totals_equal_a_recount(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (_dir, journal) = fresh().await;
            let batches = [batch(&journal, "").await, batch(&journal, "").await];
            let mut ids = Vec::new();
            for step in steps {
                take(&journal, &batches, &mut ids, step).await;
            }
            for batch in [None, Some(batches[0].1), Some(batches[1].1)] {
                assert_eq!(journal.totals(batch).await.expect("reads"), recount(&journal, batch).await, "{batch:?}");
            }
            check_acked(&journal, &ids).await;
            assert_eq!(journal.unreadable_rows(), 0);
        });
    }
}

/// The kept sums are those of a recount, for the whole queue and each batch. Rows that do not
/// decode are counted too, but what they hold cannot be told.
pub(super) async fn check_totals(journal: &Journal, shown: &str) {
    let standings = journal.standings(Selection::All).await.expect("reads");
    let ids: Vec<_> = standings.into_iter().map(|row| row.0).collect();
    let rows = journal.transfers(&ids).await.expect("reads");
    let unreadable = journal.unreadable_transfers(None).await.expect("reads").len();
    if unreadable > 0 {
        let totals = journal.totals(None).await.expect("reads");
        assert_eq!(totals.files, (rows.len() + unreadable) as u64, "{shown}");
        let told = recount(journal, None).await;
        let mut untold = 0;
        for standing in ferry_model::Standing::ALL {
            let more = totals.of(standing).checked_sub(told.of(standing));
            untold += more.unwrap_or_else(|| panic!("{shown}: too few are {standing:?}"));
        }
        assert_eq!(untold, unreadable as u64, "{shown}");
        return;
    }
    let batches: std::collections::BTreeSet<_> = rows.iter().map(|row| row.batch).collect();
    for batch in std::iter::once(None).chain(batches.into_iter().map(Some)) {
        let totals = journal.totals(batch).await.expect("reads");
        assert_eq!(totals, recount(journal, batch).await, "{shown}, {batch:?}");
    }
}
