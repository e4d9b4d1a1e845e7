//! Profiles as they were read last.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferry_model::{Profile, ProfileId};

/// Profiles as they were read, until one is written: each transfer asks for its own, and thousands
/// of small files would each wait for the journal's thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadProfiles(Arc<Mutex<Read>>);

#[derive(Debug, Default)]
struct Read {
    profiles: BTreeMap<ProfileId, Profile>,
    /// Writes since the journal was opened.
    writes: u64,
}

impl ReadProfiles {
    fn lock(&self) -> MutexGuard<'_, Read> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The profile, or how many were written by now.
    pub(crate) fn get(&self, id: ProfileId) -> Result<Profile, u64> {
        let read = self.lock();
        read.profiles.get(&id).cloned().ok_or(read.writes)
    }

    /// Keeps what was asked for after so many writes.
    pub(crate) fn keep(&self, profile: &Profile, writes: u64) {
        let mut read = self.lock();
        if read.writes == writes {
            read.profiles.insert(profile.id, profile.clone());
        }
    }

    /// Called inside of a write, hence between the reads before and after it.
    pub(crate) fn forget(&self) {
        let mut read = self.lock();
        read.profiles.clear();
        read.writes += 1;
    }
}
