//! Whose an unfinished upload is that the store lists: the services list no metadata of it, so the
//! bytes decide; where there are none yet, its key and the time of its beginning.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ferry_text::{Text, message};

use crate::fault::Fault;
use crate::plan::{PartLimits, PartPlan};
use crate::verdict::Verdict;

/// Whose an unfinished upload is.
#[derive(Debug, Clone, PartialEq)]
pub enum Ownership {
    /// A local file has its key, and every part agrees with that file.
    Ours,
    /// Like [`Self::Ours`], but the file goes on under another upload.
    Superseded,
    /// A transfer of this queue has it.
    Queued,
    /// No local file has its key.
    NoFile,
    /// It has no part, so nothing tells whose it is.
    NoParts,
    /// Its parts are not cut as Ferry cuts a file of this size.
    OtherCut,
    /// The part of this number has other bytes than the file.
    PartDiffers(u32),
    /// The store tells no checksum of the part of this number.
    Unproven(u32),
    /// The file could not be compared.
    FileFault(Box<Fault>),
}

impl Ownership {
    /// What one part's verdict says against [`Self::Ours`]; `None` where it agrees.
    pub fn refuted_by(number: u32, verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::Agrees => None,
            Verdict::Differs => Some(Self::PartDiffers(number)),
            Verdict::Unknown => Some(Self::Unproven(number)),
        }
    }

    /// Whether a transfer may go on with it.
    pub fn may_resume(&self) -> bool {
        *self == Self::Ours
    }

    /// Whether it may be aborted: what is ours, and what the user named. What a transfer of the
    /// queue has is cancelled there.
    pub fn may_abort(&self, named: bool) -> bool {
        match self {
            Self::Ours | Self::Superseded => true,
            Self::Queued => false,
            Self::NoFile
            | Self::NoParts
            | Self::OtherCut
            | Self::PartDiffers(_)
            | Self::Unproven(_)
            | Self::FileFault(_) => named,
        }
    }

    /// The word that scripts read.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Superseded => "superseded",
            Self::Queued => "queued",
            Self::NoFile => "noFile",
            Self::NoParts => "noParts",
            Self::OtherCut => "otherCut",
            Self::PartDiffers(_) => "partDiffers",
            Self::Unproven(_) => "unproven",
            Self::FileFault(_) => "fileFault",
        }
    }

    /// Why it counts as that.
    pub fn sentence(&self) -> Text {
        match self {
            Self::Ours => message::ownership_ours(),
            Self::Superseded => message::ownership_superseded(),
            Self::Queued => message::ownership_queued(),
            Self::NoFile => message::ownership_no_file(),
            Self::NoParts => message::ownership_no_parts(),
            Self::OtherCut => message::ownership_other_cut(),
            Self::PartDiffers(number) => message::ownership_part_differs(*number),
            Self::Unproven(number) => message::ownership_unproven(*number),
            Self::FileFault(fault) => fault.sentence(),
        }
    }
}

/// How much earlier than our intent the store may date an upload of ours, in its own time: whole
/// seconds are rounded, and the clock's offset itself is only known to a second.
const DATING: Duration = Duration::from_secs(3);

/// An upload as the store lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    /// The key it will become.
    pub key: &'a str,
    /// Its id.
    pub id: &'a str,
    /// When it was begun, if the store tells it readably.
    pub begun: Option<SystemTime>,
}

/// Which uploads Initiates made of which no answer came: those of this key that were begun since
/// `intent_ms` in the store's time, and that no other transfer is known to have (`taken`).
/// `waiting` transfers of this object, this one among them, do not know what became of their
/// Initiate: where there are more uploads than that, a stranger's is among them, nothing tells
/// which, and none is named. The caller looks whether they are empty, as such ones must be.
pub fn lost_uploads<'a>(
    listed: impl IntoIterator<Item = Listed<'a>>,
    key: &str,
    intent_ms: i64,
    taken: &BTreeSet<String>,
    waiting: u64,
) -> Vec<&'a str> {
    let intent = Duration::from_millis(u64::try_from(intent_ms).unwrap_or(0));
    // Later than the system knows any time: nothing was begun since.
    let Some(since) = UNIX_EPOCH.checked_add(intent) else { return Vec::new() };
    let earliest = since.checked_sub(DATING).unwrap_or(since);
    let ours = listed.into_iter().filter(|upload| {
        upload.key == key
            && upload.begun.is_some_and(|begun| begun >= earliest)
            && !taken.contains(upload.id)
    });
    let ours: Vec<&str> = ours.map(|upload| upload.id).collect();
    if ours.len() as u64 > waiting { Vec::new() } else { ours }
}

