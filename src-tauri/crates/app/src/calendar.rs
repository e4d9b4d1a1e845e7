//! This computer's calendar and clock, in its time zone, and when to look at them.

use std::time::Duration;

use ferry_engine::LocalMoment;
use ferry_model::schedule::TimeOfDay;
use ferry_model::timetable::{Timetable, Weekday};

use jiff::Zoned;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::form::day_of;

/// How often the clock is looked at while it can change what holds: it may be put forward or back,
/// and a computer may have slept.
const LOOK: Duration = Duration::from_secs(1);

/// Waits until what depends on the hour is to be looked at: it changed, or it may have changed
/// although nothing tells of it. Says `false` once the app shuts down.
pub(crate) async fn look_due(
    stop: &CancellationToken,
    changed: &Notify,
    changes_untold: bool,
) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = changed.notified() => true,
        () = tokio::time::sleep(LOOK), if changes_untold => true,
    }
}

/// What a clock on the wall shows.
pub(crate) fn time_of_day(now: &Zoned) -> TimeOfDay {
    let part = |part: i8| u16::try_from(part).unwrap_or_default();
    TimeOfDay::new(part(now.hour()), part(now.minute())).expect("a clock shows it")
}

/// The local day, and what hours say now.
pub(crate) fn local_moment(hours: &Timetable) -> LocalMoment {
    let now = Zoned::now();
    let after_monday = now.weekday().to_monday_zero_offset().unsigned_abs().into();
    let weekday = Weekday::after_monday(after_monday).expect("a week has seven days");
    LocalMoment { day: day_of(now.timestamp()), hour: hours.at(weekday, time_of_day(&now)) }
}
