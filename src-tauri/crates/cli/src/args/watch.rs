//! The grammar of `ferry watch`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ferry_app::model::{
    Afterwards, Completion, Depth, ExistingPolicy, Fault, FaultKind, GrowingFiles, Naming, Profile,
    TakeOrder, Timetable, WatchSettings, watch,
};
use jiff::SignedDuration;

use super::common::ChosenFiles;
use super::{Data, NetworkArguments, PaceArguments, ProgressArguments, ServeArguments};

#[derive(Debug, Subcommand)]
pub(crate) enum WatchCommand {
    /// Watch a folder: what is new in it, or changes, is uploaded once it is complete.
    Add(Box<AddWatchArguments>),
    /// List the watched folders.
    List {
        #[command(flatten)]
        data: Data,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Watch a folder no more. What was uploaded stays, what is queued goes on.
    Remove(NamedWatch),
    /// Take no files of a folder until it is resumed.
    Pause(NamedWatch),
    /// Take files of a folder again.
    Resume(NamedWatch),
    /// Show what came of each day of a watch, or of all: files, bytes, failures, first and last. Days
    /// stay when their batches leave the history.
    Days {
        /// Its number from `ferry watch list`, or its folder
        #[arg(value_name = "WATCH")]
        watch: Option<String>,
        #[command(flatten)]
        data: Data,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Run the watches, until a signal ends it.
    Run(Box<RunArguments>),
    /// Print what makes the system run `ferry watch run` for this user: a unit of systemd, an agent
    /// of launchd, a task of Windows.
    Unit(UnitArguments),
}

impl WatchCommand {
    /// Whether it does nothing but show something.
    pub(crate) fn only_shows(&self) -> bool {
        matches!(self, Self::List { .. } | Self::Days { .. } | Self::Unit(_))
    }
}

/// One watch.
#[derive(Debug, Args)]
pub(crate) struct NamedWatch {
    /// Its number from `ferry watch list`, or its folder
    #[arg(value_name = "WATCH")]
    pub(crate) watch: String,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, Args)]
pub(crate) struct AddWatchArguments {
    /// The folder
    pub(crate) folder: PathBuf,
    /// Where its files go [default: the default profile]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Put before every key [default: the profile's]
    #[arg(long, value_name = "PREFIX")]
    pub(crate) prefix: Option<String>,
    /// How keys are made [default: the profile's]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) key_template: Option<String>,
    /// What happens when an object of that name exists
    #[arg(
        long,
        value_name = "skip|overwrite|rename|skip-identical",
        default_value = "skip-identical"
    )]
    pub(crate) existing: ExistingPolicy,
    #[command(flatten)]
    pub(crate) chosen: ChosenFiles,
    /// Only the folder itself, not the folders in it
    #[arg(long)]
    pub(crate) flat: bool,
    /// How long a file has to stay as it is before it is taken
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = seconds)]
    pub(crate) quiet: u32,
    /// A file is complete once one of its name with this ending stands beside it, as .done; then it
    /// need not be quiet
    #[arg(long, value_name = "ENDING")]
    pub(crate) marker: Option<String>,
    /// Send parts of a file while it still grows; all of it is read again once it is complete, and
    /// parts that changed are sent again
    #[arg(long)]
    pub(crate) growing: bool,
    /// What becomes of a file once it is verified, unless it changed since
    #[arg(long, value_enum, value_name = "WHAT", default_value = "keep")]
    pub(crate) then: ThenChoice,
    /// For --then move: a folder on the same volume
    #[arg(long, value_name = "DIR", required_if_eq("then", "move"))]
    pub(crate) move_to: Option<PathBuf>,
    /// For --then delete: yes, delete files here
    #[arg(long)]
    pub(crate) yes: bool,
    /// Which of the files that wait go first
    #[arg(long, value_enum, value_name = "ORDER", default_value = "oldest")]
    pub(crate) order: OrderChoice,
    /// How often the whole folder is looked at; where the system tells of changes, this finds only
    /// what that missed
    #[arg(long, value_name = "TIME", default_value = "10min", value_parser = minutes)]
    pub(crate) rescan: u32,
    /// When files are taken, by the local clock, as "Mon-Fri 19:00-07:00, Sat-Sun 00:00-24:00"
    #[arg(long, value_name = "HOURS", default_value = "always")]
    pub(crate) hours: Timetable,
    /// Show what would be uploaded now, and what would become of it; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// What becomes of a verified file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThenChoice {
    /// It stays
    Keep,
    /// It is moved below --move-to
    Move,
    /// It is deleted, if --yes
    Delete,
}

