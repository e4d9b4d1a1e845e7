//! `put` without a window: paths to a destination, as one batch that the same command finds again.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use ferry_engine::{
    Intake, IntakeProgress, MissingVolume, Offline, ProblemFiles, RunTotals, TransferCommand,
    check_patterns,
};
use ferry_journal::{NewBatch, RunnableScope, Selection};
use ferry_model::{
    Addressing, BatchId, BatchOptions, Callback, Credentials, Destination, Encryption,
    ExistingPolicy, Fault, FaultKind, FileDigest, Integrity, KeyTemplate, Naming, ObjectHeader,
    Pair, Patterns, Profile, ProfileId, ProfileKind, SignVersion, Standing, TransferId,
    destination,
};
use ferry_storage::{clock, endpoint};
use tokio::task::{AbortHandle, JoinHandle};

use crate::app::{App, now_ms};
use crate::batches::batch_label;
use crate::messages::{OptionsForm, ProfileForm};
use crate::settings;

/// Whose address and keys a put uses.
#[derive(Debug, Clone)]
pub enum PutConnection {
    /// A stored profile's.
    Profile(Box<Profile>),
    /// Those of the command line and the environment.
    AdHoc(AdHocConnection),
}

/// An address from the command line, with keys from the environment.
#[derive(Debug, Clone)]
pub struct AdHocConnection {
    /// As typed; `None` where the region tells.
    pub endpoint: Option<String>,
    /// As typed; `None` where the endpoint tells.
    pub region: Option<String>,
    /// Which signature OSS requests carry.
    pub sign: SignVersion,
    /// How the bucket is named in the URL.
    pub addressing: Addressing,
    /// The keys.
    pub credentials: Credentials,
}

/// What is to be put where.
#[derive(Debug, Clone)]
pub struct PutRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// What of the folders' contents goes.
    pub patterns: Patterns,
    /// Bucket and prefix.
    pub destination: Destination,
    /// Whose address and keys.
    pub connection: PutConnection,
    /// Wanted bytes of a part.
    pub part_size: Option<u64>,
    /// What happens when an object exists; `None` for the profile's policy.
    pub existing: Option<ExistingPolicy>,
    /// How much is checked; `None` for the profile's.
    pub integrity: Option<Integrity>,
    /// What the objects shall be like, where the command says so; the profile's options otherwise.
    pub options: OptionChanges,
    /// The key template; `None` for the profile's.
    pub key_template: Option<String>,
}

/// What a command changes of a profile's options: only what it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptionChanges {
    /// The storage class.
    pub storage_class: Option<String>,
    /// The object's ACL.
    pub acl: Option<String>,
    /// Encryption by the store.
    pub encryption: Option<Encryption>,
    /// The headers that are stored with it; an empty text takes the profile's away.
    pub headers: BTreeMap<ObjectHeader, String>,
    /// User metadata: names that the profile has as well are replaced.
    pub metadata: Vec<Pair>,
    /// Tags: names that the profile has as well are replaced.
    pub tags: Vec<Pair>,
    /// OSS: most **bytes** a second of one connection; 0 for none.
    pub traffic_limit: Option<u64>,
    /// OSS: the callback.
    pub callback: Option<Callback>,
    /// Whether the file's digest travels with it.
    pub digest: Option<FileDigest>,
}

impl OptionChanges {
    /// The options of a new profile that has no others.
    pub fn form(&self) -> OptionsForm {
        crate::form::options::form_of(&self.onto(&BatchOptions::default()))
    }

    /// The options that these changes make of `options`.
    fn onto(&self, options: &BatchOptions) -> BatchOptions {
        let text = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
        let merged = |new: &[Pair], old: &[Pair]| {
            let kept = old.iter().filter(|pair| {
                !new.iter().any(|other| other.name.eq_ignore_ascii_case(&pair.name))
            });
            kept.chain(new).cloned().collect()
        };
        let mut headers = options.headers.clone();
        for (header, value) in &self.headers {
            headers.set(*header, value.as_str());
        }
        BatchOptions {
            storage_class: text(&self.storage_class, &options.storage_class),
            acl: text(&self.acl, &options.acl),
            encryption: self.encryption.clone().unwrap_or_else(|| options.encryption.clone()),
            headers,
            metadata: merged(&self.metadata, &options.metadata),
            tags: merged(&self.tags, &options.tags),
            traffic_limit: self
                .traffic_limit
                .map_or(options.traffic_limit, |bytes| bytes.saturating_mul(8)),
            callback: self.callback.clone().or_else(|| options.callback.clone()),
            digest: self.digest.unwrap_or(options.digest),
        }
    }
}

