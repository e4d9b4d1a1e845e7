//! What a store tells of an object that it took.

use std::time::Duration;

use ferry_model::EtagMeaning;

/// An object as the store took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its ETag without quotes, in the store's own case.
    pub etag: Option<String>,
    /// Its CRC-64/XZ, if the store told it. Absent means unknown.
    pub crc64: Option<u64>,
    /// Its CRC-64/NVME, if the store told it. Absent means unknown.
    pub crc64_nvme: Option<u64>,
    /// What the ETag means.
    pub etag_meaning: EtagMeaning,
    /// The store's request id.
    pub request_id: Option<String>,
    /// The object's version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// For how long the store says that it held the request back; zero where it says nothing.
    pub throttled: Duration,
}
