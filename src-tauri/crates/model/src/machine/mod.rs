//! The transfer state machine: what is known of a transfer, the one effect that leads on, and what
//! each event makes of it.
//!
//! The engine asks [`Transfer::effect`], executes it, and feeds the outcome to [`Transfer::on`];
//! the journal keeps the result. What was under way when a process ended is in doubt: a transfer
//! that is read back ([`Transfer::restored`]) asks the store before it sends anything.
//!
//! Every pair of a phase and an event is decided here. A pair without a row is [`Unexpected`]: a
//! bug of the caller, an error in tests and a counted, logged fact in production.

mod event;
mod phase;
mod standing;

use std::time::Duration;

use crate::fault::{Fault, FaultKind};

pub use event::{Decision, Effect, Event, Found, Route, Unexpected};
pub use phase::{Phase, PhaseName, UploadId};
pub use standing::{Standing, StandingGroup};

/// Whether what the phase says was seen in this run, or only read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// Seen by this process.
    Known,
    /// To be asked of the store first.
    Doubtful,
}

/// How often one run of a transfer may go back on its way before it is given up: refused parts and
/// vanished uploads.
pub const MOST_TURNS: u32 = 3;

/// Looks at what a cut-off request may have made, before its absence is believed.
pub const LOOKS: u32 = 4;

/// Time between two such looks. A store that was cut off in the middle of a request may go on with
/// it for seconds.
pub const LOOK_PAUSE: Duration = Duration::from_secs(2);

/// A transfer as the machine sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// How far it has come with the store.
    pub phase: Phase,
    /// Whether it runs, rests or has ended.
    pub standing: Standing,
    /// Whether the phase was seen or read back.
    pub certainty: Certainty,
    /// Why it stopped, while it is failed or in conflict. A failed callback stays here as a remark,
    /// also once the transfer is done.
    pub fault: Option<Fault>,
    /// How often this run went back on its way.
    turns: u32,
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            phase: Phase::Fresh,
            standing: Standing::Active,
            certainty: Certainty::Known,
            fault: None,
            turns: 0,
        }
    }
}

impl Transfer {
    /// A transfer as it was read back: what its phase says is in doubt, unless nothing was asked of
    /// the store yet.
    pub fn restored(phase: Phase, standing: Standing, fault: Option<Fault>) -> Self {
        let certainty = if phase == Phase::Fresh { Certainty::Known } else { Certainty::Doubtful };
        Self { phase, standing, certainty, fault, turns: 0 }
    }

    /// The next effect; `None` at rest and at the end.
    pub fn effect(&self) -> Option<Effect> {
        if self.standing != Standing::Active {
            return None;
        }
        let known = self.certainty == Certainty::Known;
        Some(match &self.phase {
            Phase::Fresh => Effect::Prepare,
            Phase::Putting if known => Effect::Put,
            Phase::Creating if known => Effect::Initiate,
            Phase::Creating => Effect::FindUpload,
            Phase::Sending(_) if known => Effect::SendParts,
            Phase::Completing(_) if known => Effect::Complete,
            Phase::Sending(_) | Phase::Completing(_) => Effect::ListParts,
            Phase::Verifying => Effect::Verify,
            Phase::Putting
            | Phase::Contested(_)
            | Phase::Vanished(_)
            | Phase::Merged(_)
            | Phase::Withdrawing => Effect::Inspect,
            Phase::Discarding(_)
            | Phase::Skipping(_)
            | Phase::Adopting(_)
            | Phase::Aborting(Some(_)) => Effect::Abort,
            Phase::Aborting(None) => Effect::FindUpload,
            Phase::Settled => return None,
        })
    }

    /// How often [`Self::effect`] looks before it says that nothing is there, [`LOOK_PAUSE`] apart.
    /// Believed too early, it leaves an upload open that is never found again, or sends a whole
    /// file again. A Put that comes late costs neither. After an acknowledged merge, one answer
    /// that nothing is there is no proof that another client took the object away.
    pub fn looks(&self) -> u32 {
        match self.phase {
            Phase::Creating | Phase::Aborting(None) | Phase::Merged(_) | Phase::Verifying => LOOKS,
            _ => 1,
        }
    }

    /// Takes what came of [`Self::effect`].
    ///
    /// # Errors
    /// [`Unexpected`] where this phase cannot bring this event; nothing changes then.
    pub fn on(&mut self, event: Event) -> Result<(), Unexpected> {
        if self.standing != Standing::Active {
            return Err(self.unexpected(&event));
        }
        match event {
            Event::Faulted(fault) => self.fail(fault),
            Event::SourceChanged if !self.phase.takes_back() => {
                self.standing = Standing::SourceChanged;
                self.fault = Some(Fault::new(FaultKind::SourceChanged));
            }
            Event::Inspected(found) => return self.on_inspected(found),
            Event::UploadGone | Event::Aborted => return self.on_upload_gone(&event),
            event => return self.on_answer(event),
        }
        Ok(())
    }