/// What a put is to do.
#[derive(Debug, Clone)]
pub(crate) struct PlannedPut {
    /// The batch of the same put before, while that is not finished.
    pub(crate) known: Option<BatchId>,
    /// The batch to make where there is none.
    pub(crate) new_batch: NewBatch,
    /// What to take in; its batch counts only where it is known.
    pub(crate) intake: Intake,
}

/// A put under way.
#[derive(Debug)]
pub struct PutProgress {
    /// Its batch.
    pub batch: BatchId,
    intake: JoinHandle<Result<(), Fault>>,
    found: IntakeProgress,
}

/// Whether a put's folders are still being read.
#[derive(Debug, Clone)]
pub struct Reading(AbortHandle);

impl Reading {
    /// Whether more files may be found.
    pub fn goes_on(&self) -> bool {
        !self.0.is_finished()
    }
}

impl PutProgress {
    /// Tells whether its folders are still being read, also while the end of that is awaited.
    pub fn reading(&self) -> Reading {
        Reading(self.intake.abort_handle())
    }

    /// Files found so far, and whether the folders are still being read.
    pub fn found(&self) -> (u64, bool) {
        (self.found.files(), !self.intake.is_finished())
    }

    /// Returns when every folder was read.
    ///
    /// # Errors
    /// The journal's.
    pub async fn intake(&mut self) -> Result<(), Fault> {
        match (&mut self.intake).await {
            Ok(outcome) => outcome,
            Err(error) => Err(Fault::new(FaultKind::Internal).with_detail(error.to_string())),
        }
    }
}

impl App {
    /// Queues and runs a put. The same paths and destination find their batch again while it is not
    /// finished: what is verified stays, what failed is tried again, and an upload goes on with its
    /// upload id.
    ///
    /// # Errors
    /// What is wrong with address or keys; the journal's.
    pub async fn put(&self, request: PutRequest) -> Result<PutProgress, Fault> {
        let planned = self.plan_put(request).await?;
        let batch = match planned.known {
            Some(batch) => {
                self.reopen_batch(batch, &planned.intake).await?;
                batch
            }
            None => self.add_batch(planned.new_batch).await?,
        };
        let intake = Intake { batch, ..planned.intake };
        self.inner.engine.set_scope(RunnableScope::Batch(batch)).await;
        let found = IntakeProgress::default();
        let (app, progress) = (self.clone(), found.clone());
        let intake = tokio::spawn(async move {
            app.inner.engine.add_paths(intake, progress).await?;
            // Its last files may be ended by another command, or by the window.
            app.finish_batch(batch).await
        });
        Ok(PutProgress { batch, intake, found })
    }

    /// What a put is to do, before anything is written but an ad hoc profile.
    pub(crate) async fn plan_put(&self, request: PutRequest) -> Result<PlannedPut, Fault> {
        let profile = match &request.connection {
            PutConnection::Profile(profile) => (**profile).clone(),
            PutConnection::AdHoc(connection) => {
                self.ad_hoc_profile(&request.destination, connection).await?
            }
        };
        if profile.kind == ProfileKind::Practice {
            self.start_practice().await?;
        }
        let options = request.options.onto(&profile.options);
        if let Some((field, fault)) = options.problems(profile.provider).into_iter().next() {
            return Err(fault.with_subject(field));
        }
        let naming = Naming {
            template: request
                .key_template
                .clone()
                .unwrap_or_else(|| profile.naming.template.clone()),
            form: profile.naming.form,
        };
        check_patterns(&request.patterns)?;
        let fingerprint = fingerprint(&request, profile.id, &naming);
        let template = KeyTemplate::parse(&naming.template)?;
        let journal = &self.inner.journal;
        let known = journal.open_batch(&fingerprint).await.map_err(|error| error.fault())?;
        let row = match known {
            Some(batch) => journal.batch(batch).await.map_err(|error| error.fault())?,
            None => None,
        };
        let created_ms = row.map_or_else(now_ms, |row| row.created_ms);
        let new_batch = NewBatch {
            profile: profile.id,
            fingerprint,
            created_ms,
            options: options.clone(),
            naming: naming.clone(),
            label: batch_label(&request.paths, &request.destination.prefix),
        };
        let stored = settings::load(journal).await?;
        let intake = Intake {
            batch: known.unwrap_or(BatchId(0)),
            bucket: request.destination.bucket,
            prefix: request.destination.prefix,
            paths: request.paths.iter().map(|path| absolute(path)).collect(),
            patterns: request.patterns,
            existing: request.existing.unwrap_or(profile.existing.or(stored.existing)),
            integrity: request.integrity.unwrap_or(profile.integrity.or(stored.integrity)),
            part_size: request.part_size.unwrap_or(stored.part_size()),
            template,
            form: naming.form,
            day: crate::form::day_at(created_ms),
            options,
            problem_files: ProblemFiles::List,
            profile,
        };
        Ok(PlannedPut { known, new_batch, intake })
    }