/// The plans that parts of these numbers and sizes can belong to, for a file of `size` bytes: the
/// first listed part is a full one, or it is the last part and the others share what it leaves.
/// Which one it is, the checksums tell.
pub fn plans_of_parts(size: u64, parts: &[(u32, u64)], limits: PartLimits) -> Vec<PartPlan> {
    let Some((number, len)) = parts.iter().copied().min_by_key(|(number, _)| *number) else {
        return Vec::new();
    };
    let shared = number
        .checked_sub(1)
        .and_then(|before| size.checked_sub(len)?.checked_div(u64::from(before)))
        .filter(|part_size| *part_size != len);
    let fits = |plan: &PartPlan| {
        // What fits one request is no upload in parts.
        !plan.fits_one_request()
            && (limits.min_part_size..=limits.max_part_size).contains(&plan.part_size())
            && u64::from(plan.count()) <= limits.max_parts
            && parts
                .iter()
                .all(|(number, len)| plan.part(*number).is_some_and(|range| range.len == *len))
    };
    let sizes = [Some(len), shared].into_iter().flatten();
    sizes.map(|part_size| PartPlan::resumed(size, part_size)).filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fault::FaultKind;
    use crate::plan::MIB;
    use crate::profile::Provider;

    #[test]
    fn only_what_every_part_proves_is_resumed_or_aborted_unnamed() {
        let fault = Fault::new(FaultKind::SourceChanged);
        // (whose, resumed, aborted, aborted when named)
        for (ownership, resume, abort, named) in [
            (Ownership::Ours, true, true, true),
            (Ownership::Superseded, false, true, true),
            (Ownership::Queued, false, false, false),
            (Ownership::NoFile, false, false, true),
            (Ownership::NoParts, false, false, true),
            (Ownership::OtherCut, false, false, true),
            (Ownership::PartDiffers(3), false, false, true),
            (Ownership::Unproven(3), false, false, true),
            (Ownership::FileFault(Box::new(fault)), false, false, true),
        ] {
            let may =
                (ownership.may_resume(), ownership.may_abort(false), ownership.may_abort(true));
            assert_eq!(may, (resume, abort, named), "{ownership:?}");
        }
        assert_eq!(Ownership::refuted_by(1, Verdict::Agrees), None);
        assert_eq!(Ownership::refuted_by(2, Verdict::Differs), Some(Ownership::PartDiffers(2)));
        assert_eq!(Ownership::refuted_by(3, Verdict::Unknown), Some(Ownership::Unproven(3)));
    }

    #[test]
    fn lost_uploads_are_those_since_the_intent_that_nobody_has() {
        let at = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
        let upload = |key, id, begun| Listed { key, id, begun };
        let (old, own, other) =
            (upload("k", "old", at(90)), upload("k", "own", at(98)), upload("k", "other", at(200)));
        for (listed, taken, waiting, found) in [
            (vec![], None, 1, vec![]),
            (vec![own], None, 1, vec!["own"]),
            // The store dates it a little earlier than the intent, not long before it.
            (vec![old, own], None, 1, vec!["own"]),
            (vec![upload("k", "early", at(96))], None, 1, vec![]),
            // Of two, nothing tells which it is, unless one is known to be another transfer's.
            (vec![own, other], None, 1, vec![]),
            (vec![own, other], Some("other"), 1, vec!["own"]),
            (vec![own, other], Some("own"), 1, vec!["other"]),
            // Two transfers may have begun two, not three.
            (vec![own], None, 2, vec!["own"]),
            (vec![own, other], None, 2, vec!["own", "other"]),
            (vec![own, other, upload("k", "third", at(300))], None, 2, vec![]),
            (vec![own], Some("own"), 1, vec![]),
            (vec![upload("k2", "longer", at(100)), own], None, 1, vec!["own"]),
            (vec![upload("k", "undated", None)], None, 1, vec![]),
        ] {
            let taken = taken.map(str::to_owned).into_iter().collect();
            let told = lost_uploads(listed.iter().copied(), "k", 100_000, &taken, waiting);
            assert_eq!(told, found, "{listed:?}, {taken:?}, {waiting}");
        }
        assert!(lost_uploads([own], "k", i64::MAX, &BTreeSet::new(), 1).is_empty());
    }

    #[test]
    fn known_cuts() {
        let oss = PartLimits::of(Provider::Oss);
        let size = 10 * MIB;
        for (parts, expected) in [
            (vec![], vec![]),
            (vec![(1, 4 * MIB)], vec![4 * MIB]),
            (vec![(2, 4 * MIB), (3, 2 * MIB)], vec![4 * MIB]),
            // The last one alone: the third of three, or the third of five.
            (vec![(3, 2 * MIB)], vec![2 * MIB, 4 * MIB]),
            (vec![(1, 4 * MIB), (2, 3 * MIB)], vec![]),
            (vec![(4, 4 * MIB)], vec![]),
            (vec![(0, 4 * MIB)], vec![]),
            (vec![(1, 10 * MIB)], vec![]),
            (vec![(1, 11 * MIB)], vec![]),
            (vec![(1, 1024)], vec![]),
            (vec![(1, 0)], vec![]),
        ] {
            let plans = plans_of_parts(size, &parts, oss);
            let sizes: Vec<u64> = plans.iter().map(PartPlan::part_size).collect();
            assert_eq!(sizes, expected, "{parts:?}");
        }
    }

    proptest! {
        /// Whatever parts of a plan arrived, the plan is among those found.
        #[test]
        fn the_plan_is_found_again(
            size in 1u64..=1 << 40,
            wanted in 0u64..=64 * MIB,
            arrived in prop::collection::vec(any::<u32>(), 1..8),
            s3 in any::<bool>(),
        ) {
            let limits = PartLimits::of(if s3 { Provider::S3 } else { Provider::Oss });
            let plan = PartPlan::new(size, wanted, limits).expect("within the limits");
            prop_assume!(!plan.fits_one_request());
            let ranges = arrived.iter().filter_map(|n| plan.part(n % plan.count() + 1));
            let parts: Vec<(u32, u64)> = ranges.map(|range| (range.number, range.len)).collect();
            prop_assert!(plans_of_parts(size, &parts, limits).contains(&plan));
        }
    }
}
