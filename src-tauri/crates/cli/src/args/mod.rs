//! The command line's grammar.
#![allow(
    rustdoc::broken_intra_doc_links,
    rustdoc::bare_urls,
    reason = "clap shows these words as the program's help"
)]

mod bench;
mod common;
mod doctor;
mod link;
mod metrics;
mod profile;
mod progress;
mod queue;
mod receipt;
mod recover;
mod upload;
mod wait;
mod watch;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use ferry_app::messages::RowState;
use ferry_app::model::{Destination, Provider, TransferId, size};

pub(crate) use bench::BenchArguments;
pub(crate) use common::{ConnectionArguments, NetworkArguments, PaceArguments, TransferArguments};
pub(crate) use doctor::DoctorArguments;
pub(crate) use link::LinkArguments;
pub(crate) use metrics::{MetricsArguments, ServeArguments};
pub(crate) use profile::{AddArguments, ImportArguments, ProfileCommand};
pub(crate) use progress::{ProgressArguments, ProgressChoice};
pub(crate) use queue::{MoveArguments, QueueCommand};
pub(crate) use receipt::{FormatChoice, HistoryArguments, ReceiptArguments};
pub(crate) use recover::RecoverArguments;
pub(crate) use upload::UploadArguments;
pub(crate) use wait::{WaitArguments, WaitLimit};
pub(crate) use watch::{
    AddWatchArguments, ChangeWatchArguments, NamedWatch, RunArguments, SystemChoice, UnitArguments,
    WatchCommand, WatchOptions, never_taken,
};

