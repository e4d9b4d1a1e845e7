//! Whether a store of S3 answers with CRC-64/NVME, as its answers taught: what is asked of it, and
//! what is computed.
//!
//! Stores differ. Amazon S3 and SeaweedFS compute the CRC of each part of an upload whose Initiate
//! announced it. MinIO refuses such a part unless the request carries the value. Others read over
//! all of it, or refuse what they do not know. The value has to go before the body, so the range is
//! read once more for it: a small file always, a part only where it must.

use serde::{Deserialize, Serialize};

use crate::checksum::Wanted;
use crate::fault::FaultKind;
use crate::profile::{Integrity, Provider};

/// What is known of a profile's store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChecksumSupport {
    /// Nothing yet.
    #[default]
    Unknown,
    /// It answers a request that carries the value. Whether a part needs it is not known.
    WithValue,
    /// It answers parts of an upload that announced it.
    WhenAnnounced,
    /// It answers a part only if the request carries the value.
    OnlyWithValue,
    /// It does not: MD5 against ETags.
    Never,
}

/// How a request spoke of CRC-64/NVME.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Not at all.
    Nothing,
    /// Its upload announced it.
    Announced,
    /// It carried the value.
    Value,
    /// It carried the value, after one without it had failed.
    ValueAfterFailure,
}

impl Asked {
    /// Whether the request carries the value.
    pub fn carries_value(self) -> bool {
        matches!(self, Self::Value | Self::ValueAfterFailure)
    }
}

/// Whether a refusal may mean the checksum that a request spoke of. Then the request is sent without
/// it: if that goes well, it did.
pub fn may_mean_checksum(refused: FaultKind) -> bool {
    matches!(refused, FaultKind::Unsupported | FaultKind::OptionRefused | FaultKind::InvalidRequest)
}

/// How often a part failed before this try of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// Never.
    First,
    /// At least once.
    Failed,
}

impl ChecksumSupport {
    /// What is known before the first answer.
    pub fn before_answers(provider: Provider) -> Self {
        match provider {
            // It has a checksum of its own, in every answer.
            Provider::Oss => Self::Never,
            Provider::S3 => Self::Unknown,
        }
    }

    /// Whether HEAD is asked for the CRC.
    pub fn is_told(self) -> bool {
        !matches!(self, Self::Unknown | Self::Never)
    }

    /// What is computed over what is sent. While the store's answer is not known, all that it may
    /// be compared with.
    pub fn wanted(self, provider: Provider, integrity: Integrity) -> Wanted {
        let wanted = match (provider, self) {
            (Provider::Oss, _) => Wanted::Crc64,
            (Provider::S3, Self::Never) => Wanted::WithMd5,
            (Provider::S3, Self::Unknown) => Wanted::WithBoth,
            (Provider::S3, _) => Wanted::WithNvme,
        };
        match integrity {
            Integrity::Standard => wanted,
            Integrity::Strict => wanted.and_md5(),
        }
    }

    /// How a Put or an Initiate asks: the one with the value, the other with the name.
    pub fn asks(self, how: Asked) -> Asked {
        if self == Self::Never { Asked::Nothing } else { how }
    }

    /// How a part asks. Early refusals of large bodies often look like a broken connection: while
    /// it is not known that the store takes a part without the value, any failure is answered with
    /// it.
    pub fn part_asks(self, tried: Tried) -> Asked {
        match (self, tried) {
            (Self::Never, _) => Asked::Nothing,
            (Self::OnlyWithValue, _) => Asked::Value,
            (Self::Unknown | Self::WithValue, Tried::Failed) => Asked::ValueAfterFailure,
            (Self::Unknown | Self::WithValue | Self::WhenAnnounced, _) => Asked::Announced,
        }
    }

    /// What an answer teaches that came to a request which asked so, with the CRC or without.
    #[must_use]
    pub fn after(self, asked: Asked, crc: Option<u64>) -> Self {
        match (asked, crc) {
            (Asked::Nothing, _) => self,
            (_, None) => Self::Never,
            (Asked::Announced, Some(_)) => Self::WhenAnnounced,
            (Asked::ValueAfterFailure, Some(_)) => Self::OnlyWithValue,
            (Asked::Value, Some(_)) => match self {
                Self::Unknown => Self::WithValue,
                known => known,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ChecksumSupport::{Never, OnlyWithValue, Unknown, WhenAnnounced, WithValue};

    const ALL: [ChecksumSupport; 5] = [Unknown, WithValue, WhenAnnounced, OnlyWithValue, Never];

    #[test]
    fn an_answer_teaches_what_is_asked_next() {
        for (before, asked, crc, after) in [
            (Unknown, Asked::Value, Some(1), WithValue),
            (Unknown, Asked::Value, None, Never),
            (Unknown, Asked::Announced, Some(1), WhenAnnounced),
            (Unknown, Asked::Announced, None, Never),
            (Unknown, Asked::ValueAfterFailure, Some(1), OnlyWithValue),
            (WithValue, Asked::Announced, Some(1), WhenAnnounced),
            (WithValue, Asked::ValueAfterFailure, Some(1), OnlyWithValue),
            (WhenAnnounced, Asked::Value, Some(1), WhenAnnounced),
            (WhenAnnounced, Asked::Announced, None, Never),
            (OnlyWithValue, Asked::Value, Some(1), OnlyWithValue),
            (OnlyWithValue, Asked::Value, None, Never),
            (Never, Asked::Nothing, None, Never),
            // Without being asked, as Amazon S3 does.
            (Never, Asked::Nothing, Some(1), Never),
        ] {
            assert_eq!(before.after(asked, crc), after, "{before:?} {asked:?} {crc:?}");
        }
    }

    #[test]
    fn a_store_that_is_not_known_to_answer_has_its_md5_computed() {
        for (support, wanted) in [
            (Unknown, Wanted::WithBoth),
            (WithValue, Wanted::WithNvme),
            (WhenAnnounced, Wanted::WithNvme),
            (OnlyWithValue, Wanted::WithNvme),
            (Never, Wanted::WithMd5),
        ] {
            assert_eq!(support.wanted(Provider::S3, Integrity::Standard), wanted, "{support:?}");
            let strict = support.wanted(Provider::S3, Integrity::Strict);
            assert_eq!(strict, wanted.and_md5(), "{support:?}");
        }
        for support in ALL {
            let oss = |integrity| support.wanted(Provider::Oss, integrity);
            assert_eq!(oss(Integrity::Standard), Wanted::Crc64);
            assert_eq!(oss(Integrity::Strict), Wanted::WithMd5);
        }
        assert_eq!(ChecksumSupport::before_answers(Provider::Oss), Never);
    }

    #[test]
    fn a_part_that_failed_carries_the_value_until_it_is_known_to_need_none() {
        for (support, first, again) in [
            (Unknown, Asked::Announced, Asked::ValueAfterFailure),
            (WithValue, Asked::Announced, Asked::ValueAfterFailure),
            (WhenAnnounced, Asked::Announced, Asked::Announced),
            (OnlyWithValue, Asked::Value, Asked::Value),
            (Never, Asked::Nothing, Asked::Nothing),
        ] {
            assert_eq!(support.part_asks(Tried::First), first, "{support:?}");
            assert_eq!(support.part_asks(Tried::Failed), again, "{support:?}");
        }
        for support in ALL {
            let none = support == Never;
            assert_eq!(support.asks(Asked::Value) == Asked::Nothing, none, "{support:?}");
        }
    }
}
