//! This computer's calendar and clock, in its time zone.

use ferry_engine::LocalMoment;
use ferry_model::schedule::TimeOfDay;
use ferry_model::timetable::{Timetable, Weekday};

use crate::form::day_of;

/// The local day, and what hours say now.
pub(crate) fn local_moment(hours: &Timetable) -> LocalMoment {
    let now = jiff::Zoned::now();
    let part = |part: i8| u16::try_from(part).unwrap_or_default();
    let after_monday = part(now.weekday().to_monday_zero_offset());
    let weekday = Weekday::after_monday(after_monday).expect("a week has seven days");
    let time = TimeOfDay::new(part(now.hour()), part(now.minute())).expect("a clock shows it");
    LocalMoment { day: day_of(now.timestamp()), hour: hours.at(weekday, time) }
}
