//! What the machine speaks in: the effects it asks for, the events that come of them, and what the
//! user decides.

use super::phase::{PhaseName, UploadId};
use crate::fault::{Fault, FaultKind};

/// The one thing to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Check the source, choose the route, look for an existing object if the policy wants it.
    Prepare,
    /// PutObject.
    Put,
    /// InitiateMultipartUpload.
    Initiate,
    /// ListMultipartUploads: was the Initiate of which no answer came carried out?
    FindUpload,
    /// ListParts to its last page.
    ListParts,
    /// UploadPart for every part the store lacks.
    SendParts,
    /// CompleteMultipartUpload.
    Complete,
    /// HeadObject and compare with what was computed: the last word before done.
    Verify,
    /// HeadObject to learn whose object is there.
    Inspect,
    /// AbortMultipartUpload.
    Abort,
}

/// How a file goes: by one PutObject up to the multipart threshold, in parts above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// One PutObject.
    Put,
    /// Multipart.
    Multipart,
}

/// What HeadObject found, compared with this transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No object.
    Absent,
    /// Our object, and size and checksum agree.
    Ours,
    /// Another client's object, but size and checksum agree.
    Identical,
    /// Our object by its id, but size or checksum disagree.
    Corrupt,
    /// Another object.
    Other,
}

/// What came of an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The source is as it was queued, the name is free or may be replaced.
    Prepared(Route),
    /// The policy leaves the existing object alone.
    LeftOut,
    /// The existing object already has this very content.
    AlreadyThere,
    /// The existing object is another one, and the user has to choose.
    Occupied,
    /// The existing object has this very content, but not the options asked for, and the user has
    /// to choose.
    OptionsDiffer,
    /// The transfer was given a free name: the upload under the taken one is of no use.
    Renamed,
    /// PutObject was acknowledged, and the store's checksum agrees.
    PutAgreed,
    /// PutObject was acknowledged; the answer held no checksum to compare.
    PutUnproven,
    /// Initiate was acknowledged.
    Initiated(UploadId),
    /// ListMultipartUploads answered: our upload, or none.
    UploadFound(Option<UploadId>),
    /// ListParts answered to its last page.
    PartsListed,
    /// The store does not know the upload id.
    UploadGone,
    /// Every part is acknowledged.
    PartsSent,
    /// The file that grew while its parts were sent is complete, and needs other parts, or none.
    PlanChanged,
    /// Complete was acknowledged, and its own checksum disagrees with the parts.
    MergedDamaged,
    /// Complete was acknowledged.
    Completed,
    /// PutObject or Complete was carried out, but the store's call to the application server
    /// failed: uploaded, with a remark.
    CallbackFailed(Fault),
    /// The store does not hold the parts it was told to merge: list again, send what differs.
    PartsRefused,
    /// A Put or Complete was refused because the name is taken.
    NameTaken,
    /// No answer to a request that may have taken effect.
    Doubt,
    /// The object's size and checksum agree.
    Verified,
    /// HeadObject's finding.
    Inspected(Found),
    /// Abort was acknowledged.
    Aborted,
    /// The source is another than when it was queued.
    SourceChanged,
    /// Retries are used up, or the fault is none to retry.
    Faulted(Fault),
}

impl Event {
    /// What a fault that is not retried means to the machine.
    pub fn of(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::SourceChanged => Self::SourceChanged,
            FaultKind::UploadGone => Self::UploadGone,
            FaultKind::PartsRefused => Self::PartsRefused,
            FaultKind::AlreadyExists | FaultKind::PreconditionFailed => Self::NameTaken,
            FaultKind::CallbackFailed => Self::CallbackFailed(fault),
            _ => Self::Faulted(fault),
        }
    }
}

/// What the user decided about one transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Stop; what is acknowledged stays.
    Pause,
    /// Go on, or try again.
    Resume,
    /// Take the upload back on the store.
    Cancel,
    /// Leave the file out, because an object has its name or because it changed: what the store
    /// holds stays as it is.
    Skip,
    /// Start this file over as it is now; an open upload is aborted first.
    StartOver,
    /// Upload a file that changed once it is quiet.
    WaitUntilQuiet,
    /// A file that was waited for cannot be begun: the user chooses again.
    AskAgain,
}

/// An event that no effect of this phase can bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpected {
    /// The phase.
    pub phase: PhaseName,
    /// The event, for the log.
    pub event: String,
}

impl std::fmt::Display for Unexpected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} does not fit {:?}", self.event, self.phase)
    }
}

impl std::error::Error for Unexpected {}
