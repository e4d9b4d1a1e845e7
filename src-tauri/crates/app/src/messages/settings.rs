//! The messages about the window's own settings.

use ferry_model::hook::HookEvent;
use ferry_model::{ExistingPolicy, Integrity};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use ferry_model::standby::OnMetered;

use super::{DesktopSettings, LinkPreference, NetworkForm};

/// A speed limit as it is typed: the hours that have one of their own, and the rest of the day.
///
/// A rate is a number of MiB a second, or has a unit as `512 KiB/s`; empty for no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LimitForm {
    /// Hours of the day; they do not overlap.
    pub hours: Vec<LimitHours>,
    /// The rate at all other hours.
    pub otherwise: String,
}

/// Hours of each day with a rate of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LimitHours {
    /// When they begin, as `08:00`.
    pub from: String,
    /// When they end, as `19:00` or `24:00`; also after midnight.
    pub to: String,
    /// The rate.
    pub rate: String,
}

/// Whether the window is light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How high the rows of files are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Density {
    /// 28 pixels.
    #[default]
    Compact,
    /// 40 pixels.
    Comfortable,
}

/// What is written to the log file: Ferry's own lines of this level, and of those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// Errors and warnings.
    #[default]
    Warnings,
    /// What Ferry does.
    Info,
    /// Each request.
    Debug,
}

/// Whether an audit log is kept, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct AuditForm {
    /// Whether it is.
    pub on: bool,
    /// The file's full path; empty for `audit.jsonl` in the data folder.
    pub file: String,
    /// Where the environment says that it is kept, whatever is set here; never set.
    pub forced: Option<String>,
}

/// What is called when something ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HookForm {
    /// When.
    pub event: HookEvent,
    /// An address, or a program with its arguments.
    pub target: String,
}

/// The window's own settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Settings {
    /// `system`, or the code of a language ([`ferry_model::Language::code`]).
    pub language: String,
    /// Light or dark.
    pub theme: Theme,
    /// How high the rows of files are.
    pub density: Density,
    /// Requests side by side; none for automatic.
    pub parallel: Option<u32>,
    /// Mebibytes of a part, and of the largest file that goes by one request; none for automatic.
    pub part_size: Option<u32>,
    /// Days that finished batches are kept with their receipts; none for ever.
    pub history_days: Option<u32>,
    /// What is written to the log file.
    pub log: LogLevel,
    /// How fast all transfers together may be.
    pub limit: LimitForm,
    /// The hours in which uploads run, as they are typed; empty for always.
    pub hours: String,
    /// What is done on a connection that is paid by its bytes.
    pub on_metered: OnMetered,
    /// The network interface that uploads need, as the system calls it; empty for any.
    pub interface: String,
    /// How links are written.
    pub links: LinkPreference,
    /// Files and folders that are left out of folders that are added: see
    /// [`ferry_model::Patterns`].
    pub exclude: Vec<String>,
    /// How stores are reached whose profiles do not say it.
    pub network: NetworkForm,
    /// What Ferry does outside of its window.
    pub desktop: DesktopSettings,
    /// How much is checked of uploads to profiles that do not say it.
    pub integrity: Integrity,
    /// What happens to objects that exist, where the profile does not say it.
    pub existing: ExistingPolicy,
    /// Seconds for a connection to stand, where the profile does not say it; none for Ferry's own.
    pub connect_seconds: Option<u32>,
    /// Seconds without progress after which a request is given up, likewise.
    pub idle_seconds: Option<u32>,
    /// The audit log.
    pub audit: AuditForm,
    /// What is called when something ends.
    pub hooks: Vec<HookForm>,
    /// Whether newer versions are looked for; null where this build knows no place for that.
    pub updates: Option<bool>,
}
