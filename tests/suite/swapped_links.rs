//! A link that was not there when a file was queued is never followed, whatever interrupts and
//! whatever goes on: what it leads to was not chosen.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use support::ferry::{BUCKET, Place, Ran};
use support::poll::until;

const MIB: usize = 1024 * 1024;
/// Stands in everything behind the links, and nowhere else.
const SECRET: &[u8] = b"nobody chose these bytes";
const OPTIONS: [&str; 4] = ["--part-size", "1MiB", "--parallel", "1"];

/// Small files: more than are sent at once, so that some have not begun when a put is interrupted.
const SMALL: usize = 20;

/// A large file, and what its folder's small ones are called.
fn names() -> Vec<String> {
    let small = (0..SMALL).map(|n| format!("in/{n}.txt"));
    std::iter::once("large.bin".to_owned()).chain(small).collect()
}

/// What is swapped of a tree: all files one by one, the folder of the small ones, or all at once.
fn swapped(what: &str) -> Vec<String> {
    match what {
        "files" => names(),
        "folder" => vec!["in".to_owned()],
        _ => vec![String::new()],
    }
}

/// A tree of files, and one of the same names and sizes that is secret.
struct Tree {
    place: Place,
    tree: PathBuf,
}

impl Tree {
    async fn new() -> Self {
        let place = Place::new().await;
        for name in names() {
            let len = if name == "large.bin" { 3 * MIB } else { 500 };
            let secret = SECRET.iter().copied().cycle().take(len).collect::<Vec<u8>>();
            place.write(Path::new("tree").join(&name), &vec![b'.'; len]);
            place.write(Path::new("elsewhere").join(&name), &secret);
        }
        place.write("elsewhere/in/extra.txt", SECRET);
        let tree = place.path("tree");
        Self { place, tree }
    }

    /// Puts the tree until the store has a part and a small file under way, and `stop`s then.
    async fn interrupted(&self, stop: &str) {
        let faults = self.place.sandbox.faults();
        let stalls = [
            faults.add(Rule::on(Operation::UploadPart).part(2), Action::Stall),
            faults.add(Rule::on(Operation::PutObject), Action::Stall),
        ];
        let child = self.place.start(self.put());
        let ledger = self.place.sandbox.ledger();
        while self.place.sandbox.open_uploads(BUCKET).first().is_none_or(|up| up.parts.is_empty())
            || ledger.count(Operation::PutObject) == 0
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let pid = child.id().expect("runs").to_string();
        let signal = if stop == "kill" { "-KILL" } else { "-INT" };
        let sent = std::process::Command::new("kill").args([signal, &pid]).status();
        assert!(sent.expect("kill runs").success());
        child.wait_with_output().await.expect("ends");
        if stop == "pause" {
            assert_eq!(self.place.run(["pause", "--all"]).await.code, 0);
        }
        for stall in stalls {
            faults.remove(stall);
        }
    }

    fn put(&self) -> tokio::process::Command {
        self.place.put(&[&self.tree], &format!("oss://{BUCKET}/"), &OPTIONS)
    }

    async fn go_on(&self, by: &str) -> Ran {
        match by {
            "put" => Ran::of(self.put()).await,
            command => self.place.run([command, "--all", "--json"]).await,
        }
    }

    /// Puts links to the secret files in the place of the queued ones.
    fn swap(&self, what: &str) {
        for name in swapped(what) {
            let (here, there) = (self.tree.join(&name), self.place.path("elsewhere").join(&name));
            std::fs::rename(&here, self.place.path(format!("away {}", name.replace('/', " "))))
                .expect("moves");
            symlink(there, here.components().collect::<PathBuf>()).expect("links");
        }
    }

    /// Takes the links away and puts the queued files back.
    fn swap_back(&self, what: &str) {
        for name in swapped(what) {
            let here: PathBuf = self.tree.join(&name).components().collect();
            std::fs::remove_file(&here).expect("removes");
            std::fs::rename(self.place.path(format!("away {}", name.replace('/', " "))), here)
                .expect("moves");
        }
    }

