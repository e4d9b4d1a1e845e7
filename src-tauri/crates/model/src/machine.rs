//! The transfer state machine: what is known of a transfer, the one effect that leads on, and what
//! each event makes of it.
//!
//! The engine asks [`Transfer::effect`], executes it, and feeds the outcome to [`Transfer::on`];
//! the journal keeps the result. What was under way when a process ended is in doubt:
//! [`Event::Reloaded`] makes the machine ask the store before it sends anything.

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, FaultKind};

/// How far a transfer has come with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Nothing was asked of the store.
    Fresh,
    /// A PutObject is meant to be sent, and may have been.
    Putting,
    /// An Initiate is meant to be sent, and may have been.
    Creating,
    /// The upload id is known; parts are being sent.
    Sending,
    /// A Complete is meant to be sent, and may have been.
    Completing,
    /// The store merged; its object has to agree yet.
    Verifying,
    /// An object of that name was in the way of a Put or Complete: is it ours?
    Contested,
    /// The upload id was gone although no Complete was sent.
    Vanished,
    /// The upload id was gone after a Complete may have been sent.
    Merged,
    /// The upload is to be aborted.
    Aborting,
    /// Cancelled while an object may already have been made: look before saying "cancelled".
    Withdrawing,
    /// Nothing is open on the store.
    Settled,
}

/// Whether a transfer runs, rests, or has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// It runs, or waits for its turn.
    Active,
    /// The user paused it.
    Paused,
    /// A fault stopped it; a retry goes on from what the store has.
    Failed,
    /// Another object has that name; the user chooses.
    Conflict,
    /// The file is another than when it was queued; the user chooses.
    SourceChanged,
    /// The store's object agrees with the file.
    Done,
    /// Left out on purpose: an object of that name was there.
    Skipped,
    /// The user cancelled it.
    Cancelled,
}

impl Standing {
    /// Whether nothing will ever happen again without the user.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Skipped | Self::Cancelled)
    }
}

/// Whether what the phase says was seen in this run, or only read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// Seen by this process.
    Known,
    /// To be asked of the store first.
    Doubtful,
}

/// The one thing to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// How a file goes.
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
    /// Somebody's object, but size and checksum agree.
    Identical,
    /// Our object by its id, but size or checksum disagree.
    Corrupt,
    /// Another object.
    Other,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The source is as it was queued, the name is free or may be replaced.
    Prepared(Route),
    /// The policy, or the user when asked, leaves the existing object alone.
    LeftOut,
    /// The existing object already has this very content.
    AlreadyThere,
    /// The existing object is another one, and the user has to choose.
    Occupied,
    /// PutObject was acknowledged, and the store's checksum agrees.
    PutAgreed,
    /// PutObject was acknowledged; the answer held no checksum to compare.
    PutUnproven,
    /// Initiate was acknowledged.
    Initiated(String),
    /// ListMultipartUploads answered: our upload, or none.
    UploadFound(Option<String>),
    /// ListParts answered to its last page.
    PartsListed,
    /// The store does not know the upload id.
    UploadGone,
    /// Every part is acknowledged.
    PartsSent,
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
    /// The user: pause.
    Pause,
    /// The user: go on, or try again.
    Resume,
    /// The user: cancel.
    Cancel,
    /// The user: start this file over as it is now; the old upload is aborted by whoever says this.
    StartOver,
    /// This process read the row from the journal.
    Reloaded,
}

/// A transfer as the machine sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// How far it has come with the store.
    pub phase: Phase,
    /// Whether it runs, rests or has ended.
    pub standing: Standing,
    /// Whether the phase was seen or read back.
    pub certainty: Certainty,
    /// The store's upload id, while one is open.
    pub upload_id: Option<String>,
    /// Why it stopped, while it is failed or in conflict. A failed callback stays here as a remark,
    /// also once the transfer is done.
    pub fault: Option<Fault>,
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            phase: Phase::Fresh,
            standing: Standing::Active,
            certainty: Certainty::Known,
            upload_id: None,
            fault: None,
        }
    }
}

impl Transfer {
    /// The next effect; `None` at rest and at the end.
    pub fn effect(&self) -> Option<Effect> {
        if self.standing != Standing::Active {
            return None;
        }
        let known = self.certainty == Certainty::Known;
        match self.phase {
            Phase::Fresh => Some(Effect::Prepare),
            Phase::Putting if known => Some(Effect::Put),
            Phase::Creating if known => Some(Effect::Initiate),
            Phase::Creating => Some(Effect::FindUpload),
            Phase::Sending if known => Some(Effect::SendParts),
            Phase::Completing if known => Some(Effect::Complete),
            Phase::Sending | Phase::Completing => Some(Effect::ListParts),
            Phase::Verifying => Some(Effect::Verify),
            Phase::Putting
            | Phase::Contested
            | Phase::Vanished
            | Phase::Merged
            | Phase::Withdrawing => Some(Effect::Inspect),
            Phase::Aborting if self.upload_id.is_some() => Some(Effect::Abort),
            Phase::Aborting => Some(Effect::FindUpload),
            Phase::Settled => None,
        }
    }

