use super::*;
use crate::{Durability, PartRow};

#[tokio::test]
async fn a_full_disk_refuses_and_the_handle_goes_on() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let id = journal.enqueue(vec![new_transfer(to, 0, 1)]).await.expect("queues")[0];
    // No room for more than some pages.
    let room = "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA max_page_count = 60;";
    run(&journal, room).await.expect("sets");
    let large: Vec<_> = (1..=3000).map(|number| new_transfer(to, number, 1)).collect();
    assert_eq!(journal.enqueue(large.clone()).await, Err(JournalError::Full));
    assert_eq!(journal.totals(None).await.expect("reads").files, 1, "nothing of it is kept");

    // What fits still gets in, also when it waits together with what does not.
    let part = PartRow {
        number: 1,
        size: 1,
        etag: "\"1\"".to_owned(),
        crc64: None,
        crc64_nvme: None,
        md5: None,
    };
    let (before, refused, after) = tokio::join!(
        journal.record_part(id, part.clone()),
        journal.enqueue(large.clone()),
        journal.set_setting("limit", "1")
    );
    assert_eq!((before, refused, after), (Ok(()), Err(JournalError::Full), Ok(())));
    assert_eq!(journal.parts(id).await.expect("reads"), [part]);
    assert_eq!(journal.setting("limit").await, Ok(Some("1".to_owned())));

    run(&journal, "PRAGMA max_page_count = 1000000").await.expect("sets");
    assert_eq!(journal.enqueue(large).await.expect("there is room again").len(), 3000);
    journal
        .record(id, state(PhaseName::Settled, Standing::Done), Durability::Full)
        .await
        .expect("writes");
    journal.close().await;
    let verdict: String = raw(dir.path())
        .pragma_query_value(None, "integrity_check", |row| row.get(0))
        .expect("checks");
    assert_eq!(verdict, "ok");
}

#[tokio::test]
async fn a_transaction_that_is_lost_as_a_whole_takes_only_its_cause_with_it() {
    let (_dir, journal) = fresh().await;
    let (open, gate) = std::sync::mpsc::channel::<()>();
    // What SQLite does when a full disk leaves it no other way.
    let lost = journal.write(Durability::Full, |connection| -> Result<(), JournalError> {
        connection.execute_batch("ROLLBACK")?;
        Err(JournalError::Full)
    });
    // Behind the gate, the writes gather and share a transaction.
    let (waited, first, cause, last, ()) = tokio::join!(
        journal.read(move |_| gate.recv().map_err(|_| JournalError::closed())),
        journal.set_setting("first", "1"),
        lost,
        journal.set_setting("last", "1"),
        async move { open.send(()).expect("the gate waits") },
    );
    assert_eq!((waited, first, cause, last), (Ok(()), Ok(()), Err(JournalError::Full), Ok(())));
    for name in ["first", "last"] {
        assert_eq!(journal.setting(name).await, Ok(Some("1".to_owned())), "{name}");
    }
}

/// At every size of the file there is some statement that meets the full disk; whichever it is, a
/// write is whole or absent.
#[tokio::test]
async fn d1_wherever_the_disk_fills_up_writes_are_whole_or_absent() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let mut expected = 0;
    for room in (30..110i64).step_by(3) {
        journal
            .read(move |connection| Ok(connection.pragma_update(None, "max_page_count", room)?))
            .await
            .expect("sets");
        let writes: Vec<_> = (0..6u64)
            .map(|number| {
                let journal = journal.clone();
                tokio::spawn(async move {
                    journal
                        .enqueue(
                            (0..20)
                                .map(|row| new_transfer(to, number * 100 + row, 1))
                                .collect::<Vec<_>>(),
                        )
                        .await
                })
            })
            .collect();
        for write in writes {
            match write.await.expect("no panic") {
                Ok(ids) => expected += ids.len() as u64,
                Err(error) => assert_eq!(error, JournalError::Full, "{room}"),
            }
        }
        let totals = journal.totals(None).await.expect("reads");
        assert_eq!((totals.files, totals.active), (expected, expected), "{room}");
        assert_eq!(
            journal.batch_transfers(to.1).await.expect("reads").len() as u64,
            expected,
            "{room}"
        );
    }
    assert!(expected > 0, "some of it found room");
}

#[cfg(target_os = "linux")]
mod limited {
    use std::process::Command;

    use super::*;

    const CHILD: &str = "FERRY_JOURNAL_LIMITED_CHILD";

    /// Lets no file of this process grow beyond this, or any.
    fn limit(bytes: Option<u64>) {
        let soft = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let status = Command::new("prlimit")
            .arg(format!("--pid={}", std::process::id()))
            .arg(format!("--fsize={soft}:unlimited"))
            .status();
        assert!(status.expect("prlimit starts").success());
    }

    async fn meet_the_limit(dir: &Path) {
        let journal = Journal::open(dir).await.expect("opens");
        let to = batch(&journal, "").await;
        journal.enqueue(vec![new_transfer(to, 0, 1)]).await.expect("queues");
        journal.probe_write().await.expect("there is room");
        let rows = || (1..=3000).map(|number| new_transfer(to, number, 1)).collect::<Vec<_>>();
        for round in 0..3u64 {
            let log = std::fs::metadata(dir.join("ferry.db-wal")).expect("is there").len();
            limit(Some(log + 100 + 4096 * round));
            let refused = journal.enqueue(rows()).await;
            assert!(matches!(refused, Err(JournalError::Io(_))), "{refused:?}");
            let probed = journal.probe_write().await;
            assert!(matches!(probed, Err(JournalError::Io(_))), "{probed:?}");
            assert_eq!(journal.totals(None).await.expect("reads").files, 1, "nothing of it");
            limit(None);
            assert_eq!(journal.probe_write().await, Ok(()), "{round}");
        }
        assert_eq!(journal.enqueue(rows()).await.expect("the same handle").len(), 3000);
        journal.close().await;
        let verdict: String =
            raw(dir).pragma_query_value(None, "integrity_check", |row| row.get(0)).expect("checks");
        assert_eq!(verdict, "ok");
    }

    /// A limit on the size of files is a disk that fails each write: a process of its own meets it.
    #[test]
    fn a_disk_that_fails_writes_is_an_error_and_no_end() {
        if let Ok(dir) = std::env::var(CHILD) {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            runtime.expect("a runtime").block_on(meet_the_limit(Path::new(&dir)));
            println!("MET");
            return;
        }
        let dir = tempfile::tempdir().expect("a folder");
        let name = "tests::full::limited::a_disk_that_fails_writes_is_an_error_and_no_end";
        // Ignored, the signal becomes the error of the write.
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(std::env::current_exe().expect("its own path"))
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, dir.path())
            .output()
            .expect("starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("MET"), "{said}{complained}");
    }
}
