//! A file that was closed in order is believed at the next start, and nothing else is.
#![cfg(unix)]

use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::Durability;
use crate::names::{FILE, with_suffix};
use crate::seal;

/// A queue whose file is large enough to be sealed, closed.
async fn large() -> TempDir {
    let (dir, journal) = fresh().await;
    fill(&journal).await;
    journal.close().await;
    dir
}

async fn fill(journal: &Journal) {
    let filled = journal.write(Durability::Full, |connection| {
        connection.execute(
            "INSERT OR REPLACE INTO settings VALUES ('large', ?1)",
            [" ".repeat(6 << 20)],
        )?;
        Ok(())
    });
    filled.await.expect("writes");
}

fn is_sealed(dir: &TempDir) -> bool {
    seal::read(&dir.path().join(FILE)).is_some()
}

/// Makes the sums of the rows differ from the rows, which only a check of the whole file finds.
fn spoil(dir: &TempDir) {
    raw(dir.path()).execute("INSERT INTO totals VALUES (0, 'done', 7, 7, 7)", []).expect("writes");
}

#[tokio::test]
async fn what_was_closed_in_order_is_believed_until_something_changes_it() {
    let dir = large().await;
    assert!(is_sealed(&dir));
    let seal = with_suffix(&dir.path().join(FILE), ".whole").metadata().expect("is there");
    assert_eq!(seal.permissions().mode() & 0o777, 0o600);
    for _ in 0..2 {
        let journal = Journal::open(dir.path()).await.expect("opens");
        assert!(!is_sealed(&dir), "an open queue is not believed");
        journal.close().await;
        assert!(is_sealed(&dir), "also after a session that wrote nothing");
    }
    let reader = Journal::open_reading(dir.path()).await.expect("opens");
    reader.close().await;
    assert!(is_sealed(&dir), "reading changes nothing");

    let file = dir.path().join(FILE);
    let changes: [(&str, &dyn Fn()); 4] = [
        ("a byte", &|| {
            let mut open = std::fs::File::options().write(true).open(&file).expect("opens");
            open.seek(SeekFrom::Start((5 << 20) + 100))
                .and_then(|_| open.write_all(b"x"))
                .expect("writes");
        }),
        ("another file in its place", &|| {
            let copy = dir.path().join("copy");
            std::fs::copy(&file, &copy)
                .and_then(|_| std::fs::rename(&copy, &file))
                .expect("copies");
        }),
        ("its time put back", &|| {
            let open = std::fs::File::options().write(true).open(&file).expect("opens");
            let before = open.metadata().and_then(|found| found.modified()).expect("has a time");
            open.set_modified(before).expect("sets the time");
        }),
        ("no seal", &|| std::fs::remove_file(with_suffix(&file, ".whole")).expect("removes")),
    ];
    for (what, change) in changes {
        change();
        assert!(!is_sealed(&dir), "{what}");
        let journal = Journal::open(dir.path()).await.expect("opens");
        journal.close().await;
        assert!(is_sealed(&dir), "{what}: it was checked and closed");
    }
}

#[tokio::test]
async fn what_is_sealed_is_not_read_as_a_whole_and_what_is_not_is() {
    let dir = large().await;
    spoil(&dir);
    let file = dir.path().join(FILE);
    seal::put(&file, seal::Checked::now());
    assert!(is_sealed(&dir));
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(journal.recovery(), None, "nothing read all of it");
    journal.close().await;
    let reader = Journal::open_reading(dir.path()).await.expect("opens");
    assert_eq!(reader.recovery(), None);
    reader.close().await;
    std::fs::remove_file(with_suffix(&file, ".whole")).expect("removes");
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert!(matches!(journal.recovery(), Some(crate::Recovery::SetAside { .. })));
    journal.close().await;
}

#[tokio::test]
async fn a_check_is_believed_for_some_days_and_never_one_that_is_yet_to_come() {
    let dir = large().await;
    let file = dir.path().join(FILE);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs();
    let day = 24 * 60 * 60;
    for (checked, believed) in
        [(now, true), (now - 6 * day, true), (now - 8 * day, false), (now + day, false)]
    {
        seal::put(&file, seal::Checked(checked));
        assert_eq!(is_sealed(&dir), believed, "{checked}");
    }
    // Sessions that believe an earlier check do not make it younger.
    seal::put(&file, seal::Checked(now - 6 * day));
    Journal::open(dir.path()).await.expect("opens").close().await;
    assert_eq!(seal::read(&file), Some(seal::Checked(now - 6 * day)));
}

#[tokio::test]
async fn what_sqlite_found_damaged_is_checked_at_the_next_start() {
    let dir = large().await;
    let journal = Journal::open(dir.path()).await.expect("opens");
    let damaged = journal.read(|_| {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        Err::<(), _>(rusqlite::Error::SqliteFailure(code, None).into())
    });
    assert!(damaged.await.is_err());
    journal.close().await;
    assert!(!is_sealed(&dir));
    Journal::open(dir.path()).await.expect("opens").close().await;
    assert!(is_sealed(&dir), "it is whole");
}

#[tokio::test]
async fn small_files_are_not_sealed() {
    let (dir, journal) = fresh().await;
    journal.close().await;
    assert!(!with_suffix(&dir.path().join(FILE), ".whole").exists());
}
