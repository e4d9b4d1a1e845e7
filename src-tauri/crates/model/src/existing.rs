//! What becomes of an object that is there already: one table for every policy, service and route,
//! before the first byte and after a look. The engine executes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::machine::{Found, Route};
use crate::object_header::{ObjectHeader, ObjectHeaders};
use crate::options::{BatchOptions, Encryption, FileDigest};
use crate::profile::{ExistingPolicy, Provider};

/// An object that is in the way, as far as a person wants to know before deciding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExistingObject {
    /// Its bytes.
    pub size: u64,
    /// When it was written, milliseconds since 1970, if the store says so.
    pub modified_ms: Option<i64>,
}

/// Whether an object is to be expected under the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// Nothing suggests one.
    No,
    /// The same put ran before, or its batch met existing objects.
    Yes,
}

/// How a transfer comes to know of an existing object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Approach {
    /// HeadObject before the first byte.
    LookFirst,
    /// The request that creates the object is refused by its header.
    RefusedByHeader,
    /// Not at all: what is there is replaced.
    Replace,
}

/// Before the first byte. OSS refuses a PutObject by header, without a race, and a first put of
/// very many new files shall not pay for a look at each; some S3 stores ignore the header, and
/// no user wants to send 10 GiB to learn that the name is taken. Where an object is to be expected,
/// a look costs less than a body.
pub fn approach(
    policy: ExistingPolicy,
    provider: Provider,
    route: Route,
    expected: Expected,
) -> Approach {
    use ExistingPolicy::{Ask, Overwrite, Rename, Skip, SkipIdentical};
    match (policy, provider, route, expected) {
        (_, _, _, Expected::Yes) => Approach::LookFirst,
        (Overwrite, ..) => Approach::Replace,
        (Ask | Skip, Provider::Oss, Route::Put, Expected::No) => Approach::RefusedByHeader,
        (Ask | Skip | Rename | SkipIdentical, ..) => Approach::LookFirst,
    }
}

/// Whether the request that creates the object asks the store to refuse it where one is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guard {
    /// Only if nothing is there.
    OnlyIfAbsent,
    /// Whatever is there.
    Replace,
}

/// The guard of a policy. An object of this transfer's own that arrived damaged is replaced under
/// every policy.
pub fn guard(policy: ExistingPolicy) -> Guard {
    match policy {
        ExistingPolicy::Overwrite | ExistingPolicy::SkipIdentical => Guard::Replace,
        ExistingPolicy::Ask | ExistingPolicy::Skip | ExistingPolicy::Rename => Guard::OnlyIfAbsent,
    }
}

/// What HeadObject tells of how an object is stored and served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The headers it is served with.
    pub headers: ObjectHeaders,
    /// The storage class; S3 names none for its standard one.
    pub storage_class: Option<String>,
    /// How it is encrypted, in the store's own word.
    pub encryption: Option<String>,
    /// The key service's key.
    pub encryption_key: Option<String>,
}

/// Whether an object has the options that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// Every one that HEAD tells.
    Fits,
    /// One is missing, or another.
    Differs,
}

/// Compares what was asked for with what HEAD tells. What was not asked for counts for nothing; ACL
/// and tags are not told, and are put on the object instead.
pub fn fit(
    asked: &BatchOptions,
    provider: Provider,
    attributes: &Attributes,
    metadata: &BTreeMap<String, String>,
) -> Fit {
    let served = |header| {
        let value = asked.headers.get(header);
        value.is_empty() || value == attributes.headers.get(header)
    };
    let standard = match provider {
        Provider::Oss => "Standard",
        Provider::S3 => "STANDARD",
    };
    let class = attributes.storage_class.as_deref().unwrap_or(standard);
    let encryption = attributes.encryption.as_deref();
    let sealed = match &asked.encryption {
        Encryption::Bucket => true,
        Encryption::Aes256 => encryption == Some("AES256"),
        Encryption::Kms { key_id } => {
            // S3 tells the key's whole name, which ends in its id.
            let key = attributes.encryption_key.as_deref().unwrap_or_default();
            encryption.is_some_and(|word| matches!(word, "KMS" | "aws:kms"))
                && key.ends_with(key_id.as_str())
        }
    };
    let fits = ObjectHeader::all().all(served)
        && (asked.storage_class.is_empty() || class.eq_ignore_ascii_case(&asked.storage_class))
        && sealed
        && (asked.digest == FileDigest::None || metadata.contains_key("sha256"))
        && asked.metadata.iter().all(|pair| {
            metadata.get(&pair.name.to_ascii_lowercase()).is_some_and(|told| *told == pair.value)
        });
    if fits { Fit::Fits } else { Fit::Differs }
}

