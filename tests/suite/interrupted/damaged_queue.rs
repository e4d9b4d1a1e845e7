//! A queue whose file is damaged.

use std::path::PathBuf;

use ferry_sandbox::{Action, Operation, Rule};
use support::ferry::{BUCKET, Place, Ran};
use support::poll::until;

use crate::{MIB, interrupt, random_file};

/// Where the queue's file is.
fn queue_file(place: &Place) -> PathBuf {
    place.path("data").join("ferry.db")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_queue_says_so_and_keeps_what_can_be_read() {
    let place = Place::new().await;
    for n in 0..60 {
        random_file(&place, &format!("d/{n}.bin"), 100 + n);
    }
    let target = format!("oss://{BUCKET}/");
    let put = || place.put(&[&place.path("d")], &target, &[]);
    assert_eq!(Ran::of(put()).await.code, 0);
    let whole = place.run(["queue"]).await.stdout.lines().count();
    // Four pages in the middle of the rows.
    let mut bytes = std::fs::read(queue_file(&place)).expect("reads");
    let middle = bytes.len() * 2 / 3 / 4096 * 4096;
    bytes[middle..middle + 4 * 4096].fill(0);
    std::fs::write(queue_file(&place), &bytes).expect("writes");
    let shown = place.run(["queue"]).await;
    let left = shown.stdout.lines().count();
    assert!(shown.stderr.contains("damaged") && shown.stderr.contains("corrupt-1"), "{shown:?}");
    assert!(left > 0 && (left == whole) == (shown.code == 0), "{left} of {whole}: {shown:?}");
    let json = place.run(["queue", "--json"]).await;
    let first = json.stdout.lines().next().expect("a line");
    let first: serde_json::Value = serde_json::from_str(first).expect("JSON");
    assert_eq!(first["type"], "damage", "{json:?}");
    assert_eq!(first["recovery"]["salvaged"]["transfers"], left, "{json:?}");
    // A command that may write tells it once more; then it is told.
    assert!(Ran::of(put()).await.stderr.contains("damaged"));
    assert_eq!(place.run(["queue"]).await.stderr, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_is_not_counted_as_sent() {
    /// Bytes from a row's name to the word behind it.
    const ROW: usize = 400;
    let place = Place::new().await;
    for name in ["r/first.bin", "r/other.bin", "r/third.bin"] {
        random_file(&place, name, 4 * MIB);
    }
    place.sandbox.faults().add(Rule::on(Operation::UploadPart), Action::Stall);
    let target = format!("oss://{BUCKET}/");
    let put = || place.put(&[&place.path("r")], &target, &["--part-size", "1MiB"]);
    let child = place.start(put());
    until("three uploads", || place.sandbox.open_uploads(BUCKET).len() >= 3).await;
    interrupt(child.id().expect("runs"));
    child.wait_with_output().await.expect("ends");
    place.sandbox.faults().clear();
    let mut bytes = std::fs::read(queue_file(&place)).expect("reads");
    // A word that stands in no index, in the row of that name: wherever that is, as pages that
    // were left hold older copies of it.
    let position = |from: usize, what: &[u8], bytes: &[u8]| {
        let found = bytes[from..].windows(what.len()).position(|window| window == what);
        found.map(|at| from + at)
    };
    let (mut from, mut changed) = (0, 0);
    while let Some(row) = position(from, b"other.bin", &bytes) {
        from = row + 1;
        if let Some(word) = position(row, b"standard", &bytes).filter(|word| word - row < ROW) {
            bytes[word] = b'?';
            changed += 1;
        }
    }
    assert!(changed > 0, "the row is in the file");
    std::fs::write(queue_file(&place), &bytes).expect("writes");
    let again = Ran::of(put()).await;
    assert_eq!(again.code, 1, "{again:?}");
    assert_eq!((again.number("verified"), again.number("unreadable")), (2, 1), "{again:?}");
    assert!(again.stderr.contains("1 in the list of uploads cannot be read"), "{again:?}");
    let shown = place.run(["queue"]).await;
    assert_eq!((shown.code, shown.stdout.lines().count()), (1, 2), "{shown:?}");
}
