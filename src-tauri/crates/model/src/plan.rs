//! The part plan: which byte ranges of a file are sent as which part.

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, FaultKind};
use crate::profile::Provider;

/// Bytes in a mebibyte.
pub const MIB: u64 = 1024 * 1024;
/// Most parts of one upload, on OSS and S3.
pub const MAX_PARTS: u64 = 10_000;
/// Most bytes of one part and of one PutObject, on OSS and S3.
pub const MAX_PART_SIZE: u64 = 5 * 1024 * MIB;
/// The usual part size, in bytes. A file up to it is sent by one request, unless the link is slow.
pub const DEFAULT_PART_SIZE: u64 = 8 * MIB;
/// In place of a part size: it follows the file and the link ([`automatic_part_size`]).
pub const AUTOMATIC: u64 = 0;

/// Part sizes of large files where nothing is known of the link: from so many bytes on, so many.
const BY_FILE: [(u64, u64); 3] =
    [(128 * 1024 * MIB, 64 * MIB), (16 * 1024 * MIB, 32 * MIB), (512 * MIB, 16 * MIB)];
/// A part of one request is sent within this time, in seconds: that is what a broken connection
/// costs.
const LONGEST: f64 = 60.0;
/// And it takes at least this time, or requests cost more than they carry.
const SHORTEST: f64 = 0.25;
/// How large a file that still grows is taken to become.
const GROWS_TO: u64 = 64 * 1024 * MIB;
/// A large file has at least so many parts, to be sent side by side.
const FEWEST_PARTS: u64 = 4;

/// The part size for a file of `size` bytes, where each request moves `bytes_each` bytes a second,
/// if that is known: 1 to 64 MiB, in powers of two.
pub fn automatic_part_size(size: u64, bytes_each: Option<f64>) -> u64 {
    let (least, most) = (MIB, 64 * MIB);
    let by_file = BY_FILE.iter().find(|(from, _)| size >= *from);
    let mut part_size = by_file.map_or(DEFAULT_PART_SIZE, |(_, part_size)| *part_size);
    if size > DEFAULT_PART_SIZE {
        part_size = part_size.max(in_time(bytes_each, SHORTEST).unwrap_or(0));
        part_size = part_size.min(power_below(size / FEWEST_PARTS).max(DEFAULT_PART_SIZE));
    }
    part_size.min(in_time(bytes_each, LONGEST).unwrap_or(most)).clamp(least, most)
}

/// The part size for a file that still grows: as of a large one, so that 10,000 parts hold it.
pub fn growing_part_size(bytes_each: Option<f64>) -> u64 {
    automatic_part_size(GROWS_TO, bytes_each)
}

/// How many bytes a file has at least when it is begun although it still grows, where parts of
/// `wanted` bytes, or [`AUTOMATIC`], are asked for.
pub fn growing_from(wanted: u64) -> u64 {
    2 * if wanted == AUTOMATIC { DEFAULT_PART_SIZE } else { wanted }
}

/// What one request moves in so many seconds.
fn in_time(bytes_each: Option<f64>, seconds: f64) -> Option<u64> {
    bytes_each.map(|bytes| power_below((bytes * seconds) as u64))
}

/// The greatest power of two that is not greater; 0 for 0.
fn power_below(number: u64) -> u64 {
    number.checked_ilog2().map_or(0, |power| 1 << power)
}

/// A service's limits on parts, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartLimits {
    /// Least bytes of every part but the last.
    pub min_part_size: u64,
    /// Most bytes of a part.
    pub max_part_size: u64,
    /// Most parts.
    pub max_parts: u64,
}

impl PartLimits {
    /// The limits of a provider. OSS checks 100 KB, S3 5 MiB, both only at Complete.
    pub fn of(provider: Provider) -> Self {
        let min_part_size = match provider {
            Provider::Oss => 100 * 1024,
            Provider::S3 => 5 * MIB,
        };
        Self { min_part_size, max_part_size: MAX_PART_SIZE, max_parts: MAX_PARTS }
    }
}

/// One part's range of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartRange {
    /// Part number, from 1.
    pub number: u32,
    /// First byte.
    pub offset: u64,
    /// Bytes.
    pub len: u64,
}

/// How a file of a given size is cut. A resumed upload keeps the plan it began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartPlan {
    size: u64,
    part_size: u64,
}

