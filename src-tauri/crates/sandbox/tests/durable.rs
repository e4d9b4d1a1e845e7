//! What survives the end of a sandbox, however it ends.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod plain;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use ferry_sandbox::{Config, DataPolicy, Error, Sandbox};
use plain::{BUCKET, complete, config, head, initiate, send, start, upload_part};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Set for the process that is to be a sandbox over this root, and to be killed.
const CHILD_ROOT: &str = "FERRY_SANDBOX_TEST_ROOT";

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let address = sandbox.addr();
    send(address, "PUT", "/tests/%E7%85%A7//a", &[("x-oss-meta-who", "alice")], b"one")
        .await
        .unwrap();
    send(address, "PUT", "/tests/%E7%85%A7//a", &[("x-oss-meta-who", "bob")], b"two")
        .await
        .unwrap();
    let done = initiate(address, "multi").await;
    let parts = [
        (1, upload_part(address, "multi", &done, 1, &vec![7; 102_400]).await),
        (2, upload_part(address, "multi", &done, 2, b"end").await),
    ];
    complete(address, "multi", &done, &parts).await.unwrap();
    let open = initiate(address, "open").await;
    upload_part(address, "open", &open, 3, b"old").await;
    let third = upload_part(address, "open", &open, 3, b"three").await;
    let (objects, uploads) = (sandbox.objects(BUCKET), sandbox.open_uploads(BUCKET));
    assert_eq!((objects.len(), uploads.len()), (2, 1));
    sandbox.shutdown().await;
    let sandbox = start(root.path()).await;
    assert_eq!(sandbox.objects(BUCKET), objects);
    assert_eq!(sandbox.open_uploads(BUCKET), uploads);
    assert_eq!(sandbox.read_object(BUCKET, "照//a").unwrap(), b"two");
    assert_eq!(sandbox.object(BUCKET, "照//a").unwrap().versions, 2);
    assert_eq!(sandbox.read_object(BUCKET, "multi").unwrap().len(), 102_403);
    let answer = complete(sandbox.addr(), "open", &open, &[(3, third)]).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(sandbox.read_object(BUCKET, "open").unwrap(), b"three");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn nothing_is_left_of_what_is_gone() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let address = sandbox.addr();
    for round in 0..2 {
        let id = initiate(address, "k").await;
        let etag = upload_part(address, "k", &id, 1, b"part").await;
        complete(address, "k", &id, &[(1, etag)]).await.unwrap();
        assert_eq!(sandbox.object(BUCKET, "k").unwrap().versions, round + 1);
    }
    send(address, "PUT", "/tests/k", &[], b"plain").await.unwrap();
    let aborted = initiate(address, "k").await;
    upload_part(address, "k", &aborted, 1, b"part").await;
    send(address, "DELETE", &format!("/tests/k?uploadId={aborted}"), &[], b"").await.unwrap();
    let left = files(&root.path().join("buckets"));
    assert_eq!(left.len(), 2, "the bucket and one object: {left:?}");
    send(address, "DELETE", "/tests/k", &[], b"").await.unwrap();
    assert_eq!(files(&root.path().join("buckets")).len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_cut_body_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let id = initiate(sandbox.addr(), "k").await;
    for target in ["/tests/k".to_owned(), format!("/tests/k?partNumber=1&uploadId={id}")] {
        let mut stream = TcpStream::connect(sandbox.addr()).await.unwrap();
        stream.write_all(head("PUT", &target, &[], Some(1_000_000)).as_bytes()).await.unwrap();
        stream.write_all(&vec![1; 500_000]).await.unwrap();
        while sandbox.ledger().entries().last().unwrap().body_bytes < 500_000 {
            tokio::task::yield_now().await;
        }
        drop(stream);
        while sandbox.ledger().in_flight() > 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(sandbox.object(BUCKET, "k"), None);
    assert_eq!(sandbox.open_uploads(BUCKET)[0].parts, []);
    // The root is free only when every body on its way has been given up.
    sandbox.abort().await;
    assert_eq!(files(&root.path().join("tmp")), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_cut_body_of_unknown_length_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let mut stream = TcpStream::connect(sandbox.addr()).await.unwrap();
    let chunked = [("transfer-encoding", "chunked")];
    stream.write_all(head("PUT", "/tests/k", &chunked, None).as_bytes()).await.unwrap();
    // One whole chunk, and then no last one.
    stream.write_all(b"5\r\nhello\r\n").await.unwrap();
    while sandbox.ledger().body_bytes() < 5 {
        tokio::task::yield_now().await;
    }
    drop(stream);
    while sandbox.ledger().in_flight() > 0 {
        tokio::task::yield_now().await;
    }
    sandbox.abort().await;
    let sandbox = start(root.path()).await;
    assert_eq!(sandbox.object(BUCKET, "k"), None);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_killed_complete_is_whole_or_not_at_all() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let id = initiate(sandbox.addr(), "k").await;
    let etag = upload_part(sandbox.addr(), "k", &id, 1, b"part").await;
    let state = root.path().join("buckets/tests/uploads").join(&id).join("upload.json");
    let kept = std::fs::read(&state).unwrap();
    send(sandbox.addr(), "PUT", "/tests/k", &[], b"earlier").await.unwrap();
    let earlier = files(&root.path().join("buckets/tests/objects")).pop().unwrap();
    let earlier_data = std::fs::read(&earlier).unwrap();
    complete(sandbox.addr(), "k", &id, &[(1, etag)]).await.unwrap();
    sandbox.shutdown().await;
    // As it is when the process dies right after the object became visible, before anything was
    // cleared away.
    std::fs::write(&state, kept).unwrap();
    std::fs::write(&earlier, earlier_data).unwrap();
    std::fs::write(root.path().join("tmp/half"), b"half").unwrap();
    std::fs::create_dir_all(root.path().join("buckets/tests/uploads/ORPHAN")).unwrap();
    let sandbox = start(root.path()).await;
    assert_eq!(sandbox.read_object(BUCKET, "k").unwrap(), b"part");
    assert_eq!(sandbox.open_uploads(BUCKET), []);
    assert!(!earlier.exists() && !state.exists(), "what was replaced is cleared away");
    assert_eq!(files(&root.path().join("tmp")), Vec::<PathBuf>::new());
    assert!(!root.path().join("buckets/tests/uploads/ORPHAN").exists());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn one_sandbox_holds_a_root() {
    let root = tempfile::tempdir().unwrap();
    let first = start(root.path()).await;
    let second = Sandbox::start(config(root.path())).await;
    assert!(matches!(second, Err(Error::RootInUse { .. })), "{second:?}");
    first.abort().await;
    start(root.path()).await.shutdown().await;
}

#[tokio::test]
async fn discarded_data_is_counted_but_not_kept() {
    let root = tempfile::tempdir().unwrap();
    let sandbox =
        Sandbox::start(Config { data: DataPolicy::Discard, ..config(root.path()) }).await.unwrap();
    send(sandbox.addr(), "PUT", "/tests/k", &[], &vec![1; 300_000]).await.unwrap();
    let object = sandbox.object(BUCKET, "k").unwrap();
    assert_eq!(object.size, 300_000);
    assert_eq!(send(sandbox.addr(), "GET", "/tests/k", &[], b"").await.unwrap().status, 500);
    assert_eq!(
        send(sandbox.addr(), "HEAD", "/tests/k", &[], b"").await.unwrap().header("content-length"),
        Some("300000")
    );
    let written: u64 =
        files(&root.path().join("buckets")).iter().map(|file| file.metadata().unwrap().len()).sum();
    assert!(written < 10_000, "{written} bytes on disk");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn ten_thousand_parts_complete_without_a_copy() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Config {
        limits: ferry_sandbox::StoreLimits { smallest_part_oss: 1, ..Default::default() },
        ..config(root.path())
    })
    .await
    .unwrap();
    let id = initiate(sandbox.addr(), "k").await;
    let mut parts = Vec::new();
    for number in 1..=10_000u32 {
        parts.push((
            number,
            upload_part(sandbox.addr(), "k", &id, number, &number.to_be_bytes()).await,
        ));
    }
    let answer = complete(sandbox.addr(), "k", &id, &parts).await.unwrap();
    assert_eq!(answer.status, 200, "{:.300}", answer.text());
    let expected: Vec<u8> = (1..=10_000u32).flat_map(u32::to_be_bytes).collect();
    assert_eq!(sandbox.read_object(BUCKET, "k").unwrap(), expected);
    let range = send(sandbox.addr(), "GET", "/tests/k", &[("range", "bytes=20001-20006")], b"")
        .await
        .unwrap();
    assert_eq!(range.body, expected[20_001..=20_006]);
    sandbox.shutdown().await;
}

/// Not a test of its own: the process that the next one kills.
#[tokio::test(flavor = "multi_thread")]
async fn child_process() {
    let Some(root) = std::env::var_os(CHILD_ROOT) else { return };
    let sandbox = start(Path::new(&root)).await;
    println!("\nlistening {}", sandbox.addr());
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_minus_nine_leaves_no_half_object() {
    let root = tempfile::tempdir().unwrap();
    for round in 0..8u64 {
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_process", "--nocapture"])
            .env(CHILD_ROOT, root.path())
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("the child says where it listens");
            if let Some(address) = line.strip_prefix("listening ") {
                break address.parse().unwrap();
            }
        };
        let writers: Vec<_> = (0..4u8)
            .map(|writer| {
                tokio::spawn(async move {
                    for turn in 0u8.. {
                        // Each object is one byte over and over, so a mixture or a cut shows.
                        let body = vec![turn; 200_000 + usize::from(turn)];
                        if send(address, "PUT", &format!("/tests/k{writer}"), &[], &body)
                            .await
                            .is_err()
                        {
                            break;
                        }
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(60 + 37 * round)).await;
        child.kill().await.unwrap();
        for writer in writers {
            writer.await.unwrap();
        }
        let sandbox = start(root.path()).await;
        for object in sandbox.objects(BUCKET) {
            let data = sandbox.read_object(BUCKET, &object.key).unwrap();
            assert_eq!(data.len(), 200_000 + usize::from(data[0]), "{}", object.key);
            assert!(data.iter().all(|byte| *byte == data[0]), "{}", object.key);
            assert_eq!(data.len() as u64, object.size);
        }
        assert!(files(&root.path().join("buckets/tests/objects")).len() <= 4, "one version each");
        sandbox.shutdown().await;
    }
}
