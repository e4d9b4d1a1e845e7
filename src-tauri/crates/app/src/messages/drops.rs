//! The messages about dropped files that are not queued yet.

use ferry_model::{Existing, SurveyProblem};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where in the page a destination stands on which files can be dropped: edges in shares of the
/// page's width and height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DropZone {
    /// The profile.
    #[ts(type = "number")]
    pub profile: i64,
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

/// What is known of a drop before anything of it is queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DropReview {
    /// The first of what was dropped.
    pub name: String,
    /// How many files and folders were dropped.
    #[ts(type = "number")]
    pub roots: u64,
    /// The profile that it goes to.
    #[ts(type = "number")]
    pub profile: i64,
    /// Put before every key.
    pub prefix: String,
    /// Files that can go.
    #[ts(type = "number")]
    pub files: u64,
    /// Their bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// The largest of them.
    pub largest: Option<LargestFile>,
    /// What is wrong, the gravest first.
    pub problems: Vec<ProblemFound>,
    /// Files that cannot go.
    #[ts(type = "number")]
    pub kept_out: u64,
    /// Files that have an object of their key at the destination already.
    pub existing: ExistingFiles,
    /// Seconds that it takes at the last speed; null while none is known.
    #[ts(type = "number | null")]
    pub seconds: Option<u64>,
}

/// The largest file of a drop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LargestFile {
    /// Its key.
    pub key: String,
    /// Its bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// How many files of a drop are at the destination already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExistingFiles {
    /// How far that is known.
    pub known: ExistingKnown,
    /// How many.
    #[ts(type = "number")]
    pub files: u64,
}

/// See [`Existing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ExistingKnown {
    /// They are being counted.
    Counting,
    /// It cannot be known.
    Unknown,
    /// So many.
    Exactly,
    /// So many, and perhaps more.
    AtLeast,
}

impl From<Option<Existing>> for ExistingFiles {
    /// `None` while they are being counted.
    fn from(existing: Option<Existing>) -> Self {
        let (known, files) = match existing {
            None => (ExistingKnown::Counting, 0),
            Some(Existing::Unknown) => (ExistingKnown::Unknown, 0),
            Some(Existing::Exactly(files)) => (ExistingKnown::Exactly, files),
            Some(Existing::AtLeast(files)) => (ExistingKnown::AtLeast, files),
        };
        Self { known, files }
    }
}

/// The files of a drop with one problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProblemFound {
    /// The problem.
    pub problem: DropProblem,
    /// How many.
    #[ts(type = "number")]
    pub files: u64,
    /// A few of them, by key.
    pub examples: Vec<String>,
}

/// See [`SurveyProblem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum DropProblem {
    /// It cannot be read.
    Unreadable,
    /// Its key breaks a rule of the store.
    BadKey,
    /// Another file has the same key.
    SameKey,
    /// Another file's key differs by letter case only.
    SameButForCase,
    /// Another file's key looks the same.
    SameButForForm,
}

impl From<SurveyProblem> for DropProblem {
    fn from(problem: SurveyProblem) -> Self {
        match problem {
            SurveyProblem::Unreadable => Self::Unreadable,
            SurveyProblem::BadKey => Self::BadKey,
            SurveyProblem::SameKey => Self::SameKey,
            SurveyProblem::SameButForCase => Self::SameButForCase,
            SurveyProblem::SameButForForm => Self::SameButForForm,
        }
    }
}

/// What becomes of a drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum DropAnswer {
    /// All of it is queued; files that cannot go are listed with the reason.
    Start,
    /// Only files that can go are queued.
    LeaveOutProblems,
    /// Nothing is.
    Cancel,
}
