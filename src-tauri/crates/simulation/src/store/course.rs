//! What becomes of one request between here and the store.

use std::time::Duration;

/// Which operation a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the services' own names")]
pub enum Operation {
    PutObject,
    Initiate,
    UploadPart,
    ListParts,
    ListUploads,
    ListObjects,
    Complete,
    Abort,
    DeleteObject,
    HeadObject,
    PutAcl,
    PutTagging,
    GetObject,
    BucketInfo,
}

impl Operation {
    /// Whether it has a body of the file's bytes.
    pub fn has_body(self) -> bool {
        matches!(self, Self::PutObject | Self::UploadPart)
    }

    /// Whether it makes something in the bucket, and not only takes something back.
    pub fn writes(self) -> bool {
        self.has_effect() && !matches!(self, Self::Abort | Self::DeleteObject)
    }

    /// Whether it makes or ends something in the bucket.
    pub fn has_effect(self) -> bool {
        matches!(
            self,
            Self::PutObject
                | Self::Initiate
                | Self::UploadPart
                | Self::Complete
                | Self::Abort
                | Self::DeleteObject
        )
    }
}

/// What a script knows of a request.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Which operation.
    pub operation: Operation,
    /// Its key, or the prefix of a list.
    pub key: &'a str,
    /// Bytes of its body.
    pub size: u64,
    /// Since the world began.
    pub now: Duration,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is carried out and answered.
    Plain,
    /// No connection: nothing was sent.
    Unreachable,
    /// Refused with status, code and Retry-After in seconds, instead of the effect.
    Refused(u16, &'static str, Option<u32>),
    /// The connection is reset after so many bytes of the body.
    Reset(u64),
    /// It is carried out, and the connection is reset before the answer.
    AnswerLost,
    /// It is carried out, and answered with status and code.
    DoneButRefused(u16, &'static str),
    /// The connection is reset; it is carried out so much later.
    Late(Duration),
    /// No answer comes, and nothing is carried out.
    Silent,
    /// It is carried out, and no answer comes.
    DoneButSilent,
    /// Something that is no store answers.
    Foreign,
    /// The store keeps other bytes than were sent.
    Damaged,
    /// The part is acknowledged and not kept.
    Dropped,
    /// Complete: the store merges for so long, and answers InternalError meanwhile.
    Merging(Duration),
}

/// A request's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// Until it reaches the store.
    pub there: Duration,
    /// For each piece of its body.
    pub piece: Duration,
    /// Until its answer is here.
    pub back: Duration,
    /// What happens to it.
    pub fate: Fate,
    /// Whether it is carried out if its caller goes away after it was received whole.
    pub outlives: bool,
}

impl Course {
    /// Carried out at once.
    pub const PLAIN: Self = Self {
        there: Duration::ZERO,
        piece: Duration::ZERO,
        back: Duration::ZERO,
        fate: Fate::Plain,
        outlives: false,
    };
}

/// Decides what becomes of requests.
pub trait Script: Send {
    /// The way of this request.
    fn course(&mut self, ask: &Ask<'_>) -> Course;
}

/// Everything is carried out at once.
#[derive(Debug)]
pub struct NoFaults;

impl Script for NoFaults {
    fn course(&mut self, _: &Ask<'_>) -> Course {
        Course::PLAIN
    }
}