    /// Takes an event. An event that does not fit the phase changes nothing: a late answer cannot
    /// undo a decision.
    pub fn on(&mut self, event: Event) {
        match event {
            Event::Pause | Event::Resume | Event::Cancel | Event::StartOver | Event::Reloaded => {
                self.on_command(event)
            }
            Event::Faulted(fault) => self.on_fault(fault),
            Event::SourceChanged => {
                if self.standing == Standing::Active
                    && !matches!(self.phase, Phase::Aborting | Phase::Withdrawing)
                {
                    self.standing = Standing::SourceChanged;
                    self.fault = Some(Fault::new(FaultKind::SourceChanged));
                }
            }
            Event::Inspected(found) => self.on_inspected(found),
            Event::LeftOut if self.standing == Standing::Conflict => match self.upload_id {
                None => self.end(Standing::Skipped),
                Some(_) => self.cancel(),
            },
            _ if self.standing != Standing::Active => {}
            _ => self.on_answer(event),
        }
    }

    fn go(&mut self, phase: Phase) {
        self.phase = phase;
        self.certainty = Certainty::Known;
    }

    fn end(&mut self, standing: Standing) {
        self.go(Phase::Settled);
        self.standing = standing;
        self.upload_id = None;
        match standing {
            Standing::Done => self.keep_remark_only(),
            _ => self.fault = None,
        }
    }

    /// Forgets why it stopped; what the callback did stays to be told.
    fn keep_remark_only(&mut self) {
        self.fault = self.fault.take().filter(|fault| fault.kind == FaultKind::CallbackFailed);
    }

    fn start_over(&mut self) {
        self.upload_id = None;
        self.fault = None;
        self.go(Phase::Fresh);
    }

    fn on_answer(&mut self, event: Event) {
        match (self.phase, event) {
            (Phase::Fresh, Event::Prepared(Route::Put)) => self.go(Phase::Putting),
            (Phase::Fresh, Event::Prepared(Route::Multipart)) => self.go(Phase::Creating),
            (Phase::Fresh, Event::LeftOut) => self.end(Standing::Skipped),
            // With an upload open, only the user can say what becomes of it.
            (Phase::Contested, Event::LeftOut) if self.upload_id.is_none() => {
                self.end(Standing::Skipped)
            }
            (Phase::Fresh, Event::AlreadyThere) => self.end(Standing::Done),
            (Phase::Fresh, Event::Occupied) => self.conflict(),
            (Phase::Putting, Event::PutAgreed) => self.end(Standing::Done),
            (Phase::Putting, Event::PutUnproven) => self.go(Phase::Verifying),
            (Phase::Creating, Event::Initiated(id) | Event::UploadFound(Some(id))) => {
                // An adopted upload may already hold parts: ask. A new one holds none.
                self.certainty = Certainty::Doubtful;
                self.phase = Phase::Sending;
                self.upload_id = Some(id);
            }
            (Phase::Creating, Event::UploadFound(None)) => self.go(Phase::Creating),
            // Somebody was quicker between the look and the Initiate: nothing of ours is open.
            (Phase::Creating, Event::Occupied) => {
                self.go(Phase::Fresh);
                self.conflict();
            }
            (Phase::Sending, Event::PartsListed) => self.go(Phase::Sending),
            // The upload is still open, so no Complete took effect: send what may be missing, then
            // complete.
            (Phase::Completing, Event::PartsListed) => self.go(Phase::Sending),
            (Phase::Sending, Event::UploadGone) => self.go(Phase::Vanished),
            (Phase::Completing, Event::UploadGone) => self.go(Phase::Merged),
            (Phase::Sending, Event::PartsSent) => self.go(Phase::Completing),
            (Phase::Completing, Event::Completed) => {
                self.upload_id = None;
                self.go(Phase::Verifying);
            }
            (Phase::Putting | Phase::Completing, Event::CallbackFailed(fault)) => {
                self.upload_id = None;
                self.fault = Some(fault);
                self.go(Phase::Verifying);
            }
            (Phase::Completing, Event::PartsRefused) => {
                self.phase = Phase::Sending;
                self.certainty = Certainty::Doubtful;
            }
            (Phase::Putting | Phase::Completing, Event::NameTaken) => self.go(Phase::Contested),
            (
                Phase::Putting | Phase::Creating | Phase::Sending | Phase::Completing,
                Event::Doubt,
            ) => self.certainty = Certainty::Doubtful,
            (Phase::Verifying, Event::Verified) => self.end(Standing::Done),
            (Phase::Aborting, Event::UploadFound(Some(id))) => self.upload_id = Some(id),
            (Phase::Aborting, Event::UploadFound(None)) if self.upload_id.is_none() => {
                self.end(Standing::Cancelled)
            }
            (Phase::Aborting, Event::Aborted) => self.end(Standing::Cancelled),
            // Gone before the abort: a Complete may have won.
            (Phase::Aborting, Event::UploadGone) => {
                self.upload_id = None;
                self.go(Phase::Withdrawing);
            }
            _ => {}
        }
    }

