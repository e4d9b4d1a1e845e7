//! Opens journal, vault, engine and practice server as one, and closes them again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ferry_engine::{DiskFiles, Engine, EngineParts, Files};
use ferry_journal::{Journal, RunnableScope};
use ferry_model::concurrency::Parallel;
use ferry_model::{Fault, ProfileKind, Secret};
use ferry_storage::{Clock, DesktopProxies, HttpClient, HttpOptions, SystemClock};
use ferry_vault::Vault;
use tokio::sync::Mutex;

use crate::app::{App, Inner};
use crate::audit_log::AuditLog;
use crate::data_dir::data_dir;
use crate::limits::{ScheduledLimits, WallTime, local_time};
use crate::process_use::ProcessMeter;
use crate::publisher::Publisher;
use crate::recheck_job::ReceiptWork;
use crate::run_rules::Rules;
use crate::settings::Stored;
use crate::update_offer::{UpdateSource, Updates};
use crate::watching::Watching;
use crate::{
    audit, environment, history, hourly, network_changes, pasted, practice, publish, settings,
    updates,
};

/// The keyring's name for Ferry's entries.
const KEYRING_SERVICE: &str = "ferry";
/// The journal's setting that holds this installation's id.
const INSTANCE: &str = "instance";

/// Who opens the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The window: makes the practice bucket at the first start, and runs everything that is
    /// active.
    Window,
    /// The command line: runs only what a command names.
    CommandLine,
    /// A command that only reads: works beside a window or another command, and changes nothing.
    Reader,
}

/// Where keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyring {
    /// In the system's keyring.
    System,
    /// In a keyring of this process, which ends with it: nothing is read from the system's, and
    /// nothing is left in it.
    Memory,
    /// Nowhere but in memory for this run, as on a system without a keyring.
    Absent,
}

impl Keyring {
    fn vault(self) -> Vault {
        match self {
            Self::System => Vault::system(KEYRING_SERVICE),
            Self::Memory => Vault::in_memory(),
            Self::Absent => Vault::none(),
        }
    }
}

/// How to open the app.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Where the queue is; `None` for `FERRY_DATA_DIR` or the system's place.
    pub data_dir: Option<PathBuf>,
    /// Who opens it.
    pub host: Host,
    /// Asks the desktop for proxies, where the environment names none.
    pub desktop_proxies: Option<DesktopProxies>,
    /// Where keys are kept.
    pub keyring: Keyring,
    /// Where newer versions are looked for, if the user wants that; `None` for nowhere.
    pub updates: Option<UpdateSource>,
}

#[cfg(test)]
impl OpenOptions {
    /// A window's, over this folder, with keys in memory.
    pub(crate) fn in_memory(data_dir: PathBuf) -> Self {
        Self {
            data_dir: Some(data_dir),
            host: Host::Window,
            desktop_proxies: None,
            keyring: Keyring::Memory,
            updates: None,
        }
    }
}

/// What an app is made of.
pub(crate) struct AppParts {
    pub(crate) journal: Journal,
    pub(crate) vault: Vault,
    pub(crate) files: Arc<dyn Files>,
    /// What stores are reached through.
    pub(crate) http: HttpClient,
    pub(crate) instance: String,
    pub(crate) data_dir: PathBuf,
    pub(crate) settings: Stored,
    pub(crate) time: WallTime,
    pub(crate) updates: Option<UpdateSource>,
}

impl App {
    /// Opens queue, keyring and engine. Rows that were active when Ferry last ended go on, in the
    /// window.
    ///
    /// # Errors
    /// [`ferry_model::FaultKind::JournalBusy`] when another Ferry holds the queue; the journal's
    /// other faults.
    pub async fn open(options: OpenOptions) -> Result<Self, Fault> {
        Self::open_with(options, local_time()).await
    }

    pub(crate) async fn open_with(options: OpenOptions, time: WallTime) -> Result<Self, Fault> {
        let data_dir = data_dir(options.data_dir)?;
        let journal = match options.host {
            Host::Window | Host::CommandLine => Journal::open(&data_dir).await,
            Host::Reader => Journal::open_reading(&data_dir).await,
        };
        let journal = journal.map_err(|error| error.fault())?;
        let instance = instance(&journal).await?;
        let settings = settings::load(&journal).await?;
        let http = HttpClient::new(HttpOptions::default());
        let http = match options.desktop_proxies {
            Some(desktop) => http.asking(desktop),
            None => http,
        };
        let files = Arc::new(DiskFiles);
        let vault = options.keyring.vault();
        let (audit_file, hooks) = (settings.audit_file(), settings.hooks());
        let updates = options.updates.filter(|_| options.host == Host::Window);
        let parts =
            AppParts { journal, vault, files, http, instance, data_dir, settings, time, updates };
        let app = Self::over(parts);
        if options.host != Host::Reader {
            app.read_profile_limits().await?;
            app.take_back_lost_inputs().await?;
            network_changes::start(&app);
            history::start(&app);
            let chosen = match options.host {
                Host::Window => audit_file,
                Host::CommandLine | Host::Reader => None,
            };
            audit::follow_choice(&app, chosen.map(|name| audit::file_of(&app, &name)));
        }
        if options.host == Host::Window {
            app.keep_to_run_rules().await;
            if let Err(fault) = app.follow_hooks(hooks) {
                tracing::warn!(%fault, "the hooks of the settings are not called");
            }
            app.start_window().await?;
        }
        Ok(app)
    }

