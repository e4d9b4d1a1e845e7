//! What is active but will not be sent for now, because its endpoint or its profile waits.

use std::collections::BTreeSet;
use std::time::Duration;

use ferry_journal::{Backlog, Journal};
use ferry_model::{Fault, ProfileId};
use tokio::time::Instant;

/// What reads a long queue through, to count, to sum or to sort, takes at most this share of the
/// time.
pub(crate) const SHARE: u32 = 10;
/// How old the sum of what waits may be: it reads a long queue through.
pub(crate) const WAITING_AGE: Duration = Duration::from_secs(2);

/// The backlogs of the profiles that wait, as they were summed up last.
pub(crate) struct Waiting {
    profiles: BTreeSet<ProfileId>,
    backlogs: Vec<Backlog>,
    at: Instant,
}

impl Waiting {
    pub(crate) fn new(now: Instant) -> Self {
        Self { profiles: BTreeSet::new(), backlogs: Vec::new(), at: now }
    }

    /// Sums up what these profiles have to send yet. Returns when to do so again where it did not,
    /// because the sums are young: rows may have changed since.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn refresh(
        &mut self,
        journal: &Journal,
        profiles: BTreeSet<ProfileId>,
    ) -> Result<Option<Instant>, Fault> {
        if profiles == self.profiles && (profiles.is_empty() || self.at.elapsed() < WAITING_AGE) {
            return Ok((!profiles.is_empty()).then(|| self.at + WAITING_AGE));
        }
        let list: Vec<ProfileId> = profiles.iter().copied().collect();
        self.backlogs = if list.is_empty() {
            Vec::new()
        } else {
            journal.backlogs(&list).await.map_err(|error| error.fault())?
        };
        (self.profiles, self.at) = (profiles, Instant::now());
        Ok(None)
    }

    /// Their bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.backlogs.iter().map(|backlog| backlog.unsent).sum()
    }

    /// The files of some of the profiles.
    pub(crate) fn files_of(&self, wanted: impl Fn(ProfileId) -> bool) -> u64 {
        let backlogs = self.backlogs.iter().filter(|backlog| wanted(backlog.profile));
        backlogs.map(|backlog| backlog.files).sum()
    }
}