/// Upload files to Alibaba Cloud OSS and S3-compatible stores: verified, resumable, without a
/// window.
#[derive(Debug, Parser)]
#[command(name = "ferry", version, propagate_version = true, after_help = crate::exit::help())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// The arguments of this process.
    ///
    /// # Errors
    /// What is wrong with them, or the help that they ask for.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        Self::read_from(std::env::args_os())
    }

    fn read_from<T: Into<OsString> + Clone>(
        arguments: impl IntoIterator<Item = T>,
    ) -> Result<Self, clap::Error> {
        let mut read = Self::try_parse_from(arguments)?;
        let (name, checked) = match &mut read.command {
            Command::Put(put) => ("put", put.find_destination()),
            Command::Receipt(receipt) => ("receipt", receipt.check()),
            _ => return Ok(read),
        };
        checked.map(|()| read).map_err(|(kind, why)| {
            let mut command = Self::command();
            command.build();
            command.find_subcommand_mut(name).expect("it is a command").error(kind, why)
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Upload files and folders. Run again with the same paths and destination, it goes on where it
    /// was.
    #[command(override_usage = "ferry put [OPTIONS] <PATH>... <DESTINATION>")]
    Put(Box<PutArguments>),
    /// Show the queue, or change the order in which it is taken.
    Queue(QueueArguments),
    /// Go on with paused and interrupted transfers, and wait for their end.
    Resume(Moving),
    /// Pause transfers.
    Pause(Selected),
    /// Cancel transfers and abort their uploads on the store.
    Cancel(Running),
    /// Try failed transfers again, and wait for their end.
    Retry(Moving),
    /// Find the unfinished uploads of a lost queue again on the server: list, resume or abort them.
    Recover(Box<RecoverArguments>),
    /// Print links to what was uploaded.
    Link(LinkArguments),
    /// Show what was dropped or put so far, as batches.
    History(HistoryArguments),
    /// Show what became of a batch, file by file, with sums and request ids.
    Receipt(ReceiptArguments),
    /// Examine the addresses of a profile: DNS, TLS, proxy, clock, signature, and a write of 1 MB
    /// that is deleted again.
    Doctor(DoctorArguments),
    /// Print the queue's metrics as Prometheus reads them; those of a running command are served by
    /// its --metrics.
    Metrics(MetricsArguments),
    /// Keep bucket profiles.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Upload what comes into folders: watch them, or list and change the watches.
    #[command(subcommand)]
    Watch(WatchCommand),
    /// Measure a bucket: upload generated files, say how fast and why, and delete them again.
    Bench(Box<BenchArguments>),
    /// Run an OSS and S3 server on a folder, for trying and testing.
    Sandbox(SandboxArguments),
}

impl Command {
    /// Whether it does nothing but show something: it is over when its output is not read.
    pub(crate) fn only_shows(&self) -> bool {
        match self {
            Self::Queue(queue) => queue.command.is_none(),
            Self::Link(_) | Self::History(_) | Self::Receipt(_) | Self::Metrics(_) => true,
            Self::Profile(profile) => profile.only_shows(),
            Self::Watch(watch) => watch.only_shows(),
            _ => false,
        }
    }
}

/// Where the queue is.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// Folder of queue and settings [default: FERRY_DATA_DIR, else the system's place]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// The path that stands for standard input.
const INPUT: &str = "-";

#[derive(Debug, Args)]
pub(crate) struct PutArguments {
    /// Files and folders, and last where they go: oss://BUCKET/[PREFIX] or s3://BUCKET/[PREFIX].
    /// `folder` keeps its name in the keys, `folder/` uploads what is in it. `-` alone uploads
    /// standard input to oss://BUCKET/KEY, and cannot go on once it was interrupted.
    #[arg(required = true, value_name = "PATH|DESTINATION")]
    pub(crate) paths: Vec<PathBuf>,
    // The grammar cannot tell it from the paths where options stand between them.
    #[arg(skip = Destination { provider: Provider::Oss, bucket: String::new(), prefix: String::new() })]
    pub(crate) destination: Destination,
    /// Bytes of a part, as 8MiB; raised where the service needs more. By the file and the link
    /// unless given
    #[arg(long, value_parser = size::parse_bytes, value_name = "SIZE")]
    pub(crate) part_size: Option<u64>,
    #[command(flatten)]
    pub(crate) transfer: TransferArguments,
}

impl PutArguments {
    /// Takes the destination, which stands last, from the paths.
    fn find_destination(&mut self) -> Result<(), (ErrorKind, String)> {
        let last = self.paths.pop().unwrap_or_default();
        if self.paths.is_empty() {
            let why = "a path and a destination are needed: <PATH>... <DESTINATION>";
            return Err((ErrorKind::TooFewValues, why.to_owned()));
        }
        let Some(text) = last.to_str() else {
            let why = "the destination is no Unicode text";
            return Err((ErrorKind::InvalidUtf8, why.to_owned()));
        };
        self.destination = Destination::parse(text)
            .map_err(|fault| (ErrorKind::ValueValidation, fault.to_string()))?;
        self.check_input()
    }

    /// Whether it reads standard input.
    pub(crate) fn reads_input(&self) -> bool {
        self.paths.iter().any(|path| path.as_os_str() == INPUT)
    }

    /// Standard input goes alone, and its destination is the whole key.
    fn check_input(&self) -> Result<(), (ErrorKind, String)> {
        if !self.reads_input() {
            return Ok(());
        }
        let wrong = |why: &str| Err((ErrorKind::ArgumentConflict, why.to_owned()));
        if self.paths.len() > 1 {
            return wrong("- (standard input) goes alone; a file of that name is ./-");
        }
        if self.destination.prefix.is_empty() || self.destination.prefix.ends_with('/') {
            return wrong("standard input has no name: give the whole key, oss://BUCKET/KEY");
        }
        if self.transfer.upload.key_template.is_some() {
            return wrong("the key of standard input is its destination: no --key-template");
        }
        Ok(())
    }
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct QueueArguments {
    #[command(subcommand)]
    pub(crate) command: Option<QueueCommand>,
    /// Only transfers of this state: queued, paused, failed, conflict, sourceChanged, done,
    /// skipped, cancelled
    #[arg(long, value_parser = state, value_name = "S")]
    pub(crate) state: Option<RowState>,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Selected {
    /// Numbers from `ferry queue`
    #[arg(required_unless_present = "all", value_name = "ID")]
    pub(crate) ids: Vec<TransferId>,
    /// All transfers that are not finished
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

const FAULTS_HELP: &str = r#"Do to requests what this script of faults says:

  clock-offset-seconds = 0            # the server's clock against this computer's

  [[fault]]                           # the first fault that picks a request decides
  on = { operation = "UploadPart", bucket = "b", key = "photos/*", part = 3 }
  nth = 2                             # or: after = 5, times = 2, chance = 0.5, seed = 7
  window = { from = 10, until = 100 } # seconds since the start
  then = { status = { status = 503, code = "SlowDown", retry-after = 5 } }

`on`, its fields, and what limits how often are optional. An operation is one of PutObject,
HeadObject, GetObject, DeleteObject, CopyObject, Initiate, UploadPart, ListParts, Complete, Abort,
ListUploads, ListObjects, ListObjectsV2, GetBucketInfo, GetBucketLocation and others.

`then` is one of
  "reset"  "stall"  "stop-reading"  "html"  "empty"  "corrupt-crc"  "corrupt-etag"  "drop-part"
  "effect-then-reset"  "effect-then-stall"
  { status = { status, code, retry-after } }    { early-status = { status, code } }
  { effect-then-status = { status, code } }     { ok-with-error = { code } }
  { refuse = { status, code, message, ec, elements = {}, headers = {} } }
  { redirect = { location } }                   { reset-after-body = { bytes } }
  { delay = { milliseconds } }                  { delay-answer = { milliseconds } }
  { throttle = { milliseconds } }
  { slow = { bytes-per-second } }               { truncate-answer = { bytes } }
  { oversize-answer = { bytes } }               { wrong-body = { text } }"#;
/// Transfers that a command sets going.
#[derive(Debug, Args)]
pub(crate) struct Running {
    #[command(flatten)]
    pub(crate) selected: Selected,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) wait: WaitArguments,
    #[command(flatten)]
    pub(crate) progress: ProgressArguments,
    #[command(flatten)]
    pub(crate) serve: ServeArguments,
}

/// Transfers that a command sends bytes of.
#[derive(Debug, Args)]
pub(crate) struct Moving {
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) pace: PaceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct SandboxArguments {
    /// The folder behind it
    #[arg(long, value_name = "DIR")]
    pub(crate) root: PathBuf,
    /// Where it listens; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// A bucket to have; may be given several times [default: sandbox]
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Vec<String>,
    /// The AccessKey id it accepts [default: a fresh one]
    #[arg(
        long,
        value_name = "ID",
        env = "FERRY_SANDBOX_ACCESS_KEY_ID",
        requires = "access_key_secret"
    )]
    pub(crate) access_key_id: Option<String>,
    /// The secret to it. As an argument every program on this computer can see it; the variable is
    /// private
    #[arg(
        long,
        value_name = "S",
        env = "FERRY_SANDBOX_ACCESS_KEY_SECRET",
        hide_env_values = true,
        requires = "access_key_id"
    )]
    pub(crate) access_key_secret: Option<String>,
    /// Do to requests what this script of faults says
    #[arg(long, value_name = "FILE.toml", long_help = FAULTS_HELP)]
    pub(crate) faults: Option<PathBuf>,
    /// Accept any signature
    #[arg(long)]
    pub(crate) no_verify: bool,
}

