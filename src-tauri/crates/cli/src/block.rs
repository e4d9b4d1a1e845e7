//! The block of lines that shows progress on a terminal, as data: what is known in, lines out.
//!
//! No line is wider than the terminal. Columns are counted as the terminal that gives a character
//! the most would: two for Chinese and for what is ambiguous, and each part of an emoji by itself.
//! What does not fit is left out from the end of a line; names are shortened in their middle, and
//! stand last because nothing after them has to be in line.

use ferry_app::messages::{Row, RowState, Totals};
use ferry_app::model::duration::duration;
use ferry_app::model::schedule::Limit;
use ferry_app::model::size::show_bytes;
use ferry_app::model::visible::visible;
use ferry_app::model::{Language, Text, message};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthChar as _;

use crate::text::show_speed;

/// Running files that have a line of their own.
pub(crate) const MOST_FILES: usize = 5;
/// Columns that a name has at least before numbers are left out for it.
const LEAST_NAME: usize = 16;
/// Between what stands in a line.
const GAP: &str = "  ";
const ELLIPSIS: &str = "…";
/// Columns of what a file is doing.
const DOING: usize = 10;

/// What the block shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Block {
    /// The sums.
    pub(crate) totals: Totals,
    /// Whether files are still being found: their number is the least then.
    pub(crate) reading: bool,
    /// Files that run, each in the line that it keeps.
    pub(crate) files: Vec<Option<Row>>,
    /// All files that run.
    pub(crate) running: usize,
    /// Requests tried again.
    pub(crate) retries: u64,
    /// Requests side by side now.
    pub(crate) requests: usize,
    /// The speed limit that holds, where it changes with the hours.
    pub(crate) limit: Option<Limit>,
    /// The endpoint that does not answer.
    pub(crate) waits_for: Option<String>,
}

/// A terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl Block {
    /// Its lines, without their ends: as many for the same number of files, whatever they show.
    pub(crate) fn lines(&self, size: Size, language: Language) -> Vec<String> {
        // Some terminals begin a new line once the last column is written.
        let columns = size.columns.saturating_sub(1);
        let below = self.below(language);
        let room = size.rows.saturating_sub(2);
        let files = self.files.len().min(room.saturating_sub(below.len()));
        let mut lines = vec![fit(&self.total(language), columns)];
        lines.extend(self.files.iter().take(files).map(|file| match file {
            Some(row) => file_line(row, columns, language),
            None => String::new(),
        }));
        lines.extend(below.iter().take(room).map(|line| fit(line, columns)));
        lines
    }

    /// Everything in one line of a log.
    pub(crate) fn line(&self, language: Language) -> String {
        let below = self.below(language).into_iter().flatten();
        let all: Vec<String> = self.total(language).into_iter().chain(below).collect();
        all.join(GAP)
    }

    /// The total, the most important first.
    fn total(&self, language: Language) -> Vec<String> {
        let totals = &self.totals;
        let ended = totals.done + totals.ended_otherwise;
        let more = if self.reading { "+" } else { "" };
        let files = message::block_files(ended, format!("{}{more}", totals.files));
        let mut total = vec![
            format!("{:>3}%", totals.percent),
            of(totals.acked, totals.bytes),
            files.in_language(language),
            show_speed(totals.speed),
        ];
        let left = totals.seconds_left.map(|left| message::block_time_left(duration(left)));
        total.extend(left.map(|text| text.in_language(language)));
        total
    }

    /// The lines below the files, each by its parts, the most important first. Whatever else is to
    /// be told of a run is one more of them.
    fn below(&self, language: Language) -> Vec<Vec<String>> {
        let mut now = vec![
            message::block_retries(self.retries),
            message::block_requests(self.requests),
            message::block_running(self.running),
        ];
        let limited_by = self.totals.limited_by.as_ref();
        now.extend(limited_by.map(|what| message::block_limited_by(what.in_language(language))));
        now.extend(self.limit.as_ref().and_then(limit_until));
        now.extend(self.waits_for.as_ref().map(|it| message::block_waits_for(visible(it))));
        vec![now.iter().map(|text| text.in_language(language)).collect()]
    }
}

/// A limit that changes with the hours, and when it does.
fn limit_until(Limit { rate, until }: &Limit) -> Option<Text> {
    let until = until.as_ref()?.to_string();
    Some(match rate {
        0 => message::block_no_limit_until(until),
        rate => message::block_limit_until(show_speed(*rate), until),
    })
}

/// One running file: percent, bytes, what it is doing, name.
fn file_line(row: &Row, columns: usize, language: Language) -> String {
    let doing = doing(row, language);
    let parts = [
        format!("{:>3}%", row.percent),
        of(row.acked, row.size),
        format!("{doing}{}", " ".repeat(DOING.saturating_sub(width(&doing)))),
    ];
    let mut line = String::new();
    for part in parts {
        let taken = width(&line) + width(&part) + GAP.len();
        if !line.is_empty() && taken + LEAST_NAME > columns {
            break;
        }
        line.push_str(&part);
        line.push_str(GAP);
    }
    let left = columns.saturating_sub(width(&line));
    if left > width(ELLIPSIS) {
        line.push_str(&shorten(&visible(&row.name), left));
    }
    fit(&[line.trim_end().to_owned()], columns)
}

/// Bytes that left and are not acknowledged, or what is done instead of sending.
fn doing(row: &Row, language: Language) -> String {
    let text = match row.state {
        RowState::Verifying => message::block_verifying(),
        RowState::Growing => message::block_growing(),
        RowState::Retrying => message::block_retrying(),
        RowState::Waiting => message::block_waiting(),
        RowState::Cancelling => message::block_cancelling(),
        _ if row.in_flight > 0 => return format!("+{}", show_bytes(row.in_flight)),
        _ => return String::new(),
    };
    text.in_language(language)
}

/// Bytes of bytes, always as wide.
fn of(part: u64, whole: u64) -> String {
    format!("{:>8} / {:>8}", show_bytes(part), show_bytes(whole))
}

/// As many of the parts as fit; of the first, what fits.
fn fit(parts: &[String], columns: usize) -> String {
    let mut line = String::new();
    for part in parts {
        let gap = if line.is_empty() { "" } else { GAP };
        if width(&line) + gap.len() + width(part) > columns {
            break;
        }
        line.push_str(gap);
        line.push_str(part);
    }
    match (line.is_empty(), parts.first()) {
        (true, Some(first)) => shorten(first, columns),
        _ => line,
    }
}

/// The most columns that a terminal gives this text.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            // Makes an emoji, of two columns, of the character before it.
            '\u{fe0f}' => 1,
            c => c.width_cjk().unwrap_or(0),
        })
        .sum()
}

/// A text of at most so many columns: what is left out is its middle.
fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(kept) = columns.checked_sub(width(ELLIPSIS)) else {
        return " ".repeat(columns);
    };
    let clusters: Vec<&str> = text.graphemes(true).collect();
    let tail = taken(clusters.iter().rev(), kept / 2);
    let tail = clusters[clusters.len() - tail..].concat();
    let head = taken(clusters.iter(), kept - width(&tail));
    clusters[..head].concat() + ELLIPSIS + &tail
}

/// How many of the clusters fit.
fn taken<'a>(clusters: impl Iterator<Item = &'a &'a str>, columns: usize) -> usize {
    let mut used = 0;
    clusters
        .take_while(|cluster| {
            used += width(cluster);
            used <= columns
        })
        .count()
}

#[cfg(test)]
#[path = "block_tests.rs"]
pub(crate) mod tests;