    fn on_answer(&mut self, event: Event) -> Result<(), Unexpected> {
        match (self.phase.clone(), event) {
            (Phase::Fresh, Event::Prepared(Route::Put)) => self.go(Phase::Putting),
            (Phase::Fresh, Event::Prepared(Route::Multipart)) => self.go(Phase::Creating),
            (Phase::Fresh | Phase::Contested(None), Event::LeftOut) => self.end(Standing::Skipped),
            (Phase::Contested(Some(id)), Event::LeftOut) => self.go(Phase::Skipping(id)),
            (Phase::Contested(Some(id)), Event::Renamed) => self.go(Phase::Discarding(id)),
            (Phase::Contested(None), Event::Renamed) => self.go(Phase::Putting),
            (Phase::Fresh, Event::AlreadyThere) => self.end(Standing::Done),
            (Phase::Fresh, Event::Occupied) => self.conflict(),
            (Phase::Fresh | Phase::Contested(_), Event::OptionsDiffer) => {
                self.conflict();
                self.fault = Some(Fault::new(FaultKind::OptionsDiffer));
            }
            (Phase::Putting, Event::PutAgreed) => self.end(Standing::Done),
            (Phase::Putting, Event::PutUnproven) => self.go(Phase::Verifying),
            // A new upload holds no parts. An adopted one may: ask.
            (Phase::Creating, Event::Initiated(id)) => self.go(Phase::Sending(id)),
            (Phase::Creating, Event::UploadFound(Some(id))) => self.doubt(Phase::Sending(id)),
            (Phase::Creating, Event::UploadFound(None)) => self.go(Phase::Creating),
            // Another client was quicker between the look and the Initiate: nothing of ours is
            // open.
            (Phase::Creating, Event::Occupied | Event::NameTaken)
                if self.certainty == Certainty::Known =>
            {
                self.go(Phase::Fresh);
                self.conflict();
            }
            // The upload is still open, so no Complete took effect: send what may be missing, then
            // complete.
            (Phase::Sending(id) | Phase::Completing(id), Event::PartsListed) => {
                self.go(Phase::Sending(id));
            }
            (Phase::Sending(id), Event::PartsSent) => self.go(Phase::Completing(id)),
            (Phase::Sending(id), Event::PlanChanged) => self.go(Phase::Discarding(id)),
            (Phase::Completing(_), Event::Completed) => self.go(Phase::Verifying),
            // What was merged is replaced: it is ours, and wrong.
            (Phase::Completing(_), Event::MergedDamaged) => self.start_over(),
            (Phase::Putting | Phase::Completing(_), Event::CallbackFailed(fault)) => {
                self.fault = Some(fault);
                self.go(Phase::Verifying);
            }
            (Phase::Completing(id) | Phase::Sending(id), Event::PartsRefused) => {
                self.doubt(Phase::Sending(id));
                self.turn();
            }
            (Phase::Putting, Event::NameTaken) => self.go(Phase::Contested(None)),
            (Phase::Completing(id), Event::NameTaken) => self.go(Phase::Contested(Some(id))),
            (phase @ (Phase::Putting | Phase::Creating | Phase::Completing(_)), Event::Doubt) => {
                self.doubt(phase)
            }
            (Phase::Verifying, Event::Verified) => self.end(Standing::Done),
            (Phase::Aborting(None), Event::UploadFound(Some(id))) => {
                self.go(Phase::Aborting(Some(id)));
            }
            (Phase::Aborting(None), Event::UploadFound(None)) => self.end(Standing::Cancelled),
            (_, event) => return Err(self.unexpected(&event)),
        }
        Ok(())
    }

    /// The upload is gone: by an abort, or by itself.
    fn on_upload_gone(&mut self, event: &Event) -> Result<(), Unexpected> {
        let by_abort = *event == Event::Aborted;
        match self.phase.clone() {
            Phase::Sending(id) if !by_abort => {
                self.go(Phase::Vanished(id));
                self.turn();
            }
            Phase::Completing(id) if !by_abort => self.go(Phase::Merged(id)),
            Phase::Discarding(_) => self.start_over(),
            Phase::Skipping(_) => self.end(Standing::Skipped),
            Phase::Adopting(_) => self.end(Standing::Done),
            Phase::Aborting(Some(_)) if by_abort => self.end(Standing::Cancelled),
            // Gone before the abort: a Complete may have won.
            Phase::Aborting(Some(_)) => self.go(Phase::Withdrawing),
            _ => return Err(self.unexpected(event)),
        }
        Ok(())
    }

