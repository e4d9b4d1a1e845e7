//! What can go wrong, as a kind for code. The sentences for people are in `fault_text`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::fault_signature::SignatureCheck;

/// Whether the same request may be sent again, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Never by itself: it would fail again.
    No,
    /// After a short wait with full jitter.
    Backoff,
    /// One more time: what was read is read again. The same refusal twice is no accident of the
    /// way.
    Once,
    /// After a longer wait, and with fewer requests side by side.
    SlowDown,
}

/// Whom a fault stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affects {
    /// This transfer; the others go on.
    Item,
    /// Every transfer of this profile, until the user changes something.
    Profile,
    /// Every transfer to this endpoint, if others fare no better ([`crate::health`]): they wait,
    /// they do not fail.
    Endpoint,
    /// Every transfer of this computer, until it has again what it lacks: they wait.
    Computer,
    /// Every transfer whose file is on this volume, until the volume is there again: they wait.
    Volume,
}

/// What is wrong with an AccessKey: a new one, or a look at the command that prints it, helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum KeyTrouble {
    /// The store does not take it.
    Rejected,
    /// There is none.
    Missing,
}

impl FaultKind {
    /// What is wrong with the AccessKey, where it is the key.
    pub fn key_trouble(self) -> Option<KeyTrouble> {
        match self {
            Self::BadAccessKey | Self::BadSignature | Self::TokenExpired => {
                Some(KeyTrouble::Rejected)
            }
            Self::CredentialsMissing | Self::CredentialProcessFailed => Some(KeyTrouble::Missing),
            _ => None,
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $retry:ident, $affects:ident;)*) => {
        /// What happened, for code. Sentence and hint: [`Fault::sentence`], [`Fault::hint`].
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(rename_all = "camelCase")]
        pub enum FaultKind {
            $($(#[$doc])* $name,)*
        }

        impl FaultKind {
            /// Every kind, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Whether the same request may be sent again.
            pub fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)* }
            }

            /// Whom the fault stops.
            pub fn affects(self) -> Affects {
                match self { $(Self::$name => Affects::$affects,)* }
            }
        }
    };
}