impl PartPlan {
    /// Plans `size` bytes in parts of about `wanted` bytes: raised to the service's minimum, and
    /// raised to the next whole MiB that keeps the file within 10,000 parts.
    ///
    /// # Errors
    /// [`FaultKind::TooLarge`] when the file does not fit into the service's parts.
    pub fn new(size: u64, wanted: u64, limits: PartLimits) -> Result<Self, Fault> {
        let needed = size.div_ceil(limits.max_parts);
        let wanted = wanted.clamp(limits.min_part_size, limits.max_part_size);
        let part_size = if needed <= wanted { wanted } else { needed.next_multiple_of(MIB) };
        if part_size <= limits.max_part_size {
            return Ok(Self { size, part_size });
        }
        if needed <= limits.max_part_size {
            return Ok(Self { size, part_size: limits.max_part_size });
        }
        Err(Fault::new(FaultKind::TooLarge).with_detail(format!("{size} bytes")))
    }

    /// The plan that an upload began with; of a file that waits with [`AUTOMATIC`], the one that it
    /// begins with on a link of which nothing is known.
    pub fn resumed(size: u64, part_size: u64) -> Self {
        let part_size = match part_size {
            AUTOMATIC => automatic_part_size(size, None),
            chosen => chosen,
        };
        Self { size, part_size }
    }

    /// The multipart threshold: whether one PutObject does. Always for an empty file, otherwise
    /// when the file is no larger than one part.
    pub fn fits_one_request(&self) -> bool {
        self.size <= self.part_size
    }

    /// Those of the first `size` bytes that are whole parts, where more bytes follow: what of a
    /// file that grows can be sent. The service's last part is kept for the rest.
    pub fn whole_parts(&self) -> impl Iterator<Item = PartRange> + use<> {
        let most = u32::try_from(MAX_PARTS).unwrap_or(u32::MAX);
        let end = self.size;
        self.parts().filter(move |part| part.number < most && part.offset + part.len < end)
    }

    /// Whether a file that is complete goes by an upload that was begun with parts of this size.
    pub fn fits_upload(&self) -> bool {
        !self.fits_one_request() && self.size.div_ceil(self.part_size) <= MAX_PARTS
    }

    /// The file's bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of every part but the last.
    pub fn part_size(&self) -> u64 {
        self.part_size
    }

    /// How many parts.
    pub fn count(&self) -> u32 {
        u32::try_from(self.size.div_ceil(self.part_size)).unwrap_or(u32::MAX)
    }

    /// The range of part `number` (from 1), if there is such a part.
    pub fn part(&self, number: u32) -> Option<PartRange> {
        if number == 0 || number > self.count() {
            return None;
        }
        let offset = u64::from(number - 1) * self.part_size;
        Some(PartRange { number, offset, len: self.part_size.min(self.size - offset) })
    }

    /// All parts in order.
    pub fn parts(&self) -> impl Iterator<Item = PartRange> + use<> {
        let plan = *self;
        (1..=plan.count()).filter_map(move |number| plan.part(number))
    }
}

/// Parts of one size before the next are twice as large, where the input's length is unknown.
const PARTS_OF_A_SIZE: u64 = 1_000;
/// Bytes of such an input that are in memory, in any case.
const STREAM_BUDGET: u64 = 64 * MIB;

/// How an input of unknown length is cut: each part's place follows from its number alone. After
/// every thousand parts their size doubles, up to the service's largest: parts of 8 MiB become
/// parts of 16 MiB after 8 GB, and 10,000 of them hold nearly 8 TiB. The service's largest object
/// has only parts of the largest size: as much as that takes a larger first part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamPlan {
    first: u64,
    limits: PartLimits,
}

impl StreamPlan {
    /// Begins with parts of `wanted` bytes, or of the usual size for [`AUTOMATIC`], within the
    /// service's limits.
    pub fn new(wanted: u64, limits: PartLimits) -> Self {
        let wanted = if wanted == AUTOMATIC { DEFAULT_PART_SIZE } else { wanted };
        Self { first: wanted.clamp(limits.min_part_size, limits.max_part_size), limits }
    }

    /// Bytes of the first part. An input up to it is sent by one request.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Most bytes of an input.
    pub fn most(&self) -> u64 {
        self.offset(self.limits.max_parts)
    }

    /// The range of part `number` (from 1) of an input that does not end within it; `None` where
    /// the service takes no such part.
    pub fn part(&self, number: u32) -> Option<PartRange> {
        let before = u64::from(number).checked_sub(1)?;
        (before < self.limits.max_parts).then(|| PartRange {
            number,
            offset: self.offset(before),
            len: self.size(before / PARTS_OF_A_SIZE),
        })
    }