    fn on_inspected(&mut self, found: Found) -> Result<(), Unexpected> {
        match (self.phase.clone(), found) {
            (
                Phase::Putting
                | Phase::Contested(None)
                | Phase::Vanished(_)
                | Phase::Merged(_)
                | Phase::Withdrawing,
                Found::Ours,
            )
            // Whichever client made it: after a Complete that may have been carried out, an object
            // with this very content is what was to be merged.
            | (Phase::Contested(None) | Phase::Putting | Phase::Merged(_), Found::Identical) => {
                self.end(Standing::Done);
            }
            // The object has what this upload was to make of it; the upload itself is still open.
            (Phase::Contested(Some(id)), Found::Ours | Found::Identical) => {
                self.go(Phase::Adopting(id));
            }
            // Ours, and wrong: it is replaced. The engine counts, and gives up with a fault.
            (Phase::Contested(upload), Found::Corrupt) => self.go(after_contest(upload)),
            (Phase::Merged(id), Found::Corrupt) => self.go(Phase::Discarding(id)),
            (Phase::Verifying, Found::Corrupt) => self.start_over(),
            (Phase::Putting, _) => self.go(Phase::Putting),
            // Refused for an object that is not there.
            (Phase::Contested(upload), Found::Absent) => {
                self.go(after_contest(upload));
                self.turn();
            }
            (Phase::Contested(_), _) => self.conflict(),
            // A store that forgot it once may know it again: nothing of it must stay open.
            (Phase::Vanished(id), _) => self.go(Phase::Discarding(id)),
            (Phase::Merged(id), Found::Absent) => {
                self.go(Phase::Discarding(id));
                self.turn();
            }
            (Phase::Merged(id), _) => {
                self.go(Phase::Discarding(id));
                self.fail(Fault::new(FaultKind::ReplacedAfterUpload));
            }
            (Phase::Withdrawing, _) => self.end(Standing::Cancelled),
            (Phase::Verifying, Found::Absent | Found::Other) => {
                self.fail(Fault::new(FaultKind::ReplacedAfterUpload));
            }
            (_, found) => return Err(self.unexpected(&Event::Inspected(found))),
        }
        Ok(())
    }

    /// Takes what the user decided. What does not fit changes nothing: which commands fit which
    /// state is [`crate::TransferCommand::allowed`].
    pub fn decide(&mut self, decision: Decision) {
        if self.standing.has_ended() {
            return;
        }
        match decision {
            Decision::Pause if self.standing == Standing::Active && !self.phase.takes_back() => {
                self.standing = Standing::Paused;
                self.certainty = Certainty::Doubtful;
            }
            Decision::Pause => {}
            Decision::Resume => {
                if self.standing == Standing::Failed && self.is_beyond_repair() {
                    // What the store made does not agree: only a new upload can.
                    self.discard();
                }
                self.standing = Standing::Active;
                self.certainty = match self.phase {
                    Phase::Fresh => Certainty::Known,
                    _ => Certainty::Doubtful,
                };
                self.keep_remark_only();
            }
            Decision::Cancel => self.cancel(),
            Decision::Skip => self.skip(),
            Decision::StartOver => {
                self.standing = Standing::Active;
                self.fault = None;
                self.discard();
            }
            Decision::WaitUntilQuiet if self.standing == Standing::SourceChanged => {
                self.standing = Standing::UntilQuiet;
            }
            Decision::AskAgain if self.standing == Standing::UntilQuiet => {
                self.standing = Standing::SourceChanged;
            }
            Decision::WaitUntilQuiet | Decision::AskAgain => {}
        }
    }

    /// What a failed request means here: an answer that the phase knows, or its fault. A store may
    /// answer anything to anything.
    pub fn event_of(&self, fault: Fault) -> Event {
        let event = Event::of(fault.clone());
        match self.clone().on(event.clone()) {
            Ok(()) => event,
            Err(_) => Event::Faulted(fault),
        }
    }

    /// Leaves the file out, where the user is asked about it.
    fn skip(&mut self) {
        match (self.standing, self.phase.clone()) {
            (Standing::Conflict | Standing::SourceChanged | Standing::UntilQuiet, Phase::Fresh) => {
                self.end(Standing::Skipped)
            }
            (Standing::SourceChanged | Standing::UntilQuiet, Phase::Sending(id)) => {
                self.go_skipping(id);
            }
            // The old content may be up there: it is looked for as when cancelled.
            (Standing::SourceChanged | Standing::UntilQuiet, _) => self.cancel(),
            // The store refused the name: nothing of this file can have it.
            (Standing::Conflict, phase) => match phase.upload_id().map(str::to_owned) {
                None => self.end(Standing::Skipped),
                Some(id) => self.go_skipping(id),
            },
            _ => {}
        }
    }

