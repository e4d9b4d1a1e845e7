//! An engine against a sandbox of its own.

// Each test file uses a part of it.
#![allow(dead_code, missing_docs)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ferry_engine::{
    DiskFiles, Engine, EngineParts, Files, Intake, IntakeProgress, MemoryFiles, ProblemFiles,
    Reach, store_config, vault_entry,
};
use ferry_journal::{BatchLabel, Journal, NewBatch, RunnableScope, TransferRow};
use ferry_model::concurrency::Parallel;
use ferry_model::profile::PlainHttp;
use ferry_model::{
    Addressing, BatchOptions, ConnectionLimits, Credentials, Day, ExistingPolicy, Integrity,
    KeyForm, KeySource, KeyTemplate, LimitSchedule, LinkSettings, Naming, Network, Patterns,
    Profile, ProfileId, ProfileKind, Provider, Secret, SignVersion, Standing, Timeouts,
};
use ferry_sandbox::{Config, Credential, Sandbox};
use ferry_storage::{Clock, HttpClient, HttpOptions, ObjectOptions, Payload, SystemClock};
use ferry_vault::Vault;

pub(crate) const BUCKET: &str = "faults";
/// A paused clock goes no further at once.
const STEP: Duration = Duration::from_millis(50);
pub(crate) const MIB: u64 = 1024 * 1024;

/// An engine, its queue and a store of its own.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) engine: Engine,
    pub(crate) journal: Journal,
    pub(crate) profile: Profile,
    pub(crate) vault: Vault,
    pub(crate) keys: Credentials,
    pub(crate) root: tempfile::TempDir,
    files: Arc<dyn Files>,
}

impl Bench {
    pub(crate) async fn new(provider: Provider) -> Self {
        Self::with(provider, |_| {}).await
    }

    pub(crate) async fn with(provider: Provider, change: impl FnOnce(&mut Config)) -> Self {
        Self::over(Arc::new(DiskFiles), provider, change).await
    }

    /// An engine that reads these files.
    pub(crate) async fn over(
        files: Arc<dyn Files>,
        provider: Provider,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(&root.path().join("data")).await.expect("opens");
        Self::assemble(root, journal, files, provider, 2, change).await
    }

    /// A bench for a paused clock: neither files nor journal wait for another thread. Sockets are
    /// real, and where one is late by a moment nothing else can be done: the clock goes on. It goes in
    /// steps, so that this costs some of them and not the whole time-out of a request.
    pub(crate) async fn inline(
        files: MemoryFiles,
        provider: Provider,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let journal = Journal::inline().expect("opens");
        tokio::spawn(async {
            loop {
                tokio::time::sleep(STEP).await;
            }
        });
        Self::assemble(root, journal, Arc::new(files), provider, 20, change).await
    }

    async fn assemble(
        root: tempfile::TempDir,
        journal: Journal,
        files: Arc<dyn Files>,
        provider: Provider,
        idle_seconds: u32,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let key = Credential::generate();
        let mut config = Config::new(root.path().join("store"));
        config.region = "cn-hangzhou".into();
        config.buckets = vec![BUCKET.into()];
        config.credentials = vec![key.clone()];
        change(&mut config);
        let sandbox = Sandbox::start(config).await.expect("starts");
        let mut profile = Profile {
            id: ProfileId(0),
            name: "bench".into(),
            kind: ProfileKind::Saved,
            provider,
            endpoint: sandbox.endpoint(),
            region: "cn-hangzhou".into(),
            bucket: BUCKET.into(),
            prefix: String::new(),
            addressing: Addressing::Path,
            sign: SignVersion::V4,
            integrity: Integrity::Standard.into(),
            existing: ExistingPolicy::Overwrite.into(),
            plain_http: PlainHttp::Refuse,
            keys: KeySource::Keyring,
            options: BatchOptions::default(),
            naming: Naming::default(),
            limits: ConnectionLimits { idle_seconds, ..ConnectionLimits::default() },
            links: LinkSettings::default(),
            network: Network::default(),
            speed_limit: LimitSchedule::default(),
        };
        profile.id = journal.save_profile(&profile).await.expect("saves");
        let vault = Vault::in_memory();
        let keys = Credentials {
            access_key_id: key.access_key_id,
            access_key_secret: Secret::new(key.access_key_secret),
            security_token: None,
            expires_ms: None,
        };
        vault.store(&vault_entry("test", &profile), &keys).await.expect("keeps");
        let engine = start(&journal, &files, &vault);
        Self { sandbox, engine, journal, profile, vault, keys, root, files }
    }

    /// Another engine over the same queue, as after a start of the program.
    pub(crate) async fn restart(&mut self) {
        self.engine.shutdown(Duration::from_secs(5)).await;
        self.engine = start(&self.journal, &self.files, &self.vault);
    }

