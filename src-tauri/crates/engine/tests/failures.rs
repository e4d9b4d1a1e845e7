//! The i-th step fails, for each i: of the journal, of reading, of asking the store. Once, or from
//! then on until the program is started again. Whatever fails, nothing is called done that is not,
//! and in the end everything is done, once.

mod bench;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bench::{BUCKET, Bench, MIB};
use bytes::Bytes;
use ferry_engine::{Change, MemoryFiles, TransferCommand};
use ferry_journal::{JournalError, Operation as Step, OperationKind, RunnableScope, Selection};
use ferry_model::{ExistingPolicy, FaultKind, Profile, Provider, Standing};
use ferry_sandbox::{Action, Operation, Rule, RuleId};
use futures_util::{StreamExt as _, stream};

/// Lives side by side: most of their time is a wait.
const SIDE_BY_SIDE: usize = 8;
/// Far more steps than any scenario has.
const MOST: u64 = 400;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    Small,
    Multipart,
    /// Three files, one of them under a name that is taken: it gets another.
    Several,
    /// A multipart upload was paused, and goes on.
    Resumed,
}

const SCENARIOS: [Scenario; 4] =
    [Scenario::Small, Scenario::Multipart, Scenario::Several, Scenario::Resumed];

/// What fails, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failing {
    /// The disk fails one step: it cannot be read, or is full.
    DiskOnce,
    /// The journal fails, from that step on.
    JournalBroken,
    /// Too many files are open, at one step.
    FilesOnce,
    /// The file may not be read, at one step; it is not tried again.
    FileUnreadable,
    /// One request is answered with an error that passes.
    RequestOnce,
    /// One request takes effect, and its answer is lost.
    AnswerLost,
    /// Every request is refused, from that one on.
    Refused,
}

const FAILING: [Failing; 7] = [
    Failing::DiskOnce,
    Failing::JournalBroken,
    Failing::FilesOnce,
    Failing::FileUnreadable,
    Failing::RequestOnce,
    Failing::AnswerLost,
    Failing::Refused,
];

/// One life: a scenario in which one step fails.
struct Life {
    bench: Bench,
    files: MemoryFiles,
    names: Vec<&'static str>,
    /// Steps of the journal since it was told to fail.
    steps: Arc<AtomicU64>,
    rule: Option<RuleId>,
}

fn content(name: &str, size: u64) -> Bytes {
    let mut bytes = vec![0u8; usize::try_from(size).expect("fits")];
    fastrand::Rng::with_seed(size + name.len() as u64).fill(&mut bytes);
    bytes.into()
}

impl Life {
    /// All is queued and nothing runs.
    async fn new(scenario: Scenario) -> Self {
        let files = MemoryFiles::new();
        files.set_piece(512 * 1024);
        let bench = Bench::over(Arc::new(files.clone()), Provider::Oss, |_| {}).await;
        let sizes = match scenario {
            Scenario::Small => &[("/a.bin", 1_000)][..],
            Scenario::Multipart | Scenario::Resumed => &[("/a.bin", 2 * MIB + 1)],
            Scenario::Several => &[("/a.bin", 1_000), ("/taken.bin", 2_000), ("/c.bin", 0)],
        };
        for (name, size) in sizes {
            files.apply(Change::Write((*name).into(), content(name, *size)));
        }
        let names: Vec<_> = sizes.iter().map(|(name, _)| *name).collect();
        let mut existing = ExistingPolicy::Ask;
        if scenario == Scenario::Several {
            bench.put_theirs("taken.bin", b"theirs").await;
            existing = ExistingPolicy::Rename;
        }
        bench.engine.set_scope(RunnableScope::Ids(Vec::new())).await;
        let profile = Profile { existing: existing.into(), ..bench.profile.clone() };
        let paths: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
        bench.add_to(&profile, &paths.iter().collect::<Vec<_>>()).await;
        if scenario == Scenario::Resumed {
            let faults = bench.sandbox.faults();
            let stalled = faults.add(Rule::on(Operation::UploadPart).part(2), Action::Stall);
            bench.engine.set_scope(RunnableScope::All).await;
            bench
                .until("a part", |sandbox| {
                    sandbox.open_uploads(BUCKET).iter().any(|upload| upload.parts.len() == 2)
                })
                .await;
            bench.engine.apply(TransferCommand::Pause, Selection::All).await.expect("pauses");
            bench.engine.idle().await;
            faults.remove(stalled);
            bench.engine.set_scope(RunnableScope::Ids(Vec::new())).await;
            bench.engine.apply(TransferCommand::Resume, Selection::All).await.expect("resumes");
        }
        Self { bench, files, names, steps: Arc::default(), rule: None }
    }

    fn arm(&mut self, failing: Failing, i: u64) {
        let faults = self.bench.sandbox.faults();
        let status = |status, code: &str| Action::Status { status, code: code.into() };
        let rule = match failing {
            Failing::DiskOnce | Failing::JournalBroken => {
                let steps = Arc::clone(&self.steps);
                let hook = move |step: Step| {
                    let at = steps.fetch_add(1, Ordering::SeqCst) + 1;
                    match failing {
                        Failing::DiskOnce => (at == i).then(|| match step.kind {
                            OperationKind::Read => JournalError::Io("as told".into()),
                            _ => JournalError::Full,
                        }),
                        _ => (at >= i).then(|| JournalError::Broken("as told".into())),
                    }
                };
                return self.bench.journal.fail_where(Box::new(hook)).expect("is open");
            }
            Failing::FilesOnce | Failing::FileUnreadable => {
                let kind = match failing {
                    Failing::FilesOnce => FaultKind::TooManyOpenFiles,
                    _ => FaultKind::SourceUnreadable,
                };
                self.steps.store(self.files.steps(), Ordering::SeqCst);
                return self.files.fail_step(self.files.steps() + i, kind);
            }
            Failing::RequestOnce => faults.add(Rule::any().nth(i), status(500, "InternalError")),
            Failing::AnswerLost => faults.add(Rule::any().nth(i), Action::EffectThenReset),
            Failing::Refused => faults.add(Rule::any().after(i - 1), status(403, "AccessDenied")),
        };
        self.rule = Some(rule);
    }

