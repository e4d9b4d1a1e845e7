//! Checksums of bytes, and the forms in which stores tell them: the one module that computes them.
//!
//! CRC-64/XZ is computed always, MD5 and CRC-64/NVME where the store or the profile asks for them.

use crc_fast::{CrcAlgorithm, Digest as CrcDigest};
use md5::{Digest as _, Md5};

/// What is computed besides CRC-64/XZ. MD5 costs forty times as much as a CRC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing.
    Crc64,
    /// MD5.
    WithMd5,
    /// CRC-64/NVME.
    WithNvme,
    /// Both.
    WithBoth,
}

impl Wanted {
    /// The same, and MD5 with it.
    pub fn and_md5(self) -> Self {
        match self {
            Self::Crc64 | Self::WithMd5 => Self::WithMd5,
            Self::WithNvme | Self::WithBoth => Self::WithBoth,
        }
    }

    /// The same, and no MD5.
    pub fn without_md5(self) -> Self {
        match self {
            Self::Crc64 | Self::WithMd5 => Self::Crc64,
            Self::WithNvme | Self::WithBoth => Self::WithNvme,
        }
    }

    /// Whether an MD5 is computed.
    pub fn md5(self) -> bool {
        matches!(self, Self::WithMd5 | Self::WithBoth)
    }

    fn nvme(self) -> bool {
        matches!(self, Self::WithNvme | Self::WithBoth)
    }
}

/// The CRCs of 64 bits that stores tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crc64 {
    /// CRC-64/XZ (ECMA-182): OSS.
    Xz,
    /// CRC-64/NVME: S3.
    Nvme,
}

impl Crc64 {
    fn algorithm(self) -> CrcAlgorithm {
        match self {
            Self::Xz => CrcAlgorithm::Crc64Xz,
            Self::Nvme => CrcAlgorithm::Crc64Nvme,
        }
    }

    /// The CRC of two pieces put together, from theirs; `len2` is the second one's length in bytes.
    pub fn combine(self, crc1: u64, crc2: u64, len2: u64) -> u64 {
        if crc1 == 0 {
            // As of no bytes: zeros stay zeros, however far they are shifted.
            return crc2;
        }
        // The library takes no length of zero.
        if len2 == 0 {
            crc1
        } else {
            crc_fast::checksum_combine(self.algorithm(), crc1, crc2, len2)
        }
    }

    /// The CRC of the whole from those of its consecutive pieces. No pieces make 0; `None` where
    /// one was not computed.
    pub fn combine_all<'a>(self, pieces: impl IntoIterator<Item = &'a Checksums>) -> Option<u64> {
        // 0 is the CRC of no bytes at all.
        pieces.into_iter().try_fold(0, |whole, piece| {
            let crc = match self {
                Self::Xz => Some(piece.crc64),
                Self::Nvme => piece.crc64_nvme,
            };
            Some(self.combine(whole, crc?, piece.len))
        })
    }
}

/// What was computed over a run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksums {
    /// Bytes that went in.
    pub len: u64,
    /// CRC-64/XZ, as OSS sends it in `x-oss-hash-crc64ecma`.
    pub crc64: u64,
    /// CRC-64/NVME, as S3 sends it in `x-amz-checksum-crc64nvme`, if wanted.
    pub crc64_nvme: Option<u64>,
    /// MD5, if wanted.
    pub md5: Option<[u8; 16]>,
}

impl Checksums {
    /// These sums, with the MD5 of an `earlier` reading of the same range: its CRC-64 says that the
    /// bytes were the same.
    pub fn with_md5_of(self, earlier: &Self) -> Self {
        let same = (earlier.len, earlier.crc64) == (self.len, self.crc64);
        Self { md5: self.md5.or(earlier.md5.filter(|_| same)), ..self }
    }
}

/// Takes bytes in order.
#[derive(Debug)]
pub struct Checksummer {
    len: u64,
    crc: CrcDigest,
    nvme: Option<CrcDigest>,
    md5: Option<Md5>,
}

