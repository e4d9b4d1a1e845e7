//! A speed limit by the hour: which rate holds at a time of day, and until when.
//!
//! A time of day is the local one, in whole minutes. Who asks has the clock: where it jumps, by
//! summer time or by hand, the next question is answered by the new time.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::{Fault, FaultKind};
use crate::size;

/// Minutes of a day.
pub(crate) const DAY: u16 = 24 * 60;
/// The word for no limit.
const OFF: &str = "off";

/// A time of day, in whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// This hour and minute; `None` for what no clock shows.
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self(hour * 60 + minute))
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// Minutes from this time until the clock shows `later`; less than a day.
    pub fn minutes_until(self, later: Self) -> u16 {
        (later.0 + DAY - self.0) % DAY
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A part of each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours {
    from: TimeOfDay,
    /// Minutes; at most a day. It may go over midnight.
    length: u16,
}

impl Hours {
    /// From when, in minutes since midnight.
    pub(crate) fn begin(self) -> u16 {
        self.from.0
    }

    /// How long, in minutes.
    pub(crate) fn length(self) -> u16 {
        self.length
    }

    fn holds(self, time: TimeOfDay) -> bool {
        self.from.minutes_until(time) < self.length
    }

    fn to(self) -> TimeOfDay {
        TimeOfDay((self.from.0 + self.length) % DAY)
    }

    /// The time of day when it ends, as it is written.
    fn end(self) -> String {
        match self.to() {
            TimeOfDay(0) => "24:00".to_owned(),
            to => to.to_string(),
        }
    }

    fn overlaps(self, other: Self) -> bool {
        self.holds(other.from) || other.holds(self.from)
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.end())
    }
}

/// A limit by the hour, as `08:00-19:00=2MiB/s,off`; or one for all day, as `2MiB/s`.
/// The default is no limit at any hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitSchedule {
    hours: Vec<(Hours, u64)>,
    otherwise: u64,
}

/// The limit of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Most bytes a second; 0 for no limit.
    pub rate: u64,
    /// When the clock shows this, another one holds; `None` where it never changes.
    pub until: Option<TimeOfDay>,
}

impl LimitSchedule {
    /// One limit for all day, in bytes a second; 0 for none.
    pub fn all_day(rate: u64) -> Self {
        Self { hours: Vec::new(), otherwise: rate }
    }

    /// Its hours as they are written: from, to, and most bytes a second, 0 for no limit.
    pub fn hours(&self) -> impl Iterator<Item = (String, String, u64)> {
        self.hours.iter().map(|(hours, rate)| (hours.from.to_string(), hours.end(), *rate))
    }

    /// The rate at all other hours; 0 for no limit.
    pub fn otherwise(&self) -> u64 {
        self.otherwise
    }

    /// What holds at a time of day.
    pub fn at(&self, time: TimeOfDay) -> Limit {
        let rate = self.rate(time);
        let borders = self.hours.iter().flat_map(|(hours, _)| [hours.from, hours.to()]);
        let until = borders
            .filter(|border| self.rate(*border) != rate)
            .min_by_key(|border| time.minutes_until(*border));
        Limit { rate, until }
    }

    fn rate(&self, time: TimeOfDay) -> u64 {
        let held = self.hours.iter().find(|(hours, _)| hours.holds(time));
        held.map_or(self.otherwise, |(_, rate)| *rate)
    }
}

impl FromStr for LimitSchedule {
    type Err = Fault;

    /// Reads `FROM-TO=RATE` as often as wanted, and last the rate that holds otherwise, separated
    /// by commas. A rate is as in [`size::parse_bytes`], or `off`. Hours may go over midnight, and
    /// end at `24:00`.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let fault = |why: &str| {
            Fault::new(FaultKind::InvalidInput).with_subject(text.to_owned()).with_detail(why)
        };
        let mut entries: Vec<&str> = text.split(',').map(str::trim).collect();
        let last = entries.pop().unwrap_or_default();
        if last.contains('=') {
            return Err(fault("say last what holds at other hours, as 08:00-19:00=2MiB/s,off"));
        }
        let mut hours: Vec<(Hours, u64)> = Vec::with_capacity(entries.len());
        for entry in entries {
            let (range, limit) = entry
                .split_once('=')
                .ok_or_else(|| fault("hours look like 08:00-19:00=2MiB/s; others come last"))?;
            let range = read_hours(range)
                .ok_or_else(|| fault("hours look like 08:00-19:00 or 22:30-06:00"))?;
            if hours.iter().any(|(other, _)| other.overlaps(range)) {
                return Err(fault("two of the hours overlap"));
            }
            hours.push((range, read_rate(limit)?));
        }
        Ok(Self { hours, otherwise: read_rate(last)? })
    }
}

impl fmt::Display for LimitSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |rate: u64| if rate == 0 { OFF.to_owned() } else { format!("{rate}/s") };
        for (from, to, rate) in self.hours() {
            write!(f, "{from}-{to}={},", shown(rate))?;
        }
        f.write_str(&shown(self.otherwise))
    }
}

impl Serialize for LimitSchedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LimitSchedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

fn read_rate(text: &str) -> Result<u64, Fault> {
    match text.trim() {
        OFF => Ok(0),
        rate => size::parse_bytes(rate),
    }
}

