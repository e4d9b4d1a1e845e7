//! Which checksums a transfer's requests ask for, and what its answers teach of the store.

use ferry_model::checksum::Wanted;
use ferry_model::checksum_support::Asked;
use ferry_model::{ChecksumSupport, Provider};
use ferry_storage::Announce;

use crate::transfer::task::Task;

/// How the requests of one run speak of CRC-64/NVME.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// As the profile's store is known to take it.
    AsKnown,
    /// As known; the upload was begun in this run, and announced it.
    Announced,
    /// Not at all: a request that did was refused.
    Refused,
}

impl Task {
    /// What is computed over bytes that are sent: what the store's answers may be compared with.
    pub(crate) fn wanted(&self) -> Wanted {
        let wanted = self.support().wanted(self.profile.provider, self.row.integrity);
        // Parts that were proven by their MD5 alone: the whole object is, too. What cannot be read
        // again is ready for either.
        let by_md5 = self.profile.provider == Provider::S3
            && (self.parts.values().any(|part| part.crc64_nvme.is_none()) || self.once.is_some());
        if by_md5 { wanted.and_md5() } else { wanted }
    }

    /// What is known of the store's checksums, for this run's requests.
    pub(crate) fn support(&self) -> ChecksumSupport {
        match self.asking {
            Asking::AsKnown | Asking::Announced => self.checksums.support(),
            Asking::Refused => ChecksumSupport::Never,
        }
    }

    /// Keeps what an answer teaches, that came to a request which asked so.
    pub(crate) async fn learn(&self, asked: Asked, crc64_nvme: Option<u64>) {
        let unclear = asked == Asked::Announced && self.asking != Asking::Announced;
        if crc64_nvme.is_none() && unclear {
            // The upload may be of a run that announced nothing.
            return;
        }
        self.teach(|known| known.after(asked, crc64_nvme)).await;
    }

    /// Keeps that the store refuses requests that speak of checksums.
    pub(crate) async fn learn_refusal(&self) {
        if self.asking == Asking::Refused {
            self.teach(|_| ChecksumSupport::Never).await;
        }
    }

    async fn teach(&self, teach: impl FnOnce(ChecksumSupport) -> ChecksumSupport) {
        self.checksums.learn(&self.shared.journal, teach).await;
        self.tell_client();
    }

    pub(super) fn tell_client(&self) {
        self.store.ask_for_checksums(match self.checksums.support().is_told() {
            true => Announce::Crc64Nvme,
            false => Announce::Nothing,
        });
    }
}
