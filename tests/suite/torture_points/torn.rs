//! Runs the engine and dies, as by `kill -9`, at the step it is told to: just before each
//! transaction of the journal begins or commits, before a request is sent, and after its answer
//! came. Nothing of this stands in the engine: its seams for journal and store are enough.
//!
//! What it does is said by the environment, which [`Orders::give`] writes and [`Orders::taken`]
//! reads. Each step is a line on standard output.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ferry_engine::{
    DiskFiles, Engine, EngineParts, Intake, IntakeProgress, TransferCommand, vault_entry,
};
use ferry_journal::{Filter, Journal, NewBatch, OperationKind, RunnableScope, Selection};
use ferry_model::concurrency::Parallel;
use ferry_model::profile::PlainHttp;
use ferry_model::{
    Addressing, BatchOptions, ConnectionLimits, Credentials, Day, ExistingPolicy, Fault, Integrity,
    KeyForm, KeySource, KeyTemplate, LimitSchedule, LinkSettings, Naming, Network, Patterns,
    Profile, ProfileId, ProfileKind, Provider, Secret, SignVersion,
};
use ferry_storage::{
    BucketInfo, Clock, HttpClient, HttpOptions, ListPage, ListedEntry, ListedPart, ListedUpload,
    ObjectHead, ObjectOptions, ObjectStore, Payload, StoreError, StoredObject, StoredPart,
    SystemClock, UploadsMarker,
};
use ferry_vault::Vault;
use futures_util::stream::BoxStream;
use support::ferry::{BUCKET, REGION};
use tokio::process::Command;

/// Counts the steps and dies at one.
#[derive(Debug, Default)]
struct Steps {
    at: Option<(String, u64)>,
    seen: BTreeMap<String, u64>,
    all: u64,
    last: String,
}

type Shared = Arc<Mutex<Steps>>;

/// Counts a step; does not return from the one to die at.
fn step(steps: &Shared, name: &str) {
    let mut steps = steps.lock().expect("nobody panics");
    steps.all += 1;
    let nth = *steps.seen.entry(name.to_owned()).and_modify(|nth| *nth += 1).or_insert(1);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{name}#{nth}").and_then(|()| out.flush()).expect("somebody reads");
    let here = steps.at.as_ref().is_some_and(|(wanted, n)| match wanted.as_str() {
        "" => *n == steps.all,
        wanted => wanted == name && *n == nth,
    });
    if here {
        // Nothing is unwound, flushed or closed.
        std::process::abort();
    }
}

/// A step of the journal: named by the request before it, which is what it writes down.
fn journal_step(steps: &Shared, kind: OperationKind) {
    let what = match kind {
        OperationKind::Read => return,
        OperationKind::Begin => "begin",
        OperationKind::Commit => "commit",
    };
    let last = steps.lock().expect("nobody panics").last.clone();
    step(steps, &format!("{what} after {last}"));
}

/// A store that is asked through steps.
#[derive(Debug)]
struct Stepping {
    inner: Arc<dyn ObjectStore>,
    steps: Shared,
}

impl Stepping {
    async fn through<T>(&self, name: &str, request: impl Future<Output = T>) -> T {
        step(&self.steps, &format!("{name} before it is sent"));
        let answer = request.await;
        step(&self.steps, &format!("{name} answered"));
        self.steps.lock().expect("nobody panics").last = name.to_owned();
        answer
    }
}

#[async_trait]
impl ObjectStore for Stepping {
    async fn put_object(
        &self,
        key: &str,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredObject, StoreError> {
        self.through("Put", self.inner.put_object(key, options, payload)).await
    }

    async fn initiate(&self, key: &str, options: &ObjectOptions) -> Result<String, StoreError> {
        self.through("Initiate", self.inner.initiate(key, options)).await
    }

    async fn upload_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredPart, StoreError> {
        let request = self.inner.upload_part(key, upload_id, number, options, payload);
        self.through("UploadPart", request).await
    }

    async fn list_parts(
        &self,
        key: &str,
        upload_id: &str,
        marker: Option<u32>,
    ) -> Result<ListPage<ListedPart, u32>, StoreError> {
        self.through("ListParts", self.inner.list_parts(key, upload_id, marker)).await
    }

    async fn list_uploads(
        &self,
        prefix: &str,
        marker: Option<UploadsMarker>,
    ) -> Result<ListPage<ListedUpload, UploadsMarker>, StoreError> {
        self.through("ListUploads", self.inner.list_uploads(prefix, marker)).await
    }

    async fn list_objects(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        marker: Option<String>,
    ) -> Result<ListPage<ListedEntry, String>, StoreError> {
        self.inner.list_objects(prefix, delimiter, marker).await
    }

    async fn complete(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[(u32, String)],
        options: &ObjectOptions,
    ) -> Result<StoredObject, StoreError> {
        self.through("Complete", self.inner.complete(key, upload_id, parts, options)).await
    }

    async fn abort(&self, key: &str, upload_id: &str) -> Result<(), StoreError> {
        self.through("Abort", self.inner.abort(key, upload_id)).await
    }

    async fn delete_object(&self, key: &str, version: Option<&str>) -> Result<(), StoreError> {
        self.through("Delete", self.inner.delete_object(key, version)).await
    }

    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        self.through("Head", self.inner.head(key)).await
    }

