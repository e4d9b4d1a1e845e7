//! A bucket profile without its secret, and the policies a transfer carries.

use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::options::BatchOptions;
use crate::schedule::LimitSchedule;
use crate::words::words;

pub use crate::provider::Provider;

/// A profile's number in the journal; never reused. Also names its entry in the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProfileId(pub i64);

impl std::fmt::Display for ProfileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

words! {
    /// Which signature OSS requests carry. S3 always has SigV4.
    SignVersion {
        /// OSS4-HMAC-SHA256.
        V4 = "v4",
        /// HMAC-SHA1, for old private installations.
        V1 = "v1",
    }
}

words! {
    /// How a bucket is named in the URL.
    Addressing {
        /// Path style for IP addresses, localhost and S3 stores that are neither AWS's nor
        /// Alibaba's; else virtual host.
        Auto = "auto",
        /// `https://bucket.endpoint/key`.
        Virtual = "virtual",
        /// `https://endpoint/bucket/key`.
        Path = "path",
        /// The endpoint is a custom domain bound to the bucket: `https://domain/key`.
        Cname = "cname",
    }
}

words! {
    /// What happens when an object of that name exists.
    #[derive(Default)]
    ExistingPolicy {
        /// Hold the transfer and ask. Identical content needs no answer: it is verified and done.
        #[default]
        Ask = "ask",
        /// Leave the object, send nothing.
        Skip = "skip",
        /// Replace the object.
        Overwrite = "overwrite",
        /// Upload under `name (2).ext`.
        Rename = "rename",
        /// Leave the object where its content is the file's, by size and checksum; replace it where
        /// it is not, or where that cannot be told.
        SkipIdentical = "skip-identical",
    }
}

/// Declares what a profile says of something that the settings say for all of them.
macro_rules! or_settings {
    ($(#[$doc:meta])* $name:ident of $of:ident { $($variant:ident = $word:literal,)* }) => {
        words! {
            $(#[$doc])*
            $name {
                /// As the settings say.
                Settings = "settings",
                $(#[doc = concat!("[`", stringify!($of), "::", stringify!($variant), "`]")] $variant = $word,)*
            }
        }

        impl $name {
            /// What holds where the settings say this.
            pub fn or(self, settings: $of) -> $of {
                match self {
                    Self::Settings => settings,
                    $(Self::$variant => $of::$variant,)*
                }
            }
        }

        impl From<$of> for $name {
            fn from(own: $of) -> Self {
                match own { $($of::$variant => Self::$variant,)* }
            }
        }
    };
}

or_settings! {
    /// What a profile says of objects that exist.
    ExistingChoice of ExistingPolicy {
        Ask = "ask",
        Skip = "skip",
        Overwrite = "overwrite",
        Rename = "rename",
        SkipIdentical = "skip-identical",
    }
}

or_settings! {
    /// What a profile says of how much is checked.
    IntegrityChoice of Integrity {
        Standard = "standard",
        Strict = "strict",
    }
}

words! {
    /// Whether names become keys as they are.
    KeyForm {
        /// In Unicode's composed form (NFC).
        Nfc = "nfc",
        /// As the file system has them.
        AsIs = "as-is",
    }
}

words! {
    /// How much is checked besides what is always checked.
    #[derive(Default)]
    Integrity {
        /// OSS: CRC-64 of each part and of the object. S3: MD5 against ETags.
        #[default]
        Standard = "standard",
        /// Also Content-MD5 on each request, compared with the part's ETag.
        Strict = "strict",
    }
}

words! {
    /// Who made a profile.
    ProfileKind {
        /// The user, by the form or `ferry profile add`.
        Saved = "saved",
        /// `ferry put` without a profile: it holds the connection of those transfers, keys come
        /// from the environment.
        AdHoc = "adHoc",
        /// The practice bucket: the sandbox inside this process; its endpoint is known only while
        /// it runs.
        Practice = "practice",
    }
}

words! {
    /// Whether unencrypted http is allowed to hosts other than loopback.
    PlainHttp {
        /// Refused.
        Refuse = "refuse",
        /// Allowed by the user's explicit choice.
        Allow = "allow",
    }
}

/// Where a profile's AccessKey comes from. `Debug` does not show a command: it may hold a secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum KeySource {
    /// Typed in, kept in the system's keyring.
    #[default]
    Keyring,
    /// The environment of this process, as the vendors' own tools name its variables.
    Environment,
    /// What a command prints, run anew when its key is about to end.
    Process {
        /// The command with its arguments.
        command: String,
    },
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keyring => "Keyring",
            Self::Environment => "Environment",
            Self::Process { .. } => "Process(…)",
        })
    }
}

/// How files become keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Naming {
    /// The key template, see [`crate::template`].
    pub template: String,
    /// Whether names are composed first.
    pub form: KeyForm,
}

impl Default for Naming {
    fn default() -> Self {
        Self { template: crate::template::DEFAULT_TEMPLATE.to_owned(), form: KeyForm::Nfc }
    }
}

impl Naming {
    /// Whether a key tells its file's content: then another content is another key.
    pub fn tells_content(&self) -> bool {
        crate::template::KeyTemplate::parse(&self.template)
            .is_ok_and(|template| template.wants_hash())
    }
}