/// Hours that are not empty. The same time twice is none: it could mean no minute or all.
pub(crate) fn read_hours(text: &str) -> Option<Hours> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (read_time(from)?, to.trim());
    let to = if to == "24:00" { TimeOfDay(0) } else { read_time(to)? };
    let length = match from.minutes_until(to) {
        0 if from.0 == 0 && text.trim_end().ends_with("24:00") => DAY,
        0 => return None,
        length => length,
    };
    Some(Hours { from, length })
}

fn read_time(text: &str) -> Option<TimeOfDay> {
    let number = |digits: &str| {
        let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    let (hour, minute) = text.trim().split_once(':')?;
    TimeOfDay::new(number(hour)?, number(minute).filter(|_| minute.len() == 2)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn time(text: &str) -> TimeOfDay {
        read_time(text).expect(text)
    }

    fn read(text: &str) -> LimitSchedule {
        text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"))
    }

    #[test]
    fn a_limit_by_the_hour_holds_until_the_next_one() {
        let week = "08:00-19:00=2MiB/s, 22:30-06:00=off, 512k";
        for (text, at, rate, until) in [
            (week, "07:59", MIB / 2, Some("08:00")),
            (week, "08:00", 2 * MIB, Some("19:00")),
            (week, "18:59", 2 * MIB, Some("19:00")),
            (week, "19:00", MIB / 2, Some("22:30")),
            (week, "22:30", 0, Some("06:00")),
            (week, "23:59", 0, Some("06:00")),
            (week, "00:00", 0, Some("06:00")),
            (week, "06:00", MIB / 2, Some("08:00")),
            ("2MiB/s", "12:00", 2 * MIB, None),
            ("off", "12:00", 0, None),
            ("0:00-24:00=1m,off", "12:00", MIB, None),
            ("20:00-24:00=1m,off", "23:59", MIB, Some("00:00")),
            // The same rate on both sides is no change.
            ("08:00-12:00=1m,12:00-14:00=1m,off", "09:00", MIB, Some("14:00")),
            ("08:00-12:00=1m,1m", "09:00", MIB, None),
        ] {
            let limit = Limit { rate, until: until.map(time) };
            assert_eq!(read(text).at(time(at)), limit, "{text} at {at}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        for text in [
            "",
            "0",
            "soon",
            ",",
            "2MiB/s,",
            "2MiB/s,off",
            "08:00-19:00=2MiB/s",
            "off,08:00-19:00=2MiB/s",
            "08:00-19:00,off",
            "08:00=1m,off",
            "8-19=1m,off",
            "08:00-08:00=1m,off",
            "24:00-08:00=1m,off",
            "08:00-24:01=1m,off",
            "08:60-09:00=1m,off",
            "08:0-09:00=1m,off",
            "+8:00-09:00=1m,off",
            "08:00-19:00=0,off",
            "08:00-19:00=1m,18:59-20:00=2m,off",
            "22:00-06:00=1m,05:00-07:00=2m,off",
            "05:00-07:00=1m,22:00-06:00=2m,off",
        ] {
            assert!(text.parse::<LimitSchedule>().is_err(), "{text:?}");
        }
    }

    /// Hours as minutes and a rate; `0` for off.
    fn ranges() -> impl Strategy<Value = Vec<(u16, u16, u64)>> {
        prop::collection::vec((0..DAY, 1..=DAY, 0u64..4), 0..4)
    }

    fn text_of(ranges: &[(u16, u16, u64)], otherwise: u64) -> String {
        let rate = |rate: u64| if rate == 0 { OFF.to_owned() } else { format!("{rate}k") };
        let hours = ranges.iter().map(|(from, to, limit)| {
            let (from, to) = (TimeOfDay(*from), format!("{:02}:{:02}", to / 60, to % 60));
            format!("{from}-{to}={},", rate(*limit))
        });
        hours.collect::<String>() + &rate(otherwise)
    }

    proptest! {
        #[test]
        fn each_minute_has_the_rate_that_its_hours_say(ranges in ranges(), otherwise in 0u64..4) {
            // Minute by minute: how often it is taken, and by which rate.
            let mut minutes = [(0, otherwise * 1024); DAY as usize];
            let mut empty = false;
            for (from, to, rate) in &ranges {
                let end = if to <= from { to + DAY } else { *to };
                empty |= from == to;
                for minute in *from..end {
                    let taken = &mut minutes[usize::from(minute % DAY)];
                    *taken = (taken.0 + 1, rate * 1024);
                }
            }
            let text = text_of(&ranges, otherwise);
            let read = text.parse::<LimitSchedule>();
            let good = !empty && minutes.iter().all(|(taken, _)| *taken <= 1);
            prop_assert_eq!(read.is_ok(), good, "{}", text);
            let Ok(schedule) = read else { return Ok(()) };
            let stored = serde_json::to_value(&schedule).expect("is stored");
            prop_assert_eq!(stored.as_str().map(str::to_owned), Some(schedule.to_string()));
            let stored: LimitSchedule = serde_json::from_value(stored).expect("reads");
            prop_assert_eq!(&stored, &schedule);
            let rate = |minute: u16| minutes[usize::from(minute % DAY)].1;
            // Backwards through two days: after the first, the next change is known.
            let mut next = None;
            for now in (0..2 * DAY).rev() {
                if rate(now) != rate(now + 1) {
                    next = Some(TimeOfDay((now + 1) % DAY));
                }
                if now < DAY {
                    let limit = Limit { rate: rate(now), until: next };
                    prop_assert_eq!(schedule.at(TimeOfDay(now)), limit, "{} at {}", text, now);
                }
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9:=,kmof \\-]{0,24}") {
            let _ = text.parse::<LimitSchedule>();
        }
    }
}
