//! Files that are sent while something still writes to them: whole parts of what is there. Their
//! watch says when they are complete; then all that was sent is compared with what the file is, and
//! the rest is as of any other file.

use std::time::Duration;

use ferry_journal::{Durability, PartRow};
use ferry_model::checksum::Wanted;
use ferry_model::plan::{AUTOMATIC, growing_part_size};
use ferry_model::{Event, Fault, FaultKind, Growth, PartLimits, PartPlan, SourceIdentity, key};
use futures_util::StreamExt as _;
use futures_util::stream;

use crate::endpoint::lanes::Lane;
use crate::events::EngineEvent;
use crate::live::Activity;
use crate::source::{MayChange, open_checked};
use crate::transfer::attempts::Failed;
use crate::transfer::tail::Tail;
use crate::transfer::task::Task;

/// Time between two looks at a file of which no whole part is left to send.
const LOOK: Duration = Duration::from_millis(500);
/// Parts that are read and compared side by side.
const COMPARED_AT_ONCE: usize = 2;

impl Task {
    /// [`Task::prepare`] of a file that grows.
    pub(crate) async fn prepare_growing(&mut self) -> Result<Event, Failed> {
        if let Some(identity) = self.grown().await? {
            // Nothing of it was sent yet.
            self.begin_whole(identity);
            return self.prepare().await;
        }
        key::check(self.profile.provider, &self.row.key)?;
        let identity = self.same_file_now().await?;
        self.attempts.lane = Lane::Large;
        self.row.identity = Some(identity);
        self.row.size = identity.size;
        let wanted = match self.row.part_size {
            AUTOMATIC => growing_part_size(self.attempts.lanes.bytes_each(Lane::Large)),
            chosen => chosen,
        };
        let plan = PartPlan::new(identity.size, wanted, PartLimits::of(self.profile.provider))?;
        self.row.part_size = plan.part_size();
        self.prepare_upload().await
    }

    /// Sends each part once all of it is there, until the file is complete; then compares what was
    /// sent, and sends the rest.
    ///
    /// # Cancellation
    /// Dropping the future drops the parts under way; those acknowledged before stay.
    pub(crate) async fn send_growing(&mut self) -> Result<Event, Failed> {
        let upload_id = self.upload_id()?;
        loop {
            let sent = match self.grown().await? {
                Some(identity) => self.send_grown(identity).await.map(Some),
                None => self.send_whole_parts(&upload_id).await,
            };
            match sent {
                Ok(Some(event)) => return Ok(event),
                Ok(None) => {}
                // It goes on to change: its watch tells when that is over.
                Err(Failed::Fault(fault)) if fault.kind == FaultKind::SourceChanged => {
                    self.growth = Growth::Growing;
                    self.same_file_now().await?;
                }
                Err(failed) => return Err(failed),
            }
            self.live.set_activity(Activity::Growing);
            self.attempts.wait_elsewhere(LOOK).await;
            self.live.set_activity(Activity::Uploading);
        }
    }

    /// Sends the whole parts of what is there, until there is none left.
    async fn send_whole_parts(&mut self, upload_id: &str) -> Result<Option<Event>, Failed> {
        loop {
            let now = self.same_file_now().await?;
            if now.size != self.row.size {
                self.row.size = now.size;
                // Before any part that lies behind the size known so far.
                self.save(Durability::Normal).await?;
                self.shared.events.emit(EngineEvent::Row(self.row.id));
            }
            // None is sent a second time beside the first: more of them follow.
            let tail = Tail::new(PartPlan::resumed(0, self.row.part_size));
            let sent = self.send_missing(upload_id, self.plan().whole_parts(), &tail).await?;
            if sent == 0 || self.grown().await?.is_some() {
                return Ok(None);
            }
        }
    }

    /// The file is complete.
    async fn send_grown(&mut self, identity: SourceIdentity) -> Result<Event, Failed> {
        self.row.size = identity.size;
        if !self.plan().fits_upload() {
            self.begin_whole(identity);
            return Ok(Event::PlanChanged);
        }
        self.growth = Growth::Whole;
        let begun_with = self.row.identity.replace(identity);
        if let Err(failed) = self.forget_changed_parts().await {
            // What was not compared must not pass for what was.
            self.growth = Growth::Growing;
            self.row.identity = begun_with;
            return Err(failed);
        }
        self.send_parts().await
    }

    fn begin_whole(&mut self, identity: SourceIdentity) {
        self.growth = Growth::Whole;
        self.row.identity = Some(identity);
    }

    /// Reads all that was sent once more, and forgets the parts that are other bytes by now.
    async fn forget_changed_parts(&mut self) -> Result<(), Failed> {
        let plan = self.plan();
        let compared = |part: &PartRow| {
            let range = plan.part(part.number).filter(|range| range.len == part.size);
            let reading = range.map(|range| self.range(range.offset, range.len));
            let (number, sent) = (part.number, part.crc64);
            async move {
                let Some(reading) = reading else { return Ok((number, false)) };
                let now = reading.checksums_aside(Wanted::Crc64).await?;
                Ok::<_, Fault>((number, sent == Some(now.crc64)))
            }
        };
        let all: Vec<_> = self.parts.values().map(compared).collect();
        let mut all = stream::iter(all).buffer_unordered(COMPARED_AT_ONCE);
        let mut changed = Vec::new();
        while let Some(compared) = all.next().await {
            let (number, same) = compared?;
            if !same {
                changed.push(number);
            }
        }
        drop(all);
        for number in changed {
            self.forget_part(number).await?;
            self.parts.remove(&number);
        }
        self.live.set_acked(self.acked_bytes());
        Ok(())
    }

    /// What the complete file is, if its watch says that it is complete.
    async fn grown(&self) -> Result<Option<SourceIdentity>, Failed> {
        let growth = self.shared.journal.growth(self.row.id).await;
        match growth.map_err(|error| error.fault())? {
            (Growth::Growing, _) => Ok(None),
            (Growth::Grown, identity) => Ok(identity),
            // Its watch is gone, which would tell when it is complete: the user chooses.
            (Growth::Whole, _) => {
                let name = self.row.name.clone();
                Err(Fault::new(FaultKind::SourceChanged).with_subject(name).into())
            }
        }
    }

    /// What the file is now, which may have changed, but is no other file.
    async fn same_file_now(&self) -> Result<SourceIdentity, Fault> {
        let (files, source) = (self.files(), self.row.queued_source());
        Ok(open_checked(&*files, &source, MayChange::Contents).await?.identity())
    }
}