    /// Whether it came to the step that fails. From now on none does.
    fn disarm(&mut self, failing: Failing, i: u64) -> bool {
        let faults = self.bench.sandbox.faults();
        let fired = match failing {
            Failing::DiskOnce | Failing::JournalBroken => self.steps.load(Ordering::SeqCst) >= i,
            Failing::FilesOnce | Failing::FileUnreadable => {
                self.files.steps() >= self.steps.load(Ordering::SeqCst) + i
            }
            _ => self.rule.is_some_and(|rule| faults.fired(rule) > 0),
        };
        self.bench.journal.fail_where(Box::new(|_| None)).expect("is open");
        faults.clear();
        fired
    }

    /// The object of a row that is done is the file.
    async fn done(&self, shown: &str) -> usize {
        let mut done = 0;
        for row in self.bench.rows().await {
            if row.standing != Standing::Done {
                continue;
            }
            let object = self.bench.sandbox.read_object(BUCKET, &row.key);
            let object = object.unwrap_or_else(|_| panic!("{shown}: {} is false done", row.key));
            let bytes = self.files.bytes(row.source.as_path()).expect("is there");
            assert!(object == bytes, "{shown}: {} is done and differs", row.key);
            done += 1;
        }
        done
    }

    async fn idle(&self, longest: Duration) -> bool {
        tokio::time::timeout(longest, self.bench.engine.idle()).await.is_ok()
    }
}

/// Lives once. Says whether the step was reached.
async fn live(scenario: Scenario, failing: Failing, i: u64) -> bool {
    let shown = format!("{scenario:?} {failing:?} {i}");
    let mut life = Life::new(scenario).await;
    life.arm(failing, i);
    life.bench.engine.set_scope(RunnableScope::All).await;
    // A journal that is broken may keep the queue from coming to rest: then it is started again.
    let broken = failing == Failing::JournalBroken;
    let rested = life.idle(Duration::from_secs(if broken { 3 } else { 60 })).await;
    assert!(rested || broken, "{shown}: stuck: {:?}", life.bench.rows().await);
    let reached = life.disarm(failing, i);
    life.done(&shown).await;
    if broken {
        life.bench.restart().await;
    } else {
        life.bench.engine.release(life.bench.profile.id);
    }
    let stopped = life.bench.rows().await.iter().any(|row| row.standing == Standing::Failed)
        || life.bench.rows().await.iter().any(|row| row.standing == Standing::SourceChanged);
    let passes = [Failing::DiskOnce, Failing::FilesOnce, Failing::RequestOnce, Failing::AnswerLost];
    assert!(!(stopped && passes.contains(&failing)), "{shown}: {:?}", life.bench.rows().await);
    life.bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("retries");
    assert!(life.idle(Duration::from_secs(60)).await, "{shown}: stuck in the end");
    let done = life.done(&shown).await;
    assert_eq!(done, life.names.len(), "{shown}: {:?}", life.bench.rows().await);
    let open = life.bench.sandbox.open_uploads(BUCKET);
    assert!(open.is_empty(), "{shown}: left open: {open:?}");
    let theirs = usize::from(scenario == Scenario::Several);
    let objects = life.bench.sandbox.objects(BUCKET);
    assert_eq!(objects.len(), life.names.len() + theirs, "{shown}: {objects:?}");
    for object in objects {
        assert_eq!(object.versions, 1, "{shown}: {} was written again", object.key);
    }
    assert_eq!(life.bench.engine.run_totals().unexpected_events, 0, "{shown}");
    reached
}

/// A share: each third step. With `FERRY_RUNS`, all.
fn stride() -> u64 {
    if std::env::var_os("FERRY_RUNS").is_some() { 1 } else { 3 }
}

async fn sweep(scenario: Scenario) {
    let mut line = format!("sweep failures-{scenario:?}:");
    for failing in FAILING {
        let steps = (1..MOST).step_by(usize::try_from(stride()).expect("fits"));
        let mut lives = stream::iter(steps)
            .map(|i| async move { (i, live(scenario, failing, i).await) })
            .buffered(SIDE_BY_SIDE);
        let (mut lived, mut last) = (0, 0);
        while let Some((i, reached)) = lives.next().await {
            if !reached {
                break;
            }
            (lived, last) = (lived + 1, i);
        }
        assert!(lived > 0 && last < MOST - stride(), "{scenario:?} {failing:?}: {last} steps");
        line += &format!(" {failing:?} {lived} of {last},");
    }
    println!("{line} false_done=0 not_converged=0");
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_each_step_of_a_small_file_may_fail() {
    sweep(SCENARIOS[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_each_step_of_a_multipart_upload_may_fail() {
    sweep(SCENARIOS[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_each_step_of_several_files_and_a_taken_name_may_fail() {
    sweep(SCENARIOS[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_each_step_after_a_pause_may_fail() {
    sweep(SCENARIOS[3]).await;
}
