//! A store that is away for 90 s and for 10 minutes, from the first request on and in the middle of
//! 200 files, in six ways: every file is verified, none fails, and no attempt is spent on it.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use ferry_engine::{
    Change, Engine, EngineParts, Files, Intake, IntakeProgress, MemoryFiles, ProblemFiles,
};
use ferry_journal::{BatchLabel, Journal, NewBatch, RunnableScope, Selection};
use ferry_model::concurrency::Parallel;
use ferry_model::health::{FAILURES_TO_OPEN, LONGEST_WAIT};
use ferry_model::profile::PlainHttp;
use ferry_model::reaction::{ATTEMPTS, MERGE_ATTEMPTS};
use ferry_model::{
    Addressing, BatchId, BatchOptions, ConnectionLimits, Credentials, Day, ExistingPolicy,
    Integrity, KeyForm, KeySource, KeyTemplate, LimitSchedule, LinkSettings, Naming, Network,
    Patterns, Profile, ProfileId, ProfileKind, Provider, Secret, SignVersion, Standing,
};
use ferry_simulation::clock::WorldClock;
use ferry_simulation::store::{
    Ask, Course, Ending, Fate, Health, MemoryBucket, Operation, Script, Service,
};
use ferry_simulation::world::{Outage, Reach, part_size};
use ferry_storage::{Clock, ObjectStore};
use ferry_vault::Vault;

const FILES: usize = 200;
/// A request's way there, and the answer's way back.
const LATENCY: Duration = Duration::from_millis(400);
/// How long the client waits for a silent store.
const IDLE: Duration = Duration::from_secs(30);
/// Longer than anything takes here.
const LONGEST: Duration = Duration::from_secs(3_600);

const KINDS: [Outage; 6] = [
    Outage::Unavailable,
    Outage::InternalError,
    Outage::TooMany,
    Outage::Resets,
    Outage::Unreachable,
    Outage::Silence,
];
const LENGTHS: [Duration; 2] = [Duration::from_secs(90), Duration::from_secs(600)];
const BEGINNINGS: [Begins; 2] = [Begins::WithFirstRequest, Begins::AfterObjects(FILES / 2)];

#[derive(Debug, Clone, Copy)]
enum Begins {
    WithFirstRequest,
    AfterObjects(usize),
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    provider: Provider,
    kind: Outage,
    reach: Reach,
    lasts: Duration,
    begins: Begins,
}

#[test]
fn oss_is_away() {
    outages(Provider::Oss, Reach::All);
}

#[test]
fn s3_is_away() {
    outages(Provider::S3, Reach::All);
}

#[test]
fn oss_takes_no_writes() {
    outages(Provider::Oss, Reach::Writes);
}

