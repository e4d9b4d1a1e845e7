//! Which speed limits hold now: that of the settings, or of a command, and those of profiles. They
//! change with the hours, so whoever reads the clock stands here alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ferry_model::ProfileId;
use ferry_model::schedule::{Limit, LimitSchedule, TimeOfDay};
use tokio::sync::Notify;

use crate::calendar::time_of_day;
use crate::publisher::lock;

/// What a clock on the wall shows.
pub(crate) type WallTime = Arc<dyn Fn() -> TimeOfDay + Send + Sync>;

/// This computer's clock, in its time zone.
pub(crate) fn local_time() -> WallTime {
    Arc::new(|| time_of_day(&jiff::Zoned::now()))
}

/// The schedules, and the clock that they are held against.
pub(crate) struct ScheduledLimits {
    schedules: Mutex<Schedules>,
    /// Wakes who waits for another schedule.
    pub(crate) changed: Notify,
    time: WallTime,
}

#[derive(Debug, Default)]
pub(crate) struct Schedules {
    pub(crate) settings: LimitSchedule,
    /// What a command says for its own run.
    pub(crate) this_run: Option<LimitSchedule>,
    /// Of the profiles that have one.
    pub(crate) profiles: BTreeMap<ProfileId, LimitSchedule>,
}

impl Schedules {
    fn of_all(&self) -> &LimitSchedule {
        self.this_run.as_ref().unwrap_or(&self.settings)
    }
}

impl std::fmt::Debug for ScheduledLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScheduledLimits")
            .field("schedules", &self.schedules)
            .finish_non_exhaustive()
    }
}

impl ScheduledLimits {
    pub(crate) fn new(settings: LimitSchedule, time: WallTime) -> Self {
        let schedules = Schedules { settings, ..Schedules::default() };
        Self { schedules: Mutex::new(schedules), changed: Notify::new(), time }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Schedules)) {
        change(&mut lock(&self.schedules));
        self.changed.notify_one();
    }

    /// The limit of all transfers together.
    pub(crate) fn of_all(&self) -> Limit {
        lock(&self.schedules).of_all().at((self.time)())
    }

    /// The rates of the profiles that have a limit.
    pub(crate) fn of_profiles(&self) -> BTreeMap<ProfileId, u64> {
        let (schedules, now) = (lock(&self.schedules), (self.time)());
        schedules.profiles.iter().map(|(id, schedule)| (*id, schedule.at(now).rate)).collect()
    }

    /// Whether another limit comes with another hour.
    pub(crate) fn change_with_hours(&self) -> bool {
        let (schedules, now) = (lock(&self.schedules), (self.time)());
        let mut all = schedules.profiles.values().chain([schedules.of_all()]);
        all.any(|schedule| schedule.at(now).until.is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU16, Ordering};

    use super::*;

    #[test]
    fn another_hour_brings_another_rate_also_when_the_clock_jumps() {
        let hour = Arc::new(AtomicU16::new(7));
        let clock = Arc::clone(&hour);
        let time: WallTime =
            Arc::new(move || TimeOfDay::new(clock.load(Ordering::Relaxed), 0).expect("an hour"));
        let read = |text: &str| text.parse().expect("reads");
        let limits = ScheduledLimits::new(read("08:00-19:00=2MiB/s,22:00-06:00=off,1MiB/s"), time);
        let profile = ProfileId(3);
        let profiles = BTreeMap::from([(profile, read("06:00-20:00=5MiB/s,off"))]);
        limits.change(|schedules| schedules.profiles = profiles);
        for (now, all, of_profile) in
            [(7, 1, 5), (8, 2, 5), (9, 2, 5), (23, 0, 0), (5, 0, 0), (20, 1, 0), (7, 1, 5)]
        {
            hour.store(now, Ordering::Relaxed);
            let rates = (limits.of_all().rate, limits.of_profiles()[&profile]);
            assert_eq!(rates, (all << 20, of_profile << 20), "{now}");
        }
        limits.change(|schedules| schedules.this_run = Some(read("3MiB/s")));
        assert_eq!(limits.of_all(), Limit { rate: 3 << 20, until: None }, "the command's own");
        assert!(limits.change_with_hours(), "the profile's does");
        limits.change(|schedules| schedules.profiles.clear());
        assert!(!limits.change_with_hours());
    }
}
