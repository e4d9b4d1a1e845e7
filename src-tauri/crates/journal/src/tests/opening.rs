use std::fs;

use super::*;
use crate::Recovery;

#[tokio::test]
async fn d4_one_at_a_time() {
    let (dir, journal) = fresh().await;
    assert!(matches!(Journal::open(dir.path()).await, Err(JournalError::Busy)));
    let clone = journal.clone();
    journal.close().await;
    let second = Journal::open(dir.path()).await.expect("free again, although a handle is left");
    assert!(matches!(clone.profiles().await, Err(JournalError::Broken(_))));
    drop(second);
}

#[cfg(unix)]
#[tokio::test]
async fn folder_and_files_are_the_users_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let base = tempfile::tempdir().expect("a folder");
    let dir = base.path().join("a/b");
    let journal = Journal::open(&dir).await.expect("makes it");
    journal.save_profile(&profile("x")).await.expect("saves");
    let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for file in fs::read_dir(&dir).expect("reads") {
        let path = file.expect("reads").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    journal.close().await;

    let link = base.path().join("link");
    symlink(&dir, &link).expect("links");
    assert!(
        matches!(Journal::open(&link).await, Err(JournalError::Broken(why)) if why.contains("link"))
    );
    let shared = base.path().join("shared");
    fs::create_dir(&shared).expect("makes");
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).expect("opens it to all");
    assert!(
        matches!(Journal::open(&shared).await, Err(JournalError::Broken(why)) if why.contains("other users"))
    );
    let planted = base.path().join("planted");
    fs::create_dir(&planted).expect("makes");
    fs::set_permissions(&planted, fs::Permissions::from_mode(0o700)).expect("sets");
    symlink(dir.join("ferry.db"), planted.join("ferry.db")).expect("links");
    assert!(
        matches!(Journal::open(&planted).await, Err(JournalError::Broken(why)) if why.contains("link"))
    );
    let file = base.path().join("file");
    fs::write(&file, "x").expect("writes");
    assert!(matches!(Journal::open(&file).await, Err(JournalError::Broken(_))));
}

#[tokio::test]
async fn another_users_folder_is_refused() {
    // Only root can make such a folder; without that right there is nothing to show.
    #[cfg(unix)]
    {
        let dir = tempfile::tempdir().expect("a folder");
        if std::os::unix::fs::chown(dir.path(), Some(12345), None).is_ok() {
            assert!(
                matches!(Journal::open(dir.path()).await, Err(JournalError::Broken(why)) if why.contains("another user"))
            );
        }
    }
}

#[tokio::test]
async fn c16_a_newer_file_is_left_alone() {
    let (dir, journal) = fresh().await;
    journal.close().await;
    let newer = i64::try_from(crate::schema::STEPS.len() + 1).expect("few steps");
    raw(dir.path()).pragma_update(None, "user_version", newer).expect("sets");
    let before = fs::read(dir.path().join("ferry.db")).expect("reads");
    assert!(matches!(Journal::open(dir.path()).await, Err(JournalError::Newer)));
    assert_eq!(fs::read(dir.path().join("ferry.db")).expect("reads"), before);
}