    async fn put_acl(&self, key: &str, acl: &str) -> Result<(), StoreError> {
        self.inner.put_acl(key, acl).await
    }

    async fn put_tagging(&self, key: &str, tags: &[(String, String)]) -> Result<(), StoreError> {
        self.inner.put_tagging(key, tags).await
    }

    async fn get(
        &self,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<BoxStream<'static, std::io::Result<Bytes>>, StoreError> {
        self.inner.get(key, range).await
    }

    async fn bucket_info(&self) -> Result<BucketInfo, StoreError> {
        self.inner.bucket_info().await
    }

    fn presign_get(&self, key: &str, expires: Duration) -> Result<String, Fault> {
        self.inner.presign_get(key, expires)
    }

    fn object_url(&self, key: &str) -> String {
        self.inner.object_url(key)
    }

    fn set_credentials(&self, credentials: Credentials) {
        self.inner.set_credentials(credentials);
    }

    fn clock_offset(&self) -> i64 {
        self.inner.clock_offset()
    }
}

/// What a run is told.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    pub(crate) mode: Mode,
    pub(crate) data: PathBuf,
    pub(crate) endpoint: String,
    pub(crate) provider: Provider,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) key_id: String,
    pub(crate) secret: String,
    /// Where to die: `NAME#N` for the Nth step of that name, `#N` for the Nth of all.
    pub(crate) at: Option<String>,
}

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Queues the files and sends nothing.
    Queue,
    /// Runs the queue to its end.
    Run,
    /// Cancels everything, and runs the queue to its end.
    Cancel,
}

const VARIABLE: &str = "FERRY_TORN";

impl Orders {
    pub(crate) fn give(&self, command: &mut Command) {
        let text = serde_json::json!({
            "mode": format!("{:?}", self.mode),
            "data": self.data,
            "endpoint": self.endpoint,
            "provider": format!("{:?}", self.provider),
            "files": self.files,
            "key_id": self.key_id,
            "secret": self.secret,
            "at": self.at,
        });
        command.env(VARIABLE, text.to_string());
    }

    /// The orders that this process was given, if it was.
    pub(crate) fn taken() -> Option<Self> {
        let text = std::env::var(VARIABLE).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let modes = [Mode::Queue, Mode::Run, Mode::Cancel];
        let named = |mode: &Mode| json["mode"] == format!("{mode:?}");
        let files = json["files"].as_array().expect("a list").iter();
        Some(Self {
            mode: modes.into_iter().find(named).expect("a mode"),
            data: text("data").expect("a folder").into(),
            endpoint: text("endpoint").expect("an endpoint"),
            provider: if json["provider"] == "Oss" { Provider::Oss } else { Provider::S3 },
            files: files.map(|file| file.as_str().expect("a path").into()).collect(),
            key_id: text("key_id").expect("a key"),
            secret: text("secret").expect("a secret"),
            at: text("at"),
        })
    }

    /// Does it, on one thread: what happens is the same each time.
    pub(crate) fn obey(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(work(self));
    }
}

/// Bytes of a part: the least that a service takes, or a little more.
pub(crate) fn part_size(provider: Provider) -> u64 {
    match provider {
        Provider::Oss => 256 * 1024,
        Provider::S3 => 5 * 1024 * 1024,
    }
}

fn profile(endpoint: &str, provider: Provider) -> Profile {
    Profile {
        id: ProfileId(0),
        name: "torn".into(),
        kind: ProfileKind::Saved,
        provider,
        endpoint: endpoint.into(),
        region: REGION.into(),
        bucket: BUCKET.into(),
        prefix: String::new(),
        addressing: Addressing::Path,
        sign: SignVersion::V4,
        integrity: Integrity::Standard.into(),
        existing: ExistingPolicy::Ask.into(),
        plain_http: PlainHttp::Refuse,
        keys: KeySource::Keyring,
        options: BatchOptions::default(),
        naming: Naming::default(),
        limits: ConnectionLimits::default(),
        links: LinkSettings::default(),
        network: Network::default(),
        speed_limit: LimitSchedule::default(),
    }
}