    pub(crate) async fn add_batch(&self, batch: NewBatch) -> Result<BatchId, Fault> {
        self.inner.journal.add_batch(batch).await.map_err(|error| error.fault())
    }

    /// The same put again: its options are those of now, and what rested goes on.
    async fn reopen_batch(&self, batch: BatchId, intake: &Intake) -> Result<(), Fault> {
        let journal = &self.inner.journal;
        journal.begin_intake(batch).await.map_err(|error| error.fault())?;
        let row = journal.batch(batch).await.map_err(|error| error.fault())?;
        if row.is_some_and(|row| row.options != intake.options) {
            let options = intake.options.clone();
            journal.set_batch_options(batch, options).await.map_err(|error| error.fault())?;
            self.inner.engine.batch_changed(batch);
        }
        self.wake_batch(batch, intake.existing).await
    }

    /// What rested in a batch goes on: asking again says so.
    async fn wake_batch(&self, batch: BatchId, existing: ExistingPolicy) -> Result<(), Fault> {
        let engine = &self.inner.engine;
        engine.apply(TransferCommand::Resume, Selection::Batch(batch)).await?;
        engine.apply(TransferCommand::Retry, Selection::Batch(batch)).await?;
        if existing != ExistingPolicy::Ask {
            // What to do about existing objects says nothing of files that changed.
            let standings = self.inner.journal.standings(Selection::Batch(batch)).await;
            let conflicts = standings
                .map_err(|error| error.fault())?
                .into_iter()
                .filter(|(_, _, standing)| *standing == Standing::Conflict)
                .map(|(id, ..)| id)
                .collect();
            engine.apply(TransferCommand::Decide(existing), Selection::Ids(conflicts)).await?;
        }
        Ok(())
    }

    /// The profile that remembers an address given on the command line; its keys are kept for this
    /// run only.
    async fn ad_hoc_profile(
        &self,
        destination: &Destination,
        connection: &AdHocConnection,
    ) -> Result<Profile, Fault> {
        let form = ProfileForm {
            name: "ad hoc".into(),
            endpoint: connection.endpoint.clone().unwrap_or_default(),
            region: connection.region.clone().unwrap_or_default(),
            bucket: destination.bucket.clone(),
            addressing: connection.addressing,
            sign: connection.sign,
            ..ProfileForm::blank(destination.provider)
        };
        let read = read_address(form)?;
        let wanted = crate::form::profile(ProfileId(0), ProfileKind::AdHoc, &read);
        let journal = &self.inner.journal;
        let profiles = journal.profiles().await.map_err(|error| error.fault())?;
        let known = profiles.into_iter().find(|profile| {
            Profile { id: ProfileId(0), name: wanted.name.clone(), ..profile.clone() } == wanted
        });
        let profile = match known {
            Some(profile) => profile,
            None => {
                let named = Profile {
                    name: format!("{}://{} · {}", read.provider.word(), read.bucket, read.endpoint),
                    ..wanted
                };
                let id = journal.save_profile(&named).await.map_err(|error| error.fault())?;
                Profile { id, ..named }
            }
        };
        self.remember_keys(&profile, connection.credentials.clone()).await;
        Ok(profile)
    }

    /// Chooses what runs from now on: transfers by number, or all that are not finished.
    pub async fn run_only(&self, ids: Option<Vec<TransferId>>) {
        self.inner.engine.set_scope(ids.map_or(RunnableScope::All, RunnableScope::Ids)).await;
    }

    /// Starts the practice server if the profile needs it.
    ///
    /// # Errors
    /// The server's.
    pub async fn prepare_profile(&self, profile: &Profile) -> Result<Profile, Fault> {
        // Who only reads starts no server: the address is the one that was last in use.
        if profile.kind == ProfileKind::Practice && !self.inner.journal.is_read_only() {
            self.start_practice().await?;
            return Ok(self.stored_profile(profile.id.0).await?.unwrap_or_else(|| profile.clone()));
        }
        Ok(profile.clone())
    }

    /// Returns when nothing in scope can run any more.
    pub async fn idle(&self) {
        self.inner.engine.idle().await;
    }

