//! Where stores differ, as data: what each does where the others do something else.

use ferry_model::FaultKind;
use ferry_model::checksum;
use ferry_storage::{EtagMeaning, StoreError};

/// What a store does with a request that others treat otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It takes it.
    Taken,
    /// It refuses it, and Ferry says this.
    Refused(FaultKind),
}

impl Answer {
    /// What an outcome was.
    pub fn of<T>(outcome: Result<T, StoreError>) -> Self {
        outcome.map_or_else(|error| Self::Refused(error.kind()), |_| Self::Taken)
    }
}

/// How a store writes the MD5 in an ETag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Etags {
    /// As OSS does.
    UpperCase,
    /// As S3 does.
    LowerCase,
}

/// Whether a store tells the CRC-64 of what it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crc64 {
    /// Always.
    Told,
    /// Never.
    Unknown,
}

impl Crc64 {
    /// What is told of these bytes.
    pub fn of(self, bytes: &[u8]) -> Option<u64> {
        (self == Self::Told).then(|| checksum::of(bytes).crc64)
    }
}

/// One store's habits.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// What the bucket's information names as its region.
    pub region: &'static str,
    /// How ETags are written.
    pub etags: Etags,
    /// Whether CRC-64 is told.
    pub crc64: Crc64,
    /// What the ETag of a merged object means.
    pub merged_etag: EtagMeaning,
    /// Least bytes of every part but the last.
    pub smallest_part: usize,
    /// A range that begins beyond the object's end.
    pub beyond_the_end: FaultKind,
    /// Whether the answer to Complete tells the object's ETag.
    pub complete_tells_etag: bool,
    /// Complete for an upload that was completed before.
    pub complete_again: Answer,
    /// Complete for an upload that was aborted before.
    pub complete_after_abort: FaultKind,
    /// Initiate only if absent, where there is an object.
    pub initiate_if_absent: Answer,
    /// Complete only if absent, where there is an object.
    pub complete_if_absent: Answer,
    /// Complete that leaves out a part in the midst.
    pub part_left_out: Answer,
    /// Whether ListParts goes on to list a part that was replaced, beside the one that replaced it.
    pub lists_replaced_parts: bool,
    /// Abort for an upload that was aborted or completed before.
    pub abort_again: Answer,
    /// Complete with the parts in descending order.
    pub parts_out_of_order: FaultKind,
    /// Complete with no parts.
    pub no_parts: FaultKind,
}

/// Alibaba Cloud OSS, as its documentation has it.
pub const OSS: Habits = Habits {
    region: "cn-hangzhou",
    etags: Etags::UpperCase,
    crc64: Crc64::Told,
    merged_etag: EtagMeaning::Opaque,
    smallest_part: 100 * 1024,
    // It answers with the whole object.
    beyond_the_end: FaultKind::UnknownAnswer,
    complete_tells_etag: true,
    complete_again: Answer::Refused(FaultKind::UploadGone),
    complete_after_abort: FaultKind::UploadGone,
    initiate_if_absent: Answer::Refused(FaultKind::AlreadyExists),
    complete_if_absent: Answer::Refused(FaultKind::AlreadyExists),
    part_left_out: Answer::Taken,
    lists_replaced_parts: false,
    abort_again: Answer::Refused(FaultKind::UploadGone),
    parts_out_of_order: FaultKind::InvalidRequest,
    no_parts: FaultKind::InvalidRequest,
};

/// Amazon S3, as its documentation has it.
pub const S3: Habits = Habits {
    etags: Etags::LowerCase,
    crc64: Crc64::Unknown,
    merged_etag: EtagMeaning::Md5,
    smallest_part: 5 * 1024 * 1024,
    beyond_the_end: FaultKind::InvalidRequest,
    initiate_if_absent: Answer::Taken,
    ..OSS
};

/// SeaweedFS.
pub const SEAWEEDFS: Habits = Habits {
    region: "us-east-1",
    complete_again: Answer::Taken,
    lists_replaced_parts: true,
    abort_again: Answer::Taken,
    no_parts: FaultKind::UploadGone,
    ..S3
};

/// Ceph's object gateway.
pub const CEPH: Habits = Habits {
    region: "default",
    complete_tells_etag: false,
    complete_again: Answer::Taken,
    complete_after_abort: FaultKind::ServerError,
    complete_if_absent: Answer::Taken,
    part_left_out: Answer::Refused(FaultKind::PartsRefused),
    parts_out_of_order: FaultKind::PartsRefused,
    ..S3
};
