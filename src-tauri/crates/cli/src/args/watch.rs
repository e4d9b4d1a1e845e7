//! The grammar of `ferry watch`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ferry_app::model::{
    Afterwards, Completion, Depth, ExistingPolicy, Fault, FaultKind, GrowingFiles, Naming,
    Patterns, Profile, TakeOrder, Timetable, WatchSettings, watch,
};
use jiff::SignedDuration;

use super::common::given;
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
    /// Change what a watch does. Its folder and its destination stay; what is queued goes as it was
    /// queued.
    Change(Box<ChangeWatchArguments>),
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
    #[command(flatten)]
    pub(crate) options: WatchOptions,
    /// Show what would be uploaded now, and what would become of it; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeWatchArguments {
    /// Its number from `ferry watch list`, or its folder
    #[arg(value_name = "WATCH")]
    pub(crate) watch: String,
    #[command(flatten)]
    pub(crate) options: WatchOptions,
    #[command(flatten)]
    pub(crate) data: Data,
}

/// What a watch does, beside where its files go. What is not given stays as it is.
#[derive(Debug, Args)]
pub(crate) struct WatchOptions {
    /// What happens when an object of that name exists [default: skip-identical]
    #[arg(long, value_name = "skip|overwrite|rename|skip-identical")]
    existing: Option<ExistingPolicy>,
    /// Only files that match, as *.jpg or raw/*; may be given several times; "" for all
    #[arg(long, value_name = "PATTERN")]
    include: Option<Vec<String>>,
    /// Leave out files and folders that match; may be given several times, and then replaces the
    /// default; "" leaves out nothing [default: .DS_Store, Thumbs.db, ~$*]
    #[arg(long, value_name = "PATTERN")]
    exclude: Option<Vec<String>>,
    /// Only the folder itself, not the folders in it
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    flat: Option<bool>,
    /// How long a file has to stay as it is before it is taken [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    quiet: Option<u32>,
    /// A file is complete once one of its name with this ending stands beside it, as .done; then it
    /// need not be quiet; "" for none
    #[arg(long, value_name = "ENDING")]
    marker: Option<String>,
    /// Send parts of a file while it still grows; all of it is read again once it is complete, and
    /// parts that changed are sent again
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    growing: Option<bool>,
    /// What becomes of a file once it is verified, unless it changed since [default: keep]
    #[arg(long, value_enum, value_name = "WHAT")]
    then: Option<ThenChoice>,
    /// For --then move: a folder on the same volume
    #[arg(long, value_name = "DIR", required_if_eq("then", "move"), requires = "then")]
    move_to: Option<PathBuf>,
    /// For --then delete: yes, delete files here
    #[arg(long)]
    yes: bool,
    /// Which of the files that wait go first [default: oldest]
    #[arg(long, value_enum, value_name = "ORDER")]
    order: Option<OrderChoice>,
    /// How often the whole folder is looked at; where the system tells of changes, this finds only
    /// what that missed [default: 10min]
    #[arg(long, value_name = "TIME", value_parser = minutes)]
    rescan: Option<u32>,
    /// When files are taken, by the local clock, as "Mon-Fri 19:00-07:00, Sat-Sun 00:00-24:00"
    /// [default: always]
    #[arg(long, value_name = "HOURS")]
    hours: Option<Timetable>,
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
        let template = self.key_template.clone();
        let base = WatchSettings {
            prefix: self.prefix.clone().unwrap_or_else(|| profile.prefix.clone()),
            naming: Naming {
                template: template.unwrap_or_else(|| profile.naming.template.clone()),
                form: profile.naming.form,
            },
            ..WatchSettings::default()
        };
        self.options.over(base, self.dry_run)
    }
}

impl WatchOptions {
    /// The settings with what is given here.
    ///
    /// # Errors
    /// Where files would be deleted that were not before, and neither --yes is given nor is it a
    /// dry run.
    pub(crate) fn over(&self, base: WatchSettings, dry_run: bool) -> Result<WatchSettings, Fault> {
        let afterwards = match (self.then, &self.move_to) {
            (None, _) => base.afterwards,
            (Some(ThenChoice::Keep), _) | (Some(ThenChoice::Move), None) => Afterwards::Keep,
            (Some(ThenChoice::Move), Some(folder)) => Afterwards::Move {
                folder: std::path::absolute(folder).unwrap_or_else(|_| folder.clone()),
            },
            (Some(ThenChoice::Delete), _)
                if !self.yes && !dry_run && base.afterwards != Afterwards::Delete =>
            {
                let why =
                    "files here will be deleted once they are verified: confirm it with --yes";
                return Err(Fault::new(FaultKind::InvalidInput)
                    .with_subject("--then delete")
                    .with_detail(why));
            }
            (Some(ThenChoice::Delete), _) => Afterwards::Delete,
        };
        let given = |patterns: &Option<Vec<String>>, before| match patterns {
            None => before,
            Some(patterns) => given(patterns),
        };
        Ok(WatchSettings {
            patterns: Patterns {
                include: given(&self.include, base.patterns.include),
                exclude: given(&self.exclude, base.patterns.exclude),
            },
            depth: match self.flat {
                None => base.depth,
                Some(true) => Depth::FolderOnly,
                Some(false) => Depth::Subfolders,
            },
            existing: self.existing.unwrap_or(base.existing),
            quiet_seconds: self.quiet.unwrap_or(base.quiet_seconds),
            completion: match self.marker.as_deref() {
                None => base.completion,
                Some("") => Completion::Quiet,
                Some(ending) => Completion::Marker { ending: ending.to_owned() },
            },
            growing: match self.growing {
                None => base.growing,
                Some(true) => GrowingFiles::Send,
                Some(false) => GrowingFiles::Wait,
            },
            afterwards,
            order: match self.order {
                None => base.order,
                Some(OrderChoice::Oldest) => TakeOrder::OldestFirst,
                Some(OrderChoice::Newest) => TakeOrder::NewestFirst,
            },
            rescan_minutes: self.rescan.unwrap_or(base.rescan_minutes),
            hours: self.hours.clone().unwrap_or(base.hours),
            prefix: base.prefix,
            naming: base.naming,
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
