//! One life: the engine over its stores, files and journal, with what a plan lets happen, and what
//! must hold after every step.

mod acts;
mod check;
mod plan;
mod rest;
mod script;
mod source;
mod trace;
mod undo;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_engine::{Engine, EngineParts, Files, MemoryFiles};
use ferry_journal::{Journal, RunnableScope, Snapshot, TransferRow};
use ferry_model::profile::PlainHttp;
use ferry_model::{
    Addressing, BatchId, BatchOptions, ConnectionLimits, Credentials, ExistingPolicy, Fault,
    FaultKind, Integrity, KeySource, LimitSchedule, LinkSettings, Naming, Network, Profile,
    ProfileId, ProfileKind, Provider, Secret, SignVersion, Standing, TransferId,
};
use ferry_storage::{Clock, ObjectStore};
use ferry_vault::Vault;

use crate::clock::WorldClock;
use crate::store::{Fuse, Manners, MemoryBucket, Service};
pub use check::Violation;
pub use plan::{
    Act, Cursed, Edit, NewFile, Options, Outage, Plan, Reach, Rows, Step, UserCommand, part_size,
};
use script::{Orders, Seeded};
use source::Sources;
pub use trace::Trace;

/// How a life went.
#[derive(Debug)]
pub struct Outcome {
    /// What happened.
    pub trace: Trace,
    /// What did not hold.
    pub violation: Option<Violation>,
    /// Requests that were made.
    pub requests: usize,
    /// Files that are done at its end.
    pub done: usize,
    /// How often the program died.
    pub crashes: usize,
}

/// One store and what is ordered for it.
struct Place {
    bucket: Arc<MemoryBucket>,
    orders: Arc<Mutex<Orders>>,
    profile: Profile,
}

/// What was added.
struct Added {
    place: usize,
    batch: BatchId,
    paths: Vec<PathBuf>,
    existing: ExistingPolicy,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Died,
    Ended,
}

struct World {
    plan: Plan,
    clock: Arc<WorldClock>,
    fuse: Arc<Fuse>,
    places: Vec<Place>,
    files: MemoryFiles,
    sources: Sources,
    added: Vec<Added>,
    /// The key that the environment gives.
    key: Arc<Mutex<u32>>,
    sessions: u64,
    crashes: usize,
    watch: check::Watch,
    undo_watch: undo::UndoWatch,
    trace: Trace,
    rows: BTreeMap<TransferId, TransferRow>,
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
        // What was under way dies with it.
        drop(runtime);
        match session {
            Ok((Left::Ended, _)) => break None,
            Ok((Left::Died, kept)) => snapshot = Some(kept),
            Err(violation) => break Some(violation),
        }
    };
    world.trace_ledgers();
    Outcome {
        violation,
        requests: world
            .places
            .iter()
            .map(|place| place.bucket.state().ledger.entries().len())
            .sum(),
        done: world.rows.values().filter(|row| row.standing == Standing::Done).count(),
        crashes: world.crashes,
        trace: world.trace,
    }
}

fn credentials(number: u32) -> Credentials {
    Credentials {
        access_key_id: format!("key-{number}"),
        access_key_secret: Secret::new("secret"),
        security_token: Some(Secret::new("token")),
        expires_ms: None,
    }
}

/// The profile of a store.
pub(crate) fn profile(provider: Provider, integrity: Integrity, number: usize) -> Profile {
    Profile {
        id: ProfileId(0),
        name: format!("place {number}"),
        kind: ProfileKind::Saved,
        provider,
        endpoint: format!("https://store{number}.example.com"),
        region: "cn-hangzhou".into(),
        bucket: "bucket".into(),
        prefix: String::new(),
        addressing: Addressing::Path,
        sign: SignVersion::V4,
        integrity: integrity.into(),
        existing: ExistingPolicy::Ask.into(),
        plain_http: PlainHttp::Refuse,
        keys: KeySource::Environment,
        options: BatchOptions::default(),
        naming: Naming::default(),
        limits: ConnectionLimits::default(),
        links: LinkSettings::default(),
        network: Network::default(),
        speed_limit: LimitSchedule::default(),
    }
}

