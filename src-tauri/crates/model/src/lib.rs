//! Pure facts and decisions. Of a transfer: ids, part plan, state machine, checksums and what they
//! prove, key rules, progress maths, and faults with their sentences. Around it: which files of a
//! watched folder go and when ([`watch`]), when uploads run and how fast ([`standby`],
//! [`schedule`]), what a receipt says and what became of an object since ([`receipt`]), which step
//! of the way to a store failed ([`doctor`]), and what a benchmark's figures advise
//! ([`mod@bench`]).
//!
//! May import: `ferry-text`, the standard library, `serde`, `unicode-normalization`, `zeroize`,
//! `ts-rs`, which writes the choices for the page, and what computes checksums and percentiles:
//! `crc-fast`, `md-5`, `hex`, `hdrhistogram`. Nothing here does I/O, reads a clock, draws a random
//! number or knows tokio, so each rule can be tested by calling it.
//!
//! Invariants:
//! - a transfer reaches [`Standing::Done`] only by an event that carries the store's agreement
//!   ([`machine`]);
//! - what agrees with the file, and what does not, is said in one place ([`mod@verdict`]);
//! - what becomes of an existing object stands in one table ([`existing`]);
//! - a part plan covers the file exactly, within the service's limits ([`plan`]);
//! - a fault's kind alone decides whether it is retried and whom it stops ([`fault`]);
//! - phase, standing and fault alone decide what a user may do with a transfer ([`command`]), and
//!   what destroys or skips something can be undone ([`undo`]).

pub mod bench;
pub mod checksum;
pub mod checksum_support;
pub mod closing;
pub mod command;
pub mod concurrency;
pub mod destination;
pub mod doctor;
pub mod duration;
pub mod existing;
pub mod fault;
pub mod fault_signature;
mod fault_table;
mod fault_text;
pub mod health;
pub mod hedge;
pub mod held;
pub mod hook;
pub mod key;
pub mod limited_by;
pub mod machine;
pub mod milestone;
pub mod network;
mod object_header;
pub mod options;
pub mod ownership;
pub mod part_map;
pub mod plan;
pub mod profile;
pub mod progress;
mod provider;
pub mod rank;
pub mod reaction;
pub mod receipt;
pub mod schedule;
pub mod secret;
pub mod size;
pub mod source;
pub mod standby;
pub mod survey;
pub mod template;
pub mod times;
pub mod timetable;
pub mod undo;
pub mod verdict;
pub mod visible;
pub mod watch;
mod words;

pub use checksum_support::ChecksumSupport;
pub use closing::OnClose;
pub use command::TransferCommand;
pub use destination::Destination;
pub use fault::{Affects, Fault, FaultKind, KeyTrouble, Retry};
pub use fault_signature::{RequestPart, SignatureCheck, SignatureClue};
pub use ferry_text::{Language, Text, message};
pub use limited_by::{LimitedBy, RecentVerdict, Waits};
pub use machine::{
    Decision, Effect, Event, Found, Phase, PhaseName, Route, Standing, StandingGroup, Transfer,
    UploadId,
};
pub use milestone::{BatchNow, Milestone, Milestones};
pub use network::{Network, ProxyMode, ProxyServer};
pub use object_header::{ObjectHeader, ObjectHeaders};
pub use options::{BatchOptions, Callback, CallbackBody, Encryption, FileDigest, Pair};
pub use ownership::Ownership;
pub use plan::{PartLimits, PartPlan, PartRange, StreamPlan};
pub use profile::{
    Addressing, ConnectionLimits, ExistingChoice, ExistingPolicy, Integrity, IntegrityChoice,
    KeyForm, KeySource, LinkSettings, Naming, Profile, ProfileId, ProfileKind, Provider,
    SignVersion, Timeouts,
};
pub use rank::Place;
pub use reaction::{Delivery, Repeat};
pub use schedule::LimitSchedule;
pub use secret::{Credentials, Secret};
pub use source::{Patterns, QueuedSource, SourceIdentity};
pub use survey::{Existing, Survey, SurveyProblem};
pub use template::{Day, KeyParts, KeyTemplate};
pub use timetable::{Timetable, Weekday};
pub use undo::Deferred;
pub use verdict::{EtagMeaning, Proof, Verdict, verdict};
pub use visible::visible;
pub use watch::{
    Afterwards, Completion, Depth, GrowingFiles, Growth, KnownFile, KnownState, TakeOrder, Tidied,
    Watch, WatchDay, WatchId, WatchSettings, WatchState,
};

use serde::{Deserialize, Serialize};

/// A transfer's number in the journal; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransferId(pub i64);

/// The number of what one drop, or one `ferry put`, brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(pub i64);

impl std::fmt::Display for TransferId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for TransferId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