fn outages(provider: Provider, reach: Reach) {
    let mut broken = Vec::new();
    for kind in KINDS {
        for lasts in LENGTHS {
            for begins in BEGINNINGS {
                let cell = Cell { provider, kind, reach, lasts, begins };
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .start_paused(true)
                    .build()
                    .expect("a runtime of one thread needs nothing");
                if let Err(why) = runtime.block_on(survives(cell)) {
                    broken.push(format!("{cell:?}: {why}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What has happened so far.
#[derive(Debug, Default)]
struct Scene {
    objects: usize,
    began: Option<Duration>,
    /// Requests that met the outage.
    met: usize,
    /// One of them, which fails on after the outage, and how often it still does. The few failures
    /// that show that the store is away may count against an item; an outage that spent more would
    /// leave too few attempts for these.
    unlucky: Option<(Operation, String)>,
    failures_left: u32,
    /// When a request was carried out after it.
    back: Option<Duration>,
}

struct Scripted {
    cell: Cell,
    scene: Arc<Mutex<Scene>>,
}

fn lock(scene: &Mutex<Scene>) -> MutexGuard<'_, Scene> {
    scene.lock().expect("no code panics while holding this lock")
}

impl Scripted {
    fn fate(&self, ask: &Ask<'_>) -> Fate {
        let mut scene = lock(&self.scene);
        let due = match self.cell.begins {
            Begins::WithFirstRequest => true,
            Begins::AfterObjects(objects) => scene.objects >= objects,
        };
        if due && scene.began.is_none() {
            scene.began = Some(ask.now);
        }
        let makes_object = matches!(ask.operation, Operation::PutObject | Operation::Complete);
        scene.objects += usize::from(makes_object);
        let Some(began) = scene.began else { return Fate::Plain };
        if ask.now < began + self.cell.lasts {
            if !self.cell.reach.meets(ask.operation) {
                return Fate::Plain;
            }
            scene.met += 1;
            let attempts = match ask.operation {
                Operation::HeadObject if !ask.key.ends_with(".ferry-probe") => ATTEMPTS,
                Operation::PutObject => MERGE_ATTEMPTS,
                _ => return self.cell.kind.fate(),
            };
            if scene.unlucky.is_none() {
                scene.unlucky = Some((ask.operation, ask.key.to_owned()));
                scene.failures_left = attempts - FAILURES_TO_OPEN;
            }
            return self.cell.kind.fate();
        }
        scene.back.get_or_insert(ask.now);
        let unlucky = scene
            .unlucky
            .as_ref()
            .is_some_and(|(operation, key)| *operation == ask.operation && key == ask.key);
        if unlucky && scene.failures_left > 0 {
            scene.failures_left -= 1;
            return Fate::Refused(500, "InternalError", None);
        }
        Fate::Plain
    }
}

impl Script for Scripted {
    fn course(&mut self, ask: &Ask<'_>) -> Course {
        Course { there: LATENCY, back: LATENCY, fate: self.fate(ask), ..Course::PLAIN }
    }
}

macro_rules! hold {
    ($holds:expr, $($what:tt)*) => {
        if !$holds {
            return Err(format!($($what)*));
        }
    };
}

async fn survives(cell: Cell) -> Result<(), String> {
    let clock = Arc::new(WorldClock::default());
    clock.begin();
    let scene = Arc::new(Mutex::new(Scene::default()));
    let script = Scripted { cell, scene: Arc::clone(&scene) };
    let service = Service::of(cell.provider);
    let bucket = MemoryBucket::new(service, Arc::clone(&clock), Arc::default(), Box::new(script));
    let files = MemoryFiles::new();
    for number in 0..FILES {
        files.apply(Change::Write(path(number), content(cell.provider, number)));
    }
    let journal = Journal::inline().expect("a journal in memory opens");
    let mut profile = profile(cell.provider);
    profile.id = journal.save_profile(&profile).await.expect("the journal works");
    let engine = start(&journal, &bucket, &clock, files);
    let batch = NewBatch {
        profile: profile.id,
        fingerprint: String::new(),
        created_ms: 0,
        options: BatchOptions::default(),
        naming: Naming::default(),
        label: BatchLabel::default(),
    };
    let batch = journal.add_batch(batch).await.expect("the journal works");
    let report = engine.add_paths(intake(profile, batch), IntakeProgress::default()).await;
    hold!(report.as_ref().is_ok_and(|report| report.added == FILES as u64), "{report:?}");
    let rested = tokio::time::timeout(LONGEST, engine.idle()).await;
    hold!(rested.is_ok(), "it does not come to rest");

    let ids: Vec<_> = journal.standings(Selection::All).await.expect("reads");
    let ids: Vec<_> = ids.into_iter().map(|row| row.0).collect();
    for row in journal.transfers(&ids).await.expect("reads") {
        hold!(row.standing == Standing::Done, "{} is {:?}: {:?}", row.key, row.standing, row.fault);
    }
    hold!(ids.len() == FILES, "{} rows", ids.len());
    hold!(engine.run_totals().unexpected_events == 0, "an event without a row");
    nothing_is_left(cell, &bucket)?;
    came_back(cell, &lock(&scene))?;
    sent_little_twice(cell, &bucket)
}

/// Each file is there once and whole, and no upload is open.
fn nothing_is_left(cell: Cell, bucket: &MemoryBucket) -> Result<(), String> {
    let state = bucket.state();
    hold!(state.contents.uploads().is_empty(), "an upload is open");
    hold!(state.contents.objects().len() == FILES, "{} objects", state.contents.objects().len());
    for number in 0..FILES {
        let versions = &state.contents.objects()[&format!("data/{number:03}.bin")];
        hold!(versions.len() == 1, "{number} was made {} times", versions.len());
        let whole = versions[0].bytes == content(cell.provider, number);
        hold!(whole && versions[0].health == Health::Sound, "{number} is not its file");
    }
    Ok(())
}

/// It was asked seldom while it was away, and soon when it was back.
fn came_back(cell: Cell, scene: &Scene) -> Result<(), String> {
    hold!(scene.met > 0, "nothing met the outage");
    hold!(scene.failures_left == 0, "{:?} did not fail on", scene.unlucky);
    // What was under way, then one probe after another; two requests for each where reads are
    // answered.
    let probes = cell.lasts.div_duration_f64(LONGEST_WAIT) as usize + 20;
    hold!(scene.met <= 40 + probes, "it was asked {} times while it was away", scene.met);
    let end = scene.began.expect("it began") + cell.lasts;
    let back = scene.back.expect("it was asked after it");
    let asked = match cell.kind {
        Outage::Silence => IDLE + LATENCY,
        _ => 3 * LATENCY,
    };
    hold!(back <= end + LONGEST_WAIT + asked, "it was asked {:?} after its return", back - end);
    Ok(())
}

/// No part and no file that was acknowledged was sent again.
fn sent_little_twice(cell: Cell, bucket: &MemoryBucket) -> Result<(), String> {
    let state = bucket.state();
    let mut acknowledged = BTreeSet::new();
    for entry in state.ledger.entries() {
        if !entry.operation.has_body() || entry.ending != Ending::Succeeded {
            continue;
        }
        let name = (entry.operation, entry.key.clone(), entry.number);
        hold!(acknowledged.insert(name), "{} {:?} was sent again", entry.key, entry.number);
    }
    let parts: u64 = (0..FILES)
        .map(|number| content(cell.provider, number).len() as u64)
        .map(|size| size.div_ceil(part_size(cell.provider)).max(1))
        .sum();
    hold!(acknowledged.len() as u64 == parts, "{} bodies for {parts}", acknowledged.len());
    Ok(())
}

fn path(number: usize) -> PathBuf {
    format!("/home/data/{number:03}.bin").into()
}

/// One file in twenty goes in parts, one in a hundred where parts are large.
fn content(provider: Provider, number: usize) -> Bytes {
    let part = usize::try_from(part_size(provider)).expect("parts are small");
    let size = match provider {
        Provider::Oss if number.is_multiple_of(20) => part * 3 + number,
        Provider::S3 if number.is_multiple_of(100) => part + number,
        _ => 1_000 + number,
    };
    vec![number as u8; size].into()
}

fn start(
    journal: &Journal,
    bucket: &Arc<MemoryBucket>,
    clock: &Arc<WorldClock>,
    files: MemoryFiles,
) -> Engine {
    let bucket = Arc::clone(bucket);
    Engine::start(EngineParts {
        journal: journal.clone(),
        vault: Vault::in_memory(),
        environment: Arc::new(|_| {
            Some(Credentials {
                access_key_id: "id".into(),
                access_key_secret: Secret::new("secret"),
                security_token: None,
                expires_ms: None,
            })
        }),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        connect: Arc::new(move |_, _, keys| {
            Ok(Arc::new(bucket.client(keys, IDLE)) as Arc<dyn ObjectStore>)
        }),
        files: Arc::new(files) as Arc<dyn Files>,
        instance: "outages".into(),
        seed: 7,
        parallel: Parallel::Fixed(4),
        limit: 0,
        scope: RunnableScope::All,
    })
}

fn profile(provider: Provider) -> Profile {
    Profile {
        id: ProfileId(0),
        name: "away".into(),
        kind: ProfileKind::Saved,
        provider,
        endpoint: "https://store.example.com".into(),
        region: "cn-hangzhou".into(),
        bucket: "bucket".into(),
        prefix: String::new(),
        addressing: Addressing::Path,
        sign: SignVersion::V4,
        integrity: Integrity::Standard.into(),
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

fn intake(profile: Profile, batch: BatchId) -> Intake {
    Intake {
        batch,
        bucket: profile.bucket.clone(),
        prefix: String::new(),
        paths: vec!["/home/data".into()],
        existing: ExistingPolicy::Ask,
        integrity: profile.integrity.or(Integrity::Standard),
        part_size: part_size(profile.provider),
        template: KeyTemplate::parse(&Naming::default().template).expect("it is the default"),
        form: KeyForm::Nfc,
        day: Day { year: 2026, month: 1, day: 1 },
        options: BatchOptions::default(),
        problem_files: ProblemFiles::List,
        patterns: Patterns::default(),
        profile,
    }
}
