use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;
use crate::lock::Stage;
use crate::{Durability, PartRow, settings};

const CHILD: &str = "FERRY_JOURNAL_CRASH_CHILD";

/// Writes until it is killed, and says after each acknowledgement what was acknowledged.
async fn write_until_killed(dir: &Path) {
    let journal = Journal::open(dir).await.expect("opens");
    let to = batch(&journal, "").await;
    for round in 0u64.. {
        let ids = journal
            .enqueue((0..7).map(|row| new_transfer(to, round * 7 + row, 10)).collect::<Vec<_>>())
            .await
            .expect("queues");
        println!("ACK queued {}", ids.len());
        let id = ids[0];
        journal
            .record(id, state(PhaseName::Sending, Standing::Active), Durability::Full)
            .await
            .expect("writes");
        for number in 1..=3 {
            let part = PartRow {
                number,
                size: 3,
                etag: format!("\"{number}\""),
                crc64: None,
                crc64_nvme: None,
                md5: None,
            };
            journal.record_part(id, part).await.expect("writes");
            println!("ACK part {} {number}", id.0);
        }
    }
}

/// This test's own binary is the child: it is killed while it writes, and nothing it acknowledged
/// may be missing.
#[test]
fn c1_what_was_acknowledged_outlives_a_kill() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    if let Ok(dir) = std::env::var(CHILD) {
        return runtime.block_on(write_until_killed(Path::new(&dir)));
    }
    for rounds in [1, 4, 11, 40, 75] {
        let dir = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(std::env::current_exe().expect("its own path"))
            .args([
                "--exact",
                "tests::crash::c1_what_was_acknowledged_outlives_a_kill",
                "--nocapture",
            ])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("is piped")).lines();
        let mut said = Vec::new();
        while said.len() < rounds {
            let line = lines.next().expect("the child goes on").expect("reads");
            said.extend(line.strip_prefix("ACK ").map(str::to_owned));
        }
        // On Unix this is SIGKILL. What it still said before it died counts too.
        child.kill().expect("kills");
        child.wait().expect("ends");
        said.extend(
            lines
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("ACK ").map(str::to_owned)),
        );
        runtime.block_on(check(dir.path(), &said));
    }
}

async fn check(dir: &Path, said: &[String]) {
    let journal = Journal::open(dir).await.expect("the lock went with the process");
    assert_eq!(journal.recovery_notice(), None);
    let mut queued = 0;
    for line in said {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["queued", rows] => queued += rows.parse::<u64>().expect("a number"),
            ["part", id, number] => {
                let parts = journal.parts(id.parse().expect("a number")).await.expect("reads");
                assert!(
                    parts.iter().any(|part| part.number.to_string() == number),
                    "{line} is missing"
                );
            }
            _ => {} // A line that the kill cut.
        }
    }
    let totals = journal.totals(None).await.expect("reads");
    assert!(
        totals.files >= queued && totals.files.is_multiple_of(7),
        "{} of {queued}",
        totals.files
    );
}

/// A session that ends takes its log away before it can say that it ended.
#[tokio::test]
async fn a_kill_at_the_end_of_a_session_is_no_loss() {
    let (dir, journal) = fresh().await;
    journal.save_profile(&profile("x")).await.expect("saves");
    journal.close().await;
    let mut opened = crate::open::open(dir.path()).expect("opens");
    opened.remember(Stage::Begun).expect("remembers");
    let session = opened.session.to_string();
    settings::write(&opened.connection, settings::SESSION, &session).expect("writes");
    opened.remember(Stage::Open).expect("remembers");
    // Killed here, and no later.
    let held = opened.fold();
    assert!(held.is_some(), "nothing was folded");
    drop(held);
    let log = dir.path().join("ferry.db-wal");
    assert!(std::fs::metadata(log).is_err(), "the log is still there: nothing was tested");
    for reading in [true, false] {
        let journal = match reading {
            true => Journal::open_reading(dir.path()).await.expect("opens"),
            false => Journal::open(dir.path()).await.expect("opens"),
        };
        assert_eq!(journal.recovery_notice(), None);
        assert_eq!(journal.profiles().await.expect("reads").len(), 1);
        journal.close().await;
    }
}
