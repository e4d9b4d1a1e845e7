//! The effects that look at the store's object: its last word before done, and whose it is.

use std::time::UNIX_EPOCH;

use ferry_model::checksum::{Checksums, Crc64, Wanted, md5_hex, multipart_etag};
use ferry_model::existing::{self, ExistingObject, Fit, MOST_DAMAGED, Resolution};
use ferry_model::machine::LOOK_PAUSE;
use ferry_model::verdict::{Answer, Local, Maker, proof, verdict};
use ferry_model::{
    EtagMeaning, Event, ExistingPolicy, Fault, FaultKind, Found, Phase, Provider, Repeat, Verdict,
};
use ferry_storage::ObjectHead;

use crate::options::FERRY_ID;
use crate::transfer::attempts::Failed;
use crate::transfer::task::Task;

/// An object of this transfer's own that disagrees with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnDamaged {
    /// Its ETag, so that no other client's object is replaced in its place.
    pub(crate) etag: Option<String>,
}

/// What a person is told of an object that is in the way.
pub(crate) fn existing_object(head: &ObjectHead) -> ExistingObject {
    let since = head.last_modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified_ms = since.and_then(|since| i64::try_from(since.as_millis()).ok());
    ExistingObject { size: head.size, modified_ms }
}

impl OwnDamaged {
    pub(crate) fn of(head: &ObjectHead) -> Self {
        Self { etag: head.etag.clone() }
    }
}

impl Task {
    /// HeadObject after the merge: the last word before done.
    pub(crate) async fn verify(&mut self) -> Result<Event, Failed> {
        let Some(head) = self.look().await? else { return Ok(Event::Inspected(Found::Absent)) };
        self.expect(&head).await?;
        Ok(match self.agreement(&head) {
            Verdict::Agrees => {
                self.remember_proof(&head);
                self.row.etag = head.etag.clone().or(self.row.etag.take());
                self.made.version_id = head.version_id.or(self.made.version_id.take());
                Event::Verified
            }
            Verdict::Unknown => return Err(Fault::new(FaultKind::Unproven).into()),
            Verdict::Differs if self.is_ours(&head) => self.own_differs(OwnDamaged::of(&head)),
            Verdict::Differs => Event::Inspected(Found::Other),
        })
    }

    /// An object of ours disagrees: the next try replaces it, until the tries are used up.
    pub(crate) fn own_differs(&mut self, own: OwnDamaged) -> Event {
        self.own_damaged = Some(own);
        self.damaged += 1;
        if self.damaged > MOST_DAMAGED {
            let key = self.row.key.clone();
            Event::Faulted(Fault::new(FaultKind::DamagedObject).with_subject(key))
        } else {
            Event::Inspected(Found::Corrupt)
        }
    }

    /// HeadObject, as often as the machine says before it is believed that nothing is there.
    async fn look(&self) -> Result<Option<ObjectHead>, Failed> {
        let mut looks = self.machine.looks();
        loop {
            looks -= 1;
            let head = self.head(&self.row.key).await?;
            if head.is_some() || looks == 0 {
                return Ok(head);
            }
            self.attempts.pause(LOOK_PAUSE).await;
        }
    }

    /// HeadObject to learn whose object is there.
    pub(crate) async fn inspect(&mut self) -> Result<Event, Failed> {
        let Some(head) = self.look().await? else {
            self.own_damaged = None;
            return Ok(Event::Inspected(Found::Absent));
        };
        if !self.is_ours(&head) {
            // Another client's stands where ours was damaged: that is not ours to replace.
            self.own_damaged = None;
        }
        // Only an object of ours would end it here: no other is read for.
        if matches!(self.machine.phase, Phase::Vanished(_)) && !self.is_ours(&head) {
            return Ok(Event::Inspected(Found::Other));
        }
        let found = match self.found(&head).await {
            // It is being taken back: a file that cannot be compared any more is no reason to keep
            // it.
            Err(_) if self.machine.phase == Phase::Withdrawing => Found::Other,
            found => found?,
        };
        match self.machine.phase {
            // What an earlier try left there damaged is replaced by the next.
            Phase::Putting | Phase::Contested(_) | Phase::Merged(_) | Phase::Vanished(_)
                if found == Found::Corrupt =>
            {
                Ok(self.own_differs(OwnDamaged::of(&head)))
            }
            Phase::Contested(_) => self.decided(&head, found).await,
            // Whether it has the options asked for is decided when the name is refused.
            Phase::Putting if found == Found::Identical => Ok(Event::Inspected(Found::Other)),
            _ => Ok(Event::Inspected(found)),
        }
    }