/// What to do after a look at the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// Nothing is in the way: send, or go on.
    Send,
    /// This transfer's own object is there, and disagrees: replace it without asking.
    ReplaceOwn,
    /// What is there is what was to be sent.
    Done,
    /// Leave it alone, and leave the file out.
    LeaveOut,
    /// The user has to choose.
    Ask,
    /// Identical content, but other options: the user has to choose.
    AskAboutOptions,
    /// Take another name.
    Rename,
}

/// After a look: what was found decides, and the policy where it may.
pub fn decide(policy: ExistingPolicy, found: Found, fit: Fit) -> Resolution {
    use ExistingPolicy::{Ask, Overwrite, Rename, Skip, SkipIdentical};
    match (found, policy) {
        // "Done" is not said of an object that lacks what was asked for.
        (Found::Identical, Ask) if fit == Fit::Differs => Resolution::AskAboutOptions,
        (Found::Identical, Skip) if fit == Fit::Differs => Resolution::LeaveOut,
        (Found::Identical, Rename) if fit == Fit::Differs => Resolution::Rename,
        (Found::Identical, Overwrite | SkipIdentical) if fit == Fit::Differs => Resolution::Send,
        (Found::Absent, _) => Resolution::Send,
        (Found::Corrupt, _) => Resolution::ReplaceOwn,
        (Found::Ours, _) => Resolution::Done,
        (Found::Identical, SkipIdentical) => Resolution::LeaveOut,
        (Found::Identical, Ask | Skip | Rename | Overwrite) => Resolution::Done,
        (Found::Other, Overwrite | SkipIdentical) => Resolution::Send,
        (Found::Other, Skip) => Resolution::LeaveOut,
        (Found::Other, Ask) => Resolution::Ask,
        (Found::Other, Rename) => Resolution::Rename,
    }
}

/// Bodies of one transfer that may arrive damaged before it is given up: with three, the fourth
/// heals them.
pub const MOST_DAMAGED: u32 = 3;

