//! Files that change, go, or become links at any moment: no object is mixed of two states, none is
//! called done that is, and nothing behind a link is sent.

mod bench;
#[path = "sources/waiting.rs"]
mod waiting;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bench::{BUCKET, Bench, MIB};
use bytes::Bytes;
use ferry_engine::{Change, Files, Item, MemoryFiles, SourceFile, TransferCommand, Walk};
use ferry_journal::{Filter, Selection, TransferRow};
use ferry_model::{Fault, FaultKind, Patterns, Provider, QueuedSource, Standing};
use futures_util::stream::BoxStream;

/// Stands in everything that was not chosen, and nowhere else.
const SECRET: &[u8] = b"nobody chose these bytes";
/// Bytes of the smaller files: sent in one request.
const SMALL: u64 = 100_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// How many runs a race test makes: a share of what `cargo xtask torture` asks for.
fn runs() -> u64 {
    number("FERRY_RUNS").unwrap_or(48)
}

fn seed(usual: u64) -> u64 {
    number("FERRY_SEED").unwrap_or(usual)
}

fn bytes(size: u64, seed: u64) -> Bytes {
    let mut bytes = vec![0u8; usize::try_from(size).expect("fits")];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes.into()
}

fn secret(size: u64) -> Bytes {
    let size = usize::try_from(size).expect("fits");
    SECRET.iter().copied().cycle().take(size).collect::<Vec<u8>>().into()
}

async fn over(files: &MemoryFiles, provider: Provider) -> Bench {
    files.set_piece(128 * 1024);
    Bench::over(Arc::new(files.clone()), provider, |_| {}).await
}

async fn row_of(bench: &Bench, path: &Path) -> TransferRow {
    // By its name: a sweep has more rows than a page.
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    let named = Filter { text: Some(name), ..Filter::default() };
    let page = bench.journal.page(named, 0, 1_000).await.expect("reads");
    let row = page.rows.into_iter().find(|row| row.source.as_path() == path);
    row.unwrap_or_else(|| panic!("no row for {}", path.display()))
}

