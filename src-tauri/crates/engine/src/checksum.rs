//! Checksums computed while bytes are read: CRC-64/XZ always, MD5 where the store or the profile
//! asks for it.

use crc_fast::{CrcAlgorithm, Digest as CrcDigest};
use md5::{Digest as _, Md5};

/// Whether MD5 is computed besides CRC-64: it costs thirty times as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Md5Wanted {
    Yes,
    No,
}

/// What was computed over a run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checksums {
    /// Bytes that went in.
    pub(crate) len: u64,
    /// CRC-64/XZ, as OSS sends it in `x-oss-hash-crc64ecma`.
    pub(crate) crc64: u64,
    /// MD5, if wanted.
    pub(crate) md5: Option<[u8; 16]>,
}

/// Takes bytes in order.
pub(crate) struct Checksummer {
    len: u64,
    crc: CrcDigest,
    md5: Option<Md5>,
}

impl Checksummer {
    pub(crate) fn new(md5: Md5Wanted) -> Self {
        Self {
            len: 0,
            crc: CrcDigest::new(CrcAlgorithm::Crc64Xz),
            md5: (md5 == Md5Wanted::Yes).then(Md5::new),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        self.crc.update(bytes);
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Checksums {
        Checksums {
            len: self.len,
            crc64: self.crc.finalize(),
            md5: self.md5.map(|md5| md5.finalize().into()),
        }
    }
}

/// The CRC-64/XZ of the whole from those of its consecutive pieces: (crc, bytes) in order. No
/// pieces make 0.
pub(crate) fn combine(pieces: impl IntoIterator<Item = (u64, u64)>) -> u64 {
    let mut pieces = pieces.into_iter();
    let Some((first, _)) = pieces.next() else { return 0 };
    pieces.fold(first, |whole, (crc, len)| {
        crc_fast::checksum_combine(CrcAlgorithm::Crc64Xz, whole, crc, len)
    })
}

/// The ETag that S3's rule gives a multipart object: MD5 over the parts' binary MD5s, then `-N`.
/// Without quotes, lower case.
pub(crate) fn multipart_etag(parts: &[[u8; 16]]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(part);
    }
    format!("{}-{}", hex::encode(md5.finalize()), parts.len())
}

/// Whether two ETags are the same: quotes and letter case do not count.
pub(crate) fn same_etag(one: &str, other: &str) -> bool {
    one.trim_matches('"').eq_ignore_ascii_case(other.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(bytes: &[u8]) -> Checksums {
        let mut checksummer = Checksummer::new(Md5Wanted::Yes);
        checksummer.update(bytes);
        checksummer.finish()
    }

    #[test]
    fn known_values() {
        let nine = of(b"123456789");
        assert_eq!(nine.crc64, 0x995d_c9bb_df19_39fa);
        assert_eq!(nine.md5.map(hex::encode).as_deref(), Some("25f9e794323b453885f5181f1b624d0b"));
        assert_eq!(of(b"").crc64, 0);
        assert!(same_etag("\"ABC\"", "abc"));
    }

    proptest! {
        #[test]
        fn pieces_combine_to_the_whole(bytes in prop::collection::vec(any::<u8>(), 0..4000), cuts in prop::collection::vec(0usize..4000, 0..5)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|edge| of(&bytes[edge[0]..edge[1]])).map(|sums| (sums.crc64, sums.len));
            prop_assert_eq!(combine(pieces.collect::<Vec<_>>()), of(&bytes).crc64);
        }
    }
}
