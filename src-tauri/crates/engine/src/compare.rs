//! Does the store's object agree with the file? The only place that may say so.

use ferry_model::{Event, ExistingPolicy, Fault, FaultKind, Found, Integrity, Phase, Provider};
use ferry_storage::{EtagMeaning, ObjectHead};

use crate::checksum::{Checksums, combine, multipart_etag, same_etag};
use crate::options::FERRY_ID;
use crate::transfer::attempts::Failed;
use crate::transfer::task::Task;

/// Looks at an absent object again: a store that was cut off in the middle of a Complete goes on
/// with it.
const LOOKS: u32 = 4;

/// What an object's content says against what was computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// Size and a checksum agree.
    Agrees,
    /// Size or checksum differ.
    Differs,
    /// The size agrees, and there is no checksum to compare.
    Unknown,
}

impl Task {
    /// HeadObject after the merge: the last word before done.
    pub(crate) async fn verify(&mut self) -> Result<Event, Failed> {
        let key = self.row.key.clone();
        let Some(head) = self.head(&key).await? else { return Ok(Event::Inspected(Found::Absent)) };
        self.expect().await?;
        let ours = self.is_ours(&head);
        Ok(match self.agreement(&head) {
            Agreement::Agrees => {
                self.row.etag = head.etag.clone().or(self.row.etag.take());
                Event::Verified
            }
            // Content-MD5 went with every request, and the store refuses what does not match it.
            Agreement::Unknown if self.row.integrity == Integrity::Strict && ours => {
                Event::Verified
            }
            Agreement::Unknown => return Err(Fault::new(FaultKind::Unproven).into()),
            Agreement::Differs if ours => Event::Inspected(Found::Corrupt),
            Agreement::Differs => Event::Inspected(Found::Other),
        })
    }

    /// HeadObject to learn whose object is there.
    pub(crate) async fn inspect(&mut self) -> Result<Event, Failed> {
        let mut looks = if matches!(self.machine.phase, Phase::Merged(_)) { LOOKS } else { 1 };
        let key = self.row.key.clone();
        let head = loop {
            looks -= 1;
            match self.head(&key).await? {
                Some(head) => break head,
                None if looks == 0 => return Ok(Event::Inspected(Found::Absent)),
                None => tokio::time::sleep(std::time::Duration::from_secs(2)).await,
            }
        };
        let found = match self.found(&head).await {
            // It is being taken back: a file that cannot be compared any more is no reason to keep
            // it.
            Err(_) if self.machine.phase == Phase::Withdrawing => Found::Other,
            found => found?,
        };
        let undecided = matches!(self.machine.phase, Phase::Contested(_)) && found == Found::Other;
        match self.row.existing {
            ExistingPolicy::Skip if undecided => Ok(Event::LeftOut),
            ExistingPolicy::Rename if undecided => {
                self.take_free_name().await?;
                Ok(Event::Renamed)
            }
            _ => Ok(Event::Inspected(found)),
        }
    }

    /// Whose object this is. The file is read for its checksum only if the size agrees and nothing
    /// was computed before.
    pub(crate) async fn found(&mut self, head: &ObjectHead) -> Result<Found, Failed> {
        let ours = self.is_ours(head);
        if head.size == self.row.size {
            self.expect().await?;
        }
        Ok(match self.agreement(head) {
            Agreement::Agrees if ours => Found::Ours,
            Agreement::Agrees => Found::Identical,
            Agreement::Unknown if ours && self.row.integrity == Integrity::Strict => Found::Ours,
            Agreement::Differs if ours => Found::Corrupt,
            Agreement::Unknown | Agreement::Differs => Found::Other,
        })
    }

    fn is_ours(&self, head: &ObjectHead) -> bool {
        head.metadata.get(FERRY_ID).is_some_and(|id| *id == self.row.ferry_id)
    }

    pub(crate) fn agreement(&self, head: &ObjectHead) -> Agreement {
        if head.size != self.row.size {
            return Agreement::Differs;
        }
        let told = |same| if same { Agreement::Agrees } else { Agreement::Differs };
        if let (Some(theirs), Some(ours)) = (head.crc64, self.row.crc64) {
            return told(theirs == ours);
        }
        match (&head.etag, &self.row.etag) {
            // Another cut into parts makes another ETag of the same bytes: nothing can be said
            // then.
            (Some(theirs), Some(ours))
                if head.etag_meaning == EtagMeaning::Md5 && parts_in(theirs) == parts_in(ours) =>
            {
                told(same_etag(theirs, ours))
            }
            _ => Agreement::Unknown,
        }
    }

    /// Makes sure that the file's own checksums are known, by reading it if they are not.
    async fn expect(&mut self) -> Result<(), Failed> {
        let etag_known = self.profile.provider == Provider::Oss || self.row.etag.is_some();
        if self.row.crc64.is_some() && etag_known {
            return Ok(());
        }
        let mut sums = Vec::new();
        if self.row.size == 0 || self.plan().fits_one_request() {
            sums.push(self.range(0, self.row.size)?.checksums(self.md5()).await?);
        } else {
            for part in self.plan().parts() {
                sums.push(self.range(part.offset, part.len)?.checksums(self.md5()).await?);
            }
        }
        self.remember(&sums);
        Ok(())
    }

    /// Keeps the whole file's checksums from those of its pieces in order.
    pub(crate) fn remember(&mut self, sums: &[Checksums]) {
        self.row.crc64 = Some(combine(sums.iter().map(|sum| (sum.crc64, sum.len))));
        let md5s: Option<Vec<[u8; 16]>> = sums.iter().map(|sum| sum.md5).collect();
        self.row.etag = match md5s.as_deref() {
            Some([whole]) if self.plan().fits_one_request() => Some(hex::encode(whole)),
            Some(parts) => Some(multipart_etag(parts)),
            None => None,
        };
    }
}

/// The `N` of an ETag that ends in `-N`: in how many parts the object was sent; `None` for one
/// request.
fn parts_in(etag: &str) -> Option<u32> {
    etag.trim_matches('"').rsplit_once('-').and_then(|(_, parts)| parts.parse().ok())
}
