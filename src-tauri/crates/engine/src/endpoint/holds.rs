//! Profiles whose transfers wait until the user changes something: credentials, permission, bucket.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ferry_model::{Fault, ProfileId};

use crate::events::{EngineEvent, Events};
use crate::lock::lock;

#[derive(Debug)]
pub(crate) struct Holds {
    held: Mutex<BTreeMap<ProfileId, Fault>>,
    events: Events,
}

impl Holds {
    pub(crate) fn new(events: Events) -> Self {
        Self { held: Mutex::default(), events }
    }

    pub(crate) fn hold(&self, profile: ProfileId, fault: Fault) {
        lock(&self.held).insert(profile, fault);
        self.events.emit(EngineEvent::Holds);
    }

    pub(crate) fn release(&self, profile: ProfileId) {
        if lock(&self.held).remove(&profile).is_some() {
            self.events.emit(EngineEvent::Holds);
        }
    }

    /// Lets a profile go if it is held for this very reason.
    pub(crate) fn release_from(&self, profile: ProfileId, reason: &Fault) {
        if lock(&self.held).get(&profile) == Some(reason) {
            self.release(profile);
        }
    }

    pub(crate) fn is_held(&self, profile: ProfileId) -> bool {
        lock(&self.held).contains_key(&profile)
    }

    pub(crate) fn all(&self) -> BTreeMap<ProfileId, Fault> {
        lock(&self.held).clone()
    }
}