impl Checksummer {
    /// Nothing taken yet.
    pub fn new(wanted: Wanted) -> Self {
        Self {
            len: 0,
            crc: CrcDigest::new(CrcAlgorithm::Crc64Xz),
            nvme: wanted.nvme().then(|| CrcDigest::new(CrcAlgorithm::Crc64Nvme)),
            md5: wanted.md5().then(Md5::new),
        }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        self.crc.update(bytes);
        if let Some(nvme) = &mut self.nvme {
            nvme.update(bytes);
        }
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    /// The checksums of all that was taken.
    pub fn finish(self) -> Checksums {
        Checksums {
            len: self.len,
            crc64: self.crc.finalize(),
            crc64_nvme: self.nvme.map(|nvme| nvme.finalize()),
            md5: self.md5.map(|md5| md5.finalize().into()),
        }
    }
}

/// The checksums of some bytes, all there are.
pub fn of(bytes: &[u8]) -> Checksums {
    let mut checksummer = Checksummer::new(Wanted::WithBoth);
    checksummer.update(bytes);
    checksummer.finish()
}

/// An MD5 as stores write it in an ETag: lower-case hex.
pub fn md5_hex(md5: &[u8; 16]) -> String {
    hex::encode(md5)
}

/// The ETag S3 gives an object merged from parts with these MD5s: MD5 of the MD5s, then `-N`.
/// Lower-case, without quotes. OSS documents its own as opaque: never compare with this there.
pub fn multipart_etag(parts: &[[u8; 16]]) -> String {
    let mut hasher = Md5::new();
    for md5 in parts {
        hasher.update(md5);
    }
    format!("{}-{}", hex::encode(hasher.finalize()), parts.len())
}

/// Whether two ETags are the same: quotes and the case of hex do not count.
pub fn same_etag(left: &str, right: &str) -> bool {
    unquote(left).eq_ignore_ascii_case(unquote(right))
}

/// The `N` of an ETag that ends in `-N`: in how many parts the object was sent; `None` for one
/// request.
pub fn parts_in(etag: &str) -> Option<u32> {
    unquote(etag).rsplit_once('-').and_then(|(_, parts)| parts.parse().ok())
}

/// Longest ETag that is believed: no store is known to send half as much.
const ETAG_LIMIT: usize = 256;

/// An ETag that can be believed, without white space, weak mark and quotes. `None` if nothing is
/// left, or something that an ETag cannot hold (RFC 9110, 8.8.3): what is read here is written into
/// the body of Complete and compared as it is.
pub fn etag(text: &str) -> Option<&str> {
    let etag = unquote(text);
    let fine = (1..=ETAG_LIMIT).contains(&etag.len())
        && etag.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    fine.then_some(etag)
}

/// An ETag without white space, weak mark and quotes.
pub fn unquote(etag: &str) -> &str {
    let etag = etag.trim();
    // Only before a quote is it a mark: without, it is part of the ETag, and would be lost when
    // read a second time.
    let etag = etag.strip_prefix("W/").filter(|quoted| quoted.starts_with('"')).unwrap_or(etag);
    etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        let nine = of(b"123456789");
        assert_eq!(nine.crc64, 0x995d_c9bb_df19_39fa);
        assert_eq!(nine.crc64_nvme, Some(0xae8b_1486_0a79_9888));
        assert_eq!(
            nine.md5.as_ref().map(md5_hex).as_deref(),
            Some("25f9e794323b453885f5181f1b624d0b")
        );
        assert_eq!((of(b"").crc64, of(b"").crc64_nvme), (0, Some(0)));
    }

    #[test]
    fn only_what_is_wanted_is_computed() {
        for (wanted, nvme, md5) in [
            (Wanted::Crc64, false, false),
            (Wanted::WithMd5, false, true),
            (Wanted::WithNvme, true, false),
            (Wanted::WithBoth, true, true),
        ] {
            let sums = Checksummer::new(wanted).finish();
            assert_eq!((sums.crc64_nvme.is_some(), sums.md5.is_some()), (nvme, md5), "{wanted:?}");
            let more = Checksummer::new(wanted.and_md5()).finish();
            assert_eq!((more.crc64_nvme.is_some(), more.md5.is_some()), (nvme, true), "{wanted:?}");
        }
        let (with, without) = (of(b"a"), Checksummer::new(Wanted::Crc64).finish());
        assert_eq!(Crc64::Nvme.combine_all([&with, &without]), None);
    }

    #[test]
    fn an_md5_of_before_is_that_of_the_same_bytes_only() {
        let of = |bytes: &[u8], wanted| {
            let mut sums = Checksummer::new(wanted);
            sums.update(bytes);
            sums.finish()
        };
        let earlier = of(b"123456789", Wanted::WithMd5);
        let later = of(b"123456789", Wanted::WithMd5.without_md5());
        assert_eq!((later.md5, later.with_md5_of(&earlier)), (None, earlier));
        assert_eq!(of(b"12345678", Wanted::Crc64).with_md5_of(&earlier).md5, None, "others");
    }

    #[test]
    fn an_etag_tells_its_number_of_parts() {
        for (etag, parts) in
            [("\"ab-3\"", Some(3)), ("ab", None), ("ab-", None), ("-CKicn4fknv0=", None)]
        {
            assert_eq!(parts_in(etag), parts, "{etag}");
        }
    }

    #[test]
    fn an_etag_is_one_visible_word() {
        for (text, word) in [
            ("\"a-1\"", "a-1"),
            (" W/\"a\" ", "a"),
            ("a", "a"),
            ("\"W/a\"", "W/a"),
            ("\"-CKicn4fknv0=\"", "-CKicn4fknv0="),
            ("\"<&>\"", "<&>"),
        ] {
            assert_eq!(etag(text), Some(word), "{text}");
        }
        for text in [
            "",
            "  ",
            "\"\"",
            "W/\"\"",
            "\"a",
            "a\"",
            "\"a\"b\"",
            "a b",
            "a\r\nb",
            "a\0",
            "\"照\"",
            &"e".repeat(ETAG_LIMIT + 1),
        ] {
            assert_eq!(etag(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn pieces_combine_to_the_whole(
            bytes in prop::collection::vec(any::<u8>(), 0..4000),
            cuts in prop::collection::vec(0usize..4000, 0..5),
        ) {
            let edges = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]);
            let mut edges: Vec<usize> = edges.collect();
            edges.sort_unstable();
            let pieces: Vec<Checksums> =
                edges.windows(2).map(|edge| of(&bytes[edge[0]..edge[1]])).collect();
            prop_assert_eq!(Crc64::Xz.combine_all(&pieces), Some(of(&bytes).crc64));
            prop_assert_eq!(Crc64::Nvme.combine_all(&pieces), of(&bytes).crc64_nvme);
        }
    }
}