    pub(crate) fn file(&self, name: &str, size: u64) -> PathBuf {
        let mut bytes = vec![0u8; usize::try_from(size).expect("fits")];
        fastrand::Rng::with_seed(size).fill(&mut bytes);
        let path = self.root.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        path
    }

    /// Puts an object as another program would.
    pub(crate) async fn put_theirs(&self, key: &str, bytes: &[u8]) {
        let connect =
            Engine::connect_over(HttpClient::new(HttpOptions::default()), Arc::new(SystemClock));
        let config = store_config(&self.profile, BUCKET);
        let timeouts = self.profile.limits.timeouts(Timeouts::default());
        let reach = Reach { timeouts, ..Reach::default() };
        let store = connect(&config, &reach, self.keys.clone()).expect("connects");
        let payload = Payload::from_bytes(bytes.to_vec().into());
        store.put_object(key, &ObjectOptions::default(), payload).await.expect("puts");
    }

    /// Gives a second profile the same keys.
    pub(crate) async fn share_keys(&self, profile: &Profile) {
        self.vault.store(&vault_entry("test", profile), &self.keys).await.expect("keeps");
    }

    pub(crate) async fn add(&self, paths: &[&PathBuf]) {
        self.add_to(&self.profile, paths).await;
    }

    pub(crate) async fn add_to(&self, profile: &Profile, paths: &[&PathBuf]) {
        self.add_with(profile, paths, |_| {}).await;
    }

    /// Adds files as `change` says.
    pub(crate) async fn add_with(
        &self,
        profile: &Profile,
        paths: &[&PathBuf],
        change: impl FnOnce(&mut Intake),
    ) {
        let mut intake = self.intake(profile, paths).await;
        change(&mut intake);
        self.journal.set_batch_options(intake.batch, intake.options.clone()).await.expect("sets");
        self.engine.add_paths(intake, IntakeProgress::default()).await.expect("takes in");
    }

    /// What adding files to a new batch takes.
    pub(crate) async fn intake(&self, profile: &Profile, paths: &[&PathBuf]) -> Intake {
        let batch = NewBatch {
            profile: profile.id,
            fingerprint: String::new(),
            created_ms: 0,
            options: BatchOptions::default(),
            naming: profile.naming.clone(),
            label: BatchLabel::default(),
        };
        Intake {
            batch: self.journal.add_batch(batch).await.expect("adds"),
            profile: profile.clone(),
            bucket: BUCKET.into(),
            prefix: String::new(),
            paths: paths.iter().map(|path| (*path).clone()).collect(),
            patterns: Patterns::default(),
            existing: profile.existing.or(ExistingPolicy::Ask),
            integrity: Integrity::Standard,
            part_size: match self.profile.provider {
                Provider::Oss => MIB,
                Provider::S3 => 5 * MIB,
            },
            template: KeyTemplate::default(),
            form: KeyForm::Nfc,
            day: Day { year: 2026, month: 3, day: 9 },
            options: BatchOptions::default(),
            problem_files: ProblemFiles::List,
        }
    }

    pub(crate) async fn rows(&self) -> Vec<TransferRow> {
        let page =
            self.journal.page(ferry_journal::Filter::default(), 0, 1_000).await.expect("reads");
        page.rows
    }

    pub(crate) async fn until(&self, what: &str, reached: impl Fn(&Sandbox) -> bool) {
        for _ in 0..1_500 {
            if reached(&self.sandbox) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let uploads = self.sandbox.open_uploads(BUCKET);
        panic!(
            "never came: {what}\n{:?}\n{:?}\n{uploads:?}",
            self.engine.all_live(),
            self.rows().await
        );
    }

    pub(crate) async fn assert_done(&self, name: &str) {
        self.engine.idle().await;
        for row in self.rows().await {
            assert_eq!((row.standing, &row.fault), (Standing::Done, &None), "{}", row.key);
        }
        let bytes = std::fs::read(self.root.path().join(name)).expect("reads");
        assert!(
            self.sandbox.read_object(BUCKET, name).expect("is there") == bytes,
            "{name} differs"
        );
        assert_eq!(self.sandbox.open_uploads(BUCKET).len(), 0);
        assert_eq!(self.sandbox.object(BUCKET, name).expect("is there").versions, 1);
    }
}

fn start(journal: &Journal, files: &Arc<dyn Files>, vault: &Vault) -> Engine {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Engine::start(EngineParts {
        journal: journal.clone(),
        files: Arc::clone(files),
        vault: vault.clone(),
        clock: Arc::clone(&clock),
        connect: Engine::connect_over(HttpClient::new(HttpOptions::default()), clock),
        environment: Arc::new(|_| None),
        instance: "test".into(),
        seed: 1,
        parallel: Parallel::Fixed(3),
        limit: 0,
        scope: RunnableScope::All,
    })
}
