//! An instrument that writes files for hours into a watched folder: in bursts and by pieces, with
//! appends, renames, rewrites, truncations and deletions, while hints are lost, the program dies,
//! the store is away, the clock is set and the volume is unplugged. Afterwards the store holds the
//! complete versions, each once, and nothing else.

mod check;
mod folder;
mod plan;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_engine::{
    Engine, EngineParts, Files, HintSource, Hints, Intake, LocalClock, LocalMoment, MemoryFiles,
    ProblemFiles, RunningWatch, WatchParts,
};
use ferry_journal::{BatchScope, Filter, Journal, RunnableScope, Snapshot};
use ferry_model::timetable::Hour;
use ferry_model::{
    Afterwards, BatchOptions, Credentials, Day, GrowingFiles, Growth, Integrity, KeyForm,
    KeyTemplate, Patterns, Profile, TakeOrder, Watch, WatchId, WatchSettings, WatchState,
};
use ferry_storage::{Clock, ObjectStore};
use ferry_vault::Vault;

use crate::clock::WorldClock;
use crate::store::{Ask, Course, Fate, Fuse, MemoryBucket, Operation, Script, Service};
use crate::world::{Trace, Violation, part_size, profile};
use folder::{FOLDER, Folder};
use plan::Act;
pub use plan::Plan;

/// Time between two looks at the world.
const STEP: Duration = Duration::from_secs(2);
/// The same where there are very many files to look at.
const STEP_OF_MANY: Duration = Duration::from_secs(60);
/// How long a day is: short, so that lives have several.
const DAY: Duration = Duration::from_secs(1_800);
/// How long after its last act a world has to come to rest, beside the time of a look at the whole
/// folder.
const TO_REST: Duration = Duration::from_secs(3_600);
/// What each file of a burst may take more: answers take up to 0.8 s.
const TO_SEND: Duration = Duration::from_millis(200);
/// Requests that each file of a burst may take.
const REQUESTS_A_FILE: usize = 10;
/// Put before every key.
const PREFIX: &str = "in/";

/// How a life went.
#[derive(Debug)]
pub struct Outcome {
    /// What happened.
    pub trace: Trace,
    /// What did not hold.
    pub violation: Option<Violation>,
    /// Complete versions that files had.
    pub versions: usize,
    /// Objects that were written.
    pub written: usize,
    /// Files at the end whose upload began while they grew.
    pub grown: usize,
    /// How often the program died.
    pub crashes: usize,
}

/// What the plan ordered for the store.
#[derive(Debug, Default)]
struct Orders {
    away_until: Duration,
    calm: bool,
}

struct Seeded {
    random: fastrand::Rng,
    orders: Arc<Mutex<Orders>>,
}

impl Script for Seeded {
    fn course(&mut self, ask: &Ask<'_>) -> Course {
        let orders = lock(&self.orders);
        let mut some = || Duration::from_millis(self.random.u64(0..400));
        let (there, back) = (some(), some());
        let drawn = self.random.u32(..100);
        let fate = if ask.now < orders.away_until {
            Fate::Unreachable
        } else if orders.calm {
            Fate::Plain
        } else {
            match drawn {
                0 => Fate::AnswerLost,
                1 => Fate::Refused(503, "ServiceUnavailable", None),
                2 if ask.operation == Operation::PutObject => Fate::Reset(ask.size / 2),
                _ => Fate::Plain,
            }
        };
        Course { there, back, fate, ..Course::PLAIN }
    }
}

/// Why a session ended.
enum Left {
    Died,
    Ended,
}

struct World {
    plan: Plan,
    clock: Arc<WorldClock>,
    fuse: Arc<Fuse>,
    bucket: Arc<MemoryBucket>,
    orders: Arc<Mutex<Orders>>,
    profile: Profile,
    watch: Watch,
    folder: Folder,
    random: fastrand::Rng,
    /// How many versions of each key were looked at.
    seen: BTreeMap<String, usize>,
    sessions: u64,
    outcome: Outcome,
}

/// Lives a plan to its end.
pub fn live(plan: &Plan, trace: Trace) -> Outcome {
    let mut world = World::new(plan, trace);
    let mut next = 0;
    let mut snapshot = None;
    let violation = loop {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime of one thread needs nothing");
        let session = runtime.block_on(world.session(snapshot.take(), &mut next));
        drop(runtime);
        match session {
            Ok((Left::Ended, _)) => break None,
            Ok((Left::Died, kept)) => {
                world.outcome.crashes += 1;
                snapshot = Some(kept);
            }
            Err(violation) => break Some(violation),
        }
    };
    world.outcome.versions = world.folder.complete_versions();
    Outcome { violation, ..world.outcome }
}