    /// What the policy makes of an object that was in the way.
    async fn decided(&mut self, head: &ObjectHead, found: Found) -> Result<Event, Failed> {
        self.own_damaged = None;
        self.row.there = Some(existing_object(head));
        Ok(match self.decision(head, found).await? {
            Resolution::Send => Event::Inspected(Found::Absent),
            Resolution::Done | Resolution::Ask | Resolution::ReplaceOwn => {
                // Refused because of an object that has this very content.
                self.already_there = found == Found::Identical;
                Event::Inspected(found)
            }
            Resolution::AskAboutOptions => Event::OptionsDiffer,
            Resolution::LeaveOut => Event::LeftOut,
            Resolution::Rename => {
                // An open upload is aborted under the key it has; the next look takes a free one.
                if self.machine.phase.upload_id().is_none() {
                    self.take_free_name().await?;
                }
                Event::Renamed
            }
        })
    }

    /// The table's decision. An identical object is given the ACL and the tags asked for: HEAD does
    /// not tell whether it has them.
    pub(crate) async fn decision(
        &self,
        head: &ObjectHead,
        found: Found,
    ) -> Result<Resolution, Failed> {
        let options = &self.batch.options;
        let (policy, provider) = (self.row.existing, self.profile.provider);
        let fit = existing::fit(options, provider, &head.attributes, &head.metadata);
        let decision = existing::decide(policy, found, fit);
        let asked = !options.acl.is_empty() || !options.tags.is_empty();
        let identical = found == Found::Identical
            && matches!(decision, Resolution::Done | Resolution::LeaveOut)
            && fit == Fit::Fits;
        if !identical || !asked {
            return Ok(decision);
        }
        if policy == ExistingPolicy::Skip {
            return Ok(Resolution::LeaveOut);
        }
        match self.put_acl_and_tags().await {
            Ok(()) => Ok(decision),
            // This store has no such operation: only a new object can have them.
            Err(Failed::Fault(fault))
                if matches!(
                    fault.kind,
                    FaultKind::Unsupported | FaultKind::OptionRefused | FaultKind::InvalidRequest
                ) =>
            {
                Ok(existing::decide(policy, found, Fit::Differs))
            }
            Err(failed) => Err(failed),
        }
    }

    async fn put_acl_and_tags(&self) -> Result<(), Failed> {
        let options = &self.batch.options;
        let key = &self.row.key;
        if !options.acl.is_empty() {
            let request = || self.store.put_acl(key, &options.acl);
            self.attempts.write(Repeat::Freely, request).await?;
        }
        if !options.tags.is_empty() {
            let tags = self.options().tagging;
            let request = || self.store.put_tagging(key, &tags);
            self.attempts.write(Repeat::Freely, request).await?;
        }
        Ok(())
    }

    /// Whose object this is. The file is read for its checksum only if the size agrees and nothing
    /// was computed before.
    pub(crate) async fn found(&mut self, head: &ObjectHead) -> Result<Found, Failed> {
        let ours = self.is_ours(head);
        if head.size == self.row.size {
            self.expect(head).await?;
        }
        let said = self.agreement(head);
        if said == Verdict::Agrees {
            self.remember_proof(head);
        }
        Ok(match said {
            Verdict::Agrees if ours => {
                // The answer that named it may be lost.
                self.made.version_id = head.version_id.clone().or(self.made.version_id.take());
                Found::Ours
            }
            Verdict::Agrees => Found::Identical,
            Verdict::Differs if ours => Found::Corrupt,
            Verdict::Unknown | Verdict::Differs => Found::Other,
        })
    }