/// Which files go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderChoice {
    /// Those modified first
    Oldest,
    /// Those modified last
    Newest,
}

impl AddWatchArguments {
    /// What the watch does.
    ///
    /// # Errors
    /// Where files would be deleted and --yes is not given.
    pub(crate) fn settings(&self, profile: &Profile) -> Result<WatchSettings, Fault> {
        let afterwards = match (self.then, &self.move_to) {
            (ThenChoice::Keep, _) | (ThenChoice::Move, None) => Afterwards::Keep,
            (ThenChoice::Move, Some(folder)) => Afterwards::Move {
                folder: std::path::absolute(folder).unwrap_or_else(|_| folder.clone()),
            },
            (ThenChoice::Delete, _) if !self.yes && !self.dry_run => {
                let why =
                    "files here will be deleted once they are verified: confirm it with --yes";
                return Err(Fault::new(FaultKind::InvalidInput)
                    .with_subject("--then delete")
                    .with_detail(why));
            }
            (ThenChoice::Delete, _) => Afterwards::Delete,
        };
        Ok(WatchSettings {
            prefix: self.prefix.clone().unwrap_or_else(|| profile.prefix.clone()),
            naming: Naming {
                template: self
                    .key_template
                    .clone()
                    .unwrap_or_else(|| profile.naming.template.clone()),
                form: profile.naming.form,
            },
            depth: if self.flat { Depth::FolderOnly } else { Depth::Subfolders },
            patterns: self.chosen.patterns(),
            existing: self.existing,
            quiet_seconds: self.quiet,
            completion: match &self.marker {
                None => Completion::Quiet,
                Some(ending) => Completion::Marker { ending: ending.clone() },
            },
            growing: if self.growing { GrowingFiles::Send } else { GrowingFiles::Wait },
            afterwards,
            order: match self.order {
                OrderChoice::Oldest => TakeOrder::OldestFirst,
                OrderChoice::Newest => TakeOrder::NewestFirst,
            },
            rescan_minutes: self.rescan,
            hours: self.hours.clone(),
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) pace: PaceArguments,
    #[command(flatten)]
    pub(crate) progress: ProgressArguments,
    #[command(flatten)]
    pub(crate) serve: ServeArguments,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UnitArguments {
    /// For which system [default: this one]
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub(crate) system: Option<SystemChoice>,
    #[command(flatten)]
    pub(crate) data: Data,
}

/// A system that runs programs by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SystemChoice {
    /// A user unit
    Systemd,
    /// An agent
    Launchd,
    /// A command that makes a task
    Windows,
}

fn seconds(text: &str) -> Result<u32, String> {
    whole(text, 1).ok_or_else(|| format!("“{text}” is no time; as 10s or 2min"))
}

fn minutes(text: &str) -> Result<u32, String> {
    let minutes = whole(text, 60).filter(|minutes| *minutes > 0);
    minutes.ok_or_else(|| format!("“{text}” is no time of whole minutes; as 10min or 2h"))
}

/// A time in whole units of so many seconds.
fn whole(text: &str, unit: u64) -> Option<u32> {
    let time: SignedDuration = text.trim().parse().ok()?;
    let seconds = u64::try_from(time.as_secs()).ok()?;
    (seconds.is_multiple_of(unit) && time.subsec_nanos() == 0)
        .then(|| u32::try_from(seconds / unit).ok())
        .flatten()
}

/// The names that are never taken, for the help and the dry run.
pub(crate) fn never_taken() -> String {
    watch::TEMPORARY_NAMES.join(", ")
}
