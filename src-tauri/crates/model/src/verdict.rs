//! Does what the store holds agree with the file? The one place that says so, of objects and of
//! parts, in every answer.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::checksum::{Checksums, md5_hex, parts_in, same_etag};
use crate::profile::Integrity;

/// What an ETag says about the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtagMeaning {
    /// The MD5 of the bytes, in hex; with `-N` (S3 only) the MD5 of the parts' MD5s.
    Md5,
    /// Nothing that can be computed: encrypted, or merged on OSS.
    Opaque,
}

/// Whose request made what the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// This transfer's own: it carries the transfer's id.
    ThisTransfer,
    /// Anybody's.
    Anybody,
}

/// What was computed here over the bytes as they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Bytes.
    pub size: u64,
    /// CRC-64/XZ.
    pub crc64: Option<u64>,
    /// CRC-64/NVME.
    pub crc64_nvme: Option<u64>,
    /// The ETag these bytes would have, where an ETag is an MD5.
    pub etag: Option<String>,
    /// The ETag under which the store acknowledged these very bytes before, whatever it means.
    pub acknowledged: Option<String>,
}

impl From<&Checksums> for Local {
    fn from(sums: &Checksums) -> Self {
        Self {
            size: sums.len,
            crc64: Some(sums.crc64),
            crc64_nvme: sums.crc64_nvme,
            etag: sums.md5.as_ref().map(md5_hex),
            acknowledged: None,
        }
    }
}

/// What an answer of the store tells of an object or a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// Bytes, where the answer tells.
    pub size: Option<u64>,
    /// CRC-64/XZ, where the answer tells.
    pub crc64: Option<u64>,
    /// CRC-64/NVME, where the answer tells.
    pub crc64_nvme: Option<u64>,
    /// The ETag, where the answer tells.
    pub etag: Option<&'a str>,
    /// What the ETag means.
    pub etag_meaning: EtagMeaning,
    /// Whose request made it.
    pub maker: Maker,
}

/// What may be said of an object or a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A checksum was compared, and nothing disagrees.
    Agrees,
    /// The size or a checksum disagrees.
    Differs,
    /// There was nothing to compare. Never a pass.
    Unknown,
}

/// What an agreement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Proof {
    /// CRC-64/XZ of the whole.
    Crc64,
    /// CRC-64/NVME of the whole.
    Crc64Nvme,
    /// The ETag under which the store acknowledged the same bytes before.
    Acknowledged,
    /// MD5 of the whole, which is the ETag.
    Md5,
    /// MD5 of each part: the ETag is made of them.
    Md5OfParts,
    /// Content-MD5 of each request, which the store held against what it got, and the size.
    ContentMd5,
}

/// Compares. A CRC has the first word, an ETag the second, and only where both sides speak of the
/// same thing: another cut into parts makes another ETag of the same bytes.
///
/// Under [`Integrity::Strict`] each request carries Content-MD5, and the store itself refuses what
/// does not match it. So an object of this transfer's own requests, whole by its size, is proven
/// also where the store tells no checksum that can be compared (keys of a key service).
pub fn verdict(local: &Local, answer: &Answer<'_>, integrity: Integrity) -> Verdict {
    if answer.size.is_some_and(|size| size != local.size) {
        return Verdict::Differs;
    }
    match compared(local, answer, integrity) {
        Some((true, _)) => Verdict::Agrees,
        Some((false, _)) => Verdict::Differs,
        None => Verdict::Unknown,
    }
}

/// What the agreement rests on; `None` where [`verdict`] is another one.
pub fn proof(local: &Local, answer: &Answer<'_>, integrity: Integrity) -> Option<Proof> {
    if verdict(local, answer, integrity) != Verdict::Agrees {
        return None;
    }
    compared(local, answer, integrity).map(|(_, proof)| proof)
}