    /// Sums of this run.
    pub fn run_totals(&self) -> RunTotals {
        self.inner.engine.run_totals()
    }

    /// Bytes of requests under way.
    pub fn flying_bytes(&self) -> u64 {
        self.inner.engine.all_live().iter().map(|(_, live)| live.flying).sum()
    }

    /// That this computer's clock is far off, in a sentence with what to do; `None` while it is
    /// right enough, or no store has answered.
    pub fn clock_fault(&self) -> Option<Fault> {
        let offset = self.inner.engine.clock_offset();
        clock::is_worth_telling(offset).then(|| Fault {
            clock_offset_seconds: Some(offset),
            ..Fault::new(FaultKind::ClockSkew)
        })
    }

    /// Volumes with queued files that are not there now.
    pub fn missing_volumes(&self) -> Vec<MissingVolume> {
        self.inner.engine.missing_volumes()
    }

    /// Endpoints that do not answer now.
    pub fn offline(&self) -> Vec<(String, Offline)> {
        self.inner.engine.offline()
    }

    /// Stops what runs, and returns when nothing does; the journal says how far it came.
    pub async fn stop_running(&self) {
        self.inner.engine.shutdown(std::time::Duration::from_millis(1_500)).await;
    }

    /// Says that a put's folders were read to their end: once nothing of it is left to do it is
    /// finished, and the same command begins a new one.
    ///
    /// # Errors
    /// The journal's.
    pub async fn finish_batch(&self, batch: BatchId) -> Result<(), Fault> {
        self.inner.journal.end_intake(batch).await.map_err(|error| error.fault())
    }
}

/// Endpoint, region and addressing as understood. A region that nothing tells is left to the store
/// to complain about only where it could be right without one.
fn read_address(form: ProfileForm) -> Result<ProfileForm, Fault> {
    destination::check_bucket(form.provider, &form.bucket)?;
    if form.endpoint.trim().is_empty() && form.region.trim().is_empty() {
        let why = "give --endpoint or --region, or set OSS_ENDPOINT, OSS_REGION, AWS_ENDPOINT_URL or AWS_REGION";
        return Err(Fault::new(FaultKind::InvalidEndpoint).with_subject("").with_detail(why));
    }
    if !form.endpoint.trim().is_empty() {
        endpoint::understand(form.endpoint.trim(), form.provider)?;
    }
    let typed_bucket = form.bucket.clone();
    let mut read = crate::form::read(&form).form;
    if read.provider != form.provider {
        let why = format!(
            "this endpoint is one of {}: write the destination as {0}://BUCKET/PREFIX",
            read.provider.word()
        );
        return Err(Fault::new(FaultKind::InvalidEndpoint)
            .with_subject(form.endpoint)
            .with_detail(why));
    }
    // What the destination names counts, whatever a pasted URL holds.
    read.bucket = typed_bucket;
    read.prefix = String::new();
    if read.region.is_empty() && read.sign == SignVersion::V4 {
        return Err(Fault::new(FaultKind::RegionMissing)
            .with_subject(read.bucket)
            .with_detail("give --region, as cn-hangzhou"));
    }
    Ok(read)
}

/// The identity of a put: its paths, where they go, and how they are named there.
fn fingerprint(request: &PutRequest, profile: ProfileId, naming: &Naming) -> String {
    // SipHash with fixed keys: the same in every process, and users do not attack their own queue.
    let mut hasher = std::hash::DefaultHasher::new();
    // As the bytes they are: to a path's own comparison, `folder` and `folder/` are the same.
    let mut paths: Vec<OsString> =
        request.paths.iter().map(|path| absolute(path).into_os_string()).collect();
    paths.sort();
    paths.hash(&mut hasher);
    (profile.0, &request.destination.bucket, &request.destination.prefix).hash(&mut hasher);
    // Other names are other objects: what a corrected template leaves behind is not sent.
    if *naming != Naming::default() {
        (&naming.template, naming.form.word()).hash(&mut hasher);
    }
    if request.patterns != Patterns::default() {
        (&request.patterns.include, &request.patterns.exclude).hash(&mut hasher);
    }
    format!("put-{:016x}-{}", hasher.finish(), paths.len())
}

/// A path from the root, as typed otherwise: links are not resolved, a trailing `/` stays (it means
/// "the contents of"), and `.` is its folder's contents.
fn absolute(path: &Path) -> PathBuf {
    let typed = path.as_os_str().as_encoded_bytes();
    let trailing = typed.ends_with(b"/") || typed == b"." || typed.ends_with(b"/.");
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if trailing { absolute.join("") } else { absolute }
}