async fn engine(
    orders: &Orders,
    journal: &Journal,
    profile: &Profile,
    scope: RunnableScope,
    steps: &Shared,
) -> Engine {
    let vault = Vault::in_memory();
    let keys = Credentials {
        access_key_id: orders.key_id.clone(),
        access_key_secret: Secret::new(orders.secret.clone()),
        security_token: None,
        expires_ms: None,
    };
    vault.store(&vault_entry("torn", profile), &keys).await.expect("keeps");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let connect = Engine::connect_over(HttpClient::new(HttpOptions::default()), Arc::clone(&clock));
    let steps = Arc::clone(steps);
    Engine::start(EngineParts {
        journal: journal.clone(),
        files: Arc::new(DiskFiles),
        vault,
        clock,
        connect: Arc::new(move |config, limits, credentials| {
            let inner = connect(config, limits, credentials)?;
            Ok(Arc::new(Stepping { inner, steps: Arc::clone(&steps) }) as Arc<dyn ObjectStore>)
        }),
        environment: Arc::new(|_| None),
        instance: "torn".into(),
        seed: 1,
        parallel: Parallel::Fixed(1),
        limit: 0,
        scope,
    })
}

async fn queue(orders: &Orders, journal: &Journal, steps: &Shared) {
    let mut profile = profile(&orders.endpoint, orders.provider);
    profile.id = journal.save_profile(&profile).await.expect("saves");
    let batch = NewBatch {
        profile: profile.id,
        fingerprint: String::new(),
        created_ms: 0,
        options: BatchOptions::default(),
        naming: profile.naming.clone(),
        label: ferry_journal::BatchLabel::default(),
    };
    let intake = Intake {
        batch: journal.add_batch(batch).await.expect("adds"),
        bucket: BUCKET.into(),
        prefix: String::new(),
        paths: orders.files.clone(),
        patterns: Patterns::default(),
        existing: profile.existing.or(ExistingPolicy::Ask),
        integrity: profile.integrity.or(Integrity::Standard),
        part_size: part_size(profile.provider),
        template: KeyTemplate::default(),
        form: KeyForm::Nfc,
        day: Day { year: 2026, month: 3, day: 9 },
        options: BatchOptions::default(),
        problem_files: ferry_engine::ProblemFiles::List,
        profile: profile.clone(),
    };
    let engine = engine(orders, journal, &profile, RunnableScope::Ids(Vec::new()), steps).await;
    engine.add_paths(intake, IntakeProgress::default()).await.expect("takes in");
    engine.shutdown(Duration::from_secs(1)).await;
}

async fn run(orders: &Orders, journal: &Journal, steps: &Shared) {
    let cancel = orders.mode == Mode::Cancel;
    let profiles = journal.profiles().await.expect("reads");
    let profile = profiles.first().expect("one was queued");
    let hooked = Arc::clone(steps);
    let hook = move |operation: ferry_journal::Operation| {
        journal_step(&hooked, operation.kind);
        None
    };
    journal.fail_where(Box::new(hook)).expect("is open");
    let scope = if cancel { RunnableScope::Ids(Vec::new()) } else { RunnableScope::All };
    let engine = engine(orders, journal, profile, scope, steps).await;
    if cancel {
        engine.apply(TransferCommand::Cancel, Selection::All).await.expect("cancels");
        engine.set_scope(RunnableScope::All).await;
    }
    engine.idle().await;
    engine.shutdown(Duration::from_secs(1)).await;
    assert_eq!(engine.run_totals().unexpected_events, 0, "an event without a row");
    for row in journal.page(Filter::default(), 0, 1_000).await.expect("reads").rows {
        println!("row {} {:?} {:?}", row.key, row.standing, row.fault.map(|fault| fault.kind));
    }
}

async fn work(orders: &Orders) {
    let at = orders.at.as_ref().map(|at| {
        let (name, nth) = at.rsplit_once('#').expect("NAME#N");
        (name.to_owned(), nth.parse().expect("a number"))
    });
    let steps = Arc::new(Mutex::new(Steps { at, last: "start".into(), ..Steps::default() }));
    let journal = Journal::inline_at(&orders.data).expect("opens");
    match orders.mode {
        Mode::Queue => queue(orders, &journal, &steps).await,
        Mode::Run | Mode::Cancel => run(orders, &journal, &steps).await,
    }
    journal.close().await;
}
