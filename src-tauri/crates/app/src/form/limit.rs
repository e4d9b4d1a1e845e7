//! A speed limit by the hour as a form, and back.

use ferry_model::Fault;
use ferry_model::schedule::LimitSchedule;
use ferry_model::size::parse_bytes;

use crate::messages::{LimitForm, LimitHours};

const MIB: f64 = (1 << 20) as f64;

/// The schedule that a form means: a number without a unit is MiB a second, an empty one no limit,
/// and rows in which nothing is typed are left out.
///
/// # Errors
/// What the schedule's own reading says.
pub(crate) fn schedule(form: &LimitForm) -> Result<LimitSchedule, Fault> {
    // A comma would begin another part of the schedule.
    let time = |text: &str| text.trim().replace(',', ".");
    let typed = |row: &&LimitHours| [&row.from, &row.to, &row.rate].iter().any(|it| !it.is_empty());
    let hours = form.hours.iter().filter(typed);
    let hours =
        hours.map(|row| format!("{}-{}={},", time(&row.from), time(&row.to), rate(&row.rate)));
    (hours.collect::<String>() + &rate(&form.otherwise)).parse()
}

impl From<&LimitSchedule> for LimitForm {
    fn from(schedule: &LimitSchedule) -> Self {
        let hour = |(from, to, rate)| LimitHours { from, to, rate: shown(rate) };
        Self { hours: schedule.hours().map(hour).collect(), otherwise: shown(schedule.otherwise()) }
    }
}

fn rate(typed: &str) -> String {
    let typed = typed.trim().replace(',', ".");
    match typed.as_str() {
        "" | "0" => "off".to_owned(),
        number if number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
            format!("{number}MiB/s")
        }
        _ => typed,
    }
}

/// In MiB a second where that says it to the byte, or nearly.
fn shown(rate: u64) -> String {
    if rate == 0 {
        return String::new();
    }
    let number = format!("{:.3}", rate as f64 / MIB);
    let number = number.trim_end_matches('0').trim_end_matches('.');
    match parse_bytes(&format!("{number}MiB/s")) {
        // Numbers with a fraction are rounded one way when read, and were the other when stored.
        Ok(read) if read.abs_diff(rate) <= 1 => number.to_owned(),
        _ => format!("{rate} B/s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(hours: &[[&str; 3]], otherwise: &str) -> LimitForm {
        let hours = hours.iter().map(|[from, to, rate]| LimitHours {
            from: (*from).into(),
            to: (*to).into(),
            rate: (*rate).into(),
        });
        LimitForm { hours: hours.collect(), otherwise: otherwise.into() }
    }

    #[test]
    fn what_is_typed_is_a_schedule_and_shown_completed() {
        for (typed, text, shown) in [
            (form(&[], ""), "off", form(&[], "")),
            (form(&[], " 0 "), "off", form(&[], "")),
            (form(&[], "1,5"), "1572864/s", form(&[], "1.5")),
            (form(&[], "512 KiB/s"), "524288/s", form(&[], "0.5")),
            (form(&[], "1000"), "1048576000/s", form(&[], "1000")),
            (form(&[], "2 MB/s"), "2000000/s", form(&[], "2000000 B/s")),
            (form(&[], "314573 B/s"), "314573/s", form(&[], "0.3")),
            (form(&[], "100 B"), "100/s", form(&[], "100 B/s")),
            (
                form(&[["8:00", "19:00", "2"], ["", "", ""], ["22:00", "24:00", ""]], "1"),
                "08:00-19:00=2097152/s,22:00-24:00=off,1048576/s",
                form(&[["08:00", "19:00", "2"], ["22:00", "24:00", ""]], "1"),
            ),
        ] {
            let read = schedule(&typed).unwrap_or_else(|fault| panic!("{typed:?}: {fault}"));
            assert_eq!(read.to_string(), text, "{typed:?}");
            assert_eq!(LimitForm::from(&read), shown, "{typed:?}");
        }
    }

    #[test]
    fn what_the_schedule_does_not_take_is_refused() {
        for typed in [
            form(&[], "fast"),
            form(&[], "-1"),
            form(&[], "1m,2m"),
            form(&[["08:00", "", "2"]], ""),
            form(&[["", "", "2"]], ""),
            form(&[["08:00", "08:00", "2"]], ""),
            form(&[["08:00", "19:00", "2"], ["18:00", "20:00", "1"]], ""),
            form(&[["08:00-09:00=1m,10:00", "11:00", "2"]], ""),
        ] {
            assert!(schedule(&typed).is_err(), "{typed:?}");
        }
    }
}