    /// Most bytes in memory while this part is read: several parts, of large ones two.
    pub fn budget(part: PartRange) -> u64 {
        STREAM_BUDGET.max(part.len.saturating_mul(2))
    }

    /// Bytes of a part after so many doublings.
    fn size(&self, doublings: u64) -> u64 {
        let doubled = u32::try_from(doublings).ok().and_then(|by| 1u64.checked_shl(by));
        doubled.unwrap_or(u64::MAX).saturating_mul(self.first).min(self.limits.max_part_size)
    }

    /// Bytes of the first `parts` parts.
    fn offset(&self, parts: u64) -> u64 {
        let (doublings, rest) = (parts / PARTS_OF_A_SIZE, parts % PARTS_OF_A_SIZE);
        let whole: u64 = (0..doublings).map(|by| self.size(by) * PARTS_OF_A_SIZE).sum();
        whole + self.size(doublings) * rest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_what_grows_whole_parts_go_and_the_rest_waits() {
        for (size, whole) in [(0, 0), (99, 0), (100, 0), (101, 1), (200, 1), (201, 2), (350, 3)] {
            let parts: Vec<PartRange> = PartPlan::resumed(size, 100).whole_parts().collect();
            assert_eq!(parts.len(), whole, "{size}");
            assert!(parts.iter().all(|part| part.len == 100), "{size}");
        }
        // However long it grows, the last part is kept.
        assert_eq!(PartPlan::resumed(100 * MAX_PARTS * 3, 100).whole_parts().count(), 9_999);
        for (size, fits) in
            [(100, false), (101, true), (100 * MAX_PARTS, true), (100 * MAX_PARTS + 1, false)]
        {
            assert_eq!(PartPlan::resumed(size, 100).fits_upload(), fits, "{size}");
        }
        assert_eq!(growing_part_size(None), 32 * MIB);
        assert_eq!(growing_part_size(Some(MIB as f64 / 16.0)), 2 * MIB, "a slow link");
    }

    #[test]
    fn known_sizes() {
        let oss = PartLimits::of(Provider::Oss);
        // (size, wanted, part size, parts)
        for (size, wanted, part_size, count) in [
            (0, DEFAULT_PART_SIZE, DEFAULT_PART_SIZE, 0),
            (1, DEFAULT_PART_SIZE, DEFAULT_PART_SIZE, 1),
            (DEFAULT_PART_SIZE, DEFAULT_PART_SIZE, DEFAULT_PART_SIZE, 1),
            (DEFAULT_PART_SIZE + 1, DEFAULT_PART_SIZE, DEFAULT_PART_SIZE, 2),
            (DEFAULT_PART_SIZE * 10_000, DEFAULT_PART_SIZE, DEFAULT_PART_SIZE, 10_000),
            (DEFAULT_PART_SIZE * 10_000 + 1, DEFAULT_PART_SIZE, 9 * MIB, 8889),
            (102_400 * 10_000, 102_400, 102_400, 10_000),
            (1, 1, 102_400, 1),
            (MAX_PART_SIZE * 10_000, DEFAULT_PART_SIZE, MAX_PART_SIZE, 10_000),
        ] {
            let plan = PartPlan::new(size, wanted, oss).expect("fits");
            assert_eq!((plan.part_size(), plan.count()), (part_size, count), "{size}");
        }
        let fault = PartPlan::new(MAX_PART_SIZE * 10_000 + 1, DEFAULT_PART_SIZE, oss)
            .expect_err("too large");
        assert_eq!(fault.kind, FaultKind::TooLarge);
    }

    #[test]
    fn an_automatic_part_follows_the_file_and_the_link() {
        let gib = 1024 * MIB;
        for (size, kib_each, part_mib) in [
            (0, None, 8),
            (8 * MIB, None, 8),
            (20 * MIB, None, 8),
            (511 * MIB, None, 8),
            (512 * MIB, None, 16),
            (16 * gib, None, 32),
            (200 * gib, None, 64),
            // Slow links: no part takes longer than a minute.
            (8 * MIB, Some(200), 8),
            (8 * MIB, Some(20), 1),
            (4 * gib, Some(128), 4),
            (4 * gib, Some(1), 1),
            // Fast ones: no part is over at once, and there are several.
            (4 * gib, Some(125_000), 16),
            (4 * gib, Some(1_000_000), 64),
            (100 * MIB, Some(1_000_000), 16),
            (20 * MIB, Some(1_000_000), 8),
        ] {
            let each = kib_each.map(|kib| f64::from(kib) * 1024.0);
            let found = automatic_part_size(size, each);
            assert_eq!(found / MIB, part_mib, "{size} bytes, {kib_each:?} KiB/s each");
        }
        let waiting = PartPlan::resumed(gib, AUTOMATIC);
        assert_eq!((waiting.part_size(), waiting.count()), (16 * MIB, 64));
    }

    #[test]
    fn parts_of_a_stream_grow() {
        let plan = StreamPlan::new(AUTOMATIC, PartLimits::of(Provider::S3));
        for (number, offset_mib, mib) in [
            (1, 0, 8),
            (2, 8, 8),
            (1_000, 7_992, 8),
            (1_001, 8_000, 16),
            (2_001, 24_000, 32),
            (10_000, 4_088_000 + 999 * 4_096, 4_096),
        ] {
            let part = plan.part(number).expect("the service takes it");
            assert_eq!((part.offset / MIB, part.len / MIB), (offset_mib, mib), "{number}");
        }
        assert_eq!((plan.part(0), plan.part(10_001)), (None, None));
        let tib = 1024 * 1024 * MIB;
        assert!(plan.most() > 7 * tib, "{}", plan.most());
        // What a service takes at most: parts of the largest size, from the first on.
        let largest = StreamPlan::new(u64::MAX, PartLimits::of(Provider::Oss));
        assert_eq!(largest.most(), MAX_PART_SIZE * MAX_PARTS);
        assert_eq!(StreamPlan::new(1, PartLimits::of(Provider::S3)).first(), 5 * MIB);
        let budget = |number| StreamPlan::budget(plan.part(number).expect("a part")) / MIB;
        assert_eq!((budget(1), budget(4_001), budget(9_001)), (64, 256, 8_192));
    }

    proptest! {
        #[test]
        fn a_streams_parts_cover_any_input_within_the_limits(
            wanted in 0u64..=6 * 1024 * MIB,
            size in 0u64..=MAX_PART_SIZE * 10_000,
            s3 in any::<bool>(),
        ) {
            let limits = PartLimits::of(if s3 { Provider::S3 } else { Provider::Oss });
            let plan = StreamPlan::new(wanted, limits);
            let (mut end, mut len) = (0, limits.min_part_size);
            let parts = (1..).map_while(|number| plan.part(number));
            let mut count = 0;
            for part in parts.take_while(|part| part.offset < size) {
                count += 1;
                prop_assert_eq!((part.number, part.offset), (count, end));
                prop_assert!(part.len >= len && part.len <= limits.max_part_size);
                (end, len) = (end + part.len, part.len);
            }
            prop_assert!(u64::from(count) <= limits.max_parts);
            prop_assert_eq!(end >= size, size <= plan.most(), "{} of {}", end, size);
            // A larger first part leads as far as the service goes.
            let doubled = StreamPlan::new(plan.first() * 2, limits);
            prop_assert!(doubled.most() >= plan.most());
        }

        #[test]
        fn automatic_parts_fit_every_file(
            size in 0u64..=MAX_PART_SIZE * 10_000,
            each in prop::option::of(0.0f64..1e12),
        ) {
            let wanted = automatic_part_size(size, each);
            prop_assert!((MIB..=64 * MIB).contains(&wanted) && wanted.is_power_of_two());
            prop_assert!(automatic_part_size(size, each.map(|each| each * 2.0)) >= wanted);
            let plan = PartPlan::new(size, wanted, PartLimits::of(Provider::Oss)).expect("fits");
            prop_assert!(u64::from(plan.count()) <= MAX_PARTS);
        }

        #[test]
        fn l11_parts_cover_the_file_exactly_within_the_limits(
            size in 0u64..=MAX_PART_SIZE * 10_000,
            wanted in 0u64..=6 * 1024 * MIB,
            s3 in any::<bool>(),
        ) {
            let limits = PartLimits::of(if s3 { Provider::S3 } else { Provider::Oss });
            let plan = PartPlan::new(size, wanted, limits).expect("within the service's limit");
            prop_assert!(plan.part_size() >= limits.min_part_size && plan.part_size() <= limits.max_part_size);
            prop_assert!(u64::from(plan.count()) <= limits.max_parts);
            let mut end = 0;
            for (index, part) in plan.parts().enumerate() {
                prop_assert_eq!(part.number as usize, index + 1);
                prop_assert_eq!(part.offset, end);
                prop_assert!(part.len > 0);
                end += part.len;
            }
            prop_assert_eq!(end, size);
            prop_assert_eq!(plan.part(0), None);
            prop_assert_eq!(plan.part(plan.count() + 1), None);
        }
    }
}