/// The comparison that has the word, and whether both sides are the same; the sizes aside.
fn compared(local: &Local, answer: &Answer<'_>, integrity: Integrity) -> Option<(bool, Proof)> {
    for (ours, theirs, proof) in [
        (local.crc64, answer.crc64, Proof::Crc64),
        (local.crc64_nvme, answer.crc64_nvme, Proof::Crc64Nvme),
    ] {
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            return Some((ours == theirs, proof));
        }
    }
    if let (Some(before), Some(now)) = (&local.acknowledged, answer.etag) {
        return Some((same_etag(before, now), Proof::Acknowledged));
    }
    if let (Some(ours), Some(theirs), EtagMeaning::Md5) =
        (&local.etag, answer.etag, answer.etag_meaning)
        && parts_in(ours) == parts_in(theirs)
    {
        let in_parts = parts_in(ours).is_some();
        let proof = if in_parts { Proof::Md5OfParts } else { Proof::Md5 };
        return Some((same_etag(ours, theirs), proof));
    }
    let vouched = integrity == Integrity::Strict
        && answer.maker == Maker::ThisTransfer
        && answer.size == Some(local.size);
    vouched.then_some((true, Proof::ContentMd5))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Verdict::{Agrees, Differs, Unknown};
    use super::*;

    const MD5: &str = "25f9e794323b453885f5181f1b624d0b";
    const OTHER: &str = "00000000000000000000000000000000";

    fn local() -> Local {
        Local {
            size: 9,
            crc64: Some(7),
            crc64_nvme: Some(5),
            etag: Some(MD5.into()),
            acknowledged: None,
        }
    }

    fn answer() -> Answer<'static> {
        Answer {
            size: None,
            crc64: None,
            crc64_nvme: None,
            etag: None,
            etag_meaning: EtagMeaning::Md5,
            maker: Maker::Anybody,
        }
    }

    #[test]
    fn each_answer_has_its_verdict() {
        let upper = MD5.to_uppercase();
        let quoted = format!("\"{upper}\"");
        let three = format!("{MD5}-3");
        let whole = Local { etag: Some(three.clone()), ..local() };
        let no_md5 = Local { etag: None, ..local() };
        let only_md5 = Local { crc64_nvme: None, ..local() };
        let acked = Local { acknowledged: Some("X".into()), ..local() };
        let opaque = EtagMeaning::Opaque;
        #[rustfmt::skip]
        let table = [
            // The size alone never passes, and is enough to differ.
            ("no checksum", local(), Answer { ..answer() }, Unknown),
            ("size", local(), Answer { size: Some(9), ..answer() }, Unknown),
            ("other size", local(), Answer { size: Some(8), crc64: Some(7), ..answer() }, Differs),
            // The answers to a Put, a part and a HEAD of OSS.
            ("CRC", local(), Answer { crc64: Some(7), ..answer() }, Agrees),
            ("other CRC", local(), Answer { crc64: Some(8), etag: Some(MD5), ..answer() }, Differs),
            ("CRC before ETag", local(), Answer { crc64: Some(7), etag: Some(OTHER), ..answer() }, Agrees),
            ("CRC, no MD5 here", no_md5.clone(), Answer { crc64: Some(7), etag: Some(OTHER), ..answer() }, Agrees),
            ("ETag, no MD5 here", no_md5.clone(), Answer { etag: Some(OTHER), ..answer() }, Unknown),
            // Those of S3 that tells CRC-64/NVME, and of one that does not.
            ("NVME", local(), Answer { crc64_nvme: Some(5), ..answer() }, Agrees),
            ("other NVME", local(), Answer { crc64_nvme: Some(6), etag: Some(MD5), ..answer() }, Differs),
            ("NVME before ETag", local(), Answer { crc64_nvme: Some(5), etag: Some(OTHER), ..answer() }, Agrees),
            ("NVME, no MD5 here", no_md5.clone(), Answer { crc64_nvme: Some(5), etag: Some(OTHER), ..answer() }, Agrees),
            ("NVME is not XZ", Local { crc64: Some(5), crc64_nvme: None, ..no_md5 }, Answer { crc64_nvme: Some(5), ..answer() }, Unknown),
            ("NVME, only MD5 here", only_md5, Answer { crc64_nvme: Some(5), etag: Some(OTHER), ..answer() }, Differs),
            ("ETag", local(), Answer { etag: Some(MD5), ..answer() }, Agrees),
            ("ETag in quotes", local(), Answer { etag: Some(&quoted), ..answer() }, Agrees),
            ("other ETag", local(), Answer { etag: Some(OTHER), ..answer() }, Differs),
            ("opaque ETag", local(), Answer { etag: Some(OTHER), etag_meaning: opaque, ..answer() }, Unknown),
            ("same cut", whole.clone(), Answer { etag: Some(&three), ..answer() }, Agrees),
            ("another cut", whole, Answer { etag: Some(MD5), ..answer() }, Unknown),
            // A listed part that was acknowledged before.
            ("acknowledged", acked.clone(), Answer { etag: Some("x"), etag_meaning: opaque, ..answer() }, Agrees),
            ("another part", acked.clone(), Answer { etag: Some(MD5), ..answer() }, Differs),
            ("listed CRC differs", acked, Answer { etag: Some("x"), crc64: Some(8), ..answer() }, Differs),
        ];
        for (name, local, answer, expected) in table {
            let ours = Answer { maker: Maker::ThisTransfer, ..answer };
            for answer in [answer, ours] {
                assert_eq!(verdict(&local, &answer, Integrity::Standard), expected, "{name}");
            }
            assert_eq!(verdict(&local, &answer, Integrity::Strict), expected, "strict: {name}");
            let vouched =
                if expected == Unknown && answer.size.is_some() { Agrees } else { expected };
            assert_eq!(verdict(&local, &ours, Integrity::Strict), vouched, "strict, ours: {name}");
        }
    }

    #[test]
    fn an_agreement_says_what_it_rests_on() {
        let three = format!("{MD5}-3");
        let in_parts = Local { etag: Some(three.clone()), ..local() };
        let acked = Local { acknowledged: Some("X".into()), ..local() };
        let etag = Some(MD5);
        #[rustfmt::skip]
        let table = [
            (local(), Answer { crc64: Some(7), crc64_nvme: Some(5), etag, ..answer() }, Some(Proof::Crc64)),
            (local(), Answer { crc64_nvme: Some(5), etag, ..answer() }, Some(Proof::Crc64Nvme)),
            (local(), Answer { etag, ..answer() }, Some(Proof::Md5)),
            (in_parts, Answer { etag: Some(&three), ..answer() }, Some(Proof::Md5OfParts)),
            (acked, Answer { etag: Some("x"), ..answer() }, Some(Proof::Acknowledged)),
            (local(), Answer { size: Some(9), maker: Maker::ThisTransfer, ..answer() }, Some(Proof::ContentMd5)),
            // What agrees in one thing and differs in another proves nothing.
            (local(), Answer { size: Some(8), crc64: Some(7), ..answer() }, None),
            (local(), Answer { crc64: Some(8), etag, ..answer() }, None),
            (local(), Answer { size: Some(9), ..answer() }, None),
        ];
        for (local, answer, expected) in table {
            assert_eq!(proof(&local, &answer, Integrity::Strict), expected, "{answer:?}");
        }
    }

    fn any_answer() -> impl Strategy<Value = Answer<'static>> {
        let etags = prop_oneof![Just(None), Just(Some(MD5)), Just(Some(OTHER)), Just(Some("ab-3"))];
        let meaning = prop_oneof![Just(EtagMeaning::Md5), Just(EtagMeaning::Opaque)];
        let maker = prop_oneof![Just(Maker::ThisTransfer), Just(Maker::Anybody)];
        let crcs = (prop::option::of(6u64..9), prop::option::of(4u64..7));
        (prop::option::of(8u64..10), crcs, etags, meaning, maker).prop_map(
            |(size, (crc64, crc64_nvme), etag, etag_meaning, maker)| Answer {
                size,
                crc64,
                crc64_nvme,
                etag,
                etag_meaning,
                maker,
            },
        )
    }

    fn any_local() -> impl Strategy<Value = Local> {
        let etag = prop_oneof![Just(None), Just(Some(MD5.to_owned())), Just(Some("ab-3".into()))];
        let acknowledged = prop_oneof![Just(None), Just(Some(OTHER.to_owned()))];
        (prop::option::of(6u64..9), prop::option::of(4u64..7), etag, acknowledged).prop_map(
            |(crc64, crc64_nvme, etag, acknowledged)| Local {
                size: 9,
                crc64,
                crc64_nvme,
                etag,
                acknowledged,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// "Agrees" always rests on something that was compared, and never stands beside a size or
        /// a CRC that disagrees.
        #[test]
        fn nothing_agrees_without_a_proof(
            local in any_local(),
            answer in any_answer(),
            strict in any::<bool>(),
        ) {
            let integrity = if strict { Integrity::Strict } else { Integrity::Standard };
            let said = verdict(&local, &answer, integrity);
            let wrong_size = answer.size.is_some_and(|size| size != local.size);
            let xz = local.crc64.zip(answer.crc64);
            let nvme = local.crc64_nvme.zip(answer.crc64_nvme);
            let crc = xz.or(nvme).map(|(ours, theirs)| ours == theirs);
            if wrong_size || crc == Some(false) {
                prop_assert_eq!(said, Differs);
            }
            prop_assert_eq!(proof(&local, &answer, integrity).is_some(), said == Agrees);
            if said == Agrees {
                let same = |ours: &Option<String>| {
                    ours.as_deref().zip(answer.etag).is_some_and(|(a, b)| same_etag(a, b))
                };
                let vouched = strict && answer.maker == Maker::ThisTransfer && answer.size == Some(9);
                let by_md5 = answer.etag_meaning == EtagMeaning::Md5 && same(&local.etag);
                prop_assert!(crc == Some(true) || same(&local.acknowledged) || by_md5 || vouched);
            }
        }

        /// An answer that tells no checksum is unknown, whatever else it tells.
        #[test]
        fn an_absent_checksum_is_unknown(local in any_local(), answer in any_answer()) {
            let bare = Answer { size: None, crc64: None, crc64_nvme: None, etag: None, ..answer };
            for integrity in [Integrity::Standard, Integrity::Strict] {
                prop_assert_eq!(verdict(&local, &bare, integrity), Unknown);
            }
        }
    }
}