kinds! {
    /// The endpoint's name does not resolve, or nothing answers there.
    Unreachable: Backoff, Endpoint;
    /// The connection broke while a request was under way.
    ConnectionLost: Backoff, Endpoint;
    /// The peer stopped reading, or never answered.
    Stalled: Backoff, Endpoint;
    /// The answer is no store's: a login page, a proxy's page, a cut document.
    NotStore: Backoff, Endpoint;
    /// TLS failed: certificate, host name or version.
    TlsFailed: No, Profile;
    /// The certificate is signed by no authority that this computer trusts.
    CertificateUntrusted: No, Profile;
    /// The file with the certificate authority to trust cannot be used.
    CaFileUnusable: No, Profile;
    /// What is set as the proxy is none that Ferry can use.
    ProxyInvalid: No, Profile;
    /// The proxy cannot be reached.
    ProxyUnreachable: Backoff, Endpoint;
    /// The proxy broke the connection while it was asked for one.
    ProxyBroke: Backoff, Endpoint;
    /// The proxy wants a user and password, or others (407).
    ProxySignIn: No, Profile;
    /// The proxy does not let anyone connect to the store (403).
    ProxyRefused: No, Profile;
    /// The store failed inside (5xx).
    ServerError: Backoff, Endpoint;
    /// The store asks for fewer requests.
    Throttled: SlowDown, Endpoint;
    /// Another client changes the same object or bucket just now (S3's 409 OperationAborted).
    ObjectBusy: Backoff, Item;
    /// The store closed an idle request (400 RequestTimeout, 408).
    RequestTimeout: Backoff, Endpoint;

    /// The AccessKey id is unknown.
    BadAccessKey: No, Profile;
    /// The signature does not match: in most cases the secret is wrong.
    BadSignature: No, Profile;
    /// The STS token is invalid or has ended.
    TokenExpired: No, Profile;
    /// The key has no permission for this.
    AccessDenied: No, Profile;
    /// The computer's clock is too far off.
    ClockSkew: No, Profile;
    /// The account is in debt, disabled, or the bucket is.
    AccountSuspended: No, Profile;
    /// The store or the bucket's quota is full.
    StoreFull: No, Profile;
    /// The key service refuses the encryption key: unknown, disabled, or not allowed for this
    /// AccessKey.
    EncryptionKeyRefused: No, Profile;
    /// The profile has no credentials here.
    CredentialsMissing: No, Profile;
    /// The keyring is locked, or its answer did not come.
    KeyringLocked: No, Profile;
    /// There is no keyring service.
    KeyringAbsent: No, Profile;
    /// The command that the profile's key comes from gave none.
    CredentialProcessFailed: No, Profile;

    /// The bucket does not exist.
    NoSuchBucket: No, Profile;
    /// The bucket lives in another region, or at another endpoint.
    WrongEndpoint: No, Profile;
    /// The region in the signature is not the bucket's.
    WrongRegion: No, Profile;
    /// The endpoint does not tell its region, and none was typed.
    RegionMissing: No, Profile;
    /// The store does not take the bucket where the URL has it: in the path, or at a domain that is
    /// not bound to it.
    AddressingRefused: No, Profile;
    /// The endpoint as typed cannot be understood.
    InvalidEndpoint: No, Profile;
    /// The bucket name breaks the naming rules.
    InvalidBucketName: No, Profile;
    /// The endpoint is plain http and neither loopback nor allowed by the profile.
    InsecureEndpoint: No, Profile;

    /// There is no such object.
    NoSuchKey: No, Item;
    /// The upload id is gone: completed, aborted or expired.
    UploadGone: No, Item;
    /// The store does not hold the parts it was told to merge.
    PartsRefused: No, Item;
    /// A part is under the service's minimum.
    PartTooSmall: No, Item;
    /// The file is over the service's limit.
    TooLarge: No, Item;
    /// The object key breaks the naming rules.
    KeyInvalid: No, Item;
    /// An object of that name exists.
    AlreadyExists: No, Item;
    /// An object of that name has this very content, but lacks options that were asked for.
    OptionsDiffer: No, Item;
    /// The object is under retention and cannot be replaced.
    Immutable: No, Item;
    /// The store received other bytes than were announced.
    DigestRefused: Once, Item;
    /// The store's checksum differs from the one computed here.
    ChecksumMismatch: Backoff, Item;
    /// An object of this transfer's own disagrees with the file, tries to replace it are used up,
    /// and it is still there.
    DamagedObject: No, Item;
    /// A signed link ends earlier than was asked for, because its token does.
    TokenEndsBeforeLink: No, Item;
    /// The store gave no checksum that could be compared.
    Unproven: No, Item;
    /// A condition on the request was not met.
    PreconditionFailed: No, Item;
    /// The object is archived.
    Archived: No, Item;
    /// The store does not know this operation or header.
    Unsupported: No, Item;
    /// The store refuses a storage class, a tag, metadata or another option of the object.
    OptionRefused: No, Item;
    /// The store refuses the request's form.
    InvalidRequest: No, Item;
    /// The object was stored, but the callback to the application server failed.
    CallbackFailed: No, Item;
    /// The upload was merged, and then replaced or removed by another client.
    ReplacedAfterUpload: No, Item;
    /// An answer of the store that no row of the table knows.
    UnknownAnswer: No, Item;

    /// The file is not there (any more).
    SourceMissing: No, Item;
    /// The file may not be read.
    SourceUnreadable: No, Item;
    /// Not a regular file: a FIFO, a device, a socket.
    SourceNotRegular: No, Item;
    /// A link inside a folder; links are not followed there.
    SourceIsLink: No, Item;
    /// The file changed since it was queued, or while it was read.
    SourceChanged: No, Item;
    /// A link that was not there when the file was queued stands on its path. It is not followed.
    SourceBehindLink: No, Item;
    /// Reading the file failed.
    SourceReadFailed: No, Item;
    /// The volume that holds the file is not there: unplugged, or a network folder that is not
    /// mounted.
    VolumeMissing: No, Volume;
    /// A watched folder is not there: moved, or its volume or share is not.
    FolderMissing: No, Item;
    /// The system watches no more folders for this user: their changes are found late.
    WatchLimit: No, Item;
    /// This process, or this computer, has as many files open as it may: no fault of the file.
    TooManyOpenFiles: SlowDown, Computer;
    /// A folder without any file in it.
    EmptyFolder: No, Item;
    /// The file's name is no Unicode text, so no key can be made of it.
    NameNotUnicode: No, Item;
    /// Two files of one batch lead to the same key.
    KeyCollision: No, Item;

    /// The disk that holds Ferry's data is full.
    DiskFull: Backoff, Computer;
    /// A file that the user asked for cannot be written.
    FileNotWritten: No, Item;
    /// The journal cannot be read or written.
    JournalBroken: Backoff, Computer;
    /// Another process holds the journal.
    JournalBusy: No, Item;
    /// The profile is unknown.
    NoSuchProfile: No, Item;
    /// No batch has this number.
    NoSuchBatch: No, Item;
    /// No watch has this number or folder.
    NoSuchWatch: No, Item;
    /// What was typed cannot be used.
    InvalidInput: No, Item;
    /// The desktop around the window would not do what it was asked for.
    DesktopRefused: No, Item;
    /// The place of Ferry's releases cannot be asked.
    UpdatesUnreachable: No, Item;
    /// What is offered as a newer Ferry is none, or is not signed as one.
    UpdateRefused: No, Item;
    /// A rule of Ferry's own was broken: a bug.
    Internal: No, Item;
}

/// What went wrong, whole: the kind, and what the store said about it. Never holds a secret, a
/// token or a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The kind, for code.
    pub kind: FaultKind,
    /// What it happened to: a file name, a bucket, an endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// HTTP status, if an answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The store's error code, parsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// OSS's EC, as `0042-00000203`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ec: Option<String>,
    /// The store's request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What the store or the system said, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The endpoint the store named instead, after a check that it is a plausible one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested_endpoint: Option<String>,
    /// The region the store named instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested_region: Option<String>,
    /// The permission that the refused request needs, as `oss:PutObject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// Both texts that were signed, compared (SignatureDoesNotMatch only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Box<SignatureCheck>>,
    /// Seconds the store's clock is ahead of this computer's (clock faults only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_seconds: Option<i64>,
    /// Seconds the store asked to wait, already capped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// What was asked: method and operation, as `PUT UploadPart`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// When it failed, by this computer's clock, as `2026-01-15T08:30:45Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The host that answered, in the store's words; with S3 an opaque id that its support asks
    /// for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_id: Option<String>,
    /// The page about this error that the store recommends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommended_page: Option<String>,
}

impl Fault {
    /// A fault of this kind with nothing more known.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            subject: None,
            status: None,
            code: None,
            ec: None,
            request_id: None,
            message: None,
            suggested_endpoint: None,
            suggested_region: None,
            permission: None,
            signature: None,
            clock_offset_seconds: None,
            retry_after_seconds: None,
            operation: None,
            time: None,
            host_id: None,
            recommended_page: None,
        }
    }

    /// With what it happened to.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// With the system's or the store's own words.
    #[must_use]
    pub fn with_detail(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }
}

impl std::error::Error for Fault {}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self::new(kind)
    }
}
