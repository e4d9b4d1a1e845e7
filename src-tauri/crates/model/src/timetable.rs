//! When uploads may begin: hours of days of the week, by the local clock.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::{Fault, FaultKind};
use crate::schedule::{DAY, Hours, TimeOfDay, read_hours};

/// Minutes of a week.
const WEEK: u16 = 7 * DAY;
/// The word for every minute.
const ALWAYS: &str = "always";
/// How the days are written, Monday first.
const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weekday(u16);

impl Weekday {
    /// The day so many days after Monday; `None` for more than six.
    pub fn after_monday(days: u16) -> Option<Self> {
        (days < 7).then_some(Self(days))
    }

    fn named(text: &str) -> Option<Self> {
        let at = NAMES.iter().position(|name| name.eq_ignore_ascii_case(text.trim()))?;
        Self::after_monday(u16::try_from(at).ok()?)
    }

    fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    /// Days from this one until `later`; less than a week.
    fn days_until(self, later: Self) -> u16 {
        (later.0 + 7 - self.0) % 7
    }
}

/// Hours of some days. What goes over midnight belongs to the day on which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// The first of the days.
    first: Weekday,
    /// How many days follow it.
    more: u16,
    hours: Hours,
}

impl Entry {
    /// The minutes of the week in which it begins, each with its length in minutes.
    fn spans(self) -> impl Iterator<Item = (u16, u16)> {
        (0..=self.more).map(move |day| {
            ((self.first.0 + day) % 7 * DAY + self.hours.begin(), self.hours.length())
        })
    }
}

/// When uploads may begin, as `Mon-Fri 19:00-07:00, Sat-Sun 00:00-24:00`; hours without days are
/// those of every day. The default is always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timetable {
    entries: Vec<Entry>,
}

/// Whether uploads may begin at a moment, and until when that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hour {
    /// They may.
    Open,
    /// They may not before so many minutes have passed.
    Closed {
        /// Minutes until they may, counted from the begin of this minute.
        minutes: u16,
    },
}

impl Timetable {
    /// Whether uploads may begin at any time.
    pub fn is_always(&self) -> bool {
        self.entries.is_empty()
    }

    /// What holds at a day of the week and a time of day.
    pub fn at(&self, day: Weekday, time: TimeOfDay) -> Hour {
        let now = day.0 * DAY + time.minutes();
        let spans = || self.entries.iter().flat_map(|entry| entry.spans());
        let since = |begin: u16| (now + WEEK - begin) % WEEK;
        if self.is_always() || spans().any(|(begin, length)| since(begin) < length) {
            return Hour::Open;
        }
        let until = spans().map(|(begin, _)| (begin + WEEK - now) % WEEK).min();
        Hour::Closed { minutes: until.unwrap_or(WEEK) }
    }
}

impl FromStr for Timetable {
    type Err = Fault;

    /// Reads days and hours, separated by commas; `always` or nothing for every minute.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case(ALWAYS) {
            return Ok(Self::default());
        }
        let entries = text.split(',').map(|entry| {
            read_entry(entry.trim()).ok_or_else(|| {
                Fault::new(FaultKind::InvalidInput)
                    .with_subject(entry.trim())
                    .with_detail("hours look like 19:00-07:00 or Mon-Fri 19:00-07:00")
            })
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }
}

fn read_entry(text: &str) -> Option<Entry> {
    let Some((days, hours)) = text.rsplit_once(char::is_whitespace) else {
        return Some(Entry { first: Weekday(0), more: 6, hours: read_hours(text)? });
    };
    let (first, last) = match days.split_once('-') {
        Some((first, last)) => (Weekday::named(first)?, Weekday::named(last)?),
        None => (Weekday::named(days)?, Weekday::named(days)?),
    };
    Some(Entry { first, more: first.days_until(last), hours: read_hours(hours)? })
}

