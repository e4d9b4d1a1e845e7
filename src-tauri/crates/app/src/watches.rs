//! Watched folders: kept, begun, and told of.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ferry_engine::{
    HintSource, Intake, IntakeProgress, LocalClock, ProblemFiles, RunningWatch, WatchParts,
    WatchView, check_patterns,
};
use ferry_journal::RunnableScope;
use ferry_model::{
    Afterwards, BatchId, Completion, Fault, FaultKind, KeyTemplate, Profile, ProfileId, Watch,
    WatchDay, WatchId, WatchSettings, WatchState,
};
use tokio::time::Instant;

use crate::app::App;
use crate::calendar::local_moment;
use crate::messages::{Update, WatchActivity, WatchLine};
use crate::publisher::lock;
use crate::settings;

/// What a watch would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchTrial {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Where they would go, as `oss://bucket/prefix`.
    pub destination: String,
}

impl App {
    /// Begins to watch a folder, which need not be absolute; what it does is in the settings.
    ///
    /// # Errors
    /// [`FaultKind::FolderMissing`]; [`FaultKind::InvalidInput`], whose subject names the field;
    /// the journal's.
    pub async fn add_watch(
        &self,
        profile: &Profile,
        folder: &Path,
        settings: WatchSettings,
    ) -> Result<WatchId, Fault> {
        let watch = self.planned_watch(profile, folder, settings).await?;
        let journal = &self.inner.journal;
        let id = journal.save_watch(&watch).await.map_err(|error| error.fault())?;
        self.begin_watch(Watch { id, ..watch }).await;
        self.watches_changed();
        Ok(id)
    }

    /// What a watch of a folder would take now; nothing is written.
    ///
    /// # Errors
    /// As [`App::add_watch`].
    pub async fn try_watch(
        &self,
        profile: &Profile,
        folder: &Path,
        settings: WatchSettings,
    ) -> Result<WatchTrial, Fault> {
        let watch = self.planned_watch(profile, folder, settings).await?;
        let destination = destination(profile, &watch.settings);
        // With a separator at its end, the folder's own name stands in no key.
        let paths = vec![watch.folder.join("")];
        let parts = self.watch_parts(watch).await?;
        let intake = Intake { paths, ..parts.intake };
        let found = self.inner.engine.survey(&intake, &IntakeProgress::default()).await?.survey;
        Ok(WatchTrial { files: found.files, bytes: found.bytes, destination })
    }

    /// What a watch would be; nothing is written.
    async fn planned_watch(
        &self,
        profile: &Profile,
        folder: &Path,
        settings: WatchSettings,
    ) -> Result<Watch, Fault> {
        let folder = absolute(folder);
        let missing =
            || Fault::new(FaultKind::FolderMissing).with_subject(folder.display().to_string());
        let resolved =
            folder.canonicalize().map_err(|error| missing().with_detail(error.to_string()))?;
        if !resolved.is_dir() {
            return Err(missing().with_detail("it is no folder"));
        }
        let watch = Watch {
            id: WatchId(0),
            profile: profile.id,
            folder,
            resolved,
            state: WatchState::Running,
            settings,
        };
        self.check_watch(&watch).await?;
        Ok(watch)
    }

    /// Makes sure that a watch can do what its settings say, beside the others.
    async fn check_watch(&self, watch: &Watch) -> Result<(), Fault> {
        let Watch { folder, resolved, settings, .. } = watch;
        settings.check(folder)?;
        check_patterns(&settings.taken())?;
        KeyTemplate::parse(&settings.naming.template)?;
        if let Afterwards::Move { folder: target } = &settings.afterwards
            && !is_on_same_volume(resolved, target)
        {
            return Err(Fault::new(FaultKind::InvalidInput)
                .with_subject("moveTo")
                .with_detail("it is on another volume, where a file cannot be moved at once"));
        }
        // Two that take the same files would get in each other's way.
        for other in self.stored_watches().await? {
            let same_place =
                other.profile == watch.profile && other.settings.prefix == settings.prefix;
            let tidies = [&other.settings, settings]
                .iter()
                .any(|settings| settings.afterwards != Afterwards::Keep);
            if other.id != watch.id && other.resolved == *resolved && (same_place || tidies) {
                return Err(Fault::new(FaultKind::InvalidInput)
                    .with_subject("folder")
                    .with_detail(format!("it is watched already (watch {})", other.id.0)));
            }
        }
        Ok(())
    }