fn state(text: &str) -> Result<RowState, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| {
        "one of queued, paused, failed, conflict, sourceChanged, done, skipped, cancelled"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use ferry_app::OptionChanges;
    use ferry_app::messages::EncryptionChoice;
    use ferry_app::model::{
        CallbackBody, Encryption, ExistingPolicy, FaultKind, FileDigest, ObjectHeader, Patterns,
        SignVersion,
    };

    use super::*;

    #[test]
    fn the_grammar_holds() {
        Arguments::command().debug_assert();
        let parsed = Arguments::read_from([
            "ferry",
            "put",
            "a",
            "b c",
            "oss://photos/x/",
            "--limit",
            "10MiB/s",
            "--sign",
            "v1",
        ]);
        let Ok(Arguments { command: Command::Put(put) }) = parsed else { panic!("{parsed:?}") };
        let (limit, sign) = (put.transfer.pace.limit, put.transfer.connection.sign);
        assert_eq!((put.paths.len(), limit, sign), (2, "10m".parse().ok(), SignVersion::V1));
        assert_eq!(put.transfer.chosen.patterns(), Patterns::default());
        let chosen = ["ferry", "put", "--include", "*.jpg", "--exclude", "", "a", "oss://photos/"];
        let parsed = Arguments::read_from(chosen);
        let Ok(Arguments { command: Command::Put(put) }) = parsed else { panic!("{parsed:?}") };
        let patterns = Patterns { include: vec!["*.jpg".into()], exclude: vec![] };
        assert_eq!((put.paths.len(), put.transfer.chosen.patterns()), (1, patterns));
        for command in ["resume", "retry"] {
            let hourly = "08:00-19:00=2MiB/s,off";
            let parsed = Arguments::read_from(["ferry", command, "--all", "--limit", hourly]);
            let Ok(Arguments { command: Command::Resume(moving) | Command::Retry(moving) }) =
                parsed
            else {
                panic!("{parsed:?}")
            };
            assert_eq!(moving.pace.limit, hourly.parse().ok(), "{command}");
        }
        for wrong in [
            &["ferry", "put", "a"][..],
            &["ferry", "cancel", "--all", "--limit", "1M"],
            &["ferry", "resume", "--all", "--limit", "fast"],
            &["ferry", "put", "a", "http://x/"],
            &["ferry", "put", "-", "a", "oss://photos/x"],
            &["ferry", "put", "-", "oss://photos/"],
            &["ferry", "put", "-", "oss://photos/x/"],
            &["ferry", "put", "-", "oss://photos/x", "--key-template", "{name}"],
            &["ferry", "put", "a", "oss://photos/", "--existing", "maybe"],
            &["ferry", "put", "--limit", "1M"],
            &["ferry", "put", "a", "oss://photos/", "--wait", "soon"],
            &["ferry", "put", "a", "oss://photos/", "--progress", "loud"],
            &["ferry", "put", "a", "oss://photos/", "--limit", "08:00-19:00=2MiB/s"],
            &["ferry", "resume"],
            &["ferry", "recover", "oss://photos/"],
            &["ferry", "recover", "a", "oss://photos/"],
            &["ferry", "recover", "oss://photos/", "a", "--resume", "--abort"],
            &["ferry", "recover", "oss://photos/", "a", "--list", "--abort"],
            &["ferry", "queue", "--state", "odd"],
            &["ferry", "put", "a", "oss://photos/", "--encryption", "rot13"],
            &["ferry", "put", "a", "oss://photos/", "--kms-key-id", "k"],
            &["ferry", "put", "a", "oss://photos/", "--meta", "author"],
            &["ferry", "put", "a", "oss://photos/", "--sha256=maybe"],
            &["ferry", "put", "a", "oss://photos/", "--callback-url", "http://a.example/"],
            &["ferry", "put", "a", "oss://photos/", "--callback-var", "x:a=1"],
            &["ferry", "put", "a", "oss://photos/", "--metrics", "9633"],
            &["ferry", "put", "a", "oss://photos/", "--metrics-public"],
            &["ferry", "put", "a", "oss://photos/", "--hook", "done=/bin/true"],
            &["ferry", "put", "a", "oss://photos/", "--hook", "/bin/true"],
            &["ferry", "link"],
            &["ferry", "link", "1", "--all"],
            &["ferry", "link", "1", "--expires", "8d"],
            &["ferry", "link", "1", "--public", "--expires", "1h"],
            &["ferry", "link", "1", "--format", "jpeg"],
            &[
                "ferry",
                "profile",
                "add",
                "a",
                "--provider",
                "oss",
                "--keys",
                "keyring",
                "--key-command",
                "x",
            ],
            &["ferry", "profile", "add", "a", "--provider", "oss", "--keys", "paper"],
            &["ferry", "profile", "import", "a", "--bucket", "b", "--list"],
            &["ferry", "profile", "import", "--as", "b"],
        ] {
            let error = Arguments::read_from(wrong).expect_err("refused");
            assert_eq!(error.exit_code(), 2, "{wrong:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_may_be_any_bytes_and_a_destination_may_not() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = |text: &[u8]| OsString::from_vec(text.to_vec());
        let read = |path, target| {
            Arguments::read_from([odd(b"ferry"), odd(b"put"), odd(path), odd(target)])
        };
        assert!(read(b"a\xff", b"oss://photos/").is_ok());
        let refused = read(b"a", b"oss://photos/\xff").expect_err("refused");
        assert_eq!((refused.kind(), refused.exit_code()), (ErrorKind::InvalidUtf8, 2));
    }

    #[test]
    fn a_put_says_what_its_objects_are_like() {
        let line = "ferry put a oss://photos/x/ --storage-class IA --encryption kms --kms-key-id k --meta author=a=b --meta x=y --tag 项目=1 \
                    --traffic-limit 1MiB/s --sha256 --callback-url http://a.example/ --callback-body b --callback-body-type json \
                    --callback-var x:a=1 --existing skip-identical --content-encoding gzip --key-template {yyyy}/{name}";
        let parsed = Arguments::read_from(line.split_whitespace());
        let Ok(Arguments { command: Command::Put(put) }) = parsed else { panic!("{parsed:?}") };
        assert_eq!(
            (put.paths.len(), put.transfer.upload.existing),
            (1, Some(ExistingPolicy::SkipIdentical))
        );
        let changes = put.transfer.upload.changes().expect("it fits together");
        assert_eq!(changes.encryption, Some(Encryption::Kms { key_id: "k".into() }));
        assert_eq!(
            (changes.traffic_limit, changes.digest),
            (Some(1 << 20), Some(FileDigest::Sha256))
        );
        assert_eq!(
            (changes.metadata[0].value.as_str(), changes.metadata.len(), changes.tags.len()),
            ("a=b", 2, 1)
        );
        let callback = changes.callback.as_ref().expect("is there");
        assert_eq!(
            (callback.body_type, callback.variables[0].name.as_str()),
            (CallbackBody::Json, "x:a")
        );
        assert_eq!(changes.form().callback_variables[0].value, "1");
        assert_eq!(changes.headers, [(ObjectHeader::ContentEncoding, "gzip".to_owned())].into());
        // Nothing said, nothing changed.
        assert_eq!(
            UploadArguments::default().changes().expect("it fits together"),
            OptionChanges::default()
        );
        let other =
            UploadArguments { encryption: Some(EncryptionChoice::Aes256), ..put.transfer.upload };
        assert_eq!(other.changes().expect_err("a key for nothing").kind, FaultKind::InvalidInput);
    }
}
