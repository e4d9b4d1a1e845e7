//! What is known of dropped files before any of them is queued, and whether the user is asked
//! first.

use unicode_normalization::UnicodeNormalization as _;

use crate::FaultKind;

/// From so many files on a drop is asked about.
pub const LARGE_FILES: u64 = 200_000;
/// From so many bytes on a drop is asked about: 1 TiB.
pub const LARGE_BYTES: u64 = 1 << 40;
/// Names that are kept of each problem.
pub const EXAMPLES: usize = 3;

/// Pages of a list that are read to find out which of a drop's objects are there already.
pub const LISTED_PAGES: usize = 10;

/// Why a file cannot go, or goes with a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SurveyProblem {
    /// It cannot be read. It cannot go.
    Unreadable,
    /// Its key breaks a rule of the store. It cannot go.
    BadKey,
    /// Another file of the drop has the same key. Only the first goes.
    SameKey,
    /// Another file's key differs by letter case only: on Windows and macOS one of both replaces
    /// the other when they are downloaded.
    SameButForCase,
    /// Another file's key looks the same and is other Unicode.
    SameButForForm,
}

impl SurveyProblem {
    /// All of them, the gravest first.
    pub const ALL: [Self; 5] =
        [Self::Unreadable, Self::BadKey, Self::SameKey, Self::SameButForCase, Self::SameButForForm];

    /// The problem that a fault of a file found by a walk stands for; none for what is left out by
    /// rule: links, and folders without files.
    pub fn of(kind: FaultKind) -> Option<Self> {
        match kind {
            FaultKind::SourceIsLink | FaultKind::SourceBehindLink | FaultKind::EmptyFolder => None,
            FaultKind::KeyInvalid | FaultKind::NameNotUnicode => Some(Self::BadKey),
            FaultKind::KeyCollision => Some(Self::SameKey),
            _ => Some(Self::Unreadable),
        }
    }

    /// Whether a file with it is left out.
    pub fn keeps_out(self) -> bool {
        match self {
            Self::Unreadable | Self::BadKey | Self::SameKey => true,
            Self::SameButForCase | Self::SameButForForm => false,
        }
    }
}

/// The files with one problem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many.
    pub files: u64,
    /// The first [`EXAMPLES`] of them, by key.
    pub examples: Vec<String>,
}

/// How many files of a drop have an object of their key at the destination already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It cannot be known: the key may not list, the store did not answer, or the list is long and
    /// its first pages have none of the files.
    Unknown,
    /// So many.
    Exactly(u64),
    /// So many, and perhaps others that a long list would have named later.
    AtLeast(u64),
}

/// How much of a list was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRead {
    /// All of it.
    Whole,
    /// Its first pages.
    Beginning,
}

impl Existing {
    /// What a list tells that names so many of the files.
    pub fn of(found: u64, read: ListRead) -> Self {
        match (read, found) {
            (ListRead::Whole, _) => Self::Exactly(found),
            (ListRead::Beginning, 0) => Self::Unknown,
            (ListRead::Beginning, _) => Self::AtLeast(found),
        }
    }
}

/// What a walk over dropped files found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Files that can go.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The largest of them: its key, and its bytes.
    pub largest: Option<(String, u64)>,
    problems: [Found; SurveyProblem::ALL.len()],
}

impl Survey {
    /// Counts a file that can go.
    pub fn count(&mut self, key: &str, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
        if self.largest.as_ref().is_none_or(|(_, most)| bytes > *most) {
            self.largest = Some((key.to_owned(), bytes));
        }
    }

    /// Counts a file with a problem.
    pub fn add(&mut self, problem: SurveyProblem, key: &str) {
        let found = &mut self.problems[problem as usize];
        found.files += 1;
        if found.examples.len() < EXAMPLES {
            found.examples.push(key.to_owned());
        }
    }

    /// The files with a problem.
    pub fn found(&self, problem: SurveyProblem) -> &Found {
        &self.problems[problem as usize]
    }

    /// How many files stay behind, whatever the user decides.
    pub fn kept_out(&self) -> u64 {
        let all = SurveyProblem::ALL.iter().filter(|problem| problem.keeps_out());
        all.map(|problem| self.found(*problem).files).sum()
    }

    /// Whether the user is asked before anything of it is queued: it is large, or something of it
    /// would not arrive, or not be what it seems.
    pub fn asks_first(&self) -> bool {
        self.files >= LARGE_FILES
            || self.bytes >= LARGE_BYTES
            || self.problems.iter().any(|found| found.files > 0)
    }

    /// Seconds that it takes at a speed in bytes a second; none without one.
    pub fn seconds(&self, speed: u64) -> Option<u64> {
        self.bytes.checked_div(speed)
    }
}

/// A key as systems take it that do not tell letter case apart.
pub fn without_case(key: &str) -> String {
    key.to_lowercase()
}

/// A key in the one form of all that look the same (NFC).
pub fn one_form(key: &str) -> String {
    if key.is_ascii() { key.to_owned() } else { key.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_is_asked_about_when_it_is_large_or_something_is_wrong_with_it() {
        let plain = |files, bytes| Survey { files, bytes, ..Survey::default() };
        assert!(!plain(0, 0).asks_first());
        assert!(!plain(LARGE_FILES - 1, LARGE_BYTES - 1).asks_first());
        assert!(plain(LARGE_FILES, 0).asks_first());
        assert!(plain(1, LARGE_BYTES).asks_first());
        for problem in SurveyProblem::ALL {
            let mut survey = plain(1, 1);
            survey.add(problem, "a.txt");
            assert!(survey.asks_first(), "{problem:?}");
            assert_eq!(survey.kept_out(), u64::from(problem.keeps_out()), "{problem:?}");
        }
    }

    #[test]
    fn what_a_long_list_did_not_name_is_no_zero() {
        assert_eq!(Existing::of(0, ListRead::Whole), Existing::Exactly(0));
        assert_eq!(Existing::of(7, ListRead::Whole), Existing::Exactly(7));
        assert_eq!(Existing::of(0, ListRead::Beginning), Existing::Unknown);
        assert_eq!(Existing::of(7, ListRead::Beginning), Existing::AtLeast(7));
    }

    #[test]
    fn few_of_many_are_named() {
        let mut survey = Survey::default();
        for index in 0..10 {
            survey.add(SurveyProblem::Unreadable, &format!("{index}"));
            survey.count(&format!("key {index}"), 100 - index);
        }
        assert_eq!(survey.found(SurveyProblem::Unreadable).examples, ["0", "1", "2"]);
        assert_eq!(survey.found(SurveyProblem::Unreadable).files, 10);
        assert_eq!(survey.largest, Some(("key 0".to_owned(), 100)));
        assert_eq!((survey.seconds(0), survey.seconds(10)), (None, Some(95)));
    }

    #[test]
    fn what_looks_the_same_has_one_form() {
        assert_eq!(one_form("u\u{308}ber"), one_form("\u{fc}ber"));
        assert_eq!(without_case("Straße/ÄB"), without_case("straße/äb"));
    }
}
