//! Files that are waited for: until they are quiet, their volume is back, or they can be opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_engine::{Change, MemoryFiles, TransferCommand};
use ferry_journal::{RunnableScope, Selection, TransferRow};
use ferry_model::{FaultKind, KeyTemplate, Naming, Profile, Provider, Standing};
use ferry_sandbox::{Operation, Outcome};

use crate::bench::{BUCKET, Bench, MIB};
use crate::{SMALL, bytes, over, row_of};

/// The row once it does not run any more. Where the engine began it by itself, waiting until it is
/// idle may be too early.
async fn rested(bench: &Bench, path: &Path) -> TransferRow {
    let rests = async {
        loop {
            let row = row_of(bench, path).await;
            if row.standing != Standing::Active {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), rests).await.expect("comes to rest")
}

/// Waits, on a paused clock, until a file is not waited for any more.
async fn until_begun(bench: &Bench, path: &Path) {
    for _ in 0..100 {
        if row_of(bench, path).await.standing != Standing::UntilQuiet {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("waited for after 100 s without a change");
}

#[tokio::test]
async fn a_file_that_still_changes_goes_up_once_it_is_quiet() {
    let files = MemoryFiles::new();
    let bench = over(&files, Provider::Oss).await;
    let path = PathBuf::from("/log");
    files.apply(Change::Write(path.clone(), bytes(SMALL, 1)));
    files.at_step(files.steps() + 3, Change::Write(path.clone(), bytes(SMALL, 2)));
    bench.add(&[&path]).await;
    bench.engine.idle().await;
    assert_eq!(row_of(&bench, &path).await.standing, Standing::SourceChanged);
    let wait = bench.engine.apply(TransferCommand::WaitUntilQuiet, Selection::All).await;
    assert_eq!(wait, Ok(1));

    // Only the wait is on the test's clock: the store's connections keep real time.
    tokio::time::pause();
    for turn in 3..6 {
        tokio::time::sleep(Duration::from_secs(8)).await;
        assert_eq!(row_of(&bench, &path).await.standing, Standing::UntilQuiet);
        files.apply(Change::Write(path.clone(), bytes(SMALL, turn)));
    }
    until_begun(&bench, &path).await;
    tokio::time::resume();
    let row = rested(&bench, &path).await;
    assert_eq!(row.standing, Standing::Done, "{:?}", row.fault);
    let object = bench.sandbox.read_object(BUCKET, "log").expect("is there");
    assert!(object == bytes(SMALL, 5), "another content");
}

/// No file of an unplugged volume fails, others go on meanwhile, and its own go on by themselves,
/// also where the system gives the volume another number.
#[tokio::test(flavor = "multi_thread")]
async fn l13_an_unplugged_volume_is_waited_for() {
    let files = MemoryFiles::new();
    let bench = over(&files, Provider::Oss).await;
    let volume = PathBuf::from("/media/usb");
    files.apply(Change::Mount(volume.clone()));
    let (count, large) = (60, volume.join("large.bin"));
    files.apply(Change::Write(large.clone(), bytes(5 * MIB, 77)));
    for n in 0..count {
        files.apply(Change::Write(volume.join(format!("many/{n}.bin")), bytes(SMALL, n)));
    }
    files.at_step(files.steps() + 60, Change::Unmount(volume.clone()));
    bench.add(&[&large, &volume.join("many")]).await;
    let deadline = Duration::from_secs(30);
    let missing = async {
        while bench.engine.missing_volumes().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(deadline, missing).await.expect("the volume counts as missing");
    let fault = &bench.engine.missing_volumes()[0].fault;
    assert_eq!(fault.kind, FaultKind::VolumeMissing);

    files.apply(Change::Write("/disk/other.bin".into(), bytes(SMALL, 99)));
    bench.add(&[&"/disk/other.bin".into()]).await;
    bench
        .until("another volume's file", |sandbox| sandbox.read_object(BUCKET, "other.bin").is_ok())
        .await;
    let rows = bench.rows().await;
    let waits = rows.iter().filter(|row| row.standing == Standing::Active).count();
    assert!(waits > 10, "most of the volume's files are left: {waits}");
    let failed =
        rows.iter().find(|row| row.standing != Standing::Active && row.standing != Standing::Done);
    assert_eq!(failed, None, "what waits must not fail");

    // It comes back under another number, without one of the files.
    files.apply(Change::Mount(volume.clone()));
    let gone = volume.join("many/9.bin");
    files.apply(Change::Remove(gone.clone()));
    tokio::time::timeout(deadline, bench.engine.idle()).await.expect("all end");
    assert_eq!(bench.engine.missing_volumes(), []);
    for row in bench.rows().await {
        if row.source.as_path() == gone {
            assert_eq!(row.fault.map(|fault| fault.kind), Some(FaultKind::SourceMissing));
            continue;
        }
        assert_eq!((row.standing, row.fault), (Standing::Done, None), "{}", row.key);
    }
    // What was acknowledged before is not sent again.
    let parts = bench.sandbox.ledger().of(Operation::UploadPart);
    let acknowledged = parts.iter().filter(|part| part.outcome != Outcome::Dropped).count();
    assert_eq!(acknowledged, 5, "{parts:#?}");
    assert_eq!(bench.sandbox.ledger().count(Operation::Initiate), 1);
    assert_eq!(bench.sandbox.objects(BUCKET).len(), usize::try_from(count).expect("fits") + 1);
}

#[tokio::test]
async fn s3_too_many_open_files_are_waited_for() {
    let files = MemoryFiles::new();
    let bench = over(&files, Provider::Oss).await;
    files.apply(Change::Write("/a".into(), bytes(SMALL, 1)));
    // The first step looks at the file before anything is asked of the store; the second opens it
    // to send it.
    for step in [2, 3] {
        files.fail_step(files.steps() + step, FaultKind::TooManyOpenFiles);
    }
    bench.add(&[&"/a".into()]).await;
    bench.engine.idle().await;
    let row = row_of(&bench, Path::new("/a")).await;
    assert_eq!((row.standing, row.fault), (Standing::Done, None));
}

#[tokio::test]
async fn a_file_that_is_waited_for_is_still_waited_for_after_a_restart() {
    let files = MemoryFiles::new();
    let mut bench = over(&files, Provider::Oss).await;
    let path = PathBuf::from("/log");
    files.apply(Change::Write(path.clone(), bytes(SMALL, 1)));
    files.at_step(files.steps() + 3, Change::Write(path.clone(), bytes(SMALL, 2)));
    bench.add(&[&path]).await;
    bench.engine.idle().await;
    let wait = bench.engine.apply(TransferCommand::WaitUntilQuiet, Selection::All).await;
    assert_eq!(wait, Ok(1));
    bench.restart().await;
    bench.engine.idle().await;
    let standing = row_of(&bench, &path).await.standing;
    assert_eq!(standing, Standing::UntilQuiet, "forgotten by the restart");
    files.apply(Change::Write(path.clone(), bytes(SMALL, 3)));

    tokio::time::pause();
    until_begun(&bench, &path).await;
    tokio::time::resume();
    let row = rested(&bench, &path).await;
    assert_eq!(row.standing, Standing::Done, "{:?}", row.fault);
    let object = bench.sandbox.read_object(BUCKET, "log").expect("is there");
    assert!(object == bytes(SMALL, 3), "another content");
}

#[tokio::test]
async fn a_file_that_is_quiet_and_cannot_be_begun_is_asked_about_again() {
    let files = MemoryFiles::new();
    let bench = over(&files, Provider::Oss).await;
    let path = PathBuf::from("/log");
    files.apply(Change::Write(path.clone(), bytes(SMALL, 1)));
    bench.engine.set_scope(RunnableScope::Ids(Vec::new())).await;
    // Its key tells the content that it had: only another add can name it.
    let naming = Naming { template: "{hash8}{ext}".into(), ..Naming::default() };
    let profile = Profile { naming, ..bench.profile.clone() };
    bench
        .add_with(&profile, &[&path], |intake| {
            intake.template = KeyTemplate::parse("{hash8}{ext}").expect("a template");
        })
        .await;
    files.apply(Change::Write(path.clone(), bytes(SMALL, 2)));
    bench.engine.set_scope(RunnableScope::All).await;
    bench.engine.idle().await;
    let asked = row_of(&bench, &path).await;
    assert_eq!(asked.standing, Standing::SourceChanged, "{:?}", asked.fault);
    bench.engine.apply(TransferCommand::WaitUntilQuiet, Selection::All).await.expect("waits");
    tokio::time::pause();
    until_begun(&bench, &path).await;
    tokio::time::resume();
    assert_eq!(row_of(&bench, &path).await, asked);
}