/// The eight kinds of change. Returns what happens, and the bytes that stand there afterwards, if
/// any can be read.
fn change(kind: u64, path: &Path, before: &Bytes) -> (Change, Option<Bytes>) {
    let path = path.to_owned();
    let other = bytes(before.len() as u64, 99);
    let longer = || [&before[..], b"more"].concat().into();
    let shorter = before.slice(..before.len() / 2);
    match kind {
        0 => (Change::Write(path, other.clone()), Some(other)),
        1 => (Change::WriteQuietly(path, other.clone()), Some(other)),
        2 => (Change::Replace(path, other.clone()), Some(other)),
        3 => (Change::Append(path, Bytes::from_static(b"more")), Some(longer())),
        4 => (Change::Resize(path, before.len() / 2), Some(shorter)),
        5 => (Change::Touch(path), Some(before.clone())),
        6 => (Change::Remove(path), None),
        _ => (Change::Forbid(path), None),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l1_l2_l3_l4_a_file_that_changes_at_any_moment_is_never_mixed() {
    let files = MemoryFiles::new();
    let benches = [over(&files, Provider::Oss).await, over(&files, Provider::S3).await];
    let mut random = fastrand::Rng::with_seed(seed(7));
    let mut seen = std::collections::BTreeMap::<String, u64>::new();
    for run in 0..runs() {
        let (kind, large) = (run % 8, run / 8 % 2 == 0);
        // S3's parts are larger: there, one request is enough.
        let bench = if large { &benches[0] } else { &benches[usize::from(run % 3 == 0)] };
        let size = if large { 3 * MIB + run } else { SMALL + run };
        let path = PathBuf::from(format!("/files/{run}.bin"));
        let before = bytes(size, run);
        files.apply(Change::Write(path.clone(), before.clone()));
        // A large file takes some 40 steps, a small one 4; later steps change nothing any more.
        let step = files.steps() + random.u64(1..=if large { 42 } else { 5 });
        let (happens, after) = change(kind, &path, &before);
        files.at_step(step, happens);
        bench.add(&[&path]).await;
        bench.engine.idle().await;
        let key = format!("{run}.bin");
        let shown = format!("run {run}, change {kind}, step {step}");
        let whole = |what: &str| {
            let object = bench.sandbox.read_object(BUCKET, &key).ok();
            let known = object.as_ref().is_none_or(|object| {
                *object == before || after.as_ref().is_some_and(|after| object == after)
            });
            assert!(known, "{shown}: {what}, the object is mixed");
            object
        };
        let row = row_of(bench, &path).await;
        *seen.entry(format!("{:?}", row.standing)).or_default() += 1;
        let object = whole("at first");
        match row.standing {
            Standing::Done => assert!(object.is_some(), "{shown}: done without an object"),
            Standing::SourceChanged | Standing::Failed => {
                let fault = row.fault.as_ref().map(|fault| fault.kind);
                let expected = match kind {
                    6 => FaultKind::SourceMissing,
                    7 => FaultKind::SourceUnreadable,
                    _ => FaultKind::SourceChanged,
                };
                // A file that is open can be removed or forbidden: then it has only changed.
                let expected = [expected, FaultKind::SourceChanged];
                assert!(fault.is_some_and(|kind| expected.contains(&kind)), "{shown}: {fault:?}");
            }
            other => panic!("{shown}: {other:?}"),
        }
        // Tried again, it goes as it is now.
        bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("works");
        bench.engine.idle().await;
        let row = row_of(bench, &path).await;
        let object = whole("after a retry");
        if let Some(after) = &after
            && files.bytes(&path).as_ref() == Some(after)
        {
            assert_eq!(row.standing, Standing::Done, "{shown}: {:?}", row.fault);
            let object = object.expect("is there");
            assert!(object == *after || object == before, "{shown}: another content");
        }
        assert_eq!(
            bench.sandbox.open_uploads(BUCKET).iter().filter(|up| up.key == key).count(),
            usize::from(row.phase.upload_id().is_some()),
            "{shown}: an upload nobody knows is open"
        );
        bench.engine.apply(TransferCommand::Cancel, Selection::All).await.expect("works");
        bench.engine.idle().await;
        // Thousands of files would not fit into memory.
        files.apply(Change::Remove(path));
    }
    println!("sweep sources: runs={} at_first={seen:?} mixed=0 false_done=0", runs());
    assert!(seen.len() >= 2, "the changes met nothing: {seen:?}");
}

/// Looks through everything that the store keeps, parts of unfinished uploads included.
fn assert_no_secret(bench: &Bench) {
    let mut folders = vec![bench.root.path().join("store")];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("reads") {
            let path = entry.expect("reads").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            looked_at += 1;
            let bytes = std::fs::read(&path).expect("reads");
            let found = bytes.windows(SECRET.len()).any(|window| window == SECRET);
            assert!(!found, "a secret is on the store, in {}", path.display());
        }
    }
    assert!(looked_at > 0, "nothing was looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn l7_a_link_swapped_in_at_any_moment_is_never_followed() {
    let files = MemoryFiles::new();
    let bench = over(&files, Provider::Oss).await;
    let mut random = fastrand::Rng::with_seed(seed(8));
    let mut refused = 0;
    for run in 0..runs() {
        let large = run % 3 == 0;
        let size = if large { 2 * MIB + run } else { SMALL + run };
        let tree = PathBuf::from(format!("/tree {run}"));
        let (path, elsewhere) = (tree.join("in/a.bin"), PathBuf::from(format!("/secret {run}")));
        files.apply(Change::Write(path.clone(), bytes(size, run)));
        files.apply(Change::Write(elsewhere.join("in/a.bin"), secret(size)));
        files.apply(Change::Write(elsewhere.join("in/b.bin"), secret(SMALL)));
        let swapped = match run % 4 {
            0 => "in/a.bin",
            1 => "in",
            _ => "",
        };
        let step = files.steps() + random.u64(1..=if large { 30 } else { 5 });
        let (here, there) = match swapped {
            "" => (tree.clone(), elsewhere.clone()),
            below => (tree.join(below), elsewhere.join(below)),
        };
        files.at_step(step, Change::Rename(here.clone(), format!("/away {run}").into()));
        files.at_step(step, Change::Link(here, there));
        bench.add(&[&tree]).await;
        bench.engine.idle().await;
        let row = row_of(&bench, &path).await;
        let fault = row.fault.as_ref().map(|fault| fault.kind);
        match row.standing {
            Standing::Done => {}
            Standing::SourceChanged => {
                refused += 1;
                let kinds = [Some(FaultKind::SourceBehindLink), Some(FaultKind::SourceChanged)];
                assert!(kinds.contains(&fault), "run {run}: {fault:?}");
            }
            other => panic!("run {run}: {other:?}, {fault:?}"),
        }
        bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("works");
        bench.engine.idle().await;
        bench.engine.apply(TransferCommand::Cancel, Selection::All).await.expect("works");
        bench.engine.idle().await;
    }
    assert_no_secret(&bench);
    println!("sweep links: runs={} refused={refused} bytes_behind_links=0", runs());
    assert!(refused > 0, "no swap met a transfer");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_racer_who_swaps_links_on_a_real_disk_wins_nothing() {
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    let bench = Bench::new(Provider::Oss).await;
    let root = bench.root.path().canonicalize().expect("resolves");
    let (tree, path) = (root.join("tree"), root.join("tree/in/a.bin"));
    std::fs::create_dir_all(root.join("tree/in")).expect("makes");
    std::fs::create_dir_all(root.join("elsewhere/in")).expect("makes");
    std::fs::write(&path, bytes(SMALL, 1)).expect("writes");
    std::fs::write(root.join("elsewhere/in/a.bin"), secret(SMALL)).expect("writes");
    let (stop, swaps) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let racing = std::thread::spawn({
        let (root, stop, swaps) = (root.clone(), Arc::clone(&stop), Arc::clone(&swaps));
        move || {
            let (folder, aside) = (root.join("tree/in"), root.join("aside"));
            let mut random = fastrand::Rng::with_seed(seed(9));
            // Each state stays for a while: the queue has to meet one, and the opening another.
            let mut stay =
                || std::thread::sleep(std::time::Duration::from_micros(random.u64(..40_000)));
            while !stop.load(Ordering::SeqCst) {
                // The folder becomes a link and a folder again.
                std::fs::rename(&folder, &aside).expect("moves");
                symlink(root.join("elsewhere/in"), &folder).expect("links");
                stay();
                std::fs::remove_file(&folder).expect("removes");
                std::fs::rename(&aside, &folder).expect("moves");
                stay();
                // The file becomes a link and a file again, each at one stroke.
                let (file, new) = (folder.join("a.bin"), root.join("new"));
                std::fs::hard_link(&file, &aside).expect("links");
                symlink(root.join("elsewhere/in/a.bin"), &new).expect("links");
                std::fs::rename(&new, &file).expect("moves");
                stay();
                std::fs::rename(&aside, &file).expect("moves");
                stay();
                swaps.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let mut sent = 0;
    for run in 0..runs() {
        bench.add(&[&tree]).await;
        bench.engine.idle().await;
        // The next run writes over what this one sent.
        if let Ok(object) = bench.sandbox.read_object(BUCKET, "tree/in/a.bin") {
            let found = object.windows(SECRET.len()).any(|window| window == SECRET);
            assert!(!found, "run {run}: a secret was sent");
            sent += 1;
        }
        bench.engine.apply(TransferCommand::Cancel, Selection::All).await.expect("works");
        bench.engine.idle().await;
        bench.engine.remove(Selection::All).await.expect("works");
    }
    stop.store(true, Ordering::SeqCst);
    racing.join().expect("races");
    assert_no_secret(&bench);
    let swaps = swaps.load(Ordering::SeqCst);
    println!("sweep racer: runs={} sent={sent} swaps={swaps} bytes_behind_links=0", runs());
    assert!(swaps > 0 && sent > 0, "nobody raced, or nothing was sent");
    // All is as it was: it goes.
    bench.add(&[&path]).await;
    bench.engine.idle().await;
    assert_eq!(bench.sandbox.read_object(BUCKET, "a.bin").expect("is there"), bytes(SMALL, 1));
}

#[tokio::test]
async fn a_file_saved_anew_before_its_first_byte_goes_as_it_is_and_the_row_says_so() {
    let files = MemoryFiles::new();
    let bench = over(&files, Provider::Oss).await;
    for (name, steps, anew) in [("/same", None, false), ("/anew", Some(1), true)] {
        files.apply(Change::Write(name.into(), bytes(SMALL, 1)));
        if let Some(step) = steps {
            files.at_step(files.steps() + step, Change::Replace(name.into(), bytes(SMALL, 2)));
        }
        bench.add(&[&name.into()]).await;
        bench.engine.idle().await;
        let row = row_of(&bench, Path::new(name)).await;
        assert_eq!((row.standing, row.taken_anew), (Standing::Done, anew), "{name}");
        let object = bench.sandbox.read_object(BUCKET, &name[1..]).expect("is there");
        assert_eq!(Some(object), files.bytes(Path::new(name)).map(|bytes| bytes.to_vec()));
    }
    // Once begun, the user chooses.
    files.apply(Change::Write("/begun".into(), bytes(SMALL, 1)));
    files.at_step(files.steps() + 3, Change::Write("/begun".into(), bytes(SMALL, 2)));
    bench.add(&[&"/begun".into()]).await;
    bench.engine.idle().await;
    let row = row_of(&bench, Path::new("/begun")).await;
    assert_eq!(row.standing, Standing::SourceChanged, "{:?}", row.fault);
    assert!(bench.sandbox.object(BUCKET, "begun").is_none());
}

#[tokio::test]
async fn patterns_choose_what_of_a_folder_is_queued() {
    let files = MemoryFiles::new();
    let bench = over(&files, Provider::Oss).await;
    for name in ["a.jpg", "b.png", "raw/c.jpg", ".DS_Store", "sub/~$d.jpg"] {
        files.apply(Change::Write(Path::new("/photos").join(name), bytes(10, 1)));
    }
    let folder = PathBuf::from("/photos");
    let keys = async || {
        bench.engine.idle().await;
        let mut keys: Vec<_> = bench.rows().await.into_iter().map(|row| row.key).collect();
        bench.engine.remove(Selection::All).await.expect("works");
        keys.sort();
        keys
    };
    bench.add(&[&folder]).await;
    assert_eq!(keys().await, ["photos/a.jpg", "photos/b.png", "photos/raw/c.jpg"]);
    bench
        .add_with(&bench.profile, &[&folder], |intake| {
            intake.patterns =
                Patterns { include: vec!["*.jpg".into()], exclude: vec!["raw/*".into()] };
        })
        .await;
    assert_eq!(keys().await, ["photos/a.jpg", "photos/sub/~$d.jpg"]);
}

/// Files of which one makes the task that opens it to send it panic, once.
#[derive(Debug)]
struct Panicking {
    inner: MemoryFiles,
    armed: AtomicBool,
}

#[async_trait]
impl Files for Panicking {
    async fn open(&self, source: &QueuedSource) -> Result<Box<dyn SourceFile>, Fault> {
        let meant = source.path.ends_with("panics");
        assert!(!meant || !self.armed.swap(false, Ordering::SeqCst), "as told");
        self.inner.open(source).await
    }

    async fn is_folder(&self, source: &QueuedSource) -> bool {
        self.inner.is_folder(source).await
    }

    fn walk(&self, walk: Walk) -> BoxStream<'static, Result<Vec<Item>, Fault>> {
        self.inner.walk(walk)
    }
}

#[tokio::test]
async fn c15_a_panic_fails_its_own_transfer_and_no_other() {
    let inner = MemoryFiles::new();
    let paths = ["/a", "/panics", "/z"].map(PathBuf::from);
    for path in &paths {
        inner.apply(Change::Write(path.clone(), bytes(SMALL, 1)));
    }
    let files = Arc::new(Panicking { inner, armed: AtomicBool::new(false) });
    let bench = Bench::over(Arc::clone(&files) as Arc<dyn Files>, Provider::Oss, |_| {}).await;
    files.armed.store(true, Ordering::SeqCst);
    bench.add(&paths.each_ref()).await;
    bench.engine.idle().await;
    assert!(!files.armed.load(Ordering::SeqCst), "nothing panicked");
    let kinds = async || {
        let rows = bench.rows().await.into_iter();
        rows.map(|row| (row.key, row.standing, row.fault.map(|fault| fault.kind)))
            .collect::<Vec<_>>()
    };
    let done = |key: &str| (key.to_owned(), Standing::Done, None);
    let failed = ("panics".to_owned(), Standing::Failed, Some(FaultKind::Internal));
    assert_eq!(kinds().await, [done("a"), failed, done("z")]);
    bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("retries");
    bench.engine.idle().await;
    assert_eq!(kinds().await, ["a", "panics", "z"].map(done));
}
