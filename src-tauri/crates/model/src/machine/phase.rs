//! How far a transfer has come with the store.

use serde::{Deserialize, Serialize};

/// How far a transfer has come with the store. The upload id belongs to the phases that have one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Nothing was asked of the store.
    Fresh,
    /// A PutObject is meant to be sent, and may have been.
    Putting,
    /// An Initiate is meant to be sent, and may have been.
    Creating,
    /// The upload id is known; parts are being sent.
    Sending(UploadId),
    /// A Complete is meant to be sent, and may have been.
    Completing(UploadId),
    /// The store merged; its object has to agree yet.
    Verifying,
    /// An object of that name was in the way of a Put, or of a Complete of this upload: is it ours?
    Contested(Option<UploadId>),
    /// The upload id was gone although no Complete was sent.
    Vanished(UploadId),
    /// The upload id was gone after a Complete may have been sent.
    Merged(UploadId),
    /// The upload is to be aborted, then the file starts over.
    Discarding(UploadId),
    /// The upload is to be aborted, then the transfer is cancelled. Without an id, an Initiate may
    /// have been carried out: find it first.
    Aborting(Option<UploadId>),
    /// The upload is to be aborted, then the file is left out.
    Skipping(UploadId),
    /// The object has what this upload was to make of it: the upload is to be aborted, then the
    /// transfer is done.
    Adopting(UploadId),
    /// Cancelled while an object may already have been made: look before saying "cancelled".
    Withdrawing,
    /// Nothing is open on the store.
    Settled,
}

/// The store's id of a multipart upload.
pub type UploadId = String;

/// A phase without its upload id: how it is stored, and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is a phase")]
pub enum PhaseName {
    Fresh,
    Putting,
    Creating,
    Sending,
    Completing,
    Verifying,
    Contested,
    Vanished,
    Merged,
    Discarding,
    Aborting,
    Skipping,
    Adopting,
    Withdrawing,
    Settled,
}

impl PhaseName {
    /// Every phase.
    pub const ALL: [Self; 15] = [
        Self::Fresh,
        Self::Putting,
        Self::Creating,
        Self::Sending,
        Self::Completing,
        Self::Verifying,
        Self::Contested,
        Self::Vanished,
        Self::Merged,
        Self::Discarding,
        Self::Aborting,
        Self::Skipping,
        Self::Adopting,
        Self::Withdrawing,
        Self::Settled,
    ];

    /// Whether something is being taken back. That goes on whatever the user does meanwhile, or an
    /// upload would stay open that the user believes gone. It costs one small request.
    pub fn takes_back(self) -> bool {
        matches!(self, Self::Aborting | Self::Skipping | Self::Adopting | Self::Withdrawing)
    }
}

impl Phase {
    /// The phase without its upload id.
    pub fn name(&self) -> PhaseName {
        match self {
            Self::Fresh => PhaseName::Fresh,
            Self::Putting => PhaseName::Putting,
            Self::Creating => PhaseName::Creating,
            Self::Sending(_) => PhaseName::Sending,
            Self::Completing(_) => PhaseName::Completing,
            Self::Verifying => PhaseName::Verifying,
            Self::Contested(_) => PhaseName::Contested,
            Self::Vanished(_) => PhaseName::Vanished,
            Self::Merged(_) => PhaseName::Merged,
            Self::Discarding(_) => PhaseName::Discarding,
            Self::Aborting(_) => PhaseName::Aborting,
            Self::Skipping(_) => PhaseName::Skipping,
            Self::Adopting(_) => PhaseName::Adopting,
            Self::Withdrawing => PhaseName::Withdrawing,
            Self::Settled => PhaseName::Settled,
        }
    }

    /// The phase of this name; `None` where the name needs an upload id and there is none. An id
    /// that the phase has no use for is dropped.
    pub fn restored(name: PhaseName, upload: Option<UploadId>) -> Option<Self> {
        Some(match name {
            PhaseName::Fresh => Self::Fresh,
            PhaseName::Putting => Self::Putting,
            PhaseName::Creating => Self::Creating,
            PhaseName::Sending => Self::Sending(upload?),
            PhaseName::Completing => Self::Completing(upload?),
            PhaseName::Verifying => Self::Verifying,
            PhaseName::Contested => Self::Contested(upload),
            PhaseName::Vanished => Self::Vanished(upload?),
            PhaseName::Merged => Self::Merged(upload?),
            PhaseName::Discarding => Self::Discarding(upload?),
            PhaseName::Aborting => Self::Aborting(upload),
            PhaseName::Skipping => Self::Skipping(upload?),
            PhaseName::Adopting => Self::Adopting(upload?),
            PhaseName::Withdrawing => Self::Withdrawing,
            PhaseName::Settled => Self::Settled,
        })
    }

    /// The id of the upload that may be open on the store.
    pub fn upload_id(&self) -> Option<&str> {
        match self {
            Self::Sending(id)
            | Self::Completing(id)
            | Self::Vanished(id)
            | Self::Merged(id)
            | Self::Discarding(id)
            | Self::Skipping(id)
            | Self::Adopting(id) => Some(id),
            Self::Contested(id) | Self::Aborting(id) => id.as_deref(),
            Self::Fresh
            | Self::Putting
            | Self::Creating
            | Self::Verifying
            | Self::Withdrawing
            | Self::Settled => None,
        }
    }

    /// See [`PhaseName::takes_back`].
    pub fn takes_back(&self) -> bool {
        self.name().takes_back()
    }

    /// Whether no other transfer of the same object may run beside it: it makes the object, or has
    /// to tell its own upload from others. What is known to be its own is taken back beside any
    /// other, however long that takes.
    pub fn claims_object(&self) -> bool {
        !self.takes_back() || *self == Self::Aborting(None)
    }
}
