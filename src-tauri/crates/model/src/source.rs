//! What makes a file the same file.

use serde::{Deserialize, Serialize};

/// A file's identity when it was queued. A change of any field means that the bytes may be other
/// bytes.
///
/// Residue: a program that writes through a memory map can change bytes without moving either time;
/// the checksum of the whole object is then the only witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceIdentity {
    /// Device, or volume serial number.
    pub device: u64,
    /// Inode, or file index.
    pub file: u64,
    /// Bytes.
    pub size: u64,
    /// Last modification, nanoseconds since 1970.
    pub modified_ns: i64,
    /// Last change of the inode, nanoseconds since 1970; 0 where the system has none.
    pub changed_ns: i64,
}