impl fmt::Display for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_always() {
            return f.write_str(ALWAYS);
        }
        for (at, Entry { first, more, hours }) in self.entries.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            f.write_str(separator)?;
            match more {
                0 => write!(f, "{} ", first.name())?,
                6 if first.0 == 0 => {}
                _ => {
                    let last = Weekday((first.0 + more) % 7);
                    write!(f, "{}-{} ", first.name(), last.name())?;
                }
            }
            write!(f, "{hours}")?;
        }
        Ok(())
    }
}

impl Serialize for Timetable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timetable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Timetable {
        text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"))
    }

    #[test]
    fn hours_belong_to_the_day_on_which_they_begin() {
        let nights = "Mon-Fri 19:00-07:00, Sat-Sun 00:00-24:00";
        let closed = |minutes| Hour::Closed { minutes };
        for (text, day, hour, minute, expected) in [
            ("", "Mon", 0, 0, Hour::Open),
            ("always", "Sun", 23, 59, Hour::Open),
            (nights, "Mon", 6, 59, closed(12 * 60 + 1)),
            (nights, "Mon", 18, 59, closed(1)),
            (nights, "Mon", 19, 0, Hour::Open),
            (nights, "Tue", 6, 59, Hour::Open),
            (nights, "Tue", 7, 0, closed(12 * 60)),
            // The night that begins on Friday, and the weekend.
            (nights, "Sat", 6, 0, Hour::Open),
            (nights, "Sun", 23, 59, Hour::Open),
            ("22:00-02:00", "Wed", 1, 59, Hour::Open),
            ("22:00-02:00", "Wed", 2, 0, closed(20 * 60)),
            ("sun-mon 10:00-11:00", "Tue", 10, 30, closed(5 * 24 * 60 - 30)),
            ("Sun 23:00-01:00", "Mon", 0, 30, Hour::Open),
        ] {
            let day = Weekday::named(day).expect("a day");
            let time = TimeOfDay::new(hour, minute).expect("a time");
            assert_eq!(read(text).at(day, time), expected, "{text} on {day:?} at {time}");
        }
    }

    #[test]
    fn what_is_no_timetable_is_refused() {
        for text in ["soon", "Mon", "Mon-Fri", "Mon 8-9", "Fry 08:00-09:00", "08:00-08:00", ","] {
            assert!(text.parse::<Timetable>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(entries in prop::collection::vec(
            (0u16..7, 0u16..7, 0u16..DAY, 1u16..=DAY), 0..4,
        )) {
            let text: Vec<String> = entries.iter().map(|(first, more, from, length)| {
                let to = (from + length) % DAY;
                let to = if to == 0 { "24:00".to_owned() } else { format!("{:02}:{:02}", to / 60, to % 60) };
                let last = (first + more) % 7;
                let (first, last) = (NAMES[usize::from(*first)], NAMES[usize::from(last)]);
                format!("{first}-{last} {:02}:{:02}-{to}", from / 60, from % 60)
            }).collect();
            if let Ok(timetable) = text.join(", ").parse::<Timetable>() {
                prop_assert_eq!(&read(&timetable.to_string()), &timetable);
                let stored = serde_json::to_string(&timetable).expect("writes");
                prop_assert_eq!(serde_json::from_str::<Timetable>(&stored).expect("reads"), timetable);
            }
        }

        #[test]
        fn what_is_closed_opens_when_it_says(day in 0u16..7, minute in 0u16..DAY) {
            let timetable = read("Mon-Fri 19:00-07:00, Sun 10:30-11:00");
            let at = |minute: u16| {
                let minute = minute % WEEK;
                let time = TimeOfDay::new(minute % DAY / 60, minute % 60).expect("a time");
                timetable.at(Weekday(minute / DAY), time)
            };
            let now = day * DAY + minute;
            if let Hour::Closed { minutes } = at(now) {
                prop_assert_eq!(at(now + minutes), Hour::Open);
                prop_assert!((1..minutes).all(|later| at(now + later) != Hour::Open));
            }
        }
    }
}