/// How often one part may be acknowledged, and then be gone from the list, before the store is not
/// trusted with it any more.
pub const MOST_LOST: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Pair;

    const POLICIES: [ExistingPolicy; 5] = [
        ExistingPolicy::Ask,
        ExistingPolicy::Skip,
        ExistingPolicy::Rename,
        ExistingPolicy::Overwrite,
        ExistingPolicy::SkipIdentical,
    ];
    const FOUND: [Found; 5] =
        [Found::Absent, Found::Ours, Found::Identical, Found::Corrupt, Found::Other];

    #[test]
    fn a_first_put_on_oss_pays_for_no_look() {
        use Approach::{LookFirst as Look, RefusedByHeader as Header, Replace};
        // In the order of POLICIES: OSS Put, OSS parts, S3 Put, S3 parts.
        let table = [
            [Header, Look, Look, Look],
            [Header, Look, Look, Look],
            [Look, Look, Look, Look],
            [Replace, Replace, Replace, Replace],
            [Look, Look, Look, Look],
        ];
        let routes = [
            (Provider::Oss, Route::Put),
            (Provider::Oss, Route::Multipart),
            (Provider::S3, Route::Put),
            (Provider::S3, Route::Multipart),
        ];
        for (policy, row) in POLICIES.into_iter().zip(table) {
            for ((provider, route), wanted) in routes.into_iter().zip(row) {
                let of = |expected| approach(policy, provider, route, expected);
                assert_eq!(of(Expected::No), wanted, "{policy:?} {provider:?} {route:?}");
                assert_eq!(of(Expected::Yes), Look, "{policy:?} {provider:?} {route:?}");
            }
        }
    }

    #[test]
    fn each_finding_has_its_decision() {
        use Resolution::{Ask, Done, LeaveOut, Rename, ReplaceOwn, Send};
        // In the order of FOUND.
        let table = [
            [Send, Done, Done, ReplaceOwn, Ask],
            [Send, Done, Done, ReplaceOwn, LeaveOut],
            [Send, Done, Done, ReplaceOwn, Rename],
            [Send, Done, Done, ReplaceOwn, Send],
            [Send, Done, LeaveOut, ReplaceOwn, Send],
        ];
        for (policy, row) in POLICIES.into_iter().zip(table) {
            for (found, wanted) in FOUND.into_iter().zip(row) {
                assert_eq!(decide(policy, found, Fit::Fits), wanted, "{policy:?} {found:?}");
                if found != Found::Identical {
                    assert_eq!(decide(policy, found, Fit::Differs), wanted, "{policy:?} {found:?}");
                }
            }
        }
        let differs = [Resolution::AskAboutOptions, LeaveOut, Rename, Send, Send];
        for (policy, wanted) in POLICIES.into_iter().zip(differs) {
            assert_eq!(decide(policy, Found::Identical, Fit::Differs), wanted, "{policy:?}");
        }
    }

    #[test]
    fn somebody_elses_object_is_replaced_only_where_the_policy_says_so() {
        for policy in POLICIES {
            let replaces = decide(policy, Found::Other, Fit::Fits) == Resolution::Send;
            assert_eq!(guard(policy) == Guard::Replace, replaces, "{policy:?}");
        }
    }

    /// One change of what was asked for, and of what is there.
    type Case = (fn(&mut BatchOptions), fn(&mut Attributes, &mut BTreeMap<String, String>), bool);

    #[test]
    fn an_object_fits_where_all_that_was_asked_for_is_there() {
        let kms = |asked: &mut BatchOptions| {
            asked.encryption = Encryption::Kms { key_id: "k1".into() };
        };
        let cases: [Case; 15] = [
            (|_| (), |_, _| (), true),
            (|_| (), |there, _| there.headers.set(ObjectHeader::ContentType, "a/b"), true),
            (|asked| asked.headers.set(ObjectHeader::ContentType, "a/b"), |_, _| (), false),
            (
                |asked| asked.headers.set(ObjectHeader::ContentType, "a/b"),
                |there, _| there.headers.set(ObjectHeader::ContentType, "a/b"),
                true,
            ),
            (|asked| asked.storage_class = "Standard".into(), |_, _| (), true),
            (|asked| asked.storage_class = "IA".into(), |_, _| (), false),
            (|asked| asked.encryption = Encryption::Aes256, |_, _| (), false),
            (
                |asked| asked.encryption = Encryption::Aes256,
                |there, _| there.encryption = Some("AES256".into()),
                true,
            ),
            (kms, |there, _| there.encryption = Some("aws:kms".into()), false),
            (kms, |there, _| there.encryption_key = Some("arn:key/k1".into()), false),
            (
                kms,
                |there, _| {
                    there.encryption = Some("aws:kms".into());
                    there.encryption_key = Some("arn:key/k1".into());
                },
                true,
            ),
            (|asked| asked.digest = FileDigest::Sha256, |_, _| (), false),
            (
                |asked| asked.digest = FileDigest::Sha256,
                |_, told| drop(told.insert("sha256".into(), "00".into())),
                true,
            ),
            (
                |asked| asked.metadata.push(Pair { name: "Project".into(), value: "a".into() }),
                |_, told| drop(told.insert("project".into(), "b".into())),
                false,
            ),
            (
                |asked| asked.metadata.push(Pair { name: "Project".into(), value: "a".into() }),
                |_, told| drop(told.insert("project".into(), "a".into())),
                true,
            ),
        ];
        for (number, (ask, put, fits)) in cases.into_iter().enumerate() {
            let (mut asked, mut there) = (BatchOptions::default(), Attributes::default());
            let mut metadata = BTreeMap::new();
            ask(&mut asked);
            put(&mut there, &mut metadata);
            for provider in [Provider::Oss, Provider::S3] {
                let told = fit(&asked, provider, &there, &metadata);
                assert_eq!(told == Fit::Fits, fits, "case {number} at {provider:?}");
            }
        }
    }
}
