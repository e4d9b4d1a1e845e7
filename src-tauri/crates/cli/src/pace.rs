//! How fast a command may be, which may change with the hour.

use ferry_app::App;
use ferry_app::messages::Settings;
use ferry_app::model::Fault;
use ferry_app::model::schedule::{Limit, LimitSchedule, TimeOfDay};

use crate::args::PaceArguments;

/// The pace that a command was told.
#[derive(Debug)]
pub(crate) struct Pace {
    arguments: PaceArguments,
    settings: Settings,
    limit: Option<Hourly>,
}

impl Pace {
    /// Sets the pace of this process: as the arguments say, and as the settings do elsewhere.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn begin(app: &App, arguments: &PaceArguments) -> Result<Self, Fault> {
        let limit = arguments.limit.clone().map(|schedule| Hourly::at(schedule, now()));
        let pace = Self { arguments: arguments.clone(), settings: app.settings().await?, limit };
        pace.set(app);
        Ok(pace)
    }

    /// Sets it anew where another hour has begun. Returns the limit that holds, if it changes with
    /// the hours.
    pub(crate) fn look(&mut self, app: &App) -> Option<Limit> {
        let limit = self.limit.as_mut()?;
        if limit.passes(now()) {
            self.set(app);
        }
        let holds = self.limit.as_ref()?.holds;
        holds.until.map(|_| holds)
    }

    fn set(&self, app: &App) {
        let limit = self.limit.as_ref().map(|limit| limit.holds.rate);
        app.set_pace(self.arguments.parallel, limit, &self.settings);
    }
}

/// A limit by the hour, and what of it holds.
#[derive(Debug)]
struct Hourly {
    schedule: LimitSchedule,
    holds: Limit,
}

impl Hourly {
    fn at(schedule: LimitSchedule, now: TimeOfDay) -> Self {
        Self { holds: schedule.at(now), schedule }
    }

    /// The clock shows `now`: returns whether another rate holds than before.
    fn passes(&mut self, now: TimeOfDay) -> bool {
        let before = std::mem::replace(&mut self.holds, self.schedule.at(now));
        before.rate != self.holds.rate
    }
}

/// What a clock on the wall shows. Asked each time: it may be put forward or back.
fn now() -> TimeOfDay {
    let now = jiff::Zoned::now();
    let part = |part: i8| u16::try_from(part).unwrap_or_default();
    TimeOfDay::new(part(now.hour()), part(now.minute())).expect("a clock shows it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_hour_brings_another_rate_also_when_the_clock_jumps() {
        let time = |hour| TimeOfDay::new(hour, 0).expect("an hour");
        let schedule = "08:00-19:00=2MiB/s,22:00-06:00=off,1MiB/s".parse().expect("reads");
        let mut limit = Hourly::at(schedule, time(7));
        assert_eq!(limit.holds.rate, 1 << 20);
        for (hour, changes, rate) in [
            (7, false, 1 << 20),
            (8, true, 2 << 20),
            (9, false, 2 << 20),
            (23, true, 0),
            (5, false, 0),
            (20, true, 1 << 20),
            (7, false, 1 << 20),
        ] {
            assert_eq!((limit.passes(time(hour)), limit.holds.rate), (changes, rate), "{hour}");
        }
    }
}
