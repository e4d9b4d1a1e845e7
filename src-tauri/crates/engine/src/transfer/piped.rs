//! What is read once: prepared without its size, sent part by part as it comes.
//!
//! Everything else is as of a file. What is short is one, in memory.

use ferry_journal::PartRow;
use ferry_model::{Event, Fault, FaultKind, Growth, PartRange, key};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::endpoint::lanes::Lane;
use crate::source::once::{Beginning, Once};
use crate::transfer::attempts::Failed;
use crate::transfer::tail::Tail;
use crate::transfer::task::Task;

impl Task {
    /// Whether its source is longer than one part, and can be read only once.
    pub(crate) fn is_piped(&self) -> bool {
        self.once.as_ref().is_some_and(|once| once.is_long())
    }

    /// The ranges of its parts. Of what is piped, those that the store acknowledged: no other can
    /// be read again. Of what grows, those that were whole when it was looked at last.
    pub(crate) fn ranges(&self) -> Vec<PartRange> {
        if self.growth == Growth::Growing {
            return self.plan().whole_parts().collect();
        }
        if !self.is_piped() {
            return self.plan().parts().collect();
        }
        let mut end = 0;
        let range = |part: &PartRow| {
            let offset = end;
            end += part.size;
            PartRange { number: part.number, offset, len: part.size }
        };
        self.parts.values().map(range).collect()
    }

    /// [`Task::prepare`] of what is read once: waits until it is known whether it is long.
    pub(crate) async fn prepare_once(&mut self) -> Result<Event, Failed> {
        let Some(once) = self.once.clone() else { return self.prepare().await };
        if let Beginning::Whole(size) = once.beginning().await? {
            self.row.size = size;
            return self.prepare().await;
        }
        key::check(self.profile.provider, &self.row.key)?;
        self.attempts.lane = Lane::Large;
        self.row.identity = Some(once.identity());
        self.row.part_size = once.plan().first();
        self.prepare_upload().await
    }

    /// Sends each part once it was read, several side by side, until the source ends.
    ///
    /// # Cancellation
    /// Dropping the future drops the parts under way; those acknowledged before stay.
    pub(crate) async fn send_piped(&mut self) -> Result<Event, Failed> {
        let Some(once) = self.once.clone() else { return self.send_parts().await };
        let upload_id = self.upload_id()?;
        let (sent, outcome) = self.send_read(&upload_id, &once).await;
        self.parts.extend(sent.into_iter().map(|part| (part.number, part)));
        self.row.size = self.acked_bytes();
        outcome?;
        let sums = self.whole().ok_or_else(|| {
            Fault::new(FaultKind::Internal).with_detail("a part without its checksum")
        })?;
        self.remember(&sums);
        Ok(Event::PartsSent)
    }

    /// Sends what is read; returns the parts that the store acknowledged, and why the rest is not
    /// sent.
    async fn send_read(&self, upload_id: &str, once: &Once) -> (Vec<PartRow>, Result<(), Failed>) {
        // No part is sent a second time beside the first: how many follow is not known.
        let tail = &Tail::new(self.plan());
        let send = |range: PartRange| async move {
            let outcome = self.send_part(upload_id, &tail.begin(range), tail).await;
            (range, outcome)
        };
        let most = self.attempts.lanes.ceiling(Lane::Large);
        let (mut sending, mut sent) = (FuturesUnordered::new(), Vec::new());
        let mut next = (1..).filter(|number| !self.parts.contains_key(number)).peekable();
        let mut goes_on = true;
        let mut failed = None;
        loop {
            let number = next.peek().copied().unwrap_or(u32::MAX);
            tokio::select! {
                biased;
                Some((range, outcome)) = sending.next() => match outcome {
                    Ok(part) => {
                        once.release(range);
                        sent.extend(part);
                    }
                    // Those under way end, or what the store acknowledges of them would be sent
                    // again.
                    Err(fault @ Failed::Lacking(_)) => {
                        goes_on = false;
                        failed = Some(fault);
                    }
                    Err(fault) => return (sent, Err(fault)),
                },
                read = once.part(number), if goes_on && sending.len() < most => match read {
                    Ok(Some(range)) => {
                        next.next();
                        sending.push(send(range));
                    }
                    Ok(None) => goes_on = false,
                    Err(fault) => return (sent, Err(fault.into())),
                },
                else => return (sent, failed.map_or(Ok(()), Err)),
            }
        }
    }
}