    async fn stored_watches(&self) -> Result<Vec<Watch>, Fault> {
        self.inner.journal.watches().await.map_err(|error| error.fault())
    }

    /// What a watch is, as it is stored.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchWatch`]; the journal's.
    pub async fn stored_watch(&self, id: WatchId) -> Result<Watch, Fault> {
        let found = self.stored_watches().await?.into_iter().find(|watch| watch.id == id);
        found.ok_or_else(|| Fault::new(FaultKind::NoSuchWatch).with_subject(id.0.to_string()))
    }

    /// Gives a watch other settings. Its folder, its destination and what it knows of its files
    /// stay; what it queued goes as it was queued.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchWatch`]; [`FaultKind::InvalidInput`], whose subject names the field, also
    /// where the prefix would be another: files that are uploaded already would not follow. The
    /// journal's.
    pub async fn change_watch(&self, id: WatchId, settings: WatchSettings) -> Result<(), Fault> {
        let stored = self.stored_watch(id).await?;
        if stored.settings.prefix != settings.prefix {
            return Err(Fault::new(FaultKind::InvalidInput)
                .with_subject("prefix")
                .with_detail("a watch keeps its destination: make another one"));
        }
        let watch = Watch { settings, ..stored };
        self.check_watch(&watch).await?;
        self.inner.journal.save_watch(&watch).await.map_err(|error| not_found(&error, id))?;
        self.stop_watch(id);
        if watch.state == WatchState::Running {
            self.begin_watch(watch).await;
        }
        self.watches_changed();
        Ok(())
    }

    /// Runs every watch in this process from now on, and what they queued.
    ///
    /// # Errors
    /// The journal's.
    pub async fn run_watches(&self) -> Result<(), Fault> {
        self.keep_to_run_rules().await;
        self.inner.engine.set_scope(RunnableScope::Watched).await;
        self.begin_watches().await
    }