    /// Looks through everything that the store keeps, parts of unfinished uploads included.
    fn assert_no_secret(&self, shown: &str) {
        let mut folders = vec![self.place.path("store")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("reads") {
                let path = entry.expect("reads").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                let bytes = std::fs::read(&path).expect("reads");
                let found = bytes.windows(SECRET.len()).any(|window| window == SECRET);
                assert!(!found, "{shown}: a secret is on the store, in {}", path.display());
            }
        }
        assert!(files > 0, "nothing was looked at");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l7_a_link_swapped_in_after_queueing_is_never_followed() {
    let mut wrong = Vec::new();
    for stop in ["interrupt", "kill", "pause"] {
        for what in ["files", "folder", "root"] {
            for by in ["put", "resume", "retry"] {
                // What is paused, retry leaves alone.
                if stop == "pause" && by == "retry" {
                    continue;
                }
                let shown = format!("{stop}, {what}, {by}");
                let tree = Tree::new().await;
                tree.interrupted(stop).await;
                tree.swap(what);
                let ran = tree.go_on(by).await;
                let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    tree.assert_no_secret(&shown);
                    assert_ne!(ran.code, 0, "{shown}: {ran:?}");
                }));
                if found.is_err() {
                    wrong.push(shown);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "followed: {wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_behind_a_link_is_a_state_with_words_and_heals_when_it_is_back() {
    for what in ["files", "folder", "root"] {
        let tree = Tree::new().await;
        tree.interrupted("interrupt").await;
        tree.swap(what);
        let ran = tree.go_on("put").await;
        let unfinished = ran.unfinished();
        // Of a folder that was swapped, the file beside it is verified.
        assert!(unfinished.len() >= SMALL, "{what}: {ran:?}");
        let behind_link = unfinished.iter().all(|item| {
            item["state"] == "sourceChanged" && item["fault"]["kind"] == "sourceBehindLink"
        });
        assert!(behind_link, "{what}: {ran:#?}");
        tree.swap_back(what);
        let again = tree.go_on("put").await;
        let all = names().len() as u64;
        assert_eq!((again.code, again.number("verified")), (0, all), "{what}: {again:#?}");
        tree.assert_no_secret(what);
        assert_eq!(tree.place.sandbox.open_uploads(BUCKET).len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_swapped_in_during_one_run_is_never_followed() {
    for what in ["files", "folder", "root"] {
        let tree = Tree::new().await;
        let faults = tree.place.sandbox.faults();
        // The first small file and the first part are held up; the rest is queued behind them.
        let slow = Action::Delay(Duration::from_millis(1_500));
        faults.add(Rule::on(Operation::PutObject).once(), slow.clone());
        faults.add(Rule::on(Operation::UploadPart).part(2).once(), slow);
        let child = tree.place.start(tree.put());
        while tree.place.sandbox.open_uploads(BUCKET).is_empty()
            || tree.place.sandbox.ledger().count(Operation::PutObject) == 0
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tree.swap(what);
        let ran = Ran::from(child.wait_with_output().await.expect("ends"));
        tree.assert_no_secret(what);
        assert_ne!(ran.code, 0, "{what}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_put_itself_is_followed_to_what_it_led_to_then() {
    let place = Place::new().await;
    for n in 0..SMALL {
        place.write(format!("chosen/{n}.txt"), b"chosen");
        place.write(format!("other/{n}.txt"), SECRET);
    }
    let (file, folder) = (place.path("file link.txt"), place.path("folder link"));
    symlink(place.path("chosen/0.txt"), &file).expect("links");
    symlink(place.path("chosen"), &folder).expect("links");
    let all = SMALL as u64 + 1;
    place.put_all(&[&file, &folder], &format!("oss://{BUCKET}/"), &[]).await.assert_verified(all);
    for key in ["file link.txt", "folder link/3.txt"] {
        assert_eq!(place.sandbox.read_object(BUCKET, key).expect("is there"), b"chosen");
    }

    // Led elsewhere before the first byte: what was chosen goes, and nothing else.
    for (link, target) in [(&file, "other/0.txt"), (&folder, "other")] {
        let stalled = place.sandbox.faults().add(Rule::on(Operation::PutObject), Action::Stall);
        let to = format!("oss://{BUCKET}/again/");
        let before = place.sandbox.ledger().count(Operation::PutObject);
        let mut child = place.start(place.put(&[link], &to, &["--parallel", "1"]));
        until("a put", || place.sandbox.ledger().count(Operation::PutObject) > before).await;
        child.start_kill().expect("kills");
        child.wait().await.expect("ends");
        place.sandbox.faults().remove(stalled);
        std::fs::remove_file(link).expect("removes");
        symlink(place.path(target), link).expect("links");
        let ran = place.put_all(&[link], &to, &["--parallel", "1"]).await;
        assert!(ran.number("verified") > 0, "{target}: {ran:?}");
        for object in place.sandbox.objects(BUCKET) {
            let bytes = place.sandbox.read_object(BUCKET, &object.key).expect("is there");
            assert_eq!(bytes, b"chosen", "{}: {ran:?}", object.key);
        }
    }
}
