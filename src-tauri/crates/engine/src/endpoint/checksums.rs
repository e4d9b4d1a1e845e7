//! What each profile's store answers with, as its answers taught. The journal keeps it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ferry_journal::Journal;
use ferry_model::{ChecksumSupport, Profile, ProfileId};

use crate::lock::lock;

/// All profiles. Another endpoint is another store.
#[derive(Debug, Default)]
pub(crate) struct Checksums {
    known: Mutex<BTreeMap<(ProfileId, String), Arc<KnownChecksums>>>,
}

impl Checksums {
    /// What is known of the profile's store.
    pub(crate) async fn of(&self, journal: &Journal, profile: &Profile) -> Arc<KnownChecksums> {
        let place = (profile.id, profile.endpoint.clone());
        if let Some(known) = lock(&self.known).get(&place) {
            return Arc::clone(known);
        }
        let mut support = ChecksumSupport::before_answers(profile.provider);
        if support == ChecksumSupport::Unknown {
            // What cannot be read is learnt again.
            support = journal.checksum_support(profile.id).await.unwrap_or_default();
        }
        let known = Arc::new(KnownChecksums { place: place.clone(), support: Mutex::new(support) });
        // Many may have asked at once: all go on with the same.
        Arc::clone(lock(&self.known).entry(place).or_insert(known))
    }
}

/// What is known of one profile's store.
#[derive(Debug)]
pub(crate) struct KnownChecksums {
    place: (ProfileId, String),
    support: Mutex<ChecksumSupport>,
}

impl KnownChecksums {
    pub(crate) fn support(&self) -> ChecksumSupport {
        *lock(&self.support)
    }

    /// Keeps what an answer taught.
    pub(crate) async fn learn(
        &self,
        journal: &Journal,
        teach: impl FnOnce(ChecksumSupport) -> ChecksumSupport,
    ) {
        let support = {
            let mut support = lock(&self.support);
            let taught = teach(*support);
            if taught == *support {
                return;
            }
            *support = taught;
            taught
        };
        tracing::debug!(profile = %self.place.0, ?support, "checksums of the store");
        // Nothing depends on it: the next run learns it again.
        if let Err(error) =
            journal.keep_checksum_support(self.place.0, &self.place.1, support).await
        {
            tracing::warn!(%error, "what the store's answers taught was not kept");
        }
    }
}