    /// Begins every watch that is not paused.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn begin_watches(&self) -> Result<(), Fault> {
        lock(&self.inner.watching).get_or_insert_default();
        for watch in self.stored_watches().await? {
            if watch.state == WatchState::Running {
                self.begin_watch(watch).await;
            }
        }
        Ok(())
    }

    /// Stops a watch, if this process runs it. What it queued goes on.
    fn stop_watch(&self, id: WatchId) {
        if let Some(watching) = &mut *lock(&self.inner.watching) {
            watching.remove(&id);
        }
    }

    /// Begins a watch, if this process runs watches. One that cannot begin says why in the log.
    async fn begin_watch(&self, watch: Watch) {
        if lock(&self.inner.watching).is_none() {
            return;
        }
        let id = watch.id;
        match self.watch_parts(watch).await {
            Ok(parts) => {
                let running = self.inner.engine.watch(parts);
                if let Some(watching) = &mut *lock(&self.inner.watching) {
                    watching.insert(id, running);
                }
            }
            Err(fault) => tracing::warn!(%fault, watch = id.0, "a watch cannot begin"),
        }
    }

    /// The watches that upload to a profile go on with what it is now; with one that is gone, they
    /// end.
    pub(crate) async fn renew_watches(&self, profile: ProfileId) -> Result<(), Fault> {
        for watch in self.stored_watches().await? {
            if watch.profile != profile || watch.state == WatchState::Paused {
                continue;
            }
            self.stop_watch(watch.id);
            self.begin_watch(watch).await;
        }
        Ok(())
    }

    /// The same for all: the settings changed.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn renew_all_watches(&self) -> Result<(), Fault> {
        for profile in self.profiles().await? {
            self.renew_watches(profile.id).await?;
        }
        Ok(())
    }

    async fn watch_parts(&self, watch: Watch) -> Result<WatchParts, Fault> {
        let missing = || Fault::new(FaultKind::NoSuchProfile);
        let profile = self.stored_profile(watch.profile.0).await?.ok_or_else(missing)?;
        let profile = self.prepare_profile(&profile).await?;
        let stored = settings::load(&self.inner.journal).await?;
        let settings = &watch.settings;
        let intake = Intake {
            batch: BatchId(0),
            bucket: profile.bucket.clone(),
            prefix: settings.prefix.clone(),
            paths: Vec::new(),
            patterns: settings.taken(),
            existing: settings.existing,
            integrity: profile.integrity.or(stored.integrity),
            part_size: stored.part_size(),
            template: KeyTemplate::parse(&settings.naming.template)?,
            form: settings.naming.form,
            day: local_moment(&settings.hours).day,
            options: profile.options.clone(),
            problem_files: ProblemFiles::List,
            profile,
        };
        let local: LocalClock = Arc::new(local_moment);
        Ok(WatchParts { watch, intake, local, hints: HintSource::System })
    }

    /// Stops every watch of this process. What they queued goes on.
    pub(crate) fn end_watches(&self) {
        *lock(&self.inner.watching) = None;
    }

    /// The watches, as they are now. Where another process runs them, what it does is not known.
    ///
    /// # Errors
    /// The journal's.
    pub async fn watches(&self) -> Result<Vec<WatchLine>, Fault> {
        let journal = &self.inner.journal;
        let mut lines = Vec::new();
        for watch in self.stored_watches().await? {
            let view = lock(&self.inner.watching)
                .as_ref()
                .and_then(|watching| watching.get(&watch.id).map(RunningWatch::view));
            let profile = self.stored_profile(watch.profile.0).await?;
            let known = journal.count_known_files(watch.id).await.map_err(|error| error.fault())?;
            lines.push(line(&watch, view, profile.as_ref(), known));
        }
        Ok(lines)
    }

    /// A watch by its number or its folder.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchWatch`]; the journal's.
    pub async fn find_watch(&self, named: &str) -> Result<WatchId, Fault> {
        let watches = self.stored_watches().await?;
        let number = named.parse().ok().map(WatchId);
        let folder = absolute(Path::new(named));
        let found = watches
            .iter()
            .find(|watch| Some(watch.id) == number)
            .or_else(|| watches.iter().find(|watch| watch.folder == folder));
        let missing = || Fault::new(FaultKind::NoSuchWatch).with_subject(named);
        found.map(|watch| watch.id).ok_or_else(missing)
    }

    /// What came of each day of a watch, named as for [`Self::find_watch`], or of all; one that is
    /// removed has its number. The oldest first.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchWatch`]; the journal's.
    pub async fn watch_days(&self, named: Option<&str>) -> Result<Vec<WatchDay>, Fault> {
        let watch = match named {
            None => None,
            Some(named) => Some(match named.parse() {
                Ok(number) => WatchId(number),
                Err(_) => self.find_watch(named).await?,
            }),
        };
        self.inner.journal.watch_days(watch).await.map_err(|error| error.fault())
    }

    /// Lets a watch look for files no more, until it is resumed.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchWatch`]; the journal's.
    pub async fn pause_watch(&self, id: WatchId) -> Result<(), Fault> {
        self.set_watch_state(id, WatchState::Paused).await?;
        self.stop_watch(id);
        self.watches_changed();
        Ok(())
    }

    /// Lets a watch look for files again.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchWatch`]; the journal's.
    pub async fn resume_watch(&self, id: WatchId) -> Result<(), Fault> {
        self.set_watch_state(id, WatchState::Running).await?;
        let watch = self.stored_watch(id).await?;
        self.begin_watch(watch).await;
        self.watches_changed();
        Ok(())
    }

    async fn set_watch_state(&self, id: WatchId, state: WatchState) -> Result<(), Fault> {
        let written = self.inner.journal.set_watch_state(id, state).await;
        written.map_err(|error| not_found(&error, id))
    }

    /// Makes a watch look at its whole folder now.
    pub fn look_now(&self, id: WatchId) {
        if let Some(watching) = &*lock(&self.inner.watching)
            && let Some(running) = watching.get(&id)
        {
            running.look_now();
        }
    }

    /// Ends a watch and forgets what it knows. What it queued goes on, and what is uploaded stays.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchWatch`]; the journal's.
    pub async fn remove_watch(&self, id: WatchId) -> Result<(), Fault> {
        self.stop_watch(id);
        let removed = self.inner.journal.delete_watch(id).await;
        self.watches_changed();
        removed.map_err(|error| not_found(&error, id))
    }
}

