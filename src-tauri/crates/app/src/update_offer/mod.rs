//! What is known of a newer Ferry: where releases are told of, which one is on offer, and how far its
//! installation is.

mod release;

use std::sync::Mutex;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::messages::{Notice, UpdateStep};
use crate::publisher::lock;
pub(crate) use release::Release;

/// Where releases are told of, what they are signed by, and what the host can install.
#[derive(Debug, Clone)]
pub struct UpdateSource {
    place: String,
    key: String,
    pub(crate) targets: Vec<String>,
}

impl UpdateSource {
    /// The one that a build knows: the address of `latest.json`, and the public key of minisign in
    /// base64, as Tauri's tool writes it. `targets` are the names of the packages that can be
    /// installed over this Ferry, the best first; none where a package manager does that. `None`
    /// where either is missing, or cannot be used.
    pub fn of_build(place: Option<&str>, key: Option<&str>, targets: Vec<String>) -> Option<Self> {
        let (place, key) = (place?.to_owned(), key?.to_owned());
        if !release::is_key(&key) {
            tracing::warn!("the key of the updates is none: there are no updates");
            return None;
        }
        Some(Self { place, key, targets })
    }

    /// Where releases are told of.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What they are signed by.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// What is known of newer releases.
#[derive(Debug)]
pub(crate) struct Updates {
    pub(crate) source: Option<UpdateSource>,
    state: Mutex<State>,
    /// Wakes who looks as the setting says: it changed.
    pub(crate) changed: Notify,
}

#[derive(Debug)]
struct State {
    /// Whether it is looked without being asked.
    on: bool,
    offer: Option<Offer>,
}

/// A newer release, and how far its installation is.
#[derive(Debug, Clone)]
struct Offer {
    release: Release,
    /// The user said "later": it is told no more in this run, unless asked for.
    is_put_off: bool,
    package: Fetched,
}

#[derive(Debug, Clone)]
enum Fetched {
    No,
    UnderWay,
    /// It has the right signature.
    Whole(Bytes),
}

/// A package that the user wants installed, and that has the right signature.
#[derive(Debug, Clone)]
pub struct ReadyUpdate {
    /// The list of releases that told of it.
    pub manifest: serde_json::Value,
    /// Its bytes.
    pub package: Bytes,
}

impl Updates {
    pub(crate) fn new(source: Option<UpdateSource>, on: bool) -> Self {
        let state = Mutex::new(State { on, offer: None });
        Self { source, state, changed: Notify::new() }
    }

    /// Whether this build can look, and does: `None` where it cannot.
    pub(crate) fn setting(&self, stored: bool) -> Option<bool> {
        self.source.as_ref().map(|_| stored)
    }

    /// Follows the setting.
    pub(crate) fn follow(&self, on: bool) {
        let before = std::mem::replace(&mut lock(&self.state).on, on);
        if before != on {
            self.changed.notify_one();
        }
    }

    pub(crate) fn looks(&self) -> bool {
        self.source.is_some() && lock(&self.state).on
    }

    /// The line about a newer release, under this number.
    pub(crate) fn notice(&self, id: u64) -> Option<Notice> {
        let state = lock(&self.state);
        let offer = state.offer.as_ref().filter(|offer| !offer.is_put_off)?;
        Some(Notice::NewVersion {
            id,
            version: offer.release.version.to_string(),
            notes: offer.release.notes.clone(),
            step: match (&offer.package, &offer.release.package, &offer.release.page) {
                (Fetched::UnderWay, ..) => UpdateStep::Downloading,
                (Fetched::Whole(_), ..) => UpdateStep::Ready,
                (Fetched::No, Some(_), _) => UpdateStep::Install,
                (Fetched::No, None, Some(_)) => UpdateStep::OpenPage,
                (Fetched::No, None, None) => UpdateStep::Told,
            },
        })
    }

    /// Tells of it no more in this run.
    pub(crate) fn put_off(&self) {
        if let Some(offer) = &mut lock(&self.state).offer {
            offer.is_put_off = true;
        }
    }

    /// Takes what was found. What the user said of the same version holds, unless they asked now;
    /// what is being fetched, or is whole, stays.
    pub(crate) fn found(&self, newer: Option<Release>, asked: Asked) {
        let mut state = lock(&self.state);
        let before = state.offer.take();
        state.offer = match (before, newer) {
            (Some(kept), _) if !matches!(kept.package, Fetched::No) => {
                Some(Offer { is_put_off: kept.is_put_off && asked == Asked::No, ..kept })
            }
            (before, Some(release)) => {
                let same = before.filter(|it| it.release.version == release.version);
                let was_put_off = same.is_some_and(|it| it.is_put_off);
                let is_put_off = was_put_off && asked == Asked::No;
                Some(Offer { release, is_put_off, package: Fetched::No })
            }
            (_, None) => None,
        };
    }

    /// Begins to fetch the package of the release on offer, if nothing does yet.
    pub(crate) fn begin_fetching(&self) -> Option<Release> {
        let mut state = lock(&self.state);
        let offer = state.offer.as_mut()?;
        let may = matches!(offer.package, Fetched::No) && offer.release.package.is_some();
        may.then(|| {
            offer.package = Fetched::UnderWay;
            offer.release.clone()
        })
    }

    /// What is to be installed.
    pub(crate) fn ready(&self) -> Option<ReadyUpdate> {
        let state = lock(&self.state);
        let offer = state.offer.as_ref()?;
        match &offer.package {
            Fetched::Whole(package) => Some(ReadyUpdate {
                manifest: offer.release.manifest.clone(),
                package: package.clone(),
            }),
            Fetched::No | Fetched::UnderWay => None,
        }
    }

    /// The page of the release on offer.
    pub(crate) fn page(&self) -> Option<String> {
        lock(&self.state).offer.as_ref()?.release.page.clone()
    }

    pub(crate) fn end_fetching(&self, package: Option<Bytes>) {
        if let Some(offer) = &mut lock(&self.state).offer {
            offer.package = package.map_or(Fetched::No, Fetched::Whole);
        }
    }
}

/// Who wants a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The user, now.
    Yes,
    /// The setting.
    No,
}