/// How long is waited for a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timeouts {
    /// Seconds for a connection to stand.
    pub connect_seconds: u32,
    /// Seconds without any progress after which a request counts as stalled.
    pub idle_seconds: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect_seconds: 10, idle_seconds: 60 }
    }
}

/// Timeouts and concurrency towards a profile's store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConnectionLimits {
    /// Seconds for a connection to stand; 0 for as the settings say.
    pub connect_seconds: u32,
    /// Seconds without any progress after which a request counts as stalled; 0 for as the settings
    /// say.
    pub idle_seconds: u32,
    /// Most requests side by side, over all transfers of the profile; 0 for the engine's own limit
    /// alone.
    pub connections: u32,
}

impl ConnectionLimits {
    /// What can be waited for: an hour is longer than any store keeps a silent connection.
    pub const SECONDS: std::ops::RangeInclusive<u32> = 1..=3_600;
    /// Most connections that can be asked for.
    pub const MOST_CONNECTIONS: u32 = 128;

    /// How long is waited where the settings say this.
    pub fn timeouts(self, settings: Timeouts) -> Timeouts {
        let or = |own: u32, settings: u32| if own == 0 { settings } else { own };
        Timeouts {
            connect_seconds: or(self.connect_seconds, settings.connect_seconds),
            idle_seconds: or(self.idle_seconds, settings.idle_seconds),
        }
    }
}

/// By which a profile is known at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum ProfileColour {
    /// Violet.
    Violet,
    /// Teal.
    Teal,
    /// Orange.
    Orange,
    /// Blue.
    Blue,
    /// Pink.
    Pink,
    /// Green.
    Green,
    /// Yellow.
    Yellow,
    /// Grey.
    Grey,
}

impl ProfileColour {
    const ALL: [Self; 8] = [
        Self::Violet,
        Self::Teal,
        Self::Orange,
        Self::Blue,
        Self::Pink,
        Self::Green,
        Self::Yellow,
        Self::Grey,
    ];

    /// The colour of a profile, as long as it lives: those that are made one after the other have
    /// different ones.
    pub fn of(profile: ProfileId) -> Self {
        let at = profile.0.rem_euclid(Self::ALL.len() as i64);
        Self::ALL[usize::try_from(at).unwrap_or_default()]
    }
}

/// How links to a profile's objects are made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LinkSettings {
    /// Scheme and host of a custom domain for public links, as `https://img.example.com`; empty:
    /// the bucket's own address.
    pub domain: String,
}

/// Where and how a profile's objects go. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its number; 0 before it is stored.
    pub id: ProfileId,
    /// The user's name for it; unique among saved profiles.
    pub name: String,
    /// Who made it.
    pub kind: ProfileKind,
    /// The store's dialect.
    pub provider: Provider,
    /// Scheme, host and optional port, as `https://oss-cn-hangzhou.aliyuncs.com`.
    pub endpoint: String,
    /// The region id, as `cn-hangzhou`.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Put before every key; empty or ending in `/` by convention, but used as it is.
    pub prefix: String,
    /// How the bucket is named in the URL.
    pub addressing: Addressing,
    /// Which signature OSS requests carry.
    pub sign: SignVersion,
    /// How much is checked.
    pub integrity: IntegrityChoice,
    /// What happens when an object of that name exists.
    pub existing: ExistingChoice,
    /// Whether http is allowed.
    pub plain_http: PlainHttp,
    /// Where the AccessKey comes from.
    pub keys: KeySource,
    /// What the objects of a new batch are like, unless the batch says otherwise.
    pub options: BatchOptions,
    /// How files become keys.
    pub naming: Naming,
    /// Timeouts and concurrency towards the store.
    pub limits: ConnectionLimits,
    /// How links are made.
    pub links: LinkSettings,
    /// How the store is reached.
    pub network: Network,
    /// How fast all its transfers together may be, within the limit of all profiles.
    pub speed_limit: LimitSchedule,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_follows_the_settings_until_it_says_otherwise() {
        use Integrity::{Standard, Strict};
        assert_eq!(IntegrityChoice::Settings.or(Strict), Strict);
        assert_eq!(IntegrityChoice::Standard.or(Strict), Standard);
        for policy in ExistingPolicy::WORDS {
            let own: ExistingChoice = policy.parse().expect("a word of both");
            let policy: ExistingPolicy = policy.parse().expect("a word");
            assert_eq!(own, policy.into());
            assert_eq!(own.or(ExistingPolicy::Ask), policy);
            assert_eq!(ExistingChoice::Settings.or(policy), policy);
        }
        let settings = Timeouts { connect_seconds: 7, idle_seconds: 90 };
        let own = ConnectionLimits { idle_seconds: 20, ..ConnectionLimits::default() };
        assert_eq!(own.timeouts(settings), Timeouts { connect_seconds: 7, idle_seconds: 20 });
    }

    #[test]
    fn profiles_made_one_after_the_other_differ_in_colour() {
        let colour = |id| ProfileColour::of(ProfileId(id));
        assert_ne!(colour(1), colour(2));
        assert_eq!(colour(3), colour(11));
        assert_ne!(colour(0), colour(i64::MAX));
    }
}