impl World {
    fn new(plan: &Plan, trace: Trace) -> Self {
        let clock = Arc::new(WorldClock::default());
        let fuse = Arc::new(Fuse::default());
        let place = |number: usize| {
            let orders = Arc::new(Mutex::new(Orders::default()));
            let script = Seeded {
                random: fastrand::Rng::with_seed(plan.seed ^ (number as u64 + 1)),
                options: plan.options.clone(),
                orders: Arc::clone(&orders),
            };
            let provider = plan.options.provider;
            let manners = Manners {
                page: plan.options.page,
                complete_again: plan.options.complete_again,
                ..Manners::of(provider)
            };
            let service = Service { provider, manners };
            let bucket =
                MemoryBucket::new(service, Arc::clone(&clock), Arc::clone(&fuse), Box::new(script));
            bucket.state().contents.count_ids_from(((number as u64) << 32) + 1);
            Place { bucket, orders, profile: profile(provider, plan.options.integrity, number) }
        };
        let files = MemoryFiles::new();
        Self {
            places: (0..plan.options.profiles).map(place).collect(),
            plan: plan.clone(),
            clock,
            fuse,
            sources: Sources::new(files.clone()),
            files,
            added: Vec::new(),
            key: Arc::new(Mutex::new(0)),
            sessions: 0,
            crashes: 0,
            watch: check::Watch::default(),
            undo_watch: undo::UndoWatch::default(),
            trace,
            rows: BTreeMap::new(),
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
            for place in &mut self.places {
                place.profile.id =
                    journal.save_profile(&place.profile).await.expect("the journal works");
            }
        }
        let engine = self.start(&journal);
        let left = self.steps(&engine, &journal, next).await?;
        let unexpected = engine.run_totals().unexpected_events;
        if unexpected > 0 {
            return Err(Violation::new("I8", format!("{unexpected} events without a row")));
        }
        let kept = journal.snapshot().await.expect("the journal works");
        self.clock.end();
        Ok((left, kept))
    }

    fn start(&self, journal: &Journal) -> Engine {
        let buckets: BTreeMap<String, Arc<MemoryBucket>> = self
            .places
            .iter()
            .map(|place| (place.profile.endpoint.clone(), Arc::clone(&place.bucket)))
            .collect();
        let key = Arc::clone(&self.key);
        Engine::start(EngineParts {
            journal: journal.clone(),
            vault: Vault::in_memory(),
            environment: Arc::new(move |_| {
                Some(credentials(*key.lock().expect("no code panics while holding this lock")))
            }),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            connect: Arc::new(move |config, reach, keys| {
                let bucket = buckets
                    .get(&config.endpoint)
                    .ok_or_else(|| Fault::new(FaultKind::InvalidEndpoint))?;
                let idle = Duration::from_secs(reach.timeouts.idle_seconds.into());
                Ok(Arc::new(bucket.client(keys, idle)) as Arc<dyn ObjectStore>)
            }),
            files: Arc::new(self.files.clone()) as Arc<dyn Files>,
            instance: "simulation".into(),
            seed: self.plan.seed.wrapping_add(self.sessions << 32),
            parallel: self.plan.options.parallel,
            limit: 0,
            scope: RunnableScope::All,
        })
    }

    /// Lets what is left of the plan happen.
    async fn steps(
        &mut self,
        engine: &Engine,
        journal: &Journal,
        next: &mut usize,
    ) -> Result<Left, Violation> {
        while let Some(step) = self.plan.steps.get(*next).cloned() {
            let at = *next;
            *next += 1;
            let wait = tokio::time::sleep(Duration::from_millis(step.after_ms));
            if self.or_dies(wait).await.is_none() {
                // The step is still to come.
                *next = at;
                return self.die(journal).await;
            }
            self.check(journal).await?;
            self.trace.add(format_args!("{:?} {:?}", self.clock.elapsed(), step.act));
            let lives = match &step.act {
                Act::Crash => false,
                Act::Restart => {
                    engine.shutdown(Duration::from_secs(5)).await;
                    false
                }
                act => self.act(engine, journal, act).await?,
            };
            if !lives {
                return self.die(journal).await;
            }
            self.check(journal).await?;
        }
        if !self.rest(engine, journal).await? {
            return self.die(journal).await;
        }
        engine.shutdown(Duration::from_secs(5)).await;
        Ok(Left::Ended)
    }

    async fn die(&mut self, journal: &Journal) -> Result<Left, Violation> {
        self.crashes += 1;
        self.fuse.set(None);
        self.trace.add(format_args!("{:?} died", self.clock.elapsed()));
        self.check(journal).await?;
        self.undo_watch.program_ended();
        Ok(Left::Died)
    }

    /// Waits for something; `None` if the program dies first.
    async fn or_dies<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.fuse.blown() => None,
            done = work => Some(done),
        }
    }

    /// The same for what must return. `Ok(None)`: the program died.
    async fn in_time<T>(
        &self,
        what: &str,
        longest: Duration,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Violation> {
        match self.or_dies(tokio::time::timeout(longest, work)).await {
            None => Ok(None),
            Some(Ok(done)) => Ok(Some(done)),
            Some(Err(_)) => {
                Err(Violation::new("I6", format!("{what} does not end in {longest:?}")))
            }
        }
    }
}

impl Place {
    fn orders(&self) -> std::sync::MutexGuard<'_, Orders> {
        self.orders.lock().expect("no code panics while holding this lock")
    }
}
