//! What a receipt says: whether the local files may be deleted, and what became of objects since
//! they were verified.

use ferry_text::{Text, message};
use serde::Serialize;

use crate::verdict::{Answer, Local, Verdict, verdict};
use crate::{Integrity, Standing};

/// What became of an object since it was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Recheck {
    /// It is the one that was verified.
    Same,
    /// The same bytes, in another version of the object.
    OtherVersion,
    /// Other bytes are there.
    Differs,
    /// Something is there, and nothing proves what.
    Unproven,
    /// Nothing is there.
    Gone,
}

impl Recheck {
    /// Compares what the receipt has with what the store answers now; `None` for nothing.
    ///
    /// Only a checksum or the ETag of before proves it: that a strict upload was proven by its
    /// requests says nothing of what happened since.
    pub fn of(
        local: &Local,
        version: Option<&str>,
        now: Option<(Answer<'_>, Option<&str>)>,
    ) -> Self {
        let Some((answer, version_now)) = now else { return Self::Gone };
        match verdict(local, &answer, Integrity::Standard) {
            Verdict::Differs => Self::Differs,
            Verdict::Unknown => Self::Unproven,
            Verdict::Agrees => match (version, version_now) {
                (Some(before), Some(now)) if before != now => Self::OtherVersion,
                _ => Self::Same,
            },
        }
    }

    /// In a sentence.
    pub fn text(self) -> Text {
        match self {
            Self::Same => message::recheck_same(),
            Self::OtherVersion => message::recheck_other_version(),
            Self::Differs => message::recheck_differs(),
            Self::Unproven => message::recheck_unproven(),
            Self::Gone => message::recheck_gone(),
        }
    }
}

/// How the objects of a batch were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecheckCounts {
    /// As they were verified.
    pub same: u64,
    /// The same bytes in another version.
    pub other_version: u64,
    /// Other bytes.
    pub differs: u64,
    /// Something that nothing proves.
    pub unproven: u64,
    /// Nothing.
    pub gone: u64,
    /// Not known: the store refused to tell.
    pub unanswered: u64,
}

impl RecheckCounts {
    /// Counts one more; `None` for one that the store refused to tell of.
    pub fn add(&mut self, found: Option<Recheck>) {
        *match found {
            Some(Recheck::Same) => &mut self.same,
            Some(Recheck::OtherVersion) => &mut self.other_version,
            Some(Recheck::Differs) => &mut self.differs,
            Some(Recheck::Unproven) => &mut self.unproven,
            Some(Recheck::Gone) => &mut self.gone,
            None => &mut self.unanswered,
        } += 1;
    }

    /// Objects that were asked for.
    pub fn asked(&self) -> u64 {
        self.same + self.unlike()
    }

    /// Those of them that are not as the receipt says.
    pub fn unlike(&self) -> u64 {
        self.other_version + self.differs + self.unproven + self.gone + self.unanswered
    }
}

/// What was dropped, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// Files that were dropped.
    pub files: u64,
    /// Those of them that are uploaded and verified.
    pub verified: u64,
    /// Those that were left out, cancelled, or taken off the list before they were uploaded.
    pub left_out: u64,
    /// Those that failed, or wait for a decision.
    pub failed: u64,
    /// Those that are not done yet.
    pub open: u64,
    /// Whether more of them are being looked for.
    pub is_adding: bool,
}

/// Why the local files must not be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "why", content = "files", rename_all = "camelCase")]
pub enum Obstacle {
    /// Files are still being looked for.
    Adding,
    /// No file was dropped.
    Empty,
    /// So many are not done yet.
    Open(u64),
    /// So many failed, or wait for a decision.
    Failed(u64),
    /// So many were left out: their objects are not of these files.
    LeftOut(u64),
    /// So many objects have other bytes by now.
    Differs(u64),
    /// So many objects are gone.
    Gone(u64),
    /// Of so many objects nothing proves what they hold.
    Unproven(u64),
    /// So many objects the store refused to tell of.
    Unanswered(u64),
}

impl Obstacle {
    /// In a few words, as they follow "because".
    pub fn text(self) -> Text {
        match self {
            Self::Adding => message::unsafe_adding(),
            Self::Empty => message::unsafe_empty(),
            Self::Open(files) => message::unsafe_open(files),
            Self::Failed(files) => message::unsafe_failed(files),
            Self::LeftOut(files) => message::unsafe_left_out(files),
            Self::Differs(files) => message::unsafe_differs(files),
            Self::Gone(files) => message::unsafe_gone(files),
            Self::Unproven(files) => message::unsafe_unproven(files),
            Self::Unanswered(files) => message::unsafe_unanswered(files),
        }
    }
}