impl World {
    fn new(plan: &Plan, trace: Trace) -> Self {
        let clock = Arc::new(WorldClock::default());
        let fuse = Arc::new(Fuse::default());
        let orders = Arc::new(Mutex::new(Orders::default()));
        let script =
            Seeded { random: fastrand::Rng::with_seed(plan.seed), orders: Arc::clone(&orders) };
        let service = Service::of(plan.provider);
        let bucket =
            MemoryBucket::new(service, Arc::clone(&clock), Arc::clone(&fuse), Box::new(script));
        bucket.expect_requests(plan.files * REQUESTS_A_FILE);
        let files = MemoryFiles::new();
        let folder = Folder::new(files, Duration::from_secs(plan.quiet_seconds.into()));
        let afterwards = if plan.deletes { Afterwards::Delete } else { Afterwards::Keep };
        let watch = Watch {
            id: WatchId(0),
            profile: ferry_model::ProfileId(0),
            folder: FOLDER.into(),
            resolved: FOLDER.into(),
            state: WatchState::Running,
            settings: WatchSettings {
                prefix: PREFIX.into(),
                quiet_seconds: plan.quiet_seconds,
                rescan_minutes: plan.rescan_minutes,
                order: if plan.newest_first {
                    TakeOrder::NewestFirst
                } else {
                    TakeOrder::OldestFirst
                },
                growing: if plan.sends_growing { GrowingFiles::Send } else { GrowingFiles::Wait },
                afterwards,
                ..WatchSettings::default()
            },
        };
        Self {
            profile: profile(plan.provider, Integrity::Standard, 0),
            plan: plan.clone(),
            clock,
            fuse,
            bucket,
            orders,
            watch,
            folder,
            random: fastrand::Rng::with_seed(plan.seed ^ 0x5eed),
            seen: BTreeMap::new(),
            sessions: 0,
            outcome: Outcome {
                trace,
                violation: None,
                versions: 0,
                written: 0,
                grown: 0,
                crashes: 0,
            },
        }
    }

    /// From a start of the program to its end.
    async fn session(
        &mut self,
        snapshot: Option<Snapshot>,
        next: &mut usize,
    ) -> Result<(Left, Snapshot), Violation> {
        self.clock.begin();
        self.sessions += 1;
        let journal = match &snapshot {
            Some(snapshot) => Journal::from_snapshot(snapshot),
            None => Journal::inline(),
        };
        let journal = journal.expect("a journal in memory opens");
        if snapshot.is_none() {
            self.profile.id = journal.save_profile(&self.profile).await.expect("the journal works");
            self.watch.profile = self.profile.id;
            self.watch.id = journal.save_watch(&self.watch).await.expect("the journal works");
        }
        let engine = self.start(&journal);
        let hints = Hints::default();
        let running = engine.watch(self.parts(&hints));
        let left = self.steps((&engine, &journal), &running, &hints, next).await?;
        if matches!(left, Left::Ended) {
            let listed = journal.batches(BatchScope::All, 0, 1).await.expect("the journal works");
            if listed.open > 1 {
                let rows = journal.page(Filter::default(), 0, u64::MAX).await;
                let rows = rows.expect("the journal works").rows.into_iter();
                let left = rows.filter(|row| !row.standing.has_ended());
                let left: Vec<_> = left.map(|row| (row.key, row.standing, row.fault)).collect();
                let what = format!("{} batches are open; left: {left:?}", listed.open);
                return Err(Violation::new("day", what));
            }
            let known = journal.known_files_after(self.watch.id, None, usize::MAX).await;
            let known = known.expect("the journal works").into_iter();
            self.outcome.grown = known.filter(|(_, file)| file.growth == Growth::Grown).count();
        }
        drop(running);
        let unexpected = engine.run_totals().unexpected_events;
        if unexpected > 0 {
            return Err(Violation::new("I8", format!("{unexpected} events without a row")));
        }
        let kept = journal.snapshot().await.expect("the journal works");
        self.clock.end();
        Ok((left, kept))
    }

    fn start(&self, journal: &Journal) -> Engine {
        let bucket = Arc::clone(&self.bucket);
        Engine::start(EngineParts {
            journal: journal.clone(),
            vault: Vault::in_memory(),
            environment: Arc::new(|_| {
                Some(Credentials {
                    access_key_id: "key".into(),
                    access_key_secret: ferry_model::Secret::new("secret"),
                    security_token: None,
                    expires_ms: None,
                })
            }),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            connect: Arc::new(move |_, reach, keys| {
                let idle = Duration::from_secs(reach.timeouts.idle_seconds.into());
                Ok(Arc::new(bucket.client(keys, idle)) as Arc<dyn ObjectStore>)
            }),
            files: Arc::new(self.folder.files()) as Arc<dyn Files>,
            instance: "instrument".into(),
            seed: self.plan.seed.wrapping_add(self.sessions << 32),
            parallel: ferry_model::concurrency::Parallel::bounded(None),
            limit: 0,
            scope: RunnableScope::All,
        })
    }

