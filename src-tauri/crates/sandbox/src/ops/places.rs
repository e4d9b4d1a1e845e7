//! Which requests a header means something to: the services read over it anywhere else (OSS: the
//! request headers of each operation; S3: likewise).

use http::HeaderMap;

use super::Operation;
use crate::request::Dialect;

/// What describes an object goes with the request that begins it.
const BEGINNING: &[Operation] = &[Operation::PutObject, Operation::Initiate, Operation::CopyObject];

/// Names without the dialect's prefix, and where they count. A name that ends in `-` stands for all
/// that begin so.
const OSS: &[(&str, &[Operation])] = &[
    ("callback", &[Operation::PutObject, Operation::Complete]),
    ("callback-var", &[Operation::PutObject, Operation::Complete]),
    (
        "forbid-overwrite",
        &[Operation::PutObject, Operation::Initiate, Operation::Complete, Operation::CopyObject],
    ),
    ("meta-", BEGINNING),
    (
        "object-acl",
        &[
            Operation::PutObject,
            Operation::Complete,
            Operation::CopyObject,
            Operation::PutObjectAcl,
        ],
    ),
    ("server-side-data-encryption", BEGINNING),
    ("server-side-encryption", BEGINNING),
    ("server-side-encryption-key-id", BEGINNING),
    ("storage-class", BEGINNING),
    ("tagging", BEGINNING),
    (
        "traffic-limit",
        &[Operation::PutObject, Operation::UploadPart, Operation::GetObject, Operation::CopyObject],
    ),
];

const S3: &[(&str, &[Operation])] = &[
    (
        "acl",
        &[
            Operation::PutObject,
            Operation::Initiate,
            Operation::CopyObject,
            Operation::PutObjectAcl,
            Operation::CreateBucket,
        ],
    ),
    ("meta-", BEGINNING),
    ("server-side-encryption", BEGINNING),
    ("server-side-encryption-aws-kms-key-id", BEGINNING),
    ("storage-class", BEGINNING),
    ("tagging", BEGINNING),
];

/// Standard headers that describe an object, and mean nothing to the other requests that have a
/// body.
const STANDARD: &[&str] = &["cache-control", "content-disposition", "content-language", "expires"];
const WITH_BODY: &[Operation] =
    &[Operation::UploadPart, Operation::Complete, Operation::DeleteObjects];

/// The headers of a request that the service reads over, because they belong on another request.
/// Names in lower case, sorted.
pub(crate) fn misplaced(
    operation: Operation,
    dialect: Dialect,
    headers: &HeaderMap,
) -> Vec<String> {
    let table = match dialect {
        Dialect::Oss => OSS,
        Dialect::S3 => S3,
    };
    let is_misplaced = |name: &str| match name.strip_prefix(dialect.prefix()) {
        Some(short) => table
            .iter()
            .find(|(known, _)| {
                *known == short || (known.ends_with('-') && short.starts_with(known))
            })
            .is_some_and(|(_, places)| !places.contains(&operation)),
        None => STANDARD.contains(&name) && WITH_BODY.contains(&operation),
    };
    let mut names: Vec<String> = headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| is_misplaced(name))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::testing::request;

    #[test]
    fn headers_on_the_wrong_request_are_named() {
        let cases: &[(Operation, &[&str], &[&str])] = &[
            (
                Operation::Initiate,
                &["x-oss-storage-class", "x-oss-meta-a", "x-oss-tagging", "cache-control"],
                &[],
            ),
            (
                Operation::Initiate,
                &["x-oss-object-acl", "x-oss-callback", "x-oss-forbid-overwrite"],
                &["x-oss-callback", "x-oss-object-acl"],
            ),
            (
                Operation::Complete,
                &["x-oss-object-acl", "x-oss-callback", "x-oss-callback-var", "content-type"],
                &[],
            ),
            (
                Operation::Complete,
                &["x-oss-storage-class", "x-oss-meta-a", "expires"],
                &["expires", "x-oss-meta-a", "x-oss-storage-class"],
            ),
            (
                Operation::UploadPart,
                &["x-oss-traffic-limit", "x-oss-tagging", "content-md5"],
                &["x-oss-tagging"],
            ),
            (
                Operation::PutObject,
                &["x-oss-object-acl", "x-oss-callback", "x-oss-traffic-limit", "expires"],
                &[],
            ),
            (Operation::HeadObject, &["cache-control"], &[]),
        ];
        for (operation, sent, expected) in cases {
            let headers: Vec<(&str, &str)> = sent.iter().map(|name| (*name, "v")).collect();
            let request = request("POST", "http://h/b/k", &headers);
            assert_eq!(
                misplaced(*operation, Dialect::Oss, &request.headers),
                *expected,
                "{operation:?}"
            );
        }
        let request = request(
            "POST",
            "http://h/b/k",
            &[("x-amz-acl", "private"), ("x-amz-storage-class", "STANDARD")],
        );
        assert_eq!(
            misplaced(Operation::Initiate, Dialect::S3, &request.headers),
            Vec::<String>::new()
        );
        assert_eq!(
            misplaced(Operation::Complete, Dialect::S3, &request.headers),
            ["x-amz-acl", "x-amz-storage-class"]
        );
    }
}
