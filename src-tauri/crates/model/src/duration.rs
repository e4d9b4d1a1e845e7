//! Lengths of time in words.

use crate::{Text, message};

/// A length of time by its two largest units, as `2 min 5 s`, as the window shows it
/// (`ui/src/text/format.ts`). Less than a second reads as one.
pub fn duration(seconds: u64) -> Text {
    let two = |large: Text, count: u64, small: fn(u64) -> Text| match count {
        0 => large,
        _ => message::time_two(large, small(count)),
    };
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds.max(1) {
        seconds @ 0..60 => message::time_seconds(seconds),
        60..3_600 => two(message::time_minutes(minutes), seconds % 60, message::time_seconds),
        3_600..86_400 => two(message::time_hours(hours), minutes % 60, message::time_minutes),
        _ => two(message::time_days(days), hours % 24, message::time_hours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn lengths_of_time_are_shown_as_in_the_window() {
        for (seconds, en, zh) in [
            (0, "1 s", "1 秒"),
            (59, "59 s", "59 秒"),
            (60, "1 min", "1 分"),
            (125, "2 min 5 s", "2 分 5 秒"),
            (7_260, "2 h 1 min", "2 小时 1 分"),
            (90_000, "1 d 1 h", "1 天 1 小时"),
        ] {
            let shown = [Language::En, Language::Zh].map(|it| duration(seconds).in_language(it));
            assert_eq!(shown, [en, zh], "{seconds}");
        }
    }
}
