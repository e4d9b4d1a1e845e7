//! What can be asked of the sandbox.

/// The operations of the sandbox, in the services' own words where those agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize))]
pub enum Operation {
    /// The buckets there are.
    ListBuckets,
    /// Makes a bucket.
    CreateBucket,
    /// Removes an empty bucket.
    DeleteBucket,
    /// Whether a bucket is there.
    HeadBucket,
    /// OSS `?bucketInfo`.
    GetBucketInfo,
    /// `?location`.
    GetBucketLocation,
    /// `?acl` of a bucket.
    GetBucketAcl,
    /// `?versioning`.
    GetBucketVersioning,
    /// `?cors`, `?policy` and their kin: settings that no bucket here has.
    GetBucketSetting,
    /// ListObjects, version 1.
    ListObjects,
    /// ListObjects, version 2.
    ListObjectsV2,
    /// `POST ?delete`.
    DeleteObjects,
    /// ListMultipartUploads.
    ListUploads,
    /// Writes an object in one request.
    PutObject,
    /// Writes an object from another, without its bytes travelling.
    CopyObject,
    /// Reads an object or a range of it.
    GetObject,
    /// Describes an object.
    HeadObject,
    /// Removes an object.
    DeleteObject,
    /// `?acl` of an object.
    GetObjectAcl,
    /// Puts another ACL on an object.
    PutObjectAcl,
    /// `?tagging` of an object.
    GetObjectTagging,
    /// Puts other tags on an object.
    PutObjectTagging,
    /// InitiateMultipartUpload.
    Initiate,
    /// Sends one part.
    UploadPart,
    /// The parts that have arrived.
    ListParts,
    /// CompleteMultipartUpload.
    Complete,
    /// AbortMultipartUpload.
    Abort,
    /// Anything that the sandbox does not do.
    Other,
}
