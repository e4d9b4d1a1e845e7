//! What holds of requests and of the uploads they begin.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Violation, World};
use crate::store::{Ending, Entry, Fate, Health, Operation};

/// Requests for one thing that may fail within one second.
const MOST_FAILURES: usize = 40;

impl World {
    /// I3: at most one live upload of a transfer.
    pub(super) fn one_upload_each(&self, place: usize) -> Result<(), Violation> {
        let state = self.places[place].bucket.state();
        let mut owners = BTreeMap::<&str, usize>::new();
        for upload in state.contents.uploads().values() {
            *owners.entry(upload.owner().unwrap_or_default()).or_default() += 1;
        }
        for (owner, count) in owners {
            let late = state.ledger.entries().iter().any(|entry| {
                entry.owner.as_deref() == Some(owner)
                    && entry.operation == Operation::Initiate
                    && matches!(entry.fate, Fate::Late(_))
            });
            let edited =
                self.watch.owners.get(owner).is_some_and(|(path, _)| self.sources.is_edited(path));
            hold!("I3", count == 1 || late || edited, "{count} uploads of one transfer are open");
        }
        Ok(())
    }

    /// I5, I6: requests as they are met.
    pub(super) fn nothing_is_sent_twice(&mut self, place: usize) -> Result<(), Violation> {
        let state = self.places[place].bucket.state();
        let entries = state.ledger.entries();
        let from = self.watch.requests.get(&place).copied().unwrap_or_default();
        for (at, entry) in entries.iter().enumerate().skip(from) {
            // What is not over yet is looked at next time, with all that follows it.
            let owner = entry.owner.clone().unwrap_or_default();
            let edited =
                self.watch.owners.get(&owner).is_some_and(|(path, _)| self.sources.is_edited(path));
            // Two transfers of one key replace each other's objects.
            let versions = state.contents.objects().get(&entry.key);
            let contested = versions.is_some_and(|versions| {
                versions.iter().any(|version| version.owner() != entry.owner.as_deref())
            });
            if !edited && !contested && !self.watch.excused.contains(&owner) {
                let earlier = &entries[..at];
                let kept = |it: &&Entry| {
                    it.ending == Ending::Succeeded
                        && it.health == Health::Sound
                        && it.owner == entry.owner
                };
                let again = match entry.operation {
                    Operation::UploadPart => earlier.iter().filter(kept).any(|it| {
                        it.operation == Operation::UploadPart
                            && it.upload_id == entry.upload_id
                            && it.number == entry.number
                            && ended_before(it, entry)
                    }),
                    Operation::PutObject => earlier.iter().filter(kept).any(|it| {
                        it.operation == Operation::PutObject
                            && it.key == entry.key
                            && ended_before(it, entry)
                    }),
                    Operation::Initiate => {
                        earlier.iter().filter(kept).any(|it| {
                            it.operation == Operation::Initiate
                                && it.key == entry.key
                                && ended_before(it, entry)
                        }) && !earlier
                            .iter()
                            .any(|it| it.owner == entry.owner && it.health == Health::Damaged)
                            && !was_discarded_empty(earlier, entry)
                    }
                    _ => false,
                };
                hold!(
                    "I5",
                    !again,
                    "{:?} of {} {:?} at {:?} was acknowledged before",
                    entry.operation,
                    entry.key,
                    entry.number,
                    entry.at
                );
            }
            let beside = other_beside(&entries[..at], entry);
            hold!(
                "one-at-a-time",
                beside.is_none(),
                "{:?} of {} at {:?} went beside another transfer's {beside:?}",
                entry.operation,
                entry.key,
                entry.at
            );
            let failures = entries[..=at]
                .iter()
                .rev()
                .take_while(|it| it.at + Duration::from_secs(1) > entry.at)
                .filter(|it| {
                    it.ending == Ending::Failed
                        && it.operation == entry.operation
                        && it.key == entry.key
                        && it.number == entry.number
                })
                .count();
            hold!(
                "I6",
                failures <= MOST_FAILURES,
                "{:?} of {} failed {failures} times in a second",
                entry.operation,
                entry.key
            );
        }
        self.watch.requests.insert(place, entries.len());
        Ok(())
    }
}

/// A request of another transfer for the same object that was under way when this one began. One
/// that was cut off never ended, and to take an upload back disturbs no other transfer.
fn other_beside(earlier: &[Entry], entry: &Entry) -> Option<Operation> {
    let claims = |it: &Entry| it.owner.is_some() && it.operation != Operation::Abort;
    if !claims(entry) {
        return None;
    }
    let beside = earlier.iter().rev().find(|it| {
        it.key == entry.key
            && claims(it)
            && it.owner != entry.owner
            && it.ended.is_some_and(|ended| ended > entry.at)
    });
    beside.map(|it| it.operation)
}

/// Whether one request was over when another began.
fn ended_before(one: &Entry, other: &Entry) -> bool {
    one.ended.is_some_and(|ended| ended <= other.at)
}

/// Whether the upload of an Initiate may have been taken back before anything was in it: after a
/// crash, where another transfer of the object could not tell it from its own.
fn was_discarded_empty(earlier: &[Entry], entry: &Entry) -> bool {
    let succeeded = |it: &&Entry| it.ending == Ending::Succeeded;
    let aborted = earlier
        .iter()
        .filter(succeeded)
        .any(|it| it.operation == Operation::Abort && it.key == entry.key);
    let sent = earlier
        .iter()
        .filter(succeeded)
        .any(|it| it.operation == Operation::UploadPart && it.owner == entry.owner);
    aborted && !sent
}
