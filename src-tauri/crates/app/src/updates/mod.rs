//! Looking for a newer Ferry: off until the user turns it on, and only in a build that knows where
//! its releases are. Nothing is fetched but the list of releases until the user wants the update,
//! and nothing is installed here: the shell does that when Ferry ends.

#[cfg(test)]
mod tests;

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use ferry_model::{Affects, Fault, FaultKind};
use ferry_storage::HttpClient;
use semver::Version;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::messages::Problem;
use crate::update_offer::{Asked, ReadyUpdate, Release, UpdateSource};

/// Time between two looks, and after one that failed.
const DAILY: Duration = Duration::from_secs(24 * 60 * 60);
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// Most bytes of the list of releases, and how long it may take.
const MOST_TOLD: usize = 256 << 10;
const LOOK_TIME: Duration = Duration::from_secs(60);
/// Most bytes of a package, and how long it may take.
const MOST_PACKAGE: usize = 256 << 20;
const PACKAGE_TIME: Duration = Duration::from_secs(10 * 60);

/// Looks at once and then daily, as long as the setting says so, until the app shuts down.
pub(crate) fn start(app: &App) {
    if app.inner.updates.source.is_none() {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        let (stop, updates) = (app.inner.publisher.stop.clone(), &app.inner.updates);
        let look = || async {
            let looked = app.look(Asked::No).await;
            // Never a notice: the user did not ask.
            if let Err(fault) = &looked {
                tracing::warn!(%fault, "could not look for a newer version");
            }
            looked.map(drop)
        };
        keep_looking(&stop, &updates.changed, || updates.looks(), look).await;
    });
}

async fn keep_looking<Look: Future<Output = Result<(), Fault>>>(
    stop: &CancellationToken,
    changed: &Notify,
    is_on: impl Fn() -> bool,
    look: impl Fn() -> Look,
) {
    loop {
        let on = is_on();
        let looked = if on { stop.run_until_cancelled(look()).await } else { Some(Ok(())) };
        let wait = match looked {
            None => return,
            Some(Ok(())) => DAILY,
            Some(Err(_)) => AGAIN,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = changed.notified() => {}
            () = tokio::time::sleep(wait), if on => {}
        }
    }
}

impl App {
    /// Looks for a newer version because the user asked; says whether there is one. A notice tells
    /// of it.
    ///
    /// # Errors
    /// [`FaultKind::UpdatesUnreachable`], [`FaultKind::UpdateRefused`]; those of proxies and
    /// certificates.
    pub async fn look_for_updates(&self) -> Result<bool, Problem> {
        Ok(self.look(Asked::Yes).await?)
    }

    async fn look(&self, asked: Asked) -> Result<bool, Fault> {
        let updates = &self.inner.updates;
        let Some(source) = &updates.source else { return Ok(false) };
        let http = self.update_client().await?;
        let told = http.fetch(source.place(), MOST_TOLD, LOOK_TIME).await.map_err(unreachable)?;
        let release = Release::read(&told, source.place(), &source.targets)?;
        let newer = Some(release).filter(|release| release.version > this_version());
        let is_newer = newer.is_some();
        updates.found(newer, asked);
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
        Ok(is_newer)
    }

    /// Fetches the update that is on offer, and checks its signature; it is installed when Ferry
    /// ends. Nothing happens where none is, or where it is being fetched.
    ///
    /// # Errors
    /// As [`App::look_for_updates`]. It is on offer again then.
    pub async fn install_update(&self) -> Result<(), Problem> {
        let updates = &self.inner.updates;
        let Some(source) = &updates.source else { return Ok(()) };
        let Some(release) = updates.begin_fetching() else { return Ok(()) };
        let stop = &self.inner.publisher.stop;
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
        let fetched = stop.run_until_cancelled(self.package_of(&release, source)).await;
        let fetched = fetched.transpose();
        updates.end_fetching(fetched.as_ref().ok().cloned().flatten());
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
        Ok(fetched.map(drop)?)
    }

    async fn package_of(&self, release: &Release, source: &UpdateSource) -> Result<Bytes, Fault> {
        let Some(package) = &release.package else { return Ok(Bytes::new()) };
        let http = self.update_client().await?;
        let fetched = http.fetch(&package.url, MOST_PACKAGE, PACKAGE_TIME).await;
        let bytes = fetched.map_err(unreachable)?;
        release.check(&bytes, source.key())?;
        Ok(bytes)
    }

    /// The update that is to be installed now that Ferry ends.
    pub fn ready_update(&self) -> Option<ReadyUpdate> {
        self.inner.updates.ready()
    }

    /// Where this build looks for releases, if anywhere.
    pub fn update_source(&self) -> Option<&UpdateSource> {
        self.inner.updates.source.as_ref()
    }

    /// The page of the release on offer.
    pub fn release_page(&self) -> Option<String> {
        self.inner.updates.page()
    }

    /// What releases are reached through: as the settings say.
    async fn update_client(&self) -> Result<HttpClient, Fault> {
        let reach = self.inner.engine.reach_beside_profiles().await?;
        self.inner.http.over(&reach.network, reach.proxy_password.as_ref())
    }
}

/// The version of this Ferry.
fn this_version() -> Version {
    Version::parse(env!("CARGO_PKG_VERSION")).expect("cargo's versions are such")
}

/// What the way to a store met is told of the way to a release; what the settings name stays.
fn unreachable(fault: Fault) -> Fault {
    if fault.kind.affects() == Affects::Profile {
        return fault;
    }
    let status = fault.status.map(|status| format!("HTTP {status}"));
    let detail = [Some(format!("{:?}", fault.kind)), status, fault.message];
    let detail: Vec<String> = detail.into_iter().flatten().collect();
    let kind = FaultKind::UpdatesUnreachable;
    Fault { subject: fault.subject, ..Fault::new(kind).with_detail(detail.join(": ")) }
}