    fn on_inspected(&mut self, found: Found) {
        if self.standing != Standing::Active {
            return;
        }
        match (self.phase, found) {
            (
                Phase::Putting
                | Phase::Contested
                | Phase::Vanished
                | Phase::Merged
                | Phase::Withdrawing,
                Found::Ours,
            ) => self.end(Standing::Done),
            (Phase::Contested | Phase::Putting, Found::Identical) => self.end(Standing::Done),
            (Phase::Contested | Phase::Merged | Phase::Verifying, Found::Corrupt) => {
                self.on_fault(Fault::new(FaultKind::ChecksumMismatch))
            }
            (Phase::Putting, _) => self.go(Phase::Putting),
            (Phase::Contested, Found::Absent) => self.after_contest(),
            (Phase::Contested, _) => self.conflict(),
            (Phase::Vanished, _) | (Phase::Merged, Found::Absent) => self.start_over(),
            (Phase::Merged, _) => {
                self.start_over();
                self.standing = Standing::Failed;
                self.fault = Some(Fault::new(FaultKind::ReplacedAfterUpload));
            }
            (Phase::Withdrawing, _) => self.end(Standing::Cancelled),
            (Phase::Verifying, Found::Absent | Found::Other) => {
                self.on_fault(Fault::new(FaultKind::ReplacedAfterUpload))
            }
            _ => {}
        }
    }

    fn after_contest(&mut self) {
        self.go(if self.upload_id.is_some() { Phase::Completing } else { Phase::Putting });
    }

    fn conflict(&mut self) {
        if self.phase == Phase::Contested {
            self.after_contest();
        }
        self.standing = Standing::Conflict;
        self.fault = Some(Fault::new(FaultKind::AlreadyExists));
    }

    fn on_fault(&mut self, fault: Fault) {
        if self.standing == Standing::Active {
            self.standing = Standing::Failed;
            self.certainty = Certainty::Doubtful;
            self.fault = Some(fault);
        }
    }

    fn on_command(&mut self, wish: Event) {
        if self.standing.has_ended() {
            return;
        }
        match wish {
            // What is being taken back cannot be paused: it would leave an upload open that the
            // user believes gone.
            Event::Pause if matches!(self.phase, Phase::Aborting | Phase::Withdrawing) => {}
            Event::Pause => {
                if self.standing == Standing::Active {
                    self.standing = Standing::Paused;
                    self.certainty = Certainty::Doubtful;
                }
            }
            Event::Resume => {
                if self.standing == Standing::Failed && self.is_beyond_repair() {
                    // What the store made does not agree: only a new upload can.
                    self.start_over();
                }
                self.standing = Standing::Active;
                self.certainty = Certainty::Doubtful;
                self.keep_remark_only();
            }
            Event::Cancel => self.cancel(),
            Event::StartOver => {
                self.start_over();
                self.standing = Standing::Active;
                self.fault = None;
            }
            _ => self.certainty = Certainty::Doubtful,
        }
    }

    /// Whether the store made an object that disagrees. A HEAD that merely failed says nothing of
    /// that kind.
    fn is_beyond_repair(&self) -> bool {
        let kinds =
            [FaultKind::ChecksumMismatch, FaultKind::ReplacedAfterUpload, FaultKind::Unproven];
        let disagrees = self.fault.as_ref().is_some_and(|fault| kinds.contains(&fault.kind));
        let nothing_open = self.upload_id.is_none() || self.phase == Phase::Merged;
        disagrees
            && nothing_open
            && matches!(self.phase, Phase::Verifying | Phase::Merged | Phase::Contested)
    }

    fn cancel(&mut self) {
        self.fault = None;
        let next = match self.phase {
            Phase::Fresh | Phase::Settled => return self.end(Standing::Cancelled),
            Phase::Putting | Phase::Vanished | Phase::Merged | Phase::Verifying => {
                Phase::Withdrawing
            }
            Phase::Contested if self.upload_id.is_none() => Phase::Withdrawing,
            Phase::Creating
            | Phase::Sending
            | Phase::Completing
            | Phase::Contested
            | Phase::Aborting => Phase::Aborting,
            Phase::Withdrawing => Phase::Withdrawing,
        };
        self.standing = Standing::Active;
        self.go(next);
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
