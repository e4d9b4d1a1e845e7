//! What the list of changes says of a version.

use crate::process::{Failure, Outcome};

/// A released version's part of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changes {
    /// When it was released: year, month and day.
    pub(super) date: String,
    /// What changed, with a line for each change.
    pub(super) notes: String,
}

impl Changes {
    /// Finds it.
    ///
    /// # Errors
    /// Where the version has no heading, or one without a date.
    pub(super) fn of(version: &str, list: &str) -> Outcome<Self> {
        let heading = format!("## [{version}] - ");
        let mut lines = list.lines().skip_while(|line| !line.starts_with(&heading));
        let Some(line) = lines.next() else {
            return Err(Failure(format!("the list of changes has no heading `{heading}DATE`")));
        };
        let date = line[heading.len()..].trim_end();
        if !is_date(date) {
            let why = format!("`{line}` has no date: it would say of a release that it is none");
            return Err(Failure(why));
        }
        let lines = lines.take_while(|line| !line.starts_with("## "));
        Ok(Self { date: date.to_owned(), notes: unwrapped(lines) })
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Lines that were broken to be read in a file become one again. The notes are shown as text, so
/// that headings lose their marks.
fn unwrapped<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut notes = String::new();
    let mut goes_on = false;
    for line in lines {
        let text = line.trim();
        if !text.is_empty() {
            let begins = !goes_on || text.starts_with("- ") || text.starts_with('#');
            if !notes.is_empty() {
                notes.push(if begins { '\n' } else { ' ' });
            }
            notes.push_str(text.trim_start_matches('#').trim_start());
        }
        goes_on = !text.is_empty() && !text.starts_with('#');
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# Changelog\n\n## [Unreleased]\n\n- Not yet.\n\n\
        ## [1.2.0] - soon\n\n- Nor this.\n\n\
        ## [1.1.0] - 2026-11-30\n\nThe second.\n\n### Window\n- Faster, and\n  lighter.\n\
        - More.\n\n## [1.0.0] - 2026-10-01\n\n- First.\n\n## 0.9.0 (2026-09-01)\n";

    #[test]
    fn a_released_version_has_a_date_and_its_own_changes() {
        let expected = Changes {
            date: "2026-11-30".to_owned(),
            notes: "The second.\nWindow\n- Faster, and lighter.\n- More.".to_owned(),
        };
        assert_eq!(Changes::of("1.1.0", LIST).ok(), Some(expected));
        for version in ["1.2.0", "1.3.0", "1.1", "1.1.0-rc.1", "0.9.0", "Unreleased"] {
            assert!(Changes::of(version, LIST).is_err(), "{version}");
        }
    }
}