    fn parts(&self, hints: &Hints) -> WatchParts {
        let clock = Arc::clone(&self.clock);
        let local: LocalClock =
            Arc::new(move |_| LocalMoment { day: day_of(clock.elapsed()), hour: Hour::Open });
        let settings = &self.watch.settings;
        WatchParts {
            watch: self.watch.clone(),
            intake: Intake {
                batch: ferry_model::BatchId(0),
                bucket: self.profile.bucket.clone(),
                prefix: settings.prefix.clone(),
                paths: Vec::new(),
                patterns: Patterns::default(),
                existing: settings.existing,
                integrity: Integrity::Standard,
                part_size: part_size(self.plan.provider),
                template: KeyTemplate::default(),
                form: KeyForm::Nfc,
                day: day_of(self.clock.elapsed()),
                options: BatchOptions::default(),
                problem_files: ProblemFiles::List,
                profile: self.profile.clone(),
            },
            local,
            hints: HintSource::Given(hints.clone()),
        }
    }

    /// Lets what is left of the plan happen, and then waits for rest.
    async fn steps(
        &mut self,
        (engine, journal): (&Engine, &Journal),
        running: &RunningWatch,
        hints: &Hints,
        next: &mut usize,
    ) -> Result<Left, Violation> {
        loop {
            let now = self.clock.elapsed();
            let Some((at, act)) = self.plan.acts.get(*next).cloned() else { break };
            if at <= now {
                *next += 1;
                self.outcome.trace.add(format_args!("{now:?} {act:?}"));
                match act {
                    Act::Crash => return Ok(Left::Died),
                    Act::Restart => {
                        engine.shutdown(Duration::from_secs(5)).await;
                        return Ok(Left::Died);
                    }
                    act => self.act(&act, hints),
                }
                continue;
            }
            if !self.pass((at - now).min(self.step())).await? {
                return Ok(Left::Died);
            }
        }
        self.come_to_rest((engine, journal), running).await?;
        Ok(Left::Ended)
    }

    fn step(&self) -> Duration {
        if self.plan.files == 0 { STEP } else { STEP_OF_MANY }
    }

    /// Time passes; `false` if the program dies meanwhile.
    async fn pass(&mut self, time: Duration) -> Result<bool, Violation> {
        let lives = tokio::select! {
            biased;
            () = self.fuse.blown() => false,
            () = tokio::time::sleep(time) => true,
        };
        if !lives {
            self.fuse.set(None);
        }
        self.check()?;
        Ok(lives)
    }

    fn act(&mut self, act: &Act, hints: &Hints) {
        let now = self.clock.elapsed();
        match act {
            Act::Crash | Act::Restart => {}
            Act::CrashAt(moments) => self.fuse.set(Some(*moments)),
            Act::Clock(seconds) => self.clock.set_skew(*seconds),
            Act::Outage(seconds) => {
                lock(&self.orders).away_until = now + Duration::from_secs(*seconds);
            }
            Act::LoseHints => hints.lost(),
            Act::Change(change) => {
                let changed = self.folder.apply(change, now);
                self.hint(changed, hints);
            }
            Act::Burst(numbers) => {
                let changed = self.folder.burst(numbers.clone(), now);
                self.hint(changed, hints);
            }
        }
    }

    /// Some hints come twice, and some never.
    fn hint(&mut self, changed: Vec<PathBuf>, hints: &Hints) {
        for path in changed {
            if self.random.u32(..100) < self.plan.hints_percent {
                hints.changed([path.clone()]);
            }
            if self.random.u8(..) == 0 {
                hints.changed([path]);
            }
        }
    }
}

fn day_of(elapsed: Duration) -> Day {
    let days = elapsed.as_secs() / DAY.as_secs() % 28;
    Day { year: 2026, month: 1, day: u8::try_from(days).unwrap_or_default() + 1 }
}

fn key_of(path: &std::path::Path) -> String {
    let below = path.strip_prefix(FOLDER).unwrap_or(path);
    format!("{PREFIX}{}", below.display())
}

fn path_of(key: &str) -> PathBuf {
    PathBuf::from(FOLDER).join(key.strip_prefix(PREFIX).unwrap_or(key))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no code panics while holding this lock")
}
