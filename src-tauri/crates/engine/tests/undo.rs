//! Commands that destroy or skip something: nothing happens before their time, and nothing that was
//! undone, or waited when the program ended, ever does.

mod bench;

use std::time::Duration;

use bench::{BUCKET, Bench, MIB};
use ferry_engine::TransferCommand;
use ferry_journal::{Selection, TransferRow};
use ferry_model::undo::UNDO;
use ferry_model::{ExistingPolicy, Phase, Profile, Provider, Standing};
use ferry_sandbox::{Action, Operation, Rule};

const REPLACE: TransferCommand = TransferCommand::Decide(ExistingPolicy::Overwrite);
const SKIP: TransferCommand = TransferCommand::Decide(ExistingPolicy::Skip);
/// Well within the time in which a command can be undone.
const WHILE: Duration = Duration::from_millis(1_500);

/// A file whose name another client's object has.
async fn conflict() -> Bench {
    let bench = Bench::new(Provider::Oss).await;
    bench.put_theirs("taken.bin", b"theirs").await;
    let profile = Profile { existing: ExistingPolicy::Ask.into(), ..bench.profile.clone() };
    bench.add_to(&profile, &[&bench.file("taken.bin", 1_000)]).await;
    bench.engine.idle().await;
    assert_eq!(bench.rows().await[0].standing, Standing::Conflict);
    bench
}

/// A file of which some parts are acknowledged, and the others are not answered.
async fn under_way() -> Bench {
    let bench = Bench::new(Provider::Oss).await;
    bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(3), Action::Stall);
    bench.add(&[&bench.file("long.bin", 5 * MIB)]).await;
    bench
        .until("two parts", |sandbox| {
            sandbox.open_uploads(BUCKET).first().is_some_and(|upload| upload.parts.len() >= 2)
        })
        .await;
    bench
}

async fn give(bench: &Bench, command: TransferCommand) -> i64 {
    let given = bench.engine.give(command, Selection::All).await.expect("is taken");
    given.expect("waits").number
}

fn theirs(bench: &Bench) -> bool {
    bench.sandbox.read_object(BUCKET, "taken.bin").is_ok_and(|object| object == b"theirs")
}

async fn row(bench: &Bench) -> TransferRow {
    bench.rows().await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_replaced_only_once_it_can_no_longer_be_undone() {
    let bench = conflict().await;
    let there = row(&bench).await.there.expect("was looked at");
    assert_eq!(there.size, 6);
    assert!(there.modified_ms.is_some_and(|at| at > 1_500_000_000_000), "{there:?}");
    let before = row(&bench).await;
    give(&bench, REPLACE).await;
    tokio::time::sleep(WHILE).await;
    assert!(theirs(&bench));
    assert_eq!(row(&bench).await, before);
    bench.engine.idle().await;
    let after = row(&bench).await;
    assert_eq!((after.standing, after.there), (Standing::Done, None));
    assert!(!theirs(&bench));
    assert_eq!(bench.engine.undoable(), Vec::<i64>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undone_never_happens() {
    for command in [REPLACE, SKIP, TransferCommand::Cancel, TransferCommand::Remove] {
        let bench = conflict().await;
        let before = row(&bench).await;
        let number = give(&bench, command).await;
        assert!(bench.engine.undo(number).await.expect("undoes"));
        assert!(!bench.engine.undo(number).await.expect("looks"), "once");
        assert_eq!(row(&bench).await, before, "{command:?}");
        // The next command is for it again, and the first one's time passes.
        let number = give(&bench, SKIP).await;
        tokio::time::sleep(WHILE).await;
        assert!(bench.engine.undo(number).await.expect("undoes"));
        bench.engine.idle().await;
        assert_eq!((row(&bench).await, theirs(&bench)), (before, true), "{command:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_stops_at_once_and_once_undone_the_same_upload_goes_on() {
    let bench = under_way().await;
    let before = row(&bench).await.phase;
    let number = give(&bench, TransferCommand::Cancel).await;
    assert_eq!(bench.engine.all_live(), []);
    tokio::time::sleep(WHILE).await;
    assert_eq!(bench.sandbox.open_uploads(BUCKET).len(), 1);
    // Others leave alone what waits.
    for command in [TransferCommand::Pause, TransferCommand::Resume, TransferCommand::Cancel] {
        let met = bench.engine.apply(command, Selection::All).await.expect("applies");
        assert_eq!(met, 0, "{command:?}");
    }
    assert_eq!(bench.engine.remove(Selection::All).await.expect("removes"), 0);
    bench.sandbox.faults().clear();
    assert!(bench.engine.undo(number).await.expect("undoes"));
    bench.assert_done("long.bin").await;
    assert_eq!(bench.sandbox.ledger().count(Operation::Initiate), 1);
    assert!(matches!(before, Phase::Sending(_)), "{before:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_and_a_removal_are_carried_out_in_their_time() {
    let bench = under_way().await;
    give(&bench, TransferCommand::Cancel).await;
    bench.engine.idle().await;
    assert_eq!(row(&bench).await.standing, Standing::Cancelled);
    assert_eq!(bench.sandbox.open_uploads(BUCKET).len(), 0);
    let bench = under_way().await;
    give(&bench, TransferCommand::Remove).await;
    bench.until("the abort", |sandbox| sandbox.open_uploads(BUCKET).is_empty()).await;
    for _ in 0..100 {
        if bench.rows().await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still there: {:?}", bench.rows().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_the_program_drops_what_waits() {
    for command in [REPLACE, SKIP, TransferCommand::Cancel, TransferCommand::Remove] {
        let mut bench = conflict().await;
        let before = row(&bench).await;
        give(&bench, command).await;
        bench.restart().await;
        tokio::time::sleep(UNDO + WHILE).await;
        bench.engine.idle().await;
        assert_eq!((row(&bench).await, theirs(&bench)), (before, true), "{command:?}");
        assert_eq!(bench.journal.deferred().await.expect("reads"), [], "{command:?}");
    }
    let mut bench = under_way().await;
    give(&bench, TransferCommand::Remove).await;
    bench.sandbox.faults().clear();
    bench.restart().await;
    bench.assert_done("long.bin").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_destroys_nothing_happens_at_once() {
    let bench = conflict().await;
    let rename = TransferCommand::Decide(ExistingPolicy::Rename);
    assert_eq!(bench.engine.give(rename, Selection::All).await.expect("is taken"), None);
    bench.engine.idle().await;
    let row = row(&bench).await;
    assert_eq!((row.standing, row.key.as_str()), (Standing::Done, "taken (2).bin"));
}