/// Why the local files must not be deleted; nothing where they may. `rechecked` is what asking the
/// store again found, if it was asked.
pub fn obstacles(account: &Account, rechecked: Option<&RecheckCounts>) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if account.is_adding {
        found.push(Obstacle::Adding);
    } else if account.files == 0 {
        found.push(Obstacle::Empty);
    }
    let mut counted = vec![
        (account.open, Obstacle::Open(account.open)),
        (account.failed, Obstacle::Failed(account.failed)),
        (account.left_out, Obstacle::LeftOut(account.left_out)),
    ];
    if let Some(now) = rechecked {
        counted.extend([
            (now.differs, Obstacle::Differs(now.differs)),
            (now.gone, Obstacle::Gone(now.gone)),
            (now.unproven, Obstacle::Unproven(now.unproven)),
            (now.unanswered, Obstacle::Unanswered(now.unanswered)),
        ]);
    }
    found.extend(counted.into_iter().filter(|(files, _)| *files > 0).map(|(_, why)| why));
    // Whatever the parts say: it is safe only where every file is accounted for as uploaded.
    if found.is_empty() && account.verified != account.files {
        found.push(Obstacle::Open(account.files.saturating_sub(account.verified)));
    }
    found
}

/// Why the local files must not be deleted, or that they may, in a sentence.
pub fn safety(obstacles: &[Obstacle]) -> Text {
    match obstacles {
        [] => message::receipt_safe(),
        _ => {
            let reasons = obstacles.iter().map(|why| why.text()).collect();
            message::receipt_not_safe(Text::list(reasons))
        }
    }
}

/// Whether an object was uploaded for a file that stands so: what a recheck asks for.
pub fn has_object(standing: Standing) -> bool {
    standing == Standing::Done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{EtagMeaning, Maker};

    fn local() -> Local {
        Local {
            size: 9,
            crc64: Some(7),
            crc64_nvme: None,
            etag: None,
            acknowledged: Some("ab-2".to_owned()),
        }
    }

    fn answer<'a>(size: u64, crc64: Option<u64>, etag: Option<&'a str>) -> Answer<'a> {
        Answer {
            size: Some(size),
            crc64,
            crc64_nvme: None,
            etag,
            etag_meaning: EtagMeaning::Opaque,
            maker: Maker::ThisTransfer,
        }
    }

    #[test]
    fn an_object_is_the_one_of_before_only_by_a_proof() {
        let before = Some("v1");
        #[rustfmt::skip]
        let table = [
            ("gone", None, Recheck::Gone),
            ("CRC", Some((answer(9, Some(7), None), Some("v1"))), Recheck::Same),
            ("ETag", Some((answer(9, None, Some("\"AB-2\"")), Some("v1"))), Recheck::Same),
            ("no versions any more", Some((answer(9, Some(7), None), None)), Recheck::Same),
            ("another version", Some((answer(9, Some(7), None), Some("v2"))), Recheck::OtherVersion),
            ("another size", Some((answer(8, Some(7), None), Some("v1"))), Recheck::Differs),
            ("another CRC", Some((answer(9, Some(6), Some("ab-2")), Some("v1"))), Recheck::Differs),
            ("another ETag", Some((answer(9, None, Some("cd")), Some("v1"))), Recheck::Differs),
            // Ours by its id and its size: a strict upload, and no proof of now.
            ("nothing told", Some((answer(9, None, None), Some("v1"))), Recheck::Unproven),
        ];
        for (name, now, expected) in table {
            assert_eq!(Recheck::of(&local(), before, now), expected, "{name}");
        }
    }

    #[test]
    fn it_is_safe_only_where_every_file_is_uploaded() {
        let all = Account { files: 3, verified: 3, ..Account::default() };
        assert_eq!(obstacles(&all, None), []);
        assert_eq!(obstacles(&Account::default(), None), [Obstacle::Empty]);
        let adding = Account { is_adding: true, ..all };
        assert_eq!(obstacles(&adding, None), [Obstacle::Adding]);
        let some = Account { files: 6, verified: 1, left_out: 2, failed: 1, open: 2, ..all };
        assert_eq!(
            obstacles(&some, None),
            [Obstacle::Open(2), Obstacle::Failed(1), Obstacle::LeftOut(2)]
        );
        // Sums that do not add up are no reason to delete anything.
        let unknown = Account { files: 4, ..all };
        assert_eq!(obstacles(&unknown, None), [Obstacle::Open(1)]);
    }

    #[test]
    fn what_a_recheck_found_counts_too() {
        let all = Account { files: 3, verified: 3, ..Account::default() };
        let mut now = RecheckCounts::default();
        now.add(Some(Recheck::Same));
        now.add(Some(Recheck::OtherVersion));
        assert_eq!(obstacles(&all, Some(&now)), [], "the bytes are there");
        for found in [Some(Recheck::Differs), Some(Recheck::Gone), Some(Recheck::Unproven), None] {
            now.add(found);
        }
        assert_eq!((now.asked(), now.unlike()), (6, 5));
        assert_eq!(
            obstacles(&all, Some(&now)),
            [
                Obstacle::Differs(1),
                Obstacle::Gone(1),
                Obstacle::Unproven(1),
                Obstacle::Unanswered(1)
            ]
        );
    }
}
