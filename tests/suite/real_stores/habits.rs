//! Where S3 servers differ: what each does where the others do something else. Seen, not read.

use ferry_model::{ChecksumSupport, FaultKind};
use ferry_simulation::conformance;
pub(crate) use ferry_simulation::conformance::Answer;

/// What a server does with a key that looks like a path with something to tidy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// It is a key like any other.
    Kept,
    /// It is read by its own name, and listed by this one.
    ListedAs(&'static str),
    /// As an open upload it is listed by this name, as an object by its own.
    UploadListedAs(&'static str),
    /// It is refused, and Ferry says this.
    Refused(FaultKind),
}

/// What a server does with CRC-64/NVME.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nvme {
    /// It verifies a value, and tells what it computed.
    Told,
    /// It knows none.
    ReadOver,
}

/// One server's habits.
#[derive(Debug)]
pub(crate) struct Habits {
    /// What the checks that every store passes have to know.
    pub(crate) common: conformance::Habits,
    /// CRC-64/NVME.
    pub(crate) nvme: Nvme,
    /// What Ferry knows of it after a small file.
    pub(crate) learnt_of_a_put: ChecksumSupport,
    /// What Ferry knows of it after a file in parts.
    pub(crate) learnt_of_parts: ChecksumSupport,
    /// Requests to a bucket that is not there which are not answered so.
    pub(crate) without_a_bucket: &'static [(&'static str, Answer)],
    /// The storage class `STANDARD_IA`.
    pub(crate) other_class: Answer,
    /// Encryption with a key of the store's own.
    pub(crate) own_encryption: Answer,
    /// A key of the key service, where there is one.
    pub(crate) service_key: Option<&'static str>,
    /// Whether everybody may read what is stored with the ACL `public-read`.
    pub(crate) public_means_public: bool,
    /// Whether an object that comes in parts gets its tags.
    pub(crate) parts_keep_tags: bool,
    /// Most bytes of a key without a slash.
    pub(crate) longest_segment: usize,
    /// Whether the answer to Complete for a very long key is broken, though the object is merged.
    pub(crate) long_complete_is_garbled: bool,
    /// Keys that a file system would tidy.
    pub(crate) path_like: &'static [(&'static str, Key)],
}

/// It keeps objects in folders of a file system of its own, and makes the bucket that is written
/// to. What ends in a slash is a folder there, and reads as empty: Ferry never sends such a key.
pub(crate) const SEAWEEDFS: Habits = Habits {
    common: conformance::SEAWEEDFS,
    nvme: Nvme::Told,
    learnt_of_a_put: ChecksumSupport::WithValue,
    learnt_of_parts: ChecksumSupport::WhenAnnounced,
    without_a_bucket: &[("put", Answer::Taken), ("initiate", Answer::Taken)],
    other_class: Answer::Taken,
    own_encryption: Answer::Refused(FaultKind::ServerError),
    service_key: None,
    public_means_public: false,
    parts_keep_tags: true,
    // 255 by PutObject.
    longest_segment: 250,
    long_complete_is_garbled: false,
    path_like: &[
        ("dots/./here", Key::Refused(FaultKind::KeyInvalid)),
        ("dots/../up", Key::Refused(FaultKind::KeyInvalid)),
        ("./lead", Key::Refused(FaultKind::KeyInvalid)),
        ("dots/..", Key::Refused(FaultKind::KeyInvalid)),
        ("double//slash///end", Key::ListedAs("double/slash/end")),
        ("/slash", Key::ListedAs("slash")),
        ("back\\slash", Key::ListedAs("back/slash")),
        ("\u{1}control\u{7f}", Key::UploadListedAs("\u{fffd}control\u{7f}")),
    ],
};

pub(crate) const CEPH: Habits = Habits {
    common: conformance::CEPH,
    nvme: Nvme::ReadOver,
    learnt_of_a_put: ChecksumSupport::Never,
    learnt_of_parts: ChecksumSupport::Never,
    without_a_bucket: &[],
    other_class: Answer::Refused(FaultKind::InvalidRequest),
    own_encryption: Answer::Taken,
    service_key: Some("ferry-key"),
    public_means_public: true,
    parts_keep_tags: false,
    longest_segment: 1024,
    // The location in it runs beyond a buffer of 1024 bytes.
    long_complete_is_garbled: true,
    path_like: &[
        ("dots/./here", Key::Refused(FaultKind::KeyInvalid)),
        ("dots/../up", Key::Refused(FaultKind::KeyInvalid)),
        ("./lead", Key::Refused(FaultKind::KeyInvalid)),
        ("dots/..", Key::Refused(FaultKind::KeyInvalid)),
        ("double//slash///end", Key::Kept),
        ("/slash", Key::Kept),
        ("folder/", Key::Kept),
        ("back\\slash", Key::Kept),
        ("\u{1}control\u{7f}", Key::Kept),
    ],
};