/// Time between two messages to the window.
const BETWEEN_TELLINGS: Duration = Duration::from_secs(1);

impl App {
    /// Tells the window of its watches where they changed, at most once a second.
    pub(crate) async fn tell_watches(&self) -> Result<(), Fault> {
        let publisher = &self.inner.publisher;
        let young = lock(&publisher.told_watches)
            .as_ref()
            .is_some_and(|(told, _)| told.elapsed() < BETWEEN_TELLINGS);
        if young || !publisher.watches_dirty.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let watches = self.watches().await?;
        let mut place = publisher.sink.lock().await;
        let Some(subscription) = place.as_mut() else { return Ok(()) };
        let told = lock(&publisher.told_watches).replace((Instant::now(), watches.clone()));
        if told.map(|(_, before)| before).as_ref() != Some(&watches) {
            subscription.send(|seq| Update::Watches { seq, watches });
        }
        Ok(())
    }

    /// The window is told of the watches soon.
    pub(crate) fn watches_changed(&self) {
        self.inner.publisher.watches_dirty.store(true, Ordering::Relaxed);
    }
}

fn not_found(error: &ferry_journal::JournalError, id: WatchId) -> Fault {
    match error {
        ferry_journal::JournalError::NotFound => {
            Fault::new(FaultKind::NoSuchWatch).with_subject(id.0.to_string())
        }
        other => other.fault(),
    }
}

fn line(
    watch: &Watch,
    view: Option<WatchView>,
    profile: Option<&Profile>,
    known: u64,
) -> WatchLine {
    let settings = &watch.settings;
    let activity = match (watch.state, &view) {
        (WatchState::Paused, _) => WatchActivity::Paused,
        (WatchState::Running, None) => WatchActivity::Elsewhere,
        (WatchState::Running, Some(view)) => view.activity.into(),
    };
    let view = view.unwrap_or_default();
    WatchLine {
        id: watch.id.0,
        folder: watch.folder.display().to_string(),
        name: ferry_model::source::shown(&watch.folder),
        profile: watch.profile.0,
        profile_name: profile.map(|profile| profile.name.clone()).unwrap_or_default(),
        destination: profile.map(|profile| destination(profile, settings)).unwrap_or_default(),
        activity,
        quiet_seconds: settings.quiet_seconds,
        marker: match &settings.completion {
            Completion::Quiet => String::new(),
            Completion::Marker { ending } => ending.clone(),
        },
        hours: settings.hours.to_string(),
        waiting: view.waiting as u64,
        known,
        queued: view.queued,
        refused: view.refused,
        last: view.last,
        last_ms: view.last_ms,
        problem: view.fault.map(Into::into),
        no_hints: view.no_hints.map(Into::into),
    }
}

/// Where a watch's files go, for people.
fn destination(profile: &Profile, settings: &WatchSettings) -> String {
    format!("{}://{}/{}", profile.provider.word(), profile.bucket, settings.prefix)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components().collect()
}

/// Whether a folder that need not be there yet would be on the volume of another.
#[cfg(unix)]
fn is_on_same_volume(folder: &Path, target: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let device = |path: &Path| path.metadata().map(|metadata| metadata.dev()).ok();
    let nearest = target.ancestors().find_map(device);
    nearest.is_some() && nearest == device(folder)
}

/// Windows tells volumes by their drives.
#[cfg(not(unix))]
fn is_on_same_volume(folder: &Path, target: &Path) -> bool {
    let drive = |path: &Path| path.components().next().map(|part| part.as_os_str().to_owned());
    let plain = |path: &Path| path.canonicalize().ok();
    let there = target.ancestors().find_map(plain);
    there.is_some_and(|there| drive(&there) == drive(folder))
}
