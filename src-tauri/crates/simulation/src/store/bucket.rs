//! A bucket with all that happened to it, which outlives the programs that talk to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ferry_model::{Credentials, Provider};

use super::contents::{Contents, Manners, Request};
use super::course::Script;
use super::fuse::Fuse;
use super::ledger::Ledger;
use super::wire::MemoryStore;
use crate::clock::WorldClock;

/// Requests that one life may make: more are made by nothing that waits between two tries.
const MOST_REQUESTS: usize = 100_000;

/// A service: its dialect, its manners, and its name in errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// The dialect.
    pub provider: Provider,
    /// Where it differs from others of that dialect.
    pub manners: Manners,
}

impl Service {
    /// As the provider documents it.
    pub fn of(provider: Provider) -> Self {
        Self { provider, manners: Manners::of(provider) }
    }
}

/// A bucket with all that happened to it. It outlives the programs that talk to it.
pub struct MemoryBucket {
    pub(super) service: Service,
    pub(super) clock: Arc<WorldClock>,
    pub(super) fuse: Arc<Fuse>,
    state: Mutex<State>,
}

impl std::fmt::Debug for MemoryBucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryBucket").field("service", &self.service).finish_non_exhaustive()
    }
}

/// What a [`MemoryBucket`] holds.
pub struct State {
    /// Objects and uploads.
    pub contents: Contents,
    /// Requests.
    pub ledger: Ledger,
    /// Access keys that have ended.
    pub ended_keys: BTreeSet<String>,
    pub(super) script: Box<dyn Script>,
    /// Requests that are carried out later, by when and in which order they came.
    pub(super) late: BTreeMap<(Duration, usize), Request>,
    /// Uploads that are being merged.
    pub(super) merging: BTreeSet<String>,
    pub(super) most_requests: usize,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("contents", &self.contents).finish_non_exhaustive()
    }
}

impl MemoryBucket {
    /// An empty bucket.
    pub fn new(
        service: Service,
        clock: Arc<WorldClock>,
        fuse: Arc<Fuse>,
        script: Box<dyn Script>,
    ) -> Arc<Self> {
        let state = State {
            contents: Contents::new(service.provider, service.manners),
            ledger: Ledger::default(),
            ended_keys: BTreeSet::new(),
            script,
            late: BTreeMap::new(),
            merging: BTreeSet::new(),
            most_requests: MOST_REQUESTS,
        };
        Arc::new(Self { service, clock, fuse, state: Mutex::new(state) })
    }

    /// Lets one life make so many requests more. Beyond its number, none is answered.
    pub fn expect_requests(&self, more: usize) {
        self.state().most_requests += more;
    }

    /// A client that gives up on a silent store after `idle`.
    pub fn client(self: &Arc<Self>, credentials: Credentials, idle: Duration) -> MemoryStore {
        MemoryStore::new(Arc::clone(self), credentials, idle)
    }

    /// Everything in it, with what is due carried out.
    pub fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().expect("no code panics while holding this lock");
        state.settle(&self.clock);
        state
    }
}

impl State {
    /// Carries out what is due.
    fn settle(&mut self, clock: &WorldClock) {
        while let Some(entry) = self.late.first_entry() {
            if entry.key().0 > clock.elapsed() {
                return;
            }
            let ((_, index), request) = entry.remove_entry();
            if let Request::Complete { id, .. } = &request {
                self.merging.remove(id);
            }
            if self.contents.serve(request, clock.true_time()).is_ok() {
                self.ledger.at(index).carried_out = true;
            }
        }
    }

    /// Whether anything is still to be carried out.
    pub fn is_settled(&self) -> bool {
        self.late.is_empty()
    }
}
