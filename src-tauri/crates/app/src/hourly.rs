//! Keeps the speed limits of the hour in force.

use ferry_model::Fault;
use ferry_model::schedule::{Limit, LimitSchedule};

use crate::app::App;
use crate::calendar::look_due;

/// Looks at the clock until the app shuts down; not at all while no limit changes with the hours.
pub(crate) fn start(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        let stop = app.inner.publisher.stop.clone();
        let limits = &app.inner.limits;
        while look_due(&stop, &limits.changed, limits.change_with_hours()).await {
            app.enforce_limits();
        }
    });
}

impl App {
    /// The speed limit that holds now for all transfers together, where it changes with the hours.
    pub fn hourly_limit(&self) -> Option<Limit> {
        Some(self.inner.limits.of_all()).filter(|limit| limit.until.is_some())
    }

    pub(crate) fn set_limit(&self, schedule: LimitSchedule) {
        self.inner.limits.change(|schedules| schedules.settings = schedule);
        self.enforce_limits();
    }

    pub(crate) fn set_limit_of_this_run(&self, schedule: LimitSchedule) {
        self.inner.limits.change(|schedules| schedules.this_run = Some(schedule));
        self.enforce_limits();
    }

    /// Takes over what the profiles say.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn read_profile_limits(&self) -> Result<(), Fault> {
        let profiles = self.inner.journal.profiles().await.map_err(|error| error.fault())?;
        let limits = profiles.into_iter().map(|profile| (profile.id, profile.speed_limit));
        let profiles = limits.filter(|(_, limit)| *limit != LimitSchedule::default()).collect();
        self.inner.limits.change(|schedules| schedules.profiles = profiles);
        self.enforce_limits();
        Ok(())
    }

    fn enforce_limits(&self) {
        let limits = &self.inner.limits;
        self.inner.engine.set_limits(limits.of_all().rate, &limits.of_profiles());
    }
}