    /// The app over these parts. Nothing runs before it is told what.
    pub(crate) fn over(parts: AppParts) -> Self {
        let AppParts { journal, vault, files, http, instance, data_dir, settings, time, updates } =
            parts;
        let updates = Updates::new(updates, settings.updates);
        let timeouts = settings.timeouts();
        let limits = ScheduledLimits::new(settings.limit, time);
        let run_rules = Rules::new(settings.run);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let engine = Engine::start(EngineParts {
            journal: journal.clone(),
            files,
            vault: vault.clone(),
            environment: Arc::new(environment::credentials),
            clock: Arc::clone(&clock),
            connect: Engine::connect_over(http.clone(), clock),
            instance: instance.clone(),
            seed: fastrand::u64(..),
            parallel: Parallel::bounded(settings.parallel),
            limit: limits.of_all().rate,
            // Nothing runs before the practice server is up, and on the command line only what is
            // asked for.
            scope: RunnableScope::Ids(Vec::new()),
        });
        engine.set_network(settings.network.into(), timeouts);
        engine.set_proxy_password_of_this_run(environment::proxy_password().map(Secret::new));
        let inner = Inner {
            journal,
            vault,
            engine,
            limits,
            instance,
            data_dir,
            audit_log: AuditLog::default(),
            hooks: std::sync::Mutex::default(),
            history_changed: tokio::sync::Notify::new(),
            practice: Mutex::new(None),
            publisher: Publisher::new(),
            http,
            process: ProcessMeter::new(),
            checkups: std::sync::Mutex::default(),
            receipt_work: ReceiptWork::default(),
            listing: std::sync::Mutex::default(),
            imports: std::sync::Mutex::default(),
            staged: std::sync::Mutex::default(),
            pasting: Mutex::default(),
            refuses_drops: Default::default(),
            watching: Watching::default(),
            run_rules,
            updates,
            picked: std::sync::Mutex::default(),
        };
        let app = Self { inner: Arc::new(inner) };
        hourly::start(&app);
        app
    }

    async fn start_window(&self) -> Result<(), Fault> {
        // Without it nothing is lost: their batches are finished after a later start.
        if let Err(error) = self.inner.journal.end_lost_intakes().await {
            tracing::warn!(%error, "the batches of earlier drops could not be looked at");
        }
        let profiles = self.inner.journal.profiles().await.map_err(|error| error.fault())?;
        let first_start = !profiles.iter().any(|profile| profile.kind != ProfileKind::AdHoc)
            && self
                .inner
                .journal
                .setting(practice::OFFERED)
                .await
                .map_err(|error| error.fault())?
                .is_none();
        if first_start || profiles.iter().any(|profile| profile.kind == ProfileKind::Practice) {
            // Without its server the other profiles still work; its rows say why they do not.
            if let Err(fault) = self.start_practice().await {
                tracing::warn!(%fault, "the practice bucket did not start");
            }
        }
        self.inner.engine.set_scope(RunnableScope::All).await;
        // Without them everything else works.
        if let Err(fault) = self.begin_watches().await {
            tracing::warn!(%fault, "the watched folders could not be begun");
        }
        publish::start(self);
        publish::look_for_damage(self);
        pasted::start(self);
        updates::start(self);
        Ok(())
    }

    /// Stops everything within two seconds; the journal says how far it came.
    pub async fn shutdown(&self) {
        self.inner.publisher.stop();
        self.end_watches();
        self.inner.engine.shutdown(Duration::from_millis(1_500)).await;
        self.end_audit_log().await;
        if let Some(practice) = self.inner.practice.lock().await.take() {
            practice.shutdown().await;
        }
        self.inner.journal.clone().close().await;
    }
}

async fn instance(journal: &Journal) -> Result<String, Fault> {
    if let Some(instance) = journal.setting(INSTANCE).await.map_err(|error| error.fault())? {
        return Ok(instance);
    }
    if journal.is_read_only() {
        return Ok(String::new());
    }
    let instance = format!("{:016x}", fastrand::u64(..));
    journal.set_setting(INSTANCE, &instance).await.map_err(|error| error.fault())?;
    Ok(instance)
}
