//! The handle to journal, vault, engine and practice server, and what they share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{SystemTime, UNIX_EPOCH};

use ferry_engine::Engine;
use ferry_journal::Journal;
use ferry_model::hook::Hook;
use ferry_model::{Credentials, ProfileId};
use ferry_sandbox::Sandbox;
use ferry_storage::HttpClient;
use ferry_vault::Vault;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::audit_log::AuditLog;
use crate::checkup::Checkup;
use crate::limits::ScheduledLimits;
use crate::messages::BatchForm;
use crate::picked_folders::PickedFolders;
use crate::process_use::ProcessMeter;
use crate::publisher::Publisher;
use crate::recheck_job::ReceiptWork;
use crate::run_rules::Rules;
use crate::update_offer::Updates;
use crate::watching::Watching;

/// Everything a user can do. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) journal: Journal,
    pub(crate) vault: Vault,
    pub(crate) engine: Engine,
    pub(crate) limits: ScheduledLimits,
    pub(crate) instance: String,
    pub(crate) data_dir: PathBuf,
    pub(crate) audit_log: AuditLog,
    /// The hooks of the settings, while there are any, and what ends their calls.
    pub(crate) hooks: std::sync::Mutex<Option<(Arc<[Hook]>, CancellationToken)>>,
    /// Told when the rule of the history changed.
    pub(crate) history_changed: tokio::sync::Notify,
    /// The practice server, while it runs.
    pub(crate) practice: Mutex<Option<Sandbox>>,
    pub(crate) publisher: Publisher,
    /// What stores are reached through; for the doctor, who goes the way step by step.
    pub(crate) http: HttpClient,
    pub(crate) process: ProcessMeter,
    /// What the doctor found in this run.
    pub(crate) checkups: std::sync::Mutex<Vec<Checkup>>,
    /// What the window has under way with a receipt.
    pub(crate) receipt_work: ReceiptWork,
    /// Ends the list of folders that is under way.
    pub(crate) listing: std::sync::Mutex<CancellationToken>,
    /// What the last search for other tools' keys found, by number.
    pub(crate) imports: std::sync::Mutex<Vec<Option<Credentials>>>,
    /// What files added from now on shall be like, while the user says so.
    pub(crate) staged: std::sync::Mutex<Option<(ProfileId, BatchForm)>>,
    /// Held while a pasted picture is written and queued, and while such pictures are taken away.
    pub(crate) pasting: Mutex<()>,
    /// Whether something of the page is in the way of files that are dropped.
    pub(crate) refuses_drops: AtomicBool,
    pub(crate) watching: Watching,
    pub(crate) run_rules: Rules,
    pub(crate) updates: Updates,
    /// Folders that the user picked for a new watch.
    pub(crate) picked: std::sync::Mutex<PickedFolders>,
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