/// Damage, and whether the file can still be kept beside the new one.
type Damage = (&'static str, fn(&Path));

#[tokio::test]
async fn a_damaged_file_is_kept_and_reported() {
    let damages: [Damage; 5] = [
        ("no database", |file| {
            fs::write(file, b"this is no database, and never was one".repeat(200)).expect("writes")
        }),
        ("zeroed pages", |file| {
            let mut bytes = fs::read(file).expect("reads");
            let len = bytes.len();
            bytes[4096..len].fill(0);
            fs::write(file, bytes).expect("writes");
        }),
        ("cut", |file| {
            let bytes = fs::read(file).expect("reads");
            fs::write(file, &bytes[..bytes.len() / 4 * 3]).expect("writes");
        }),
        ("a table is gone", |file| {
            let connection = rusqlite::Connection::open(file).expect("opens");
            connection.execute_batch("DROP TABLE parts").expect("drops");
        }),
        ("version lost", |file| {
            rusqlite::Connection::open(file)
                .expect("opens")
                .pragma_update(None, "user_version", 0)
                .expect("sets");
        }),
    ];
    for (name, damage) in damages {
        let (dir, journal) = fresh().await;
        let to = batch(&journal, "").await;
        journal
            .enqueue((0..500).map(|number| new_transfer(to, number, 1)).collect::<Vec<_>>())
            .await
            .expect("queues");
        journal.close().await;
        damage(&dir.path().join("ferry.db"));
        let damaged = fs::read(dir.path().join("ferry.db")).expect("reads");
        let journal = Journal::open(dir.path()).await.expect(name);
        let Some(Recovery::SetAside { kept, salvaged, .. }) = journal.recovery_notice() else {
            panic!("{name}: no notice")
        };
        assert_eq!(kept.file_name().expect("a name"), "ferry.db.corrupt-1", "{name}");
        assert_eq!(fs::read(kept).expect("reads").len(), damaged.len(), "{name}");
        println!("{name}: {salvaged:?}");
        let rows = journal.totals(None).await.expect(name).open();
        assert_eq!(rows, salvaged.transfers, "{name}");
        let (least, lost) = match name {
            "a table is gone" | "version lost" => (500, Some(0)),
            // How many fit into what is left also depends on the pages of other tables.
            "cut" => (200, None),
            _ => (0, None),
        };
        assert!(rows >= least, "{name}: {rows}");
        assert!(salvaged.lost_transfers == lost || lost.is_none(), "{name}: {salvaged:?}");
        assert_eq!(salvaged.lost_transfers == Some(0), rows == 500, "{name}: {salvaged:?}");
        batch(&journal, "").await;
        // Until the user was told, every start reports it.
        let notice = journal.recovery_notice();
        journal.close().await;
        let journal = Journal::open(dir.path()).await.expect(name);
        assert_eq!(journal.recovery_notice(), notice, "{name}");
        journal.acknowledge_recovery().await.expect(name);
        journal.close().await;
        // The next start has nothing more to report, and the next damage another name.
        assert_eq!(Journal::open(dir.path()).await.expect(name).recovery_notice(), None, "{name}");
        fs::write(dir.path().join("ferry.db"), "again").expect("writes");
        let journal = Journal::open(dir.path()).await.expect(name);
        let Some(Recovery::SetAside { kept, .. }) = journal.recovery_notice() else {
            panic!("{name}: no notice")
        };
        assert!(kept.ends_with("ferry.db.corrupt-2"), "{name}");
    }
}

#[tokio::test]
async fn damaged_files_that_are_kept_do_not_fill_the_disk() {
    let (dir, journal) = fresh().await;
    journal.close().await;
    for _ in 0..6 {
        fs::write(dir.path().join("ferry.db"), "no database").expect("writes");
        Journal::open(dir.path()).await.expect("opens").close().await;
    }
    let mut kept: Vec<_> = fs::read_dir(dir.path())
        .expect("reads")
        .map(|file| file.expect("reads").file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("corrupt"))
        .collect();
    kept.sort();
    assert_eq!(kept, ["ferry.db.corrupt-4", "ferry.db.corrupt-5", "ferry.db.corrupt-6"]);
}

#[tokio::test]
async fn a_queue_that_is_gone_is_reported() {
    let losses: [Damage; 2] = [
        ("removed", |file| fs::remove_file(file).expect("removes")),
        ("emptied", |file| fs::write(file, "").expect("writes")),
    ];
    for (name, lose) in losses {
        let (dir, journal) = fresh().await;
        journal.close().await;
        lose(&dir.path().join("ferry.db"));
        let journal = Journal::open(dir.path()).await.expect(name);
        assert!(matches!(journal.recovery_notice(), Some(Recovery::Missing { .. })), "{name}");
    }
}

#[tokio::test]
async fn faults_have_the_kind_that_tells_a_person_what_to_do() {
    use ferry_model::FaultKind;
    let kinds = [
        (JournalError::Busy, FaultKind::JournalBusy),
        (JournalError::Full, FaultKind::DiskFull),
        (JournalError::Broken("why".to_owned()), FaultKind::JournalBroken),
        (JournalError::Newer, FaultKind::JournalBroken),
        (JournalError::NameTaken, FaultKind::InvalidInput),
        (JournalError::InUse, FaultKind::InvalidInput),
        (JournalError::NotFound, FaultKind::InvalidInput),
    ];
    for (error, kind) in kinds {
        assert_eq!(error.fault().kind, kind, "{error}");
    }
}

#[tokio::test]
async fn a_session_that_wrote_nothing_leaves_nothing_to_report() {
    let (dir, journal) = fresh().await;
    journal.save_profile(&profile("x")).await.expect("saves");
    journal.close().await;
    let lock = dir.path().join("ferry.lock");
    let ended = fs::read_to_string(&lock).expect("reads");
    assert!(ended.ends_with("1 ended\n"), "{ended}");
    // Killed between the two: the number is remembered, and in no file yet.
    fs::write(&lock, ended.replace("1 ended", "2 begun")).expect("writes");
    assert_eq!(Journal::open(dir.path()).await.expect("opens").recovery_notice(), None);
    // And a file of before, put in place of a later one.
    let older = fs::read(dir.path().join("ferry.db")).expect("reads");
    for name in ["y", "z"] {
        let journal = Journal::open(dir.path()).await.expect("opens");
        journal.save_profile(&profile(name)).await.expect("saves");
        journal.close().await;
    }
    fs::write(dir.path().join("ferry.db"), older).expect("writes");
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert!(matches!(journal.recovery_notice(), Some(Recovery::Older { .. })));
}

#[tokio::test]
async fn looking_at_a_queue_after_a_kill_leaves_nothing_to_report() {
    let (dir, journal) = fresh().await;
    journal.save_profile(&profile("x")).await.expect("saves");
    // What a kill leaves: the file, its log, and the number of a session that is open.
    let killed = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(dir.path()).expect("reads") {
        let entry = entry.expect("reads");
        fs::copy(entry.path(), killed.path().join(entry.file_name())).expect("copies");
    }
    journal.close().await;
    let looked = Journal::open_reading(killed.path()).await.expect("opens");
    assert_eq!(looked.profiles().await.expect("reads").len(), 1);
    looked.close().await;
    for _ in 0..2 {
        let journal = Journal::open(killed.path()).await.expect("opens");
        assert_eq!(journal.recovery_notice(), None);
        assert_eq!(journal.profiles().await.expect("reads").len(), 1);
        journal.close().await;
    }
}