    fn go_skipping(&mut self, id: UploadId) {
        self.standing = Standing::Active;
        self.fault = None;
        self.go(Phase::Skipping(id));
    }

    /// Whether what follows must be on disk before the next effect, so that it outlives a power
    /// cut: upload ids, intents and ends. What the store can tell again need not.
    pub fn must_be_durable(&self, before: &Self) -> bool {
        before.phase.upload_id() != self.phase.upload_id()
            || before.standing != self.standing
            || matches!(
                self.phase,
                Phase::Creating
                    | Phase::Completing(_)
                    | Phase::Discarding(_)
                    | Phase::Aborting(_)
                    | Phase::Skipping(_)
                    | Phase::Adopting(_)
                    | Phase::Settled
            )
    }

    fn unexpected(&self, event: &Event) -> Unexpected {
        Unexpected { phase: self.phase.name(), event: format!("{event:?}") }
    }

    fn go(&mut self, phase: Phase) {
        self.phase = phase;
        self.certainty = Certainty::Known;
    }

    fn doubt(&mut self, phase: Phase) {
        self.phase = phase;
        self.certainty = Certainty::Doubtful;
    }

    fn end(&mut self, standing: Standing) {
        self.go(Phase::Settled);
        self.standing = standing;
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
        self.fault = None;
        self.go(Phase::Fresh);
    }

    /// Starts over, after an upload that may be open was aborted.
    fn discard(&mut self) {
        match self.phase.upload_id().map(str::to_owned) {
            Some(id) => self.go(Phase::Discarding(id)),
            None => self.start_over(),
        }
    }

    fn fail(&mut self, fault: Fault) {
        // Another file stands where the queued one stood: as after a change, the user chooses.
        let behind_link = fault.kind == FaultKind::SourceBehindLink && !self.phase.takes_back();
        self.standing = if behind_link { Standing::SourceChanged } else { Standing::Failed };
        self.certainty = Certainty::Doubtful;
        self.fault = Some(fault);
    }

    /// Went back on its way: a store that keeps contradicting itself is not asked for ever.
    fn turn(&mut self) {
        self.turns += 1;
        if self.turns > MOST_TURNS {
            let detail = "the store keeps contradicting itself";
            self.fail(Fault::new(FaultKind::UnknownAnswer).with_detail(detail));
        }
    }

    fn conflict(&mut self) {
        if let Phase::Contested(upload) = self.phase.clone() {
            self.go(after_contest(upload));
        }
        self.standing = Standing::Conflict;
        self.fault = Some(Fault::new(FaultKind::AlreadyExists));
    }

    /// Whether the store made an object that disagrees. A HEAD that merely failed says nothing of
    /// that kind.
    fn is_beyond_repair(&self) -> bool {
        let kinds = [
            FaultKind::ChecksumMismatch,
            FaultKind::DamagedObject,
            FaultKind::ReplacedAfterUpload,
            FaultKind::Unproven,
        ];
        let disagrees = self.fault.as_ref().is_some_and(|fault| kinds.contains(&fault.kind));
        disagrees
            && matches!(self.phase, Phase::Verifying | Phase::Merged(_) | Phase::Contested(None))
    }

    fn cancel(&mut self) {
        self.fault = None;
        let next = match self.phase.clone() {
            Phase::Fresh | Phase::Settled => return self.end(Standing::Cancelled),
            Phase::Putting
            | Phase::Vanished(_)
            | Phase::Merged(_)
            | Phase::Verifying
            | Phase::Withdrawing
            | Phase::Contested(None) => Phase::Withdrawing,
            Phase::Creating => Phase::Aborting(None),
            Phase::Sending(id)
            | Phase::Completing(id)
            | Phase::Discarding(id)
            | Phase::Skipping(id)
            | Phase::Adopting(id)
            | Phase::Contested(Some(id)) => Phase::Aborting(Some(id)),
            Phase::Aborting(upload) => Phase::Aborting(upload),
        };
        self.standing = Standing::Active;
        self.go(next);
    }
}

fn after_contest(upload: Option<UploadId>) -> Phase {
    match upload {
        Some(id) => Phase::Completing(id),
        None => Phase::Putting,
    }
}

#[cfg(test)]
mod tests;