    pub(crate) fn is_ours(&self, head: &ObjectHead) -> bool {
        head.metadata.get(FERRY_ID).is_some_and(|id| *id == self.row.ferry_id)
    }

    fn agreement(&self, head: &ObjectHead) -> Verdict {
        verdict(&self.local(), &self.told(head), self.row.integrity)
    }

    /// Keeps what the agreement rests on, for the receipt. Before the ETag of the object takes the
    /// place of the one computed here.
    fn remember_proof(&mut self, head: &ObjectHead) {
        self.made.proof = proof(&self.local(), &self.told(head), self.row.integrity);
    }

    fn told<'a>(&self, head: &'a ObjectHead) -> Answer<'a> {
        let maker = if self.is_ours(head) { Maker::ThisTransfer } else { Maker::Anybody };
        Answer {
            size: Some(head.size),
            crc64: head.crc64,
            crc64_nvme: head.crc64_nvme,
            etag: head.etag.as_deref(),
            etag_meaning: head.etag_meaning,
            maker,
        }
    }

    /// What was computed here over the whole file.
    pub(crate) fn local(&self) -> Local {
        Local {
            size: self.row.size,
            crc64: self.row.crc64,
            crc64_nvme: self.crc64_nvme,
            etag: self.row.etag.clone(),
            acknowledged: None,
        }
    }

    /// Makes sure that those of the file's checksums are known that this answer is compared with,
    /// by reading the file if they are not.
    async fn expect(&mut self, head: &ObjectHead) -> Result<(), Failed> {
        if self.can_compare(head) {
            return Ok(());
        }
        let in_one = self.row.size == 0 || self.plan().fits_one_request();
        if !in_one
            && self.parts.len() == self.ranges().len()
            && let Some(sums) = self.whole()
        {
            self.remember(&sums);
            if self.can_compare(head) {
                return Ok(());
            }
        }
        let wanted = match (self.profile.provider, head.crc64_nvme) {
            (Provider::Oss, _) => self.wanted(),
            (Provider::S3, Some(_)) => Wanted::WithNvme,
            (Provider::S3, None) => Wanted::WithMd5,
        };
        let mut sums = Vec::new();
        if in_one {
            sums.push(self.range(0, self.row.size).checksums(wanted).await?);
        } else {
            for part in self.ranges() {
                sums.push(self.range(part.offset, part.len).checksums(wanted).await?);
            }
        }
        self.remember(&sums);
        Ok(())
    }

    fn can_compare(&self, head: &ObjectHead) -> bool {
        let by_nvme = self.crc64_nvme.is_some() && head.crc64_nvme.is_some();
        let says_nothing = head.crc64_nvme.is_some() && head.etag_meaning == EtagMeaning::Opaque;
        let by_etag = self.row.etag.is_some() && !says_nothing;
        self.row.crc64.is_some() && (self.profile.provider == Provider::Oss || by_nvme || by_etag)
    }

    /// Keeps the whole file's checksums from those of its pieces in order.
    pub(crate) fn remember(&mut self, sums: &[Checksums]) {
        self.row.crc64 = Crc64::Xz.combine_all(sums);
        self.crc64_nvme = Crc64::Nvme.combine_all(sums);
        let md5s: Option<Vec<[u8; 16]>> = sums.iter().map(|sum| sum.md5).collect();
        self.row.etag = match md5s.as_deref() {
            Some([whole]) if self.plan().fits_one_request() => Some(md5_hex(whole)),
            Some(parts) => Some(multipart_etag(parts)),
            None => None,
        };
    }
}
